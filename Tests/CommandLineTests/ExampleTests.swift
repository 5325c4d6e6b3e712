// Each program of `Examples/`, a file or a project, prints what `Tests/Examples` says. NAME.out is the output expected; NAME.in, when
// there is one, is typed to the program, and NAME.args has its arguments. `UPDATE_EXPECT=1` writes NAME.out.

import Foundation
import Testing

private let root: String = {
  let parts = #filePath.split(separator: "/", omittingEmptySubsequences: false)
  return parts.dropLast(3).joined(separator: "/")
}()

private func names(in folder: String, endingIn suffix: String) -> [String] {
  let all = (try? FileManager.default.contentsOfDirectory(atPath: root + "/" + folder)) ?? []
  return all.filter { $0.hasSuffix(suffix) }.map { String($0.dropLast(suffix.count)) }.sorted()
}

/// The examples with the paths that run them.
private let examples: [(name: String, path: String)] = {
  let projects = names(in: "Examples", endingIn: "").filter { FileManager.default.fileExists(atPath: "\(root)/Examples/\($0)/project.lang") }
  return (names(in: "Examples", endingIn: ".lang").map { ($0, "Examples/\($0).lang") } + projects.map { ($0, "Examples/\($0)") })
    .sorted { $0.0 < $1.0 }
}()

private func text(_ path: String) -> String? { try? String(contentsOfFile: path, encoding: .utf8) }

@Suite(.serialized, .enabled(if: FileManager.default.isExecutableFile(atPath: binary)))
struct ExampleTests {
  @Test(arguments: examples)
  func printsWhatItPrinted(_ name: String, _ path: String) throws {
    let golden = "\(root)/Tests/Examples/\(name)"
    let arguments = (text(golden + ".args") ?? "").split(whereSeparator: \.isWhitespace).map(String.init)
    let found = try Folder().lang(
      ["run", "\(root)/\(path)", "--"] + arguments, input: text(golden + ".in") ?? "")
    #expect(found.code == 0 && found.errors.isEmpty, "\(name): \(found.code)\n\(found.errors)")
    if ProcessInfo.processInfo.environment["UPDATE_EXPECT"] == "1" {
      try found.out.write(toFile: golden + ".out", atomically: true, encoding: .utf8)
    }
    #expect(found.out == text(golden + ".out"), "\(name)")
  }

  @Test func everyExpectationHasItsExample() {
    #expect(names(in: "Tests/Examples", endingIn: ".out") == examples.map(\.name))
  }

  @Test func testsOfProjectsPass() throws {
    for (name, path) in examples where !path.hasSuffix(".lang") {
      #expect(try Folder().lang("test", "\(root)/\(path)").code == 0, "\(name)")
    }
  }
}
