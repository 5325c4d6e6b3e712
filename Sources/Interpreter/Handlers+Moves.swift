// Moves, constants and globals.

import Runtime

@c func opMove(_ pc: Code, _ r: Registers, _ t: Table, _ m: RawMachine) {
  Frame(pc, r, t, m).move()
}

@c func opMove2(_ pc: Code, _ r: Registers, _ t: Table, _ m: RawMachine) {
  Frame(pc, r, t, m).move2()
}

@c func opMove3(_ pc: Code, _ r: Registers, _ t: Table, _ m: RawMachine) {
  let f = Frame(pc, r, t, m)
  let a = f.a, b = f.b
  let first = f[b], second = f[b &+ 1], third = f[b &+ 2]
  f[a] = first
  f[a &+ 1] = second
  f[a &+ 2] = third
  f.next()
}

@c func opMoveBlock(_ pc: Code, _ r: Registers, _ t: Table, _ m: RawMachine) {
  let f = Frame(pc, r, t, m)
  let a = f.a, b = f.b
  if a <= b {
    unsafe copyWords(to: r + a, from: r + b, count: f.c)
  } else {
    var i = 1
    while i <= f.c {  // read anew, see `copyWords`
      f[a &+ f.c &- i] = f[b &+ f.c &- i]
      i &+= 1
    }
  }
  f.next()
}

@c func opClear(_ pc: Code, _ r: Registers, _ t: Table, _ m: RawMachine) {
  let f = Frame(pc, r, t, m)
  let a = f.a
  var i = 0
  while i < f.imm32 {  // read anew, see `copyWords`
    f[a &+ i] = 0
    i &+= 1
  }
  f.next()
}

@c func opLoadInt(_ pc: Code, _ r: Registers, _ t: Table, _ m: RawMachine) {
  Frame(pc, r, t, m).loadInt()
}

@c func opLoadWord(_ pc: Code, _ r: Registers, _ t: Table, _ m: RawMachine) {
  Frame(pc, r, t, m).loadWord()
}

@c func opLoadLiteral(_ pc: Code, _ r: Registers, _ t: Table, _ m: RawMachine) {
  Frame(pc, r, t, m).loadLiteral()
}

@c func opLoadGlobal(_ pc: Code, _ r: Registers, _ t: Table, _ m: RawMachine) {
  Frame(pc, r, t, m).loadGlobal()
}

@c func opStoreGlobal(_ pc: Code, _ r: Registers, _ t: Table, _ m: RawMachine) {
  let f = Frame(pc, r, t, m)
  unsafe f.machine.pointee.globals[f.index32] = f[word: f.a]
  f.next()
}

@c func opStoreGlobalRef(_ pc: Code, _ r: Registers, _ t: Table, _ m: RawMachine) {
  let f = Frame(pc, r, t, m)
  if _slowPath(f.barrier) { return unsafe slowStoreGlobalRef(pc, r, t, m) }
  unsafe f.machine.pointee.globals[f.index32] = f[word: f.a]
  f.next()
}

@inline(never) @c func slowStoreGlobalRef(_ pc: Code, _ r: Registers, _ t: Table, _ m: RawMachine) {
  let f = Frame(pc, r, t, m)
  unsafe Heap.writeReference(f.machine, f.machine.pointee.globals + f.index32, f[word: f.a])
  f.next()
}
