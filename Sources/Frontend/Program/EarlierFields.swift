// The fields that structs and records had before, for hooks that make values of earlier layouts into new ones:
//
//   (defrecord Player [name: String])          earlier: none
//   (defrecord Player [first: String ..])      earlier: [name: String]
//   (migrate Player [old: (Old Player)] ..)    `old` has the field `name`
//
// Invariant: a list of earlier fields is there only while values of that layout may be alive. The lists are ranges of
// `Environment.fields`, which only grows; a change that is undone takes its lists along.

extension Environment {
  /// Earlier fields of a type that was kept are bounded by this many changes.
  private static let mostEarlier = 8

  /// The fields that values of `def` may have that were made before, newest first.
  public func earlierFields(of def: DefID) -> [Range<Int>] { earlierFields[def] ?? [] }

  /// What `def` was when the open change began.
  public func beforeChange(_ def: DefID) -> Definition { change?.definitions.first { $0.index == Int(def.raw) }?.old ?? self[def] }

  /// The header of a type has been worked out anew in the open change, or the type has come back: keeps the fields it had. O(fields).
  public func keepEarlierFields(of def: DefID) {
    let before = beforeChange(def)
    let now = self[def]
    var kept = (change?.earlierFields ?? earlierFields)[def] ?? []
    let wasThere = before.state == .resolved || before.item == .none
    if wasThere, before.kind == now.kind, before.typeParameters.count == now.typeParameters.count {
      kept.insert(before.fields, at: 0)
    }
    kept.removeAll { haveSameFields($0, now.fields) }
    earlierFields[def] = kept.isEmpty ? nil : Array(kept.prefix(Self.mostEarlier))
  }

  /// No value of an earlier layout is alive.
  public func forgetEarlierFields() { earlierFields.removeAll() }

  private func haveSameFields(_ a: Range<Int>, _ b: Range<Int>) -> Bool {
    a.count == b.count && zip(a, b).allSatisfy { fields[$0].name == fields[$1].name && fields[$0].type == fields[$1].type }
  }

  /// The struct that is `(Old T)` in a hook; `.none` when nothing is known of earlier fields.
  public func earlierStruct(of migration: DefID) -> DefID { earlierStruct(of: self[migration]) }

  func earlierStruct(of migration: Definition) -> DefID {
    guard let parameter = migration.parameters.first else { return .none }
    let def = types[parameters[parameter].type].def
    return def != .none && self[def].isEarlier ? def : .none
  }

  /// The type that a hook is for.
  public func migratedType(of migration: DefID) -> DefID { migratedType(of: self[migration]) }

  public func migratedType(of migration: Definition) -> DefID { migration.type == .none ? .none : types[migration.type].def }

  func isMigration(_ name: Symbol, in module: ModuleID) -> Bool {
    if case .definition(let def)? = values[module, name] { return self[def].kind == .migration }
    return false
  }

  /// Whether values of the type can still be written down: its definitions are there, with as many parameters.
  func isPresent(_ type: TypeID) -> Bool {
    let node = types[type]
    switch node.tag {
    case .structure, .record, .enumeration:
      let definition = self[node.def]
      let kind: DefinitionKind = node.tag == .structure ? .structure : node.tag == .record ? .record : .enumeration
      guard definition.kind == kind, definition.state == .resolved, definition.typeParameters.count == Int(node.count) else { return false }
    default: break
    }
    return (0..<Int(node.count)).allSatisfy { isPresent(types.argument(type, $0)) }
  }
}
