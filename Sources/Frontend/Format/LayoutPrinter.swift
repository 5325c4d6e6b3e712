// Puts a layout tree onto lines.
//
// A break of the author's stays. Beyond that a line is broken in two cases: a list that stands on one line
// and does not fit is opened up in the way its head asks for, and a part that would pass the margin goes
// onto the next line if that helps.
//
// Columns of values that the author lined up stay lined up; other runs of blanks become one.

struct LayoutPrinter {
  private let tree: LayoutTree
  private var out: [UInt8] = []
  private var column = 0
  /// Output and source column of the comment at the end of the line before, so that comments which go on
  /// below it stay below it.
  private var commentAbove: (output: Int, source: Int)?

  init(_ tree: LayoutTree) {
    self.tree = tree
    out.reserveCapacity(tree.text.count + tree.text.count / 8)
  }

  mutating func print() -> [UInt8] {
    if !tree.firstLine.isEmpty {
      write(tree.text[tree.firstLine])
      newline()
    }
    var before: LayoutTree.Node?
    for index in tree.roots {
      let node = tree.nodes[index]
      if let before {
        let staysOnLine = node.lines == 0 && before.kind != .lineComment && (node.isComment || before.kind == .blockComment)
        if staysOnLine {
          blanks(node.isComment ? max(1, node.blanks) : 1)
        } else {
          let above = commentAbove
          newline()
          if node.lines > 1 { newline() }
          blanks(continued(node, above, 0))
        }
      } else if !tree.firstLine.isEmpty, node.lines > 1 {
        newline()
      }
      emit(index, indent: 0, tail: 0)
      before = node
    }
    if column > 0 { newline() }
    return out
  }

  // MARK: Writing

  private mutating func write(_ bytes: some Sequence<UInt8>) {
    for byte in bytes {
      out.append(byte)
      if byte == Byte.newline { column = 0 } else if byte & 0xc0 != 0x80 { column += 1 }
    }
  }

  private mutating func blanks(_ count: Int) {
    for _ in 0..<count { out.append(0x20) }
    column += count
  }

  private mutating func newline() {
    out.append(Byte.newline)
    column = 0
  }

  /// A comment's text, without the blanks before its line ends.
  private mutating func writeTrimmed(_ bytes: ArraySlice<UInt8>) {
    for byte in bytes {
      if byte == Byte.newline {
        while let last = out.last, last != Byte.newline, last <= 0x20 { out.removeLast() }
      }
      write(CollectionOfOne(byte))
    }
  }

  /// A string's text. A line's end is one newline for the reader, however the file was checked out.
  private mutating func writeAtom(_ bytes: ArraySlice<UInt8>) {
    for (i, byte) in zip(bytes.indices, bytes) {
      if byte == Byte.carriageReturn, i + 1 < bytes.endIndex, bytes[i + 1] == Byte.newline, bytes[i - 1] != Byte.carriageReturn {
        continue
      }
      write(CollectionOfOne(byte))
    }
  }

  // MARK: Nodes

  /// Writes a node at the current column. `tail`: how many brackets close right behind it.
  private mutating func emit(_ index: Int, indent: Int, tail: Int, bindings: Bool = false) {
    let node = tree.nodes[index]
    if node.kind == .lineComment {
      commentAbove = (column, node.column)
    } else {
      commentAbove = nil
    }
    write(node.prefix)
    switch node.kind {
    case .atom: writeAtom(tree.bytes(node))
    case .lineComment, .blockComment: writeTrimmed(tree.bytes(node))
    case .list, .vector: list(node, tail, bindings)
    }
  }

  /// The column for a node at the start of a line: a comment goes on below the one it continues.
  private func continued(_ node: LayoutTree.Node, _ above: (output: Int, source: Int)?, _ indent: Int) -> Int {
    guard node.kind == .lineComment, node.lines == 1, let above, above.source == node.column else { return indent }
    return max(indent, above.output)
  }

  private mutating func list(_ node: LayoutTree.Node, _ tail: Int, _ bindings: Bool) {
    let style = tree.style(of: node, bindings: bindings)
    let open = column
    write(CollectionOfOne(node.kind == .list ? Byte.openParen : Byte.openBracket))
    let children = node.children
    let isOpenedUp = !node.hasBreak && open + node.firstWidth - node.prefix.count + tail > Formatter.width
    let roles = style.pairStart < children.count ? tree.roles(node, style) : []
    let pads = roles.isEmpty ? [:] : alignment(node, style, roles)
    let hasBindings = tree.bindsAfterHead(node)
    var indent = open + (style.indentation == .body ? 2 : 1)
    for (i, index) in children.enumerated() {
      let child = tree.nodes[index]
      let role = roles.isEmpty ? .none : roles[i]
      let isLast = i + 1 == children.count
      if i == 0 {
        if child.kind == .lineComment { blanks(1) }
      } else {
        let above = tree.nodes[children[i - 1]]
        let ownIndent = role == .inner || role == .value ? indent + 2 : indent
        var breaks = child.lines > 0 || above.kind == .lineComment
        if !breaks, isOpenedUp, i >= style.bodyStart, !child.isComment {
          breaks = role == .none ? !tree.clings(index, to: children[i - 1]) : role == .key
        }
        if !breaks, i >= (style.indentation == .data ? 1 : 2), !child.isComment, ownIndent < column + 1 {
          breaks = !tree.clings(index, to: children[i - 1]) && !fits(node, i, tail)
        }
        if breaks {
          let above = commentAbove
          newline()
          if child.lines > 1 { newline() }
          blanks(continued(child, above, ownIndent))
        } else if child.isComment {
          blanks(max(1, child.blanks))
        } else if let pad = pads[i] {
          blanks(max(1, indent + pad - column))
        } else {
          blanks(role == .key ? min(2, max(1, child.blanks)) : 1)
        }
        // Further arguments stand below the first.
        if i == 1, style.indentation == .call, !breaks, !child.isComment { indent = column }
      }
      emit(index, indent: indent, tail: isLast ? tail + 1 : 0, bindings: hasBindings && i == 1)
      if child.hasComma, !isLast { write(CollectionOfOne(UInt8(ascii: ","))) }
    }
    write(CollectionOfOne(node.kind == .list ? Byte.closeParen : Byte.closeBracket))
  }

  /// Whether child `i` and what clings to it fit onto the line at hand, up to the first break.
  private func fits(_ node: LayoutTree.Node, _ i: Int, _ tail: Int) -> Bool {
    var end = column
    var k = i
    while k < node.children.count {
      let child = tree.nodes[node.children[k]]
      if k > i, child.lines > 0 || child.isComment || !tree.clings(node.children[k], to: node.children[k - 1]) { break }
      end += 1 + child.firstWidth + (child.hasComma ? 1 : 0)
      if child.hasBreak { return end <= Formatter.width }
      k += 1
    }
    if k == node.children.count { end += 1 + tail }
    return end <= Formatter.width
  }

  // MARK: Alignment

  /// Where values go that the author lined up: child ─► columns behind the pairs' indentation.
  private func alignment(_ node: LayoutTree.Node, _ style: LayoutStyle, _ roles: [LayoutStyle.Role]) -> [Int: Int] {
    struct Row {
      var value: Int
      var column: Int
      var width: Int
      var isPadded: Bool
    }
    var rows: [Row] = []
    var pads: [Int: Int] = [:]
    func flush() {
      if rows.count > 1, rows.contains(where: \.isPadded) {
        let widest = rows.map(\.width).max() ?? 0
        for row in rows { pads[row.value] = widest + 1 }
      }
      rows = []
    }
    var i = style.pairStart
    while i < roles.count {
      guard roles[i] == .key else {
        i += 1
        continue
      }
      // The key with all its parts, then the value, on one line of its own.
      let startsLine = tree.nodes[node.children[i]].lines > 0 || i == (style.indentation == .data ? 0 : -1)
        || (style.indentation == .call && i == 1)
      var width = 0
      var isFlat = startsLine
      var k = i
      while k < roles.count, roles[k] != .value {
        if k > i, roles[k] == .key || roles[k] == .none {
          isFlat = false
          break
        }
        let part = tree.nodes[node.children[k]]
        width += (k > i ? 1 : 0) + part.firstWidth + (part.hasComma ? 1 : 0)
        if part.hasBreak || (k > i && part.lines > 0) { isFlat = false }
        k += 1
      }
      guard isFlat, k < roles.count, roles[k] == .value, tree.nodes[node.children[k]].lines == 0 else {
        flush()
        i = max(k, i + 1)
        continue
      }
      let value = tree.nodes[node.children[k]]
      if let last = rows.last, last.column != value.column { flush() }
      rows.append(Row(value: k, column: value.column, width: width, isPadded: value.blanks > 1))
      i = k + 1
    }
    flush()
    return pads
  }
}
