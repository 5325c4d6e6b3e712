// A program in a live loop on a thread of its own, for what is measured while it runs.

import Foundation
import Session

final class RunningProgram {
  /// What stands behind the generated definitions.
  static let main = """
    (defn bench-start [] -> Int 0)
    (defn bench-step [n: Int] -> Bool true)
    (defn main [] -> Unit (live-loop bench-start bench-step))

    """

  let session: Session
  private let ended = DispatchSemaphore(value: 0)

  /// Loads and starts it; throws when it does not compile.
  init(path: String, text: [UInt8], options: SessionOptions = SessionOptions(), onEvent: @escaping @Sendable (SessionEvent) -> Void = { _ in }) throws {
    let session = Session(options: options, onEvent: onEvent)
    self.session = session
    let ended = ended, loaded = DispatchSemaphore(value: 0)
    // Deep source needs a deep host stack while it is compiled.
    let thread = Thread {
      let problems = session.load([(path, text)])
      for problem in problems { print(problem.terminal) }
      loaded.signal()
      _ = session.run()
      ended.signal()
    }
    thread.stackSize = 256 << 20
    thread.start()
    loaded.wait()
    guard session.hasProgram else { throw EditFailure(description: "the generated program does not compile") }
  }

  func end() {
    session.requestQuit()
    ended.wait()
  }
}
