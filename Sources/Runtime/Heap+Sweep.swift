// Sweeping: block by block, when the allocator needs cells of a class, and the rest before the next
// marking. Large objects go at once.

import CShims

extension Heap {
  /// Frees the dead cells of a small block and links its free runs. The first run (0: full) and the
  /// number of live cells. O(cells).
  func sweep(_ index: Int) -> (run: UInt, live: Int) {
    let block = unsafe blocks[index]
    let size = UInt(block.cellBytes)
    let start = address(ofBlock: index)
    let end = start &+ size &* UInt(block.cellCount)
    if block.marked == 0 && !stress {
      // Nobody lives there, so no header has to be looked at.
      clear(index)
      storeWord(start, 8, UInt64(end &- start))
      return (start, 0)
    }
    var first: UInt = 0
    var previous: UInt = 0
    var live = 0
    var cell = start
    while cell < end {
      if isLive(word(UInt64(cell), 0)) {
        live &+= 1
        cell &+= size
        continue
      }
      let run = cell
      repeat {
        if stress && word(UInt64(cell), 0) != 0 { poison(cell, Int(bitPattern: size)) }
        storeWord(cell, 0, 0)
        cell &+= size
      } while cell < end && !isLive(word(UInt64(cell), 0))
      storeWord(run, 8, UInt64(cell &- run))
      if previous == 0 {
        first = run
      } else {
        storeWord(previous, 8, word(UInt64(previous), 8) | UInt64(run &- start) << 32)
      }
      previous = run
    }
    unsafe blocks[index].isFresh = false
    return (first, live)
  }

  /// Sweeps what is left, so that a header of 0 again says "free" everywhere.
  func finishSweep() {
    var any = false
    for index in 0..<SizeClass.count {
      while unsafe unswept[index] >= 0 {
        any = true
        let block = unsafe Int(unswept[index])
        unsafe unswept[index] = blocks[block].next
        let (run, live) = sweep(block)
        if live == 0 {
          release(block: block, count: 1)
        } else {
          unsafe push(block, on: run == 0 ? swept : partial, index)
        }
      }
    }
    if any { trim() }
  }

  /// Frees the large objects that were not marked. O(large objects).
  func sweepLarge() {
    var index = Int(larges)
    larges = -1
    while index >= 0 {
      let block = unsafe blocks[index]
      if isLive(word(UInt64(address(ofBlock: index)), 0)) {
        unsafe blocks[index].next = larges
        larges = Int32(truncatingIfNeeded: index)
      } else {
        storeWord(address(ofBlock: index), 0, 0)
        release(block: index, count: Int(block.span))
      }
      index = Int(block.next)
    }
  }

  /// Makes a block's memory zero.
  func clear(_ index: Int) {
    unsafe memset(memory(address(ofBlock: index)), 0, Self.blockBytes)
    unsafe blocks[index].isFresh = true
  }

  @inline(__always)
  private func isLive(_ header: UInt64) -> Bool {
    header & ObjectHeader.markMask == markWord && UInt32(truncatingIfNeeded: header) != 0
  }

  private func poison(_ cell: UInt, _ bytes: Int) {
    unsafe memset(memory(cell), 0xDB, bytes)
  }
}
