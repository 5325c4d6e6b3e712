// How what was compiled becomes current. The compiling thread hands a patch over; the program thread applies it where it may:
//
//   bodies, signatures      at the next safepoint, or while the program waits
//   layouts                 there too when no frame above the boundary runs code that relies on the old layout; else at the
//                           boundary: a turn of a live loop, a pause, a restart
//
// Invariant: a patch is applied whole, or, when an initialiser panics, taken back whole.

import Frontend
import Interpreter
import JIT
import Lowering
import Runtime
import Synchronization

/// Code to be made current together, and initialisers to be run with it.
struct Patch: Sendable {
  var changes: [SlotChange]
  var initialisers: [Int]
  /// Layouts that are replaced.
  var layout: LayoutPatch?
  /// How objects of replaced layouts become new ones, where that is the policy.
  var migration: MigrationPlans?
  /// Initialisers of variables that have other words now; not run when those are migrated.
  var moved: [Int] = []
  /// Code that makes values new ones may read those variables, so their initialisers run before.
  var needsMoved = false
  /// What the final report says but for what is found out when it is applied.
  var report = CascadeReport()
  /// When the session had the text, µs.
  var start = 0.0
  /// What `initialisers` initialise.
  var initialised: [DefID] = []
  /// The words of those.
  var words: [Range<Int>] = []
  /// Words that will be stored to, or may be no longer constants': code that has them built in goes.
  var unsettled: [Int] = []
  /// Words of constants among `words`, which may be built in afterwards.
  var constants: [Int] = []
}

/// What was found out when a patch was applied.
struct PatchOutcome: Sendable {
  var stale: [(type: String, live: Int)] = []
  var migrated: [(type: String, live: Int)] = []
  var notes: [String] = []
  var hasMigrated = false
}

/// An initialiser that panicked.
struct InitialiserFailure: Sendable {
  var index: Int
  var message: String
}

enum Submission {
  case applied(PatchOutcome)
  case failed(InitialiserFailure)
  case pending
}

extension Session {
  /// How long a batch waits for the turn at hand to end before it is reported as pending, ms.
  static let boundaryPatience = 500

  /// Hands a patch to the program thread, or applies it at once while nothing runs, and waits until it is current.
  func submit(_ patch: Patch, _ world: World) -> Submission {
    let machine = world.installation.machine
    control.update {
      $0.patch = patch
      $0.outcome = nil
      $0.failure = nil
      $0.isDeferred = false
      $0.isPending = false
    }
    if isRunning.load(ordering: .acquiring) {
      machine.requestSafepoint()
      // Parked or running, the program serves the request at once; initialisers need its thread. A patch that has been
      // taken is done when there is an outcome.
      func isDone() -> Bool { control.update { $0.outcome != nil } || !isRunning.load(ordering: .acquiring) }
      patchApplied.wait { isDone() || control.update { $0.isDeferred } }
      // A boundary is near when a live loop runs.
      if !isDone(), control.update({ $0.hasBoundary }) { _ = patchApplied.wait(atMost: Self.boundaryPatience, until: isDone) }
      if !isDone() {
        let isPending = control.update { state in
          state.isPending = state.patch != nil
          return state.isPending
        }
        if isPending { return .pending }
        patchApplied.wait(until: isDone)
      }
    }
    if control.update({ $0.patch != nil }) { applyPending(world) }
    return control.update { state in
      if let failure = state.failure { return .failed(failure) }
      return .applied(state.outcome ?? PatchOutcome())
    }
  }

  /// Makes a waiting patch current where it may be. Program thread, or any while no program runs.
  func applyPending(_ world: World) {
    let installation = world.installation
    guard let patch = control.update({ state -> Patch? in
      guard let patch = state.patch else { return nil }
      if let layout = patch.layout, !installation.mayApply(layout) {
        state.isDeferred = true
        state.hasBoundary = installation.machine.hasRestartPoint
        return nil
      }
      state.patch = nil
      return patch
    }) else {
      if control.update({ $0.isDeferred }) { patchApplied.signal() }
      return
    }
    let (outcome, failure) = apply(patch, world)
    let wasPending = control.update { state -> Bool in
      state.failure = failure
      state.outcome = outcome
      if failure == nil { state.commits += 1 }
      defer { state.isPending = false }
      if state.isPending { state.pendingEnd = failure == nil ? .applied : .failed }
      return state.isPending
    }
    // A paused program tries again with it.
    if failure == nil { installation.machine.wake() }
    patchApplied.signal()
    if wasPending { reportPending(patch, outcome, failure, world) }
  }

  private func apply(_ patch: Patch, _ world: World) -> (PatchOutcome, InitialiserFailure?) {
    let installation = world.installation
    let constants = installation.tiering?.forgetConstants(patch.unsettled) ?? []
    let start = patch.migration.map { installation.beginMigration($0) }
    let waits = patch.layout.map { installation.waitsInAffectedCode($0) } ?? false
    let undo = patch.layout.map { installation.begin($0) }
    let before = patch.layout == nil ? installation.apply(patch.changes) : []
    panicsOfInitialisers = []
    // While values are computed for a start, those of the edit are computed with them, in the one order.
    let computes = world.hasValues
    if !computes {
      world.missing.withLock { $0.formUnion(patch.initialised) }
      if world.initialisersAreStale { world.startsAgain = true }
    }
    isInitialising = true
    defer { isInitialising = false }
    if computes, !patch.initialisers.isEmpty, let failure = initialise(patch, world) {
      if let undo { installation.undo(undo) } else { installation.apply(before) }
      installation.tiering?.noteConstants(constants)
      if let start { installation.abandon(start) }
      return (PatchOutcome(), failure)
    }
    if computes { installation.tiering?.noteConstants(patch.constants) }
    guard let layout = patch.layout else { return (PatchOutcome(), nil) }
    var outcome = finishLayout(layout, waits, world)
    if computes, patch.needsMoved, !initialiseMoved(patch, &outcome, world) {
      if let start { installation.abandon(start) }
      return (outcome, nil)
    }
    if let plans = patch.migration, let start { migrate(plans, start, layout, &outcome, world) }
    if computes, !patch.needsMoved, patch.migration == nil || !outcome.hasMigrated { _ = initialiseMoved(patch, &outcome, world) }
    return (outcome, nil)
  }

  /// Variables that have other words, and are not migrated, get their first values again. False when one has none: then the program starts
  /// afresh, where that is told of as at any start, since what has been committed cannot be taken back.
  private func initialiseMoved(_ patch: Patch, _ outcome: inout PatchOutcome, _ world: World) -> Bool {
    for slot in patch.moved {
      guard case .panicked = world.installation.interpreter.run(slot) else { continue }
      let report = makePanicReport(world, isPaused: false)
      outcome.notes.append("the value of `\(valueName(slot, world))` cannot be computed again: \(report.message): the program starts afresh")
      world.hasValues = false
      world.hostIsCondemned = true
      control.update { $0.restart = true }
      return false
    }
    return true
  }

  private func valueName(_ slot: Int, _ world: World) -> String {
    world.installation.code(ofSlot: slot).map { world.program.env.name($0.info.definition) } ?? "?"
  }

  /// Runs the initialisers of a patch. When one panics, variables and constants are what they were; where layouts change everything is, since
  /// objects of layouts that are taken back may have come into objects that stay.
  private func initialise(_ patch: Patch, _ world: World) -> InitialiserFailure? {
    let installation = world.installation
    let held: HeldMemory
    if patch.layout == nil {
      held = .globals(installation.holdGlobals(patch.words))
    } else if let snapshot = installation.machine.snapshot() {
      held = .all(snapshot)
    } else {
      return InitialiserFailure(
        index: 0, message: "there is not enough memory to keep what the program holds until that is done; restart the program and save again")
    }
    for (i, slot) in patch.initialisers.enumerated() {
      guard case .panicked = installation.interpreter.run(slot) else { continue }
      // Whoever has the compiler waits for this patch, so it is ours to look at.
      let report = makePanicReport(world, isPaused: false)
      panicsOfInitialisers.append(report)
      installation.putBack(held)
      return InitialiserFailure(index: i, message: report.message)
    }
    installation.release(held)
    return nil
  }

  /// The final report of a patch that was told of as pending. Program thread.
  private func reportPending(_ patch: Patch, _ outcome: PatchOutcome, _ failure: InitialiserFailure?, _ world: World) {
    var report = patch.report
    if let failure {
      report.status = .refused
      report.recompiled = []
      report.notes = ["a value cannot be computed: \(failure.message)"]
    } else {
      report.status = .committed
      report.stale = outcome.stale
      report.migrated = outcome.migrated
      report.notes += outcome.notes
    }
    report.micros.total = microseconds() - patch.start
    tell(report, withCompiler { takeOvertaken() })
    if failure == nil { afterStale(world) }
  }
}
