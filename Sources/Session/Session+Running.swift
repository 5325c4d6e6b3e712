// The program thread: starting, hooks, panics, restarts.

import CShims
import Frontend
import Interpreter
import JIT
import Lowering
import Runtime
import Synchronization

extension Session {
  /// Runs the program until it has ended for good. Answers the exit code. Call on the thread the program
  /// shall run on; once at a time.
  public func run() -> Int {
    while true {
      // Asked while there was no program to stop.
      if control.update({ $0.quit }) { return 0 }
      compiling.withLock { _ in
        takeNextWorld()
        // Before anyone else has the compiler: they apply patches themselves while nothing runs.
        if world != nil { isRunning.store(true, ordering: .releasing) }
      }
      guard let world else { return 1 }
      applyPending(world)
      // What came while a restart was asked for has been put off.
      if evaluations.isWaited.load(ordering: .acquiring) { world.installation.machine.requestSafepoint() }
      let outcome = runOnce(world)
      isRunning.store(false, ordering: .releasing)
      patchApplied.signal()
      world.installation.machine.output.flushAll()
      let (quit, restart) = control.update { state in
        let answer = (state.quit, state.restart)
        state.restart = false
        return answer
      }
      if quit { return 0 }
      switch outcome {
      case .returned(let results):
        return world.mainReturnsInt ? Int(truncatingIfNeeded: results.first ?? 0) : 0
      case .panicked(.exit): return world.installation.machine.exitCode
      case .panicked(.restart):
        let start = microseconds()
        if world.hostIsCondemned, !nextWorldIsReady() {
          // As soft as a restart of the loop: variables keep their values.
          world.hostIsCondemned = false
          world.keepsValues = true
          renewStaleVariables(world)
        }
        onEvent(.restarted(micros: microseconds() - start))
        continue
      case .panicked(let reason):
        if restart { continue }
        // Before anyone hears of the panic: the edit that answers it must count as one.
        let seen = control.update { $0.commits }
        let report = panicReport(world, isPaused: options.isLive)
        onEvent(.panic(report))
        guard options.isLive else { return reason == .interrupted ? 130 : 101 }
        if !waitForChange(world, since: seen) { return 0 }
        onEvent(.restarted(micros: 0))
      }
    }
  }

  /// Makes the world that waits current, if there is one. Program thread, with `compiling` held. What was
  /// refused before is in its texts, and items are numbered anew.
  func takeNextWorld() {
    guard let next = nextWorld else { return }
    let old = world.map { currentTexts($0.program) }
    world = next
    nextWorld = nil
    dirty.removeAll()
    removedItems.removeAll()
    // Edits that were refused since it was made stay so, and ranges of edits to come count on them.
    let paths = Set((old ?? []).map(\.path))
    for file in next.program.ownFiles where old != nil && !paths.contains(next.program.source.store.path(of: file)) {
      removedItems += next.program.source.store.remove(file)
    }
    for (path, text) in old ?? [] {
      switch change(.replaceAll(path: path, text: text), next.program) {
      case .none: break
      case .item(let item): dirty.insert(item)
      case .items(let items):
        dirty.formUnion(items.changed + items.added)
        removedItems += items.removed
      }
    }
  }

  private func runOnce(_ world: World) -> Outcome {
    let interpreter = world.installation.interpreter
    let keepsValues = world.keepsValues && world.hasValues
    world.keepsValues = false
    repeat {
      var constants: [Int] = []
      // Edits that are compiled from here on know that there will be values.
      withCompiler {
        // A pending edit has had its turn: the values are those of the text that is current.
        settle(world)
        if world.initialisersAreStale { refreshInitialisers(world) }
        world.hasStarted = true
        constants = world.constantWords
      }
      world.startsAgain = false
      if keepsValues { break }
      world.hasValues = false
      if let panic = computeValues(world, constants: constants) { return panic }
    } while world.startsAgain
    world.hasValues = true
    guard world.mainSlot >= 0 else { return .returned([]) }
    var arguments: [UInt64] = []
    if world.mainTakesArguments { arguments = [argumentVector(world)] }
    return interpreter.run(world.mainSlot, arguments, results: world.mainReturnsInt ? 1 : 0)
  }

  /// Runs the initialisers, until an edit has them run again. Answers the panic that ends a start. `constants`: as
  /// `World.constantWords` has them.
  func computeValues(_ world: World, constants: [Int]) -> Outcome? {
    let tiering = world.installation.tiering
    tiering?.beginValues(constants: constants)
    world.missing.withLock { $0 = Set(world.order) }
    for (def, slot) in zip(world.order, world.initialisers) {
      let outcome = world.installation.interpreter.run(slot)
      if world.startsAgain { return nil }
      if case .panicked = outcome { return outcome }
      world.missing.withLock { _ = $0.remove(def) }
    }
    tiering?.endValues()
    return nil
  }

  /// The initialisers as the texts have them now, in their order.
  private func refreshInitialisers(_ world: World) {
    world.program.sortValues()
    world.order = world.program.initialisationOrder()
    world.initialisers = world.program.lowerInitialisers(world.order)
    world.initialisersAreStale = false
    if let changes = world.installation.install(world.program.lowering) { world.installation.apply(changes) }
  }

  private func argumentVector(_ world: World) -> UInt64 {
    let descriptor = world.program.lowering.vectorDescriptor(ofElement: .string)
    return world.installation.machine.makeStringVector(
      descriptor: UInt32(descriptor), options.arguments.map { Array($0.utf8) })
  }

  /// Waits, after a panic that reached the top, for an edit or a restart. False: the session ends.
  private func waitForChange(_ world: World, since seen: Int) -> Bool {
    isRunning.store(true, ordering: .releasing)
    defer { isRunning.store(false, ordering: .releasing) }
    while true {
      applyPending(world)
      let answer = control.update { state -> Bool? in
        if state.quit { return false }
        if state.restart || state.commits != seen {
          state.restart = false
          return true
        }
        return nil
      }
      if let answer { return answer }
      if !world.installation.machine.waitParked() { continue }
    }
  }

  // MARK: Requests from other threads

  /// Starts the live loop's state afresh, or the program when there is none.
  public func requestRestart() {
    control.update { $0.restart = true }
    wakeProgram()
  }

  /// Ends the session: the program is stopped at its next safepoint.
  public func requestQuit() {
    control.update { $0.quit = true }
    wakeProgram()
  }

  /// Ctrl-C: the running turn is unwound. Async-signal-safe after the first call of `run`.
  public func requestInterrupt() { world?.installation.machine.requestInterrupt() }

  /// Has a program that waits look again at what it waits for. Any thread.
  public func wake() { world?.installation.machine.wake() }

  func wakeProgram() {
    guard let machine = world?.installation.machine else { return }
    machine.requestSafepoint()
    machine.wake()
  }

  // MARK: Hooks, on the program thread

  func atSafepoint() -> Bool {
    guard let world else { return true }
    options.profiler?.sample(world.installation)
    applyPending(world)
    if world.installation.machine.staleEnds() { dropChecksSoon() }
    serveEvaluations()
    if !isInitialising { tidyAtHook(world) }
    let unwind = control.update { $0.restart || $0.quit }
    if unwind || world.startsAgain && !evaluations.isRunning {
      world.installation.machine.setPanic(.restart)
      return false
    }
    return true
  }

  /// 0 go on, 1 start afresh, -1 unwind.
  func atBoundary() -> Int {
    if let mayTurn = options.mayTurn, !waitForTurn(mayTurn) { return -1 }
    guard control.isPending.load(ordering: .acquiring), let world else { return 0 }
    applyPending(world)
    if world.installation.machine.staleEnds() { dropChecksSoon() }
    return restartDecision(world) ?? 0
  }

  /// False: the turn was interrupted.
  private func waitForTurn(_ mayTurn: () -> Bool) -> Bool {
    guard let machine = world?.installation.machine else { return true }
    while !mayTurn() {
      // A restart ends the waiting as well; the boundary serves it.
      if !machine.waitParked() { return machine.panicReason != .interrupted }
    }
    return true
  }

  /// Serves a restart or the end, when asked for: nil when neither is.
  private func restartDecision(_ world: World) -> Int? {
    // Most often neither, and then nobody waits for the compiler here.
    guard control.update({ $0.restart || $0.quit }) else { return nil }
    let hasNext = nextWorldIsReady()
    let isEvaluating = evaluations.isRunning
    let answer = control.update { state -> Int? in
      if state.quit { return -1 }
      guard state.restart else { return nil }
      // What starts from the top: keep the request for `run` to see. What a client has evaluated ends.
      if hasNext || isEvaluating || world.hostIsCondemned { return -1 }
      state.restart = false
      return 1
    }
    if answer == -1 { world.installation.machine.setPanic(.restart) }
    if answer == 1 {
      let start = microseconds()
      renewStaleVariables(world)
      onEvent(.restarted(micros: microseconds() - start))
      // What came while the restart was asked for has been put off.
      if evaluations.isWaited.load(ordering: .acquiring) { world.installation.machine.requestSafepoint() }
    }
    return answer
  }

  func nextWorldIsReady() -> Bool {
    withCompiler { nextWorld != nil }
  }

  /// A panic has unwound to a restart point. 0 try again, 1 start afresh, -1 unwind further.
  func atPause() -> Int {
    guard let world else { return -1 }
    let machine = world.installation.machine
    if machine.panicReason == .restart {
      applyPending(world)
      return restartDecision(world) ?? 0
    }
    // A client is told of the panics of what it evaluates; the program goes on.
    // What an edit computes ends with a panic, wherever that is.
    guard options.isLive, !evaluations.isRunning, !isInitialising else { return -1 }
    machine.output.flushAll()
    // Before anyone hears of the panic: the edit that answers it must count as one.
    let seen = control.update { $0.commits }
    onEvent(.panic(panicReport(world, isPaused: true)))
    while true {
      applyPending(world)
      if let decision = restartDecision(world) { return decision }
      if control.update({ $0.commits }) != seen { return 0 }
      // An interrupt while paused changes nothing: there is nothing to interrupt.
      _ = machine.waitParked()
    }
  }

  /// Runs `body` with the compiler, from the program thread: serves patches while it waits.
  func withCompiler<R>(_ body: () -> R) -> R {
    while true {
      if let result = compiling.withLockIfAvailable({ _ in body() }) { return result }
      if let world { applyPending(world) }
      sched_yield()
    }
  }

  // MARK: Panics

  func panicReport(_ world: World, isPaused: Bool) -> PanicReport {
    withCompiler { makePanicReport(world, isPaused: isPaused) }
  }

  /// The same for whoever has the compiler.
  func makePanicReport(_ world: World, isPaused: Bool) -> PanicReport {
    let machine = world.installation.machine
    let trace = world.installation.interpreter.trace
    var visible = trace.inner.map { traceEntry($0, world) }.filter { !$0.file.isEmpty }
    let omittedAt = visible.count
    visible += trace.outer.map { traceEntry($0, world) }.filter { !$0.file.isEmpty }
    let first = visible.first ?? TraceEntry(function: "main", file: entries.first ?? "", line: 1)
    return PanicReport(
      message: panicMessage(machine), function: first.function, file: first.file, line: first.line,
      trace: visible, omitted: trace.omitted, omittedAt: omittedAt, isPaused: isPaused,
      isInterrupt: machine.panicReason == .interrupted)
  }

  private func traceEntry(_ entry: StackTrace.Entry, _ world: World) -> TraceEntry {
    guard let code = world.installation.code(entry.code) else { return TraceEntry(function: "?", file: "", line: 0) }
    let program = world.program
    let name = program.lowering.name(of: code.info)
    let item = program.lowering.item(of: code.info)
    guard item != .none, code.info.definition == .none || program.env[code.info.definition].module != .prelude else {
      return TraceEntry(function: name, file: "", line: 0)
    }
    let position = entry.word < code.positions.count ? code.positions[entry.word] : 0
    let range = program.source.store.range(of: Place(item, Span(position, position)))
    return TraceEntry(
      function: qualified(name, item: item, program), file: range?.path ?? "", line: range?.start.line ?? 0)
  }

  func panicMessage(_ machine: Machine) -> String {
    if let message = machine.panicMessage { return String(decoding: message, as: UTF8.self) }
    switch machine.panicReason {
    case .divisionByZero: return "division by zero"
    case .indexOutOfRange:
      let (index, count) = (machine.panicIndex, machine.panicCount)
      return count == 0
        ? "index out of range: \(index), but the vector is empty"
        : "index out of range: \(index) is not in 0 to \(count - 1)"
    case .stackOverflow: return "stack overflow: calls are nested too deeply"
    case .outOfMemory: return "out of memory: the heap has reached its limit"
    case .interrupted: return "interrupted"
    case .restart: return "the program was stopped or restarted meanwhile"
    case .stale: return String(decoding: machine.panicText(), as: UTF8.self)
    case .exit: return "`exit` was called"
    case .unreachable: return "unreachable code was reached; this is a fault of the compiler"
    default: return "panic"
    }
  }
}

/// Answers the machine for its session.
final class SessionHost: MachineHost {
  unowned let session: Session
  init(_ session: Session) {
    self.session = session
    super.init()
  }
  override func atSafepoint() -> Bool { session.atSafepoint() }
  override func atBoundary() -> Int { session.atBoundary() }
  override func atPause() -> Int { session.atPause() }
  override func write(_ text: [UInt8], to file: Int) {
    (session.evaluationOutput ?? session.options.output)?(text, file)
  }
}
