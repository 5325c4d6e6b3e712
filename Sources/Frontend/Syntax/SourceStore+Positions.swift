// Lines and columns, for people and for other programs. Only failing paths come here, so nothing of this
// is kept up to date: a table of lines is made when one is asked for.

/// A line and a column, both from 1. A column counts Unicode scalars; a malformed sequence counts as one.
public struct SourcePosition: Hashable, Sendable {
  public var line: Int
  public var column: Int
  public init(line: Int, column: Int) {
    self.line = line
    self.column = column
  }
}

/// A place as the outside world names it. The end is exclusive.
public struct SourceRange: Hashable, Sendable {
  public var path: String
  public var start: SourcePosition
  public var end: SourcePosition
}

/// The lines of one file.
public struct LineTable: Sendable {
  public let path: String
  public let text: [UInt8]
  private let starts: [Int]

  public init(path: String, text: [UInt8]) {
    self.path = path
    self.text = text
    var starts = [0]
    for i in text.indices where text[i] == Byte.newline { starts.append(i + 1) }
    self.starts = starts
  }

  /// At least one; a final newline begins an empty last line.
  public var lineCount: Int { starts.count }

  /// The position of a byte offset, which is cut to the text.
  public func position(_ offset: Int) -> SourcePosition {
    let offset = min(max(offset, 0), text.count)
    var low = 0
    var high = starts.count
    while high - low > 1 {
      let middle = (low + high) / 2
      if starts[middle] <= offset { low = middle } else { high = middle }
    }
    return SourcePosition(
      line: low + 1, column: Scalars.count(text.span, starts[low], offset) + 1)
  }

  /// The byte offset of a position. Lines and columns beyond the end are cut to it.
  public func offset(_ position: SourcePosition) -> Int {
    guard position.line >= 1 else { return 0 }
    guard position.line <= starts.count else { return text.count }
    let bytes = range(position.line)
    var at = bytes.lowerBound
    var column = 1
    while column < position.column, at < bytes.upperBound {
      at += Scalars.decode(text.span, at, bytes.upperBound).length
      column += 1
    }
    return at
  }

  /// The bytes of a line (from 1) without its end; empty beyond the last.
  public func range(_ line: Int) -> Range<Int> {
    guard line >= 1, line <= starts.count else { return text.count..<text.count }
    let start = starts[line - 1]
    var end = line < starts.count ? starts[line] - 1 : text.count
    if end > start, text[end - 1] == Byte.carriageReturn { end -= 1 }
    return start..<end
  }

  /// The text of a line (from 1), without its end.
  public func line(_ line: Int) -> String { String(decoding: text[range(line)], as: UTF8.self) }
}

extension SourceStore {
  public func lines(of file: FileID) -> LineTable { LineTable(path: path(of: file), text: text(of: file)) }

  /// The offset in its file at which an item starts; nil for one that was removed. O(items of the file).
  public func start(of item: ItemID) -> Int? {
    guard item != .none, Int(item.raw) < items.count else { return nil }
    let f = Int(items[Int(item.raw)].file.raw)
    guard let index = files[f].layout.index(of: item) else { return nil }
    return files[f].layout.start(index)
  }

  /// A place as bytes of its file; nil if its item is gone. O(items of the file).
  public func offsets(of place: Place) -> Range<Int>? {
    guard let start = start(of: place.item) else { return nil }
    let from = Int(place.span.start)
    return start + from..<start + max(from, Int(place.span.end))
  }

  /// A place as path, lines and columns; nil if its item is gone. O(length of the file).
  public func range(of place: Place) -> SourceRange? {
    guard let offsets = offsets(of: place) else { return nil }
    let lines = lines(of: file(of: place.item))
    return SourceRange(
      path: lines.path, start: lines.position(offsets.lowerBound),
      end: lines.position(offsets.upperBound))
  }
}
