// Random programs on both tiers: what the interpreter prints, how it ends and how it panics is what machine code does, compiled at
// the first call, at a random threshold, and in the background. Switches and printing as in FuzzTests.

import Frontend
import JIT
import Runtime
import Session
import Testing

@Suite(.serialized) struct TierFuzzTests {
  @Test func soundChanges() {
    let sources = Filetest.all("run").map(\.source).filter(Self.isAlone)
    let mutator = SoundMutator(sources)
    differ("tiers, sound changes", 60, atLeast: 30) { mutator.program(&$0) }
  }

  @Test func hotPrograms() { differ("tiers, hot programs", 240, atLeast: 95) { TierAuthor.program(&$0) } }

  /// Programs that depend on nothing but their text, and end soon.
  private static func isAlone(_ text: [UInt8]) -> Bool {
    let words = String(decoding: text, as: UTF8.self)
    let outside = ["write-file", "append-file", "read-line", "read-key", "extern", "unsafe", "read-file", "now-", "sleep", "live-loop", "(env ", "_000"]
    return !outside.contains { words.contains($0) }
  }

  /// `atLeast`: of a hundred programs this many are to be sound.
  private func differ(_ name: String, _ programs: Int, atLeast share: Int, _ make: (inout SeededGenerator) -> [UInt8]) {
    print("\(name): seed \(FuzzTests.seed), the text at hand is in \(FuzzTests.lastText)")
    let end = FuzzTests.seconds.map { Process.nanoseconds() + Int($0 * 1e9) }
    var (number, sound, cut, faults) = (0, 0, 0, 0)
    var did = Coverage()
    while faults < 5, end.map({ Process.nanoseconds() < $0 }) ?? (number < programs) {
      var g = SeededGenerator(seed: FuzzTests.seed &* 1_000_003 &+ UInt64(number))
      let text = make(&g)
      writeFile(FuzzTests.lastText, text)
      let expected = run(text, .interp, 1)
      number += 1
      guard expected.hasLoaded, Self.isAlone(text) else {
        if share > 90 { print("number \(number - 1): \(String(decoding: expected.stderr.prefix(600), as: UTF8.self))") }
        continue
      }
      sound += 1
      if !expected.isOver { cut += 1 }
      // As soon as anything is called; after some runs of which one was recorded, or too few for that; and in the background, where the
      // program often ends while code is being compiled.
      let most = g.pick([10, 60, 299])
      for (tier, threshold) in [(Tier.jit, 1), (.jit, 2 + g.below(most)), (.auto, 1 + g.below(20))] {
        let found = run(text, tier, threshold)
        did.add(found)
        guard let fault = difference(expected, found) else { continue }
        faults += 1
        Issue.record("number \(number - 1), \(tier.rawValue) at threshold \(threshold): \(fault)\n--- the program\n\(String(decoding: text, as: UTF8.self))")
        break
      }
    }
    print("\(name): \(number) programs, \(sound) of them ran, \(cut) not to their end; \(did.text)")
    #expect(sound * 100 >= share * number, "few of the programs are sound")
  }

  /// What machine code was made of the programs.
  private struct Coverage {
    private var functions = 0, loops = 0, corrected = 0, rareWays = 0, closures = 0, recorded = 0

    mutating func add(_ run: Execution) {
      functions += run.native.functions
      loops += run.native.loops
      corrected += run.native.corrected
      for unit in run.native.units {
        rareWays += unit.rareWays
        closures += unit.closures.count
        recorded += unit.recorded > 0 ? 1 : 0
      }
    }

    var text: String {
      "\(functions) functions and \(loops) loops compiled, \(recorded) of them as recorded, with \(rareWays) rare ways and \(closures) closures called directly; \(corrected) corrected"
    }
  }

  private func run(_ text: [UInt8], _ tier: Tier, _ threshold: Int) -> Execution {
    Execution.run(text, seconds: tier == .interp ? 0.5 : 5, mayBeCutShort: true) {
      $0.tier = tier
      $0.jitThreshold = threshold
      $0.machine = .small
      $0.machine.stackRegisters = 1 << 14
    }
  }

  /// What differs; of programs that were stopped only what both had printed by then is compared.
  private func difference(_ expected: Execution, _ found: Execution) -> String? {
    let (one, other) = (expected.stdout, found.stdout)
    guard expected.isOver, found.isOver else {
      let count = min(one.count, other.count)
      return one.prefix(count) == other.prefix(count) ? nil : "output\n\(difference(one, other))"
    }
    // How much memory there is depends on what the stacks happen to hold.
    let errors = String(decoding: expected.stderr + found.stderr, as: UTF8.self)
    if errors.contains("out of memory") { return nil }
    if one != other { return "output\n\(difference(one, other))" }
    if expected.exit != found.exit { return "exit \(found.exit), not \(expected.exit)" }
    return expected.stderr == found.stderr ? nil : "errors\n\(difference(expected.stderr, found.stderr))"
  }

  private func difference(_ one: [UInt8], _ other: [UInt8]) -> String {
    SessionTests.difference(lines(String(decoding: one, as: UTF8.self)), lines(String(decoding: other, as: UTF8.self)))
  }
}
