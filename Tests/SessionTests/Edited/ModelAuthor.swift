// Writes models: definitions and expressions of a wanted type, from what has a lower rank.

struct ModelAuthor {
  var model: Model
  var generator: SeededGenerator
  /// What the expression at hand may refer to.
  private var rank = 0.0
  private var isPure = true
  private var scope: [(Expr, ModelType)] = []
  private var locals = 0
  /// Whether bodies of macros may run it: no constants.
  private var bounds: [Int] = []

  init(seed: UInt64) {
    model = Model()
    generator = SeededGenerator(seed: seed)
    model.state = model.newID()
    let number = ModelField(id: model.newID(), name: "n", type: .int, isMutable: true, standard: .literal(.int, 0))
    model[model.state] = Definition(id: model.state, name: "State", kind: .record, rank: 1e9, fields: [number])
    model.modules[0].items.append([model.state])
    for kind: ModelKind in [.structure, .enumeration, .record, .function, .constant, .trait, .implementation, .genericFunction, .macro, .function, .variable] {
      _ = add(kind)
    }
    for _ in 0..<generator.below(8) { _ = add(randomKind()) }
  }

  mutating func below(_ bound: Int) -> Int { generator.below(bound) }
  mutating func chance(_ n: Int) -> Bool { generator.below(n) == 0 }
  mutating func pick<T>(_ items: [T]) -> T { generator.pick(items) }

  mutating func randomKind() -> ModelKind {
    pick([
      .structure, .record, .enumeration, .alias, .function, .function, .function, .function, .constant, .variable, .genericStructure, .genericFunction,
      .genericFunction, .trait, .implementation, .implementation, .ownShow, .ownEquality, .macro, .macro, .definingMacro, .made, .test,
    ])
  }

  // MARK: Definitions

  /// Adds a definition of a kind; nil when there is nothing it could be about.
  mutating func add(_ kind: ModelKind) -> Int? {
    let id = model.newID()
    var d = Definition(id: id, name: Self.name(kind, id), kind: kind, rank: newRank(kind))
    d.style = chance(3) ? below(30) : 0
    d.number = 1 + below(15)
    d.variant = below(30)
    d.isPure = kind != .function && kind != .genericFunction || !chance(3)
    rank = d.rank
    isPure = d.isPure
    scope = []
    bounds = []
    switch kind {
    case .structure, .record: for _ in 0...below(3) { d.fields.append(newField(isMutable: kind == .record)) }
    case .genericStructure:
      d.fields.append(newField(isMutable: false))
      d.fields[0].type = .variable
      d.fields[0].standard = nil
      if chance(2) { d.fields.append(newField(isMutable: false)) }
    case .enumeration: for i in 0...1 + below(3) { d.cases.append(newCase(of: id, isFirst: i == 0)) }
    case .alias: d.type = type(depth: 1)
    case .constant, .variable:
      d.type = type(depth: 1)
      d.body = expression(d.type, 3)
    case .function:
      for _ in 0..<below(3) { d.fields.append(newField(isMutable: false)) }
      d.isRecursive = chance(4)
      if d.isRecursive {
        var first = newField(isMutable: false)
        first.type = .int
        first.standard = nil
        d.fields.insert(first, at: 0)
      }
      d.type = chance(8) ? .function : type(depth: 1)
      d.body = body(of: d)
    case .genericFunction:
      d.bounds = chance(2) ? model.ids(.trait).filter { model[$0].rank < d.rank }.prefix(1).map { $0 } : []
      var first = newField(isMutable: false)
      first.type = .variable
      first.standard = nil
      d.fields.append(first)
      for _ in 0..<below(3) {
        var more = newField(isMutable: false)
        if chance(2) {
          more.type = chance(3) ? .vector(.variable) : .variable
          more.standard = nil
        }
        d.fields.append(more)
      }
      d.type = pick([.variable, .int, .string, .option(.variable)])
      d.body = body(of: d)
    case .trait: for _ in 0...below(2) { d.methods.append(newMethod(id)) }
    case .implementation, .ownShow, .ownEquality:
      let subjects = model.ids(.structure, .record, .enumeration).filter { subject in
        subject != model.state
          && !model.definitions.values.contains { $0.kind == kind && $0.subject == subject && (kind != .implementation) }
      }
      guard !subjects.isEmpty else { return nil }
      d.subject = pick(subjects)
      if kind == .implementation {
        let traits = model.ids(.trait).filter { trait in
          !model.definitions.values.contains { $0.kind == .implementation && $0.used == trait && $0.subject == d.subject }
        }
        guard !traits.isEmpty else { return nil }
        d.used = pick(traits)
        // Methods are called from above the trait.
        rank = min(model[d.used].rank, rank)
        for method in model[d.used].methods where method.standard == nil || chance(2) { d.bodies[method.id] = methodBody(method, d.subject) }
      }
    case .macro:
      let helpers = model.ids(.function, .macro, .made).filter { model[$0].rank < d.rank && model[$0].isPure && (model[$0].kind == .macro || model.isNumeric($0)) && usesNoConstant($0) }
      d.used = helpers.isEmpty ? -1 : pick(helpers)
    case .definingMacro:
      let helpers = model.ids(.function).filter { model[$0].rank < d.rank && model[$0].isPure && model.isNumeric($0) }
      d.used = helpers.isEmpty ? -1 : pick(helpers)
    case .made:
      let makers = model.ids(.definingMacro).filter { model[$0].rank < d.rank }
      guard !makers.isEmpty else { return nil }
      d.used = pick(makers)
    case .test: break
    }
    model[id] = d
    let module = d.id % 3 == 0 ? 0 : below(4)
    place([id], module)
    if !model.isCheap {
      remove(id)
      return nil
    }
    return id
  }

  /// A function that macros may run: what they are worked out with is there before constants are.
  func usesNoConstant(_ id: Int) -> Bool { true }

  mutating func remove(_ id: Int) {
    model.definitions[id] = nil
    for m in model.modules.indices {
      for i in model.modules[m].items.indices { model.modules[m].items[i].removeAll { $0 == id } }
      model.modules[m].items.removeAll(where: \.isEmpty)
    }
  }

  mutating func place(_ ids: [Int], _ module: Int) {
    model.modules[module].items.insert(ids, at: below(model.modules[module].items.count + 1))
  }

  static func name(_ kind: ModelKind, _ id: Int) -> String {
    switch kind {
    case .structure: "Struct\(id)"
    case .record: "Record\(id)"
    case .enumeration: "Enum\(id)"
    case .alias: "Alias\(id)"
    case .genericStructure: "Pair\(id)"
    case .trait: "Trait\(id)"
    case .function: "f\(id)"
    case .genericFunction: "g\(id)"
    case .constant: "c\(id)"
    case .variable: "v\(id)"
    case .macro: "mac\(id)"
    case .definingMacro: "make\(id)"
    case .made: "made\(id)"
    default: "t\(id)"
    }
  }

  mutating func setRank(_ new: Double) { rank = new }

  /// Types are below everything else, so that all may use them.
  private mutating func newRank(_ kind: ModelKind) -> Double {
    let ranks = model.ids.map { model[$0].rank }.filter { $0 < 1e8 }
    let isType = [.structure, .record, .enumeration, .alias, .genericStructure].contains(kind)
    if chance(4), let other = ranks.filter({ ($0 < 1e6) == isType }).randomElement(using: &generator) { return other + Double.random(in: -0.9..<0.9, using: &generator) }
    return Double(model.next) * 10 + (isType ? 0 : 1e6)
  }

  mutating func newField(isMutable: Bool) -> ModelField {
    let id = model.newID()
    let type = type(depth: 1)
    return ModelField(
      id: id, name: "p\(id)", type: type, isMutable: isMutable && chance(2), standard: chance(4) ? .literal(type, id) : nil)
  }

  mutating func newCase(of id: Int, isFirst: Bool) -> ModelCase {
    let number = model.newID()
    var fields: [ModelField] = []
    for _ in 0..<below(3) {
      var field = newField(isMutable: false)
      field.standard = nil
      if !isFirst, chance(4) { field.type = chance(2) ? .named(id) : .vector(.named(id)) }
      fields.append(field)
    }
    return ModelCase(id: number, name: "Case\(number)", fields: fields)
  }

  mutating func newMethod(_ trait: Int) -> ModelMethod {
    let id = model.newID()
    var method = ModelMethod(id: id, name: "m\(id)", takesNumber: chance(2), result: pick([.int, .string, .bool]))
    if chance(3) {
      scope = method.takesNumber ? [(.parameter(-1, .int), .int)] : []
      let saved = isPure
      isPure = true
      method.standard = expression(method.result, 2)
      isPure = saved
    }
    return method
  }

  mutating func methodBody(_ method: ModelMethod, _ subject: Int) -> Expr {
    scope = [(.parameter(-2, .named(subject)), .named(subject))]
    if method.takesNumber { scope.append((.parameter(-1, .int), .int)) }
    let saved = isPure
    isPure = true
    defer { isPure = saved }
    return expression(method.result, 3)
  }

  mutating func body(of d: Definition) -> Expr {
    rank = d.rank
    isPure = d.isPure
    bounds = d.bounds
    scope = d.fields.map { (.parameter($0.id, $0.type), $0.type) }
    if d.isRecursive { scope.append((.local("again", d.type), d.type)) }
    return expression(d.type, 3 + below(2))
  }

  /// A body, value or method written anew.
  mutating func rewrite(_ id: Int) -> Bool {
    guard var d = model.definitions[id] else { return false }
    rank = d.rank
    isPure = d.isPure
    bounds = []
    scope = []
    switch d.kind {
    case .function, .genericFunction: d.body = body(of: d)
    case .constant, .variable: d.body = expression(d.type, 3)
    case .implementation:
      guard let trait = model.definitions[d.used], let method = trait.methods.randomElement(using: &generator) else { return false }
      rank = min(rank, trait.rank)
      d.bodies[method.id] = d.bodies[method.id] != nil && method.standard != nil && chance(2) ? nil : methodBody(method, d.subject)
    case .trait:
      let i = below(d.methods.count)
      scope = d.methods[i].takesNumber ? [(.parameter(-1, .int), .int)] : []
      d.methods[i].standard = d.methods[i].standard != nil && chance(2) ? nil : expression(d.methods[i].result, 2)
    case .macro, .definingMacro:
      d.number = 1 + below(15)
      d.variant = below(30)
    case .made, .ownShow, .ownEquality, .test: d.number = 1 + below(15)
    default: return false
    }
    model[id] = d
    return true
  }

  // MARK: Types

  mutating func type(depth: Int) -> ModelType {
    let named = model.ids(.structure, .record, .enumeration, .alias).filter { model[$0].rank < rank && $0 != model.state }
    switch below(depth > 0 ? 10 : 7) {
    case 0, 1: return .int
    case 2: return .bool
    case 3: return .string
    case 4, 5, 6: return named.isEmpty ? .int : .named(pick(named))
    case 7: return .vector(type(depth: 0))
    case 8: return .option(type(depth: 0))
    default:
      let generic = model.ids(.genericStructure).filter { model[$0].rank < rank }
      return generic.isEmpty ? .string : .applied(pick(generic), type(depth: 0))
    }
  }

  // MARK: Expressions

  private mutating func given(_ fields: [ModelField], _ depth: Int, _ argument: ModelType? = nil) -> [Int: Expr] {
    var found: [Int: Expr] = [:]
    for field in fields where field.standard == nil || chance(2) {
      found[field.id] = expression(argument.map { model.substitute(field.type, $0) } ?? field.type, depth)
    }
    return found
  }

  mutating func expression(_ wanted: ModelType, _ depth: Int) -> Expr {
    let fitting = scope.filter { $0.1 == wanted }
    if !fitting.isEmpty, depth == 0 || chance(4) { return pick(fitting).0 }
    if depth <= 0 { return .literal(wanted, below(40)) }
    if wanted == .variable { return variable(depth) }
    for _ in 0..<4 { if let made = attempt(wanted, depth - 1) { return made } }
    return .literal(wanted, below(40))
  }

  /// Of the type variable's type: only what is in scope can give one.
  private mutating func variable(_ depth: Int) -> Expr {
    switch below(3) {
    case 0: return .template(["(if ", " ", " ", ")"], [expression(.bool, depth - 1), expression(.variable, depth - 1), expression(.variable, depth - 1)], .variable)
    case 1: return .template(["((fn [z: a] -> a z) ", ")"], [expression(.variable, depth - 1)], .variable)
    default: return .literal(.variable, 0)
    }
  }

  private mutating func attempt(_ wanted: ModelType, _ depth: Int) -> Expr? {
    switch below(16) {
    case 0, 1, 2:
      let functions = model.ids(.function).filter { model[$0].rank < rank && (!isPure || model[$0].isPure) && (wanted == .function || model.resolve(model[$0].type) == model.resolve(wanted) || chance(5)) }
      guard !functions.isEmpty else { return nil }
      let id = pick(functions)
      return .call(id, given(model[id].fields, depth), wanted)
    case 3:
      let generic = model.ids(.genericFunction).filter { model[$0].rank < rank && (!isPure || model[$0].isPure) }
      guard !generic.isEmpty else { return nil }
      let d = model[pick(generic)]
      var argument = type(depth: 0)
      if !d.bounds.isEmpty {
        let subjects = model.definitions.values.filter { $0.kind == .implementation && d.bounds.contains($0.used) }.map(\.subject).sorted()
        guard !subjects.isEmpty else { return nil }
        argument = .named(pick(subjects))
      }
      return .generic(d.id, argument, given(d.fields, depth, argument), wanted)
    case 4:
      let constants = model.ids(.constant).filter { model[$0].rank < rank }
      return constants.isEmpty ? nil : .constant(pick(constants), wanted)
    case 5:
      if isPure { return nil }
      let variables = model.ids(.variable).filter { model[$0].rank < rank }
      guard !variables.isEmpty else { return nil }
      let id = pick(variables)
      return .variable(id, expression(model[id].type, depth), wanted)
    case 6:
      let types = model.ids(.structure, .record).filter { model[$0].rank < rank && !model[$0].fields.isEmpty && $0 != model.state }
      guard !types.isEmpty else { return nil }
      let d = model[pick(types)]
      return .field(expression(.named(d.id), depth), of: d.id, pick(d.fields).id, wanted)
    case 7:
      let enums = model.ids(.enumeration).filter { model[$0].rank < rank }
      guard !enums.isEmpty else { return nil }
      let d = model[pick(enums)]
      let subject = expression(.named(d.id), depth)
      var arms: [Int: Expr] = [:]
      for c in d.cases where !chance(4) {
        let saved = scope
        scope += c.fields.map { (.binder($0.id, $0.type), $0.type) }
        arms[c.id] = expression(wanted, depth)
        scope = saved
      }
      return .match(subject, of: d.id, arms, expression(wanted, depth), wanted)
    case 8:
      let uses = model.ids(.implementation).filter { model.definitions[model[$0].used].map { $0.rank < rank && !$0.methods.isEmpty } == true }
      guard !uses.isEmpty else { return nil }
      let d = model[pick(uses)]
      let method = pick(model[d.used].methods)
      return .method(of: d.used, method.id, on: d.subject, expression(.named(d.subject), depth), expression(.int, depth), wanted)
    case 9, 10:
      locals += 1
      let name = "l\(locals)"
      let inner = type(depth: 1)
      let value = expression(inner, depth)
      let saved = scope
      scope.append((.local(name, inner), inner))
      defer { scope = saved }
      return .template(["(let [\(name) ", "] ", ")"], [value, expression(wanted, depth)], wanted)
    case 11: return .template(["(if ", " ", " ", ")"], [expression(.bool, depth), expression(wanted, depth), expression(wanted, depth)], wanted)
    default: return special(wanted, depth)
    }
  }

  private mutating func special(_ wanted: ModelType, _ depth: Int) -> Expr? {
    switch wanted {
    case .int:
      switch below(9) {
      case 0, 1:
        let macros = model.ids(.macro).filter { model[$0].rank < rank }
        return macros.isEmpty ? nil : .macro(pick(macros), expression(.int, depth))
      case 2:
        let inner = type(depth: 1)
        return .hash(expression(inner, depth), inner)
      case 3: return .template(["(fold + 0 (map ", " (vec ", " ", ")))"], [expression(.function, depth), expression(.int, depth), expression(.int, depth)], .int)
      case 4: return .template(["(", " ", ")"], [expression(.function, depth), expression(.int, depth)], .int)
      case 5:
        locals += 1
        let inner = type(depth: 0)
        let saved = scope
        let vector = expression(.vector(inner), depth)
        scope.append((.local("l\(locals)", inner), inner))
        let name = "l\(locals)"
        defer { scope = saved }
        return .template(["(fold (fn [sum \(name)] (+ sum ", ")) 0 ", ")"], [expression(.int, depth), vector], .int)
      case 6:
        locals += 1
        return .template(["(let [mut t\(locals) 0] (for [i (range 3)] (set! t\(locals) (+ t\(locals) i ", "))) t\(locals))"], [expression(.int, depth)], .int)
      case 7: return .template(["(len ", ")"], [expression(.vector(type(depth: 0)), depth)], .int)
      default: return .template([pick(["(+ ", "(- ", "(* ", "(min ", "(max "]), " ", ")"], [expression(.int, depth), expression(.int, depth)], .int)
      }
    case .bool:
      switch below(4) {
      case 0: return .template(["(< ", " ", ")"], [expression(.int, depth), expression(.int, depth)], .bool)
      case 1: return .template([pick(["(and ", "(or "]), " ", ")"], [expression(.bool, depth), expression(.bool, depth)], .bool)
      case 2: return .template(["(not ", ")"], [expression(.bool, depth)], .bool)
      default:
        let inner = type(depth: 1)
        return .same(expression(inner, depth), expression(inner, depth), inner)
      }
    case .string:
      switch below(3) {
      case 0: return .template(["(str ", " \"-\" ", ")"], [expression(type(depth: 1), depth), expression(.int, depth)], .string)
      case 1: return .template(["(show ", ")"], [expression(type(depth: 1), depth)], .string)
      default: return .template(["(fmt \"{}/{}\" ", " ", ")"], [expression(.int, depth), expression(.string, depth)], .string)
      }
    case .function:
      let functions = model.ids(.function, .made).filter { model[$0].rank < rank && model.isNumeric($0) && (!isPure || model[$0].isPure) }
      if !functions.isEmpty, chance(2) { return .reference(pick(functions)) }
      let saved = scope
      scope.append((.local("q", .int), .int))
      defer { scope = saved }
      return .template(["(fn [q: Int] -> Int (+ q ", "))"], [expression(.int, depth)], .function)
    case .vector(let inner):
      if chance(2) { return .template(["(concat ", " ", ")"], [expression(wanted, depth), expression(wanted, depth)], wanted) }
      return .template(["(vec ", " ", ")"], [expression(inner, depth), expression(inner, depth)], wanted)
    case .option(let inner): return .template(["(Some ", ")"], [expression(inner, depth)], wanted)
    case .named(let id):
      guard let d = model.definitions[id], d.rank < rank else { return nil }
      switch d.kind {
      case .structure:
        if chance(3), let field = d.fields.randomElement(using: &generator) { return .with(expression(wanted, depth), of: id, field.id, expression(field.type, depth)) }
        return .construct(id, given(d.fields, depth))
      case .record: return .construct(id, given(d.fields, depth))
      case .enumeration:
        let c = pick(d.cases)
        return .enumCase(id, c.id, given(c.fields, depth))
      default: return nil
      }
    default: return nil
    }
  }
}
