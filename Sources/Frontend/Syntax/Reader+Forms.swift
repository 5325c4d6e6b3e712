// The reader's one loop: brackets, prefixes and trivia; names here, literals in the files beside it.
//
// Invariant: `pending` holds the finished children of every open frame, one run after the other, so that
// closing a list moves one run into the tree.

extension Reader {
  /// Reads until the form wanted is complete and another one begins, or to the end of the text.
  mutating func run(
    _ text: Swift.Span<UInt8>, from: Int, wantsForm: Bool, interner: inout Interner
  ) -> Stop {
    depth = 0
    pendingCount = 0
    topIsPrefix = false
    isMisshapen = false
    hasDeepForm = false
    looseEnd = -1
    let wanted = wantsForm ? 1 : 0
    let end = text.count
    var i = from
    while i < end {
      let byte = text[i]
      let kind = classes[Int(byte)] & ByteClass.mask
      switch kind {
      case ByteClass.blank:
        i += 1
        continue

      case ByteClass.comment:
        i = skipLine(text, i)
        continue

      case ByteClass.closer:
        close(byte, i)
        i += 1
        continue

      case ByteClass.junk:
        i = skipJunk(text, i)
        continue

      case ByteClass.hash:
        let next = i + 1 < end ? text[i + 1] : 0
        if next == Byte.bar {
          let after = skipBlockComment(text, i)
          if after < 0 { return .openComment }
          i = after
        } else if next == Byte.underscore {
          if depth < Self.maxDepth { push(.discard, i) } else { reportTooDeep(i) }
          i += 2
        } else {
          i = skipStrayHash(text, i)
        }
        continue

      default: break
      }

      // A form begins.
      if depth == 0, pendingCount == wanted { return .form(at: i) }
      switch kind {
      case ByteClass.opener:
        if columnZeroEndsForms, startsItem(text, i), hasOpenDelimiter {
          reportUnclosed(text, i)
          return .broken(at: i)
        }
        if depth < Self.maxDepth {
          push(byte == Byte.openParen ? .paren : .bracket, i)
          i += 1
        } else {
          let skimmed = skimTooDeep(text, i)
          guard case .form(let at) = skimmed else { return skimmed }
          place(FormNode(tag: .error, start: offset(i), end: offset(at)))
          i = at
        }

      case ByteClass.string:
        let (after, isClosed) = string(text, i)
        if !isClosed {
          guard columnZeroEndsStrings else { return .openString }
          return .broken(at: after)
        }
        i = after

      case ByteClass.backslash:
        i = character(text, i)

      case ByteClass.prefix:
        if depth >= Self.maxDepth {
          // The quotes go; what they stand before comes next and is dealt with by itself.
          reportTooDeep(i)
          i += 1
        } else if byte == Byte.apostrophe {
          push(.quote, i)
          i += 1
        } else if byte == Byte.backquote {
          push(.quasiquote, i)
          i += 1
        } else if i + 1 < end, text[i + 1] == Byte.at {
          push(.unquoteSplicing, i)
          i += 2
        } else {
          push(.unquote, i)
          i += 1
        }

      default:
        // A name, keyword or number: hashed while its end is looked for.
        var j = i + 1
        var seen = byte
        var hash = kind == ByteClass.colon ? Interner.hashSeed : Interner.hash(Interner.hashSeed, byte)
        while j < end {
          let next = text[j]
          if classes[Int(next)] & ByteClass.continues == 0 { break }
          seen |= next
          hash = Interner.hash(hash, next)
          j += 1
        }
        looseEnd = j
        if kind != ByteClass.name || seen >= 0x80 || j - i > Self.maxNameLength {
          place(special(text, i, j, kind, hash, hasWide: seen >= 0x80, interner: &interner))
        } else if byte == UInt8(ascii: "t"), j - i == 4, text[i + 1] == UInt8(ascii: "r"),
          text[i + 2] == UInt8(ascii: "u"), text[i + 3] == UInt8(ascii: "e")
        {
          place(FormNode(tag: .bool, start: offset(i), end: offset(j), a: 1))
        } else if byte == UInt8(ascii: "f"), j - i == 5, text[i + 1] == UInt8(ascii: "a"),
          text[i + 2] == UInt8(ascii: "l"), text[i + 3] == UInt8(ascii: "s"),
          text[i + 4] == UInt8(ascii: "e")
        {
          place(FormNode(tag: .bool, start: offset(i), end: offset(j), a: 0))
        } else {
          let symbol = interner.intern(text, i..<j, hash: hash)
          place(FormNode(tag: .symbol, start: offset(i), end: offset(j), a: symbol.raw))
        }
        i = j
      }
    }
    return atEnd(text)
  }

  /// The end of the text: fine between forms.
  private mutating func atEnd(_ text: Swift.Span<UInt8>) -> Stop {
    if depth == 0 { return .end }
    if hasOpenDelimiter {
      guard columnZeroEndsForms else { return .unclosed }
      reportUnclosed(text, text.count)
      return .broken(at: text.count)
    }
    // Quotes go; a form that was complete before them stays.
    reportDangling(stack[0])
    looseEnd = text.count
    depth = 0
    pendingCount = Int(stack[0].pendingBase)
    topIsPrefix = false
    return .end
  }

  @inline(__always) func offset(_ at: Int) -> UInt32 { UInt32(truncatingIfNeeded: at - base) }

  /// Whether a top-level form may begin here by its column.
  func startsItem(_ text: Swift.Span<UInt8>, _ at: Int) -> Bool {
    text[at] == Byte.openParen && (at == 0 || text[at - 1] == Byte.newline)
  }

  var hasOpenDelimiter: Bool {
    for k in 0..<depth where !stack[k].kind.isPrefix { return true }
    return false
  }
}

// MARK: - Building the tree

extension Reader {
  /// Opens a frame; the caller has made sure that `depth` is below `maxDepth`.
  @inline(__always)
  mutating func push(_ kind: FrameKind, _ at: Int) {
    stack[depth] = Frame(
      kind: kind, start: UInt32(truncatingIfNeeded: at),
      pendingBase: UInt32(truncatingIfNeeded: pendingCount),
      nodeBase: UInt32(truncatingIfNeeded: tree.nodes.count))
    depth += 1
    topIsPrefix = kind.isPrefix
  }

  /// The form at hand, if it is complete.
  var finished: Form { depth == 0 && pendingCount > 0 ? pending[0] : .none }

  /// Adds a finished form to what is open, and finishes the quotes before it.
  @inline(__always)
  mutating func place(_ node: FormNode) {
    append(node)
    if topIsPrefix { closePrefixes(end: node.end) }
  }

  @inline(__always)
  private mutating func append(_ node: FormNode) {
    let form = Form(raw: UInt32(truncatingIfNeeded: tree.nodes.count))
    if pendingCount < pending.count { pending[pendingCount] = form } else { pending.append(form) }
    pendingCount += 1
    tree.nodes.append(node)
  }

  private mutating func closePrefixes(end: UInt32) {
    while depth > 0, stack[depth - 1].kind.isPrefix {
      depth -= 1
      let frame = stack[depth]
      switch frame.kind {
      case .discard:
        pendingCount = Int(frame.pendingBase)
        tree.nodes.removeLast(tree.nodes.count - Int(frame.nodeBase))
        topIsPrefix = depth > 0 && stack[depth - 1].kind.isPrefix
        return  // what a quote further out stands before is still to come
      case .quasiquote: wrap(.quasiquote, frame, end)
      case .unquote: wrap(.unquote, frame, end)
      case .unquoteSplicing: wrap(.unquoteSplicing, frame, end)
      default: wrap(.quote, frame, end)
      }
    }
    topIsPrefix = false
  }

  private mutating func wrap(_ tag: FormTag, _ frame: Frame, _ end: UInt32) {
    let first = UInt32(truncatingIfNeeded: tree.children.count)
    pendingCount -= 1
    tree.children.append(pending[pendingCount])
    append(FormNode(tag: tag, start: offset(Int(frame.start)), end: end, a: first, count: 1))
  }

  /// A closing bracket: finishes the innermost list or vector, whatever its kind.
  @inline(__always)
  private mutating func close(_ byte: UInt8, _ at: Int) {
    if topIsPrefix { dropPrefixes() }
    guard depth > 0 else {
      reportStrayCloser(byte, at)
      return
    }
    depth -= 1
    let frame = stack[depth]
    if (frame.kind == .paren) != (byte == Byte.closeParen) { reportMismatch(frame, byte, at) }
    topIsPrefix = depth > 0 && stack[depth - 1].kind.isPrefix
    let first = tree.children.count
    let from = Int(frame.pendingBase)
    for k in from..<pendingCount { tree.children.append(pending[k]) }
    let count = pendingCount - from
    pendingCount = from
    place(
      FormNode(
        tag: frame.kind == .paren ? .list : .vector, start: offset(Int(frame.start)),
        end: offset(at + 1), a: UInt32(truncatingIfNeeded: first),
        count: UInt32(truncatingIfNeeded: count)))
  }

  /// Quotes with nothing behind them before a closing bracket.
  private mutating func dropPrefixes() {
    while depth > 0, stack[depth - 1].kind.isPrefix {
      depth -= 1
      if depth == 0 || !stack[depth - 1].kind.isPrefix { reportDangling(stack[depth]) }
    }
    topIsPrefix = false
  }
}

// MARK: - Names that need a second look

extension Reader {
  private mutating func special(
    _ text: Swift.Span<UInt8>, _ i: Int, _ j: Int, _ kind: UInt8, _ hash: UInt32, hasWide: Bool,
    interner: inout Interner
  ) -> FormNode {
    let error = FormNode(tag: .error, start: offset(i), end: offset(j))
    if j - i > Self.maxNameLength {
      reportLongName(i, j)
      return error
    }
    if hasWide, !checkWide(text, i, j) { return error }
    let second = i + 1 < j ? classes[Int(text[i + 1])] & ByteClass.mask : ByteClass.blank
    switch kind {
    case ByteClass.digit: return number(text, i, j)
    case ByteClass.sign:
      if second == ByteClass.digit { return number(text, i, j) }
      if second == ByteClass.dot, i + 2 < j,
        classes[Int(text[i + 2])] & ByteClass.mask == ByteClass.digit
      {
        return number(text, i, j)
      }
    case ByteClass.dot:
      if second == ByteClass.digit { return number(text, i, j) }
    case ByteClass.colon:
      if j - i > 1 {
        let symbol = interner.intern(text, i + 1..<j, hash: hash)
        return FormNode(tag: .keyword, start: offset(i), end: offset(j), a: symbol.raw)
      }
      let symbol = interner.intern(text, i..<j)
      return FormNode(tag: .symbol, start: offset(i), end: offset(j), a: symbol.raw)
    default: break
    }
    let symbol = interner.intern(text, i..<j, hash: hash)
    return FormNode(tag: .symbol, start: offset(i), end: offset(j), a: symbol.raw)
  }
}

// MARK: - What stands between forms

extension Reader {
  /// Past a comment to the end of its line, the newline excluded.
  private mutating func skipLine(_ text: Swift.Span<UInt8>, _ from: Int) -> Int {
    var i = from
    var seen: UInt8 = 0
    while i < text.count, text[i] != Byte.newline {
      seen |= text[i]
      i += 1
    }
    if seen >= 0x80 { checkBytes(text, from, i) }
    if i == text.count { looseEnd = i }
    return i
  }

  /// Past a block comment, which may hold others; -1 if it has no end, which is reported.
  private mutating func skipBlockComment(_ text: Swift.Span<UInt8>, _ from: Int) -> Int {
    let end = blockCommentEnd(text, from)
    if end < 0 {
      report(
        .unterminatedComment, "this comment never ends", from, from + 2, label: "opened here",
        help: "close it with `|#`; comments nest, so each `#|` needs one of its own")
    } else {
      checkBytes(text, from, end)
    }
    return end
  }

  func blockCommentEnd(_ text: Swift.Span<UInt8>, _ from: Int) -> Int {
    var depth = 1
    var i = from + 2
    let end = text.count
    while i + 1 < end {
      let (a, b) = (text[i], text[i + 1])
      if a == Byte.bar, b == Byte.hash {
        depth -= 1
        i += 2
        if depth == 0 { return i }
      } else if a == Byte.hash, b == Byte.bar {
        depth += 1
        i += 2
      } else {
        i += 1
      }
    }
    return -1
  }

  /// Past a form that nests too deep: brackets are counted, nothing is built.
  private mutating func skimTooDeep(_ text: Swift.Span<UInt8>, _ from: Int) -> Stop {
    reportTooDeep(from)
    let end = text.count
    var depth = 0
    var i = from
    while i < end {
      let byte = text[i]
      switch classes[Int(byte)] & ByteClass.mask {
      case ByteClass.opener:
        if columnZeroEndsForms, startsItem(text, i) { return .broken(at: i) }
        depth += 1
        i += 1
      case ByteClass.closer:
        depth -= 1
        i += 1
        if depth == 0 { return .form(at: i) }
      case ByteClass.comment:
        while i < end, text[i] != Byte.newline { i += 1 }
      case ByteClass.hash where i + 1 < end && text[i + 1] == Byte.bar:
        let after = skipBlockComment(text, i)
        if after < 0 { return .openComment }
        i = after
      case ByteClass.string:
        let (after, isClosed) = skimString(text, i)
        if !isClosed { return columnZeroEndsStrings ? .broken(at: after) : .openString }
        i = after
      case ByteClass.backslash:
        i = min(i + 2, end)
      case ByteClass.blank, ByteClass.junk, ByteClass.prefix:
        i += 1
      default:
        while i < end, classes[Int(text[i])] & ByteClass.continues != 0 { i += 1 }
      }
    }
    return columnZeroEndsForms ? .broken(at: end) : .unclosed
  }
}
