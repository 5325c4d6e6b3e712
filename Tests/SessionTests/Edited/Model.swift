// A program as a model of which a text can be made at any time: definitions know each other by number, not by name, so
// that whatever is done to one of them, a sound text can be made of the whole. Where a definition gives another type
// than an expression was written for, the text converts; where it is gone, the text has a literal.
//
// Invariant: a definition refers only to definitions of a lower rank, so every program ends.

indirect enum ModelType: Hashable {
  case int, bool, string
  /// `(Fn [Int] Int)`; never inside another type.
  case function
  case vector(ModelType)
  case option(ModelType)
  case named(Int)
  /// A generic struct with its argument.
  case applied(Int, ModelType)
  /// The type variable `a`.
  case variable
}

struct ModelField {
  var id: Int
  var name: String
  var type: ModelType
  var isMutable = false
  var standard: Expr?
}

struct ModelCase {
  var id: Int
  var name: String
  var fields: [ModelField]
}

struct ModelMethod {
  var id: Int
  var name: String
  var takesNumber: Bool
  var result: ModelType
  var standard: Expr?
}

/// What is written; types are those that were expected when it was.
indirect enum Expr {
  case literal(ModelType, Int)
  case parameter(Int, ModelType)
  case local(String, ModelType)
  case call(Int, [Int: Expr], ModelType)
  case generic(Int, ModelType, [Int: Expr], ModelType)
  case constant(Int, ModelType)
  /// Sets a variable and reads it.
  case variable(Int, Expr, ModelType)
  case construct(Int, [Int: Expr])
  case enumCase(Int, Int, [Int: Expr])
  case field(Expr, of: Int, Int, ModelType)
  case with(Expr, of: Int, Int, Expr)
  case match(Expr, of: Int, [Int: Expr], Expr, ModelType)
  case binder(Int, ModelType)
  case method(of: Int, Int, on: Int, Expr, Expr, ModelType)
  case macro(Int, Expr)
  /// A function of an integer that answers one, as a value.
  case reference(Int)
  case same(Expr, Expr, ModelType)
  case hash(Expr, ModelType)
  /// Texts with expressions between them.
  case template([String], [Expr], ModelType)
}

enum ModelKind: Equatable {
  case structure, record, enumeration, alias, function, constant, variable
  case genericStructure, genericFunction
  case trait, implementation, ownShow, ownEquality
  case macro, definingMacro, made, test
}

struct Definition {
  var id: Int
  var name: String
  var kind: ModelKind
  var rank: Double
  var isPrivate = false
  /// No variable is read or set below it.
  var isPure = true
  /// Structs, records; the parameters of functions.
  var fields: [ModelField] = []
  var cases: [ModelCase] = []
  /// Result of a function, type of a value, target of an alias.
  var type = ModelType.int
  var body: Expr?
  /// The first parameter counts calls of itself.
  var isRecursive = false
  /// Traits that the type argument has to have.
  var bounds: [Int] = []
  var methods: [ModelMethod] = []
  /// Implementations: the trait, and the type; macros and what they make: what they use.
  var used = -1
  var subject = -1
  var bodies: [Int: Expr] = [:]
  /// Macros and what they make: which of their texts.
  var variant = 0
  var number = 0
  /// How it is set: comments and blanks.
  var style = 0

  var isType: Bool { [.structure, .record, .enumeration, .alias, .genericStructure].contains(kind) }
}

struct ModelModule {
  var name: String
  /// Items, each of one definition or of several.
  var items: [[Int]] = []
  var alias: String { String(name.split(separator: ".").last!) }
  var path: String { name.split(separator: ".").joined(separator: "/") + ".lang" }
}

struct Model {
  var definitions: [Int: Definition] = [:]
  var next = 0
  var modules = [ModelModule(name: "main"), ModelModule(name: "m1"), ModelModule(name: "m2"), ModelModule(name: "in.m3")]
  /// How a module imports another: plainly, by another name, or name by name.
  var importStyles: [Int: Int] = [:]
  /// The record that the live loop goes on with.
  var state = -1

  subscript(id: Int) -> Definition {
    get { definitions[id]! }
    set { definitions[id] = newValue }
  }

  var ids: [Int] { definitions.keys.sorted() }
  func ids(_ kinds: ModelKind...) -> [Int] { ids.filter { kinds.contains(definitions[$0]!.kind) } }
  func module(of id: Int) -> Int { modules.firstIndex { $0.items.contains { $0.contains(id) } } ?? 0 }

  mutating func newID() -> Int {
    next += 1
    return next
  }

  // MARK: Types as they are now

  /// What a type is, behind aliases; a number where it is gone.
  func resolve(_ type: ModelType) -> ModelType {
    switch type {
    case .named(let id):
      guard let definition = definitions[id], definition.isType, definition.kind != .genericStructure else { return .int }
      return definition.kind == .alias ? resolve(definition.type) : type
    case .applied(let id, let argument):
      guard definitions[id]?.kind == .genericStructure else { return .int }
      return .applied(id, resolve(argument))
    case .vector(let element): return .vector(resolve(element))
    case .option(let some): return .option(resolve(some))
    default: return type
    }
  }

  func substitute(_ type: ModelType, _ argument: ModelType) -> ModelType {
    switch type {
    case .variable: argument
    case .vector(let element): .vector(substitute(element, argument))
    case .option(let some): .option(substitute(some, argument))
    case .applied(let id, let inner): .applied(id, substitute(inner, argument))
    default: type
    }
  }

  /// Whether values of the type have `=`; records have it only by an `impl`.
  func isComparable(_ type: ModelType, needsOrder: Bool = false) -> Bool {
    switch resolve(type) {
    case .int, .bool, .string: return true
    case .function, .variable: return false
    case .vector(let inner), .option(let inner): return isComparable(inner, needsOrder: needsOrder)
    case .applied(let id, let argument):
      return isComparable(argument, needsOrder: needsOrder)
        && definitions[id]!.fields.allSatisfy { isComparable(substitute($0.type, argument), needsOrder: needsOrder) }
    case .named(let id):
      if definitions.values.contains(where: { $0.kind == .ownEquality && $0.subject == id }) { return !needsOrder }
      let definition = definitions[id]!
      if definition.kind == .record { return false }
      let fields = definition.fields + definition.cases.flatMap(\.fields)
      return fields.allSatisfy { refers($0.type, to: id) || isComparable($0.type, needsOrder: needsOrder) }
    }
  }

  func refers(_ type: ModelType, to id: Int) -> Bool {
    switch resolve(type) {
    case .named(let other): other == id
    case .vector(let inner), .option(let inner): refers(inner, to: id)
    case .applied(_, let inner): refers(inner, to: id)
    default: false
    }
  }

  func hasImplementation(_ trait: Int, _ type: ModelType) -> Bool {
    guard case .named(let id) = resolve(type) else { return false }
    return definitions.values.contains { $0.kind == .implementation && $0.used == trait && $0.subject == id }
  }

  /// Whether it takes one integer and answers one.
  func isNumeric(_ id: Int) -> Bool {
    guard let definition = definitions[id] else { return false }
    if definition.kind == .made { return true }
    return definition.kind == .function && definition.fields.count == 1 && resolve(definition.fields[0].type) == .int
      && resolve(definition.type) == .int && !definition.isRecursive
  }

  // MARK: Costs

  /// How long a call takes at most, in expressions; texts are as long at most.
  func cost(_ id: Int, _ memo: inout [Int: Int]) -> Int {
    if let known = memo[id] { return known }
    memo[id] = 1
    guard let definition = definitions[id] else { return 1 }
    var total = 1
    if let body = definition.body { total += cost(body, &memo) }
    for field in definition.fields + definition.cases.flatMap(\.fields) {
      if let standard = field.standard { total += cost(standard, &memo) }
      if case .named(let other) = resolve(field.type) { total += cost(other, &memo) }
    }
    for method in definition.methods { if let standard = method.standard { total += cost(standard, &memo) } }
    for body in definition.bodies.values { total += cost(body, &memo) }
    if definition.used >= 0 { total += 2 * cost(definition.used, &memo) }
    if definition.isRecursive { total *= 4 }
    if definition.kind == .trait {
      for id in ids where definitions[id]!.kind == .implementation && definitions[id]!.used == definition.id {
        for body in definitions[id]!.bodies.values { total += cost(body, &memo) }
      }
    }
    memo[id] = min(total, 1 << 40)
    return memo[id]!
  }

  private func cost(_ expr: Expr, _ memo: inout [Int: Int]) -> Int {
    var total = 1
    func add(_ more: Int) { total = min(total + more, 1 << 40) }
    switch expr {
    case .literal(let type, _): if case .named(let id) = resolve(type) { add(cost(id, &memo)) }
    case .parameter, .local, .binder: break
    case .call(let id, let arguments, _), .generic(let id, _, let arguments, _), .construct(let id, let arguments), .enumCase(let id, _, let arguments):
      add(cost(id, &memo))
      for argument in arguments.values { add(cost(argument, &memo)) }
    case .constant: break
    case .variable(_, let value, _): add(2 * cost(value, &memo))
    case .field(let object, _, _, _): add(cost(object, &memo))
    case .with(let object, _, _, let value): add(cost(object, &memo) + cost(value, &memo))
    case .match(let subject, _, let arms, let other, _):
      add(cost(subject, &memo) + cost(other, &memo))
      for arm in arms.values { add(cost(arm, &memo)) }
    case .method(let trait, _, _, let receiver, let number, _):
      add(cost(trait, &memo) + cost(receiver, &memo) + cost(number, &memo))
    case .macro(let id, let value): add(3 * cost(value, &memo) + cost(id, &memo))
    case .reference(let id): add(cost(id, &memo))
    case .same(let a, let b, _): add(cost(a, &memo) + cost(b, &memo))
    case .hash(let a, _): add(cost(a, &memo))
    // Some of them are loops of three turns.
    case .template(_, let parts, _): for part in parts { add(3 * cost(part, &memo)) }
    }
    return total
  }

  var isCheap: Bool {
    var memo: [Int: Int] = [:]
    return ids.allSatisfy { cost($0, &memo) < 4_000 }
  }
}
