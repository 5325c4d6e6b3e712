// Panics for people:
//
//     panic: index out of range: 5 is not in 0 to 4
//      --> game.lang:12 in game/tick
//       at game/tick (game.lang:12)
//       ... 123,456 more frames
//       at game/main (game.lang:30)

extension PanicReport {
  /// Several lines, the last with its newline.
  ///
  /// `excerpt` stands in for the line that names the place.
  public func terminal(colours: Bool, excerpt: String? = nil) -> String {
    func painted(_ text: String, _ code: String) -> String { colours ? "\u{1b}[\(code)m\(text)\u{1b}[0m" : text }
    var out = painted(isInterrupt ? message : "panic", "1;31")
    if !isInterrupt { out += painted(": " + message, "1") }
    out += "\n"
    if let excerpt {
      out += excerpt
    } else if line > 0 { out += painted(" -->", "1;34") + " \(file):\(line) in \(function)\n" }
    for (i, entry) in trace.enumerated() {
      if i == omittedAt, omitted > 0 { out += omission() }
      out += "  at \(entry.function) (\(entry.file):\(entry.line))\n"
    }
    if omittedAt >= trace.count, omitted > 0 { out += omission() }
    return out
  }

  private func omission() -> String { "  ... \(grouped(omitted)) more frames\n" }
}

/// `1,234,567`.
public func grouped(_ number: Int) -> String {
  let digits = String(number.magnitude)
  var out = number < 0 ? "-" : ""
  for (i, digit) in digits.enumerated() {
    if i > 0, (digits.count - i) % 3 == 0 { out += "," }
    out.append(digit)
  }
  return out
}
