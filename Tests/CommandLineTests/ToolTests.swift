// The commands around a program, from outside.

import Foundation
import Testing

@Suite struct ToolTests {
  // MARK: fmt

  @Test func formattingInPlace() throws {
    let folder = try Folder()
    let file = try folder.write("src/a.lang", "(defn main [] -> Unit\n (println   1)\n)")
    try folder.write("src/deep/fine.lang", "(def x 1)\n")
    try folder.write("src/other.txt", "( a )")
    try folder.write("src/broken.lang", "(def x (\n")
    try FileManager.default.setAttributes([.posixPermissions: 0o640], ofItemAtPath: file)

    let check = try folder.lang("fmt", "--check", "src")
    #expect(check.code == 1 && check.out == "src/a.lang\n" && check.errors.contains("error[E0102]"))
    #expect(try String(contentsOfFile: file, encoding: .utf8).contains("println   1"))

    let run = try folder.lang("fmt", "src")
    #expect(run.code == 1 && run.out == "" && run.errors.contains("formatted src/a.lang\n"))
    #expect(try String(contentsOfFile: file, encoding: .utf8) == "(defn main [] -> Unit\n  (println 1))\n")
    #expect(try String(contentsOfFile: folder.path + "/src/other.txt", encoding: .utf8) == "( a )")
    #expect(try String(contentsOfFile: folder.path + "/src/broken.lang", encoding: .utf8) == "(def x (\n")
    #expect(try FileManager.default.attributesOfItem(atPath: file)[.posixPermissions] as? Int == 0o640)
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path + "/src").sorted() == ["a.lang", "broken.lang", "deep", "other.txt"])
    #expect(try folder.lang("fmt", "--check", "src/a.lang") == Finished(code: 0, out: "", errors: ""))
  }

  @Test func formattingStandardInput() throws {
    let folder = try Folder()
    #expect(try folder.lang("fmt", "-", input: "( f  x )") == Finished(code: 0, out: "(f x)\n", errors: ""))
    let broken = try folder.lang("fmt", "-", input: "( f  x")
    #expect(broken.code == 1 && broken.out == "" && broken.errors.contains("<stdin>:1:1"))
    #expect(try folder.lang("fmt").code == 2)
    #expect(try folder.lang("fmt", "missing.lang").code == 1)
  }

  /// A file that cannot be replaced stays what it was.
  @Test func formattingWhereNothingCanBeWritten() throws {
    guard geteuid() != 0 else { return }
    let folder = try Folder()
    let file = try folder.write("locked/a.lang", "( f )")
    try FileManager.default.setAttributes([.posixPermissions: 0o555], ofItemAtPath: folder.path + "/locked")
    let result = try folder.lang("fmt", "locked/a.lang")
    try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: folder.path + "/locked")
    #expect(result.code == 1 && result.errors.contains("cannot write"))
    #expect(try String(contentsOfFile: file, encoding: .utf8) == "( f )")
  }
}
