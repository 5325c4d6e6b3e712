// Macros as code: compiles them, and what they call, for a machine of their own, and runs them for the
// checker. A macro is compiled when a call of it is first met; that may be in the middle of checking
// another body, or of compiling another macro that needs this one expanded.
//
//   call ─► prepare ─► check the macro and all it reaches ─► pure? ─► lower ─┐
//                                                                            ▼
//   expansion ◄─ forms of the result ◄─ run, within limits ◄─ syntax of the arguments
//
// Invariant: nothing is kept from one expansion to the next, so the same call always expands to the same
// forms: constants are computed afresh, fresh names counted from 1.

import Bytecode
import Frontend
import Lowering

final class MacroEngine: MacroExpander {
  private unowned let program: Program
  private var env: Environment { program.env }
  private let lowering: Lowering
  private lazy var machine: MacroMachine? = MacroMachine(env, lowering)

  /// A macro as far as it is known.
  private enum State {
    case ready(MacroCode)
    case failed
  }
  private var macros: [DefID: State] = [:]
  private var facts: [DefID: Facts] = [:]
  /// Trees that were checked and wait to be lowered.
  private var trees: [DefID: TypedTree] = [:]
  /// The implementations of traits that a body needs.
  private var implementations: [DefID: [DefID]] = [:]
  /// Macros being prepared, each because of the one before it, and between them the functions being
  /// checked for them.
  private var underWay: [DefID] = []
  /// What is wrong with bodies of macros and their helpers. Told with the program's other problems.
  private var problems: [Diagnostic] = []
  private var initialisers: [DefID: Int] = [:]
  /// How many expansions have been made.
  private(set) var expansions = 0

  init(_ program: Program, predefined: PredefinedDescriptors) {
    self.program = program
    lowering = Lowering(environment: program.env, predefined: predefined)
    super.init()
    lowering.bodyProvider = { [unowned self] def in tree(of: def) }
    lowering.headerProvider = { [unowned self] def in _ = makeChecker().resolve(def) }
    lowering.defaultProvider = { [unowned self, unowned program] def, index in program.defaultTree(of: def, index, makeChecker()) }
  }

  func takeProblems() -> [Diagnostic] {
    defer { problems.removeAll() }
    return problems
  }

  /// Whether a macro was compiled with it.
  func knows(_ def: DefID) -> Bool { facts[def] != nil }

  /// What failed is tried again: there are more definitions now.
  func retry() {
    problems.removeAll()
    facts = facts.filter { $0.value.isSound }
    for (macro, state) in macros {
      if case .failed = state { macros[macro] = nil }
    }
  }

  // MARK: Expanding

  override func expand(_ call: MacroCall) -> MacroResult {
    if macros[call.macro] == nil, let start = underWay.firstIndex(of: call.macro) { return .failed([cycle(start, call)]) }
    guard let code = prepare(call.macro) else { return .failed([]) }
    guard let machine, machine.install(lowering) else {
      return .failed([Diagnostic(.expansionLimit, "the system gives no memory for running macros", at: call.place)])
    }
    expansions += 1
    return machine.expand(call, code)
  }

  private func cycle(_ start: Int, _ call: MacroCall) -> Diagnostic {
    let names = (underWay[start...] + [call.macro]).map { "`\(env.name($0))`" }.joined(separator: " → ")
    return Diagnostic(
      .cyclicMacro, "macro `\(env.name(call.macro))` would have to be expanded before it is compiled: \(names)",
      at: call.place, label: "this call is in what the macro itself runs",
      help: "a macro may expand to calls of itself, by a template; to compute with itself, make it a function that the macro calls")
  }

  // MARK: Compiling

  /// The code of a macro; nil when it, or what it calls, has errors.
  func prepare(_ macro: DefID) -> MacroCode? {
    switch macros[macro] {
    case .ready(let code): return code
    case .failed: return nil
    case nil: break
    }
    if underWay.contains(macro) { return nil }
    underWay.append(macro)
    let names = env.parameterNames
    defer {
      underWay.removeLast()
      env.parameterNames = names
    }
    let code = compile(macro)
    macros[macro] = code.map { .ready($0) } ?? .failed
    return code
  }

  private func compile(_ macro: DefID) -> MacroCode? {
    var constants: [DefID] = []
    guard collect(macro, &constants), isPure(macro) else { return nil }
    let slot = lowering.slot(for: macro)
    lowering.compilePending()
    for constant in constants where initialisers[constant] == nil {
      guard let tree = tree(of: constant) else { return nil }
      initialisers[constant] = lowering.lowerInitialiser(constant, tree)
      lowering.compilePending()
    }
    trees.removeAll()
    guard lowering.problems.isEmpty, lowering.missing.isEmpty else {
      problems += lowering.problems
      lowering.problems = []
      lowering.missing = []
      return nil
    }
    return MacroCode(slot: slot, initialisers: constants.compactMap { initialisers[$0] })
  }

  private func makeChecker() -> Checker {
    let checker = Checker(environment: env, source: program.source)
    checker.marksTemplates = true
    return checker
  }

  private func tree(of def: DefID) -> TypedTree? {
    if let tree = trees[def] { return tree }
    let checker = makeChecker()
    let isSound = (env[def].state == .resolved || checker.resolve(def)) && checker.checkBody(of: def)
    problems += checker.takeOwnProblems()
    implementations[def] = checker.usedImplementations
    if env[def].kind == .macro {
      program.touch(def)
      program.dependencies.setBody(def, checker.used)
    }
    return isSound ? checker.typed : nil
  }

  /// Checks everything that `root` may call. Answers the constants it needs, each behind those it needs
  /// itself. False: something has errors.
  private func collect(_ root: DefID, _ constants: inout [DefID]) -> Bool {
    var path: [(def: DefID, next: Int)] = [(root, 0)]
    var seen: Set<DefID> = [root]
    var isSound = learn(root)
    while let top = path.last {
      let uses = facts[top.def]?.uses ?? []
      if top.next == uses.count {
        if env[top.def].kind == .constant { constants.append(top.def) }
        path.removeLast()
        continue
      }
      path[path.count - 1].next += 1
      let next = uses[top.next]
      if let start = path.firstIndex(where: { $0.def == next }) {
        // Values that need themselves are told as such; nothing may run that reads them.
        if path[start...].contains(where: { env[$0.def].kind == .constant }) { isSound = false }
      }
      guard seen.insert(next).inserted else { continue }
      if !learn(next) { isSound = false }
      path.append((next, 0))
    }
    return isSound
  }

  // MARK: Purity

  /// What a function's own body does.
  private struct Facts {
    var uses: [DefID] = []
    /// The first thing in it that no macro may do, in words.
    var impurity: String?
    var isSound = true
  }

  /// Notes what a definition uses. False when it has errors.
  private func learn(_ def: DefID) -> Bool {
    if let known = facts[def] { return known.isSound }
    var found = Facts()
    // Filled in first: a definition that calls itself is known already.
    facts[def] = found
    let isHelper = underWay.last != def
    if isHelper { underWay.append(def) }
    defer { if isHelper { underWay.removeLast() } }
    if let tree = tree(of: def) {
      note(tree, &found)
      for used in implementations[def] ?? [] { found.uses += env.members[env[used].members] + env.defaultMethods(of: used) }
      trees[def] = tree
    } else {
      found.isSound = false
    }
    let parameters = env[def].parameters
    for (i, parameter) in env.parameters[parameters].enumerated() where parameter.hasDefault {
      if let tree = program.defaultTree(of: def, i, makeChecker()) { note(tree, &found) }
    }
    facts[def] = found
    return found.isSound
  }

  private func note(_ tree: TypedTree, _ facts: inout Facts) {
    for node in tree.nodes {
      let def = DefID(raw: node.a)
      switch node.tag {
      case .call, .functionValue:
        // What a method stands for is among the implementations.
        if env[def].kind != .method { facts.uses.append(def) }
      case .global:
        if env[def].kind == .variable {
          facts.impurity = facts.impurity ?? "reads `\(env.name(def))`, which is a `defvar`"
        } else {
          facts.uses.append(def)
        }
      case .setGlobal: facts.impurity = facts.impurity ?? "sets `\(env.name(def))`"
      case .print:
        let name = PrintKind(rawValue: node.a).map { "\($0)" } ?? "print"
        facts.impurity = facts.impurity ?? "calls `\(name)`"
      case .primitive:
        if let primitive = Primitive(rawValue: UInt16(env[def].operation)), !primitive.isPure {
          facts.impurity = facts.impurity ?? "calls `\(env.name(def))`"
        }
      // What it stands for is told elsewhere, e.g. the header of what is called.
      case .error: facts.isSound = false
      case .liveLoop: facts.impurity = facts.impurity ?? "runs a `live-loop`"
      default: break
      }
    }
  }

  /// Reports a macro that may reach something impure, with the shortest way there.
  private func isPure(_ macro: DefID) -> Bool {
    var from: [DefID: DefID] = [macro: .none]
    var queue = [macro]
    var head = 0
    while head < queue.count {
      let def = queue[head]
      head += 1
      guard let facts = facts[def] else { continue }
      if let impurity = facts.impurity {
        var chain: [DefID] = []
        var next = def
        while next != .none {
          chain.append(next)
          next = from[next] ?? .none
        }
        report(macro, chain.reversed(), impurity)
        return false
      }
      for used in facts.uses where from[used] == nil {
        from[used] = def
        queue.append(used)
      }
    }
    return true
  }

  private func report(_ macro: DefID, _ chain: [DefID], _ impurity: String) {
    // Helpers of the prelude that nobody calls by name are left out.
    let way = chain.dropFirst().map { env.name($0) }.filter { !$0.hasPrefix("%") }.map { "calls `\($0)`, which " }.joined()
    var labels: [Diagnostic.Label] = []
    for def in chain.dropFirst() where env[def].module != .prelude {
      labels.append(Diagnostic.Label(Place(env[def].item, env[def].nameSpan), "`\(env.name(def))` is defined here"))
    }
    var impurity = impurity
    // `(read-file p)` is a function of the prelude around `%read-file`.
    if let range = impurity.firstIndex(of: "%"), let last = chain.last, env[last].module == .prelude, way.hasSuffix("`\(env.name(last))`, which ") {
      _ = range
      impurity = ""
    }
    var text = way + impurity
    if impurity.isEmpty, text.hasSuffix(", which ") { text.removeLast(8) }
    problems.append(
      Diagnostic(
        .impureMacro, "macro `\(env.name(macro))` is not pure: it \(text)",
        at: Place(env[macro].item, env[macro].nameSpan), labels: labels,
        help: "macros run while compiling: they work on syntax alone, without input and output, the clock or `defvar` state"))
  }
}

/// Where a compiled macro is.
struct MacroCode {
  var slot: Int
  /// Slots of the initialisers of constants it needs, in order.
  var initialisers: [Int]
}

extension MacroCall {
  /// The place of the call.
  var place: Place { place(of: form) }

  func place(of form: Form) -> Place {
    let span = forms.tree.span(form)
    return Place(item, Span(span.start &- base, span.end &- base))
  }
}

/// Makes the engine when the first macro call is met: a program without macros pays nothing.
final class MacroSeam: MacroExpander {
  private unowned let program: Program
  init(_ program: Program) {
    self.program = program
    super.init()
  }
  override func expand(_ call: MacroCall) -> MacroResult { program.macros.expand(call) }
}
