// From text to items, and from new items to those that were there: an item that comes back with the same
// text, or with the same head, keeps its identity, so that only what was edited counts as edited.

/// An item before it has an identity.
struct FreshItem {
  var text: [UInt8]
  var problems: [Diagnostic]
  var hash: UInt64
  var formEnd: UInt32
}

extension SourceStore {
  /// Cuts a whole text into items, the preamble first.
  mutating func split(
    _ file: FileID, _ text: [UInt8], reader: inout Reader, interner: inout Interner
  ) -> [FreshItem] {
    reader.beginText(endingStrings: false)
    var fresh: [FreshItem] = []
    guard reader.accepts(text.span) else {
      files[Int(file.raw)].isEntangled = true
      return [FreshItem(text: text, problems: reader.problems, hash: 0, formEnd: 0)]
    }
    var endsStrings = false
    var isEntangled = false
    var at = Reader.contentStart(text.span)
    var start = 0
    while true {
      let wantsForm = !fresh.isEmpty
      let piece = reader.readPiece(
        text.span, from: at, base: start, wantsForm: wantsForm, interner: &interner)
      guard let piece else {
        reader.beginText(endingStrings: true)
        endsStrings = true
        fresh.removeAll()
        at = Reader.contentStart(text.span)
        start = 0
        continue
      }
      isEntangled = isEntangled || piece.isEntangled
      fresh.append(makeItem(text, start, piece, &reader))
      at = piece.end
      start = piece.end
      if at >= text.count { break }
    }
    files[Int(file.raw)].isEntangled = isEntangled || endsStrings || reader.hasOverflowed
    return fresh
  }

  /// Takes what the reader holds of the piece just read, and makes room for the next.
  func makeItem(_ text: [UInt8], _ start: Int, _ piece: Piece, _ reader: inout Reader) -> FreshItem {
    var item = FreshItem(
      text: Array(text[start..<piece.end]), problems: reader.takeProblems(), hash: 0, formEnd: 0)
    if piece.root != .none {
      item.formEnd = reader.tree[piece.root].end
      item.hash = Bytes.hash(item.text.span, 0, Int(item.formEnd))
    }
    reader.tree.removeAll()
    return item
  }

  /// Puts fresh items in the place of the file's items `range`, and says what that changed.
  mutating func install(_ file: FileID, _ range: Range<Int>, _ fresh: [FreshItem]) -> ItemChanges {
    let f = Int(file.raw)
    let old = range.map { files[f].layout.id($0) }
    let matches = match(old, fresh, withPreamble: range.lowerBound == 0)
    var changes = ItemChanges()
    var isKept = Array(repeating: false, count: old.count)
    for k in matches where k >= 0 { isKept[k] = true }
    for (k, id) in old.enumerated() {
      files[f].problemCount -= items[Int(id.raw)].problems.count
      if !isKept[k] {
        changes.removed.append(id)
        discard(id)
      }
    }
    var ids: [ItemID] = []
    ids.reserveCapacity(fresh.count)
    for (n, item) in fresh.enumerated() {
      files[f].problemCount += item.problems.count
      if matches[n] >= 0 {
        let id = old[matches[n]]
        if update(id, item) { changes.changed.append(id) }
        ids.append(id)
      } else {
        let id = add(item, to: file)
        changes.added.append(id)
        ids.append(id)
      }
    }
    files[f].layout.replace(range, ids: ids, sizes: fresh.map { $0.text.count })
    if files[f].problemCount > Reader.maxProblems { files[f].isEntangled = true }
    return changes
  }

  /// Gives an item its new text and problems. False if they are what they were.
  private mutating func update(_ id: ItemID, _ fresh: FreshItem) -> Bool {
    let i = Int(id.raw)
    let problems = placed(fresh.problems, id)
    if items[i].formEnd == fresh.formEnd, Bytes.equal(items[i].text, fresh.text),
      Self.same(items[i].problems, problems)
    {
      return false
    }
    items[i].text = fresh.text
    items[i].problems = problems
    items[i].hash = fresh.hash
    items[i].formEnd = fresh.formEnd
    return true
  }

  func placed(_ problems: [Diagnostic], _ item: ItemID) -> [Diagnostic] {
    if problems.isEmpty { return [] }
    return problems.map { $0.placed(in: item) }
  }

  private static func same(_ a: [Diagnostic], _ b: [Diagnostic]) -> Bool {
    a.count == b.count
      && zip(a, b).allSatisfy {
        $0.code == $1.code && $0.place == $1.place && $0.message == $1.message
          && $0.label == $1.label && $0.labels.map(\.place) == $1.labels.map(\.place)
      }
  }

  // MARK: Identity

  /// For every fresh item the old one whose identity it takes, or -1.
  private func match(_ old: [ItemID], _ fresh: [FreshItem], withPreamble: Bool) -> [Int] {
    var matches = Array(repeating: -1, count: fresh.count)
    var low = 0
    if withPreamble, !old.isEmpty, !fresh.isEmpty {
      matches[0] = 0
      low = 1
    }
    func isSame(_ o: Int, _ n: Int) -> Bool {
      Bytes.equal(items[Int(old[o].raw)].text, fresh[n].text)
    }
    while low < min(old.count, fresh.count), isSame(low, low) {
      matches[low] = low
      low += 1
    }
    var (oldEnd, newEnd) = (old.count, fresh.count)
    while oldEnd > low, newEnd > low, isSame(oldEnd - 1, newEnd - 1) {
      oldEnd -= 1
      newEnd -= 1
      matches[newEnd] = oldEnd
    }
    if oldEnd == low || newEnd == low { return matches }
    if oldEnd - low == 1, newEnd - low == 1 {
      matches[low] = low
      return matches
    }
    // The whole text first, then the head (`(defn name`); of several alike, the first that is left.
    var isTaken = Array(repeating: false, count: oldEnd - low)
    for wholeText in [true, false] {
      var candidates: [UInt64: [Int]] = [:]
      for o in (low..<oldEnd).reversed() where !isTaken[o - low] {
        candidates[Self.key(items[Int(old[o].raw)].text, wholeText), default: []].append(o)
      }
      for n in low..<newEnd where matches[n] < 0 {
        guard let o = candidates[Self.key(fresh[n].text, wholeText)]?.popLast() else { continue }
        matches[n] = o
        isTaken[o - low] = true
      }
    }
    return matches
  }

  /// A hash of an item's text, or of its first two words.
  private static func key(_ text: [UInt8], _ wholeText: Bool) -> UInt64 {
    var i = wholeText ? text.count : 0
    for _ in 0..<2 {
      while i < text.count, text[i] <= 0x20 { i += 1 }
      while i < text.count, text[i] > 0x20 { i += 1 }
    }
    let span = text.span
    return Bytes.hash(span, 0, i)
  }
}
