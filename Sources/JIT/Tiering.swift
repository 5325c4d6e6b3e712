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
  struct RareWay: Hashable {
    var cell: UInt
    var place: UInt
  }

  struct State {
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

  let machine: Machine
  let interpreter: Interpreter
  let owner: CodeOwner
  let slotOfCode: @Sendable (_ number: Int) -> Int?
  let options: TieringOptions
  let onMissing: @Sendable (String) -> Void
  let state = Mutex(State())
  let changed = Condition()
  /// What people ask to see, waiting for the compiling thread.
  let listings = Mutex<[Listing]>([])
  /// A way is not rare when it is come to as often.
  private static let surprises = 16
  /// Once that is so, nor are the others of its code that were come to as often.
  private static let otherSurprises = 2
  private static let mostRare = 10_000
  static let mostLost = 3
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
  func wait(until isTrue: (borrowing State) -> Bool) {
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
  func compileQueue() {
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
}
