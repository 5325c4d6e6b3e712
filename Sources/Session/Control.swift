// What client threads ask of the program thread: patches, restarts, the end.

import Synchronization

/// A patch that was pending is current, or could not be made so.
enum PendingEnd: Sendable { case applied, failed }

final class Control: Sendable {
  struct State {
    var patch: Patch?
    /// The patch waits for a boundary; whether one is near; whether clients have been told.
    var isDeferred = false
    var hasBoundary = false
    var isPending = false
    /// What became of a patch that clients knew as pending; until the compiler has looked.
    var pendingEnd: PendingEnd?
    /// What became of the last patch: a panic of an initialiser means that it was taken back.
    var outcome: PatchOutcome?
    var failure: InitialiserFailure?
    /// Slots that no code names, for the program to say which its data names; and its answer.
    var sweep: SlotSweep?
    var unnamedSlots: Set<Int>?
    /// Counts commits, so that a paused program sees that there was one.
    var commits = 0
    var restart = false
    var quit = false
  }
  private let state = Mutex(State())
  /// Read at every turn of a live loop without taking the lock.
  let isPending = Atomic(false)

  func update<R: Sendable>(_ body: (inout State) -> R) -> R {
    state.withLock { state in
      let result = body(&state)
      isPending.store(state.patch != nil || state.restart || state.quit, ordering: .releasing)
      return result
    }
  }
}
