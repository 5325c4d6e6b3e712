// A form with all its macro calls expanded, for people to read. Nothing is checked, so names may be
// unknown and types wrong; which names are locals is told by where they stand.

extension Checker {
  public struct FullExpansion {
    /// The form's own call expanded once; nil when the form is no macro call.
    public var step: Form?
    public var full: Form
    /// Names that stand where names are bound, without colons.
    public var binders: Set<Symbol>
    /// The forms were more than anybody reads; some are as they were.
    public var isCutShort: Bool
  }

  private struct ExpansionWalk {
    var step: Form?
    var binders: Set<Symbol> = []
    /// What shadows macros at this point.
    var locals: [Symbol] = []
    /// How many forms may still be looked at: a form may stand in many places of an expansion.
    var formsLeft = 1_000_000
  }

  /// Expands the macro calls in a form of `module`. Problems of the calls are reported.
  public func expandFully(_ item: ItemID, at location: FormLocation, module: ModuleID) -> FullExpansion {
    enter(location)
    self.item = item
    self.module = module
    expansion = -1
    var walk = ExpansionWalk()
    let full = expanded(location.root, isRoot: true, &walk)
    return FullExpansion(step: walk.step, full: full, binders: walk.binders, isCutShort: walk.formsLeft <= 0)
  }

  private func expanded(_ form: Form, isRoot: Bool, _ walk: inout ExpansionWalk) -> Form {
    walk.formsLeft -= 1
    guard walk.formsLeft > 0, tag(form) == .list || tag(form) == .vector, count(form) > 0 else { return form }
    let isList = tag(form) == .list
    let head = isList ? identifier(child(form, 0)) : .none
    if head != .none, !walk.locals.contains(head), case .definition(let def)? = value(head), env[def].kind == .macro {
      let result = inExpansion(of: form, def) { result -> Form in
        if isRoot { walk.step = result }
        return expanded(result, isRoot: false, &walk)
      }
      return result ?? form
    }
    let mark = walk.locals.count
    let isMatch = isList && symbol(child(form, 0)).raw == SpecialForm.match.rawValue
    var items: [Form] = []
    var isNew = false
    for i in 0..<count(form) {
      let old = child(form, i)
      if isList, i > 0, tag(old) == .vector { bind(directNamesOf: old, &walk) }
      if isMatch, i > 1, i % 2 == 0 {
        walk.locals.removeLast(walk.locals.count - mark)
        bind(namesInPattern: old, &walk)
      }
      let new = expanded(old, isRoot: false, &walk)
      if new != old { isNew = true }
      items.append(new)
    }
    walk.locals.removeLast(walk.locals.count - mark)
    guard isNew else { return form }
    var node = forms.tree[form]
    node.a = UInt32(forms.tree.children.count)
    forms.tree.children += items
    forms.tree.nodes.append(node)
    return Form(raw: UInt32(forms.tree.nodes.count - 1))
  }

  private func bind(directNamesOf vector: Form, _ walk: inout ExpansionWalk) {
    for i in 0..<count(vector) {
      let item = child(vector, i)
      if identifier(item) != .none { bind(identifier(item), &walk) } else if isList(item) { bind(namesInPattern: item, &walk) }
    }
  }

  /// Heads of lists are constructors or macros.
  private func bind(namesInPattern pattern: Form, _ walk: inout ExpansionWalk) {
    if identifier(pattern) != .none { return bind(identifier(pattern), &walk) }
    guard isList(pattern), count(pattern) > 1 else { return }
    for i in 1..<count(pattern) where identifier(child(pattern, i)) != .none { bind(identifier(child(pattern, i)), &walk) }
  }

  private func bind(_ name: Symbol, _ walk: inout ExpansionWalk) {
    let plain = annotatedName(name) ?? name
    walk.binders.insert(plain)
    walk.locals.append(plain)
  }
}
