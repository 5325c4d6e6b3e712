// `lang new`: a project to start from, which runs, has a test and is formatted as `lang fmt` would.

import ArgumentParser
import Runtime

struct New: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "new", abstract: "Make a starter project.",
    discussion: """
      Makes a directory with a small program that can be changed while it runs, and a test:

        lang new asteroids
        cd asteroids
        lang dev .

      Names consist of lower-case letters, digits and `-`, and begin with a letter. Nothing that exists is \
      touched.
      """)

  @Argument(help: "The project's name, or a path that ends with it.")
  var name: String
  @OptionGroup var common: CommonOptions

  func run() throws {
    var path = name
    while path.utf8.count > 1, path.hasSuffix("/") { path.removeLast() }
    let title = path.split(separator: "/").last.map(String.init) ?? path
    if let problem = Self.problem(with: title) { throw fail("`\(title)` is no name for a project: \(problem)") }
    if Files.isTaken(path) { throw fail("`\(path)` exists already; `lang new` makes a new directory, so choose another name") }
    for directory in [path, path + "/src"] {
      if let problem = Files.createDirectory(directory) {
        throw fail("cannot make the directory `\(directory)`: \(problem == .missing ? "the directory above it does not exist" : problem.words)")
      }
    }
    for (file, text) in Self.files(title) {
      if let problem = Files.create("\(path)/\(file)", Array(text.utf8)) {
        throw fail("cannot write `\(path)/\(file)`: \(problem.words)")
      }
    }
    Files.write(
      """
      made `\(path)`: a program in src/main.lang, its test beside it, project.lang and README.md

      Now:
        cd \(path)
        lang dev .      runs it; change src/main.lang, save, and see it change
        lang test .     runs the tests
        lang run .      runs it once

      """, to: 1)
  }

  private func fail(_ message: String) -> ExitCode {
    Files.write("error: \(message)\n", to: 2)
    return ExitCode(2)
  }

  /// Why a project cannot have this name.
  static func problem(with name: String) -> String? {
    let bytes = Array(name.utf8)
    func isLetter(_ byte: UInt8) -> Bool { (0x61...0x7a).contains(byte) }
    guard let first = bytes.first else { return "it is empty" }
    if name == "." || name == ".." { return "give the name of a new directory" }
    if bytes.count > 64 { return "it is longer than 64 letters" }
    if !isLetter(first) { return "it has to begin with a lower-case letter" }
    guard bytes.allSatisfy({ isLetter($0) || (0x30...0x39).contains($0) || $0 == UInt8(ascii: "-") }) else {
      let mended = String(decoding: name.lowercased().utf8.map { isLetter($0) || (0x30...0x39).contains($0) ? $0 : UInt8(ascii: "-") }, as: UTF8.self)
      return "it may hold lower-case letters, digits and `-`" + (problem(with: mended) == nil ? ", as in `\(mended)`" : "")
    }
    return nil
  }

  private static func files(_ name: String) -> [(String, String)] {
    [
      ("project.lang", "(project \"\(name)\" :version \"0.1.0\" :main main)\n"),
      (".gitignore", "/build/\n*.o\n.DS_Store\n"),
      ("README.md", readme(name)),
      ("src/main.lang", program(name)),
    ]
  }

  private static func readme(_ name: String) -> String {
    """
    # \(name)

        lang dev .      runs it and takes in every edit that is saved
        lang test .     runs the tests
        lang run .      runs it once
        lang fmt .      lays out the source

    The program is in `src/main.lang`; `src/game/physics.lang` would be the module `game.physics`, which others take in
    with `(import game.physics)`. What a report's code means tells `lang explain E0301`.

    """
  }

  private static func program(_ name: String) -> String {
    """
    ; \(name): a ball between two walls. Run it with `lang dev .`, change something below and save: it goes
    ; on from where it is with the new code.

    (def width 40)
    (def frame-ms 40)
    (def ball "o")

    ; What lives as long as the program runs. A restart (`r`) begins with a fresh one.
    (defrecord State [mut x: Int = 0 mut step: Int = 1 mut turns: Int = 0])

    (defn start [] -> State (State))

    (defn moved "Where the ball is next, and its next step: the walls send it back." [x: Int step: Int]
      -> (Tuple Int Int)
      (let [next (+ x step)]
        (if (and (>= next 0) (< next width))
          (tuple next step)
          (tuple (- x step) (- 0 step)))))

    (defn row [x: Int] -> String
      (str "|" (join (vec-of x " ") "") ball (join (vec-of (- width x 1) " ") "") "|"))

    (defn frame "One turn; the program ends when it answers false." [s: State] -> Bool
      (let [(tuple x step) (moved (.x s) (.step s))]
        (println (row x))
        (set! (.x s) x)
        (set! (.step s) step)
        (set! (.turns s) (+ 1 (.turns s)))
        (sleep-ms frame-ms)
        ; Without a terminal nobody could stop it.
        (or (term?) (< (.turns s) 25))))

    (defn main [] -> Unit
      (live-loop start frame))

    (deftest walls-send-the-ball-back
      (assert= (tuple 1 1) (moved 0 1))
      (assert= (tuple 1 1) (moved 0 -1))
      (assert= (tuple (- width 2) -1) (moved (- width 1) 1)))

    (deftest rows-are-equally-wide
      (for [x (range width)]
        (assert= (+ width 2) (len (row x)))))

    """
  }
}
