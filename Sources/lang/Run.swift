// `lang run`: the program once, from the top to its end. A panic that reaches the top ends it.

import ArgumentParser
import JIT
import Runtime
import Session
import Synchronization

extension Tier: ExpressibleByArgument {}

/// What is said once when hot code stays interpreted.
func missingCompiler(_ reason: String) -> String {
  "hot code is interpreted, since \(reason); `apt-get install libllvm19` brings it"
}

struct Run: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "run", abstract: "Run a program once.",
    discussion: """
      Checks the whole program first: with an error anywhere nothing runs. What stands behind `--` are the \
      program's own arguments:

        lang run game.lang
        lang run tool.lang -- --verbose input.txt

      `--stats` tells at the end what became machine code and why; `lang profile` tells where the time goes. For tools beside the program \
      machine code gets the names of its functions:

        perf record -g lang run --perf-map game.lang
        gdb --args lang run --gdb game.lang

      Ctrl-C interrupts the program where it is and shows where that was; a second one ends it at once.
      """)

  @Argument(help: "The file, or a project: its directory or its `project.lang`.")
  var path: String
  @Argument(parsing: .postTerminator, help: "Arguments of the program.")
  var arguments: [String] = []
  @Option(help: "How code runs: interp interprets; auto compiles what is hot in the background; jit waits for the compiled code.")
  var tier = Tier.auto
  @Option(help: "Calls or turns of a loop from which on code is hot (auto: 500, jit: 1).")
  var jitThreshold: Int?
  @Flag(help: "Print figures of the run to stderr at its end.")
  var stats = false
  @OptionGroup var machineCode: MachineCodeOptions
  @OptionGroup var common: CommonOptions

  func validate() throws {
    if let jitThreshold, jitThreshold < 0 { throw ValidationError("--jit-threshold is a number of calls, 0 or more") }
  }

  func run() throws {
    var settings = Settings(path: path, arguments: arguments)
    settings.colour = common.colour
    settings.tier = tier
    settings.jitThreshold = jitThreshold
    settings.showsFigures = stats
    settings.machineCode = machineCode
    try Self.run(settings)
  }

  /// What the command line says, however it was read.
  struct Settings {
    var path: String
    var arguments: [String]
    var colour = ColourChoice.auto
    var tier = Tier.auto
    var jitThreshold: Int?
    var showsFigures = false
    /// nil when no flag was read.
    var machineCode: MachineCodeOptions?
    /// `lang profile`: takes samples, and is told at the end what they say.
    var profiler: Profiler?
    var onProfile: ((Profile) -> Void)?

    init(path: String, arguments: [String]) {
      self.path = path
      self.arguments = arguments
    }

    /// `lang run PATH [-- ARGS]` without options, which needs no parser. The parser reflects on every
    /// command and its options: 2 ms, as long as all else that a small program takes.
    init?(plain words: [String]) {
      guard words.count == 3 || words.count > 3 && words[3] == "--", words[1] == "run", !words[2].isEmpty,
        !words[2].hasPrefix("-")
      else { return nil }
      self.init(path: words[2], arguments: Array(words.dropFirst(4)))
    }
  }

  static func run(_ settings: Settings) throws -> Never {
    let colours = settings.colour.isOn
    let program = try openProgram(settings.path, colours: colours)
    Threads.growMainStack()
    var options = SessionOptions()
    options.arguments = settings.arguments
    options.endsWithOutput = true
    options.colours = colours
    options.tier = settings.tier
    options.jitThreshold = settings.jitThreshold
    options.onMissingCompiler = { Files.write("note: \(missingCompiler($0))\n", to: 2) }
    settings.machineCode?.apply(to: &options) { Files.write("note: \($0)\n", to: 2) }
    options.profiler = settings.profiler
    let session = Session(options: options) { event in
      if case .panic(let panic) = event { Files.write(panic.terminal(colours: colours), to: 2) }
    }
    report(session.load(program))
    guard session.hasProgram else { throw SourceErrors.exit }
    let interrupts = Atomic(0)
    Signals.handle([Signals.interrupt, Signals.terminate, Signals.hangUp]) { number in
      if number != Signals.interrupt { Signals.die(by: number) }
      if interrupts.wrappingAdd(1, ordering: .relaxed).oldValue > 0 { Process.leaveNow(130) }
      session.requestInterrupt()
    }
    settings.profiler?.begin(session)
    let code = session.run()
    if let profiler = settings.profiler {
      profiler.end()
      settings.onProfile?(profiler.profile(of: session))
    }
    if settings.showsFigures { Files.write(figures(session), to: 2) }
    Process.leave(code)
  }

  /// What the compiler of hot code has done.
  private static func compileTimes(_ native: TieringStatistics, _ units: [MachineCodeUnit]) -> String {
    var text = ""
    if native.times.count > 0 {
      func time(_ microseconds: Double) -> String { "\(grouped(Int(microseconds.rounded()))) µs" }
      let phases = native.phases
      text += "; \(grouped(native.bytes)) bytes\n  each in \(time(native.times.percentile(0.5))) (p50), \(time(native.times.percentile(0.99))) (p99); "
      text += "all in \(time(phases.total)): translate \(time(phases.translate)), optimise \(time(phases.optimise)), "
      text += "emit \(time(phases.emit)), link \(time(phases.link))"
      text += "\n  invalidated \(grouped(native.invalidated)), of these \(grouped(native.corrected)) because they ran otherwise than recorded; "
      text += "freed \(grouped(native.freed))"
      text += decisions(units)
    }
    for failure in native.failures.prefix(10) { text += "\n  not compiled: \(failure.name): \(failure.reason)" }
    if let problem = native.problem { text += "\n  nothing is compiled: \(problem)" }
    return text
  }

  /// What was recorded and decided for the newest compilations.
  private static func decisions(_ units: [MachineCodeUnit]) -> String {
    func sum(_ count: (MachineCodeUnit) -> Int) -> String { grouped(units.reduce(0) { $0 + count($1) }) }
    var text = "\n  recorded before they were compiled \(grouped(units.count { $0.recorded > 0 })) of the last \(grouped(units.count)); "
    text += "callees that went along: \(sum { $0.callees.count }), closures called directly: \(sum { $0.closures.count }), "
    text += "ways left to bytecode: \(sum { $0.rareWays })"
    let longest = units.sorted { $0.time > $1.time }.prefix(5)
    text += "\n  took longest: "
    text += longest.map { "\($0.name)\($0.isLoop ? " (loop)" : "") \(grouped(Int($0.time.rounded()))) µs" }.joined(separator: ", ")
    return text
  }

  private static func figures(_ session: Session) -> String {
    let s = session.statistics
    func milliseconds(_ nanoseconds: Int) -> String {
      let tenths = (nanoseconds + 5_000) / 10_000
      return "\(tenths / 100).\(tenths % 100 < 10 ? "0" : "")\(tenths % 100) ms"
    }
    return """
      tier: \(session.options.tier.rawValue)
      functions compiled: \(grouped(s.functions)) to bytecode, \(grouped(s.native.functions)) to machine code and \(grouped(s.native.loops)) loops\(compileTimes(s.native, session.machineCodeUnits))
      collections: \(grouped(s.collections)), longest pause \(milliseconds(s.longestPause)), \
      all together \(milliseconds(s.totalPause))
      allocated: \(grouped(s.allocatedBytes)) bytes; heap \(grouped(s.heapBytes)) bytes, \
      \(grouped(s.liveBytes)) alive at the last collection

      """
  }
}
