// Errors are values: a code, a message, a place, labels and help. They are made only on the failing
// path; rendering (terminal, JSON) is in one place each.

/// A top-level item of a file, numbered by whoever keeps the documents. Spans are relative to it, so
/// that an edit above moves nothing.
public struct ItemID: Hashable, Sendable {
  public let raw: UInt32
  @inlinable public init(raw: UInt32) { self.raw = raw }
  public static let none = ItemID(raw: .max)
}

/// A place in the source: a span of an item.
public struct Place: Hashable, Sendable {
  public var item: ItemID
  public var span: Span
  @inlinable public init(_ item: ItemID, _ span: Span) {
    self.item = item
    self.span = span
  }
}

public enum Severity: String, Sendable { case error, warning, note }

public struct Diagnostic: Sendable {
  public struct Label: Sendable {
    public var place: Place
    public var message: String
    public init(_ place: Place, _ message: String) {
      self.place = place
      self.message = message
    }
  }

  public var code: DiagnosticCode
  /// One sentence without a full stop, names in backticks.
  public var message: String
  public var place: Place
  /// Shown at the place itself, under the carets; empty for none.
  public var label: String
  /// Further places that explain this one.
  public var labels: [Label]
  /// What to do about it; nil when there is nothing honest to say.
  public var help: String?

  public var severity: Severity { code.severity }

  public init(
    _ code: DiagnosticCode, _ message: String, at place: Place, label: String = "",
    labels: [Label] = [], help: String? = nil
  ) {
    self.code = code
    self.message = message
    self.place = place
    self.label = label
    self.labels = labels
    self.help = help
  }

  /// The same about another item: how problems of a text that was read by itself get their place.
  public func placed(in item: ItemID) -> Diagnostic {
    var placed = self
    placed.place.item = item
    for i in placed.labels.indices { placed.labels[i].place.item = item }
    return placed
  }
}
