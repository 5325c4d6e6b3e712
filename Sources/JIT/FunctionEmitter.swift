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

  /// What bytecode does where native code leaves to it.
  private enum Purpose: Hashable {
    /// Goes on: all that is alive has to be there.
    case goOn
    /// The instruction panics: what it reads has to be there.
    case panic
    /// Goes on, where it is hardly ever come to.
    case rare
  }

  private enum Place: Hashable {
    case block(word: Int, Version)
    /// On the way back to a loop's first word.
    case turn(Int)
    /// In front of a loop that exists twice.
    case loopGuard(Int)
  }

  private struct Exit: Hashable {
    var step: Int
    var purpose: Purpose
  }

  let unit: UnitTranslator
  let ir: IRModule
  let this: UnitFunction
  /// Its index in the unit.
  let index: Int
  let flow: Flow
  let function: IRValue
  let mode: Mode
  let r, m: IRValue
  private var registers: [IRValue?]
  /// The same registers as floats, where they are such anywhere.
  private var floatRegisters: [IRValue?]
  private var blocks: [Place: IRBlock] = [:]
  /// Loops that exist twice.
  let loops: [CountedLoop]
  /// By loop, once its guard is written.
  var strips: [Int: Strip] = [:]
  /// What the block at hand belongs to.
  var version = Version.plain
  /// Exits to be written, by the step they stand in front of.
  private var exits: [Exit: IRBlock] = [:]
  private let entry: IRBlock
  /// Where all exits come together: `pc` is the bytecode to go on with.
  private var leaving: (block: IRBlock, pc: IRPhi)?
  /// Where calls within the unit come together whose callees have left: what they answered, the bytecode behind the call, and its site.
  private var leavingBehind: (block: IRBlock, answer: IRPhi, pc: IRPhi, site: IRPhi)?
  /// Where it returns. One place with a phi for each word, since LLVM looks through those of structures less well.
  private var returning: (block: IRBlock, pc: IRPhi, results: [IRPhi])?

  init(_ unit: UnitTranslator, _ index: Int, _ function: IRValue, mode: Mode) {
    (self.unit, self.index, self.function, self.mode) = (unit, index, function, mode)
    this = unit.functions[index]
    ir = unit.ir
    flow = this.flow
    r = ir.parameter(function, 0)
    m = ir.address(unit.addresses.state)
    registers = [IRValue?](repeating: nil, count: flow.frameSize + 1)
    floatRegisters = registers
    loops = flow.countedLoops(this.profile)
    entry = ir.block(in: function)
  }

  /// Where the frame returns to stands in memory from the start, for all that walk the stack below what it calls, rather than from where
  /// it is left.
  private var storesLinkFirst: Bool { mode == .body && !this.isLeaf }

  func emitAll(from word: Int) {
    ir.begin(entry)
    for i in registers.indices { registers[i] = ir.alloca(ir.word) }
    this.floats?.touched.forEach { floatRegisters[$0] = ir.alloca(ir.double) }
    let first = flow.stepAt[word]
    if mode == .body {
      for (i, register) in this.parameters.enumerated() {
        let parameter = ir.parameter(function, 2 + i)
        if this.takesFloat(register) { setFloat(register, parameter) } else { set(register, parameter) }
      }
      reload(this.unwritten, 0)
      if storesLinkFirst { writeLink() }
    } else {
      flow.alive[first].forEach { load($0, address($0), .window, before: first) }
      // What is entered from outside looks at the room for all that it calls.
      if unit.calls.room[index] > flow.frameSize { exitUnless(hasRoom(r, unit.calls.room[index]), first) }
    }
    // Only what can be reached from here.
    var queue: [Place] = []
    var seen: Set<Place> = []
    func reach(_ place: Place) -> IRBlock {
      if seen.insert(place).inserted { queue.append(place) }
      return block(place)
    }
    func reach(_ word: Int, from step: Int) -> IRBlock {
      if let version = version(of: word, from: step) {
        return reach(version == .plain && step >= flow.stepAt[word] ? .turn(word) : .block(word: word, version))
      }
      return reach(.loopGuard(loops.firstIndex { $0.header == word }!))
    }
    ir.jump(reach(word, from: -1))
    while let place = queue.popLast() {
      ir.begin(block(place))
      let start: Int
      switch place {
      case .block(let word, let version): (start, self.version) = (word, version)
      case .turn(let word):
        // Not at the loop's start, so that what a turn begins with is certain to happen, and LLVM can have it done before the loop.
        poll(flow.stepAt[word])
        ir.jump(reach(.block(word: word, .plain)))
        continue
      case .loopGuard(let loop):
        let header = loops[loop].header
        emitGuard(loop, GuardedBlocks(counted: reach(.block(word: header, .counted(loop))), plain: reach(.block(word: header, .plain))))
        continue
      }
      var index = flow.stepAt[start]
      while true {
        let step = flow.steps[index]
        if !emitCounted(index, step, { reach($0, from: index) }) { emit(index, step) { reach($0, from: index) } }
        if ir.isTerminated { break }
        index += 1
        if flow.isLeader[flow.steps[index].at] {
          ir.jump(reach(flow.steps[index].at, from: index - 1))
          break
        }
      }
    }
    writeExits()
  }

  private func block(_ place: Place) -> IRBlock {
    if let known = blocks[place] { return known }
    let made = ir.block(in: function)
    blocks[place] = made
    return made
  }

  // MARK: Registers

  /// A register's place in the frame.
  func address(_ register: Int) -> IRValue { ir.offset(r, bytes: register * 8) }

  func get(_ register: Int) -> IRValue { ir.get(ir.word, registers[register]!) }
  func set(_ register: Int, _ value: IRValue) {
    ir.set(registers[register]!, value)
    if let float = floatRegisters[register] { ir.set(float, ir.bitcast(value, ir.double)) }
  }
  func getFloat(_ register: Int) -> IRValue { floatRegisters[register].map { ir.get(ir.double, $0) } ?? ir.bitcast(get(register), ir.double) }
  func setFloat(_ register: Int, _ value: IRValue) {
    ir.set(registers[register]!, ir.bitcast(value, ir.word))
    if let float = floatRegisters[register] { ir.set(float, value) }
  }

  /// Each form from its own, so that the one that is not used is no way from one to the other.
  func move(_ pairs: [(to: Int, from: Int)]) {
    let words = pairs.map { get($0.from) }
    let floats = pairs.map { floatRegisters[$0.to] != nil ? getFloat($0.from) : nil }
    for (i, pair) in pairs.enumerated() {
      ir.set(registers[pair.to]!, words[i])
      if let float = floats[i] { ir.set(floatRegisters[pair.to]!, float) }
    }
  }

  /// A register into memory, in the form that it has in front of a step.
  func store(_ register: Int, _ address: IRValue, _ memory: Memory, before step: Int) {
    ir.store(this.floats?.isFloat(register, before: step) == true ? getFloat(register) : get(register), address, memory)
  }

  /// A word of memory into a register, in the form that it has in front of a step.
  func load(_ register: Int, _ address: IRValue, _ memory: Memory, before step: Int) {
    if this.floats?.isFloat(register, before: step) == true {
      setFloat(register, ir.load(ir.double, address, memory))
    } else {
      set(register, ir.load(ir.word, address, memory))
    }
  }
  func getPointer(_ register: Int) -> IRValue { ir.toPointer(get(register)) }
  func setBit(_ register: Int, _ value: IRValue) { set(register, ir.zext(value, ir.word)) }

  /// Brings registers into the frame, in front of a step.
  func spill(_ list: [Int], _ step: Int) { for register in list { store(register, address(register), .window, before: step) } }

  /// The same on a cold way, whose size is taken down.
  private func spillCold(_ list: [Int], _ step: Int) {
    unit.coldCost[index] += list.count + 3
    spill(list, step)
  }

  /// Takes them from there, in front of a step.
  func reload(_ list: [Int], _ step: Int) { for register in list { load(register, address(register), .window, before: step) } }

  // MARK: Leaving

  /// The address of a step's instruction.
  private func pc(_ index: Int) -> IRValue { ir.address(this.bytecode + UInt(flow.steps[index].at * 8)) }

  private func exit(_ step: Int, _ purpose: Purpose) -> IRBlock {
    let exit = Exit(step: step, purpose: purpose)
    if let known = exits[exit] { return known }
    let made = ir.block(in: function)
    exits[exit] = made
    return made
  }

  /// Bytecode goes on in front of a step.
  func exit(_ step: Int) -> IRBlock { exit(step, .goOn) }

  /// The instruction of a step panics.
  func panicExit(_ step: Int) -> IRBlock { exit(step, .panic) }

  /// The block that a jump of a step goes to, or where it leaves to bytecode if it hardly ever goes there.
  func way(_ step: Flow.Step, to word: Int, _ reach: (Int) -> IRBlock) -> IRBlock {
    guard this.isRare(step, to: word) else { return reach(word) }
    unit.rareWays += 1
    return exit(flow.stepAt[word], .rare)
  }

  func exitUnless(_ condition: IRValue, _ step: Int) { branch(condition, else: exit(step, .goOn)) }
  func panicUnless(_ condition: IRValue, _ step: Int) { branch(condition, else: exit(step, .panic)) }

  func branch(_ condition: IRValue, else cold: IRBlock) {
    let next = ir.block(in: function)
    ir.branchLikely(condition, next, cold)
    ir.begin(next)
  }

  private func writeExits() {
    while let (exit, block) = exits.first {
      exits[exit] = nil
      ir.begin(block)
      spillCold(exit.purpose == .panic ? flow.reads(flow.steps[exit.step]) : flow.alive[exit.step].members, exit.step)
      if exit.purpose == .rare { _ = runtime(unit.cold.rare, ir.void, [m, pc(exit.step), unit.cell], [ir.pointer, ir.pointer, ir.pointer], .saving) }
      leave(pc(exit.step))
    }
    if let leaving {
      ir.begin(leaving.block)
      writeLeaving(leaving.pc.value)
    }
    if let leavingBehind {
      ir.begin(leavingBehind.block)
      writeLeavingBehind(leavingBehind.answer.value, leavingBehind.pc.value, leavingBehind.site.value)
    }
    guard let returning else { return }
    ir.begin(returning.block)
    if returning.results.isEmpty { return ir.ret(returning.pc.value) }
    var answer = ir.insert(ir.undefined(ir.structure([ir.pointer] + returning.results.map { _ in ir.word })), returning.pc.value, 0)
    for (i, result) in returning.results.enumerated() { answer = ir.insert(answer, result.value, 1 + i) }
    ir.ret(answer)
  }

  /// Bytecode goes on at `pc`.
  func leave(_ pc: IRValue) {
    if leaving == nil {
      let block = ir.block(in: function)
      leaving = (block, ir.phi(ir.pointer, in: block))
    }
    leaving!.pc.add(pc)
    ir.jump(leaving!.block)
  }

  private func writeLeaving(_ pc: IRValue) {
    if mode == .window { return answer(pc, []) }
    if writesLinkLast { writeLink() }
    // The caller is native code of this unit, and waits. It never goes on behind this, so nothing that it knew has to be asked for again.
    let further = runtime(unit.cold.leave, ir.pointer, [r, m, pc], [ir.pointer, ir.pointer, ir.pointer], .saving)
    ir.attribute("nonnull", ofAnswer: further)
    answer(further, [])
  }

  /// A call within the unit has answered that it has left, or a word that goes on unwinding. Registers from `a` on have what it returned.
  func leaveBehind(_ index: Int, _ a: Int, answer: IRValue) -> IRBlock {
    let here = ir.currentBlock
    defer { ir.begin(here) }
    let block = ir.block(in: function)
    ir.begin(block)
    spillCold(flow.aliveBehind(index).members.filter { $0 < a }, index + 1)
    if leavingBehind == nil {
      let block = ir.block(in: function)
      leavingBehind = (block, ir.phi(ir.pointer, in: block), ir.phi(ir.pointer, in: block), ir.phi(ir.pointer, in: block))
    }
    leavingBehind!.answer.add(answer)
    leavingBehind!.pc.add(pc(index + 1))
    leavingBehind!.site.add(siteLink(index))
    ir.jump(leavingBehind!.block)
    return block
  }

  private func writeLeavingBehind(_ result: IRValue, _ pc: IRValue, _ site: IRValue) {
    let further = runtime(
      mode == .window ? unit.cold.continueBehind : unit.cold.leaveBehind, ir.pointer, [r, m, result, pc, site],
      [IRType](repeating: ir.pointer, count: 5), .saving)
    ir.attribute("nonnull", ofAnswer: further)
    answer(further, [])
  }

  /// How many words it answers beside `pc`.
  private var resultCount: Int { mode == .window ? 0 : this.resultsInRegisters }

  /// Answers a word to go on with, null when it has returned.
  private func answer(_ pc: IRValue, _ results: [IRValue]) {
    ir.jump(returns(pc, results))
  }

  private func returns(_ pc: IRValue, _ results: [IRValue]) -> IRBlock {
    if returning == nil {
      let block = ir.block(in: function)
      returning = (block, ir.phi(ir.pointer, in: block), (0..<resultCount).map { _ in ir.phi(ir.word, in: block) })
    }
    returning!.pc.add(pc)
    for i in 0..<resultCount { returning!.results[i].add(i < results.count ? results[i] : ir.undefined(ir.word)) }
    return returning!.block
  }

  /// A panic passes through this frame, which has called what it comes from.
  func passOn(_ word: IRValue) -> IRBlock { returns(word, []) }

  /// Returns `count` registers from `first` on.
  func finish(_ first: Int, _ count: Int) {
    let values = (0..<count).map { get(first + $0) }
    if resultCount > 0 { return answer(ir.null, values) }
    for (i, value) in values.enumerated() { ir.store(value, address(i), .window) }
    answer(ir.null, [])
  }

  /// Returns with the results that a callee has left in the window.
  func finishInWindow() { answer(ir.null, (0..<resultCount).map { ir.load(ir.word, address($0), .window) }) }

  /// Leaves when a safepoint is asked for or this code is not valid any more.
  func poll(_ index: Int) { exitUnless(isUndisturbed(), index) }

  func isUndisturbed() -> IRValue { ir.compare(LLVMIntNE, ir.loadVolatile(ir.word, unit.cell), ir.constant(0)) }

  /// Leaves for the same reasons, or when registers up to `size` from `window` on do not lie below the limit.
  func poll(_ index: Int, room size: Int, from window: IRValue) {
    let limit = ir.loadVolatile(ir.pointer, unit.cell)
    exitUnless(ir.compare(LLVMIntULT, ir.offset(window, bytes: size * 8), limit), index)
  }

  /// Whether registers up to `size` from `window` on lie below the limit.
  func hasRoom(_ window: IRValue, _ size: Int) -> IRValue { hasRoom(window, ir.constant(size)) }

  func hasRoom(_ window: IRValue, _ size: IRValue) -> IRValue {
    let limit = ir.loadConstant(ir.pointer, ir.offset(m, bytes: FieldOffset.stackLimit))
    return ir.compare(LLVMIntULT, ir.offset(window, ir.word, size), limit)
  }

  // MARK: Sites

  /// The word that stands for a step's call.
  func site(_ index: Int) -> UInt { this.sites + UInt(this.siteOf[index]! * 16) }

  /// The word behind it, where a step's callee returns to or a panic goes on.
  func siteLink(_ index: Int) -> IRValue { ir.address(site(index) + 8) }

  /// Where this frame returns to.
  var link: IRValue { ir.parameter(function, 1) }

  /// Whether the link is written only where the frame is left.
  var writesLinkLast: Bool { mode == .body && !storesLinkFirst }

  func writeLink() { ir.store(link, ir.offset(r, bytes: -8), .window) }

  /// A function of the runtime.
  func runtime(_ address: UInt, _ result: IRType, _ arguments: [IRValue], _ types: [IRType], _ convention: CallConvention = .c) -> IRValue {
    ir.call(ir.address(address), ir.function(result, types), arguments, convention)
  }

  /// A function that answers by its arguments alone, or also by memory that it `reads`.
  func pure(_ address: UInt, _ result: IRType, _ arguments: [IRValue], _ types: [IRType], reads: Bool = false) -> IRValue {
    let answer = runtime(address, result, arguments, types)
    ir.limitToReading(answer, reads: reads)
    return answer
  }

  /// A function of the runtime that may raise a panic or collect in the name of a step, on a cold way.
  func coldRuntime(_ address: UInt, at index: Int, _ result: IRType, _ arguments: [IRValue], _ types: [IRType]) -> IRValue {
    if writesLinkLast { writeLink() }
    return runtime(address, result, [m, r, ir.address(site(index))] + arguments, [ir.pointer, ir.pointer, ir.pointer] + types, .saving)
  }

  /// The runtime has raised a panic when this does not hold.
  func raiseUnless(_ condition: IRValue, _ index: Int) {
    let raised = ir.block(in: function)
    branch(condition, else: raised)
    let next = ir.currentBlock
    ir.begin(raised)
    leave(siteLink(index))
    ir.begin(next)
  }
}
