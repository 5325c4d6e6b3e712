// `lang check`: all problems of a program, without running it.

import ArgumentParser
import Frontend
import Runtime
import Session

struct Check: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "check", abstract: "Look for errors without running anything.",
    discussion: """
      Reports every problem it finds, on stderr, and exits with 1 if one of them is an error. Of a project it \
      takes all files under `src` and `tests`. A `main` is needed only to run:

        lang check game.lang
        lang check .                     the project in this directory
        lang check --json game.lang      one JSON object a line, for scripts and editors
      """)

  @Argument(help: "The file, or a project: its directory or its `project.lang`.")
  var path: String
  @Flag(help: "One diagnostic a line, as JSON.")
  var json = false
  @Flag(help: "Say where the time went: lines a second and the share of each phase.")
  var stats = false
  @OptionGroup var common: CommonOptions

  func run() throws {
    let colours = common.colour.isOn
    let program = try openProgram(path, scope: .everything, colours: colours, asJSON: json)
    Threads.growMainStack()
    var options = SessionOptions()
    options.colours = colours
    let (problems, phases) = Session(options: options).measuredCheck(program, needsMain: false)
    report(problems, asJSON: json)
    if stats { Files.write(figures(phases), to: 2) }
    if problems.contains(where: { $0.severity == .error }) { throw SourceErrors.exit }
  }

  private func figures(_ phases: CheckPhases) -> String {
    let total = max(phases.total, 1)
    func share(_ part: Double) -> String { "\(Int((part * 100 / total).rounded())) %" }
    return """
      \(grouped(phases.lines)) lines in \(Int((total / 1000).rounded())) ms: \
      \(grouped(Int(Double(phases.lines) * 1e6 / total))) lines a second
      read \(share(phases.read)), declare \(share(phases.declare)), headers \(share(phases.headers)), \
      bodies \(share(phases.bodies))

      """
  }
}
