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
      takes all files under `src` and `tests`:

        lang check game.lang
        lang check .                     the project in this directory
        lang check --json game.lang      one JSON object a line, for scripts and editors
      """)

  @Argument(help: "The file, or a project: its directory or its `project.lang`.")
  var path: String
  @Flag(help: "One diagnostic a line, as JSON.")
  var json = false
  @OptionGroup var common: CommonOptions

  func run() throws {
    let colours = common.colour.isOn
    let program = try openProgram(path, scope: .everything, colours: colours, asJSON: json)
    Threads.growMainStack()
    var options = SessionOptions()
    options.colours = colours
    let problems = Session(options: options).check(program, needsMain: true)
    report(problems, asJSON: json)
    if problems.contains(where: { $0.severity == .error }) { throw SourceErrors.exit }
  }
}
