// Calls, returns, tail calls, and how deep they go.

import Bytecode
import Interpreter
import Runtime
import Testing

@Suite struct CallTests {
  let program = Program()

  private func fib() -> Int {
    let fib = program.slot()
    return program.define(fib, frame: 6, arguments: 1) { a in
      let more = a.label()
      a.jump(.jumpGeIntImm, a: 0, b: 2, to: more)
      a.emit(.return1, a: 0)
      a.place(more)
      a.emit(.addIntImm, a: 2, b: 0, c: -1)
      a.emit(.call, a: 2, imm32: fib)
      a.emit(.addIntImm, a: 4, b: 0, c: -2)
      a.emit(.call, a: 4, imm32: fib)
      a.emit(.addInt, a: 0, b: 2, c: 4)
      a.emit(.return1, a: 0)
    }
  }

  @Test func recursion() { #expect(program.run(fib(), 20) == returned(6765)) }

  @Test func severalResults() {
    let divide = program.define(frame: 4, arguments: 2, results: 2) {
      $0.emit(.divInt, a: 2, b: 0, c: 1)
      $0.emit(.remInt, a: 3, b: 0, c: 1)
      $0.emit(.returnBlock, a: 2, b: 2)
    }
    let nothing = program.define(frame: 1, results: 0) { $0.emit(.returnNone) }
    let main = program.define(frame: 10, arguments: 2, results: 2) {
      $0.emit(.move2, a: 5, b: 0)
      $0.emit(.call, a: 5, imm32: divide)
      $0.emit(.call, a: 8, imm32: nothing)
      $0.emit(.returnBlock, a: 5, b: 2)
    }
    #expect(program.run(main, 17, 5, results: 2) == returned(3, 2))
  }

  /// The closure itself follows the arguments, where the callee finds its captures.
  @Test func closures() {
    let add = program.define(frame: 3, arguments: 2) {
      $0.emit(.getField, a: 2, b: 1, c: 1)
      $0.emit(.addInt, a: 0, b: 0, c: 2)
      $0.emit(.return1, a: 0)
    }
    let descriptor = Int(program.machine.descriptors.addClosure(captureWords: 1))
    func make(_ a: inout Assembler) {
      a.emit(.newObject, a: 1, imm32: descriptor)
      a.emit(.loadInt, a: 2, imm32: add)
      a.emit(.setField, a: 1, b: 2, c: 0)
      a.emit(.loadInt, a: 2, imm32: 1000)
      a.emit(.setField, a: 1, b: 2, c: 1)
      a.emit(.move2, a: 5, b: 0)
    }
    let call = program.define(arguments: 1) {
      make(&$0)
      $0.emit(.callClosure, a: 5, b: 1)
      $0.emit(.return1, a: 5)
    }
    let tail = program.define(arguments: 1) { make(&$0); $0.emit(.tailCallClosure, a: 5, b: 1, c: 2) }
    #expect(program.run(call, 7) == returned(1007))
    #expect(program.run(tail, 8) == returned(1008))
  }

  /// even? and odd? by mutual tail calls: ten million of them in one frame.
  @Test func tailCallsTakeNoStack() {
    program.machine.setStackLimit(registers: 64)
    let even = program.slot(), odd = program.slot()
    for (me, other, answer) in [(even, odd, 1), (odd, even, 0)] {
      program.define(me, frame: 4, arguments: 1) { a in
        let more = a.label()
        a.jump(.jumpNeIntImm, a: 0, b: 0, to: more)
        a.emit(.loadInt, a: 0, imm32: answer)
        a.emit(.return1, a: 0)
        a.place(more)
        a.emit(.addIntImm, a: 3, b: 0, c: -1)
        a.emit(.tailCall, a: 3, imm32: other)
        a.emitWord(1)
      }
    }
    #expect(program.run(even, 10_000_000) == returned(1))
    #expect(program.run(even, 9_999_999) == returned(0))
  }

  /// Arguments move down over the frame even where they overlap it.
  @Test func tailCallMovesArguments() {
    let rotate = program.define(frame: 3, arguments: 3, results: 3) { $0.emit(.returnBlock, a: 0, b: 3) }
    let main = program.define(frame: 5, arguments: 4, results: 3) {
      $0.emit(.tailCall, a: 1, imm32: rotate)
      $0.emitWord(3)
    }
    #expect(program.run(main, 1, 2, 3, 4, results: 3) == returned(2, 3, 4))
  }

  @Test func swappedCodeRunsAtTheNextCall() {
    let callee = program.define(frame: 1) { $0.emit(.loadInt, a: 0, imm32: 1); $0.emit(.return1, a: 0) }
    let main = program.define { $0.emit(.call, a: 2, imm32: callee); $0.emit(.return1, a: 2) }
    #expect(program.run(main) == returned(1))
    program.define(callee, frame: 1) { $0.emit(.loadInt, a: 0, imm32: 2); $0.emit(.return1, a: 0) }
    #expect(program.run(main) == returned(2))
  }

  @Test func stackOverflowHasATraceOfBothEnds() {
    let program = Program(stackRegisters: 1 << 16)
    let deep = program.slot()
    program.define(deep, frame: 8, results: 0) { $0.emit(.call, a: 8, imm32: deep); $0.emit(.returnNone) }
    let main = program.define(frame: 2, results: 0) {
      $0.emit(.loadInt, a: 0, imm32: 0)
      $0.emit(.call, a: 2, imm32: deep)
      $0.emit(.returnNone)
    }
    #expect(program.run(main, results: 0) == .panicked(.stackOverflow))
    let trace = program.interpreter.trace
    #expect(trace.inner.count == 64 && trace.outer.count == 64 && trace.omitted > 8000)
    let inside = StackTrace.Entry(code: program.code(deep), word: 0)
    #expect(trace.inner.allSatisfy { $0 == inside })
    #expect(trace.outer.last == StackTrace.Entry(code: program.code(main), word: 1))
    #expect(trace.outer.dropLast().allSatisfy { $0 == inside })
    // And the machine goes on to be usable.
    #expect(program.run(main, results: 0) == .panicked(.stackOverflow))
  }

  @Test func tailCallToALargerFrameChecksTheStack() {
    program.machine.setStackLimit(registers: 128)
    let large = program.define(frame: 60000, results: 0) { $0.emit(.returnNone) }
    let main = program.define(frame: 1, results: 0) { $0.emit(.tailCall, a: 0, imm32: large); $0.emitWord(0) }
    #expect(program.run(main, results: 0) == .panicked(.stackOverflow))
  }

  @Test func aSlotWithoutCodeTraps() {
    let empty = program.slot()
    let main = program.define(results: 0) { $0.emit(.call, a: 1, imm32: empty); $0.emit(.returnNone) }
    #expect(program.run(main, results: 0) == .panicked(.unreachable))
  }
}
