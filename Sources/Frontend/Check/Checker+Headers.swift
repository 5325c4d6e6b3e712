// Headers: what a definition shows to others. Worked out on first use, from the definition's own
// forms; a header in progress that is needed again is a cycle.

extension Checker {
  /// Works out the header of `def` if that is still to be done. False when it has errors.
  func resolveHeader(_ def: DefID) -> Bool {
    switch env.definitions[Int(def.raw)].state {
    case .resolved: return true
    case .failed: return false
    case .resolving:
      reportCycle(def)
      return false
    case .pending: break
    }
    return workOut(def)
  }

  /// Forces the header again after an edit of its item.
  public func resolve(_ def: DefID) -> Bool { resolveHeader(def) }

  private func workOut(_ def: DefID) -> Bool {
    guard let location = source.forms(of: env[def].item) else {
      env.definitions[Int(def.raw)].state = .failed
      return false
    }
    // A header may be needed in the middle of another body: work on a checker of its own.
    defer { source.recycle(location) }
    let inner = Checker(environment: env, source: source)
    inner.headersInProgress = headersInProgress + [def]
    let saved = (env.parameterNames, env.types.numericParameters, env.types.floatingParameters)
    inner.begin(env[def], location)
    env.definitions[Int(def.raw)].state = .resolving
    let form = inner.form(of: def, in: location.root)
    if form != .none { inner.header(def, form) }
    (env.parameterNames, env.types.numericParameters, env.types.floatingParameters) = saved
    let sound = form != .none && !inner.isUnsound && !inner.problems.contains { $0.severity == .error }
    env.definitions[Int(def.raw)].state = sound ? .resolved : .failed
    problems += inner.problems
    guard sound else { return false }
    if def == env.mapDef || def == env.setDef {
      // Lowering refers to these without being told by a typed tree.
      for operation in env.mapOperations + [env.shower(of: env[def].type)] where operation != .none { _ = resolveHeader(operation) }
    }
    if def == env.rangeDef { _ = resolveHeader(env.shower(of: env[def].type)) }
    if def == env.syntaxDef { for operation in env.syntaxOperations { _ = resolveHeader(operation) } }
    return checkByValueCycle(def)
  }

  private func header(_ def: DefID, _ root: Form) {
    let definition = env[def]
    ownParameters.removeAll()
    bindsTypeParameters = true
    switch definition.kind {
    case .function, .method, .intrinsic, .primitive:
      if definition.parent != .none {
        guard beginMember(definition.parent) else {
          isUnsound = true
          return
        }
      }
      functionHeader(def, root)
      if definition.parent != .none { checkMemberSignature(def, root) }
    case .macro: macroHeader(def, root)
    case .trait: traitHeader(def, root)
    case .implementation:
      implementationHeader(def, root)
      if env[def].typeParameters.isEmpty { publishParameters(def) }
      discharge()
      return
    case .constant, .variable: valueHeader(def, root)
    case .structure, .record: productHeader(def, root)
    case .enumeration: enumHeader(def, root)
    case .alias:
      if count(root) != 3 {
        report(.malformedDefinition, "an alias is a name and a type", root, help: "as in `(defalias Point Vec2)`")
        return
      }
      _ = typeDeclaration(child(root, 1))
      bindsTypeParameters = false
      env.definitions[Int(def.raw)].type = parseType(child(root, 2))
    }
    publishParameters(def)
  }

  // MARK: Functions

  /// Where the pieces of a `defn` form are.
  struct BodyParts {
    var parameters = Form.none
    var result = Form.none
    var constraints: Range<Int> = 0..<0
    var body = 0
  }

  func bodyParts(of definition: Definition, _ root: Form) -> BodyParts {
    var parts = BodyParts()
    var i = definition.kind == .intrinsic || definition.kind == .primitive ? 3 : 2
    if definition.kind == .method, count(root) > 0, symbol(child(root, 0)).raw != SpecialForm.defn.rawValue { i = 1 }
    switch definition.kind {
    case .constant, .variable:
      if i < count(root), tag(child(root, i)) == .string, i + 1 < count(root) { i += 1 }
      // `(def x: T v)` has the type in between.
      parts.body = count(root) - 1
      return parts
    case .macro: return macroParts(root)
    default: break
    }
    let isTest = count(root) > 0 && symbol(child(root, 0)).raw == SpecialForm.deftest.rawValue
    if isTest {
      parts.body = 2
      return parts
    }
    if i < count(root), tag(child(root, i)) == .string { i += 1 }
    if i < count(root), tag(child(root, i)) == .vector {
      parts.parameters = child(root, i)
      i += 1
    }
    if i + 1 < count(root), symbol(child(root, i)) == env.known.arrow {
      parts.result = child(root, i + 1)
      i += 2
    }
    (parts.constraints, parts.body) = constraintRange(root, from: i)
    return parts
  }

  private func functionHeader(_ def: DefID, _ root: Form) {
    let definition = env[def]
    let parts = bodyParts(of: definition, root)
    if symbol(child(root, 0)).raw == SpecialForm.deftest.rawValue {
      env.definitions[Int(def.raw)].type = .unit
      if parts.body >= count(root) {
        report(
          .malformedDefinition, "test `\(text(definition.name))` has no body", root,
          help: "a test that comes to its end passes; write what it is to find, as in `(assert= 4 (+ 2 2))`")
      }
      return
    }
    let name = text(definition.name)
    guard parts.parameters != .none else {
      let place = definition.kind == .method ? root : count(root) > 2 ? child(root, tag(child(root, 2)) == .string && count(root) > 3 ? 3 : 2) : root
      report(
        .malformedDefinition, "function `\(name)` has no parameter list", place,
        label: place == root ? "" : "expected `[..]` here",
        help: "write `(defn \(name) [x: Int] -> Int ..)`, with `[]` when there are none")
      return
    }
    var parameters: [Parameter] = []
    let list = parts.parameters
    var i = 0
    while i < count(list) {
      let item = child(list, i)
      let label = identifier(item)
      guard label != .none, let plain = annotatedName(label) else {
        if let meant = misspeltAnnotation(list, i) {
          report(
            .missingSignature, "parameter `\(meant.name)` has no type", item,
            help: "the colon belongs to the name: write `\(meant.name): \(meant.type)`")
          i += meant.forms
          continue
        }
        let known = label != .none ? text(label) : "x"
        report(
          .missingSignature, "parameter \(label != .none ? "`\(known)` " : "")has no type", item,
          help: "signatures are mandatory: write `\(known): Type`")
        i += 1
        continue
      }
      guard i + 1 < count(list) else {
        report(.missingSignature, "parameter `\(text(plain))` has no type behind the colon", item)
        break
      }
      if parameters.contains(where: { $0.name == plain }), env.interner.base(plain) != env.known.underscore {
        report(.duplicateDefinition, "parameter `\(text(plain))` is declared twice", item)
      }
      let type = parseType(child(list, i + 1))
      i += 2
      var hasDefault = false
      if i < count(list), symbol(child(list, i)) == env.known.equals, i + 1 < count(list) {
        hasDefault = true
        i += 2
        if definition.parent != .none {
          report(.malformedDefinition, "parameters of methods take no defaults", child(list, i - 1), help: "write a function with the default that calls the method")
        }
      }
      parameters.append(Parameter(name: plain, type: type, hasDefault: hasDefault, span: span(item)))
    }
    var result = TypeID.error
    if parts.result == .none {
      report(
        .missingSignature, "function `\(name)` does not say what it returns", child(root, 1),
        help: "write `-> Type` behind the parameters; `-> Unit` for nothing")
    } else {
      result = parseType(parts.result)
    }
    for i in parts.constraints { readConstraint(child(root, i)) }
    if parts.constraints.isEmpty, parts.body > 0, parts.body < count(root), keyword(child(root, parts.body - 1)) == env.known.whereKeyword,
      symbol(child(root, parts.body)) != .none
    {
      let trait = text(symbol(child(root, parts.body)))
      let subject = parts.body + 1 < count(root) && symbol(child(root, parts.body + 1)) != .none ? text(symbol(child(root, parts.body + 1))) : "a"
      let isTrait = env.traitName(symbol(child(root, parts.body)), in: module) != nil
      report(
        .badConstraint, "a constraint stands in parentheses", child(root, parts.body),
        help: isTrait ? "write `:where (\(trait) \(subject))`" : "as in `:where (Num a)`")
    }
    env.definitions[Int(def.raw)].hasBody = parts.body < count(root)
    let start = env.parameters.count
    env.parameters += parameters
    env.definitions[Int(def.raw)].parameters = start..<env.parameters.count
    env.definitions[Int(def.raw)].type = result
    if definition.kind == .function, definition.module != .prelude, parts.body >= count(root), result != .unit, result != .error {
      report(
        .malformedDefinition, "function `\(name)` has no body", root,
        help: "it must end in an expression of type `\(env.describe(result))`")
    }
  }

  /// The default of a parameter: the form behind its `=`.
  public func defaultForm(ofParameter index: Int, _ def: DefID, _ root: Form) -> Form? {
    let root = form(of: def, in: root)
    return root == .none ? nil : nthDefault(bodyParts(of: env[def], root).parameters, index)
  }

  public func defaultForm(ofField index: Int, _ def: DefID, _ root: Form, caseIndex: Int?) -> Form? {
    let root = form(of: def, in: root)
    guard root != .none else { return nil }
    if let caseIndex {
      var seen = 0
      for i in 2..<count(root) where tag(child(root, i)) != .string {
        if seen == caseIndex { return tag(child(root, i)) == .list ? nthDefault(child(root, i), index, from: 1) : nil }
        seen += 1
      }
      return nil
    }
    for i in 2..<count(root) where tag(child(root, i)) == .vector { return nthDefault(child(root, i), index) }
    return nil
  }

  private func nthDefault(_ list: Form, _ index: Int, from start: Int = 0) -> Form? {
    guard list != .none else { return nil }
    var i = start
    var position = 0
    while i < count(list) {
      if symbol(child(list, i)) == env.known.mut, i + 1 < count(list), annotatedName(symbol(child(list, i + 1))) != nil { i += 1 }
      i += 2
      var form: Form?
      if i + 1 < count(list), symbol(child(list, i)) == env.known.equals {
        form = child(list, i + 1)
        i += 2
      }
      if position == index { return form }
      position += 1
    }
    return nil
  }

  // MARK: Values

  private func valueHeader(_ def: DefID, _ root: Form) {
    let isConstant = env[def].kind == .constant
    let word = isConstant ? "def" : "defvar"
    guard count(root) >= 3 else {
      report(.malformedDefinition, "`\(word)` takes a name and a value", root, help: isConstant ? "as in `(def gravity 9.81)`" : "as in `(defvar score: Int 0)`")
      return
    }
    let nameForm = child(root, 1)
    let hasDoc = count(root) > 3 && tag(child(root, 2)) == .string && annotatedName(symbol(nameForm)) == nil
    bindsTypeParameters = false
    if annotatedName(symbol(nameForm)) != nil {
      guard count(root) == 4 || (count(root) == 5 && tag(child(root, 3)) == .string) else {
        report(.malformedDefinition, "`\(word)` with a type takes one value", root)
        return
      }
      env.definitions[Int(def.raw)].type = parseType(child(root, 2))
      return
    }
    guard count(root) == (hasDoc ? 4 : 3) else {
      report(.malformedDefinition, "`\(word)` takes one value", root)
      return
    }
    let node = infer(child(root, count(root) - 1))
    env.types.defaultLiterals(type(node))
    var unsolved = false
    let type = env.types.zonk(self.type(node), unsolved: &unsolved)
    if unsolved, problems.isEmpty {
      report(
        .cannotInfer, "the type of `\(text(env[def].name))` cannot be inferred from its value", nameForm,
        help: "write it behind the name: `(\(word) \(text(env[def].name)): Type ..)`")
    }
    // Problems of the value itself are reported when its body is checked.
    if type != .error { problems.removeAll { $0.code != .cyclicInitialiser && $0.place.item == item } }
    env.definitions[Int(def.raw)].type = type
  }

  // MARK: Types

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

  private func productHeader(_ def: DefID, _ root: Form) {
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
      fields.append(Field(name: name, type: type, isMutable: mutable, hasDefault: hasDefault, span: span(item)))
    }
    return fields
  }

  private func enumHeader(_ def: DefID, _ root: Form) {
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
      let fields = isList(item) ? parseFields(item, from: 1, allowsMut: false) : []
      let start = env.fields.count
      env.fields += fields
      cases.append(EnumCase(name: name, fields: start..<env.fields.count, span: span(item)))
    }
    let start = env.cases.count
    env.cases += cases
    env.definitions[Int(def.raw)].cases = start..<env.cases.count
  }

  /// A struct that contains itself by value has no finite size.
  private func checkByValueCycle(_ def: DefID) -> Bool {
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
      problems.append(
        Diagnostic(
          .recursiveValueType, "struct `\(env.name(def))` contains itself",
          at: Place(env[def].item, env[def].nameSpan),
          labels: [Diagnostic.Label(Place(env[def].item, env.fields[field].span), "through this field")],
          help: "a struct is stored inline; hold the inner one in a `(Vec ..)`, a record or an enum"))
      return false
    }
    return true
  }

  private func reportCycle(_ def: DefID) {
    let definition = env[def]
    let start = headersInProgress.firstIndex(of: def) ?? 0
    let names = env.path(headersInProgress[start...] + [def])
    switch definition.kind {
    case .alias:
      problems.append(
        Diagnostic(.cyclicAlias, "alias `\(env.name(def))` stands for itself: \(names)", at: Place(definition.item, definition.nameSpan)))
    case .constant, .variable:
      problems.append(
        Diagnostic(
          .cyclicInitialiser, "the value of `\(env.name(def))` depends on itself: \(names)",
          at: Place(definition.item, definition.nameSpan), help: "give one of them a value that does not need the others"))
    case .trait:
      problems.append(
        Diagnostic(.badConstraint, "trait `\(env.name(def))` asks for itself: \(names)", at: Place(definition.item, definition.nameSpan)))
    default: break
    }
  }

  // MARK: Type expressions

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

  private func addTypeParameter(_ name: Symbol) { addTypeParameter(TypeParameter(name: name, constraints: [])) }

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
