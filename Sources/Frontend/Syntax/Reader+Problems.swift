// What the reader says when text is not what it should be. Off the fast path: here it may allocate.

extension Reader {
  /// Records a problem at `from..<to` of the text.
  mutating func report(
    _ code: DiagnosticCode, _ message: String, _ from: Int, _ to: Int, label: String = "",
    labels: [Diagnostic.Label] = [], help: String? = nil
  ) {
    reported += 1
    guard reported <= Self.maxProblems else { return }
    problems.append(
      Diagnostic(code, message, at: spot(from, to), label: label, labels: labels, help: help))
  }

  /// Whether problems were left out because there were too many.
  var hasOverflowed: Bool { reported > Self.maxProblems }

  func spot(_ from: Int, _ to: Int) -> Place { Place(.none, Span(offset(from), offset(to))) }

  /// Reports every run of malformed bytes in `from..<to`.
  mutating func checkBytes(_ text: Swift.Span<UInt8>, _ from: Int, _ to: Int) {
    var i = from
    while let run = Scalars.malformed(text, i, to) {
      report(
        .unreadableBytes, "these bytes are not UTF-8", run.lowerBound, run.upperBound,
        label: run.count == 1 ? "the byte \(Self.hex(text[run.lowerBound]))" : "\(run.count) bytes",
        help: "source files are UTF-8; save this one in that encoding")
      i = run.upperBound
    }
  }

  /// Whether the non-ASCII bytes of a name are well-formed and no invisible blanks.
  mutating func checkWide(_ text: Swift.Span<UInt8>, _ from: Int, _ to: Int) -> Bool {
    let before = reported
    checkBytes(text, from, to)
    if reported > before { return false }
    var i = from
    while i < to {
      let (scalar, length) = Scalars.decode(text, i, to)
      if let scalar, scalar.value >= 0x80,
        scalar.properties.isWhitespace || scalar.value == 0xfeff || scalar.value == 0x200b
      {
        report(
          .strayText, "U+\(Self.hex(scalar.value)) is not a blank here", i, i + length,
          label: "invisible, and not part of a name",
          help: "replace it with an ordinary blank")
        return false
      }
      i += length
    }
    return true
  }

  private static func hex(_ byte: UInt8) -> String {
    "0x" + (byte < 16 ? "0" : "") + String(byte, radix: 16)
  }

  private static func hex(_ value: UInt32) -> String {
    let digits = String(value, radix: 16, uppercase: true)
    return String(repeating: "0", count: max(0, 4 - digits.utf8.count)) + digits
  }

  mutating func skipJunk(_ text: Swift.Span<UInt8>, _ from: Int) -> Int {
    let byte = text[from]
    if byte == Byte.openBrace || byte == Byte.closeBrace {
      report(
        .strayText, "`\(Unicode.Scalar(byte))` has no meaning here", from, from + 1,
        help: "a map is written `(map-of key value)`, a set `(set-of value)`")
      return from + 1
    }
    var i = from + 1
    while i < text.count, text[i] == byte { i += 1 }
    report(
      .strayText, "a control character, U+\(Self.hex(UInt32(byte)))", from, i,
      help: "take it out; inside a string write it `\\u{\(String(byte, radix: 16))}`")
    return i
  }

  /// A `#` that begins nothing: reported together with the name glued to it.
  mutating func skipStrayHash(_ text: Swift.Span<UInt8>, _ from: Int) -> Int {
    var i = from + 1
    while i < text.count, classes[Int(text[i])] & ByteClass.continues != 0 { i += 1 }
    looseEnd = i
    checkBytes(text, from, i)
    report(
      .strayText, "`#` begins nothing here", from, i,
      help: "`#|` opens a block comment and `#_` skips the next form")
    return i
  }

  mutating func reportLongName(_ from: Int, _ to: Int) {
    report(
      .strayText, "this name is longer than \(Self.maxNameLength) bytes", from, from + 1,
      label: "\(to - from) bytes from here")
  }

  /// Once for each top-level form.
  mutating func reportTooDeep(_ at: Int) {
    if hasDeepForm { return }
    hasDeepForm = true
    isMisshapen = true
    report(
      .nestingTooDeep, "forms are nested more than \(Self.maxDepth) deep", at, at + 1,
      label: "level \(Self.maxDepth + 1)",
      help: "give the inner part a name of its own")
  }

  /// A quote or `#_` with nothing behind it.
  mutating func reportDangling(_ frame: Frame) {
    let at = Int(frame.start)
    let text =
      switch frame.kind {
      case .discard: "#_"
      case .quasiquote: "`"
      case .unquote: "~"
      case .unquoteSplicing: "~@"
      default: "'"
      }
    report(
      .strayText, "nothing stands behind this " + (frame.kind == .quasiquote ? "backquote" : "`\(text)`"),
      at, at + text.utf8.count,
      help: frame.kind == .discard
        ? "`#_` skips the form behind it" : "put the form behind it, or take it out")
  }

  mutating func reportStrayCloser(_ byte: UInt8, _ at: Int) {
    report(
      .unexpectedCloser, "`\(Unicode.Scalar(byte))` closes nothing", at, at + 1,
      label: "everything before is closed already",
      help: "take it out, or look for a bracket too many in the form before")
  }

  mutating func reportMismatch(_ frame: Frame, _ byte: UInt8, _ at: Int) {
    isMisshapen = true
    let (opener, closer) = frame.kind == .paren ? ("(", ")") : ("[", "]")
    report(
      .unexpectedCloser, "`\(Unicode.Scalar(byte))` does not close `\(opener)`", at, at + 1,
      label: "expected `\(closer)`",
      labels: [.init(spot(Int(frame.start), Int(frame.start) + 1), "opened here")],
      help: "write `\(closer)` here, or close what is missing before")
  }

  /// A string that runs into the next definition or the end of the text.
  mutating func reportOpenString(_ text: Swift.Span<UInt8>, _ from: Int, _ at: Int) {
    isMisshapen = true
    var lineEnd = from + 1
    while lineEnd < at, text[lineEnd] != Byte.newline { lineEnd += 1 }
    if lineEnd > from + 1, text[lineEnd - 1] == Byte.carriageReturn { lineEnd -= 1 }
    let mayEndHere = Diagnostic.Label(spot(lineEnd, lineEnd), "perhaps it ends here")
    report(
      .unterminatedString, "this string never ends", from, from + 1, label: "opened here",
      labels: lineEnd < at ? [mayEndHere] : [],
      help: "close it with `\"`; a `\"` inside a string is written `\\\"`")
  }
}

// MARK: - Unclosed brackets

extension Reader {
  /// Reports what is open at `at`: the end of the text, or where column 0 says that a form begins.
  ///
  /// Indentation tells which bracket it is: in text that is laid out well, a form that begins a line
  /// stands further right than the bracket around it.
  mutating func reportUnclosed(_ text: Swift.Span<UInt8>, _ at: Int) {
    if isMisshapen { return }
    if reported >= Self.maxProblems {
      reported += 1
      return
    }
    guard let innermost = (0..<depth).last(where: { !stack[$0].kind.isPrefix }) else { return }
    var suspect = stack[innermost]
    var place = contentEnd(text, Int(suspect.start), at)
    search: for k in 0..<depth where !stack[k].kind.isPrefix {
      let frame = stack[k]
      let column = self.column(text, Int(frame.start))
      let isInnermost = k + 1 == depth
      let childrenEnd = isInnermost ? pendingCount : Int(stack[k + 1].pendingBase)
      var starts = pending[Int(frame.pendingBase)..<childrenEnd].map { Int(tree[$0].start) + base }
      var ends = pending[Int(frame.pendingBase)..<childrenEnd].map { Int(tree[$0].end) + base }
      ends.insert(Int(frame.start) + 1, at: 0)
      if !isInnermost { starts.append(Int(stack[k + 1].start)) }
      for (start, endBefore) in zip(starts, ends) {
        if let indent = indentation(text, start), indent <= column {
          suspect = frame
          place = endBefore
          break search
        }
      }
    }
    let opener = Int(suspect.start)
    let isParen = suspect.kind == .paren
    let (open, close) = isParen ? ("(", ")") : ("[", "]")
    var missing = ""
    for k in (0..<depth).reversed() where !stack[k].kind.isPrefix && missing.utf8.count < 20 {
      missing += stack[k].kind == .paren ? ")" : "]"
    }
    report(
      .unclosedDelimiter, "this `\(open)` is never closed", opener, opener + 1, label: "opened here",
      labels: [.init(spot(place, place), "perhaps a `\(close)` is missing here")],
      help: missing.utf8.count == 1
        ? "add the `\(missing)`"
        : "\(missing.utf8.count < 20 ? "" : "at least ")\(missing.utf8.count) brackets are open at the"
          + " end: `\(missing)`")
  }

  /// Where the text of the form ends before `at`, blanks left out.
  private func contentEnd(_ text: Swift.Span<UInt8>, _ opener: Int, _ at: Int) -> Int {
    var lastEnd = opener + 1
    if pendingCount > 0 { lastEnd = max(lastEnd, Int(tree[pending[pendingCount - 1]].end) + base) }
    return min(lastEnd, at)
  }

  /// How far `at` is from the start of its line, in bytes; no more than `farthest`, so that one long
  /// line cannot make this slow.
  private func column(_ text: Swift.Span<UInt8>, _ at: Int) -> Int {
    var i = at
    while i > 0, at - i < Self.farthest, text[i - 1] != Byte.newline { i -= 1 }
    return at - i
  }

  private static let farthest = 256

  /// The column of `at` if only blanks stand before it on its line.
  private func indentation(_ text: Swift.Span<UInt8>, _ at: Int) -> Int? {
    var i = at
    while i > 0, text[i - 1] != Byte.newline {
      i -= 1
      if at - i > Self.farthest || (text[i] != 0x20 && text[i] != 0x09) { return nil }
    }
    return at - i
  }
}
