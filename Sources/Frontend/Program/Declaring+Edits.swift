// What an edit does to definitions that are there already.

extension Checker {
  /// The text of `def` begins `distance` bytes further on in its item (modulo 2^32) than its header says.
  public func shift(_ def: DefID, by distance: UInt32) {
    guard distance != 0 else { return }
    func shift(_ span: inout Span) { span = Span(span.start &+ distance, span.end &+ distance) }
    let definition = env[def]
    shift(&env.definitions[Int(def.raw)].nameSpan)
    for i in definition.parameters { shift(&env.parameters[i].span) }
    for i in definition.fields { shift(&env.fields[i].span) }
    for i in definition.cases {
      shift(&env.cases[i].span)
      for field in env.cases[i].fields { shift(&env.fields[field].span) }
    }
  }

  /// The header of `def` is to be worked out anew.
  public func rework(_ def: DefID) {
    if env[def].state == .pending { return }
    env.touch(def)
    let empty = 0..<0
    env.definitions[Int(def.raw)].state = .pending
    env.definitions[Int(def.raw)].typeParameters = empty
    env.definitions[Int(def.raw)].requirements = empty
    env.definitions[Int(def.raw)].parameters = empty
    env.definitions[Int(def.raw)].fields = empty
    env.definitions[Int(def.raw)].cases = empty
    env.definitions[Int(def.raw)].takesRest = false
    env.definitions[Int(def.raw)].type = .none
    if env[def].kind == .implementation {
      env.unregister(def)
      env.pendingImplementations.append(def)
    }
  }

  /// Takes `def` out of the definitions of an item that begin with `first`; answers the first then.
  public func unlink(_ def: DefID, first: DefID) -> DefID {
    let next = env[def].nextInItem
    env.definitions[Int(def.raw)].nextInItem = .none
    if first == def { return next }
    var before = first
    while before != .none, env[before].nextInItem != def { before = env[before].nextInItem }
    if before != .none { env.definitions[Int(before.raw)].nextInItem = next }
    return first
  }

  /// Makes a chain of definitions that are in none; answers the first.
  public func link(_ defs: [DefID]) -> DefID {
    for (i, def) in defs.enumerated() {
      env.definitions[Int(def.raw)].nextInItem = i + 1 < defs.count ? defs[i + 1] : .none
    }
    return defs.first ?? .none
  }

  /// Takes the names of `def` out of the environment; its number stays, unused until the same is declared again.
  public func withdraw(_ def: DefID) {
    env.touch(def)
    let definition = env[def]
    if definition.kind == .implementation { env.unregister(def) }
    env.change?.withdrawn.append(def)
    // Types made of it are dead, and nothing that changes concerns it any more.
    env.definitions[Int(def.raw)].state = .failed
    env.setHeaderUses(def, [])
    if env.typeNames[definition.module, definition.name] == .definition(def) {
      env.typeNames[definition.module, definition.name] = nil
      env.countType(definition.name, by: -1)
    }
    if env.values[definition.module, definition.name] == .definition(def) {
      env.values[definition.module, definition.name] = nil
    }
    if definition.isTest, env.tests[TestName(definition.module, definition.name)] == def {
      env.tests[TestName(definition.module, definition.name)] = nil
    }
    withdrawCases(of: def)
  }

  func withdrawCases(of def: DefID) {
    let definition = env[def]
    for i in definition.cases {
      let name = env.cases[i].name
      if case .enumCase(def, _)? = env.values[definition.module, name] { env.values[definition.module, name] = nil }
    }
  }
}
