// After any sequence of accepted edits a program behaves as in a fresh start from the same text. The
// programs are of constants and functions in layers, each using what is below it; edits change bodies and
// values, add, remove and reorder definitions, and some are broken.

import Frontend
import Runtime
import Session
import Testing

/// A random program: texts of its definitions, each a function or constant of what comes before it.
struct RandomProgram {
  var bodies: [(isConstant: Bool, body: String)] = []
  var order: [Int] = []

  init(_ generator: inout SeededGenerator) {
    for i in 0..<4 + generator.below(8) {
      let isConstant = generator.below(3) == 0
      bodies.append((isConstant, Self.expression(bodies.map(\.isConstant), isConstant: isConstant, 3, &generator)))
      order.append(i)
    }
  }

  /// Over the definitions below: constants `c1`, functions `f2` of one integer, which is `x` inside.
  static func expression(_ below: [Bool], isConstant: Bool, _ depth: Int, _ generator: inout SeededGenerator) -> String {
    func next(_ g: inout SeededGenerator) -> String { expression(below, isConstant: isConstant, depth - 1, &g) }
    let kind = depth == 0 ? generator.below(2) : generator.below(12)
    switch kind {
    case 0: return "\(generator.below(20))"
    case 1: return isConstant ? "\(generator.below(9))" : "x"
    case 2, 3, 4:
      guard !below.isEmpty else { return "7" }
      let i = generator.below(below.count)
      return below[i] ? "c\(i)" : "(f\(i) \(next(&generator)))"
    case 5: return "(if (< \(next(&generator)) \(next(&generator))) \(next(&generator)) \(next(&generator)))"
    case 6: return "(let [y \(next(&generator))] (+ y \(next(&generator))))"
    case 7: return "(match (% \(next(&generator)) 3) 0 \(next(&generator)) 1 \(next(&generator)) _ \(next(&generator)))"
    case 8: return "(fold + 0 (vec \(next(&generator)) \(next(&generator))))"
    case 9: return "(len (str \(next(&generator))))"
    default: return "(\(generator.pick(["+", "-", "*", "min", "max"])) \(next(&generator)) \(next(&generator)))"
    }
  }

  var text: String {
    var parts = [
      "(defrecord State [mut n: Int])\n\n(defn start [] -> State (State 0))\n",
      "(defn step [s: State] -> Bool\n  (set! (.n s) (+ (.n s) 1))\n  (println \(uses))\n  true)\n",
      "(defn main [] -> Unit (live-loop start step))\n",
    ]
    for i in order {
      let (isConstant, body) = bodies[i]
      parts.append(isConstant ? "(def c\(i) \(body))\n" : "(defn f\(i) [x: Int] -> Int\n  (% \(body) 1000003))\n")
    }
    return parts.joined(separator: "\n")
  }

  private var uses: String {
    bodies.indices.map { bodies[$0].isConstant ? "c\($0)" : "(f\($0) 5)" }.joined(separator: " ")
  }

  mutating func edit(_ generator: inout SeededGenerator) {
    let i = generator.below(bodies.count)
    let below = bodies[..<i].map(\.isConstant)
    switch generator.below(10) {
    case 0: bodies[i].body = generator.pick(["\"text\"", "(unknown 1)", "(+ 1", "1.5", "(f\(i))", ")"])
    case 1: order.shuffle(using: &generator)
    case 2:
      let isConstant = generator.below(2) == 0
      let body = Self.expression(bodies.map(\.isConstant), isConstant: isConstant, 3, &generator)
      order.insert(bodies.count, at: generator.below(order.count + 1))
      bodies.append((isConstant, body))
    case 3:
      // Removes the last one, which nothing but `step` uses.
      if bodies.count > 2 {
        order.removeAll { $0 == bodies.count - 1 }
        bodies.removeLast()
      }
    default: bodies[i].body = Self.expression(below, isConstant: bodies[i].isConstant, 3, &generator)
    }
    for k in bodies.indices where generator.below(3) > 0 && ["\"", "(unk", "(+ 1", "1.5", ")"].contains(where: { bodies[k].body.hasPrefix($0) && bodies[k].body.count < 12 }) && k != i {
      bodies[k].body = "\(k)"
    }
  }
}

@Suite(.serialized) struct LiveEqualsColdTests {
  static let seeds: ClosedRange<UInt64> = 1...(Process.environment("FUZZ_SECONDS").flatMap { UInt64($0) }.map { $0 * 10 } ?? 25)

  @Test(arguments: seeds)
  func editedProgram(_ seed: UInt64) {
    var generator = SeededGenerator(seed: seed)
    var program = RandomProgram(&generator)
    let live = LiveProgram()
    var text = Array(program.text.utf8)
    guard live.load(text).isEmpty else {
      Issue.record("seed \(seed): the first program is not sound\n\(program.text)")
      return
    }
    var history: [String] = []
    for number in 0..<20 {
      let before = program.text
      for _ in 0...generator.below(2) { program.edit(&generator) }
      let new = Array(program.text.utf8)
      let report = generator.below(2) == 0 ? live.replace(new) : live.apply([smallestEdit(text, new)])
      text = new
      history.append("\(report.status.rawValue) \(report.diagnostics.map(\.code.rawValue))")
      if let path = Process.environment("FUZZ_TRACE") { writeFile("\(path)-\(seed)-\(number).lang", text) }
      let cold = coldOutput(text)
      // What waits for a restart is sound and yet not running; what was refused stays so without an edit.
      if report.status == .refused, report.diagnostics.allSatisfy({ $0.code == .cannotApplyLive }) { continue }
      if report.status == .unchanged { continue }
      if (report.status == .refused) != (cold == nil) {
        Issue.record("seed \(seed), edit \(number): \(history.last!), but a cold start says \(cold == nil ? "refused" : "sound")\n\(report.diagnostics.map(\.terminal))\n--- before\n\(before)\n--- after\n\(program.text)")
        break
      }
      guard let cold else { continue }
      _ = live.takeOutput()
      guard live.take(1) else {
        Issue.record("seed \(seed), edit \(number): the turn does not end\n\(program.text)")
        break
      }
      let found = live.takeOutput()
      if found != cold {
        Issue.record("seed \(seed), edit \(number)\n\(difference([cold], [found]))\n\(history)\n--- before\n\(before)\n--- after\n\(program.text)")
        break
      }
    }
    #expect(live.stop())
    live.checkEvents("seed \(seed)")
  }

  /// What one turn prints after a fresh start; nil when the text is refused.
  private func coldOutput(_ text: [UInt8]) -> String? {
    let cold = LiveProgram()
    guard !cold.load(text).contains(where: { $0.severity == .error }) else { return nil }
    _ = cold.take(1)
    defer { _ = cold.stop() }
    return cold.takeOutput()
  }

  @Test func manyQuickEdits() {
    func text(_ n: Int) -> [UInt8] {
      Array("(defn value [] -> Int \(n))\n\n(defn step [s: Int] -> Bool (println (value)) true)\n\n(defn start [] -> Int 0)\n\n(defn main [] -> Unit (live-loop start step))\n".utf8)
    }
    let live = LiveProgram()
    #expect(live.load(text(0)).isEmpty)
    // The loop runs all the while.
    live.monitor.update { $0.turns = .max }
    live.session.wake()
    for n in 1...1000 {
      let report = live.session.apply([smallestEdit(text(n - 1), text(n))])
      #expect(report.status == .committed)
      if report.status != .committed { break }
    }
    live.monitor.update { $0.turns = 0 }
    #expect(live.monitor.wait { $0.isAtRest })
    _ = live.takeOutput()
    #expect(live.take(1))
    #expect(live.takeOutput() == "1000\n")
    #expect(live.stop())
  }

  @Test func randomBytesForAFile() {
    let good = Array("(defn step [s: Int] -> Bool (println \"good\") true)\n\n(defn start [] -> Int 0)\n\n(defn main [] -> Unit (live-loop start step))\n".utf8)
    let live = LiveProgram()
    #expect(live.load(good).isEmpty)
    var text = good
    for seed in UInt64(1)...40 {
      var generator = SeededGenerator(seed: seed)
      let bytes = (0..<generator.below(400)).map { _ in UInt8(truncatingIfNeeded: generator.next()) }
      let report = seed % 2 == 0 ? live.replace(bytes) : live.apply([smallestEdit(text, bytes)])
      text = bytes
      #expect(report.status == .refused, "seed \(seed)")
      #expect(live.take(1))
      #expect(live.takeOutput().hasSuffix("good\n"), "seed \(seed)")
    }
    #expect(live.replace(good).status == .committed)
    #expect(live.take(1))
    #expect(live.takeOutput() == "good\n")
    #expect(live.stop())
    live.checkEvents("randomBytesForAFile")
  }
}
