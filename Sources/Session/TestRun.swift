// Running tests, several at a time. Each worker is a thread with a machine of its own, on which the same
// code is installed: nothing that one test does to the program's state reaches another one.
//
//   tests   0  1  2  3  4  5 …      taken in this order, each by the first worker that is free
//   told    0  1  2 ………………………      in this order as well: what is done early waits for its turn
//
// The first worker is the thread that asks, with the machine that is there. A further one is made while
// the others work, as long as there are tests left, so a few quick tests do not wait for more machines.
//
// Every test begins with all constants and variables computed afresh, so what a test does to them no later
// one on its machine sees. It ends at a panic, as a program does: that is its failure.
//
// Invariant: the tests that were begun are the first ones of the list.

import Interpreter
import Runtime
import Synchronization

public final class TestRun: @unchecked Sendable {
  private struct State {
    var workers: [TestWorker]
    var isMakingWorker = false
    /// The next test to begin.
    var next = 0
    var isStopped = false
    var results: [TestResult?]
    var done = 0
  }

  private struct Telling {
    /// The next test whose end is to be told.
    var next = 0
    var hasBegun = false
  }

  private let session: Session
  private let tests: [TestCase]
  private let limit: Int
  private let colours: Bool
  private let state: Mutex<State>
  private let telling = Mutex(Telling())
  private let changed = Condition()
  private let begins: @Sendable (TestCase) -> Void
  private let ends: @Sendable (TestResult) -> Void

  /// `tests` are those of `session`, loaded with `keepsCode`; at most `workers` run at a time. `begins` and
  /// `ends` are called on any thread, one call at a time, in the order of the tests.
  public init(
    _ tests: [TestCase], of session: Session, workers: Int, colours: Bool = false,
    begins: @escaping @Sendable (TestCase) -> Void, ends: @escaping @Sendable (TestResult) -> Void
  ) {
    self.session = session
    self.tests = tests
    self.begins = begins
    self.ends = ends
    self.colours = colours
    limit = max(1, min(workers, tests.count))
    state = Mutex(State(workers: session.world.map { [TestWorker($0)] } ?? [], results: Array(repeating: nil, count: tests.count)))
  }

  /// Runs the tests; returns once all that were begun have ended and been told. Answers how many were not
  /// begun, since `interrupt` was called. Once.
  public func perform() -> Int {
    guard let first = state.withLock({ $0.workers.first }) else { return tests.count }
    work(first)
    changed.wait { state.withLock { $0.done == $0.next && ($0.isStopped || $0.next == tests.count) } }
    tell()
    return state.withLock { tests.count - $0.next }
  }

  /// Ends the tests that run and begins no others. Any thread.
  public func interrupt() {
    let workers = state.withLock { state in
      state.isStopped = true
      return state.workers
    }
    for worker in workers { worker.world.installation.machine.requestInterrupt() }
    changed.signal()
  }

  // MARK: Workers

  private func work(_ worker: TestWorker) {
    while let index = take() {
      tell()
      let result = run(tests[index], worker)
      state.withLock {
        $0.results[index] = result
        $0.done += 1
      }
      tell()
      changed.signal()
    }
  }

  /// The next test; has another worker made when there are more.
  private func take() -> Int? {
    let (index, needsWorker) = state.withLock { state -> (Int?, Bool) in
      if state.isStopped || state.next == tests.count { return (nil, false) }
      state.next += 1
      let needs = !state.isMakingWorker && state.workers.count < limit && state.next < tests.count
      if needs { state.isMakingWorker = true }
      return (state.next - 1, needs)
    }
    if needsWorker { Threads.start { [self] in addWorker() } }
    return index
  }

  private func addWorker() {
    guard let first = state.withLock({ $0.workers.first }),
      let world = session.compiling.withLock({ _ in session.copy(of: first.world) })
    // No room for one more: the others do without, and do not try again.
    else { return }
    let worker = TestWorker(world)
    state.withLock {
      $0.workers.append(worker)
      $0.isMakingWorker = false
    }
    work(worker)
  }

  private func run(_ test: TestCase, _ worker: TestWorker) -> TestResult {
    let world = worker.world
    worker.output = []
    var outcome = Outcome.returned([])
    for slot in world.initialisers + [test.slot] {
      outcome = world.installation.interpreter.run(slot)
      if case .panicked = outcome { break }
    }
    world.installation.machine.output.flushAll()
    var result = TestResult(test: test, outcome: .passed, output: worker.output)
    switch outcome {
    case .returned: break
    case .panicked(.exit): result.outcome = .left(code: world.installation.machine.exitCode)
    case .panicked:
      session.compiling.withLock { _ in
        result.outcome = .panicked(
          session.makePanicReport(world, isPaused: false), excerpt: session.excerpt(world, colours))
      }
    }
    return result
  }

  // MARK: Telling

  /// Tells what can be told by now.
  private func tell() {
    telling.withLock { telling in
      while telling.next < tests.count {
        let index = telling.next
        let (hasBegun, result) = state.withLock { ($0.next > index, $0.results[index]) }
        if hasBegun, !telling.hasBegun {
          telling.hasBegun = true
          begins(tests[index])
        }
        guard let result else { return }
        ends(result)
        telling = Telling(next: index + 1)
      }
    }
  }
}

/// A machine that runs tests, and keeps what they print.
private final class TestWorker: MachineHost, @unchecked Sendable {
  let world: World
  /// The worker's thread only.
  var output: [UInt8] = []

  init(_ world: World) {
    self.world = world
    super.init()
    world.installation.machine.attach(self)
    world.installation.machine.sendOutput(to: self)
  }

  override func write(_ text: [UInt8], to file: Int) { output += text }
}
