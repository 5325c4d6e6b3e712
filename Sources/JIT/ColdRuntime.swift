// The functions of the runtime that machine code calls on its cold ways. Between them and machine code stands a function that saves all
// registers, so that the hot ways around such a call have nothing to save: a function whose calls are all cold touches no stack.
//
// A vector's first storage is made there, since that is not cold: most vectors that are pushed to are short, and need one each.
//
// Invariant: what is called so has its words and its answer in registers for whole numbers.

import CLLVM
import Interpreter
import Runtime

struct ColdRuntime {
  /// Addresses.
  let resume, leave, continueBehind, leaveBehind, newObject, room, rare: UInt
  private let code: LinkedCode

  /// Compiles and links what stands between, once for a compiler.
  init(_ target: borrowing TargetMachine, _ linker: borrowing Linker, _ machine: MachineAddresses) throws(CompileFailure) {
    let runtime = NativeRuntime.shared
    let ir = IRModule("cold", target)
    let pointer = ir.pointer, word = ir.word
    // nil: it answers nothing.
    let functions: [(name: String, address: UInt, result: IRType?, parameters: [IRType])] = [
      ("cold_resume", runtime.resume, pointer, [pointer, pointer, pointer]),
      ("cold_leave", runtime.leave, pointer, [pointer, pointer, pointer]),
      ("cold_continue_behind", runtime.continueBehind, pointer, [pointer, pointer, pointer, pointer, pointer]),
      ("cold_leave_behind", runtime.leaveBehind, pointer, [pointer, pointer, pointer, pointer, pointer]),
      ("cold_new", runtime.newObject, word, [pointer, pointer, pointer, word]),
      ("cold_grow", runtime.grow, ir.bit, [pointer, pointer, pointer, word, word]),
      ("cold_rare", runtime.rare, nil, [pointer, pointer, pointer]),
    ]
    var made: [IRValue] = []
    for it in functions {
      let type = ir.function(it.result ?? ir.void, it.parameters)
      let function = ir.addFunction(it.name, type, .saving, isInternal: false)
      ir.begin(ir.block(in: function))
      let answer = ir.call(ir.address(it.address), type, it.parameters.indices.map { ir.parameter(function, $0) }, .c)
      ir.ret(it.result == nil ? nil : answer)
      made.append(function)
    }
    Self.writeRoom(ir, machine, grow: made[5])
    let addresses: [UInt]
    (code, addresses) = try linker.add(ir.emit(target), names: functions.map(\.name) + ["cold_room"])
    (resume, leave, continueBehind, leaveBehind) = (addresses[0], addresses[1], addresses[2], addresses[3])
    (newObject, rare, room) = (addresses[4], addresses[6], addresses[7])
  }

  /// (M, R, site, vector, bytes of an element) -> whether there is room for one more; otherwise a panic is pending.
  private static func writeRoom(_ ir: IRModule, _ machine: MachineAddresses, grow: IRValue) {
    let type = ir.function(ir.bit, [ir.pointer, ir.pointer, ir.pointer, ir.word, ir.word])
    let function = ir.addFunction("cold_room", type, .saving, isInternal: false)
    let m = ir.parameter(function, 0), bytes = ir.parameter(function, 4)
    let first = ir.block(in: function), fits = ir.block(in: function), fast = ir.block(in: function), slow = ir.block(in: function)
    let data = Vectors.firstStorageBytes - Offset.storageData
    ir.begin(first)
    let v = ir.toPointer(ir.parameter(function, 3))
    let storage = ir.load(ir.pointer, ir.offset(v, bytes: Offset.vectorStorage), .vector)
    let capacity = ir.load(ir.word, ir.offset(storage, bytes: Offset.storageCapacity), .storage)
    let isFirst = ir.compare(LLVMIntEQ, capacity, ir.constant(0))
    ir.branch(ir.and(isFirst, ir.compare(LLVMIntULE, bytes, ir.constant(data))), fits, slow)
    ir.begin(fits)
    let cursor = machine.cursors + UInt(SizeClass.of(bytes: Vectors.firstStorageBytes) * MemoryLayout<AllocationCursor>.stride)
    let cell = ir.load(ir.word, ir.address(cursor), .machine)
    let end = ir.add(cell, ir.constant(Vectors.firstStorageBytes))
    ir.branch(ir.compare(LLVMIntULE, end, ir.load(ir.word, ir.address(cursor + 8), .machine)), fast, slow)
    ir.begin(fast)
    ir.store(end, ir.address(cursor), .machine)
    func row(_ number: IRValue) -> IRValue {
      ir.offset(ir.address(machine.descriptors), bytes: ir.mul(ir.zext(number, ir.word), ir.constant(MemoryLayout<Descriptor>.stride)))
    }
    let number = ir.load(ir.int32, ir.offset(row(ir.load(ir.int32, v, .header)), bytes: FieldOffset.storageOfRow), .machine)
    let header = ir.load(ir.word, ir.offset(row(number), bytes: FieldOffset.headerOfRow), .machine)
    let made = ir.toPointer(cell)
    ir.store(ir.or(header, ir.load(ir.word, ir.offset(m, bytes: FieldOffset.markWord), .machine)), made, .header)
    ir.store(ir.constant(data), ir.offset(made, bytes: Offset.storageCapacity), .storage)
    ir.store(cell, ir.offset(v, bytes: Offset.vectorStorage), .vector)
    ir.ret(ir.constant(1, ir.bit))
    ir.begin(slow)
    // In its place, so that it has no frame: LLVM 19 takes one of a single word down by popping it into rcx, which is to be saved.
    ir.ret(ir.call(grow, type, (0..<5).map { ir.parameter(function, $0) }, .saving, mustTail: true))
  }
}
