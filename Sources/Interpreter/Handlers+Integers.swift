// Integer arithmetic. Everything wraps; divisions panic on zero in a function of their own, so that
// the handler itself calls nothing and saves no host register.

import Runtime

extension Frame {
  @inline(__always) func integer(_ op: (Int, Int) -> Int) {
    self[a] = op(self[b], self[c])
    next()
  }
  @inline(__always) func unsigned(_ op: (UInt64, UInt64) -> UInt64) {
    self[word: a] = op(self[word: b], self[word: c])
    next()
  }
  @inline(__always) func integer(_ op: (Int) -> Int) {
    self[a] = op(self[b])
    next()
  }
  @inline(__always) func immediate(_ op: (Int, Int) -> Int) {
    self[a] = op(self[b], signedC)
    next()
  }
}

@c func opAddInt(_ pc: Code, _ r: Registers, _ t: Table, _ m: RawMachine) {
  Frame(pc, r, t, m).addInt()
}

@c func opSubInt(_ pc: Code, _ r: Registers, _ t: Table, _ m: RawMachine) {
  Frame(pc, r, t, m).subInt()
}

@c func opMulInt(_ pc: Code, _ r: Registers, _ t: Table, _ m: RawMachine) {
  Frame(pc, r, t, m).mulInt()
}

@c func opNegInt(_ pc: Code, _ r: Registers, _ t: Table, _ m: RawMachine) {
  Frame(pc, r, t, m).integer { 0 &- $0 }
}

// MARK: Division

// One unsigned comparison sends both 0 and -1 out of line, where -1 wraps instead of trapping.

@c func opDivInt(_ pc: Code, _ r: Registers, _ t: Table, _ m: RawMachine) {
  let f = Frame(pc, r, t, m)
  let divisor = f[f.c]
  if _fastPath(UInt(bitPattern: divisor &+ 1) > 1) {
    f[f.a] = f[f.b] / divisor
    f.next()
  } else {
    unsafe slowDivInt(pc, r, t, m)
  }
}

@c func opRemInt(_ pc: Code, _ r: Registers, _ t: Table, _ m: RawMachine) {
  Frame(pc, r, t, m).remInt()
}

@inline(never) @c func slowDivInt(_ pc: Code, _ r: Registers, _ t: Table, _ m: RawMachine) {
  let f = Frame(pc, r, t, m)
  if f[f.c] == 0 { return unsafe panicDivision(pc, r, t, m) }
  f[f.a] = 0 &- f[f.b]
  f.next()
}

@inline(never) @c func slowRemInt(_ pc: Code, _ r: Registers, _ t: Table, _ m: RawMachine) {
  let f = Frame(pc, r, t, m)
  if f[f.c] == 0 { return unsafe panicDivision(pc, r, t, m) }
  f[f.a] = 0
  f.next()
}

@c func opDivUInt(_ pc: Code, _ r: Registers, _ t: Table, _ m: RawMachine) {
  let f = Frame(pc, r, t, m)
  let divisor = f[word: f.c]
  if _fastPath(divisor != 0) {
    f[word: f.a] = f[word: f.b] / divisor
    f.next()
  } else {
    unsafe panicDivision(pc, r, t, m)
  }
}

@c func opRemUInt(_ pc: Code, _ r: Registers, _ t: Table, _ m: RawMachine) {
  let f = Frame(pc, r, t, m)
  let divisor = f[word: f.c]
  if _fastPath(divisor != 0) {
    f[word: f.a] = f[word: f.b] % divisor
    f.next()
  } else {
    unsafe panicDivision(pc, r, t, m)
  }
}

// MARK: Bits

@c func opAndInt(_ pc: Code, _ r: Registers, _ t: Table, _ m: RawMachine) {
  Frame(pc, r, t, m).integer { $0 & $1 }
}

@c func opOrInt(_ pc: Code, _ r: Registers, _ t: Table, _ m: RawMachine) {
  Frame(pc, r, t, m).integer { $0 | $1 }
}

@c func opXorInt(_ pc: Code, _ r: Registers, _ t: Table, _ m: RawMachine) {
  Frame(pc, r, t, m).integer { $0 ^ $1 }
}

@c func opNotInt(_ pc: Code, _ r: Registers, _ t: Table, _ m: RawMachine) {
  Frame(pc, r, t, m).integer { ~$0 }
}

@c func opShlInt(_ pc: Code, _ r: Registers, _ t: Table, _ m: RawMachine) {
  Frame(pc, r, t, m).integer { $0 &<< $1 }
}

@c func opShrInt(_ pc: Code, _ r: Registers, _ t: Table, _ m: RawMachine) {
  Frame(pc, r, t, m).integer { $0 &>> $1 }
}

@c func opUshrInt(_ pc: Code, _ r: Registers, _ t: Table, _ m: RawMachine) {
  Frame(pc, r, t, m).unsigned { $0 &>> $1 }
}

// MARK: Least and greatest

@c func opMinInt(_ pc: Code, _ r: Registers, _ t: Table, _ m: RawMachine) {
  Frame(pc, r, t, m).integer { $0 < $1 ? $0 : $1 }
}

@c func opMaxInt(_ pc: Code, _ r: Registers, _ t: Table, _ m: RawMachine) {
  Frame(pc, r, t, m).integer { $0 > $1 ? $0 : $1 }
}

@c func opMinUInt(_ pc: Code, _ r: Registers, _ t: Table, _ m: RawMachine) {
  Frame(pc, r, t, m).unsigned { $0 < $1 ? $0 : $1 }
}

@c func opMaxUInt(_ pc: Code, _ r: Registers, _ t: Table, _ m: RawMachine) {
  Frame(pc, r, t, m).unsigned { $0 > $1 ? $0 : $1 }
}

@c func opAbsInt(_ pc: Code, _ r: Registers, _ t: Table, _ m: RawMachine) {
  Frame(pc, r, t, m).integer { $0 < 0 ? 0 &- $0 : $0 }
}

// MARK: With an immediate

@c func opAddIntImm(_ pc: Code, _ r: Registers, _ t: Table, _ m: RawMachine) {
  Frame(pc, r, t, m).addIntImm()
}

@c func opMulIntImm(_ pc: Code, _ r: Registers, _ t: Table, _ m: RawMachine) {
  Frame(pc, r, t, m).mulIntImm()
}

// The verifier keeps 0 and -1 out of these two.

@c func opDivIntImm(_ pc: Code, _ r: Registers, _ t: Table, _ m: RawMachine) {
  Frame(pc, r, t, m).divIntImm()
}

@c func opRemIntImm(_ pc: Code, _ r: Registers, _ t: Table, _ m: RawMachine) {
  Frame(pc, r, t, m).immediate { $0 % $1 }
}

@c func opAndIntImm(_ pc: Code, _ r: Registers, _ t: Table, _ m: RawMachine) {
  Frame(pc, r, t, m).immediate { $0 & $1 }
}

@c func opShlIntImm(_ pc: Code, _ r: Registers, _ t: Table, _ m: RawMachine) {
  Frame(pc, r, t, m).immediate { $0 &<< $1 }
}

@c func opShrIntImm(_ pc: Code, _ r: Registers, _ t: Table, _ m: RawMachine) {
  Frame(pc, r, t, m).immediate { $0 &>> $1 }
}

@c func opUshrIntImm(_ pc: Code, _ r: Registers, _ t: Table, _ m: RawMachine) {
  Frame(pc, r, t, m).immediate { Int(bitPattern: UInt(bitPattern: $0) &>> UInt(bitPattern: $1)) }
}

@c func opSubFromImm(_ pc: Code, _ r: Registers, _ t: Table, _ m: RawMachine) {
  Frame(pc, r, t, m).immediate { $1 &- $0 }
}

// MARK: Extension

@c func opSignExtend8(_ pc: Code, _ r: Registers, _ t: Table, _ m: RawMachine) {
  Frame(pc, r, t, m).integer { Int(Int8(truncatingIfNeeded: $0)) }
}

@c func opSignExtend16(_ pc: Code, _ r: Registers, _ t: Table, _ m: RawMachine) {
  Frame(pc, r, t, m).integer { Int(Int16(truncatingIfNeeded: $0)) }
}

@c func opSignExtend32(_ pc: Code, _ r: Registers, _ t: Table, _ m: RawMachine) {
  Frame(pc, r, t, m).integer { Int(Int32(truncatingIfNeeded: $0)) }
}

@c func opZeroExtend8(_ pc: Code, _ r: Registers, _ t: Table, _ m: RawMachine) {
  Frame(pc, r, t, m).integer { Int(UInt8(truncatingIfNeeded: $0)) }
}

@c func opZeroExtend16(_ pc: Code, _ r: Registers, _ t: Table, _ m: RawMachine) {
  Frame(pc, r, t, m).integer { Int(UInt16(truncatingIfNeeded: $0)) }
}

@c func opZeroExtend32(_ pc: Code, _ r: Registers, _ t: Table, _ m: RawMachine) {
  Frame(pc, r, t, m).integer { Int(UInt32(truncatingIfNeeded: $0)) }
}
