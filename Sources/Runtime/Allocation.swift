// The fast paths that handlers (and, by the same fields, compiled code) inline: allocation is a bump in
// the range of the object's size class, and every store of a reference into the heap goes through the
// write barrier here, the one place that knows about it.
//
// Invariant: the bytes of a cursor's range are zero, so a new object needs only its header.

/// Free cells of one size class, all zero.
@safe
public struct AllocationCursor {
  /// Address of the next cell.
  public var next: UInt
  /// End of the last cell.
  public var limit: UInt
}

extension Heap {
  /// A zeroed object of a fixed-size descriptor. 0: a panic is pending. About 1.5 ns.
  @inlinable @inline(__always)
  public static func allocateObject(_ m: MachinePointer, _ descriptor: UInt32) -> UInt64 {
    let row = unsafe m.pointee.descriptors + Int(descriptor)
    let cursor = unsafe m.pointee.cursors + Int(row.pointee.sizeClass)
    let cell = unsafe cursor.pointee.next
    let end = unsafe cell &+ UInt(row.pointee.cellBytes)
    if _slowPath(unsafe end > cursor.pointee.limit) {
      return unsafe allocateSlow(m, row.pointee.header, Int(row.pointee.cellBytes))
    }
    unsafe cursor.pointee.next = end
    unsafe storeWord(cell, 0, row.pointee.header | m.pointee.markWord)
    return UInt64(cell)
  }

  /// A zeroed object of `bytes` bytes, header included, with the given header word. 0: a panic is pending.
  @inlinable @inline(__always)
  public static func allocate(_ m: MachinePointer, header: UInt64, bytes: Int) -> UInt64 {
    let index = SizeClass.of(bytes: bytes)
    let cursor = unsafe m.pointee.cursors + index
    let cell = unsafe cursor.pointee.next
    if index < SizeClass.count {
      let end = cell &+ UInt(bitPattern: SizeClass.bytes(of: index))
      if unsafe end <= cursor.pointee.limit {
        unsafe cursor.pointee.next = end
        unsafe storeWord(cell, 0, header | m.pointee.markWord)
        return UInt64(cell)
      }
    }
    return unsafe allocateSlow(m, header, bytes)
  }

  @inline(never)
  @usableFromInline
  static func allocateSlow(_ m: MachinePointer, _ header: UInt64, _ bytes: Int) -> UInt64 {
    let cell = unsafe m.pointee.heap._withUnsafeGuaranteedRef { unsafe $0.refill(m, bytes: bytes) }
    if cell == 0 {
      _ = unsafe raise(m, .outOfMemory)
      return 0
    }
    unsafe storeWord(cell, 0, header | m.pointee.markWord)
    return UInt64(cell)
  }

  /// `address[0] := value`, where a reference may stand. The one write barrier: while marking runs beside
  /// the program it logs what is overwritten (snapshot at the beginning; Yuasa 1990).
  @inlinable @inline(__always)
  public static func writeReference(_ m: MachinePointer, _ address: UnsafeMutablePointer<UInt64>, _ value: UInt64) {
    if _slowPath(unsafe m.pointee.barrier != 0) { unsafe logOverwritten(m, address.pointee) }
    unsafe address.pointee = value
  }

  /// Called before the references among `words` words at `address` are overwritten, moved or dropped.
  @inlinable @inline(__always)
  public static func willOverwrite(_ m: MachinePointer, _ address: UInt64, words: Int) {
    if _slowPath(unsafe m.pointee.barrier != 0) {
      for i in 0..<max(0, words) { unsafe logOverwritten(m, word(address, i &* 8)) }
    }
  }

  @inline(never)
  @usableFromInline
  static func logOverwritten(_ m: MachinePointer, _ old: UInt64) {
    unsafe m.pointee.heap._withUnsafeGuaranteedRef { $0.log(old) }
  }
}

// Memory by address, as references come: 64-bit words in registers.

/// The word `offset` bytes behind `reference`.
@inlinable @inline(__always)
public func word(_ reference: UInt64, _ offset: Int) -> UInt64 {
  unsafe UnsafePointer<UInt64>(bitPattern: UInt(truncatingIfNeeded: reference) &+ UInt(bitPattern: offset)).unsafelyUnwrapped.pointee
}

@inlinable @inline(__always)
public func setWord(_ reference: UInt64, _ offset: Int, _ value: UInt64) {
  unsafe address(reference, offset).pointee = value
}

@inlinable @inline(__always)
public func address(_ reference: UInt64, _ offset: Int) -> UnsafeMutablePointer<UInt64> {
  unsafe UnsafeMutablePointer<UInt64>(bitPattern: UInt(truncatingIfNeeded: reference) &+ UInt(bitPattern: offset)).unsafelyUnwrapped
}

/// The bytes `offset` behind `reference`.
@inlinable @inline(__always)
public func byteAddress(_ reference: UInt64, _ offset: Int) -> UnsafeMutablePointer<UInt8> {
  unsafe UnsafeMutablePointer<UInt8>(bitPattern: UInt(truncatingIfNeeded: reference) &+ UInt(bitPattern: offset)).unsafelyUnwrapped
}

@inline(__always)
func memory(_ address: UInt) -> UnsafeMutableRawPointer {
  unsafe UnsafeMutableRawPointer(bitPattern: address).unsafelyUnwrapped
}

@inlinable @inline(__always)
func storeWord(_ cell: UInt, _ offset: Int, _ value: UInt64) {
  unsafe UnsafeMutablePointer<UInt64>(bitPattern: cell &+ UInt(bitPattern: offset)).unsafelyUnwrapped.pointee = value
}

/// The descriptor number of an object.
@inlinable @inline(__always)
public func descriptorNumber(_ reference: UInt64) -> UInt32 { UInt32(truncatingIfNeeded: word(reference, 0)) }

/// The row of an object's descriptor.
@inlinable @inline(__always)
public func descriptor(_ m: MachinePointer, _ reference: UInt64) -> UnsafeMutablePointer<Descriptor> {
  unsafe m.pointee.descriptors + Int(descriptorNumber(reference))
}
