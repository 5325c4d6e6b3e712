// A profile as https://www.speedscope.app reads it. Stacks that are equal are one sample, so its "left heavy" and "sandwich" views say
// everything and its view by time nothing.

import Frontend

extension Profile {
  /// One line of JSON; `name` is shown as its title. Times are µs.
  public func speedscope(name: String) -> String {
    let shown = stacks.sorted { $0.frames.lexicographicallyPrecedes($1.frames) }
    var out = JSONWriter()
    out.object { out in
      out.field("$schema", "https://www.speedscope.app/file-format-schema.json")
      out.field("exporter", "lang")
      out.object("shared") { out in
        out.array("frames") { out in
          // Machine code has frames of its own, behind those of the interpreter.
          for suffix in ["", " [jit]"] {
            for frame in frames {
              out.object { out in
                out.field("name", frame.function + suffix)
                if !frame.file.isEmpty {
                  out.field("file", frame.file)
                  out.field("line", frame.line)
                }
              }
            }
          }
        }
      }
      out.array("profiles") { out in
        out.object { out in
          out.field("type", "sampled")
          out.field("name", name)
          out.field("unit", "microseconds")
          out.field("startValue", 0)
          out.field("endValue", shown.reduce(0) { $0 + Int($1.time.rounded()) })
          out.array("samples") { out in
            for stack in shown {
              out.array { out in
                for (i, frame) in stack.frames.enumerated().reversed() { out.value(i == 0 && stack.isMachineCode ? frame + frames.count : frame) }
              }
            }
          }
          out.array("weights") { out in
            for stack in shown { out.value(Int(stack.time.rounded())) }
          }
        }
      }
    }
    return out.text + "\n"
  }
}
