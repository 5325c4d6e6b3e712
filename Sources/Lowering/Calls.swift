// Calls. Arguments are evaluated straight into the callee's window, which begins one register above
// what is in use: that register takes the return address.
//
//   … │ top: return address │ window: R'[0] R'[1] … │         results come back from `window` on
//
// A nested call in first position gets the same window, so its result is already in place. All calls
// go through the dispatch table, self calls too: an edit takes effect at the next call.

import Bytecode
import Frontend

extension Lowering {
  func emitCall(_ n: TypedNode, _ want: Want) -> Int {
    let def = DefID(raw: n.a)
    let typeCount = extra(Int(n.b))
    let index: Int
    if typeCount == 0 {
      index = functionInstance(def, noTypes)
    } else {
      var arguments: [TypeID] = []
      arguments.reserveCapacity(typeCount)
      for i in 0..<typeCount { arguments.append(concrete(TypeID(raw: tree.extra[Int(n.b) + 1 + i]))) }
      index = calleeInstance(def, arguments)
    }
    guard index >= 0 else {
      emitUnreachable()
      return 0
    }
    let instance = instances[index]
    // Everything from `top` on is free, so a target further up may be the window itself.
    let window = max(function.top + 1, want.raw)
    let list = Int(n.b) + typeCount + 1
    emitArguments(instance, list, window, n)
    assembler.position = n.position
    let isTail = want == .tail && function.restartDepth == 0 && !staysOnStack(DefID(raw: instance.subject))
    if isTail, Int(instance.resultWords) == function.resultWords || n.type == .never {
      emitTailCall(slot: Int(instance.slot), window: window, words: Int(instance.argumentWords))
      return window
    }
    assembler.emit(.call, a: window, imm32: Int(instance.slot))
    protectForNow(window + max(Int(instance.argumentWords) + 1, Int(instance.resultWords)))
    return deliver(window, Int(instance.resultWords), want)
  }

  /// Whether a call in tail position keeps the caller's frame all the same: that of a prelude function
  /// which calls nothing of the program, so that a panic in it has the place of the call. Such a
  /// function is on no cycle of tail calls, and the stack grows by its frames only.
  private func staysOnStack(_ def: DefID) -> Bool {
    let callee = environment[def]
    guard callee.module == .prelude, definitionAtHand != .none, environment[definitionAtHand].module != .prelude
    else { return false }
    return callee.parent == .none && callee.requirements.isEmpty
      && callee.parameters.allSatisfy { environment.types.tag(environment.parameters[$0].type) != .function }
  }

  func emitUnreachable() { assembler.emit(.trap, a: 0, imm32: unreachableReason) }

  func emitTailCall(slot: Int, window: Int, words: Int) {
    protectForNow(window + words + 1)
    assembler.emit(.tailCall, a: window, imm32: slot)
    assembler.emitWord(UInt64(words))
  }

  /// Evaluates the listed (parameter, node) pairs and then the defaults of those not listed.
  private func emitArguments(_ instance: Instance, _ list: Int, _ window: Int, _ n: TypedNode) {
    let saved = function.top
    let count = extra(list)
    let offsets = Int(instance.firstOffset)
    let parameters = environment[DefID(raw: instance.subject)].parameters.count
    var inOrder = count == parameters
    if inOrder {
      for i in 0..<count where extra(list + 1 + 2 * i) != i { inOrder = false }
    }
    // Out of order, every argument's place is set aside first.
    if !inOrder { setTop(window + Int(instance.argumentWords)) }
    for i in 0..<count {
      let parameter = extra(list + 1 + 2 * i)
      let place = window + Int(instances.offsets[offsets + parameter])
      // For the first word the window itself is free, so that a nested call can share it.
      if inOrder { setTop(place == window ? window - 1 : place) }
      _ = emit(node(list + 2 + 2 * i), .into(place))
    }
    if count < parameters {
      for parameter in 0..<parameters {
        var isGiven = false
        for i in 0..<count where extra(list + 1 + 2 * i) == parameter { isGiven = true }
        if isGiven { continue }
        let place = window + Int(instances.offsets[offsets + parameter])
        let words = Int(instances.offsets[offsets + parameter + 1]) - place + window
        emitDefault(
          DefID(raw: instance.subject), parameter, Int(instance.firstArgument), Int(instance.argumentCount),
          words: words, into: place, n.position)
      }
    }
    function.top = saved
  }

  /// A default is a function without arguments; its type arguments are `count` of `instances.arguments`.
  func emitDefault(
    _ def: DefID, _ index: Int, _ first: Int, _ count: Int, words: Int, into target: Int, _ position: UInt32
  ) {
    let arguments = Array(instances.arguments[first..<first + count])
    emitDefault(def, index, arguments, words: words, into: target, position)
  }

  func emitDefault(
    _ def: DefID, _ index: Int, _ arguments: [TypeID], words: Int, into target: Int, _ position: UInt32
  ) {
    let callee = instance(.defaultValue, def.raw, index, arguments)
    instances[callee].resultWords = Int32(words)
    let slot = Int(instances[callee].slot)
    let window = function.top + 1
    protectForNow(window + max(1, words))
    assembler.position = position
    assembler.emit(.call, a: window, imm32: slot)
    move(words, from: window, to: target)
  }

  // MARK: Function values

  func emitFunctionValue(_ n: TypedNode, _ want: Want) -> Int {
    if want == .discard { return 0 }
    let count = extra(Int(n.b))
    var arguments: [TypeID] = []
    for i in 0..<count { arguments.append(concrete(TypeID(raw: tree.extra[Int(n.b) + 1 + i]))) }
    let index = calleeInstance(DefID(raw: n.a), arguments)
    guard index >= 0 else {
      emitUnreachable()
      return 0
    }
    let slot = Int(instances[index].slot)
    let target = claim(want, 1)
    assembler.emit(.loadLiteral, a: target, imm32: closureLiteral(slot: slot))
    return deliver(target, 1, want)
  }

  /// The closure goes into the window behind the arguments, where the callee finds its captures.
  func emitCallValue(_ n: TypedNode, _ want: Want) -> Int {
    let saved = function.top
    let callee = NodeID(raw: n.a)
    let functionType = type(callee)
    let count = extra(Int(n.b))
    let isLocal = tree[callee].tag == .local && !isAssignable(callee)
    var closure = emit(callee, .anywhere)
    if !isLocal, closure < saved {
      let copy = allocate(1)
      move(1, from: closure, to: copy)
      closure = copy
    }
    protect(closure, 1)
    let window = function.top + 1
    var place = window
    for i in 0..<count {
      setTop(i == 0 ? window - 1 : place)
      _ = emit(node(Int(n.b) + 1 + i), .into(place))
      place += layout(environment.types.argument(functionType, i)).words
    }
    function.top = saved
    let words = place - window
    let resultWords = layout(environment.types.result(functionType)).words
    protectForNow(window + max(words + 1, resultWords))
    move(1, from: closure, to: place)
    assembler.position = n.position
    if want == .tail, function.restartDepth == 0, resultWords == function.resultWords || n.type == .never {
      // The closure goes along as one argument more.
      assembler.emit(.tailCallClosure, a: window, b: place, c: words + 1)
      return window
    }
    assembler.emit(.callClosure, a: window, b: place)
    return deliver(window, resultWords, want)
  }

  /// Calls a closure that is in a register with argument words that are in registers.
  func callClosure(_ closure: Int, arguments: Int, words: Int, resultWords: Int) -> Int {
    let window = function.top + 1
    protectForNow(window + max(words + 1, resultWords))
    move(words, from: arguments, to: window)
    move(1, from: closure, to: window + words)
    assembler.emit(.callClosure, a: window, b: window + words)
    return window
  }

  // MARK: Primitives

  func emitPrimitive(_ n: TypedNode, _ want: Want) -> Int {
    let saved = function.top
    let first = max(saved, want.raw)
    var place = first
    let count = extra(Int(n.b))
    for i in 0..<count {
      let argument = node(Int(n.b) + 1 + i)
      setTop(place)
      _ = emit(argument, .into(place))
      checkObject(place, ofType: type(argument))
      place += words(of: argument)
    }
    function.top = saved
    let resultWords = layout(concrete(n.type)).words
    protectForNow(max(place, first + resultWords))
    assembler.position = n.position
    assembler.emit(
      .primitive, a: first, b: Int(environment[DefID(raw: n.a)].operation), c: place - first)
    return deliver(first, resultWords, want)
  }

  /// A primitive on argument words that are already at `first`….
  func callPrimitive(_ primitive: Primitive, at first: Int, words: Int, resultWords: Int = 0) {
    protectForNow(first + max(words, resultWords))
    assembler.emit(.primitive, a: first, b: Int(primitive.rawValue), c: words)
  }

  // MARK: Lambdas

  /// {header, slot, captured words…}. Each lowering of a changed text gives the body a fresh slot: a closure
  /// keeps the code it was made with.
  func emitLambda(_ n: TypedNode, _ want: Want) -> Int {
    let index = Int(n.a)
    let slot = lambdaSlot(index)
    pendingLambdas.append(PendingLambda(index: index, slot: slot))
    let captures = tree.lambdas[index].captures
    let saved = function.top
    if captures.isEmpty {
      let target = claim(want, 1)
      assembler.emit(.loadLiteral, a: target, imm32: closureLiteral(slot: slot))
      return deliver(target, 1, want)
    }
    captureKinds.removeAll(keepingCapacity: true)
    captureKinds.append(.int)  // the slot number
    for local in captures { appendCaptureKinds(local) }
    let target = reserve(want, 1)
    assembler.emit(.newObject, a: target, imm32: captureDescriptor(isCell: false))
    let scratch = allocate(1)
    loadInt(slot, into: scratch)
    assembler.emit(.setField, a: target, b: scratch, c: 0)
    var field = 1
    for local in captures {
      let register = Int(registers[Int(local.raw)])
      if isCell(local) {
        assembler.emit(.setFieldRef, a: target, b: register, c: field)
        field += 1
      } else {
        let shape = layout(concrete(tree[local].type))
        setFields(object: target, field: field, from: register, count: shape.words, firstKind: Int(shape.firstKind))
        field += shape.words
      }
    }
    function.top = saved
    return deliver(target, 1, want)
  }

  private func appendCaptureKinds(_ local: LocalID) {
    if isCell(local) {
      captureKinds.append(.reference)
      return
    }
    let shape = layout(concrete(tree[local].type))
    for word in 0..<shape.words { captureKinds.append(layouts.kind(shape, word)) }
  }

  /// On entry of a lambda: all captured words into registers at once.
  func loadCaptures(_ index: Int, closure: Int) {
    let first = function.top
    for local in tree.lambdas[index].captures {
      let words = isCell(local) ? 1 : layout(concrete(tree[local].type)).words
      registers[Int(local.raw)] = Int32(allocate(words))
    }
    var done = 0
    while first + done < function.top {
      let run = min(maxValueWords, function.top - first - done)
      getFields(first + done, object: closure, field: 1 + done, count: run)
      done += run
    }
  }
}

/// `PanicReason.unreachable`, which lives in the runtime that Lowering does not know.
let unreachableReason = 9
