// Headers of types: their parameters, fields and cases.

extension Checker {
  /// `Name` or `(Name a b)`: declares the type variables.
  func typeDeclaration(_ form: Form) -> Form {
    guard isList(form), count(form) > 0 else { return form }
    for i in 1..<count(form) {
      let name = identifier(child(form, i))
      if name == .none || !isTypeVariable(name) {
        report(.malformedDefinition, "a type parameter is a lower-case name", child(form, i))
      } else if ownParameters.contains(where: { $0.name == name }) {
        report(.duplicateDefinition, "type parameter `\(text(name))` is declared twice", child(form, i), label: "again here")
      } else {
        addTypeParameter(name)
      }
    }
    return child(form, 0)
  }

  private func ownType(_ tag: TypeTag, _ def: DefID) -> TypeID {
    env.types.make(tag, def, ownParameters.indices.map { env.types.parameter($0) })
  }

  func productHeader(_ def: DefID, _ root: Form) {
    let isRecord = env[def].kind == .record
    guard count(root) >= 3 else {
      report(.malformedDefinition, "a type needs its fields in brackets", root, help: "as in `(defstruct Vec2 [x: Float y: Float])`")
      return
    }
    _ = typeDeclaration(child(root, 1))
    bindsTypeParameters = false
    publishParameters(def)
    env.definitions[Int(def.raw)].type = ownType(isRecord ? .record : .structure, def)
    let listIndex = tag(child(root, 2)) == .string ? 3 : 2
    guard listIndex < count(root), tag(child(root, listIndex)) == .vector, count(root) == listIndex + 1 else {
      report(.malformedDefinition, "a type needs its fields in brackets, and nothing behind them", root)
      return
    }
    let fields = parseFields(child(root, listIndex), from: 0, allowsMut: isRecord)
    let start = env.fields.count
    env.fields += fields
    env.definitions[Int(def.raw)].fields = start..<env.fields.count
  }

  private func parseFields(_ list: Form, from first: Int, allowsMut: Bool) -> [Field] {
    var fields: [Field] = []
    var i = first
    while i < count(list) {
      var item = child(list, i)
      var mutable = false
      if symbol(item) == env.known.mut, i + 1 < count(list) {
        mutable = true
        if !allowsMut {
          report(
            .malformedDefinition, "only records have `mut` fields", item,
            help: "structs and enums are immutable values: a `mut` local of the type can be changed, or use `defrecord`")
        }
        i += 1
        item = child(list, i)
      }
      guard symbol(item) != .none, let name = annotatedName(symbol(item)), i + 1 < count(list) else {
        let meant = misspeltAnnotation(list, i)
        report(
          .malformedDefinition, "a field is written `name: Type`", item,
          help: meant.map { "the colon belongs to the name: write `\($0.name): \($0.type)`" })
        i += meant?.forms ?? 1
        continue
      }
      if fields.contains(where: { $0.name == name }) {
        report(.duplicateDefinition, "field `\(text(name))` is declared twice", item)
      }
      let type = parseType(child(list, i + 1))
      i += 2
      var hasDefault = false
      if i < count(list), symbol(child(list, i)) == env.known.equals, i + 1 < count(list) {
        hasDefault = true
        i += 2
      }
      var field = Field(name: name, type: type, isMutable: mutable, hasDefault: hasDefault, span: span(item))
      if i < count(list), keyword(child(list, i)) == env.known.was {
        field.formerName = formerName(list, i)
        // With the default behind it, which has been told of.
        i += i + 2 < count(list) && symbol(child(list, i + 1)) == env.known.equals ? 3 : 2
      }
      fields.append(field)
    }
    checkFormerNames(fields, list, from: first)
    return fields
  }

  /// The name behind a `:was`.
  private func formerName(_ list: Form, _ i: Int) -> Symbol {
    let name = i + 1 < count(list) ? symbol(child(list, i + 1)) : .none
    if name == .none || name == env.known.equals || annotatedName(name) != nil {
      report(
        .malformedDefinition, "`:was` takes the name that the field had", child(list, i),
        help: "as in `[title: String :was name]`; a default stands before it")
      return .none
    }
    return name
  }

  /// A former name belongs to one field, which is no field any more.
  private func checkFormerNames(_ fields: [Field], _ list: Form, from first: Int) {
    for (i, field) in fields.enumerated() where field.formerName != .none {
      let former = field.formerName
      guard let place = (first..<count(list)).last(where: { keyword(child(list, $0)) == env.known.was && $0 + 1 < count(list) && symbol(child(list, $0 + 1)) == former })
      else { continue }
      if fields.contains(where: { $0.name == former }) {
        report(
          .malformedDefinition, "field `\(text(field.name))` cannot have been `\(text(former))`, which is a field still", child(list, place + 1),
          help: "leave out `:was \(text(former))`, or the field `\(text(former))`")
      } else if fields[..<i].contains(where: { $0.formerName == former }) {
        report(.malformedDefinition, "two fields cannot both have been `\(text(former))`", child(list, place + 1))
      }
    }
  }

  func enumHeader(_ def: DefID, _ root: Form) {
    guard count(root) >= 3 else {
      report(.malformedDefinition, "an enum needs at least one case", root, help: "as in `(defenum Shape (Circle r: Float) Empty)`")
      return
    }
    _ = typeDeclaration(child(root, 1))
    bindsTypeParameters = false
    publishParameters(def)
    env.definitions[Int(def.raw)].type = ownType(.enumeration, def)
    var cases: [EnumCase] = []
    for i in 2..<count(root) {
      let item = child(root, i)
      if i == 2, tag(item) == .string { continue }
      let name = isList(item) && count(item) > 0 ? symbol(child(item, 0)) : symbol(item)
      guard name != .none, !isBindingName(name) else {
        report(.malformedDefinition, "a case is a capitalised name, or one with fields: `(Circle r: Float)`", item)
        continue
      }
      let fields = isList(item) ? parseFields(item, from: firstField(ofCase: item), allowsMut: false) : []
      let start = env.fields.count
      env.fields += fields
      var enumCase = EnumCase(name: name, fields: start..<env.fields.count, span: span(item))
      if isList(item), firstField(ofCase: item) > 1 { enumCase.formerName = formerName(ofCase: item) }
      cases.append(enumCase)
    }
    checkFormerNames(cases, root)
    let start = env.cases.count
    env.cases += cases
    env.definitions[Int(def.raw)].cases = start..<env.cases.count
  }

  /// Where the fields of `(Circle r: Float)` or `(Circle :was Disc r: Float)` begin.
  func firstField(ofCase form: Form) -> Int {
    count(form) > 1 && keyword(child(form, 1)) == env.known.was ? min(3, count(form)) : 1
  }

  private func formerName(ofCase form: Form) -> Symbol {
    let name = count(form) > 2 ? symbol(child(form, 2)) : .none
    if name == .none || isBindingName(name) {
      report(
        .malformedDefinition, "`:was` behind a case takes the name that the case had", child(form, 1),
        help: "as in `(Circle :was Disc r: Float)`; that of a field stands behind the field's type")
      return .none
    }
    return name
  }

  /// As for fields: a former name belongs to one case, which is no case any more.
  private func checkFormerNames(_ cases: [EnumCase], _ root: Form) {
    for (i, known) in cases.enumerated() where known.formerName != .none {
      let former = known.formerName
      guard let item = (2..<count(root)).map({ child(root, $0) }).last(where: { isList($0) && span($0) == known.span }) else { continue }
      if cases.contains(where: { $0.name == former }) {
        report(
          .malformedDefinition, "case `\(text(known.name))` cannot have been `\(text(former))`, which is a case still", child(item, 2),
          help: "leave out `:was \(text(former))`, or the case `\(text(former))`")
      } else if cases[..<i].contains(where: { $0.formerName == former }) {
        report(.malformedDefinition, "two cases cannot both have been `\(text(former))`", child(item, 2))
      }
    }
  }

  /// A struct that contains itself by value has no finite size.
  func checkByValueCycle(_ def: DefID) -> Bool {
    guard env[def].kind == .structure else { return true }
    var path: [DefID] = []
    func reaches(_ type: TypeID) -> Bool {
      let node = env.types[type]
      switch node.tag {
      case .tuple: return (0..<Int(node.count)).contains { reaches(env.types.argument(type, $0)) }
      case .structure:
        if node.def == def { return true }
        if path.contains(node.def) || !resolveHeader(node.def) { return false }
        path.append(node.def)
        return env[node.def].fields.contains { reaches(fieldType($0, of: type)) }
      default: return false
      }
    }
    for field in env[def].fields where reaches(env.fields[field].type) {
      env.definitions[Int(def.raw)].state = .failed
      let problem = Diagnostic(
        .recursiveValueType, "struct `\(env.name(def))` contains itself",
        at: Place(env[def].item, env[def].nameSpan),
        labels: [Diagnostic.Label(Place(env[def].item, env.fields[field].span), "through this field")],
        help: "a struct is stored inline; hold the inner one in a `(Vec ..)`, a record or an enum")
      env.headerProblems.append((def, problem))
      return false
    }
    return true
  }
}
