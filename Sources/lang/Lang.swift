// The `lang` command: one file for each subcommand, this one for what they share. Exit codes are part of
// the contract: 0 fine, 1 the source has errors, 2 wrong usage, 101 a panic reached the top, 130 Ctrl-C,
// otherwise what `main` returned.
//
// Invariant: only the program itself and what was asked for goes to stdout; all else goes to stderr.

import ArgumentParser
import Frontend
import Runtime
import Session

@main
struct Lang: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "lang",
    abstract: "A statically typed live Lisp: edit a program while it runs.",
    discussion: """
      Start with a file that holds `(defn main [] -> Unit (println "hello"))`:

        lang run hello.lang       runs it once
        lang dev hello.lang       runs it and takes in every edit you save
        lang repl                 tries things out
        lang status               tells how the running session is doing
        lang check hello.lang     only looks for errors
        lang test hello.lang      runs its tests
        lang profile hello.lang   runs it and tells where its time goes
        lang fmt hello.lang       lays it out
        lang explain E0301        tells what a report's code means
        lang new hello            makes a project with a program that moves, and a test

      Exit status: 0 fine, 1 the source has errors, 2 wrong usage, 101 a panic, otherwise what `main` returned.
      """,
    version: "lang 0.1.0",
    subcommands: [
      Run.self, Dev.self, Repl.self, Status.self, Restart.self, Check.self, Test.self, ProfileCommand.self, Fmt.self, Disasm.self, New.self, Explain.self, Doctor.self,
    ])

  static func main() {
    do {
      if let settings = Run.Settings(plain: CommandLine.arguments) { try Run.run(settings) }
      try checkCommand(CommandLine.arguments)
      var command = try parseAsRoot()
      try command.run()
    } catch let code as ExitCode {
      Process.leave(Int(code.rawValue))
    } catch {
      let isFine = exitCode(for: error) == .success
      Files.write(fullMessage(for: error) + "\n", to: isFine ? 1 : 2)
      Process.leave(isFine ? 0 : 2)
    }
    Process.leave(0)
  }

  /// Refuses a command that does not exist. The parser would take its name for an argument, and answer a
  /// request for its help with that of `lang`.
  private static func checkCommand(_ words: [String]) throws {
    let names = configuration.subcommands.compactMap { $0.configuration.commandName }
    guard let word = words.dropFirst(words.count > 2 && words[1] == "help" ? 2 : 1).first, !word.hasPrefix("-"),
      word != "help", !names.contains(word)
    else { return }
    let near = closestName(to: word, among: names).map { "did you mean `lang \($0)`?" } ?? "`lang --help` lists the commands"
    Files.write("error: there is no command `\(word)`\n  = help: \(near)\n", to: 2)
    throw ExitCode(2)
  }
}

enum ColourChoice: String, ExpressibleByArgument, CaseIterable {
  case auto, always, never

  var isOn: Bool { isOn(for: 2) }

  /// Whether what goes to this descriptor is coloured.
  func isOn(for file: Int32) -> Bool {
    switch self {
    case .always: true
    case .never: false
    case .auto:
      Process.isTerminal(file) && (Process.environment("NO_COLOR") ?? "").isEmpty && Process.environment("TERM") != "dumb"
    }
  }
}

struct CommonOptions: ParsableArguments {
  @Option(name: .customLong("color"), help: "Colours in reports: auto, always or never. `auto` asks whether stderr is a terminal and respects NO_COLOR.")
  var colour = ColourChoice.auto
}

enum SourceErrors {
  static let exit = ExitCode(1)
}

func report(_ problems: [LocatedDiagnostic], asJSON: Bool = false) {
  let texts = problems.map { asJSON ? $0.json + "\n" : $0.terminal }
  if !texts.isEmpty { Files.write(texts.joined(separator: asJSON ? "" : "\n"), to: 2) }
}

/// The program at `path`; reports and ends the command when it cannot be read. `.everything` takes all
/// modules of a project, not only those that `main` leads to.
func openProgram(
  _ path: String, scope: ProgramFiles.Scope = .reachable, colours: Bool, asJSON: Bool = false
) throws -> ProgramFiles {
  switch ProgramFiles.open(path, scope: scope, colours: colours) {
  case .success(let program): return program
  case .failure(let failure):
    report(failure.problems, asJSON: asJSON)
    throw SourceErrors.exit
  }
}
