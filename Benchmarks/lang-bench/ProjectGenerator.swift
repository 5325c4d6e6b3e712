// Writes Lang projects of any size, to measure what grows with a program. Definitions come in blocks of
// twelve: a struct, a record and ten functions over them (GeneratedBlock.swift). A function calls functions
// defined earlier in its block, and functions of earlier blocks that are one level deeper:
//
//     block   0  1  2  3  4  5  6  7 ..        level = block % 4
//     level   0  1  2  3  0  1  2  3 ..        level 0 calls no other block
//             <--'<--'<--'  <--'<--'<--'
//
// so the whole is well-typed at any size, and running it takes a moment. The text of a definition depends
// only on the seed, the size and its index.

import Foundation

struct ProjectGenerator {
  let definitions: Int
  let files: Int
  let seed: UInt64

  /// The last of the definitions is `main`. There are never more files than blocks.
  init(definitions: Int, files: Int = 1, seed: UInt64 = 1) {
    self.definitions = max(definitions, 1)
    self.files = max(min(files, self.definitions / GeneratedBlock.size), 1)
    self.seed = seed
  }

  /// The project's files by their paths under its root, `project.lang` first.
  func sources() -> [(path: String, text: String)] {
    let project = "(project \"generated\" :version \"0.1.0\" :main world.main)\n"
    return [("project.lang", project)] + (0..<files).map { (path(ofFile: $0), text(ofFile: $0)) }
  }

  /// The text of one definition. Variants of a function differ in one constant; its signature stays.
  func definition(_ index: Int, variant: Int = 0) -> String {
    index == main
      ? mainText
      : block(of: index).definition(index % GeneratedBlock.size, variant: variant)
  }

  /// Whether the definition is a function, rather than a type.
  func isFunction(_ index: Int) -> Bool {
    index == main || index % GeneratedBlock.size >= GeneratedBlock.types
  }

  /// The path under the root of the file that holds the definition.
  func path(ofDefinition index: Int) -> String {
    path(ofFile: index == main ? files - 1 : file(ofBlock: index / GeneratedBlock.size))
  }

  func write(to directory: String) throws {
    var lines = 0
    for (path, text) in sources() {
      let file = "\(directory)/\(path)"
      let folder = (file as NSString).deletingLastPathComponent
      try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
      try text.write(toFile: file, atomically: false, encoding: .utf8)
      lines += text.utf8.count { $0 == UInt8(ascii: "\n") }
    }
    print("\(directory): \(definitions) definitions, \(lines) lines, \(files) \(files == 1 ? "file" : "files")")
  }
}

// MARK: Where things are

extension ProjectGenerator {
  private var main: Int { definitions - 1 }

  private func block(of index: Int) -> GeneratedBlock {
    GeneratedBlock(index / GeneratedBlock.size, of: self)
  }

  /// The last block may be incomplete.
  private var blocks: Int { (main + GeneratedBlock.size - 1) / GeneratedBlock.size }

  func file(ofBlock block: Int) -> Int { block * files / blocks }

  /// The last file is `main`, and holds the last blocks as well.
  func module(ofFile file: Int) -> String { file == files - 1 ? "main" : "part\(file)" }

  private func path(ofFile file: Int) -> String { "src/world/\(module(ofFile: file)).lang" }

  private func text(ofFile file: Int) -> String {
    // The first block of file f is the least b with b * files / blocks = f.
    let first = (file * blocks + files - 1) / files
    let end = ((file + 1) * blocks + files - 1) / files
    var called = (first..<end).flatMap { GeneratedBlock($0, of: self).callees }
    var indices = Array(first * GeneratedBlock.size..<min(end * GeneratedBlock.size, main))
    if file == files - 1 {
      called += roots
      indices.append(main)
    }
    let imports = Set(called.map { self.file(ofBlock: $0) }).subtracting([file]).sorted()
      .map { "(import world.\(module(ofFile: $0)))\n" }.joined()
    let parts = (imports.isEmpty ? [] : [imports]) + indices.map { definition($0) }
    return parts.joined(separator: "\n")
  }
}

// MARK: main

extension ProjectGenerator {
  /// The last few complete blocks, which `main` calls.
  private var roots: [Int] {
    let complete = main / GeneratedBlock.size
    return Array(max(0, complete - 4)..<complete)
  }

  private var mainText: String {
    let calls = roots.map { block in
      let name = GeneratedBlock(block, of: self).name("round", seenFrom: files - 1)
      return "    (set! total (+ total (\(name) 4 \(block))))\n"
    }
    return """
      (defn main [] -> Unit
        (let [mut total 0]
      \(calls.joined())    (println total)))

      """
  }
}
