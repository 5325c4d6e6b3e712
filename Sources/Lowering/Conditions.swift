// Conditions become jumps, not values: a comparison and its branch are one instruction, `and`, `or`
// and `not` are only an arrangement of labels.
//
// Invariant: a comparison of floats that fails because of a nan is false, and its negation true; so
// "not less" never turns into "greater or equal" here.

import Bytecode
import Frontend

enum Relation {
  case equal, notEqual, less, lessEqual, greater, greaterEqual

  init?(_ operation: Intrinsic) {
    switch operation {
    case .equal: self = .equal
    case .notEqual: self = .notEqual
    case .less: self = .less
    case .lessEqual: self = .lessEqual
    case .greater: self = .greater
    case .greaterEqual: self = .greaterEqual
    default: return nil
    }
  }

  /// The relation that holds exactly when this one does not (of totally ordered things).
  var inverse: Relation {
    switch self {
    case .equal: .notEqual
    case .notEqual: .equal
    case .less: .greaterEqual
    case .lessEqual: .greater
    case .greater: .lessEqual
    case .greaterEqual: .less
    }
  }

  /// The relation of the operands exchanged.
  var mirrored: Relation {
    switch self {
    case .equal, .notEqual: self
    case .less: .greater
    case .lessEqual: .greaterEqual
    case .greater: .less
    case .greaterEqual: .lessEqual
    }
  }

  var isEquality: Bool { self == .equal || self == .notEqual }
}

extension Lowering {
  /// Jumps to `label` when the condition's value is `sense`, else goes on behind.
  func emitCondition(_ id: NodeID, to label: Label, when sense: Bool) {
    let n = tree.nodes[Int(id.raw)]
    assembler.position = n.position
    switch n.tag {
    case .bool:
      if (n.a != 0) == sense { assembler.jump(.jump, to: label) }
      return
    case .and, .or:
      // `and` leaves for false at once; for true only when both are.
      if (n.tag == .and) == sense {
        let skip = assembler.label()
        emitCondition(NodeID(raw: n.a), to: skip, when: !sense)
        emitCondition(NodeID(raw: n.b), to: label, when: sense)
        assembler.place(skip)
      } else {
        emitCondition(NodeID(raw: n.a), to: label, when: sense)
        emitCondition(NodeID(raw: n.b), to: label, when: sense)
      }
      return
    case .intrinsic:
      guard let operation = Intrinsic(rawValue: n.a) else { break }
      if operation == .not {
        emitCondition(node(Int(n.b) + 1), to: label, when: !sense)
        return
      }
      if let test = caseTest(n, operation) {
        let saved = function.top
        jumpCase(emitDiscriminant(test.value, n.position), test.index, to: label, when: test.sense == sense)
        function.top = saved
        return
      }
      if let relation = Relation(operation) {
        emitRelation(relation, n, to: label, when: sense)
        return
      }
    default: break
    }
    let register = emit(id, .anywhere)
    if n.type == .never { return }
    assembler.jump(sense ? .jumpTrue : .jumpFalse, a: register, to: label)
  }

  /// The type that a comparison's operands have; one of them may be Never.
  private func operandType(_ n: TypedNode) -> TypeID {
    for i in 0..<extra(Int(n.b)) {
      let type = self.type(node(Int(n.b) + 1 + i))
      if type != .never { return type }
    }
    return .never
  }

  private func emitRelation(_ relation: Relation, _ n: TypedNode, to label: Label, when sense: Bool) {
    let saved = function.top
    let count = extra(Int(n.b))
    let first = Int(n.b) + 1
    let type = operandType(n)
    let shape = layout(type)
    if count != 2 {
      emitChain(relation, n, first, count, type, to: label, when: sense)
      function.top = saved
      return
    }
    let left = node(first), right = node(first + 1)
    if shape.form == .scalar, layouts.kind(shape, 0) == .int, type != .u64 || relation.isEquality {
      if let value = immediate(right) {
        let a = emit(left, .anywhere)
        assembler.position = n.position
        jumpImmediate(sense ? relation : relation.inverse, a, value, to: label)
        function.top = saved
        return
      }
      if let value = immediate(left) {
        let b = emit(right, .anywhere)
        assembler.position = n.position
        jumpImmediate(sense ? relation.mirrored : relation.mirrored.inverse, b, value, to: label)
        function.top = saved
        return
      }
    }
    let a = emitOperand(left, before: right)
    protect(a, shape.words)
    let b = emit(right, .anywhere)
    protect(b, shape.words)
    assembler.position = n.position
    jumpRelation(relation, type, a, b, to: label, when: sense)
    function.top = saved
  }

  /// `(< a b c …)`: all operands first, then each with its neighbour. `!=` is the negation of `=`.
  private func emitChain(
    _ relation: Relation, _ n: TypedNode, _ first: Int, _ count: Int, _ type: TypeID, to label: Label, when sense: Bool
  ) {
    let words = layout(type).words
    let base = allocate(words * count)
    for i in 0..<count { _ = emit(node(first + i), .into(base + i * words)) }
    assembler.position = n.position
    let pairwise = relation == .notEqual ? .equal : relation
    let wanted = relation == .notEqual ? !sense : sense
    let skip = assembler.label()
    for i in 0..<max(0, count - 1) {
      jumpRelation(
        pairwise, type, base + i * words, base + (i + 1) * words, to: wanted ? skip : label, when: false)
    }
    if wanted { assembler.jump(.jump, to: label) }
    assembler.place(skip)
  }

  // MARK: Tests for a case

  /// The value that a node asks about, and the case: whether it is of that, or with `sense` false of another. So do `some?`,
  /// `none?`, and equality with a case without fields.
  private func caseTest(_ n: TypedNode, _ operation: Intrinsic) -> (value: NodeID, index: Int, sense: Bool)? {
    let first = Int(n.b) + 1
    switch operation {
    case .isSome, .isNone: return (node(first), 0, operation == .isNone)  // None, as the prelude declares it
    case .equal, .notEqual: break
    default: return nil
    }
    let type = operandType(n)
    let shape = layout(type)
    guard shape.form == .flatEnum || shape.form == .boxedEnum, extra(Int(n.b)) == 2, implementation(.equal, type) == .none
    else { return nil }
    for i in 0...1 {
      let side = tree[node(first + i)]
      guard side.tag == .makeCase, layouts.enumCase(shape, Int(side.a)).fieldCount == 0 else { continue }
      return (node(first + 1 - i), Int(side.a), operation == .equal)
    }
    return nil
  }

  /// Evaluates an enum for what tells its cases apart. The caller restores `top`.
  private func emitDiscriminant(_ value: NodeID, _ position: UInt32) -> Discriminant {
    let shape = layout(of: value)
    let register = emit(value, .anywhere)
    protect(register, shape.words)
    assembler.position = position
    return discriminant(shape, register)
  }

  // MARK: Jumps on registers

  /// Compares two values of any type and jumps. Temporaries stand at `top`.
  func jumpRelation(_ relation: Relation, _ type: TypeID, _ a: Int, _ b: Int, to label: Label, when sense: Bool) {
    let shape = layout(type)
    let isPlain =
      switch shape.form {
      case .scalar, .opaque, .function: true
      case .record: !hasOwnOrder(type)
      default: false
      }
    if isPlain {
      if layouts.kind(shape, 0) == .float {
        jumpFloat(relation, a, b, to: label, when: sense)
      } else {
        jumpInt(sense ? relation : relation.inverse, a, b, to: label, unsigned: type == .u64)
      }
    } else if relation.isEquality {
      if (relation == .equal) == sense {
        jumpIfEqual(type, a, b, to: label)
      } else {
        jumpIfDifferent(type, a, b, to: label)
      }
    } else {
      let saved = function.top
      let order = allocate(1)
      compare(type, a, b, into: order)
      jumpImmediate(sense ? relation : relation.inverse, order, 0, to: label)
      function.top = saved
    }
  }

  /// Whether records of the type are compared by more than their identity.
  private func hasOwnOrder(_ type: TypeID) -> Bool {
    implementation(.equal, type) != .none || implementation(.compare, type) != .none
  }

  func jumpImmediate(_ relation: Relation, _ register: Int, _ value: Int, to label: Label) {
    let opcode: Opcode
    switch relation {
    case .equal: opcode = .jumpEqIntImm
    case .notEqual: opcode = .jumpNeIntImm
    case .less: opcode = .jumpLtIntImm
    case .lessEqual: opcode = .jumpLeIntImm
    case .greater: opcode = .jumpGtIntImm
    case .greaterEqual: opcode = .jumpGeIntImm
    }
    assembler.jump(opcode, a: register, b: value, to: label)
  }

  private func jumpInt(_ relation: Relation, _ a: Int, _ b: Int, to label: Label, unsigned: Bool) {
    switch relation {
    case .equal: assembler.jump(.jumpEqInt, a: a, b: b, to: label)
    case .notEqual: assembler.jump(.jumpNeInt, a: a, b: b, to: label)
    case .less: assembler.jump(unsigned ? .jumpLtUInt : .jumpLtInt, a: a, b: b, to: label)
    case .lessEqual: assembler.jump(unsigned ? .jumpLeUInt : .jumpLeInt, a: a, b: b, to: label)
    case .greater: assembler.jump(unsigned ? .jumpLtUInt : .jumpLtInt, a: b, b: a, to: label)
    case .greaterEqual: assembler.jump(unsigned ? .jumpLeUInt : .jumpLeInt, a: b, b: a, to: label)
    }
  }

  private func jumpFloat(_ relation: Relation, _ a: Int, _ b: Int, to label: Label, when sense: Bool) {
    switch relation {
    case .equal: assembler.jump(sense ? .jumpEqFloat : .jumpNeFloat, a: a, b: b, to: label)
    case .notEqual: assembler.jump(sense ? .jumpNeFloat : .jumpEqFloat, a: a, b: b, to: label)
    case .less: assembler.jump(sense ? .jumpLtFloat : .jumpNotLtFloat, a: a, b: b, to: label)
    case .lessEqual: assembler.jump(sense ? .jumpLeFloat : .jumpNotLeFloat, a: a, b: b, to: label)
    case .greater: assembler.jump(sense ? .jumpLtFloat : .jumpNotLtFloat, a: b, b: a, to: label)
    case .greaterEqual: assembler.jump(sense ? .jumpLeFloat : .jumpNotLeFloat, a: b, b: a, to: label)
    }
  }

  // MARK: Conditions as values

  /// A comparison whose value is wanted: one instruction for scalars, jumps for the rest.
  func emitTest(_ id: NodeID, _ n: TypedNode, _ operation: Intrinsic, _ want: Want) -> Int {
    let first = Int(n.b) + 1
    let saved = function.top
    if operation == .not {
      let a = emit(node(first), .anywhere)
      let target = claim(want, 1)
      assembler.emit(.not, a: target, b: a)
      return deliver(target, 1, want)
    }
    if let test = caseTest(n, operation) {
      let which = emitDiscriminant(test.value, n.position)
      function.top = saved
      let target = claim(want, 1)
      testCase(which, test.index, is: test.sense, into: target)
      return deliver(target, 1, want)
    }
    let relation = Relation(operation) ?? .equal
    let type = operandType(n)
    let shape = layout(type)
    let isInline = shape.form == .scalar || shape.form == .string && relation.isEquality || operation == .same
    guard isInline, extra(Int(n.b)) == 2 else { return emitConditionValue(id, want) }
    let left = node(first), right = node(first + 1)
    if shape.form != .string, layouts.kind(shape, 0) == .int, type != .u64 || relation.isEquality,
      let value = immediate(right)
    {
      let a = emit(left, .anywhere)
      assembler.position = n.position
      let target = claim(want, 1)
      assembler.emit(immediateTest(relation), a: target, b: a, c: value)
      return deliver(target, 1, want)
    }
    let a = emitOperand(left, before: right)
    protect(a, 1)
    let b = emit(right, .anywhere)
    function.top = saved
    assembler.position = n.position
    let target = claim(want, 1)
    if shape.form == .string {
      assembler.emit(.eqString, a: target, b: a, c: b)
      if relation == .notEqual { assembler.emit(.not, a: target, b: target) }
    } else {
      let isFloat = layouts.kind(shape, 0) == .float
      let isU64 = type == .u64
      let isMirrored = relation == .greater || relation == .greaterEqual
      let opcode: Opcode
      switch isMirrored ? relation.mirrored : relation {
      case .equal: opcode = isFloat ? .eqFloat : .eqInt
      case .notEqual: opcode = isFloat ? .neFloat : .neInt
      case .less: opcode = isFloat ? .ltFloat : isU64 ? .ltUInt : .ltInt
      default: opcode = isFloat ? .leFloat : isU64 ? .leUInt : .leInt
      }
      assembler.emit(opcode, a: target, b: isMirrored ? b : a, c: isMirrored ? a : b)
    }
    return deliver(target, 1, want)
  }

  private func immediateTest(_ relation: Relation) -> Opcode {
    switch relation {
    case .equal: .eqIntImm
    case .notEqual: .neIntImm
    case .less: .ltIntImm
    case .lessEqual: .leIntImm
    case .greater: .gtIntImm
    case .greaterEqual: .geIntImm
    }
  }

  /// Jumps turned into 1 or 0.
  private func emitConditionValue(_ id: NodeID, _ want: Want) -> Int {
    let no = assembler.label(), done = assembler.label()
    emitCondition(id, to: no, when: false)
    let target = claim(want, 1)
    loadInt(1, into: target)
    assembler.jump(.jump, to: done)
    assembler.place(no)
    loadInt(0, into: target)
    assembler.place(done)
    return deliver(target, 1, want)
  }

  // MARK: if, and, or

  func emitIf(_ n: TypedNode, _ want: Want) -> Int {
    let then = NodeID(raw: n.b), otherwise = NodeID(raw: n.c)
    let no = assembler.label()
    emitCondition(NodeID(raw: n.a), to: no, when: false)
    let count = layout(concrete(n.type)).words
    let inner = joined(want, count)
    _ = emit(then, inner)
    if otherwise == .none, inner != .tail {
      assembler.place(no)
      return inner.raw
    }
    if inner == .tail || tree[then].type == .never {
      assembler.place(no)
      emitElse(otherwise, inner)
    } else {
      let done = assembler.label()
      assembler.jump(.jump, to: done)
      assembler.place(no)
      emitElse(otherwise, inner)
      assembler.place(done)
    }
    return inner.raw
  }

  /// Where branches meet: for `.anywhere` the register where the result of a call appears by itself.
  func joined(_ want: Want, _ words: Int) -> Want {
    want == .anywhere ? .into(claim(.into(function.top + 1), words)) : want
  }

  private func emitElse(_ id: NodeID, _ want: Want) {
    if id == .none { _ = deliver(0, 0, want) } else { _ = emit(id, want) }
  }

  /// The second operand is in tail position when the whole is.
  func emitAndOr(_ n: TypedNode, _ want: Want) -> Int {
    let decided = assembler.label()
    let isAnd = n.tag == .and
    emitCondition(NodeID(raw: n.a), to: decided, when: !isAnd)
    let inner = joined(want, 1)
    _ = emit(NodeID(raw: n.b), inner)
    if inner == .discard {
      assembler.place(decided)
      return 0
    }
    let done = assembler.label()
    if inner.isRegister { assembler.jump(.jump, to: done) }
    assembler.place(decided)
    let target = claim(inner, 1)
    loadInt(isAnd ? 0 : 1, into: target)
    _ = deliver(target, 1, inner)
    assembler.place(done)
    return inner.raw
  }
}
