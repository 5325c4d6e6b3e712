// What the checker knows of the whole program: names, types, definitions. One per session, used by
// one thread at a time. It holds no forms and no bodies; those are read from the items' text again.

/// What a name stands for in a module.
public enum Entity: Hashable, Sendable {
  case definition(DefID)
  case enumCase(DefID, Int)
}

public final class Environment {
  public var interner: Interner
  public var types = TypePool()
  public internal(set) var definitions: [Definition] = []
  public internal(set) var parameters: [Parameter] = []
  public internal(set) var fields: [Field] = []
  public internal(set) var cases: [EnumCase] = []
  public internal(set) var typeParameters: [TypeParameter] = []
  /// Ways from an item's form to those of its definitions, see `Definition.path`.
  public internal(set) var formPaths: [UInt32] = []

  /// What definitions require of their type parameters beyond `Constraints`.
  public internal(set) var requirements: [Requirement] = []
  /// Methods of traits and functions of implementations, see `Definition.members`.
  public internal(set) var members: [DefID] = []
  public internal(set) var implementations: [Implementation] = []
  /// (trait, head of the first argument) → index into `implementations`.
  var implementationTable: [UInt64: Int] = [:]
  /// Keys as above of implementations with errors, and which those are.
  var brokenImplementations: [UInt64: DefID] = [:]
  /// Declared implementations whose headers are still to be worked out.
  var pendingImplementations: [DefID] = []
  /// How many of them have been looked at.
  var lookedAtImplementations = 0
  var hasPendingImplementations: Bool { lookedAtImplementations < pendingImplementations.count }
  /// By BuiltinTrait.
  var builtinTraits = [DefID](repeating: .none, count: BuiltinTrait.allCases.count)
  /// What stands in for derived operations, by definition of the type * 4 + operation.
  public internal(set) var structuralImplementations: [DefID] = []
  /// Whether any type has equality, order, hash or text of its own.
  public internal(set) var hasDerivedImplementations = false

  /// The fields that structs and records had before, see EarlierFields.swift.
  var earlierFields: [DefID: [Range<Int>]] = [:]
  /// Definitions of functions, values, macros, traits and implementations that are in no text any more, by what they would have
  /// to be to come back.
  var formerDefinitions: [WithdrawnKey: DefID] = [:]
  /// Which definitions each header was worked out from, but for those of the prelude.
  var headerUses: [[DefID]] = []
  /// What is wrong with headers that were worked out, each with the definition it is about, until a checker takes it
  /// along. Here because any checker may be the first to need a header, also one whose own problems nobody wants.
  var headerProblems: [(def: DefID, problem: Diagnostic)] = []
  /// What the open change has to put back, see EnvironmentChange.swift.
  var change: EnvironmentChange?
  /// Definitions with smaller numbers are the prelude's.
  public var preludeCount = Int.max
  /// For the sets of definitions that a check relies on: when a definition or type was last noted.
  var useStamps = UseStamps()

  /// Values (functions, constants, constructors) and types of each module.
  var values = NameTable()
  var typeNames = NameTable()
  /// Tests have names of their own, which nothing refers to.
  var tests: [TestName: DefID] = [:]
  /// Which modules there are and what they import.
  var moduleTable = ModuleTable()
  let known: KnownSymbols

  /// The prelude's enums and structs the checker itself builds.
  public internal(set) var optionDef = DefID.none
  public internal(set) var resultDef = DefID.none
  public internal(set) var rangeDef = DefID.none
  public internal(set) var mapDef = DefID.none
  public internal(set) var setDef = DefID.none
  public internal(set) var syntaxDef = DefID.none

  /// Runs macros; set once by whoever can.
  public var expander: MacroExpander?

  /// The number of a runtime primitive by the name the prelude uses; set once by whoever knows them.
  public var primitiveNumber: ((String) -> UInt32?)?

  public init() {
    var interner = Interner()
    known = KnownSymbols(&interner)
    self.interner = interner
  }

  @inlinable public subscript(def: DefID) -> Definition { definitions[Int(def.raw)] }

  public func name(_ def: DefID) -> String { interner.name(self[def].name) }

  /// The type of a field (an index into `fields`) of a struct, record or enum case as part of the
  /// concrete `type`.
  public func fieldType(_ field: Int, of type: TypeID) -> TypeID {
    let declared = fields[field].type
    return types.count(type) == 0 ? declared : types.substitute(declared, types.arguments(type))
  }

  // MARK: Defaults

  /// The number that a field's default has among those of its type: the field's place, for enums with that of its case above. So
  /// a default keeps its number as long as the text says the same of it.
  public static func defaultNumber(ofField field: Int, ofCase index: Int) -> Int { index << 16 | field }
  /// What that was made of.
  public static func place(ofDefault number: Int) -> (enumCase: Int, field: Int) { (number >> 16, number & 0xFFFF) }

  /// The field (an index into `fields`) whose default has the number; nil where the type has no such field any more.
  public func field(ofDefault number: Int, of def: DefID) -> Int? {
    let definition = self[def]
    guard definition.kind == .enumeration else {
      return number < definition.fields.count ? definition.fields.lowerBound + number : nil
    }
    let (enumCase, field) = Self.place(ofDefault: number)
    guard enumCase < definition.cases.count else { return nil }
    let range = cases[definition.cases.lowerBound + enumCase].fields
    return field < range.count ? range.lowerBound + field : nil
  }

  // MARK: The prelude's collections

  /// What stands for the derived operations of maps: equality, order, hash.
  public var mapOperations: [DefID] { [known.mapEqual, known.mapCompare, known.mapHash].map(preludeFunction) }

  /// What puts a map in order whose keys have another hash than before.
  public var mapRehash: DefID { preludeFunction(known.rehash) }

  public var mapEntryDef: DefID { preludeFunction(known.mapEntry) }

  /// The prelude's function that shows values of this type instead of their structure, with the
  /// parameters of a derived one: the text so far, the depth of nesting and the value.
  public func shower(of type: TypeID) -> DefID {
    let def = types[type].def
    if def == .none { return .none }
    if def == mapDef { return preludeFunction(known.showMap) }
    if def == setDef { return preludeFunction(known.showSet) }
    return def == rangeDef ? preludeFunction(known.showRange) : .none
  }

  /// What stands for the derived operations of syntax: equality, hash, text.
  public var syntaxOperations: [DefID] { [known.sameSyntax, known.hashSyntax, known.showSyntax].map(preludeFunction) }

  private func preludeFunction(_ name: Symbol) -> DefID {
    if case .definition(let def)? = values[.prelude, name] { return def }
    return .none
  }

  // MARK: Names

  /// A value by its name as `module` writes it: the module's own or imported, else the prelude's.
  public func value(_ name: Symbol, in module: ModuleID) -> Entity? {
    if let own = ownValue(name, in: module) { return own }
    return module == .prelude ? nil : values[.prelude, name]
  }

  /// The same without the prelude's names.
  public func ownValue(_ name: Symbol, in module: ModuleID) -> Entity? {
    values[module, name] ?? importedValue(name, in: module)
  }

  public func typeName(_ name: Symbol, in module: ModuleID) -> DefID? {
    if case .definition(let def)? = typeNames[module, name] { return def }
    if module == .prelude { return nil }
    if let found = importedType(name, in: module) { return found }
    if case .definition(let def)? = typeNames[.prelude, name] { return def }
    return nil
  }

  /// All value names visible in `module`, for completion and did-you-mean. O(definitions).
  public func visibleValues(in module: ModuleID) -> [Symbol] {
    values.names(of: module).filter { !isMigration($0, in: module) }
      + (module == .prelude ? [] : values.names(of: .prelude) + importedNames(in: module))
  }

  public func visibleTypes(in module: ModuleID) -> [Symbol] {
    typeNames.names(of: module) + (module == .prelude ? [] : typeNames.names(of: .prelude) + importedNames(in: module))
  }

  public var syntaxType: TypeID { types.make(.record, syntaxDef, []) }
  public func option(_ type: TypeID) -> TypeID { types.make(.enumeration, optionDef, [type]) }
  public func result(_ type: TypeID, _ error: TypeID) -> TypeID {
    types.make(.enumeration, resultDef, [type, error])
  }

  /// Whether `describe` names each type with its module; else only where names are equal.
  public var qualifiesTypes = false

  /// A type as the user would write it.
  public func describe(_ type: TypeID) -> String {
    let type = types.resolve(type)
    if type.isVariable {
      switch types.kind(type) {
      case .any: return "_"
      case .integerLiteral: return "Int"
      case .floatLiteral: return "Float"
      }
    }
    let node = types[type]
    let args = types.arguments(type)
    switch node.tag {
    case .tuple: return "(Tuple" + args.map { " " + describe($0) }.joined() + ")"
    case .function:
      let parameters = args.dropLast().map(describe).joined(separator: " ")
      return "(Fn [\(parameters)] \(describe(args.last ?? .unit)))"
    case .vec: return "(Vec \(describe(args[0])))"
    case .ptr: return "(Ptr \(describe(args[0])))"
    case .structure, .record, .enumeration:
      if self[node.def].isEarlier {
        return "(Old \(describe(types.make(self[self[node.def].parent].kind == .record ? .record : .structure, self[node.def].parent, args))))"
      }
      let name = typeText(node.def)
      return args.isEmpty ? name : "(\(name)" + args.map { " " + describe($0) }.joined() + ")"
    case .parameter:
      let index = Int(node.def.raw)
      return index < parameterNames.count ? interner.name(parameterNames[index]) : "t\(index)"
    case .error: return "_"
    case .never: return "Never"
    case .unit: return "Unit"
    case .cstring: return "CString"
    default:
      return KnownSymbols.builtinTypes.first { $0.type == type }?.name ?? "\(node.tag)"
    }
  }

  /// A type in a signature of another definition, with the names of type variables that it has there.
  public func describe(_ type: TypeID, in definition: Definition) -> String {
    let names = parameterNames
    parameterNames = definition.typeParameters.map { typeParameters[$0].name }
    defer { parameterNames = names }
    return describe(type)
  }

  /// Makes `describe` name the rigid parameters as `def` does.
  public func nameParameters(of def: DefID) {
    parameterNames = self[def].typeParameters.map { typeParameters[$0].name }
  }

  /// Names of the rigid parameters of the definition at hand, for `describe`.
  public var parameterNames: [Symbol] = []
}

struct TestName: Hashable {
  let module: ModuleID
  let name: Symbol
  init(_ module: ModuleID, _ name: Symbol) { (self.module, self.name) = (module, name) }
}

/// (module, symbol) → entity. Open addressing; a lookup is a multiply and, mostly, one probe.
struct NameTable {
  private struct Entry {
    var module: UInt32 = .max
    var name: UInt32 = 0
    var def: UInt32 = 0
    var enumCase: UInt32 = 0  // .max for a definition; .max - 1 for a removed entry
  }
  private var entries: [Entry] = Array(repeating: Entry(), count: 1024)
  private var used = 0
  /// What was overwritten since `beginLog`, oldest first.
  private var log: [(module: ModuleID, name: Symbol, old: Entity?)] = []
  private var isLogging = false

  subscript(module: ModuleID, name: Symbol) -> Entity? {
    get {
      let entry = entries[index(module, name)]
      if entry.module == .max || entry.enumCase == .max - 1 { return nil }
      return entry.enumCase == .max
        ? .definition(DefID(raw: entry.def)) : .enumCase(DefID(raw: entry.def), Int(entry.enumCase))
    }
    set {
      if isLogging { log.append((module, name, self[module, name])) }
      let at = index(module, name)
      if entries[at].module == .max {
        if newValue == nil { return }
        used += 1
      }
      var entry = Entry(module: module.raw, name: name.raw, def: 0, enumCase: .max - 1)
      switch newValue {
      case .definition(let def)?: (entry.def, entry.enumCase) = (def.raw, .max)
      case .enumCase(let def, let i)?: (entry.def, entry.enumCase) = (def.raw, UInt32(i))
      case nil: break
      }
      entries[at] = entry
      if used * 2 > entries.count { grow() }
    }
  }

  mutating func beginLog() {
    log.removeAll(keepingCapacity: true)
    isLogging = true
  }

  /// With `undo` everything becomes as it was when the log was begun.
  mutating func endLog(undo: Bool) {
    isLogging = false
    if undo { for entry in log.reversed() { self[entry.module, entry.name] = entry.old } }
    log.removeAll(keepingCapacity: true)
  }

  /// Whether any name was given, or lost, a meaning since the log was begun.
  var hasChanged: Bool { !log.isEmpty }

  /// The names that stand for something now and did not when the log was begun.
  var boundSinceBegin: [(module: ModuleID, name: Symbol)] {
    if log.isEmpty { return [] }
    var first: [(module: ModuleID, name: Symbol)] = []
    for (i, entry) in log.enumerated() where entry.old == nil && self[entry.module, entry.name] != nil {
      if !log[..<i].contains(where: { $0.module == entry.module && $0.name == entry.name }) { first.append((entry.module, entry.name)) }
    }
    return first
  }

  func names(of module: ModuleID) -> [Symbol] {
    entries.compactMap {
      $0.module == module.raw && $0.enumCase != .max - 1 ? Symbol(raw: $0.name) : nil
    }
  }

  private func index(_ module: ModuleID, _ name: Symbol) -> Int {
    var h = name.raw &* 0x9E37_79B1 ^ module.raw &* 0x85EB_CA77
    h ^= h >> 15
    var i = Int(h) & (entries.count - 1)
    while entries[i].module != .max, entries[i].name != name.raw || entries[i].module != module.raw {
      i = (i + 1) & (entries.count - 1)
    }
    return i
  }

  private mutating func grow() {
    let old = entries
    entries = Array(repeating: Entry(), count: old.count * 2)
    used = 0
    for entry in old where entry.module != .max && entry.enumCase != .max - 1 {
      entries[index(ModuleID(raw: entry.module), Symbol(raw: entry.name))] = entry
      used += 1
    }
  }
}
