// Macro calls: what a name that a template made means, expansion in place, and how problems in an
// expansion are told in terms of what the user wrote.
//
// Invariant: a form of the user's keeps its place and its span however many macros it goes through; a
// form that a template made has the span of the call it came from.

extension Checker {
  // MARK: Names

  /// A global by its name as it stands in a form.
  func value(_ name: Symbol) -> Entity? {
    guard name.isAlias else { return env.value(name, in: module) }
    let (plain, home) = meaning(ofValue: name)
    return env.value(plain, in: home)
  }

  /// What an alias that no local binds is looked up as: its name where the macro was defined. A name
  /// unknown there belongs to the module at hand, e.g. one that the expansion itself defines.
  func meaning(ofValue alias: Symbol) -> (Symbol, ModuleID) {
    let key = env.interner.aliases[alias]
    if key.fresh != 0 { return (env.ownValue(alias, in: module) == nil ? key.name : alias, module) }
    if key.module == module || env.value(key.name, in: key.module) != nil || SpecialForm(key.name) != nil {
      return (key.name, key.module)
    }
    return (key.name, module)
  }

  func meaning(ofType alias: Symbol) -> (Symbol, ModuleID) {
    let key = env.interner.aliases[alias]
    if key.fresh != 0 { return (env.typeName(alias, in: module) == nil ? key.name : alias, module) }
    return (key.name, env.typeName(key.name, in: key.module) == nil ? module : key.module)
  }

  /// The name under which a definition is entered: a template's plain names name things in the module
  /// where the macro is used, its fresh names nothing that anyone else could mean.
  func definedSymbol(_ form: Form) -> Symbol {
    let name = identifier(form)
    return name.isAlias && env.interner.aliases[name].fresh == 0 ? env.interner.base(name) : name
  }

  // MARK: Definitions

  /// `(defmacro name "doc" [a b & rest] body..)`
  func macroParts(_ root: Form) -> BodyParts {
    var parts = BodyParts()
    var i = 2
    if i < count(root), tag(child(root, i)) == .string { i += 1 }
    if i < count(root), tag(child(root, i)) == .vector {
      parts.parameters = child(root, i)
      i += 1
    }
    parts.body = i
    return parts
  }

  func macroHeader(_ def: DefID, _ root: Form) {
    let name = text(env[def].name)
    _ = resolveHeader(env.syntaxDef)
    let parts = macroParts(root)
    guard parts.parameters != .none else {
      report(
        .malformedDefinition, "macro `\(name)` has no parameter list", root,
        help: "write `(defmacro \(name) [a b & rest] ..)`, with `[]` when there are none")
      return
    }
    let list = parts.parameters
    var parameters: [Parameter] = []
    var rest = false
    for i in 0..<count(list) {
      let item = child(list, i)
      if symbol(item) == env.known.ampersand {
        if rest || i != count(list) - 2 {
          report(
            .malformedDefinition, "`&` stands before the last parameter, which takes all arguments that are left", item)
          return
        }
        rest = true
        continue
      }
      let plain = identifier(item)
      if plain != .none, let named = annotatedName(plain) {
        report(
          .malformedDefinition, "a macro's parameters have no types: all of them are `Syntax`", item,
          help: "write `\(text(named))`")
        return
      }
      guard plain != .none, isBindingName(plain) else {
        report(.malformedDefinition, "a macro's parameter is a lower-case name", item, help: "take it apart with `match`")
        return
      }
      if parameters.contains(where: { $0.name == plain }), symbol(item) != env.known.underscore {
        report(.duplicateDefinition, "parameter `\(text(plain))` is declared twice", item)
      }
      let type = rest ? env.types.vec(env.syntaxType) : env.syntaxType
      parameters.append(Parameter(name: plain, type: type, hasDefault: false, span: span(item)))
    }
    if parts.body >= count(root) {
      report(
        .malformedDefinition, "macro `\(name)` has no body", root,
        help: "it must end in the syntax that stands for the call, as in `` `(do ~a ~b) ``")
      return
    }
    let start = env.parameters.count
    env.parameters += parameters
    env.definitions[Int(def.raw)].parameters = start..<env.parameters.count
    env.definitions[Int(def.raw)].takesRest = rest
    env.definitions[Int(def.raw)].type = env.syntaxType
  }

  // MARK: Calls

  func checkMacroCall(_ form: Form, _ def: DefID, _ expected: TypeID, _ tail: Bool) -> NodeID {
    inExpansion(of: form, def) { checkForm($0, expected: expected, tail: tail) } ?? errorNode(form)
  }

  /// A macro call where a pattern is expected: what it expands to is one.
  func macroPattern(_ form: Form, _ def: DefID, _ type: TypeID, mutable: Bool) -> PatternID {
    inExpansion(of: form, def) { checkPattern($0, type, mutable: mutable) } ?? addPattern(.wildcard, .error, form)
  }

  /// Does `body` with what the call expands to; nil when it could not be expanded.
  func inExpansion<R>(of form: Form, _ def: DefID, _ body: (Form) -> R) -> R? {
    guard let result = expand(form, def) else { return nil }
    let outer = expansion
    expansion = Int32(forms.expansions.count - 1)
    defer { expansion = outer }
    return body(result)
  }

  /// Expands a call once. Nil: a problem was reported.
  func expand(_ form: Form, _ def: DefID) -> Form? {
    guard resolveHeader(def), let expander = env.expander else { return nil }
    let definition = env[def]
    let name = text(definition.name)
    let supplied = count(form) - 1
    let wanted = definition.parameters.count - (definition.takesRest ? 1 : 0)
    guard supplied == wanted || definition.takesRest && supplied > wanted else {
      let parameters = definition.parameters.enumerated().map { i, parameter in
        (definition.takesRest && i == wanted ? "& " : "") + text(env.parameters[parameter].name)
      }
      report(
        .wrongArgumentCount,
        "macro `\(name)` takes \(definition.takesRest ? "at least " : "")\(wanted) argument\(wanted == 1 ? "" : "s"), but \(supplied) \(supplied == 1 ? "is" : "are") given",
        supplied > wanted ? child(form, wanted + 1) : form, labels: definitionLabels(def),
        help: "its parameters are `[\(parameters.joined(separator: " "))]`")
      return nil
    }
    if forms.hasExpandedTooMuch { return nil }
    let outer = expansion < 0 ? nil : Optional(forms.expansions[Int(expansion)])
    let level = (outer?.level ?? 0) + 1
    guard level <= MacroExpander.maxLevels else {
      return tooMuch(
        "the expansion of `\(name)` does not end: \(MacroExpander.maxLevels) expansions are inside one another", form, def,
        help: "a macro that expands to a call of itself needs a case that does not")
    }
    guard forms.expansions.count < MacroExpander.maxExpansions else {
      return tooMuch(
        "this definition takes more than \(MacroExpander.maxExpansions) expansions", form, def,
        help: "a macro that uses an argument twice doubles all the calls in it: bind it with `let`")
    }
    let first = UInt32(forms.tree.nodes.count)
    let call = MacroCall(macro: def, forms: forms, form: form, item: item, base: base, module: module)
    switch expander.expand(call) {
    case .failed(let found):
      for problem in found { problems.append(explained(problem, form)) }
      forms.failedExpansions += 1
      if forms.failedExpansions >= Forms.mostFailures { forms.hasExpandedTooMuch = true }
      return nil
    case .form(let result, let depth):
      let total = (outer?.depth ?? 0) + depth
      guard total <= MacroExpander.maxDepth else {
        return tooMuch("what `\(name)` expands to nests deeper than \(MacroExpander.maxDepth) levels", form, def, help: nil)
      }
      forms.expansions.append(
        Expansion(
          macro: def, call: form, result: result, nodes: first..<UInt32(forms.tree.nodes.count), parent: expansion,
          level: level, depth: total))
      return result
    }
  }

  /// Reports a limit, once for each tree: what is left may be any number of calls.
  private func tooMuch(_ message: String, _ form: Form, _ def: DefID, help: String?) -> Form? {
    forms.hasExpandedTooMuch = true
    report(.expansionLimit, message, form, labels: definitionLabels(def), help: help)
    return nil
  }

  // MARK: Telling of problems

  func definitionLabels(_ def: DefID) -> [Diagnostic.Label] {
    guard env[def].module != .prelude else { return [] }
    return [Diagnostic.Label(Place(env[def].item, env[def].nameSpan), "`\(text(env[def].name))` is defined here")]
  }

  /// The expansion that made the form; -1 for one of the user's. O(log expansions).
  func origin(of form: Form) -> Int32 {
    let expansions = forms.expansions
    var (low, high) = (0, expansions.count)
    while low < high {
      let middle = (low + high) / 2
      if expansions[middle].nodes.upperBound <= form.raw { low = middle + 1 } else { high = middle }
    }
    return low < expansions.count && expansions[low].nodes.contains(form.raw) ? Int32(low) : -1
  }

  /// Adds to a problem at `form` which expansions it is in. What a template made has the place of the
  /// call; so the places named are those of the calls in the user's text.
  func explained(_ problem: Diagnostic, _ form: Form) -> Diagnostic {
    var next = expansion >= 0 ? expansion : origin(of: form)
    guard next >= 0 else { return problem }
    var problem = problem
    var chain: [(place: Place, names: [String])] = []
    let innermost = forms.expansions[Int(next)].macro
    while next >= 0 {
      let expansion = forms.expansions[Int(next)]
      let place = place(expansion.call)
      let name = "`\(text(env[expansion.macro].name))`"
      if let last = chain.last, last.place == place {
        if last.names.last != name { chain[chain.count - 1].names.append(name) }
      } else {
        chain.append((place, [name]))
      }
      next = expansion.parent
    }
    for (place, names) in chain.prefix(4) {
      var text = "in this expansion of \(names.last ?? "")"
      if names.count > 1 { text += ", through " + names.dropLast().reversed().prefix(3).joined(separator: ", ") }
      if place == problem.place, problem.label.isEmpty {
        problem.label = text
      } else {
        problem.labels.append(Diagnostic.Label(place, text))
      }
    }
    for label in definitionLabels(innermost) where !problem.labels.contains(where: { $0.place == label.place }) {
      problem.labels.append(label)
    }
    return problem
  }
}
