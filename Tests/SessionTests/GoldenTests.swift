// `diagnostics/`: what a person sees of each code. `bytecode/`: what lowering makes of representative
// functions, for reviewers to read.

import Frontend
import Runtime
import Session
import Testing

@Suite struct GoldenTests {
  /// Found by other tests: they need a file system, a running program or a very large file.
  static let elsewhere: Set<DiagnosticCode> = [.cannotReadFile, .cannotApplyLive, .fileTooLarge, .badProject, .badModuleFile]
  /// Of features that are still to come; nothing reports them.
  static let reserved: Set<DiagnosticCode> = []

  @Test(arguments: Filetest.all("diagnostics"))
  func terminal(_ test: Filetest) {
    var options = SessionOptions()
    options.files = test.access
    let session = Session(options: options)
    let found = onCompilerStack { session.load([(path: test.path0, text: test.source)]) }
    #expect(
      found.contains { $0.code.rawValue == test.name.dropLast(5).prefix(5) },
      "\(test.path): other codes, \(found.map(\.code.rawValue))")
    var text: [String] = []
    for problem in found { text += lines(problem.terminal) + [""] }
    test.expect("terminal", text.dropLast())
    for problem in found { expectContract(problem.json, test.path) }
  }

  @Test func everyCodeHasAFile() {
    let files = Set(Filetest.names("diagnostics").map { String($0.prefix(5)) })
    for code in DiagnosticCode.allCases {
      let isExempt = Self.elsewhere.contains(code) || Self.reserved.contains(code)
      #expect(files.contains(code.rawValue) != isExempt, "\(code.rawValue) \(code)")
    }
    for file in files { #expect(DiagnosticCode(rawValue: file) != nil, "\(file) is no code") }
  }

  @Test func missingFile() {
    guard case .failure(let problem) = SourceFile.read("/no/such/file.lang", colours: false) else {
      Issue.record("a file that is not there was read")
      return
    }
    #expect(problem.code == .cannotReadFile)
    #expect(problem.terminal.hasPrefix("error[E0120]: cannot read `/no/such/file.lang`"))
    expectContract(problem.json, "missingFile")
  }

  @Test(arguments: Filetest.all("bytecode"))
  func bytecode(_ test: Filetest) {
    var options = SessionOptions()
    options.files = test.access
    let session = Session(options: options)
    let found = onCompilerStack { session.load([(path: test.path0, text: test.source)]) }
    #expect(found.isEmpty, "\(test.path): \(found.map(\.terminal))")
    for section in test.sections where section.title.hasPrefix("bytecode ") {
      let name = String(section.title.dropFirst(9))
      test.expect(section.title, lines(session.disassembly(of: name) ?? "no such function"))
    }
  }
}
