// A live session whose program runs on a second thread, one turn of its live loop at a time, as tests
// allow them. All that the session says is kept, and its JSON is held against the contract.

import Frontend
import Runtime
import Session
import Testing

final class LiveProgram: Sendable {
  struct State {
    var output: [UInt8] = []
    /// Turns the program may still take.
    var turns = 0
    /// Stands at the start of a turn that it may not take yet.
    var isWaiting = false
    var isPaused = false
    var exit: Int?
    var panics: [PanicReport] = []
    var restarts = 0
    var isAsked = false
    var events: [String] = []
    var reports: [CascadeReport] = []

    var isAtRest: Bool { isWaiting && turns == 0 || isPaused || exit != nil }
  }

  let monitor = Monitor(State())
  /// The files there are, as a watcher would see them.
  let disk = Monitor<[String: [UInt8]]>([:])
  let session: Session

  /// `tell` gets every event as well.
  init(tell: @escaping @Sendable (SessionEvent) -> Void = { _ in }, _ adjust: (inout SessionOptions) -> Void = { _ in }) {
    let monitor = monitor
    var options = SessionOptions()
    options.isLive = true
    options.files = .texts { [disk] in disk.value }
    options.verifies = true
    options.machine = .small
    options.output = { text, file in if file == 1 { monitor.update { $0.output += text } } }
    options.mayTurn = {
      monitor.update { state in
        guard state.turns > 0 else {
          state.isWaiting = true
          return false
        }
        state.isWaiting = false
        state.turns -= 1
        return true
      }
    }
    adjust(&options)
    session = Session(options: options) { event in
      tell(event)
      monitor.update { state in
        state.events.append(event.json)
        switch event {
        case .panic(let panic):
          state.panics.append(panic)
          if panic.isPaused { state.isPaused = true }
        case .restarted: state.restarts += 1
        case .cascade(let report): state.reports.append(report)
        default: break
        }
      }
    }
  }

  /// Loads and, when the program is sound, starts it.
  func load(_ text: [UInt8]) -> [LocatedDiagnostic] {
    let found = onCompilerStack { [session] in session.load([(path: "main.lang", text: text)]) }
    if session.hasProgram { start() }
    return found
  }

  func start() {
    monitor.update { $0.exit = nil }
    Threads.start { [session, monitor] in
      let exit = session.run()
      monitor.update { $0.exit = exit }
    }
  }

  func apply(_ edits: [FileEdit]) -> CascadeReport {
    let hadProgram = session.hasProgram
    let before = monitor.update { state in
      defer { state.isPaused = false }
      return state.isPaused
    }
    let report = onCompilerStack { [session] in session.apply(edits) }
    if report.status != .committed, before { monitor.update { $0.isPaused = true } }
    if !hadProgram, session.hasProgram { start() }
    return report
  }

  func replace(_ text: [UInt8]) -> CascadeReport { apply([.replaceAll(path: "main.lang", text: text)]) }
  func replace(_ text: String) -> CascadeReport { replace(Array(text.utf8)) }

  /// Lets the loop take turns, and waits until it has, or cannot.
  func take(_ turns: Int) -> Bool {
    let panics = monitor.update { state in
      state.turns += turns
      return state.panics.count
    }
    session.wake()
    return monitor.wait { $0.isWaiting && $0.turns == 0 || $0.panics.count > panics || $0.exit != nil }
  }

  /// Turns until the session's figures are as wanted; the limit only turns a hang into a failure.
  func takeTurns(seconds: Int = 20, until isEnough: (SessionStatistics) -> Bool) -> Bool {
    let end = Process.nanoseconds() + seconds * 1_000_000_000
    while !isEnough(session.statistics) {
      guard Process.nanoseconds() < end, take(1) else { return false }
    }
    return true
  }

  /// `isAnywhere`: the program has no turns to wait for.
  func restart(isAnywhere: Bool = false) -> Bool {
    let restarts = monitor.update { state in
      state.isPaused = false
      state.isWaiting = false
      state.turns = 0
      return state.restarts
    }
    session.requestRestart()
    return monitor.wait { $0.restarts > restarts && (isAnywhere || $0.isWaiting || $0.isPaused || $0.exit != nil) }
  }

  /// Ends the program; false when it does not end.
  func stop() -> Bool {
    if !session.hasProgram || monitor.value.exit != nil { return true }
    session.requestQuit()
    return monitor.wait { $0.exit != nil }
  }

  /// What was printed since the last call.
  func takeOutput() -> String {
    monitor.update { state in
      defer { state.output = [] }
      return String(decoding: state.output, as: UTF8.self)
    }
  }

  /// Every event is as CLI.md says.
  func checkEvents(_ name: String) {
    for event in monitor.value.events { expectContract(event, name) }
  }
}

/// Runs `body` with a stack as deep as the compiler may need.
func onCompilerStack<R: Sendable>(_ body: @escaping @Sendable () -> R) -> R {
  let result = Monitor<R?>(nil)
  Threads.runToEnd {
    let value = body()
    result.update { $0 = value }
  }
  return result.value!
}

/// The edit from one text to another as an editor sends it: the range that differs.
func smallestEdit(_ old: [UInt8], _ new: [UInt8], path: String = "main.lang") -> FileEdit {
  var prefix = 0
  while prefix < min(old.count, new.count), old[prefix] == new[prefix] { prefix += 1 }
  var suffix = 0
  while suffix < min(old.count, new.count) - prefix, old[old.count - 1 - suffix] == new[new.count - 1 - suffix] {
    suffix += 1
  }
  return .replace(
    path: path, range: prefix..<old.count - suffix, text: Array(new[prefix..<new.count - suffix]))
}
