// The heap: 64 KB blocks in one reserved range, each cut into cells of one size class; objects never
// move. A block's number, and from it the cell, follows from any interior address by arithmetic.
//
//   range  │ block 0: 32-byte cells │ block 1: 128-byte cells │ block 2–4: one large object │ …
//   cell   ┌ header ┬ payload … ┐      free: ┌ 0 ┬ run length, next run ┐ (in the first cell of a run)
//
// Invariant: outside a sweep, a cell's header is 0 exactly when no object is in it. The mark byte of
// an object equals the current colour when the last marking reached it or it was made since; colours
// alternate between 1 and 2, so that nothing needs clearing.
//
// Only the program thread allocates and collects; others may read while the program is parked.

import CShims

/// What is known of one block.
@safe
struct Block {
  enum Kind: UInt8 { case free, small, large, tail }
  var kind: Kind = .free
  var sizeClass: UInt8 = 0
  /// Its memory reads as zero, but for the records of free runs.
  var isFresh = false
  /// Marked objects in it may have unmarked children, because the mark stack overflowed.
  var overflowed = false
  var cellBytes: UInt32 = 0
  /// ⌈2^32 / cellBytes⌉, to divide offsets by multiplication.
  var reciprocal: UInt32 = 0
  var cellCount: UInt32 = 0
  /// Objects in it that the last marking has reached.
  var marked: UInt32 = 0
  /// For `large` the blocks it takes; for `tail` the distance to the first one.
  var span: UInt32 = 0
  /// Next block of the list it is in; -1 ends it.
  var next: Int32 = -1
}

/// What the collector has done so far.
public struct HeapStatistics: Sendable {
  public var collections = 0
  /// Times the program stood still, in ns.
  public var lastPause = 0
  public var longestPause = 0
  public var totalPause = 0
  /// Bytes of cells the last marking reached.
  public var liveBytes = 0
  public var liveObjects = 0
  /// Bytes of cells handed out to the allocator since the start.
  public var allocatedBytes = 0
  /// Bytes of blocks in use.
  public var heapBytes = 0
  /// Objects with a stale descriptor that the last marking reached.
  public var staleObjects = 0
  /// Times the mark stack was too small.
  public var markOverflows = 0

  public init() {}
}

@safe
public final class Heap {
  public static let blockBytes = 1 << 16
  static let blockShift: UInt = 16
  /// Most bytes zeroed at once for the allocator: they stay in the first-level cache.
  static let pieceBytes = 16384
  /// From this many blocks on the heap asks for large pages; small programs stay small.
  static let largePageBlocks = 256

  let cursors: UnsafeMutablePointer<AllocationCursor>
  private var cursorRange: ReservedRange
  /// The first run of each class's current block that no cursor has taken yet; 0: none.
  let pending: UnsafeMutablePointer<UInt>
  /// Blocks of each class that wait for their sweep, and those that are done.
  let unswept: UnsafeMutablePointer<Int32>
  let swept: UnsafeMutablePointer<Int32>
  /// Swept ahead of need and not full; their runs are found by sweeping them again.
  let partial: UnsafeMutablePointer<Int32>
  var larges: Int32 = -1

  var range: ReservedRange
  let base: UInt
  var blockRange: ReservedRange
  let blocks: UnsafeMutablePointer<Block>
  /// Blocks ever used; those above have no row.
  var blockCount = 0
  var freeBlocks = 0
  /// No free block lies below.
  var freeHint = 0
  var largeHint = 0

  /// Marks of the current cycle: 1 or 2, in the header's mark byte.
  var markWord: UInt64 = 1 << ObjectHeader.markShift
  var markStack: MarkStack
  /// Bytes the allocator may take before the next collection.
  var budget: Int
  var allocatedSinceCollection = 0
  var collectedForLimit = false

  /// There is a snapshot that may be restored.
  var isHeld = false

  var roots = RootTable()
  public internal(set) var statistics = HeapStatistics()
  /// Bytes of blocks above which allocation fails.
  public var limit: Int
  /// Bytes between two collections, at most, while no more than that is alive.
  public var usualBudget: Int
  /// Collect at every allocation, poison freed cells, verify.
  public var stress = false {
    didSet { if stress { retireCursors() } }
  }
  var machine: MachinePointer?

  /// `limit` 0 stands for three quarters of the machine's memory. nil when the system has no address
  /// space left.
  init?(limit: Int, usualBudget: Int) {
    let memory = max(sysconf(Int32(_SC_PHYS_PAGES)), 1 << 16) &* max(sysconf(Int32(_SC_PAGESIZE)), 4096)
    let ceiling = limit > 0 ? limit : memory / 4 &* 3
    // Twice the limit, so that holes between large objects do not end the program early.
    let wanted = min(max(ceiling, 1 << 20), 1 << 40) &* 2
    guard let range = ReservedRange(capacity: wanted, minimum: 16 << 20, step: 1 << 20) else { return nil }
    // Blocks must be aligned; mmap aligns to pages only.
    let aligned = unsafe (UInt(bitPattern: range.base) &+ UInt(Self.blockBytes &- 1)) & ~UInt(Self.blockBytes &- 1)
    let rows = range.capacity / Self.blockBytes &+ 1
    let lists = SizeClass.count &+ 1
    guard
      let blockRange = ReservedRange(capacity: rows &* MemoryLayout<Block>.stride, minimum: rows &* MemoryLayout<Block>.stride, step: 1 << 16),
      let markStack = MarkStack(capacity: 1 << 20),
      var cursorRange = ReservedRange(
        capacity: lists &* MemoryLayout<AllocationCursor>.stride, minimum: lists &* MemoryLayout<AllocationCursor>.stride, step: 1 << 12, low: 1 << 16),
      cursorRange.commit(lists &* MemoryLayout<AllocationCursor>.stride)
    else { return nil }
    self.range = range
    self.blockRange = blockRange
    base = aligned
    unsafe blocks = blockRange.base.bindMemory(to: Block.self, capacity: rows)
    self.cursorRange = cursorRange
    unsafe cursors = cursorRange.base.bindMemory(to: AllocationCursor.self, capacity: lists)
    unsafe pending = UnsafeMutablePointer<UInt>.allocate(capacity: lists)
    unsafe unswept = UnsafeMutablePointer<Int32>.allocate(capacity: lists)
    unsafe swept = UnsafeMutablePointer<Int32>.allocate(capacity: lists)
    unsafe partial = UnsafeMutablePointer<Int32>.allocate(capacity: lists)
    unsafe cursors.initialize(repeating: AllocationCursor(next: 0, limit: 0), count: lists)
    unsafe pending.initialize(repeating: 0, count: lists)
    unsafe unswept.initialize(repeating: -1, count: lists)
    unsafe swept.initialize(repeating: -1, count: lists)
    unsafe partial.initialize(repeating: -1, count: lists)
    self.markStack = markStack
    self.limit = ceiling
    self.usualBudget = max(usualBudget, Self.blockBytes)
    budget = self.usualBudget
  }

  deinit {
    cursorRange.release()
    unsafe pending.deallocate()
    unsafe unswept.deallocate()
    unsafe swept.deallocate()
    unsafe partial.deallocate()
    range.release()
    blockRange.release()
    markStack.release()
    roots.release()
  }

  func attach(_ state: MachinePointer) { unsafe machine = state }

  /// Shrinks the mark stack, so that tests reach its overflow.
  public func setMarkStackCapacity(_ words: Int) { markStack.capacity = max(8, min(words, markStack.capacity)) }

  /// Bytes of the range that blocks stand in.
  @inline(__always)
  var spannedBytes: UInt { UInt(bitPattern: blockCount) << Self.blockShift }

  @inline(__always)
  func address(ofBlock index: Int) -> UInt { base &+ UInt(bitPattern: index) << Self.blockShift }

  /// The object that `address` points at or into; 0 when there is none. O(1).
  public func object(containing address: UInt64) -> UInt64 {
    let distance = UInt(truncatingIfNeeded: address) &- base
    if distance >= spannedBytes { return 0 }
    var index = Int(bitPattern: distance >> Self.blockShift)
    let block = unsafe blocks + index
    switch unsafe block.pointee.kind {
    case .free: return 0
    case .small:
      let offset = UInt64(distance & UInt(Self.blockBytes &- 1))
      let cell = unsafe (offset &* UInt64(block.pointee.reciprocal)) >> 32
      if unsafe cell >= UInt64(block.pointee.cellCount) { return 0 }
      let start = unsafe UInt64(self.address(ofBlock: index)) &+ cell &* UInt64(block.pointee.cellBytes)
      return descriptorNumber(start) == 0 ? 0 : start
    case .tail:
      index &-= unsafe Int(block.pointee.span)
      fallthrough
    case .large:
      let start = UInt64(self.address(ofBlock: index))
      return descriptorNumber(start) == 0 ? 0 : start
    }
  }

  /// Calls `body` with every object, dead ones included until the next sweep; for a census collect first.
  /// O(heap).
  public func forEachObject(_ body: (UInt64) -> Void) {
    finishSweep()
    var index = 0
    while index < blockCount {
      let block = unsafe blocks[index]
      let start = UInt64(address(ofBlock: index))
      switch block.kind {
      case .small:
        for cell in 0..<UInt64(block.cellCount) {
          let reference = start &+ cell &* UInt64(block.cellBytes)
          if descriptorNumber(reference) != 0 { body(reference) }
        }
      case .large: body(start)
      case .free, .tail: break
      }
      index &+= block.kind == .large ? Int(block.span) : 1
    }
  }
}

/// References that the host holds: an array with a free list threaded through it.
@safe
struct RootTable {
  private var cells: UnsafeMutablePointer<UInt64>?
  private var capacity = 0
  private(set) var count = 0
  /// The first free cell + 1; a free cell holds (next + 1) * 2 + 1.
  private var free = 0

  /// -1 when memory is short.
  mutating func add(_ reference: UInt64) -> Int {
    if free != 0 {
      let index = free &- 1
      if let cells = unsafe cells {
        free = Int(truncatingIfNeeded: unsafe cells[index] >> 1)
        unsafe cells[index] = reference
      }
      return index
    }
    if count == capacity {
      let grown = max(64, capacity &* 2)
      guard let memory = unsafe realloc(cells, grown &* 8) else { return -1 }
      unsafe cells = memory.bindMemory(to: UInt64.self, capacity: grown)
      capacity = grown
    }
    if let cells = unsafe cells { unsafe cells[count] = reference }
    count &+= 1
    return count &- 1
  }

  mutating func remove(_ index: Int) {
    guard index >= 0, index < count, let cells = unsafe cells, unsafe cells[index] & 1 == 0 else { return }
    unsafe cells[index] = UInt64(UInt(bitPattern: free)) << 1 | 1
    free = index &+ 1
  }

  subscript(_ index: Int) -> UInt64 {
    get {
      guard index >= 0, index < count, let cells = unsafe cells, unsafe cells[index] & 1 == 0 else { return 0 }
      return unsafe cells[index]
    }
    set {
      guard index >= 0, index < count, let cells = unsafe cells, unsafe cells[index] & 1 == 0 else { return }
      unsafe cells[index] = newValue
    }
  }

  mutating func release() {
    unsafe free_(cells)
    unsafe cells = nil
    count = 0
    capacity = 0
  }
}

/// `free`, where a property of that name shadows it.
private func free_(_ memory: UnsafeMutablePointer<UInt64>?) { unsafe CShims.free(memory) }

extension Machine {
  /// Keeps an object alive for the host until `removeRoot`. The root's number, or -1 when memory is short.
  /// Program thread, or any while the machine is parked. O(1).
  public func addRoot(_ reference: UInt64) -> Int { heap.roots.add(reference) }
  public func removeRoot(_ root: Int) { heap.roots.remove(root) }
  public func root(_ root: Int) -> UInt64 { heap.roots[root] }
  public func setRoot(_ root: Int, _ reference: UInt64) { heap.roots[root] = reference }
}
