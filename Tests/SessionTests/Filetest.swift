// Files that hold a program and what is expected of it. The expectations stand in comments at the end:
//
//     (defn main [] -> Unit (println "hi"))
//
//     ;; ---- stdout
//     ; hi
//
// A program of several modules gives each file behind a line with its path; the first one is where it begins.
// Without a line of its own that is the text at the start, unless only comments stand there:
//
//     ;; ==== file: main.lang
//     (import game.physics)
//     ;; ==== file: game/physics.lang
//
// With `UPDATE_EXPECT=1` a test writes what it found in place of what it expected. `FILETESTS=word` leaves out the
// files that do not have the word in their name.

import CShims
import Runtime
import Session
import Testing

struct Filetest: Sendable, CustomTestStringConvertible {
  let path: String
  let name: String
  /// The text before the first section.
  private let head: [UInt8]
  /// The files in it; one by itself has the test's name.
  let files: [(path: String, text: [UInt8])]
  private(set) var sections: [(title: String, lines: [String])]

  var testDescription: String { name }

  static let root = repositoryRoot + "/Tests/Filetests"

  static let isUpdating = Process.environment("UPDATE_EXPECT") == "1"

  static func all(_ folder: String) -> [Filetest] {
    names(folder).map { Filetest(folder, $0) }
  }

  static func names(_ folder: String) -> [String] {
    let word = Process.environment("FILETESTS") ?? ""
    return Files.names(in: root + "/" + folder).filter { $0.hasSuffix(".lang") && (word.isEmpty || parts($0, word).count > 1) }.sorted()
  }

  init(_ folder: String, _ name: String) {
    path = Self.root + "/" + folder + "/" + name
    self.name = name
    let text = readFile(path)
    var head: [UInt8] = []
    var sections: [(title: String, lines: [String])] = []
    for line in text.split(separator: 10, omittingEmptySubsequences: false) {
      let words = String(decoding: line, as: UTF8.self)
      if words.hasPrefix(";; ---- ") {
        sections.append((String(words.dropFirst(8)), []))
      } else if sections.isEmpty {
        head += line + [10]
      } else if words.hasPrefix("; ") {
        sections[sections.count - 1].lines.append(String(words.dropFirst(2)))
      } else if words == ";" {
        sections[sections.count - 1].lines.append("")
      }
    }
    if sections.isEmpty, text.last == 10 { head.removeLast() }
    self.head = head
    files = sourceFiles(head, name)
    self.sections = sections
  }

  /// The file that the program begins with.
  var source: [UInt8] { files[0].text }
  var path0: String { files[0].path }

  /// Where the program finds what it imports.
  var access: SourceAccess {
    let texts = Dictionary(uniqueKeysWithValues: files)
    return .texts { texts }
  }

  func lines(of title: String) -> [String]? { sections.first { $0.title == title }?.lines }

  /// Expects the section to hold `lines`; no lines are as good as no section.
  func expect(_ title: String, _ lines: [String], sourceLocation: SourceLocation = #_sourceLocation) {
    let expected = self.lines(of: title) ?? []
    if expected == lines { return }
    if Self.isUpdating { return update(title, lines) }
    Issue.record(
      "\(path): \(title)\n\(difference(expected, lines))", sourceLocation: sourceLocation)
  }

  private func update(_ title: String, _ lines: [String]) {
    // Another section of the same file may have been written since.
    let folder = path.split(separator: "/").dropLast().last.map(String.init) ?? ""
    var current = Filetest(folder, name)
    if let index = current.sections.firstIndex(where: { $0.title == title }) {
      if lines.isEmpty { current.sections.remove(at: index) } else { current.sections[index].lines = lines }
    } else if !lines.isEmpty {
      current.sections.append((title, lines))
    }
    var text = current.head
    if text.suffix(2) != [10, 10], !current.sections.isEmpty { text.append(10) }
    for section in current.sections {
      text += Array(";; ---- \(section.title)\n".utf8)
      for line in section.lines { text += Array((line.isEmpty ? ";\n" : "; \(line)\n").utf8) }
    }
    writeFile(path, text)
  }
}

let repositoryRoot: String = {
  let parts = #filePath.split(separator: "/", omittingEmptySubsequences: false)
  return parts.dropLast(3).joined(separator: "/")
}()

/// The files that a text holds; a single one is called `name`.
func sourceFiles(_ text: [UInt8], _ name: String) -> [(path: String, text: [UInt8])] {
  var files: [(path: String, text: [UInt8])] = [(name, [])]
  for line in text.split(separator: 10, omittingEmptySubsequences: false) {
    let words = String(decoding: line, as: UTF8.self)
    if words.hasPrefix(";; ==== file: ") {
      // What stands before the first file may only tell of them.
      let before = String(decoding: files[0].text, as: UTF8.self).split(separator: "\n")
      if files.count == 1, files[0].path == name, before.allSatisfy({ $0.hasPrefix(";") }) { files = [] }
      files.append((String(words.dropFirst(14)), []))
    } else {
      files[files.count - 1].text += line + [10]
    }
  }
  // The last line has no end.
  files[files.count - 1].text.removeLast()
  return files
}

/// Text as lines; what follows the last newline counts only when there is something.
func lines(_ text: String) -> [String] {
  var lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
  if lines.last == "" { lines.removeLast() }
  return lines
}

/// Expected and found, line by line: `-` was expected, `+` was found instead.
func difference(_ expected: [String], _ found: [String]) -> String {
  var out: [String] = []
  var removed: [Int: String] = [:]
  var inserted: [Int: String] = [:]
  for change in found.difference(from: expected) {
    switch change {
    case .remove(let offset, let line, _): removed[offset] = line
    case .insert(let offset, let line, _): inserted[offset] = line
    }
  }
  var i = 0
  var k = 0
  while i < expected.count || k < found.count {
    if let line = removed[i], i < expected.count {
      out.append("- " + line)
      i += 1
    } else if let line = inserted[k], k < found.count {
      out.append("+ " + line)
      k += 1
    } else {
      out.append("  " + (i < expected.count ? expected[i] : found[k]))
      i += 1
      k += 1
    }
  }
  return out.joined(separator: "\n")
}

func readFile(_ path: String) -> [UInt8] {
  guard case .success(let text) = Files.read(path) else {
    Issue.record("cannot read \(path)")
    return []
  }
  return text
}

func writeFile(_ path: String, _ text: [UInt8]) {
  let file = unsafe creat(path, 0o644)
  guard file >= 0 else {
    Issue.record("cannot write \(path)")
    return
  }
  Files.write(text, to: file)
  close(file)
}
