// All source text of a program. A file is a sequence of items, one for each top-level form, and an item
// owns its text: nothing in it depends on where it stands, so an edit touches the item it falls in and
// leaves the thousands beside it alone.
//
//     file    ; physics\n\n | (defn a ..)\n\n; about b\n | (defn b ..)\n
//     items   preamble        form and trivia behind it     form and ..
//
// Invariants: the texts of a file's items, in order, are the file's text. The first item is the preamble,
// without a form and perhaps empty. After any sequence of edits, the items, their texts and their problems
// are those that reading the whole text afresh would give.

/// The number of a file. Numbers are not used again.
public struct FileID: Hashable, Sendable {
  public let raw: UInt32
  @inlinable public init(raw: UInt32) { self.raw = raw }
  public static let none = FileID(raw: .max)
}

/// What an edit did to a file's items.
public enum FileChange: Sendable {
  /// The text is what it was.
  case none
  /// Only this item changed, in place. It was read once, and the reader still holds its form
  /// (no form for the preamble).
  case item(ItemID)
  /// Whatever else. The reader holds nothing of use; read what changed with `SourceStore.read`.
  case items(ItemChanges)
}

/// Lists of items, each in the order of the file.
public struct ItemChanges: Sendable {
  /// Kept their identity; text or problems are others.
  public var changed: [ItemID] = []
  public var removed: [ItemID] = []
  public var added: [ItemID] = []
  public init() {}
}

/// The files of a program, cut into items.
///
/// Identifiers of items that this store never handed out stop the process; those of removed items have an
/// empty text until they are given back.
public struct SourceStore: ~Copyable {
  struct File {
    var path: String
    var layout = ItemLayout()
    /// Something is open at the end of the file, or there are too many problems to keep: how one item
    /// reads then depends on others.
    var isEntangled = false
    var problemCount = 0
    var isRemoved = false
  }

  struct Item {
    var text: [UInt8]
    var problems: [Diagnostic]
    var hash: UInt64
    var formEnd: UInt32
    var file: FileID
    /// In no file any more; its number may be given out again once it has been given back.
    var isDiscarded = false
  }

  var files: [File] = []
  var items: [Item] = []
  /// Numbers of items that nobody knows any more.
  var freeItems: [ItemID] = []
  private var byPath: [String: FileID] = [:]

  public init() {}

  // MARK: Files

  /// Adds a file and reads it. The caller sees to it that `path` is not in the store already.
  /// O(length), three times that if the file ends inside a form or string.
  public mutating func add(
    path: String, text: [UInt8], reader: inout Reader, interner: inout Interner
  ) -> FileID {
    let file = FileID(raw: UInt32(truncatingIfNeeded: files.count))
    files.append(File(path: path))
    byPath[path] = file
    let pieces = split(file, text, reader: &reader, interner: &interner)
    _ = install(file, 0..<0, pieces)
    return file
  }

  /// Removes a file; answers the items that went.
  public mutating func remove(_ file: FileID) -> [ItemID] {
    let gone = items(of: file)
    for id in gone { discard(id) }
    if byPath[path(of: file)] == file { byPath[path(of: file)] = nil }
    files[Int(file.raw)].layout = ItemLayout()
    files[Int(file.raw)].isRemoved = true
    files[Int(file.raw)].problemCount = 0
    return gone
  }

  /// The files that are not removed, in the order they were added.
  public var allFiles: [FileID] {
    files.indices.filter { !files[$0].isRemoved }.map { FileID(raw: UInt32($0)) }
  }

  public func file(at path: String) -> FileID? { byPath[path] }
  public func path(of file: FileID) -> String { files[Int(file.raw)].path }
  /// In bytes.
  public func size(of file: FileID) -> Int { files[Int(file.raw)].layout.length }
  public func itemCount(of file: FileID) -> Int { files[Int(file.raw)].layout.count }

  /// The items of a file, in order. O(n).
  public func items(of file: FileID) -> [ItemID] {
    let layout = files[Int(file.raw)].layout
    return (0..<layout.count).map { layout.id($0) }
  }

  /// The whole text of a file. O(length).
  public func text(of file: FileID) -> [UInt8] {
    let layout = files[Int(file.raw)].layout
    var text: [UInt8] = []
    text.reserveCapacity(layout.length)
    for i in 0..<layout.count { text.append(contentsOf: items[Int(layout.id(i).raw)].text) }
    return text
  }

  /// Whether any item of the file has problems.
  public func hasProblems(_ file: FileID) -> Bool { files[Int(file.raw)].problemCount > 0 }

  /// What the reader has to say about a file, in order. O(n).
  public func problems(of file: FileID) -> [Diagnostic] {
    hasProblems(file) ? items(of: file).flatMap { items[Int($0.raw)].problems } : []
  }

  // MARK: Items

  /// Nobody knows these items any more, and nothing that is kept names them: their numbers are given out again. Those that are
  /// in a file still, or have been given back before, stay what they are.
  public mutating func giveBack(_ gone: [ItemID]) {
    for id in gone where items[Int(id.raw)].isDiscarded {
      items[Int(id.raw)].isDiscarded = false
      items[Int(id.raw)].file = .none
      freeItems.append(id)
    }
  }

  /// Whether the item is in a file.
  public func holds(_ item: ItemID) -> Bool { !items[Int(item.raw)].isDiscarded && items[Int(item.raw)].file != .none }

  /// A number for a new item.
  mutating func add(_ item: FreshItem, to file: FileID) -> ItemID {
    let id = freeItems.popLast() ?? ItemID(raw: UInt32(truncatingIfNeeded: items.count))
    let new = Item(text: item.text, problems: placed(item.problems, id), hash: item.hash, formEnd: item.formEnd, file: file)
    if Int(id.raw) < items.count { items[Int(id.raw)] = new } else { items.append(new) }
    return id
  }

  /// How many numbers of items there are.
  public var itemNumbers: Int { items.count }

  public func text(of item: ItemID) -> [UInt8] { items[Int(item.raw)].text }
  public func file(of item: ItemID) -> FileID { items[Int(item.raw)].file }
  public func problems(of item: ItemID) -> [Diagnostic] { items[Int(item.raw)].problems }

  /// A hash of the form's own bytes, trivia left out; 0 without a form. The same in every process.
  public func contentHash(of item: ItemID) -> UInt64 { items[Int(item.raw)].hash }

  /// False for the preamble, and where a form had to be dropped.
  public func hasForm(_ item: ItemID) -> Bool { items[Int(item.raw)].formEnd > 0 }

  /// The item at an offset of a file, and the offset within it. O(log n).
  public func item(at offset: Int, in file: FileID) -> (item: ItemID, offset: Int) {
    let layout = files[Int(file.raw)].layout
    guard layout.count > 0 else { return (.none, 0) }
    let index = layout.index(at: min(max(offset, 0), layout.length))
    return (layout.id(index), offset - layout.start(index))
  }

  /// The hash of some bytes of an item.
  public func hash(of range: Range<Int>, in item: ItemID) -> UInt64 {
    let item = items[Int(item.raw)]
    let range = range.clamped(to: 0..<item.text.count)
    return Bytes.hash(item.text.span, range.lowerBound, range.upperBound)
  }

  /// Reads an item's form once more, so that `reader.tree` holds it as its only root; no root where
  /// the item has no form. Problems stay as they are in the store. O(length of the item).
  public func read(_ item: ItemID, reader: inout Reader, interner: inout Interner) {
    let item = items[Int(item.raw)]
    reader.beginText(endingStrings: false)
    guard item.formEnd > 0 else { return }
    _ = reader.readItem(
      item.text.span, wantsForm: true, isFileStart: false, isFollowed: false, interner: &interner)
  }

  mutating func discard(_ id: ItemID) {
    items[Int(id.raw)].text = []
    items[Int(id.raw)].problems = []
    items[Int(id.raw)].hash = 0
    items[Int(id.raw)].formEnd = 0
    items[Int(id.raw)].isDiscarded = true
  }
}
