// A change of a program that can be taken back as a whole: environment, lowering, and what the program keeps of each
// definition.
//
// Invariant: after `undoChange` the program compiles what it compiled before; only the texts are the new ones.

import Frontend
import Lowering

/// What has to be put back.
struct ProgramChange {
  struct Row {
    var formStart: Int
    var bodyStart: Int
    var formHash: UInt64
    var headerHash: UInt64
    var uses: [DefID]
    var body: [DefID]
    var expansion: ExpansionRecord?
  }
  var rows: [(DefID, Row)] = []
  var definitionOfItem: [(ItemID, DefID)] = []
  var counts: (rows: Int, items: Int)
  // Lists that are copied only when they change.
  var valueDefinitions: [DefID]
  var functions: [DefID]
  var macroDefinitions: [DefID]
  var migrations: [DefID]
  var itemsWithCalls: Set<ItemID>
  var behindValues: Set<DefID>?
  var defaultUses: DefaultUses
  var expansions: FormSource.Expansions
  var itemExpansions: [ItemID: ItemExpansion]
  var main: DefID
  var checkedTypes: Set<DefID>
  /// Files that were added to the program.
  var newFiles: [FileID] = []
  var wanted: Set<String>
}

extension Program {
  func beginChange() {
    env.beginChange()
    lowering.beginChange()
    change = ProgramChange(
      counts: (formStart.count, definitionOfItem.count), valueDefinitions: valueDefinitions, functions: functions,
      macroDefinitions: macroDefinitions, migrations: migrations, itemsWithCalls: itemsWithCalls, behindValues: behindValues,
      defaultUses: defaultUses, expansions: source.expansions, itemExpansions: itemExpansions, main: main, checkedTypes: lowering.checkedTypes,
      wanted: wanted)
  }

  /// The change stays. `removedItems` are in no file any more, and define nothing.
  func keepChange(_ removedItems: [ItemID] = []) {
    change = nil
    for item in removedItems {
      itemsWithCalls.remove(item)
      itemExpansions[item] = nil
      source.forgetExpansion(of: item)
    }
    source.store.giveBack(removedItems)
    env.keepChange()
    lowering.commitChange()
  }

  func undoChange() {
    guard let change else { return }
    self.change = nil
    for (item, def) in change.definitionOfItem.reversed() where Int(item.raw) < definitionOfItem.count { definitionOfItem[Int(item.raw)] = def }
    for (def, row) in change.rows.reversed() { putBack(def, row) }
    // New definitions rely on nothing: their numbers are given out again.
    for i in change.counts.rows..<max(change.counts.rows, formStart.count) {
      dependencies.setBody(DefID(raw: UInt32(i)), [])
      expansionRecords[DefID(raw: UInt32(i))] = nil
    }
    let extra = formStart.count - change.counts.rows
    formStart.removeLast(extra)
    bodyStart.removeLast(extra)
    formHash.removeLast(extra)
    headerHash.removeLast(extra)
    uses.removeLast(extra)
    for i in change.counts.items..<max(change.counts.items, definitionOfItem.count) { definitionOfItem[i] = .none }
    valueDefinitions = change.valueDefinitions
    functions = change.functions
    macroDefinitions = change.macroDefinitions
    migrations = change.migrations
    itemsWithCalls = change.itemsWithCalls
    behindValues = change.behindValues
    defaultUses = change.defaultUses
    source.expansions = change.expansions
    itemExpansions = change.itemExpansions
    main = change.main
    wanted = wanted.union(change.wanted)
    for file in change.newFiles {
      _ = source.store.remove(file)
      modules[Int(file.raw)] = nil
    }
    env.undoChange()
    // The index of users may have been built meanwhile, by headers that are taken back.
    for def in Set(change.rows.map { $0.0 }) { dependencies.noteHeader(def, env.headerUses(of: def)) }
    lowering.rollbackChange()
    lowering.checkedTypes = change.checkedTypes
    // They may have met what is no longer there.
    resetMacros()
  }

  /// To be called before what is kept of `def` changes.
  func touch(_ def: DefID) {
    let i = Int(def.raw)
    guard change != nil, i < change!.counts.rows else { return }
    env.touch(def)
    change?.rows.append((def, row(of: def)))
  }

  /// What is kept of `def` beside its header.
  func row(of def: DefID) -> ProgramChange.Row {
    let i = Int(def.raw)
    return ProgramChange.Row(
      formStart: formStart[i], bodyStart: bodyStart[i], formHash: formHash[i], headerHash: headerHash[i], uses: uses[i],
      body: dependencies.body(of: def), expansion: expansionRecords[def])
  }

  func putBack(_ def: DefID, _ row: ProgramChange.Row) {
    let i = Int(def.raw)
    formStart[i] = row.formStart
    bodyStart[i] = row.bodyStart
    formHash[i] = row.formHash
    headerHash[i] = row.headerHash
    uses[i] = row.uses
    dependencies.setBody(def, row.body)
    if expansionRecords[def] != nil || row.expansion != nil { expansionRecords[def] = row.expansion }
  }

  func setDefinition(of item: ItemID, _ def: DefID) {
    while definitionOfItem.count <= Int(item.raw) { definitionOfItem.append(.none) }
    if definitionOfItem[Int(item.raw)] == def { return }
    if change != nil { change?.definitionOfItem.append((item, definitionOfItem[Int(item.raw)])) }
    definitionOfItem[Int(item.raw)] = def
  }
}
