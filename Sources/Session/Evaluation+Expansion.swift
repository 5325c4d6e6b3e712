// What macro calls in a form stand for: for `:expand`.

import Frontend
import Synchronization

public enum Expanded: Sendable {
  /// Formatted. `step` is the form's own call expanded once; nil where that is all there is to expand,
  /// or the form is no macro call itself.
  case forms(step: String?, full: String)
  /// There is no macro call in the form.
  case nothing
  case problems([LocatedDiagnostic])
}

extension Session {
  /// Expands the macro calls in one form of the main module. Program thread, while no program runs.
  public func expansion(of input: [UInt8]) -> Expanded? {
    compiling.withLock { _ in
      guard let program = world?.program else { return nil }
      let file = program.source.add(path: "input", text: input)
      defer { _ = program.source.store.remove(file) }
      let unread = program.source.store.items(of: file).flatMap { program.source.store.problems(of: $0) }
      if unread.contains(where: { $0.severity == .error }) { return .problems(locate(unread, program)) }
      guard let item = program.source.store.items(of: file).first(where: { program.source.store.hasForm($0) }),
        let location = program.source.forms(of: item)
      else { return nil }
      defer { program.source.recycle(location) }
      _ = program.checker.takeProblems()
      let found = program.checker.expandFully(item, at: location, module: program.mainModule)
      let problems = program.checker.takeProblems() + program.takeMacroProblems()
      if problems.contains(where: { $0.severity == .error }) { return .problems(locate(problems, program)) }
      if location.forms.expansions.isEmpty { return .nothing }
      var printer = ExpansionPrinter(program.env, location.forms, module: program.mainModule, binders: found.binders)
      guard !found.isCutShort, let full = printer.text(of: found.full) else {
        let limit = Diagnostic(.expansionLimit, "the expansion is too long to be shown", at: Place(item, program.checker.formSpan(location.root)))
        return .problems(locate([limit], program))
      }
      let step = found.step == found.full ? nil : found.step.flatMap { printer.text(of: $0) }
      return .forms(step: step.map(Self.formatted), full: Self.formatted(full))
    }
  }

  private static func formatted(_ text: [UInt8]) -> String {
    // What is no source text, such as a number that is infinite, stays as it is.
    guard case .formatted(let result) = Formatter.format(text) else { return String(decoding: text, as: UTF8.self) + "\n" }
    return String(decoding: result, as: UTF8.self)
  }
}
