// The one layout of Lang source: indentation, blanks and blank lines are the formatter's, line breaks the
// author's, except where a line would pass `width`.
//
//     text ─► LayoutTree (forms and comments, with the author's breaks) ─► LayoutPrinter ─► text
//
// Invariants: the reader returns the same forms for the text before and after; every comment is kept;
// formatting what was formatted changes nothing. Text with reader problems is not touched.

public enum FormatResult: Sendable {
  case formatted([UInt8])
  /// The reader has problems with the text; the store that reads it has them with their places.
  case unreadable
  /// The forms would have changed: a fault of the formatter. The text is to be left alone.
  case fault
}

/// Formats whole files.
public struct Formatter {
  /// Columns that a line should not pass.
  public static let width = 100
  /// A break that was added may let the next line fit differently; this many rounds settle it.
  private static let rounds = 8

  /// The text in the one layout. Recurses as deep as forms nest, so it wants a compiler's stack.
  /// O(length), about five times the cost of reading.
  public static func format(_ text: [UInt8]) -> FormatResult {
    var interner = Interner()
    var reader = Reader()
    reader.read(text, interner: &interner)
    guard reader.problems.isEmpty else { return .unreadable }
    var current = once(text)
    for _ in 0..<rounds {
      let next = once(current)
      if next == current { break }
      current = next
    }
    var second = Reader()
    second.read(current, interner: &interner)
    guard second.problems.isEmpty, reader.tree.isSame(as: second.tree) else { return .fault }
    return .formatted(current)
  }

  private static func once(_ text: [UInt8]) -> [UInt8] {
    let tree = LayoutTree(text)
    var printer = LayoutPrinter(tree)
    return printer.print()
  }
}

extension FormTree {
  /// Whether both trees hold the same forms, wherever they stand in their texts.
  public borrowing func isSame(as other: borrowing FormTree) -> Bool {
    guard roots.count == other.roots.count else { return false }
    var pending = Array(zip(roots, other.roots))
    while let (a, b) = pending.popLast() {
      let (x, y) = (self[a], other[b])
      guard x.tag == y.tag, x.suffix == y.suffix, x.count == y.count else { return false }
      switch x.tag {
      case .list, .vector, .quote, .quasiquote, .unquote, .unquoteSplicing:
        for i in 0..<Int(x.count) { pending.append((child(a, i), other.child(b, i))) }
      case .int: if ints[Int(x.a)] != other.ints[Int(y.a)] { return false }
      case .float: if floats[Int(x.a)].bitPattern != other.floats[Int(y.a)].bitPattern { return false }
      case .string:
        if stringBytes[strings[Int(x.a)]] != other.stringBytes[other.strings[Int(y.a)]] { return false }
      case .symbol, .keyword, .char, .bool: if x.a != y.a { return false }
      case .error: break
      }
    }
    return true
  }
}
