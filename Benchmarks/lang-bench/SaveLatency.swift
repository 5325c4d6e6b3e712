// The whole way of a saved file: from before the editor's write to after the swap, through the file system,
// the watcher and its debounce. Beside it the row without debounce shows what waiting for quiet costs.

import Foundation
import Histogram
import Session

/// Saves of a program of `definitions` definitions, as an editor does it: written beside, then renamed.
struct SaveLatency {
  let definitions: Int
  /// Milliseconds of quiet the watcher waits for.
  let debounce: Int

  func measure(saves: Int, in directory: String) throws -> Histogram<UInt32> {
    let generator = ProjectGenerator(definitions: definitions, files: 1)
    var texts = (0..<definitions - 1).map { generator.definition($0) + "\n" }
    let path = directory + "/saved\(debounce).lang"
    let text = texts.joined() + RunningProgram.main
    try text.write(toFile: path, atomically: false, encoding: .utf8)

    let committed = DispatchSemaphore(value: 0), watching = DispatchSemaphore(value: 0)
    let program = try RunningProgram(path: path, text: Array(text.utf8)) { event in
      if case .cascade(let report) = event, report.status == .committed { committed.signal() }
    }
    defer { program.end() }
    let session = program.session
    guard let watcher = Watcher(debounce: debounce, files: { _ in session.watchedFiles() }, onBatch: { session.take($0) }) else {
      throw EditFailure(description: "no file watches left")
    }
    Thread { watcher.run { watching.signal() } }.start()
    watching.wait()
    defer { watcher.stop() }
    var histogram = Histogram<UInt32>.forLatencies()
    let functions = texts.indices.filter { generator.isFunction($0) && $0 % 12 != 10 }
    for save in 0..<saves + 5 {
      let index = functions[save * 7 % functions.count]
      texts[index] = generator.definition(index, variant: save + 1) + "\n"
      let bytes = Data((texts.joined() + RunningProgram.main).utf8)
      let start = DispatchTime.now().uptimeNanoseconds
      try bytes.write(to: URL(fileURLWithPath: path), options: .atomic)
      guard committed.wait(timeout: .now() + 10) == .success else {
        throw EditFailure(description: "a saved file was not taken in within ten seconds")
      }
      if save >= 5 { _ = histogram.record(DispatchTime.now().uptimeNanoseconds - start) }
    }
    return histogram
  }
}
