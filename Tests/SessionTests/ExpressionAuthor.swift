// Expressions and statements at random that are of the type asked for, over the variables in scope and a
// few definitions of its own. Almost all of them pass the checker, so that what is behind it has work.

/// The types that expressions are written for.
indirect enum AuthorType: Equatable {
  case int, float, bool, char, string, byte
  case vec(AuthorType), option(AuthorType), tuple(AuthorType, AuthorType), map(AuthorType, AuthorType), set(AuthorType)
  case result(AuthorType)
  /// Of `ExpressionAuthor.definitions`.
  case pair, node, tree

  var text: String {
    switch self {
    case .int: "Int"
    case .float: "Float"
    case .bool: "Bool"
    case .char: "Char"
    case .string: "String"
    case .byte: "U8"
    case .vec(let a): "(Vec \(a.text))"
    case .option(let a): "(Option \(a.text))"
    case .result(let a): "(Result \(a.text) String)"
    case .tuple(let a, let b): "(Tuple \(a.text) \(b.text))"
    case .map(let a, let b): "(Map \(a.text) \(b.text))"
    case .set(let a): "(Set \(a.text))"
    case .pair: "FzPair"
    case .node: "FzNode"
    case .tree: "(FzTree Int)"
    }
  }

  /// The type that a parameter's text names; nil for those that no expression is written for.
  init?(_ text: String) {
    switch text {
    case "Int": self = .int
    case "Float": self = .float
    case "Bool": self = .bool
    case "Char": self = .char
    case "String": self = .string
    case "U8": self = .byte
    default:
      guard text.hasPrefix("("), text.hasSuffix(")") else { return nil }
      let words = text.dropFirst().dropLast().split(separator: " ", maxSplits: 1)
      guard words.count == 2, let inner = AuthorType(String(words[1])) else { return nil }
      switch words[0] {
      case "Vec": self = .vec(inner)
      case "Option": self = .option(inner)
      case "Set": self = .set(inner)
      default: return nil
      }
    }
  }

  /// Whether values may be keys.
  var isKey: Bool {
    switch self {
    case .int, .bool, .char, .string, .byte, .pair: true
    case .option(let a): a.isKey
    case .tuple(let a, let b): a.isKey && b.isKey
    default: false
    }
  }
}

struct ExpressionAuthor {
  struct Variable {
    var name: String
    var type: AuthorType
    var isMutable = false
  }

  var variables: [Variable] = []
  /// Whether `definitions` stand in the program.
  var hasDefinitions = false
  private var fresh = 0

  static let definitions = """

    (defstruct FzPair [a: Int b: Float])
    (defrecord FzNode [mut n: Int mut pair: FzPair mut next: (Option FzNode)])
    (defenum (FzTree a) FzLeaf (FzFork left: (FzTree a) value: a right: (FzTree a)))
    (defn fz-sum [t: (FzTree Int)] -> Int (match t FzLeaf 0 (FzFork l v r) (+ (fz-sum l) v (fz-sum r))))
    (defn fz-grow [t: (FzTree a) x: a] -> (FzTree a) (match t FzLeaf (FzFork FzLeaf x FzLeaf) (FzFork l v r) (FzFork (fz-grow r x) v l)))
    (defn fz-chain [n: FzNode depth: Int] -> Int (if (<= depth 0) 0 (match (.next n) (Some m) (+ (.n n) (fz-chain m (- depth 1))) None (.n n))))
    (defn fz-twice [f: (Fn [a] a) x: a] -> a (f (f x)))
    (defn fz-try [o: (Option Int)] -> (Option Int) (let [x (try o)] (if (> x 100) None (Some (+ x 1)))))
    (defvar fz-count: Int 0)
    (defvar fz-seen: (Vec Int) (vec))

    """

  mutating func name() -> String {
    fresh += 1
    return "fz\(fresh)"
  }

  mutating func type(_ g: inout SeededGenerator, depth: Int = 2) -> AuthorType {
    if depth == 0 { return g.pick([.int, .float, .bool, .string, .char, .byte]) }
    switch g.below(18) {
    case 0, 1: return .vec(type(&g, depth: depth - 1))
    case 2: return .option(type(&g, depth: depth - 1))
    case 3: return .tuple(type(&g, depth: depth - 1), type(&g, depth: depth - 1))
    case 4: return .map(g.pick([.int, .string, .char, .tuple(.int, .bool)]), type(&g, depth: depth - 1))
    case 5: return .set(g.pick([.int, .string, .byte, .option(.int)]))
    case 6: return .result(type(&g, depth: depth - 1))
    case 7, 8: return hasDefinitions ? g.pick([.pair, .node, .tree]) : .int
    case 9...12: return .int
    default: return g.pick([.float, .bool, .string, .char, .byte])
    }
  }

  // MARK: Expressions

  mutating func expression(_ type: AuthorType, _ depth: Int, _ g: inout SeededGenerator) -> String {
    let known = variables.filter { $0.type == type }
    if !known.isEmpty, g.below(3) == 0 { return g.pick(known).name }
    if depth <= 0 { return literal(type, &g) }
    if g.below(3) == 0 { return general(type, depth, &g) }
    func e(_ type: AuthorType, _ author: inout ExpressionAuthor, _ g: inout SeededGenerator) -> String { author.expression(type, depth - 1, &g) }
    switch type {
    case .int: return integer(depth, &g)
    case .float:
      switch g.below(5) {
      case 0: return "(\(g.pick(["+", "-", "*", "/", "min", "max"])) \(e(.float, &self, &g)) \(e(.float, &self, &g)))"
      case 1: return "(float \(e(.int, &self, &g)))"
      case 2: return "(\(g.pick(["sqrt", "floor", "abs", "sin", "-"])) \(e(.float, &self, &g)))"
      case 3 where hasDefinitions: return "(.b \(e(.pair, &self, &g)))"
      default: return "(fold + 0.5 \(e(.vec(.float), &self, &g)))"
      }
    case .bool:
      switch g.below(7) {
      case 0: return "(\(g.pick(["<", "<=", ">", ">="])) \(e(.int, &self, &g)) \(e(.int, &self, &g)))"
      case 1: return "(\(g.pick(["and", "or"])) \(e(.bool, &self, &g)) \(e(.bool, &self, &g)))"
      case 2: return "(not \(e(.bool, &self, &g)))"
      case 3:
        let other = self.type(&g)
        return other == .node ? "(same? \(e(.node, &self, &g)) \(e(.node, &self, &g)))" : "(\(g.pick(["=", "!="])) \(e(other, &self, &g)) \(e(other, &self, &g)))"
      case 4: return "(empty? \(e(g.pick([.string, .vec(.int), .map(.int, .int), .set(.string)]), &self, &g)))"
      case 5: return "(contains? \(e(.vec(.int), &self, &g)) \(e(.int, &self, &g)))"
      default: return "(some? \(e(.option(.int), &self, &g)))"
      }
    case .char: return g.below(2) == 0 ? "(char (+ 97 (bit-and 15 \(e(.int, &self, &g)))))" : literal(.char, &g)
    case .string:
      switch g.below(6) {
      case 0: return "(str \(e(self.type(&g), &self, &g)) \(e(.string, &self, &g)))"
      case 1: return "(show \(e(self.type(&g), &self, &g)))"
      case 2: return "(fmt \"{}-{}\" \(e(.int, &self, &g)) \(e(.string, &self, &g)))"
      case 3: return "(join \(e(.vec(g.pick([.int, .string])), &self, &g)) \",\")"
      case 4: return "(\(g.pick(["upper", "lower", "trim"])) \(e(.string, &self, &g)))"
      default: return "(replace \(e(.string, &self, &g)) \"a\" \(e(.string, &self, &g)))"
      }
    case .byte: return g.below(2) == 0 ? "(u8 \(e(.int, &self, &g)))" : "(\(g.pick(["+", "*", "bit-xor"])) \(e(.byte, &self, &g)) \(e(.byte, &self, &g)))"
    case .vec(let a):
      switch g.below(6) {
      case 0: return "(reverse \(e(type, &self, &g)))"
      case 1: return "(concat \(e(type, &self, &g)) \(e(type, &self, &g)))"
      case 2:
        let other = self.type(&g, depth: 1)
        return "(map \(function(other, a, depth - 1, &g)) \(e(.vec(other), &self, &g)))"
      case 3: return "(filter \(function(a, .bool, depth - 1, &g)) \(e(type, &self, &g)))"
      case 4: return "(vec-of (bit-and 7 \(e(.int, &self, &g))) \(e(a, &self, &g)))"
      default: return "(vec \(e(a, &self, &g)) \(e(a, &self, &g)) \(e(a, &self, &g)))"
      }
    case .option(let a):
      switch g.below(4) {
      case 0: return "(get \(e(.vec(a), &self, &g)) \(e(.int, &self, &g)))"
      case 1: return "(\(g.pick(["first", "last"])) \(e(.vec(a), &self, &g)))"
      case 2 where hasDefinitions && a == .int: return "(fz-try \(e(type, &self, &g)))"
      default: return "(Some \(e(a, &self, &g)))"
      }
    case .result(let a): return g.below(2) == 0 ? "(ok-or \(e(.option(a), &self, &g)) \(e(.string, &self, &g)))" : "(: (Ok \(e(a, &self, &g))) \(type.text))"
    case .tuple(let a, let b): return "(tuple \(e(a, &self, &g)) \(e(b, &self, &g)))"
    case .map(let a, let b): return "(map-of \(e(a, &self, &g)) \(e(b, &self, &g)) \(e(a, &self, &g)) \(e(b, &self, &g)))"
    case .set(let a): return g.below(2) == 0 ? "(union \(e(type, &self, &g)) \(e(type, &self, &g)))" : "(set-of \(e(a, &self, &g)) \(e(a, &self, &g)))"
    case .pair: return g.below(2) == 0 ? "(FzPair \(e(.int, &self, &g)) \(e(.float, &self, &g)))" : "(with \(e(.pair, &self, &g)) :a \(e(.int, &self, &g)))"
    case .node: return "(FzNode \(e(.int, &self, &g)) \(e(.pair, &self, &g)) \(g.below(2) == 0 ? "None" : "(Some \(e(.node, &self, &g)))"))"
    case .tree: return "(fz-grow \(e(.tree, &self, &g)) \(e(.int, &self, &g)))"
    }
  }

  private mutating func integer(_ depth: Int, _ g: inout SeededGenerator) -> String {
    func e(_ type: AuthorType, _ author: inout ExpressionAuthor, _ g: inout SeededGenerator) -> String { author.expression(type, depth - 1, &g) }
    switch g.below(hasDefinitions ? 14 : 10) {
    case 0, 1: return "(\(g.pick(["+", "-", "*", "min", "max", "bit-and", "bit-or", "bit-xor", "/", "%"])) \(e(.int, &self, &g)) \(e(.int, &self, &g)))"
    case 2: return "(len \(e(g.pick([.string, .vec(.byte), .map(.string, .int), .set(.int)]), &self, &g)))"
    case 3: return "(\(g.pick(["<<", ">>", ">>>"])) \(e(.int, &self, &g)) \(e(.int, &self, &g)))"
    case 4: return "(int \(e(g.pick([.float, .bool, .byte]), &self, &g)))"
    case 5: return "(hash \(e(g.pick([.int, .string, .tuple(.int, .bool), .vec(.option(.char))]), &self, &g)))"
    case 6: return "(fold \(function(.int, .int, .int, depth - 1, &g)) \(e(.int, &self, &g)) \(e(.vec(.int), &self, &g)))"
    case 7: return "(code \(e(.char, &self, &g)))"
    case 8:
      return "(compare \(e(.tuple(.int, .string), &self, &g)) \(e(.tuple(.int, .string), &self, &g)))"
    case 9:
      let (i, total) = (name(), name())
      variables += [Variable(name: i, type: .int), Variable(name: total, type: .int)]
      defer { variables.removeLast(2) }
      return "(loop [\(i) 0 \(total) \(g.below(9))] (if (< \(i) \(g.below(8))) (recur (+ \(i) 1) \(e(.int, &self, &g))) \(total)))"
    case 10: return "(fz-sum \(e(.tree, &self, &g)))"
    case 11: return "(.a (.pair \(e(.node, &self, &g))))"
    case 12: return "(fz-chain \(e(.node, &self, &g)) 9)"
    default: return "(fz-twice \(function(.int, .int, depth - 1, &g)) \(e(.int, &self, &g)))"
    }
  }

  /// What there is for every type.
  private mutating func general(_ type: AuthorType, _ depth: Int, _ g: inout SeededGenerator) -> String {
    func e(_ type: AuthorType, _ author: inout ExpressionAuthor, _ g: inout SeededGenerator) -> String { author.expression(type, depth - 1, &g) }
    switch g.below(9) {
    case 0: return "(if \(e(.bool, &self, &g)) \(e(type, &self, &g)) \(e(type, &self, &g)))"
    case 1:
      let (x, other) = (name(), self.type(&g))
      let value = e(other, &self, &g)
      let isMutable = g.below(2) == 0
      variables.append(Variable(name: x, type: other, isMutable: isMutable))
      defer { variables.removeLast() }
      return "(let [\(isMutable ? "mut " : "")\(x): \(other.text) \(value)] \(statement(depth - 1, &g)) \(e(type, &self, &g)))"
    case 2:
      let x = name()
      let other = self.type(&g, depth: 1)
      let subject = e(.option(other), &self, &g)
      let none = e(type, &self, &g)
      variables.append(Variable(name: x, type: other))
      defer { variables.removeLast() }
      return "(match \(subject) \(g.below(2) == 0 ? "(Some \(x)) :when \(e(.bool, &self, &g)) \(none) " : "")(Some \(x)) \(e(type, &self, &g)) None \(none))"
    case 3:
      let (x, y) = (name(), name())
      let (a, b) = (self.type(&g, depth: 1), self.type(&g, depth: 1))
      let value = e(.tuple(a, b), &self, &g)
      variables += [Variable(name: x, type: a), Variable(name: y, type: b)]
      defer { variables.removeLast(2) }
      return "(let [(tuple \(x) \(y)) \(value)] \(e(type, &self, &g)))"
    case 4: return "(nth (vec \(e(type, &self, &g)) \(e(type, &self, &g))) \(g.below(2)))"
    case 5: return "(match (bit-and 3 \(e(.int, &self, &g))) 0 \(e(type, &self, &g)) (or 1 2) \(e(type, &self, &g)) _ \(e(type, &self, &g)))"
    case 6: return "(\(function(type, type, depth - 1, &g)) \(e(type, &self, &g)))"
    case 7: return "(unwrap-or \(e(.option(type), &self, &g)) \(e(type, &self, &g)))"
    default: return "(do \(statement(depth - 1, &g)) \(e(type, &self, &g)))"
    }
  }

  private mutating func function(_ parameters: AuthorType..., returning result: AuthorType, _ depth: Int, _ g: inout SeededGenerator) -> String {
    let names = parameters.map { _ in name() }
    for (name, type) in zip(names, parameters) { variables.append(Variable(name: name, type: type)) }
    defer { variables.removeLast(parameters.count) }
    let list = zip(names, parameters).map { g.below(2) == 0 ? "\($0.0): \($0.1.text)" : $0.0 }.joined(separator: " ")
    return "(fn [\(list)]\(g.below(2) == 0 ? " -> \(result.text)" : "") \(expression(result, depth, &g)))"
  }

  private mutating func function(_ a: AuthorType, _ result: AuthorType, _ depth: Int, _ g: inout SeededGenerator) -> String {
    function(a, returning: result, depth, &g)
  }

  private mutating func function(_ a: AuthorType, _ b: AuthorType, _ result: AuthorType, _ depth: Int, _ g: inout SeededGenerator) -> String {
    function(a, b, returning: result, depth, &g)
  }

  func literal(_ type: AuthorType, _ g: inout SeededGenerator) -> String {
    switch type {
    case .int: return g.pick(["0", "1", "2", "-1", "7", "100", "65536", "9223372036854775807", "-9223372036854775808", "0x7fff_ffff"])
    case .float: return g.pick(["0.0", "1.5", "-2.25", "1e300", "-0.0", "nan", "inf", "0.1"])
    case .bool: return g.pick(["true", "false"])
    case .char: return g.pick(["\\a", "\\é", "\\space", "\\newline", "\\u{1F600}"])
    case .string: return g.pick(["\"\"", "\"a\"", "\"naïve\"", "\"two\\nlines\"", "\"12\"", "\"a longer text that is not short\""])
    case .byte: return g.pick(["0u8", "255u8", "17u8"])
    case .vec(let a): return g.below(2) == 0 ? "(: (vec) \(type.text))" : "(vec \(literal(a, &g)))"
    case .option(let a): return g.below(2) == 0 ? "(: None \(type.text))" : "(Some \(literal(a, &g)))"
    case .result(let a): return g.below(2) == 0 ? "(: (Err \"no\") \(type.text))" : "(: (Ok \(literal(a, &g))) \(type.text))"
    case .tuple(let a, let b): return "(tuple \(literal(a, &g)) \(literal(b, &g)))"
    case .map(let a, let b): return "(map-of \(literal(a, &g)) \(literal(b, &g)))"
    case .set(let a): return "(set-of \(literal(a, &g)))"
    case .pair: return "(FzPair \(literal(.int, &g)) \(literal(.float, &g)))"
    case .node: return "(FzNode \(literal(.int, &g)) \(literal(.pair, &g)) None)"
    case .tree: return g.below(2) == 0 ? "(: FzLeaf (FzTree Int))" : "(FzFork FzLeaf \(literal(.int, &g)) FzLeaf)"
    }
  }

  // MARK: Statements

  mutating func statement(_ depth: Int, _ g: inout SeededGenerator) -> String {
    func e(_ type: AuthorType, _ author: inout ExpressionAuthor, _ g: inout SeededGenerator) -> String { author.expression(type, depth - 1, &g) }
    let mutable = variables.filter(\.isMutable)
    switch g.below(12) {
    case 0 where !mutable.isEmpty, 1 where !mutable.isEmpty:
      let variable = g.pick(mutable)
      return "(set! \(variable.name) \(e(variable.type, &self, &g)))"
    case 2 where hasDefinitions: return "(set! fz-count (+ fz-count \(e(.int, &self, &g))))"
    case 3 where hasDefinitions: return "(push! fz-seen \(e(.int, &self, &g)))"
    case 4:
      let x = name()
      let other = type(&g, depth: 1)
      let over = e(.vec(other), &self, &g)
      variables.append(Variable(name: x, type: other))
      defer { variables.removeLast() }
      return "(for [\(x) \(over)] \(statement(depth - 1, &g)))"
    case 5: return "(when \(e(.bool, &self, &g)) \(statement(depth - 1, &g)))"
    case 6:
      let x = name()
      let other = type(&g, depth: 1)
      let value = e(.option(other), &self, &g)
      variables.append(Variable(name: x, type: other))
      defer { variables.removeLast() }
      return "(if-let [\(x) \(value)] (println \(x)) ())"
    case 7:
      let node = variables.filter { $0.type == .node }
      if node.isEmpty { return "(println \(e(type(&g), &self, &g)))" }
      let target = g.pick(node).name
      return g.below(2) == 0 ? "(set! (.pair \(target)) \(e(.pair, &self, &g)))" : "(set! (.next \(target)) (Some \(e(.node, &self, &g))))"
    case 8: return "(any? \(function(.int, .bool, depth - 1, &g)) \(e(.vec(.int), &self, &g)))"
    case 9: return "(if \(e(.bool, &self, &g)) \(statement(depth - 1, &g)) \(statement(depth - 1, &g)))"
    default: return "(println \(e(type(&g), &self, &g)))"
    }
  }
}
