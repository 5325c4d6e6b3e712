// Special forms: binding, control flow, closures, text.

extension Checker {
  func checkSpecial(_ special: SpecialForm, _ form: Form, expected: TypeID, tail: Bool) -> NodeID {
    switch special {
    case .let: return checkLet(form, expected, tail)
    case .do: return checkSequence(form, from: 1, expected: expected, tail: tail)
    case .set: return checkSet(form)
    case .if: return checkIf(form, expected, tail)
    case .when, .unless: return checkWhen(form, negated: special == .unless, tail)
    case .cond: return checkCond(form, expected, tail)
    case .match: return checkMatch(form, expected, tail)
    case .while: return checkWhile(form)
    case .for: return checkFor(form)
    case .loop: return checkLoop(form, expected)
    case .recur: return checkRecur(form, tail)
    case .fn: return checkLambda(form, expected)
    case .and, .or: return checkLogic(form, special == .and ? .and : .or, tail)
    case .break, .continue: return checkJump(form, special)
    case .return: return checkReturn(form)
    case .assert: return checkAssert(form)
    case .assertEqual: return checkAssertEqual(form)
    case .try: return checkTry(form)
    case .ifLet, .whenLet: return checkIfLet(form, special, expected, tail)
    case .threadFirst, .threadLast: return checkThread(form, special, expected, tail)
    case .ascribe: return checkAscription(form)
    case .with: return checkWith(form)
    case .tuple: return checkTuple(form, expected)
    case .vec: return checkVec(form, expected)
    case .mapOf, .setOf: return checkCollection(special, form, expected)
    case .restartPoint: return checkRestartPoint(form, expected)
    case .liveLoop: return checkLiveLoop(form)
    case .str, .print, .println, .eprintln:
      var nodes: [NodeID] = []
      for i in 1..<max(1, count(form)) {
        if tag(child(form, i)) == .symbol, let help = infixHelp(form, at: i) {
          report(.malformedForm, "an operator stands between values here", child(form, i), help: help)
          nodes.append(errorNode(child(form, i)))
          continue
        }
        nodes.append(inferShown(child(form, i)))
      }
      return textNode(special, nodes, form)
    case .show:
      guard count(form) == 2 else { return malformed(form, "`show` takes one value") }
      return textNode(.show, [inferShown(child(form, 1))], form)
    case .fmt: return checkFormat(form)
    case .import:
      return malformed(form, "`import` stands at top level, not inside an expression", help: "an import holds for the whole file; write it there, before the definitions")
    case .defn, .defnPrivate, .def, .defvar, .defstruct, .defrecord, .defenum, .defalias, .deftest,
      .defmacro, .deftrait, .impl, .extern, .project, .intrinsic, .primitive:
      return malformed(form, "`\(special.spelling)` stands at top level, not inside an expression")
    case .unsafe:
      report(.unavailable, "C calls, and with them `unsafe`, are not available yet", form)
      return errorNode(form)
    case .infinity, .negativeInfinity, .nan, .pi:
      report(.notAFunction, "`\(special.spelling)` is a number, not a function", child(form, 0))
      return errorNode(form)
    }
  }

  func malformed(_ form: Form, _ message: String, help: String? = nil) -> NodeID {
    report(.malformedForm, message, form, help: help)
    return errorNode(form)
  }

  // MARK: Sequences and bindings

  /// The forms of a list from `start` on, the last one's value being the sequence's.
  func checkSequence(_ form: Form, from start: Int, expected: TypeID, tail: Bool) -> NodeID {
    let total = count(form)
    if start >= total {
      let node = add(.unit, .unit, form)
      return expected == .none ? node : coerce(node, to: expected, form)
    }
    if start == total - 1 { return check(child(form, start), expected: expected, tail: tail) }
    let mark = stack.count
    var result = NodeID.none
    for i in start..<total {
      let item = child(form, i)
      if i < total - 1 {
        // Nobody wants the value, so branches may differ in type.
        let node = check(item, expected: .unit, tail: false)
        if !isList(item) { warnUnused(node, item, isFirst: i == start) }
        stack.append(node.raw)
      } else {
        result = check(item, expected: expected, tail: tail)
        stack.append(result.raw)
      }
    }
    return add(.block, type(result), b: flush(mark, count: total - start), form)
  }

  /// A value in the middle of a body that is written out or named, and so does nothing.
  private func warnUnused(_ node: NodeID, _ form: Form, isFirst: Bool) {
    if typed[node].tag == .error { return }
    let isText = tag(form) == .string
    report(
      .unusedValue, "this \(isText ? "string" : "value") does nothing here", form, label: "not used",
      help: isText && isFirst
        ? "documentation stands before the parameters: `(defn name \"..\" [x: Int] -> Int ..)`"
        : "take it out, or put it last if it is the value that is meant")
  }

  private func checkLet(_ form: Form, _ expected: TypeID, _ tail: Bool) -> NodeID {
    guard count(form) >= 2, tag(child(form, 1)) == .vector else {
      return malformed(form, "`let` takes its bindings in brackets", help: "as in `(let [x 1 y 2] (+ x y))`")
    }
    let bindings = child(form, 1)
    let scopeMark = scope.count
    let mark = stack.count
    var made = 0
    var i = 0
    let total = count(bindings)
    while i < total {
      var target = child(bindings, i)
      var mutable = false
      if symbol(target) == env.known.mut, i + 1 < total {
        mutable = true
        i += 1
        target = child(bindings, i)
      }
      let first = i
      let length = patternLength(bindings, i, limit: total - 1)
      i += length
      // `y: Int 3` reads as the symbol `y:`, a type and the value.
      var annotation = TypeID.none
      var name = identifier(target)
      if length == 1, name != .none, let plain = annotatedName(name) {
        name = plain
        guard i < total else {
          report(.malformedForm, "binding `\(text(name))` has neither type nor value", target)
          _ = declare(name, .error, mutable: true)
          break
        }
        annotation = parseType(child(bindings, i))
        i += 1
      }
      guard i < total else {
        report(
          .malformedForm, "binding `\(name == .none ? "pattern" : text(name))` has no value", target,
          help: "bindings come in pairs: a name and its value")
        if name != .none { _ = declare(name, annotation == .none ? .error : annotation, mutable: true) }
        break
      }
      let value = child(bindings, i)
      i += 1
      let node: NodeID
      if annotation == .none {
        node = infer(value)
        env.types.defaultLiterals(type(node))
      } else {
        node = annotation == .unit ? infer(value) : check(value, expected: annotation, tail: false)
      }
      let type = annotation == .none ? resolved(node) : annotation
      if length == 1, env.interner.base(name) == env.known.underscore {
        stack.append(add(.drop, .unit, a: node.raw, target).raw)
      } else if length == 1, name != .none, isBindingName(name) {
        let local = declare(name, type, mutable: mutable)
        stack.append(add(.bind, .unit, a: local.raw, b: node.raw, target).raw)
      } else {
        var position = first
        let pattern = checkPatternSequence(bindings, &position, limit: i - 1, type, mutable: mutable)
        requireIrrefutable(pattern, type, child(bindings, position - 1))
        stack.append(add(.bindPattern, .unit, a: pattern.raw, b: node.raw, target).raw)
      }
      made += 1
    }
    let body = checkSequence(form, from: 2, expected: expected, tail: tail)
    stack.append(body.raw)
    scope.removeLast(scope.count - scopeMark)
    return add(.block, type(body), b: flush(mark, count: made + 1), form)
  }

  /// `x:` in a binding position is the name `x` with a type behind it.
  func annotatedName(_ name: Symbol) -> Symbol? { env.interner.annotated(name) }

  /// Lower-case names bind; capitalised ones are constructors.
  func isBindingName(_ name: Symbol) -> Bool {
    if env.interner.split(name) != nil { return false }
    let first = env.interner.firstByte(name)
    return !(first >= UInt8(ascii: "A") && first <= UInt8(ascii: "Z"))
  }

  // MARK: Assignment

  private func checkSet(_ form: Form) -> NodeID {
    guard count(form) == 3 else {
      return malformed(form, "`set!` takes a place and a value", help: "as in `(set! total 2.0)` or `(set! (.hp p) 10)`")
    }
    let target = child(form, 1)
    // Walk inwards over `(.f (.g x))`, remembering the path outermost last.
    var path: [Form] = []
    var inner = target
    while tag(inner) == .list, count(inner) == 2, env.interner.firstByte(symbol(child(inner, 0)) == .none ? env.known.at : symbol(child(inner, 0))) == UInt8(ascii: ".") {
      path.append(child(inner, 0))
      inner = child(inner, 1)
    }
    path.reverse()
    let name = identifier(inner)
    if name == .none && path.isEmpty {
      report(
        .notAPlace, "this is not a place that can be set", target,
        help: "set a `mut` local, a `defvar`, or a `mut` field: `(set! (.field x) value)`; elements by `set-nth!`")
      _ = infer(child(form, 2))
      return errorNode(form)
    }
    // The root: a local, a global, or any expression that yields a record.
    var tag = NodeTag.setField
    var root: UInt32 = 0
    var current: TypeID
    var mutableRoot = false
    var rootNode = NodeID.none
    if name != .none, let local = lookup(name) {
      current = env.types.resolve(typed[local].type)
      mutableRoot = typed[local].isMutable
      (tag, root) = (.setLocal, local.raw)
      rootNode = add(.local, current, a: local.raw, inner)
      if path.isEmpty, !mutableRoot {
        report(
          .notMutable, "`\(text(name))` cannot be set: it is not `mut`", inner,
          help: "declare it as `mut \(text(name))` where it is bound")
        _ = infer(child(form, 2))
        return errorNode(form)
      }
    } else if name != .none, case .definition(let def)? = value(name), resolveHeader(def),
      env[def].kind == .variable || env[def].kind == .constant
    {
      current = env[def].type
      mutableRoot = env[def].kind == .variable
      (tag, root) = (.setGlobal, def.raw)
      rootNode = add(.global, current, a: def.raw, inner)
      if path.isEmpty, !mutableRoot {
        reportConstant(def, name, inner)
        _ = infer(child(form, 2))
        return errorNode(form)
      }
    } else {
      rootNode = infer(inner)
      current = resolved(rootNode)
    }
    // Follow the path. A record starts the path anew: what is set lies in that record.
    var fields: [UInt32] = []
    // The last record on the way is what changes: its field must be `mut`, those before are only read.
    var immutable: (step: Form, type: TypeID, index: Int)?
    for (position, step) in path.enumerated() {
      guard let (index, type, mutable) = field(symbol(step), of: current, step) else {
        _ = infer(child(form, 2))
        return errorNode(form)
      }
      if env.types.tag(current) == .record {
        // Everything up to here was only read.
        if position > 0 {
          for f in fields.indices { rootNode = readField(rootNode, Int(fields[f]), path[position - fields.count + f]) }
          fields.removeAll()
        }
        tag = .setField
        root = rootNode.raw
        mutableRoot = mutable
        immutable = mutable ? nil : (step, current, index)
      }
      fields.append(UInt32(index))
      current = env.types.resolve(type)
    }
    if let (step, type, index) = immutable {
      report(
        .notMutable, "field `\(text(symbol(step)).dropFirst())` of `\(env.describe(type))` is not `mut`", step,
        labels: [Diagnostic.Label(fieldPlace(type, index), "declared here")],
        help: "declare it as `mut \(text(symbol(step)).dropFirst())`")
      _ = infer(child(form, 2))
      return errorNode(form)
    }
    if resolved(rootNode) == .error {
      _ = infer(child(form, 2))
      return errorNode(form)
    }
    if tag == .setField, path.isEmpty || root != rootNode.raw || !mutableRoot {
      report(
        .notAPlace, "this is a value, not a place: setting it would have no effect", target,
        help: "the path must end in a `mut` field of a record, a `mut` local or a `defvar`")
      _ = infer(child(form, 2))
      return errorNode(form)
    }
    if (tag == .setLocal || tag == .setGlobal), !mutableRoot {
      if tag == .setGlobal {
        reportConstant(DefID(raw: root), name, inner)
        _ = infer(child(form, 2))
        return errorNode(form)
      }
      report(
        .notMutable, "`\(text(name))` cannot be changed: it is not `mut`", inner,
        help: "declare it as `mut \(text(name))`, or make a changed copy by `(with \(text(name)) ..)`")
      _ = infer(child(form, 2))
      return errorNode(form)
    }
    let value = current == .unit ? infer(child(form, 2)) : check(child(form, 2), expected: current, tail: false)
    let mark = stack.count
    stack += fields
    return add(tag, .unit, a: root, b: flush(mark, count: fields.count), c: value.raw, form)
  }

  private func reportConstant(_ def: DefID, _ name: Symbol, _ form: Form) {
    report(
      .notMutable, "`\(text(name))` is a constant", form,
      labels: [Diagnostic.Label(Place(env[def].item, env[def].nameSpan), "defined by `def` here")],
      help: "state that changes is declared by `(defvar \(text(name)): \(env.describe(env[def].type)) ..)`")
  }

  private func readField(_ node: NodeID, _ index: Int, _ form: Form) -> NodeID {
    let type = resolved(node)
    let fields = env[env.types[type].def].fields
    return add(.field, fieldType(fields.lowerBound + index, of: type), a: node.raw, b: UInt32(index), form)
  }

  private func fieldPlace(_ type: TypeID, _ index: Int) -> Place {
    let definition = env[env.types[type].def]
    return Place(definition.item, env.fields[definition.fields.lowerBound + index].span)
  }

  private func checkWith(_ form: Form) -> NodeID {
    guard count(form) >= 2 else { return malformed(form, "`with` takes a value and changes", help: "as in `(with v :x 3.0)`") }
    let target = infer(child(form, 1))
    let type = resolved(target)
    if type == .error { return errorNode(form) }
    let node = type.isVariable ? nil : Optional(env.types[type])
    guard let node, node.tag == .structure || node.tag == .record, !isOpaque(node.def) else {
      report(
        .typeMismatch, "`with` copies a struct or a record, not `\(env.describe(type))`", child(form, 1),
        help: node.map { isOpaque($0.def) } == true ? "`(copy m)` makes a copy that can be changed" : nil)
      return errorNode(form)
    }
    let fields = env[node.def].fields
    let mark = stack.count
    var changes = 0
    var i = 2
    while i < count(form) {
      let label = keyword(child(form, i))
      guard label != .none, i + 1 < count(form) else {
        stack.removeLast(stack.count - mark)
        return malformed(child(form, i), "changes are written `:field value`")
      }
      if let index = fields.first(where: { env.fields[$0].name == label }) {
        let value = check(child(form, i + 1), expected: fieldType(index, of: type), tail: false)
        stack += [UInt32(index - fields.lowerBound), value.raw]
        changes += 1
      } else {
        report(
          .unknownField, "`\(env.describe(type))` has no field `\(text(label))`", child(form, i),
          help: suggestion(label, among: fields.map { env.fields[$0].name }))
        _ = infer(child(form, i + 1))
      }
      i += 2
    }
    return add(.with, type, a: target.raw, b: flush(mark, count: changes), form)
  }

  // MARK: Branches

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

  private func checkIf(_ form: Form, _ expected: TypeID, _ tail: Bool) -> NodeID {
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

  private func checkWhen(_ form: Form, negated: Bool, _ tail: Bool) -> NodeID {
    guard count(form) >= 2 else { return malformed(form, "`\(negated ? "unless" : "when")` takes a condition and a body") }
    var condition = check(child(form, 1), expected: .bool, tail: false)
    if negated { condition = intrinsicNode(.not, [condition], .bool, child(form, 1)) }
    let body = checkSequence(form, from: 2, expected: .unit, tail: tail)
    return add(.if, .unit, a: condition.raw, b: body.raw, c: NodeID.none.raw, form)
  }

  private func checkCond(_ form: Form, _ expected: TypeID, _ tail: Bool) -> NodeID {
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

  private func checkLogic(_ form: Form, _ tag: NodeTag, _ tail: Bool) -> NodeID {
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

  // MARK: Closures

  private func checkLambda(_ form: Form, _ expected: TypeID) -> NodeID {
    guard count(form) >= 2, tag(child(form, 1)) == .vector else {
      return malformed(form, "`fn` takes its parameters in brackets", help: "as in `(fn [x y] (+ x y))`")
    }
    let list = child(form, 1)
    let wanted = expected == .none ? TypeID.none : env.types.resolve(expected)
    let hasHint = wanted != .none && !wanted.isVariable && env.types.tag(wanted) == .function
    let index = openLambda()
    let scopeMark = scope.count
    var parameters: [LocalID] = []
    var types: [TypeID] = []
    var patterns: [(first: Int, position: Int)] = []
    var i = 0
    while i < count(list) {
      let item = child(list, i)
      var name = identifier(item)
      var type = TypeID.none
      if name != .none, let plain = annotatedName(name), i + 1 < count(list) {
        name = plain
        type = parseType(child(list, i + 1))
        i += 1
      }
      let first = i
      let length = type == .none ? patternLength(list, i, limit: count(list)) : 1
      i += length
      let position = parameters.count
      if type == .none {
        if hasHint, position < env.types.count(wanted) - 1 {
          type = env.types.resolve(env.types.argument(wanted, position))
        } else {
          type = env.types.freshVariable()
        }
      }
      if length == 1, name != .none, isBindingName(name) {
        parameters.append(declare(name, type, mutable: false))
      } else if length == 3 || isList(item) {
        patterns.append((first, position))
        parameters.append(declare(.none, type, mutable: false))
      } else {
        report(.malformedForm, "a parameter is a name, with `:` and a type where it cannot be inferred", item)
        parameters.append(declare(.none, type, mutable: false))
      }
      types.append(type)
    }
    var bodyStart = 2
    var result = TypeID.none
    if count(form) > 3, symbol(child(form, 2)) == env.known.arrow {
      result = parseType(child(form, 3))
      bodyStart = 4
    }
    if result == .none {
      result = hasHint && env.types.count(wanted) - 1 == types.count ? env.types.resolve(env.types.result(wanted)) : env.types.freshVariable()
    }
    let mark = stack.count
    for (first, position) in patterns {
      var next = first
      let target = child(list, first)
      let pattern = checkPatternSequence(list, &next, limit: count(list), types[position])
      requireIrrefutable(pattern, env.types.resolve(types[position]), child(list, next - 1))
      let value = add(.local, types[position], a: parameters[position].raw, target)
      stack.append(add(.bindPattern, .unit, a: pattern.raw, b: value.raw, target).raw)
    }
    lambdaResults.append(result)
    var body = checkSequence(form, from: bodyStart, expected: result, tail: true)
    lambdaResults.removeLast()
    if !patterns.isEmpty {
      stack.append(body.raw)
      body = add(.block, self.type(body), b: flush(mark, count: patterns.count + 1), form)
    }
    if env.types.resolve(result).isVariable {
      if resolved(body) == .never {
        // Nothing else says what it returns.
        _ = env.types.unify(result, .unit)
      } else {
        env.types.defaultLiterals(result)
      }
    }
    scope.removeLast(scope.count - scopeMark)
    closeLambda(index, parameters, result: result, body: body)
    return add(.lambda, env.types.function(types, result), a: UInt32(index), form)
  }

  // MARK: Options

  private func checkTry(_ form: Form) -> NodeID {
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

  private func checkIfLet(_ form: Form, _ special: SpecialForm, _ expected: TypeID, _ tail: Bool) -> NodeID {
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

  /// `(-> x (f 1) .name (g))`: rewrites the forms, then checks the result.
  private func checkThread(_ form: Form, _ special: SpecialForm, _ expected: TypeID, _ tail: Bool) -> NodeID {
    guard count(form) >= 2 else { return malformed(form, "`\(special.spelling)` needs a value to begin with") }
    var value = child(form, 1)
    for i in 2..<max(2, count(form)) {
      let step = child(form, i)
      var items: [Form] = []
      if isList(step), count(step) > 0 {
        for j in 0..<count(step) { items.append(child(step, j)) }
        items.insert(value, at: special == .threadFirst ? 1 : items.count)
      } else {
        items = [step, value]
      }
      value = makeList(items, like: step)
    }
    return check(value, expected: expected, tail: tail)
  }

  func makeList(_ items: [Form], like form: Form) -> Form {
    let span = forms.tree.span(form)
    let first = UInt32(forms.tree.children.count)
    forms.tree.children += items
    forms.tree.nodes.append(
      FormNode(tag: .list, start: span.start, end: span.end, a: first, count: UInt32(items.count)))
    return Form(raw: UInt32(forms.tree.nodes.count - 1))
  }

  private func checkAscription(_ form: Form) -> NodeID {
    guard count(form) == 3 else { return malformed(form, "an ascription is `(: expression Type)`") }
    let type = parseType(child(form, 2))
    return type == .unit ? infer(child(form, 1)) : check(child(form, 1), expected: type, tail: false)
  }

  // MARK: Aggregates

  private func checkTuple(_ form: Form, _ expected: TypeID) -> NodeID {
    let wanted = expected == .none ? TypeID.none : env.types.resolve(expected)
    let total = count(form) - 1
    let hasHint = wanted != .none && !wanted.isVariable && env.types.tag(wanted) == .tuple && env.types.count(wanted) == total
    guard total >= 1 else { return malformed(form, "a tuple has at least one element; nothing at all is `()`") }
    let mark = stack.count
    var types: [TypeID] = []
    for i in 0..<total {
      let hint = hasHint ? env.types.argument(wanted, i) : TypeID.none
      let node = hint == .none || env.types.resolve(hint) == .unit ? infer(child(form, i + 1)) : check(child(form, i + 1), expected: hint, tail: false)
      types.append(hint == .none ? type(node) : hint)
      stack.append(node.raw)
    }
    return add(.makeTuple, env.types.tuple(types), b: flush(mark, count: total), form)
  }

  private func checkVec(_ form: Form, _ expected: TypeID) -> NodeID {
    let wanted = expected == .none ? TypeID.none : env.types.resolve(expected)
    var element = TypeID.none
    if wanted != .none, !wanted.isVariable, env.types.tag(wanted) == .vec { element = env.types.argument(wanted, 0) }
    let total = count(form) - 1
    let mark = stack.count
    if element == .none { element = env.types.freshVariable() }
    for i in 0..<total {
      let item = child(form, i + 1)
      let node = env.types.resolve(element) == .unit ? infer(item) : check(item, expected: element, tail: false)
      stack.append(node.raw)
    }
    return add(.makeVec, env.types.vec(element), b: flush(mark, count: total), form)
  }

  // MARK: Live programs

  private func checkRestartPoint(_ form: Form, _ expected: TypeID) -> NodeID {
    guard count(form) >= 3 else { return malformed(form, "`restart-point` takes a name and a body") }
    typed.strings.append(Array(text(symbol(child(form, 1))).utf8))
    let name = UInt32(typed.strings.count - 1)
    let body = checkSequence(form, from: 2, expected: expected, tail: false)
    return add(.restartPoint, type(body), a: name, b: body.raw, form)
  }

  private func checkLiveLoop(_ form: Form) -> NodeID {
    guard count(form) == 3 else {
      return malformed(form, "`live-loop` takes a function that makes the state and one that steps it", help: "as in `(live-loop start frame)`")
    }
    let state = env.types.freshVariable()
    let start = check(child(form, 1), expected: env.types.function([], state), tail: false)
    let step = check(child(form, 2), expected: env.types.function([state], .bool), tail: false)
    return add(.liveLoop, .unit, a: start.raw, b: step.raw, form)
  }
}
