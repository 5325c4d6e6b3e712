// The checker turns the forms of one definition into a typed tree. Bidirectional: `check` passes an
// expected type down, `infer` brings one up; unification settles what stays open inside one body.
//
// Invariant: a body is checked alone, against the headers of everything else, so that an edit's cost
// is the size of its own body. Errors never stop a check: the node in question becomes `error`, whose
// type fits everything, and checking goes on.

/// The forms of a file or of one item. A class, so that a definition's header can be worked out from
/// its own forms while another body is being checked.
public final class Forms {
  public var tree = FormTree()
  /// What macros have added to the tree, in that order.
  public internal(set) var expansions: [Expansion] = []
  /// A limit has been met and told; nothing more is expanded.
  var hasExpandedTooMuch = false
  /// Expansions that failed. Each may have cost all that one may cost, so there is an end to them.
  var failedExpansions = 0
  static let mostFailures = 16
  public init() {}

  /// How much of a kept tree is there to stay.
  struct Mark {
    var nodes = 0, children = 0, ints = 0, floats = 0, strings = 0, stringBytes = 0, expansions = 0
  }

  var mark: Mark {
    Mark(
      nodes: tree.nodes.count, children: tree.children.count, ints: tree.ints.count, floats: tree.floats.count,
      strings: tree.strings.count, stringBytes: tree.stringBytes.count, expansions: expansions.count)
  }

  /// Drops what was added since `mark`.
  func truncate(to mark: Mark) {
    tree.nodes.removeLast(tree.nodes.count - mark.nodes)
    tree.children.removeLast(tree.children.count - mark.children)
    tree.ints.removeLast(tree.ints.count - mark.ints)
    tree.floats.removeLast(tree.floats.count - mark.floats)
    tree.strings.removeLast(tree.strings.count - mark.strings)
    tree.stringBytes.removeLast(tree.stringBytes.count - mark.stringBytes)
    expansions.removeLast(expansions.count - mark.expansions)
    hasExpandedTooMuch = false
    failedExpansions = 0
  }

  func removeAll() {
    tree.removeAll()
    expansions.removeAll()
    hasExpandedTooMuch = false
    failedExpansions = 0
  }
}

/// Where the form of an item is: in which tree, at which root, and where the item begins in it.
public struct FormLocation {
  public var forms: Forms
  public var root: Form
  public var base: UInt32
  /// Of a tree that is kept for later: its size when it was handed out.
  var kept: Forms.Mark?
  public init(forms: Forms, root: Form, base: UInt32) {
    self.forms = forms
    self.root = root
    self.base = base
  }
}

public final class Checker {
  public let env: Environment
  let source: FormSource
  public internal(set) var problems: [Diagnostic] = []
  public var typed = TypedTree()

  // The definition at hand.
  var forms: Forms
  var base: UInt32 = 0
  var item = ItemID.none
  var module = ModuleID.prelude
  var bindsTypeParameters = false
  /// The type variables of the definition at hand, by index. Kept here while its header is worked out:
  /// other headers may be in between.
  var ownParameters: [TypeParameter] = []
  /// What they must have beyond their `constraints`.
  var ownRequirements: [Requirement] = []
  /// The header at hand has problems that were told elsewhere.
  var isUnsound = false
  var resultType = TypeID.unit

  // Scratch, empty between definitions.
  var scope: [(name: Symbol, local: LocalID)] = []
  var stack: [UInt32] = []
  var loops: [LoopContext] = []
  var lambdaStack: [Int32] = []
  var lambdaResults: [TypeID] = []
  var typeSlots: [Int] = []  // indices into typed.extra that hold types to be zonked
  var obligations: [Obligation] = []
  var traitObligations: [TraitObligation] = []
  var obligationTypes: [TypeID] = []
  /// Implementations that the types of this body turned out to need, see `Program.noteUses`.
  public internal(set) var usedImplementations: [DefID] = []
  /// Definitions, but for the prelude's, that the header or body last checked relies on: names it resolved,
  /// types its values have, implementations they need.
  public internal(set) var used: [DefID] = []
  var useStamp: UInt32 = 0
  var headersInProgress: [DefID] = []
  var chain = ItemChain()
  /// The expansion whose result is being checked, in `forms.expansions`; -1 for none.
  var expansion: Int32 = -1
  /// Templates are made for a macro: their symbols know the module they stand in.
  public var marksTemplates = false
  /// Quasiquotes around the form at hand.
  var quoteDepth = 0
  /// The number of the innermost quasiquote's fresh names; `.none` until one is met.
  var freshNumber = NodeID.none
  /// The size of the pool's scratch half when the definition at hand was begun.
  private var scratchMark = TypePool.ScratchMark()

  struct LoopContext {
    enum Kind { case loop, other }
    var kind: Kind
    var id: UInt32
    var locals: [LocalID]  // of a `loop`
    var lambdaDepth: Int
  }

  /// A type that must turn out to satisfy `constraints`.
  struct Obligation {
    var type: TypeID
    var constraints: Constraints
    var form: Form
    var what: Symbol
    var isUnary = false
  }

  public init(environment: Environment, source: FormSource) {
    env = environment
    self.source = source
    forms = Forms()
  }

  // MARK: Bodies

  /// Checks the body of a function, constant, variable or test into `typed`. True when sound.
  public func checkBody(of def: DefID) -> Bool {
    guard let location = source.forms(of: env[def].item) else { return false }
    defer { source.recycle(location) }
    return checkBody(of: def, at: location)
  }

  public func checkBody(of def: DefID, at location: FormLocation) -> Bool {
    let definition = env[def]
    begin(definition, location)
    let before = mark
    let root = form(of: definition, in: location.root)
    guard root != .none else { return false }
    let parts = bodyParts(of: definition, root)
    switch definition.kind {
    case .function, .method, .macro, .migration:
      for i in definition.parameters {
        let parameter = env.parameters[i]
        typed.parameters.append(declare(parameter.name, parameter.type, mutable: false))
      }
      resultType = definition.type
      typed.result = resultType
      typed.body = checkSequence(root, from: parts.body, expected: resultType, tail: true)
    case .constant, .variable:
      resultType = .none
      typed.result = definition.type
      typed.body = check(child(root, parts.body), expected: definition.type, tail: false)
    default: break
    }
    finish()
    if definition.kind == .migration { settleMigration(def, before.own) }
    let sound = isSound(since: before)
    env.definitions[Int(def.raw)].isSound = sound
    return sound
  }

  /// Checks an expression on its own (REPL); its type is `typed.result`.
  public func checkExpression(_ form: Form, at location: FormLocation, item: ItemID, module: ModuleID) -> Bool {
    reset(item: item, module: module, location)
    let before = mark
    lambdaResults = []
    resultType = .none
    let node = infer(form)
    env.types.defaultLiterals(typed[node].type)
    typed.body = node
    finish()
    typed.result = typed[node].type
    return isSound(since: before)
  }

  /// The default of parameter or field `index` (into `env.parameters` or `env.fields`).
  public func checkDefault(of def: DefID, form: Form, expected: TypeID, at location: FormLocation) -> Bool {
    begin(env[def], location)
    let before = mark
    resultType = expected
    typed.result = expected
    typed.body = check(form, expected: expected, tail: false)
    finish()
    return isSound(since: before)
  }

  func begin(_ definition: Definition, _ location: FormLocation) {
    reset(item: definition.item, module: definition.module, location)
    env.types.numericParameters = 0
    env.types.floatingParameters = 0
    for i in definition.typeParameters {
      let constraints = env.typeParameters[i].constraints
      let bit = ownParameters.count < 64 ? 1 << UInt64(ownParameters.count) as UInt64 : 0
      if !constraints.isDisjoint(with: [.numeric, .integer, .floating]) { env.types.numericParameters |= bit }
      if constraints.contains(.floating) { env.types.floatingParameters |= bit }
      ownParameters.append(env.typeParameters[i])
    }
    for i in definition.requirements { ownRequirements.append(env.requirements[i]) }
    env.parameterNames.removeAll(keepingCapacity: true)
    for i in definition.typeParameters { env.parameterNames.append(env.typeParameters[i].name) }
  }

  private func reset(item: ItemID, module: ModuleID, _ location: FormLocation) {
    forms = location.forms
    base = location.base
    self.item = item
    self.module = module
    expansion = -1
    quoteDepth = 0
    scratchMark = env.types.scratchMark
    typed.removeAll()
    ownParameters.removeAll(keepingCapacity: true)
    ownRequirements.removeAll(keepingCapacity: true)
    isUnsound = false
    scope.removeAll(keepingCapacity: true)
    stack.removeAll(keepingCapacity: true)
    loops.removeAll(keepingCapacity: true)
    lambdaStack.removeAll(keepingCapacity: true)
    lambdaResults.removeAll(keepingCapacity: true)
    typeSlots.removeAll(keepingCapacity: true)
    literals.removeAll(keepingCapacity: true)
    obligations.removeAll(keepingCapacity: true)
    traitObligations.removeAll(keepingCapacity: true)
    obligationTypes.removeAll(keepingCapacity: true)
    usedImplementations.removeAll(keepingCapacity: true)
    beginUses()
  }

  /// What was found out here, and about headers anywhere.
  public func takeProblems() -> [Diagnostic] { takeHeaderProblems().map(\.problem) + takeOwnProblems() }

  /// The same without headers.
  public func takeOwnProblems() -> [Diagnostic] {
    defer { problems.removeAll() }
    return problems
  }

  /// What is wrong with headers that were worked out since the last time, by any checker.
  public func takeHeaderProblems() -> [(def: DefID, problem: Diagnostic)] {
    defer { env.headerProblems.removeAll() }
    return env.headerProblems
  }

  /// How much has been told, and since then whether there is an error.
  var mark: (own: Int, headers: Int) { (problems.count, env.headerProblems.count) }
  func isSound(since mark: (own: Int, headers: Int)) -> Bool {
    !problems[mark.own...].contains { $0.severity == .error } && !env.headerProblems[mark.headers...].contains { $0.problem.severity == .error }
  }

  /// Makes the forms of `location` those that accessors such as `defaultForm` look at.
  public func enter(_ location: FormLocation) {
    forms = location.forms
    base = location.base
  }

  /// Where a definition's form begins in its item.
  public func formOffset(of def: DefID, _ root: Form) -> Int {
    let form = form(of: def, in: root)
    return form == .none ? 0 : Int(span(form).start)
  }

  /// Where the body of a definition begins in its item; the end of the form when it has none.
  public func bodyOffset(of def: DefID, _ root: Form) -> Int {
    let root = form(of: def, in: root)
    guard root != .none else { return 0 }
    let body = bodyParts(of: env[def], root).body
    return body < count(root) ? Int(span(child(root, body)).start) : Int(span(root).end)
  }

  // MARK: Finishing

  /// Replaces scratch types by permanent ones, settles literals, discharges obligations.
  private func finish() {
    discharge()
    let hasErrors = problems.contains { $0.severity == .error }
    var unsolved = false
    var reported = false
    for i in typed.locals.indices where !typed.locals[i].type.isPermanent {
      var open = false
      typed.locals[i].type = env.types.zonk(typed.locals[i].type, unsolved: &open)
      if open { unsolved = true }
    }
    for i in typed.nodes.indices {
      let type = typed.nodes[i].type
      if !type.isPermanent {
        var open = false
        typed.nodes[i].type = env.types.zonk(type, unsolved: &open)
        if open, !reported, !hasErrors {
          reported = true
          let position = typed.nodes[i].position
          problems.append(
            Diagnostic(
              .cannotInfer, "the type of this expression cannot be inferred",
              at: Place(item, Span(position, endOfToken(at: position))),
              help: "say it with an ascription, `(: expression Type)`, or annotate the binding"))
        }
      }
      if typed.nodes[i].tag == .int { settleInteger(i) }
    }
    for i in typed.patterns.indices {
      if !typed.patterns[i].type.isPermanent {
        typed.patterns[i].type = env.types.zonk(typed.patterns[i].type, unsolved: &unsolved)
      }
      if typed.patterns[i].tag == .int { settleIntegerPattern(i) }
    }
    for i in typed.lambdas.indices {
      typed.lambdas[i].result = env.types.zonk(typed.lambdas[i].result, unsolved: &unsolved)
    }
    for slot in typeSlots {
      let type = TypeID(raw: typed.extra[slot])
      if !type.isPermanent {
        typed.extra[slot] = env.types.zonk(type, unsolved: &unsolved).raw
      }
      noteType(TypeID(raw: typed.extra[slot]))
    }
    for i in typed.nodes.indices { noteType(typed.nodes[i].type) }
    for i in typed.locals.indices { noteType(typed.locals[i].type) }
    for i in typed.patterns.indices { noteType(typed.patterns[i].type) }
    for implementation in usedImplementations { note(implementation) }
    if unsolved, !reported, !problems.contains(where: { $0.severity == .error }) {
      problems.append(
        Diagnostic(
          .cannotInfer, "not all types in this definition can be inferred",
          at: Place(item, Span(0, 1)), help: "annotate the binding whose type is open"))
    }
    env.types.resetScratch(to: scratchMark)
  }

  /// The end of the form that starts at `position`, for a place that is only known by its start.
  private func endOfToken(at position: UInt32) -> UInt32 {
    for node in forms.tree.nodes where node.start &- base == position && node.end > node.start {
      return node.end - base
    }
    return position + 1
  }

  /// An integer literal whose context made it a float becomes one; others are checked for range.
  private func settleInteger(_ i: Int) {
    let literal = literals[Int(typed.nodes[i].a)]
    let type = typed.nodes[i].type
    if type.isFloating {
      let magnitude = Double(literal.value.magnitude)
      typed.floats.append(literal.value.negative ? -magnitude : magnitude)
      typed.nodes[i].tag = .float
      typed.nodes[i].a = UInt32(typed.floats.count - 1)
    } else {
      typed.nodes[i].a = integer(literal, type)
    }
  }

  private func settleIntegerPattern(_ i: Int) {
    let literal = literals[Int(typed.patterns[i].a)]
    let type = typed.patterns[i].type
    if type.isFloating {
      let magnitude = Double(literal.value.magnitude)
      typed.floats.append(literal.value.negative ? -magnitude : magnitude)
      typed.patterns[i].tag = .float
      typed.patterns[i].a = UInt32(typed.floats.count - 1)
    } else {
      typed.patterns[i].a = integer(literal, type)
    }
  }

  private func integer(_ literal: (value: IntLiteral, form: Form), _ type: TypeID) -> UInt32 {
    let value = literal.value
    let (low, high): (UInt64, UInt64) =
      switch type {
      case .i8: (1 << 7, 1 << 7 - 1)
      case .i16: (1 << 15, 1 << 15 - 1)
      case .i32: (1 << 31, 1 << 31 - 1)
      case .u8: (0, 1 << 8 - 1)
      case .u16: (0, 1 << 16 - 1)
      case .u32: (0, 1 << 32 - 1)
      case .u64: (0, .max)
      default: (1 << 63, 1 << 63 - 1)
      }
    if value.magnitude > (value.negative ? low : high) {
      report(
        .literalOutOfRange,
        "`\(value.negative ? "-" : "")\(value.magnitude)` does not fit in `\(env.describe(type))`",
        literal.form,
        help: "`\(env.describe(type))` holds \(low == 0 ? "0" : "-\(low)") to \(high)")
    }
    typed.ints.append(value.negative ? 0 &- value.magnitude : value.magnitude)
    return UInt32(typed.ints.count - 1)
  }

  /// Integer literals of the body in order; `int` nodes point here until they are settled.
  var literals: [(value: IntLiteral, form: Form)] = []

  // MARK: Making nodes

  @inline(__always)
  func add(
    _ tag: NodeTag, _ type: TypeID, a: UInt32 = 0, b: UInt32 = 0, c: UInt32 = 0, _ form: Form
  ) -> NodeID {
    typed.nodes.append(
      TypedNode(tag: tag, type: type, a: a, b: b, c: c, position: forms.tree.nodes[Int(form.raw)].start &- base))
    return NodeID(raw: UInt32(typed.nodes.count - 1))
  }

  func errorNode(_ form: Form) -> NodeID { add(.error, .error, form) }

  /// Moves what was pushed on `stack` since `mark` into `extra`, preceded by `count`.
  func flush(_ mark: Int, count: Int) -> UInt32 {
    let at = UInt32(typed.extra.count)
    typed.extra.append(UInt32(count))
    for i in mark..<stack.count { typed.extra.append(stack[i]) }
    stack.removeLast(stack.count - mark)
    return at
  }

  func declare(_ name: Symbol, _ type: TypeID, mutable: Bool) -> LocalID {
    typed.locals.append(
      Local(name: name, type: type, isMutable: mutable, isCaptured: false, owner: lambdaStack.last ?? -1))
    let local = LocalID(raw: UInt32(typed.locals.count - 1))
    scope.append((name, local))
    if env.interner.lastByte(name) == UInt8(ascii: "#") { reportStrayFreshName(name) }
    return local
  }

  func type(_ node: NodeID) -> TypeID { typed.nodes[Int(node.raw)].type }
  func resolved(_ node: NodeID) -> TypeID { env.types.resolve(typed.nodes[Int(node.raw)].type) }

  // MARK: Reading forms

  @inline(__always) func child(_ form: Form, _ i: Int) -> Form { forms.tree.child(form, i) }
  @inline(__always) func count(_ form: Form) -> Int { forms.tree.count(form) }
  @inline(__always) func tag(_ form: Form) -> FormTag { forms.tree.tag(form) }
  /// The symbol of a symbol form, for names that mean the same everywhere.
  @inline(__always) func symbol(_ form: Form) -> Symbol { env.interner.base(forms.tree.symbol(form)) }
  /// As above for names that bind or are looked up: what a template made keeps its identity.
  @inline(__always) func identifier(_ form: Form) -> Symbol { forms.tree.symbol(form) }
  func keyword(_ form: Form) -> Symbol { forms.tree.keyword(form) }
  func isList(_ form: Form) -> Bool { tag(form) == .list }
  func text(_ symbol: Symbol) -> String { env.interner.name(symbol) }

  func span(_ form: Form) -> Span {
    let span = forms.tree.span(form)
    return Span(span.start &- base, span.end &- base)
  }
  func place(_ form: Form) -> Place { Place(item, span(form)) }

  func report(
    _ code: DiagnosticCode, _ message: String, _ form: Form, label: String = "",
    labels: [Diagnostic.Label] = [], help: String? = nil
  ) {
    let problem = Diagnostic(code, message, at: place(form), label: label, labels: labels, help: help)
    if forms.expansions.isEmpty { return problems.append(problem) }
    // Nobody can mend a warning about what a template wrote, or where it put a value, but its author.
    if problem.severity == .warning, expansion >= 0 && code == .unusedValue || origin(of: form) >= 0 { return }
    problems.append(explained(problem, form))
  }

  /// A name for `describe` and did-you-mean lists.
  func suggestion(_ name: Symbol, among candidates: [Symbol]) -> String? {
    closestName(to: text(name), among: candidates.map(text)).map { "did you mean `\($0)`?" }
  }
}
