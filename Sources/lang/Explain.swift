// `lang explain`: what a diagnostic's code means, at length.

import ArgumentParser
import Frontend
import Runtime

struct Explain: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "explain", abstract: "Explain a diagnostic's code.",
    discussion: """
      Every report has a code, as in `error[E0301]`. This tells what it means, why it is so, and shows a \
      program that is refused beside one that is not:

        lang explain E0301
        lang explain                 lists all codes
      """)

  @Argument(help: "A code such as `E0301`; all are listed without one.")
  var code: String?
  @OptionGroup var common: CommonOptions

  func run() throws {
    guard let code else {
      let lines = DiagnosticCode.allCases.map(\.rawValue).sorted().map { code in
        "\(code)  \(DiagnosticCode(rawValue: code).flatMap(Explanation.of)?.title ?? "")\n"
      }
      return Files.write(lines.joined(), to: 1)
    }
    let wanted = code.uppercased()
    guard let found = DiagnosticCode(rawValue: wanted).flatMap(Explanation.of) else {
      let near = closestName(to: wanted, among: DiagnosticCode.allCases.map(\.rawValue))
      Files.write(
        "error: there is no code `\(code)`: " + (near.map { "did you mean `\($0)`?" } ?? "`lang explain` lists all") + "\n",
        to: 2)
      throw ExitCode(2)
    }
    let text = found.terminal
    guard common.colour.isOn(for: 1), let end = text.firstIndex(of: "\n") else { return Files.write(text, to: 1) }
    Files.write("\u{1b}[1m\(text[..<end])\u{1b}[0m\(text[end...])", to: 1)
  }
}
