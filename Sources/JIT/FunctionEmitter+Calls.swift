// Calls: of functions in the same unit as values, of all others through their slots and windows; primitives.

import Bytecode
import CLLVM
import Interpreter
import Runtime

extension FunctionEmitter {
  enum Callee {
    case slot(Int)
    /// The closure in a register.
    case closure(Int)
  }

  /// The address of a callee's slot.
  private func slotAddress(_ callee: Callee) -> IRValue {
    switch callee {
    case .slot(let slot): return ir.address(unit.addresses.slot(slot))
    case .closure(let register):
      let slot = ir.load(ir.word, ir.offset(getPointer(register), bytes: Offset.closureSlot), .field(0))
      return ir.offset(ir.address(unit.addresses.slots), bytes: ir.mul(slot, ir.constant(MemoryLayout<Slot>.stride)))
    }
  }

  private func frameSize(_ slot: IRValue) -> IRValue {
    ir.zext(ir.load(ir.int32, ir.offset(slot, bytes: FieldOffset.slotFrameSize), .code), ir.word)
  }

  func call(_ index: Int, _ step: Flow.Step, _ callee: Callee) {
    let edges = unit.calls.edges(self.index, index)
    guard case .closure(let register) = callee else {
      if let edge = edges.first { callInUnit(index, step, edge) } else { callOutside(index, step, callee) }
      return
    }
    if edges.isEmpty { return callOutside(index, step, callee) }
    let done = ir.block(in: function)
    choose(among: edges, closure: register) { edge in
      if let edge { callInUnit(index, step, edge) } else { callOutside(index, step, callee) }
      ir.jump(done)
    }
    ir.begin(done)
  }

  /// Compares the slot of a closure with those that it mostly has, and goes the way of each; nil is any other. Each way ends its block.
  private func choose(among edges: [UnitCalls.Edge], closure register: Int, _ way: (UnitCalls.Edge?) -> Void) {
    let slot = ir.load(ir.word, ir.offset(getPointer(register), bytes: Offset.closureSlot), .field(0))
    for (i, edge) in edges.enumerated() {
      let expected = ir.block(in: function), other = ir.block(in: function)
      let isExpected = ir.compare(LLVMIntEQ, slot, ir.constant(unit.functions[edge.callee].slot))
      if i == edges.count - 1 { ir.branchLikely(isExpected, expected, other) } else { ir.branch(isExpected, expected, other) }
      ir.begin(expected)
      way(edge)
      ir.begin(other)
    }
    way(nil)
  }

  private func callOutside(_ index: Int, _ step: Flow.Step, _ callee: Callee) {
    let a = step.instruction.a
    let window = address(a)
    let slot = slotAddress(callee)
    panicUnless(hasRoom(window, frameSize(slot)), index)
    spill(Array(a..<a + flow.argumentCount(step)), index)
    ir.store(siteLink(index), address(a - 1), .window)
    let native = ir.load(ir.pointer, ir.offset(slot, bytes: FieldOffset.slotNative), .code)
    callNative(native, window, slot)
    reload(resultRegisters(index, a), index + 1)
    checkReturn(index, a)
  }

  /// Calls what a slot leads to, and waits for the bytecode that it leaves to.
  private func callNative(_ native: IRValue, _ window: IRValue, _ slot: IRValue) {
    let pc = ir.call(native, unit.entryType, [window, m, slot], .c)
    let left = ir.block(in: function), done = ir.block(in: function)
    ir.branchLikely(ir.compare(LLVMIntEQ, pc, ir.null), done, left)
    ir.begin(left)
    let further = runtime(unit.cold.resume, ir.pointer, [window, m, pc], [ir.pointer, ir.pointer, ir.pointer], .saving)
    ir.branchLikely(ir.compare(LLVMIntEQ, further, ir.null), done, passOn(further))
    ir.begin(done)
  }

  /// Registers of the window that are alive behind a call.
  private func resultRegisters(_ index: Int, _ a: Int) -> [Int] { flow.aliveBehind(index).members.filter { $0 >= a } }

  private func callInUnit(_ index: Int, _ step: Flow.Step, _ edge: UnitCalls.Edge) {
    let a = step.instruction.a
    let window = address(a)
    let callee = unit.called(edge.callee)
    if edge.leadsBack {
      poll(index, room: unit.calls.room[edge.callee], from: window)
    }
    let answer = ir.call(callee.body!, callee.bodyType!, [window, siteLink(index)] + callee.parameters.map { callee.takesFloat($0) ? getFloat(a + $0) : get(a + $0) }, unit.convention)
    let count = callee.resultsInRegisters
    let pc = count > 0 ? ir.extract(answer, 0) : answer
    let next = ir.block(in: function)
    ir.branchLikely(ir.compare(LLVMIntEQ, pc, ir.null), next, leaveBehind(index, a, answer: pc))
    ir.begin(next)
    for register in resultRegisters(index, a) {
      if register < a + count { set(register, ir.extract(answer, 1 + register - a)) } else { reload([register], index + 1) }
    }
  }

  /// Behind a call to the outside this code may not be valid any more; a frame that was condemned goes on at the word its link leads to.
  private func checkReturn(_ index: Int, _ a: Int) {
    let invalid = ir.block(in: function), condemned = ir.block(in: function)
    branch(isUndisturbed(), else: invalid)
    let next = ir.currentBlock
    ir.begin(invalid)
    let link = ir.loadVolatile(ir.pointer, address(a - 1))
    ir.branch(ir.compare(LLVMIntEQ, link, siteLink(index)), exit(index + 1), condemned)
    ir.begin(condemned)
    leave(link)
    ir.begin(next)
  }

  /// The callee's arguments replace this frame.
  func tailCall(_ index: Int, _ step: Flow.Step, _ callee: Callee, _ reach: Reach) {
    let a = step.instruction.a
    let values = (0..<flow.argumentCount(step)).map { get(a + $0) }
    if case .slot(let slot) = callee, slot == this.slot {
      for (i, value) in values.enumerated() { set(i, value) }
      return ir.jump(reach(0))
    }
    let edges = unit.calls.edges(self.index, index)
    guard case .closure(let register) = callee else {
      if let edge = edges.first, tailCallInUnit(index, values, edge) { return }
      return tailCallOutside(index, values, callee)
    }
    if edges.isEmpty { return tailCallOutside(index, values, callee) }
    choose(among: edges, closure: register) { edge in
      if let edge, tailCallInUnit(index, values, edge) { return }
      tailCallOutside(index, values, callee)
    }
  }

  /// False when it has to be done by way of the slot: what was called through one cannot wait for bytecode in its place, since it is not
  /// known where that returns to; and a call that leads back is only one that takes no stack.
  private func tailCallInUnit(_ index: Int, _ values: [IRValue], _ edge: UnitCalls.Edge) -> Bool {
    if mode == .window { return false }
    let results = unit.functions[edge.callee].resultsInRegisters
    let fits = results == this.resultsInRegisters
    if edge.leadsBack, !fits || unit.convention != .tail { return false }
    let callee = unit.called(edge.callee)
    if edge.leadsBack { poll(index, room: unit.calls.room[edge.callee], from: r) }
    let arguments = [r, link] + callee.parameters.map { register in
      let word = register < values.count ? values[register] : ir.constant(0)
      return callee.takesFloat(register) ? ir.bitcast(word, ir.double) : word
    }
    let answer = ir.call(callee.body!, callee.bodyType!, arguments, unit.convention, mustTail: edge.leadsBack)
    if fits {
      ir.ret(answer)
      return true
    }
    // What this function answers is not known where all that it does is to call in its place, or never to return.
    let pc = results > 0 ? ir.extract(answer, 0) : answer
    let next = ir.block(in: function)
    ir.branchLikely(ir.compare(LLVMIntEQ, pc, ir.null), next, passOn(pc))
    ir.begin(next)
    for i in 0..<results { ir.store(ir.extract(answer, 1 + i), address(i), .window) }
    finishInWindow()
    return true
  }

  private func tailCallOutside(_ index: Int, _ values: [IRValue], _ callee: Callee) {
    let slot = slotAddress(callee)
    panicUnless(hasRoom(r, frameSize(slot)), index)
    for (i, value) in values.enumerated() { ir.store(value, address(i), .window) }
    let native = ir.load(ir.pointer, ir.offset(slot, bytes: FieldOffset.slotNative), .code)
    if mode == .body {
      // The caller waits anyway, so this is a call like any other.
      if writesLinkLast { writeLink() }
      callNative(native, r, slot)
      // An edit may have come meanwhile: the caller does not go on by itself.
      branch(isUndisturbed(), else: passOn(ir.address(frameHasLeft)))
      return finishInWindow()
    }
    // Whoever has called this goes on with the callee, so that no stack is used.
    let missing = ir.block(in: function)
    branch(ir.compare(LLVMIntNE, native, ir.address(unit.addresses.runtime.missing)), else: missing)
    let next = ir.currentBlock
    ir.begin(missing)
    leave(ir.call(native, unit.entryType, [r, m, slot], .c))
    ir.begin(next)
    leave(ir.load(ir.pointer, ir.offset(slot, bytes: FieldOffset.slotEntry), .code))
  }

  func primitive(_ index: Int, _ step: Flow.Step) {
    let it = step.instruction
    let primitive = Primitive(rawValue: UInt16(it.b))
    if let primitive, compute(primitive, it.a) { return }
    let done = ir.block(in: function)
    if primitive == .textAddChar { addByte(index, it.a, done) }
    if primitive == .textAddString { skipEmpty(it.a + 1, done) }
    if primitive == .textNew { takeText(it.a, done) }
    callPrimitive(index, step)
    ir.jump(done)
    ir.begin(done)
    // What was waited for may have been an edit.
    if primitive?.isPure != true { poll(index + 1) }
  }

  private func callPrimitive(_ index: Int, _ step: Flow.Step) {
    let it = step.instruction
    spill(Array(it.a..<it.a + it.c), index)
    if writesLinkLast { writeLink() }
    ir.store(ir.address(site(index)), ir.offset(m, bytes: FieldOffset.pc), .machine)
    ir.store(r, ir.offset(m, bytes: FieldOffset.registers), .machine)
    let done = runtime(PrimitiveTable.address(it.b), ir.bit, [m, address(it.a)], [ir.pointer, ir.pointer])
    raiseUnless(done, index)
    reload(resultRegisters(index, it.a), index + 1)
  }

  /// Adds a character to a text and goes to `done` where it is one byte; the other way begins the block at hand.
  private func addByte(_ index: Int, _ text: Int, _ done: IRBlock) {
    let byte = ir.block(in: function), other = ir.block(in: function)
    let scalar = get(text + 1)
    ir.branchLikely(ir.compare(LLVMIntULT, scalar, ir.constant(0x80)), byte, other)
    ir.begin(byte)
    append(to: text, bytes: 1, at: index) { ir.store(ir.trunc(scalar, ir.byte), $0, .data(.u8)) }
    ir.jump(done)
    ir.begin(other)
  }

  /// Goes to `done` where a string has no bytes, as separators often have none; the other way begins the block at hand.
  private func skipEmpty(_ string: Int, _ done: IRBlock) {
    let other = ir.block(in: function)
    ir.branch(ir.compare(LLVMIntEQ, byteCount(of: string), ir.constant(0)), done, other)
    ir.begin(other)
  }

  private func byteCount(of string: Int) -> IRValue { ir.load(ir.word, ir.offset(getPointer(string), bytes: Offset.stringCount), .literal) }

  /// Takes the text that is kept for the next one who builds some and goes to `done`; the way without one begins the block at hand.
  private func takeText(_ register: Int, _ done: IRBlock) {
    let kept = ir.block(in: function), none = ir.block(in: function)
    let place = ir.offset(m, bytes: FieldOffset.textBuffer)
    let text = ir.load(ir.word, place, .machine)
    ir.branchLikely(ir.compare(LLVMIntNE, text, ir.constant(0)), kept, none)
    ir.begin(kept)
    ir.store(ir.constant(0), place, .machine)
    set(register, text)
    ir.store(ir.constant(0), ir.offset(getPointer(register), bytes: Offset.vectorCount), .vector)
    ir.jump(done)
    ir.begin(none)
  }

  /// Without the runtime, where a primitive is an instruction or a function of the C library; false where it is neither.
  private func compute(_ primitive: Primitive, _ a: Int) -> Bool {
    switch primitive {
    case .stringLength: set(a, byteCount(of: a))
    case .floatBits: break
    case .sin, .cos, .tan, .asin, .acos, .atan, .exp, .log:
      setFloat(a, pure(MathFunctions.address(primitive), ir.double, [getFloat(a)], [ir.double]))
    case .atan2, .pow:
      setFloat(a, pure(MathFunctions.address(primitive), ir.double, [getFloat(a), getFloat(a + 1)], [ir.double, ir.double]))
    default: return false
    }
    return true
  }
}
