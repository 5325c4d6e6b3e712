// The bodies of derived operations: functions without a source, one for each operation and type.
//
//   equal(a…, b…) -> Bool      compare(a…, b…) -> Int
//   hash(h, a…) -> h           show(text, depth, a…)
//
// Invariant: the last part of a recursive value is reached by a tail call, so that lists of any
// length are compared and hashed in constant stack. `show` counts nested records and gives up at
// `maxShownDepth`: they may be cyclic.

import Bytecode
import Frontend

let maxShownDepth = 64

extension Lowering {
  func compileStructural(_ index: Int) {
    let instance = instances[index]
    touch(index)
    instances[index].isCompiled = true
    let key = keepsKeys ? structuralKey(index) : 0
    if key != 0, findCode(index, key) { return }
    noteReplaced(index)
    setKey(index, key)
    noteLowered(index)
    let type = TypeID(raw: instance.subject)
    let words = layout(type).words
    guard let operation = StructuralOperation(rawValue: UInt8(instance.index)) else { return }
    setTypeArguments(0, 0)
    assembler.longJumps = false
    while true {
      assembler.removeAll()
      function = FunctionState()
      switch operation {
      case .equal, .compare:
        function.resultWords = 1
        setTop(2 * words)
        deriveComparison(operation, type)
      case .hash:
        function.resultWords = 1
        setTop(1 + words)
        deriveHash(type)
      case .show:
        setTop(2 + words)
        function.depthRegister = 1
        deriveShow(type)
        assembler.emit(.returnNone)
      }
      if assembler.resolveJumps() || assembler.longJumps { break }
      assembler.longJumps = true
    }
    let arguments = operation == .hash ? 1 + words : operation == .show ? 2 + words : 2 * words
    finish(
      slot: Int(instance.slot),
      info: FunctionInfo(kind: .structural, definition: .none, index: Int(instance.index), type: type),
      argumentWords: arguments)
  }

  // MARK: equal, compare

  /// Both have one form: part by part until one decides.
  private func deriveComparison(_ operation: StructuralOperation, _ type: TypeID) {
    let shape = layout(type)
    let a = 0, b = shape.words
    let different = assembler.label()
    switch shape.form {
    case .aggregate:
      let parts = (0..<Int(shape.partCount)).map { layouts.field(shape, $0) }
      for (i, part) in parts.enumerated() {
        comparePart(operation, part.type, a + part.offset, b + part.offset, isLast: i == parts.count - 1, different)
      }
      if parts.isEmpty { returnSame(operation) }
    case .flatEnum, .boxedEnum:
      let which = discriminant(shape, a)
      let left = tagRegister(which), right = tagRegister(discriminant(shape, b))
      if operation == .equal {
        assembler.jump(.jumpNeInt, a: left, b: right, to: different)
      } else {
        let order = allocate(1)
        compare(.int, left, right, into: order)
        let same = assembler.label()
        jumpImmediate(.equal, order, 0, to: same)
        assembler.emitReturn(order)
        assembler.place(same)
      }
      dispatch(shape, which) { c in
        let count = Int(layouts.enumCase(shape, c).fieldCount)
        for i in 0..<count {
          let part = layouts.field(layouts.enumCase(shape, c), i).type
          let x = caseField(shape, c, i, a)
          comparePart(operation, part, x, caseField(shape, c, i, b), isLast: i == count - 1, different)
        }
        if count == 0 { returnSame(operation) }
      }
    case .vector: compareVectors(operation, shape, environment.types.argument(type, 0), different)
    default:
      if operation == .equal { jumpIfDifferent(type, a, b, to: different) }
      returnSame(operation)
    }
    assembler.place(different)
    if operation == .equal {
      let answer = allocate(1)
      loadInt(0, into: answer)
      assembler.emitReturn(answer)
    } else {
      emitUnreachable()
    }
  }

  private func returnSame(_ operation: StructuralOperation) {
    let answer = function.top
    protectForNow(answer + 1)
    loadInt(operation == .equal ? 1 : 0, into: answer)
    assembler.emitReturn(answer)
  }

  /// One part; the last one's answer is the whole's. Temporaries made for the part are given back.
  private func comparePart(
    _ operation: StructuralOperation, _ type: TypeID, _ a: Int, _ b: Int, isLast: Bool, _ different: Label
  ) {
    let shape = layout(type)
    if isLast, isDerivedByCall(operation, type, shape) {
      let window = function.top + 1
      protectForNow(window + 2 * shape.words + 1)
      move(shape.words, from: a, to: window)
      move(shape.words, from: b, to: window + shape.words)
      assembler.emit(.tailCall, a: window, imm32: structuralSlot(operation, type))
      assembler.emitWord(UInt64(2 * shape.words))
      return
    }
    if operation == .equal {
      jumpIfDifferent(type, a, b, to: different)
      if isLast { returnSame(operation) }
      return
    }
    let order = allocate(1)
    compare(type, a, b, into: order)
    if isLast {
      assembler.emitReturn(order)
    } else {
      let same = assembler.label()
      jumpImmediate(.equal, order, 0, to: same)
      assembler.emitReturn(order)
      assembler.place(same)
    }
  }

  private func isDerivedByCall(_ operation: StructuralOperation, _ type: TypeID, _ shape: Layout) -> Bool {
    if implementation(operation, type) != .none { return false }
    switch shape.form {
    case .boxedEnum, .vector: return true
    case .flatEnum: return operation == .equal ? !shape.isWordwise : !shape.isTag
    default: return false
    }
  }

  private func compareVectors(
    _ operation: StructuralOperation, _ shape: Layout, _ elementType: TypeID, _ different: Label
  ) {
    let element = layout(elementType)
    let left = allocate(1), right = allocate(1), count = allocate(1), i = allocate(1)
    checkObject(0, shape)
    checkObject(1, shape)
    let turn = assembler.label(), test = assembler.label()
    assembler.emit(.vectorCount, a: left, b: 0)
    assembler.emit(.vectorCount, a: right, b: 1)
    if operation == .equal {
      assembler.jump(.jumpNeInt, a: left, b: right, to: different)
      move(1, from: left, to: count)
    } else {
      assembler.emit(.minInt, a: count, b: left, c: right)
    }
    loadInt(0, into: i)
    assembler.jump(.jump, to: test)
    assembler.place(turn)
    let saved = function.top
    let x = allocate(max(1, element.words)), y = allocate(max(1, element.words))
    vectorGet(x, 0, i, element)
    vectorGet(y, 1, i, element)
    comparePart(operation, elementType, x, y, isLast: false, different)
    function.top = saved
    assembler.emit(.addIntImm, a: i, b: i, c: 1)
    assembler.place(test)
    assembler.jump(.jumpLtInt, a: i, b: count, to: turn)
    if operation == .equal {
      returnSame(operation)
    } else {
      compare(.int, left, right, into: i)
      assembler.emitReturn(i)
    }
  }

  /// Code for each case of an enum. Each body leaves the function.
  private func dispatch(_ shape: Layout, _ which: Discriminant, _ body: (Int) -> Void) {
    let count = Int(shape.partCount)
    let labels = (0..<count).map { _ in assembler.label() }
    if count >= minTableCases {
      assembler.jumpTable(a: which.register, to: labels)
      emitUnreachable()
    } else {
      for c in 0..<max(0, count - 1) { jumpCase(which, c, to: labels[c], when: true) }
      if count > 0 { assembler.jump(.jump, to: labels[count - 1]) }
    }
    for c in 0..<count {
      let saved = function.top
      assembler.place(labels[c])
      body(c)
      function.top = saved
    }
  }

  // MARK: hash

  private func deriveHash(_ type: TypeID) {
    let shape = layout(type)
    let hash = 0, value = 1
    switch shape.form {
    case .flatEnum, .boxedEnum:
      let which = discriminant(shape, value)
      addHash(.int, tagRegister(which), to: hash)
      dispatch(shape, which) { c in
        let count = Int(layouts.enumCase(shape, c).fieldCount)
        for i in 0..<count {
          let part = layouts.field(layouts.enumCase(shape, c), i).type
          let register = caseField(shape, c, i, value)
          let partShape = layout(part)
          if i == count - 1, partShape.form == .boxedEnum, implementation(.hash, part) == .none {
            let window = function.top + 1
            protectForNow(window + 3)
            move(1, from: hash, to: window)
            move(1, from: register, to: window + 1)
            assembler.emit(.tailCall, a: window, imm32: structuralSlot(.hash, part))
            assembler.emitWord(2)
          } else {
            addHash(part, register, to: hash)
          }
        }
        assembler.emitReturn(hash)
      }
    case .vector:
      let elementType = environment.types.argument(type, 0)
      let element = layout(elementType)
      let count = allocate(1), i = allocate(1), x = allocate(max(1, element.words))
      let turn = assembler.label(), test = assembler.label()
      checkObject(value, shape)
      assembler.emit(.vectorCount, a: count, b: value)
      addHash(.int, count, to: hash)
      loadInt(0, into: i)
      assembler.jump(.jump, to: test)
      assembler.place(turn)
      vectorGet(x, value, i, element)
      addHash(elementType, x, to: hash)
      assembler.emit(.addIntImm, a: i, b: i, c: 1)
      assembler.place(test)
      assembler.jump(.jumpLtInt, a: i, b: count, to: turn)
      assembler.emitReturn(hash)
    default:
      addHash(type, value, to: hash)
      assembler.emitReturn(hash)
    }
  }

  // MARK: show

  private func deriveShow(_ type: TypeID) {
    let shape = layout(type)
    let text = 0, depth = 1, value = 2
    let own = environment.shower(of: type)
    if own != .none {
      // The prelude's own collections: a function of the same shape.
      assembler.emit(.tailCall, a: 0, imm32: max(0, slot(for: own, environment.types.arguments(type))))
      assembler.emitWord(UInt64(2 + shape.words))
      return
    }
    switch shape.form {
    case .aggregate:
      let isTuple = environment.types.tag(type) == .tuple
      addLiteral(Array(("(" + (isTuple ? "tuple" : environment.name(environment.types[type].def))).utf8), to: text)
      for i in 0..<Int(shape.partCount) {
        let field = layouts.field(shape, i)
        showPart(field.type, value + field.offset, text)
      }
      addLiteral(.closing, to: text)
    case .record:
      let shallow = assembler.label()
      jumpImmediate(.less, depth, maxShownDepth, to: shallow)
      addLiteral(.dots, to: text)
      assembler.emit(.returnNone)
      assembler.place(shallow)
      assembler.emit(.addIntImm, a: depth, b: depth, c: 1)
      checkObject(value, shape)
      addLiteral(Array(("(" + environment.name(environment.types[type].def)).utf8), to: text)
      for i in 0..<Int(shape.partCount) {
        let field = layouts.field(shape, i)
        let saved = function.top
        let register = allocate(field.words)
        getFields(register, object: value, field: field.offset, count: field.words)
        showPart(field.type, register, text)
        function.top = saved
      }
      addLiteral(.closing, to: text)
    case .flatEnum, .boxedEnum:
      let firstCase = environment[environment.types[type].def].cases.lowerBound
      dispatch(shape, discriminant(shape, value)) { c in
        let name = environment.interner.name(environment.cases[firstCase + c].name)
        let count = Int(layouts.enumCase(shape, c).fieldCount)
        addLiteral(Array(((count > 0 ? "(" : "") + name).utf8), to: text)
        for i in 0..<count {
          let part = layouts.field(layouts.enumCase(shape, c), i).type
          showPart(part, caseField(shape, c, i, value), text)
        }
        if count > 0 { addLiteral(.closing, to: text) }
        assembler.emit(.returnNone)
      }
    case .vector:
      checkObject(value, shape)
      showVector(environment.types.argument(type, 0), value, text)
    default: addValue(type, value, to: text, raw: false)
    }
  }

  private func showPart(_ type: TypeID, _ value: Int, _ text: Int) {
    addLiteral(.blank, to: text)
    addValue(type, value, to: text, raw: false)
  }

  private func showVector(_ elementType: TypeID, _ vector: Int, _ text: Int) {
    let element = layout(elementType)
    let count = allocate(1), i = allocate(1), x = allocate(max(1, element.words))
    let turn = assembler.label(), test = assembler.label()
    addLiteral(.vector, to: text)
    loadInt(0, into: i)
    assembler.jump(.jump, to: test)
    assembler.place(turn)
    vectorGet(x, vector, i, element)
    showPart(elementType, x, text)
    assembler.emit(.addIntImm, a: i, b: i, c: 1)
    assembler.place(test)
    assembler.emit(.vectorCount, a: count, b: vector)
    assembler.jump(.jumpLtInt, a: i, b: count, to: turn)
    addLiteral(.closing, to: text)
  }
}
