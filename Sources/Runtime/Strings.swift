// String objects: a byte count and UTF-8 bytes, immutable. Primitives check their boundaries; everything
// else here trusts its caller.

import CShims

public enum Strings {
  /// Bytes of text.
  @inlinable @inline(__always)
  public static func count(_ string: UInt64) -> Int {
    Int(truncatingIfNeeded: word(string, Offset.stringCount))
  }

  @inlinable @inline(__always)
  public static func data(_ string: UInt64) -> UnsafeMutablePointer<UInt8> {
    unsafe byteAddress(string, Offset.stringBytes)
  }

  /// The bytes in place; valid while the string lives.
  @inlinable
  public static func view(_ string: UInt64) -> UnsafeBufferPointer<UInt8> {
    unsafe UnsafeBufferPointer(start: data(string), count: count(string))
  }

  /// A copy of the bytes.
  public static func bytes(_ string: UInt64) -> [UInt8] {
    string == 0 ? [] : unsafe Array(view(string))
  }

  /// A copy as Swift text.
  public static func text(_ string: UInt64) -> String {
    string == 0 ? "" : unsafe String(decoding: view(string), as: UTF8.self)
  }

  /// A string with room for `count` bytes, zero so far. 0: a panic is pending.
  @inlinable
  public static func make(_ m: MachinePointer, count: Int) -> UInt64 {
    let string = unsafe Heap.allocate(
      m, header: UInt64(DescriptorTable.string), bytes: Offset.stringBytes &+ (count &+ 7) & ~7)
    if string != 0 { setWord(string, Offset.stringCount, UInt64(UInt(bitPattern: count))) }
    return string
  }

  /// A string of these bytes, which must be UTF-8. They may lie in the heap: objects do not move, but the
  /// caller keeps theirs alive. 0: a panic is pending.
  public static func make(_ m: MachinePointer, _ text: UnsafeBufferPointer<UInt8>) -> UInt64 {
    let string = unsafe make(m, count: text.count)
    if string != 0, text.count > 0, let source = text.baseAddress { unsafe memcpy(data(string), source, text.count) }
    return string
  }

  public static func make(_ m: MachinePointer, _ text: [UInt8]) -> UInt64 {
    unsafe text.withUnsafeBufferPointer { unsafe make(m, $0) }
  }

  static func make(_ m: MachinePointer, _ text: StaticString) -> UInt64 {
    unsafe m.owner.literals.intern(UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
  }

  /// Equal bytes.
  @inlinable
  public static func equal(_ a: UInt64, _ b: UInt64) -> Bool {
    unsafe a == b || count(a) == count(b) && memcmp(data(a), data(b), count(a)) == 0
  }

  static func equal(_ a: UInt64, _ b: UnsafeBufferPointer<UInt8>) -> Bool {
    guard count(a) == b.count else { return false }
    guard let start = b.baseAddress else { return true }
    return unsafe memcmp(data(a), start, b.count) == 0
  }

  /// -1, 0 or 1 by bytes, which is the order of scalars.
  public static func compare(_ a: UInt64, _ b: UInt64) -> Int {
    let order = unsafe Int(memcmp(data(a), data(b), min(count(a), count(b))))
    if order != 0 { return order < 0 ? -1 : 1 }
    return count(a) < count(b) ? -1 : count(a) > count(b) ? 1 : 0
  }

  /// Whether a scalar starts at byte `at`, or the text ends there.
  static func isBoundary(_ string: UInt64, _ at: Int) -> Bool {
    unsafe at == count(string) || data(string)[at] & 0xC0 != 0x80
  }

  /// Whether all bytes are well-formed UTF-8 (no surrogates, no overlong forms). O(n).
  static func isValid(_ text: UnsafeBufferPointer<UInt8>) -> Bool {
    var at = 0
    while at < text.count {
      if unsafe text[at] < 0x80 {
        at &+= 1
        continue
      }
      let (_, length) = unsafe Scalars.decode(text, at)
      if length == 0 { return false }
      at &+= length
    }
    return true
  }
}

/// UTF-8 of single scalars.
enum Scalars {
  static let replacement: UInt32 = 0xFFFD

  static func isScalar(_ n: UInt64) -> Bool { n < 0xD800 || n >= 0xE000 && n < 0x110000 }

  /// The scalar at byte `at` and its length; length 0 when the bytes are malformed.
  static func decode(_ text: UnsafeBufferPointer<UInt8>, _ at: Int) -> (UInt32, Int) {
    let first = unsafe UInt32(text[at])
    if first < 0x80 { return (first, 1) }
    let length = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2
    if first < 0xC2 || first > 0xF4 || at &+ length > text.count { return (replacement, 0) }
    var value = first & (0x7F >> UInt32(length))
    for i in 1..<length {
      let next = unsafe UInt32(text[at &+ i])
      if next & 0xC0 != 0x80 { return (replacement, 0) }
      value = value << 6 | next & 0x3F
    }
    let least: UInt32 = length == 4 ? 0x10000 : length == 3 ? 0x800 : 0x80
    if value < least || !isScalar(UInt64(value)) { return (replacement, 0) }
    return (value, length)
  }

  /// Writes 1 to 4 bytes and answers how many.
  static func encode(_ scalar: UInt32, _ to: UnsafeMutablePointer<UInt8>) -> Int {
    func byte(_ n: UInt32) -> UInt8 { UInt8(truncatingIfNeeded: n) }
    if scalar < 0x80 {
      unsafe to[0] = byte(scalar)
      return 1
    }
    if scalar < 0x800 {
      unsafe to[0] = byte(0xC0 | scalar >> 6)
      unsafe to[1] = byte(0x80 | scalar & 0x3F)
      return 2
    }
    if scalar < 0x10000 {
      unsafe to[0] = byte(0xE0 | scalar >> 12)
      unsafe to[1] = byte(0x80 | scalar >> 6 & 0x3F)
      unsafe to[2] = byte(0x80 | scalar & 0x3F)
      return 3
    }
    unsafe to[0] = byte(0xF0 | scalar >> 18 & 7)
    unsafe to[1] = byte(0x80 | scalar >> 12 & 0x3F)
    unsafe to[2] = byte(0x80 | scalar >> 6 & 0x3F)
    unsafe to[3] = byte(0x80 | scalar & 0x3F)
    return 4
  }
}

/// Hashes that are the same on every machine and tier.
public enum Hash {
  /// Multiply and fold, the step of wyhash (Wang Yi, public domain).
  @inlinable @inline(__always)
  public static func fold(_ a: UInt64, _ b: UInt64) -> UInt64 {
    let product = a.multipliedFullWidth(by: b)
    return product.high ^ product.low
  }

  /// What `mix` multiplies by.
  @inlinable @inline(__always)
  public static var mixKeys: (UInt64, UInt64, UInt64) { (0xA076_1D64_78BD_642F, 0xE703_7ED1_A0B4_28DB, 0x9E37_79B9_7F4A_7C15) }

  @inlinable @inline(__always)
  public static func mix(_ hash: UInt64, _ value: UInt64) -> UInt64 {
    // One fold alone leaves keys that differ in few bits in a pattern, which open addressing feels.
    let folded = fold(hash ^ mixKeys.0, value ^ mixKeys.1) &* mixKeys.2
    return folded ^ folded >> 32
  }

  /// The hash of a string. O(n), eight bytes at a time.
  public static func string(_ string: UInt64) -> UInt64 {
    let text = unsafe Strings.view(string)
    return unsafe bytes(text.baseAddress, text.count)
  }

  static func bytes(_ start: UnsafePointer<UInt8>?, _ count: Int) -> UInt64 {
    var hash: UInt64 = 0x8EBC_6AF0_9C88_C6E3 ^ UInt64(UInt(bitPattern: count))
    guard let start = unsafe start else { return mix(hash, 0) }
    var at = 0
    while at &+ 8 <= count {
      hash = mix(hash, UInt64(littleEndian: unsafe UnsafeRawPointer(start).loadUnaligned(fromByteOffset: at, as: UInt64.self)))
      at &+= 8
    }
    var last: UInt64 = 0
    while at < count {
      last = last << 8 | UInt64(unsafe start[at])
      at &+= 1
    }
    return mix(hash, last)
  }
}
