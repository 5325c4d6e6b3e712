// Programs that nobody would write, through everything: reader, formatter, checker, lowering, the verifier,
// and for a moment the interpreter. Nothing may trap, hang or take memory without bounds.
//
// `FUZZ_SECONDS` sets how long, `FUZZ_SEED` where to begin. The text at hand is in the file that is printed,
// so that it is there when the process is not.

import Frontend
import Runtime
import Session
import Testing

@Suite(.serialized) struct FuzzTests {
  static let seconds = Process.environment("FUZZ_SECONDS").flatMap { Double($0) } ?? 5
  static let seed = Process.environment("FUZZ_SEED").flatMap { UInt64($0) } ?? 1
  static let lastText = (Process.environment("TMPDIR") ?? "/tmp") + "/lang-fuzz-forms.lang"
  /// Resident memory, in bytes, that one program may add to what the process had.
  private static let mostMemory = 2 << 30

  @Test func movedForms() {
    let sources = ["run", "errors", "diagnostics", "live", "bytecode"].flatMap { Filetest.all($0) }.map(\.source)
    let examples = Files.sources(below: Filetest.root + "/../../Examples").map(readFile)
    let mutator = FormMutator((sources + examples).filter { !Self.reachesOutside($0) })
    print("moved forms: seed \(Self.seed), the text at hand is in \(Self.lastText)")
    let end = Process.nanoseconds() + Int(Self.seconds * 1e9)
    var (number, sound) = (0, 0)
    while Process.nanoseconds() < end {
      var generator = SeededGenerator(seed: Self.seed &* 1_000_003 &+ UInt64(number))
      let text = mutator.program(&generator)
      writeFile(Self.lastText, text)
      let memory = residentBytes()
      if pass(text, number) { sound += 1 }
      if residentBytes() - memory > Self.mostMemory { Issue.record("number \(number): \(residentBytes() - memory) bytes taken\n\(shown(text))") }
      number += 1
    }
    print("moved forms: \(number) programs, \(sound) of them sound")
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
