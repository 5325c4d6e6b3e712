// The programs of Are We Fast Yet, once each and small: they verify their results themselves.

import Runtime
import Testing

@Suite(.serialized) struct BenchmarkProgramTests {
  private static let root = repositoryRoot + "/Benchmarks/awfy"

  @Test(arguments: Files.names(in: root).filter { !$0.contains(".") }.sorted())
  func verifies(_ name: String) {
    let found = Execution.run(readFile("\(Self.root)/\(name)/\(name).lang"), path: name + ".lang")
    #expect(found.exit == 0 && found.stderr.isEmpty, "\(String(decoding: found.stderr, as: UTF8.self))")
    let printed = String(decoding: found.stdout, as: UTF8.self)
    #expect(printed.hasSuffix(" verified\n") && printed.lowercased().hasPrefix(name), "\(printed)")
  }
}
