// The first part of a cascade: what the changed items define now, which definitions go on as they were under another text,
// which are new, which are gone, and where names lead elsewhere because of that.
//
// Invariant: a definition that leaves the text and comes back in the same batch, in the same form or in another, in the same
// file or in another of its module, is the same definition, and what it holds is kept.

import Frontend

extension Cascade {
  mutating func declare(_ items: [ItemID], _ removedItems: [ItemID]) {
    losesModule = Set(removedItems.compactMap { program.module(of: $0) }).contains { program.files(of: $0).isEmpty }
    var waiting = items.sorted { $0.raw < $1.raw }
    var goneItems = removedItems
    var isFirst = true
    waiting += returnedItems(removedItems)
    while isFirst || !waiting.isEmpty || !goneItems.isEmpty {
      isFirst = false
      let group = waiting
      let gone = goneItems
      waiting = []
      goneItems = []
      declareGroup(group, gone)
      // Imports may lead to files that were no part of the program, and away from some that were.
      loadModules(&waiting)
      if waiting.isEmpty { dropModules(&goneItems) }
    }
    bindImports()
    followNames()
  }

  /// What could not be entered, or not be expanded, is tried again.
  mutating func declareAgain() {
    let before = progress
    let calling = problems.expansions.keys.filter { program.source.store.hasForm($0) }
    for item in problems.items.keys.sorted(by: { $0.raw < $1.raw }) where program.source.store.hasForm(item) && !calling.contains(item) {
      if program.itemsWithCalls.contains(item) { declareExpanded(item, isRewritten: false) } else { declare(item) }
    }
    if !calling.isEmpty { expand(calling) }
    if progress != before { namesChanged() }
  }

  /// Behind `declare`, when that was not for the whole batch.
  private mutating func namesChanged() {
    bindImports()
    followNames()
  }

  /// The items of modules whose file is gone and that have another one now: what they define is what it was.
  private mutating func returnedItems(_ removedItems: [ItemID]) -> [ItemID] {
    var items: [ItemID] = []
    for module in Set(removedItems.compactMap { program.module(of: $0) }) where program.files(of: module).isEmpty {
      let name = env.moduleName(module)
      guard case .text(let path, let text) = find(name) else { continue }
      items += program.source.store.items(of: addFile(path, text, of: name))
    }
    return items.sorted { $0.raw < $1.raw }
  }

  private mutating func declareGroup(_ items: [ItemID], _ removedItems: [ItemID]) {
    let store = program.source
    var ordinary: [ItemID] = []
    var calling: [ItemID] = []
    var identities: [ItemID: [DefinitionIdentity]] = [:]
    for item in items {
      noteProblems(of: item)
      noteImports(of: item)
      guard let location = store.forms(of: item) else { continue }
      program.checker.enter(location)
      identities[item] = program.checker.identities(in: location.root)
      store.recycle(location)
      if program.itemsWithCalls.contains(item) { calling.append(item) } else { ordinary.append(item) }
    }
    for item in removedItems { noteImports(of: item) }
    // What has left its item; a macro may still make it.
    var gone: [String: [DefID]] = [:]
    func key(_ def: DefID) -> String { program.qualifiedKey(of: def) + (env[def].isTest ? " test" : "") }
    var claimed: Set<String> = []
    for item in ordinary {
      guard let module = program.module(of: item) else { continue }
      for found in identities[item] ?? [] { claimed.insert(env.moduleName(module) + "/" + found.key + (found.isTest ? " test" : "")) }
    }
    for item in items + removedItems {
      let present = Set(identities[item] ?? [])
      let isCalling = calling.contains(item)
      for def in program.definitions(of: item) {
        let identity = program.identity(of: def)
        if present.contains(identity) && !isCalling { continue }
        if isCalling, !claimed.contains(key(def)) { continue }
        gone[key(def), default: []].append(def)
      }
      // Images are taken before anything changes.
      for def in program.definitions(of: item) where images[def] == nil {
        program.touch(def)
        images[def] = env.image(of: def)
      }
    }
    let overtaken = overtaken(by: ordinary, identities, removedItems)
    for def in overtaken {
      for neighbour in program.definitions(of: env[def].item) where images[neighbour] == nil {
        program.touch(neighbour)
        images[neighbour] = env.image(of: neighbour)
      }
      gone[key(def), default: []].append(def)
    }
    let behind = Set(overtaken.map { env[$0].item }).subtracting(items).sorted { $0.raw < $1.raw }
    adopt(ordinary, identities, &gone)
    for def in gone.values.joined().sorted(by: { $0.raw < $1.raw }) { remove(def) }
    for item in items where identities[item] == nil {
      for def in program.definitions(of: item) where !removed.contains(def) { remove(def) }
    }
    for item in ordinary + behind { declare(item) }
    // Items whose text calls macros now.
    for item in ordinary where program.itemsWithCalls.contains(item) { calling.append(item) }
    if !calling.isEmpty { expand(calling) }
  }

  /// Of several definitions of a name the first in the text counts, as at a start: what was there and stands behind a new one gives
  /// way to it, and is the one that is told to be there twice.
  private func overtaken(by items: [ItemID], _ identities: [ItemID: [DefinitionIdentity]], _ removedItems: [ItemID]) -> [DefID] {
    var found: [DefID] = []
    for item in items {
      guard let module = program.module(of: item) else { continue }
      let own = Set(program.definitions(of: item).map { program.identity(of: $0) })
      for identity in identities[item] ?? [] where !own.contains(identity) {
        switch identity.kind {
        case .trait, .implementation, .method, .migration: continue
        default: break
        }
        guard identity.owner.isEmpty, !identity.key.contains("/"), !identity.isTest, let def = program.definition(named: identity.key, in: module),
          env[def].module == module, env[def].parent == .none, !found.contains(def)
        else { continue }
        let other = env[def].item
        if other == item || removedItems.contains(other) || program.itemsWithCalls.contains(other) { continue }
        if let present = identities[other], !present.contains(program.identity(of: def)) { continue }
        let file = program.source.store.file(of: item)
        guard program.source.store.file(of: other) == file else { continue }
        let order = program.source.store.items(of: file)
        guard let first = order.firstIndex(of: item), let second = order.firstIndex(of: other), first < second else { continue }
        found.append(def)
      }
    }
    return found
  }

  /// Those of reading an item, and what the checker has found since.
  private mutating func noteProblems(of item: ItemID) {
    let found = program.source.store.problems(of: item) + program.checker.takeOwnProblems()
    // A name that could not be entered, since another definition had it still, may be what an import misses.
    if found.isEmpty, problems.items[item] != nil { progress += 1 }
    problems.items[item] = found.isEmpty ? nil : found
  }

  /// Definitions that have gone elsewhere go on there.
  private func adopt(_ items: [ItemID], _ identities: [ItemID: [DefinitionIdentity]], _ gone: inout [String: [DefID]]) {
    if gone.isEmpty { return }
    for item in items {
      guard let module = program.module(of: item) else { continue }
      let own = Set(program.definitions(of: item).map { program.identity(of: $0) })
      var returned: [DefID] = []
      for identity in identities[item] ?? [] where !own.contains(identity) {
        let key = env.moduleName(module) + "/" + identity.key + (identity.isTest ? " test" : "")
        guard let index = gone[key]?.firstIndex(where: { program.identity(of: $0) == identity }) else { continue }
        returned.append(gone[key]!.remove(at: index))
      }
      if !returned.isEmpty { program.move(returned, to: item) }
    }
  }

  private mutating func remove(_ def: DefID) {
    // What relies on it has to do without.
    follow(def, headersToo: true)
    switch env[def].kind {
    case .implementation: followDerived(def)
    // What was made of it is stale: no code knows it any more.
    case .structure, .record, .enumeration: layouts.insert(def)
    default: break
    }
    removed.append(def)
    progress += 1
    problems.headers[def] = nil
    if def == program.main { touchesMain = true }
    if program.isBehindMacros(def) { changed.insert(def) }
    program.touch(def)
    if isFunction(def) { reliedBefore[def] = program.dependencies.body(of: def) }
    program.forget(def)
    bodies.remove(def)
    headers.remove(def)
  }

  /// Enters what an item defines; compares with what it defined.
  /// `isRewritten`: a macro writes it, and writes it otherwise than before, under the same text.
  private mutating func declare(_ item: ItemID, isRewritten: Bool = false) {
    guard let module = program.module(of: item) else { return }
    let before = program.definitions(of: item)
    for def in before { program.touch(def) }
    let starts = before.map { (def: $0, start: program.formStart[Int($0.raw)]) }
    let members = before.map { (def: $0, members: env.members(of: $0)) }.filter { !$0.members.isEmpty }
    takeProblems()
    let new = program.declare(item, module)
    noteProblems(of: item)
    progress += new.count
    for (def, start) in starts { program.formStart[Int(def.raw)] = start }
    guard let location = program.source.forms(of: item) else { return }
    defer { program.source.recycle(location) }
    // Others, or in another order: the form around them may be what it was.
    for (def, old) in members where env.members(of: def) != old { headers.insert(def) }
    for def in program.definitions(of: item) {
      program.checker.enter(location)
      if new.contains(def) {
        added.append(def)
        changed.insert(def)
        headers.insert(def)
        images[def] = HeaderImage(absent: env[def].kind)
        if isFunction(def) || env[def].kind == .function || env[def].kind == .method { bodies.insert(def) }
        switch env[def].kind {
        case .constant, .variable, .macro, .migration: bodies.insert(def)
        default: break
        }
        touchesMain = touchesMain || isNamedMain(def)
        continue
      }
      let hash = program.hashOfForm(def, location)
      program.checker.enter(location)
      let start = program.checker.formOffset(of: def, location.root)
      let isMoved = start != program.formStart[Int(def.raw)]
      if hash != program.formHash[Int(def.raw)] || isRewritten {
        changed.insert(def)
        touchesMain = touchesMain || def == program.main
        noteChange(of: def, item, location)
        if isRewritten { headers.insert(def) }
        program.formHash[Int(def.raw)] = hash
      } else if isMoved {
        // Positions in its code are counted from where the item begins; those of defaults too.
        if isFunction(def) || !program.defaultIndices(of: def).isEmpty { bodies.insert(def) }
      }
      if let image = images[def], image.isPrivate != env[def].isPrivate {
        follow(def, headersToo: true)
        touchesPrivacy = true
      }
      program.formStart[Int(def.raw)] = start
    }
  }

  private mutating func noteChange(of def: DefID, _ item: ItemID, _ location: FormLocation) {
    switch env[def].kind {
    case .function, .method:
      if !program.headerIsUnchanged(def, item, location) {
        headers.insert(def)
        // Noted again with its body, if it has one.
        program.bodyStart[Int(def.raw)] = Int.max
      }
      bodies.insert(def)
    case .macro, .constant, .variable, .migration:
      headers.insert(def)
      bodies.insert(def)
    default: headers.insert(def)
    }
  }

  private func isNamedMain(_ def: DefID) -> Bool {
    env[def].kind == .function && env[def].parent == .none && env[def].module == program.mainModule && env.name(def) == "main"
  }

  // MARK: Items that macros write

  /// Expands the items that call macros at top level, in any order: what one makes may be what another needs.
  private mutating func expand(_ items: [ItemID]) {
    let start = microseconds()
    defer { expandMicros += microseconds() - start }
    program.resetMacros()
    // What macros run must be what the text says now.
    takeProblems()
    for def in headers where !removed.contains(def) { rework(def) }
    var open = items.sorted { $0.raw < $1.raw }
    for item in open {
      program.source.forgetExpansion(of: item)
      problems.expansions[item] = nil
    }
    var isLast = false
    bindImports()
    while !open.isEmpty {
      var left: [ItemID] = []
      var hasProgress = false
      for item in open {
        guard let module = program.module(of: item) else { continue }
        guard let location = program.source.forms(of: item) else { continue }
        let (root, isOpen) = program.checker.expandItem(item, at: location, module: module, isLast: isLast)
        let found = program.checker.takeOwnProblems()
        takeHeaderProblems()
        if isLast, !found.isEmpty { problems.expansions[item] = found }
        guard let root else {
          program.source.recycle(location)
          if isOpen, !isLast { left.append(item) } else { declareExpanded(item, isRewritten: false) }
          continue
        }
        hasProgress = true
        let hash = program.checker.hashOfExpansions(at: location)
        program.source.keep(location, root: root, for: item)
        let old = program.itemExpansions[item]
        program.itemExpansions[item] = ItemExpansion(location, hash: hash)
        expanded += location.forms.expansions.count
        if old?.hash == hash { shortCircuited += location.forms.expansions.count }
        declareExpanded(item, isRewritten: old != nil && old?.hash != hash)
        if isOpen { left.append(item) }
      }
      if isLast { break }
      if hasProgress { program.macros.retry() } else { isLast = true }
      open = left
    }
  }

  /// As for an ordinary item, once its form is known.
  private mutating func declareExpanded(_ item: ItemID, isRewritten: Bool) {
    guard let location = program.source.forms(of: item) else { return }
    program.checker.enter(location)
    let present = Set(program.checker.identities(in: location.root))
    program.source.recycle(location)
    for def in program.definitions(of: item) {
      let identity = program.identity(of: def)
      if !present.contains(identity) { remove(def) }
    }
    declare(item, isRewritten: isRewritten)
  }

  /// Items written by a macro that changed, as they are written now.
  mutating func expandAgain(_ macros: Set<DefID>) {
    let items = program.itemsWithCalls.filter { item in
      program.source.store.hasForm(item)
        && (calling.contains(item) || program.itemExpansions[item].map { !$0.macros.isDisjoint(with: macros) } == true)
    }
    calling = []
    if items.isEmpty { return }
    for item in items {
      for def in program.definitions(of: item) where images[def] == nil {
        program.touch(def)
        images[def] = env.image(of: def)
      }
    }
    let before = progress
    expand(Array(items))
    if progress != before { namesChanged() }
  }

  // MARK: Imports

  private mutating func noteImports(of item: ItemID) {
    guard let module = program.module(of: item) else { return }
    let hadImports = env.hasImports(of: module, in: item)
    if importsBefore[module] == nil, hadImports || holdsImports(item) { importsBefore[module] = program.importedNames(of: module) }
    if hadImports { env.removeImports(of: module, in: item) }
  }

  private func holdsImports(_ item: ItemID) -> Bool {
    guard let location = program.source.forms(of: item) else { return false }
    defer { program.source.recycle(location) }
    program.checker.enter(location)
    return program.checker.holdsImports(location.root)
  }

  /// Adds the files that imports lead to and the program does not have: those of imports that changed, and those that
  /// others miss because a module's file went away.
  private mutating func loadModules(_ waiting: inout [ItemID]) {
    var loaded = Set(program.ownFiles.compactMap { program.module(of: $0) })
    func isMissing(_ found: Import) -> Bool { env.module(named: found.module).map { !loaded.contains($0) } ?? true }
    let importers = env.allModules.filter { importsBefore[$0] != nil || loaded.contains($0) }
    for module in importers {
      for found in env[module].imports where isMissing(found) {
        let name = env.interner.name(found.module)
        switch find(name) {
        case .text(let path, let text):
          let file = addFile(path, text, of: name)
          if let target = program.module(of: file) {
            loaded.insert(target)
            importsBefore[target] = importsBefore[target] ?? [:]
          }
          waiting += program.source.store.items(of: file)
        case let failure:
          program.noteWanted(failure)
          // Each round looks again at what is still missing.
          if !problems.modules.contains(where: { $0.place == found.place }) { problems.modules.append(program.problem(found, failure)) }
        }
      }
    }
  }

  private func addFile(_ path: String, _ text: [UInt8], of module: String) -> FileID {
    let file = program.add(ModuleText(path: path, text: text, module: module))
    program.change?.newFiles.append(file)
    return file
  }

  /// Files of modules that the main module no longer leads to.
  private mutating func dropModules(_ gone: inout [ItemID]) {
    if importsBefore.isEmpty { return }
    let files = program.ownFiles
    var reached: Set<ModuleID> = [program.mainModule]
    var pending = [program.mainModule]
    while let module = pending.popLast() {
      for found in env[module].imports {
        if let target = env.module(named: found.module), reached.insert(target).inserted { pending.append(target) }
      }
    }
    for file in files where program.module(of: file).map({ !reached.contains($0) }) == true && !unreachable.contains(file) {
      unreachable.append(file)
      gone += program.source.store.items(of: file)
      if let module = program.module(of: file) { importsBefore[module] = nil }
    }
  }

  private mutating func bindImports() {
    let hasNames = bringsNames || env.bringsNames
    guard !importsBefore.isEmpty || losesModule || hasNames && (env.hasChangedNames || touchesPrivacy) else { return }
    takeProblems()
    let loaded = Set(program.ownFiles.filter { !unreachable.contains($0) }.compactMap { program.module(of: $0) })
    program.checker.bindImports { loaded.contains($0) }
    problems.imports = program.checker.takeOwnProblems()
  }

  // MARK: Names

  /// Texts in which a name leads elsewhere although they are as they were: it was one of the prelude's and the module defines it
  /// now, or imports it from another module. They are found by their text, in the modules concerned.
  private mutating func followNames() {
    var names: [ModuleID: Set<String>] = [:]
    for (module, name) in env.namesBoundByChange where program.isPreludeName(name) {
      names[module, default: []].insert(env.interner.name(name))
    }
    for (module, before) in importsBefore {
      let after = program.importedNames(of: module)
      for name in Set(before.keys).union(after.keys) where before[name] != after[name] {
        // A name that is only added was an error before.
        if before[name] == nil, !name.hasSuffix("/"), !program.isPreludeName(env.interner.intern(name)) { continue }
        if before[name] == nil, name.hasSuffix("/") { continue }
        names[module, default: []].insert(name)
      }
    }
    for (module, found) in names { markItems(of: module, naming: found) }
  }

  private mutating func markItems(of module: ModuleID, naming names: Set<String>) {
    for file in program.files(of: module) where !unreachable.contains(file) {
      for item in program.source.store.items(of: file) where program.source.store.hasForm(item) {
        let text = program.source.store.text(of: item)
        guard names.contains(where: { text.contains(name: Array($0.utf8)) }) else { continue }
        if program.itemsWithCalls.contains(item) { calling.insert(item) }
        for def in program.definitions(of: item) where !added.contains(def) {
          program.touch(def)
          headers.insert(def)
          if env[def].kind == .macro { for user in program.dependencies.users(of: def, env).bodies { bodies.insert(user) } }
          switch env[def].kind {
          case .function, .method, .constant, .variable, .macro, .migration: bodies.insert(def)
          default: break
          }
        }
      }
    }
  }
}

extension [UInt8] {
  /// Whether `name` stands in the text, as a name of its own or in front of a slash or behind one.
  func contains(name: [UInt8]) -> Bool {
    guard let first = name.first, count >= name.count else { return false }
    var i = 0
    while i + name.count <= count {
      if self[i] == first, self[i..<i + name.count].elementsEqual(name) { return true }
      i += 1
    }
    return false
  }
}
