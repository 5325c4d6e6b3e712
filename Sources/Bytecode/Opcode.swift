// The opcode table: the one place where an instruction is described. Encoder, disassembler, verifier,
// interpreter and translator switch over `Opcode` exhaustively, so a new case that one of them does
// not know fails to compile.
//
// Adding an opcode: 1. a case and its row here, 2. its handler (Interpreter), 3. its translation,
// 4. a filetest that reaches it. The verifier and the disassembler follow from the row.
//
// R[x] is a 64-bit register of the frame, L the literals, G the globals, S the dispatch slots.
// Offsets of jumps count words from the jump's own word.

/// How an instruction word's operand fields are used. D has 8 bits; A, B and C have 16 each;
/// "imm32" is B and C together, signed.
public enum OperandShape: UInt8, Sendable {
  case none
  case a  // A register
  case ab  // A written, B read
  case abc  // A written, B and C read
  case abImm  // A written, B read, C signed immediate
  case aImm32  // A written, imm32
  case aIndex32  // A written (or read, see effects), imm32 an unsigned index
  case aWord  // A written, the next word a literal
  case abWord  // A written, B read, the next word a literal
  case jump  // imm32 offset
  case aJump  // A read, imm32 offset
  case abJump  // A and B read, C signed offset
  case aImmJump  // A read, B signed immediate, C signed offset
  case table  // A read, B count; the next (count + 1) / 2 words hold offsets, low half first
  case block  // A first register written, B first register read, C count
  case call  // A callee window, imm32 slot
  case callClosure  // A callee window, B closure
  case tailCall  // A first argument, imm32 slot, the next word the number of argument words
  case tailClosure  // A first argument, B closure, C number of argument words
  case primitive  // A first argument and first result, B primitive, C number of argument words
  case field  // A written, B object, C field index, D number of words where it matters
  case setField  // A object, B read, C field index, D number of words where it matters
  case element  // A written, B vector, C index register, D detail
  case setElement  // A vector, B index register, C read, D detail
  case fused  // A written, B, C and D read
  case fieldFused  // A written, B object, C field index, D read
  case fieldUpdate  // A object, B and C read, D field index
  case fieldImm  // A object, B signed immediate, C field index
  case pair  // A and A + 1 written, B and C read
  case setElementImm  // A vector, B index register, C immediate
  case stepJump  // A read and written, B read, C signed offset, D signed immediate
  case stepImmJump  // A read and written, B signed immediate, C signed offset, D signed immediate
  case stepRegisterJump  // A read and written, B and D read, C signed offset
  case countJump  // A read and written, B vector, C signed offset
  case `return`  // A first register, B number of words
}

/// What the optimisers and the verifier must know beyond registers.
public struct Effects: OptionSet, Sendable {
  public let rawValue: UInt8
  public init(rawValue: UInt8) { self.rawValue = rawValue }
  public static let readsHeap = Effects(rawValue: 1)
  public static let writesHeap = Effects(rawValue: 2)
  public static let mayPanic = Effects(rawValue: 4)
  public static let mayCollect = Effects(rawValue: 8)
  public static let endsBlock = Effects(rawValue: 16)
  public static let calls = Effects(rawValue: 32)
}

public struct OpcodeRow: Sendable {
  public let name: StaticString
  public let shape: OperandShape
  public let effects: Effects
  public let semantics: StaticString
  init(_ name: StaticString, _ shape: OperandShape, _ effects: Effects = [], _ semantics: StaticString) {
    self.name = name
    self.shape = shape
    self.effects = effects
    self.semantics = semantics
  }
}

public enum Opcode: UInt8, CaseIterable, Sendable {
  // Moves and constants
  case halt
  case move, move2, move3, moveBlock, clear
  case loadInt, loadWord, loadLiteral, loadGlobal, storeGlobal, storeGlobalRef
  // Integers
  case addInt, subInt, mulInt, divInt, remInt, negInt
  case andInt, orInt, xorInt, notInt, shlInt, shrInt, ushrInt, minInt, maxInt, absInt
  case divUInt, remUInt, minUInt, maxUInt
  case addIntImm, mulIntImm, divIntImm, remIntImm, andIntImm, shlIntImm, shrIntImm, ushrIntImm, subFromImm
  case signExtend8, signExtend16, signExtend32, zeroExtend8, zeroExtend16, zeroExtend32
  // Floats
  case addFloat, subFloat, mulFloat, divFloat, remFloat, negFloat, absFloat, sqrtFloat
  case floorFloat, ceilFloat, roundFloat, minFloat, maxFloat, roundToF32
  case addFloatWord, subFloatWord, mulFloatWord, divFloatWord, subFromFloatWord, divFloatByWord
  // Conversions
  case intToFloat, uintToFloat, floatToInt, floatToUInt
  // Comparisons into a register
  case eqInt, neInt, ltInt, leInt, ltUInt, leUInt, eqFloat, neFloat, ltFloat, leFloat, not
  case eqIntImm, neIntImm, ltIntImm, leIntImm, gtIntImm, geIntImm
  case eqString, hashString, hashMix
  // Jumps
  case jump, jumpTrue, jumpFalse, jumpTable
  case jumpEqInt, jumpNeInt, jumpLtInt, jumpLeInt, jumpLtUInt, jumpLeUInt
  case jumpEqIntImm, jumpNeIntImm, jumpLtIntImm, jumpLeIntImm, jumpGtIntImm, jumpGeIntImm
  case jumpEqFloat, jumpNeFloat, jumpLtFloat, jumpLeFloat, jumpNotLtFloat, jumpNotLeFloat
  // Calls
  case call, callClosure, tailCall, tailCallClosure, returnNone, returnFirst, return1, returnBlock, primitive
  // Objects
  case newObject, getField, getField2, getFieldBlock, setField, setFieldRef, setFieldPair, setFieldBlock
  // Vectors
  case newVector, vectorCount
  case vectorGet, vectorGetBlock, vectorGetWord, vectorGetU8, vectorGetPacked
  case vectorSet, vectorSetRef, vectorSetBlock, vectorSetU8, vectorSetPacked
  case vectorPush, vectorPop
  // Control
  case panic, trap, enterRestart, leaveRestart, boundary, pause

  // Superinstructions, chosen by counting pairs and triples in the benchmark programs. Each does just
  // what the instructions it stands for do; the assembler puts them together.
  case movePair, mulAddFloat, mulSubFloat, addFieldFloat, subFieldFloat, mulFieldFloat
  case fieldAddFloat, fieldSubFloat, fieldMulAddFloat, fieldMulSubFloat, fieldAddIntImm
  case vectorSetU8Imm, loopLt, loopLtImm, loopAddLt, loopCount

  // While objects with a replaced layout are alive
  case checkStale

  public var row: OpcodeRow {
    switch self {
    case .halt: OpcodeRow("halt", .none, .endsBlock, "leaves bytecode; D says for what, see Departure")
    case .move: OpcodeRow("move", .ab, [], "R[A] := R[B]")
    case .move2: OpcodeRow("move2", .ab, [], "R[A], R[A+1] := R[B], R[B+1]")
    case .move3: OpcodeRow("move3", .ab, [], "R[A..A+2] := R[B..B+2]")
    case .moveBlock: OpcodeRow("moveblock", .block, [], "R[A..<A+C] := R[B..<B+C], as if at once")
    case .clear: OpcodeRow("clear", .aImm32, [], "R[A..<A+imm] := 0")
    case .loadInt: OpcodeRow("loadint", .aImm32, [], "R[A] := imm, sign extended")
    case .loadWord: OpcodeRow("loadword", .aWord, [], "R[A] := word")
    case .loadLiteral: OpcodeRow("loadliteral", .aIndex32, [], "R[A] := L[imm]")
    case .loadGlobal: OpcodeRow("loadglobal", .aIndex32, .readsHeap, "R[A] := G[imm]")
    case .storeGlobal: OpcodeRow("storeglobal", .aIndex32, .writesHeap, "G[imm] := R[A]")
    case .storeGlobalRef: OpcodeRow("storeglobalref", .aIndex32, .writesHeap, "G[imm] := R[A], a reference")

    case .addInt: OpcodeRow("addint", .abc, [], "R[A] := R[B] + R[C], wrapping")
    case .subInt: OpcodeRow("subint", .abc, [], "R[A] := R[B] - R[C], wrapping")
    case .mulInt: OpcodeRow("mulint", .abc, [], "R[A] := R[B] * R[C], wrapping")
    case .divInt: OpcodeRow("divint", .abc, .mayPanic, "R[A] := R[B] / R[C], truncating; min / -1 wraps; zero panics")
    case .remInt: OpcodeRow("remint", .abc, .mayPanic, "R[A] := R[B] % R[C], sign of R[B]; zero panics")
    case .negInt: OpcodeRow("negint", .ab, [], "R[A] := -R[B], wrapping")
    case .andInt: OpcodeRow("andint", .abc, [], "R[A] := R[B] & R[C]")
    case .orInt: OpcodeRow("orint", .abc, [], "R[A] := R[B] | R[C]")
    case .xorInt: OpcodeRow("xorint", .abc, [], "R[A] := R[B] ^ R[C]")
    case .notInt: OpcodeRow("notint", .ab, [], "R[A] := ~R[B]")
    case .shlInt: OpcodeRow("shlint", .abc, [], "R[A] := R[B] << (R[C] & 63)")
    case .shrInt: OpcodeRow("shrint", .abc, [], "R[A] := R[B] >> (R[C] & 63), arithmetic")
    case .ushrInt: OpcodeRow("ushrint", .abc, [], "R[A] := R[B] >> (R[C] & 63), logical")
    case .minInt: OpcodeRow("minint", .abc, [], "R[A] := min(R[B], R[C]), signed")
    case .maxInt: OpcodeRow("maxint", .abc, [], "R[A] := max(R[B], R[C]), signed")
    case .absInt: OpcodeRow("absint", .ab, [], "R[A] := |R[B]|, wrapping")
    case .divUInt: OpcodeRow("divuint", .abc, .mayPanic, "R[A] := R[B] / R[C], unsigned; zero panics")
    case .remUInt: OpcodeRow("remuint", .abc, .mayPanic, "R[A] := R[B] % R[C], unsigned; zero panics")
    case .minUInt: OpcodeRow("minuint", .abc, [], "R[A] := min(R[B], R[C]), unsigned")
    case .maxUInt: OpcodeRow("maxuint", .abc, [], "R[A] := max(R[B], R[C]), unsigned")
    case .addIntImm: OpcodeRow("addint.i", .abImm, [], "R[A] := R[B] + C, wrapping")
    case .mulIntImm: OpcodeRow("mulint.i", .abImm, [], "R[A] := R[B] * C, wrapping")
    case .divIntImm: OpcodeRow("divint.i", .abImm, [], "R[A] := R[B] / C, C neither 0 nor -1")
    case .remIntImm: OpcodeRow("remint.i", .abImm, [], "R[A] := R[B] % C, C neither 0 nor -1")
    case .andIntImm: OpcodeRow("andint.i", .abImm, [], "R[A] := R[B] & C, sign extended")
    case .shlIntImm: OpcodeRow("shlint.i", .abImm, [], "R[A] := R[B] << C, C in 0...63")
    case .shrIntImm: OpcodeRow("shrint.i", .abImm, [], "R[A] := R[B] >> C, arithmetic")
    case .ushrIntImm: OpcodeRow("ushrint.i", .abImm, [], "R[A] := R[B] >> C, logical")
    case .subFromImm: OpcodeRow("subfrom.i", .abImm, [], "R[A] := C - R[B], wrapping")
    case .signExtend8: OpcodeRow("sext8", .ab, [], "R[A] := low 8 bits of R[B], sign extended")
    case .signExtend16: OpcodeRow("sext16", .ab, [], "R[A] := low 16 bits of R[B], sign extended")
    case .signExtend32: OpcodeRow("sext32", .ab, [], "R[A] := low 32 bits of R[B], sign extended")
    case .zeroExtend8: OpcodeRow("zext8", .ab, [], "R[A] := low 8 bits of R[B]")
    case .zeroExtend16: OpcodeRow("zext16", .ab, [], "R[A] := low 16 bits of R[B]")
    case .zeroExtend32: OpcodeRow("zext32", .ab, [], "R[A] := low 32 bits of R[B]")

    case .addFloat: OpcodeRow("addfloat", .abc, [], "R[A] := R[B] + R[C]")
    case .subFloat: OpcodeRow("subfloat", .abc, [], "R[A] := R[B] - R[C]")
    case .mulFloat: OpcodeRow("mulfloat", .abc, [], "R[A] := R[B] * R[C]")
    case .divFloat: OpcodeRow("divfloat", .abc, [], "R[A] := R[B] / R[C]")
    case .remFloat: OpcodeRow("remfloat", .abc, [], "R[A] := fmod(R[B], R[C])")
    case .negFloat: OpcodeRow("negfloat", .ab, [], "R[A] := -R[B]")
    case .absFloat: OpcodeRow("absfloat", .ab, [], "R[A] := |R[B]|")
    case .sqrtFloat: OpcodeRow("sqrtfloat", .ab, [], "R[A] := sqrt(R[B])")
    case .floorFloat: OpcodeRow("floorfloat", .ab, [], "R[A] := floor(R[B])")
    case .ceilFloat: OpcodeRow("ceilfloat", .ab, [], "R[A] := ceil(R[B])")
    case .roundFloat: OpcodeRow("roundfloat", .ab, [], "R[A] := round(R[B]), halves away from zero")
    case .minFloat: OpcodeRow("minfloat", .abc, [], "R[A] := min(R[B], R[C]), nan if either is")
    case .maxFloat: OpcodeRow("maxfloat", .abc, [], "R[A] := max(R[B], R[C]), nan if either is")
    case .roundToF32: OpcodeRow("roundf32", .ab, [], "R[A] := R[B] rounded to binary32, held as binary64")
    case .addFloatWord: OpcodeRow("addfloat.w", .abWord, [], "R[A] := R[B] + word")
    case .subFloatWord: OpcodeRow("subfloat.w", .abWord, [], "R[A] := R[B] - word")
    case .mulFloatWord: OpcodeRow("mulfloat.w", .abWord, [], "R[A] := R[B] * word")
    case .divFloatWord: OpcodeRow("divfloat.w", .abWord, [], "R[A] := R[B] / word")
    case .subFromFloatWord: OpcodeRow("subfrom.w", .abWord, [], "R[A] := word - R[B]")
    case .divFloatByWord: OpcodeRow("divby.w", .abWord, [], "R[A] := word / R[B]")

    case .intToFloat: OpcodeRow("int2float", .ab, [], "R[A] := float of signed R[B]")
    case .uintToFloat: OpcodeRow("uint2float", .ab, [], "R[A] := float of unsigned R[B]")
    case .floatToInt: OpcodeRow("float2int", .ab, [], "R[A] := R[B] toward zero, saturating, nan is 0")
    case .floatToUInt: OpcodeRow("float2uint", .ab, [], "R[A] := R[B] toward zero, saturating unsigned, nan is 0")

    case .eqInt: OpcodeRow("eqint", .abc, [], "R[A] := R[B] == R[C]")
    case .neInt: OpcodeRow("neint", .abc, [], "R[A] := R[B] != R[C]")
    case .ltInt: OpcodeRow("ltint", .abc, [], "R[A] := R[B] < R[C], signed")
    case .leInt: OpcodeRow("leint", .abc, [], "R[A] := R[B] <= R[C], signed")
    case .ltUInt: OpcodeRow("ltuint", .abc, [], "R[A] := R[B] < R[C], unsigned")
    case .leUInt: OpcodeRow("leuint", .abc, [], "R[A] := R[B] <= R[C], unsigned")
    case .eqFloat: OpcodeRow("eqfloat", .abc, [], "R[A] := R[B] == R[C]")
    case .neFloat: OpcodeRow("nefloat", .abc, [], "R[A] := R[B] != R[C]")
    case .ltFloat: OpcodeRow("ltfloat", .abc, [], "R[A] := R[B] < R[C]")
    case .leFloat: OpcodeRow("lefloat", .abc, [], "R[A] := R[B] <= R[C]")
    case .not: OpcodeRow("not", .ab, [], "R[A] := 1 - R[B]")
    case .eqIntImm: OpcodeRow("eqint.i", .abImm, [], "R[A] := R[B] == C")
    case .neIntImm: OpcodeRow("neint.i", .abImm, [], "R[A] := R[B] != C")
    case .ltIntImm: OpcodeRow("ltint.i", .abImm, [], "R[A] := R[B] < C")
    case .leIntImm: OpcodeRow("leint.i", .abImm, [], "R[A] := R[B] <= C")
    case .gtIntImm: OpcodeRow("gtint.i", .abImm, [], "R[A] := R[B] > C")
    case .geIntImm: OpcodeRow("geint.i", .abImm, [], "R[A] := R[B] >= C")
    case .eqString: OpcodeRow("eqstring", .abc, .readsHeap, "R[A] := strings R[B] and R[C] have equal bytes")
    case .hashString: OpcodeRow("hashstring", .ab, .readsHeap, "R[A] := hash of the bytes of string R[B]")
    case .hashMix: OpcodeRow("hashmix", .abc, [], "R[A] := hash R[B] with R[C] mixed into it")

    // A taken jump reloads the handler table, so every loop passes a safepoint.
    case .jump: OpcodeRow("jump", .jump, .endsBlock, "pc += imm")
    case .jumpTrue: OpcodeRow("jumptrue", .aJump, .endsBlock, "if R[A] != 0: pc += imm")
    case .jumpFalse: OpcodeRow("jumpfalse", .aJump, .endsBlock, "if R[A] == 0: pc += imm")
    case .jumpTable: OpcodeRow("jumptable", .table, .endsBlock, "if R[A] < B: pc += offset R[A]; else goes on behind the table")
    case .jumpEqInt: OpcodeRow("jumpeq", .abJump, .endsBlock, "if R[A] == R[B]: pc += C")
    case .jumpNeInt: OpcodeRow("jumpne", .abJump, .endsBlock, "if R[A] != R[B]: pc += C")
    case .jumpLtInt: OpcodeRow("jumplt", .abJump, .endsBlock, "if R[A] < R[B]: pc += C")
    case .jumpLeInt: OpcodeRow("jumple", .abJump, .endsBlock, "if R[A] <= R[B]: pc += C")
    case .jumpLtUInt: OpcodeRow("jumpltu", .abJump, .endsBlock, "if R[A] < R[B], unsigned: pc += C")
    case .jumpLeUInt: OpcodeRow("jumpleu", .abJump, .endsBlock, "if R[A] <= R[B], unsigned: pc += C")
    case .jumpEqIntImm: OpcodeRow("jumpeq.i", .aImmJump, .endsBlock, "if R[A] == B: pc += C")
    case .jumpNeIntImm: OpcodeRow("jumpne.i", .aImmJump, .endsBlock, "if R[A] != B: pc += C")
    case .jumpLtIntImm: OpcodeRow("jumplt.i", .aImmJump, .endsBlock, "if R[A] < B: pc += C")
    case .jumpLeIntImm: OpcodeRow("jumple.i", .aImmJump, .endsBlock, "if R[A] <= B: pc += C")
    case .jumpGtIntImm: OpcodeRow("jumpgt.i", .aImmJump, .endsBlock, "if R[A] > B: pc += C")
    case .jumpGeIntImm: OpcodeRow("jumpge.i", .aImmJump, .endsBlock, "if R[A] >= B: pc += C")
    case .jumpEqFloat: OpcodeRow("jumpfeq", .abJump, .endsBlock, "if R[A] == R[B]: pc += C")
    case .jumpNeFloat: OpcodeRow("jumpfne", .abJump, .endsBlock, "if R[A] != R[B]: pc += C")
    case .jumpLtFloat: OpcodeRow("jumpflt", .abJump, .endsBlock, "if R[A] < R[B]: pc += C")
    case .jumpLeFloat: OpcodeRow("jumpfle", .abJump, .endsBlock, "if R[A] <= R[B]: pc += C")
    case .jumpNotLtFloat: OpcodeRow("jumpfnlt", .abJump, .endsBlock, "if not R[A] < R[B]: pc += C")
    case .jumpNotLeFloat: OpcodeRow("jumpfnle", .abJump, .endsBlock, "if not R[A] <= R[B]: pc += C")

    // The callee's R[0] is the caller's R[A]; R[A-1] takes the return address. Results come back in R[A]...
    case .call: OpcodeRow("call", .call, [.calls, .mayPanic, .mayCollect, .readsHeap, .writesHeap], "R[A..] := S[imm](R[A..])")
    case .callClosure: OpcodeRow("callclosure", .callClosure, [.calls, .mayPanic, .mayCollect, .readsHeap, .writesHeap], "R[A..] := S[R[B].slot](R[A..]); the arguments are followed by R[B] itself")
    case .tailCall: OpcodeRow("tailcall", .tailCall, [.calls, .endsBlock, .mayPanic], "return S[imm](R[A..<A+word])")
    case .tailCallClosure: OpcodeRow("tailclosure", .tailClosure, [.calls, .endsBlock, .mayPanic], "return S[R[B].slot](R[A..<A+C]); the last of these is R[B] itself")
    case .returnNone: OpcodeRow("return", .none, .endsBlock, "return")
    case .returnFirst: OpcodeRow("returnfirst", .none, .endsBlock, "return; the result is in R[0]")
    case .return1: OpcodeRow("return1", .a, .endsBlock, "R[0] := R[A]; return")
    case .returnBlock: OpcodeRow("returnblock", .return, .endsBlock, "R[0..<B] := R[A..<A+B]; return")
    case .primitive: OpcodeRow("primitive", .primitive, [.mayPanic, .mayCollect, .readsHeap, .writesHeap], "R[A..] := P[B](R[A..<A+C])")

    case .newObject: OpcodeRow("newobject", .aIndex32, .mayCollect, "R[A] := a zeroed object of descriptor imm")
    case .getField: OpcodeRow("getfield", .field, .readsHeap, "R[A] := R[B].word[C]")
    case .getField2: OpcodeRow("getfield2", .field, .readsHeap, "R[A], R[A+1] := R[B].word[C], R[B].word[C+1]")
    case .getFieldBlock: OpcodeRow("getfieldblock", .field, .readsHeap, "R[A..<A+D] := R[B].word[C..<C+D]")
    case .setField: OpcodeRow("setfield", .setField, .writesHeap, "R[A].word[C] := R[B], not a reference")
    case .setFieldRef: OpcodeRow("setfieldref", .setField, .writesHeap, "R[A].word[C] := R[B], through the write barrier")
    case .setFieldPair: OpcodeRow("setfieldpair", .fieldUpdate, .writesHeap, "R[A].word[D], R[A].word[D+1] := R[B], R[C], no references")
    case .setFieldBlock: OpcodeRow("setfieldblock", .setField, .writesHeap, "R[A].word[C..<C+D] := R[B..<B+D], no references")

    case .newVector: OpcodeRow("newvector", .aIndex32, .mayCollect, "R[A] := an empty vector of vector descriptor imm")
    case .vectorCount: OpcodeRow("veccount", .ab, .readsHeap, "R[A] := count of R[B]")
    case .vectorGet: OpcodeRow("vecget", .element, [.readsHeap, .mayPanic], "R[A] := R[B][R[C]], 8-byte elements")
    case .vectorGetBlock: OpcodeRow("vecgetblock", .element, [.readsHeap, .mayPanic], "R[A..<A+D] := R[B][R[C]], elements of D words")
    case .vectorGetWord: OpcodeRow("vecgetword", .element, [.readsHeap, .mayPanic], "R[A] := word D of R[B][R[C]], elements of several words")
    case .vectorGetU8: OpcodeRow("vecgetu8", .element, [.readsHeap, .mayPanic], "R[A] := R[B][R[C]], 1-byte unsigned elements")
    case .vectorGetPacked: OpcodeRow("vecgetpacked", .element, [.readsHeap, .mayPanic], "R[A] := R[B][R[C]], elements of ElementKind D")
    case .vectorSet: OpcodeRow("vecset", .setElement, [.writesHeap, .mayPanic], "R[A][R[B]] := R[C], 8-byte elements that are no references")
    case .vectorSetRef: OpcodeRow("vecsetref", .setElement, [.writesHeap, .mayPanic], "R[A][R[B]] := R[C], through the write barrier")
    case .vectorSetBlock: OpcodeRow("vecsetblock", .setElement, [.writesHeap, .mayPanic], "R[A][R[B]] := R[C..<C+D], through the write barrier where the descriptor has references")
    case .vectorSetU8: OpcodeRow("vecsetu8", .setElement, [.writesHeap, .mayPanic], "R[A][R[B]] := R[C], 1-byte elements")
    case .vectorSetPacked: OpcodeRow("vecsetpacked", .setElement, [.writesHeap, .mayPanic], "R[A][R[B]] := R[C], elements of ElementKind D")
    case .vectorPush: OpcodeRow("vecpush", .ab, [.writesHeap, .mayCollect, .mayPanic], "appends the element R[B..<B+D] to R[A], elements of ElementKind C")
    case .vectorPop: OpcodeRow("vecpop", .ab, [.writesHeap, .mayPanic], "R[A..<A+D] := the last element of R[B], removed, of ElementKind C; R[B] is not empty")

    case .movePair: OpcodeRow("movepair", .pair, [], "R[A] := R[B]; R[A+1] := R[C]")
    case .mulAddFloat: OpcodeRow("muladd", .fused, [], "R[A] := R[D] + R[B] * R[C], rounded twice")
    case .mulSubFloat: OpcodeRow("mulsub", .fused, [], "R[A] := R[D] - R[B] * R[C], rounded twice")
    case .addFieldFloat: OpcodeRow("addfield", .fieldFused, .readsHeap, "R[A] := R[D] + R[B].word[C]")
    case .subFieldFloat: OpcodeRow("subfield", .fieldFused, .readsHeap, "R[A] := R[D] - R[B].word[C]")
    case .mulFieldFloat: OpcodeRow("mulfield", .fieldFused, .readsHeap, "R[A] := R[D] * R[B].word[C]")
    case .fieldAddFloat: OpcodeRow("fieldadd", .setField, [.readsHeap, .writesHeap], "R[A].word[C] += R[B]")
    case .fieldSubFloat: OpcodeRow("fieldsub", .setField, [.readsHeap, .writesHeap], "R[A].word[C] -= R[B]")
    case .fieldMulAddFloat: OpcodeRow("fieldmuladd", .fieldUpdate, [.readsHeap, .writesHeap], "R[A].word[D] += R[B] * R[C], rounded twice")
    case .fieldMulSubFloat: OpcodeRow("fieldmulsub", .fieldUpdate, [.readsHeap, .writesHeap], "R[A].word[D] -= R[B] * R[C], rounded twice")
    case .fieldAddIntImm: OpcodeRow("fieldadd.i", .fieldImm, [.readsHeap, .writesHeap], "R[A].word[C] += B, wrapping")
    case .vectorSetU8Imm: OpcodeRow("vecsetu8.i", .setElementImm, [.writesHeap, .mayPanic], "R[A][R[B]] := C, 1-byte elements")
    case .loopLt: OpcodeRow("looplt", .stepJump, .endsBlock, "R[A] += D; if R[A] < R[B]: pc += C")
    case .loopLtImm: OpcodeRow("looplt.i", .stepImmJump, .endsBlock, "R[A] += D; if R[A] < B: pc += C")
    case .loopAddLt: OpcodeRow("loopaddlt", .stepRegisterJump, .endsBlock, "R[A] += R[D]; if R[A] < R[B]: pc += C")
    case .loopCount: OpcodeRow("loopcount", .countJump, [.readsHeap, .endsBlock], "R[A] += 1; if R[A] < count of R[B]: pc += C")

    case .checkStale: OpcodeRow("checkstale", .a, [.readsHeap, .mayPanic], "panics when the layout of object R[A] has been replaced")
    case .panic: OpcodeRow("panic", .a, [.mayPanic, .endsBlock], "panics with the string R[A]")
    case .trap: OpcodeRow("trap", .aImm32, [.mayPanic, .endsBlock], "panics for PanicReason imm")
    case .enterRestart: OpcodeRow("enterrestart", .jump, [], "pushes a restart point: a panic above unwinds to pc + imm in this frame")
    case .leaveRestart: OpcodeRow("leaverestart", .none, [], "pops the innermost restart point")
    case .boundary: OpcodeRow("boundary", .a, [.mayCollect, .mayPanic], "a turn of a live loop: takes in pending patches; R[A] := 1 when a soft restart is asked for, else 0")
    case .pause: OpcodeRow("pause", .a, [.mayPanic], "behind a panic: hands it to the host and waits; R[A] := 0 to try again, 1 for a soft restart")
    }
  }
}

extension Opcode {
  /// Whether all the instruction does with its registers is to compute R[A], which it has read by then.
  public var writesOnlyA: Bool {
    switch self {
    case .move2, .move3, .vectorPush, .vectorPop, .clear, .storeGlobal, .storeGlobalRef, .trap, .getField2, .getFieldBlock,
      .vectorGetBlock:
      false
    default:
      switch row.shape {
      case .ab, .abc, .abImm, .aImm32, .aIndex32, .aWord, .abWord, .field, .element, .fused, .fieldFused: true
      default: false
      }
    }
  }
}

extension OperandShape {
  /// Jumps whose offset has 16 bits.
  public var isShortJump: Bool {
    switch self {
    case .abJump, .aImmJump, .stepJump, .stepImmJump, .stepRegisterJump, .countJump: true
    default: false
    }
  }
}

/// What a `halt` leaves bytecode for. All but `end` stand only in words that are made beside native code.
public enum Departure: UInt8, Sendable {
  /// The run is at its end, or native code goes on behind its call.
  case end
  /// The next word is the address of native code for this frame.
  case native
  /// A panic is pending.
  case raise
  /// A panic is on its way to a restart point further out.
  case unwind
}

/// How a vector stores its elements; the detail byte of the packed accesses.
public enum ElementKind: UInt8, CaseIterable, Sendable {
  case words  // one or more 8-byte words
  case u8, i8, u16, i16, u32, i32, f32

  public var byteCount: Int {
    switch self {
    case .words: 8
    case .u8, .i8: 1
    case .u16, .i16: 2
    case .u32, .i32, .f32: 4
    }
  }
}
