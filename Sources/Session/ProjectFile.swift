// `project.lang`, the one form at the root of a project:
//
//     (project "asteroids" :version "0.1.0" :main game.main :link ["SDL2"])

import Frontend

public struct ProjectFile: Sendable {
  public private(set) var name = ""
  public private(set) var version = ""
  /// The module whose `main` runs.
  public private(set) var main = "main"
  /// Libraries to link with.
  public private(set) var link: [String] = []
  /// Where the file says what is the main module; the form itself when it does not.
  private(set) var mainPlace = Place(.none, Span(0, 0))

  /// Parses the file at `path`. Problems are errors: then the project is not to be used.
  static func parse(_ path: String, _ text: [UInt8], colours: Bool) -> (project: ProjectFile, problems: [LocatedDiagnostic]) {
    var project = ProjectFile()
    let source = FormSource(environment: Environment())
    let problems = project.read(path, text, source)
    return (project, LocatedDiagnostic.locate(problems, source.store, colours: colours))
  }

  /// `problem` as one of the place that names the main module, or of the form.
  static func locate(
    _ message: String, help: String?, in path: String, _ text: [UInt8], colours: Bool
  ) -> [LocatedDiagnostic] {
    var project = ProjectFile()
    let source = FormSource(environment: Environment())
    _ = project.read(path, text, source)
    return LocatedDiagnostic.locate(
      [Diagnostic(.badProject, message, at: project.mainPlace, help: help)], source.store, colours: colours)
  }

  private static let example = "as in `(project \"asteroids\" :version \"0.1.0\" :main game.main)`"

  private mutating func read(_ path: String, _ text: [UInt8], _ source: FormSource) -> [Diagnostic] {
    let file = source.add(path: path, text: text)
    var problems = source.store.problems(of: file)
    let items = source.store.items(of: file)
    mainPlace = Place(items.first ?? .none, Span(0, 0))
    if problems.contains(where: { $0.severity == .error }) { return problems }
    let forms = items.filter { source.store.hasForm($0) }
    guard let item = forms.first else {
      problems.append(
        Diagnostic(.badProject, "`project.lang` holds no `project` form", at: mainPlace, help: Self.example))
      return problems
    }
    if forms.count > 1 {
      problems.append(
        Diagnostic(
          .badProject, "`project.lang` holds one form, the `project`", at: Place(forms[1], Span(0, 1)), label: "one too many",
          help: "definitions belong into modules, such as `src/main.lang`"))
    }
    guard let location = source.forms(of: item) else { return problems }
    read(FormReader(location, item, source), &problems)
    return problems
  }

  private mutating func read(_ form: FormReader, _ problems: inout [Diagnostic]) {
    mainPlace = form.place(form.root)
    guard form.tag(form.root) == .list, let head = form.children.first, form.name(head) == "project" else {
      return problems.append(Diagnostic(.badProject, "this is no `project` form", at: mainPlace, help: Self.example))
    }
    func problem(_ message: String, _ at: Form, _ help: String? = nil) {
      problems.append(Diagnostic(.badProject, message, at: form.place(at), help: help))
    }
    let parts = form.children
    guard parts.count > 1, let name = form.string(parts[1]), !name.isEmpty else {
      return problem("a project has a name in quotes", parts.count > 1 ? parts[1] : form.root, Self.example)
    }
    self.name = name
    var seen = Set<String>()
    var i = 2
    while i < parts.count {
      guard let key = form.keyword(parts[i]) else {
        return problem("a key such as `:main` was expected here", parts[i], Self.example)
      }
      guard i + 1 < parts.count, form.keyword(parts[i + 1]) == nil else {
        return problem("`:\(key)` has no value behind it", parts[i], Self.example)
      }
      let value = parts[i + 1]
      if !seen.insert(key).inserted { problem("`:\(key)` is given twice", parts[i]) }
      switch key {
      case "version":
        guard let text = form.string(value) else {
          problem("`:version` takes a string", value, "as in `:version \"0.1.0\"`")
          break
        }
        version = text
      case "main":
        mainPlace = form.place(value)
        let text = form.name(value) ?? ""
        if text.split(separator: ".", omittingEmptySubsequences: false).allSatisfy(isModuleNamePart) {
          main = text
        } else {
          problem(
            "`:main` takes the name of a module", value,
            "`:main game.main` runs `main` of the file `src/game/main.lang`")
        }
      case "link":
        if let names = form.strings(value) {
          link = names
        } else {
          problem("`:link` takes names of libraries in brackets", value, "as in `:link [\"SDL2\"]`")
        }
      default:
        let keys = ["version", "main", "link"]
        problem(
          "a project has no key `:\(key)`", parts[i],
          closestName(to: key, among: keys).map { "did you mean `:\($0)`?" } ?? "the keys are `:version`, `:main` and `:link`")
      }
      i += 2
    }
  }
}

/// One item's form, as values.
private struct FormReader {
  let root: Form
  private let forms: Forms
  private let item: ItemID
  private let source: FormSource

  init(_ location: FormLocation, _ item: ItemID, _ source: FormSource) {
    (root, forms, self.item, self.source) = (location.root, location.forms, item, source)
  }

  var children: [Form] { (0..<forms.tree.count(root)).map { forms.tree.child(root, $0) } }
  func tag(_ form: Form) -> FormTag { forms.tree.tag(form) }
  func place(_ form: Form) -> Place { Place(item, forms.tree.span(form)) }

  func name(_ form: Form) -> String? {
    let symbol = forms.tree.symbol(form)
    return symbol == .none ? nil : source.text(symbol)
  }

  func keyword(_ form: Form) -> String? {
    let symbol = forms.tree.keyword(form)
    return symbol == .none ? nil : source.text(symbol)
  }

  func string(_ form: Form) -> String? { tag(form) == .string ? forms.tree.string(form) : nil }

  func strings(_ form: Form) -> [String]? {
    guard tag(form) == .vector else { return nil }
    let texts = (0..<forms.tree.count(form)).map { string(forms.tree.child(form, $0)) }
    return texts.contains { $0 == nil || $0 == "" } ? nil : texts.compactMap { $0 }
  }
}
