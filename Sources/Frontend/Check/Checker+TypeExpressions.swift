// Type expressions: names, type variables and applications, as they stand in signatures and annotations.

extension Checker {
  func isTypeVariable(_ name: Symbol) -> Bool {
    if env.interner.split(name) != nil { return false }
    let first = env.interner.firstByte(name)
    return first >= UInt8(ascii: "a") && first <= UInt8(ascii: "z")
  }

  func publishParameters(_ def: DefID) {
    if !ownRequirements.isEmpty {
      let first = env.requirements.count
      env.requirements += ownRequirements
      env.definitions[Int(def.raw)].requirements = first..<env.requirements.count
    }
    let start = env.typeParameters.count
    env.typeParameters += ownParameters
    env.definitions[Int(def.raw)].typeParameters = start..<env.typeParameters.count
  }

  func addTypeParameter(_ name: Symbol) { addTypeParameter(TypeParameter(name: name, constraints: [])) }

  func addTypeParameter(_ parameter: TypeParameter) {
    ownParameters.append(parameter)
    env.parameterNames.append(parameter.name)
  }

  func parseType(_ form: Form) -> TypeID {
    let node = forms.tree[form]
    if node.tag == .symbol { return namedType(Symbol(raw: node.a), form, arguments: []) }
    guard node.tag == .list, node.count > 0 else {
      if node.tag == .list {
        report(.unknownType, "`()` is a value; its type is `Unit`", form)
      } else {
        report(.unknownType, "a type was expected here", form)
      }
      return .error
    }
    let head = symbol(child(form, 0))
    if head == .none {
      report(.unknownType, "a type was expected here", form)
      return .error
    }
    if head == env.known.function {
      guard node.count == 3, tag(child(form, 1)) == .vector else {
        report(.wrongTypeArguments, "a function type is `(Fn [A B] R)`", form)
        return .error
      }
      let list = child(form, 1)
      var parameters: [TypeID] = []
      for i in 0..<count(list) { parameters.append(parseType(child(list, i))) }
      return env.types.function(parameters, parseType(child(form, 2)))
    }
    var arguments: [TypeID] = []
    for i in 1..<Int(node.count) { arguments.append(parseType(child(form, i))) }
    if head == env.known.tuple {
      if arguments.isEmpty { report(.wrongTypeArguments, "a tuple has at least one element", form) }
      return env.types.tuple(arguments)
    }
    return namedType(identifier(child(form, 0)), form, arguments: arguments)
  }

  private func namedType(_ written: Symbol, _ form: Form, arguments: [TypeID]) -> TypeID {
    var (name, module) = (written, module)
    if isTypeVariable(name) {
      guard arguments.isEmpty else {
        report(
          .unknownType, "type variable `\(text(name))` takes no arguments", isList(form) ? child(form, 0) : form,
          help: typeHelp(name) ?? "types start with a capital letter")
        return .error
      }
      if let index = ownParameters.firstIndex(where: { $0.name == name }) {
        return env.types.parameter(index)
      }
      if bindsTypeParameters {
        addTypeParameter(name)
        return env.types.parameter(ownParameters.count - 1)
      }
      report(
        .unknownType, "type variable `\(text(name))` is not bound here", form,
        help: typeHelp(name) ?? "types start with a capital letter; variables are bound by a function's signature")
      return .error
    }
    if name.isAlias { (name, module) = meaning(ofType: name) }
    if let def = env.typeName(name, in: module) {
      if env[def].kind == .trait {
        report(
          .traitAsType, "`\(text(name))` is a trait, not a type", isList(form) ? child(form, 0) : form,
          help: "use a type variable and say what it must have: `[x: a] .. :where (\(text(name)) a)`")
        return .error
      }
      // A type may be named while its own fields are being worked out; an alias may not.
      let isUnderWay = env[def].state == .resolving && env[def].kind != .alias
      note(def)
      guard isUnderWay || resolveHeader(def) else { return .error }
      let wanted = env[def].typeParameters.count
      guard arguments.count == wanted else {
        report(
          .wrongTypeArguments, "`\(text(name))` takes \(wanted) type argument\(wanted == 1 ? "" : "s"), but \(arguments.count) \(arguments.count == 1 ? "is" : "are") given", form)
        return .error
      }
      if env[def].kind == .alias { return env.types.substitute(env[def].type, arguments) }
      let tag: TypeTag = env[def].kind == .structure ? .structure : env[def].kind == .record ? .record : .enumeration
      return env.types.make(tag, def, arguments)
    }
    if let builtin = builtinType(name) {
      guard arguments.isEmpty else {
        report(.wrongTypeArguments, "`\(text(name))` takes no type arguments", form)
        return .error
      }
      return builtin
    }
    if name == env.known.vec {
      guard arguments.count == 1 else {
        report(.wrongTypeArguments, "`Vec` takes one type argument", form, help: "as in `(Vec Int)`")
        return .error
      }
      return env.types.vec(arguments[0])
    }
    if reportQualified(name, isList(form) ? child(form, 0) : form) { return .error }
    if name == env.known.old {
      report(
        .unknownType, "`Old` stands only for the parameter of a `migrate`", isList(form) ? child(form, 0) : form,
        help: "as in `(migrate Player [old: (Old Player)] ..)`; give functions that it calls the fields they need")
      return .error
    }
    report(.unknownType, "type `\(text(name))` is not defined", isList(form) ? child(form, 0) : form, help: typeHelp(name))
    return .error
  }

  private func typeHelp(_ name: Symbol) -> String? {
    let builtins = KnownSymbols.builtinTypes.map(\.name) + ["Vec", "Tuple", "Fn"]
    let names = env.visibleTypes(in: module).map(text) + builtins
    if let habit = habit(name, .type) { return habit.help }
    return closestName(to: text(name), among: names).map { "did you mean `\($0)`?" }
  }

  private func builtinType(_ name: Symbol) -> TypeID? {
    let index = name.raw &- env.known.firstBuiltinType.raw
    return index < UInt32(KnownSymbols.builtinTypes.count) ? KnownSymbols.builtinTypes[Int(index)].type : nil
  }
}
