// Input that nobody means: whatever the bytes, checking and compiling end, and neither traps. What is
// sound is compiled and verified but never run.

import Frontend
import Runtime
import Session
import Testing

@Suite(.serialized) struct BadInputTests {
  /// How many texts each of the random tests takes; with `FUZZ_SECONDS` as many as fit.
  private static let texts: UInt64 = 150

  /// Compiles on a large stack; nil when that does not end in time.
  private func load(_ text: [UInt8], seconds: Double = 60) -> [LocatedDiagnostic]? {
    let found = Monitor<[LocatedDiagnostic]?>(nil)
    Threads.start {
      var options = SessionOptions()
      options.verifies = true
      options.machine = .small
      let problems = Session(options: options).load([(path: "main.lang", text: text)])
      found.update { $0 = problems }
    }
    return found.wait(seconds: seconds) { $0 != nil } ? found.value : nil
  }

  private func codes(_ text: String, seconds: Double = 60) -> [String]? {
    load(Array(text.utf8), seconds: seconds)?.map(\.code.rawValue)
  }

  private func inMain(_ body: String) -> String { "(defn main [] -> Unit\n  \(body))\n" }

  // MARK: Random

  @Test func mutatedPrograms() {
    let sources = (Filetest.all("run") + Filetest.all("errors") + Filetest.all("diagnostics")).map(\.source)
    fuzz("mutated programs", FuzzTests.seed) { generator in
      var text = generator.pick(sources)
      for _ in 0...generator.below(4) { Self.mutate(&text, generator.pick(sources), &generator) }
      return text
    }
  }

  @Test func randomForms() {
    let words = [
      "(", ")", "[", "]", "(defn ", "(def ", "main ", "f ", "x ", "[x: Int] ", "-> ", "Int ", "Unit ", "(let [", "(match ", "(fn [",
      "(if ", "1 ", "2.5 ", "\"s\" ", "\\a ", "(vec ", "(Vec Int) ", "(loop [", "(recur ", "(set! ", "(.x ", "(with ", ":x ", "_ ",
      "None ", "(Some ", "(try ", "(for [", "(: ", "a ", "'", "`", "~", "#_", "#|", "|#", ";\n", "\n(", "(defstruct ", "(defenum ",
      "(defrecord ", "Shape ", "(tuple ", "@ ", "true ", "() ", "(Fn [Int] Int) ", "mut ", "= ", "& ", "(or ", ":when ", "(live-loop ",
    ]
    fuzz("random forms", FuzzTests.seed &+ 1) { generator in
      var text: [UInt8] = []
      for _ in 0..<generator.below(60) { text += Array(generator.pick(words).utf8) }
      return text
    }
  }

  @Test func randomBytes() {
    fuzz("random bytes", FuzzTests.seed &+ 2) { generator in
      (0..<generator.below(300)).map { _ in UInt8(truncatingIfNeeded: generator.next()) }
    }
  }

  private func fuzz(_ name: String, _ seed: UInt64, _ make: (inout SeededGenerator) -> [UInt8]) {
    let end = FuzzTests.seconds.map { Process.nanoseconds() + Int($0 * 1e9) }
    var number: UInt64 = 0
    var sound = 0
    while end.map({ Process.nanoseconds() < $0 }) ?? (number < Self.texts) {
      var generator = SeededGenerator(seed: seed &* 1_000_003 &+ number)
      number += 1
      let text = make(&generator)
      // A trap ends the process: the text must be on disk by then.
      writeFile("/tmp/lang-fuzz-last.lang", text)
      guard let found = load(text, seconds: 30) else {
        Issue.record("\(name), seed \(seed), number \(number - 1): does not end\n\(String(decoding: text, as: UTF8.self))")
        return
      }
      if !found.contains(where: { $0.severity == .error }) { sound += 1 }
      for problem in found where problem.position == nil && ![.functionTooLarge, .endlessInstantiation].contains(problem.code) {
        Issue.record("\(name), number \(number - 1): without a place: \(problem.terminal)\n\(String(decoding: text, as: UTF8.self))")
      }
      for problem in found { expectContract(problem.json, name) }
    }
    print("\(name): \(number) texts from seed \(seed), \(sound) of them sound")
  }

  private static func mutate(_ text: inout [UInt8], _ other: [UInt8], _ generator: inout SeededGenerator) {
    guard text.count > 4, other.count > 4 else { return }
    let at = generator.below(text.count)
    let end = min(text.count, at + generator.below(12))
    switch generator.below(12) {
    case 7...11:
      // Blanks and comments change nothing, whatever the text.
      let gaps = text.indices.filter { text[$0] == 32 || text[$0] == 10 }
      guard let gap = gaps.randomElement(using: &generator) else { return }
      text.insert(contentsOf: Array(generator.pick([" ", "\n", " ,", "\n; )(\n", " #| ( |# ", " #_( a ) ", "\t"]).utf8), at: gap)
    case 0: text.removeSubrange(at..<end)
    case 1: text.insert(contentsOf: text[at..<end], at: generator.below(text.count))
    case 2: text[at] = generator.pick(Array("()[]\"\\;:#|'`~@09.-_ \nAzé".utf8))
    case 3:
      let from = generator.below(other.count)
      text.insert(contentsOf: other[from..<min(other.count, from + generator.below(80))], at: at)
    case 4: text.removeSubrange(at...)
    case 5:
      // A whole word for another one.
      let words = text.split { $0 <= 32 || "()[]".utf8.contains($0) }
      let others = other.split { $0 <= 32 || "()[]".utf8.contains($0) }
      guard let word = words.randomElement(using: &generator), let new = others.randomElement(using: &generator) else { return }
      text.replaceSubrange(word.startIndex..<word.endIndex, with: new)
    default: text.swapAt(at, generator.below(text.count))
    }
  }

  // MARK: Ending

  /// Asked to end before it has begun, a program does not begin.
  @Test func quittingBeforeTheProgramRuns() {
    let exit = onCompilerStack {
      var options = SessionOptions()
      options.machine = .small
      let session = Session(options: options)
      _ = session.load([(path: "main.lang", text: Array("(defn main [] -> Int (while true ()) 1)".utf8))])
      session.requestQuit()
      return session.run()
    }
    #expect(exit == 0)
  }

  // MARK: Depth

  @Test func parentheses() {
    let deep = String(repeating: "(", count: 10_000) + String(repeating: ")", count: 10_000)
    #expect(codes(inMain(deep))?.first == "E0110")
  }

  @Test(arguments: [300, 900])
  func nestedExpressions(_ depth: Int) {
    func nest(_ open: String, _ inside: String, _ close: String) -> String {
      String(repeating: open, count: depth) + inside + String(repeating: close, count: depth)
    }
    #expect(codes(inMain("(println " + nest("(let [x 1] ", "x", ")") + ")")) == [])
    #expect(codes(inMain("(println " + nest("(if true ", "1", " 2)") + ")")) == [])
    #expect(codes(inMain("(println " + nest("(+ 1 ", "1", ")") + ")")) == [])
    #expect(codes(inMain("(println (len " + nest("(vec ", "1", ")") + "))")) != nil)
    #expect(codes(inMain("(println " + nest("(do ", "1", ")") + ")")) == [])
    #expect(codes("(defn f [x: " + nest("(Vec ", "Int", ")") + "] -> Int 1)\n" + inMain("(println 1)")) == [])
    #expect(codes("(defn f [x: " + nest("(Option ", "Int", ")") + "] -> Int 1)\n" + inMain("(println 1)")) != nil)
    #expect(codes("(defn f [x: " + nest("(Tuple Int ", "Int", ")") + "] -> Int 1)\n" + inMain("(println 1)")) != nil)
    #expect(codes(inMain("(println (match 1 " + nest("(or 1 ", "2", ")") + " 1 _ 2))")) != nil)
    #expect(codes(inMain("(let [f " + nest("(fn [] ", "1", ")") + "] (println 1))")) != nil)
  }

  // MARK: Size

  /// Right or refused, never wrong.
  @Test func hugeFunctions() {
    func run(_ text: String) -> String {
      let found = Execution.run(Array(text.utf8), seconds: 120)
      if found.diagnostics.contains(where: { $0.code == .functionTooLarge }) { return "E0601" }
      return String(decoding: found.stdout, as: UTF8.self) + String(decoding: found.stderr, as: UTF8.self)
    }
    let statements = String(repeating: "(set! n (+ n 1))\n", count: 20_000)
    #expect(run(inMain("(let [mut n 0]\n\(statements) (println n))")) == "20000\n")
    // A jump over more words than 16 bits count.
    #expect(["20001\n", "E0601"].contains(run(inMain("(let [mut n 1]\n(if (> n 0) (do \(statements)) ())\n (println n))"))))
    #expect(["60000\n", "E0601"].contains(run(inMain("(let [mut n 0]\n(while (< n 60000) \(statements))\n (println n))"))))
    // More locals than registers have numbers.
    let locals = (0..<70_000).map { "x\($0) \($0)" }.joined(separator: "\n")
    #expect(["69999\n", "E0601"].contains(run(inMain("(let [\(locals)] (println x69999))"))))
    let parts = (0..<3_000).map { "\($0 % 10)" }.joined(separator: " ")
    #expect(["3000\n", "E0601"].contains(run(inMain("(println (len (vec \(parts))))"))))
    #expect(["3000\n", "E0601"].contains(run(inMain("(println (len (str \(parts))))"))))
    let functions = (0..<5_000).map { "(defn f\($0) [x: Int] -> Int (+ x \($0)))\n" }.joined()
    #expect(run(functions + inMain("(println (f4999 1))")) == "5000\n")
    let clauses = (0..<3_000).map { "\($0) \($0 * 2)" }.joined(separator: "\n")
    #expect(["4000\n", "E0601"].contains(run(inMain("(println (match 2000 \(clauses) _ -1))"))))
    let cases = (0..<2_000).map { "C\($0)" }.joined(separator: " ")
    #expect(["(tuple C1999 1999)\n", "E0601"].contains(
      run("(defenum Many \(cases))\n(defn number [c: Many] -> Int (match c \((0..<2_000).map { "C\($0) \($0)" }.joined(separator: " "))))\n" + inMain("(println (tuple C1999 (number C1999)))"))))
  }

  @Test(.enabled(if: Process.environment("FUZZ_SECONDS") != nil))
  func hugeFile() {
    var text = inMain("(println 1)")
    let function = "(defn some-name-NUMBER [x: Int y: Int] -> Int\n  (if (< x y) (+ x 1) (* y 2)))\n"
    var number = 0
    while text.utf8.count < 50 << 20 {
      text += function.replacing("NUMBER", with: "\(number)")
      number += 1
    }
    #expect(codes(text, seconds: 300) == [])
  }

  @Test func tooLargeAFile() {
    #expect(load([UInt8](repeating: 0x20, count: Reader.maxTextSize + 1))?.map(\.code).first == .fileTooLarge)
  }

  @Test func plainMistakes() {
    #expect(codes("") == ["E0121"])
    #expect(codes("\u{feff}") != nil)
    #expect(load([0xff, 0xfe, 0x00])?.contains { $0.code == .unreadableBytes } == true)
    #expect(load(Array(inMain("(println \"a\")").utf8) + [0xc3])?.map(\.code) == [.unreadableBytes])
    #expect(codes(inMain("(println 99999999999999999999)")) == ["E0108"])
    #expect(codes(inMain("(println 300u8)")) == ["E0306"] || codes(inMain("(println 300u8)")) == ["E0108"])
    #expect(codes(inMain("(println -9223372036854775808)")) == [])
  }
}
