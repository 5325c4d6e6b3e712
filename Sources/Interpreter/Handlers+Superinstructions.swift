// Superinstructions. Each does what the instructions it stands for do, in their order.

import Runtime

@c func opMovePair(_ pc: Code, _ r: Registers, _ t: Table, _ m: RawMachine) {
  Frame(pc, r, t, m).movePair()
}

@c func opMulAddFloat(_ pc: Code, _ r: Registers, _ t: Table, _ m: RawMachine) {
  Frame(pc, r, t, m).mulAddFloat()
}

@c func opMulSubFloat(_ pc: Code, _ r: Registers, _ t: Table, _ m: RawMachine) {
  Frame(pc, r, t, m).mulSubFloat()
}

@c func opAddFieldFloat(_ pc: Code, _ r: Registers, _ t: Table, _ m: RawMachine) {
  Frame(pc, r, t, m).addFieldFloat()
}

@c func opSubFieldFloat(_ pc: Code, _ r: Registers, _ t: Table, _ m: RawMachine) {
  Frame(pc, r, t, m).subFieldFloat()
}

@c func opMulFieldFloat(_ pc: Code, _ r: Registers, _ t: Table, _ m: RawMachine) {
  Frame(pc, r, t, m).mulFieldFloat()
}

@c func opFieldAddFloat(_ pc: Code, _ r: Registers, _ t: Table, _ m: RawMachine) {
  Frame(pc, r, t, m).fieldAddFloat()
}

@c func opFieldSubFloat(_ pc: Code, _ r: Registers, _ t: Table, _ m: RawMachine) {
  Frame(pc, r, t, m).fieldSubFloat()
}

@c func opFieldMulAddFloat(_ pc: Code, _ r: Registers, _ t: Table, _ m: RawMachine) {
  Frame(pc, r, t, m).fieldMulAddFloat()
}

@c func opFieldMulSubFloat(_ pc: Code, _ r: Registers, _ t: Table, _ m: RawMachine) {
  Frame(pc, r, t, m).fieldMulSubFloat()
}

@c func opFieldAddIntImm(_ pc: Code, _ r: Registers, _ t: Table, _ m: RawMachine) {
  Frame(pc, r, t, m).fieldAddIntImm()
}

@c func opVectorSetU8Imm(_ pc: Code, _ r: Registers, _ t: Table, _ m: RawMachine) {
  Frame(pc, r, t, m).vectorSetU8Imm()
}

@c func opLoopLt(_ pc: Code, _ r: Registers, _ t: Table, _ m: RawMachine) {
  Frame(pc, r, t, m).loopLt()
}

@c func opLoopLtImm(_ pc: Code, _ r: Registers, _ t: Table, _ m: RawMachine) {
  Frame(pc, r, t, m).loopLtImm()
}

@c func opLoopAddLt(_ pc: Code, _ r: Registers, _ t: Table, _ m: RawMachine) {
  Frame(pc, r, t, m).loopAddLt()
}

@c func opLoopCount(_ pc: Code, _ r: Registers, _ t: Table, _ m: RawMachine) {
  Frame(pc, r, t, m).loopCount()
}
