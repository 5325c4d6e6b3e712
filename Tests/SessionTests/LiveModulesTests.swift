// The same for programs of several modules: after any sequence of accepted edits, files that come and go and
// definitions that move between them included, a program behaves as in a fresh start.

import Frontend
import Runtime
import Session
import Testing

/// A random program spread over `main` and the modules `m1`, `m2` and `in.m3`, which import each other as needed.
private struct SpreadProgram {
  var program: RandomProgram
  /// The module of each definition.
  private var places: [Int] = []
  private static let modules = ["main", "m1", "m2", "in.m3"]

  init(_ generator: inout SeededGenerator) {
    program = RandomProgram(&generator)
    place(&generator)
  }

  mutating func edit(_ generator: inout SeededGenerator) {
    program.edit(&generator)
    place(&generator)
    if generator.below(4) == 0 { places[generator.below(places.count)] = generator.below(4) }
    // All of a module goes elsewhere, and its file with it.
    if generator.below(12) == 0 {
      let (from, to) = (generator.below(4), generator.below(4))
      for i in places.indices where places[i] == from { places[i] = to }
    }
  }

  private mutating func place(_ generator: inout SeededGenerator) {
    while places.count < program.bodies.count { places.append(generator.below(4)) }
    places.removeLast(places.count - program.bodies.count)
  }

  /// Texts by path.
  var files: [String: [UInt8]] {
    var files: [String: [UInt8]] = [:]
    for (k, name) in Self.modules.enumerated() {
      var imported = Set<Int>()
      var text = k == 0 ? qualified(Self.loop(program), in: 0, &imported) : ""
      for i in program.order where places[i] == k {
        let (isConstant, body) = program.bodies[i]
        let meaning = qualified(body, in: k, &imported)
        text += isConstant ? "(def c\(i) \(meaning))\n\n" : "(defn f\(i) [x: Int] -> Int\n  (% \(meaning) 1000003))\n\n"
      }
      let imports = imported.sorted().map { "(import \(Self.modules[$0]))\n" }.joined()
      if k == 0 || !text.isEmpty { files[name.split(separator: ".").joined(separator: "/") + ".lang"] = Array((imports + text).utf8) }
    }
    return files
  }

  private static func loop(_ program: RandomProgram) -> String {
    let text = program.text
    guard let end = text.firstRange(of: "(live-loop start step))\n") else { return text }
    return String(text[..<end.upperBound])
  }

  /// `c1` and `f2` as `module` has to write them.
  private func qualified(_ text: String, in module: Int, _ imported: inout Set<Int>) -> String {
    let bytes = Array(text.utf8)
    var out: [UInt8] = []
    var i = 0
    while i < bytes.count {
      let startsName = i == 0 || " ([".utf8.contains(bytes[i - 1])
      var end = i + 1
      while end < bytes.count, (48...57).contains(bytes[end]) { end += 1 }
      let number = Int(String(decoding: bytes[min(i + 1, end)..<end], as: UTF8.self))
      if startsName, bytes[i] == UInt8(ascii: "c") || bytes[i] == UInt8(ascii: "f"), let number, number < places.count, places[number] != module {
        imported.insert(places[number])
        out += Array((Self.modules[places[number]].split(separator: ".").last ?? "").utf8) + [UInt8(ascii: "/")]
      }
      out += bytes[i..<end]
      i = end
    }
    return String(decoding: out, as: UTF8.self)
  }
}

@Suite(.serialized) struct LiveModulesTests {
  @Test(arguments: LiveEqualsColdTests.seeds)
  func editedFiles(_ seed: UInt64) {
    var generator = SeededGenerator(seed: seed &+ 7000)
    var program = SpreadProgram(&generator)
    var files = program.files
    let live = LiveProgram()
    live.disk.update { [files] in $0 = files }
    let problems = live.load(files["main.lang"] ?? [])
    guard problems.isEmpty else {
      Issue.record("seed \(seed): the first program is not sound\n\(problems.map(\.terminal).joined())")
      return
    }
    // Its first values are there.
    #expect(live.monitor.wait { $0.isWaiting })
    for number in 0..<10 {
      for _ in 0...generator.below(2) { program.edit(&generator) }
      let (old, new) = (files, program.files)
      files = new
      var edits: [FileEdit] = []
      for path in Set(old.keys).union(new.keys).sorted() where old[path] != new[path] {
        edits.append(new[path].map { .replaceAll(path: path, text: $0) } ?? .remove(path: path))
      }
      live.disk.update { $0 = new }
      edits.shuffle(using: &generator)
      let report = live.apply(edits)
      let cold = coldOutput(new)
      func fail(_ what: String) {
        let texts = [("before", old), ("after", new)].map { title, files in
          files.sorted { $0.key < $1.key }.map { "--- \(title): \($0.key)\n\(String(decoding: $0.value, as: UTF8.self))" }.joined()
        }
        Issue.record("seed \(seed), edit \(number): \(what)\n\(report.status) \(report.diagnostics.map(\.terminal).joined())\n\(texts.joined())")
      }
      if report.status == .refused, report.diagnostics.allSatisfy({ $0.code == .cannotApplyLive }) { continue }
      if report.status == .unchanged { continue }
      if (report.status == .refused) != (cold == nil) {
        fail("a cold start says \(cold == nil ? "refused" : "sound")")
        break
      }
      guard let cold else { continue }
      _ = live.takeOutput()
      guard live.take(1) else {
        fail("the turn does not end")
        break
      }
      let found = live.takeOutput()
      if found != cold {
        fail(difference([cold], [found]))
        break
      }
    }
    #expect(live.stop())
    live.checkEvents("seed \(seed)")
  }

  private func coldOutput(_ files: [String: [UInt8]]) -> String? {
    let cold = LiveProgram()
    cold.disk.update { $0 = files }
    guard !cold.load(files["main.lang"] ?? []).contains(where: { $0.severity == .error }) else { return nil }
    _ = cold.take(1)
    defer { _ = cold.stop() }
    return cold.takeOutput()
  }
}
