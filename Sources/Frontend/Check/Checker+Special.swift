// Special forms: which of them is checked where, and what needs little: sequences and bindings,
// threading, tuples and vectors, live programs.

extension Checker {
  func checkSpecial(_ special: SpecialForm, _ form: Form, expected: TypeID, tail: Bool) -> NodeID {
    switch special {
    case .let: return checkLet(form, expected, tail)
    case .do: return checkSequence(form, from: 1, expected: expected, tail: tail)
    case .set: return checkSet(form)
    case .if: return checkIf(form, expected, tail)
    case .when, .unless: return checkWhen(form, negated: special == .unless, tail)
    case .cond: return checkCond(form, expected, tail)
    case .match: return checkMatch(form, expected, tail)
    case .while: return checkWhile(form)
    case .for: return checkFor(form)
    case .loop: return checkLoop(form, expected)
    case .recur: return checkRecur(form, tail)
    case .fn: return checkLambda(form, expected)
    case .and, .or: return checkLogic(form, special == .and ? .and : .or, tail)
    case .break, .continue: return checkJump(form, special)
    case .return: return checkReturn(form)
    case .assert: return checkAssert(form)
    case .assertEqual: return checkAssertEqual(form)
    case .try: return checkTry(form)
    case .ifLet, .whenLet: return checkIfLet(form, special, expected, tail)
    case .threadFirst, .threadLast: return checkThread(form, special, expected, tail)
    case .ascribe: return checkAscription(form)
    case .with: return checkWith(form)
    case .tuple: return checkTuple(form, expected)
    case .vec: return checkVec(form, expected)
    case .mapOf, .setOf: return checkCollection(special, form, expected)
    case .restartPoint: return checkRestartPoint(form, expected)
    case .liveLoop: return checkLiveLoop(form)
    case .str, .print, .println, .eprintln:
      var nodes: [NodeID] = []
      for i in 1..<max(1, count(form)) {
        if tag(child(form, i)) == .symbol, let help = infixHelp(form, at: i) {
          report(.malformedForm, "an operator stands between values here", child(form, i), help: help)
          nodes.append(errorNode(child(form, i)))
          continue
        }
        nodes.append(inferShown(child(form, i)))
      }
      return textNode(special, nodes, form)
    case .show:
      guard count(form) == 2 else { return malformed(form, "`show` takes one value") }
      return textNode(.show, [inferShown(child(form, 1))], form)
    case .fmt: return checkFormat(form)
    case .import:
      return malformed(form, "`import` stands at top level, not inside an expression", help: "an import holds for the whole file; write it there, before the definitions")
    case .defn, .defnPrivate, .def, .defvar, .defstruct, .defrecord, .defenum, .defalias, .deftest,
      .defmacro, .deftrait, .impl, .extern, .project, .intrinsic, .primitive:
      return malformed(form, "`\(special.spelling)` stands at top level, not inside an expression")
    case .unsafe:
      report(.unavailable, "C calls, and with them `unsafe`, are not available yet", form)
      return errorNode(form)
    case .infinity, .negativeInfinity, .nan, .pi:
      report(.notAFunction, "`\(special.spelling)` is a number, not a function", child(form, 0))
      return errorNode(form)
    }
  }

  func malformed(_ form: Form, _ message: String, help: String? = nil) -> NodeID {
    report(.malformedForm, message, form, help: help)
    return errorNode(form)
  }

  // MARK: Sequences and bindings

  /// The forms of a list from `start` on, the last one's value being the sequence's.
  func checkSequence(_ form: Form, from start: Int, expected: TypeID, tail: Bool) -> NodeID {
    let total = count(form)
    if start >= total {
      let node = add(.unit, .unit, form)
      return expected == .none ? node : coerce(node, to: expected, form)
    }
    if start == total - 1 { return check(child(form, start), expected: expected, tail: tail) }
    let mark = stack.count
    var result = NodeID.none
    for i in start..<total {
      let item = child(form, i)
      if i < total - 1 {
        // Nobody wants the value, so branches may differ in type.
        let node = check(item, expected: .unit, tail: false)
        if !isList(item) { warnUnused(node, item, isFirst: i == start) }
        stack.append(node.raw)
      } else {
        result = check(item, expected: expected, tail: tail)
        stack.append(result.raw)
      }
    }
    return add(.block, type(result), b: flush(mark, count: total - start), form)
  }

  /// A value in the middle of a body that is written out or named, and so does nothing.
  private func warnUnused(_ node: NodeID, _ form: Form, isFirst: Bool) {
    if typed[node].tag == .error { return }
    let isText = tag(form) == .string
    report(
      .unusedValue, "this \(isText ? "string" : "value") does nothing here", form, label: "not used",
      help: isText && isFirst
        ? "documentation stands before the parameters: `(defn name \"..\" [x: Int] -> Int ..)`"
        : "take it out, or put it last if it is the value that is meant")
  }

  private func checkLet(_ form: Form, _ expected: TypeID, _ tail: Bool) -> NodeID {
    guard count(form) >= 2, tag(child(form, 1)) == .vector else {
      return malformed(form, "`let` takes its bindings in brackets", help: "as in `(let [x 1 y 2] (+ x y))`")
    }
    let bindings = child(form, 1)
    let scopeMark = scope.count
    let mark = stack.count
    var made = 0
    var i = 0
    let total = count(bindings)
    while i < total {
      var target = child(bindings, i)
      var mutable = false
      if symbol(target) == env.known.mut, i + 1 < total {
        mutable = true
        i += 1
        target = child(bindings, i)
      }
      let first = i
      let length = patternLength(bindings, i, limit: total - 1)
      i += length
      // `y: Int 3` reads as the symbol `y:`, a type and the value.
      var annotation = TypeID.none
      var name = identifier(target)
      if length == 1, name != .none, i + 1 < total, symbol(child(bindings, i)).raw == SpecialForm.ascribe.rawValue {
        report(
          .malformedForm, "the colon belongs to the name", child(bindings, i),
          help: "write `\(text(name)): \(spelling(child(bindings, i + 1)))`, and the value behind it")
        annotation = parseType(child(bindings, i + 1))
        i += 2
      } else if length == 1, name != .none, let plain = annotatedName(name) {
        name = plain
        guard i < total else {
          report(.malformedForm, "binding `\(text(name))` has neither type nor value", target)
          _ = declare(name, .error, mutable: true)
          break
        }
        annotation = parseType(child(bindings, i))
        i += 1
      }
      guard i < total else {
        report(
          .malformedForm, "binding `\(name == .none ? "pattern" : text(name))` has no value", target,
          help: "bindings come in pairs: a name and its value")
        if name != .none { _ = declare(name, annotation == .none ? .error : annotation, mutable: true) }
        break
      }
      let value = child(bindings, i)
      i += 1
      let node: NodeID
      if annotation == .none {
        node = infer(value)
        env.types.defaultLiterals(type(node))
      } else {
        node = annotation == .unit ? infer(value) : check(value, expected: annotation, tail: false)
      }
      let type = annotation == .none ? resolved(node) : annotation
      if length == 1, env.interner.base(name) == env.known.underscore {
        stack.append(add(.drop, .unit, a: node.raw, target).raw)
      } else if length == 1, name != .none, isBindingName(name) {
        let local = declare(name, type, mutable: mutable)
        stack.append(add(.bind, .unit, a: local.raw, b: node.raw, target).raw)
      } else {
        var position = first
        let pattern = checkPatternSequence(bindings, &position, limit: i - 1, type, mutable: mutable)
        requireIrrefutable(pattern, type, child(bindings, position - 1))
        stack.append(add(.bindPattern, .unit, a: pattern.raw, b: node.raw, target).raw)
      }
      made += 1
    }
    let body = checkSequence(form, from: 2, expected: expected, tail: tail)
    stack.append(body.raw)
    scope.removeLast(scope.count - scopeMark)
    return add(.block, type(body), b: flush(mark, count: made + 1), form)
  }

  /// `x:` in a binding position is the name `x` with a type behind it.
  func annotatedName(_ name: Symbol) -> Symbol? { env.interner.annotated(name) }

  /// Lower-case names bind; capitalised ones are constructors.
  func isBindingName(_ name: Symbol) -> Bool {
    if env.interner.split(name) != nil { return false }
    let first = env.interner.firstByte(name)
    return !(first >= UInt8(ascii: "A") && first <= UInt8(ascii: "Z"))
  }

  // MARK: Rewriting and types

  /// `(-> x (f 1) .name (g))`: rewrites the forms, then checks the result.
  private func checkThread(_ form: Form, _ special: SpecialForm, _ expected: TypeID, _ tail: Bool) -> NodeID {
    guard count(form) >= 2 else { return malformed(form, "`\(special.spelling)` needs a value to begin with") }
    var value = child(form, 1)
    for i in 2..<max(2, count(form)) {
      let step = child(form, i)
      var items: [Form] = []
      if isList(step), count(step) > 0 {
        for j in 0..<count(step) { items.append(child(step, j)) }
        items.insert(value, at: special == .threadFirst ? 1 : items.count)
      } else {
        items = [step, value]
      }
      value = makeList(items, like: step)
    }
    return check(value, expected: expected, tail: tail)
  }

  func makeList(_ items: [Form], like form: Form) -> Form {
    let span = forms.tree.span(form)
    let first = UInt32(forms.tree.children.count)
    forms.tree.children += items
    forms.tree.nodes.append(
      FormNode(tag: .list, start: span.start, end: span.end, a: first, count: UInt32(items.count)))
    return Form(raw: UInt32(forms.tree.nodes.count - 1))
  }

  private func checkAscription(_ form: Form) -> NodeID {
    guard count(form) == 3 else { return malformed(form, "an ascription is `(: expression Type)`") }
    let type = parseType(child(form, 2))
    return type == .unit ? infer(child(form, 1)) : check(child(form, 1), expected: type, tail: false)
  }

  // MARK: Aggregates

  private func checkTuple(_ form: Form, _ expected: TypeID) -> NodeID {
    let wanted = expected == .none ? TypeID.none : env.types.resolve(expected)
    let total = count(form) - 1
    let hasHint = wanted != .none && !wanted.isVariable && env.types.tag(wanted) == .tuple && env.types.count(wanted) == total
    guard total >= 1 else { return malformed(form, "a tuple has at least one element; nothing at all is `()`") }
    let mark = stack.count
    var types: [TypeID] = []
    for i in 0..<total {
      let hint = hasHint ? env.types.argument(wanted, i) : TypeID.none
      let node = hint == .none || env.types.resolve(hint) == .unit ? infer(child(form, i + 1)) : check(child(form, i + 1), expected: hint, tail: false)
      types.append(hint == .none ? type(node) : hint)
      stack.append(node.raw)
    }
    return add(.makeTuple, env.types.tuple(types), b: flush(mark, count: total), form)
  }

  private func checkVec(_ form: Form, _ expected: TypeID) -> NodeID {
    let wanted = expected == .none ? TypeID.none : env.types.resolve(expected)
    var element = TypeID.none
    if wanted != .none, !wanted.isVariable, env.types.tag(wanted) == .vec { element = env.types.argument(wanted, 0) }
    let total = count(form) - 1
    let mark = stack.count
    if element == .none { element = env.types.freshVariable() }
    for i in 0..<total {
      let item = child(form, i + 1)
      let node = env.types.resolve(element) == .unit ? infer(item) : check(item, expected: element, tail: false)
      stack.append(node.raw)
    }
    return add(.makeVec, env.types.vec(element), b: flush(mark, count: total), form)
  }

  // MARK: Live programs

  private func checkRestartPoint(_ form: Form, _ expected: TypeID) -> NodeID {
    guard count(form) >= 3 else { return malformed(form, "`restart-point` takes a name and a body") }
    typed.strings.append(Array(text(symbol(child(form, 1))).utf8))
    let name = UInt32(typed.strings.count - 1)
    let body = checkSequence(form, from: 2, expected: expected, tail: false)
    return add(.restartPoint, type(body), a: name, b: body.raw, form)
  }

  private func checkLiveLoop(_ form: Form) -> NodeID {
    guard count(form) == 3 else {
      return malformed(form, "`live-loop` takes a function that makes the state and one that steps it", help: "as in `(live-loop start frame)`")
    }
    let state = env.types.freshVariable()
    let start = check(child(form, 1), expected: env.types.function([], state), tail: false)
    let step = check(child(form, 2), expected: env.types.function([state], .bool), tail: false)
    return add(.liveLoop, .unit, a: start.raw, b: step.raw, form)
  }
}
