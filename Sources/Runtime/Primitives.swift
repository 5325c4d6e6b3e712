// The primitives: one function each, named as in the bytecode's `Primitive`, all of one shape.
//
// Arguments stand in `a[0]`, `a[1]` …; results are written to the same place. The arguments stay in the
// frame while the function runs, so what they refer to stays alive; a new object that must survive a
// second allocation is put in `scratch`. False: a panic is pending, and `a` means nothing.

import CShims

public typealias Arguments = UnsafeMutablePointer<UInt64>
public typealias PrimitiveFunction = (MachinePointer, Arguments) -> Bool

public enum Primitives {
  // MARK: Mathematics

  @inline(__always)
  private static func map(_ a: Arguments, _ f: (Double) -> Double) -> Bool {
    unsafe a[0] = f(Double(bitPattern: a[0])).bitPattern
    return true
  }

  public static func sin(_ m: MachinePointer, _ a: Arguments) -> Bool { unsafe map(a, CShims.sin) }
  public static func cos(_ m: MachinePointer, _ a: Arguments) -> Bool { unsafe map(a, CShims.cos) }
  public static func tan(_ m: MachinePointer, _ a: Arguments) -> Bool { unsafe map(a, CShims.tan) }
  public static func asin(_ m: MachinePointer, _ a: Arguments) -> Bool { unsafe map(a, CShims.asin) }
  public static func acos(_ m: MachinePointer, _ a: Arguments) -> Bool { unsafe map(a, CShims.acos) }
  public static func atan(_ m: MachinePointer, _ a: Arguments) -> Bool { unsafe map(a, CShims.atan) }
  public static func exp(_ m: MachinePointer, _ a: Arguments) -> Bool { unsafe map(a, CShims.exp) }
  public static func log(_ m: MachinePointer, _ a: Arguments) -> Bool { unsafe map(a, CShims.log) }

  public static func atan2(_ m: MachinePointer, _ a: Arguments) -> Bool {
    unsafe a[0] = CShims.atan2(Double(bitPattern: a[0]), Double(bitPattern: a[1])).bitPattern
    return true
  }

  public static func pow(_ m: MachinePointer, _ a: Arguments) -> Bool {
    unsafe a[0] = CShims.pow(Double(bitPattern: a[0]), Double(bitPattern: a[1])).bitPattern
    return true
  }

  public static func powInt(_ m: MachinePointer, _ a: Arguments) -> Bool {
    var base = unsafe a[0]
    var exponent = unsafe Int64(bitPattern: a[1])
    if exponent < 0 { return unsafe raise(m, .invalidArgument, "negative exponent") }
    var result: UInt64 = 1
    while exponent != 0 {
      if exponent & 1 != 0 { result = result &* base }
      base = base &* base
      exponent >>= 1
    }
    unsafe a[0] = result
    return true
  }

  /// A float's register is its bits already.
  public static func floatBits(_ m: MachinePointer, _ a: Arguments) -> Bool { true }

  public static func charFromInt(_ m: MachinePointer, _ a: Arguments) -> Bool {
    if unsafe !Scalars.isScalar(a[0]) { return unsafe raise(m, .invalidArgument, "not a Unicode scalar value") }
    return true
  }

  public static func collect(_ m: MachinePointer, _ a: Arguments) -> Bool {
    unsafe m.owner.heap.collect()
    return true
  }

  // MARK: Registers as Swift sees them

  @inline(__always)
  static func int(_ a: Arguments, _ i: Int) -> Int { unsafe Int(truncatingIfNeeded: a[i]) }

  @inline(__always)
  static func set(_ a: Arguments, _ i: Int, _ value: Int) { unsafe a[i] = UInt64(UInt(bitPattern: value)) }

  /// Stores a fresh reference; 0 means its allocation panicked.
  @inline(__always)
  static func result(_ a: Arguments, _ i: Int, _ reference: UInt64) -> Bool {
    unsafe a[i] = reference
    return reference != 0
  }
}
