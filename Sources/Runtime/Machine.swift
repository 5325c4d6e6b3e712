// A machine: heap, stack, tables and the state that one running program needs. Macros run on a machine
// of their own. This file makes and unmakes it; the parts are in `Machine+Topic.swift`.
//
// Invariant: `state` never moves, nor does any table it points at.

import CShims

/// Sizes of a machine. All are ceilings on reserved addresses; memory is taken as it is used.
public struct MachineOptions: Sendable {
  /// Bytes of heap above which an allocation panics with `.outOfMemory`. 0: three quarters of the
  /// machine's memory.
  public var heapLimit = 0
  /// Bytes that may be allocated before the first collection, and at most between two while no more than that is alive.
  public var usualBudget = 64 << 20
  /// Registers of the VM stack.
  public var stackRegisters = 8 << 20
  public var slots = 4 << 20
  public var globalWords = 4 << 20
  public var literals = 4 << 20
  /// Where addresses below 2 GB are free, code takes at most 1 GB of them.
  public var codeBytes = 8 << 30
  /// Collect at every allocation, poison what is freed, verify the heap.
  public var stress = false

  public init() {}

  /// For macro expansion and tests: small ceilings, so that a runaway ends soon.
  public static var small: MachineOptions {
    var options = MachineOptions()
    options.heapLimit = 256 << 20
    options.usualBudget = 4 << 20
    options.stackRegisters = 1 << 20
    options.slots = 1 << 18
    options.globalWords = 1 << 18
    options.literals = 1 << 18
    options.codeBytes = 256 << 20
    return options
  }
}

@safe
public final class Machine: @unchecked Sendable {
  /// What handlers and compiled code get.
  public let state: MachinePointer
  public let heap: Heap
  public let descriptors: DescriptorTable
  public let code: CodeStore
  public let literals: LiteralTable
  public let output: Output
  public let input: Input
  let parking: Parking

  /// What `argument` answers; set before the program runs.
  public var arguments: [[UInt8]] = []
  /// How many fresh names have been numbered.
  public var freshNumbers = 0
  /// The form that the last `failSyntax` was about; 0 for none.
  public var failedForm = 0
  /// How the types of stale descriptors are called, for messages.
  var staleNames: [UInt32: [UInt8]] = [:]
  /// Immortal objects with a stale descriptor.
  var staleLiterals: Set<UInt64> = []
  /// The last collection found no stale object, and `staleEnds` is still to say so.
  var hasStaleEnded = false
  var isStaleWatched = false
  /// Serialises slot and global allocation.
  let tables = Lock()
  var slotRange: ReservedRange
  var globalRange: ReservedRange
  var stackRange: ReservedRange
  private var stateRange: ReservedRange
  /// The references `loadLiteral` reads.
  var literalRange: ReservedRange
  public internal(set) var slotCount = 0
  public internal(set) var globalCount = 0
  /// Where the stack was at the wait that begins. Program thread.
  var stackInUse: UInt = 0
  /// What native code calls where a slot has only bytecode. Set by the interpreter, before there are slots.
  public var nativeMissing: UnsafeRawPointer? = nil
  /// One word for each piece of native code: 0 when it is to be left at its next loop header or behind its next call.
  public let polls: Polls
  /// Registers kept free above `stackLimit` for the unwinder and for native code's frames.
  static let stackReserve = 4096

  /// nil when the system has no address space or memory left.
  public init?(_ options: MachineOptions = MachineOptions()) {
    guard
      let heap = Heap(limit: options.heapLimit, usualBudget: options.usualBudget),
      let descriptors = DescriptorTable(),
      let code = CodeStore(capacity: options.codeBytes),
      let literals = LiteralTable(capacity: options.literals),
      let output = Output(),
      let input = Input(),
      let parking = Parking(),
      let polls = Polls(),
      var slotRange = ReservedRange(
        capacity: options.slots &* MemoryLayout<Slot>.stride, minimum: 1 << 20, low: 128 << 20),
      var globalRange = ReservedRange(capacity: options.globalWords &* 8, minimum: 1 << 20, low: 64 << 20),
      var literalRange = ReservedRange(capacity: options.literals &* 8, minimum: 1 << 16),
      var stateRange = ReservedRange(capacity: 1 << 12, minimum: 1 << 12, step: 1 << 12, low: 1 << 12),
      var stackRange = ReservedRange(
        capacity: (options.stackRegisters &+ Self.stackReserve) &* 8, minimum: 1 << 20)
    else { return nil }
    let stackBytes = stackRange.capacity
    guard stateRange.commit(1 << 12), slotRange.commit(1 << 16), globalRange.commit(1 << 16), literalRange.commit(1 << 16), stackRange.commit(stackBytes),
      let restarts = unsafe malloc(64 &* MemoryLayout<RestartPoint>.stride)
    else { return nil }
    self.heap = heap
    self.polls = polls
    self.descriptors = descriptors
    self.code = code
    self.literals = literals
    self.output = output
    self.input = input
    self.parking = parking
    self.slotRange = slotRange
    self.globalRange = globalRange
    self.stackRange = stackRange
    self.stateRange = stateRange
    self.literalRange = literalRange

    unsafe state = stateRange.base.bindMemory(to: MachineState.self, capacity: 1)
    let stack = unsafe stackRange.base.bindMemory(to: UInt64.self, capacity: stackBytes / 8)
    let nothing = unsafe UnsafeRawPointer(state)
    unsafe state.initialize(
      to: MachineState(
        handlers: nothing,
        stackLimit: stack + (stackBytes / 8 &- Self.stackReserve),
        slots: slotRange.base.bindMemory(
          to: Slot.self, capacity: slotRange.capacity / MemoryLayout<Slot>.stride),
        globals: globalRange.base.bindMemory(to: UInt64.self, capacity: globalRange.capacity / 8),
        literals: literalRange.base.bindMemory(to: UInt64.self, capacity: literalRange.capacity / 8),
        stackBase: stack,
        pc: code.idle,
        registers: stack,
        cursors: heap.cursors,
        descriptors: descriptors.rows,
        markWord: heap.markWord,
        barrier: 0,
        emptyStorage: literals.emptyStorage,
        restarts: restarts.bindMemory(to: RestartPoint.self, capacity: 64),
        restartCount: 0,
        restartCapacity: 64,
        panicReason: .explicit,
        panicMessage: 0,
        panicIndex: 0,
        panicCount: 0,
        exitCode: 0,
        instructionsLeft: 0,
        normalHandlers: nothing,
        safepointHandlers: nothing,
        hooks: HostHooks(),
        machine: Unmanaged.passUnretained(self),
        heap: Unmanaged.passUnretained(heap)))
    unsafe heap.attach(state)
    unsafe polls.setLimit(state.pointee.stackLimit)
    heap.stress = options.stress
    lang_ignore_sigpipe()
  }

  deinit {
    output.flushAll()
    unsafe free(state.pointee.restarts)
    stateRange.release()
    slotRange.release()
    globalRange.release()
    stackRange.release()
    literalRange.release()
  }

  /// Registers before `stackOverflow`; the default is the whole reserved stack.
  public func setStackLimit(registers: Int) {
    let most = stackRange.capacity / 8 &- Self.stackReserve
    unsafe state.pointee.stackLimit = state.pointee.stackBase + max(64, min(registers, most))
    unsafe polls.setLimit(state.pointee.stackLimit)
  }

  /// The interpreter's two tables. Call before the program runs.
  public func setHandlers(normal: UnsafeRawPointer, safepoint: UnsafeRawPointer) {
    unsafe state.pointee.normalHandlers = normal
    unsafe state.pointee.safepointHandlers = safepoint
    unsafe state.pointee.handlers = normal
  }
}

extension UnsafeMutablePointer where Pointee == MachineState {
  /// The owner. For slow paths: it costs a reference count.
  @inlinable @inline(__always)
  public var owner: Machine { unsafe pointee.machine.takeUnretainedValue() }
}
