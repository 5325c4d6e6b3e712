// Edits: from changed text to changed code.
//
// The short way is an edit behind the signature of one function: that item is read, checked and
// lowered, and its slot is swapped by one store. Everything else is a cascade (Session+Cascade.swift).
// Nothing is committed of a batch that has an error anywhere.

import Frontend
import Interpreter
import Lowering
import Runtime
import Synchronization

extension Session {
  /// Takes in edits as one batch and reports what came of it. Any thread but the program's. The report
  /// has also gone to `onEvent`, unless nothing changed. Batches of several threads may share a cascade, and then its report.
  ///
  /// Clients are told with `compiling` held: they must not ask the session then, nor wait for the program. The program may
  /// run the new code by then, but a panic in it is described with the compiler, so nobody hears of that before the edit.
  @discardableResult
  public func apply(_ edits: [FileEdit]) -> CascadeReport { apply { _ in edits } }

  /// The same with edits that are made while nobody else can change the texts, so that their ranges are right. With `undo`,
  /// texts that are refused are left as they were.
  func apply(undo: ((Session) -> [FileEdit])? = nil, _ make: @escaping (Session) -> [FileEdit]) -> CascadeReport {
    let batch = EditBatch(start: microseconds(), undo: undo, make: make)
    queue.add(batch)
    var (hasChanged, hasCommitted) = (false, false)
    let report = compiling.withLock { _ -> CascadeReport in
      func take(_ batches: [EditBatch]) -> CascadeReport {
        let report = cascade(batches)
        if report.status != .unchanged {
          tell(report, report.status == .pending ? [] : takeOvertaken())
          hasChanged = true
          hasCommitted = hasCommitted || report.status == .committed
        }
        return report
      }
      while true {
        if let report = batch.report { return report }
        let batches = queue.takeNext()
        if take(batches).status == .refused, let undo = batches[0].undo {
          _ = take([EditBatch(start: microseconds(), undo: nil, make: undo)])
        }
      }
    }
    guard let world, hasChanged else { return report }
    if hasCommitted { afterStale(world) }
    // Nobody waits for this.
    compiling.withLock { _ in tidy(world) }
    return report
  }

  /// How many batches wait for the compiler.
  package var queuedBatches: Int { queue.count }

  /// The batches that the one at hand has taken along. With `compiling` held.
  func takeOvertaken() -> [CascadeReport] {
    defer { overtaken.removeAll() }
    return overtaken
  }

  /// Tells clients of a batch, and of those before it that it has taken along.
  func tell(_ report: CascadeReport, _ overtaken: [CascadeReport]) {
    for var earlier in overtaken {
      earlier.status = report.status
      earlier.diagnostics = report.diagnostics
      earlier.stale = report.stale
      earlier.migrated = report.migrated
      earlier.micros.total = report.micros.total
      earlier.notes.append("taken along by edit \(report.id)")
      onEvent(.cascade(earlier))
    }
    onEvent(.cascade(report))
    for (type, live) in report.stale { onEvent(.stale(type: type, live: live, message: Self.staleMessage(type, live))) }
  }

  static func staleMessage(_ type: String, _ live: Int) -> String {
    "type `\(type)` was redefined, \(live) live instance\(live == 1 ? " needs" : "s need") reinitialization"
  }

  /// Takes in batches as one, and notes with each what came of it.
  private func cascade(_ batches: [EditBatch]) -> CascadeReport {
    let start = batches[0].start
    var report = CascadeReport()
    guard let world else { return firstLoad(batches, start) }
    let program = world.program
    settle(world)
    var single = ItemID.none
    var changes = 0
    var touched: Set<ItemID> = []
    var gone: [ItemID] = []
    for batch in batches {
      let before = changes
      let edits = batch.make(self)
      for edit in edits {
        switch change(edit, program) {
        case .none: break
        case .item(let item):
          single = changes == 0 ? item : .none
          changes += 1
          touched.insert(item)
        case .items(let items):
          single = .none
          changes += 1
          touched.formUnion(items.changed + items.added)
          touched.subtract(items.removed)
          gone += items.removed
        }
      }
      if changes == before { batch.report = CascadeReport() }
    }
    guard changes > 0 else { return report }
    defer { for batch in batches where batch.report == nil { batch.report = report } }
    takeBackPending(world)
    lastID += 1
    report.id = lastID
    let read = microseconds()
    report.micros.read = read - start
    if changes == 1, single != .none, dirty.isEmpty, removedItems.isEmpty, bodyEdit(single, world, &report, start, read) { return report }
    // Only now: what was pending may have become current meanwhile, and what was dirty with it.
    // Files that it drops have taken their items along.
    dirty.formUnion(touched.filter { program.source.store.holds($0) })
    dirty.subtract(gone)
    removedItems += gone
    structuralEdit(world, &report, start)
    return report
  }

  func change(_ edit: FileEdit, _ program: Program) -> FileChange {
    switch edit {
    case .replace(let path, let range, let text):
      guard let file = program.source.store.file(at: path) else {
        guard var whole = texts[path] else { return .none }
        whole.replaceSubrange(range.clamped(to: 0..<whole.count), with: text)
        return change(.replaceAll(path: path, text: whole), program)
      }
      return program.source.replace(file, range, with: text)
    case .replaceAll(let path, let text):
      guard let file = program.source.store.file(at: path) else {
        // It becomes a part of the program when an import leads to it.
        if texts[path] == text { return .none }
        texts[path] = text
        return wanted.contains(path) ? .items(ItemChanges()) : .none
      }
      return program.source.replaceAll(file, with: text)
    case .remove(let path):
      texts[path] = nil
      guard let file = program.source.store.file(at: path) else { return .none }
      var removed = ItemChanges()
      removed.removed = program.source.store.remove(file)
      return .items(removed)
    }
  }

  // MARK: The short way

  /// True when the edit was one of a body and the report is complete.
  private func bodyEdit(
    _ item: ItemID, _ world: World, _ report: inout CascadeReport, _ start: Double, _ read: Double
  ) -> Bool {
    let program = world.program
    guard program.definition(of: item) != .none, !program.itemsWithCalls.contains(item),
      program.source.store.problems(of: item).isEmpty,
      let location = program.source.takeReaderForms()
    else { return false }
    defer { program.source.recycle(location) }
    guard let edited = program.bodiesBehindEdit(of: item, location) else { return false }
    // Constants follow what their values are worked out with, and all values their order: that is for the cascade.
    for def in edited.changed where program.isBehindValues(def) || program.isBehindMacros(def) { return false }
    report.changed = edited.changed.map { qualified(program.key(of: $0), item: item, program) }
    var problems: [Diagnostic] = []
    let installation = world.installation
    let lowering = program.lowering
    let old = edited.affected.count == 1 ? present(edited.affected[0], world) : nil
    let before = edited.affected.map { program.row(of: $0) }
    program.move(edited.moved)
    if let old, revive(edited.affected[0], instead: old, location, world, &report, start) { return true }
    func refuseEdit(_ problems: [Diagnostic]) {
      program.move(edited.moved, -1)
      for (def, row) in zip(edited.affected, before) { program.putBack(def, row) }
      dirty.insert(item)
      refuse(&report, problems, program, start)
    }
    // Where the function has been something else before, its code may be there.
    let single = edited.affected.count == 1 ? edited.affected[0] : nil
    lowering.defersKeys = single.map { !lowering.instances(of: $0).contains { installation.history.has($0) } } ?? false
    defer { lowering.defersKeys = false }
    installation.history.unpin()
    let compiled = lowering.compiledCount
    var several: [BodyHistory.Version] = []
    if single == nil { several = edited.affected.map { present($0, world) } }
    for (i, def) in edited.affected.enumerated() {
      let sound = program.checkBody(def, at: location)
      if i == 0 { report.micros.check = microseconds() - read }
      problems += program.checker.takeProblems()
      guard sound else {
        refuseEdit(problems)
        return true
      }
      // Only what is sound as a whole is installed: what was lowered before stays behind with it. Tests are lowered when they run.
      if single != nil, !program.env[def].isTest { lowering.lower(def, program.checker.typed) }
      lowering.defersKeys = false
    }
    let checked = read + report.micros.check
    if edited.affected.count > 1 {
      for def in edited.affected where program.checkBody(def, at: location) && !program.env[def].isTest { program.lowering.lower(def, program.checker.typed) }
      problems = problems.isEmpty ? program.checker.takeProblems() : problems
      _ = program.checker.takeProblems()
    }
    program.lowering.compilePending()
    guard program.lowering.problems.isEmpty, let changes = world.installation.install(program.lowering) else {
      let faults = program.lowering.problems
      program.lowering.problems = []
      refuseEdit(faults)
      return true
    }
    let lowered = microseconds()
    report.micros.lower = lowered - checked
    commit(changes, world)
    let end = microseconds()
    report.micros.commit = end - lowered
    report.micros.total = end - start
    report.status = .committed
    if lowering.compiledCount != compiled { report.recompiled = report.changed }
    if !problems.isEmpty { report.diagnostics = locate(problems, program) }
    for version in several {
      for change in version.changes { installation.retain(change) }
    }
    installation.adopt(several)
    if let old {
      let def = edited.affected[0]
      lowering.noteKeys(of: def)
      world.history.keep(def, old, installation)
      if !problems.isEmpty || world.warnings[def] != nil { world.warnings[def] = problems }
    }
    world.installation.machine.wake()
    return true
  }

  // MARK: Going back

  /// What a function is at present, for an edit that comes back to it.
  private func present(_ def: DefID, _ world: World) -> BodyHistory.Version {
    let program = world.program
    let code = program.lowering.loweredCode(of: def)
    return BodyHistory.Version(
      hash: Self.hash(program.formHash[Int(def.raw)], program.formStart[Int(def.raw)]), row: program.row(of: def), code: code,
      changes: code.slots.compactMap { world.installation.current($0) }, warnings: world.warnings[def] ?? [])
  }

  /// Of a text and where it stands in its item, which positions in code count on.
  private static func hash(_ text: UInt64, _ start: Int) -> UInt64 { text ^ UInt64(truncatingIfNeeded: start) &* 0x9E37_79B9_7F4A_7C15 }

  /// Makes code current again that was made of the same text. True when there was some, and the report is complete.
  private func revive(_ def: DefID, instead old: BodyHistory.Version, _ location: FormLocation, _ world: World, _ report: inout CascadeReport, _ start: Double) -> Bool {
    let program = world.program
    let text = program.hashOfForm(def, location)
    program.checker.enter(location)
    let hash = Self.hash(text, program.checker.formOffset(of: def, location.root))
    guard let version = world.history.take(def, hash: hash, world.installation) else { return false }
    guard program.lowering.revive(version.code, of: def) else { return false }
    program.putBack(def, version.row)
    let found = microseconds()
    commit(version.changes, world)
    world.history.keep(def, old, world.installation)
    if !version.warnings.isEmpty || world.warnings[def] != nil { world.warnings[def] = version.warnings }
    let end = microseconds()
    report.micros.commit = end - found
    report.micros.total = end - start
    report.status = .committed
    if !version.warnings.isEmpty { report.diagnostics = locate(version.warnings, program) }
    world.installation.machine.wake()
    return true
  }

  /// Makes code current and counts that as one: a program that panics in the new code must not take it for what came behind
  /// the panic, and try again. Whoever waits is to be woken.
  private func commit(_ changes: [SlotChange], _ world: World) {
    let installation = world.installation
    // New slots first: what names them becomes current after them.
    control.update { state in
      state.commits += 1
      installation.apply(changes.filter { installation.current($0.slot) == nil })
      installation.apply(changes.filter { installation.current($0.slot)?.number != $0.number })
    }
  }

  func refuse(_ report: inout CascadeReport, _ problems: [Diagnostic], _ program: Program, _ start: Double) {
    report.status = .refused
    report.diagnostics = locate(problems, program)
    report.micros.total = microseconds() - start
  }

  // MARK: Before there is a program

  private func firstLoad(_ batches: [EditBatch], _ start: Double) -> CascadeReport {
    var report = CascadeReport()
    defer { for batch in batches where batch.report == nil { batch.report = report } }
    // Files that nothing imports do not matter yet.
    var isConcerned = false
    for batch in batches {
      var matters = false
      for edit in batch.make(self) { matters = takeText(edit) || matters }
      if !matters { batch.report = CascadeReport() }
      isConcerned = isConcerned || matters
    }
    guard isConcerned else { return report }
    lastID += 1
    report.id = lastID
    report.diagnostics = rebuild()
    report.status = world == nil ? .refused : .committed
    report.micros.total = microseconds() - start
    if let world {
      report.recompiled = world.program.functions.map { qualified(world.program.env.name($0), item: world.program.env[$0].item, world.program) }
      control.update { $0.commits += 1 }
      patchApplied.signal()
    }
    return report
  }

  /// True when a load wants the file and its text is another now.
  private func takeText(_ edit: FileEdit) -> Bool {
    switch edit {
    case .replaceAll(let path, let text):
      defer { texts[path] = text }
      return wanted.contains(path) && texts[path] != text
    case .replace(let path, let range, let text):
      guard var whole = texts[path] else { return false }
      whole.replaceSubrange(range.clamped(to: 0..<whole.count), with: text)
      texts[path] = whole
      return wanted.contains(path)
    case .remove(let path):
      texts[path] = nil
      return wanted.contains(path)
    }
  }
}
