// Bytecode to LLVM IR, one function after the other. A function becomes up to three:
//
//   body    (R, M, registers alive at the start) -> {pc, results}       what code of the same module calls, or LLVM inlines
//   entry   (R, M, slot) -> pc                                          what slots lead to: arguments and results in the window
//   osr     (R, M, slot) -> pc                                          begins in the middle, with all registers in the window
//
// R are the frame's registers in memory, M the machine. Registers are local variables, which LLVM turns into values; memory has
// them where bytecode is to go on: at an exit, and in the windows of calls that are not of this module. The answer `pc` is null
// when the function has returned (NativeCalls.swift).
//
// Invariant: an exit stands in front of an instruction, which has done nothing yet, and has brought all that is alive into memory.

import Bytecode
import CLLVM
import Interpreter
import Runtime

/// One function of a unit, as it is now.
struct UnitFunction {
  var slot: Int
  /// Address of its first instruction, which stays where it is while native code may leave to it.
  var bytecode: UInt
  var flow: Flow
  /// Address of the words that stand for its calls, two for each site.
  var sites: UInt
  /// The site of a step, by its index.
  var siteOf: [Int: Int]
  var body: IRValue?
  var bodyType: IRType?

  /// Results that come back in registers of the host; more of them lie in the window.
  var resultsInRegisters: Int { flow.resultWords <= 2 ? flow.resultWords : 0 }
  var parameters: [Int] { flow.alive[0].members }
  var callsItself: Bool { flow.steps.contains { $0.opcode == .tailCall && Int(UInt32(truncatingIfNeeded: $0.instruction.imm32)) == slot } }
}

/// Where things are that compiled code names by address.
@safe
struct MachineAddresses {
  let slots, globals, literals, descriptors, cursors: UInt
  let runtime = NativeRuntime.shared

  init(_ machine: Machine) {
    let state = unsafe machine.state
    unsafe slots = UInt(bitPattern: state.pointee.slots)
    unsafe globals = UInt(bitPattern: state.pointee.globals)
    unsafe literals = UInt(bitPattern: state.pointee.literals)
    unsafe descriptors = UInt(bitPattern: state.pointee.descriptors)
    unsafe cursors = UInt(bitPattern: state.pointee.cursors)
  }

  func slot(_ number: Int) -> UInt { slots + UInt(number * MemoryLayout<Slot>.stride) }
}

/// Offsets of fields, in bytes.
enum FieldOffset {
  private static func state<T>(_ path: KeyPath<MachineState, T>) -> Int { MemoryLayout<MachineState>.offset(of: path) ?? 0 }
  private static func slot<T>(_ path: KeyPath<Slot, T>) -> Int { MemoryLayout<Slot>.offset(of: path) ?? 0 }
  private static func row<T>(_ path: KeyPath<Descriptor, T>) -> Int { MemoryLayout<Descriptor>.offset(of: path) ?? 0 }
  static let stackLimit = unsafe state(\.stackLimit)
  static let pc = unsafe state(\.pc)
  static let registers = unsafe state(\.registers)
  static let barrier = state(\.barrier)
  static let markWord = state(\.markWord)
  static let emptyStorage = state(\.emptyStorage)
  static let slotEntry = unsafe slot(\.entry)
  static let slotNative = unsafe slot(\.native)
  static let slotFrameSize = slot(\.frameSize)
  static let isStale = row(\.isStale)
  static let words = row(\.words)
  static let elementKind = row(\.elementKind)
  static let storage = row(\.storage)
}

/// Puts functions into a module.
final class UnitTranslator {
  let ir: IRModule
  let addresses: MachineAddresses
  let machine: Machine
  var functions: [UnitFunction]
  private(set) var indexOfSlot: [Int: Int] = [:]

  /// In front of names that are seen outside.
  private let prefix: String
  /// Not 0 when the code is to be left; beside the code, so that looking at it is one instruction.
  let cell: IRValue

  init(_ ir: IRModule, _ machine: Machine, _ addresses: MachineAddresses, _ functions: [UnitFunction], prefix: String) {
    (self.ir, self.machine, self.addresses, self.functions, self.prefix) = (ir, machine, addresses, functions, prefix)
    cell = ir.addByte("cell")
    for (i, function) in functions.enumerated() {
      indexOfSlot[function.slot] = i
      let results = function.resultsInRegisters
      let result = results == 0 ? ir.pointer : ir.structure([ir.pointer] + [IRType](repeating: ir.word, count: results))
      let type = ir.function(result, [ir.pointer, ir.pointer] + function.parameters.map { _ in ir.word })
      self.functions[i].bodyType = type
      self.functions[i].body = ir.addFunction("body\(i)", type, .fast, isInternal: true)
    }
  }

  /// The function of a slot if it is in the module.
  func function(ofSlot slot: Int) -> UnitFunction? { indexOfSlot[slot].map { functions[$0] } }

  /// A function that answers where the cell is; its name.
  func translateCell() -> String {
    let name = "\(prefix)_cell"
    let function = ir.addFunction(name, ir.function(ir.pointer, []), .c, isInternal: false)
    ir.begin(ir.block(in: function))
    ir.ret(cell)
    return name
  }

  /// Type of `entry` and `osr`, and of whatever a slot's `native` is.
  var entryType: IRType { ir.function(ir.pointer, [ir.pointer, ir.pointer, ir.pointer]) }

  func translateBody(_ index: Int) {
    let function = functions[index]
    let emitter = FunctionEmitter(self, function, function.body!, mode: .body)
    emitter.emitAll(from: 0)
  }

  /// What the slot of function `index` leads to; answers its name.
  func translateEntry(_ index: Int) -> String {
    let function = functions[index]
    let name = "\(prefix)_entry\(index)"
    let entry = ir.addFunction(name, entryType, .c, isInternal: false)
    ir.begin(ir.block(in: entry))
    let r = ir.parameter(entry, 0), m = ir.parameter(entry, 1)
    let arguments = function.parameters.map { ir.load(ir.word, ir.offset(r, bytes: $0 * 8), .window) }
    let answer = ir.call(function.body!, function.bodyType!, [r, m] + arguments, .fast)
    if function.resultsInRegisters == 0 {
      ir.ret(answer)
      return name
    }
    let pc = ir.extract(answer, 0)
    let returned = ir.block(in: entry), left = ir.block(in: entry)
    ir.branch(ir.compare(LLVMIntEQ, pc, ir.null), returned, left)
    ir.begin(returned)
    for i in 0..<function.resultsInRegisters { ir.store(ir.extract(answer, 1 + i), ir.offset(r, bytes: i * 8), .window) }
    ir.ret(ir.null)
    ir.begin(left)
    ir.ret(pc)
    return name
  }

  /// Begins at a word in the middle; answers its name.
  func translateEntry(_ index: Int, at word: Int) -> String {
    let name = "\(prefix)_osr"
    let osr = ir.addFunction(name, entryType, .c, isInternal: false)
    FunctionEmitter(self, functions[index], osr, mode: .window).emitAll(from: word)
    return name
  }
}
