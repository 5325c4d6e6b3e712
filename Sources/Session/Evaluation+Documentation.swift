// What is known of a name: for `:doc`.

import Frontend
import Synchronization

extension Session {
  /// A name's definition in a line or two, with its doc string; nil for an unknown name.
  public func documentation(of name: String) -> String? {
    compiling.withLock { _ in
      guard let program = world?.program else { return nil }
      let symbol = program.env.interner.intern(name)
      var parts: [String] = []
      switch program.env.value(symbol, in: program.mainModule) {
      case .definition(let def)?:
        var next = def
        while next != .none {
          parts.append(describe(next, program))
          next = program.env[next].nextOverload
        }
      case .enumCase(let def, let index)?:
        let enumCase = program.env.cases[program.env[def].cases.lowerBound + index]
        let fields = fieldList(enumCase.fields, program)
        parts.append(fields.isEmpty ? "\(name) of \(program.env.name(def))" : "(\(name) \(fields)) of \(program.env.name(def))")
      case nil: break
      }
      if let def = program.env.typeName(symbol, in: program.mainModule), parts.isEmpty { parts.append(describe(def, program)) }
      if parts.isEmpty, SpecialForm.allCases.contains(where: { $0.spelling == name }) { parts.append("`\(name)` is a special form") }
      return parts.isEmpty ? nil : parts.joined(separator: "\n")
    }
  }

  private func describe(_ def: DefID, _ program: Program) -> String {
    _ = program.checker.resolve(def)
    _ = program.checker.takeProblems()
    let env = program.env
    let definition = env[def]
    env.nameParameters(of: def)
    let name = env.name(def)
    var text: String
    switch definition.kind {
    case .function, .method, .intrinsic, .primitive:
      let parameters = definition.parameters.map {
        "\(env.interner.name(env.parameters[$0].name)): \(env.describe(env.parameters[$0].type))"
      }
      text = "(\(name) [\(parameters.joined(separator: " "))] -> \(env.describe(definition.type)))"
    case .constant, .variable: text = "\(name) : \(env.describe(definition.type))"
    case .structure, .record: text = "(\(name) \(fieldList(definition.fields, program)))"
    case .enumeration:
      text = "\(env.describe(definition.type)): " + definition.cases.map { env.interner.name(env.cases[$0].name) }.joined(separator: ", ")
    case .trait: text = "trait \(name): " + definition.members.map { env.name(env.members[$0]) }.joined(separator: ", ")
    case .implementation, .migration: text = name
    case .macro:
      let parameters = definition.parameters.map { env.interner.name(env.parameters[$0].name) }
      let rest = definition.takesRest ? ["& " + (parameters.last ?? "")] : []
      text = "macro (\(([name] + parameters.dropLast(rest.count) + rest).joined(separator: " ")))"
    case .alias: text = "\(name) stands for \(env.describe(definition.type))"
    }
    if let words = docString(def, program) { text += "\n  " + words }
    return text
  }

  private func fieldList(_ fields: Range<Int>, _ program: Program) -> String {
    fields.map {
      let field = program.env.fields[$0]
      return "\(field.isMutable ? "mut " : "")\(program.env.interner.name(field.name)): \(program.env.describe(field.type))"
    }.joined(separator: " ")
  }

  /// The string behind the name of a definition, unless it is its value.
  private func docString(_ def: DefID, _ program: Program) -> String? {
    guard let location = program.source.forms(of: program.env[def].item) else { return nil }
    defer { program.source.recycle(location) }
    program.checker.enter(location)
    let root = program.checker.form(of: def, in: location.root)
    guard root != .none, location.forms.tree.tag(root) == .list, location.forms.tree.count(root) > 3 else { return nil }
    let form = location.forms.tree.child(root, 2)
    return location.forms.tree.tag(form) == .string ? location.forms.tree.string(form) : nil
  }
}
