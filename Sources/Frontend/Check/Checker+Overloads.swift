// Overloads of the prelude: several definitions of one name, told apart by the head type of the first
// parameter that has one of its own and is no function, or by how many arguments a function takes.

extension Checker {
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

  /// Whether `form` is a name with several overloads, which the type of its parameter tells apart once
  /// the other arguments have said what that is.
  func isOpenName(_ form: Form, _ type: TypeID) -> Bool {
    guard env.types.tag(type) == .function else { return false }
    let name = identifier(form)
    guard name != .none, !scope.contains(where: { $0.name == name }), case .definition(let def)? = value(name) else { return false }
    return env[def].nextOverload != .none
  }

  /// `index` counts from 1; `node` is the argument there when it had to be looked at.
  func resolveOverload(_ form: Form, _ first: DefID, _ name: Symbol) -> (def: DefID, index: Int, node: NodeID)? {
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
}
