// Threads with stacks as large as the compiler's recursion asks for, and signals as ordinary calls.
//
// Invariant: signals that are handled here are blocked in every thread but the one that takes them, so
// that their handlers may do anything and no system call of the program is cut short.

import CShims

public enum Threads {
  /// Enough for forms nested as deep as the reader lets through. Pages are taken as they are used.
  public static let compilerStack = 256 << 20

  private final class Work {
    let body: @Sendable () -> Void
    init(_ body: @escaping @Sendable () -> Void) { self.body = body }
  }

  /// A number of the calling thread, which no other has while it runs.
  public static var current: Int { Int(bitPattern: pthread_self()) }

  /// Runs `body` on a new thread. False when the system gives none.
  @discardableResult
  public static func start(stackBytes: Int = compilerStack, _ body: @escaping @Sendable () -> Void) -> Bool {
    guard let thread = create(stackBytes, body) else { return false }
    return pthread_detach(thread) == 0
  }

  /// Runs `body` on a new thread and waits for it; on this one when the system gives none.
  public static func runToEnd(stackBytes: Int = compilerStack, _ body: @escaping @Sendable () -> Void) {
    guard let thread = create(stackBytes, body) else { return body() }
    pthread_join(thread, nil)
  }

  private static func create(_ stackBytes: Int, _ body: @escaping @Sendable () -> Void) -> pthread_t? {
    var attributes = pthread_attr_t()
    unsafe pthread_attr_init(&attributes)
    defer { unsafe pthread_attr_destroy(&attributes) }
    unsafe pthread_attr_setstacksize(&attributes, stackBytes)
    let work = unsafe Unmanaged.passRetained(Work(body))
    var thread = pthread_t()
    let failure = unsafe pthread_create(
      &thread, &attributes,
      { context in
        guard let context = unsafe context else { return nil }
        unsafe Unmanaged<Work>.fromOpaque(context).takeRetainedValue().body()
        return nil
      }, work.toOpaque())
    if failure == 0 { return thread }
    unsafe work.release()
    return nil
  }

  /// Lets the main thread recurse as deep as threads of `compilerStack` do.
  public static func growMainStack() { lang_raise_stack_limit(96 << 20) }
}

public enum Signals {
  public static let interrupt = SIGINT
  public static let terminate = SIGTERM
  public static let hangUp = SIGHUP

  /// From now on `handler` gets these signals, on a thread of its own. Call before there are other threads.
  public static func handle(_ numbers: [Int32], _ handler: @escaping @Sendable (Int32) -> Void) {
    var set = sigset_t()
    unsafe sigemptyset(&set)
    for number in numbers { unsafe sigaddset(&set, number) }
    unsafe pthread_sigmask(SIG_BLOCK, &set, nil)
    Threads.start(stackBytes: 1 << 20) {
      var set = sigset_t()
      unsafe sigemptyset(&set)
      for number in numbers { unsafe sigaddset(&set, number) }
      while true {
        var number: Int32 = 0
        if unsafe sigwait(&set, &number) == 0 { handler(number) }
      }
    }
  }

  /// Ends the process by the default action of a signal, the terminal as it was.
  public static func die(by number: Int32) -> Never { lang_die_by(number) }
}
