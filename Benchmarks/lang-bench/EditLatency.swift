// Lang's own rows of the `edit` table: new text of one typed function, read, checked, lowered and swapped
// into a program that runs meanwhile. Measured in this process through `Session`, as the peers measure
// themselves in theirs. A text differs from the one before in a constant.

import Foundation
import Histogram
import Session

/// The rows that stand above the peers' in the table, and the phases of each below it.
func ownEditRows(edits: Int) throws -> [EditRow] {
  var rows: [EditRow] = []
  // Somebody at work edits a few functions again and again, as the peers' scripts do; the last row edits
  // functions all over a large program, none of which is in a cache.
  for (definitions, edited, isLive) in [
    (100, 16, true), (1_000, 16, true), (1_000, 16, false), (10_000, 16, true), (100_000, 16, true), (100_000, 100_000, true),
  ] {
    let result = try EditLatency(definitions: definitions).measure(edits: edits, functions: edited, isLive: isLive)
    rows.append(
      EditRow(
        name: "lang, \(definitions) definitions" + (edited > 16 ? ", any" : "") + (isLive ? "" : ", code unkeyed"), edits: edits,
        p50: result.total.microseconds(at: 50), p99: result.total.microseconds(at: 99), note: result.phases))
  }
  return rows
}

struct EditFailure: Error, CustomStringConvertible {
  var description: String
}

/// One session with a generated program of a given size, in a live loop on a thread of its own.
final class EditLatency {
  struct Result {
    var total: Histogram<UInt32>
    /// Medians of the phases in µs, as text.
    var phases: String
  }

  private let generator: ProjectGenerator
  private var text: EditedText

  init(definitions: Int) {
    generator = ProjectGenerator(definitions: definitions, files: 1)
    let generator = generator
    text = EditedText(path: "world.lang", pieces: (0..<definitions - 1).map { generator.definition($0) + "\n" })
  }

  /// Edits functions drawn from `count` that were drawn from the program. `isLive`: as users have it, where code that is replaced
  /// is known by its content.
  func measure(edits: Int, functions count: Int, isLive: Bool) throws -> Result {
    var options = SessionOptions()
    options.isLive = isLive
    let program = try RunningProgram(path: text.path, text: Array((text.text + RunningProgram.main).utf8), options: options)
    defer { program.end() }
    let session = program.session

    var random = EditRandom(state: 7)
    let all = text.pieces.indices.filter { generator.isFunction($0) && ($0 % 12 != 10) }
    let functions = count >= all.count ? all : (0..<count).map { _ in all[Int(random.next() % UInt64(all.count))] }
    var total = Histogram<UInt32>.forLatencies()
    var phases = (0..<4).map { _ in Histogram<UInt32>.forLatencies() }
    let warmUp = 200
    for edit in 0..<edits + warmUp {
      let index = functions[Int(random.next() % UInt64(functions.count))]
      let edited = text.edit(index, generator.definition(index, variant: edit + 1) + "\n")
      let report = session.apply([edited])
      guard report.status == .committed || report.status == .unchanged else {
        throw EditFailure(description: "an edit was refused:\n" + report.diagnostics.map(\.terminal).joined())
      }
      if edit < warmUp || report.status == .unchanged { continue }
      _ = total.record(UInt64(report.micros.total * 1e3))
      let parts = [report.micros.read, report.micros.check, report.micros.lower, report.micros.commit]
      for (i, part) in parts.enumerated() { _ = phases[i].record(UInt64(part * 1e3)) }
    }
    let names = ["read", "check", "lower", "commit"]
    let medians = zip(names, phases).map { name, phase in
      name + " " + String(format: "%.1f", phase.microseconds(at: 50))
    }
    return Result(total: total, phases: medians.joined(separator: ", "))
  }
}

/// Steele, Lea and Flood 2014.
struct EditRandom {
  var state: UInt64
  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}
