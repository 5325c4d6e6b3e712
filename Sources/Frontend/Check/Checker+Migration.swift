// `(migrate T [old: (Old T)] body ..)`: how a value of an earlier layout of T becomes one of the present.
//
// The form is told by its shape, since `migrate` is a name like any other. What fields `old` has is known only while there
// may be values of an earlier layout: then `(Old T)` is a struct with the fields of that layout, which nothing else can name.
// At any other time `old` is of the type that fits all, and what is wrong with the body may be right when T changes.
//
// Invariant: a hook's tree is lowered only when its parameter is such a struct.

extension Checker {
  public func isMigration(_ root: Form) -> Bool {
    guard isList(root), count(root) > 2, symbol(child(root, 0)) == env.known.migrate, tag(child(root, 2)) == .vector else { return false }
    let list = child(root, 2)
    guard count(list) > 1, isList(child(list, 1)), count(child(list, 1)) > 0 else { return false }
    return symbol(child(child(list, 1), 0)) == env.known.old
  }

  /// `migrate T`: a name that no program can write, so that there is one for each type of a module.
  func migrationName(_ target: Form) -> Symbol {
    let head = isList(target) && count(target) > 0 ? child(target, 0) : target
    return env.interner.intern("migrate \(symbol(head) == .none ? "?" : text(symbol(head)))")
  }

  func reportMalformedMigration(_ root: Form) {
    report(
      .badMigration, "a `migrate` is a type, a parameter of its earlier layout, and what makes the new value", root,
      help: "as in `(migrate Player [old: (Old Player)] (Player (.name old) 100))`")
  }

  func migrationHeader(_ def: DefID, _ root: Form) {
    let head = typeDeclaration(child(root, 1))
    bindsTypeParameters = false
    publishParameters(def)
    let target = migratedType(head)
    guard target != .none, problems.isEmpty else {
      // What is wrong may be the type's.
      isUnsound = true
      return
    }
    let list = child(root, 2)
    let isOfTarget = describesTarget(child(list, 1), child(root, 1))
    guard count(list) == 2, let name = annotatedName(identifier(child(list, 0))), isOfTarget, count(root) > 3 else {
      return reportMalformedMigration(root)
    }
    guard ownParameters.count == env[target].typeParameters.count else {
      let wanted = env[target].typeParameters.count
      report(
        .badMigration, "`\(env.name(target))` has \(wanted) type parameter\(wanted == 1 ? "" : "s")", child(root, 1),
        help: wanted == 0 ? "write `\(env.name(target))` alone"
          : "write `\(env.describe(env[target].type, in: env[target]))`, here and behind `Old`")
      return
    }
    let arguments = ownParameters.indices.map { env.types.parameter($0) }
    let known = env.earlierFields(of: target)
    let choice = Int(env[def].operation) - 1
    var type = TypeID.error
    if known.indices.contains(choice) {
      type = env.types.make(.structure, earlierStruct(of: target, known[choice], def), arguments)
    }
    let start = env.parameters.count
    env.parameters.append(Parameter(name: name, type: type, hasDefault: false, span: span(child(list, 0))))
    env.definitions[Int(def.raw)].parameters = start..<start + 1
    env.definitions[Int(def.raw)].type = env.types.make(env[target].kind == .record ? .record : .structure, target, arguments)
  }

  /// The struct or record of this module by that name.
  private func migratedType(_ form: Form) -> DefID {
    let name = identifier(form)
    guard name != .none, let target = env.typeName(name, in: module), env[target].module == module else {
      let isForeign = name != .none && (env.typeName(name, in: module) != nil || isBuiltin(name))
      report(
        isForeign ? .badMigration : .unknownType,
        isForeign ? "a `migrate` stands in the module of its type" : "type `\(name == .none ? "?" : text(name))` is not defined here", form)
      return .none
    }
    guard env[target].kind == .structure || env[target].kind == .record else {
      let what = env[target].kind == .alias ? "an alias" : env[target].kind == .trait ? "a trait" : "an enum"
      report(
        .badMigration, "only structs and records have a `migrate`, and `\(text(name))` is \(what)", form,
        help: env[target].kind == .enumeration
          ? "names mean the cases there are now, so none is left to take an earlier value apart by; cases follow by name and `:was`, their fields by name, `:was` and default: put what has to be worked out into a struct, as in `(Case part: Part)`, and give that a `migrate`"
          : nil)
      return .none
    }
    return resolveHeader(target) ? target : .none
  }

  private func isBuiltin(_ name: Symbol) -> Bool {
    KnownSymbols.builtinTypes.contains { $0.name == text(name) } || name == env.known.vec || name == env.known.tuple || name == env.known.function
  }

  /// Whether a form is `(Old T)`, with T written as it is at the front.
  private func describesTarget(_ form: Form, _ target: Form) -> Bool {
    func isSame(_ a: Form, _ b: Form) -> Bool {
      if isList(a) { return isList(b) && count(a) == count(b) && (0..<count(a)).allSatisfy { isSame(child(a, $0), child(b, $0)) } }
      return symbol(a) != .none && symbol(a) == symbol(b)
    }
    return count(form) == 2 && isSame(child(form, 1), target)
  }

  /// The struct with the earlier fields; the one that the hook has already, where its fields are these.
  private func earlierStruct(of target: DefID, _ range: Range<Int>, _ hook: DefID) -> DefID {
    var fields: [Field] = []
    for i in range where isStillThere(env.fields[i].type) {
      var field = env.fields[i]
      field.isMutable = false
      field.hasDefault = false
      fields.append(field)
    }
    let before = env.earlierStruct(of: env.beforeChange(hook))
    if before != .none, env[before].parent == target, env[before].typeParameters.count == env[target].typeParameters.count,
      env[before].fields.count == fields.count,
      zip(env[before].fields, fields).allSatisfy({ env.fields[$0].name == $1.name && env.fields[$0].type == $1.type })
    {
      return before
    }
    let name = env.interner.intern("(Old \(env.name(target)))")
    var definition = Definition(kind: .structure, module: module, name: name, item: env[target].item, nameSpan: env[target].nameSpan)
    definition.isEarlier = true
    definition.state = .resolved
    definition.parent = target
    definition.typeParameters = env[target].typeParameters
    definition.fields = env.fields.count..<env.fields.count + fields.count
    env.fields += fields
    let def = append(definition)
    env.definitions[Int(def.raw)].type = env.types.make(.structure, def, ownParameters.indices.map { env.types.parameter($0) })
    return def
  }

  /// Works out the headers of what a type is made of, and says whether it can be written still.
  private func isStillThere(_ type: TypeID) -> Bool {
    let node = env.types[type]
    switch node.tag {
    case .structure, .record, .enumeration:
      if env[node.def].state == .failed { return false }
      _ = env[node.def].state == .resolving || resolveHeader(node.def)
    default: break
    }
    for i in 0..<Int(node.count) where !isStillThere(env.types.argument(type, i)) { return false }
    return env.isPresent(type)
  }

  /// With nothing known of `old`, types may stay open that are settled by it.
  func settleMigration(_ def: DefID, _ before: Int) {
    guard env.earlierStruct(of: def) == .none else { return }
    var index = 0
    problems.removeAll { problem in
      defer { index += 1 }
      return index >= before && problem.code == .cannotInfer
    }
  }
}

extension Checker {
  /// Which of the type's earlier fields `old` has, counted from 1; 0 when nothing is to be known of it. Before the header is worked out.
  public func setEarlierFields(of migration: DefID, _ number: Int) {
    env.touch(migration)
    env.definitions[Int(migration.raw)].operation = UInt32(number)
  }
}
