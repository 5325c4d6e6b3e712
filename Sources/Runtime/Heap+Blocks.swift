// Where cells come from: runs of free cells in swept blocks, then fresh blocks, then a collection, then
// out of memory. Blocks of large objects are found first-fit from a moving hint.

import CShims

extension Heap {
  /// The address of `bytes` zero bytes for an object, the cursor of its class refilled behind it. 0 when
  /// the limit is reached or the system gives no more.
  @inline(never)
  func refill(_ m: MachinePointer, bytes: Int) -> UInt {
    if bytes < 0 || bytes > 1 << 40 { return 0 }
    if stress || budget <= 0 { collect() }
    var cell = take(bytes)
    if cell != 0 { return cell }
    // At the limit. Blocks that are free but unswept come first, then a collection, unless one has just
    // been made for the same reason and little was gained: then the program is out of memory.
    finishSweep()
    cell = take(bytes)
    if cell != 0 { return cell }
    if !collectedForLimit || allocatedSinceCollection > limit / 64 {
      collect()
      finishSweep()
      collectedForLimit = true
      cell = take(bytes)
      if cell != 0 { return cell }
    }
    collectedForLimit = false
    return 0
  }

  private func take(_ bytes: Int) -> UInt {
    let index = SizeClass.of(bytes: bytes)
    return index < SizeClass.count ? takeSmall(index) : takeLarge(bytes)
  }

  // MARK: Small cells

  private func takeSmall(_ index: Int) -> UInt {
    let size = UInt(bitPattern: SizeClass.bytes(of: index))
    var run = unsafe pending[index]
    if run == 0 { run = nextRun(index) }
    if run == 0 { return 0 }
    // The run's record stands in its first cell.
    let record = word(UInt64(run), 8)
    var length = UInt(record & 0xFFFF_FFFF)
    let nextOffset = UInt(record >> 32)
    let blockStart = run & ~UInt(Self.blockBytes &- 1)
    let block = unsafe blocks + Int(bitPattern: (run &- base) >> Self.blockShift)

    var piece = stress ? size : max(UInt(Self.pieceBytes) / size &* size, size)
    if piece >= length {
      piece = length
      unsafe pending[index] = nextOffset == 0 ? 0 : blockStart &+ nextOffset
    } else {
      let rest = run &+ piece
      length &-= piece
      storeWord(rest, 0, 0)
      storeWord(rest, 8, UInt64(length) | UInt64(nextOffset) << 32)
      unsafe pending[index] = rest
    }
    if unsafe block.pointee.isFresh {
      storeWord(run, 8, 0)
    } else {
      unsafe memset(memory(run), 0, Int(bitPattern: piece))
    }
    account(Int(bitPattern: piece))
    unsafe cursors[index] = AllocationCursor(next: run &+ size, limit: run &+ piece)
    return run
  }

  /// A run of free cells of the class: from its unswept blocks, else from a block new to it. 0: none.
  private func nextRun(_ index: Int) -> UInt {
    while true {
      let list = unsafe unswept[index] >= 0 ? unswept : partial
      let block = unsafe Int(list[index])
      if block < 0 { break }
      unsafe list[index] = blocks[block].next
      unsafe push(block, on: swept, index)
      let (run, _) = sweep(block)
      if run != 0 { return run }
    }
    let block = takeBlocks(1)
    if block < 0 { return 0 }
    let size = SizeClass.bytes(of: index)
    let count = Self.blockBytes / size
    var row = Block()
    row.kind = .small
    row.sizeClass = UInt8(truncatingIfNeeded: index)
    row.isFresh = unsafe blocks[block].isFresh
    row.cellBytes = UInt32(truncatingIfNeeded: size)
    row.reciprocal = UInt32(truncatingIfNeeded: ((1 << 32) &+ size &- 1) / size)
    row.cellCount = UInt32(truncatingIfNeeded: count)
    unsafe blocks[block] = row
    unsafe push(block, on: swept, index)
    let start = address(ofBlock: block)
    // Another life's words could pass for headers.
    if !row.isFresh { clear(block) }
    storeWord(start, 8, UInt64(count &* size))
    return start
  }

  /// Puts a block at the head of its class's list.
  func push(_ block: Int, on list: UnsafeMutablePointer<Int32>, _ index: Int) {
    unsafe blocks[block].next = list[index]
    unsafe list[index] = Int32(truncatingIfNeeded: block)
  }

  private func account(_ bytes: Int) {
    budget &-= bytes
    allocatedSinceCollection &+= bytes
    statistics.allocatedBytes &+= bytes
  }

  // MARK: Large objects

  private func takeLarge(_ bytes: Int) -> UInt {
    let span = (bytes &+ Self.blockBytes &- 1) >> Int(Self.blockShift)
    let first = takeBlocks(span)
    if first < 0 { return 0 }
    let start = address(ofBlock: first)
    for i in 0..<span {
      // Pieces that are not fresh are cleared; fresh pages stay untouched.
      if unsafe !blocks[first &+ i].isFresh {
        unsafe memset(memory(address(ofBlock: first &+ i)), 0, Self.blockBytes)
      }
      var row = Block()
      row.kind = i == 0 ? .large : .tail
      row.span = UInt32(truncatingIfNeeded: i == 0 ? span : i)
      unsafe blocks[first &+ i] = row
    }
    unsafe blocks[first].next = larges
    larges = Int32(truncatingIfNeeded: first)
    account(span &* Self.blockBytes)
    return start
  }

  // MARK: Blocks

  /// `count` neighbouring blocks whose rows say `free`; the first's number, or -1.
  private func takeBlocks(_ count: Int) -> Int {
    let inUse = blockCount &- freeBlocks
    if (inUse &+ count) &* Self.blockBytes > limit { return -1 }
    if freeBlocks >= count {
      let found = count == 1 ? firstFree() : freeSpan(count)
      if found >= 0 {
        freeBlocks &-= count
        statistics.heapBytes = (blockCount &- freeBlocks) &* Self.blockBytes
        return found
      }
    }
    let first = blockCount
    let slack = unsafe Int(bitPattern: base &- UInt(bitPattern: range.base))
    guard blockRange.commit((first &+ count) &* MemoryLayout<Block>.stride),
      range.commit(slack &+ (first &+ count) &* Self.blockBytes)
    else { return -1 }
    for i in first..<first &+ count {
      unsafe blocks[i] = Block()
      unsafe blocks[i].isFresh = true
    }
    if first < Self.largePageBlocks, first &+ count >= Self.largePageBlocks {
      unsafe lang_use_large_pages(range.base, range.capacity)
    }
    blockCount &+= count
    statistics.heapBytes = (blockCount &- freeBlocks) &* Self.blockBytes
    return first
  }

  private func firstFree() -> Int {
    var index = freeHint
    while index < blockCount {
      if unsafe blocks[index].kind == .free {
        freeHint = index &+ 1
        return index
      }
      index &+= 1
    }
    freeHint = blockCount
    return -1
  }

  private func freeSpan(_ count: Int) -> Int {
    for pass in 0..<2 {
      var index = pass == 0 ? max(largeHint, freeHint) : freeHint
      var length = 0
      while index < blockCount {
        let block = unsafe blocks[index]
        if block.kind == .free {
          length &+= 1
          index &+= 1
          if length == count {
            largeHint = index
            return index &- count
          }
        } else {
          length = 0
          index &+= block.kind == .large ? Int(block.span) : 1
        }
      }
      largeHint = 0
    }
    return -1
  }

  /// Gives blocks back for any use. Large spans return their memory to the system.
  func release(block first: Int, count: Int) {
    let discard = count >= 16
    if discard {
      unsafe lang_discard(UnsafeMutableRawPointer(bitPattern: address(ofBlock: first)), count &* Self.blockBytes)
    }
    for i in first..<first &+ count {
      unsafe blocks[i] = Block()
      unsafe blocks[i].isFresh = discard
    }
    freeBlocks &+= count
    freeHint = min(freeHint, first)
    statistics.heapBytes = (blockCount &- freeBlocks) &* Self.blockBytes
  }

  /// Returns the memory of free blocks to the system when much more is free than used.
  func trim() {
    let free = freeBlocks &* Self.blockBytes
    if free <= max(64 << 20, (blockCount &- freeBlocks) &* Self.blockBytes) { return }
    var index = freeHint
    while index < blockCount {
      let start = index
      while index < blockCount, unsafe blocks[index].kind == .free, unsafe !blocks[index].isFresh {
        unsafe blocks[index].isFresh = true
        index &+= 1
      }
      if index > start {
        unsafe lang_discard(
          UnsafeMutableRawPointer(bitPattern: address(ofBlock: start)), (index &- start) &* Self.blockBytes)
      } else {
        index &+= 1
      }
    }
  }
}
