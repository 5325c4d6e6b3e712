// Superinstructions: neighbours that were just emitted become one instruction that does the same.
//
// Invariant: only instructions of one word that no label separates are joined, and a register is
// skipped over only when the caller says that nothing reads it any more (`deadFrom`).

extension Assembler {
  private var last: Instruction? {
    lastStart >= 0 && lastStart == words.count - 1 && barrier <= lastStart ? Instruction(word: words[lastStart]) : nil
  }

  private var previous: Instruction? {
    last != nil && previousStart >= 0 && previousStart == words.count - 2 && barrier <= previousStart
      ? Instruction(word: words[previousStart]) : nil
  }

  private mutating func replaceLast(_ instruction: Instruction) {
    words[lastStart] = instruction.word
    positions[lastStart] = position
  }

  private mutating func removeLast() {
    words.removeLast()
    positions.removeLast()
    lastStart = previousStart
    writerStart = lastStart
    previousStart = -1
  }

  mutating func pairWithLastMove(_ move: Instruction) -> Bool {
    guard let last, last.opcode == .move, last.a + 1 == move.a else { return false }
    replaceLast(Instruction(.movePair, a: last.a, b: last.b, c: move.b))
    return true
  }

  /// `a := left op right` on floats, joined with the product or field that one operand is.
  public mutating func fuseFloat(_ opcode: Opcode, a: Int, left: Int, right: Int, deadFrom: Int) -> Bool {
    guard left != right, let last else { return false }
    let other: Int
    if last.a == right, right >= deadFrom {
      other = left
    } else if last.a == left, left >= deadFrom, opcode != .subFloat {
      other = right
    } else {
      return false
    }
    guard other < 256 else { return false }
    let fused: Opcode
    switch (last.opcode, opcode) {
    case (.mulFloat, .addFloat): fused = .mulAddFloat
    case (.mulFloat, .subFloat): fused = .mulSubFloat
    case (.getField, .addFloat): fused = .addFieldFloat
    case (.getField, .subFloat): fused = .subFieldFloat
    case (.getField, .mulFloat): fused = .mulFieldFloat
    default: return false
    }
    replaceLast(Instruction(fused, d: other, a: a, b: last.b, c: last.c))
    return true
  }

  /// `object.field := value`, where the value was computed from that very field.
  public mutating func fuseFieldUpdate(object: Int, value: Int, field: Int, deadFrom: Int) -> Bool {
    guard value >= deadFrom, value != object, let last, let load = previous, last.a == value,
      load.opcode == .getField, load.a == value, load.b == object, load.c == field
    else { return false }
    let update: Instruction
    switch last.opcode {
    case .mulAddFloat, .mulSubFloat:
      guard last.d == value, last.b != value, last.c != value, field < 256 else { return false }
      update = Instruction(
        last.opcode == .mulAddFloat ? .fieldMulAddFloat : .fieldMulSubFloat, d: field, a: object, b: last.b, c: last.c)
    case .addFloat, .subFloat:
      guard last.b == value, last.c != value else { return false }
      update = Instruction(last.opcode == .addFloat ? .fieldAddFloat : .fieldSubFloat, a: object, b: last.c, c: field)
    case .addIntImm:
      guard last.b == value else { return false }
      update = Instruction(.fieldAddIntImm, a: object, b: last.signedC, c: field)
    default: return false
    }
    removeLast()
    replaceLast(update)
    return true
  }

  /// Two words of an object from two registers in a row, or from where a pair was just moved from: the
  /// registers it went to are read by nothing else.
  public mutating func emitSetFieldPair(object: Int, field: Int, from register: Int) {
    if let last, last.opcode == .movePair, last.a == register, object != register, object != register + 1 {
      replaceLast(Instruction(.setFieldPair, d: field, a: object, b: last.b, c: last.c))
    } else {
      emit(.setFieldPair, d: field, a: object, b: register, c: register + 1)
    }
  }

  /// Returns the word in `register`. What was just computed into it goes to R[0] instead, where the
  /// caller looks for it: nothing else reads a register behind a return.
  public mutating func emitReturn(_ register: Int) {
    if register != 0, let writer, writer.a == register, writer.opcode?.writesOnlyA == true {
      words[writerStart] = Instruction(word: writer.word & ~0xFFFF_0000).word
    } else if register != 0 {
      return emit(.return1, a: register)
    }
    emit(.returnFirst)
  }

  /// The last instruction, of one word or two, when no label stands behind it.
  private var writer: Instruction? {
    writerStart >= 0 && barrier <= writerStart && words.count - writerStart == Instruction(word: words[writerStart]).wordCount
      ? Instruction(word: words[writerStart]) : nil
  }

  /// The addition just before a comparison of its result, as part of the jump; it is taken back.
  mutating func takeStep(for opcode: Opcode, _ a: Int, _ b: Int) -> (opcode: Opcode, d: Int)? {
    guard opcode == .jumpLtInt || opcode == .jumpLtIntImm, let last, last.a == a, last.b == a else { return nil }
    let step: (Opcode, Int)
    switch last.opcode {
    case .addIntImm where last.signedC == Int(Int8(truncatingIfNeeded: last.signedC)):
      guard opcode == .jumpLtIntImm || b != a else { return nil }
      step = (opcode == .jumpLtInt ? .loopLt : .loopLtImm, last.signedC)
    case .addInt where opcode == .jumpLtInt && b != a && last.c != a && last.c < 256:
      step = (.loopAddLt, last.c)
    default: return nil
    }
    removeLast()
    return step
  }
}
