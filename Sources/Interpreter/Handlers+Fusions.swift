// One handler for each fusion: the steps of its parts, one inside the other.

import Runtime

@c func fuseAddFloatLoadWordJumpNotLtFloat(_ pc: Code, _ r: Registers, _ t: Table, _ m: RawMachine) {
  Frame(pc, r, t, m).addFloat { $0.loadWord { $0.jumpNotLtFloat() } }
}

@c func fuseAddFloatMulFloatWord(_ pc: Code, _ r: Registers, _ t: Table, _ m: RawMachine) {
  Frame(pc, r, t, m).addFloat { $0.mulFloatWord() }
}

@c func fuseAddIntAddIntAddIntImm(_ pc: Code, _ r: Registers, _ t: Table, _ m: RawMachine) {
  Frame(pc, r, t, m).addInt { $0.addInt { $0.addIntImm() } }
}

@c func fuseAddIntAddIntCall(_ pc: Code, _ r: Registers, _ t: Table, _ m: RawMachine) {
  Frame(pc, r, t, m).addInt { $0.addInt { $0.call() } }
}

@c func fuseAddIntAddIntImm(_ pc: Code, _ r: Registers, _ t: Table, _ m: RawMachine) {
  Frame(pc, r, t, m).addInt { $0.addIntImm() }
}

@c func fuseAddIntJumpLeInt(_ pc: Code, _ r: Registers, _ t: Table, _ m: RawMachine) {
  Frame(pc, r, t, m).addInt { $0.jumpLeInt() }
}

@c func fuseAddIntJumpLtInt(_ pc: Code, _ r: Registers, _ t: Table, _ m: RawMachine) {
  Frame(pc, r, t, m).addInt { $0.jumpLtInt() }
}

@c func fuseAddIntLoadInt(_ pc: Code, _ r: Registers, _ t: Table, _ m: RawMachine) {
  Frame(pc, r, t, m).addInt { $0.loadInt() }
}

@c func fuseAddIntLoadIntRemInt(_ pc: Code, _ r: Registers, _ t: Table, _ m: RawMachine) {
  Frame(pc, r, t, m).addInt { $0.loadInt { $0.remInt() } }
}

@c func fuseAddIntRemInt(_ pc: Code, _ r: Registers, _ t: Table, _ m: RawMachine) {
  Frame(pc, r, t, m).addInt { $0.remInt() }
}

@c func fuseAddIntRemIntReturn1(_ pc: Code, _ r: Registers, _ t: Table, _ m: RawMachine) {
  Frame(pc, r, t, m).addInt { $0.remInt { $0.return1() } }
}

@c func fuseAddIntReturn1(_ pc: Code, _ r: Registers, _ t: Table, _ m: RawMachine) {
  Frame(pc, r, t, m).addInt { $0.return1() }
}

@c func fuseAddIntImmCall(_ pc: Code, _ r: Registers, _ t: Table, _ m: RawMachine) {
  Frame(pc, r, t, m).addIntImm { $0.call() }
}

@c func fuseAddIntImmJumpLtInt(_ pc: Code, _ r: Registers, _ t: Table, _ m: RawMachine) {
  Frame(pc, r, t, m).addIntImm { $0.jumpLtInt() }
}

@c func fuseAddIntImmJumpLtIntImm(_ pc: Code, _ r: Registers, _ t: Table, _ m: RawMachine) {
  Frame(pc, r, t, m).addIntImm { $0.jumpLtIntImm() }
}

@c func fuseAddIntImmLoadIntVectorGetJumpNeIntImm(_ pc: Code, _ r: Registers, _ t: Table, _ m: RawMachine) {
  Frame(pc, r, t, m).addIntImm { $0.loadInt { $0.vectorGet { $0.jumpNeIntImm() } } }
}

@c func fuseAddIntImmSubFloat(_ pc: Code, _ r: Registers, _ t: Table, _ m: RawMachine) {
  Frame(pc, r, t, m).addIntImm { $0.subFloat() }
}

@c func fuseAddIntImmSubFloatAddFloatMulFloatWord(_ pc: Code, _ r: Registers, _ t: Table, _ m: RawMachine) {
  Frame(pc, r, t, m).addIntImm { $0.subFloat { $0.addFloat { $0.mulFloatWord() } } }
}

@c func fuseAddIntImmVectorCountJumpLtInt(_ pc: Code, _ r: Registers, _ t: Table, _ m: RawMachine) {
  Frame(pc, r, t, m).addIntImm { $0.vectorCount { $0.jumpLtInt() } }
}

@c func fuseGetFieldAddIntImmSetField(_ pc: Code, _ r: Registers, _ t: Table, _ m: RawMachine) {
  Frame(pc, r, t, m).getField { $0.addIntImm { $0.setField() } }
}

@c func fuseGetFieldCall(_ pc: Code, _ r: Registers, _ t: Table, _ m: RawMachine) {
  Frame(pc, r, t, m).getField { $0.call() }
}

@c func fuseGetFieldGetField(_ pc: Code, _ r: Registers, _ t: Table, _ m: RawMachine) {
  Frame(pc, r, t, m).getField { $0.getField() }
}

@c func fuseGetFieldGetFieldSubFloat(_ pc: Code, _ r: Registers, _ t: Table, _ m: RawMachine) {
  Frame(pc, r, t, m).getField { $0.getField { $0.subFloat() } }
}

@c func fuseGetFieldJumpNeIntImm(_ pc: Code, _ r: Registers, _ t: Table, _ m: RawMachine) {
  Frame(pc, r, t, m).getField { $0.jumpNeIntImm() }
}

@c func fuseGetFieldLoadGlobalMulFloat(_ pc: Code, _ r: Registers, _ t: Table, _ m: RawMachine) {
  Frame(pc, r, t, m).getField { $0.loadGlobal { $0.mulFloat() } }
}

@c func fuseGetFieldLoadWordJumpLtFloatGetField(_ pc: Code, _ r: Registers, _ t: Table, _ m: RawMachine) {
  Frame(pc, r, t, m).getField { $0.loadWord { $0.jumpLtFloat { $0.getField() } } }
}

@c func fuseGetFieldMove(_ pc: Code, _ r: Registers, _ t: Table, _ m: RawMachine) {
  Frame(pc, r, t, m).getField { $0.move() }
}

@c func fuseGetFieldMoveGetFieldCall(_ pc: Code, _ r: Registers, _ t: Table, _ m: RawMachine) {
  Frame(pc, r, t, m).getField { $0.move { $0.getField { $0.call() } } }
}

@c func fuseGetFieldMulFloatAddFloatSetField(_ pc: Code, _ r: Registers, _ t: Table, _ m: RawMachine) {
  Frame(pc, r, t, m).getField { $0.mulFloat { $0.addFloat { $0.setField() } } }
}

@c func fuseGetFieldVectorCountMulIntImmAddIntImm(_ pc: Code, _ r: Registers, _ t: Table, _ m: RawMachine) {
  Frame(pc, r, t, m).getField { $0.vectorCount { $0.mulIntImm { $0.addIntImm() } } }
}

@c func fuseGetField2Move2Move2(_ pc: Code, _ r: Registers, _ t: Table, _ m: RawMachine) {
  Frame(pc, r, t, m).getField2 { $0.move2 { $0.move2() } }
}

@c func fuseIntToFloatDivFloatByWord(_ pc: Code, _ r: Registers, _ t: Table, _ m: RawMachine) {
  Frame(pc, r, t, m).intToFloat { $0.divFloatByWord() }
}

@c func fuseIntToFloatDivFloatByWordReturn1(_ pc: Code, _ r: Registers, _ t: Table, _ m: RawMachine) {
  Frame(pc, r, t, m).intToFloat { $0.divFloatByWord { $0.return1() } }
}

@c func fuseIntToFloatDivFloatWordReturn1(_ pc: Code, _ r: Registers, _ t: Table, _ m: RawMachine) {
  Frame(pc, r, t, m).intToFloat { $0.divFloatWord { $0.return1() } }
}

@c func fuseJumpEqIntJumpEqIntSubInt(_ pc: Code, _ r: Registers, _ t: Table, _ m: RawMachine) {
  Frame(pc, r, t, m).jumpEqInt { $0.jumpEqInt { $0.subInt() } }
}

@c func fuseJumpGeIntImmReturn1(_ pc: Code, _ r: Registers, _ t: Table, _ m: RawMachine) {
  Frame(pc, r, t, m).jumpGeIntImm { $0.return1() }
}

@c func fuseJumpLtIntImmVectorCountJumpLeInt(_ pc: Code, _ r: Registers, _ t: Table, _ m: RawMachine) {
  Frame(pc, r, t, m).jumpLtIntImm { $0.vectorCount { $0.jumpLeInt() } }
}

@c func fuseJumpNeIntImmLoadLiteralReturn1(_ pc: Code, _ r: Registers, _ t: Table, _ m: RawMachine) {
  Frame(pc, r, t, m).jumpNeIntImm { $0.loadLiteral { $0.return1() } }
}

@c func fuseLoadGlobalJumpEqInt(_ pc: Code, _ r: Registers, _ t: Table, _ m: RawMachine) {
  Frame(pc, r, t, m).loadGlobal { $0.jumpEqInt() }
}

@c func fuseLoadGlobalJumpNotLtFloat(_ pc: Code, _ r: Registers, _ t: Table, _ m: RawMachine) {
  Frame(pc, r, t, m).loadGlobal { $0.jumpNotLtFloat() }
}

@c func fuseLoadGlobalLoadGlobalMulFloatJumpNotLtFloat(_ pc: Code, _ r: Registers, _ t: Table, _ m: RawMachine) {
  Frame(pc, r, t, m).loadGlobal { $0.loadGlobal { $0.mulFloat { $0.jumpNotLtFloat() } } }
}

@c func fuseLoadIntJump(_ pc: Code, _ r: Registers, _ t: Table, _ m: RawMachine) {
  Frame(pc, r, t, m).loadInt { $0.jump() }
}

@c func fuseLoadIntLoadIntVectorGetJump(_ pc: Code, _ r: Registers, _ t: Table, _ m: RawMachine) {
  Frame(pc, r, t, m).loadInt { $0.loadInt { $0.vectorGet { $0.jump() } } }
}

@c func fuseLoadIntReturn1(_ pc: Code, _ r: Registers, _ t: Table, _ m: RawMachine) {
  Frame(pc, r, t, m).loadInt { $0.return1() }
}

@c func fuseLoadIntSetField(_ pc: Code, _ r: Registers, _ t: Table, _ m: RawMachine) {
  Frame(pc, r, t, m).loadInt { $0.setField() }
}

@c func fuseLoadIntVectorGet(_ pc: Code, _ r: Registers, _ t: Table, _ m: RawMachine) {
  Frame(pc, r, t, m).loadInt { $0.vectorGet() }
}

@c func fuseLoadIntVectorGetJumpNeIntImm(_ pc: Code, _ r: Registers, _ t: Table, _ m: RawMachine) {
  Frame(pc, r, t, m).loadInt { $0.vectorGet { $0.jumpNeIntImm() } }
}

@c func fuseLoadIntVectorSetU8(_ pc: Code, _ r: Registers, _ t: Table, _ m: RawMachine) {
  Frame(pc, r, t, m).loadInt { $0.vectorSetU8() }
}

@c func fuseLoadIntVectorSetU8AddIntJumpLtInt(_ pc: Code, _ r: Registers, _ t: Table, _ m: RawMachine) {
  Frame(pc, r, t, m).loadInt { $0.vectorSetU8 { $0.addInt { $0.jumpLtInt() } } }
}

@c func fuseLoadIntVectorSetU8AddIntImmJumpLtInt(_ pc: Code, _ r: Registers, _ t: Table, _ m: RawMachine) {
  Frame(pc, r, t, m).loadInt { $0.vectorSetU8 { $0.addIntImm { $0.jumpLtInt() } } }
}

@c func fuseLoadWordJumpNotLtFloat(_ pc: Code, _ r: Registers, _ t: Table, _ m: RawMachine) {
  Frame(pc, r, t, m).loadWord { $0.jumpNotLtFloat() }
}

@c func fuseMoveCall(_ pc: Code, _ r: Registers, _ t: Table, _ m: RawMachine) {
  Frame(pc, r, t, m).move { $0.call() }
}

@c func fuseMoveJump(_ pc: Code, _ r: Registers, _ t: Table, _ m: RawMachine) {
  Frame(pc, r, t, m).move { $0.jump() }
}

@c func fuseMoveJumpLeIntMove(_ pc: Code, _ r: Registers, _ t: Table, _ m: RawMachine) {
  Frame(pc, r, t, m).move { $0.jumpLeInt { $0.move() } }
}

@c func fuseMoveLoadLiteral(_ pc: Code, _ r: Registers, _ t: Table, _ m: RawMachine) {
  Frame(pc, r, t, m).move { $0.loadLiteral() }
}

@c func fuseMoveMove(_ pc: Code, _ r: Registers, _ t: Table, _ m: RawMachine) {
  Frame(pc, r, t, m).move { $0.move() }
}

@c func fuseMoveMoveCall(_ pc: Code, _ r: Registers, _ t: Table, _ m: RawMachine) {
  Frame(pc, r, t, m).move { $0.move { $0.call() } }
}

@c func fuseMoveMoveMoveCall(_ pc: Code, _ r: Registers, _ t: Table, _ m: RawMachine) {
  Frame(pc, r, t, m).move { $0.move { $0.move { $0.call() } } }
}

@c func fuseMoveMoveSetFieldBlock(_ pc: Code, _ r: Registers, _ t: Table, _ m: RawMachine) {
  Frame(pc, r, t, m).move { $0.move { $0.setFieldBlock() } }
}

@c func fuseMoveReturn1(_ pc: Code, _ r: Registers, _ t: Table, _ m: RawMachine) {
  Frame(pc, r, t, m).move { $0.return1() }
}

@c func fuseMulFloatAddFloat(_ pc: Code, _ r: Registers, _ t: Table, _ m: RawMachine) {
  Frame(pc, r, t, m).mulFloat { $0.addFloat() }
}

@c func fuseMulFloatAddFloatMoveJump(_ pc: Code, _ r: Registers, _ t: Table, _ m: RawMachine) {
  Frame(pc, r, t, m).mulFloat { $0.addFloat { $0.move { $0.jump() } } }
}

@c func fuseMulFloatAddFloatSetField(_ pc: Code, _ r: Registers, _ t: Table, _ m: RawMachine) {
  Frame(pc, r, t, m).mulFloat { $0.addFloat { $0.setField() } }
}

@c func fuseMulFloatGetField(_ pc: Code, _ r: Registers, _ t: Table, _ m: RawMachine) {
  Frame(pc, r, t, m).mulFloat { $0.getField() }
}

@c func fuseMulFloatMulFloat(_ pc: Code, _ r: Registers, _ t: Table, _ m: RawMachine) {
  Frame(pc, r, t, m).mulFloat { $0.mulFloat() }
}

@c func fuseMulFloatMulFloatAddFloat(_ pc: Code, _ r: Registers, _ t: Table, _ m: RawMachine) {
  Frame(pc, r, t, m).mulFloat { $0.mulFloat { $0.addFloat() } }
}

@c func fuseMulFloatMulFloatLoadGlobalJumpEqInt(_ pc: Code, _ r: Registers, _ t: Table, _ m: RawMachine) {
  Frame(pc, r, t, m).mulFloat { $0.mulFloat { $0.loadGlobal { $0.jumpEqInt() } } }
}

@c func fuseMulFloatSubFloat(_ pc: Code, _ r: Registers, _ t: Table, _ m: RawMachine) {
  Frame(pc, r, t, m).mulFloat { $0.subFloat() }
}

@c func fuseMulFloatSubFloatSetFieldGetField(_ pc: Code, _ r: Registers, _ t: Table, _ m: RawMachine) {
  Frame(pc, r, t, m).mulFloat { $0.subFloat { $0.setField { $0.getField() } } }
}

@c func fuseMulIntAddInt(_ pc: Code, _ r: Registers, _ t: Table, _ m: RawMachine) {
  Frame(pc, r, t, m).mulInt { $0.addInt() }
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

@c func fuseSetFieldGetField(_ pc: Code, _ r: Registers, _ t: Table, _ m: RawMachine) {
  Frame(pc, r, t, m).setField { $0.getField() }
}

@c func fuseSqrtFloatMulFloatDivFloat(_ pc: Code, _ r: Registers, _ t: Table, _ m: RawMachine) {
  Frame(pc, r, t, m).sqrtFloat { $0.mulFloat { $0.divFloat() } }
}

@c func fuseSubFloatWordMulFloatWordAddFloatAddFloat(_ pc: Code, _ r: Registers, _ t: Table, _ m: RawMachine) {
  Frame(pc, r, t, m).subFloatWord { $0.mulFloatWord { $0.addFloat { $0.addFloat() } } }
}

@c func fuseSubIntAddIntImmJumpLtInt(_ pc: Code, _ r: Registers, _ t: Table, _ m: RawMachine) {
  Frame(pc, r, t, m).subInt { $0.addIntImm { $0.jumpLtInt() } }
}

@c func fuseVectorCountJumpLtInt(_ pc: Code, _ r: Registers, _ t: Table, _ m: RawMachine) {
  Frame(pc, r, t, m).vectorCount { $0.jumpLtInt() }
}

@c func fuseVectorGetGetFieldGetFieldSubFloat(_ pc: Code, _ r: Registers, _ t: Table, _ m: RawMachine) {
  Frame(pc, r, t, m).vectorGet { $0.getField { $0.getField { $0.subFloat() } } }
}

@c func fuseVectorGetJumpFalse(_ pc: Code, _ r: Registers, _ t: Table, _ m: RawMachine) {
  Frame(pc, r, t, m).vectorGet { $0.jumpFalse() }
}

@c func fuseVectorGetMulFloatAddFloat(_ pc: Code, _ r: Registers, _ t: Table, _ m: RawMachine) {
  Frame(pc, r, t, m).vectorGet { $0.mulFloat { $0.addFloat() } }
}

@c func fuseVectorGetVectorGetVectorSet(_ pc: Code, _ r: Registers, _ t: Table, _ m: RawMachine) {
  Frame(pc, r, t, m).vectorGet { $0.vectorGet { $0.vectorSet() } }
}

@c func fuseVectorGetVectorSet(_ pc: Code, _ r: Registers, _ t: Table, _ m: RawMachine) {
  Frame(pc, r, t, m).vectorGet { $0.vectorSet() }
}

@c func fuseVectorGetVectorSetAddIntImmJumpLtInt(_ pc: Code, _ r: Registers, _ t: Table, _ m: RawMachine) {
  Frame(pc, r, t, m).vectorGet { $0.vectorSet { $0.addIntImm { $0.jumpLtInt() } } }
}

@c func fuseVectorGetU8JumpFalse(_ pc: Code, _ r: Registers, _ t: Table, _ m: RawMachine) {
  Frame(pc, r, t, m).vectorGetU8 { $0.jumpFalse() }
}

@c func fuseVectorGetU8Return1(_ pc: Code, _ r: Registers, _ t: Table, _ m: RawMachine) {
  Frame(pc, r, t, m).vectorGetU8 { $0.return1() }
}

@c func fuseVectorSetAddIntImm(_ pc: Code, _ r: Registers, _ t: Table, _ m: RawMachine) {
  Frame(pc, r, t, m).vectorSet { $0.addIntImm() }
}

@c func fuseVectorSetAddIntImmAddIntImmJumpLtInt(_ pc: Code, _ r: Registers, _ t: Table, _ m: RawMachine) {
  Frame(pc, r, t, m).vectorSet { $0.addIntImm { $0.addIntImm { $0.jumpLtInt() } } }
}

@c func fuseVectorSetVectorGetAddIntImmVectorSet(_ pc: Code, _ r: Registers, _ t: Table, _ m: RawMachine) {
  Frame(pc, r, t, m).vectorSet { $0.vectorGet { $0.addIntImm { $0.vectorSet() } } }
}
