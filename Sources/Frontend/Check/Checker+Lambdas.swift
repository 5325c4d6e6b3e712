// `fn`: parameters with types, without, or as patterns; what is expected says what is left open.

extension Checker {
  func checkLambda(_ form: Form, _ expected: TypeID) -> NodeID {
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
    typed.lambdas[index].span = span(form)
    return add(.lambda, env.types.function(types, result), a: UInt32(index), form)
  }
}
