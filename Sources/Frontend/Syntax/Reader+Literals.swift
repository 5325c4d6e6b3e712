// Strings and characters.
//
// Invariant: what lands in `stringBytes` is valid UTF-8 whatever the source holds, and a line ends in one
// newline there, so that a program does not depend on how its file was checked out.

extension Reader {
  /// Reads a string that opens at `from`. If it has no end: the place where reading may go on, which is
  /// the end of the text or, when strings end in column 0, the next form there; reported only then.
  mutating func string(_ text: Swift.Span<UInt8>, _ from: Int) -> (after: Int, isClosed: Bool) {
    let first = tree.stringBytes.count
    let end = text.count
    var i = from + 1
    var seen: UInt8 = 0
    while i < end {
      let byte = text[i]
      if byte == Byte.quote {
        if seen >= 0x80, Scalars.malformed(text, from + 1, i) != nil {
          checkBytes(text, from + 1, i)
          mendString(from: first)
        }
        place(
          FormNode(
            tag: .string, start: offset(from), end: offset(i + 1),
            a: UInt32(truncatingIfNeeded: tree.strings.count)))
        tree.strings.append(first..<tree.stringBytes.count)
        return (i + 1, true)
      }
      if byte == Byte.backslash {
        i = escape(text, i)
        continue
      }
      if byte == Byte.carriageReturn, i + 1 < end, text[i + 1] == Byte.newline {
        i += 1
        continue
      }
      if columnZeroEndsStrings, startsItem(text, i) {
        reportOpenString(text, from, i)
        return (i, false)
      }
      seen |= byte
      tree.stringBytes.append(byte)
      i += 1
    }
    if columnZeroEndsStrings { reportOpenString(text, from, end) }
    return (end, false)
  }

  /// Past a string whose contents do not matter.
  mutating func skimString(_ text: Swift.Span<UInt8>, _ from: Int) -> (after: Int, isClosed: Bool) {
    let end = text.count
    var i = from + 1
    while i < end {
      let byte = text[i]
      if byte == Byte.quote { return (i + 1, true) }
      if columnZeroEndsStrings, startsItem(text, i) {
        reportOpenString(text, from, i)
        return (i, false)
      }
      i += byte == Byte.backslash ? 2 : 1
    }
    if columnZeroEndsStrings { reportOpenString(text, from, end) }
    return (end, false)
  }

  /// Replaces what is malformed in the string at the end of `stringBytes`.
  private mutating func mendString(from first: Int) {
    let mended = Array(String(decoding: tree.stringBytes[first...], as: UTF8.self).utf8)
    tree.stringBytes.removeLast(tree.stringBytes.count - first)
    tree.stringBytes.append(contentsOf: mended)
  }

  /// Appends what the escape at `at` stands for; answers where the string goes on.
  private mutating func escape(_ text: Swift.Span<UInt8>, _ at: Int) -> Int {
    let end = text.count
    guard at + 1 < end else { return end }
    switch text[at + 1] {
    case UInt8(ascii: "n"): tree.stringBytes.append(Byte.newline)
    case UInt8(ascii: "t"): tree.stringBytes.append(0x09)
    case UInt8(ascii: "r"): tree.stringBytes.append(Byte.carriageReturn)
    case UInt8(ascii: "0"): tree.stringBytes.append(0)
    case Byte.quote: tree.stringBytes.append(Byte.quote)
    case Byte.backslash: tree.stringBytes.append(Byte.backslash)
    case UInt8(ascii: "u"):
      let (scalar, after) = unicodeEscape(text, at + 1)
      if let scalar {
        tree.stringBytes.append(contentsOf: Array(String(scalar).utf8))
      } else {
        report(
          .badEscape, "this escape names no Unicode scalar", at, after,
          help: "write one to six hexadecimal digits in braces: `\\u{1F600}`")
      }
      return after
    default:
      // The newline of a line that ends in a backslash is left for the string itself.
      let next = text[at + 1]
      if next == Byte.newline || next == Byte.carriageReturn || next >= 0x80 {
        report(.badEscape, "a lone backslash in a string", at, at + 1, help: Self.escapeHelp)
        return at + 1
      }
      report(
        .badEscape, "`\\\(Unicode.Scalar(next))` is not an escape", at, at + 2, help: Self.escapeHelp)
      tree.stringBytes.append(next >= 0x20 ? next : 0x20)
    }
    return at + 2
  }

  private static let escapeHelp =
    "the escapes are `\\n` `\\t` `\\r` `\\0` `\\\"` `\\\\` and `\\u{3bb}`; a backslash itself is `\\\\`"

  /// Reads `u{3bb}` at `at`. The second result is where it ends, malformed or not.
  private func unicodeEscape(
    _ text: Swift.Span<UInt8>, _ at: Int
  ) -> (scalar: Unicode.Scalar?, after: Int) {
    let end = text.count
    guard at + 1 < end, text[at + 1] == Byte.openBrace else { return (nil, min(at + 1, end)) }
    var i = at + 2
    var value: UInt32 = 0
    var digits = 0
    while i < end {
      let digit = Self.digitValue(text[i])
      guard digit < 16 else { break }
      if digits < 7 { value = value << 4 | UInt32(digit) }
      digits = min(digits + 1, 8)
      i += 1
    }
    guard i < end, text[i] == Byte.closeBrace else { return (nil, i) }
    guard digits >= 1, digits <= 6 else { return (nil, i + 1) }
    return (Unicode.Scalar(value), i + 1)
  }

  /// Reads the character whose backslash is at `from`.
  mutating func character(_ text: Swift.Span<UInt8>, _ from: Int) -> Int {
    let end = text.count
    let at = from + 1
    guard at < end, classes[Int(text[at])] & ByteClass.mask != ByteClass.blank || text[at] == 0x2c
    else {
      looseEnd = at
      return badCharacter(
        from, at, "a backslash with no character behind it",
        help: "a blank is written `\\space`, a newline `\\newline`, a tab `\\tab`")
    }
    if text[at] == UInt8(ascii: "u"), at + 1 < end, text[at + 1] == Byte.openBrace {
      let (scalar, after) = unicodeEscape(text, at)
      looseEnd = tokenEnd(text, after)
      guard let scalar, looseEnd == after else {
        return badCharacter(
          from, looseEnd, "this names no Unicode scalar",
          help: "write one to six hexadecimal digits in braces: `\\u{3bb}`")
      }
      return place(scalar, from, after)
    }
    // A delimiter stands for itself; anything else goes on like a name.
    if classes[Int(text[at])] & ByteClass.continues == 0 {
      return place(Unicode.Scalar(text[at]), from, at + 1)
    }
    let after = tokenEnd(text, at)
    looseEnd = after
    let (scalar, length) = Scalars.decode(text, at, after)
    guard let scalar else {
      checkBytes(text, at, after)
      place(FormNode(tag: .error, start: offset(from), end: offset(after)))
      return after
    }
    if length == after - at { return place(scalar, from, after) }
    switch after - at {
    case 3 where equals(text, at, "tab"): return place("\t", from, after)
    case 5 where equals(text, at, "space"): return place(" ", from, after)
    case 6 where equals(text, at, "return"): return place("\r", from, after)
    case 7 where equals(text, at, "newline"): return place("\n", from, after)
    default:
      if Scalars.malformed(text, at, after) != nil {
        checkBytes(text, at, after)
        place(FormNode(tag: .error, start: offset(from), end: offset(after)))
        return after
      }
      return badCharacter(
        from, after, "this is not a character",
        help: "after the backslash stands one Unicode scalar, as in `\\a`, or one of"
          + " `space` `newline` `tab` `return` `u{3bb}`")
    }
  }

  private mutating func place(_ scalar: Unicode.Scalar, _ from: Int, _ after: Int) -> Int {
    place(FormNode(tag: .char, start: offset(from), end: offset(after), a: scalar.value))
    return after
  }

  private mutating func badCharacter(
    _ from: Int, _ after: Int, _ message: String, help: String
  ) -> Int {
    report(.badCharacter, message, from, after, help: help)
    place(FormNode(tag: .error, start: offset(from), end: offset(after)))
    return after
  }

  private func tokenEnd(_ text: Swift.Span<UInt8>, _ from: Int) -> Int {
    var i = from
    while i < text.count, classes[Int(text[i])] & ByteClass.continues != 0 { i += 1 }
    return i
  }

  private func equals(_ text: Swift.Span<UInt8>, _ at: Int, _ name: StaticString) -> Bool {
    var i = at
    for byte in String(describing: name).utf8 {
      if text[i] != byte { return false }
      i += 1
    }
    return true
  }

  /// The value of a hexadecimal digit; 16 for anything else.
  static func digitValue(_ byte: UInt8) -> UInt8 {
    switch byte {
    case 0x30...0x39: byte - 0x30
    case 0x61...0x66: byte - 0x61 + 10
    case 0x41...0x46: byte - 0x41 + 10
    default: 16
    }
  }
}
