// What a handler works with: the instruction it executes, the registers of its frame, the handler
// table and the machine, all held in host registers from one handler to the next.
//
//   pc ─► │ op D  A  B  C │ literal? │ next …          r ─► │ R[0] │ R[1] │ …      R[-1] return pc
//
// A handler is a C function of these four that ends in a call to the next one. Optimised, that call
// is a tail jump, so the host stack does not grow; every helper here is inlined and leaves no call.
//
// Measured on fib(35): operands by separate 16-bit loads 0.166 s, by shifting one loaded word
// 0.171 s. A C function answers to its address; a closure literal would add a jump to it.

import Runtime

typealias Code = UnsafePointer<UInt64>
typealias Registers = UnsafeMutablePointer<UInt64>
typealias Table = UnsafeRawPointer
typealias RawMachine = UnsafeMutableRawPointer
typealias Handler = @convention(c) (Code, Registers, Table, RawMachine) -> Void

@safe
struct Frame {
  let pc: Code
  let registers: Registers
  let table: Table
  let machine: UnsafeMutablePointer<MachineState>

  @inline(__always) @safe
  init(_ pc: Code, _ registers: Registers, _ table: Table, _ machine: RawMachine) {
    unsafe self.pc = pc
    unsafe self.registers = registers
    unsafe self.table = table
    unsafe self.machine = machine.assumingMemoryBound(to: MachineState.self)
  }

  // MARK: Operand fields

  @inline(__always) var d: Int { Int(unsafe UnsafeRawPointer(pc).load(fromByteOffset: 1, as: UInt8.self)) }
  @inline(__always) var a: Int { Int(unsafe UnsafeRawPointer(pc).load(fromByteOffset: 2, as: UInt16.self)) }
  @inline(__always) var b: Int { Int(unsafe UnsafeRawPointer(pc).load(fromByteOffset: 4, as: UInt16.self)) }
  @inline(__always) var c: Int { Int(unsafe UnsafeRawPointer(pc).load(fromByteOffset: 6, as: UInt16.self)) }
  @inline(__always) var signedB: Int { Int(unsafe UnsafeRawPointer(pc).load(fromByteOffset: 4, as: Int16.self)) }
  @inline(__always) var signedC: Int { Int(unsafe UnsafeRawPointer(pc).load(fromByteOffset: 6, as: Int16.self)) }
  @inline(__always) var imm32: Int { Int(unsafe UnsafeRawPointer(pc).load(fromByteOffset: 4, as: Int32.self)) }
  @inline(__always) var index32: Int { Int(unsafe UnsafeRawPointer(pc).load(fromByteOffset: 4, as: UInt32.self)) }
  /// The literal word behind the instruction.
  @inline(__always) var word: UInt64 { unsafe pc[1] }
  @inline(__always) var floatWord: Double { Double(bitPattern: unsafe pc[1]) }

  // MARK: Registers, in their readings

  @inline(__always) subscript(_ i: Int) -> Int {
    get { Int(bitPattern: UInt(unsafe registers[i])) }
    nonmutating set { unsafe registers[i] = UInt64(UInt(bitPattern: newValue)) }
  }
  @inline(__always) subscript(word i: Int) -> UInt64 {
    get { unsafe registers[i] }
    nonmutating set { unsafe registers[i] = newValue }
  }
  @inline(__always) subscript(float i: Int) -> Double {
    get { Double(bitPattern: unsafe registers[i]) }
    nonmutating set { unsafe registers[i] = newValue.bitPattern }
  }
  @inline(__always) subscript(bool i: Int) -> Bool {
    get { unsafe registers[i] != 0 }
    nonmutating set { unsafe registers[i] = newValue ? 1 : 0 }
  }
  @inline(__always) subscript(object i: Int) -> Object {
    get { Object(unsafe registers[i]) }
  }

  // MARK: Going on

  /// Goes on with the instruction `words` ahead.
  @inline(__always) func next(_ words: Int = 1) {
    unsafe dispatch(pc + words, registers, table, machine)
  }

  /// Goes on `words` from here through the machine's table: a safepoint.
  @inline(__always) func jump(_ words: Int) {
    unsafe dispatch(pc + words, registers, machine.pointee.handlers, machine)
  }

  /// The run's own state, beside the machine's.
  @inline(__always) var run: UnsafeMutablePointer<RunState> {
    unsafe machine.pointee.interpreter.unsafelyUnwrapped.assumingMemoryBound(to: RunState.self)
  }

  /// Leaves the position where primitives, the collector and unwinding find it.
  @inline(__always) func save() {
    unsafe machine.pointee.pc = pc
    unsafe machine.pointee.registers = registers
  }
}

/// `to[0 ..< count] := from[0 ..< count]`, front to back. The count is read anew for each word: it
/// lies in memory that the stores might reach, so the loop stays a plain one of a few instructions,
/// where vectorising it would cost every handler its registers for blocks of two to eight words.
@inline(__always)
func copyWords(
  to: UnsafeMutablePointer<UInt64>, from: UnsafeMutablePointer<UInt64>, count: @autoclosure () -> Int
) {
  var i = 0
  while i < count() {
    unsafe to[i] = from[i]
    i &+= 1
  }
}

/// Jumps to the handler of the instruction at `pc`.
@inline(__always)
func dispatch(_ pc: Code, _ registers: Registers, _ table: Table, _ machine: RawMachine) {
  unsafe handler(of: pc, in: table)(pc, registers, table, machine)
}

@inline(__always)
func handler(of pc: Code, in table: Table) -> Handler {
  let opcode = unsafe Int(UnsafeRawPointer(pc).load(as: UInt8.self))
  return unsafe table.load(fromByteOffset: opcode &* 8, as: Handler.self)
}
