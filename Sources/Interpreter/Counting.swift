// Looking for hot code: a table of handlers in which calls and jumps count. A counter that runs out asks the hook, which may have
// the code compiled, or know native code that takes the frame over from here.
//
// Counters are few and found by hashing, as LuaJIT's are: two places that share one become hot a little early.

import Bytecode
import Runtime

/// Asked when a place is hot. Answers native code that goes on from `pc`, or null.
public typealias HotHook = @convention(c) (_ context: UnsafeMutableRawPointer?, _ pc: UnsafePointer<UInt64>, _ registers: UnsafeMutablePointer<UInt64>) -> UnsafeRawPointer?

@safe
struct HotCounters {
  static let count = 1 << 12
  let counters: UnsafeMutablePointer<UInt32>
  let threshold: UInt32
  let hook: HotHook
  let context: UnsafeMutableRawPointer?

  init(threshold: Int, hook: @escaping HotHook, context: UnsafeMutableRawPointer?) {
    self.threshold = UInt32(clamping: max(1, threshold))
    unsafe counters = .allocate(capacity: Self.count)
    unsafe counters.initialize(repeating: self.threshold, count: Self.count)
    unsafe self.hook = unsafe hook
    unsafe self.context = context
  }
}

extension Interpreter {
  /// From now on calls and jumps count. Before the first run. `context` outlives the interpreter's runs.
  public func startCounting(threshold: Int, hook: @escaping HotHook, context: UnsafeMutableRawPointer?) {
    unsafe runState.pointee.hot = unsafe HotCounters(threshold: threshold, hook: hook, context: context)
    hasNativeCode = true
    let tables = HandlerTables.shared
    unsafe machine.setHandlers(normal: tables.counting, safepoint: tables.safepoint)
  }
}

/// Counts, then does what the instruction does, with the counting table as the one to go on with.
@c func opCounted(_ pc: Code, _ r: Registers, _ t: Table, _ m: RawMachine) {
  let f = Frame(pc, r, t, m)
  let counters = unsafe f.run.pointee.hot.unsafelyUnwrapped.counters
  let index = Int(UInt(bitPattern: pc) &>> 3) & (HotCounters.count &- 1)
  let left = unsafe counters[index] &- 1
  unsafe counters[index] = left
  if _slowPath(left == 0) { return unsafe runHot(pc, r, t, m) }
  unsafe handler(of: pc, in: t - HandlerTables.countingOffset)(pc, r, t, m)
}

@inline(never) @c func runHot(_ pc: Code, _ r: Registers, _ t: Table, _ m: RawMachine) {
  let f = Frame(pc, r, t, m)
  let hot = unsafe f.run.pointee.hot.unsafelyUnwrapped
  let index = Int(UInt(bitPattern: pc) &>> 3) & (HotCounters.count &- 1)
  f.save()
  guard let native = unsafe hot.hook(hot.context, pc, r) else {
    unsafe hot.counters[index] = hot.threshold
    return unsafe handler(of: pc, in: t - HandlerTables.countingOffset)(pc, r, t, m)
  }
  // Whoever comes by next goes over at once.
  unsafe hot.counters[index] = 1
  unsafe enterNative(native, pc, r, t, m)
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
