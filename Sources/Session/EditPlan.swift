// What a batch of edits means for a running program, worked out by comparing the definitions it has
// with those of the same texts compiled afresh, which are known to be sound.

import Frontend

struct EditPlan {
  var added: [ItemID] = []
  var changed: [DefID] = []
  var removed: [DefID] = []
  /// Functions whose parameters' names (not types) are others now.
  var headers: [DefID] = []
  /// Why the batch cannot be taken in without starting afresh.
  var obstacle: Diagnostic?

  mutating func remove(_ item: ItemID, _ program: Program) {
    let def = program.definition(of: item)
    if def != .none { removed.append(def) }
  }

  /// An item whose text changed or is new.
  mutating func take(_ item: ItemID, _ program: Program, _ fresh: Program) {
    let old = program.definition(of: item)
    guard let name = program.definedName(item) else { return }
    guard let new = fresh.definition(named: name) else { return }
    let kind = fresh.env[new].kind
    guard old != .none, program.env.name(old) == name else {
      if old != .none { removed.append(old) }
      if program.definition(named: name).map({ removed.contains($0) }) == false {
        block(item, program, "`\(name)` hides a name of the prelude that running code may use")
        return
      }
      added.append(item)
      return
    }
    guard program.env[old].kind == kind else {
      block(item, program, "`\(name)` became another kind of definition")
      return
    }
    switch kind {
    case .function:
      if program.signature(old) != fresh.signature(new) || fresh.hasDefaults(new) && !program.headerTextIsUnchanged(old) {
        block(item, program, "the signature of `\(name)` changed")
      } else {
        changed.append(old)
        headers.append(old)
      }
    case .constant, .variable:
      if program.env.describe(program.env[old].type) != fresh.env.describe(fresh.env[new].type) {
        block(item, program, "the type of `\(name)` changed")
      } else {
        changed.append(old)
      }
    default:
      if program.shape(old) != fresh.shape(new) || fresh.hasDefaults(new) && !program.formIsUnchanged(old) {
        block(item, program, "the layout of type `\(name)` changed")
      }
    }
  }

  private mutating func block(_ item: ItemID, _ program: Program, _ what: String) {
    guard obstacle == nil else { return }
    let def = program.definition(of: item)
    let span = def == .none ? Span(0, 1) : program.nameSpan(item)
    obstacle = Diagnostic(
      .cannotApplyLive, "\(what), and the running program was compiled with the old one", at: Place(item, span),
      help: "a restart (key `r`) takes the edit in; until then the last good version runs on")
  }
}

extension Program {
  /// The name an item defines, by its present text.
  func definedName(_ item: ItemID) -> String? {
    guard let location = source.forms(of: item) else { return nil }
    defer { source.recycle(location) }
    checker.enter(location)
    return checker.definedName(of: location.root).map { env.interner.name($0) }
  }

  func nameSpan(_ item: ItemID) -> Span {
    guard let location = source.forms(of: item) else { return Span(0, 1) }
    defer { source.recycle(location) }
    checker.enter(location)
    return checker.nameSpan(of: location.root)
  }

  /// A function's signature as text; equal texts mean equal calling conventions and labels.
  func signature(_ def: DefID) -> String {
    let definition = env[def]
    var text = ""
    env.nameParameters(of: def)
    for i in definition.parameters { text += env.describe(env.parameters[i].type) + " " + (env.parameters[i].hasDefault ? "= " : "") }
    for i in definition.typeParameters { text += "\(env.typeParameters[i].constraints.rawValue) " }
    return text + "-> " + env.describe(definition.type)
  }

  /// A type's layout as text.
  func shape(_ def: DefID) -> String {
    let definition = env[def]
    env.nameParameters(of: def)
    func list(_ fields: Range<Int>) -> String {
      fields.map {
        let field = env.fields[$0]
        return "\(env.interner.name(field.name)): \(env.describe(field.type)) \(field.isMutable) \(field.hasDefault)"
      }.joined(separator: ", ")
    }
    if definition.kind == .alias { return env.describe(definition.type) }
    return list(definition.fields)
      + definition.cases.map { "(\(env.interner.name(env.cases[$0].name)) \(list(env.cases[$0].fields)))" }.joined()
  }

  func hasDefaults(_ def: DefID) -> Bool {
    let definition = env[def]
    return definition.parameters.contains { env.parameters[$0].hasDefault }
      || definition.fields.contains { env.fields[$0].hasDefault }
      || definition.cases.contains { env.cases[$0].fields.contains { env.fields[$0].hasDefault } }
  }

  // MARK: Headers as text

  /// Whether the item's text up to its body is what the current header was worked out from.
  func headerIsUnchanged(_ def: DefID, _ item: ItemID, _ location: FormLocation) -> Bool {
    checker.enter(location)
    guard env[def].state == .resolved else { return false }
    let offset = checker.bodyOffset(of: def, location.root)
    return offset == bodyStart[Int(def.raw)] && hashOfHeader(item, offset) == headerHash[Int(def.raw)]
  }

  func headerTextIsUnchanged(_ def: DefID) -> Bool {
    guard let location = source.forms(of: env[def].item) else { return false }
    defer { source.recycle(location) }
    return headerIsUnchanged(def, env[def].item, location)
  }

  /// Whether the form of a type's definition is the one that was compiled.
  func formIsUnchanged(_ def: DefID) -> Bool {
    source.store.contentHash(of: env[def].item) == formHash[Int(def.raw)]
  }

  func hashOfHeader(_ item: ItemID, _ end: Int) -> UInt64 {
    source.store.hash(ofPrefix: end, of: item)
  }

  // MARK: Changing definitions

  func reworkHeader(_ def: DefID) {
    checker.rework(def)
    _ = checker.resolve(def)
  }

  /// What `old` defined is from now on defined by `item`.
  func move(_ old: ItemID, to item: ItemID) {
    let def = definition(of: old)
    while definitionOfItem.count <= Int(item.raw) { definitionOfItem.append(.none) }
    definitionOfItem[Int(old.raw)] = .none
    definitionOfItem[Int(item.raw)] = def
    checker.move(def, to: item, nameSpan: nameSpan(item))
  }

  func forget(_ def: DefID) {
    checker.withdraw(def)
    functions.removeAll { $0 == def }
    valueDefinitions.removeAll { $0 == def }
    uses[Int(def.raw)] = []
    behindConstants = nil
    if definition(of: env[def].item) == def { definitionOfItem[Int(env[def].item.raw)] = .none }
  }

  /// The constants and variables to be initialised when `changed` are, functions among them: these, and
  /// the constants whose values need them.
  func dependents(of changed: [DefID]) -> [DefID] {
    for def in changed { _ = checkBody(def) }
    let order = initialisationOrder()
    var affected = Set(changed)
    for def in order where env[def].kind == .constant && !affected.contains(def) {
      if reaches(def, affected) { affected.insert(def) }
    }
    return order.filter { affected.contains($0) }
  }

  private func reaches(_ start: DefID, _ targets: Set<DefID>) -> Bool {
    var seen: Set<DefID> = [start]
    var pending = uses[Int(start.raw)]
    while let def = pending.popLast() {
      if targets.contains(def) { return true }
      if seen.insert(def).inserted, Int(def.raw) < uses.count { pending += uses[Int(def.raw)] }
    }
    return false
  }
}
