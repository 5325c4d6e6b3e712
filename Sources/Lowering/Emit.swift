// Expressions. One walk generates code in the order of evaluation, told by `Want` where each value
// is to go, so that values appear where they are needed instead of being moved there.
//
// Invariants: `emit` answers the first register of the value (meaningless for `.tail`). With
// `.into(r)` the value is in r…; r… is either free (at or above `top`) or set aside by the caller,
// and is written before the end only by nodes that first `reserve` it. With `.anywhere` the answer
// may be the registers of a local: see `emitOperand` for what follows from that.

import Bytecode
import Frontend

/// Where a value goes.
struct Want: Equatable {
  let raw: Int
  /// Any registers; those of a local if it is one.
  static let anywhere = Want(raw: -1)
  static let discard = Want(raw: -2)
  /// Out of the function; nothing runs after it.
  static let tail = Want(raw: -3)
  @inline(__always) static func into(_ register: Int) -> Want { Want(raw: register) }
  @inline(__always) var isRegister: Bool { raw >= 0 }
}

extension Lowering {
  func emit(_ id: NodeID, _ want: Want) -> Int {
    let n = tree.nodes[Int(id.raw)]
    assembler.position = n.position
    switch n.tag {
    case .unit, .error: return deliver(0, 0, want)
    case .bool, .char: return emitInt(Int(n.a), want)
    case .int, .float, .constant:
      if let value = floatConstant(id) { return emitFloat(value, want) }
      return emitInt(Int(truncatingIfNeeded: tree.ints[Int(n.a)]), want)
    case .string:
      let target = claim(want, 1)
      loadString(tree.strings[Int(n.a)], into: target)
      return deliver(target, 1, want)
    case .local: return emitLocal(LocalID(raw: n.a), want)
    case .global, .field: return emitPlace(id, want)
    case .functionValue: return emitFunctionValue(n, want)
    case .call: return emitCall(n, want)
    case .callValue: return emitCallValue(n, want)
    case .intrinsic: return emitIntrinsic(id, n, want)
    case .primitive: return emitPrimitive(n, want)
    case .makeStruct: return emitMakeStruct(n, want)
    case .makeCase: return emitMakeCase(n, want)
    case .makeTuple: return emitMakeTuple(n, want)
    case .makeVec: return emitMakeVec(n, want)
    case .with: return emitWith(n, want)
    case .setLocal: emitSetLocal(n)
    case .setField: emitSetField(n)
    case .setGlobal: emitSetGlobal(n)
    case .block: return emitBlock(n, want)
    case .bind: emitBind(n)
    case .bindPattern: emitBindPattern(n)
    case .drop: _ = emit(NodeID(raw: n.a), .discard)
    case .if: return emitIf(n, want)
    case .and, .or: return emitAndOr(n, want)
    case .while: emitWhile(n)
    case .forRange: emitForRange(n)
    case .forVec: emitForVec(n)
    case .loop: return emitLoop(n, want)
    case .recur: return emitRecur(n)
    case .break, .continue: return emitLeave(n)
    case .return: return emitReturnNode(n)
    case .match: return emitMatch(n, want)
    case .lambda: return emitLambda(n, want)
    case .try: return emitTry(n, want)
    case .restartPoint: return emitRestartPoint(n, want)
    case .liveLoop: emitLiveLoop(n)
    case .str: return emitStr(n, want)
    case .show: return emitShow(n, want)
    case .print: emitPrint(n)
    case .format: return emitFormat(n, want)
    case .assertEqual: emitAssertEqual(n)
    }
    return deliver(0, 0, want)
  }

  // MARK: Delivering values

  /// Where to compute a fresh value of `words` words.
  @inline(__always)
  func claim(_ want: Want, _ words: Int) -> Int {
    let target = want.isRegister ? want.raw : function.top
    if target + words > function.maxTop { function.maxTop = target + words }
    return target
  }

  /// As `claim`, for values that are written in several steps: temporaries keep off the target. The
  /// caller restores `top`.
  @inline(__always)
  func reserve(_ want: Want, _ words: Int) -> Int {
    let target = claim(want, words)
    protect(target, words)
    return target
  }

  /// The value is in `register`…; brings it where it is wanted.
  @inline(__always)
  func deliver(_ register: Int, _ words: Int, _ want: Want) -> Int {
    if want.isRegister {
      move(words, from: register, to: want.raw)
      return want.raw
    }
    if want == .tail { emitReturn(register, words) }
    return register
  }

  /// Leaves the function with a value, and all restart points it is in.
  func emitReturn(_ register: Int, _ words: Int) {
    for _ in 0..<function.restartDepth { assembler.emit(.leaveRestart) }
    if function.resultWords == 0 {
      assembler.emit(.returnNone)
    } else if words == 0 {
      emitUnreachable()  // behind what never comes back, such as `exit`
    } else if words == 1 {
      assembler.emitReturn(register)
    } else {
      assembler.emit(.returnBlock, a: register, b: words)
    }
  }

  /// Emits an operand that must keep its value while `next` is evaluated: the registers of a local
  /// serve unless `next` may assign to it.
  func emitOperand(_ id: NodeID, before next: NodeID) -> Int {
    let top = function.top
    let register = emit(id, .anywhere)
    var fuel = 32
    if register >= top || !isAssignable(id) || isSimple(next, &fuel) { return register }
    let count = words(of: id)
    let copy = allocate(count)
    function.top = top
    move(count, from: register, to: copy)
    return copy
  }

  /// Whether the node's value may stand in registers that a `set!` changes.
  func isAssignable(_ id: NodeID) -> Bool {
    let n = tree.nodes[Int(id.raw)]
    switch n.tag {
    case .local: return tree.locals[Int(n.a)].isMutable
    case .field: return isAssignable(NodeID(raw: n.a))
    case .makeCase: return soleReference(n).map { isAssignable($0) } ?? true
    default: return true
    }
  }

  /// Whether evaluating the node certainly assigns nothing; gives up after a few nodes.
  func isSimple(_ id: NodeID, _ fuel: inout Int) -> Bool {
    fuel -= 1
    if fuel < 0 { return false }
    let n = tree.nodes[Int(id.raw)]
    switch n.tag {
    case .unit, .bool, .int, .float, .char, .string, .local, .global, .constant, .functionValue: return true
    case .field: return isSimple(NodeID(raw: n.a), &fuel)
    case .call:
      // A call cannot assign to a local in registers: captured ones live in cells.
      let at = Int(n.b) + 1 + extra(Int(n.b))
      for i in 0..<extra(at) where !isSimple(node(at + 2 + 2 * i), &fuel) { return false }
      return true
    case .intrinsic, .primitive:
      for i in 0..<extra(Int(n.b)) where !isSimple(node(Int(n.b) + 1 + i), &fuel) { return false }
      return true
    default: return false
    }
  }

  /// Whether the node, evaluated into a register, reads everything before it writes: then the value
  /// of a `set!` or `recur` can go straight into the place.
  func writesLast(_ id: NodeID) -> Bool {
    let n = tree.nodes[Int(id.raw)]
    switch n.tag {
    case .unit, .bool, .int, .float, .char, .string, .local, .global, .constant, .functionValue, .call,
      .callValue, .primitive, .field: return true
    case .intrinsic: return layout(concrete(n.type)).words <= 1 && Intrinsic(rawValue: n.a)?.writesLast ?? false
    case .makeCase:
      if let value = soleReference(n) { return writesLast(value) }
      let shape = layout(concrete(n.type))
      return shape.words == 1 && layouts.enumCase(shape, Int(n.a)).fieldCount == 0
    default: return false
    }
  }

  // MARK: Leaves

  private func emitInt(_ value: Int, _ want: Want) -> Int {
    if want == .discard { return 0 }
    let target = claim(want, 1)
    loadInt(value, into: target)
    return deliver(target, 1, want)
  }

  private func emitFloat(_ value: Double, _ want: Want) -> Int {
    if want == .discard { return 0 }
    let target = claim(want, 1)
    assembler.emit(.loadWord, a: target)
    assembler.emitWord(value.bitPattern)
    return deliver(target, 1, want)
  }

  func constantValue(_ raw: UInt32) -> Double {
    switch Constant(rawValue: raw) {
    case .infinity: .infinity
    case .negativeInfinity: -.infinity
    case .pi: .pi
    case .nan, nil: .nan
    }
  }

  private func emitLocal(_ local: LocalID, _ want: Want) -> Int {
    if want == .discard { return 0 }
    let shape = layout(concrete(tree[local].type))
    let register = Int(registers[Int(local.raw)])
    if !isCell(local) { return deliver(register, shape.words, want) }
    let target = claim(want, shape.words)
    getFields(target, object: register, field: 0, count: shape.words)
    return deliver(target, shape.words, want)
  }

  // MARK: Blocks and bindings

  func emitBlock(_ n: TypedNode, _ want: Want) -> Int {
    let saved = function.top
    let count = extra(Int(n.b))
    if count == 0 { return deliver(0, 0, want) }
    if want.isRegister { _ = reserve(want, layout(concrete(n.type)).words) }
    for i in 0..<count - 1 { _ = emit(node(Int(n.b) + 1 + i), .discard) }
    let result = emit(node(Int(n.b) + count), want)
    function.top = saved
    return result
  }

  private func emitBind(_ n: TypedNode) {
    let local = LocalID(raw: n.a)
    let value = NodeID(raw: n.b)
    let count = layout(concrete(tree[local].type)).words
    let saved = function.top
    if isCell(local) {
      let cell = allocate(1)
      let register = emit(value, .anywhere)
      protect(register, count)
      _ = newCell(local, value: register, into: cell)
      function.top = saved + 1
      registers[Int(local.raw)] = Int32(cell)
      return
    }
    if !tree[local].isMutable {
      // A name for something that never changes needs no registers of its own.
      let register = emit(value, .anywhere)
      if register < saved, !isAssignable(value) {
        registers[Int(local.raw)] = Int32(register)
        return
      }
      if register >= saved {
        // Fresh, and nothing else is there: it stays where it is.
        registers[Int(local.raw)] = Int32(register)
        setTop(register + count)
        return
      }
      let own = allocate(count)
      move(count, from: register, to: own)
      registers[Int(local.raw)] = Int32(own)
      return
    }
    let own = allocate(count)
    _ = emit(value, .into(own))
    function.top = own + count
    registers[Int(local.raw)] = Int32(own)
  }
}

extension Intrinsic {
  /// Whether the generated code writes its target with the last instruction only.
  var writesLast: Bool {
    switch self {
    case .equal, .notEqual, .less, .lessEqual, .greater, .greaterEqual, .compare, .hash, .panic, .callBoundary,
      .vecPush, .vecSet, .showInto, .displayInto, .pow:
      false
    default: true
    }
  }
}
