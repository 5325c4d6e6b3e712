// `warmup`: how long programs take until they are as fast as they get. A driver imports the program and calls its `main` for one round
// after the other, with the time behind each; so a round is the program's own, and nothing of it is changed for the measurement.
//
// A round counts as steady when it, and the median of it and the two behind it, take no longer than 1.1 times the median of the later
// half of all. Programs with long rounds are warm within the first: what warming up costs in all is the time above steady rounds.

import Foundation
import Histogram
import JIT
import Session

struct WarmupBenchmark {
  let settings: Settings
  private static let sessions = 3
  /// Seconds of rounds; then as many again with a compiler at work on another thread half of the time.
  private static let seconds = 1.5
  private static let slack = 1.1

  private struct Result {
    var steady = 0.0
    var interpreted = 0.0
    var first = 0.0
    var rounds = 0
    var time = 0.0
    var cost = 0.0
    var beside = 0.0
    var units = 0
    var p50 = 0.0
    var p99 = 0.0
  }

  func run() throws {
    let workshop = try Workshop(settings)
    defer { workshop.close() }
    var table = Table(header: [
      "program", "steady ms", "interp ×", "first round ×", "steady from round", "at ms", "lost ms", "units", "each p50 ms", "p99 ms", "beside a compiler ×",
    ])
    var compiled = Histogram<UInt32>.forLatencies()
    var lost: [Double] = [], reached: [Double] = [], beside: [Double] = []
    for suite in [ProgramSuite.interp, .awfy] {
      for name in try suite.selection(settings.programs) {
        printError("\(name) ..")
        guard let warm = suite.programs.first(where: { $0.name == name })?.warm else { continue }
        let source = "\(workshop.root)/\(suite.folder)/\(name)/\(name).lang"
        let folder = "\(workshop.scratch)/\(suite.folder)-\(name)"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        try FileManager.default.copyItem(atPath: source, toPath: "\(folder)/\(name).lang")
        var results: [Result] = []
        for _ in 0..<Self.sessions { results.append(try measure(name, warm.inner, in: folder, .auto, &compiled)) }
        let interpreted = try measure(name, warm.inner, in: folder, .interp, &compiled).interpreted
        func median(_ field: KeyPath<Result, Double>) -> Double { Self.median(results.map { $0[keyPath: field] }) }
        let steady = median(\.steady)
        lost.append(median(\.cost))
        reached.append(median(\.time))
        beside.append(median(\.beside))
        table.add([
          suite.folder == "awfy" ? "\(name) (awfy)" : name, steady.formatted(decimals: 2), (interpreted / steady).formatted(decimals: 1), (median(\.first) / steady).formatted(decimals: 1),
          "\(results.map(\.rounds).sorted()[Self.sessions / 2] + 1)", median(\.time).formatted(decimals: 0), median(\.cost).formatted(decimals: 0),
          "\(results.map(\.units).sorted()[Self.sessions / 2])", median(\.p50).formatted(decimals: 1), median(\.p99).formatted(decimals: 1), median(\.beside).formatted(decimals: 2),
        ])
      }
    }
    print("Warm-up: from the start of a session until rounds take at most \(Self.slack) × the steady time; medians of \(Self.sessions) sessions")
    print("\(Machine.description)\n")
    print(table.text)
    print(
      "\nsteady after \(Self.median(reached).formatted(decimals: 0)) ms (median of the programs), \(Self.median(lost).formatted(decimals: 0)) ms lost; "
        + "a unit is compiled in \(compiled.milliseconds(at: 50).formatted(decimals: 1)) ms (p50), \(compiled.milliseconds(at: 99).formatted(decimals: 1)) ms (p99), of \(compiled.totalCount); "
        + "a steady program beside a compiler that never rests takes \(Self.median(beside).formatted(decimals: 2)) × its time")
  }

  private static func driver(_ name: String, _ inner: [Int]) -> String {
    """
    (import \(name) :as program)
    (defn main [] -> Unit
      (let [arguments (vec "1"\(inner.map { " \"\($0)\"" }.joined()))]
        (while true
          (program/main arguments)
          (eprintln (now-ns)))))

    """
  }

  /// One session from its start; milliseconds.
  private func measure(_ name: String, _ inner: [Int], in folder: String, _ tier: Tier, _ compiled: inout Histogram<UInt32>) throws -> Result {
    let rounds = RoundTimes()
    var options = SessionOptions()
    options.tier = tier
    options.output = { text, file in if file == 2 { rounds.add(text) } }
    let start = monotonicNanoseconds()
    let running = try RunningProgram(path: "\(folder)/warmup.lang", text: Array(Self.driver(name, inner).utf8), options: options)
    defer { running.end() }
    let session = running.session
    try rounds.wait(until: Self.seconds, rounds: tier == .interp ? 4 : 12, from: start)
    let times = rounds.times(from: start)
    if tier == .interp { return Result(interpreted: Self.median(Array(times.dropFirst()))) }
    var result = Result()
    result.steady = Self.median(Array(times[(times.count / 2)...]))
    result.first = times[0]
    let limit = result.steady * Self.slack
    result.rounds = times.indices.first { times[$0] <= limit && Self.median(Array(times[$0..<min($0 + 3, times.count)])) <= limit } ?? times.count - 1
    result.time = times[...result.rounds].reduce(0, +)
    result.cost = times[...result.rounds].reduce(0) { $0 + $1 - result.steady }
    let native = session.statistics.native
    (result.units, result.p50, result.p99) = (native.times.count, native.times.percentile(0.5) / 1e3, native.times.percentile(0.99) / 1e3)
    for unit in native.units { _ = compiled.record(UInt64(unit.time * 1e3)) }
    result.beside = try timeBesideACompiler(session, rounds)
    return result
  }

  /// Rounds while another thread has functions compiled, without rest and without effect, over rounds in between.
  private func timeBesideACompiler(_ session: Session, _ rounds: RoundTimes) throws -> Double {
    let names = session.functionNames()
    let work = Toggle()
    let ended = DispatchSemaphore(value: 0)
    Thread.detachNewThread {
      var i = 0
      while work.wait() {
        _ = session.nativeListing(of: names[i % names.count], assembly: true)
        i += 1
      }
      ended.signal()
    }
    defer {
      work.end()
      ended.wait()
    }
    var with: [Double] = [], without: [Double] = []
    let start = monotonicNanoseconds()
    var isOn = false
    while Double(monotonicNanoseconds() - start) < Self.seconds * 1e9 || with.count < 4 {
      isOn.toggle()
      work.set(isOn)
      // The first one has begun before.
      let from = rounds.count
      try rounds.wait(until: 0.1, rounds: from + 3, from: monotonicNanoseconds())
      let times = rounds.times(from: 0)[(from + 1)...]
      if isOn { with += times } else { without += times }
    }
    return Self.median(with) / Self.median(without)
  }

  private static func median(_ values: [Double]) -> Double { values.isEmpty ? 0 : values.sorted()[values.count / 2] }
}

/// When rounds ended.
private final class RoundTimes: @unchecked Sendable {
  private let lock = NSLock()
  private let arrived = DispatchSemaphore(value: 0)
  private var rest: [UInt8] = []
  private var ends: [Int] = []

  var count: Int { lock.withLock { ends.count } }

  func add(_ text: [UInt8]) {
    lock.withLock {
      rest += text
      while let end = rest.firstIndex(of: 10) {
        if let time = Int(String(decoding: rest[..<end], as: UTF8.self)) { ends.append(time) }
        rest.removeFirst(end + 1)
      }
    }
    arrived.signal()
  }

  /// Until `seconds` have passed since `start`, and there are so many rounds.
  func wait(until seconds: Double, rounds: Int, from start: Int) throws {
    while count < rounds || Double(monotonicNanoseconds() - start) < seconds * 1e9 {
      guard arrived.wait(timeout: .now() + 60) == .success else { throw EditFailure(description: "no round ended within a minute") }
    }
  }

  /// Milliseconds of each round, the first from `start`.
  func times(from start: Int) -> [Double] {
    let ends = lock.withLock { self.ends }
    return zip([start] + ends, ends).map { Double($1 - $0) / 1e6 }
  }
}

/// Work that goes on or waits, as another thread wants it.
private final class Toggle: @unchecked Sendable {
  private let condition = NSCondition()
  private var isOn = false
  private var isOver = false

  func set(_ on: Bool) { change { isOn = on } }
  func end() { change { isOver = true } }

  private func change(_ body: () -> Void) {
    condition.lock()
    body()
    condition.broadcast()
    condition.unlock()
  }

  /// False when it is over.
  func wait() -> Bool {
    condition.lock()
    defer { condition.unlock() }
    while !isOn, !isOver { condition.wait() }
    return !isOver
  }
}
