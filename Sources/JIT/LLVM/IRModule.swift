// A module under construction: its context, its types, the builder and what is asked of LLVM once it is complete.

import Bytecode
import CLLVM

/// How a call passes its words.
enum CallConvention: UInt32 {
  /// As C does: what is entered through slots, and the runtime.
  case c = 0
  /// LLVM's own: within a module.
  case fast = 8
  /// The callee saves all registers for whole numbers: for calls that hardly ever happen.
  case saving = 14
  /// The same with calls in tail position that take no stack.
  case tail = 18
}

/// What memory an access is to. Accesses of different kinds never meet, but for those that comprise others.
enum Memory: Hashable {
  case window, header, vector, storage, global, machine, literal, code
  /// A payload word of an object, by its index: whatever the object is, its other words lie elsewhere.
  case field(Int)
  /// Elements, by how they are stored.
  case data(ElementKind)
  /// What the heap needs to find room for an object: all that is not part of objects which the program has.
  case allocation
  /// What changes where a vector grows.
  case growth

  /// What it is comprised by.
  var whole: Memory? {
    switch self {
    case .window, .header, .machine, .literal, .code: .allocation
    case .allocation, .vector, .storage, .data: .growth
    case .growth, .global, .field: nil
    }
  }
}

/// A value that depends on where its block is come from.
@safe struct IRPhi {
  let value: IRValue
  fileprivate let module: IRModule

  /// From the block at hand it is `value`.
  func add(_ value: IRValue) {
    var values: [LLVMValueRef?] = unsafe [value.raw]
    var blocks: [LLVMBasicBlockRef?] = unsafe [module.currentBlock.raw]
    unsafe LLVMAddIncoming(self.value.raw, &values, &blocks, 1)
  }
}

@safe final class IRModule {
  private let context: LLVMContextRef
  let raw: LLVMModuleRef
  let builder: LLVMBuilderRef
  private var tags: [Memory: LLVMValueRef] = unsafe [:]
  private let tagRoot: LLVMMetadataRef
  private let tagKind: UInt32
  private let constantKind: UInt32
  private let emptyNode: LLVMValueRef
  private let weightKind: UInt32
  private let likelyWeights: LLVMValueRef
  let word, wide, byte, bit, half, int32, double, float, pointer, void: IRType
  private var intrinsics: [String: (IRValue, IRType)] = [:]

  init(_ name: String, _ machine: borrowing TargetMachine) {
    unsafe context = LLVMContextCreate()
    unsafe LLVMContextSetDiscardValueNames(context, 1)
    unsafe raw = LLVMModuleCreateWithNameInContext(name, context)
    unsafe builder = LLVMCreateBuilderInContext(context)
    unsafe LLVMSetTarget(raw, LLVM.triple)
    let layout = unsafe LLVMCreateTargetDataLayout(machine.raw)
    unsafe LLVMSetModuleDataLayout(raw, layout)
    unsafe LLVMDisposeTargetData(layout)
    unsafe word = IRType(raw: LLVMInt64TypeInContext(context))
    unsafe wide = IRType(raw: LLVMInt128TypeInContext(context))
    unsafe byte = IRType(raw: LLVMInt8TypeInContext(context))
    unsafe half = IRType(raw: LLVMInt16TypeInContext(context))
    unsafe bit = IRType(raw: LLVMInt1TypeInContext(context))
    unsafe int32 = IRType(raw: LLVMInt32TypeInContext(context))
    unsafe double = IRType(raw: LLVMDoubleTypeInContext(context))
    unsafe float = IRType(raw: LLVMFloatTypeInContext(context))
    unsafe pointer = IRType(raw: LLVMPointerTypeInContext(context, 0))
    unsafe void = IRType(raw: LLVMVoidTypeInContext(context))
    unsafe tagKind = LLVMGetMDKindIDInContext(context, "tbaa", 4)
    unsafe weightKind = LLVMGetMDKindIDInContext(context, "prof", 4)
    unsafe constantKind = LLVMGetMDKindIDInContext(context, "invariant.load", 14)
    unsafe emptyNode = LLVMMetadataAsValue(context, Self.node(context, []))
    unsafe tagRoot = Self.node(context, [Self.text(context, "Lang")])
    unsafe likelyWeights = LLVMMetadataAsValue(
      context, Self.node(context, [Self.text(context, "branch_weights"), Self.number(1 << 20, int32), Self.number(1, int32)]))
  }

  // MARK: Metadata

  private static func text(_ context: LLVMContextRef, _ text: String) -> LLVMMetadataRef { unsafe LLVMMDStringInContext2(context, text, text.utf8.count) }
  private static func node(_ context: LLVMContextRef, _ parts: [LLVMMetadataRef?]) -> LLVMMetadataRef {
    var parts = unsafe parts
    return unsafe LLVMMDNodeInContext2(context, &parts, parts.count)
  }
  private static func number(_ value: UInt64, _ type: IRType) -> LLVMMetadataRef { unsafe LLVMValueAsMetadata(LLVMConstInt(type.raw, value, 0)) }

  private func tag(_ memory: Memory) -> LLVMValueRef {
    if let known = unsafe tags[memory] { return unsafe known }
    let zero = unsafe Self.number(0, word)
    let type = unsafe type(of: memory)
    let made = unsafe LLVMMetadataAsValue(context, Self.node(context, [type, type, zero])).unsafelyUnwrapped
    unsafe tags[memory] = made
    return unsafe made
  }

  private func type(of memory: Memory) -> LLVMMetadataRef {
    unsafe Self.node(context, [Self.text(context, "\(memory)"), memory.whole.map { unsafe type(of: $0) } ?? tagRoot, Self.number(0, word)])
  }

  /// A call that reads and writes no other memory of the program's.
  func limit(_ call: IRValue, to memory: Memory) { unsafe LLVMSetMetadata(call.raw, tagKind, tag(memory)) }

  /// A call that answers by its arguments alone, or also by memory that it `reads`.
  func limitToReading(_ call: IRValue, reads: Bool) {
    for (name, value) in [("memory", reads ? 0b010101 : 0), ("willreturn", 0), ("nounwind", 0)] as [(String, UInt64)] {
      let kind = unsafe LLVMGetEnumAttributeKindForName(name, name.utf8.count)
      unsafe LLVMAddCallSiteAttribute(call.raw, UInt32.max, LLVMCreateEnumAttribute(context, kind, value))
    }
  }

  deinit {
    unsafe LLVMDisposeBuilder(builder)
    unsafe LLVMDisposeModule(raw)
    unsafe LLVMContextDispose(context)
  }

  // MARK: Types, functions, blocks

  func function(_ result: IRType, _ parameters: [IRType]) -> IRType {
    var raws = unsafe parameters.map { unsafe Optional($0.raw) }
    return unsafe IRType(raw: LLVMFunctionType(result.raw, &raws, UInt32(raws.count), 0))
  }

  func structure(_ parts: [IRType]) -> IRType {
    var raws = unsafe parts.map { unsafe Optional($0.raw) }
    return unsafe IRType(raw: LLVMStructTypeInContext(context, &raws, UInt32(raws.count), 0))
  }

  func addFunction(_ name: String, _ type: IRType, _ convention: CallConvention, isInternal: Bool) -> IRValue {
    let function = unsafe IRValue(raw: LLVMAddFunction(raw, name, type.raw))
    unsafe LLVMSetFunctionCallConv(function.raw, convention.rawValue)
    if isInternal { unsafe LLVMSetLinkage(function.raw, LLVMInternalLinkage) }
    attribute("nounwind", of: function)
    // Where a loop lies within a line of the cache should not depend on what stands in front of its function.
    unsafe LLVMSetAlignment(function.raw, 64)
    return function
  }

  /// A word of memory of the module's own, 0.
  func addWord(_ name: String) -> IRValue {
    let global = unsafe IRValue(raw: LLVMAddGlobal(raw, word.raw, name))
    unsafe LLVMSetInitializer(global.raw, LLVMConstNull(word.raw))
    unsafe LLVMSetLinkage(global.raw, LLVMInternalLinkage)
    return global
  }

  func attribute(_ name: String, of function: IRValue, value: UInt64 = 0) {
    let kind = unsafe LLVMGetEnumAttributeKindForName(name, name.utf8.count)
    unsafe LLVMAddAttributeAtIndex(function.raw, UInt32.max, LLVMCreateEnumAttribute(context, kind, value))
  }

  func attribute(_ name: String, _ value: String, of function: IRValue) {
    unsafe LLVMAddAttributeAtIndex(
      function.raw, UInt32.max,
      LLVMCreateStringAttribute(context, name, UInt32(name.utf8.count), value, UInt32(value.utf8.count)))
  }

  func attribute(_ name: String, ofAnswer call: IRValue) {
    let kind = unsafe LLVMGetEnumAttributeKindForName(name, name.utf8.count)
    unsafe LLVMAddCallSiteAttribute(call.raw, 0, LLVMCreateEnumAttribute(context, kind, 0))
  }

  func parameter(_ function: IRValue, _ index: Int) -> IRValue { unsafe IRValue(raw: LLVMGetParam(function.raw, UInt32(index))) }

  func block(in function: IRValue) -> IRBlock { unsafe IRBlock(raw: LLVMAppendBasicBlockInContext(context, function.raw, "")) }

  /// A value of a block that has nothing yet.
  func phi(_ type: IRType, in block: IRBlock) -> IRPhi {
    let here = currentBlock
    begin(block)
    defer { begin(here) }
    return unsafe IRPhi(value: IRValue(raw: LLVMBuildPhi(builder, type.raw, "")), module: self)
  }

  var currentBlock: IRBlock { unsafe IRBlock(raw: LLVMGetInsertBlock(builder)) }

  /// Of a function that nothing calls.
  func remove(_ function: IRValue) { unsafe LLVMDeleteFunction(function.raw) }

  func begin(_ block: IRBlock) { unsafe LLVMPositionBuilderAtEnd(builder, block.raw) }

  /// Whether the block at hand has its last instruction.
  var isTerminated: Bool { unsafe LLVMGetBasicBlockTerminator(LLVMGetInsertBlock(builder)) != nil }

  // MARK: Constants

  func constant(_ value: Int) -> IRValue { unsafe IRValue(raw: LLVMConstInt(word.raw, UInt64(bitPattern: Int64(value)), 0)) }
  func constant(word value: UInt64) -> IRValue { unsafe IRValue(raw: LLVMConstInt(word.raw, value, 0)) }
  func constant(_ value: Int, _ type: IRType) -> IRValue { unsafe IRValue(raw: LLVMConstInt(type.raw, UInt64(bitPattern: Int64(value)), 1)) }
  func constant(_ value: Double) -> IRValue { unsafe IRValue(raw: LLVMConstReal(double.raw, value)) }
  func address(_ value: UInt) -> IRValue { unsafe IRValue(raw: LLVMConstIntToPtr(constant(word: UInt64(value)).raw, pointer.raw)) }
  var null: IRValue { unsafe IRValue(raw: LLVMConstNull(pointer.raw)) }
  func undefined(_ type: IRType) -> IRValue { unsafe IRValue(raw: LLVMGetUndef(type.raw)) }

  // MARK: Memory

  func alloca(_ type: IRType) -> IRValue { unsafe IRValue(raw: LLVMBuildAlloca(builder, type.raw, "")) }

  /// A local variable's value.
  func get(_ type: IRType, _ local: IRValue) -> IRValue { unsafe IRValue(raw: LLVMBuildLoad2(builder, type.raw, local.raw, "")) }
  func set(_ local: IRValue, _ value: IRValue) { unsafe _ = LLVMBuildStore(builder, value.raw, local.raw) }

  func load(_ type: IRType, _ address: IRValue, _ memory: Memory) -> IRValue {
    let loaded = unsafe LLVMBuildLoad2(builder, type.raw, address.raw, "")
    unsafe LLVMSetMetadata(loaded, tagKind, tag(memory))
    return unsafe IRValue(raw: loaded.unsafelyUnwrapped)
  }

  func store(_ value: IRValue, _ address: IRValue, _ memory: Memory) {
    let stored = unsafe LLVMBuildStore(builder, value.raw, address.raw)
    unsafe LLVMSetMetadata(stored, tagKind, tag(memory))
  }

  /// What never changes while the code runs.
  func loadConstant(_ type: IRType, _ address: IRValue) -> IRValue {
    let loaded = unsafe LLVMBuildLoad2(builder, type.raw, address.raw, "")
    unsafe LLVMSetMetadata(loaded, constantKind, emptyNode)
    return unsafe IRValue(raw: loaded.unsafelyUnwrapped)
  }

  /// Each time anew, since another thread may have changed it.
  func loadVolatile(_ type: IRType, _ address: IRValue) -> IRValue {
    let loaded = unsafe LLVMBuildLoad2(builder, type.raw, address.raw, "")
    unsafe LLVMSetVolatile(loaded, 1)
    return unsafe IRValue(raw: loaded.unsafelyUnwrapped)
  }

  /// `base` and `count` elements of `type`.
  func offset(_ base: IRValue, _ type: IRType, _ count: IRValue) -> IRValue {
    var indices: [LLVMValueRef?] = unsafe [count.raw]
    return unsafe IRValue(raw: LLVMBuildGEP2(builder, type.raw, base.raw, &indices, 1, ""))
  }
  func offset(_ base: IRValue, bytes: IRValue) -> IRValue { offset(base, byte, bytes) }
  func offset(_ base: IRValue, bytes: Int) -> IRValue { bytes == 0 ? base : offset(base, byte, constant(bytes)) }

  // MARK: Arithmetic

  private typealias Binary = (LLVMBuilderRef?, LLVMValueRef?, LLVMValueRef?, UnsafePointer<CChar>?) -> LLVMValueRef?
  private typealias Cast = (LLVMBuilderRef?, LLVMValueRef?, LLVMTypeRef?, UnsafePointer<CChar>?) -> LLVMValueRef?

  private func binary(_ x: IRValue, _ y: IRValue, _ build: Binary) -> IRValue { unsafe IRValue(raw: build(builder, x.raw, y.raw, "").unsafelyUnwrapped) }
  private func cast(_ x: IRValue, _ type: IRType, _ build: Cast) -> IRValue { unsafe IRValue(raw: build(builder, x.raw, type.raw, "").unsafelyUnwrapped) }

  func add(_ x: IRValue, _ y: IRValue) -> IRValue { unsafe binary(x, y, LLVMBuildAdd) }
  /// Both have to be so small that the sum is a word.
  func addWithoutWrap(_ x: IRValue, _ y: IRValue) -> IRValue { unsafe binary(x, y, LLVMBuildNSWAdd) }
  func sub(_ x: IRValue, _ y: IRValue) -> IRValue { unsafe binary(x, y, LLVMBuildSub) }
  func mul(_ x: IRValue, _ y: IRValue) -> IRValue { unsafe binary(x, y, LLVMBuildMul) }
  func sdiv(_ x: IRValue, _ y: IRValue) -> IRValue { unsafe binary(x, y, LLVMBuildSDiv) }
  func srem(_ x: IRValue, _ y: IRValue) -> IRValue { unsafe binary(x, y, LLVMBuildSRem) }
  func udiv(_ x: IRValue, _ y: IRValue) -> IRValue { unsafe binary(x, y, LLVMBuildUDiv) }
  func urem(_ x: IRValue, _ y: IRValue) -> IRValue { unsafe binary(x, y, LLVMBuildURem) }
  func and(_ x: IRValue, _ y: IRValue) -> IRValue { unsafe binary(x, y, LLVMBuildAnd) }
  func or(_ x: IRValue, _ y: IRValue) -> IRValue { unsafe binary(x, y, LLVMBuildOr) }
  func xor(_ x: IRValue, _ y: IRValue) -> IRValue { unsafe binary(x, y, LLVMBuildXor) }
  func shl(_ x: IRValue, _ y: IRValue) -> IRValue { unsafe binary(x, y, LLVMBuildShl) }
  func ashr(_ x: IRValue, _ y: IRValue) -> IRValue { unsafe binary(x, y, LLVMBuildAShr) }
  func lshr(_ x: IRValue, _ y: IRValue) -> IRValue { unsafe binary(x, y, LLVMBuildLShr) }
  func fadd(_ x: IRValue, _ y: IRValue) -> IRValue { unsafe binary(x, y, LLVMBuildFAdd) }
  func fsub(_ x: IRValue, _ y: IRValue) -> IRValue { unsafe binary(x, y, LLVMBuildFSub) }
  func fmul(_ x: IRValue, _ y: IRValue) -> IRValue { unsafe binary(x, y, LLVMBuildFMul) }
  func fdiv(_ x: IRValue, _ y: IRValue) -> IRValue { unsafe binary(x, y, LLVMBuildFDiv) }
  func fneg(_ x: IRValue) -> IRValue { unsafe IRValue(raw: LLVMBuildFNeg(builder, x.raw, "")) }

  func bitcast(_ x: IRValue, _ type: IRType) -> IRValue { unsafe cast(x, type, LLVMBuildBitCast) }
  func trunc(_ x: IRValue, _ type: IRType) -> IRValue { unsafe cast(x, type, LLVMBuildTrunc) }
  func sext(_ x: IRValue, _ type: IRType) -> IRValue { unsafe cast(x, type, LLVMBuildSExt) }
  func zext(_ x: IRValue, _ type: IRType) -> IRValue { unsafe cast(x, type, LLVMBuildZExt) }
  func floatCast(_ x: IRValue, _ type: IRType) -> IRValue { unsafe cast(x, type, LLVMBuildFPCast) }
  func sitofp(_ x: IRValue) -> IRValue { unsafe cast(x, double, LLVMBuildSIToFP) }
  func uitofp(_ x: IRValue) -> IRValue { unsafe cast(x, double, LLVMBuildUIToFP) }
  func toPointer(_ x: IRValue) -> IRValue { unsafe cast(x, pointer, LLVMBuildIntToPtr) }

  func compare(_ predicate: LLVMIntPredicate, _ x: IRValue, _ y: IRValue) -> IRValue { unsafe IRValue(raw: LLVMBuildICmp(builder, predicate, x.raw, y.raw, "")) }
  func compare(_ predicate: LLVMRealPredicate, _ x: IRValue, _ y: IRValue) -> IRValue { unsafe IRValue(raw: LLVMBuildFCmp(builder, predicate, x.raw, y.raw, "")) }
  func select(_ condition: IRValue, _ x: IRValue, _ y: IRValue) -> IRValue { unsafe IRValue(raw: LLVMBuildSelect(builder, condition.raw, x.raw, y.raw, "")) }

  func extract(_ x: IRValue, _ index: Int) -> IRValue { unsafe IRValue(raw: LLVMBuildExtractValue(builder, x.raw, UInt32(index), "")) }
  func insert(_ x: IRValue, _ part: IRValue, _ index: Int) -> IRValue { unsafe IRValue(raw: LLVMBuildInsertValue(builder, x.raw, part.raw, UInt32(index), "")) }

  /// An intrinsic function of one overloaded type.
  func intrinsic(_ name: String, _ type: IRType, result: IRType, _ arguments: [IRValue], _ parameters: [IRType]) -> IRValue {
    let key = unsafe "\(name) \(type.raw) \(result.raw)"
    var overloads: [LLVMTypeRef?] = unsafe name.contains("fpto") ? [result.raw, type.raw] : [type.raw]
    let (callee, calleeType) = intrinsics[key] ?? {
      let id = unsafe LLVMLookupIntrinsicID(name, name.utf8.count)
      return (unsafe IRValue(raw: LLVMGetIntrinsicDeclaration(raw, id, &overloads, overloads.count)), function(result, parameters))
    }()
    intrinsics[key] = (callee, calleeType)
    return call(callee, calleeType, arguments, .c)
  }

  // MARK: Control

  /// `mustTail`: in place of the frame at hand; the answer has to be returned at once.
  func call(_ function: IRValue, _ type: IRType, _ arguments: [IRValue], _ convention: CallConvention, mustTail: Bool = false) -> IRValue {
    var raws = unsafe arguments.map { unsafe Optional($0.raw) }
    let call = unsafe LLVMBuildCall2(builder, type.raw, function.raw, &raws, UInt32(raws.count), "")
    unsafe LLVMSetInstructionCallConv(call, convention.rawValue)
    if mustTail { unsafe LLVMSetTailCallKind(call, LLVMTailCallKindMustTail) }
    return unsafe IRValue(raw: call.unsafelyUnwrapped)
  }

  func jump(_ block: IRBlock) { unsafe _ = LLVMBuildBr(builder, block.raw) }
  /// `weights`: how often the first block was taken, of all.
  func branch(_ condition: IRValue, _ yes: IRBlock, _ no: IRBlock, weights: (taken: Int, all: Int)? = nil) {
    let branch = unsafe LLVMBuildCondBr(builder, condition.raw, yes.raw, no.raw)
    guard let weights else { return }
    unsafe LLVMSetMetadata(
      branch, weightKind,
      LLVMMetadataAsValue(
        context,
        Self.node(
          context,
          [
            Self.text(context, "branch_weights"), Self.number(UInt64(weights.taken + 1), int32),
            Self.number(UInt64(weights.all - weights.taken + 1), int32),
          ])))
  }

  /// The second block is hardly ever taken.
  func branchLikely(_ condition: IRValue, _ yes: IRBlock, _ cold: IRBlock) {
    let branch = unsafe LLVMBuildCondBr(builder, condition.raw, yes.raw, cold.raw)
    unsafe LLVMSetMetadata(branch, weightKind, likelyWeights)
  }

  func `switch`(_ value: IRValue, _ other: IRBlock, _ cases: [IRBlock]) {
    let made = unsafe LLVMBuildSwitch(builder, value.raw, other.raw, UInt32(cases.count))
    for (i, target) in cases.enumerated() { unsafe LLVMAddCase(made, constant(i).raw, target.raw) }
  }

  /// Returns a value, or none.
  func ret(_ value: IRValue?) { unsafe _ = LLVMBuildRet(builder, value?.raw) }

  // MARK: When it is complete

  var text: String { unsafe LLVM.take(LLVMPrintModuleToString(raw)) }

  /// nil when the module is well formed.
  func verify() -> String? {
    var message: UnsafeMutablePointer<CChar>?
    let isBroken = unsafe LLVMVerifyModule(raw, LLVMReturnStatusAction, &message) != 0
    let text = unsafe LLVM.take(message)
    return isBroken ? text : nil
  }

  func optimise(_ passes: String, _ machine: borrowing TargetMachine) throws(CompileFailure) {
    let options = unsafe LLVMCreatePassBuilderOptions()
    defer { unsafe LLVMDisposePassBuilderOptions(options) }
    if let message = unsafe LLVM.text(LLVMRunPasses(raw, passes, machine.raw, options)) { throw CompileFailure(message: message) }
  }

  func emit(_ machine: borrowing TargetMachine, asText: Bool = false) throws(CompileFailure) -> ObjectFile {
    var buffer: LLVMMemoryBufferRef?
    var message: UnsafeMutablePointer<CChar>?
    let failed = unsafe LLVMTargetMachineEmitToMemoryBuffer(
      machine.raw, raw, asText ? LLVMAssemblyFile : LLVMObjectFile, &message, &buffer)
    if failed != 0 { throw CompileFailure(message: unsafe LLVM.take(message)) }
    guard let buffer = unsafe buffer else { throw CompileFailure(message: "LLVM has no memory for an object") }
    return unsafe ObjectFile(buffer)
  }
}
