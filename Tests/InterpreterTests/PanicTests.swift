// Panics, traces, restart points, and the hooks of live loops.

import Bytecode
import Interpreter
import Runtime
import Testing

@Suite struct PanicTests {
  let program = Program(stackRegisters: 1 << 14)
  let probe = Probe()

  @Test(arguments: [PanicReason.divisionByZero, .stale, .unreachable, .restart, .outOfMemory])
  func traps(_ reason: PanicReason) {
    let slot = program.define { $0.emit(.trap, a: 0, imm32: Int(reason.rawValue)) }
    #expect(program.run(slot) == .panicked(reason))
  }

  @Test func explicitPanicCarriesItsMessage() {
    let literal = program.literal("no such thing")
    let slot = program.define { $0.emit(.loadLiteral, a: 0, imm32: literal); $0.emit(.panic, a: 0) }
    #expect(program.run(slot) == .panicked(.explicit))
    #expect(String(decoding: program.machine.panicText(), as: UTF8.self) == "no such thing")
  }

  @Test func objectsOfAReplacedLayoutAreStale() {
    let old = program.machine.descriptors.addObject(words: 1)
    let new = program.machine.descriptors.addObject(words: 2)
    func made(_ descriptor: UInt32) -> Int {
      program.define {
        $0.emit(.newObject, a: 1, imm32: Int(descriptor))
        $0.emit(.checkStale, a: 1)
        $0.emit(.loadInt, a: 0, imm32: 7)
        $0.emit(.returnFirst)
      }
    }
    let (first, second) = (made(old), made(new))
    #expect(program.run(first) == returned(7))
    program.machine.descriptors.setStale(old, true)
    #expect(program.run(first) == .panicked(.stale))
    #expect(program.machine.panicIndex == Int(old))
    #expect(program.run(second) == returned(7))
    #expect(program.machine.descriptors.staleCount == 1)
    program.machine.descriptors.setStale(old, false)
    #expect(program.run(first) == returned(7))
    #expect(program.machine.descriptors.staleCount == 0)
  }

  @Test func traceNamesEachCall() {
    let c = program.define(frame: 2) { $0.emit(.clear, a: 0, imm32: 2); $0.emit(.divInt, a: 0, b: 0, c: 1); $0.emit(.return1, a: 0) }
    let b = program.define(frame: 9) { $0.emit(.loadInt, a: 3, imm32: 1); $0.emit(.call, a: 7, imm32: c); $0.emit(.return1, a: 7) }
    let a = program.define(frame: 4) { $0.emit(.call, a: 2, imm32: b); $0.emit(.return1, a: 2) }
    #expect(program.run(a) == .panicked(.divisionByZero))
    let expected = [(c, 1), (b, 1), (a, 0)].map { StackTrace.Entry(code: program.code($0), word: $1) }
    #expect(program.interpreter.trace.inner == expected)
    #expect(program.interpreter.trace.outer == [] && program.interpreter.trace.omitted == 0)
  }

  /// A live loop: r0 counts turns; r1 what `pause` or `boundary` answers; the step panics while
  /// global 0 is 0, from two calls down.
  private func liveLoop(_ global: Int) -> Int {
    let inner = program.define(frame: 3) {
      $0.emit(.loadGlobal, a: 0, imm32: global)
      $0.emit(.loadInt, a: 1, imm32: 100)
      $0.emit(.divInt, a: 0, b: 1, c: 0)
      $0.emit(.return1, a: 0)
    }
    let step = program.define(frame: 6) { $0.emit(.call, a: 4, imm32: inner); $0.emit(.return1, a: 4) }
    return program.define(frame: 8, arguments: 1) { a in
      let start = a.label(), turn = a.label(), paused = a.label()
      a.place(start)
      a.emit(.loadInt, a: 0, imm32: 0)
      a.place(turn)
      a.jump(.enterRestart, to: paused)
      a.emit(.addIntImm, a: 0, b: 0, c: 1)
      a.emit(.call, a: 3, imm32: step)
      a.emit(.leaveRestart)
      a.emit(.boundary, a: 1)
      a.jump(.jumpTrue, a: 1, to: start)
      a.jump(.jumpLtIntImm, a: 0, b: 10, to: turn)
      a.emit(.return1, a: 0)
      a.place(paused)
      a.emit(.pause, a: 1)
      a.jump(.jumpTrue, a: 1, to: start)
      a.jump(.jump, to: turn)
    }
  }

  private func setHooks() {
    program.setHooks(probe)
    unsafe program.state.pointee.hooks.pause = { context, machine in
      let probe = unsafe Probe.of(context)
      probe.note()
      unsafe probe.reasons.append(machine.assumingMemoryBound(to: MachineState.self).pointee.panicReason)
      return probe.answer()
    }
  }

  @Test func pauseRetriesAfterAPanic() {
    let global = program.machine.addGlobals(words: 1)
    let loop = liveLoop(global)
    setHooks()
    probe.onCall = { [probe, machine = program.machine] in if probe.calls == 3 { machine.setGlobal(global, 5) } }
    #expect(program.run(loop, 0) == returned(10))
    #expect(probe.reasons == [.divisionByZero, .divisionByZero, .divisionByZero])
    #expect(program.interpreter.trace.inner.count == 3)
    unsafe #expect(program.state.pointee.restartCount == 0)
  }

  @Test func pauseMayRestartOrGiveUp() {
    let global = program.machine.addGlobals(words: 1)
    let loop = liveLoop(global)
    setHooks()
    probe.answers = [1, -1]
    #expect(program.run(loop, 0) == .panicked(.divisionByZero))
    #expect(probe.calls == 2)
    #expect(program.interpreter.trace.inner.count == 3)
    unsafe #expect(program.state.pointee.restartCount == 0)
  }

  @Test func withoutAPauseHookThePanicGoesOut() {
    let global = program.machine.addGlobals(words: 1)
    #expect(program.run(liveLoop(global), 0) == .panicked(.divisionByZero))
  }

  @Test func exitPassesRestartPoints() {
    setHooks()
    let slot = program.define { a in
      let paused = a.label()
      a.jump(.enterRestart, to: paused)
      a.emit(.trap, a: 0, imm32: Int(PanicReason.exit.rawValue))
      a.place(paused)
      a.emit(.pause, a: 1)
      a.emit(.return1, a: 1)
    }
    #expect(program.run(slot) == .panicked(.exit))
    #expect(probe.calls == 0)
  }

  @Test func boundaryAsksTheHost() {
    let global = program.machine.addGlobals(words: 1)
    program.machine.setGlobal(global, 1)
    let loop = liveLoop(global)
    program.setHooks(probe)
    unsafe program.state.pointee.hooks.boundary = { context, _ in
      let probe = unsafe Probe.of(context)
      probe.note()
      return probe.answer()
    }
    #expect(program.run(loop, 0) == returned(10))
    #expect(probe.calls == 10)
    probe.answers = [0, 0, 1]  // the third turn starts afresh
    #expect(program.run(loop, 0) == returned(10))
    #expect(probe.calls == 23)
  }

  /// More restart points than the table has room for at first, each unwound to in turn.
  @Test func restartPointsNest() {
    setHooks()
    let nest = program.slot()
    program.define(nest, frame: 6, arguments: 1) { a in
      let bottom = a.label(), paused = a.label()
      a.jump(.jumpEqIntImm, a: 0, b: 0, to: bottom)
      a.jump(.enterRestart, to: paused)
      a.emit(.addIntImm, a: 4, b: 0, c: -1)
      a.emit(.call, a: 4, imm32: nest)
      a.emit(.leaveRestart)
      a.emit(.return1, a: 4)
      a.place(bottom)
      a.emit(.trap, a: 0, imm32: Int(PanicReason.stale.rawValue))
      a.place(paused)
      a.emit(.pause, a: 1)
      a.emit(.trap, a: 0, imm32: Int(PanicReason.interrupted.rawValue))
    }
    #expect(program.run(nest, 300) == .panicked(.interrupted))
    #expect(probe.reasons == [.stale] + Array(repeating: .interrupted, count: 299))
  }

  /// A run started from a hook of another one: its panics end it alone, and traces pass through.
  @Test func runsNest() {
    let fails = program.define(frame: 2) { $0.emit(.clear, a: 0, imm32: 2); $0.emit(.divInt, a: 0, b: 0, c: 1); $0.emit(.return1, a: 0) }
    let works = program.define(frame: 2, arguments: 1) { $0.emit(.addIntImm, a: 0, b: 0, c: 1); $0.emit(.return1, a: 0) }
    let main = program.define(frame: 5, arguments: 1) { a in
      let paused = a.label()
      a.jump(.enterRestart, to: paused)
      a.emit(.boundary, a: 1)
      a.emit(.leaveRestart)
      a.emit(.return1, a: 0)
      a.place(paused)
      a.emit(.pause, a: 1)
      a.emit(.loadInt, a: 0, imm32: -1)
      a.emit(.return1, a: 0)
    }
    program.setHooks(probe)
    unsafe program.state.pointee.hooks.boundary = { context, _ in
      unsafe Probe.of(context).note()
      return 0
    }
    var outcomes: [Outcome] = []
    probe.onCall = { [interpreter = program.interpreter] in
      outcomes = [interpreter.run(works, [41], results: 1), interpreter.run(fails)]
    }
    #expect(program.run(main, 7) == returned(7))
    #expect(outcomes == [returned(42), .panicked(.divisionByZero)])
    #expect(
      program.interpreter.trace.inner == [
        StackTrace.Entry(code: program.code(fails), word: 1), StackTrace.Entry(code: program.code(main), word: 1),
      ])
  }
}
