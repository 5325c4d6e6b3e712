// Quotes as expressions: `'form` and `` `form `` become calls of the prelude that build the Syntax.
//
//   `(if ~c ~@rest)   ─►   (%sequence 0 (%splice (vec (vec (%symbol "if" mark) c) rest)))
//
// A symbol's mark says where a macro's template stands (`SyntaxMark`); outside of macros it is 0, and the
// symbol is plain.

/// The prelude's functions that quotes and syntax patterns are made of.
enum SyntaxFunction: UInt32, CaseIterable {
  case symbol, fresh, keyword, integer, float, string, char, bool, sequence, splice, annotate
  case isSymbol, isEqual, parts, part, rest

  var name: String {
    switch self {
    case .symbol: "%symbol"
    case .fresh: "%fresh-number"
    case .keyword: "%keyword"
    case .integer: "%integer"
    case .float: "%float"
    case .string: "%string"
    case .char: "%char"
    case .bool: "%bool"
    case .sequence: "%sequence"
    case .splice: "%splice"
    case .annotate: "%annotate"
    case .isSymbol: "%symbol?"
    case .isEqual: "%same-syntax?"
    case .parts: "%parts"
    case .part: "%part"
    case .rest: "%rest"
    }
  }
}

/// How a symbol says where it comes from, in the low half of `bits`; the high half numbers fresh names.
public enum SyntaxMark {
  /// Written in a template of module `mark - 1`; 0: plain.
  public static func template(_ module: ModuleID) -> UInt32 { module.raw + 1 }
  /// The symbol of that alias, which a template put into another macro's template.
  public static let nested: UInt32 = 0x4000_0000
  /// The alias itself.
  public static let alias: UInt32 = 0x8000_0000
}

extension Checker {
  // MARK: Forms

  func checkQuote(_ form: Form) -> NodeID {
    let outer = quoteDepth
    quoteDepth = 0
    defer { quoteDepth = outer }
    return quoted(child(form, 0))
  }

  func checkQuasiquote(_ form: Form) -> NodeID {
    let (outerDepth, outerFresh) = (quoteDepth, freshNumber)
    quoteDepth = 1
    freshNumber = .none
    defer { (quoteDepth, freshNumber) = (outerDepth, outerFresh) }
    // The number of its fresh names is taken once for each evaluation, before anything else.
    guard hasFreshNames(child(form, 0)) else { return quoted(child(form, 0)) }
    let number = hiddenLocal(.int)
    let bind = add(.bind, .unit, a: number.raw, b: call(.fresh, [], .int, form).raw, form)
    freshNumber = add(.local, .int, a: number.raw, form)
    let mark = stack.count
    let value = quoted(child(form, 0))
    stack.append(bind.raw)
    stack.append(value.raw)
    return add(.block, env.syntaxType, b: flush(mark, count: 2), form)
  }

  func strayUnquote(_ form: Form) -> NodeID {
    if tag(form) == .unquoteSplicing {
      report(
        .badQuote, "`~@` stands outside of a quasiquote", form, help: "`~@` puts the elements of a `(Vec Syntax)` into a template: `` `(do ~@body) ``")
    } else {
      report(.badQuote, "`~` stands outside of a quasiquote", form, help: "`~` puts a `Syntax` into a template: `` `(not ~x) ``")
    }
    return errorNode(form)
  }

  /// A local that no name reaches.
  func hiddenLocal(_ type: TypeID) -> LocalID {
    typed.locals.append(
      Local(name: .none, type: type, isMutable: false, isCaptured: false, owner: lambdaStack.last ?? -1))
    return LocalID(raw: UInt32(typed.locals.count - 1))
  }

  func isFreshName(_ name: Symbol) -> Bool {
    guard name != .none else { return false }
    var text = text(name).utf8[...]
    if text.last == UInt8(ascii: ":") { text.removeLast() }
    return text.count > 1 && text.last == UInt8(ascii: "#")
  }

  /// `name#` is bound, and no quasiquote has made a name of it. The place is where it first stands.
  func reportStrayFreshName(_ name: Symbol) {
    guard isFreshName(name), !name.isAlias || env.interner.aliases[name].fresh == 0 else { return }
    for raw in forms.tree.nodes.indices {
      let form = Form(raw: UInt32(raw))
      let found = identifier(form)
      guard found != .none, found == name || annotatedName(found) == name else { continue }
      let place = place(form)
      if problems.contains(where: { $0.code == .badQuote && $0.place == place }) { return }
      return reportStrayFreshName(name, form)
    }
  }

  func reportStrayFreshName(_ name: Symbol, _ form: Form) {
    report(
      .badQuote, "`\(text(name))` is a fresh name, and no quasiquote is around it", form,
      help: "inside `` ` `` it is a new name for each expansion; elsewhere take a name without `#`")
  }

  /// Whether the quasiquote of this form has fresh names of its own, not those of one inside it.
  private func hasFreshNames(_ form: Form) -> Bool {
    switch tag(form) {
    case .symbol: isFreshName(symbol(form))
    case .list, .vector, .quote: (0..<count(form)).contains { hasFreshNames(child(form, $0)) }
    default: false
    }
  }

  // MARK: Templates

  /// The expression that makes `form`; with `quoteDepth` 0 nothing in it is evaluated.
  private func quoted(_ form: Form) -> NodeID {
    let node = forms.tree[form]
    switch node.tag {
    case .symbol: return quotedSymbol(Symbol(raw: node.a), form)
    case .keyword: return call(.keyword, [string(text(Symbol(raw: node.a)), form)], form)
    case .int:
      let literal = forms.tree.ints[Int(node.a)]
      let value = literal.negative ? 0 &- literal.magnitude : literal.magnitude
      return call(
        .integer, [integer(Int(bitPattern: UInt(value)), form), integer(suffixed(node.tag, node.suffix, literal.negative), form)], form)
    case .float:
      typed.floats.append(forms.tree.floats[Int(node.a)])
      let value = add(.float, .float, a: UInt32(typed.floats.count - 1), form)
      return call(.float, [value, integer(suffixed(node.tag, node.suffix, false), form)], form)
    case .string: return call(.string, [string(forms.tree.string(form), form)], form)
    case .char: return call(.char, [add(.char, .char, a: node.a, form)], form)
    case .bool: return call(.bool, [add(.bool, .bool, a: node.a, form)], form)
    case .list, .vector:
      if let name = unhygienicName(form) {
        return call(.symbol, [string(text(name), form), integer(0, form), integer(0, form)], form)
      }
      return sequence(form)
    case .quote: return sequence(form)
    case .quasiquote:
      quoteDepth += quoteDepth > 0 ? 1 : 0
      defer { quoteDepth -= quoteDepth > 0 ? 1 : 0 }
      return sequence(form)
    case .unquote, .unquoteSplicing:
      if quoteDepth == 1 {
        if node.tag == .unquote { return unquoted(child(form, 0)) }
        report(
          .badQuote, "`~@` has nothing to put its elements into", form,
          help: "it stands inside a list or vector of the template: `` `(do ~@body) ``")
        return errorNode(form)
      }
      if quoteDepth == 0 { return sequence(form) }
      quoteDepth -= 1
      defer { quoteDepth += 1 }
      return sequence(form)
    case .error: return errorNode(form)
    }
  }

  private func suffixed(_ tag: FormTag, _ suffix: NumberSuffix, _ negative: Bool) -> Int {
    Int(tag.rawValue) | Int(suffix.rawValue) << 8 | (negative ? 1 << 16 : 0)
  }

  /// `(unhygienic 'name)` within a template needs no `~`.
  private func unhygienicName(_ form: Form) -> Symbol? {
    guard quoteDepth == 1, isList(form), count(form) == 2, symbol(child(form, 0)) == env.known.unhygienic,
      tag(child(form, 1)) == .quote, tag(child(child(form, 1), 0)) == .symbol
    else { return nil }
    return symbol(child(child(form, 1), 0))
  }

  private func quotedSymbol(_ name: Symbol, _ form: Form) -> NodeID {
    // In a quasiquote inside this one it is that one's.
    let isFresh = quoteDepth == 1 && isFreshName(name)
    var mark: UInt32 = 0
    if marksTemplates { mark = name.isAlias ? SyntaxMark.nested | name.raw & ~AliasTable.first : SyntaxMark.template(module) }
    if isFresh, freshNumber == .none {
      report(
        .badQuote, "`\(text(name))` is a fresh name of the inner quasiquote, which is not evaluated here", form,
        help: "give it a name of its own outside: `(let [name (gensym \"x\")] ..)`")
    }
    let number = isFresh && freshNumber != .none ? freshNumber : integer(0, form)
    return call(.symbol, [string(text(name), form), integer(Int(mark), form), number], form)
  }

  /// A list or anything else with children; runs without `~@` are made at once.
  private func sequence(_ form: Form) -> NodeID {
    let kind = integer(Int(tag(form).rawValue), form)
    let items = env.types.vec(env.syntaxType)
    var runs: [NodeID] = []
    var mark = stack.count
    func closeRun() {
      if stack.count > mark {
        runs.append(add(.makeVec, items, b: flush(mark, count: stack.count - mark), form))
      }
    }
    for i in 0..<count(form) {
      let item = child(form, i)
      if tag(item) == .unquoteSplicing, quoteDepth == 1, tag(form) == .list || tag(form) == .vector {
        closeRun()
        runs.append(spliced(child(item, 0)))
        mark = stack.count
      } else {
        let node = quoted(item)
        stack.append(node.raw)
      }
    }
    if runs.isEmpty {
      let made = add(.makeVec, items, b: flush(mark, count: stack.count - mark), form)
      return call(.sequence, [kind, made], form)
    }
    closeRun()
    mark = stack.count
    for run in runs { stack.append(run.raw) }
    let all = add(.makeVec, env.types.vec(items), b: flush(mark, count: runs.count), form)
    return call(.sequence, [kind, call(.splice, [all], items, form)], form)
  }

  /// The value behind `~`. `~name:` is the value of `name` as a name with a type behind it.
  private func unquoted(_ form: Form) -> NodeID {
    let outer = quoteDepth
    quoteDepth = 0
    defer { quoteDepth = outer }
    if tag(form) == .symbol, let plain = annotatedName(identifier(form)) {
      return call(.annotate, [syntax(checkName(plain, form, env.syntaxType), form)], form)
    }
    return syntax(checkFormWithHint(form, env.syntaxType), form)
  }

  private func syntax(_ node: NodeID, _ form: Form) -> NodeID {
    let found = resolved(node)
    if found == .error || found == .never || env.types.unify(found, env.syntaxType) { return node }
    env.types.defaultLiterals(found)
    let type = resolved(node)
    var help = "`(syntax-of x)` makes syntax of a number, string, character or boolean"
    if env.types.tag(type) == .vec { help = "`~@` puts the elements of a vector into the template" }
    report(
      .typeMismatch, "expected `Syntax`, found `\(env.describe(type))`", form, label: "this is `\(env.describe(type))`", help: help)
    return errorNode(form)
  }

  private func spliced(_ form: Form) -> NodeID {
    let outer = quoteDepth
    quoteDepth = 0
    defer { quoteDepth = outer }
    let wanted = env.types.vec(env.syntaxType)
    let node = checkFormWithHint(form, wanted)
    let found = resolved(node)
    if found == .error || found == .never || env.types.unify(found, wanted) { return node }
    report(
      .typeMismatch, "`~@` takes a `(Vec Syntax)`, found `\(env.describe(found))`", form, label: "this is `\(env.describe(found))`",
      help: found == env.syntaxType ? "`(syntax-items s)` are the elements of a form; `~` puts in the form itself" : nil)
    return errorNode(form)
  }

  // MARK: Nodes

  func call(_ function: SyntaxFunction, _ nodes: [NodeID], _ form: Form) -> NodeID {
    call(function, nodes, env.syntaxType, form)
  }

  func call(_ function: SyntaxFunction, _ nodes: [NodeID], _ type: TypeID, _ form: Form) -> NodeID {
    guard case .definition(let def)? = env.ownValue(env.known.syntaxFunction(function), in: .prelude), resolveHeader(def)
    else { return errorNode(form) }
    if env[def].kind == .primitive { return primitiveCall(def, nodes, type, form) }
    let b = UInt32(typed.extra.count)
    typed.extra += [0, UInt32(nodes.count)]
    for (i, node) in nodes.enumerated() { typed.extra += [UInt32(i), node.raw] }
    return add(.call, type, a: def.raw, b: b, form)
  }

  func integer(_ value: Int, _ form: Form) -> NodeID {
    literals.append((IntLiteral(magnitude: UInt64(value.magnitude), negative: value < 0), form))
    return add(.int, .int, a: UInt32(literals.count - 1), form)
  }

  func string(_ text: String, _ form: Form) -> NodeID {
    typed.strings.append(Array(text.utf8))
    return add(.string, .string, a: UInt32(typed.strings.count - 1), form)
  }
}
