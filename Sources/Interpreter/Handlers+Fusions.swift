// One handler for each fusion: the steps of its parts, one inside the other.

import Runtime

@c func fuseAddIntAddIntAddIntImm(_ pc: Code, _ r: Registers, _ t: Table, _ m: RawMachine) {
  Frame(pc, r, t, m).addInt { $0.addInt { $0.addIntImm() } }
}

@c func fuseAddIntAddIntImm(_ pc: Code, _ r: Registers, _ t: Table, _ m: RawMachine) {
  Frame(pc, r, t, m).addInt { $0.addIntImm() }
}

@c func fuseAddIntJumpLeInt(_ pc: Code, _ r: Registers, _ t: Table, _ m: RawMachine) {
  Frame(pc, r, t, m).addInt { $0.jumpLeInt() }
}

@c func fuseAddIntLoadInt(_ pc: Code, _ r: Registers, _ t: Table, _ m: RawMachine) {
  Frame(pc, r, t, m).addInt { $0.loadInt() }
}

@c func fuseAddIntLoadIntRemInt(_ pc: Code, _ r: Registers, _ t: Table, _ m: RawMachine) {
  Frame(pc, r, t, m).addInt { $0.loadInt { $0.remInt() } }
}

@c func fuseAddIntRemIntReturn1(_ pc: Code, _ r: Registers, _ t: Table, _ m: RawMachine) {
  Frame(pc, r, t, m).addInt { $0.remInt { $0.return1() } }
}

@c func fuseAddIntReturn1(_ pc: Code, _ r: Registers, _ t: Table, _ m: RawMachine) {
  Frame(pc, r, t, m).addInt { $0.return1() }
}

@c func fuseAddIntImmAddIntImm(_ pc: Code, _ r: Registers, _ t: Table, _ m: RawMachine) {
  Frame(pc, r, t, m).addIntImm { $0.addIntImm() }
}

@c func fuseAddIntImmCall(_ pc: Code, _ r: Registers, _ t: Table, _ m: RawMachine) {
  Frame(pc, r, t, m).addIntImm { $0.call() }
}

@c func fuseAddIntImmLoadIntVectorGetJumpNeIntImm(_ pc: Code, _ r: Registers, _ t: Table, _ m: RawMachine) {
  Frame(pc, r, t, m).addIntImm { $0.loadInt { $0.vectorGet { $0.jumpNeIntImm() } } }
}

@c func fuseAddIntImmSubFloat(_ pc: Code, _ r: Registers, _ t: Table, _ m: RawMachine) {
  Frame(pc, r, t, m).addIntImm { $0.subFloat() }
}

@c func fuseAddIntImmSubFloatAddFloat(_ pc: Code, _ r: Registers, _ t: Table, _ m: RawMachine) {
  Frame(pc, r, t, m).addIntImm { $0.subFloat { $0.addFloat() } }
}

@c func fuseFieldMulAddFloatFieldMulAddFloatLoopLt(_ pc: Code, _ r: Registers, _ t: Table, _ m: RawMachine) {
  Frame(pc, r, t, m).fieldMulAddFloat { $0.fieldMulAddFloat { $0.loopLt() } }
}

@c func fuseFieldMulSubFloatFieldMulSubFloatFieldMulAddFloat(_ pc: Code, _ r: Registers, _ t: Table, _ m: RawMachine) {
  Frame(pc, r, t, m).fieldMulSubFloat { $0.fieldMulSubFloat { $0.fieldMulAddFloat() } }
}

@c func fuseGetFieldCall(_ pc: Code, _ r: Registers, _ t: Table, _ m: RawMachine) {
  Frame(pc, r, t, m).getField { $0.call() }
}

@c func fuseGetFieldGetField(_ pc: Code, _ r: Registers, _ t: Table, _ m: RawMachine) {
  Frame(pc, r, t, m).getField { $0.getField() }
}

@c func fuseGetFieldJumpNeIntImm(_ pc: Code, _ r: Registers, _ t: Table, _ m: RawMachine) {
  Frame(pc, r, t, m).getField { $0.jumpNeIntImm() }
}

@c func fuseGetFieldLoadGlobalMulAddFloat(_ pc: Code, _ r: Registers, _ t: Table, _ m: RawMachine) {
  Frame(pc, r, t, m).getField { $0.loadGlobal { $0.mulAddFloat() } }
}

@c func fuseGetFieldMoveGetFieldCall(_ pc: Code, _ r: Registers, _ t: Table, _ m: RawMachine) {
  Frame(pc, r, t, m).getField { $0.move { $0.getField { $0.call() } } }
}

@c func fuseGetFieldMulFieldFloatAddFloat(_ pc: Code, _ r: Registers, _ t: Table, _ m: RawMachine) {
  Frame(pc, r, t, m).getField { $0.mulFieldFloat { $0.addFloat() } }
}

@c func fuseGetFieldMulFieldFloatAddFloatSetField(_ pc: Code, _ r: Registers, _ t: Table, _ m: RawMachine) {
  Frame(pc, r, t, m).getField { $0.mulFieldFloat { $0.addFloat { $0.setField() } } }
}

@c func fuseGetFieldSubFieldFloat(_ pc: Code, _ r: Registers, _ t: Table, _ m: RawMachine) {
  Frame(pc, r, t, m).getField { $0.subFieldFloat() }
}

@c func fuseIntToFloatDivFloatByWord(_ pc: Code, _ r: Registers, _ t: Table, _ m: RawMachine) {
  Frame(pc, r, t, m).intToFloat { $0.divFloatByWord() }
}

@c func fuseIntToFloatDivFloatByWordReturn1(_ pc: Code, _ r: Registers, _ t: Table, _ m: RawMachine) {
  Frame(pc, r, t, m).intToFloat { $0.divFloatByWord { $0.return1() } }
}

@c func fuseJumpGeIntImmReturn1(_ pc: Code, _ r: Registers, _ t: Table, _ m: RawMachine) {
  Frame(pc, r, t, m).jumpGeIntImm { $0.return1() }
}

@c func fuseLoadGlobalJumpEqInt(_ pc: Code, _ r: Registers, _ t: Table, _ m: RawMachine) {
  Frame(pc, r, t, m).loadGlobal { $0.jumpEqInt() }
}

@c func fuseLoadGlobalJumpEqIntAddFloat(_ pc: Code, _ r: Registers, _ t: Table, _ m: RawMachine) {
  Frame(pc, r, t, m).loadGlobal { $0.jumpEqInt { $0.addFloat() } }
}

@c func fuseLoadIntLoadIntVectorGetJumpLeInt(_ pc: Code, _ r: Registers, _ t: Table, _ m: RawMachine) {
  Frame(pc, r, t, m).loadInt { $0.loadInt { $0.vectorGet { $0.jumpLeInt() } } }
}

@c func fuseLoadIntReturn1(_ pc: Code, _ r: Registers, _ t: Table, _ m: RawMachine) {
  Frame(pc, r, t, m).loadInt { $0.return1() }
}

@c func fuseLoadIntVectorGet(_ pc: Code, _ r: Registers, _ t: Table, _ m: RawMachine) {
  Frame(pc, r, t, m).loadInt { $0.vectorGet() }
}

@c func fuseLoadWordJumpNotLtFloat(_ pc: Code, _ r: Registers, _ t: Table, _ m: RawMachine) {
  Frame(pc, r, t, m).loadWord { $0.jumpNotLtFloat() }
}

@c func fuseMoveAddIntAddIntCall(_ pc: Code, _ r: Registers, _ t: Table, _ m: RawMachine) {
  Frame(pc, r, t, m).move { $0.addInt { $0.addInt { $0.call() } } }
}

@c func fuseMoveCall(_ pc: Code, _ r: Registers, _ t: Table, _ m: RawMachine) {
  Frame(pc, r, t, m).move { $0.call() }
}

@c func fuseMoveJump(_ pc: Code, _ r: Registers, _ t: Table, _ m: RawMachine) {
  Frame(pc, r, t, m).move { $0.jump() }
}

@c func fuseMoveLoadInt(_ pc: Code, _ r: Registers, _ t: Table, _ m: RawMachine) {
  Frame(pc, r, t, m).move { $0.loadInt() }
}

@c func fuseMoveLoadLiteral(_ pc: Code, _ r: Registers, _ t: Table, _ m: RawMachine) {
  Frame(pc, r, t, m).move { $0.loadLiteral() }
}

@c func fuseMovePairCall(_ pc: Code, _ r: Registers, _ t: Table, _ m: RawMachine) {
  Frame(pc, r, t, m).movePair { $0.call() }
}

@c func fuseMovePairMoveCall(_ pc: Code, _ r: Registers, _ t: Table, _ m: RawMachine) {
  Frame(pc, r, t, m).movePair { $0.move { $0.call() } }
}

@c func fuseMulAddFloatLoopLt(_ pc: Code, _ r: Registers, _ t: Table, _ m: RawMachine) {
  Frame(pc, r, t, m).mulAddFloat { $0.loopLt() }
}

@c func fuseMulFieldFloatMulFieldFloatFieldMulSubFloat(_ pc: Code, _ r: Registers, _ t: Table, _ m: RawMachine) {
  Frame(pc, r, t, m).mulFieldFloat { $0.mulFieldFloat { $0.fieldMulSubFloat() } }
}

@c func fuseMulFloatMulAddFloatMulAddFloat(_ pc: Code, _ r: Registers, _ t: Table, _ m: RawMachine) {
  Frame(pc, r, t, m).mulFloat { $0.mulAddFloat { $0.mulAddFloat() } }
}

@c func fuseMulFloatMulFloat(_ pc: Code, _ r: Registers, _ t: Table, _ m: RawMachine) {
  Frame(pc, r, t, m).mulFloat { $0.mulFloat() }
}

@c func fuseMulFloatWordMulAddFloat(_ pc: Code, _ r: Registers, _ t: Table, _ m: RawMachine) {
  Frame(pc, r, t, m).mulFloatWord { $0.mulAddFloat() }
}

@c func fuseMulFloatWordMulAddFloatMoveJump(_ pc: Code, _ r: Registers, _ t: Table, _ m: RawMachine) {
  Frame(pc, r, t, m).mulFloatWord { $0.mulAddFloat { $0.move { $0.jump() } } }
}

@c func fuseMulIntAddIntVectorGetReturn1(_ pc: Code, _ r: Registers, _ t: Table, _ m: RawMachine) {
  Frame(pc, r, t, m).mulInt { $0.addInt { $0.vectorGet { $0.return1() } } }
}

@c func fuseMulIntDivIntImm(_ pc: Code, _ r: Registers, _ t: Table, _ m: RawMachine) {
  Frame(pc, r, t, m).mulInt { $0.divIntImm() }
}

@c func fuseMulIntDivIntImmAddIntAddIntImm(_ pc: Code, _ r: Registers, _ t: Table, _ m: RawMachine) {
  Frame(pc, r, t, m).mulInt { $0.divIntImm { $0.addInt { $0.addIntImm() } } }
}

@c func fuseMulIntImmLoadInt(_ pc: Code, _ r: Registers, _ t: Table, _ m: RawMachine) {
  Frame(pc, r, t, m).mulIntImm { $0.loadInt() }
}

@c func fuseSetFieldGetFieldIntToFloatDivFloatWord(_ pc: Code, _ r: Registers, _ t: Table, _ m: RawMachine) {
  Frame(pc, r, t, m).setField { $0.getField { $0.intToFloat { $0.divFloatWord() } } }
}

@c func fuseSqrtFloatMulFloatDivFloat(_ pc: Code, _ r: Registers, _ t: Table, _ m: RawMachine) {
  Frame(pc, r, t, m).sqrtFloat { $0.mulFloat { $0.divFloat() } }
}

@c func fuseSubIntLoopLt(_ pc: Code, _ r: Registers, _ t: Table, _ m: RawMachine) {
  Frame(pc, r, t, m).subInt { $0.loopLt() }
}

@c func fuseVectorGetAddIntImmMoveJumpLeInt(_ pc: Code, _ r: Registers, _ t: Table, _ m: RawMachine) {
  Frame(pc, r, t, m).vectorGet { $0.addIntImm { $0.move { $0.jumpLeInt() } } }
}

@c func fuseVectorGetMulAddFloatLoopLt(_ pc: Code, _ r: Registers, _ t: Table, _ m: RawMachine) {
  Frame(pc, r, t, m).vectorGet { $0.mulAddFloat { $0.loopLt() } }
}

@c func fuseVectorGetVectorGetVectorSet(_ pc: Code, _ r: Registers, _ t: Table, _ m: RawMachine) {
  Frame(pc, r, t, m).vectorGet { $0.vectorGet { $0.vectorSet() } }
}

@c func fuseVectorGetVectorSet(_ pc: Code, _ r: Registers, _ t: Table, _ m: RawMachine) {
  Frame(pc, r, t, m).vectorGet { $0.vectorSet() }
}

@c func fuseVectorGetVectorSetLoopLt(_ pc: Code, _ r: Registers, _ t: Table, _ m: RawMachine) {
  Frame(pc, r, t, m).vectorGet { $0.vectorSet { $0.loopLt() } }
}

@c func fuseVectorGetU8JumpFalse(_ pc: Code, _ r: Registers, _ t: Table, _ m: RawMachine) {
  Frame(pc, r, t, m).vectorGetU8 { $0.jumpFalse() }
}

@c func fuseVectorSetAddIntImmAddIntImmJumpLtInt(_ pc: Code, _ r: Registers, _ t: Table, _ m: RawMachine) {
  Frame(pc, r, t, m).vectorSet { $0.addIntImm { $0.addIntImm { $0.jumpLtInt() } } }
}

@c func fuseVectorSetU8ImmLoopAddLt(_ pc: Code, _ r: Registers, _ t: Table, _ m: RawMachine) {
  Frame(pc, r, t, m).vectorSetU8Imm { $0.loopAddLt() }
}

@c func fuseVectorSetU8ImmLoopLt(_ pc: Code, _ r: Registers, _ t: Table, _ m: RawMachine) {
  Frame(pc, r, t, m).vectorSetU8Imm { $0.loopLt() }
}
