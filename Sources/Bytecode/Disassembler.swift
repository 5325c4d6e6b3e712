// Code as text: one instruction a line, its word index, name and operands.
//
//     0  jumpge.i    r0, 2 -> 2
//     1  return1     r0
//     2  addint.i    r2, r0, -1
//     3  call        r2, fib

/// What the numbers in code stand for, as far as the caller knows; nil shows the number.
public struct DisassemblerNames {
  public var slot: (Int) -> String?
  public var global: (Int) -> String?
  public var literal: (Int) -> String?
  public var descriptor: (Int) -> String?

  public init(
    slot: @escaping (Int) -> String? = { _ in nil }, global: @escaping (Int) -> String? = { _ in nil },
    literal: @escaping (Int) -> String? = { _ in nil }, descriptor: @escaping (Int) -> String? = { _ in nil }
  ) {
    self.slot = slot
    self.global = global
    self.literal = literal
    self.descriptor = descriptor
  }
}

/// The whole of a function's code, fused or not, each line ended by a newline.
public func disassemble(_ words: [UInt64], names: DisassemblerNames = DisassemblerNames()) -> String {
  var text = ""
  var at = 0
  while at < words.count {
    let instruction = Instruction(word: words[at]).unfused
    let end = min(at + instruction.wordCount, words.count)
    text += padded(left: "\(at)", 4) + "  "
    text += disassemble(instruction, at: at, literals: words[(at + 1)..<end], names: names) + "\n"
    at = end
  }
  return text
}

/// One instruction, without its index. `at` is the word index that jump offsets count from.
public func disassemble(
  _ it: Instruction, at: Int, literals: ArraySlice<UInt64> = [], names: DisassemblerNames = DisassemblerNames()
) -> String {
  guard let opcode = it.opcode else { return padded(right: ".word", 12) + "\(it.word)" }
  let row = opcode.row
  let literal = literals.first ?? 0
  func r(_ n: Int) -> String { "r\(n)" }
  func range(_ first: Int, _ count: Int) -> String {
    count == 1 ? r(first) : count == 0 ? "none" : "\(r(first))..\(r(first + count - 1))"
  }
  func to(_ offset: Int) -> String { "-> \(at + offset)" }
  func slot() -> String { names.slot(index32) ?? "slot \(index32)" }
  var index32: Int { Int(UInt32(truncatingIfNeeded: it.imm32)) }

  let operands: String
  switch row.shape {
  case .none: operands = ""
  case .a: operands = r(it.a)
  case .ab:
    let count = opcode == .move2 ? 2 : opcode == .move3 ? 3 : 1
    operands = "\(range(it.a, count)), \(range(it.b, count))"
  case .abc: operands = "\(r(it.a)), \(r(it.b)), \(r(it.c))"
  case .abImm: operands = "\(r(it.a)), \(r(it.b)), \(it.signedC)"
  case .aImm32:
    switch opcode {
    case .clear: operands = range(it.a, it.imm32)
    case .trap: operands = "\(it.imm32)"
    default: operands = "\(r(it.a)), \(it.imm32)"
    }
  case .aIndex32:
    let name: String
    switch opcode {
    case .loadLiteral: name = names.literal(index32) ?? "literal \(index32)"
    case .loadGlobal, .storeGlobal, .storeGlobalRef: name = names.global(index32) ?? "global \(index32)"
    default: name = names.descriptor(index32) ?? "descriptor \(index32)"
    }
    operands = "\(r(it.a)), \(name)"
  case .aWord: operands = "\(r(it.a)), \(wordText(literal))"
  case .abWord: operands = "\(r(it.a)), \(r(it.b)), \(Double(bitPattern: literal))"
  case .jump: operands = to(it.imm32)
  case .aJump: operands = "\(r(it.a)) \(to(it.imm32))"
  case .abJump: operands = "\(r(it.a)), \(r(it.b)) \(to(it.signedC))"
  case .aImmJump: operands = "\(r(it.a)), \(it.signedB) \(to(it.signedC))"
  case .table:
    let offsets = literals.flatMap { [Int(Int32(truncatingIfNeeded: $0)), Int(Int32(truncatingIfNeeded: $0 >> 32))] }
    operands = "\(r(it.a)) -> \(offsets.prefix(it.b).map { "\(at + $0)" }.joined(separator: " "))"
  case .block: operands = "\(range(it.a, it.c)), \(range(it.b, it.c))"
  case .call: operands = "\(r(it.a)), \(slot())"
  case .callClosure: operands = "\(r(it.a)), \(r(it.b))"
  case .tailCall: operands = "\(range(it.a, Int(truncatingIfNeeded: literal))), \(slot())"
  case .tailClosure: operands = "\(range(it.a, it.c)), \(r(it.b))"
  case .primitive:
    operands = "\(range(it.a, it.c)), \(Primitive(rawValue: UInt16(it.b))?.name ?? "primitive \(it.b)")"
  case .field:
    let count = opcode == .getField2 ? 2 : opcode == .getFieldBlock ? it.d : 1
    operands = "\(range(it.a, count)), \(r(it.b)).\(it.c)"
  case .setField:
    operands = "\(r(it.a)).\(it.c), \(range(it.b, opcode == .setFieldBlock ? it.d : 1))"
  case .element:
    let detail = elementDetail(opcode, it.d)
    operands = "\(range(it.a, opcode == .vectorGetBlock ? it.d : 1)), \(r(it.b))[\(r(it.c))]\(detail)"
  case .setElement:
    let detail = elementDetail(opcode, it.d)
    operands = "\(r(it.a))[\(r(it.b))]\(detail), \(range(it.c, opcode == .vectorSetBlock ? it.d : 1))"
  case .fused: operands = "\(r(it.a)), \(r(it.d)), \(r(it.b)), \(r(it.c))"
  case .fieldFused: operands = "\(r(it.a)), \(r(it.d)), \(r(it.b)).\(it.c)"
  case .fieldUpdate: operands = "\(r(it.a)).\(it.d), \(r(it.b)), \(r(it.c))"
  case .fieldImm: operands = "\(r(it.a)).\(it.c), \(it.signedB)"
  case .pair: operands = "\(range(it.a, 2)), \(r(it.b)), \(r(it.c))"
  case .setElementImm: operands = "\(r(it.a))[\(r(it.b))], \(it.c)"
  case .stepJump: operands = "\(r(it.a)), \(it.signedD), \(r(it.b)) \(to(it.signedC))"
  case .stepImmJump: operands = "\(r(it.a)), \(it.signedD), \(it.signedB) \(to(it.signedC))"
  case .stepRegisterJump: operands = "\(r(it.a)), \(r(it.d)), \(r(it.b)) \(to(it.signedC))"
  case .countJump: operands = "\(r(it.a)), \(r(it.b)) \(to(it.signedC))"
  case .return: operands = range(it.a, it.b)
  }
  return operands.isEmpty ? "\(row.name)" : padded(right: "\(row.name)", 12) + operands
}

/// `.2` for word 2 of an element, ` u16` for a packed one.
private func elementDetail(_ opcode: Opcode, _ d: Int) -> String {
  switch opcode {
  case .vectorGetWord: ".\(d)"
  case .vectorGetPacked, .vectorSetPacked: " " + (ElementKind(rawValue: UInt8(d)).map { "\($0)" } ?? "kind \(d)")
  default: ""
  }
}

/// A literal is untyped: what is far from zero as an integer and ordinary as a float is shown as one.
private func wordText(_ word: UInt64) -> String {
  let int = Int64(bitPattern: word)
  let float = Double(bitPattern: word)
  let looksFloat = int.magnitude >= 1 << 53 && float.isFinite && (1e-100...1e100).contains(float.magnitude)
  return looksFloat ? "\(float)" : "\(int)"
}

private func padded(right text: String, _ width: Int) -> String {
  text + String(repeating: " ", count: max(1, width - text.count))
}

private func padded(left text: String, _ width: Int) -> String {
  String(repeating: " ", count: max(0, width - text.count)) + text
}
