// What others may rely on of a definition: its header as plain numbers. Two images of a definition, before and after
// an edit, tell what has to be done about those who use it.

/// The header of a definition at one time.
public struct HeaderImage: Equatable, Sendable {
  var kind: DefinitionKind
  public internal(set) var isPrivate: Bool
  /// Types of parameters and the result, or of fields and cases in order; implementations: the trait's arguments.
  var types: [TypeID] = []
  /// Names of parameters, fields and cases; numbers of members.
  var names: [UInt32] = []
  /// Defaults, mutability, lengths of cases.
  var flags: [UInt8] = []
  var constraints: [UInt8] = []
  var requirements: [UInt32] = []

  fileprivate init(kind: DefinitionKind, isPrivate: Bool) {
    self.kind = kind
    self.isPrivate = isPrivate
  }

  /// Of a definition that is not there yet.
  public init(absent kind: DefinitionKind) {
    self.init(kind: kind, isPrivate: false)
    flags = [255]
  }

  /// Whether calls are made, or values kept, as they were: types, and how many variables stand for types.
  public func hasSameConvention(as other: HeaderImage) -> Bool {
    kind == other.kind && types == other.types && constraints.count == other.constraints.count
  }

  /// Whether all that changed is who may name it.
  public func differsOnlyInPrivacy(from other: HeaderImage) -> Bool {
    var same = self
    same.isPrivate = other.isPrivate
    return same == other
  }
}

extension Environment {
  /// The header of `def` as it is now. O(its size).
  public func image(of def: DefID) -> HeaderImage {
    let definition = self[def]
    var image = HeaderImage(kind: definition.kind, isPrivate: definition.isPrivate)
    for i in definition.parameters {
      image.types.append(parameters[i].type)
      image.names.append(parameters[i].name.raw)
      image.flags.append(parameters[i].hasDefault ? 1 : 0)
    }
    func note(_ field: Field) {
      image.types.append(field.type)
      image.names.append(field.name.raw)
      image.flags.append((field.hasDefault ? 1 : 0) | (field.isMutable ? 2 : 0))
    }
    for i in definition.fields { note(fields[i]) }
    for i in definition.cases {
      image.names.append(cases[i].name.raw)
      image.flags.append(UInt8(truncatingIfNeeded: 128 &+ cases[i].fields.count))
      for field in cases[i].fields { note(fields[field]) }
    }
    image.types.append(definition.type)
    image.flags.append((definition.takesRest ? 1 : 0) | (definition.hasBody ? 2 : 0))
    for i in definition.typeParameters { image.constraints.append(typeParameters[i].constraints.rawValue) }
    for i in definition.requirements {
      image.requirements.append(requirements[i].trait.raw)
      for type in requirements[i].arguments { image.requirements.append(type.raw) }
    }
    for i in definition.members { image.names.append(members[i].raw) }
    if definition.kind == .implementation, let found = implementation(def) {
      image.types += found.arguments
      image.requirements.append(found.trait.raw)
      for function in found.functions { image.requirements.append(function.raw) }
    }
    return image
  }
}

extension HeaderImage {
  /// How many type variables there are.
  public var parameterCount: Int { constraints.count }

  /// The types of parameters and the result, or of fields.
  public var allTypes: [TypeID] { types }
}

extension Environment {
  /// The methods of a trait, the functions of an implementation.
  public func members(of def: DefID) -> [DefID] { Array(members[self[def].members]) }

  /// Whether a value of `type` may hold one of `targets`, in its fields, elements or captures. A function may hold anything.
  public func contains(_ type: TypeID, _ targets: Set<DefID>) -> Bool {
    var seen: Set<TypeID> = []
    return contains(type, targets, &seen)
  }

  private func contains(_ type: TypeID, _ targets: Set<DefID>, _ seen: inout Set<TypeID>) -> Bool {
    guard seen.insert(type).inserted else { return false }
    let node = types[type]
    if node.tag == .function { return true }
    if node.def != .none, node.tag != .parameter {
      if targets.contains(node.def) { return true }
      let definition = self[node.def]
      for field in definition.fields where contains(fieldType(field, of: type), targets, &seen) { return true }
      for index in definition.cases {
        for field in cases[index].fields where contains(fieldType(field, of: type), targets, &seen) { return true }
      }
    }
    return (0..<Int(node.count)).contains { contains(types.argument(type, $0), targets, &seen) }
  }
}
