// Where an expected type came from: for a mismatch, the declaration that asked for the type.
//
// Nothing is noted while checking. A mismatch looks up the forms around it, from the inside: as long as each
// hands its own expectation on to the form at hand (the last form of a `let`, the branches of an `if`), the
// one around it is asked, up to a declared type.

extension Checker {
  /// A label at what declares the type that is expected of `form`; none when that is found otherwise.
  func originLabel(of form: Form) -> [Diagnostic.Label] {
    let path = path(to: form)
    var k = path.count - 1
    while k > 0 {
      let (around, index) = (path[k - 1].form, path[k].index)
      if tag(around) == .vector {
        // The bindings of a `let` that declares the type.
        if index >= 2, k > 1, bindsValues(path[k - 2].form), let name = annotatedName(symbol(child(around, index - 2))) {
          return label(child(around, index - 1), "`\(text(name))` is declared to be this")
        }
        return []
      }
      guard isList(around), count(around) > 0, let special = SpecialForm(symbol(child(around, 0))) else { return [] }
      let isLast = index == count(around) - 1
      switch special {
      case .do, .let, .loop, .when, .unless, .whenLet: if index == 0 || !isLast { return [] }
      case .if, .ifLet: if index < 2 { return [] }
      case .cond: if index % 2 != 0 { return [] }
      case .tuple: break
      case .vec:
        if index > 1 {
          let outer = path.count > 1 ? originLabel(of: around) : []
          return outer.isEmpty ? label(child(around, 1), "the first element says what the others are") : outer
        }
      case .match: if index < 3 || isPattern(around, index) { return [] }
      case .ascribe: return index == 1 && count(around) == 3 ? label(child(around, 2), "the type that is asked for") : []
      case .def, .defvar:
        guard isLast, let name = annotatedName(symbol(child(around, 1))) else { return [] }
        return label(child(around, 2), "`\(text(name))` is declared to be this")
      case .defn, .defnPrivate, .fn:
        return isLast ? resultLabel(around) : []
      case .return:
        for outer in path[..<(k - 1)].reversed() where isList(outer.form) && count(outer.form) > 0 {
          switch SpecialForm(symbol(child(outer.form, 0))) {
          case .defn?, .defnPrivate?, .fn?: return resultLabel(outer.form)
          default: continue
          }
        }
        return []
      default: return []
      }
      k -= 1
    }
    return []
  }

  private func label(_ form: Form, _ message: String) -> [Diagnostic.Label] { [Diagnostic.Label(place(form), message)] }

  /// The type behind the arrow of a function.
  private func resultLabel(_ function: Form) -> [Diagnostic.Label] {
    for i in 0..<max(0, count(function) - 1) where symbol(child(function, i)) == env.known.arrow {
      return label(child(function, i + 1), "the function is declared to answer this")
    }
    return []
  }

  private func bindsValues(_ form: Form) -> Bool {
    guard isList(form), count(form) > 1 else { return false }
    let special = SpecialForm(symbol(child(form, 0)))
    return special == .let || special == .loop
  }

  /// Whether child `index` of a `match` is a pattern: clauses come in pairs unless `x @ pattern` is among them.
  private func isPattern(_ form: Form, _ index: Int) -> Bool {
    for i in 2..<count(form) where symbol(child(form, i)) == env.known.at { return true }
    return index % 2 == 0
  }

  /// From the item's form down to `form`, each with its number in the one before; empty when it is not in
  /// the text of the item, as what a macro made is not.
  private func path(to form: Form) -> [(form: Form, index: Int)] {
    guard let root = forms.tree.roots.first else { return [] }
    let span = forms.tree.span(form)
    var path = [(form: root, index: 0)]
    while let last = path.last, last.form != form {
      switch tag(last.form) {
      case .list, .vector, .quote, .quasiquote, .unquote, .unquoteSplicing: break
      default: return []
      }
      guard
        let next = (0..<count(last.form)).first(where: {
          let around = forms.tree.span(child(last.form, $0))
          return around.start <= span.start && span.end <= around.end
        })
      else { return [] }
      path.append((child(last.form, next), next))
    }
    return path
  }
}
