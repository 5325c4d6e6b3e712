// Commands that talk to a running session: `status`, `restart` and `repl --connect`, beside a `lang dev`.

import Foundation
import Testing

private let counter = """
  (defrecord Clock [mut ticks: Int])
  (defvar clock: Clock (Clock 40))
  (defn start [] -> Clock (do (set! (.ticks clock) 40) clock))
  (defn tick [c: Clock] -> Bool (sleep-ms 1) true)
  (defn main [] -> Unit (live-loop start tick))

  """

/// A `lang dev`, with its reports as they come.
private final class Dev {
  let process = Process()
  let reports: Reports
  /// What the program reads and writes, where a test wants it.
  let input = Pipe()
  let output: Reports

  init(_ folder: Folder, _ path: String) throws {
    process.executableURL = URL(fileURLWithPath: binary)
    process.arguments = ["dev", path, "--report", "json", "--debounce", "5"]
    process.currentDirectoryURL = URL(fileURLWithPath: folder.path)
    process.environment = folder.environment
    let errors = Pipe(), written = Pipe()
    process.standardInput = input
    process.standardOutput = written
    process.standardError = errors
    output = Reports(written.fileHandleForReading)
    reports = Reports(errors.fileHandleForReading)
    try process.run()
  }

  deinit { if process.isRunning { process.terminate() } }

  func type(_ line: String) throws { try input.fileHandleForWriting.write(contentsOf: Data((line + "\n").utf8)) }

  func end() -> Int32 {
    process.terminate()
    process.waitUntilExit()
    return process.terminationStatus
  }
}

extension Folder {
  /// Sockets are in the folder itself.
  fileprivate var environment: [String: String] {
    ProcessInfo.processInfo.environment.merging(["XDG_RUNTIME_DIR": path + "/run"]) { $1 }
  }

  fileprivate func client(_ arguments: String..., input: String = "") throws -> Finished {
    try lang(arguments, input: input, environment: environment)
  }

  fileprivate static func withSockets() throws -> Folder {
    let folder = try Folder()
    try FileManager.default.createDirectory(atPath: folder.path + "/run", withIntermediateDirectories: true)
    return folder
  }
}

@Suite(.serialized, .enabled(if: FileManager.default.isExecutableFile(atPath: binary)))
struct ClientTests {
  @Test func withoutASession() throws {
    let folder = try Folder.withSockets()
    try folder.write("game.lang", counter)
    for arguments in [["status"], ["restart"], ["status", "game.lang"], ["repl", "--connect"]] {
      let result = try folder.lang(arguments, environment: folder.environment)
      #expect(result.code == 1 && result.out.isEmpty, "\(arguments)")
      #expect(result.errors.hasPrefix("error: no session runs for this project; start one with `lang dev`\n"), "\(arguments)")
    }
    #expect(try folder.client("status", "nothing.lang").errors == "error: there is nothing at `nothing.lang`\n")
    #expect(try folder.client("status", "--help").out.contains("lang status game.lang"))
  }

  @Test func aSessionOfAFile() throws {
    let folder = try Folder.withSockets()
    try folder.write("game.lang", counter)
    let dev = try Dev(folder, "game.lang")
    #expect(dev.reports.next().hasPrefix("{\"event\":\"started\""))
    for arguments in [["status"], ["status", "game.lang"]] {
      let status = try folder.lang(arguments, environment: folder.environment)
      #expect(status.code == 0 && status.out.hasPrefix("game: running, started "), "\(status)")
      #expect(status.out.contains("3 functions, edits: 0 taken in, 0 refused"))
    }
    let script = """
      (.ticks clock)
      (set! (.ticks clock) 41)
      (println "hi")
      (defn twice [n: Int] -> Int (* 2 n))
      (twice (.ticks clock))
      :type (twice 1)
      """
    #expect(try folder.client("repl", "--connect", input: script) == Finished(code: 0, out: "40 : Int\nhi\n82 : Int\nInt\n", errors: ""))
    #expect(dev.reports.next().contains("\"recompiled\":[\"game/twice\"]"))
    // A script that fails says so; the session goes on.
    let failing = try folder.client("repl", "--connect", "game.lang", input: "(nth (vec 1) 1)\n(twice true)")
    #expect(failing.code == 1 && failing.out.isEmpty && failing.errors.contains("index out of range") && failing.errors.contains("E0301"))
    #expect(failing.errors.contains(" at input/<input> (input:1)\n") && !failing.errors.contains("game/"))
    #expect(try folder.client("restart").code == 0)
    #expect(dev.reports.next().hasPrefix("{\"event\":\"restarted\""))
    #expect(try folder.client("repl", "--connect", input: "(.ticks clock)").out == "40 : Int\n")
    // The prompt's definition gives way to the file's.
    try folder.write("game.lang", counter + "(defn twice [n: Int] -> Int (* 3 n))\n")
    #expect(dev.reports.next().contains("\"status\":\"committed\""))
    #expect(try folder.client("repl", "--connect", input: "(twice 5)").out == "15 : Int\n")
    try folder.write("game.lang", counter + "(defn twice [n: Int] -> Int nothing)\n")
    #expect(dev.reports.next().contains("\"status\":\"refused\""))
    let refused = try folder.client("status")
    #expect(refused.out.contains("  the last edit is refused:\n    error[E0201] game.lang:6:29: "))
    #expect(try folder.client("status", "--json").out.contains("\"problems\":[{\"severity\":\"error\",\"code\":\"E0201\""))
    #expect(dev.end() == 0)
    #expect(try folder.client("status").code == 1)
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path + "/run/lang").isEmpty)
  }

  @Test func aSessionOfAProject() throws {
    let folder = try Folder.withSockets()
    try folder.write("game/project.lang", "(project \"asteroids\" :main main)")
    try folder.write("game/src/main.lang", counter)
    let dev = try Dev(folder, "game")
    #expect(dev.reports.next().hasPrefix("{\"event\":\"started\""))
    // From anywhere in it, by any path to it.
    for path in ["game", "game/project.lang", "game/src", "game/src/main.lang"] {
      #expect(try folder.client("status", path).out.hasPrefix("asteroids: running"), "\(path)")
    }
    // In the directory that holds it there is no other.
    #expect(try folder.client("status").out.hasPrefix("asteroids: running"))
    // A second session of the project goes without clients.
    let second = try Dev(folder, "game/src/main.lang")
    #expect(second.reports.next().contains("\"event\":\"warning\",\"message\":\"another session (process \(dev.process.processIdentifier))"))
    #expect(second.reports.next().hasPrefix("{\"event\":\"started\""))
    #expect(second.end() == 0)
    #expect(try folder.client("status", "game").out.contains("(process \(dev.process.processIdentifier))"))
    // A session that was killed leaves its socket; the next one takes its place.
    kill(dev.process.processIdentifier, SIGKILL)
    dev.process.waitUntilExit()
    #expect(try folder.client("status", "game").errors.contains("no session runs"))
    let third = try Dev(folder, "game")
    #expect(third.reports.next().hasPrefix("{\"event\":\"started\""))
    #expect(try folder.client("status", "game").code == 0)
    #expect(third.end() == 0)
  }

  /// A body, a layout, a signature, while the program waits for a line; all is in use as soon as it has one.
  @Test func editsWhileTheProgramReads() throws {
    let folder = try Folder.withSockets()
    func text(_ type: String, _ answer: String) -> String {
      """
      \(type)
      \(answer)
      (defn turn [] -> Bool
        (println "?")
        (match (read-line) (Some line) (do (println (answer line)) true) None false))
      (defn main [] -> Unit (while (turn) ()))

      """
    }
    let guest = "(defrecord Guest [name: String])"
    try folder.write("game.lang", text(guest, "(defn answer [line: String] -> String (.name (Guest line)))"))
    let dev = try Dev(folder, "game.lang")
    #expect(dev.reports.next().hasPrefix("{\"event\":\"started\""))
    #expect(dev.output.next() == "?")
    try folder.write("game.lang", text(guest, "(defn answer [line: String] -> String (fmt \"hello {}\" (.name (Guest line))))"))
    let body = dev.reports.next()
    #expect(body.contains("\"status\":\"committed\"") && body.contains("\"recompiled\":[\"game/answer\"]"), "\(body)")
    try dev.type("Ada")
    #expect(dev.output.next() == "hello Ada")
    #expect(dev.output.next() == "?")
    let older = "(defrecord Guest [age: Int = 7 name: String])"
    try folder.write("game.lang", text(older, "(defn answer [line: String] -> String (fmt \"hello {}\" (.name (Guest :name line))))"))
    let layout = dev.reports.next()
    #expect(layout.contains("\"status\":\"committed\"") && layout.contains("\"recompiled\":[\"game/answer\"]"), "\(layout)")
    try folder.write("game.lang", text(older, "(defn answer [line: String age: Int = 8] -> Int (.age (Guest :age age :name line)))"))
    let signature = dev.reports.next()
    #expect(signature.contains("\"status\":\"committed\"") && signature.contains("\"recompiled\":[\"game/answer\",\"game/turn\"]"), "\(signature)")
    // The turn that waits goes on as it was.
    try dev.type("Bob")
    #expect(dev.output.next() == "hello Bob")
    #expect(dev.output.next() == "?")
    try dev.type("Eve")
    #expect(dev.output.next() == "8")
    #expect(dev.end() == 0)
  }

  @Test func ctrlCAtAConnectedPrompt() throws {
    let folder = try Folder.withSockets()
    try folder.write("game.lang", counter)
    let dev = try Dev(folder, "game.lang")
    #expect(dev.reports.next().hasPrefix("{\"event\":\"started\""))
    let prompt = Process()
    prompt.executableURL = URL(fileURLWithPath: binary)
    prompt.arguments = ["repl", "--connect", "game.lang"]
    prompt.currentDirectoryURL = URL(fileURLWithPath: folder.path)
    prompt.environment = folder.environment
    let (input, out, errors) = (Pipe(), Pipe(), Pipe())
    prompt.standardInput = input
    prompt.standardOutput = out
    prompt.standardError = errors
    let (lines, problems) = (Reports(out.fileHandleForReading), Reports(errors.fileHandleForReading))
    try prompt.run()
    try input.fileHandleForWriting.write(contentsOf: Data("(do (println \"on\") (while true ()))\n".utf8))
    #expect(lines.next() == "on")
    prompt.interrupt()
    var line = problems.next()
    if line.contains("Ctrl-C interrupts") { line = problems.next() }
    #expect(line == "interrupted")
    try input.fileHandleForWriting.write(contentsOf: Data("(.ticks clock)\n".utf8))
    #expect(lines.next() == "40 : Int")
    try input.fileHandleForWriting.close()
    prompt.waitUntilExit()
    #expect(prompt.terminationStatus == 1)
    #expect(dev.end() == 0)
  }

  /// The path of the socket does not depend on how long those of project and directory are.
  @Test func longPaths() throws {
    let folder = try Folder.withSockets()
    let deep = (0..<20).map { "directory-\($0)" }.joined(separator: "/")
    try folder.write(deep + "/game.lang", counter)
    let dev = try Dev(folder, deep + "/game.lang")
    #expect(dev.reports.next().hasPrefix("{\"event\":\"started\""))
    #expect(try folder.client("status", deep + "/game.lang").code == 0)
    #expect(try folder.client("status", deep).code == 0)
    #expect(dev.end() == 0)
  }
}
