// Which slots the lambdas of an instance have. A closure names a slot, so what becomes of a slot decides what
// a closure made earlier runs:
//
//   text changed      fresh slots; the old ones are orphans, and closures go on with the code they were made with
//   text unchanged    the same slots for lambdas with the same captures and window: closures run the new code
//
// Invariant: every slot of a lambda that a closure may name is in its instance's set or among the orphans,
// together with the types its code relies on, until `relayout` has declared it dead.

import Frontend

struct LambdaRecord {
  var slot: Int32
  /// The lambda's number in its tree.
  var index: Int32
  /// Into `LambdaSet.words`: what closures and callers of it rely on.
  var first: Int32
  var count: Int32
  /// Hash of its text; 0 when not known.
  var text: UInt64 = 0
  /// Types whose layouts its code relies on.
  var relied: [TypeID] = []
}

struct LambdaSet {
  var records: [LambdaRecord] = []
  var words: [UInt32] = []

  func words(_ record: LambdaRecord) -> ArraySlice<UInt32> {
    words[Int(record.first)..<Int(record.first + record.count)]
  }
}

/// A lambda whose captures, parameters and result have the types they had, some of them in another layout.
struct MovedLambda {
  var from: Int
  var to: Int
  /// For each capture whether it is a cell, its type, and its version + 1 when it lies there by value.
  var captures: [(isCell: Bool, type: TypeID, version: UInt32)]
}

/// A slot whose code stays what it is.
struct Orphan {
  var slot: Int
  var definition: DefID
  var relied: Reliance
  /// The lambda whose code it was.
  var lambda: FormerLambda?
}

/// A lambda that code does not make any more: the instance it stood in, what closures and callers of it relied on, its text.
struct FormerLambda {
  var instance: Int32
  var words: [UInt32]
  var text: UInt64
  /// How many lambdas of the same text stand before it.
  var rank: Int
}

/// Whose layouts the code of a slot relies on.
enum Reliance {
  /// Of these types: what a lambda's tree had in it.
  case types([TypeID])
  /// Of the types that these make, or that hold one of them: what the tracker knew of a function's body and header.
  case definitions(Set<DefID>)
  case unknown
  /// It has no code of its own any more.
  static let nothing = Reliance.types([])
}

extension Lowering {
  /// No closure of an earlier layout is alive.
  public func forgetMovedLambdas() { movedLambdas.removeAll() }

  func lambdas(of instance: Int) -> LambdaSet {
    instance >= 0 && instance < lambdaSets.count ? lambdaSets[instance] : LambdaSet()
  }

  func setLambdas(_ instance: Int, _ set: LambdaSet) {
    while lambdaSets.count <= instance { lambdaSets.append(LambdaSet()) }
    if journal.isOpen, instance < journal.instanceCount { journal.lambdas.append((Int32(instance), lambdaSets[instance])) }
    lambdaSets[instance] = set
  }

  /// The slot of a lambda of the tree at hand.
  func lambdaSlot(_ index: Int) -> Int {
    let lambda = tree.lambdas[index]
    let first = newLambdas.words.count
    for local in lambda.captures {
      newLambdas.words.append(isCell(local) ? 2 : 1)
      noteWords(of: concrete(tree[local].type))
    }
    newLambdas.words.append(0)
    for local in lambda.parameters { noteWords(of: concrete(tree[local].type)) }
    noteWords(of: concrete(lambda.result))
    let words = newLambdas.words[first...]
    var slot = -1
    for known in priorLambdas.records where Int(known.index) == index && priorLambdas.words(known) == words {
      slot = Int(known.slot)
      break
    }
    if slot < 0 { slot = newSlot() }
    newLambdas.records.append(
      LambdaRecord(slot: Int32(slot), index: Int32(index), first: Int32(first), count: Int32(words.count), text: lambda.text))
    return slot
  }

  private func noteWords(of type: TypeID) {
    let shape = layout(type)
    newLambdas.words.append(type.raw)
    newLambdas.words.append(shape.isByValue ? UInt32(shape.version) + 1 : 0)
  }

  /// The tree at hand has been lowered: notes its lambdas and abandons those it had before.
  func settleLambdas(_ instance: Int, slot: Int, _ definition: DefID) {
    let new = newLambdas
    if instance < 0 {
      orphans.append(Orphan(slot: slot, definition: definition, relied: .types(reliedTypes())))
      for lambda in new.records { orphans.append(Orphan(slot: Int(lambda.slot), definition: definition, relied: .types(reliedTypes(of: lambda)))) }
      if !new.records.isEmpty { newLambdas = LambdaSet() }
      return
    }
    if new.records.isEmpty, instance >= lambdaSets.count || lambdaSets[instance].records.isEmpty { return }
    let old = lambdas(of: instance)
    newLambdas = LambdaSet()
    var set = new
    for i in set.records.indices { set.records[i].relied = reliedTypes(of: set.records[i]) }
    settleLambdas(instance, old, set, definition)
  }

  /// The instance has these lambdas from now on.
  func settleLambdas(_ instance: Int, _ old: LambdaSet, _ new: LambdaSet, _ definition: DefID, comesBack: Bool = false) {
    if old.records.isEmpty, new.records.isEmpty { return }
    if keepsLambdas, journal.isOpen { noteMovedLambdas(instance, old, new) }
    let slots = Set(new.records.map { Int($0.slot) })
    // What comes back is no orphan any more.
    if comesBack { orphans.removeAll { slots.contains($0.slot) } }
    for lambda in old.records where !slots.contains(Int(lambda.slot)) { orphans.append(orphan(lambda, old, instance, definition)) }
    setLambdas(instance, new)
  }

  func orphan(_ lambda: LambdaRecord, _ set: LambdaSet, _ instance: Int, _ definition: DefID, isDead: Bool = false) -> Orphan {
    Orphan(
      slot: Int(lambda.slot), definition: definition, relied: isDead ? .nothing : .types(lambda.relied),
      lambda: FormerLambda(
        instance: Int32(instance), words: Array(set.words(lambda)), text: lambda.text,
        rank: set.records.count { $0.text == lambda.text && $0.index < lambda.index }))
  }

  /// What became of lambdas that code does not make any more: those of the same text, in what their instance is now, if values
  /// of the same types are captured, taken and given. Of several with one text the order decides.
  func successors() -> [MovedLambda] {
    var found: [MovedLambda] = []
    for orphan in orphans {
      guard let former = orphan.lambda, former.text != 0, let present = present(Int(former.instance)) else { continue }
      let set = lambdas(of: present)
      let same = set.records.filter { $0.text == former.text }.sorted { $0.index < $1.index }
      guard same.indices.contains(former.rank), let captures = captures(former.words, Array(set.words(same[former.rank]))) else { continue }
      found.append(MovedLambda(from: orphan.slot, to: Int(same[former.rank].slot), captures: captures))
    }
    return found
  }

  /// The instance that is in use for what `index` was one of.
  private func present(_ index: Int) -> Int? {
    if !instances[index].isRetired { return index }
    let instance = instances[index]
    let args = arguments(of: index)
    if instance.kind == .function, args.isEmpty {
      let plain = Int(instance.subject) < instances.plain.count ? Int(instances.plain[Int(instance.subject)]) : -1
      return plain >= 0 ? plain : nil
    }
    let found = instances.find(instance.kind, instance.subject, Int(instance.index), args)
    return found >= 0 ? found : nil
  }

  /// The captures of a lambda that is the other one but for layouts; nil when it is another.
  private func captures(_ a: [UInt32], _ b: [UInt32]) -> [(isCell: Bool, type: TypeID, version: UInt32)]? {
    guard a.count == b.count else { return nil }
    var captures: [(isCell: Bool, type: TypeID, version: UInt32)] = []
    var at = 0
    while a[at] != 0 {
      guard a[at] == b[at], a[at + 1] == b[at + 1] else { return nil }
      captures.append((a[at] == 2, TypeID(raw: a[at + 1]), a[at + 2]))
      at += 3
    }
    guard b[at] == 0 else { return nil }
    at += 1
    // Who calls it has the values as they are now: code that had them otherwise does not go on.
    while at < a.count {
      guard a[at] == b[at] else { return nil }
      at += 2
    }
    return captures
  }

  /// Which lambdas of the text's earlier lowering are the same but for the layout of what they capture.
  private func noteMovedLambdas(_ instance: Int, _ old: LambdaSet, _ new: LambdaSet) {
    var sets = [old]
    for (index, set) in journal.abandoned where isSameInstance(Int(index), instance) { sets.append(set) }
    for set in sets {
      for before in set.records {
        guard let after = new.records.first(where: { $0.index == before.index && $0.slot != before.slot }) else { continue }
        guard let captures = captures(Array(set.words(before)), Array(new.words(after))) else { continue }
        journal.movedLambdas.append(MovedLambda(from: Int(before.slot), to: Int(after.slot), captures: captures))
      }
    }
  }

  private func isSameInstance(_ a: Int, _ b: Int) -> Bool {
    let (x, y) = (instances[a], instances[b])
    guard x.kind == y.kind, x.subject == y.subject, x.index == y.index, x.argumentCount == y.argumentCount else { return false }
    for i in 0..<Int(x.argumentCount)
    where instances.arguments[Int(x.firstArgument) + i] != instances.arguments[Int(y.firstArgument) + i] { return false }
    return true
  }

  /// The same of a lambda in it.
  private func reliedTypes(of record: LambdaRecord) -> [TypeID] {
    collection &+= 1
    var types: [TypeID] = []
    let lambda = tree.lambdas[Int(record.index)]
    for i in lambda.nodes { collect(tree.nodes[i].type, &types) }
    for i in lambda.patterns { collect(tree.patterns[i].type, &types) }
    for local in lambda.captures + lambda.parameters { collect(tree[local].type, &types) }
    for local in tree.locals where local.owner >= 0 && isWithin(Int(local.owner), Int(record.index)) { collect(local.type, &types) }
    collect(lambda.result, &types)
    return types
  }

  private func isWithin(_ lambda: Int, _ outer: Int) -> Bool {
    var next = lambda
    while next >= 0, next != outer { next = Int(tree.lambdas[next].parent) }
    return next == outer
  }

  /// The types of the tree at hand that have a layout of more than one word, or one behind a reference.
  func reliedTypes() -> [TypeID] {
    collection &+= 1
    var types: [TypeID] = []
    for node in tree.nodes { collect(node.type, &types) }
    for local in tree.locals { collect(local.type, &types) }
    for pattern in tree.patterns { collect(pattern.type, &types) }
    return types
  }

  private func collect(_ type: TypeID, _ types: inout [TypeID]) {
    guard type.isPermanent else { return }
    let type = concrete(type)
    switch environment.types.tag(type) {
    case .tuple, .vec, .structure, .record, .enumeration: break
    default: return
    }
    while collected.count <= Int(type.raw) { collected.append(0) }
    if collected[Int(type.raw)] == collection { return }
    collected[Int(type.raw)] = collection
    types.append(type)
  }
}
