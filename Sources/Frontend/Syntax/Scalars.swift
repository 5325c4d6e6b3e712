// UTF-8 by hand, because positions, characters and strings need single scalars out of bytes that may
// be malformed.
//
// Invariant: every function moves forward by at least one byte and never reads past the end given.

enum Scalars {
  /// The scalar at `at`, and how many bytes it takes. Nil for a malformed sequence, with the length of
  /// its longest well-formed beginning (the Unicode standard's "maximal subpart", so that one
  /// replacement character stands for it, as in `String(decoding:as:)`).
  static func decode(
    _ text: Swift.Span<UInt8>, _ at: Int, _ end: Int
  ) -> (scalar: Unicode.Scalar?, length: Int) {
    let first = text[at]
    if first < 0x80 { return (Unicode.Scalar(first), 1) }
    let count: Int
    var value: UInt32
    switch first {
    case 0xc2...0xdf: (count, value) = (2, UInt32(first & 0x1f))
    case 0xe0...0xef: (count, value) = (3, UInt32(first & 0x0f))
    case 0xf0...0xf4: (count, value) = (4, UInt32(first & 0x07))
    default: return (nil, 1)
    }
    var low: UInt8 = 0x80
    var high: UInt8 = 0xbf
    switch first {  // shut out overlong forms, surrogates and values past U+10FFFF
    case 0xe0: low = 0xa0
    case 0xed: high = 0x9f
    case 0xf0: low = 0x90
    case 0xf4: high = 0x8f
    default: break
    }
    for i in 1..<count {
      guard at + i < end else { return (nil, i) }
      let byte = text[at + i]
      guard byte >= low, byte <= high else { return (nil, i) }
      (low, high) = (0x80, 0xbf)
      value = value << 6 | UInt32(byte & 0x3f)
    }
    return (Unicode.Scalar(value), count)
  }

  /// The next run of malformed bytes in `from..<to`, or nil.
  static func malformed(_ text: Swift.Span<UInt8>, _ from: Int, _ to: Int) -> Range<Int>? {
    var i = from
    while i < to {
      if text[i] < 0x80 {
        i += 1
        continue
      }
      let (scalar, length) = decode(text, i, to)
      if scalar != nil {
        i += length
        continue
      }
      let start = i
      i += length
      while i < to {
        let (scalar, length) = decode(text, i, to)
        if scalar != nil { break }
        i += length
      }
      return start..<i
    }
    return nil
  }

  /// How many scalars `from..<to` shows as, malformed sequences counting one each.
  static func count(_ text: Swift.Span<UInt8>, _ from: Int, _ to: Int) -> Int {
    var (i, count) = (from, 0)
    while i < to {
      i += decode(text, i, to).length
      count += 1
    }
    return count
  }

  static func isContinuation(_ byte: UInt8) -> Bool { byte & 0xc0 == 0x80 }
}
