// `lang test`: every `deftest` of a program, several at a time, told in the order of the text. What a test
// prints is kept with it and shown when it fails.

import ArgumentParser
import Runtime
import Session
import Synchronization

struct Test: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "test", abstract: "Run the tests of a program.",
    discussion: """
      A test is a definition beside the others:

        (deftest addition
          (assert= 4 (+ 2 2))
          (assert (> 3 2)))

      It passes when it comes to its end, and fails at a panic: a failed assertion shows both values and the \
      place. Every test begins with all `def` and `defvar` computed afresh, so tests run at the same time, as \
      many as there are processors; `--jobs 1` runs one after the other, for tests that share a file or the \
      terminal. `main` does not run.

        lang test game.lang                    runs all
        lang test .                            those of the project in this directory
        lang test game.lang --filter addition  those whose `module/name` holds this text

      Exit status: 0 when all pass, 1 when one fails or the source has errors. Ctrl-C ends the tests that \
      run, tells which they were, and leaves the rest.
      """)

  @Argument(help: "The file, or a project: its directory or its `project.lang`.")
  var path: String
  @Option(help: ArgumentHelp("Only tests whose `module/name` holds this text.", valueName: "text"))
  var filter: String?
  @Flag(help: "Show what tests print also when they pass.")
  var showOutput = false
  @Option(help: ArgumentHelp("At most this many tests at a time; by default one for each processor.", valueName: "n"))
  var jobs: Int?
  @OptionGroup var common: CommonOptions

  func validate() throws {
    if let jobs, jobs < 1 { throw ValidationError("--jobs is a number of tests at a time, 1 or more") }
  }

  func run() throws {
    let program = try openProgram(path, scope: .everything, colours: common.colour.isOn)
    Threads.growMainStack()
    var options = SessionOptions()
    options.colours = common.colour.isOn
    options.keepsCode = true
    let session = Session(options: options)
    report(session.load(program, needsMain: false))
    guard session.hasProgram else { throw SourceErrors.exit }
    let tests: [TestCase]
    switch session.tests(matching: filter) {
    case .success(let found): tests = found
    case .failure(let refused):
      report(refused.problems)
      throw SourceErrors.exit
    }
    let colours = common.colour.isOn(for: 1)
    let showsAll = showOutput
    let counts = Counts()
    let run = TestRun(
      tests, of: session, workers: jobs ?? Process.processors, colours: colours,
      begins: { Files.write("test \($0.name) ... ", to: 1) },
      ends: { result in
        counts.add(result)
        Files.write(Self.text(of: result, showsAll: showsAll, colours), to: 1)
      })
    let interrupts = Atomic(0)
    Signals.handle([Signals.interrupt, Signals.terminate, Signals.hangUp]) { number in
      if number != Signals.interrupt { Signals.die(by: number) }
      if interrupts.wrappingAdd(1, ordering: .relaxed).oldValue > 0 { Process.leaveNow(130) }
      run.interrupt()
    }
    let rest = run.perform()
    if rest > 0 { Files.write("\(rest) not run\n", to: 1) }
    let found = counts.figures
    Files.write("\(found.passed) passed, \(found.failed) failed\n", to: 1)
    Process.leave(found.isInterrupted || rest > 0 ? 130 : found.failed > 0 ? 1 : 0)
  }

  private final class Counts: Sendable {
    private let counted = Mutex((passed: 0, failed: 0, isInterrupted: false))
    var figures: (passed: Int, failed: Int, isInterrupted: Bool) { counted.withLock { $0 } }

    func add(_ result: TestResult) {
      counted.withLock {
        if case .passed = result.outcome { $0.passed += 1 } else { $0.failed += 1 }
        if result.isInterrupt { $0.isInterrupted = true }
      }
    }
  }

  /// What stands behind `test NAME ... `, to the end of the line or of the report.
  private static func text(of result: TestResult, showsAll: Bool, _ colours: Bool) -> String {
    func paint(_ text: String, _ code: String) -> String { colours ? "\u{1b}[\(code)m\(text)\u{1b}[0m" : text }
    var text = ""
    var hasPassed = false
    switch result.outcome {
    case .passed:
      hasPassed = true
      text = paint("ok", "32") + "\n"
    case .left(let code):
      text = paint("FAILED", "1;31") + "\n\n" + paint("exit", "1;31") + paint(": the test ended the program with `(exit \(code))`", "1") + "\n"
      text += paint(" -->", "1;34") + " \(result.test.file):\(result.test.line)\n"
    case .panicked(let panic, let excerpt):
      text = paint(panic.isInterrupt ? "interrupted" : "FAILED", "1;31") + "\n\n"
      text += panic.terminal(colours: colours, excerpt: excerpt)
    }
    if !result.output.isEmpty, !hasPassed || showsAll {
      text += (hasPassed ? "" : "  it printed:\n") + indented(result.output)
    }
    return text + (hasPassed ? "" : "\n")
  }

  private static func indented(_ output: [UInt8]) -> String {
    var lines = String(decoding: output, as: UTF8.self).split(separator: "\n", omittingEmptySubsequences: false)
    if lines.last == "" { lines.removeLast() }
    return lines.map { "    \($0)\n" }.joined()
  }
}
