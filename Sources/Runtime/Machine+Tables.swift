// Dispatch slots and globals: numbers that compiled code holds, handed out and never moved.

import CShims

extension Machine {
  /// A new slot for function `function` (the host's number, for traces), without code. -1 when the table
  /// is full. Any thread. O(1).
  public func addSlot(function: UInt32 = 0) -> Int {
    tables.withLock {
      guard slotRange.commit((slotCount &+ 1) &* MemoryLayout<Slot>.stride) else { return -1 }
      clearSlot(slotCount, function)
      slotCount &+= 1
      return slotCount &- 1
    }
  }

  /// `count` neighbouring slots; the first's number, or -1.
  public func addSlots(_ count: Int) -> Int {
    tables.withLock {
      guard count >= 0, count < 1 << 30,
        slotRange.commit((slotCount &+ count) &* MemoryLayout<Slot>.stride)
      else { return -1 }
      let first = slotCount
      for i in 0..<count { clearSlot(first &+ i, 0) }
      slotCount &+= count
      return first
    }
  }

  /// The slot has no code any more. No frame, closure or code may name it; who hands out numbers may use it again.
  public func emptySlot(_ slot: Int) {
    guard slot >= 0, slot < slotCount else { return }
    unsafe setEntry(slot, code.missing)
  }

  private func clearSlot(_ slot: Int, _ function: UInt32) {
    unsafe state.pointee.slots[slot] = Slot(
      entry: code.missing, native: nativeMissing, bytecode: code.missing, frameSize: 1, function: function)
  }

  /// Swaps the code of a slot: one release store. Any thread; the next call runs the new code.
  public func setEntry(_ slot: Int, _ entry: UnsafePointer<UInt64>) {
    guard slot >= 0, slot < slotCount else { return }
    let row = unsafe state.pointee.slots + slot
    unsafe row.pointee.bytecode = entry
    unsafe row.pointee.frameSize = UInt32(truncatingIfNeeded: entry[-1])
    unsafe row.pointee.native = nativeMissing
    // `entry` is the first field.
    unsafe lang_store_pointer(row, entry)
  }

  /// Calls of a slot run native code from now on: bytecode goes by way of `entry`, native code to `native`. Nothing happens when
  /// the slot's bytecode is another than `bytecode`. Whoever swaps bytecode is kept out by the caller.
  public func setNative(_ slot: Int, for bytecode: UnsafePointer<UInt64>, entry: UnsafePointer<UInt64>, _ native: UnsafeRawPointer) -> Bool {
    guard slot >= 0, slot < slotCount, unsafe state.pointee.slots[slot].bytecode == bytecode else { return false }
    let row = unsafe state.pointee.slots + slot
    unsafe row.pointee.native = native
    unsafe lang_store_pointer(row, entry)
    return true
  }

  /// The current bytecode of a slot; the code of `CodeStore.missing` while it has none.
  public func entry(of slot: Int) -> UnsafePointer<UInt64>? {
    guard slot >= 0, slot < slotCount else { return nil }
    return unsafe state.pointee.slots[slot].bytecode
  }

  /// `words` neighbouring globals, zero; the first's number, or -1 when there is no room. Any thread.
  public func addGlobals(words: Int) -> Int {
    tables.withLock {
      guard words >= 0, words < 1 << 30, globalRange.commit((globalCount &+ words) &* 8) else { return -1 }
      let first = globalCount
      globalCount &+= words
      return first
    }
  }

  /// A global word's value. For the host while the program is parked.
  public func global(_ index: Int) -> UInt64 {
    guard index >= 0, index < globalCount else { return 0 }
    return unsafe state.pointee.globals[index]
  }

  public func setGlobal(_ index: Int, _ value: UInt64) {
    guard index >= 0, index < globalCount else { return }
    unsafe state.pointee.globals[index] = value
  }

  /// Makes literal `number` the string of these bytes; equal texts share one object. False when there is
  /// no room. Any thread, before code that loads the literal is current.
  public func setStringLiteral(_ number: Int, _ bytes: [UInt8]) -> Bool {
    let string = unsafe bytes.withUnsafeBufferPointer { unsafe literals.intern($0) }
    return string != 0 && setLiteral(number, string)
  }

  /// Makes literal `number` an immortal object of `words` behind `header`.
  public func setLiteral(_ number: Int, header: UInt64, words: [UInt64]) -> Bool {
    let object = literals.makeObject(header: header, words: words)
    return object != 0 && setLiteral(number, object)
  }

  private func setLiteral(_ number: Int, _ reference: UInt64) -> Bool {
    tables.withLock {
      guard number >= 0, number < 1 << 30, literalRange.commit((number &+ 1) &* 8) else { return false }
      unsafe state.pointee.literals[number] = reference
      return true
    }
  }

  /// The reference of a literal.
  public func literal(_ number: Int) -> UInt64 { unsafe state.pointee.literals[number] }

  /// Whether the program is inside a live loop or another restart point. Program thread, or any while it is parked.
  public var hasRestartPoint: Bool { unsafe state.pointee.restartCount > 0 }

  /// Pushes a restart point; false when memory is short (then `.outOfMemory` is pending).
  public func pushRestart(_ point: RestartPoint) -> Bool {
    if unsafe state.pointee.restartCount >= state.pointee.restartCapacity {
      let capacity = unsafe state.pointee.restartCapacity &* 2
      guard let grown = unsafe realloc(state.pointee.restarts, capacity &* MemoryLayout<RestartPoint>.stride)
      else { return unsafe raise(state, .outOfMemory) }
      unsafe state.pointee.restarts = grown.bindMemory(to: RestartPoint.self, capacity: capacity)
      unsafe state.pointee.restartCapacity = capacity
    }
    unsafe state.pointee.restarts[state.pointee.restartCount] = point
    unsafe state.pointee.restartCount &+= 1
    return true
  }
}
