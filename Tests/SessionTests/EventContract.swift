// The JSON of events against the contract: it parses, and has the fields it must have and no others.

import Testing

enum JSON: Equatable {
  case null, bool(Bool), number(String), string(String), array([JSON]), object([(String, JSON)])

  static func == (a: JSON, b: JSON) -> Bool { "\(a)" == "\(b)" }

  var fields: [(String, JSON)] { if case .object(let fields) = self { fields } else { [] } }
  subscript(name: String) -> JSON? { fields.first { $0.0 == name }?.1 }
  var keys: Set<String> { Set(fields.map(\.0)) }
  var items: [JSON] { if case .array(let items) = self { items } else { [] } }
  var isInteger: Bool { if case .number(let text) = self { Int(text) != nil } else { false } }
  /// With one decimal, as times are.
  var isTenths: Bool {
    guard case .number(let text) = self, let point = text.firstIndex(of: ".") else { return false }
    return text.distance(from: point, to: text.endIndex) == 2 && Double(text) != nil
  }
  var string: String? { if case .string(let text) = self { text } else { nil } }
}

/// A strict reader of RFC 8259.
struct JSONParser {
  private let text: [UInt8]
  private var at = 0
  struct Malformed: Error { var offset: Int }

  static func parse(_ text: String) throws -> JSON {
    var parser = JSONParser(text: Array(text.utf8))
    let value = try parser.value()
    guard parser.at == parser.text.count else { throw Malformed(offset: parser.at) }
    return value
  }

  private init(text: [UInt8]) { self.text = text }

  private mutating func blanks() {
    while at < text.count, [32, 9, 10, 13].contains(text[at]) { at += 1 }
  }

  private mutating func take(_ byte: Character) -> Bool {
    blanks()
    guard at < text.count, text[at] == byte.asciiValue else { return false }
    at += 1
    return true
  }

  private mutating func need(_ byte: Character) throws { if !take(byte) { throw Malformed(offset: at) } }

  private mutating func word(_ word: String) -> Bool {
    guard text[at...].starts(with: word.utf8) else { return false }
    at += word.utf8.count
    return true
  }

  private mutating func value() throws -> JSON {
    defer { blanks() }
    if take("{") {
      var fields: [(String, JSON)] = []
      if take("}") { return .object([]) }
      repeat {
        blanks()
        let name = try string()
        guard !fields.contains(where: { $0.0 == name }) else { throw Malformed(offset: at) }
        try need(":")
        fields.append((name, try value()))
      } while take(",")
      try need("}")
      return .object(fields)
    }
    if take("[") {
      var items: [JSON] = []
      if take("]") { return .array([]) }
      repeat { items.append(try value()) } while take(",")
      try need("]")
      return .array(items)
    }
    blanks()
    guard at < text.count else { throw Malformed(offset: at) }
    if text[at] == UInt8(ascii: "\"") { return .string(try string()) }
    if word("true") { return .bool(true) }
    if word("false") { return .bool(false) }
    if word("null") { return .null }
    let start = at
    while at < text.count, "+-.0123456789eE".utf8.contains(text[at]) { at += 1 }
    let number = String(decoding: text[start..<at], as: UTF8.self)
    guard Double(number) != nil, number.first != "+", number.first != "." else { throw Malformed(offset: start) }
    return .number(number)
  }

  private mutating func string() throws -> String {
    guard at < text.count, text[at] == UInt8(ascii: "\"") else { throw Malformed(offset: at) }
    at += 1
    var units: [UInt16] = []
    var bytes: [UInt8] = []
    var out = ""
    func malformed() -> Malformed { Malformed(offset: at) }
    while true {
      guard at < text.count, text[at] >= 0x20 else { throw malformed() }
      let byte = text[at]
      at += 1
      if byte != UInt8(ascii: "\\"), !units.isEmpty {
        out += String(decoding: units, as: UTF16.self)
        units = []
      }
      if byte == UInt8(ascii: "\"") { break }
      guard byte == UInt8(ascii: "\\") else {
        bytes.append(byte)
        continue
      }
      if !bytes.isEmpty {
        guard let valid = String(validating: bytes, as: UTF8.self) else { throw malformed() }
        out += valid
        bytes = []
      }
      guard at < text.count else { throw malformed() }
      let escape = Character(Unicode.Scalar(text[at]))
      at += 1
      switch escape {
      case "\"", "\\", "/": units += String(escape).utf16
      case "n": units.append(10)
      case "t": units.append(9)
      case "r": units.append(13)
      case "b": units.append(8)
      case "f": units.append(12)
      case "u":
        guard at + 4 <= text.count, let unit = UInt16(String(decoding: text[at..<at + 4], as: UTF8.self), radix: 16) else {
          throw malformed()
        }
        units.append(unit)
        at += 4
      default: throw malformed()
      }
    }
    guard let valid = String(validating: bytes, as: UTF8.self) else { throw malformed() }
    return out + valid
  }
}

/// Holds one line of `--report json` against CLI.md.
func expectContract(_ line: String, _ name: String) {
  func fail(_ what: String) { Issue.record("\(name): \(what)\n\(line)") }
  func need(_ value: JSON, _ keys: Set<String>, optional: Set<String> = []) {
    if !value.keys.subtracting(optional).symmetricDifference(keys).isEmpty {
      fail("fields are \(value.keys.sorted()), not \(keys.sorted())")
    }
  }
  func needRange(_ range: JSON?) {
    guard let range else { return fail("a range is missing") }
    need(range, ["start", "end"])
    for (_, end) in range.fields {
      need(end, ["line", "column"])
      for (_, number) in end.fields where !number.isInteger { fail("a place is not a number") }
    }
  }
  func needDiagnostic(_ value: JSON) {
    need(value, ["severity", "code", "message", "file", "range", "labels"], optional: ["help"])
    needRange(value["range"])
    for label in value["labels"]?.items ?? [] {
      // A label in another file says which.
      need(label, ["range", "message"], optional: ["file"])
      needRange(label["range"])
    }
  }
  guard !line.contains("\n") else { return fail("more than one line") }
  guard let event = try? JSONParser.parse(line) else { return fail("not JSON") }
  switch event["event"]?.string {
  case "started":
    need(event, ["event", "functions", "micros"])
    if event["micros"]?.isTenths != true && event["micros"]?.isInteger != true { fail("micros is not a number") }
  case "cascade":
    let status = event["status"]?.string ?? ""
    var keys: Set = [
      "event", "status", "id", "changed", "recompiled", "expanded", "shortCircuited", "stale", "migrated", "notes", "micros",
    ]
    if status == "refused" { keys.insert("diagnostics") }
    need(event, keys)
    if !["committed", "refused", "pending"].contains(status) { fail("status \(status)") }
    for field in ["id", "expanded", "shortCircuited"] where event[field]?.isInteger != true { fail("\(field) is not an integer") }
    for field in ["changed", "recompiled", "notes"] {
      for item in event[field]?.items ?? [] where item.string == nil { fail("\(field) holds no strings") }
    }
    let micros = event["micros"] ?? .null
    need(micros, ["read", "expand", "check", "lower", "commit", "total"])
    for (phase, time) in micros.fields where !time.isTenths { fail("\(phase) has not one decimal") }
    for diagnostic in event["diagnostics"]?.items ?? [] { needDiagnostic(diagnostic) }
  case "stale": need(event, ["event", "type", "live", "message"])
  case "panic":
    need(event, ["event", "message", "function", "file", "line", "trace", "state"])
    if event["line"]?.isInteger != true { fail("line is not a number") }
  case "restarted": need(event, ["event", "micros"])
  case "finished": need(event, ["event", "exit"])
  case nil where event["severity"] != nil: needDiagnostic(event)
  default: fail("unknown event")
  }
}
