// Loops and the ways out of them. A loop context says what `recur`, `break` and `continue` mean at a
// place; one opened outside of a closure means nothing inside it.

extension Checker {
  func openLoop(_ kind: LoopContext.Kind, locals: [LocalID] = []) -> UInt32 {
    let id = UInt32(typed.loopCount)
    typed.loopCount += 1
    loops.append(LoopContext(kind: kind, id: id, locals: locals, lambdaDepth: lambdaStack.count))
    return id
  }

  func checkWhile(_ form: Form) -> NodeID {
    guard count(form) >= 2 else { return malformed(form, "`while` takes a condition and a body") }
    let condition = check(child(form, 1), expected: .bool, tail: false)
    let id = openLoop(.other)
    let body = checkSequence(form, from: 2, expected: .unit, tail: false)
    loops.removeLast()
    // `(while true ..)` without a break never ends, but it is still of type Unit: break may come later.
    return add(.while, .unit, a: condition.raw, b: body.raw, c: id, form)
  }

  func checkFor(_ form: Form) -> NodeID {
    guard count(form) >= 2, tag(child(form, 1)) == .vector,
      count(child(form, 1)) == patternLength(child(form, 1), 0, limit: count(child(form, 1)) - 1) + 1
    else {
      return malformed(form, "`for` takes one binding in brackets", help: "as in `(for [x xs] ..)` or `(for [i (range 10)] ..)`")
    }
    let binding = child(form, 1)
    let target = count(binding) == 2 ? child(binding, 0) : binding
    let source = child(binding, count(binding) - 1)
    let scopeMark = scope.count
    defer { scope.removeLast(scope.count - scopeMark) }

    // `(range ..)` written in place needs no range value.
    if tag(source) == .list, count(source) >= 2, count(source) <= 4, symbol(child(source, 0)) == env.known.range,
      lookup(env.known.range) == nil, env.ownValue(env.known.range, in: module) == nil || module == .prelude
    {
      var bounds: [NodeID] = []
      for i in 1..<count(source) { bounds.append(check(child(source, i), expected: .int, tail: false)) }
      if bounds.count == 1 {
        literals.append((IntLiteral(magnitude: 0, negative: false), source))
        bounds.insert(add(.int, .int, a: UInt32(literals.count - 1), source), at: 0)
      }
      return forRange(form, target, bounds[0], bounds[1], bounds.count > 2 ? bounds[2] : .none)
    }
    let node = infer(source)
    let type = resolved(node)
    if !type.isVariable, env.types[type].tag == .structure, env.types[type].def == env.rangeDef, env.rangeDef != .none {
      let holder = declare(.none, type, mutable: false)
      let bind = add(.bind, .unit, a: holder.raw, b: node.raw, source)
      let value = add(.local, type, a: holder.raw, source)
      let parts = (0..<3).map { add(.field, .int, a: value.raw, b: UInt32($0), source) }
      let loop = forRange(form, target, parts[0], parts[1], parts[2])
      let mark = stack.count
      stack += [bind.raw, loop.raw]
      return add(.block, .unit, b: flush(mark, count: 2), form)
    }
    if isPreludeType(type, env.mapDef) || isPreludeType(type, env.setDef) {
      return forEntries(form, target, node, type, isSet: env.types[type].def == env.setDef)
    }
    let element: TypeID
    if type == .error {
      element = .error
    } else if !type.isVariable, env.types[type].tag == .vec {
      element = env.types.argument(type, 0)
    } else {
      return forIterable(form, target, node, type, source)
    }
    let pattern = loopPattern(target, element)
    let id = openLoop(.other)
    let body = checkSequence(form, from: 2, expected: .unit, tail: false)
    loops.removeLast()
    let c = UInt32(typed.extra.count)
    typed.extra += [body.raw, id]
    return add(.forVec, .unit, a: pattern.raw, b: node.raw, c: c, form)
  }

  /// `target` is a pattern, or the loop's whole binding when that is `x @ pattern`.
  func loopPattern(_ target: Form, _ element: TypeID) -> PatternID {
    let name = identifier(target)
    if name != .none, isBindingName(name) { return bindingPattern(name, element, target) }
    var position = 0
    let pattern = tag(target) == .vector
      ? checkPatternSequence(target, &position, limit: count(target) - 1, element)
      : checkPattern(target, element, mutable: false)
    requireIrrefutable(pattern, element, tag(target) == .vector ? child(target, position - 1) : target)
    return pattern
  }

  /// A walk by `Iterable`: `(let [next (.next (iter xs))] (while true (match (next) (Some x) body None (break))))`.
  private func forIterable(_ form: Form, _ target: Form, _ node: NodeID, _ type: TypeID, _ source: Form) -> NodeID {
    let trait = env.trait(.iterable)
    guard trait != .none, resolveHeader(trait), let method = env.members[env[trait].members].first, resolveHeader(method) else {
      report(.notIterable, "`for` cannot walk `\(env.describe(type))`", source, help: "it walks vectors and ranges")
      return errorNode(form)
    }
    let element = env.types.freshVariable()
    env.types.defaultLiterals(type)
    let type = env.types.resolve(type)
    let first = traitObligations.count
    addTraitObligation(trait, [type, element], source, .none)
    improve(from: first)
    if env.types.resolve(element).isVariable {
      report(
        .cannotInfer, "the type of what is walked must be known before the loop", source,
        help: "annotate the parameter or binding it comes from")
      env.types.abandon(element)
      traitObligations[first].isSettled = true
    }
    // next := (.next (iter xs))
    let answer = env.option(element)
    let step = env.types.function([], answer)
    let b = UInt32(typed.extra.count)
    typed.extra += [2, type.raw, element.raw, 1, 0, node.raw]
    typeSlots += [Int(b) + 1, Int(b) + 2]
    let iterator = add(.call, env.types.substitute(env[method].type, [type, element]), a: method.raw, b: b, source)
    let next = declare(.none, step, mutable: false)
    let bind = add(.bind, .unit, a: next.raw, b: add(.field, step, a: iterator.raw, b: 0, source).raw, source)
    let id = openLoop(.other)
    let condition = add(.bool, .bool, a: 1, form)
    let mark = stack.count
    let call = add(
      .callValue, answer, a: add(.local, step, a: next.raw, source).raw, b: flush(stack.count, count: 0), source)
    let scopeMark = scope.count
    let inner = loopPattern(target, element)
    let cases = env[env.optionDef].cases
    let someIndex = cases.first { env.cases[$0].name == env.known.some }.map { $0 - cases.lowerBound } ?? 1
    stack += [0, inner.raw]
    let some = addPattern(.enumCase, answer, a: UInt32(someIndex), b: flush(mark, count: 1), target)
    let rest = addPattern(.wildcard, answer, a: 0, b: 0, target)
    let body = checkSequence(form, from: 2, expected: .unit, tail: false)
    loops.removeLast()
    scope.removeLast(scope.count - scopeMark)
    let leave = add(.break, .never, a: id, form)
    stack += [some.raw, NodeID.none.raw, body.raw, rest.raw, NodeID.none.raw, leave.raw]
    let match = add(.match, .unit, a: call.raw, b: flush(mark, count: 2), form)
    let loop = add(.while, .unit, a: condition.raw, b: match.raw, c: id, form)
    stack += [bind.raw, loop.raw]
    return add(.block, .unit, b: flush(mark, count: 2), form)
  }

  private func forRange(_ form: Form, _ target: Form, _ from: NodeID, _ to: NodeID, _ step: NodeID) -> NodeID {
    let name = identifier(target)
    guard name != .none, isBindingName(name) else {
      return malformed(target, "a range yields integers: bind them to a name")
    }
    let local = declare(name, .int, mutable: false)
    let id = openLoop(.other)
    let body = checkSequence(form, from: 2, expected: .unit, tail: false)
    loops.removeLast()
    let b = UInt32(typed.extra.count)
    typed.extra += [from.raw, to.raw, step.raw]
    let c = UInt32(typed.extra.count)
    typed.extra += [body.raw, id]
    return add(.forRange, .unit, a: local.raw, b: b, c: c, form)
  }

  func checkLoop(_ form: Form, _ expected: TypeID) -> NodeID {
    guard count(form) >= 2, tag(child(form, 1)) == .vector else {
      return malformed(form, "`loop` takes its bindings in brackets", help: "as in `(loop [i 0 acc 1] ..)`")
    }
    let bindings = child(form, 1)
    let scopeMark = scope.count
    var made: [(LocalID, NodeID)] = []
    var i = 0
    while i < count(bindings) {
      var target = child(bindings, i)
      var mutable = false
      if symbol(target) == env.known.mut, i + 1 < count(bindings) {
        mutable = true
        i += 1
        target = child(bindings, i)
      }
      i += 1
      var name = identifier(target)
      var annotation = TypeID.none
      if name != .none, let plain = annotatedName(name), i < count(bindings) {
        name = plain
        annotation = parseType(child(bindings, i))
        i += 1
      }
      guard name != .none, i < count(bindings) else {
        report(.malformedForm, "`loop` bindings are pairs of a name and a value", target)
        break
      }
      let value = annotation == .none ? infer(child(bindings, i)) : check(child(bindings, i), expected: annotation, tail: false)
      if annotation == .none { env.types.defaultLiterals(type(value)) }
      i += 1
      made.append((declare(name, annotation == .none ? resolved(value) : annotation, mutable: mutable), value))
    }
    let id = openLoop(.loop, locals: made.map { $0.0 })
    let body = checkSequence(form, from: 2, expected: expected, tail: true)
    loops.removeLast()
    scope.removeLast(scope.count - scopeMark)
    let mark = stack.count
    for (local, node) in made { stack += [local.raw, node.raw] }
    return add(.loop, type(body), a: id, b: flush(mark, count: made.count), c: body.raw, form)
  }

  func checkRecur(_ form: Form, _ tail: Bool) -> NodeID {
    guard let context = loops.last, context.lambdaDepth == lambdaStack.count else {
      for i in 1..<count(form) { _ = infer(child(form, i)) }
      report(
        .recurOutsideLoop, "`recur` outside of a `loop`", form,
        help: "to repeat the whole function, call it by its name: calls in tail position cost no stack")
      return errorNode(form)
    }
    guard tail, context.kind == .loop else {
      for i in 1..<count(form) { _ = infer(child(form, i)) }
      report(
        .recurNotInTail, "`recur` is not in tail position of its `loop`", form,
        label: "something would still have to be done behind it",
        help: "make it the last thing of the loop's body, or use `while` with `set!`")
      return errorNode(form)
    }
    let locals = context.locals
    guard locals.count == count(form) - 1 else {
      report(
        .wrongArgumentCount, "`recur` needs \(locals.count) value\(locals.count == 1 ? "" : "s"), one for each binding of its `loop`, but \(count(form) - 1) are given", form)
      for i in 1..<count(form) { _ = infer(child(form, i)) }
      return errorNode(form)
    }
    let mark = stack.count
    for (i, local) in locals.enumerated() {
      let node = check(child(form, i + 1), expected: typed[local].type, tail: false)
      stack.append(node.raw)
    }
    return add(.recur, .never, a: context.id, b: flush(mark, count: locals.count), form)
  }

  func checkJump(_ form: Form, _ special: SpecialForm) -> NodeID {
    guard count(form) == 1 else { return malformed(form, "`\(special.spelling)` takes no value") }
    guard let context = loops.last(where: { $0.kind == .other }), context.lambdaDepth == lambdaStack.count else {
      report(
        .breakOutsideLoop, "`\(special.spelling)` outside of a `while` or `for`", form,
        help: loops.isEmpty ? nil : "a `loop` ends by not calling `recur`; `return` leaves the function")
      return errorNode(form)
    }
    return add(special == .break ? .break : .continue, .never, a: context.id, form)
  }

  func checkReturn(_ form: Form) -> NodeID {
    guard count(form) <= 2 else { return malformed(form, "`return` takes at most one value") }
    let wanted = lambdaResults.last ?? resultType
    guard wanted != .none else {
      report(.returnOutsideFunction, "`return` outside of a function", form)
      return errorNode(form)
    }
    let value: NodeID
    if count(form) == 2 {
      value = check(child(form, 1), expected: wanted, tail: true)
    } else {
      value = coerce(add(.unit, .unit, form), to: wanted, form)
    }
    return add(.return, .never, a: value.raw, form)
  }
}
