// A thread that uses LLVM. LLVM cannot be interrupted, and ends the process when it finds a fault of its own; so a compilation that does
// not come back is left behind, with its thread and its compiler, and another thread takes its place.
//
// Invariant: `current` and `compiler` are written by the thread itself, the first under the lock of whoever watches over it.

import CLLVM
import Runtime
import Synchronization

@safe
final class CompilerThread: @unchecked Sendable {
  struct Work {
    /// nil for what is shown to people.
    var target: Target?
    /// In ns.
    var start: Int
  }

  var current: Work?
  var compiler: Compiler?

  /// What to do about a fault, by thread.
  private static let faults = Mutex<[Int: @Sendable (String) -> Void]>([:])

  /// Runs `body`. `onFault` is called on the thread when LLVM has given up; it does not come back then.
  func start(_ body: @escaping @Sendable () -> Void, onFault: @escaping @Sendable (String) -> Void) {
    Threads.start {
      let thread = Threads.current
      Self.faults.withLock { $0[thread] = onFault }
      body()
      Self.faults.withLock { $0[thread] = nil }
    }
  }

  /// Takes compiler and code down. Nothing may run in it.
  func end() { if current == nil { compiler = nil } }

  /// Once, when LLVM has been loaded.
  static func catchFaults() {
    unsafe LLVMInstallFatalErrorHandler { message in
      let text = unsafe message.map { unsafe String(cString: $0) } ?? "no reason given"
      CompilerThread.faults.withLock { $0[Threads.current] }?(text)
      while true { Process.sleep(milliseconds: 1 << 30) }
    }
  }
}
