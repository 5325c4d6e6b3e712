// Immortal strings: the program's literals and the runtime's own messages. Equal texts share one
// object, found by an open-addressed table of literal numbers.

import CShims

@safe
public final class LiteralTable: @unchecked Sendable {
  private let lock = Lock()
  private var objects: ReservedRange
  private var objectBytes = 0
  private var index: ReservedRange
  private var count = 0
  /// Literal numbers + 1; 0 is empty. Its length is a power of two.
  private var buckets: [UInt32] = Array(repeating: 0, count: 256)
  /// The `literals` of the machine.
  let references: UnsafeMutablePointer<UInt64>
  /// A storage of capacity 0.
  let emptyStorage: UInt64

  init?(capacity: Int) {
    guard var objects = ReservedRange(capacity: min(capacity, 1 << 24) &* 256, minimum: 1 << 20),
      var index = ReservedRange(capacity: min(capacity, 1 << 24) &* 8, minimum: 1 << 16, step: 1 << 16),
      objects.commit(1 << 16), index.commit(1 << 16)
    else { return nil }
    let storage = unsafe objects.base.assumingMemoryBound(to: UInt64.self)
    unsafe storage[0] =
      UInt64(DescriptorTable.storage) | UInt64(ObjectHeader.immortal) << ObjectHeader.flagsShift
    unsafe storage[1] = 0
    emptyStorage = UInt64(UInt(bitPattern: storage))
    objectBytes = 16
    unsafe references = index.base.bindMemory(to: UInt64.self, capacity: index.capacity / 8)
    self.objects = objects
    self.index = index
  }

  deinit {
    objects.release()
    index.release()
  }

  /// The literal's number; -1 when there is no room.
  public func add(_ text: UnsafeBufferPointer<UInt8>) -> Int {
    lock.lock()
    defer { lock.unlock() }
    let hash = unsafe Hash.bytes(text.baseAddress, text.count)
    var at = Int(truncatingIfNeeded: hash) & (buckets.count &- 1)
    while buckets[at] != 0 {
      let number = Int(buckets[at]) &- 1
      if unsafe Strings.equal(references[number], text) { return number }
      at = (at &+ 1) & (buckets.count &- 1)
    }
    let bytes = 16 &+ (text.count &+ 7) & ~7
    guard text.count < 1 << 31, objects.commit(objectBytes &+ bytes), index.commit((count &+ 1) &* 8) else { return -1 }
    let object = unsafe (objects.base + objectBytes).assumingMemoryBound(to: UInt64.self)
    unsafe object[0] =
      UInt64(DescriptorTable.string) | UInt64(ObjectHeader.immortal) << ObjectHeader.flagsShift
    unsafe object[1] = UInt64(text.count)
    if let source = text.baseAddress { unsafe memcpy(object + 2, source, text.count) }
    objectBytes &+= bytes
    unsafe references[count] = UInt64(UInt(bitPattern: object))
    count &+= 1
    buckets[at] = UInt32(truncatingIfNeeded: count)
    if count &* 2 > buckets.count { rehash() }
    return count &- 1
  }

  /// The reference of the literal with this text; 0 when there is no room.
  public func intern(_ text: UnsafeBufferPointer<UInt8>) -> UInt64 {
    let number = unsafe add(text)
    return number < 0 ? 0 : unsafe references[number]
  }

  /// An immortal object of `words` behind `header`; 0 when there is no room.
  func makeObject(header: UInt64, words: [UInt64]) -> UInt64 {
    lock.withLock {
      let bytes = 8 &+ words.count &* 8
      guard objects.commit(objectBytes &+ bytes) else { return 0 }
      let object = unsafe (objects.base + objectBytes).assumingMemoryBound(to: UInt64.self)
      unsafe object[0] = header | UInt64(ObjectHeader.immortal) << ObjectHeader.flagsShift
      for i in 0..<words.count { unsafe object[i &+ 1] = words[i] }
      objectBytes &+= bytes
      return UInt64(UInt(bitPattern: object))
    }
  }

  public func reference(_ number: Int) -> UInt64 {
    lock.withLock { number >= 0 && number < count ? unsafe references[number] : 0 }
  }

  private func rehash() {
    var grown: [UInt32] = Array(repeating: 0, count: buckets.count &* 2)
    for number in 0..<count {
      let text = unsafe Strings.view(references[number])
      var at = unsafe Int(truncatingIfNeeded: Hash.bytes(text.baseAddress, text.count)) & (grown.count &- 1)
      while grown[at] != 0 { at = (at &+ 1) & (grown.count &- 1) }
      grown[at] = UInt32(truncatingIfNeeded: number &+ 1)
    }
    buckets = grown
  }
}
