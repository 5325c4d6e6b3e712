// Frames whose code must not go on, because it relies on a layout that objects have no more. They are found
// when a patch changes layouts, which happens where no such frame lies above the innermost restart point.
//
//   suspended in a call        its return address leads to a stub {the call, trap stale}
//   at `boundary` or `pause`   goes on in a copy of its code in which leaving the live loop, or trying the
//                              body of a restart point again, is `trap stale`
//   restart points of it       lead into the same copy
//
// Invariant: a stub's first word is the call it stands for, so whoever walks the stack finds the caller's
// R[0] as before; the code itself is never written to.

import Bytecode
import Runtime

extension Frame {
  /// Where a frame that waited in a hook goes on; its own pc unless it has been condemned meanwhile.
  @inline(__always) func takeRedirection() -> Code {
    if _fastPath(unsafe run.pointee.redirections.isEmpty) { return unsafe pc }
    return unsafe run.pointee.redirections.removeValue(forKey: UInt(bitPattern: registers)) ?? pc
  }
}

/// A piece of code made for condemned frames.
@safe
public struct CondemnedCode: @unchecked Sendable {
  public let entry: UnsafePointer<UInt64>
  /// The number of the code it stands for.
  public let original: Int
  /// The call's word for a stub, nil for a copy of the whole.
  public let word: Int?

  /// The number that traces will show.
  public var number: Int { unsafe Int(truncatingIfNeeded: entry[-2]) }
}

extension Instruction {
  /// A stale panic with a literal for its message; -1 for none.
  static func staleTrap(message: Int) -> UInt64 {
    Instruction(.trap, a: 0, imm32: Int(PanicReason.stale.rawValue) | (message + 1) << 8).word
  }
}

extension Interpreter {
  @safe
  private struct FrameAt {
    var code: Int
    var word: Int
    let entry: Code
    let registers: Registers
    /// Where the frame's return address lies; nil while it is in a hook or a primitive.
    let link: Registers?
    /// At a boundary or a pause.
    var isWaiting: Bool
  }

  /// From the innermost frame outwards until `body` answers false. O(depth).
  private func forEachFrame(_ body: (FrameAt) -> Bool) {
    guard isRunning else { return }
    var at = unsafe machine.state.pointee.pc
    var registers = unsafe machine.state.pointee.registers
    var link: Registers? = nil
    while true {
      if let found = unsafe machine.code.find(at) {
        let opcode = unsafe Instruction(word: at.pointee).opcode
        let isWaiting = unsafe link == nil && (opcode == .boundary || opcode == .pause)
        let frame = unsafe FrameAt(
          code: found.number, word: found.word, entry: found.entry, registers: registers, link: link, isWaiting: isWaiting)
        if !body(frame) { return }
      }
      let back = unsafe Code(bitPattern: UInt(registers[-1])).unsafelyUnwrapped
      if unsafe back == halt {
        guard let outer = unsafe Code(bitPattern: UInt(registers[-3])),
          let below = unsafe Registers(bitPattern: UInt(registers[-2]))
        else { return }
        unsafe at = outer
        unsafe registers = below
        unsafe link = nil
      } else {
        unsafe link = registers - 1
        unsafe at = back - 1
        unsafe registers -= Int(UnsafeRawPointer(at).load(fromByteOffset: 2, as: UInt16.self))
      }
    }
  }

  /// The numbers of codes that frames, restart points or condemned frames will go on in.
  public func codesInUse() -> Set<Int> {
    var codes: Set<Int> = []
    forEachFrame { frame in
      codes.insert(frame.code)
      if let original = unsafe runState.pointee.condemned[frame.code] { codes.insert(original) }
      return true
    }
    let state = unsafe machine.state
    for i in 0..<(unsafe state.pointee.restartCount) {
      if let found = unsafe machine.code.find(state.pointee.restarts[i].handler) { unsafe codes.insert(found.number) }
    }
    for unsafe target in unsafe redirectionTargets {
      if let found = unsafe machine.code.find(target) { unsafe codes.insert(found.number) }
    }
    return codes
  }

  /// Whether all frames that run such code can be condemned now: each is suspended below the innermost restart
  /// point, or waits at a boundary or a pause. Program thread, or any while the machine is parked. O(depth).
  public func mayCondemn(where isAffected: (Int) -> Bool) -> Bool {
    let state = unsafe machine.state
    let count = unsafe state.pointee.restartCount
    let limit = unsafe count > 0 ? state.pointee.restarts[count - 1].registers : state.pointee.stackBase
    var isInnermost = true
    var isAtBoundary = false
    var may = true
    forEachFrame { frame in
      if isInnermost { isAtBoundary = frame.isWaiting }
      isInnermost = false
      guard !frame.isWaiting, isAffected(frame.code) else { return true }
      // Above the boundary, or in the middle of an instruction that ends in the host.
      if unsafe frame.link == nil || (!isAtBoundary && frame.registers >= limit) { may = false }
      return may
    }
    return may
  }

  /// Whether a live loop or restart point that waits at this moment is in such code: starting its state
  /// afresh must then begin with `main`.
  public func waits(where isAffected: (Int) -> Bool) -> Bool {
    var does = false
    forEachFrame { frame in
      does = frame.isWaiting && isAffected(frame.code)
      return false
    }
    return does
  }

  /// Condemns every frame that runs such code, which `mayCondemn` has allowed. `message` is the literal that
  /// their panics show, -1 for none; `made` gets the code that is made for them. False when the code store is
  /// full: some frames would go on, so the program must be started afresh.
  public func condemn(where isAffected: (Int) -> Bool, message: Int, made: (CondemnedCode) -> Void) -> Bool {
    let state = unsafe machine.state
    let trap = Instruction.staleTrap(message: message)
    var copies: [Int: Code] = unsafe [:]
    var stubs: [UInt: Code] = unsafe [:]
    var isComplete = true
    func copy(_ code: Int, _ entry: Code) -> Code? {
      if let known = unsafe copies[code] { return unsafe known }
      guard let new = unsafe condemnedCopy(entry, trap) else {
        isComplete = false
        return nil
      }
      unsafe copies[code] = new
      made(unsafe CondemnedCode(entry: new, original: code, word: nil))
      return unsafe new
    }
    func stub(_ frame: FrameAt) -> Code? {
      let call = unsafe frame.entry + frame.word
      if let known = unsafe stubs[UInt(bitPattern: call)] { return unsafe known }
      guard let new = unsafe machine.code.install([call.pointee, trap], frameSize: Int(truncatingIfNeeded: frame.entry[-1])) else {
        isComplete = false
        return nil
      }
      unsafe stubs[UInt(bitPattern: call)] = new
      unsafe runState.pointee.condemned[Int(truncatingIfNeeded: new[-2])] = frame.code
      made(unsafe CondemnedCode(entry: new, original: frame.code, word: frame.word))
      return unsafe new
    }
    forEachFrame { frame in
      guard isAffected(frame.code) else { return true }
      if frame.isWaiting {
        if let new = unsafe copy(frame.code, frame.entry) { unsafe redirect(frame.registers, to: new + frame.word) }
      } else if let link = unsafe frame.link, let new = unsafe stub(frame) {
        unsafe link.pointee = UInt64(UInt(bitPattern: new + 1))
      }
      return true
    }
    for i in 0..<(unsafe state.pointee.restartCount) {
      let handler = unsafe state.pointee.restarts[i].handler
      guard let found = unsafe machine.code.find(handler), unsafe isAffected(found.number) else { continue }
      if let new = unsafe copy(found.number, found.entry) { unsafe state.pointee.restarts[i].handler = new + found.word }
    }
    return isComplete
  }

  /// The code with a trap wherever it would go on with the program behind a restart point.
  private func condemnedCopy(_ entry: Code, _ trap: UInt64) -> Code? {
    // Behind the last instruction stands whatever filled the spot before; it is never reached.
    var words = unsafe machine.code.words(of: entry)
    var pauses: [Int] = []
    var at = 0
    while at < words.count {
      let instruction = Instruction(word: words[at]).unfused
      words[at] = instruction.word
      if instruction.opcode == .pause { pauses.append(at) }
      at += instruction.wordCount
    }
    for pause in pauses where pause + 1 < words.count {
      // A live loop goes from its pause to where its state is made; the jump out of it stands before.
      if Instruction(word: words[pause + 1]).opcode == .jumpTrue {
        if pause > 0 { words[pause - 1] = trap }
      } else {
        words[pause + 1] = trap
      }
    }
    return unsafe machine.code.install(words, frameSize: Int(truncatingIfNeeded: entry[-1]))
  }
}
