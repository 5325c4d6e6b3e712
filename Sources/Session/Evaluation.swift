// Forms typed at a prompt, evaluated in the session's world. Definitions become edits of the program's
// text: of the definition they replace, or of a file of their own. Expressions are compiled into a
// function that lives as long as its call.
//
//   input ─► items ─┬─ definitions in a row ─► one batch of edits (`apply`)
//                   └─ expression ─► its type ─► (defn <input> [] -> String (show expression)) ─► run
//
// Invariant: what is refused leaves no trace; the program's text is that of the running definitions.

import Frontend
import Interpreter
import JIT
import Lowering
import Runtime
import Synchronization

public enum Evaluated: Sendable {
  /// What `show` gives, or nil for what cannot be shown (functions), and the type.
  case value(text: String?, type: String)
  /// An expression of type Unit.
  case unit
  case defined([String])
  case problems([LocatedDiagnostic])
  case panic(PanicReport)
  case note(String)
  /// The program asked to end.
  case exit(Int)

  public var isFailure: Bool {
    switch self {
    case .problems(let problems): problems.contains { $0.severity == .error }
    case .panic: true
    default: false
    }
  }
}

extension Session {
  /// The file that holds what is defined at the prompt.
  public static let promptFile = "repl"
  static let inputFunction = "<input>"

  // MARK: Starting

  /// Loads files, among them an empty one for the prompt, and runs the initialisers. Problems and panics
  /// mean that there is no program.
  public func start(_ files: [(path: String, text: [UInt8])]) -> [Evaluated] {
    start(ProgramFiles(files))
  }

  /// The same with the program at a path; its main module is what the prompt evaluates in.
  public func start(_ program: ProgramFiles) -> [Evaluated] {
    var program = program
    program.entries.append(SourceFile(path: Self.promptFile, text: []))
    let problems = load(program, needsMain: false)
    let answer: [Evaluated] = problems.isEmpty ? [] : [.problems(problems)]
    guard hasProgram else { return answer }
    return answer + initialise()
  }

  /// Everything from the top: the definitions as they are, their values computed again.
  public func startAfresh() -> [Evaluated] {
    let problems = compiling.withLock { _ -> [LocatedDiagnostic] in
      guard nextWorld == nil, let world else { return [] }
      refreshTexts(world.program)
      return rebuild(needsMain: false)
    }
    if problems.contains(where: { $0.severity == .error }) { return [.problems(problems)] }
    return initialise()
  }

  private func initialise() -> [Evaluated] {
    let constants = compiling.withLock { _ in
      takeNextWorld()
      return world?.constantWords ?? []
    }
    guard let world else { return [] }
    world.hasStarted = true
    world.hasValues = true
    return computeValues(world, constants: constants).flatMap { failure(of: $0, world) }.map { [$0] } ?? []
  }

  // MARK: Evaluating

  /// Evaluates forms one after the other and tells of each as it is done. `name` stands for the input in
  /// diagnostics. Program thread, while no program runs. An expression that fails ends the evaluation.
  ///
  /// The definitions of a file (`isFile`), those that macro calls make among them, may use each other in
  /// any order, as when the file is loaded with a program.
  public func evaluate(_ input: [UInt8], name: String = "input", isFile: Bool = false, _ tell: (Evaluated) -> Void) {
    evaluate(input, name: name, isFile: isFile, for: nil, tell)
  }

  /// The same for a client beside the running program, on the client's thread; see `Evaluations`.
  func evaluate(_ input: [UInt8], name: String, isFile: Bool, for client: EvaluationClient?, _ tell: (Evaluated) -> Void) {
    // A file of the program that is loaded at the prompt goes on being what it is.
    let name = compiling.withLock { _ in world?.program.source.store.file(at: name) == nil ? name : "input: \(name)" }
    var batch: [Piece] = []
    func define() {
      if !batch.isEmpty { self.define(batch, for: client).forEach(tell) }
      batch = []
    }
    var pieces = compiling.withLock { _ in self.pieces(input, name) }
    if isFile, let answers = defineTogether(&pieces, name, for: client) { answers.forEach(tell) }
    for piece in pieces {
      switch piece.kind {
      case .definition(let defined):
        if let defined, batch.contains(where: { $0.name == defined }) { define() }
        batch.append(piece)
      case .expression:
        define()
        // Only now are the macros known that the input defines.
        if let definitions = compiling.withLock({ _ in definitions(by: piece, name) }) {
          self.define([definitions], for: client).forEach(tell)
          continue
        }
        let result = evaluate(piece, name, for: client)
        tell(result)
        if case .exit = result { return }
        if client?.isInterrupted ?? false { return }
      case .problems(let problems):
        define()
        tell(.problems(problems))
      }
    }
    define()
  }

  /// The type of an expression, or what is wrong with it.
  public func type(of input: [UInt8]) -> Evaluated? {
    compiling.withLock { _ in
      guard let world else { return nil }
      guard let piece = pieces(input, "input").first else { return nil }
      switch piece.kind {
      case .problems(let problems): return .problems(problems)
      case .definition: return .note("that is a definition; `:type` takes an expression")
      case .expression:
        let (type, problems) = check(piece, "input", world)
        guard let type else { return .problems(problems) }
        return .value(text: nil, type: world.program.env.describe(type))
      }
    }
  }

  // MARK: Cutting the input

  private struct Piece {
    enum Kind {
      case definition(String?)
      case expression
      case problems([LocatedDiagnostic])
    }
    var kind: Kind
    /// The form, behind as many lines and columns as it had in front of it.
    var text: [UInt8] = []
    var start = 0
    /// The first symbol of the form, empty when there is none.
    var head = ""

    var name: String? { if case .definition(let name) = kind { name } else { nil } }
    /// The form alone.
    var form: ArraySlice<UInt8> { text[start...] }
  }

  private func pieces(_ input: [UInt8], _ name: String) -> [Piece] {
    guard let program = world?.program else { return [] }
    let file = program.source.add(path: name, text: input)
    defer { _ = program.source.store.remove(file) }
    var pieces: [Piece] = []
    for item in program.source.store.items(of: file) {
      let problems = program.source.store.problems(of: item)
      if !problems.isEmpty {
        pieces.append(Piece(kind: .problems(locate(problems, program))))
        if problems.contains(where: { $0.severity == .error }) { continue }
      }
      guard let start = program.source.store.start(of: item), let location = program.source.forms(of: item) else { continue }
      defer { program.source.recycle(location) }
      let span = location.forms.tree.span(location.root)
      let from = start + Int(span.start)
      var piece = Piece(kind: .expression)
      piece.text = input[..<from].map { $0 == UInt8(ascii: "\n") ? $0 : UInt8(ascii: " ") }
      piece.text += input[from..<start + Int(span.end)]
      piece.start = from
      let tree = location.forms
      if tree.tree.tag(location.root) == .list, tree.tree.count(location.root) > 0,
        tree.tree.tag(tree.tree.child(location.root, 0)) == .symbol
      {
        piece.head = program.env.interner.name(tree.tree.symbol(tree.tree.child(location.root, 0)))
      }
      program.checker.enter(location)
      if Self.isDefinition(location, program.env) || program.checker.isMigration(location.root) {
        piece.kind = .definition(program.definedKeys(location).first)
      }
      pieces.append(piece)
    }
    return pieces
  }

  /// A macro call that expands to definitions, or a group of them; nil for anything else.
  private func definitions(by piece: Piece, _ name: String) -> Piece? {
    guard let program = world?.program else { return nil }
    let file = program.source.add(path: name, text: piece.text)
    defer { _ = program.source.store.remove(file) }
    guard let item = program.source.store.items(of: file).last, let location = program.source.forms(of: item) else { return nil }
    defer { program.source.recycle(location) }
    let (root, _) = program.checker.expandItem(item, at: location, module: program.mainModule, isLast: false)
    // Problems come up again, and are told, when the piece is evaluated.
    _ = program.checker.takeProblems()
    _ = program.takeMacroProblems()
    let made = root ?? location.root
    guard program.checker.makesDefinitions(made) else { return nil }
    var piece = piece
    piece.kind = .definition(program.checker.definitionKeys(in: made).first)
    return piece
  }

  private static let definers = Set(
    SpecialForm.allCases.filter { $0.rawValue < SpecialForm.let.rawValue }.map(\.spelling))

  private static func isDefinition(_ location: FormLocation, _ env: Environment) -> Bool {
    let tree = location.forms
    guard tree.tree.tag(location.root) == .list, tree.tree.count(location.root) > 0 else { return false }
    let head = tree.tree.symbol(tree.tree.child(location.root, 0))
    return head != .none && definers.contains(env.interner.name(head))
  }

  // MARK: Definitions

  /// Definitions in one batch with the calls of macros that are among them, and takes them out of `pieces`.
  /// Nil when there are no such calls, or when not all of them turn out to make definitions: then each form
  /// is for itself.
  private func defineTogether(_ pieces: inout [Piece], _ name: String, for client: EvaluationClient?) -> [Evaluated]? {
    let macros = pieces.filter { $0.head == SpecialForm.defmacro.spelling }.compactMap(\.name)
    func belongs(_ piece: Piece) -> Bool {
      switch piece.kind {
      case .definition: true
      case .expression: macros.contains(piece.head)
      case .problems: false
      }
    }
    var together = pieces.filter(belongs)
    let names = together.compactMap(\.name)
    guard pieces.contains(where: { macros.contains($0.head) }), Set(names).count == names.count else { return nil }
    for i in together.indices {
      guard case .expression = together[i].kind else { continue }
      // A macro that is known already says what its call replaces.
      together[i].kind = compiling.withLock { _ in definitions(by: together[i], name)?.kind } ?? .definition(nil)
    }
    let answers = define(together, for: client)
    if answers.contains(where: \.isFailure) { return nil }
    pieces.removeAll(where: belongs)
    // Now the macros are known, and by them the names of what the calls made.
    let made = together.map { piece in piece.name ?? compiling.withLock { _ in definitions(by: piece, name)?.name } }
    return answers.map { answer in if case .defined = answer { .defined(made.compactMap { $0 }) } else { answer } }
  }

  private func define(_ pieces: [Piece], for client: EvaluationClient?) -> [Evaluated] {
    if client != nil { return defineBesideProgram(pieces) }
    let (before, changes) = compiling.withLock { _ in edits(for: pieces) }
    panicsOfInitialisers = []
    let report = apply(changes)
    var answers: [Evaluated] = []
    if report.status == .refused {
      answers = panicsOfInitialisers.isEmpty ? [.problems(report.diagnostics)] : panicsOfInitialisers.map { .panic($0) }
      apply(before)
      panicsOfInitialisers = []
      return answers
    } else if !report.diagnostics.isEmpty {
      answers.append(.problems(report.diagnostics))
    }
    answers += report.notes.map { .note($0) }
    return [.defined(pieces.compactMap(\.name))] + answers
  }

  /// Definitions as one edit of a program that runs. What is refused leaves no trace.
  private func defineBesideProgram(_ pieces: [Piece]) -> [Evaluated] {
    var before: [FileEdit] = []
    let report = apply(undo: { _ in before }) { session in
      let (undo, changes) = session.edits(for: pieces)
      before = undo
      return changes
    }
    var answers: [Evaluated] = report.notes.map { .note($0) }
    if !report.diagnostics.isEmpty { answers.insert(.problems(report.diagnostics), at: 0) }
    if report.status == .refused { return answers }
    return [.defined(pieces.compactMap(\.name))] + answers
  }

  /// The edits that put definitions into the program, and those that take them out again.
  private func edits(for pieces: [Piece]) -> (undo: [FileEdit], edits: [FileEdit]) {
    guard let program = world?.program else { return ([], []) }
    var texts: [String: [UInt8]] = [:]
    var replacements: [(path: String, range: Range<Int>, text: [UInt8])] = []
    var added: [UInt8] = []
    func note(_ path: String) {
      if texts[path] == nil, let file = program.source.store.file(at: path) { texts[path] = program.source.store.text(of: file) }
    }
    for piece in pieces {
      let text = Array(piece.form) + [UInt8(ascii: "\n")]
      if let name = piece.name, let def = program.definition(key: name, in: program.mainModule), program.env[def].module == program.mainModule,
        program.key(of: def) == name, let start = program.source.store.start(of: program.env[def].item)
      {
        let item = program.env[def].item
        let path = program.source.store.path(of: program.source.store.file(of: item))
        note(path)
        replacements.append((path, start..<start + program.source.store.text(of: item).count, text))
      } else {
        added += text
      }
    }
    // From the end, so that the ranges stay right.
    replacements.sort { $0.range.lowerBound > $1.range.lowerBound }
    var edits = replacements.map { FileEdit.replace(path: $0.path, range: $0.range, text: $0.text) }
    if !added.isEmpty {
      note(Self.promptFile)
      let replaced = replacements.filter { $0.path == Self.promptFile }.reduce(0) { $0 + $1.text.count - $1.range.count }
      let end = (texts[Self.promptFile]?.count ?? 0) + replaced
      edits.append(.replace(path: Self.promptFile, range: end..<end, text: added))
    }
    return (texts.map { .replaceAll(path: $0.key, text: $0.value) }, edits)
  }

  // MARK: Expressions

  private func evaluate(_ piece: Piece, _ name: String, for client: EvaluationClient?) -> Evaluated {
    guard let world else { return .unit }
    let compiled: Compiled
    let result = compiling.withLock { _ in
      var result = compile(piece, name, world)
      if case .success(var made) = result, !world.missing.withLock({ $0.isEmpty }) {
        made.reached = world.program.reachable(from: [made.definition])
        result = .success(made)
      }
      // Edits must not come upon it, nor other clients. The text stays for the trace of a panic.
      if case .success(let made) = result { world.program.forget(made.definition) }
      return result
    }
    switch result {
    case .failure(let problems): return .problems(problems.list)
    case .success(let made): compiled = made
    }
    defer { compiling.withLock { _ in _ = world.program.source.store.remove(compiled.file) } }
    if let client {
      return onProgramThread(client, world) { [self] in run(compiled, world) }
    }
    isRunning.store(true, ordering: .releasing)
    defer { isRunning.store(false, ordering: .releasing) }
    return run(compiled, world)
  }

  private func run(_ compiled: Compiled, _ world: World) -> Evaluated {
    let missing = world.missing.withLock { $0 }
    if !missing.isEmpty {
      guard let reached = compiled.reached else { return .note("the program was started afresh meanwhile; try again") }
      if let def = world.order.first(where: { missing.contains($0) && reached.contains($0) }) {
        return .note("`\(world.program.env.name(def))` has no value yet: the start of the program has not come so far")
      }
    }
    let outcome = world.installation.interpreter.run(compiled.slot, results: compiled.isShown ? 1 : 0)
    world.installation.machine.output.flushAll()
    if let failure = failure(of: outcome, world) { return withoutProgram(failure) }
    guard case .returned(let results) = outcome else { return .unit }
    if compiled.type == .unit || compiled.type == .never { return .unit }
    let text = compiled.isShown ? results.first.map { String(decoding: Strings.bytes($0), as: UTF8.self) } : nil
    return .value(text: text, type: compiled.typeText)
  }

  /// A panic whose trace ends with the input: the frames of a program that waits below it had no part in it.
  private func withoutProgram(_ failure: Evaluated) -> Evaluated {
    guard case .panic(var panic) = failure, let last = panic.trace.lastIndex(where: { $0.function.hasSuffix("/" + Self.inputFunction) })
    else { return failure }
    panic.trace.removeSubrange((last + 1)...)
    return .panic(panic)
  }

  private func failure(of outcome: Outcome, _ world: World) -> Evaluated? {
    switch outcome {
    case .returned: nil
    case .panicked(.exit): .exit(world.installation.machine.exitCode)
    case .panicked(.restart): .note("ended by a restart of the program")
    case .panicked: .panic(panicReport(world, isPaused: false))
    }
  }

  private struct Compiled {
    var definition: DefID
    var file: FileID
    var slot: Int
    var type: TypeID
    var typeText: String
    var isShown: Bool
    /// What it may come to, where some values are missing.
    var reached: Set<DefID>?
  }

  private struct Problems: Error { var list: [LocatedDiagnostic] }

  /// The type of the expression; nil when it has errors.
  private func check(_ piece: Piece, _ name: String, _ world: World) -> (TypeID?, [LocatedDiagnostic]) {
    let program = world.program
    let file = program.source.add(path: name, text: piece.text)
    defer { _ = program.source.store.remove(file) }
    guard let item = program.source.store.items(of: file).last, let location = program.source.forms(of: item) else {
      return (nil, [])
    }
    defer { program.source.recycle(location) }
    let sound = program.checker.checkExpression(location.root, at: location, item: item, module: program.mainModule)
    let problems = locate(program.checker.takeProblems(), program)
    return (sound ? program.checker.typed.result : nil, problems)
  }

  private func compile(_ piece: Piece, _ name: String, _ world: World) -> Result<Compiled, Problems> {
    let (type, problems) = check(piece, name, world)
    guard let type else { return .failure(Problems(list: problems)) }
    let typeText = world.program.env.describe(type)
    let isUnit = type == .unit || type == .never
    let first = isUnit
      ? attempt(piece, name, "Unit", "", "", world) : attempt(piece, name, "String", "(show ", ")", world)
    switch first {
    case .success(let made):
      return .success(Compiled(definition: made.definition, file: made.file, slot: made.slot, type: type, typeText: typeText, isShown: !isUnit))
    case .failure(let problems):
      // What cannot be shown is computed all the same.
      guard !isUnit, case .success(let made) = attempt(piece, name, "Unit", "(do ", " ())", world) else { return .failure(problems) }
      return .success(Compiled(definition: made.definition, file: made.file, slot: made.slot, type: type, typeText: typeText, isShown: false))
    }
  }

  /// Compiles `(defn <input> [] -> result before form after)`.
  private func attempt(
    _ piece: Piece, _ name: String, _ result: String, _ before: String, _ after: String, _ world: World
  ) -> Result<(definition: DefID, file: FileID, slot: Int), Problems> {
    let program = world.program
    var text = Array(piece.text[..<piece.start])
    text += "(defn \(Self.inputFunction) [] -> \(result) \(before)".utf8
    text += piece.form
    text += "\(after))".utf8
    let file = program.source.add(path: name, text: text)
    guard let item = program.source.store.items(of: file).last,
      let def = program.declare(item, program.mainModule).first,
      program.checker.resolve(def), program.checkBody(def)
    else {
      let problems = locate(program.checker.takeProblems(), program)
      if let item = program.source.store.items(of: file).last, program.definition(of: item) != .none {
        program.forget(program.definition(of: item))
      }
      _ = program.source.store.remove(file)
      return .failure(Problems(list: problems))
    }
    _ = program.checker.takeProblems()
    program.lowering.lower(def, program.checker.typed)
    program.lowering.compilePending()
    let slot = program.lowering.slot(for: def)
    let faults = program.lowering.problems
    program.lowering.problems = []
    guard faults.isEmpty, let changes = world.installation.install(program.lowering) else {
      let problems = locate(faults, program)
      program.forget(def)
      _ = program.source.store.remove(file)
      return .failure(Problems(list: problems))
    }
    world.installation.apply(changes)
    return .success((def, file, slot))
  }
}
