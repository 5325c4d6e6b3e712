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

@c func fuseAddIntRemIntReturnFirst(_ pc: Code, _ r: Registers, _ t: Table, _ m: RawMachine) {
  Frame(pc, r, t, m).addInt { $0.remInt { $0.returnFirst() } }
}

@c func fuseAddIntReturnFirst(_ pc: Code, _ r: Registers, _ t: Table, _ m: RawMachine) {
  Frame(pc, r, t, m).addInt { $0.returnFirst() }
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

@c func fuseFieldMulSubFloatFieldMulSubFloatFieldMulAddFloatFieldMulAddFloatFieldMulAddFloatLoopLt(_ pc: Code, _ r: Registers, _ t: Table, _ m: RawMachine) {
  Frame(pc, r, t, m).fieldMulSubFloat { $0.fieldMulSubFloat { $0.fieldMulAddFloat { $0.fieldMulAddFloat { $0.fieldMulAddFloat { $0.loopLt() } } } } }
}

@c func fuseGetFieldCall(_ pc: Code, _ r: Registers, _ t: Table, _ m: RawMachine) {
  Frame(pc, r, t, m).getField { $0.call() }
}

@c func fuseGetFieldGetField(_ pc: Code, _ r: Registers, _ t: Table, _ m: RawMachine) {
  Frame(pc, r, t, m).getField { $0.getField() }
}

@c func fuseGetFieldJumpLeIntImmFieldAddIntImmReturnNone(_ pc: Code, _ r: Registers, _ t: Table, _ m: RawMachine) {
  Frame(pc, r, t, m).getField { $0.jumpLeIntImm { $0.fieldAddIntImm { $0.returnNone() } } }
}

@c func fuseGetFieldJumpNeIntImm(_ pc: Code, _ r: Registers, _ t: Table, _ m: RawMachine) {
  Frame(pc, r, t, m).getField { $0.jumpNeIntImm() }
}

@c func fuseGetFieldLoadGlobalMulAddFloat(_ pc: Code, _ r: Registers, _ t: Table, _ m: RawMachine) {
  Frame(pc, r, t, m).getField { $0.loadGlobal { $0.mulAddFloat() } }
}

@c func fuseGetFieldLoadGlobalMulAddFloatGetFieldLoadGlobalMulAddFloat(_ pc: Code, _ r: Registers, _ t: Table, _ m: RawMachine) {
  Frame(pc, r, t, m).getField { $0.loadGlobal { $0.mulAddFloat { $0.getField { $0.loadGlobal { $0.mulAddFloat() } } } } }
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

@c func fuseGetFieldMulIntImmLoadIntAddIntLoadIntRemInt(_ pc: Code, _ r: Registers, _ t: Table, _ m: RawMachine) {
  Frame(pc, r, t, m).getField { $0.mulIntImm { $0.loadInt { $0.addInt { $0.loadInt { $0.remInt() } } } } }
}

@c func fuseGetFieldSubFieldFloat(_ pc: Code, _ r: Registers, _ t: Table, _ m: RawMachine) {
  Frame(pc, r, t, m).getField { $0.subFieldFloat() }
}

@c func fuseGetFieldSubFieldFloatMulFloatMulAddFloatMulAddFloat(_ pc: Code, _ r: Registers, _ t: Table, _ m: RawMachine) {
  Frame(pc, r, t, m).getField { $0.subFieldFloat { $0.mulFloat { $0.mulAddFloat { $0.mulAddFloat() } } } }
}

@c func fuseGetField2GetFieldJumpNeIntImmMoveCall(_ pc: Code, _ r: Registers, _ t: Table, _ m: RawMachine) {
  Frame(pc, r, t, m).getField2 { $0.getField { $0.jumpNeIntImm { $0.move { $0.call() } } } }
}

@c func fuseIntToFloatDivFloatByWord(_ pc: Code, _ r: Registers, _ t: Table, _ m: RawMachine) {
  Frame(pc, r, t, m).intToFloat { $0.divFloatByWord() }
}

@c func fuseIntToFloatDivFloatByWordReturnFirst(_ pc: Code, _ r: Registers, _ t: Table, _ m: RawMachine) {
  Frame(pc, r, t, m).intToFloat { $0.divFloatByWord { $0.returnFirst() } }
}

@c func fuseJumpGeIntImmReturnFirst(_ pc: Code, _ r: Registers, _ t: Table, _ m: RawMachine) {
  Frame(pc, r, t, m).jumpGeIntImm { $0.returnFirst() }
}

@c func fuseLoadGlobalJumpEqInt(_ pc: Code, _ r: Registers, _ t: Table, _ m: RawMachine) {
  Frame(pc, r, t, m).loadGlobal { $0.jumpEqInt() }
}

@c func fuseLoadGlobalJumpEqIntAddFloat(_ pc: Code, _ r: Registers, _ t: Table, _ m: RawMachine) {
  Frame(pc, r, t, m).loadGlobal { $0.jumpEqInt { $0.addFloat() } }
}

@c func fuseLoadGlobalJumpNotLtFloat(_ pc: Code, _ r: Registers, _ t: Table, _ m: RawMachine) {
  Frame(pc, r, t, m).loadGlobal { $0.jumpNotLtFloat() }
}

@c func fuseLoadIntLoadGlobalJumpLeInt(_ pc: Code, _ r: Registers, _ t: Table, _ m: RawMachine) {
  Frame(pc, r, t, m).loadInt { $0.loadGlobal { $0.jumpLeInt() } }
}

@c func fuseLoadIntLoadIntVectorGetJumpLeInt(_ pc: Code, _ r: Registers, _ t: Table, _ m: RawMachine) {
  Frame(pc, r, t, m).loadInt { $0.loadInt { $0.vectorGet { $0.jumpLeInt() } } }
}

@c func fuseLoadIntReturnFirst(_ pc: Code, _ r: Registers, _ t: Table, _ m: RawMachine) {
  Frame(pc, r, t, m).loadInt { $0.returnFirst() }
}

@c func fuseLoadIntVectorGet(_ pc: Code, _ r: Registers, _ t: Table, _ m: RawMachine) {
  Frame(pc, r, t, m).loadInt { $0.vectorGet() }
}

@c func fuseLoadIntVectorGetLoadIntMoveJumpLeIntAddIntImm(_ pc: Code, _ r: Registers, _ t: Table, _ m: RawMachine) {
  Frame(pc, r, t, m).loadInt { $0.vectorGet { $0.loadInt { $0.move { $0.jumpLeInt { $0.addIntImm() } } } } }
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

@c func fuseMulFloatMulAddFloatLoadGlobalLoadGlobalMulFloatJumpNotLtFloat(_ pc: Code, _ r: Registers, _ t: Table, _ m: RawMachine) {
  Frame(pc, r, t, m).mulFloat { $0.mulAddFloat { $0.loadGlobal { $0.loadGlobal { $0.mulFloat { $0.jumpNotLtFloat() } } } } }
}

@c func fuseMulFloatMulAddFloatMulAddFloat(_ pc: Code, _ r: Registers, _ t: Table, _ m: RawMachine) {
  Frame(pc, r, t, m).mulFloat { $0.mulAddFloat { $0.mulAddFloat() } }
}

@c func fuseMulFloatMulFloat(_ pc: Code, _ r: Registers, _ t: Table, _ m: RawMachine) {
  Frame(pc, r, t, m).mulFloat { $0.mulFloat() }
}

@c func fuseMulFloatMulFloatLoadGlobalJumpEqIntAddFloat(_ pc: Code, _ r: Registers, _ t: Table, _ m: RawMachine) {
  Frame(pc, r, t, m).mulFloat { $0.mulFloat { $0.loadGlobal { $0.jumpEqInt { $0.addFloat() } } } }
}

@c func fuseMulFloatWordMulAddFloat(_ pc: Code, _ r: Registers, _ t: Table, _ m: RawMachine) {
  Frame(pc, r, t, m).mulFloatWord { $0.mulAddFloat() }
}

@c func fuseMulFloatWordMulAddFloatMoveJump(_ pc: Code, _ r: Registers, _ t: Table, _ m: RawMachine) {
  Frame(pc, r, t, m).mulFloatWord { $0.mulAddFloat { $0.move { $0.jump() } } }
}

@c func fuseMulIntAddIntVectorGetReturnFirst(_ pc: Code, _ r: Registers, _ t: Table, _ m: RawMachine) {
  Frame(pc, r, t, m).mulInt { $0.addInt { $0.vectorGet { $0.returnFirst() } } }
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

@c func fuseSetFieldGetFieldIntToFloatDivFloatWordReturnFirst(_ pc: Code, _ r: Registers, _ t: Table, _ m: RawMachine) {
  Frame(pc, r, t, m).setField { $0.getField { $0.intToFloat { $0.divFloatWord { $0.returnFirst() } } } }
}

@c func fuseSetFieldGetFieldMulFieldFloatAddFloatSetFieldLoopCount(_ pc: Code, _ r: Registers, _ t: Table, _ m: RawMachine) {
  Frame(pc, r, t, m).setField { $0.getField { $0.mulFieldFloat { $0.addFloat { $0.setField { $0.loopCount() } } } } }
}

@c func fuseSetFieldPairSetFieldPairReturnNone(_ pc: Code, _ r: Registers, _ t: Table, _ m: RawMachine) {
  Frame(pc, r, t, m).setFieldPair { $0.setFieldPair { $0.returnNone() } }
}

@c func fuseSqrtFloatMulFloatDivFloat(_ pc: Code, _ r: Registers, _ t: Table, _ m: RawMachine) {
  Frame(pc, r, t, m).sqrtFloat { $0.mulFloat { $0.divFloat() } }
}

@c func fuseSqrtFloatMulFloatDivFloatMulFieldFloatMulFieldFloatFieldMulSubFloat(_ pc: Code, _ r: Registers, _ t: Table, _ m: RawMachine) {
  Frame(pc, r, t, m).sqrtFloat { $0.mulFloat { $0.divFloat { $0.mulFieldFloat { $0.mulFieldFloat { $0.fieldMulSubFloat() } } } } }
}

@c func fuseSubFloatWordMulFloatWordAddFloatAddFloatSetFieldPairReturnNone(_ pc: Code, _ r: Registers, _ t: Table, _ m: RawMachine) {
  Frame(pc, r, t, m).subFloatWord { $0.mulFloatWord { $0.addFloat { $0.addFloat { $0.setFieldPair { $0.returnNone() } } } } }
}

@c func fuseSubFloatWordMulFloatWordMoveCall(_ pc: Code, _ r: Registers, _ t: Table, _ m: RawMachine) {
  Frame(pc, r, t, m).subFloatWord { $0.mulFloatWord { $0.move { $0.call() } } }
}

@c func fuseSubIntLoopLt(_ pc: Code, _ r: Registers, _ t: Table, _ m: RawMachine) {
  Frame(pc, r, t, m).subInt { $0.loopLt() }
}

@c func fuseVectorGetAddIntImmMoveJumpLeInt(_ pc: Code, _ r: Registers, _ t: Table, _ m: RawMachine) {
  Frame(pc, r, t, m).vectorGet { $0.addIntImm { $0.move { $0.jumpLeInt() } } }
}

@c func fuseVectorGetGetFieldMulFieldFloatAddFloatSetField(_ pc: Code, _ r: Registers, _ t: Table, _ m: RawMachine) {
  Frame(pc, r, t, m).vectorGet { $0.getField { $0.mulFieldFloat { $0.addFloat { $0.setField() } } } }
}

@c func fuseVectorGetGetFieldSubFieldFloatGetFieldSubFieldFloat(_ pc: Code, _ r: Registers, _ t: Table, _ m: RawMachine) {
  Frame(pc, r, t, m).vectorGet { $0.getField { $0.subFieldFloat { $0.getField { $0.subFieldFloat() } } } }
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

@c func fuseVectorGetU8JumpFalseAddIntMulIntJumpLeInt(_ pc: Code, _ r: Registers, _ t: Table, _ m: RawMachine) {
  Frame(pc, r, t, m).vectorGetU8 { $0.jumpFalse { $0.addInt { $0.mulInt { $0.jumpLeInt() } } } }
}

@c func fuseVectorSetAddIntImmAddIntImmJumpLtInt(_ pc: Code, _ r: Registers, _ t: Table, _ m: RawMachine) {
  Frame(pc, r, t, m).vectorSet { $0.addIntImm { $0.addIntImm { $0.jumpLtInt() } } }
}

@c func fuseVectorSetVectorGetAddIntImmVectorSetVectorGetJumpLtInt(_ pc: Code, _ r: Registers, _ t: Table, _ m: RawMachine) {
  Frame(pc, r, t, m).vectorSet { $0.vectorGet { $0.addIntImm { $0.vectorSet { $0.vectorGet { $0.jumpLtInt() } } } } }
}

@c func fuseVectorSetU8ImmLoopAddLt(_ pc: Code, _ r: Registers, _ t: Table, _ m: RawMachine) {
  Frame(pc, r, t, m).vectorSetU8Imm { $0.loopAddLt() }
}

@c func fuseVectorSetU8ImmLoopAddLtLoopLt(_ pc: Code, _ r: Registers, _ t: Table, _ m: RawMachine) {
  Frame(pc, r, t, m).vectorSetU8Imm { $0.loopAddLt { $0.loopLt() } }
}

@c func fuseVectorSetU8ImmLoopLt(_ pc: Code, _ r: Registers, _ t: Table, _ m: RawMachine) {
  Frame(pc, r, t, m).vectorSetU8Imm { $0.loopLt() }
}
