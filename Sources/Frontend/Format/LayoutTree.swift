// What the formatter works on: forms and comments in the order of the text, each with how far it stood
// from the one before. The text is known to be readable, so scanning follows the reader's rules without
// looking for mistakes.
//
// Two things are put in order here, since they would otherwise force a closing bracket onto a line of its
// own or split a form:
//
//   (f a ; why      ─►  (f a) ; why          'x with a comment or `#_y` between quote and form:
//      )                                     these go in front of the quote
//
// Invariant: no list ends in a line comment, and nothing stands between a prefix and its form.

struct LayoutTree {
  enum Kind: UInt8 { case atom, list, vector, lineComment, blockComment }

  struct Node {
    var kind: Kind
    /// Quotes and `#_` in front of the form.
    var prefix: [UInt8] = []
    /// Atoms and comments: where in the text; of a line comment without the blanks at its end.
    var text = 0..<0
    var children: [Int] = []
    /// Newlines between the node before and this one, at most 2; blanks on its own line if none.
    var lines = 0
    var blanks = 0
    /// Scalars before it on its line, in the source.
    var column = 0
    /// A comma follows.
    var hasComma = false
    /// It cannot stand on one line as it is.
    var hasBreak = false
    /// Columns up to its end or its first line break.
    var firstWidth = 0

    var isComment: Bool { kind == .lineComment || kind == .blockComment }
    var isBracketed: Bool { kind == .list || kind == .vector }
  }

  let text: [UInt8]
  private(set) var nodes: [Node] = []
  private(set) var roots: [Int] = []
  /// A `#!` line at the start, without its newline.
  private(set) var firstLine = 0..<0

  let classes = ByteClass.makeTable()
  private var at = 0
  private var lineStart = 0
  private var lines = 0
  private var blanks = 0

  init(_ text: [UInt8]) {
    self.text = text
    let start = Reader.contentStart(text.span)
    let mark = start > 0 && text[0] == Byte.hash ? 0 : min(3, start)
    if start > mark { firstLine = mark..<trimmedEnd(mark, start) }
    at = start
    lineStart = mark
    roots = items(isInside: false)
  }

  func bytes(_ node: Node) -> ArraySlice<UInt8> { text[node.text] }

  /// The text of an atom without a prefix; empty for anything else.
  func word(_ index: Int) -> ArraySlice<UInt8> {
    let node = nodes[index]
    return node.kind == .atom && node.prefix.isEmpty ? text[node.text] : []
  }

  // MARK: Scanning

  private func kind(_ index: Int) -> UInt8 { classes[Int(text[index])] & ByteClass.mask }

  /// Past blanks; answers whether a comma was among them.
  private mutating func skipBlanks() -> Bool {
    var hasComma = false
    while at < text.count, kind(at) == ByteClass.blank {
      if text[at] == Byte.newline {
        lines = min(2, lines + 1)
        lineStart = at + 1
        blanks = 0
      } else if text[at] == UInt8(ascii: ",") {
        // It goes to the node before; blanks count from it.
        hasComma = true
        blanks = 0
      } else {
        blanks += 1
      }
      at += 1
    }
    return hasComma
  }

  /// Adds a node that begins at `start`, taking up the distance to the one before.
  private mutating func add(_ node: Node, _ start: Int, _ items: inout [Int]) {
    var node = node
    node.lines = lines
    node.blanks = blanks
    (lines, blanks) = (0, 0)
    node.column = scalars(lineStart, start)
    items.append(nodes.count)
    nodes.append(node)
  }

  /// Forms and comments up to the closing bracket, which is passed, or to the end.
  private mutating func items(isInside: Bool) -> [Int] {
    var items: [Int] = []
    while true {
      if skipBlanks(), isInside, let last = items.last(where: { !nodes[$0].isComment }) { nodes[last].hasComma = true }
      guard at < text.count else { return items }
      if kind(at) == ByteClass.closer {
        at += 1
        return items
      }
      if !comment(into: &items) { form(into: &items) }
    }
  }

  private mutating func comment(into items: inout [Int]) -> Bool {
    let start = at
    if text[at] == UInt8(ascii: ";") {
      while at < text.count, text[at] != Byte.newline { at += 1 }
      var node = Node(kind: .lineComment, text: start..<trimmedEnd(start, at))
      node.hasBreak = true
      node.firstWidth = scalars(node.text.lowerBound, node.text.upperBound)
      add(node, start, &items)
      return true
    }
    guard text[at] == Byte.hash, at + 1 < text.count, text[at + 1] == Byte.bar else { return false }
    var depth = 1
    at += 2
    while at < text.count, depth > 0 {
      if text[at] == Byte.bar, at + 1 < text.count, text[at + 1] == Byte.hash {
        depth -= 1
        at += 2
      } else if text[at] == Byte.hash, at + 1 < text.count, text[at + 1] == Byte.bar {
        depth += 1
        at += 2
      } else {
        at += 1
      }
    }
    var node = Node(kind: .blockComment, text: start..<at)
    measure(&node)
    let firstLineStart = lineStart
    add(node, start, &items)
    lineStart = text[start..<at].lastIndex(of: Byte.newline).map { $0 + 1 } ?? firstLineStart
    return true
  }

  /// A form with its prefixes. What stands between those and the form goes before it.
  private mutating func form(into items: inout [Int]) {
    var prefix: [UInt8] = []
    while true {
      if !prefix.isEmpty {
        _ = skipBlanks()
        if comment(into: &items) { continue }
      }
      let isDiscard = text[at] == Byte.hash && at + 1 < text.count && text[at + 1] == Byte.underscore
      if isDiscard, prefix.isEmpty {
        prefix = [Byte.hash, Byte.underscore]
        at += 2
      } else if isDiscard {
        form(into: &items)
      } else if kind(at) == ByteClass.prefix {
        prefix.append(text[at])
        let isUnquote = text[at] == UInt8(ascii: "~")
        at += 1
        if isUnquote, at < text.count, text[at] == Byte.at {
          prefix.append(Byte.at)
          at += 1
        }
      } else {
        break
      }
    }
    // `~ @x` is not `~@x`.
    if prefix.last == UInt8(ascii: "~"), text[at] == Byte.at { prefix.append(0x20) }
    let start = at
    let (linesBefore, blanksBefore) = (lines, blanks)
    if kind(at) == ByteClass.opener {
      let column = lineStart
      let isList = text[at] == Byte.openParen
      at += 1
      (lines, blanks) = (0, 0)
      var children = self.items(isInside: true)
      // Comments at the end go behind the bracket, from the first one that ends its line.
      var cut = children.count
      let last = children.lastIndex { !nodes[$0].isComment } ?? -1
      for i in last + 1..<children.count where nodes[children[i]].kind == .lineComment {
        cut = i
        break
      }
      let moved = children[cut...]
      children.removeSubrange(cut...)
      if let last = children.last { nodes[last].hasComma = false }
      var node = Node(kind: isList ? .list : .vector, prefix: prefix)
      node.children = children
      (lines, blanks) = (linesBefore, blanksBefore)
      let end = lineStart
      lineStart = column
      measure(&node)
      add(node, start - prefix.count, &items)
      lineStart = end
      items += moved
      return
    }
    atom()
    var node = Node(kind: .atom, prefix: prefix, text: start..<at)
    measure(&node)
    add(node, start - prefix.count, &items)
    if let newline = text[start..<at].lastIndex(of: Byte.newline) { lineStart = newline + 1 }
  }

  private mutating func atom() {
    if text[at] == Byte.quote {
      at += 1
      while at < text.count, text[at] != Byte.quote { at += text[at] == Byte.backslash ? 2 : 1 }
      at = min(at + 1, text.count)
      return
    }
    if text[at] == Byte.backslash {
      at += 1
      guard at < text.count else { return }
      if text[at] == UInt8(ascii: "u"), at + 1 < text.count, text[at + 1] == Byte.openBrace {
        while at < text.count, text[at] != Byte.closeBrace { at += 1 }
        at = min(at + 1, text.count)
        return
      }
      if classes[Int(text[at])] & ByteClass.continues == 0 {
        at += 1
        return
      }
    } else {
      at += 1
    }
    while at < text.count, classes[Int(text[at])] & ByteClass.continues != 0 { at += 1 }
  }

  // MARK: Measuring

  private func measure(_ node: inout Node) {
    let prefix = node.prefix.count
    if !node.isBracketed {
      let end = text[node.text].firstIndex(of: Byte.newline)
      node.hasBreak = end != nil
      node.firstWidth = prefix + scalars(node.text.lowerBound, end ?? node.text.upperBound)
      return
    }
    var width = prefix + 1
    var isBroken = false
    for (i, index) in node.children.enumerated() {
      let child = nodes[index]
      if i > 0, child.lines > 0 { isBroken = true }
      if !isBroken { width += (i > 0 ? 1 : 0) + child.firstWidth + (child.hasComma ? 1 : 0) }
      if child.hasBreak { isBroken = true }
    }
    node.hasBreak = isBroken
    node.firstWidth = isBroken ? width : width + 1
  }

  private func scalars(_ from: Int, _ to: Int) -> Int {
    var count = 0
    for i in from..<max(from, to) where text[i] & 0xc0 != 0x80 { count += 1 }
    return count
  }

  private func trimmedEnd(_ from: Int, _ to: Int) -> Int {
    var end = to
    while end > from, text[end - 1] <= 0x20 { end -= 1 }
    return end
  }
}
