// What is wrong with an edit, by what it is about. A cascade comes to some things several times: a header may be worked out
// against another that is still to follow, an item expanded by a macro that is. What was said the last time is what counts.
//
// Invariant: working something out again replaces what was said of it before; nothing else does.

import Frontend

struct CascadeProblems {
  /// Of reading an item, and of entering what it defines.
  var items: [ItemID: [Diagnostic]] = [:]
  /// Of expanding the macro calls at top level in it.
  var expansions: [ItemID: [Diagnostic]] = [:]
  /// Of modules that imports do not lead to, and of binding imports.
  var modules: [Diagnostic] = []
  var imports: [Diagnostic] = []
  var headers: [DefID: [Diagnostic]] = [:]
  /// Of bodies, defaults, values and macros, which are looked at once.
  private(set) var bodies: [Diagnostic] = []
  private var hasBodyErrors = false

  mutating func add(_ found: [Diagnostic]) {
    if found.isEmpty { return }
    bodies += found
    hasBodyErrors = hasBodyErrors || Self.hasErrors(found)
  }

  /// What stands in a text that is no part of the program any more is not wrong with it. O(problems).
  mutating func drop(where isGone: (Place) -> Bool) {
    func kept(_ found: [Diagnostic]) -> [Diagnostic] { found.filter { !isGone($0.place) } }
    items = items.mapValues(kept)
    expansions = expansions.mapValues(kept)
    headers = headers.mapValues(kept)
    modules = kept(modules)
    imports = kept(imports)
    bodies = kept(bodies)
    hasBodyErrors = Self.hasErrors(bodies)
  }

  /// O(problems of headers and items).
  var isSound: Bool {
    !hasBodyErrors && !Self.hasErrors(modules) && !Self.hasErrors(imports) && !items.values.contains(where: Self.hasErrors)
      && !expansions.values.contains(where: Self.hasErrors) && !headers.values.contains(where: Self.hasErrors)
  }

  /// In an order that does not depend on how they were found.
  var all: [Diagnostic] {
    func ordered<Key: Hashable>(_ found: [Key: [Diagnostic]], _ number: (Key) -> UInt32) -> [Diagnostic] {
      found.sorted { number($0.key) < number($1.key) }.flatMap(\.value)
    }
    return ordered(items) { $0.raw } + modules + imports + ordered(expansions) { $0.raw } + ordered(headers) { $0.raw } + bodies
  }

  static func hasErrors(_ found: [Diagnostic]) -> Bool { found.contains { $0.severity == .error } }
}
