// How the parts of a list stand to each other: which heads have a body, and where parts come in pairs.

/// What a list is, as far as its layout goes.
struct LayoutStyle {
  enum Indentation {
    /// Two columns in: `let`, `defn`.
    case body
    /// Below the first argument, or one column in when the head stands alone.
    case call
    /// Below the first element: vectors, lists without a name in front.
    case data
  }
  var indentation = Indentation.data
  /// The first child that goes onto a line of its own when the list is broken without the author's help.
  var bodyStart = Int.max
  /// From this child on parts come in pairs.
  var pairStart = Int.max
  /// The pairs are bindings, with `mut` and types.
  var isBindings = false

  /// What part of a pair a child is; `.none` outside pairs.
  enum Role: UInt8 { case none, key, inner, value }
}

extension LayoutTree {
  /// The style of a list or vector; `binder` says that it holds the bindings of the form around it.
  func style(of node: Node, bindings: Bool) -> LayoutStyle {
    var style = LayoutStyle()
    guard node.kind == .list else {
      if bindings {
        style.pairStart = 0
        style.bodyStart = 1
        style.isBindings = true
      }
      return style
    }
    guard let first = node.children.first, nodes[first].kind == .atom, nodes[first].prefix.isEmpty,
      let head = name(first)
    else { return style }
    // As a definition; the name is free for functions.
    let isMigration = head == "migrate" && node.children.count > 2 && nodes[node.children[2]].kind == .vector
    style.indentation = Self.hasBody(head) || isMigration ? .body : .call
    switch head {
    case "do", "unsafe": style.bodyStart = 1
    case "cond":
      style.bodyStart = 1
      style.pairStart = 1
    case "map-of": style.pairStart = 1
    case "match", "with":
      style.bodyStart = 2
      style.pairStart = 2
    case "defn", "defn-", "defmacro", "fn", "impl", "deftrait": style.bodyStart = behindHeader(node, head)
    case "migrate" where isMigration: style.bodyStart = behindHeader(node, head)
    case "extern": style.bodyStart = node.children.indices.first { $0 > 0 && nodes[node.children[$0]].kind == .list } ?? .max
    default: style.bodyStart = 2
    }
    // Numbers and names fill lines; nested calls get a line each.
    if style.indentation == .call, !node.children.dropFirst(2).contains(where: { nodes[$0].isBracketed }) { style.bodyStart = .max }
    return style
  }

  /// Whether the vector behind this head holds bindings.
  func bindsAfterHead(_ node: Node) -> Bool {
    guard node.kind == .list, let first = node.children.first, let head = name(first) else { return false }
    return ["let", "loop", "for", "if-let", "when-let"].contains(head)
  }

  /// The name in front of a list, without its module; nil for strings, numbers, keywords, fields.
  private func name(_ index: Int) -> String? {
    let word = self.word(index)
    guard let byte = word.first else { return nil }
    let kind = classes[Int(byte)] & ByteClass.mask
    guard kind == ByteClass.name || kind == ByteClass.sign || kind == ByteClass.dot || word.count == 1 else { return nil }
    let name = String(decoding: word, as: UTF8.self)
    guard name.utf8.count > 1, let slash = name.lastIndex(of: "/"), slash != name.indices.last else { return name }
    return String(name[name.index(after: slash)...])
  }

  private static let bodies: Set<String> = [
    "let", "loop", "for", "if", "when", "unless", "cond", "match", "while", "do", "fn", "if-let", "when-let", "with",
    "restart-point", "unsafe", "impl", "extern", "project", "try",
  ]
  private static let bodyPrefixes = ["with-", "let-", "when-", "if-", "unless-", "for-", "while-", "do-", "loop-", "match-"]

  /// Heads of macros are told by their names, as Lisps do it.
  private static func hasBody(_ head: String) -> Bool {
    if bodies.contains(head) { return true }
    if head.hasPrefix("def") { return !["default", "deflat", "defer"].contains { head.hasPrefix($0) } }
    return bodyPrefixes.contains { head.hasPrefix($0) }
  }

  /// The first child behind name, documentation, parameters, result and constraints.
  private func behindHeader(_ node: Node, _ head: String) -> Int {
    let children = node.children
    func at(_ i: Int) -> Node? { i < children.count ? nodes[children[i]] : nil }
    func isWord(_ i: Int, _ text: StaticString) -> Bool {
      i < children.count && word(children[i]).elementsEqual(String(describing: text).utf8)
    }
    var i = head == "fn" ? 1 : 2
    if i + 1 < children.count, word(children[i]).first == Byte.quote { i += 1 }
    if at(i)?.kind == .vector { i += 1 }
    if isWord(i, "->") { i += 2 }
    if isWord(i, ":where") {
      i += 1
      while let node = at(i), node.kind == .list, let first = node.children.first,
        let byte = word(first).first, (0x41...0x5a).contains(byte)
      { i += 1 }
    }
    return i
  }

  /// The role of each child.
  func roles(_ node: Node, _ style: LayoutStyle) -> [LayoutStyle.Role] {
    var roles = [LayoutStyle.Role](repeating: .none, count: node.children.count)
    guard style.pairStart < roles.count else { return roles }
    let parts = (style.pairStart..<roles.count).filter { !nodes[node.children[$0]].isComment }
    var k = 0
    /// The next part as one inside the key.
    func inner() {
      k += 1
      if k < parts.count { roles[parts[k]] = .inner }
    }
    while k < parts.count {
      roles[parts[k]] = .key
      if nodes[node.children[parts[k]]].prefix == [UInt8(ascii: "~"), Byte.at] || nodes[node.children[parts[k]]].prefix.first == Byte.hash {
        k += 1
        continue
      }
      if style.isBindings, isMut(node.children[parts[k]]) { inner() }
      if k < parts.count, style.isBindings, isAnnotated(node.children[parts[k]]) { inner() }
      if k + 1 < parts.count, word(node.children[parts[k + 1]]).elementsEqual([Byte.at]) {
        inner()
        inner()
      }
      k += 1
      if k < parts.count { roles[parts[k]] = .value }
      k += 1
    }
    return roles
  }

  private func isMut(_ index: Int) -> Bool { word(index).elementsEqual("mut".utf8) }
  private func isAnnotated(_ index: Int) -> Bool {
    let word = self.word(index)
    return word.count > 1 && word.last == Byte.colon
  }

  /// Whether a line should not be broken between this child and the one before: `x: Int`, `:by 2`, `-> T`.
  func clings(_ child: Int, to before: Int) -> Bool {
    let word = self.word(before)
    if let first = word.first {
      if word.count > 1, first == Byte.colon || word.last == Byte.colon { return true }
      if word.elementsEqual("->".utf8) || word.elementsEqual("=".utf8) || word.elementsEqual("&".utf8) || isMut(before)
        || word.elementsEqual([Byte.at])
      { return true }
    }
    return self.word(child).elementsEqual("=".utf8) || self.word(child).elementsEqual([Byte.at])
  }
}
