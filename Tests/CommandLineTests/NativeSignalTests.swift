// Signals that reach a program in a loop of machine code that calls nothing: it is stopped, goes on, and ends when it is asked to.

import Foundation
import Glibc
import Testing

@Suite struct NativeSignalTests {
  /// The loop without an end has been machine code for long when it says so, and says nothing any more.
  private static let spin = """
    (defn main [] -> Unit
      (let [mut n 0 mut k 1]
        (eprintln "begun")
        (for [i (range 2000000)] (set! k (bit-xor (* k 3) i)))
        (eprintln "hot" k)
        (while true
          (set! n (+ n 1))
          (when (= n 50000000) (eprintln "spinning")))))

    """

  @Test(arguments: ["jit", "auto"])
  func anEndlessLoopIsStoppedGoesOnAndEnds(_ tier: String) throws {
    let folder = try Folder()
    try folder.write("spin.lang", Self.spin)
    let process = Process(), errors = Pipe()
    process.executableURL = URL(fileURLWithPath: binary)
    process.arguments = ["run", "--tier", tier, "--jit-threshold", "100", "--stats", "spin.lang"]
    process.currentDirectoryURL = URL(fileURLWithPath: folder.path)
    process.standardInput = FileHandle.nullDevice
    process.standardError = errors
    let told = Reports(errors.fileHandleForReading)
    try process.run()
    #expect(told.next() == "begun")
    #expect(told.next().hasPrefix("hot "))
    #expect(told.next() == "spinning")
    let pid = process.processIdentifier
    for _ in 0..<3 {
      #expect(kill(pid, SIGSTOP) == 0)
      #expect(Self.state(pid, WSTOPPED) == CLD_STOPPED)
      #expect(kill(pid, SIGCONT) == 0)
      #expect(Self.state(pid, WCONTINUED) == CLD_CONTINUED)
    }
    #expect(kill(pid, SIGINT) == 0)
    process.waitUntilExit()
    #expect(process.terminationReason == .exit && process.terminationStatus == 130)
    #expect(told.next() == "interrupted")
    #expect(told.next().hasPrefix(" --> spin.lang:"))
    var figures = told.next()
    while !figures.hasPrefix("functions compiled"), !figures.hasPrefix("nothing") { figures = told.next() }
    if tier == "jit" { #expect(figures.contains(" to machine code and ") && !figures.contains(" and 0 loops"), "\(figures)") }
  }

  /// Waits for a change of a child's state, and leaves its end to others.
  private static func state(_ pid: pid_t, _ what: Int32) -> Int32 {
    var info = unsafe siginfo_t()
    while unsafe waitid(P_PID, id_t(pid), &info, what) == -1, errno == EINTR {}
    return unsafe info.si_code
  }
}
