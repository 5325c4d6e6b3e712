// Input that nobody writes: the reader must not trap, and its work must grow with the text and no faster.
// The sizes are such that work that grows with its square would take hours.

import Frontend
import Testing

@Suite struct AdversarialTests {
  @Test(arguments: [999, 1000, 1001, 10_000, 1_000_000])
  func deepNesting(_ depth: Int) {
    let text = String(repeating: "(", count: depth) + String(repeating: ")", count: depth) + " (after)"
    let result = read(text)
    #expect(result.problems == (depth > 1000 ? ["E0110@1000-1001"] : []))
    #expect(result.forms.last == "(after)")
    #expect(result.forms.count == 2)
  }

  @Test(arguments: ["'", "#_", "~@", "'(", "[", "#|", "\"(", "(\n", "(\"\n", "[)", "\\", "\n'("])
  func muchOfTheSame(_ piece: String) {
    var text: [UInt8] = []
    for _ in 0..<1_000_000 { text.append(contentsOf: piece.utf8) }
    #expect(readBytes(text).problems.count <= Reader.maxProblems)
  }

  @Test func aMillionLinesOfOpenParentheses() {
    let text = Array(String(repeating: "(\n", count: 1_000_000).utf8)
    var reader = Reader()
    var interner = Interner()
    var store = SourceStore()
    let file = store.add(path: "a.lang", text: text, reader: &reader, interner: &interner)
    #expect(store.itemCount(of: file) == 1_000_001)
    #expect(store.problems(of: file).count == Reader.maxProblems)
  }

  @Test func aMegabyteOfRandomBytes() {
    let seed: UInt64 = 1
    var generator = SeededGenerator(state: seed)
    let text = (0..<1 << 20).map { _ in UInt8(truncatingIfNeeded: generator.next()) }
    checkStore(text, seed)
  }

  @Test func randomSyntaxIsReadWholly() {
    let alphabet = Array("()[]'`~@#|_\"\\;: \n\nabu{}19.-+e,\r\tx/&".utf8) + [0, 0xff, 0xce, 0xbb, 0xc2, 0xa0]
    for seed in UInt64(1)...300 {
      var generator = SeededGenerator(state: seed)
      let text = (0..<Int.random(in: 0...200, using: &generator)).map { _ in
        alphabet[Int.random(in: 0..<alphabet.count, using: &generator)]
      }
      _ = readBytes(text)
      checkStore(text, seed)
      _ = diagnose(text)
    }
  }

  @Test func longNamesAndManySlashes() {
    let name = String(repeating: "a/", count: 400)
    #expect(read(name).problems == [])
    #expect(read(String(repeating: "a/", count: 400_000)).problems == ["E0112@0-1"])
    #expect(read(String(repeating: "9", count: 900)).problems == ["E0108@0-900"])
    #expect(read("1e" + String(repeating: "9", count: 900)).problems == ["E0107@0-902"])
    #expect(read("1e-" + String(repeating: "9", count: 900)).forms == ["0.0"])
  }

  @Test func tooLargeAFileIsRefused() {
    let text = [UInt8](repeating: 0x20, count: Reader.maxTextSize + 1)
    #expect(readBytes(text).problems == ["E0111@0-0"])
    checkStore(text, 0)
  }

  /// Items hold the whole text between them, and say what reading the text at once says.
  private func checkStore(_ text: [UInt8], _ seed: UInt64) {
    var reader = Reader()
    var interner = Interner()
    var store = SourceStore()
    let file = store.add(path: "a.lang", text: text, reader: &reader, interner: &interner)
    #expect(store.text(of: file) == text, "seed \(seed)")
    let stored = store.problems(of: file).map { problem in
      let start = store.offsets(of: problem.place)?.lowerBound ?? -1
      return "\(problem.code.rawValue)@\(start)"
    }
    reader.read(text, interner: &interner)
    let read = reader.problems.map { "\($0.code.rawValue)@\($0.place.span.start)" }
    if text.count < 10_000 { #expect(stored == read, "seed \(seed)") }
    #expect(stored.count == read.count, "seed \(seed)")
    let forms = store.items(of: file).filter { store.hasForm($0) }.count
    #expect(forms == reader.tree.roots.count, "seed \(seed)")
  }
}
