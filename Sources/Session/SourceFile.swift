// Files as they are read, and problems with their places worked out, in both forms of report: those of a
// text, and those of files that have no text to point into.

import Frontend
import Runtime

extension LocatedDiagnostic {
  /// A problem of a file as a whole.
  public init(_ code: DiagnosticCode, _ message: String, file: String, help: String?, colours: Bool) {
    var json = JSONWriter()
    json.object { json in
      json.field("severity", code.severity.rawValue)
      json.field("code", code.rawValue)
      json.field("message", message)
      json.field("file", file)
      json.object("range") { json in
        for end in ["start", "end"] {
          json.object(end) { json in
            json.field("line", 1)
            json.field("column", 1)
          }
        }
      }
      json.array("labels") { _ in }
      if let help { json.field("help", help) }
    }
    // Without a place the renderer shows no source.
    var renderer = TerminalRenderer(colours: colours)
    let terminal = renderer.render(
      Diagnostic(code, message, at: Place(.none, Span(0, 0)), help: help), in: SourceStore())
    self.init(
      json: json.text, terminal: terminal, severity: code.severity, code: code,
      position: nil)
  }

  public init(_ problem: FileProblem, file: String, colours: Bool) {
    let help: String? =
      switch problem {
      case .missing: "check the spelling of the path; it is looked up from the directory you are in"
      case .isDirectory: "give the file of the program, e.g. `\(SourceLayout.join(file, "main.lang"))`"
      case .denied: "`chmod u+r` makes it readable, if it is yours"
      case .notRegular: "save the program to a file; pipes and devices cannot be watched or read twice"
      case .system: nil
      }
    self.init(.cannotReadFile, "cannot read `\(file)`: \(problem.words)", file: file, help: help, colours: colours)
  }
}

public struct SourceFile: Sendable {
  /// As the developer spelt it; diagnostics name it so.
  public var path: String
  public var text: [UInt8]

  public init(path: String, text: [UInt8]) {
    self.path = path
    self.text = text
  }

  /// The text of a file; of one that is too large, as much as shows it.
  public static func read(_ path: String, colours: Bool) -> Result<SourceFile, LocatedDiagnostic> {
    switch Files.read(path, limit: Reader.maxTextSize + 1) {
    case .success(let text): .success(SourceFile(path: path, text: text))
    case .failure(let problem): .failure(LocatedDiagnostic(problem, file: path, colours: colours))
    }
  }
}

extension LocatedDiagnostic: Error {}

extension LocatedDiagnostic {
  /// Problems with their places worked out, in the order of the text; one found on two ways is told once.
  static func locate(_ problems: [Diagnostic], _ store: borrowing SourceStore, colours: Bool) -> [LocatedDiagnostic] {
    var json = JSONRenderer()
    var terminal = TerminalRenderer(colours: colours)
    var located: [LocatedDiagnostic] = []
    for problem in withoutFollowers(problems, store) {
      located.append(
        LocatedDiagnostic(
          json: json.render(problem, in: store), terminal: terminal.render(problem, in: store),
          severity: problem.severity, code: problem.code, position: store.range(of: problem.place)))
    }
    located.sort { a, b in
      guard let x = a.position, let y = b.position else { return a.position != nil }
      return (x.path, x.start.line, x.start.column) < (y.path, y.start.line, y.start.column)
    }
    var seen = Set<String>()
    return located.filter { seen.insert($0.json).inserted }
  }
}
