// One run of a program from the top to its end, as `lang run` does it, with its output kept.

import Frontend
import JIT
import Runtime
import Session
import Synchronization
import Testing

struct Execution {
  var stdout: [UInt8] = []
  /// What the program wrote there and what `lang run` reports: diagnostics and panics.
  var stderr: [UInt8] = []
  var exit = 0
  var diagnostics: [LocatedDiagnostic] = []
  var hasLoaded = false
  var isOver = false
  var disassembly: [String: String] = [:]
  /// What was compiled to machine code.
  var native = TieringStatistics()

  /// A stop on request is not a failure when `mayBeCutShort`; otherwise a program that has not ended
  /// after `seconds` is one.
  static func run(
    _ source: [UInt8], path: String = "main.lang", seconds: Double = 60, mayBeCutShort: Bool = false,
    _ adjust: (inout SessionOptions) -> Void = { _ in }
  ) -> Execution {
    let monitor = Monitor(Execution())
    var options = SessionOptions()
    options.verifies = true
    options.output = { text, file in
      monitor.update { if file == 1 { $0.stdout += text } else { $0.stderr += text } }
    }
    adjust(&options)
    let session = Session(options: options) { event in
      if case .panic(let panic) = event { monitor.update { $0.stderr += Array(panic.terminal(colours: false).utf8) } }
    }
    Threads.start {
      let problems = session.load([(path, source)])
      monitor.update {
        $0.diagnostics = problems
        $0.hasLoaded = session.hasProgram
        for problem in problems { $0.stderr += Array(problem.terminal.utf8) }
      }
      let exit = session.hasProgram ? session.run() : 1
      let native = session.statistics.native
      monitor.update {
        $0.exit = exit
        $0.native = native
        $0.isOver = true
      }
    }
    if monitor.wait(seconds: seconds, until: \.isOver) { return monitor.value }
    session.requestQuit()
    let stopped = monitor.wait(seconds: 30, until: \.isOver)
    if !stopped { Issue.record("\(path): does not stop when asked to") }
    if !mayBeCutShort { Issue.record("\(path): has not ended after \(seconds) s") }
    monitor.update { $0.isOver = false }
    return monitor.value
  }

  /// The problems of a program that is only checked, on a stack as large as the compiler asks for.
  static func check(
    _ source: [UInt8], path: String = "main.lang", seconds: Double = 60, files: SourceAccess = .disk
  ) -> [LocatedDiagnostic]? {
    let monitor = Monitor<[LocatedDiagnostic]?>(nil)
    Threads.start {
      var options = SessionOptions()
      options.files = files
      let found = Session(options: options).check([(path, source)], needsMain: true)
      monitor.update { $0 = found }
    }
    return monitor.wait(seconds: seconds) { $0 != nil } ? monitor.value : nil
  }
}
