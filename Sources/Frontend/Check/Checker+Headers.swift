// Headers: what a definition shows to others. Worked out on first use, from the definition's own
// forms; a header in progress that is needed again is a cycle.

extension Checker {
  /// Works out the header of `def` if that is still to be done. False when it has errors.
  func resolveHeader(_ def: DefID) -> Bool {
    note(def)
    switch env.definitions[Int(def.raw)].state {
    case .resolved: return true
    case .failed: return false
    case .resolving:
      reportCycle(def)
      return false
    case .pending: break
    }
    return workOut(def)
  }

  /// Forces the header again after an edit of its item.
  public func resolve(_ def: DefID) -> Bool { resolveHeader(def) }

  private func workOut(_ def: DefID) -> Bool {
    // What is worked out on first use while a change is open goes with it.
    env.touch(def)
    guard let location = source.forms(of: env[def].item) else {
      env.definitions[Int(def.raw)].state = .failed
      return false
    }
    // A header may be needed in the middle of another body: work on a checker of its own.
    defer { source.recycle(location) }
    let inner = Checker(environment: env, source: source)
    inner.headersInProgress = headersInProgress + [def]
    let saved = (env.parameterNames, env.types.numericParameters, env.types.floatingParameters)
    inner.begin(env[def], location)
    env.definitions[Int(def.raw)].state = .resolving
    let form = inner.form(of: def, in: location.root)
    if form != .none { inner.header(def, form) }
    (env.parameterNames, env.types.numericParameters, env.types.floatingParameters) = saved
    let sound = form != .none && !inner.isUnsound && !inner.problems.contains { $0.severity == .error }
    env.definitions[Int(def.raw)].state = sound ? .resolved : .failed
    for problem in inner.problems { env.headerProblems.append((def, problem)) }
    env.setHeaderUses(def, inner.used)
    guard sound else { return false }
    if def == env.mapDef || def == env.setDef {
      // Lowering refers to these without being told by a typed tree.
      for operation in env.mapOperations + [env.shower(of: env[def].type)] where operation != .none { _ = resolveHeader(operation) }
    }
    if def == env.rangeDef { _ = resolveHeader(env.shower(of: env[def].type)) }
    if def == env.syntaxDef { for operation in env.syntaxOperations { _ = resolveHeader(operation) } }
    return checkByValueCycle(def)
  }

  private func header(_ def: DefID, _ root: Form) {
    let definition = env[def]
    ownParameters.removeAll()
    bindsTypeParameters = true
    switch definition.kind {
    case .function, .method, .intrinsic, .primitive:
      if definition.parent != .none {
        guard beginMember(definition.parent) else {
          isUnsound = true
          return
        }
      }
      functionHeader(def, root)
      if definition.parent != .none { checkMemberSignature(def, root) }
    case .macro: macroHeader(def, root)
    case .trait: traitHeader(def, root)
    case .migration:
      migrationHeader(def, root)
      return
    case .implementation:
      implementationHeader(def, root)
      if env[def].typeParameters.isEmpty { publishParameters(def) }
      discharge()
      return
    case .constant, .variable: valueHeader(def, root)
    case .structure, .record: productHeader(def, root)
    case .enumeration: enumHeader(def, root)
    case .alias:
      if count(root) != 3 {
        report(.malformedDefinition, "an alias is a name and a type", root, help: "as in `(defalias Point Vec2)`")
        return
      }
      _ = typeDeclaration(child(root, 1))
      bindsTypeParameters = false
      env.definitions[Int(def.raw)].type = parseType(child(root, 2))
    }
    publishParameters(def)
  }

  // MARK: Functions

  /// Where the pieces of a `defn` form are.
  struct BodyParts {
    var parameters = Form.none
    var result = Form.none
    var constraints: Range<Int> = 0..<0
    var body = 0
  }

  func bodyParts(of definition: Definition, _ root: Form) -> BodyParts {
    var parts = BodyParts()
    var i = definition.kind == .intrinsic || definition.kind == .primitive ? 3 : 2
    if definition.kind == .method, count(root) > 0, symbol(child(root, 0)).raw != SpecialForm.defn.rawValue { i = 1 }
    switch definition.kind {
    case .constant, .variable:
      if i < count(root), tag(child(root, i)) == .string, i + 1 < count(root) { i += 1 }
      // `(def x: T v)` has the type in between.
      parts.body = count(root) - 1
      return parts
    case .macro: return macroParts(root)
    case .migration:
      parts.body = 3
      return parts
    default: break
    }
    let isTest = count(root) > 0 && symbol(child(root, 0)).raw == SpecialForm.deftest.rawValue
    if isTest {
      parts.body = 2
      return parts
    }
    if i < count(root), tag(child(root, i)) == .string { i += 1 }
    if i < count(root), tag(child(root, i)) == .vector {
      parts.parameters = child(root, i)
      i += 1
    }
    if i + 1 < count(root), symbol(child(root, i)) == env.known.arrow {
      parts.result = child(root, i + 1)
      i += 2
    }
    (parts.constraints, parts.body) = constraintRange(root, from: i)
    return parts
  }

  private func functionHeader(_ def: DefID, _ root: Form) {
    let definition = env[def]
    let parts = bodyParts(of: definition, root)
    if symbol(child(root, 0)).raw == SpecialForm.deftest.rawValue {
      env.definitions[Int(def.raw)].type = .unit
      if parts.body >= count(root) {
        report(
          .malformedDefinition, "test `\(text(definition.name))` has no body", root,
          help: "a test that comes to its end passes; write what it is to find, as in `(assert= 4 (+ 2 2))`")
      }
      return
    }
    let name = text(definition.name)
    guard parts.parameters != .none else {
      let place = definition.kind == .method ? root : count(root) > 2 ? child(root, tag(child(root, 2)) == .string && count(root) > 3 ? 3 : 2) : root
      report(
        .malformedDefinition, "function `\(name)` has no parameter list", place,
        label: place == root ? "" : "expected `[..]` here",
        help: "write `(defn \(name) [x: Int] -> Int ..)`, with `[]` when there are none")
      return
    }
    var parameters: [Parameter] = []
    let list = parts.parameters
    var i = 0
    while i < count(list) {
      let item = child(list, i)
      let label = identifier(item)
      guard label != .none, let plain = annotatedName(label) else {
        if let meant = misspeltAnnotation(list, i) {
          report(
            .missingSignature, "parameter `\(meant.name)` has no type", item,
            help: "the colon belongs to the name: write `\(meant.name): \(meant.type)`")
          i += meant.forms
          continue
        }
        let known = label != .none ? text(label) : "x"
        report(
          .missingSignature, "parameter \(label != .none ? "`\(known)` " : "")has no type", item,
          help: "signatures are mandatory: write `\(known): Type`")
        i += 1
        continue
      }
      guard i + 1 < count(list) else {
        report(.missingSignature, "parameter `\(text(plain))` has no type behind the colon", item)
        break
      }
      if parameters.contains(where: { $0.name == plain }), env.interner.base(plain) != env.known.underscore {
        report(.duplicateDefinition, "parameter `\(text(plain))` is declared twice", item)
      }
      let type = parseType(child(list, i + 1))
      i += 2
      var hasDefault = false
      if i < count(list), symbol(child(list, i)) == env.known.equals, i + 1 < count(list) {
        hasDefault = true
        i += 2
        if definition.parent != .none {
          report(.malformedDefinition, "parameters of methods take no defaults", child(list, i - 1), help: "write a function with the default that calls the method")
        }
      }
      parameters.append(Parameter(name: plain, type: type, hasDefault: hasDefault, span: span(item)))
    }
    var result = TypeID.error
    if parts.result == .none {
      report(
        .missingSignature, "function `\(name)` does not say what it returns", child(root, 1),
        help: resultHelp(root, parts.body) ?? "write `-> Type` behind the parameters; `-> Unit` for nothing")
    } else {
      result = parseType(parts.result)
    }
    for i in parts.constraints { readConstraint(child(root, i)) }
    if parts.constraints.isEmpty, parts.body > 0, parts.body < count(root), !isList(child(root, parts.body)),
      keyword(child(root, parts.body - 1)) == env.known.whereKeyword
    {
      let trait = text(symbol(child(root, parts.body)))
      let subject = parts.body + 1 < count(root) && symbol(child(root, parts.body + 1)) != .none ? text(symbol(child(root, parts.body + 1))) : "a"
      let isTrait = env.traitName(symbol(child(root, parts.body)), in: module) != nil
      report(
        .badConstraint, "a constraint stands in parentheses", child(root, parts.body),
        help: isTrait ? "write `:where (\(trait) \(subject))`" : "as in `:where (Num a)`")
    }
    env.definitions[Int(def.raw)].hasBody = parts.body < count(root)
    let start = env.parameters.count
    env.parameters += parameters
    env.definitions[Int(def.raw)].parameters = start..<env.parameters.count
    env.definitions[Int(def.raw)].type = result
    if definition.kind == .function, definition.module != .prelude, parts.body >= count(root), result != .unit, result != .error {
      report(
        .malformedDefinition, "function `\(name)` has no body", root,
        help: "it must end in an expression of type `\(env.describe(result))`")
    }
  }

  /// The default of a parameter: the form behind its `=`.
  public func defaultForm(ofParameter index: Int, _ def: DefID, _ root: Form) -> Form? {
    let root = form(of: def, in: root)
    return root == .none ? nil : nthDefault(bodyParts(of: env[def], root).parameters, index)
  }

  public func defaultForm(ofField index: Int, _ def: DefID, _ root: Form, caseIndex: Int?) -> Form? {
    let root = form(of: def, in: root)
    guard root != .none else { return nil }
    if let caseIndex {
      var seen = 0
      for i in 2..<count(root) where tag(child(root, i)) != .string {
        if seen == caseIndex { return tag(child(root, i)) == .list ? nthDefault(child(root, i), index, from: firstField(ofCase: child(root, i))) : nil }
        seen += 1
      }
      return nil
    }
    for i in 2..<count(root) where tag(child(root, i)) == .vector { return nthDefault(child(root, i), index) }
    return nil
  }

  private func nthDefault(_ list: Form, _ index: Int, from start: Int = 0) -> Form? {
    guard list != .none else { return nil }
    var i = start
    var position = 0
    while i < count(list) {
      if symbol(child(list, i)) == env.known.mut, i + 1 < count(list), annotatedName(symbol(child(list, i + 1))) != nil { i += 1 }
      i += 2
      var form: Form?
      if i + 1 < count(list), symbol(child(list, i)) == env.known.equals {
        form = child(list, i + 1)
        i += 2
      }
      if i < count(list), keyword(child(list, i)) == env.known.was { i += 2 }
      if position == index { return form }
      position += 1
    }
    return nil
  }

  // MARK: Values

  private func valueHeader(_ def: DefID, _ root: Form) {
    let isConstant = env[def].kind == .constant
    let word = isConstant ? "def" : "defvar"
    guard count(root) >= 3 else {
      report(.malformedDefinition, "`\(word)` takes a name and a value", root, help: isConstant ? "as in `(def gravity 9.81)`" : "as in `(defvar score: Int 0)`")
      return
    }
    let nameForm = child(root, 1)
    let hasDoc = count(root) > 3 && tag(child(root, 2)) == .string && annotatedName(symbol(nameForm)) == nil
    bindsTypeParameters = false
    if annotatedName(symbol(nameForm)) != nil {
      guard count(root) == 4 || (count(root) == 5 && tag(child(root, 3)) == .string) else {
        report(.malformedDefinition, "`\(word)` with a type takes one value", root)
        return
      }
      env.definitions[Int(def.raw)].type = parseType(child(root, 2))
      return
    }
    guard count(root) == (hasDoc ? 4 : 3) else {
      report(.malformedDefinition, "`\(word)` takes one value", root)
      return
    }
    let node = infer(child(root, count(root) - 1))
    env.types.defaultLiterals(type(node))
    var unsolved = false
    let type = env.types.zonk(self.type(node), unsolved: &unsolved)
    if unsolved, problems.isEmpty {
      report(
        .cannotInfer, "the type of `\(text(env[def].name))` cannot be inferred from its value", nameForm,
        help: "write it behind the name: `(\(word) \(text(env[def].name)): Type ..)`")
    }
    // Problems of the value itself are reported when its body is checked.
    if type != .error { problems.removeAll { $0.code != .cyclicInitialiser && $0.place.item == item } }
    env.definitions[Int(def.raw)].type = type
  }

  // MARK: Cycles

  private func reportCycle(_ def: DefID) {
    let definition = env[def]
    let start = headersInProgress.firstIndex(of: def) ?? 0
    let names = env.path(headersInProgress[start...] + [def])
    switch definition.kind {
    case .alias:
      problems.append(
        Diagnostic(.cyclicAlias, "alias `\(env.name(def))` stands for itself: \(names)", at: Place(definition.item, definition.nameSpan)))
    case .constant, .variable:
      problems.append(
        Diagnostic(
          .cyclicInitialiser, "the value of `\(env.name(def))` depends on itself: \(names)",
          at: Place(definition.item, definition.nameSpan), help: "give one of them a value that does not need the others"))
    case .trait:
      problems.append(
        Diagnostic(.badConstraint, "trait `\(env.name(def))` asks for itself: \(names)", at: Place(definition.item, definition.nameSpan)))
    default: break
    }
  }
}
