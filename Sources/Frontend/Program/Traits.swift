// Traits and their implementations, as far as the whole program knows them. At most one
// implementation stands for a trait and the head of its first argument's type, so that finding it is
// one lookup; the trait's other arguments follow from it.
//
// Invariant: an implementation is in the table exactly when its header is sound and its text is there.

/// A trait that something must have: of a signature's type variables, or of an implementation's.
public struct Requirement: Sendable {
  public var trait: DefID
  /// In terms of the type parameters of the definition that requires it.
  public var arguments: [TypeID]
}

public struct Implementation: Sendable {
  public var definition: DefID
  public var trait: DefID
  /// In terms of the implementation's own type parameters.
  public var arguments: [TypeID]
  /// What does each method of the trait, in the trait's order; `.none` where its default does.
  public var functions: [DefID]
}

/// Traits of the prelude that the compiler itself asks for.
public enum BuiltinTrait: UInt32, CaseIterable, Sendable {
  case eq, ord, hash, show
  case num, integral, floating
  case add, sub, mul, div, rem, neg
  case iterable

  init?(name: String) {
    switch name {
    case "Eq": self = .eq
    case "Ord": self = .ord
    case "Hash": self = .hash
    case "Show": self = .show
    case "Num": self = .num
    case "Integral": self = .integral
    case "Floating": self = .floating
    case "Add": self = .add
    case "Sub": self = .sub
    case "Mul": self = .mul
    case "Div": self = .div
    case "Rem": self = .rem
    case "Neg": self = .neg
    case "Iterable": self = .iterable
    default: return nil
    }
  }

  /// What a type variable with the trait can do without further ado.
  var constraints: Constraints {
    switch self {
    case .eq: .eq
    case .ord: [.ord, .eq]
    case .hash: [.hash, .eq]
    case .show: .show
    case .num: .numeric
    case .integral: .integer
    case .floating: .floating
    default: []
    }
  }

  /// Whether types have it by their structure.
  public var isDerived: Bool { rawValue <= Self.show.rawValue }
  var isNumeric: Bool { self == .num || self == .integral || self == .floating }
  var isOperator: Bool { rawValue >= Self.add.rawValue && rawValue <= Self.neg.rawValue }

  public init?(operator intrinsic: Intrinsic) {
    switch intrinsic {
    case .add: self = .add
    case .sub: self = .sub
    case .mul: self = .mul
    case .div: self = .div
    case .rem: self = .rem
    case .neg: self = .neg
    default: return nil
    }
  }
}

extension Environment {
  /// Which trait of the prelude `trait` is, if the compiler knows it.
  public func builtin(_ trait: DefID) -> BuiltinTrait? {
    let number = definitions[Int(trait.raw)].operation
    return number == 0 ? nil : BuiltinTrait(rawValue: number - 1)
  }

  public func trait(_ builtin: BuiltinTrait) -> DefID { builtinTraits[Int(builtin.rawValue)] }

  /// The trait of that name that `module` sees.
  func traitName(_ name: Symbol, in module: ModuleID) -> DefID? {
    guard let def = typeName(name, in: module), definitions[Int(def.raw)].kind == .trait else { return nil }
    return def
  }

  /// What two types must share for one implementation to stand for both; nil where that is open.
  func head(_ type: TypeID) -> UInt32? {
    let type = types.resolve(type)
    if type.isVariable { return nil }
    let node = types[type]
    switch node.tag {
    case .error, .never, .parameter, .variable: return nil
    case .structure, .record, .enumeration: return 0x100 + node.def.raw
    default: return UInt32(node.tag.rawValue)
    }
  }

  /// The implementation of `trait` for types with the head of `type`.
  public func implementation(of trait: DefID, for type: TypeID) -> Implementation? {
    guard let head = head(type), let index = implementationTable[UInt64(trait.raw) << 32 | UInt64(head)] else { return nil }
    return implementations[index]
  }

  /// The methods of its trait that an implementation leaves to their defaults. O(implementations).
  public func defaultMethods(of implementation: DefID) -> [DefID] {
    guard let found = implementations.last(where: { $0.definition == implementation }) else { return [] }
    let methods = members[definitions[Int(found.trait.raw)].members]
    return zip(methods, found.functions).compactMap { method, function in
      function == .none && definitions[Int(method.raw)].hasBody ? method : nil
    }
  }

  /// Answers the implementation that is there already, if any.
  func register(_ new: Implementation, head: UInt32) -> DefID? {
    let key = UInt64(new.trait.raw) << 32 | UInt64(head)
    if let old = implementationTable[key] { return implementations[old].definition }
    if !brokenImplementations.isEmpty { brokenImplementations[key] = nil }
    implementationTable[key] = implementations.count
    implementations.append(new)
    if let known = builtin(new.trait), known.isDerived, head >= 0x100 {
      hasDerivedImplementations = true
      setStructural(Int(known.rawValue), head - 0x100, new.functions.first ?? .none)
    }
    return nil
  }

  /// Whether there is an implementation that has errors of its own, or that of a trait which has.
  func isBroken(_ trait: DefID, for type: TypeID) -> Bool {
    if brokenImplementations.isEmpty { return false }
    return head(type).map { brokenImplementations[UInt64(trait.raw) << 32 | UInt64($0)] != nil } ?? false
  }

  func unregister(_ def: DefID) {
    for (key, broken) in brokenImplementations where broken == def { brokenImplementations[key] = nil }
    for (key, index) in implementationTable where implementations[index].definition == def {
      implementationTable[key] = nil
      if let known = builtin(implementations[index].trait), known.isDerived {
        setStructural(Int(known.rawValue), UInt32(truncatingIfNeeded: key) - 0x100, .none)
      }
      return
    }
  }

  /// Makes `function` equality (0), order (1), hash (2) or text (3) of the types that `type` defines.
  public func setStructural(_ operation: Int, _ type: UInt32, _ function: DefID) {
    let index = Int(type) * 4 + operation
    while structuralImplementations.count <= index { structuralImplementations.append(.none) }
    structuralImplementations[index] = function
  }

  /// The types that stand for an implementation's parameters where its trait's arguments are `types`;
  /// nil when it does not fit them. Inference variables fit when they are solved.
  public func match(_ implementation: Implementation, _ arguments: [TypeID]) -> [TypeID]? { match(implementation, arguments, 0) }

  private func match(_ implementation: Implementation, _ arguments: [TypeID], _ depth: Int) -> [TypeID]? {
    let definition = self[implementation.definition]
    var found = [TypeID](repeating: .none, count: definition.typeParameters.count)
    for (pattern, type) in zip(implementation.arguments, arguments) where !match(pattern, type, &found) { return nil }
    // Other variables follow from constraints, each from the first argument of one.
    for i in definition.requirements where found.contains(.none) && depth < maxImplementationDepth {
      let required = requirements[i]
      let subject = found[Int(types[required.arguments[0]].def.raw)]
      guard subject != .none, let inner = self.implementation(of: required.trait, for: subject),
        let known = match(inner, [subject], depth + 1)
      else { continue }
      for (pattern, type) in zip(required.arguments, inner.arguments).dropFirst() {
        guard match(pattern, types.substitute(type, known), &found) else { return nil }
      }
    }
    return found.contains(.none) ? nil : found
  }

  private func match(_ pattern: TypeID, _ type: TypeID, _ found: inout [TypeID]) -> Bool {
    let type = types.resolve(type)
    if pattern == type, found.isEmpty { return true }
    let node = types[pattern]
    if node.tag == .parameter {
      let index = Int(node.def.raw)
      if found[index] == .none { found[index] = type }
      return same(found[index], type)
    }
    if type.isVariable { return false }
    let other = types[type]
    guard node.tag == other.tag, node.def == other.def, node.count == other.count else { return false }
    for i in 0..<Int(node.count) where !match(types.argument(pattern, i), types.argument(type, i), &found) { return false }
    return true
  }

  private func same(_ a: TypeID, _ b: TypeID) -> Bool {
    let a = types.resolve(a)
    let b = types.resolve(b)
    if a == b { return true }
    if a.isVariable || b.isVariable || a.isPermanent && b.isPermanent { return false }
    let left = types[a]
    let right = types[b]
    guard left.tag == right.tag, left.def == right.def, left.count == right.count else { return false }
    return (0..<Int(left.count)).allSatisfy { same(types.argument(a, $0), types.argument(b, $0)) }
  }

  /// The function that a method is for concrete type arguments (those of its trait, then its own), with
  /// the function's type arguments; nil when no implementation fits.
  public func resolve(method: DefID, _ arguments: [TypeID]) -> (function: DefID, arguments: [TypeID])? {
    let trait = definitions[Int(method.raw)].parent
    let own = definitions[Int(trait.raw)].typeParameters.count
    guard arguments.count >= own, own > 0, let found = implementation(of: trait, for: arguments[0]),
      let inner = match(found, Array(arguments[..<own]))
    else { return nil }
    let function = found.functions[Int(definitions[Int(method.raw)].operation)]
    if function == .none { return definitions[Int(method.raw)].hasBody ? (method, arguments) : nil }
    return (function, inner + arguments[own...])
  }
}
