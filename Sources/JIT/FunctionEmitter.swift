// One function's instructions as IR: blocks, registers, exits. The instructions themselves are in the `+Topic` files.

import Bytecode
import CLLVM
import Interpreter
import Runtime

final class FunctionEmitter {
  enum Mode {
    /// Results go back as values.
    case body
    /// Results go into the window.
    case window
  }

  let unit: UnitTranslator
  let ir: IRModule
  let this: UnitFunction
  let flow: Flow
  let function: IRValue
  let mode: Mode
  let r, m: IRValue
  private var registers: [IRValue?]
  private var blocks: [IRBlock?]
  /// Exits to be written, by the step they stand in front of.
  private var exits: [Int: IRBlock] = [:]
  private let entry: IRBlock

  init(_ unit: UnitTranslator, _ this: UnitFunction, _ function: IRValue, mode: Mode) {
    (self.unit, self.this, self.function, self.mode) = (unit, this, function, mode)
    ir = unit.ir
    flow = this.flow
    r = ir.parameter(function, 0)
    m = ir.parameter(function, 1)
    registers = [IRValue?](repeating: nil, count: flow.frameSize + 1)
    blocks = [IRBlock?](repeating: nil, count: flow.words.count + 1)
    entry = ir.block(in: function)
  }

  func emitAll(from word: Int) {
    ir.begin(entry)
    for i in registers.indices { registers[i] = ir.alloca(ir.word) }
    let first = flow.stepAt[word]
    if mode == .body {
      for (i, register) in this.parameters.enumerated() { ir.set(registers[register]!, ir.parameter(function, 2 + i)) }
    } else {
      flow.alive[first].forEach { ir.set(registers[$0]!, ir.load(ir.word, address($0), .window)) }
    }
    // Only what can be reached from here.
    var queue = [word]
    var seen: Set<Int> = [word]
    ir.jump(block(word))
    while let start = queue.popLast() {
      ir.begin(block(start))
      var index = flow.stepAt[start]
      func reach(_ word: Int) -> IRBlock {
        if seen.insert(word).inserted { queue.append(word) }
        return block(word)
      }
      if flow.isLoopHeader[start] || start == 0 && this.callsItself { poll(index) }
      while true {
        let step = flow.steps[index]
        emit(index, step, reach)
        if ir.isTerminated { break }
        index += 1
        if flow.isLeader[flow.steps[index].at] {
          ir.jump(reach(flow.steps[index].at))
          break
        }
      }
    }
    writeExits()
  }

  private func block(_ word: Int) -> IRBlock {
    if let known = blocks[word] { return known }
    let made = ir.block(in: function)
    blocks[word] = made
    return made
  }

  // MARK: Registers

  /// A register's place in the frame.
  func address(_ register: Int) -> IRValue { ir.offset(r, bytes: register * 8) }

  func get(_ register: Int) -> IRValue { ir.get(ir.word, registers[register]!) }
  func set(_ register: Int, _ value: IRValue) { ir.set(registers[register]!, value) }
  func getFloat(_ register: Int) -> IRValue { ir.bitcast(get(register), ir.double) }
  func setFloat(_ register: Int, _ value: IRValue) { set(register, ir.bitcast(value, ir.word)) }
  func getPointer(_ register: Int) -> IRValue { ir.toPointer(get(register)) }
  func setBit(_ register: Int, _ value: IRValue) { set(register, ir.zext(value, ir.word)) }

  /// Brings registers into the frame.
  func spill(_ list: [Int]) { for register in list { ir.store(get(register), address(register), .window) } }
  /// Takes them from there.
  func reload(_ list: [Int]) { for register in list { set(register, ir.load(ir.word, address(register), .window)) } }

  // MARK: Leaving

  /// The address of a step's instruction.
  func pc(_ index: Int) -> IRValue { ir.address(this.bytecode + UInt(flow.steps[index].at * 8)) }

  /// Bytecode goes on in front of a step.
  func exit(_ index: Int) -> IRBlock {
    if let known = exits[index] { return known }
    let made = ir.block(in: function)
    exits[index] = made
    return made
  }

  func exitUnless(_ condition: IRValue, _ index: Int) {
    let next = ir.block(in: function)
    ir.branchLikely(condition, next, exit(index))
    ir.begin(next)
  }

  private func writeExits() {
    while let (index, block) = exits.first {
      exits[index] = nil
      ir.begin(block)
      spill(flow.alive[index].members)
      leave(pc(index))
    }
  }

  /// Answers `pc`: bytecode goes on there.
  func leave(_ pc: IRValue) {
    if mode == .window || this.resultsInRegisters == 0 { return ir.ret(pc) }
    let type = ir.structure([ir.pointer] + [IRType](repeating: ir.word, count: this.resultsInRegisters))
    ir.ret(ir.insert(ir.undefined(type), pc, 0))
  }

  /// Returns `count` registers from `first` on.
  func finish(_ first: Int, _ count: Int) {
    if mode == .window || this.resultsInRegisters == 0 {
      let values = (0..<count).map { get(first + $0) }
      for (i, value) in values.enumerated() { ir.store(value, address(i), .window) }
      return ir.ret(ir.null)
    }
    let type = ir.structure([ir.pointer] + [IRType](repeating: ir.word, count: this.resultsInRegisters))
    var answer = ir.insert(ir.undefined(type), ir.null, 0)
    for i in 0..<min(count, this.resultsInRegisters) { answer = ir.insert(answer, get(first + i), 1 + i) }
    ir.ret(answer)
  }

  /// Leaves when a safepoint is asked for or this code is not valid any more.
  func poll(_ index: Int) {
    let cell = ir.loadVolatile(ir.byte, unit.cell)
    exitUnless(ir.compare(LLVMIntEQ, cell, ir.constant(0, ir.byte)), index)
  }

  // MARK: Sites

  /// The word that stands for a step's call.
  func site(_ index: Int) -> UInt { this.sites + UInt(this.siteOf[index]! * 16) }

  /// Leaves the position where the runtime finds it.
  func savePosition(_ index: Int) {
    ir.store(ir.address(site(index)), ir.offset(m, bytes: FieldOffset.pc), .machine)
    ir.store(r, ir.offset(m, bytes: FieldOffset.registers), .machine)
  }

  /// A function of the runtime.
  func runtime(_ address: UInt, _ result: IRType, _ arguments: [IRValue], _ types: [IRType]) -> IRValue {
    ir.call(ir.address(address), ir.function(result, types), arguments, .c)
  }

  /// The runtime has raised a panic when this does not hold.
  func raiseUnless(_ condition: IRValue, _ index: Int) {
    let next = ir.block(in: function), raised = ir.block(in: function)
    ir.branchLikely(condition, next, raised)
    ir.begin(raised)
    leave(ir.address(site(index) + 8))
    ir.begin(next)
  }
}
