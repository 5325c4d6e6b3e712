// Which code is compiled, when its machine code is used, and when no more.
//
//   hot place ─► a run is recorded ─► request ─► (a thread of its own) compiled ─► the slot leads to it
//                                      ▲    ▲                                          │
//                                      │    └── in use meanwhile ◄── a rare way is not rare
//                                      └── hot again ◄── freed ◄── left at the next poll ◄── bytecode swapped, or others take its place
//
// Invariant: a slot leads to machine code only as long as all bytecode that went into it is current. Machine code is freed when it is
// invalid and no frame is in it.

import Bytecode
import Interpreter
import Runtime
import Synchronization

public struct TieringOptions: Sendable {
  /// Calls or jumps before a place is hot.
  public var threshold = 500
  /// Whoever finds a hot place waits for its code.
  public var isSynchronous = false
  /// A compilation that takes longer is given up, in ms.
  public var timeLimit = 10_000
  /// LLVM's passes; nil for those that are best.
  public var passes: String?
  /// A debugger finds machine code by its names.
  public var isDebugged = false

  public init() {}

  /// Instructions that are recorded of a hot run; 0 when that says too little.
  var recordLimit: Int {
    let limit = isSynchronous ? threshold * 8 : Recorder.most
    return limit < 64 ? 0 : min(limit, Recorder.most)
  }
}

@safe
public final class Tiering: @unchecked Sendable {
  /// From a unit, by the address of its cell, to an instruction.
  private struct RareWay: Hashable {
    var cell: UInt
    var place: UInt
  }

  private struct State {
    var queue: [Target] = []
    /// Hot, and waiting for a record to end since a time, in ns.
    var awaiting: [Target] = []
    var awaitingSince = 0
    var records: [[UInt]] = []
    /// By slot.
    var profiles: [Int: CodeProfile] = [:]
    /// By slot: asked for, compiled or given up, for the bytecode there is.
    var known: [Int: Set<Target>] = [:]
    /// By slot: what was made of its bytecode.
    var users: [Int: [NativeUnit]] = [:]
    /// By address of the instruction.
    var loops: [UInt: NativeUnit] = [:]
    /// By the address of the word that leads to it.
    var stubs: [UInt: Int] = [:]
    /// How often an instruction was come to although that is rare.
    var rare: [RareWay: Int] = [:]
    var constants = ConstantWords()
    /// Invalid, and perhaps still in use.
    var retired: [NativeUnit] = []
    /// Given back at the last collection. Whoever asks for a safepoint just then may still write into their cells.
    var dying: [NativeUnit] = []
    /// Nobody knows them any more; unmapping them is left to the compiling thread, which nobody waits for.
    var dead: [NativeUnit] = []
    var statistics = TieringStatistics()
    var isStopped = false
    var thread: CompilerThread?
    /// Threads that did not come back, with what they have compiled before.
    var lost: [CompilerThread] = []
  }

  private let machine: Machine
  private let interpreter: Interpreter
  private let owner: CodeOwner
  private let slotOfCode: @Sendable (_ number: Int) -> Int?
  private let options: TieringOptions
  private let onMissing: @Sendable (String) -> Void
  private let state = Mutex(State())
  private let changed = Condition()
  /// A way is not rare when it is come to as often.
  private static let surprises = 16
  /// Once that is so, nor are the others of its code that were come to as often.
  private static let otherSurprises = 2
  private static let mostRare = 10_000
  private static let mostLost = 3
  private static let patience = 50_000_000

  /// Why no machine code can be made on this machine; nil when it can. About 10 ms the first time.
  public static func missing() -> String? { LLVM.load() }

  /// `onMissing` is told once, when nothing can be compiled; any thread.
  public init(
    _ machine: Machine, _ interpreter: Interpreter, _ options: TieringOptions, owner: CodeOwner,
    slotOfCode: @escaping @Sendable (Int) -> Int?, onMissing: @escaping @Sendable (String) -> Void
  ) {
    self.onMissing = onMissing
    (self.machine, self.interpreter, self.owner, self.slotOfCode, self.options) = (machine, interpreter, owner, slotOfCode, options)
    unsafe interpreter.startCounting(
      threshold: options.threshold,
      hooks: TieringHooks(
        hot: { context, pc, registers, again in
          unsafe Unmanaged<Tiering>.fromOpaque(context.unsafelyUnwrapped).takeUnretainedValue().noteHot(pc, registers, &again.pointee)
        },
        called: { context, slot in
          unsafe Unmanaged<Tiering>.fromOpaque(context.unsafelyUnwrapped).takeUnretainedValue().request(.function(slot: slot))
        },
        recorded: { context, positions, count in
          let record = unsafe Array(UnsafeBufferPointer(start: positions, count: count))
          unsafe Unmanaged<Tiering>.fromOpaque(context.unsafelyUnwrapped).takeUnretainedValue().noteRecord(record)
        },
        rare: { context, pc, cell in
          unsafe Unmanaged<Tiering>.fromOpaque(context.unsafelyUnwrapped).takeUnretainedValue().noteRare(UInt(bitPattern: pc), cell)
        }, context: unsafe Unmanaged.passUnretained(self).toOpaque()))
  }

  /// No more code is compiled, and none is run. Before the machine goes.
  public func stop() {
    state.withLock { $0.isStopped = true }
    changed.signal()
    wait { $0.thread?.current == nil }
    // Code first, then what it was linked by.
    let threads = state.withLock { state in
      state.users = [:]
      state.loops = [:]
      state.retired = []
      state.dying = []
      state.dead = []
      state.constants = ConstantWords()
      defer { state.thread = nil }
      return [state.thread].compactMap { $0 } + state.lost
    }
    for thread in threads { thread.end() }
  }

  public var statistics: TieringStatistics { state.withLock { $0.statistics } }

  /// Returns once that is so; compilations that take too long are given up meanwhile.
  private func wait(until isTrue: (borrowing State) -> Bool) {
    while !changed.wait(atMost: 100, until: { state.withLock { isTrue($0) } }) { giveUpLate() }
  }

  // MARK: Hot places

  /// A place is hot. Program thread. Answers native code that takes over in front of `pc`.
  private func noteHot(_ pc: UnsafePointer<UInt64>, _ registers: UnsafeMutablePointer<UInt64>, _ again: inout Bool) -> UnsafeRawPointer? {
    let place = UInt(bitPattern: pc)
    again = false
    if let unit = state.withLock({ $0.loops[place] }) { return unsafe UnsafeRawPointer(bitPattern: unit.address) }
    guard let found = unsafe machine.code.find(pc) else { return nil }
    guard let slot = unsafe slotOfCode(found.number), unsafe machine.entry(of: slot) == found.entry else { return nil }
    // The call or jump may stand behind others that are fused with it.
    var at = unsafe pc
    for _ in 0..<16 {
      let instruction = unsafe Instruction(word: at.pointee).unfused
      guard let opcode = instruction.opcode else { return nil }
      switch opcode {
      case .call, .tailCall:
        again = request(.function(slot: Int(UInt32(truncatingIfNeeded: instruction.imm32))))
        return nil
      case .callClosure, .tailCallClosure:
        // What is fused in front of the call may still have to make the closure.
        guard unsafe at == pc else { return nil }
        guard let closure = unsafe UnsafePointer<UInt64>(bitPattern: UInt(registers[instruction.b])) else { return nil }
        again = unsafe request(.function(slot: Int(truncatingIfNeeded: closure[Offset.closureSlot / 8])))
        return nil
      default: break
      }
      var offset: Int?
      switch opcode.row.shape {
      case .jump, .aJump: offset = instruction.imm32
      case .abJump, .aImmJump, .stepJump, .stepImmJump, .stepRegisterJump, .countJump: offset = instruction.signedC
      case .table: return nil
      default: break
      }
      if let offset {
        if offset > 0 { return nil }
        again = unsafe request(.loop(slot: slot, word: found.word))
        guard let unit = state.withLock({ $0.loops[place] }) else { return nil }
        return unsafe UnsafeRawPointer(bitPattern: unit.address)
      }
      unsafe at += instruction.wordCount
    }
    return nil
  }

  /// Answers whether it was not known before.
  private func request(_ target: Target) -> Bool {
    let (isNew, isToRecord) = state.withLock { state -> (Bool, Bool) in
      if !state.awaiting.isEmpty, Process.nanoseconds() - state.awaitingSince > Self.patience {
        state.queue += state.awaiting
        state.awaiting = []
      }
      guard state.statistics.problem == nil, !state.isStopped, state.known[target.slot, default: []].insert(target).inserted else { return (false, false) }
      let entry = UInt(bitPattern: unsafe machine.entry(of: target.slot))
      if options.recordLimit > 0, state.profiles[target.slot]?.entry != entry || entry == 0 {
        if state.awaiting.isEmpty { state.awaitingSince = Process.nanoseconds() }
        state.awaiting.append(target)
        return (true, true)
      }
      state.queue.append(target)
      return (true, false)
    }
    if isToRecord { interpreter.startRecording(limit: options.recordLimit) } else if isNew { compileQueue() }
    return isNew
  }

  /// A record has ended. Program thread.
  private func noteRecord(_ record: [UInt]) {
    state.withLock { state in
      state.records.append(record)
      state.queue += state.awaiting
      state.awaiting = []
    }
    compileQueue()
  }

  /// Has what is asked for compiled; waits for it if code is made at once.
  private func compileQueue() {
    giveUpLate()
    let thread = state.withLock { state -> CompilerThread? in
      if state.isStopped || state.statistics.problem != nil { return nil }
      if state.thread != nil { return nil }
      let made = CompilerThread()
      state.thread = made
      return made
    }
    if let thread { thread.start { [weak self] in self?.work(thread) } onFault: { [weak self] in self?.noteFault(thread, $0) } }
    changed.signal()
    if options.isSynchronous { wait { $0.isStopped || $0.statistics.problem != nil || $0.queue.isEmpty && $0.thread?.current == nil } }
  }

  /// Machine code leaves to bytecode on a way that is held to be rare. Program thread. When that happens often the code is compiled
  /// again; it stays in use until then, since it is right and mostly fast.
  private func noteRare(_ place: UInt, _ cell: UInt) {
    let way = RareWay(cell: cell, place: place)
    let isAsked = state.withLock { state -> Bool in
      if state.rare.count > Self.mostRare { state.rare = [:] }
      state.rare[way, default: 0] += 1
      guard state.rare[way] ?? 0 >= Self.surprises else { return false }
      var unit = noteSurprise(way, isCorrected: true, &state)
      for (other, count) in state.rare where other.cell == cell {
        if count >= Self.otherSurprises { unit = noteSurprise(other, isCorrected: false, &state) ?? unit }
      }
      guard let unit, !state.queue.contains(unit.target) else { return false }
      state.statistics.corrected += 1
      state.queue.append(unit.target)
      return true
    }
    if isAsked { compileQueue() }
  }

  /// Answers the unit, unless it is not used any more.
  private func noteSurprise(_ way: RareWay, isCorrected: Bool, _ state: inout State) -> NativeUnit? {
    state.rare[way] = nil
    guard let pc = unsafe UnsafePointer<UInt64>(bitPattern: way.place), let found = unsafe machine.code.find(pc), let slot = unsafe slotOfCode(found.number)
    else { return nil }
    if state.profiles[slot]?.entry == UInt(bitPattern: unsafe found.entry) {
      state.profiles[slot]?.noteSurprise(at: unsafe found.word, isCorrected: isCorrected)
    }
    return state.users[slot]?.first { $0.cellAddress == way.cell }
  }

  // MARK: Compiling

  private enum Job {
    case compile(Target)
    case list(Listing)
  }

  private final class Listing: @unchecked Sendable {
    let slot: Int
    let assembly: Bool
    var text: String?
    init(_ slot: Int, _ assembly: Bool) { (self.slot, self.assembly) = (slot, assembly) }
  }

  private let listings = Mutex<[Listing]>([])

  /// The work of a compiling thread, until it is not wanted any more.
  private func work(_ thread: CompilerThread) {
    while true {
      var job: Job?
      changed.wait {
        let dead = state.withLock { state in
          defer { state.dead = [] }
          return state.dead
        }
        _ = consume dead
        job = next(thread)
        return job != nil || state.withLock { $0.isStopped || $0.thread !== thread }
      }
      guard let job else { return }
      run(job, thread)
      state.withLock { _ in thread.current = nil }
      changed.signal()
    }
  }

  private func next(_ thread: CompilerThread) -> Job? {
    let listing = listings.withLock { $0.popLast() }
    return state.withLock { state in
      guard !state.isStopped, state.thread === thread else { return nil }
      if let listing {
        thread.current = .init(target: nil, start: Process.nanoseconds())
        return .list(listing)
      }
      if !state.records.isEmpty {
        let stubs = state.stubs
        let reader = RecordReader(machine: machine, slotOfCode: slotOfCode) { stubs[$0] }
        for record in state.records { reader.read(record, into: &state.profiles) }
        state.records = []
      }
      guard !state.queue.isEmpty else { return nil }
      let target = Self.worthwhile(state.queue.removeFirst(), &state)
      thread.current = .init(target: target, start: Process.nanoseconds())
      return .compile(target)
    }
  }

  /// A function that is called again and again enters its loops from its start; only if one of them is still hot then, it is entered
  /// in the middle.
  private static func worthwhile(_ target: Target, _ state: inout State) -> Target {
    guard case .loop(let slot, _) = target, let profile = state.profiles[slot], profile.executed[0] ?? 0 > 1,
      state.known[slot]?.contains(.function(slot: slot)) == false
    else { return target }
    state.known[slot]?.remove(target)
    state.known[slot]?.insert(.function(slot: slot))
    return .function(slot: slot)
  }

  private func run(_ job: Job, _ thread: CompilerThread) {
    do throws(CompileFailure) {
      if thread.compiler == nil {
        do throws(CompileFailure) {
          thread.compiler = try Compiler(machine, interpreter, owner, passes: options.passes, isDebugged: options.isDebugged)
        } catch {
          state.withLock { $0.statistics.problem = error.message }
          if case .list(let listing) = job { listing.text = "not compiled: \(error.message)\n" } else { onMissing(error.message) }
          return
        }
      }
      guard let compiler = thread.compiler else { return }
      switch job {
      case .compile(let target):
        let start = Process.nanoseconds()
        let unit = try compiler.compile(target, profile, constants)
        if (Process.nanoseconds() - start) / 1_000_000 >= options.timeLimit {
          unit.giveBack(machine, owner)
          throw CompileFailure(message: lateness)
        }
        if !publish(unit, thread) { unit.giveBack(machine, owner) }
      case .list(let listing):
        listing.text = try compiler.listing(slot: listing.slot, asText: listing.assembly, profile, constants)
      }
    } catch {
      switch job {
      case .compile(let target): state.withLock { if $0.thread === thread { giveUp(target, error.message, &$0) } }
      case .list(let listing): listing.text = "not compiled: \(error.message)\n"
      }
    }
  }

  /// What is known of how a piece of code runs.
  private func profile(_ code: CodeSnapshot) -> CodeProfile? {
    state.withLock { state in state.profiles[code.slot].flatMap { $0.entry == code.entry ? $0 : nil } }
  }

  /// The words among these that are constants, with what they hold.
  private func constants(_ words: Set<Int>) -> [Int: UInt64] {
    state.withLock { state in
      var found: [Int: UInt64] = [:]
      for word in words where state.constants.isKnown(word) { found[word] = machine.global(word) }
      return found
    }
  }

  private var lateness: String { "it took longer than \(options.timeLimit / 1000) s" }

  /// False when nobody waits for it any more.
  private func publish(_ unit: NativeUnit, _ thread: CompilerThread) -> Bool {
    state.withLock { state in
      guard state.thread === thread else { return false }
      state.statistics.note(unit)
      // Edits may have come while it was compiled.
      let isCurrent =
        unit.parts.allSatisfy { part in UInt(bitPattern: unsafe machine.entry(of: part.slot)) == part.entry }
        && unit.constants.allSatisfy { word, value in state.constants.isKnown(word) && machine.global(word) == value }
      guard isCurrent else {
        state.known[unit.target.slot]?.remove(unit.target)
        machine.polls.invalidate(unit.cell)
        state.retired.append(unit)
        return true
      }
      // One for the same, which has met with surprises.
      let others = (state.users[unit.target.slot] ?? []).filter { $0.target == unit.target }
      state.stubs[UInt(bitPattern: unsafe unit.stub)] = unit.target.slot
      switch unit.target {
      case .function(let slot):
        guard let native = unsafe UnsafeRawPointer(bitPattern: unit.address), let bytecode = unsafe UnsafePointer<UInt64>(bitPattern: unit.parts[0].entry) else { return true }
        _ = unsafe machine.setNative(slot, for: bytecode, entry: unit.stub, native)
        state.statistics.functions += 1
      case .loop(_, let word):
        state.loops[unit.parts[0].entry + UInt(word * 8)] = unit
        state.statistics.loops += 1
      }
      for other in others { drop(other, &state) }
      for part in unit.parts { state.users[part.slot, default: []].append(unit) }
      state.constants.add(unit)
      return true
    }
  }

  /// What a slot's code is compiled to, for people: IR or assembly; or why it is not.
  public func listing(slot: Int, assembly: Bool) -> String {
    let listing = Listing(slot, assembly)
    listings.withLock { $0.append(listing) }
    compileQueue()
    wait { $0.isStopped || listing.text != nil || $0.statistics.problem != nil || $0.lost.count > Self.mostLost }
    return listing.text ?? "not compiled: \(statistics.problem ?? "the session ends")\n"
  }

  // MARK: What does not come back

  /// Another thread takes the place of one whose compilation takes too long.
  private func giveUpLate() {
    let now = Process.nanoseconds()
    state.withLock { state in
      guard let thread = state.thread, let current = thread.current, (now - current.start) / 1_000_000 > options.timeLimit else { return }
      giveUp(thread, lateness, &state)
    }
  }

  /// LLVM has found a fault of its own; the thread does not come back.
  private func noteFault(_ thread: CompilerThread, _ message: String) {
    state.withLock { if $0.thread === thread { giveUp(thread, "LLVM failed: \(message)", &$0) } }
    compileQueue()
  }

  /// What cannot be compiled is not tried again; nor is code for the same in use that was to be made better.
  private func giveUp(_ target: Target, _ reason: String, _ state: inout State) {
    state.statistics.note(target.slot, reason)
    for unit in state.users[target.slot] ?? [] where unit.target == target {
      retire(unit, &state)
      state.known[target.slot, default: []].insert(target)
    }
  }

  private func giveUp(_ thread: CompilerThread, _ reason: String, _ state: inout State) {
    if let target = thread.current?.target { giveUp(target, reason, &state) }
    state.lost.append(thread)
    state.thread = nil
    if state.lost.count > Self.mostLost { state.statistics.problem = "\(state.lost.count) compilations have not come back; the last: \(reason)" }
  }

  // MARK: When bytecode changes

  /// The bytecode of slots is another now. Any thread.
  public func slotsChanged(_ slots: some Sequence<Int>) {
    state.withLock { state in
      for slot in slots {
        state.known[slot] = nil
        state.profiles[slot] = nil
        for unit in state.users[slot] ?? [] { retire(unit, &state) }
      }
    }
  }

  /// A unit is not used any more; bytecode takes its place.
  private func retire(_ unit: NativeUnit, _ state: inout State) {
    guard machine.polls.isValid(unit.cell) else { return }
    state.known[unit.target.slot]?.remove(unit.target)
    switch unit.target {
    case .function(let root):
      // Unless an edit has been there before.
      if let bytecode = unsafe UnsafePointer<UInt64>(bitPattern: unit.parts[0].entry), unsafe machine.entry(of: root) == bytecode { unsafe machine.setEntry(root, bytecode) }
    case .loop(_, let word): state.loops[unit.parts[0].entry + UInt(word * 8)] = nil
    }
    drop(unit, &state)
  }

  /// A unit is not used any more; what takes its place is up to the caller.
  private func drop(_ unit: NativeUnit, _ state: inout State) {
    guard machine.polls.isValid(unit.cell) else { return }
    machine.polls.invalidate(unit.cell)
    state.statistics.invalidated += 1
    state.stubs[UInt(bitPattern: unsafe unit.stub)] = nil
    for part in unit.parts {
      state.users[part.slot]?.removeAll { $0 === unit }
      if state.users[part.slot]?.isEmpty == true { state.users[part.slot] = nil }
    }
    state.constants.remove(unit)
    state.retired.append(unit)
  }

  // MARK: When values change

  /// All values are about to be computed; the words of constants among them may be built in once they are. Program thread.
  public func beginValues(constants: some Sequence<Int>) {
    state.withLock { state in for unit in state.constants.begin(constants) { retire(unit, &state) } }
  }

  /// All values are computed. Program thread.
  public func endValues() { state.withLock { $0.constants.end() } }

  /// Words that are about to be stored to, or that may be constants no more. Answers those that were built in or could have been.
  /// Program thread, or any while nothing runs.
  public func forgetConstants(_ words: some Sequence<Int>) -> [Int] {
    state.withLock { state in
      let (known, units) = state.constants.forget(words)
      for unit in units { retire(unit, &state) }
      return known
    }
  }

  /// Words of constants whose values are computed.
  public func noteConstants(_ words: some Sequence<Int>) { state.withLock { $0.constants.note(words) } }

  /// Whether there is machine code to be freed.
  public var hasRetired: Bool { state.withLock { !$0.retired.isEmpty } }

  /// Frees what is invalid and has no frame. `used` are the numbers of code that frames are in. Program thread at a hook, or any
  /// while nothing runs.
  public func collect(used: Set<Int>) {
    let free = state.withLock { state -> [NativeUnit] in
      let free = state.retired.filter { $0.numbers.allSatisfy { !used.contains($0) } }
      state.retired.removeAll { unit in free.contains { $0 === unit } }
      state.statistics.freed += free.count
      state.dead += state.dying
      state.dying = free
      return free
    }
    for unit in free { unit.giveBack(machine, owner) }
    if !free.isEmpty { changed.signal() }
  }
}
