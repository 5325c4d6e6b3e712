// The text of a model. Every definition has its own text, with the names it needs from other modules.

/// The text of one definition, and which names of which modules it uses.
struct DefinitionText {
  var text: String
  var needs: [Int: Set<String>] = [:]
}

struct ModelWriter {
  let model: Model
  private var module = 0
  private var needs: [Int: Set<String>] = [:]
  /// Parameters in scope: names and types, by number.
  private var parameters: [Int: (name: String, type: ModelType)] = [:]
  private var binders: [Int: (name: String, type: ModelType)] = [:]
  private var depth = 0
  /// What the type variable has.
  private var bounds: Set<Int> = []

  init(_ model: Model) { self.model = model }

  static func text(of id: Int, _ model: Model) -> DefinitionText {
    var writer = ModelWriter(model)
    writer.module = model.module(of: id)
    let text = writer.styled(model[id], writer.definition(model[id]))
    return DefinitionText(text: text, needs: writer.needs)
  }

  /// Calls of everything, which a module of its own prints.
  static func looks(_ model: Model) -> [(name: String, DefinitionText)] {
    let shown = model.ids.compactMap { id -> (Int, (inout ModelWriter) -> String)? in
      let definition = model[id]
      switch definition.kind {
      case .function: return (id, { $0.convert($0.call(id, [:], typeArgument: nil), definition.type, .string) })
      case .genericFunction:
        return (id, { writer in
          let type = [ModelType.int, .string, .vector(.int)].first { type in definition.bounds.allSatisfy { model.hasImplementation($0, type) } }
          let named = model.ids(.structure, .record, .enumeration).map { ModelType.named($0) }.first { type in
            definition.bounds.allSatisfy { model.hasImplementation($0, type) }
          }
          guard let type = type ?? named else { return "\"none\"" }
          return writer.convert(writer.call(id, [:], typeArgument: type), model.substitute(definition.type, type), .string)
        })
      case .constant: return (id, { $0.convert($0.name(of: id), definition.type, .string) })
      case .variable:
        return (id, { writer in
          "(do (set! \(writer.name(of: id)) \(writer.literal(definition.type, 3))) \(writer.convert(writer.name(of: id), definition.type, .string)))"
        })
      case .structure, .record, .enumeration:
        return (id, { writer in
          let type = ModelType.named(id)
          var text = "(str \(writer.literal(type, 1)) \(writer.equal(writer.literal(type, 1), writer.literal(type, 2), type))"
          if model.isComparable(type, needsOrder: true) { text += " (hash \(writer.literal(type, 4)))" }
          return text + ")"
        })
      case .genericStructure: return (id, { $0.convert($0.literal(.applied(id, .int), 1), .applied(id, .int), .string) })
      case .implementation:
        return (id, { writer in
          guard let trait = model.definitions[definition.used], model.definitions[definition.subject] != nil else { return "\"none\"" }
          let calls = trait.methods.map { method in
            writer.convert(
              writer.expr(.method(of: trait.id, method.id, on: definition.subject, .literal(.named(definition.subject), 5), .literal(.int, 6), method.result), method.result),
              method.result, .string)
          }
          return "(str \"\" \(calls.joined(separator: " ")))"
        })
      case .macro: return (id, { $0.convert($0.expr(.macro(id, .literal(.int, 7)), .int), .int, .string) })
      case .made: return (id, { "(show (\($0.name(of: id)) 4))" })
      default: return nil
      }
    }
    var looks: [(name: String, DefinitionText)] = []
    for (id, make) in shown {
      var writer = ModelWriter(model)
      let text = make(&writer)
      let name = "look\(id / 6)"
      let line = "\n  (println \"\(id)\" \(text))"
      if looks.last?.name == name {
        looks[looks.count - 1].1.text += line
        looks[looks.count - 1].1.needs.merge(writer.needs) { $0.union($1) }
      } else {
        looks.append((name, DefinitionText(text: "(defn \(name) [] -> Unit" + line, needs: writer.needs)))
      }
    }
    for i in looks.indices { looks[i].1.text += ")" }
    return looks
  }

  /// `start`, `step` and `main`. The third turn does not end.
  static func loop(_ model: Model, looks: [String]) -> [DefinitionText] {
    var start = ModelWriter(model), step = ModelWriter(model)
    let state = start.name(of: model.state)
    _ = step.name(of: model.state)
    let first = "(defn start [] -> \(state) \(start.construct(model.state, [:], seed: 1, typeArgument: nil)))"
    let calls = looks.map { "\n  (\($0))" }.joined()
    let second =
      "(defn step [s: \(state)] -> Bool\n  (set! (.n s) (+ (.n s) 1))\n  (println (.n s) s)\(calls)\n  (when (= (.n s) 3)\n    (println \"asleep\")\n    (sleep-ms 600000))\n  true)"
    return [
      DefinitionText(text: first, needs: start.needs), DefinitionText(text: second, needs: step.needs),
      DefinitionText(text: "(defn main [] -> Unit\n  (live-loop start step))"),
    ]
  }

  // MARK: Names

  /// A name as this module writes it.
  private mutating func reference(_ id: Int, _ name: String) -> String {
    let target = model.module(of: id)
    if target == module { return name }
    let style = model.importStyles[module * 16 + target] ?? 0
    needs[target, default: []].insert(name)
    if style == 2 { return name }
    return (style == 1 ? "x\(target)" : model.modules[target].alias) + "/" + name
  }

  private mutating func name(of id: Int) -> String { reference(id, model[id].name) }

  mutating func type(_ type: ModelType) -> String {
    switch type {
    case .int: return "Int"
    case .bool: return "Bool"
    case .string: return "String"
    case .function: return "(Fn [Int] Int)"
    case .vector(let element): return "(Vec \(self.type(element)))"
    case .option(let some): return "(Option \(self.type(some)))"
    case .named(let id):
      guard model.definitions[id]?.isType == true, model[id].kind != .genericStructure else { return "Int" }
      return name(of: id)
    case .applied(let id, let argument):
      guard model.definitions[id]?.kind == .genericStructure else { return "Int" }
      return "(\(name(of: id)) \(self.type(argument)))"
    case .variable: return "a"
    }
  }

  // MARK: Values

  mutating func literal(_ type: ModelType, _ seed: Int) -> String {
    switch model.resolve(type) {
    case .int: return "\(seed % 20)"
    case .bool: return seed % 2 == 0 ? "true" : "false"
    case .string: return "\"s\(seed % 9)\""
    case .function: return "(fn [q: Int] -> Int (+ q \(seed % 7)))"
    case .vector(let element): return seed % 2 == 0 ? "(vec \(literal(element, seed)))" : "(vec \(literal(element, seed)) \(literal(element, seed + 1)))"
    case .option(let some): return "(Some \(literal(some, seed)))"
    case .variable: return parameters.sorted { $0.key < $1.key }.first { $0.value.type == .variable }?.value.name ?? "0"
    case .applied(let id, let argument): return construct(id, [:], seed: seed, typeArgument: argument)
    case .named(let id):
      let definition = model[id]
      guard definition.kind == .enumeration else { return construct(id, [:], seed: seed, typeArgument: nil) }
      let plain = definition.cases.filter { !$0.fields.contains { model.refers($0.type, to: id) } }
      return enumCase(id, plain[seed % plain.count].id, [:], seed: seed)
    }
  }

  /// What is there, labelled or not, and literals for what is not.
  private mutating func arguments(
    _ fields: [ModelField], _ given: [Int: Expr], seed: Int, isLabelled: Bool, _ typeArgument: ModelType?
  ) -> String {
    var text = ""
    var isLabelled = isLabelled
    for field in fields {
      let type = typeArgument.map { model.substitute(field.type, $0) } ?? field.type
      let value: String
      if let expr = given[field.id] {
        value = expr_(expr, type)
      } else if field.standard != nil {
        isLabelled = true
        continue
      } else {
        value = literal(type, seed + field.id)
      }
      text += isLabelled ? " :\(field.name) \(value)" : " \(value)"
    }
    return text
  }

  private mutating func construct(_ id: Int, _ given: [Int: Expr], seed: Int, typeArgument: ModelType?) -> String {
    let definition = model[id]
    let text = arguments(definition.fields, given, seed: seed, isLabelled: seed % 3 == 0, typeArgument)
    return "(\(name(of: id))\(text))"
  }

  private mutating func enumCase(_ id: Int, _ c: Int, _ given: [Int: Expr], seed: Int) -> String {
    guard let found = model[id].cases.first(where: { $0.id == c }) else { return literal(.named(id), seed) }
    let text = arguments(found.fields, given, seed: seed, isLabelled: false, nil)
    let name = reference(id, found.name)
    return found.fields.isEmpty ? name : "(\(name)\(text))"
  }

  private mutating func call(_ id: Int, _ given: [Int: Expr], typeArgument: ModelType?) -> String {
    let definition = model[id]
    return "(\(name(of: id))\(arguments(definition.fields, given, seed: id, isLabelled: id % 4 == 0, typeArgument)))"
  }

  /// A value of one type as one of another.
  mutating func convert(_ text: String, _ from: ModelType, _ to: ModelType) -> String {
    let (a, b) = (model.resolve(from), model.resolve(to))
    if a == b { return text }
    if a == .function { return convert("(\(text) 3)", .int, to) }
    switch b {
    case .string: return "(show \(text))"
    case .int: return "(len (show \(text)))"
    case .bool: return "(< 3 (len (show \(text))))"
    case .function: return "(fn [q: Int] -> Int (+ q (len (show \(text)))))"
    default: return "(do (show \(text)) \(literal(to, 1)))"
    }
  }

  private mutating func equal(_ a: String, _ b: String, _ type: ModelType) -> String {
    model.isComparable(type) ? "(= \(a) \(b))" : "(= (show \(a)) (show \(b)))"
  }

  private mutating func expr_(_ e: Expr, _ type: ModelType) -> String { expr(e, type) }

  /// An expression where `wanted` is wanted.
  mutating func expr(_ e: Expr, _ wanted: ModelType) -> String {
    let (text, found) = emit(e)
    return convert(text, found, wanted)
  }

  /// The text of an expression and its type as things are.
  private mutating func emit(_ e: Expr) -> (String, ModelType) {
    switch e {
    case .literal(let type, let seed): return (literal(type, seed), type)
    case .parameter(let id, let type):
      guard let known = parameters[id] else { return (literal(type, id), type) }
      return (known.name, known.type)
    case .local(let name, let type): return (name, type)
    case .binder(let id, let type):
      guard let known = binders[id] else { return (literal(type, id), type) }
      return (known.name, known.type)
    case .call(let id, let given, let type):
      guard model.definitions[id]?.kind == .function else { return (literal(type, id), type) }
      return (call(id, given, typeArgument: nil), model[id].type)
    case .generic(let id, let argument, let given, let type):
      guard let definition = model.definitions[id], definition.kind == .genericFunction,
        definition.bounds.allSatisfy({ argument == .variable ? bounds.contains($0) : model.hasImplementation($0, argument) })
      else { return (literal(type, id), type) }
      return (call(id, given, typeArgument: argument), model.substitute(definition.type, argument))
    case .constant(let id, let type):
      guard model.definitions[id]?.kind == .constant else { return (literal(type, id), type) }
      return (name(of: id), model[id].type)
    case .variable(let id, let value, let type):
      guard model.definitions[id]?.kind == .variable else { return (expr(value, type), type) }
      let inner = expr(value, model[id].type)
      return ("(do (set! \(name(of: id)) \(inner)) \(name(of: id)))", model[id].type)
    case .construct(let id, let given):
      guard let definition = model.definitions[id], definition.kind == .structure || definition.kind == .record else { return (literal(.named(id), 1), .named(id)) }
      return (construct(id, given, seed: id, typeArgument: nil), .named(id))
    case .enumCase(let id, let c, let given):
      guard model.definitions[id]?.kind == .enumeration else { return (literal(.named(id), 1), .named(id)) }
      return (enumCase(id, c, given, seed: id), .named(id))
    case .field(let object, let id, let field, let type):
      guard let definition = model.definitions[id], definition.kind == .structure || definition.kind == .record,
        let known = definition.fields.first(where: { $0.id == field })
      else { return (literal(type, field), type) }
      return ("(.\(known.name) \(expr(object, .named(id))))", known.type)
    case .with(let object, let id, let field, let value):
      let inner = expr(object, .named(id))
      guard let definition = model.definitions[id], definition.kind == .structure, let known = definition.fields.first(where: { $0.id == field }) else { return (inner, .named(id)) }
      return ("(with \(inner) :\(known.name) \(expr(value, known.type)))", .named(id))
    case .match(let subject, let id, let arms, let other, let type):
      guard let definition = model.definitions[id], definition.kind == .enumeration else { return (expr(other, type), type) }
      var text = "(match \(expr(subject, .named(id)))"
      depth += 1
      var rest = false
      for (i, found) in definition.cases.enumerated() {
        guard let arm = arms[found.id] else {
          rest = true
          continue
        }
        let saved = binders
        var names = ""
        for field in found.fields {
          let name = "b\(field.id)d\(depth)"
          binders[field.id] = (name, field.type)
          names += i % 2 == 0 ? " \(name)" : " :\(field.name) \(name)"
        }
        let name = reference(id, found.name)
        text += "\n    \(found.fields.isEmpty ? name : "(\(name)\(names))") \(expr(arm, type))"
        binders = saved
      }
      if rest { text += "\n    _ \(expr(other, type))" }
      depth -= 1
      return (text + ")", type)
    case .method(let trait, let method, let subject, let receiver, let number, let type):
      guard let definition = model.definitions[trait], definition.kind == .trait, let known = definition.methods.first(where: { $0.id == method }),
        model.hasImplementation(trait, .named(subject))
      else { return (literal(type, method), type) }
      let object = expr(receiver, .named(subject))
      return ("(\(reference(trait, known.name)) \(object)\(known.takesNumber ? " " + expr(number, .int) : ""))", known.result)
    case .macro(let id, let value):
      guard model.definitions[id]?.kind == .macro else { return (expr(value, .int), .int) }
      return ("(\(name(of: id)) \(expr(value, .int)))", .int)
    case .reference(let id):
      return model.isNumeric(id) ? (name(of: id), .function) : (literal(.function, id), .function)
    case .same(let a, let b, let type):
      let (left, right) = (expr(a, type), expr(b, type))
      return (equal(left, right, type), .bool)
    case .hash(let value, let type):
      let text = expr(value, type)
      return (model.isComparable(type, needsOrder: true) ? "(hash \(text))" : "(len (show \(text)))", .int)
    case .template(let pieces, let parts, let type):
      var text = pieces[0]
      for (i, part) in parts.enumerated() {
        let (inner, found) = emit(part)
        text += convert(inner, found, written(part)) + pieces[i + 1]
      }
      return (text, type)
    }
  }

  /// The type an expression was written for.
  private func written(_ e: Expr) -> ModelType {
    switch e {
    case .literal(let t, _), .parameter(_, let t), .local(_, let t), .call(_, _, let t), .generic(_, _, _, let t), .constant(_, let t), .variable(_, _, let t),
      .field(_, _, _, let t), .match(_, _, _, _, let t), .binder(_, let t), .method(_, _, _, _, _, let t), .template(_, _, let t): t
    case .construct(let id, _), .enumCase(let id, _, _), .with(_, let id, _, _): .named(id)
    case .macro, .hash: .int
    case .reference: .function
    case .same: .bool
    }
  }

  // MARK: Definitions

  private mutating func fields(_ fields: [ModelField]) -> String {
    var hasDefault = false
    return fields.map { field in
      var text = (field.isMutable ? "mut " : "") + "\(field.name): \(type(field.type))"
      // Behind a default come defaults.
      hasDefault = hasDefault || field.standard != nil
      if let standard = field.standard { text += " = \(expr(standard, field.type))" }
      return text
    }.joined(separator: " ")
  }

  private mutating func definition(_ d: Definition) -> String {
    switch d.kind {
    case .structure: return "(defstruct \(d.name) [\(fields(d.fields))])"
    case .genericStructure: return "(defstruct (\(d.name) a) [\(fields(d.fields))])"
    case .record: return "(defrecord \(d.name) [\(fields(d.fields))])"
    case .enumeration:
      let cases = d.cases.map { $0.fields.isEmpty ? $0.name : "(\($0.name) \(fields($0.fields)))" }
      return "(defenum \(d.name) \(cases.joined(separator: " ")))"
    case .alias: return "(defalias \(d.name) \(type(d.type)))"
    case .function, .genericFunction: return function(d)
    case .constant: return "(def \(d.name)\(d.number % 2 == 0 ? ": " + type(d.type) : "") \(expr(d.body!, d.type)))"
    case .variable: return "(defvar \(d.name): \(type(d.type)) \(expr(d.body!, d.type)))"
    case .trait:
      var text = "(deftrait (\(d.name) a)"
      for method in d.methods {
        parameters = method.takesNumber ? [-1: ("k", .int)] : [:]
        text += "\n  (\(method.name) [x: a\(method.takesNumber ? " k: Int" : "")] -> \(type(method.result))"
        if let standard = method.standard { text += " " + expr(standard, method.result) }
        text += ")"
      }
      return text + ")"
    case .implementation:
      guard let trait = model.definitions[d.used], let subject = model.definitions[d.subject] else { return "" }
      var text = "(impl (\(reference(trait.id, trait.name)) \(reference(subject.id, subject.name)))"
      for method in trait.methods {
        guard d.bodies[method.id] != nil || method.standard == nil else { continue }
        parameters = [-2: ("x", .named(d.subject))]
        if method.takesNumber { parameters[-1] = ("k", .int) }
        let body = d.bodies[method.id].map { expr($0, method.result) } ?? literal(method.result, method.id)
        text += "\n  (defn \(method.name) [x: \(reference(subject.id, subject.name))\(method.takesNumber ? " k: Int" : "")] -> \(type(method.result)) \(body))"
      }
      return text + ")"
    case .ownShow:
      guard let subject = model.definitions[d.subject] else { return "" }
      let parts = subject.fields.prefix(d.number % 3).map { "(show (.\($0.name) x))" }.joined(separator: " ")
      let name = reference(subject.id, subject.name)
      return "(impl (Show \(name))\n  (defn show [x: \(name)] -> String (str \"<\(d.number)\" \(parts) \">\")))"
    case .ownEquality:
      guard let subject = model.definitions[d.subject] else { return "" }
      let name = reference(subject.id, subject.name)
      let test: String
      if let field = subject.fields.first(where: { model.isComparable($0.type) }) { test = "(= (.\(field.name) x) (.\(field.name) y))" } else { test = d.number % 2 == 0 ? "true" : "(= (len (show x)) (len (show y)))" }
      return "(impl (Eq \(name))\n  (defn = [x: \(name) y: \(name)] -> Bool \(test)))"
    case .macro: return "(defmacro \(d.name) [e]\n  \(template(d)))"
    case .definingMacro:
      let name = "(defn ~name [~(syntax-symbol \"q:\") Int] -> Int (+ ~(syntax-symbol \"q\") \(numericCall(d, "~k")) \(d.number)))"
      let more = d.variant % 2 == 0 ? name : "(do \(name) (def ~(syntax-symbol (str (syntax-name name) \"-c\")) \(d.number)))"
      return "(defmacro \(d.name) [name k]\n  `\(more))"
    case .made:
      guard let maker = model.definitions[d.used], maker.kind == .definingMacro else { return "(defn \(d.name) [q: Int] -> Int (+ q \(d.number)))" }
      return "(\(reference(maker.id, maker.name)) \(d.name) \(d.number))"
    case .test: return "(deftest \(d.name) (assert= \(d.number) \(d.number)))"
    }
  }

  private mutating func function(_ d: Definition) -> String {
    for field in d.fields { parameters[field.id] = (field.name, field.type) }
    let own = parameters
    // Defaults do not see other parameters.
    parameters = [:]
    var head = "(\(d.isPrivate ? "defn-" : "defn") \(d.name) [\(fields(d.fields))] -> \(type(d.type))"
    parameters = own
    bounds = Set(d.bounds)
    if d.kind == .genericFunction {
      head += " :where (Show a)"
      for bound in d.bounds { if let trait = model.definitions[bound] { head += " (\(reference(bound, trait.name)) a)" } }
    }
    var body = expr(d.body!, d.type)
    if d.isRecursive {
      let rest = d.fields.dropFirst().map { " :\($0.name) \($0.name)" }.joined()
      let first = d.fields[0].name
      body = "(if (< \(first) 1)\n    \(literal(d.type, d.id))\n    (let [again (\(d.name) :\(first) (- (min \(first) 3) 1)\(rest))]\n      \(body)))"
    }
    return head + "\n  " + body + ")"
  }

  private mutating func numericCall(_ d: Definition, _ argument: String) -> String {
    model.isNumeric(d.used) ? "(\(name(of: d.used)) \(argument))" : argument
  }

  private mutating func template(_ d: Definition) -> String {
    switch d.variant % 5 {
    case 0: return "`(+ ~e \(d.number))"
    case 1: return "`(let [t# ~e] (* t# \(d.number)))"
    case 2:
      return model.isNumeric(d.used) ? "`(+ ~e ~(syntax-of (\(name(of: d.used)) \(d.number))))" : "`(- ~e \(d.number))"
    case 3: return "`(if (< ~e \(d.number)) ~e \(numericCall(d, "~e")))"
    default:
      if let inner = model.definitions[d.used], inner.kind == .macro { return "`(\(reference(inner.id, inner.name)) (- ~e \(d.number)))" }
      return "(let [n \(d.number)]\n    `(max ~e ~(syntax-of n)))"
    }
  }

  /// Comments and blanks, which change nothing.
  private func styled(_ d: Definition, _ text: String) -> String {
    switch d.style % 6 {
    case 1: return "; about \(d.name), \(d.style)\n" + text
    case 2: return text.split(separator: "\n", omittingEmptySubsequences: false).joined(separator: "\n\n  ")
    case 3: return text + " ; \(d.style)"
    case 4: return "\n#| \(d.style) |#\n" + text
    default: return text
    }
  }
}
