// The machine that macros run on, apart from the program's: its heap is small, its instructions are
// counted, and what it makes is read back before the next expansion.
//
// Syntax crosses lazily. An argument is lent to the macro as one object that knows the number of its
// form; its items are made when the macro looks at them (`readSyntax`), and a lent object that comes
// back in the result is its form again. So a body that a macro only passes on costs nothing.

import Frontend
import Interpreter
import Lowering
import Runtime

final class MacroMachine: MachineHost {
  static let maxInstructions = 10_000_000
  static let maxHeap = 64 << 20
  /// Nodes that one expansion may make, and how deep they may nest.
  static let maxNodes = 1_000_000
  static let maxDepth = 500

  private let env: Environment
  private let installation: Installation
  private var machine: Machine { installation.machine }
  private let lowering: Lowering

  // The record `Syntax` and vectors of it.
  private let syntaxDescriptor: UInt32
  private let vectorDescriptor: UInt32
  /// Stand where a form has no text or no items.
  private var emptyString: UInt64 = 0
  private var emptyVector: UInt64 = 0

  // The expansion at hand.
  private var call: MacroCall?
  private var made = 0
  private var fault: (code: DiagnosticCode, text: String)?

  init?(_ env: Environment, _ lowering: Lowering) {
    var options = SessionOptions()
    let stress = options.machine.stress
    options.machine = .small
    options.machine.heapLimit = Self.maxHeap
    options.machine.stress = stress
    guard let installation = Installation(options, isMetered: true) else { return nil }
    self.env = env
    self.lowering = lowering
    self.installation = installation
    syntaxDescriptor = UInt32(lowering.recordDescriptor(ofType: env.syntaxType))
    vectorDescriptor = UInt32(lowering.vectorDescriptor(ofElement: env.syntaxType))
    super.init()
    guard install(lowering) else { return nil }
    machine.attach(self)
    machine.seal()
    emptyString = machine.makeString([])
    _ = machine.addRoot(emptyString)
    emptyVector = machine.makeVector(descriptor: vectorDescriptor)
    _ = machine.addRoot(emptyVector)
  }

  /// Takes over what has been compiled since. False when a table is full.
  func install(_ lowering: Lowering) -> Bool {
    if lowering.finished.isEmpty, lowering.newDescriptors.isEmpty { return true }
    guard let changes = installation.install(lowering) else { return false }
    installation.apply(changes)
    return true
  }

  // MARK: Running

  func expand(_ call: MacroCall, _ code: MacroCode) -> MacroResult {
    self.call = call
    defer { self.call = nil }
    made = 0
    fault = nil
    machine.freshNumbers = 0
    machine.instructionsLeft = Self.maxInstructions
    for slot in code.initialisers {
      if case .panicked(let reason) = installation.interpreter.run(slot) { return .failed([problem(reason, call)]) }
    }
    let root = machine.addRoot(0)
    defer { machine.removeRoot(root) }
    guard let arguments = lend(call, root) else { return .failed([problem(.outOfMemory, call)]) }
    machine.failedForm = -1
    switch installation.interpreter.run(code.slot, arguments, results: 1) {
    case .panicked(let reason): return .failed([problem(reason, call)])
    case .returned(let results):
      var depth = 0
      let result = form(of: results[0], call, level: 0, &depth)
      guard let fault else { return .form(result, depth: depth) }
      return .failed([Diagnostic(fault.code, "`\(env.name(call.macro))` \(fault.text)", at: call.place)])
    }
  }

  /// The registers of the macro's parameters; nil when memory is short. `root` keeps what they refer to.
  private func lend(_ call: MacroCall, _ root: Int) -> [UInt64]? {
    let definition = env[call.macro]
    let named = definition.parameters.count - (definition.takesRest ? 1 : 0)
    let total = call.forms.tree.count(call.form) - 1
    let all = machine.makeVector(descriptor: vectorDescriptor)
    machine.setRoot(root, all)
    guard all != 0, lendItems(of: call.form, from: 1, to: 1 + named, all) else { return nil }
    var arguments = machine.elements(all)
    if definition.takesRest {
      // Kept by the vector of all: one more object, which the macro does not see.
      let rest = machine.makeVector(descriptor: vectorDescriptor)
      guard rest != 0, machine.append(rest, to: all), lendItems(of: call.form, from: 1 + named, to: 1 + total, rest) else { return nil }
      arguments.append(rest)
    }
    return arguments
  }

  private func lendItems(of form: Form, from: Int, to: Int, _ vector: UInt64) -> Bool {
    guard let call else { return false }
    for i in from..<max(from, to) {
      let object = lend(call.forms.tree.child(form, i), call)
      if object == 0 || !machine.append(object, to: vector) { return false }
    }
    return true
  }

  /// An object for a form; 0 when memory is short.
  private func lend(_ form: Form, _ call: MacroCall) -> UInt64 {
    let node = call.forms.tree[form]
    var kind = UInt64(node.tag.rawValue) | UInt64(node.suffix.rawValue) << 8
    var bits: UInt64 = 0
    var text = emptyString
    switch node.tag {
    case .list, .vector, .quote, .quasiquote, .unquote, .unquoteSplicing:
      if node.count > 0 { kind |= SyntaxKind.unread }
    case .symbol, .keyword:
      let symbol = Symbol(raw: node.a)
      if symbol.isAlias { bits = UInt64(symbol.raw) }
      text = machine.makeString(Array(env.interner.name(symbol).utf8))
    case .int:
      let literal = call.forms.tree.ints[Int(node.a)]
      bits = literal.negative ? 0 &- literal.magnitude : literal.magnitude
      if literal.negative { kind |= SyntaxKind.negative }
    case .float: bits = call.forms.tree.floats[Int(node.a)].bitPattern
    case .string: text = machine.makeString(Array(call.forms.tree.stringBytes[call.forms.tree.strings[Int(node.a)]]))
    case .char, .bool: bits = UInt64(node.a)
    case .error: kind = UInt64(FormTag.list.rawValue)  // told by the reader; goes through as it is
    }
    if text == 0 { return 0 }
    return machine.makeObject(
      descriptor: syntaxDescriptor, [kind, bits, text, emptyVector, UInt64(form.raw) + 1], keeping: text)
  }

  override func readSyntax(_ object: UInt64) -> Bool {
    guard let call else { return true }
    let form = Form(raw: UInt32(truncatingIfNeeded: machine.word(SyntaxField.form, of: object) &- 1))
    let items = machine.makeVector(descriptor: vectorDescriptor)
    let root = machine.addRoot(items)
    defer { machine.removeRoot(root) }
    guard items != 0, lendItems(of: form, from: 0, to: call.forms.tree.count(form), items) else {
      machine.setPanic(.outOfMemory)
      return false
    }
    machine.setReference(SyntaxField.items, of: object, items)
    machine.setWord(SyntaxField.kind, of: object, machine.word(SyntaxField.kind, of: object) & ~SyntaxKind.unread)
    return true
  }

  // MARK: Reading results

  private enum SyntaxField { static let kind = 0, bits = 1, text = 2, items = 3, form = 4 }
  private enum SyntaxKind {
    static let negative: UInt64 = 1 << 16
    static let unread: UInt64 = 1 << 24
  }

  /// The form of an object. What is new is added to the tree with the span of the call.
  private func form(of object: UInt64, _ call: MacroCall, level: Int, _ depth: inout Int) -> Form {
    let forms = call.forms
    let number = machine.word(SyntaxField.form, of: object)
    if number != 0, number <= UInt64(forms.tree.nodes.count) { return Form(raw: UInt32(number - 1)) }
    depth = max(depth, level + 1)
    made += 1
    let span = forms.tree.span(call.form)
    let kind = machine.word(SyntaxField.kind, of: object)
    let bits = machine.word(SyntaxField.bits, of: object)
    guard let tag = FormTag(rawValue: UInt8(kind & 0xFF)), let suffix = NumberSuffix(rawValue: UInt8(kind >> 8 & 0xFF)) else {
      return broken("made a `Syntax` that is none", call)
    }
    if level > Self.maxDepth { return broken("makes syntax that nests deeper than \(Self.maxDepth) levels", call, .expansionLimit) }
    if made > Self.maxNodes { return broken("makes more than \(Self.maxNodes) forms", call, .expansionLimit) }
    var node = FormNode(tag: tag, suffix: suffix, start: span.start, end: span.end)
    switch tag {
    case .symbol:
      let name = Strings.bytes(machine.word(SyntaxField.text, of: object))
      if name.isEmpty { return broken("makes a symbol without a name", call) }
      node.a = symbol(name, bits, call).raw
    case .keyword:
      node.a = env.interner.intern(Strings.text(machine.word(SyntaxField.text, of: object))).raw
    case .int:
      let isNegative = kind & SyntaxKind.negative != 0
      node.a = UInt32(forms.tree.ints.count)
      forms.tree.ints.append(IntLiteral(magnitude: isNegative ? 0 &- bits : bits, negative: isNegative))
    case .float:
      node.a = UInt32(forms.tree.floats.count)
      forms.tree.floats.append(Double(bitPattern: bits))
    case .string:
      let bytes = Strings.bytes(machine.word(SyntaxField.text, of: object))
      let start = forms.tree.stringBytes.count
      forms.tree.stringBytes += bytes
      node.a = UInt32(forms.tree.strings.count)
      forms.tree.strings.append(start..<start + bytes.count)
    case .char, .bool: node.a = UInt32(truncatingIfNeeded: bits)
    case .list, .vector, .quote, .quasiquote, .unquote, .unquoteSplicing:
      let items = machine.elements(machine.word(SyntaxField.items, of: object))
      if tag != .list, tag != .vector, items.count != 1 { return broken("made a quote that is none", call) }
      var children: [Form] = []
      children.reserveCapacity(items.count)
      for item in items where fault == nil { children.append(form(of: item, call, level: level + 1, &depth)) }
      node.a = UInt32(forms.tree.children.count)
      node.count = UInt32(children.count)
      forms.tree.children += children
    case .error: return broken("made a `Syntax` that is none", call)
    }
    forms.tree.nodes.append(node)
    return Form(raw: UInt32(forms.tree.nodes.count - 1))
  }

  private func broken(_ what: String, _ call: MacroCall, _ code: DiagnosticCode = .expansionFailed) -> Form {
    fault = fault ?? (code, what)
    return call.form
  }

  private func symbol(_ name: [UInt8], _ bits: UInt64, _ call: MacroCall) -> Symbol {
    let plain = env.interner.intern(name, 0..<name.count)
    return env.symbol(
      plain, mark: UInt32(truncatingIfNeeded: bits), fresh: UInt32(truncatingIfNeeded: bits >> 32), module: call.module,
      item: call.item, expansion: call.forms.expansions.count)
  }

  // MARK: Problems

  private func problem(_ reason: PanicReason, _ call: MacroCall) -> Diagnostic {
    let name = "`\(env.name(call.macro))`"
    var labels: [Diagnostic.Label] = []
    if env[call.macro].module != .prelude {
      labels.append(
        Diagnostic.Label(Place(env[call.macro].item, env[call.macro].nameSpan), "\(name) is defined here"))
    }
    switch reason {
    case .outOfInstructions:
      return Diagnostic(
        .expansionLimit, "the expansion of \(name) runs too long: it was stopped after \(Self.maxInstructions) instructions",
        at: call.place, labels: labels, help: "a loop or recursion in the macro may not end")
    case .outOfMemory:
      return Diagnostic(
        .expansionLimit, "the expansion of \(name) takes more than \(Self.maxHeap >> 20) MB of memory", at: call.place,
        labels: labels)
    case .stackOverflow:
      return Diagnostic(
        .expansionLimit, "the expansion of \(name) nests calls too deeply", at: call.place, labels: labels,
        help: "a recursion in the macro may not end")
    default: break
    }
    let message = String(decoding: machine.panicText(), as: UTF8.self)
    guard machine.failedForm < 0 else {
      // `syntax-error`: the macro's own words, about a form of the user's where it is one.
      let form = machine.failedForm > 0 ? Form(raw: UInt32(machine.failedForm - 1)) : call.form
      let place = call.place(of: form)
      if place != call.place { labels.insert(Diagnostic.Label(call.place, "in this expansion of \(name)"), at: 0) }
      return Diagnostic(
        .expansionFailed, message, at: place, label: place == call.place ? "in this expansion of \(name)" : "", labels: labels)
    }
    if let (place, function) = panicPlace() {
      labels.insert(Diagnostic.Label(place, function == env.name(call.macro) ? "it panicked here" : "it panicked here, in `\(function)`"), at: 0)
    }
    return Diagnostic(.expansionFailed, "macro \(name) panicked: \(message)", at: call.place, labels: labels)
  }

  /// Where in the user's text the last panic came from.
  private func panicPlace() -> (Place, String)? {
    let trace = installation.interpreter.trace
    for entry in trace.inner + trace.outer {
      guard let code = installation.code(entry.code), lowering.item(of: code.info) != .none, code.info.definition != .none,
        env[code.info.definition].module != .prelude, entry.word < code.positions.count
      else { continue }
      let position = code.positions[entry.word]
      return (Place(lowering.item(of: code.info), Span(position, position + 1)), lowering.name(of: code.info))
    }
    return nil
  }
}
