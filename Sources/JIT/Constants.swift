// The words of constants, built into machine code as numbers.
//
//   computed ─► known ─► built into units ─► about to be computed again: not known, these units are retired ─► computed ─► known
//
// Whoever computes values says so before and after. What nobody has told of is read from memory.
//
// Invariant: a known word is not stored to. An edit is taken in only while machine code is left, or calls the outside; a unit with constants
// looks at its cell behind calls to the outside and leaves with what has left, so it never goes on with a value of before.

/// Words of constants, by their indices among the globals. Within a lock.
struct ConstantWords {
  private var known: Set<Int> = []
  /// Known once values are computed.
  private var awaited: Set<Int> = []
  /// Units that have a word built in.
  private var users: [Int: [NativeUnit]] = [:]

  func isKnown(_ word: Int) -> Bool { known.contains(word) }

  /// Values are about to be computed from the start. Answers the units that must go.
  mutating func begin(_ words: some Sequence<Int>) -> [NativeUnit] {
    awaited = Set(words)
    known = []
    return users.values.flatMap { $0 }
  }

  mutating func end() {
    known.formUnion(awaited)
    awaited = []
  }

  /// Words may be stored to from now on, and some may be no constants any more. Answers which of them were known, and the units that
  /// must go.
  mutating func forget(_ words: some Sequence<Int>) -> (known: [Int], units: [NativeUnit]) {
    var forgotten: [Int] = []
    var units: [NativeUnit] = []
    for word in words {
      awaited.remove(word)
      guard known.remove(word) != nil else { continue }
      forgotten.append(word)
      units += users[word] ?? []
    }
    return (forgotten, units)
  }

  mutating func note(_ words: some Sequence<Int>) { known.formUnion(words) }

  mutating func add(_ unit: NativeUnit) { for word in unit.constants.keys { users[word, default: []].append(unit) } }

  mutating func remove(_ unit: NativeUnit) {
    for word in unit.constants.keys {
      users[word]?.removeAll { $0 === unit }
      if users[word]?.isEmpty == true { users[word] = nil }
    }
  }
}
