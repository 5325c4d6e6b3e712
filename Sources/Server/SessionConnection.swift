// A client's end of the protocol: asks the session of a project and waits for its answers.
//
// Invariant: one thread asks; others may only interrupt.

import Frontend
import Runtime
import Synchronization

public final class SessionConnection: Sendable {
  /// Why there is no connection.
  public enum Problem: Error, Equatable, Sendable {
    case noSession
    /// Something is there, but says nothing, or not what a session says.
    case silent(process: Int?)
    case refused(String)
  }

  public struct Failure: Error, Equatable, Sendable { public var message: String }

  private struct Received {
    var bytes: [UInt8] = []
    var at = 0
  }

  private let socket: Socket
  private let received = Mutex(Received())
  private let lastID = Atomic(0)

  private init(_ socket: Socket) { self.socket = socket }

  /// Connects to the session at `place` and reads its greeting, for which it waits five seconds at most.
  public static func open(_ place: SessionPlace) -> Result<SessionConnection, Problem> {
    guard case .success(let socket) = Socket.connect(place.socket) else { return .failure(.noSession) }
    let connection = SessionConnection(socket)
    guard socket.waitForMore(milliseconds: 5000), let greeting = connection.next() else { return .failure(.silent(process: place.owner)) }
    if let error = greeting["error"]?.string { return .failure(.refused(error)) }
    guard greeting["event"]?.string == "hello" else { return .failure(.silent(process: place.owner)) }
    guard greeting["protocol"]?.integer == SessionServer.version else {
      return .failure(.refused("the session is of another version of lang; start it again"))
    }
    // Another project of the same hash is not ours.
    guard greeting["root"]?.string == place.root else { return .failure(.noSession) }
    return .success(connection)
  }

  /// The next event or answer; waits. nil when the session has ended.
  public func next() -> JSONValue? {
    while true {
      let line = received.withLock { state -> ArraySlice<UInt8>? in
        guard let newline = state.bytes[state.at...].firstIndex(of: 0x0a) else { return nil }
        defer { state.at = newline + 1 }
        return state.bytes[state.at..<newline]
      }
      if let line {
        if case .success(let value) = JSONReader.read(line) { return value }
        continue
      }
      guard case .bytes(let piece) = socket.receive() else { return nil }
      received.withLock { state in
        state.bytes.removeFirst(state.at)
        state.at = 0
        state.bytes.append(contentsOf: piece)
      }
    }
  }

  /// Asks for something and waits for its answer; events that come meanwhile go to `note`, as long as `isAwaited` says so
  /// each second in which nothing comes.
  public func ask(
    _ action: String, _ fields: (inout JSONWriter) -> Void = { _ in }, note: (JSONValue) -> Void = { _ in },
    isSlow: () -> Void = {}
  ) -> Result<JSONValue, Failure> {
    let id = lastID.wrappingAdd(1, ordering: .relaxed).newValue
    let request = line { out in
      out.field("id", id)
      out.field("do", action)
      fields(&out)
    }
    guard socket.sendAll(request) else { return .failure(Failure(message: "the session has ended")) }
    var isTold = false
    while true {
      if !isTold, !hasLine, !socket.waitForMore(milliseconds: 1000) {
        isTold = true
        isSlow()
      }
      guard let value = next() else { return .failure(Failure(message: "the session has ended")) }
      if value["event"] != nil {
        note(value)
      } else if value["id"]?.integer == id {
        if value["ok"]?.bool == true { return .success(value) }
        return .failure(Failure(message: value["error"]?.string ?? "the session refuses"))
      }
    }
  }

  private var hasLine: Bool { received.withLock { $0.bytes[$0.at...].contains(0x0a) } }

  /// Ends what the session evaluates for this client. Any thread.
  public func interrupt() { _ = socket.sendAll(line { $0.field("do", "interrupt") }) }
}
