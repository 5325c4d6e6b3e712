// Lowering something that may have to be taken back: an edit is lowered as a whole or not at all.
//
//   beginChange ─► retire, relayout, lower, compilePending … ─► commitChange │ rollbackChange
//
// Invariant: after `rollbackChange` every instance, layout and global that existed at `beginChange` is what
// it was then, with the slot it had; instances made since are retired. Numbers of descriptors and literals
// that were handed out meanwhile stay queued and are installed with what comes next; slots and global words
// are given back unless they have been installed.

import Frontend

struct Journal {
  var isOpen = false
  var instances: [(index: Int32, old: Instance)] = []
  var plain: [(index: Int32, old: Int32)] = []
  var newest: [(index: Int32, old: Int32)] = []
  var layouts: [(type: TypeID, old: Layout)] = []
  var globals: [(index: Int32, old: Int32)] = []
  var lambdas: [(index: Int32, old: LambdaSet)] = []
  var histories: [(type: TypeID, old: TypeHistory?)] = []
  var implementations: [(operation: StructuralOperation, type: DefID, old: DefID)] = []
  var orphans: [Orphan] = []
  var reusedSlots: [Int] = []
  /// Lambdas of instances that a relayout retired.
  var abandoned: [(instance: Int32, set: LambdaSet)] = []
  var movedLambdas: [MovedLambda] = []
  var keys: [(index: Int32, old: UInt64)] = []
  /// Functions as values whose slot is retired, with the instance they named.
  var functionValues: [(literal: Int, instance: Int)] = []
  var functionTargets: [Int: Int] = [:]
  /// Code that there was and that is replaced.
  var replaced: [KeptPiece] = []
  var noted: Set<Int32> = []
  /// Subjects of instances for which code was made, and of those for which there was some.
  var lowered: Set<UInt32> = []
  var found: Set<UInt32> = []
  var recursion: [UInt8] = []
  var instanceCount = 0
  var globalCount = 0
  var slotCount = 0
  var globalWordCount = 0
}

extension Lowering {
  /// From now on everything is noted that `rollbackChange` has to put back. One change is open at a time, and
  /// all that was lowered before has been installed.
  public func beginChange() {
    precondition(!journal.isOpen, "a change of lowering is open already")
    precondition(finished.isEmpty, "what was lowered before the change is still to be installed")
    journal = Journal()
    journal.isOpen = true
    journal.orphans = orphans
    journal.functionTargets = kept.functionValues
    journal.recursion = layouts.recursion
    journal.instanceCount = instances.instances.count
    journal.globalCount = globals.count
    journal.slotCount = slotCount
    journal.globalWordCount = globalWordCount
    instances.keepsRetired = true
  }

  /// What was lowered since `beginChange` stays.
  public func commitChange() {
    movedLambdas += journal.movedLambdas
    journal = Journal()
    instances.keepsRetired = false
  }

  /// Takes back what was lowered since `beginChange`. O(what the change touched).
  public func rollbackChange() {
    guard journal.isOpen else { return }
    let old = journal
    journal = Journal()
    finished.removeAll(keepingCapacity: true)
    reused.removeAll(keepingCapacity: true)
    kept.functionValues = old.functionTargets
    kept.treeOwner = -1
    for (index, key) in old.keys.reversed() { kept.keys[Int(index)] = key }
    newGlobals.removeAll(keepingCapacity: true)
    problems.removeAll()
    missing.removeAll()
    for index in old.instanceCount..<instances.instances.count { instances[index].isRetired = true }
    for (index, plain) in old.plain.reversed() { instances.plain[Int(index)] = plain }
    for (index, newest) in old.newest.reversed() { instances.newest[Int(index)] = newest }
    for (index, instance) in old.instances.reversed() { instances[Int(index)] = instance }
    for (index, _) in old.instances where !instances[Int(index)].isCompiled && !instances[Int(index)].isRetired {
      instances.enqueue(Int(index))
    }
    for (index, set) in old.lambdas.reversed() { lambdaSets[Int(index)] = set }
    for index in old.instanceCount..<max(old.instanceCount, lambdaSets.count) { lambdaSets[index] = LambdaSet() }
    orphans = old.orphans
    freeSlots += old.reusedSlots.reversed()
    for slot in old.reusedSlots where slot < kept.owners.count { kept.owners[slot] = -1 }
    for (type, layout) in old.layouts.reversed() { layouts.layouts[Int(type.raw)] = layout }
    layouts.recursion = old.recursion
    for (type, history) in old.histories.reversed() { histories[type] = history }
    for (operation, type, function) in old.implementations.reversed() {
      environment.setStructural(Int(operation.rawValue), type.raw, function)
    }
    for (index, offset) in old.globals.reversed() { globalOffsets[Int(index)] = offset }
    globals.removeLast(globals.count - old.globalCount)
    if installedSlots <= old.slotCount {
      slotCount = old.slotCount
      if kept.owners.count > slotCount { kept.owners.removeLast(kept.owners.count - slotCount) }
    }
    if installedGlobalWords <= old.globalWordCount { globalWordCount = old.globalWordCount }
    instances.keepsRetired = false
    refreshChecks()
  }

  // MARK: Noting, before something is overwritten

  /// An instance is about to change.
  @inline(__always)
  func touch(_ index: Int) {
    if journal.isOpen, index < journal.instanceCount { journal.instances.append((Int32(index), instances[index])) }
  }

  func setPlain(_ raw: Int, _ index: Int32) {
    while instances.plain.count <= raw { instances.plain.append(-1) }
    if journal.isOpen { journal.plain.append((Int32(raw), instances.plain[raw])) }
    instances.plain[raw] = index
  }

  /// The head of a definition's list of instances is about to change.
  func touchNewest(_ raw: Int) {
    if journal.isOpen { journal.newest.append((Int32(raw), raw < instances.newest.count ? instances.newest[raw] : -1)) }
  }

  func touchLayout(_ type: TypeID) {
    if journal.isOpen { journal.layouts.append((type, layouts.layouts[Int(type.raw)])) }
  }

  func setGlobalOffset(_ index: Int, _ offset: Int32) {
    if journal.isOpen { journal.globals.append((Int32(index), globalOffsets[index])) }
    if offset < 0, globalOffsets[index] >= 0 { noteFormerGlobal(DefID(raw: UInt32(index)), Int32(globalOffsets[index])) }
    globalOffsets[index] = offset
  }

  func setHistory(_ type: TypeID, _ history: TypeHistory) {
    if journal.isOpen { journal.histories.append((type, histories[type])) }
    histories[type] = history
  }
}
