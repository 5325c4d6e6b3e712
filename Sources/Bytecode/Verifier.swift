// Checks that a function's code keeps the invariants the tiers rely on. A fault is always a mistake
// of Lowering (or of a test); the verifier runs in tests and in debug builds, never on the edit path
// of a release build.
//
// What holds of verified code: every word is either an instruction or a literal that belongs to the
// instruction before it; control stays on instructions of the function and never runs off its end;
// every register named is inside the frame; every index is inside its table.

/// The sizes of the tables that code refers to; nil leaves an index unchecked.
public struct VerifierLimits: Sendable {
  public var slots: Int?
  public var globals: Int?
  public var literals: Int?
  public var descriptors: Int?
  /// The words a slot's function takes and gives, where known.
  public var signature: @Sendable (_ slot: Int) -> (arguments: Int, results: Int)?

  public init(
    slots: Int? = nil, globals: Int? = nil, literals: Int? = nil, descriptors: Int? = nil,
    signature: @escaping @Sendable (_ slot: Int) -> (arguments: Int, results: Int)? = { _ in nil }
  ) {
    self.slots = slots
    self.globals = globals
    self.literals = literals
    self.descriptors = descriptors
    self.signature = signature
  }
}

public struct VerifierFault: Equatable, Sendable, CustomStringConvertible {
  public enum Invariant: String, Sendable {
    case knownOpcode = "the word is a known opcode"
    case completeLiterals = "the literal words behind the instruction are there"
    case registerInFrame = "registers are inside the frame"
    case targetIsInstruction = "a jump lands on an instruction of the code"
    case windowHasReturnAddress = "a callee's window leaves a register for the return address"
    case windowInFrame = "a callee's arguments and results are inside the frame"
    case endsInTerminator = "the last instruction does not fall through"
    case slotExists = "the slot exists"
    case globalExists = "the global exists"
    case literalExists = "the literal exists"
    case descriptorExists = "the descriptor exists"
    case primitiveExists = "the primitive exists"
    case returnsResults = "a return gives as many words as the function's results"
    case immediateInRange = "the immediate has a value the instruction allows"
    case elementKindExists = "the detail byte is an element kind of a packed vector"
    case restartIsPause = "a restart point's handler is a pause"
    case frameHoldsSignature = "arguments and results fit the frame"
    case positionPerWord = "each word has a position"
  }
  public var word: Int
  public var invariant: Invariant

  public init(word: Int, invariant: Invariant) {
    self.word = word
    self.invariant = invariant
  }

  public var description: String { "word \(word): not so: \(invariant.rawValue)" }
}

extension CodeBlock {
  /// All faults, in order of words; empty when the code is good. Linear in the code's length.
  public func verify(_ limits: VerifierLimits = VerifierLimits()) -> [VerifierFault] {
    var verifier = Verifier(block: self, limits: limits)
    verifier.run()
    return verifier.faults
  }
}

extension Instruction {
  /// Words it takes with its literals. A table's length is in the instruction too.
  public var wordCount: Int {
    guard let opcode else { return 1 }
    return switch opcode.row.shape {
    case .aWord, .abWord, .tailCall: 2
    case .table: 1 + (b + 1) / 2
    default: 1
    }
  }
}

extension Opcode {
  /// Control never reaches the word behind it.
  public var isTerminator: Bool {
    switch self {
    case .halt, .jump, .tailCall, .tailCallClosure, .returnNone, .returnFirst, .return1, .returnBlock, .panic, .trap:
      true
    default: false
    }
  }
}

private struct Verifier {
  let block: CodeBlock
  let limits: VerifierLimits
  var faults: [VerifierFault] = []
  private var starts: [Bool]

  init(block: CodeBlock, limits: VerifierLimits) {
    self.block = block
    self.limits = limits
    starts = Array(repeating: false, count: block.words.count)
  }

  private func instruction(_ at: Int) -> Instruction { Instruction(word: block.words[at]) }

  private mutating func require(_ holds: Bool, _ invariant: VerifierFault.Invariant, at word: Int) {
    if !holds { faults.append(VerifierFault(word: word, invariant: invariant)) }
  }

  mutating func run() {
    require(block.positions.count == block.words.count, .positionPerWord, at: 0)
    require(
      block.frameSize >= max(block.argumentWords, block.resultWords) && block.frameSize <= 0xffff,
      .frameHoldsSignature, at: 0)
    let last = findStarts()
    for at in block.words.indices where starts[at] { check(instruction(at), at: at) }
    require(last.map { instruction($0).opcode?.isTerminator ?? true } ?? false, .endsInTerminator, at: last ?? 0)
  }

  /// Marks the words that are instructions and answers the last of them.
  private mutating func findStarts() -> Int? {
    var at = 0
    var last: Int?
    while at < block.words.count {
      let it = instruction(at)
      starts[at] = true
      last = at
      require(at + it.wordCount <= block.words.count, .completeLiterals, at: at)
      at += it.wordCount
    }
    return last
  }

  private mutating func target(_ offset: Int, from at: Int) {
    let to = at + offset
    require(block.words.indices.contains(to) && starts[to], .targetIsInstruction, at: at)
  }

  private mutating func index(_ i: Int, below limit: Int?, _ invariant: VerifierFault.Invariant, at word: Int) {
    if let limit { require(i < limit, invariant, at: word) }
  }

  private mutating func check(_ it: Instruction, at: Int) {
    guard let opcode = it.opcode else {
      require(false, .knownOpcode, at: at)
      return
    }
    let shape = opcode.row.shape
    /// R[first ..< first + count]
    func inFrame(_ first: Int, _ count: Int = 1) -> Bool { first + count <= block.frameSize }
    let registers: Bool
    switch shape {
    case .none, .jump: registers = true
    case .a, .aWord, .aIndex32, .aJump, .aImmJump, .table: registers = inFrame(it.a)
    case .aImm32:
      switch opcode {
      case .clear: registers = it.imm32 >= 0 && inFrame(it.a, it.imm32)
      case .trap: registers = true
      default: registers = inFrame(it.a)
      }
    case .ab, .abWord, .abImm, .abJump:
      let count = opcode == .move2 ? 2 : opcode == .move3 ? 3 : 1
      registers = inFrame(it.a, count) && inFrame(it.b, count)
    case .abc: registers = inFrame(it.a) && inFrame(it.b) && inFrame(it.c)
    case .block: registers = inFrame(it.a, it.c) && inFrame(it.b, it.c)
    case .call: registers = it.a <= block.frameSize
    case .callClosure: registers = it.a <= block.frameSize && inFrame(it.b)
    case .tailCall:
      let count = at + 1 < block.words.count ? block.words[at + 1] : 0
      registers = count <= 0xffff && inFrame(it.a, Int(count))
    case .tailClosure: registers = inFrame(it.a, it.c) && inFrame(it.b)
    case .primitive: registers = inFrame(it.a, it.c)
    case .field:
      let count = opcode == .getField2 ? 2 : opcode == .getFieldBlock ? it.d : 1
      registers = inFrame(it.a, count) && inFrame(it.b)
    case .setField:
      registers = inFrame(it.a) && inFrame(it.b, opcode == .setFieldBlock ? it.d : 1)
    case .element:
      registers = inFrame(it.a, opcode == .vectorGetBlock ? it.d : 1) && inFrame(it.b) && inFrame(it.c)
    case .setElement:
      registers = inFrame(it.a) && inFrame(it.b) && inFrame(it.c, opcode == .vectorSetBlock ? it.d : 1)
    case .fused: registers = inFrame(it.a) && inFrame(it.b) && inFrame(it.c) && inFrame(it.d)
    case .fieldFused: registers = inFrame(it.a) && inFrame(it.b) && inFrame(it.d)
    case .fieldUpdate: registers = inFrame(it.a) && inFrame(it.b) && inFrame(it.c)
    case .fieldImm, .stepImmJump: registers = inFrame(it.a)
    case .pair: registers = inFrame(it.a, 2) && inFrame(it.b) && inFrame(it.c)
    case .setElementImm, .stepJump, .countJump: registers = inFrame(it.a) && inFrame(it.b)
    case .stepRegisterJump: registers = inFrame(it.a) && inFrame(it.b) && inFrame(it.d)
    case .return: registers = inFrame(it.a, it.b)
    }
    require(registers, .registerInFrame, at: at)
    checkControl(it, shape, at: at)
    checkIndices(it, opcode, at: at)
  }

  private mutating func checkControl(_ it: Instruction, _ shape: OperandShape, at: Int) {
    switch shape {
    case .jump, .aJump: target(it.imm32, from: at)
    case .abJump, .aImmJump, .stepJump, .stepImmJump, .stepRegisterJump, .countJump:
      target(it.signedC, from: at)
    case .table:
      guard at + it.wordCount <= block.words.count else { return }
      for i in 0..<it.b {
        let pair = block.words[at + 1 + i / 2]
        target(Int(Int32(truncatingIfNeeded: i % 2 == 0 ? pair : pair >> 32)), from: at)
      }
    case .call:
      require(it.a >= 1, .windowHasReturnAddress, at: at)
      if let (arguments, results) = limits.signature(it.imm32) {
        require(it.a + max(arguments, results) <= block.frameSize, .windowInFrame, at: at)
      }
    case .callClosure: require(it.a >= 1, .windowHasReturnAddress, at: at)
    case .tailCall:
      if let (arguments, _) = limits.signature(it.imm32), at + 1 < block.words.count {
        require(block.words[at + 1] == UInt64(arguments), .windowInFrame, at: at)
      }
    default: break
    }
  }

  private mutating func checkIndices(_ it: Instruction, _ opcode: Opcode, at: Int) {
    let index32 = Int(UInt32(truncatingIfNeeded: it.imm32))
    switch opcode {
    case .loadLiteral: index(index32, below: limits.literals, .literalExists, at: at)
    case .loadGlobal, .storeGlobal, .storeGlobalRef:
      index(index32, below: limits.globals, .globalExists, at: at)
    case .newObject, .newVector: index(index32, below: limits.descriptors, .descriptorExists, at: at)
    case .call, .tailCall: index(index32, below: limits.slots, .slotExists, at: at)
    case .primitive:
      require(Primitive(rawValue: UInt16(it.b)) != nil, .primitiveExists, at: at)
    case .returnNone: require(block.resultWords == 0, .returnsResults, at: at)
    case .returnFirst, .return1: require(block.resultWords == 1, .returnsResults, at: at)
    case .returnBlock: require(block.resultWords == it.b, .returnsResults, at: at)
    case .divIntImm, .remIntImm:
      require(it.signedC != 0 && it.signedC != -1, .immediateInRange, at: at)
    case .shlIntImm, .shrIntImm, .ushrIntImm:
      require((0...63).contains(it.signedC), .immediateInRange, at: at)
    case .getFieldBlock, .setFieldBlock, .vectorGetBlock, .vectorSetBlock:
      require(it.d >= 1, .immediateInRange, at: at)
    case .vectorGetPacked, .vectorSetPacked:
      let kind = ElementKind(rawValue: UInt8(it.d))
      require(kind != nil && kind != .words, .elementKindExists, at: at)
    case .enterRestart:
      let to = at + it.imm32
      if block.words.indices.contains(to), starts[to] {
        require(instruction(to).opcode == .pause, .restartIsPause, at: at)
      }
    default: break
    }
  }
}
