// Comparisons into a register: 1 or 0.

import Runtime

extension Frame {
  @inline(__always) func compare(_ op: (Int, Int) -> Bool) {
    self[bool: a] = op(self[b], self[c])
    next()
  }
  @inline(__always) func compareUnsigned(_ op: (UInt64, UInt64) -> Bool) {
    self[bool: a] = op(self[word: b], self[word: c])
    next()
  }
  @inline(__always) func compareFloat(_ op: (Double, Double) -> Bool) {
    self[bool: a] = op(self[float: b], self[float: c])
    next()
  }
  @inline(__always) func compareImmediate(_ op: (Int, Int) -> Bool) {
    self[bool: a] = op(self[b], signedC)
    next()
  }
}

@c func opEqInt(_ pc: Code, _ r: Registers, _ t: Table, _ m: RawMachine) {
  Frame(pc, r, t, m).compare { $0 == $1 }
}

@c func opNeInt(_ pc: Code, _ r: Registers, _ t: Table, _ m: RawMachine) {
  Frame(pc, r, t, m).compare { $0 != $1 }
}

@c func opLtInt(_ pc: Code, _ r: Registers, _ t: Table, _ m: RawMachine) {
  Frame(pc, r, t, m).compare { $0 < $1 }
}

@c func opLeInt(_ pc: Code, _ r: Registers, _ t: Table, _ m: RawMachine) {
  Frame(pc, r, t, m).compare { $0 <= $1 }
}

@c func opLtUInt(_ pc: Code, _ r: Registers, _ t: Table, _ m: RawMachine) {
  Frame(pc, r, t, m).compareUnsigned { $0 < $1 }
}

@c func opLeUInt(_ pc: Code, _ r: Registers, _ t: Table, _ m: RawMachine) {
  Frame(pc, r, t, m).compareUnsigned { $0 <= $1 }
}

@c func opEqFloat(_ pc: Code, _ r: Registers, _ t: Table, _ m: RawMachine) {
  Frame(pc, r, t, m).compareFloat { $0 == $1 }
}

@c func opNeFloat(_ pc: Code, _ r: Registers, _ t: Table, _ m: RawMachine) {
  Frame(pc, r, t, m).compareFloat { $0 != $1 }
}

@c func opLtFloat(_ pc: Code, _ r: Registers, _ t: Table, _ m: RawMachine) {
  Frame(pc, r, t, m).compareFloat { $0 < $1 }
}

@c func opLeFloat(_ pc: Code, _ r: Registers, _ t: Table, _ m: RawMachine) {
  Frame(pc, r, t, m).compareFloat { $0 <= $1 }
}

@c func opNot(_ pc: Code, _ r: Registers, _ t: Table, _ m: RawMachine) {
  Frame(pc, r, t, m).integer { 1 &- $0 }
}

@c func opEqIntImm(_ pc: Code, _ r: Registers, _ t: Table, _ m: RawMachine) {
  Frame(pc, r, t, m).compareImmediate { $0 == $1 }
}

@c func opNeIntImm(_ pc: Code, _ r: Registers, _ t: Table, _ m: RawMachine) {
  Frame(pc, r, t, m).compareImmediate { $0 != $1 }
}

@c func opLtIntImm(_ pc: Code, _ r: Registers, _ t: Table, _ m: RawMachine) {
  Frame(pc, r, t, m).compareImmediate { $0 < $1 }
}

@c func opLeIntImm(_ pc: Code, _ r: Registers, _ t: Table, _ m: RawMachine) {
  Frame(pc, r, t, m).compareImmediate { $0 <= $1 }
}

@c func opGtIntImm(_ pc: Code, _ r: Registers, _ t: Table, _ m: RawMachine) {
  Frame(pc, r, t, m).compareImmediate { $0 > $1 }
}

@c func opGeIntImm(_ pc: Code, _ r: Registers, _ t: Table, _ m: RawMachine) {
  Frame(pc, r, t, m).compareImmediate { $0 >= $1 }
}

/// The same object, or different lengths, settle it here; comparing bytes is out of line.
@c func opEqString(_ pc: Code, _ r: Registers, _ t: Table, _ m: RawMachine) {
  let f = Frame(pc, r, t, m)
  let x = f[object: f.b], y = f[object: f.c]
  let same = x.bits == y.bits
  if !same, x[0] == y[0] { return unsafe slowEqString(pc, r, t, m) }
  f[bool: f.a] = same
  f.next()
}

@inline(never) @c func slowEqString(_ pc: Code, _ r: Registers, _ t: Table, _ m: RawMachine) {
  let f = Frame(pc, r, t, m)
  f[bool: f.a] = Strings.equal(f[word: f.b], f[word: f.c])
  f.next()
}

// MARK: Hashes

@c func opHashMix(_ pc: Code, _ r: Registers, _ t: Table, _ m: RawMachine) {
  let f = Frame(pc, r, t, m)
  f[word: f.a] = Hash.mix(f[word: f.b], f[word: f.c])
  f.next()
}

@c func opHashString(_ pc: Code, _ r: Registers, _ t: Table, _ m: RawMachine) {
  let f = Frame(pc, r, t, m)
  f[word: f.a] = Hash.string(f[object: f.b].bits)
  f.next()
}
