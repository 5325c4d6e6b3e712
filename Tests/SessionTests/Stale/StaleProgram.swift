// A random program that holds values of its types everywhere a value can be held, and reads them in all ways; and the
// edits of it. A text can be made of it at any time.
//
// Invariant: every number and every string in it is another one, so a word that is read in the wrong place shows.

struct StaleSource {
  var type: StaleType
  var template: StaleValue
}

enum StaleClosure: CaseIterable { case shows, counts, takes, gives }

enum StaleHolderKind: Equatable {
  case value
  /// What another variable holds.
  case alias(Int)
  case closure(StaleClosure)
}

/// A variable.
struct StaleHolder {
  var id: Int
  var kind: StaleHolderKind
  var of: StaleSource
  /// A closure's capture is what this variable holds.
  var shared: Int?
  /// Which of the texts of a closure.
  var variant = 0
}

/// A function that waits for a live loop with two locals, one of which is shared with a closure, and an operand.
struct StaleFrame {
  var id: Int
  var values: [StaleSource]
}

enum StaleStep {
  case field(String), nth(Int), unwrap, get(String), part(Int, of: Int), casePart(String, Int, of: Int)
}

enum StaleAction {
  case show, passed, cases, rebuilt, keys, length, walked
  case find(StaleValue)
  case with(String, StaleValue), set(String, StaleValue), push(StaleValue)
  case copied(Int), same(Int), call(StaleValue?)
}

struct StaleProbe {
  var id: Int
  var holder: Int
  var steps: [StaleStep] = []
  /// Where the steps lead.
  var type: StaleType
  var action: StaleAction
}

struct StaleProgram {
  var random: SeededGenerator
  var types = StaleTypes()
  var holders: [StaleHolder] = []
  var frames: [StaleFrame] = []
  var probes: [StaleProbe] = []
  var next = 100
  /// Types, variables, frames and reads as they were before earlier edits.
  var history: [(StaleTypes, [StaleHolder], [StaleFrame], [StaleProbe])] = []
  /// Types that the last edit gave another kind.
  var otherKinds: Set<Int> = []

  static let probeCount = 70

  /// One in so many fields has no default, one change in so many is one that migration does not reach.
  let lacksDefaults: Int
  let isHard: Int

  init(seed: UInt64, migrates: Bool) {
    random = SeededGenerator(seed: seed)
    (lacksDefaults, isHard) = migrates ? (24, 6) : (3, 1)
    let kinds: [StaleKind] = [.structure, .record, .structure, .enumeration, .record, .enumeration, .structure]
    for (id, kind) in kinds.enumerated() {
      types.definitions.append(StaleDefinition(id: id, name: "T\(id)", kind: kind, isGeneric: id == 2 || id == 4 && chance(2)))
      if kind == .enumeration {
        for _ in 0..<2 + random.below(3) {
          let new = newCase(id)
          types[id].cases.append(new)
        }
        if id == 5, chance(2) {
          let itself = chance(2) ? StaleType.named(id, []) : .vector(.named(id, []))
          types[id].cases.append(StaleCase(name: name("C"), fields: [StaleField(name: name("f"), type: itself), newField(id)]))
        }
      } else {
        for _ in 0..<1 + random.below(4) {
          let new = newField(id)
          types[id].fields.append(new)
        }
      }
    }
    for i in 0..<12 {
      let type = i < 4 ? named(below: types.definitions.count) : holderType()
      holders.append(StaleHolder(id: i, kind: .value, of: source(type)))
    }
    for i in 12..<20 {
      let closure = chance(isHard) ? StaleClosure.allCases[i % 4] : .shows
      var holder = StaleHolder(id: i, kind: .closure(closure), of: source(holderType()))
      if chance(3), let other = holders.first(where: { $0.kind == .value && isReference($0.of.type) }) {
        holder.of.type = other.of.type
        holder.shared = other.id
      }
      holders.append(holder)
    }
    for _ in 0..<2 {
      guard let other = holders.filter({ $0.kind == .value && isReference($0.of.type) }).randomElement(using: &random) else { continue }
      holders.append(StaleHolder(id: holders.count, kind: .alias(other.id), of: other.of))
    }
    for i in 0..<2 { frames.append(StaleFrame(id: i, values: (0..<3).map { _ in source(holderType()) })) }
    settle()
  }

  mutating func chance(_ n: Int) -> Bool { random.below(n) == 0 }

  mutating func number() -> Int {
    next += 1
    return next
  }

  mutating func name(_ prefix: String) -> String { "\(prefix)\(number())" }

  func isReference(_ type: StaleType) -> Bool {
    switch type {
    case .vector, .map: true
    default: types.isRecord(type)
    }
  }

  // MARK: Types

  mutating func simple() -> StaleType { random.pick([.int, .int, .float, .string, .small]) }

  mutating func named(below id: Int) -> StaleType {
    let found = random.below(id)
    return .named(found, types[found].isGeneric ? [chance(2) || found == 0 ? simple() : named(below: found)] : [])
  }

  mutating func fieldType(below id: Int) -> StaleType {
    if id == 0 { return simple() }
    switch random.below(12) {
    case 0..<5: return simple()
    case 5, 6: return named(below: id)
    case 7: return .option(chance(2) ? named(below: id) : simple())
    case 8: return .vector(named(below: id))
    case 9: return .tuple([simple(), named(below: id)])
    case 10: return .result(named(below: id))
    default: return types[id < types.definitions.count ? id : 0].isGeneric ? .variable : named(below: id)
    }
  }

  mutating func holderType() -> StaleType {
    let count = types.definitions.count
    switch random.below(13) {
    case 0, 1: return named(below: count)
    case 2, 3, 4: return .vector(named(below: count))
    case 5: return .vector(.option(named(below: count)))
    case 6: return .map(.string, named(below: count))
    case 7, 8:
      let key = named(below: count)
      return types.isComparable(key) ? .map(key, .int) : .map(.string, .vector(key))
    case 9: return .option(named(below: count))
    case 10: return .tuple([named(below: count), .int, named(below: count)])
    case 11: return .result(.vector(named(below: count)))
    default: return .vector(.tuple([.string, named(below: count)]))
    }
  }

  mutating func newField(_ id: Int) -> StaleField {
    var field = StaleField(name: name("f"), type: fieldType(below: id))
    field.standard = chance(lacksDefaults) ? nil : standard(field.type)
    return field
  }

  private mutating func standard(_ type: StaleType) -> StaleValue? {
    func hasVariable(_ type: StaleType) -> Bool {
      switch type {
      case .variable: true
      case .option(let some), .result(let some), .vector(let some): hasVariable(some)
      case .tuple(let parts): parts.contains(where: hasVariable)
      case .map(let key, let value): hasVariable(key) || hasVariable(value)
      case .named(_, let arguments): arguments.contains(where: hasVariable)
      default: false
      }
    }
    return hasVariable(type) ? nil : template(type)
  }

  mutating func newCase(_ id: Int) -> StaleCase {
    var new = StaleCase(name: name("C"), fields: [])
    for _ in 0..<random.below(4) { new.fields.append(newField(id)) }
    return new
  }

  // MARK: Values

  mutating func template(_ type: StaleType, depth: Int = 0) -> StaleValue {
    switch type {
    case .int, .variable: return .int(number())
    case .float: return .float(number())
    case .string: return .string("s\(number())")
    case .small: return .small(number() % 256)
    case .vector(let element):
      let count = depth > 3 ? 0 : chance(8) ? 0 : 1 + random.below(3)
      return .object(StaleObject(type, parts: (0..<count).map { _ in StalePart(value: template(element, depth: depth + 1)) }))
    case .map(let key, let value):
      let count = 1 + random.below(3)
      var keys: [StaleValue] = []
      for i in 0..<count {
        let new: StaleValue = key == .string ? .string("k\(i)") : template(key, depth: depth + 1)
        if !keys.contains(where: { types.literal($0) == types.literal(new) }) { keys.append(new) }
      }
      return .object(StaleObject(type, parts: keys.map { _ in StalePart(value: template(value, depth: depth + 1)) }, keys: keys))
    default:
      var rows = types.rows(type)
      if depth > 3, types.isEnum(type) { rows = rows.filter { row in !row.fields.contains { $0.type == type } } }
      let row = random.pick(rows)
      let parts = row.fields.map { field in
        StalePart(name: field.name, type: types.identity(field.type), value: template(field.type, depth: depth + 1))
      }
      if types.isRecord(type) { return .object(StaleObject(type, parts: parts)) }
      return .aggregate(StaleAggregate(type: type, caseName: row.name, parts: parts))
    }
  }

  mutating func source(_ type: StaleType) -> StaleSource {
    StaleSource(type: type, template: template(type))
  }

  // MARK: Keeping it sound

  /// What a changed type makes impossible is made anew; all else stays as it is, to the letter.
  mutating func settle() {
    for id in types.definitions.indices {
      func names(_ fields: [StaleField]) -> Set<String> { Set(fields.map(\.name)) }
      func mended(_ fields: [StaleField]) -> [StaleField] {
        var seen = names(fields)
        return fields.map { field in
          var field = field
          if let was = field.was, !seen.insert(was).inserted { field.was = nil }
          return field
        }
      }
      types[id].fields = mended(types[id].fields)
      for c in types[id].cases.indices { types[id].cases[c].fields = mended(types[id].cases[c].fields) }
    }
    // Lower types first: defaults hold values of them.
    for id in types.definitions.indices {
      types[id].fields = withDefaults(types[id].fields)
      for c in types[id].cases.indices { types[id].cases[c].fields = withDefaults(types[id].cases[c].fields) }
    }
    for i in holders.indices {
      if case .alias(let other) = holders[i].kind { holders[i].of = holders[other].of }
      if let other = holders[i].shared { holders[i].of = holders[other].of }
      holders[i].of = refreshed(holders[i].of)
    }
    for i in holders.indices {
      if case .alias(let other) = holders[i].kind {
        holders[i].of = holders[other].of
        if !isReference(holders[i].of.type) { holders[i].kind = .value }
      }
      if let other = holders[i].shared {
        holders[i].of = holders[other].of
        if !isReference(holders[i].of.type) { holders[i].shared = nil }
      }
    }
    for i in frames.indices { for j in frames[i].values.indices { frames[i].values[j] = refreshed(frames[i].values[j]) } }
    probes = probes.filter { end($0) == $0.type && isPossible($0) }
    while probes.count < Self.probeCount {
      let new = newProbe()
      probes.append(new)
    }
  }

  /// A default's literal holds values that may need other parts now.
  private mutating func withDefaults(_ fields: [StaleField]) -> [StaleField] {
    var fields = fields
    for i in fields.indices {
      if let standard = fields[i].standard, !fits(standard, fields[i].type) { fields[i].standard = self.standard(fields[i].type) }
    }
    return fields
  }

  /// Whether a template is one of the type as it is.
  func fits(_ value: StaleValue, _ type: StaleType) -> Bool {
    switch (value, type) {
    case (.int, .int), (.float, .float), (.string, .string), (.small, .small): return true
    case (.aggregate(let aggregate), _):
      guard aggregate.type == type, !types.isRecord(type), let row = types.rows(type).first(where: { $0.name == aggregate.caseName }) else { return false }
      return fits(aggregate.parts, row.fields)
    case (.object(let object), _):
      guard object.type == type else { return false }
      switch type {
      case .vector(let element): return object.parts.allSatisfy { fits($0.value, element) }
      case .map(let key, let value): return object.keys.allSatisfy { fits($0, key) } && object.parts.allSatisfy { fits($0.value, value) }
      default: return types.isRecord(type) && fits(object.parts, types.rows(type)[0].fields)
      }
    default: return false
    }
  }

  private func fits(_ parts: [StalePart], _ fields: [StaleField]) -> Bool {
    parts.count == fields.count
      && zip(parts, fields).allSatisfy { $0.name == $1.name && $0.type == types.identity($1.type) && fits($0.value, $1.type) }
  }

  private mutating func refreshed(_ source: StaleSource) -> StaleSource {
    // What was a key may be none any more.
    if case .map(let key, _) = source.type, !types.isComparable(key) { return self.source(.vector(key)) }
    return fits(source.template, source.type) ? source : self.source(source.type)
  }

  // MARK: Reads

  func next(_ step: StaleStep, _ type: StaleType) -> StaleType? {
    switch (step, type) {
    case (.nth, .vector(let element)): return element
    case (.unwrap, .option(let some)), (.unwrap, .result(let some)): return some
    case (.get, .map(.string, let value)): return value
    case (.part(let i, let count), .tuple(let parts)): return parts.count == count ? parts[i] : nil
    case (.field(let name), .named):
      return types.isEnum(type) ? nil : types.rows(type)[0].fields.first { $0.name == name }?.type
    case (.casePart(let name, let i, let count), .named):
      guard types.isEnum(type), let row = types.rows(type).first(where: { $0.name == name }), row.fields.count == count else { return nil }
      return row.fields[i].type
    default: return nil
    }
  }

  func end(_ probe: StaleProbe) -> StaleType? {
    guard let holder = holders.first(where: { $0.id == probe.holder }) else { return nil }
    var type = holder.of.type
    for step in probe.steps {
      guard let found = next(step, type) else { return nil }
      type = found
    }
    return type
  }

  /// Whether what a probe does where its steps lead can be written now.
  func isPossible(_ probe: StaleProbe) -> Bool {
    guard let holder = holders.first(where: { $0.id == probe.holder }) else { return false }
    let type = probe.type
    if case .closure(let closure) = holder.kind {
      guard case .call(let argument) = probe.action else { return false }
      return closure == .takes ? argument.map { fits($0, type) } ?? false : argument == nil
    }
    func field(_ name: String, _ new: StaleValue) -> Bool {
      types.rows(type)[0].fields.contains { $0.name == name && fits(new, $0.type) }
    }
    let isNamed = if case .named = type { true } else { false }
    let isVector = if case .vector = type { true } else { false }
    switch probe.action {
    case .show, .passed: return true
    case .cases: return types.isEnum(type)
    case .with(let name, let new): return isNamed && !types.isEnum(type) && !types.isRecord(type) && field(name, new)
    case .set(let name, let new): return types.isRecord(type) && field(name, new)
    case .push(let new):
      if case .vector(let element) = type { return fits(new, element) }
      return false
    case .rebuilt: return isNamed && !types.isEnum(type) && types.isComparable(type)
    case .find(let key):
      if case .map(let type, _) = type { return fits(key, type) }
      return false
    case .keys: if case .map = type { return true } else { return false }
    case .length, .walked, .copied: return isVector
    case .same(let other): return isReference(type) && holders[other].of.type == type && isPlain(other)
    case .call: return false
    }
  }

  func isPlain(_ holder: Int) -> Bool {
    if case .closure = holders[holder].kind { return false }
    return true
  }

  private mutating func newProbe() -> StaleProbe {
    while true {
      let holder = random.pick(holders)
      var probe = StaleProbe(id: number(), holder: holder.id, type: holder.of.type, action: .show)
      if case .closure(let closure) = holder.kind {
        probe.action = .call(closure == .takes ? template(holder.of.type) : nil)
        return probe
      }
      while !chance(3) {
        guard let (step, type) = newStep(probe.type) else { break }
        probe.steps.append(step)
        probe.type = type
      }
      probe.action = newAction(probe.type)
      if isPossible(probe) { return probe }
    }
  }

  private mutating func newStep(_ type: StaleType) -> (StaleStep, StaleType)? {
    switch type {
    case .vector(let element): return (.nth(random.below(3)), element)
    case .option(let some), .result(let some): return (.unwrap, some)
    case .map(.string, let value): return (.get("k\(random.below(3))"), value)
    case .tuple(let parts):
      let i = random.below(parts.count)
      return (.part(i, of: parts.count), parts[i])
    case .named:
      let row = random.pick(types.rows(type))
      guard !row.fields.isEmpty else { return nil }
      let i = random.below(row.fields.count)
      let field = row.fields[i]
      // In a match of one case the second clause would not be reached.
      if types.isEnum(type) { return types.rows(type).count > 1 ? (.casePart(row.name, i, of: row.fields.count), field.type) : nil }
      return (.field(field.name), field.type)
    default: return nil
    }
  }

  private mutating func newAction(_ type: StaleType) -> StaleAction {
    switch random.below(10) {
    case 0: return .show
    case 1: return .passed
    default: break
    }
    switch type {
    case .vector(let element):
      switch random.below(5) {
      case 0: return .length
      case 1: return .walked
      case 2: return .push(template(element, depth: 2))
      default: return .copied(random.below(7))
      }
    case .map(let key, _): return chance(2) ? .keys : .find(template(key))
    case .option, .result: return .cases
    case .named:
      if types.isEnum(type) { return .cases }
      guard let field = types.rows(type)[0].fields.randomElement(using: &random) else { return .show }
      if types.isRecord(type) {
        let other = random.below(holders.count)
        return chance(4) ? .same(other) : .set(field.name, template(field.type, depth: 2))
      }
      return chance(2) ? .rebuilt : .with(field.name, template(field.type, depth: 2))
    default: return .show
    }
  }
}
