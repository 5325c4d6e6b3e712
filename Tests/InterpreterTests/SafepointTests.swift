// Requests from other threads, and the host stack under long runs.

import Bytecode
import Interpreter
import Runtime
import Synchronization
import Testing

private final class Counter: Sendable {
  let served = Atomic<Int>(0)
}

@Suite(.serialized) struct SafepointTests {
  @Test func anEndlessLoopIsInterrupted() async {
    let program = Program(stackRegisters: 1 << 12)
    let slot = program.define(results: 0) { a in
      let loop = a.label()
      a.place(loop)
      a.emit(.addIntImm, a: 0, b: 0, c: 1)
      a.jump(.jump, to: loop)
    }
    let machine = program.machine
    let requester = Task.detached {
      try? await Task.sleep(for: .milliseconds(20))
      machine.requestInterrupt()
    }
    #expect(program.run(slot, results: 0) == .panicked(.interrupted))
    #expect(program.interpreter.trace.inner.count == 1)
    await requester.value
  }

  /// Each request waits until it was served: none may be lost, whenever it arrives.
  @Test func noRequestIsLost() async {
    let program = Program(stackRegisters: 1 << 12)
    let stop = program.machine.addGlobals(words: 1)
    let leaf = program.define(frame: 1, results: 0) { $0.emit(.returnNone) }
    let slot = program.define(results: 1) { a in
      let loop = a.label()
      a.emit(.loadInt, a: 0, imm32: 0)
      a.place(loop)
      a.emit(.addIntImm, a: 0, b: 0, c: 1)
      a.emit(.call, a: 5, imm32: leaf)
      a.emit(.loadGlobal, a: 1, imm32: stop)
      a.jump(.jumpFalse, a: 1, to: loop)
      a.emit(.return1, a: 1)
    }
    let counter = Counter()
    unsafe program.state.pointee.hooks.context = Unmanaged.passUnretained(counter).toOpaque()
    unsafe program.state.pointee.hooks.safepoint = { context, _ in
      unsafe Unmanaged<Counter>.fromOpaque(context!).takeUnretainedValue().served.add(1, ordering: .relaxed)
      return true
    }
    let machine = program.machine
    let rounds = 20_000
    let requester = Task.detached {
      var lost = false
      let deadline = ContinuousClock.now + .seconds(20)
      for _ in 0..<rounds where !lost {
        let before = counter.served.load(ordering: .relaxed)
        machine.requestSafepoint()
        while counter.served.load(ordering: .relaxed) == before, !lost { lost = ContinuousClock.now > deadline }
      }
      machine.setGlobal(stop, 1)
      return lost
    }
    #expect(program.run(slot) == returned(1))
    #expect(await requester.value == false)
    #expect(counter.served.load(ordering: .relaxed) >= rounds)
  }

  /// The instruction that met the safepoint is executed after it, once.
  @Test func aSafepointChangesNothing() async {
    let program = Program(stackRegisters: 1 << 12)
    let slot = program.define(arguments: 1) { a in
      let loop = a.label()
      a.emit(.clear, a: 1, imm32: 2)
      a.place(loop)
      a.emit(.addInt, a: 1, b: 1, c: 2)
      a.emit(.addIntImm, a: 2, b: 2, c: 1)
      a.jump(.jumpLtInt, a: 2, b: 0, to: loop)
      a.emit(.return1, a: 1)
    }
    let machine = program.machine
    let done = Counter()
    let requester = Task.detached {
      while done.served.load(ordering: .relaxed) == 0 { machine.requestSafepoint() }
    }
    let n = 3_000_000
    #expect(program.run(slot, n) == returned(n * (n - 1) / 2))
    done.served.store(1, ordering: .relaxed)
    await requester.value
  }

  /// Handlers must end in tail jumps in every build configuration: a local of a hook that is called
  /// after tens of millions of jumps, calls, tail calls and primitives lies where it lay at first.
  @Test(arguments: Looking.allCases)
  private func theHostStackStaysConstant(_ looking: Looking) {
    let program = Program(stackRegisters: 1 << 12)
    let looker = Looker(program.interpreter, records: looking == .recording)
    if looking != .off { looker.start() }
    let probe = Probe()
    program.setHooks(probe)
    unsafe program.state.pointee.hooks.boundary = { context, _ in
      unsafe Probe.of(context).note()
      return 0
    }
    let leaf = program.define(frame: 2, arguments: 1) { $0.emit(.addIntImm, a: 0, b: 0, c: 1); $0.emit(.return1, a: 0) }
    let tail = program.define(frame: 2, arguments: 1) { $0.emit(.tailCall, a: 0, imm32: leaf); $0.emitWord(1) }
    let object = Int(program.machine.descriptors.addObject(words: 2))
    let vector = Int(program.machine.descriptors.addVector(elementWords: 1, kind: .words))
    let main = program.define(arguments: 1) { a in
      let loop = a.label(), odd = a.label(), bounded = a.label()
      a.emit(.newVector, a: 9, imm32: vector)
      a.emit(.vectorPush, a: 9, b: 0)
      a.emit(.boundary, a: 1)
      a.place(loop)
      a.emit(.move, a: 4, b: 0)
      a.emit(.call, a: 4, imm32: tail)
      a.emit(.newObject, a: 5, imm32: object)
      a.emit(.setFieldRef, a: 5, b: 4, c: 0)
      a.emit(.vectorPop, a: 6, b: 9)
      a.emit(.vectorPush, a: 9, b: 6)
      a.emit(.loadWord, a: 6)
      a.emitWord((2.5).bitPattern)
      a.emit(.remFloat, a: 6, b: 6, c: 6)
      a.emit(.primitive, a: 6, b: Int(Primitive.floatBits.rawValue), c: 1)
      a.emit(.andIntImm, a: 2, b: 0, c: 1)
      a.jump(.jumpTrue, a: 2, to: odd)
      a.emit(.sqrtFloat, a: 6, b: 6)
      a.place(odd)
      a.emit(.andIntImm, a: 2, b: 0, c: 0x7fff)
      a.jump(.jumpNeIntImm, a: 2, b: 0, to: bounded)
      a.emit(.boundary, a: 1)
      a.place(bounded)
      a.emit(.addIntImm, a: 0, b: 0, c: -1)
      a.jump(.jumpGtIntImm, a: 0, b: 0, to: loop)
      a.emit(.boundary, a: 1)
      a.emit(.return1, a: 0)
    }
    #expect(program.run(main, 1_000_000) == returned(0))
    #expect(probe.calls > 30)
    #expect(Set(probe.stackAddresses).count == 1)
    looker.check(looking)
  }

  /// The same for tail calls alone, from one function to another and from a closure to itself.
  @Test(arguments: Looking.allCases)
  private func tailCallsLeaveTheHostStackConstant(_ looking: Looking) {
    let program = Program(stackRegisters: 1 << 12)
    let looker = Looker(program.interpreter, records: looking == .recording)
    if looking != .off { looker.start() }
    let probe = Probe()
    program.setHooks(probe)
    unsafe program.state.pointee.hooks.boundary = { context, _ in
      unsafe Probe.of(context).note()
      return 0
    }
    let closures = Int(program.machine.descriptors.addClosure(captureWords: 0))
    let even = program.slot(), odd = program.slot(), again = program.slot()
    program.define(again, arguments: 2) { a in
      let done = a.label(), bounded = a.label()
      a.jump(.jumpLeIntImm, a: 0, b: 0, to: done)
      a.emit(.andIntImm, a: 2, b: 0, c: 0x3fff)
      a.jump(.jumpNeIntImm, a: 2, b: 0, to: bounded)
      a.emit(.boundary, a: 3)
      a.place(bounded)
      a.emit(.addIntImm, a: 2, b: 0, c: -1)
      a.emit(.move, a: 3, b: 1)
      a.emit(.tailCallClosure, a: 2, b: 1, c: 2)
      a.place(done)
      a.emit(.return1, a: 0)
    }
    for (slot, other) in [(even, odd), (odd, even)] {
      program.define(slot, arguments: 1) { a in
        let done = a.label(), bounded = a.label()
        a.jump(.jumpLeIntImm, a: 0, b: 0, to: done)
        a.emit(.andIntImm, a: 1, b: 0, c: 0x3fff)
        a.jump(.jumpNeIntImm, a: 1, b: 0, to: bounded)
        a.emit(.boundary, a: 2)
        a.place(bounded)
        a.emit(.addIntImm, a: 2, b: 0, c: -1)
        a.emit(.tailCall, a: 2, imm32: other)
        a.emitWord(1)
        a.place(done)
        a.emit(.newObject, a: 1, imm32: closures)
        a.emit(.loadInt, a: 2, imm32: again)
        a.emit(.setField, a: 1, b: 2, c: 0)
        a.emit(.loadInt, a: 2, imm32: 500_000)
        a.emit(.move, a: 3, b: 1)
        a.emit(.tailCallClosure, a: 2, b: 1, c: 2)
      }
    }
    #expect(program.run(even, 1_000_000) == returned(0))
    #expect(probe.calls > 80)
    #expect(Set(probe.stackAddresses).count == 1)
    looker.check(looking)
  }
}

/// How hot code is looked for meanwhile.
private enum Looking: CaseIterable { case off, counting, recording }

/// Finds everything hot at once, and knows no machine code; records run upon run if it is to.
private final class Looker {
  private let interpreter: Interpreter
  private let records: Bool
  private var hot = 0
  private var instructions = 0
  private var recorded = 0

  init(_ interpreter: Interpreter, records: Bool) { (self.interpreter, self.records) = (interpreter, records) }

  func start() {
    unsafe interpreter.startCounting(
      threshold: 1,
      hooks: TieringHooks(
        hot: { context, _, _, again in
          let looker = unsafe Looker.of(context)
          looker.hot += 1
          unsafe again.pointee = true
          if looker.records { looker.interpreter.startRecording(limit: 1 + looker.hot % Recorder.most) }
          return nil
        },
        called: { _, _ in false },
        recorded: { context, _, count in
          let looker = unsafe Looker.of(context)
          looker.recorded += 1
          looker.instructions += count
        }, rare: { _, _, _ in }, context: Unmanaged.passUnretained(self).toOpaque()))
  }

  func check(_ looking: Looking) {
    switch looking {
    case .off: #expect(hot == 0 && recorded == 0)
    case .counting: #expect(hot > 1_000_000 && recorded == 0)
    // A record begins at the next hot place once the last is full.
    case .recording: #expect(recorded > 1_000 && instructions > 5_000_000, "\(recorded) records of \(instructions) instructions")
    }
  }

  private static func of(_ context: UnsafeMutableRawPointer?) -> Looker {
    unsafe Unmanaged<Looker>.fromOpaque(context.unsafelyUnwrapped).takeUnretainedValue()
  }
}
