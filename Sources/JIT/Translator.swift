// Bytecode to LLVM IR. A unit is a root and functions that it calls, some of them in several copies. It becomes
//
//   entry   (R, M, slot) -> pc                                          what the root's slot leads to: arguments and results in the window
//   osr     (R, M, slot) -> pc                                          instead, begins in the middle, with all registers in the window
//   body    (R, link, registers alive at the start) -> {pc, results}    what code of the unit calls, or LLVM inlines
//
// R are the frame's registers in memory, M the machine. Registers are local variables, which LLVM turns into values; memory has
// them where bytecode is to go on: at an exit, and in the windows of calls that are not of this unit. The answer `pc` is null when the
// function has returned. A body that goes on in bytecode waits for it and answers in the end that its frame has left, whereupon its caller
// goes on in bytecode too, or, when a panic passes through, the word that goes on unwinding; an entry answers the bytecode
// (NativeCalls.swift). So no way that leaves comes back, and what LLVM knows of memory on the ways that are hot holds behind them.
//
// Invariant: an exit stands in front of an instruction, which has done nothing yet, and has brought all that is alive into memory; one
// to a panic what the instruction reads.

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
  var argumentWords: Int
  var profile: CodeProfile?
  /// nil when there are no floats in it.
  var floats: FloatRegisters?
  /// How many copies of it stand in front of this one: calls of itself lead from one to the next.
  var copy = 0
  var body: IRValue?
  var bodyType: IRType?

  /// Words that it answers, as far as its returns and those of what it calls in its place say; the translator finds them.
  var resultWords = 0
  /// Results that come back in registers of the host; more of them lie in the window.
  var resultsInRegisters: Int { resultWords <= 2 ? resultWords : 0 }
  /// The arguments, and the closure behind them.
  var parameters: [Int] { flow.alive[0].members.filter { $0 <= argumentWords } }
  /// Registers that are moved about before anything has been written into them: words of a case that has fewer. They are what
  /// memory has.
  var unwritten: [Int] { flow.alive[0].members.filter { $0 > argumentWords } }
  /// Whether a parameter is passed as a float.
  func takesFloat(_ register: Int) -> Bool { floats?.isFloat(register, before: 0) ?? false }
  /// Whether a jump of it hardly ever goes to a word, which is left to bytecode.
  func isRare(_ step: Flow.Step, to word: Int) -> Bool {
    guard let profile, word > step.at, !step.closesLoop else { return false }
    return profile.isRare(from: step.at, to: word)
  }
  /// Nobody asks where it returns to but when it is left.
  var isLeaf: Bool { !flow.steps.contains { [.call, .callClosure, .primitive].contains($0.opcode) } }
}

/// Where things are that compiled code names by address.
@safe
struct MachineAddresses {
  let state, slots, globals, literals, descriptors, cursors: UInt
  let runtime = NativeRuntime.shared

  init(_ machine: Machine) {
    let state = unsafe machine.state
    self.state = UInt(bitPattern: state)
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
  static let markWord = state(\.markWord)
  static let emptyStorage = state(\.emptyStorage)
  static let textBuffer = state(\.textBuffer)
  static let slotEntry = unsafe slot(\.entry)
  static let slotNative = unsafe slot(\.native)
  static let slotFrameSize = slot(\.frameSize)
  static let isStale = row(\.isStale)
  static let words = row(\.words)
  static let storageOfRow = row(\.storage)
  static let headerOfRow = row(\.header)
}

/// Puts functions into a module.
final class UnitTranslator {
  let ir: IRModule
  let addresses: MachineAddresses
  let cold: ColdRuntime
  let machine: Machine
  let functions: [UnitFunction]
  let calls: UnitCalls
  /// Words of constants, with their values.
  let constants: [Int: UInt64]
  /// How bodies are called: only what calls in its own place needs a convention for that, in which each call costs a little more.
  let convention: CallConvention

  /// In front of names that are seen outside.
  private let prefix: String
  /// The stack's limit, 0 when the code is to be left; beside the code, so that looking at it is one instruction.
  let cell: IRValue
  /// Bodies that are called and not yet translated.
  private var wanted: [Int] = []
  private var isWanted: [Bool]
  /// By function: about how many instructions it has on cold ways.
  var coldCost: [Int]
  /// Ways that are left to bytecode since they are hardly ever gone.
  var rareWays = 0

  /// The root comes first; `functions` with the same slot are copies of one, in order.
  init(
    _ ir: IRModule, _ machine: Machine, _ addresses: MachineAddresses, _ cold: ColdRuntime, _ functions: [UnitFunction], _ constants: [Int: UInt64],
    prefix: String
  ) {
    (self.ir, self.machine, self.addresses, self.cold, self.constants, self.prefix) = (ir, machine, addresses, cold, constants, prefix)
    cell = ir.addWord("cell")
    isWanted = functions.map { _ in false }
    coldCost = functions.map { _ in 0 }
    var copies: [Int: [Int]] = [:]
    for (i, function) in functions.enumerated() { copies[function.slot, default: []].append(i) }
    calls = UnitCalls(functions.map(\.flow)) { caller, step in
      let step = functions[caller].flow.steps[step]
      return step.callees(functions[caller].profile).compactMap { slot, _ in
        guard let list = copies[slot] else { return nil }
        let isItself = slot == functions[caller].slot
        // A tail call of itself is a loop.
        if isItself, step.opcode == .tailCall { return nil }
        return list[isItself ? (functions[caller].copy + 1) % list.count : 0]
      }
    }
    let calls = calls
    let hasTailCalls = functions.indices.contains { i in
      functions[i].flow.steps.indices.contains { step in
        functions[i].flow.steps[step].opcode == .tailCall && calls.edges(i, step).contains(where: \.leadsBack)
      }
    }
    let convention = hasTailCalls ? CallConvention.tail : .fast
    self.convention = convention
    let resultWords = Self.resultWords(functions, calls)
    self.functions = functions.enumerated().map { i, function in
      var function = function
      function.resultWords = resultWords[i]
      let results = function.resultsInRegisters
      let result = results == 0 ? ir.pointer : ir.structure([ir.pointer] + [IRType](repeating: ir.word, count: results))
      let type = ir.function(result, [ir.pointer, ir.pointer] + function.parameters.map { function.takesFloat($0) ? ir.double : ir.word })
      function.bodyType = type
      function.body = ir.addFunction("body\(i)", type, convention, isInternal: true)
      return function
    }
  }

  /// What is called in a function's place answers for it.
  private static func resultWords(_ functions: [UnitFunction], _ calls: UnitCalls) -> [Int] {
    var words = functions.map(\.flow.resultWords)
    var changed = true
    while changed {
      changed = false
      for (i, function) in functions.enumerated() {
        for (step, it) in function.flow.steps.enumerated() where it.opcode == .tailCall || it.opcode == .tailCallClosure {
          for edge in calls.edges(i, step) where words[edge.callee] > words[i] {
            words[i] = words[edge.callee]
            changed = true
          }
        }
      }
    }
    return words
  }

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

  /// The root from its start or a word in the middle, and the bodies of all that it calls; answers its name.
  func translate(from word: Int?) -> String {
    let name = word == nil ? "\(prefix)_entry" : "\(prefix)_osr"
    let entry = ir.addFunction(name, entryType, .c, isInternal: false)
    FunctionEmitter(self, 0, entry, mode: .window).emitAll(from: word ?? 0)
    while let index = wanted.popLast() {
      FunctionEmitter(self, index, functions[index].body!, mode: .body).emitAll(from: 0)
    }
    allowInlining()
    for (i, function) in functions.enumerated() where !isWanted[i] { ir.remove(function.body!) }
    return name
  }

  /// LLVM takes the size of a function for what it costs to put it in place of a call, cold ways too. They are there at each check, so
  /// they are taken off.
  private func allowInlining() {
    var totals = [Int?](repeating: nil, count: functions.count)
    func total(_ i: Int) -> Int {
      if let known = totals[i] { return known }
      var sum = coldCost[i]
      for step in functions[i].flow.steps.indices {
        for edge in calls.edges(i, step) where !edge.leadsBack { sum += total(edge.callee) }
      }
      totals[i] = sum
      return sum
    }
    for i in functions.indices where isWanted[i] {
      ir.attribute("function-inline-threshold", "\(Self.inlineThreshold + min(Self.mostAllowed, total(i) * 5))", of: functions[i].body!)
    }
  }

  /// LLVM's own, in units of which an instruction has five.
  private static let inlineThreshold = 225
  private static let mostAllowed = 500

  /// A function whose body is called.
  func called(_ index: Int) -> UnitFunction {
    if !isWanted[index] {
      isWanted[index] = true
      wanted.append(index)
    }
    return functions[index]
  }
}
