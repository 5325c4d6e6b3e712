// The instructions that fusions are made of, each as a step: it does its work and hands the frame of
// the instruction behind it to `then`, which dispatches, or is the next step of a fused handler:
//
//     Frame(pc, r, t, m).mulFloat { $0.addFloat() }
//
// A step that jumps, calls or panics does so from its own frame and leaves `then` aside, so a trace
// names the right instruction wherever a fusion stops.

import CShims
import Runtime

typealias Next = (Frame) -> Void

/// The end of a handler: dispatches the frame's instruction.
@inline(__always) func resume(_ f: Frame) { unsafe dispatch(f.pc, f.registers, f.table, f.machine) }

extension Frame {
  /// The frame at the instruction `words` ahead.
  @inline(__always) func after(_ words: Int = 1) -> Frame {
    Frame(unsafe pc + words, unsafe registers, unsafe table, unsafe UnsafeMutableRawPointer(machine))
  }

  // MARK: Moves and constants

  @inline(__always) func move(_ then: Next = resume) {
    self[a] = self[b]
    then(after())
  }
  @inline(__always) func move2(_ then: Next = resume) {
    let first = self[b], second = self[b &+ 1]
    let a = a
    self[a] = first
    self[a &+ 1] = second
    then(after())
  }
  @inline(__always) func loadInt(_ then: Next = resume) {
    self[a] = imm32
    then(after())
  }
  @inline(__always) func loadWord(_ then: Next = resume) {
    self[word: a] = word
    then(after(2))
  }
  @inline(__always) func loadLiteral(_ then: Next = resume) {
    self[word: a] = unsafe machine.pointee.literals[index32]
    then(after())
  }
  @inline(__always) func loadGlobal(_ then: Next = resume) {
    self[word: a] = unsafe machine.pointee.globals[index32]
    then(after())
  }

  // MARK: Integers

  @inline(__always) func addInt(_ then: Next = resume) {
    self[a] = self[b] &+ self[c]
    then(after())
  }
  @inline(__always) func subInt(_ then: Next = resume) {
    self[a] = self[b] &- self[c]
    then(after())
  }
  @inline(__always) func mulInt(_ then: Next = resume) {
    self[a] = self[b] &* self[c]
    then(after())
  }
  /// One unsigned comparison sends both 0 and -1 out of line, where -1 wraps instead of trapping.
  @inline(__always) func remInt(_ then: Next = resume) {
    let divisor = self[c]
    if _fastPath(UInt(bitPattern: divisor &+ 1) > 1) {
      self[a] = self[b] % divisor
      then(after())
    } else {
      unsafe slowRemInt(pc, registers, table, machine)
    }
  }
  @inline(__always) func addIntImm(_ then: Next = resume) {
    self[a] = self[b] &+ signedC
    then(after())
  }
  @inline(__always) func mulIntImm(_ then: Next = resume) {
    self[a] = self[b] &* signedC
    then(after())
  }
  /// Halving and the like need no division: by a power of two it is a shift, toward zero by way of a
  /// bias for negative numbers. The verifier keeps 0 and -1 out.
  @inline(__always) func divIntImm(_ then: Next = resume) {
    let x = self[b], by = signedC
    if _fastPath(by > 0 && by & (by &- 1) == 0) {
      self[a] = (x &+ ((x &>> 63) & (by &- 1))) &>> by.trailingZeroBitCount
    } else {
      self[a] = self[b] / signedC
    }
    then(after())
  }

  // MARK: Floats

  @inline(__always) func addFloat(_ then: Next = resume) {
    self[float: a] = self[float: b] + self[float: c]
    then(after())
  }
  @inline(__always) func subFloat(_ then: Next = resume) {
    self[float: a] = self[float: b] - self[float: c]
    then(after())
  }
  @inline(__always) func mulFloat(_ then: Next = resume) {
    self[float: a] = self[float: b] * self[float: c]
    then(after())
  }
  @inline(__always) func divFloat(_ then: Next = resume) {
    self[float: a] = self[float: b] / self[float: c]
    then(after())
  }
  /// `squareRoot` would call libm for the sake of errno.
  @inline(__always) func sqrtFloat(_ then: Next = resume) {
    self[float: a] = lang_sqrt(self[float: b])
    then(after())
  }
  @inline(__always) func subFloatWord(_ then: Next = resume) {
    self[float: a] = self[float: b] - floatWord
    then(after(2))
  }
  @inline(__always) func mulFloatWord(_ then: Next = resume) {
    self[float: a] = self[float: b] * floatWord
    then(after(2))
  }
  @inline(__always) func divFloatWord(_ then: Next = resume) {
    self[float: a] = self[float: b] / floatWord
    then(after(2))
  }
  @inline(__always) func divFloatByWord(_ then: Next = resume) {
    self[float: a] = floatWord / self[float: b]
    then(after(2))
  }
  @inline(__always) func intToFloat(_ then: Next = resume) {
    self[float: a] = Double(self[b])
    then(after())
  }

  // MARK: Objects and vectors

  @inline(__always) func getField(_ then: Next = resume) {
    self[word: a] = self[object: b][c]
    then(after())
  }
  @inline(__always) func getField2(_ then: Next = resume) {
    let object = self[object: b], c = c
    let first = object[c], second = object[c &+ 1]
    let a = a
    self[word: a] = first
    self[word: a &+ 1] = second
    then(after())
  }
  @inline(__always) func setField(_ then: Next = resume) {
    self[object: a][c] = self[word: b]
    then(after())
  }
  @inline(__always) func setFieldPair(_ then: Next = resume) {
    let object = self[object: a], field = d
    let first = self[word: b], second = self[word: c]
    object[field] = first
    object[field &+ 1] = second
    then(after())
  }
  @inline(__always) func setFieldBlock(_ then: Next = resume) {
    unsafe copyWords(to: self[object: a].word(c), from: registers + b, count: d)
    then(after())
  }
  @inline(__always) func vectorCount(_ then: Next = resume) {
    self[a] = self[object: b].count
    then(after())
  }

  /// Reads an element: vector B, index C, compared unsigned with the count.
  @inline(__always) func element(_ then: Next, _ read: (Object, Int) -> Void) {
    let vector = self[object: b], index = self[c]
    if _fastPath(UInt(bitPattern: index) < UInt(bitPattern: vector.count)) {
      read(vector, index)
      then(after())
    } else {
      unsafe panicIndexOfGet(pc, registers, table, machine)
    }
  }
  /// Writes an element: vector A, index B.
  @inline(__always) func setElement(_ then: Next, _ write: (Object, Int) -> Void) {
    let vector = self[object: a], index = self[b]
    if _fastPath(UInt(bitPattern: index) < UInt(bitPattern: vector.count)) {
      write(vector, index)
      then(after())
    } else {
      unsafe panicIndexOfSet(pc, registers, table, machine)
    }
  }
  @inline(__always) func vectorGet(_ then: Next = resume) {
    element(then) { vector, i in self[word: a] = unsafe vector.storage.data[i] }
  }
  @inline(__always) func vectorGetU8(_ then: Next = resume) {
    element(then) { vector, i in self[a] = unsafe Int(vector.storage.bytes.load(fromByteOffset: i, as: UInt8.self)) }
  }
  @inline(__always) func vectorSet(_ then: Next = resume) {
    setElement(then) { vector, i in unsafe vector.storage.data[i] = self[word: c] }
  }
  @inline(__always) func vectorSetU8(_ then: Next = resume) {
    setElement(then) { vector, i in
      unsafe vector.storage.bytes.storeBytes(
        of: UInt8(truncatingIfNeeded: self[c]), toByteOffset: i, as: UInt8.self)
    }
  }

  // MARK: Superinstructions

  @inline(__always) var signedD: Int { Int(unsafe UnsafeRawPointer(pc).load(fromByteOffset: 1, as: Int8.self)) }

  @inline(__always) func movePair(_ then: Next = resume) {
    let a = a
    self[word: a] = self[word: b]
    self[word: a &+ 1] = self[word: c]
    then(after())
  }
  // Products are rounded before they are added, as everywhere.
  @inline(__always) func mulAddFloat(_ then: Next = resume) {
    let product = self[float: b] * self[float: c]
    self[float: a] = self[float: d] + product
    then(after())
  }
  @inline(__always) func mulSubFloat(_ then: Next = resume) {
    let product = self[float: b] * self[float: c]
    self[float: a] = self[float: d] - product
    then(after())
  }
  @inline(__always) func addFieldFloat(_ then: Next = resume) {
    self[float: a] = self[float: d] + Double(bitPattern: self[object: b][c])
    then(after())
  }
  @inline(__always) func subFieldFloat(_ then: Next = resume) {
    self[float: a] = self[float: d] - Double(bitPattern: self[object: b][c])
    then(after())
  }
  @inline(__always) func mulFieldFloat(_ then: Next = resume) {
    self[float: a] = self[float: d] * Double(bitPattern: self[object: b][c])
    then(after())
  }
  /// `R[A].word[field] := op(of it)`
  @inline(__always) func updateField(_ field: Int, _ then: Next, _ op: (Double) -> Double) {
    let object = self[object: a]
    object[field] = op(Double(bitPattern: object[field])).bitPattern
    then(after())
  }
  @inline(__always) func fieldAddFloat(_ then: Next = resume) { updateField(c, then) { $0 + self[float: b] } }
  @inline(__always) func fieldSubFloat(_ then: Next = resume) { updateField(c, then) { $0 - self[float: b] } }
  @inline(__always) func fieldMulAddFloat(_ then: Next = resume) {
    let product = self[float: b] * self[float: c]
    updateField(d, then) { $0 + product }
  }
  @inline(__always) func fieldMulSubFloat(_ then: Next = resume) {
    let product = self[float: b] * self[float: c]
    updateField(d, then) { $0 - product }
  }
  @inline(__always) func fieldAddIntImm(_ then: Next = resume) {
    let object = self[object: a], field = c
    object[field] = object[field] &+ UInt64(bitPattern: Int64(signedB))
    then(after())
  }
  @inline(__always) func vectorSetU8Imm(_ then: Next = resume) {
    setElement(then) { vector, i in
      unsafe vector.storage.bytes.storeBytes(of: UInt8(truncatingIfNeeded: c), toByteOffset: i, as: UInt8.self)
    }
  }

  // MARK: Jumps

  /// A real branch with two dispatches: the hint keeps it from becoming a conditional move on the
  /// pc, which would make the next dispatch wait for data (measured: twice as slow). Taken, it goes
  /// on through the machine's table: a safepoint.
  @inline(__always) func branch(_ condition: Bool, _ words: Int, _ then: Next) {
    if _fastPath(condition) { jump(words) } else { then(after()) }
  }
  @inline(__always) func jumpFalse(_ then: Next = resume) { branch(!self[bool: a], imm32, then) }
  @inline(__always) func jumpEqInt(_ then: Next = resume) { branch(self[a] == self[b], signedC, then) }
  @inline(__always) func jumpNeInt(_ then: Next = resume) { branch(self[a] != self[b], signedC, then) }
  @inline(__always) func jumpLtInt(_ then: Next = resume) { branch(self[a] < self[b], signedC, then) }
  @inline(__always) func jumpLeInt(_ then: Next = resume) { branch(self[a] <= self[b], signedC, then) }
  @inline(__always) func jumpEqIntImm(_ then: Next = resume) { branch(self[a] == signedB, signedC, then) }
  @inline(__always) func jumpNeIntImm(_ then: Next = resume) { branch(self[a] != signedB, signedC, then) }
  @inline(__always) func jumpLtIntImm(_ then: Next = resume) { branch(self[a] < signedB, signedC, then) }
  @inline(__always) func jumpLeIntImm(_ then: Next = resume) { branch(self[a] <= signedB, signedC, then) }
  @inline(__always) func jumpGtIntImm(_ then: Next = resume) { branch(self[a] > signedB, signedC, then) }
  @inline(__always) func jumpGeIntImm(_ then: Next = resume) { branch(self[a] >= signedB, signedC, then) }
  @inline(__always) func jumpLtFloat(_ then: Next = resume) {
    branch(self[float: a] < self[float: b], signedC, then)
  }
  @inline(__always) func jumpLeFloat(_ then: Next = resume) {
    branch(self[float: a] <= self[float: b], signedC, then)
  }
  @inline(__always) func jumpNotLtFloat(_ then: Next = resume) {
    branch(!(self[float: a] < self[float: b]), signedC, then)
  }
  @inline(__always) func jumpNotLeFloat(_ then: Next = resume) {
    branch(!(self[float: a] <= self[float: b]), signedC, then)
  }

  /// `R[A] += step`, and the jump when `holds` of the sum.
  @inline(__always) func loop(_ step: Int, _ then: Next, _ holds: (Int) -> Bool) {
    let value = self[a] &+ step
    self[a] = value
    branch(holds(value), signedC, then)
  }
  @inline(__always) func loopLt(_ then: Next = resume) { loop(signedD, then) { $0 < self[b] } }
  @inline(__always) func loopLtImm(_ then: Next = resume) { loop(signedD, then) { $0 < signedB } }
  @inline(__always) func loopAddLt(_ then: Next = resume) { loop(self[d], then) { $0 < self[b] } }
  @inline(__always) func loopCount(_ then: Next = resume) { loop(1, then) { $0 < self[object: b].count } }

  // MARK: Steps that end a handler

  @inline(__always) func jump() { jump(imm32) }
  @inline(__always) func call() { unsafe enter(entry(index32)) }
  @inline(__always) func returnNone() { leave() }
  @inline(__always) func returnFirst() { leave() }
  @inline(__always) func return1() {
    self[0] = self[a]
    leave()
  }
}
