// Expressions: the dispatch over forms, literals, names, and how types meet.

extension Checker {
  func infer(_ form: Form) -> NodeID { check(form, expected: .none, tail: false) }

  /// Checks `form`. With an expected type the node has that type (or an error was reported); where
  /// `Unit` is expected any value is dropped.
  func check(_ form: Form, expected: TypeID, tail: Bool) -> NodeID {
    let node = checkForm(form, expected: expected, tail: tail)
    return expected == .none ? node : coerce(node, to: expected, form)
  }

  func coerce(_ node: NodeID, to expected: TypeID, _ form: Form) -> NodeID {
    let found = resolved(node)
    if found == expected || found == .never || found == .error { return node }
    let wanted = env.types.resolve(expected)
    if wanted == .unit {
      return add(.drop, .unit, a: node.raw, form)
    }
    if env.types.unify(found, wanted) { return node }
    mismatch(found, wanted, form)
    return errorNode(form)
  }

  func mismatch(_ found: TypeID, _ wanted: TypeID, _ form: Form, labels: [Diagnostic.Label] = []) {
    let (smallFound, smallWanted) = smallestDifference(found, wanted)
    var message = "expected `\(env.describe(wanted))`, found `\(env.describe(found))`"
    if smallFound != found, smallFound != smallWanted {
      message += " (`\(env.describe(smallFound))` is not `\(env.describe(smallWanted))`)"
    }
    report(
      .typeMismatch, message, form, label: "this is `\(env.describe(found))`", labels: labels.isEmpty ? originLabel(of: form) : labels,
      help: conversionHelp(from: found, to: wanted, form))
  }

  func smallestDifference(_ a: TypeID, _ b: TypeID) -> (TypeID, TypeID) {
    let a = env.types.resolve(a)
    let b = env.types.resolve(b)
    if a.isVariable || b.isVariable { return (a, b) }  // a number that is written out
    let left = env.types[a]
    let right = env.types[b]
    guard left.tag == right.tag, left.def == right.def, left.count == right.count else { return (a, b) }
    for i in 0..<Int(left.count) {
      let x = env.types.resolve(env.types.argument(a, i))
      let y = env.types.resolve(env.types.argument(b, i))
      if x != y, isNumber(x) != isNumber(y) || !(x.isVariable || y.isVariable) { return smallestDifference(x, y) }
    }
    return (a, b)
  }

  /// Whether the type is a number's, that of a number which is written out included.
  func isNumber(_ type: TypeID) -> Bool {
    type.isNumeric || (type.isVariable && env.types.kind(type) != .any)
  }

  /// `(float n)`: the form converted to a type, spelt out unless it is long.
  func conversion(of form: Form, to type: TypeID) -> String {
    let operand = spelling(form)
    return "`(\(env.describe(type).lowercased()) \(operand.utf8.count <= 30 ? operand : ".."))`"
  }

  private func conversionHelp(from found: TypeID, to wanted: TypeID, _ form: Form) -> String? {
    if wanted.isNumeric, isNumber(found) {
      return "numbers do not convert by themselves; write \(conversion(of: form, to: wanted))"
    }
    if let help = variableHelp(wanted, found) { return help }
    if wanted == .string { return "`(str x)` makes a string of any value" }
    if found == .string, !wanted.isVariable, env.types.tag(wanted) == .vec {
      let operand = spelling(form)
      return "`(chars \(operand.utf8.count <= 30 ? operand : "s"))` gives the characters of a string as a vector"
    }
    if !wanted.isVariable, env.types.tag(wanted) == .enumeration,
      env.types[wanted].def == env.optionDef || env.types[wanted].def == env.resultDef,
      env.types.resolve(env.types.argument(wanted, 0)) == found
    {
      let operand = spelling(form)
      return "write `(\(env.types[wanted].def == env.optionDef ? "Some" : "Ok") \(operand.utf8.count <= 30 ? operand : ".."))`"
    }
    if wanted == .bool, found.isNumeric { return "compare it: `(!= x 0)`" }
    if env.types.tag(found) == .enumeration, env.types[found].def == env.optionDef,
      env.types.resolve(env.types.argument(found, 0)) == wanted
    {
      return "unwrap it with `match`, `if-let`, `unwrap-or` or `try`"
    }
    return nil
  }

  // MARK: Dispatch

  /// Checks with `hint` as the expected type, without insisting on it.
  func checkFormWithHint(_ form: Form, _ hint: TypeID, tail: Bool = false) -> NodeID {
    checkForm(form, expected: hint, tail: tail)
  }

  func checkForm(_ form: Form, expected: TypeID, tail: Bool) -> NodeID {
    let node = forms.tree[form]
    switch node.tag {
    case .int: return integerLiteral(form, node, expected)
    case .float: return floatLiteral(form, node, expected)
    case .string:
      typed.strings.append(Array(forms.tree.stringBytes[forms.tree.strings[Int(node.a)]]))
      return add(.string, .string, a: UInt32(typed.strings.count - 1), form)
    case .char: return add(.char, .char, a: node.a, form)
    case .bool: return add(.bool, .bool, a: node.a, form)
    case .symbol: return checkName(Symbol(raw: node.a), form, expected)
    case .list:
      if node.count == 0 { return add(.unit, .unit, form) }
      return checkList(form, expected: expected, tail: tail)
    case .vector:
      report(
        .malformedForm, "`[` does not begin an expression", form,
        help: "a vector value is written `(vec 1 2 3)`")
    case .keyword:
      report(
        .malformedForm, "keyword `:\(text(Symbol(raw: node.a)))` is not a value", form,
        help: "keywords label arguments, as in `(f x :by 2)`")
    case .quote: return checkQuote(form)
    case .quasiquote: return checkQuasiquote(form)
    case .unquote, .unquoteSplicing: return strayUnquote(form)
    case .error: break
    }
    return errorNode(form)
  }

  private func checkList(_ form: Form, expected: TypeID, tail: Bool) -> NodeID {
    let head = child(form, 0)
    var name = identifier(head)
    if name == .none { return keyword(head) == .none ? checkValueCall(form, infer(head), expected) : keywordCall(form, head) }
    if let local = lookup(name) {
      return checkValueCall(form, add(.local, typed[local].type, a: local.raw, head), expected)
    }
    var module = module
    if name.isAlias { (name, module) = meaning(ofValue: name) }
    if let entity = env.ownValue(name, in: module) {
      return checkCall(form, entity, name, expected, tail: tail)
    }
    if let special = SpecialForm(name) {
      return checkSpecial(special, form, expected: expected, tail: tail)
    }
    if let entity = env.ownValue(name, in: .prelude) {
      return checkCall(form, entity, name, expected, tail: tail)
    }
    if env.interner.firstByte(name) == UInt8(ascii: "."), text(name).utf8.count > 1 {
      return checkFieldAccess(form, name)
    }
    unknown(name, head, isHead: true)
    if habit(name, .value)?.isForm == true { return errorNode(form) }
    for i in 1..<count(form) where keyword(child(form, i)) == .none { _ = infer(child(form, i)) }
    return errorNode(form)
  }

  private func keywordCall(_ form: Form, _ head: Form) -> NodeID {
    let name = text(keyword(head))
    report(
      .malformedForm, "keyword `:\(name)` is not a function", head,
      help: name == "=" ? "write `(set! x value)`; the local is bound as `mut x`" : "fields are read by `(.\(name) x)`")
    return errorNode(form)
  }

  func unknown(_ name: Symbol, _ form: Form, isHead: Bool = false) {
    if reportQualified(name, form) { return }
    var names = env.visibleValues(in: module)
    if module != .prelude { names.removeAll { env.interner.firstByte($0) == UInt8(ascii: "%") && text($0).utf8.count > 1 } }
    let near = isHead ? nil : suggestion(name, among: scope.map(\.name))
    for entry in scope { names.append(entry.name) }
    for special in SpecialForm.allCases where special.rawValue >= SpecialForm.let.rawValue {
      names.append(Symbol(raw: special.rawValue))
    }
    var help = near ?? gluedHelp(name) ?? habit(name, .value)?.help ?? fieldHelp(text(name)) ?? suggestion(name, among: names)
    if help == nil, env.typeName(name, in: module) != nil {
      help = "`\(text(name))` is a type; an enum is made by one of its cases"
    }
    if isFreshName(name) {
      reportStrayFreshName(name, form)
      return
    }
    report(.unknownName, "`\(text(name))` is not defined", form, label: "not found in this scope", help: help)
  }

  /// For `value.field`.
  private func fieldHelp(_ name: String) -> String? {
    guard let dot = name.lastIndex(of: "."), dot != name.startIndex, name.index(after: dot) != name.endIndex else { return nil }
    let value = name[..<dot]
    guard let local = scope.last(where: { text($0.name) == value }) else { return nil }
    return memberHelp(String(name[name.index(after: dot)...]), of: typed[local.local].type, String(value))
      ?? "fields are read by `(.field \(value))`"
  }

  /// How to get at what is called `name` of a value: its field, or a function of that name.
  func memberHelp(_ name: String, of type: TypeID, _ value: String) -> String? {
    let type = env.types.resolve(type)
    if type.isVariable || type == .error { return nil }
    let node = env.types[type]
    if node.tag == .structure || node.tag == .record, !isOpaque(node.def),
      env[node.def].fields.contains(where: { text(env.fields[$0].name) == name })
    {
      return "write `(.\(name) \(value))`"
    }
    for known in env.visibleValues(in: module) where text(known) == name {
      if case .definition(let def)? = env.value(known, in: module) {
        switch env[def].kind {
        case .function, .intrinsic, .primitive, .method: return "write `(\(name) \(value))`"
        default: break
        }
      }
    }
    return Habit.named(name, .value)?.help
  }

  // MARK: Literals

  private func integerLiteral(_ form: Form, _ node: FormNode, _ expected: TypeID) -> NodeID {
    var type: TypeID
    switch node.suffix {
    case .i8: type = .i8
    case .i16: type = .i16
    case .i32: type = .i32
    case .u8: type = .u8
    case .u16: type = .u16
    case .u32: type = .u32
    case .u64: type = .u64
    case .f32: type = .f32
    case .none:
      type = expected == .none ? .none : env.types.resolve(expected)
      if type.isVariable || !type.isNumeric { type = env.types.freshVariable(.integerLiteral) }
    }
    literals.append((forms.tree.ints[Int(node.a)], form))
    return add(.int, type, a: UInt32(literals.count - 1), form)
  }

  private func floatLiteral(_ form: Form, _ node: FormNode, _ expected: TypeID) -> NodeID {
    var type: TypeID
    if node.suffix == .f32 {
      type = .f32
    } else {
      type = expected == .none ? .none : env.types.resolve(expected)
      if type.isVariable || !type.isFloating { type = env.types.freshVariable(.floatLiteral) }
    }
    typed.floats.append(forms.tree.floats[Int(node.a)])
    return add(.float, type, a: UInt32(typed.floats.count - 1), form)
  }

  // MARK: Names

  /// The innermost local of that name; marks it captured when it belongs to an enclosing body.
  func lookup(_ name: Symbol) -> LocalID? {
    var i = scope.count - 1
    while i >= 0 {
      if scope[i].name == name {
        let local = scope[i].local
        if typed.locals[Int(local.raw)].owner != (lambdaStack.last ?? -1) { capture(local) }
        return local
      }
      i -= 1
    }
    return nil
  }

  private func capture(_ local: LocalID) {
    typed.locals[Int(local.raw)].isCaptured = true
    let owner = typed.locals[Int(local.raw)].owner
    for lambda in lambdaStack.reversed() {
      if lambda == owner { break }
      if !typed.lambdas[Int(lambda)].captures.contains(local) {
        typed.lambdas[Int(lambda)].captures.append(local)
      }
    }
  }

  func checkName(_ name: Symbol, _ form: Form, _ expected: TypeID) -> NodeID {
    if let local = lookup(name) { return add(.local, typed[local].type, a: local.raw, form) }
    var (name, module) = (name, module)
    if name.isAlias { (name, module) = meaning(ofValue: name) }
    if let entity = env.ownValue(name, in: module) { return checkEntity(entity, name, form, expected) }
    if let special = SpecialForm(name) { return checkSpecialName(special, form, expected) }
    if let entity = env.ownValue(name, in: .prelude) { return checkEntity(entity, name, form, expected) }
    unknown(name, form)
    return errorNode(form)
  }

  /// A global name used as a value.
  private func checkEntity(_ entity: Entity, _ name: Symbol, _ form: Form, _ expected: TypeID) -> NodeID {
    switch entity {
    case .enumCase(let def, let index):
      guard resolveHeader(def) else { return errorNode(form) }
      let enumCase = env.cases[env[def].cases.lowerBound + index]
      let type = instantiate(def)
      if enumCase.fields.isEmpty {
        if expected != .none { _ = env.types.unify(type, expected) }
        return add(.makeCase, type, a: UInt32(index), b: flush(stack.count, count: 0), form)
      }
      let parameters = enumCase.fields.map { fieldType($0, of: type) }
      return etaExpand(form, parameters, result: type, expected) { arguments in
        self.makeCase(type, index, fields: Array(enumCase.fields.indices.map { $0 - enumCase.fields.lowerBound }), arguments, form)
      }
    case .definition(let first):
      let def = chooseOverload(first, expected)
      guard resolveHeader(def) else { return errorNode(form) }
      let definition = env[def]
      switch definition.kind {
      case .constant, .variable: return add(.global, definition.type, a: def.raw, form)
      case .function, .method: return functionValue(def, form, expected)
      case .intrinsic:
        return intrinsicValue(def, form, expected)
      case .primitive:
        let (arguments, parameters, result) = signature(def)
        _ = arguments
        return etaExpand(form, parameters, result: result, expected) { nodes in
          self.primitiveCall(def, nodes, result, form)
        }
      case .structure, .record:
        if isOpaque(def) {
          unknown(definition.name, form)
          return errorNode(form)
        }
        let type = instantiate(def)
        let parameters = definition.fields.map { fieldType($0, of: type) }
        return etaExpand(form, parameters, result: type, expected) { nodes in
          for (i, node) in nodes.enumerated() { self.stack += [UInt32(i), node.raw] }
          return self.add(.makeStruct, type, b: self.flush(self.stack.count - nodes.count * 2, count: nodes.count), form)
        }
      case .enumeration, .alias, .trait, .implementation, .migration:
        unknown(definition.name, form)
        return errorNode(form)
      case .macro:
        report(
          .macroAsValue, "`\(text(definition.name))` is a macro, not a value", form,
          labels: definitionLabels(def),
          help: "call it, as in `(\(text(definition.name)) ..)`; to pass it on, wrap the call in a function: `(fn [x] (\(text(definition.name)) x))`")
        return errorNode(form)
      }
    }
  }

  func functionValue(_ def: DefID, _ form: Form, _ expected: TypeID) -> NodeID {
    let (arguments, parameters, result) = signature(def)
    let type = env.types.function(parameters, result)
    // What is expected says the instance, so that traits can be found early.
    if !arguments.isEmpty, expected != .none, env.types.tag(env.types.resolve(expected)) == .function { _ = env.types.unify(type, expected) }
    let mark = stack.count
    for argument in arguments { stack.append(argument.raw) }
    let b = flush(mark, count: arguments.count)
    for i in arguments.indices { typeSlots.append(Int(b) + 1 + i) }
    oblige(def, arguments, form)
    return add(.functionValue, type, a: def.raw, b: b, form)
  }

  /// An intrinsic used as a value becomes a lambda around it.
  private func intrinsicValue(_ def: DefID, _ form: Form, _ expected: TypeID) -> NodeID {
    guard let intrinsic = Intrinsic(rawValue: env[def].operation) else { return errorNode(form) }
    let (arguments, parameters, result) = signature(def)
    oblige(def, arguments, form)
    return etaExpand(form, parameters, result: result, expected) { nodes in
      self.intrinsicNode(intrinsic, nodes, result, form)
    }
  }

  /// `(fn [p..] (body p..))` for something that is not a function of its own.
  func etaExpand(
    _ form: Form, _ parameters: [TypeID], result: TypeID, _ expected: TypeID,
    _ body: ([NodeID]) -> NodeID
  ) -> NodeID {
    let type = env.types.function(parameters, result)
    if expected != .none { _ = env.types.unify(type, expected) }
    let index = openLambda()
    let mark = scope.count
    let locals = parameters.map { declare(.none, $0, mutable: false) }
    let nodes = locals.map { add(.local, typed[$0].type, a: $0.raw, form) }
    let node = body(nodes)
    scope.removeLast(scope.count - mark)
    closeLambda(index, locals, result: result, body: node)
    return add(.lambda, type, a: UInt32(index), form)
  }

  func openLambda() -> Int {
    typed.lambdas.append(
      Lambda(parameters: [], captures: [], result: .unit, body: .none, parent: lambdaStack.last ?? -1))
    lambdaStack.append(Int32(typed.lambdas.count - 1))
    typed.lambdas[typed.lambdas.count - 1].nodes = typed.nodes.count..<typed.nodes.count
    typed.lambdas[typed.lambdas.count - 1].patterns = typed.patterns.count..<typed.patterns.count
    return typed.lambdas.count - 1
  }

  func closeLambda(_ index: Int, _ parameters: [LocalID], result: TypeID, body: NodeID) {
    lambdaStack.removeLast()
    typed.lambdas[index].parameters = parameters
    typed.lambdas[index].result = result
    typed.lambdas[index].body = body
    typed.lambdas[index].nodes = typed.lambdas[index].nodes.lowerBound..<typed.nodes.count
    typed.lambdas[index].patterns = typed.lambdas[index].patterns.lowerBound..<typed.patterns.count
  }

  private func checkSpecialName(_ special: SpecialForm, _ form: Form, _ expected: TypeID) -> NodeID {
    switch special {
    case .infinity: return add(.constant, floatConstant(expected), a: Constant.infinity.rawValue, form)
    case .negativeInfinity: return add(.constant, floatConstant(expected), a: Constant.negativeInfinity.rawValue, form)
    case .nan: return add(.constant, floatConstant(expected), a: Constant.nan.rawValue, form)
    case .pi: return add(.constant, floatConstant(expected), a: Constant.pi.rawValue, form)
    case .str, .show:
      return etaExpand(form, [env.types.freshVariable()], result: .string, expected) { nodes in
        self.textNode(special, nodes, form)
      }
    case .print, .println, .eprintln:
      return etaExpand(form, [env.types.freshVariable()], result: .unit, expected) { nodes in
        self.textNode(special, nodes, form)
      }
    default:
      report(
        .malformedForm, "`\(special.spelling)` is a form, not a value", form,
        help: "it stands first in a list, as in `(\(special.spelling) ..)`")
      return errorNode(form)
    }
  }

  private func floatConstant(_ expected: TypeID) -> TypeID {
    expected != .none && env.types.resolve(expected) == .f32 ? .f32 : .float
  }
}
