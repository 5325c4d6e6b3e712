// The compiler of one program: its texts, what is known of them, and the way from an item to bytecode.
// It knows nothing of threads or of a running machine; `Installation` puts what it makes there.
//
//   text ─► SourceStore ─► Checker.declare ─► headers ─► bodies ─► Lowering ─► finished functions
//
// Invariant: `lowering.finished` is drained by the caller after every step that lowers.

import Bytecode
import Frontend
import Lowering

public final class Program {
  public let env = Environment()
  public let source: FormSource
  public let checker: Checker
  public let lowering: Lowering
  /// Made when the first macro is met, and anew when one has changed.
  private var engine: MacroEngine?
  var macros: MacroEngine {
    if let engine { return engine }
    let made = MacroEngine(self, predefined: predefined)
    engine = made
    return made
  }
  let predefined: PredefinedDescriptors

  /// The first of what each item defines, by item number; `.none` where it defines nothing.
  var definitionOfItem: [DefID] = []
  /// Where the definition's form begins in its item, and where its body does: an edit behind that leaves
  /// the signature. By definition, as are the following.
  var formStart: [Int] = []
  var bodyStart: [Int] = []
  /// Hash of the definition's text when it was declared or compiled.
  var formHash: [UInt64] = []
  /// Hash of the text before its body.
  var headerHash: [UInt64] = []
  /// Globals and functions that a definition's body names, and defaults that it takes, by definition; for initialisation order.
  var uses: [[DefID]] = []
  /// The same of defaults.
  var defaultUses = DefaultUses()
  /// Definitions that values are worked out with; nil when not known.
  var behindValues: Set<DefID>?
  /// The program's constants and variables in textual order.
  var valueDefinitions: [DefID] = []
  /// The program's functions, in textual order.
  var functions: [DefID] = []
  /// Items with forms that may be macro calls.
  var itemsWithCalls: Set<ItemID> = []
  /// The program's macros, in textual order.
  var macroDefinitions: [DefID] = []
  /// The program's hooks for values of earlier layouts.
  var migrations: [DefID] = []
  /// Who relies on whom.
  var dependencies = DependencyTracker()
  /// What macros made of bodies that call some.
  var expansionRecords: [DefID: ExpansionRecord] = [:]
  /// The same of items whose definitions a macro made.
  var itemExpansions: [ItemID: ItemExpansion] = [:]
  /// What the open change has to put back, see ProgramChange.swift.
  var change: ProgramChange?
  /// Definitions that macros run; nil when not known.
  private var behindMacros: Set<DefID>?
  public internal(set) var main = DefID.none
  /// The module whose `main` runs, and in which a prompt evaluates.
  public internal(set) var mainModule = ModuleID.prelude
  /// The module of each file, by the file's number; nil for what is no part of the program.
  var modules: [ModuleID?] = []
  /// Paths that were read or looked for: a change to one of them may matter.
  var wanted: Set<String> = []

  /// Where the time of loading and checking went.
  public internal(set) var phases = CheckPhases()

  public init(predefined: PredefinedDescriptors) {
    self.predefined = predefined
    source = FormSource(environment: env)
    checker = Checker(environment: env, source: source)
    lowering = Lowering(environment: env, predefined: predefined)
    env.primitiveNumber = { name in Primitive.named(name).map { UInt32($0.rawValue) } }
    loadPrelude()
    env.preludeCount = env.definitions.count
    env.expander = MacroSeam(self)
    implementOperations(lowering)
    lowering.bodyProvider = { [unowned self] def in body(of: def) }
    lowering.headerProvider = { [unowned self] def in _ = checker.resolve(def) }
    lowering.defaultProvider = { [unowned self] def, index in defaultTree(of: def, index) }
  }

  private func loadPrelude() {
    let file = source.add(path: Prelude.path, text: Prelude.text)
    modules.append(.prelude)
    for item in source.store.items(of: file) { declare(item, .prelude) }
  }

  /// How maps and syntax are compared, hashed and shown.
  func implementOperations(_ lowering: Lowering) {
    for (operation, function) in zip([StructuralOperation.equal, .compare, .hash], env.mapOperations) {
      lowering.setImplementation(operation, for: env.mapDef, function)
    }
    for (operation, function) in zip([StructuralOperation.equal, .hash, .show], env.syntaxOperations) {
      lowering.setImplementation(operation, for: env.syntaxDef, function)
    }
  }

  // MARK: Declaring

  /// Enters what the item defines and did not define before; answers that.
  @discardableResult
  func declare(_ item: ItemID, _ module: ModuleID, addsNew: Bool = true) -> [DefID] {
    setDefinition(of: item, definition(of: item))
    guard let location = source.forms(of: item) else { return [] }
    defer { source.recycle(location) }
    let (first, new) = checker.declare(
      item: item, at: location, module: module, known: definitionOfItem[Int(item.raw)], addsNew: addsNew)
    setDefinition(of: item, first)
    if checker.hasOpenCalls { itemsWithCalls.insert(item) }
    let known = bodyStart.count
    while bodyStart.count < env.definitions.count {
      formStart.append(0)
      bodyStart.append(Int.max)
      headerHash.append(0)
      formHash.append(0)
      uses.append([])
    }
    for def in new where Int(def.raw) < known {
      touch(def)
      bodyStart[Int(def.raw)] = Int.max
      headerHash[Int(def.raw)] = 0
    }
    for def in definitions(of: item) {
      formStart[Int(def.raw)] = checker.formOffset(of: def, location.root)
      if new.contains(def) { formHash[Int(def.raw)] = hashOfForm(def, location) }
    }
    return new
  }

  /// The hash of a definition's text: of the whole item when that is all it defines, and without methods
  /// and functions, which are definitions themselves.
  func hashOfForm(_ def: DefID, _ location: FormLocation) -> UInt64 {
    if env[def].kind == .trait || env[def].kind == .implementation {
      let form = checker.form(of: def, in: location.root)
      guard form != .none, let part = checker.memberPart(of: form) else { return 0 }
      return source.store.hash(of: Int(checker.formSpan(form).start)..<part.start, in: env[def].item) ^ UInt64(part.forms)
    }
    if env[def].path.isEmpty { return source.store.contentHash(of: env[def].item) }
    let form = checker.form(of: def, in: location.root)
    guard form != .none else { return 0 }
    let span = checker.formSpan(form)
    return source.store.hash(of: Int(span.start)..<Int(span.end), in: env[def].item)
  }

  /// Notes a definition of the user's program that has its header.
  func register(_ def: DefID) {
    switch env[def].kind {
    case .constant, .variable: valueDefinitions.append(def)
    case .function where env[def].isTest || env[def].parent != .none: functions.append(def)
    case .method:
      if env[def].hasBody { functions.append(def) }
    case .function:
      functions.append(def)
      if env[def].module == mainModule, env.interner.name(env[def].name) == "main" { main = def }
    case .macro: macroDefinitions.append(def)
    case .migration: migrations.append(def)
    default: break
    }
  }

  /// The first definition that an item makes; `Definition.nextInItem` leads to the others.
  public func definition(of item: ItemID) -> DefID {
    Int(item.raw) < definitionOfItem.count ? definitionOfItem[Int(item.raw)] : .none
  }

  /// What an item defines, in the order of the text.
  public func definitions(of item: ItemID) -> [DefID] {
    var all: [DefID] = []
    var next = definition(of: item)
    while next != .none {
      all.append(next)
      next = env[next].nextInItem
    }
    return all
  }

  /// What a name stands for in a module, the main one by default.
  public func definition(named name: String, in module: ModuleID? = nil) -> DefID? {
    let symbol = env.interner.intern(name)
    let module = module ?? mainModule
    return env.value(symbol, in: module)?.definition ?? env.typeName(symbol, in: module)
  }

  /// The definition of a module with a key, see `Checker.definitionKeys`. O(definitions) for
  /// implementations.
  func definition(key: String, in module: ModuleID) -> DefID? {
    guard key.hasPrefix("impl ") else { return definition(named: key, in: module) }
    for raw in env.definitions.indices where env.definitions[raw].module == module {
      let def = DefID(raw: UInt32(raw))
      guard env[def].kind == .implementation || env[def].kind == .function && env[def].parent != .none else { continue }
      if self.key(of: def) == key, isCurrent(def) { return def }
    }
    return nil
  }

  func key(of def: DefID) -> String {
    let parent = env[def].parent
    return parent != .none && env[parent].kind == .implementation ? env.name(parent) + "/" + env.name(def) : env.name(def)
  }

  func identity(of def: DefID) -> DefinitionIdentity {
    let parent = env[def].parent
    let isOfTrait = env[def].kind == .method && parent != .none && env[parent].kind == .trait
    return DefinitionIdentity(key: key(of: def), kind: env[def].kind, isTest: env[def].isTest, owner: isOfTrait ? env.name(parent) : "")
  }

  /// The key together with the module's name.
  func qualifiedKey(of def: DefID) -> String { env.moduleName(env[def].module) + "/" + key(of: def) }

  /// Checks every body without lowering. Used where only the diagnostics matter.
  public func checkAll() -> [Diagnostic] {
    let start = microseconds()
    defer { phases.bodies += microseconds() - start }
    var problems: [Diagnostic] = []
    for def in functions + valueDefinitions where env[def].state == .resolved {
      if env[def].typeParameters.isEmpty || env[def].kind == .function { _ = checkBody(def) }
      problems += checker.takeProblems()
    }
    problems += checkMigrations()
    problems += checkDefaults()
    problems += initialisationProblems()
    return problems + macroProblems()
  }

  /// Whether what a macro does depends on `def`. O(1) but for the first call after a change to such a definition.
  func isBehindMacros(_ def: DefID) -> Bool {
    if macroDefinitions.isEmpty { return false }
    if behindMacros == nil { behindMacros = reachable(from: macroDefinitions) }
    return behindMacros?.contains(def) == true
  }

  /// The macros that run one of `changed`, these included.
  func macros(running changed: Set<DefID>) -> [DefID] {
    macroDefinitions.filter { !reachable(from: [$0]).isDisjoint(with: changed) }
  }

  /// Whether one of `targets` is relied on by `roots`, directly or not.
  func reaches(_ targets: Set<DefID>, from roots: [DefID]) -> Bool {
    !targets.isEmpty && !reachable(from: roots).isDisjoint(with: targets)
  }

  /// What `roots` rely on, directly or not, these included.
  func reachable(from roots: [DefID]) -> Set<DefID> {
    var found = Set(roots)
    var pending = roots
    while let next = pending.popLast() {
      for used in dependencies.body(of: next) + env.headerUses(of: next) where found.insert(used).inserted { pending.append(used) }
      // Which functions of an implementation run is not known here.
      guard env[next].kind == .implementation || env[next].kind == .trait else { continue }
      for member in env.members[env[next].members] where found.insert(member).inserted { pending.append(member) }
    }
    return found
  }

  /// Macros are compiled anew when they are called next.
  func resetMacros() {
    engine = nil
    behindMacros = nil
  }

  /// Expands macro calls at top level, in any order: what one makes may be what another needs. Adds the
  /// definitions that come of it to `made`.
  func expandItems(_ made: inout [DefID]) -> [Diagnostic] {
    var problems: [Diagnostic] = []
    var open = itemsWithCalls.sorted { $0.raw < $1.raw }
    var isLast = false
    while !open.isEmpty {
      var left: [ItemID] = []
      var hasProgress = false
      for item in open {
        guard let module = module(of: item), let location = source.forms(of: item) else { continue }
        problems += checker.takeProblems()
        let (root, isOpen) = checker.expandItem(item, at: location, module: module, isLast: isLast)
        let found = checker.takeProblems()
        if isLast { problems += found }
        if let root {
          hasProgress = true
          source.keep(location, root: root, for: item)
          itemExpansions[item] = ItemExpansion(location, hash: checker.hashOfExpansions(at: location))
          made += declare(item, module)
        } else {
          source.recycle(location)
        }
        if isOpen { left.append(item) }
      }
      if isLast { break }
      if hasProgress { macros.retry() } else { isLast = true }
      open = left
    }
    return problems + checker.takeProblems()
  }

  /// Problems of macros that came up in an expansion.
  func takeMacroProblems() -> [Diagnostic] { macroDefinitions.isEmpty ? [] : macros.takeProblems() }

  /// What is wrong with macros, called or not, and with what they call.
  func macroProblems() -> [Diagnostic] {
    if macroDefinitions.isEmpty { return [] }
    for def in macroDefinitions where env[def].state == .resolved { _ = macros.prepare(def) }
    return macros.takeProblems()
  }

  /// Checks every body and lowers it. Answers all problems; with errors among them nothing made may
  /// be installed.
  ///
  /// `isSound`: loading found no errors. Otherwise nothing is lowered, since a header may lack its types.
  public func compileAll(isSound: Bool) -> [Diagnostic] {
    var problems: [Diagnostic] = []
    var sound = isSound
    for def in functions where env[def].state == .resolved {
      if checkBody(def) {
        // Tests are lowered when they are to run.
        if sound, !env[def].isTest { lowering.lower(def, checker.typed) }
      } else {
        sound = false
      }
      problems += checker.takeProblems()
    }
    for def in valueDefinitions where env[def].state == .resolved {
      if !checkBody(def) { sound = false }
      problems += checker.takeProblems()
    }
    problems += checkMigrations()
    problems += checkDefaults()
    problems += initialisationProblems()
    problems += macroProblems()
    guard !problems.contains(where: { $0.severity == .error }) else { return problems }
    lowering.compilePending()
    return problems + lowering.problems
  }

  /// Checks the body of `def` into `checker.typed`, noting what it uses and where it begins.
  func checkBody(_ def: DefID) -> Bool {
    guard let location = source.forms(of: env[def].item) else { return false }
    defer { source.recycle(location) }
    return checkBody(def, at: location)
  }

  func checkBody(_ def: DefID, at location: FormLocation) -> Bool {
    let sound = checker.checkBody(of: def, at: location)
    let start = checker.formOffset(of: def, location.root)
    let offset = checker.bodyOffset(of: def, location.root)
    formStart[Int(def.raw)] = start
    bodyStart[Int(def.raw)] = offset
    headerHash[Int(def.raw)] = source.store.hash(of: start..<offset, in: env[def].item)
    formHash[Int(def.raw)] = hashOfForm(def, location)
    guard sound else {
      uses[Int(def.raw)].removeAll()
      return false
    }
    if lowering.keepsKeys {
      for i in checker.typed.lambdas.indices {
        let span = checker.typed.lambdas[i].span
        if span.end > span.start { checker.typed.lambdas[i].text = source.store.hash(of: Int(span.start)..<Int(span.end), in: env[def].item) }
      }
    }
    noteUses(def)
    var used = checker.used
    if !location.forms.expansions.isEmpty || expansionRecords[def] != nil { expansionRecords[def] = checker.expansionRecord(at: location) }
    if hasDefaults(def) { used += usesOfDefaults(def) }
    if !macroDefinitions.isEmpty, behindMacros?.contains(def) == true, dependencies.body(of: def) != used { behindMacros = nil }
    dependencies.setBody(def, used)
    return true
  }

  /// What the defaults of `def` rely on; leaves the checked body where it is.
  private func usesOfDefaults(_ def: DefID) -> [DefID] {
    let side = Checker(environment: env, source: source)
    var used: [DefID] = []
    for index in defaultIndices(of: def) {
      _ = defaultTree(of: def, index, side)
      used += side.used
    }
    return used
  }

  /// Problems are left in the checker. What a type's defaults rely on is noted; a function's are noted with its body.
  func checkDefaults(of def: DefID) {
    var used: [DefID] = []
    let indices = defaultIndices(of: def)
    for index in indices {
      if defaultTree(of: def, index) != nil { noteDefaultUses(def, index) }
      used += checker.used
    }
    switch env[def].kind {
    case .structure, .record, .enumeration: dependencies.setBody(def, used)
    default: break
    }
  }

  private func checkDefaults() -> [Diagnostic] {
    for raw in env.definitions.indices where env.definitions[raw].module != .prelude && env.definitions[raw].state == .resolved {
      let def = DefID(raw: UInt32(raw))
      guard isCurrent(def) else { continue }
      checkDefaults(of: def)
    }
    return checker.takeProblems()
  }

  /// Whether `def` is in the text still.
  func isCurrent(_ def: DefID) -> Bool {
    var next = definition(of: env[def].item)
    while next != .none, next != def { next = env[next].nextInItem }
    return next == def
  }

  /// Parameters or fields with a default, in the numbering of `Lowering.defaultProvider`.
  func defaultIndices(of def: DefID) -> [Int] {
    let definition = env[def]
    switch definition.kind {
    case .function:
      return definition.parameters.filter { env.parameters[$0].hasDefault }.map { $0 - definition.parameters.lowerBound }
    case .structure, .record:
      return definition.fields.filter { env.fields[$0].hasDefault }.map { $0 - definition.fields.lowerBound }
    case .enumeration:
      return definition.cases.enumerated().flatMap { position, i in
        let fields = env.cases[i].fields
        return fields.filter { env.fields[$0].hasDefault }.map { Environment.defaultNumber(ofField: $0 - fields.lowerBound, ofCase: position) }
      }
    default: return []
    }
  }

  // MARK: What lowering asks for

  private func body(of def: DefID) -> TypedTree? {
    let kind = env[def].kind
    guard kind == .function || kind == .method || kind == .migration, env[def].state == .resolved || checker.resolve(def) else { return nil }
    return checkBody(def) ? checker.typed : nil
  }

  func defaultTree(of def: DefID, _ index: Int, _ checker: Checker? = nil) -> TypedTree? {
    let checker = checker ?? self.checker
    guard let location = source.forms(of: env[def].item) else { return nil }
    defer { source.recycle(location) }
    let definition = env[def]
    var form: Form?
    var type = TypeID.none
    checker.enter(location)
    switch definition.kind {
    case .function:
      form = checker.defaultForm(ofParameter: index, def, location.root)
      type = env.parameters[definition.parameters.lowerBound + index].type
    case .structure, .record, .enumeration:
      guard let field = env.field(ofDefault: index, of: def) else { return nil }
      let place = definition.kind == .enumeration ? Environment.place(ofDefault: index) : nil
      form = checker.defaultForm(ofField: place?.field ?? index, def, location.root, caseIndex: place?.enumCase)
      type = env.fields[field].type
    default: break
    }
    guard let form else { return nil }
    return checker.checkDefault(of: def, form: form, expected: type, at: location) ? checker.typed : nil
  }
}

/// What macros made of an item whose definitions they wrote.
struct ItemExpansion {
  var macros: Set<DefID>
  var hash: UInt64

  init(_ location: FormLocation, hash: UInt64) {
    macros = Set(location.forms.expansions.map(\.macro))
    self.hash = hash
  }
}
