// Intrinsics that compute: arithmetic, bits, conversions.
//
// Invariants: sized integers are held sign- or zero-extended in 64 bits and brought back to that form
// after every operation that can leave it; F32 is held as binary64 and rounded after every operation
// whose result may need it.

import Bytecode
import Frontend

extension Lowering {
  /// The constant of a node, if it is one that fits a signed 16-bit immediate.
  func immediate(_ id: NodeID) -> Int? {
    let n = tree.nodes[Int(id.raw)]
    let value: Int
    switch n.tag {
    case .int:
      if concrete(n.type).isFloating { return nil }
      value = Int(truncatingIfNeeded: tree.ints[Int(n.a)])
    case .bool, .char: value = Int(n.a)
    default: return nil
    }
    return value == Int(Int16(truncatingIfNeeded: value)) ? value : nil
  }

  func floatConstant(_ id: NodeID) -> Double? {
    let n = tree.nodes[Int(id.raw)]
    let value: Double
    switch n.tag {
    case .float: value = tree.floats[Int(n.a)]
    case .constant: value = constantValue(n.a)
    case .int:
      // In a generic body a literal has the type of the instance.
      if !concrete(n.type).isFloating { return nil }
      value = Double(Int64(bitPattern: tree.ints[Int(n.a)]))
    default: return nil
    }
    return concrete(n.type) == .f32 ? Double(Float(value)) : value
  }

  func emitIntrinsic(_ id: NodeID, _ n: TypedNode, _ want: Want) -> Int {
    guard let operation = Intrinsic(rawValue: n.a) else { return deliver(0, 0, want) }
    let count = extra(Int(n.b))
    let first = Int(n.b) + 1
    switch operation {
    case .add, .sub, .mul, .div, .rem, .min, .max, .bitAnd, .bitOr, .bitXor, .shl, .shr, .ushr:
      return emitFold(operation, n, first, count, want)
    case .pow: return emitPower(n, node(first), node(first + 1), want)
    case .neg where !concrete(n.type).isNumeric && n.type != .never:
      return emitOperatorCalls(operation, n, concrete(n.type), first, 1, want)
    case .neg, .abs, .bitNot, .sqrt, .floor, .ceil, .round, .toInt, .toFloat, .toI8, .toI16, .toI32, .toU8,
      .toU16, .toU32, .toU64, .toF32, .charCode:
      return emitUnary(operation, n, node(first), want)
    case .equal, .notEqual, .less, .lessEqual, .greater, .greaterEqual, .not, .same, .isSome, .isNone:
      return emitTest(id, n, operation, want)
    case .stringEqual:
      return emitPair(n, node(first), node(first + 1), want) { lowering, target, a, b in
        lowering.assembler.emit(.eqString, a: target, b: a, c: b)
      }
    case .compare: return emitCompare(n, node(first), node(first + 1), want)
    case .hash: return emitHash(n, node(first), want)
    case .vecNew:
      let target = claim(want, 1)
      assembler.emit(.newVector, a: target, imm32: vectorDescriptor(concrete(n.type)))
      return deliver(target, 1, want)
    case .vecLength:
      let vector = emit(node(first), .anywhere)
      assembler.position = n.position
      let target = claim(want, 1)
      assembler.emit(.vectorCount, a: target, b: vector)
      return deliver(target, 1, want)
    case .vecChecked:
      let vector = emit(node(first), want)
      assembler.position = n.position
      checkObject(vector, ofType: type(node(first)))
      return vector
    case .vecNth: return emitVectorGet(n, node(first), node(first + 1), want)
    case .vecSet: emitVectorSet(n, node(first), node(first + 1), node(first + 2))
    case .vecPush: emitVectorPush(n, node(first), node(first + 1))
    case .vecPopLast:
      let shape = layout(concrete(n.type))
      let vector = emit(node(first), .anywhere)
      assembler.position = n.position
      checkObject(vector, ofType: type(node(first)))
      let target = claim(want, max(1, shape.words))
      let kind = shape.words == 0 ? .u8 : shape.elementKind
      assembler.emit(.vectorPop, d: max(1, shape.words), a: target, b: vector, c: Int(kind.rawValue))
      return deliver(target, shape.words, want)
    case .showInto: emitShowInto(n, node(first), node(first + 1), node(first + 2))
    case .displayInto: emitDisplayInto(n, node(first), node(first + 1))
    case .panic:
      let message = emit(node(first), .anywhere)
      assembler.position = n.position
      assembler.emit(.panic, a: message)
      return 0
    case .callBoundary:
      assembler.emit(.boundary, a: claim(.anywhere, 1))
    }
    return deliver(0, 0, want)
  }

  /// Two operands, left to right, and one instruction.
  @inline(__always)
  private func emitPair(
    _ n: TypedNode, _ left: NodeID, _ right: NodeID, _ want: Want, _ body: (Lowering, Int, Int, Int) -> Void
  ) -> Int {
    let saved = function.top
    let a = emitOperand(left, before: right)
    protect(a, 1)
    let b = emit(right, .anywhere)
    function.top = saved
    assembler.position = n.position
    let target = claim(want, 1)
    body(self, target, a, b)
    return deliver(target, 1, want)
  }

  // MARK: Binary operations

  /// `(op a b c …)` as `((a op b) op c) …`; partial results stay off the target, see `writesLast`.
  private func emitFold(_ operation: Intrinsic, _ n: TypedNode, _ first: Int, _ count: Int, _ want: Want) -> Int {
    let type = concrete(n.type)
    if !type.isNumeric, type != .never { return emitOperatorCalls(operation, n, type, first, count, want) }
    let saved = function.top
    if count == 1 { return emit(node(first), want) }
    var left = -1  // the register of the partial result; -1: the first operand, not yet emitted
    var result = 0
    for i in 1..<count {
      let leftNode = node(first), right = node(first + i)
      let isLast = i == count - 1
      if left < 0, let done = emitWithConstant(operation, type, leftNode, right, isLast ? want : .anywhere, n.position) {
        result = done
      } else {
        if left < 0 { left = emitOperand(leftNode, before: right) }
        let constant = emitRightConstant(operation, type, left, right, isLast ? want : .anywhere, n.position, saved)
        if constant >= 0 {
          result = constant
        } else {
          protect(left, 1)
          let b = emit(right, .anywhere)
          function.top = saved
          assembler.position = n.position
          result = claim(isLast ? want : .anywhere, 1)
          if type == .float, let opcode = fusable(operation),
            assembler.fuseFloat(opcode, a: result, left: left, right: b, deadFrom: saved)
          {
          } else if type.isFloating {
            emitFloatOperation(operation, type, result, left, b)
          } else {
            emitIntOperation(operation, type, result, left, b)
          }
        }
      }
      left = result
      function.top = saved
    }
    return deliver(result, 1, want)
  }

  private func emitPower(_ n: TypedNode, _ base: NodeID, _ exponent: NodeID, _ want: Want) -> Int {
    let type = concrete(n.type)
    let saved = function.top
    let window = max(saved, want.raw)
    setTop(window)
    _ = emit(base, .into(window))
    setTop(window + 1)
    _ = emit(exponent, .into(window + 1))
    function.top = saved
    assembler.position = n.position
    callPrimitive(type.isFloating ? .pow : .powInt, at: window, words: 2, resultWords: 1)
    if type.isFloating { roundIfNarrow(type, window) } else { normalise(type, window) }
    return deliver(window, 1, want)
  }

  private func fusable(_ operation: Intrinsic) -> Opcode? {
    switch operation {
    case .add: .addFloat
    case .sub: .subFloat
    case .mul: .mulFloat
    default: nil
    }
  }

  /// A constant on the left: commuted, or an instruction of its own. nil when there is none.
  private func emitWithConstant(
    _ operation: Intrinsic, _ type: TypeID, _ left: NodeID, _ right: NodeID, _ want: Want, _ position: UInt32
  ) -> Int? {
    let saved = function.top
    if type.isFloating {
      guard let value = floatConstant(left), floatConstant(right) == nil else { return nil }
      let opcode: Opcode
      switch operation {
      case .add: opcode = .addFloatWord
      case .mul: opcode = .mulFloatWord
      case .sub: opcode = .subFromFloatWord
      case .div: opcode = .divFloatByWord
      default: return nil
      }
      let b = emit(right, .anywhere)
      function.top = saved
      assembler.position = position
      let target = claim(want, 1)
      assembler.emit(opcode, a: target, b: b)
      assembler.emitWord(value.bitPattern)
      roundIfNarrow(type, target)
      return target
    }
    guard let value = immediate(left), immediate(right) == nil else { return nil }
    let opcode: Opcode
    switch operation {
    case .add: opcode = .addIntImm
    case .mul: opcode = .mulIntImm
    case .sub: opcode = .subFromImm
    case .bitAnd: opcode = .andIntImm
    default: return nil
    }
    let b = emit(right, .anywhere)
    function.top = saved
    assembler.position = position
    let target = claim(want, 1)
    assembler.emit(opcode, a: target, b: b, c: value)
    if operation != .bitAnd { normalise(type, target) }
    return target
  }

  /// A constant on the right; -1 when there is none or no instruction takes it.
  private func emitRightConstant(
    _ operation: Intrinsic, _ type: TypeID, _ left: Int, _ right: NodeID, _ want: Want, _ position: UInt32, _ top: Int
  ) -> Int {
    if type.isFloating {
      guard let value = floatConstant(right) else { return -1 }
      let opcode: Opcode
      switch operation {
      case .add: opcode = .addFloatWord
      case .sub: opcode = .subFloatWord
      case .mul: opcode = .mulFloatWord
      case .div: opcode = .divFloatWord
      default: return -1
      }
      function.top = top
      assembler.position = position
      let target = claim(want, 1)
      assembler.emit(opcode, a: target, b: left)
      assembler.emitWord(value.bitPattern)
      roundIfNarrow(type, target)
      return target
    }
    guard let value = immediate(right) else { return -1 }
    var opcode: Opcode
    var operand = value
    switch operation {
    case .add: opcode = .addIntImm
    case .sub:
      if value == -32768 { return -1 }
      opcode = .addIntImm
      operand = -value
    case .mul: opcode = .mulIntImm
    case .div:
      if value == 0 || value == -1 || type == .u64 { return -1 }
      opcode = .divIntImm
    case .rem:
      if value == 0 || value == -1 || type == .u64 { return -1 }
      opcode = .remIntImm
    case .bitAnd: opcode = .andIntImm
    case .shl:
      opcode = .shlIntImm
      operand = value & (bits(type) - 1)
    case .shr:
      opcode = type == .u64 ? .ushrIntImm : .shrIntImm
      operand = value & (bits(type) - 1)
    case .ushr:
      if bits(type) < 64, !type.isUnsigned { return -1 }
      opcode = .ushrIntImm
      operand = value & (bits(type) - 1)
    default: return -1
    }
    function.top = top
    assembler.position = position
    let target = claim(want, 1)
    assembler.emit(opcode, a: target, b: left, c: operand)
    if operation == .add || operation == .sub || operation == .mul || operation == .shl || operation == .div {
      normalise(type, target)
    }
    return target
  }

  private func emitIntOperation(_ operation: Intrinsic, _ type: TypeID, _ target: Int, _ a: Int, _ b: Int) {
    let isU64 = type == .u64
    let opcode: Opcode
    switch operation {
    case .add: opcode = .addInt
    case .sub: opcode = .subInt
    case .mul: opcode = .mulInt
    case .div: opcode = isU64 ? .divUInt : .divInt
    case .rem: opcode = isU64 ? .remUInt : .remInt
    case .min: opcode = isU64 ? .minUInt : .minInt
    case .max: opcode = isU64 ? .maxUInt : .maxInt
    case .bitAnd: opcode = .andInt
    case .bitOr: opcode = .orInt
    case .bitXor: opcode = .xorInt
    case .shl, .shr, .ushr:
      emitShift(operation, type, target, a, b)
      return
    default: opcode = .trap
    }
    assembler.emit(opcode, a: target, b: a, c: b)
    switch operation {
    case .add, .sub, .mul, .div: normalise(type, target)
    default: break
    }
  }

  /// The count is taken modulo the type's width; the instructions do that for 64 bits themselves.
  private func emitShift(_ operation: Intrinsic, _ type: TypeID, _ target: Int, _ a: Int, _ b: Int) {
    var value = a, count = b
    let width = bits(type)
    let scratch = max(function.top, max(a, max(b, target)) + 1)
    if width < 64 {
      protectForNow(scratch + 2)
      assembler.emit(.andIntImm, a: scratch, b: b, c: width - 1)
      count = scratch
      if operation == .ushr, !type.isUnsigned {
        assembler.emit(width == 8 ? .zeroExtend8 : width == 16 ? .zeroExtend16 : .zeroExtend32, a: scratch + 1, b: a)
        value = scratch + 1
      }
    }
    let opcode: Opcode =
      operation == .shl ? .shlInt : operation == .ushr || type == .u64 ? .ushrInt : .shrInt
    assembler.emit(opcode, a: target, b: value, c: count)
    if operation != .shr { normalise(type, target) }
  }

  /// Counts registers below `top` as used without holding them.
  func protectForNow(_ top: Int) {
    if top > function.maxTop { function.maxTop = top }
  }

  private func emitFloatOperation(_ operation: Intrinsic, _ type: TypeID, _ target: Int, _ a: Int, _ b: Int) {
    let opcode: Opcode
    switch operation {
    case .add: opcode = .addFloat
    case .sub: opcode = .subFloat
    case .mul: opcode = .mulFloat
    case .div: opcode = .divFloat
    case .rem: opcode = .remFloat
    case .min: opcode = .minFloat
    case .max: opcode = .maxFloat
    default: opcode = .trap
    }
    assembler.emit(opcode, a: target, b: a, c: b)
    if operation != .min, operation != .max { roundIfNarrow(type, target) }
  }

  // MARK: Unary operations and conversions

  private func emitUnary(_ operation: Intrinsic, _ n: TypedNode, _ operand: NodeID, _ want: Want) -> Int {
    let from = type(operand)
    // Negated literals are literals, but the checker may also leave (- 5) to us.
    let source = emit(operand, .anywhere)
    assembler.position = n.position
    if want == .discard { return source }
    let opcode: Opcode?
    var extend = TypeID.int
    switch operation {
    case .neg: opcode = from.isFloating ? .negFloat : .negInt; extend = from
    case .abs:
      opcode = from.isFloating ? .absFloat : from.isUnsigned ? nil : .absInt
      extend = from
    case .bitNot: opcode = .notInt; extend = from
    case .sqrt: opcode = .sqrtFloat
    case .floor: opcode = .floorFloat
    case .ceil: opcode = .ceilFloat
    case .round: opcode = .roundFloat
    case .toInt where from == .u64:
      // Saturating, as from floats.
      let saved = function.top
      protect(source, 1)
      let most = allocate(1)
      assembler.emit(.loadWord, a: most)
      assembler.emitWord(UInt64(Int.max))
      function.top = saved
      let target = claim(want, 1)
      assembler.emit(.minUInt, a: target, b: source, c: most)
      return deliver(target, 1, want)
    case .toInt: opcode = from.isFloating ? .floatToInt : nil
    case .toU64: opcode = from.isFloating ? .floatToUInt : nil
    case .toFloat: opcode = from.isFloating ? nil : from == .u64 ? .uintToFloat : .intToFloat
    case .toF32:
      if from == .f32 {
        opcode = nil
      } else if from == .float {
        opcode = .roundToF32
      } else {
        let target = claim(want, 1)
        assembler.emit(from == .u64 ? .uintToFloat : .intToFloat, a: target, b: source)
        assembler.emit(.roundToF32, a: target, b: target)
        return deliver(target, 1, want)
      }
    case .toI8, .toI16, .toI32, .toU8, .toU16, .toU32:
      let to = concrete(n.type)
      if from == to {
        opcode = nil
      } else if from.isFloating {
        opcode = .floatToInt
        extend = to
      } else {
        let target = claim(want, 1)
        assembler.emit(extending(to), a: target, b: source)
        return deliver(target, 1, want)
      }
    default: opcode = nil
    }
    guard let opcode else { return deliver(source, 1, want) }
    let target = claim(want, 1)
    assembler.emit(opcode, a: target, b: source)
    if operation == .sqrt { roundIfNarrow(from, target) } else { normalise(extend, target) }
    return deliver(target, 1, want)
  }

  // MARK: Sized numbers

  private func bits(_ type: TypeID) -> Int {
    switch type {
    case .i8, .u8: 8
    case .i16, .u16: 16
    case .i32, .u32: 32
    default: 64
    }
  }

  private func extending(_ type: TypeID) -> Opcode {
    switch type {
    case .i8: .signExtend8
    case .i16: .signExtend16
    case .i32: .signExtend32
    case .u8: .zeroExtend8
    case .u16: .zeroExtend16
    default: .zeroExtend32
    }
  }

  /// What turns a sized integer into its bits alone; nil when the register holds just these.
  func zeroExtending(_ type: TypeID) -> Opcode? {
    switch bits(type) {
    case 8: .zeroExtend8
    case 16: .zeroExtend16
    case 32: .zeroExtend32
    default: nil
    }
  }

  private func normalise(_ type: TypeID, _ register: Int) {
    switch type {
    case .i8, .i16, .i32, .u8, .u16, .u32: assembler.emit(extending(type), a: register, b: register)
    default: break
    }
  }

  private func roundIfNarrow(_ type: TypeID, _ register: Int) {
    if type == .f32 { assembler.emit(.roundToF32, a: register, b: register) }
  }
}
