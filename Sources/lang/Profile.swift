// `lang profile`: the program as `lang run` runs it, with a sample of it each millisecond.

import ArgumentParser
import Runtime
import Session

enum ProfileFormat: String, ExpressibleByArgument, CaseIterable { case text, folded, svg, speedscope, trace }

struct ProfileCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "profile", abstract: "Run a program and report where its time goes.",
    discussion: """
      Runs the program once, as `lang run` does, and tells at its end, or at Ctrl-C, where its time went: by function, by line, and by \
      how the code ran; then what was recorded and decided for each function that became machine code.

        lang profile game.lang
        lang profile tool.lang -- input.txt
        lang profile --format folded -o tool.folded tool.lang

      The report goes to stderr, or to the file that `-o` names; the program's own output stays its own.

      Columns: `self` is time in the function's own code, `total` the same with all that it called; `machine` and `interp.` split `self` by \
      how the code ran. Percentages are of the program's processor time: waiting for input or a clock does not count, a collection counts \
      for whoever allocated.

      How it is measured: each millisecond a sample is asked for, and the program takes it at its next call or turn of a loop; it weighs \
      as much processor time as has passed since the one before. Machine code looks for samples in its loops, in calls that lead back to \
      where they came from and behind calls, so a small function that it calls may count for its caller. A sample counts as machine code when \
      it was machine code that stopped for it, or that returned while it was asked for. A loop of machine code that stops for a sample goes \
      on interpreted until it is hot again, so shares of `interp.` are a little higher than without samples.

      Formats: `text`, to be read; `folded`, a stack a line with µs, for flame graph tools; `svg`, a flame graph; `speedscope`, for https://www.speedscope.app; \
      `trace`, along time, for https://ui.perfetto.dev.
      """)

  @Argument(help: "The file, or a project: its directory or its `project.lang`.")
  var path: String
  @Argument(parsing: .postTerminator, help: "Arguments of the program.")
  var arguments: [String] = []
  @Option(help: "How to report.")
  var format = ProfileFormat.text
  @Option(name: .customShort("o"), help: ArgumentHelp("Write the report to this file.", valueName: "file"))
  var output: String?
  @Option(help: "How code runs: interp interprets; auto compiles what is hot in the background; jit waits for the compiled code.")
  var tier = Tier.auto
  @Option(help: "Calls or turns of a loop from which on code is hot (auto: 500, jit: 1).")
  var jitThreshold: Int?
  @OptionGroup var machineCode: MachineCodeOptions
  @OptionGroup var common: CommonOptions

  func validate() throws {
    if let jitThreshold, jitThreshold < 0 { throw ValidationError("--jit-threshold is a number of calls, 0 or more") }
  }

  func run() throws {
    var file: OutputFile?
    if let output {
      // Before the program runs, which may take long.
      switch OutputFile.open(output) {
      case .success(let opened): file = opened
      case .failure(let problem):
        Files.write("error: cannot write `\(output)`: \(problem.words)\n", to: 2)
        throw ExitCode(2)
      }
    }
    var settings = Run.Settings(path: path, arguments: arguments)
    settings.colour = common.colour
    settings.tier = tier
    settings.jitThreshold = jitThreshold
    settings.machineCode = machineCode
    settings.profiler = Profiler(keepsOrder: format == .trace)
    let (format, path) = (format, path)
    settings.onProfile = { profile in
      let text =
        switch format {
        case .folded: profile.folded()
        case .svg: profile.flames(name: path)
        case .speedscope: profile.speedscope(name: path)
        case .trace: profile.trace(name: path)
        case .text: profile.text()
        }
      if let file { file.write(text) } else { Files.write(text, to: 2) }
    }
    try Run.run(settings)
  }
}
