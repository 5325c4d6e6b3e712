// Stale objects: those with a descriptor of a layout that their type has no more. Who marks a descriptor stale
// wants to know how many objects of it are alive, and when the last of them is gone.
//
// Invariant: no object of a stale descriptor is made any more, so a count of 0 stays 0.

import CShims

extension Machine {
  /// Objects of `descriptor` are stale from now on; `name` is what messages call their type. Program thread, or
  /// any while the machine is parked.
  public func markStale(_ descriptor: UInt32, name: [UInt8]) {
    descriptors.setStale(descriptor, true)
    staleNames[descriptor] = name
    isStaleWatched = true
    hasStaleEnded = false
  }

  /// The layout came back: its objects are as good as new ones.
  public func unmarkStale(_ descriptor: UInt32) {
    descriptors.setStale(descriptor, false)
    staleNames[descriptor] = nil
  }

  /// What messages call the type of a stale descriptor.
  public func staleName(_ descriptor: UInt32) -> [UInt8] { staleNames[descriptor] ?? [] }

  /// The descriptor and the first word of a literal without further payload, as `moveLiteral` sets them.
  public func caseLiteral(_ number: Int) -> (descriptor: UInt32, word: UInt64) {
    let object = literal(number)
    return object == 0 ? (0, 0) : (descriptorNumber(object), self.word(0, of: object))
  }

  /// The literal is an object of a case that is gone; who refers to it counts as a stale object.
  public func markStaleLiteral(_ number: Int) { staleLiterals.insert(literal(number)) }
  public func unmarkStaleLiteral(_ number: Int) { staleLiterals.remove(literal(number)) }
  public func isStaleLiteral(_ number: Int) -> Bool { staleLiterals.contains(literal(number)) }

  /// An immortal object without payload becomes another case: its header and its first word change.
  public func moveLiteral(_ number: Int, descriptor: UInt32, word: UInt64) {
    let object = literal(number)
    if object == 0 { return }
    staleLiterals.remove(object)
    storeWord(UInt(object), 0, UInt64(descriptor) | UInt64(ObjectHeader.immortal) << ObjectHeader.flagsShift)
    storeWord(UInt(object), Offset.payload, word)
  }

  /// The stale objects that the last collection found alive. O(1).
  public var staleCount: Int { descriptors.staleCount == 0 ? 0 : heap.statistics.staleObjects }

  /// True once after the last stale object has gone. A collection that finds this out also asks for a
  /// safepoint, so that the host looks. Program thread.
  public func staleEnds() -> Bool {
    guard hasStaleEnded else { return false }
    hasStaleEnded = false
    return true
  }

  /// The live objects of each descriptor, and the references to stale literals of it: exact but for what
  /// words of the stack that look like references keep. Collects. Program thread, or any while the machine is
  /// parked. O(heap).
  public func census(of numbers: Set<UInt32>) -> [UInt32: Int] {
    heap.collect()
    var counts: [UInt32: Int] = [:]
    heap.forEachObject { reference in
      let number = descriptorNumber(reference)
      if numbers.contains(number) { counts[number, default: 0] &+= 1 }
    }
    forEachStaleLiteralReference { reference in
      let number = descriptorNumber(reference)
      if numbers.contains(number) { counts[number, default: 0] &+= 1 }
    }
    return counts
  }

  /// The literals of cases that are gone and that something still refers to. O(heap).
  public func staleLiteralsInUse() -> [UInt64] {
    var objects: Set<UInt64> = []
    forEachStaleLiteralReference { objects.insert($0) }
    return objects.sorted()
  }

  /// Called by the collector when it is done.
  func noteStale() {
    guard isStaleWatched, heap.statistics.staleObjects == 0 else { return }
    if !staleLiterals.isEmpty {
      var count = 0
      forEachStaleLiteralReference { _ in count &+= 1 }
      heap.statistics.staleObjects = count
      if count > 0 { return }
    }
    isStaleWatched = false
    hasStaleEnded = true
    requestSafepoint()
  }

  private func forEachStaleLiteralReference(_ body: (UInt64) -> Void) {
    if staleLiterals.isEmpty { return }
    let literals = staleLiterals
    func look(_ word: UInt64) { if literals.contains(word) { body(word) } }
    heap.forEachObject { reference in
      unsafe heap.forEachReference(reference, descriptor(state, reference), look)
    }
    unsafe heap.forEachRootWord { cell in unsafe look(cell.pointee) }
    heap.forEachHostRoot { look($0) }
  }
}
