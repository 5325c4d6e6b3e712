// What evaluating gave, as JSON and back: `{"kind":"value","text":"49","type":"Int"}`.

import Frontend
import Session

extension Evaluated {
  func write(_ name: String, to out: inout JSONWriter) {
    out.object(name) { out in
      switch self {
      case .value(let text, let type):
        out.field("kind", "value")
        if let text { out.field("text", text) }
        out.field("type", type)
      case .unit: out.field("kind", "unit")
      case .defined(let names):
        out.field("kind", "defined")
        out.field("names", names)
      case .problems(let problems):
        out.field("kind", "problems")
        Self.write(problems, to: &out)
      case .panic(let panic):
        out.field("kind", "panic")
        out.field("message", panic.message)
        out.field("function", panic.function)
        out.field("file", panic.file)
        out.field("line", panic.line)
        out.field("interrupt", panic.isInterrupt)
        out.field("omitted", panic.omitted)
        out.field("omittedAt", panic.omittedAt)
        out.array("trace") { out in
          for entry in panic.trace {
            out.object { out in
              out.field("function", entry.function)
              out.field("file", entry.file)
              out.field("line", entry.line)
            }
          }
        }
      case .note(let text):
        out.field("kind", "note")
        out.field("text", text)
      case .exit(let code):
        out.field("kind", "exit")
        out.field("code", code)
      }
    }
  }

  /// `diagnostics`, and beside each what it looks like to people.
  static func write(_ problems: [LocatedDiagnostic], to out: inout JSONWriter) {
    out.array("diagnostics") { out in for problem in problems { out.raw(problem.json) } }
    out.field("rendered", problems.map { plain($0.terminal) })
  }

  static func problems(_ value: JSONValue) -> [LocatedDiagnostic] {
    let rendered = value["rendered"]?.array ?? []
    return (value["diagnostics"]?.array ?? []).enumerated().map { i, diagnostic in
      LocatedDiagnostic(
        json: diagnostic.text, terminal: i < rendered.count ? rendered[i].string ?? "" : "",
        severity: diagnostic["severity"]?.string == Severity.warning.rawValue ? .warning : .error,
        code: diagnostic["code"]?.string.flatMap { DiagnosticCode(rawValue: $0) } ?? .cannotApplyLive)
    }
  }

  /// nil for what this version does not know.
  public init?(_ value: JSONValue) {
    switch value["kind"]?.string {
    case "value": self = .value(text: value["text"]?.string, type: value["type"]?.string ?? "")
    case "unit": self = .unit
    case "defined": self = .defined(value["names"]?.array?.compactMap(\.string) ?? [])
    case "problems": self = .problems(Self.problems(value))
    case "panic": self = .panic(Self.panic(value))
    case "note": self = .note(value["text"]?.string ?? "")
    case "exit": self = .exit(value["code"]?.integer ?? 0)
    default: return nil
    }
  }

  private static func panic(_ value: JSONValue) -> PanicReport {
    PanicReport(
      message: value["message"]?.string ?? "", function: value["function"]?.string ?? "", file: value["file"]?.string ?? "",
      line: value["line"]?.integer ?? 0,
      trace: (value["trace"]?.array ?? []).map {
        TraceEntry(function: $0["function"]?.string ?? "", file: $0["file"]?.string ?? "", line: $0["line"]?.integer ?? 0)
      },
      omitted: value["omitted"]?.integer ?? 0, omittedAt: value["omittedAt"]?.integer ?? 0, isPaused: false,
      isInterrupt: value["interrupt"]?.bool ?? false)
  }
}

extension Expanded {
  /// Fields of the object that is being written.
  func write(to out: inout JSONWriter) {
    switch self {
    case .forms(let step, let full):
      if let step { out.field("step", step) }
      out.field("full", full)
    case .nothing: out.field("full", "")
    case .problems(let problems): Evaluated.write(problems, to: &out)
    }
  }

  init?(_ answer: JSONValue) {
    if answer["diagnostics"] != nil {
      self = .problems(Evaluated.problems(answer))
    } else if let full = answer["full"]?.string {
      self = full.isEmpty ? .nothing : .forms(step: answer["step"]?.string, full: full)
    } else {
      return nil
    }
  }
}

/// A text without the escape sequences that colour it.
func plain(_ text: String) -> String {
  guard text.utf8.contains(0x1b) else { return text }
  var out: [UInt8] = []
  var isEscape = false
  for byte in text.utf8 {
    if byte == 0x1b { isEscape = true }
    if !isEscape { out.append(byte) }
    if isEscape, byte == UInt8(ascii: "m") { isEscape = false }
  }
  return String(decoding: out, as: UTF8.self)
}
