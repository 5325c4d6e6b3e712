// Making values of structs, tuples, records and enum cases. Flattened ones are put together in the
// registers where they are wanted; objects are allocated first and filled as the parts are evaluated.

import Bytecode
import Frontend

/// What tells the cases of an enum value apart.
struct Discriminant {
  /// The tag, or the value itself where one case is 0.
  var register: Int
  /// The case that is 0; -1 where the register has the tag.
  var nullCase: Int

  /// The register equals the word, or does not, exactly when the value is of the case, or with `sense` false of another.
  func test(for index: Int, _ sense: Bool) -> (isEqual: Bool, word: Int) {
    nullCase < 0 ? (sense, index) : ((index == nullCase) == sense, 0)
  }
}

extension Lowering {
  // MARK: Structs, tuples, records

  func emitMakeStruct(_ n: TypedNode, _ want: Want) -> Int {
    let type = concrete(n.type)
    let shape = layout(type)
    let saved = function.top
    let target = reserve(want, shape.words)
    let isRecord = shape.form == .record
    if isRecord { assembler.emit(.newObject, a: target, imm32: recordDescriptor(type)) }
    let count = extra(Int(n.b))
    for i in 0..<count {
      let field = layouts.field(shape, extra(Int(n.b) + 1 + 2 * i))
      let value = node(Int(n.b) + 2 + 2 * i)
      if isRecord {
        let register = emit(value, .anywhere)
        assembler.position = n.position
        setFields(
          object: target, field: field.offset, from: register, count: field.words,
          firstKind: Int(shape.firstPayloadKind) + field.offset)
      } else {
        _ = emit(value, .into(target + field.offset))
      }
    }
    if count < shape.partCount { emitFieldDefaults(n, type, shape, target, isRecord) }
    function.top = saved
    return deliver(target, shape.words, want)
  }

  private func emitFieldDefaults(_ n: TypedNode, _ type: TypeID, _ shape: Layout, _ target: Int, _ isRecord: Bool) {
    let def = environment.types[type].def
    let arguments = environment.types.arguments(type)
    for index in 0..<Int(shape.partCount) where !isListed(index, n) {
      let field = layouts.field(shape, index)
      if isRecord {
        let window = function.top + 1
        emitDefault(def, index, arguments, words: field.words, into: window, n.position)
        setFields(
          object: target, field: field.offset, from: window, count: field.words,
          firstKind: Int(shape.firstPayloadKind) + field.offset)
      } else {
        emitDefault(def, index, arguments, words: field.words, into: target + field.offset, n.position)
      }
    }
  }

  private func isListed(_ field: Int, _ n: TypedNode) -> Bool {
    for i in 0..<extra(Int(n.b)) where extra(Int(n.b) + 1 + 2 * i) == field { return true }
    return false
  }

  func emitMakeTuple(_ n: TypedNode, _ want: Want) -> Int {
    let shape = layout(concrete(n.type))
    let saved = function.top
    let target = reserve(want, shape.words)
    for i in 0..<extra(Int(n.b)) {
      _ = emit(node(Int(n.b) + 1 + i), .into(target + layouts.field(shape, i).offset))
    }
    function.top = saved
    return deliver(target, shape.words, want)
  }

  /// A copy with some fields replaced.
  func emitWith(_ n: TypedNode, _ want: Want) -> Int {
    let type = concrete(n.type)
    let shape = layout(type)
    let saved = function.top
    let target = reserve(want, shape.words)
    let isRecord = shape.form == .record
    let words = isRecord ? Int(shape.payloadWords) : shape.words
    let row = isRecord ? allocate(words) : target
    if isRecord {
      let object = emit(NodeID(raw: n.a), .anywhere)
      checkObject(object, shape)
      getFields(row, object: object, field: 0, count: words)
    } else {
      _ = emit(NodeID(raw: n.a), .into(target))
    }
    for i in 0..<extra(Int(n.b)) {
      let field = layouts.field(shape, extra(Int(n.b) + 1 + 2 * i))
      _ = emit(node(Int(n.b) + 2 + 2 * i), .into(row + field.offset))
    }
    if isRecord {
      assembler.position = n.position
      assembler.emit(.newObject, a: target, imm32: recordDescriptor(type))
      setFields(object: target, field: 0, from: row, count: words, firstKind: Int(shape.firstPayloadKind))
    }
    function.top = saved
    return deliver(target, shape.words, want)
  }

  // MARK: Enum cases

  func emitMakeCase(_ n: TypedNode, _ want: Want) -> Int {
    let type = concrete(n.type)
    let shape = layout(type)
    let index = Int(n.a)
    let c = layouts.enumCase(shape, index)
    if let value = soleReference(n) {
      // The value of the field is that of the case. No tail call, so that traces show who makes it.
      let register = emit(value, want == .tail ? .anywhere : want)
      return want == .tail ? deliver(register, 1, want) : register
    }
    let saved = function.top
    let target = reserve(want, shape.words)
    let count = Int(c.payloadWords)
    // The fields in a row: in place when that is how the enum keeps them.
    var row = -1
    if shape.form == .flatEnum, count > 0, layouts.isContiguous(c, 0, count) {
      row = target + Int(layouts.places[Int(c.firstPlace)])
    } else if count > 0 {
      row = allocate(count)
    }
    for i in 0..<extra(Int(n.b)) {
      let field = layouts.field(c, extra(Int(n.b) + 1 + 2 * i))
      _ = emit(node(Int(n.b) + 2 + 2 * i), .into(row + field.offset))
    }
    if extra(Int(n.b)) < c.fieldCount {
      let def = environment.types[type].def
      let arguments = environment.types.arguments(type)
      for i in 0..<Int(c.fieldCount) where !isListed(i, n) {
        let field = layouts.field(c, i)
        emitDefault(def, Environment.defaultNumber(ofField: i, ofCase: index), arguments, words: field.words, into: row + field.offset, n.position)
      }
    }
    assembler.position = n.position
    assembleCase(type, index, row: row, into: target)
    function.top = saved
    return deliver(target, shape.words, want)
  }

  /// The only field of a case that is made, where that is all there is of a nullable value.
  func soleReference(_ n: TypedNode) -> NodeID? {
    let shape = layout(concrete(n.type))
    guard shape.nullCase >= 0, n.a != shape.nullCase, extra(Int(n.b)) == 1, layouts.enumCase(shape, Int(n.a)).fieldCount == 1 else { return nil }
    return node(Int(n.b) + 2)
  }

  /// Makes a case of its fields' words in a row (which may be their final place already).
  func assembleCase(_ type: TypeID, _ index: Int, row: Int, into target: Int) {
    let shape = layout(type)
    let c = layouts.enumCase(shape, index)
    let count = Int(c.payloadWords)
    if shape.form == .boxedEnum {
      if count == 0, c.fieldCount == 0 {
        assembler.emit(.loadLiteral, a: target, imm32: caseLiteral(type, index))
        return
      }
      assembler.emit(.newObject, a: target, imm32: caseDescriptor(type, index))
      if index != 0 {
        let tag = function.top
        protectForNow(tag + 1)
        loadInt(index, into: tag)
        assembler.emit(.setField, a: target, b: tag, c: 0)
      }
      setFields(object: target, field: 1, from: row, count: count, firstKind: Int(c.firstKind))
      return
    }
    if shape.nullCase >= 0 {
      if count == 0 { loadInt(0, into: target) } else { move(1, from: row, to: target) }
      return
    }
    var used: UInt64 = 1  // at most maxFlatPayloadOfPrelude + 1 words
    if count > 0 {
      let first = Int(c.firstPlace)
      if layouts.isContiguous(c, 0, count) {
        move(count, from: row, to: target + Int(layouts.places[first]))
      } else {
        for word in 0..<count { move(1, from: row + word, to: target + Int(layouts.places[first + word])) }
      }
      for word in 0..<count { used |= 1 << UInt64(layouts.places[first + word]) }
    }
    loadInt(index, into: target)
    var word = 1
    while word < shape.words {
      let start = word
      while word < shape.words, used & (1 << UInt64(word)) == 0 { word += 1 }
      clear(word - start, at: target + start)
      word += 1
    }
  }

  // MARK: Taking enums apart

  /// What tells the cases of an enum value apart. Reads the tag of a boxed one.
  func discriminant(_ shape: Layout, _ value: Int) -> Discriminant {
    if shape.form == .flatEnum { return Discriminant(register: value, nullCase: Int(shape.nullCase)) }
    checkObject(value, shape)
    let tag = allocate(1)
    assembler.emit(.getField, a: tag, b: value, c: 0)
    return Discriminant(register: tag, nullCase: -1)
  }

  /// Jumps when the value is of the case, or with `sense` false when it is of another.
  func jumpCase(_ discriminant: Discriminant, _ index: Int, to label: Label, when sense: Bool) {
    let (isEqual, word) = discriminant.test(for: index, sense)
    jumpImmediate(isEqual ? .equal : .notEqual, discriminant.register, word, to: label)
  }

  /// R[target] := whether the value is of the case, or with `sense` false of another.
  func testCase(_ discriminant: Discriminant, _ index: Int, is sense: Bool, into target: Int) {
    let (isEqual, word) = discriminant.test(for: index, sense)
    assembler.emit(isEqual ? .eqIntImm : .neIntImm, a: target, b: discriminant.register, c: word)
  }

  /// The register with the number of the case, for those who order or mix it.
  func tagRegister(_ discriminant: Discriminant) -> Int {
    if discriminant.nullCase < 0 { return discriminant.register }
    let tag = allocate(1)
    testCase(discriminant, 1, is: true, into: tag)
    return tag
  }

  /// The registers of a case's field: those of the value itself where it keeps them side by side.
  func caseField(_ shape: Layout, _ index: Int, _ fieldIndex: Int, _ value: Int) -> Int {
    let c = layouts.enumCase(shape, index)
    let field = layouts.field(c, fieldIndex)
    if field.words == 0 { return value }
    if shape.form == .boxedEnum {
      let target = allocate(field.words)
      getFields(target, object: value, field: 1 + field.offset, count: field.words)
      return target
    }
    let first = Int(c.firstPlace) + field.offset
    if layouts.isContiguous(c, field.offset, field.words) { return value + Int(layouts.places[first]) }
    let target = allocate(field.words)
    for word in 0..<field.words { move(1, from: value + Int(layouts.places[first + word]), to: target + word) }
    return target
  }
}
