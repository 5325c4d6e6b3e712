// Changes to the environment that can be taken back: an edit is entered, checked as a whole, and kept or undone.
//
//   beginChange ─► touch, declare, withdraw, resolve … ─► keepChange │ undoChange
//
// Invariant: after `undoChange` the environment answers everything as it did before `beginChange`; only the
// pools of names and types have grown, whose numbers mean nothing by themselves. What has been overwritten is noted, so
// both ends cost what the change touched, but for the tables of imports and implementations, which are kept whole.

/// What has to be put back.
struct EnvironmentChange {
  var definitions: [(index: Int, old: Definition)] = []
  /// How much there was of what only grows.
  var counts: [Int]
  var modules: ModuleTable
  var implementations: [Implementation]
  var implementationTable: [UInt64: Int]
  var pendingImplementations: [DefID]
  var brokenImplementations: [UInt64: DefID]
  var structuralImplementations: [DefID]
  var hasDerivedImplementations: Bool
  var tests: [TestName: DefID]
  var headerUses: [(index: Int, old: [DefID])] = []
  var earlierFields: [DefID: [Range<Int>]]
  /// Definitions that the change has withdrawn, and those that may come back as they were at its start.
  var withdrawn: [DefID] = []
  var formerDefinitions: [WithdrawnKey: DefID]
}

/// What makes a definition that comes back the one that went.
struct WithdrawnKey: Hashable {
  let module: ModuleID
  let name: Symbol
  let kind: DefinitionKind
  let isTest: Bool
  let parent: DefID

  init(_ definition: Definition) {
    (module, name, kind, isTest, parent) = (definition.module, definition.name, definition.kind, definition.isTest, definition.parent)
  }
}

extension Environment {
  /// From now on everything is noted that `undoChange` has to put back. One change is open at a time.
  public func beginChange() {
    precondition(change == nil, "a change of the environment is open already")
    change = EnvironmentChange(
      counts: [
        definitions.count, parameters.count, fields.count, cases.count, typeParameters.count, requirements.count, members.count,
        formPaths.count,
      ],
      modules: moduleTable, implementations: implementations, implementationTable: implementationTable,
      pendingImplementations: pendingImplementations, brokenImplementations: brokenImplementations,
      structuralImplementations: structuralImplementations,
      hasDerivedImplementations: hasDerivedImplementations, tests: tests, earlierFields: earlierFields,
      formerDefinitions: formerDefinitions)
    values.beginLog()
    typeNames.beginLog()
  }

  /// What the change has withdrawn is in no text any more, and may come back from now on.
  public func keepChange() {
    for def in change?.withdrawn ?? [] {
      definitions[Int(def.raw)].item = .none
      formerDefinitions[WithdrawnKey(self[def])] = def
    }
    change = nil
    values.endLog(undo: false)
    typeNames.endLog(undo: false)
  }

  public func undoChange() {
    guard let change else { return }
    self.change = nil
    for (index, old) in change.definitions.reversed() where index < definitions.count { definitions[index] = old }
    for (index, old) in change.headerUses.reversed() where index < headerUses.count { headerUses[index] = old }
    let counts = change.counts
    definitions.removeLast(definitions.count - counts[0])
    parameters.removeLast(parameters.count - counts[1])
    fields.removeLast(fields.count - counts[2])
    cases.removeLast(cases.count - counts[3])
    typeParameters.removeLast(typeParameters.count - counts[4])
    requirements.removeLast(requirements.count - counts[5])
    members.removeLast(members.count - counts[6])
    formPaths.removeLast(formPaths.count - counts[7])
    if headerUses.count > counts[0] { headerUses.removeLast(headerUses.count - counts[0]) }
    moduleTable = change.modules
    implementations = change.implementations
    implementationTable = change.implementationTable
    pendingImplementations = change.pendingImplementations
    lookedAtImplementations = 0
    brokenImplementations = change.brokenImplementations
    structuralImplementations = change.structuralImplementations
    hasDerivedImplementations = change.hasDerivedImplementations
    tests = change.tests
    headerProblems.removeAll()
    earlierFields = change.earlierFields
    formerDefinitions = change.formerDefinitions
    values.endLog(undo: true)
    typeNames.endLog(undo: true)
  }

  /// To be called before a definition is changed while a change is open. Cheap when it was touched already.
  public func touch(_ def: DefID) {
    guard let mark = change?.counts[0], Int(def.raw) < mark else { return }
    change?.definitions.append((Int(def.raw), definitions[Int(def.raw)]))
  }

  /// The number of a definition that an earlier change has withdrawn and that is declared again.
  func takeWithdrawn(_ definition: Definition) -> DefID? {
    formerDefinitions.isEmpty ? nil : formerDefinitions.removeValue(forKey: WithdrawnKey(definition))
  }

  /// Whether the open change has given a name another meaning, or may have.
  public var hasChangedNames: Bool { values.hasChanged || typeNames.hasChanged }

  /// The names that the open change has given a meaning to which they did not have in their module.
  public var namesBoundByChange: [(module: ModuleID, name: Symbol)] {
    values.boundSinceBegin + typeNames.boundSinceBegin
  }

  // MARK: What headers are made of

  /// Notes which definitions the header of `def` was worked out from.
  func setHeaderUses(_ def: DefID, _ used: [DefID]) {
    let index = Int(def.raw)
    if index >= headerUses.count {
      if used.isEmpty { return }
      while headerUses.count <= index { headerUses.append([]) }
    }
    if headerUses[index] == used { return }
    if change != nil { change?.headerUses.append((index, headerUses[index])) }
    headerUses[index] = used
  }

  public func headerUses(of def: DefID) -> [DefID] {
    Int(def.raw) < headerUses.count ? headerUses[Int(def.raw)] : []
  }

  /// The implementation that `def` is; nil when its header is unsound.
  public func implementation(_ def: DefID) -> Implementation? { implementations.last { $0.definition == def } }
}

/// Marks for collecting what a check relies on without a set: an entry that holds the current number was seen.
struct UseStamps {
  var definitions: [UInt32] = []
  var types: [UInt32] = []
  var last: UInt32 = 0
}

extension Checker {
  /// Notes that what is being checked relies on `def`. Definitions of the prelude never change.
  @inline(__always)
  func note(_ def: DefID) {
    let index = Int(def.raw)
    if index < env.preludeCount { return }
    noteOwn(index)
  }

  private func noteOwn(_ index: Int) {
    if index >= env.useStamps.definitions.count {
      env.useStamps.definitions += repeatElement(0, count: env.definitions.count - env.useStamps.definitions.count)
    }
    if env.useStamps.definitions[index] == useStamp { return }
    env.useStamps.definitions[index] = useStamp
    used.append(DefID(raw: UInt32(index)))
  }

  /// Notes the definitions in a permanent type.
  @inline(__always)
  func noteType(_ type: TypeID) {
    if type.raw <= TypeID.string.raw || !type.isPermanent { return }
    noteOwnType(type)
  }

  private func noteOwnType(_ type: TypeID) {
    let index = Int(type.raw)
    if index >= env.useStamps.types.count {
      env.useStamps.types += repeatElement(0, count: index + 64 - env.useStamps.types.count)
    }
    if env.useStamps.types[index] == useStamp { return }
    env.useStamps.types[index] = useStamp
    let node = env.types[type]
    if node.tag == .structure || node.tag == .record || node.tag == .enumeration { note(node.def) }
    for i in 0..<Int(node.count) { noteType(env.types.argument(type, i)) }
  }

  /// Empties the list of what was used.
  func beginUses() {
    used.removeAll(keepingCapacity: true)
    env.useStamps.last &+= 1
    useStamp = env.useStamps.last
  }
}
