// After any accepted edit a program is what a fresh start of the same text would have made: it prints the same, and the
// code of everything that new calls can reach is the same. What a fresh start refuses is refused, for the same reasons.
//
//   FUZZ_SECONDS=600 FUZZ_SEED=7 swift test --filter EditedProgramTests

import Frontend
import Runtime
import Session
import Testing

/// What is saved at once, and how the session hears of it.
struct SavedFiles: Sendable {
  var files: [String: [UInt8]]
  var sendsRanges: Bool
  /// It comes within a turn that does not end, so that it may have to wait.
  var holds = false
  var what: String
}

@Suite(.serialized) struct EditedProgramTests {
  static let editsEach = 25
  static let programs = 20
  /// Each edit that waits costs the session's patience.
  static let holdsOneIn = 30
  static let seconds = Process.environment("FUZZ_SECONDS").flatMap { Double($0) }
  static let firstSeed = Process.environment("FUZZ_SEED").flatMap { UInt64($0) } ?? 14

  /// The step at hand, in case the process ends in it.
  static let lastStep = (Process.environment("TMPDIR") ?? "/tmp") + "/lang-edited-program.txt"

  struct Figures {
    var edits = 0
    var accepted = 0
    var refused = 0
    var pending = 0
    var listed = 0
    var lines = 0
  }

  @Test func liveEqualsCold() {
    let end = Self.seconds.map { Process.nanoseconds() + Int($0 * 1e9) }
    var figures = Figures()
    var number = 0
    var failures = 0
    while end.map({ Process.nanoseconds() < $0 }) ?? (number < Self.programs) {
      let seed = Self.firstSeed &+ UInt64(number)
      number += 1
      let steps = Self.steps(seed)
      guard let (at, message) = Self.run(steps, comparesFrom: 0, &figures) else { continue }
      failures += 1
      Issue.record("seed \(seed), edit \(at): \(message)\n\(Self.smallest(Array(steps[...at])))")
      if failures >= 5 { break }
    }
    print("live equals cold: \(number) programs from seed \(Self.firstSeed), \(figures.edits) edits, \(figures.accepted) accepted, \(figures.refused) refused, \(figures.pending) of them pending; \(figures.listed) listings compared, \(figures.lines) lines")
    if Self.seconds == nil {
      #expect(figures.edits >= Self.programs * 20)
      #expect(figures.accepted * 2 > figures.edits, "few of the edits are sound")
      #expect(figures.listed * 2 > figures.accepted)
    }
  }

  static func steps(_ seed: UInt64) -> [SavedFiles] {
    var program = EditedProgram(seed: seed)
    var steps = [SavedFiles(files: program.files, sendsRanges: false, what: "start")]
    for _ in 0..<editsEach {
      let what = program.edit()
      steps.append(SavedFiles(files: program.files, sendsRanges: program.author.chance(2), holds: program.author.chance(holdsOneIn), what: what))
    }
    return steps
  }

  /// Does all the steps; from `comparesFrom` on, what comes of each is compared. Answers what differs first.
  static func run(_ steps: [SavedFiles], comparesFrom: Int, _ figures: inout Figures) -> (Int, String)? {
    let live = LiveProgram()
    defer { _ = live.stop() }
    var files = steps[0].files
    live.disk.update { [files] in $0 = files }
    let problems = live.load(files["main.lang"] ?? [])
    if problems.contains(where: { $0.severity == .error }) {
      return (0, "the first program is not sound\n\(problems.map(\.terminal).joined(separator: "\n"))")
    }
    guard live.monitor.wait(until: \.isAtRest) else { return (0, "does not start") }
    var isHeld = false
    for (number, step) in steps.enumerated().dropFirst() {
      var edits: [FileEdit] = []
      for path in Set(files.keys).union(step.files.keys).sorted() where files[path] != step.files[path] {
        guard let new = step.files[path] else {
          edits.append(.remove(path: path))
          continue
        }
        let isRange = step.sendsRanges && files[path] != nil && live.session.watchedFiles().contains { $0.path == path && $0.text == files[path] }
        edits.append(isRange ? smallestEdit(files[path]!, new, path: path) : .replaceAll(path: path, text: new))
      }
      files = step.files
      live.disk.update { $0 = step.files }
      if seconds != nil {
        let texts = step.files.sorted { $0.key < $1.key }.map { ";; ==== file: \($0.key)\n\(String(decoding: $0.value, as: UTF8.self))" }
        if case .success(let before) = Files.read(lastStep) { writeFile(lastStep + ".before", before) }
        writeFile(lastStep, Array("edit \(number): \(step.what)\n\(texts.joined())".utf8))
      }
      if step.holds, !isHeld, !edits.isEmpty {
        guard hold(live) else { return (number, "does not come to its third turn: \(state(live))") }
        isHeld = true
      }
      let report = live.apply(edits)
      figures.edits += 1
      let compares = number >= comparesFrom
      let failed = { (what: String) in (number, "\(step.what): \(what)\n\(report.status), changed \(report.changed), recompiled \(report.recompiled), \(report.diagnostics.map(\.terminal).joined(separator: "\n"))") }
      if report.status == .pending {
        figures.pending += 1
        if !isHeld { return failed("pending at a boundary") }
      }
      if report.status == .unchanged, !edits.isEmpty { continue }
      let cold = compares ? ColdStart(step.files) : nil
      if report.status == .refused {
        figures.refused += 1
        guard let cold else { continue }
        if report.diagnostics.contains(where: { $0.code == .cannotApplyLive }) { continue }
        if cold.isSound { return failed("a fresh start takes it") }
        let codes = Set(report.diagnostics.filter { $0.severity == .error }.map(\.code.rawValue))
        if codes != cold.errors { return failed("a fresh start says \(cold.errors.sorted())\n\(cold.problems)") }
        continue
      }
      if edits.isEmpty { continue }
      if report.status == .pending, number + 1 < steps.count, steps[number + 1].files != steps[number].files, number % 2 == 0 {
        // The next one takes it along.
        if let cold, !cold.isSound { return failed("a fresh start refuses it: \(cold.errors.sorted())\n\(cold.problems)") }
        continue
      }
      figures.accepted += 1
      if let cold, !cold.isSound { return failed("a fresh start refuses it: \(cold.errors.sorted())\n\(cold.problems)") }
      guard live.restart() else { return failed("does not restart: \(state(live))") }
      isHeld = false
      if report.status == .pending {
        guard live.monitor.wait(until: { $0.reports.contains { $0.id == report.id && $0.status == .committed } }) else { return failed("stays pending: \(state(live))") }
      }
      _ = live.takeOutput()
      guard live.take(1) else { return failed("the turn does not end: \(state(live))") }
      guard let cold else { continue }
      let found = live.takeOutput()
      if let panic = live.monitor.value.panics.last {
        // A program that takes a name of the prelude may come to call itself without end.
        return panic.message == cold.panic ? nil : failed("panics: \(panic.message) in \(panic.function); a fresh start: \(cold.panic)")
      }
      if !cold.panic.isEmpty { return failed("a fresh start panics: \(cold.panic)") }
      if found != cold.output {
        let (a, b) = (reachable(cold.listing), reachable(live.session.listing()))
        let others = a.keys.sorted().filter { a[$0] != b[$0] }
        return failed("\(difference(lines(cold.output), lines(found)))\nother code: \(others)\n\(difference(lines(a[others.first ?? ""] ?? ""), lines(b[others.first ?? ""] ?? "")))")
      }
      live.session.collectStale()
      guard live.session.hasNoChecks else { continue }
      figures.listed += 1
      let (a, b) = (reachable(cold.listing), reachable(live.session.listing()))
      figures.lines += a.values.reduce(0) { $0 + $1.count }
      for name in a.keys.sorted() where a[name] != b[name] {
        // Values are there: nobody compiles anew what computed them, without tests or where its text stands now.
        if name.contains(".init"), b[name] != nil { continue }
        guard let own = b[name] else { return failed("`\(name)` is not compiled") }
        return failed("the code of `\(name)`\n\(difference(lines(a[name]!), lines(own)))")
      }
      for name in b.keys.sorted() where a[name] == nil { return failed("`\(name)` is compiled, but is not after a fresh start") }
    }
    return nil
  }

  /// Lets the program go to its third turn, which does not end.
  private static func hold(_ live: LiveProgram) -> Bool {
    live.monitor.update {
      $0.turns += 3
      $0.isWaiting = false
    }
    live.session.wake()
    return live.monitor.wait { String(decoding: $0.output.suffix(7), as: UTF8.self) == "asleep\n" }
  }

  private static func state(_ live: LiveProgram) -> String {
    let state = live.monitor.value
    return "waiting \(state.isWaiting), paused \(state.isPaused), turns \(state.turns), restarts \(state.restarts), exit \(state.exit.map { "\($0)" } ?? "none"), panics \(state.panics.map(\.message))"
  }

  /// The code that something compiled in any case leads to, by its name.
  static func reachable(_ listing: [CodeListing]) -> [String: String] {
    var byName: [String: CodeListing] = [:]
    for code in listing { byName[code.name] = code }
    var found: [String: String] = [:]
    var pending = listing.filter(\.isRoot).map(\.name)
    while let name = pending.popLast() {
      guard found[name] == nil, let code = byName[name] else { continue }
      found[name] = code.text
      pending += code.uses
    }
    return found
  }

  /// The fewest steps that still end in a difference, as texts.
  static func smallest(_ steps: [SavedFiles]) -> String {
    var kept = steps
    var figures = Figures()
    var i = kept.count - 2
    while i >= 0, kept.count > 2 {
      var fewer = kept
      fewer.remove(at: i)
      if let (at, _) = run(fewer, comparesFrom: fewer.count - 1, &figures), at == fewer.count - 1 { kept = fewer }
      i -= 1
    }
    var text = ""
    var before: [String: [UInt8]] = [:]
    for step in kept {
      text += "==== \(step.what)\(step.sendsRanges ? ", as ranges" : "")\n"
      for path in Set(before.keys).union(step.files.keys).sorted() where before[path] != step.files[path] {
        guard let new = step.files[path] else {
          text += ";; ---- gone: \(path)\n"
          continue
        }
        let shown = String(decoding: new, as: UTF8.self)
        text += ";; ---- \(path)\n" + (before[path].map { difference(lines(String(decoding: $0, as: UTF8.self)), lines(shown)) } ?? shown) + "\n"
      }
      before = step.files
    }
    return text
  }
}

/// A fresh start of the same text: its verdict, what a turn prints, and its code.
struct ColdStart {
  var isSound = true
  var errors: Set<String> = []
  var problems = ""
  var output = ""
  /// What the turn panicked with; empty when it came to its end.
  var panic = ""
  var listing: [CodeListing] = []

  init(_ files: [String: [UInt8]]) {
    let cold = LiveProgram()
    cold.disk.update { $0 = files }
    let found = cold.load(files["main.lang"] ?? [])
    errors = Set(found.filter { $0.severity == .error }.map(\.code.rawValue))
    isSound = errors.isEmpty
    problems = found.map(\.terminal).joined(separator: "\n")
    guard isSound else { return }
    _ = cold.take(1)
    output = cold.takeOutput()
    panic = cold.monitor.value.panics.last?.message ?? ""
    listing = cold.session.listing()
    _ = cold.stop()
  }
}
