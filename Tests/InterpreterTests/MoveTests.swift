// Moves, constants, globals, tables of jumps.

import Bytecode
import Interpreter
import Runtime
import Testing

@Suite struct MoveTests {
  let program = Program(stackRegisters: 1 << 12)

  /// Runs `body` on registers 0..7 = 10..17 and answers all eight.
  private func eight(_ body: (inout Assembler) -> Void) -> Outcome {
    let slot = program.define(results: 8) { body(&$0); $0.emit(.returnBlock, a: 0, b: 8) }
    return program.interpreter.run(slot, (10..<18).map { UInt64($0) }, results: 8)
  }

  @Test func moves() {
    #expect(eight { $0.emit(.move, a: 1, b: 5) } == returned(10, 15, 12, 13, 14, 15, 16, 17))
    #expect(eight { $0.emit(.move2, a: 1, b: 5) } == returned(10, 15, 16, 13, 14, 15, 16, 17))
    #expect(eight { $0.emit(.move3, a: 1, b: 5) } == returned(10, 15, 16, 17, 14, 15, 16, 17))
  }

  @Test func overlappingMovesActAtOnce() {
    #expect(eight { $0.emit(.move2, a: 1, b: 0) } == returned(10, 10, 11, 13, 14, 15, 16, 17))
    #expect(eight { $0.emit(.move3, a: 1, b: 0) } == returned(10, 10, 11, 12, 14, 15, 16, 17))
    #expect(eight { $0.emit(.move3, a: 0, b: 1) } == returned(11, 12, 13, 13, 14, 15, 16, 17))
    for (a, b, c) in [(0, 1, 5), (1, 0, 5), (2, 2, 3), (0, 0, 0), (7, 0, 0), (3, 0, 5), (0, 3, 5)] {
      var expected = Array(10..<18)
      for i in 0..<c { expected[a + i] = 10 + b + i }
      #expect(
        eight { $0.emit(.moveBlock, a: a, b: b, c: c) } == .returned(expected.map { UInt64($0) }), "\(a) \(b) \(c)")
    }
  }

  @Test func constants() {
    #expect(eight { $0.emit(.clear, a: 2, imm32: 3) } == returned(10, 11, 0, 0, 0, 15, 16, 17))
    #expect(eight { $0.emit(.clear, a: 2, imm32: 0) } == returned(10, 11, 12, 13, 14, 15, 16, 17))
    let small = program.define { $0.emit(.loadInt, a: 0, imm32: -7); $0.emit(.return1, a: 0) }
    #expect(program.run(small) == returned(-7))
    let large = program.define { $0.emit(.loadWord, a: 0); $0.emitWord(.max); $0.emit(.return1, a: 0) }
    #expect(program.run(large) == returned(-1))
    let literal = program.literal("hello")
    let text = program.define { $0.emit(.loadLiteral, a: 0, imm32: literal); $0.emit(.return1, a: 0) }
    #expect(program.run(text) == .returned([program.machine.literal(literal)]))
  }

  @Test func globals() {
    let first = program.machine.addGlobals(words: 3)
    let slot = program.define(arguments: 2) {
      $0.emit(.storeGlobal, a: 0, imm32: first + 1)
      $0.emit(.storeGlobalRef, a: 1, imm32: first + 2)
      $0.emit(.loadGlobal, a: 5, imm32: first + 1)
      $0.emit(.return1, a: 5)
    }
    #expect(program.run(slot, 42, 0) == returned(42))
    #expect(program.machine.global(first) == 0 && program.machine.global(first + 1) == 42)
  }

  @Test func jumpTable() {
    for count in 0...5 {
      let slot = program.define(arguments: 1) { a in
        let targets = (0..<count).map { _ in a.label() }
        a.jumpTable(a: 0, to: targets)
        a.emit(.loadInt, a: 1, imm32: -1)
        a.emit(.return1, a: 1)
        for (i, target) in targets.enumerated() {
          a.place(target)
          a.emit(.loadInt, a: 1, imm32: 100 + i)
          a.emit(.return1, a: 1)
        }
      }
      for key in -2...7 {
        #expect(program.run(slot, key) == returned((0..<count).contains(key) ? 100 + key : -1), "\(key) of \(count)")
      }
    }
  }
}
