// Runs a program to its end and answers what it printed and what it cost. This is the only file here that
// touches raw memory: Foundation's `Process` cannot tell one child's own times, `wait4` can.

import Glibc

struct ChildProcess {
  let output: String
  /// The exit code, or 128 + the signal's number.
  let status: Int
  let user: Duration
  let system: Duration
  /// From just before the spawn until the child has been waited for.
  let wall: Duration

  func time(_ clock: Clock) -> Duration {
    switch clock {
    case .cpu: user + system
    case .user: user
    case .wall: wall
    }
  }

  /// `command[0]` is a path. The child's standard input is empty; its standard error is ours.
  static func run(_ command: [String]) throws -> ChildProcess {
    var ends: [Int32] = [0, 0]
    guard unsafe pipe(&ends) == 0 else { throw Failure.measurement("no pipe") }
    defer { close(ends[0]) }

    let start = ContinuousClock.now
    let child: pid_t
    do {
      defer { close(ends[1]) }
      child = try spawn(command, output: ends[1], unused: ends[0])
    }
    let output = readAll(ends[0])
    var status: Int32 = 0
    var usage = rusage()
    while unsafe wait4(child, &status, 0, &usage) == -1 && errno == EINTR {}
    let wall = ContinuousClock.now - start

    let signal = status & 0x7f
    return ChildProcess(
      output: output, status: Int(signal == 0 ? (status >> 8) & 0xff : 128 + signal),
      user: duration(usage.ru_utime), system: duration(usage.ru_stime), wall: wall)
  }

  private static func spawn(_ command: [String], output: Int32, unused: Int32) throws -> pid_t {
    var actions = unsafe posix_spawn_file_actions_t()
    unsafe posix_spawn_file_actions_init(&actions)
    defer { unsafe posix_spawn_file_actions_destroy(&actions) }
    unsafe posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
    unsafe posix_spawn_file_actions_adddup2(&actions, output, 1)
    unsafe posix_spawn_file_actions_addclose(&actions, output)
    unsafe posix_spawn_file_actions_addclose(&actions, unused)

    var words: [UnsafeMutablePointer<CChar>?] = unsafe command.map { unsafe strdup($0) } + [nil]
    defer { for unsafe word in unsafe words { unsafe free(word) } }

    var child: pid_t = 0
    let problem = unsafe posix_spawn(&child, command[0], &actions, nil, &words, environ)
    guard problem == 0 else {
      throw Failure.measurement("cannot start \(command[0]): \(unsafe String(cString: strerror(problem)))")
    }
    return child
  }

  private static func readAll(_ descriptor: Int32) -> String {
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 4096)
    while true {
      let count = unsafe read(descriptor, &buffer, buffer.count)
      if count == -1 && errno == EINTR { continue }
      if count <= 0 { return String(decoding: bytes, as: UTF8.self) }
      bytes += buffer[..<count]
    }
  }

  private static func duration(_ time: timeval) -> Duration {
    .seconds(Int64(time.tv_sec)) + .microseconds(Int64(time.tv_usec))
  }
}
