// Calls: of functions in the same module as values, of all others through their slots and windows; primitives.

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
      let slot = ir.load(ir.word, ir.offset(getPointer(register), bytes: Offset.closureSlot), .field)
      return ir.offset(ir.address(unit.addresses.slots), bytes: ir.mul(slot, ir.constant(MemoryLayout<Slot>.stride)))
    }
  }

  /// Leaves, for the handler to panic, unless a frame of `size` registers at `window` stays below the limit.
  private func checkRoom(_ index: Int, _ window: IRValue, _ size: IRValue) {
    let end = ir.offset(window, ir.word, size)
    let limit = ir.load(ir.pointer, ir.offset(m, bytes: FieldOffset.stackLimit), .machine)
    exitUnless(ir.compare(LLVMIntULT, end, limit), index)
  }

  private func frameSize(_ slot: IRValue) -> IRValue {
    ir.zext(ir.load(ir.int32, ir.offset(slot, bytes: FieldOffset.slotFrameSize), .code), ir.word)
  }

  func call(_ index: Int, _ step: Flow.Step, _ callee: Callee) {
    let a = step.instruction.a
    let window = address(a)
    let results = flow.aliveBehind(index).members.filter { $0 >= a }
    var direct: UnitFunction?
    if case .slot(let slot) = callee { direct = unit.function(ofSlot: slot) }
    let pc: IRValue
    var answer: IRValue?
    if let direct {
      checkRoom(index, window, ir.constant(direct.flow.frameSize))
      ir.store(ir.address(site(index) + 8), address(a - 1), .window)
      let returned = ir.call(direct.body!, direct.bodyType!, [window, m] + direct.parameters.map { get(a + $0) }, .fast)
      if direct.resultsInRegisters > 0 { answer = returned }
      pc = answer.map { ir.extract($0, 0) } ?? returned
    } else {
      let slot = slotAddress(callee)
      checkRoom(index, window, frameSize(slot))
      spill(Array(a..<a + flow.argumentCount(step)))
      ir.store(ir.address(site(index) + 8), address(a - 1), .window)
      let native = ir.load(ir.pointer, ir.offset(slot, bytes: FieldOffset.slotNative), .code)
      pc = ir.call(native, unit.entryType, [window, m, slot], .c)
    }
    let returned = ir.block(in: function), left = ir.block(in: function), done = ir.block(in: function)
    ir.branchLikely(ir.compare(LLVMIntEQ, pc, ir.null), returned, left)
    // The callee has left its frame to bytecode.
    ir.begin(left)
    let further = runtime(unit.addresses.runtime.resume, ir.pointer, [window, m, pc], [ir.pointer, ir.pointer, ir.pointer])
    let resumed = ir.block(in: function), unwinding = ir.block(in: function)
    ir.branchLikely(ir.compare(LLVMIntEQ, further, ir.null), resumed, unwinding)
    ir.begin(unwinding)
    leave(further)
    ir.begin(resumed)
    reload(results)
    ir.jump(done)
    ir.begin(returned)
    if let answer, let direct {
      for (i, register) in (a..<a + direct.resultsInRegisters).enumerated() where results.contains(register) { set(register, ir.extract(answer, 1 + i)) }
      reload(results.filter { $0 >= a + direct.resultsInRegisters })
    } else {
      reload(results)
    }
    ir.jump(done)
    ir.begin(done)
    checkReturn(index, a)
  }

  /// Behind a call this code may not be valid any more; a frame that was condemned goes on at the word its link leads to.
  private func checkReturn(_ index: Int, _ a: Int) {
    let cell = ir.loadVolatile(ir.byte, unit.cell)
    let invalid = ir.block(in: function), next = ir.block(in: function), condemned = ir.block(in: function)
    ir.branchLikely(ir.compare(LLVMIntEQ, cell, ir.constant(0, ir.byte)), next, invalid)
    ir.begin(invalid)
    let link = ir.loadVolatile(ir.pointer, address(a - 1))
    ir.branch(ir.compare(LLVMIntEQ, link, ir.address(site(index) + 8)), exit(index + 1), condemned)
    ir.begin(condemned)
    leave(link)
    ir.begin(next)
  }

  /// The callee's arguments replace this frame.
  func tailCall(_ index: Int, _ step: Flow.Step, _ callee: Callee, _ reach: Reach) {
    let a = step.instruction.a
    let values = (0..<flow.argumentCount(step)).map { get(a + $0) }
    if case .slot(let slot) = callee, slot == this.slot, mode == .body {
      for (i, value) in values.enumerated() { set(i, value) }
      return ir.jump(reach(0))
    }
    let slot = slotAddress(callee)
    checkRoom(index, r, frameSize(slot))
    for (i, value) in values.enumerated() { ir.store(value, address(i), .window) }
    leave(ir.load(ir.pointer, ir.offset(slot, bytes: FieldOffset.slotEntry), .code))
  }

  func primitive(_ index: Int, _ step: Flow.Step) {
    let it = step.instruction
    spill(Array(it.a..<it.a + it.c))
    savePosition(index)
    let done = runtime(unit.addresses.runtime.primitive, ir.bit, [ir.constant(it.b), m, address(it.a)], [ir.word, ir.pointer, ir.pointer])
    raiseUnless(done, index)
    reload(flow.aliveBehind(index).members.filter { $0 >= it.a })
  }
}
