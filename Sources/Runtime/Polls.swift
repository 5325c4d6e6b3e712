// The cells that native code looks at in its loops and at its calls: a word beside each piece of code. It holds the stack's limit, so that
// where a call looks whether there is room one comparison does for both; 0 when the code is to be left. A safepoint that is asked for
// clears them all; code that is not to run any more keeps its own so.
//
// Invariant: a cell in the table is there as long as its number is not given back.

import CShims

@safe
public final class Polls: @unchecked Sendable {
  private static let capacity = 1 << 16
  private let lock = Lock()
  /// The cells by their numbers; null for one that is not used.
  private let cells: UnsafeMutablePointer<UnsafeMutableRawPointer?>
  /// 1 for code that is to be left for good.
  private var isInvalid: [UInt8] = []
  private var unused: [Int] = []
  /// What is in cells of code that may go on.
  private var limit = unsafe UnsafeRawPointer(bitPattern: UInt.max)
  /// How many numbers there are, and whether all cells are cleared, for whoever cannot take the lock.
  private let count: UnsafeMutablePointer<UInt32>
  private var isRequested: UnsafeMutablePointer<UInt32> { unsafe count + 1 }

  init?() {
    guard let memory = unsafe calloc(Self.capacity &+ 1, 8) else { return nil }
    unsafe count = memory.bindMemory(to: UInt32.self, capacity: 2)
    unsafe cells = (memory + 8).bindMemory(to: UnsafeMutableRawPointer?.self, capacity: Self.capacity)
  }

  deinit { unsafe free(count) }

  /// A number for the cell at an address; nil when there are none left. Sets it.
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
      unsafe cells[cell] = UnsafeMutableRawPointer(bitPattern: address)
      _ = unsafe lang_exchange32(count, UInt32(isInvalid.count))
      // A request that has not seen the cell is seen here.
      unsafe set(cell, to: limit)
      if unsafe lang_load32(isRequested) != 0 { unsafe set(cell, to: nil) }
      return cell
    }
  }

  private func set(_ cell: Int, to value: UnsafeRawPointer?) {
    if let place = unsafe cells[cell] { unsafe lang_store_pointer(place, value) }
  }

  private func setAll() { for cell in isInvalid.indices where isInvalid[cell] == 0 { unsafe set(cell, to: limit) } }
  private func clearAll() { for cell in 0..<Int(unsafe lang_load32(count)) { unsafe set(cell, to: nil) } }

  /// The first address of the stack that is not to be used.
  func setLimit(_ limit: UnsafeMutablePointer<UInt64>) {
    lock.withLock {
      unsafe self.limit = UnsafeRawPointer(limit)
      setAll()
      if unsafe lang_load32(isRequested) != 0 { clearAll() }
    }
  }

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
      unsafe set(cell, to: nil)
    }
  }

  public func isValid(_ cell: Int) -> Bool { lock.withLock { isInvalid[cell] == 0 } }

  /// All code is left, to take a safepoint. Any thread, and signal handlers, which is why nothing is locked.
  func request() {
    _ = unsafe lang_exchange32(isRequested, 1)
    clearAll()
  }

  /// The safepoint is taken.
  func settle() {
    lock.withLock {
      _ = unsafe lang_exchange32(isRequested, 0)
      setAll()
    }
  }
}
