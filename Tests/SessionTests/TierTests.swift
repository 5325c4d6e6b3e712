// Machine code does what bytecode does: the same output, the same exit, the same panics with the same traces. Filetests that run
// or live, and random programs, with code compiled as soon as it is called, and at random thresholds, where bytecode and machine code
// call each other.

import Frontend
import Runtime
import Session
import Testing

@Suite(.serialized) struct TierTests {
  @Test(arguments: Filetest.all("run"))
  func filetests(_ test: Filetest) {
    let expected = Execution.run(test.source, path: test.path0) { $0.files = test.access }
    for threshold in [1, 7] {
      let found = Execution.run(test.source, path: test.path0) {
        $0.files = test.access
        $0.tier = .jit
        $0.jitThreshold = threshold
      }
      compare(expected, found, "\(test.path) at threshold \(threshold)")
    }
  }

  /// Collections while machine code runs: what it holds in registers and on the host's stack stays alive.
  @Test(arguments: Filetest.all("run"))
  func filetestsWithCollectionsEverywhere(_ test: Filetest) {
    RunFiletests.expectOutput(of: test, seconds: 0.3) {
      $0.tier = .jit
      $0.jitThreshold = 2
    }
  }

  @Test(arguments: Filetest.names("live"))
  func live(_ name: String) { LiveScript(name, sendsRanges: false, tier: .jit).run() }

  @Test func benchmarkPrograms() {
    let root = repositoryRoot + "/Benchmarks/awfy"
    for name in Files.names(in: root).filter({ !$0.contains(".") }).sorted() {
      let found = Execution.run(readFile("\(root)/\(name)/\(name).lang"), path: name + ".lang") {
        $0.tier = .jit
        $0.jitThreshold = 50
      }
      #expect(found.exit == 0 && String(decoding: found.stdout, as: UTF8.self).hasSuffix(" verified\n"), "\(name): \(String(decoding: found.stderr, as: UTF8.self))")
    }
  }

  private func compare(_ expected: Execution, _ found: Execution, _ name: String) {
    if expected.exit != found.exit { Issue.record("\(name): exit \(found.exit), not \(expected.exit)") }
    for (what, one, other) in [("output", expected.stdout, found.stdout), ("errors", expected.stderr, found.stderr)] where one != other {
      let (one, other) = (lines(String(decoding: one, as: UTF8.self)), lines(String(decoding: other, as: UTF8.self)))
      Issue.record("\(name): \(what)\n\(difference(one, other))")
    }
  }
}
