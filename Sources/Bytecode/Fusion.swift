// Superinstructions: sequences of instructions that one handler executes, which saves the dispatches
// between them (about 3 cycles each, more than most instructions take).
//
// A fusion changes nothing but the opcode byte of the first instruction; the others stay where they
// are, whole. So every operand is where its instruction has it, a jump into the middle runs the rest,
// and a return address, a position or a trace means the same word as before. Fused code is only what
// is installed for the interpreter: verifier, disassembler and translators see `Opcode`s alone.
//
//     ┌ mulFloatAddFloat A B C ┬ addFloat A B C ┬ …       one dispatch instead of two
//
// Chosen by counting what saves most dispatches in the benchmark programs and the larger file tests.

public enum Fusion: UInt8, CaseIterable, Sendable {
  case addFloatLoadWordJumpNotLtFloat = 166
  case addFloatMulFloatWord
  case addIntAddIntAddIntImm
  case addIntAddIntCall
  case addIntAddIntImm
  case addIntJumpLeInt
  case addIntJumpLtInt
  case addIntLoadInt
  case addIntLoadIntRemInt
  case addIntRemInt
  case addIntRemIntReturn1
  case addIntReturn1
  case addIntImmCall
  case addIntImmJumpLtInt
  case addIntImmJumpLtIntImm
  case addIntImmLoadIntVectorGetJumpNeIntImm
  case addIntImmSubFloat
  case addIntImmSubFloatAddFloatMulFloatWord
  case addIntImmVectorCountJumpLtInt
  case getFieldAddIntImmSetField
  case getFieldCall
  case getFieldGetField
  case getFieldGetFieldSubFloat
  case getFieldJumpNeIntImm
  case getFieldLoadGlobalMulFloat
  case getFieldLoadWordJumpLtFloatGetField
  case getFieldMove
  case getFieldMoveGetFieldCall
  case getFieldMulFloatAddFloatSetField
  case getFieldVectorCountMulIntImmAddIntImm
  case getField2Move2Move2
  case intToFloatDivFloatByWord
  case intToFloatDivFloatByWordReturn1
  case intToFloatDivFloatWordReturn1
  case jumpEqIntJumpEqIntSubInt
  case jumpGeIntImmReturn1
  case jumpLtIntImmVectorCountJumpLeInt
  case jumpNeIntImmLoadLiteralReturn1
  case loadGlobalJumpEqInt
  case loadGlobalJumpNotLtFloat
  case loadGlobalLoadGlobalMulFloatJumpNotLtFloat
  case loadIntJump
  case loadIntLoadIntVectorGetJump
  case loadIntReturn1
  case loadIntSetField
  case loadIntVectorGet
  case loadIntVectorGetJumpNeIntImm
  case loadIntVectorSetU8
  case loadIntVectorSetU8AddIntJumpLtInt
  case loadIntVectorSetU8AddIntImmJumpLtInt
  case loadWordJumpNotLtFloat
  case moveCall
  case moveJump
  case moveJumpLeIntMove
  case moveLoadLiteral
  case moveMove
  case moveMoveCall
  case moveMoveMoveCall
  case moveMoveSetFieldBlock
  case moveReturn1
  case mulFloatAddFloat
  case mulFloatAddFloatMoveJump
  case mulFloatAddFloatSetField
  case mulFloatGetField
  case mulFloatMulFloat
  case mulFloatMulFloatAddFloat
  case mulFloatMulFloatLoadGlobalJumpEqInt
  case mulFloatSubFloat
  case mulFloatSubFloatSetFieldGetField
  case mulIntAddInt
  case mulIntAddIntVectorGetReturn1
  case mulIntDivIntImm
  case mulIntDivIntImmAddIntAddIntImm
  case mulIntImmLoadInt
  case setFieldGetField
  case sqrtFloatMulFloatDivFloat
  case subFloatWordMulFloatWordAddFloatAddFloat
  case subIntAddIntImmJumpLtInt
  case vectorCountJumpLtInt
  case vectorGetGetFieldGetFieldSubFloat
  case vectorGetJumpFalse
  case vectorGetMulFloatAddFloat
  case vectorGetVectorGetVectorSet
  case vectorGetVectorSet
  case vectorGetVectorSetAddIntImmJumpLtInt
  case vectorGetU8JumpFalse
  case vectorGetU8Return1
  case vectorSetAddIntImm
  case vectorSetAddIntImmAddIntImmJumpLtInt
  case vectorSetVectorGetAddIntImmVectorSet

  /// The instructions it stands for, in order.
  public var parts: [Opcode] {
    switch self {
    case .addFloatLoadWordJumpNotLtFloat: [.addFloat, .loadWord, .jumpNotLtFloat]
    case .addFloatMulFloatWord: [.addFloat, .mulFloatWord]
    case .addIntAddIntAddIntImm: [.addInt, .addInt, .addIntImm]
    case .addIntAddIntCall: [.addInt, .addInt, .call]
    case .addIntAddIntImm: [.addInt, .addIntImm]
    case .addIntJumpLeInt: [.addInt, .jumpLeInt]
    case .addIntJumpLtInt: [.addInt, .jumpLtInt]
    case .addIntLoadInt: [.addInt, .loadInt]
    case .addIntLoadIntRemInt: [.addInt, .loadInt, .remInt]
    case .addIntRemInt: [.addInt, .remInt]
    case .addIntRemIntReturn1: [.addInt, .remInt, .return1]
    case .addIntReturn1: [.addInt, .return1]
    case .addIntImmCall: [.addIntImm, .call]
    case .addIntImmJumpLtInt: [.addIntImm, .jumpLtInt]
    case .addIntImmJumpLtIntImm: [.addIntImm, .jumpLtIntImm]
    case .addIntImmLoadIntVectorGetJumpNeIntImm: [.addIntImm, .loadInt, .vectorGet, .jumpNeIntImm]
    case .addIntImmSubFloat: [.addIntImm, .subFloat]
    case .addIntImmSubFloatAddFloatMulFloatWord: [.addIntImm, .subFloat, .addFloat, .mulFloatWord]
    case .addIntImmVectorCountJumpLtInt: [.addIntImm, .vectorCount, .jumpLtInt]
    case .getFieldAddIntImmSetField: [.getField, .addIntImm, .setField]
    case .getFieldCall: [.getField, .call]
    case .getFieldGetField: [.getField, .getField]
    case .getFieldGetFieldSubFloat: [.getField, .getField, .subFloat]
    case .getFieldJumpNeIntImm: [.getField, .jumpNeIntImm]
    case .getFieldLoadGlobalMulFloat: [.getField, .loadGlobal, .mulFloat]
    case .getFieldLoadWordJumpLtFloatGetField: [.getField, .loadWord, .jumpLtFloat, .getField]
    case .getFieldMove: [.getField, .move]
    case .getFieldMoveGetFieldCall: [.getField, .move, .getField, .call]
    case .getFieldMulFloatAddFloatSetField: [.getField, .mulFloat, .addFloat, .setField]
    case .getFieldVectorCountMulIntImmAddIntImm: [.getField, .vectorCount, .mulIntImm, .addIntImm]
    case .getField2Move2Move2: [.getField2, .move2, .move2]
    case .intToFloatDivFloatByWord: [.intToFloat, .divFloatByWord]
    case .intToFloatDivFloatByWordReturn1: [.intToFloat, .divFloatByWord, .return1]
    case .intToFloatDivFloatWordReturn1: [.intToFloat, .divFloatWord, .return1]
    case .jumpEqIntJumpEqIntSubInt: [.jumpEqInt, .jumpEqInt, .subInt]
    case .jumpGeIntImmReturn1: [.jumpGeIntImm, .return1]
    case .jumpLtIntImmVectorCountJumpLeInt: [.jumpLtIntImm, .vectorCount, .jumpLeInt]
    case .jumpNeIntImmLoadLiteralReturn1: [.jumpNeIntImm, .loadLiteral, .return1]
    case .loadGlobalJumpEqInt: [.loadGlobal, .jumpEqInt]
    case .loadGlobalJumpNotLtFloat: [.loadGlobal, .jumpNotLtFloat]
    case .loadGlobalLoadGlobalMulFloatJumpNotLtFloat: [.loadGlobal, .loadGlobal, .mulFloat, .jumpNotLtFloat]
    case .loadIntJump: [.loadInt, .jump]
    case .loadIntLoadIntVectorGetJump: [.loadInt, .loadInt, .vectorGet, .jump]
    case .loadIntReturn1: [.loadInt, .return1]
    case .loadIntSetField: [.loadInt, .setField]
    case .loadIntVectorGet: [.loadInt, .vectorGet]
    case .loadIntVectorGetJumpNeIntImm: [.loadInt, .vectorGet, .jumpNeIntImm]
    case .loadIntVectorSetU8: [.loadInt, .vectorSetU8]
    case .loadIntVectorSetU8AddIntJumpLtInt: [.loadInt, .vectorSetU8, .addInt, .jumpLtInt]
    case .loadIntVectorSetU8AddIntImmJumpLtInt: [.loadInt, .vectorSetU8, .addIntImm, .jumpLtInt]
    case .loadWordJumpNotLtFloat: [.loadWord, .jumpNotLtFloat]
    case .moveCall: [.move, .call]
    case .moveJump: [.move, .jump]
    case .moveJumpLeIntMove: [.move, .jumpLeInt, .move]
    case .moveLoadLiteral: [.move, .loadLiteral]
    case .moveMove: [.move, .move]
    case .moveMoveCall: [.move, .move, .call]
    case .moveMoveMoveCall: [.move, .move, .move, .call]
    case .moveMoveSetFieldBlock: [.move, .move, .setFieldBlock]
    case .moveReturn1: [.move, .return1]
    case .mulFloatAddFloat: [.mulFloat, .addFloat]
    case .mulFloatAddFloatMoveJump: [.mulFloat, .addFloat, .move, .jump]
    case .mulFloatAddFloatSetField: [.mulFloat, .addFloat, .setField]
    case .mulFloatGetField: [.mulFloat, .getField]
    case .mulFloatMulFloat: [.mulFloat, .mulFloat]
    case .mulFloatMulFloatAddFloat: [.mulFloat, .mulFloat, .addFloat]
    case .mulFloatMulFloatLoadGlobalJumpEqInt: [.mulFloat, .mulFloat, .loadGlobal, .jumpEqInt]
    case .mulFloatSubFloat: [.mulFloat, .subFloat]
    case .mulFloatSubFloatSetFieldGetField: [.mulFloat, .subFloat, .setField, .getField]
    case .mulIntAddInt: [.mulInt, .addInt]
    case .mulIntAddIntVectorGetReturn1: [.mulInt, .addInt, .vectorGet, .return1]
    case .mulIntDivIntImm: [.mulInt, .divIntImm]
    case .mulIntDivIntImmAddIntAddIntImm: [.mulInt, .divIntImm, .addInt, .addIntImm]
    case .mulIntImmLoadInt: [.mulIntImm, .loadInt]
    case .setFieldGetField: [.setField, .getField]
    case .sqrtFloatMulFloatDivFloat: [.sqrtFloat, .mulFloat, .divFloat]
    case .subFloatWordMulFloatWordAddFloatAddFloat: [.subFloatWord, .mulFloatWord, .addFloat, .addFloat]
    case .subIntAddIntImmJumpLtInt: [.subInt, .addIntImm, .jumpLtInt]
    case .vectorCountJumpLtInt: [.vectorCount, .jumpLtInt]
    case .vectorGetGetFieldGetFieldSubFloat: [.vectorGet, .getField, .getField, .subFloat]
    case .vectorGetJumpFalse: [.vectorGet, .jumpFalse]
    case .vectorGetMulFloatAddFloat: [.vectorGet, .mulFloat, .addFloat]
    case .vectorGetVectorGetVectorSet: [.vectorGet, .vectorGet, .vectorSet]
    case .vectorGetVectorSet: [.vectorGet, .vectorSet]
    case .vectorGetVectorSetAddIntImmJumpLtInt: [.vectorGet, .vectorSet, .addIntImm, .jumpLtInt]
    case .vectorGetU8JumpFalse: [.vectorGetU8, .jumpFalse]
    case .vectorGetU8Return1: [.vectorGetU8, .return1]
    case .vectorSetAddIntImm: [.vectorSet, .addIntImm]
    case .vectorSetAddIntImmAddIntImmJumpLtInt: [.vectorSet, .addIntImm, .addIntImm, .jumpLtInt]
    case .vectorSetVectorGetAddIntImmVectorSet: [.vectorSet, .vectorGet, .addIntImm, .vectorSet]
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

  /// `next[node * 256 + opcode]`: the node after one more instruction; 0 is none, and the root.
  private var next = [UInt8](repeating: 0, count: 256)
  /// The fusion that ends at a node; 0 is none.
  private var fusion: [UInt8] = [0]
  /// Words of each opcode; 0 for what the instruction itself decides.
  private var lengths = [UInt8](repeating: 1, count: 256)

  private init() {
    for fused in Fusion.allCases {
      var node = 0
      for part in fused.parts {
        let edge = node * 256 + Int(part.rawValue)
        if next[edge] == 0 {
          next[edge] = UInt8(fusion.count)
          fusion.append(0)
          next += [UInt8](repeating: 0, count: 256)
        }
        node = Int(next[edge])
      }
      fusion[node] = fused.rawValue
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
        node = Int(next[node * 256 + Int(words[Int(starts[j])] & 0xff)])
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
