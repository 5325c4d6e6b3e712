// Values with fields: how they are made, and how a field is read.

extension Checker {
  func construct(
    _ form: Form, _ def: DefID, _ name: Symbol, fields: Range<Int>, caseIndex: Int?, _ expected: TypeID
  ) -> NodeID {
    let type = instantiate(def)
    if expected != .none, env.types.count(type) > 0 { _ = env.types.unify(type, expected) }
    guard
      var arguments = matchArguments(
        form, count: fields.count, what: "`\(text(name))`",
        name: { env.fields[fields.lowerBound + $0].name },
        hasDefault: { env.fields[fields.lowerBound + $0].hasDefault })
    else { return failed(form) }
    for pass in 0..<2 {
      for i in arguments.indices where arguments[i].node == .none {
        if pass == 0, isOpenLambda(arguments[i].form) { continue }
        let index = fields.lowerBound + arguments[i].parameter
        let before = problems.count
        arguments[i].node = check(arguments[i].form, expected: fieldType(index, of: type), tail: false)
        if problems.count == before + 1, problems[before].code == .typeMismatch, env[def].module != .prelude,
          problems[before].place == place(arguments[i].form)
        {
          problems[before].labels.append(
            Diagnostic.Label(
              Place(env[def].item, env.fields[index].span),
              "field `\(text(env.fields[index].name))` is declared here"))
        }
      }
    }
    let mark = stack.count
    for argument in arguments {
      stack.append(UInt32(argument.parameter))
      stack.append(argument.node.raw)
    }
    let b = flush(mark, count: arguments.count)
    return caseIndex.map { add(.makeCase, type, a: UInt32($0), b: b, form) } ?? add(.makeStruct, type, b: b, form)
  }

  func makeCase(_ type: TypeID, _ index: Int, fields: [Int], _ nodes: [NodeID], _ form: Form) -> NodeID {
    let mark = stack.count
    for (field, node) in zip(fields, nodes) {
      stack.append(UInt32(field))
      stack.append(node.raw)
    }
    return add(.makeCase, type, a: UInt32(index), b: flush(mark, count: nodes.count), form)
  }

  // MARK: Fields

  func checkFieldAccess(_ form: Form, _ name: Symbol) -> NodeID {
    guard count(form) == 2 else {
      report(
        .malformedForm, "field access takes one value", form,
        help: "read a field by `(\(text(name)) value)`, change it by `(set! (\(text(name)) value) new)`")
      return failed(form)
    }
    let target = infer(child(form, 1))
    guard let (index, type, _) = field(name, of: resolved(target), child(form, 0), value: child(form, 1)) else { return errorNode(form) }
    return add(.field, type, a: target.raw, b: UInt32(index), form)
  }

  /// The field `.name` of a value of `type`: its index, type and whether it can be set.
  func field(_ dotted: Symbol, of type: TypeID, _ form: Form, value: Form = .none) -> (index: Int, type: TypeID, mutable: Bool)? {
    if type == .error || type == .never { return nil }
    if type.isVariable {
      report(
        .cannotInfer, "the type of the value must be known before a field is read", form,
        help: "annotate the parameter or binding it comes from")
      return nil
    }
    let node = env.types[type]
    guard node.tag == .structure || node.tag == .record else {
      var help: String?
      if node.tag == .enumeration { help = "an enum's fields are reached by `match`" }
      help = memberHelp(text(env.interner.fieldName(dotted) ?? dotted), of: type, value == .none ? "x" : spelling(value)) ?? help
      report(.unknownField, "`\(env.describe(type))` has no fields", form, help: help)
      return nil
    }
    let name = env.interner.fieldName(dotted) ?? dotted
    let fields = env[node.def].fields
    if isOpaque(node.def) {
      report(
        .unknownField, "`\(env.describe(type))` has no fields", form,
        help: memberHelp(text(name), of: type, value == .none ? "m" : spelling(value)) ?? (node.def == env.mapDef ? "`(get m key)` looks a key up" : "`(contains? s x)` tells whether an element is there"))
      return nil
    }
    for i in fields where env.fields[i].name == name {
      return (i - fields.lowerBound, fieldType(i, of: type), env.fields[i].isMutable)
    }
    let names = fields.map { env.fields[$0].name }
    report(
      .unknownField, "`\(env.describe(type))` has no field `\(text(name))`", form,
      labels: [Diagnostic.Label(Place(env[node.def].item, env[node.def].nameSpan), "`\(env.describe(type))` is defined here")],
      help: suggestion(name, among: names) ?? (names.isEmpty ? nil : "it has " + names.map { "`\(text($0))`" }.joined(separator: ", ")))
    return nil
  }
}
