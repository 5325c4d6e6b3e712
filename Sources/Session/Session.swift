// One live program: its compiler, the machine it runs on, and the meeting of the two.
//
//   client threads ── apply(edits) ──► compile under `compiling` ──► patch ──┐
//                                                                            ▼
//   program thread ── run ─► … call, jump, boundary … ◄── safepoint, or at once while parked
//
// Invariants: the compiler is used only with `compiling` held; the program's state is touched only by
// the program thread, or by others while it is parked; the program thread never waits for `compiling`
// without serving patches meanwhile, so the two cannot wait for each other.

import Frontend
import JIT
import Lowering
import Runtime
import Synchronization

/// What to do when an edit cannot be taken in without starting afresh.
public enum StalePolicy: String, Sendable, CaseIterable { case pause, restart, migrate }

/// How code runs.
public enum Tier: String, Sendable, CaseIterable {
  /// Interpreted, and compiled in the background where it is hot.
  case auto
  case interp
  /// Compiled as soon as it is hot, while the program waits.
  case jit
}

public struct SessionOptions: Sendable {
  public var tier = Tier.interp
  /// Calls or turns of a loop from which on code is hot; nil for what suits the tier.
  public var jitThreshold: Int?
  /// What else is asked of the compiler of hot code; the tier and `jitThreshold` say the rest.
  public var tiering = TieringOptions()
  /// Told once why hot code cannot be compiled. Any thread.
  public var onMissingCompiler: @Sendable (_ reason: String) -> Void = { _ in }
  /// Told of machine code by its names, as it is linked; nil when nobody asks. The thread that compiles.
  public var onLinked: (@Sendable ([LinkedFunction]) -> Void)?
  var namesMachineCode: Bool { onLinked != nil || tiering.isDebugged }
  /// Takes samples of the running program.
  public var profiler: Profiler?
  /// Restart points hold (`lang dev`); otherwise a panic goes to the top (`lang run`).
  public var isLive = false
  public var onStale = StalePolicy.pause
  public var arguments: [String] = []
  public var colours = false
  /// Sizes of the machine that the program runs on.
  public var machine = MachineOptions()
  /// Gets what the program writes to standard output (1) and standard error (2) instead of the process's
  /// own. Called on the program thread.
  public var output: (@Sendable (_ text: [UInt8], _ file: Int) -> Void)?
  /// Asked at each turn of a live loop, on the program thread, which waits while the answer is false.
  /// `Session.wake` has it asked again.
  public var mayTurn: (@Sendable () -> Bool)?
  /// Where files come from that the program imports.
  public var files = SourceAccess.disk
  /// The process ends when its standard output fails (`lang run`).
  public var endsWithOutput = false
  /// What was compiled is kept, so that several machines can have it (`TestRun`).
  public var keepsCode = false
  /// Signalled when a client has work for the program's thread, which may be idle; see `serveClients`.
  public var idle = Condition()
  /// Whether bytecode is verified before it is installed.
  public var verifies = SessionOptions.verifiesByDefault
  public init() {
    if environmentFlag("LANG_GC_STRESS") { machine.stress = true }
  }

  #if DEBUG
    private static let verifiesByDefault = true
  #else
    private static let verifiesByDefault = false
  #endif
}

/// A change to the text of a file.
public enum FileEdit: Sendable {
  case replaceAll(path: String, text: [UInt8])
  case replace(path: String, range: Range<Int>, text: [UInt8])
  case remove(path: String)
}

/// Program and machine, made together: a rebuild replaces both.
final class World {
  let program: Program
  let installation: Installation
  /// Slots of initialisers in order, as of the last start; `initialisersAreStale` when edits have changed them since.
  var initialisers: [Int]
  var initialisersAreStale = false
  /// What they initialise.
  var order: [DefID] = []
  /// Initialisers have been run, so edits have to run theirs.
  var hasStarted = false
  /// The live loop waits in code that a change of layouts has condemned: to start afresh is to start with `main`.
  var hostIsCondemned = false
  /// All initialisers have come to their end since the last start: edits may compute values of their own. The program's thread.
  var hasValues = false
  /// Values that the start at hand has not computed yet: until then nobody may read them.
  let missing = Mutex<Set<DefID>>([])
  /// Words of constants that machine code may have built in once they are computed; none without a compiler. With `compiling` held.
  var constantWords: [Int] { installation.tiering == nil ? [] : order.flatMap { program.constantWords($0) } }
  /// An edit concerns values while they are being computed: that begins anew. The program's thread.
  var startsAgain = false
  /// The next start leaves variables and constants as they are.
  var keepsValues = false
  var batches = 0
  var history = BodyHistory()
  /// Warnings of bodies as they are, told when they were compiled.
  var warnings: [DefID: [Diagnostic]] = [:]
  /// How many orphaned slots there may be before somebody looks which of them nothing names.
  var orphanLimit = 1024
  /// Types with stale objects, by the descriptors of those.
  var stale: [UInt32: DefID] = [:]
  /// Types for whose objects code tests what they are.
  var checked: Set<DefID> = []
  /// Slots that closures made with earlier layouts may name.
  var deadSlots: Set<Int> = []
  var mainSlot: Int
  var mainTakesArguments: Bool
  var mainReturnsInt: Bool

  init(
    program: Program, installation: Installation, initialisers: [Int], mainSlot: Int,
    mainTakesArguments: Bool, mainReturnsInt: Bool
  ) {
    self.program = program
    self.installation = installation
    self.initialisers = initialisers
    self.mainSlot = mainSlot
    self.mainTakesArguments = mainTakesArguments
    self.mainReturnsInt = mainReturnsInt
  }

  /// While the tables are still there for whoever compiles in the background.
  deinit { installation.tiering?.stop() }

  /// Runs what is `main` in the program as it is; that has a slot.
  func followMain() {
    let main = program.main
    mainSlot = main == .none ? -1 : program.lowering.slot(for: main)
    mainTakesArguments = main != .none && !program.env[main].parameters.isEmpty
    mainReturnsInt = main != .none && program.env[main].type == .int
  }
}

public final class Session: @unchecked Sendable {
  public let options: SessionOptions
  let onEvent: @Sendable (SessionEvent) -> Void

  /// Held by whoever compiles.
  let compiling = Mutex(())
  /// Batches that wait for it.
  let queue = EditQueue()
  /// Texts by path as the session has them, also of files the program does not import at present; what a
  /// rebuild starts from. Files that are not among them are read when they are imported.
  var texts: [String: [UInt8]] = [:]
  /// Which file is which module, and the files a load begins with, that of the main module first.
  var layout = SourceLayout(around: "")
  var entries: [String] = []
  /// The project that the program belongs to.
  var project: WatchedProject?
  /// Paths whose texts the last load used or looked for.
  var wanted: Set<String> = []
  /// The world that runs, or would; nil until a load succeeds. Replaced on the program thread only.
  var world: World?
  /// A world ready to take over at the next start.
  var nextWorld: World?
  /// Items changed by edits that were refused; the next batch takes them along.
  var dirty: Set<ItemID> = []
  var removedItems: [ItemID] = []
  /// With `keepsCode`.
  var made: MadeCode?
  /// Files that nothing imports any more, once the patch at hand is current.
  var droppedFiles: [FileID] = []
  /// Reports of pending patches that a later batch has taken along; that batch decides on them.
  var overtaken: [CascadeReport] = []
  /// Whether the program has to have a `main`.
  var needsMain = true
  var lastID = 0
  var checkPhases = CheckPhases()
  /// What went wrong in initialisers of the last patch.
  var panicsOfInitialisers: [PanicReport] = []

  /// Shared between threads; see `Control`.
  let control = Control()
  /// Whether the program thread is inside the program, paused ones included.
  let isRunning = Atomic(false)
  let patchApplied = Condition()
  /// What clients have for the program's thread.
  let evaluations = Evaluations()
  /// Where the output of the evaluation that runs goes. Program thread.
  var evaluationOutput: (@Sendable (_ text: [UInt8], _ file: Int) -> Void)?
  /// Whether the initialisers of a patch run. Program thread, or whoever applies the patch in its stead.
  var isInitialising = false
  lazy var host = SessionHost(self)

  public init(options: SessionOptions = SessionOptions(), onEvent: @escaping @Sendable (SessionEvent) -> Void = { _ in }) {
    self.options = options
    self.onEvent = onEvent
    if options.keepsCode { made = MadeCode() }
  }

  // MARK: Loading

  /// Loads a program and makes a world of it. Answers all problems; with errors among them the session has
  /// no program yet, and an edit that mends them makes one.
  public func load(_ program: ProgramFiles, needsMain: Bool = true) -> [LocatedDiagnostic] {
    compiling.withLock { _ in
      begin(with: program)
      return rebuild(needsMain: needsMain)
    }
  }

  /// The same with files given as text, the first of them the main module.
  public func load(_ files: [(path: String, text: [UInt8])], needsMain: Bool = true) -> [LocatedDiagnostic] {
    load(ProgramFiles(files), needsMain: needsMain)
  }

  /// As `check`, and where its time went.
  public func measuredCheck(_ files: ProgramFiles, needsMain: Bool) -> (problems: [LocatedDiagnostic], phases: CheckPhases) {
    let problems = check(files, needsMain: needsMain)
    return (problems, checkPhases)
  }

  /// Only checks; nothing is lowered or installed. A `main` that is there is looked at in any case.
  public func check(_ files: ProgramFiles, needsMain: Bool) -> [LocatedDiagnostic] {
    begin(with: files)
    let program = Program(predefined: Installation.predefined)
    var problems = program.load(entryTexts(), find: find)
    problems += program.checkAll()
    checkPhases = program.phases
    if needsMain || program.main != .none, !problems.contains(where: { $0.severity == .error }), let problem = program.mainProblem() {
      problems.append(problem)
    }
    return locate(problems, program)
  }

  public func check(_ files: [(path: String, text: [UInt8])], needsMain: Bool) -> [LocatedDiagnostic] {
    check(ProgramFiles(files), needsMain: needsMain)
  }

  /// Makes `nextWorld` (or `world` when there is none) from `texts`.
  func rebuild(needsMain: Bool = true) -> [LocatedDiagnostic] {
    self.needsMain = needsMain
    let program = Program(predefined: Installation.predefined)
    let installation = Installation(options)
    if options.isLive { installation?.offerKeptCode(to: program.lowering) }
    var problems = program.load(entryTexts(), find: find)
    wanted = program.wanted
    let mainProblem = needsMain ? program.mainProblem() : nil
    problems += program.compileAll(isSound: !problems.contains { $0.severity == .error })
    if let mainProblem, !problems.contains(where: { $0.severity == .error }) { problems.append(mainProblem) }
    let located = locate(problems, program)
    guard !problems.contains(where: { $0.severity == .error }) else { return located }
    guard let installation else {
      let problem = Diagnostic(
        .functionTooLarge, "the system gives no memory for the program's tables",
        at: Place(program.source.store.items(of: program.source.store.allFiles[0])[0], Span(0, 0)))
      return locate([problem], program)
    }
    let world = makeWorld(program, installation)
    // Values of constants may need instances that nothing else does.
    guard program.lowering.problems.isEmpty else { return locate(problems + program.lowering.problems, program) }
    if self.world == nil { self.world = world } else { nextWorld = world }
    return located
  }

  private func makeWorld(_ program: Program, _ installation: Installation) -> World {
    let order = program.initialisationOrder()
    let initialisers = program.lowerInitialisers(order)
    let main = program.main
    let slot = main == .none ? -1 : program.lowering.slot(for: main)
    program.lowering.compilePending()
    let takesArguments = main != .none && !program.env[main].parameters.isEmpty
    if takesArguments { _ = program.lowering.vectorDescriptor(ofElement: .string) }
    made?.append(program.lowering)
    if let changes = installation.install(program.lowering) { installation.apply(changes) }
    installation.machine.arguments = options.arguments.map { Array($0.utf8) }
    installation.machine.attach(host)
    if options.tier != .interp {
      var tiering = options.tiering
      tiering.threshold = options.jitThreshold ?? (options.tier == .jit ? 1 : 500)
      tiering.isSynchronous = options.tier == .jit
      installation.startTiering(tiering, onLinked: options.onLinked, onMissing: options.onMissingCompiler)
    }
    if options.output != nil { installation.machine.sendOutput(to: host) }
    let world = World(
      program: program, installation: installation, initialisers: initialisers, mainSlot: slot,
      mainTakesArguments: takesArguments, mainReturnsInt: main != .none && program.env[main].type == .int)
    world.order = order
    return world
  }

  /// How many functions the user's program defines.
  public var functionCount: Int { world?.program.functions.count ?? 0 }

  public var hasProgram: Bool { world != nil }

  // MARK: Diagnostics

  func locate(_ problems: [Diagnostic], _ program: Program) -> [LocatedDiagnostic] {
    LocatedDiagnostic.locate(problems, program.source.store, colours: options.colours)
  }
}

/// Monotonic time in microseconds.
func microseconds() -> Double { Process.microseconds() }

func environmentFlag(_ name: String) -> Bool { Process.environment(name) != nil }
