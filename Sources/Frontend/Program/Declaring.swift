// The first pass over an item: what it defines, by name only. Headers and bodies follow on demand.
//
// An item makes any number of definitions: `(do (defn ..) (defstruct ..))` groups some. They form a
// chain in the order of the text (`Definition.nextInItem`), and each knows the way to its own form
// (`Definition.path`).

extension Checker {
  /// Enters the definitions an item makes into the environment: none for an item that defines nothing
  /// (a comment, an error already reported by the reader). Answers the first of the item, and those that
  /// are new; one that was withdrawn by an earlier change comes back under the number it had.
  ///
  /// `known` is the chain of definitions the item made before. Those that are still there keep their
  /// numbers; with `addsNew` false nothing else is entered.
  @discardableResult
  public func declare(
    item: ItemID, at location: FormLocation, module: ModuleID, known: DefID = .none, addsNew: Bool = true
  ) -> (first: DefID, new: [DefID]) {
    forms = location.forms
    base = location.base
    self.item = item
    self.module = module
    chain = ItemChain(addsNew: addsNew)
    var next = known
    while next != .none {
      chain.known.append(next)
      env.touch(next)
      next = env[next].nextInItem
    }
    declareForms(location.root)
    if chain.last != .none { env.definitions[Int(chain.last.raw)].nextInItem = .none }
    return (chain.first, chain.new)
  }

  /// What `declare` has made of the item at hand.
  struct ItemChain {
    var addsNew = true
    var known: [DefID] = []
    var new: [DefID] = []
    var first = DefID.none
    var last = DefID.none
    /// The way to the form at hand.
    var path: [UInt32] = []
    var hasCalls = false
  }

  private func declareForms(_ root: Form) {
    if isGroup(root) {
      for i in 1..<max(1, count(root)) {
        chain.path.append(UInt32(i))
        declareForms(child(root, i))
        chain.path.removeLast()
      }
      return
    }
    guard let def = declareForm(root) else { return }
    link(def)
    switch env[def].kind {
    case .trait, .implementation: declareMembers(of: def, root)
    default: break
    }
  }

  private func declareMembers(of parent: DefID, _ root: Form) {
    let isTrait = env[parent].kind == .trait
    var members: [DefID] = []
    for i in memberIndices(root) {
      let form = child(root, i)
      guard let nameForm = memberName(form) else { continue }
      var definition = Definition(
        kind: isTrait ? .method : .function, module: module, name: symbol(nameForm), item: item, nameSpan: span(nameForm))
      definition.parent = parent
      definition.operation = isTrait ? UInt32(members.count) : 0
      chain.path.append(UInt32(i))
      var def = adopt(definition)
      if def == nil, chain.addsNew { def = isTrait ? enter(definition, form, isTest: false, nameForm) : append(definition) }
      if let def {
        link(def)
        members.append(def)
      }
      chain.path.removeLast()
    }
    let start = env.members.count
    env.members += members
    env.definitions[Int(parent.raw)].members = start..<env.members.count
  }

  /// Gives a definition its number.
  func append(_ definition: Definition) -> DefID {
    let def: DefID
    if let former = env.takeWithdrawn(definition) {
      env.touch(former)
      env.definitions[Int(former.raw)] = definition
      def = former
    } else {
      def = DefID(raw: UInt32(env.definitions.count))
      env.definitions.append(definition)
    }
    chain.new.append(def)
    return def
  }

  /// The children of a trait's or implementation's form that define methods.
  func memberIndices(_ root: Form) -> [Int] {
    (2..<max(2, count(root))).filter { memberName(child(root, $0)) != nil }
  }

  /// The name in `(defn name [..] ..)` or `(name [..] ..)`.
  func memberName(_ form: Form) -> Form? {
    guard isList(form), count(form) > 1 else { return nil }
    if symbol(child(form, 0)).raw == SpecialForm.defn.rawValue {
      return symbol(child(form, 1)) != .none ? child(form, 1) : nil
    }
    let i = tag(child(form, 1)) == .string ? 2 : 1
    guard i < count(form), tag(child(form, i)) == .vector, symbol(child(form, 0)) != .none else { return nil }
    return child(form, 0)
  }

  /// `impl Trait Head`: what a second implementation would collide with.
  private func implementationName(_ target: Form) -> Symbol {
    func head(_ form: Form) -> String { isList(form) && count(form) > 0 ? head(child(form, 0)) : text(symbol(form)) }
    let type = count(target) > 1 ? head(child(target, 1)) : "?"
    return env.interner.intern("impl \(head(target)) \(type)")
  }

  /// Whether `(do ..)` stands where definitions do.
  func isGroup(_ form: Form) -> Bool {
    tag(form) == .list && count(form) > 0 && symbol(child(form, 0)).raw == SpecialForm.do.rawValue
  }

  func link(_ def: DefID) {
    if !chain.path.isEmpty || !env[def].path.isEmpty {
      let old = env[def].path
      if env.formPaths[old] != chain.path[...] {
        let start = env.formPaths.count
        env.formPaths += chain.path
        env.definitions[Int(def.raw)].path = start..<env.formPaths.count
      }
    }
    if chain.last == .none { chain.first = def } else { env.definitions[Int(chain.last.raw)].nextInItem = def }
    chain.last = def
  }

  /// The definition's own form in the form of its item; `.none` when it is not there any more.
  public func form(of def: DefID, in root: Form) -> Form { form(of: env[def], in: root) }

  func form(of definition: Definition, in root: Form) -> Form {
    var form = root
    for i in definition.path {
      let index = Int(env.formPaths[i])
      guard tag(form) == .list, index < count(form) else { return .none }
      form = child(form, index)
    }
    // The text may be one that was refused, with something else in that place.
    if definition.path.isEmpty { return form }
    let name = definition.kind == .method ? memberName(form).map { symbol($0) } : definedName(of: form)
    return name == definition.name ? form : .none
  }

  private func declareForm(_ root: Form) -> DefID? {
    guard tag(root) == .list, count(root) > 0 else {
      if tag(root) != .error {
        report(
          .notADefinition, "only definitions stand at top level", root,
          help: "put what the program does into `(defn main [] -> Unit ..)`")
      }
      return nil
    }
    let head = symbol(child(root, 0))
    if isMigration(root) { return declareMigration(root) }
    guard head != .none, let special = SpecialForm(head), special.rawValue < SpecialForm.let.rawValue else {
      if head != .none, env.expander != nil, module != .prelude {
        chain.hasCalls = true  // perhaps of a macro: see `expandItem`
      } else {
        reportNotADefinition(root)
      }
      return nil
    }
    let kind: DefinitionKind
    switch special {
    case .impl: return declareImplementation(root)
    case .intrinsic where module == .prelude: kind = .intrinsic
    case .primitive where module == .prelude: kind = .primitive
    case .import:
      readImport(root, in: module)
      return nil
    case .project:
      report(
        .badProject, "`project` stands in a `project.lang`, not in a module", root,
        help: "move it into the file `project.lang` at the root of the project, beside `src`")
      return nil
    default:
      guard let known = special.definitionKind else {
        report(.unavailable, "`\(special.spelling)` is not available yet", root)
        return nil
      }
      kind = known
    }
    guard count(root) > 1, let (name, nameForm) = definedName(child(root, 1), kind) else {
      report(.malformedDefinition, "`\(special.spelling)` needs a name", root)
      return nil
    }
    if kind == .function || kind == .constant || kind == .variable || kind == .macro, isList(child(root, 1)) {
      report(
        .malformedDefinition, "`\(special.spelling)` needs a name before this", child(root, 1),
        help: special == .deftest ? "as in `(deftest addition (assert= 4 (+ 2 2)))`" : nil)
      return nil
    }
    if let parts = env.interner.split(name) {
      report(
        .malformedDefinition, "a definition's name has no slash", nameForm,
        help: "write `\(text(parts.name))` alone: the module's alias stands before it only where others use it")
      return nil
    }
    if isFreshName(name), !name.isAlias { reportStrayFreshName(name, nameForm) }
    var definition = Definition(kind: kind, module: module, name: name, item: item, nameSpan: span(nameForm))
    definition.isPrivate = special == .defnPrivate
    definition.isTest = special == .deftest
    if let old = adopt(definition) {
      if kind == .enumeration { enterCasesAgain(old, root) }
      return old
    }
    if !chain.addsNew { return nil }
    return enter(definition, root, isTest: special == .deftest, nameForm)
  }

  private func declareImplementation(_ root: Form) -> DefID? {
    guard count(root) > 1, isList(child(root, 1)), count(child(root, 1)) > 1, symbol(child(child(root, 1), 0)) != .none else {
      report(
        .malformedDefinition, "`impl` needs a trait and a type", count(root) > 1 ? child(root, 1) : root,
        help: "as in `(impl (Show Player) (defn show [p: Player] -> String ..))`")
      return nil
    }
    let target = child(root, 1)
    let definition = Definition(
      kind: .implementation, module: module, name: implementationName(target), item: item, nameSpan: span(target))
    if let old = adopt(definition) { return old }
    if !chain.addsNew { return nil }
    let def = append(definition)
    env.pendingImplementations.append(def)
    return def
  }

  private func declareMigration(_ root: Form) -> DefID? {
    let definition = Definition(
      kind: .migration, module: module, name: migrationName(child(root, 1)), item: item, nameSpan: span(child(root, 1)))
    if let old = adopt(definition) { return old }
    if !chain.addsNew { return nil }
    return enter(definition, root, isTest: false, child(root, 1))
  }

  func isTraitOrImplementation(_ root: Form) -> Bool {
    let head = symbol(child(root, 0)).raw
    return head == SpecialForm.deftrait.rawValue || head == SpecialForm.impl.rawValue
  }

  /// The item's former definition of the same name and kind goes on as this one.
  private func adopt(_ definition: Definition) -> DefID? {
    guard !chain.known.isEmpty,
      let index = chain.known.firstIndex(where: {
        env[$0].name == definition.name && env[$0].kind == definition.kind && env[$0].parent == definition.parent
          && env[$0].isTest == definition.isTest
      })
    else { return nil }
    let def = chain.known.remove(at: index)
    let moved = definition.nameSpan.start &- env[def].nameSpan.start
    env.definitions[Int(def.raw)].item = definition.item
    env.definitions[Int(def.raw)].operation = definition.kind == .method ? definition.operation : env[def].operation
    shift(def, by: moved)
    env.definitions[Int(def.raw)].nameSpan = definition.nameSpan
    env.definitions[Int(def.raw)].isPrivate = definition.isPrivate
    return def
  }

  /// The name a definition form gives: `name`, `name:` before a type, or `(Name a b)`.
  func definedName(_ form: Form, _ kind: DefinitionKind) -> (Symbol, Form)? {
    if isList(form), count(form) > 0 { return definedName(child(form, 0), kind) }
    var name = definedSymbol(form)
    guard name != .none else { return nil }
    if kind == .constant || kind == .variable, let plain = annotatedName(name) { name = plain }
    let isType = kind == .structure || kind == .record || kind == .enumeration || kind == .alias || kind == .trait
    if isType, isBindingName(name) {
      report(.malformedDefinition, "a \(kind == .trait ? "trait" : "type")'s name begins with a capital letter", form)
    }
    return (name, form)
  }

  func enter(_ definition: Definition, _ root: Form, isTest: Bool, _ nameForm: Form) -> DefID? {
    var definition = definition
    let name = definition.name
    let isType = definition.kind == .structure || definition.kind == .record || definition.kind == .enumeration || definition.kind == .alias
      || definition.kind == .trait
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
      if module == .prelude, definition.kind == .method {
        // `=`, `+` and their like are intrinsics that know their traits.
        return append(definition)
      }
      if module == .prelude, case .definition(let first) = old {
        // The prelude overloads names by the head type of one argument.
        var last = first
        while env[last].nextOverload != .none { last = env[last].nextOverload }
        let def = append(definition)
        env.definitions[Int(last.raw)].nextOverload = def
        return def
      }
      return duplicate(name, owner(old), nameForm)
    }
    if isTest, let first = env.tests[TestName(module, name)] { return duplicate(name, first, nameForm, what: "test ") }
    let def = append(definition)
    if isTest { env.tests[TestName(module, name)] = def }
    if isType {
      env.typeNames[module, name] = .definition(def)
      env.countType(name, by: 1)
    }
    if hasValue, !isTest { env.values[module, name] = .definition(def) }
    if definition.kind == .enumeration { enterCases(def, root) }
    if module == .prelude {
      if name == env.known.option { env.optionDef = def }
      if name == env.known.result { env.resultDef = def }
      if name == env.known.rangeType { env.rangeDef = def }
      if name == env.known.mapType { env.mapDef = def }
      if name == env.known.setType { env.setDef = def }
      if definition.kind == .trait, let known = BuiltinTrait(name: text(name)) {
        env.definitions[Int(def.raw)].operation = known.rawValue + 1
        env.builtinTraits[Int(known.rawValue)] = def
      }
      if name == env.known.syntax { env.syntaxDef = def }
    }
    return def
  }

  private func enterCases(_ def: DefID, _ root: Form) {
    var index = 0
    var names: Set<Symbol> = []
    for i in 2..<max(2, count(root)) {
      let item = child(root, i)
      if tag(item) == .string { continue }
      let nameForm = isList(item) && count(item) > 0 ? child(item, 0) : item
      let name = symbol(nameForm)
      guard name != .none, !isBindingName(name) else { continue }
      // An item is entered again when a macro in it has been expanded, before the headers of what else it defines are known.
      let isNew = names.insert(name).inserted
      if let old = env.values[module, name], !isNew || owner(old) != def {
        _ = duplicate(name, owner(old), nameForm)
      } else {
        env.values[module, name] = .enumCase(def, index)
      }
      index += 1
    }
  }

  /// The cases of an enum are others by its text now.
  private func enterCasesAgain(_ def: DefID, _ root: Form) {
    withdrawCases(of: def)
    enterCases(def, root)
  }

  private func owner(_ entity: Entity) -> DefID {
    switch entity {
    case .definition(let def), .enumCase(let def, _): def
    }
  }

  private func duplicate(_ name: Symbol, _ other: DefID, _ form: Form, what: String = "") -> DefID? {
    report(
      .duplicateDefinition, "\(what)`\(text(name))` is defined twice", form, label: "again here",
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
    guard tag(root) == .list, count(root) > 1, !isImport(root) else { return nil }
    var form = child(root, 1)
    if isMigration(root) { return migrationName(form) }
    if symbol(child(root, 0)).raw == SpecialForm.impl.rawValue {
      return isList(form) && count(form) > 1 ? implementationName(form) : nil
    }
    if isList(form), count(form) > 0 { form = child(form, 0) }
    let name = definedSymbol(form)
    return name == .none ? nil : annotatedName(name) ?? name
  }

  public func nameSpan(of root: Form) -> Span {
    tag(root) == .list && count(root) > 1 ? span(child(root, 1)) : span(root)
  }

  /// The span of a form in its item.
  public func formSpan(_ form: Form) -> Span { span(form) }
}
