// Programs that nobody would write, through everything: reader, formatter, checker, lowering, the verifier,
// and for a moment the interpreter. Nothing may trap, hang or take memory without bounds.
//
// A fixed number of programs, or with `FUZZ_SECONDS` as many as fit; `FUZZ_SEED` sets where to begin. The text
// at hand is in the file that is printed, so that it is there when the process is not.

import Frontend
import Runtime
import Session
import Testing

@Suite(.serialized) struct FuzzTests {
  private static let programs = 40
  static let seconds = Process.environment("FUZZ_SECONDS").flatMap { Double($0) }
  static let seed = Process.environment("FUZZ_SEED").flatMap { UInt64($0) } ?? 1
  static let lastText = (Process.environment("TMPDIR") ?? "/tmp") + "/lang-fuzz-forms.lang"
  /// Resident memory, in bytes, that one program may add to what the process had.
  private static let mostMemory = 2 << 30

  /// Forms moved about without regard to types: most programs are refused.
  @Test func movedForms() {
    let mutator = FormMutator(Self.sources(["run", "errors", "diagnostics", "live", "bytecode"]))
    fuzz("moved forms", atLeast: 0) { mutator.program(&$0) }
  }

  /// Changes that keep types: most programs run.
  @Test func soundChanges() {
    let mutator = SoundMutator(Self.sources(["run", "bytecode"]))
    fuzz("sound changes", atLeast: 30) { mutator.program(&$0) }
  }

  /// The same changes as edits of a program that has not begun: each is answered as a fresh start from its text
  /// would be, and what runs in the end does what that does.
  @Test func soundEdits() {
    let mutator = SoundMutator(Self.sources(["run"]).filter { !String(decoding: $0, as: UTF8.self).contains("now-") })
    var edits = 0
    fuzz("sound edits", atLeast: 0) { g in
      var texts = [mutator.program(&g)]
      for _ in 0...g.below(4) {
        var text = texts[texts.count - 1]
        mutator.change(&text, times: 1 + g.below(2), &g)
        texts.append(text)
      }
      edits += texts.count - 1
      self.follow(texts, sendsRanges: g.below(2) == 0)
      return texts[texts.count - 1]
    }
    print("sound edits: \(edits) edits")
  }

  private func follow(_ texts: [[UInt8]], sendsRanges: Bool) {
    func isSound(_ problems: [LocatedDiagnostic]) -> Bool { !problems.contains { $0.severity == .error } }
    for text in texts { writeFile(Self.lastText, text) }
    let output = Monitor<[UInt8]>([])
    var options = SessionOptions()
    options.verifies = true
    options.machine = .small
    options.machine.stackRegisters = 1 << 16
    options.output = { text, file in if file == 1 { output.update { $0 += text } } }
    let (session, same) = (Session(options: options), options)
    guard isSound(onCompilerStack { session.load([(path: "main.lang", text: texts[0])]) }) else { return }
    var isCurrent = true
    for (before, text) in zip(texts, texts.dropFirst()) where before != text {
      let edit = sendsRanges ? smallestEdit(before, text) : FileEdit.replaceAll(path: "main.lang", text: text)
      let report = onCompilerStack { session.apply([edit]) }
      let cold = onCompilerStack { Session(options: same).load([(path: "main.lang", text: text)]) }
      expectContract(SessionEvent.cascade(report).json, "an edit")
      isCurrent = report.status == .committed || report.status == .unchanged && isCurrent
      if report.status == .unchanged || report.status == .refused && report.diagnostics.allSatisfy({ $0.code == .cannotApplyLive }) { continue }
      if (report.status == .refused) == isSound(cold) {
        Issue.record("\(report.status) \(report.diagnostics.map(\.terminal)), but a fresh start says \(cold.map(\.terminal))\n--- before\n\(shown(before))\n--- after\n\(shown(text))")
        return
      }
    }
    guard isCurrent, let last = texts.last, !Self.reachesOutside(last) else { return }
    let fresh = Execution.run(last, seconds: 0.3, mayBeCutShort: true) {
      $0.machine = .small
      $0.machine.stackRegisters = 1 << 16
    }
    guard fresh.isOver else { return }
    let exit = Monitor<Int?>(nil)
    Threads.start {
      let code = session.run()
      exit.update { $0 = code }
    }
    if !exit.wait(seconds: 30, until: { $0 != nil }) {
      session.requestQuit()
      Issue.record("a program that ends by itself does not after edits\n\(shown(last))")
    } else if exit.value != fresh.exit || output.value != fresh.stdout {
      Issue.record("exit \(exit.value ?? -1), not \(fresh.exit)\n\(difference(lines(shown(fresh.stdout)), lines(shown(output.value))))\n--- from\n\(shown(texts[0]))\n--- to\n\(shown(last))")
    }
  }

  private static func sources(_ folders: [String]) -> [[UInt8]] {
    let sources = folders.flatMap { Filetest.all($0) }.map(\.source)
    let examples = Files.sources(below: Filetest.root + "/../../Examples").map(readFile)
    return (sources + examples).filter { !Self.reachesOutside($0) }
  }

  /// `atLeast`: of a hundred programs this many are to be sound.
  private func fuzz(_ name: String, atLeast share: Int, _ make: (inout SeededGenerator) -> [UInt8]) {
    print("\(name): seed \(Self.seed), the text at hand is in \(Self.lastText)")
    let end = Self.seconds.map { Process.nanoseconds() + Int($0 * 1e9) }
    var (number, sound) = (0, 0)
    while end.map({ Process.nanoseconds() < $0 }) ?? (number < Self.programs) {
      var generator = SeededGenerator(seed: Self.seed &* 1_000_003 &+ UInt64(number))
      let text = make(&generator)
      writeFile(Self.lastText, text)
      let memory = residentBytes()
      if pass(text, number) { sound += 1 }
      if residentBytes() - memory > Self.mostMemory { Issue.record("number \(number): \(residentBytes() - memory) bytes taken\n\(shown(text))") }
      number += 1
    }
    print("\(name): \(number) programs, \(sound) of them ran")
    #expect(sound * 100 >= share * number, "few of the programs are sound")
  }

  /// Takes one text through everything. True when it is a program that runs.
  private func pass(_ text: [UInt8], _ number: Int) -> Bool {
    let state = Monitor<(problems: [LocatedDiagnostic]?, fault: String?)>((nil, nil))
    Threads.start {
      let fault = Self.formattingFault(text)
      state.update { $0.fault = fault }
      var options = SessionOptions()
      options.verifies = true
      options.machine = .small
      let problems = Session(options: options).load([(path: "main.lang", text: text)])
      state.update { $0.problems = problems }
    }
    guard state.wait(seconds: 60, until: { $0.problems != nil }), let problems = state.value.problems else {
      Issue.record("number \(number): compiling does not end\n\(shown(text))")
      return false
    }
    if let fault = state.value.fault { Issue.record("number \(number): \(fault)\n\(shown(text))") }
    for problem in problems { expectContract(problem.json, "number \(number)") }
    guard !problems.contains(where: { $0.severity == .error }), !Self.reachesOutside(text) else { return false }
    let start = Process.nanoseconds()
    let run = Execution.run(text, seconds: 0.1, mayBeCutShort: true) {
      $0.machine = .small
      $0.machine.stackRegisters = 1 << 16
    }
    if Process.nanoseconds() - start > 20_000_000_000 { Issue.record("number \(number): does not stop when asked to\n\(shown(text))") }
    if String(decoding: run.stderr, as: UTF8.self).contains("a fault of the compiler") {
      Issue.record("number \(number): unreachable code was reached\n\(shown(text))")
    }
    return true
  }

  private static func formattingFault(_ text: [UInt8]) -> String? {
    switch Formatter.format(text) {
    case .unreadable: return nil
    case .fault: return "formatting would change the forms"
    case .formatted(let once):
      guard case .formatted(let twice) = Formatter.format(once) else { return "what was formatted cannot be read" }
      return once == twice ? nil : "formatting again changes it"
    }
  }

  /// Programs that would write files or wait for input are not run.
  private static func reachesOutside(_ text: [UInt8]) -> Bool {
    let words = String(decoding: text, as: UTF8.self)
    return ["write-file", "append-file", "read-line", "read-key", "extern", "unsafe", "read-file"].contains { words.contains($0) }
  }

  private func shown(_ text: [UInt8]) -> String { String(decoding: text, as: UTF8.self) }

  private func residentBytes() -> Int {
    let figures = Files.systemNumbers("/proc/self/statm")
    return figures.count > 1 ? figures[1] * 4096 : 0
  }
}
