// The entry of `lang-bench`: every figure that the project promises, measured beside peers in one run,
// so that what counts is a ratio and not the machine. One file for each subcommand.

import Foundation
import Runtime

@main
enum LangBench {
  static func main() {
    do {
      try run(Array(CommandLine.arguments.dropFirst()))
      // A session's compiler may still be at work, under which nothing is torn down.
      Process.leave(0)
    } catch let failure as Failure {
      printError("lang-bench: \(failure.message)")
      Process.leave(Int(failure.status))
    } catch {
      printError("lang-bench: \(error)")
      Process.leave(1)
    }
  }

  static func run(_ arguments: [String]) throws {
    guard let command = arguments.first else { throw Failure.usage("which command?") }
    if ["help", "--help", "-h"].contains(command) { return print(Settings.usage) }
    let settings = try Settings(arguments.dropFirst())
    switch command {
    case "interp": try ProgramBenchmark(.interp, settings).run()
    case "awfy": try ProgramBenchmark(.awfy, settings).run()
    case "warm": try WarmBenchmark(settings: settings).run()
    case "hello": try StartupBenchmark(settings).run()
    case "edit": try EditBenchmark(settings).run()
    case "cascade": try CascadeBenchmark(settings).run()
    case "warmup": try WarmupBenchmark(settings: settings).run()
    case "redefine": try RedefineBenchmark(settings: settings).run()
    case "soak": try Soak(edits: settings.edits, seed: settings.seed).run()
    case "all":
      try ProgramBenchmark(.interp, settings).run()
      print()
      try ProgramBenchmark(.awfy, settings).run()
      print()
      try StartupBenchmark(settings).run()
      print()
      try EditBenchmark(settings).run()
      print()
      try CascadeBenchmark(settings).run()
      print()
      try WarmupBenchmark(settings: settings).run()
      print()
      try RedefineBenchmark(settings: settings).run()
    case "generate":
      guard let output = settings.output else { throw Failure.usage("generate needs --output DIR") }
      let generator = ProjectGenerator(
        definitions: settings.definitions, files: settings.files, seed: settings.seed)
      try generator.write(to: output)
    default: throw Failure.usage("no command `\(command)`")
    }
  }
}

/// What ends the whole run: wrong usage (2) or a measurement that must not be believed (1).
struct Failure: Error {
  let message: String
  let status: Int32

  static func usage(_ message: String) -> Failure {
    Failure(message: "\(message)\n\n\(Settings.usage)", status: 2)
  }

  static func measurement(_ message: String) -> Failure { Failure(message: message, status: 1) }
}

func printError(_ line: String) {
  FileHandle.standardError.write(Data((line + "\n").utf8))
}
