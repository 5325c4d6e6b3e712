// Every opcode of registers alone against what Swift says, on edge values and random ones. The switch
// is exhaustive: a new opcode must say here how it is tested.

import Bytecode
import Interpreter
import Runtime
import Testing

private enum Reference {
  /// nil: a panic by division by zero.
  case binary((UInt64, UInt64) -> UInt64?)
  case unary((UInt64) -> UInt64)
  case immediate((UInt64, Int) -> UInt64, valid: (Int) -> Bool)
  case word((UInt64, UInt64) -> UInt64)
  case jump2((UInt64, UInt64) -> Bool)
  case jumpImmediate((UInt64, Int) -> Bool)
  case jump1((UInt64) -> Bool)
  /// Tested by name in another file of this target.
  case elsewhere
}

private func int(_ f: @escaping (Int, Int) -> Int) -> Reference {
  .binary { word(f(Int(bitPattern: UInt($0)), Int(bitPattern: UInt($1)))) }
}
private func int(_ f: @escaping (Int) -> Int) -> Reference { .unary { word(f(Int(bitPattern: UInt($0)))) } }
private func imm(valid: @escaping (Int) -> Bool = { _ in true }, _ f: @escaping (Int, Int) -> Int) -> Reference {
  .immediate({ word(f(Int(bitPattern: UInt($0)), $1)) }, valid: valid)
}
private func float(_ f: @escaping (Double, Double) -> Double) -> Reference {
  .binary { f(Double(bitPattern: $0), Double(bitPattern: $1)).bitPattern }
}
private func float(_ f: @escaping (Double) -> Double) -> Reference {
  .unary { f(Double(bitPattern: $0)).bitPattern }
}
private func literal(_ f: @escaping (Double, Double) -> Double) -> Reference {
  .word { f(Double(bitPattern: $0), Double(bitPattern: $1)).bitPattern }
}
private func test(_ f: @escaping (Int, Int) -> Bool) -> Reference {
  .binary { f(Int(bitPattern: UInt($0)), Int(bitPattern: UInt($1))) ? 1 : 0 }
}
private func testImm(_ f: @escaping (Int, Int) -> Bool) -> Reference { imm { f($0, $1) ? 1 : 0 } }
private func testFloat(_ f: @escaping (Double, Double) -> Bool) -> Reference {
  .binary { f(Double(bitPattern: $0), Double(bitPattern: $1)) ? 1 : 0 }
}
private func jump(_ f: @escaping (Int, Int) -> Bool) -> Reference {
  .jump2 { f(Int(bitPattern: UInt($0)), Int(bitPattern: UInt($1))) }
}
private func jumpFloat(_ f: @escaping (Double, Double) -> Bool) -> Reference {
  .jump2 { f(Double(bitPattern: $0), Double(bitPattern: $1)) }
}
private func jumpImm(_ f: @escaping (Int, Int) -> Bool) -> Reference {
  .jumpImmediate { f(Int(bitPattern: UInt($0)), $1) }
}
private func word(_ x: Int) -> UInt64 { UInt64(UInt(bitPattern: x)) }

private func isShift(_ c: Int) -> Bool { (0...63).contains(c) }
private func isDivisor(_ c: Int) -> Bool { c != 0 && c != -1 }

private func minimum(_ x: Double, _ y: Double) -> Double {
  x.isNaN || y.isNaN ? .nan : x == y ? (x.sign == .minus ? x : y) : Swift.min(x, y)
}
private func maximum(_ x: Double, _ y: Double) -> Double {
  x.isNaN || y.isNaN ? .nan : x == y ? (x.sign == .minus ? y : x) : Swift.max(x, y)
}

private func reference(_ opcode: Opcode) -> Reference {
  switch opcode {
  case .addInt: int { $0 &+ $1 }
  case .subInt: int { $0 &- $1 }
  case .mulInt: int { $0 &* $1 }
  case .divInt:
    .binary { x, y in
      y == 0 ? nil : word(Int(bitPattern: UInt(x)).dividedReportingOverflow(by: Int(bitPattern: UInt(y))).partialValue)
    }
  case .remInt:
    .binary { x, y in
      y == 0 ? nil : word(Int(bitPattern: UInt(x)).remainderReportingOverflow(dividingBy: Int(bitPattern: UInt(y))).partialValue)
    }
  case .negInt: int { 0 &- $0 }
  case .andInt: .binary { $0 & $1 }
  case .orInt: .binary { $0 | $1 }
  case .xorInt: .binary { $0 ^ $1 }
  case .hashMix: .binary { Hash.mix($0, $1) }
  case .notInt: .unary { ~$0 }
  case .shlInt: .binary { $0 << ($1 & 63) }
  case .shrInt: int { $0 >> ($1 & 63) }
  case .ushrInt: .binary { $0 >> ($1 & 63) }
  case .minInt: int { Swift.min($0, $1) }
  case .maxInt: int { Swift.max($0, $1) }
  case .absInt: int { Int(bitPattern: $0.magnitude) }
  case .divUInt: .binary { $1 == 0 ? nil : $0 / $1 }
  case .remUInt: .binary { $1 == 0 ? nil : $0 % $1 }
  case .minUInt: .binary { Swift.min($0, $1) }
  case .maxUInt: .binary { Swift.max($0, $1) }
  case .addIntImm: imm { $0 &+ $1 }
  case .mulIntImm: imm { $0 &* $1 }
  case .divIntImm: imm(valid: isDivisor) { $0 / $1 }
  case .remIntImm: imm(valid: isDivisor) { $0 % $1 }
  case .andIntImm: imm { $0 & $1 }
  case .shlIntImm: imm(valid: isShift) { $0 << $1 }
  case .shrIntImm: imm(valid: isShift) { $0 >> $1 }
  case .ushrIntImm: .immediate({ $0 >> $1 }, valid: isShift)
  case .subFromImm: imm { $1 &- $0 }
  case .signExtend8: int { Int(Int8(truncatingIfNeeded: $0)) }
  case .signExtend16: int { Int(Int16(truncatingIfNeeded: $0)) }
  case .signExtend32: int { Int(Int32(truncatingIfNeeded: $0)) }
  case .zeroExtend8: .unary { $0 & 0xff }
  case .zeroExtend16: .unary { $0 & 0xffff }
  case .zeroExtend32: .unary { $0 & 0xffff_ffff }

  case .addFloat: float { $0 + $1 }
  case .subFloat: float { $0 - $1 }
  case .mulFloat: float { $0 * $1 }
  case .divFloat: float { $0 / $1 }
  case .remFloat: float { $0.truncatingRemainder(dividingBy: $1) }
  case .negFloat: float { -$0 }
  case .absFloat: float { $0.magnitude }
  case .sqrtFloat: float { $0.squareRoot() }
  case .floorFloat: float { $0.rounded(.down) }
  case .ceilFloat: float { $0.rounded(.up) }
  case .roundFloat: float { $0.rounded(.toNearestOrAwayFromZero) }
  case .minFloat: float(minimum)
  case .maxFloat: float(maximum)
  case .roundToF32: float { Double(Float($0)) }
  case .addFloatWord: literal { $0 + $1 }
  case .subFloatWord: literal { $0 - $1 }
  case .mulFloatWord: literal { $0 * $1 }
  case .divFloatWord: literal { $0 / $1 }
  case .subFromFloatWord: literal { $1 - $0 }
  case .divFloatByWord: literal { $1 / $0 }

  case .intToFloat: .unary { Double(Int(bitPattern: UInt($0))).bitPattern }
  case .uintToFloat: .unary { Double($0).bitPattern }
  case .floatToInt:
    .unary {
      let x = Double(bitPattern: $0)
      return word(x.isNaN ? 0 : Int(exactly: x.rounded(.towardZero)) ?? (x < 0 ? .min : .max))
    }
  case .floatToUInt:
    .unary {
      let x = Double(bitPattern: $0)
      return x.isNaN ? 0 : UInt64(exactly: x.rounded(.towardZero)) ?? (x < 0 ? .min : .max)
    }

  case .eqInt: test { $0 == $1 }
  case .neInt: test { $0 != $1 }
  case .ltInt: test { $0 < $1 }
  case .leInt: test { $0 <= $1 }
  case .ltUInt: .binary { $0 < $1 ? 1 : 0 }
  case .leUInt: .binary { $0 <= $1 ? 1 : 0 }
  case .eqFloat: testFloat { $0 == $1 }
  case .neFloat: testFloat { $0 != $1 }
  case .ltFloat: testFloat { $0 < $1 }
  case .leFloat: testFloat { $0 <= $1 }
  case .not: int { 1 &- $0 }
  case .eqIntImm: testImm { $0 == $1 }
  case .neIntImm: testImm { $0 != $1 }
  case .ltIntImm: testImm { $0 < $1 }
  case .leIntImm: testImm { $0 <= $1 }
  case .gtIntImm: testImm { $0 > $1 }
  case .geIntImm: testImm { $0 >= $1 }

  case .jumpTrue: .jump1 { $0 != 0 }
  case .jumpFalse: .jump1 { $0 == 0 }
  case .jumpEqInt: jump { $0 == $1 }
  case .jumpNeInt: jump { $0 != $1 }
  case .jumpLtInt: jump { $0 < $1 }
  case .jumpLeInt: jump { $0 <= $1 }
  case .jumpLtUInt: .jump2 { $0 < $1 }
  case .jumpLeUInt: .jump2 { $0 <= $1 }
  case .jumpEqIntImm: jumpImm { $0 == $1 }
  case .jumpNeIntImm: jumpImm { $0 != $1 }
  case .jumpLtIntImm: jumpImm { $0 < $1 }
  case .jumpLeIntImm: jumpImm { $0 <= $1 }
  case .jumpGtIntImm: jumpImm { $0 > $1 }
  case .jumpGeIntImm: jumpImm { $0 >= $1 }
  case .jumpEqFloat: jumpFloat { $0 == $1 }
  case .jumpNeFloat: jumpFloat { $0 != $1 }
  case .jumpLtFloat: jumpFloat { $0 < $1 }
  case .jumpLeFloat: jumpFloat { $0 <= $1 }
  case .jumpNotLtFloat: jumpFloat { !($0 < $1) }
  case .jumpNotLeFloat: jumpFloat { !($0 <= $1) }

  case .halt, .move, .move2, .move3, .moveBlock, .clear, .loadInt, .loadWord, .loadLiteral, .loadGlobal,
    .storeGlobal, .storeGlobalRef, .eqString, .hashString, .jump, .jumpTable, .call, .callClosure, .tailCall,
    .tailCallClosure, .returnNone, .returnFirst, .return1, .returnBlock, .primitive, .newObject, .getField, .getField2,
    .getFieldBlock, .setField, .setFieldRef, .setFieldPair, .setFieldBlock, .newVector, .vectorCount, .vectorGet,
    .vectorGetBlock, .vectorGetWord, .vectorGetU8, .vectorGetPacked, .vectorSet, .vectorSetRef,
    .vectorSetBlock, .vectorSetU8, .vectorSetPacked, .vectorPush, .vectorPop, .panic, .trap,
    .enterRestart, .leaveRestart, .boundary, .pause, .movePair, .mulAddFloat, .mulSubFloat, .addFieldFloat,
    .subFieldFloat, .mulFieldFloat, .fieldAddFloat, .fieldSubFloat, .fieldMulAddFloat, .fieldMulSubFloat,
    .fieldAddIntImm, .vectorSetU8Imm, .loopLt, .loopLtImm, .loopAddLt, .loopCount, .checkStale:
    .elsewhere
  }
}

private let edgeInts: [Int] = [
  0, 1, -1, 2, -2, 7, -7, 63, 64, 65, 127, 128, 255, 256, 32767, -32768, 65535, 1 << 31, -(1 << 31), 1 << 52,
  (1 << 53) + 1, .max, .max - 1, .min, .min + 1, 0x5555_5555_5555_5555,
]
private let edgeFloats: [Double] = [
  0, -0.0, 0.5, -0.5, 1, -1, 1.5, -1.5, 2.5, 0.49999999999999994, -0.49999999999999994, 3.7, -3.7, 4503599627370495.5,
  -4503599627370495.5, 0x1p52, 0x1p53, 0x1p63, -0x1p63, 0x1p64, 9223372036854774784, 1e300, -1e300, 0x1p-1030,
  .leastNonzeroMagnitude, .greatestFiniteMagnitude, .infinity, -.infinity, .nan, 0.1, 3.4028235677973366e38, 16777217,
]
private let edgeImmediates = [-32768, -129, -2, -1, 0, 1, 2, 3, 7, 63, 255, 32767]

private func same(_ x: Outcome, _ y: UInt64?) -> Bool {
  guard let y else { return x == .panicked(.divisionByZero) }
  guard case .returned(let words) = x, words.count == 1 else { return false }
  // One nan is as good as another.
  return words[0] == y || Double(bitPattern: words[0]).isNaN && Double(bitPattern: y).isNaN
}

@Suite struct ArithmeticTests {
  static let seed: UInt64 = 0x1a46_0001

  static var operands: [UInt64] {
    var random = Random(seed: seed)
    return edgeInts.map(word) + edgeFloats.map(\.bitPattern)
      + (0..<12).map { _ in random.next() } + (0..<6).map { _ in Double.random(in: -1e6...1e6, using: &random).bitPattern }
  }

  @Test(arguments: Opcode.allCases)
  func agreesWithSwift(_ opcode: Opcode) {
    let program = Program(stackRegisters: 1 << 12)
    let xs = Self.operands
    switch reference(opcode) {
    case .elsewhere: return
    case .binary(let f):
      let apart = program.define { $0.emit(opcode, a: 2, b: 0, c: 1); $0.emit(.return1, a: 2) }
      let inPlace = program.define { $0.emit(opcode, a: 1, b: 0, c: 1); $0.emit(.return1, a: 1) }
      for x in xs {
        for y in xs {
          #expect(same(program.run(apart, words: x, y), f(x, y)), "\(opcode) \(x) \(y), seed \(Self.seed)")
          #expect(same(program.run(inPlace, words: x, y), f(x, y)), "\(opcode) \(x) \(y) in place")
        }
      }
    case .unary(let f):
      let slot = program.define { $0.emit(opcode, a: 1, b: 0); $0.emit(.return1, a: 1) }
      for x in xs { #expect(same(program.run(slot, words: x), f(x)), "\(opcode) \(x), seed \(Self.seed)") }
    case .immediate(let f, let valid):
      for c in edgeImmediates where valid(c) {
        let slot = program.define { $0.emit(opcode, a: 1, b: 0, c: c); $0.emit(.return1, a: 1) }
        for x in xs { #expect(same(program.run(slot, words: x), f(x, c)), "\(opcode) \(x) \(c), seed \(Self.seed)") }
      }
    case .word(let f):
      for y in edgeFloats.map(\.bitPattern) {
        let slot = program.define { $0.emit(opcode, a: 1, b: 0); $0.emitWord(y); $0.emit(.return1, a: 1) }
        for x in xs { #expect(same(program.run(slot, words: x), f(x, y)), "\(opcode) \(x) \(y), seed \(Self.seed)") }
      }
    case .jump2(let f):
      let slot = program.define { branch(opcode, a: 0, b: 1, &$0) }
      for x in xs {
        for y in xs { #expect(program.run(slot, words: x, y) == returned(f(x, y) ? 1 : 0), "\(opcode) \(x) \(y)") }
      }
    case .jumpImmediate(let f):
      for c in edgeImmediates {
        let slot = program.define { branch(opcode, a: 0, b: c, &$0) }
        for x in xs { #expect(program.run(slot, words: x) == returned(f(x, c) ? 1 : 0), "\(opcode) \(x) \(c)") }
      }
    case .jump1(let f):
      let slot = program.define { branch(opcode, a: 0, b: 0, &$0) }
      for x in xs { #expect(program.run(slot, words: x) == returned(f(x) ? 1 : 0), "\(opcode) \(x)") }
    }
  }

  /// 1 when the jump is taken, backwards, else 0.
  private func branch(_ opcode: Opcode, a: Int, b: Int, _ code: inout Assembler) {
    let taken = code.label(), start = code.label()
    code.jump(.jump, to: start)
    code.place(taken)
    code.emit(.loadInt, a: 2, imm32: 1)
    code.emit(.return1, a: 2)
    code.place(start)
    code.jump(opcode, a: a, b: b, to: taken)
    code.emit(.loadInt, a: 2, imm32: 0)
    code.emit(.return1, a: 2)
  }
}
