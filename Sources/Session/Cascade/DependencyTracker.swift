// Who relies on whom. An edge leads from a definition to what its body or its header names, or needs as a type or an
// implementation; the nodes are the definitions, the kinds of edges what a body and what a header relies on. What of the
// definition used is relied on follows from its kind: a function's signature, a type's fields and cases, a macro's expansion.
//
//   used ──users──► user         forward lists are exact, the reverse index may hold edges that are gone
//
// Invariant: an edge of a forward list is in the reverse index once that has been built. Looking up users checks the
// forward lists, so nothing has to be taken out of the index when a body changes; it is made anew when most of it is stale.
//
// The index is built by the first cascade that asks, in O(edges); a start does not pay for it. After Zig's InternPool, whose
// dependencies are lists by dependee, and rust-analyzer's reverse index.

import Frontend

struct DependencyTracker {
  /// By user: what its body relies on, defaults of its own included.
  private(set) var bodies: [[DefID]] = []
  /// Users by used definition as of the last building: `flat[starts[d]..<starts[d + 1]]`.
  private var starts: [UInt32] = []
  private var flat: [UInt32] = []
  /// Edges since then.
  private var added: [UInt32: [UInt32]] = [:]
  private var addedCount = 0
  private var isIndexed = false

  func body(of user: DefID) -> [DefID] { Int(user.raw) < bodies.count ? bodies[Int(user.raw)] : [] }

  /// Sets what the body of `user` relies on. O(1) when that is what it was.
  mutating func setBody(_ user: DefID, _ used: [DefID]) {
    let index = Int(user.raw)
    if index >= bodies.count {
      if used.isEmpty { return }
      while bodies.count <= index { bodies.append([]) }
    }
    if bodies[index] == used { return }
    if isIndexed { enter(user, used, but: bodies[index]) }
    bodies[index] = used
  }

  /// To be told what a header relies on that was worked out anew.
  mutating func noteHeader(_ user: DefID, _ used: [DefID]) {
    if isIndexed { enter(user, used, but: []) }
  }

  private mutating func enter(_ user: DefID, _ used: [DefID], but known: [DefID]) {
    for def in used where !known.contains(def) {
      if added[def.raw]?.suffix(8).contains(user.raw) == true { continue }
      added[def.raw, default: []].append(user.raw)
      addedCount += 1
    }
  }

  /// Definitions whose bodies, and those whose headers, rely on `def`, each once, in no order. O(users), beyond the building
  /// of the index.
  mutating func users(of def: DefID, _ env: Environment) -> (bodies: [DefID], headers: [DefID]) {
    if !isIndexed || addedCount > flat.count + 4096 { build(env) }
    var seen = Set<UInt32>()
    var found: (bodies: [DefID], headers: [DefID]) = ([], [])
    func take(_ user: UInt32) {
      guard seen.insert(user).inserted else { return }
      let user = DefID(raw: user)
      if body(of: user).contains(def) { found.bodies.append(user) }
      if env.headerUses(of: user).contains(def) { found.headers.append(user) }
    }
    if Int(def.raw) + 1 < starts.count {
      for i in starts[Int(def.raw)]..<starts[Int(def.raw) + 1] { take(flat[Int(i)]) }
    }
    for user in added[def.raw] ?? [] { take(user) }
    return found
  }

  /// Makes the reverse index. O(edges).
  mutating func build(_ env: Environment) {
    let count = env.definitions.count
    var sizes = [UInt32](repeating: 0, count: count + 1)
    func each(_ body: (_ user: Int, _ used: Int) -> Void) {
      for user in 0..<count {
        if user < bodies.count { for used in bodies[user] where Int(used.raw) < count { body(user, Int(used.raw)) } }
        for used in env.headerUses(of: DefID(raw: UInt32(user))) where Int(used.raw) < count { body(user, Int(used.raw)) }
      }
    }
    each { _, used in sizes[used] += 1 }
    starts = []
    starts.reserveCapacity(count + 1)
    var total: UInt32 = 0
    for i in 0..<count {
      starts.append(total)
      total += sizes[i]
    }
    starts.append(total)
    flat = [UInt32](repeating: 0, count: Int(total))
    var next = starts
    each { user, used in
      flat[Int(next[used])] = UInt32(user)
      next[used] += 1
    }
    added.removeAll()
    addedCount = 0
    isIndexed = true
  }
}
