// `live/`: a program, what is done to it while it runs, and what comes of that. A file is a list of steps,
// each begun by a line `;; ==== STEP`:
//
//     program                   the first text follows
//     turns N                   the live loop takes N turns
//     go N                      the same without waiting for them to end
//     output                    all that was printed since the last such step follows
//     wait TEXT                 waits until TEXT has been printed; for programs without turns
//     file: PATH                before `program`: a file that is there. Later: an edit, the whole new text of that
//                               file follows; several steps of this kind in a row are one edit
//     gone: PATH                the file is removed, as part of such an edit
//     moved: PATH => PATH       the file is renamed, as part of such an edit
//     edit                      the whole new text follows
//     replace A => B            an edit that replaces every A; several in a row are one edit
//     report STATUS [CODES] [changed=A,B] [recompiled=A,B]      of the edit before; notes follow
//     then STATUS ..            the final report of an edit that was pending, once there is one
//     compiled N                how many functions, defaults, values and derived operations were compiled to bytecode since the last such
//                               step, or since the start
//     collect                   looks for objects of earlier layouts, and compiles without tests for them when there are none
//     errors CODES              what is wrong with the program at its start
//     panic MESSAGE             the program has panicked with a message that has this in it
//     paused                    and waits to be mended
//     interrupt TEXT            as Ctrl-C, once TEXT has been printed; the steps behind it do not wait for that
//     restart [anywhere]        as the key `r`; `anywhere` for programs without turns
//     start                     runs a program again that has ended
//     finished N                the program has ended with this code
//
// Each file runs twice: edits come as whole texts, and as the ranges that differ.

import Frontend
import Runtime
import Session
import Testing

@Suite(.serialized) struct LiveFiletests {
  @Test(arguments: Filetest.names("live"))
  func wholeTexts(_ name: String) { LiveScript(name, sendsRanges: false).run() }

  @Test(arguments: Filetest.names("live"))
  func ranges(_ name: String) { LiveScript(name, sendsRanges: true).run() }
}

struct LiveStep {
  var line: Int
  var word: String
  var rest: String
  var body: [String]
  /// Empty lines before the next step, kept for rewriting.
  var blanks = 0

  var text: [UInt8] { Array(body.map { $0 + "\n" }.joined().utf8) }
}

struct LiveScript {
  let name: String
  let path: String
  let sendsRanges: Bool
  private var head: [String] = []
  private var steps: [LiveStep] = []

  /// How code runs; machine code is made at once of whatever is called twice.
  private let tier: Tier

  init(_ name: String, sendsRanges: Bool, tier: Tier = .interp) {
    self.tier = tier
    self.name = name
    self.sendsRanges = sendsRanges
    path = Filetest.root + "/live/" + name
    for (number, line) in lines(String(decoding: readFile(path), as: UTF8.self)).enumerated() {
      if line.hasPrefix(";; ==== ") {
        let words = line.dropFirst(8).split(separator: " ", maxSplits: 1)
        steps.append(
          LiveStep(line: number + 1, word: String(words.first ?? ""), rest: words.count > 1 ? String(words[1]) : "", body: []))
      } else if steps.isEmpty {
        head.append(line)
      } else {
        steps[steps.count - 1].body.append(line)
      }
    }
    for i in steps.indices {
      while steps[i].body.last == "" {
        steps[i].body.removeLast()
        steps[i].blanks += 1
      }
    }
  }

  func run() {
    var script = self
    script.perform()
  }

  private mutating func perform() {
    let migrates = head.first == "; migrate"
    let live = LiveProgram(tell: { _ in }) { options in
      if migrates { options.onStale = .migrate }
      options.tier = tier
      if tier == .jit { options.jitThreshold = 2 }
    }
    var text: [UInt8] = []
    var report = CascadeReport()
    var startErrors: [LocatedDiagnostic] = []
    var seenPanics = 0
    var compiled = 0
    func fail(_ step: LiveStep, _ what: String) {
      Issue.record("\(path):\(step.line): \(step.word) \(step.rest)\n\(what)")
    }
    func send(_ new: [UInt8]) {
      report = sendsRanges && live.session.hasProgram ? live.apply([smallestEdit(text, new)]) : live.replace(new)
      text = new
      live.disk.update { $0["main.lang"] = new }
    }
    func describeState() -> String {
      let state = live.monitor.value
      let panics = state.panics.map { "\npanicked: \($0.message)" }.joined()
      return "waiting \(state.isWaiting), paused \(state.isPaused), exit \(state.exit.map { "\($0)" } ?? "none")\(panics)\nprinted: "
        + String(decoding: state.output, as: UTF8.self)
    }
    var index = 0
    while index < steps.count {
      let step = steps[index]
      switch step.word {
      case "file:" where !live.session.hasProgram && text.isEmpty:
        live.disk.update { $0[step.rest] = step.text }
      case "file:", "gone:", "moved:":
        var edits: [FileEdit] = []
        while true {
          let step = steps[index]
          switch step.word {
          case "file:":
            let old = live.disk.update { $0.updateValue(step.text, forKey: step.rest) }
            if step.rest == "main.lang" { text = step.text }
            // A range counts on a text that the session has.
            if let old, sendsRanges, live.session.watchedFiles().contains(where: { $0.path == step.rest && $0.text == old }) { edits.append(smallestEdit(old, step.text, path: step.rest)) }
            else { edits.append(.replaceAll(path: step.rest, text: step.text)) }
          case "gone:":
            live.disk.update { $0[step.rest] = nil }
            edits.append(.remove(path: step.rest))
          default:
            let names = parts(step.rest, " => ")
            guard names.count == 2, let old = live.disk.update({ $0.removeValue(forKey: names[0]) }) else {
              fail(step, "there is no such file")
              break
            }
            live.disk.update { $0[names[1]] = old }
            edits += [.remove(path: names[0]), .replaceAll(path: names[1], text: old)]
          }
          guard index + 1 < steps.count, ["file:", "gone:", "moved:"].contains(steps[index + 1].word) else { break }
          index += 1
        }
        report = live.apply(edits)
      case "program":
        text = step.text
        live.disk.update { $0["main.lang"] = step.text }
        startErrors = live.load(text)
        compiled = live.session.tables.compiled
      case "turns":
        if !live.take(Int(step.rest) ?? 1) { fail(step, "the turns are not over; \(describeState())") }
      case "go":
        live.monitor.update {
          $0.turns += Int(step.rest) ?? 1
          $0.isWaiting = false
        }
        live.session.wake()
      case "output":
        _ = live.monitor.wait { lines(String(decoding: $0.output, as: UTF8.self)) == step.body || $0.isAtRest }
        expect(index, step.rest, lines(live.takeOutput()))
      case "wait":
        if !live.monitor.wait(until: { String(decoding: $0.output, as: UTF8.self).contains(step.rest) }) {
          fail(step, "was not printed; \(describeState())")
        }
      case "edit": send(step.text)
      case "replace":
        var new = String(decoding: text, as: UTF8.self)
        while true {
          let sides = parts(steps[index].rest, " => ")
          guard sides.count == 2, !parts(new, sides[0]).dropFirst().isEmpty else {
            fail(steps[index], "nothing to replace")
            break
          }
          new = parts(new, sides[0]).joined(separator: sides[1])
          guard index + 1 < steps.count, steps[index + 1].word == "replace" else { break }
          index += 1
        }
        send(Array(new.utf8))
      case "report": expect(index, describe(report), report.notes.map { "note: " + $0 })
      case "then":
        let id = report.id
        if live.monitor.wait(until: { $0.reports.contains { $0.id == id && $0.status != .pending } }) {
          report = live.monitor.value.reports.last { $0.id == id && $0.status != .pending } ?? report
          expect(index, describe(report), report.notes.map { "note: " + $0 })
        } else {
          fail(step, "the edit is pending still; \(describeState())")
        }
      case "compiled":
        let count = live.session.tables.compiled
        expect(index, "\(count - compiled)", [])
        compiled = count
      case "collect": live.session.collectStale()
      case "errors": expect(index, startErrors.map(\.code.rawValue).joined(separator: " "), [])
      case "panic":
        if !live.monitor.wait(until: { $0.panics.count > seenPanics }) {
          fail(step, "no panic; \(describeState())")
        } else {
          let panic = live.monitor.value.panics[seenPanics]
          let message = panic.message + (step.rest.contains(" in line ") ? " in line \(panic.line)" : "")
          if Filetest.isUpdating { expect(index, message, []) }
          else if !message.contains(step.rest) { fail(step, "panicked with: \(message)") }
          seenPanics += 1
        }
      case "interrupt":
        Threads.start { [monitor = live.monitor, session = live.session] in
          if monitor.wait(until: { String(decoding: $0.output, as: UTF8.self).contains(step.rest) }) { session.requestInterrupt() }
        }
      case "paused":
        if !live.monitor.wait(until: \.isPaused) { fail(step, describeState()) }
      case "restart":
        if !live.restart(isAnywhere: step.rest == "anywhere") { fail(step, "has not restarted; \(describeState())") }
      case "start": live.start()
      case "finished":
        if live.monitor.wait(until: { $0.exit != nil }) {
          expect(index, "\(live.monitor.value.exit ?? 0)", [])
        } else {
          fail(step, describeState())
        }
      default: fail(step, "there is no such step")
      }
      index += 1
    }
    if live.monitor.value.panics.count > seenPanics {
      Issue.record("\(path): a panic that no step expects\n\(describeState())")
    }
    if !live.stop() { Issue.record("\(path): the program does not stop\n\(describeState())") }
    live.checkEvents(path)
    if Filetest.isUpdating { write() }
  }

  private mutating func expect(_ index: Int, _ rest: String, _ body: [String]) {
    if steps[index].rest == rest, steps[index].body == body { return }
    if Filetest.isUpdating {
      steps[index].rest = rest
      steps[index].body = body
    } else {
      let step = steps[index]
      Issue.record(
        "\(path):\(step.line): \(step.word)\n\(difference([step.word + " " + step.rest] + step.body, [step.word + " " + rest] + body))")
    }
  }

  private func describe(_ report: CascadeReport) -> String {
    var words = [report.status.rawValue]
    words += report.diagnostics.map(\.code.rawValue)
    if !report.changed.isEmpty { words.append("changed=" + report.changed.joined(separator: ",")) }
    if !report.recompiled.isEmpty { words.append("recompiled=" + report.recompiled.joined(separator: ",")) }
    if report.expanded > 0 { words.append("expanded=\(report.expanded)") }
    if report.shortCircuited > 0 { words.append("shortCircuited=\(report.shortCircuited)") }
    if !report.stale.isEmpty { words.append("stale=" + report.stale.map { "\($0.type):\($0.live)" }.joined(separator: ",")) }
    if !report.migrated.isEmpty { words.append("migrated=" + report.migrated.map { "\($0.type):\($0.live)" }.joined(separator: ",")) }
    return words.joined(separator: " ")
  }

  private func write() {
    var out = head
    for step in steps {
      out.append(";; ==== " + step.word + (step.rest.isEmpty ? "" : " " + step.rest))
      out += step.body
      out += Array(repeating: "", count: step.blanks)
    }
    writeFile(path, Array(out.map { $0 + "\n" }.joined().utf8))
  }
}

/// The text cut at every occurrence of `separator`.
func parts(_ text: String, _ separator: String) -> [String] {
  let bytes = Array(text.utf8), cut = Array(separator.utf8)
  var found: [String] = []
  var start = 0
  var i = 0
  while !cut.isEmpty, i + cut.count <= bytes.count {
    if bytes[i] == cut[0], bytes[i..<i + cut.count].elementsEqual(cut) {
      found.append(String(decoding: bytes[start..<i], as: UTF8.self))
      i += cut.count
      start = i
    } else {
      i += 1
    }
  }
  return found + [String(decoding: bytes[start...], as: UTF8.self)]
}
