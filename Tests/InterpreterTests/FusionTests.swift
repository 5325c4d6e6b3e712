// Fusions and superinstructions against the instructions they stand for: random operands on random
// registers, the same start twice, and all registers and memory compared at the end.
//
//   r0…r7 integers   r8…r15 floats   r16 object   r18 vector of words   r19 vector of bytes
//   the object: words 0…3 integers, 4…7 floats; callee windows begin at r26

import Bytecode
import Interpreter
import Runtime
import Testing

private struct Ending: Equatable {
  var outcome: Outcome
  var word: Int?
}

private struct Bench {
  let program = Program(stackRegisters: 1 << 12)
  let object: Int, words: Int
  let callee: Int
  let global: Int
  let literal: Int
  static let registers = 32

  init() {
    object = Int(program.machine.descriptors.addObject(words: 8))
    words = Int(program.machine.descriptors.addVector(elementWords: 1, kind: .words))
    callee = program.define(frame: 1, arguments: 1) { $0.emit(.addIntImm, a: 0, b: 0, c: 1); $0.emit(.return1, a: 0) }
    global = program.machine.addGlobals(words: 1)
    program.machine.setGlobal(global, 3)
    literal = program.literal("text")
  }

  /// Runs `body` between a start that depends on `seed` alone and an end that gathers everything. A
  /// jump to exit k tells it by the last register.
  /// Where it panics is part of the outcome.
  func run(seed: UInt64, fused: Bool, _ body: (inout Assembler, [Label]) -> Void) -> Ending {
    var random = Random(seed: seed)
    var a = Assembler()
    a.emit(.clear, a: 20, imm32: Self.registers - 20)
    a.emit(.newObject, a: 16, imm32: object)
    a.emit(.newVector, a: 18, imm32: words)
    a.emit(.newVector, a: 19, imm32: Int(DescriptorTable.byteVector))
    for field in 0..<8 {
      a.emit(.loadWord, a: 0)
      a.emitWord(field < 4 ? UInt64(Int.random(in: 0..<9, using: &random)) : Double.random(in: -9...9, using: &random).bitPattern)
      a.emit(.setField, a: 16, b: 0, c: field)
    }
    for _ in 0..<6 {
      a.emit(.loadInt, a: 0, imm32: Int.random(in: 0..<5, using: &random))
      a.emit(.vectorPush, a: 18, b: 0)
      a.emit(.vectorPush, a: 19, b: 0)
    }
    for register in 0..<8 { a.emit(.loadInt, a: register, imm32: Int.random(in: -1..<6, using: &random)) }
    for register in 8..<16 {
      a.emit(.loadWord, a: register)
      a.emitWord((Double(Int.random(in: -4...9, using: &random)) / 2).bitPattern)
    }
    let exits = (0..<4).map { _ in a.label() }
    let end = a.label()
    body(&a, exits)
    for (k, exit) in exits.enumerated() {
      a.place(exit)
      a.emit(.loadInt, a: 31, imm32: k)
      a.jump(.jump, to: end)
    }
    a.place(end)
    a.emit(.addIntImm, a: 31, b: 31, c: 100)
    // The object's and the vectors' contents into a digest.
    a.emit(.loadInt, a: 30, imm32: 0)
    func mix() {
      a.emit(.mulIntImm, a: 30, b: 30, c: 31)
      a.emit(.xorInt, a: 30, b: 30, c: 29)
    }
    for field in 0..<8 { a.emit(.getField, a: 29, b: 16, c: field); mix() }
    for i in 0..<6 {
      a.emit(.loadInt, a: 28, imm32: i)
      a.emit(.vectorGet, a: 29, b: 18, c: 28)
      mix()
      a.emit(.vectorGetU8, a: 29, b: 19, c: 28)
      mix()
    }
    a.emit(.clear, a: 16, imm32: 4)
    a.emit(.returnBlock, a: 0, b: Self.registers)
    let reached = a.resolveJumps()
    #expect(reached)
    let block = a.block(frameSize: Self.registers + 8, argumentWords: 0, resultWords: Self.registers)
    let slot = program.slot()
    unsafe program.machine.setEntry(
      slot, program.machine.code.install(fused ? block.fused() : block.words, frameSize: block.frameSize)!)
    let outcome = program.run(slot, results: Self.registers)
    guard case .returned(var values) = outcome else {
      return Ending(outcome: outcome, word: program.interpreter.trace.inner.first?.word)
    }
    // References, scratch, a return address.
    for i in [16, 17, 18, 19, 24, 25] { values[i] = 0 }
    return Ending(outcome: .returned(values), word: nil)
  }

  func emit(_ opcode: Opcode, _ random: inout Random, _ a: inout Assembler, _ exits: [Label]) {
    func int() -> Int { Int.random(in: 0..<8, using: &random) }
    func float() -> Int { Int.random(in: 8..<16, using: &random) }
    func immediate() -> Int { Int.random(in: 1...5, using: &random) }
    func intField() -> Int { Int.random(in: 0..<4, using: &random) }
    func floatField() -> Int { Int.random(in: 4..<8, using: &random) }
    func exit() -> Label { exits.randomElement(using: &random)! }
    let isFloat = "\(opcode)".contains("Float")
    func either() -> Int { isFloat ? float() : int() }
    switch opcode.row.shape {
    case .none: a.emit(opcode)
    case .a: a.emit(opcode, a: int())
    case .ab:
      switch opcode {
      case .move2: a.emit(opcode, a: int() % 7, b: int() % 7)
      case .intToFloat: a.emit(opcode, a: float(), b: int())
      case .vectorCount: a.emit(opcode, a: int(), b: 18)
      default: a.emit(opcode, a: either(), b: either())
      }
    case .abc: a.emit(opcode, a: either(), b: either(), c: either())
    case .abImm: a.emit(opcode, a: int(), b: int(), c: immediate())
    case .aImm32: a.emit(opcode, a: int(), imm32: immediate())
    case .aIndex32: a.emit(opcode, a: int(), imm32: opcode == .loadLiteral ? literal : global)
    case .aWord, .abWord:
      a.emit(opcode, a: float(), b: float())
      a.emitWord(1.5.bitPattern)
    case .jump: a.jump(opcode, to: exit())
    case .aJump: a.jump(opcode, a: int(), to: exit())
    case .abJump: a.jump(opcode, a: either(), b: either(), to: exit())
    case .aImmJump: a.jump(opcode, a: int(), b: immediate(), to: exit())
    case .call: a.emit(opcode, a: 26, imm32: callee)
    case .field:
      if opcode == .getField2 {
        a.emit(opcode, a: int() % 7, b: 16, c: intField() % 3)
      } else if Bool.random(using: &random) {
        a.emit(opcode, d: 2, a: int() % 7, b: 16, c: intField() % 3)
      } else {
        a.emit(opcode, d: 2, a: 8 + int() % 7, b: 16, c: 4 + intField() % 3)
      }
    case .setField:
      let floats = isFloat || Bool.random(using: &random)
      a.emit(opcode, d: 2, a: 16, b: floats ? 8 + int() % 7 : int() % 7, c: (floats ? 4 : 0) + intField() % 3)
    case .element: a.emit(opcode, a: int(), b: opcode == .vectorGetU8 ? 19 : 18, c: int())
    case .setElement: a.emit(opcode, a: opcode == .vectorSetU8 ? 19 : 18, b: int(), c: int())
    case .fused: a.emit(opcode, d: float(), a: float(), b: float(), c: float())
    case .fieldFused: a.emit(opcode, d: float(), a: float(), b: 16, c: floatField())
    case .fieldUpdate:
      a.emit(opcode, d: opcode == .setFieldPair ? 4 + intField() % 3 : floatField(), a: 16, b: float(), c: float())
    case .fieldImm: a.emit(opcode, a: 16, b: immediate() - 3, c: intField())
    case .pair: a.emit(opcode, a: int() % 7, b: int(), c: int())
    case .setElementImm: a.emit(opcode, a: 19, b: int(), c: immediate())
    case .stepJump, .stepImmJump, .stepRegisterJump, .countJump:
      let b = opcode == .loopCount ? 18 : opcode == .loopLtImm ? immediate() : int()
      // The assembler makes these itself; the offset is patched to an exit by way of a short jump.
      a.emit(opcode, d: opcode == .loopAddLt ? int() : immediate(), a: int(), b: b, c: 2)
      let past = a.label()
      a.jump(.jump, to: past)
      a.jump(.jump, to: exit())
      a.place(past)
    default: Issue.record("\(opcode) has no operands here")
    }
  }
}

@Suite struct FusionTests {
  @Test(arguments: Fusion.allCases)
  func doesWhatItsPartsDo(_ fusion: Fusion) {
    let bench = Bench()
    for round in 0..<60 {
      let seed = UInt64(fusion.rawValue) << 16 | UInt64(round)
      func run(fused: Bool) -> Ending {
        bench.run(seed: seed, fused: fused) { a, exits in
          var random = Random(seed: seed)
          for part in fusion.parts { bench.emit(part, &random, &a, exits) }
        }
      }
      let plain = run(fused: false), fused = run(fused: true)
      #expect(plain == fused, "\(fusion), seed \(seed)")
    }
  }

  @Test(arguments: Fusion.allCases)
  func changesOnlyOpcodeBytes(_ fusion: Fusion) {
    // Literals look like instructions that could be fused.
    var words: [UInt64] = []
    var literals: [Int] = []
    for part in fusion.parts {
      let instruction = Instruction(part, d: 1, a: 2, b: 3, c: 4)
      words.append(instruction.word)
      for _ in 1..<instruction.wordCount {
        literals.append(words.count)
        words.append(Instruction(fusion.parts[0]).word)
      }
    }
    let block = CodeBlock(
      words: words, positions: words.map { _ in 0 }, frameSize: 8, argumentWords: 0, resultWords: 0)
    let fused = block.fused()
    #expect(fused[0] == words[0] & ~0xff | UInt64(fusion.rawValue))
    #expect(zip(fused, words).allSatisfy { $0 & ~0xff == $1 & ~0xff })
    #expect(literals.allSatisfy { fused[$0] == words[$0] })
    #expect(disassemble(fused) == disassemble(words))
  }

  @Test func aJumpIntoTheMiddleRunsTheRest() {
    let bench = Bench()
    func run(fused: Bool) -> Ending {
      bench.run(seed: 7, fused: fused) { a, _ in
        let middle = a.label(), done = a.label()
        a.emit(.loadInt, a: 0, imm32: 0)
        a.emit(.move, a: 1, b: 0)
        a.place(middle)
        a.emit(.move, a: 2, b: 0)
        a.emit(.addIntImm, a: 0, b: 0, c: 1)
        a.jump(.jumpGtIntImm, a: 0, b: 5, to: done)
        a.jump(.jump, to: middle)
        a.place(done)
      }
    }
    #expect(run(fused: true) == run(fused: false))
  }
}

/// Superinstructions that the assembler makes, against the instructions they replace. Scratch registers
/// stand for the temporaries that are dead behind them.
@Suite struct SuperinstructionTests {
  @Test(arguments: [
    Opcode.movePair, .mulAddFloat, .mulSubFloat, .addFieldFloat, .subFieldFloat, .mulFieldFloat, .fieldAddFloat,
    .fieldSubFloat, .fieldMulAddFloat, .fieldMulSubFloat, .fieldAddIntImm, .vectorSetU8Imm, .loopLt, .loopLtImm,
    .loopAddLt, .loopCount, .setFieldPair,
  ])
  func doesWhatItReplaces(_ opcode: Opcode) {
    let bench = Bench()
    for round in 0..<100 {
      let seed = UInt64(opcode.rawValue) << 16 | UInt64(round)
      let one = bench.run(seed: seed, fused: false) { a, exits in
        var random = Random(seed: seed)
        bench.emit(opcode, &random, &a, exits)
      }
      let many = bench.run(seed: seed, fused: false) { a, exits in
        var random = Random(seed: seed)
        var written = Assembler()
        let labels = (0..<4).map { _ in written.label() }
        bench.emit(opcode, &random, &written, labels)
        expand(Instruction(word: written.words[0]), &a)
        if opcode.row.shape.isShortJump {
          let past = a.label()
          a.jump(.jump, to: past)
          var again = Random(seed: seed)
          a.jump(.jump, to: exits[exitIndex(opcode, &again, bench)])
          a.place(past)
        }
      }
      #expect(one.outcome == many.outcome, "\(opcode), seed \(seed)")
    }
  }

  /// The exit that `emit` chooses for this seed, found by which label is jumped to.
  private func exitIndex(_ opcode: Opcode, _ random: inout Random, _ bench: Bench) -> Int {
    var a = Assembler()
    let labels = (0..<4).map { _ in a.label() }
    bench.emit(opcode, &random, &a, labels)
    for label in labels { a.place(label); a.emit(.returnNone) }
    _ = a.resolveJumps()
    let jump = Instruction(word: a.words[2])
    return 2 + jump.imm32 - 3
  }

  private func expand(_ it: Instruction, _ a: inout Assembler) {
    let t = 24
    switch it.opcode {
    case .movePair:
      a.emit(.move, a: it.a, b: it.b)
      a.emit(.move, a: it.a + 1, b: it.c)
    case .mulAddFloat, .mulSubFloat:
      a.emit(.mulFloat, a: t, b: it.b, c: it.c)
      a.emit(it.opcode == .mulAddFloat ? .addFloat : .subFloat, a: it.a, b: it.d, c: t)
    case .addFieldFloat, .subFieldFloat, .mulFieldFloat:
      a.emit(.getField, a: t, b: it.b, c: it.c)
      a.emit(it.opcode == .addFieldFloat ? .addFloat : it.opcode == .subFieldFloat ? .subFloat : .mulFloat, a: it.a, b: it.d, c: t)
    case .fieldAddFloat, .fieldSubFloat:
      a.emit(.getField, a: t, b: it.a, c: it.c)
      a.emit(it.opcode == .fieldAddFloat ? .addFloat : .subFloat, a: t, b: t, c: it.b)
      a.emit(.setField, a: it.a, b: t, c: it.c)
    case .fieldMulAddFloat, .fieldMulSubFloat:
      a.emit(.getField, a: t, b: it.a, c: it.d)
      a.emit(.mulFloat, a: t + 1, b: it.b, c: it.c)
      a.emit(it.opcode == .fieldMulAddFloat ? .addFloat : .subFloat, a: t, b: t, c: t + 1)
      a.emit(.setField, a: it.a, b: t, c: it.d)
    case .setFieldPair:
      a.emit(.setField, a: it.a, b: it.b, c: it.d)
      a.emit(.setField, a: it.a, b: it.c, c: it.d + 1)
    case .fieldAddIntImm:
      a.emit(.getField, a: t, b: it.a, c: it.c)
      a.emit(.addIntImm, a: t, b: t, c: it.signedB)
      a.emit(.setField, a: it.a, b: t, c: it.c)
    case .vectorSetU8Imm:
      a.emit(.loadInt, a: t, imm32: it.c)
      a.emit(.vectorSetU8, a: it.a, b: it.b, c: t)
    case .loopLt:
      a.emit(.addIntImm, a: it.a, b: it.a, c: it.d)
      a.emit(.ltInt, a: t, b: it.a, c: it.b)
      a.emit(.jumpTrue, a: t, imm32: 2)
    case .loopLtImm:
      a.emit(.addIntImm, a: it.a, b: it.a, c: it.d)
      a.emit(.ltIntImm, a: t, b: it.a, c: it.signedB)
      a.emit(.jumpTrue, a: t, imm32: 2)
    case .loopAddLt:
      a.emit(.addInt, a: it.a, b: it.a, c: it.d)
      a.emit(.ltInt, a: t, b: it.a, c: it.b)
      a.emit(.jumpTrue, a: t, imm32: 2)
    case .loopCount:
      a.emit(.addIntImm, a: it.a, b: it.a, c: 1)
      a.emit(.vectorCount, a: t, b: it.b)
      a.emit(.ltInt, a: t, b: it.a, c: t)
      a.emit(.jumpTrue, a: t, imm32: 2)
    default: Issue.record("\(it.word) is no superinstruction")
    }
  }
}
