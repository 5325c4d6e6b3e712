// Setting the pending panic. Every function answers false, so that a primitive ends with
// `return raise(..)`.

/// A panic that needs no message.
@inline(never)
public func raise(_ m: MachinePointer, _ reason: PanicReason) -> Bool {
  unsafe m.pointee.panicReason = reason
  unsafe m.pointee.panicMessage = 0
  return false
}

/// A panic with a message known to the compiler; allocates nothing on the heap.
@inline(never)
public func raise(_ m: MachinePointer, _ reason: PanicReason, _ message: StaticString) -> Bool {
  unsafe m.pointee.panicReason = reason
  let bytes = unsafe UnsafeBufferPointer(start: message.utf8Start, count: message.utf8CodeUnitCount)
  unsafe m.pointee.panicMessage = m.owner.literals.intern(bytes)
  return false
}

/// `index` lies outside a collection of `count` elements.
@inline(never)
public func raiseIndex(_ m: MachinePointer, _ index: Int, count: Int) -> Bool {
  unsafe m.pointee.panicReason = .indexOutOfRange
  unsafe m.pointee.panicMessage = 0
  unsafe m.pointee.panicIndex = index
  unsafe m.pointee.panicCount = count
  return false
}

/// `from` and `to` are no part of a collection of `count` bytes or elements.
@inline(never)
func raiseSlice(_ m: MachinePointer, _ from: Int, _ to: Int, count: Int, _ unit: StaticString) -> Bool {
  var text: [UInt8] = []
  appendText("slice out of range: from ", to: &text)
  appendDecimal(from, to: &text)
  appendText(" to ", to: &text)
  appendDecimal(to, to: &text)
  appendText(" of ", to: &text)
  appendDecimal(count, to: &text)
  appendText(" ", to: &text)
  appendText(unit, to: &text)
  if count != 1 { appendText("s", to: &text) }
  let message = unsafe Strings.make(m, text)
  if message == 0 { return false }
  unsafe m.pointee.panicReason = .indexOutOfRange
  unsafe m.pointee.panicMessage = message
  return false
}

private func appendText(_ part: StaticString, to text: inout [UInt8]) {
  unsafe text.append(contentsOf: UnsafeBufferPointer(start: part.utf8Start, count: part.utf8CodeUnitCount))
}

private func appendDecimal(_ n: Int, to text: inout [UInt8]) {
  var digits: [UInt8] = []
  var rest = n.magnitude
  repeat {
    digits.append(48 &+ UInt8(truncatingIfNeeded: rest % 10))
    rest /= 10
  } while rest != 0
  if n < 0 { digits.append(45) }
  text.append(contentsOf: digits.reversed())
}

/// The program's own message, a string's reference.
@inline(never)
public func raise(_ m: MachinePointer, message: UInt64) -> Bool {
  unsafe m.pointee.panicReason = .explicit
  unsafe m.pointee.panicMessage = message
  return false
}

extension Machine {
  /// The text of the pending panic, as the developer reads it: the program's message, or a sentence for
  /// the reason.
  public func panicText() -> [UInt8] {
    let reason = unsafe state.pointee.panicReason
    let message = unsafe state.pointee.panicMessage
    if message != 0 { return Strings.bytes(message) }
    var text: [UInt8] = []
    switch reason {
    case .explicit: appendText("panic", to: &text)
    case .divisionByZero: appendText("division by zero", to: &text)
    case .indexOutOfRange:
      let count = unsafe state.pointee.panicCount
      appendText("index out of range: ", to: &text)
      appendDecimal(unsafe state.pointee.panicIndex, to: &text)
      appendText(count == 0 ? ", but the vector is empty" : " is not in 0 to ", to: &text)
      if count > 0 { appendDecimal(count - 1, to: &text) }
    case .stackOverflow: appendText("stack overflow", to: &text)
    case .outOfMemory: appendText("out of memory", to: &text)
    case .interrupted: appendText("interrupted", to: &text)
    case .stale:
      appendText("stale instance", to: &text)
      if let name = unsafe staleNames[UInt32(truncatingIfNeeded: state.pointee.panicIndex)] {
        appendText(" of `", to: &text)
        text.append(contentsOf: name)
        appendText("`: it was made before the type changed", to: &text)
      }
    case .restart: appendText("restart", to: &text)
    case .exit: appendText("exit", to: &text)
    case .unreachable: appendText("unreachable code was reached", to: &text)
    case .invalidArgument: appendText("invalid argument", to: &text)
    case .outOfInstructions: appendText("too many instructions", to: &text)
    }
    return text
  }
}
