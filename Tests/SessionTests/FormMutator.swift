// Programs made from others by moving whole forms about: most of them can be read, so they get as far as the
// checker, the expander, lowering and the interpreter.

import Frontend

struct FormMutator {
  /// The programs that forms are taken from.
  let sources: [[UInt8]]
  private let forms: [[Range<Int>]]

  init(_ sources: [[UInt8]]) {
    self.sources = sources
    forms = sources.map(Self.spans)
  }

  /// A program, changed in one place to a few.
  func program(_ generator: inout SeededGenerator) -> [UInt8] {
    var text = generator.pick(sources)
    for _ in 0...generator.below(3) { mutate(&text, &generator) }
    return text
  }

  private func mutate(_ text: inout [UInt8], _ generator: inout SeededGenerator) {
    let spans = Self.spans(text)
    guard let target = spans.randomElement(using: &generator) else { return }
    switch generator.below(9) {
    case 0: text.removeSubrange(target)
    case 1: text.insert(contentsOf: [0x20] + Array(text[target]), at: target.upperBound)
    case 2, 3: text.replaceSubrange(target, with: Array(text[generator.pick(spans)]))
    case 4, 5: text.replaceSubrange(target, with: foreign(&generator))
    case 6:
      // Around the form.
      let (before, after) = generator.pick([
        ("(", ")"), ("(do ", ")"), ("(Some ", ")"), ("(vec ", ")"), ("(tuple ", " 1)"), ("(fn [] ", ")"), ("(let [x ", "] x)"), ("(try ", ")"),
        ("(if true ", " 0)"), ("(match ", " _ 1)"), ("(while true ", ")"), ("(return ", ")"), ("`", ""), ("~", ""), ("(: ", " Int)"), ("[", "]"),
        ("(live-loop (fn [] 1) (fn [x] ", "))"), ("(set! x ", ")"), ("(str ", ")"), ("(for [x ", "] x)"), ("#_", ""), ("(map (fn [x] ", ") (vec 1))"),
      ])
      text.replaceSubrange(target, with: Array(before.utf8) + text[target] + Array(after.utf8))
    case 7:
      let other = generator.pick(spans)
      guard !target.overlaps(other) else { return }
      let (low, high) = target.lowerBound < other.lowerBound ? (target, other) : (other, target)
      let (a, b) = (Array(text[low]), Array(text[high]))
      text.replaceSubrange(high, with: a)
      text.replaceSubrange(low, with: b)
    default:
      let words = [
        "0", "-1", "9223372036854775807", "-9223372036854775808", "1.5", "nan", "\"\"", "\"é\"", "\\a", "()", "true", "None", "x", "Int", "(Vec Int)",
        "(Fn [Int] Int)", "255u8", "(vec)", "(range 3)", "_", "[]", ":x", "mut", "&", "->", "@",
      ]
      text.replaceSubrange(target, with: Array(generator.pick(words).utf8))
    }
  }

  private func foreign(_ generator: inout SeededGenerator) -> [UInt8] {
    let k = generator.below(sources.count)
    guard let span = forms[k].randomElement(using: &generator) else { return [0x78] }
    return Array(sources[k][span])
  }

  /// Where the forms of a text are, those inside others included.
  private static func spans(_ text: [UInt8]) -> [Range<Int>] {
    var interner = Interner()
    var reader = Reader()
    reader.read(text, interner: &interner)
    var spans: [Range<Int>] = []
    for node in reader.tree.nodes where node.start < node.end && Int(node.end) <= text.count {
      spans.append(Int(node.start)..<Int(node.end))
    }
    return spans
  }
}
