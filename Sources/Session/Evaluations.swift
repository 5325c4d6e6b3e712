// Work that clients have for the program's thread: expressions compiled on their own threads, to be run on
// that of the program, where the program's heap and stack may be touched.
//
//   client ── submit ──► waiting … ─► running (at a safepoint, at a pause, or while no program runs) ─► done
//                            └─ interrupt: withdrawn        └─ interrupt: unwound
//
// Invariant: one at a time runs, and never within another. Whoever submits hears of its end exactly once, unless
// the process ends before.

import Runtime
import Synchronization

/// Somebody for whom the session evaluates. Its calls to interrupt may come on any thread.
public final class EvaluationClient: Sendable {
  enum Stage { case idle, waiting, running }

  struct State {
    var stage = Stage.idle
    var isInterrupted = false
    var isGone = false
  }

  let state = Mutex(State())
  /// Gets what evaluated code writes to standard output (1) and standard error (2). Program thread; must not
  /// wait.
  let output: @Sendable (_ text: [UInt8], _ file: Int) -> Void
  /// An expression begins to run. Program thread; must not wait.
  let begun: @Sendable () -> Void

  public init(
    begun: @escaping @Sendable () -> Void = {}, output: @escaping @Sendable (_ text: [UInt8], _ file: Int) -> Void
  ) {
    self.begun = begun
    self.output = output
  }
}

extension EvaluationClient {
  var isInterrupted: Bool { state.withLock { $0.isInterrupted || $0.isGone } }
}

final class Evaluations: Sendable {
  struct Job: @unchecked Sendable {
    var client: EvaluationClient
    /// Called on the program's thread only.
    var run: () -> Evaluated
    /// Gets the result, or nil when the job was withdrawn before it ran.
    var end: @Sendable (Evaluated?) -> Void
  }

  private struct State {
    var waiting: [Job] = []
    var running: EvaluationClient?
  }

  private let state = Mutex(State())
  /// Read at safepoints without the lock.
  let isWaited = Atomic(false)

  /// False: the client was interrupted, or is gone, before.
  func submit(_ job: Job) -> Bool {
    state.withLock { state in
      let isWanted = job.client.state.withLock { client in
        if client.isInterrupted || client.isGone { return false }
        client.stage = .waiting
        return true
      }
      guard isWanted else { return false }
      state.waiting.append(job)
      isWaited.store(true, ordering: .releasing)
      return true
    }
  }

  /// Begins the next job, if nothing runs.
  func take() -> Job? {
    state.withLock { state in
      guard state.running == nil, !state.waiting.isEmpty else { return nil }
      let job = state.waiting.removeFirst()
      isWaited.store(!state.waiting.isEmpty, ordering: .releasing)
      state.running = job.client
      job.client.state.withLock { $0.stage = .running }
      return job
    }
  }

  /// The running job has ended. Answers whether an interrupt was asked for it, which may have come too late.
  func finish() -> Bool {
    state.withLock { state in
      let client = state.running
      state.running = nil
      return client?.state.withLock { client in
        client.stage = .idle
        return client.isInterrupted || client.isGone
      } ?? false
    }
  }

  var isRunning: Bool { state.withLock { $0.running != nil } }

  /// Withdraws what `client` waits for, or calls `unwind` when it runs, under the lock, so that it cannot end
  /// meanwhile. False: nothing of it is being evaluated.
  func interrupt(_ client: EvaluationClient, isGone: Bool, _ unwind: () -> Void) -> Bool {
    var withdrawn: [Job] = []
    let found = state.withLock { state in
      let stage = client.state.withLock { client in
        client.isInterrupted = true
        client.isGone = client.isGone || isGone
        return client.stage
      }
      switch stage {
      case .idle: return false
      case .running: unwind()
      case .waiting:
        withdrawn = state.waiting.filter { $0.client === client }
        state.waiting.removeAll { $0.client === client }
        isWaited.store(!state.waiting.isEmpty, ordering: .releasing)
        client.state.withLock { $0.stage = .idle }
      }
      return true
    }
    for job in withdrawn { job.end(nil) }
    return found
  }
}

extension Session {
  /// Evaluates forms for a client while the program runs, and tells of each as it is done: definitions are edits
  /// of the session, expressions run on the program's thread at its next safepoint. Any thread but the program's;
  /// waits for them. One call for a client: it is done with afterwards. An expression that fails ends the evaluation.
  public func evaluate(
    _ input: [UInt8], name: String = "input", isFile: Bool = false, for client: EvaluationClient, _ tell: (Evaluated) -> Void
  ) {
    guard hasProgram else { return tell(.note("the program has errors and does not run yet; mend them first")) }
    evaluate(input, name: name, isFile: isFile, for: Optional(client), tell)
  }

  /// Stops what is evaluated for a client: withdrawn while it waits for the program, unwound when it runs. False
  /// when there is nothing. Any thread. `isGone`: nothing of the client is evaluated from now on.
  @discardableResult
  public func interruptEvaluation(of client: EvaluationClient, isGone: Bool = false) -> Bool {
    evaluations.interrupt(client, isGone: isGone) { requestInterrupt() }
  }

  /// Runs what clients wait for until `isDone`, on the program's thread while no program runs. Asks again
  /// whenever `options.idle` is signalled.
  public func serveClients(until isDone: () -> Bool) {
    while true {
      options.idle.wait { isDone() || evaluations.isWaited.load(ordering: .acquiring) }
      if isDone() { return }
      // Whoever compiles applies patches itself while nothing runs, so this must not begin meanwhile.
      compiling.withLock { _ in isRunning.store(true, ordering: .releasing) }
      serveEvaluations()
      isRunning.store(false, ordering: .releasing)
      patchApplied.signal()
    }
  }

  /// Runs what waits, unless something runs, or a patch is not applied to its end: whoever has the compiler
  /// waits for that. Program thread.
  func serveEvaluations() {
    guard evaluations.isWaited.load(ordering: .acquiring), !isInitialising else { return }
    while !control.update({ $0.restart || $0.quit }), let job = evaluations.take() {
      let result = job.run()
      if evaluations.finish() { world?.installation.machine.withdrawInterrupt() }
      job.end(result)
    }
  }

  /// Runs a compiled expression on the program's thread and waits for its end.
  func onProgramThread(_ client: EvaluationClient, _ world: World, _ run: @escaping () -> Evaluated) -> Evaluated {
    let result = Result()
    let job = Evaluations.Job(
      client: client,
      run: { [self] in
        guard self.world === world else { return .note("the program was started afresh meanwhile; try again") }
        client.begun()
        return sendingOutput(of: world.installation.machine, to: client, run)
      },
      end: { result.set($0 ?? .note("given up before the program came to a safepoint")) })
    guard evaluations.submit(job) else { return .note("interrupted") }
    world.installation.machine.requestSafepoint()
    options.idle.signal()
    return result.wait()
  }

  private final class Result: Sendable {
    private let value = Mutex<Evaluated?>(nil)
    private let isThere = Condition()

    func set(_ result: Evaluated) {
      value.withLock { $0 = result }
      isThere.signal()
    }

    func wait() -> Evaluated {
      isThere.wait { value.withLock { $0 != nil } }
      return value.withLock { $0 } ?? .unit
    }
  }

  private func sendingOutput(of machine: Machine, to client: EvaluationClient, _ run: () -> Evaluated) -> Evaluated {
    machine.output.flushAll()
    evaluationOutput = client.output
    if options.output == nil { machine.sendOutput(to: host) }
    defer {
      machine.output.flushAll()
      evaluationOutput = nil
      if options.output == nil { machine.sendOutputOutside() }
    }
    return run()
  }
}
