// Objects: allocation and fields. A store of a reference goes through the write barrier, which lives
// out of line because it is off unless a marking is under way.

import Runtime

extension Frame {
  /// Whether overwritten references must be logged just now.
  @inline(__always) var barrier: Bool { unsafe machine.pointee.barrier != 0 }
}

@c func opNewObject(_ pc: Code, _ r: Registers, _ t: Table, _ m: RawMachine) {
  let f = Frame(pc, r, t, m)
  // The allocator's own test, made here first so that its slow call is out of line.
  let row = unsafe f.machine.pointee.descriptors + f.index32
  let cursor = unsafe f.machine.pointee.cursors + Int(row.pointee.sizeClass)
  if _slowPath(unsafe cursor.pointee.next &+ UInt(row.pointee.cellBytes) > cursor.pointee.limit) {
    return unsafe slowNewObject(pc, r, t, m)
  }
  f[word: f.a] = unsafe Heap.allocateObject(f.machine, UInt32(truncatingIfNeeded: f.index32))
  f.next()
}

@inline(never) @c func slowNewObject(_ pc: Code, _ r: Registers, _ t: Table, _ m: RawMachine) {
  let f = Frame(pc, r, t, m)
  f.save()
  let object = unsafe Heap.allocateObject(f.machine, UInt32(truncatingIfNeeded: f.index32))
  if object == 0 { return unsafe panicPending(pc, r, t, m) }
  f[word: f.a] = object
  f.next()
}

@c func opGetField(_ pc: Code, _ r: Registers, _ t: Table, _ m: RawMachine) {
  Frame(pc, r, t, m).getField()
}

@c func opGetField2(_ pc: Code, _ r: Registers, _ t: Table, _ m: RawMachine) {
  Frame(pc, r, t, m).getField2()
}

@c func opGetFieldBlock(_ pc: Code, _ r: Registers, _ t: Table, _ m: RawMachine) {
  let f = Frame(pc, r, t, m)
  let object = f[object: f.b]
  unsafe copyWords(to: r + f.a, from: object.word(f.c), count: f.d)
  f.next()
}

@c func opSetField(_ pc: Code, _ r: Registers, _ t: Table, _ m: RawMachine) {
  Frame(pc, r, t, m).setField()
}

@c func opSetFieldRef(_ pc: Code, _ r: Registers, _ t: Table, _ m: RawMachine) {
  let f = Frame(pc, r, t, m)
  if _slowPath(f.barrier) { return unsafe slowSetFieldRef(pc, r, t, m) }
  f[object: f.a][f.c] = f[word: f.b]
  f.next()
}

@inline(never) @c func slowSetFieldRef(_ pc: Code, _ r: Registers, _ t: Table, _ m: RawMachine) {
  let f = Frame(pc, r, t, m)
  unsafe Heap.writeReference(f.machine, f[object: f.a].word(f.c), f[word: f.b])
  f.next()
}

@c func opSetFieldPair(_ pc: Code, _ r: Registers, _ t: Table, _ m: RawMachine) {
  Frame(pc, r, t, m).setFieldPair()
}

@c func opSetFieldBlock(_ pc: Code, _ r: Registers, _ t: Table, _ m: RawMachine) {
  Frame(pc, r, t, m).setFieldBlock()
}

/// Goes on unless the object's descriptor is one of a layout that its type has no more.
@c func opCheckStale(_ pc: Code, _ r: Registers, _ t: Table, _ m: RawMachine) {
  let f = Frame(pc, r, t, m)
  let number = f[object: f.a].descriptor
  if _slowPath(unsafe f.machine.pointee.descriptors[number].isStale) { return unsafe panicStale(pc, r, t, m) }
  f.next()
}
