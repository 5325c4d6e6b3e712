// Stale objects: those with a descriptor of a layout that their type has no more. Who marks a descriptor stale
// wants to know how many objects of it are alive, and when the last of them is gone.
//
// Invariant: no object of a stale descriptor is made any more but for a reference to a stale literal that is there (`part`), so a
// count of 0 stays 0.

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

  /// From now on each reference to one of the literals leads to an object of its own, which is as the literal is. Answers which
  /// literal each was; nil when memory is short, and then nothing has changed. Who refers to them keeps them alive. Program
  /// thread. O(heap).
  public func part(_ literals: Set<UInt64>) -> [UInt64: UInt64]? {
    var counts: [UInt64: Int] = [:]
    forEachReferencePlace { word in
      if literals.contains(word) { counts[word, default: 0] &+= 1 }
      return word
    }
    var made: [UInt64: [UInt64]] = [:]
    var held: [Int] = []
    defer { for root in held { removeRoot(root) } }
    for (literal, count) in counts {
      for _ in 0..<count {
        let object = unsafe Heap.allocateObject(state, descriptorNumber(literal))
        guard object != 0 else { return nil }
        let root = addRoot(object)
        guard root >= 0 else { return nil }
        held.append(root)
        setWord(0, of: object, word(0, of: literal))
        made[literal, default: []].append(object)
      }
    }
    // From here on nothing allocates.
    var parted: [UInt64: UInt64] = [:]
    forEachReferencePlace { word in
      guard let object = made[word]?.popLast() else { return word }
      parted[object] = word
      return object
    }
    return parted
  }

  /// Every reference to a key leads to its value from now on. Program thread. O(heap).
  public func turn(_ moved: [UInt64: UInt64]) {
    if moved.isEmpty { return }
    forEachReferencePlace { moved[$0] ?? $0 }
  }

  /// All places that refer to an object, and the words of stacks and globals; each gets what `body` answers.
  private func forEachReferencePlace(_ body: (UInt64) -> UInt64) {
    func look(_ cell: UnsafeMutablePointer<UInt64>) {
      let old = unsafe cell.pointee
      let new = body(old)
      if new != old { unsafe cell.pointee = new }
    }
    unsafe heap.forEachReferenceCell { unsafe look($0) }
    unsafe heap.forEachRootWord { unsafe look($0) }
    for index in 0..<heap.roots.count {
      let new = body(heap.roots[index])
      if new != heap.roots[index] { heap.roots[index] = new }
    }
  }

  /// Called by the collector when it is done.
  func noteStale() {
    guard isStaleWatched, !heap.isHeld, heap.statistics.staleObjects == 0 else { return }
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
