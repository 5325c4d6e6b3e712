// What the tests of reader and store share: forms written back as text, and diagnostics rendered.

import Frontend

/// A form in the reader's own notation, blanks normalised.
func dump(_ tree: borrowing FormTree, _ form: Form, _ interner: borrowing Interner) -> String {
  let node = tree[form]
  func children() -> String {
    var parts: [String] = []
    for i in 0..<tree.count(form) { parts.append(dump(tree, tree.child(form, i), interner)) }
    return parts.joined(separator: " ")
  }
  let suffix = node.suffix == .none ? "" : "\(node.suffix)"
  switch node.tag {
  case .list: return "(" + children() + ")"
  case .vector: return "[" + children() + "]"
  case .symbol: return interner.name(tree.symbol(form))
  case .keyword: return ":" + interner.name(tree.keyword(form))
  case .int:
    let literal = tree.ints[Int(node.a)]
    return (literal.negative ? "-" : "") + String(literal.magnitude) + suffix
  case .float: return String(tree.floats[Int(node.a)]) + suffix
  case .string:
    var out = "\""
    for scalar in tree.string(form).unicodeScalars {
      switch scalar {
      case "\"": out += "\\\""
      case "\\": out += "\\\\"
      case "\n": out += "\\n"
      case "\t": out += "\\t"
      case "\r": out += "\\r"
      default: out.unicodeScalars.append(scalar)
      }
    }
    return out + "\""
  case .char: return "\\u{" + String(node.a, radix: 16) + "}"
  case .bool: return node.a == 1 ? "true" : "false"
  case .quote: return "'" + children()
  case .quasiquote: return "`" + children()
  case .unquote: return "~" + children()
  case .unquoteSplicing: return "~@" + children()
  case .error: return "<error>"
  }
}

/// The forms of a text, and its problems as `code@start-end`.
func readBytes(_ text: [UInt8]) -> (forms: [String], problems: [String]) {
  var reader = Reader()
  var interner = Interner()
  reader.read(text, interner: &interner)
  var forms: [String] = []
  for root in reader.tree.roots { forms.append(dump(reader.tree, root, interner)) }
  return (
    forms,
    reader.problems.map { "\($0.code.rawValue)@\($0.place.span.start)-\($0.place.span.end)" }
  )
}

func read(_ text: String) -> (forms: [String], problems: [String]) { readBytes(Array(text.utf8)) }

/// All diagnostics of a file as the terminal shows them.
func diagnose(_ text: [UInt8], colours: Bool = false) -> String {
  var reader = Reader()
  var interner = Interner()
  var store = SourceStore()
  let file = store.add(path: "a.lang", text: text, reader: &reader, interner: &interner)
  var renderer = TerminalRenderer(colours: colours)
  var out: [String] = []
  for problem in store.problems(of: file) { out.append(renderer.render(problem, in: store)) }
  return out.joined(separator: "\n")
}

func diagnose(_ text: String) -> String { diagnose(Array(text.utf8)) }

/// SplitMix64, so that a failing seed can be run again.
struct SeededGenerator: RandomNumberGenerator {
  var state: UInt64
  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var z = state
    z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
    z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
    return z ^ (z >> 31)
  }
}
