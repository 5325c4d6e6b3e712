// Names are compared as 32-bit numbers everywhere behind the reader. A symbol, once interned, lives as
// long as its interner and never moves.

/// The number of an interned name.
public struct Symbol: Hashable, Sendable {
  public let raw: UInt32
  @inlinable public init(raw: UInt32) { self.raw = raw }
  /// Stands for "no name"; never handed out by an interner.
  public static let none = Symbol(raw: .max)
}

/// Interned names: open addressing over one byte pool. Looking up a known name allocates nothing.
///
/// A qualified name (`game/tick`) is interned whole; its parts are interned with it, so that splitting
/// one later is an array read. The same holds for `name:`, which stands before a type, and for `.name`.
public struct Interner: ~Copyable {
  private struct Parts {
    var alias = Symbol.none
    var name = Symbol.none
    /// What is left of `name:` and of `.name` without the mark.
    var annotated = Symbol.none
    var field = Symbol.none
  }

  private var bytes: [UInt8] = []
  private var starts: [UInt32] = [0]  // starts[i]..<starts[i + 1] is the text of symbol i
  private var parts: [Parts] = []
  /// Hash above, symbol below, so that a probe touches one cache line; `vacant` where free. The
  /// count is a power of two, and at least half of it is free.
  private var table: [UInt64]
  /// Symbols that macros' templates made.
  var aliases = AliasTable()

  private static let vacant = UInt64.max

  public init() {
    table = Array(repeating: Self.vacant, count: 4096)
    bytes.reserveCapacity(1 << 14)
    starts.reserveCapacity(1 << 11)
    parts.reserveCapacity(1 << 11)
  }

  public var count: Int { parts.count }

  /// The symbol for the bytes `range` of `text`. O(length).
  public mutating func intern(_ text: borrowing [UInt8], _ range: Range<Int>) -> Symbol {
    intern(text.span, range)
  }

  public mutating func intern(_ name: String) -> Symbol {
    let text = Array(name.utf8)
    return intern(text.span, 0..<text.count)
  }

  public mutating func intern(_ text: Swift.Span<UInt8>, _ range: Range<Int>) -> Symbol {
    var hash = Self.hashSeed
    for i in range { hash = Self.hash(hash, text[i]) }
    return intern(text, range, hash: hash)
  }

  // FNV-1a, in the open so that the reader can hash while it looks for a name's end.
  static let hashSeed: UInt32 = 2_166_136_261
  @inline(__always) static func hash(_ hash: UInt32, _ byte: UInt8) -> UInt32 {
    (hash ^ UInt32(byte)) &* 16_777_619
  }

  /// As above for a reader that has the hash of the bytes already.
  mutating func intern(_ text: Swift.Span<UInt8>, _ range: Range<Int>, hash: UInt32) -> Symbol {
    let mixed = hash ^ (hash >> 15)
    let mask = table.count - 1
    var index = Int(truncatingIfNeeded: mixed) & mask
    while true {
      let entry = table[index]
      if entry == Self.vacant { break }
      if UInt32(truncatingIfNeeded: entry >> 32) == mixed {
        let candidate = UInt32(truncatingIfNeeded: entry)
        if matches(candidate, text, range) { return Symbol(raw: candidate) }
      }
      index = (index + 1) & mask
    }
    let symbol = insert(text, range, mixed, at: index)
    noteParts(of: symbol, text, range)
    return symbol
  }

  /// Its text; that of an alias is the name it was written as.
  public func name(_ symbol: Symbol) -> String {
    symbol == .none
      ? "" : String(decoding: bytes[range(base(symbol))], as: UTF8.self)
  }

  /// The alias and the name of `alias/name`; nil for a plain name.
  public func split(_ symbol: Symbol) -> (alias: Symbol, name: Symbol)? {
    guard symbol != .none else { return nil }
    let found = parts[Int(base(symbol).raw)]
    return found.name == .none ? nil : (found.alias, found.name)
  }

  /// The first byte of the name; 0 for none.
  public func firstByte(_ symbol: Symbol) -> UInt8 {
    guard symbol != .none else { return 0 }
    let at = range(base(symbol))
    return at.isEmpty ? 0 : bytes[at.lowerBound]
  }

  /// The last byte of the name; 0 for none.
  public func lastByte(_ symbol: Symbol) -> UInt8 {
    guard symbol != .none else { return 0 }
    let at = range(base(symbol))
    return at.isEmpty ? 0 : bytes[at.upperBound - 1]
  }

  /// `x` for the binding `x:`, whose type follows; nil for a name without a colon at its end.
  public mutating func annotated(_ symbol: Symbol) -> Symbol? {
    guard symbol != .none else { return nil }
    let name = parts[Int(base(symbol).raw)].annotated
    if name == .none { return nil }
    return symbol.isAlias ? renamed(symbol, to: name) : name
  }

  /// `x` for the accessor `.x`; nil for any other name.
  public func fieldName(_ symbol: Symbol) -> Symbol? {
    guard symbol != .none else { return nil }
    let name = parts[Int(base(symbol).raw)].field
    return name == .none ? nil : name
  }

  private func range(_ symbol: Symbol) -> Range<Int> {
    Int(starts[Int(symbol.raw)])..<Int(starts[Int(symbol.raw) + 1])
  }

  @inline(__always)
  private func matches(_ candidate: UInt32, _ text: Swift.Span<UInt8>, _ range: Range<Int>) -> Bool {
    let start = Int(starts[Int(candidate)])
    guard Int(starts[Int(candidate) + 1]) - start == range.count else { return false }
    for i in 0..<range.count where bytes[start + i] != text[range.lowerBound + i] { return false }
    return true
  }

  private mutating func insert(
    _ text: Swift.Span<UInt8>, _ range: Range<Int>, _ hash: UInt32, at index: Int
  ) -> Symbol {
    let symbol = Symbol(raw: UInt32(parts.count))
    for i in range { bytes.append(text[i]) }
    starts.append(UInt32(bytes.count))
    parts.append(Parts())
    table[index] = UInt64(hash) << 32 | UInt64(symbol.raw)
    if parts.count * 2 > table.count { grow() }
    return symbol
  }

  /// Interns what `alias/name`, `name:` and `.name` consist of. Each step takes away the only slash, the
  /// only colon at the end or the only dot at the start, so it never goes deep.
  private mutating func noteParts(
    of symbol: Symbol, _ text: Swift.Span<UInt8>, _ range: Range<Int>
  ) {
    guard range.count > 1 else { return }
    let (from, to) = (range.lowerBound, range.upperBound)
    // `/` and names that begin or end with a slash are plain, as are those with several.
    var slash = -1
    for i in from..<to where text[i] == UInt8(ascii: "/") { slash = slash < 0 ? i : to }
    if slash > from, slash < to - 1 {
      let alias = intern(text, from..<slash)
      let name = intern(text, slash + 1..<to)
      parts[Int(symbol.raw)].alias = alias
      parts[Int(symbol.raw)].name = name
    }
    if text[to - 1] == Byte.colon, text[to - 2] != Byte.colon {
      let name = intern(text, from..<to - 1)
      parts[Int(symbol.raw)].annotated = name
    }
    if text[from] == Byte.dot, text[from + 1] != Byte.dot {
      let name = intern(text, from + 1..<to)
      parts[Int(symbol.raw)].field = name
    }
  }

  private mutating func grow() {
    let old = table
    table = Array(repeating: Self.vacant, count: old.count * 2)
    let mask = table.count - 1
    for entry in old where entry != Self.vacant {
      var index = Int(truncatingIfNeeded: entry >> 32) & mask
      while table[index] != Self.vacant { index = (index + 1) & mask }
      table[index] = entry
    }
  }
}
