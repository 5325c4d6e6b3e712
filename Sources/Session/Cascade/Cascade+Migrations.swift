// Hooks in an edit: which fields `old` has in each, and whether the body fits them.
//
//   the hook came with this edit, or its text did      for the type's change, in this edit or before while there are stale values
//   it has been there and fitted                       written for a change of then: left out, as long as it still fits
//   it has been there and did not fit                  written ahead of this change
//
// Invariant: a hook makes values new ones once, of the layout it was checked with. So one that is left in the text does not
// change values a second time when its type gets another field.

import Frontend
import Lowering

extension Cascade {
  /// Which of its type's earlier fields a hook is checked with first, counted from 1; 0 for one that was written for a change
  /// that is through.
  func firstChoice(_ def: DefID) -> Int {
    if changed.contains(def) { return 1 }
    let before = env.beforeChange(def)
    let type = env.migratedType(of: before)
    // What it is for may be alive still.
    if before.operation > 0, !layouts.contains(type), Int(before.operation) <= env.earlierFields(of: type).count { return Int(before.operation) }
    return before.isSound ? 0 : 1
  }

  /// Checks a hook with the layouts that it may be for, the latest first. One that fits none is an error where values may have
  /// to be made new; without such values there is nothing it has to fit.
  mutating func checkMigration(_ def: DefID) {
    program.lowering.retire(def)
    let count = env.earlierFields(of: env.migratedType(of: def)).count
    let start = count == 0 ? 0 : firstChoice(def)
    let choices = [start] + (0..<count).map { $0 + 1 }.filter { $0 != start }
    var first: [Diagnostic] = []
    for choice in choices {
      choose(def, choice)
      if program.checkBody(def) { return takeProblems() }
      let found = program.checker.takeProblems()
      if first.isEmpty || choice == 1 { first = found }
    }
    choose(def, choices.contains(1) ? 1 : 0)
    if count == 0 { first = [program.openMigration(def, first)] }
    problems.add(first)
  }

  private mutating func choose(_ def: DefID, _ choice: Int) {
    if Int(env[def].operation) == choice { return }
    rework(def)
    program.checker.setEarlierFields(of: def, choice)
    _ = program.checker.resolve(def)
    program.dependencies.noteHeader(def, env.headerUses(of: def))
  }

  /// Hooks that values of the present program can be made new ones with, by their types.
  var hooks: [DefID: DefID] {
    var found: [DefID: DefID] = [:]
    for def in program.migrations where env[def].operation > 0 && env[def].isSound && env.earlierStruct(of: def) != .none {
      found[env.migratedType(of: def)] = def
    }
    return found
  }

  /// Whether the text of a type of `types`, or of a hook for one, is another: what it was called before, defaults, a hook.
  func says(of types: Set<DefID>) -> Bool {
    !changed.isDisjoint(with: types) || hooks.contains { changed.contains($0.value) && types.contains($0.key) }
  }

  /// What is said of hooks that are left out although their type has other fields.
  var notesOfSpentHooks: [String] {
    guard migrates else { return [] }
    return program.migrations.compactMap { def in
      let type = env.migratedType(of: def)
      guard layouts.contains(type), !env.earlierFields(of: type).isEmpty, env[def].operation == 0 else { return nil }
      return "`\(env.name(def))` was written for an earlier change and is left out; change it in the same edit as the type to have it run"
    }.sorted()
  }
}

extension Program {
  /// Hooks of a program without values of earlier layouts: they may be left over from a change, or be written ahead of one.
  func checkMigrations() -> [Diagnostic] {
    var problems: [Diagnostic] = []
    for def in migrations where env[def].state == .resolved {
      let isSound = checkBody(def)
      let found = checker.takeProblems()
      problems += isSound ? found : [openMigration(def, found)]
    }
    return problems
  }

  /// The warning that stands for the errors of a hook's body.
  func openMigration(_ def: DefID, _ found: [Diagnostic]) -> Diagnostic {
    let type = env.name(env.migratedType(of: def))
    let first = found.first { $0.severity == .error }
    return Diagnostic(
      .openMigration, "this `migrate` does not fit `\(type)` as it is; it is checked again when `\(type)` changes",
      at: Place(env[def].item, env[def].nameSpan),
      labels: first.map { [Diagnostic.Label($0.place, $0.message)] } ?? [],
      help: "once the change it was written for is through, leave it out")
  }
}
