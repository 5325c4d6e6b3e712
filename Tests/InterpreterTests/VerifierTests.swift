// Each invariant of the verifier, broken once.

import Bytecode
import Testing

@Suite struct VerifierTests {
  private func faults(
    frame: Int = 4, arguments: Int = 0, results: Int = 1, limits: VerifierLimits = VerifierLimits(),
    _ body: (inout Assembler) -> Void
  ) -> [String] {
    var a = Assembler()
    body(&a)
    return a.block(frameSize: frame, argumentWords: arguments, resultWords: results).verify(limits)
      .map { "\($0.word) \($0.invariant)" }
  }

  /// A fault in the first instruction of otherwise good code.
  private func first(_ instruction: Instruction, limits: VerifierLimits = VerifierLimits()) -> [String] {
    faults(limits: limits) {
      $0.emit(instruction)
      if instruction.wordCount == 2 { $0.emitWord(2) }
      $0.emit(.return1, a: 0)
    }
  }

  @Test func goodCodeHasNoFaults() {
    #expect(first(Instruction(.addInt, a: 3, b: 2, c: 1)) == [])
    #expect(first(Instruction(.loadWord, a: 3)) == [])
    #expect(first(Instruction(.call, a: 4, imm32: 3)) == [])
  }

  @Test func registers() {
    let bad = "0 registerInFrame"
    #expect(first(Instruction(.addInt, a: 4, b: 0, c: 0)) == [bad])
    #expect(first(Instruction(.addInt, a: 0, b: 4, c: 0)) == [bad])
    #expect(first(Instruction(.addInt, a: 0, b: 0, c: 4)) == [bad])
    #expect(first(Instruction(.move2, a: 0, b: 3)) == [bad])
    #expect(first(Instruction(.move3, a: 2, b: 0)) == [bad])
    #expect(first(Instruction(.moveBlock, a: 0, b: 1, c: 4)) == [bad])
    #expect(first(Instruction(.clear, a: 2, imm32: 3)) == [bad])
    #expect(first(Instruction(.clear, a: 0, imm32: -1)) == [bad])
    #expect(first(Instruction(.getField2, a: 3, b: 0, c: 0)) == [bad])
    #expect(first(Instruction(.setFieldBlock, d: 3, a: 0, b: 2, c: 0)) == [bad])
    #expect(first(Instruction(.vectorGetBlock, d: 4, a: 1, b: 0, c: 0)) == [bad])
    #expect(first(Instruction(.vectorSetBlock, d: 4, a: 0, b: 0, c: 1)) == [bad])
    #expect(first(Instruction(.call, a: 5, imm32: 0)) == [bad])
    #expect(first(Instruction(.primitive, a: 2, b: 0, c: 3)) == [bad])
    #expect(first(Instruction(.tailCall, a: 3, imm32: 0)) == [bad])
  }

  @Test func jumps() {
    let bad = "0 targetIsInstruction"
    #expect(first(Instruction(.jump, a: 0, imm32: 2)) == [bad])
    #expect(first(Instruction(.jump, a: 0, imm32: -1)) == [bad])
    #expect(first(Instruction(.jumpEqInt, a: 0, b: 0, c: 9)) == [bad])
    let intoLiteral = faults {
      $0.emit(.jumpTrue, a: 0, imm32: 2)
      $0.emit(.loadWord, a: 0)
      $0.emitWord(0)
      $0.emit(.return1, a: 0)
    }
    #expect(intoLiteral == [bad])
    let table = faults {
      $0.emit(.jumpTable, a: 0, b: 3)
      $0.emitWord(3 | 3 << 32)
      $0.emitWord(7)
      $0.emit(.return1, a: 0)
    }
    #expect(table == [bad])
  }

  @Test func words() {
    #expect(faults { $0.emitWord(0xff); $0.emit(.return1, a: 0) } == ["0 knownOpcode"])
    #expect(faults { $0.emit(.loadWord, a: 0) } == ["0 completeLiterals", "0 endsInTerminator"])
    #expect(faults { $0.emit(.loadInt, a: 0, imm32: 1) } == ["0 endsInTerminator"])
    #expect(faults { _ in } == ["0 endsInTerminator"])
    #expect(CodeBlock(words: [0], positions: [], frameSize: 1, argumentWords: 0, resultWords: 0).verify().map(\.invariant) == [.positionPerWord])
  }

  @Test func calls() {
    #expect(first(Instruction(.call, a: 0, imm32: 0)) == ["0 windowHasReturnAddress"])
    #expect(first(Instruction(.callClosure, a: 0, b: 0)) == ["0 windowHasReturnAddress"])
    let limits = VerifierLimits(slots: 1, signature: { _ in (arguments: 1, results: 3) })
    #expect(first(Instruction(.call, a: 1, imm32: 0), limits: limits) == [])
    #expect(first(Instruction(.call, a: 2, imm32: 0), limits: limits) == ["0 windowInFrame"])
    #expect(first(Instruction(.tailCall, a: 0, imm32: 0), limits: limits) == ["0 windowInFrame"])
    #expect(first(Instruction(.call, a: 1, imm32: 1), limits: VerifierLimits(slots: 1)) == ["0 slotExists"])
  }

  @Test func indices() {
    let limits = VerifierLimits(slots: 1, globals: 2, literals: 3, descriptors: 4)
    #expect(first(Instruction(.loadGlobal, a: 0, imm32: 2), limits: limits) == ["0 globalExists"])
    #expect(first(Instruction(.storeGlobal, a: 0, imm32: 1), limits: limits) == [])
    #expect(first(Instruction(.loadLiteral, a: 0, imm32: 3), limits: limits) == ["0 literalExists"])
    #expect(first(Instruction(.newObject, a: 0, imm32: 4), limits: limits) == ["0 descriptorExists"])
    #expect(first(Instruction(.newVector, a: 0, imm32: -1), limits: limits) == ["0 descriptorExists"])
    #expect(first(Instruction(.primitive, a: 0, b: 9999, c: 0)) == ["0 primitiveExists"])
  }

  @Test func immediates() {
    let bad = ["0 immediateInRange"]
    #expect(first(Instruction(.divIntImm, a: 0, b: 0, c: 0)) == bad)
    #expect(first(Instruction(.remIntImm, a: 0, b: 0, c: -1)) == bad)
    #expect(first(Instruction(.shlIntImm, a: 0, b: 0, c: 64)) == bad)
    #expect(first(Instruction(.ushrIntImm, a: 0, b: 0, c: -1)) == bad)
    #expect(first(Instruction(.getFieldBlock, d: 0, a: 0, b: 0, c: 0)) == bad)
    #expect(first(Instruction(.vectorGetPacked, d: 0, a: 0, b: 0, c: 0)) == ["0 elementKindExists"])
    #expect(first(Instruction(.vectorSetPacked, d: 99, a: 0, b: 0, c: 0)) == ["0 elementKindExists"])
  }

  @Test func functions() {
    #expect(faults(results: 2) { $0.emit(.return1, a: 0) } == ["0 returnsResults"])
    #expect(faults(results: 1) { $0.emit(.returnNone) } == ["0 returnsResults"])
    #expect(faults(results: 1) { $0.emit(.returnBlock, a: 0, b: 2) } == ["0 returnsResults"])
    #expect(faults(frame: 2, arguments: 3) { $0.emit(.return1, a: 0) } == ["0 frameHoldsSignature"])
    let restart = faults {
      $0.emit(.enterRestart, a: 0, imm32: 1)
      $0.emit(.return1, a: 0)
    }
    #expect(restart == ["0 restartIsPause"])
  }

  @Test func aFaultReadsAsASentence() {
    let fault = VerifierFault(word: 3, invariant: .slotExists)
    #expect("\(fault)" == "word 3: not so: the slot exists")
  }
}
