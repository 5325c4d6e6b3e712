// Where the items of one file start. A gap buffer: items before the gap know their distance from the
// file's start, those behind it their distance from the file's end, so that an edit at the gap moves
// none of them.
//
//     ids    a  b  c  .  .  .  d  e          gap at 3
//     marks  0  9 40  .  .  . 31 12          c starts at 40; d at length - 31
//
// Invariant: starts ascend, the first is 0, and only the first item may be empty.

struct ItemLayout {
  private var ids: [ItemID] = []
  private var marks: [UInt32] = []
  private var gapStart = 0
  private var gapEnd = 0
  /// The size of the file.
  private(set) var length = 0

  var count: Int { ids.count - (gapEnd - gapStart) }

  func id(_ index: Int) -> ItemID { ids[slot(index)] }

  func start(_ index: Int) -> Int {
    index < gapStart
      ? Int(marks[index]) : length - Int(marks[index + gapEnd - gapStart])
  }

  func end(_ index: Int) -> Int { index + 1 < count ? start(index + 1) : length }

  /// The last item that starts at or before `offset`. O(log n).
  func index(at offset: Int) -> Int {
    var low = 0
    var high = count  // the answer is in low..<high
    while high - low > 1 {
      let middle = (low + high) / 2
      if start(middle) <= offset { low = middle } else { high = middle }
    }
    return low
  }

  /// The index of an item; O(n).
  func index(of id: ItemID) -> Int? {
    for i in 0..<count where self.id(i) == id { return i }
    return nil
  }

  /// Lets an item grow by `delta` bytes. O(distance from the last edit).
  mutating func resize(_ index: Int, by delta: Int) {
    moveGap(to: index + 1)
    length += delta
  }

  /// Puts other items in the place of `range`. O(distance from the last edit + items put in).
  mutating func replace(_ range: Range<Int>, ids newIDs: [ItemID], sizes: [Int]) {
    let from = range.lowerBound < count ? start(range.lowerBound) : length
    let to = range.upperBound < count ? start(range.upperBound) : length
    moveGap(to: range.upperBound)
    gapStart = range.lowerBound
    if gapEnd - gapStart < newIDs.count { widenGap(newIDs.count) }
    var at = from
    for (id, size) in zip(newIDs, sizes) {
      ids[gapStart] = id
      marks[gapStart] = UInt32(truncatingIfNeeded: at)
      gapStart += 1
      at += size
    }
    length += at - to
  }

  private func slot(_ index: Int) -> Int { index < gapStart ? index : index + gapEnd - gapStart }

  private mutating func moveGap(to index: Int) {
    while gapStart > index {
      gapStart -= 1
      gapEnd -= 1
      ids[gapEnd] = ids[gapStart]
      marks[gapEnd] = UInt32(truncatingIfNeeded: length - Int(marks[gapStart]))
    }
    while gapStart < index {
      ids[gapStart] = ids[gapEnd]
      marks[gapStart] = UInt32(truncatingIfNeeded: length - Int(marks[gapEnd]))
      gapStart += 1
      gapEnd += 1
    }
  }

  private mutating func widenGap(_ needed: Int) {
    let extra = max(needed, ids.count, 16)
    let tail = ids.count - gapEnd
    ids.append(contentsOf: repeatElement(.none, count: extra))
    marks.append(contentsOf: repeatElement(0, count: extra))
    for k in 0..<tail {
      let from = gapEnd + tail - 1 - k
      ids[from + extra] = ids[from]
      marks[from + extra] = marks[from]
    }
    gapEnd += extra
  }
}
