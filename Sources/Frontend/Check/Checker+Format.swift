// `fmt`: the format is a literal, so what it says is checked against the values while compiling.
//
//     {[[filler]<|>|^][0][width][.digits][x|X|b|o]}      {{ and }} are the braces themselves

/// What stands between the braces of one value.
private struct FormatSpec {
  var filler = UInt8(ascii: " ")
  var alignment = FormatAlignment.byType
  var width = 0
  /// Digits behind the point of a float.
  var digits: Int?
  /// The base of an integer, plus 256 for capital digits.
  var radix: Int?

  /// nil when the text is no format.
  init?(_ text: ArraySlice<UInt8>) {
    var at = text.startIndex
    func alignment(_ i: Int) -> FormatAlignment? {
      guard i < text.endIndex else { return nil }
      switch text[i] {
      case UInt8(ascii: "<"): return .left
      case UInt8(ascii: ">"): return .right
      case UInt8(ascii: "^"): return .middle
      default: return nil
      }
    }
    func number(most: Int) -> Int? {
      var value = 0
      let start = at
      while at < text.endIndex, text[at] >= UInt8(ascii: "0"), text[at] <= UInt8(ascii: "9"), at < start + most {
        value = value * 10 + Int(text[at] - UInt8(ascii: "0"))
        at += 1
      }
      return at == start ? nil : value
    }
    if let found = alignment(at + 1), text[at] < 128 {
      (filler, self.alignment) = (text[at], found)
      at += 2
    } else if let found = alignment(at) {
      self.alignment = found
      at += 1
    }
    if self.alignment == .byType, at < text.endIndex, text[at] == UInt8(ascii: "0"), at + 1 < text.endIndex {
      (filler, self.alignment) = (UInt8(ascii: "0"), .zeros)
      at += 1
      if text[at] < UInt8(ascii: "1") || text[at] > UInt8(ascii: "9") { return nil }
    }
    if let found = number(most: 3) {
      guard found > 0, found < 256 else { return nil }
      width = found
    }
    if width == 0, self.alignment != .byType { return nil }
    if at < text.endIndex, text[at] == UInt8(ascii: ".") {
      at += 1
      guard let found = number(most: 2) else { return nil }
      digits = found
    }
    if at < text.endIndex, digits == nil {
      switch text[at] {
      case UInt8(ascii: "x"): radix = 16
      case UInt8(ascii: "X"): radix = 16 + 256
      case UInt8(ascii: "b"): radix = 2
      case UInt8(ascii: "o"): radix = 8
      default: return nil
      }
      at += 1
    }
    if at != text.endIndex { return nil }
  }
}

extension Checker {
  /// `(fmt "x = {} y = {.2} {{" x y)`
  func checkFormat(_ form: Form) -> NodeID {
    guard count(form) >= 2, tag(child(form, 1)) == .string else {
      report(
        .badFormat, "`fmt` takes a literal string first", count(form) >= 2 ? child(form, 1) : form,
        help: "as in `(fmt \"{} of {.2}\" name x)`; `str` joins values without one")
      return errorNode(form)
    }
    let text = Array(forms.tree.stringBytes[forms.tree.strings[Int(forms.tree[child(form, 1)].a)]])
    var parts: [UInt32] = []
    var kinds = 0
    var literal: [UInt8] = []
    var argument = 2
    func append(_ part: FormatPart, _ words: UInt32...) {
      parts.append(part.rawValue)
      parts += words
      kinds += 1
    }
    func flushLiteral() {
      guard !literal.isEmpty else { return }
      typed.strings.append(literal)
      append(.literal, UInt32(typed.strings.count - 1))
      literal.removeAll()
    }
    var i = 0
    while i < text.count {
      let byte = text[i]
      if byte == UInt8(ascii: "{") {
        if i + 1 < text.count, text[i + 1] == UInt8(ascii: "{") {
          literal.append(byte)
          i += 2
          continue
        }
        guard let close = text[i...].firstIndex(of: UInt8(ascii: "}")) else {
          return formatError(form, "a `{` in the format is not closed")
        }
        guard let spec = FormatSpec(text[i + 1..<close]) else {
          return formatError(form, "`{\(String(decoding: text[i + 1..<close], as: UTF8.self))}` is no format")
        }
        i = close + 1
        flushLiteral()
        guard argument < count(form) else {
          return formatError(form, "the format has more `{}` than there are values")
        }
        if spec.width > 0 { append(.mark, 0) }
        let node: NodeID
        if let digits = spec.digits {
          node = floatToFormat(child(form, argument), digits)
          append(.fixed, node.raw, UInt32(digits))
        } else if let radix = spec.radix {
          node = infer(child(form, argument))
          env.types.defaultLiterals(type(node))
          obligations.append(
            Obligation(type: type(node), constraints: .integer, form: child(form, argument), what: symbol(child(form, 0))))
          append(.radix, node.raw, UInt32(radix))
        } else {
          node = inferShown(child(form, argument))
          append(.display, node.raw)
        }
        if spec.width > 0 {
          append(.pad, node.raw, UInt32(spec.width) | spec.alignment.rawValue << 8, UInt32(spec.filler))
        }
        argument += 1
        continue
      }
      if byte == UInt8(ascii: "}") {
        guard i + 1 < text.count, text[i + 1] == UInt8(ascii: "}") else {
          return formatError(form, "a `}` in the format stands alone; write `}}` for the character itself")
        }
        literal.append(byte)
        i += 2
        continue
      }
      literal.append(byte)
      i += 1
    }
    flushLiteral()
    if argument < count(form) {
      report(
        .badFormat, "the format has no `{}` for this value", child(form, argument),
        help: "add a `{}` where it should stand")
      return errorNode(form)
    }
    let mark = stack.count
    stack += parts
    return add(.format, .string, b: flush(mark, count: kinds), form)
  }

  private func floatToFormat(_ form: Form, _ digits: Int) -> NodeID {
    let node = infer(form)
    let found = resolved(node)
    if found.isVariable { _ = env.types.unify(found, .float) }
    let type = resolved(node)
    if type != .error, !type.isFloating {
      report(
        .badFormat, "`{.\(digits)}` shows a Float, not `\(env.describe(type))`", form,
        help: "`{}` shows any value; `(float n)` converts a number")
    }
    return node
  }

  private func formatError(_ form: Form, _ message: String) -> NodeID {
    report(
      .badFormat, message, child(form, 1),
      help: "`{}` shows a value, `{.2}` a Float with two digits behind the point, `{8}` fills up to eight characters, `{x}` is hexadecimal, `{{` and `}}` are braces")
    return errorNode(form)
  }
}
