// Numbers: integers of any radix with a suffix for their type, and floats, correctly rounded.

extension Reader {
  /// Reads the token `from..<to`, which begins like a number.
  mutating func number(_ text: Swift.Span<UInt8>, _ from: Int, _ to: Int) -> FormNode {
    var i = from
    let isNegative = text[i] == Byte.minus
    if isNegative || text[i] == Byte.plus { i += 1 }
    let digitsFrom = i
    var radix: UInt64 = 10
    if text[i] == Byte.zero, i + 1 < to {
      switch text[i + 1] {
      case UInt8(ascii: "x"): radix = 16
      case UInt8(ascii: "b"): radix = 2
      case UInt8(ascii: "o"): radix = 8
      default: break
      }
      if radix != 10 { i += 2 }
    }
    var magnitude: UInt64 = 0
    var digits = 0
    var overflows = false
    while i < to {
      let digit = UInt64(Self.digitValue(text[i]))
      if digit < radix {
        let (product, high) = magnitude.multipliedReportingOverflow(by: radix)
        let (sum, carry) = product.addingReportingOverflow(digit)
        overflows = overflows || high || carry
        magnitude = sum
        digits += 1
      } else if text[i] != Byte.underscore {
        break
      }
      i += 1
    }
    if digits == 0 { return badNumber(text, from, to, radix) }
    var suffix = NumberSuffix.none
    if i < to {
      let next = text[i]
      if radix == 10,
        next == Byte.dot || next == UInt8(ascii: "e") || next == UInt8(ascii: "E")
          || next == UInt8(ascii: "f")
      {
        return float(text, from, digitsFrom, to, isNegative)
      }
      guard let found = Self.suffix(text, i, to), found != .f32 else {
        return badNumber(text, from, to, radix)
      }
      suffix = found
    }
    let limit = Self.limits(suffix)
    if overflows || magnitude > (isNegative ? limit.negative : limit.positive) {
      report(
        .integerOutOfRange, "this integer does not fit in \(limit.type)", from, to,
        label: "allowed are \(limit.negative == 0 ? "" : "-")\(limit.negative) to \(limit.positive)",
        help: suffix == .none ? "write a float if it need not be exact, such as `1e20`" : nil)
      return FormNode(tag: .error, start: offset(from), end: offset(to))
    }
    let index = UInt32(truncatingIfNeeded: tree.ints.count)
    tree.ints.append(IntLiteral(magnitude: magnitude, negative: isNegative))
    return FormNode(tag: .int, suffix: suffix, start: offset(from), end: offset(to), a: index)
  }

  private static func limits(
    _ suffix: NumberSuffix
  ) -> (negative: UInt64, positive: UInt64, type: String) {
    switch suffix {
    case .i8: (0x80, 0x7f, "`I8`")
    case .i16: (0x8000, 0x7fff, "`I16`")
    case .i32: (0x8000_0000, 0x7fff_ffff, "`I32`")
    case .u8: (0, 0xff, "`U8`")
    case .u16: (0, 0xffff, "`U16`")
    case .u32: (0, 0xffff_ffff, "`U32`")
    case .u64: (0, .max, "`U64`")
    // Without a suffix the type is not known yet: whatever some integer type holds.
    case .none, .f32: (1 << 63, .max, "any integer type")
    }
  }

  private static func suffix(_ text: Swift.Span<UInt8>, _ from: Int, _ to: Int) -> NumberSuffix? {
    guard to - from == 2 || to - from == 3 else { return nil }
    let kind = text[from]
    let first = text[from + 1]
    let second = to - from == 3 ? text[from + 2] : 0
    switch (kind, first, second) {
    case (UInt8(ascii: "i"), UInt8(ascii: "8"), 0): return .i8
    case (UInt8(ascii: "i"), UInt8(ascii: "1"), UInt8(ascii: "6")): return .i16
    case (UInt8(ascii: "i"), UInt8(ascii: "3"), UInt8(ascii: "2")): return .i32
    case (UInt8(ascii: "u"), UInt8(ascii: "8"), 0): return .u8
    case (UInt8(ascii: "u"), UInt8(ascii: "1"), UInt8(ascii: "6")): return .u16
    case (UInt8(ascii: "u"), UInt8(ascii: "3"), UInt8(ascii: "2")): return .u32
    case (UInt8(ascii: "u"), UInt8(ascii: "6"), UInt8(ascii: "4")): return .u64
    case (UInt8(ascii: "f"), UInt8(ascii: "3"), UInt8(ascii: "2")): return .f32
    default: return nil
    }
  }

  /// A decimal number with a fraction, an exponent or the suffix `f32`.
  private mutating func float(
    _ text: Swift.Span<UInt8>, _ from: Int, _ digitsFrom: Int, _ to: Int, _ isNegative: Bool
  ) -> FormNode {
    var i = digitsFrom
    var mantissa: UInt64 = 0
    var significant = 0
    var scale = 0
    func isDigit(_ byte: UInt8) -> Bool { byte &- Byte.zero < 10 }
    func take(_ byte: UInt8) {
      if byte == Byte.zero, significant == 0 { return }
      significant += 1
      if significant <= 18 { mantissa = mantissa * 10 + UInt64(byte - Byte.zero) }
    }
    while i < to, isDigit(text[i]) || text[i] == Byte.underscore {
      if text[i] != Byte.underscore { take(text[i]) }
      i += 1
    }
    if i < to, text[i] == Byte.dot {
      i += 1
      guard i < to, isDigit(text[i]) else { return badNumber(text, from, to, 10) }
      while i < to, isDigit(text[i]) || text[i] == Byte.underscore {
        if text[i] != Byte.underscore {
          take(text[i])
          scale -= 1
        }
        i += 1
      }
    }
    if i < to, text[i] | 0x20 == UInt8(ascii: "e") {
      i += 1
      let isMinus = i < to && text[i] == Byte.minus
      if isMinus || (i < to && text[i] == Byte.plus) { i += 1 }
      guard i < to, isDigit(text[i]) else { return badNumber(text, from, to, 10) }
      var exponent = 0
      while i < to, isDigit(text[i]) || text[i] == Byte.underscore {
        if text[i] != Byte.underscore {
          exponent = min(exponent * 10 + Int(text[i] - Byte.zero), 100_000)
        }
        i += 1
      }
      scale += isMinus ? -exponent : exponent
    }
    var suffix = NumberSuffix.none
    let digitsTo = i
    if i < to {
      guard Self.suffix(text, i, to) == .f32 else { return badNumber(text, from, to, 10) }
      suffix = .f32
    }
    let value: Double
    if suffix == .none, significant <= 15, scale >= -22, scale <= 22 {
      // Both factors are exact, so one operation rounds once (Clinger 1990).
      let magnitude = Double(mantissa)
      value = scale < 0 ? magnitude / Self.powersOfTen[-scale] : magnitude * Self.powersOfTen[scale]
    } else {
      value = Self.slowFloat(text, digitsFrom, digitsTo, isSingle: suffix == .f32)
    }
    guard value.isFinite else {
      report(
        .badNumber, "this float is too large", from, to,
        label: suffix == .f32 ? "`F32` goes up to 3.4028235e38" : "`Float` goes up to 1.7976931348623157e308",
        help: "the prelude has `inf`")
      return FormNode(tag: .error, start: offset(from), end: offset(to))
    }
    let index = UInt32(truncatingIfNeeded: tree.floats.count)
    tree.floats.append(isNegative ? -value : value)
    return FormNode(tag: .float, suffix: suffix, start: offset(from), end: offset(to), a: index)
  }

  private static let powersOfTen: [Double] = [
    1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16,
    1e17, 1e18, 1e19, 1e20, 1e21, 1e22,
  ]

  private static func slowFloat(
    _ text: Swift.Span<UInt8>, _ from: Int, _ to: Int, isSingle: Bool
  ) -> Double {
    var digits = ""
    for i in from..<to where text[i] != Byte.underscore {
      digits.unicodeScalars.append(Unicode.Scalar(text[i]))
    }
    if isSingle { return Double(Float(digits) ?? .infinity) }
    return Double(digits) ?? .infinity
  }

  private mutating func badNumber(
    _ text: Swift.Span<UInt8>, _ from: Int, _ to: Int, _ radix: UInt64
  ) -> FormNode {
    let last = text[to - 1]
    let help =
      if text[from] == Byte.dot || text[from] == Byte.minus && text[from + 1] == Byte.dot {
        "a float has a digit before its point: `0.5`"
      } else if last == Byte.dot {
        "a float has a digit behind its point: `1.0`"
      } else if radix == 16 {
        "behind `0x` stand hexadecimal digits, then perhaps a type: `0xff` `0xffu8`"
      } else if radix == 2 {
        "behind `0b` stand the digits 0 and 1, then perhaps a type: `0b1010` `0b1010u8`"
      } else if radix == 8 {
        "behind `0o` stand the digits 0 to 7, then perhaps a type: `0o17` `0o17u8`"
      } else {
        "numbers look like `42` `1_000` `0xff` `255u8` `3.14` `1e-9` `2.5f32`;"
          + " a name does not begin with a digit"
      }
    report(.badNumber, "this is not a number", from, to, help: help)
    return FormNode(tag: .error, start: offset(from), end: offset(to))
  }
}
