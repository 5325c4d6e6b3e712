// Which programs `interp` and `awfy` run, on which peers, with which arguments.

struct ProgramSuite {
  let title: String
  /// Under the Benchmarks directory; each program has a folder there, with a file for each peer that has one.
  let folder: String
  /// Whose time is 1.
  let base: Peer
  let peers: [Peer]
  let morePeers: [Peer]
  let programs: [Program]

  struct Program {
    let name: String
    /// Arguments for a measurement.
    var full: [Int] = []
    /// Arguments that only show that the program works.
    var small: [Int] = []
    /// How it is run for what it costs when it is warm.
    var warm = Warm()
  }

  /// Two numbers of rounds, and what follows them. A round is long enough that its time is more than noise, and `few` are enough for
  /// every peer to have compiled what it compiles: Lang's compiler has up to two seconds of work behind the program that runs.
  struct Warm {
    var few = 25
    var many = 60
    var inner: [Int] = []
  }

  static let interp = ProgramSuite(
    title: "Programs", folder: "programs", base: .c,
    peers: [.c, .lang, .luajitInterpreter, .lua], morePeers: [.luajit, .node, .sbcl],
    programs: [
      "entities", "fannkuch", "fib", "loop", "mandelbrot", "nbody", "sieve", "spectralnorm",
    ].map { Program(name: $0) })

  /// Iterations and, behind them, inner iterations or the size of the problem.
  static let awfy = ProgramSuite(
    title: "Are We Fast Yet", folder: "awfy", base: .lua,
    peers: [.lua, .lang, .luajitInterpreter], morePeers: [.c, .luajit, .node, .sbcl, .python],
    programs: [
      Program(name: "bounce", full: [1, 3000], small: [1, 1], warm: Warm(few: 100, many: 250, inner: [3000])),
      Program(name: "cd", full: [1, 250], small: [1, 2], warm: Warm(few: 300, many: 500, inner: [100])),
      Program(name: "deltablue", full: [1, 30_000], small: [1, 10], warm: Warm(few: 300, many: 500, inner: [12_000])),
      Program(name: "havlak", full: [1, 15], small: [1, 1], warm: Warm(few: 60, many: 110, inner: [15])),
      Program(name: "json", full: [1, 300], small: [1, 1], warm: Warm(few: 150, many: 300, inner: [100])),
      Program(name: "list", full: [1, 2000], small: [1, 1], warm: Warm(few: 200, many: 400, inner: [1000])),
      Program(name: "mandelbrot", full: [3, 500], small: [1, 1], warm: Warm(few: 40, many: 100, inner: [500])),
      Program(name: "nbody", full: [2, 250_000], small: [1, 1], warm: Warm(few: 100, many: 250, inner: [250000])),
      Program(name: "permute", full: [1, 3000], small: [1, 1], warm: Warm(few: 150, many: 350, inner: [1000])),
      Program(name: "queens", full: [1, 3000], small: [1, 1], warm: Warm(few: 300, many: 600, inner: [1000])),
      Program(name: "richards", full: [1, 60], small: [1, 1], warm: Warm(few: 300, many: 600, inner: [20])),
      Program(name: "sieve", full: [1, 4000], small: [1, 1], warm: Warm(few: 100, many: 250, inner: [3000])),
      Program(name: "storage", full: [1, 1000], small: [1, 1], warm: Warm(few: 80, many: 160, inner: [200])),
      Program(name: "towers", full: [1, 1500], small: [1, 1], warm: Warm(few: 150, many: 350, inner: [500])),
    ])

  /// All, or those of the suite that were asked for.
  func selection(_ names: [String]?) throws -> [String] {
    let all = programs.map(\.name)
    guard let names else { return all }
    if let unknown = names.first(where: { !Self.allNames.contains($0) }) {
      throw Failure.usage("no program `\(unknown)`; there are \(Self.allNames.joined(separator: ", "))")
    }
    return all.filter(names.contains)
  }

  private static let allNames = Set((interp.programs + awfy.programs).map(\.name)).sorted()

  func arguments(of name: String, _ settings: Settings) -> [String] {
    guard let program = programs.first(where: { $0.name == name }) else { return [] }
    return (settings.small ? program.small : program.full).map(String.init)
  }
}
