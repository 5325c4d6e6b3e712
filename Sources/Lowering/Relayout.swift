// Types whose fields or cases changed get another layout, and with it other descriptors: the number of a
// descriptor is a version of a layout, by which the running program tells old objects from new ones.
//
//   version 0 {x y}      version 1 {x y hp}      an undone edit: {x y} is version 0 again,
//   descriptor 41        descriptor 77           descriptor 41
//
// Invariant: two layouts of a type have the same version exactly when the names, types and places of all
// fields are equal, those of the values that lie in them included, and for the entries of maps those of what their
// keys refer to. An instance whose window changed has
// another slot, so nobody calls with the wrong convention.

import Frontend

/// What becomes of the program when layouts change. Slots, descriptors and literals are numbers of the machine.
public struct Relayout: Sendable {
  /// Definitions whose types have another layout now, those given and those that hold one of them by value.
  public var definitions: [DefID] = []
  /// Slots of functions and lambdas whose present code relies on a replaced layout. Those among them for which
  /// no code has been finished at the commit get a stub.
  public var affectedSlots: [Int] = []
  /// Those of them that will certainly not get code: their window is another, or nobody lowers them any more.
  public var deadSlots: [Int] = []
  public var staleDescriptors: [(descriptor: Int, type: TypeID, caseIndex: Int)] = []
  /// Descriptors of layouts that came back.
  public var revivedDescriptors: [Int] = []
  /// Cases without payload that are objects of their own: what their literals are from the commit on.
  public var movedLiterals: [(literal: Int, descriptor: Int, tag: Int)] = []
  /// Literals of cases that are gone; values may still name them.
  public var staleLiterals: [Int] = []
  /// Globals that get other words: their initialisers must run.
  public var movedGlobals: [DefID] = []
  /// The words they had.
  public var deadGlobalWords: [Range<Int>] = []
  /// Functions whose parameters or result have other words: their callers must be lowered again.
  public var movedFunctions: [DefID] = []

  public init() {}
}

/// A layout that a type had, with the numbers of its descriptors.
struct LayoutVersion {
  var signature: [UInt32]
  var layout: Layout
}

struct TypeHistory {
  /// All but the present one.
  var earlier: [LayoutVersion] = []
  var next: Int32 = 1
}

extension Lowering {
  /// The definitions of all types whose layout holds, by value, that of one of `defs`; `defs` included.
  public func layoutDependents(of defs: [DefID]) -> [DefID] { reached(from: defs).definitions }

  /// The headers of `defs` are new. Works out the layouts of all types that this affects and declares what
  /// follows: instances that rely on them are queued to be compiled again, or retired where their window is
  /// another. `users` are definitions whose bodies name one of the types; the caller lowers those. A change
  /// must be open. O(types and instances reached, globals).
  public func relayout(_ defs: [DefID], users: [DefID]) -> Relayout {
    precondition(journal.isOpen, "relayout outside a change")
    let (candidates, causes) = reached(from: defs)
    var result = Relayout()
    let changed = replaceLayouts(candidates, &result)
    var heads = Set(changed.types.map { environment.types[$0].def })
    // What is done with keys is the concern of maps.
    for type in changed.types where environment.types[type].def == environment.mapEntryDef {
      heads.formUnion(self.heads(in: environment.types.argument(type, 0)))
    }
    result.definitions = causes.filter { heads.contains($0) }
    replaceInstances(defs, users, changed, &result)
    replaceGlobals(changed, &result)
    refreshChecks()
    return result
  }

  /// The literal of a message, to be installed with what comes next.
  public func messageLiteral(_ text: String) -> Int { stringLiteral(Array(text.utf8)) }

  /// Instances that rely on the layouts of `defs` without naming them, and derived operations, are compiled again into the slots
  /// they have: what is tested for has changed. A change must be open.
  public func recompile(dependentsOf defs: [DefID]) {
    let (candidates, causes) = reached(from: defs)
    func again(_ index: Int) {
      if instances[index].isRetired || !instances[index].isCompiled || instances[index].kind == .initialiser { return }
      touch(index)
      instances.enqueue(index)
    }
    for type in candidates.sorted(by: { $0.raw < $1.raw }) {
      for operation in StructuralOperation.allCases {
        let index = instances.find(.structural, type.raw, Int(operation.rawValue), noTypes)
        if index >= 0 { again(index) }
      }
    }
    for def in causes.sorted(by: { $0.raw < $1.raw }) { graph.mentions.forEach(def.raw) { again(Int($0)) } }
  }

  /// An `impl` of an operation that types have by their structure came, went or changed for `defs`: derived operations of what
  /// contains them call it. A change must be open. O(instances).
  public func rederive(_ defs: Set<DefID>) {
    for index in instances.instances.indices {
      let instance = instances[index]
      guard instance.kind == .structural, instance.isCompiled, !instance.isRetired else { continue }
      let type = TypeID(raw: instance.subject)
      guard isAlive(type), environment.contains(type, defs) else { continue }
      touch(index)
      instances.enqueue(index)
    }
  }

  // MARK: Layouts

  struct ChangedTypes {
    var types: Set<TypeID> = []
    /// Those whose values are words of their own, before or after.
    var byValue: Set<TypeID> = []
  }

  private func replaceLayouts(_ candidates: [TypeID], _ result: inout Relayout) -> ChangedTypes {
    var old: [TypeID: LayoutVersion] = [:]
    for type in candidates {
      old[type] = LayoutVersion(signature: layouts.isKnown(type) ? signature(type) : [], layout: layouts.layouts[Int(type.raw)])
    }
    for type in candidates {
      touchLayout(type)
      layouts.layouts[Int(type.raw)] = Layout()
    }
    for i in layouts.recursion.indices { layouts.recursion[i] = 0 }
    replaced = Set(candidates)
    for type in candidates where isAlive(type) { _ = layout(type) }
    replaced = []
    var changed = ChangedTypes()
    var settled: Set<TypeID> = []
    for type in candidates { settle(type, old, &settled, &changed, &result) }
    return changed
  }

  /// Decides which version the new layout of a type is, those of its parts first.
  private func settle(
    _ type: TypeID, _ old: [TypeID: LayoutVersion], _ settled: inout Set<TypeID>, _ changed: inout ChangedTypes,
    _ result: inout Relayout
  ) {
    guard let before = old[type], settled.insert(type).inserted else { return }
    let index = Int(type.raw)
    let isAlive = layouts.isKnown(type)
    if isAlive {
      for part in parts(type) where layout(part).isByValue { settle(part, old, &settled, &changed, &result) }
      for part in hashed(type) { settle(part, old, &settled, &changed, &result) }
    }
    let new = isAlive ? signature(type) : []
    if new == before.signature {
      layouts.layouts[index] = before.layout
      return
    }
    changed.types.insert(type)
    if before.layout.isByValue || layouts.layouts[index].isByValue { changed.byValue.insert(type) }
    var history = histories[type] ?? TypeHistory()
    if let known = history.earlier.firstIndex(where: { isAlive && $0.signature == new }) {
      layouts.layouts[index] = history.earlier.remove(at: known).layout
      forEachDescriptor(type, layouts.layouts[index]) { number, _ in result.revivedDescriptors.append(number) }
    } else if isAlive {
      layouts.layouts[index].version = history.next
      history.next += 1
    }
    if before.layout.form != .unknown { history.earlier.append(before) }
    setHistory(type, history)
    forEachDescriptor(type, before.layout) { number, c in result.staleDescriptors.append((number, type, c)) }
    moveLiterals(type, before.layout, isAlive, &result)
  }

  /// The object of a case without fields is one for the whole program, whatever layout its enum has: it is changed instead of
  /// replaced, and is what values name that were made of it long ago, so no layout may have one of its own.
  private func moveLiterals(_ type: TypeID, _ old: Layout, _ isAlive: Bool, _ result: inout Relayout) {
    let new = layouts.layouts[Int(type.raw)]
    var moved: Set<Int32> = []
    if isAlive, new.form == .boxedEnum {
      for c in 0..<Int(new.partCount) {
        let enumCase = layouts.enumCase(new, c)
        guard enumCase.fieldCount == 0, let literal = caseLiterals[CaseKey(type: type, name: enumCase.name)] else { continue }
        layouts.cases[Int(new.firstPart) + c].literal = literal
        moved.insert(literal)
        result.movedLiterals.append((Int(literal), caseDescriptor(type, c), c))
      }
    }
    guard old.form == .boxedEnum else { return }
    for c in 0..<Int(old.partCount) {
      let literal = layouts.enumCase(old, c).literal
      if literal >= 0, !moved.contains(literal) { result.staleLiterals.append(Int(literal)) }
    }
  }

  /// Whether a type can still be written: its definition and those in its arguments are what they were in kind
  /// and number of parameters.
  func isAlive(_ type: TypeID) -> Bool {
    let node = environment.types[type]
    switch node.tag {
    case .structure, .record, .enumeration:
      guard Int(node.def.raw) < environment.definitions.count else { return false }
      let definition = environment[node.def]
      let kind: DefinitionKind = node.tag == .structure ? .structure : node.tag == .record ? .record : .enumeration
      guard definition.kind == kind, definition.state == .resolved, definition.typeParameters.count == Int(node.count)
      else { return false }
    default: break
    }
    for i in 0..<Int(node.count) where !isAlive(environment.types.argument(type, i)) { return false }
    return true
  }

  /// The types whose values lie in objects or values of this one.
  func parts(_ type: TypeID) -> [TypeID] {
    let shape = layout(type)
    switch shape.form {
    case .aggregate, .record: return (0..<Int(shape.partCount)).map { layouts.field(shape, $0).type }
    case .flatEnum, .boxedEnum:
      return (0..<Int(shape.partCount)).flatMap { c in
        let enumCase = layouts.enumCase(shape, c)
        return (0..<Int(enumCase.fieldCount)).map { layouts.field(enumCase, $0).type }
      }
    case .vector: return [environment.types.argument(type, 0)]
    default: return []
    }
  }

  /// For an entry of a map the types of objects that the hash in it was computed from.
  private func hashed(_ type: TypeID) -> [TypeID] {
    guard environment.types[type].def != .none, environment.types[type].def == environment.mapEntryDef else { return [] }
    var found: [TypeID] = []
    var seen: Set<TypeID> = []
    func add(_ type: TypeID) {
      guard seen.insert(type).inserted else { return }
      switch layout(type).form {
      case .record, .boxedEnum, .vector: found.append(type)
      default: break
      }
      for part in parts(type) { add(part) }
    }
    add(environment.types.argument(type, 0))
    return found
  }

  /// What makes layouts of one type the same.
  func signature(_ type: TypeID) -> [UInt32] {
    let shape = layouts.layouts[Int(type.raw)]
    var words: [UInt32] = [UInt32(shape.form.rawValue), shape.isWordwise ? 1 : 0, UInt32(shape.partCount)]
    func add(_ name: Symbol, _ part: TypeID) {
      let shape = layout(part)
      words.append(name.raw)
      words.append(part.raw)
      words.append(shape.isByValue ? UInt32(shape.version) + 1 : 0)
    }
    switch shape.form {
    case .aggregate, .record:
      for i in 0..<Int(shape.partCount) {
        let field = layouts.field(shape, i)
        add(field.name, field.type)
      }
      for part in hashed(type) { words += [part.raw, UInt32(layout(part).version) + 1] }
    case .flatEnum, .boxedEnum:
      for c in 0..<Int(shape.partCount) {
        let enumCase = layouts.enumCase(shape, c)
        words.append(enumCase.name.raw)
        words.append(UInt32(enumCase.fieldCount))
        for i in 0..<Int(enumCase.fieldCount) {
          let field = layouts.field(enumCase, i)
          add(field.name, field.type)
        }
      }
    case .vector: add(.none, environment.types.argument(type, 0))
    default: break
    }
    return words
  }

  func forEachDescriptor(_ type: TypeID, _ shape: Layout, _ body: (Int, Int) -> Void) {
    switch shape.form {
    case .record, .vector: if shape.descriptor >= 0 { body(Int(shape.descriptor), 0) }
    case .boxedEnum:
      for c in 0..<Int(shape.partCount) {
        let number = Int(layouts.enumCase(shape, c).descriptor)
        if number >= 0 { body(number, c) }
      }
    default: break
    }
  }

  // MARK: Instances

  private func replaceInstances(_ defs: [DefID], _ users: [DefID], _ changed: ChangedTypes, _ result: inout Relayout) {
    var seen: Set<Int> = []
    var affected: [Int] = []
    func add(_ index: Int) {
      if !instances[index].isRetired, seen.insert(index).inserted { affected.append(index) }
    }
    for type in changed.types.sorted(by: { $0.raw < $1.raw }) {
      for operation in StructuralOperation.allCases {
        let index = instances.find(.structural, type.raw, Int(operation.rawValue), noTypes)
        if index >= 0 { add(index) }
      }
    }
    for def in Set(result.definitions + defs).sorted(by: { $0.raw < $1.raw }) {
      graph.mentions.forEach(def.raw) { add(Int($0)) }
    }
    // They do without the operations that they call.
    for def in defs {
      graph.derived.forEach(def.raw) { if !isAlive(TypeID(raw: instances[Int($0)].subject)) { add(Int($0)) } }
    }
    for def in Set(users + defs + result.definitions).sorted(by: { $0.raw < $1.raw }) where Int(def.raw) < instances.newest.count {
      var next = Int(instances.newest[Int(def.raw)])
      while next >= 0 {
        add(next)
        next = Int(instances[next].next)
      }
    }
    let owners = Set(defs)
    var moved: Set<DefID> = []
    for index in affected {
      let instance = instances[index]
      let slots = [Int(instance.slot)] + lambdas(of: index).records.map { Int($0.slot) }
      result.affectedSlots += slots
      if keepsWindow(index, changed, owners) {
        guard instance.kind != .initialiser else { continue }
        touch(index)
        instances.enqueue(index)
      } else {
        result.deadSlots += slots
        noteDead(index, instance.kind == .structural ? .none : DefID(raw: instance.subject))
        if instance.kind == .function { noteFunctionValues(ofSlot: Int(instance.slot), index) }
        retire(index, leavesCode: false)
        if instance.kind == .function, moved.insert(DefID(raw: instance.subject)).inserted {
          result.movedFunctions.append(DefID(raw: instance.subject))
        }
      }
    }
    replaceOrphans(changed, &result)
  }

  /// Whether callers of an affected instance and its new code agree on the window. Settles where its
  /// parameters start.
  private func keepsWindow(_ index: Int, _ changed: ChangedTypes, _ owners: Set<DefID>) -> Bool {
    let instance = instances[index]
    let args = Array(instances.arguments[Int(instance.firstArgument)..<Int(instance.firstArgument + instance.argumentCount)])
    for type in args where !isAlive(type) { return false }
    switch instance.kind {
    case .structural:
      let type = TypeID(raw: instance.subject)
      return isAlive(type) && !changed.byValue.contains(type)
    case .initialiser: return true
    case .defaultValue:
      let def = DefID(raw: instance.subject)
      // The index of a field means another one when fields came, went or moved.
      if owners.contains(def) || !isLive(def) { return false }
      guard let declared = defaultedType(def, Int(instance.index)) else { return false }
      return keepsWords(environment.types.substitute(declared, args), changed)
    case .function:
      let def = DefID(raw: instance.subject)
      guard isLive(def), environment[def].typeParameters.count == args.count else { return false }
      let count = environment[def].parameters.count
      let (offsets, resultWords) = window(def, args)
      guard resultWords == instance.resultWords, offsets.last! == instance.argumentWords,
        Int(instance.firstOffset) + count < instances.offsets.count
      else { return false }
      for i in 0...count where instances.offsets[Int(instance.firstOffset) + i] != offsets[i] { return false }
      for parameter in environment.parameters[environment[def].parameters] {
        if !keepsWords(environment.types.substitute(parameter.type, args), changed) { return false }
      }
      return keepsWords(environment.types.substitute(environment[def].type, args), changed)
    }
  }

  /// The declared type of the parameter or field with a default, by its index in `Lowering.defaultProvider`.
  func defaultedType(_ def: DefID, _ index: Int) -> TypeID? {
    let definition = environment[def]
    switch definition.kind {
    case .structure, .record, .enumeration: return environment.field(ofDefault: index, of: def).map { environment.fields[$0].type }
    default:
      return index < definition.parameters.count ? environment.parameters[definition.parameters.lowerBound + index].type : nil
    }
  }

  private func isLive(_ def: DefID) -> Bool {
    Int(def.raw) < environment.definitions.count && environment[def].state == .resolved
  }

  private func keepsWords(_ type: TypeID, _ changed: ChangedTypes) -> Bool { !changed.byValue.contains(type) }

  /// These slots raise the stale condition from now on, and are handed out again once nothing names them.
  private func noteDead(_ index: Int, _ def: DefID) {
    orphans.append(Orphan(slot: Int(instances[index].slot), definition: def, relied: .nothing))
    let set = lambdas(of: index)
    for lambda in set.records { orphans.append(orphan(lambda, set, index, def, isDead: true)) }
  }

  // MARK: Functions as values

  /// A function used as a value is late bound, so its literals follow it to the slot it is called by now. To be called when the
  /// users have been lowered, before `compilePending`; `closure` is the descriptor of closures without captures.
  public func moveFunctionValues(_ result: inout Relayout, closure: Int) {
    for (literal, index) in journal.functionValues {
      let instance = instances[index]
      let args = arguments(of: index)
      guard isLive(DefID(raw: instance.subject)), environment[DefID(raw: instance.subject)].typeParameters.count == args.count,
        args.allSatisfy(isAlive), index < kept.signatures.count,
        kept.signatures[index] == signature(DefID(raw: instance.subject), args)
      else { continue }
      let next = functionInstance(DefID(raw: instance.subject), args)
      guard next >= 0 else { continue }
      kept.functionValues[literal] = Int(instances[next].slot)
      result.movedLiterals.append((literal, closure, Int(instances[next].slot)))
    }
  }

  /// Literals that were led elsewhere and whose own slot is in use again lead to that: those of functions, and of the lambdas of
  /// code that is used again. To be called when all has been lowered.
  public func restoreFunctionValues(_ result: inout Relayout, closure: Int) {
    for literal in kept.functionValues.keys.sorted() {
      guard let slot = kept.closures[literal].map({ Int($0) }), slot < kept.owners.count, kept.owners[slot] >= 0,
        !instances[Int(kept.owners[slot])].isRetired
      else { continue }
      kept.functionValues[literal] = nil
      result.movedLiterals.append((literal, closure, slot))
    }
    for piece in reused {
      for lambda in piece.lambdas.records where Int(lambda.slot) < closureLiterals.count && closureLiterals[Int(lambda.slot)] >= 0 {
        result.movedLiterals.append((Int(closureLiterals[Int(lambda.slot)]), closure, Int(lambda.slot)))
      }
    }
  }

  /// The literals that lead to the slot at present.
  private func noteFunctionValues(ofSlot slot: Int, _ index: Int) {
    let own = slot < closureLiterals.count ? Int(closureLiterals[slot]) : -1
    if own >= 0, kept.functionValues[own] ?? slot == slot { journal.functionValues.append((own, index)) }
    for (literal, target) in kept.functionValues.sorted(by: { $0.key < $1.key }) where target == slot && literal != own {
      journal.functionValues.append((literal, index))
    }
  }

  private func replaceOrphans(_ changed: ChangedTypes, _ result: inout Relayout) {
    if changed.types.isEmpty { return }
    let definitions = Set(result.definitions)
    func isConcerned(_ reliance: Reliance) -> Bool {
      switch reliance {
      case .types(let types): types.contains { changed.types.contains($0) }
      case .definitions(let relied): !relied.isDisjoint(with: definitions)
      case .unknown: true
      }
    }
    var kept: [Orphan] = []
    for orphan in orphans {
      if isConcerned(orphan.relied) {
        result.affectedSlots.append(orphan.slot)
        result.deadSlots.append(orphan.slot)
        kept.append(Orphan(slot: orphan.slot, definition: orphan.definition, relied: .nothing, lambda: orphan.lambda))
      } else {
        kept.append(orphan)
      }
    }
    orphans = kept
  }

  // MARK: Globals

  private func replaceGlobals(_ changed: ChangedTypes, _ result: inout Relayout) {
    if changed.byValue.isEmpty { return }
    for def in Set(globals).sorted(by: { $0.raw < $1.raw }) where globalOffsets[Int(def.raw)] >= 0 {
      let type = environment[def].type
      guard changed.byValue.contains(type) else { continue }
      let first = Int(globalOffsets[Int(def.raw)])
      let before = histories[type]?.earlier.last?.layout.words ?? 0
      result.movedGlobals.append(def)
      result.deadGlobalWords.append(first..<first + before)
      setGlobalOffset(Int(def.raw), -1)
    }
  }
}
