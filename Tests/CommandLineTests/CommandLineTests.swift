// The `lang` command from outside: exit codes, what goes to which stream, and a live session by its
// JSON reports.

import Foundation
import Testing

@Suite(.serialized, .enabled(if: FileManager.default.isExecutableFile(atPath: binary)))
struct CommandLineTests {
  @Test func runAnswersWhatMainReturns() throws {
    let folder = try Folder()
    try folder.write("a.lang", "(defn main [args: (Vec String)] -> Int (println args) (len args))")
    #expect(try folder.lang("run", "a.lang", "--", "x", "--y") == Finished(code: 2, out: "(vec \"x\" \"--y\")\n", errors: ""))
    #expect(try folder.lang("run", "--tier", "interp", "a.lang").code == 0)
    let figures = try folder.lang("run", "--stats", "a.lang")
    #expect(figures.out == "(vec)\n" && figures.errors.hasPrefix("tier: auto\n"))
  }

  @Test func panicsExitWith101AndATrace() throws {
    let folder = try Folder()
    try folder.write("a.lang", "(defn f [v: (Vec Int)] -> Int\n  (+ 1 (nth v 5)))\n(defn main [] -> Unit\n  (println (f (vec 1))))")
    #expect(
      try folder.lang("run", "a.lang")
        == Finished(
          code: 101, out: "",
          errors: """
            panic: index out of range: 5 is not in 0 to 0
             --> a.lang:2 in a/f
              at a/f (a.lang:2)
              at a/main (a.lang:4)

            """))
    try folder.write("deep.lang", "(defn f [n: Int] -> Int (+ 1 (f (+ n 1))))\n(defn main [] -> Unit (println (f 0)))")
    let deep = try folder.lang("run", "deep.lang")
    #expect(deep.code == 101 && deep.errors.contains("stack overflow") && deep.errors.contains(" more frames\n"))
  }

  @Test func errorsInTheSourceExitWith1() throws {
    let folder = try Folder()
    try folder.write("a.lang", "(defn main [] -> Unit (println (+ 1 \"a\")))")
    for command in ["run", "check", "repl"] {
      let result = try folder.lang(command, "a.lang")
      #expect(result.code == 1 && result.out.isEmpty && result.errors.contains("error[E0301]"), "\(command)")
    }
    let json = try folder.lang("check", "--json", "a.lang")
    #expect(json.errors.hasPrefix("{\"severity\":\"error\",\"code\":\"E0301\"") && json.errors.filter { $0 == "\n" }.count == 1)
  }

  @Test func filesThatCannotBeRead() throws {
    let folder = try Folder()
    try folder.write("project/project.lang", "(project \"x\" :main main)")
    try folder.write("project/src/main.lang", "(defn main [] -> Int 7)")
    try folder.write("bare/a.lang", "")
    #expect(try folder.lang("run", "missing.lang").errors.hasPrefix("error[E0120]: cannot read `missing.lang`: no such file"))
    #expect(try folder.lang("run", "bare").code == 1)
    #expect(try folder.lang("run", "project").code == 7)
    let made = unsafe mkfifo(folder.path + "/pipe", 0o600)
    #expect(made == 0)
    #expect(try folder.lang("run", "pipe").errors.contains("not a regular file"))
    #expect(try folder.lang("check", "--json", "missing.lang").errors.contains("\"code\":\"E0120\""))
  }

  @Test func machineCodeIsShown() throws {
    let folder = try Folder()
    try folder.write("a.lang", "(defn twice [n: Int] -> Int (* 2 n)) (defn main [] -> Unit (println (twice 4)))")
    let ir = try folder.lang("disasm", "a.lang", "twice", "--tier", "llvm")
    #expect(ir.code == 0 && ir.out.hasPrefix("twice:\n") && ir.out.contains("define "), "\(ir)")
    let assembly = try folder.lang("disasm", "a.lang", "twice", "--tier", "asm")
    #expect(assembly.code == 0 && assembly.out.hasPrefix("twice:\n") && assembly.out.contains("ret"), "\(assembly)")
    let run = try folder.lang("run", "--tier", "jit", "--stats", "a.lang")
    #expect(run.out == "8\n" && run.errors.hasPrefix("tier: jit\n") && run.errors.contains(" to machine code"), "\(run)")
  }

  @Test func withoutLLVMProgramsAreInterpreted() throws {
    let folder = try Folder()
    try folder.write("a.lang", "(defn twice [n: Int] -> Int (* 2 n)) (defn main [] -> Unit (for [i (range 2000)] (twice i)) (println (twice 4)))")
    var environment = ProcessInfo.processInfo.environment
    environment["LANG_LLVM"] = "libnowhere.so"
    let run = try folder.lang(["run", "--tier", "jit", "a.lang"], environment: environment)
    #expect(run == Finished(code: 0, out: "8\n", errors: "note: hot code is interpreted, since libnowhere.so is not on this machine; `apt-get install libllvm19` brings it\n"))
    #expect(try folder.lang(["doctor"], environment: environment).out.contains("✗ hot code is interpreted: libnowhere.so is not on this machine\n"))
  }

  @Test func wrongUsageExitsWith2() throws {
    let folder = try Folder()
    try folder.write("a.lang", "(defn main [] -> Unit ())")
    for arguments in [["run"], ["nonsense"], ["run", "a.lang", "--tier", "warp"], ["disasm", "a.lang", "main", "--tier", "warp"]] {
      let result = try folder.lang(arguments)
      #expect(result.code == 2 && result.out.isEmpty && !result.errors.isEmpty, "\(arguments)")
    }
    for arguments in [["help", "bogus"], ["bogus"], ["bogus", "--help"], ["bogus", "a.lang", "b"]] {
      let result = try folder.lang(arguments)
      #expect(result == Finished(code: 2, out: "", errors: "error: there is no command `bogus`\n  = help: `lang --help` lists the commands\n"))
    }
    #expect(try folder.lang("chek", "a.lang").errors.contains("did you mean `lang check`?"))
    #expect(try folder.lang("help", "check").out == folder.lang("check", "--help").out)
    #expect(try folder.lang("help").out == folder.lang("--help").out)
    let help = try folder.lang("run", "--help")
    #expect(help.code == 0 && help.out.contains("lang run game.lang"))
  }

  /// Only what runs begins somewhere; a `main` that cannot be one is told in any case.
  @Test func whoNeedsMain() throws {
    let folder = try Folder()
    try folder.write("lib.lang", "(defn f [] -> Int 3)")
    #expect(try folder.lang("check", "lib.lang") == Finished(code: 0, out: "", errors: ""))
    let run = try folder.lang("run", "lib.lang")
    #expect(run.code == 1 && run.errors.hasPrefix("error[E0121]"))
    try folder.write("bad.lang", "(defn main [n: Int] -> Unit ())")
    #expect(try folder.lang("check", "bad.lang").errors.hasPrefix("error[E0122]"))
  }

  @Test func scriptsOnStandardInput() throws {
    let folder = try Folder()
    let script = """
      (defn sq [x: Int] -> Int
        (* x x))
      (sq 7) (sq 8)
      (nth (vec 1) 2)
      :type (sq 1)
      (println "hi")
      """
    let result = try folder.lang("repl", input: script)
    #expect(result.out == "49 : Int\n64 : Int\nInt\nhi\n")
    #expect(result.code == 1 && result.errors.hasPrefix("panic: index out of range"))
    #expect(try folder.lang("repl", input: "(+ 1 1)") == Finished(code: 0, out: "2 : Int\n", errors: ""))
  }

  @Test func expansionsAtThePrompt() throws {
    let folder = try Folder()
    let script = """
      (defmacro both [a b] `(if ~a ~b false))
      :expand (both x (both y z))
      :expand (f (both x y))
      :expand (f x)
      :expand (both x)
      """
    let result = try folder.lang("repl", input: script)
    #expect(result.out == "; one step\n(if x (both y z) false)\n; in full\n(if x (if y z false) false)\n(f (if x y false))\n")
    #expect(result.code == 1 && result.errors.contains("note: there is no macro call in that") && result.errors.contains("E0302"))
  }

  @Test func aLiveSessionByItsReports() throws {
    let folder = try Folder()
    func game(_ body: String) -> String {
      "(defn step [n: Int] -> Bool (sleep-ms 1) \(body))\n(defn begin [] -> Int 0)\n(defn main [] -> Unit (live-loop begin step) (println \"over\"))"
    }
    let file = try folder.write("game.lang", game("(= 1 \"a\")"))
    let process = Process()
    process.executableURL = URL(fileURLWithPath: binary)
    process.arguments = ["dev", file, "--report", "json", "--debounce", "5"]
    let (out, errors) = (Pipe(), Pipe())
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = out
    process.standardError = errors
    let reports = Reports(errors.fileHandleForReading)
    try process.run()
    defer { if process.isRunning { process.terminate() } }
    #expect(reports.next().hasPrefix("{\"event\":\"cascade\",\"status\":\"refused\",\"id\":0,"))
    try folder.write("game.lang", game("true"))
    #expect(reports.next().hasPrefix("{\"event\":\"cascade\",\"status\":\"committed\","))
    #expect(reports.next().hasPrefix("{\"event\":\"started\",\"functions\":3,"))
    try folder.write("game.lang", game("(= 1 (nth (vec 1) 3))"))
    #expect(reports.next().contains("\"recompiled\":[\"game/step\"]"))
    #expect(reports.next().hasPrefix("{\"event\":\"panic\",\"message\":\"index out of range"))
    try folder.write("game.lang", game("(= 1 \"a\")"))
    #expect(reports.next().contains("\"status\":\"refused\""))
    // A second edit than the one that failed goes the long way, and still wakes the paused program.
    try folder.write("game.lang", game("false"))
    #expect(reports.next().contains("\"status\":\"committed\""))
    #expect(reports.next() == "{\"event\":\"finished\",\"exit\":0}")
    process.waitUntilExit()
    #expect(process.terminationStatus == 0)
    #expect(String(decoding: out.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self) == "over\n")
  }

  /// `script` gives the session a terminal.
  @Test(.enabled(if: FileManager.default.isExecutableFile(atPath: "/usr/bin/script")))
  func keysBesideJSONReports() throws {
    let folder = try Folder()
    let file = try folder.write("once.lang", "(defn main [] -> Unit (eprintln \"up\"))")
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/script")
    process.arguments = ["-qec", "'\(binary)' dev '\(file)' --report json", "/dev/null"]
    let (input, out) = (Pipe(), Pipe())
    process.standardInput = input
    process.standardOutput = out
    let reports = Reports(out.fileHandleForReading)
    try process.run()
    defer { if process.isRunning { process.terminate() } }
    func next() -> String { reports.next().replacingOccurrences(of: "\r", with: "") }
    func type(_ key: String) throws { try input.fileHandleForWriting.write(contentsOf: Data(key.utf8)) }
    let finished = "{\"event\":\"finished\",\"exit\":0}"
    #expect(next().hasPrefix("{\"event\":\"started\""))
    #expect(next() == "up" && next() == finished)
    try type("s")
    #expect(next().hasPrefix("{\"event\":\"status\",\"state\":\"finished\",\"functions\":1,\"edits\":0,"))
    try type("r")
    #expect(next().hasPrefix("{\"event\":\"restarted\"") && next() == "up" && next() == finished)
    try type("q")
    process.waitUntilExit()
    #expect(process.terminationStatus == 0)
  }

  /// What comes through a pipe is the program's.
  @Test func noKeysWithoutATerminal() throws {
    let folder = try Folder()
    try folder.write("a.lang", "(defn main [] -> Unit (println (read-line)) (println (read-line)))")
    let result = try folder.lang("dev", "a.lang", "--report", "json", input: "q\nr")
    #expect(result.code == 0 && result.out == "(Some \"q\")\n(Some \"r\")\n")
  }

  @Test func terminationEndsALiveSession() throws {
    let folder = try Folder()
    let file = try folder.write("spin.lang", "(defn main [] -> Unit (while true ()))")
    let process = Process()
    process.executableURL = URL(fileURLWithPath: binary)
    process.arguments = ["dev", file, "--report", "json"]
    let errors = Pipe()
    process.standardInput = FileHandle.nullDevice
    process.standardError = errors
    let reports = Reports(errors.fileHandleForReading)
    try process.run()
    #expect(reports.next().hasPrefix("{\"event\":\"started\""))
    process.interrupt()
    #expect(reports.next().contains("\"message\":\"interrupted\""))
    process.terminate()
    process.waitUntilExit()
    #expect(process.terminationReason == .exit && process.terminationStatus == 0)
  }

  @Test func interruptingARunExitsWith130() throws {
    let folder = try Folder()
    let file = try folder.write("spin.lang", "(defn main [] -> Unit (eprintln \"up\") (while true ()))")
    let process = Process()
    process.executableURL = URL(fileURLWithPath: binary)
    process.arguments = ["run", file]
    let errors = Pipe()
    process.standardError = errors
    let reports = Reports(errors.fileHandleForReading)
    try process.run()
    #expect(reports.next() == "up")
    process.interrupt()
    #expect(reports.next() == "interrupted")
    process.waitUntilExit()
    #expect(process.terminationStatus == 130)
  }
}

/// Lines of a pipe as they come.
final class Reports: @unchecked Sendable {
  private let lock = NSLock()
  private let arrived = DispatchSemaphore(value: 0)
  private var lines: [String] = []

  init(_ handle: FileHandle) {
    Thread.detachNewThread { [self] in
      var rest = Data()
      while true {
        let piece = handle.availableData
        if piece.isEmpty { return }
        rest.append(piece)
        while let end = rest.firstIndex(of: 10) {
          lock.withLock { lines.append(String(decoding: rest[rest.startIndex..<end], as: UTF8.self)) }
          rest = Data(rest[rest.index(after: end)...])
          arrived.signal()
        }
      }
    }
  }

  func next() -> String {
    guard arrived.wait(timeout: .now() + 20) == .success else { return "nothing in 20 s" }
    return lock.withLock { lines.removeFirst() }
  }
}
