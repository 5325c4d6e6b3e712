// Looking for hot code: a table of handlers in which calls and jumps count. A counter that runs out asks the hook, which may have
// the code compiled, or know native code that takes the frame over from here.
//
// Counters are few and found by hashing, as LuaJIT's are: two places that share one become hot a little early.

import Bytecode
import Runtime

/// Asked when a place is hot. Answers native code that goes on from `pc`, or null; then `again` says whether to ask as soon as it is hot
/// once more.
public typealias HotHook = @convention(c) (
  _ context: UnsafeMutableRawPointer?, _ pc: UnsafePointer<UInt64>, _ registers: UnsafeMutablePointer<UInt64>, _ again: UnsafeMutablePointer<Bool>
) -> UnsafeRawPointer?

/// Told of a record: where `count` instructions were that have run one after the other. Program thread.
public typealias RecordHook = @convention(c) (_ context: UnsafeMutableRawPointer?, _ positions: UnsafeMutablePointer<UInt>, _ count: Int) -> Void

/// Told when native code leaves to bytecode at `pc`, which it did not expect to; `cell` is the address of its unit's word. Program thread.
public typealias RareHook = @convention(c) (_ context: UnsafeMutableRawPointer?, _ pc: UnsafePointer<UInt64>, _ cell: UInt) -> Void

/// Told that native code often calls a slot that has none. Answers whether to tell again soon. Program thread.
public typealias CalledHook = @convention(c) (_ context: UnsafeMutableRawPointer?, _ slot: Int) -> Bool

@safe
public struct TieringHooks {
  public var hot: HotHook
  public var called: CalledHook
  public var recorded: RecordHook
  public var rare: RareHook
  /// Outlives the interpreter's runs.
  public var context: UnsafeMutableRawPointer?

  public init(hot: @escaping HotHook, called: @escaping CalledHook, recorded: @escaping RecordHook, rare: @escaping RareHook, context: UnsafeMutableRawPointer?) {
    unsafe (self.hot, self.called, self.recorded, self.rare, self.context) = unsafe (hot, called, recorded, rare, context)
  }
}

@safe
struct HotCounters {
  static let count = 1 << 12
  /// How often a place is passed before its hook is asked again, when it has said that this is no hurry.
  static let patience: UInt32 = 5_000
  let counters: UnsafeMutablePointer<UInt32>
  let threshold: UInt32
  let hook: HotHook
  let called: CalledHook
  let recorded: RecordHook
  let rare: RareHook
  let context: UnsafeMutableRawPointer?
  var recorder = Recorder()

  @inline(__always)
  static func index(_ pc: Code) -> Int { Int(UInt(bitPattern: pc) &>> 3) & (count &- 1) }

  init(threshold: Int, hooks: TieringHooks) {
    self.threshold = UInt32(clamping: max(1, threshold))
    unsafe counters = .allocate(capacity: Self.count)
    unsafe counters.initialize(repeating: self.threshold, count: Self.count)
    unsafe (hook, called, recorded, rare, context) = unsafe (hooks.hot, hooks.called, hooks.recorded, hooks.rare, hooks.context)
  }
}

extension Interpreter {
  /// From now on calls and jumps count. Before the first run.
  public func startCounting(threshold: Int, hooks: TieringHooks) {
    unsafe runState.pointee.hot = HotCounters(threshold: threshold, hooks: hooks)
    hasNativeCode = true
    let tables = HandlerTables.shared
    unsafe machine.setHandlers(normal: tables.counting, safepoint: tables.safepoint)
  }
}

/// Counts, then does what the instruction does, with the counting table as the one to go on with.
@c func opCounted(_ pc: Code, _ r: Registers, _ t: Table, _ m: RawMachine) {
  let f = Frame(pc, r, t, m)
  let counters = unsafe f.run.pointee.hot.unsafelyUnwrapped.counters
  let index = unsafe HotCounters.index(pc)
  let left = unsafe counters[index] &- 1
  unsafe counters[index] = left
  if _slowPath(left == 0) { return unsafe runHot(pc, r, t, m) }
  unsafe handler(of: pc, in: t - HandlerTables.countingOffset)(pc, r, t, m)
}

@inline(never) @c func runHot(_ pc: Code, _ r: Registers, _ t: Table, _ m: RawMachine) {
  let f = Frame(pc, r, t, m)
  f.save()
  if let native = unsafe askHook(f.run, pc, r) { return unsafe enterNative(native, pc, r, t, m) }
  unsafe handler(of: pc, in: t - HandlerTables.countingOffset)(pc, r, t, m)
}

/// Sets the counter for the next time. A function of its own, so that nothing of it lies on the host's stack when the handler goes on.
@inline(never)
private func askHook(_ run: UnsafeMutablePointer<RunState>, _ pc: Code, _ r: Registers) -> UnsafeRawPointer? {
  let hot = unsafe run.pointee.hot.unsafelyUnwrapped
  let index = unsafe HotCounters.index(pc)
  var again = true
  let native = unsafe hot.hook(hot.context, pc, r, &again)
  // Whoever comes by next goes over at once, if there is something to go over to.
  unsafe hot.counters[index] = native != nil ? 1 : again ? hot.threshold : max(hot.threshold, HotCounters.patience)
  return unsafe native
}

extension Opcode {
  /// Whether the counting table counts it.
  var isCounted: Bool {
    switch self {
    case .call, .callClosure, .tailCall, .tailCallClosure: true
    default:
      switch row.shape {
      case .jump, .aJump, .abJump, .aImmJump, .table, .stepJump, .stepImmJump, .stepRegisterJump, .countJump: self != .enterRestart
      default: false
      }
    }
  }
}
