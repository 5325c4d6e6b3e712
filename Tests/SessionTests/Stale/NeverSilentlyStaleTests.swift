// No read of a value that was made before its type changed is silent: new code gets what the rules of migration promise,
// or the stale panic, and where nothing is stale it gets the value. Random programs hold values in variables, records,
// vectors, maps, enums, closures, cells and frames, random edits change their types, and after each of them all is read.
//
//   FUZZ_SECONDS=600 FUZZ_SEED=7 swift test --filter NeverSilentlyStaleTests
//
// With LANG_GC_STRESS=1 each allocation collects.

import Frontend
import Runtime
import Session
import Testing

@Suite(.serialized) struct NeverSilentlyStaleTests {
  static let editsEach = 12
  static let seconds = Process.environment("FUZZ_SECONDS").flatMap { Double($0) }
  static let firstSeed = Process.environment("FUZZ_SEED").flatMap { UInt64($0) } ?? 1
  static let programsEach = 2
  static let isStressed = Process.environment("LANG_GC_STRESS") != nil

  @Test func neverSilent() {
    let end = Self.seconds.map { Process.nanoseconds() + Int($0 * 1e9) }
    var figures = StaleFigures()
    var number = 0
    var failures = 0
    while end.map({ Process.nanoseconds() < $0 }) ?? (number < 3 * Self.programsEach) {
      let seed = Self.firstSeed &+ UInt64(number)
      let policy = [StalePolicy.pause, .migrate, .restart][Int(seed % 3)]
      number += 1
      let run = StaleRun(seed: seed, policy: policy)
      if let failure = run.perform(edits: Self.editsEach, &figures) {
        failures += 1
        Issue.record("seed \(seed), \(policy.rawValue): \(failure)")
        if failures >= 5 { break }
      }
    }
    print("never silently stale: \(number) programs from seed \(Self.firstSeed), \(figures.text)")
    if Self.seconds == nil {
      #expect(figures.reads > 3000)
      #expect(figures.refused * 20 > figures.reads, "few reads meet something stale")
      #expect(figures.right * 3 > figures.reads)
      #expect(figures.migrations > 0)
      #expect(figures.frames > 0)
    }
  }
}

struct StaleFigures {
  var edits = 0
  var refusedEdits = 0
  var reads = 0
  var right = 0
  var refused = 0
  /// Closures and the like that are refused though their values are not stale.
  var cautious = 0
  var frames = 0
  var migrations = 0
  var initialised = 0
  /// Why values were not migrated.
  var obstacles: [String: Int] = [:]

  var text: String {
    "\(edits) edits, \(refusedEdits) of them refused, \(migrations) migrations; \(reads) reads: \(right) right, \(refused) of something stale, \(cautious) cautious; \(frames) stacks of frames"
      + (obstacles.isEmpty ? "" : "\nnot migrated: " + obstacles.map { "\($0.value) × \($0.key)" }.sorted().joined(separator: "; "))
  }
}

final class StaleRun {
  private struct Failure: Error { var message: String }

  private enum Answer: Equatable { case text(String), stale(String), panic(String), other(String) }

  /// What a read has to give; `then` is what it does to the values.
  private struct Expected {
    var answer: Answer
    var isLenient = false
    var isUnknown = false
    var then: () -> Void = {}
  }

  private let seed: UInt64
  private let policy: StalePolicy
  private var random: SeededGenerator
  private var program: StaleProgram
  private let live: LiveProgram
  private let client: EvaluationClient
  /// What variables hold; of closures what they have captured.
  private var held: [Int: StaleValue] = [:]
  private var calls: [Int: Int] = [:]
  private var frames: [Int: [StaleValue]] = [:]
  private var steps: [String] = []
  /// Those of `frames` wait in the inner loop.
  private var isInFrames = false
  /// The file before and after the last edit, if the process ends in it.
  static let lastStep = (Process.environment("TMPDIR") ?? "/tmp") + "/lang-stale-program.lang"

  init(seed: UInt64, policy: StalePolicy) {
    self.seed = seed
    self.policy = policy
    random = SeededGenerator(seed: seed &* 31)
    program = StaleProgram(seed: seed, migrates: policy == .migrate)
    live = LiveProgram(tell: { _ in }) { options in
      options.onStale = policy
      options.machine.stress = NeverSilentlyStaleTests.isStressed
    }
    client = EvaluationClient { _, _ in }
  }

  /// Answers what was wrong first.
  func perform(edits: Int, _ figures: inout StaleFigures) -> String? {
    defer { _ = live.stop() }
    var text = program.text
    do {
      let problems = live.load(Array(text.utf8)).filter { $0.severity == .error }
      if !problems.isEmpty { throw Failure(message: "the program is not sound\n\(problems.map(\.terminal).joined(separator: "\n"))") }
      try rest()
      try hear(live.takeOutput(), nil, hasMigrated: false, &figures)
      try enterFrames(&figures)
      try read(&figures)
      for number in 0..<edits {
        let before = text
        try edit(&text, &figures)
        if NeverSilentlyStaleTests.seconds != nil {
          writeFile(Self.lastStep + ".before", Array(before.utf8))
          writeFile(Self.lastStep, Array(text.utf8))
        }
        try enterFrames(&figures)
        try read(&figures)
        if number % 3 == 2 { try leaveFrames(&figures) }
      }
      return nil
    } catch {
      let message = (error as? Failure)?.message ?? "\(error)"
      return "edit \(steps.count): \(message)\n\(steps.enumerated().map { "\($0.offset + 1). \($0.element)" }.joined(separator: "\n"))\n\(changes(text))"
    }
  }

  private var previous = ""

  private func changes(_ text: String) -> String {
    "\(text)\n;; ==== and before\n\(previous)"
  }

  private func rest() throws {
    _ = evaluate(["(+ 1 1)"])
    guard live.monitor.wait(until: \.isAtRest) else { throw Failure(message: "does not come to rest") }
    if let exit = live.monitor.value.exit { throw Failure(message: "has ended: \(exit) \(live.monitor.value.panics.last?.message ?? "")") }
  }

  // MARK: Edits

  private func edit(_ text: inout String, _ figures: inout StaleFigures) throws {
    var next = program
    let what = next.edit()
    figures.edits += 1
    var new = next.text
    let failing = random.below(10)
    if failing == 0 { new += "(defn broken [] -> Int (nowhere 1))\n" }
    if failing == 1 { new += "(defvar broken: Int (/ 1 (zero)))\n" }
    steps.append(what + (failing == 0 ? ", with an error" : failing == 1 ? ", with a value that panics" : ""))
    previous = text
    let old = Array(text.utf8)
    let edit = random.below(2) == 0 ? smallestEdit(old, Array(new.utf8)) : .replaceAll(path: "main.lang", text: Array(new.utf8))
    text = new
    let report = live.apply([edit])
    if report.status == .pending { throw Failure(message: "pending at a boundary") }
    try rest()
    let output = live.takeOutput()
    steps[steps.count - 1] += "\n   \(report.status.rawValue)" + report.stale.map { " stale \($0.type):\($0.live)" }.joined()
      + report.migrated.map { " migrated \($0.type):\($0.live)" }.joined() + report.notes.map { "\n   \($0)" }.joined()
    if failing < 2 {
      figures.refusedEdits += 1
      program.random = next.random
      program.next = next.next
      // The same text once more is no edit.
      if report.status != .refused, old != Array(new.utf8) { throw Failure(message: "is not refused") }
      return
    }
    if report.status == .unchanged { return }
    if report.status != .committed { throw Failure(message: "refused\n\(report.diagnostics.map(\.terminal).joined(separator: "\n"))") }
    let before = program
    program = next
    // What could not be migrated is tried again with every later change of a layout, that of a type that no variable holds too.
    let hasLayouts = before.holders.contains { before.types.everything($0.of.type) != next.types.everything($0.of.type) }
    let hasMigrated = policy == .migrate && (hasLayouts || !report.migrated.isEmpty) && !report.notes.contains { $0.hasPrefix("not migrated") }
    moveCases()
    if !next.otherKinds.isEmpty { forEachValue { self.makeLenient(&$0) } }
    try hear(output, before, hasMigrated: hasMigrated, &figures)
    for note in report.notes where note.hasPrefix("not migrated: ") { figures.obstacles[Self.withoutNames(note), default: 0] += 1 }
    if hasMigrated { try migrate(report, &figures) }
  }

  private static func withoutNames(_ note: String) -> String {
    parts(String(note.dropFirst(14)), "`").enumerated().map { $0.offset % 2 == 0 ? $0.element : "…" }.joined()
  }

  private func forEachValue(_ body: (inout StaleValue) -> Void) {
    for key in held.keys { walk(&held[key]!, body) }
    for key in frames.keys { for i in frames[key]!.indices { walk(&frames[key]![i], body) } }
  }

  private func walk(_ value: inout StaleValue, _ body: (inout StaleValue) -> Void) {
    body(&value)
    switch value {
    case .aggregate(var aggregate):
      for i in aggregate.parts.indices { walk(&aggregate.parts[i].value, body) }
      value = .aggregate(aggregate)
    case .object(let object):
      for i in object.parts.indices { walk(&object.parts[i].value, body) }
      for i in object.keys.indices { walk(&object.keys[i], body) }
    default: break
    }
  }

  /// A case without fields is, where its enum is an object, one object for the program, of whatever layout it was made: it is
  /// that case whenever there is one again, even if it had fields or the enum was no object meanwhile. What was made of the
  /// enum as words lies in something that has an earlier layout then.
  private func moveCases() {
    let types = program.types
    forEachValue { value in
      guard case .aggregate(var aggregate) = value, aggregate.parts.isEmpty, !aggregate.caseName.isEmpty,
        types.wasObject(aggregate), types.isBoxed(aggregate.type),
        types.rows(aggregate.type).contains(where: { $0.name == aggregate.caseName && $0.fields.isEmpty })
      else { return }
      aggregate.layout = types.layout(aggregate.type)
      value = .aggregate(aggregate)
    }
  }

  private func makeLenient(_ value: inout StaleValue) {
    switch value {
    case .aggregate(var aggregate):
      if program.types.definitions(in: aggregate.type).isDisjoint(with: program.otherKinds) { return }
      aggregate.isLenient = true
      value = .aggregate(aggregate)
    case .object(let object):
      if !program.types.definitions(in: object.type).isDisjoint(with: program.otherKinds) { object.isLenient = true }
    default: break
    }
  }

  private func migrate(_ report: CascadeReport, _ figures: inout StaleFigures) throws {
    if !report.migrated.isEmpty { figures.migrations += 1 }
    for holder in program.holders where program.isPlain(holder.id) {
      var migration = StaleMigration(program.types)
      migration.migrate(&held[holder.id]!)
      if let obstacle = migration.obstacle { throw Failure(message: "v\(holder.id) was migrated, but \(obstacle)") }
    }
    // What is not migrated in these is refused.
    for holder in program.holders where !program.isPlain(holder.id) {
      var migration = StaleMigration(program.types)
      migration.migrate(&held[holder.id]!)
    }
    for key in frames.keys {
      for i in frames[key]!.indices {
        var migration = StaleMigration(program.types)
        migration.migrate(&frames[key]![i])
      }
    }
  }

  // MARK: What the program says

  private func hear(_ output: String, _ before: StaleProgram?, hasMigrated: Bool, _ figures: inout StaleFigures) throws {
    if !steps.isEmpty, !output.isEmpty { steps[steps.count - 1] += "\n   says " + lines(output).joined(separator: ", ") }
    for line in lines(output) {
      let words = line.split(separator: " ")
      guard words.count >= 2, let number = Int(words[1]) else { continue }
      if words[0] == "made" { isInFrames = true }
      if words[0] == "made" { frames[number] = program.frames[number].values.map { program.types.instance($0.template) } }
      guard words[0] == "init" else { continue }
      let holder = program.holders[number]
      if let before, policy != .restart { try mayStartAgain(before.holders[number], holder, before.types, hasMigrated) }
      figures.initialised += 1
      calls[number] = 0
      switch holder.kind {
      case .alias(let other): held[number] = held[other]
      case .closure where holder.shared != nil: held[number] = held[holder.shared!]
      default: held[number] = program.types.instance(holder.of.template)
      }
    }
  }

  /// A variable is initialised again only where its type is another, or its words are others and not migrated.
  private func mayStartAgain(_ old: StaleHolder, _ new: StaleHolder, _ before: StaleTypes, _ hasMigrated: Bool) throws {
    let after = program.types
    let (a, b) = (old.of.type, new.of.type)
    if before.identity(a) != after.identity(b) { return }
    if program.isPlain(new.id), before.isByValue(a) || after.isByValue(b), before.layout(a) != after.layout(b), !hasMigrated { return }
    throw Failure(message: "v\(new.id) was initialised again")
  }

  // MARK: Reads

  private func evaluate(_ forms: [String]) -> [Answer] {
    let found = Monitor<[Answer]>([])
    let input = Array(forms.joined(separator: "\n").utf8)
    onCompilerStack { [live, client] in
      live.session.evaluate(input, for: client) { result in
        let answer: Answer
        switch result {
        case .value(let text, _): answer = .text(Self.unquoted(text ?? "?"))
        case .unit: answer = .text("()")
        case .panic(let panic): answer = panic.message.hasPrefix("stale ") ? .stale(panic.message) : .panic(panic.message)
        case .problems(let problems): answer = .other(problems.map(\.terminal).joined(separator: "\n"))
        default: answer = .other("\(result)")
        }
        found.update { $0.append(answer) }
      }
    }
    return found.value
  }

  /// A string's text from how it is shown.
  private static func unquoted(_ text: String) -> String {
    guard text.hasPrefix("\"") else { return text }
    var out = ""
    var isEscaped = false
    for character in text.dropFirst().dropLast() {
      if character == "\\", !isEscaped {
        isEscaped = true
        continue
      }
      isEscaped = false
      out.append(character)
    }
    return out
  }

  private func read(_ figures: inout StaleFigures) throws {
    var probes = program.probes
    probes.shuffle(using: &random)
    let forms = probes.map { random.below(4) == 0 ? program.expression($0) : "(p\($0.id))" }
    let answers = evaluate(forms)
    if answers.count != probes.count { throw Failure(message: "\(answers.count) answers to \(probes.count) reads, the last \(answers.last.map { "\($0)" } ?? "")") }
    for (probe, (form, answer)) in zip(probes, zip(forms, answers)) {
      figures.reads += 1
      let expected = self.expected(probe)
      let told = { Failure(message: "\(form), which is \(self.program.expression(probe)), gives\n  \(answer)\nexpected\n  \(expected.answer)\(expected.isLenient ? " or the stale panic" : "")") }
      switch (answer, expected.answer) {
      case (.text, _) where answer == expected.answer:
        figures.right += 1
        expected.then()
      case (.text, .text) where expected.isUnknown: expected.then()
      case (.panic, .panic): figures.right += 1
      case (.stale, .stale): figures.refused += 1
      case (.stale, _) where expected.isLenient: figures.cautious += 1
      default: throw told()
      }
    }
  }

  private func expected(_ probe: StaleProbe) -> Expected {
    var reader = StaleReader(types: program.types)
    do {
      var expected = try read(probe, &reader)
      expected.isLenient = expected.isLenient || reader.isLenient
      expected.isUnknown = reader.isUnknown
      return expected
    } catch {
      let isStale = (error as? StaleReading)?.isStale ?? false
      return Expected(answer: isStale ? .stale("") : .panic(""), isLenient: reader.isLenient)
    }
  }

  private func step(_ step: StaleStep, _ value: StaleValue, _ reader: inout StaleReader) throws -> StaleValue {
    switch value {
    case .aggregate(let aggregate):
      try reader.touch(aggregate)
      switch step {
      case .field(let name): if let part = aggregate.parts.first(where: { $0.name == name }) { return part.value }
      case .unwrap: if ["Some", "Ok"].contains(aggregate.caseName) { return aggregate.parts[0].value }
      case .part(let i, _): return aggregate.parts[i].value
      case .casePart(let name, let i, _): if aggregate.caseName == name { return aggregate.parts[i].value }
      default: break
      }
    case .object(let object):
      if case .get(let key) = step, !object.keys.contains(where: { if case .string(key) = $0 { true } else { false } }) {
        // Found missing without a look at the entries.
        reader.isLenient = true
        throw StaleReading(isStale: false)
      }
      try reader.touch(object)
      switch step {
      case .field(let name): if let part = object.parts.first(where: { $0.name == name }) { return part.value }
      case .nth(let i): if object.parts.indices.contains(i) { return object.parts[i].value }
      case .get(let key):
        let found = object.keys.firstIndex { if case .string(key) = $0 { true } else { false } }
        if let found { return object.parts[found].value }
      default: break
      }
    default: break
    }
    throw StaleReading(isStale: false)
  }

  private func read(_ probe: StaleProbe, _ reader: inout StaleReader) throws -> Expected {
    let types = program.types
    guard var value = held[probe.holder] else { return Expected(answer: .other("nothing is held")) }
    for step in probe.steps { value = try self.step(step, value, &reader) }
    func text(_ text: String) -> Expected { Expected(answer: .text(text)) }
    switch probe.action {
    case .show: return text(try reader.show(value))
    case .passed:
      let shown = try reader.show(value)
      return text("(tuple \(shown) \(shown))")
    case .call(let argument):
      let shown = try reader.show(value)
      var expected = Expected(answer: .text(shown), isLenient: true)
      if case .closure(.counts) = program.holders[probe.holder].kind {
        let count = (calls[probe.holder] ?? 0) + 1
        expected.answer = .text("\(count) \(shown)")
        expected.then = { self.calls[probe.holder] = count }
      }
      if let argument { expected.answer = .text(shown + " " + (try reader.show(types.instance(argument)))) }
      return expected
    case .same(let other):
      guard case .object(let a) = value, case .object(let b)? = held[other] else { break }
      return text(a === b ? "true" : "false")
    default: break
    }
    switch value {
    case .aggregate(var aggregate):
      try reader.touch(aggregate)
      switch probe.action {
      case .cases:
        var out = aggregate.caseName
        for part in aggregate.parts { out += " " + (try reader.show(part.value)) }
        return text(out)
      case .with(let name, let new):
        for i in aggregate.parts.indices where aggregate.parts[i].name == name { aggregate.parts[i].value = types.instance(new) }
        return text(try reader.show(.aggregate(aggregate)))
      case .rebuilt:
        _ = try reader.show(value)
        return text("(tuple true true)")
      default: break
      }
    case .object(let object):
      if case .length = probe.action { return Expected(answer: .text("\(object.parts.count)"), isLenient: true) }
      switch probe.action {
      case .set(let name, let new):
        try reader.touch(object)
        guard let i = object.parts.firstIndex(where: { $0.name == name }) else { break }
        let made = types.instance(new)
        return Expected(answer: .text(try reader.show(made)), then: { object.parts[i].value = made })
      case .push(let new):
        if object.layout != types.layout(object.type) { throw StaleReading(isStale: true) }
        try reader.touch(object)
        return Expected(answer: .text("\(object.parts.count + 1)"), then: { object.parts.append(StalePart(value: types.instance(new))) })
      case .find(let key):
        try reader.touch(object)
        let literal = types.literal(key)
        for key in object.keys { _ = try reader.show(key) }
        return text(object.keys.contains { types.literal($0) == literal } ? "true" : "false")
      case .keys:
        try reader.touch(object)
        var out = "(vec"
        for (key, part) in zip(object.keys, object.parts) {
          _ = try reader.show(key)
          out += " (Some \(try reader.show(part.value)))"
        }
        return text(out + ")")
      case .walked:
        try reader.touch(object)
        var out = ""
        for part in object.parts { out += (try reader.show(part.value)) + ";" }
        return text(out)
      case .copied: return text(try reader.show(value))
      default: break
      }
    default: break
    }
    return Expected(answer: .other("nothing of the kind"))
  }

  // MARK: Frames

  private func enterFrames(_ figures: inout StaleFigures) throws {
    if isInFrames || live.monitor.value.isPaused { return }
    _ = live.take(1)
    try rest()
    try hear(live.takeOutput(), nil, hasMigrated: false, &figures)
  }

  /// Ends the inner live loop, so that all frames below it go on.
  private func leaveFrames(_ figures: inout StaleFigures) throws {
    if live.monitor.value.isPaused { return }
    figures.frames += 1
    figures.reads += 1
    isInFrames = false
    let panics = live.monitor.value.panics.count
    _ = evaluate(["(set! go false)"])
    _ = live.take(1)
    guard live.monitor.wait(until: \.isAtRest) else { throw Failure(message: "the frames do not end") }
    _ = evaluate(["(set! go true)"])
    let output = live.takeOutput()
    var reader = StaleReader(types: program.types)
    let expected = Result { try text(ofFrame: 0, &reader) }
    if live.monitor.value.panics.count > panics {
      let message = live.monitor.value.panics.last?.message ?? ""
      if !message.hasPrefix("stale ") { throw Failure(message: "frames panic: \(message)") }
      if case .success = expected { figures.cautious += 1 } else { figures.refused += 1 }
      return
    }
    // A restart that had to begin with `main` has done away with them.
    if lines(output).contains("made 0") { return try hear(output, nil, hasMigrated: false, &figures) }
    let found = lines(output).last { $0.hasPrefix("frames ") }?.dropFirst(7)
    guard case .success(let text) = expected, let found, text == found else {
      throw Failure(message: "frames give \(found ?? "nothing")\nexpected \(expected)")
    }
    figures.right += 1
  }

  private func text(ofFrame n: Int, _ reader: inout StaleReader) throws -> String {
    guard let values = frames[n] else { return "waited" }
    let inner = try text(ofFrame: n + 1, &reader)
    let c = try reader.show(values[2])
    let a = try reader.show(values[0])
    return "\(inner) | \(c) \(a) \(try reader.show(values[1]))"
  }
}
