// What LLVM gives out, each with the one who disposes of it. Nothing here may be touched before `LLVM.load` has answered nil.
//
// Invariant: a module is disposed of before its context, and a builder too; `IRModule` keeps all three together.

import CLLVM
import Runtime

/// A type, a value, a block: valid as long as the module they belong to.
@safe struct IRType { let raw: LLVMTypeRef }
@safe struct IRValue { let raw: LLVMValueRef }
@safe struct IRBlock { let raw: LLVMBasicBlockRef }

enum LLVM {
  private static let attempt: String? = {
    guard let message = unsafe lang_llvm_load() else {
      initialiseTarget()
      CompilerThread.catchFaults()
      return nil
    }
    return unsafe String(cString: message)
  }()

  /// Loads the library. nil when it is there, else why not. Any thread; about 10 ms the first time.
  static func load() -> String? { attempt }

  private static func initialiseTarget() {
    #if arch(x86_64)
      LLVMInitializeX86TargetInfo()
      LLVMInitializeX86Target()
      LLVMInitializeX86TargetMC()
      LLVMInitializeX86AsmPrinter()
    #elseif arch(arm64)
      LLVMInitializeAArch64TargetInfo()
      LLVMInitializeAArch64Target()
      LLVMInitializeAArch64TargetMC()
      LLVMInitializeAArch64AsmPrinter()
    #endif
  }

  static let triple: String = {
    #if arch(x86_64)
      "x86_64-unknown-linux-gnu"
    #else
      "aarch64-unknown-linux-gnu"
    #endif
  }()

  /// The text of an error, which is consumed.
  static func text(_ error: LLVMErrorRef?) -> String? {
    guard let error = unsafe error else { return nil }
    guard let message = unsafe LLVMGetErrorMessage(error) else { return "an error without a message" }
    defer { unsafe LLVMDisposeErrorMessage(message) }
    return unsafe String(cString: message)
  }

  /// A message of LLVM's as a string; it is disposed of.
  static func take(_ message: UnsafeMutablePointer<CChar>?) -> String {
    guard let message = unsafe message else { return "" }
    defer { unsafe LLVMDisposeMessage(message) }
    return unsafe String(cString: message)
  }
}

/// Code generation for this very machine.
@safe struct TargetMachine: ~Copyable {
  let raw: LLVMTargetMachineRef

  /// nil when LLVM knows no such target.
  init?() {
    var target: LLVMTargetRef?
    var message: UnsafeMutablePointer<CChar>?
    guard unsafe LLVMGetTargetFromTriple(LLVM.triple, &target, &message) == 0 else {
      _ = unsafe LLVM.take(message)
      return nil
    }
    let cpu = unsafe LLVM.take(LLVMGetHostCPUName()), features = unsafe LLVM.take(LLVMGetHostCPUFeatures())
    // All of a module is close together; addresses of anything else are constants.
    guard let made = unsafe LLVMCreateTargetMachine(
      target, LLVM.triple, cpu, features, LLVMCodeGenLevelDefault, LLVMRelocPIC, LLVMCodeModelSmall)
    else { return nil }
    unsafe raw = made
  }

  deinit { unsafe LLVMDisposeTargetMachine(raw) }
}

/// Machine code in an object file, in memory.
@safe struct ObjectFile: ~Copyable {
  private var buffer: LLVMMemoryBufferRef?

  init(_ buffer: LLVMMemoryBufferRef) { unsafe self.buffer = buffer }

  var size: Int { unsafe buffer.map { unsafe LLVMGetBufferSize($0) } ?? 0 }

  /// A copy of what is in it.
  var bytes: [UInt8] {
    guard let start = unsafe buffer.flatMap({ unsafe LLVMGetBufferStart($0) }) else { return [] }
    return unsafe [UInt8](UnsafeRawBufferPointer(start: start, count: size))
  }

  /// What is in it, for assembly.
  var text: String {
    guard let start = unsafe buffer.flatMap({ unsafe LLVMGetBufferStart($0) }) else { return "" }
    return unsafe String(decoding: UnsafeRawBufferPointer(start: start, count: size), as: UTF8.self)
  }

  /// The buffer, which the caller owns from now on.
  mutating func take() -> LLVMMemoryBufferRef? {
    defer { unsafe buffer = nil }
    return unsafe buffer
  }

  deinit { if let buffer = unsafe buffer { unsafe LLVMDisposeMemoryBuffer(buffer) } }
}

/// Why code was not compiled.
struct CompileFailure: Error { var message: String }

/// Links objects into memory, writable first and executable afterwards, never both.
@safe struct Linker: ~Copyable {
  private let raw: LLVMOrcLLJITRef
  private var isDebugged = false
  /// Held while the list that a debugger reads may change.
  fileprivate static let debugging = Lock()

  /// `isDebugged`: a debugger is told of what is linked.
  init(isDebugged: Bool = false) throws(CompileFailure) {
    var made: LLVMOrcLLJITRef?
    if let message = unsafe LLVM.text(LLVMOrcCreateLLJIT(&made, nil)) { throw CompileFailure(message: message) }
    guard let made = unsafe made else { throw CompileFailure(message: "LLVM made no linker") }
    unsafe raw = made
    // Without it all else goes on.
    if isDebugged, lang_llvm_show() { self.isDebugged = unsafe LLVM.text(LLVMOrcLLJITEnableDebugSupport(made)) == nil }
  }

  deinit { _ = unsafe LLVM.text(LLVMOrcDisposeLLJIT(raw)) }

  /// Links `object` and finds `names` in it. The code stays until the answer is given to `remove`.
  func add(_ object: consuming ObjectFile, names: [String]) throws(CompileFailure) -> (LinkedCode, [UInt]) {
    guard let tracker = unsafe LLVMOrcJITDylibCreateResourceTracker(LLVMOrcLLJITGetMainJITDylib(raw)), let buffer = unsafe object.take()
    else { throw CompileFailure(message: "LLVM has no memory for an object") }
    let code = unsafe LinkedCode(tracker)
    if let message = unsafe LLVM.text(LLVMOrcLLJITAddObjectFileWithRT(raw, tracker, buffer)) { throw CompileFailure(message: message) }
    var addresses: [UInt] = []
    let isDebugged = isDebugged
    if isDebugged { Self.debugging.lock() }
    defer { if isDebugged { Self.debugging.unlock() } }
    let before = unsafe isDebugged ? lang_llvm_newest_debugged() : nil
    for name in names {
      var address: LLVMOrcExecutorAddress = 0
      if let message = unsafe LLVM.text(LLVMOrcLLJITLookup(raw, &address, name)) { throw CompileFailure(message: message) }
      addresses.append(UInt(address))
    }
    if isDebugged, let entry = unsafe lang_llvm_newest_debugged(), unsafe entry != before { unsafe code.debugged = entry }
    return (code, addresses)
  }
}

/// Linked code; it is unmapped when the last reference is gone.
@safe final class LinkedCode {
  private let tracker: LLVMOrcResourceTrackerRef
  /// What a debugger knows of it.
  fileprivate var debugged: UnsafeMutableRawPointer?

  fileprivate init(_ tracker: LLVMOrcResourceTrackerRef) { unsafe self.tracker = tracker }

  deinit {
    if let debugged = unsafe debugged { Linker.debugging.withLock { unsafe lang_llvm_forget_debugged(debugged) } }
    _ = unsafe LLVM.text(LLVMOrcResourceTrackerRemove(tracker))
    unsafe LLVMOrcReleaseResourceTracker(tracker)
  }
}
