// The files of a session: what a load begins with, where imports are found, what a watcher has to watch.

import Frontend
import Runtime
import Synchronization

extension Session {
  func begin(with program: ProgramFiles) {
    layout = program.layout
    entries = program.entries.map(\.path)
    project = program.projectFile.flatMap { WatchedProject($0) }
    texts = [:]
    for file in program.entries { texts[file.path] = file.text }
    wanted = Set(entries)
  }

  /// What a load begins with. An entry that is gone is empty.
  func entryTexts() -> [ModuleText] {
    entries.enumerated().map { i, path in
      // What is typed at a prompt belongs to the main module.
      let module = layout.module(of: i > 0 && path == Self.promptFile ? entries[0] : path)
      return ModuleText(path: path, text: texts[path] ?? [], module: module)
    }
  }

  /// The text of a module: as the session has it, else as it is on disk.
  func find(_ module: String) -> FoundModule {
    var found: [(path: String, text: [UInt8])] = []
    var missing: [String] = []
    for path in layout.paths(of: module) {
      if let text = texts[path] {
        found.append((path, text))
        continue
      }
      switch options.files.read(path) {
      case .success(let text): found.append((path, text))
      case .failure(.missing): missing.append(path)
      case .failure(let problem): return .unreadable(path: path, problem)
      }
    }
    if found.count > 1 { return .twice(found[0].path, found[1].path) }
    if let found = found.first { return .text(path: found.path, text: found.text) }
    let known = layout.roots.flatMap { options.files.list($0.directory) }.map { layout.module(of: $0) }
    return .missing(lookedFor: missing, near: closestName(to: module, among: known.filter { $0 != module }))
  }

  /// The texts of a program's own files.
  func currentTexts(_ program: Program) -> [(path: String, text: [UInt8])] {
    program.ownFiles.map { (program.source.store.path(of: $0), program.source.store.text(of: $0)) }
  }

  /// Makes `texts` tell of the program's files as they are.
  func refreshTexts(_ program: Program) {
    for (path, text) in currentTexts(program) { texts[path] = text }
  }

  /// Gives `program` the files that `fresh`, a sound program of the same texts, has imported in addition,
  /// and takes away those it no longer does. What that changes is noted as edits are.
  func followImports(_ program: Program, _ fresh: Program) {
    let paths = Set(fresh.ownFiles.map { fresh.source.store.path(of: $0) })
    for file in program.ownFiles where !paths.contains(program.source.store.path(of: file)) {
      let gone = program.source.store.remove(file)
      dirty.subtract(gone)
      removedItems += gone
    }
    for file in fresh.ownFiles {
      let path = fresh.source.store.path(of: file)
      guard program.source.store.file(at: path) == nil, let module = fresh.module(of: file) else { continue }
      let text = fresh.source.store.text(of: file)
      texts[path] = text
      let added = program.add(ModuleText(path: path, text: text, module: fresh.env.moduleName(module)))
      dirty.formUnion(program.source.store.items(of: added))
    }
  }

  /// Files whose changes matter, with their texts but for those in `known`; nil for those that were looked
  /// for in vain. Any thread. O(files), and the length of texts that are not known.
  public func watchedFiles(but known: Set<String> = []) -> [(path: String, text: [UInt8]?)] {
    compiling.withLock { _ in
      wanted.union(entries).union(project.map { [$0.path] } ?? []).filter { $0 != Self.promptFile }.sorted().map { path in
        if known.contains(path) { return (path, nil) }
        if let project, path == project.path { return (path, project.text) }
        if let store = world?.program.source, let file = store.store.file(at: path) { return (path, store.store.text(of: file)) }
        return (path, texts[path])
      }
    }
  }

  /// `module/name`.
  func qualified(_ name: String, item: ItemID, _ program: Program) -> String {
    if let module = program.module(of: item) { return program.env.moduleName(module) + "/" + name }
    return SourceLayout.withoutEnding(SourceLayout.name(of: program.source.store.path(of: program.source.store.file(of: item)))) + "/" + name
  }
}
