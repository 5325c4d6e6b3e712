// Superinstructions. Each does what the instructions it stands for do, in their order; products are
// rounded before they are added, as everywhere.

import Runtime

extension Frame {
  @inline(__always) var signedD: Int { Int(unsafe UnsafeRawPointer(pc).load(fromByteOffset: 1, as: Int8.self)) }

  @inline(__always) func fused(_ op: (Double, Double) -> Double) {
    let product = self[float: b] * self[float: c]
    self[float: a] = op(self[float: d], product)
    next()
  }

  @inline(__always) func withField(_ op: (Double, Double) -> Double) {
    self[float: a] = op(self[float: d], Double(bitPattern: self[object: b][c]))
    next()
  }

  @inline(__always) func updateField(_ field: Int, _ op: (Double) -> Double) {
    let object = self[object: a]
    object[field] = op(Double(bitPattern: object[field])).bitPattern
    next()
  }
}

@c func opMovePair(_ pc: Code, _ r: Registers, _ t: Table, _ m: RawMachine) {
  let f = Frame(pc, r, t, m)
  let a = f.a
  f[word: a] = f[word: f.b]
  f[word: a &+ 1] = f[word: f.c]
  f.next()
}

@c func opMulAddFloat(_ pc: Code, _ r: Registers, _ t: Table, _ m: RawMachine) {
  Frame(pc, r, t, m).fused { $0 + $1 }
}

@c func opMulSubFloat(_ pc: Code, _ r: Registers, _ t: Table, _ m: RawMachine) {
  Frame(pc, r, t, m).fused { $0 - $1 }
}

@c func opAddFieldFloat(_ pc: Code, _ r: Registers, _ t: Table, _ m: RawMachine) {
  Frame(pc, r, t, m).withField { $0 + $1 }
}

@c func opSubFieldFloat(_ pc: Code, _ r: Registers, _ t: Table, _ m: RawMachine) {
  Frame(pc, r, t, m).withField { $0 - $1 }
}

@c func opMulFieldFloat(_ pc: Code, _ r: Registers, _ t: Table, _ m: RawMachine) {
  Frame(pc, r, t, m).withField { $0 * $1 }
}

@c func opFieldAddFloat(_ pc: Code, _ r: Registers, _ t: Table, _ m: RawMachine) {
  let f = Frame(pc, r, t, m)
  f.updateField(f.c) { $0 + f[float: f.b] }
}

@c func opFieldSubFloat(_ pc: Code, _ r: Registers, _ t: Table, _ m: RawMachine) {
  let f = Frame(pc, r, t, m)
  f.updateField(f.c) { $0 - f[float: f.b] }
}

@c func opFieldMulAddFloat(_ pc: Code, _ r: Registers, _ t: Table, _ m: RawMachine) {
  let f = Frame(pc, r, t, m)
  let product = f[float: f.b] * f[float: f.c]
  f.updateField(f.d) { $0 + product }
}

@c func opFieldMulSubFloat(_ pc: Code, _ r: Registers, _ t: Table, _ m: RawMachine) {
  let f = Frame(pc, r, t, m)
  let product = f[float: f.b] * f[float: f.c]
  f.updateField(f.d) { $0 - product }
}

@c func opFieldAddIntImm(_ pc: Code, _ r: Registers, _ t: Table, _ m: RawMachine) {
  let f = Frame(pc, r, t, m)
  let object = f[object: f.a], field = f.c
  object[field] = object[field] &+ UInt64(bitPattern: Int64(f.signedB))
  f.next()
}

@c func opVectorSetU8Imm(_ pc: Code, _ r: Registers, _ t: Table, _ m: RawMachine) {
  let f = Frame(pc, r, t, m)
  let vector = f[object: f.a], i = f[f.b]
  if _fastPath(UInt(bitPattern: i) < UInt(bitPattern: vector.count)) {
    unsafe vector.storage.bytes.storeBytes(of: UInt8(truncatingIfNeeded: f.c), toByteOffset: i, as: UInt8.self)
    f.next()
  } else {
    unsafe panicIndexOfSet(pc, r, t, m)
  }
}

@c func opLoopLt(_ pc: Code, _ r: Registers, _ t: Table, _ m: RawMachine) {
  let f = Frame(pc, r, t, m)
  let value = f[f.a] &+ f.signedD
  f[f.a] = value
  f.branch(value < f[f.b], f.signedC, resume)
}

@c func opLoopLtImm(_ pc: Code, _ r: Registers, _ t: Table, _ m: RawMachine) {
  let f = Frame(pc, r, t, m)
  let value = f[f.a] &+ f.signedD
  f[f.a] = value
  f.branch(value < f.signedB, f.signedC, resume)
}

@c func opLoopAddLt(_ pc: Code, _ r: Registers, _ t: Table, _ m: RawMachine) {
  let f = Frame(pc, r, t, m)
  let value = f[f.a] &+ f[f.d]
  f[f.a] = value
  f.branch(value < f[f.b], f.signedC, resume)
}

@c func opLoopCount(_ pc: Code, _ r: Registers, _ t: Table, _ m: RawMachine) {
  let f = Frame(pc, r, t, m)
  let value = f[f.a] &+ 1
  f[f.a] = value
  f.branch(value < f[object: f.b].count, f.signedC, resume)
}
