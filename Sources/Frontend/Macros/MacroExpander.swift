// The seam between checking and running: the checker finds calls of macros, somebody else runs them.
// What a macro makes is added to the tree of the forms at hand and checked there, in place of the call.

/// A macro call met by the checker.
public struct MacroCall {
  public var macro: DefID
  /// The tree that the call stands in and that the expansion is added to.
  public var forms: Forms
  public var form: Form
  public var item: ItemID
  /// Where the item begins in the tree's text.
  public var base: UInt32
  /// The module whose text it is.
  public var module: ModuleID
}

public enum MacroResult {
  /// Nodes that were added carry the span of the call. `depth` is how deep they nest.
  case form(Form, depth: Int)
  /// Problems of the call; none when they are those of the macro itself, which are told there.
  case failed([Diagnostic])
}

open class MacroExpander {
  /// How many expansions may be inside one another, and how many one item may have.
  public static let maxLevels = 256
  public static let maxExpansions = 100_000
  /// How deep what macros made may nest, over all expansions that are inside one another.
  public static let maxDepth = 1000

  public init() {}
  open func expand(_ call: MacroCall) -> MacroResult { .failed([]) }
}

/// One expansion of the forms at hand.
public struct Expansion: Sendable {
  public var macro: DefID
  public var call: Form
  public var result: Form
  /// The nodes it added to the tree; everything else in its result is the user's.
  public var nodes: Range<UInt32>
  /// The expansion whose result the call stood in; -1 for the user's own text.
  public var parent: Int32
  /// Expansions around this one, and how deep what they made nests.
  public var level: Int
  public var depth: Int
}
