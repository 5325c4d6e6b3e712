// What the collector and the allocator know of a type. Compiled code names a descriptor by number; the
// number is in every object's header.
//
// Invariant: a row is complete before its number leaves `DescriptorTable`, and only `isStale` changes
// afterwards, so that the program may read rows while another thread adds some.

import CShims

public enum DescriptorKind: UInt8, Sendable {
  case none  // number 0: a free cell
  case object  // fixed payload
  case closure  // fixed payload whose first word is the slot number
  case vector  // count and storage
  case storage  // a capacity in bytes and elements
  case string  // a byte count and bytes
}

/// One row of the table, 48 bytes.
@safe
public struct Descriptor {
  /// The header word of a new object, without its mark.
  public var header: UInt64
  /// Which of the first 64 payload words (element words for vectors and storages) are references.
  public var references: UInt64
  /// The whole bitmap when there are more than 64 words; never freed before the table.
  public var longReferences: UnsafePointer<UInt64>?
  /// Bytes of a cell, header included, rounded up to its size class; 0 for variable sizes.
  public var cellBytes: UInt32
  /// Payload words of an object; words of one element of a vector or storage.
  public var words: UInt32
  /// For a vector the descriptor of its storage.
  public var storage: UInt32
  /// Bytes of one element.
  public var elementBytes: UInt32
  /// Index of the allocation cursor.
  public var sizeClass: UInt8
  public var kind: DescriptorKind
  public var elementKind: StorageKind
  public var hasReferences: Bool
  /// Objects of it have a layout that their type has no more. Changed by the program thread alone.
  public var isStale = false

  @inlinable init(kind: DescriptorKind, number: UInt32) {
    header = UInt64(number)
    references = 0
    unsafe longReferences = nil
    cellBytes = 0
    words = 0
    storage = 0
    elementBytes = 0
    sizeClass = UInt8(SizeClass.count)
    self.kind = kind
    elementKind = .words
    hasReferences = false
  }

  /// Whether payload (or element) word `index` holds a reference.
  public func isReference(_ index: Int) -> Bool {
    if index < 0 || index >= Int(words) { return false }
    if let long = unsafe longReferences { return unsafe long[index >> 6] >> UInt64(index & 63) & 1 != 0 }
    return references >> UInt64(index & 63) & 1 != 0
  }
}

/// The descriptors of one machine. Adding takes a lock and is safe from any thread.
@safe
public final class DescriptorTable: @unchecked Sendable {
  /// Predefined numbers.
  public static let string: UInt32 = 1
  /// Storage without references, of any element size.
  public static let storage: UInt32 = 2
  /// A vector of u8, for building text.
  public static let byteVector: UInt32 = 3
  /// A closure without captures: a global function used as a value.
  public static let plainClosure: UInt32 = 4
  /// The first number that is handed out.
  public static let firstFree = 5

  public private(set) var count: Int
  /// How many of them are stale.
  public private(set) var staleCount = 0
  public let rows: UnsafeMutablePointer<Descriptor>

  /// A row as it is.
  public func row(_ number: Int) -> Descriptor { unsafe rows[number] }

  private var range: ReservedRange
  private let lock = Lock()

  /// nil when the system has no address space left.
  init?() {
    guard let r = ReservedRange(capacity: 64 << 20, minimum: 1 << 20, step: 1 << 16, low: 64 << 20) else { return nil }
    range = r
    unsafe rows = r.base.bindMemory(to: Descriptor.self, capacity: r.capacity / MemoryLayout<Descriptor>.stride)
    count = 0
    guard range.commit(1 << 16) else { return nil }
    unsafe rows[0] = Descriptor(kind: .none, number: 0)
    unsafe rows[1] = Descriptor(kind: .string, number: 1)
    unsafe rows[2] = Descriptor(kind: .storage, number: 2)
    count = 3
    _ = addVector(elementWords: 1, kind: .u8)
    _ = addClosure(captureWords: 0)
  }

  deinit {
    for i in 0..<count {
      if let long = unsafe rows[i].longReferences { unsafe long.deallocate() }
    }
    range.release()
  }

  /// A record, enum case or boxed value of `words` payload words, of which `references` (indices from 0)
  /// hold references. 0 when the table is full.
  public func addObject(words: Int, references: [Int] = []) -> UInt32 {
    lock.withLock { add(.object, words: words, references: references) }
  }

  /// A closure with `captureWords` words behind the slot number; `references` counts from the first
  /// captured word. 0 when the table is full.
  public func addClosure(captureWords: Int, references: [Int] = []) -> UInt32 {
    lock.withLock {
      var shifted: [Int] = []
      for index in references { shifted.append(index &+ 1) }
      return add(.closure, words: captureWords &+ 1, references: shifted)
    }
  }

  /// A vector whose elements have `elementWords` words (1 for packed kinds), of which `references` hold
  /// references. The storage's own descriptor is added with it. 0 when the table is full.
  public func addVector(elementWords: Int, kind: StorageKind, references: [Int] = []) -> UInt32 {
    lock.withLock {
      let bytes = kind == .words ? elementWords &* 8 : kind.byteCount
      var storage = Self.storage
      if !references.isEmpty {
        storage = add(.storage, words: elementWords, references: references)
        if storage == 0 { return 0 }
        unsafe rows[Int(storage)].elementBytes = UInt32(truncatingIfNeeded: bytes)
      }
      let number = add(.vector, words: elementWords, references: references)
      if number == 0 { return 0 }
      let row = unsafe rows + Int(number)
      unsafe row.pointee.elementBytes = UInt32(truncatingIfNeeded: bytes)
      unsafe row.pointee.elementKind = kind
      unsafe row.pointee.storage = storage
      return number
    }
  }

  /// Whether objects of `number` have a layout that their type has no more. Program thread, or any while the
  /// machine is parked.
  public func setStale(_ number: UInt32, _ isStale: Bool) {
    lock.withLock {
      guard Int(number) < count, unsafe rows[Int(number)].isStale != isStale else { return }
      unsafe rows[Int(number)].isStale = isStale
      staleCount &+= isStale ? 1 : -1
    }
  }

  /// Payload words of an object of `number`, or words of an element of a vector.
  public func words(_ number: UInt32) -> Int {
    lock.withLock { Int(number) < count ? unsafe Int(rows[Int(number)].words) : 0 }
  }

  public func isStale(_ number: UInt32) -> Bool {
    lock.withLock { unsafe Int(number) < count && rows[Int(number)].isStale }
  }

  private func add(_ kind: DescriptorKind, words: Int, references: [Int]) -> UInt32 {
    guard words >= 0, words < 1 << 24, (count &+ 1) &* MemoryLayout<Descriptor>.stride <= range.capacity,
      range.commit((count &+ 1) &* MemoryLayout<Descriptor>.stride)
    else { return 0 }
    let number = UInt32(truncatingIfNeeded: count)
    var row = Descriptor(kind: kind, number: number)
    row.words = UInt32(truncatingIfNeeded: words)
    if words > 64 && !references.isEmpty {
      let length = (words &+ 63) / 64
      let bitmap = UnsafeMutablePointer<UInt64>.allocate(capacity: length)
      unsafe bitmap.initialize(repeating: 0, count: length)
      for index in references where index >= 0 && index < words {
        unsafe bitmap[index >> 6] |= 1 << UInt64(index & 63)
      }
      unsafe row.longReferences = UnsafePointer(bitmap)
    }
    for index in references where index >= 0 && index < words {
      row.hasReferences = true
      if index < 64 { row.references |= 1 << UInt64(index) }
    }
    if kind != .storage {
      let payload = kind == .vector ? 2 : words
      let bytes = max(16, 8 &+ payload &* 8)
      row.sizeClass = UInt8(truncatingIfNeeded: SizeClass.of(bytes: bytes))
      row.cellBytes = UInt32(truncatingIfNeeded: SizeClass.roundedBytes(bytes))
      if kind == .vector { row.hasReferences = true }
    }
    unsafe rows[count] = row
    count &+= 1
    return number
  }
}
