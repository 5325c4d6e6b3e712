// The handler tables: one handler for each opcode and fusion, the one whose every entry is a safepoint, and
// the one that counts instructions.

import Bytecode
import Runtime

extension Opcode {
  var handler: Handler {
    switch self {
    // Moves and constants
    case .halt: unsafe opHalt
    case .move: unsafe opMove
    case .move2: unsafe opMove2
    case .move3: unsafe opMove3
    case .moveBlock: unsafe opMoveBlock
    case .clear: unsafe opClear
    case .loadInt: unsafe opLoadInt
    case .loadWord: unsafe opLoadWord
    case .loadLiteral: unsafe opLoadLiteral
    case .loadGlobal: unsafe opLoadGlobal
    case .storeGlobal: unsafe opStoreGlobal
    case .storeGlobalRef: unsafe opStoreGlobalRef
    // Integers
    case .addInt: unsafe opAddInt
    case .subInt: unsafe opSubInt
    case .mulInt: unsafe opMulInt
    case .divInt: unsafe opDivInt
    case .remInt: unsafe opRemInt
    case .negInt: unsafe opNegInt
    case .andInt: unsafe opAndInt
    case .orInt: unsafe opOrInt
    case .xorInt: unsafe opXorInt
    case .notInt: unsafe opNotInt
    case .shlInt: unsafe opShlInt
    case .shrInt: unsafe opShrInt
    case .ushrInt: unsafe opUshrInt
    case .minInt: unsafe opMinInt
    case .maxInt: unsafe opMaxInt
    case .absInt: unsafe opAbsInt
    case .divUInt: unsafe opDivUInt
    case .remUInt: unsafe opRemUInt
    case .minUInt: unsafe opMinUInt
    case .maxUInt: unsafe opMaxUInt
    case .addIntImm: unsafe opAddIntImm
    case .mulIntImm: unsafe opMulIntImm
    case .divIntImm: unsafe opDivIntImm
    case .remIntImm: unsafe opRemIntImm
    case .andIntImm: unsafe opAndIntImm
    case .shlIntImm: unsafe opShlIntImm
    case .shrIntImm: unsafe opShrIntImm
    case .ushrIntImm: unsafe opUshrIntImm
    case .subFromImm: unsafe opSubFromImm
    case .signExtend8: unsafe opSignExtend8
    case .signExtend16: unsafe opSignExtend16
    case .signExtend32: unsafe opSignExtend32
    case .zeroExtend8: unsafe opZeroExtend8
    case .zeroExtend16: unsafe opZeroExtend16
    case .zeroExtend32: unsafe opZeroExtend32
    // Floats
    case .addFloat: unsafe opAddFloat
    case .subFloat: unsafe opSubFloat
    case .mulFloat: unsafe opMulFloat
    case .divFloat: unsafe opDivFloat
    case .remFloat: unsafe opRemFloat
    case .negFloat: unsafe opNegFloat
    case .absFloat: unsafe opAbsFloat
    case .sqrtFloat: unsafe opSqrtFloat
    case .floorFloat: unsafe opFloorFloat
    case .ceilFloat: unsafe opCeilFloat
    case .roundFloat: unsafe opRoundFloat
    case .minFloat: unsafe opMinFloat
    case .maxFloat: unsafe opMaxFloat
    case .roundToF32: unsafe opRoundToF32
    case .addFloatWord: unsafe opAddFloatWord
    case .subFloatWord: unsafe opSubFloatWord
    case .mulFloatWord: unsafe opMulFloatWord
    case .divFloatWord: unsafe opDivFloatWord
    case .subFromFloatWord: unsafe opSubFromFloatWord
    case .divFloatByWord: unsafe opDivFloatByWord
    // Conversions
    case .intToFloat: unsafe opIntToFloat
    case .uintToFloat: unsafe opUintToFloat
    case .floatToInt: unsafe opFloatToInt
    case .floatToUInt: unsafe opFloatToUInt
    // Comparisons into a register
    case .eqInt: unsafe opEqInt
    case .neInt: unsafe opNeInt
    case .ltInt: unsafe opLtInt
    case .leInt: unsafe opLeInt
    case .ltUInt: unsafe opLtUInt
    case .leUInt: unsafe opLeUInt
    case .eqFloat: unsafe opEqFloat
    case .neFloat: unsafe opNeFloat
    case .ltFloat: unsafe opLtFloat
    case .leFloat: unsafe opLeFloat
    case .not: unsafe opNot
    case .eqIntImm: unsafe opEqIntImm
    case .neIntImm: unsafe opNeIntImm
    case .ltIntImm: unsafe opLtIntImm
    case .leIntImm: unsafe opLeIntImm
    case .gtIntImm: unsafe opGtIntImm
    case .geIntImm: unsafe opGeIntImm
    case .eqString: unsafe opEqString
    case .hashString: unsafe opHashString
    case .hashMix: unsafe opHashMix
    // Jumps
    case .jump: unsafe opJump
    case .jumpTrue: unsafe opJumpTrue
    case .jumpFalse: unsafe opJumpFalse
    case .jumpTable: unsafe opJumpTable
    case .jumpEqInt: unsafe opJumpEqInt
    case .jumpNeInt: unsafe opJumpNeInt
    case .jumpLtInt: unsafe opJumpLtInt
    case .jumpLeInt: unsafe opJumpLeInt
    case .jumpLtUInt: unsafe opJumpLtUInt
    case .jumpLeUInt: unsafe opJumpLeUInt
    case .jumpEqIntImm: unsafe opJumpEqIntImm
    case .jumpNeIntImm: unsafe opJumpNeIntImm
    case .jumpLtIntImm: unsafe opJumpLtIntImm
    case .jumpLeIntImm: unsafe opJumpLeIntImm
    case .jumpGtIntImm: unsafe opJumpGtIntImm
    case .jumpGeIntImm: unsafe opJumpGeIntImm
    case .jumpEqFloat: unsafe opJumpEqFloat
    case .jumpNeFloat: unsafe opJumpNeFloat
    case .jumpLtFloat: unsafe opJumpLtFloat
    case .jumpLeFloat: unsafe opJumpLeFloat
    case .jumpNotLtFloat: unsafe opJumpNotLtFloat
    case .jumpNotLeFloat: unsafe opJumpNotLeFloat
    // Calls
    case .call: unsafe opCall
    case .callClosure: unsafe opCallClosure
    case .tailCall: unsafe opTailCall
    case .tailCallClosure: unsafe opTailCallClosure
    case .returnNone: unsafe opReturnNone
    case .returnFirst: unsafe opReturnFirst
    case .return1: unsafe opReturn1
    case .returnBlock: unsafe opReturnBlock
    case .primitive: unsafe opPrimitive
    // Objects
    case .newObject: unsafe opNewObject
    case .getField: unsafe opGetField
    case .getField2: unsafe opGetField2
    case .getFieldBlock: unsafe opGetFieldBlock
    case .setField: unsafe opSetField
    case .setFieldRef: unsafe opSetFieldRef
    case .setFieldPair: unsafe opSetFieldPair
    case .setFieldBlock: unsafe opSetFieldBlock
    // Vectors
    case .newVector: unsafe opNewVector
    case .vectorCount: unsafe opVectorCount
    case .vectorGet: unsafe opVectorGet
    case .vectorGetBlock: unsafe opVectorGetBlock
    case .vectorGetWord: unsafe opVectorGetWord
    case .vectorGetU8: unsafe opVectorGetU8
    case .vectorGetPacked: unsafe opVectorGetPacked
    case .vectorSet: unsafe opVectorSet
    case .vectorSetRef: unsafe opVectorSetRef
    case .vectorSetBlock: unsafe opVectorSetBlock
    case .vectorSetU8: unsafe opVectorSetU8
    case .movePair: unsafe opMovePair
    case .mulAddFloat: unsafe opMulAddFloat
    case .mulSubFloat: unsafe opMulSubFloat
    case .addFieldFloat: unsafe opAddFieldFloat
    case .subFieldFloat: unsafe opSubFieldFloat
    case .mulFieldFloat: unsafe opMulFieldFloat
    case .fieldAddFloat: unsafe opFieldAddFloat
    case .fieldSubFloat: unsafe opFieldSubFloat
    case .fieldMulAddFloat: unsafe opFieldMulAddFloat
    case .fieldMulSubFloat: unsafe opFieldMulSubFloat
    case .fieldAddIntImm: unsafe opFieldAddIntImm
    case .vectorSetU8Imm: unsafe opVectorSetU8Imm
    case .loopLt: unsafe opLoopLt
    case .loopLtImm: unsafe opLoopLtImm
    case .loopAddLt: unsafe opLoopAddLt
    case .loopCount: unsafe opLoopCount
    case .checkStale: unsafe opCheckStale
    case .vectorSetPacked: unsafe opVectorSetPacked
    case .vectorPush: unsafe opVectorPush
    case .vectorPop: unsafe opVectorPop
    // Control
    case .panic: unsafe opPanic
    case .trap: unsafe opTrap
    case .enterRestart: unsafe opEnterRestart
    case .leaveRestart: unsafe opLeaveRestart
    case .boundary: unsafe opBoundary
    case .pause: unsafe opPause
    }
  }
}

extension Fusion {
  var handler: Handler {
    switch self {
    case .addIntAddIntAddIntImm: unsafe fuseAddIntAddIntAddIntImm
    case .addIntAddIntImm: unsafe fuseAddIntAddIntImm
    case .addIntJumpLeInt: unsafe fuseAddIntJumpLeInt
    case .addIntLoadInt: unsafe fuseAddIntLoadInt
    case .addIntLoadIntRemInt: unsafe fuseAddIntLoadIntRemInt
    case .addIntRemIntReturnFirst: unsafe fuseAddIntRemIntReturnFirst
    case .addIntReturnFirst: unsafe fuseAddIntReturnFirst
    case .addIntImmAddIntImm: unsafe fuseAddIntImmAddIntImm
    case .addIntImmCall: unsafe fuseAddIntImmCall
    case .addIntImmLoadIntVectorGetJumpNeIntImm: unsafe fuseAddIntImmLoadIntVectorGetJumpNeIntImm
    case .addIntImmSubFloat: unsafe fuseAddIntImmSubFloat
    case .addIntImmSubFloatAddFloat: unsafe fuseAddIntImmSubFloatAddFloat
    case .fieldMulAddFloatFieldMulAddFloatLoopLt: unsafe fuseFieldMulAddFloatFieldMulAddFloatLoopLt
    case .fieldMulSubFloatFieldMulSubFloatFieldMulAddFloat: unsafe fuseFieldMulSubFloatFieldMulSubFloatFieldMulAddFloat
    case .fieldMulSubFloatFieldMulSubFloatFieldMulAddFloatFieldMulAddFloatFieldMulAddFloatLoopLt: unsafe fuseFieldMulSubFloatFieldMulSubFloatFieldMulAddFloatFieldMulAddFloatFieldMulAddFloatLoopLt
    case .getFieldCall: unsafe fuseGetFieldCall
    case .getFieldGetField: unsafe fuseGetFieldGetField
    case .getFieldJumpLeIntImmFieldAddIntImmReturnNone: unsafe fuseGetFieldJumpLeIntImmFieldAddIntImmReturnNone
    case .getFieldJumpNeIntImm: unsafe fuseGetFieldJumpNeIntImm
    case .getFieldLoadGlobalMulAddFloat: unsafe fuseGetFieldLoadGlobalMulAddFloat
    case .getFieldLoadGlobalMulAddFloatGetFieldLoadGlobalMulAddFloat: unsafe fuseGetFieldLoadGlobalMulAddFloatGetFieldLoadGlobalMulAddFloat
    case .getFieldMoveGetFieldCall: unsafe fuseGetFieldMoveGetFieldCall
    case .getFieldMulFieldFloatAddFloat: unsafe fuseGetFieldMulFieldFloatAddFloat
    case .getFieldMulFieldFloatAddFloatSetField: unsafe fuseGetFieldMulFieldFloatAddFloatSetField
    case .getFieldMulIntImmLoadIntAddIntLoadIntRemInt: unsafe fuseGetFieldMulIntImmLoadIntAddIntLoadIntRemInt
    case .getFieldSubFieldFloat: unsafe fuseGetFieldSubFieldFloat
    case .getFieldSubFieldFloatMulFloatMulAddFloatMulAddFloat: unsafe fuseGetFieldSubFieldFloatMulFloatMulAddFloatMulAddFloat
    case .getField2GetFieldJumpNeIntImmMoveCall: unsafe fuseGetField2GetFieldJumpNeIntImmMoveCall
    case .intToFloatDivFloatByWord: unsafe fuseIntToFloatDivFloatByWord
    case .intToFloatDivFloatByWordReturnFirst: unsafe fuseIntToFloatDivFloatByWordReturnFirst
    case .jumpGeIntImmReturnFirst: unsafe fuseJumpGeIntImmReturnFirst
    case .loadGlobalJumpEqInt: unsafe fuseLoadGlobalJumpEqInt
    case .loadGlobalJumpEqIntAddFloat: unsafe fuseLoadGlobalJumpEqIntAddFloat
    case .loadGlobalJumpNotLtFloat: unsafe fuseLoadGlobalJumpNotLtFloat
    case .loadIntLoadGlobalJumpLeInt: unsafe fuseLoadIntLoadGlobalJumpLeInt
    case .loadIntLoadIntVectorGetJumpLeInt: unsafe fuseLoadIntLoadIntVectorGetJumpLeInt
    case .loadIntReturnFirst: unsafe fuseLoadIntReturnFirst
    case .loadIntVectorGet: unsafe fuseLoadIntVectorGet
    case .loadIntVectorGetLoadIntMoveJumpLeIntAddIntImm: unsafe fuseLoadIntVectorGetLoadIntMoveJumpLeIntAddIntImm
    case .loadWordJumpNotLtFloat: unsafe fuseLoadWordJumpNotLtFloat
    case .moveAddIntAddIntCall: unsafe fuseMoveAddIntAddIntCall
    case .moveCall: unsafe fuseMoveCall
    case .moveJump: unsafe fuseMoveJump
    case .moveLoadInt: unsafe fuseMoveLoadInt
    case .moveLoadLiteral: unsafe fuseMoveLoadLiteral
    case .movePairCall: unsafe fuseMovePairCall
    case .movePairMoveCall: unsafe fuseMovePairMoveCall
    case .mulAddFloatLoopLt: unsafe fuseMulAddFloatLoopLt
    case .mulFieldFloatMulFieldFloatFieldMulSubFloat: unsafe fuseMulFieldFloatMulFieldFloatFieldMulSubFloat
    case .mulFloatMulAddFloatLoadGlobalLoadGlobalMulFloatJumpNotLtFloat: unsafe fuseMulFloatMulAddFloatLoadGlobalLoadGlobalMulFloatJumpNotLtFloat
    case .mulFloatMulAddFloatMulAddFloat: unsafe fuseMulFloatMulAddFloatMulAddFloat
    case .mulFloatMulFloat: unsafe fuseMulFloatMulFloat
    case .mulFloatMulFloatLoadGlobalJumpEqIntAddFloat: unsafe fuseMulFloatMulFloatLoadGlobalJumpEqIntAddFloat
    case .mulFloatWordMulAddFloat: unsafe fuseMulFloatWordMulAddFloat
    case .mulFloatWordMulAddFloatMoveJump: unsafe fuseMulFloatWordMulAddFloatMoveJump
    case .mulIntAddIntVectorGetReturnFirst: unsafe fuseMulIntAddIntVectorGetReturnFirst
    case .mulIntDivIntImm: unsafe fuseMulIntDivIntImm
    case .mulIntDivIntImmAddIntAddIntImm: unsafe fuseMulIntDivIntImmAddIntAddIntImm
    case .mulIntImmLoadInt: unsafe fuseMulIntImmLoadInt
    case .setFieldGetFieldIntToFloatDivFloatWord: unsafe fuseSetFieldGetFieldIntToFloatDivFloatWord
    case .setFieldGetFieldIntToFloatDivFloatWordReturnFirst: unsafe fuseSetFieldGetFieldIntToFloatDivFloatWordReturnFirst
    case .setFieldGetFieldMulFieldFloatAddFloatSetFieldLoopCount: unsafe fuseSetFieldGetFieldMulFieldFloatAddFloatSetFieldLoopCount
    case .setFieldPairSetFieldPairReturnNone: unsafe fuseSetFieldPairSetFieldPairReturnNone
    case .sqrtFloatMulFloatDivFloat: unsafe fuseSqrtFloatMulFloatDivFloat
    case .sqrtFloatMulFloatDivFloatMulFieldFloatMulFieldFloatFieldMulSubFloat: unsafe fuseSqrtFloatMulFloatDivFloatMulFieldFloatMulFieldFloatFieldMulSubFloat
    case .subFloatWordMulFloatWordAddFloatAddFloatSetFieldPairReturnNone: unsafe fuseSubFloatWordMulFloatWordAddFloatAddFloatSetFieldPairReturnNone
    case .subFloatWordMulFloatWordMoveCall: unsafe fuseSubFloatWordMulFloatWordMoveCall
    case .subIntLoopLt: unsafe fuseSubIntLoopLt
    case .vectorGetAddIntImmMoveJumpLeInt: unsafe fuseVectorGetAddIntImmMoveJumpLeInt
    case .vectorGetGetFieldMulFieldFloatAddFloatSetField: unsafe fuseVectorGetGetFieldMulFieldFloatAddFloatSetField
    case .vectorGetGetFieldSubFieldFloatGetFieldSubFieldFloat: unsafe fuseVectorGetGetFieldSubFieldFloatGetFieldSubFieldFloat
    case .vectorGetMulAddFloatLoopLt: unsafe fuseVectorGetMulAddFloatLoopLt
    case .vectorGetVectorGetVectorSet: unsafe fuseVectorGetVectorGetVectorSet
    case .vectorGetVectorSet: unsafe fuseVectorGetVectorSet
    case .vectorGetVectorSetLoopLt: unsafe fuseVectorGetVectorSetLoopLt
    case .vectorGetU8JumpFalse: unsafe fuseVectorGetU8JumpFalse
    case .vectorGetU8JumpFalseAddIntMulIntJumpLeInt: unsafe fuseVectorGetU8JumpFalseAddIntMulIntJumpLeInt
    case .vectorSetAddIntImmAddIntImmJumpLtInt: unsafe fuseVectorSetAddIntImmAddIntImmJumpLtInt
    case .vectorSetVectorGetAddIntImmVectorSetVectorGetJumpLtInt: unsafe fuseVectorSetVectorGetAddIntImmVectorSetVectorGetJumpLtInt
    case .vectorSetU8ImmLoopAddLt: unsafe fuseVectorSetU8ImmLoopAddLt
    case .vectorSetU8ImmLoopAddLtLoopLt: unsafe fuseVectorSetU8ImmLoopAddLtLoopLt
    case .vectorSetU8ImmLoopLt: unsafe fuseVectorSetU8ImmLoopLt
    }
  }
}

/// Never changes and is never freed: every machine's `normalHandlers` and `safepointHandlers`. A machine
/// whose instructions are counted has the third as its normal one, one whose hot places are looked for the fourth.
@safe
struct HandlerTables: @unchecked Sendable {
  let normal: UnsafeRawPointer
  let safepoint: UnsafeRawPointer
  let metered: UnsafeRawPointer
  let counting: UnsafeRawPointer
  let recording: UnsafeRawPointer
  /// Bytes from the normal table to the metered one.
  static let meteredOffset = unsafe 512 * MemoryLayout<Handler>.stride

  /// The same to the counting one.
  static let countingOffset = unsafe 768 * MemoryLayout<Handler>.stride

  /// From the recording table to one in which fusions do what their first instruction does.
  static let unfusedOffset = unsafe 256 * MemoryLayout<Handler>.stride

  static let shared = HandlerTables()

  private init() {
    let entries = UnsafeMutablePointer<Handler>.allocate(capacity: 1536)
    unsafe entries.initialize(repeating: opUnknown, count: 256)
    for opcode in Opcode.allCases { unsafe entries[Int(opcode.rawValue)] = opcode.handler }
    for fusion in Fusion.allCases { unsafe entries[Int(fusion.rawValue)] = fusion.handler }
    unsafe (entries + 256).initialize(repeating: opSafepoint, count: 256)
    unsafe (entries + 512).initialize(repeating: opMetered, count: 256)
    // Calls and jumps count, everything else is as it is.
    unsafe (entries + 768).initialize(repeating: opUnknown, count: 256)
    unsafe (entries + 768).update(from: entries, count: 256)
    for opcode in Opcode.allCases where opcode.isCounted { unsafe entries[768 + Int(opcode.rawValue)] = opCounted }
    for fusion in Fusion.allCases where fusion.parts.contains(where: \.isCounted) { unsafe entries[768 + Int(fusion.rawValue)] = opCounted }
    unsafe (entries + 1024).initialize(repeating: opRecorded, count: 256)
    unsafe (entries + 1280).initialize(repeating: opUnknown, count: 256)
    for opcode in Opcode.allCases { unsafe entries[1280 + Int(opcode.rawValue)] = opcode.handler }
    for fusion in Fusion.allCases { unsafe entries[1280 + Int(fusion.rawValue)] = fusion.parts[0].handler }
    unsafe normal = UnsafeRawPointer(entries)
    unsafe recording = UnsafeRawPointer(entries + 1024)
    unsafe counting = UnsafeRawPointer(entries + 768)
    unsafe metered = UnsafeRawPointer(entries + 512)
    unsafe safepoint = UnsafeRawPointer(entries + 256)
  }
}
