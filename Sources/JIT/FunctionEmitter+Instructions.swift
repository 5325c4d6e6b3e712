// Instructions that compute, and jumps. Each does what its row in the opcode table says.

import Bytecode
import CLLVM
import Interpreter
import Runtime

extension FunctionEmitter {
  typealias Reach = (Int) -> IRBlock

  func emit(_ index: Int, _ step: Flow.Step, _ reach: Reach) {
    let it = step.instruction, a = it.a, b = it.b, c = it.c
    let immediate = ir.constant(it.signedC)
    func word() -> IRValue { ir.constant(word: step.extra) }
    func float() -> IRValue { ir.bitcast(word(), ir.double) }
    switch step.opcode {
    // Moves and constants
    case .move, .move2, .move3, .moveBlock: move(step.moves)
    case .movePair: for pair in step.moves { move([pair]) }
    case .clear: for i in 0..<max(0, it.imm32) { set(a + i, ir.constant(0)) }
    case .loadInt: set(a, ir.constant(it.imm32))
    case .loadWord: setWord(a, word(), before: index + 1)
    case .loadLiteral: set(a, ir.load(ir.word, ir.address(unit.addresses.literals + UInt(index32(it) * 8)), .literal))
    case .loadGlobal:
      guard let value = unit.constants[step.global] else { return load(a, global(it), .global, before: index + 1) }
      setWord(a, ir.constant(word: value), before: index + 1)
    case .storeGlobal: store(a, global(it), .global, before: index)
    case .storeGlobalRef: ir.store(get(a), global(it), .global)

    // Integers
    case .addInt: set(a, ir.add(get(b), get(c)))
    case .subInt: set(a, ir.sub(get(b), get(c)))
    case .mulInt: set(a, ir.mul(get(b), get(c)))
    case .divInt: divide(index, a, get(b), get(c)) { self.ir.sdiv($0, $1) } minusOne: { self.ir.sub(self.ir.constant(0), $0) }
    case .remInt: divide(index, a, get(b), get(c)) { self.ir.srem($0, $1) } minusOne: { _ in self.ir.constant(0) }
    case .negInt: set(a, ir.sub(ir.constant(0), get(b)))
    case .andInt: set(a, ir.and(get(b), get(c)))
    case .orInt: set(a, ir.or(get(b), get(c)))
    case .xorInt: set(a, ir.xor(get(b), get(c)))
    case .notInt: set(a, ir.xor(get(b), ir.constant(-1)))
    case .shlInt: set(a, ir.shl(get(b), ir.and(get(c), ir.constant(63))))
    case .shrInt: set(a, ir.ashr(get(b), ir.and(get(c), ir.constant(63))))
    case .ushrInt: set(a, ir.lshr(get(b), ir.and(get(c), ir.constant(63))))
    case .minInt: choose(a, LLVMIntSLT, b, c)
    case .maxInt: choose(a, LLVMIntSGT, b, c)
    case .minUInt: choose(a, LLVMIntULT, b, c)
    case .maxUInt: choose(a, LLVMIntUGT, b, c)
    case .absInt:
      let x = get(b)
      set(a, ir.select(ir.compare(LLVMIntSLT, x, ir.constant(0)), ir.sub(ir.constant(0), x), x))
    case .divUInt:
      let by = get(c)
      panicUnless(ir.compare(LLVMIntNE, by, ir.constant(0)), index)
      set(a, ir.udiv(get(b), by))
    case .remUInt:
      let by = get(c)
      panicUnless(ir.compare(LLVMIntNE, by, ir.constant(0)), index)
      set(a, ir.urem(get(b), by))
    case .addIntImm: set(a, ir.add(get(b), immediate))
    case .mulIntImm: set(a, ir.mul(get(b), immediate))
    case .divIntImm: set(a, ir.sdiv(get(b), immediate))
    case .remIntImm: set(a, ir.srem(get(b), immediate))
    case .andIntImm: set(a, ir.and(get(b), immediate))
    case .shlIntImm: set(a, ir.shl(get(b), ir.constant(it.signedC & 63)))
    case .shrIntImm: set(a, ir.ashr(get(b), ir.constant(it.signedC & 63)))
    case .ushrIntImm: set(a, ir.lshr(get(b), ir.constant(it.signedC & 63)))
    case .subFromImm: set(a, ir.sub(immediate, get(b)))
    case .signExtend8: set(a, ir.sext(ir.trunc(get(b), ir.byte), ir.word))
    case .signExtend16: set(a, ir.sext(ir.trunc(get(b), ir.half), ir.word))
    case .signExtend32: set(a, ir.sext(ir.trunc(get(b), ir.int32), ir.word))
    case .zeroExtend8: set(a, ir.and(get(b), ir.constant(0xFF)))
    case .zeroExtend16: set(a, ir.and(get(b), ir.constant(0xFFFF)))
    case .zeroExtend32: set(a, ir.and(get(b), ir.constant(0xFFFF_FFFF)))

    // Floats
    case .addFloat: setFloat(a, ir.fadd(getFloat(b), getFloat(c)))
    case .subFloat: setFloat(a, ir.fsub(getFloat(b), getFloat(c)))
    case .mulFloat: setFloat(a, ir.fmul(getFloat(b), getFloat(c)))
    case .divFloat: setFloat(a, ir.fdiv(getFloat(b), getFloat(c)))
    case .remFloat: setFloat(a, pure(unit.addresses.runtime.remainder, ir.double, [getFloat(b), getFloat(c)], [ir.double, ir.double]))
    case .negFloat: setFloat(a, ir.fneg(getFloat(b)))
    case .absFloat: setFloat(a, unary("llvm.fabs", getFloat(b)))
    case .sqrtFloat: setFloat(a, unary("llvm.sqrt", getFloat(b)))
    case .floorFloat: setFloat(a, unary("llvm.floor", getFloat(b)))
    case .ceilFloat: setFloat(a, unary("llvm.ceil", getFloat(b)))
    case .roundFloat: setFloat(a, unary("llvm.round", getFloat(b)))
    case .minFloat: chooseFloat(a, LLVMRealOLT, b, c) { self.ir.or($0, $1) }
    case .maxFloat: chooseFloat(a, LLVMRealOGT, b, c) { self.ir.and($0, $1) }
    case .roundToF32: setFloat(a, ir.floatCast(ir.floatCast(getFloat(b), ir.float), ir.double))
    case .addFloatWord: setFloat(a, ir.fadd(getFloat(b), float()))
    case .subFloatWord: setFloat(a, ir.fsub(getFloat(b), float()))
    case .mulFloatWord: setFloat(a, ir.fmul(getFloat(b), float()))
    case .divFloatWord: setFloat(a, ir.fdiv(getFloat(b), float()))
    case .subFromFloatWord: setFloat(a, ir.fsub(float(), getFloat(b)))
    case .divFloatByWord: setFloat(a, ir.fdiv(float(), getFloat(b)))
    case .mulAddFloat: setFloat(a, ir.fadd(getFloat(it.d), ir.fmul(getFloat(b), getFloat(c))))
    case .mulSubFloat: setFloat(a, ir.fsub(getFloat(it.d), ir.fmul(getFloat(b), getFloat(c))))
    case .intToFloat: setFloat(a, ir.sitofp(get(b)))
    case .uintToFloat: setFloat(a, ir.uitofp(get(b)))
    case .floatToInt: set(a, ir.intrinsic("llvm.fptosi.sat", ir.double, result: ir.word, [getFloat(b)], [ir.double]))
    case .floatToUInt: set(a, ir.intrinsic("llvm.fptoui.sat", ir.double, result: ir.word, [getFloat(b)], [ir.double]))

    // Comparisons into a register
    case .eqInt: compare(a, LLVMIntEQ, get(b), get(c))
    case .neInt: compare(a, LLVMIntNE, get(b), get(c))
    case .ltInt: compare(a, LLVMIntSLT, get(b), get(c))
    case .leInt: compare(a, LLVMIntSLE, get(b), get(c))
    case .ltUInt: compare(a, LLVMIntULT, get(b), get(c))
    case .leUInt: compare(a, LLVMIntULE, get(b), get(c))
    case .eqFloat: setBit(a, ir.compare(LLVMRealOEQ, getFloat(b), getFloat(c)))
    case .neFloat: setBit(a, ir.compare(LLVMRealUNE, getFloat(b), getFloat(c)))
    case .ltFloat: setBit(a, ir.compare(LLVMRealOLT, getFloat(b), getFloat(c)))
    case .leFloat: setBit(a, ir.compare(LLVMRealOLE, getFloat(b), getFloat(c)))
    case .not: set(a, ir.sub(ir.constant(1), get(b)))
    case .eqIntImm: compare(a, LLVMIntEQ, get(b), immediate)
    case .neIntImm: compare(a, LLVMIntNE, get(b), immediate)
    case .ltIntImm: compare(a, LLVMIntSLT, get(b), immediate)
    case .leIntImm: compare(a, LLVMIntSLE, get(b), immediate)
    case .gtIntImm: compare(a, LLVMIntSGT, get(b), immediate)
    case .geIntImm: compare(a, LLVMIntSGE, get(b), immediate)
    case .eqString:
      setBit(a, pure(unit.addresses.runtime.equalStrings, ir.bit, [get(b), get(c)], [ir.word, ir.word], reads: true))
    case .hashString: set(a, pure(unit.addresses.runtime.hashString, ir.word, [get(b)], [ir.word], reads: true))
    case .hashMix: set(a, mix(get(b), get(c)))

    // Jumps
    case .jump: ir.jump(reach(step.targets[0]))
    case .jumpTrue: jump(step, ir.compare(LLVMIntNE, get(a), ir.constant(0)), reach)
    case .jumpFalse: jump(step, ir.compare(LLVMIntEQ, get(a), ir.constant(0)), reach)
    case .jumpTable: ir.switch(get(a), way(step, to: step.at + step.count, reach), step.targets.map { way(step, to: $0, reach) })
    case .jumpEqInt: jump(step, ir.compare(LLVMIntEQ, get(a), get(b)), reach)
    case .jumpNeInt: jump(step, ir.compare(LLVMIntNE, get(a), get(b)), reach)
    case .jumpLtInt: jump(step, ir.compare(LLVMIntSLT, get(a), get(b)), reach)
    case .jumpLeInt: jump(step, ir.compare(LLVMIntSLE, get(a), get(b)), reach)
    case .jumpLtUInt: jump(step, ir.compare(LLVMIntULT, get(a), get(b)), reach)
    case .jumpLeUInt: jump(step, ir.compare(LLVMIntULE, get(a), get(b)), reach)
    case .jumpEqIntImm: jump(step, ir.compare(LLVMIntEQ, get(a), ir.constant(it.signedB)), reach)
    case .jumpNeIntImm: jump(step, ir.compare(LLVMIntNE, get(a), ir.constant(it.signedB)), reach)
    case .jumpLtIntImm: jump(step, ir.compare(LLVMIntSLT, get(a), ir.constant(it.signedB)), reach)
    case .jumpLeIntImm: jump(step, ir.compare(LLVMIntSLE, get(a), ir.constant(it.signedB)), reach)
    case .jumpGtIntImm: jump(step, ir.compare(LLVMIntSGT, get(a), ir.constant(it.signedB)), reach)
    case .jumpGeIntImm: jump(step, ir.compare(LLVMIntSGE, get(a), ir.constant(it.signedB)), reach)
    case .jumpEqFloat: jump(step, ir.compare(LLVMRealOEQ, getFloat(a), getFloat(b)), reach)
    case .jumpNeFloat: jump(step, ir.compare(LLVMRealUNE, getFloat(a), getFloat(b)), reach)
    case .jumpLtFloat: jump(step, ir.compare(LLVMRealOLT, getFloat(a), getFloat(b)), reach)
    case .jumpLeFloat: jump(step, ir.compare(LLVMRealOLE, getFloat(a), getFloat(b)), reach)
    case .jumpNotLtFloat: jump(step, ir.compare(LLVMRealUGE, getFloat(a), getFloat(b)), reach)
    case .jumpNotLeFloat: jump(step, ir.compare(LLVMRealUGT, getFloat(a), getFloat(b)), reach)
    case .loopLt: loop(step, ir.constant(it.signedD), reach) { self.ir.compare(LLVMIntSLT, $0, self.get(b)) }
    case .loopLtImm: loop(step, ir.constant(it.signedD), reach) { self.ir.compare(LLVMIntSLT, $0, self.ir.constant(it.signedB)) }
    case .loopAddLt: loop(step, get(it.d), reach) { self.ir.compare(LLVMIntSLT, $0, self.get(b)) }
    case .loopCount: loop(step, ir.constant(1), reach) { self.ir.compare(LLVMIntSLT, $0, self.count(of: self.getPointer(b))) }

    // Calls
    case .call: call(index, step, .slot(step.slot))
    case .callClosure: call(index, step, .closure(b))
    case .tailCall: tailCall(index, step, .slot(step.slot), reach)
    case .tailCallClosure: tailCall(index, step, .closure(b), reach)
    case .primitive: primitive(index, step)
    case .returnNone: finish(0, 0)
    case .returnFirst: finish(0, 1)
    case .return1: finish(a, 1)
    case .returnBlock: finish(a, b)

    // Objects and vectors
    case .newObject: newObject(index, step, isVector: false)
    case .newVector: newObject(index, step, isVector: true)
    case .getField: load(a, field(getPointer(b), c), .field(c), before: index + 1)
    case .getField2: getFields(index, a, b, c, 2)
    case .getFieldBlock: getFields(index, a, b, c, it.d)
    case .setField: store(b, field(getPointer(a), c), .field(c), before: index)
    case .setFieldRef: ir.store(get(b), field(getPointer(a), c), .field(c))
    case .setFieldPair:
      let object = getPointer(a)
      store(b, field(object, it.d), .field(it.d), before: index)
      store(c, field(object, it.d + 1), .field(it.d + 1), before: index)
    case .setFieldBlock:
      let object = getPointer(a)
      for i in 0..<it.d { store(b + i, field(object, c + i), .field(c + i), before: index) }
    case .addFieldFloat: setFloat(a, ir.fadd(getFloat(it.d), floatField(b, c)))
    case .subFieldFloat: setFloat(a, ir.fsub(getFloat(it.d), floatField(b, c)))
    case .mulFieldFloat: setFloat(a, ir.fmul(getFloat(it.d), floatField(b, c)))
    case .fieldAddFloat: updateField(a, c) { self.ir.fadd($0, self.getFloat(b)) }
    case .fieldSubFloat: updateField(a, c) { self.ir.fsub($0, self.getFloat(b)) }
    case .fieldMulAddFloat: updateField(a, it.d) { self.ir.fadd($0, self.ir.fmul(self.getFloat(b), self.getFloat(c))) }
    case .fieldMulSubFloat: updateField(a, it.d) { self.ir.fsub($0, self.ir.fmul(self.getFloat(b), self.getFloat(c))) }
    case .fieldAddIntImm:
      let place = field(getPointer(a), c)
      ir.store(ir.add(ir.load(ir.word, place, .field(c)), ir.constant(it.signedB)), place, .field(c))
    case .vectorCount: set(a, count(of: getPointer(b)))
    case .vectorGet, .vectorGetBlock, .vectorGetWord, .vectorGetU8, .vectorGetPacked: vectorGet(index, step)
    case .vectorSet, .vectorSetRef, .vectorSetBlock, .vectorSetU8, .vectorSetPacked, .vectorSetU8Imm: vectorSet(index, step)
    case .vectorPush: vectorPush(index, step)
    case .vectorPop: vectorPop(index, step)
    case .checkStale:
      let row = descriptorRow(getPointer(a))
      let isStale = ir.load(ir.byte, ir.offset(row, bytes: FieldOffset.isStale), .machine)
      panicUnless(ir.compare(LLVMIntEQ, isStale, ir.constant(0, ir.byte)), index)

    // The handler raises the panic.
    case .panic, .trap: ir.jump(panicExit(index))
    case .halt, .enterRestart, .leaveRestart, .boundary, .pause: ir.jump(exit(index))
    }
  }

  /// A word of either form into a register, in that which it has in front of a step.
  private func setWord(_ register: Int, _ word: IRValue, before step: Int) {
    if this.floats?.isFloat(register, before: step) == true { setFloat(register, ir.bitcast(word, ir.double)) } else { set(register, word) }
  }

  func index32(_ it: Instruction) -> Int { Int(UInt32(truncatingIfNeeded: it.imm32)) }
  private func global(_ it: Instruction) -> IRValue { ir.address(unit.addresses.globals + UInt(index32(it) * 8)) }

  // MARK: Arithmetic

  private func unary(_ name: String, _ x: IRValue) -> IRValue { ir.intrinsic(name, ir.double, result: ir.double, [x], [ir.double]) }

  private func choose(_ a: Int, _ predicate: LLVMIntPredicate, _ b: Int, _ c: Int) {
    let x = get(b), y = get(c)
    set(a, ir.select(ir.compare(predicate, x, y), x, y))
  }

  /// A nan in either operand gives a nan; -0 counts as less than 0, which `ofEqual` settles on the bits.
  private func chooseFloat(_ a: Int, _ predicate: LLVMRealPredicate, _ b: Int, _ c: Int, ofEqual: (IRValue, IRValue) -> IRValue) {
    let x = getFloat(b), y = getFloat(c)
    let equal = ir.bitcast(ofEqual(ir.bitcast(x, ir.word), ir.bitcast(y, ir.word)), ir.double)
    let other = ir.select(ir.compare(LLVMRealOEQ, x, y), equal, ir.fadd(x, y))
    setFloat(a, ir.select(ir.compare(predicate, x, y), x, ir.select(ir.compare(predicate, y, x), y, other)))
  }

  private func compare(_ a: Int, _ predicate: LLVMIntPredicate, _ x: IRValue, _ y: IRValue) { setBit(a, ir.compare(predicate, x, y)) }

  /// Zero panics; -1 wraps, where the host's division would trap.
  private func divide(
    _ index: Int, _ a: Int, _ x: IRValue, _ y: IRValue, _ op: (IRValue, IRValue) -> IRValue, minusOne: (IRValue) -> IRValue
  ) {
    panicUnless(ir.compare(LLVMIntNE, y, ir.constant(0)), index)
    let isMinusOne = ir.compare(LLVMIntEQ, y, ir.constant(-1))
    let quotient = op(x, ir.select(isMinusOne, ir.constant(1), y))
    set(a, ir.select(isMinusOne, minusOne(x), quotient))
  }

  /// As `Hash.mix`.
  private func mix(_ hash: IRValue, _ value: IRValue) -> IRValue {
    let x = ir.xor(hash, ir.constant(word: Hash.mixKeys.0)), y = ir.xor(value, ir.constant(word: Hash.mixKeys.1))
    let product = ir.mul(ir.zext(x, ir.wide), ir.zext(y, ir.wide))
    let high = ir.trunc(ir.lshr(product, ir.zext(ir.constant(64), ir.wide)), ir.word)
    let folded = ir.mul(ir.xor(high, ir.trunc(product, ir.word)), ir.constant(word: Hash.mixKeys.2))
    return ir.xor(folded, ir.lshr(folded, ir.constant(32)))
  }

  // MARK: Jumps

  private func jump(_ step: Flow.Step, _ condition: IRValue, _ reach: Reach) {
    let target = step.targets[0], next = step.at + step.count
    ir.branch(condition, way(step, to: target, reach), way(step, to: next, reach), weights: this.profile?.count(from: step.at, to: target))
  }

  /// Adds to R[A] and jumps while `holds`.
  private func loop(_ step: Flow.Step, _ by: IRValue, _ reach: Reach, _ holds: (IRValue) -> IRValue) {
    let sum = ir.add(get(step.instruction.a), by)
    set(step.instruction.a, sum)
    jump(step, holds(sum), reach)
  }
}
