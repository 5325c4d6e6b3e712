// A profile as a picture, a flame graph hanging from its root (Gregg 2016): a box for each function where it was called from, as wide as
// its share of the time, what it called below it. The warmer a box, the more of it was machine code.

extension Profile {
  // In pixels.
  private static let width = 1200.0
  private static let row = 18
  private static let top = 58
  private static let letter = 6.7
  /// Boxes that are narrower are not drawn.
  private static let narrowest = 0.2

  private final class Box {
    let name: String
    var time = 0.0
    var machine = 0.0
    var below: [Box] = []
    var index: [String: Int] = [:]
    init(_ name: String) { self.name = name }

    func child(_ name: String) -> Box {
      if let known = index[name] { return below[known] }
      let made = Box(name)
      index[name] = below.count
      below.append(made)
      return made
    }
  }

  /// An SVG file. `name` is its title.
  public func flames(name: String) -> String {
    let root = Box("all")
    for stack in stacks {
      var box = root
      func add() {
        box.time += stack.time
        if stack.isMachineCode { box.machine += stack.time }
      }
      add()
      for frame in stack.frames.reversed() {
        box = box.child(frames[frame].function)
        add()
      }
    }
    // By rows, so that nothing recurses as deep as the program did.
    var boxes = ""
    var rows = 0
    var level: [(box: Box, x: Double)] = root.time > 0 ? [(root, 0)] : []
    while !level.isEmpty {
      var next: [(box: Box, x: Double)] = []
      for (box, x) in level {
        boxes += draw(box, x, rows, of: root.time)
        var x = x
        for child in box.below.sorted(by: { ($1.time, $0.name) < ($0.time, $1.name) }) {
          let width = child.time / root.time * Self.width
          if width >= Self.narrowest { next.append((child, x)) }
          x += width
        }
      }
      level = next
      rows += 1
    }
    let height = Self.top + rows * Self.row + 10
    return """
      <svg xmlns="http://www.w3.org/2000/svg" width="\(Int(Self.width))" height="\(height)" viewBox="0 0 \(Int(Self.width)) \(height)" \
      font-family="ui-monospace, monospace" font-size="11">
      <rect width="100%" height="100%" fill="#ffffff"/>
      <text x="8" y="22" font-size="15">\(Self.escaped(name))</text>
      <text x="8" y="42">\(Self.escaped(Self.seconds(time))) of processor time; orange: machine code, blue: interpreted</text>
      \(boxes)</svg>

      """
  }

  private func draw(_ box: Box, _ x: Double, _ row: Int, of all: Double) -> String {
    let width = box.time / all * Self.width
    let share = box.time > 0 ? box.machine / box.time : 0
    func mixed(_ cold: Int, _ warm: Int) -> Int { cold + Int((Double(warm - cold) * share).rounded()) }
    let colour = "rgb(\(mixed(150, 250)),\(mixed(195, 180)),\(mixed(235, 110)))"
    let y = Self.top + row * Self.row
    let title = "\(box.name): \(percent(box.time)), \(Self.seconds(box.time))\(box.time > 0 ? ", \(Self.decimal(share * 100, 1)) % of it machine code" : "")"
    var out = "<g><title>\(Self.escaped(title))</title><rect x=\"\(Self.pixels(x))\" y=\"\(y)\" width=\"\(Self.pixels(max(0.1, width - 0.5)))\" "
    out += "height=\"\(Self.row - 1)\" rx=\"2\" fill=\"\(colour)\"/>"
    let room = Int((width - 8) / Self.letter)
    if room >= 3 {
      let label = box.name.count > room ? box.name.prefix(room - 1) + "…" : box.name[...]
      out += "<text x=\"\(Self.pixels(x + 4))\" y=\"\(y + 13)\">\(Self.escaped(String(label)))</text>"
    }
    return out + "</g>\n"
  }

  private static func pixels(_ number: Double) -> String {
    let tenths = Int((number * 10).rounded())
    return "\(tenths / 10).\(tenths % 10)"
  }

  private static func escaped(_ text: String) -> String {
    var out = ""
    for letter in text {
      switch letter {
      case "&": out += "&amp;"
      case "<": out += "&lt;"
      case ">": out += "&gt;"
      case "\"": out += "&quot;"
      default: out.append(letter)
      }
    }
    return out
  }
}
