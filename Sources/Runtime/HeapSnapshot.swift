// The heap and the globals as they were, for an edit that may still be refused: what its initialisers have done to objects, whoever has
// them, is taken back as a whole, and objects that they made are as if never made.
//
//   copy  │ rows of blocks │ lists │ globals │ bytes of the blocks that are in use … │
//
// Invariant: objects do not move, so restoring needs no look at what refers to them. Between copying and restoring the program may
// run and collect; blocks that came meanwhile are free afterwards, and read as zero.

import CShims

@safe
public struct HeapSnapshot: ~Copyable {
  fileprivate var copy: ReservedRange
  fileprivate let blockCount: Int
  fileprivate let globalCount: Int
  fileprivate let freeBlocks, freeHint, largeHint: Int
  fileprivate let larges: Int32
  fileprivate let markWord: UInt64
  fileprivate let budget, allocatedSinceCollection: Int
  fileprivate let collectedForLimit: Bool
  fileprivate let liveBytes, liveObjects, staleObjects: Int

  deinit {
    var copy = copy
    copy.release()
  }
}

extension Machine {
  /// A copy of all that the program can change in memory. nil when the system has no memory left for it, or when the program has
  /// more than two thirds of what it may have: then both would not fit. Until it is gone nobody is told that stale objects have come
  /// to their end. Program thread, or any while the machine is parked. O(heap).
  public func snapshot() -> HeapSnapshot? {
    let most = heap.limit / 3 &* 2
    if heap.usedBytes > most {
      heap.collect()
      heap.finishSweep()
      if heap.usedBytes > most { return nil }
    }
    let used = heap.usedBytes
    let bytes = heap.fixedBytes &+ globalCount &* 8 &+ used
    guard var copy = ReservedRange(capacity: bytes, minimum: bytes), copy.commit(bytes) else { return nil }
    var at = unsafe copy.base
    unsafe heap.forEachPart { part, count in
      unsafe memcpy(at, part, count)
      unsafe at += count
    }
    unsafe memcpy(at, state.pointee.globals, globalCount &* 8)
    unsafe at += globalCount &* 8
    for index in 0..<heap.blockCount where unsafe heap.blocks[index].kind != .free {
      unsafe memcpy(at, memory(heap.address(ofBlock: index)), Heap.blockBytes)
      unsafe at += Heap.blockBytes
    }
    heap.isHeld = true
    return HeapSnapshot(
      copy: copy, blockCount: heap.blockCount, globalCount: globalCount, freeBlocks: heap.freeBlocks, freeHint: heap.freeHint,
      largeHint: heap.largeHint, larges: heap.larges, markWord: heap.markWord, budget: heap.budget,
      allocatedSinceCollection: heap.allocatedSinceCollection, collectedForLimit: heap.collectedForLimit,
      liveBytes: heap.statistics.liveBytes, liveObjects: heap.statistics.liveObjects, staleObjects: heap.statistics.staleObjects)
  }

  /// What has been done since is good.
  public func drop(_ snapshot: consuming HeapSnapshot) { heap.isHeld = false }

  /// All that a program can change in memory is what it was. Nothing else may hold objects that were made meanwhile. Program thread, or
  /// any while the machine is parked. O(heap).
  public func restore(_ snapshot: consuming HeapSnapshot) {
    var at = unsafe snapshot.copy.base
    let came = heap.blockCount &- snapshot.blockCount
    if came > 0 {
      unsafe lang_discard(memory(heap.address(ofBlock: snapshot.blockCount)), came &* Heap.blockBytes)
      for index in snapshot.blockCount..<heap.blockCount {
        unsafe heap.blocks[index] = Block()
        unsafe heap.blocks[index].isFresh = true
      }
    }
    unsafe heap.discardUsed(of: at.assumingMemoryBound(to: Block.self), count: snapshot.blockCount)
    let present = heap.blockCount
    heap.blockCount = snapshot.blockCount
    unsafe heap.forEachPart { part, count in
      unsafe memcpy(part, at, count)
      unsafe at += count
    }
    heap.blockCount = present
    unsafe memcpy(state.pointee.globals, at, snapshot.globalCount &* 8)
    unsafe at += snapshot.globalCount &* 8
    for index in 0..<snapshot.blockCount where unsafe heap.blocks[index].kind != .free {
      unsafe memcpy(memory(heap.address(ofBlock: index)), at, Heap.blockBytes)
      unsafe at += Heap.blockBytes
    }
    heap.freeBlocks = snapshot.freeBlocks &+ came
    heap.freeHint = snapshot.freeHint
    heap.largeHint = snapshot.largeHint
    heap.larges = snapshot.larges
    heap.markWord = snapshot.markWord
    heap.budget = snapshot.budget
    heap.allocatedSinceCollection = snapshot.allocatedSinceCollection
    heap.collectedForLimit = snapshot.collectedForLimit
    heap.statistics.liveBytes = snapshot.liveBytes
    heap.statistics.liveObjects = snapshot.liveObjects
    heap.statistics.staleObjects = snapshot.staleObjects
    heap.statistics.heapBytes = (heap.blockCount &- heap.freeBlocks) &* Heap.blockBytes
    unsafe state.pointee.markWord = snapshot.markWord
    // Messages of the program are objects too.
    unsafe state.pointee.panicMessage = 0
    unsafe state.pointee.scratch = 0
    unsafe state.pointee.textBuffer = 0
    heap.isHeld = false
  }
}

extension Heap {
  private static let lists = SizeClass.count &+ 1

  /// Bytes of blocks that are not free.
  fileprivate var usedBytes: Int { (blockCount &- freeBlocks) &* Self.blockBytes }

  fileprivate var fixedBytes: Int {
    var bytes = 0
    unsafe forEachPart { bytes &+= $1 }
    return bytes
  }

  /// The tables that say what is where, in the copy's order.
  fileprivate func forEachPart(_ body: (UnsafeMutableRawPointer, Int) -> Void) {
    unsafe body(blocks, blockCount &* MemoryLayout<Block>.stride)
    unsafe body(cursors, Self.lists &* MemoryLayout<AllocationCursor>.stride)
    unsafe body(pending, Self.lists &* MemoryLayout<UInt>.stride)
    unsafe body(unswept, Self.lists &* MemoryLayout<Int32>.stride)
    unsafe body(swept, Self.lists &* MemoryLayout<Int32>.stride)
    unsafe body(partial, Self.lists &* MemoryLayout<Int32>.stride)
  }

  /// Blocks that read as zero by the rows at `former` read so again.
  fileprivate func discardUsed(of former: UnsafeMutablePointer<Block>, count: Int) {
    for index in 0..<count where unsafe former[index].kind == .free && former[index].isFresh {
      if unsafe blocks[index].kind == .free && blocks[index].isFresh { continue }
      unsafe lang_discard(memory(address(ofBlock: index)), Self.blockBytes)
    }
  }
}
