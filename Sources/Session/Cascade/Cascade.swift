// What an edit does to the program. From the items that changed to the definitions that have to be checked and compiled
// again, and no others:
//
//   items ─► declare ─► names, imports ─► headers ─┬─ same as before: stop
//                                                  └─ others: who relies on them? ─► headers, bodies
//   macros ─► expansions made again ─┬─ structurally equal: stop
//                                    └─ others ─► bodies
//   layouts ─► types that contain them ─► whose values are used where? ─► bodies
//   bodies ─► checked, lowered
//
// Everything happens in the one `Program`, inside a change that is undone when there is an error anywhere.
//
// Invariant: what is not reached by an edge from something that changed is as it would be after a fresh start. Cost: the items
// that changed, and what is reached from them; nothing walks the program.

import Frontend
import Lowering

struct Cascade {
  let program: Program
  let find: (_ module: String) -> FoundModule
  var env: Environment { program.env }

  var problems = CascadeProblems()
  /// Definitions whose own text is another, new ones among them.
  var changed: Set<DefID> = []
  var added: [DefID] = []
  var removed: [DefID] = []
  /// Headers to be worked out again, and as they were before the edit.
  var headers: Set<DefID> = []
  var images: [DefID: HeaderImage] = [:]
  /// What the bodies of removed definitions relied on.
  var reliedBefore: [DefID: [DefID]] = [:]
  /// The same, as they were last worked out.
  private var latest: [DefID: HeaderImage] = [:]
  /// Those that have errors, as they were last worked out.
  private var failed: Set<DefID> = []
  /// Values whose types were found to depend on each other. One of them alone would be inferred from what is said of the others, so
  /// they are worked out together.
  private var cyclic: Set<DefID> = []
  /// Counts what came out otherwise than before: what failed may then find what it missed.
  var progress = 0
  /// Definitions to be checked again.
  var bodies: Set<DefID> = []
  /// Bodies that call a macro which changed; they are checked when they expand to something else.
  var expanding: Set<DefID> = []
  /// Functions and values with another calling convention or type.
  var retired: [DefID] = []
  /// Types whose fields, cases or operations changed.
  var layouts: Set<DefID> = []
  /// Those of them with other operations.
  var derived: Set<DefID> = []
  /// Types whose layout is another, because of those.
  var relaid: [DefID] = []
  /// Values of earlier layouts become new ones, so hooks are checked with the fields that those have.
  var migrates = false
  /// Files that nothing imports any more.
  var unreachable: [FileID] = []
  /// New definitions that the program's lists have.
  private var registered: Set<DefID> = []
  private var followedMacros: Set<DefID> = []
  /// Items whose calls at top level may be of other macros.
  var calling: Set<ItemID> = []
  /// Expansions made again, those of them that came out as before, and the time that took.
  var expanded = 0
  var shortCircuited = 0
  var expandMicros = 0.0
  /// Modules whose imports changed, with what names meant before.
  var importsBefore: [ModuleID: [String: String]] = [:]
  /// Some module brings in names by `:only`.
  var bringsNames: Bool
  /// Who may name something has changed.
  var touchesPrivacy = false
  /// A module has no file any more.
  var losesModule = false
  /// `main` came, went or has another text.
  var touchesMain = false

  init(_ program: Program, find: @escaping (_ module: String) -> FoundModule) {
    self.program = program
    self.find = find
    bringsNames = program.env.bringsNames
  }

  var isSound: Bool { problems.isSound }

  /// Works out everything up to the bodies, in the program's open change. Errors end nothing: what else is wrong is told with
  /// them, as a fresh start does.
  mutating func plan(_ items: [ItemID], removedItems: [ItemID]) {
    declare(items, removedItems)
    var seen = progress
    // Macros that write definitions may lead to further headers, and those to further macros.
    for _ in 0..<32 {
      workOutHeaders()
      for def in added where !registered.contains(def) {
        registered.insert(def)
        program.register(def)
      }
      followMacros()
      if !headers.isEmpty { continue }
      if progress == seen { break }
      // What failed did so against what was known then.
      seen = progress
      headers = failed.union(latest.keys.filter { hasOpenType($0) }).subtracting(removed)
      declareAgain()
      if headers.isEmpty { break }
    }
    noteRetired()
    if !unreachable.isEmpty { problems.drop { unreachable.contains(program.source.store.file(of: $0.item)) } }
    if isSound { followLayouts() }
  }

  /// Problems of headers go to these, all others to the bodies.
  mutating func takeProblems() {
    takeHeaderProblems()
    problems.add(program.checker.takeOwnProblems())
  }

  mutating func takeHeaderProblems() {
    for (def, problem) in program.checker.takeHeaderProblems() { problems.headers[def, default: []].append(problem) }
  }

  // MARK: Who is concerned

  /// Everything that relies on `def` is to be looked at: it has changed in a way that shows.
  mutating func follow(_ def: DefID, headersToo: Bool) {
    let users = program.dependencies.users(of: def, env)
    for user in users.bodies { bodies.insert(user) }
    if headersToo { for user in users.headers { headers.insert(user) } }
  }

  // MARK: Headers

  /// Works out all headers concerned, in rounds: those that come out otherwise concern more.
  private mutating func workOutHeaders() {
    var rounds = 0
    while !headers.isEmpty, rounds < 64 {
      rounds += 1
      var group = headers.subtracting(removed)
      headers = []
      if !group.isDisjoint(with: cyclic) { group.formUnion(cyclic.subtracting(removed)) }
      // Members go with the form around them.
      for def in group where env[def].kind == .trait || env[def].kind == .implementation {
        for member in env[def].members { group.insert(env.members[member]) }
      }
      let ordered = group.sorted { $0.raw < $1.raw }
      takeHeaderProblems()
      for def in ordered { rework(def) }
      program.checker.resolveImplementations()
      for def in ordered {
        _ = program.checker.resolve(def)
        program.dependencies.noteHeader(def, env.headerUses(of: def))
      }
      takeHeaderProblems()
      if ordered.contains(where: { problems.headers[$0]?.contains { $0.code == .cyclicInitialiser } == true }) {
        cyclic.formUnion(ordered.filter { env[$0].kind == .constant || env[$0].kind == .variable })
      }
      for def in ordered { compareHeader(def) }
    }
  }

  /// Has a header worked out anew; what was said of it is void.
  mutating func rework(_ def: DefID) {
    if images[def] == nil { images[def] = env.image(of: def) }
    if latest[def] == nil { latest[def] = images[def] }
    program.touch(def)
    program.checker.rework(def)
    if env[def].kind == .migration { program.checker.setEarlierFields(of: def, firstChoice(def)) }
    problems.headers[def] = nil
  }

  private mutating func compareHeader(_ def: DefID) {
    guard let before = latest[def] else { return }
    let after = env.image(of: def)
    // Once more only if this changes again.
    latest[def] = after
    let isFailed = env[def].state == .failed
    let wasFailed = isFailed ? failed.insert(def).inserted == false : failed.remove(def) != nil
    if before != after || isFailed != wasFailed { progress += 1 }
    // Whatever is made of it has errors too, or has them no more.
    if isFailed != wasFailed { follow(def, headersToo: true) }
    if env[def].kind == .macro || program.defaultIndices(of: def).isEmpty == false { bodies.insert(def) }
    if before == after { return }
    if added.contains(def) {
      // Nothing relied on it, but an `impl` may take the place of what a type has by its structure.
      if env[def].kind == .implementation { followDerived(def) }
      if program.lowering.hasLaidOut(def) { followReturn(of: def) }
      return
    }
    let kind = env[def].kind
    switch kind {
    case .function, .method:
      if before.differsOnlyInPrivacy(from: after) {
        follow(def, headersToo: true)
      } else {
        follow(def, headersToo: true)
        bodies.insert(def)
        // What an `impl` promises its trait.
        let parent = env[def].parent
        if kind == .method, parent != .none { for user in program.dependencies.users(of: parent, env).headers { headers.insert(user) } }
      }
    case .constant, .variable:
      follow(def, headersToo: true)
      bodies.insert(def)
    case .structure, .record, .enumeration:
      if !before.differsOnlyInPrivacy(from: after) {
        layouts.insert(def)
        if migrates, kind != .enumeration { env.keepEarlierFields(of: def) }
      }
      followType(def, hasOtherParameters: before.parameterCount != after.parameterCount)
    case .implementation:
      follow(def, headersToo: true)
      for member in env[def].members { bodies.insert(env.members[member]) }
      followDerived(def)
    case .alias, .trait, .macro: follow(def, headersToo: true)
    case .migration: bodies.insert(def)
    case .intrinsic, .primitive: break
    }
  }

  /// A type that was deleted is there again: values of then may be alive, and are as good as new ones if its layout is one it had.
  private mutating func followReturn(of def: DefID) {
    layouts.insert(def)
    if migrates, env[def].kind != .enumeration, program.lowering.checkedTypes.contains(def) { env.keepEarlierFields(of: def) }
  }

  /// Whether a type in the header could not be worked out, for a reason that was told of something else.
  private func hasOpenType(_ def: DefID) -> Bool {
    func isOpen(_ type: TypeID) -> Bool {
      type == .error || (0..<env.types.count(type)).contains { isOpen(env.types.argument(type, $0)) }
    }
    guard let image = latest[def] else { return false }
    return image.allTypes.contains { $0 != .none && isOpen($0) }
  }

  /// Functions and values whose headers are others than before the edit, in what code relies on.
  private mutating func noteRetired() {
    let gone = Set(removed), new = Set(added)
    for (def, before) in images where !gone.contains(def) && !new.contains(def) {
      let after = env.image(of: def)
      if before == after || before.differsOnlyInPrivacy(from: after) { continue }
      switch env[def].kind {
      // A method without its default has no code of its own any more.
      case .function, .method: if !before.hasSameConvention(as: after) || env[def].kind == .method && !env[def].hasBody { retired.append(def) }
      case .constant, .variable: if !before.hasSameConvention(as: after) { retired.append(def) }
      default: break
      }
    }
    retired.sort { $0.raw < $1.raw }
  }

  /// A type with other fields or cases: its users, and the users of what contains it, since what such values can do (be equal,
  /// be shown, be hashed) follows from their parts.
  private mutating func followType(_ def: DefID, hasOtherParameters: Bool) {
    var seen: Set<DefID> = [def]
    var pending = [def]
    while let next = pending.popLast() {
      let users = program.dependencies.users(of: next, env)
      for user in users.bodies { bodies.insert(user) }
      for user in users.headers {
        if hasOtherParameters, next == def { headers.insert(user) }
        switch env[user].kind {
        case .structure, .record, .enumeration: if seen.insert(user).inserted { pending.append(user) }
        case .alias, .trait, .implementation: if next == def, hasOtherParameters { headers.insert(user) }
        // Their types may be inferred from how a value is made.
        case .constant, .variable: headers.insert(user)
        case .migration:
          headers.insert(user)
          bodies.insert(user)
        default: break
        }
      }
    }
  }

  /// An `impl` of `Eq`, `Ord`, `Hash` or `Show` came, went or changed: code that compares, hashes or shows values of the type,
  /// or of what contains it, was made with the operation there was.
  mutating func followDerived(_ implementation: DefID) {
    guard let type = program.derivedSubject(implementation) else { return }
    layouts.insert(type)
    derived.insert(type)
    followType(type, hasOtherParameters: false)
  }

  // MARK: Macros

  private mutating func followMacros() {
    if program.macroDefinitions.isEmpty && removed.allSatisfy({ env[$0].kind != .macro }) { return }
    let suspects = changed.union(bodies).union(images.keys)
    let affected = Set(program.macros(running: suspects)).subtracting(followedMacros)
    followedMacros.formUnion(affected)
    let gone = Set(removed.filter { env[$0].kind == .macro }).subtracting(followedMacros)
    followedMacros.formUnion(gone)
    if affected.isEmpty, gone.isEmpty, calling.isEmpty, !suspects.contains(where: { program.isBehindMacros($0) }) { return }
    let start = microseconds()
    program.resetMacros()
    for macro in affected.sorted(by: { $0.raw < $1.raw }) {
      bodies.insert(macro)
      for user in program.dependencies.users(of: macro, env).bodies where !bodies.contains(user) { expanding.insert(user) }
    }
    expandAgain(affected.union(gone))
    for user in expanding.sorted(by: { $0.raw < $1.raw }) where !bodies.contains(user) {
      guard let record = program.expansionRecords[user], let location = program.source.forms(of: env[user].item) else {
        bodies.insert(user)
        continue
      }
      let answer = program.checker.replay(record, of: user, at: location)
      program.source.recycle(location)
      expanded += answer.expanded
      shortCircuited += answer.isSame ? record.count : answer.equal
      if !answer.isSame { bodies.insert(user) }
    }
    expandMicros += microseconds() - start
  }

  // MARK: Layouts

  private mutating func followLayouts() {
    if layouts.isEmpty { return }
    relaid = program.lowering.layoutDependents(of: layouts.sorted { $0.raw < $1.raw })
    for def in relaid { for user in program.dependencies.users(of: def, env).bodies { bodies.insert(user) } }
  }

  // MARK: Bodies

  /// The functions whose bodies are to be compiled, in the order of their numbers.
  var functions: [DefID] {
    let gone = Set(removed)
    return bodies.filter { isFunction($0) && !gone.contains($0) }.sorted { $0.raw < $1.raw }
  }

  func isFunction(_ def: DefID) -> Bool { program.hasBody(def) }

  /// The definitions that the present code of a function was made with, of one that is removed too: its layouts are those of
  /// the types among them. To be asked before bodies are checked again.
  func reliances(of def: DefID) -> [DefID]? {
    guard isFunction(def) || reliedBefore[def] != nil else { return nil }
    let body = reliedBefore[def] ?? program.dependencies.body(of: def)
    return body + (images[def] ?? env.image(of: def)).allTypes.flatMap { program.lowering.definitions(in: $0) }
  }

  /// The functions of the cascade whose present code relies on a layout that may be another. To be asked behind `plan`.
  var layoutUsers: [DefID] {
    let relaid = Set(relaid)
    return (functions + removed.filter { isFunction($0) }).filter { def in reliances(of: def).map { !relaid.isDisjoint(with: $0) } ?? true }
  }

  /// Checks everything that is concerned, and lowers it as long as there is no error.
  mutating func compile() {
    let lowering = program.lowering
    // Closures made by code whose text is what it was run that code as it is compiled now.
    lowering.keepsLambdas = true
    for def in removed + retired { lowering.retire(def, relied: reliances(of: def)) }
    let gone = Set(removed)
    for def in bodies.sorted(by: { $0.raw < $1.raw }) where !gone.contains(def) && env[def].state == .resolved {
      program.touch(def)
      switch env[def].kind {
      case .function, .method:
        guard isFunction(def) else { break }
        if program.checkBody(def), isSound, !env[def].isTest {
          lowering.keepsLambdas = !changed.contains(def)
          lowering.lower(def, program.checker.typed)
          lowering.keepsLambdas = true
        }
        takeProblems()
        program.checkDefaults(of: def)
      case .constant, .variable: _ = program.checkBody(def)
      case .structure, .record, .enumeration:
        program.checkDefaults(of: def)
        if isSound { lowering.recompileDefaults(of: def) }
      case .macro: _ = program.macros.prepare(def)
      case .migration: checkMigration(def)
      default: break
      }
      takeProblems()
    }
    problems.add(program.takeMacroProblems())
  }
}

extension Cascade {
  /// Whether a value came, went or is computed otherwise.
  var touchesValues: Bool {
    (Array(bodies) + removed).contains { env[$0].kind == .constant || env[$0].kind == .variable }
  }

  /// Constants to be evaluated, and variables to be initialised: new ones, those of another type, and those whose words are
  /// others (`moved`).
  func values(moved: [DefID]) -> [DefID] {
    let gone = Set(removed)
    var found = Set(moved)
    for def in bodies where env[def].kind == .constant { found.insert(def) }
    for def in added + retired where env[def].kind == .variable { found.insert(def) }
    return found.subtracting(gone).sorted { $0.raw < $1.raw }
  }
}
