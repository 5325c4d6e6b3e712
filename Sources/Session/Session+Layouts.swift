// What the session knows of stale objects: those of layouts that their types have no more. New code tests what it gets as
// long as there are any, a restart renews what holds them, and code without tests takes over when they are gone.
//
// Invariant: `world.checked` is what the running code tests for. It shrinks only after a census has found nothing stale.

import Frontend
import Interpreter
import Lowering
import Runtime
import Synchronization

extension Session {
  /// The end of a commit that replaced layouts. Program thread, or any while no program runs.
  func finishLayout(_ patch: LayoutPatch, _ waits: Bool, _ world: World) -> PatchOutcome {
    let installation = world.installation
    let env = world.program.env
    if waits { world.hostIsCondemned = true }
    var outcome = PatchOutcome()
    for number in patch.relayout.revivedDescriptors { world.stale[UInt32(truncatingIfNeeded: number)] = nil }
    guard let census = installation.finish(patch) else {
      outcome.notes.append("there is no memory left for the frames that go on: the program starts afresh")
      control.update { $0.restart = true }
      return outcome
    }
    var live: [DefID: Int] = [:]
    for stale in patch.relayout.staleDescriptors {
      let def = env.types[stale.type].def
      let number = UInt32(truncatingIfNeeded: stale.descriptor)
      let owner = def == .none ? patch.relayout.definitions.first ?? .none : def
      world.stale[number] = owner
      if let count = census[number], count > 0 { live[owner, default: 0] += count }
    }
    world.checked.formUnion(patch.relayout.definitions)
    outcome.stale = live.map { (type: env.name($0.key), live: $0.value) }.sorted { $0.type < $1.type }
    return outcome
  }

  /// Makes stale objects new ones, all or none. Program thread, or any while no program runs.
  func migrate(_ plans: MigrationPlans, _ start: MigrationStart, _ patch: LayoutPatch, _ outcome: inout PatchOutcome, _ world: World) {
    let installation = world.installation
    world.deadSlots.formUnion(patch.deadSlots)
    // Some have code again.
    world.deadSlots = world.deadSlots.filter { installation.isStub($0) }
    let result = installation.finishMigration(plans, start, deadSlots: world.deadSlots, name: { world.program.env.name($0) }) { describePanic(world) }
    guard result.isComplete else {
      outcome.notes += result.reasons.map { "not migrated: \($0)" }
      // Those of an edit before.
      if patch.relayout.definitions.isEmpty { outcome.stale = staleNow(world) }
      return
    }
    outcome.hasMigrated = true
    outcome.notes += result.notes
    outcome.migrated = result.migrated.map { (type: $0.type, live: $0.count) }
    outcome.stale = staleNow(world)
  }

  /// Live objects of earlier layouts, by type. Collects.
  private func staleNow(_ world: World) -> [(type: String, live: Int)] {
    var live: [DefID: Int] = [:]
    for (number, count) in world.installation.machine.census(of: Set(world.stale.keys)) {
      if let def = world.stale[number] { live[def, default: 0] += count }
    }
    return live.map { (type: world.program.env.name($0.key), live: $0.value) }.sorted { $0.type < $1.type }
  }

  /// The panic at hand and where it was. Whoever has the compiler waits for the patch that panicked.
  private func describePanic(_ world: World) -> String {
    let report = makePanicReport(world, isPaused: false)
    return report.trace.isEmpty ? report.message : "\(report.message) (\(report.file):\(report.line))"
  }

  /// What a commit with or without stale objects leads to: a restart where that is the policy, code without tests where nothing
  /// is stale. Not with `compiling` held.
  func afterStale(_ world: World) {
    if world.checked.isEmpty { return }
    if world.installation.machine.staleCount == 0 { return dropChecks() }
    if options.onStale == .restart { requestRestart() }
  }

  /// For the program thread, which must not wait for the compiler.
  func dropChecksSoon() {
    Threads.start(stackBytes: 64 << 20) { [self] in dropChecks() }
  }

  /// Compiles what tests for stale objects again without the tests, when there are none.
  func dropChecks() {
    compiling.withLock { _ in
      guard let world, !world.checked.isEmpty else { return }
      settle(world)
      guard world.program.change == nil, world.installation.machine.staleCount == 0 else { return }
      let program = world.program
      let types = world.checked.filter { program.isCurrent($0) }.sorted { $0.raw < $1.raw }
      world.history.end(world.installation)
      world.installation.history.unpin()
      program.beginChange()
      program.lowering.checkedTypes = []
      let users = Set(types.flatMap { program.dependencies.users(of: $0, program.env).bodies })
      let functions = users.filter { program.hasBody($0) }
      program.lowering.recompile(dependentsOf: types)
      program.lowering.keepsLambdas = true
      for def in functions.sorted(by: { $0.raw < $1.raw }) where program.isCurrent(def) && !program.env[def].isTest {
        program.touch(def)
        if program.checkBody(def) { program.lowering.lower(def, program.checker.typed) }
      }
      _ = program.checker.takeProblems()
      program.lowering.compilePending()
      program.lowering.keepsLambdas = false
      guard program.lowering.problems.isEmpty, let changes = world.installation.install(program.lowering) else {
        program.undoChange()
        program.lowering.checkedTypes = world.checked
        return
      }
      world.installation.keepReplaced(program.lowering)
      world.checked = []
      world.stale = [:]
      world.deadSlots = []
      program.keepChange()
      program.env.forgetEarlierFields()
      program.lowering.forgetMovedLambdas()
      // The code does the same, so the order in which slots get it does not matter.
      world.installation.apply(changes)
    }
  }

  /// A restart while there are stale objects computes variables anew that may hold some, by their types. Program thread.
  func renewStaleVariables(_ world: World) {
    if world.stale.isEmpty { return }
    let machine = world.installation.machine
    if machine.census(of: Set(world.stale.keys)).isEmpty { return }
    let slots = withCompiler { () -> [Int] in
      let program = world.program
      let types = Set(world.stale.values)
      let holders = program.initialisationOrder().filter { def in
        (program.env[def].kind == .variable || program.env[def].kind == .constant) && program.env.contains(program.env[def].type, types)
      }
      let slots = program.lowerInitialisers(holders)
      if let changes = world.installation.install(program.lowering) { world.installation.apply(changes) }
      return slots
    }
    isInitialising = true
    defer { isInitialising = false }
    for slot in slots { _ = world.installation.interpreter.run(slot) }
  }
}
