// Which tier a safepoint interrupts, for whoever samples. Machine code takes no safepoint itself: it is left, and bytecode takes it. So
// the position alone says nothing; what says it is how the handlers are come to while a safepoint is asked for:
//
//   bytecode ── call or jump ─► safepoint                          it was bytecode that ran when it was asked for
//   machine code ── left to bytecode ─► safepoint                  it was machine code, of the innermost frame or of what that called
//   machine code ── returned ─► bytecode ── call or jump ─► …      it was machine code, of a function that has no frame any more
//
// Invariant: the mark is set only where the very next safepoint is the one that is asked for, so it never belongs to another.

import Bytecode
import Runtime

/// What ran when a safepoint was asked for.
public enum SafepointOrigin: Sendable, Equatable {
  case bytecode
  /// The innermost frame was left by machine code.
  case machineCode
  /// Machine code has returned to the innermost frame; where its own began, nil when that is not known.
  case returned(StackTrace.Entry?)
}

/// In the state of a run: how the handlers have been come to last.
@safe
struct NativeMark {
  enum Kind { case none, left, returned }
  var kind = Kind.none
  /// Bytecode that machine code has taken over from.
  var entry: Code?
}

extension Interpreter {
  /// How the safepoint at hand was come to. Once for each safepoint, from its hook. O(slots) behind a return.
  public func takeSafepointOrigin() -> SafepointOrigin {
    let mark = unsafe runState.pointee.nativeMark
    unsafe runState.pointee.nativeMark = NativeMark()
    switch mark.kind {
    case .none: return .bytecode
    case .left: return .machineCode
    case .returned: return .returned(unsafe mark.entry.flatMap { unsafe bytecode(of: $0) })
    }
  }

  /// `entry` is bytecode, or the word in front of an address by which a slot leads to machine code.
  private func bytecode(of entry: Code) -> StackTrace.Entry? {
    var at = unsafe entry
    let instruction = unsafe Instruction(word: entry.pointee)
    if instruction.opcode == .halt, instruction.d == Int(Departure.native.rawValue) {
      let address = unsafe UnsafeRawPointer(bitPattern: UInt(entry[1]))
      let slots = unsafe machine.state.pointee.slots
      guard let slot = (0..<machine.slotCount).first(where: { unsafe slots[$0].native == address }), let code = unsafe machine.entry(of: slot) else { return nil }
      unsafe at = code
    }
    return unsafe machine.code.find(at).map { unsafe StackTrace.Entry(code: $0.number, word: $0.word) }
  }
}

/// Machine code that took over at `entry` has come to its end, or leaves to bytecode; `table` is what that goes on with.
@inline(__always)
func markNative(_ kind: NativeMark.Kind, _ table: Table, _ m: RawMachine, from entry: Code? = nil) {
  let machine = unsafe m.assumingMemoryBound(to: MachineState.self)
  if _slowPath(unsafe table == machine.pointee.safepointHandlers) { unsafe setMark(kind, m, entry) }
}

@inline(never)
private func setMark(_ kind: NativeMark.Kind, _ m: RawMachine, _ entry: Code?) {
  let run = unsafe m.assumingMemoryBound(to: MachineState.self).pointee.interpreter.unsafelyUnwrapped.assumingMemoryBound(to: RunState.self)
  unsafe run.pointee.nativeMark = NativeMark(kind: kind, entry: entry)
}
