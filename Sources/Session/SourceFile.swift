// From the path a developer gives to the file of the program, and problems of files that have no text to
// point into, in both forms of report.

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
      case .isDirectory: "give the file of the program, e.g. `\(SourceFile.join(file, "main.lang"))`"
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

  /// Finds and reads the program at `path`: a file, or a project of one module.
  public static func open(_ path: String, colours: Bool) -> Result<SourceFile, LocatedDiagnostic> {
    switch locate(path, colours: colours) {
    case .failure(let problem): .failure(problem)
    case .success(let file): read(file, colours: colours)
    }
  }

  /// The text of a file; of one that is too large, as much as shows it.
  public static func read(_ path: String, colours: Bool) -> Result<SourceFile, LocatedDiagnostic> {
    switch Files.read(path, limit: Reader.maxTextSize + 1) {
    case .success(let text): .success(SourceFile(path: path, text: text))
    case .failure(let problem): .failure(LocatedDiagnostic(problem, file: path, colours: colours))
    }
  }

  /// The one file of the program at `path`.
  public static func locate(_ path: String, colours: Bool) -> Result<String, LocatedDiagnostic> {
    guard Files.isDirectory(path) else { return .success(path) }
    let project = join(path, "project.lang")
    guard Files.exists(project) else {
      return .failure(
        LocatedDiagnostic(
          .cannotReadFile, "`\(path)` is a directory without a `project.lang`", file: path,
          help: "give a file, e.g. `\(join(path, "main.lang"))`, or a directory that holds a project", colours: colours))
    }
    let sources = sources(in: join(path, "src"), atMost: 2)
    switch sources.count {
    case 1: return .success(sources[0])
    case 0:
      return .failure(
        LocatedDiagnostic(
          .cannotReadFile, "the project has no `.lang` file in `\(join(path, "src"))`", file: project,
          help: "put the program into `\(join(path, "src/main.lang"))`", colours: colours))
    default:
      return .failure(
        LocatedDiagnostic(
          .unavailable, "projects with several modules are not available yet", file: project,
          help: "keep the program in one file and name that file", colours: colours))
    }
  }

  private static func sources(in directory: String, atMost limit: Int) -> [String] {
    var found: [String] = []
    for name in Files.names(in: directory) where !name.hasPrefix(".") {
      let path = join(directory, name)
      if Files.isDirectory(path) {
        found += sources(in: path, atMost: limit - found.count)
      } else if name.hasSuffix(".lang") {
        found.append(path)
      }
      if found.count >= limit { break }
    }
    return found
  }

  static func join(_ directory: String, _ name: String) -> String {
    directory.hasSuffix("/") ? directory + name : directory + "/" + name
  }
}

extension LocatedDiagnostic: Error {}
