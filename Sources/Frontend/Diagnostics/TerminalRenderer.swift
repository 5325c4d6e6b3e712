// Diagnostics for people, in the manner of rustc: the line itself, what is wrong marked below it, and what
// to do about it.
//
//     error[E0103]: `]` does not close `(`
//      --> src/a.lang:1:6
//       |
//     1 | (f [a)]
//       |    - ^ expected `]`
//       |    |
//       |    opened here
//       |
//       = help: write `]` here, or close what is missing before
//
// Invariant: rows never end in blanks, so expectations in tests survive editors.

/// Renders diagnostics as text. Make one for a batch: it keeps the lines of files it has seen, so it must
/// not outlive an edit.
public struct TerminalRenderer {
  private let colours: Bool
  private var files = LineCache()

  public init(colours: Bool) { self.colours = colours }

  /// Several lines, the last with its newline.
  public mutating func render(_ diagnostic: Diagnostic, in store: borrowing SourceStore) -> String {
    let style = Style(diagnostic.severity)
    var out = painted("\(diagnostic.severity.rawValue)[\(diagnostic.code.rawValue)]", style)
    out += painted(": " + Self.harmless(diagnostic.message), .message) + "\n"
    return out + body(of: diagnostic, in: store)
  }

  /// Where something is in the source, marked there as an error is, without a heading.
  public mutating func excerpt(_ place: Place, label: String = "", in store: borrowing SourceStore) -> String {
    body(of: Diagnostic(.typeMismatch, "", at: place, label: label), in: store)
  }

  /// All but the first line.
  private mutating func body(of diagnostic: Diagnostic, in store: borrowing SourceStore) -> String {
    let style = Style(diagnostic.severity)
    var sections: [Section] = []
    add(Mark(message: diagnostic.label, style: style, isPrimary: true), diagnostic.place, store, &sections)
    for label in diagnostic.labels {
      add(Mark(message: label.message, style: .gutter, isPrimary: false), label.place, store, &sections)
    }
    let last = sections.flatMap(\.marks).map(\.endLine).max() ?? 0
    let gutter = String(repeating: " ", count: String(last).utf8.count)
    var out = ""
    for (k, section) in sections.enumerated() {
      let start = section.lines.position(section.marks[0].offset)
      out += gutter + painted(k == 0 ? "-->" : ":::", .gutter)
      out += " \(Self.harmless(section.lines.path)):\(start.line):\(start.column)\n"
      out += "\(gutter) " + painted("|", .gutter) + "\n"
      out += rows(section, gutter)
    }
    if let help = diagnostic.help {
      if !sections.isEmpty { out += "\(gutter) " + painted("|", .gutter) + "\n" }
      out += "\(gutter) " + painted("=", .gutter) + painted(" help", .message) + ": "
      out += Self.harmless(help) + "\n"
    }
    return out
  }

  // MARK: What to show

  /// A span with its label, in lines from 1 and scalars from 0.
  private struct Mark {
    var message: String
    var style: Style
    var isPrimary: Bool
    var offset = 0
    var line = 0
    var endLine = 0
    var start = 0
    var end = 0

    var character: Character { isPrimary ? "^" : "-" }
  }

  /// The marks of one file; those of the primary's file come first.
  private struct Section {
    var file: FileID
    var lines: LineTable
    var marks: [Mark]
  }

  private mutating func add(
    _ mark: Mark, _ place: Place, _ store: borrowing SourceStore, _ sections: inout [Section]
  ) {
    guard let offsets = store.offsets(of: place) else { return }
    let file = store.file(of: place.item)
    let lines = files.lines(file, in: store)
    var mark = mark
    let start = lines.position(offsets.lowerBound)
    var end = lines.position(offsets.upperBound)
    if end.line > start.line, end.column == 1 {  // a span up to the start of a line ends on the line before
      end.line -= 1
      end.column = lines.position(lines.range(end.line).upperBound).column
    }
    mark.offset = offsets.lowerBound
    mark.line = start.line
    mark.endLine = end.line
    mark.start = start.column - 1
    mark.end = end.column - 1
    if let k = sections.firstIndex(where: { $0.file == file }) {
      sections[k].marks.append(mark)
    } else {
      sections.append(Section(file: file, lines: lines, marks: [mark]))
    }
  }

  // MARK: Rows

  private static let mostSpans = 4

  /// The source lines of a section with what is marked in them.
  private func rows(_ section: Section, _ gutter: String) -> String {
    // Spans over several lines have a bar in the margin each; beyond a few, their first line has to do.
    var long = section.marks.filter { $0.line != $0.endLine }.sorted { $0.offset < $1.offset }
    var short = section.marks.filter { $0.line == $0.endLine }
    while long.count > Self.mostSpans {
      var mark = long.removeLast()
      mark.endLine = mark.line
      mark.end = Int.max
      short.append(mark)
    }
    var shown: Set<Int> = []
    for mark in short { shown.insert(mark.line) }
    for mark in long { shown.formUnion([mark.line, mark.line + 1, mark.endLine - 1, mark.endLine]) }
    var out = ""
    var before = 0
    for number in shown.sorted() {
      if before > 0, number == before + 2 {
        out += line(number - 1, section, gutter, long, [])
      } else if before > 0, number > before + 2 {
        out += painted("...", .gutter) + "\n"
      }
      out += line(number, section, gutter, long, short.filter { $0.line == number })
      before = number
    }
    return out
  }

  private func line(
    _ number: Int, _ section: Section, _ gutter: String, _ long: [Mark], _ short: [Mark]
  ) -> String {
    let starting = long.filter { $0.line == number }
    let ending = long.filter { $0.endLine == number }
    let from = (short.map(\.start) + starting.map(\.start) + ending.map { max(0, $0.end - 1) }).min() ?? 0
    let display = DisplayLine(
      section.lines.text.span, section.lines.range(number), interest: from..<from + 1)
    let label = String(number)
    let pad = String(repeating: " ", count: gutter.utf8.count - label.utf8.count)
    let inset = long.isEmpty ? 0 : long.count + 1

    var margin = MarkRow()
    for (k, mark) in long.enumerated() where mark.line < number && number <= mark.endLine {
      margin.put("|", mark.style, k..<k + 1)
    }
    if inset > 0 { margin.put(" ", .plain, inset - 1..<inset) }
    var out = Self.trimmed(
      painted(pad + label + " |", .gutter) + " " + margin.rendered(colours: colours) + display.text)

    /// Rows below show the bars of spans that go on.
    func row(startedBefore limit: Int) -> MarkRow {
      var row = MarkRow()
      for (k, mark) in long.enumerated() {
        let isOpen = mark.line < number || (mark.line == number && k < limit)
        if isOpen, number <= mark.endLine { row.put("|", mark.style, k..<k + 1) }
      }
      return row
    }
    func add(_ row: MarkRow) {
      out += Self.trimmed("\(gutter) " + painted("|", .gutter) + " " + row.rendered(colours: colours))
    }

    for (k, mark) in long.enumerated() where mark.line == number {
      var start = row(startedBefore: k)
      let column = inset + display.column(mark.start)
      start.put("_", mark.style, k + 1..<column)
      start.put(mark.character, mark.style, column..<column + 1)
      add(start)
    }
    for row in marks(short, display, inset, row(startedBefore: long.count)) { add(row) }
    // Spans that end here, the innermost first.
    for (k, mark) in long.enumerated().reversed() where mark.endLine == number {
      var end = row(startedBefore: long.count)
      for (j, closed) in long.enumerated() where j > k && closed.endLine == number {
        end.put(" ", .plain, j..<j + 1)
      }
      let column = max(k + 1, inset + display.column(mark.end) - 1)
      end.put("_", mark.style, k + 1..<column)
      end.put(mark.character, mark.style, column..<column + 1)
      if !mark.message.isEmpty { end.write(" " + Self.harmless(mark.message), mark.style) }
      add(end)
    }
    return out
  }

  /// The rows for the marks within one line: all of them, then their labels from right to left.
  private func marks(
    _ marks: [Mark], _ display: DisplayLine, _ inset: Int, _ margin: MarkRow
  ) -> [MarkRow] {
    if marks.isEmpty { return [] }
    func columns(_ mark: Mark) -> Range<Int> {
      let start = inset + display.column(mark.start)
      return start..<max(start + 1, inset + display.column(mark.end))
    }
    let sorted = marks.sorted { ($0.start, $0.isPrimary ? 1 : 0) < ($1.start, $1.isPrimary ? 1 : 0) }
    var underlines = margin
    for mark in sorted where !mark.isPrimary { underlines.put("-", mark.style, columns(mark)) }
    for mark in sorted where mark.isPrimary { underlines.put("^", mark.style, columns(mark)) }
    var open = sorted.filter { !$0.message.isEmpty }
    // The last mark has its label beside it, if nothing stands in the way.
    if let last = open.last, sorted.allSatisfy({ columns($0).upperBound <= columns(last).upperBound }) {
      underlines.write(" " + Self.harmless(last.message), last.style)
      open.removeLast()
    }
    var rows = [underlines]
    if !open.isEmpty {
      var bars = margin
      for mark in open { bars.put("|", mark.style, columns(mark).lowerBound..<columns(mark).lowerBound + 1) }
      rows.append(bars)
    }
    while let mark = open.popLast() {
      var row = margin
      let column = columns(mark).lowerBound
      for other in open where columns(other).lowerBound < column {
        row.put("|", other.style, columns(other).lowerBound..<columns(other).lowerBound + 1)
      }
      row.write(Self.harmless(mark.message), mark.style, at: column)
      rows.append(row)
    }
    return rows
  }

  // MARK: Text

  private func painted(_ text: String, _ style: Style) -> String {
    colours ? style.escape + text + "\u{1b}[0m" : text
  }

  private static func trimmed(_ row: String) -> String {
    var row = row
    while row.unicodeScalars.last == " " { row.unicodeScalars.removeLast() }
    return row + "\n"
  }

  /// Names in messages come from the source too.
  private static func harmless(_ text: String) -> String {
    if text.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7f }) { return text }
    var out = ""
    for scalar in text.unicodeScalars {
      out.unicodeScalars.append(scalar.value < 0x20 || scalar.value == 0x7f ? "\u{fffd}" : scalar)
    }
    return out
  }
}
