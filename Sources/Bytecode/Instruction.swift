// One instruction word: opcode in bits 0–7, D in 8–15, A in 16–31, B in 32–47, C in 48–63. The
// interpreter reads the same layout directly from memory.

public struct Instruction: Sendable {
  public var word: UInt64

  @inlinable public init(word: UInt64) { self.word = word }

  @inlinable
  public init(_ opcode: Opcode, d: Int = 0, a: Int = 0, b: Int = 0, c: Int = 0) {
    word =
      UInt64(opcode.rawValue) | UInt64(UInt8(truncatingIfNeeded: d)) << 8
      | UInt64(UInt16(truncatingIfNeeded: a)) << 16 | UInt64(UInt16(truncatingIfNeeded: b)) << 32
      | UInt64(UInt16(truncatingIfNeeded: c)) << 48
  }

  @inlinable
  public init(_ opcode: Opcode, a: Int, imm32: Int) {
    word =
      UInt64(opcode.rawValue) | UInt64(UInt16(truncatingIfNeeded: a)) << 16
      | UInt64(UInt32(truncatingIfNeeded: imm32)) << 32
  }

  /// nil when the low byte is no opcode.
  @inlinable public var opcode: Opcode? { Opcode(rawValue: UInt8(truncatingIfNeeded: word)) }
  @inlinable public var d: Int { Int(UInt8(truncatingIfNeeded: word >> 8)) }
  @inlinable public var signedD: Int { Int(Int8(truncatingIfNeeded: word >> 8)) }
  @inlinable public var a: Int { Int(UInt16(truncatingIfNeeded: word >> 16)) }
  @inlinable public var b: Int { Int(UInt16(truncatingIfNeeded: word >> 32)) }
  @inlinable public var c: Int { Int(UInt16(truncatingIfNeeded: word >> 48)) }
  @inlinable public var signedB: Int { Int(Int16(truncatingIfNeeded: word >> 32)) }
  @inlinable public var signedC: Int { Int(Int16(truncatingIfNeeded: word >> 48)) }
  @inlinable public var imm32: Int { Int(Int32(truncatingIfNeeded: word >> 32)) }
}
