// What values are worked out with: what bodies and defaults name. It decides on the order in which constants and variables get
// their values, and on which constants are computed again.
//
// Invariant: a list of uses names a default, not what that relies on, so a default may change without those who take it being
// looked at. The number of a default is beyond those of definitions; `env` does not know it.

import Frontend

/// Defaults of parameters and fields as nodes beside the definitions.
struct DefaultUses {
  struct Key: Hashable {
    var owner: DefID
    /// The parameter, or the number of a field's default (`Environment.defaultNumber`).
    var index: UInt32
  }
  static let first: UInt32 = 1 << 31
  private var numbers: [Key: UInt32] = [:]
  private(set) var owners: [DefID] = []
  private var uses: [[DefID]] = []

  var count: Int { owners.count }

  static func isDefault(_ node: DefID) -> Bool { node.raw >= first && node != .none }

  func owner(of node: DefID) -> DefID { owners[Int(node.raw - Self.first)] }

  subscript(node: DefID) -> [DefID] {
    get { uses[Int(node.raw - Self.first)] }
    set { uses[Int(node.raw - Self.first)] = newValue }
  }

  mutating func node(_ key: Key) -> DefID {
    if let known = numbers[key] { return DefID(raw: known) }
    let number = Self.first + UInt32(owners.count)
    numbers[key] = number
    owners.append(key.owner)
    uses.append([])
    return DefID(raw: number)
  }
}

extension Program {
  /// What a definition's body, or a default, is worked out with.
  func uses(of node: DefID) -> [DefID] {
    if DefaultUses.isDefault(node) { return defaultUses[node] }
    return Int(node.raw) < uses.count ? uses[Int(node.raw)] : []
  }

  /// The definition that a node is, or whose default it is.
  func owner(of node: DefID) -> DefID { DefaultUses.isDefault(node) ? defaultUses.owner(of: node) : node }

  /// Notes what the body at hand in the checker uses. O(its nodes).
  func noteUses(_ def: DefID) {
    if env[def].kind != .function || behindValues?.contains(def) == true { behindValues = nil }
    var used = uses[Int(def.raw)]
    uses[Int(def.raw)] = []
    used.removeAll(keepingCapacity: true)
    collectUses(&used)
    uses[Int(def.raw)] = used
  }

  /// The same for a default, by its index in `Lowering.defaultProvider`.
  func noteDefaultUses(_ def: DefID, _ index: Int) {
    var used: [DefID] = []
    collectUses(&used)
    let node = defaultUses.node(DefaultUses.Key(owner: def, index: UInt32(index)))
    if defaultUses[node] == used { return }
    defaultUses[node] = used
    behindValues = nil
  }

  private func collectUses(_ used: inout [DefID]) {
    // Which functions of an implementation run is not known here: any of them may.
    for implementation in checker.usedImplementations where env[implementation].module != .prelude {
      for member in env[implementation].members { used.append(env.members[member]) }
    }
    let tree = checker.typed
    for node in tree.nodes {
      switch node.tag {
      case .global, .call, .functionValue:
        let def = DefID(raw: node.a)
        guard env[def].module != .prelude else { continue }
        if used.last != def { used.append(def) }
        if node.tag == .call, env[def].kind == .function {
          let list = Int(node.b) + 1 + Int(tree.extra[Int(node.b)])
          if Int(tree.extra[list]) < env[def].parameters.count {
            let parameters = env[def].parameters
            for i in 0..<parameters.count where env.parameters[parameters.lowerBound + i].hasDefault && !isGiven(i, in: list, tree) {
              used.append(defaultUses.node(DefaultUses.Key(owner: def, index: UInt32(i))))
            }
          }
        }
      case .makeStruct: collectFields(env[env.types[node.type].def].fields, node, case: 0, tree, &used)
      case .makeCase:
        let cases = env[env.types[node.type].def].cases
        collectFields(env.cases[cases.lowerBound + Int(node.a)].fields, node, case: Int(node.a), tree, &used)
      default: break
      }
    }
  }

  /// Fields that are not given take their defaults.
  private func collectFields(_ fields: Range<Int>, _ node: TypedNode, case index: Int, _ tree: TypedTree, _ used: inout [DefID]) {
    let list = Int(node.b)
    if Int(tree.extra[list]) >= fields.count { return }
    let def = env.types[node.type].def
    if env[def].module == .prelude { return }
    for i in 0..<fields.count where env.fields[fields.lowerBound + i].hasDefault && !isGiven(i, in: list, tree) {
      used.append(defaultUses.node(DefaultUses.Key(owner: def, index: UInt32(Environment.defaultNumber(ofField: i, ofCase: index)))))
    }
  }

  private func isGiven(_ index: Int, in list: Int, _ tree: TypedTree) -> Bool {
    for i in 0..<Int(tree.extra[list]) where Int(tree.extra[list + 1 + 2 * i]) == index { return true }
    return false
  }

  /// Whether the value of a constant or a variable is worked out with this function, or with a default of this definition: what
  /// it uses decides on the order of values. O(1) but for the first call after a change to a value or to such a function.
  func isBehindValues(_ def: DefID) -> Bool {
    if let behindValues { return behindValues.contains(def) }
    var found = Set<DefID>()
    var pending = valueDefinitions
    while let next = pending.popLast() {
      for used in uses(of: next) where found.insert(used).inserted { pending.append(used) }
    }
    for used in found where DefaultUses.isDefault(used) { found.insert(defaultUses.owner(of: used)) }
    behindValues = found
    return found.contains(def)
  }
}
