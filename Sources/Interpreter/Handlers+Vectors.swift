// Vectors. An index is compared unsigned with the count, which settles negative ones too; the panic
// is raised out of line from the instruction's own operands.

import Runtime

extension Frame {
  /// Whether the elements of a vector's row hold references.
  @inline(__always) func hasReferences(_ row: UnsafeMutablePointer<Descriptor>) -> Bool {
    unsafe row.pointee.storage != DescriptorTable.storage
  }

  /// Whether the elements are words, one each.
  @inline(__always) func hasSingleWords(_ vector: Object) -> Bool {
    let row = unsafe row(vector)
    return unsafe row.pointee.words == 1 && row.pointee.elementKind == .words
  }

  /// The descriptor row of an object.
  @inline(__always) func row(_ object: Object) -> UnsafeMutablePointer<Descriptor> {
    unsafe machine.pointee.descriptors + Int(UInt32(truncatingIfNeeded: object[-1]))
  }
}

@c func opNewVector(_ pc: Code, _ r: Registers, _ t: Table, _ m: RawMachine) {
  let f = Frame(pc, r, t, m)
  let row = unsafe f.machine.pointee.descriptors + f.index32
  let cursor = unsafe f.machine.pointee.cursors + Int(row.pointee.sizeClass)
  if _slowPath(unsafe cursor.pointee.next &+ UInt(row.pointee.cellBytes) > cursor.pointee.limit) {
    return unsafe slowNewVector(pc, r, t, m)
  }
  let vector = unsafe Object(Heap.allocateObject(f.machine, UInt32(truncatingIfNeeded: f.index32)))
  vector[1] = unsafe f.machine.pointee.emptyStorage
  f[word: f.a] = vector.bits
  f.next()
}

@inline(never) @c func slowNewVector(_ pc: Code, _ r: Registers, _ t: Table, _ m: RawMachine) {
  let f = Frame(pc, r, t, m)
  f.save()
  let vector = unsafe Object(Heap.allocateObject(f.machine, UInt32(truncatingIfNeeded: f.index32)))
  if vector.bits == 0 { return unsafe panicPending(pc, r, t, m) }
  vector[1] = unsafe f.machine.pointee.emptyStorage
  f[word: f.a] = vector.bits
  f.next()
}

@c func opVectorCount(_ pc: Code, _ r: Registers, _ t: Table, _ m: RawMachine) {
  Frame(pc, r, t, m).vectorCount()
}

// MARK: Reading

@c func opVectorGet(_ pc: Code, _ r: Registers, _ t: Table, _ m: RawMachine) {
  Frame(pc, r, t, m).vectorGet()
}

@c func opVectorGetBlock(_ pc: Code, _ r: Registers, _ t: Table, _ m: RawMachine) {
  let f = Frame(pc, r, t, m)
  f.element(resume) { vector, i in
    unsafe copyWords(to: r + f.a, from: vector.storage.data + i &* f.d, count: f.d)
  }
}

@c func opVectorGetWord(_ pc: Code, _ r: Registers, _ t: Table, _ m: RawMachine) {
  let f = Frame(pc, r, t, m)
  f.element(resume) { vector, i in
    let words = unsafe Int(f.row(vector).pointee.words)
    f[word: f.a] = unsafe vector.storage.data[i &* words &+ f.d]
  }
}

@c func opVectorGetU8(_ pc: Code, _ r: Registers, _ t: Table, _ m: RawMachine) {
  Frame(pc, r, t, m).vectorGetU8()
}

@c func opVectorGetPacked(_ pc: Code, _ r: Registers, _ t: Table, _ m: RawMachine) {
  let f = Frame(pc, r, t, m)
  let vector = f[object: f.b], i = f[f.c]
  if _fastPath(UInt(bitPattern: i) < UInt(bitPattern: vector.count)) {
    f[word: f.a] = unsafe loadPacked(vector.storage.bytes, i, StorageKind(byte: f.d))
    f.next()
  } else {
    unsafe panicIndexOfGet(pc, r, t, m)
  }
}

// MARK: Writing

@c func opVectorSet(_ pc: Code, _ r: Registers, _ t: Table, _ m: RawMachine) {
  Frame(pc, r, t, m).vectorSet()
}

@c func opVectorSetRef(_ pc: Code, _ r: Registers, _ t: Table, _ m: RawMachine) {
  let f = Frame(pc, r, t, m)
  if _slowPath(f.barrier) { return unsafe slowVectorSetRef(pc, r, t, m) }
  f.setElement(resume) { vector, i in unsafe vector.storage.data[i] = f[word: f.c] }
}

@inline(never) @c func slowVectorSetRef(_ pc: Code, _ r: Registers, _ t: Table, _ m: RawMachine) {
  let f = Frame(pc, r, t, m)
  f.setElement(resume) { vector, i in unsafe Heap.writeReference(f.machine, vector.storage.data + i, f[word: f.c]) }
}

@c func opVectorSetBlock(_ pc: Code, _ r: Registers, _ t: Table, _ m: RawMachine) {
  let f = Frame(pc, r, t, m)
  if _slowPath(f.barrier) { return unsafe slowVectorSetBlock(pc, r, t, m) }
  f.setElement(resume) { vector, i in
    unsafe copyWords(to: vector.storage.data + i &* f.d, from: r + f.c, count: f.d)
  }
}

@inline(never) @c func slowVectorSetBlock(_ pc: Code, _ r: Registers, _ t: Table, _ m: RawMachine) {
  let f = Frame(pc, r, t, m)
  f.setElement(resume) { vector, i in
    let words = f.d, c = f.c
    let target = unsafe vector.storage.data + i &* words
    let hasReferences = unsafe f.hasReferences(f.row(vector))
    for k in 0..<words {
      if hasReferences {
        unsafe Heap.writeReference(f.machine, target + k, f[word: c &+ k])
      } else {
        unsafe target[k] = f[word: c &+ k]
      }
    }
  }
}

@c func opVectorSetU8(_ pc: Code, _ r: Registers, _ t: Table, _ m: RawMachine) {
  Frame(pc, r, t, m).vectorSetU8()
}

@c func opVectorSetPacked(_ pc: Code, _ r: Registers, _ t: Table, _ m: RawMachine) {
  let f = Frame(pc, r, t, m)
  let vector = f[object: f.a], i = f[f.b]
  if _fastPath(UInt(bitPattern: i) < UInt(bitPattern: vector.count)) {
    unsafe storePacked(vector.storage.bytes, i, StorageKind(byte: f.d), f[word: f.c])
    f.next()
  } else {
    unsafe panicIndexOfSet(pc, r, t, m)
  }
}

// MARK: Growing and shrinking

@c func opVectorPush(_ pc: Code, _ r: Registers, _ t: Table, _ m: RawMachine) {
  let f = Frame(pc, r, t, m)
  let vector = f[object: f.a]
  let count = vector.count, storage = vector.storage
  if _fastPath(f.hasSingleWords(vector) && (count &+ 1) &* 8 <= storage.capacity) {
    unsafe storage.data[count] = f[word: f.b]
    vector.count = count &+ 1
    f.next()
  } else {
    unsafe slowVectorPush(pc, r, t, m)
  }
}

@inline(never) @c func slowVectorPush(_ pc: Code, _ r: Registers, _ t: Table, _ m: RawMachine) {
  let f = Frame(pc, r, t, m)
  f.save()
  if unsafe Vectors.push(f.machine, f[word: f.a], r + f.b) {
    f.next()
  } else {
    unsafe panicPending(pc, r, t, m)
  }
}

@c func opVectorPop(_ pc: Code, _ r: Registers, _ t: Table, _ m: RawMachine) {
  let f = Frame(pc, r, t, m)
  let vector = f[object: f.b]
  if _fastPath(unsafe f.hasSingleWords(vector) && !f.hasReferences(f.row(vector))) {
    let last = vector.count &- 1
    f[word: f.a] = unsafe vector.storage.data[last]
    vector.count = last
    f.next()
  } else {
    unsafe slowVectorPop(pc, r, t, m)
  }
}

/// Larger and packed elements, and references, which must not stay behind in the storage.
@inline(never) @c func slowVectorPop(_ pc: Code, _ r: Registers, _ t: Table, _ m: RawMachine) {
  let f = Frame(pc, r, t, m)
  f.save()
  if unsafe Vectors.pop(f.machine, f[word: f.b], r + f.a) {
    f.next()
  } else {
    unsafe panicPending(pc, r, t, m)
  }
}

// MARK: Packed elements

extension StorageKind {
  /// The detail byte of verified code.
  @inline(__always) init(byte: Int) {
    self = unsafe StorageKind(rawValue: UInt8(truncatingIfNeeded: byte)).unsafelyUnwrapped
  }
}

/// Element `i` as a register holds it: integers extended, floats as binary64.
@inline(__always)
func loadPacked(_ bytes: UnsafeMutableRawPointer, _ i: Int, _ kind: StorageKind) -> UInt64 {
  func load<T: FixedWidthInteger & BitwiseCopyable>(_: T.Type) -> UInt64 {
    UInt64(truncatingIfNeeded: unsafe bytes.load(fromByteOffset: i &* MemoryLayout<T>.size, as: T.self))
  }
  return switch kind {
  case .words: load(UInt64.self)
  case .u8: load(UInt8.self)
  case .i8: load(Int8.self)
  case .u16: load(UInt16.self)
  case .i16: load(Int16.self)
  case .u32: load(UInt32.self)
  case .i32: load(Int32.self)
  case .f32: Double(unsafe bytes.load(fromByteOffset: i &* 4, as: Float.self)).bitPattern
  }
}

/// A register into element `i`: integers truncated, floats rounded.
@inline(__always)
func storePacked(_ bytes: UnsafeMutableRawPointer, _ i: Int, _ kind: StorageKind, _ value: UInt64) {
  func store<T: FixedWidthInteger & BitwiseCopyable>(_: T.Type) {
    unsafe bytes.storeBytes(of: T(truncatingIfNeeded: value), toByteOffset: i &* MemoryLayout<T>.size, as: T.self)
  }
  switch kind {
  case .words: store(UInt64.self)
  case .u8, .i8: store(UInt8.self)
  case .u16, .i16: store(UInt16.self)
  case .u32, .i32: store(UInt32.self)
  case .f32:
    unsafe bytes.storeBytes(of: Float(Double(bitPattern: value)), toByteOffset: i &* 4, as: Float.self)
  }
}
