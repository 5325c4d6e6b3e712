// Programs made from others by changes that keep types: most of them are sound, so that they get as far as
// lowering, the verifier and the interpreter. Which forms are expressions is told by their places; macro
// calls, patterns, types and quotes are left alone.

import Frontend

struct SoundMutator {
  private let sources: [[UInt8]]

  /// Programs of several modules, and such as are not sound themselves, are of no use.
  init(_ sources: [[UInt8]]) {
    self.sources = sources.filter { !String(decoding: $0, as: UTF8.self).contains("(import ") }
  }

  /// A program, changed in one place to some; one in four is of two programs.
  func program(_ g: inout SeededGenerator) -> [UInt8] {
    var text = g.pick(sources)
    if g.below(4) == 0, let both = Self.joined(text, g.pick(sources), "zz") { text = both }
    if g.below(2) == 0 { text += Array(ExpressionAuthor.definitions.utf8) }
    change(&text, times: 1 + g.below(6), &g)
    return text
  }

  func change(_ text: inout [UInt8], times: Int, _ g: inout SeededGenerator) {
    var author = ExpressionAuthor()
    author.hasDefinitions = String(decoding: text, as: UTF8.self).contains(ExpressionAuthor.definitions)
    for _ in 0..<times { change(&text, &author, &g) }
  }

  private func change(_ text: inout [UInt8], _ author: inout ExpressionAuthor, _ g: inout SeededGenerator) {
    let sites = Sites(text)
    func form(_ span: Range<Int>) -> String { String(decoding: text[span], as: UTF8.self) }
    func put(_ new: String, _ span: Range<Int>) { text.replaceSubrange(span, with: Array(new.utf8)) }
    switch g.below(12) {
    case 0, 1:
      // A literal for another, or for an expression of its type.
      guard let site = sites.literals.randomElement(using: &g) else { return }
      put(g.below(3) == 0 ? author.literal(site.type, &g) : author.expression(site.type, 1 + g.below(3), &g), site.span)
    case 2:
      guard let site = sites.heads.randomElement(using: &g) else { return }
      let word = form(site)
      if let group = Self.alike.first(where: { $0.contains(word) }) { put(g.pick(group), site) }
    case 3:
      // Two operands change places.
      guard let operands = sites.operands.randomElement(using: &g), operands.count > 1 else { return }
      let i = g.below(operands.count - 1)
      let (a, b) = (form(operands[i]), form(operands[i + 1]))
      put(a, operands[i + 1])
      put(b, operands[i])
    case 4:
      guard let body = sites.bodies.randomElement(using: &g), body.count > 1 else { return }
      put("", body[g.below(body.count - 1)])
    case 5:
      // A statement once more, there or further on.
      guard let body = sites.bodies.randomElement(using: &g), body.count > 1 else { return }
      let i = g.below(body.count - 1)
      let at = body[i + g.below(body.count - 1 - i) + 1].lowerBound
      text.insert(contentsOf: Array((form(body[i]) + "\n    ").utf8), at: at)
    case 6, 7:
      guard let body = sites.bodies.randomElement(using: &g), let place = body.randomElement(using: &g) else { return }
      text.insert(contentsOf: Array((author.statement(1 + g.below(4), &g) + "\n    ").utf8), at: place.lowerBound)
    case 8, 9:
      guard let site = sites.expressions.randomElement(using: &g), site.count < 2000 else { return }
      put(wrapped(form(site), author.name(), &g), site)
    case 10:
      guard let site = sites.conditions.randomElement(using: &g) else { return }
      let old = form(site)
      put(g.pick(["(not \(old))", "(and \(author.expression(.bool, 2, &g)) \(old))", "(or \(old) \(author.expression(.bool, 2, &g)))"]), site)
    default:
      // A call of one of the program's functions from `main`.
      guard let function = sites.functions.randomElement(using: &g), let at = sites.mainBody else { return }
      let arguments = function.parameters.map { " " + author.expression($0, 2, &g) }.joined()
      text.insert(contentsOf: Array("(println (\(function.name)\(arguments)))\n  ".utf8), at: at)
    }
  }

  private static let alike = [
    ["+", "-", "*"], ["min", "max"], ["<", "<=", ">", ">="], ["=", "!="], ["and", "or"], ["when", "unless"], ["/", "%"],
    ["bit-and", "bit-or", "bit-xor"], ["<<", ">>", ">>>"], ["any?", "all?"], ["first", "last"], ["upper", "lower", "trim"],
    ["union", "intersection", "difference"], ["println", "print", "eprintln"], ["starts-with?", "ends-with?"],
  ]

  /// The expression by a way round that gives the same.
  private func wrapped(_ e: String, _ x: String, _ g: inout SeededGenerator) -> String {
    var ways = [
      "(do \(e))", "(do (gc) \(e))", "(let [\(x) \(e)] \(x))", "(let [mut \(x) \(e)] \(x))", "(if true \(e) \(e))", "(if (= 1 2) \(e) \(e))",
      "(let [(tuple \(x) _) (tuple \(e) 1)] \(x))", "(match (tuple 1 \(e)) (tuple 1 \(x)) \(x) (tuple _ \(x)) \(x))",
      "(match (Some \(e)) (Some \(x)) \(x) None (panic \"none\"))", "(unwrap (Some \(e)))", "(nth (vec \(e)) 0)", "(identity \(e))",
      "(match \(e) \(x) \(x))", "(let [\(x) (vec \(e) \(e))] (nth \(x) 1))", "(unwrap (pop! (vec \(e))))", "(get-or (map-of 1 \(e)) 1 \(e))",
    ]
    // Not around what leaves a function or a loop.
    if !["return", "recur", "break", "continue", "try"].contains(where: { e.contains($0) }) {
      ways += [
        "((fn [] \(e)))", "(let [\(x) (fn [] \(e))] (\(x)))", "(nth (map (fn [_] \(e)) (vec 1 2)) 1)", "(fold (fn [_ \(x)] \(x)) \(e) (vec \(e)))",
        "(loop [\(x) 0] (if (< \(x) 3) (recur (+ \(x) 1)) \(e)))", "(let [mut \(x) \(e)] (for [_ (range 2)] (set! \(x) \(e))) \(x))",
        "(let [\(x) (fn [y] y)] (\(x) \(e)))", "(unwrap (first (vec \(e))))",
      ]
    }
    return g.pick(ways)
  }

  // MARK: Two programs in one

  /// Both programs one behind the other, the names that both define told apart by `mark`, with a `main`
  /// that calls both. Nil when there is nothing to call.
  private static func joined(_ first: [UInt8], _ second: [UInt8], _ mark: String) -> [UInt8]? {
    let (a, b) = (Sites(first), Sites(second))
    guard a.hasPlainMain, b.hasPlainMain else { return nil }
    let taken = a.defined.union(["main"])
    var other = second
    for (name, span) in b.symbols.reversed() {
      // `name:` and `mut name` bind; a constructor or type may stand anywhere.
      let plain = name.hasSuffix(":") ? String(name.dropLast()) : name
      guard taken.contains(plain), b.defined.contains(plain) else { continue }
      other.replaceSubrange(span, with: Array((plain + mark + (plain == name ? "" : ":")).utf8))
    }
    guard var text = replacingMain(first, "main" + mark + "1") else { return nil }
    text += [10] + other + Array("\n(defn main [] -> Unit (main\(mark)1) (main\(mark)))\n".utf8)
    return text
  }

  private static func replacingMain(_ text: [UInt8], _ name: String) -> [UInt8]? {
    var new = text
    for (word, span) in Sites(text).symbols.reversed() where word == "main" { new.replaceSubrange(span, with: Array(name.utf8)) }
    return new
  }
}

/// What stands where in a text.
private struct Sites {
  var literals: [(span: Range<Int>, type: AuthorType)] = []
  var expressions: [Range<Int>] = []
  var conditions: [Range<Int>] = []
  var heads: [Range<Int>] = []
  /// Of calls whose operands are all of one type.
  var operands: [[Range<Int>]] = []
  /// The forms of each body, the last of which is its value.
  var bodies: [[Range<Int>]] = []
  var functions: [(name: String, parameters: [AuthorType])] = []
  var mainBody: Int?
  /// `main` takes nothing and answers nothing.
  var hasPlainMain = false
  var defined: Set<String> = []
  var symbols: [(name: String, span: Range<Int>)] = []

  init(_ text: [UInt8]) {
    let walk = Walk(text)
    walk.run()
    self = walk.sites
  }

  fileprivate init() {}
}

private final class Walk {
  var sites = Sites()
  private let text: [UInt8]
  private var interner = Interner()
  private var reader = Reader()
  private var macros: Set<String> = []

  init(_ text: [UInt8]) {
    self.text = text
    reader.read(text, interner: &interner)
  }

  private func children(_ form: Form) -> [Form] { (0..<reader.tree.count(form)).map { reader.tree.child(form, $0) } }
  private func tag(_ form: Form) -> FormTag { reader.tree.tag(form) }
  private func span(_ form: Form) -> Range<Int> { Int(reader.tree.span(form).start)..<Int(reader.tree.span(form).end) }
  private func word(_ form: Form) -> String { tag(form) == .symbol ? interner.name(reader.tree.symbol(form)) : "" }
  private func shown(_ form: Form) -> String { String(decoding: text[span(form)], as: UTF8.self) }

  func run() {
    for node in reader.tree.nodes where node.tag == .symbol && node.start < node.end {
      sites.symbols.append((interner.name(Symbol(raw: node.a)), Int(node.start)..<Int(node.end)))
    }
    sites.symbols.sort { $0.span.lowerBound < $1.span.lowerBound }
    let roots = reader.tree.roots
    for root in roots { note(root) }
    for root in roots { definition(root) }
  }

  private func note(_ root: Form) {
    let parts = tag(root) == .list ? children(root) : []
    guard parts.count > 1 else { return }
    let head = word(parts[0])
    guard head.hasPrefix("def") else { return }
    var name = parts[1]
    if tag(name) == .list, let first = children(name).first { name = first }
    let plain = word(name).hasSuffix(":") ? String(word(name).dropLast()) : word(name)
    if head != "deftest" { sites.defined.insert(plain) }
    if head == "defmacro" { macros.insert(plain) }
    if head == "defenum" {
      for part in parts.dropFirst(2) { sites.defined.insert(tag(part) == .list ? children(part).first.map(word) ?? "" : word(part)) }
    }
    if head == "deftrait" { for part in parts.dropFirst(2) where tag(part) == .list { sites.defined.insert(children(part).first.map(word) ?? "") } }
  }

  private func definition(_ root: Form) {
    let parts = tag(root) == .list ? children(root) : []
    guard parts.count > 1 else { return }
    switch word(parts[0]) {
    case "defn", "defn-":
      guard let list = parts.firstIndex(where: { tag($0) == .vector }) else { return }
      var start = list + 1
      if start + 1 < parts.count, word(parts[start]) == "->" { start += 2 }
      if start < parts.count, tag(parts[start]) == .keyword {
        start += 1
        while start < parts.count - 1, tag(parts[start]) == .list, word(children(parts[start]).first ?? parts[start]).first?.isUppercase == true { start += 1 }
      }
      guard start < parts.count else { return }
      noteFunction(parts, list, start)
      body(Array(parts[start...]))
    case "deftest": body(Array(parts.dropFirst(2)))
    case "def", "defvar": if parts.count > 2 { expression(parts[parts.count - 1]) }
    case "impl", "do": for part in parts.dropFirst() { definition(part) }
    default: break
    }
  }

  private func noteFunction(_ parts: [Form], _ list: Int, _ start: Int) {
    let name = word(parts[1])
    if name == "main" {
      sites.mainBody = span(parts[start]).lowerBound
      sites.hasPlainMain = children(parts[list]).isEmpty && start == list + 3 && word(parts[list + 2]) == "Unit"
      return
    }
    var types: [AuthorType] = []
    let parameters = children(parts[list])
    var i = 0
    while i < parameters.count {
      guard word(parameters[i]).hasSuffix(":"), i + 1 < parameters.count, let type = AuthorType(shown(parameters[i + 1])) else { return }
      types.append(type)
      i += 2
    }
    if start > list + 1, shown(parts[list + 2]) != "Never" { sites.functions.append((name, types)) }
  }

  private func body(_ forms: [Form]) {
    if !forms.isEmpty { sites.bodies.append(forms.map(span)) }
    for form in forms { expression(form) }
  }

  private func condition(_ form: Form) {
    sites.conditions.append(span(form))
    expression(form)
  }

  /// `[name value ..]`.
  private func bindings(_ form: Form) {
    let parts = children(form)
    var i = 0
    while i < parts.count {
      if word(parts[i]) == "mut" { i += 1 }
      guard i < parts.count else { return }
      if word(parts[i]).hasSuffix(":") { i += 1 }
      if i + 1 < parts.count { expression(parts[i + 1]) }
      i += 2
    }
  }

  private func expression(_ form: Form) {
    let place = span(form)
    guard !place.isEmpty, place.upperBound <= text.count else { return }
    switch tag(form) {
    case .int:
      if !shown(form).contains(where: { "iu".contains($0) }) { sites.literals.append((place, .int)) }
    case .float: if !shown(form).hasSuffix("f32") { sites.literals.append((place, .float)) }
    case .string: sites.literals.append((place, .string))
    case .char: sites.literals.append((place, .char))
    case .bool: sites.literals.append((place, .bool))
    case .symbol: sites.expressions.append(place)
    case .list:
      let parts = children(form)
      guard let first = parts.first, !macros.contains(word(first)) else { return }
      sites.expressions.append(place)
      list(first, Array(parts.dropFirst()))
    default: break
    }
  }

  private func list(_ first: Form, _ rest: [Form]) {
    let head = word(first)
    if !head.isEmpty { sites.heads.append(span(first)) } else { expression(first) }
    switch head {
    case "let", "loop", "for":
      guard let names = rest.first, tag(names) == .vector else { return }
      bindings(names)
      body(Array(rest.dropFirst()))
    case "if-let", "when-let":
      guard let names = rest.first, tag(names) == .vector else { return }
      bindings(names)
      for form in rest.dropFirst() { expression(form) }
    case "fn":
      var start = 1
      if rest.count > 2, word(rest[1]) == "->" { start = 3 }
      if rest.count > start { body(Array(rest[start...])) }
    case "if":
      if let test = rest.first { condition(test) }
      for form in rest.dropFirst() { expression(form) }
    case "when", "unless", "while":
      if let test = rest.first { condition(test) }
      body(Array(rest.dropFirst()))
    case "do": body(rest)
    case "match":
      guard let subject = rest.first else { return }
      expression(subject)
      var i = 2
      while i < rest.count {
        if tag(rest[i]) == .keyword, i + 1 < rest.count {
          condition(rest[i + 1])
          i += 2
        }
        if i < rest.count { expression(rest[i]) }
        i += 2
      }
    case "set!": if rest.count > 1 { expression(rest[1]) }
    case ":": if let inner = rest.first { expression(inner) }
    case "fmt": for form in rest.dropFirst() { expression(form) }
    case "->", "->>": if let inner = rest.first { expression(inner) }
    case "quote", "unsafe": break
    default:
      let values = rest.filter { tag($0) != .keyword }
      if ["+", "*", "min", "max", "=", "!=", "<", ">", "and", "or", "vec", "set-of", "concat", "println", "str"].contains(head), values.count == rest.count {
        sites.operands.append(values.map(span))
      }
      for form in values { expression(form) }
    }
  }
}
