// Slots whose code nothing makes any more: lambdas of replaced bodies, functions of an earlier signature. Once no code and no
// closure names one, its code is given back and the slot is handed out again.
//
//   compiling thread   orphans that no installed code names ─► program thread: minus those that data or frames name ─►
//   compiling thread   given back
//
// Invariant: code that no installed code names cannot come to be named again but by reviving what retains it, and what a cache
// retains counts as installed.

import Interpreter
import JIT
import Lowering
import Runtime
import Synchronization

/// Slots that may be free, with the literals that stand for their closures.
struct SlotSweep: Sendable {
  var slots: Set<Int>
  var literals: [(slot: Int, literal: Int)]
}

extension Installation {
  /// The orphans of `lowering` that no code names, but for their own. Compiling thread. O(installed code).
  func unnamedOrphans(_ lowering: Lowering) -> SlotSweep {
    var slots: [UInt32: Int] = [:]
    var all: [(slot: Int, literal: Int)] = []
    for (slot, literal) in lowering.orphanSlots {
      slots[UInt32(truncatingIfNeeded: slot)] = slot
      if literal >= 0 { slots[UInt32(truncatingIfNeeded: literal)] = slot }
      all.append((slot, literal))
    }
    // Words are not taken apart: whatever may be a slot or a literal counts as one.
    var named: Set<Int> = []
    var literalOwners: [UInt32: Int] = [:]
    for (slot, literal) in all where literal >= 0 { literalOwners[UInt32(truncatingIfNeeded: literal)] = slot }
    let candidates = Set(all.map(\.slot))
    forEachCode { slot, words in
      for word in words {
        let number = UInt32(truncatingIfNeeded: word >> 32)
        if let found = slots[number] {
          if found != slot { named.insert(found) }
          if Int(number) != slot, candidates.contains(Int(number)) { named.insert(Int(number)) }
          if let owner = literalOwners[number], owner != slot { named.insert(owner) }
        }
      }
    }
    // A literal may lead to another slot than its own.
    for (slot, literal) in all where literal >= 0 && named.contains(slot) { named.insert(Int(truncatingIfNeeded: machine.caseLiteral(literal).word)) }
    let free = candidates.subtracting(named)
    return SlotSweep(slots: free, literals: all.filter { free.contains($0.slot) })
  }

  /// All installed code that is current, runs on in frames or is retained.
  private func forEachCode(_ body: (_ slot: Int, _ words: [UInt64]) -> Void) {
    let (codes, replaced) = tables.withLock { ($0.codes, $0.replaced + $0.retained.values) }
    var seen: Set<Int> = []
    for change in (0..<machine.slotCount).lazy.compactMap({ self.current($0) }) + replaced {
      guard seen.insert(change.number).inserted, change.number < codes.count, let code = codes[change.number] else { continue }
      body(change.slot, change.words(code.positions.count))
    }
  }

  /// What is left of a sweep once the program's data and frames have been asked. Program thread, or any while nothing runs.
  func unnamed(_ sweep: SlotSweep) -> Set<Int> {
    var free = sweep.slots.subtracting(machine.namedSlots(among: sweep.slots, literals: sweep.literals))
    for number in interpreter.codesInUse() { if let code = code(number) { free.remove(code.slot) } }
    return free
  }

  /// Gives back the code of slots that nothing names. Compiling thread.
  func empty(_ slots: [Int]) {
    tables.withLock { tables in
      for slot in slots {
        guard let change = current(slot) else { continue }
        machine.emptySlot(slot)
        if slot < tables.latest.count { tables.latest[slot] = -1 }
        guard change.number < tables.codes.count, let known = tables.codes[change.number], known.slot == slot else { continue }
        // What somebody holds is freed when it is let go.
        if known.retained > 0 { continue }
        tables.codes[change.number] = nil
        unsafe machine.code.free(change.entry)
      }
    }
    tiering?.slotsChanged(slots)
  }
}
