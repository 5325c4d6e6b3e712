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

/// A slot whose code stays what it is.
struct Orphan {
  var slot: Int
  var definition: DefID
  /// Types whose layouts the code relies on; nil when that is not known.
  var relied: [TypeID]?
}

extension Lowering {
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
    for lambda in old.records where !new.records.contains(where: { $0.slot == lambda.slot }) {
      orphans.append(Orphan(slot: Int(lambda.slot), definition: definition, relied: old.relied))
    }
    newLambdas = LambdaSet()
    var set = new
    if !new.records.isEmpty { set.relied = reliedTypes() }
    setLambdas(instance, set)
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
