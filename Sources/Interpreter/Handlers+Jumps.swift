// Jumps. A taken jump goes on through the machine's handler table, so every loop passes a safepoint;
// one not taken keeps the table it has.

import Runtime

extension Frame {
  @inline(__always) func jumpIf(_ op: (Int, Int) -> Bool) { branch(op(self[a], self[b]), signedC, resume) }
  @inline(__always) func jumpIfUnsigned(_ op: (UInt64, UInt64) -> Bool) {
    branch(op(self[word: a], self[word: b]), signedC, resume)
  }
  @inline(__always) func jumpIfImmediate(_ op: (Int, Int) -> Bool) { branch(op(self[a], signedB), signedC, resume) }
  @inline(__always) func jumpIfFloat(_ op: (Double, Double) -> Bool) {
    branch(op(self[float: a], self[float: b]), signedC, resume)
  }
}

@c func opJump(_ pc: Code, _ r: Registers, _ t: Table, _ m: RawMachine) {
  Frame(pc, r, t, m).jump()
}

@c func opJumpTrue(_ pc: Code, _ r: Registers, _ t: Table, _ m: RawMachine) {
  let f = Frame(pc, r, t, m)
  f.branch(f[bool: f.a], f.imm32, resume)
}

@c func opJumpFalse(_ pc: Code, _ r: Registers, _ t: Table, _ m: RawMachine) {
  Frame(pc, r, t, m).jumpFalse()
}

@c func opJumpTable(_ pc: Code, _ r: Registers, _ t: Table, _ m: RawMachine) {
  let f = Frame(pc, r, t, m)
  let key = f[word: f.a], count = f.b
  if _fastPath(key < UInt64(count)) {
    f.jump(Int(unsafe UnsafeRawPointer(pc + 1).load(fromByteOffset: Int(key) &* 4, as: Int32.self)))
  } else {
    f.next(1 &+ ((count &+ 1) &>> 1))
  }
}

@c func opJumpEqInt(_ pc: Code, _ r: Registers, _ t: Table, _ m: RawMachine) {
  Frame(pc, r, t, m).jumpEqInt()
}

@c func opJumpNeInt(_ pc: Code, _ r: Registers, _ t: Table, _ m: RawMachine) {
  Frame(pc, r, t, m).jumpNeInt()
}

@c func opJumpLtInt(_ pc: Code, _ r: Registers, _ t: Table, _ m: RawMachine) {
  Frame(pc, r, t, m).jumpLtInt()
}

@c func opJumpLeInt(_ pc: Code, _ r: Registers, _ t: Table, _ m: RawMachine) {
  Frame(pc, r, t, m).jumpLeInt()
}

@c func opJumpLtUInt(_ pc: Code, _ r: Registers, _ t: Table, _ m: RawMachine) {
  Frame(pc, r, t, m).jumpIfUnsigned { $0 < $1 }
}

@c func opJumpLeUInt(_ pc: Code, _ r: Registers, _ t: Table, _ m: RawMachine) {
  Frame(pc, r, t, m).jumpIfUnsigned { $0 <= $1 }
}

@c func opJumpEqIntImm(_ pc: Code, _ r: Registers, _ t: Table, _ m: RawMachine) {
  Frame(pc, r, t, m).jumpEqIntImm()
}

@c func opJumpNeIntImm(_ pc: Code, _ r: Registers, _ t: Table, _ m: RawMachine) {
  Frame(pc, r, t, m).jumpNeIntImm()
}

@c func opJumpLtIntImm(_ pc: Code, _ r: Registers, _ t: Table, _ m: RawMachine) {
  Frame(pc, r, t, m).jumpLtIntImm()
}

@c func opJumpLeIntImm(_ pc: Code, _ r: Registers, _ t: Table, _ m: RawMachine) {
  Frame(pc, r, t, m).jumpLeIntImm()
}

@c func opJumpGtIntImm(_ pc: Code, _ r: Registers, _ t: Table, _ m: RawMachine) {
  Frame(pc, r, t, m).jumpGtIntImm()
}

@c func opJumpGeIntImm(_ pc: Code, _ r: Registers, _ t: Table, _ m: RawMachine) {
  Frame(pc, r, t, m).jumpGeIntImm()
}

@c func opJumpEqFloat(_ pc: Code, _ r: Registers, _ t: Table, _ m: RawMachine) {
  Frame(pc, r, t, m).jumpIfFloat { $0 == $1 }
}

@c func opJumpNeFloat(_ pc: Code, _ r: Registers, _ t: Table, _ m: RawMachine) {
  Frame(pc, r, t, m).jumpIfFloat { $0 != $1 }
}

@c func opJumpLtFloat(_ pc: Code, _ r: Registers, _ t: Table, _ m: RawMachine) {
  Frame(pc, r, t, m).jumpLtFloat()
}

@c func opJumpLeFloat(_ pc: Code, _ r: Registers, _ t: Table, _ m: RawMachine) {
  Frame(pc, r, t, m).jumpLeFloat()
}

@c func opJumpNotLtFloat(_ pc: Code, _ r: Registers, _ t: Table, _ m: RawMachine) {
  Frame(pc, r, t, m).jumpNotLtFloat()
}

@c func opJumpNotLeFloat(_ pc: Code, _ r: Registers, _ t: Table, _ m: RawMachine) {
  Frame(pc, r, t, m).jumpNotLeFloat()
}
