// Comparing and hashing runs of bytes, eight at a time: the two loops that see every byte of a file when
// an editor saves it whole.

enum Bytes {
  /// Eight bytes from `at` as one number.
  @inline(__always)
  private static func word(_ text: Swift.Span<UInt8>, _ at: Int) -> UInt64 {
    let bytes = text.extracting(at..<at &+ 8)
    var word: UInt64 = 0
    for k in 0..<8 { word |= UInt64(bytes[k]) << UInt64(8 &* k) }
    return word
  }

  /// How many bytes `a` from `i` and `b` from `j` have in common, at most `count`.
  static func commonPrefix(
    _ a: Swift.Span<UInt8>, _ i: Int, _ b: Swift.Span<UInt8>, _ j: Int, _ count: Int
  ) -> Int {
    var n = 0
    while n + 8 <= count, word(a, i + n) == word(b, j + n) { n += 8 }
    while n < count, a[i + n] == b[j + n] { n += 1 }
    return n
  }

  /// How many bytes before `i` in `a` and before `j` in `b` agree, at most `count`.
  static func commonSuffix(
    _ a: Swift.Span<UInt8>, _ i: Int, _ b: Swift.Span<UInt8>, _ j: Int, _ count: Int
  ) -> Int {
    var n = 0
    while n + 8 <= count, word(a, i - n - 8) == word(b, j - n - 8) { n += 8 }
    while n < count, a[i - n - 1] == b[j - n - 1] { n += 1 }
    return n
  }

  static func equal(_ a: [UInt8], _ b: [UInt8]) -> Bool {
    guard a.count == b.count else { return false }
    return commonPrefix(a.span, 0, b.span, 0, a.count) == a.count
  }

  /// A 64-bit hash of `from..<to`, the same in every process: multiply and fold, as in wyhash
  /// (Wang Yi, 2019).
  static func hash(_ text: Swift.Span<UInt8>, _ from: Int, _ to: Int) -> UInt64 {
    var hash = 0xa076_1d64_78bd_642f ^ UInt64(truncatingIfNeeded: to - from)
    var i = from
    while i + 8 <= to {
      hash = fold(hash ^ word(text, i), 0xe703_7ed1_a0b4_28db)
      i += 8
    }
    var rest: UInt64 = 0
    while i < to {
      rest = rest << 8 | UInt64(text[i])
      i += 1
    }
    return fold(hash ^ rest, 0x8ebc_6af0_9c88_c6e3)
  }

  @inline(__always)
  private static func fold(_ a: UInt64, _ b: UInt64) -> UInt64 {
    let product = a.multipliedFullWidth(by: b)
    return product.high ^ product.low
  }
}
