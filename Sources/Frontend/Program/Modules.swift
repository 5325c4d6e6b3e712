// Modules and what they import. A name in a module is its own, or comes by an import, or is the prelude's:
//
//     step            own ─► `:only [step]` of an import ─► (special form) ─► prelude
//     physics/step    the module behind the alias `physics` ─► its own `step`
//
// A symbol with a slash was split when it was interned, so resolving one is an array read, a walk over the
// module's few aliases and one probe. A program without `:only` pays nothing for it.
//
// Invariants: numbers of modules are never used again, and a name keeps its number, so a file that goes and
// comes back is the same module. The tables of imports are derived: `Checker.bindImports` makes them anew
// from `Module.imports` whenever those, or definitions, have changed.

/// `(import game.physics :as p :only [step])`, as written.
public struct Import: Sendable {
  /// The module's whole name.
  public var module: Symbol
  /// What stands before the slash: given by `:as`, else the name's last part.
  public var alias: Symbol
  /// From `:as`. An alias that `:only` leaves unsaid gives way to one that is said.
  public var isExplicit = false
  /// The names of `:only` with their places; nil without it.
  public var names: [(name: Symbol, span: Span)]?
  public var item: ItemID
  public var moduleSpan: Span
  public var aliasSpan: Span

  public var place: Place { Place(item, moduleSpan) }
}

public struct Module: Sendable {
  public var name: Symbol
  /// In the order of the text.
  public internal(set) var imports: [Import] = []
  fileprivate(set) var aliases: [Alias] = []

  struct Alias: Sendable {
    var name: Symbol
    var module: ModuleID
    /// Index into `imports`.
    var origin: Int
  }
}

/// All modules of a program; the prelude is the first.
struct ModuleTable {
  fileprivate(set) var modules: [Module] = []
  fileprivate var numbers: [Symbol: ModuleID] = [:]
  /// What `:only` brings into each module.
  var values = ImportedNames()
  var types = ImportedNames()
  /// Whether any `:only` does, so that most lookups end before these tables.
  var bringsNames = false
  /// How many types of each name the program has, so that equal names can be told apart.
  var typeCounts: [Symbol: Int] = [:]

  init() { modules.append(Module(name: .none)) }
}

/// The module from which an `:only` brings a name. What the name stands for there is looked up each time, so nothing
/// in here gets old when that changes.
struct ImportedNames {
  private var table = NameTable()

  subscript(module: ModuleID, name: Symbol) -> ModuleID? {
    get { table[module, name].map { ModuleID(raw: $0.definition.raw) } }
    set { table[module, name] = newValue.map { .definition(DefID(raw: $0.raw)) } }
  }

  func names(of module: ModuleID) -> [Symbol] { table.names(of: module) }
}

extension Environment {
  // MARK: Modules

  /// The module of that name, made if need be.
  public func addModule(named name: String) -> ModuleID {
    let symbol = interner.intern(name)
    if let known = moduleTable.numbers[symbol] { return known }
    let module = ModuleID(raw: UInt32(moduleTable.modules.count))
    moduleTable.modules.append(Module(name: symbol))
    moduleTable.numbers[symbol] = module
    return module
  }

  public func module(named name: Symbol) -> ModuleID? { moduleTable.numbers[name] }
  public func module(named name: String) -> ModuleID? { moduleTable.numbers[interner.intern(name)] }

  public subscript(module: ModuleID) -> Module { moduleTable.modules[Int(module.raw)] }

  public func moduleName(_ module: ModuleID) -> String {
    module == .prelude ? "prelude" : interner.name(self[module].name)
  }

  /// The modules but the prelude.
  public var allModules: [ModuleID] { (1..<moduleTable.modules.count).map { ModuleID(raw: UInt32($0)) } }

  /// `game.physics/step`.
  public func qualifiedName(_ def: DefID) -> String { moduleName(self[def].module) + "/" + name(def) }

  /// Definitions as a chain of names, for cycles: with modules when there are several.
  public func path(_ defs: some Sequence<DefID>) -> String {
    let isSpread = Set(defs.map { self[$0].module }).count > 1
    return defs.map { "`\(isSpread ? qualifiedName($0) : name($0))`" }.joined(separator: " → ")
  }

  /// Whether any import brings in names by `:only`.
  public var bringsNames: Bool { moduleTable.bringsNames }

  /// Whether imports of a module stand in an item, as far as they have been read. O(its imports).
  public func hasImports(of module: ModuleID, in item: ItemID) -> Bool { self[module].imports.contains { $0.item == item } }

  /// The imports that stood in an item are gone, or are about to be read again.
  public func removeImports(of module: ModuleID, in item: ItemID) {
    moduleTable.modules[Int(module.raw)].imports.removeAll { $0.item == item }
  }

  func add(_ found: Import, to module: ModuleID) { moduleTable.modules[Int(module.raw)].imports.append(found) }

  // MARK: Names that come by imports

  /// The module an alias stands for in `module`.
  public func alias(_ name: Symbol, in module: ModuleID) -> ModuleID? {
    for alias in moduleTable.modules[Int(module.raw)].aliases where alias.name == name { return alias.module }
    return nil
  }

  /// Where a qualified name leads: the module and the name there. Nil for a plain name or an unknown alias.
  @inline(__always)
  func qualified(_ name: Symbol, in module: ModuleID) -> (module: ModuleID, name: Symbol)? {
    guard let parts = interner.split(name), let target = alias(parts.alias, in: module) else { return nil }
    return (target, parts.name)
  }

  /// A value by a qualified name or by `:only`; nil for what is private there.
  func importedValue(_ name: Symbol, in module: ModuleID) -> Entity? {
    let target: ModuleID
    var plain = name
    if let found = qualified(name, in: module) {
      (target, plain) = found
    } else if moduleTable.bringsNames, let origin = moduleTable.values[module, name] {
      target = origin
    } else {
      return nil
    }
    guard let found = values[target, plain], !isHidden(found, from: module) else { return nil }
    return found
  }

  func importedType(_ name: Symbol, in module: ModuleID) -> DefID? {
    var found: Entity?
    if let (target, plain) = qualified(name, in: module) {
      found = typeNames[target, plain]
    } else if moduleTable.bringsNames {
      found = moduleTable.types[module, name].flatMap { typeNames[$0, name] }
    }
    guard case .definition(let def)? = found, !isHidden(.definition(def), from: module) else { return nil }
    return def
  }

  /// Whether a module may not name it because it is private elsewhere.
  func isHidden(_ entity: Entity, from module: ModuleID) -> Bool {
    let def = entity.definition
    return self[def].isPrivate && self[def].module != module
  }

  /// What `module` offers to others: names of its public values and types. O(definitions).
  public func publicNames(of module: ModuleID) -> [Symbol] {
    var names = values.names(of: module).filter { name in
      values[module, name].map { !self[$0.definition].isPrivate } ?? false
    }
    var seen = Set(names)
    for name in typeNames.names(of: module) where seen.insert(name).inserted { names.append(name) }
    return names
  }

  /// The names that imports bring into `module`, as it writes them. O(definitions).
  func importedNames(in module: ModuleID) -> [Symbol] {
    var names = moduleTable.values.names(of: module) + moduleTable.types.names(of: module)
    for alias in self[module].aliases {
      let prefix = interner.name(alias.name) + "/"
      for name in publicNames(of: alias.module) { names.append(interner.intern(prefix + interner.name(name))) }
    }
    return names
  }

  /// Whether a name means something without any definition.
  public func isSpecialForm(_ name: Symbol) -> Bool { SpecialForm(name) != nil }

  // MARK: Equal names

  /// The name of a type: with its module where the program has several types of that name.
  func typeText(_ def: DefID) -> String {
    let count = moduleTable.typeCounts[self[def].name] ?? 0
    return count > 1 || qualifiesTypes ? qualifiedName(def) : name(def)
  }

  func countType(_ name: Symbol, by change: Int) { moduleTable.typeCounts[name, default: 0] += change }
}

extension Entity {
  /// The definition it is or belongs to.
  public var definition: DefID {
    switch self {
    case .definition(let def), .enumCase(let def, _): def
    }
  }
}

extension Checker {
  // MARK: Reading imports

  /// Notes an `(import ..)` form at top level; problems of its shape are reported.
  func readImport(_ root: Form, in module: ModuleID) {
    let example = "as in `(import game.physics)`, `(import game.physics :as p)` or `(import game.physics :only [step])`"
    guard count(root) >= 2, symbol(child(root, 1)) != .none else {
      report(.badImport, "`import` takes the name of a module", count(root) >= 2 ? child(root, 1) : root, help: example)
      return
    }
    let nameForm = child(root, 1)
    let name = symbol(nameForm)
    let parts = text(name).split(separator: ".", omittingEmptySubsequences: false).map(String.init)
    guard parts.allSatisfy(isModuleNamePart) else {
      let help = text(name).contains("/") ? "modules are named with points: `\(text(name).split(separator: "/").joined(separator: "."))`" : example
      report(.badImport, "`\(text(name))` is no name of a module", nameForm, help: help)
      return
    }
    var found = Import(
      module: name, alias: env.interner.intern(parts.last ?? ""), names: nil, item: item,
      moduleSpan: span(nameForm), aliasSpan: span(nameForm))
    var i = 2
    while i < count(root) {
      let option = child(root, i)
      switch keyword(option) == .none ? "" : text(keyword(option)) {
      case "as":
        guard i + 1 < count(root), symbol(child(root, i + 1)) != .none, isModuleNamePart(text(symbol(child(root, i + 1)))) else {
          report(.badImport, "`:as` takes one plain name", i + 1 < count(root) ? child(root, i + 1) : option, help: "as in `(import game.physics :as p)`, which gives `p/step`")
          return
        }
        found.alias = symbol(child(root, i + 1))
        found.aliasSpan = span(child(root, i + 1))
        found.isExplicit = true
      case "only":
        guard i + 1 < count(root), tag(child(root, i + 1)) == .vector else {
          report(.badImport, "`:only` takes names in brackets", i + 1 < count(root) ? child(root, i + 1) : option, help: "as in `(import game.physics :only [step Vec2])`")
          return
        }
        var names: [(name: Symbol, span: Span)] = []
        for k in 0..<count(child(root, i + 1)) {
          let form = child(child(root, i + 1), k)
          guard symbol(form) != .none, env.interner.split(symbol(form)) == nil else {
            report(.badImport, "`:only` takes plain names", form, help: "as in `(import game.physics :only [step Vec2])`")
            continue
          }
          names.append((symbol(form), span(form)))
        }
        found.names = (found.names ?? []) + names
      default:
        report(.badImport, "behind the module's name `import` takes `:as` and `:only`", option, help: example)
        return
      }
      i += 2
    }
    env.add(found, to: module)
  }

  func isImport(_ root: Form) -> Bool {
    tag(root) == .list && count(root) > 0 && symbol(child(root, 0)).raw == SpecialForm.import.rawValue
  }

  /// Whether an item's form is or groups an import.
  public func holdsImports(_ root: Form) -> Bool { topLevelForms(in: root).contains { isImport($0) } }

  // MARK: Binding imports

  /// Makes the tables of imports anew, for all modules, from what each imports and defines. `isLoaded`
  /// says whether there is a file for a module; one without has been told of already. O(imports).
  public func bindImports(isLoaded: (ModuleID) -> Bool) {
    env.moduleTable.values = ImportedNames()
    env.moduleTable.types = ImportedNames()
    env.moduleTable.bringsNames = false
    for module in env.allModules {
      env.moduleTable.modules[Int(module.raw)].aliases = []
      let imports = env[module].imports
      if imports.isEmpty { continue }
      // Aliases that were asked for come before those that `:only` merely allows.
      for (i, found) in imports.enumerated() where found.isExplicit || found.names == nil {
        bindAlias(i, found, in: module, isLoaded)
      }
      bindWeakAliases(imports, in: module, isLoaded)
      for found in imports {
        guard let names = found.names, let target = env.module(named: found.module), isLoaded(target), target != module else { continue }
        for (name, span) in names { bring(name, from: target, into: module, Place(found.item, span)) }
      }
    }
  }

  private func bindAlias(_ index: Int, _ found: Import, in module: ModuleID, _ isLoaded: (ModuleID) -> Bool) {
    guard let target = env.module(named: found.module) else { return }
    let place = Place(found.item, found.isExplicit ? found.aliasSpan : found.moduleSpan)
    if target == module {
      problems.append(
        Diagnostic(
          .badImport, "module `\(text(found.module))` imports itself", at: found.place,
          help: "its own names need no import and no alias"))
      return
    }
    if let other = env[module].aliases.first(where: { $0.name == found.alias }) {
      if other.module == target { return }
      let first = env[module].imports[other.origin]
      problems.append(
        Diagnostic(
          .duplicateDefinition, "alias `\(text(found.alias))` stands for two modules: `\(text(first.module))` and `\(text(found.module))`",
          at: place, label: "again here",
          labels: [Diagnostic.Label(Place(first.item, first.isExplicit ? first.aliasSpan : first.moduleSpan), "first here")],
          help: "give one of them another: `(import \(text(found.module)) :as \(otherAlias(found)))`"))
      return
    }
    guard isLoaded(target) else { return }
    env.moduleTable.modules[Int(module.raw)].aliases.append(Module.Alias(name: found.alias, module: target, origin: index))
  }

  /// `(import game.physics :only [step])` allows `physics/hit` as well, unless the alias is another's or
  /// two such imports claim it.
  private func bindWeakAliases(_ imports: [Import], in module: ModuleID, _ isLoaded: (ModuleID) -> Bool) {
    for (i, found) in imports.enumerated() where !found.isExplicit && found.names != nil {
      let rivals = imports.contains { $0.alias == found.alias && $0.module != found.module }
      if env.module(named: found.module) == module {
        bindAlias(i, found, in: module, isLoaded)
      } else if !rivals {
        bindAlias(i, found, in: module, isLoaded)
      }
    }
  }

  /// An alias that is free, for a suggestion: `game-physics` for `game.physics`.
  private func otherAlias(_ found: Import) -> String {
    let parts = text(found.module).split(separator: ".")
    return parts.count > 1 ? parts.joined(separator: "-") : text(found.module) + "2"
  }

  private func bring(_ name: Symbol, from target: ModuleID, into module: ModuleID, _ place: Place) {
    let value = env.values[target, name]
    let type = env.typeNames[target, name]
    guard let found = value ?? type else {
      problems.append(
        Diagnostic(
          .unknownName, "module `\(env.moduleName(target))` has no `\(text(name))`", at: place,
          label: "not found there", help: missingHelp(name, in: target, prefix: "")))
      return
    }
    if env.isHidden(found, from: module) {
      problems.append(privacy(found.definition, at: place))
      return
    }
    for (entity, isType) in [(value, false), (type, true)] where entity != nil {
      let own = isType ? env.typeNames[module, name] : env.values[module, name]
      let origin = isType ? env.moduleTable.types[module, name] : env.moduleTable.values[module, name]
      if origin == target { continue }
      if let clash = own ?? origin.flatMap({ isType ? env.typeNames[$0, name] : env.values[$0, name] }) {
        let rival = clash.definition
        let isOwn = env[rival].module == module
        problems.append(
          Diagnostic(
            .duplicateDefinition,
            isOwn
              ? "`\(text(name))` is imported, but this module defines it too"
              : "`\(text(name))` is imported from `\(env.moduleName(env[rival].module))` and from `\(env.moduleName(target))`",
            at: place, label: "imported here",
            labels: [Diagnostic.Label(Place(env[rival].item, env[rival].nameSpan), "`\(env.qualifiedName(rival))` is defined here")],
            help: "leave it out of `:only` and call it `\(lastPart(target))/\(text(name))`, behind `(import \(env.moduleName(target)))`"))
        return
      }
      if isType { env.moduleTable.types[module, name] = target } else { env.moduleTable.values[module, name] = target }
      env.moduleTable.bringsNames = true
    }
  }

  // MARK: Names that are not there

  func privacy(_ def: DefID, at place: Place) -> Diagnostic {
    let name = env.name(def)
    return Diagnostic(
      .privateName, "`\(name)` is private to module `\(env.moduleName(env[def].module))`", at: place,
      labels: [Diagnostic.Label(Place(env[def].item, env[def].nameSpan), "defined with `defn-` here")],
      help: "define it with `defn` to let other modules use it")
  }

  /// Reports a qualified name that leads nowhere; false for any other name, which is not its business.
  func reportQualified(_ name: Symbol, _ form: Form) -> Bool {
    guard let parts = env.interner.split(name) else { return false }
    guard let target = env.alias(parts.alias, in: module) else {
      // An import that has a problem of its own was told of already.
      let failed = env[module].imports.map(\.alias).filter { env.alias($0, in: module) == nil && !isRivalled($0) }
      if failed.contains(parts.alias) || closestName(to: text(parts.alias), among: failed.map(text)) != nil { return true }
      report(.unknownModule, "no import of this module has the alias `\(text(parts.alias))`", form, help: aliasHelp(parts.alias))
      return true
    }
    if let found = env.values[target, parts.name] ?? env.typeNames[target, parts.name], env.isHidden(found, from: module) {
      problems.append(privacy(found.definition, at: place(form)))
      return true
    }
    var help = missingHelp(parts.name, in: target, prefix: text(parts.alias) + "/")
    if help == nil, env.typeNames[target, parts.name] != nil {
      help = "`\(text(name))` is a type; an enum is made by one of its cases"
    } else if help == nil, env.values[target, parts.name] != nil {
      help = "`\(text(name))` is a value, not a type"
    }
    report(
      .unknownName, "module `\(env.moduleName(target))` has no \(env.values[target, parts.name] == nil ? "" : "type ")`\(text(parts.name))`",
      form, label: "not found there", help: help)
    return true
  }

  private func isRivalled(_ alias: Symbol) -> Bool {
    let imports = env[module].imports.filter { $0.alias == alias }
    return Set(imports.map(\.module)).count > 1 && imports.allSatisfy { !$0.isExplicit && $0.names != nil }
  }

  private func aliasHelp(_ alias: Symbol) -> String {
    let imports = env[module].imports
    if let found = imports.first(where: { $0.module == alias }) {
      return "module `\(text(alias))` is imported as `\(text(found.alias))`"
    }
    if isRivalled(alias) {
      let rivals = imports.filter { $0.alias == alias }.map { "`\(text($0.module))`" }
      return "it could be \(rivals.joined(separator: " or ")): say which with `:as`"
    }
    let names = env[module].aliases.map { text($0.name) }
    if let near = closestName(to: text(alias), among: names) { return "did you mean `\(near)`?" }
    return "`(import \(text(alias)))` at top level brings it in"
  }

  private func missingHelp(_ name: Symbol, in target: ModuleID, prefix: String) -> String? {
    let names = env.publicNames(of: target).map(text)
    if let near = closestName(to: text(name), among: names) { return "did you mean `\(prefix)\(near)`?" }
    if names.isEmpty { return "the module offers no names yet" }
    return nil
  }

  private func lastPart(_ module: ModuleID) -> String {
    String(env.moduleName(module).split(separator: ".").last ?? "")
  }
}

/// Whether text can be a part of a module's name: a letter or `_`, then letters, digits, `-` and `_`.
public func isModuleNamePart(_ text: some StringProtocol) -> Bool {
  guard let first = text.unicodeScalars.first, first == "_" || first.properties.isAlphabetic else { return false }
  return text.unicodeScalars.allSatisfy { $0 == "_" || $0 == "-" || $0.properties.isAlphabetic || ("0"..."9").contains($0) }
}
