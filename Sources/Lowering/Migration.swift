// How values of an earlier layout become values of the present one: by name. A field that is still there with its
// type keeps its value, one that is new gets its default, one that is gone is dropped; a case keeps its name.
// What cannot be said so is an obstacle, and matters only when there is such an object.
//
// Invariant: steps read the words of the old row and write words of a new one that is zero before; every word
// of the new row is written at most once.

import Frontend

/// What to do for the words of one object, element or global.
public indirect enum MigrationStep: Sendable {
  case copy(from: Int, to: Int)
  case constant(UInt64, to: Int)
  /// The results of a default's function.
  case evaluate(slot: Int, to: [Int])
  /// The results of a hook, which is given what the steps make of the old words: `words` of them. With a `record` the
  /// result is an object of that descriptor, whose words are taken.
  case call(slot: Int, type: String, arguments: [MigrationStep], words: Int, record: Int?, to: [Int])
  /// By the case that a word stands for; nil where there is no way.
  case choose(from: Int, by: CaseWord, cases: [[MigrationStep]?], obstacles: [String])
}

/// How the first word of a flattened enum tells its cases apart: by their number, or in that one of two is 0.
public enum CaseWord: Sendable {
  case tag
  case null(Int)

  public func index(_ word: UInt64) -> Int {
    switch self {
    case .tag: Int(truncatingIfNeeded: word)
    case .null(let null): word == 0 ? null : 1 - null
    }
  }
}

/// From one descriptor to another.
public struct MigrationPlan: Sendable {
  public var type: TypeID
  /// The type as messages call it.
  public var name: String
  public var isVector: Bool
  public var from: Int
  public var to: Int
  public var steps: [MigrationStep]
  /// The one object of a case that has no fields now.
  public var literal: Int?
  /// Values of a case that had no fields are one object. Now they have fields through which one could be told from another.
  public var isParted = false
  /// Why it is impossible.
  public var obstacle: String?
}

/// A global whose words lie elsewhere now.
public struct GlobalMigration: Sendable {
  public var definition: DefID
  public var name: String
  public var from: Range<Int>
  public var to: Range<Int>
  public var steps: [MigrationStep]
  public var obstacle: String?
}

/// Closures of one slot become closures of another.
public struct ClosureMigration: Sendable {
  public var from: Int
  public var to: Int
  public var descriptor: Int
  public var steps: [MigrationStep]
  /// Cells among its words whose values are made new.
  public var cells: [CellMigration] = []
  public var obstacle: String?
}

/// A `mut` local that closures share. A cell does not say of what type its value is; the closures that hold it do.
public struct CellMigration: Sendable {
  /// The word of the closure that refers to it.
  public var word: Int
  public var descriptor: Int
  public var steps: [MigrationStep]
}

public struct MigrationPlans: Sendable {
  public var objects: [MigrationPlan] = []
  public var closures: [ClosureMigration] = []
  /// Literals of functions and of lambdas without captures.
  public var closureLiterals: [Int] = []
  public var globals: [GlobalMigration] = []
  /// Descriptors of maps whose keys get another hash, and the slots of what computes it.
  public var rehashes: [(descriptor: Int, slot: Int)] = []
  public init() {}
}

extension Lowering {
  /// The ways from all earlier layouts of all types to the present ones, and for the globals that a relayout has
  /// moved. To be called when the users have been lowered, in the same change; queues defaults, so `compilePending`
  /// comes behind. O(types that ever had another layout).
  /// `hooks`: functions from an earlier layout, by type.
  public func migrationPlans(_ relayout: Relayout, hooks: [DefID: DefID] = [:]) -> MigrationPlans {
    self.hooks = hooks
    defer { self.hooks = [:] }
    var plans = MigrationPlans()
    for type in histories.keys.sorted(by: { $0.raw < $1.raw }) {
      for old in histories[type]?.earlier ?? [] { addPlans(type, old, &plans) }
    }
    addRehashes(&plans)
    // Constants are computed again.
    for (def, words) in zip(relayout.movedGlobals, relayout.deadGlobalWords) where environment[def].kind == .variable {
      let type = environment[def].type
      guard let old = histories[type]?.earlier.last, old.layout.words == words.count else { continue }
      var migration = Migration()
      let to = globalWords(def)
      let version = old.layout.isByValue ? UInt32(old.layout.version) + 1 : 0
      let steps = map(type, version, Array(0..<words.count), Array(0..<to.count), &migration)
      plans.globals.append(
        GlobalMigration(
          definition: def, name: environment.name(def), from: words, to: to, steps: steps ?? [],
          obstacle: steps == nil ? migration.obstacle : nil))
    }
    plans.closureLiterals = closureLiterals.compactMap { $0 >= 0 ? Int($0) : nil }
    // By their text, where they have one that is known; in functions that are what they were, by their number.
    for lambda in successors() where lambda.captures.allSatisfy({ isAlive($0.type) }) { plans.closures.append(plan(lambda)) }
    let moved = movedLambdas + journal.movedLambdas
    for (i, lambda) in moved.enumerated() where lambda.captures.allSatisfy({ isAlive($0.type) }) {
      var lambda = lambda
      for next in moved[(i + 1)...] where next.from == lambda.to { lambda.to = next.to }
      plans.closures.append(plan(lambda))
    }
    return plans
  }

  private func plan(_ lambda: MovedLambda) -> ClosureMigration {
    var migration = Migration()
    var steps: [MigrationStep]? = [.constant(UInt64(lambda.to), to: 0)]
    var (from, to) = (1, 1)
    var kinds: [WordKind] = [.int]
    var cells: [CellMigration] = []
    for capture in lambda.captures {
      let shape = layout(capture.type)
      if capture.isCell {
        if (shape.isByValue ? UInt32(shape.version) + 1 : 0) != capture.version {
          let before = capture.version == 0 ? 1 : version(capture.type, capture.version)?.layout.words ?? 0
          if let inner = map(capture.type, capture.version, Array(0..<before), Array(0..<shape.words), &migration) {
            captureKinds = layouts.kinds(shape)
            cells.append(CellMigration(word: from, descriptor: captureDescriptor(isCell: true), steps: inner))
          } else {
            steps = nil
          }
        }
        kinds.append(.reference)
        steps?.append(.copy(from: from, to: to))
        from += 1
        to += 1
        continue
      }
      let before = capture.version == 0 ? shape.words : version(capture.type, capture.version)?.layout.words ?? 0
      if let inner = map(
        capture.type, capture.version, Array(from..<from + before), Array(to..<to + shape.words), &migration)
      {
        steps? += inner
      } else {
        steps = nil
      }
      kinds += layouts.kinds(shape)
      from += before
      to += shape.words
    }
    captureKinds = kinds
    return ClosureMigration(
      from: lambda.from, to: lambda.to, descriptor: captureDescriptor(isCell: false), steps: steps ?? [], cells: cells,
      obstacle: steps == nil ? migration.obstacle : nil)
  }

  private struct Migration {
    var obstacle = ""
  }

  private struct Part {
    var name: Symbol
    var type: TypeID
    /// Version + 1 of a part that lies in the whole by value, else 0.
    var version: UInt32
  }

  /// Keys within keys first: types are numbered behind those they are made of.
  private func addRehashes(_ plans: inout MigrationPlans) {
    let (map, rehash) = (environment.mapDef, environment.mapRehash)
    guard map != .none, rehash != .none else { return }
    let changed = Set(histories.keys.map { environment.types[$0].def }).subtracting([.none, map, environment.mapEntryDef])
    var found: Set<TypeID> = []
    graph.heads.forEach(map.raw) { raw in
      let type = TypeID(raw: raw)
      guard isAlive(type), layouts.isKnown(type), layout(type).descriptor >= 0 else { return }
      if environment.contains(environment.types.argument(type, 0), changed) { found.insert(type) }
    }
    if found.isEmpty { return }
    if environment[rehash].state == .pending { headerProvider(rehash) }
    for type in found.sorted(by: { $0.raw < $1.raw }) {
      let slot = slot(for: rehash, environment.types.arguments(type))
      if slot >= 0 { plans.rehashes.append((recordDescriptor(type), slot)) }
    }
  }

  private func addPlans(_ type: TypeID, _ old: LayoutVersion, _ plans: inout MigrationPlans) {
    // No code that is left can reach values of a type that is gone.
    if environment.types[type].def != .none, environment[environment.types[type].def].state != .resolved { return }
    let name = environment.describe(type)
    func add(_ from: Int, _ to: Int?, _ isVector: Bool, _ steps: [MigrationStep]?, _ obstacle: String) {
      plans.objects.append(
        MigrationPlan(
          type: type, name: name, isVector: isVector, from: from, to: to ?? -1, steps: steps ?? [],
          obstacle: steps == nil || to == nil ? obstacle : nil))
    }
    let isAlive = isAlive(type)
    let new = isAlive ? layout(type) : Layout()
    guard isAlive, new.form == old.layout.form else {
      let obstacle = "`\(name)` is another kind of type now"
      forEachDescriptor(type, old.layout) { number, _ in add(number, nil, false, nil, obstacle) }
      return
    }
    var migration = Migration()
    switch new.form {
    case .record:
      guard old.layout.descriptor >= 0 else { return }
      let steps = mapFields(
        type, parts(old, 0), fieldWords(old.layout, 0, Array(0..<Int(old.layout.payloadWords))), 0,
        Array(0..<Int(new.payloadWords)), &migration)
      add(Int(old.layout.descriptor), recordDescriptor(type), false, steps, migration.obstacle)
    case .vector:
      guard old.layout.descriptor >= 0, let part = parts(old, 0).first else { return }
      let element = environment.types.argument(type, 0)
      let before = part.version == 0 ? layout(element) : version(element, part.version)?.layout
      let words = max(1, before?.words ?? 1)
      let steps = map(element, part.version, Array(0..<words), Array(0..<max(1, layout(element).words)), &migration)
      add(Int(old.layout.descriptor), vectorDescriptor(type), true, steps, migration.obstacle)
    case .boxedEnum:
      for c in 0..<Int(old.layout.partCount) {
        let enumCase = layouts.enumCase(old.layout, c)
        guard enumCase.descriptor >= 0 else { continue }
        var migration = Migration()
        guard let index = caseIndex(type, new, enumCase.name) else {
          add(Int(enumCase.descriptor), nil, false, nil, "`\(name)` has no case `\(environment.interner.name(enumCase.name))` any more")
          continue
        }
        let steps = mapFields(
          type, parts(old, c), fieldWords(old.layout, c, Array(1..<1 + Int(enumCase.payloadWords))), index,
          Array(1..<1 + Int(layouts.enumCase(new, index).payloadWords)), &migration)
        let all = steps.map { [MigrationStep.constant(UInt64(index), to: 0)] + $0 }
        add(Int(enumCase.descriptor), caseDescriptor(type, index), false, all, migration.obstacle)
        let target = layouts.enumCase(layout(type), index)
        let fields = (0..<Int(target.fieldCount)).map { layouts.field(target, $0).type }
        plans.objects[plans.objects.count - 1].literal = fields.isEmpty ? caseLiteral(type, index) : nil
        plans.objects[plans.objects.count - 1].isParted = fields.contains { layouts.kinds(layout($0)).contains(.reference) }
      }
    default: break
    }
  }

  /// Steps for one value; nil and an obstacle when there is no way.
  private func map(
    _ type: TypeID, _ oldVersion: UInt32, _ from: [Int], _ to: [Int], _ migration: inout Migration
  ) -> [MigrationStep]? {
    let shape = layout(type)
    let newVersion = shape.isByValue ? UInt32(shape.version) + 1 : 0
    if oldVersion == newVersion { return zip(from, to).map { .copy(from: $0, to: $1) } }
    guard let old = version(type, oldVersion), old.layout.form == shape.form else {
      migration.obstacle = "values of `\(environment.describe(type))` are kept in another way now"
      return nil
    }
    if shape.form == .aggregate { return mapFields(type, parts(old, 0), fieldWords(old.layout, 0, from), 0, to, &migration) }
    var cases: [[MigrationStep]?] = []
    var obstacles: [String] = []
    for c in 0..<Int(old.layout.partCount) {
      let enumCase = layouts.enumCase(old.layout, c)
      var inner = Migration()
      var steps: [MigrationStep]?
      if let index = caseIndex(type, shape, enumCase.name) {
        let target = layouts.enumCase(shape, index)
        let places = (0..<Int(target.payloadWords)).map { to[Int(layouts.places[Int(target.firstPlace) + $0])] }
        let row = (0..<Int(enumCase.payloadWords)).map { from[Int(layouts.places[Int(enumCase.firstPlace) + $0])] }
        steps = mapFields(type, parts(old, c), fieldWords(old.layout, c, row), index, places, &inner)
          .map { shape.nullCase < 0 ? [.constant(UInt64(index), to: to[0])] + $0 : $0 }
      } else {
        inner.obstacle = "`\(environment.describe(type))` has no case `\(environment.interner.name(enumCase.name))` any more"
      }
      cases.append(steps)
      obstacles.append(inner.obstacle)
    }
    let word = old.layout.nullCase < 0 ? CaseWord.tag : .null(Int(old.layout.nullCase))
    return [.choose(from: from[0], by: word, cases: cases, obstacles: obstacles)]
  }

  /// The fields of the present layout (of case `c`) from those of an earlier one.
  private func mapFields(
    _ type: TypeID, _ old: [Part], _ from: [[Int]], _ c: Int, _ to: [Int], _ migration: inout Migration
  ) -> [MigrationStep]? {
    let shape = layout(type)
    let isEnum = shape.form == .flatEnum || shape.form == .boxedEnum
    let count = isEnum ? Int(layouts.enumCase(shape, c).fieldCount) : Int(shape.partCount)
    if let hook = hooks[environment.types[type].def] {
      switch call(hook, type, old, from, to, &migration) {
      case .steps(let steps): return steps
      case .obstacle: return nil
      case .other: break
      }
    }
    let isTuple = environment.types.tag(type) == .tuple
    var steps: [MigrationStep] = []
    for i in 0..<count {
      let field = isEnum ? layouts.field(layouts.enumCase(shape, c), i) : layouts.field(shape, i)
      let target = Array(to[field.offset..<field.offset + field.words])
      let former = formerName(type, c, i)
      let known = isTuple ? (i < old.count ? i : nil)
        : old.firstIndex { $0.name == field.name } ?? old.firstIndex { former != .none && $0.name == former }
      if let known {
        guard old[known].type == field.type else {
          let name = environment.interner.name(field.name)
          let was = old[known].name == field.name || isTuple ? "" : ", which was `\(environment.interner.name(former))`,"
          migration.obstacle = "field `\(name)` of `\(environment.describe(type))`\(was) has another type"
          return nil
        }
        guard let inner = map(field.type, old[known].version, from[known], target, &migration) else { return nil }
        steps += inner
        continue
      }
      guard let slot = defaultSlot(type, c, i, words: field.words) else {
        migration.obstacle = "the new field `\(environment.interner.name(field.name))` of `\(environment.describe(type))` has no default"
        return nil
      }
      steps.append(.evaluate(slot: slot, to: target))
    }
    return steps
  }

  private enum HookUse {
    case steps([MigrationStep])
    /// What is given to it cannot be made.
    case obstacle
    /// It is for another layout.
    case other
  }

  /// The call of a hook for a value whose fields are those that the hook was checked with.
  private func call(
    _ hook: DefID, _ type: TypeID, _ old: [Part], _ from: [[Int]], _ to: [Int], _ migration: inout Migration
  ) -> HookUse {
    let arguments = environment.types.arguments(type)
    let earlier = environment.earlierStruct(of: hook)
    guard earlier != .none, environment[earlier].typeParameters.count == arguments.count else { return .other }
    let wanted = layout(environment.types.make(.structure, earlier, arguments))
    let given = old.indices.filter { isAlive(old[$0].type) }
    guard given.count == Int(wanted.partCount) else { return .other }
    var steps: [MigrationStep] = []
    for (i, part) in given.enumerated() {
      let field = layouts.field(wanted, i)
      guard field.name == old[part].name, field.type == old[part].type else { return .other }
    }
    for (i, part) in given.enumerated() {
      let field = layouts.field(wanted, i)
      let target = Array(field.offset..<field.offset + field.words)
      guard let inner = map(field.type, old[part].version, from[part], target, &migration) else { return .obstacle }
      steps += inner
    }
    let instance = functionInstance(hook, arguments)
    guard instance >= 0 else { return .other }
    let isRecord = layout(type).form == .record
    return .steps([
      .call(
        slot: Int(instances[instance].slot), type: environment.describe(type), arguments: steps, words: wanted.words,
        record: isRecord ? recordDescriptor(type) : nil, to: to)
    ])
  }

  /// The case of the present layout that is, or says it was, the one of that name.
  func caseIndex(_ type: TypeID, _ shape: Layout, _ name: Symbol) -> Int? {
    let all = 0..<Int(shape.partCount)
    if let same = all.first(where: { layouts.enumCase(shape, $0).name == name }) { return same }
    let cases = environment[environment.types[type].def].cases
    return all.first { environment.cases[cases.lowerBound + $0].formerName == name }
  }

  /// What the field was called before, where its text says so.
  private func formerName(_ type: TypeID, _ c: Int, _ i: Int) -> Symbol {
    let def = environment.types[type].def
    return def == .none ? .none : environment.fields[firstField(def, c) + i].formerName
  }

  /// The first field of a type, or of its case `c`.
  private func firstField(_ def: DefID, _ c: Int) -> Int {
    let definition = environment[def]
    return definition.kind == .enumeration
      ? environment.cases[definition.cases.lowerBound + c].fields.lowerBound : definition.fields.lowerBound
  }

  private func defaultSlot(_ type: TypeID, _ c: Int, _ i: Int, words: Int) -> Int? {
    let def = environment.types[type].def
    guard def != .none else { return nil }
    let isEnum = environment[def].kind == .enumeration
    let first = firstField(def, c)
    guard environment.fields[first + i].hasDefault else { return nil }
    let number = isEnum ? Environment.defaultNumber(ofField: i, ofCase: c) : i
    let index = instance(.defaultValue, def.raw, number, environment.types.arguments(type))
    instances[index].resultWords = Int32(words)
    return Int(instances[index].slot)
  }

  // MARK: Earlier layouts

  private func version(_ type: TypeID, _ number: UInt32) -> LayoutVersion? {
    if number == 0 { return nil }
    let shape = layout(type)
    if UInt32(shape.version) + 1 == number { return LayoutVersion(signature: signature(type), layout: shape) }
    return histories[type]?.earlier.first { UInt32($0.layout.version) + 1 == number }
  }

  /// The fields of a layout (of case `c`), as its signature lists them.
  private func parts(_ version: LayoutVersion, _ c: Int) -> [Part] {
    let words = version.signature
    var at = 3
    let shape = version.layout
    var count = shape.form == .vector ? 1 : Int(shape.partCount)
    if shape.form == .flatEnum || shape.form == .boxedEnum {
      for _ in 0..<c { at += 2 + 3 * Int(words[at + 1]) }
      count = Int(words[at + 1])
      at += 2
    }
    return (0..<count).map {
      Part(name: Symbol(raw: words[at + 3 * $0]), type: TypeID(raw: words[at + 3 * $0 + 1]), version: words[at + 3 * $0 + 2])
    }
  }

  /// For each field of a layout the words it has in a row.
  private func fieldWords(_ shape: Layout, _ c: Int, _ row: [Int]) -> [[Int]] {
    let isEnum = shape.form == .flatEnum || shape.form == .boxedEnum
    let count = isEnum ? Int(layouts.enumCase(shape, c).fieldCount) : Int(shape.partCount)
    return (0..<count).map { i in
      let field = isEnum ? layouts.field(layouts.enumCase(shape, c), i) : layouts.field(shape, i)
      return Array(row[field.offset..<field.offset + field.words])
    }
  }
}
