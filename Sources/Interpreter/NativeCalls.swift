// How bytecode and native code meet. A native function is called with the registers of its frame and the machine, and answers null
// when it has returned, its results in R[0] and up, or else the bytecode with which its frame is to go on:
//
//   bytecode ── call ─► {halt native, address} ── enterNative ─► native     null: as `return`; pc: bytecode goes on there
//   native ── the slot's `native` ─► native                                  null: goes on; pc: `resume` runs it to its end
//
// So whatever native code does not do itself, it leaves: a panic is the instruction that panics, executed again by its handler; a
// safepoint is the loop's header; a callee without native code is its bytecode. What native code waits for returns to a word that
// stands for its call, a copy of the instruction followed by `halt`, in a piece of code made beside it, so whoever walks the stack
// finds frames of both kinds alike.
//
// Invariant: a nested run of handlers ends when its first frame has returned, or with a panic whose restart point lies further out;
// then the frames between are left one by one, each by answering the word that goes on unwinding.

import Bytecode
import CShims
import Runtime

/// A native function; see above.
typealias NativeFunction = @convention(c) (Registers, RawMachine, UnsafeMutableRawPointer?) -> Code?

/// The frame goes on in native code.
@inline(__always)
func enterNative(_ address: UnsafeRawPointer, _ pc: Code, _ r: Registers, _ t: Table, _ m: RawMachine) {
  let f = Frame(pc, r, t, m)
  if let pc = unsafe unsafeBitCast(address, to: NativeFunction.self)(r, m, nil) {
    let handlers = unsafe f.machine.pointee.handlers
    unsafe markNative(.left, handlers, m)
    unsafe dispatch(pc, r, handlers, m)
  } else {
    unsafe markNative(.returned, f.machine.pointee.handlers, m, from: pc)
    f.leave()
  }
}

/// What slots without native code have in its place: their code is to be run. Calls from native code count as others do.
@c func nativeMissing(_ r: Registers, _ m: RawMachine, _ slot: UnsafeMutableRawPointer?) -> Code? {
  let slot = unsafe slot.unsafelyUnwrapped.assumingMemoryBound(to: Slot.self)
  let machine = unsafe m.assumingMemoryBound(to: MachineState.self)
  let run = unsafe machine.pointee.interpreter.unsafelyUnwrapped.assumingMemoryBound(to: RunState.self)
  if let hot = unsafe run.pointee.hot {
    let index = unsafe HotCounters.index(slot.pointee.entry.unsafelyUnwrapped)
    let left = unsafe hot.counters[index] &- 1
    unsafe hot.counters[index] = left
    if _slowPath(left == 0) {
      let again = unsafe hot.called(hot.context, slot - machine.pointee.slots)
      unsafe hot.counters[index] = again ? hot.threshold : max(hot.threshold, HotCounters.patience)
    }
  }
  return unsafe slot.pointee.entry
}

/// Runs a frame from `pc` to its return, which leads to a `halt`. Null, or what native code is to answer in turn.
@c func resumeFrame(_ r: Registers, _ m: RawMachine, _ pc: UnsafeRawPointer?) -> Code? {
  var pc = unsafe pc.unsafelyUnwrapped.assumingMemoryBound(to: UInt64.self) as Code
  // Tail calls that lead from one native function to the next need no handlers in between.
  while unsafe pc.pointee == nativeWord {
    guard let next = unsafe unsafeBitCast(UnsafeRawPointer(bitPattern: UInt(pc[1])).unsafelyUnwrapped, to: NativeFunction.self)(r, m, nil) else { return nil }
    unsafe pc = next
  }
  let machine = unsafe m.assumingMemoryBound(to: MachineState.self)
  let run = unsafe machine.pointee.interpreter.unsafelyUnwrapped.assumingMemoryBound(to: RunState.self)
  let outer = unsafe run.pointee.activationBase
  unsafe run.pointee.activationBase = machine.pointee.restartCount
  unsafe run.pointee.nesting += 1
  let handlers = unsafe machine.pointee.handlers
  unsafe markNative(.left, handlers, m)
  unsafe startNested(pc, r, handlers, m)
  unsafe run.pointee.activationBase = outer
  unsafe run.pointee.nesting -= 1
  if unsafe run.pointee.isUnwinding {
    unsafe run.pointee.isUnwinding = false
    return unsafe run.pointee.unwindWord
  }
  return nil
}

/// What code within a unit answers when its frame was left to bytecode and has returned, its results in R[0] and up: whoever waits for it
/// leaves its own frame behind the call, so no way through bytecode comes back into native code. Also where an edit may have come meanwhile.
public let frameHasLeft: UInt = 1

/// As `resumeFrame`, for a frame whose caller waits within the same unit; never null.
@c func leaveFrame(_ r: Registers, _ m: RawMachine, _ pc: UnsafeRawPointer?) -> UInt {
  unsafe resumeFrame(r, m, pc).map { UInt(bitPattern: $0) } ?? frameHasLeft
}

/// A call within a unit has answered something else than null: the frame goes on in bytecode at `pc`, or in one that was condemned meanwhile
/// at the word its callee's link leads to; or it is left too, by a panic. `site` is the word behind the call's. Answers where to go on, or the
/// word that goes on unwinding.
@c func continueBehindCall(_ r: Registers, _ m: RawMachine, _ answer: UInt, _ pc: UnsafeRawPointer?, _ site: Code) -> UInt {
  guard answer == frameHasLeft else { return answer }
  let window = unsafe Instruction(word: site[-1]).a
  let link = unsafe UInt(r[window - 1])
  return link == UInt(bitPattern: site) ? UInt(bitPattern: pc) : link
}

/// The same where the caller waits within the unit.
@c func leaveBehindCall(_ r: Registers, _ m: RawMachine, _ answer: UInt, _ pc: UnsafeRawPointer?, _ site: Code) -> UInt {
  guard answer == frameHasLeft else { return answer }
  return unsafe leaveFrame(r, m, UnsafeRawPointer(bitPattern: continueBehindCall(r, m, answer, pc, site)))
}

/// The word that leads into native code.
private let nativeWord = Instruction(.halt, d: Int(Departure.native.rawValue)).word

@inline(never)
private func startNested(_ pc: Code, _ registers: Registers, _ table: Table, _ machine: RawMachine) {
  unsafe dispatch(pc, registers, table, machine)
}

// What native code asks of the runtime. `site` is the word that stands for the instruction, R the frame: where a panic comes from, and
// up to where the stack is in use.

@inline(__always)
private func saved(_ m: RawMachine, _ r: Registers, _ site: Code) -> MachinePointer {
  let machine = unsafe m.assumingMemoryBound(to: MachineState.self)
  unsafe machine.pointee.pc = site
  unsafe machine.pointee.registers = r
  return unsafe machine
}

/// 0: a panic is pending.
typealias NativeNew = @convention(c) (RawMachine, Registers, Code, Int) -> UInt64
@c func nativeNewObject(_ m: RawMachine, _ r: Registers, _ site: Code, _ descriptor: Int) -> UInt64 {
  unsafe Heap.allocateObject(saved(m, r, site), UInt32(truncatingIfNeeded: descriptor))
}

/// Room for one more element, which has so many bytes. False: a panic is pending.
typealias NativeGrow = @convention(c) (RawMachine, Registers, Code, UInt64, Int) -> Bool
@c func nativeGrow(_ m: RawMachine, _ r: Registers, _ site: Code, _ vector: UInt64, _ bytes: Int) -> Bool {
  unsafe Vectors.grow(saved(m, r, site), vector, Vectors.count(vector) &+ 1)
}

/// Bytecode goes on at `pc`, on a way that is held to be rare.
@c func nativeRare(_ m: RawMachine, _ pc: Code, _ cell: UInt) {
  let run = unsafe m.assumingMemoryBound(to: MachineState.self).pointee.interpreter.unsafelyUnwrapped.assumingMemoryBound(to: RunState.self)
  if let hot = unsafe run.pointee.hot { unsafe hot.rare(hot.context, pc, cell) }
}

@c func nativeEqualStrings(_ x: UInt64, _ y: UInt64) -> Bool { Strings.equal(x, y) }
@c func nativeHashString(_ x: UInt64) -> UInt64 { Hash.string(x) }
@c func nativeRemainder(_ x: Double, _ y: Double) -> Double { x.truncatingRemainder(dividingBy: y) }

/// Addresses of what native code calls.
public struct NativeRuntime: Sendable {
  public let missing, resume, leave, continueBehind, leaveBehind, newObject, grow, rare, equalStrings, hashString, remainder: UInt

  public static let shared = unsafe NativeRuntime(
    missing: address(nativeMissing as NativeFunction),
    resume: address(resumeFrame as @convention(c) (Registers, RawMachine, UnsafeRawPointer?) -> Code?),
    leave: address(leaveFrame as @convention(c) (Registers, RawMachine, UnsafeRawPointer?) -> UInt),
    continueBehind: address(continueBehindCall as Behind),
    leaveBehind: address(leaveBehindCall as Behind),
    newObject: address(nativeNewObject as NativeNew),
    grow: address(nativeGrow as NativeGrow),
    rare: address(nativeRare as @convention(c) (RawMachine, Code, UInt) -> Void),
    equalStrings: address(nativeEqualStrings as @convention(c) (UInt64, UInt64) -> Bool),
    hashString: address(nativeHashString as @convention(c) (UInt64) -> UInt64),
    remainder: address(nativeRemainder as @convention(c) (Double, Double) -> Double))

  private typealias Behind = @convention(c) (Registers, RawMachine, UInt, UnsafeRawPointer?, Code) -> UInt

  private static func address<F>(_ function: F) -> UInt { unsafe unsafeBitCast(function, to: UInt.self) }
}
