// The pages of docs/language say only what is so: each fenced block of Lang is run here, and the failure
// names page and line. What follows the language's name says what is meant:
//
//   ```lang              a program: prints the ```text block behind it; without `main` it is only checked
//   ```lang panic        a program that ends with a panic; the text is its output and the message
//   ```lang error E0301  exactly these codes, warnings included; the text, if any, is what a person sees
//   ```lang repl         forms at the prompt; `;=>` says what the form before it gives
//   ```lang file a.lang  a module that the blocks behind it may import

import Frontend
import Runtime
import Session
import Testing

private struct Example: Sendable, CustomTestStringConvertible {
  let page: String
  /// Of the fence.
  let line: Int
  let words: [String]
  var source: [String] = []
  /// Modules that stand before it on its page, by path.
  var files: [String: [UInt8]] = [:]
  /// Lines of the ```text block that follows.
  var text: [String]?

  var kind: String { words.count > 1 ? words[1] : "" }
  var bytes: [UInt8] { Array((source.joined(separator: "\n") + "\n").utf8) }
  var testDescription: String { "\(page):\(line)" }

  /// Where the block finds what it imports.
  var access: SourceAccess {
    let texts = files.merging(["main.lang": bytes]) { old, _ in old }
    return .texts { texts }
  }

  static let folder = repositoryRoot + "/docs/language"

  static func all() -> [Example] {
    Files.names(in: folder).filter { $0.hasSuffix(".md") }.sorted().flatMap { page in
      examples(of: String(decoding: readFile(folder + "/" + page), as: UTF8.self), page)
    }
  }

  static func examples(of text: String, _ page: String) -> [Example] {
    var found: [Example] = []
    var fence: [String]?
    var followsExample = false
    var files: [String: [UInt8]] = [:]
    for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
      if line.hasPrefix("```"), fence != nil {
        followsExample = fence?.first == "lang"
        fence = nil
        if followsExample, let last = found.last, last.kind == "file" {
          files[last.words.last ?? ""] = last.bytes
          found.removeLast()
          followsExample = false
        }
      } else if line.hasPrefix("```") {
        let words = line.dropFirst(3).split(separator: " ").map(String.init)
        fence = words
        if words.first == "lang" { found.append(Example(page: page, line: index + 1, words: words, files: files)) }
        if words == ["text"], followsExample { found[found.count - 1].text = [] }
        if words != ["text"] { followsExample = false }
      } else if fence?.first == "lang" {
        found[found.count - 1].source.append(String(line))
      } else if fence == ["text"], followsExample {
        found[found.count - 1].text?.append(String(line))
      }
    }
    return found
  }
}

@Suite(.serialized) struct DocumentationTests {
  @Test(arguments: Example.all())
  private func holds(_ example: Example) {
    switch example.kind {
    case "", "panic": example.source.contains { $0.hasPrefix("(defn main ") } ? run(example) : check(example)
    case "error": check(example)
    case "repl": evaluate(example)
    default: Issue.record("\(example.testDescription): what is `\(example.words.joined(separator: " "))`?")
    }
  }

  @Test func everyPageIsInTheIndex() {
    let index = String(decoding: readFile(Example.folder + "/README.md"), as: UTF8.self)
    for page in Files.names(in: Example.folder) where page.hasSuffix(".md") && page != "README.md" {
      #expect(index.contains("](\(page))"), "\(page)")
    }
  }

  private func run(_ example: Example) {
    let found = Execution.run(example.bytes) { $0.files = example.access }
    let printed = String(decoding: found.stdout + found.stderr, as: UTF8.self)
    expect(example, lines(printed), equal: example.text ?? [])
    #expect(found.exit == (example.kind == "panic" ? 101 : 0), "\(example.testDescription)")
  }

  private func check(_ example: Example) {
    let problems = onCompilerStack {
      var options = SessionOptions()
      options.files = example.access
      return Session(options: options).check([("main.lang", example.bytes)], needsMain: false)
    }
    expect(example, problems.map { $0.code.rawValue }, equal: Array(example.words.dropFirst(2)))
    if let text = example.text {
      expect(example, lines(problems.map { $0.terminal }.joined(separator: "\n")), equal: text)
    }
  }

  private func evaluate(_ example: Example) {
    let monitor = Monitor<[String]>([])
    let problems = onCompilerStack { () -> [String] in
      var options = SessionOptions()
      options.output = { text, _ in monitor.update { $0.append(String(decoding: text, as: UTF8.self)) } }
      let session = Session(options: options)
      var problems = session.start([]).map { "\($0)" }
      var input: [String] = []
      for line in example.source + [";=>"] {
        input.append(line)
        guard let arrow = line.firstRange(of: ";=>") else { continue }
        let expected = String(line[arrow.upperBound...].drop { $0 == " " })
        var results: [String] = []
        session.evaluate(Array(input.joined(separator: "\n").utf8)) { results += shown($0) }
        let found = results.last ?? ""
        let withoutType = found.components(separatedBy: " : ").dropLast().joined(separator: " : ")
        let isAsExpected =
          expected.isEmpty
          ? !results.contains(where: { $0.hasPrefix("error") || $0.hasPrefix("panic") })
          : [found, withoutType].contains(expected)
        if !isAsExpected { problems.append("`\(input.last ?? "")` gives \(found)") }
        input = []
      }
      return problems
    }
    expect(example, problems, equal: [])
  }

  private func shown(_ result: Evaluated) -> [String] {
    switch result {
    case .value(let text, let type): ["\(text ?? "<fn>") : \(type)"]
    case .unit: ["()"]
    case .defined, .note: []
    case .problems(let problems): problems.map { "error \($0.code.rawValue)" }
    case .panic(let panic): ["panic: \(panic.message)"]
    case .exit(let code): ["exit \(code)"]
    }
  }

  private func expect(_ example: Example, _ found: [String], equal expected: [String]) {
    if found == expected { return }
    Issue.record(
      "docs/language/\(example.testDescription)\n\(example.source.joined(separator: "\n"))\n\n\(difference(expected, found))")
  }
}

extension String {
  fileprivate func components(separatedBy separator: String) -> [String] {
    var parts: [String] = []
    var rest = self[...]
    while let range = rest.firstRange(of: separator) {
      parts.append(String(rest[..<range.lowerBound]))
      rest = rest[range.upperBound...]
    }
    return parts + [String(rest)]
  }
}
