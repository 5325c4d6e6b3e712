// Flags of `lang run` and `lang dev` that show machine code to tools beside the program.

import ArgumentParser
import JIT
import Runtime
import Session

struct MachineCodeOptions: ParsableArguments {
  @Flag(help: "Write the names of machine code to /tmp/perf-PID.map, where `perf report` looks for them.")
  var perfMap = false
  @Flag(help: "Tell GDB of machine code: its backtraces show the program's functions.")
  var gdb = false

  /// `warn` is told what cannot be done.
  func apply(to options: inout SessionOptions, warn: (String) -> Void) {
    if gdb { options.tiering.isDebugged = true }
    guard perfMap else { return }
    let path = "/tmp/perf-\(Process.identifier).map"
    // Anybody may put a link there.
    switch OutputFile.open(path, followsLinks: false) {
    case .failure(let problem): warn("`perf` will not know the names of machine code: cannot write `\(path)`: \(problem.words)")
    case .success(let file):
      options.onLinked = { functions in
        file.write(functions.map { "\(String($0.address, radix: 16)) \(String($0.bytes, radix: 16)) \($0.name)\n" }.joined())
      }
    }
  }
}
