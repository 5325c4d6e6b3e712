// Text and assertions: forms whose parts are shown according to their types.

extension Checker {
  /// A value to be shown: its literals settle on their defaults.
  func inferShown(_ form: Form) -> NodeID {
    let node = infer(form)
    env.types.defaultLiterals(type(node))
    obligations.append(Obligation(type: type(node), constraints: .show, form: form, what: .none))
    return node
  }

  func textNode(_ special: SpecialForm, _ nodes: [NodeID], _ form: Form) -> NodeID {
    if special == .show { return add(.show, .string, a: nodes[0].raw, form) }
    let mark = stack.count
    for node in nodes { stack.append(node.raw) }
    let b = flush(mark, count: nodes.count)
    switch special {
    case .print: return add(.print, .unit, a: PrintKind.print.rawValue, b: b, form)
    case .println: return add(.print, .unit, a: PrintKind.println.rawValue, b: b, form)
    case .eprintln: return add(.print, .unit, a: PrintKind.eprintln.rawValue, b: b, form)
    default: return add(.str, .string, b: b, form)
    }
  }

  // MARK: Assertions

  func checkAssert(_ form: Form) -> NodeID {
    guard count(form) == 2 || count(form) == 3 else { return malformed(form, "`assert` takes a condition and, if you like, a message") }
    let condition = check(child(form, 1), expected: .bool, tail: false)
    let message: NodeID
    if count(form) == 3 {
      message = check(child(form, 2), expected: .string, tail: false)
    } else {
      typed.strings.append(Array("assertion failed: \(spelling(child(form, 1)))".utf8))
      message = add(.string, .string, a: UInt32(typed.strings.count - 1), form)
    }
    let panic = intrinsicNode(.panic, [message], .never, form)
    let unit = add(.unit, .unit, form)
    return add(.if, .unit, a: condition.raw, b: unit.raw, c: panic.raw, form)
  }

  func checkAssertEqual(_ form: Form) -> NodeID {
    guard count(form) == 3 else { return malformed(form, "`assert=` takes two values", help: "as in `(assert= 4 (+ 2 2))`") }
    let first = infer(child(form, 1))
    let hint = resolved(first)
    let second = hint.isVariable ? infer(child(form, 2)) : checkFormWithHint(child(form, 2), hint)
    if !env.types.unify(resolved(second), resolved(first)), resolved(second) != .never, hint != .never {
      report(
        .typeMismatch,
        "`assert=` compares values of one type, found `\(env.describe(hint))` and `\(env.describe(resolved(second)))`",
        child(form, 2), label: "this is `\(env.describe(resolved(second)))`",
        labels: [Diagnostic.Label(place(child(form, 1)), "this is `\(env.describe(hint))`")])
      return errorNode(form)
    }
    env.types.defaultLiterals(type(first))
    obligations.append(Obligation(type: type(first), constraints: [.eq, .show], form: form, what: .none))
    typed.strings.append(Array("\(spelling(child(form, 1))) = \(spelling(child(form, 2)))".utf8))
    return add(.assertEqual, .unit, a: first.raw, b: second.raw, c: UInt32(typed.strings.count - 1), form)
  }

  /// The form as text again, for messages; long ones are cut.
  func spelling(_ form: Form) -> String {
    var text = ""
    spell(form, into: &text)
    return text.utf8.count > 80 ? String(text.prefix(77)) + "..." : text
  }

  private func spell(_ form: Form, into out: inout String) {
    guard out.utf8.count <= 100 else { return }
    let node = forms.tree[form]
    switch node.tag {
    case .list, .vector:
      out += node.tag == .list ? "(" : "["
      for i in 0..<Int(node.count) {
        if i > 0 { out += " " }
        spell(child(form, i), into: &out)
      }
      out += node.tag == .list ? ")" : "]"
    case .symbol: out += text(Symbol(raw: node.a))
    case .keyword: out += ":" + text(Symbol(raw: node.a))
    case .int:
      let literal = forms.tree.ints[Int(node.a)]
      out += (literal.negative ? "-" : "") + "\(literal.magnitude)"
    case .float: out += "\(forms.tree.floats[Int(node.a)])"
    case .string: out += "\"\(forms.tree.string(form))\""
    case .char: out += "\\" + (Unicode.Scalar(node.a).map { String(Character($0)) } ?? "?")
    case .bool: out += node.a != 0 ? "true" : "false"
    case .quote, .quasiquote, .unquote, .unquoteSplicing:
      out += node.tag == .quote ? "'" : node.tag == .quasiquote ? "`" : node.tag == .unquote ? "~" : "~@"
      spell(child(form, 0), into: &out)
    case .error: out += "?"
    }
  }
}
