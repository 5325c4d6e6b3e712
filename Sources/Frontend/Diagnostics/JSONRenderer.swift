// Diagnostics for programs: one object a line, in the form that the command line's contract fixes.

/// Renders diagnostics as JSON. Make one for a batch: it keeps the lines of files it has seen, so it must
/// not outlive an edit.
public struct JSONRenderer {
  private var files = LineCache()

  public init() {}

  /// One line, without its newline. A place whose item is gone has an empty file name and range 1:1.
  /// The diagnostic's own label comes first among the labels.
  public mutating func render(_ diagnostic: Diagnostic, in store: borrowing SourceStore) -> String {
    var json = JSONWriter()
    render(diagnostic, in: store, to: &json)
    return json.text
  }

  /// The same as a value inside a larger report.
  public mutating func render(
    _ diagnostic: Diagnostic, in store: borrowing SourceStore, to json: inout JSONWriter
  ) {
    let main = files.resolve(diagnostic.place, in: store)
    var labels: [(range: SourceRange, message: String)] = []
    if !diagnostic.label.isEmpty { labels.append((main, diagnostic.label)) }
    for label in diagnostic.labels {
      labels.append((files.resolve(label.place, in: store), label.message))
    }
    json.object { json in
      json.field("severity", diagnostic.severity.rawValue)
      json.field("code", diagnostic.code.rawValue)
      json.field("message", diagnostic.message)
      json.field("file", main.path)
      Self.write(main, to: &json)
      json.array("labels") { json in
        for label in labels {
          json.object { json in
            if label.range.path != main.path { json.field("file", label.range.path) }
            Self.write(label.range, to: &json)
            json.field("message", label.message)
          }
        }
      }
      if let help = diagnostic.help { json.field("help", help) }
    }
  }

  private static func write(_ range: SourceRange, to json: inout JSONWriter) {
    json.object("range") { json in
      for (name, position) in [("start", range.start), ("end", range.end)] {
        json.object(name) { json in
          json.field("line", position.line)
          json.field("column", position.column)
        }
      }
    }
  }
}

/// The line tables of the files that a batch of diagnostics speaks of.
struct LineCache {
  private var tables: [FileID: LineTable] = [:]

  mutating func lines(_ file: FileID, in store: borrowing SourceStore) -> LineTable {
    if let table = tables[file] { return table }
    let table = store.lines(of: file)
    tables[file] = table
    return table
  }

  mutating func resolve(_ place: Place, in store: borrowing SourceStore) -> SourceRange {
    guard let offsets = store.offsets(of: place) else {
      let start = SourcePosition(line: 1, column: 1)
      return SourceRange(path: "", start: start, end: start)
    }
    let lines = lines(store.file(of: place.item), in: store)
    return SourceRange(
      path: lines.path, start: lines.position(offsets.lowerBound),
      end: lines.position(offsets.upperBound))
  }
}
