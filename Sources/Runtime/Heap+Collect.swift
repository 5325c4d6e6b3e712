// A collection: the program stands still while everything reachable is marked; sweeping follows lazily.

import CShims

extension Heap {
  /// Marks what is reachable and frees the rest. Program thread, or any while the machine is parked.
  /// O(live objects), plus O(blocks) for what the previous cycle left unswept.
  public func collect() {
    guard let m = unsafe machine else { return }
    let started = Clock.nanoseconds()
    finishSweep()
    retireCursors()
    unsafe m.pointee.textBuffer = 0
    for index in 0..<SizeClass.count {
      unsafe append(swept, to: unswept, index)
      unsafe append(partial, to: unswept, index)
    }
    for index in 0..<blockCount { unsafe blocks[index].marked = 0 }
    markWord ^= 3 << ObjectHeader.markShift
    unsafe m.pointee.markWord = markWord
    statistics.liveBytes = 0
    statistics.liveObjects = 0
    statistics.staleObjects = 0
    unsafe markRoots(m)
    drain()
    sweepLarge()

    budget = budgetForLiving
    allocatedSinceCollection = 0
    collectedForLimit = false
    let pause = Clock.nanoseconds() &- started
    statistics.collections &+= 1
    statistics.lastPause = pause
    statistics.longestPause = max(statistics.longestPause, pause)
    statistics.totalPause &+= pause
    if stress {
      finishSweep()
      verify()
    }
    unsafe m.owner.noteStale()
  }

  /// Little where little is alive, since what is made within the caches is made faster; sixteen times as much as is alive, so that marking
  /// stays small beside that; and where much is alive, as much again. Measured beside 64 MB always: deltablue and cd take 0.92 of the time, json and havlak 0.98.
  private var budgetForLiving: Int {
    let living = statistics.liveBytes
    return max(living, min(usualBudget, max(usualBudget / 8, living &* 16)))
  }

  /// Empties the bump ranges; their cells are free cells of their blocks again.
  func retireCursors() {
    for index in 0..<SizeClass.count {
      unsafe cursors[index] = AllocationCursor(next: 0, limit: 0)
      unsafe pending[index] = 0
    }
  }

  /// Moves a class's blocks from one list to another.
  private func append(_ from: UnsafeMutablePointer<Int32>, to: UnsafeMutablePointer<Int32>, _ index: Int) {
    while unsafe from[index] >= 0 {
      let block = unsafe Int(from[index])
      unsafe from[index] = blocks[block].next
      unsafe push(block, on: to, index)
    }
  }

  // MARK: Roots

  /// The stack and the globals are words of any kind: what looks like an address in an object keeps it.
  private func markRoots(_ m: MachinePointer) {
    let top = unsafe stackTop(m)
    unsafe markConservatively(m.pointee.stackBase, top)
    unsafe forEachHostStackWord { markWordOf(unsafe $0.pointee) }
    unsafe markConservatively(m.pointee.globals, m.pointee.globals + m.owner.globalCount)
    markWordOf(unsafe m.pointee.panicMessage)
    markWordOf(unsafe m.pointee.scratch)
    for index in 0..<roots.count { markWordOf(roots[index]) }
  }

  /// Words of the host's stack, where native code keeps what it works with, registers saved by its callees included.
  private func forEachHostStackWord(_ body: (UnsafeMutablePointer<UInt64>) -> Void) {
    guard let m = unsafe machine, unsafe m.pointee.hostStackBase != 0 else { return }
    let base = unsafe m.pointee.hostStackBase
    unsafe withoutActuallyEscaping(body) { body in
      var visit = { (low: UInt) in
        var at = low & ~7
        while at < base {
          unsafe body(UnsafeMutablePointer(bitPattern: at).unsafelyUnwrapped)
          at &+= 8
        }
      }
      if unsafe m.pointee.hostStackTop != 0 { return unsafe visit(m.pointee.hostStackTop) }
      unsafe withUnsafeMutablePointer(to: &visit) { visit in
        unsafe lang_with_stack(
          { context, low in
            unsafe context.unsafelyUnwrapped.assumingMemoryBound(to: ((UInt) -> Void).self).pointee(UInt(bitPattern: low))
          }, UnsafeMutableRawPointer(visit))
      }
    }
  }

  /// Every word of the stacks in use and of the globals: of any kind, references among them.
  func forEachRootWord(_ body: (UnsafeMutablePointer<UInt64>) -> Void) {
    guard let m = unsafe machine else { return }
    let top = unsafe stackTop(m)
    var at = unsafe m.pointee.stackBase
    while unsafe at < top {
      unsafe body(at)
      unsafe at += 1
    }
    unsafe forEachHostStackWord(body)
    for i in 0..<(unsafe m.owner.globalCount) { unsafe body(m.pointee.globals + i) }
  }

  /// References that the host and primitives hold.
  func forEachHostRoot(_ body: (UInt64) -> Void) {
    guard let m = unsafe machine else { return }
    body(unsafe m.pointee.panicMessage)
    body(unsafe m.pointee.scratch)
    for index in 0..<roots.count { body(roots[index]) }
  }

  /// The end of the current frame.
  private func stackTop(_ m: MachinePointer) -> UnsafeMutablePointer<UInt64> {
    let machine = unsafe m.owner
    var size = 256
    if let found = unsafe machine.code.find(m.pointee.pc), unsafe found.entry != machine.code.missing {
      size = unsafe Int(truncatingIfNeeded: found.entry[-1])
    }
    let end = unsafe m.pointee.stackLimit + Machine.stackReserve
    let top = unsafe m.pointee.registers + min(max(size, 0), 1 << 20)
    return unsafe top < end ? top : end
  }

  private func markConservatively(_ from: UnsafeMutablePointer<UInt64>, _ to: UnsafeMutablePointer<UInt64>) {
    var at = unsafe from
    while unsafe at < to {
      unsafe markWordOf(at.pointee)
      unsafe at += 1
    }
  }

  @inline(__always)
  private func markWordOf(_ value: UInt64) {
    // Most words are no addresses of the heap.
    if UInt(truncatingIfNeeded: value) &- base >= spannedBytes { return }
    let reference = object(containing: value)
    if reference != 0 {
      if !markStack.push(reference) { mark(reference) }
      if markStack.count > 4096 { drain() }
    }
  }

  // MARK: Verification

  /// Checks what the collector relies on; ends the process with a message when it does not hold. Used by
  /// stress mode and tests; every block has been swept. O(heap).
  func verify() {
    guard let m = unsafe machine else { return }
    var index = 0
    while index < blockCount {
      let block = unsafe blocks[index]
      switch block.kind {
      case .small:
        for cell in 0..<UInt64(block.cellCount) {
          let reference = UInt64(address(ofBlock: index)) &+ cell &* UInt64(block.cellBytes)
          if descriptorNumber(reference) != 0 { unsafe verify(m, reference, capacity: Int(block.cellBytes)) }
        }
      case .large:
        unsafe verify(m, UInt64(address(ofBlock: index)), capacity: Int(block.span) &* Self.blockBytes)
      case .free, .tail: break
      }
      index &+= block.kind == .large ? Int(block.span) : 1
    }
  }

  private func verify(_ m: MachinePointer, _ reference: UInt64, capacity: Int) {
    let number = Int(descriptorNumber(reference))
    guard unsafe number < m.owner.descriptors.count else { return fault("an object's descriptor does not exist") }
    if word(reference, 0) & ObjectHeader.markMask != markWord { fault("an object survived its sweep unmarked") }
    let row = unsafe m.pointee.descriptors + number
    if unsafe objectBytes(reference, row) > capacity { fault("an object is larger than its cell") }
    unsafe forEachReference(reference, row) { child in
      if child == 0 { return }
      if UInt(truncatingIfNeeded: child) &- base >= spannedBytes { return }
      if object(containing: child) != child { fault("a reference points at no object") }
    }
  }

  private func fault(_ message: StaticString) {
    unsafe lang_fault(UnsafeRawPointer(message.utf8Start).assumingMemoryBound(to: CChar.self))
  }
}
