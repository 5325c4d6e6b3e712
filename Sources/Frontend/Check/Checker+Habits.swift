// Hints for those who come from other languages: names, operators between their operands, types that
// begin with a small letter. Looked at only when an error is told.

extension Checker {
  /// What an unknown name in a place of that kind probably means.
  func habit(_ name: Symbol, _ kind: Habit.Kind) -> Habit? { Habit.named(text(name), kind) }

  /// The help for a list whose first form is no function and whose second is an operator.
  func infixHelp(_ form: Form) -> String? {
    guard count(form) >= 3, let name = operatorName(child(form, 1)) else { return nil }
    var operands = [spelling(child(form, 0))]
    for i in stride(from: 2, to: count(form), by: 2) {
      if i > 2, operatorName(child(form, i - 1)) != name { return "operators come first, as in `(+ a b)`" }
      operands.append(spelling(child(form, i)))
    }
    return operatorHelp(name, operands)
  }

  /// The same for an operator between the arguments of a call, which is child `index`.
  func infixHelp(_ form: Form, at index: Int) -> String? {
    guard index > 1, index + 1 < count(form), let name = operatorName(child(form, index)) else { return nil }
    return operatorHelp(name, [spelling(child(form, index - 1)), spelling(child(form, index + 1))])
  }

  /// As above for the first operator among the arguments of a call.
  func infixHelp(amongArguments form: Form) -> String? {
    for i in 2..<max(2, count(form) - 1) {
      if let help = infixHelp(form, at: i) { return help }
    }
    return nil
  }

  private func operatorHelp(_ name: String, _ operands: [String]) -> String {
    // What is joined to a text is shown.
    let joins = name == "+" && operands.contains { $0.hasPrefix("\"") }
    return "operators come first: `(\(joins ? "str" : name)\(operands.map { " " + $0 }.joined()))`"
  }

  private func operatorName(_ form: Form) -> String? {
    let name = identifier(form)
    guard name != .none, !scope.contains(where: { $0.name == name }) else { return nil }
    return Habit.operatorName(text(name))
  }

  /// For a mismatch in which a type variable has the name of a type in small letters.
  func variableHelp(_ types: TypeID...) -> String? {
    for type in types {
      let type = env.types.resolve(type)
      guard !type.isVariable, env.types.tag(type) == .parameter else { continue }
      let name = env.describe(type)
      let known = KnownSymbols.builtinTypes.map(\.name) + env.visibleTypes(in: module).map(text)
      if let meant = known.first(where: { $0.lowercased() == name && $0 != name }) {
        return "`\(name)` is a type variable here; types begin with a capital letter: `\(meant)`"
      }
      if let habit = Habit.named(name, .type) { return "`\(name)` is a type variable here; \(habit.help)" }
    }
    return nil
  }

  /// For a name that is not defined, when a local is called `name:Type`.
  func gluedHelp(_ name: Symbol) -> String? {
    let start = text(name) + ":"
    guard let local = scope.last(where: { text($0.name).hasPrefix(start) && text($0.name) != start }) else { return nil }
    return "a local is called `\(text(local.name))` here: a blank belongs behind the colon, `\(start) \(text(local.name).dropFirst(start.count))`"
  }

  /// The result type of a function whose arrow is missing, when something like it stands at `index`.
  func resultHelp(_ root: Form, _ index: Int) -> String? {
    guard index + 1 < count(root) else { return nil }
    var form = child(root, index)
    if symbol(form).raw == SpecialForm.ascribe.rawValue || text(symbol(form)) == "=>" { form = child(root, index + 1) }
    let head = isList(form) && count(form) > 0 ? symbol(child(form, 0)) : symbol(form)
    return head != .none && !isBindingName(head) ? "the result stands behind an arrow: `-> \(spelling(form))`" : nil
  }

  /// How a name and its type were meant to be written at `index` of a list of parameters or fields, and
  /// how many forms that takes: `x : Int`, `x:Int`, `x :Int`, `x Int`.
  func misspeltAnnotation(_ list: Form, _ index: Int) -> (name: String, type: String, forms: Int)? {
    let form = child(list, index)
    guard symbol(form) != .none, annotatedName(symbol(form)) == nil else { return nil }
    let name = text(symbol(form))
    guard let first = name.first, first.isLetter || first == "_" else { return nil }
    if let colon = name.firstIndex(of: ":"), colon != name.startIndex {
      return (String(name[..<colon]), String(name[name.index(after: colon)...]), 1)
    }
    guard index + 1 < count(list), isBindingName(identifier(form)) else { return nil }
    let next = child(list, index + 1)
    if keyword(next) != .none { return (name, text(keyword(next)), 2) }
    if symbol(next) != .none, text(symbol(next)) == ":" {
      return (name, index + 2 < count(list) ? spelling(child(list, index + 2)) : "Type", index + 2 < count(list) ? 3 : 2)
    }
    let head = isList(next) && count(next) > 0 ? symbol(child(next, 0)) : symbol(next)
    return head != .none && !isBindingName(head) ? (name, spelling(next), 2) : nil
  }
}
