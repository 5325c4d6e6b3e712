// Calls: matching arguments to parameters, instances of type parameters, overloads, construction.

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

  /// Overloads differ in the head type of one parameter; used as a value, the expected type decides.
  func chooseOverload(_ def: DefID, _ expected: TypeID) -> DefID {
    guard env[def].nextOverload != .none, expected != .none else { return def }
    let wanted = env.types.resolve(expected)
    guard env.types.tag(wanted) == .function else { return def }
    var candidate = def
    while candidate != .none {
      if resolveHeader(candidate) {
        let parameters = env[candidate].parameters
        if parameters.count == env.types.count(wanted) - 1 {
          let fits = parameters.indices.allSatisfy { i in
            sameHead(env.parameters[i].type, env.types.argument(wanted, i - parameters.lowerBound))
          }
          if fits { return candidate }
        }
      }
      candidate = env[candidate].nextOverload
    }
    return def
  }

  private func sameHead(_ declared: TypeID, _ found: TypeID) -> Bool {
    let found = env.types.resolve(found)
    let tag = env.types.tag(declared)
    if tag == .parameter || found == .error || found == .never { return true }
    if found.isVariable {
      switch env.types.kind(found) {
      case .any: return true
      case .integerLiteral: return declared.isNumeric
      case .floatLiteral: return declared.isFloating
      }
    }
    let node = env.types[found]
    return node.tag == tag && node.def == env.types[declared].def
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
  private func isOpenLambda(_ form: Form) -> Bool {
    tag(form) == .list && count(form) > 1 && symbol(child(form, 0)).raw == SpecialForm.fn.rawValue
  }

  /// The same of a name with several overloads, which the type of the parameter tells apart once it is known.
  private func isOpenName(_ form: Form, _ type: TypeID) -> Bool {
    guard env.types.tag(type) == .function else { return false }
    let name = identifier(form)
    guard name != .none, !scope.contains(where: { $0.name == name }), case .definition(let def)? = value(name) else { return false }
    return env[def].nextOverload != .none
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
      case .enumeration, .alias, .trait, .implementation, .macro:
        unknown(name, child(form, 0))
        return failed(form)
      }
    }
  }

  private func failed(_ form: Form) -> NodeID {
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

  /// `index` counts from 1; `node` is the argument there when it had to be looked at.
  private func resolveOverload(_ form: Form, _ first: DefID, _ name: Symbol) -> (def: DefID, index: Int, node: NodeID)? {
    // The first parameter with a head type of its own that is no function decides.
    var discriminator = -1
    if resolveHeader(first) {
      let parameters = env[first].parameters
      for i in parameters
      where env.types.tag(env.parameters[i].type) != .function && env.types.tag(env.parameters[i].type) != .parameter {
        discriminator = i - parameters.lowerBound
        break
      }
    }
    let supplied = count(form) - 1
    guard supplied > max(0, discriminator) else {
      report(.wrongArgumentCount, "`\(text(name))` needs more arguments", form)
      return nil
    }
    if discriminator < 0 { return overloadByArity(form, first, name) }
    let argument = child(form, discriminator + 1)
    let node = infer(argument)
    let found = resolved(node)
    if found == .error { return nil }
    var candidate = first
    var heads: [String] = []
    while candidate != .none {
      if resolveHeader(candidate), takes(supplied, candidate) {
        let declared = env.parameters[env[candidate].parameters.lowerBound + discriminator].type
        if sameHead(declared, found) { return (candidate, discriminator + 1, node) }
        heads.append("`\(env.describe(declared, in: env[candidate]))`")
      }
      candidate = env[candidate].nextOverload
    }
    if heads.isEmpty {
      report(.wrongArgumentCount, "`\(text(name))` does not take \(supplied) argument\(supplied == 1 ? "" : "s")", form)
      return nil
    }
    report(
      .typeMismatch, "`\(text(name))` does not take `\(env.describe(found))`", argument,
      label: "this is `\(env.describe(found))`", help: variableHelp(found) ?? "it takes \(heads.joined(separator: ", "))")
    return nil
  }

  /// Overloads whose first parameter is a function differ in how many arguments it takes, or they take
  /// themselves. A `fn` tells that by its form, so that its types can still come from the other arguments.
  private func overloadByArity(_ form: Form, _ first: DefID, _ name: Symbol) -> (def: DefID, index: Int, node: NodeID)? {
    let argument = child(form, 1)
    var node = NodeID.none
    var arity = -1
    if isOpenLambda(argument) {
      arity = parameterCount(ofLambda: argument)
    } else {
      node = infer(argument)
      let found = resolved(node)
      if found == .error { return nil }
      if env.types.tag(found) == .function { arity = env.types.count(found) - 1 }
    }
    let supplied = count(form) - 1
    var candidate = first
    var takesSupplied = false
    while candidate != .none {
      if resolveHeader(candidate), takes(supplied, candidate) {
        takesSupplied = true
        let declared = env.parameters[env[candidate].parameters.lowerBound].type
        if arity < 0 || env.types.count(declared) - 1 == arity { return (candidate, 1, node) }
      }
      candidate = env[candidate].nextOverload
    }
    report(
      .wrongArgumentCount,
      takesSupplied
        ? "`\(text(name))` with \(supplied) arguments does not take a function of \(arity)"
        : "`\(text(name))` does not take \(supplied) argument\(supplied == 1 ? "" : "s")",
      takesSupplied ? argument : form)
    return nil
  }

  private func parameterCount(ofLambda form: Form) -> Int {
    let list = child(form, 1)
    guard tag(list) == .vector else { return -1 }
    var parameters = 0
    var i = 0
    while i < count(list) {
      let name = symbol(child(list, i))
      i += name != .none && annotatedName(name) != nil ? 2 : patternLength(list, i, limit: count(list))
      parameters += 1
    }
    return parameters
  }

  /// Whether `supplied` positional arguments are a possible number for `def`.
  private func takes(_ supplied: Int, _ def: DefID) -> Bool {
    let parameters = env[def].parameters
    return supplied <= parameters.count && supplied >= parameters.count(where: { !env.parameters[$0].hasDefault })
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

  // MARK: Operators

  /// Arithmetic, comparison and conversion: any number of arguments of one type.
  private func checkOperator(_ intrinsic: Intrinsic, _ name: Symbol, _ form: Form, _ expected: TypeID) -> NodeID {
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
      let hint = shape == .floating && !numericHint(expected).isFloating ? TypeID.float : numericHint(expected)
      let node = checkOperand(child(form, 1), hint)
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

  // MARK: Construction

  private func construct(
    _ form: Form, _ def: DefID, _ name: Symbol, fields: Range<Int>, caseIndex: Int?, _ expected: TypeID
  ) -> NodeID {
    let type = instantiate(def)
    if expected != .none, env.types.count(type) > 0 { _ = env.types.unify(type, expected) }
    guard
      var arguments = matchArguments(
        form, count: fields.count, what: "`\(text(name))`",
        name: { env.fields[fields.lowerBound + $0].name },
        hasDefault: { env.fields[fields.lowerBound + $0].hasDefault })
    else { return failed(form) }
    for pass in 0..<2 {
      for i in arguments.indices where arguments[i].node == .none {
        if pass == 0, isOpenLambda(arguments[i].form) { continue }
        let index = fields.lowerBound + arguments[i].parameter
        let before = problems.count
        arguments[i].node = check(arguments[i].form, expected: fieldType(index, of: type), tail: false)
        if problems.count == before + 1, problems[before].code == .typeMismatch, env[def].module != .prelude,
          problems[before].place == place(arguments[i].form)
        {
          problems[before].labels.append(
            Diagnostic.Label(
              Place(env[def].item, env.fields[index].span),
              "field `\(text(env.fields[index].name))` is declared here"))
        }
      }
    }
    let mark = stack.count
    for argument in arguments {
      stack.append(UInt32(argument.parameter))
      stack.append(argument.node.raw)
    }
    let b = flush(mark, count: arguments.count)
    return caseIndex.map { add(.makeCase, type, a: UInt32($0), b: b, form) } ?? add(.makeStruct, type, b: b, form)
  }

  func makeCase(_ type: TypeID, _ index: Int, fields: [Int], _ nodes: [NodeID], _ form: Form) -> NodeID {
    let mark = stack.count
    for (field, node) in zip(fields, nodes) {
      stack.append(UInt32(field))
      stack.append(node.raw)
    }
    return add(.makeCase, type, a: UInt32(index), b: flush(mark, count: nodes.count), form)
  }

  // MARK: Fields

  func checkFieldAccess(_ form: Form, _ name: Symbol) -> NodeID {
    guard count(form) == 2 else {
      report(
        .malformedForm, "field access takes one value", form,
        help: "read a field by `(\(text(name)) value)`, change it by `(set! (\(text(name)) value) new)`")
      return failed(form)
    }
    let target = infer(child(form, 1))
    guard let (index, type, _) = field(name, of: resolved(target), child(form, 0), value: child(form, 1)) else { return errorNode(form) }
    return add(.field, type, a: target.raw, b: UInt32(index), form)
  }

  /// The field `.name` of a value of `type`: its index, type and whether it can be set.
  func field(_ dotted: Symbol, of type: TypeID, _ form: Form, value: Form = .none) -> (index: Int, type: TypeID, mutable: Bool)? {
    if type == .error || type == .never { return nil }
    if type.isVariable {
      report(
        .cannotInfer, "the type of the value must be known before a field is read", form,
        help: "annotate the parameter or binding it comes from")
      return nil
    }
    let node = env.types[type]
    guard node.tag == .structure || node.tag == .record else {
      var help: String?
      if node.tag == .enumeration { help = "an enum's fields are reached by `match`" }
      help = memberHelp(text(env.interner.fieldName(dotted) ?? dotted), of: type, value == .none ? "x" : spelling(value)) ?? help
      report(.unknownField, "`\(env.describe(type))` has no fields", form, help: help)
      return nil
    }
    let name = env.interner.fieldName(dotted) ?? dotted
    let fields = env[node.def].fields
    if isOpaque(node.def) {
      report(
        .unknownField, "`\(env.describe(type))` has no fields", form,
        help: memberHelp(text(name), of: type, value == .none ? "m" : spelling(value)) ?? (node.def == env.mapDef ? "`(get m key)` looks a key up" : "`(contains? s x)` tells whether an element is there"))
      return nil
    }
    for i in fields where env.fields[i].name == name {
      return (i - fields.lowerBound, fieldType(i, of: type), env.fields[i].isMutable)
    }
    let names = fields.map { env.fields[$0].name }
    report(
      .unknownField, "`\(env.describe(type))` has no field `\(text(name))`", form,
      labels: [Diagnostic.Label(Place(env[node.def].item, env[node.def].nameSpan), "`\(env.describe(type))` is defined here")],
      help: suggestion(name, among: names) ?? (names.isEmpty ? nil : "it has " + names.map { "`\(text($0))`" }.joined(separator: ", ")))
    return nil
  }
}
