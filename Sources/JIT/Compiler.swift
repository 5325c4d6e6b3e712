// From a function's bytecode to machine code in memory. Used by one thread at a time.
//
//   slot ─► functions of the unit ─► sites, cell ─► IR ─► LLVM's passes ─► object ─► linked
//
// Invariant: what a unit was made of is held, since its code may leave to that bytecode as long as it exists.

import Bytecode
import CLLVM
import Interpreter
import Runtime

/// A function's bytecode at a moment.
public struct CodeSnapshot: Sendable {
  public var slot: Int
  /// Address of its first instruction.
  public var entry: UInt
  /// Its words, fusions among them.
  public var words: [UInt64]
  public var frameSize: Int
  public var argumentWords: Int

  public init(slot: Int, entry: UInt, words: [UInt64], frameSize: Int, argumentWords: Int) {
    (self.slot, self.entry, self.words, self.frameSize, self.argumentWords) = (slot, entry, words, frameSize, argumentWords)
  }
}

/// What a compiler asks of whoever installs code. Any thread.
public struct CodeOwner: Sendable {
  /// The present bytecode of a slot, held until it is released; nil when it has none.
  public var hold: @Sendable (_ slot: Int) -> CodeSnapshot?
  public var release: @Sendable (_ code: CodeSnapshot) -> Void
  /// How many argument words calls of a slot have; nil when it has no code.
  public var argumentWords: @Sendable (_ slot: Int) -> Int?
  /// Words of the code at `entry` stand, two for each, in a piece of code of their own, for traces.
  public var noteSites: @Sendable (_ piece: UInt, _ code: CodeSnapshot, _ words: [Int]) -> Void
  public var forgetSites: @Sendable (_ piece: UInt) -> Void

  public init(
    hold: @escaping @Sendable (Int) -> CodeSnapshot?, release: @escaping @Sendable (CodeSnapshot) -> Void,
    argumentWords: @escaping @Sendable (Int) -> Int?, noteSites: @escaping @Sendable (UInt, CodeSnapshot, [Int]) -> Void,
    forgetSites: @escaping @Sendable (UInt) -> Void
  ) {
    (self.hold, self.release, self.argumentWords, self.noteSites, self.forgetSites) = (hold, release, argumentWords, noteSites, forgetSites)
  }
}

/// What is to be compiled.
enum Target: Hashable, Sendable {
  /// All calls of a slot.
  case function(slot: Int)
  /// The rest of a call, from a word of the slot's code on.
  case loop(slot: Int, word: Int)

  var slot: Int {
    switch self {
    case .function(let slot), .loop(let slot, _): slot
    }
  }
}

/// Machine code and what belongs to it.
@safe
final class NativeUnit: @unchecked Sendable {
  let target: Target
  let code: LinkedCode
  /// Address of `entry` or `osr`.
  let address: UInt
  /// Bytecode that leads into it, for a slot's `entry`.
  let stub: UnsafePointer<UInt64>
  let parts: [CodeSnapshot]
  let pieces: [UnsafePointer<UInt64>]
  let cell: Int
  let bytes: Int
  let times: CompileTimes

  init(
    target: Target, code: LinkedCode, address: UInt, stub: UnsafePointer<UInt64>, parts: [CodeSnapshot], pieces: [UnsafePointer<UInt64>],
    cell: Int, bytes: Int, times: CompileTimes
  ) {
    (self.target, self.code, self.address, self.parts, self.cell, self.bytes, self.times) = (target, code, address, parts, cell, bytes, times)
    unsafe (self.stub, self.pieces) = (stub, pieces)
  }

  /// The numbers by which frames in it are known.
  var numbers: [Int] { unsafe pieces.map { unsafe Int(truncatingIfNeeded: $0[-2]) } }
}

final class Compiler {
  private let machine: Machine
  private let interpreter: Interpreter
  private let owner: CodeOwner
  private let target: TargetMachine
  private let linker: Linker
  private var unitCount = 0
  /// Bytecode words that one unit may take in, and of a callee.
  private static let unitLimit = 1_500
  private static let calleeLimit = 200
  private static let longest = 20_000

  init(_ machine: Machine, _ interpreter: Interpreter, _ owner: CodeOwner) throws(CompileFailure) {
    if let message = LLVM.load() { throw CompileFailure(message: message) }
    guard let target = TargetMachine() else { throw CompileFailure(message: "LLVM cannot compile for this machine") }
    (self.machine, self.interpreter, self.owner) = (machine, interpreter, owner)
    self.target = target
    linker = try Linker()
  }

  /// The text of a function's IR or assembly, for people.
  func listing(slot: Int, asText: Bool) throws(CompileFailure) -> String {
    let parts = try gather(.function(slot: slot))
    defer { release(parts) }
    let made = try translate(.function(slot: slot), parts)
    defer { unsafe forget(made.pieces) }
    try made.ir.optimise(Self.passes, target)
    guard asText else { return made.ir.text }
    return try made.ir.emit(target, asText: true).text
  }

  /// Measured on the compilations of two programs of AWFY (json, havlak): a third of the time that `default<O1>` takes, for code that is
  /// no slower.
  private static let passes = "function(sroa,early-cse),cgscc(inline),function(sroa,early-cse<memssa>,simplifycfg,instcombine<no-verify-fixpoint>,"
    + "loop-mssa(loop-rotate,licm),gvn,dse,simplifycfg,instcombine<no-verify-fixpoint>)"

  /// Compiles. Throws when it cannot, or when it is not worth trying again.
  func compile(_ what: Target) throws(CompileFailure) -> NativeUnit {
    var times = CompileTimes()
    var last = Process.threadMicroseconds()
    func lap(_ phase: WritableKeyPath<CompileTimes, Double>) {
      let now = Process.threadMicroseconds()
      times[keyPath: phase] += now - last
      last = now
    }
    let parts = try gather(what)
    var isDone = false
    defer { if !isDone { release(parts) } }
    let made = try translate(what, parts)
    var stub: UnsafePointer<UInt64>?
    defer {
      if !isDone {
        unsafe forget(made.pieces)
        if let stub = unsafe stub { unsafe machine.code.free(stub) }
      }
    }
    lap(\.translate)
    try made.ir.optimise(Self.passes, target)
    lap(\.optimise)
    let object = try made.ir.emit(target)
    let bytes = object.size
    lap(\.emit)
    let (code, addresses) = try linker.add(object, names: [made.name, made.cellName])
    guard let cell = machine.polls.add(at: unsafe unsafeBitCast(addresses[1], to: (@convention(c) () -> UInt).self)()) else {
      throw CompileFailure(message: "too many functions are compiled")
    }
    let words = [Instruction(.halt, d: Int(Departure.native.rawValue)).word, UInt64(addresses[0])]
    unsafe stub = machine.code.install(words, frameSize: parts[0].frameSize)
    guard let stub = unsafe stub else {
      machine.polls.remove(cell)
      throw CompileFailure(message: "there is no room for more code")
    }
    lap(\.link)
    isDone = true
    return unsafe NativeUnit(
      target: what, code: code, address: addresses[0], stub: stub, parts: parts, pieces: made.pieces, cell: cell, bytes: bytes, times: times)
  }

  private func release(_ parts: [CodeSnapshot]) { for part in parts { owner.release(part) } }

  private func forget(_ pieces: [UnsafePointer<UInt64>]) {
    for unsafe piece in unsafe pieces {
      owner.forgetSites(UInt(bitPattern: piece))
      unsafe machine.code.free(piece)
    }
  }

  /// Gives everything back that belongs to a unit, which no frame is in.
  func remove(_ unit: NativeUnit) {
    release(unit.parts)
    unsafe forget(unit.pieces)
    unsafe machine.code.free(unit.stub)
    machine.polls.remove(unit.cell)
  }

  // MARK: What a unit is made of

  /// The function, and callees that are small enough to go along.
  private func gather(_ what: Target) throws(CompileFailure) -> [CodeSnapshot] {
    guard let root = owner.hold(what.slot) else { throw CompileFailure(message: "there is no code") }
    guard root.words.count <= Self.longest, flow(root, what) != nil else {
      owner.release(root)
      throw CompileFailure(message: root.words.count > Self.longest ? "it is too long" : "it has instructions of the host")
    }
    var parts = [root]
    var known: Set<Int> = [root.slot]
    var size = root.words.count
    var next = 0
    while next < parts.count {
      for slot in Self.callees(parts[next]) where known.insert(slot).inserted {
        guard let callee = owner.hold(slot) else { continue }
        guard callee.words.count <= Self.calleeLimit, size + callee.words.count <= Self.unitLimit, flow(callee, nil) != nil else {
          owner.release(callee)
          continue
        }
        size += callee.words.count
        parts.append(callee)
      }
      next += 1
    }
    return parts
  }

  private static func callees(_ code: CodeSnapshot) -> [Int] {
    var found: [Int] = []
    var at = 0
    while at < code.words.count {
      let instruction = Instruction(word: code.words[at]).unfused
      if instruction.opcode == .call { found.append(Int(UInt32(truncatingIfNeeded: instruction.imm32))) }
      at += instruction.wordCount
    }
    return found
  }

  private func flow(_ code: CodeSnapshot, _ what: Target?) -> Flow? {
    var words = code.words
    var at = 0
    while at < words.count {
      let instruction = Instruction(word: words[at]).unfused
      words[at] = instruction.word
      at += instruction.wordCount
    }
    var entries: [Int] = []
    if case .loop(_, let word)? = what { entries = [word] }
    // A call of a slot without code cannot be translated: its arguments are not known.
    var isComplete = true
    let flow = Flow(words, frameSize: code.frameSize, entries: entries) { [owner] slot in
      guard let count = owner.argumentWords(slot) else {
        isComplete = false
        return nil
      }
      return count
    }
    return isComplete ? flow : nil
  }

  @safe private struct Translation {
    var ir: IRModule
    var name: String
    var cellName: String
    var pieces: [UnsafePointer<UInt64>]
  }

  private func translate(_ what: Target, _ parts: [CodeSnapshot]) throws(CompileFailure) -> Translation {
    unitCount += 1
    let ir = IRModule("unit\(unitCount)", target)
    var functions: [UnitFunction] = []
    var pieces: [UnsafePointer<UInt64>] = unsafe []
    for (i, part) in parts.enumerated() {
      guard let flow = flow(part, i == 0 ? what : nil), let made = unsafe sites(part, flow) else {
        unsafe forget(pieces)
        throw CompileFailure(message: "there is no room for more code")
      }
      if let piece = unsafe made.piece { unsafe pieces.append(piece) }
      unsafe functions.append(
        UnitFunction(slot: part.slot, bytecode: part.entry, flow: flow, sites: unsafe made.piece.map { UInt(bitPattern: $0) } ?? 0, siteOf: made.siteOf))
    }
    let translator = UnitTranslator(ir, machine, MachineAddresses(machine), functions, prefix: "u\(unitCount)")
    let name =
      switch what {
      case .function: translator.translate(from: nil)
      case .loop(_, let word): translator.translate(from: word)
      }
    let cellName = translator.translateCell()
    #if DEBUG
      if let fault = ir.verify() { fatalError("the IR of slot \(what.slot) is malformed: \(fault)\n\(ir.text)") }
    #endif
    return unsafe Translation(ir: ir, name: name, cellName: cellName, pieces: pieces)
  }

  /// Makes the words that stand for calls.
  private func sites(_ part: CodeSnapshot, _ flow: Flow) -> (piece: UnsafePointer<UInt64>?, siteOf: [Int: Int])? {
    var words: [UInt64] = []
    var places: [Int] = []
    var siteOf: [Int: Int] = [:]
    for (i, step) in flow.steps.enumerated() {
      let departure: Departure
      switch step.opcode {
      case .call, .callClosure: departure = .end
      case .primitive, .newObject, .newVector, .vectorPush, .vectorPop: departure = .raise
      default: continue
      }
      siteOf[i] = places.count
      places.append(step.at)
      words += [step.instruction.word, Instruction(.halt, d: Int(departure.rawValue)).word]
    }
    if words.isEmpty { return (nil, [:]) }
    guard let piece = unsafe machine.code.install(words, frameSize: part.frameSize) else { return nil }
    owner.noteSites(UInt(bitPattern: piece), part, places)
    return unsafe (piece, siteOf)
  }
}
