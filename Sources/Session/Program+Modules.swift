// Loading: a program begins with some files and grows by what those import.
//
//   entries ─► read, declare ─► imports ─► `find` ─► read, declare … ─► bind imports ─► headers
//
// Invariant: a module has one file, but for the main one, to which a prompt adds its own.

import Frontend
import Runtime

/// A file to be read in, and its module.
package struct ModuleText {
  package var path: String
  package var text: [UInt8]
  package var module: String

  package init(path: String, text: [UInt8], module: String) {
    self.path = path
    self.text = text
    self.module = module
  }
}

/// What became of looking for a module's file.
package enum FoundModule {
  case text(path: String, text: [UInt8])
  case missing(lookedFor: [String], near: String?)
  case unreadable(path: String, FileProblem)
  case twice(String, String)
}

extension Program {
  // MARK: Files and modules

  func module(of file: FileID) -> ModuleID? { Int(file.raw) < modules.count ? modules[Int(file.raw)] : nil }
  func module(of item: ItemID) -> ModuleID? { module(of: source.store.file(of: item)) }

  func files(of module: ModuleID) -> [FileID] { source.store.allFiles.filter { self.module(of: $0) == module } }

  /// The program's files, without the prelude and what is only being evaluated.
  var ownFiles: [FileID] { source.store.allFiles.filter { file in module(of: file).map { $0 != .prelude } ?? false } }

  /// Adds a file to the program; nothing of it is declared yet.
  func add(_ entry: ModuleText) -> FileID {
    let file = source.add(path: entry.path, text: entry.text)
    while modules.count <= Int(file.raw) { modules.append(nil) }
    modules[Int(file.raw)] = env.addModule(named: entry.module)
    wanted.insert(entry.path)
    return file
  }

  // MARK: Loading

  /// Reads and declares files, the first of them of the main module, and what they import; then works out
  /// all headers. Problems are collected, not thrown.
  package func load(_ entries: [ModuleText], find: (_ module: String) -> FoundModule) -> [Diagnostic] {
    var problems: [Diagnostic] = []
    var made: [DefID] = []
    var queue = entries
    var failures: [ModuleID: FoundModule] = [:]
    var known = Set(entries.map { env.addModule(named: $0.module) })
    if let first = entries.first { mainModule = env.addModule(named: first.module) }
    var next = 0
    while next < queue.count {
      let start = microseconds()
      let file = add(queue[next])
      let read = microseconds()
      phases.read += read - start
      for byte in queue[next].text where byte == UInt8(ascii: "\n") { phases.lines += 1 }
      next += 1
      let module = module(of: file) ?? mainModule
      problems += source.store.problems(of: file)
      for item in source.store.items(of: file) { made += declare(item, module) }
      phases.declare += microseconds() - read
      for found in env[module].imports {
        let name = env.interner.name(found.module)
        guard known.insert(env.addModule(named: name)).inserted else { continue }
        switch find(name) {
        case .text(let path, let text): queue.append(ModuleText(path: path, text: text, module: name))
        case let failure:
          failures[env.addModule(named: name)] = failure
          noteWanted(failure)
        }
      }
    }
    for module in env.allModules {
      for found in env[module].imports {
        if let target = env.module(named: found.module), let failure = failures[target], target != module {
          problems.append(problem(found, failure))
        }
      }
    }
    let start = microseconds()
    defer { phases.headers += microseconds() - start }
    problems += checker.takeProblems()
    bindImports()
    if !itemsWithCalls.isEmpty {
      // What an import misses may be what a macro makes; they are bound again.
      _ = checker.takeProblems()
      problems += expandItems(&made)
      bindImports()
    }
    checker.resolveImplementations()
    problems += checker.takeProblems()
    // Values of imported modules come first, so that they are initialised first where nothing else decides.
    let rank = importOrder()
    let order = made.indices.sorted { a, b in
      let (x, y) = (rank[Int(env[made[a]].module.raw)], rank[Int(env[made[b]].module.raw)])
      return x != y ? x < y : a < b
    }
    for i in order {
      _ = checker.resolve(made[i])
      register(made[i])
    }
    return problems + checker.takeProblems()
  }

  /// Notes the files that would mend a failure to find a module.
  func noteWanted(_ failure: FoundModule) {
    switch failure {
    case .missing(let paths, _): wanted.formUnion(paths)
    case .unreadable(let path, _): wanted.insert(path)
    case .twice(let one, let other): wanted.formUnion([one, other])
    case .text: break
    }
  }

  func problem(_ found: Import, _ failure: FoundModule) -> Diagnostic {
    let name = env.interner.name(found.module)
    switch failure {
    case .missing(let paths, let near):
      let places = paths.map { "`\($0)`" }.joined(separator: " and ")
      return Diagnostic(
        .unknownModule, "there is no module `\(name)`", at: found.place, label: "looked for \(places)",
        help: near.map { "did you mean `\($0)`?" } ?? "a module's name is its file's place: make that file, or mend the name")
    case .unreadable(let path, let problem):
      return Diagnostic(
        .cannotReadFile, "cannot read `\(path)`: \(problem.words)", at: found.place, label: "module `\(name)` is that file")
    case .twice(let one, let other):
      return Diagnostic(
        .badModuleFile, "two files are module `\(name)`: `\(one)` and `\(other)`", at: found.place, help: "rename one of them")
    case .text: return Diagnostic(.unknownModule, "there is no module `\(name)`", at: found.place)
    }
  }

  func bindImports() {
    let loaded = Set(ownFiles.compactMap { module(of: $0) })
    checker.bindImports { loaded.contains($0) }
  }

  /// For each module its place in an order where a module comes behind those it imports; cycles are entered
  /// where they are first met. O(imports).
  func importOrder() -> [Int] {
    var rank = Array(repeating: -1, count: env.allModules.count + 1)
    var isSeen = Array(repeating: false, count: rank.count)
    var count = 0
    for root in [mainModule] + env.allModules where !isSeen[Int(root.raw)] {
      isSeen[Int(root.raw)] = true
      var path: [(module: ModuleID, next: Int)] = [(root, 0)]
      while let top = path.last {
        let imports = env[top.module].imports
        if top.next == imports.count {
          rank[Int(top.module.raw)] = count
          count += 1
          path.removeLast()
          continue
        }
        path[path.count - 1].next += 1
        guard let target = env.module(named: imports[top.next].module), !isSeen[Int(target.raw)] else { continue }
        isSeen[Int(target.raw)] = true
        path.append((target, 0))
      }
    }
    return rank
  }

  // MARK: Edits of imports

  /// What imports make of names in a module: aliases with a slash behind, and names of `:only`, each with
  /// the module it leads to.
  func importedNames(of module: ModuleID) -> [String: String] {
    var names: [String: String] = [:]
    for found in env[module].imports {
      let target = env.interner.name(found.module)
      let alias = env.interner.name(found.alias)
      if let bound = env.alias(found.alias, in: module) { names[alias + "/"] = env.moduleName(bound) }
      for (name, _) in found.names ?? [] { names[env.interner.name(name)] = target }
    }
    return names
  }

  /// Whether a name means something without the program.
  func isPreludeName(_ name: Symbol) -> Bool {
    env.value(name, in: .prelude) != nil || env.typeName(name, in: .prelude) != nil || env.isSpecialForm(name)
  }
}
