// Calls and returns. A callee's window lies over the end of its caller's frame:
//
//   caller  R[0] … R[A-1]       R[A] R[A+1] …
//   callee         return pc    R[0] R[1] …  frame size registers
//
// so arguments and results are where both sides want them. The word before the return pc is the call
// itself; its A leads back to the caller's R[0], for returns as for walking the stack.

import Runtime

extension Frame {
  @inline(__always) func entry(_ slot: Int) -> Code {
    unsafe machine.pointee.slots[slot].entry.unsafelyUnwrapped
  }

  /// Whether a frame of `entry` at `window` stays below the limit. Looking at the entry's size also fetches
  /// the entry early: with a limit low enough for any frame, and no size to look up, fib took 6 % longer.
  @inline(__always) func hasRoom(_ window: Registers, _ entry: Code) -> Bool {
    unsafe window + Int(truncatingIfNeeded: entry[-1]) < machine.pointee.stackLimit
  }

  @inline(__always) func enter(_ entry: Code) {
    let window = unsafe registers + a
    if _fastPath(unsafe hasRoom(window, entry)) {
      unsafe window[-1] = UInt64(UInt(bitPattern: pc + 1))
      unsafe dispatch(entry, window, machine.pointee.handlers, machine)
    } else {
      unsafe panicStackOverflow(pc, registers, table, machine)
    }
  }

  /// Replaces this frame: the callee's arguments move down over it, the return pc stays.
  @inline(__always) func replace(_ entry: Code, arguments count: @autoclosure () -> Int) {
    if _fastPath(unsafe hasRoom(registers, entry)) {
      unsafe copyWords(to: registers, from: registers + a, count: count())
      unsafe dispatch(entry, registers, machine.pointee.handlers, machine)
    } else {
      unsafe panicStackOverflow(pc, registers, table, machine)
    }
  }

  @inline(__always) func leave() {
    let back = unsafe Code(bitPattern: UInt(registers[-1])).unsafelyUnwrapped
    let window = Int(unsafe UnsafeRawPointer(back).load(fromByteOffset: -6, as: UInt16.self))
    unsafe dispatch(back, registers - window, table, machine)
  }
}

@c func opCall(_ pc: Code, _ r: Registers, _ t: Table, _ m: RawMachine) {
  Frame(pc, r, t, m).call()
}

@c func opCallClosure(_ pc: Code, _ r: Registers, _ t: Table, _ m: RawMachine) {
  let f = Frame(pc, r, t, m)
  unsafe f.enter(f.entry(f[object: f.b].closureSlot))
}

@c func opTailCall(_ pc: Code, _ r: Registers, _ t: Table, _ m: RawMachine) {
  let f = Frame(pc, r, t, m)
  unsafe f.replace(f.entry(f.index32), arguments: Int(truncatingIfNeeded: f.word))
}

@c func opTailCallClosure(_ pc: Code, _ r: Registers, _ t: Table, _ m: RawMachine) {
  let f = Frame(pc, r, t, m)
  unsafe f.replace(f.entry(f[object: f.b].closureSlot), arguments: f.c)
}

@c func opReturnNone(_ pc: Code, _ r: Registers, _ t: Table, _ m: RawMachine) {
  Frame(pc, r, t, m).leave()
}

@c func opReturnFirst(_ pc: Code, _ r: Registers, _ t: Table, _ m: RawMachine) {
  Frame(pc, r, t, m).leave()
}

@c func opReturn1(_ pc: Code, _ r: Registers, _ t: Table, _ m: RawMachine) {
  Frame(pc, r, t, m).return1()
}

@c func opReturnBlock(_ pc: Code, _ r: Registers, _ t: Table, _ m: RawMachine) {
  let f = Frame(pc, r, t, m)
  unsafe copyWords(to: r, from: r + f.a, count: f.b)
  f.leave()
}

/// Runs outside the interpreter: position saved before, a false answer is a panic after.
@c func opPrimitive(_ pc: Code, _ r: Registers, _ t: Table, _ m: RawMachine) {
  let f = Frame(pc, r, t, m)
  f.save()
  if _fastPath(unsafe callPrimitive(f.b, f.machine, r + f.a)) {
    f.next()
  } else {
    unsafe panicPending(pc, r, t, m)
  }
}
