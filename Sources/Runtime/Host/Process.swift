// The process itself: its environment, its clock, its end.

import CShims

public enum Process {
  public static func environment(_ name: String) -> String? {
    unsafe getenv(name).map { unsafe String(cString: $0) }
  }
  public static func isTerminal(_ file: Int32) -> Bool { isatty(file) != 0 }
  /// How many threads can run at a time, at least 1.
  public static var processors: Int { max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN))) }
  /// In µs, monotonic.
  public static func microseconds() -> Double { Double(Clock.nanoseconds()) / 1000 }
  /// Processor time of the calling thread, µs.
  public static func threadMicroseconds() -> Double { Double(Clock.read(CLOCK_THREAD_CPUTIME_ID)) / 1000 }
  /// In ns, monotonic.
  public static func nanoseconds() -> Int { Clock.nanoseconds() }
  /// In s since 1970.
  public static func wallSeconds() -> Int { Clock.read(CLOCK_REALTIME) / 1_000_000_000 }
  public static var identifier: Int { Int(getpid()) }
  public static var user: Int { Int(geteuid()) }
  public static func sleep(milliseconds: Int) { _ = poll(nil, 0, Int32(clamping: milliseconds)) }
  /// Ends the process in order. Other threads may be at work, so nothing is torn down under them.
  public static func leave(_ code: Int) -> Never {
    fflush(nil)
    leaveNow(Int32(truncatingIfNeeded: code))
  }
  /// Ends it since standard output failed with `error`, an `errno`.
  static func leaveWithoutOutput(_ error: Int32) -> Never {
    lang_terminal_restore()
    lang_keys_end()
    if error == EPIPE { lang_die_by(SIGPIPE) }
    Files.write("error: standard output cannot be written: \(unsafe String(cString: strerror(error)))\n", to: 2)
    _exit(1)
  }
  /// Ends it at once, the terminal as it was.
  public static func leaveNow(_ code: Int32) -> Never {
    lang_terminal_restore()
    lang_keys_end()
    _exit(code)
  }
}

extension Machine {
  /// From now on the process ends when standard output cannot be written: by SIGPIPE when nobody reads it,
  /// else with a message and status 1.
  public func endWithOutput() { output.onFailure = { Process.leaveWithoutOutput($0) } }
}
