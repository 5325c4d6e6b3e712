// Fusions: sequences of instructions that one handler executes, which saves the dispatches between
// them. Measured over the benchmark programs: half the dispatches and 10 % of the time with the first 60, and
// 3 % more with the rest and with results going straight to R[0].
//
// A fusion changes nothing but the opcode byte of its first instruction; the others stay where they
// are and work alone. So every operand is where its instruction has it, a jump into the middle runs
// the rest, and a return address, a position or a trace means the same word as before. Fused code is
// only what is installed for the interpreter: verifier and translators see `Opcode`s alone.
//
//     ┌ mulFloatAddFloat A B C ┬ addFloat A B C ┬ …       one dispatch instead of two
//
// Chosen by counting what saves most dispatches in the benchmark programs and the larger file tests.

public enum Fusion: UInt8, CaseIterable, Sendable {
  case addIntAddIntAddIntImm = 174
  case addIntAddIntImm
  case addIntJumpLeInt
  case addIntLoadInt
  case addIntLoadIntRemInt
  case addIntRemIntReturnFirst
  case addIntReturnFirst
  case addIntImmAddIntImm
  case addIntImmCall
  case addIntImmLoadIntVectorGetJumpNeIntImm
  case addIntImmSubFloat
  case addIntImmSubFloatAddFloat
  case fieldMulAddFloatFieldMulAddFloatLoopLt
  case fieldMulSubFloatFieldMulSubFloatFieldMulAddFloat
  case fieldMulSubFloatFieldMulSubFloatFieldMulAddFloatFieldMulAddFloatFieldMulAddFloatLoopLt
  case getFieldCall
  case getFieldGetField
  case getFieldJumpLeIntImmFieldAddIntImmReturnNone
  case getFieldJumpNeIntImm
  case getFieldLoadGlobalMulAddFloat
  case getFieldLoadGlobalMulAddFloatGetFieldLoadGlobalMulAddFloat
  case getFieldMoveGetFieldCall
  case getFieldMulFieldFloatAddFloat
  case getFieldMulFieldFloatAddFloatSetField
  case getFieldMulIntImmLoadIntAddIntLoadIntRemInt
  case getFieldSubFieldFloat
  case getFieldSubFieldFloatMulFloatMulAddFloatMulAddFloat
  case getField2GetFieldJumpNeIntImmMoveCall
  case intToFloatDivFloatByWord
  case intToFloatDivFloatByWordReturnFirst
  case jumpGeIntImmReturnFirst
  case loadGlobalJumpEqInt
  case loadGlobalJumpEqIntAddFloat
  case loadGlobalJumpNotLtFloat
  case loadIntLoadGlobalJumpLeInt
  case loadIntLoadIntVectorGetJumpLeInt
  case loadIntReturnFirst
  case loadIntVectorGet
  case loadIntVectorGetLoadIntMoveJumpLeIntAddIntImm
  case loadWordJumpNotLtFloat
  case moveAddIntAddIntCall
  case moveCall
  case moveJump
  case moveLoadInt
  case moveLoadLiteral
  case movePairCall
  case movePairMoveCall
  case mulAddFloatLoopLt
  case mulFieldFloatMulFieldFloatFieldMulSubFloat
  case mulFloatMulAddFloatLoadGlobalLoadGlobalMulFloatJumpNotLtFloat
  case mulFloatMulAddFloatMulAddFloat
  case mulFloatMulFloat
  case mulFloatMulFloatLoadGlobalJumpEqIntAddFloat
  case mulFloatWordMulAddFloat
  case mulFloatWordMulAddFloatMoveJump
  case mulIntAddIntVectorGetReturnFirst
  case mulIntDivIntImm
  case mulIntDivIntImmAddIntAddIntImm
  case mulIntImmLoadInt
  case setFieldGetFieldIntToFloatDivFloatWord
  case setFieldGetFieldIntToFloatDivFloatWordReturnFirst
  case setFieldGetFieldMulFieldFloatAddFloatSetFieldLoopCount
  case setFieldPairSetFieldPairReturnNone
  case sqrtFloatMulFloatDivFloat
  case sqrtFloatMulFloatDivFloatMulFieldFloatMulFieldFloatFieldMulSubFloat
  case subFloatWordMulFloatWordAddFloatAddFloatSetFieldPairReturnNone
  case subFloatWordMulFloatWordMoveCall
  case subIntLoopLt
  case vectorGetAddIntImmMoveJumpLeInt
  case vectorGetGetFieldMulFieldFloatAddFloatSetField
  case vectorGetGetFieldSubFieldFloatGetFieldSubFieldFloat
  case vectorGetMulAddFloatLoopLt
  case vectorGetVectorGetVectorSet
  case vectorGetVectorSet
  case vectorGetVectorSetLoopLt
  case vectorGetU8JumpFalse
  case vectorGetU8JumpFalseAddIntMulIntJumpLeInt
  case vectorSetAddIntImmAddIntImmJumpLtInt
  case vectorSetVectorGetAddIntImmVectorSetVectorGetJumpLtInt
  case vectorSetU8ImmLoopAddLt
  case vectorSetU8ImmLoopAddLtLoopLt
  case vectorSetU8ImmLoopLt

  /// The instructions it stands for, in order.
  public var parts: [Opcode] {
    switch self {
    case .addIntAddIntAddIntImm: [.addInt, .addInt, .addIntImm]
    case .addIntAddIntImm: [.addInt, .addIntImm]
    case .addIntJumpLeInt: [.addInt, .jumpLeInt]
    case .addIntLoadInt: [.addInt, .loadInt]
    case .addIntLoadIntRemInt: [.addInt, .loadInt, .remInt]
    case .addIntRemIntReturnFirst: [.addInt, .remInt, .returnFirst]
    case .addIntReturnFirst: [.addInt, .returnFirst]
    case .addIntImmAddIntImm: [.addIntImm, .addIntImm]
    case .addIntImmCall: [.addIntImm, .call]
    case .addIntImmLoadIntVectorGetJumpNeIntImm: [.addIntImm, .loadInt, .vectorGet, .jumpNeIntImm]
    case .addIntImmSubFloat: [.addIntImm, .subFloat]
    case .addIntImmSubFloatAddFloat: [.addIntImm, .subFloat, .addFloat]
    case .fieldMulAddFloatFieldMulAddFloatLoopLt: [.fieldMulAddFloat, .fieldMulAddFloat, .loopLt]
    case .fieldMulSubFloatFieldMulSubFloatFieldMulAddFloat: [.fieldMulSubFloat, .fieldMulSubFloat, .fieldMulAddFloat]
    case .fieldMulSubFloatFieldMulSubFloatFieldMulAddFloatFieldMulAddFloatFieldMulAddFloatLoopLt: [.fieldMulSubFloat, .fieldMulSubFloat, .fieldMulAddFloat, .fieldMulAddFloat, .fieldMulAddFloat, .loopLt]
    case .getFieldCall: [.getField, .call]
    case .getFieldGetField: [.getField, .getField]
    case .getFieldJumpLeIntImmFieldAddIntImmReturnNone: [.getField, .jumpLeIntImm, .fieldAddIntImm, .returnNone]
    case .getFieldJumpNeIntImm: [.getField, .jumpNeIntImm]
    case .getFieldLoadGlobalMulAddFloat: [.getField, .loadGlobal, .mulAddFloat]
    case .getFieldLoadGlobalMulAddFloatGetFieldLoadGlobalMulAddFloat: [.getField, .loadGlobal, .mulAddFloat, .getField, .loadGlobal, .mulAddFloat]
    case .getFieldMoveGetFieldCall: [.getField, .move, .getField, .call]
    case .getFieldMulFieldFloatAddFloat: [.getField, .mulFieldFloat, .addFloat]
    case .getFieldMulFieldFloatAddFloatSetField: [.getField, .mulFieldFloat, .addFloat, .setField]
    case .getFieldMulIntImmLoadIntAddIntLoadIntRemInt: [.getField, .mulIntImm, .loadInt, .addInt, .loadInt, .remInt]
    case .getFieldSubFieldFloat: [.getField, .subFieldFloat]
    case .getFieldSubFieldFloatMulFloatMulAddFloatMulAddFloat: [.getField, .subFieldFloat, .mulFloat, .mulAddFloat, .mulAddFloat]
    case .getField2GetFieldJumpNeIntImmMoveCall: [.getField2, .getField, .jumpNeIntImm, .move, .call]
    case .intToFloatDivFloatByWord: [.intToFloat, .divFloatByWord]
    case .intToFloatDivFloatByWordReturnFirst: [.intToFloat, .divFloatByWord, .returnFirst]
    case .jumpGeIntImmReturnFirst: [.jumpGeIntImm, .returnFirst]
    case .loadGlobalJumpEqInt: [.loadGlobal, .jumpEqInt]
    case .loadGlobalJumpEqIntAddFloat: [.loadGlobal, .jumpEqInt, .addFloat]
    case .loadGlobalJumpNotLtFloat: [.loadGlobal, .jumpNotLtFloat]
    case .loadIntLoadGlobalJumpLeInt: [.loadInt, .loadGlobal, .jumpLeInt]
    case .loadIntLoadIntVectorGetJumpLeInt: [.loadInt, .loadInt, .vectorGet, .jumpLeInt]
    case .loadIntReturnFirst: [.loadInt, .returnFirst]
    case .loadIntVectorGet: [.loadInt, .vectorGet]
    case .loadIntVectorGetLoadIntMoveJumpLeIntAddIntImm: [.loadInt, .vectorGet, .loadInt, .move, .jumpLeInt, .addIntImm]
    case .loadWordJumpNotLtFloat: [.loadWord, .jumpNotLtFloat]
    case .moveAddIntAddIntCall: [.move, .addInt, .addInt, .call]
    case .moveCall: [.move, .call]
    case .moveJump: [.move, .jump]
    case .moveLoadInt: [.move, .loadInt]
    case .moveLoadLiteral: [.move, .loadLiteral]
    case .movePairCall: [.movePair, .call]
    case .movePairMoveCall: [.movePair, .move, .call]
    case .mulAddFloatLoopLt: [.mulAddFloat, .loopLt]
    case .mulFieldFloatMulFieldFloatFieldMulSubFloat: [.mulFieldFloat, .mulFieldFloat, .fieldMulSubFloat]
    case .mulFloatMulAddFloatLoadGlobalLoadGlobalMulFloatJumpNotLtFloat: [.mulFloat, .mulAddFloat, .loadGlobal, .loadGlobal, .mulFloat, .jumpNotLtFloat]
    case .mulFloatMulAddFloatMulAddFloat: [.mulFloat, .mulAddFloat, .mulAddFloat]
    case .mulFloatMulFloat: [.mulFloat, .mulFloat]
    case .mulFloatMulFloatLoadGlobalJumpEqIntAddFloat: [.mulFloat, .mulFloat, .loadGlobal, .jumpEqInt, .addFloat]
    case .mulFloatWordMulAddFloat: [.mulFloatWord, .mulAddFloat]
    case .mulFloatWordMulAddFloatMoveJump: [.mulFloatWord, .mulAddFloat, .move, .jump]
    case .mulIntAddIntVectorGetReturnFirst: [.mulInt, .addInt, .vectorGet, .returnFirst]
    case .mulIntDivIntImm: [.mulInt, .divIntImm]
    case .mulIntDivIntImmAddIntAddIntImm: [.mulInt, .divIntImm, .addInt, .addIntImm]
    case .mulIntImmLoadInt: [.mulIntImm, .loadInt]
    case .setFieldGetFieldIntToFloatDivFloatWord: [.setField, .getField, .intToFloat, .divFloatWord]
    case .setFieldGetFieldIntToFloatDivFloatWordReturnFirst: [.setField, .getField, .intToFloat, .divFloatWord, .returnFirst]
    case .setFieldGetFieldMulFieldFloatAddFloatSetFieldLoopCount: [.setField, .getField, .mulFieldFloat, .addFloat, .setField, .loopCount]
    case .setFieldPairSetFieldPairReturnNone: [.setFieldPair, .setFieldPair, .returnNone]
    case .sqrtFloatMulFloatDivFloat: [.sqrtFloat, .mulFloat, .divFloat]
    case .sqrtFloatMulFloatDivFloatMulFieldFloatMulFieldFloatFieldMulSubFloat: [.sqrtFloat, .mulFloat, .divFloat, .mulFieldFloat, .mulFieldFloat, .fieldMulSubFloat]
    case .subFloatWordMulFloatWordAddFloatAddFloatSetFieldPairReturnNone: [.subFloatWord, .mulFloatWord, .addFloat, .addFloat, .setFieldPair, .returnNone]
    case .subFloatWordMulFloatWordMoveCall: [.subFloatWord, .mulFloatWord, .move, .call]
    case .subIntLoopLt: [.subInt, .loopLt]
    case .vectorGetAddIntImmMoveJumpLeInt: [.vectorGet, .addIntImm, .move, .jumpLeInt]
    case .vectorGetGetFieldMulFieldFloatAddFloatSetField: [.vectorGet, .getField, .mulFieldFloat, .addFloat, .setField]
    case .vectorGetGetFieldSubFieldFloatGetFieldSubFieldFloat: [.vectorGet, .getField, .subFieldFloat, .getField, .subFieldFloat]
    case .vectorGetMulAddFloatLoopLt: [.vectorGet, .mulAddFloat, .loopLt]
    case .vectorGetVectorGetVectorSet: [.vectorGet, .vectorGet, .vectorSet]
    case .vectorGetVectorSet: [.vectorGet, .vectorSet]
    case .vectorGetVectorSetLoopLt: [.vectorGet, .vectorSet, .loopLt]
    case .vectorGetU8JumpFalse: [.vectorGetU8, .jumpFalse]
    case .vectorGetU8JumpFalseAddIntMulIntJumpLeInt: [.vectorGetU8, .jumpFalse, .addInt, .mulInt, .jumpLeInt]
    case .vectorSetAddIntImmAddIntImmJumpLtInt: [.vectorSet, .addIntImm, .addIntImm, .jumpLtInt]
    case .vectorSetVectorGetAddIntImmVectorSetVectorGetJumpLtInt: [.vectorSet, .vectorGet, .addIntImm, .vectorSet, .vectorGet, .jumpLtInt]
    case .vectorSetU8ImmLoopAddLt: [.vectorSetU8Imm, .loopAddLt]
    case .vectorSetU8ImmLoopAddLtLoopLt: [.vectorSetU8Imm, .loopAddLt, .loopLt]
    case .vectorSetU8ImmLoopLt: [.vectorSetU8Imm, .loopLt]
    }
  }
}

extension Instruction {
  /// The instruction as it was before `fused`.
  public var unfused: Instruction {
    guard let fusion = Fusion(rawValue: UInt8(truncatingIfNeeded: word)) else { return self }
    return Instruction(word: word & ~0xff | UInt64(fusion.parts[0].rawValue))
  }
}

extension CodeBlock {
  /// The words to install for the interpreter: as few dispatches as fusions allow. O(words).
  public func fused() -> [UInt64] { Fuser.shared.fuse(words) }
}

/// Finds the fusions that a sequence of opcodes starts with, through a tree of byte tables.
private struct Fuser: Sendable {
  static let shared = Fuser()

  /// The opcodes that fusions are made of, numbered from 1; 0 is any other.
  private var classes = [UInt8](repeating: 0, count: 256)
  private var classCount = 1
  /// `next[node * classCount + class]`: the node after one more instruction; 0 is none, and the root.
  private var next: [UInt16] = []
  /// The fusion that ends at a node; 0 is none.
  private var fusion: [UInt8] = [0]
  /// Words of each opcode; 0 for what the instruction itself decides.
  private var lengths = [UInt8](repeating: 1, count: 256)

  private init() {
    let fusions = Fusion.allCases.map { ($0.rawValue, $0.parts) }
    for (_, parts) in fusions {
      for part in parts where classes[Int(part.rawValue)] == 0 {
        classes[Int(part.rawValue)] = UInt8(classCount)
        classCount += 1
      }
    }
    next = [UInt16](repeating: 0, count: classCount)
    for (number, parts) in fusions {
      var node = 0
      for part in parts {
        let edge = node * classCount + Int(classes[Int(part.rawValue)])
        if next[edge] == 0 {
          next[edge] = UInt16(fusion.count)
          fusion.append(0)
          for _ in 0..<classCount { next.append(0) }
        }
        node = Int(next[edge])
      }
      fusion[node] = number
    }
    for opcode in Opcode.allCases {
      let isTable = opcode.row.shape == .table
      lengths[Int(opcode.rawValue)] = isTable ? 0 : UInt8(Instruction(opcode).wordCount)
    }
  }

  /// From the last instruction to the first, the least dispatches from there to the end.
  func fuse(_ words: [UInt64]) -> [UInt64] {
    var starts: [Int32] = []
    starts.reserveCapacity(words.count)
    var at = 0
    while at < words.count {
      starts.append(Int32(truncatingIfNeeded: at))
      let length = Int(lengths[Int(words[at] & 0xff)])
      at += length == 0 ? Instruction(word: words[at]).wordCount : length
    }
    var result = words
    var costs = [Int32](repeating: 0, count: starts.count + 1)
    var i = starts.count - 1
    while i >= 0 {
      var best = costs[i + 1] + 1
      var chosen: UInt8 = 0
      var node = 0
      var j = i
      repeat {
        node = Int(next[node * classCount + Int(classes[Int(words[Int(starts[j])] & 0xff)])])
        j += 1
        if fusion[node] != 0, costs[j] + 1 < best {
          best = costs[j] + 1
          chosen = fusion[node]
        }
      } while node != 0 && j < starts.count
      costs[i] = best
      if chosen != 0 {
        let at = Int(starts[i])
        result[at] = words[at] & ~0xff | UInt64(chosen)
      }
      i -= 1
    }
    return result
  }
}
