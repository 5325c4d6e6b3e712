// Objects become others: what the host computed for them replaces their words, in their place where the cell has
// room, else in a new object to which all references are turned.
//
// Invariant: between the first and the last write nothing allocates, so the program sees all of it or nothing.

import CShims

/// An object, or a literal, and what becomes of it.
public struct Replacement: Sendable {
  public var object: UInt64
  public var descriptor: UInt32
  /// Payload words; of vectors those of the elements, one after the other.
  public var words: [UInt64]
  public var isVector: Bool

  public init(object: UInt64, descriptor: UInt32, words: [UInt64], isVector: Bool) {
    self.object = object
    self.descriptor = descriptor
    self.words = words
    self.isVector = isVector
  }
}

extension Machine {
  /// The live objects of some descriptors. Collects. Program thread.
  public func liveObjects(of numbers: Set<UInt32>) -> [UInt64] {
    heap.collect()
    var found: [UInt64] = []
    heap.forEachObject { if numbers.contains(descriptorNumber($0)) { found.append($0) } }
    return found
  }

  /// The live closures of some slots. After `liveObjects`, which collects.
  public func liveClosures(of slots: Set<Int>) -> [UInt64] {
    var found: [UInt64] = []
    heap.forEachObject { reference in
      guard unsafe row(of: reference).pointee.kind == .closure else { return }
      if slots.contains(Int(truncatingIfNeeded: word(0, of: reference))) { found.append(reference) }
    }
    return found
  }

  /// The number of the object's descriptor.
  public func layoutNumber(of object: UInt64) -> UInt32 { descriptorNumber(object) }

  /// The payload words of an object, or the words of all elements of a vector.
  public func words(of object: UInt64) -> [UInt64] {
    let row = unsafe self.row(of: object)
    guard unsafe row.pointee.kind == .vector else { return (0..<(unsafe Int(row.pointee.words))).map { word($0, of: object) } }
    let (count, size, width) = unsafe (Vectors.count(object), Int(row.pointee.elementBytes), Int(row.pointee.words))
    var all = [UInt64](repeating: 0, count: count &* width)
    unsafe all.withUnsafeMutableBufferPointer { buffer in
      guard let start = buffer.baseAddress else { return }
      for i in 0..<count {
        unsafe Vectors.loadElement(row, Vectors.data(object) &+ UInt64(i &* size), start + i &* width)
      }
    }
    return all
  }

  /// Whether the word is the address of an object of the heap.
  public func isObject(_ word: UInt64) -> Bool { word & 7 == 0 && word != 0 && heap.object(containing: word) == word }

  /// Replaces all or, when memory is short, none. The objects and what the words refer to are kept alive by the
  /// caller's roots. Program thread. O(heap).
  public func replace(_ replacements: [Replacement]) -> Bool {
    var roots: [Int] = []
    defer { for root in roots { removeRoot(root) } }
    var made: [UInt64] = []
    for new in replacements {
      let row = unsafe state.pointee.descriptors + Int(new.descriptor)
      let old = unsafe self.row(of: new.object)
      // Literals lie outside the heap and are never written to by the program: those who refer to one get an object.
      if !new.isVector, isObject(new.object), unsafe row.pointee.cellBytes == old.pointee.cellBytes {
        made.append(new.object)
        continue
      }
      let object = new.isVector ? makeVector(descriptor: new.descriptor) : unsafe Heap.allocateObject(state, new.descriptor)
      guard object != 0 else { return false }
      let root = addRoot(object)
      guard root >= 0 else { return false }
      roots.append(root)
      made.append(object)
      if new.isVector {
        let width = unsafe max(1, Int(row.pointee.words))
        let isComplete = unsafe new.words.withUnsafeBufferPointer { words in
          var at = 0
          while at &+ width <= words.count {
            guard let start = words.baseAddress, unsafe Vectors.push(state, object, start + at) else { return false }
            at &+= width
          }
          return true
        }
        if !isComplete { return false }
      }
    }
    // From here on nothing allocates.
    var moved: [UInt64: UInt64] = [:]
    for (new, object) in zip(replacements, made) {
      let row = unsafe state.pointee.descriptors + Int(new.descriptor)
      if new.isVector {
        // A vector keeps its identity and gets the other's storage.
        unsafe become(new.object, row)
        setReference(1, of: new.object, word(1, of: object))
        continue
      }
      if object == new.object { unsafe become(object, row) } else { moved[new.object] = object }
      for (i, value) in new.words.enumerated() { setWord(i, of: object, value) }
    }
    if !moved.isEmpty { turnReferences(moved) }
    return true
  }

  private func row(of object: UInt64) -> UnsafeMutablePointer<Descriptor> {
    unsafe state.pointee.descriptors + Int(descriptorNumber(object))
  }

  private func become(_ object: UInt64, _ row: UnsafeMutablePointer<Descriptor>) {
    let marks = loadHeader(object) & (ObjectHeader.markMask | 0xFF << ObjectHeader.flagsShift)
    storeWord(UInt(object), 0, unsafe row.pointee.header & ~ObjectHeader.markMask | marks)
  }

  /// Every reference to an object that moved leads to its new place: in the heap by descriptors; in the stack and
  /// in globals, whose words are of any kind, every word that equals the address.
  private func turnReferences(_ moved: [UInt64: UInt64]) {
    unsafe heap.forEachReferenceCell { cell in
      if let new = unsafe moved[cell.pointee] { unsafe cell.pointee = new }
    }
    unsafe heap.forEachRootWord { cell in
      if let new = unsafe moved[cell.pointee] { unsafe cell.pointee = new }
    }
    heap.turnHostRoots(moved)
  }
}

// Under other names, since methods hide them.
private func loadHeader(_ object: UInt64) -> UInt64 { word(object, 0) }
private func place(_ object: UInt64, _ offset: Int) -> UnsafeMutablePointer<UInt64> { unsafe address(object, offset) }

extension Heap {
  /// The places of all references in live and dead objects. O(heap).
  func forEachReferenceCell(_ body: (UnsafeMutablePointer<UInt64>) -> Void) {
    guard let m = unsafe machine else { return }
    forEachObject { reference in
      let row = unsafe descriptor(m, reference)
      switch unsafe row.pointee.kind {
      case .object, .closure:
        for i in 0..<(unsafe Int(row.pointee.words)) where unsafe row.pointee.isReference(i) {
          unsafe body(place(reference, Offset.payload &+ i &* 8))
        }
      case .storage:
        guard unsafe row.pointee.hasReferences else { return }
        let size = unsafe max(1, Int(row.pointee.elementBytes))
        let count = Int(truncatingIfNeeded: word(reference, Offset.storageCapacity)) / size
        for element in 0..<max(0, count) {
          for i in 0..<(unsafe Int(row.pointee.words)) where unsafe row.pointee.isReference(i) {
            unsafe body(place(reference, Offset.storageData &+ element &* size &+ i &* 8))
          }
        }
      case .vector, .string, .none: break
      }
    }
  }

  func turnHostRoots(_ moved: [UInt64: UInt64]) {
    for index in 0..<roots.count { if let new = moved[roots[index]] { roots[index] = new } }
  }
}
