// `lang repl`: the prompt, on a session of its own.

import ArgumentParser
import REPL
import Runtime
import Session

struct Repl: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "repl", abstract: "Try things out at a prompt.",
    discussion: """
      Evaluates what is typed, with the program at PATH loaded if there is one. Definitions may be given \
      again; what uses them follows. With a script on standard input there are no prompts:

        lang repl
        echo '(map (fn [x] (* x x)) (range 5))' | lang repl

      `:help` lists the commands of the prompt.
      """)

  @Argument(help: "A program to load: a file, or a project: its directory or its `project.lang`.")
  var path: String?
  @OptionGroup var common: CommonOptions

  func run() throws {
    let colours = common.colour.isOn
    let program = try path.map { try openProgram($0, colours: colours) }
    Threads.growMainStack()
    Process.leave(REPL(colours: colours).run(program ?? ProgramFiles([])))
  }
}
