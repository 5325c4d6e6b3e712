// What types must be able to do. Uses leave obligations behind: `Constraints` (equality, numbers and
// so on), looked at when the body is finished, and traits, whose implementations also tell more of
// the types and so are looked for as soon as the head of their first argument is known.
//
// Invariant: code that uses no traits adds no trait obligations, and built-in types satisfy
// constraints without looking at any implementation.

/// An implementation that must be found.
struct TraitObligation {
  var trait: DefID
  /// Into `obligationTypes`.
  var first: Int
  var count: Int
  var form: Form
  /// What needs it: a function, a method, or the trait it follows from.
  var what: DefID
  var depth = 0
  var isSettled = false
}

/// How many implementations may follow from each other before their search is held to be endless.
let maxImplementationDepth = 64

extension Checker {
  // MARK: Traits

  func obligeTraits(_ def: DefID, _ arguments: [TypeID], _ form: Form) {
    let requirements = env.definitions[Int(def.raw)].requirements
    guard !requirements.isEmpty else { return }
    let first = traitObligations.count
    for i in requirements {
      let required = env.requirements[i]
      addTraitObligation(required.trait, required.arguments.map { env.types.substitute($0, arguments) }, form, def)
    }
    improve(from: first)
  }

  func addTraitObligation(_ trait: DefID, _ arguments: [TypeID], _ form: Form, _ what: DefID, depth: Int = 0) {
    let first = obligationTypes.count
    obligationTypes += arguments
    traitObligations.append(
      TraitObligation(trait: trait, first: first, count: arguments.count, form: form, what: what, depth: depth))
  }

  /// Settles the obligations that can be settled by now, and what follows from them.
  func improve(from start: Int = 0) {
    var i = start
    while i < traitObligations.count {
      if !traitObligations[i].isSettled { settle(i) }
      i += 1
    }
  }

  private func settle(_ index: Int) {
    let obligation = traitObligations[index]
    let arguments = Array(obligationTypes[obligation.first..<obligation.first + obligation.count])
    let subject = env.types.resolve(arguments[0])
    if subject.isVariable { return }
    traitObligations[index].isSettled = true
    if subject == .error || subject == .never {
      for argument in arguments.dropFirst() { env.types.abandon(argument) }
      return
    }
    let known = env.builtin(obligation.trait)
    if env.types.tag(subject) == .parameter {
      guard let given = ownRequirements.first(where: { $0.trait == obligation.trait && $0.arguments[0] == subject }) else {
        if let known, hasBuiltin(known, subject) { return }
        return missing(obligation, subject, arguments)
      }
      unifyRest(given.arguments, arguments, obligation, given: .none)
      return
    }
    if let known, hasBuiltin(known, subject) { return }
    guard let found = implementation(of: obligation.trait, for: subject) else { return missing(obligation, subject, arguments) }
    guard obligation.depth < maxImplementationDepth else {
      report(
        .endlessResolution, "looking for `\(env.name(obligation.trait))` of `\(cut(env.describe(subject)))` does not come to an end", obligation.form,
        labels: implementationLabel(found.definition, "each step needs another implementation by this one"))
      for i in traitObligations.indices { traitObligations[i].isSettled = true }
      return
    }
    if usedImplementations.last != found.definition { usedImplementations.append(found.definition) }
    let inner = env[found.definition]
    let fresh = inner.typeParameters.map { _ in env.types.freshVariable() }
    let declared = found.arguments.map { env.types.substitute($0, fresh) }
    guard env.types.unify(declared[0], subject) else {
      return missing(obligation, subject, arguments, other: found)
    }
    unifyRest(declared, arguments, obligation, given: found.definition)
    for (i, parameter) in inner.typeParameters.enumerated() {
      let constraints = env.typeParameters[parameter].constraints
      if !constraints.isEmpty {
        obligations.append(Obligation(type: fresh[i], constraints: constraints, form: obligation.form, what: env[obligation.trait].name))
      }
    }
    for i in inner.requirements {
      let required = env.requirements[i]
      addTraitObligation(
        required.trait, required.arguments.map { env.types.substitute($0, fresh) }, obligation.form, obligation.what, depth: obligation.depth + 1)
    }
  }

  private func unifyRest(_ declared: [TypeID], _ arguments: [TypeID], _ obligation: TraitObligation, given: DefID) {
    for (type, wanted) in zip(declared, arguments).dropFirst() where !env.types.unify(type, wanted) {
      let subject = env.describe(arguments[0])
      report(
        .unsatisfiedConstraint,
        "`\(env.name(obligation.trait))` of `\(subject)` goes with `\(env.describe(type))`, but `\(env.describe(wanted))` is needed here",
        obligation.form, labels: given == .none ? [] : implementationLabel(given, "this `impl` says so"))
      return
    }
  }

  private func implementationLabel(_ def: DefID, _ text: String) -> [Diagnostic.Label] {
    env[def].module == .prelude ? [] : [Diagnostic.Label(Place(env[def].item, env[def].nameSpan), text)]
  }

  private func cut(_ text: String) -> String { text.utf8.count > 60 ? String(text.prefix(57)) + "..." : text }

  /// The implementation, all declared ones taken into account.
  func implementation(of trait: DefID, for type: TypeID) -> Implementation? {
    if env.hasPendingImplementations {
      let inner = Checker(environment: env, source: source)
      inner.headersInProgress = headersInProgress
      inner.resolveImplementations()
    }
    return env.implementation(of: trait, for: type)
  }

  /// Whether a type has a trait of the prelude without an `impl`.
  private func hasBuiltin(_ trait: BuiltinTrait, _ type: TypeID) -> Bool {
    if trait.isOperator {
      if type.isNumeric { return true }
      guard env.types.tag(type) == .parameter else { return false }
      let index = Int(env.types[type].def.raw)
      return index < ownParameters.count && !ownParameters[index].constraints.isDisjoint(with: [.numeric, .integer, .floating])
    }
    if trait == .iterable { return false }
    return lacking(trait.constraints, type) == nil
  }

  private func missing(_ obligation: TraitObligation, _ subject: TypeID, _ arguments: [TypeID], other: Implementation? = nil) {
    for argument in arguments.dropFirst() { env.types.abandon(argument) }
    // What is wrong with the implementation itself has been told.
    if env.isBroken(obligation.trait, for: subject) { return }
    let trait = env.name(obligation.trait)
    let name = env.describe(subject)
    let need = obligation.what == .none || obligation.what == obligation.trait ? "" : "; needed by `\(env.name(obligation.what))`"
    if env.builtin(obligation.trait) == .iterable, other == nil {
      report(
        .notIterable, "`\(name)` has no `Iterable`\(need)", obligation.form,
        help: env.types.tag(subject) == .parameter
          ? "say so in the signature: `:where (Iterable \(name) a)`" : "vectors, ranges, maps, sets and whatever has an `impl` of `Iterable` can be walked")
      return
    }
    if env.types.tag(subject) == .parameter {
      report(
        .unsatisfiedConstraint, "`\(name)` is not known to have `\(trait)`\(need)", obligation.form,
        help: "say so in the signature: `:where (\(trait)\(arguments.map { " " + env.describe($0) }.joined()))`")
      return
    }
    if let other {
      report(
        .unsatisfiedConstraint,
        "`\(name)` has no `\(trait)`\(need): there is one for `\(env.describe(other.arguments[0]))` only", obligation.form,
        labels: implementationLabel(other.definition, "here"))
      return
    }
    report(
      .unsatisfiedConstraint, "`\(name)` has no `\(trait)`\(need)", obligation.form,
      help: "write `(impl (\(trait) \(name)\(arguments.dropFirst().map { env.types.resolve($0) == .error ? " .." : " " + env.describe($0) }.joined())) ..)`")
  }

  // MARK: Constraints

  /// Checks what types must be able to do, now that they are known.
  func discharge() {
    if !traitObligations.isEmpty { dischargeTraits() }
    var i = 0
    while i < obligations.count {
      let obligation = obligations[i]
      i += 1
      var type = env.types.resolve(obligation.type)
      if type.isVariable {
        env.types.defaultLiterals(type)
        type = env.types.resolve(type)
        if type.isVariable {
          if obligation.constraints.isDisjoint(with: [.numeric, .integer, .floating]) { continue }
          if !problems.contains(where: { $0.severity == .error }) {
            report(
              .cannotInfer, "the type of the operands of `\(text(obligation.what))` cannot be inferred", obligation.form,
              help: "annotate the parameters, as in `(fn [x: Int y: Int] ..)`")
          }
          env.types.abandon(type)
          continue
        }
      }
      if type == .error || type == .never { continue }
      // Permanent types are equal when their numbers are, by which a recursive one is recognised.
      var isOpen = false
      type = env.types.zonk(type, unsolved: &isOpen)
      if let lack = lacking(obligation.constraints, type) {
        // Operators of types that are no numbers come from traits.
        if lack == .numeric, let trait = operatorTrait(obligation), !type.isNumeric {
          let first = traitObligations.count
          addTraitObligation(trait, [type], obligation.form, .none)
          if has(trait, type) { improve(from: first) } else { reportOperator(trait, type, obligation) }
          traitObligations[first].isSettled = true
          continue
        }
        report(lack, type, obligation)
      }
    }
  }

  private func dischargeTraits() {
    improve()
    for i in traitObligations.indices where !traitObligations[i].isSettled {
      env.types.defaultLiterals(obligationTypes[traitObligations[i].first])
    }
    improve()
    for obligation in traitObligations where !obligation.isSettled {
      if problems.contains(where: { $0.severity == .error }) { break }
      let what = obligation.what == .none ? obligation.trait : obligation.what
      report(
        .cannotInfer, "which implementation of `\(env.name(obligation.trait))` `\(env.name(what))` uses here cannot be inferred", obligation.form,
        help: "say the type with an ascription, `(: expression Type)`, or annotate the binding")
    }
  }

  private func operatorTrait(_ obligation: Obligation) -> DefID? {
    guard obligation.constraints == .numeric else { return nil }
    let known: BuiltinTrait
    switch text(obligation.what) {
    case "+": known = .add
    case "-": known = obligation.isUnary ? .neg : .sub
    case "*": known = .mul
    case "/": known = .div
    case "%": known = .rem
    default: return nil
    }
    let trait = env.trait(known)
    return trait == .none ? nil : trait
  }

  private func has(_ trait: DefID, _ type: TypeID) -> Bool {
    if env.types.tag(type) == .parameter { return ownRequirements.contains { $0.trait == trait && $0.arguments[0] == type } }
    return implementation(of: trait, for: type) != nil
  }

  private func reportOperator(_ trait: DefID, _ type: TypeID, _ obligation: Obligation) {
    let name = env.describe(type)
    let what = text(obligation.what)
    var help: String?
    switch env.types.tag(type) {
    case .string: if what == "+" { help = "`(str a b)` joins strings" }
    case .parameter: help = variableHelp(type) ?? "say so in the signature: `:where (\(env.name(trait)) \(name))`, or `(Num \(name))` for numbers only"
    case .structure, .record, .enumeration, .tuple:
      let parameters = obligation.isUnary ? "[a: \(name)]" : "[a: \(name) b: \(name)]"
      help = "write `(impl (\(env.name(trait)) \(name)) (defn \(what) \(parameters) -> \(name) ..))`"
    default: break
    }
    report(.notNumeric, "`\(what)` works on numbers, not on `\(name)`", obligation.form, help: help)
  }

  private func report(_ lack: Constraints, _ type: TypeID, _ obligation: Obligation) {
    let name = env.describe(type)
    let tag = env.types.tag(type)
    switch lack {
    case .numeric, .integer, .floating:
      let wanted = lack == .integer ? "integers" : lack == .floating ? "floats" : "numbers"
      report(
        .notNumeric, "`\(text(obligation.what))` works on \(wanted), not on `\(name)`", obligation.form,
        help: type == .string && text(obligation.what) == "+" ? "`(str a b)` joins strings" : type.isNumeric ? "convert it: `(\(lack == .integer ? "int" : "float") x)`" : nil)
    default:
      let verb = lack == .eq ? "compared for equality" : lack == .ord ? "ordered" : lack == .hash ? "hashed" : "shown"
      let trait = lack == .eq ? "Eq" : lack == .ord ? "Ord" : lack == .hash ? "Hash" : "Show"
      var help: String?
      if tag == .record {
        help = lack == .eq
          ? "records have identity: `(same? a b)` tells whether two are the same object; or write `(impl (Eq \(name)) ..)`"
          : lack == .hash
            ? "records have identity, not contents: use one of its fields as the key, or a struct; or write `(impl (Hash \(name)) ..)`"
            : "records have identity; write `(impl (\(trait) \(name)) ..)` to say how"
      }
      if tag == .function { help = lack == .hash ? "functions have no hash" : "functions have no such comparison" }
      if tag == .parameter { help = "say so in the signature: `:where (\(trait) \(name))`" }
      var message = "`\(name)` cannot be \(verb)"
      if let derived = derivedTrait(lack), env.isBroken(env.trait(derived), for: type) { return }
      var labels: [Diagnostic.Label] = []
      var visited: [TypeID] = []
      if let (implementation, subject, need) = unmetCondition(type, lack) {
        report(
          .notComparable, message + ": `\(trait)` of `\(env.describe(subject))` needs `\(need)`", obligation.form,
          labels: implementationLabel(implementation, "this `impl` asks for it behind `:where`"))
        return
      }
      if help == nil, let part = lackingPart(type, lack, &visited) {
        message += ": its \(part.what) is of type `\(env.describe(part.type))`, which has no `\(trait)`"
        if let place = part.place { labels.append(Diagnostic.Label(place, "this part")) }
        if env.types.tag(part.type) == .record || tag != .vec && tag != .tuple {
          help = "write `(impl (\(trait) \(env.describe(env.types.tag(part.type) == .record ? part.type : type))) ..)` to say how"
        }
      }
      report(.notComparable, message, obligation.form, labels: labels, help: help)
    }
  }

  /// The first of `constraints` that `type` does not satisfy.
  func lacking(_ constraints: Constraints, _ type: TypeID) -> Constraints? {
    for single in [Constraints.numeric, .integer, .floating, .hash, .ord, .eq, .show] where constraints.contains(single) {
      var visited: [TypeID] = []
      if !satisfies(type, single, &visited) { return single }
    }
    return nil
  }

  /// The innermost part of a composite type for which `constraint` fails.
  private func lackingPart(_ type: TypeID, _ constraint: Constraints, _ visited: inout [TypeID]) -> (type: TypeID, what: String, place: Place?)? {
    let type = env.types.resolve(type)
    let node = env.types[type]
    if visited.contains(type) { return nil }
    visited.append(type)
    func part(_ type: TypeID, _ what: String, _ place: Place?) -> (type: TypeID, what: String, place: Place?)? {
      var seen: [TypeID] = []
      if satisfies(type, constraint, &seen) { return nil }
      switch env.types.tag(type) {
      case .record, .function, .parameter, .ptr: return (type, what, place)
      default: return lackingPart(type, constraint, &visited) ?? (type, what, place)
      }
    }
    switch node.tag {
    case .tuple, .vec:
      for i in 0..<Int(node.count) {
        if let found = part(env.types.argument(type, i), node.tag == .vec ? "element" : "element \(i + 1)", nil) { return found }
      }
    case .structure, .enumeration:
      let ranges = node.tag == .structure ? [env[node.def].fields] : env[node.def].cases.map { env.cases[$0].fields }
      for field in ranges.joined() {
        let place = env[node.def].module == .prelude ? nil : Place(env[node.def].item, env.fields[field].span)
        if let found = part(env.types.resolve(fieldType(field, of: type)), "field `\(text(env.fields[field].name))`", place) { return found }
      }
    default: break
    }
    return nil
  }

  /// The trait behind one of the constraints that types have by their structure.
  private func derivedTrait(_ constraint: Constraints) -> BuiltinTrait? {
    switch constraint {
    case .eq: .eq
    case .ord: .ord
    case .hash: .hash
    case .show: .show
    default: nil
    }
  }

  private func satisfies(_ type: TypeID, _ constraint: Constraints, _ visited: inout [TypeID]) -> Bool {
    let type = env.types.resolve(type)
    if type.isVariable || type == .error || type == .never { return true }
    let node = env.types[type]
    if node.tag == .parameter {
      let index = Int(node.def.raw)
      guard index < ownParameters.count else { return true }
      let given = ownParameters[index].constraints
      if constraint == .show { return true }  // everything can be shown
      if constraint == .eq, given.contains(.ord) || given.contains(.hash) { return true }
      if constraint == .numeric, given.contains(.integer) || given.contains(.floating) { return true }
      if constraint == .eq || constraint == .ord, !given.isDisjoint(with: [.numeric, .integer, .floating]) { return true }
      return given.contains(constraint)
    }
    switch constraint {
    case .numeric: return type.isNumeric
    case .integer: return type.isInteger
    case .floating: return type.isFloating
    case .show:
      if !env.hasDerivedImplementations, !env.hasPendingImplementations { return true }
    default: break
    }
    switch node.tag {
    case .structure, .record, .enumeration:
      if let answer = satisfiesByImplementation(type, constraint, &visited) { return answer }
      if node.tag == .record {
        // Maps have what their keys and values have.
        if node.def == env.mapDef, node.def != .none, constraint != .show {
          return (0..<Int(node.count)).allSatisfy { satisfies(env.types.argument(type, $0), constraint, &visited) }
        }
        return constraint == .show || node.def == env.syntaxDef && constraint != .ord
      }
    case .tuple, .vec: break
    case .function, .ptr: return constraint == .show
    default: return true
    }
    if visited.contains(type) { return true }
    visited.append(type)
    if node.tag == .tuple || node.tag == .vec {
      for i in 0..<Int(node.count) where !satisfies(env.types.argument(type, i), constraint, &visited) { return false }
    }
    if node.tag == .structure {
      for field in env[node.def].fields where !satisfies(fieldType(field, of: type), constraint, &visited) { return false }
    }
    if node.tag == .enumeration {
      for index in env[node.def].cases {
        for field in env.cases[index].fields where !satisfies(fieldType(field, of: type), constraint, &visited) {
          return false
        }
      }
    }
    return true
  }

  /// What an `impl` says; nil when there is none. A record's order makes its equality as well.
  private func satisfiesByImplementation(_ type: TypeID, _ constraint: Constraints, _ visited: inout [TypeID]) -> Bool? {
    guard env.hasDerivedImplementations || env.hasPendingImplementations, let trait = derivedTrait(constraint) else { return nil }
    var found = implementation(of: env.trait(trait), for: type)
    if found == nil, trait == .eq, env.types.tag(type) == .record { found = implementation(of: env.trait(.ord), for: type) }
    guard let found else { return nil }
    if !usedImplementations.contains(found.definition) { usedImplementations.append(found.definition) }
    guard let arguments = env.match(found, [type]) else { return false }
    if visited.contains(type) { return true }
    if visited.count > 4 * maxImplementationDepth { return false }
    visited.append(type)
    let definition = env[found.definition]
    for (i, parameter) in definition.typeParameters.enumerated() {
      let constraints = env.typeParameters[parameter].constraints
      for single in [Constraints.eq, .ord, .hash, .numeric, .integer, .floating]
      where constraints.contains(single) && !satisfies(arguments[i], single, &visited) { return false }
    }
    for i in definition.requirements {
      let required = env.requirements[i]
      let types = required.arguments.map { env.types.substitute($0, arguments) }
      if !holds(required.trait, types, 0) { return false }
    }
    return true
  }

  /// What the `impl` behind `constraint` asks for and `type`, or a part of it, does not have.
  private func unmetCondition(_ type: TypeID, _ constraint: Constraints) -> (implementation: DefID, subject: TypeID, need: String)? {
    let type = env.types.resolve(type)
    if type.isVariable { return nil }
    switch env.types.tag(type) {
    case .tuple, .vec:
      for i in 0..<env.types.count(type) {
        if let found = unmetCondition(env.types.argument(type, i), constraint) { return found }
      }
      return nil
    case .structure, .record, .enumeration: break
    default: return nil
    }
    guard let trait = derivedTrait(constraint), let found = implementation(of: env.trait(trait), for: type),
      let arguments = env.match(found, [type])
    else { return nil }
    let definition = env[found.definition]
    for (i, parameter) in definition.typeParameters.enumerated() {
      let constraints = env.typeParameters[parameter].constraints
      for (single, name) in [(Constraints.ord, "Ord"), (.hash, "Hash"), (.eq, "Eq"), (.numeric, "Num"), (.integer, "Integral"), (.floating, "Floating")]
      where constraints.contains(single) && lacking(single, arguments[i]) != nil {
        return (found.definition, type, "(\(name) \(env.describe(arguments[i])))")
      }
    }
    for i in definition.requirements {
      let required = env.requirements[i]
      let types = required.arguments.map { env.types.substitute($0, arguments) }
      if !holds(required.trait, types, 0) {
        return (found.definition, type, "(\(env.name(required.trait))\(types.map { " " + env.describe($0) }.joined()))")
      }
    }
    return nil
  }

  /// Whether a trait can be found for types, without telling anything of them.
  private func holds(_ trait: DefID, _ arguments: [TypeID], _ depth: Int) -> Bool {
    let subject = env.types.resolve(arguments[0])
    if subject.isVariable || subject == .error || subject == .never { return true }
    if let known = env.builtin(trait), hasBuiltin(known, subject) { return true }
    if env.types.tag(subject) == .parameter { return ownRequirements.contains { $0.trait == trait && $0.arguments[0] == subject } }
    guard depth < maxImplementationDepth, let found = implementation(of: trait, for: subject), let inner = env.match(found, arguments) else { return false }
    let definition = env[found.definition]
    for (i, parameter) in definition.typeParameters.enumerated()
    where lacking(env.typeParameters[parameter].constraints, inner[i]) != nil { return false }
    return definition.requirements.allSatisfy {
      holds(env.requirements[$0].trait, env.requirements[$0].arguments.map { env.types.substitute($0, inner) }, depth + 1)
    }
  }
}
