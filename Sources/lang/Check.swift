// `lang check`: all problems of a program, without running it.

import ArgumentParser
import Frontend
import Runtime
import Session

struct Check: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "check", abstract: "Look for errors without running anything.",
    discussion: """
      Reports every problem it finds, on stderr, and exits with 1 if one of them is an error:

        lang check game.lang
        lang check --json game.lang      one JSON object a line, for scripts and editors
      """)

  @Argument(help: "The file, or a directory with a `project.lang`.")
  var path: String
  @Flag(help: "One diagnostic a line, as JSON.")
  var json = false
  @OptionGroup var common: CommonOptions

  func run() throws {
    let colours = common.colour.isOn
    let file = try openSource(path, colours: colours, asJSON: json)
    Threads.growMainStack()
    var options = SessionOptions()
    options.colours = colours
    let problems = Session(options: options).check([(file.path, file.text)], needsMain: true)
    report(problems, asJSON: json)
    if problems.contains(where: { $0.severity == .error }) { throw SourceErrors.exit }
  }
}
