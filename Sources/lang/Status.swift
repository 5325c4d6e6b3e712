// `lang status` and `lang restart`: questions to the running session of a project.

import ArgumentParser
import Frontend
import Runtime
import Server
import Session

struct Status: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "status", abstract: "Tell how the running session of a project is doing.",
    discussion: """
      Finds the session that `lang dev` runs for the project you are in, or for PATH, and asks it:

        lang status
        lang status game.lang
        lang status --json

      Shown are the program and its state (running, paused by a panic, finished, or waiting for an edit that makes \
      it sound), the edits taken in and refused, what is wrong with the last one if it was refused, and how many \
      values are of types that were redefined since. `--json` writes the same as one object.

      Exit status: 1 when no session runs.
      """)

  @Argument(help: "The file or project of the session; otherwise the project you are in.")
  var path: String?
  @Flag(help: "One line of JSON instead.")
  var json = false
  @OptionGroup var common: CommonOptions

  func run() throws {
    let connection = try connect(path)
    guard let status = try answered(connection.ask("status"))["status"] else { throw SourceErrors.exit }
    Files.write(json ? status.text + "\n" : describe(status), to: 1)
  }

  private func describe(_ status: JSONValue) -> String {
    func text(_ name: String) -> String { status[name]?.string ?? "" }
    func count(_ value: JSONValue?) -> Int { value?.integer ?? 0 }
    let functions = count(status["functions"])
    let edits = status["edits"]
    var out = "\(text("program")): \(text("state")), started \(duration(Process.wallSeconds() - count(status["since"]))) ago\n"
    out += "  \(text("root")) (process \(count(status["pid"])))\n"
    out += "  \(grouped(functions)) \(functions == 1 ? "function" : "functions"), edits: \(grouped(count(edits?["committed"]))) taken in, "
    out += "\(grouped(count(edits?["refused"]))) refused\n"
    if let panic = status["panic"], let message = panic["message"]?.string {
      out += "  paused by a panic: \(message), at \(panic["file"]?.string ?? ""):\(count(panic["line"])) in \(panic["function"]?.string ?? "")\n"
    }
    let problems = status["problems"]?.array ?? []
    if !problems.isEmpty { out += "  the last edit is refused:\n" }
    for problem in problems {
      let start = problem["range"]?["start"]
      let place = "\(problem["file"]?.string ?? ""):\(count(start?["line"])):\(count(start?["column"]))"
      out += "    \(problem["severity"]?.string ?? "error")[\(problem["code"]?.string ?? "")] \(place): \(problem["message"]?.string ?? "")\n"
    }
    if case .object(let stale)? = status["stale"], !stale.isEmpty {
      out += "  stale: " + stale.map { "\(grouped(count($0.value))) of `\($0.name)`" }.joined(separator: ", ") + "; a restart makes them anew\n"
    }
    return out
  }

  private func duration(_ seconds: Int) -> String {
    if seconds < 60 { return "\(max(0, seconds)) s" }
    if seconds < 3600 { return "\(seconds / 60) min" }
    return "\(seconds / 3600) h \(seconds % 3600 / 60) min"
  }
}

struct Restart: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "restart", abstract: "Start the state of the running session's program afresh.",
    discussion: """
      The same as the key r in `lang dev`, from anywhere: a live loop makes its state anew, and edits that wait for a \
      restart are taken in.

        lang restart
        lang restart game.lang

      Exit status: 1 when no session runs.
      """)

  @Argument(help: "The file or project of the session; otherwise the project you are in.")
  var path: String?
  @OptionGroup var common: CommonOptions

  func run() throws { _ = try answered(connect(path).ask("restart")) }
}

/// A connection to the session of the project at `path`; says why not and ends the command otherwise.
func connect(_ path: String?) throws -> SessionConnection {
  func fail(_ message: String) -> ExitCode {
    Files.write("error: \(message)\n", to: 2)
    return SourceErrors.exit
  }
  let place: SessionPlace
  switch SessionPlace.find(path, rootOfPath: ProgramFiles.root(of:)) {
  case .failure(let problem): throw fail(problem.message)
  case .success(let found): place = found
  }
  switch SessionConnection.open(place) {
  case .success(let connection): return connection
  case .failure(.noSession):
    throw fail("no session runs for this project; start one with `lang dev`\n  looked for one of `\(place.root)`")
  case .failure(.silent(let process)):
    throw fail("the session\(process.map { " (process \($0))" } ?? "") does not answer")
  case .failure(.refused(let words)): throw fail(words)
  }
}

/// The answer; tells of a failure and ends the command otherwise.
func answered(_ answer: Result<JSONValue, SessionConnection.Failure>) throws -> JSONValue {
  switch answer {
  case .success(let value): return value
  case .failure(let failure):
    Files.write("error: \(failure.message)\n", to: 2)
    throw SourceErrors.exit
  }
}
