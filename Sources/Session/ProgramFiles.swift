// From the path a developer gives to the files of a program: a file by itself, a project's directory or its
// `project.lang`, or a file within a project.
//
// A session reads what the entries import by itself; entries are what it cannot find that way.

import Frontend
import Runtime

public struct ProgramFiles: Sendable {
  /// What a command looks at: what `main` leads to, or every module of the project, its tests included.
  public enum Scope: Sendable { case reachable, everything }

  public var layout: SourceLayout
  /// The files to begin with; the first holds the main module.
  public var entries: [SourceFile]
  /// How the developer calls it.
  public var title: String
  public var project: ProjectFile?
  /// The `project.lang` of it.
  public var projectFile: SourceFile?

  /// A program whose entries are given as text, the first the main module.
  public init(_ files: [(path: String, text: [UInt8])]) {
    entries = files.map { SourceFile(path: $0.path, text: $0.text) }
    layout = SourceLayout(around: entries.first?.path ?? "")
    title = SourceLayout.withoutEnding(SourceLayout.name(of: entries.first?.path ?? ""))
  }

  /// Finds and reads the program at `path`.
  public static func open(_ path: String, scope: Scope = .reachable, colours: Bool) -> Result<ProgramFiles, Unopened> {
    if Files.isDirectory(path) { return openProject(path, nil, scope, colours) }
    if SourceLayout.name(of: path) == "project.lang" {
      return openProject(SourceLayout.directory(of: path), nil, scope, colours)
    }
    if let (directory, inside) = enclosingProject(path) { return openProject(directory, (path, inside), scope, colours) }
    return SourceFile.read(path, colours: colours).map { ProgramFiles([($0.path, $0.text)]) }.mapError { Unopened([$0]) }
  }

  // MARK: Projects

  private static func openProject(
    _ directory: String, _ file: (path: String, inside: String)?, _ scope: Scope, _ colours: Bool
  ) -> Result<ProgramFiles, Unopened> {
    let path = SourceLayout.join(directory, "project.lang")
    if !Files.exists(path) {
      let shown = directory.isEmpty ? "." : directory
      let near = Files.names(in: shown).first { $0.hasSuffix(".lang") } ?? "main.lang"
      return fail(
        .badProject, "`\(shown)` is a directory without a `project.lang`", shown,
        "give a file, e.g. `\(SourceLayout.join(directory, near))`, or make it a project: write `(project \"name\")` into `\(path)`", colours)
    }
    let text: [UInt8]
    switch SourceFile.read(path, colours: colours) {
    case .success(let found): text = found.text
    case .failure(let problem): return .failure(Unopened([problem]))
    }
    let (project, problems) = ProjectFile.parse(path, text, colours: colours)
    if problems.contains(where: { $0.severity == .error }) { return .failure(Unopened(problems)) }
    let source = SourceLayout.join(directory, "src")
    let layout = SourceLayout(roots: [
      SourceLayout.Root(directory: source),
      SourceLayout.Root(directory: SourceLayout.join(directory, "tests"), prefix: "tests."),
    ])
    var program = ProgramFiles([])
    program.layout = layout
    program.project = project
    program.projectFile = SourceFile(path: path, text: text)
    program.title = project.name
    let main = SourceLayout.join(source, project.main.split(separator: ".").joined(separator: "/") + ".lang")
    if let file {
      // The path as the developer spelt it, if it names the same place.
      let spelt = SourceLayout.join(directory, file.inside)
      return program.reading([resolvedPath(spelt) == resolvedPath(file.path) ? spelt : file.path], colours)
    }
    guard Files.exists(main) else {
      return .failure(Unopened(ProjectFile.locate(
        "the main module `\(project.main)` is not there: looked for `\(main)`", help: mainHelp(project.main, source),
        in: path, text, colours: colours)))
    }
    guard scope == .everything else { return program.reading([main], colours) }
    return program.allFiles(main, directory, colours)
  }

  private static func mainHelp(_ main: String, _ source: String) -> String {
    let parts = main.split(separator: ".").map(String.init)
    if parts.count > 1, Files.exists(SourceLayout.join(source, parts.dropLast().joined(separator: "/") + ".lang")) {
      return "`:main` names a module, not a function: `:main \(parts.dropLast().joined(separator: "."))`"
    }
    let known = SourceTree(source, atMost: 500).files.map { SourceLayout(roots: [.init(directory: source)]).module(of: $0) }
    if let near = closestName(to: main, among: known) ?? (known.count == 1 ? known[0] : nil) { return "`:main \(near)` runs `\(near)`" }
    return "write `(defn main [] -> Unit ..)` into that file, or say with `:main` which module begins"
  }

  /// All modules of the project, those of the program first.
  private func allFiles(_ main: String, _ directory: String, _ colours: Bool) -> Result<ProgramFiles, Unopened> {
    var problems: [LocatedDiagnostic] = []
    var paths = [main]
    var holders: [String: String] = [:]
    func problem(_ message: String, _ file: String, _ help: String) {
      problems.append(LocatedDiagnostic(.badModuleFile, message, file: file, help: help, colours: colours))
    }
    for root in layout.roots {
      let tree = SourceTree(root.directory)
      for loop in tree.loops {
        problem("`\(loop)` leads back to a directory it lies in", loop, "remove the link; the files are found where they are")
      }
      for path in tree.files {
        let module = layout.module(of: path)
        let inside = path.dropFirst(root.directory.count)
        let parts = SourceLayout.withoutEnding(String(inside)).split(separator: "/")
        if let bad = parts.first(where: { !isModuleNamePart($0) }) {
          problem(
            "`\(path)` cannot be a module: `\(bad)` is no part of a module's name", path,
            "rename it: a letter, then letters, digits, `-` and `_`")
          continue
        }
        if let other = holders[module] {
          problem("`\(other)` and `\(path)` are both module `\(module)`", path, "rename one of them")
          continue
        }
        holders[module] = path
        if path != main { paths.append(path) }
      }
    }
    if !problems.isEmpty { return .failure(Unopened(problems)) }
    return reading(paths, colours)
  }

  private func reading(_ paths: [String], _ colours: Bool) -> Result<ProgramFiles, Unopened> {
    var program = self
    var problems: [LocatedDiagnostic] = []
    for path in paths {
      switch SourceFile.read(path, colours: colours) {
      case .success(let file): program.entries.append(file)
      case .failure(let problem): problems.append(problem)
      }
    }
    return problems.isEmpty ? .success(program) : .failure(Unopened(problems))
  }

  /// The project that a file belongs to, and the file's path within it: the nearest directory above with a
  /// `project.lang` whose `src` or `tests` holds the file.
  static func enclosingProject(_ path: String) -> (directory: String, inside: String)? {
    let spelt = SourceLayout.directory(of: path)
    guard let real = resolvedPath(spelt.isEmpty ? "." : spelt) else { return nil }
    var above = real.split(separator: "/").map(String.init)
    var inside = [SourceLayout.name(of: path)]
    var directory = spelt.split(separator: "/").map(String.init).filter { $0 != "." }
    let start = spelt.hasPrefix("/") ? "/" : ""
    while let last = above.popLast() {
      inside.insert(last, at: 0)
      if directory.isEmpty || directory.last == ".." { directory.append("..") } else { directory.removeLast() }
      guard last == "src" || last == "tests", Files.exists("/" + (above + ["project.lang"]).joined(separator: "/")) else { continue }
      return (start + directory.joined(separator: "/"), inside.joined(separator: "/"))
    }
    return nil
  }

  private static func fail(
    _ code: DiagnosticCode, _ message: String, _ file: String, _ help: String, _ colours: Bool
  ) -> Result<ProgramFiles, Unopened> {
    .failure(Unopened([LocatedDiagnostic(code, message, file: file, help: help, colours: colours)]))
  }
}

/// Why there is no program at a path.
public struct Unopened: Error {
  public var problems: [LocatedDiagnostic]
  init(_ problems: [LocatedDiagnostic]) { self.problems = problems }
}
