// Rendering: marks, margins, widths, colours, JSON, and "did you mean".

import Frontend
import Testing

@Suite struct RendererTests {
  /// Renders a diagnostic whose spans are given by the text they cover; the first is the primary one.
  private func render(
    _ text: String, _ spans: [(String, String)], help: String? = nil, json: Bool = false
  ) -> String {
    var reader = Reader()
    var interner = Interner()
    var store = SourceStore()
    let file = store.add(path: "src/a.lang", text: Array(text.utf8), reader: &reader, interner: &interner)
    let item = store.items(of: file)[1]
    let bytes = store.text(of: item)
    let places = spans.map { covered, _ in
      let wanted = Array(covered.utf8)
      let at = (0...bytes.count - wanted.count).first { Array(bytes[$0..<$0 + wanted.count]) == wanted }!
      return Place(item, Span(UInt32(at), UInt32(at + wanted.count)))
    }
    let diagnostic = Diagnostic(
      .typeMismatch, "expected `Int`, found `Float`", at: places[0], label: spans[0].1,
      labels: zip(places, spans).dropFirst().map { .init($0, $1.1) }, help: help)
    if json {
      var renderer = JSONRenderer()
      return renderer.render(diagnostic, in: store)
    }
    var renderer = TerminalRenderer(colours: false)
    return renderer.render(diagnostic, in: store)
  }

  @Test func severalLabelsOnOneLine() {
    #expect(
      render("\n(foo bar baz)", [("baz", "this"), ("foo", "of this"), ("bar", "and this")]) == """
        error[E0301]: expected `Int`, found `Float`
         --> src/a.lang:2:10
          |
        2 | (foo bar baz)
          |  --- --- ^^^ this
          |  |   |
          |  |   and this
          |  of this

        """)
  }

  @Test func linesFarApart() {
    #expect(
      render("(a\n b\n c\n d\n e)", [("e", "here"), ("a", "there")], help: "try") == """
        error[E0301]: expected `Int`, found `Float`
         --> src/a.lang:5:2
          |
        1 | (a
          |  - there
        ...
        5 |  e)
          |  ^ here
          |
          = help: try

        """)
  }

  @Test func spansOverSeveralLines() {
    #expect(
      render(
        "(defn f\n  (match s\n    (A) 1\n    (B) 2\n    (C) 3\n    (D) 4))",
        [("(match s\n    (A) 1\n    (B) 2\n    (C) 3\n    (D) 4)", "a case is missing"), ("s\n", "of this")])
        == """
        error[E0301]: expected `Int`, found `Float`
         --> src/a.lang:2:3
          |
        2 |     (match s
          |  ___^
          | |          - of this
        3 | |     (A) 1
        4 | |     (B) 2
        5 | |     (C) 3
        6 | |     (D) 4))
          | |__________^ a case is missing

        """)
  }

  @Test func nestedSpansEndInTheirOrder() {
    #expect(
      render("(a (b\n  c))", [("(b\n  c)", "inner"), ("(a (b\n  c))", "outer")]) == """
        error[E0301]: expected `Int`, found `Float`
         --> src/a.lang:1:4
          |
        1 |    (a (b
          |  __-
          | | ____^
        2 | ||   c))
          | ||____^ inner
          | |______- outer

        """)
  }

  @Test func tabsAndWideCharacters() {
    #expect(
      render("(\tx 日本 e\u{301} 😀 y)", [("y", "here"), ("日本", "there")]) == """
        error[E0301]: expected `Int`, found `Float`
         --> src/a.lang:1:13
          |
        1 | (   x 日本 e\u{301} 😀 y)
          |       ----      ^ here
          |       |
          |       there

        """)
  }

  @Test func controlCharactersDoNotReachTheTerminal() {
    let text = render("(\"\u{1b}[31m\u{202e}\" y)", [("y", "")])
    #expect(!text.unicodeScalars.contains("\u{1b}") && !text.unicodeScalars.contains("\u{202e}"))
  }

  @Test func longLinesAreCropped() {
    let text = render("(" + String(repeating: "a ", count: 50_000) + "y z)", [("y", "here")])
    #expect(text.utf8.count < 1000)
    #expect(text.contains("y z)"))
  }

  @Test func coloursOnlyWhenAsked() {
    #expect(!diagnose(Array("(a]".utf8)).contains("\u{1b}"))
    let coloured = diagnose(Array("(a]".utf8), colours: true)
    #expect(coloured.hasPrefix("\u{1b}[1;31merror[E0103]\u{1b}[0m\u{1b}[1m: `]` does not close `(`\u{1b}[0m\n"))
  }

  @Test func aPlaceWithoutItemHasOnlyItsMessage() {
    let store = SourceStore()
    let diagnostic = Diagnostic(.noMain, "no `main`", at: Place(.none, Span(0, 0)), help: "write one")
    var terminal = TerminalRenderer(colours: false)
    #expect(terminal.render(diagnostic, in: store) == "error[E0121]: no `main`\n  = help: write one\n")
    var json = JSONRenderer()
    #expect(json.render(diagnostic, in: store).hasPrefix(#"{"severity":"error","code":"E0121""#))
  }

  @Test func jsonIsOneLineInTheContractsForm() {
    #expect(
      render("\n(ä \"q\" bar)", [("bar", ""), ("\"q\"", "a \"b\"\n")], help: "h", json: true)
        == #"{"severity":"error","code":"E0301","message":"expected `Int`, found `Float`","file":"src/a.lang","#
        + #""range":{"start":{"line":2,"column":8},"end":{"line":2,"column":11}},"#
        + #""labels":[{"range":{"start":{"line":2,"column":4},"end":{"line":2,"column":7}},"message":"a \"b\"\n"}],"#
        + #""help":"h"}"#)
  }

  @Test func jsonWriter() {
    var json = JSONWriter()
    json.object { json in
      json.field("event", "a\\\u{1}\u{7f}é😀")
      json.object("micros") { json in
        json.field("read", decimal: 1.25)
        json.field("none", decimal: -0.04)
        json.field("bad", decimal: .nan)
        json.field("minus", decimal: -12.36)
      }
      json.array("list") { json in
        json.value(1)
        json.array { _ in }
        json.object { _ in }
        json.null()
        json.value(true)
      }
      json.field("names", ["x", "y"])
    }
    #expect(
      json.text
        == #"{"event":"a\\\u0001\u007fé😀","micros":{"read":1.3,"none":0.0,"bad":null,"minus":-12.4},"#
        + #""list":[1,[],{},null,true],"names":["x","y"]}"#)
  }

  @Test(arguments: [
    ("lenght", "length"), ("Pint", "Point"), ("prnitln", "println"), ("POINT", "Point"), ("xyzzy", nil),
    ("a", nil), ("", nil), ("length", nil), ("lengt", "length"),
  ])
  func closest(_ name: String, _ expected: String?) {
    #expect(closestName(to: name, among: ["length", "Point", "println", "q"]) == expected)
  }
}
