// The formatter keeps its promises on every program there is, and on programs nobody would write: the reader
// returns the same forms, and formatting twice is formatting once.

import Frontend
import Runtime
import Testing

@Suite struct FormatterTests {
  private func format(_ text: [UInt8]) -> [UInt8]? {
    onCompilerStack {
      guard case .formatted(let found) = Formatter.format(text) else { return nil }
      return found
    }
  }

  private func format(_ text: String) -> String { format(Array(text.utf8)).map { String(decoding: $0, as: UTF8.self) } ?? "refused" }

  /// `faults` of the formatter, and texts that formatting again would change.
  private func expectStable(_ text: [UInt8], _ what: String) {
    let problem = onCompilerStack { () -> String? in
      switch Formatter.format(text) {
      case .unreadable: return nil
      case .fault: return "the forms would change"
      case .formatted(let once):
        guard case .formatted(let twice) = Formatter.format(once) else { return "what was formatted cannot be read" }
        if comments(text) != comments(once) { return "comments were lost" }
        return once == twice ? nil : "formatting again changes it\n" + difference(lines(shown(once)), lines(shown(twice)))
      }
    }
    if let problem { Issue.record("\(what): \(problem)\n\(shown(text))") }
  }

  private func shown(_ text: [UInt8]) -> String { String(decoding: text, as: UTF8.self) }

  /// How often a semicolon stands in the text: none may go, whether in comments, strings or characters.
  private func comments(_ text: [UInt8]) -> Int { text.count { $0 == UInt8(ascii: ";") } }

  // MARK: Every program of the repository

  static let folders = ["run", "errors", "diagnostics", "bytecode", "live"]

  @Test(arguments: folders)
  func filetests(_ folder: String) {
    for name in Filetest.names(folder) { expectStable(readFile(Filetest.root + "/" + folder + "/" + name), name) }
  }

  @Test func examplesAndPrelude() {
    let root = Filetest.root + "/../.."
    let paths = Files.sources(below: root + "/Examples") + Files.sources(below: root + "/Benchmarks")
    #expect(paths.count > 5)
    for path in paths { expectStable(readFile(path), path) }
    expectStable(Prelude.text, "the prelude")
  }

  // MARK: Random texts

  /// Forms, comments and blanks in any order, brackets matched so that most of them can be read.
  @Test func randomForms() {
    let parts = [
      "(", "(", "(let [", "(cond ", "(match x ", "[", "(defn f [x: Int] -> Int ", "; c\n", "  ; own\n", "#| b |#", "#| b\n  c |#", "#_", "'", "`",
      "~", "~@", "~ @", "\n", "\n\n\n", "  ", ", ", "a", "mut ", "x: ", "Int", "@ ", "42", "0xff", "1_000", "\"s\"", "\"two\nlines\"", "\\(",
      "\\a", "\\,", ":by ", ":else ", "->", "=", "\t", "\r\n", "(f a b)", "(if c\n a\n b)", "long-name-of-a-function-that-takes-a-lot-of-room ",
    ]
    let seed = Process.environment("FUZZ_SEED").flatMap { UInt64($0) } ?? 11
    for number in 0..<4000 {
      var generator = SeededGenerator(seed: seed &* 1_000_003 &+ UInt64(number))
      var text = ""
      var open: [Character] = []
      for _ in 0..<generator.below(60) {
        let part = generator.pick(parts)
        text += part
        if generator.below(3) > 0, part.last?.isWhitespace == false { text += " " }
        for bracket in part where "([".contains(bracket) && part.first != "\\" { open.append(bracket == "(" ? ")" : "]") }
        for bracket in part where ")]".contains(bracket) { if !open.isEmpty, bracket == open.last { open.removeLast() } }
        if generator.below(4) == 0, let closer = open.popLast() { text += String(closer) }
      }
      text += "\n" + String(open.reversed())
      expectStable(Array(text.utf8), "number \(number) of seed \(seed)")
    }
  }

  @Test func mutatedPrograms() {
    let seed = Process.environment("FUZZ_SEED").flatMap { UInt64($0) } ?? 12
    let sources = (Filetest.all("run") + Filetest.all("diagnostics")).map(\.source)
    for number in 0..<1500 {
      var generator = SeededGenerator(seed: seed &* 1_000_003 &+ UInt64(number))
      var text = generator.pick(sources)
      for _ in 0...generator.below(6) {
        let at = generator.below(text.count)
        switch generator.below(4) {
        case 0: text.insert(contentsOf: Array(generator.pick(["\n", " ", "; x\n", "#| y |#", " #_ ", "\n\n\n", ",", "("]).utf8), at: at)
        case 1: if text[at] == 10 { text[at] = 32 }
        case 2: if text[at] == 32 { text[at] = 10 }
        default: text.remove(at: at)
        }
      }
      expectStable(text, "number \(number) of seed \(seed)")
    }
  }

  // MARK: What it looks like

  @Test func bodiesAndArguments() {
    #expect(
      format("(defn f [x: Int]\n      -> Int\n(let [a 1\nb 2]\n(g a\nb)\n(h\na)))")
        == "(defn f [x: Int]\n  -> Int\n  (let [a 1\n        b 2]\n    (g a\n       b)\n    (h\n     a)))\n")
    #expect(format("(deftest a\n(assert= 1\n1))\n(with-timer t\nx)\n(default x\ny)") == "(deftest a\n  (assert= 1\n           1))\n(with-timer t\n  x)\n(default x\n         y)\n")
  }

  /// A hook is a definition by its shape; calls of a function of that name are calls.
  @Test func migrations() {
    #expect(format("(migrate P [old: (Old P)]\n(P (.n old)\n1))\n(f (migrate p\nq))") == "(migrate P [old: (Old P)]\n  (P (.n old)\n     1))\n(f (migrate p\n            q))\n")
  }

  @Test func blanksAndBlankLines() {
    #expect(format("\n\n( f   x,y )\n\n\n\n(g)   \n(h) (i)") == "(f x, y)\n\n(g)\n(h)\n(i)\n")
    #expect(format("") == "")
    #expect(format("; only\n\n") == "; only\n")
    #expect(format("#! /usr/bin/lang\n(f\r\n  x)\r\n") == "#! /usr/bin/lang\n(f\n x)\n")
  }

  @Test func closersFollowWhatTheyClose() {
    #expect(format("(f\n  a ; why\n  )\n(g (h\n  b\n  ; end\n  ) c\n)") == "(f\n a) ; why\n(g (h\n    b)\n   ; end\n   c)\n")
  }

  @Test func valuesInARowStayInARow() {
    #expect(format("(match s\n  (A r)   1\n  B       22\n  _ 3)") == "(match s\n  (A r) 1\n  B     22\n  _ 3)\n")
    #expect(format("(let [a   1\n      bb 2]\n  a)") == "(let [a 1\n      bb 2]\n  a)\n")
    #expect(format("(let [x 1  mut y 2   z: Int 3] x)") == "(let [x 1  mut y 2  z: Int 3] x)\n")
  }

  @Test func longLinesAreBroken() {
    let call = "(some-function (first-argument-of-it 1111111111 222222222) (second-argument 33333333) (third-argument 4444))"
    #expect(
      format("(defn f [] -> Int \(call))")
        == "(defn f [] -> Int\n  (some-function (first-argument-of-it 1111111111 222222222)\n                 (second-argument 33333333)\n                 (third-argument 4444)))\n")
  }

  @Test func whatCannotBeReadIsLeftAlone() {
    #expect(format("(f") == "refused")
    #expect(format("(f #_)") == "refused")
  }
}
