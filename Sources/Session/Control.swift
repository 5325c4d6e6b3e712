// What client threads ask of the program thread: patches, restarts, the end.

import Synchronization

/// Code to be made current together, and initialisers to be run with it.
struct Patch: Sendable {
  var changes: [SlotChange]
  var initialisers: [Int]
}

final class Control: Sendable {
  struct State {
    var patch: Patch?
    /// The initialiser of the last patch that panicked; that patch was taken back.
    var failedInitialiser: Int?
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
