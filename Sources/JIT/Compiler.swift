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
  /// What a slot's function is called, for tools; nil when no tool asks.
  public var name: (@Sendable (_ slot: Int) -> String)?
  /// Told of machine code as it is linked, by its names.
  public var linked: (@Sendable ([LinkedFunction]) -> Void)?

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
  /// Words of constants that are built in, with their values.
  let constants: [Int: UInt64]
  let pieces: [UnsafePointer<UInt64>]
  let cell: Int
  /// Where the cell is.
  let cellAddress: UInt
  let bytes: Int
  let times: CompileTimes
  let summary: UnitSummary

  init(
    target: Target, code: LinkedCode, address: UInt, stub: UnsafePointer<UInt64>, parts: [CodeSnapshot], constants: [Int: UInt64],
    pieces: [UnsafePointer<UInt64>], cell: Int, cellAddress: UInt, bytes: Int, times: CompileTimes, summary: UnitSummary
  ) {
    (self.target, self.code, self.address, self.parts, self.constants) = (target, code, address, parts, constants)
    (self.cell, self.cellAddress, self.bytes, self.times) = (cell, cellAddress, bytes, times)
    var summary = summary
    (summary.bytes, summary.time) = (bytes, times.total)
    self.summary = summary
    unsafe (self.stub, self.pieces) = (stub, pieces)
  }

  /// The numbers by which frames in it are known.
  var numbers: [Int] { unsafe pieces.map { unsafe Int(truncatingIfNeeded: $0[-2]) } }

  /// Gives everything back that belongs to it. No frame is in it, and nothing leads to it.
  func giveBack(_ machine: Machine, _ owner: CodeOwner) {
    for part in parts { owner.release(part) }
    for unsafe piece in unsafe pieces {
      owner.forgetSites(UInt(bitPattern: piece))
      unsafe machine.code.free(piece)
    }
    unsafe machine.code.free(stub)
    machine.polls.remove(cell)
  }
}

final class Compiler {
  private let machine: Machine
  private let interpreter: Interpreter
  private let owner: CodeOwner
  private let target: TargetMachine
  private let linker: Linker
  /// nil from when the compiler goes: its code has to, in front of the linker.
  private var cold: ColdRuntime?
  private let passes: String
  private let isDebugged: Bool
  private var unitCount = 0

  /// Measured on the compilations of two programs of AWFY (json, havlak): a third of the time that `default<O1>` takes, for code that is
  /// no slower. The partial inliner puts the test that most recursions begin with into their callers: fib takes 0.7, permute 0.8 of the time.
  /// A counted loop that fills a vector becomes a `memset`: sieve takes 0.77, and 0.95 of that since the loop that is left of it goes.
  /// Vectorising loops and unrolling them gained nothing.
  private static let passes =
    "function(sroa,early-cse,simplifycfg),partial-inliner,cgscc(inline,function(sroa,jump-threading,early-cse,simplifycfg,instcombine<no-verify-fixpoint>)),"
    + "function(loop-mssa(loop-rotate,licm,simple-loop-unswitch<nontrivial>),loop(loop-idiom,loop-deletion),gvn,dse,jump-threading,simplifycfg)"

  /// `passes`: LLVM's; nil for those that are best.
  init(_ machine: Machine, _ interpreter: Interpreter, _ owner: CodeOwner, passes: String?, isDebugged: Bool) throws(CompileFailure) {
    if let message = LLVM.load() { throw CompileFailure(message: message) }
    guard let target = TargetMachine() else { throw CompileFailure(message: "LLVM cannot compile for this machine") }
    (self.machine, self.interpreter, self.owner) = (machine, interpreter, owner)
    self.passes = passes ?? Self.passes
    self.isDebugged = isDebugged
    linker = try Linker(isDebugged: isDebugged)
    cold = try ColdRuntime(target, linker, MachineAddresses(machine))
    self.target = target
  }

  deinit { cold = nil }

  /// The text of a function's IR or assembly, for people.
  func listing(
    slot: Int, asText: Bool, _ profile: (CodeSnapshot) -> CodeProfile?, _ constants: (Set<Int>) -> [Int: UInt64]
  ) throws(CompileFailure) -> String {
    let plan = try UnitPlan(.function(slot: slot), owner, profile)
    defer { release(plan.parts) }
    let made = try translate(plan, constants(plan.globals))
    defer { unsafe forget(made.pieces) }
    try made.ir.optimise(passes, target)
    guard asText else { return made.ir.text }
    return try made.ir.emit(target, asText: true).text
  }

  /// Compiles. Throws when it cannot, or when it is not worth trying again. `constants`: those among words, with what they hold.
  func compile(
    _ what: Target, _ profile: (CodeSnapshot) -> CodeProfile?, _ constants: (Set<Int>) -> [Int: UInt64]
  ) throws(CompileFailure) -> NativeUnit {
    var times = CompileTimes()
    var last = Process.threadMicroseconds()
    func lap(_ phase: WritableKeyPath<CompileTimes, Double>) {
      let now = Process.threadMicroseconds()
      times[keyPath: phase] += now - last
      last = now
    }
    let plan = try UnitPlan(what, owner, profile)
    let parts = plan.parts
    var isDone = false
    defer { if !isDone { release(parts) } }
    let made = try translate(plan, constants(plan.globals))
    var stub: UnsafePointer<UInt64>?
    defer {
      if !isDone {
        unsafe forget(made.pieces)
        if let stub = unsafe stub { unsafe machine.code.free(stub) }
      }
    }
    lap(\.translate)
    try made.ir.optimise(passes, target)
    lap(\.optimise)
    let object = try made.ir.emit(target)
    let bytes = object.size
    let copy = owner.linked == nil ? [] : object.bytes
    lap(\.emit)
    let (code, addresses) = try linker.add(object, names: [made.name, made.cellName])
    let cellAddress = unsafe unsafeBitCast(addresses[1], to: (@convention(c) () -> UInt).self)()
    guard let cell = machine.polls.add(at: cellAddress) else {
      throw CompileFailure(message: "too many functions are compiled")
    }
    let words = [Instruction(.halt, d: Int(Departure.native.rawValue)).word, UInt64(addresses[0])]
    unsafe stub = machine.code.install(words, frameSize: parts[0].frameSize)
    guard let stub = unsafe stub else {
      machine.polls.remove(cell)
      throw CompileFailure(message: "there is no room for more code")
    }
    owner.linked?(LinkedCode.functions(of: copy, made.name, at: addresses[0], but: made.cellName))
    lap(\.link)
    isDone = true
    return unsafe NativeUnit(
      target: what, code: code, address: addresses[0], stub: stub, parts: parts, constants: made.constants,
      pieces: made.pieces, cell: cell, cellAddress: cellAddress, bytes: bytes, times: times, summary: made.summary)
  }

  private func release(_ parts: [CodeSnapshot]) { for part in parts { owner.release(part) } }

  private func forget(_ pieces: [UnsafePointer<UInt64>]) {
    for unsafe piece in unsafe pieces {
      owner.forgetSites(UInt(bitPattern: piece))
      unsafe machine.code.free(piece)
    }
  }

  @safe private struct Translation {
    var ir: IRModule
    var name: String
    var cellName: String
    var pieces: [UnsafePointer<UInt64>]
    var summary: UnitSummary
    var constants: [Int: UInt64]
  }

  private func translate(_ plan: UnitPlan, _ constants: [Int: UInt64]) throws(CompileFailure) -> Translation {
    unitCount += 1
    let ir = IRModule("unit\(unitCount)", target)
    var functions: [UnitFunction] = []
    var pieces: [UnsafePointer<UInt64>] = unsafe []
    for (i, part) in plan.parts.enumerated() {
      let flow = plan.flows[i]
      guard let made = unsafe sites(part, flow) else {
        unsafe forget(pieces)
        throw CompileFailure(message: "there is no room for more code")
      }
      if let piece = unsafe made.piece { unsafe pieces.append(piece) }
      let floats = FloatRegisters(flow)
      for copy in 0..<plan.copies[i] {
        unsafe functions.append(
          UnitFunction(
            slot: part.slot, bytecode: part.entry, flow: flow, sites: unsafe made.piece.map { UInt(bitPattern: $0) } ?? 0, siteOf: made.siteOf,
            argumentWords: part.argumentWords, profile: plan.profiles[i], floats: floats, copy: copy))
      }
    }
    guard let cold else { throw CompileFailure(message: "the compiler is gone") }
    let translator = UnitTranslator(ir, machine, MachineAddresses(machine), cold, functions, constants, prefix: "u\(unitCount)")
    var from: Int?
    if case .loop(_, let word) = plan.target { from = word }
    var name = translator.translate(from: from)
    if let nameOf = owner.name {
      let names = UnitNames(plan.target, unit: unitCount, name: nameOf)
      ir.rename(name, to: names.entry, isUnwound: isDebugged)
      name = names.entry
      for (i, function) in functions.enumerated() { ir.rename("body\(i)", to: names.body(function.slot, copy: function.copy), isUnwound: isDebugged) }
    }
    let cellName = translator.translateCell()
    #if DEBUG
      if let fault = ir.verify() { fatalError("the IR of slot \(plan.target.slot) is malformed: \(fault)\n\(ir.text)") }
    #endif
    var summary = UnitSummary(slot: plan.target.slot, isLoop: from != nil)
    summary.callees = plan.parts.dropFirst().map(\.slot)
    summary.closures = plan.closures
    summary.rareWays = translator.rareWays
    summary.recorded = plan.profiles.reduce(0) { $0 + ($1?.total ?? 0) }
    return unsafe Translation(ir: ir, name: name, cellName: cellName, pieces: pieces, summary: summary, constants: constants)
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
      case .primitive, .newObject, .newVector, .vectorPush: departure = .raise
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
