// `run/`: programs from their first line to their last, with what they print, how they panic and how
// they exit. `errors/`: programs that must be refused, with codes and places.

import Frontend
import Runtime
import Session
import Testing

@Suite(.serialized) struct RunFiletests {
  @Test(arguments: Filetest.all("run"))
  func run(_ test: Filetest) {
    let found = Execution.run(test.source, path: test.path0) { $0.files = test.access }
    test.expect("stdout", lines(String(decoding: found.stdout, as: UTF8.self)))
    test.expect("exit", found.exit == 0 ? [] : ["\(found.exit)"])
    let errors = String(decoding: found.stderr, as: UTF8.self)
    for line in test.lines(of: "panic") ?? [] where !errors.contains(line) {
      Issue.record("\(test.path): stderr lacks `\(line)`\n\(errors)")
    }
    if (test.lines(of: "panic") ?? []).isEmpty, errors.contains("panic: ") {
      Issue.record("\(test.path): an unexpected panic\n\(errors)")
    }
  }

  /// Every allocation collects, what is freed is poisoned, the heap is verified: slow, so a program gets a
  /// moment, and what it printed until then must be right.
  @Test(arguments: Filetest.all("run"))
  func runWithCollectionsEverywhere(_ test: Filetest) {
    Self.expectOutput(of: test, seconds: 0.2) { _ in }
  }

  /// With a collection at every allocation.
  static func expectOutput(of test: Filetest, seconds: Double, _ adjust: (inout SessionOptions) -> Void) {
    guard !needsTheWholeStack.contains(test.name) else { return }
    let found = Execution.run(test.source, path: test.path0, seconds: seconds, mayBeCutShort: true) {
      $0.files = test.access
      $0.machine = .small
      $0.machine.stackRegisters = 1 << 16
      $0.machine.stress = true
      adjust(&$0)
    }
    var expected = test.lines(of: "stdout") ?? []
    var printed = lines(String(decoding: found.stdout, as: UTF8.self))
    if !found.isOver {
      // The last line may have been cut.
      printed = Array(printed.dropLast())
      expected = Array(expected.prefix(printed.count))
    }
    if expected != printed { Issue.record("\(test.path) with collections everywhere\n\(difference(expected, printed))") }
  }

  /// What recurses deeper than a stack that is quick to scan lets it.
  private static let needsTheWholeStack: Set = ["deep-recursion.lang"]

  @Test(arguments: Filetest.all("errors"))
  func errors(_ test: Filetest) {
    guard let found = Execution.check(test.source, path: test.path0, files: test.access) else {
      Issue.record("\(test.path): checking does not end")
      return
    }
    test.expect(
      "diagnostics",
      found.map { problem in
        let path = problem.position.map(\.path) ?? test.path0
        return problem.code.rawValue + (path == test.path0 ? "" : " \(path)")
          + " \(problem.position?.start.line ?? 0):\(problem.position?.start.column ?? 0)"
      })
  }
}
