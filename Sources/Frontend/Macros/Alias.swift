// Hygiene by renaming. A symbol that a macro's template makes is an alias: a name of its own for each
// expansion, which knows the name it was written as and the module it was written in. Locals are
// compared by symbol, so a template's binders never meet the user's names, nor the other way round; an
// alias that no local binds means what its name means where the macro was defined.
//
// Invariant: equal keys are equal aliases. A key names its expansion by item and position, so expanding
// the same text again makes no new aliases, and what is compiled does not depend on how often.

/// What makes an alias; two of the same key are the same symbol.
struct AliasKey: Hashable, Sendable {
  /// The name as written, never an alias itself.
  var name: Symbol
  /// Where it is looked up when nothing binds it.
  var module: ModuleID
  /// The expansion it came from: its number among those of its item.
  var item: ItemID
  var expansion: UInt32
  /// Of `name#`: which evaluation of a quasiquote made it, from 1; 0 for all other names.
  var fresh: UInt32
  /// For the template of a macro that a macro made: the symbol that stood there. Otherwise `.none`.
  var written: Symbol
}

struct AliasTable {
  static let first: UInt32 = 0x8000_0000
  private var keys: [AliasKey] = []
  private var numbers: [AliasKey: UInt32] = [:]

  subscript(symbol: Symbol) -> AliasKey { keys[Int(symbol.raw & ~Self.first)] }

  mutating func symbol(_ key: AliasKey) -> Symbol {
    if let known = numbers[key] { return Symbol(raw: Self.first | known) }
    let number = UInt32(keys.count)
    keys.append(key)
    numbers[key] = number
    return Symbol(raw: Self.first | number)
  }
}

extension Symbol {
  /// Made by a macro's template.
  @inlinable public var isAlias: Bool { raw >= 0x8000_0000 && self != .none }
}

extension Interner {
  /// The name as it was written; the symbol itself unless it is an alias.
  @inline(__always)
  public func base(_ symbol: Symbol) -> Symbol { symbol.isAlias ? aliases[symbol].name : symbol }

  /// An alias with the identity of `alias` and another name, e.g. `x` for `x:`.
  mutating func renamed(_ alias: Symbol, to name: Symbol) -> Symbol {
    var key = aliases[alias]
    key.name = name
    return aliases.symbol(key)
  }
}

extension Environment {
  /// The symbol for `name` as a macro has made it: see `SyntaxMark`. `module` is where the macro is used.
  public func symbol(
    _ name: Symbol, mark: UInt32, fresh: UInt32, module: ModuleID, item: ItemID, expansion: Int
  ) -> Symbol {
    if mark & SyntaxMark.alias != 0 { return interner.renamed(Symbol(raw: mark), to: name) }
    if mark == 0, fresh == 0 { return name }
    var key = AliasKey(
      name: name, module: module, item: item, expansion: UInt32(expansion), fresh: fresh, written: .none)
    if mark & SyntaxMark.nested != 0 {
      key.written = Symbol(raw: AliasTable.first | mark & ~SyntaxMark.nested)
      key.module = interner.aliases[key.written].module
    } else if mark != 0 {
      key.module = ModuleID(raw: mark - 1)
    }
    return interner.aliases.symbol(key)
  }
}
