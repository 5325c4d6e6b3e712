// What goes on in a `lang dev`, and what the developer wants: the meeting point of the program's thread,
// the watcher's, the keys' and the signals'.
//
//   waiting for a good edit ─► running ⇄ paused (a panic) ─► finished ─► (edit, `r`) running …
//                                 └──────────── `q`, Ctrl-C twice, SIGTERM ────────────► end

import Runtime
import Session
import Synchronization

final class Stage: Sendable {
  enum Phase: String { case waiting, running, paused, finished }

  /// An answer to `s`.
  struct Status {
    var phase: Phase
    var functions: Int
    /// How many edits were taken in.
    var commits: Int
    var statistics: SessionStatistics
  }

  private struct State {
    var phase = Phase.waiting
    /// Something came that may let the program run again.
    var again = false
    var quit = false
    var commits = 0
    var lastInterrupt = 0  // ns
  }

  private let state = Mutex(State())
  /// The session's `idle`: signalled as well when a client has work for this thread.
  let changed = Condition()
  private let onLeave: @Sendable () -> Void
  private let reporter: Reporter
  /// Somebody sits at a terminal: they have keys, and decide when the session ends.
  private let isInteractive: Bool

  /// `onLeave` is called before the process ends, if it ends in order.
  init(reporter: Reporter, isInteractive: Bool, onLeave: @escaping @Sendable () -> Void) {
    self.reporter = reporter
    self.onLeave = onLeave
    self.isInteractive = isInteractive
  }

  // MARK: The program's thread

  /// Runs the program, again and again where that is wanted, to the end of the process.
  func perform(_ session: Session, _ loading: Double) -> Never {
    var isFirst = true
    var loading = loading
    if !session.hasProgram {
      let start = Process.microseconds()
      waitForMore(session)
      // The edit was compiled while we waited; how long that took its own report says.
      loading = min(loading, Process.microseconds() - start)
    }
    while true {
      if isWanted(\.quit) { leave(0) }
      // Before anyone hears of it, since they may answer with Ctrl-C.
      enter(.running)
      if isFirst { reporter.show(.started(functions: session.functionCount, micros: loading), isWaiting: false) }
      isFirst = false
      let code = session.run()
      if isWanted(\.quit) { leave(0) }
      enter(.finished)
      reporter.show(.finished(exit: code), isWaiting: false)
      if !isInteractive { leave(code) }
      waitForMore(session)
      if !isWanted(\.quit) { reporter.show(.restarted(micros: 0), isWaiting: false) }
    }
  }

  private func isWanted(_ what: KeyPath<State, Bool> & Sendable) -> Bool { state.withLock { $0[keyPath: what] } }

  private func enter(_ phase: Phase) {
    state.withLock {
      $0.phase = phase
      if phase == .running { $0.again = false }
    }
    // While the program waits, what is typed is for us, even if it reads keys otherwise.
    Keys.claim(phase != .running)
  }

  private func waitForMore(_ session: Session) {
    session.serveClients { state.withLock { $0.again || $0.quit } }
  }

  private func leave(_ code: Int) -> Never {
    onLeave()
    Process.leave(code)
  }

  // MARK: Events

  func note(_ event: SessionEvent) {
    var isWaiting = false
    switch event {
    case .cascade(let report):
      let phase = state.withLock { state -> Phase in
        if report.status == .committed, report.concernsProgram {
          state.commits += 1
          state.again = true
        }
        return state.phase
      }
      isWaiting = phase == .waiting && report.concernsProgram
      if report.status == .committed, report.concernsProgram, phase == .paused { enter(.running) }
    case .panic(let panic): if panic.isPaused { enter(.paused) }
    case .restarted: if state.withLock({ $0.phase == .paused }) { enter(.running) }
    default: break
    }
    reporter.show(event, isWaiting: isWaiting)
    changed.signal()
  }

  // MARK: The developer

  func listen(to session: Session) {
    Signals.handle([Signals.interrupt, Signals.terminate, Signals.hangUp]) { [self] number in
      if number == Signals.interrupt { interrupt(session) } else { quit(session) }
    }
    guard isInteractive else { return }
    Threads.start(stackBytes: 1 << 20) { [self] in
      while let key = Keys.next() {
        switch key {
        case UInt8(ascii: "q"): quit(session)
        case UInt8(ascii: "r"): restart(session)
        case UInt8(ascii: "s"): status(session)
        default: break
        }
      }
    }
  }

  private func interrupt(_ session: Session) {
    let now = Process.nanoseconds()
    let (isSecond, phase) = state.withLock { state in
      defer { state.lastInterrupt = now }
      return (state.lastInterrupt != 0 && now - state.lastInterrupt < 2_000_000_000, state.phase)
    }
    if isSecond || phase == .waiting || phase == .finished { return quit(session) }
    if phase == .running { session.requestInterrupt() } else { reporter.hint("Ctrl-C again quits") }
  }

  private func restart(_ session: Session) {
    if let problem = restartProgram(session) { reporter.hint(problem) }
  }

  /// Answers why that is not possible.
  func restartProgram(_ session: Session) -> String? {
    let phase = state.withLock { state in
      if state.phase == .finished { state.again = true }
      return state.phase
    }
    switch phase {
    case .running, .paused: session.requestRestart()
    case .finished: changed.signal()
    case .waiting: return "there is nothing to restart yet: the program has errors"
    }
    return nil
  }

  private func status(_ session: Session) {
    let (phase, commits) = state.withLock { ($0.phase, $0.commits) }
    reporter.status(
      Status(phase: phase, functions: session.functionCount, commits: commits, statistics: session.statistics))
  }

  func quit(_ session: Session) {
    state.withLock { $0.quit = true }
    changed.signal()
    session.requestQuit()
    // A program that does not come to a safepoint is left where it is.
    Threads.start(stackBytes: 1 << 16) { [onLeave] in
      Process.sleep(milliseconds: 1000)
      onLeave()
      Process.leaveNow(0)
    }
  }
}
