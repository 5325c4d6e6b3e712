// `lang dev`: the program runs on the main thread; its files are watched, and what is saved is compiled,
// on another; signals and keys have one each. All meet in `Stage`, which knows what the developer asked
// for, and in the session.
//
// Invariant: whatever happens to the program, the command ends only when asked to, or, without a terminal
// to ask at, when the program ends.

import ArgumentParser
import Frontend
import Runtime
import Server
import Session

enum ReportForm: String, ExpressibleByArgument, CaseIterable { case human, json }
extension StalePolicy: ExpressibleByArgument {}

struct Dev: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "dev", abstract: "Run a program and take in every edit while it runs.",
    discussion: """
      Save the file in any editor, and the running program goes on with the new code. An edit with an error \
      is reported and changes nothing. A panic pauses the program until an edit mends it.

        lang dev game.lang

      Keys, unless the program reads them itself: r starts the program's state afresh, s shows how it is \
      doing, q quits. Ctrl-C interrupts the running turn; a second one ends the session. `--report json` \
      writes one JSON object a line to stderr instead. Without a terminal to type at there are no keys, and \
      the session ends with the program.

      From another terminal `lang status` tells how it is doing, `lang restart` starts its state afresh, and \
      `lang repl --connect` evaluates in the running program.
      """)

  @Argument(help: "The file, or a project: its directory or its `project.lang`.")
  var path: String
  @Option(help: "How to report: human or json.")
  var report = ReportForm.human
  @Option(help: ArgumentHelp("Milliseconds without a change after which saved files are read.", valueName: "ms"))
  var debounce = 50
  @Option(help: "What to do about an edit that cannot be taken in without starting afresh: pause, restart or migrate.")
  var onStale = StalePolicy.pause
  @OptionGroup var machineCode: MachineCodeOptions
  @OptionGroup var common: CommonOptions

  func validate() throws {
    if debounce < 0 || debounce > 60_000 { throw ValidationError("--debounce is a time in milliseconds, 0 to 60000") }
  }

  func run() throws {
    let colours = common.colour.isOn
    let program = try openProgram(path, colours: colours, asJSON: report == .json).takingDefinitions()
    Threads.growMainStack()
    var options = SessionOptions()
    options.isLive = true
    options.tier = .auto
    options.onStale = onStale
    options.colours = colours
    let isInteractive = Process.isTerminal(0)
    let own: Reporter = report == .json ? JSONReporter() : HumanReporter(name: program.title, colours: colours, hasKeys: isInteractive)
    let root = ProgramFiles.root(of: path) ?? path
    let server = SessionServer(title: program.title, root: root)
    let reporter = SharingReporter(own: own, server: server)
    let stage = Stage(reporter: reporter, isInteractive: isInteractive) { server.close() }
    options.idle = stage.changed
    options.onMissingCompiler = { reporter.warn(missingCompiler($0)) }
    machineCode.apply(to: &options) { reporter.warn($0) }
    let session = Session(options: options) { stage.note($0) }
    stage.listen(to: session)

    let start = Process.microseconds()
    let problems = session.load(program)
    let loading = Process.microseconds() - start
    if session.hasProgram {
      reporter.show(problems)
    } else {
      var refused = CascadeReport()
      refused.status = .refused
      refused.diagnostics = problems
      refused.micros.total = loading
      reporter.show(.cascade(refused), isWaiting: true)
    }
    takeClients(session, server, stage, reporter, root)
    watch(session, reporter)
    stage.perform(session, loading)
  }

  private func takeClients(_ session: Session, _ server: SessionServer, _ stage: Stage, _ reporter: Reporter, _ root: String) {
    guard let place = SessionPlace.of(root: root) else {
      return reporter.warn("there is no directory for sockets that is yours alone (set XDG_RUNTIME_DIR): this session takes no clients")
    }
    let actions = ServerActions(restart: { stage.restartProgram(session) }, quit: { stage.quit(session) })
    switch server.open(at: place, session, actions) {
    case nil: break
    case .occupied(let process)?:
      let other = process.map { " (process \($0))" } ?? ""
      reporter.warn("another session\(other) of this program takes the clients; this one goes without")
    case .system(let words)?: reporter.warn("this session takes no clients: \(words)")
    }
  }

  private func watch(_ session: Session, _ reporter: Reporter) {
    guard let watcher = Watcher(debounce: debounce, files: { session.watchedFiles(but: $0) }, onBatch: { session.take($0) }) else {
      reporter.warn("the system has no more file watches to give (`sysctl fs.inotify`); edits are not seen")
      return
    }
    Threads.start { watcher.run() }
  }
}
