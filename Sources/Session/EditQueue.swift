// Batches of edits that wait for the compiler. Whoever gets it takes all that wait, as one cascade: what several clients change at
// once is looked at once, and the last to come waits for two cascades at most.
//
//   client ─► queue ─┐                        ┌─► its own report, told to everybody
//   client ─► queue ─┼─► whoever has `compiling` ─► one cascade
//   client ─► queue ─┘                        └─► the same report, as an answer
//
// Invariant: batches are taken in the order they came in; ranges count on the texts that the batch before has left.

import Synchronization

/// Edits that go together, as a client asks for them.
final class EditBatch: @unchecked Sendable {
  /// The edits, made when nobody else can change the texts, so that their ranges are right.
  let make: (Session) -> [FileEdit]
  /// With these the texts are as before, should the batch be refused. Such a batch shares its cascade with no other.
  let undo: ((Session) -> [FileEdit])?
  /// When the session got it, µs.
  let start: Double
  /// What came of it. With `compiling` held.
  var report: CascadeReport?

  init(start: Double, undo: ((Session) -> [FileEdit])?, make: @escaping (Session) -> [FileEdit]) {
    self.make = make
    self.undo = undo
    self.start = start
  }
}

struct EditQueue: ~Copyable {
  private let waiting = Mutex<[EditBatch]>([])

  func add(_ batch: EditBatch) { waiting.withLock { $0.append(batch) } }

  /// Takes the first batches that may share a cascade.
  func takeNext() -> [EditBatch] {
    waiting.withLock { waiting in
      let shared = waiting.prefix { $0.undo == nil }.count
      let taken = Array(waiting.prefix(max(1, shared)))
      waiting.removeFirst(taken.count)
      return taken
    }
  }

  var count: Int { waiting.withLock { $0.count } }
}
