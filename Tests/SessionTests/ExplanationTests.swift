// What `lang explain` says is true: every code has a text, every example of a mistake reports that code and
// no other, every mended one nothing.

import Frontend
import Runtime
import Session
import Testing

@Suite struct ExplanationTests {
  /// Its examples are commands.
  static let onTheCommandLine: Set<DiagnosticCode> = [.cannotReadFile, .badModuleFile]
  /// Nothing reports these yet.
  static let reserved: Set<DiagnosticCode> = []
  static let needsMain: Set<DiagnosticCode> = [.noMain, .badMain]

  @Test func everyCodeHasAText() {
    for code in DiagnosticCode.allCases {
      let found = Explanation.all.filter { $0.code == code }
      #expect(found.count == 1, "\(code.rawValue) \(code) has \(found.count) explanations")
      guard let text = found.first else { continue }
      #expect(!text.title.isEmpty && !text.title.hasSuffix(".") && text.title.utf8.count < 76, "\(code.rawValue): the title")
      #expect(text.text.split(separator: " ").count > 15, "\(code.rawValue): too short")
      for line in text.terminal.split(separator: "\n") where line.count > 100 { Issue.record("\(code.rawValue): a long line: \(line)") }
    }
  }

  static let explained = DiagnosticCode.allCases.filter { !onTheCommandLine.contains($0) && !reserved.contains($0) }

  @Test(arguments: explained)
  func examples(_ code: DiagnosticCode) throws {
    let examples = try #require(Explanation.of(code)).examples
    if let before = examples.first(where: { $0.title == "before" }) {
      for title in ["wrong edit", "right edit"] {
        let edit = try #require(examples.first { $0.title == title })
        let found = edited(before.bytes, edit.bytes)
        #expect(found == (title == "wrong edit" ? [code.rawValue] : []), "\(code.rawValue), \(title)")
      }
      return
    }
    for title in ["wrong", "right"] {
      let files = examples.filter { $0.title == title }.map { (path: $0.path.isEmpty ? "main.lang" : $0.path, text: $0.bytes) }
      #expect(!files.isEmpty, "\(code.rawValue) has no example that is \(title)")
      let needsMain = Self.needsMain.contains(code)
      let found = onCompilerStack { Session().load(files, needsMain: needsMain) }
      let codes = Set(found.map(\.code))
      #expect(codes == (title == "wrong" ? [code] : []), "\(code.rawValue), \(title): \(found.map(\.terminal).joined())")
    }
  }

  /// The codes reported for an edit of a program that is loaded live.
  private func edited(_ before: [UInt8], _ after: [UInt8]) -> [String] {
    onCompilerStack {
      var options = SessionOptions()
      options.isLive = true
      let session = Session(options: options)
      let problems = session.start([(path: "main.lang", text: before)])
      if problems.contains(where: \.isFailure) { return ["\(problems)"] }
      let report = session.apply([.replaceAll(path: "main.lang", text: after)])
      return report.diagnostics.map(\.code.rawValue)
    }
  }
}
