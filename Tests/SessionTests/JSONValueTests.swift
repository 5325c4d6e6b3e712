// The protocol's reader of JSON: what it must take and must not, and that no bytes upset it.

import Frontend
import Server
import Testing

@Suite struct JSONValueTests {
  private func read(_ text: String) -> Result<JSONValue, JSONProblem> { JSONReader.read(Array(text.utf8)) }

  @Test(arguments: [
    "null", "true", "[]", "{}", "-12", "0", "9223372036854775807", #"{"a":[1,{"b":"c"}],"d":null}"#, #""ä€😀""#,
  ])
  func whatIsReadIsWrittenAgain(_ text: String) throws {
    #expect(try read(text).get().text == text)
    #expect(try read(" \n\(text)\t ").get().text == text)
  }

  @Test func escapesAndNumbers() throws {
    #expect(try read(#""\"\\\/\b\f\n\r\té😀""#).get().string == "\"\\/\u{8}\u{c}\n\r\té😀")
    #expect(try read(#""\ud83dx\ude00\ud83d\u0041""#).get().string == "\u{fffd}x\u{fffd}\u{fffd}A")
    #expect(try read("-1.5e2").get() == .number(-150))
    #expect(try read("18446744073709551616").get() == .number(0x1p64))
    #expect(try read(#"{"a":1,"a":2}"#).get()["a"] == .integer(2))
  }

  @Test(arguments: [
    "", "{", "[1,]", "{\"a\"}", "{a:1}", "01", "1.", "-", "+1", ".5", "1e", "nul", "\"", "\"\n\"", #""\x""#, #""\u12g4""#, "1 2", "[1}", "\u{1}",
    String(repeating: "[", count: 33),
  ])
  func malformed(_ text: String) {
    #expect(read(text).failure != nil)
  }

  @Test func everyPrefixAndEveryByteEnds() {
    let text = Array(#"{"id":1,"do":"edit","edits":[{"file":"ä","range":{"start":-0.5e3,"end":[true,false,null]},"text":"\u00e9\n"}]}"#.utf8)
    for i in 0..<text.count {
      #expect(JSONReader.read(Array(text[..<i])).failure != nil)
      for byte in [0, 0x22, 0x5b, 0x5c, 0x7b, 0x7d, 0xc3, 0xff] as [UInt8] {
        var changed = text
        changed[i] = byte
        if case .failure(let problem) = JSONReader.read(changed) { #expect(problem.offset <= text.count) }
      }
    }
  }
}
