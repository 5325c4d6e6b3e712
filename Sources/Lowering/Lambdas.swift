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
}

struct LambdaSet {
  var records: [LambdaRecord] = []
  var words: [UInt32] = []
  /// Types whose layouts the code of the instance relies on.
  var relied: [TypeID] = []

  func words(_ record: LambdaRecord) -> ArraySlice<UInt32> {
    words[Int(record.first)..<Int(record.first + record.count)]
  }
}

/// A lambda whose captures are the same values in another layout, and that has the same window.
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
  /// Types whose layouts the code relies on; nil when that is not known.
  var relied: [TypeID]?
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
      LambdaRecord(slot: Int32(slot), index: Int32(index), first: Int32(first), count: Int32(words.count)))
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
      let relied = reliedTypes()
      orphans.append(Orphan(slot: slot, definition: definition, relied: relied))
      for lambda in new.records { orphans.append(Orphan(slot: Int(lambda.slot), definition: definition, relied: relied)) }
      if !new.records.isEmpty { newLambdas = LambdaSet() }
      return
    }
    if new.records.isEmpty, instance >= lambdaSets.count || lambdaSets[instance].records.isEmpty { return }
    let old = lambdas(of: instance)
    if keepsLambdas, journal.isOpen { noteMovedLambdas(instance, old, new) }
    for lambda in old.records where !new.records.contains(where: { $0.slot == lambda.slot }) {
      orphans.append(Orphan(slot: Int(lambda.slot), definition: definition, relied: old.relied))
    }
    newLambdas = LambdaSet()
    var set = new
    if !new.records.isEmpty { set.relied = reliedTypes() }
    setLambdas(instance, set)
  }

  /// Which lambdas of the text's earlier lowering are the same but for the layout of what they capture.
  private func noteMovedLambdas(_ instance: Int, _ old: LambdaSet, _ new: LambdaSet) {
    var sets = [old]
    for (index, set) in journal.abandoned where isSameInstance(Int(index), instance) { sets.append(set) }
    for set in sets {
      for before in set.records {
        guard let after = new.records.first(where: { $0.index == before.index && $0.slot != before.slot }) else { continue }
        let (a, b) = (Array(set.words(before)), Array(new.words(after)))
        guard a.count == b.count else { continue }
        var captures: [(isCell: Bool, type: TypeID, version: UInt32)] = []
        var at = 0
        while a[at] != 0, a[at] == b[at], a[at + 1] == b[at + 1] {
          captures.append((a[at] == 2, TypeID(raw: a[at + 1]), a[at + 2]))
          at += 3
        }
        // What follows is the window.
        guard a[at...] == b[at...] else { continue }
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

  /// The types of the tree at hand that have a layout of more than one word, or one behind a reference.
  private func reliedTypes() -> [TypeID] {
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
