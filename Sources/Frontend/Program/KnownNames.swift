// Names the compiler itself knows. They are interned first and in this order, so a symbol below
// `SpecialForm.allCases.count` is a special form and no table is needed.

public enum SpecialForm: UInt32, CaseIterable, Sendable {
  // Definitions
  case defn, defnPrivate, def, defvar, defstruct, defrecord, defenum, defalias, deftest
  case defmacro, deftrait, impl, extern, `import`, project
  case intrinsic, primitive  // prelude only
  // Binding and control
  case `let`, set, `if`, when, unless, cond, match, `while`, `for`, loop, recur, fn, and, or
  case `break`, `continue`, `return`, `do`, assert, assertEqual, `try`, ifLet, whenLet
  case threadFirst, threadLast, ascribe, with, tuple, vec, mapOf, setOf, restartPoint, liveLoop, unsafe
  // Text
  case str, show, print, println, eprintln, fmt
  // Constants
  case infinity, negativeInfinity, nan, pi

  public var spelling: String {
    switch self {
    case .defnPrivate: "defn-"
    case .set: "set!"
    case .assertEqual: "assert="
    case .ifLet: "if-let"
    case .whenLet: "when-let"
    case .threadFirst: "->"
    case .threadLast: "->>"
    case .ascribe: ":"
    case .mapOf: "map-of"
    case .setOf: "set-of"
    case .restartPoint: "restart-point"
    case .liveLoop: "live-loop"
    case .infinity: "inf"
    case .negativeInfinity: "-inf"
    case .defn: "defn"
    case .def: "def"
    case .defvar: "defvar"
    case .defstruct: "defstruct"
    case .defrecord: "defrecord"
    case .defenum: "defenum"
    case .defalias: "defalias"
    case .deftest: "deftest"
    case .defmacro: "defmacro"
    case .deftrait: "deftrait"
    case .impl: "impl"
    case .extern: "extern"
    case .import: "import"
    case .project: "project"
    case .intrinsic: "intrinsic"
    case .primitive: "primitive"
    case .let: "let"
    case .if: "if"
    case .when: "when"
    case .unless: "unless"
    case .cond: "cond"
    case .match: "match"
    case .while: "while"
    case .for: "for"
    case .loop: "loop"
    case .recur: "recur"
    case .fn: "fn"
    case .and: "and"
    case .or: "or"
    case .break: "break"
    case .continue: "continue"
    case .return: "return"
    case .do: "do"
    case .assert: "assert"
    case .try: "try"
    case .with: "with"
    case .tuple: "tuple"
    case .vec: "vec"
    case .unsafe: "unsafe"
    case .str: "str"
    case .show: "show"
    case .print: "print"
    case .println: "println"
    case .eprintln: "eprintln"
    case .fmt: "fmt"
    case .nan: "nan"
    case .pi: "pi"
    }
  }

  init?(_ symbol: Symbol) { self.init(rawValue: symbol.raw) }

  /// What a form with this head defines in a program; nil for anything else.
  var definitionKind: DefinitionKind? {
    switch self {
    case .defn, .defnPrivate, .deftest: .function
    case .def: .constant
    case .defvar: .variable
    case .defstruct: .structure
    case .defrecord: .record
    case .defenum: .enumeration
    case .defalias: .alias
    case .deftrait: .trait
    case .impl: .implementation
    case .defmacro: .macro
    default: nil
    }
  }
}

/// Symbols that mean something inside certain forms, interned right behind the special forms.
struct KnownSymbols {
  static let builtinTypes: [(name: String, type: TypeID)] = [
    ("Int", .int), ("Float", .float), ("Bool", .bool), ("Char", .char), ("Unit", .unit),
    ("String", .string), ("Never", .never), ("I8", .i8), ("I16", .i16), ("I32", .i32), ("U8", .u8),
    ("U16", .u16), ("U32", .u32), ("U64", .u64), ("F32", .f32),
  ]

  func syntaxFunction(_ function: SyntaxFunction) -> Symbol {
    syntaxFunctions[Int(function.rawValue)]
  }

  let firstBuiltinType: Symbol
  let equals: Symbol
  let underscore, at, ampersand, arrow, elseKeyword, whereKeyword, whenKeyword, mut, or, main: Symbol
  let was, migrate, old: Symbol
  let option, result, some, none, ok, err, range, rangeType, function, tuple, vec, project, doc: Symbol
  let mapType, setType, mapEntry, newMap, newSet, put, add, again, rehash: Symbol
  let mapEqual, mapCompare, mapHash, showMap, showSet, showRange: Symbol
  let syntax, unhygienic, sameSyntax, hashSyntax, showSyntax: Symbol
  private let syntaxFunctions: [Symbol]

  init(_ interner: inout Interner) {
    for form in SpecialForm.allCases { _ = interner.intern(form.spelling) }
    firstBuiltinType = Symbol(raw: UInt32(interner.count))
    for builtin in Self.builtinTypes { _ = interner.intern(builtin.name) }
    equals = interner.intern("=")
    underscore = interner.intern("_")
    at = interner.intern("@")
    ampersand = interner.intern("&")
    arrow = interner.intern("->")
    elseKeyword = interner.intern("else")
    whereKeyword = interner.intern("where")
    whenKeyword = interner.intern("when")
    mut = interner.intern("mut")
    or = interner.intern("or")
    was = interner.intern("was")
    migrate = interner.intern("migrate")
    old = interner.intern("Old")
    main = interner.intern("main")
    option = interner.intern("Option")
    result = interner.intern("Result")
    some = interner.intern("Some")
    none = interner.intern("None")
    ok = interner.intern("Ok")
    err = interner.intern("Err")
    range = interner.intern("range")
    rangeType = interner.intern("Range")
    function = interner.intern("Fn")
    tuple = interner.intern("Tuple")
    vec = interner.intern("Vec")
    project = interner.intern("project")
    doc = interner.intern("doc")
    mapType = interner.intern("Map")
    setType = interner.intern("Set")
    mapEntry = interner.intern("MapEntry")
    newMap = interner.intern("%new-map")
    newSet = interner.intern("%new-set")
    put = interner.intern("put!")
    add = interner.intern("add!")
    again = interner.intern("%again")
    rehash = interner.intern("%rehash!")
    mapEqual = interner.intern("%map-equal")
    mapCompare = interner.intern("%map-compare")
    mapHash = interner.intern("%map-hash")
    showMap = interner.intern("%show-map")
    showSet = interner.intern("%show-set")
    showRange = interner.intern("%show-range")
    syntax = interner.intern("Syntax")
    unhygienic = interner.intern("unhygienic")
    sameSyntax = interner.intern("%same-syntax?")
    hashSyntax = interner.intern("%hash-syntax")
    showSyntax = interner.intern("%show-syntax")
    let functions = SyntaxFunction.allCases.map { interner.intern($0.name) }
    syntaxFunctions = functions
  }
}
