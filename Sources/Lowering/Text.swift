// Text: `str`, `show`, `print`, `format` and `assert=`. Text is built in a vector of bytes, one part
// after the other; a lone string needs none of that. How a value of a composite type is shown is a
// derived operation of the type (Structural.swift).

import Bytecode
import Frontend

/// Texts that generated code adds so often that their literals are kept at hand.
enum FixedText: UInt8, CaseIterable {
  case blank, newline, unit, closing, vector, function, dots, right

  var text: String {
    switch self {
    case .blank: " "
    case .newline: "\n"
    case .unit: "()"
    case .closing: ")"
    case .vector: "(vec"
    case .function: "<fn>"
    case .dots: "..."
    case .right: "\n right: "
    }
  }
}

extension Lowering {
  /// A fresh, empty text buffer, held until the caller restores `top`.
  func newText() -> Int {
    let text = allocate(1)
    callPrimitive(.textNew, at: text, words: 0, resultWords: 1)
    return text
  }

  func addLiteral(_ bytes: [UInt8], to text: Int) {
    if !bytes.isEmpty { addLiteral(number: stringLiteral(bytes), to: text) }
  }

  func addLiteral(_ fixed: FixedText, to text: Int) {
    let index = Int(fixed.rawValue)
    if fixedTexts[index] < 0 { fixedTexts[index] = stringLiteral(Array(fixed.text.utf8)) }
    addLiteral(number: fixedTexts[index], to: text)
  }

  private func addLiteral(number: Int, to text: Int) {
    let window = function.top
    move(1, from: text, to: window)
    assembler.emit(.loadLiteral, a: window + 1, imm32: number)
    callPrimitive(.textAddString, at: window, words: 2)
  }

  /// The text as a string, in `target`.
  func finishText(_ text: Int, into target: Int) {
    let window = function.top
    move(1, from: text, to: window)
    callPrimitive(.textToString, at: window, words: 1, resultWords: 1)
    move(1, from: window, to: target)
  }

  /// Adds a value. At the top strings and characters are raw; everything inside something else, and
  /// everything that `show` is asked for, is in the form a reader would accept.
  func addValue(_ type: TypeID, _ value: Int, to text: Int, raw: Bool) {
    let shape = layout(type)
    let window = function.top
    if implementation(.show, type) != .none {
      let string = callImplementation(.show, type, value, shape.words)
      let first = string + 1
      move(1, from: text, to: first)
      move(1, from: string, to: first + 1)
      callPrimitive(.textAddString, at: first, words: 2)
      return
    }
    let primitive: Primitive
    switch environment.types.tag(type) {
    case .bool: primitive = .textAddBool
    case .char: primitive = raw ? .textAddChar : .textAddShownChar
    case .int, .i8, .i16, .i32, .u8, .u16, .u32: primitive = .textAddInt
    case .u64, .ptr, .cstring: primitive = .textAddUInt
    case .float: primitive = .textAddFloat
    case .f32: primitive = .textAddF32
    case .string: primitive = raw ? .textAddString : .textAddShownString
    case .unit, .never, .error:
      addLiteral(.unit, to: text)
      return
    case .function:
      addLiteral(.function, to: text)
      return
    default:
      // show(text, depth, value…)
      let first = window + 1
      protectForNow(first + shape.words + 3)
      move(1, from: text, to: first)
      if function.depthRegister >= 0 {
        move(1, from: function.depthRegister, to: first + 1)
      } else {
        loadInt(0, into: first + 1)
      }
      move(shape.words, from: value, to: first + 2)
      assembler.emit(.call, a: first, imm32: structuralSlot(.show, type))
      return
    }
    protectForNow(window + 2)
    move(1, from: text, to: window)
    move(1, from: value, to: window + 1)
    callPrimitive(primitive, at: window, words: 2)
  }

  private func addNode(_ id: NodeID, to text: Int, raw: Bool) {
    let saved = function.top
    let n = tree.nodes[Int(id.raw)]
    if n.tag == .string, raw {
      addLiteral(tree.strings[Int(n.a)], to: text)
      return
    }
    let type = self.type(id)
    let value = emit(id, .anywhere)
    protect(value, layout(type).words)
    assembler.position = n.position
    addValue(type, value, to: text, raw: raw)
    function.top = saved
  }

  // MARK: Nodes

  func emitStr(_ n: TypedNode, _ want: Want) -> Int {
    let count = extra(Int(n.b))
    let first = Int(n.b) + 1
    if count == 1, type(node(first)) == .string { return emit(node(first), want) }
    if count == 2, type(node(first)) == .string, type(node(first + 1)) == .string {
      let saved = function.top
      let window = max(saved, want.raw)
      setTop(window)
      _ = emit(node(first), .into(window))
      setTop(window + 1)
      _ = emit(node(first + 1), .into(window + 1))
      function.top = saved
      assembler.position = n.position
      callPrimitive(.stringConcat, at: window, words: 2, resultWords: 1)
      return deliver(window, 1, want)
    }
    let saved = function.top
    let target = reserve(want, 1)
    let text = newText()
    for i in 0..<count { addNode(node(first + i), to: text, raw: true) }
    finishText(text, into: target)
    function.top = saved
    return deliver(target, 1, want)
  }

  func emitShow(_ n: TypedNode, _ want: Want) -> Int {
    let saved = function.top
    let target = reserve(want, 1)
    let text = newText()
    addNode(NodeID(raw: n.a), to: text, raw: false)
    finishText(text, into: target)
    function.top = saved
    return deliver(target, 1, want)
  }

  /// The prelude's own way into `show`: how deep the value is nested comes along.
  func emitShowInto(_ n: TypedNode, _ text: NodeID, _ depth: NodeID, _ value: NodeID) {
    let saved = function.top
    let outer = function.depthRegister
    let buffer = allocate(2)
    _ = emit(text, .into(buffer))
    _ = emit(depth, .into(buffer + 1))
    let register = emit(value, .anywhere)
    protect(register, words(of: value))
    assembler.position = n.position
    function.depthRegister = buffer + 1
    addValue(type(value), register, to: buffer, raw: false)
    function.depthRegister = outer
    function.top = saved
  }

  func emitDisplayInto(_ n: TypedNode, _ text: NodeID, _ value: NodeID) {
    let saved = function.top
    let buffer = allocate(1)
    _ = emit(text, .into(buffer))
    assembler.position = n.position
    addNode(value, to: buffer, raw: true)
    function.top = saved
  }

  func emitPrint(_ n: TypedNode) {
    let saved = function.top
    let count = extra(Int(n.b))
    let kind = PrintKind(rawValue: n.a) ?? .println
    let text = newText()
    for i in 0..<count {
      if i > 0 { addLiteral(.blank, to: text) }
      addNode(node(Int(n.b) + 1 + i), to: text, raw: true)
    }
    if kind != .print { addLiteral(.newline, to: text) }
    let string = allocate(1)
    finishText(text, into: string)
    assembler.position = n.position
    callPrimitive(kind == .eprintln ? .eprint : .print, at: string, words: 1)
    function.top = saved
  }

  func emitFormat(_ n: TypedNode, _ want: Want) -> Int {
    let saved = function.top
    let target = reserve(want, 1)
    let text = newText()
    var mark = 0  // the register with the length of the text before what is to be filled up
    var at = Int(n.b) + 1
    for _ in 0..<extra(Int(n.b)) {
      switch FormatPart(rawValue: tree.extra[at]) {
      case .literal: addLiteral(tree.strings[extra(at + 1)], to: text)
      case .display: addNode(node(at + 1), to: text, raw: true)
      case .fixed:
        let window = allocate(3)
        _ = emit(node(at + 1), .into(window + 1))
        move(1, from: text, to: window)
        loadInt(extra(at + 2), into: window + 2)
        callPrimitive(.textAddFixed, at: window, words: 3)
        function.top = window
        at += 1
      case .radix:
        let window = allocate(3)
        let value = node(at + 1)
        _ = emit(value, .into(window + 1))
        if let extend = zeroExtending(self.type(value)) { assembler.emit(extend, a: window + 1, b: window + 1) }
        move(1, from: text, to: window)
        loadInt(extra(at + 2), into: window + 2)
        callPrimitive(.textAddRadix, at: window, words: 3)
        function.top = window
        at += 1
      case .mark:
        mark = allocate(1)
        assembler.emit(.vectorCount, a: mark, b: text)
      case .pad:
        let window = allocate(4)
        var spec = extra(at + 2)
        if spec >> 8 == Int(FormatAlignment.byType.rawValue) {
          let alignment: FormatAlignment = self.type(node(at + 1)).isNumeric ? .right : .left
          spec |= Int(alignment.rawValue) << 8
        }
        move(1, from: text, to: window)
        move(1, from: mark, to: window + 1)
        loadInt(spec, into: window + 2)
        loadInt(extra(at + 3), into: window + 3)
        callPrimitive(.textPad, at: window, words: 4)
        function.top = mark
        at += 2
      case nil: break
      }
      at += 2
    }
    finishText(text, into: target)
    function.top = saved
    return deliver(target, 1, want)
  }

  /// Both sides are kept for the message, which is only made when they differ.
  func emitAssertEqual(_ n: TypedNode) {
    let saved = function.top
    let left = NodeID(raw: n.a), right = NodeID(raw: n.b)
    let type = self.type(left) == .never ? self.type(right) : self.type(left)
    let words = layout(type).words
    let a = allocate(words)
    _ = emit(left, .into(a))
    let b = allocate(words)
    _ = emit(right, .into(b))
    assembler.position = n.position
    let fine = assembler.label()
    jumpIfEqual(type, a, b, to: fine)
    let text = newText()
    addLiteral(Array("assertion failed: ".utf8) + tree.strings[Int(n.c)] + Array("\n  left: ".utf8), to: text)
    addValue(type, a, to: text, raw: false)
    addLiteral(.right, to: text)
    addValue(type, b, to: text, raw: false)
    let message = allocate(1)
    finishText(text, into: message)
    assembler.emit(.panic, a: message)
    assembler.place(fine)
    function.top = saved
  }
}
