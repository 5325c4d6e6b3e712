// The cells that native code looks at in its loops and behind its calls: a byte beside each piece of code. A safepoint that is asked
// for sets them all; code that is not to run any more keeps its own set.
//
// Invariant: a cell in the table is there as long as its number is not given back.

import CShims

@safe
public final class Polls: @unchecked Sendable {
  private static let capacity = 1 << 16
  private let lock = Lock()
  /// The cells by their numbers; null for one that is not used.
  private let cells: UnsafeMutablePointer<UnsafeMutablePointer<UInt8>?>
  /// 1 for code that is to be left for good.
  private var isInvalid: [UInt8] = []
  private var unused: [Int] = []
  /// How many numbers there are, and whether all cells are set, for whoever cannot take the lock.
  private let count: UnsafeMutablePointer<UInt32>
  private var isRequested: UnsafeMutablePointer<UInt32> { unsafe count + 1 }

  init?() {
    guard let memory = unsafe calloc(Self.capacity &+ 1, 8) else { return nil }
    unsafe count = memory.bindMemory(to: UInt32.self, capacity: 2)
    unsafe cells = (memory + 8).bindMemory(to: UnsafeMutablePointer<UInt8>?.self, capacity: Self.capacity)
  }

  deinit { unsafe free(count) }

  /// A number for the cell at an address, which is 0; nil when there are none left.
  public func add(at address: UInt) -> Int? {
    lock.withLock {
      var cell = isInvalid.count
      if let last = unused.popLast() {
        cell = last
        isInvalid[last] = 0
      } else {
        if cell == Self.capacity { return nil }
        isInvalid.append(0)
      }
      unsafe cells[cell] = UnsafeMutablePointer(bitPattern: address)
      _ = unsafe lang_exchange32(count, UInt32(isInvalid.count))
      // A request that has not seen the cell is seen here.
      if unsafe lang_load32(isRequested) != 0 { set(cell, 1) }
      return cell
    }
  }

  private func set(_ cell: Int, _ value: UInt8) { unsafe cells[cell]?.pointee = value }

  /// The code is about to go.
  public func remove(_ cell: Int) {
    lock.withLock {
      unsafe cells[cell] = nil
      unused.append(cell)
    }
  }

  /// The code is left for good. Any thread.
  public func invalidate(_ cell: Int) {
    lock.withLock {
      isInvalid[cell] = 1
      set(cell, 1)
    }
  }

  public func isValid(_ cell: Int) -> Bool { lock.withLock { isInvalid[cell] == 0 } }

  /// All code is left, to take a safepoint. Any thread, and signal handlers, which is why nothing is locked.
  func request() {
    _ = unsafe lang_exchange32(isRequested, 1)
    for cell in 0..<Int(unsafe lang_load32(count)) { set(cell, 1) }
  }

  /// The safepoint is taken.
  func settle() {
    lock.withLock {
      _ = unsafe lang_exchange32(isRequested, 0)
      for cell in isInvalid.indices { set(cell, isInvalid[cell]) }
    }
  }
}
