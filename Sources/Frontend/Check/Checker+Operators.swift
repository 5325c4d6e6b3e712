// Operators: arithmetic, comparison and conversion, any number of arguments of one type.

extension Checker {
  /// Arithmetic, comparison and conversion: any number of arguments of one type.
  func checkOperator(_ intrinsic: Intrinsic, _ name: Symbol, _ form: Form, _ expected: TypeID) -> NodeID {
    let supplied = count(form) - 1
    for i in 1..<max(1, count(form)) where keyword(child(form, i)) != .none {
      report(.unknownLabel, "`\(text(name))` takes no labels", child(form, i))
      return errorNode(form)
    }
    let shape = intrinsic.shape
    switch shape {
    case .conversion, .unaryArithmetic, .unaryBitwise, .floating:
      guard supplied == 1 else { return wrongCount(name, "one argument", supplied, form) }
    case .shift:
      guard supplied == 2 else { return wrongCount(name, "two arguments", supplied, form) }
    default:
      if intrinsic == .sub, supplied == 1 {
        let hint = expected == .none ? TypeID.none : env.types.resolve(expected)
        let node = checkOperand(child(form, 1), hint.isNumeric ? hint : .none)
        obligations.append(Obligation(type: type(node), constraints: .numeric, form: child(form, 1), what: name, isUnary: true))
        return intrinsicNode(.neg, [node], type(node), form)
      }
      guard supplied >= 2 else { return wrongCount(name, "two or more arguments", supplied, form) }
      if intrinsic == .pow, supplied > 2 { return wrongCount(name, "two arguments", supplied, form) }
    }
    switch shape {
    case .conversion:
      let node = infer(child(form, 1))
      let found = resolved(node)
      if found.isVariable {
        // A literal to be converted has its own default type.
        env.types.defaultLiterals(found)
      } else if !found.isNumeric, found != .error, found != .bool || intrinsic == .toF32 {
        report(
          .notNumeric, "`\(text(name))` converts numbers, not `\(env.describe(found))`", child(form, 1),
          help: found == .char ? "`(code c)` is the number of a character" : found == .string ? "`(\(intrinsic == .toFloat || intrinsic == .toF32 ? "parse-float" : "parse-int") s)` reads one from a string" : nil)
      }
      let result: TypeID =
        switch intrinsic {
        case .toInt: .int
        case .toFloat: .float
        case .toI8: .i8
        case .toI16: .i16
        case .toI32: .i32
        case .toU8: .u8
        case .toU16: .u16
        case .toU32: .u32
        case .toU64: .u64
        default: .f32
        }
      return intrinsicNode(intrinsic, [node], result, form)
    case .shift:
      let node = checkOperand(child(form, 1), numericHint(expected))
      requireNumeric(node, .integer, name, child(form, 1))
      let amount = check(child(form, 2), expected: .int, tail: false)
      return intrinsicNode(intrinsic, [node, amount], type(node), form)
    case .unaryArithmetic, .unaryBitwise, .floating:
      let hint = numericHint(expected)
      let isOpen = shape == .floating && !hint.isFloating
      let node = checkOperand(child(form, 1), isOpen ? .none : hint)
      // Where nothing says which of the two it is.
      if isOpen, resolved(node).isVariable { _ = env.types.unify(type(node), .float) }
      requireNumeric(
        node, shape == .unaryBitwise ? .integer : shape == .floating ? .floating : .numeric, name, child(form, 1))
      return intrinsicNode(intrinsic, [node], type(node), form)
    default: break
    }
    // All operands of one type: one that is not a bare literal says which.
    let hint = shape == .comparison ? TypeID.none : numericHint(expected)
    var nodes: [NodeID] = []
    var common = TypeID.none
    var commonForm = form
    for i in 1...supplied {
      let item = child(form, i)
      let node = checkOperand(item, common == .none ? hint : env.types.resolve(common))
      let found = resolved(node)
      if common == .none || common == .error || env.types.resolve(common) == .never {
        common = found
        commonForm = item
      } else if found != .never, !env.types.unify(found, common) {
        report(
          .typeMismatch,
          "`\(text(name))` needs operands of one type, found `\(env.describe(common))` and `\(env.describe(found))`",
          item, label: "this is `\(env.describe(found))`",
          labels: [Diagnostic.Label(place(commonForm), "this is `\(env.describe(common))`")],
          help: operandHelp(intrinsic, env.types.resolve(common), commonForm, found, item))
        common = .error
      }
      nodes.append(node)
    }
    if shape == .comparison {
      let needed: Constraints = intrinsic == .equal || intrinsic == .notEqual ? .eq : .ord
      obligations.append(Obligation(type: common, constraints: needed, form: form, what: name))
      return intrinsicNode(intrinsic, nodes, .bool, form)
    }
    obligations.append(
      Obligation(type: common, constraints: shape == .bitwise ? .integer : .numeric, form: form, what: name))
    return intrinsicNode(intrinsic, nodes, common, form)
  }

  private func operandHelp(_ intrinsic: Intrinsic, _ first: TypeID, _ firstForm: Form, _ second: TypeID, _ secondForm: Form) -> String? {
    if isNumber(first), isNumber(second) { return conversionHelp(first, firstForm, second, secondForm) }
    if let help = variableHelp(first, second) { return help }
    for (variable, other) in [(first, second), (second, first)]
    where !variable.isVariable && env.types.tag(variable) == .parameter && isNumber(other) {
      return "say so in the signature: `:where (Num \(env.describe(variable)))`"
    }
    return intrinsic == .add && (first == .string || second == .string) ? "`(str a b)` joins values into a string" : nil
  }

  /// For two numbers of different types: the integer is made a float, otherwise the second what the first is.
  private func conversionHelp(_ first: TypeID, _ firstForm: Form, _ second: TypeID, _ secondForm: Form) -> String {
    func isFloat(_ type: TypeID) -> Bool { type.isVariable ? env.types.kind(type) == .floatLiteral : type.isFloating }
    let convertsFirst = isFloat(second) && !isFloat(first)
    let (form, target) = convertsFirst ? (firstForm, second) : (secondForm, first)
    return "numbers do not convert by themselves; write \(conversion(of: form, to: target.isVariable ? .float : target))"
  }

  private func numericHint(_ expected: TypeID) -> TypeID {
    guard expected != .none else { return .none }
    let type = env.types.resolve(expected)
    return type.isNumeric ? type : .none
  }

  /// Literals take the hinted type; anything else says its own, so that the error names both operands.
  private func checkOperand(_ form: Form, _ hint: TypeID) -> NodeID {
    guard hint != .none, !hint.isVariable else { return infer(form) }
    return checkFormWithHint(form, hint)
  }

  private func requireNumeric(_ node: NodeID, _ constraints: Constraints, _ name: Symbol, _ form: Form) {
    obligations.append(Obligation(type: type(node), constraints: constraints, form: form, what: name))
  }

  private func wrongCount(_ name: Symbol, _ wanted: String, _ supplied: Int, _ form: Form) -> NodeID {
    report(.wrongArgumentCount, "`\(text(name))` takes \(wanted), but \(supplied) \(supplied == 1 ? "is" : "are") given", form)
    return failed(form)
  }
}
