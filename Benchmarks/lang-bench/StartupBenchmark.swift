// `hello`: wall time from spawn to exit of hello world, the peers interleaved.

import Foundation
import Histogram

struct StartupBenchmark {
  let settings: Settings
  let peers: [Peer] = [.c, .lang, .luajit, .lua, .sbcl, .node]

  init(_ settings: Settings) { self.settings = settings }

  func run() throws {
    let workshop = try Workshop(settings)
    defer { workshop.close() }

    var commands: [(peer: Peer, command: [String])] = []
    for peer in peers {
      let source = "\(workshop.root)/hello/hello"
      // SBCL runs the text, as a script would be run; C is compiled.
      if peer == .sbcl, let tool = workshop.executable(peer) {
        commands.append((peer, [tool, "--script", "\(source).lisp"]))
      } else if let command = try workshop.command(peer, source: source) {
        commands.append((peer, command))
      }
    }

    let warmup = 3
    var times: [Peer: Histogram<UInt32>] = [:]
    for run in 0..<(warmup + settings.runs) {
      for (peer, command) in commands {
        let child = try ChildProcess.run(command)
        guard child.status == 0, child.output == "hello, world\n" else {
          throw Failure.measurement("\(peer.title) did not say hello: status \(child.status), \(child.output)")
        }
        guard run >= warmup else { continue }
        times[peer, default: .forLatencies()].record(child.wall.nanoseconds)
      }
    }

    print("Hello world: wall time of \(settings.runs) interleaved runs, ms")
    print("\(Machine.description)\n")
    var table = Table(header: ["peer", "p50", "p95", "p50 ×C"])
    for peer in peers {
      guard let histogram = times[peer] else {
        table.add([peer.title, "-", "-", "-"])
        continue
      }
      let p50 = histogram.milliseconds(at: 50)
      let c = times[.c]?.milliseconds(at: 50)
      table.add([
        peer.title, p50.formatted(decimals: 2), histogram.milliseconds(at: 95).formatted(decimals: 2),
        c.map { (p50 / $0).formatted(decimals: 2) } ?? "-",
      ])
    }
    print(table.text)
    for peer in peers where times[peer] == nil { print("- \(peer.title) is missing: \(peer.hint)") }
  }
}

extension Histogram where Count == UInt32 {
  /// Of nanoseconds up to a minute, to three digits.
  static func forLatencies() -> Histogram {
    Histogram(highestTrackableValue: 60_000_000_000, numberOfSignificantValueDigits: .three)
  }

  func milliseconds(at percentile: Double) -> Double { Double(valueAtPercentile(percentile)) / 1e6 }
  func microseconds(at percentile: Double) -> Double { Double(valueAtPercentile(percentile)) / 1e3 }
}
