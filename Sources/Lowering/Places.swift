// Reading and writing parts of values: fields of structs in registers cost nothing, fields of records
// and cells one access, and a path through structs reads only the words it ends in.
//
//   (.x (.pos (nth players i)))     word 2 of R[players][R[i]] — one instruction

import Bytecode
import Frontend

extension Lowering {
  // MARK: Objects

  func getFields(_ target: Int, object: Int, field: Int, count: Int) {
    switch count {
    case 0: break
    case 1: assembler.emit(.getField, a: target, b: object, c: field)
    case 2: assembler.emit(.getField2, d: 2, a: target, b: object, c: field)
    default: assembler.emit(.getFieldBlock, d: count, a: target, b: object, c: field)
    }
  }

  /// Stores words into an object: runs without references at once, references one by one through
  /// the barrier. `firstKind` says what the words are.
  func setFields(object: Int, field: Int, from register: Int, count: Int, firstKind: Int) {
    var i = 0
    while i < count {
      if layouts.kinds[firstKind + i] == .reference {
        assembler.emit(.setFieldRef, a: object, b: register + i, c: field + i)
        i += 1
        continue
      }
      let start = i
      while i < count, layouts.kinds[firstKind + i] != .reference { i += 1 }
      if i - start == 1 {
        assembler.emit(.setField, a: object, b: register + start, c: field + start)
      } else if i - start == 2, field + start < 256 {
        assembler.emitSetFieldPair(object: object, field: field + start, from: register + start)
      } else {
        assembler.emit(.setFieldBlock, d: i - start, a: object, b: register + start, c: field + start)
      }
    }
  }

  func storeGlobal(_ word: Int, _ register: Int, _ kind: WordKind) {
    assembler.emit(kind == .reference ? .storeGlobalRef : .storeGlobal, a: register, imm32: word)
  }

  // MARK: Cells

  /// A mutable local that closures share lives in a heap object.
  @inline(__always)
  func isCell(_ local: LocalID) -> Bool {
    let l = tree.locals[Int(local.raw)]
    return l.isMutable && l.isCaptured
  }

  func newCell(_ local: LocalID, value: Int, into cell: Int) -> Int {
    let shape = layout(concrete(tree[local].type))
    captureKinds.removeAll(keepingCapacity: true)
    for word in 0..<shape.words { captureKinds.append(layouts.kind(shape, word)) }
    assembler.emit(.newObject, a: cell, imm32: captureDescriptor(isCell: true))
    setFields(object: cell, field: 0, from: value, count: shape.words, firstKind: Int(shape.firstKind))
    return cell
  }

  // MARK: Reading

  /// A `global` or `field` node. Goes down to where the struct comes from, adding up offsets.
  func emitPlace(_ id: NodeID, _ want: Want) -> Int {
    let count = words(of: id)
    let position = tree.nodes[Int(id.raw)].position
    let saved = function.top
    var root = id
    var offset = 0
    while true {
      let n = tree.nodes[Int(root.raw)]
      switch n.tag {
      case .field:
        let parent = NodeID(raw: n.a)
        let shape = layout(of: parent)
        let field = layouts.field(shape, Int(n.b))
        offset += field.offset
        if shape.form != .record {
          root = parent
          continue
        }
        let object = emit(parent, .anywhere)
        assembler.position = position
        if want == .discard { return object }
        checkObject(object, shape)
        let target = claim(want, count)
        getFields(target, object: object, field: offset, count: count)
        return deliver(target, count, want)
      case .global:
        if want == .discard { return 0 }
        let target = claim(want, count)
        let first = globalOffset(DefID(raw: n.a)) + offset
        for word in 0..<count { assembler.emit(.loadGlobal, a: target + word, imm32: first + word) }
        return deliver(target, count, want)
      case .local where isCell(LocalID(raw: n.a)):
        if want == .discard { return 0 }
        let target = claim(want, count)
        getFields(target, object: Int(registers[Int(n.a)]), field: offset, count: count)
        return deliver(target, count, want)
      case .intrinsic where n.a == Intrinsic.vecNth.rawValue && count == 1:
        let shape = layout(of: root)
        if shape.words < 2 || root == id { break }
        let vector = node(Int(n.b) + 1), index = node(Int(n.b) + 2)
        let v = emitOperand(vector, before: index)
        protect(v, 1)
        let i = emit(index, .anywhere)
        assembler.position = position
        checkObject(v, ofType: type(vector))
        function.top = saved
        let target = claim(want, 1)
        assembler.emit(.vectorGetWord, d: offset, a: target, b: v, c: i)
        return deliver(target, 1, want)
      default: break
      }
      let register = emit(root, want == .discard ? .discard : .anywhere)
      if want == .discard { return register }
      return deliver(register + offset, count, want)
    }
  }

  // MARK: Writing

  /// Follows a path of fields through structs from `type` on; answers the word and the type it ends in.
  private func follow(_ path: Int, from first: Int, _ type: TypeID) -> (offset: Int, type: TypeID) {
    var type = type
    var offset = 0
    for i in first..<extra(path) {
      let shape = layout(type)
      let field = layouts.field(shape, extra(path + 1 + i))
      offset += field.offset
      type = field.type
    }
    return (offset, type)
  }

  func emitSetLocal(_ n: TypedNode) {
    let local = LocalID(raw: n.a)
    let value = NodeID(raw: n.c)
    let place = follow(Int(n.b), from: 0, concrete(tree[local].type))
    let shape = layout(place.type)
    let register = Int(registers[Int(n.a)])
    if isCell(local) {
      let source = emit(value, .anywhere)
      assembler.position = n.position
      setFields(object: register, field: place.offset, from: source, count: shape.words, firstKind: Int(shape.firstKind))
      return
    }
    if shape.words <= 1, writesLast(value) {
      _ = emit(value, .into(register + place.offset))
      return
    }
    let source = emit(value, .anywhere)
    move(shape.words, from: source, to: register + place.offset)
  }

  func emitSetField(_ n: TypedNode) {
    let record = NodeID(raw: n.a), value = NodeID(raw: n.c)
    let saved = function.top
    let recordType = type(record)
    // Before `layouts` is read, since this may be the first that is asked of the type.
    let recordShape = layout(recordType)
    let first = layouts.field(recordShape, extra(Int(n.b) + 1))
    let rest = follow(Int(n.b), from: 1, first.type)
    let shape = layout(rest.type)
    let object = emitOperand(record, before: value)
    protect(object, 1)
    checkObject(object, recordShape)
    let source = emit(value, .anywhere)
    assembler.position = n.position
    let field = first.offset + rest.offset
    if shape.words == 1,
      assembler.fuseFieldUpdate(object: object, value: source, field: field, deadFrom: function.top)
    {
      function.top = saved
      return
    }
    setFields(
      object: object, field: field, from: source, count: shape.words,
      firstKind: Int(shape.firstKind))
    function.top = saved
  }

  func emitSetGlobal(_ n: TypedNode) {
    let def = DefID(raw: n.a)
    let place = follow(Int(n.b), from: 0, environment[def].type)
    let shape = layout(place.type)
    let source = emit(NodeID(raw: n.c), .anywhere)
    assembler.position = n.position
    let first = globalOffset(def) + place.offset
    for word in 0..<shape.words { storeGlobal(first + word, source + word, layouts.kind(shape, word)) }
  }
}
