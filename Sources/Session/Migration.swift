// Migration: at the commit of a layout patch every stale object becomes one of the new layout, and globals that
// moved keep their values. All or nothing: what cannot be migrated leaves everything as it is, and says why.
//
// Invariant: defaults and hooks are evaluated before any object is written; whatever they do to the program's objects, the
// rows are read afterwards. Globals are written as they become known, since that code may read them. References to the one object of a
// case that has fields now lead to objects of their own before, as stale as that was, and back to it where nothing is migrated.

import Frontend
import Interpreter
import Lowering
import Runtime

package struct MigrationResult: Sendable {
  /// Types and how many objects of each have been migrated.
  package var migrated: [(type: String, count: Int)] = []
  /// Why nothing has been, when it has not.
  package var reasons: [String] = []
  /// What went wrong behind that.
  package var notes: [String] = []
  package var isComplete: Bool { reasons.isEmpty }
}

/// What was taken hold of before a patch that is migrated.
package struct MigrationStart {
  var globals: [[UInt64]] = []
  var roots: [Int] = []
}

extension Installation {
  /// Takes hold of the values of globals that will have other words. To be called before `begin`, and answered by
  /// `finishMigration` or `abandon`.
  package func beginMigration(_ plans: MigrationPlans) -> MigrationStart {
    var start = MigrationStart()
    for global in plans.globals {
      let words = global.from.map { machine.global($0) }
      keep(words, &start.roots)
      start.globals.append(words)
    }
    return start
  }

  /// `describePanic` is asked for what went wrong in a default or a hook, right behind it.
  package func finishMigration(
    _ plans: MigrationPlans, _ start: MigrationStart, deadSlots: Set<Int>, name: (DefID) -> String = { _ in "?" }, describePanic: () -> String
  ) -> MigrationResult {
    var roots = start.roots
    defer { for root in roots { machine.removeRoot(root) } }
    return migrate(plans, start.globals, deadSlots: deadSlots, &roots, name, describePanic)
  }

  package func abandon(_ start: MigrationStart) { for root in start.roots { machine.removeRoot(root) } }

  /// Migrates all live stale objects. `globals` are the words that the moved globals had.
  private func migrate(
    _ plans: MigrationPlans, _ globals: [[UInt64]], deadSlots: Set<Int>, _ roots: inout [Int], _ name: (DefID) -> String, _ describePanic: () -> String
  ) -> MigrationResult {
    var result = MigrationResult()
    var byDescriptor: [UInt32: MigrationPlan] = [:]
    for plan in plans.objects where machine.descriptors.isStale(UInt32(truncatingIfNeeded: plan.from)) {
      byDescriptor[UInt32(truncatingIfNeeded: plan.from)] = plan
    }
    var objects = machine.liveObjects(of: Set(byDescriptor.keys))
    keep(objects, &roots)
    objects += machine.staleLiteralsInUse().filter { byDescriptor[machine.layoutNumber(of: $0)] != nil }
    var moves: [Int: ClosureMigration] = [:]
    for closure in plans.closures { moves[closure.from] = closure }
    let closures = machine.liveClosures(of: deadSlots)
    keep(closures, &roots)
    for closure in closures {
      if let move = moves[slot(of: closure)] {
        if let obstacle = move.obstacle { result.add(obstacle) }
      } else {
        result.add(obstacle(slot(of: closure), name))
      }
    }
    // A lambda without captures is a literal, and closures are references to it.
    var turned: [(literal: Int, slot: Int)] = []
    var others: [(slot: Int, literal: Int)] = []
    for literal in plans.closureLiterals {
      let slot = Int(truncatingIfNeeded: machine.caseLiteral(literal).word)
      guard deadSlots.contains(slot) else { continue }
      if let move = moves[slot] {
        turned.append((literal, move.to))
      } else {
        others.append((slot, literal))
      }
    }
    let used = others.isEmpty ? [] : machine.namedSlots(among: [], literals: others)
    for (slot, _) in others where used.contains(slot) { result.add(obstacle(slot, name)) }
    // A cell is one for all closures that share it.
    var cells: [(object: UInt64, plan: CellMigration)] = []
    var known: Set<UInt64> = []
    for closure in closures {
      for cell in moves[slot(of: closure)]?.cells ?? [] {
        let object = machine.word(cell.word, of: closure)
        if known.insert(object).inserted { cells.append((object, cell)) }
      }
    }
    keep(cells.map(\.object), &roots)
    for object in objects {
      if let obstacle = byDescriptor[machine.layoutNumber(of: object)]?.obstacle { result.add(obstacle) }
    }
    for global in plans.globals { if let obstacle = global.obstacle { result.add("global `\(global.name)`: \(obstacle)") } }
    if !result.isComplete { return result }

    for (global, words) in zip(plans.globals, globals) {
      var defaults = Defaults()
      if !evaluate(global.steps, words, 0..<words.count, &defaults, &roots, &result, describePanic) { return result }
      var new = [UInt64](repeating: 0, count: global.to.count)
      defaults.next = 0
      write(global.steps, words, 0..<words.count, &new, 0, &defaults)
      for (i, word) in new.enumerated() { machine.setGlobal(global.to.lowerBound + i, word) }
    }
    // Behind the globals, which may be what refers to it.
    let shared = Set(objects.filter { !machine.isObject($0) && byDescriptor[machine.layoutNumber(of: $0)]?.isParted == true })
    var parted: [UInt64: UInt64] = [:]
    defer { if !result.isComplete { machine.turn(parted) } }
    if !shared.isEmpty {
      guard let made = machine.part(shared) else {
        result.add("there is not enough memory")
        return result
      }
      parted = made
      objects = objects.filter { !shared.contains($0) } + made.keys.sorted()
      keep(made.keys.sorted(), &roots)
    }
    var defaults = Defaults()
    // Twice: defaults are code of the program, which may change objects, so the rows are read when all are known.
    for object in objects {
      guard let plan = byDescriptor[machine.layoutNumber(of: object)] else { continue }
      let words = machine.words(of: object)
      for row in rows(plan, words) {
        if !evaluate(plan.steps, words, row, &defaults, &roots, &result, describePanic) { return result }
      }
    }
    for closure in closures {
      guard let move = moves[slot(of: closure)] else { continue }
      let words = machine.words(of: closure)
      if !evaluate(move.steps, words, 0..<words.count, &defaults, &roots, &result, describePanic) { return result }
    }
    for (cell, plan) in cells {
      let words = machine.words(of: cell)
      if !evaluate(plan.steps, words, 0..<words.count, &defaults, &roots, &result, describePanic) { return result }
    }
    defaults.next = 0
    var replacements: [Replacement] = []
    var withoutFields: [UInt64: UInt64] = [:]
    var counts: [String: Int] = [:]
    for object in objects {
      guard let plan = byDescriptor[machine.layoutNumber(of: object)] else { continue }
      if let literal = plan.literal {
        withoutFields[object] = machine.literal(literal)
        counts[plan.name, default: 0] += 1
        continue
      }
      let words = machine.words(of: object)
      let width = machine.descriptors.words(UInt32(truncatingIfNeeded: plan.to))
      let all = rows(plan, words)
      var new = [UInt64](repeating: 0, count: all.count * width)
      for (i, row) in all.enumerated() { write(plan.steps, words, row, &new, i * width, &defaults) }
      replacements.append(
        Replacement(object: object, descriptor: UInt32(truncatingIfNeeded: plan.to), words: new, isVector: plan.isVector))
      counts[plan.name, default: 0] += 1
    }
    for closure in closures {
      guard let move = moves[slot(of: closure)] else { continue }
      let words = machine.words(of: closure)
      let descriptor = UInt32(truncatingIfNeeded: move.descriptor)
      var new = [UInt64](repeating: 0, count: machine.descriptors.words(descriptor))
      write(move.steps, words, 0..<words.count, &new, 0, &defaults)
      replacements.append(Replacement(object: closure, descriptor: descriptor, words: new, isVector: false))
    }
    for (cell, plan) in cells {
      let words = machine.words(of: cell)
      let descriptor = UInt32(truncatingIfNeeded: plan.descriptor)
      var new = [UInt64](repeating: 0, count: machine.descriptors.words(descriptor))
      write(plan.steps, words, 0..<words.count, &new, 0, &defaults)
      replacements.append(Replacement(object: cell, descriptor: descriptor, words: new, isVector: false))
    }
    guard defaults.next == defaults.values.count else {
      result.add("a default changed the objects that were to be migrated")
      return result
    }
    guard machine.replace(replacements) else {
      result.add("there is not enough memory")
      return result
    }
    machine.turn(withoutFields)
    for (literal, slot) in turned { machine.moveLiteral(literal, descriptor: DescriptorTable.plainClosure, word: UInt64(slot)) }
    result.migrated = counts.sorted { $0.key < $1.key }.map { (type: $0.key, count: $0.value) }
    rehash(plans, &roots, &result, describePanic)
    return result
  }

  /// Keys that were migrated, or that hold what was, have other hashes.
  private func rehash(_ plans: MigrationPlans, _ roots: inout [Int], _ result: inout MigrationResult, _ describePanic: () -> String) {
    if plans.rehashes.isEmpty { return }
    let maps = machine.liveObjects(of: Set(plans.rehashes.map { UInt32(truncatingIfNeeded: $0.descriptor) }))
    keep(maps, &roots)
    for (descriptor, slot) in plans.rehashes {
      for map in maps where machine.layoutNumber(of: map) == UInt32(truncatingIfNeeded: descriptor) {
        guard case .panicked = interpreter.run(slot, [map], results: 0) else { continue }
        let note = "the keys of a map cannot be hashed: \(describePanic())"
        if !result.notes.contains(note) { result.notes.append(note) }
      }
    }
  }

  /// Evaluated defaults, in the order in which the steps ask for them.
  private struct Defaults {
    var values: [[UInt64]] = []
    var next = 0
  }

  /// Why closures of a slot cannot be made new.
  private func obstacle(_ slot: Int, _ nameOfDefinition: (DefID) -> String) -> String {
    guard let code = code(ofSlot: slot), code.info.definition != .none else { return "a closure is in use that no code makes any more" }
    let name = nameOfDefinition(code.info.definition)
    return "a closure of `\(name)` is in use whose text is not there any more, and what it was compiled to has values of an earlier layout"
  }

  private func slot(of closure: UInt64) -> Int { Int(truncatingIfNeeded: machine.word(0, of: closure)) }

  private func keep(_ words: [UInt64], _ roots: inout [Int]) {
    for word in words where machine.isObject(word) { roots.append(machine.addRoot(word)) }
  }

  /// The rows that the steps are for: elements of a vector, or the one row of an object.
  private func rows(_ plan: MigrationPlan, _ words: [UInt64]) -> [Range<Int>] {
    guard plan.isVector else { return [0..<words.count] }
    let width = max(1, machine.descriptors.words(UInt32(truncatingIfNeeded: plan.from)))
    return stride(from: 0, to: words.count, by: width).map { $0..<$0 + width }
  }

  private func evaluate(
    _ steps: [MigrationStep], _ words: [UInt64], _ row: Range<Int>, _ defaults: inout Defaults, _ roots: inout [Int],
    _ result: inout MigrationResult, _ describePanic: () -> String
  ) -> Bool {
    for step in steps {
      switch step {
      case .copy, .constant: break
      case .evaluate(let slot, let to):
        switch interpreter.run(slot, results: to.count) {
        case .returned(let values):
          keep(values, &roots)
          defaults.values.append(values)
        case .panicked:
          result.add("a default panics: \(describePanic())")
          return false
        }
      case .call(let slot, let type, let arguments, let count, let record, _):
        var inner = Defaults()
        if !evaluate(arguments, words, row, &inner, &roots, &result, describePanic) { return false }
        var given = [UInt64](repeating: 0, count: count)
        inner.next = 0
        write(arguments, words, row, &given, 0, &inner)
        guard let values = call(slot, type, given, results: step.resultWords, record, &result, describePanic) else { return false }
        keep(values, &roots)
        defaults.values.append(values)
      case .choose(let from, let word, let cases, let obstacles):
        let c = word.index(words[row.lowerBound + from])
        guard cases.indices.contains(c), let inner = cases[c] else {
          result.add(obstacles.indices.contains(c) ? obstacles[c] : "a value has no case")
          return false
        }
        if !evaluate(inner, words, row, &defaults, &roots, &result, describePanic) { return false }
      }
    }
    return true
  }

  /// The words of the new value; nil and a reason when there is none.
  private func call(
    _ slot: Int, _ type: String, _ arguments: [UInt64], results: Int, _ record: Int?, _ result: inout MigrationResult,
    _ describePanic: () -> String
  ) -> [UInt64]? {
    guard case .returned(let values) = interpreter.run(slot, arguments, results: results) else {
      result.add("the `migrate` of `\(type)` panics: \(describePanic())")
      return nil
    }
    guard let record else { return values }
    // The object itself stays the one it was.
    guard let object = values.first, machine.layoutNumber(of: object) == UInt32(truncatingIfNeeded: record) else {
      result.add("the `migrate` of `\(type)` gives a value that was made before the type changed")
      return nil
    }
    return machine.words(of: object)
  }

  private func write(
    _ steps: [MigrationStep], _ words: [UInt64], _ row: Range<Int>, _ new: inout [UInt64], _ base: Int,
    _ defaults: inout Defaults
  ) {
    for step in steps {
      switch step {
      case .copy(let from, let to): new[base + to] = words[row.lowerBound + from]
      case .constant(let value, let to): new[base + to] = value
      case .evaluate(_, let to), .call(_, _, _, _, _, let to):
        let values = defaults.next < defaults.values.count ? defaults.values[defaults.next] : []
        for (value, place) in zip(values, to) { new[base + place] = value }
        defaults.next += 1
      case .choose(let from, let word, let cases, _):
        let c = word.index(words[row.lowerBound + from])
        if cases.indices.contains(c), let inner = cases[c] { write(inner, words, row, &new, base, &defaults) }
      }
    }
  }
}

extension MigrationResult {
  fileprivate mutating func add(_ reason: String) {
    if !reasons.contains(reason) { reasons.append(reason) }
  }
}

extension MigrationStep {
  /// How many words a hook's function gives: a reference to a record, or the words of a struct.
  fileprivate var resultWords: Int {
    guard case .call(_, _, _, _, let record, let to) = self else { return 0 }
    return record == nil ? to.count : 1
  }
}
