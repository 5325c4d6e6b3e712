// Runs the code of a machine. The host makes one interpreter for a machine, installs code through
// `Machine.code` and `Machine.setEntry`, sets `hooks` on the machine's state, and calls `run`.
//
//   stack of a run   │ outer pc │ outer registers │ return pc: halt │ R[0] arguments …
//
// A run started from a primitive or a hook of an outer run lies above the outer run's frame and ends
// before it; a panic in it does not unwind past its start.

import Bytecode
import CShims
import Runtime

public enum Outcome: Sendable, Equatable {
  /// With the results' registers.
  case returned([UInt64])
  /// The panic is described in the machine, and by `Interpreter.trace`.
  case panicked(PanicReason)
}

@safe
public final class Interpreter {
  public let machine: Machine
  private let state: UnsafeMutablePointer<RunState>
  var runState: UnsafeMutablePointer<RunState> { unsafe state }
  /// Registers in front of a run's R[0].
  private static let linkage = 3

  /// nil when the code store is full. One for each machine, made before its slots; program thread from
  /// now on. `isMetered`: instructions are counted, and `machine.instructionsLeft` says how many may run.
  public init?(_ machine: Machine, isMetered: Bool = false) {
    // A return finds A = 3 in the call that never ran, and so the run's first register.
    let words = [
      Instruction(.call, a: Self.linkage, imm32: 0).word, Instruction(.halt).word,
      Instruction(.halt, d: Int(Departure.unwind.rawValue)).word,
    ]
    let missing = Instruction(.trap, a: 0, imm32: Int(PanicReason.unreachable.rawValue)).word
    guard let entry = unsafe machine.code.install(words, frameSize: Self.linkage),
      machine.code.setMissing([missing], frameSize: 1)
    else { return nil }
    unsafe machine.state.pointee.pc = machine.code.idle
    self.machine = machine
    unsafe state = UnsafeMutablePointer<RunState>.allocate(capacity: 1)
    unsafe state.initialize(to: RunState(halt: entry + 1, unwindWord: entry + 2))
    unsafe machine.state.pointee.interpreter = UnsafeMutableRawPointer(state)
    unsafe machine.nativeMissing = UnsafeRawPointer(bitPattern: NativeRuntime.shared.missing)
    let tables = HandlerTables.shared
    unsafe machine.setHandlers(normal: isMetered ? tables.metered : tables.normal, safepoint: tables.safepoint)
  }

  deinit {
    unsafe machine.state.pointee.interpreter = nil
    if let low = unsafe hostStack { unsafe lang_stack_release(low, hostStackBytes) }
    unsafe state.deinitialize(count: 1)
    unsafe state.deallocate()
  }

  var halt: Code { unsafe state.pointee.halt }
  var redirectionTargets: [Code] { unsafe Array(state.pointee.redirections.values) }

  /// A frame that waits in a hook goes on at `target` when it comes back.
  func redirect(_ registers: Registers, to target: Code) {
    unsafe state.pointee.redirections[UInt(bitPattern: registers)] = target
  }

  /// Where the last panic came from.
  public var trace: StackTrace { unsafe state.pointee.trace }

  /// The frames of the running code, e.g. from a hook; empty when nothing runs.
  public func currentTrace() -> StackTrace {
    isRunning ? unsafe stackTrace(machine.state, halt: state.pointee.halt) : StackTrace()
  }

  public var isRunning: Bool { unsafe machine.state.pointee.pc != machine.code.idle }

  /// Native code may be entered: its stack is looked at for references, and watched.
  public var hasNativeCode = false

  /// The stack that native code and what it calls are on, made by the first run. A native frame takes far less of it than 60 times
  /// what it takes of the machine's own, which is checked at calls; so that one is at its end first.
  private static let hostStackSizes = [4 << 30, 1 << 30, 256 << 20]
  private static let hostStackRatio = 60
  private var hostStack: UnsafeMutableRawPointer?
  private var hostStackBytes = 0

  /// False when the system has no address space for one: then nothing may run natively.
  private func makeHostStack() -> Bool {
    if unsafe hostStack != nil { return true }
    for size in Self.hostStackSizes {
      unsafe hostStack = lang_stack_create(size)
      if unsafe hostStack == nil { continue }
      hostStackBytes = size
      let registers = size / Self.hostStackRatio / 8
      let m = unsafe machine.state
      if unsafe m.pointee.stackLimit - m.pointee.stackBase > registers { machine.setStackLimit(registers: registers) }
      return true
    }
    hasNativeCode = false
    unsafe machine.setHandlers(normal: HandlerTables.shared.normal, safepoint: HandlerTables.shared.safepoint)
    return false
  }

  @safe private struct Start {
    let pc: Code
    let registers: Registers
    let machine: MachinePointer
  }

  /// Runs on a stack of its own.
  @inline(never)
  private func startOnHostStack(_ pc: Code, _ registers: Registers) {
    let m = unsafe machine.state
    guard makeHostStack(), let low = unsafe hostStack else {
      return unsafe start(pc, registers, m.pointee.handlers, UnsafeMutableRawPointer(m))
    }
    unsafe m.pointee.hostStackBase = UInt(bitPattern: low) + UInt(hostStackBytes) - 64
    var what = unsafe Start(pc: pc, registers: registers, machine: m)
    unsafe withUnsafeMutablePointer(to: &what) { what in
      unsafe lang_call_on_stack(
        UnsafeMutableRawPointer(bitPattern: m.pointee.hostStackBase),
        { context in
          let what = unsafe context.unsafelyUnwrapped.assumingMemoryBound(to: Start.self).pointee
          unsafe start(what.pc, what.registers, what.machine.pointee.handlers, UnsafeMutableRawPointer(what.machine))
        }, UnsafeMutableRawPointer(what))
    }
    unsafe m.pointee.hostStackBase = 0
  }

  /// Calls the function of `slot` and runs until it returns or panics past the outermost restart point.
  /// Program thread; also from within a primitive or a hook. The results are `results` registers.
  public func run(_ slot: Int, _ arguments: [UInt64] = [], results: Int = 0) -> Outcome {
    let m = unsafe machine.state
    let outerPC = unsafe m.pointee.pc
    let outerRegisters = unsafe m.pointee.registers
    let outerBase = unsafe state.pointee.restartBase
    let outerNesting = unsafe state.pointee.nesting
    let idle = unsafe outerPC == machine.code.idle
    var base = unsafe m.pointee.stackBase
    if !idle {
      let frame = unsafe machine.code.find(outerPC).map { unsafe Int(truncatingIfNeeded: $0.entry[-1]) } ?? 256
      unsafe base = outerRegisters + frame
    }
    let entry = unsafe m.pointee.slots[slot].entry.unsafelyUnwrapped
    let frame = unsafe max(Int(truncatingIfNeeded: entry[-1]), arguments.count, results)
    let registers = unsafe base + Self.linkage
    unsafe state.pointee.panicked = false
    if unsafe registers + frame >= m.pointee.stackLimit {
      unsafe m.pointee.panicReason = .stackOverflow
      unsafe m.pointee.panicMessage = 0
      unsafe state.pointee.trace = currentTrace()
      return .panicked(.stackOverflow)
    }
    unsafe base[0] = idle ? 0 : UInt64(UInt(bitPattern: outerPC))
    unsafe base[1] = UInt64(UInt(bitPattern: outerRegisters))
    unsafe base[2] = UInt64(UInt(bitPattern: state.pointee.halt))
    for (i, argument) in arguments.enumerated() { unsafe registers[i] = argument }
    let restarts = unsafe m.pointee.restartCount
    unsafe state.pointee.restartBase = restarts
    unsafe state.pointee.nesting = 0

    if idle, hasNativeCode {
      unsafe startOnHostStack(entry, registers)
    } else {
      unsafe start(entry, registers, m.pointee.handlers, UnsafeMutableRawPointer(m))
    }

    unsafe state.pointee.restartBase = outerBase
    unsafe state.pointee.nesting = outerNesting
    unsafe m.pointee.restartCount = restarts
    unsafe m.pointee.pc = outerPC
    unsafe m.pointee.registers = outerRegisters
    if unsafe state.pointee.panicked {
      unsafe state.pointee.panicked = false
      return .panicked(unsafe m.pointee.panicReason)
    }
    return .returned((0..<results).map { unsafe registers[$0] })
  }
}

/// The one call that is no tail jump: it comes back from `halt` or from a panic without restart point.
@inline(never)
private func start(_ pc: Code, _ registers: Registers, _ table: Table, _ machine: RawMachine) {
  unsafe dispatch(pc, registers, table, machine)
}
