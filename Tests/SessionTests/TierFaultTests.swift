// What goes wrong with machine code: compilations that fail, do not come back or take too long, and edits that come at the worst moment.
// The program runs on as if nothing were compiled, and what failed is named and not tried again.

import Frontend
import JIT
import Runtime
import Session
import Testing

@Suite(.serialized) struct TierFaultTests {
  // MARK: Compilations that come to nothing

  /// Calls only: each of its functions is a thing to compile once.
  private static let calls = Array(
    """
    (defn down [n: Int acc: Int] -> Int (if (<= n 0) acc (down (- n 1) (mix acc n))))
    (defn mix [a: Int b: Int] -> Int (bit-xor (* a 3) (turned b)))
    (defn turned [b: Int] -> Int (if (< b 0) (- b) (+ b 1)))
    (defn many [n: Int acc: Int] -> Int (if (= n 0) acc (many (- n 1) (+ acc (down 20 n)))))
    (defn main [] -> Unit (println (many 3000 1)) (println (nth (vec 1 2 3) (bit-and (many 50 2) 1))) (println (/ 7 (- (down 0 5) 5))))

    """.utf8)

  private func run(_ tier: Tier, _ adjust: (inout SessionOptions) -> Void = { _ in }) -> Execution {
    Execution.run(Self.calls) {
      $0.tier = tier
      $0.jitThreshold = 3
      adjust(&$0)
    }
  }

  private func expectSame(_ found: Execution, _ name: String) {
    let expected = run(.interp)
    #expect(expected.exit == 101 && !expected.stdout.isEmpty)
    #expect(found.stdout == expected.stdout && found.stderr == expected.stderr && found.exit == expected.exit, "\(name)")
  }

  @Test(arguments: [Tier.jit, .auto])
  func everyCompilationFails(_ tier: Tier) {
    let found = run(tier) { $0.tiering.passes = "no-such-pass" }
    expectSame(found, tier.rawValue)
    #expect(found.native.functions == 0 && found.native.loops == 0 && found.native.problem == nil)
    #expect(found.native.failures.allSatisfy { $0.reason.contains("no-such-pass") && !$0.name.isEmpty })
    // None is tried again, though all stay hot.
    #expect(Set(found.native.failures.map(\.slot)).count == found.native.failures.count, "\(found.native.failures)")
    if tier == .jit { #expect(Set(found.native.failures.map(\.name)).isSuperset(of: ["down", "many", "mix", "turned"]), "\(found.native.failures)") }
  }

  /// LLVM means to end the process. Each time a thread is left behind; after four nothing is compiled any more.
  @Test(arguments: [Tier.jit, .auto])
  func faultsOfLLVM(_ tier: Tier) {
    let found = run(tier) { $0.tiering.passes = "trigger-verifier-error,verify" }
    expectSame(found, tier.rawValue)
    #expect(found.native.functions == 0 && found.native.loops == 0)
    #expect(found.native.failures.allSatisfy { $0.reason.contains("LLVM failed") })
    guard tier == .jit else { return }
    #expect(found.native.failures.count == 4, "\(found.native.failures)")
    #expect(found.native.problem?.hasPrefix("4 compilations have not come back") == true, "\(found.native.problem ?? "no problem")")
  }

  /// Edits are taken in, and the program ends in order, with threads that do not come back.
  @Test func editsBehindAFault() {
    let live = LiveProgram(tell: { _ in }) {
      $0.tier = .jit
      $0.jitThreshold = 2
      $0.tiering.passes = "trigger-verifier-error,verify"
    }
    #expect(live.load(Array(Self.turn(1).utf8)).isEmpty)
    for n in 1...30 {
      if n > 1 { #expect(live.replace(Self.turn(n)).status == .committed) }
      #expect(live.take(1))
      #expect(live.takeOutput() == "\(40 * n)\n")
    }
    #expect(live.session.statistics.native.problem != nil)
    #expect(live.stop())
  }

  @Test(arguments: [Tier.jit, .auto])
  func noTimeToCompile(_ tier: Tier) {
    let found = run(tier) { $0.tiering.timeLimit = 0 }
    expectSame(found, tier.rawValue)
    #expect(found.native.functions == 0 && found.native.loops == 0)
    #expect(found.native.failures.allSatisfy { $0.reason.contains("longer than") })
    #expect(Set(found.native.failures.map(\.slot)).count == found.native.failures.count, "\(found.native.failures)")
    if tier == .jit { #expect(!found.native.failures.isEmpty) }
  }

  // MARK: Edits

  private static func turn(_ n: Int) -> String {
    """
    (defn rate [x: Int] -> Int (+ (bit-and x 0) \(n)))
    (defn start [] -> Int 0)
    (defn step [n: Int] -> Bool (let [mut sum 0] (for [i (range 40)] (set! sum (+ sum (rate i)))) (println sum) true))
    (defn main [] -> Unit (live-loop start step))
    """
  }

  /// A loop that says each value of `word` once, and that it has gone on with it for long.
  private static func words(_ n: Int) -> String {
    """
    (defn word [n: Int] -> Int (bit-or \(n) (bit-and n 0)))
    (defn main [] -> Unit
      (let [mut n 0 mut last -1]
        (while true
          (set! n (+ n 1))
          (let [w (word n)] (when (!= w last) (set! last w) (set! n 0) (println "word" w ".")))
          (when (= n 200000) (println "long" last ".")))))
    """
  }

  /// What it has said, in order.
  private func wordsSaid(_ live: LiveProgram) -> [Int] {
    lines(live.takeOutput()).filter { $0.hasPrefix("word") }.compactMap { Int($0.split(separator: " ")[1]) }
  }

  /// Compiling takes long, and the next edit does not wait for it: what comes out of it is not current, and is not used.
  @Test func editedWhileItIsCompiled() {
    let live = LiveProgram(tell: { _ in }) {
      $0.tier = .auto
      $0.jitThreshold = 2
      $0.tiering.passes = "function(" + [String](repeating: "early-cse,gvn,instcombine<no-verify-fixpoint>", count: 300).joined(separator: ",") + ")"
    }
    #expect(live.load(Array(Self.words(0).utf8)).isEmpty)
    #expect(live.monitor.wait(until: { String(decoding: $0.output, as: UTF8.self).contains("word 0 .") }))
    var (edits, late) = (0, 0)
    while late < 5, edits < 20_000 {
      edits += 1
      #expect(live.replace(Self.words(edits)).status == .committed)
      guard live.monitor.wait(until: { String(decoding: $0.output.suffix(60), as: UTF8.self).contains("word \(edits) .") }) else {
        Issue.record("edit \(edits) is not seen")
        return
      }
      let native = live.session.statistics.native
      late = native.times.count - native.functions - native.loops
    }
    #expect(late >= 5, "no edit came while its function was compiled")
    #expect(wordsSaid(live) == Array(0...edits))
    #expect(live.session.statistics.native.failures.isEmpty)
    #expect(live.stop())
  }

  /// The program waits for its loop to be compiled, or enters it, when the next edit comes: nobody waits for the word to be said.
  @Test(arguments: [Tier.jit, .auto])
  func editedWhileALoopIsEntered(_ tier: Tier) {
    let live = LiveProgram(tell: { _ in }) {
      $0.tier = tier
      $0.jitThreshold = 2
    }
    #expect(live.load(Array(Self.words(0).utf8)).isEmpty)
    let edits = 150
    for n in 1...edits { #expect(live.replace(Self.words(n)).status == .committed) }
    #expect(live.monitor.wait { String(decoding: $0.output, as: UTF8.self).contains("long \(edits) .") })
    let said = wordsSaid(live)
    #expect(said == said.sorted() && Set(said).count == said.count && said.last == edits, "\(said)")
    if tier == .jit { #expect(live.session.statistics.native.loops > 0) }
    #expect(live.stop())
  }

  /// A function that is hot again and again: what is left of each body is given back.
  @Test func tenThousandBodies() {
    let live = LiveProgram(tell: { _ in }) {
      $0.tier = .auto
      $0.jitThreshold = 2
    }
    #expect(live.load(Array(Self.turn(0).utf8)).isEmpty)
    #expect(live.take(1) && live.takeOutput() == "0\n")
    var codes: [Int] = [], numbers: [Int] = [], retired: [Int] = []
    for n in 1...10_000 {
      guard live.replace(Self.turn(n)).status == .committed, live.take(1) else {
        Issue.record("edit \(n) is not taken in")
        return
      }
      guard live.takeOutput() == "\(40 * n)\n" else {
        Issue.record("edit \(n) is not seen")
        return
      }
      if n % 2_000 == 0 {
        let (tables, native) = (live.session.tables, live.session.statistics.native)
        codes.append(tables.codes)
        numbers.append(tables.codeNumbers)
        retired.append(native.invalidated - native.freed)
        #expect(native.problem == nil && native.failures.isEmpty)
      }
    }
    #expect(live.session.statistics.native.times.count > 0)
    // Code that is being compiled, or waits for the next hook, is little.
    #expect(codes.last! < codes[0] + 40, "\(codes)")
    #expect(numbers.last! < numbers[0] + 80, "\(numbers)")
    #expect(retired.allSatisfy { $0 < 40 }, "\(retired)")
    #expect(live.stop())
  }

  // MARK: Panics

  /// Functions that are one piece of machine code are still told one by one.
  @Test(arguments: ["(/ 7 (- 2000 i))", "(nth (vec 1 2 3) (if (= i 2000) 3 1))", "(if (= i 2000) (panic \"two thousand\") i)", "(if (= i 2000) (endless i) 1)"])
  func panicsInInlinedCode(_ body: String) {
    let text = """
      (defn endless [i: Int] -> Int (+ 1 (endless (+ i 1))))
      (defn innermost [i: Int] -> Int
        (+ 1 \(body)))
      (defn inner [i: Int] -> Int (* 2 (innermost i)))
      (defn middle [i: Int k: Int] -> Int
        (let [x (inner i)]
          (if (> k 0) (+ x 1) (- x (inner (- i 1))))))
      (defn outer [i: Int] -> Int (fold (fn [a x] (+ a (middle i x))) 0 (vec 0 1)))
      (defn main [] -> Unit (let [mut sum 0] (for [i (range 3000)] (set! sum (bit-xor sum (outer i)))) (println sum)))
      """
    let expected = Execution.run(Array(text.utf8)) { $0.machine.stackRegisters = 1 << 14 }
    let trace = String(decoding: expected.stderr, as: UTF8.self)
    #expect(expected.exit == 101 && ["innermost", "inner", "middle", "outer", "main"].allSatisfy { trace.contains("main/\($0)") }, "\(trace)")
    for (tier, threshold) in [(Tier.jit, 1), (.jit, 40), (.jit, 400), (.auto, 5)] {
      let found = Execution.run(Array(text.utf8)) {
        $0.tier = tier
        $0.jitThreshold = threshold
        $0.machine.stackRegisters = 1 << 14
      }
      #expect(found.exit == expected.exit && found.stdout == expected.stdout)
      #expect(String(decoding: found.stderr, as: UTF8.self) == trace, "\(tier.rawValue) at threshold \(threshold)")
      if tier == .jit { #expect(found.native.units.contains { $0.callees.count >= 2 }) }
    }
  }
}
