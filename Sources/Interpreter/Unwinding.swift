// Panics. A handler that cannot go on jumps to one of the functions here; they describe the panic in
// the machine, record where it came from, and unwind: to the innermost restart point of this run, or
// out of the run. No host stack is involved, so unwinding is a change of registers and pc.
//
// A restart point is used up when a panic unwinds to it, like an exception handler.

import Runtime

@inline(never) @c func panicDivision(_ pc: Code, _ r: Registers, _ t: Table, _ m: RawMachine) {
  unsafe Frame(pc, r, t, m).machine.pointee.panicMessage = 0
  unsafe Frame(pc, r, t, m).machine.pointee.panicReason = .divisionByZero
  unsafe panicPending(pc, r, t, m)
}

@inline(never) @c func panicStackOverflow(_ pc: Code, _ r: Registers, _ t: Table, _ m: RawMachine) {
  unsafe Frame(pc, r, t, m).machine.pointee.panicMessage = 0
  unsafe Frame(pc, r, t, m).machine.pointee.panicReason = .stackOverflow
  unsafe panicPending(pc, r, t, m)
}

@inline(never) @c func panicIndexOfGet(_ pc: Code, _ r: Registers, _ t: Table, _ m: RawMachine) {
  let f = Frame(pc, r, t, m)
  f.raiseIndex(f[f.c], f[object: f.b].count)
}

@inline(never) @c func panicIndexOfSet(_ pc: Code, _ r: Registers, _ t: Table, _ m: RawMachine) {
  let f = Frame(pc, r, t, m)
  f.raiseIndex(f[f.b], f[object: f.a].count)
}

/// The object in R[A] has a replaced layout.
@inline(never) @c func panicStale(_ pc: Code, _ r: Registers, _ t: Table, _ m: RawMachine) {
  let f = Frame(pc, r, t, m)
  unsafe f.machine.pointee.panicReason = .stale
  unsafe f.machine.pointee.panicMessage = 0
  unsafe f.machine.pointee.panicIndex = f[object: f.a].descriptor
  unsafe panicPending(pc, r, t, m)
}

/// The panic is described in the machine.
@inline(never) @c func panicPending(_ pc: Code, _ r: Registers, _ t: Table, _ m: RawMachine) {
  let f = Frame(pc, r, t, m)
  f.save()
  f.recordTrace()
  unsafe unwind(pc, r, t, m)
}

/// Goes on at the innermost restart point, or leaves the run.
@inline(never) @c func unwind(_ pc: Code, _ r: Registers, _ t: Table, _ m: RawMachine) {
  let f = Frame(pc, r, t, m)
  let state = unsafe f.machine
  let count = unsafe state.pointee.restartCount &- 1
  if unsafe f.run.pointee.nesting > 0, unsafe count < f.run.pointee.activationBase || state.pointee.panicReason == .exit {
    // The frames in between are native.
    unsafe f.run.pointee.isUnwinding = true
  } else if unsafe count >= f.run.pointee.restartBase, unsafe state.pointee.panicReason != .exit {
    unsafe state.pointee.restartCount = count
    let point = unsafe state.pointee.restarts + count
    unsafe clearStack(state, above: point.pointee)
    unsafe dispatch(point.pointee.handler, point.pointee.registers, state.pointee.handlers, m)
  } else {
    unsafe f.run.pointee.panicked = true
  }
}

/// Zeroes what lay on the stack above the restart point's frame when the panic came. Frames to come do not write all of their registers at
/// once, so what the panic left behind would count as in use: a heap that was full could stay full. O(depth).
@inline(never)
private func clearStack(_ machine: MachinePointer, above point: RestartPoint) {
  let code = unsafe machine.owner.code
  func end(_ registers: Registers, _ pc: Code) -> Registers {
    unsafe registers + (code.find(pc).map { unsafe Int(truncatingIfNeeded: $0.entry[-1]) } ?? 0)
  }
  let from = unsafe end(point.registers, point.handler)
  let to = unsafe min(end(machine.pointee.registers, machine.pointee.pc), machine.pointee.stackLimit)
  if unsafe to > from { unsafe from.update(repeating: 0, count: to - from) }
}

extension Frame {
  @inline(__always) func raiseIndex(_ index: Int, _ count: Int) {
    unsafe machine.pointee.panicReason = .indexOutOfRange
    unsafe machine.pointee.panicMessage = 0
    unsafe machine.pointee.panicIndex = index
    unsafe machine.pointee.panicCount = count
    unsafe panicPending(pc, registers, table, machine)
  }

  @inline(never) func recordTrace() {
    unsafe run.pointee.trace = stackTrace(machine, halt: run.pointee.halt)
  }
}

/// The frames from the machine's saved position outwards, through enclosing runs. Tail calls leave
/// no frames. O(depth).
@inline(never)
func stackTrace(_ machine: MachinePointer, halt: Code) -> StackTrace {
  let code = unsafe machine.owner.code
  var trace = StackTrace()
  var ring: [Code] = unsafe []
  var seen = 0
  var at = unsafe machine.pointee.pc
  var registers = unsafe machine.pointee.registers
  func entry(_ pc: Code) -> StackTrace.Entry {
    guard let found = unsafe code.find(pc) else { return StackTrace.Entry(code: -1, word: 0) }
    return unsafe StackTrace.Entry(code: found.number, word: found.word)
  }
  while true {
    if seen < StackTrace.kept {
      trace.inner.append(unsafe entry(at))
    } else if unsafe ring.count < StackTrace.kept {
      unsafe ring.append(at)
    } else {
      unsafe ring[(seen - StackTrace.kept) % StackTrace.kept] = at
    }
    seen += 1
    let back = unsafe Code(bitPattern: UInt(registers[-1])).unsafelyUnwrapped
    if unsafe back == halt {
      // Below the first frame of a run stands where the run was started.
      guard let outer = unsafe Code(bitPattern: UInt(registers[-3])),
        let below = unsafe Registers(bitPattern: UInt(registers[-2]))
      else { break }
      unsafe at = outer
      unsafe registers = below
    } else {
      unsafe at = back - 1
      unsafe registers -= Int(UnsafeRawPointer(at).load(fromByteOffset: 2, as: UInt16.self))
    }
  }
  let outer = max(0, seen - StackTrace.kept)
  let first = outer > StackTrace.kept ? outer % StackTrace.kept : 0
  for i in unsafe ring.indices { trace.outer.append(unsafe entry(ring[(first + i) % ring.count])) }
  trace.omitted = seen - trace.inner.count - trace.outer.count
  return trace
}
