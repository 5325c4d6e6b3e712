// What a client may ask, one JSON object a line; docs/protocol.md is the reference.

import Frontend
import Session

struct Request: Sendable {
  enum Action: Sendable {
    // Answered at once.
    case status, restart, quit, interrupt
    case subscribe(Bool)
    // Done one after the other, in the order they came.
    case edit([FileRequest])
    case evaluate(text: [UInt8], name: String, isFile: Bool)
    case type([UInt8]), expand([UInt8])
    case documentation(String), disassemble(String)
    case names

    var isDoneAtOnce: Bool {
      switch self {
      case .status, .restart, .quit, .interrupt, .subscribe: true
      case .edit, .evaluate, .type, .expand, .documentation, .disassemble, .names: false
      }
    }
  }

  struct FileRequest: Sendable {
    var file: String
    var change: ClientEdit.Change
  }

  /// Given back with the answer: a number or a string, else null.
  var id: JSONValue
  var action: Action

  /// What is wrong with a request, and its id as far as it has one.
  struct Malformed: Error {
    var id: JSONValue
    var message: String
  }

  static let actions = [
    "status", "restart", "quit", "subscribe", "unsubscribe", "interrupt", "edit", "evaluate", "type", "expand", "documentation",
    "disassemble", "names",
  ]

  static func read(_ line: ArraySlice<UInt8>) -> Result<Request, Malformed> {
    switch JSONReader.read(line) {
    case .failure(let problem):
      return .failure(Malformed(id: .null, message: "this is no JSON: \(problem.message), at byte \(problem.offset + 1) of the line"))
    case .success(let value):
      var id = JSONValue.null
      switch value["id"] {
      case .integer(let number)?: id = .integer(number)
      case .string(let text)? where text.count <= 256: id = .string(text)
      default: break
      }
      do throws(Problem) {
        return .success(Request(id: id, action: try action(value)))
      } catch {
        return .failure(Malformed(id: id, message: error.message))
      }
    }
  }

  private struct Problem: Error { var message: String }

  private static func action(_ value: JSONValue) throws(Problem) -> Action {
    guard case .object = value else { throw Problem(message: "a request is an object such as {\"id\":1,\"do\":\"status\"}") }
    guard let name = value["do"]?.string else { throw Problem(message: "the field `do` is missing, which says what to do") }
    switch name {
    case "status": return .status
    case "restart": return .restart
    case "quit": return .quit
    case "interrupt": return .interrupt
    case "subscribe": return .subscribe(true)
    case "unsubscribe": return .subscribe(false)
    case "edit": return .edit(try edits(value))
    case "evaluate": return .evaluate(text: try text("text", value), name: value["name"]?.string ?? "input", isFile: value["isFile"]?.bool ?? false)
    case "type": return .type(try text("text", value))
    case "expand": return .expand(try text("text", value))
    case "documentation": return .documentation(try string("name", value))
    case "disassemble": return .disassemble(try string("name", value))
    case "names": return .names
    default:
      let near = closestName(to: name, among: actions).map { "; did you mean `\($0)`?" } ?? "; there are: " + actions.joined(separator: ", ")
      throw Problem(message: "there is nothing called `\(name)` to do" + near)
    }
  }

  private static func text(_ field: String, _ value: JSONValue) throws(Problem) -> [UInt8] {
    guard let text = value[field]?.bytes else { throw Problem(message: "the field `\(field)` is missing or no string") }
    return text
  }

  private static func string(_ field: String, _ value: JSONValue) throws(Problem) -> String {
    String(decoding: try text(field, value), as: UTF8.self)
  }

  private static func edits(_ value: JSONValue) throws(Problem) -> [FileRequest] {
    guard let items = value["edits"]?.array else { throw Problem(message: "the field `edits` is missing or no array") }
    var edits: [FileRequest] = []
    for item in items {
      let file = try string("file", item)
      if file.utf8.contains(0) || file.isEmpty { throw Problem(message: "an edit's `file` is no path") }
      if item["remove"]?.bool == true {
        edits.append(FileRequest(file: file, change: .remove))
        continue
      }
      let text = try text("text", item)
      guard let range = item["range"] else {
        edits.append(FileRequest(file: file, change: .text(text)))
        continue
      }
      edits.append(FileRequest(file: file, change: .range(try self.range(range), text: text)))
    }
    return edits
  }

  private static func range(_ value: JSONValue) throws(Problem) -> TextRange {
    if let start = value["start"]?.integer, let end = value["end"]?.integer, start >= 0, start <= end { return .bytes(start..<end) }
    if let start = position(value["start"]), let end = position(value["end"]) { return .positions(start: start, end: end) }
    throw Problem(
      message: "a range is {\"start\":0,\"end\":3} in bytes, or {\"start\":{\"line\":1,\"column\":1},\"end\":{\"line\":1,\"column\":4}}")
  }

  private static func position(_ value: JSONValue?) -> SourcePosition? {
    guard let line = value?["line"]?.integer, let column = value?["column"]?.integer, line > 0, column > 0 else { return nil }
    return SourcePosition(line: line, column: column)
  }
}

/// An answer: `{"id":1,"ok":true,…}`, or `{"id":1,"ok":false,"error":"…"}`, with its newline.
func answer(_ id: JSONValue, _ body: (inout JSONWriter) -> Void = { _ in }) -> [UInt8] {
  line { out in
    out.key("id")
    id.write(to: &out)
    out.field("ok", true)
    body(&out)
  }
}

func answer(_ id: JSONValue, failure: String) -> [UInt8] {
  line { out in
    out.key("id")
    id.write(to: &out)
    out.field("ok", false)
    out.field("error", failure)
  }
}

/// An object as a line of its own.
func line(_ body: (inout JSONWriter) -> Void) -> [UInt8] {
  var out = JSONWriter()
  out.object(body)
  return out.bytes + [0x0a]
}
