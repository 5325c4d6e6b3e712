// Everything the handlers and compiled code reach through one pointer. The hot fields come first.
//
// One program thread runs a machine. Other threads touch only `handlers` (through
// `requestSafepoint`), slots' `entry`, and, while the machine is parked, whatever they hold the lock for.

/// How handlers, primitives and compiled code hold their machine. Valid as long as its `Machine`.
public typealias MachinePointer = UnsafeMutablePointer<MachineState>

@safe
public struct MachineState {
  /// The handler table the next call or taken jump will use. Storing another table here is how a
  /// safepoint is requested, from any thread.
  public var handlers: UnsafeRawPointer
  /// No register of a frame may lie at or above this.
  public var stackLimit: UnsafeMutablePointer<UInt64>
  /// The dispatch table: one reserved range, never moves.
  public var slots: UnsafeMutablePointer<Slot>
  public var globals: UnsafeMutablePointer<UInt64>
  public var literals: UnsafeMutablePointer<UInt64>
  public var stackBase: UnsafeMutablePointer<UInt64>

  // Where a frame is while control is outside the interpreter (primitives, panics, safepoints,
  // collections): saved by the handler before it leaves.
  public var pc: UnsafePointer<UInt64>
  public var registers: UnsafeMutablePointer<UInt64>

  // Allocation and the write barrier (see Allocation.swift).
  /// One bump range for each size class, and a last one that is always empty for large objects.
  public var cursors: UnsafeMutablePointer<AllocationCursor>
  public var descriptors: UnsafeMutablePointer<Descriptor>
  /// The mark of new objects, in the header's mark byte.
  public var markWord: UInt64
  /// Not zero while overwritten references must be logged.
  public var barrier: UInt
  /// Reference of the storage that every empty vector shares; its capacity is 0.
  public var emptyStorage: UInt64

  /// Restart points, innermost last.
  public var restarts: UnsafeMutablePointer<RestartPoint>
  public var restartCount: Int
  /// How many `restarts` has room for.
  public var restartCapacity: Int

  // The pending panic.
  public var panicReason: PanicReason
  /// Reference of the message string where the reason has one.
  public var panicMessage: UInt64
  /// The index out of range, or the descriptor of a stale object.
  public var panicIndex: Int
  public var panicCount: Int
  public var exitCode: Int
  /// Primitives that reach the outside panic.
  public var isSealed = false
  /// How many instructions a metered run may still take.
  public var instructionsLeft: Int

  /// The normal table and the one whose every handler takes the safepoint first.
  public var normalHandlers: UnsafeRawPointer
  public var safepointHandlers: UnsafeRawPointer

  public var hooks: HostHooks
  /// The owner, for slow paths.
  public var machine: Unmanaged<Machine>
  /// Its heap, for ways that are not as slow.
  public var heap: Unmanaged<Heap>
  /// A new object that a primitive holds across its next allocation.
  public var scratch: UInt64 = 0
  /// A vector of u8 that nobody builds text in just now, for the next one who does; 0: none. A collection drops it.
  public var textBuffer: UInt64 = 0
  /// The upper end of the host's stack that runs are on, while native code may hold references on it; 0 otherwise.
  public var hostStackBase: UInt = 0
  /// Down to where the stack is in use, while the machine is parked and others may look; 0 otherwise.
  public var hostStackTop: UInt = 0
  /// What the interpreter keeps for itself.
  public var interpreter: UnsafeMutableRawPointer? = nil
}

/// A place a panic unwinds to.
@safe
public struct RestartPoint {
  public var registers: UnsafeMutablePointer<UInt64>
  public var handler: UnsafePointer<UInt64>

  @inlinable
  public init(registers: UnsafeMutablePointer<UInt64>, handler: UnsafePointer<UInt64>) {
    unsafe self.registers = registers
    unsafe self.handler = handler
  }
}

/// What the host answers to the program. All are called on the program thread with `context`; a null
/// hook does what its comment says.
@safe
public struct HostHooks {
  public var context: UnsafeMutableRawPointer?
  /// At a safepoint that was requested. False: a panic is pending. Null: nothing happens.
  public var safepoint: (@convention(c) (UnsafeMutableRawPointer?, UnsafeMutableRawPointer) -> Bool)?
  /// At `boundary`: 1 for a soft restart, 0 to go on, -1 when a panic is pending. Null: 0.
  public var boundary: (@convention(c) (UnsafeMutableRawPointer?, UnsafeMutableRawPointer) -> Int)?
  /// At `pause`: returns when the program shall go on, 0 to try again, 1 for a soft restart, -1 when a
  /// panic is pending. Null: the panic goes on outwards.
  public var pause: (@convention(c) (UnsafeMutableRawPointer?, UnsafeMutableRawPointer) -> Int)?
  /// Fills in the items of a syntax object that the host has lent. False: a panic is pending. Null: nothing
  /// happens.
  public var readSyntax: (@convention(c) (UnsafeMutableRawPointer?, UInt64) -> Bool)?

  public init() {}
}
