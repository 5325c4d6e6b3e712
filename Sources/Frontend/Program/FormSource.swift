// The texts of a program and the forms of its items. Forms are read again when they are needed: that
// is faster than keeping millions of nodes, and an edit then has nothing to update.

public final class FormSource {
  public var store = SourceStore()
  public var reader = Reader()
  private let env: Environment
  private var free: [Forms] = []

  public init(environment: Environment) { env = environment }

  /// The form of an item, in a tree of its own until `recycle`. Nil for an item without a form.
  public func forms(of item: ItemID) -> FormLocation? {
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
    location.forms.removeAll()
    free.append(location.forms)
  }

  /// An interned name.
  public func text(_ symbol: Symbol) -> String { env.interner.name(symbol) }

  // MARK: Changing texts

  public func add(path: String, text: [UInt8]) -> FileID {
    store.add(path: path, text: text, reader: &reader, interner: &env.interner)
  }

  public func replace(_ file: FileID, _ range: Range<Int>, with bytes: [UInt8]) -> FileChange {
    store.replace(file, range, with: bytes, reader: &reader, interner: &env.interner)
  }

  public func replaceAll(_ file: FileID, with text: [UInt8]) -> FileChange {
    store.replaceAll(file, with: text, reader: &reader, interner: &env.interner)
  }
}
