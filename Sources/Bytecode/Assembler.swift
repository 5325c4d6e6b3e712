// Turns instructions and labels into words. Jumps are emitted with a label and patched when the
// function is finished; each word carries the source position it came from.
//
// Invariant: `positions.count == words.count`; every label that is jumped to is placed before `finish`.

/// The code of one function, ready to be installed.
public struct CodeBlock: Sendable {
  public var words: [UInt64]
  /// For each word the start of its source span (see `spanItem` of the owner).
  public var positions: [UInt32]
  /// Registers of the frame, the windows of its callees included.
  public var frameSize: Int
  public var argumentWords: Int
  public var resultWords: Int

  public init(words: [UInt64], positions: [UInt32], frameSize: Int, argumentWords: Int, resultWords: Int) {
    self.words = words
    self.positions = positions
    self.frameSize = frameSize
    self.argumentWords = argumentWords
    self.resultWords = resultWords
  }
}

public struct Label: Sendable {
  @usableFromInline let raw: Int
  @usableFromInline init(raw: Int) { self.raw = raw }
}

public struct Assembler: ~Copyable {
  public internal(set) var words: [UInt64] = []
  public internal(set) var positions: [UInt32] = []
  /// The source position given to the words that follow.
  public var position: UInt32 = 0
  private var labels: [Int] = []
  private var fixups: [(at: Int, label: Int)] = []
  private var tableFixups: [(at: Int, high: Bool, origin: Int, label: Int)] = []
  // For putting instructions together: the last two single-word instructions, and the place of the
  // last label, across which nothing may be joined.
  var barrier = 0
  var lastStart = -1
  var previousStart = -1
  /// The last instruction of any length.
  var writerStart = -1
  /// Set once some 16-bit jump did not reach; the caller assembles again with `longJumps`.
  public private(set) var jumpsOverflowed = false
  /// Compare-and-jump as an inverted short jump over a 32-bit one.
  public var longJumps = false

  public init() {}

  public mutating func removeAll() {
    words.removeAll(keepingCapacity: true)
    positions.removeAll(keepingCapacity: true)
    labels.removeAll(keepingCapacity: true)
    fixups.removeAll(keepingCapacity: true)
    tableFixups.removeAll(keepingCapacity: true)
    jumpsOverflowed = false
    position = 0
    barrier = 0
    lastStart = -1
    previousStart = -1
    writerStart = -1
  }

  public mutating func label() -> Label {
    labels.append(-1)
    return Label(raw: labels.count - 1)
  }

  /// The label stands for the next word.
  public mutating func place(_ label: Label) {
    dropJump(to: label)
    labels[label.raw] = words.count
    barrier = words.count
  }

  /// As `place`, for a label that nothing will jump to from now on: when nothing has, instructions on
  /// both sides of it may be put together.
  public mutating func placeForward(_ label: Label) {
    dropJump(to: label)
    labels[label.raw] = words.count
    if fixups.contains(where: { $0.label == label.raw }) { barrier = words.count }
  }

  /// A jump to the very next word does nothing.
  private mutating func dropJump(to label: Label) {
    guard !longJumps, let last = fixups.last, last.label == label.raw, last.at == words.count - 1, barrier <= last.at,
      Instruction(word: words[last.at]).opcode == .jump
    else { return }
    fixups.removeLast()
    words.removeLast()
    positions.removeLast()
    lastStart = -1
    previousStart = -1
    writerStart = -1
  }

  public mutating func emit(_ instruction: Instruction) {
    if instruction.opcode == .move, pairWithLastMove(instruction) { return }
    previousStart = lastStart
    lastStart = words.count
    writerStart = lastStart
    words.append(instruction.word)
    positions.append(position)
  }

  public mutating func emit(_ opcode: Opcode, d: Int = 0, a: Int = 0, b: Int = 0, c: Int = 0) {
    emit(Instruction(opcode, d: d, a: a, b: b, c: c))
  }

  public mutating func emit(_ opcode: Opcode, a: Int, imm32: Int) {
    emit(Instruction(opcode, a: a, imm32: imm32))
  }

  /// The literal word behind an instruction of a `..Word` shape.
  public mutating func emitWord(_ word: UInt64) {
    lastStart = -1
    words.append(word)
    positions.append(position)
  }

  /// A jump of any jump shape; the label fills the offset field.
  public mutating func jump(_ opcode: Opcode, d: Int = 0, a: Int = 0, b: Int = 0, to label: Label) {
    let short = opcode.row.shape.isShortJump
    if let step = takeStep(for: opcode, a, b) { return emitShortJump(step.opcode, d: step.d, a: a, b: b, to: label) }
    if short { return emitShortJump(opcode, d: d, a: a, b: b, to: label) }
    fixups.append((words.count, label.raw))
    emit(opcode, a: a, imm32: 0)
  }

  private mutating func emitShortJump(_ opcode: Opcode, d: Int, a: Int, b: Int, to label: Label) {
    if longJumps {
      // op a b +2 ; jump +2 ; jump label  — the taken path goes to the far jump.
      emit(opcode, d: d, a: a, b: b, c: 2)
      emit(.jump, a: 0, imm32: 2)
      fixups.append((words.count, label.raw))
      emit(.jump, a: 0, imm32: 0)
      return
    }
    fixups.append((words.count, label.raw))
    emit(opcode, d: d, a: a, b: b, c: 0)
  }

  /// `jumptable` on register `a` with its offsets.
  public mutating func jumpTable(a: Int, to targets: [Label]) {
    let origin = words.count
    emit(.jumpTable, a: a, b: targets.count)
    for (i, target) in targets.enumerated() {
      if i % 2 == 0 { emitWord(0) }
      tableFixups.append((words.count - 1, i % 2 == 1, origin, target.raw))
    }
  }

  /// Patches all jumps. False when a short jump did not reach.
  public mutating func resolveJumps() -> Bool {
    for fixup in fixups {
      let offset = labels[fixup.label] - fixup.at
      var instruction = Instruction(word: words[fixup.at])
      guard let opcode = instruction.opcode else { continue }
      switch opcode.row.shape {
      case let shape where shape.isShortJump:
        if offset != Int(Int16(truncatingIfNeeded: offset)) { jumpsOverflowed = true }
        instruction.word = instruction.word & 0x0000_FFFF_FFFF_FFFF | UInt64(UInt16(truncatingIfNeeded: offset)) << 48
      default:
        instruction.word = instruction.word & 0x0000_0000_FFFF_FFFF | UInt64(UInt32(truncatingIfNeeded: offset)) << 32
      }
      words[fixup.at] = instruction.word
    }
    for fixup in tableFixups {
      let offset = UInt64(UInt32(truncatingIfNeeded: labels[fixup.label] - fixup.origin))
      words[fixup.at] |= fixup.high ? offset << 32 : offset
    }
    return !jumpsOverflowed
  }

  /// A copy of the finished code, as large as that: what is installed is kept for long, and the assembler's own room is that of the
  /// largest function there was.
  public func block(frameSize: Int, argumentWords: Int, resultWords: Int) -> CodeBlock {
    CodeBlock(
      words: words.map { $0 }, positions: positions.map { $0 }, frameSize: frameSize, argumentWords: argumentWords,
      resultWords: resultWords)
  }
}
