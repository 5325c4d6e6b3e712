// Equality, order, hash and text of a type, derived from its structure. Scalars and strings are done
// in line, small structs field by field in line; everything else is a function of its own, made on
// first use and shared by the whole program.
//
// Floats: `=` is IEEE's, so a nan makes an aggregate unequal to itself. `compare` is total, for the
// sake of sorting: nan is equal to nan and greater than everything else. -0.0 hashes as 0.0.

import Bytecode
import Frontend

/// Aggregates up to this many words are compared in line.
let maxInlineWords = 8

extension Lowering {
  // MARK: Equality

  func jumpIfDifferent(_ type: TypeID, _ a: Int, _ b: Int, to label: Label) {
    let shape = layout(type)
    if shape.words == 0 { return }
    if let register = equalByCall(type, shape, a, b) {
      assembler.jump(.jumpFalse, a: register, to: label)
    } else if shape.isWordwise {
      for word in 0..<shape.words {
        assembler.jump(
          layouts.kind(shape, word) == .float ? .jumpNeFloat : .jumpNeInt, a: a + word, b: b + word, to: label)
      }
    } else if shape.form == .aggregate {
      for i in 0..<Int(shape.partCount) {
        let field = layouts.field(shape, i)
        jumpIfDifferent(field.type, a + field.offset, b + field.offset, to: label)
      }
    } else {
      assembler.jump(.jumpNeInt, a: a, b: b, to: label)
    }
  }

  func jumpIfEqual(_ type: TypeID, _ a: Int, _ b: Int, to label: Label) {
    let shape = layout(type)
    if shape.words > 0, let register = equalByCall(type, shape, a, b) {
      assembler.jump(.jumpTrue, a: register, to: label)
    } else if shape.words == 1, shape.isWordwise {
      assembler.jump(layouts.kind(shape, 0) == .float ? .jumpEqFloat : .jumpEqInt, a: a, b: b, to: label)
    } else {
      let different = assembler.label()
      jumpIfDifferent(type, a, b, to: different)
      assembler.jump(.jump, to: label)
      assembler.place(different)
    }
  }

  /// The register with the answer, for types that are not compared in line.
  private func equalByCall(_ type: TypeID, _ shape: Layout, _ a: Int, _ b: Int) -> Int? {
    if implementation(.equal, type) != .none {
      return callImplementation(.equal, type, a, shape.words, b)
    }
    if shape.form == .record, implementation(.compare, type) != .none {
      // Records have no equality but by an `impl`; their order makes it as well.
      let order = callImplementation(.compare, type, a, shape.words, b)
      assembler.emit(.eqIntImm, a: order, b: order, c: 0)
      return order
    }
    switch shape.form {
    case .string:
      let register = function.top
      protectForNow(register + 1)
      assembler.emit(.eqString, a: register, b: a, c: b)
      return register
    case .vector, .boxedEnum: return callDerived(.equal, type, shape.words, a, b)
    case .flatEnum: return shape.isWordwise ? nil : callDerived(.equal, type, shape.words, a, b)
    case .aggregate: return shape.words > maxInlineWords ? callDerived(.equal, type, shape.words, a, b) : nil
    default: return nil
    }
  }

  private func callDerived(_ operation: StructuralOperation, _ type: TypeID, _ words: Int, _ a: Int, _ b: Int) -> Int {
    let window = function.top + 1
    protectForNow(window + 2 * words + 1)
    move(words, from: a, to: window)
    move(words, from: b, to: window + words)
    assembler.emit(.call, a: window, imm32: structuralSlot(operation, type))
    return window
  }

  /// Calls the function that stands in for a derived operation, with one value or two.
  func callImplementation(_ operation: StructuralOperation, _ type: TypeID, _ a: Int, _ words: Int, _ b: Int = -1) -> Int {
    let window = function.top + 1
    let total = b < 0 ? words : 2 * words
    protectForNow(window + total + 2)
    move(words, from: a, to: window)
    if b >= 0 { move(words, from: b, to: window + words) }
    assembler.emit(.call, a: window, imm32: max(0, implementationSlot(operation, type)))
    return window
  }

  // MARK: Order

  func emitCompare(_ n: TypedNode, _ left: NodeID, _ right: NodeID, _ want: Want) -> Int {
    let saved = function.top
    let type = self.type(left) == .never ? self.type(right) : self.type(left)
    let words = layout(type).words
    let a = emitOperand(left, before: right)
    protect(a, words)
    let b = emit(right, .anywhere)
    protect(b, words)
    assembler.position = n.position
    let result = allocate(1)
    compare(type, a, b, into: result)
    function.top = saved
    return deliver(result, 1, want)
  }

  /// R[target] := -1, 0 or 1. `target` is none of the operands.
  func compare(_ type: TypeID, _ a: Int, _ b: Int, into target: Int) {
    let shape = layout(type)
    if shape.words == 0 {
      loadInt(0, into: target)
      return
    }
    if implementation(.compare, type) != .none {
      move(1, from: callImplementation(.compare, type, a, shape.words, b), to: target)
      return
    }
    let scratch = function.top
    switch shape.form {
    case .string:
      move(1, from: a, to: scratch)
      move(1, from: b, to: scratch + 1)
      callPrimitive(.stringCompare, at: scratch, words: 2)
      move(1, from: scratch, to: target)
    case .scalar where layouts.kind(shape, 0) == .float: compareFloats(a, b, into: target)
    case .scalar, .opaque, .record, .function: compareInts(a, b, into: target, unsigned: type == .u64)
    case .flatEnum where shape.isTag: compareInts(a, b, into: target, unsigned: false)
    default: move(1, from: callDerived(.compare, type, shape.words, a, b), to: target)
    }
  }

  private func compareInts(_ a: Int, _ b: Int, into target: Int, unsigned: Bool) {
    let scratch = function.top
    protectForNow(scratch + 1)
    assembler.emit(unsigned ? .ltUInt : .ltInt, a: scratch, b: a, c: b)
    assembler.emit(unsigned ? .ltUInt : .ltInt, a: target, b: b, c: a)
    assembler.emit(.subInt, a: target, b: target, c: scratch)
  }

  private func compareFloats(_ a: Int, _ b: Int, into target: Int) {
    let scratch = function.top
    let done = assembler.label()
    protectForNow(scratch + 1)
    assembler.emit(.ltFloat, a: scratch, b: a, c: b)
    assembler.emit(.ltFloat, a: target, b: b, c: a)
    assembler.emit(.subInt, a: target, b: target, c: scratch)
    assembler.jump(.jumpEqFloat, a: a, b: b, to: done)
    jumpImmediate(.notEqual, target, 0, to: done)
    // Neither less, equal nor greater: at least one is nan, which counts as the greatest.
    assembler.emit(.neFloat, a: scratch, b: b, c: b)
    assembler.emit(.neFloat, a: target, b: a, c: a)
    assembler.emit(.subInt, a: target, b: target, c: scratch)
    assembler.place(done)
  }

  // MARK: Hash

  func emitHash(_ n: TypedNode, _ operand: NodeID, _ want: Want) -> Int {
    let saved = function.top
    let type = self.type(operand)
    let value = emit(operand, .anywhere)
    protect(value, layout(type).words)
    assembler.position = n.position
    let result = allocate(1)
    let own = implementation(.hash, type)
    if own != .none, environment[own].parent != .none {
      // What an `impl` answers is the hash; everything else is mixed.
      move(1, from: callImplementation(.hash, type, value, layout(type).words), to: result)
    } else {
      loadInt(0, into: result)
      addHash(type, value, to: result)
    }
    function.top = saved
    return deliver(result, 1, want)
  }

  /// R[hash] := R[hash] mixed with the value.
  func addHash(_ type: TypeID, _ value: Int, to hash: Int) {
    let shape = layout(type)
    if shape.words == 0 { return }
    if implementation(.hash, type) != .none {
      mix(callImplementation(.hash, type, value, shape.words), into: hash)
      return
    }
    switch shape.form {
    case .string:
      let bytes = function.top
      protectForNow(bytes + 1)
      assembler.emit(.hashString, a: bytes, b: value)
      mix(bytes, into: hash)
    case .scalar where layouts.kind(shape, 0) == .float:
      let sum = function.top + 1
      protectForNow(sum + 1)
      assembler.emit(.addFloatWord, a: sum, b: value)
      assembler.emitWord(0)  // -0.0 + 0.0 is 0.0
      mix(sum, into: hash)
    case .flatEnum where !shape.isTag, .boxedEnum, .vector:
      let window = function.top + 1
      protectForNow(window + shape.words + 2)
      move(1, from: hash, to: window)
      move(shape.words, from: value, to: window + 1)
      assembler.emit(.call, a: window, imm32: structuralSlot(.hash, type))
      move(1, from: window, to: hash)
    case .aggregate:
      for i in 0..<Int(shape.partCount) {
        let field = layouts.field(shape, i)
        addHash(field.type, value + field.offset, to: hash)
      }
    default: mix(value, into: hash)
    }
  }

  private func mix(_ value: Int, into hash: Int) {
    assembler.emit(.hashMix, a: hash, b: hash, c: value)
  }
}
