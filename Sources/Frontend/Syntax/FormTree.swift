// What the reader returns: forms as a flat tree. A node is 24 bytes; the children of a list are a run
// of `children`; literals are in side tables. The tree is scratch: it is cleared and filled again for
// every edit and so allocates nothing once warm.
//
// Invariant: children have smaller numbers than their parent, spans of siblings ascend, and every
// span lies within the text the tree was read from (byte offsets relative to that text's start).

/// The number of a form in its tree.
public struct Form: Hashable, Sendable {
  public let raw: UInt32
  @inlinable public init(raw: UInt32) { self.raw = raw }
  public static let none = Form(raw: .max)
}

/// Half-open byte range, relative to the text of the top-level item it stands in.
public struct Span: Hashable, Sendable {
  public var start: UInt32
  public var end: UInt32
  @inlinable public init(_ start: UInt32, _ end: UInt32) {
    self.start = start
    self.end = end
  }
}

public enum FormTag: UInt8, Sendable {
  case list  // ( .. ), children; `()` is the empty list
  case vector  // [ .. ], children
  case symbol  // a: Symbol (`.name` and `&` are symbols too)
  case keyword  // a: Symbol, without the colon
  case int  // a: index into `ints`
  case float  // a: index into `floats`
  case string  // a: index into `strings`
  case char  // a: the scalar
  case bool  // a: 0 or 1
  case quote, quasiquote, unquote, unquoteSplicing  // one child
  case error  // stands where something could not be read; a problem was reported
}

/// The type suffix of a numeric literal.
public enum NumberSuffix: UInt8, Sendable {
  case none, i8, i16, i32, u8, u16, u32, u64, f32
}

public struct FormNode: Sendable {
  public var tag: FormTag
  public var suffix: NumberSuffix
  public var start: UInt32
  public var end: UInt32
  /// Payload by tag; for lists and vectors the first index into `children`.
  public var a: UInt32
  /// How many children.
  public var count: UInt32

  @inlinable
  public init(tag: FormTag, suffix: NumberSuffix = .none, start: UInt32, end: UInt32, a: UInt32 = 0, count: UInt32 = 0) {
    self.tag = tag
    self.suffix = suffix
    self.start = start
    self.end = end
    self.a = a
    self.count = count
  }
}

/// An integer literal: sign and magnitude, so that both `-0x8000_0000_0000_0000` and the largest
/// `u64` are exact.
public struct IntLiteral: Hashable, Sendable {
  public var magnitude: UInt64
  public var negative: Bool
  @inlinable public init(magnitude: UInt64, negative: Bool) {
    self.magnitude = magnitude
    self.negative = negative
  }
}

public struct FormTree: ~Copyable {
  public var nodes: [FormNode] = []
  public var children: [Form] = []
  public var ints: [IntLiteral] = []
  public var floats: [Double] = []
  /// Decoded string literals: ranges of `stringBytes`, valid UTF-8.
  public var strings: [Range<Int>] = []
  public var stringBytes: [UInt8] = []
  /// Top-level forms, in order.
  public var roots: [Form] = []

  public init() {}

  public mutating func removeAll() {
    nodes.removeAll(keepingCapacity: true)
    children.removeAll(keepingCapacity: true)
    ints.removeAll(keepingCapacity: true)
    floats.removeAll(keepingCapacity: true)
    strings.removeAll(keepingCapacity: true)
    stringBytes.removeAll(keepingCapacity: true)
    roots.removeAll(keepingCapacity: true)
  }

  @inlinable public subscript(form: Form) -> FormNode { nodes[Int(form.raw)] }
  @inlinable public func tag(_ form: Form) -> FormTag { nodes[Int(form.raw)].tag }
  @inlinable public func count(_ form: Form) -> Int { Int(nodes[Int(form.raw)].count) }
  /// The `i`-th child of a list, vector or quote.
  @inlinable public func child(_ form: Form, _ i: Int) -> Form {
    children[Int(nodes[Int(form.raw)].a) + i]
  }
  @inlinable public func span(_ form: Form) -> Span {
    let node = nodes[Int(form.raw)]
    return Span(node.start, node.end)
  }
  /// The symbol of a symbol or keyword form; `.none` for any other.
  @inlinable public func symbol(_ form: Form) -> Symbol {
    let node = nodes[Int(form.raw)]
    return node.tag == .symbol ? Symbol(raw: node.a) : .none
  }
  @inlinable public func keyword(_ form: Form) -> Symbol {
    let node = nodes[Int(form.raw)]
    return node.tag == .keyword ? Symbol(raw: node.a) : .none
  }
  public func string(_ form: Form) -> String {
    String(decoding: stringBytes[strings[Int(nodes[Int(form.raw)].a)]], as: UTF8.self)
  }
}
