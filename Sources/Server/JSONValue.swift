// Reading the JSON of requests and answers (RFC 8259), bounded in every direction: whatever bytes come in, it ends
// in time and space proportional to them, and nests at most `maxDepth` deep.
//
// Strings stay bytes, since most of them are the texts of files.

import Frontend

public indirect enum JSONValue: Equatable, Sendable {
  case null
  case bool(Bool)
  case integer(Int)
  /// A number that is no integer, or none that fits.
  case number(Double)
  case string([UInt8])
  case array([JSONValue])
  /// In the order of the text. Of two fields of one name the last counts.
  case object([Field])

  public struct Field: Equatable, Sendable {
    public var name: String
    public var value: JSONValue
  }

  public subscript(name: String) -> JSONValue? {
    if case .object(let fields) = self { fields.last { $0.name == name }?.value } else { nil }
  }

  public var integer: Int? { if case .integer(let number) = self { number } else { nil } }
  public var bool: Bool? { if case .bool(let flag) = self { flag } else { nil } }
  public var bytes: [UInt8]? { if case .string(let bytes) = self { bytes } else { nil } }
  public var string: String? { bytes.map { String(decoding: $0, as: UTF8.self) } }
  public var array: [JSONValue]? { if case .array(let items) = self { items } else { nil } }

  /// Writes it as the next value.
  public func write(to out: inout JSONWriter) {
    switch self {
    case .null: out.null()
    case .bool(let flag): out.value(flag)
    case .integer(let number): out.value(number)
    case .number(let number): out.raw("\(number)")
    case .string(let bytes): out.value(String(decoding: bytes, as: UTF8.self))
    case .array(let items): out.array { out in for item in items { item.write(to: &out) } }
    case .object(let fields):
      out.object { out in
        for field in fields {
          out.key(field.name)
          field.value.write(to: &out)
        }
      }
    }
  }

  /// One line of JSON.
  public var text: String {
    var out = JSONWriter()
    write(to: &out)
    return out.text
  }
}

public struct JSONProblem: Error, Equatable, Sendable {
  /// In bytes from the start of the text.
  public var offset: Int
  public var message: String
}

public struct JSONReader {
  public static let maxDepth = 32
  private let text: ArraySlice<UInt8>
  private var at: Int
  private var depth = 0

  /// The value that `text` holds, and nothing behind it.
  public static func read(_ text: ArraySlice<UInt8>) -> Result<JSONValue, JSONProblem> {
    var reader = JSONReader(text: text, at: text.startIndex)
    do throws(JSONProblem) {
      let value = try reader.value()
      if reader.at < text.endIndex { throw reader.problem("nothing may stand behind the value") }
      return .success(value)
    } catch {
      return .failure(error)
    }
  }

  public static func read(_ text: [UInt8]) -> Result<JSONValue, JSONProblem> { read(text[...]) }

  private init(text: ArraySlice<UInt8>, at: Int) {
    self.text = text
    self.at = at
  }

  private func problem(_ message: String) -> JSONProblem { JSONProblem(offset: at - text.startIndex, message: message) }

  private mutating func skipBlanks() {
    while at < text.endIndex, text[at] == 0x20 || text[at] == 0x09 || text[at] == 0x0a || text[at] == 0x0d { at += 1 }
  }

  private mutating func take(_ byte: UInt8) -> Bool {
    skipBlanks()
    guard at < text.endIndex, text[at] == byte else { return false }
    at += 1
    return true
  }

  private mutating func need(_ byte: UInt8) throws(JSONProblem) {
    if !take(byte) { throw problem("`\(Character(Unicode.Scalar(byte)))` is missing") }
  }

  private mutating func value() throws(JSONProblem) -> JSONValue {
    skipBlanks()
    guard at < text.endIndex else { throw problem("the text ends where a value has to be") }
    depth += 1
    if depth > Self.maxDepth { throw problem("values are nested more than \(Self.maxDepth) deep") }
    defer {
      depth -= 1
      skipBlanks()
    }
    switch text[at] {
    case UInt8(ascii: "{"): return try object()
    case UInt8(ascii: "["): return try array()
    case UInt8(ascii: "\""): return .string(try string())
    case UInt8(ascii: "t"): return try word("true", .bool(true))
    case UInt8(ascii: "f"): return try word("false", .bool(false))
    case UInt8(ascii: "n"): return try word("null", .null)
    case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return try number()
    default: throw problem("this begins no value")
    }
  }

  private mutating func object() throws(JSONProblem) -> JSONValue {
    at += 1
    var fields: [JSONValue.Field] = []
    if take(UInt8(ascii: "}")) { return .object(fields) }
    repeat {
      skipBlanks()
      guard at < text.endIndex, text[at] == UInt8(ascii: "\"") else { throw problem("a field's name is missing") }
      let name = String(decoding: try string(), as: UTF8.self)
      try need(UInt8(ascii: ":"))
      fields.append(JSONValue.Field(name: name, value: try value()))
    } while take(UInt8(ascii: ","))
    try need(UInt8(ascii: "}"))
    return .object(fields)
  }

  private mutating func array() throws(JSONProblem) -> JSONValue {
    at += 1
    var items: [JSONValue] = []
    if take(UInt8(ascii: "]")) { return .array(items) }
    repeat { items.append(try value()) } while take(UInt8(ascii: ","))
    try need(UInt8(ascii: "]"))
    return .array(items)
  }

  private mutating func word(_ word: StaticString, _ value: JSONValue) throws(JSONProblem) -> JSONValue {
    let spelling = "\(word)".utf8
    guard text[at...].starts(with: spelling) else { throw problem("this begins no value") }
    at += spelling.count
    return value
  }

  private mutating func digits() throws(JSONProblem) {
    let start = at
    while at < text.endIndex, text[at] >= 0x30, text[at] <= 0x39 { at += 1 }
    if at == start { throw problem("a digit is missing") }
  }

  private mutating func number() throws(JSONProblem) -> JSONValue {
    let start = at
    if text[at] == UInt8(ascii: "-") { at += 1 }
    let first = at
    try digits()
    if text[first] == UInt8(ascii: "0"), at > first + 1 { throw problem("a number begins with 0") }
    var isInteger = true
    if at < text.endIndex, text[at] == UInt8(ascii: ".") {
      at += 1
      isInteger = false
      try digits()
    }
    if at < text.endIndex, text[at] | 0x20 == UInt8(ascii: "e") {
      at += 1
      isInteger = false
      if at < text.endIndex, text[at] == UInt8(ascii: "+") || text[at] == UInt8(ascii: "-") { at += 1 }
      try digits()
    }
    let spelling = String(decoding: text[start..<at], as: UTF8.self)
    if isInteger, let number = Int(spelling) { return .integer(number) }
    // More digits than a number needs would only cost time.
    guard at - start <= 400, let number = Double(spelling) else { throw problem("a number is too long") }
    return .number(number)
  }

  private mutating func string() throws(JSONProblem) -> [UInt8] {
    at += 1
    var out: [UInt8] = []
    while true {
      let start = at
      while at < text.endIndex, text[at] >= 0x20, text[at] != UInt8(ascii: "\""), text[at] != UInt8(ascii: "\\") { at += 1 }
      out.append(contentsOf: text[start..<at])
      guard at < text.endIndex else { throw problem("a string has no end") }
      if text[at] < 0x20 { throw problem("a control character has to be written as an escape") }
      at += 1
      if text[at - 1] == UInt8(ascii: "\"") { return out }
      try escape(&out)
    }
  }

  private mutating func escape(_ out: inout [UInt8]) throws(JSONProblem) {
    guard at < text.endIndex else { throw problem("a string has no end") }
    let letter = text[at]
    at += 1
    switch letter {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): out.append(letter)
    case UInt8(ascii: "n"): out.append(0x0a)
    case UInt8(ascii: "t"): out.append(0x09)
    case UInt8(ascii: "r"): out.append(0x0d)
    case UInt8(ascii: "b"): out.append(0x08)
    case UInt8(ascii: "f"): out.append(0x0c)
    case UInt8(ascii: "u"):
      let unit = try hex()
      var scalar = Unicode.Scalar(unit)
      if unit & 0xfc00 == 0xd800, text[at...].starts(with: "\\u".utf8) {
        let before = at
        at += 2
        let low = try hex()
        if low & 0xfc00 == 0xdc00 {
          scalar = Unicode.Scalar(0x10000 + (unit & 0x3ff) << 10 + low & 0x3ff)
        } else {
          at = before
        }
      }
      // Half of a pair is no character.
      out.append(contentsOf: String(Character(scalar ?? "\u{fffd}")).utf8)
    default: throw problem("there is no such escape")
    }
  }

  private mutating func hex() throws(JSONProblem) -> UInt32 {
    var value: UInt32 = 0
    for _ in 0..<4 {
      guard at < text.endIndex, let digit = Character(Unicode.Scalar(text[at])).hexDigitValue, text[at] < 0x80 else {
        throw problem("four hexadecimal digits have to follow `\\u`")
      }
      value = value << 4 | UInt32(digit)
      at += 1
    }
    return value
  }
}
