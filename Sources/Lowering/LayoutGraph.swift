// Which types and instances a changed definition reaches. Edges are noted when a layout or an instance is
// made, and followed only when a type's fields or cases change.
//
//   parts       P ─► R      the layout of R was computed from that of P, or R's elements are P
//   heads       definition ─► types that have a layout and that it is the head of
//   mentions    definition ─► instances with it in their type arguments, at any depth
//   derived     definition ─► derived operations of types that mention it, at any depth
//
// Invariant: edges are never removed. One that holds no longer leads to a type whose layout turns out to be
// what it was, or to a retired instance, and both are passed over.

import Frontend

/// Lists of numbers by number, in one array. Adding is O(1).
struct NumberLists {
  private var heads: [Int32] = []
  private var entries: [(value: UInt32, next: Int32)] = []

  mutating func add(_ value: UInt32, to key: UInt32) {
    let index = Int(key)
    while heads.count <= index { heads.append(-1) }
    let first = heads[index]
    if first >= 0, entries[Int(first)].value == value { return }
    heads[index] = Int32(entries.count)
    entries.append((value, first))
  }

  func isEmpty(_ key: UInt32) -> Bool { Int(key) >= heads.count || heads[Int(key)] < 0 }

  func forEach(_ key: UInt32, _ body: (UInt32) -> Void) {
    var next = Int(key) < heads.count ? heads[Int(key)] : -1
    while next >= 0 {
      body(entries[Int(next)].value)
      next = entries[Int(next)].next
    }
  }
}

struct LayoutGraph {
  var parts = NumberLists()
  var heads = NumberLists()
  var mentions = NumberLists()
  var derived = NumberLists()
}

extension Lowering {
  /// Notes which definitions the type arguments of a new instance mention, or the type that it is an operation of.
  func noteMentions(_ instance: Int, _ args: [TypeID]) {
    for i in args.indices { for def in heads(in: args[i]) { graph.mentions.add(UInt32(instance), to: def.raw) } }
    guard instances[instance].kind == .structural else { return }
    for def in heads(in: TypeID(raw: instances[instance].subject)) { graph.derived.add(UInt32(instance), to: def.raw) }
  }

  /// Whether a type that the definition makes ever had a layout.
  public func hasLaidOut(_ def: DefID) -> Bool { !graph.heads.isEmpty(def.raw) }

  /// Whether one of `defs` is in the type at any depth.
  func mentions(_ type: TypeID, _ defs: Set<DefID>) -> Bool {
    let node = environment.types[type]
    if node.def != .none, node.tag != .parameter, defs.contains(node.def) { return true }
    for i in 0..<Int(node.count) where mentions(environment.types.argument(type, i), defs) { return true }
    return false
  }

  /// The definitions that a type mentions at any depth.
  func heads(in type: TypeID) -> [DefID] {
    let node = environment.types[type]
    var found = node.def != .none && node.tag != .parameter ? [node.def] : []
    for i in 0..<Int(node.count) { found += heads(in: environment.types.argument(type, i)) }
    return found
  }

  /// The types whose layout may be another when the definitions' fields or cases change, and the definitions
  /// that are the cause: those given, and those whose own fields hold an affected type. O(what is reached).
  func reached(from defs: [DefID]) -> (types: [TypeID], definitions: [DefID]) {
    var types: [TypeID] = []
    var seen: Set<TypeID> = []
    var causes = Set(defs)
    var definitions = defs.reduce(into: [DefID]()) { if !$0.contains($1) { $0.append($1) } }
    func add(_ raw: UInt32) {
      let type = TypeID(raw: raw)
      // One that could not be written for a while may be there again.
      if layouts.isKnown(type) || histories[type] != nil, seen.insert(type).inserted { types.append(type) }
    }
    for def in definitions { graph.heads.forEach(def.raw, add) }
    let entry = environment.mapEntryDef
    var next = 0
    while true {
      if next == types.count {
        // An entry holds the hash of its key, which follows from what is behind references as well.
        if entry != .none {
          graph.heads.forEach(entry.raw) { raw in
            let key = environment.types.argument(TypeID(raw: raw), 0)
            guard environment.contains(key, causes) else { return }
            add(raw)
            for def in heads(in: key) where causes.insert(def).inserted {
              definitions.append(def)
              graph.heads.forEach(def.raw, add)
            }
          }
        }
        if next == types.count { break }
      }
      let type = types[next]
      next += 1
      let node = environment.types[type]
      let isNominal = node.def != .none && node.tag != .parameter && node.def != entry
      if isNominal, !causes.contains(node.def) {
        // `(Option P)` follows from `P`; a struct with a `P` in it is a cause of its own.
        var follows = false
        for i in 0..<Int(node.count) where mentions(environment.types.argument(type, i), causes) { follows = true }
        if !follows {
          causes.insert(node.def)
          definitions.append(node.def)
          graph.heads.forEach(node.def.raw, add)
        }
      }
      switch layouts.layouts[Int(type.raw)].form {
      // One reference, whatever is behind it. A boxed enum might become a flat one.
      case .record, .vector: break
      default: graph.parts.forEach(type.raw, add)
      }
    }
    return (types, definitions)
  }
}
