// Macros that nobody would write: random templates, random bodies, random calls. Whatever they are, the
// expander ends, tells its problems in the user's text, and does the same the second time.
//
// A fixed number of programs, or with `FUZZ_SECONDS` as many as fit; `FUZZ_SEED` sets where to begin.

import Frontend
import Runtime
import Session
import Testing

@Suite(.serialized) struct MacroFuzzTests {
  private static let programs = 60
  private static let lastText = (Process.environment("TMPDIR") ?? "/tmp") + "/lang-fuzz-macros.lang"

  private struct Result {
    var problems: [LocatedDiagnostic] = []
    var expansions: [String] = []
  }

  @Test func randomMacros() {
    let seconds = Process.environment("FUZZ_SECONDS").flatMap { Double($0) }
    print("random macros: seed \(FuzzTests.seed), the text at hand is in \(Self.lastText)")
    let end = Process.nanoseconds() + Int((seconds ?? 0) * 1e9)
    var (number, sound, expanded) = (0, 0, 0)
    while seconds == nil ? number < Self.programs : Process.nanoseconds() < end {
      var author = MacroAuthor(seed: FuzzTests.seed &* 1_000_003 &+ UInt64(number))
      let (text, calls) = author.program()
      writeFile(Self.lastText, Array(text.utf8))
      guard let first = take(text, calls, number), let second = take(text, calls, number) else { return }
      if first.problems.map(\.json) != second.problems.map(\.json) { Issue.record("number \(number): other problems the second time\n\(text)") }
      if first.expansions != second.expansions { Issue.record("number \(number): other expansions the second time\n\(text)") }
      for problem in first.problems { expectContract(problem.json, "number \(number)") }
      if !first.problems.contains(where: { $0.severity == .error }) { sound += 1 }
      expanded += first.expansions.count
      number += 1
    }
    print("random macros: \(number) programs, \(sound) of them sound, \(expanded) expansions shown")
    // Programs that are all refused would test little.
    #expect(sound * 100 >= 30 * number && expanded > 0)
  }

  /// Loads the program; expands the calls at the prompt when it is sound. Nil when that does not end.
  private func take(_ text: String, _ calls: [String], _ number: Int) -> Result? {
    let state = Monitor<Result?>(nil)
    Threads.start {
      var options = SessionOptions()
      options.verifies = true
      options.machine = .small
      let session = Session(options: options)
      var result = Result()
      for answer in session.start([(path: "main.lang", text: Array(text.utf8))]) {
        if case .problems(let problems) = answer { result.problems += problems }
      }
      if session.hasProgram {
        for call in calls {
          switch session.expansion(of: Array(call.utf8)) {
          case .forms(let step, let full)?:
            result.expansions.append((step ?? "") + full)
            if case .fault = Formatter.format(Array(full.utf8)) { Issue.record("number \(number): formatting changes an expansion\n\(full)") }
          case .problems(let problems)?: result.problems += problems
          case .nothing?, nil: break
          }
        }
      }
      state.update { $0 = result }
    }
    guard state.wait(seconds: 120, until: { $0 != nil }) else {
      Issue.record("number \(number): expanding does not end\n\(text)")
      return nil
    }
    return state.value
  }
}

/// Writes programs of macros. What it writes is readable; whether it is sound is left to chance.
private struct MacroAuthor {
  private var generator: SeededGenerator
  private var macros: [(name: String, count: Int, takesRest: Bool)] = []
  /// The macros that may be called at this place.
  private var callable: [(name: String, count: Int, takesRest: Bool)] = []
  private var names: [String] = []
  /// Templates, arguments and what runs while expanding are such that every expansion is an `Int`.
  private let isTyped: Bool

  init(seed: UInt64) {
    generator = SeededGenerator(seed: seed)
    isTyped = generator.below(3) > 0
  }

  /// The text, and calls of its macros.
  mutating func program() -> (text: String, calls: [String]) {
    var text = """
      (defn pick-one [v: (Vec Syntax) other: Syntax] -> Syntax (if (empty? v) other (nth v 0)))
      (defn deepen [n: Int s: Syntax] -> Syntax (if (<= n 0) s (deepen (- n 1) `(do ~s))))
      (defn parts [s: Syntax] -> (Vec Syntax) (match (syntax-kind s) "list" (syntax-items s) "vector" (syntax-items s) _ (vec s)))

      """
    for i in 0..<1 + generator.below(4) {
      let count = generator.below(3)
      macros.append(("m\(i)", count, generator.below(3) == 0))
    }
    callable = macros
    for (i, macro) in macros.enumerated() {
      // Calls only those before it, so that expansion ends.
      if isTyped { callable = Array(macros[..<i]) }
      names = (0..<macro.count).map { "p\($0)" }
      let rest = macro.takesRest ? "\(macro.count > 0 ? " " : "")& rest" : ""
      text += "(defmacro \(macro.name) [\(names.joined(separator: " "))\(rest)]\n  \(syntax(4, macro.takesRest)))\n"
    }
    names = []
    callable = macros
    var calls: [String] = []
    for _ in 0..<2 + generator.below(4) { calls.append(call(3)) }
    if !isTyped, chance(6) { text += calls[0] + "\n" }
    text += "(defn main [] -> Unit\n  (let [x 1 y \"s\"]\n    \(calls.map { "(do \($0) ())" }.joined(separator: "\n    "))))\n"
    return (text, calls)
  }

  private mutating func chance(_ one: Int) -> Bool { generator.below(one) == 0 }

  // MARK: What runs while expanding

  /// An expression of type Syntax.
  private mutating func syntax(_ depth: Int, _ rest: Bool) -> String {
    if depth <= 0 { return names.isEmpty || chance(4) ? "'\(atom())" : generator.pick(names) }
    if isTyped { return typedSyntax(depth, rest) }
    func deeper(_ author: inout MacroAuthor) -> String { author.syntax(depth - 1, rest) }
    switch generator.below(24) {
    case 0..<10: return "`" + template(depth, rest, level: 1)
    case 10: return "(if \(condition(depth - 1, rest)) \(deeper(&self)) \(deeper(&self)))"
    case 11:
      let name = "s\(names.count)"
      let value = deeper(&self)
      names.append(name)
      defer { names.removeLast() }
      return "(let [\(name) \(value)] \(deeper(&self)))"
    case 12: return "(syntax-list \(vector(depth - 1, rest)))"
    case 13: return "(syntax-vector \(vector(depth - 1, rest)))"
    case 14: return generator.pick(["(syntax-of 7)", "(syntax-of \"t\")", "(syntax-of -1.5)", "(syntax-of true)", "(gensym \"g\")", "(syntax-symbol \"x\")"])
    case 15: return "(syntax-of (len \(vector(depth - 1, rest))))"
    case 16: return "(syntax-of (show \(deeper(&self))))"
    case 17: return "(pick-one \(vector(depth - 1, rest)) \(deeper(&self)))"
    case 18: return "(unhygienic \(deeper(&self)))"
    case 19:
      let pattern = generator.pick(["(~a ~@b)", "(~a ~_)", "[~a ~@_]", "(let [~@_] ~a)", "~a", "(x ~@_ ~a)", "'~a"])
      let subject = names.first ?? "'(x y)"
      names.append("a")
      let inner = deeper(&self)
      names.removeLast()
      return "(match \(subject) `\(pattern) \(inner) _ \(deeper(&self)))"
    case 20: return chance(2) ? "(syntax-error \(deeper(&self)) \"refused\")" : "(deepen \(generator.pick([0, 3, 40, 2000])) \(deeper(&self)))"
    case 21: return call(depth - 1)
    case 22: return chance(12) ? "(do (while true ()) '1)" : deeper(&self)
    default: return "(nth \(vector(depth - 1, rest)) \(generator.below(3)))"
    }
  }

  private mutating func typedSyntax(_ depth: Int, _ rest: Bool) -> String {
    func deeper(_ author: inout MacroAuthor) -> String { author.syntax(depth - 1, rest) }
    switch generator.below(14) {
    case 0: return "(if \(condition(depth - 1, rest)) \(deeper(&self)) \(deeper(&self)))"
    case 1:
      let name = "s\(names.count)"
      let value = deeper(&self)
      names.append(name)
      defer { names.removeLast() }
      return "(let [\(name) \(value)] \(deeper(&self)))"
    case 2: return "(syntax-of (len \(vector(depth - 1, rest))))"
    case 3: return "(pick-one \(vector(depth - 1, rest)) \(deeper(&self)))"
    case 4: return "(deepen \(generator.pick([0, 3, 40])) \(deeper(&self)))"
    case 5: return "(match \(deeper(&self)) `(~a ~@_) '1 ~a \(deeper(&self)))"
    case 6: return "(unhygienic \(deeper(&self)))"
    case 7: return "(fold (fn [a b] `(+ ~a ~b)) \(deeper(&self)) \(vector(depth - 1, rest)))"
    default: return "`" + template(depth, rest, level: 1)
    }
  }

  private mutating func vector(_ depth: Int, _ rest: Bool) -> String {
    if depth <= 0 { return rest && chance(2) ? "rest" : "(vec '\(atom()))" }
    switch generator.below(7) {
    case 0 where rest: return "rest"
    case 1: return "(parts \(syntax(depth - 1, rest)))"
    case 2:
      names.append("i")
      let body = syntax(depth - 1, rest)
      names.removeLast()
      return "(map (fn [i] \(body)) \(vector(depth - 1, rest)))"
    case 3: return "(reverse \(vector(depth - 1, rest)))"
    case 4: return "(concat \(vector(depth - 1, rest)) \(vector(depth - 1, rest)))"
    default: return "(vec \(syntax(depth - 1, rest)) \(syntax(depth - 1, rest)))"
    }
  }

  private mutating func condition(_ depth: Int, _ rest: Bool) -> String {
    switch generator.below(3) {
    case 0: return "(= \(syntax(max(0, depth), rest)) '\(atom()))"
    case 1: return "(empty? \(vector(depth, rest)))"
    default: return "(= (syntax-kind \(syntax(max(0, depth), rest))) \"list\")"
    }
  }

  // MARK: Forms

  private mutating func atom() -> String {
    if isTyped { return generator.pick(["1", "7", "-3", "(+ 1 2)", "(len \"s\")", "(do 5)"]) }
    return generator.pick(["x", "y", "1", "2.5", "\"s\"", ":k", "\\c", "true", "()", "x#", "let", "+", "5u8", "'q", "println", ".f", "Some", "missing"])
  }

  private mutating func template(_ depth: Int, _ rest: Bool, level: Int) -> String {
    if depth <= 0 { return level == 1 && !names.isEmpty && !chance(3) ? "~" + generator.pick(names) : atom() }
    func inner(_ author: inout MacroAuthor) -> String { author.template(depth - 1, rest, level: level) }
    if isTyped { return typedTemplate(depth, rest) }
    switch generator.below(16) {
    case 0: return "(let [v \(inner(&self))] \(inner(&self)))"
    case 1: return "(let [v# \(inner(&self))] (do \(inner(&self)) v#))"
    case 2: return "(do \(inner(&self)) \(inner(&self)))"
    case 3: return "(if true \(inner(&self)) \(inner(&self)))"
    case 4: return "(str \(inner(&self)) \(inner(&self)))"
    case 5: return "((fn [z: Int] -> Int z) 4)"
    case 6: return "(match \(inner(&self)) w \(inner(&self)))"
    case 7 where level == 1: return "~" + syntax(depth - 1, rest)
    case 8 where level == 1: return "(vec ~@\(vector(depth - 1, rest)))"
    case 9 where level < 3: return "`" + template(depth - 1, rest, level: level + 1)
    case 10 where level > 1: return "~" + template(depth - 1, rest, level: level - 1)
    case 11: return "(defn f [] -> Int \(inner(&self)))"
    case 12: return "[\(inner(&self)) \(inner(&self))]"
    case 13: return "(\(inner(&self)) \(inner(&self)))"
    case 14:
      let macro = generator.pick(macros)
      return "(\(macro.name)\((0..<macro.count).map { _ in " " + inner(&self) }.joined()))"
    default: return level == 1 && !names.isEmpty ? "~" + generator.pick(names) : atom()
    }
  }

  private mutating func typedTemplate(_ depth: Int, _ rest: Bool) -> String {
    func inner(_ author: inout MacroAuthor) -> String { author.template(depth - 1, rest, level: 1) }
    switch generator.below(15) {
    case 0: return "(let [v \(inner(&self))] (+ v \(inner(&self))))"
    case 1: return "(let [v# \(inner(&self))] (do \(inner(&self)) v#))"
    case 2: return "(do (println \(inner(&self))) \(inner(&self)))"
    case 3: return "(if (< \(inner(&self)) \(inner(&self))) \(inner(&self)) \(inner(&self)))"
    case 4: return "(len (str \(inner(&self)) \(inner(&self))))"
    case 5: return "((fn [z: Int] -> Int (+ z \(inner(&self)))) \(inner(&self)))"
    case 6: return "(match \(inner(&self)) 1 2 w (+ w \(inner(&self))))"
    case 7: return "~" + syntax(depth - 1, rest)
    case 8: return "(+ 0 0 ~@\(vector(depth - 1, rest)))"
    case 9: return "(loop [i# 0 s# 0] (if (< i# 3) (recur (+ i# 1) (+ s# \(inner(&self)))) s#))"
    case 10: return callable.isEmpty ? inner(&self) : call(depth - 1)
    case 11: return "(let [mut m# \(inner(&self))] (for [k# (range 2)] (set! m# (+ m# k# \(inner(&self))))) m#)"
    default: return names.isEmpty ? atom() : "~" + generator.pick(names)
    }
  }

  private mutating func call(_ depth: Int) -> String {
    if callable.isEmpty { return atom() }
    let macro = generator.pick(callable)
    let count = max(0, macro.count + (macro.takesRest ? generator.below(3) : !isTyped && chance(15) ? 1 : 0))
    var arguments = ""
    for _ in 0..<count { arguments += " " + argument(depth) }
    return "(\(macro.name)\(arguments))"
  }

  private mutating func argument(_ depth: Int) -> String {
    if isTyped {
      if depth <= 0 || chance(2) { return atom() }
      return generator.below(2) == 0 ? call(depth - 1) : "(+ 2 \(argument(depth - 1)))"
    }
    if !names.isEmpty, chance(2) { return generator.pick(names) }
    if depth <= 0 || chance(2) { return generator.pick(["x", "y", "1", "\"s\"", "2.5", "true", "[x]", "'x"]) }
    switch generator.below(4) {
    case 0: return call(depth - 1)
    case 1: return "(+ x \(argument(depth - 1)))"
    case 2: return "(let [v 1] \(argument(depth - 1)))"
    default: return "(\(argument(depth - 1)) \(argument(depth - 1)))"
    }
  }
}
