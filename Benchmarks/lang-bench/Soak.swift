// `soak`: one session that takes in edits of every kind for a long time, while its program runs and holds objects of a type
// that changes. The program stays as large as it is, so whatever grows from the middle to the end is never given back.

import Foundation
import Histogram
import Session

struct Soak {
  let edits: Int
  let seed: UInt64
  private static let window = 1_000

  /// Latencies of some edits.
  private struct Latencies {
    var all = Histogram<UInt32>.forLatencies()
    var bodies = Histogram<UInt32>.forLatencies()

    func cells(_ title: String) -> [String] {
      [title] + [bodies, all].flatMap { [$0.microseconds(at: 50).formatted(decimals: 1), $0.microseconds(at: 99).formatted(decimals: 1)] }
    }
  }

  func run() throws {
    var program = SoakProgram(seed: seed)
    var options = SessionOptions()
    options.isLive = true
    options.onStale = .migrate
    let panics = Counter()
    let running = try RunningProgram(path: program.path, text: Array(program.text.utf8), options: options) { event in
      if case .panic(let report) = event { panics.note(report.message) }
    }
    defer { running.end() }
    let session = running.session
    var states: [(title: String, memory: Int, tables: SessionTables)] = [("start", Self.residentMemory(), session.tables)]
    var latencies = [Latencies(), Latencies()]
    var counts: [SoakKind: Int] = [:]
    var notMigrated = 0
    let clock = ContinuousClock()
    let start = clock.now
    let step = max(1, edits / 4)
    for edit in 0..<edits {
      let next = program.next()
      let report = session.apply(next.batch)
      counts[next.kind, default: 0] += 1
      if report.status != (next.isBroken ? .refused : .committed) {
        throw EditFailure(
          description: "edit \(edit), \(next.kind.rawValue), was \(report.status)\n" + report.diagnostics.map(\.terminal).joined()
            + report.notes.joined(separator: "\n"))
      }
      if report.notes.contains(where: { $0.hasPrefix("not migrated") }) { notMigrated += 1 }
      for (i, isIn) in [edit < Self.window, edit >= edits - Self.window].enumerated() where isIn {
        let time = UInt64(report.micros.total * 1e3)
        _ = latencies[i].all.record(time)
        if next.kind == .body { _ = latencies[i].bodies.record(time) }
      }
      if edit % step == step - 1 { states.append(("\((edit + 1) * 100 / edits) %", Self.residentMemory(), session.tables)) }
    }
    let time = clock.now - start
    print("Soak: \(edits) edits of one session in \(Int(time.milliseconds / 1e3)) s\n\(Machine.description)\n")
    var table = Table(header: ["after", "resident MB", "slots", "codes", "numbers of codes", "replaced", "global words", "descriptors", "definitions", "items", "names"])
    for (title, memory, tables) in states {
      table.add(
        [title, (Double(memory) / 1e6).formatted(decimals: 1)]
          + [tables.slots, tables.codes, tables.codeNumbers, tables.replacedCodes, tables.globalWords, tables.descriptors, tables.definitions, tables.items, tables.names]
          .map(String.init))
    }
    print(table.text)
    var times = Table(header: ["latency, µs", "bodies p50", "p99", "all p50", "p99"])
    times.add(latencies[0].cells("first \(Self.window)"))
    times.add(latencies[1].cells("last \(Self.window)"))
    print("\n" + times.text + "\n")
    print(SoakKind.allCases.map { "\($0.rawValue) \(counts[$0] ?? 0)" }.joined(separator: ", "))
    print("\(panics.count) panics\(panics.first.map { ", the first: " + $0 } ?? ""); \(notMigrated) layouts whose objects could not be migrated")
  }

  /// In bytes.
  static func residentMemory() -> Int {
    let text = (try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8)) ?? ""
    let pages = text.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0
    return pages * 4096
  }

  /// Counts what happens on the program's thread.
  private final class Counter: @unchecked Sendable {
    private let lock = NSLock()
    private(set) var count = 0
    private(set) var first: String?

    func note(_ message: String) {
      lock.withLock {
        count += 1
        first = first ?? message
      }
    }
  }
}
