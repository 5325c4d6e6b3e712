// A profile along time, in the trace event format that https://ui.perfetto.dev and chrome://tracing read: a function is a bar from the
// first sample in which it was found to the last in a row. Where nothing is drawn the program waited.

import Frontend

extension Profile {
  /// A sample when it was taken.
  public struct Moment: Sendable {
    /// Index of the stack.
    public var stack: Int
    /// µs since the start.
    public var end: Double
    /// µs of processor time since the sample before.
    public var time: Double

    public init(stack: Int, end: Double, time: Double) { (self.stack, self.end, self.time) = (stack, end, time) }
  }

  /// One line of JSON; `name` is shown as the process's. Needs `moments`.
  public func trace(name: String) -> String {
    var out = JSONWriter()
    out.object { out in
      out.field("displayTimeUnit", "ms")
      out.array("traceEvents") { out in
        out.object { out in
          Self.head(&out, "process_name", "M")
          out.object("args") { $0.field("name", name) }
        }
        // Outermost first.
        var open: [(name: String, start: Double)] = []
        var last = 0.0
        func close(from depth: Int, _ out: inout JSONWriter) {
          while open.count > depth, let (name, start) = open.popLast() {
            out.object { out in
              Self.head(&out, name, "X")
              out.field("ts", decimal: start)
              out.field("dur", decimal: max(0, last - start))
            }
          }
        }
        for moment in moments {
          let start = max(last, moment.end - moment.time)
          let stack = stacks[moment.stack]
          let names = stack.frames.enumerated().reversed().map { frames[$1].function + ($0 == 0 && stack.isMachineCode ? " [jit]" : "") }
          // Between samples in a row there is less than nothing measurable, unless it waited.
          let isContinued = start - last < Self.shortestPause
          let kept = isContinued ? zip(open, names).prefix { $0.name == $1 }.count : 0
          close(from: kept, &out)
          for name in names.dropFirst(kept) { open.append((name, isContinued ? last : start)) }
          last = moment.end
        }
        close(from: 0, &out)
      }
    }
    return out.text + "\n"
  }

  /// In µs.
  private static let shortestPause = 500.0

  private static func head(_ out: inout JSONWriter, _ name: String, _ phase: String) {
    out.field("name", name)
    out.field("ph", phase)
    out.field("pid", 1)
    out.field("tid", 1)
  }
}
