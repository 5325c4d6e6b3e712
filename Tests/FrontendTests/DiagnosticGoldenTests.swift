// Each of the reader's diagnostics as a person sees it. One test a code; the text is the expectation.

import Frontend
import Testing

@Suite struct DiagnosticGoldenTests {
  @Test func e0101UnreadableBytes() {
    #expect(
      diagnose(Array("(f \"a".utf8) + [0xff, 0xc3] + Array("b\")".utf8)) == """
        error[E0101]: these bytes are not UTF-8
         --> a.lang:1:6
          |
        1 | (f "a\u{fffd}\u{fffd}b")
          |      ^^ 2 bytes
          |
          = help: source files are UTF-8; save this one in that encoding

        """)
  }

  @Test func e0102UnclosedDelimiter() {
    #expect(
      diagnose("(defn f [x: Int] -> Int\n  (let [y 1]\n    (+ x y))\n\n(defn g [] -> Int 1)\n") == """
        error[E0102]: this `(` is never closed
         --> a.lang:1:1
          |
        1 | (defn f [x: Int] -> Int
          | ^ opened here
        2 |   (let [y 1]
        3 |     (+ x y))
          |             - perhaps a `)` is missing here
          |
          = help: add the `)`

        """)
  }

  @Test func e0102IndentationTellsWhichBracket() {
    #expect(
      diagnose("(defn f []\n  (let [a 1]\n    (g a)\n  (h [1 2\n      3]\n") == """
        error[E0102]: this `(` is never closed
         --> a.lang:2:3
          |
        2 |   (let [a 1]
          |   ^ opened here
        3 |     (g a)
          |          - perhaps a `)` is missing here
          |
          = help: 3 brackets are open at the end: `)))`

        """)
  }

  @Test func e0103MismatchedCloser() {
    #expect(
      diagnose("(f [a)\n   b)\n") == """
        error[E0103]: `)` does not close `[`
         --> a.lang:1:6
          |
        1 | (f [a)
          |    - ^ expected `]`
          |    |
          |    opened here
          |
          = help: write `]` here, or close what is missing before

        """)
  }

  @Test func e0103StrayCloser() {
    #expect(
      diagnose("(f a))\n(g)\n") == """
        error[E0103]: `)` closes nothing
         --> a.lang:1:6
          |
        1 | (f a))
          |      ^ everything before is closed already
          |
          = help: take it out, or look for a bracket too many in the form before

        """)
  }

  @Test func e0104UnterminatedString() {
    #expect(
      diagnose("(def s \"abc)\n\n(def t \"x\")\n(def u 1)\n") == #"""
        error[E0104]: this string never ends
         --> a.lang:1:8
          |
        1 | (def s "abc)
          |        ^    - perhaps it ends here
          |        |
          |        opened here
          |
          = help: close it with `"`; a `"` inside a string is written `\"`

        """#)
  }

  @Test func e0105UnterminatedComment() {
    #expect(
      diagnose("(a)\n#| b #| c |#\n(d)\n") == """
        error[E0105]: this comment never ends
         --> a.lang:2:1
          |
        2 | #| b #| c |#
          | ^^ opened here
          |
          = help: close it with `|#`; comments nest, so each `#|` needs one of its own

        """)
  }

  @Test func e0106BadEscape() {
    #expect(
      diagnose(#"(f "\q\u{110000}")"#) == #"""
        error[E0106]: `\q` is not an escape
         --> a.lang:1:5
          |
        1 | (f "\q\u{110000}")
          |     ^^
          |
          = help: the escapes are `\n` `\t` `\r` `\0` `\"` `\\` and `\u{3bb}`; a backslash itself is `\\`

        error[E0106]: this escape names no Unicode scalar
         --> a.lang:1:7
          |
        1 | (f "\q\u{110000}")
          |       ^^^^^^^^^^
          |
          = help: write one to six hexadecimal digits in braces: `\u{1F600}`

        """#)
  }

  @Test func e0107BadNumber() {
    #expect(
      diagnose("(f 1x)") == """
        error[E0107]: this is not a number
         --> a.lang:1:4
          |
        1 | (f 1x)
          |    ^^
          |
          = help: numbers look like `42` `1_000` `0xff` `255u8` `3.14` `1e-9` `2.5f32`; a name does not begin with a digit

        """)
  }

  @Test(arguments: ["1.", ".5", "-.5", "0x", "0b12", "0o8", "1e", "1e+", "1.5u8", "1u9", "1/2", "0xg", "1e999", "9e99f32", "1.2.3"])
  func e0107Others(_ number: String) {
    #expect(read("(f \(number))").problems == ["E0107@3-\(3 + number.utf8.count)"])
  }

  @Test func e0108IntegerOutOfRange() {
    #expect(
      diagnose("(f -129i8)") == """
        error[E0108]: this integer does not fit in `I8`
         --> a.lang:1:4
          |
        1 | (f -129i8)
          |    ^^^^^^ allowed are -128 to 127

        """)
    #expect(
      diagnose("(f 18446744073709551616)") == """
        error[E0108]: this integer does not fit in any integer type
         --> a.lang:1:4
          |
        1 | (f 18446744073709551616)
          |    ^^^^^^^^^^^^^^^^^^^^ allowed are -9223372036854775808 to 18446744073709551615
          |
          = help: write a float if it need not be exact, such as `1e20`

        """)
  }

  @Test func e0109BadCharacter() {
    #expect(
      diagnose(#"(f \foo)"#) == #"""
        error[E0109]: this is not a character
         --> a.lang:1:4
          |
        1 | (f \foo)
          |    ^^^^
          |
          = help: after the backslash stands one Unicode scalar, as in `\a`, or one of `space` `newline` `tab` `return` `u{3bb}`

        """#)
    for text in [#"\ a"#, #"\"#, #"\u{}"#, #"\u{d800}"#, #"\u{1234567}"#, #"\u{3bb}x"#, #"\u{3bb"#] {
      #expect(read(text).problems.first?.hasPrefix("E0109@0") == true, "\(text)")
    }
  }

  @Test func e0110NestingTooDeep() {
    let text = "(a)\n" + String(repeating: "(\n", count: 1001) + String(repeating: ")", count: 1001)
    #expect(
      diagnose(text) == """
        error[E0110]: forms are nested more than 1000 deep
            --> a.lang:1002:1
             |
        1002 | (
             | ^ level 1001
             |
             = help: give the inner part a name of its own

        """)
  }

  @Test func e0111FileTooLarge() {
    #expect(
      diagnose([UInt8](repeating: 0x0a, count: Reader.maxTextSize + 1)) == """
        error[E0111]: this file is larger than 64 MB
         --> a.lang:1:1
          |
        1 |
          | ^
          |
          = help: split it into several modules, or read the data at run time with `read-file`

        """)
  }

  @Test func e0112StrayText() {
    #expect(
      diagnose("(f ') {") == """
        error[E0112]: nothing stands behind this `'`
         --> a.lang:1:4
          |
        1 | (f ') {
          |    ^
          |
          = help: put the form behind it, or take it out

        error[E0112]: `{` has no meaning here
         --> a.lang:1:7
          |
        1 | (f ') {
          |       ^
          |
          = help: a map is written `(map-of key value)`, a set `(set-of value)`

        """)
    #expect(
      diagnose("a\u{a0}b #x") == """
        error[E0112]: U+00A0 is not a blank here
         --> a.lang:1:2
          |
        1 | a\u{a0}b #x
          |  ^ invisible, and not part of a name
          |
          = help: replace it with an ordinary blank

        error[E0112]: `#` begins nothing here
         --> a.lang:1:5
          |
        1 | a\u{a0}b #x
          |     ^^
          |
          = help: `#|` opens a block comment and `#_` skips the next form

        """)
  }
}
