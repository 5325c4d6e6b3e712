// Each program of `Examples/` prints what `Tests/Examples` says. NAME.out is the output expected; NAME.in, when
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

private func text(_ path: String) -> String? { try? String(contentsOfFile: path, encoding: .utf8) }

@Suite(.serialized, .enabled(if: FileManager.default.isExecutableFile(atPath: binary)))
struct ExampleTests {
  @Test(arguments: names(in: "Examples", endingIn: ".lang"))
  func printsWhatItPrinted(_ name: String) throws {
    let golden = "\(root)/Tests/Examples/\(name)"
    let arguments = (text(golden + ".args") ?? "").split(whereSeparator: \.isWhitespace).map(String.init)
    let found = try Folder().lang(
      ["run", "\(root)/Examples/\(name).lang", "--"] + arguments, input: text(golden + ".in") ?? "")
    #expect(found.code == 0 && found.errors.isEmpty, "\(name): \(found.code)\n\(found.errors)")
    if ProcessInfo.processInfo.environment["UPDATE_EXPECT"] == "1" {
      try found.out.write(toFile: golden + ".out", atomically: true, encoding: .utf8)
    }
    #expect(found.out == text(golden + ".out"), "\(name)")
  }

  @Test func everyExpectationHasItsExample() {
    #expect(names(in: "Tests/Examples", endingIn: ".out") == names(in: "Examples", endingIn: ".lang"))
  }
}
