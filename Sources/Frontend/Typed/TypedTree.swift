// What the checker makes of one definition: every name resolved, every node typed, defaults and
// coercions explicit. Flat like the form tree. Lowering reads nothing else of the source.
//
// Invariant: after a check without errors no node's type is scratch; types may contain rigid
// parameters exactly when the definition has type parameters (lowering substitutes them).
//
// `extra[x...]` below is a run of 32-bit words in `extra`; "nodes" are raw NodeIDs.

public struct NodeID: Hashable, Sendable {
  public let raw: UInt32
  @inlinable public init(raw: UInt32) { self.raw = raw }
  public static let none = NodeID(raw: .max)
}

public struct LocalID: Hashable, Sendable {
  public let raw: UInt32
  @inlinable public init(raw: UInt32) { self.raw = raw }
}

public struct PatternID: Hashable, Sendable {
  public let raw: UInt32
  @inlinable public init(raw: UInt32) { self.raw = raw }
}

public enum NodeTag: UInt8, Sendable {
  // Leaves
  case unit  // ()
  case bool  // a: 0 or 1
  case int  // a: index into `ints`; the type says which integer; already in range
  case float  // a: index into `floats`; Float or F32
  case char  // a: scalar
  case string  // a: index into `strings`
  case local  // a: LocalID
  case global  // a: DefID of a def or defvar
  case functionValue  // a: DefID, b: extra[count, type arguments...]; late bound

  // Calls. Arguments stand in source order, which is the order of evaluation, each with the index of
  // its parameter; a parameter that is not listed takes its default.
  case call  // a: DefID, b: extra[typeCount, types..., count, (parameter, node)...]
  case callValue  // a: callee, b: extra[count, nodes...]
  case intrinsic  // a: Intrinsic, b: extra[count, nodes...]
  case primitive  // a: index of the primitive's definition (DefID), b: extra[count, nodes...]
  case constant  // a: index into `Constant`, e.g. inf, nan, pi

  // Construction: fields not listed take their default.
  case makeStruct  // struct or record, by type; b: extra[count, (field, node)...]
  case makeCase  // a: case index, b: extra[count, (field, node)...]
  case makeTuple  // b: extra[count, nodes...]
  case makeVec  // b: extra[count, nodes...]
  case with  // a: struct or record (copy), b: extra[count, (field, node)...]

  // Places
  case field  // a: node of struct, record or tuple type, b: field index
  case setLocal  // a: LocalID, b: extra[count, field path...] (structs within the local), c: value
  case setField  // a: record, b: extra[count, field path...] (first in the record, then in structs), c: value
  case setGlobal  // a: DefID, b: extra[count, field path...], c: value

  // Control
  case block  // b: extra[count, nodes...]; value of the last; the others' values are dropped
  case bind  // a: LocalID, b: initialiser; unit
  case bindPattern  // a: PatternID (irrefutable), b: initialiser; unit
  case drop  // a: node; evaluates it and is unit
  case `if`  // a: condition, b: then, c: else or none (then unit)
  case and, or  // a, b
  case `while`  // a: condition, b: body, c: LoopID
  case forRange  // a: LocalID, b: extra[from, to, step or none], c: extra[body, LoopID]
  case forVec  // a: PatternID for the element, b: vec node, c: extra[body, LoopID]
  case loop  // a: LoopID, b: extra[count, (LocalID, node)...], c: body
  case recur  // a: LoopID, b: extra[count, nodes...]
  case `break`, `continue`  // a: LoopID
  case `return`  // a: value
  case match  // a: scrutinee, b: extra[count, (PatternID, guard or none, body)...]
  case lambda  // a: index into `lambdas`
  case `try`  // a: Option or Result; b: 0 for Option, 1 for Result; the function returns the same kind
  case restartPoint  // a: name string index, b: body
  case liveLoop  // a: init closure, b: step closure

  // Text: each part's type decides how it is shown
  case str  // b: extra[count, nodes...]: displayed and concatenated
  case show  // a: node: the form a reader would accept
  case print  // a: PrintKind, b: extra[count, nodes...]: displayed with blanks between
  case format  // b: extra[count, (node or literal...)]: see FormatPart
  case assertEqual  // a, b: nodes; c: string index of the source text; panics with both values shown
  case error  // was reported; never lowered
}

public enum PrintKind: UInt32, Sendable { case print, println, eprintln }

public enum Constant: UInt32, Sendable { case infinity, negativeInfinity, nan, pi }

public struct TypedNode: Sendable {
  public var tag: NodeTag
  public var type: TypeID
  public var a: UInt32
  public var b: UInt32
  public var c: UInt32
  /// Byte offset of the form in its item: the source position of the code made of it.
  public var position: UInt32
}

public struct Local: Sendable {
  public var name: Symbol
  public var type: TypeID
  public var isMutable: Bool
  /// Captured by a closure; with `isMutable` it lives in a heap cell.
  public var isCaptured: Bool
  /// The lambda whose body declares it; -1 for the definition itself.
  public var owner: Int32
}

public struct Lambda: Sendable {
  public var parameters: [LocalID]
  /// Locals of enclosing bodies that this body (or one inside it) uses, in order of first use.
  public var captures: [LocalID]
  public var result: TypeID
  public var body: NodeID
  public var parent: Int32
  /// The nodes and patterns that came about while its body was checked, those of lambdas within it among them.
  public var nodes = 0..<0
  public var patterns = 0..<0
  /// Where it is written; empty for what stands for a lambda, as a method used as a value.
  public var span = Span(0, 0)
  /// Hash of its text, where somebody has worked that out; else 0.
  public var text: UInt64 = 0
}

public enum PatternTag: UInt8, Sendable {
  case wildcard
  case bind  // a: LocalID
  case at  // a: LocalID, b: PatternID
  case int  // a: index into ints
  case float  // a: index into floats
  case char, bool  // a: value
  case string  // a: index into strings
  case unit
  case tuple  // b: extra[count, patterns...], one for each element
  case structure  // struct or record; b: extra[count, (field, pattern)...]
  case enumCase  // a: case index; b: extra[count, (field, pattern)...]
  case alternatives  // b: extra[count, patterns...]; all bind the same locals
  case all  // b: extra[count, patterns...]; all of them match
  case view  // a: LocalID of the value, b: extra[node, pattern]; the pattern matches what the node makes of it
}

public struct PatternNode: Sendable {
  public var tag: PatternTag
  public var type: TypeID
  public var a: UInt32
  public var b: UInt32
  public var position: UInt32
}

/// A part of a `format` node: its kind and what that needs, in words.
public enum FormatPart: UInt32, Sendable {
  case literal  // index into strings
  case display  // node
  case fixed  // node, digits behind the point
  case radix  // node of an integer, base (plus 256 for capital digits)
  case mark  // 0: what comes up to the next `pad` is to be filled up
  case pad  // node shown in between, width | FormatAlignment << 8, filler (a byte)
}

public enum FormatAlignment: UInt32, Sendable {
  case byType  // numbers to the right, everything else to the left
  case left, right, middle
  case zeros  // to the right, zeros between sign and digits
}

public struct TypedTree: Sendable {
  public var nodes: [TypedNode] = []
  public var extra: [UInt32] = []
  public var ints: [UInt64] = []  // two's complement
  public var floats: [Double] = []
  public var strings: [[UInt8]] = []
  public var locals: [Local] = []
  public var lambdas: [Lambda] = []
  public var patterns: [PatternNode] = []
  public var loopCount = 0
  /// The parameters of the definition, in order.
  public var parameters: [LocalID] = []
  public var result: TypeID = .unit
  public var body: NodeID = .none

  public init() {}

  @inlinable public subscript(node: NodeID) -> TypedNode { nodes[Int(node.raw)] }
  @inlinable public subscript(local: LocalID) -> Local { locals[Int(local.raw)] }
  @inlinable public subscript(pattern: PatternID) -> PatternNode { patterns[Int(pattern.raw)] }

  public mutating func removeAll() {
    nodes.removeAll(keepingCapacity: true)
    extra.removeAll(keepingCapacity: true)
    ints.removeAll(keepingCapacity: true)
    floats.removeAll(keepingCapacity: true)
    strings.removeAll(keepingCapacity: true)
    locals.removeAll(keepingCapacity: true)
    lambdas.removeAll(keepingCapacity: true)
    patterns.removeAll(keepingCapacity: true)
    parameters.removeAll(keepingCapacity: true)
    loopCount = 0
    result = .unit
    body = .none
  }
}
