// One client of a session: what it has sent and nobody has looked at, what it asked for, what it is to be sent.
//
//   socket ─► pending line ─► requests ─► worker thread ─┐
//                └─► answered at once ───────────────────┼─► outbox ─► socket
//   events ──────────────────────────────────────────────┘
//
// Invariant: each of the three is bounded, and sending never waits: a client that does not read is dropped, one
// that asks faster than is answered is not read from meanwhile.

import Frontend
import Runtime
import Session
import Synchronization

final class ServedClient: Sendable {
  // Bytes, or requests.
  static let lineLimit = 16 << 20
  static let outboxLimit = 16 << 20
  static let queueLimit = 64
  /// Lines that are no request, before nobody listens any more.
  static let patience = 16

  struct State {
    /// What waits to be sent; from `sent` on.
    var outbox: [UInt8] = []
    var sent = 0
    var requests: [Request] = []
    var isWorking = false
    var hasWorker = false
    /// Nothing more comes from it, or is read.
    var hasEnded = false
    /// Nothing more reaches it.
    var isDropped = false
    var isSubscribed = false
    var evaluation: EvaluationClient?
    /// An interrupt came for a request that the worker has taken and not begun to evaluate.
    var isInterrupted = false
    var malformed = 0
  }

  let socket: Socket
  private let wait: SocketWait
  let state = Mutex(State())
  private let hasWork = Condition()
  /// Has sent a whole request. The thread of the sockets only.
  private let spoken = Atomic(false)
  private let pending = Mutex<[UInt8]>([])

  init(_ socket: Socket, _ wait: SocketWait) {
    self.socket = socket
    self.wait = wait
  }

  var hasSpoken: Bool { spoken.load(ordering: .relaxed) }

  // MARK: Sending

  /// Any thread; never waits. O(length).
  func send(_ line: [UInt8]) {
    let wakes = state.withLock { state -> Bool in
      guard !state.isDropped else { return false }
      var rest = line[...]
      if state.outbox.isEmpty {
        guard let sent = socket.send(rest) else {
          state.isDropped = true
          return true
        }
        rest = rest.dropFirst(sent)
      }
      if rest.isEmpty { return false }
      state.outbox.append(contentsOf: rest)
      if state.outbox.count - state.sent > Self.outboxLimit { state.isDropped = true }
      return true
    }
    if wakes { wait.wake() }
  }

  /// The socket takes more.
  func flush() {
    state.withLock { state in
      guard let sent = socket.send(state.outbox[state.sent...]) else {
        state.isDropped = true
        return
      }
      state.sent += sent
      if state.sent == state.outbox.count {
        state.outbox.removeAll(keepingCapacity: state.outbox.count < 1 << 16)
        state.sent = 0
      } else if state.sent > 1 << 20 {
        state.outbox.removeFirst(state.sent)
        state.sent = 0
      }
    }
  }

  // MARK: Receiving, on the thread of the sockets

  /// What to wait for; nil when the client is done with and can be forgotten.
  var interest: SocketWait.Interest? {
    state.withLock { state in
      if state.isDropped { return nil }
      let hasOutput = !state.outbox.isEmpty
      if state.hasEnded, !hasOutput, state.requests.isEmpty, !state.isWorking { return nil }
      let reads = !state.hasEnded && state.requests.count < Self.queueLimit && state.outbox.count - state.sent < 1 << 20
      return SocketWait.Interest(socket, reads: reads, writes: hasOutput)
    }
  }

  /// Reads what is there and gives whole lines to `take`. O(what is read).
  func receive(_ take: (ArraySlice<UInt8>) -> Void) {
    switch socket.receive() {
    case .nothing: return
    case .end:
      // A line without its end was never a request.
      pending.withLock { $0 = [] }
      state.withLock { $0.hasEnded = true }
    case .bytes(let piece):
      var rest = piece[...]
      while let newline = rest.firstIndex(of: 0x0a) {
        var line = pending.withLock { line in
          defer { line = [] }
          return line
        }
        line.append(contentsOf: rest[..<newline])
        rest = rest[(newline + 1)...]
        if line.last == 0x0d { line.removeLast() }
        if line.isEmpty { continue }
        if line.count > Self.lineLimit { return refuseLine() }
        spoken.store(true, ordering: .relaxed)
        take(line[...])
        if state.withLock({ $0.hasEnded }) { return }
      }
      let length = pending.withLock { line in
        line.append(contentsOf: rest)
        return line.count
      }
      if length > Self.lineLimit { refuseLine() }
    }
  }

  private func refuseLine() {
    pending.withLock { $0 = [] }
    leave(answer(.null, failure: "a request is longer than \(Self.lineLimit >> 20) MB"))
  }

  /// Says a last word and listens no more.
  func leave(_ lastWord: [UInt8]) {
    send(lastWord)
    state.withLock { $0.hasEnded = true }
  }

  func refuse(_ problem: Request.Malformed) {
    let isLast = state.withLock { state in
      state.malformed += 1
      return state.malformed >= Self.patience
    }
    send(answer(problem.id, failure: problem.message))
    if isLast { leave(answer(.null, failure: "\(Self.patience) lines were no requests; goodbye")) }
  }

  // MARK: Working

  /// Queues a request. True: it needs a thread that calls `work`.
  func add(_ request: Request) -> Bool {
    let needsWorker = state.withLock { state in
      state.requests.append(request)
      defer { state.hasWorker = true }
      return !state.hasWorker
    }
    hasWork.signal()
    return needsWorker
  }

  /// Does what is asked for, one after the other, until the client is gone.
  func work(_ perform: (Request) -> Void) {
    while true {
      hasWork.wait { state.withLock { !$0.requests.isEmpty || $0.isDropped || $0.hasEnded } }
      let next = state.withLock { state -> Request? in
        guard !state.requests.isEmpty else {
          state.hasWorker = false
          return nil
        }
        state.isWorking = true
        return state.requests.removeFirst()
      }
      guard let next else { return }
      // There is room again.
      wait.wake()
      perform(next)
      state.withLock {
        $0.isWorking = false
        $0.isInterrupted = false
      }
      wait.wake()
    }
  }

  /// Takes evaluations that have not begun out of the queue.
  func withdrawEvaluations() -> [Request] {
    state.withLock { state in
      func isEvaluation(_ request: Request) -> Bool { if case .evaluate = request.action { true } else { false } }
      defer { state.requests.removeAll(where: isEvaluation) }
      return state.requests.filter(isEvaluation)
    }
  }

  /// The other end is gone: nothing reaches it. What it asked for is done all the same, but for evaluations.
  func drop() {
    state.withLock {
      $0.isDropped = true
      $0.hasEnded = true
      $0.outbox = []
      $0.sent = 0
    }
    pending.withLock { $0 = [] }
    socket.end()
    hasWork.signal()
  }
}
