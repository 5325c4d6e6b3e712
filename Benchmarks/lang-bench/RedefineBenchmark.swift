// `redefine`: what it costs to change functions that run as machine code. First, how long it takes from handing over the new text of a
// function until a loop that has it inlined runs the new body: both ends are read from the same monotonic clock, the second by the
// program itself. Then, whether a session stays as large and as fast as it is when hot functions are redefined without end.
//
// Invariant: an edit that is timed comes when the loop has been machine code for a while, with the function in it.

import Foundation
import Histogram
import JIT
import Session

struct RedefineBenchmark {
  let settings: Settings
  /// Edits one upon the other for each that is waited for.
  private static let storm = 20

  func run() throws {
    print("Redefinition of what is hot, in one session each\n\(Machine.description)\n")
    let rows = try [Tier.auto, .interp].map { try EditToVisible(tier: $0).measure(edits: settings.edits) }
    var table = Table(header: ["edit of a function in a hot loop, µs", "seen p50", "p99", "most", "×interp", "swapped p50", "p99", "of it commit p50", "edits"])
    for row in rows {
      table.add([
        row.tier == .interp ? "interpreted" : "machine code, inlined", row.seen.microseconds(at: 50).formatted(decimals: 1), row.seen.microseconds(at: 99).formatted(decimals: 1),
        row.seen.microseconds(at: 100).formatted(decimals: 1), (row.seen.microseconds(at: 50) / rows[1].seen.microseconds(at: 50)).formatted(decimals: 2),
        row.swapped.microseconds(at: 50).formatted(decimals: 1), row.swapped.microseconds(at: 99).formatted(decimals: 1),
        row.commit.microseconds(at: 50).formatted(decimals: 1), "\(settings.edits)",
      ])
    }
    print(table.text + "\n")
    try RedefinitionStorm(edits: settings.edits * Self.storm, seed: settings.seed).run()
  }
}

/// CLOCK_MONOTONIC in ns, which is what `(now-ns)` reads.
func monotonicNanoseconds() -> Int {
  var time = timespec()
  unsafe clock_gettime(CLOCK_MONOTONIC, &time)
  return time.tv_sec * 1_000_000_000 + time.tv_nsec
}

/// One program in a loop without end that says when it sees another body.
private struct EditToVisible {
  struct Row {
    var tier: Tier
    /// From handing over the text to the loop having run the new body.
    var seen = Histogram<UInt32>.forLatencies()
    /// From having the text to the new code being what is called.
    var swapped = Histogram<UInt32>.forLatencies()
    var commit = Histogram<UInt32>.forLatencies()
  }

  let tier: Tier

  private static func word(_ n: Int) -> String {
    """
    (defn word [n: Int by: Int] -> Int
      (let [near (bit-and n 1023)
            far (- 1023 near)
            product (* near far)
            shifted (>> product 20)]
        (cond
          (< shifted 0) (- by)
          (> shifted 1000) by
          :else (bit-or (* by 0) \(n)))))

    """
  }

  private static let main = """
    (defn main [] -> Unit
      (let [mut n 0 mut last 0]
        (while true
          (set! n (+ n 1))
          (let [w (word n 3)]
            (when (!= w last)
              (set! last w)
              (println w (now-ns)))))))

    """

  func measure(edits: Int) throws -> Row {
    var row = Row(tier: tier)
    let seen = SeenLines()
    var options = SessionOptions()
    options.isLive = true
    options.tier = tier
    options.output = { text, _ in seen.add(text) }
    var text = EditedText(path: "loop.lang", pieces: [Self.word(1), Self.main])
    let running = try RunningProgram(path: text.path, text: Array(text.text.utf8), options: options)
    defer { running.end() }
    let session = running.session
    _ = try seen.time(of: 1)
    let warmUp = 50
    var made = 0
    for edit in 2..<edits + warmUp + 2 {
      // The same pause for the interpreter: whoever edits finds nothing in a cache.
      if tier == .interp { usleep(12_000) } else { made = try waitForMachineCode(session, madeBefore: made) }
      let piece = text.edit(0, Self.word(edit))
      let start = monotonicNanoseconds()
      let report = session.apply([piece])
      guard report.status == .committed else { throw EditFailure(description: "edit \(edit) was \(report.status)") }
      let time = try seen.time(of: edit) - start
      if edit < warmUp + 2 { continue }
      _ = row.seen.record(UInt64(max(0, time)))
      _ = row.swapped.record(UInt64(report.micros.total * 1e3))
      _ = row.commit.record(UInt64(report.micros.commit * 1e3))
    }
    return row
  }

  /// Until the loop has been compiled once more, with the function in it, and has had time to be entered.
  private func waitForMachineCode(_ session: Session, madeBefore: Int) throws -> Int {
    let deadline = Date() + 20
    while Date() < deadline {
      let native = session.statistics.native
      if let problem = native.problem { throw EditFailure(description: "nothing is compiled: \(problem)") }
      if native.loops > madeBefore, native.units.last(where: \.isLoop)?.callees.isEmpty == false {
        usleep(2_000)
        return native.loops
      }
      usleep(500)
    }
    throw EditFailure(description: "the loop was not compiled within twenty seconds")
  }
}

/// Lines of a number and the time at which it was seen, as a program prints them.
private final class SeenLines: @unchecked Sendable {
  private let lock = NSLock()
  private let arrived = DispatchSemaphore(value: 0)
  private var rest: [UInt8] = []
  private var lines: [(number: Int, time: Int)] = []

  func add(_ text: [UInt8]) {
    lock.withLock {
      rest += text
      while let end = rest.firstIndex(of: 10) {
        let words = String(decoding: rest[..<end], as: UTF8.self).split(separator: " ").compactMap { Int($0) }
        rest.removeFirst(end + 1)
        if words.count == 2 {
          lines.append((words[0], words[1]))
          arrived.signal()
        }
      }
    }
  }

  /// Waits for `number`.
  func time(of number: Int) throws -> Int {
    while arrived.wait(timeout: .now() + 10) == .success {
      let line = lock.withLock { lines.removeFirst() }
      if line.number == number { return line.time }
    }
    throw EditFailure(description: "edit \(number) was not seen within ten seconds")
  }
}

/// Functions that one loop has inlined are redefined one upon the other; now and then there is time for them to be compiled again.
private struct RedefinitionStorm {
  let edits: Int
  let seed: UInt64
  private static let functions = 8
  private static let window = 1_000
  /// So many edits, then a wait for machine code.
  private static let burst = 25

  private static func function(_ i: Int, _ n: Int) -> String {
    """
    (defn hot-\(i) [x: Int] -> Int
      (let [near (bit-and x 255)
            far (+ near \(n))]
        (if (> near \(i * 20)) (- far x) (* far \(i + 1)))))

    """
  }

  private static let main = """
    (defn main [] -> Unit
      (let [mut n 0 mut sum 0]
        (while true
          (set! n (+ n 1))
          (set! sum (bit-xor sum \((0..<functions).reduce("n") { "(hot-\($1) \($0))" })))
          (when (= n -1) (println sum)))))

    """

  func run() throws {
    var text = EditedText(path: "storm.lang", pieces: (0..<Self.functions).map { Self.function($0, 0) } + [Self.main])
    var options = SessionOptions()
    options.isLive = true
    options.tier = .auto
    let running = try RunningProgram(path: text.path, text: Array(text.text.utf8), options: options)
    defer { running.end() }
    let session = running.session
    var random = EditRandom(state: seed)
    var table = Table(header: ["after", "resident MB", "slots", "codes", "numbers of codes", "replaced", "units made", "alive", "freed", "corrected"])
    func note(_ title: String) {
      let (tables, native) = (session.tables, session.statistics.native)
      table.add(
        [title, (Double(Soak.residentMemory()) / 1e6).formatted(decimals: 1)]
          + [tables.slots, tables.codes, tables.codeNumbers, tables.replacedCodes, native.times.count, native.times.count - native.freed, native.freed, native.corrected].map(String.init))
    }
    var latencies = [Histogram<UInt32>.forLatencies(), .forLatencies()]
    try waitForMachineCode(session, madeBefore: 0)
    note("start")
    let step = max(1, edits / 4)
    let start = ContinuousClock.now
    for edit in 0..<edits {
      let i = Int(random.next() % UInt64(Self.functions))
      let report = session.apply([text.edit(i, Self.function(i, edit + 1))])
      guard report.status == .committed else { throw EditFailure(description: "edit \(edit) was \(report.status)") }
      for (i, isIn) in [edit < Self.window, edit >= edits - Self.window].enumerated() where isIn { _ = latencies[i].record(UInt64(report.micros.total * 1e3)) }
      if edit % Self.burst == Self.burst - 1 { try waitForMachineCode(session, madeBefore: session.statistics.native.times.count) }
      if edit % step == step - 1 { note("\((edit + 1) * 100 / edits) %") }
    }
    print("\(edits) redefinitions of \(Self.functions) functions inlined in a running loop, in \(Int((ContinuousClock.now - start).milliseconds / 1e3)) s\n")
    print(table.text)
    var times = Table(header: ["new text to swapped, µs", "p50", "p99", "×first"])
    for (i, title) in ["first \(min(edits, Self.window))", "last \(min(edits, Self.window))"].enumerated() {
      times.add([
        title, latencies[i].microseconds(at: 50).formatted(decimals: 1), latencies[i].microseconds(at: 99).formatted(decimals: 1),
        (latencies[i].microseconds(at: 50) / latencies[0].microseconds(at: 50)).formatted(decimals: 2),
      ])
    }
    print("\n" + times.text)
  }

  private func waitForMachineCode(_ session: Session, madeBefore: Int) throws {
    let deadline = Date() + 20
    while session.statistics.native.times.count <= madeBefore {
      guard Date() < deadline else { throw EditFailure(description: "nothing was compiled again within twenty seconds") }
      usleep(500)
    }
  }
}
