// A profile for people:
//
//     1.84 s of processor time in 1,803 samples; 1.91 s from start to end
//     96.3 % in machine code, 3.7 % interpreted
//
//        self    total  machine  interp.  function
//      62.1 %   98.0 %   59.0 %    3.1 %  nbody/advance

extension Profile {
  private static let mostFunctions = 25
  private static let mostLines = 12
  private static let mostUnits = 30
  private static let mostNames = 8
  private static let widestSource = 80

  /// Several lines, the last with its newline.
  public func text() -> String {
    if stacks.isEmpty { return "no samples: the program was over, or waited, before the first millisecond of work\n" + unitText() }
    var out = "\(Self.seconds(time)) of processor time in \(Self.count(samples, "sample")); \(Self.seconds(wall)) from start to end\n"
    out += "\(percent(machineTime)) in machine code, \(percent(time - machineTime)) interpreted\n"
    out += functionText() + lineText() + unitText()
    return out
  }

  private func functionText() -> String {
    var out = "\n     self    total  machine  interp.  function\n"
    let all = functions()
    for each in all.prefix(Self.mostFunctions) {
      let columns = [each.own, each.total, each.machine, each.interpreted].map { Self.padded($0 == 0 ? "-" : percent($0), 8) }
      out += " " + columns.joined(separator: " ") + "  \(each.function)\n"
    }
    if all.count > Self.mostFunctions { out += "           and \(Self.count(all.count - Self.mostFunctions, "more function"))\n" }
    return out
  }

  private func lineText() -> String {
    let shown = lines().prefix(Self.mostLines)
    if shown.isEmpty { return "" }
    var out = "\nhottest lines, with what they call of the prelude\n"
    let places = shown.map { "\($0.frame.file):\($0.frame.line)" }
    let width = places.map(\.count).max() ?? 0
    for (line, place) in zip(shown, places) {
      let source = sources[line.frame.file]?[line.frame.line] ?? ""
      out += " \(Self.padded(percent(line.time), 8))  \(place)\(String(repeating: " ", count: width - place.count))  \(Self.trimmed(source))\n"
    }
    return out
  }

  // MARK: What became machine code

  private func unitText() -> String {
    if units.isEmpty, failures.isEmpty { return "\nmachine code: none\n" }
    var out = "\nmachine code: what was recorded and decided, in the order of compilation\n"
    for unit in units.prefix(Self.mostUnits) { out += Self.describe(unit) }
    if units.count > Self.mostUnits { out += "  and \(Self.count(units.count - Self.mostUnits, "more compilation"))\n" }
    for failure in failures.prefix(Self.mostUnits) { out += "  \(failure.name): not compiled, since \(failure.reason)\n" }
    return out
  }

  private static func describe(_ unit: MachineCodeUnit) -> String {
    var out = "  \(unit.name)\(unit.isLoop ? ", a loop" : ""): \(grouped(unit.bytes)) bytes in \(milliseconds(unit.time)), "
    out += unit.recorded > 0 ? "by \(count(unit.recorded, "recorded instruction"))" : "without a record"
    if unit.rareWays > 0 { out += "; \(count(unit.rareWays, "way")) that never ran left to bytecode" }
    out += "\n"
    if !unit.callees.isEmpty { out += "    takes along \(list(unit.callees))\n" }
    if !unit.closures.isEmpty { out += "    calls directly, when it is the closure at hand, \(list(unit.closures))\n" }
    return out
  }

  private static func list(_ names: [String]) -> String {
    names.prefix(mostNames).joined(separator: ", ") + (names.count > mostNames ? " and \(names.count - mostNames) more" : "")
  }

  // MARK: Numbers

  func percent(_ part: Double) -> String { Self.decimal(time > 0 ? part / time * 100 : 0, 1) + " %" }

  static func seconds(_ microseconds: Double) -> String {
    microseconds < 1_000_000 ? milliseconds(microseconds) : decimal(microseconds / 1_000_000, 2) + " s"
  }
  private static func milliseconds(_ microseconds: Double) -> String { decimal(microseconds / 1000, 1) + " ms" }

  /// With `places` digits behind the point, 1 or 2.
  static func decimal(_ number: Double, _ places: Int) -> String {
    let scale = places == 1 ? 10 : 100
    let scaled = Int((number * Double(scale)).rounded())
    let rest = String(scaled % scale)
    return grouped(scaled / scale) + "." + String(repeating: "0", count: places - rest.count) + rest
  }

  private static func count(_ number: Int, _ what: String) -> String { "\(grouped(number)) \(what)\(number == 1 ? "" : "s")" }

  private static func padded(_ text: String, _ width: Int) -> String { String(repeating: " ", count: max(0, width - text.count)) + text }

  /// A line without the space around it, cut where it is too long.
  private static func trimmed(_ line: String) -> String {
    let text = line.drop { $0 == " " || $0 == "\t" }
    let end = text.lastIndex { $0 != " " && $0 != "\t" && $0 != "\r" }.map { text.index(after: $0) } ?? text.startIndex
    let whole = text[text.startIndex..<end]
    return whole.count > widestSource ? whole.prefix(widestSource - 1) + "…" : String(whole)
  }
}
