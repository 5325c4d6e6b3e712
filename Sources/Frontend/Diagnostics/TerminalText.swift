// How wide text is on a terminal, and a line of source made ready for one.
//
// Invariant: what goes to the terminal holds no control characters from the source, so a source file
// cannot play tricks on the reader's screen.

/// A source line as it is shown: tabs expanded, control characters replaced, cropped if it is very long.
struct DisplayLine {
  private(set) var text = ""
  /// The display column (from 0) of each scalar, and of the end.
  private var columns: [Int] = []
  private var first = 0

  static let tabWidth = 4
  private static let longest = 400

  /// `interest` are the scalars, from 0, that must be seen if the line is cropped.
  init(_ bytes: Swift.Span<UInt8>, _ range: Range<Int>, interest: Range<Int>) {
    var at = range.lowerBound
    var index = 0
    var column = 0
    if range.count > Self.longest, interest.lowerBound > 60 {
      first = interest.lowerBound - 40
      text = "…"
      column = 1
    }
    while at < range.upperBound {
      let (scalar, length) = Scalars.decode(bytes, at, range.upperBound)
      at += length
      index += 1
      if index <= first { continue }
      columns.append(column)
      if columns.count > Self.longest {
        text += "…"
        break
      }
      if scalar == "\t" {
        let width = Self.tabWidth - column % Self.tabWidth
        text += String(repeating: " ", count: width)
        column += width
      } else if let scalar, scalar.value >= 0x20, !(0x7f...0x9f).contains(scalar.value),
        !Self.turnsText(scalar)
      {
        text.unicodeScalars.append(scalar)
        column += Self.width(scalar)
      } else {
        text += "\u{fffd}"
        column += 1
      }
    }
    columns.append(column)
  }

  /// The display column of the scalar `index` (from 0) of the line.
  func column(_ index: Int) -> Int {
    let last = columns.count - 1
    return columns[min(max(index - first, 0), last)]
  }

  /// Bidirectional overrides make code read other than it is.
  private static func turnsText(_ scalar: Unicode.Scalar) -> Bool {
    (0x202a...0x202e).contains(scalar.value) || (0x2066...0x2069).contains(scalar.value)
  }

  /// Columns that a scalar takes, after Unicode's East Asian Width, in broad ranges.
  static func width(_ scalar: Unicode.Scalar) -> Int {
    switch scalar.value {
    case 0..<0x300: return 1
    case 0x200b...0x200f, 0xfe00...0xfe0f, 0xfeff: return 0
    case 0x1100...0x115f, 0x2e80...0x303e, 0x3041...0xa4cf, 0xac00...0xd7a3, 0xf900...0xfaff,
      0xfe30...0xfe6f, 0xff00...0xff60, 0xffe0...0xffe6, 0x1f300...0x1f64f, 0x1f680...0x1f6ff,
      0x1f900...0x1f9ff, 0x20000...0x3fffd:
      return 2
    default:
      switch scalar.properties.generalCategory {
      case .nonspacingMark, .enclosingMark: return 0
      default: return 1
      }
    }
  }
}

/// What a piece of output is, for colour.
enum Style {
  case plain, error, warning, note, gutter, message

  init(_ severity: Severity) {
    switch severity {
    case .error: self = .error
    case .warning: self = .warning
    case .note: self = .note
    }
  }

  var escape: String {
    switch self {
    case .plain: ""
    case .error: "\u{1b}[1;31m"
    case .warning: "\u{1b}[1;33m"
    case .note: "\u{1b}[1;32m"
    case .gutter: "\u{1b}[1;34m"
    case .message: "\u{1b}[1m"
    }
  }
}

/// A row under a source line: marks at columns, then perhaps a text.
struct MarkRow {
  private var cells: [(mark: Character, style: Style)] = []
  private var tail = ""
  private var tailStyle = Style.plain

  mutating func put(_ mark: Character, _ style: Style, _ columns: Range<Int>) {
    guard columns.lowerBound >= 0 else { return }
    while cells.count < columns.upperBound { cells.append((" ", .plain)) }
    for column in columns { cells[column] = (mark, style) }
  }

  /// Text from a column on, or behind what is there.
  mutating func write(_ text: String, _ style: Style, at column: Int? = nil) {
    if let column { while cells.count < column { cells.append((" ", .plain)) } }
    tail = text
    tailStyle = style
  }

  func rendered(colours: Bool) -> String {
    var out = ""
    var current = Style.plain
    for cell in cells {
      if colours, cell.style != current {
        if current != .plain { out += "\u{1b}[0m" }
        out += cell.style.escape
        current = cell.style
      }
      out.append(cell.mark)
    }
    if colours, current != .plain { out += "\u{1b}[0m" }
    if tail.isEmpty { return out }
    return out + (colours && tailStyle != .plain ? tailStyle.escape + tail + "\u{1b}[0m" : tail)
  }
}
