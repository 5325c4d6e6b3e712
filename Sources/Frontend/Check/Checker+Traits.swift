// Headers of traits and implementations, and the constraints behind `:where`.
//
// The type parameters of a method are those of its trait, then its own; those of a function in an
// `impl` are the variables of the `impl`, then its own. So a call of a method becomes a call of the
// function by exchanging the front part (`Environment.resolve(method:)`).

extension Checker {
  // MARK: Traits

  func traitHeader(_ def: DefID, _ root: Form) {
    let target = child(root, 1)
    let name = text(env[def].name)
    guard isList(target), count(target) > 1 else {
      report(
        .malformedDefinition, "trait `\(name)` has no type parameter", target,
        help: "write `(deftrait (\(name) a) (method [x: a] -> Type))`")
      return
    }
    _ = typeDeclaration(target)
    bindsTypeParameters = false
    let (constraints, next) = constraintRange(root, from: count(root) > 2 && tag(child(root, 2)) == .string ? 3 : 2)
    for i in constraints { readConstraint(child(root, i)) }
    for i in next..<max(next, count(root)) where i > next || tag(child(root, i)) != .string {
      if memberName(child(root, i)) == nil {
        report(
          .malformedDefinition, "a trait holds methods", child(root, i),
          help: "write `(name [x: a] -> Type)`, with a body behind it for a default")
      }
    }
    for (i, member) in env[def].members.enumerated() {
      let name = env[env.members[member]].name
      if let first = env[def].members.prefix(i).first(where: { env[env.members[$0]].name == name }) {
        problems.append(
          Diagnostic(
            .duplicateDefinition, "method `\(text(name))` is declared twice", at: Place(item, env[env.members[member]].nameSpan),
            labels: [Diagnostic.Label(Place(item, env[env.members[first]].nameSpan), "first here")]))
      }
    }
  }

  /// What a method, or a function in an `impl`, has from the form around it.
  func beginMember(_ parent: DefID) -> Bool {
    guard resolveHeader(parent) else { return false }
    for i in env[parent].typeParameters { addTypeParameter(env.typeParameters[i]) }
    for i in env[parent].requirements { ownRequirements.append(env.requirements[i]) }
    if env[parent].kind == .trait {
      let arguments = ownParameters.indices.map { env.types.parameter($0) }
      ownRequirements.append(Requirement(trait: parent, arguments: arguments))
      if let known = env.builtin(parent), !ownParameters.isEmpty { ownParameters[0].constraints.formUnion(known.constraints) }
    }
    return true
  }

  // MARK: Implementations

  /// Works out the headers of all implementations declared since the last time.
  public func resolveImplementations() {
    // Looking for one may lead back here; each is taken once, in the order of the text.
    while env.hasPendingImplementations {
      env.lookedAtImplementations += 1
      _ = resolveHeader(env.pendingImplementations[env.lookedAtImplementations - 1])
    }
    env.pendingImplementations.removeAll(keepingCapacity: true)
    env.lookedAtImplementations = 0
  }

  func implementationHeader(_ def: DefID, _ root: Form) {
    let target = child(root, 1)
    let traitForm = child(target, 0)
    guard let trait = traitNamed(traitForm) else { return }
    guard resolveHeader(trait) else { return unsound(def) }
    let traitName = env.name(trait)
    let wanted = env[trait].typeParameters.count
    guard count(target) - 1 == wanted else {
      report(
        .wrongTypeArguments,
        "trait `\(traitName)` takes \(wanted) type\(wanted == 1 ? "" : "s"), but \(count(target) - 1) \(count(target) == 2 ? "is" : "are") given", target)
      return
    }
    let before = problems.count
    var arguments: [TypeID] = []
    for i in 1..<count(target) { arguments.append(parseType(child(target, i))) }
    bindsTypeParameters = false
    let (constraints, next) = constraintRange(root, from: count(root) > 2 && tag(child(root, 2)) == .string ? 3 : 2)
    for i in constraints { readConstraint(child(root, i)) }
    guard problems.count == before, !arguments.contains(.error) else { return unsound(def) }
    guard let head = env.head(arguments[0]) else {
      report(
        .badImplementation, "an `impl` is for one type, not for every `\(env.describe(arguments[0]))`", child(target, 1),
        help: "name the type, as in `(impl (\(traitName) Player) ..)`; a function with `:where` works on every type that has a trait")
      return
    }
    if let known = env.builtin(trait), let problem = overlap(known, arguments[0]) {
      report(.badImplementation, problem, target)
      return
    }
    if let open = undetermined(arguments) {
      report(
        .badImplementation, "`\(text(ownParameters[open].name))` does not follow from `\(env.describe(arguments[0]))`", target,
        help: "the first type of a trait determines the others, so each variable must stand in it, or follow from a constraint")
      return
    }
    let functions = matchMembers(def, trait, root, next)
    guard problems.count == before else {
      env.brokenImplementations[UInt64(trait.raw) << 32 | UInt64(head)] = def
      return unsound(def)
    }
    let new = Implementation(definition: def, trait: trait, arguments: arguments, functions: functions)
    publishParameters(def)
    if let old = env.register(new, head: head) {
      report(
        .duplicateImplementation, "`\(traitName)` has two implementations for `\(env.describe(arguments[0]))`", target, label: "again here",
        labels: [Diagnostic.Label(Place(env[old].item, env[old].nameSpan), "first here")],
        help: "at most one `impl` of a trait may stand for a type, whatever its type arguments are")
      return
    }
    for required in env[trait].typeParameters where !env.typeParameters[required].constraints.isEmpty {
      let type = arguments[required - env[trait].typeParameters.lowerBound]
      obligations.append(
        Obligation(type: type, constraints: env.typeParameters[required].constraints, form: target, what: env[trait].name))
    }
    for i in env[trait].requirements {
      let required = env.requirements[i]
      addTraitObligation(required.trait, required.arguments.map { env.types.substitute($0, arguments) }, target, trait)
    }
  }

  /// A type variable of the `impl` at hand that its trait's first argument leaves open.
  private func undetermined(_ arguments: [TypeID]) -> Int? {
    var known = [Bool](repeating: false, count: ownParameters.count)
    func mark(_ type: TypeID) {
      if env.types.tag(type) == .parameter { known[Int(env.types[type].def.raw)] = true }
      for i in 0..<env.types.count(type) { mark(env.types.argument(type, i)) }
    }
    mark(arguments[0])
    for _ in ownRequirements {
      for required in ownRequirements where known[Int(env.types[required.arguments[0]].def.raw)] { required.arguments.forEach(mark) }
    }
    return known.firstIndex(of: false)
  }

  /// The definition has problems that were told elsewhere.
  private func unsound(_ def: DefID) { isUnsound = true }

  /// Why a type cannot have a trait of the prelude by an `impl`.
  private func overlap(_ trait: BuiltinTrait, _ type: TypeID) -> String? {
    let name = env.describe(type)
    if trait.isNumeric { return "only the built-in numbers have this trait" }
    if trait.isOperator, type.isNumeric { return "`\(name)` has this operator already" }
    guard trait.isDerived else { return nil }
    switch env.types.tag(type) {
    case .structure, .record, .enumeration: return nil
    default: return "`\(name)` has this trait already, by what it is made of"
    }
  }

  /// The functions of an `impl` in the order of the trait's methods.
  private func matchMembers(_ def: DefID, _ trait: DefID, _ root: Form, _ first: Int) -> [DefID] {
    let methods = env[trait].members.map { env.members[$0] }
    var functions = [DefID](repeating: .none, count: methods.count)
    let names = methods.map { env[$0].name }
    for i in first..<max(first, count(root)) where memberName(child(root, i)) == nil || symbol(child(child(root, i), 0)).raw != SpecialForm.defn.rawValue {
      report(
        .malformedDefinition, "an `impl` holds functions", child(root, i),
        help: "write each method as `(defn name [..] -> Type ..)`")
    }
    for member in env[def].members.map({ env.members[$0] }) {
      let name = env[member].name
      guard let index = names.firstIndex(of: name) else {
        problems.append(
          Diagnostic(
            .unknownMethod, "trait `\(env.name(trait))` has no method `\(text(name))`", at: Place(item, env[member].nameSpan),
            labels: traitLabel(trait),
            help: suggestion(name, among: names) ?? (names.isEmpty ? nil : "it has " + names.map { "`\(text($0))`" }.joined(separator: ", "))))
        continue
      }
      if functions[index] != .none {
        problems.append(
          Diagnostic(
            .duplicateDefinition, "method `\(text(name))` is defined twice", at: Place(item, env[member].nameSpan), label: "again here",
            labels: [Diagnostic.Label(Place(item, env[functions[index]].nameSpan), "first here")]))
        continue
      }
      functions[index] = member
    }
    var missing: [DefID] = []
    for (i, method) in methods.enumerated() where functions[i] == .none {
      guard resolveHeader(method) else { continue }
      if !env[method].hasBody { missing.append(method) }
    }
    if !missing.isEmpty, problems.isEmpty {
      let list = missing.map { "`\(env.name($0))`" }.joined(separator: ", ")
      problems.append(
        Diagnostic(
          .incompleteImplementation, "this `impl` of `\(env.name(trait))` lacks \(missing.count == 1 ? "method" : "methods") \(list)",
          at: Place(item, env[def].nameSpan),
          labels: missing.prefix(3).map { Diagnostic.Label(Place(env[$0].item, env[$0].nameSpan), "`\(env.name($0))` is declared here") }
            .filter { _ in env[trait].module != .prelude },
          help: "add `(defn \(env.name(missing[0])) ..)`"))
    }
    return functions
  }

  private func traitLabel(_ trait: DefID) -> [Diagnostic.Label] {
    env[trait].module == .prelude ? [] : [Diagnostic.Label(Place(env[trait].item, env[trait].nameSpan), "`\(env.name(trait))` is defined here")]
  }

  /// Whether a function of an `impl` has the signature that its trait gives the method.
  func checkMemberSignature(_ def: DefID, _ root: Form) {
    guard env[def].parent != .none, env[env[def].parent].kind == .implementation,
      let implementation = env.implementations.last(where: { $0.definition == env[def].parent }),
      let index = implementation.functions.firstIndex(of: def)
    else { return }
    // In the midst of an edit the trait may be another one by now than when the `impl` was looked at, which comes again then.
    guard index < env[implementation.trait].members.count else { return }
    let method = env.members[env[implementation.trait].members.lowerBound + index]
    guard resolveHeader(method) else { return }
    let inner = env[implementation.definition].typeParameters.count
    let outer = env[implementation.trait].typeParameters.count
    let own = env[method].typeParameters.count - outer
    let arguments = implementation.arguments + (0..<max(0, own)).map { env.types.parameter(inner + $0) }
    let parts = bodyParts(of: env[def], root)
    // Without them the header has been reported.
    guard parts.parameters != .none, parts.result != .none else { return }
    let declared = env[method].parameters
    let found = env[def].parameters
    let label = env[method].module == .prelude ? [] : [Diagnostic.Label(Place(env[method].item, env[method].nameSpan), "the trait declares it here")]
    let what = "`\(text(env[def].name))` in `(\(env.name(implementation.trait)) \(env.describe(implementation.arguments[0])))`"
    guard declared.count == found.count else {
      report(
        .wrongMethodSignature, "\(what) takes \(found.count) parameter\(found.count == 1 ? "" : "s"), but the trait's method takes \(declared.count)",
        parts.parameters, labels: label)
      return
    }
    let namesHere = env.parameterNames
    let namesThere = env[implementation.definition].typeParameters.map { env.typeParameters[$0].name }
      + env[method].typeParameters.dropFirst(outer).map { env.typeParameters[$0].name }
    func describeWanted(_ type: TypeID) -> String {
      env.parameterNames = namesThere
      defer { env.parameterNames = namesHere }
      return env.describe(type)
    }
    func compare(_ wanted: TypeID, _ type: TypeID, _ form: Form, _ position: String) {
      let wanted = env.types.substitute(wanted, arguments)
      guard wanted != type, type != .error else { return }
      let (smallFound, smallWanted) = smallestDifference(type, wanted)
      var message = "\(position) of \(what) must be `\(describeWanted(wanted))`, not `\(env.describe(type))`"
      if smallFound != type { message += " (`\(env.describe(smallFound))` is not `\(describeWanted(smallWanted))`)" }
      report(.wrongMethodSignature, message, form, labels: label)
    }
    for (i, (a, b)) in zip(declared, found).enumerated() {
      let form = parts.parameters
      var place = form
      var position = 0
      for j in 0..<count(form) where annotatedName(symbol(child(form, j))) != nil && j + 1 < count(form) {
        if position == i { place = child(form, j + 1) }
        position += 1
      }
      compare(env.parameters[a].type, env.parameters[b].type, place, "parameter \(i + 1)")
    }
    compare(env[method].type, env[def].type, parts.result, "the result")
    guard problems.isEmpty else { return }
    // What the function asks of its own type variables the trait must ask too.
    for (i, parameter) in ownParameters.enumerated() where i >= inner {
      let given = outer + i - inner < env[method].typeParameters.count
        ? env.typeParameters[env[method].typeParameters.lowerBound + outer + i - inner].constraints : []
      if !parameter.constraints.isSubset(of: given) {
        report(
          .wrongMethodSignature, "\(what) asks more of `\(text(parameter.name))` than the trait does",
          parts.constraints.isEmpty ? parts.parameters : child(root, parts.constraints.lowerBound), labels: label,
          help: "put the constraint into the trait's method")
      }
    }
    let extra = ownRequirements.count - env[implementation.definition].requirements.count
    let allowed = env[method].requirements.count - env[implementation.trait].requirements.count - 1
    if extra > allowed {
      report(
        .wrongMethodSignature, "\(what) asks for more traits than the trait's method does",
        child(root, parts.constraints.lowerBound), labels: label, help: "put the constraint into the trait's method, or behind the `:where` of the `impl`")
    }
  }

  // MARK: Constraints

  /// The forms behind `:where`, if that stands at `start`, and where what follows begins. The first of
  /// them is a constraint whatever it looks like; others are when they name a trait.
  func constraintRange(_ root: Form, from start: Int) -> (constraints: Range<Int>, next: Int) {
    guard start < count(root), keyword(child(root, start)) == env.known.whereKeyword else { return (start..<start, start) }
    var i = start + 1
    while i < count(root), isConstraint(child(root, i)) || i == start + 1 && isList(child(root, i)) && i + 1 < count(root) { i += 1 }
    return (start + 1..<i, i)
  }

  private func isConstraint(_ form: Form) -> Bool {
    guard isList(form), count(form) >= 2 else { return false }
    let name = symbol(child(form, 0))
    return name != .none && env.traitName(name, in: module) != nil
  }

  private func traitNamed(_ form: Form) -> DefID? {
    let name = symbol(form)
    if name != .none, let def = env.traitName(name, in: module) { return def }
    let isType = name != .none && (env.typeName(name, in: module) != nil || KnownSymbols.builtinTypes.contains { $0.name == text(name) })
    let traits = env.visibleTypes(in: module).filter { env.traitName($0, in: module) != nil }
    report(
      .badConstraint, isType ? "`\(text(name))` is a type, not a trait" : "trait `\(name == .none ? "?" : text(name))` is not defined", form,
      help: name == .none ? nil : suggestion(name, among: traits))
    return nil
  }

  /// `(Trait a ..)` behind `:where`: what the signature's type variables must have.
  func readConstraint(_ form: Form) {
    guard isList(form), count(form) > 0 else {
      report(.badConstraint, "a constraint is written `(Trait a)`", form)
      return
    }
    guard let trait = traitNamed(child(form, 0)) else { return }
    guard resolveHeader(trait) else {
      isUnsound = true
      return
    }
    let wanted = env[trait].typeParameters.count
    let known = env.builtin(trait)
    // `(Eq a b)` asks it of both.
    guard count(form) - 1 == wanted || wanted == 1 && count(form) > 1 else {
      report(
        .badConstraint, "trait `\(env.name(trait))` takes \(wanted) type\(wanted == 1 ? "" : "s"), but \(count(form) - 1) \(count(form) == 2 ? "is" : "are") given", form)
      return
    }
    var arguments: [TypeID] = []
    for i in 1..<count(form) {
      let item = child(form, i)
      let name = identifier(item)
      // What the first argument determines may be named here for the first time.
      let isDetermined = i > 1 && wanted > 1
      if name != .none, isTypeVariable(name), !isDetermined, !ownParameters.contains(where: { $0.name == name }) {
        report(
          .badConstraint, "`\(text(name))` is no type variable of this signature", item,
          help: suggestion(name, among: ownParameters.map(\.name)))
        return
      }
      let binds = bindsTypeParameters
      bindsTypeParameters = isDetermined
      let type = parseType(item)
      bindsTypeParameters = binds
      if type == .error { return }
      if i == 1 || wanted == 1, env.types.tag(type) != .parameter {
        report(
          .badConstraint, "a constraint is about a type variable, not about `\(env.describe(type))`", item)
        return
      }
      arguments.append(type)
    }
    if wanted == 1 {
      for argument in arguments { require(trait, known, [argument]) }
    } else {
      require(trait, known, arguments)
    }
  }

  private func require(_ trait: DefID, _ known: BuiltinTrait?, _ arguments: [TypeID]) {
    let index = Int(env.types[arguments[0]].def.raw)
    if let known, !known.constraints.isEmpty {
      ownParameters[index].constraints.formUnion(known.constraints)
      return
    }
    if ownRequirements.contains(where: { $0.trait == trait && $0.arguments == arguments }) { return }
    ownRequirements.append(Requirement(trait: trait, arguments: arguments))
    // What the trait itself asks for comes with it.
    for (i, parameter) in env[trait].typeParameters.enumerated() where env.types.tag(arguments[i]) == .parameter {
      ownParameters[Int(env.types[arguments[i]].def.raw)].constraints.formUnion(env.typeParameters[parameter].constraints)
    }
    for i in env[trait].requirements {
      let implied = env.requirements[i]
      let types = implied.arguments.map { env.types.substitute($0, arguments) }
      if env.types.tag(types[0]) == .parameter { require(implied.trait, env.builtin(implied.trait), types) }
    }
  }
}
