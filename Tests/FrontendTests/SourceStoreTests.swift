// Edits. The oracle is a fresh read of the whole text.

import Frontend
import Testing

/// A store with one file, and what is needed to edit it.
private struct Editor: ~Copyable {
  var reader = Reader()
  var interner = Interner()
  var store = SourceStore()
  let file: FileID

  init(_ text: [UInt8]) {
    file = store.add(path: "a.lang", text: text, reader: &reader, interner: &interner)
  }

  init(_ text: String) { self.init(Array(text.utf8)) }

  mutating func replace(_ range: Range<Int>, _ bytes: [UInt8]) -> FileChange {
    store.replace(file, range, with: bytes, reader: &reader, interner: &interner)
  }

  /// Replaces the first occurrence of `old`.
  mutating func replace(_ old: String, _ new: String) -> FileChange {
    let text = store.text(of: file)
    let wanted = Array(old.utf8)
    let at = (0...text.count - wanted.count).first { Array(text[$0..<$0 + wanted.count]) == wanted }!
    return replace(at..<at + wanted.count, Array(new.utf8))
  }

  mutating func replaceAll(_ text: String) -> FileChange {
    store.replaceAll(file, with: Array(text.utf8), reader: &reader, interner: &interner)
  }

  var hasProblems: Bool { store.hasProblems(file) }

  func items() -> [ItemID] { store.items(of: file) }

  func texts() -> [String] {
    var texts: [String] = []
    for id in store.items(of: file) { texts.append(String(decoding: store.text(of: id), as: UTF8.self)) }
    return texts
  }
}

/// Items with all that is observable of them.
private func describe(_ editor: borrowing Editor) -> [String] {
  var lines: [String] = []
  let store = { (id: ItemID, editor: borrowing Editor) -> String in
    let problems = editor.store.problems(of: id).map {
      "\($0.code)\($0.place.span) \($0.place.item == id) \($0.message) \($0.labels.map(\.place.span))"
    }
    return "\(editor.store.text(of: id)) \(editor.store.hasForm(id)) "
      + "\(editor.store.contentHash(of: id)) \(problems)"
  }
  for id in editor.items() { lines.append(store(id, editor)) }
  return lines
}

@Suite struct SourceStoreTests {
  @Test func anItemIsAFormWithTheTriviaBehind() {
    let editor = Editor("; head\n\n(a) ; tail\n\n; about b\n(b)(c)\n")
    #expect(editor.texts() == ["; head\n\n", "(a) ; tail\n\n; about b\n", "(b)", "(c)\n"])
    #expect(Editor("").texts() == [""])
    #expect(Editor("(a)").texts() == ["", "(a)"])
  }

  @Test func anEditInsideOneItemTouchesOnlyIt() throws {
    var editor = Editor("(a 1)\n(b 2)\n(c 3)\n")
    let items = editor.items()
    let change = editor.replace("2", "(+ 2 3)")
    guard case .item(let id) = change else {
      Issue.record("\(change)")
      return
    }
    #expect(id == items[2])
    #expect(editor.items() == items)
    #expect(dump(editor.reader.tree, editor.reader.tree.roots[0], editor.interner) == "(b (+ 2 3))")
    #expect(editor.texts() == ["", "(a 1)\n", "(b (+ 2 3))\n", "(c 3)\n"])
  }

  @Test func triviaDoesNotCountAsContent() {
    var editor = Editor("(a 1)\n(b 2)\n")
    let b = editor.items()[2]
    let hash = editor.store.contentHash(of: b)
    _ = editor.replace("2)\n", "2) ; more\n")
    #expect(editor.store.contentHash(of: b) == hash)
    _ = editor.replace("2)", "3)")
    #expect(editor.store.contentHash(of: b) != hash)
  }

  @Test func aNewFormIsAdded() {
    var editor = Editor("(defn a 1)\n(defn c 3)\n")
    let items = editor.items()
    let change = editor.replaceAll("(defn a 1)\n(defn b 2)\n(defn c 3)\n")
    guard case .items(let changes) = change else {
      Issue.record("\(change)")
      return
    }
    #expect(changes.changed == [] && changes.removed == [] && changes.added.count == 1)
    #expect(editor.items() == [items[0], items[1], changes.added[0], items[2]])
    let back = editor.replaceAll("(defn a 1)\n(defn c 3)\n")
    guard case .items(let undone) = back else {
      Issue.record("\(back)")
      return
    }
    #expect(undone.changed == [] && undone.removed == changes.added && undone.added == [])
    #expect(editor.store.text(of: changes.added[0]) == [])
  }

  @Test func aCommentThatLosesItsNewlineTakesTheNextFormIn() {
    var editor = Editor("(a) ; c\n(b)\n(d)\n")
    let b = editor.items()[2]
    let change = editor.replace("c\n", "c")
    guard case .items(let changes) = change else {
      Issue.record("\(change)")
      return
    }
    #expect(changes.removed == [b] && changes.changed.count == 1 && changes.added == [])
    #expect(editor.texts() == ["", "(a) ; c(b)\n", "(d)\n"])
  }

  @Test func anOpenBracketAndItsCloserKeepIdentities() {
    var editor = Editor("(defn a [] 1)\n\n(defn b [] 2)\n\n(defn c [] 3)\n")
    let items = editor.items()
    _ = editor.replace("2)", "(f 2)")
    _ = editor.replace("(f 2)", "(f 2")
    #expect(editor.items() == items)
    #expect(editor.store.problems(of: items[2]).count == 1)
    #expect(items.map { editor.store.hasForm($0) } == [false, true, false, true])
    _ = editor.replace("(f 2", "(f 2))")
    #expect(editor.items() == items)
    #expect(editor.hasProblems == false)
  }

  @Test func replacingTheWholeTextIsOneSmallEdit() {
    var editor = Editor("(a \"ä\")\n(b 1)\n")
    #expect({ if case .none = editor.replaceAll("(a \"ä\")\n(b 1)\n") { true } else { false } }())
    let change = editor.replaceAll("(a \"å\")\n(b 1)\n")
    guard case .item(let id) = change else {
      Issue.record("\(change)")
      return
    }
    #expect(id == editor.items()[1])
    #expect(editor.hasProblems == false)
  }

  @Test func filesComeAndGo() {
    var editor = Editor("(a)\n")
    let other = editor.store.add(
      path: "b.lang", text: Array("(b)".utf8), reader: &editor.reader, interner: &editor.interner)
    #expect(editor.store.file(at: "b.lang") == other)
    #expect(editor.store.allFiles == [editor.file, other])
    let gone = editor.store.remove(editor.file)
    #expect(gone.count == 2)
    #expect(editor.store.allFiles == [other])
    #expect(editor.store.file(at: "a.lang") == nil)
    #expect(editor.store.range(of: Place(gone[1], Span(0, 1))) == nil)
    #expect({ if case .none = editor.replace(0..<3, []) { true } else { false } }())
  }

  @Test func positionsCountScalarsFromOne() {
    let editor = Editor("; ä\r\n(a\n  \"😀\" b)\n")
    let item = editor.items()[1]
    let text = editor.store.text(of: item)
    let b = UInt32(text.firstIndex(of: UInt8(ascii: "b"))!)
    let range = editor.store.range(of: Place(item, Span(b, b + 1)))
    #expect(range?.start == SourcePosition(line: 3, column: 7))
    #expect(range?.end == SourcePosition(line: 3, column: 8))
    let lines = editor.store.lines(of: editor.file)
    #expect(lines.line(1) == "; ä")
    #expect(lines.line(9) == "")
    #expect(lines.offset(SourcePosition(line: 3, column: 7)) == Int(b) + 6)
    #expect(lines.offset(SourcePosition(line: 99, column: 1)) == lines.text.count)
  }

  /// After any sequence of edits, everything is as a fresh read has it.
  @Test(arguments: 1...200)
  func editsEqualAFreshRead(_ seed: Int) {
    var generator = SeededGenerator(state: UInt64(seed))
    let isGentle = seed % 2 == 0
    let snippets =
      isGentle
      ? ["(f x)", " ", "\n", "; c\n", "(defn g [] 1)\n", "x", "12", "\"s\"", "'", "[y]", "1x", "#_", "ä"]
      : [
        "(", ")", "[", "]", "\"", ";", "\n", "\n(", "#|", "|#", "#", "_", "#_", "'", "~", "@", "\\", " ",
        "a", "(b)\n", "(c \"d\")\n", "\u{feff}", "#!", "#!\n", "é", "\u{0}", "{", "9", "\\(", "u{41}", ":",
      ]
    var bytes: [UInt8] = []
    for _ in 0..<Int.random(in: 0...30, using: &generator) {
      bytes += Array(snippets[Int.random(in: 0..<snippets.count, using: &generator)].utf8)
    }
    var editor = Editor(bytes)
    for step in 0..<40 {
      let length = bytes.count
      let from = Int.random(in: 0...length, using: &generator)
      let reach = Bool.random(using: &generator) ? 0 : Int.random(in: 0...min(6, length - from), using: &generator)
      var new: [UInt8] = []
      for _ in 0..<Int.random(in: 0...2, using: &generator) {
        new += Array(snippets[Int.random(in: 0..<snippets.count, using: &generator)].utf8)
      }
      let before = bytes
      let ids = editor.items()
      let texts = ids.map { editor.store.text(of: $0) }
      bytes.replaceSubrange(from..<from + reach, with: new)
      let change: FileChange
      if step % 5 == 4 {
        change = editor.store.replaceAll(
          editor.file, with: bytes, reader: &editor.reader, interner: &editor.interner)
      } else {
        change = editor.replace(from..<from + reach, new)
      }
      let fresh = Editor(bytes)
      let note = "seed \(seed) step \(step): \(String(decoding: before, as: UTF8.self).debugDescription) -> \(String(decoding: bytes, as: UTF8.self).debugDescription)"
      let found = describe(editor)
      let expected = describe(fresh)
      if found != expected {
        Issue.record("\(note)\n  found \(editor.texts())\n  fresh \(fresh.texts())")
        return
      }
      #expect(editor.hasProblems == fresh.hasProblems)
      checkChange(change, ids, texts, editor, note)
    }
  }

  /// What a change reports is what happened to the items.
  private func checkChange(
    _ change: FileChange, _ oldIDs: [ItemID], _ oldTexts: [[UInt8]], _ editor: borrowing Editor,
    _ note: String
  ) {
    let newIDs = editor.items()
    var changes = ItemChanges()
    switch change {
    case .none: break
    case .item(let id): changes.changed = [id]
    case .items(let lists): changes = lists
    }
    #expect(Set(newIDs).count == newIDs.count, "\(note)")
    #expect(changes.removed == oldIDs.filter { !newIDs.contains($0) }, "\(note)")
    #expect(changes.added == newIDs.filter { !oldIDs.contains($0) }, "\(note)")
    for (id, text) in zip(oldIDs, oldTexts) where newIDs.contains(id) {
      if editor.store.text(of: id) != text { #expect(changes.changed.contains(id), "\(note)") }
    }
    for id in changes.changed { #expect(newIDs.contains(id) && oldIDs.contains(id), "\(note)") }
  }

  @Test func manyItemsStayCheap() {
    var text = ""
    for n in 0..<100_000 { text += "(def x\(n) \(n))\n" }
    var editor = Editor(text)
    let middle = text.utf8.count / 2
    let clock = ContinuousClock()
    _ = editor.replace(middle..<middle, [])
    let time = clock.measure {
      for n in 0..<1000 {
        let at = middle + n * 15
        _ = editor.replace(at..<at, Array(" ".utf8))
      }
    }
    #expect(time < .seconds(1))
    let fresh = Editor(editor.store.text(of: editor.file))
    #expect(fresh.texts() == editor.texts())
  }
}
