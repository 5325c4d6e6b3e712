// Lang's own rows of the `cascade` table: each kind of edit again and again in a session whose program runs meanwhile, with
// few and with many definitions that the edit does not concern.

import Foundation
import Histogram
import Session

/// What one kind of edit costs. Latencies are of the report's total, in ns.
struct CascadeResult {
  var key: String
  var title: String
  var total = Histogram<UInt32>.forLatencies()
  /// The whole call, which also drops what tested for objects of the old layout.
  var call = Histogram<UInt32>.forLatencies()
  var phases = (0..<5).map { _ in Histogram<UInt32>.forLatencies() }
  /// As of the last edit.
  var recompiled = 0
  var expanded = 0
  var shortCircuited = 0

  static let phaseNames = ["read", "expand", "check", "lower", "commit"]

  /// Medians of the phases that took any time.
  var phaseText: String {
    zip(Self.phaseNames, phases).filter { $0.1.microseconds(at: 50) > 0.5 }.map { name, phase in
      name + " " + phase.microseconds(at: 50).formatted(decimals: 0)
    }.joined(separator: ", ")
  }
}

struct CascadeLatency {
  let others: Int
  /// Most edits of one kind, and how long these may take together.
  let edits: Int
  var patience = Duration.milliseconds(2_500)
  /// Kinds by their keys; all when nil.
  var only: [String]?

  private static let fewest = 20, warmUp = 4

  func measure() throws -> [CascadeResult] {
    let program = CascadeProgram(others: others)
    var text = EditedText(path: "world.lang", pieces: program.pieces)
    let running = try RunningProgram(path: text.path, text: Array((text.text + RunningProgram.main).utf8))
    defer { running.end() }
    var results: [CascadeResult] = []
    for kind in program.cases where only?.contains(kind.key) ?? true { results.append(try measure(kind, &text, running.session)) }
    return results
  }

  private func measure(_ kind: CascadeCase, _ text: inout EditedText, _ session: Session) throws -> CascadeResult {
    var result = CascadeResult(key: kind.key, title: kind.title)
    let clock = ContinuousClock()
    let end = clock.now + patience
    for edit in 0..<edits + Self.warmUp {
      if edit >= Self.fewest + Self.warmUp, clock.now > end { break }
      let batch = kind.batch(edit).map { text.edit($0.piece, $0.text) }
      let start = clock.now
      let report = session.apply(batch)
      let call = clock.now - start
      guard report.status == .committed else {
        throw EditFailure(description: "\(kind.title): \(report.status)\n" + report.diagnostics.map(\.terminal).joined())
      }
      result.recompiled = report.recompiled.count
      result.expanded = report.expanded
      result.shortCircuited = report.shortCircuited
      if edit < Self.warmUp { continue }
      _ = result.total.record(UInt64(report.micros.total * 1e3))
      _ = result.call.record(call.nanoseconds)
      let micros = report.micros
      for (i, part) in [micros.read, micros.expand, micros.check, micros.lower, micros.commit].enumerated() {
        _ = result.phases[i].record(UInt64(max(0, part) * 1e3))
      }
    }
    return result
  }
}
