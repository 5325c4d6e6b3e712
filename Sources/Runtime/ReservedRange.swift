// Address ranges that never move: reserved once, made usable as they fill. Tables that other threads
// read (slots, descriptors, literals, code) and the heap itself stand in one each.
//
// Invariant: `committed` bytes from `base` are readable and writable, and read as zero until written.

import CShims

/// A reserved run of addresses. The owner releases it with `release()`.
@safe
public struct ReservedRange {
  public private(set) var base: UnsafeMutableRawPointer
  /// Bytes reserved.
  public private(set) var capacity: Int
  /// Bytes usable so far.
  public private(set) var committed: Int
  private let step: Int

  /// Reserves `capacity` bytes, or half of it and so on down to `minimum` where the system refuses.
  /// nil when it refuses that too. `step` is the granularity of commits, a multiple of the page size.
  /// `low`: for what machine code names by address, at most so many bytes below 2 GB, if there is room.
  public init?(capacity: Int, minimum: Int, step: Int = 1 << 20, low: Int = 0) {
    var bytes = max(Self.roundUp(capacity, step), step)
    while true {
      if low > 0, let p = unsafe lang_reserve_low(min(bytes, low)) {
        unsafe base = p
        self.capacity = min(bytes, low)
        break
      }
      if let p = unsafe lang_reserve(bytes) {
        unsafe base = p
        self.capacity = bytes
        break
      }
      bytes = Self.roundUp(bytes / 2, step)
      if bytes < minimum || bytes <= step { return nil }
    }
    committed = 0
    self.step = step
  }

  /// Makes the first `bytes` usable. False when the range or the system has no more.
  public mutating func commit(_ bytes: Int) -> Bool {
    if bytes <= committed { return true }
    if bytes > capacity { return false }
    // Doubling keeps the number of system calls logarithmic; untouched pages cost nothing.
    let wanted = min(max(Self.roundUp(bytes, step), min(committed &* 2, committed &+ (64 << 20))), capacity)
    if unsafe lang_commit(base + committed, wanted &- committed) {
      committed = wanted
      return true
    }
    let least = min(Self.roundUp(bytes, step), capacity)
    guard unsafe lang_commit(base + committed, least &- committed) else { return false }
    committed = least
    return true
  }

  public mutating func release() {
    if capacity > 0 { unsafe munmap(base, capacity) }
    capacity = 0
    committed = 0
  }

  private static func roundUp(_ n: Int, _ step: Int) -> Int { (n &+ step &- 1) / step &* step }
}

/// A lock over `pthread_mutex_t` with a stable address.
@safe
public final class Lock: @unchecked Sendable {
  private let mutex: UnsafeMutablePointer<pthread_mutex_t>

  public init() {
    unsafe mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    unsafe pthread_mutex_init(mutex, nil)
  }

  deinit {
    unsafe pthread_mutex_destroy(mutex)
    unsafe mutex.deallocate()
  }

  public func lock() { unsafe pthread_mutex_lock(mutex) }
  public func unlock() { unsafe pthread_mutex_unlock(mutex) }

  public func withLock<R>(_ body: () -> R) -> R {
    lock()
    defer { unlock() }
    return body()
  }
}
