// Float arithmetic and conversions. Rounding is written out with integer conversions, because
// baseline x86-64 has no rounding instruction and a call to libm would cost a prologue.

import CShims
import Runtime

extension Frame {
  @inline(__always) func float(_ op: (Double, Double) -> Double) {
    self[float: a] = op(self[float: b], self[float: c])
    next()
  }
  @inline(__always) func float(_ op: (Double) -> Double) {
    self[float: a] = op(self[float: b])
    next()
  }
  @inline(__always) func floatWord(_ op: (Double, Double) -> Double) {
    self[float: a] = op(self[float: b], floatWord)
    next(2)
  }
  /// `op` gets an operand and its truncation; from 2^52 on every float is whole.
  @inline(__always) func round(_ op: (Double, Double) -> Double) {
    let x = self[float: b]
    var result = x
    if _fastPath(x.magnitude < 0x1p52) {
      let whole = op(x, Double(lang_truncate(x)))
      result = Double(signOf: x, magnitudeOf: whole)
    }
    self[float: a] = result
    next()
  }
}

@c func opAddFloat(_ pc: Code, _ r: Registers, _ t: Table, _ m: RawMachine) {
  Frame(pc, r, t, m).addFloat()
}

@c func opSubFloat(_ pc: Code, _ r: Registers, _ t: Table, _ m: RawMachine) {
  Frame(pc, r, t, m).subFloat()
}

@c func opMulFloat(_ pc: Code, _ r: Registers, _ t: Table, _ m: RawMachine) {
  Frame(pc, r, t, m).mulFloat()
}

@c func opDivFloat(_ pc: Code, _ r: Registers, _ t: Table, _ m: RawMachine) {
  Frame(pc, r, t, m).divFloat()
}

@c func opRemFloat(_ pc: Code, _ r: Registers, _ t: Table, _ m: RawMachine) {
  Frame(pc, r, t, m).float { $0.truncatingRemainder(dividingBy: $1) }
}

@c func opNegFloat(_ pc: Code, _ r: Registers, _ t: Table, _ m: RawMachine) {
  Frame(pc, r, t, m).float { -$0 }
}

@c func opAbsFloat(_ pc: Code, _ r: Registers, _ t: Table, _ m: RawMachine) {
  Frame(pc, r, t, m).float { $0.magnitude }
}

@c func opSqrtFloat(_ pc: Code, _ r: Registers, _ t: Table, _ m: RawMachine) {
  Frame(pc, r, t, m).sqrtFloat()
}

@c func opFloorFloat(_ pc: Code, _ r: Registers, _ t: Table, _ m: RawMachine) {
  Frame(pc, r, t, m).round { x, whole in whole > x ? whole - 1 : whole }
}

@c func opCeilFloat(_ pc: Code, _ r: Registers, _ t: Table, _ m: RawMachine) {
  Frame(pc, r, t, m).round { x, whole in whole < x ? whole + 1 : whole }
}

@c func opRoundFloat(_ pc: Code, _ r: Registers, _ t: Table, _ m: RawMachine) {
  Frame(pc, r, t, m).round { x, whole in
    (x - whole).magnitude >= 0.5 ? whole + Double(signOf: x, magnitudeOf: 1) : whole
  }
}

// A nan in either operand gives a nan; -0 counts as less than 0.

@c func opMinFloat(_ pc: Code, _ r: Registers, _ t: Table, _ m: RawMachine) {
  Frame(pc, r, t, m).float { x, y in
    if x < y { return x }
    if y < x { return y }
    return x == y ? Double(bitPattern: x.bitPattern | y.bitPattern) : x + y
  }
}

@c func opMaxFloat(_ pc: Code, _ r: Registers, _ t: Table, _ m: RawMachine) {
  Frame(pc, r, t, m).float { x, y in
    if x > y { return x }
    if y > x { return y }
    return x == y ? Double(bitPattern: x.bitPattern & y.bitPattern) : x + y
  }
}

@c func opRoundToF32(_ pc: Code, _ r: Registers, _ t: Table, _ m: RawMachine) {
  Frame(pc, r, t, m).float { Double(Float($0)) }
}

// MARK: With a literal word

@c func opAddFloatWord(_ pc: Code, _ r: Registers, _ t: Table, _ m: RawMachine) {
  Frame(pc, r, t, m).floatWord { $0 + $1 }
}

@c func opSubFloatWord(_ pc: Code, _ r: Registers, _ t: Table, _ m: RawMachine) {
  Frame(pc, r, t, m).subFloatWord()
}

@c func opMulFloatWord(_ pc: Code, _ r: Registers, _ t: Table, _ m: RawMachine) {
  Frame(pc, r, t, m).mulFloatWord()
}

@c func opDivFloatWord(_ pc: Code, _ r: Registers, _ t: Table, _ m: RawMachine) {
  Frame(pc, r, t, m).divFloatWord()
}

@c func opSubFromFloatWord(_ pc: Code, _ r: Registers, _ t: Table, _ m: RawMachine) {
  Frame(pc, r, t, m).floatWord { $1 - $0 }
}

@c func opDivFloatByWord(_ pc: Code, _ r: Registers, _ t: Table, _ m: RawMachine) {
  Frame(pc, r, t, m).divFloatByWord()
}

// MARK: Conversions

@c func opIntToFloat(_ pc: Code, _ r: Registers, _ t: Table, _ m: RawMachine) {
  Frame(pc, r, t, m).intToFloat()
}

@c func opUintToFloat(_ pc: Code, _ r: Registers, _ t: Table, _ m: RawMachine) {
  let f = Frame(pc, r, t, m)
  f[float: f.a] = Double(f[word: f.b])
  f.next()
}

@c func opFloatToInt(_ pc: Code, _ r: Registers, _ t: Table, _ m: RawMachine) {
  let f = Frame(pc, r, t, m)
  let x = f[float: f.b]
  if _fastPath(x.magnitude < 0x1p63) {
    f[f.a] = Int(lang_truncate(x))
  } else {
    f[f.a] = x.isNaN ? 0 : x < 0 ? .min : .max
  }
  f.next()
}

@c func opFloatToUInt(_ pc: Code, _ r: Registers, _ t: Table, _ m: RawMachine) {
  let f = Frame(pc, r, t, m)
  let x = f[float: f.b]
  if _fastPath(x > -1 && x < 0x1p64) {
    f[word: f.a] = lang_truncate_unsigned(x)
  } else {
    f[word: f.a] = x >= 0x1p64 ? .max : 0
  }
  f.next()
}
