// Leaving the run, panics raised by code, restart points, and what is asked of the host.

import Bytecode
import Runtime

/// Every other handler goes on with the next; this one returns to whoever started the run, or goes over to native code.
@c func opHalt(_ pc: Code, _ r: Registers, _ t: Table, _ m: RawMachine) {
  let f = Frame(pc, r, t, m)
  if f.d == Int(Departure.native.rawValue) {
    return unsafe enterNative(UnsafeRawPointer(bitPattern: UInt(f.word)).unsafelyUnwrapped, pc, r, t, m)
  }
  unsafe leaveBytecode(pc, r, t, m)
}

@inline(never) @c func leaveBytecode(_ pc: Code, _ r: Registers, _ t: Table, _ m: RawMachine) {
  let f = Frame(pc, r, t, m)
  switch Departure(rawValue: UInt8(truncatingIfNeeded: f.d)) {
  case .raise: unsafe panicPending(pc, r, t, m)
  case .unwind: unsafe unwind(pc, r, t, m)
  default: f.save()
  }
}

/// Stands in the table for bytes that are no opcode; verified code never gets here.
@inline(never) @c func opUnknown(_ pc: Code, _ r: Registers, _ t: Table, _ m: RawMachine) {
  unsafe Frame(pc, r, t, m).machine.pointee.panicReason = .unreachable
  unsafe Frame(pc, r, t, m).machine.pointee.panicMessage = 0
  unsafe panicPending(pc, r, t, m)
}

/// The one entry of the safepoint table: does what was asked for, then the instruction itself.
///
/// A request is stored before the table is, and the normal table before the requests are read. So
/// whoever asks during the service is either seen by it or stores the safepoint table again; at worst
/// a safepoint finds nothing to do.
@c func opSafepoint(_ pc: Code, _ r: Registers, _ t: Table, _ m: RawMachine) {
  let f = Frame(pc, r, t, m)
  f.save()
  if unsafe !f.machine.owner.takeSafepoint() { return unsafe panicPending(pc, r, t, m) }
  unsafe dispatch(pc, r, f.machine.pointee.normalHandlers, m)
}

/// The one entry of the metered table: counts, then executes the instruction with the metered table as the
/// one to go on with.
@c func opMetered(_ pc: Code, _ r: Registers, _ t: Table, _ m: RawMachine) {
  let f = Frame(pc, r, t, m)
  let left = unsafe f.machine.pointee.instructionsLeft &- 1
  unsafe f.machine.pointee.instructionsLeft = left
  if _slowPath(left < 0) { return unsafe outOfInstructions(pc, r, t, m) }
  let normal = unsafe t - HandlerTables.meteredOffset
  unsafe handler(of: pc, in: normal)(pc, r, t, m)
}

@inline(never) @c func outOfInstructions(_ pc: Code, _ r: Registers, _ t: Table, _ m: RawMachine) {
  let f = Frame(pc, r, t, m)
  unsafe f.machine.pointee.panicReason = .outOfInstructions
  unsafe f.machine.pointee.panicMessage = 0
  unsafe panicPending(pc, r, t, m)
}

@c func opPanic(_ pc: Code, _ r: Registers, _ t: Table, _ m: RawMachine) {
  let f = Frame(pc, r, t, m)
  unsafe f.machine.pointee.panicReason = .explicit
  unsafe f.machine.pointee.panicMessage = f[word: f.a]
  unsafe panicPending(pc, r, t, m)
}

@c func opTrap(_ pc: Code, _ r: Registers, _ t: Table, _ m: RawMachine) {
  let f = Frame(pc, r, t, m)
  let reason = PanicReason(rawValue: UInt8(truncatingIfNeeded: f.imm32))
  let literal = f.imm32 >> 8
  unsafe f.machine.pointee.panicReason = reason ?? .unreachable
  unsafe f.machine.pointee.panicMessage = literal > 0 ? f.machine.pointee.literals[literal &- 1] : 0
  unsafe f.machine.pointee.panicIndex = 0
  unsafe panicPending(pc, r, t, m)
}

@c func opEnterRestart(_ pc: Code, _ r: Registers, _ t: Table, _ m: RawMachine) {
  let f = Frame(pc, r, t, m)
  let count = unsafe f.machine.pointee.restartCount
  if _slowPath(unsafe count == f.machine.pointee.restartCapacity) {
    return unsafe slowEnterRestart(pc, r, t, m)
  }
  unsafe f.machine.pointee.restarts[count] = RestartPoint(registers: r, handler: pc + f.imm32)
  unsafe f.machine.pointee.restartCount = count &+ 1
  f.next()
}

@inline(never) @c func slowEnterRestart(_ pc: Code, _ r: Registers, _ t: Table, _ m: RawMachine) {
  let f = Frame(pc, r, t, m)
  f.save()
  if unsafe f.machine.owner.pushRestart(RestartPoint(registers: r, handler: pc + f.imm32)) {
    f.next()
  } else {
    unsafe panicPending(pc, r, t, m)
  }
}

@c func opLeaveRestart(_ pc: Code, _ r: Registers, _ t: Table, _ m: RawMachine) {
  let f = Frame(pc, r, t, m)
  unsafe f.machine.pointee.restartCount &-= 1
  f.next()
}

@c func opBoundary(_ pc: Code, _ r: Registers, _ t: Table, _ m: RawMachine) {
  let f = Frame(pc, r, t, m)
  f.save()
  var answer = 0
  if let hook = unsafe f.machine.pointee.hooks.boundary {
    answer = unsafe hook(f.machine.pointee.hooks.context, m)
  }
  let target = unsafe f.takeRedirection()
  if answer < 0 { return unsafe panicPending(pc, r, t, m) }
  f[f.a] = answer
  unsafe dispatch(target + 1, r, t, m)
}

/// The trace of the panic at hand is kept when it goes on outwards.
@c func opPause(_ pc: Code, _ r: Registers, _ t: Table, _ m: RawMachine) {
  let f = Frame(pc, r, t, m)
  f.save()
  guard let hook = unsafe f.machine.pointee.hooks.pause else { return unsafe unwind(pc, r, t, m) }
  let answer = unsafe hook(f.machine.pointee.hooks.context, m)
  let target = unsafe f.takeRedirection()
  if answer < 0 { return unsafe unwind(pc, r, t, m) }
  f[f.a] = answer
  unsafe dispatch(target + 1, r, t, m)
}
