// How other threads meet the program: they ask for a safepoint by storing another handler table, or,
// while the program waits in a blocking primitive, they work under the parking lock at once.
//
//   program   … run ─► park ─► poll(input, wake-up event) ─► unpark (takes the lock) ─► run …
//   others    request: table := safepoint table; interrupt flag; if parked: write the event
//
// Invariant: the program leaves `parked` only with the lock held, so a body run by `whileParked` never
// overlaps with the program.

import CShims

/// The parked flag and what wakes a parked program.
@safe
final class Parking: @unchecked Sendable {
  let lock = Lock()
  let event: Int32
  /// In stable memory, for signal handlers: parked, interrupt, requested, wake.
  let flags: UnsafeMutablePointer<UInt32>
  static let parked = 0
  static let interrupt = 1
  static let requested = 2
  static let woken = 3

  init?() {
    event = eventfd(0, Int32(EFD_NONBLOCK) | Int32(EFD_CLOEXEC))
    if event < 0 { return nil }
    unsafe flags = UnsafeMutablePointer<UInt32>.allocate(capacity: 4)
    unsafe flags.initialize(repeating: 0, count: 4)
  }

  deinit {
    close(event)
    unsafe flags.deallocate()
  }

  func signal() {
    var one: UInt64 = 1
    _ = unsafe write(event, &one, 8)
  }

  func clear() {
    var count: UInt64 = 0
    _ = unsafe read(event, &count, 8)
  }
}

extension Machine {
  /// Makes the program take a safepoint at its next call or taken jump, or wakes it if it is parked. Any
  /// thread, and signal handlers.
  public func requestSafepoint() {
    unsafe lang_store32(parking.flags + Parking.requested, 1)
    unsafe lang_store_pointer(state, state.pointee.safepointHandlers)
    polls.request()
    if unsafe lang_load32(parking.flags + Parking.parked) != 0 { parking.signal() }
  }

  /// Ends the running code with `.interrupted` at its next safepoint. Async-signal-safe, for Ctrl-C.
  public func requestInterrupt() {
    unsafe lang_store32(parking.flags + Parking.interrupt, 1)
    requestSafepoint()
  }

  /// Wakes a program that waits in `waitParked`; one that does not wait yet will not wait. Any thread.
  public func wake() {
    unsafe lang_store32(parking.flags + Parking.woken, 1)
    if unsafe lang_load32(parking.flags + Parking.parked) != 0 { parking.signal() }
  }

  /// Whether an interrupt is asked for and not yet taken.
  public var isInterruptRequested: Bool { unsafe lang_load32(parking.flags + Parking.interrupt) != 0 }

  /// Takes the safepoint: sets the normal table, panics when interrupted, calls the host's hook. The
  /// safepoint handlers call it with `pc` and `registers` saved. False: a panic is pending.
  @inline(never)
  public func takeSafepoint() -> Bool {
    unsafe lang_store32(parking.flags + Parking.requested, 0)
    unsafe lang_store_pointer(state, state.pointee.normalHandlers)
    polls.settle()
    // A request made between the two stores would otherwise lose its table.
    if unsafe lang_load32(parking.flags + Parking.requested) != 0 {
      unsafe lang_store_pointer(state, state.pointee.safepointHandlers)
      polls.request()
    }
    if unsafe lang_exchange32(parking.flags + Parking.interrupt, 0) != 0 {
      return unsafe raise(state, .interrupted)
    }
    if let hook = unsafe state.pointee.hooks.safepoint {
      return unsafe hook(state.pointee.hooks.context, UnsafeMutableRawPointer(state))
    }
    return true
  }

  /// From the next call or jump on the program runs by this table, until a safepoint. Program thread.
  public func setRunningHandlers(_ table: UnsafeRawPointer) {
    unsafe lang_store_pointer(state, table)
    // A request made meanwhile would lose its table.
    if unsafe lang_load32(parking.flags + Parking.requested) != 0 { unsafe lang_store_pointer(state, state.pointee.safepointHandlers) }
  }

  /// Runs `body` while the program is parked and held there; nil, and no call, when it is running. Any
  /// thread but the program's.
  public func whileParked<R>(_ body: () -> R) -> R? {
    parking.lock.withLock {
      unsafe lang_load32(parking.flags + Parking.parked) != 0 ? body() : nil
    }
  }

  /// From now on other threads may work on the program's state. The program thread must not touch it
  /// until `unpark`.
  public func park() {
    parking.lock.lock()
    unsafe lang_store32(parking.flags + Parking.parked, 1)
    parking.lock.unlock()
  }

  public func unpark() {
    parking.lock.lock()
    unsafe lang_store32(parking.flags + Parking.parked, 0)
    parking.clear()
    parking.lock.unlock()
  }

  enum Wait { case ready, timeout, panicked, woken }

  /// Waits, parked, until `descriptor` (-1: none) is readable, `deadline` (monotonic ns; nil: never) has
  /// passed, or, when `wakeable`, `wake()` was called. Safepoint requests are served on the way.
  func wait(for descriptor: Int32, until deadline: Int?, wakeable: Bool = false) -> Wait {
    if unsafe state.pointee.hostStackBase == 0 { return waitParked(descriptor, deadline, wakeable) }
    // Others may look at the stack meanwhile: what native code has in registers has to be on it.
    var result = Wait.ready
    var body = { [self] (low: UInt) in
      self.stackInUse = low
      result = waitParked(descriptor, deadline, wakeable)
    }
    unsafe withUnsafeMutablePointer(to: &body) { body in
      unsafe lang_with_stack(
        { context, low in
          unsafe context.unsafelyUnwrapped.assumingMemoryBound(to: ((UInt) -> Void).self).pointee(UInt(bitPattern: low))
        }, UnsafeMutableRawPointer(body))
    }
    return result
  }

  private func waitParked(_ descriptor: Int32, _ deadline: Int?, _ wakeable: Bool) -> Wait {
    let stackInUse = stackInUse
    while true {
      unsafe state.pointee.hostStackTop = stackInUse
      park()
      var result: Wait?
      // A request made before `park` was seen as "not parked": look again now.
      let requested = unsafe lang_load32(parking.flags + Parking.requested) != 0
      if !requested {
        let known = unsafe wakeable && lang_exchange32(parking.flags + Parking.woken, 0) != 0
        result = known ? .woken : poll(descriptor, deadline)
      }
      unpark()
      unsafe state.pointee.hostStackTop = 0
      if unsafe lang_load32(parking.flags + Parking.requested) != 0, !takeSafepoint() { return .panicked }
      if wakeable, unsafe lang_exchange32(parking.flags + Parking.woken, 0) != 0 { return .woken }
      if let result { return result }
    }
  }

  /// One poll; nil when the event or a signal ended it.
  private func poll(_ descriptor: Int32, _ deadline: Int?) -> Wait? {
    var files = (
      pollfd(fd: parking.event, events: Int16(POLLIN), revents: 0),
      pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
    )
    var timeout: timespec? = nil
    if let deadline {
      let left = max(0, deadline &- Clock.nanoseconds())
      timeout = timespec(tv_sec: left / 1_000_000_000, tv_nsec: left % 1_000_000_000)
    }
    let ready = unsafe withUnsafeMutablePointer(to: &files) { files in
      let list = unsafe UnsafeMutableRawPointer(files).assumingMemoryBound(to: pollfd.self)
      if var timeout { return unsafe ppoll(list, 2, &timeout, nil) }
      return unsafe ppoll(list, 2, nil, nil)
    }
    if ready == 0 { return .timeout }
    if ready < 0 { return lang_errno() == EINTR ? nil : .ready }
    if files.1.revents != 0 { return .ready }
    return nil
  }

  /// Waits parked until `wake()` or, in ns, the timeout. For the host's `pause` hook. False: a panic is
  /// pending (an interrupt).
  public func waitParked(nanoseconds: Int? = nil) -> Bool {
    var deadline: Int? = nil
    if let nanoseconds { deadline = Clock.nanoseconds().addingReportingOverflow(max(0, nanoseconds)).partialValue }
    return wait(for: -1, until: deadline, wakeable: true) != .panicked
  }
}

/// Times in ns.
enum Clock {
  /// Monotonic.
  static func nanoseconds() -> Int { read(CLOCK_MONOTONIC) }

  static func read(_ clock: Int32) -> Int {
    var time = timespec()
    unsafe clock_gettime(clock, &time)
    return time.tv_sec &* 1_000_000_000 &+ time.tv_nsec
  }
}
