// The types of a program whose layouts change, and the values that were made of them, as the rules have it: what a
// layout is, which values have an earlier one, and what migration makes of those. It knows nothing of how Lang does it
// but where values lie in others, since that decides which object is the stale one.
//
// Invariant: a type has only fields of types with a lower number, but for cases of enums that hold the enum itself.

import Testing

indirect enum StaleType: Hashable {
  case int, float, string, small
  case option(StaleType), tuple([StaleType]), vector(StaleType), map(StaleType, StaleType)
  /// With a `String` for the error.
  case result(StaleType)
  case named(Int, [StaleType])
  /// The parameter `a` of a generic type.
  case variable
}

struct StaleField {
  var name: String
  var type: StaleType
  var standard: StaleValue?
  var was: String?
}

struct StaleCase {
  var name: String
  var fields: [StaleField]
}

enum StaleKind { case structure, record, enumeration }

struct StaleDefinition {
  var id: Int
  var name: String
  var kind: StaleKind
  var isGeneric = false
  var fields: [StaleField] = []
  var cases: [StaleCase] = []
}

// MARK: Values

indirect enum StaleValue {
  case int(Int)
  /// And a half.
  case float(Int)
  case string(String)
  case small(Int)
  /// What has no identity.
  case aggregate(StaleAggregate)
  case object(StaleObject)
}

struct StalePart {
  var name = ""
  /// The type's identity.
  var type = ""
  var value: StaleValue
}

struct StaleAggregate {
  var type: StaleType
  /// The layout it was made with; empty in a template.
  var layout = ""
  /// Enums.
  var caseName = ""
  var parts: [StalePart] = []
  /// Whether it may count as stale though its layout is the present one.
  var isLenient = false
}

/// A record, vector or map.
final class StaleObject {
  var type: StaleType
  var layout = ""
  var parts: [StalePart]
  /// Of a map.
  var keys: [StaleValue]
  var isLenient = false
  /// Keys of a map that were migrated may be equal now.
  var hasEqualKeys = false

  init(_ type: StaleType, parts: [StalePart], keys: [StaleValue] = []) {
    self.type = type
    self.parts = parts
    self.keys = keys
  }
}

// MARK: Layouts

struct StaleTypes {
  var definitions: [StaleDefinition] = []

  subscript(id: Int) -> StaleDefinition {
    get { definitions[id] }
    set { definitions[id] = newValue }
  }

  func text(_ type: StaleType) -> String { text(type) { $0.name } }

  /// Types are the same when these are: a name of another kind is another type, and of the kind it had the one it was.
  func identity(_ type: StaleType) -> String { text(type) { "\($0.name)#\($0.kind)" } }

  private func text(_ type: StaleType, _ name: (StaleDefinition) -> String) -> String {
    switch type {
    case .int: return "Int"
    case .float: return "Float"
    case .string: return "String"
    case .small: return "U8"
    case .variable: return "a"
    case .option(let some): return "(Option \(text(some, name)))"
    case .result(let ok): return "(Result \(text(ok, name)) String)"
    case .tuple(let parts): return "(Tuple \(parts.map { text($0, name) }.joined(separator: " ")))"
    case .vector(let element): return "(Vec \(text(element, name)))"
    case .map(let key, let value): return "(Map \(text(key, name)) \(text(value, name)))"
    case .named(let id, let arguments):
      if arguments.isEmpty { return name(self[id]) }
      return "(\(name(self[id])) \(arguments.map { text($0, name) }.joined(separator: " ")))"
    }
  }

  func substitute(_ type: StaleType, _ argument: StaleType?) -> StaleType {
    guard let argument else { return type }
    switch type {
    case .variable: return argument
    case .option(let some): return .option(substitute(some, argument))
    case .result(let ok): return .result(substitute(ok, argument))
    case .tuple(let parts): return .tuple(parts.map { substitute($0, argument) })
    case .vector(let element): return .vector(substitute(element, argument))
    case .map(let key, let value): return .map(substitute(key, argument), substitute(value, argument))
    case .named(let id, let arguments): return .named(id, arguments.map { substitute($0, argument) })
    default: return type
    }
  }

  func concrete(_ fields: [StaleField], _ arguments: [StaleType]) -> [StaleField] {
    fields.map { field in
      var field = field
      field.type = substitute(field.type, arguments.first)
      return field
    }
  }

  /// The cases of any enum, those of the prelude included, or the one row of anything else.
  func rows(_ type: StaleType) -> [StaleCase] {
    switch type {
    case .option(let some): return [StaleCase(name: "None", fields: []), StaleCase(name: "Some", fields: [StaleField(name: "value", type: some)])]
    case .result(let ok):
      return [StaleCase(name: "Ok", fields: [StaleField(name: "value", type: ok)]), StaleCase(name: "Err", fields: [StaleField(name: "error", type: .string)])]
    case .tuple(let parts): return [StaleCase(name: "", fields: parts.enumerated().map { StaleField(name: "\($0.offset)", type: $0.element) })]
    case .named(let id, let arguments):
      let definition = self[id]
      if definition.kind == .enumeration { return definition.cases.map { StaleCase(name: $0.name, fields: concrete($0.fields, arguments)) } }
      return [StaleCase(name: "", fields: concrete(definition.fields, arguments))]
    default: return []
    }
  }

  func isEnum(_ type: StaleType) -> Bool {
    switch type {
    case .option, .result: return true
    case .named(let id, _): return self[id].kind == .enumeration
    default: return false
    }
  }

  func isRecord(_ type: StaleType) -> Bool {
    if case .named(let id, _) = type { return self[id].kind == .record }
    return false
  }

  private func words(_ fields: [StaleField]) -> (Int, Int, Int) {
    fields.reduce(into: (0, 0, 0)) { sum, field in
      let words = words(field.type)
      sum = (sum.0 + words.0, sum.1 + words.1, sum.2 + words.2)
    }
  }

  private func payload(_ type: StaleType) -> (Int, Int, Int) {
    rows(type).reduce(into: (0, 0, 0)) { most, row in
      let words = words(row.fields)
      most = (max(most.0, words.0), max(most.1, words.1), max(most.2, words.2))
    }
  }

  /// Integers, floats and references.
  private func words(_ type: StaleType) -> (Int, Int, Int) {
    switch type {
    case .int, .small: return (1, 0, 0)
    case .float: return (0, 1, 0)
    case .string, .vector, .map, .variable: return (0, 0, 1)
    default:
      if !isByValue(type) { return (0, 0, 1) }
      let payload = payload(type)
      return isEnum(type) && !isNullable(type) ? (payload.0 + 1, payload.1, payload.2) : payload
    }
  }

  /// One reference that may be 0: an enum of a reference that may not be and of nothing, or what has such an enum for its only word.
  private func isNullable(_ type: StaleType) -> Bool {
    guard isByValue(type), payload(type) == (0, 0, 1) else { return false }
    let rows = rows(type)
    let mayBeNull = rows.contains { $0.fields.contains { isNullable($0.type) } }
    return isEnum(type) ? rows.count == 2 && rows.contains { words($0.fields) == (0, 0, 0) } && !mayBeNull : mayBeNull
  }

  /// An enum that is an object of its own.
  func isBoxed(_ type: StaleType) -> Bool {
    guard isEnum(type) else { return false }
    if case .named(let id, _) = type, self[id].cases.contains(where: { $0.fields.contains { holds($0.type, id) } }) { return true }
    let payload = payload(type)
    let limit = if case .named = type { 4 } else { 8 }
    return payload.0 + payload.1 + payload.2 > limit
  }

  /// Whether an enum is in its own values.
  private func holds(_ type: StaleType, _ id: Int) -> Bool {
    switch type {
    case .named(let other, let arguments):
      if other == id { return true }
      if self[other].kind == .record { return false }
      return arguments.contains { holds($0, id) } || rows(type).contains { $0.fields.contains { holds($0.type, id) } }
    case .option(let some), .result(let some): return holds(some, id)
    case .tuple(let parts): return parts.contains { holds($0, id) }
    default: return false
    }
  }

  /// Its words lie in what holds it.
  func isByValue(_ type: StaleType) -> Bool {
    switch type {
    case .option, .result, .tuple: return !isBoxed(type)
    case .named: return !isRecord(type) && !isBoxed(type)
    default: return false
    }
  }

  /// Layouts are the same when these are.
  func layout(_ type: StaleType) -> String {
    func part(_ type: StaleType) -> String { isByValue(type) ? layout(type) : "@" + identity(type) }
    switch type {
    case .vector(let element): return "[\(part(element))]"
    // The place of a key follows from all that is in it.
    case .map(let key, let value): return "[\(part(key)) \(part(value))]" + (isComparable(key) ? everything(key) : "")
    case .option, .result, .tuple, .named:
      let rows = rows(type).map { row in row.name + "(" + row.fields.map { $0.name + ":" + part($0.type) }.joined(separator: " ") + ")" }
      return identity(type) + (isBoxed(type) ? "*" : "") + "{" + rows.joined(separator: " ") + "}"
    default: return identity(type)
    }
  }

  /// Whether a value of an enum was made as an object of its own, of the type that has this name now.
  func wasObject(_ value: StaleAggregate) -> Bool { value.layout.hasPrefix(identity(value.type) + "*{") }

  /// All that a value of the type is made of, behind references too.
  func everything(_ type: StaleType) -> String {
    var seen: Set<String> = []
    var out = ""
    func add(_ type: StaleType) {
      guard seen.insert(identity(type)).inserted else { return }
      out += layout(type) + "\n"
      switch type {
      case .vector(let element): add(element)
      case .map(let key, let value):
        add(key)
        add(value)
      default: for row in rows(type) { for field in row.fields { add(field.type) } }
      }
    }
    add(type)
    return out
  }

  func definitions(in type: StaleType) -> Set<Int> {
    var found: Set<Int> = []
    func add(_ type: StaleType) {
      if case .named(let id, let arguments) = type {
        arguments.forEach(add)
        guard found.insert(id).inserted else { return }
      }
      switch type {
      case .vector(let element): add(element)
      case .map(let key, let value):
        add(key)
        add(value)
      default: for row in rows(type) { for field in row.fields { add(field.type) } }
      }
    }
    add(type)
    return found
  }

  /// Whether values can be compared and hashed.
  func isComparable(_ type: StaleType) -> Bool {
    switch type {
    case .int, .float, .string, .small: return true
    case .variable: return false
    case .vector(let element): return isComparable(element)
    case .map(let key, let value): return isComparable(key) && isComparable(value)
    default:
      if isRecord(type) { return false }
      return rows(type).allSatisfy { $0.fields.allSatisfy { field in field.type == type || { if case .vector(type) = field.type { true } else { false } }() || isComparable(field.type) } }
    }
  }
}

// MARK: What the rules make of values

struct StaleReading: Error {
  var isStale: Bool
}

/// Reads values by the rules.
struct StaleReader {
  let types: StaleTypes
  /// What was read may as well count as stale.
  var isLenient = false
  /// Nothing is promised of what was read.
  var isUnknown = false

  mutating func touch(_ value: StaleAggregate) throws {
    if value.isLenient { isLenient = true }
    if value.layout != types.layout(value.type) { throw StaleReading(isStale: true) }
  }

  mutating func touch(_ object: StaleObject) throws {
    if object.isLenient { isLenient = true }
    if object.hasEqualKeys { isUnknown = true }
    guard object.layout != types.layout(object.type) else { return }
    // Nothing of it is read.
    if object.parts.isEmpty, !types.isRecord(object.type) { isLenient = true } else { throw StaleReading(isStale: true) }
  }

  mutating func show(_ value: StaleValue) throws -> String {
    switch value {
    case .int(let n), .small(let n): return "\(n)"
    case .float(let n): return "\(n).5"
    case .string(let text): return "\"\(text)\""
    case .aggregate(let aggregate):
      try touch(aggregate)
      let head = if case .tuple = aggregate.type { "tuple" } else { aggregate.caseName.isEmpty ? name(aggregate.type) : aggregate.caseName }
      if aggregate.parts.isEmpty, !aggregate.caseName.isEmpty { return head }
      return try list(head, aggregate.parts.map(\.value))
    case .object(let object):
      try touch(object)
      switch object.type {
      case .vector: return try list("vec", object.parts.map(\.value))
      case .map: return try list("map-of", zip(object.keys, object.parts).flatMap { [$0, $1.value] })
      default: return try list(name(object.type), object.parts.map(\.value))
      }
    }
  }

  private func name(_ type: StaleType) -> String {
    if case .named(let id, _) = type { return types[id].name }
    return "?"
  }

  private mutating func list(_ head: String, _ values: [StaleValue]) throws -> String {
    var out = "(" + head
    for value in values { out += " " + (try show(value)) }
    return out + ")"
  }
}

extension StaleTypes {
  /// A new value from a template.
  func instance(_ template: StaleValue) -> StaleValue {
    switch template {
    case .aggregate(var aggregate):
      aggregate.layout = layout(aggregate.type)
      aggregate.parts = instances(aggregate.parts)
      return .aggregate(aggregate)
    case .object(let object):
      let new = StaleObject(object.type, parts: instances(object.parts), keys: object.keys.map(instance))
      new.layout = layout(object.type)
      return .object(new)
    default: return template
    }
  }

  private func instances(_ parts: [StalePart]) -> [StalePart] {
    parts.map { StalePart(name: $0.name, type: $0.type, value: instance($0.value)) }
  }
}

/// One migration: each object once.
struct StaleMigration {
  let types: StaleTypes
  private var done: Set<ObjectIdentifier> = []
  /// Why it cannot be.
  var obstacle: String?

  init(_ types: StaleTypes) { self.types = types }

  mutating func migrate(_ value: inout StaleValue) {
    switch value {
    case .aggregate(var aggregate):
      let row = types.rows(aggregate.type).first { $0.name == aggregate.caseName }
      if aggregate.layout == types.layout(aggregate.type) {
        for i in aggregate.parts.indices { migrate(&aggregate.parts[i].value) }
      } else if let row {
        aggregate.parts = parts(aggregate.parts, row.fields)
        aggregate.layout = types.layout(aggregate.type)
      } else {
        obstacle = "no case \(aggregate.caseName)"
      }
      if obstacle == nil { value = .aggregate(aggregate) }
    case .object(let object):
      guard done.insert(ObjectIdentifier(object)).inserted else { return }
      var new = object.parts
      if types.isRecord(object.type), object.layout != types.layout(object.type) {
        new = parts(object.parts, types.rows(object.type)[0].fields)
      } else {
        for i in new.indices { migrate(&new[i].value) }
        for i in object.keys.indices { migrate(&object.keys[i]) }
      }
      if obstacle == nil {
        object.parts = new
        object.layout = types.layout(object.type)
        if Set(object.keys.map(types.literal)).count < object.keys.count { object.hasEqualKeys = true }
      }
    default: break
    }
  }

  private mutating func parts(_ old: [StalePart], _ fields: [StaleField]) -> [StalePart] {
    var new: [StalePart] = []
    for field in fields {
      let identity = types.identity(field.type)
      if var part = old.first(where: { $0.name == field.name }) ?? old.first(where: { $0.name == field.was }) {
        if part.type != identity { obstacle = "\(field.name) has another type" }
        migrate(&part.value)
        part.name = field.name
        new.append(part)
      } else if let standard = field.standard {
        new.append(StalePart(name: field.name, type: identity, value: types.instance(standard)))
      } else {
        obstacle = "\(field.name) has no default"
      }
    }
    return new
  }
}
