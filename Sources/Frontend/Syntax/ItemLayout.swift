// Where the items of one file start: their sizes under a Fenwick tree (Fenwick 1994), so that finding
// the item at an offset and letting one grow take a logarithm of their number, wherever in the file.
//
//     sizes   9 31 12 ..
//     sums    node n (from 1) holds the sum of the `n & -n` sizes that end at item n - 1
//
// Invariant: sizes are positive but for the first item's, which may be 0.

struct ItemLayout {
  private var ids: [ItemID] = []
  private var sizes: [UInt32] = []
  private var sums: [UInt32] = [0]
  /// The size of the file.
  private(set) var length = 0

  var count: Int { ids.count }

  func id(_ index: Int) -> ItemID { ids[index] }

  /// O(log n).
  func start(_ index: Int) -> Int {
    var node = index
    var sum: UInt32 = 0
    while node > 0 {
      sum &+= sums[node]
      node &= node - 1
    }
    return Int(sum)
  }

  func end(_ index: Int) -> Int { start(index) + Int(sizes[index]) }

  /// The last item that starts at or before `offset`. O(log n).
  func index(at offset: Int) -> Int {
    var node = 0
    var left = UInt32(truncatingIfNeeded: max(0, offset))
    var step = 1
    while step * 2 < sums.count { step *= 2 }
    while step > 0 {
      let next = node + step
      if next < sums.count, sums[next] <= left {
        node = next
        left -= sums[next]
      }
      step /= 2
    }
    return min(node, count - 1)
  }

  /// The index of an item; O(n).
  func index(of id: ItemID) -> Int? { ids.firstIndex(of: id) }

  /// Lets an item grow by `delta` bytes. O(log n).
  mutating func resize(_ index: Int, by delta: Int) {
    let change = UInt32(truncatingIfNeeded: delta)
    sizes[index] &+= change
    length += delta
    var node = index + 1
    while node < sums.count {
      sums[node] &+= change
      node += node & -node
    }
  }

  /// Puts other items in the place of `range`. O(n).
  mutating func replace(_ range: Range<Int>, ids newIDs: [ItemID], sizes newSizes: [Int]) {
    ids.replaceSubrange(range, with: newIDs)
    sizes.replaceSubrange(range, with: newSizes.map { UInt32(truncatingIfNeeded: $0) })
    sums = [0] + sizes
    length = 0
    for node in 1..<max(1, sums.count) {
      length += Int(sizes[node - 1])
      let parent = node + (node & -node)
      if parent < sums.count { sums[parent] &+= sums[node] }
    }
  }
}
