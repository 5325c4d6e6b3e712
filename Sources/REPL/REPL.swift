// The prompt: reads forms until they are complete, has the session evaluate them, shows what came out.
// With a script on standard input it does the same without prompts.
//
//   line ─► (complete?) ─► `:command` ─► Commands.swift
//                └───────► forms ──────► Session.evaluate ─► value : Type
//
// Invariant: values go to stdout, problems and panics to stderr, and neither ends the prompt.

import Frontend
import Runtime
import Server
import Session
import Synchronization

public final class REPL {
  let session: any PromptSession
  /// The session, when it is the prompt's own.
  private let own: Session?
  let colours: Bool
  let isInteractive: Bool
  private let editor: LineEditor?
  private var script = LineReader()
  private var scanner = InputScanner()
  /// Whether Ctrl-C has something to interrupt.
  private let evaluation = Evaluation()
  var hasFailed = false
  var exitCode: Int?

  /// A session of its own. `colours` are for reports on stderr.
  public init(colours: Bool) {
    var options = SessionOptions()
    options.colours = colours
    let session = Session(options: options)
    own = session
    self.session = session
    self.colours = colours
    isInteractive = Process.isTerminal(0)
    editor = isInteractive ? LineEditor() : nil
  }

  /// In the running session at the other end of a connection.
  public init(_ connection: SessionConnection, colours: Bool) {
    own = nil
    session = RemoteSession(connection)
    self.colours = colours
    isInteractive = Process.isTerminal(0)
    editor = isInteractive ? LineEditor() : nil
  }

  /// Reads and evaluates to the end of the input; answers the exit code. Main thread. `program` is loaded
  /// first.
  public func run(_ program: ProgramFiles) -> Int {
    takeInterrupts()
    if let own { start(own, program) }
    if let exitCode { return exitCode }
    loadHistory()
    if isInteractive { greet() }
    loop()
    saveHistory()
    return exitCode ?? (hasFailed && !isInteractive ? 1 : 0)
  }

  private func takeInterrupts() {
    Signals.handle([Signals.interrupt]) { [session, evaluation, isInteractive] _ in
      if evaluation.isOn.load(ordering: .acquiring) {
        session.requestInterrupt()
      } else if !isInteractive {
        Signals.die(by: Signals.interrupt)
      }
    }
  }

  /// Loads the program into a session of the prompt's own.
  private func start(_ session: Session, _ program: ProgramFiles) {
    evaluation.isOn.store(true, ordering: .releasing)
    session.start(program).forEach(show)
    evaluation.isOn.store(false, ordering: .releasing)
    guard hasFailed, exitCode == nil else { return }
    if !isInteractive {
      exitCode = 1
      return
    }
    Files.write("the program was not loaded; starting without it\n", to: 2)
    session.start([]).forEach(show)
  }

  private func loop() {
    offerNames()
    var buffer = ""
    while exitCode == nil {
      switch nextLine(isContinued: !buffer.isEmpty) {
      case .end:
        if isInteractive { Files.write("\n", to: 1) }
        // What is incomplete at the end is told as such.
        if !buffer.isEmpty { take(buffer) }
        return
      case .cancelled: buffer = ""
      case .text(let line):
        if buffer.isEmpty, line.allSatisfy({ $0.isWhitespace }) { continue }
        buffer += (buffer.isEmpty ? "" : "\n") + line
        if !isCommand(buffer), !scanner.isComplete(buffer) { continue }
        remember(buffer)
        take(buffer)
        buffer = ""
      }
    }
  }

  private func nextLine(isContinued: Bool) -> TypedLine {
    if let editor { return editor.line(prompt: isContinued ? "  ... " : "lang> ") }
    return script.line().map { .text($0) } ?? .end
  }

  private func isCommand(_ text: String) -> Bool { text.drop { $0 == " " }.first == ":" }

  private func take(_ text: String) {
    if isCommand(text) {
      command(text)
    } else {
      evaluate(Array(text.utf8), name: "input")
    }
    offerNames()
  }

  func evaluate(_ input: [UInt8], name: String, isFile: Bool = false) {
    evaluation.isOn.store(true, ordering: .releasing)
    session.evaluate(input, name: name, isFile: isFile, show)
    evaluation.isOn.store(false, ordering: .releasing)
  }

  // MARK: Showing

  func show(_ result: Evaluated) {
    if result.isFailure { hasFailed = true }
    switch result {
    case .unit: break
    case .value(let text, let type):
      Files.write(text.map { "\($0) : \(type)\n" } ?? "<function> : \(type)\n", to: 1)
    case .defined(let names):
      if isInteractive, !names.isEmpty { Files.write(paint("defined " + names.joined(separator: " "), "2") + "\n", to: 1) }
    case .problems(let problems): Files.write(problems.map(\.terminal).joined(separator: "\n"), to: 2)
    case .panic(let panic): Files.write(panic.terminal(colours: colours), to: 2)
    case .note(let text): Files.write("note: \(text)\n", to: 2)
    case .exit(let code): exitCode = code
    }
  }

  private func greet() {
    Files.write("lang: type an expression or a definition; :help lists commands, Ctrl-D leaves\n", to: 1)
  }

  func paint(_ text: String, _ code: String) -> String { colours ? "\u{1b}[\(code)m\(text)\u{1b}[0m" : text }

  // MARK: Editing

  private func offerNames() {
    guard let editor else { return }
    editor.complete(Set(session.visibleNames() + Self.commands.map { ":" + $0.name }).sorted())
  }

  /// On one line, if that is the same text: history is gone through line by line.
  private func remember(_ text: String) {
    guard let editor else { return }
    if text.contains("\n"), text.contains(";") || text.contains("\"") {
      for line in text.split(separator: "\n") { editor.remember(String(line)) }
    } else {
      editor.remember(text.split(separator: "\n").map { $0.drop { $0 == " " } }.joined(separator: " "))
    }
  }

  private static var historyDirectory: String? {
    if let state = Process.environment("XDG_STATE_HOME"), state.hasPrefix("/") { return state + "/lang" }
    return Process.environment("HOME").map { $0 + "/.local/state/lang" }
  }

  private func loadHistory() {
    if let editor, let directory = Self.historyDirectory { editor.load(directory + "/history") }
  }

  private func saveHistory() {
    guard let editor, let directory = Self.historyDirectory, Files.makeDirectory(directory) else { return }
    editor.save(directory + "/history")
  }
}

private final class Evaluation: Sendable { let isOn = Atomic(false) }

/// Decides whether what was typed so far is all of it.
struct InputScanner: ~Copyable {
  private var reader = Reader()
  private var interner = Interner()

  /// Nothing is open at the end of the text.
  mutating func isComplete(_ text: String) -> Bool {
    reader.read(Array(text.utf8), interner: &interner)
    let problems = reader.problems
    return problems.isEmpty
      || !problems.allSatisfy { [.unclosedDelimiter, .unterminatedString, .unterminatedComment].contains($0.code) }
  }
}
