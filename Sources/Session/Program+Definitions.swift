// What the short way of an edit and the cascade ask of definitions and their texts.

import Frontend

/// An edit that changes nothing but bodies of functions.
struct BodiesEdit {
  /// Functions whose text is another.
  var changed: [DefID] = []
  /// These and those that stand elsewhere in their item.
  var affected: [DefID] = []
  /// How far all definitions that stand elsewhere have moved, in bytes.
  var moved: [(def: DefID, distance: Int)] = []
}

extension Program {
  /// The keys of what an item defines, by its present text.
  func definedKeys(_ item: ItemID) -> [String] {
    guard let location = source.forms(of: item) else { return [] }
    defer { source.recycle(location) }
    return definedKeys(location)
  }

  func definedKeys(_ location: FormLocation) -> [String] {
    checker.enter(location)
    return checker.definitionKeys(in: location.root)
  }

  /// The type whose derived operation an implementation stands in for.
  func derivedSubject(_ def: DefID) -> DefID? {
    guard env[def].kind == .implementation, let found = env.implementations.last(where: { $0.definition == def }),
      let builtin = env.builtin(found.trait), builtin.isDerived
    else { return nil }
    return env.types[found.arguments[0]].def
  }

  func hasDefaults(_ def: DefID) -> Bool {
    let definition = env[def]
    return definition.parameters.contains { env.parameters[$0].hasDefault }
      || definition.fields.contains { env.fields[$0].hasDefault }
      || definition.cases.contains { env.cases[$0].fields.contains { env.fields[$0].hasDefault } }
  }

  // MARK: Headers as text

  /// Whether the definition's text up to its body is what the current header was worked out from.
  func headerIsUnchanged(_ def: DefID, _ item: ItemID, _ location: FormLocation) -> Bool {
    checker.enter(location)
    guard env[def].state == .resolved else { return false }
    let start = checker.formOffset(of: def, location.root)
    let offset = checker.bodyOffset(of: def, location.root)
    return offset - start == bodyStart[Int(def.raw)] - formStart[Int(def.raw)]
      && source.store.hash(of: start..<offset, in: item) == headerHash[Int(def.raw)]
  }

  /// What an edit within an item is about when all it changes is bodies of functions: the functions whose
  /// text changed, and with them those whose text moved. Nil for every other edit.
  func bodiesBehindEdit(of item: ItemID, _ location: FormLocation) -> BodiesEdit? {
    checker.enter(location)
    let first = definition(of: item)
    if env[first].path.isEmpty, env[first].nextInItem == .none {
      guard env[first].kind == .function, headerIsUnchanged(first, item, location) else { return nil }
      return BodiesEdit(changed: [first], affected: [first])
    }
    let defs = definitions(of: item)
    guard !checker.holdsImports(location.root), checker.definitionForms(in: location.root) == defs.map({ checker.form(of: $0, in: location.root) }) else { return nil }
    var edit = BodiesEdit()
    for def in defs {
      let isChanged = hashOfForm(def, location) != formHash[Int(def.raw)]
      let distance = checker.formOffset(of: def, location.root) - formStart[Int(def.raw)]
      if isChanged {
        guard hasBody(def), headerIsUnchanged(def, item, location) else { return nil }
        edit.changed.append(def)
      }
      if distance != 0 {
        // Code of defaults counts its positions from where the item begins; a function's is compiled with its body.
        if !hasBody(def), hasDefaults(def) { return nil }
        edit.moved.append((def, distance))
      }
      if hasBody(def), isChanged || distance != 0 { edit.affected.append(def) }
    }
    return edit.affected.isEmpty ? nil : edit
  }

  /// Notes where moved definitions stand now; with `-1` where they stood.
  func move(_ moved: [(def: DefID, distance: Int)], _ direction: Int = 1) {
    for (def, distance) in moved {
      checker.shift(def, by: UInt32(truncatingIfNeeded: direction * distance))
      formStart[Int(def.raw)] += direction * distance
    }
  }

  /// Whether it is code of its own: a function, or a method with a default.
  func hasBody(_ def: DefID) -> Bool { env[def].kind == .function || env[def].kind == .method && env[def].hasBody }

  // MARK: Changing definitions

  /// These definitions, of other items so far, are from now on made by `item`, behind those it makes already.
  func move(_ defs: [DefID], to item: ItemID) {
    for def in defs {
      for neighbour in definitions(of: env[def].item) { touch(neighbour) }
      setDefinition(of: env[def].item, checker.unlink(def, first: definition(of: env[def].item)))
    }
    let all = definitions(of: item) + defs
    for def in all { touch(def) }
    setDefinition(of: item, checker.link(all))
  }

  func forget(_ def: DefID) {
    for neighbour in definitions(of: env[def].item) { touch(neighbour) }
    checker.withdraw(def)
    switch env[def].kind {
    case .function, .method: functions.removeAll { $0 == def }
    case .constant, .variable: valueDefinitions.removeAll { $0 == def }
    case .macro: macroDefinitions.removeAll { $0 == def }
    case .migration: migrations.removeAll { $0 == def }
    default: break
    }
    if main == def { main = .none }
    uses[Int(def.raw)] = []
    expansionRecords[def] = nil
    dependencies.setBody(def, [])
    behindValues = nil
    setDefinition(of: env[def].item, checker.unlink(def, first: definition(of: env[def].item)))
  }

  /// The values to be initialised, in order, when `values` are and `bodies` are compiled again: those, and the constants that
  /// are computed with any of them.
  func initialisations(of values: [DefID], behind bodies: Set<DefID>) -> [DefID] {
    let concerns = !values.isEmpty || bodies.contains { isBehindValues($0) }
    if !concerns { return [] }
    let order = initialisationOrder()
    var affected = Set(values)
    let causes = affected.union(bodies)
    for def in order where env[def].kind == .constant && !affected.contains(def) {
      if reaches(def, causes) || reaches(def, affected) { affected.insert(def) }
    }
    return order.filter { affected.contains($0) }
  }

  /// Cycles among values that an edit may have made.
  func initialisationProblems(behind bodies: Set<DefID>) -> [Diagnostic] {
    valueDefinitions.isEmpty ? [] : initialisationProblems()
  }

  private func reaches(_ start: DefID, _ targets: Set<DefID>) -> Bool {
    var seen: Set<DefID> = [start]
    var pending = uses(of: start)
    while let node = pending.popLast() {
      if targets.contains(owner(of: node)) { return true }
      if seen.insert(node).inserted { pending += uses(of: node) }
    }
    return false
  }
}
