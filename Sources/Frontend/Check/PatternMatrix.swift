// Exhaustiveness and usefulness of patterns: Luc Maranget, "Warnings for pattern matching" (JFP 2007).
// A clause is useful when some value matches it and none before it; a match is exhaustive when a
// wildcard behind it would not be useful, and the value that shows otherwise is the example reported.

struct PatternMatrix {
  let env: Environment
  let typed: TypedTree
  /// Work is bounded: beyond this many steps a match counts as covered.
  private var steps = 0

  init(env: Environment, typed: TypedTree) {
    self.env = env
    self.typed = typed
  }

  /// What heads a pattern.
  private enum Head: Equatable {
    case enumCase(Int)
    case bool(Bool)
    case single  // structs, tuples, unit
    case int(UInt32)  // by literal; equality through `sameLiteral`
    case float(UInt32)
    case char(UInt32)
    case string(UInt32)
    case opaque(UInt32)  // a view, by pattern: two are never known to be the same
  }

  /// A value no row matches, as the user would write it; nil when all are covered.
  mutating func missing(_ rows: [[PatternID]], _ type: TypeID) -> String? {
    steps = 0
    return witness(rows.flatMap { expand($0) }.map { $0.map(Optional.some) }, [type])?.first
  }

  mutating func isUseful(_ row: [PatternID], _ rows: [[PatternID]], _ types: [TypeID]) -> Bool {
    steps = 0
    let matrix = rows.flatMap { expand($0) }.map { $0.map(Optional.some) }
    for candidate in expand(row) where useful(candidate.map(Optional.some), matrix, types) { return true }
    return false
  }

  // nil in a row stands for a wildcard.
  private typealias Row = [PatternID?]

  /// A row for each alternative of its first pattern.
  private func expand(_ row: [PatternID]) -> [[PatternID]] {
    guard let first = row.first else { return [row] }
    let node = typed[first]
    switch node.tag {
    case .alternatives:
      return (0..<Int(typed.extra[Int(node.b)])).flatMap {
        expand([PatternID(raw: typed.extra[Int(node.b) + 1 + $0])] + row.dropFirst())
      }
    case .at: return expand([PatternID(raw: node.b)] + row.dropFirst())
    default: return [row]
    }
  }

  private func expandRow(_ row: Row) -> [Row] {
    guard let first = row.first, let pattern = first else { return [row] }
    let node = typed[pattern]
    switch node.tag {
    case .alternatives:
      return (0..<Int(typed.extra[Int(node.b)])).flatMap {
        expandRow([PatternID(raw: typed.extra[Int(node.b) + 1 + $0])] + row.dropFirst())
      }
    case .at: return expandRow([PatternID(raw: node.b)] + row.dropFirst())
    default: return [row]
    }
  }

  private func head(_ pattern: PatternID?) -> Head? {
    guard let pattern else { return nil }
    let node = typed[pattern]
    switch node.tag {
    case .wildcard, .bind: return nil
    case .enumCase: return .enumCase(Int(node.a))
    case .bool: return .bool(node.a != 0)
    case .unit, .tuple, .structure: return .single
    case .int: return .int(node.a)
    case .float: return .float(node.a)
    case .char: return .char(node.a)
    case .string: return .string(firstEqualString(node.a))
    case .view, .all: return .opaque(pattern.raw)
    case .at, .alternatives: return nil
    }
  }

  private func firstEqualString(_ index: UInt32) -> UInt32 {
    UInt32(typed.strings.firstIndex(of: typed.strings[Int(index)]) ?? Int(index))
  }

  /// Types of the parts of a constructor.
  private func parts(_ head: Head, _ type: TypeID) -> [TypeID] {
    let type = env.types.resolve(type)
    switch head {
    case .enumCase(let index):
      guard !type.isVariable, env.types.tag(type) == .enumeration else { return [] }
      let fields = env.cases[env[env.types[type].def].cases.lowerBound + index].fields
      return fields.map { env.fieldType($0, of: type) }
    case .single:
      switch env.types.tag(type) {
      case .tuple: return env.types.arguments(type)
      case .structure, .record: return env[env.types[type].def].fields.map { env.fieldType($0, of: type) }
      default: return []
      }
    default: return []
    }
  }

  private func subpatterns(_ pattern: PatternID, _ count: Int) -> Row {
    let node = typed[pattern]
    var row = Row(repeating: nil, count: count)
    let at = Int(node.b)
    switch node.tag {
    case .tuple:
      for i in 0..<min(count, Int(typed.extra[at])) { row[i] = PatternID(raw: typed.extra[at + 1 + i]) }
    case .structure, .enumCase:
      for i in 0..<Int(typed.extra[at]) {
        let field = Int(typed.extra[at + 1 + 2 * i])
        if field < count { row[field] = PatternID(raw: typed.extra[at + 2 + 2 * i]) }
      }
    default: break
    }
    return row
  }

  private func specialise(_ rows: [Row], _ head: Head, _ count: Int) -> [Row] {
    var result: [Row] = []
    for row in rows {
      for row in expandRow(row) {
        guard let pattern = row[0], let own = self.head(pattern) else {
          result.append(Row(repeating: nil, count: count) + row.dropFirst())
          continue
        }
        if same(own, head) { result.append(subpatterns(pattern, count) + row.dropFirst()) }
      }
    }
    return result
  }

  private func same(_ a: Head, _ b: Head) -> Bool {
    // Literals are numbered by occurrence; equal values have different numbers until settled.
    if case .int(let x) = a, case .int(let y) = b { return literal(x) == literal(y) }
    if case .float(let x) = a, case .float(let y) = b { return typed.floats[Int(x)] == typed.floats[Int(y)] }
    return a == b
  }

  /// Set by the checker while integer patterns still point into its literals.
  var integerValues: [IntLiteral] = []
  private func literal(_ index: UInt32) -> IntLiteral? {
    Int(index) < integerValues.count ? integerValues[Int(index)] : nil
  }

  private func useful(_ row: Row, _ rows: [Row], _ types: [TypeID]) -> Bool {
    guard let type = types.first else { return rows.isEmpty }
    for row in expandRow(row) {
      if let head = head(row[0]), let pattern = row[0] {
        let parts = parts(head, type)
        if useful(
          subpatterns(pattern, parts.count) + row.dropFirst(), specialise(rows, head, parts.count),
          parts + types.dropFirst())
        {
          return true
        }
      } else if witness(rows, types, suffix: Row(row.dropFirst())) {
        return true
      }
    }
    return false
  }

  /// Whether a wildcard followed by `suffix` is useful.
  private func witness(_ rows: [Row], _ types: [TypeID], suffix: Row) -> Bool {
    let rows = rows.flatMap(expandRow)
    let heads = self.heads(rows)
    if let all = signature(types[0]), all.allSatisfy({ head in heads.contains { same($0, head) } }) {
      for head in all {
        let parts = parts(head, types[0])
        if useful(
          Row(repeating: nil, count: parts.count) + suffix, specialise(rows, head, parts.count),
          parts + types.dropFirst())
        {
          return true
        }
      }
      return false
    }
    return useful(suffix, rows.filter { head($0[0]) == nil }.map { Row($0.dropFirst()) }, Array(types.dropFirst()))
  }

  /// A vector of values that no row matches, shown.
  private mutating func witness(_ rows: [Row], _ types: [TypeID]) -> [String]? {
    steps += 1
    if steps > 20_000 { return nil }
    guard let type = types.first else { return rows.isEmpty ? [] : nil }
    let rows = rows.flatMap(expandRow)
    let heads = self.heads(rows)
    let all = signature(type)
    if let all, !all.isEmpty, all.allSatisfy({ head in heads.contains { same($0, head) } }) {
      for head in all {
        let parts = parts(head, type)
        if let found = witness(specialise(rows, head, parts.count), parts + types.dropFirst()) {
          return [show(head, type, Array(found.prefix(parts.count)))] + found.dropFirst(parts.count)
        }
      }
      return nil
    }
    let rest = rows.filter { head($0[0]) == nil }.map { Row($0.dropFirst()) }
    guard let found = witness(rest, Array(types.dropFirst())) else { return nil }
    if let all, let free = all.first(where: { head in !heads.contains { same($0, head) } }), !heads.isEmpty {
      return [show(free, type, parts(free, type).map { _ in "_" })] + found
    }
    return [heads.isEmpty ? "_" : otherLiteral(heads)] + found
  }

  private func heads(_ rows: [Row]) -> [Head] {
    var heads: [Head] = []
    for row in rows {
      if let head = head(row[0]), !heads.contains(where: { same($0, head) }) { heads.append(head) }
    }
    return heads
  }

  /// All constructors of a type; nil when there are too many to list.
  private func signature(_ type: TypeID) -> [Head]? {
    let type = env.types.resolve(type)
    switch env.types.tag(type) {
    case .bool: return [.bool(true), .bool(false)]
    case .record where env.types[type].def == env.syntaxDef: return nil
    case .unit, .tuple, .structure, .record: return [.single]
    case .enumeration: return env[env.types[type].def].cases.indices.map { .enumCase($0 - env[env.types[type].def].cases.lowerBound) }
    default: return nil
    }
  }

  private func show(_ head: Head, _ type: TypeID, _ parts: [String]) -> String {
    let type = env.types.resolve(type)
    let name: String
    switch head {
    case .enumCase(let index):
      name = env.interner.name(env.cases[env[env.types[type].def].cases.lowerBound + index].name)
    case .bool(let value): return value ? "true" : "false"
    case .single:
      switch env.types.tag(type) {
      case .unit: return "()"
      case .tuple: name = "tuple"
      default: name = env.name(env.types[type].def)
      }
    default: return "_"
    }
    return parts.isEmpty ? name : "(\(name) \(parts.joined(separator: " ")))"
  }

  /// A literal none of the heads is.
  private func otherLiteral(_ heads: [Head]) -> String {
    switch heads.first {
    case .int?:
      var value: UInt64 = 0
      while heads.contains(where: { head in
        if case .int(let index) = head { return literal(index) == IntLiteral(magnitude: value, negative: false) }
        return false
      }) { value += 1 }
      return "\(value)"
    case .string?: return "\"..\""
    default: return "_"
    }
  }
}
