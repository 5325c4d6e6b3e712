// Strings, numbers as text, and the way back.

import Runtime
import Testing

@Suite struct TextTests {
  let machine: Machine
  init() throws { machine = try makeMachine() }

  func float(_ value: Double) -> String? { unsafe machine.added(Primitives.textAddFloat, value.bitPattern) }
  func float32(_ value: Float) -> String? { unsafe machine.added(Primitives.textAddF32, Double(value).bitPattern) }

  @Test(arguments: [
    (3.0, "3.0"), (0.1, "0.1"), (-0.0, "-0.0"), (0.0, "0.0"), (1e21, "1e21"), (1e-7, "1e-7"), (1e20, "100000000000000000000.0"),
    (123456789012345680000.0, "123456789012345680000.0"), (1e-6, "0.000001"), (1.5e-6, "0.0000015"), (1.25e-7, "1.25e-7"),
    (.infinity, "inf"), (-.infinity, "-inf"), (.nan, "nan"), (.leastNonzeroMagnitude, "5e-324"), (1.7976931348623157e308, "1.7976931348623157e308"),
    (0.30000000000000004, "0.30000000000000004"), (9007199254740992, "9007199254740992.0"), (1e15, "1000000000000000.0"),
    (1e16, "10000000000000000.0"), (12345.678, "12345.678"), (-1.5, "-1.5"), (100, "100.0"), (2.5e22, "2.5e22"), (0.001, "0.001"),
  ])
  func floatTable(value: Double, text: String) { #expect(float(value) == text) }

  @Test func float32Table() {
    #expect(float32(0.1) == "0.1")
    #expect(float32(16777216) == "16777216.0")
    #expect(float32(3.4028235e38) == "3.4028235e38")
    #expect(float32(.leastNonzeroMagnitude) == "1e-45")
    #expect(float32(1e21) == "1e21")
  }

  @Test func floatsReadBackTheSame() {
    let seed: UInt64 = 42
    var random = Random(seed: seed)
    for _ in 0..<100_000 {
      let value = Double(bitPattern: random.next64())
      guard value.isFinite, let text = float(value) else { continue }
      guard Double(text)?.bitPattern == value.bitPattern, text.utf8.contains(46) || text.utf8.contains(101) else {
        Issue.record("\(value) gave \(text), seed \(seed)")
        return
      }
      guard let back = unsafe machine.call(Primitives.stringParseFloat, machine.string(text)), back[0] == 1, back[1] == value.bitPattern else {
        Issue.record("\(text) does not parse back, seed \(seed)")
        return
      }
    }
    for _ in 0..<50_000 {
      let value = Float(bitPattern: random.next())
      guard value.isFinite, let text = float32(value) else { continue }
      if Float(text)?.bitPattern != value.bitPattern { Issue.record("\(value) gave \(text), seed \(seed)"); return }
    }
  }

  @Test(arguments: [
    (1.0, 2, "1.00"), (2.5, 0, "2"), (-0.125, 2, "-0.12"), (1e300, 0, nil), (.nan, 2, "nan"), (-.infinity, 3, "-inf"),
    (123.456, 1, "123.5"), (0.5, 100, nil),
  ] as [(Double, Int, String?)])
  func fixed(value: Double, digits: Int, text: String?) {
    let made = unsafe machine.added(Primitives.textAddFixed, value.bitPattern, bits(digits))
    #expect(made != nil)
    if let text { #expect(made == text) }
    #expect(unsafe machine.added(Primitives.textAddFixed, value.bitPattern, bits(-1)) == nil)
  }

  @Test(arguments: [
    (255, 16, "ff"), (255, 16 + 256, "FF"), (5, 2, "101"), (8, 8, "10"), (0, 2, "0"), (0, 16, "0"), (-1, 16, "ffffffffffffffff"),
    (-1, 8, "1777777777777777777777"), (1, 10, nil), (1, 0, nil),
  ] as [(Int, Int, String?)])
  func radix(value: Int, base: Int, text: String?) {
    #expect(unsafe machine.added(Primitives.textAddRadix, bits(value), bits(base)) == text)
  }

  @Test(arguments: [
    ("ab", 5, 1, ".", "ab..."), ("ab", 5, 2, ".", "...ab"), ("ab", 5, 3, ".", ".ab.."), ("-42", 6, 4, "0", "-00042"),
    ("42", 5, 4, "0", "00042"), ("é", 3, 2, " ", "  é"), ("long", 2, 2, " ", "long"), ("", 2, 3, "*", "**"),
  ] as [(String, Int, Int, String, String)])
  func padded(text: String, width: Int, alignment: Int, filler: String, result: String) throws {
    let vector = unsafe Vectors.make(machine.state, DescriptorTable.byteVector)
    for part in ["éx", text] {
      #expect(unsafe machine.call(Primitives.textAddString, vector, machine.string(part)) != nil)
    }
    let spec = bits(width | alignment << 8)
    let fill = UInt64(try #require(filler.utf8.first))
    #expect(unsafe machine.call(Primitives.textPad, vector, 3, spec, fill) != nil)
    let made = try #require(unsafe machine.call(Primitives.textToString, vector))
    #expect(Strings.text(made[0]) == "éx" + result)
    #expect(unsafe machine.call(Primitives.textPad, vector, 99, spec, fill) == nil)
  }

  @Test func integers() {
    for n in [0, 1, -1, 9, 10, 99, Int.max, Int.min] {
      #expect(unsafe machine.added(Primitives.textAddInt, bits(n)) == String(n))
      #expect(unsafe machine.added(Primitives.textAddUInt, bits(n)) == String(UInt(bitPattern: n)))
    }
  }

  @Test(arguments: [
    ("42", 42), ("-7", -7), ("+7", 7), ("1_000", 1000), ("0xff", 255), ("-0x10", -16), ("0b101", 5), ("0o17", 15),
    ("9223372036854775807", Int.max), ("-9223372036854775808", Int.min), ("0", 0), ("007", 7),
    ("", nil), ("-", nil), ("4 2", nil), (" 42", nil), ("1__0", nil), ("_1", nil), ("1_", nil), ("0x", nil), ("12a", nil),
    ("9223372036854775808", nil), ("99999999999999999999999", nil), ("--1", nil), ("0b2", nil), ("é", nil),
  ] as [(String, Int?)])
  func parseInt(text: String, value: Int?) {
    let result = unsafe machine.call(Primitives.stringParseInt, machine.string(text))
    #expect(result?[0] == (value == nil ? 0 : 1))
    if let value { #expect(result?[1] == bits(value)) }
  }

  @Test(arguments: [
    ("3.14", 3.14), ("-0.5", -0.5), ("1e-9", 1e-9), ("42", 42), ("+1.5", 1.5), ("inf", .infinity), ("-inf", -.infinity), ("1_000.5", 1000.5),
    ("1e400", .infinity), ("0.1e1", 1), ("1E3", 1000), ("", nil), (".5", nil), ("5.", nil), ("1e", nil), ("0x1p3", nil), ("1.5 ", nil),
    ("infinity", nil), ("nanx", nil), ("1,5", nil), ("--1", nil),
  ] as [(String, Double?)])
  func parseFloat(text: String, value: Double?) {
    let result = unsafe machine.call(Primitives.stringParseFloat, machine.string(text))
    #expect(result?[0] == (value == nil ? 0 : 1))
    if let value { #expect(result?[1] == value.bitPattern) }
  }

  /// Numbers of few digits go another way than those of many.
  @Test func floatsAgreeWithSwift() {
    let seed = UInt64.random(in: 0...UInt64.max)
    var random = Random(seed: seed)
    for _ in 0..<20_000 {
      let digits = (0..<1 + random.below(18)).map { _ in String(random.below(10)) }.joined()
      let fraction = random.below(3) == 0 ? "" : "." + (0..<1 + random.below(6)).map { _ in String(random.below(10)) }.joined()
      let exponent = random.below(2) == 0 ? "" : "e\(random.below(60) - 30)"
      let text = (random.below(4) == 0 ? "-" : "") + digits + fraction + exponent
      let result = unsafe machine.call(Primitives.stringParseFloat, machine.string(text))
      #expect(result?[0] == 1 && result?[1] == Double(text)?.bitPattern, "\(text), seed \(seed)")
    }
  }

  @Test(arguments: [
    ("straße", "STRASSE", "straße"), ("Ünïcödé", "ÜNÏCÖDÉ", "ünïcödé"), ("Привет", "ПРИВЕТ", "привет"), ("ΑΒΓς", "ΑΒΓΣ", "αβγς"),
    ("ǆ ÿ ﬁ", "Ǆ Ÿ FI", "ǆ ÿ ﬁ"), ("", "", ""), ("abc 123", "ABC 123", "abc 123"), ("日本", "日本", "日本"), ("ŽĐ", "ŽĐ", "žđ"),
  ])
  func cases(text: String, upper: String, lower: String) {
    #expect(unsafe machine.text(Primitives.stringUpper, machine.string(text)) == upper)
    #expect(unsafe machine.text(Primitives.stringLower, machine.string(text)) == lower)
  }

  @Test func casesAgreeWithSwift() {
    for n in 0..<0x1_1000 as Range<UInt32> {
      guard let scalar = Unicode.Scalar(n), n != 0x3A3 else { continue }
      // Letters newer than the tables.
      if let age = scalar.properties.age, age.major > 14 { continue }
      let upper = scalar.properties.uppercaseMapping, lower = scalar.properties.lowercaseMapping
      let string = machine.string(String(scalar))
      if unsafe machine.text(Primitives.stringUpper, string).map({ Array($0.utf8) }) != Array(upper.utf8)
        || machine.text(Primitives.stringLower, string).map({ Array($0.utf8) }) != Array(lower.utf8) {
        if [upper, lower].allSatisfy({ $0.unicodeScalars.allSatisfy { ($0.properties.age?.major ?? 0) <= 14 } }) {
          Issue.record("U+\(String(n, radix: 16)) maps differently")
        }
      }
    }
  }

  @Test func trim() {
    #expect(unsafe machine.text(Primitives.stringTrim, machine.string(" \u{3000}\ta b\u{2028}\n ")) == "a b")
    #expect(unsafe machine.text(Primitives.stringTrim, machine.string(" \u{A0} ")) == "")
    #expect(unsafe machine.text(Primitives.stringTrim, machine.string("é")) == "é")
  }

  @Test func slices() {
    let s = machine.string("aéb")
    #expect(unsafe machine.text(Primitives.stringSlice, s, 1, 3) == "é")
    #expect(unsafe machine.text(Primitives.stringSlice, s, 4, 4) == "")
    #expect(unsafe machine.text(Primitives.stringSlice, s, 0, 2) == nil)
    #expect(unsafe machine.state.pointee.panicReason == .invalidArgument)
    for (from, to) in [(-1, 2), (3, 1), (0, 5), (Int.max, Int.max), (Int.min, 0)] {
      #expect(unsafe machine.text(Primitives.stringSlice, s, bits(from), bits(to)) == nil)
      #expect(unsafe machine.state.pointee.panicReason == .indexOutOfRange)
    }
  }

  @Test func searching() {
    func find(_ s: String, _ p: String, _ from: Int = 0) -> Int {
      unsafe Int(Int64(bitPattern: machine.call(Primitives.stringFind, machine.string(s), machine.string(p), bits(from))?[0] ?? 99))
    }
    #expect(find("hello", "l") == 2)
    #expect(find("hello", "lo") == 3)
    #expect(find("hello", "l", 4) == -1)
    #expect(find("hello", "") == 0)
    #expect(find("hello", "", 5) == 5)
    #expect(find("hello", "x", 77) == -1)
    #expect(find("hello", "h", -9) == 0)
    #expect(find("", "a") == -1)
    #expect(unsafe machine.text(Primitives.stringReplace, machine.string("aXbXX"), machine.string("X"), machine.string("--")) == "a--b----")
    #expect(unsafe machine.text(Primitives.stringReplace, machine.string("aaa"), machine.string("aa"), machine.string("")) == "a")
    #expect(unsafe machine.text(Primitives.stringReplace, machine.string("abc"), machine.string(""), machine.string("x")) == "abc")
    #expect(unsafe machine.text(Primitives.stringConcat, machine.string("a"), machine.string("b")) == "ab")
    #expect(unsafe machine.call(Primitives.stringStartsWith, machine.string("abc"), machine.string("ab"))?[0] == 1)
    #expect(unsafe machine.call(Primitives.stringEndsWith, machine.string("abc"), machine.string("bc"))?[0] == 1)
    #expect(unsafe machine.call(Primitives.stringEndsWith, machine.string("c"), machine.string("bc"))?[0] == 0)
    #expect(unsafe machine.call(Primitives.stringCompare, machine.string("a"), machine.string("ab"))?[0] == bits(-1))
    #expect(unsafe machine.call(Primitives.stringCompare, machine.string("b"), machine.string("ab"))?[0] == 1)
  }

  @Test func shown() {
    let text = "a\"b\\c\n\t\u{1}é"
    let vector = unsafe Vectors.make(machine.state, DescriptorTable.byteVector)
    let string = machine.string(text)
    #expect(unsafe machine.call(Primitives.textAddShownString, vector, string) != nil)
    #expect(unsafe machine.text(Primitives.textToString, vector) == #""a\"b\\c\n\t\u{1}é""#)
    for (scalar, shown) in [("a", "\\a"), (" ", "\\space"), ("\n", "\\newline"), ("\t", "\\tab"), ("\\", "\\\\"), ("λ", "\\λ"), ("\u{200B}", "\\u{200b}")] as [(Unicode.Scalar, String)] {
      #expect(unsafe machine.added(Primitives.textAddShownChar, UInt64(scalar.value)) == shown)
    }
    #expect(unsafe machine.added(Primitives.textAddBool, 1) == "true")
  }

  @Test func chars() {
    let vector = unsafe Vectors.make(machine.state, machine.descriptors.addVector(elementWords: 1, kind: .u32))
    #expect(unsafe machine.call(Primitives.stringChars, machine.string("aé日🙂"), vector) != nil)
    #expect(machine.elements(vector) == "aé日🙂".unicodeScalars.map { UInt64($0.value) })
    #expect(unsafe machine.call(Primitives.charFromInt, 0xD800) == nil)
    #expect(unsafe machine.call(Primitives.charFromInt, 0x110000) == nil)
    #expect(unsafe machine.call(Primitives.charFromInt, bits(-1)) == nil)
    #expect(unsafe machine.call(Primitives.charFromInt, 0x10FFFF) != nil)
  }

  @Test func literalsAreShared() throws {
    for i in 0..<3000 { #expect(machine.setStringLiteral(i, Array("literal \(i)".utf8))) }
    for i in 0..<3000 {
      #expect(machine.setStringLiteral(3000 + i, Array("literal \(i)".utf8)))
      #expect(machine.literal(3000 + i) == machine.literal(i))
      #expect(Strings.text(machine.literal(i)) == "literal \(i)")
    }
    machine.heap.collect()
    #expect(Strings.text(machine.literal(2999)) == "literal 2999")
  }

  @Test func powers() {
    #expect(unsafe machine.call(Primitives.powInt, 3, 4)?[0] == 81)
    #expect(unsafe machine.call(Primitives.powInt, bits(-2), 63)?[0] == bits(Int.min))
    #expect(unsafe machine.call(Primitives.powInt, 2, 64)?[0] == 0)
    #expect(unsafe machine.call(Primitives.powInt, 2, bits(-1)) == nil)
  }
}
