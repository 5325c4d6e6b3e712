// Edits: from changed text to changed code.
//
// The short way is an edit behind the signature of one function: that item is read, checked and
// lowered, and its slot is swapped by one store. Everything else goes the long way: the whole program
// is checked afresh, and what can be taken in without starting anew is compiled and committed as one
// patch. Nothing is committed of a batch that has an error anywhere.

import Frontend
import Interpreter
import Lowering
import Runtime
import Synchronization

extension Session {
  /// Takes in edits as one batch and reports what came of it. Any thread but the program's. The report
  /// has also gone to `onEvent`, unless nothing changed.
  @discardableResult
  public func apply(_ edits: [FileEdit]) -> CascadeReport {
    let start = microseconds()
    let report = compiling.withLock { _ in cascade(edits, start) }
    if report.status != .unchanged { onEvent(.cascade(report)) }
    return report
  }

  func cascade(_ edits: [FileEdit], _ start: Double) -> CascadeReport {
    var report = CascadeReport()
    guard let world else { return firstLoad(edits, start) }
    let program = world.program
    var single = ItemID.none
    var changes = 0
    for edit in edits {
      switch change(edit, program) {
      case .none: break
      case .item(let item):
        single = changes == 0 ? item : .none
        changes += 1
        if edits.count > 1 || !dirty.isEmpty { dirty.insert(item) }
      case .items(let items):
        single = .none
        changes += 1
        dirty.formUnion(items.changed)
        dirty.formUnion(items.added)
        dirty.subtract(items.removed)
        removedItems += items.removed
      }
    }
    guard changes > 0 else { return report }
    lastID += 1
    report.id = lastID
    let read = microseconds()
    report.micros.read = read - start
    if changes == 1, single != .none {
      if dirty.isEmpty, removedItems.isEmpty, bodyEdit(single, world, &report, start, read) { return report }
      dirty.insert(single)
    }
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
    // Constants follow what their values are worked out with: that is for the long way.
    for def in edited.changed where program.isBehindConstants(def) || program.isBehindMacros(def) { return false }
    report.changed = edited.changed.map { qualified(program.env.name($0), item: item, program) }
    let oldSlots = program.lowering.slotCount
    var problems: [Diagnostic] = []
    for (i, def) in edited.affected.enumerated() {
      let sound = program.checkBody(def, at: location)
      if i == 0 { report.micros.check = microseconds() - read }
      problems += program.checker.takeProblems()
      guard sound else {
        dirty.insert(item)
        refuse(&report, problems, program, start)
        return true
      }
      // Only what is sound as a whole is installed: what was lowered before stays behind with it.
      if edited.affected.count == 1 { program.lowering.lower(def, program.checker.typed) }
    }
    let checked = read + report.micros.check
    if edited.affected.count > 1 {
      for def in edited.affected where program.checkBody(def, at: location) { program.lowering.lower(def, program.checker.typed) }
      problems = problems.isEmpty ? program.checker.takeProblems() : problems
      _ = program.checker.takeProblems()
    }
    program.lowering.compilePending()
    guard program.lowering.problems.isEmpty, let changes = world.installation.install(program.lowering) else {
      let faults = program.lowering.problems
      program.lowering.problems = []
      dirty.insert(item)
      refuse(&report, faults, program, start)
      return true
    }
    let lowered = microseconds()
    report.micros.lower = lowered - checked
    // New slots first: what names them becomes current after them.
    world.installation.apply(changes.filter { $0.slot >= oldSlots })
    world.installation.apply(changes.filter { $0.slot < oldSlots })
    let end = microseconds()
    report.micros.commit = end - lowered
    report.micros.total = end - start
    report.status = .committed
    report.recompiled = report.changed
    if !problems.isEmpty { report.diagnostics = locate(problems, program) }
    committed(world)
    return true
  }

  private func committed(_ world: World) {
    control.update { $0.commits += 1 }
    world.installation.machine.wake()
  }

  func refuse(_ report: inout CascadeReport, _ problems: [Diagnostic], _ program: Program, _ start: Double) {
    report.status = .refused
    report.diagnostics = locate(problems, program)
    report.micros.total = microseconds() - start
  }

  // MARK: The long way

  private func structuralEdit(_ world: World, _ report: inout CascadeReport, _ start: Double) {
    let program = world.program
    let before = microseconds()
    var touched = dirty.filter { program.source.store.hasForm($0) }
    report.changed = names(of: touched, program)
    refreshTexts(program)
    let fresh = Program(predefined: Installation.predefined)
    var problems = fresh.load(entryTexts(), find: find)
    wanted = fresh.wanted
    problems += fresh.checkAll()
    if world.mainSlot >= 0, !problems.contains(where: { $0.severity == .error }), let problem = fresh.mainProblem() {
      problems.append(problem)
    }
    report.micros.check = microseconds() - before
    if problems.contains(where: { $0.severity == .error }) {
      report.status = .refused
      report.diagnostics = locate(problems, fresh)
      report.micros.total = microseconds() - start
      return
    }
    followImports(program, fresh)
    let retouched = itemsThatMeanSomethingElse(program, fresh)
    touched = dirty.filter { program.source.store.hasForm($0) }
    _ = adoptReturned(program, fresh)
    report.changed = names(of: touched, program)
    var plan = EditPlan()
    for item in removedItems { plan.remove(item, program) }
    for item in touched.sorted(by: { $0.raw < $1.raw }) { plan.take(item, program, fresh) }
    for item in retouched where !touched.contains(item) { plan.retake(item, program, fresh) }
    // Until this is committed the imports may be bound anew while the code is the old.
    unsettled.formUnion(retouched.compactMap { program.module(of: $0) })
    for item in dirty where !program.source.store.hasForm(item) { plan.remove(item, program) }
    plan.finish(program, fresh)
    plan.noteMacros(touched, removedItems, program, fresh)
    if let obstacle = plan.obstacle {
      refuseUntilRestart(&report, obstacle, world, start)
      return
    }
    commit(plan, world, &report, start)
  }

  private func names(of items: Set<ItemID>, _ program: Program) -> [String] {
    items.flatMap { item in
      program.definitions(of: item).map { qualified(program.env.name($0), item: item, program) }
    }.sorted()
  }

  /// A definition that left the text and came back, in the same batch or a later one, is the same: the
  /// running program holds on to it. So it is when an editor empties a file before it writes it, and when
  /// a file is put back.
  private func adoptReturned(_ program: Program, _ fresh: Program) -> Bool {
    var gone: [String: DefID] = [:]
    for item in removedItems + dirty where !program.source.store.hasForm(item) {
      for def in program.definitions(of: item) { gone[program.qualifiedKey(of: def)] = def }
    }
    if gone.isEmpty { return false }
    var hasAdopted = false
    for item in dirty where program.definition(of: item) == .none {
      guard let module = program.module(of: item) else { continue }
      let freshModule = fresh.counterpart(of: module, program)
      var returned: [DefID] = []
      for key in program.definedKeys(item) {
        let qualified = program.env.moduleName(module) + "/" + key
        guard let old = gone[qualified],
          fresh.definition(key: key, in: freshModule).map({ fresh.env[$0].kind }) == program.env[old].kind
        else { continue }
        returned.append(old)
        gone[qualified] = nil
      }
      if returned.isEmpty { continue }
      program.move(returned, to: item)
      hasAdopted = true
    }
    return hasAdopted
  }

  /// Items of modules whose imports give a name another meaning; their texts may be as they were.
  private func itemsThatMeanSomethingElse(_ program: Program, _ fresh: Program) -> [ItemID] {
    var items: [ItemID] = []
    for module in Set(modulesTouched(program)).union(unsettled).sorted(by: { $0.raw < $1.raw }) {
      let new = fresh.importedNames(of: fresh.env.addModule(named: program.env.moduleName(module)))
      guard unsettled.contains(module) || program.importsChangeMeaning(program.importedNames(of: module), new) else { continue }
      for file in program.files(of: module) {
        items += program.source.store.items(of: file).filter { program.source.store.hasForm($0) }
      }
    }
    return items
  }

  /// Modules that the batch touches anywhere.
  private func modulesTouched(_ program: Program) -> [ModuleID] {
    Set((Array(dirty) + removedItems).compactMap { program.module(of: $0) }).sorted { $0.raw < $1.raw }
  }

  private func refuseUntilRestart(_ report: inout CascadeReport, _ obstacle: Diagnostic, _ world: World, _ start: Double) {
    refuse(&report, [obstacle], world.program, start)
    if rebuild(needsMain: world.mainSlot >= 0).contains(where: { $0.severity == .error }) { return }
    report.notes.append("a restart takes this edit in")
    if options.onStale == .restart {
      control.update { $0.restart = true }
      wakeProgram()
    }
  }

  private func commit(_ plan: EditPlan, _ world: World, _ report: inout CascadeReport, _ start: Double) {
    let program = world.program
    let before = microseconds()
    for def in plan.removed { program.forget(def) }
    var compiled: [DefID] = plan.changed
    for (def, isPrivate) in plan.privacy { program.checker.setPrivate(def, isPrivate) }
    let touched = modulesTouched(program)
    var added: [DefID] = []
    for item in plan.added {
      added += program.declare(item, program.module(of: item) ?? program.mainModule).map { DefID(raw: UInt32($0)) }
    }
    compiled += added
    for module in touched { program.rereadImports(of: module) }
    program.bindImports()
    program.checker.resolveImplementations()
    for def in plan.headers { program.reworkHeader(def) }
    for def in compiled where program.env[def].state != .resolved { _ = program.checker.resolve(def) }
    for def in added { program.register(def) }
    var problems = program.checker.takeProblems()
    var values: [DefID] = []
    for def in compiled {
      switch program.env[def].kind {
      case .function,
        .method where program.env[def].hasBody:
        if program.checkBody(def) { program.lowering.lower(def, program.checker.typed) }
        report.recompiled.append(qualified(program.env.name(def), item: program.env[def].item, program))
      case .constant: values.append(def)
      case .variable:
        if plan.changed.contains(def) {
          _ = program.checkBody(def)
          report.notes.append("`\(program.env.name(def))` keeps its value: a `defvar` is initialised once; a restart runs the new initialiser")
        } else {
          values.append(def)
        }
      default: break
      }
      problems += program.checker.takeProblems()
    }
    let initialised = program.dependents(of: values + compiled.filter { program.env[$0].kind == .function })
    let initialisers = program.lowerInitialisers(initialised)
    problems += program.checker.takeProblems() + program.lowering.problems
    program.lowering.problems = []
    guard !problems.contains(where: { $0.severity == .error }), let changes = world.installation.install(program.lowering) else {
      // The program was sound as a whole, so this is a limit, not a mistake of the edit.
      refuse(&report, problems, program, start)
      _ = rebuild(needsMain: world.mainSlot >= 0)
      return
    }
    let lowered = microseconds()
    report.micros.lower = lowered - before
    if let failed = submit(Patch(changes: changes, initialisers: initialisers), world) {
      // What was added is added again by the next batch, which takes all of this one along.
      for def in added { program.forget(def) }
      let def = initialised[min(failed, initialised.count - 1)]
      let panic = panicsOfInitialisers.first?.message ?? "panic"
      problems.append(
        Diagnostic(
          .cannotApplyLive, "the value of `\(program.env.name(def))` cannot be computed: \(panic)",
          at: Place(program.env[def].item, program.env[def].nameSpan)))
      refuse(&report, problems, program, start)
      report.recompiled = []
      return
    }
    dirty.removeAll()
    removedItems.removeAll()
    unsettled.removeAll()
    nextWorld = nil
    report.recompiled += values.map { qualified(program.env.name($0), item: program.env[$0].item, program) }
    report.recompiled.sort()
    report.status = .committed
    let end = microseconds()
    report.micros.commit = end - lowered
    report.micros.total = end - start
    if !problems.isEmpty { report.diagnostics = locate(problems, program) }
  }

  // MARK: Patches

  /// Hands a patch to the program thread, or applies it at once while that is parked, and waits until it
  /// is current. Answers the initialiser that panicked, if one did: then all is as it was.
  private func submit(_ patch: Patch, _ world: World) -> Int? {
    let machine = world.installation.machine
    control.update {
      $0.patch = patch
      $0.failedInitialiser = nil
    }
    guard isRunning.load(ordering: .acquiring) else {
      applyPending(world)
      return control.update { $0.failedInitialiser }
    }
    machine.requestSafepoint()
    // Parked or running, the program serves the request at once; initialisers need its thread.
    patchApplied.wait {
      control.update { $0.patch == nil } || !isRunning.load(ordering: .acquiring)
    }
    if control.update({ $0.patch != nil }) { applyPending(world) }
    return control.update { $0.failedInitialiser }
  }

  /// Makes a waiting patch current. Program thread, or any while no program runs.
  func applyPending(_ world: World) {
    let patch = control.update { state -> Patch? in
      defer { state.patch = nil }
      return state.patch
    }
    guard let patch else { return }
    let before = world.installation.apply(patch.changes)
    panicsOfInitialisers = []
    var failed: Int?
    isInitialising = true
    defer { isInitialising = false }
    for (i, slot) in patch.initialisers.enumerated() {
      guard case .panicked(let reason) = world.installation.interpreter.run(slot), reason != .exit else { continue }
      // Whoever has the compiler waits for this patch, so it is ours to look at.
      panicsOfInitialisers.append(makePanicReport(world, isPaused: false))
      failed = i
      break
    }
    if failed != nil { world.installation.apply(before) }
    control.update { state in
      state.failedInitialiser = failed
      if failed == nil { state.commits += 1 }
    }
    // A paused program tries again with it.
    if failed == nil { world.installation.machine.wake() }
    patchApplied.signal()
  }

  // MARK: Before there is a program

  private func firstLoad(_ edits: [FileEdit], _ start: Double) -> CascadeReport {
    var isConcerned = false
    for edit in edits {
      switch edit {
      case .replaceAll(let path, let text):
        isConcerned = isConcerned || wanted.contains(path) && texts[path] != text
        texts[path] = text
      case .replace(let path, let range, let text):
        guard var whole = texts[path] else { continue }
        isConcerned = isConcerned || wanted.contains(path)
        whole.replaceSubrange(range.clamped(to: 0..<whole.count), with: text)
        texts[path] = whole
      case .remove(let path):
        isConcerned = isConcerned || wanted.contains(path)
        texts[path] = nil
      }
    }
    // Files that nothing imports do not matter yet.
    if !isConcerned { return CascadeReport() }
    lastID += 1
    var report = CascadeReport()
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
}
