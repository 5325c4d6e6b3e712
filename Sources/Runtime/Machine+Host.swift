// The machine as its host sees it: without pointers. The host's answers to safepoints, boundaries and
// pauses, and what a panic was.

import CShims

/// What a running program asks of whoever started it. All calls come on the program thread.
open class MachineHost {
  public init() {}
  /// At a safepoint that was asked for. False: the panic set by `setPanic` is raised.
  open func atSafepoint() -> Bool { true }
  /// At a turn of a live loop. 0 go on, 1 start afresh, -1 raise the panic set by `setPanic`.
  open func atBoundary() -> Int { 0 }
  /// Behind a panic that unwound to a restart point. 0 try again, 1 start afresh, -1 unwind further.
  open func atPause() -> Int { -1 }
  /// Fills in the items of a syntax object. False: memory is short, and the panic is set.
  open func readSyntax(_ object: UInt64) -> Bool { true }
  /// What the program writes to standard output (1) or standard error (2), once `sendOutput` was called.
  open func write(_ text: [UInt8], to file: Int) {}
}

extension Machine {
  /// From now on `host` answers. The caller keeps it alive as long as the machine runs.
  public func attach(_ host: MachineHost) {
    unsafe state.pointee.hooks.context = Unmanaged.passUnretained(host).toOpaque()
    unsafe state.pointee.hooks.safepoint = { context, _ in
      guard let context = unsafe context else { return true }
      return unsafe Unmanaged<MachineHost>.fromOpaque(context).takeUnretainedValue().atSafepoint()
    }
    unsafe state.pointee.hooks.boundary = { context, _ in
      guard let context = unsafe context else { return 0 }
      return unsafe Unmanaged<MachineHost>.fromOpaque(context).takeUnretainedValue().atBoundary()
    }
    unsafe state.pointee.hooks.pause = { context, _ in
      guard let context = unsafe context else { return -1 }
      return unsafe Unmanaged<MachineHost>.fromOpaque(context).takeUnretainedValue().atPause()
    }
    unsafe state.pointee.hooks.readSyntax = { context, object in
      guard let context = unsafe context else { return true }
      return unsafe Unmanaged<MachineHost>.fromOpaque(context).takeUnretainedValue().readSyntax(object)
    }
  }

  /// From now on `host` gets what the program writes. The caller keeps it alive as long as the machine runs.
  public func sendOutput(to host: MachineHost) {
    unsafe setOutput(
      { context, file, start, count in
        guard let context = unsafe context else { return }
        let text = unsafe Array(UnsafeBufferPointer(start: start, count: count))
        unsafe Unmanaged<MachineHost>.fromOpaque(context).takeUnretainedValue().write(text, to: Int(file))
      }, context: Unmanaged.passUnretained(host).toOpaque())
  }

  /// What the program writes goes to the descriptors again.
  public func sendOutputOutside() { unsafe setOutput(nil, context: nil) }

  /// Forgets an interrupt that was asked for and not taken: what it was meant for has ended. Program thread.
  public func withdrawInterrupt() { unsafe lang_store32(parking.flags + Parking.interrupt, 0) }

  public var panicReason: PanicReason { unsafe state.pointee.panicReason }
  /// The message's bytes where the panic has one.
  public var panicMessage: [UInt8]? {
    let message = unsafe state.pointee.panicMessage
    return message == 0 ? nil : Strings.bytes(message)
  }
  /// Of `.indexOutOfRange`.
  public var panicIndex: Int { unsafe state.pointee.panicIndex }
  public var panicCount: Int { unsafe state.pointee.panicCount }
  /// Of `.exit`.
  public var exitCode: Int { unsafe state.pointee.exitCode }

  /// From now on nothing that runs here reaches the outside.
  public func seal() { unsafe state.pointee.isSealed = true }

  /// How many instructions a metered interpreter may still execute before it panics.
  public var instructionsLeft: Int {
    get { unsafe state.pointee.instructionsLeft }
    set { unsafe state.pointee.instructionsLeft = newValue }
  }

  /// The panic that a hook's answer raises.
  public func setPanic(_ reason: PanicReason) {
    unsafe state.pointee.panicReason = reason
    unsafe state.pointee.panicMessage = 0
  }

  /// A vector of strings, e.g. the arguments of `main`; 0 when memory is short. Program thread.
  public func makeStringVector(descriptor: UInt32, _ texts: [[UInt8]]) -> UInt64 {
    let vector = unsafe Vectors.make(state, descriptor)
    guard vector != 0 else { return 0 }
    let root = addRoot(vector)
    defer { removeRoot(root) }
    for text in texts {
      var string = unsafe Strings.make(state, text)
      if string == 0 { return 0 }
      // Pushing may allocate the storage.
      let stringRoot = addRoot(string)
      defer { removeRoot(stringRoot) }
      if unsafe !Vectors.push(state, vector, &string) { return 0 }
    }
    return vector
  }
}

/// A place where threads wait for something to become true.
@safe
public final class Condition: @unchecked Sendable {
  private let mutex: UnsafeMutablePointer<pthread_mutex_t>
  private let condition: UnsafeMutablePointer<pthread_cond_t>

  public init() {
    unsafe mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    unsafe condition = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
    unsafe pthread_mutex_init(mutex, nil)
    unsafe pthread_cond_init(condition, nil)
  }

  deinit {
    unsafe pthread_cond_destroy(condition)
    unsafe pthread_mutex_destroy(mutex)
    unsafe condition.deallocate()
    unsafe mutex.deallocate()
  }

  /// Returns once `isTrue` is; it is asked at first, and again after each `signal`.
  public func wait(until isTrue: () -> Bool) {
    unsafe pthread_mutex_lock(mutex)
    while !isTrue() { unsafe pthread_cond_wait(condition, mutex) }
    unsafe pthread_mutex_unlock(mutex)
  }

  /// The same for no longer than `milliseconds`; whether it is true in the end.
  public func wait(atMost milliseconds: Int, until isTrue: () -> Bool) -> Bool {
    var deadline = timespec()
    unsafe clock_gettime(CLOCK_REALTIME, &deadline)
    deadline.tv_sec += milliseconds / 1000
    deadline.tv_nsec += milliseconds % 1000 &* 1_000_000
    if deadline.tv_nsec >= 1_000_000_000 {
      deadline.tv_sec += 1
      deadline.tv_nsec -= 1_000_000_000
    }
    unsafe pthread_mutex_lock(mutex)
    defer { unsafe pthread_mutex_unlock(mutex) }
    while !isTrue() {
      if unsafe pthread_cond_timedwait(condition, mutex, &deadline) != 0 { return isTrue() }
    }
    return true
  }

  /// Wakes all that wait. What they wait for was changed before the call.
  public func signal() {
    unsafe pthread_mutex_lock(mutex)
    unsafe pthread_cond_broadcast(condition)
    unsafe pthread_mutex_unlock(mutex)
  }
}
