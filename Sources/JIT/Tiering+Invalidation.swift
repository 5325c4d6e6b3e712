// When machine code is right no more: its bytecode was edited, or a constant that is built in is about to be computed again. And when it
// is freed.
//
// Invariant: a unit that is not used any more has its cell cleared, and is in `retired` until no frame is in it.

import Runtime
import Synchronization

extension Tiering {
  /// The bytecode of slots is another now. Any thread.
  public func slotsChanged(_ slots: some Sequence<Int>) {
    state.withLock { state in
      for slot in slots {
        state.known[slot] = nil
        state.profiles[slot] = nil
        for unit in state.users[slot] ?? [] { retire(unit, &state) }
      }
    }
  }

  /// A unit is not used any more; bytecode takes its place.
  func retire(_ unit: NativeUnit, _ state: inout State) {
    guard machine.polls.isValid(unit.cell) else { return }
    state.known[unit.target.slot]?.remove(unit.target)
    switch unit.target {
    case .function(let root):
      // Unless an edit has been there before.
      if let bytecode = unsafe UnsafePointer<UInt64>(bitPattern: unit.parts[0].entry), unsafe machine.entry(of: root) == bytecode { unsafe machine.setEntry(root, bytecode) }
    case .loop(_, let word): state.loops[unit.parts[0].entry + UInt(word * 8)] = nil
    }
    drop(unit, &state)
  }

  /// A unit is not used any more; what takes its place is up to the caller.
  func drop(_ unit: NativeUnit, _ state: inout State) {
    guard machine.polls.isValid(unit.cell) else { return }
    machine.polls.invalidate(unit.cell)
    state.statistics.invalidated += 1
    state.stubs[UInt(bitPattern: unsafe unit.stub)] = nil
    for part in unit.parts {
      state.users[part.slot]?.removeAll { $0 === unit }
      if state.users[part.slot]?.isEmpty == true { state.users[part.slot] = nil }
    }
    state.constants.remove(unit)
    state.retired.append(unit)
  }

  // MARK: When values change

  /// All values are about to be computed; the words of constants among them may be built in once they are. Program thread.
  public func beginValues(constants: some Sequence<Int>) {
    state.withLock { state in for unit in state.constants.begin(constants) { retire(unit, &state) } }
  }

  /// All values are computed. Program thread.
  public func endValues() { state.withLock { $0.constants.end() } }

  /// Words that are about to be stored to, or that may be constants no more. Answers those that were built in or could have been.
  /// Program thread, or any while nothing runs.
  public func forgetConstants(_ words: some Sequence<Int>) -> [Int] {
    state.withLock { state in
      let (known, units) = state.constants.forget(words)
      for unit in units { retire(unit, &state) }
      return known
    }
  }

  /// Words of constants whose values are computed.
  public func noteConstants(_ words: some Sequence<Int>) { state.withLock { $0.constants.note(words) } }

  // MARK: Freeing

  /// Whether there is machine code to be freed.
  public var hasRetired: Bool { state.withLock { !$0.retired.isEmpty } }

  /// Frees what is invalid and has no frame. `used` are the numbers of code that frames are in. Program thread at a hook, or any
  /// while nothing runs.
  public func collect(used: Set<Int>) {
    let free = state.withLock { state -> [NativeUnit] in
      let free = state.retired.filter { $0.numbers.allSatisfy { !used.contains($0) } }
      state.retired.removeAll { unit in free.contains { $0 === unit } }
      state.statistics.freed += free.count
      state.dead += state.dying
      state.dying = free
      return free
    }
    for unit in free { unit.giveBack(machine, owner) }
    if !free.isEmpty { changed.signal() }
  }
}
