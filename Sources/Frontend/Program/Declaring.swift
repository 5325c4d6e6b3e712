// The first pass over an item: what it defines, by name only. Headers and bodies follow on demand.

extension Checker {
  /// Enters the definition an item makes into the environment. Answers nothing for an item that
  /// defines nothing (a comment, an error already reported by the reader).
  public func declare(item: ItemID, at location: FormLocation, module: ModuleID) -> DefID? {
    forms = location.forms
    base = location.base
    self.item = item
    self.module = module
    let root = location.root
    guard tag(root) == .list, count(root) > 0 else {
      if tag(root) != .error {
        report(
          .notADefinition, "only definitions stand at top level", root,
          help: "put what the program does into `(defn main [] -> Unit ..)`")
      }
      return nil
    }
    let head = symbol(child(root, 0))
    guard head != .none, let special = SpecialForm(head), special.rawValue < SpecialForm.let.rawValue else {
      report(
        .notADefinition, "only definitions stand at top level", root,
        help: head == .none ? nil
          : suggestion(head, among: SpecialForm.allCases.filter { $0.rawValue < SpecialForm.let.rawValue }.map { Symbol(raw: $0.rawValue) })
            ?? "put what the program does into `(defn main [] -> Unit ..)`")
      return nil
    }
    let kind: DefinitionKind
    switch special {
    case .defn, .defnPrivate, .deftest: kind = .function
    case .def: kind = .constant
    case .defvar: kind = .variable
    case .defstruct: kind = .structure
    case .defrecord: kind = .record
    case .defenum: kind = .enumeration
    case .defalias: kind = .alias
    case .intrinsic where module == .prelude: kind = .intrinsic
    case .primitive where module == .prelude: kind = .primitive
    case .project: return nil
    default:
      report(.unavailable, "`\(special.spelling)` is not available yet", root)
      return nil
    }
    guard count(root) > 1, let (name, nameForm) = definedName(child(root, 1), kind) else {
      report(.malformedDefinition, "`\(special.spelling)` needs a name", root)
      return nil
    }
    var definition = Definition(kind: kind, module: module, name: name, item: item, nameSpan: span(nameForm))
    definition.isPrivate = special == .defnPrivate
    return enter(definition, root, isTest: special == .deftest, nameForm)
  }

  /// The name a definition form gives: `name`, `name:` before a type, or `(Name a b)`.
  private func definedName(_ form: Form, _ kind: DefinitionKind) -> (Symbol, Form)? {
    if isList(form), count(form) > 0 { return definedName(child(form, 0), kind) }
    var name = symbol(form)
    guard name != .none else { return nil }
    if kind == .constant || kind == .variable, let plain = annotatedName(name) { name = plain }
    let isType = kind == .structure || kind == .record || kind == .enumeration || kind == .alias
    if isType, isBindingName(name) {
      report(.malformedDefinition, "a type's name begins with a capital letter", form)
    }
    return (name, form)
  }

  private func enter(_ definition: Definition, _ root: Form, isTest: Bool, _ nameForm: Form) -> DefID? {
    var definition = definition
    let def = DefID(raw: UInt32(env.definitions.count))
    let name = definition.name
    let isType = definition.kind == .structure || definition.kind == .record || definition.kind == .enumeration || definition.kind == .alias
    switch definition.kind {
    case .intrinsic:
      // `(intrinsic name operation [..] -> T)`
      definition.operation = operation(child(root, 2)) { name in
        Intrinsic.named(name)?.rawValue
      }
    case .primitive:
      definition.operation = operation(child(root, 2)) { env.primitiveNumber?($0) }
    default: break
    }
    if isType {
      if let old = env.typeNames[module, name], case .definition(let other) = old {
        return duplicate(name, other, nameForm)
      }
      if KnownSymbols.builtinTypes.contains(where: { $0.name == text(name) }) || name == env.known.vec || name == env.known.tuple || name == env.known.function {
        report(.duplicateDefinition, "`\(text(name))` is a built-in type", nameForm)
        return nil
      }
    }
    let hasValue = !isType || definition.kind == .structure || definition.kind == .record
    if hasValue, !isTest, let old = env.values[module, name] {
      if module == .prelude, case .definition(let first) = old {
        // The prelude overloads names by the head type of one argument.
        var last = first
        while env[last].nextOverload != .none { last = env[last].nextOverload }
        env.definitions.append(definition)
        env.definitions[Int(last.raw)].nextOverload = def
        return def
      }
      return duplicate(name, owner(old), nameForm)
    }
    env.definitions.append(definition)
    if isType { env.typeNames[module, name] = .definition(def) }
    if hasValue, !isTest { env.values[module, name] = .definition(def) }
    if definition.kind == .enumeration { enterCases(def, root) }
    if module == .prelude {
      if name == env.known.option { env.optionDef = def }
      if name == env.known.result { env.resultDef = def }
      if name == env.known.rangeType { env.rangeDef = def }
    }
    return def
  }

  private func enterCases(_ def: DefID, _ root: Form) {
    var index = 0
    for i in 2..<max(2, count(root)) {
      let item = child(root, i)
      if tag(item) == .string { continue }
      let nameForm = isList(item) && count(item) > 0 ? child(item, 0) : item
      let name = symbol(nameForm)
      guard name != .none, !isBindingName(name) else { continue }
      if let old = env.values[module, name] {
        _ = duplicate(name, owner(old), nameForm)
      } else {
        env.values[module, name] = .enumCase(def, index)
      }
      index += 1
    }
  }

  private func owner(_ entity: Entity) -> DefID {
    switch entity {
    case .definition(let def), .enumCase(let def, _): def
    }
  }

  private func duplicate(_ name: Symbol, _ other: DefID, _ form: Form) -> DefID? {
    report(
      .duplicateDefinition, "`\(text(name))` is defined twice", form, label: "again here",
      labels: [Diagnostic.Label(Place(env[other].item, env[other].nameSpan), "first here")],
      help: "rename one of them")
    return nil
  }

  private func operation(_ form: Form, _ number: (String) -> UInt32?) -> UInt32 {
    let name = text(symbol(form))
    guard let raw = number(name) else {
      report(.malformedDefinition, "the prelude names an unknown operation `\(name)`", form)
      return 0
    }
    return raw
  }

  /// The name a definition form gives; nil when it is none.
  public func definedName(of root: Form) -> Symbol? {
    guard tag(root) == .list, count(root) > 1 else { return nil }
    var form = child(root, 1)
    if isList(form), count(form) > 0 { form = child(form, 0) }
    let name = symbol(form)
    return name == .none ? nil : annotatedName(name) ?? name
  }

  public func nameSpan(of root: Form) -> Span {
    tag(root) == .list && count(root) > 1 ? span(child(root, 1)) : span(root)
  }

  /// The header of `def` is to be worked out anew.
  public func rework(_ def: DefID) { env.definitions[Int(def.raw)].state = .pending }

  /// The text of `def` stands in another item now.
  public func move(_ def: DefID, to item: ItemID, nameSpan: Span) {
    env.definitions[Int(def.raw)].item = item
    env.definitions[Int(def.raw)].nameSpan = nameSpan
  }

  /// Takes the names of `def` out of the environment; its number stays, unused.
  public func withdraw(_ def: DefID) {
    let definition = env[def]
    if env.typeNames[definition.module, definition.name] == .definition(def) {
      env.typeNames[definition.module, definition.name] = nil
    }
    if env.values[definition.module, definition.name] == .definition(def) {
      env.values[definition.module, definition.name] = nil
    }
    for i in definition.cases {
      let name = env.cases[i].name
      if case .enumCase(def, _)? = env.values[definition.module, name] { env.values[definition.module, name] = nil }
    }
  }
}
