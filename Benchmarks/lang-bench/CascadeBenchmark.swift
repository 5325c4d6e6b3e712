// `cascade`: what edits cost that concern more than one body, beside systems that are changed while they run. Peers' scripts
// time themselves and print one JSON line for each kind of edit they know.

import Foundation
import Histogram

/// What a peer's script prints. Times are microseconds.
struct CascadePeerRow: Codable {
  let key: String
  let name: String
  let edits: Int
  let p50: Double
  let p99: Double
  let note: String
}

struct CascadeBenchmark {
  let settings: Settings

  init(_ settings: Settings) { self.settings = settings }

  static let scripts: [(tool: String, arguments: [String], hint: String)] = [
    ("sbcl", ["--script", "sbcl.lisp"], "apt-get install sbcl"),
    ("escript", ["erlang.escript"], "apt-get install erlang-base"),
  ]

  func run() throws {
    let few = try CascadeLatency(others: 1_000, edits: settings.edits, only: settings.programs).measure()
    let many = try CascadeLatency(others: 100_000, edits: settings.edits, only: settings.programs).measure()
    let workshop = try Workshop(settings)
    defer { workshop.close() }
    var peers: [CascadePeerRow] = []
    var missing: [String] = []
    for script in Self.scripts where !settings.noPeers {
      guard let tool = Workshop.onPath(script.tool) else {
        missing.append("- \(script.tool) is missing: \(script.hint)")
        continue
      }
      var command = [tool] + script.arguments
      command[command.count - 1] = "\(workshop.root)/cascade/\(command[command.count - 1])"
      let child = try ChildProcess.run(command)
      guard child.status == 0 else {
        throw Failure.measurement("\(command.joined(separator: " ")) ended with status \(child.status)")
      }
      peers += try child.output.split(separator: "\n").map { try JSONDecoder().decode(CascadePeerRow.self, from: Data($0.utf8)) }
    }

    print("Cascades: an edit and all that follows from it, to where the running program has it, µs")
    print("\(Machine.description)\n")
    var table = Table(header: ["edit", "p50", "p99", "× 1000", "edits", "recompiled", "expanded", "same", "call p50", "where the time went"])
    for (one, other) in zip(few, many) {
      table.add(row(one.title, one, 1))
      table.add(row("  with 100,000 others", other, other.total.microseconds(at: 50) / max(0.1, one.total.microseconds(at: 50))))
    }
    print(table.text)
    print("\nThe same edits elsewhere, µs; × is the ratio to Lang's with 1000 other definitions\n")
    var others = Table(header: ["edit", "p50", "p99", "×", "edits", "note"])
    for one in few {
      let p50 = one.total.microseconds(at: 50)
      others.add([one.title + ": lang", p50.formatted(decimals: 1), one.total.microseconds(at: 99).formatted(decimals: 1), "1", "\(one.total.totalCount)", ""])
      for peer in peers where peer.key == one.key {
        others.add([
          "  " + peer.name, peer.p50.formatted(decimals: 1), peer.p99.formatted(decimals: 1), (peer.p50 / max(0.1, p50)).formatted(decimals: 1),
          "\(peer.edits)", peer.note,
        ])
      }
    }
    print(others.text)
    missing.forEach { print($0) }
  }

  private func row(_ title: String, _ result: CascadeResult, _ ratio: Double) -> [String] {
    [
      title, result.total.microseconds(at: 50).formatted(decimals: 1), result.total.microseconds(at: 99).formatted(decimals: 1),
      ratio == 1 ? "" : ratio.formatted(decimals: 2), "\(result.total.totalCount)", "\(result.recompiled)", "\(result.expanded)",
      "\(result.shortCircuited)", result.call.microseconds(at: 50).formatted(decimals: 1), result.phaseText,
    ]
  }
}
