// What a byte can begin, and whether it can stand within a name: one table lookup for each byte of
// source. The table is a value inside the reader, so that looking up needs neither a bounds check nor
// a lazily made global.
//
// Invariant: bytes from 0x80 are name bytes; whether they are well-formed UTF-8 is checked apart.

/// What a byte begins when it is met between two forms.
enum ByteClass {
  static let name: UInt8 = 0
  static let digit: UInt8 = 1
  static let sign: UInt8 = 2  // + -
  static let dot: UInt8 = 3
  static let colon: UInt8 = 4
  static let blank: UInt8 = 5
  static let opener: UInt8 = 6
  static let closer: UInt8 = 7
  static let string: UInt8 = 8
  static let comment: UInt8 = 9
  static let hash: UInt8 = 10
  static let backslash: UInt8 = 11
  static let prefix: UInt8 = 12  // ' ` ~
  static let junk: UInt8 = 13  // control characters and braces

  /// The bits that hold one of the above.
  static let mask: UInt8 = 0x0f
  /// Set for a byte that goes on with a name, number or keyword.
  static let continues: UInt8 = 0x80

  static func makeTable() -> InlineArray<256, UInt8> {
    var table = InlineArray<256, UInt8>(repeating: name | continues)
    func set(_ bytes: StaticString, _ value: UInt8, _ table: inout InlineArray<256, UInt8>) {
      for scalar in String(describing: bytes).unicodeScalars { table[Int(scalar.value)] = value }
    }
    for byte in 0..<0x20 { table[byte] = junk }
    table[0x7f] = junk
    set("{}", junk, &table)
    set(" ,\t\n\r\u{0b}\u{0c}", blank, &table)
    set("0123456789", digit | continues, &table)
    set("+-", sign | continues, &table)
    set(".", dot | continues, &table)
    set(":", colon | continues, &table)
    set("([", opener, &table)
    set(")]", closer, &table)
    set("\"", string, &table)
    set(";", comment, &table)
    set("#", hash | continues, &table)
    set("\\", backslash, &table)
    set("'", prefix | continues, &table)
    set("`~", prefix, &table)
    return table
  }
}

/// The bytes that the reader names.
enum Byte {
  static let newline: UInt8 = 0x0a
  static let carriageReturn: UInt8 = 0x0d
  static let quote: UInt8 = 0x22
  static let backslash: UInt8 = 0x5c
  static let hash: UInt8 = 0x23
  static let bar: UInt8 = 0x7c
  static let underscore: UInt8 = 0x5f
  static let openParen: UInt8 = 0x28
  static let closeParen: UInt8 = 0x29
  static let openBracket: UInt8 = 0x5b
  static let closeBracket: UInt8 = 0x5d
  static let openBrace: UInt8 = 0x7b
  static let closeBrace: UInt8 = 0x7d
  static let apostrophe: UInt8 = 0x27
  static let backquote: UInt8 = 0x60
  static let at: UInt8 = 0x40
  static let zero: UInt8 = 0x30
  static let minus: UInt8 = 0x2d
  static let plus: UInt8 = 0x2b
  static let dot: UInt8 = 0x2e
  static let colon: UInt8 = 0x3a
  static let bang: UInt8 = 0x21
}
