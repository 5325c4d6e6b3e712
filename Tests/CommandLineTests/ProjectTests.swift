// Programs of several files from outside: which files a command takes, what is said when they are not as
// they should be, and a live session over a project.

import Foundation
import Testing

@Suite(.serialized, .enabled(if: FileManager.default.isExecutableFile(atPath: binary)))
struct ProjectTests {
  /// A small project in the directory `p`: a main module, one that it imports, one that nothing imports, and a test.
  private func project(_ form: String = "(project \"asteroids\" :version \"0.1.0\" :main game.main :link [\"SDL2\"])") throws -> Folder {
    let folder = try Folder()
    try folder.write("p/project.lang", form)
    try folder.write(
      "p/src/game/main.lang",
      "(import game.physics)\n(defn main [args: (Vec String)] -> Int (println (physics/step 1) args) 3)")
    try folder.write("p/src/game/physics.lang", "(defn step [n: Int] -> Int (+ n 1))\n(deftest steps (assert= 2 (step 1)))")
    try folder.write("p/src/spare.lang", "(deftest spare (assert true))")
    try folder.write("p/tests/physics.lang", "(import game.physics)\n(deftest outside (assert= 3 (physics/step 2)))")
    return folder
  }

  @Test func anyPathIntoAProjectWillDo() throws {
    let folder = try project()
    for path in ["p", "p/", "./p", "p/project.lang", "p/src/game/main.lang", folder.path + "/p"] {
      let found = try folder.lang("run", path, "--", "x")
      #expect(found == Finished(code: 3, out: "2 (vec \"x\")\n", errors: ""), "\(path)")
    }
    // The directory one is in, and files below it.
    try folder.write("project.lang", "(project \"here\")")
    try folder.write("src/main.lang", "(import a.b)\n(defn main [] -> Unit (b/hi))")
    try folder.write("src/a/b.lang", "(import main)\n(defn hi [] -> Unit (println \"hi\"))")
    for path in [".", "project.lang", "src/main.lang"] {
      #expect(try folder.lang("run", path) == Finished(code: 0, out: "hi\n", errors: ""), "\(path)")
    }
    // A module that is not the main one is checked with what it imports, and needs no `main`.
    #expect(try folder.lang("check", "src/a/b.lang").code == 0)
    let run = try folder.lang("run", "src/a/b.lang")
    #expect(run.code == 1 && run.errors.hasPrefix("error[E0121]"))
    try folder.write("src/main.lang", "(defn f [] -> Int 3)")
    #expect(try folder.lang("check", ".").code == 0)
    #expect(try folder.lang("run", ".").errors.hasPrefix("error[E0121]"))
  }

  @Test func checkAndTestTakeAllFilesAndRunWhatIsImported() throws {
    let folder = try project()
    let tests = try folder.lang("test", "p")
    #expect(tests.code == 0 && tests.out.hasSuffix("3 passed, 0 failed\n"))
    #expect(tests.out.contains("test tests.physics/outside ... ok") && tests.out.contains("test spare/spare ... ok"))
    #expect(try folder.lang("check", "p") == Finished(code: 0, out: "", errors: ""))
    try folder.write("p/src/spare.lang", "(defn f [] -> Int \"x\")")
    #expect(try folder.lang("run", "p").code == 3)
    let check = try folder.lang("check", "--json", "p")
    #expect(check.code == 1 && check.errors.contains("\"code\":\"E0301\"") && check.errors.contains("\"file\":\"p/src/spare.lang\""))
    #expect(try folder.lang("test", "p").code == 1)
  }

  @Test func namesOfFunctionsSayTheirModules() throws {
    let folder = try project()
    for name in ["game.physics/step", "physics/step", "step"] {
      let found = try folder.lang("disasm", "p", name)
      #expect(found.code == 0 && found.out.hasPrefix("step:\n"), "\(name)")
    }
    #expect(try folder.lang("disasm", "p", "main").out.hasPrefix("main:\n"))
    #expect(try folder.lang("disasm", "p", "game.main/main").out.hasPrefix("main:\n"))
    #expect(try folder.lang("disasm", "p", "stpe").errors.contains("did you mean `step`?"))
    try folder.write("p/src/game/physics.lang", "(defn step [n: Int] -> Int\n  (/ n 0))")
    #expect(try folder.lang("run", "p").errors == """
      panic: division by zero
       --> p/src/game/physics.lang:2 in game.physics/step
        at game.physics/step (p/src/game/physics.lang:2)
        at game.main/main (p/src/game/main.lang:2)

      """)
  }

  @Test func thePromptEvaluatesInTheMainModule() throws {
    let folder = try project()
    let found = try folder.lang("repl", "p", input: "(physics/step 4)\n(import spare)\n(defn twice [n: Int] -> Int (* 2 n))\n(twice (physics/step 1))\n")
    #expect(found.code == 0 && found.out == "5 : Int\n4 : Int\n")
    let missing = try folder.lang("repl", "p", input: "(import nothing)\n(physics/step 1)\n")
    #expect(missing.code == 1 && missing.out == "2 : Int\n" && missing.errors.contains("looked for `p/src/nothing.lang`"))
  }

  @Test(arguments: [
    ("", "holds no `project` form"), ("(project)", "a project has a name in quotes"),
    ("(project asteroids)", "a project has a name in quotes"), ("(project \"\")", "a project has a name in quotes"),
    ("(project \"a\" :mian main)", "did you mean `:main`?"), ("(project \"a\" :main \"main\")", "`:main` takes the name of a module"),
    ("(project \"a\" :main game/main)", "`:main` takes the name of a module"), ("(project \"a\" :version 1)", "`:version` takes a string"),
    ("(project \"a\" :link \"SDL2\")", "`:link` takes names of libraries"), ("(project \"a\" :link [SDL2])", "`:link` takes names of libraries"),
    ("(project \"a\" :main)", "`:main` has no value behind it"), ("(project \"a\" :main a :main b)", "`:main` is given twice"),
    ("(project \"a\" main)", "a key such as `:main` was expected here"), ("(defn f [] -> Int 1)", "this is no `project` form"),
    ("(project \"a\") (project \"b\")", "holds one form"), ("(project \"a\"", "never closed"),
    ("(project \"a\" :main nowhere)", "looked for `p/src/nowhere.lang`"), ("(project \"a\" :main game.mian)", "did you mean"),
    ("(project \"a\" :main game.main.main)", "`:main` names a module, not a function"),
  ])
  func projectsThatAreNotAsTheyShouldBe(_ form: String, _ words: String) throws {
    let folder = try project(form)
    let words = words == "did you mean" ? "`:main game.main` runs `game.main`" : words
    for command in ["run", "check", "test"] {
      let found = try folder.lang(command, "p")
      #expect(found.code == 1 && found.out.isEmpty && found.errors.contains(words), "\(command): \(found.errors)")
    }
    #expect(try folder.lang("check", "--json", "p").errors.contains("\"file\":\"p/project.lang\""))
  }

  @Test func filesThatCannotBeModules() throws {
    let folder = try project()
    #expect(try folder.lang("run", "p/src").errors.contains("`p/src` is a directory without a `project.lang`"))
    try folder.write("p/src/my file.lang", "")
    let named = try folder.lang("check", "p")
    #expect(named.code == 1 && named.errors.hasPrefix("error[E0124]: `p/src/my file.lang` cannot be a module: `my file` is no part of a module's name"))
    #expect(try folder.lang("run", "p").code == 3)
    try FileManager.default.removeItem(atPath: folder.path + "/p/src/my file.lang")
    try folder.write("p/src/tests/physics.lang", "")
    #expect(try folder.lang("check", "p").errors.contains("are both module `tests.physics`"))
    try folder.write("p/src/game/main.lang", "(import tests.physics)\n(defn main [] -> Unit ())")
    #expect(try folder.lang("run", "p").errors.contains("two files are module `tests.physics`"))
    try FileManager.default.removeItem(atPath: folder.path + "/p/src/tests")
    try FileManager.default.createSymbolicLink(atPath: folder.path + "/p/src/game/again", withDestinationPath: "../../src")
    #expect(try folder.lang("check", "p").errors.contains("error[E0124]: `p/src/game/again` leads back to a directory it lies in"))
  }

  @Test func importsThatCannotBeRead() throws {
    let folder = try Folder()
    try folder.write("main.lang", "(import b)\n(defn main [] -> Unit ())")
    #expect(try folder.lang("run", "main.lang").errors.contains("there is no module `b`"))
    try FileManager.default.createDirectory(atPath: folder.path + "/b.lang", withIntermediateDirectories: false)
    #expect(try folder.lang("run", "main.lang").errors.contains("cannot read `b.lang`: it is a directory"))
    try FileManager.default.removeItem(atPath: folder.path + "/b.lang")
    try FileManager.default.createSymbolicLink(atPath: folder.path + "/b.lang", withDestinationPath: "b.lang")
    #expect(try folder.lang("run", "main.lang").errors.contains("cannot read `b.lang`"))
    try FileManager.default.removeItem(atPath: folder.path + "/b.lang")
    try Data([0x3b, 0xff]).write(to: URL(fileURLWithPath: folder.path + "/b.lang"))
    let bytes = try folder.lang("check", "main.lang")
    #expect(bytes.code == 1 && bytes.errors.hasPrefix("error[E0101]") && bytes.errors.contains(" --> b.lang:1:2\n"))
  }

  @Test func aLiveSessionFollowsAllFilesOfItsProject() throws {
    let folder = try Folder()
    try folder.write("p/project.lang", "(project \"loop\")")
    func main(_ imports: String, _ value: String) -> String {
      """
      \(imports)
      (defn start [] -> Int 0)
      (defn step [n: Int] -> Bool (sleep-ms 1) \(value))
      (defn main [] -> Unit (live-loop start step))
      """
    }
    try folder.write("p/src/main.lang", main("(import game.rules)", "(rules/go? n)"))
    try folder.write("p/src/game/rules.lang", "(defn go? [n: Int] -> Bool true)")
    let process = Process()
    process.executableURL = URL(fileURLWithPath: binary)
    process.arguments = ["dev", "p", "--report", "json", "--debounce", "5"]
    process.currentDirectoryURL = URL(fileURLWithPath: folder.path)
    let errors = Pipe()
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = FileHandle.nullDevice
    process.standardError = errors
    let reports = Reports(errors.fileHandleForReading)
    try process.run()
    defer { if process.isRunning { process.terminate() } }
    #expect(reports.next().hasPrefix("{\"event\":\"started\",\"functions\":4,"))
    // A module that is imported.
    try folder.write("p/src/game/rules.lang", "(defn go? [n: Int] -> Bool (>= n 0))")
    let body = reports.next()
    #expect(body.contains("\"status\":\"committed\"") && body.contains("\"changed\":[\"game.rules/go?\"]"))
    // One that is not there yet, and then is, in a directory that is new.
    try folder.write("p/src/main.lang", main("(import far.away) (import game.rules)", "(and (rules/go? n) away/yes)"))
    let missing = reports.next()
    #expect(missing.contains("\"status\":\"refused\"") && missing.contains("looked for `p/src/far/away.lang`"))
    try folder.write("p/src/far/away.lang", "(def yes true)")
    let found = reports.next()
    #expect(found.contains("\"status\":\"committed\"") && found.contains("\"far.away/yes\""), "\(found)")
    // It goes and comes back.
    try FileManager.default.removeItem(atPath: folder.path + "/p/src/far/away.lang")
    #expect(reports.next().contains("\"status\":\"refused\""))
    try folder.write("p/src/far/away.lang", "(def yes (= 1 1))")
    #expect(reports.next().contains("\"status\":\"committed\""))
    process.terminate()
    process.waitUntilExit()
    #expect(process.terminationStatus == 0)
  }
}
