// `lang repl`: the prompt, on a session of its own or in the running one.

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

      `--connect` evaluates in the session that `lang dev` runs for the project you are in, or for PATH. Expressions \
      see the program's own state, and run on its thread, between two of its calls; definitions are edits of the \
      running program, until the file they are in is saved again:

        echo '(len (.enemies world))' | lang repl --connect

      `:help` lists the commands of the prompt.
      """)

  @Argument(help: "A program to load: a file, or a project: its directory or its `project.lang`.")
  var path: String?
  @Flag(help: "Evaluate in the running session of the project.")
  var connect = false
  @OptionGroup var common: CommonOptions

  func run() throws {
    let colours = common.colour.isOn
    if connect {
      let connection = try lang.connect(path)
      Process.leave(REPL(connection, colours: colours).run(ProgramFiles([])))
    }
    let program = try path.map { try openProgram($0, colours: colours) }
    Threads.growMainStack()
    Process.leave(REPL(colours: colours).run(program ?? ProgramFiles([])))
  }
}
