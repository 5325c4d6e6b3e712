// The forms of an item: which of them define something and under what names, and which are macro calls
// that may.

extension Checker {
  /// The forms of an item that define something, in the order of the text.
  public func definitionForms(in root: Form) -> [Form] {
    var found: [Form] = []
    collectDefinitionForms(root, &found)
    return found
  }

  /// What tells these definitions apart from all others of a module, in the same order: their names, for
  /// functions of an `impl` behind that of the `impl`.
  public func definitionKeys(in root: Form) -> [String] { identities(in: root).map(\.key) }

  /// The same with what kind of definition each is: one that is of another kind is another definition.
  public func identities(in root: Form) -> [DefinitionIdentity] {
    var found: [DefinitionIdentity] = []
    collectIdentities(root, &found)
    return found
  }

  private func collectIdentities(_ root: Form, _ found: inout [DefinitionIdentity]) {
    if isGroup(root) {
      for i in 1..<max(1, count(root)) { collectIdentities(child(root, i), &found) }
      return
    }
    if isMigration(root) {
      found.append(DefinitionIdentity(key: text(migrationName(child(root, 1))), kind: .migration, isTest: false))
      return
    }
    guard let name = definedName(of: root), let special = SpecialForm(symbol(child(root, 0))), let kind = special.definitionKind else { return }
    found.append(DefinitionIdentity(key: text(name), kind: kind, isTest: special == .deftest))
    guard isTraitOrImplementation(root) else { return }
    let front = kind == .implementation ? text(name) + "/" : ""
    for i in memberIndices(root) {
      guard let member = memberName(child(root, i)) else { continue }
      found.append(
        DefinitionIdentity(
          key: front + text(symbol(member)), kind: kind == .trait ? .method : .function, isTest: false,
          owner: kind == .trait ? text(name) : ""))
    }
  }

  /// How many forms a definition's form holds, and where the first of its methods or functions begins;
  /// nil for a definition without any.
  public func memberPart(of form: Form) -> (forms: Int, start: Int)? {
    guard isList(form), count(form) > 0, isTraitOrImplementation(form) else { return nil }
    return (count(form), memberIndices(form).first.map { Int(span(child(form, $0)).start) } ?? Int(span(form).end))
  }

  private func collectDefinitionForms(_ root: Form, _ found: inout [Form]) {
    if isGroup(root) {
      for i in 1..<max(1, count(root)) { collectDefinitionForms(child(root, i), &found) }
    } else if definedName(of: root) != nil {
      found.append(root)
      if isTraitOrImplementation(root) { found += memberIndices(root).map { child(root, $0) } }
    }
  }

  /// The forms of an item, those of groups one by one.
  func topLevelForms(in root: Form) -> [Form] {
    isGroup(root) ? (1..<max(1, count(root))).flatMap { topLevelForms(in: child(root, $0)) } : [root]
  }

  /// Whether a form, or each one of a group, is a definition by its head.
  public func makesDefinitions(_ root: Form) -> Bool {
    let all = topLevelForms(in: root)
    return !all.isEmpty && all.allSatisfy { form in
      if isMigration(form) { return true }
      guard isList(form), count(form) > 0, let special = SpecialForm(symbol(child(form, 0))) else { return false }
      return special.rawValue < SpecialForm.let.rawValue
    }
  }

  func reportNotADefinition(_ root: Form) {
    let head = symbol(child(root, 0))
    if head == env.known.migrate { return reportMalformedMigration(root) }
    report(
      .notADefinition, "only definitions stand at top level", root,
      help: head == .none ? nil
        : habit(head, .definition)?.help ?? suggestion(head, among: SpecialForm.allCases.filter { $0.rawValue < SpecialForm.let.rawValue }.map { Symbol(raw: $0.rawValue) })
          ?? "put what the program does into `(defn main [] -> Unit ..)`")
  }

  /// Whether the item last declared has forms that may be macro calls.
  public var hasOpenCalls: Bool { chain.hasCalls }

  /// Expands the macro calls among the forms of an item. The new root of its tree, or nil when there was
  /// nothing to expand; `isOpen` when calls are left that no macro is known for, or that failed. With `isLast`
  /// those are reported.
  public func expandItem(_ item: ItemID, at location: FormLocation, module: ModuleID, isLast: Bool) -> (root: Form?, isOpen: Bool) {
    enter(location)
    self.item = item
    self.module = module
    expansion = -1
    var isOpen = false
    func expanded(_ form: Form) -> Form {
      guard tag(form) == .list, count(form) > 0, symbol(child(form, 0)) != .none else { return form }
      if isGroup(form) {
        var items: [Form] = []
        var isNew = false
        for i in 0..<count(form) {
          let old = child(form, i)
          let new = i == 0 ? old : expanded(old)
          if new != old { isNew = true }
          items.append(new)
        }
        return isNew ? makeList(items, like: form) : form
      }
      if let special = SpecialForm(symbol(child(form, 0))), special.rawValue < SpecialForm.let.rawValue { return form }
      if isMigration(form) { return form }
      if case .definition(let def)? = value(identifier(child(form, 0))), env[def].kind == .macro {
        if let result = inExpansion(of: form, def, { expanded($0) }) { return result }
      } else if isLast {
        reportNotADefinition(form)
      }
      isOpen = true
      return form
    }
    let root = expanded(location.root)
    return (root == location.root ? nil : root, isOpen)
  }
}
