import Bytecode
import Testing

@Suite struct DisassemblerTests {
  @Test func aFunction() {
    var a = Assembler()
    let more = a.label()
    a.jump(.jumpGeIntImm, a: 0, b: 2, to: more)
    a.emit(.return1, a: 0)
    a.place(more)
    a.emit(.addIntImm, a: 2, b: 0, c: -1)
    a.emit(.call, a: 2, imm32: 7)
    a.emit(.addInt, a: 0, b: 2, c: 4)
    a.emit(.tailCall, a: 2, imm32: 8)
    a.emitWord(2)
    let reached = a.resolveJumps()
    #expect(reached)
    let names = DisassemblerNames(slot: { $0 == 7 ? "fib" : nil })
    #expect(
      disassemble(a.words, names: names) == """
           0  jumpge.i    r0, 2 -> 2
           1  return1     r0
           2  addint.i    r2, r0, -1
           3  call        r2, fib
           4  addint      r0, r2, r4
           5  tailcall    r2..r3, slot 8

        """)
  }

  @Test func eachShape() {
    func text(_ it: Instruction, _ literals: UInt64...) -> String {
      disassemble(it, at: 10, literals: literals[...])
    }
    #expect(text(Instruction(.returnNone)) == "return")
    #expect(text(Instruction(.move2, a: 1, b: 4)) == "move2       r1..r2, r4..r5")
    #expect(text(Instruction(.moveBlock, a: 1, b: 4, c: 3)) == "moveblock   r1..r3, r4..r6")
    #expect(text(Instruction(.clear, a: 3, imm32: 2)) == "clear       r3..r4")
    #expect(text(Instruction(.loadInt, a: 3, imm32: -2)) == "loadint     r3, -2")
    #expect(text(Instruction(.loadWord, a: 3), 1 << 40) == "loadword    r3, 1099511627776")
    #expect(text(Instruction(.loadWord, a: 3), (0.5).bitPattern) == "loadword    r3, 0.5")
    #expect(text(Instruction(.mulFloatWord, a: 3, b: 4), (0.016).bitPattern) == "mulfloat.w  r3, r4, 0.016")
    #expect(text(Instruction(.loadGlobal, a: 3, imm32: 5)) == "loadglobal  r3, global 5")
    #expect(text(Instruction(.newObject, a: 3, imm32: 5)) == "newobject   r3, descriptor 5")
    #expect(text(Instruction(.jump, a: 0, imm32: -4)) == "jump        -> 6")
    #expect(text(Instruction(.jumpTrue, a: 1, imm32: 4)) == "jumptrue    r1 -> 14")
    #expect(text(Instruction(.jumpLtInt, a: 1, b: 2, c: -1)) == "jumplt      r1, r2 -> 9")
    #expect(text(Instruction(.jumpTable, a: 1, b: 3), 3 | 5 << 32, 7) == "jumptable   r1 -> 13 15 17")
    #expect(text(Instruction(.callClosure, a: 5, b: 2)) == "callclosure r5, r2")
    #expect(text(Instruction(.tailCallClosure, a: 5, b: 2, c: 2)) == "tailclosure r5..r6, r2")
    #expect(text(Instruction(.primitive, a: 5, b: Int(Primitive.stringConcat.rawValue), c: 2)) == "primitive   r5..r6, string-concat")
    #expect(text(Instruction(.getField, a: 1, b: 2, c: 3)) == "getfield    r1, r2.3")
    #expect(text(Instruction(.getFieldBlock, d: 3, a: 1, b: 2, c: 3)) == "getfieldblock r1..r3, r2.3")
    #expect(text(Instruction(.setField, a: 1, b: 2, c: 3)) == "setfield    r1.3, r2")
    #expect(text(Instruction(.vectorGet, a: 1, b: 2, c: 3)) == "vecget      r1, r2[r3]")
    #expect(text(Instruction(.vectorGetWord, d: 2, a: 1, b: 2, c: 3)) == "vecgetword  r1, r2[r3].2")
    #expect(text(Instruction(.vectorSetPacked, d: Int(ElementKind.f32.rawValue), a: 1, b: 2, c: 3)) == "vecsetpacked r1[r2] f32, r3")
    #expect(text(Instruction(.vectorSetBlock, d: 2, a: 1, b: 2, c: 3)) == "vecsetblock r1[r2], r3..r4")
    #expect(text(Instruction(.returnBlock, a: 1, b: 2)) == "returnblock r1..r2")
    #expect(text(Instruction(.trap, a: 0, imm32: 3)) == "trap        3")
    #expect(text(Instruction(.enterRestart, a: 0, imm32: 3)) == "enterrestart -> 13")
    #expect(text(Instruction(word: 0xff)) == ".word       255")
  }

  @Test(arguments: Opcode.allCases)
  func everyOpcodeHasText(_ opcode: Opcode) {
    #expect(disassemble(Instruction(opcode), at: 0).hasPrefix("\(opcode.row.name)"))
  }
}
