// Vectors: an object of count and storage, so that growing keeps the vector's identity.
//
// Invariant: `storage` is never null (empty vectors share one of capacity 0); elements from `count` up to
// the capacity are zero where the element has references, so that a storage can be traced alone.

import CShims

public enum Vectors {
  @inlinable @inline(__always)
  public static func count(_ vector: UInt64) -> Int {
    Int(truncatingIfNeeded: word(vector, Offset.vectorCount))
  }

  /// Address of the first element.
  @inlinable @inline(__always)
  public static func data(_ vector: UInt64) -> UInt64 {
    word(vector, Offset.vectorStorage) &+ UInt64(Offset.storageData)
  }

  /// Bytes that the storage has room for.
  @inlinable @inline(__always)
  public static func capacityBytes(_ vector: UInt64) -> Int {
    Int(truncatingIfNeeded: word(word(vector, Offset.vectorStorage), Offset.storageCapacity))
  }

  /// An empty vector. 0: a panic is pending.
  @inlinable
  public static func make(_ m: MachinePointer, _ descriptor: UInt32) -> UInt64 {
    let vector = unsafe Heap.allocateObject(m, descriptor)
    if vector != 0 { unsafe setWord(vector, Offset.vectorStorage, m.pointee.emptyStorage) }
    return vector
  }

  /// A vector of `bytes`, for the host. 0: a panic is pending.
  public static func make(_ m: MachinePointer, bytes text: UnsafeBufferPointer<UInt8>) -> UInt64 {
    let vector = unsafe make(m, DescriptorTable.byteVector)
    if vector == 0 { return 0 }
    unsafe m.pointee.scratch = vector
    defer { unsafe m.pointee.scratch = 0 }
    return unsafe appendBytes(m, vector, text) ? vector : 0
  }

  /// Appends the element in the registers at `element`. False: a panic is pending.
  @inlinable
  public static func push(_ m: MachinePointer, _ vector: UInt64, _ element: UnsafePointer<UInt64>) -> Bool {
    let row = unsafe descriptor(m, vector)
    let n = count(vector)
    let size = unsafe Int(row.pointee.elementBytes)
    let offset = n &* size
    if offset &+ size > capacityBytes(vector) {
      if unsafe !grow(m, vector, n &+ 1) { return false }
    }
    unsafe storeElement(row, data(vector) &+ UInt64(UInt(bitPattern: offset)), element)
    setWord(vector, Offset.vectorCount, UInt64(UInt(bitPattern: n &+ 1)))
    return true
  }

  /// Takes the last element off into the registers at `result`. False: the vector is empty, and
  /// `.indexOutOfRange` is pending.
  @inlinable
  public static func pop(_ m: MachinePointer, _ vector: UInt64, _ result: UnsafeMutablePointer<UInt64>) -> Bool {
    let n = count(vector) &- 1
    if n < 0 { return unsafe raiseIndex(m, n, count: 0) }
    let row = unsafe descriptor(m, vector)
    let element = unsafe data(vector) &+ UInt64(UInt(bitPattern: n &* Int(row.pointee.elementBytes)))
    unsafe loadElement(row, element, result)
    unsafe drop(m, row, element, 1)
    setWord(vector, Offset.vectorCount, UInt64(UInt(bitPattern: n)))
    return true
  }

  /// Bytes of a vector's first storage, header included. Most vectors never need another.
  public static let firstStorageBytes = 48

  /// Room for `wanted` elements or more; doubles at least. False: a panic is pending.
  @inline(never)
  public static func grow(_ m: MachinePointer, _ vector: UInt64, _ wanted: Int) -> Bool {
    let row = unsafe descriptor(m, vector)
    let size = unsafe Int(row.pointee.elementBytes)
    // A vector's first elements are the commonest reason to come here.
    if wanted > 0, wanted <= 32, size > 0, wanted &* size <= firstStorageBytes &- Offset.storageData, capacityBytes(vector) == 0 {
      return unsafe setStorage(m, vector, row, bytes: firstStorageBytes) != 0
    }
    let (least, overflow) = wanted.multipliedReportingOverflow(by: size)
    if overflow || wanted < 0 || least > 1 << 40 { return unsafe raise(m, .outOfMemory) }
    let old = capacityBytes(vector)
    if least <= old { return true }
    let bytes = SizeClass.roundedBytes(max(least, old &* 2, firstStorageBytes &- Offset.storageData) &+ Offset.storageData)
    let from = data(vector)
    let storage = unsafe setStorage(m, vector, row, bytes: bytes)
    if storage == 0 { return false }
    unsafe memcpy(byteAddress(storage, Offset.storageData), byteAddress(from, 0), count(vector) &* size)
    return true
  }

  /// Gives a vector another storage of `bytes` bytes, a cell's size, all zero. 0: a panic is pending.
  @inline(__always)
  private static func setStorage(_ m: MachinePointer, _ vector: UInt64, _ row: UnsafeMutablePointer<Descriptor>, bytes: Int) -> UInt64 {
    let storage = unsafe Heap.allocate(m, header: m.pointee.descriptors[Int(row.pointee.storage)].header, bytes: bytes)
    if storage == 0 { return 0 }
    setWord(storage, Offset.storageCapacity, UInt64(bytes &- Offset.storageData))
    // The old storage keeps its elements, so the snapshot loses none by this store.
    unsafe Heap.writeReference(m, address(vector, Offset.vectorStorage), storage)
    return storage
  }

  // MARK: Elements

  /// Registers to memory. `element` is the element's address.
  @inlinable @inline(__always)
  public static func storeElement(
    _ row: UnsafeMutablePointer<Descriptor>, _ element: UInt64, _ from: UnsafePointer<UInt64>
  ) {
    let to = unsafe UnsafeMutableRawPointer(address(element, 0))
    let value = { unsafe from.pointee }
    switch unsafe row.pointee.elementKind {
    case .words:
      let n = unsafe Int(row.pointee.words)
      for i in 0..<n { unsafe setWord(element, i &* 8, from[i]) }
    case .u8, .i8: unsafe to.storeBytes(of: UInt8(truncatingIfNeeded: value()), as: UInt8.self)
    case .u16, .i16: unsafe to.storeBytes(of: UInt16(truncatingIfNeeded: value()), as: UInt16.self)
    case .u32, .i32: unsafe to.storeBytes(of: UInt32(truncatingIfNeeded: value()), as: UInt32.self)
    case .f32: unsafe to.storeBytes(of: Float(Double(bitPattern: value())), as: Float.self)
    }
  }

  /// Memory to registers: signed kinds sign-extended, f32 as binary64.
  @inlinable @inline(__always)
  public static func loadElement(
    _ row: UnsafeMutablePointer<Descriptor>, _ element: UInt64, _ to: UnsafeMutablePointer<UInt64>
  ) {
    if unsafe row.pointee.elementKind == .words {
      let n = unsafe Int(row.pointee.words)
      for i in 0..<n { unsafe to[i] = word(element, i &* 8) }
    } else {
      unsafe to.pointee = loadPacked(row.pointee.elementKind, element)
    }
  }

  /// One element of a packed kind as a register.
  @inlinable @inline(__always)
  public static func loadPacked(_ kind: StorageKind, _ element: UInt64) -> UInt64 {
    let from = unsafe UnsafeRawPointer(address(element, 0))
    switch kind {
    case .words: return unsafe from.load(as: UInt64.self)
    case .u8: return UInt64(unsafe from.load(as: UInt8.self))
    case .i8: return UInt64(bitPattern: Int64(unsafe from.load(as: Int8.self)))
    case .u16: return UInt64(unsafe from.load(as: UInt16.self))
    case .i16: return UInt64(bitPattern: Int64(unsafe from.load(as: Int16.self)))
    case .u32: return UInt64(unsafe from.load(as: UInt32.self))
    case .i32: return UInt64(bitPattern: Int64(unsafe from.load(as: Int32.self)))
    case .f32: return Double(unsafe from.load(as: Float.self)).bitPattern
    }
  }

  /// Before `n` elements at `element` go out of the vector: logs their references and clears them.
  @inlinable
  public static func drop(_ m: MachinePointer, _ row: UnsafeMutablePointer<Descriptor>, _ element: UInt64, _ n: Int) {
    if unsafe row.pointee.storage == DescriptorTable.storage { return }
    let words = unsafe n &* Int(row.pointee.words)
    unsafe Heap.willOverwrite(m, element, words: words)
    for i in 0..<max(0, words) { setWord(element, i &* 8, 0) }
  }

  /// Before elements are moved within their storage.
  static func willMove(_ m: MachinePointer, _ row: UnsafeMutablePointer<Descriptor>, _ element: UInt64, _ n: Int) {
    if unsafe row.pointee.storage == DescriptorTable.storage { return }
    unsafe Heap.willOverwrite(m, element, words: n &* Int(row.pointee.words))
  }

  // MARK: Bytes

  /// Room for `more` bytes behind the last one of a u8 vector; the address to write them at, nil when a
  /// panic is pending. Follow with `advance`.
  @inline(__always)
  static func room(_ m: MachinePointer, _ vector: UInt64, _ more: Int) -> UnsafeMutablePointer<UInt8>? {
    let n = count(vector)
    if n &+ more > capacityBytes(vector), unsafe !grow(m, vector, n &+ more) { return nil }
    return unsafe byteAddress(data(vector), n)
  }

  @inline(__always)
  static func advance(_ vector: UInt64, _ more: Int) {
    setWord(vector, Offset.vectorCount, word(vector, Offset.vectorCount) &+ UInt64(UInt(bitPattern: more)))
  }

  /// False: a panic is pending. `text` must not lie in the vector itself.
  static func appendBytes(_ m: MachinePointer, _ vector: UInt64, _ text: UnsafeBufferPointer<UInt8>) -> Bool {
    guard let source = text.baseAddress, text.count > 0 else { return true }
    guard let to = unsafe room(m, vector, text.count) else { return false }
    unsafe memcpy(to, source, text.count)
    advance(vector, text.count)
    return true
  }
}
