// `lang test`: every `deftest` of a program, in the order of the text. What a test prints is kept and shown
// when it fails.

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
      place. Every test begins with all `def` and `defvar` computed afresh. `main` does not run.

        lang test game.lang                    runs all
        lang test .                            those of the project in this directory
        lang test game.lang --filter addition  those whose `module/name` holds this text

      Exit status: 0 when all pass, 1 when one fails or the source has errors. Ctrl-C ends the test that runs, \
      tells which it was, and leaves the rest.
      """)

  @Argument(help: "The file, or a project: its directory or its `project.lang`.")
  var path: String
  @Option(help: ArgumentHelp("Only tests whose `module/name` holds this text.", valueName: "text"))
  var filter: String?
  @Flag(help: "Show what tests print also when they pass.")
  var showOutput = false
  @OptionGroup var common: CommonOptions

  func run() throws {
    let program = try openProgram(path, scope: .everything, colours: common.colour.isOn)
    Threads.growMainStack()
    let printed = Mutex<[UInt8]>([])
    var options = SessionOptions()
    options.colours = common.colour.isOn
    options.output = { text, _ in printed.withLock { $0 += text } }
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
    let interrupts = Atomic(0)
    Signals.handle([Signals.interrupt, Signals.terminate, Signals.hangUp]) { number in
      if number != Signals.interrupt { Signals.die(by: number) }
      if interrupts.wrappingAdd(1, ordering: .relaxed).oldValue > 0 { Process.leaveNow(130) }
      session.requestInterrupt()
    }
    Process.leave(perform(tests, session, printed))
  }

  private func perform(_ tests: [TestCase], _ session: Session, _ printed: borrowing Mutex<[UInt8]>) -> Int {
    let colours = common.colour.isOn(for: 1)
    func paint(_ text: String, _ code: String) -> String { colours ? "\u{1b}[\(code)m\(text)\u{1b}[0m" : text }
    var (passed, failed) = (0, 0)
    var wasInterrupted = false
    for test in tests {
      printed.withLock { $0 = [] }
      Files.write("test \(test.name) ... ", to: 1)
      let result = session.run(test, colours: colours)
      var text = ""
      switch result.outcome {
      case .passed:
        passed += 1
        text = paint("ok", "32") + "\n"
      case .left(let code):
        failed += 1
        text = paint("FAILED", "1;31") + "\n\n" + paint("exit", "1;31") + paint(": the test ended the program with `(exit \(code))`", "1") + "\n"
        text += paint(" -->", "1;34") + " \(test.file):\(test.line)\n"
      case .panicked(let panic, let excerpt):
        failed += 1
        text = paint(panic.isInterrupt ? "interrupted" : "FAILED", "1;31") + "\n\n"
        text += panic.terminal(colours: colours, excerpt: excerpt)
      }
      var hasPassed = false
      if case .passed = result.outcome { hasPassed = true }
      let output = printed.withLock { $0 }
      if !output.isEmpty, !hasPassed || showOutput {
        text += (hasPassed ? "" : "  it printed:\n") + indented(output)
      }
      Files.write(text + (hasPassed ? "" : "\n"), to: 1)
      if result.isInterrupt {
        wasInterrupted = true
        let rest = tests.count - passed - failed
        if rest > 0 { Files.write("\(rest) not run\n", to: 1) }
        break
      }
    }
    Files.write("\(passed) passed, \(failed) failed\n", to: 1)
    return wasInterrupted ? 130 : failed > 0 ? 1 : 0
  }

  private func indented(_ output: [UInt8]) -> String {
    var lines = String(decoding: output, as: UTF8.self).split(separator: "\n", omittingEmptySubsequences: false)
    if lines.last == "" { lines.removeLast() }
    return lines.map { "    \($0)\n" }.joined()
  }
}
