// What begins with a colon at the prompt.

import Frontend
import Runtime
import Server
import Session

extension REPL {
  struct Command {
    var name: String
    var argument: String
    var help: String
  }

  static let commands = [
    Command(name: "type", argument: "e", help: "the type of an expression, without computing it"),
    Command(name: "doc", argument: "n", help: "what a name stands for"),
    Command(name: "expand", argument: "e", help: "what the macro calls in a form stand for"),
    Command(name: "disasm", argument: "n", help: "the bytecode of a function"),
    Command(name: "load", argument: "f", help: "evaluate a file as if it were typed here"),
    Command(name: "restart", argument: "", help: "compute all values afresh"),
    Command(name: "help", argument: "", help: "this list"),
    Command(name: "quit", argument: "", help: "leave; so does Ctrl-D"),
  ]

  func command(_ text: String) {
    let words = text.split(separator: " ", maxSplits: 1, omittingEmptySubsequences: true)
    let name = words[0].dropFirst()
    let argument = words.count > 1 ? Self.trimmed(words[1]) : ""
    let command = Self.commands.first { $0.name == name }
    if let command, !command.argument.isEmpty, argument.isEmpty {
      return fail("`:\(name)` needs \(command.argument == "e" ? "an expression" : command.argument == "f" ? "a file" : "a name")")
    }
    switch name {
    case "type":
      if let answer = session.type(of: Array(argument.utf8)) {
        if case .value(_, let type) = answer { Files.write(type + "\n", to: 1) } else { show(answer) }
      }
    case "doc":
      if let text = session.documentation(of: argument) { Files.write(text + "\n", to: 1) } else { failUnknown(argument) }
    case "expand":
      switch session.expansion(of: Array(argument.utf8)) {
      case .forms(let step?, let full)?: Files.write("; one step\n\(step); in full\n\(full)", to: 1)
      case .forms(nil, let full)?: Files.write(full, to: 1)
      case .nothing?: show(.note("there is no macro call in that"))
      case .problems(let problems)?: show(.problems(problems))
      case nil: break
      }
    case "disasm":
      if let text = session.disassembly(of: argument) { Files.write(text, to: 1) } else { failUnknown(argument) }
    case "load":
      switch SourceFile.read(argument, colours: colours) {
      case .success(let file): evaluate(file.text, name: file.path, isFile: true)
      case .failure(let problem): show(.problems([problem]))
      }
    case "restart": session.startAfresh().forEach(show)
    case "help": Files.write(Self.list, to: 1)
    case "quit": exitCode = exitCode ?? (hasFailed && !isInteractive ? 1 : 0)
    default: fail("there is no command `:\(name)`; there are\n" + Self.list, isList: true)
    }
  }

  private static var list: String {
    commands.map { command in
      let head = ":" + command.name + (command.argument.isEmpty ? "" : " " + command.argument)
      return "  " + head + String(repeating: " ", count: max(1, 12 - head.count)) + command.help + "\n"
    }.joined()
  }

  private func failUnknown(_ name: String) {
    let near = closestName(to: name, among: session.visibleNames())
    fail("there is nothing called `\(name)`" + (near.map { "; did you mean `\($0)`?" } ?? ""))
  }

  private func fail(_ text: String, isList: Bool = false) {
    hasFailed = true
    Files.write(text + (isList ? "" : "\n"), to: 2)
  }

  private static func trimmed(_ text: Substring) -> String {
    var text = text.drop { $0 == " " }
    while text.last == " " || text.last == "\n" { text.removeLast() }
    return String(text)
  }
}
