// Edits of the types of a program, and now and then of what holds their values.

extension StaleProgram {
  /// Changes the program; answers what was done.
  mutating func edit() -> String {
    let before = (types, holders, frames, probes)
    defer { otherKinds = Set(types.definitions.indices.filter { types[$0].kind != before.0[$0].kind }) }
    if !history.isEmpty, chance(6) {
      (types, holders, frames, probes) = random.pick(history.suffix(3))
      history.append(before)
      return "undo"
    }
    history.append(before)
    var done: [String] = []
    for _ in 0..<(chance(2) ? 1 : 1 + random.below(3)) { done.append(change()) }
    if chance(4), let i = probes.indices.randomElement(using: &random) { probes.remove(at: i) }
    settle()
    return done.joined(separator: ", ")
  }

  private mutating func change() -> String {
    if chance(12), chance(isHard) {
      let i = random.below(holders.count)
      if case .closure = holders[i].kind {
        holders[i].variant = 1 - holders[i].variant
        return "other text of make\(i)"
      }
      holders[i].kind = .value
      holders[i].of = source(holderType())
      return "v\(i) of another type"
    }
    let id = random.below(types.definitions.count)
    let definition = types[id]
    if definition.kind != .enumeration {
      if !definition.isGeneric, chance(12), chance(isHard) {
        types[id].kind = definition.kind == .record ? .structure : .record
        return "\(definition.name) of another kind"
      }
      let (fields, what) = change(definition.fields, id, least: 1)
      types[id].fields = fields
      return "\(definition.name): \(what)"
    }
    let c = random.below(definition.cases.count)
    switch random.below(8) {
    case 0:
      let new = newCase(id)
      types[id].cases.insert(new, at: random.below(definition.cases.count + 1))
      return "\(definition.name) has \(new.name)"
    case 1 where definition.cases.count > 1 && chance(isHard):
      var cases = definition.cases
      cases.remove(at: c)
      // One that is no end of a value is not enough.
      if cases.allSatisfy({ $0.fields.contains { $0.type == .named(id, []) } }) { return "nothing" }
      types[id].cases = cases
      return "\(definition.name) without \(definition.cases[c].name)"
    case 2:
      types[id].cases.shuffle(using: &random)
      return "\(definition.name) in another order"
    default:
      let (fields, what) = change(definition.cases[c].fields, id, least: 0)
      types[id].cases[c].fields = fields
      return "\(definition.cases[c].name): \(what)"
    }
  }

  private mutating func change(_ old: [StaleField], _ id: Int, least: Int) -> ([StaleField], String) {
    var fields = old
    let what = change(&fields, id, least: least)
    return (fields, what)
  }

  private mutating func change(_ fields: inout [StaleField], _ id: Int, least: Int) -> String {
    let kind = fields.isEmpty ? 0 : random.below(9)
    let i = fields.isEmpty ? 0 : random.below(fields.count)
    switch kind {
    case 0, 1, 2:
      var new = newField(id)
      // A name that was there before.
      if chance(5), let old = history.randomElement(using: &random)?.0[id].fields.randomElement(using: &random), !fields.contains(where: { $0.name == old.name }) {
        new.name = old.name
        if chance(2), !types[id].isGeneric { (new.type, new.standard) = (old.type, nil) }
      }
      fields.insert(new, at: random.below(fields.count + 1))
      return "with \(new.name)"
    case 3 where fields.count > least: return "without \(fields.remove(at: i).name)"
    case 4 where chance(isHard):
      let new = newField(id)
      (fields[i].type, fields[i].standard, fields[i].was) = (new.type, new.standard, nil)
      return "\(fields[i].name) of another type"
    case 5, 6:
      let old = fields[i].name
      fields[i].name = name("f")
      fields[i].was = chance(3) ? nil : old
      return "\(fields[i].name) for \(old)"
    case 7:
      for i in fields.indices { fields[i].was = nil }
      return "without former names"
    default:
      fields.shuffle(using: &random)
      return "in another order"
    }
  }
}
