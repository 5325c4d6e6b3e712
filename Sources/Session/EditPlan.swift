// What a batch of edits means for a running program, worked out by comparing the definitions it has
// with those of the same texts compiled afresh, which are known to be sound.

import Frontend

struct EditPlan {
  /// Items with definitions that are new, or have changed their place in the item.
  var added: [ItemID] = []
  var changed: [DefID] = []
  var removed: [DefID] = []
  /// Functions whose parameters' names (not types) are others now.
  var headers: [DefID] = []
  /// Whether definitions are private now.
  var privacy: [(def: DefID, isPrivate: Bool)] = []
  /// Keys of the definitions that are new.
  private var addedKeys: Set<String> = []
  /// Why the batch cannot be taken in without starting afresh.
  var obstacle: Diagnostic?

  mutating func remove(_ item: ItemID, _ program: Program) {
    removed += program.definitions(of: item)
  }

  /// An item whose text changed or is new.
  mutating func take(_ item: ItemID, _ program: Program, _ fresh: Program) {
    let names = program.definedKeys(item)
    guard !names.isEmpty, let module = program.module(of: item) else { return }
    let freshModule = fresh.counterpart(of: module, program)
    var known = program.definitions(of: item)
    let isGroup = known.count > 1 || names.count > 1
    // Definitions that are gone give their names free first.
    var pairs: [(old: DefID, name: String)] = []
    for name in names {
      let index = known.firstIndex { program.key(of: $0) == name }
      pairs.append((index.map { known.remove(at: $0) } ?? .none, name))
    }
    removed += known
    if isGroup { added.append(item) }
    for (old, name) in pairs {
      guard let new = fresh.definition(key: name, in: freshModule) else { continue }
      if old == .none { addedKeys.insert(program.env.moduleName(module) + "/" + name) }
      if old == .none, fresh.env[new].kind == .implementation || fresh.env[new].parent != .none {
        if let type = fresh.derivedSubject(new), program.definition(counterpartOf: type, fresh).map({ !removed.contains($0) }) == true {
          block(item, program, "`\(fresh.env.name(type))` gets a trait of its own that it had by its structure")
        }
        if fresh.env[new].kind != .method { continue }
      }
      if old != .none {
        compare(item, old, new, name, program, fresh, isGroup: isGroup)
        continue
      }
      if program.hasCode(in: module), program.definition(named: name, in: module).map({ removed.contains($0) }) == false {
        block(item, program, "`\(name)` hides a name of the prelude that running code may use")
      } else if !isGroup {
        added.append(item)
      }
    }
  }

  /// To be called when all items have been looked at.
  mutating func finish(_ program: Program, _ fresh: Program) {
    for def in removed {
      let key = program.qualifiedKey(of: def)
      if addedKeys.contains(key) {
        block(program.env[def].item, program, "`\(program.env.name(def))` is part of another form now")
      }
      if program.env[def].kind == .implementation, let type = program.derivedSubject(def),
        fresh.definition(counterpartOf: type, program) != nil
      {
        block(program.env[def].item, program, "`\(program.env.name(type))` loses a trait of its own")
      }
    }
  }

  private mutating func compare(
    _ item: ItemID, _ old: DefID, _ new: DefID, _ name: String, _ program: Program, _ fresh: Program, isGroup: Bool
  ) {
    let kind = fresh.env[new].kind
    guard program.env[old].kind == kind else {
      block(item, program, "`\(name)` became another kind of definition")
      return
    }
    if program.env[old].isPrivate != fresh.env[new].isPrivate { privacy.append((old, fresh.env[new].isPrivate)) }
    switch kind {
    case .trait, .implementation:
      if program.traitShape(old) != fresh.traitShape(new) { block(item, program, "`\(name)` changed") }
    case .method where !fresh.env[new].hasBody || !program.env[old].hasBody:
      if program.env[old].hasBody != fresh.env[new].hasBody || program.signature(old) != fresh.signature(new) {
        block(item, program, "the signature of `\(name)` changed")
      }
    case .function, .method:
      if program.signature(old) != fresh.signature(new) || fresh.hasDefaults(new) && !program.headerTextIsUnchanged(old) {
        block(item, program, "the signature of `\(name)` changed")
      } else {
        changed.append(old)
        headers.append(old)
      }
    case .constant, .variable:
      if isGroup, program.formIsUnchanged(old) { return }
      if program.typeText(of: old) != fresh.typeText(of: new) {
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

  /// An item whose text is what it was, and whose names lead elsewhere by other imports.
  mutating func retake(_ item: ItemID, _ program: Program, _ fresh: Program) {
    guard let module = program.module(of: item) else { return }
    for old in program.definitions(of: item) {
      let name = program.env.name(old)
      // A variable keeps its value, so what it was computed from does not matter.
      guard program.env[old].kind != .variable,
        let new = fresh.definition(named: name, in: fresh.counterpart(of: module, program))
      else { continue }
      if fresh.hasDefaults(new) {
        return block(item, program, "what the defaults of `\(name)` mean changed with the imports")
      }
      compare(item, old, new, name, program, fresh, isGroup: false)
    }
  }

  /// Code that was expanded by a macro, or that a call at top level made, waits for a restart.
  mutating func noteMacros(_ touched: Set<ItemID>, _ gone: [ItemID], _ program: Program, _ fresh: Program) {
    for item in touched.sorted(by: { $0.raw < $1.raw }) + gone {
      if program.itemsWithCalls.contains(item) { block(item, program, "a macro call at top level changed") }
      for def in program.definitions(of: item) where program.isBehindMacros(def) {
        block(item, program, program.env[def].kind == .macro ? "macro `\(program.env.name(def))` changed" : "`\(program.env.name(def))`, which a macro calls, changed")
      }
    }
    if fresh.itemsWithCalls.count > program.itemsWithCalls.count, let item = touched.first {
      block(item, program, "a macro call at top level is new")
    }
  }

  private mutating func block(_ item: ItemID, _ program: Program, _ what: String) {
    guard obstacle == nil else { return }
    let def = program.definition(of: item)
    let span = def == .none || !program.source.store.hasForm(item) ? Span(0, 1) : program.nameSpan(item)
    obstacle = Diagnostic(
      .cannotApplyLive, "\(what), and the running program was compiled with the old one", at: Place(item, span),
      help: "a restart (key `r`) takes the edit in; until then the last good version runs on")
  }
}

extension Program {
  /// The module that has the same name here as `module` has in `other`.
  func counterpart(of module: ModuleID, _ other: Program) -> ModuleID {
    env.addModule(named: other.env.moduleName(module))
  }

  /// The type that has the same name here as one has in `other`.
  func definition(counterpartOf type: DefID, _ other: Program) -> DefID? {
    definition(named: other.env.name(type), in: counterpart(of: other.env[type].module, other))
  }

  /// Whether a module is more than what a batch brings along.
  func hasCode(in module: ModuleID) -> Bool { functions.contains { env[$0].module == module } }

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

  /// What others rely on of a trait or an implementation, as text.
  func traitShape(_ def: DefID) -> String {
    let definition = env[def]
    env.nameParameters(of: def)
    var text = definition.typeParameters.map { "\(env.typeParameters[$0].constraints.rawValue) " }.joined()
    for i in definition.requirements {
      text += env.name(env.requirements[i].trait) + env.requirements[i].arguments.map { " " + env.describe($0) }.joined() + ", "
    }
    if let found = env.implementations.last(where: { $0.definition == def }) {
      text += env.name(found.trait) + found.arguments.map { " " + env.describe($0) }.joined()
    }
    return text + definition.members.map { " " + env.name(env.members[$0]) }.joined()
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
    env.qualifiesTypes = true
    defer { env.qualifiesTypes = false }
    env.nameParameters(of: def)
    for i in definition.parameters { text += env.describe(env.parameters[i].type) + " " + (env.parameters[i].hasDefault ? "= " : "") }
    for i in definition.typeParameters { text += "\(env.typeParameters[i].constraints.rawValue) " }
    return text + "-> " + env.describe(definition.type)
  }

  /// A value's type as text.
  func typeText(of def: DefID) -> String {
    env.qualifiesTypes = true
    defer { env.qualifiesTypes = false }
    return env.describe(env[def].type)
  }

  /// A type's layout as text.
  func shape(_ def: DefID) -> String {
    let definition = env[def]
    env.qualifiesTypes = true
    defer { env.qualifiesTypes = false }
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

  /// Whether the definition's text up to its body is what the current header was worked out from.
  func headerIsUnchanged(_ def: DefID, _ item: ItemID, _ location: FormLocation) -> Bool {
    checker.enter(location)
    guard env[def].state == .resolved else { return false }
    let start = checker.formOffset(of: def, location.root)
    let offset = checker.bodyOffset(of: def, location.root)
    return offset - start == bodyStart[Int(def.raw)] - formStart[Int(def.raw)]
      && source.store.hash(of: start..<offset, in: item) == headerHash[Int(def.raw)]
  }

  func headerTextIsUnchanged(_ def: DefID) -> Bool {
    guard let location = source.forms(of: env[def].item) else { return false }
    defer { source.recycle(location) }
    return headerIsUnchanged(def, env[def].item, location)
  }

  /// Whether the form of a type's definition is the one that was compiled.
  func formIsUnchanged(_ def: DefID) -> Bool {
    guard let location = source.forms(of: env[def].item) else { return false }
    defer { source.recycle(location) }
    checker.enter(location)
    return hashOfForm(def, location) == formHash[Int(def.raw)]
  }

  /// What an edit within an item is about when all it changes is bodies of functions: the functions whose
  /// text changed, and with them those whose text moved. Nil for every other edit. Notes where moved
  /// definitions stand now.
  func bodiesBehindEdit(of item: ItemID, _ location: FormLocation) -> (changed: [DefID], affected: [DefID])? {
    checker.enter(location)
    let first = definition(of: item)
    if env[first].path.isEmpty, env[first].nextInItem == .none {
      guard env[first].kind == .function, headerIsUnchanged(first, item, location) else { return nil }
      return ([first], [first])
    }
    let defs = definitions(of: item)
    guard !checker.holdsImports(location.root), checker.definitionForms(in: location.root) == defs.map({ checker.form(of: $0, in: location.root) }) else { return nil }
    var changed: [DefID] = [], moved: [DefID] = [], affected: [DefID] = []
    for def in defs {
      let isChanged = hashOfForm(def, location) != formHash[Int(def.raw)]
      let isMoved = checker.formOffset(of: def, location.root) != formStart[Int(def.raw)]
      if isChanged {
        guard hasBody(def), headerIsUnchanged(def, item, location) else { return nil }
        changed.append(def)
      }
      if isMoved { moved.append(def) }
      if hasBody(def), isChanged || isMoved { affected.append(def) }
    }
    guard !affected.isEmpty else { return nil }
    for def in moved {
      let start = checker.formOffset(of: def, location.root)
      checker.shift(def, by: UInt32(truncatingIfNeeded: start - formStart[Int(def.raw)]))
      formStart[Int(def.raw)] = start
    }
    return (changed, affected)
  }

  private func hasBody(_ def: DefID) -> Bool { env[def].kind == .function || env[def].kind == .method && env[def].hasBody }

  // MARK: Changing definitions

  func reworkHeader(_ def: DefID) {
    checker.rework(def)
    _ = checker.resolve(def)
  }

  /// These definitions of other items are from now on made by `item`, which has made none yet and has
  /// their keys.
  func move(_ defs: [DefID], to item: ItemID) {
    while definitionOfItem.count <= Int(item.raw) { definitionOfItem.append(.none) }
    for def in defs {
      let old = Int(env[def].item.raw)
      definitionOfItem[old] = checker.unlink(def, first: definitionOfItem[old])
    }
    definitionOfItem[Int(item.raw)] = checker.link(defs)
    declare(item, env[defs[0]].module, addsNew: false)
  }

  func forget(_ def: DefID) {
    checker.withdraw(def)
    functions.removeAll { $0 == def }
    valueDefinitions.removeAll { $0 == def }
    uses[Int(def.raw)] = []
    behindConstants = nil
    let item = Int(env[def].item.raw)
    definitionOfItem[item] = checker.unlink(def, first: definitionOfItem[item])
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
