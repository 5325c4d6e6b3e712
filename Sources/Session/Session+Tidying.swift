// Giving back what edits leave behind: replaced code, and slots that nothing names any more.
//
// Invariant: nothing here is on the way of an edit. Code is freed by the program's thread at a hook, some pieces at a time; slots
// are looked for when there are many, by both threads in turn.

import Lowering
import Runtime
import Synchronization

extension Session {
  /// Pieces of replaced code that wait before the program is asked to free them.
  private static let replacedLimit = 64

  /// Behind a batch, with `compiling` held.
  func tidy(_ world: World) {
    world.batches &+= 1
    let installation = world.installation
    let waiting = installation.replacedCount
    guard world.batches & 15 == 0 || waiting > 16 * Self.replacedLimit else { return }
    let lowering = world.program.lowering
    if let free = control.update({ state -> Set<Int>? in
      defer { state.unnamedSlots = nil }
      return state.unnamedSlots
    }), world.program.change == nil {
      installation.empty(lowering.recycle(free))
      world.orphanLimit = max(1024, lowering.orphanCount * 2)
    }
    if lowering.orphanCount > world.orphanLimit, world.program.change == nil {
      world.orphanLimit = lowering.orphanCount * 2
      let sweep = installation.unnamedOrphans(lowering)
      if !sweep.slots.isEmpty { control.update { $0.sweep = sweep } }
    }
    let isWanted = control.update { $0.sweep != nil } || waiting > Self.replacedLimit
    guard isWanted else { return }
    if isRunning.load(ordering: .acquiring) { installation.machine.requestSafepoint() } else { tidyAtHook(world) }
  }

  /// The program's part. Program thread at a hook, or any while nothing runs.
  func tidyAtHook(_ world: World) {
    // All at once where there is much: an edit of a type may replace thousands of pieces.
    world.installation.collectCode(limit: max(256, world.installation.replacedCount))
    guard let sweep = control.update({ state -> SlotSweep? in
      defer { state.sweep = nil }
      return state.sweep
    }) else { return }
    let free = world.installation.unnamed(sweep)
    control.update { $0.unnamedSlots = free }
  }
}
