// `lang disasm`: what a function was compiled to.

import ArgumentParser
import Frontend
import Runtime
import Session

enum CodeTier: String, ExpressibleByArgument, CaseIterable { case bytecode, llvm, asm }

struct Disasm: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "disasm", abstract: "Show the code of a function.",
    discussion: """
      Prints the bytecode of a function and of the closures in it, one instruction a line; of a generic \
      function, that of each instance the program uses. With `--tier`, what hot code becomes: LLVM's \
      representation after its passes, or this machine's assembly:

        lang disasm game.lang tick
        lang disasm game.lang tick --tier asm
      """)

  @Argument(help: "The file, or a project: its directory or its `project.lang`.")
  var path: String
  @Argument(help: "The function, e.g. `tick` or `game/tick`.")
  var name: String
  @Option(help: "The code to show: bytecode, llvm or asm.")
  var tier = CodeTier.bytecode
  @OptionGroup var common: CommonOptions

  func run() throws {
    let colours = common.colour.isOn
    let program = try openProgram(path, colours: colours)
    Threads.growMainStack()
    var options = SessionOptions()
    options.colours = colours
    if tier != .bytecode { options.tier = .auto }
    let session = Session(options: options)
    report(session.load(program, needsMain: false))
    guard session.hasProgram else { throw SourceErrors.exit }
    guard let text = tier == .bytecode ? session.disassembly(of: name) : session.nativeListing(of: name, assembly: tier == .asm) else {
      let near = closestName(to: name, among: session.functionNames())
      let hint = near.map { "did you mean `\($0)`?" } ?? "it has to be a function that the program defines"
      Files.write("error: there is no function `\(name)` in `\(path)`: \(hint)\n", to: 2)
      throw SourceErrors.exit
    }
    Files.write(text, to: 1)
  }
}
