// Objects and vectors in memory, by the shapes of Runtime's Layout.

import Bytecode
import CLLVM
import Interpreter
import Runtime

extension FunctionEmitter {
  func field(_ object: IRValue, _ index: Int) -> IRValue { ir.offset(object, bytes: Offset.payload + index * 8) }

  func getFields(_ index: Int, _ a: Int, _ b: Int, _ c: Int, _ count: Int) {
    let object = getPointer(b)
    for i in 0..<count { load(a + i, field(object, c + i), .field(c + i), before: index + 1) }
  }

  func floatField(_ object: Int, _ index: Int) -> IRValue { ir.load(ir.double, field(getPointer(object), index), .field(index)) }

  func updateField(_ object: Int, _ index: Int, _ op: (IRValue) -> IRValue) {
    let place = field(getPointer(object), index)
    ir.store(op(ir.load(ir.double, place, .field(index))), place, .field(index))
  }

  /// The row of an object's descriptor.
  func descriptorRow(_ object: IRValue) -> IRValue {
    let number = ir.zext(ir.load(ir.int32, object, .header), ir.word)
    return ir.offset(ir.address(unit.addresses.descriptors), bytes: ir.mul(number, ir.constant(MemoryLayout<Descriptor>.stride)))
  }

  // MARK: Allocation

  func newObject(_ index: Int, _ step: Flow.Step, isVector: Bool) {
    let number = index32(step.instruction)
    let row = unit.machine.descriptors.row(number)
    let cursor = unit.addresses.cursors + UInt(Int(row.sizeClass) * MemoryLayout<AllocationCursor>.stride)
    let next = ir.address(cursor), limit = ir.address(cursor + 8)
    let cell = ir.load(ir.word, next, .machine)
    let end = ir.add(cell, ir.constant(Int(row.cellBytes)))
    let fast = ir.block(in: function), slow = ir.block(in: function), done = ir.block(in: function)
    let a = step.instruction.a
    ir.branchLikely(ir.compare(LLVMIntULE, end, ir.load(ir.word, limit, .machine)), fast, slow)
    ir.begin(slow)
    let made = coldRuntime(unit.cold.newObject, at: index, ir.word, [ir.constant(number)], [ir.word])
    ir.limit(made, to: .allocation)
    raiseUnless(ir.compare(LLVMIntNE, made, ir.constant(0)), index)
    set(a, made)
    ir.jump(done)
    ir.begin(fast)
    ir.store(end, next, .machine)
    let mark = ir.load(ir.word, ir.offset(m, bytes: FieldOffset.markWord), .machine)
    ir.store(ir.or(ir.constant(word: row.header), mark), ir.toPointer(cell), .header)
    set(a, cell)
    ir.jump(done)
    ir.begin(done)
    if isVector {
      let storage = ir.load(ir.word, ir.offset(m, bytes: FieldOffset.emptyStorage), .machine)
      ir.store(storage, ir.offset(getPointer(a), bytes: Offset.vectorStorage), .vector)
    }
  }

  // MARK: Vectors

  func count(of vector: IRValue) -> IRValue { ir.load(ir.word, ir.offset(vector, bytes: Offset.vectorCount), .vector) }

  /// The first element's address.
  private func data(of vector: IRValue) -> IRValue {
    let storage = ir.load(ir.pointer, ir.offset(vector, bytes: Offset.vectorStorage), .vector)
    return ir.offset(storage, bytes: Offset.storageData)
  }

  private func kind(_ step: Flow.Step) -> ElementKind {
    switch step.opcode {
    case .vectorGetU8, .vectorSetU8, .vectorSetU8Imm: .u8
    case .vectorGetPacked, .vectorSetPacked: ElementKind(rawValue: UInt8(step.instruction.d)) ?? .words
    default: .words
    }
  }

  private func type(_ kind: ElementKind) -> IRType {
    switch kind {
    case .words: ir.word
    case .u8, .i8: ir.byte
    case .u16, .i16: ir.half
    case .u32, .i32: ir.int32
    case .f32: ir.float
    }
  }

  func vectorGet(_ index: Int, _ step: Flow.Step) {
    let it = step.instruction
    let vector = getPointer(it.b), i = get(it.c)
    let data = data(of: vector)
    if !isProven(index) { panicUnless(ir.compare(LLVMIntULT, i, count(of: vector)), index) }
    switch step.opcode {
    case .vectorGetBlock:
      let first = ir.offset(data, ir.word, ir.mul(i, ir.constant(it.d)))
      for k in 0..<it.d { load(it.a + k, ir.offset(first, bytes: k * 8), .data(.words), before: index + 1) }
    case .vectorGetWord:
      let words = ir.zext(ir.load(ir.int32, ir.offset(descriptorRow(vector), bytes: FieldOffset.words), .machine), ir.word)
      let first = ir.offset(data, ir.word, ir.mul(i, words))
      load(it.a, ir.offset(first, bytes: it.d * 8), .data(.words), before: index + 1)
    default:
      let kind = kind(step)
      if kind == .words { return load(it.a, ir.offset(data, type(kind), i), .data(kind), before: index + 1) }
      unpack(ir.load(type(kind), ir.offset(data, type(kind), i), .data(kind)), kind, into: it.a)
    }
  }

  func vectorSet(_ index: Int, _ step: Flow.Step) {
    let it = step.instruction
    let vector = getPointer(it.a), i = get(it.b)
    let data = data(of: vector)
    if !isProven(index) { panicUnless(ir.compare(LLVMIntULT, i, count(of: vector)), index) }
    switch step.opcode {
    case .vectorSetRef: ir.store(get(it.c), ir.offset(data, ir.word, i), .data(.words))
    case .vectorSetBlock:
      let first = ir.offset(data, ir.word, ir.mul(i, ir.constant(it.d)))
      for k in 0..<it.d { store(it.c + k, ir.offset(first, bytes: k * 8), .data(.words), before: index) }
    case .vectorSetU8Imm: ir.store(ir.constant(it.c & 0xFF, ir.byte), ir.offset(data, ir.byte, i), .data(.u8))
    default:
      let kind = kind(step)
      if kind == .words { return store(it.c, ir.offset(data, type(kind), i), .data(kind), before: index) }
      ir.store(packed(it.c, kind), ir.offset(data, type(kind), i), .data(kind))
    }
  }

  /// Appends an element of so many bytes in the name of a step; `store` puts it at its address.
  func append(to register: Int, bytes: Int, at index: Int, _ store: (IRValue) -> Void) {
    let vector = getPointer(register)
    let fast = ir.block(in: function), slow = ir.block(in: function)
    let count = count(of: vector)
    let storage = ir.load(ir.pointer, ir.offset(vector, bytes: Offset.vectorStorage), .vector)
    let more = ir.add(count, ir.constant(1))
    let capacity = ir.load(ir.word, ir.offset(storage, bytes: Offset.storageCapacity), .storage)
    let place = ir.phi(ir.pointer, in: fast)
    place.add(storage)
    ir.branchLikely(ir.compare(LLVMIntULE, ir.mul(more, ir.constant(bytes)), capacity), fast, slow)
    ir.begin(slow)
    let hasRoom = coldRuntime(unit.cold.room, at: index, ir.bit, [get(register), ir.constant(bytes)], [ir.word, ir.word])
    ir.limit(hasRoom, to: .growth)
    raiseUnless(hasRoom, index)
    place.add(ir.load(ir.pointer, ir.offset(vector, bytes: Offset.vectorStorage), .vector))
    ir.jump(fast)
    ir.begin(fast)
    store(ir.offset(ir.offset(place.value, bytes: Offset.storageData), bytes: ir.mul(count, ir.constant(bytes))))
    ir.store(more, ir.offset(vector, bytes: Offset.vectorCount), .vector)
  }

  func vectorPush(_ index: Int, _ step: Flow.Step) {
    let it = step.instruction
    let kind = ElementKind(rawValue: UInt8(it.c)) ?? .words
    append(to: it.a, bytes: kind.byteCount * it.d, at: index) { first in
      for i in 0..<it.d {
        let place = ir.offset(first, bytes: i * 8)
        if kind == .words { store(it.b + i, place, .data(kind), before: index) } else { ir.store(packed(it.b + i, kind), place, .data(kind)) }
      }
    }
  }

  /// Takes the last element off and clears its words, which may be references.
  func vectorPop(_ index: Int, _ step: Flow.Step) {
    let it = step.instruction
    let vector = getPointer(it.b), kind = ElementKind(rawValue: UInt8(it.c)) ?? .words
    let last = ir.sub(count(of: vector), ir.constant(1))
    let first = ir.offset(data(of: vector), bytes: ir.mul(last, ir.constant(kind.byteCount * it.d)))
    for i in 0..<it.d { unpack(ir.load(type(kind), ir.offset(first, bytes: i * 8), .data(kind)), kind, into: it.a + i) }
    if kind == .words { for i in 0..<it.d { ir.store(ir.constant(0), ir.offset(first, bytes: i * 8), .data(.words)) } }
    ir.store(last, ir.offset(vector, bytes: Offset.vectorCount), .vector)
  }

  // MARK: Packed elements

  /// A register as an element.
  private func packed(_ register: Int, _ kind: ElementKind) -> IRValue {
    switch kind {
    case .words: get(register)
    case .f32: ir.floatCast(getFloat(register), ir.float)
    default: ir.trunc(get(register), type(kind))
    }
  }

  /// An element into a register.
  private func unpack(_ value: IRValue, _ kind: ElementKind, into register: Int) {
    switch kind {
    case .words: set(register, value)
    case .u8, .u16, .u32: set(register, ir.zext(value, ir.word))
    case .i8, .i16, .i32: set(register, ir.sext(value, ir.word))
    case .f32: setFloat(register, ir.floatCast(value, ir.double))
    }
  }
}
