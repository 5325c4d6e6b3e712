// What `lang explain` tells of a code. The texts stand in the files beside this one, a group of codes in
// each, in a form that is easy to write:
//
//     E0301: a value has another type than is expected here
//     Paragraphs on what and why ..
//     ---- wrong
//     (def n: Int "four")
//     ---- right
//     (def n: Int 4)
//
// Examples are tested: `wrong` reports this code and no other, `right` nothing at all. A path behind the
// title (`---- wrong src/a.lang`) makes one of several files. `before`, `wrong edit` and `right edit` are a
// program that runs and edits of it. `«1001 (»` stands for 1001 brackets, `«byte e9»` for that byte.
//
// Invariant: every code has a text.

public struct Explanation: Sendable {
  public struct Example: Sendable {
    /// `wrong`, `right`, `before`, `wrong edit`, `right edit`, `shell`.
    public var title: String
    /// The file it stands in; empty when there is only one.
    public var path: String
    public var text: String
  }

  public var code: DiagnosticCode
  /// One line without a full stop.
  public var title: String
  /// Paragraphs, their lines broken at 80 columns.
  public var text: String
  public var examples: [Example]

  public static func of(_ code: DiagnosticCode) -> Explanation? { all.first { $0.code == code } }

  /// In the order of the codes' groups.
  public static let all: [Explanation] =
    [readerText, definitionText, traitText, typeText, controlText, macroText, programText].flatMap(parse)

  /// A group's texts, taken apart. Lines that belong to no code are left out.
  static func parse(_ group: String) -> [Explanation] {
    var found: [Explanation] = []
    for line in group.split(separator: "\n", omittingEmptySubsequences: false).map(String.init) {
      if line.utf8.count > 7, line.utf8.dropFirst(5).starts(with: ": ".utf8),
        let code = DiagnosticCode(rawValue: String(line.prefix(5)))
      {
        found.append(Explanation(code: code, title: String(line.dropFirst(7)), text: "", examples: []))
      } else if found.isEmpty {
        continue
      } else if line.hasPrefix("---- ") {
        var words = line.dropFirst(5).split(separator: " ").map(String.init)
        let path = words.last?.hasSuffix(".lang") == true ? words.removeLast() : ""
        found[found.count - 1].examples.append(Example(title: words.joined(separator: " "), path: path, text: ""))
      } else if let last = found[found.count - 1].examples.indices.last {
        found[found.count - 1].examples[last].text += line + "\n"
      } else {
        found[found.count - 1].text += line + "\n"
      }
    }
    for i in found.indices {
      found[i].text = trimmed(found[i].text)
      for k in found[i].examples.indices { found[i].examples[k].text = trimmed(found[i].examples[k].text) }
    }
    return found
  }

  private static func trimmed(_ text: String) -> String {
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    let end = lines.lastIndex { !$0.isEmpty } ?? -1
    let start = lines.firstIndex { !$0.isEmpty } ?? 0
    return start <= end ? lines[start...end].joined(separator: "\n") + "\n" : ""
  }

  // MARK: Showing

  /// Several paragraphs, the last line with its end. Code is indented by four.
  public var terminal: String {
    var out = "\(code.rawValue): \(title)\n\n\(text)"
    var before = ""
    for example in examples {
      if example.title != before { out += "\n\(heading(example.title))\n\n" } else { out += "\n" }
      before = example.title
      if !example.path.isEmpty { out += "    ; \(example.path)\n" }
      for line in example.text.split(separator: "\n", omittingEmptySubsequences: false).dropLast() {
        out += line.isEmpty ? "\n" : "    \(line)\n"
      }
    }
    return out
  }

  private func heading(_ title: String) -> String {
    switch title {
    case "wrong": code.severity == .warning ? "This is warned of:" : "This is refused:"
    case "right": "This is fine:"
    case "before": "While this program runs .."
    case "wrong edit": ".. this edit waits for a restart:"
    case "right edit": ".. and this one is taken in at once:"
    default: "On the command line:"
    }
  }
}

extension Explanation.Example {
  /// The bytes that the example stands for.
  public var bytes: [UInt8] {
    var out: [UInt8] = []
    var rest = Substring(text)
    while let open = rest.firstIndex(of: "«"), let close = rest[open...].firstIndex(of: "»") {
      out += rest[..<open].utf8
      let words = rest[rest.index(after: open)..<close].split(separator: " ")
      if words.count == 2, words[0] == "byte", let byte = UInt8(words[1], radix: 16) {
        out.append(byte)
      } else if words.count == 2, let count = Int(words[0]) {
        let unit = Array(words[1].utf8)
        if unit.count == 1 { out += [UInt8](repeating: unit[0], count: count) } else { for _ in 0..<count { out += unit } }
      }
      rest = rest[rest.index(after: close)...]
    }
    return out + Array(rest.utf8)
  }
}
