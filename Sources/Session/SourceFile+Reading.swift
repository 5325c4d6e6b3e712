// What the reader alone says about a file, for commands that need no program.

import Frontend

extension SourceFile {
  /// The reader's problems with the text, in its order.
  public func readingProblems(colours: Bool) -> [LocatedDiagnostic] {
    var store = SourceStore()
    var reader = Reader()
    var interner = Interner()
    let file = store.add(path: path, text: text, reader: &reader, interner: &interner)
    var json = JSONRenderer()
    var terminal = TerminalRenderer(colours: colours)
    return store.problems(of: file).map {
      LocatedDiagnostic(
        json: json.render($0, in: store), terminal: terminal.render($0, in: store), severity: $0.severity, code: $0.code,
        position: store.range(of: $0.place))
    }
  }
}
