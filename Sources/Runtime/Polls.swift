// The cells that native code looks at in its loops and behind its calls: one byte for each piece of code. A safepoint that is asked
// for sets them all; code that is not to run any more keeps its own set.
//
// Invariant: a cell's address stays as long as the machine.

import CShims

@safe
public final class Polls: @unchecked Sendable {
  private static let capacity = 1 << 16
  private let lock = Lock()
  private let cells: UnsafeMutablePointer<UInt8>
  /// 1 for code that is to be left for good.
  private var isInvalid: [UInt8] = []
  private var unused: [Int] = []
  /// How many cells are in use, for whoever cannot take the lock.
  private let count: UnsafeMutablePointer<UInt32>
  private var isRequested: UnsafeMutablePointer<UInt32> { unsafe count + 1 }

  init?() {
    guard let memory = unsafe calloc(Self.capacity &+ 8, 1) else { return nil }
    unsafe count = memory.bindMemory(to: UInt32.self, capacity: 2)
    unsafe cells = (memory + 8).bindMemory(to: UInt8.self, capacity: Self.capacity)
  }

  deinit { unsafe free(count) }

  /// A cell for new code; nil when there are none left.
  public func add() -> Int? {
    lock.withLock {
      var cell = isInvalid.count
      if let last = unused.popLast() {
        cell = last
        isInvalid[last] = 0
      } else {
        if cell == Self.capacity { return nil }
        isInvalid.append(0)
      }
      unsafe cells[cell] = 0
      _ = unsafe lang_exchange32(count, UInt32(isInvalid.count))
      // A request that has not seen the cell is seen here.
      if unsafe lang_load32(isRequested) != 0 { unsafe cells[cell] = 1 }
      return cell
    }
  }

  /// The code is gone.
  public func remove(_ cell: Int) { lock.withLock { unused.append(cell) } }

  public func address(of cell: Int) -> UInt { UInt(bitPattern: unsafe cells + cell) }

  /// The code is left for good. Any thread.
  public func invalidate(_ cell: Int) {
    lock.withLock {
      isInvalid[cell] = 1
      unsafe cells[cell] = 1
    }
  }

  public func isValid(_ cell: Int) -> Bool { lock.withLock { isInvalid[cell] == 0 } }

  /// All code is left, to take a safepoint. Any thread, and signal handlers, which is why nothing is locked.
  func request() {
    _ = unsafe lang_exchange32(isRequested, 1)
    let used = unsafe lang_load32(count)
    unsafe memset(cells, 1, Int(used))
  }

  /// The safepoint is taken.
  func settle() {
    lock.withLock {
      _ = unsafe lang_exchange32(isRequested, 0)
      for i in 0..<isInvalid.count { unsafe cells[i] = isInvalid[i] }
    }
  }
}
