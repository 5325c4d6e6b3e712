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
    case .quote, .quasiquote, .unquote, .unquoteSplicing: spell(child(form, 0), into: &out)
    case .error: out += "?"
    }
  }

  // MARK: Obligations

  /// Checks what types must be able to do, now that they are known.
  func discharge() {
    for obligation in obligations {
      var type = env.types.resolve(obligation.type)
      if type.isVariable {
        env.types.defaultLiterals(type)
        type = env.types.resolve(type)
        if type.isVariable {
          if obligation.constraints.isDisjoint(with: [.numeric, .integer, .floating]) { continue }
          if !problems.contains(where: { $0.severity == .error }) {
            report(
              .cannotInfer, "the type of the operands of `\(text(obligation.what))` cannot be inferred", obligation.form,
            help: "annotate the parameters, as in `(fn [x: Int y: Int] ..)`")
          }
          _ = env.types.unify(type, .error)
          continue
        }
      }
      if type == .error || type == .never { continue }
      // Permanent types are equal when their numbers are, by which a recursive one is recognised.
      var isOpen = false
      type = env.types.zonk(type, unsolved: &isOpen)
      if let lack = lacking(obligation.constraints, type) { report(lack, type, obligation) }
    }
  }

  private func report(_ lack: Constraints, _ type: TypeID, _ obligation: Obligation) {
    let name = env.describe(type)
    let tag = env.types.tag(type)
    switch lack {
    case .numeric, .integer, .floating:
      let wanted = lack == .integer ? "integers" : lack == .floating ? "floats" : "numbers"
      report(
        .notNumeric, "`\(text(obligation.what))` works on \(wanted), not on `\(name)`", obligation.form,
        help: type == .string ? "`(str a b)` joins strings" : type.isNumeric ? "convert it: `(\(lack == .integer ? "int" : "float") x)`" : nil)
    default:
      let verb = lack == .eq ? "compared for equality" : lack == .ord ? "ordered" : lack == .hash ? "hashed" : "shown"
      var help: String?
      if tag == .record {
        help = lack == .hash
          ? "records have identity, not contents: use one of its fields as the key, or a struct"
          : "records have identity: `(same? a b)` tells whether two are the same object"
      }
      if tag == .function { help = "functions have no such comparison" }
      if tag == .parameter {
        let constraint = lack == .eq ? "Eq" : lack == .ord ? "Ord" : lack == .hash ? "Hash" : "Show"
        help = "say so in the signature: `:where (\(constraint) \(name))`"
      }
      report(.notComparable, "`\(name)` cannot be \(verb)", obligation.form, help: help)
    }
  }

  /// The first of `constraints` that `type` does not satisfy.
  func lacking(_ constraints: Constraints, _ type: TypeID) -> Constraints? {
    for single in [Constraints.numeric, .integer, .floating, .hash, .ord, .eq, .show] where constraints.contains(single) {
      var visited: [TypeID] = []
      if !satisfies(type, single, &visited) { return single }
    }
    return nil
  }

  private func satisfies(_ type: TypeID, _ constraint: Constraints, _ visited: inout [TypeID]) -> Bool {
    let type = env.types.resolve(type)
    if type.isVariable || type == .error || type == .never { return true }
    let node = env.types[type]
    if node.tag == .parameter {
      let index = Int(node.def.raw)
      guard index < ownParameters.count else { return true }
      let given = ownParameters[index].constraints
      if constraint == .show { return true }  // everything can be shown
      if constraint == .eq, given.contains(.ord) || given.contains(.hash) { return true }
      if constraint == .numeric, given.contains(.integer) || given.contains(.floating) { return true }
      if constraint == .eq || constraint == .ord, !given.isDisjoint(with: [.numeric, .integer, .floating]) { return true }
      return given.contains(constraint)
    }
    switch constraint {
    case .numeric: return type.isNumeric
    case .integer: return type.isInteger
    case .floating: return type.isFloating
    case .show: return true
    default: break
    }
    switch node.tag {
    case .record where node.def == env.mapDef && node.def != .none:
      for i in 0..<Int(node.count) where !satisfies(env.types.argument(type, i), constraint, &visited) { return false }
      return true
    case .function, .ptr, .record: return false
    case .tuple, .vec, .structure, .enumeration:
      if visited.contains(type) { return true }
      visited.append(type)
      for i in 0..<Int(node.count) where node.tag == .tuple || node.tag == .vec {
        if !satisfies(env.types.argument(type, i), constraint, &visited) { return false }
      }
      if node.tag == .structure {
        for field in env[node.def].fields where !satisfies(fieldType(field, of: type), constraint, &visited) { return false }
      }
      if node.tag == .enumeration {
        for index in env[node.def].cases {
          for field in env.cases[index].fields where !satisfies(fieldType(field, of: type), constraint, &visited) {
            return false
          }
        }
      }
      return true
    default: return true
    }
  }
}
