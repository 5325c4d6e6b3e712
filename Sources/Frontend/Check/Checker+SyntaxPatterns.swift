// Patterns on syntax: `` `(if ~c ~a ~@rest) `` matches a list of at least three forms whose first is the
// symbol `if`. Symbols are compared by name, whoever wrote them; behind `~` and `~@` stand patterns again.
//
// A template is taken apart by views: a view computes something from the value and matches that.
//
//   `(if ~c)   ─►   view (%parts v 0 2 false) → (Some items & view (%part items 0) → symbol `if`
//                                                      & view (%part items 1) → c)

extension Checker {
  func syntaxPattern(_ form: Form, _ type: TypeID) -> PatternID {
    if type != .error, !env.types.unify(env.syntaxType, type) {
      report(
        .typeMismatch, "this pattern matches `Syntax`, but the value is `\(env.describe(type))`", form)
      return addPattern(.wildcard, .error, form)
    }
    return template(child(form, 0), isOpen: tag(form) == .quasiquote)
  }

  /// `isOpen`: `~` means something.
  private func template(_ form: Form, isOpen: Bool) -> PatternID {
    let node = forms.tree[form]
    switch node.tag {
    case .symbol:
      return test(form) { value in
        self.call(.isSymbol, [value, self.string(self.text(Symbol(raw: node.a)), form)], .bool, form)
      }
    case .unquote where isOpen: return checkPattern(child(form, 0), env.syntaxType, mutable: false)
    case .unquoteSplicing where isOpen:
      report(.badQuote, "`~@` matches the rest of a list or vector, and there is none around it", form)
      return addPattern(.wildcard, .error, form)
    case .list, .vector, .quote: return parts(form, isOpen: isOpen)
    case .quasiquote, .unquote, .unquoteSplicing: return parts(form, isOpen: false)
    case .error: return addPattern(.wildcard, .error, form)
    default:
      return test(form) { value in self.call(.isEqual, [value, self.literal(form)], .bool, form) }
    }
  }

  private func literal(_ form: Form) -> NodeID { checkQuote(makeQuote(form)) }

  private func makeQuote(_ form: Form) -> Form {
    let span = forms.tree.span(form)
    let first = UInt32(forms.tree.children.count)
    forms.tree.children.append(form)
    forms.tree.nodes.append(FormNode(tag: .quote, start: span.start, end: span.end, a: first, count: 1))
    return Form(raw: UInt32(forms.tree.nodes.count - 1))
  }

  private func parts(_ form: Form, isOpen: Bool) -> PatternID {
    let total = count(form)
    let rest = isOpen ? (0..<total).first { tag(child(form, $0)) == .unquoteSplicing } : nil
    if let rest, let second = (rest + 1..<total).first(where: { tag(child(form, $0)) == .unquoteSplicing }) {
      report(
        .badQuote, "a pattern has one `~@` in a list: where the first ends would be open", child(form, second),
        labels: [Diagnostic.Label(place(child(form, rest)), "the first is here")])
    }
    let vec = env.types.vec(env.syntaxType)
    let option = env.option(vec)
    return view(env.syntaxType, form) { value in
      let wanted = rest == nil ? total : total - 1
      let items = call(
        .parts, [value, integer(Int(tag(form).rawValue), form), integer(wanted, form), add(.bool, .bool, a: rest == nil ? 0 : 1, form)],
        option, form)
      let found = hiddenLocal(vec)
      let mark = stack.count
      var made = 1
      stack.append(addPattern(.bind, vec, a: found.raw, form).raw)
      for i in 0..<total {
        let item = child(form, i)
        // Behind the rest, parts are counted from the end.
        let index = integer(rest.map { i > $0 } == true ? i - total : i, item)
        let from = add(.local, vec, a: found.raw, item)
        let pattern: PatternID
        if tag(item) == .unquoteSplicing, isOpen, i != rest {
          pattern = addPattern(.wildcard, .error, item)  // told above
        } else if i == rest {
          let value = call(.rest, [from, integer(i, item), integer(total - 1 - i, item)], vec, item)
          pattern = view(value, vec, item) { checkPattern(child(item, 0), vec, mutable: false) }
        } else {
          let value = call(.part, [from, index], item)
          pattern = view(value, env.syntaxType, item) { template(item, isOpen: isOpen) }
        }
        stack.append(pattern.raw)
        made += 1
      }
      let all = addPattern(.all, vec, b: flush(mark, count: made), form)
      let caseMark = stack.count
      stack += [0, all.raw]
      let cases = env[env.optionDef].cases
      let some = (cases.first { env.cases[$0].name == env.known.some } ?? cases.lowerBound) - cases.lowerBound
      return (items, addPattern(.enumCase, option, a: UInt32(some), b: flush(caseMark, count: 1), form))
    }
  }

  // MARK: Views

  /// Matches when a computation on the value answers true.
  private func test(_ form: Form, _ condition: (NodeID) -> NodeID) -> PatternID {
    view(env.syntaxType, form) { (condition($0), addPattern(.bool, .bool, a: 1, form)) }
  }

  private func view(_ type: TypeID, _ form: Form, _ make: (NodeID) -> (NodeID, PatternID)) -> PatternID {
    let value = hiddenLocal(type)
    let (node, pattern) = make(add(.local, type, a: value.raw, form))
    typed.extra += [node.raw, pattern.raw]
    return addPattern(.view, type, a: value.raw, b: UInt32(typed.extra.count - 2), form)
  }

  /// A part of what is matched already: computes `node` and matches that.
  private func view(_ node: NodeID, _ type: TypeID, _ form: Form, _ pattern: () -> PatternID) -> PatternID {
    let ignored = hiddenLocal(type)
    let pattern = pattern()
    typed.extra += [node.raw, pattern.raw]
    return addPattern(.view, type, a: ignored.raw, b: UInt32(typed.extra.count - 2), form)
  }
}
