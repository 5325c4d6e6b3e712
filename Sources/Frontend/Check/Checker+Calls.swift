// Calls: matching arguments to parameters, instances of type parameters.

/// Arguments of one call as written: in source order, each with the parameter it is for.
struct Argument {
  var form: Form
  var parameter: Int
  var node = NodeID.none
}

extension Checker {
  // MARK: Instances

  /// Fresh variables for the type parameters of `def`.
  private func freshArguments(_ def: DefID) -> [TypeID] {
    let count = env[def].typeParameters.count
    return count == 0 ? [] : (0..<count).map { _ in env.types.freshVariable() }
  }

  /// The type of `def` (a nominal type) with fresh variables for its parameters.
  func instantiate(_ def: DefID) -> TypeID {
    env.types.substitute(env[def].type, freshArguments(def))
  }

  /// The signature of a function with fresh variables for its type parameters.
  func signature(_ def: DefID) -> (arguments: [TypeID], parameters: [TypeID], result: TypeID) {
    let definition = env[def]
    let arguments = freshArguments(def)
    let parameters = definition.parameters.map { env.types.substitute(env.parameters[$0].type, arguments) }
    return (arguments, parameters, env.types.substitute(definition.type, arguments))
  }

  func fieldType(_ field: Int, of type: TypeID) -> TypeID {
    env.fieldType(field, of: env.types.resolve(type))
  }

  /// Notes what the type arguments must satisfy. Traits are looked for at once, since their
  /// implementations tell more of the types; what is still open then, when the body is finished.
  func oblige(_ def: DefID, _ arguments: [TypeID], _ form: Form) {
    guard !arguments.isEmpty else { return }
    obligeTraits(def, arguments, form)
    for (i, parameter) in env[def].typeParameters.enumerated() {
      let constraints = env.typeParameters[parameter].constraints
      if !constraints.isEmpty {
        obligations.append(
          Obligation(type: arguments[i], constraints: constraints, form: form, what: env[def].name))
      }
    }
  }

  // MARK: Arguments

  /// Pairs the arguments of the call `form` with names. Labels come behind positional arguments.
  /// `names` are the parameters in order, `required` says which have no default.
  func matchArguments(
    _ form: Form, count parameterCount: Int, what: String, name: (Int) -> Symbol, hasDefault: (Int) -> Bool
  ) -> [Argument]? {
    var arguments: [Argument] = []
    var seen: UInt64 = 0
    var i = 1
    var positional = 0
    var sound = true
    let total = count(form)
    while i < total {
      let item = child(form, i)
      let label = keyword(item)
      if label == .none {
        if positional >= parameterCount {
          var supplied = 0
          for j in 1..<total where keyword(child(form, j)) == .none { supplied += 1 }
          report(
            .wrongArgumentCount,
            "\(what) takes \(parameterCount) argument\(parameterCount == 1 ? "" : "s"), but \(supplied) are given",
            item, label: "one too many", help: infixHelp(amongArguments: form))
          return nil
        }
        if positional < 64 { seen |= 1 << UInt64(positional) }
        arguments.append(Argument(form: item, parameter: positional))
        positional += 1
        i += 1
        continue
      }
      guard i + 1 < total else {
        report(.malformedForm, "label `:\(text(label))` has no argument behind it", item)
        return nil
      }
      if let index = (0..<parameterCount).first(where: { name($0) == label }) {
        if index < 64, seen & 1 << UInt64(index) != 0 {
          report(.unknownLabel, "argument `\(text(label))` is given twice", item)
          sound = false
        }
        if index < 64 { seen |= 1 << UInt64(index) }
        arguments.append(Argument(form: child(form, i + 1), parameter: index))
      } else {
        report(
          .unknownLabel, "\(what) has no argument `:\(text(label))`", item,
          help: suggestion(label, among: (0..<parameterCount).map(name)))
        sound = false
      }
      i += 2
    }
    if !sound { return nil }
    if arguments.count < parameterCount {
      var given = Array(repeating: false, count: parameterCount)
      for argument in arguments { given[argument.parameter] = true }
      let missing = (0..<parameterCount).filter { !given[$0] && !hasDefault($0) }
      if !missing.isEmpty {
        let names = missing.map { "`\(text(name($0)))`" }.joined(separator: ", ")
        report(
          .wrongArgumentCount, "\(what) is missing \(missing.count == 1 ? "argument" : "arguments") \(names)",
          form, label: "\(arguments.count) given, \(parameterCount) declared")
        return nil
      }
    }
    return arguments
  }

  private func inferAll(_ form: Form) {
    for i in 1..<max(1, count(form)) where keyword(child(form, i)) == .none { _ = infer(child(form, i)) }
  }

  /// Whether checking should wait until the other arguments have said what its types are.
  func isOpenLambda(_ form: Form) -> Bool {
    tag(form) == .list && count(form) > 1 && symbol(child(form, 0)).raw == SpecialForm.fn.rawValue
  }

  // MARK: Calls

  func checkCall(_ form: Form, _ entity: Entity, _ name: Symbol, _ expected: TypeID, tail: Bool) -> NodeID {
    switch entity {
    case .enumCase(let def, let index):
      guard resolveHeader(def) else { return failed(form) }
      let enumCase = env.cases[env[def].cases.lowerBound + index]
      return construct(form, def, name, fields: enumCase.fields, caseIndex: index, expected)
    case .definition(let def):
      if env[def].kind == .macro { return checkMacroCall(form, def, expected, tail) }
      guard resolveHeader(def) else { return failed(form) }
      let definition = env[def]
      switch definition.kind {
      case .function, .method, .primitive, .intrinsic:
        return checkFunctionCall(form, def, name, expected)
      case .structure, .record:
        if isOpaque(def) {
          let maker = def == env.mapDef ? "`(map-of k v ..)`" : "`(set-of a b ..)`"
          report(.notAFunction, "`\(text(name))` is a type, not a function", child(form, 0), help: "it is made by \(maker)")
          return failed(form)
        }
        return construct(form, def, name, fields: definition.fields, caseIndex: nil, expected)
      case .constant, .variable:
        return checkValueCall(form, add(.global, definition.type, a: def.raw, child(form, 0)), expected)
      case .enumeration, .alias, .trait, .implementation, .macro, .migration:
        unknown(name, child(form, 0))
        return failed(form)
      }
    }
  }

  func failed(_ form: Form) -> NodeID {
    inferAll(form)
    return errorNode(form)
  }

  private func checkFunctionCall(_ form: Form, _ first: DefID, _ name: Symbol, _ expected: TypeID) -> NodeID {
    var def = first
    if env[first].kind == .intrinsic, let intrinsic = Intrinsic(rawValue: env[first].operation),
      intrinsic.shape != .declared
    {
      return checkOperator(intrinsic, name, form, expected)
    }
    // Overloads: the argument whose declared head types differ is looked at first.
    var early: (index: Int, node: NodeID)?
    if env[first].nextOverload != .none {
      guard let chosen = resolveOverload(form, first, name) else { return failed(form) }
      def = chosen.def
      if chosen.node != .none { early = (chosen.index, chosen.node) }
    }
    let definition = env[def]
    guard
      var arguments = matchArguments(
        form, count: definition.parameters.count, what: "`\(text(name))`",
        name: { env.interner.base(env.parameters[definition.parameters.lowerBound + $0].name) },
        hasDefault: { env.parameters[definition.parameters.lowerBound + $0].hasDefault })
    else { return failed(form) }

    if definition.typeParameters.isEmpty {
      for i in arguments.indices {
        if let early, i + 1 == early.index {
          arguments[i].node = coerceArgument(early.node, definition, arguments[i])
          continue
        }
        let parameter = env.parameters[definition.parameters.lowerBound + arguments[i].parameter]
        arguments[i].node = checkArgument(arguments[i].form, parameter.type, definition, arguments[i].parameter)
      }
      return callNode(def, [], arguments, definition.type, form)
    }
    let (typeArguments, parameters, result) = signature(def)
    if expected != .none {
      let wanted = env.types.resolve(expected)
      if wanted != .unit, !wanted.isVariable, env.types.tag(result) != .variable || !wanted.isNumeric {
        _ = env.types.unify(result, wanted)
      }
    }
    for pass in 0..<2 {
      if pass == 1 { oblige(def, typeArguments, form) }
      for i in arguments.indices where arguments[i].node == .none {
        let type = parameters[arguments[i].parameter]
        if pass == 0, isOpenLambda(arguments[i].form) || isOpenName(arguments[i].form, type) { continue }
        if let early, i + 1 == early.index {
          arguments[i].node = coerce(early.node, to: type, arguments[i].form)
        } else {
          arguments[i].node = checkArgument(arguments[i].form, type, definition, arguments[i].parameter)
        }
      }
    }
    return callNode(def, typeArguments, arguments, result, form)
  }

  private func coerceArgument(_ node: NodeID, _ definition: Definition, _ argument: Argument) -> NodeID {
    coerce(node, to: env.parameters[definition.parameters.lowerBound + argument.parameter].type, argument.form)
  }

  /// An argument against its parameter; a mismatch shows where the parameter was declared.
  private func checkArgument(_ form: Form, _ type: TypeID, _ definition: Definition, _ index: Int) -> NodeID {
    let before = problems.count
    // A parameter of type Unit takes a unit value, not anything.
    let node = env.types.resolve(type) == .unit ? infer(form) : check(form, expected: type, tail: false)
    if problems.count == before + 1, problems[before].code == .typeMismatch, problems[before].place == place(form),
      definition.module != .prelude
    {
      let parameter = env.parameters[definition.parameters.lowerBound + index]
      problems[before].labels.append(
        Diagnostic.Label(
          Place(definition.item, parameter.span),
          "`\(text(parameter.name))` is declared `\(env.describe(parameter.type, in: definition))` here"))
    }
    return node
  }

  func callNode(
    _ def: DefID, _ typeArguments: [TypeID], _ arguments: [Argument], _ result: TypeID, _ form: Form
  ) -> NodeID {
    let definition = env[def]
    switch definition.kind {
    case .intrinsic:
      guard let intrinsic = Intrinsic(rawValue: definition.operation) else { return errorNode(form) }
      return intrinsicNode(intrinsic, arguments.map(\.node), result, form)
    case .primitive:
      return primitiveCall(def, arguments.map(\.node), result, form)
    default:
      let b = UInt32(typed.extra.count)
      typed.extra.append(UInt32(typeArguments.count))
      for argument in typeArguments {
        typeSlots.append(typed.extra.count)
        typed.extra.append(argument.raw)
      }
      typed.extra.append(UInt32(arguments.count))
      for argument in arguments {
        typed.extra.append(UInt32(argument.parameter))
        typed.extra.append(argument.node.raw)
      }
      return add(.call, result, a: def.raw, b: b, form)
    }
  }

  func primitiveCall(_ def: DefID, _ nodes: [NodeID], _ result: TypeID, _ form: Form) -> NodeID {
    let mark = stack.count
    for node in nodes { stack.append(node.raw) }
    return add(.primitive, result, a: def.raw, b: flush(mark, count: nodes.count), form)
  }

  func intrinsicNode(_ intrinsic: Intrinsic, _ nodes: [NodeID], _ result: TypeID, _ form: Form) -> NodeID {
    let mark = stack.count
    for node in nodes { stack.append(node.raw) }
    return add(.intrinsic, result, a: intrinsic.rawValue, b: flush(mark, count: nodes.count), form)
  }

  /// A call of a function value.
  func checkValueCall(_ form: Form, _ callee: NodeID, _ expected: TypeID) -> NodeID {
    let type = resolved(callee)
    let supplied = count(form) - 1
    if type.isVariable ? env.types.kind(type) != .any : env.types.tag(type) != .function && type != .error && type != .never,
      let help = infixHelp(form)
    {
      report(.notAFunction, "`\(env.describe(type))` is not a function", child(form, 0), label: "called as a function here", help: help)
      for i in stride(from: 2, to: count(form), by: 2) { _ = infer(child(form, i)) }
      return errorNode(form)
    }
    if type.isVariable, type != .none {
      // A parameter of a lambda whose type is still open.
      let mark = stack.count
      var parameters: [TypeID] = []
      for i in 1..<max(1, count(form)) {
        let node = infer(child(form, i))
        parameters.append(self.type(node))
        stack.append(node.raw)
      }
      let result = env.types.freshVariable()
      if !env.types.unify(type, env.types.function(parameters, result)) {
        report(.notAFunction, "this is called, but it is not a function", child(form, 0))
      }
      return add(.callValue, result, a: callee.raw, b: flush(mark, count: supplied), form)
    }
    guard type != .error else { return failed(form) }
    guard env.types.tag(type) == .function else {
      report(
        .notAFunction, "`\(env.describe(type))` is not a function", child(form, 0),
        label: "called as a function here", help: "to group expressions use `(do ..)`; a lone value needs no parentheses")
      return failed(form)
    }
    let parameters = env.types.count(type) - 1
    guard supplied == parameters else {
      report(
        .wrongArgumentCount,
        "this function takes \(parameters) argument\(parameters == 1 ? "" : "s"), but \(supplied) are given",
        supplied > parameters ? child(form, parameters + 1) : form, label: "its type is `\(env.describe(type))`")
      return failed(form)
    }
    let mark = stack.count
    for i in 0..<parameters {
      let wanted = env.types.argument(type, i)
      let item = child(form, i + 1)
      let node = env.types.resolve(wanted) == .unit ? infer(item) : check(item, expected: wanted, tail: false)
      stack.append(node.raw)
    }
    return add(.callValue, env.types.result(type), a: callee.raw, b: flush(mark, count: parameters), form)
  }
}
