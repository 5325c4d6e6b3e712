// What macros made of a body, kept as hashes, and the same expansions made once more: where every one of them comes out as it
// was, the body is what it was, and nothing has to be checked or compiled again.
//
// Invariant: the forms that expansions add to a tree are numbered from the tree's end, so equal expansions of an unchanged text
// have equal numbers; a replay that gets out of step is told apart by them and counts as a difference.

/// One expansion in the order in which the checker made them.
struct ExpansionStep: Sendable {
  var macro: DefID
  var call: Form
  /// The expansion that the call stands in, by its place in the record; -1 for the user's text.
  var parent: Int32
  /// Of what it added to the tree, and where.
  var hash: UInt64
}

/// The expansions of one body.
public struct ExpansionRecord: Sendable {
  var steps: [ExpansionStep]
  public var count: Int { steps.count }
}

/// How a record compares with what its macros do now.
public struct Replay: Sendable {
  /// Expansions made, and how many of them came out as before.
  public var expanded = 0
  public var equal = 0
  public var isSame = false
}

extension Checker {
  /// The expansions that checking added to the tree at `location`; nil when there were none.
  public func expansionRecord(at location: FormLocation) -> ExpansionRecord? {
    let first = location.kept?.expansions ?? 0
    let all = location.forms.expansions
    if all.count == first { return nil }
    return ExpansionRecord(
      steps: all[first...].map { expansion in
        ExpansionStep(
          macro: expansion.macro, call: expansion.call, parent: expansion.parent < Int32(first) ? -1 : expansion.parent - Int32(first),
          hash: hash(of: expansion, location))
      })
  }

  /// The hash of all that expansions added to the tree of an item.
  public func hashOfExpansions(at location: FormLocation) -> UInt64 {
    var result: UInt64 = 0xcbf2_9ce4_8422_2325
    for expansion in location.forms.expansions { result = (result ^ hash(of: expansion, location)) &* 0x100_0000_01b3 }
    return result
  }

  /// Makes the expansions of `record` again, on fresh forms of the same text, up to the first that differs. Problems are not
  /// told: a body that differs is checked as a whole.
  public func replay(_ record: ExpansionRecord, of def: DefID, at location: FormLocation) -> Replay {
    enter(location)
    item = env[def].item
    module = env[def].module
    let first = Int32(location.kept?.expansions ?? 0)
    let known = problems.count
    defer {
      expansion = -1
      problems.removeLast(problems.count - known)
    }
    var answer = Replay()
    for step in record.steps {
      guard Int(step.call.raw) < forms.tree.nodes.count, isList(step.call), env[step.macro].kind == .macro else { return answer }
      expansion = step.parent < 0 ? -1 : step.parent + first
      answer.expanded += 1
      guard expand(step.call, step.macro) != nil, let made = forms.expansions.last, hash(of: made, location) == step.hash else { return answer }
      answer.equal += 1
    }
    answer.isSame = true
    return answer
  }

  private func hash(of expansion: Expansion, _ location: FormLocation) -> UInt64 {
    var result: UInt64 = 0xcbf2_9ce4_8422_2325
    func mix(_ value: UInt64) {
      result = (result ^ value) &* 0x9E37_79B9_7F4A_7C15
      result ^= result >> 29
    }
    mix(UInt64(expansion.macro.raw) << 32 | UInt64(expansion.call.raw))
    mix(UInt64(expansion.result.raw) << 32 | UInt64(expansion.nodes.lowerBound))
    let base = location.base
    let tree = location.forms
    for raw in expansion.nodes {
      let node = tree.tree.nodes[Int(raw)]
      mix(UInt64(node.tag.rawValue) << 40 | UInt64(node.suffix.rawValue) << 32 | UInt64(node.count))
      mix(UInt64(node.start &- base) << 32 | UInt64(node.end &- base))
      switch node.tag {
      case .list, .vector, .quote, .quasiquote, .unquote, .unquoteSplicing:
        for i in 0..<Int(node.count) { mix(UInt64(tree.tree.child(Form(raw: raw), i).raw)) }
      case .symbol, .keyword, .char, .bool: mix(UInt64(node.a))
      case .int:
        let literal = tree.tree.ints[Int(node.a)]
        mix(literal.magnitude)
        mix(literal.negative ? 1 : 0)
      case .float: mix(tree.tree.floats[Int(node.a)].bitPattern)
      case .string:
        let range = tree.tree.strings[Int(node.a)]
        mix(UInt64(range.count))
        for i in range { mix(UInt64(tree.tree.stringBytes[i])) }
      case .error: break
      }
    }
    return result
  }
}
