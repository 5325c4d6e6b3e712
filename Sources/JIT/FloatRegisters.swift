// Which registers hold floats where. Bytecode's registers are words; in machine code a float that goes by way of a word crosses between
// two kinds of registers, which costs more than adding it.
//
// A register is held to be a float where what reads it next is an instruction on floats, or where such an instruction has written it and
// nothing reads it as a word; loads, stores and moves are neither.
//
// Invariant: this is a preference. The translator keeps both forms of a register, so either is right anywhere; LLVM drops what is not used.

import Bytecode

struct FloatRegisters {
  /// Those that are floats anywhere. The others are words throughout.
  private(set) var touched: RegisterSet
  // By step, in front of it.
  private var readAsFloat: [RegisterSet] = []
  private var readAsWord: [RegisterSet] = []
  private var writtenAsFloat: [RegisterSet] = []
  private var writtenAsWord: [RegisterSet] = []

  /// nil when no instruction is on floats. O(steps · registers), a few times.
  init?(_ flow: Flow) {
    let none = RegisterSet(flow.frameSize + 1)
    touched = none
    for step in flow.steps {
      for register in step.floatReads + step.floatWrites { touched.insert(register) }
    }
    if touched.members.isEmpty { return nil }
    spreadByMoves(flow)
    (readAsFloat, readAsWord) = ([RegisterSet](repeating: none, count: flow.steps.count + 1), [RegisterSet](repeating: none, count: flow.steps.count + 1))
    (writtenAsFloat, writtenAsWord) = (readAsFloat, readAsWord)
    findReads(flow)
    findWrites(flow)
  }

  /// Whether a register is better taken for a float in front of a step.
  func isFloat(_ register: Int, before step: Int) -> Bool {
    guard touched.contains(register), !readAsWord[step].contains(register) else { return false }
    return readAsFloat[step].contains(register) || writtenAsFloat[step].contains(register) && !writtenAsWord[step].contains(register)
  }

  private mutating func spreadByMoves(_ flow: Flow) {
    var changed = true
    while changed {
      changed = false
      for step in flow.steps {
        for (to, from) in step.moves where touched.contains(to) != touched.contains(from) {
          touched.insert(to)
          touched.insert(from)
          changed = true
        }
      }
    }
  }

  private mutating func findReads(_ flow: Flow) {
    var changed = true
    while changed {
      changed = false
      for i in flow.steps.indices.reversed() {
        let step = flow.steps[i]
        var asFloat = RegisterSet(flow.frameSize + 1), asWord = asFloat
        if flow.fallsThrough(step) {
          asFloat.formUnion(readAsFloat[i + 1])
          asWord.formUnion(readAsWord[i + 1])
        }
        for target in step.targets {
          asFloat.formUnion(readAsFloat[flow.stepAt[target]])
          asWord.formUnion(readAsWord[flow.stepAt[target]])
        }
        let (floatBehind, wordBehind) = (asFloat, asWord)
        flow.forEachWrite(step) {
          asFloat.remove($0)
          asWord.remove($0)
        }
        if let window = flow.window(step) {
          asFloat.remove(from: window)
          asWord.remove(from: window)
        }
        for (to, from) in step.moves {
          if floatBehind.contains(to) { asFloat.insert(from) }
          if wordBehind.contains(to) { asWord.insert(from) }
        }
        let floats = step.floatReads
        for register in floats { asFloat.insert(register) }
        flow.forEachRead(step) { if !floats.contains($0), !step.passes($0) { asWord.insert($0) } }
        if asFloat != readAsFloat[i] || asWord != readAsWord[i] {
          (readAsFloat[i], readAsWord[i]) = (asFloat, asWord)
          changed = true
        }
      }
    }
  }

  private mutating func findWrites(_ flow: Flow) {
    var changed = true
    while changed {
      changed = false
      for (i, step) in flow.steps.enumerated() {
        let (floatBefore, wordBefore) = (writtenAsFloat[i], writtenAsWord[i])
        var asFloat = floatBefore, asWord = wordBefore
        let floats = step.floatWrites, isRaw = step.writesRaw
        flow.forEachWrite(step) {
          asFloat.remove($0)
          asWord.remove($0)
          if floats.contains($0) { asFloat.insert($0) } else if !isRaw { asWord.insert($0) }
        }
        if let window = flow.window(step) {
          asFloat.remove(from: window)
          asWord.remove(from: window)
          for register in floats { asFloat.insert(register) }
        }
        for (to, from) in step.moves {
          if floatBefore.contains(from) { asFloat.insert(to) }
          if wordBefore.contains(from) { asWord.insert(to) }
        }
        for next in step.targets.map({ flow.stepAt[$0] }) + (flow.fallsThrough(step) ? [i + 1] : []) {
          let before = (writtenAsFloat[next], writtenAsWord[next])
          writtenAsFloat[next].formUnion(asFloat)
          writtenAsWord[next].formUnion(asWord)
          if before != (writtenAsFloat[next], writtenAsWord[next]) { changed = true }
        }
      }
    }
  }
}

extension Flow.Step {
  /// The registers it takes for floats.
  fileprivate var floatReads: [Int] {
    let it = instruction, a = it.a, b = it.b, c = it.c, d = it.d
    switch opcode {
    case .addFloat, .subFloat, .mulFloat, .divFloat, .remFloat, .minFloat, .maxFloat, .eqFloat, .neFloat, .ltFloat, .leFloat: return [b, c]
    case .negFloat, .absFloat, .sqrtFloat, .floorFloat, .ceilFloat, .roundFloat, .roundToF32, .floatToInt, .floatToUInt, .addFloatWord,
      .subFloatWord, .mulFloatWord, .divFloatWord, .subFromFloatWord, .divFloatByWord, .fieldAddFloat, .fieldSubFloat:
      return [b]
    case .mulAddFloat, .mulSubFloat: return [b, c, d]
    case .fieldMulAddFloat, .fieldMulSubFloat: return [b, c]
    case .addFieldFloat, .subFieldFloat, .mulFieldFloat: return [d]
    case .jumpEqFloat, .jumpNeFloat, .jumpLtFloat, .jumpLeFloat, .jumpNotLtFloat, .jumpNotLeFloat: return [a, b]
    case .primitive: return (0..<Self.floatArguments(b)).map { a + $0 }
    default: return []
    }
  }

  /// The registers it writes floats into.
  fileprivate var floatWrites: [Int] {
    switch opcode {
    case .addFloat, .subFloat, .mulFloat, .divFloat, .remFloat, .minFloat, .maxFloat, .negFloat, .absFloat, .sqrtFloat, .floorFloat, .ceilFloat,
      .roundFloat, .roundToF32, .addFloatWord, .subFloatWord, .mulFloatWord, .divFloatWord, .subFromFloatWord, .divFloatByWord, .mulAddFloat,
      .mulSubFloat, .intToFloat, .uintToFloat, .addFieldFloat, .subFieldFloat, .mulFieldFloat:
      return [instruction.a]
    case .vectorGetPacked where instruction.d == Int(ElementKind.f32.rawValue): return [instruction.a]
    case .primitive: return Self.floatArguments(instruction.b) > 0 ? [instruction.a] : []
    default: return []
    }
  }

  /// How many floats a primitive takes that is a function of such.
  private static func floatArguments(_ number: Int) -> Int {
    switch Primitive(rawValue: UInt16(number)) {
    case .sin, .cos, .tan, .asin, .acos, .atan, .exp, .log: 1
    case .atan2, .pow: 2
    default: 0
    }
  }

  /// Whether it only hands a register on that it reads.
  fileprivate func passes(_ register: Int) -> Bool {
    let it = instruction, a = it.a, b = it.b, c = it.c
    switch opcode {
    case .move, .move2, .move3, .moveBlock, .movePair, .returnFirst, .return1, .returnBlock, .storeGlobal: return true
    case .setField: return register == b && register != a
    case .setFieldPair: return (register == b || register == c) && register != a
    case .setFieldBlock, .vectorPush: return b..<b + it.d ~= register && register != a
    case .vectorSet: return register == c && register != a && register != b
    case .vectorSetPacked: return it.d == Int(ElementKind.f32.rawValue) && register == c && register != a && register != b
    case .vectorSetBlock: return c..<c + it.d ~= register && register != a && register != b
    case .call, .callClosure, .tailCall, .tailCallClosure, .primitive: return register >= a
    default: return false
    }
  }

  /// Whether what it writes is as it was in memory, a float or not.
  fileprivate var writesRaw: Bool {
    switch opcode {
    case .move, .move2, .move3, .moveBlock, .movePair, .clear, .loadWord, .loadGlobal, .getField, .getField2, .getFieldBlock, .vectorGet, .vectorGetBlock,
      .vectorGetWord, .vectorPop:
      true
    default: false
    }
  }

  /// What it moves from register to register.
  var moves: [(to: Int, from: Int)] {
    let it = instruction, a = it.a, b = it.b
    switch opcode {
    case .move: return [(a, b)]
    case .move2: return (0..<2).map { (a + $0, b + $0) }
    case .move3: return (0..<3).map { (a + $0, b + $0) }
    case .moveBlock: return (0..<it.c).map { (a + $0, b + $0) }
    case .movePair: return [(a, b), (a + 1, it.c)]
    default: return []
    }
  }
}
