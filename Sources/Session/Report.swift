// What a session tells its clients: one event for each thing that happened. Clients render them; the
// JSON form is the contract of `--report json`.

import Frontend

public struct PhaseTimes: Sendable {
  // Microseconds.
  public var read = 0.0
  public var expand = 0.0
  public var check = 0.0
  public var lower = 0.0
  public var commit = 0.0
  public var total = 0.0
  public init() {}
}

public struct CascadeReport: Sendable {
  public enum Status: String, Sendable { case committed, refused, pending, unchanged }
  public var id = 0
  public var status = Status.unchanged
  /// Definitions whose text changed, and those compiled again, as `module/name`.
  public var changed: [String] = []
  public var recompiled: [String] = []
  public var expanded = 0
  public var shortCircuited = 0
  public var stale: [(type: String, live: Int)] = []
  public var migrated: [(type: String, live: Int)] = []
  public var notes: [String] = []
  public var diagnostics: [LocatedDiagnostic] = []
  public var micros = PhaseTimes()
  /// False for what is said of the project around a program, which goes on as it was. No part of the JSON.
  public var concernsProgram = true
  public init() {}
}

/// A diagnostic with its places worked out; independent of the session's state.
public struct LocatedDiagnostic: Sendable {
  public var json: String
  public var terminal: String
  public var severity: Severity
  public var code: DiagnosticCode
  public var position: SourceRange?

  public init(json: String, terminal: String, severity: Severity, code: DiagnosticCode, position: SourceRange? = nil) {
    self.json = json
    self.terminal = terminal
    self.severity = severity
    self.code = code
    self.position = position
  }
}

public struct TraceEntry: Sendable {
  public var function: String
  public var file: String
  public var line: Int
  public init(function: String, file: String, line: Int) {
    self.function = function
    self.file = file
    self.line = line
  }
}

public struct PanicReport: Sendable {
  public var message: String
  public var function: String
  public var file: String
  public var line: Int
  public var trace: [TraceEntry]
  /// Frames left out of `trace`, and the index there at which they belong.
  public var omitted: Int
  public var omittedAt: Int
  /// `paused` at a restart point, else `ended`.
  public var isPaused: Bool
  public var isInterrupt: Bool

  public init(
    message: String, function: String, file: String, line: Int, trace: [TraceEntry], omitted: Int, omittedAt: Int,
    isPaused: Bool, isInterrupt: Bool
  ) {
    self.message = message
    self.function = function
    self.file = file
    self.line = line
    self.trace = trace
    self.omitted = omitted
    self.omittedAt = omittedAt
    self.isPaused = isPaused
    self.isInterrupt = isInterrupt
  }
}

public enum SessionEvent: Sendable {
  case started(functions: Int, micros: Double)
  case cascade(CascadeReport)
  case stale(type: String, live: Int, message: String)
  case panic(PanicReport)
  case restarted(micros: Double)
  case finished(exit: Int)
  /// The program has errors and does not run yet.
  case failed([LocatedDiagnostic])

  /// One line of JSON without the line's end; for `failed` one a diagnostic.
  public var json: String {
    if case .failed(let diagnostics) = self { return diagnostics.map(\.json).joined(separator: "\n") }
    var out = JSONWriter()
    out.object { out in
      switch self {
      case .started(let functions, let micros):
        out.field("event", "started")
        out.field("functions", functions)
        out.field("micros", decimal: micros)
      case .cascade(let report): report.write(to: &out)
      case .stale(let type, let live, let message):
        out.field("event", "stale")
        out.field("type", type)
        out.field("live", live)
        out.field("message", message)
      case .panic(let panic): panic.write(to: &out)
      case .restarted(let micros):
        out.field("event", "restarted")
        out.field("micros", decimal: micros)
      case .finished(let exit):
        out.field("event", "finished")
        out.field("exit", exit)
      case .failed: break
      }
    }
    return out.text
  }
}

extension PanicReport {
  func write(to out: inout JSONWriter) {
    out.field("event", "panic")
    out.field("message", message)
    out.field("function", function)
    out.field("file", file)
    out.field("line", line)
    out.array("trace") { out in
      for entry in trace {
        out.object { out in
          out.field("function", entry.function)
          out.field("file", entry.file)
          out.field("line", entry.line)
        }
      }
    }
    out.field("state", isPaused ? "paused" : "ended")
  }
}

extension CascadeReport {
  func write(to out: inout JSONWriter) {
    out.field("event", "cascade")
    out.field("status", status.rawValue)
    out.field("id", id)
    out.field("changed", changed)
    out.field("recompiled", recompiled)
    out.field("expanded", expanded)
    out.field("shortCircuited", shortCircuited)
    out.object("stale") { out in for entry in stale { out.field(entry.type, entry.live) } }
    out.object("migrated") { out in for entry in migrated { out.field(entry.type, entry.live) } }
    out.field("notes", notes)
    if status == .refused {
      out.array("diagnostics") { out in for diagnostic in diagnostics { out.raw(diagnostic.json) } }
    }
    out.object("micros") { out in
      out.field("read", decimal: micros.read)
      out.field("expand", decimal: micros.expand)
      out.field("check", decimal: micros.check)
      out.field("lower", decimal: micros.lower)
      out.field("commit", decimal: micros.commit)
      out.field("total", decimal: micros.total)
    }
  }
}
