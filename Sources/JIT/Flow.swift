// What a translator has to know of bytecode before it begins: instructions, blocks, and which registers are alive where.
//
// A register is alive at an instruction when some way from there reads it before it is written. Whoever leaves native code there
// has to bring exactly these into the frame.
//
// Invariant: a call and a primitive leave nothing alive from their window on but what they return, so these registers are in
// memory behind them.

import Bytecode

/// Registers of a frame as bits.
struct RegisterSet: Equatable {
  private var words: [UInt64]
  init(_ count: Int) { words = [UInt64](repeating: 0, count: (count + 63) / 64) }

  mutating func insert(_ i: Int) { if i >= 0, i >> 6 < words.count { words[i >> 6] |= 1 << UInt64(i & 63) } }
  mutating func remove(_ i: Int) { if i >= 0, i >> 6 < words.count { words[i >> 6] &= ~(1 << UInt64(i & 63)) } }
  func contains(_ i: Int) -> Bool { i >= 0 && i >> 6 < words.count && words[i >> 6] >> UInt64(i & 63) & 1 != 0 }
  mutating func formUnion(_ other: RegisterSet) { for i in words.indices { words[i] |= other.words[i] } }
  mutating func remove(from first: Int) {
    for i in words.indices {
      let start = i << 6
      if first <= start { words[i] = 0 } else if first < start + 64 { words[i] &= (1 << UInt64(first - start)) - 1 }
    }
  }
  func forEach(_ body: (Int) -> Void) {
    for i in words.indices {
      var rest = words[i]
      while rest != 0 {
        body(i << 6 + rest.trailingZeroBitCount)
        rest &= rest - 1
      }
    }
  }
  var members: [Int] {
    var found: [Int] = []
    forEach { found.append($0) }
    return found
  }
}

struct Flow {
  struct Step {
    /// Index of the instruction's word.
    var at: Int
    var instruction: Instruction
    var opcode: Opcode
    /// The word behind it, where the shape has one.
    var extra: UInt64
    /// Words in all.
    var count: Int
    /// Where it may jump to.
    var targets: [Int] = []
    /// The slot that a call of one names.
    var slot: Int { Int(UInt32(truncatingIfNeeded: instruction.imm32)) }
    /// The word that an access to a global names.
    var global: Int { Int(UInt32(truncatingIfNeeded: instruction.imm32)) }

    /// What it calls, or mostly does by a profile, and how often, the most frequent first; none when it is no call, or may call anything.
    func callees(_ profile: CodeProfile?) -> [(slot: Int, count: Int)] {
      switch opcode {
      case .call, .tailCall: [(slot, profile?.executed[at] ?? 0)]
      case .callClosure, .tailCallClosure: profile?.targets(at: at) ?? []
      default: []
      }
    }

    /// Whether it jumps back.
    var closesLoop: Bool { targets.contains { $0 <= at } }
  }

  let words: [UInt64]
  let frameSize: Int
  /// Argument words of a slot; nil when that is not known.
  private let arguments: (Int) -> Int?
  private(set) var steps: [Step] = []
  /// Index of the step at a word, or -1.
  private(set) var stepAt: [Int] = []
  /// By word: begins a block; is jumped to from behind.
  private(set) var isLeader: [Bool] = []
  private(set) var isLoopHeader: [Bool] = []
  /// By step: what is alive in front of it.
  private(set) var alive: [RegisterSet] = []
  /// Result words, by the returns there are.
  private(set) var resultWords = 0

  /// nil when native code cannot do it: an entry lies where a panic would come back to this very frame, which has to be in memory
  /// there. `words` are without fusions; `entries` are words that begin a block besides.
  init?(_ words: [UInt64], frameSize: Int, entries: [Int] = [], arguments: @escaping (Int) -> Int?) {
    self.words = words
    self.frameSize = frameSize
    self.arguments = arguments
    stepAt = [Int](repeating: -1, count: words.count + 1)
    isLeader = [Bool](repeating: false, count: words.count + 1)
    isLoopHeader = isLeader
    var at = 0
    while at < words.count {
      let instruction = Instruction(word: words[at])
      guard let opcode = instruction.opcode else { return nil }
      if opcode == .halt { return nil }
      let count = instruction.wordCount
      guard at + count <= words.count else { return nil }
      var step = Step(at: at, instruction: instruction, opcode: opcode, extra: count > 1 ? words[at + 1] : 0, count: count)
      step.targets = Self.targets(step, words)
      stepAt[at] = steps.count
      steps.append(step)
      at += count
    }
    if words.isEmpty { return nil }
    isLeader[0] = true
    for entry in entries { isLeader[entry] = true }
    for step in steps {
      for target in step.targets {
        guard target >= 0, target < words.count, stepAt[target] >= 0 else { return nil }
        isLeader[target] = true
        if target <= step.at { isLoopHeader[target] = true }
      }
      if !step.targets.isEmpty || step.opcode.row.effects.contains(.endsBlock) { isLeader[step.at + step.count] = true }
      // A call of itself from behind is a loop.
      switch step.opcode {
      case .returnFirst, .return1: resultWords = max(resultWords, 1)
      case .returnBlock: resultWords = max(resultWords, step.instruction.b)
      default: break
      }
    }
    if entries.contains(where: { isWithinRestartPoint(stepAt[$0]) }) { return nil }
    findAlive()
  }

  /// Whether a restart point of the function is in place at a step.
  private func isWithinRestartPoint(_ index: Int) -> Bool {
    guard steps.contains(where: { $0.opcode == .enterRestart }) else { return false }
    var depths = [Int?](repeating: nil, count: steps.count)
    var queue = [(index: 0, depth: 0)]
    while let (index, depth) = queue.popLast() {
      guard index < steps.count, depths[index] == nil else { continue }
      depths[index] = depth
      let step = steps[index]
      for target in step.targets { queue.append((stepAt[target], depth)) }
      let change = step.opcode == .enterRestart ? 1 : step.opcode == .leaveRestart ? -1 : 0
      if fallsThrough(step) { queue.append((index + 1, depth + change)) }
    }
    return depths[index] ?? 1 > 0
  }

  private static func targets(_ step: Step, _ words: [UInt64]) -> [Int] {
    let it = step.instruction
    switch step.opcode.row.shape {
    case .jump, .aJump: return [step.at + it.imm32]
    case .abJump, .aImmJump, .stepJump, .stepImmJump, .stepRegisterJump, .countJump: return [step.at + it.signedC]
    case .table:
      return (0..<it.b).map { i in
        let word = words[step.at + 1 + i / 2]
        return step.at + Int(Int32(truncatingIfNeeded: i % 2 == 0 ? word : word >> 32))
      }
    default: return []
    }
  }

  /// Whether control may come to the next instruction.
  func fallsThrough(_ step: Step) -> Bool {
    switch step.opcode {
    case .jump, .halt, .tailCall, .tailCallClosure, .returnNone, .returnFirst, .return1, .returnBlock, .panic, .trap: false
    default: true
    }
  }

  // MARK: What is alive

  private mutating func findAlive() {
    alive = [RegisterSet](repeating: RegisterSet(frameSize), count: steps.count)
    var changed = true
    while changed {
      changed = false
      for i in steps.indices.reversed() {
        let step = steps[i]
        var set = RegisterSet(frameSize)
        if fallsThrough(step), i + 1 < steps.count { set.formUnion(alive[i + 1]) }
        for target in step.targets { set.formUnion(alive[stepAt[target]]) }
        forEachWrite(step) { set.remove($0) }
        if let window = window(step) { set.remove(from: window) }
        forEachRead(step) { set.insert($0) }
        if set != alive[i] {
          alive[i] = set
          changed = true
        }
      }
    }
  }

  /// Alive behind a step that goes on.
  func aliveBehind(_ index: Int) -> RegisterSet { index + 1 < alive.count ? alive[index + 1] : RegisterSet(frameSize) }

  /// What a step reads.
  func reads(_ step: Step) -> [Int] {
    var set = RegisterSet(frameSize)
    forEachRead(step) { set.insert($0) }
    return set.members
  }

  /// The first register of the window that a call or a primitive has.
  func window(_ step: Step) -> Int? {
    switch step.opcode {
    case .call, .callClosure, .primitive: step.instruction.a
    default: nil
    }
  }

  /// How many words go along with a call.
  func argumentCount(_ step: Step) -> Int {
    let it = step.instruction
    return switch step.opcode {
    case .call: arguments(step.slot) ?? 0
    case .callClosure: it.b - it.a + 1
    case .tailCall: Int(truncatingIfNeeded: step.extra)
    case .tailCallClosure, .primitive: it.c
    default: 0
    }
  }

  func forEachRead(_ step: Step, _ body: (Int) -> Void) {
    let it = step.instruction, a = it.a, b = it.b, c = it.c, d = it.d
    func range(_ first: Int, _ count: Int) { for i in first..<first + max(0, count) { body(i) } }
    switch step.opcode {
    case .move2: range(b, 2)
    case .move3: range(b, 3)
    case .vectorPush:
      body(a)
      range(b, d)
    case .setFieldBlock:
      body(a)
      range(b, d)
    case .vectorSetBlock:
      range(a, 1)
      range(b, 1)
      range(c, d)
    case .storeGlobal, .storeGlobalRef: body(a)
    case .returnFirst: body(0)
    case .boundary, .pause: break
    default:
      switch step.opcode.row.shape {
      case .none, .aImm32, .aIndex32, .aWord, .jump: break
      case .a, .aJump, .aImmJump, .table, .fieldImm, .stepImmJump: body(a)
      case .ab, .abImm, .abWord, .field: body(b)
      case .abc, .element, .pair:
        body(b)
        body(c)
      case .abJump, .setElementImm, .setField, .stepJump, .countJump:
        body(a)
        body(b)
      case .block: range(b, c)
      case .call, .primitive, .tailCall: range(a, argumentCount(step))
      case .callClosure, .tailClosure:
        range(a, argumentCount(step))
        body(b)
      case .setElement, .fieldUpdate:
        body(a)
        body(b)
        body(c)
      case .fused:
        body(b)
        body(c)
        body(d)
      case .fieldFused:
        body(b)
        body(d)
      case .stepRegisterJump:
        body(a)
        body(b)
        body(d)
      case .return: range(a, b)
      }
    }
  }

  func forEachWrite(_ step: Step, _ body: (Int) -> Void) {
    let it = step.instruction, a = it.a
    func range(_ count: Int) { for i in a..<a + max(0, count) { body(i) } }
    switch step.opcode {
    case .move2, .getField2: range(2)
    case .move3: range(3)
    case .clear: range(it.imm32)
    case .getFieldBlock, .vectorGetBlock, .vectorPop: range(it.d)
    case .vectorPush, .storeGlobal, .storeGlobalRef, .trap, .panic, .checkStale, .return1: break
    default:
      switch step.opcode.row.shape {
      case .a, .ab, .abc, .abImm, .aImm32, .aIndex32, .aWord, .abWord, .field, .element, .fused, .fieldFused, .stepJump, .stepImmJump,
        .stepRegisterJump, .countJump:
        body(a)
      case .pair: range(2)
      case .block: range(it.c)
      default: break
      }
    }
  }
}
