// `edit`: new text of a ten-line function to callable, inside one running process of each peer. Each peer's
// script times itself over thousands of distinct texts and prints its rows as JSON, one a line.

import Foundation

/// One way of taking in new text. Times are microseconds.
struct EditRow: Codable {
  let name: String
  let edits: Int
  let p50: Double
  let p99: Double
  let note: String
}

struct EditBenchmark {
  let settings: Settings

  init(_ settings: Settings) { self.settings = settings }

  private static let scripts: [(tool: String, arguments: [String], hint: String)] = [
    ("luajit", ["luajit.lua"], "apt-get install luajit"),
    ("node", ["node.js"], "apt-get install nodejs"),
    ("sbcl", ["--script", "sbcl.lisp"], "apt-get install sbcl"),
    ("python3", ["python.py"], "apt-get install python3"),
  ]

  func run() throws {
    let workshop = try Workshop(settings)
    defer { workshop.close() }

    let own = try ownEditRows(edits: settings.edits)
    var peers: [EditRow] = []
    var missing: [String] = []
    for script in Self.scripts where !settings.noPeers {
      guard let tool = Workshop.onPath(script.tool) else {
        missing.append("- \(script.tool) is missing: \(script.hint)")
        continue
      }
      var arguments = script.arguments
      arguments[arguments.count - 1] = "\(workshop.root)/edit/\(arguments[arguments.count - 1])"
      peers += try rows(printedBy: [tool] + arguments + ["\(settings.edits)"])
    }

    print("Edits: new text of a ten-line function to callable, µs")
    print("\(Machine.description)\n")
    print(Self.table(own + peers.sorted { $0.p50 < $1.p50 }))
    missing.forEach { print($0) }
    print("\nSaves: from the write of a file of 1000 definitions to the swap, µs\n")
    print(Self.table(try saveRows(in: workshop.scratch)))
  }

  private func saveRows(in directory: String) throws -> [EditRow] {
    try [(0, 200), (50, 40)].map { debounce, saves in
      let latencies = try SaveLatency(definitions: 1_000, debounce: debounce).measure(saves: saves, in: directory)
      return EditRow(
        name: "lang dev, --debounce \(debounce)", edits: saves, p50: latencies.microseconds(at: 50),
        p99: latencies.microseconds(at: 99), note: "write, rename, inotify, read, compare, edit, swap")
    }
  }

  static func table(_ rows: [EditRow]) -> String {
    var table = Table(header: ["way", "p50", "p99", "edits", "note"])
    for row in rows {
      table.add([
        row.name, row.p50.formatted(decimals: 1), row.p99.formatted(decimals: 1), "\(row.edits)", row.note,
      ])
    }
    return table.text
  }

  private func rows(printedBy command: [String]) throws -> [EditRow] {
    let child = try ChildProcess.run(command)
    guard child.status == 0 else {
      throw Failure.measurement("\(command.joined(separator: " ")) ended with status \(child.status)")
    }
    return try child.output.split(separator: "\n").map {
      try JSONDecoder().decode(EditRow.self, from: Data($0.utf8))
    }
  }
}
