// Types are interned: two permanent types are equal exactly when their numbers are. While a body is
// checked, types that contain inference variables live in a scratch half of the pool which is
// emptied after each definition; `zonk` turns a solved scratch type into its permanent one.
//
//   TypeID    0xxx…  permanent, hash-consed       10xx…  scratch       11xx…  inference variable

public struct TypeID: Hashable, Sendable {
  public let raw: UInt32
  @inlinable public init(raw: UInt32) { self.raw = raw }

  @inlinable public var isPermanent: Bool { raw < 0x8000_0000 }
  @inlinable public var isVariable: Bool { raw >= 0xC000_0000 && self != .none }
  public static let none = TypeID(raw: .max)

  // The order of these is the order in which `TypePool.init` interns them.
  public static let error = TypeID(raw: 0)  // stands for what could not be typed; fits everything
  public static let never = TypeID(raw: 1)
  public static let unit = TypeID(raw: 2)
  public static let bool = TypeID(raw: 3)
  public static let char = TypeID(raw: 4)
  public static let int = TypeID(raw: 5)
  public static let float = TypeID(raw: 6)
  public static let i8 = TypeID(raw: 7)
  public static let i16 = TypeID(raw: 8)
  public static let i32 = TypeID(raw: 9)
  public static let u8 = TypeID(raw: 10)
  public static let u16 = TypeID(raw: 11)
  public static let u32 = TypeID(raw: 12)
  public static let u64 = TypeID(raw: 13)
  public static let f32 = TypeID(raw: 14)
  public static let string = TypeID(raw: 15)

  /// `Int` and the sized integers.
  @inlinable public var isInteger: Bool { raw == 5 || (raw >= 7 && raw <= 13) }
  @inlinable public var isFloating: Bool { raw == 6 || raw == 14 }
  @inlinable public var isNumeric: Bool { raw >= 5 && raw <= 14 }
  @inlinable public var isUnsigned: Bool { raw >= 10 && raw <= 13 }
}

public enum TypeTag: UInt8, Sendable {
  case error, never, unit, bool, char, int, float, i8, i16, i32, u8, u16, u32, u64, f32, string
  case tuple  // args: the elements
  case function  // args: the parameters, then the result
  case vec  // args: the element
  case ptr, cstring
  case structure, record, enumeration  // def, args: the type arguments
  case parameter  // def: index of the rigid type variable in its definition's list
  case variable  // an unsolved inference variable
}

/// The number of a definition in the environment.
public struct DefID: Hashable, Sendable {
  public let raw: UInt32
  @inlinable public init(raw: UInt32) { self.raw = raw }
  public static let none = DefID(raw: .max)
}

public struct TypeNode: Sendable {
  public var tag: TypeTag
  /// Nominal types: the definition. Rigid parameters: the index, in `def.raw`.
  public var def: DefID
  public var firstArgument: UInt32
  public var count: UInt32
}

/// What an inference variable may still become.
public enum VariableKind: UInt8, Sendable {
  case any
  case integerLiteral  // any numeric type; `Int` when nothing says otherwise
  case floatLiteral  // Float or F32; `Float` when nothing says otherwise
}

public struct TypePool: ~Copyable {
  private var nodes: [TypeNode] = []
  private var arguments: [TypeID] = []
  private var table: [UInt32] = Array(repeating: .max, count: 256)

  private var scratchNodes: [TypeNode] = []
  private var scratchArguments: [TypeID] = []
  private var solutions: [TypeID] = []  // by variable; `.none` while unsolved
  private var kinds: [VariableKind] = []

  public init() {
    var raw: UInt8 = 0
    while let tag = TypeTag(rawValue: raw), tag != .tuple {
      nodes.append(TypeNode(tag: tag, def: .none, firstArgument: 0, count: 0))
      raw += 1
    }
  }

  // MARK: Reading

  @inlinable public func tag(_ type: TypeID) -> TypeTag { type.isVariable ? .variable : self[type].tag }

  public subscript(type: TypeID) -> TypeNode {
    type.isPermanent ? nodes[Int(type.raw)] : scratchNodes[Int(type.raw & 0x3FFF_FFFF)]
  }

  public func count(_ type: TypeID) -> Int { type.isVariable ? 0 : Int(self[type].count) }

  public func argument(_ type: TypeID, _ i: Int) -> TypeID {
    let node = self[type]
    return type.isPermanent
      ? arguments[Int(node.firstArgument) + i] : scratchArguments[Int(node.firstArgument) + i]
  }

  public func arguments(_ type: TypeID) -> [TypeID] { (0..<count(type)).map { argument(type, $0) } }

  /// The result of a function type.
  public func result(_ function: TypeID) -> TypeID { argument(function, count(function) - 1) }

  // MARK: Making

  /// The type with this tag and arguments; permanent exactly when all arguments are.
  public mutating func make(_ tag: TypeTag, _ def: DefID = .none, _ args: [TypeID]) -> TypeID {
    args.withSpan { make(tag, def, $0) }
  }

  public mutating func make(_ tag: TypeTag, _ def: DefID = .none, _ args: borrowing Swift.Span<TypeID>) -> TypeID {
    var permanent = true
    for i in args.indices where !args[i].isPermanent { permanent = false }
    guard permanent else {
      let type = TypeID(raw: 0x8000_0000 | UInt32(scratchNodes.count))
      scratchNodes.append(
        TypeNode(tag: tag, def: def, firstArgument: UInt32(scratchArguments.count), count: UInt32(args.count)))
      for i in args.indices { scratchArguments.append(args[i]) }
      return type
    }
    var index = Int(hash(tag, def, args)) & (table.count - 1)
    while table[index] != .max {
      let node = nodes[Int(table[index])]
      if node.tag == tag, node.def == def, Int(node.count) == args.count {
        var same = true
        for i in args.indices where arguments[Int(node.firstArgument) + i] != args[i] { same = false }
        if same { return TypeID(raw: table[index]) }
      }
      index = (index + 1) & (table.count - 1)
    }
    let type = TypeID(raw: UInt32(nodes.count))
    nodes.append(
      TypeNode(tag: tag, def: def, firstArgument: UInt32(arguments.count), count: UInt32(args.count)))
    for i in args.indices { arguments.append(args[i]) }
    table[index] = type.raw
    if nodes.count * 2 > table.count { grow() }
    return type
  }

  public mutating func vec(_ element: TypeID) -> TypeID { make(.vec, .none, [element]) }
  public mutating func tuple(_ elements: [TypeID]) -> TypeID { make(.tuple, .none, elements) }
  public mutating func function(_ parameters: [TypeID], _ result: TypeID) -> TypeID {
    make(.function, .none, parameters + [result])
  }
  /// The rigid type variable number `index` of the definition at hand.
  public mutating func parameter(_ index: Int) -> TypeID {
    make(.parameter, DefID(raw: UInt32(index)), [])
  }

  // MARK: Inference

  public mutating func freshVariable(_ kind: VariableKind = .any) -> TypeID {
    solutions.append(.none)
    kinds.append(kind)
    return TypeID(raw: 0xC000_0000 | UInt32(solutions.count - 1))
  }

  /// Follows solved variables at the root. O(length of the chain), which `unify` keeps short.
  @inline(__always)
  public func resolve(_ type: TypeID) -> TypeID {
    var type = type
    while type.isVariable {
      let next = solutions[Int(type.raw & 0x3FFF_FFFF)]
      if next == .none { return type }
      type = next
    }
    return type
  }

  public func kind(_ variable: TypeID) -> VariableKind { kinds[Int(variable.raw & 0x3FFF_FFFF)] }

  /// Makes the two equal if they can be; false leaves partial solutions behind, so the caller reports
  /// an error and goes on. `never` and `error` are the caller's business except that `error` fits all.
  public mutating func unify(_ a: TypeID, _ b: TypeID) -> Bool {
    let a = resolve(a)
    let b = resolve(b)
    if a == b || a == .error || b == .error { return true }
    if a.isVariable { return solve(a, b) }
    if b.isVariable { return solve(b, a) }
    if a.isPermanent && b.isPermanent { return false }
    let left = self[a]
    let right = self[b]
    guard left.tag == right.tag, left.def == right.def, left.count == right.count else { return false }
    for i in 0..<Int(left.count) where !unify(argument(a, i), argument(b, i)) { return false }
    return true
  }

  /// An unsolved variable about which a problem was reported fits everything from here on.
  public mutating func abandon(_ type: TypeID) {
    let type = resolve(type)
    if type.isVariable { solutions[Int(type.raw & 0x3FFF_FFFF)] = .error }
  }

  /// The rigid parameters, by bit, whose instances are numbers, and those whose instances are floats: a
  /// literal may have such a type, and each instance gives it its own.
  public var numericParameters: UInt64 = 0
  public var floatingParameters: UInt64 = 0

  private func isParameter(_ type: TypeID, in set: UInt64) -> Bool {
    guard set != 0 else { return false }
    let node = self[type]
    return node.tag == .parameter && node.def.raw < 64 && set >> UInt64(node.def.raw) & 1 != 0
  }

  private mutating func solve(_ variable: TypeID, _ type: TypeID) -> Bool {
    let index = Int(variable.raw & 0x3FFF_FFFF)
    if type.isVariable {
      // The narrower kind survives.
      let other = Int(type.raw & 0x3FFF_FFFF)
      if kinds[index].rawValue > kinds[other].rawValue { kinds[other] = kinds[index] }
      solutions[index] = type
      return true
    }
    switch kinds[index] {
    case .any: if occurs(variable, in: type) { return false }
    case .integerLiteral: if !type.isNumeric, !isParameter(type, in: numericParameters) { return false }
    case .floatLiteral: if !type.isFloating, !isParameter(type, in: floatingParameters) { return false }
    }
    solutions[index] = type
    return true
  }

  private func occurs(_ variable: TypeID, in type: TypeID) -> Bool {
    let type = resolve(type)
    if type == variable { return true }
    if type.isVariable || type.isPermanent { return false }
    for i in 0..<count(type) where occurs(variable, in: argument(type, i)) { return true }
    return false
  }

  /// The permanent type of a solved one. Literal variables default; any other unsolved variable
  /// becomes `error` and sets `unsolved`.
  public mutating func zonk(_ type: TypeID, unsolved: inout Bool) -> TypeID {
    let type = resolve(type)
    if type.isPermanent { return type }
    if type.isVariable {
      switch kind(type) {
      case .integerLiteral: return .int
      case .floatLiteral: return .float
      case .any:
        unsolved = true
        return .error
      }
    }
    let node = self[type]
    var args: [TypeID] = []
    for i in 0..<Int(node.count) { args.append(zonk(argument(type, i), unsolved: &unsolved)) }
    return make(node.tag, node.def, args)
  }

  /// Settles every literal variable inside `type` on its default.
  public mutating func defaultLiterals(_ type: TypeID) {
    let type = resolve(type)
    if type.isPermanent { return }
    if type.isVariable {
      switch kind(type) {
      case .integerLiteral: _ = solve(type, .int)
      case .floatLiteral: _ = solve(type, .float)
      case .any: break
      }
      return
    }
    for i in 0..<count(type) { defaultLiterals(argument(type, i)) }
  }

  /// `type` with its rigid parameters replaced by `args`. Identity for types without parameters.
  public mutating func substitute(_ type: TypeID, _ args: [TypeID]) -> TypeID {
    if args.isEmpty { return type }
    let type = resolve(type)
    if type.isVariable { return type }
    let node = self[type]
    if node.tag == .parameter { return args[Int(node.def.raw)] }
    if node.count == 0 { return type }
    var changed = false
    var new: [TypeID] = []
    new.reserveCapacity(Int(node.count))
    for i in 0..<Int(node.count) {
      let old = argument(type, i)
      let arg = substitute(old, args)
      if arg != old { changed = true }
      new.append(arg)
    }
    return changed ? make(node.tag, node.def, new) : type
  }

  /// How large the scratch half is. A definition that is checked in the middle of another, because a
  /// macro needs it, leaves the other's types alone.
  public struct ScratchMark: Sendable {
    fileprivate var nodes = 0
    fileprivate var arguments = 0
    fileprivate var variables = 0
  }

  public var scratchMark: ScratchMark {
    ScratchMark(nodes: scratchNodes.count, arguments: scratchArguments.count, variables: solutions.count)
  }

  /// Drops what has been added to the scratch half since `mark`. Only between definitions, when none of
  /// it is held by anyone.
  public mutating func resetScratch(to mark: ScratchMark) {
    scratchNodes.removeLast(scratchNodes.count - mark.nodes)
    scratchArguments.removeLast(scratchArguments.count - mark.arguments)
    solutions.removeLast(solutions.count - mark.variables)
    kinds.removeLast(kinds.count - mark.variables)
  }

  // MARK: Hashing

  private func hash(_ tag: TypeTag, _ def: DefID, _ args: borrowing Swift.Span<TypeID>) -> UInt32 {
    var h = (UInt32(tag.rawValue) &* 0x9E37_79B1) ^ (def.raw &* 0x85EB_CA77)
    for i in args.indices { h = (h ^ args[i].raw) &* 0x9E37_79B1; h ^= h >> 15 }
    return h ^ (h >> 13)
  }

  private mutating func grow() {
    table = Array(repeating: .max, count: table.count * 2)
    for raw in nodes.indices.dropFirst(Int(TypeTag.tuple.rawValue)) {
      let node = nodes[raw]
      let args = Array(arguments[Int(node.firstArgument)..<Int(node.firstArgument + node.count)])
      var index = Int(args.withSpan { hash(node.tag, node.def, $0) }) & (table.count - 1)
      while table[index] != .max { index = (index + 1) & (table.count - 1) }
      table[index] = UInt32(raw)
    }
  }
}

extension Array {
  @inlinable
  func withSpan<R: ~Copyable>(_ body: (borrowing Swift.Span<Element>) -> R) -> R { body(self.span) }
}
