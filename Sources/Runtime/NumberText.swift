// Numbers as text and back. Floats print as the shortest text that reads back the same: the digits come
// from the standard library (SwiftDtoa, after Steele and White, Grisu and Errol),
// the form is ours: decimals from 1e-6 up to below 1e21, exponents outside.

import CShims

enum NumberText {
  /// Room for any shortest float: sign, 21 digits or "0.000001" and 17 digits, ".0".
  static let mostBytes = 32

  static func write(_ value: Double, _ to: UnsafeMutablePointer<UInt8>) -> Int {
    if value.isNaN { return unsafe put("nan", to) }
    if value.isInfinite { return unsafe value < 0 ? put("-inf", to) : put("inf", to) }
    return unsafe layOut(value.description, to)
  }

  static func write(_ value: Float, _ to: UnsafeMutablePointer<UInt8>) -> Int {
    if value.isNaN { return unsafe put("nan", to) }
    if value.isInfinite { return unsafe value < 0 ? put("-inf", to) : put("inf", to) }
    return unsafe layOut(value.description, to)
  }

  /// Decimal digits of `n`, at most 20 bytes with the sign.
  static func write(_ n: UInt64, negative: Bool, _ to: UnsafeMutablePointer<UInt8>) -> Int {
    var length = negative ? 1 : 0
    var probe = n
    repeat {
      length &+= 1
      probe /= 10
    } while probe != 0
    if negative { unsafe to[0] = 45 }
    var at = length
    var rest = n
    repeat {
      at &-= 1
      unsafe to[at] = 48 &+ UInt8(truncatingIfNeeded: rest % 10)
      rest /= 10
    } while rest != 0
    return length
  }

  /// `digits` digits behind the point, correctly rounded; `room` bytes at `to`, which suffice.
  static func writeFixed(_ value: Double, _ digits: Int, _ to: UnsafeMutablePointer<UInt8>, _ room: Int) -> Int {
    if value.isNaN { return unsafe put("nan", to) }
    if value.isInfinite { return unsafe value < 0 ? put("-inf", to) : put("inf", to) }
    let text = unsafe UnsafeMutableRawPointer(to).assumingMemoryBound(to: CChar.self)
    let length = unsafe min(Int(lang_format_fixed(text, room, Int32(digits), value)), room &- 1)
    if digits == 0 || length <= digits { return max(0, length) }
    // The process's locale may have put something else where the point belongs.
    var point = 0
    while unsafe point < length && (to[point] == 45 || to[point] &- 48 < 10) { point &+= 1 }
    let fraction = length &- digits
    unsafe to[point] = 46
    unsafe memmove(to + point + 1, to + fraction, digits)
    return point &+ 1 &+ digits
  }

  /// Takes sign, digits and exponent out of any usual form and writes them in ours.
  private static func layOut(_ text: String, _ to: UnsafeMutablePointer<UInt8>) -> Int {
    unsafe withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 40) { digits in
      var count = 0  // digits kept: no leading zeros
      var point = 0  // the value is 0.d1d2d3… × 10^point
      var seenPoint = false
      var inExponent = false
      var exponent = 0
      var exponentNegative = false
      var length = 0
      for byte in text.utf8 {
        switch byte {
        case 45 where inExponent: exponentNegative = true
        case 45:
          unsafe to[0] = 45
          length = 1
        case 46: seenPoint = true
        case 101, 69: inExponent = true
        case 48...57:
          if inExponent {
            exponent = exponent &* 10 &+ Int(byte &- 48)
          } else if byte == 48 && count == 0 {
            if seenPoint { point &-= 1 }
          } else {
            if !seenPoint { point &+= 1 }
            if count < 40 {
              unsafe digits[count] = byte
              count &+= 1
            }
          }
        default: break
        }
      }
      while count > 0, unsafe digits[count &- 1] == 48 { count &-= 1 }
      if count == 0 { return unsafe length &+ put("0.0", to + length) }
      point &+= exponentNegative ? -exponent : exponent
      return unsafe length &+ layOut(UnsafeBufferPointer(rebasing: digits[0..<count]), point, to + length)
    }
  }

  private static func layOut(
    _ digits: UnsafeBufferPointer<UInt8>, _ point: Int, _ to: UnsafeMutablePointer<UInt8>
  ) -> Int {
    var length = 0
    func add(_ byte: UInt8) {
      unsafe to[length] = byte
      length &+= 1
    }
    if point > 21 || point < -5 {
      unsafe add(digits[0])
      if digits.count > 1 {
        add(46)
        for i in 1..<digits.count { unsafe add(digits[i]) }
      }
      add(101)
      let exponent = point &- 1
      return unsafe length &+ write(UInt64(exponent.magnitude), negative: exponent < 0, to + length)
    }
    if point <= 0 {
      add(48)
      add(46)
      for _ in 0..<(0 &- point) { add(48) }
      for i in 0..<digits.count { unsafe add(digits[i]) }
      return length
    }
    for i in 0..<max(point, digits.count) {
      if i == point { add(46) }
      unsafe add(i < digits.count ? digits[i] : 48)
    }
    if digits.count <= point {
      add(46)
      add(48)
    }
    return length
  }

  private static func put(_ text: StaticString, _ to: UnsafeMutablePointer<UInt8>) -> Int {
    unsafe memcpy(to, text.utf8Start, text.utf8CodeUnitCount)
    return text.utf8CodeUnitCount
  }

  // MARK: Reading

  /// What the reader accepts as an integer, with a sign or without: `42`, `-7`, `1_000`, `0xff`, `0b10`,
  /// `0o17`. nil when it is none or does not fit.
  static func parseInt(_ text: UnsafeBufferPointer<UInt8>) -> Int? {
    var at = 0
    var negative = false
    if at < text.count, unsafe text[at] == 45 || text[at] == 43 {
      negative = unsafe text[at] == 45
      at &+= 1
    }
    var base: UInt64 = 10
    if at &+ 1 < text.count, unsafe text[at] == 48 {
      switch unsafe text[at &+ 1] {
      case 120: base = 16
      case 98: base = 2
      case 111: base = 8
      default: break
      }
      if base != 10 { at &+= 2 }
    }
    var value: UInt64 = 0
    var afterDigit = false
    while at < text.count {
      let byte = unsafe text[at]
      at &+= 1
      if byte == 95 && afterDigit {
        afterDigit = false
        continue
      }
      let digit = digitValue(byte)
      if digit >= base { return nil }
      let (product, overflow) = value.multipliedReportingOverflow(by: base)
      let (sum, carry) = product.addingReportingOverflow(digit)
      if overflow || carry { return nil }
      value = sum
      afterDigit = true
    }
    if !afterDigit { return nil }
    if negative { return value > 1 << 63 ? nil : Int(truncatingIfNeeded: 0 &- value) }
    return value >= 1 << 63 ? nil : Int(truncatingIfNeeded: value)
  }

  /// A number whose digits and whose power of ten are each exact as a Double, so that one operation rounds once (Clinger, "How to Read
  /// Floating Point Numbers Accurately", PLDI 1990). nil: it takes more than that, or it is no number.
  private static func parseShortFloat(_ text: UnsafeBufferPointer<UInt8>) -> Double? {
    var at = 0
    func peek() -> UInt8 { at < text.count ? unsafe text[at] : 0 }
    var negative = false
    if peek() == 45 || peek() == 43 {
      negative = peek() == 45
      at &+= 1
    }
    // It may wrap, but then there are too many digits.
    var mantissa: UInt64 = 0
    func digits() -> Int {
      let start = at
      while peek() &- 48 < 10 {
        mantissa = mantissa &* 10 &+ UInt64(peek() &- 48)
        at &+= 1
      }
      return at &- start
    }
    var count = digits()
    if count == 0 { return nil }
    var exponent = 0
    if peek() == 46 {
      at &+= 1
      let fraction = digits()
      if fraction == 0 { return nil }
      count &+= fraction
      exponent = 0 &- fraction
    }
    if count > 15 { return nil }
    if peek() == 101 || peek() == 69 {
      at &+= 1
      let sign = peek() == 45 ? -1 : 1
      if peek() == 45 || peek() == 43 { at &+= 1 }
      let number = mantissa
      mantissa = 0
      let length = digits()
      if length == 0 || length > 4 { return nil }
      exponent &+= sign &* Int(mantissa)
      mantissa = number
    }
    if at < text.count || exponent > 22 || exponent < -22 { return nil }
    var power = 1.0
    for _ in 0..<abs(exponent) { power *= 10 }
    let value = exponent < 0 ? Double(mantissa) / power : Double(mantissa) * power
    return negative ? -value : value
  }

  /// What the reader accepts as a number, with a sign or without: `3.14`, `1e-9`, `42`, `1_000.5`; and
  /// `inf`, `nan`. Correctly rounded.
  static func parseFloat(_ text: UnsafeBufferPointer<UInt8>) -> Double? {
    if let short = unsafe parseShortFloat(text) { return short }
    var clean: [CChar] = []
    clean.reserveCapacity(text.count &+ 1)
    var at = 0
    func peek() -> UInt8 { at < text.count ? unsafe text[at] : 0 }
    func digits() -> Bool {
      var afterDigit = false
      while true {
        let byte = peek()
        if byte &- 48 < 10 {
          clean.append(CChar(truncatingIfNeeded: byte))
          afterDigit = true
        } else if byte == 95 && afterDigit {
          afterDigit = false
        } else {
          return afterDigit
        }
        at &+= 1
      }
    }
    var negative = false
    if peek() == 45 || peek() == 43 {
      negative = peek() == 45
      at &+= 1
    }
    if unsafe rest(text, at, "inf") { return negative ? -Double.infinity : Double.infinity }
    if unsafe rest(text, at, "nan") { return Double.nan }
    if !digits() { return nil }
    if peek() == 46 {
      clean.append(46)
      at &+= 1
      if !digits() { return nil }
    }
    if peek() == 101 || peek() == 69 {
      clean.append(101)
      at &+= 1
      if peek() == 45 || peek() == 43 {
        clean.append(CChar(truncatingIfNeeded: peek()))
        at &+= 1
      }
      if !digits() { return nil }
    }
    if at != text.count { return nil }
    clean.append(0)
    let value = unsafe clean.withUnsafeBufferPointer { clean in
      unsafe clean.baseAddress.map { unsafe lang_parse_double($0) } ?? 0
    }
    return negative ? -value : value
  }

  private static func rest(_ text: UnsafeBufferPointer<UInt8>, _ at: Int, _ name: StaticString) -> Bool {
    guard text.count &- at == name.utf8CodeUnitCount, let start = text.baseAddress else { return false }
    return unsafe memcmp(start + at, name.utf8Start, name.utf8CodeUnitCount) == 0
  }

  private static func digitValue(_ byte: UInt8) -> UInt64 {
    switch byte {
    case 48...57: UInt64(byte &- 48)
    case 97...102: UInt64(byte &- 87)
    case 65...70: UInt64(byte &- 55)
    default: 99
    }
  }
}
