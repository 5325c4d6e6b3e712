// Marking. References wait on an explicit stack; in front of it a short queue gives the prefetched
// header time to arrive (Cher, Hosking and Vitek, "Software prefetching for mark-sweep", 2004).
//
// The stack has a fixed size. When it is full the object whose children did not fit is noted in its
// block, and noted blocks are scanned again, so neither deep nor wide graphs need more memory.

import CShims

/// References to mark, and rests of long storages: (from, to, storage | 1), pushed in this order.
@safe
struct MarkStack {
  private let words: UnsafeMutablePointer<UInt64>
  private var range: ReservedRange
  /// Settable for tests.
  var capacity: Int
  private(set) var count = 0

  init?(capacity: Int) {
    guard var range = ReservedRange(capacity: capacity &* 8, minimum: 1 << 16), range.commit(range.capacity) else { return nil }
    unsafe words = range.base.bindMemory(to: UInt64.self, capacity: range.capacity / 8)
    self.capacity = range.capacity / 8
    self.range = range
  }

  mutating func release() { range.release() }

  @inline(__always)
  mutating func push(_ reference: UInt64) -> Bool {
    if count >= capacity { return false }
    unsafe words[count] = reference
    count &+= 1
    return true
  }

  mutating func push(rest storage: UInt64, from: UInt64, to: UInt64) -> Bool {
    if count &+ 3 > capacity { return false }
    unsafe words[count] = from
    unsafe words[count &+ 1] = to
    unsafe words[count &+ 2] = storage | 1
    count &+= 3
    return true
  }

  @inline(__always)
  mutating func pop() -> UInt64 {
    if count == 0 { return 0 }
    count &-= 1
    return unsafe words[count]
  }
}

extension Heap {
  private static let queueLength = 16
  /// Elements scanned before the rest of a long storage is put on the stack.
  private static let chunk = 1024

  /// Marks everything reachable from the mark stack.
  func drain() {
    while true {
      drainStack()
      if !rescanOverflowed() { return }
    }
  }

  private func drainStack() {
    guard let m = unsafe machine else { return }
    unsafe withUnsafeTemporaryAllocation(of: UInt64.self, capacity: Self.queueLength) { queue in
      unsafe queue.initialize(repeating: 0)
      var head = 0
      var waiting = 0
      while true {
        let next = markStack.pop()
        if next & 1 != 0 {
          let to = markStack.pop()
          let from = markStack.pop()
          unsafe scanElements(m, next & ~1, Int(truncatingIfNeeded: from), Int(truncatingIfNeeded: to))
          continue
        }
        if next != 0 {
          unsafe lang_prefetch(UnsafeRawPointer(bitPattern: UInt(truncatingIfNeeded: next)))
          waiting &+= 1
        } else if waiting == 0 {
          return
        }
        let reference = unsafe queue[head]
        unsafe queue[head] = next
        head = (head &+ 1) & (Self.queueLength &- 1)
        if reference != 0 {
          waiting &-= 1
          unsafe visit(m, reference)
        }
      }
    }
  }

  /// Marks one object and scans it at once, leaving its children on the stack. For roots that do not fit.
  func mark(_ reference: UInt64) {
    guard let m = unsafe machine else { return }
    unsafe visit(m, reference)
  }

  /// Marks the object if it is not yet and puts its children on the stack.
  @inline(__always)
  private func visit(_ m: MachinePointer, _ reference: UInt64) {
    let header = word(reference, 0)
    if header & ObjectHeader.markMask == markWord { return }
    let number = UInt32(truncatingIfNeeded: header)
    if number == 0 { return }
    setMark(reference, header)
    let row = unsafe m.pointee.descriptors + Int(number)
    unsafe statistics.staleObjects &+= row.pointee.isStale ? 1 : 0
    unsafe statistics.liveBytes &+= row.pointee.cellBytes != 0
      ? Int(row.pointee.cellBytes) : SizeClass.roundedBytes(objectBytes(reference, row))
    if unsafe row.pointee.hasReferences { unsafe scan(m, reference, row) }
  }

  /// Marks an object of the heap. A block of which none is marked needs no look at its cells when it is swept.
  @inline(__always)
  private func setMark(_ reference: UInt64, _ header: UInt64) {
    setWord(reference, 0, header & ~ObjectHeader.markMask | markWord)
    unsafe blocks[Int(bitPattern: (UInt(truncatingIfNeeded: reference) &- base) >> Self.blockShift)].marked &+= 1
    statistics.liveObjects &+= 1
  }

  @inline(__always)
  private func scan(_ m: MachinePointer, _ reference: UInt64, _ row: UnsafeMutablePointer<Descriptor>) {
    switch unsafe row.pointee.kind {
    case .object, .closure: unsafe scanWords(reference, reference &+ 8, row)
    case .vector: unsafe scanVector(m, reference, row)
    case .storage:
      let size = unsafe max(1, Int(row.pointee.elementBytes))
      unsafe scanElements(m, reference, 0, Int(truncatingIfNeeded: word(reference, Offset.storageCapacity)) / size)
    case .string, .none: break
    }
  }

  /// The references among the words at `start` that the bitmap of `row` names; `owner` holds them.
  @inline(__always)
  private func scanWords(_ owner: UInt64, _ start: UInt64, _ row: UnsafeMutablePointer<Descriptor>) {
    if let long = unsafe row.pointee.longReferences {
      let length = unsafe (Int(row.pointee.words) &+ 63) / 64
      for part in 0..<length { unsafe scanBits(owner, start &+ UInt64(part &* 512), long[part]) }
    } else {
      unsafe scanBits(owner, start, row.pointee.references)
    }
  }

  @inline(__always)
  private func scanBits(_ owner: UInt64, _ start: UInt64, _ bitmap: UInt64) {
    var bits = bitmap
    while bits != 0 {
      pushChild(owner, word(start, bits.trailingZeroBitCount &* 8))
      bits &= bits &- 1
    }
  }

  @inline(__always)
  private func pushChild(_ owner: UInt64, _ child: UInt64) {
    // Null and literals lie outside the range.
    if UInt(truncatingIfNeeded: child) &- base >= spannedBytes { return }
    if !markStack.push(child) { noteOverflow(owner) }
  }

  /// A vector's storage is marked with it and scanned up to the vector's count.
  private func scanVector(_ m: MachinePointer, _ vector: UInt64, _ row: UnsafeMutablePointer<Descriptor>) {
    let storage = word(vector, Offset.vectorStorage)
    if UInt(truncatingIfNeeded: storage) &- base >= spannedBytes { return }
    let header = word(storage, 0)
    if header & ObjectHeader.markMask == markWord { return }
    setMark(storage, header)
    let capacity = Int(truncatingIfNeeded: word(storage, Offset.storageCapacity))
    statistics.liveBytes &+= SizeClass.roundedBytes(capacity &+ Offset.storageData)
    if unsafe row.pointee.storage == DescriptorTable.storage { return }
    unsafe scanElements(m, storage, 0, Int(truncatingIfNeeded: word(vector, Offset.vectorCount)))
  }

  /// Elements `from..<to` of a storage with references; what does not fit a chunk goes on the stack.
  private func scanElements(_ m: MachinePointer, _ storage: UInt64, _ from: Int, _ to: Int) {
    let row = unsafe descriptor(m, storage)
    let size = unsafe Int(row.pointee.elementBytes)
    var end = to
    if to &- from > Self.chunk {
      if markStack.push(rest: storage, from: UInt64(from &+ Self.chunk), to: UInt64(to)) {
        end = from &+ Self.chunk
      }
    }
    var element = storage &+ UInt64(Offset.storageData &+ from &* size)
    if size == 8 {
      for _ in from..<max(from, end) {
        pushChild(storage, word(element, 0))
        element &+= 8
      }
    } else {
      for _ in from..<max(from, end) {
        unsafe scanWords(storage, element, row)
        element &+= UInt64(size)
      }
    }
  }

  // MARK: Overflow

  @inline(never)
  private func noteOverflow(_ owner: UInt64) {
    statistics.markOverflows &+= 1
    unsafe blocks[Int(bitPattern: (UInt(truncatingIfNeeded: owner) &- base) >> Self.blockShift)].overflowed = true
  }

  /// Scans the marked objects of blocks that lost children. False when there were none.
  private func rescanOverflowed() -> Bool {
    guard let m = unsafe machine else { return false }
    var any = false
    for index in 0..<blockCount where unsafe blocks[index].overflowed {
      any = true
      unsafe blocks[index].overflowed = false
      let block = unsafe blocks[index]
      let count = block.kind == .small ? UInt64(block.cellCount) : block.kind == .large ? 1 : 0
      for cell in 0..<count {
        let reference = UInt64(address(ofBlock: index)) &+ cell &* UInt64(block.cellBytes)
        let header = word(reference, 0)
        guard header & ObjectHeader.markMask == markWord, UInt32(truncatingIfNeeded: header) != 0 else { continue }
        let row = unsafe descriptor(m, reference)
        guard unsafe row.pointee.hasReferences else { continue }
        // Children are visited one by one: with an empty stack each has room again.
        unsafe forEachReference(reference, row) { child in
          if UInt(truncatingIfNeeded: child) &- base >= spannedBytes { return }
          if word(child, 0) & ObjectHeader.markMask == markWord { return }
          if !markStack.push(child) {
            drainStack()
            _ = markStack.push(child)
          }
        }
        if markStack.count > markStack.capacity / 2 { drainStack() }
      }
    }
    return any
  }

  /// Logs a reference that is being overwritten while marking runs beside the program.
  func log(_ old: UInt64) {
    if UInt(truncatingIfNeeded: old) &- base < spannedBytes { _ = markStack.push(old) }
  }

  // MARK: Shapes

  /// Bytes an object really uses, header included.
  func objectBytes(_ reference: UInt64, _ row: UnsafeMutablePointer<Descriptor>) -> Int {
    switch unsafe row.pointee.kind {
    case .string: Offset.stringBytes &+ Int(truncatingIfNeeded: word(reference, Offset.stringCount))
    case .storage: Offset.storageData &+ Int(truncatingIfNeeded: word(reference, Offset.storageCapacity))
    case .vector: 24
    case .object, .closure: unsafe 8 &+ Int(row.pointee.words) &* 8
    case .none: 0
    }
  }

  /// Every reference in an object; a vector's is its storage, a storage's all up to its capacity.
  func forEachReference(
    _ reference: UInt64, _ row: UnsafeMutablePointer<Descriptor>, _ body: (UInt64) -> Void
  ) {
    switch unsafe row.pointee.kind {
    case .vector: body(word(reference, Offset.vectorStorage))
    case .object, .closure:
      for i in 0..<(unsafe Int(row.pointee.words)) where unsafe row.pointee.isReference(i) {
        body(word(reference, Offset.payload &+ i &* 8))
      }
    case .storage:
      guard unsafe row.pointee.hasReferences else { return }
      let size = unsafe max(1, Int(row.pointee.elementBytes))
      let count = Int(truncatingIfNeeded: word(reference, Offset.storageCapacity)) / size
      for element in 0..<max(0, count) {
        for i in 0..<(unsafe Int(row.pointee.words)) where unsafe row.pointee.isReference(i) {
          body(word(reference, Offset.storageData &+ element &* size &+ i &* 8))
        }
      }
    case .string, .none: break
    }
  }
}
