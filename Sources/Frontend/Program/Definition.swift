// A definition as the rest of the program sees it: everything but its body. Definitions are numbered,
// never removed from the array, and plain data, so reading one copies a few words.

public struct ModuleID: Hashable, Sendable {
  public let raw: UInt32
  @inlinable public init(raw: UInt32) { self.raw = raw }
  public static let prelude = ModuleID(raw: 0)
}

public enum DefinitionKind: UInt8, Sendable {
  case function
  case intrinsic  // prelude only; `operation` is an Intrinsic
  case primitive  // prelude only; `operation` is the number of a Bytecode primitive
  case constant, variable  // def, defvar
  case structure, record, enumeration
  case alias
  case trait
  case method  // of a trait; `parent` is the trait, `operation` its place there
  case implementation  // `(impl ..)`; its functions have it as their `parent`
  case macro  // a function from Syntax to Syntax; the last parameter is a vector when `takesRest`
  case migration  // `(migrate T [old: (Old T)] ..)`; `operation` is its place in `Environment.earlierFields(of:)` + 1, 0 for none
}

/// How far the header of a definition (its signature, fields, cases) has been worked out.
public enum HeaderState: UInt8, Sendable { case pending, resolving, resolved, failed }

/// What an instance of a type parameter must be able to do.
public struct Constraints: OptionSet, Hashable, Sendable {
  public let rawValue: UInt8
  public init(rawValue: UInt8) { self.rawValue = rawValue }
  public static let eq = Constraints(rawValue: 1)
  public static let ord = Constraints(rawValue: 2)
  public static let hash = Constraints(rawValue: 4)
  public static let show = Constraints(rawValue: 8)
  public static let numeric = Constraints(rawValue: 16)
  public static let integer = Constraints(rawValue: 32)
  public static let floating = Constraints(rawValue: 64)
}

public struct Parameter: Sendable {
  public var name: Symbol
  public var type: TypeID
  /// The default, a form of the item the definition stands in; nil when the argument is required.
  public var hasDefault: Bool
  public var span: Span
}

/// A field of a struct or record, or of an enum's case.
public struct Field: Sendable {
  public var name: Symbol
  public var type: TypeID
  public var isMutable: Bool
  public var hasDefault: Bool
  /// What it was called before, by `:was`; for migration.
  public var formerName = Symbol.none
  public var span: Span
}

public struct EnumCase: Sendable {
  public var name: Symbol
  public var fields: Range<Int>  // into Environment.fields
  /// What it was called before, by `:was`; for migration.
  public var formerName = Symbol.none
  public var span: Span
}

public struct Definition: Sendable {
  public var kind: DefinitionKind
  public var state: HeaderState = .pending
  public var isPrivate = false
  /// A `deftest`: a function without a name that anyone could call.
  public var isTest = false
  /// Macros: whether the last parameter takes all arguments that are left.
  public var takesRest = false
  /// A struct that stands for `(Old T)`; the definition of `T` is its `parent`.
  public var isEarlier = false
  /// Whether the current body was checked without errors.
  public var isSound = false
  public var module: ModuleID
  public var name: Symbol
  public var item: ItemID
  /// Which child of which child of the item's form is this definition's own; into
  /// Environment.formPaths. Empty for the item's form itself.
  public var path: Range<Int> = 0..<0
  /// The next definition of the same item, in the order of the text.
  public var nextInItem: DefID = .none
  public var nameSpan: Span
  /// Names of the type variables in order of first occurrence; into Environment.typeParameters.
  public var typeParameters: Range<Int> = 0..<0
  /// Functions: into Environment.parameters.
  public var parameters: Range<Int> = 0..<0
  /// Structs and records: into Environment.fields.
  public var fields: Range<Int> = 0..<0
  /// Enums: into Environment.cases.
  public var cases: Range<Int> = 0..<0
  /// Functions: the result. Constants and variables: the type. Types: the type itself, applied to its
  /// own rigid parameters. Aliases: what it stands for.
  public var type: TypeID = .none
  public var operation: UInt32 = 0
  /// The trait of a method, the implementation of a function in one.
  public var parent: DefID = .none
  /// Methods: whether there is a default.
  public var hasBody = false
  /// Traits and implementations: their methods or functions; into Environment.members.
  public var members: Range<Int> = 0..<0
  /// What type parameters must have beyond their `constraints`; into Environment.requirements.
  public var requirements: Range<Int> = 0..<0
  /// The next definition of an overloaded prelude name; chosen by the head type of the first argument.
  public var nextOverload: DefID = .none
}

public struct TypeParameter: Sendable {
  public var name: Symbol
  public var constraints: Constraints
}

/// What makes a definition of a module the same one before and after an edit.
public struct DefinitionIdentity: Hashable, Sendable {
  /// Its name; for functions of an `impl` behind that of the `impl`.
  public var key: String
  public var kind: DefinitionKind
  public var isTest: Bool
  /// The trait that a method belongs to.
  public var owner: String
  public init(key: String, kind: DefinitionKind, isTest: Bool, owner: String = "") {
    self.key = key
    self.kind = kind
    self.isTest = isTest
    self.owner = owner
  }
}
