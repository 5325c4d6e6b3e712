// One file as its pieces, so that an edit of a piece knows its range in the whole without summing up all that stands
// before it: that would empty the caches before each edit.

import Session

/// A text whose pieces change; answers the edits that tell a session of it.
struct EditedText {
  let path: String
  private(set) var pieces: [String]
  private var lengths: PrefixSums

  init(path: String, pieces: [String]) {
    self.path = path
    self.pieces = pieces
    lengths = PrefixSums(pieces.map(\.utf8.count))
  }

  var text: String { pieces.joined() }

  /// O(log n) and the length of the piece.
  mutating func edit(_ index: Int, _ text: String) -> FileEdit {
    let start = lengths.sum(before: index)
    let old = pieces[index].utf8.count
    pieces[index] = text
    lengths.add(text.utf8.count - old, at: index)
    return .replace(path: path, range: start..<start + old, text: Array(text.utf8))
  }
}

/// Sums of prefixes under changes of single numbers, in O(log n) (Fenwick 1994).
private struct PrefixSums {
  private var tree: [Int]

  init(_ numbers: [Int]) {
    tree = [0] + numbers
    for i in 1..<tree.count where i + (i & -i) < tree.count { tree[i + (i & -i)] += tree[i] }
  }

  mutating func add(_ amount: Int, at index: Int) {
    var i = index + 1
    while i < tree.count {
      tree[i] += amount
      i += i & -i
    }
  }

  func sum(before index: Int) -> Int {
    var i = index
    var sum = 0
    while i > 0 {
      sum += tree[i]
      i -= i & -i
    }
    return sum
  }
}
