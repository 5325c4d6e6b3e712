// A machine with an interpreter, and functions written by hand in bytecode. Every function is verified
// before it is installed.

import Bytecode
import Interpreter
import Runtime
import Testing

final class Program {
  let machine: Machine
  let interpreter: Interpreter

  init(stackRegisters: Int = 1 << 20, stress: Bool = false) {
    var options = MachineOptions.small
    options.stackRegisters = stackRegisters
    options.stress = stress
    machine = Machine(options)!
    interpreter = Interpreter(machine)!
  }

  var state: MachinePointer { unsafe machine.state }

  func slot() -> Int { machine.addSlot(function: 0) }

  /// Gives `slot` the code that `body` assembles; answers the slot.
  @discardableResult
  func define(
    _ slot: Int? = nil, frame: Int = 16, arguments: Int = 0, results: Int = 1,
    _ body: (inout Assembler) -> Void
  ) -> Int {
    let slot = slot ?? self.slot()
    var a = Assembler()
    body(&a)
    let reached = a.resolveJumps()
    #expect(reached)
    let faults = a.block(frameSize: frame, argumentWords: arguments, resultWords: results).verify()
    #expect(faults == [], "\(disassemble(a.words))")
    unsafe machine.setEntry(slot, machine.code.install(a.words, frameSize: frame)!)
    return slot
  }

  func run(_ slot: Int, words first: UInt64, _ rest: UInt64..., results: Int = 1) -> Outcome {
    interpreter.run(slot, [first] + rest, results: results)
  }

  func run(_ slot: Int, _ arguments: Int..., results: Int = 1) -> Outcome {
    interpreter.run(slot, arguments.map { UInt64(bitPattern: Int64($0)) }, results: results)
  }

  /// The number of a new string literal.
  func literal(_ text: String) -> Int {
    literalCount += 1
    let made = machine.setStringLiteral(literalCount, Array(text.utf8))
    #expect(made)
    return literalCount
  }
  private var literalCount = 0

  /// Code number of a slot's current code.
  func code(_ slot: Int) -> Int { unsafe Int(machine.entry(of: slot)![-2]) }

  /// Context for hooks that only note what happens; lives as long as the program.
  func setHooks(_ probe: Probe) {
    self.probe = probe
    unsafe machine.state.pointee.hooks.context = Unmanaged.passUnretained(probe).toOpaque()
  }
  private var probe: Probe?
}

func returned(_ values: Int...) -> Outcome { .returned(values.map { UInt64(bitPattern: Int64($0)) }) }
func returned(_ value: Double) -> Outcome { .returned([value.bitPattern]) }

/// What hooks write down, and what they answer.
final class Probe {
  var calls = 0
  var stackAddresses: [UInt] = []
  var reasons: [PanicReason] = []
  var answers: [Int] = []
  var onCall: () -> Void = {}

  func note() {
    var local = 0
    unsafe withUnsafeMutablePointer(to: &local) { stackAddresses.append(UInt(bitPattern: $0)) }
    calls += 1
    onCall()
  }

  func answer() -> Int { answers.isEmpty ? 0 : answers.removeFirst() }

  static func of(_ context: UnsafeMutableRawPointer?) -> Probe {
    unsafe Unmanaged<Probe>.fromOpaque(context!).takeUnretainedValue()
  }
}

/// Deterministic random numbers (SplitMix64); the seed is printed with a failure.
struct Random: RandomNumberGenerator {
  var state: UInt64
  init(seed: UInt64) { state = seed }
  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}
