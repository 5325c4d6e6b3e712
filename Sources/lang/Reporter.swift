// How a `lang dev` tells what happens: sentences for people, or JSON for programs, on stderr.
//
// Invariant: each report is one write, so that lines of several threads never mix.

import Frontend
import Runtime
import Server
import Session

protocol Reporter: Sendable {
  /// `isWaiting`: no program runs yet.
  func show(_ event: SessionEvent, isWaiting: Bool)
  /// Warnings of a load that succeeded.
  func show(_ problems: [LocatedDiagnostic])
  func warn(_ text: String)
  /// An answer to a key.
  func hint(_ text: String)
  func status(_ status: Stage.Status)
}

/// Tells the session's clients as well.
struct SharingReporter: Reporter {
  let own: any Reporter
  let server: SessionServer

  func show(_ event: SessionEvent, isWaiting: Bool) {
    // First, so that a client that has seen the event finds a status that knows of it.
    server.tell(event)
    own.show(event, isWaiting: isWaiting)
  }
  func show(_ problems: [LocatedDiagnostic]) { own.show(problems) }
  func warn(_ text: String) { own.warn(text) }
  func hint(_ text: String) { own.hint(text) }
  func status(_ status: Stage.Status) { own.status(status) }
}

struct JSONReporter: Reporter {
  func show(_ event: SessionEvent, isWaiting: Bool) { Files.write(event.json + "\n", to: 2) }
  func show(_ problems: [LocatedDiagnostic]) {}
  func warn(_ text: String) { write("warning") { $0.field("message", text) } }
  func hint(_ text: String) { write("hint") { $0.field("message", text) } }

  func status(_ status: Stage.Status) {
    write("status") { out in
      out.field("state", status.phase.rawValue)
      out.field("functions", status.functions)
      out.field("edits", status.commits)
      out.field("collections", status.statistics.collections)
      out.field("heapBytes", status.statistics.heapBytes)
    }
  }

  private func write(_ event: String, _ fields: (inout JSONWriter) -> Void) {
    var out = JSONWriter()
    out.object { out in
      out.field("event", event)
      fields(&out)
    }
    Files.write(out.text + "\n", to: 2)
  }
}

struct HumanReporter: Reporter {
  let name: String
  let colours: Bool
  let hasKeys: Bool

  func show(_ event: SessionEvent, isWaiting: Bool) {
    switch event {
    case .started(let functions, let micros):
      let keys = hasKeys ? paint("  r restart, s status, q quit", "2") : ""
      line(paint("▶", "1;32") + " running \(name): \(counted(functions, "function")) in \(time(micros))\(keys)")
    case .cascade(let report): show(report, isWaiting)
    case .stale(_, _, let message): line(paint("!", "1;33") + " \(message)")
    case .panic(let panic):
      let after = panic.isPaused ? paint("‖", "1;33") + " paused: mend it and save" + (hasKeys ? ", or r restarts" : "") + "\n" : ""
      block(panic.terminal(colours: colours) + after)
    case .restarted(let micros): line(paint("↻", "1;34") + " restarted" + (micros > 0 ? "  \(time(micros))" : ""))
    case .finished(let exit):
      line("finished" + (exit == 0 ? "" : " with exit code \(exit)") + (hasKeys ? "; edit to run again, q quits" : ""))
    case .failed(let problems): show(problems)
    }
  }

  func show(_ problems: [LocatedDiagnostic]) {
    if !problems.isEmpty { block(problems.map(\.terminal).joined(separator: "\n")) }
  }

  func warn(_ text: String) { line(paint("warning", "1;33") + ": \(text)") }
  func hint(_ text: String) { line(text) }

  func status(_ status: Stage.Status) {
    line(
      "\(status.phase.rawValue): \(grouped(status.functions)) functions, \(grouped(status.commits)) edits taken in, "
        + "\(grouped(status.statistics.collections)) collections, heap \(grouped(status.statistics.heapBytes / 1024)) KiB")
  }

  private func show(_ report: CascadeReport, _ isWaiting: Bool) {
    var text = report.diagnostics.map(\.terminal).joined(separator: "\n")
    switch report.status {
    case .unchanged: return
    case .committed:
      if !report.concernsProgram { break }
      let names = report.recompiled.isEmpty ? report.changed : report.recompiled
      let m = report.micros
      text += paint("✓", "1;32") + " " + (names.isEmpty ? "nothing to compile" : list(names))
      text += paint("  \(time(m.total))", "1")
      text += " (read \(one(m.read)), check \(one(m.check)), lower \(one(m.lower)), commit \(one(m.commit)))\n"
    case .pending:
      text += paint("…", "1;33") + " \(list(report.changed)) waits for the next turn\n"
    case .refused:
      if !report.diagnostics.isEmpty {
        text += paint("✗", "1;31") + (!report.concernsProgram ? " the program runs on as it was started\n" : isWaiting ? " waiting for an edit that mends this\n" : " refused: the last good version runs on\n")
      }
    }
    for (type, live) in report.migrated { text += "  migrated \(live) of `\(type)`\n" }
    for note in report.notes { text += "  note: \(note)\n" }
    block(text)
  }

  private func counted(_ n: Int, _ what: String) -> String { grouped(n) + " " + what + (n == 1 ? "" : "s") }

  private func list(_ names: [String]) -> String {
    names.count <= 3 ? names.joined(separator: " ") : names.prefix(3).joined(separator: " ") + " and \(names.count - 3) more"
  }

  private func time(_ micros: Double) -> String {
    micros < 1000 ? "\(one(micros)) µs" : micros < 1_000_000 ? "\(one(micros / 1000)) ms" : "\(one(micros / 1_000_000)) s"
  }

  private func one(_ number: Double) -> String {
    let tenths = Int((number * 10).rounded())
    return "\(tenths / 10).\(tenths % 10)"
  }

  private func paint(_ text: String, _ code: String) -> String { colours ? "\u{1b}[\(code)m\(text)\u{1b}[0m" : text }

  private func line(_ text: String) { block(text + "\n") }

  /// A program that draws leaves the cursor anywhere: begin at the left, and clear what is there.
  private func block(_ text: String) {
    guard Keys.programReads, Process.isTerminal(2) else { return Files.write(text, to: 2) }
    Files.write(text.split(separator: "\n").map { "\r\u{1b}[K\($0)\r\n" }.joined(), to: 2)
  }
}
