// Edits, from the cheapest way to the dearest: inside one item; over several, until a form starts again
// where one started before; the whole file.
//
// Why the first two are right: a file that is not entangled was read leniently throughout, and there how
// an item reads depends on its own bytes alone, given that the text before it ends between two forms. So
// what has to be seen to is only that the edited text ends in the same way and that its last token does
// not run into what follows.

extension SourceStore {
  /// Replaces a range of a file's bytes.
  ///
  /// An edit inside one item costs the length of that item plus the distance from the last edit, in items,
  /// and allocates nothing but the item's new text. A range beyond the file's ends is cut to it.
  public mutating func replace(
    _ file: FileID, _ range: Range<Int>, with bytes: [UInt8], reader: inout Reader,
    interner: inout Interner
  ) -> FileChange {
    let f = Int(file.raw)
    guard files[f].layout.count > 0 else { return .none }
    let range = range.clamped(to: 0..<files[f].layout.length)
    if range.isEmpty, bytes.isEmpty { return .none }
    let newSize = files[f].layout.length - range.count + bytes.count
    if !files[f].isEntangled, newSize <= Reader.maxTextSize {
      let id = replaceInside(file, range, bytes, &reader, &interner)
      if id != .none { return .item(id) }
      if let changes = resplit(file, range, bytes, &reader, &interner) { return .items(changes) }
    }
    return readAgain(file, range, bytes, &reader, &interner)
  }

  /// Makes a file's text `text` by the smallest single replacement that does so.
  /// O(length), at the speed of comparing memory, plus `replace`.
  public mutating func replaceAll(
    _ file: FileID, with text: [UInt8], reader: inout Reader, interner: inout Interner
  ) -> FileChange {
    let (prefix, suffix) = common(file, text)
    let length = files[Int(file.raw)].layout.length
    if prefix == length, prefix == text.count { return .none }
    return replace(
      file, prefix..<length - suffix, with: Array(text[prefix..<text.count - suffix]),
      reader: &reader, interner: &interner)
  }

  // MARK: Inside one item

  private mutating func replaceInside(
    _ file: FileID, _ range: Range<Int>, _ bytes: [UInt8], _ reader: inout Reader,
    _ interner: inout Interner
  ) -> ItemID {
    let f = Int(file.raw)
    var k = files[f].layout.index(at: range.lowerBound)
    // What is put before a form belongs to the item before, unless it takes the form's place: a bracket
    // cannot run into what stands before it.
    if k > 0, range.lowerBound == files[f].layout.start(k), bytes.first != Byte.openParen {
      guard range.isEmpty else { return .none }
      k -= 1
    }
    let start = files[f].layout.start(k)
    guard range.upperBound <= files[f].layout.end(k) else { return .none }
    let id = files[f].layout.id(k)
    let i = Int(id.raw)
    let (from, to) = (range.lowerBound - start, range.upperBound - start)
    let oldCount = items[i].text.count
    var text: [UInt8] = []
    text.reserveCapacity(oldCount - range.count + bytes.count)
    text.append(contentsOf: items[i].text[..<from])
    text.append(contentsOf: bytes)
    text.append(contentsOf: items[i].text[to...])
    // With an empty preamble the first form stands where a byte order mark would.
    if start == 0, k > 0, text.first == 0xef { return .none }
    let isAlone = reader.readItem(
      text.span, wantsForm: k > 0, isFileStart: k == 0,
      isFollowed: k + 1 < files[f].layout.count, interner: &interner)
    guard isAlone else { return .none }
    let problemCount = files[f].problemCount - items[i].problems.count + reader.problems.count
    guard problemCount <= Reader.maxProblems, !reader.hasOverflowed else { return .none }
    files[f].problemCount = problemCount
    files[f].layout.resize(k, by: text.count - oldCount)
    if let root = reader.tree.roots.first {
      items[i].formEnd = reader.tree[root].end
      items[i].hash = Bytes.hash(text.span, 0, Int(items[i].formEnd))
    }
    items[i].text = text
    if problemCount > 0 || !items[i].problems.isEmpty {
      items[i].problems = placed(reader.problems, id)
    }
    return id
  }

  // MARK: Over several items

  /// Reads from the first item touched until a form starts at an old boundary behind the edit.
  /// Nil if something is open at the end of the file.
  private mutating func resplit(
    _ file: FileID, _ range: Range<Int>, _ bytes: [UInt8], _ reader: inout Reader,
    _ interner: inout Interner
  ) -> ItemChanges? {
    let f = Int(file.raw)
    var first = files[f].layout.index(at: range.lowerBound)
    // The edit may change how the item before ends.
    if first > 0, files[f].layout.start(first) == range.lowerBound { first -= 1 }
    if files[f].layout.start(first) == 0 { first = 0 }
    let count = files[f].layout.count
    var untouched = first + 1
    while untouched < count, files[f].layout.start(untouched) < range.upperBound { untouched += 1 }
    var included = min(untouched + 1, count)
    while true {
      let chunk = Chunk(
        text: editedText(file, first..<included, range, bytes), first: first, untouched: untouched,
        included: included, start: files[f].layout.start(first), shift: bytes.count - range.count)
      switch readChunk(file, chunk, &reader, &interner) {
      case .items(let fresh, let end):
        if reader.hasOverflowed { return nil }
        return install(file, first..<end, fresh)
      case .entangled: return nil
      case .tooShort: included = min(count, included + max(4, included - first))
      }
    }
  }

  /// Consecutive items of a file with the edit done.
  private struct Chunk {
    var text: [UInt8]
    var first: Int
    /// The first item behind the edit.
    var untouched: Int
    /// The first item that is not in the chunk.
    var included: Int
    /// Where the chunk starts in the file.
    var start: Int
    /// How far the edit moved what stands behind it.
    var shift: Int
  }

  private enum ChunkResult {
    /// New items in the place of the old ones up to an index.
    case items([FreshItem], upTo: Int)
    case tooShort
    case entangled
  }

  private func readChunk(
    _ file: FileID, _ chunk: Chunk, _ reader: inout Reader, _ interner: inout Interner
  ) -> ChunkResult {
    let layout = files[Int(file.raw)].layout
    let isWhole = chunk.included == layout.count
    reader.beginText(endingStrings: false)
    var fresh: [FreshItem] = []
    var boundary = chunk.untouched
    var start = 0
    var at = chunk.first == 0 ? Reader.contentStart(chunk.text.span) : 0
    while true {
      let piece = reader.readLenientPiece(
        chunk.text.span, from: at, base: start, wantsForm: chunk.first > 0 || !fresh.isEmpty,
        interner: &interner)
      // To be open at the end means nothing before all of the file is in the chunk.
      guard let piece else { return isWhole ? .entangled : .tooShort }
      let isLast = piece.end >= chunk.text.count
      if isLast, !isWhole { return .tooShort }
      fresh.append(makeItem(chunk.text, start, piece, &reader))
      if isLast { return .items(fresh, upTo: layout.count) }
      at = piece.end
      start = piece.end
      func offset(_ index: Int) -> Int { layout.start(index) + chunk.shift - chunk.start }
      while boundary < chunk.included, offset(boundary) < at { boundary += 1 }
      if boundary < chunk.included, offset(boundary) == at { return .items(fresh, upTo: boundary) }
    }
  }

  // MARK: The whole file

  private mutating func readAgain(
    _ file: FileID, _ range: Range<Int>, _ bytes: [UInt8], _ reader: inout Reader,
    _ interner: inout Interner
  ) -> FileChange {
    let all = 0..<files[Int(file.raw)].layout.count
    let fresh = split(
      file, editedText(file, all, range, bytes), reader: &reader, interner: &interner)
    return .items(install(file, all, fresh))
  }

  /// The text of some items with the edit done, which lies within them.
  private func editedText(
    _ file: FileID, _ indices: Range<Int>, _ range: Range<Int>, _ bytes: [UInt8]
  ) -> [UInt8] {
    let f = Int(file.raw)
    let start = files[f].layout.start(indices.lowerBound)
    var text: [UInt8] = []
    text.reserveCapacity(
      files[f].layout.end(indices.upperBound - 1) - start - range.count + 2 * bytes.count)
    for k in indices { text.append(contentsOf: items[Int(files[f].layout.id(k).raw)].text) }
    text.replaceSubrange(range.lowerBound - start..<range.upperBound - start, with: bytes)
    return text
  }

  // MARK: Common text

  /// How many bytes at the start and at the end a file shares with `text`; both at the edges of scalars.
  private func common(_ file: FileID, _ text: [UInt8]) -> (prefix: Int, suffix: Int) {
    let layout = files[Int(file.raw)].layout
    let shorter = min(layout.length, text.count)
    var prefix = 0
    for k in 0..<layout.count {
      let item = items[Int(layout.id(k).raw)].text
      let limit = min(item.count, shorter - prefix)
      let same = Bytes.commonPrefix(item.span, 0, text.span, prefix, limit)
      prefix += same
      if same < item.count { break }
    }
    while prefix > 0, isInsideScalar(file, prefix) || isInsideScalar(text, prefix) { prefix -= 1 }
    var suffix = 0
    for k in (0..<layout.count).reversed() {
      let item = items[Int(layout.id(k).raw)].text
      let limit = min(item.count, shorter - prefix - suffix)
      let same = Bytes.commonSuffix(item.span, item.count, text.span, text.count - suffix, limit)
      suffix += same
      if same < item.count { break }
    }
    while suffix > 0, isInsideScalar(text, text.count - suffix) { suffix -= 1 }
    return (prefix, suffix)
  }

  private func isInsideScalar(_ text: [UInt8], _ offset: Int) -> Bool {
    offset < text.count && Scalars.isContinuation(text[offset])
  }

  private func isInsideScalar(_ file: FileID, _ offset: Int) -> Bool {
    let (id, at) = item(at: offset, in: file)
    return isInsideScalar(items[Int(id.raw)].text, at)
  }
}
