// Branching: `if`, `cond`, `and`, `or`, and what takes Options and Results apart in passing.

extension Checker {
  /// The type two branches have in common; `Never` gives way.
  func join(_ first: NodeID, _ second: NodeID, _ firstForm: Form, _ secondForm: Form) -> TypeID {
    let a = resolved(first)
    let b = resolved(second)
    if a == .never { return b }
    if b == .never || a == b { return a }
    if a == .error || b == .error { return .error }
    if env.types.unify(b, a) { return a }
    report(
      .typeMismatch, "the branches have different types: `\(env.describe(a))` and `\(env.describe(b))`", secondForm,
      label: "this is `\(env.describe(b))`",
      labels: [Diagnostic.Label(place(firstForm), "this is `\(env.describe(a))`")])
    return .error
  }

  func checkIf(_ form: Form, _ expected: TypeID, _ tail: Bool) -> NodeID {
    let total = count(form)
    guard total == 3 || total == 4 else {
      return malformed(
        form, "`if` takes a condition and one or two branches",
        help: total > 4 ? "group several expressions with `(do ..)`" : "as in `(if (> x 0) \"positive\" \"not\")`")
    }
    let condition = check(child(form, 1), expected: .bool, tail: false)
    if total == 3 {
      let then = check(child(form, 2), expected: .unit, tail: tail)
      return add(.if, .unit, a: condition.raw, b: then.raw, c: NodeID.none.raw, form)
    }
    let then = check(child(form, 2), expected: expected, tail: tail)
    let hint = expected == .none && !resolved(then).isVariable ? resolved(then) : .none
    let other: NodeID
    if expected != .none {
      other = check(child(form, 3), expected: expected, tail: tail)
    } else {
      other = hint == .none || hint == .never || hint == .error || hint == .unit ? checkForTail(child(form, 3), tail) : checkBranch(child(form, 3), hint, tail)
    }
    let type = expected != .none ? joined(expected, then, other) : join(then, other, child(form, 2), child(form, 3))
    return add(.if, type, a: condition.raw, b: then.raw, c: other.raw, form)
  }

  func checkForTail(_ form: Form, _ tail: Bool) -> NodeID { check(form, expected: .none, tail: tail) }

  /// A later branch of a value whose earlier branch has said its type: literals follow it.
  func checkBranch(_ form: Form, _ hint: TypeID, _ tail: Bool) -> NodeID {
    checkFormWithHint(form, hint, tail: tail)
  }

  /// The type of a branching form whose branches were checked against `expected`.
  private func joined(_ expected: TypeID, _ a: NodeID, _ b: NodeID) -> TypeID {
    resolved(a) == .never && resolved(b) == .never ? .never : expected
  }

  func checkWhen(_ form: Form, negated: Bool, _ tail: Bool) -> NodeID {
    guard count(form) >= 2 else { return malformed(form, "`\(negated ? "unless" : "when")` takes a condition and a body") }
    var condition = check(child(form, 1), expected: .bool, tail: false)
    if negated { condition = intrinsicNode(.not, [condition], .bool, child(form, 1)) }
    let body = checkSequence(form, from: 2, expected: .unit, tail: tail)
    return add(.if, .unit, a: condition.raw, b: body.raw, c: NodeID.none.raw, form)
  }

  func checkCond(_ form: Form, _ expected: TypeID, _ tail: Bool) -> NodeID {
    let total = count(form)
    guard total >= 3, total % 2 == 1 else {
      return malformed(form, "`cond` takes pairs of a condition and a value", help: "as in `(cond (< x 0) -1 :else 1)`")
    }
    let hasElse = keyword(child(form, total - 2)) == env.known.elseKeyword
    // A bare `else` is told as the unknown name that it is.
    if !hasElse, expected != .none, env.types.resolve(expected) != .unit, symbol(child(form, total - 2)) != env.known.elseKeyword {
      report(
        .missingCase, "`cond` has no `:else`, so it might have no value", form,
        help: "end it with `:else value`")
    }
    // From the last clause outwards, each `if` around the ones behind it; checked in source order first.
    var clauses: [(condition: NodeID, value: NodeID, form: Form)] = []
    var common = expected
    var i = 1
    let wantsUnit = !hasElse && (expected == .none || env.types.resolve(expected) == .unit)
    while i < total {
      let isElse = keyword(child(form, i)) == env.known.elseKeyword
      if isElse, i != total - 2 {
        report(.malformedForm, "`:else` must be the last clause", child(form, i))
      }
      let condition = isElse ? NodeID.none : check(child(form, i), expected: .bool, tail: false)
      let item = child(form, i + 1)
      let value: NodeID
      if wantsUnit {
        value = check(item, expected: .unit, tail: tail)
      } else if expected != .none {
        value = check(item, expected: expected, tail: tail)
      } else {
        let hint = common == .none ? TypeID.none : env.types.resolve(common)
        value = hint == .none || hint.isVariable ? checkForTail(item, tail) : checkBranch(item, hint, tail)
        if let last = clauses.last {
          common = common == .never ? resolved(value) : join(clauses.first { resolved($0.value) != .never }?.value ?? last.value, value, last.form, item)
        } else {
          common = resolved(value)
        }
      }
      clauses.append((condition, value, item))
      i += 2
    }
    let type: TypeID = wantsUnit ? .unit : common
    var result = NodeID.none
    for clause in clauses.reversed() {
      if clause.condition == .none {
        result = clause.value
      } else {
        result = add(.if, type, a: clause.condition.raw, b: clause.value.raw, c: result.raw, form)
      }
    }
    return result
  }

  func checkLogic(_ form: Form, _ tag: NodeTag, _ tail: Bool) -> NodeID {
    let total = count(form)
    if total == 1 { return add(.bool, .bool, a: tag == .and ? 1 : 0, form) }
    var result = check(child(form, total - 1), expected: .bool, tail: false)
    // Checked right to left only in structure; conditions have no bindings, so order is free.
    for i in stride(from: total - 2, through: 1, by: -1) {
      let node = check(child(form, i), expected: .bool, tail: false)
      result = add(tag, .bool, a: node.raw, b: result.raw, form)
    }
    return result
  }

  // MARK: Options

  func checkTry(_ form: Form) -> NodeID {
    guard count(form) == 2 else { return malformed(form, "`try` takes one Option or Result") }
    let node = infer(child(form, 1))
    let type = resolved(node)
    if type == .error { return errorNode(form) }
    let isOption = env.types.tag(type) == .enumeration && env.types[type].def == env.optionDef
    guard isOption || (env.types.tag(type) == .enumeration && env.types[type].def == env.resultDef) else {
      report(.tryOutsideResult, "`try` unwraps an Option or a Result, not `\(env.describe(type))`", child(form, 1))
      return errorNode(form)
    }
    let outer = lambdaResults.last ?? resultType
    let wanted = isOption
      ? env.option(env.types.freshVariable()) : env.result(env.types.freshVariable(), env.types.argument(type, 1))
    if outer == .none || !env.types.unify(outer, wanted) {
      report(
        .tryOutsideResult,
        "`try` returns `\(isOption ? "None" : "Err")` from the function, which must answer `\(isOption ? "(Option _)" : env.describe(wanted))`",
        form, label: outer == .none ? "" : "the function answers `\(env.describe(outer))`",
        help: "change the function's result type, or handle the value with `match`")
      return errorNode(form)
    }
    return add(.try, env.types.argument(type, 0), a: node.raw, b: isOption ? 0 : 1, form)
  }

  func checkIfLet(_ form: Form, _ special: SpecialForm, _ expected: TypeID, _ tail: Bool) -> NodeID {
    guard count(form) >= 3, tag(child(form, 1)) == .vector, count(child(form, 1)) >= 2,
      special == .whenLet || count(form) <= 4
    else {
      return malformed(form, "`\(special.spelling)` takes a pattern with a value in brackets", help: "as in `(\(special.spelling) [(Some x) (first v)] x 0)`")
    }
    let binding = child(form, 1)
    let value = infer(child(binding, count(binding) - 1))
    env.types.defaultLiterals(type(value))
    let scopeMark = scope.count
    var position = 0
    let pattern = checkPatternSequence(binding, &position, limit: count(binding) - 1, resolved(value))
    let unitOnly = special == .whenLet || count(form) == 3
    let wanted: TypeID = unitOnly ? .unit : expected
    let then = special == .whenLet
      ? checkSequence(form, from: 2, expected: .unit, tail: tail) : check(child(form, 2), expected: wanted, tail: tail)
    scope.removeLast(scope.count - scopeMark)
    let other: NodeID
    if unitOnly {
      other = add(.unit, .unit, form)
    } else {
      other = expected != .none ? check(child(form, 3), expected: expected, tail: tail) : checkBranch(child(form, 3), resolved(then) == .never ? .none : resolved(then), tail)
    }
    let type = unitOnly ? TypeID.unit : expected != .none ? joined(expected, then, other) : join(then, other, child(form, 2), child(form, 3))
    let wildcard = addPattern(.wildcard, resolved(value), form)
    let mark = stack.count
    stack += [pattern.raw, NodeID.none.raw, then.raw, wildcard.raw, NodeID.none.raw, other.raw]
    return add(.match, type, a: value.raw, b: flush(mark, count: 2), form)
  }
}
