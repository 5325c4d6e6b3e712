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
  public func rework(_ def: DefID) { env.definitions[Int(def.raw)].state = .pending }

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

  /// Whether other modules may use `def`, which an edit may change.
  public func setPrivate(_ def: DefID, _ isPrivate: Bool) {
    env.definitions[Int(def.raw)].isPrivate = isPrivate
  }

  /// Makes a chain of definitions that are in none; answers the first.
  public func link(_ defs: [DefID]) -> DefID {
    for (i, def) in defs.enumerated() {
      env.definitions[Int(def.raw)].nextInItem = i + 1 < defs.count ? defs[i + 1] : .none
    }
    return defs.first ?? .none
  }

  /// Takes the names of `def` out of the environment; its number stays, unused.
  public func withdraw(_ def: DefID) {
    let definition = env[def]
    if definition.kind == .implementation { env.unregister(def) }
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
    for i in definition.cases {
      let name = env.cases[i].name
      if case .enumCase(def, _)? = env.values[definition.module, name] { env.values[definition.module, name] = nil }
    }
  }
}
