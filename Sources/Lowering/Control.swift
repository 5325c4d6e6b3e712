// Loops, leaving them, `try`, and the restart points of live programs.
//
// Loops are inverted: the test stands at the bottom, so that a turn takes one jump. A jump backwards
// is a safepoint.

import Bytecode
import Frontend

extension Lowering {
  // MARK: while and for

  private func beginLoop(_ id: Int, parameters: Int = 0) -> LoopState {
    let state = LoopState(
      breakLabel: assembler.label(), continueLabel: assembler.label(), restartDepth: function.restartDepth,
      parameters: parameters)
    loops[id] = state
    return state
  }

  func emitWhile(_ n: TypedNode) {
    let loop = beginLoop(Int(n.c))
    let body = assembler.label()
    var fuel = 12
    if isSimple(NodeID(raw: n.a), &fuel) {
      // Tested once before the loop: then the test behind the body can be joined with what precedes it.
      emitCondition(NodeID(raw: n.a), to: loop.breakLabel, when: false)
    } else {
      assembler.jump(.jump, to: loop.continueLabel)
    }
    assembler.place(body)
    _ = emit(NodeID(raw: n.b), .discard)
    assembler.placeForward(loop.continueLabel)
    emitCondition(NodeID(raw: n.a), to: body, when: true)
    assembler.place(loop.breakLabel)
  }

  func emitForRange(_ n: TypedNode) {
    let saved = function.top
    let from = node(Int(n.b)), to = node(Int(n.b) + 1), step = node(Int(n.b) + 2)
    let body = node(Int(n.c))
    let loop = beginLoop(extra(Int(n.c) + 1))
    let i = allocate(1)
    _ = emit(from, .into(i))
    let constantEnd = immediate(to)
    var end = 0
    if constantEnd == nil {
      end = allocate(1)
      _ = emit(to, .into(end))
    }
    let constantStep = step == .none ? 1 : immediate(step)
    var stride = 0
    if constantStep == nil {
      stride = allocate(1)
      _ = emit(step, .into(stride))
      // A step of zero walks nothing.
      jumpImmediate(.equal, stride, 0, to: loop.breakLabel)
    } else if constantStep == 0 {
      function.top = saved
      assembler.place(loop.breakLabel)
      assembler.place(loop.continueLabel)
      return
    }
    let turn = assembler.label(), test = assembler.label()
    // Counting up by a constant, the first test stands before the loop and the step is part of the last.
    let isCounted = constantStep.map { $0 > 0 && $0 < 128 } ?? false
    if isCounted {
      if let constantEnd {
        jumpImmediate(.greaterEqual, i, constantEnd, to: loop.breakLabel)
      } else {
        assembler.jump(.jumpLeInt, a: end, b: i, to: loop.breakLabel)
      }
    } else {
      assembler.jump(.jump, to: test)
    }
    assembler.place(turn)
    let inner = function.top
    bindLoopLocal(LocalID(raw: n.a), i)
    _ = emit(body, .discard)
    function.top = inner
    assembler.position = n.position
    assembler.place(loop.continueLabel)
    if let constantStep {
      assembler.emit(.addIntImm, a: i, b: i, c: constantStep)
    } else {
      assembler.emit(.addInt, a: i, b: i, c: stride)
    }
    if !isCounted { assembler.place(test) }
    if let constantStep {
      jumpWithin(i, end, constantEnd, upward: constantStep > 0, to: turn)
    } else {
      let up = assembler.label()
      jumpImmediate(.greater, stride, 0, to: up)
      jumpWithin(i, end, constantEnd, upward: false, to: turn)
      assembler.jump(.jump, to: loop.breakLabel)
      assembler.place(up)
      jumpWithin(i, end, constantEnd, upward: true, to: turn)
    }
    assembler.place(loop.breakLabel)
    function.top = saved
  }

  private func jumpWithin(_ i: Int, _ end: Int, _ constant: Int?, upward: Bool, to label: Label) {
    if let constant {
      jumpImmediate(upward ? .less : .greater, i, constant, to: label)
    } else {
      assembler.jump(.jumpLtInt, a: upward ? i : end, b: upward ? end : i, to: label)
    }
  }

  /// The counter itself serves as the local unless the body may change it or closures share it.
  private func bindLoopLocal(_ local: LocalID, _ counter: Int) {
    if isCell(local) {
      registers[Int(local.raw)] = Int32(newCell(local, value: counter, into: allocate(1)))
    } else if tree[local].isMutable {
      let own = allocate(1)
      move(1, from: counter, to: own)
      registers[Int(local.raw)] = Int32(own)
    } else {
      registers[Int(local.raw)] = Int32(counter)
    }
  }

  /// Walks by index and asks for the count again at every turn, so the vector may change meanwhile.
  func emitForVec(_ n: TypedNode) {
    let saved = function.top
    let source = NodeID(raw: n.b)
    let element = layout(environment.types.argument(type(source), 0))
    let loop = beginLoop(extra(Int(n.c) + 1))
    var vector = emit(source, .anywhere)
    if vector >= saved {
      protect(vector, 1)
    } else if isAssignable(source) {
      let own = allocate(1)
      move(1, from: vector, to: own)
      vector = own
    }
    checkObject(vector, ofType: type(source))
    let i = allocate(1)
    let count = claim(.anywhere, 1)
    assembler.emit(.vectorCount, a: count, b: vector)
    jumpImmediate(.lessEqual, count, 0, to: loop.breakLabel)
    loadInt(0, into: i)
    let turn = assembler.label()
    assembler.place(turn)
    let inner = function.top
    let value = allocate(max(1, element.words))
    vectorGet(value, vector, i, element)
    emitPattern(PatternID(raw: n.a), value, fail: nil)
    _ = emit(node(Int(n.c)), .discard)
    function.top = inner
    assembler.position = n.position
    assembler.place(loop.continueLabel)
    assembler.jump(.loopCount, a: i, b: vector, to: turn)
    assembler.place(loop.breakLabel)
    function.top = saved
  }

  // MARK: loop and recur

  func emitLoop(_ n: TypedNode, _ want: Want) -> Int {
    let saved = function.top
    let words = layout(concrete(n.type)).words
    let inner = joined(want, words)
    if inner.isRegister { protect(inner.raw, words) }
    let state = beginLoop(Int(n.a), parameters: Int(n.b))
    for i in 0..<extra(Int(n.b)) {
      let local = LocalID(raw: tree.extra[Int(n.b) + 1 + 2 * i])
      let own = allocate(layout(concrete(tree[local].type)).words)
      _ = emit(node(Int(n.b) + 2 + 2 * i), .into(own))
      registers[Int(local.raw)] = Int32(own)
    }
    assembler.place(state.continueLabel)
    _ = emit(NodeID(raw: n.c), inner)
    assembler.place(state.breakLabel)
    function.top = saved
    return inner.raw
  }

  /// All arguments are evaluated before any parameter changes; one that nobody reads any more goes
  /// into its place at once.
  func emitRecur(_ n: TypedNode) -> Int {
    let saved = function.top
    let loop = loops[Int(n.a)]
    let list = Int(n.b)
    let count = extra(list)
    let first = function.top
    for i in 0..<count {
      let local = Int(tree.extra[loop.parameters + 1 + 2 * i])
      let words = layout(concrete(tree.locals[local].type)).words
      let own = Int(registers[local])
      let value = node(list + 1 + i)
      if goesDirectly(value, own, words, list, i, count) {
        _ = emit(value, .into(own))
      } else {
        let temporary = allocate(words)
        _ = emit(value, .into(temporary))
        function.top = temporary + words
      }
    }
    // The same decisions again, now moving what was kept apart.
    var temporary = first
    for i in 0..<count {
      let local = Int(tree.extra[loop.parameters + 1 + 2 * i])
      let words = layout(concrete(tree.locals[local].type)).words
      let own = Int(registers[local])
      if goesDirectly(node(list + 1 + i), own, words, list, i, count) { continue }
      move(words, from: temporary, to: own)
      temporary += words
    }
    function.top = saved
    for _ in loop.restartDepth..<function.restartDepth { assembler.emit(.leaveRestart) }
    assembler.position = n.position
    assembler.jump(.jump, to: loop.continueLabel)
    return 0
  }

  private func goesDirectly(_ value: NodeID, _ own: Int, _ words: Int, _ list: Int, _ i: Int, _ count: Int) -> Bool {
    if words == 0 { return true }
    let n = tree.nodes[Int(value.raw)]
    if n.tag == .local, !isCell(LocalID(raw: n.a)), Int(registers[Int(n.a)]) == own { return true }
    guard words == 1, writesLast(value) else { return false }
    for later in i + 1..<max(count, i + 1) {
      var fuel = 16
      if mayRead(node(list + 1 + later), own, &fuel) { return false }
    }
    return true
  }

  /// Whether the node may read a register; true when that would take long to find out.
  private func mayRead(_ id: NodeID, _ register: Int, _ fuel: inout Int) -> Bool {
    fuel -= 1
    if fuel < 0 { return true }
    let n = tree.nodes[Int(id.raw)]
    switch n.tag {
    case .unit, .bool, .int, .float, .char, .string, .global, .constant, .functionValue: return false
    case .local:
      let first = Int(registers[Int(n.a)])
      let words = isCell(LocalID(raw: n.a)) ? 1 : layout(concrete(n.type)).words
      return register >= first && register < first + words
    case .field: return mayRead(NodeID(raw: n.a), register, &fuel)
    case .makeCase:
      for i in 0..<extra(Int(n.b)) where mayRead(node(Int(n.b) + 2 + 2 * i), register, &fuel) { return true }
      return false
    case .intrinsic, .primitive:
      for i in 0..<extra(Int(n.b)) where mayRead(node(Int(n.b) + 1 + i), register, &fuel) { return true }
      return false
    case .call:
      let list = Int(n.b) + extra(Int(n.b)) + 1
      for i in 0..<extra(list) where mayRead(node(list + 2 + 2 * i), register, &fuel) { return true }
      return false
    default: return true
    }
  }

  func emitLeave(_ n: TypedNode) -> Int {
    let loop = loops[Int(n.a)]
    for _ in loop.restartDepth..<function.restartDepth { assembler.emit(.leaveRestart) }
    assembler.jump(.jump, to: n.tag == .break ? loop.breakLabel : loop.continueLabel)
    return 0
  }

  // MARK: return and try

  func emitReturnNode(_ n: TypedNode) -> Int {
    let value = NodeID(raw: n.a)
    if function.restartDepth == 0 { return emit(value, .tail) }
    let register = emit(value, .anywhere)
    emitReturn(register, words(of: value))
    return 0
  }

  /// On None or Err the function returns it, as its own result type has it; else the payload.
  func emitTry(_ n: TypedNode, _ want: Want) -> Int {
    let saved = function.top
    let source = NodeID(raw: n.a)
    let sourceType = type(source)
    let shape = layout(sourceType)
    let count = layout(concrete(n.type)).words
    let isOption = n.b == 0
    // None is the case without fields, Ok the first of its enum.
    let good = isOption ? (layouts.enumCase(shape, 0).fieldCount == 0 ? 1 : 0) : 0
    let bad = 1 - good
    let value = emit(source, .anywhere)
    assembler.position = n.position
    protect(value, shape.words)
    let unwrap = assembler.label()
    jumpCase(discriminant(shape, value), good, to: unwrap, when: true)
    let inner = function.top
    if sourceType == function.resultType {
      emitReturn(value, shape.words)
    } else {
      let error = isOption ? value : caseField(shape, bad, 0, value)
      let result = allocate(function.resultWords)
      assembleCase(function.resultType, bad, row: error, into: result)
      emitReturn(result, function.resultWords)
    }
    function.top = inner
    assembler.place(unwrap)
    let payload = caseField(shape, good, 0, value)
    function.top = saved
    return deliver(payload, count, want)
  }

  // MARK: Live programs

  /// L: enterrestart H; body; leaverestart; done.  H: pause t; jump L.
  func emitRestartPoint(_ n: TypedNode, _ want: Want) -> Int {
    let saved = function.top
    let words = layout(concrete(n.type)).words
    let isTail = want == .tail && function.restartDepth == 0
    let inner: Want = want == .tail ? .into(function.top) : joined(want, words)
    if inner.isRegister { protect(claim(inner, words), words) }
    let again = assembler.label(), handler = assembler.label(), done = assembler.label()
    assembler.place(again)
    assembler.jump(.enterRestart, to: handler)
    function.restartDepth += 1
    _ = emit(NodeID(raw: n.b), inner)
    function.restartDepth -= 1
    assembler.position = n.position
    assembler.emit(.leaveRestart)
    if isTail {
      emitReturn(inner.raw, words)
    } else {
      assembler.jump(.jump, to: done)
    }
    assembler.place(handler)
    let answer = allocate(1)
    assembler.emit(.pause, a: answer)
    assembler.jump(.jump, to: again)
    assembler.place(done)
    function.top = saved
    return want == .tail && !isTail ? deliver(inner.raw, words, want) : inner.raw
  }

  /// See LANGUAGE.md, "Live programs":
  ///
  ///     init: state := (init)
  ///     turn: boundary t; jumptrue t → init
  ///           enterrestart handler; t := (step state); leaverestart; jumptrue t → turn
  ///           jump done
  ///     handler: pause t; jumptrue t → init; jump turn
  func emitLiveLoop(_ n: TypedNode) {
    let saved = function.top
    let initNode = NodeID(raw: n.a), stepNode = NodeID(raw: n.b)
    let words = layout(environment.types.result(type(initNode))).words
    let start = allocate(1)
    _ = emit(initNode, .into(start))
    let step = allocate(1)
    _ = emit(stepNode, .into(step))
    let state = allocate(words)
    let answer = allocate(1)
    let begin = assembler.label(), turn = assembler.label(), handler = assembler.label(), done = assembler.label()
    assembler.position = n.position
    assembler.place(begin)
    let made = callClosure(start, arguments: 0, words: 0, resultWords: words)
    move(words, from: made, to: state)
    assembler.place(turn)
    assembler.emit(.boundary, a: answer)
    assembler.jump(.jumpTrue, a: answer, to: begin)
    assembler.jump(.enterRestart, to: handler)
    let more = callClosure(step, arguments: state, words: words, resultWords: 1)
    assembler.emit(.leaveRestart)
    assembler.jump(.jumpTrue, a: more, to: turn)
    assembler.jump(.jump, to: done)
    assembler.place(handler)
    assembler.emit(.pause, a: answer)
    assembler.jump(.jumpTrue, a: answer, to: begin)
    assembler.jump(.jump, to: turn)
    assembler.place(done)
    function.top = saved
  }
}
