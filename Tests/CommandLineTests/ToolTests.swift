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

  // MARK: test

  static let tests = """
    (defvar counter: Int 0)
    (def names (vec "a"))
    (defn bump [] -> Int
      (set! counter (+ counter 1))
      counter)
    (deftest first-of-two (push! names "b") (assert= 1 (bump)) (assert= 2 (len names)))
    (deftest second-of-two (push! names "b") (assert= 1 (bump)) (assert= 2 (len names)))
    (deftest sums
      (println "adding")
      (assert= (vec 4 5)
               (vec 4 (+ 2 2))))
    (deftest main (assert true))
    """

  /// State is fresh in each; a failure shows both values, the source and what was printed.
  @Test func testsOneByOne() throws {
    let folder = try Folder()
    try folder.write("a.lang", Self.tests)
    let result = try folder.lang("test", "a.lang")
    #expect(result.code == 1 && result.errors == "")
    #expect(
      result.out == """
        test a/first-of-two ... ok
        test a/second-of-two ... ok
        test a/sums ... FAILED

        panic: assertion failed: (vec 4 5) = (vec 4 (+ 2 2))
          left: (vec 4 5)
         right: (vec 4 4)
          --> a.lang:10:3
           |
        10 |     (assert= (vec 4 5)
           |  ___^
        11 | |            (vec 4 (+ 2 2))))
           | |___________________________^
          at a/sums (a.lang:10)
          it printed:
            adding

        test a/main ... ok
        3 passed, 1 failed

        """)
    let some = try folder.lang("test", "a.lang", "--filter", "of-two")
    #expect(some == Finished(code: 0, out: "test a/first-of-two ... ok\ntest a/second-of-two ... ok\n2 passed, 0 failed\n", errors: ""))
    #expect(try folder.lang("test", "a.lang", "--filter", "nothing") == Finished(code: 0, out: "0 passed, 0 failed\n", errors: ""))
    try folder.write("exit.lang", "(deftest leaves (exit 0))")
    #expect(try folder.lang("test", "exit.lang").out.hasSuffix("\n0 passed, 1 failed\n"))
    try folder.write("broken.lang", "(deftest a (assert= 1 \"a\"))")
    let broken = try folder.lang("test", "broken.lang")
    #expect(broken.code == 1 && broken.out == "" && broken.errors.hasPrefix("error[E0301]"))
  }

  /// Each of the first two waits for what the other writes, so they end only side by side.
  @Test func testsRunSideBySide() throws {
    let folder = try Folder()
    let tests = (0..<40).map { "(deftest t\($0) (println \"in \($0)\") (assert= \($0) (bump)) (println \"out \($0)\"))" }
    try folder.write(
      "a.lang",
      """
      (defvar counter: Int 0)
      (defn bump [] -> Int (set! counter (+ counter 1)) (- counter 1))
      (defn wait-for [name: String] -> Unit
        (while (err? (read-file name)) (sleep-ms 1)))
      (deftest ping (write-file "ping" "") (wait-for "pong"))
      (deftest pong (write-file "pong" "") (wait-for "ping"))
      (deftest deep (assert= 0 (deeper 0)))
      (defn deeper [n: Int] -> Int (+ 1 (deeper (+ n 1))))
      \(tests.joined(separator: "\n"))
      (deftest leaves (println "bye") (exit 3))
      """)
    let result = try folder.lang("test", "a.lang", "--jobs", "3")
    #expect(result.code == 1 && result.errors == "" && result.out.hasSuffix("\n3 passed, 41 failed\n"))
    #expect(result.out.hasPrefix("test a/ping ... ok\ntest a/pong ... ok\ntest a/deep ... FAILED\n\npanic: stack overflow"))
    #expect(result.out.contains("test a/t0 ... ok\ntest a/t1 ... FAILED\n"))
    for i in 1..<40 { #expect(result.out.contains("  it printed:\n    in \(i)\n\ntest a/\(i < 39 ? "t\(i + 1)" : "leaves") ... FAILED\n")) }
    #expect(result.out.contains("it printed:\n    bye\n\n3 passed"))
    // Whatever their number, what is told is the same.
    for jobs in ["1", "2", "50"] { #expect(try folder.lang("test", "a.lang", "--filter", "/t", "--jobs", jobs).out == folder.lang("test", "a.lang", "--filter", "/t").out) }
    #expect(try folder.lang("test", "a.lang", "--jobs", "0").code == 2)
  }

  /// Those that run are named, those before and behind that have ended count.
  @Test func severalTestsAreInterrupted() throws {
    let folder = try Folder()
    try folder.write(
      "a.lang",
      """
      (defn spin [name: String] -> Unit (write-file name "") (while true ()))
      (deftest fine ())
      (deftest endless (spin "one"))
      (deftest also-fine ())
      (deftest endless-too (spin "two"))
      (deftest late ())
      """)
    let process = Process()
    process.executableURL = URL(fileURLWithPath: binary)
    process.arguments = ["test", "a.lang", "--jobs", "2"]
    process.currentDirectoryURL = URL(fileURLWithPath: folder.path)
    let out = Pipe()
    process.standardOutput = out
    try process.run()
    while !(["one", "two"].allSatisfy { FileManager.default.fileExists(atPath: folder.path + "/" + $0) }), process.isRunning { usleep(1000) }
    process.interrupt()
    process.waitUntilExit()
    #expect(process.terminationStatus == 130)
    let told = String(decoding: out.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    #expect(told.hasPrefix("test a/fine ... ok\ntest a/endless ... interrupted\n"))
    #expect(told.contains("\ntest a/also-fine ... ok\ntest a/endless-too ... interrupted\n"))
    #expect(told.hasSuffix("\n1 not run\n2 passed, 2 failed\n"))
  }

  @Test func anInterruptedTestIsNamed() throws {
    let folder = try Folder()
    // Who writes into a pipe waits for who reads: behind that the test is under way.
    unsafe #expect(mkfifo(folder.path + "/begun", 0o600) == 0)
    try folder.write("a.lang", "(deftest fine ())\n(deftest endless (write-file \"begun\" \"x\") (while true ()))\n(deftest late ())")
    let process = Process()
    process.executableURL = URL(fileURLWithPath: binary)
    process.arguments = ["test", "a.lang", "--jobs", "1"]
    process.currentDirectoryURL = URL(fileURLWithPath: folder.path)
    let out = Pipe()
    process.standardOutput = out
    let reports = Reports(out.fileHandleForReading)
    try process.run()
    #expect(reports.next() == "test a/fine ... ok")
    #expect(try FileHandle(forReadingFrom: URL(fileURLWithPath: folder.path + "/begun")).readToEnd() == Data("x".utf8))
    process.interrupt()
    #expect(reports.next() == "test a/endless ... interrupted")
    process.waitUntilExit()
    #expect(process.terminationStatus == 130)
    var last = reports.next()
    while last != "1 passed, 1 failed", last != "nothing in 20 s" { last = reports.next() }
    #expect(last == "1 passed, 1 failed")
  }

  // MARK: explain

  @Test func explanations() throws {
    let folder = try Folder()
    let one = try folder.lang("explain", "e0301")
    #expect(one.code == 0 && one.out.hasPrefix("E0301: ") && one.out.contains("This is refused:\n\n    (defn share"))
    let all = try folder.lang("explain")
    #expect(all.code == 0 && all.out.hasPrefix("E0101  ") && all.out.split(separator: "\n").allSatisfy { $0.count > 15 })
    let none = try folder.lang("explain", "E0331x")
    #expect(none.code == 2 && none.out == "" && none.errors.contains("did you mean"))
  }

  // MARK: new, doctor

  /// It runs, its tests pass, and it is formatted.
  @Test func aStarterProject() throws {
    let folder = try Folder()
    let made = try folder.lang("new", "ball")
    #expect(made.code == 0 && made.errors == "" && made.out.contains("lang dev ."))
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path + "/ball").sorted() == [".gitignore", "README.md", "project.lang", "src"])
    #expect(try folder.lang("test", "ball").out.hasSuffix("\n2 passed, 0 failed\n"))
    #expect(try folder.lang("fmt", "--check", "ball") == Finished(code: 0, out: "", errors: ""))
    #expect(try folder.lang("check", "ball") == Finished(code: 0, out: "", errors: ""))
    let run = try folder.lang("run", "ball")
    #expect(run.code == 0 && run.out.hasPrefix("| o") && run.errors == "")
    let again = try folder.lang("new", "ball")
    #expect(again.code == 2 && again.errors.contains("exists already"))
    for name in ["", "..", "Ball", "7up", "two words", "a/b/c", "ünder"] {
      let result = try folder.lang("new", name)
      #expect(result.code == 2 && result.out == "" && result.errors.hasPrefix("error: "), "\(name)")
    }
  }

  @Test func theDoctor() throws {
    let folder = try Folder()
    let result = try folder.lang("doctor")
    #expect(result.errors == "" && result.out.contains("✓ programs run\n"))
    #expect(result.code == (result.out.hasSuffix("Nothing is missing.\n") ? 0 : 1))
    #expect(result.out.contains("✗") == (result.code == 1))
  }

  @Test func everyCommandHelps() throws {
    let folder = try Folder()
    for command in ["run", "dev", "repl", "check", "test", "fmt", "disasm", "new", "explain", "doctor"] {
      let help = try folder.lang(command, "--help")
      #expect(help.code == 0 && help.out.contains("lang \(command)") && help.out.contains("--color"), "\(command)")
    }
  }
}
