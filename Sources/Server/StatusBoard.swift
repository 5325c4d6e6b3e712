// How a session is doing, as its events tell: what `lang status` shows.

import Frontend
import Runtime
import Session

struct StatusBoard: Sendable {
  enum Phase: String, Sendable { case waiting, running, paused, finished }

  let title: String
  let root: String
  let since = Process.wallSeconds()
  var phase = Phase.waiting
  var functions = 0
  var committed = 0
  var refused = 0
  /// What is wrong with the edits that were refused last; empty since others were taken in.
  private var problems: [LocatedDiagnostic] = []
  private var panic: PanicReport?
  private var stale: [(type: String, live: Int)] = []

  init(title: String, root: String) {
    self.title = title
    self.root = root
  }

  mutating func note(_ event: SessionEvent) {
    switch event {
    case .started(let functions, _):
      phase = .running
      self.functions = functions
    case .cascade(let report): note(report)
    case .stale(let type, let live, _):
      stale.removeAll { $0.type == type }
      if live > 0 { stale.append((type, live)) }
    case .panic(let report):
      panic = report
      if report.isPaused { phase = .paused }
    case .restarted:
      resume()
      stale = []
      // It has taken in what only waited for it.
      if problems.allSatisfy({ $0.code == .cannotApplyLive }) { problems = [] }
    case .finished: phase = .finished
    case .failed(let found): problems = found
    }
  }

  private mutating func note(_ report: CascadeReport) {
    guard report.concernsProgram else { return }
    switch report.status {
    case .committed:
      committed += 1
      problems = []
      if phase == .paused { resume() }
      for entry in report.stale {
        stale.removeAll { $0.type == entry.type }
        if entry.live > 0 { stale.append(entry) }
      }
    case .refused:
      refused += 1
      problems = report.diagnostics
    case .pending, .unchanged: break
    }
  }

  private mutating func resume() {
    phase = .running
    panic = nil
  }

  /// `functions`: as counted now, if that could be done.
  func write(to out: inout JSONWriter, functions now: Int?, clients: Int) {
    out.field("program", title)
    out.field("root", root)
    out.field("pid", Process.identifier)
    out.field("since", since)
    out.field("state", phase.rawValue)
    out.field("functions", now ?? functions)
    out.object("edits") { out in
      out.field("committed", committed)
      out.field("refused", refused)
    }
    out.array("problems") { out in for problem in problems.prefix(20) { out.raw(problem.json) } }
    if let panic, phase == .paused {
      out.object("panic") { out in
        out.field("message", panic.message)
        out.field("function", panic.function)
        out.field("file", panic.file)
        out.field("line", panic.line)
      }
    }
    out.object("stale") { out in for entry in stale { out.field(entry.type, entry.live) } }
    out.field("clients", clients)
  }
}
