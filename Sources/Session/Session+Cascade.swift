// The long way of an edit: a cascade through what relies on what changed, checked as a whole, committed as one patch or not
// at all.
//
//   plan ─► errors? ─► undo, report refused
//     └─► compile ─► install ─► patch ─► the program thread: current, or pending until a boundary
//
// Invariant: while a patch is pending the program's change stays open. The next batch takes the patch back and goes with it, or
// finds it applied.

import Frontend
import Lowering
import Runtime
import Synchronization

extension Session {
  func structuralEdit(_ world: World, _ report: inout CascadeReport, _ start: Double) {
    let program = world.program
    let before = microseconds()
    // Left as edits of bodies expect it: closures keep the code they were made with.
    defer { program.lowering.keepsLambdas = false }
    world.history.end(world.installation)
    world.installation.history.unpin()
    program.beginChange()
    var cascade = Cascade(program, find: find)
    cascade.migrates = options.onStale == .migrate
    cascade.plan(Array(dirty), removedItems: removedItems)
    wanted.formUnion(program.wanted)
    report.expanded = cascade.expanded
    report.shortCircuited = cascade.shortCircuited
    report.micros.expand = cascade.expandMicros
    report.changed = names(of: cascade, program)
    var relayout: Relayout?
    if cascade.isSound {
      if !cascade.layouts.isEmpty {
        program.lowering.checkedTypes = world.checked.union(cascade.relaid)
        // The words of a value that had another type are none of the type it has now.
        for def in cascade.retired where program.env[def].kind == .constant || program.env[def].kind == .variable { program.lowering.retire(def) }
        let made = program.lowering.relayout(cascade.layouts.sorted { $0.raw < $1.raw }, users: cascade.layoutUsers)
        for def in made.movedFunctions { cascade.follow(def, headersToo: false) }
        program.lowering.rederive(cascade.derived)
        relayout = made
        // Of those that might have had another layout, some have not; and where all earlier layouts are back nothing is stale.
        let earlier = Set(world.stale.keys).subtracting(made.revivedDescriptors.map { UInt32(truncatingIfNeeded: $0) }).isEmpty ? [] : world.checked
        program.lowering.checkedTypes = earlier.union(made.staleDescriptors.isEmpty ? [] : made.definitions)
      }
    }
    cascade.compile()
    if !cascade.bodies.isDisjoint(with: program.valueDefinitions) || !cascade.changed.isEmpty {
      cascade.problems.add(program.initialisationProblems(behind: cascade.bodies))
    }
    if cascade.isSound, world.mainSlot >= 0 || cascade.touchesMain, let problem = program.mainProblem(), needsMain { cascade.problems.add([problem]) }
    let checked = microseconds()
    report.micros.check = max(0, checked - before - cascade.expandMicros)
    guard cascade.isSound else {
      refuse(&report, cascade.problems.all, program, start)
      program.undoChange()
      return
    }
    commit(&cascade, relayout, world, &report, start, checked)
  }

  /// What changed, for people: definitions whose text is another, and those that are gone.
  private func names(of cascade: Cascade, _ program: Program) -> [String] {
    var names = cascade.changed.map { qualified(program.key(of: $0), item: program.env[$0].item, program) }
    names += cascade.removed.map { program.qualifiedKey(of: $0) }
    return Array(Set(names)).sorted()
  }

  private func commit(
    _ cascade: inout Cascade, _ relayout: Relayout?, _ world: World, _ report: inout CascadeReport, _ start: Double, _ checked: Double
  ) {
    let program = world.program
    let values = cascade.values(moved: relayout?.movedGlobals ?? [])
    for def in cascade.changed where program.env[def].kind == .variable && !values.contains(def) {
      report.notes.append("`\(program.env.name(def))` keeps its value: a `defvar` is initialised once; a restart runs the new initialiser")
    }
    for def in values where program.env[def].kind == .variable && !cascade.added.contains(def) && options.onStale != .migrate {
      report.notes.append("`\(program.env.name(def))` was initialised again: its type is another now")
    }
    report.notes.sort()
    // Variables whose words are others keep their values when those can be migrated.
    let kept = options.onStale == .migrate ? Set((relayout?.movedGlobals ?? []).filter { program.env[$0].kind == .variable && !cascade.retired.contains($0) }) : []
    let initialised = program.initialisations(of: values.filter { !kept.contains($0) }, behind: cascade.bodies)
    let initialisers = program.lowerInitialisers(initialised)
    let moved = program.lowerInitialisers(kept.isEmpty ? [] : program.initialisationOrder().filter { kept.contains($0) })
    var migration: MigrationPlans?
    var relayout = relayout.flatMap { $0.definitions.isEmpty ? nil : $0 }
    // What is said of values that were left stale may do for them.
    if relayout == nil, cascade.migrates, cascade.says(of: world.checked) { relayout = Relayout() }
    if relayout != nil { program.lowering.moveFunctionValues(&relayout!, closure: Int(DescriptorTable.plainClosure)) }
    if cascade.migrates, let relayout {
      report.notes += cascade.notesOfSpentHooks
      migration = program.lowering.migrationPlans(relayout, hooks: cascade.hooks)
      program.lowering.keepsLambdas = true
      program.lowering.compilePending()
      program.lowering.keepsLambdas = false
    }
    if program.main != .none { _ = program.lowering.slot(for: program.main) }
    program.lowering.compilePending()
    if relayout != nil { program.lowering.restoreFunctionValues(&relayout!, closure: Int(DescriptorTable.plainClosure)) }
    cascade.problems.add(program.checker.takeProblems() + program.lowering.problems)
    program.lowering.problems = []
    world.installation.keepReplaced(program.lowering)
    guard cascade.isSound, let made = world.installation.install(program.lowering) else {
      // The program was sound as a whole, so this is a limit, not a mistake of the edit.
      refuse(&report, cascade.problems.all, program, start)
      program.undoChange()
      return
    }
    // What is there already need not be put there.
    let changes = relayout == nil ? made.filter { world.installation.current($0.slot)?.number != $0.number } : made
    let lowered = microseconds()
    report.micros.lower = lowered - checked
    var layout: LayoutPatch?
    if let relayout {
      guard let made = world.installation.layoutPatch(relayout, changes, program.lowering) else {
        refuse(&report, cascade.problems.all, program, start)
        program.undoChange()
        world.installation.discard(changes)
        return
      }
      layout = made
    }
    report.recompiled = (cascade.functions + initialised).filter { !program.lowering.wasFound($0) }.map { qualified(program.key(of: $0), item: program.env[$0].item, program) }.sorted()
    let warnings = cascade.problems.all
    if !warnings.isEmpty { report.diagnostics = locate(warnings, program) }
    for file in cascade.unreachable { droppedFiles.append(file) }
    world.followMain()
    world.initialisersAreStale = world.initialisersAreStale || !values.isEmpty || cascade.touchesValues
      || cascade.bodies.contains { program.isBehindValues($0) } && program.initialisationOrder() != world.order
    report.status = .committed
    report.micros.total = lowered - start
    var patch = Patch(
      changes: changes, initialisers: world.hasStarted ? initialisers : [], layout: layout, migration: migration, moved: world.hasStarted ? moved : [],
      needsMoved: migration != nil && program.reaches(kept, from: cascade.hooks.values + (relayout?.definitions ?? [])), report: report, start: start,
      initialised: initialised, words: initialised.map { program.lowering.globalWords($0) })
    if world.installation.tiering != nil {
      let touched = Set(cascade.changed).union(cascade.added).union(cascade.retired).union(initialised).union(kept)
      patch.unsettled = touched.flatMap { def in
        program.env[def].kind == .constant || program.env[def].kind == .variable ? Array(program.lowering.globalWords(def)) : []
      }
      patch.constants = initialised.flatMap { program.constantWords($0) }
    }
    switch submit(patch, world) {
    case .applied(let outcome):
      finish(&report, outcome, world)
      report.micros.commit = microseconds() - lowered
      report.micros.total = microseconds() - start
    case .failed(let failure):
      let def = initialised[min(failure.index, initialised.count - 1)]
      refuse(
        &report,
        cascade.problems.all + [
          Diagnostic(
            .cannotApplyLive, "the value of `\(program.env.name(def))` cannot be computed: \(failure.message)",
            at: Place(program.env[def].item, program.env[def].nameSpan))
        ], program, start)
      report.recompiled = []
      report.notes = []
      takeBack(world)
    case .pending:
      report.status = .pending
      report.micros.total = microseconds() - start
      let types = list(relayout?.definitions.filter { !program.env[$0].isEarlier }.map { program.env.name($0) } ?? [])
      report.notes.append(
        control.update { $0.hasBoundary }
          ? "the layout of \(types) changes when this turn of the live loop has ended; a restart takes the edit in at once"
          : "running code uses the layout of \(types), and there is no turn of a `live-loop` to wait for: restart the program (`r`, `lang restart`) to take the edit in"
      )
    }
  }

  private func list(_ names: [String]) -> String { names.map { "`\($0)`" }.joined(separator: ", ") }

  /// The program runs the new code now: what was open is kept.
  func keepChange(_ world: World) {
    world.warnings.removeAll()
    for file in droppedFiles {
      let path = world.program.source.store.path(of: file)
      wanted.remove(path)
      world.program.wanted.remove(path)
      removedItems += world.program.source.store.remove(file)
      world.program.modules[Int(file.raw)] = nil
    }
    droppedFiles.removeAll()
    world.program.keepChange(removedItems)
    dirty.removeAll()
    removedItems.removeAll()
    nextWorld = nil
  }

  /// Fills in what was found out when the patch was applied.
  private func finish(_ report: inout CascadeReport, _ outcome: PatchOutcome, _ world: World) {
    keepChange(world)
    report.stale = outcome.stale
    report.migrated = outcome.migrated
    report.notes += outcome.notes
  }

  // MARK: Pending patches

  /// A patch that waited has had its turn meanwhile: what was open is kept, or undone when a value could not be computed.
  /// With `compiling` held.
  func settle(_ world: World) {
    switch control.update({ state in
      defer { state.pendingEnd = nil }
      return state.pendingEnd
    }) {
    case .applied: keepChange(world)
    case .failed: takeBack(world)
    case nil: break
    }
  }

  /// The program compiles again what it compiled before the open change.
  private func takeBack(_ world: World) {
    // Files that came with it leave the program; what they say now is kept for when an import leads to them again.
    for file in world.program.change?.newFiles ?? [] {
      let path = world.program.source.store.path(of: file)
      if world.program.source.store.file(at: path) == file { texts[path] = world.program.source.store.text(of: file) }
    }
    world.program.undoChange()
    world.followMain()
    droppedFiles.removeAll()
  }

  /// A patch that still waits goes with the batch at hand.
  func takeBackPending(_ world: World) {
    // Values may be computed with it right now.
    patchApplied.wait { control.update { !$0.isPending || $0.patch != nil } }
    guard let patch = control.update({ state -> Patch? in
      guard state.isPending else { return nil }
      defer { (state.patch, state.isPending) = (nil, false) }
      return state.patch
    }) else { return settle(world) }
    takeBack(world)
    world.installation.discard(patch.layout?.changes ?? patch.changes)
    overtaken.append(patch.report)
  }
}
