// Objects, vectors, strings and primitives as the handlers see them; once more with a collection at
// every allocation.

import Bytecode
import Interpreter
import Runtime
import Testing

@Suite(.serialized) struct HeapTests {
  @Test(arguments: [false, true])
  func fields(stress: Bool) {
    let program = Program(stackRegisters: 1 << 12, stress: stress)
    let pair = Int(program.machine.descriptors.addObject(words: 4, references: [3]))
    let slot = program.define(arguments: 3, results: 6) {
      $0.emit(.newObject, a: 4, imm32: pair)
      $0.emit(.newObject, a: 5, imm32: pair)
      $0.emit(.setField, a: 4, b: 0, c: 1)
      $0.emit(.setFieldBlock, d: 2, a: 5, b: 1, c: 0)
      $0.emit(.setFieldRef, a: 4, b: 5, c: 3)
      $0.emit(.loadInt, a: 5, imm32: 0)
      $0.emit(.newObject, a: 6, imm32: pair)
      $0.emit(.getField, a: 5, b: 4, c: 3)
      $0.emit(.getField2, a: 7, b: 5, c: 0)
      $0.emit(.getField, a: 9, b: 4, c: 1)
      $0.emit(.getFieldBlock, d: 3, a: 10, b: 6, c: 0)
      $0.emit(.returnBlock, a: 7, b: 6)
    }
    #expect(program.run(slot, 5, 6, 7, results: 6) == returned(6, 7, 5, 0, 0, 0))
  }

  @Test(arguments: [false, true])
  func vectorsOfWords(stress: Bool) {
    let program = Program(stackRegisters: 1 << 12, stress: stress)
    let ints = Int(program.machine.descriptors.addVector(elementWords: 1, kind: .words))
    // Pushes 0..<n, doubles each, sums, pops one: sum + popped + count.
    let slot = program.define(arguments: 1) { a in
      let fill = a.label(), walk = a.label()
      a.emit(.newVector, a: 1, imm32: ints)
      a.emit(.clear, a: 2, imm32: 3)
      a.place(fill)
      a.emit(.vectorPush, a: 1, b: 2)
      a.emit(.addIntImm, a: 2, b: 2, c: 1)
      a.jump(.jumpLtInt, a: 2, b: 0, to: fill)
      a.emit(.loadInt, a: 2, imm32: 0)
      a.place(walk)
      a.emit(.vectorGet, a: 5, b: 1, c: 2)
      a.emit(.addInt, a: 5, b: 5, c: 5)
      a.emit(.vectorSet, a: 1, b: 2, c: 5)
      a.emit(.vectorGet, a: 6, b: 1, c: 2)
      a.emit(.addInt, a: 3, b: 3, c: 6)
      a.emit(.addIntImm, a: 2, b: 2, c: 1)
      a.jump(.jumpLtInt, a: 2, b: 0, to: walk)
      a.emit(.vectorPop, a: 7, b: 1)
      a.emit(.addInt, a: 3, b: 3, c: 7)
      a.emit(.vectorCount, a: 7, b: 1)
      a.emit(.addInt, a: 3, b: 3, c: 7)
      a.emit(.return1, a: 3)
    }
    let n = 100
    #expect(program.run(slot, n) == returned(n * (n - 1) + 2 * (n - 1) + n - 1))
  }

  @Test(arguments: [false, true])
  func vectorsOfStructsWithReferences(stress: Bool) {
    let program = Program(stackRegisters: 1 << 12, stress: stress)
    let box = Int(program.machine.descriptors.addObject(words: 1))
    let rows = Int(program.machine.descriptors.addVector(elementWords: 3, kind: .words, references: [2]))
    let slot = program.define(frame: 24, arguments: 1, results: 4) { a in
      let fill = a.label()
      a.emit(.newVector, a: 1, imm32: rows)
      a.emit(.loadInt, a: 2, imm32: 0)
      a.place(fill)
      a.emit(.newObject, a: 6, imm32: box)
      a.emit(.setField, a: 6, b: 2, c: 0)
      a.emit(.move, a: 4, b: 2)
      a.emit(.negInt, a: 5, b: 2)
      a.emit(.vectorPush, a: 1, b: 4)
      a.emit(.addIntImm, a: 2, b: 2, c: 1)
      a.jump(.jumpLtInt, a: 2, b: 0, to: fill)
      a.emit(.loadInt, a: 2, imm32: 3)
      a.emit(.vectorGetBlock, d: 3, a: 8, b: 1, c: 2)  // row 3
      a.emit(.loadInt, a: 2, imm32: 4)
      a.emit(.vectorSetBlock, d: 3, a: 1, b: 2, c: 8)  // to row 4
      a.emit(.vectorGetWord, d: 1, a: 16, b: 1, c: 2)  // -3
      a.emit(.vectorGetWord, d: 2, a: 12, b: 1, c: 2)
      a.emit(.getField, a: 17, b: 12, c: 0)  // 3
      a.emit(.vectorPop, a: 12, b: 1)
      a.emit(.move, a: 18, b: 12)  // n - 1
      a.emit(.getField, a: 19, b: 14, c: 0)  // n - 1
      a.emit(.returnBlock, a: 16, b: 4)
    }
    #expect(program.run(slot, 50, results: 4) == returned(-3, 3, 49, 49))
  }

  @Test func vectorsOfReferences() {
    let program = Program(stackRegisters: 1 << 12, stress: true)
    let box = Int(program.machine.descriptors.addObject(words: 1))
    let boxes = Int(program.machine.descriptors.addVector(elementWords: 1, kind: .words, references: [0]))
    let slot = program.define(arguments: 1) { a in
      a.emit(.newVector, a: 1, imm32: boxes)
      a.emit(.newObject, a: 2, imm32: box)
      a.emit(.vectorPush, a: 1, b: 2)
      a.emit(.newObject, a: 2, imm32: box)
      a.emit(.setField, a: 2, b: 0, c: 0)
      a.emit(.loadInt, a: 3, imm32: 0)
      a.emit(.vectorSetRef, a: 1, b: 3, c: 2)
      a.emit(.loadInt, a: 2, imm32: 0)
      a.emit(.newObject, a: 4, imm32: box)
      a.emit(.vectorPop, a: 2, b: 1)
      a.emit(.getField, a: 2, b: 2, c: 0)
      a.emit(.return1, a: 2)
    }
    #expect(program.run(slot, 77) == returned(77))
  }

  @Test(arguments: ElementKind.allCases.filter { $0 != .words })
  func packedVectors(_ kind: ElementKind) {
    let program = Program(stackRegisters: 1 << 12)
    let storage = StorageKind(rawValue: kind.rawValue)!
    let descriptor = Int(program.machine.descriptors.addVector(elementWords: 1, kind: storage))
    let slot = program.define(arguments: 1, results: 3) { a in
      a.emit(.newVector, a: 1, imm32: descriptor)
      a.emit(.loadInt, a: 2, imm32: 0)
      for _ in 0..<9 { a.emit(.vectorPush, a: 1, b: 2) }
      a.emit(.loadInt, a: 2, imm32: 5)
      a.emit(.vectorSetPacked, d: Int(kind.rawValue), a: 1, b: 2, c: 0)
      a.emit(.vectorGetPacked, d: Int(kind.rawValue), a: 3, b: 1, c: 2)
      a.emit(.vectorPush, a: 1, b: 0)
      a.emit(.vectorPop, a: 4, b: 1)
      a.emit(.loadInt, a: 2, imm32: 6)
      a.emit(.vectorGetPacked, d: Int(kind.rawValue), a: 5, b: 1, c: 2)  // the neighbour is untouched
      a.emit(.returnBlock, a: 3, b: 3)
    }
    let inputs: [UInt64] = [0, 1, 0x80, 0xff, 0x8000, 0xffff_ffff, .max, (1.5).bitPattern, (0.1).bitPattern]
    for x in inputs {
      let expected: UInt64
      switch kind {
      case .words: expected = x
      case .u8: expected = UInt64(UInt8(truncatingIfNeeded: x))
      case .i8: expected = UInt64(bitPattern: Int64(Int8(truncatingIfNeeded: x)))
      case .u16: expected = UInt64(UInt16(truncatingIfNeeded: x))
      case .i16: expected = UInt64(bitPattern: Int64(Int16(truncatingIfNeeded: x)))
      case .u32: expected = UInt64(UInt32(truncatingIfNeeded: x))
      case .i32: expected = UInt64(bitPattern: Int64(Int32(truncatingIfNeeded: x)))
      case .f32:
        let float = Double(Float(Double(bitPattern: x)))
        expected = float.isNaN ? x : float.bitPattern
        if float.isNaN { continue }
      }
      #expect(program.interpreter.run(slot, [x], results: 3) == .returned([expected, expected, 0]), "\(kind) \(x)")
    }
  }

  @Test func bytes() {
    let program = Program(stackRegisters: 1 << 12)
    let slot = program.define(arguments: 1) { a in
      a.emit(.newVector, a: 1, imm32: Int(DescriptorTable.byteVector))
      a.emit(.loadInt, a: 2, imm32: 0)
      a.emit(.vectorPush, a: 1, b: 2)
      a.emit(.vectorSetU8, a: 1, b: 2, c: 0)
      a.emit(.vectorGetU8, a: 3, b: 1, c: 2)
      a.emit(.return1, a: 3)
    }
    #expect(program.run(slot, 0x1fe) == returned(0xfe))
  }

  /// Every access of an element, below, at and above its bounds.
  @Test(arguments: [
    Opcode.vectorGet, .vectorGetBlock, .vectorGetWord, .vectorGetU8, .vectorGetPacked, .vectorSet, .vectorSetRef,
    .vectorSetBlock, .vectorSetU8, .vectorSetPacked,
  ])
  func bounds(_ opcode: Opcode) {
    let program = Program(stackRegisters: 1 << 12)
    let kind: StorageKind =
      switch opcode {
      case .vectorGetU8, .vectorSetU8, .vectorGetPacked, .vectorSetPacked: .u8
      default: .words
      }
    let descriptor = Int(
      program.machine.descriptors.addVector(elementWords: 1, kind: kind, references: opcode == .vectorSetRef ? [0] : []))
    let slot = program.define(arguments: 1) { a in
      a.emit(.newVector, a: 1, imm32: descriptor)
      a.emit(.loadInt, a: 3, imm32: 0)
      for _ in 0..<3 { a.emit(.vectorPush, a: 1, b: 3) }
      let isSet = opcode.row.shape == .setElement
      let d = opcode == .vectorGetWord ? 0 : 1
      if isSet { a.emit(opcode, d: d, a: 1, b: 0, c: 3) } else { a.emit(opcode, d: d, a: 3, b: 1, c: 0) }
      a.emit(.return1, a: 3)
    }
    for index in [0, 1, 2] { #expect(program.run(slot, index) == returned(0), "\(opcode) \(index)") }
    for index in [3, 4, -1, .min, .max] {
      #expect(program.run(slot, index) == .panicked(.indexOutOfRange), "\(opcode) \(index)")
      unsafe #expect(program.state.pointee.panicIndex == index && program.state.pointee.panicCount == 3)
    }
  }

  @Test func strings() {
    let program = Program(stackRegisters: 1 << 12)
    let texts = ["", "a", "abcdefgh", "abcdefgi", "abcdefgh" + "", "tree", "treeé"]
    let equal = program.define(arguments: 2) { $0.emit(.eqString, a: 2, b: 0, c: 1); $0.emit(.return1, a: 2) }
    // Concatenation makes a new object, so that equality is by bytes.
    let concat = Int(Primitive.stringConcat.rawValue)
    let copies = program.define(arguments: 2) {
      $0.emit(.move, a: 4, b: 0)
      $0.emit(.loadLiteral, a: 5, imm32: program.literal(""))
      $0.emit(.primitive, a: 4, b: concat, c: 2)
      $0.emit(.eqString, a: 2, b: 4, c: 1)
      $0.emit(.return1, a: 2)
    }
    for x in texts {
      for y in texts {
        let a = program.machine.literal(program.literal(x))
        let b = program.machine.literal(program.literal(y))
        #expect(program.run(equal, words: a, b) == returned(x == y ? 1 : 0), "\(x) \(y)")
        #expect(program.run(copies, words: a, b) == returned(x == y ? 1 : 0), "\(x) \(y)")
      }
    }
  }

  @Test func aFailingPrimitivePanics() {
    let program = Program(stackRegisters: 1 << 12)
    let slice = Int(Primitive.stringSlice.rawValue)
    let slot = program.define { a in
      a.emit(.loadLiteral, a: 1, imm32: program.literal("abc"))
      a.emit(.loadInt, a: 2, imm32: 1)
      a.emit(.loadInt, a: 3, imm32: 9)
      a.emit(.primitive, a: 1, b: slice, c: 3)
      a.emit(.return1, a: 1)
    }
    guard case .panicked = program.run(slot) else {
      Issue.record("a slice out of range must panic")
      return
    }
    #expect(program.interpreter.trace.inner == [StackTrace.Entry(code: program.code(slot), word: 3)])
  }
}
