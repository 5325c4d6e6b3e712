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
    guard let edge = unit.calls.edge(self.index, index) else { return callOutside(index, step, callee) }
    guard case .closure(let register) = callee else { return callInUnit(index, step, edge) }
    // The closure that it mostly is.
    let expected = ir.block(in: function), other = ir.block(in: function), done = ir.block(in: function)
    let slot = ir.load(ir.word, ir.offset(getPointer(register), bytes: Offset.closureSlot), .field(0))
    ir.branchLikely(ir.compare(LLVMIntEQ, slot, ir.constant(unit.functions[edge.callee].slot)), expected, other)
    ir.begin(other)
    callOutside(index, step, callee)
    ir.jump(done)
    ir.begin(expected)
    callInUnit(index, step, edge)
    ir.jump(done)
    ir.begin(done)
  }

  private func callOutside(_ index: Int, _ step: Flow.Step, _ callee: Callee) {
    let a = step.instruction.a
    let window = address(a)
    let slot = slotAddress(callee)
    panicUnless(hasRoom(window, frameSize(slot)), index)
    spill(Array(a..<a + flow.argumentCount(step)))
    ir.store(siteLink(index), address(a - 1), .window)
    let native = ir.load(ir.pointer, ir.offset(slot, bytes: FieldOffset.slotNative), .code)
    let pc = ir.call(native, unit.entryType, [window, m, slot], .c)
    let left = ir.block(in: function), done = ir.block(in: function)
    ir.branchLikely(ir.compare(LLVMIntEQ, pc, ir.null), done, left)
    // The callee has left its frame to bytecode.
    ir.begin(left)
    let further = runtime(unit.addresses.runtime.resume, ir.pointer, [window, m, pc], [ir.pointer, ir.pointer, ir.pointer])
    ir.branchLikely(ir.compare(LLVMIntEQ, further, ir.null), done, passOn(further))
    ir.begin(done)
    reload(resultRegisters(index, a))
    checkReturn(index, a)
  }

  /// Registers of the window that are alive behind a call.
  private func resultRegisters(_ index: Int, _ a: Int) -> [Int] { flow.aliveBehind(index).members.filter { $0 >= a } }

  private func callInUnit(_ index: Int, _ step: Flow.Step, _ edge: UnitCalls.Edge) {
    let a = step.instruction.a
    let window = address(a)
    let callee = unit.called(edge.callee)
    if edge.leadsBack {
      poll(index)
      exitUnless(hasRoom(window, unit.calls.room[edge.callee]), index)
    }
    let answer = ir.call(callee.body!, callee.bodyType!, [window, m, siteLink(index)] + callee.parameters.map { get(a + $0) }, unit.convention)
    let count = callee.resultsInRegisters
    let pc = count > 0 ? ir.extract(answer, 0) : answer
    let next = ir.block(in: function)
    ir.branchLikely(ir.compare(LLVMIntEQ, pc, ir.null), next, passOn(pc))
    ir.begin(next)
    for register in resultRegisters(index, a) {
      if register < a + count { set(register, ir.extract(answer, 1 + register - a)) } else { reload([register]) }
    }
    if !unit.calls.staysInUnit[edge.callee] { checkReturn(index, a) }
  }

  /// Behind a call this code may not be valid any more; a frame that was condemned goes on at the word its link leads to.
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
    if mode == .body, let edge = unit.calls.edge(self.index, index), unit.functions[edge.callee].resultsInRegisters == this.resultsInRegisters {
      let callee = unit.called(edge.callee)
      if edge.leadsBack {
        poll(index)
        exitUnless(hasRoom(r, unit.calls.room[edge.callee]), index)
      }
      let answer = ir.call(callee.body!, callee.bodyType!, [r, m, link] + callee.parameters.map { $0 < values.count ? values[$0] : ir.constant(0) }, unit.convention, mustTail: true)
      return ir.ret(answer)
    }
    let slot = slotAddress(callee)
    panicUnless(hasRoom(r, frameSize(slot)), index)
    for (i, value) in values.enumerated() { ir.store(value, address(i), .window) }
    let native = ir.load(ir.pointer, ir.offset(slot, bytes: FieldOffset.slotNative), .code)
    if mode == .body {
      // The caller waits anyway, so this is a call like any other.
      if writesLinkLast { writeLink() }
      let pc = ir.call(native, unit.entryType, [r, m, slot], .c)
      let left = ir.block(in: function)
      branch(ir.compare(LLVMIntEQ, pc, ir.null), else: left)
      let next = ir.currentBlock
      ir.begin(left)
      leave(pc)
      ir.begin(next)
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
    spill(Array(it.a..<it.a + it.c))
    let done = runtime(unit.addresses.runtime.primitive, at: index, ir.bit, [ir.constant(it.b), address(it.a)], [ir.word, ir.pointer])
    raiseUnless(done, index)
    reload(resultRegisters(index, it.a))
    // What was waited for may have been an edit.
    if Primitive(rawValue: UInt16(it.b))?.isPure != true { poll(index + 1) }
  }
}
