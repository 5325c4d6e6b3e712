// The texts of a program and the forms of its items. Forms are read again when they are needed: that
// is faster than keeping millions of nodes, and an edit then has nothing to update.

public final class FormSource {
  public var store = SourceStore()
  public var reader = Reader()
  private let env: Environment
  private var free: [Forms] = []
  /// Items that macro calls stand in, with those expanded: the one kind of tree that is kept.
  private var expanded: [ItemID: FormLocation] = [:]

  public init(environment: Environment) { env = environment }

  /// The form of an item, in a tree of its own until `recycle`. Nil for an item without a form.
  public func forms(of item: ItemID) -> FormLocation? {
    if !expanded.isEmpty, var kept = expanded[item] {
      kept.kept = kept.forms.mark
      return kept
    }
    store.read(item, reader: &reader, interner: &env.interner)
    return takeReaderForms()
  }

  /// What the reader has just read, as a location; the reader is left empty.
  public func takeReaderForms() -> FormLocation? {
    guard let root = reader.tree.roots.first else { return nil }
    let forms = free.popLast() ?? Forms()
    swap(&reader.tree, &forms.tree)
    return FormLocation(forms: forms, root: root, base: 0)
  }

  public func recycle(_ location: FormLocation) {
    if let mark = location.kept {
      location.forms.truncate(to: mark)
      return
    }
    location.forms.removeAll()
    free.append(location.forms)
  }

  /// An interned name.
  public func text(_ symbol: Symbol) -> String { env.interner.name(symbol) }

  /// From now on the form of `item` is `root`, of the same tree, until its text changes.
  public func keep(_ location: FormLocation, root: Form, for item: ItemID) {
    expanded[item] = FormLocation(forms: location.forms, root: root, base: location.base)
  }

  /// Items with macro calls among their definitions, as they are expanded; to be put back when an edit is not taken in.
  public struct Expansions { var expanded: [ItemID: FormLocation] }
  public var expansions: Expansions {
    get { Expansions(expanded: expanded) }
    set { expanded = newValue.expanded }
  }

  /// The form of `item` is what its text says, until it is expanded again.
  public func forgetExpansion(of item: ItemID) { expanded[item] = nil }

  private func forget(_ change: FileChange) -> FileChange {
    if expanded.isEmpty { return change }
    switch change {
    case .none: break
    case .item(let item): expanded[item] = nil
    case .items(let items): for item in items.changed + items.removed { expanded[item] = nil }
    }
    return change
  }

  // MARK: Changing texts

  public func add(path: String, text: [UInt8]) -> FileID {
    store.add(path: path, text: text, reader: &reader, interner: &env.interner)
  }

  public func replace(_ file: FileID, _ range: Range<Int>, with bytes: [UInt8]) -> FileChange {
    forget(store.replace(file, range, with: bytes, reader: &reader, interner: &env.interner))
  }

  public func replaceAll(_ file: FileID, with text: [UInt8]) -> FileChange {
    forget(store.replaceAll(file, with: text, reader: &reader, interner: &env.interner))
  }
}
