// `lang fmt`: files in the one layout. Each is written as a whole or not at all.

import ArgumentParser
import Frontend
import Runtime
import Session

struct Fmt: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "fmt", abstract: "Format source files in place.",
    discussion: """
      Indents, tidies blanks and moves closing brackets to where they belong. Line breaks stay where you put \
      them, unless a line would pass \(Formatter.width) columns. Comments, names and the spelling of numbers and \
      strings stay as they are, and the program means the same afterwards. A file that cannot be read is \
      reported and left alone:

        lang fmt game.lang           formats one file
        lang fmt .                   formats all `.lang` files below this directory
        lang fmt --check src         changes nothing; lists what would change, exits with 1 if there is any
        lang fmt - < a.lang          formats standard input to standard output, for editors
      """)

  @Flag(help: "Change nothing: list files that are not formatted, and exit with 1 if there are any.")
  var check = false
  @Argument(help: "Files, directories, or `-` for standard input.")
  var paths: [String]
  @OptionGroup var common: CommonOptions

  func validate() throws {
    if paths.contains("-"), paths.count > 1 { throw ValidationError("`-` is standard input and stands alone") }
  }

  func run() throws {
    Threads.growMainStack()
    let colours = common.colour.isOn
    if paths == ["-"] { return try formatInput(colours) }
    var isFine = true
    for path in paths {
      let files = Files.isDirectory(path) ? Files.sources(below: path) : [path]
      for file in files where !format(file, colours) { isFine = false }
    }
    if !isFine { throw SourceErrors.exit }
  }

  /// False: it has errors, could not be written, or is not formatted and was to be checked only.
  private func format(_ path: String, _ colours: Bool) -> Bool {
    let source: SourceFile
    switch SourceFile.read(path, colours: colours) {
    case .success(let file): source = file
    case .failure(let problem):
      report([problem])
      return false
    }
    guard let text = formatted(source, colours) else { return false }
    if text == source.text { return true }
    if check {
      Files.write(path + "\n", to: 1)
      return false
    }
    if let problem = Files.replace(path, with: text) {
      Files.write("error: cannot write `\(path)`: \(problem.words); it is what it was\n", to: 2)
      return false
    }
    Files.write("formatted \(path)\n", to: 2)
    return true
  }

  private func formatInput(_ colours: Bool) throws {
    guard case .success(let text) = Files.readAll(from: 0, limit: Reader.maxTextSize + 1) else {
      Files.write("error: cannot read standard input\n", to: 2)
      throw SourceErrors.exit
    }
    guard let result = formatted(SourceFile(path: "<stdin>", text: text), colours) else { throw SourceErrors.exit }
    if !check { return Files.write(result, to: 1) }
    if result != text {
      Files.write("<stdin>\n", to: 1)
      throw SourceErrors.exit
    }
  }

  private func formatted(_ source: SourceFile, _ colours: Bool) -> [UInt8]? {
    switch Formatter.format(source.text) {
    case .formatted(let text): return text
    case .unreadable:
      report(source.readingProblems(colours: colours))
      return nil
    case .fault:
      Files.write("error: `\(source.path)` is left alone: formatting would change what it means, a fault of the formatter\n", to: 2)
      return nil
    }
  }
}
