// A definition that could not be read leaves its name unknown wherever it is used. That follows from the
// problem already told, so it is not told again.

import Frontend

extension LocatedDiagnostic {
  /// The problems without unknown names and types that a definition which cannot be read would have given.
  /// O(1) when everything could be read, otherwise the size of the texts that could not.
  static func withoutFollowers(_ problems: [Diagnostic], _ store: borrowing SourceStore) -> [Diagnostic] {
    let broken = Set(problems.filter { readerCodes.contains($0.code) }.map(\.place.item))
    if broken.isEmpty { return problems }
    var names = Set<String>()
    for item in broken where item != .none && !store.hasForm(item) { names.formUnion(self.names(in: store.text(of: item))) }
    if names.isEmpty { return problems }
    var kept: [Diagnostic] = []
    for problem in problems {
      let isUnknown = problem.code == .unknownName || problem.code == .unknownType
      if isUnknown, problem.place.item != .none {
        let text = store.text(of: problem.place.item)
        let (start, end) = (Int(problem.place.span.start), Int(problem.place.span.end))
        // Another module writes its alias before the name.
        let name = start <= end && end <= text.count ? text[start..<end].split(separator: UInt8(ascii: "/")).last : nil
        if let name, names.contains(String(decoding: name, as: UTF8.self)) { continue }
      }
      kept.append(problem)
    }
    return kept
  }

  private static let readerCodes: Set<DiagnosticCode> = [
    .unclosedDelimiter, .unexpectedCloser, .unterminatedString, .unterminatedComment, .nestingTooDeep,
  ]

  /// What a text that begins with `(def..` would define: its name, and of types also what else is capitalised
  /// in it, since that may be a case.
  private static func names(in text: [UInt8]) -> [String] {
    let words = text.prefix(1 << 16).split { $0 <= 0x20 || "()[]\"".utf8.contains($0) }
    guard let head = words.first, head.starts(with: "def".utf8), words.count > 1 else { return [] }
    var names = [words[1].last == UInt8(ascii: ":") ? words[1].dropLast() : words[1]]
    if head.elementsEqual("defenum".utf8) { names += words.dropFirst(2).filter { (0x41...0x5a).contains($0[$0.startIndex]) } }
    return names.map { String(decoding: $0, as: UTF8.self) }
  }
}
