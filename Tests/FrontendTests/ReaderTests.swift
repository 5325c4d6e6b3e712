// Every lexical form of the language, and what surrounds forms.

import Frontend
import Testing

@Suite struct ReaderTests {
  @Test(arguments: [
    ("42 -7 +7 1_000_000 0xff 0xFF 0b1010 0o17 0", "42|-7|7|1000000|255|255|10|15|0"),
    ("255u8 -1i32 0x20u32 -128i8 65535u16 18446744073709551615u64", "255u8|-1i32|32u32|-128i8|65535u16|18446744073709551615u64"),
    ("18446744073709551615 -0x8000_0000_0000_0000", "18446744073709551615|-9223372036854775808"),
    ("3.14 -0.5 1e-9 2.5f32 1f32 1e21 1_0.2_5 1E+3", "3.14|-0.5|1e-09|2.5f32|1.0f32|1e+21|10.25|1000.0"),
    ("0.1f32 16777217.0f32", "0.10000000149011612f32|16777216.0f32"),
    ("1.7976931348623157e308 4.9e-324 123456789012345678.0", "1.7976931348623157e+308|5e-324|1.2345678901234568e+17"),
    ("inf -inf nan - -> ->celsius ->> + -x", "inf|-inf|nan|-|->|->celsius|->>|+|-x"),
    ("name empty? set! game/tick .name & . ... x# * a'b <=", "name|empty?|set!|game/tick|.name|&|.|...|x#|*|a'b|<="),
    (":name :a/b : x: true false truex", ":name|:a/b|:|x:|true|false|truex"),
    ("() [] (a [b] (c))", "()|[]|(a [b] (c))"),
    ("'a `b ~c ~@d '(a b) `(if ~c ~@b) ''a", "'a|`b|~c|~@d|'(a b)|`(if ~c ~@b)|''a"),
    (#"\a \space \newline \tab \return \( \) \\ \" \; \, \u{3bb} λ \λ \~ \'"#, #"\u{61}|\u{20}|\u{a}|\u{9}|\u{d}|\u{28}|\u{29}|\u{5c}|\u{22}|\u{3b}|\u{2c}|\u{3bb}|λ|\u{3bb}|\u{7e}|\u{27}"#),
    (#"(f \()(g \)) [\]]"#, #"(f \u{28})|(g \u{29})|[\u{5d}]"#),
    (#""tab\t quote\" back\\ nl\n \u{1F600} ü""#, #""tab\t quote\" back\\ nl\n 😀 ü""#),
    ("\"two\nlines\" \"cr\r\nlf\"", #""two\nlines"|"cr\nlf""#),
    ("a, b ; c\nd #| e #| f |# g |# h", "a|b|d|h"),
    ("#_ a b (c #_ (d e) f) #_ #_ g h i '#_j k", "b|(c f)|i|'k"),
    ("a\"b\"c(d)e[f]", "a|\"b\"|c|(d)|e|[f]"),
    ("x @ pat n@1", "x|@|pat|n@1"),
  ])
  func reads(_ text: String, _ expected: String) {
    let result = read(text)
    #expect(result.forms.joined(separator: "|") == expected)
    #expect(result.problems == [])
  }

  @Test func whatIsReadReadsTheSameAgain() {
    let text = """
      (defn area "Doc \\"string\\"." [w: Float h: Float = 2.0] -> Float (* w h))
      (match s (Circle r) 1 `(if ~c ~@d) :k) 'q \\( [1u8 -2.5f32 true ()]
      """
    let once = read(text)
    let again = read(once.forms.joined(separator: "\n"))
    #expect(once.forms == again.forms)
    #expect(again.problems == [])
  }

  @Test func emptyFilesHaveNoForms() {
    for text in ["", " ", "\n\n", "; c", "#| c |#", "\u{feff}", "#!/usr/bin/env lang run", "#_ a"] {
      let result = read(text)
      #expect(result.forms == [] && result.problems == [], "\(text)")
    }
  }

  @Test func byteOrderMarkAndScriptLineAreSkipped() {
    #expect(read("\u{feff}(a)").forms == ["(a)"])
    #expect(read("#!/usr/bin/env lang\n(a)").forms == ["(a)"])
    #expect(read("\u{feff}#!x\r\n(a)\r\n(b)\r\n").forms == ["(a)", "(b)"])
  }

  @Test func childrenComeBeforeTheirParentsAndSpansLieWithin() {
    var reader = Reader()
    var interner = Interner()
    let text = Array("(a [b 'c] \"d\") (e #_ f g)".utf8)
    reader.read(text, interner: &interner)
    for raw in 0..<reader.tree.nodes.count {
      let form = Form(raw: UInt32(raw))
      let span = reader.tree.span(form)
      #expect(span.start < span.end && Int(span.end) <= text.count)
      guard [.list, .vector, .quote].contains(reader.tree.tag(form)) else { continue }
      var before = span.start
      for i in 0..<reader.tree.count(form) {
        let child = reader.tree.child(form, i)
        #expect(child.raw < form.raw)
        #expect(reader.tree.span(child).start >= before && reader.tree.span(child).end <= span.end)
        before = reader.tree.span(child).end
      }
    }
  }

  @Test func internerKnowsThePartsOfNames() {
    var interner = Interner()
    let qualified = interner.intern("game/tick")
    #expect(interner.split(qualified).map { interner.name($0.alias) } == "game")
    #expect(interner.split(qualified).map { interner.name($0.name) } == "tick")
    #expect(interner.annotated(interner.intern("x:")) == interner.intern("x"))
    #expect(interner.fieldName(interner.intern(".x")) == interner.intern("x"))
    _ = interner.intern("a/y:")
    #expect(interner.annotated(interner.intern("y:")) == interner.intern("y"))
    for plain in ["/", "/a", "a/", "a/b/c", ":", "::", ".", "..", "...", "", "a"] {
      let symbol = interner.intern(plain)
      #expect(interner.split(symbol) == nil && interner.annotated(symbol) == nil, "\(plain)")
      #expect(interner.fieldName(symbol) == nil, "\(plain)")
    }
  }

  @Test func readingGoesOnAfterADroppedForm() {
    let result = read("(a)\n(b (c)\n(d)\n(e [f)\n(g)\n")
    #expect(result.forms == ["(a)", "(d)", "(g)"])
    #expect(result.problems == ["E0102@4-5", "E0103@20-21"])
  }

  @Test func columnZeroWithinABalancedFormIsFine() {
    #expect(read("(do\n(a)\n(b))\n(c)").forms == ["(do (a) (b))", "(c)"])
  }

  @Test func aStringWithoutEndCostsOneForm() {
    let result = read("(a)\n(b \"oops)\n(c \"x\")\n(d \"y\")\n")
    #expect(result.forms == ["(a)", "(c \"x\")", "(d \"y\")"])
    #expect(result.problems == ["E0104@7-8"])
  }

  @Test func literalsThatCannotBeReadLeaveAnError() {
    #expect(read("(f 1x 300u8 \\foo b)").forms == ["(f <error> <error> <error> b)"])
  }

  @Test func quotesWithNothingBehind() {
    #expect(read("(a ') b").forms == ["(a)", "b"])
    #expect(read("(a ') b '").problems == ["E0112@3-4", "E0112@8-9"])
    #expect(read("(#_) a #_").forms == ["()", "a"])
    #expect(read("(#_) a #_").problems == ["E0112@1-3", "E0112@7-9"])
  }
}
