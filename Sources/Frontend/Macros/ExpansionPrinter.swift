// An expansion as source text. Names that templates made are told apart from others of the same
// spelling: where they bind, by a number (`old#2`); where they mean something of another module, by that
// module's name.

public struct ExpansionPrinter {
  private let env: Environment
  private let forms: Forms
  private let module: ModuleID
  private let binders: Set<Symbol>
  private var names: [Symbol: String] = [:]
  private var taken: Set<String> = []
  private var out: [UInt8] = []
  /// Bytes that a text may have.
  private static let maxBytes = 1 << 20

  /// `binders` are names that are bound somewhere in what is to be printed.
  public init(_ env: Environment, _ forms: Forms, module: ModuleID, binders: Set<Symbol>) {
    self.env = env
    self.forms = forms
    self.module = module
    self.binders = binders
  }

  /// The text on one line; nil when it would be longer than 1 MB.
  public mutating func text(of form: Form) -> [UInt8]? {
    names.removeAll()
    taken.removeAll()
    out.removeAll()
    var left = Self.maxBytes
    reserveNames(form, &left)
    guard left > 0 else { return nil }
    spell(form)
    return out.count > Self.maxBytes ? nil : out
  }

  /// Names as they are written have precedence over those that are free to be changed.
  private mutating func reserveNames(_ form: Form, _ left: inout Int) {
    left -= 1
    guard left > 0 else { return }
    let node = forms.tree[form]
    switch node.tag {
    case .symbol:
      let symbol = plain(Symbol(raw: node.a))
      if !isRenamed(symbol) { taken.insert(env.interner.name(symbol)) }
    case .list, .vector, .quote, .quasiquote, .unquote, .unquoteSplicing:
      for i in 0..<Int(node.count) { reserveNames(forms.tree.child(form, i), &left) }
    default: break
    }
  }

  /// Without the colon of a binding with a type.
  private func plain(_ symbol: Symbol) -> Symbol { env.interner.annotated(symbol) ?? symbol }

  private func isRenamed(_ symbol: Symbol) -> Bool {
    symbol.isAlias && (binders.contains(symbol) || env.interner.aliases[symbol].fresh != 0)
  }

  private mutating func name(_ symbol: Symbol) -> String {
    if !symbol.isAlias { return env.interner.name(symbol) }
    if let known = names[symbol] { return known }
    var name = env.interner.name(symbol)
    let key = env.interner.aliases[symbol]
    if isRenamed(symbol) {
      if name.count > 1, name.last == "#" { name.removeLast() }
      if taken.contains(name) {
        var number = 2
        while taken.contains("\(name)#\(number)") { number += 1 }
        name = "\(name)#\(number)"
      }
      taken.insert(name)
    } else if key.module != module, key.module != .prelude, env.ownValue(key.name, in: key.module) != nil {
      name = env.moduleName(key.module) + "/" + name
    }
    names[symbol] = name
    return name
  }

  private mutating func spell(_ form: Form) {
    guard out.count <= Self.maxBytes else { return }
    let node = forms.tree[form]
    switch node.tag {
    case .list, .vector:
      out += (node.tag == .list ? "(" : "[").utf8
      for i in 0..<Int(node.count) {
        if i > 0 { out += " ".utf8 }
        spell(forms.tree.child(form, i))
      }
      out += (node.tag == .list ? ")" : "]").utf8
    case .symbol:
      let symbol = Symbol(raw: node.a)
      let plain = plain(symbol)
      out += (name(plain) + (plain == symbol ? "" : ":")).utf8
    case .keyword: out += (":" + env.interner.name(Symbol(raw: node.a))).utf8
    case .int:
      let literal = forms.tree.ints[Int(node.a)]
      out += ((literal.negative ? "-" : "") + "\(literal.magnitude)" + suffix(node.suffix)).utf8
    case .float: out += ("\(forms.tree.floats[Int(node.a)])" + suffix(node.suffix)).utf8
    case .string:
      out += "\"".utf8
      for scalar in forms.tree.string(form).unicodeScalars { out += escaped(scalar).utf8 }
      out += "\"".utf8
    case .char: out += (Unicode.Scalar(node.a).map(character) ?? "\\?").utf8
    case .bool: out += (node.a != 0 ? "true" : "false").utf8
    case .quote, .quasiquote, .unquote, .unquoteSplicing:
      out += (node.tag == .quote ? "'" : node.tag == .quasiquote ? "`" : node.tag == .unquote ? "~" : "~@").utf8
      spell(forms.tree.child(form, 0))
    case .error: out += "?".utf8
    }
  }

  private func suffix(_ suffix: NumberSuffix) -> String { suffix == .none ? "" : "\(suffix)" }

  private func escaped(_ scalar: Unicode.Scalar) -> String {
    switch scalar {
    case "\"": "\\\""
    case "\\": "\\\\"
    case "\n": "\\n"
    case "\t": "\\t"
    case "\r": "\\r"
    default: scalar.value < 0x20 ? "\\u{\(String(scalar.value, radix: 16))}" : String(scalar)
    }
  }

  private func character(_ scalar: Unicode.Scalar) -> String {
    switch scalar {
    case " ": "\\space"
    case "\n": "\\newline"
    case "\t": "\\tab"
    default: scalar.value < 0x20 ? "\\u{\(String(scalar.value, radix: 16))}" : "\\" + String(scalar)
    }
  }
}
