// The session's end of the protocol: a socket that clients connect to, one thread for all sockets, and one more for
// each client that has something compiled or evaluated.
//
// Invariant: whatever clients do, the session goes on: no call from the session or its program into this file waits
// for a client.

import Frontend
import Runtime
import Session
import Synchronization

/// What clients may ask of whoever runs the session.
public struct ServerActions: Sendable {
  /// Starts the program afresh; answers why that is not possible.
  var restart: @Sendable () -> String?
  var quit: @Sendable () -> Void

  public init(restart: @escaping @Sendable () -> String?, quit: @escaping @Sendable () -> Void) {
    self.restart = restart
    self.quit = quit
  }
}

public final class SessionServer: Sendable {
  public static let version = 1
  static let clientLimit = 32

  public enum OpenProblem: Error, Equatable, Sendable {
    /// Another session of this project runs, in this process if that is known.
    case occupied(process: Int?)
    case system(String)
  }

  private struct State {
    var clients: [ServedClient] = []
    var board: StatusBoard
    var isClosed = false
    /// Files by the paths that clients gave, as the session spells them.
    var spellings: [String: String] = [:]
    var place: SessionPlace?
    var lock: FileLock?
  }

  private let state: Mutex<State>
  private let root: String
  private let subscribers = Atomic(0)
  let wait: SocketWait?

  /// For the session of the program `title` of the project at `root`; see `SessionPlace`.
  public init(title: String, root: String) {
    self.root = root
    state = Mutex(State(board: StatusBoard(title: title, root: root)))
    wait = SocketWait()
  }

  // MARK: The session's side

  /// Begins to take clients. Everything that the session tells has to go to `tell` as well.
  public func open(at place: SessionPlace, _ session: Session, _ actions: ServerActions) -> OpenProblem? {
    guard let wait else { return .system("the process has too many open files") }
    guard let lock = FileLock(place.lock) else {
      return Files.exists(place.lock) ? .occupied(process: place.owner) : .system("`\(place.lock)` cannot be made")
    }
    lock.write("\(Process.identifier)\n\(place.root)")
    // With the lock ours, whoever made this is dead.
    Files.remove(place.socket)
    switch SocketListener.open(place.socket) {
    case .failure(let problem):
      Files.remove(place.lock)
      return .system("`\(place.socket)` cannot be made: \(problem.words)")
    case .success(let listener):
      state.withLock {
        $0.place = place
        $0.lock = lock
      }
      let isStarted = Threads.start(stackBytes: 1 << 20) { [self] in serve(listener, wait, session, actions) }
      return isStarted ? nil : .system("the system gives no thread")
    }
  }

  /// Notes an event and sends it to all who subscribed. Any thread; never waits for a client.
  public func tell(_ event: SessionEvent) {
    state.withLock { $0.board.note(event) }
    guard subscribers.load(ordering: .acquiring) > 0 else { return }
    let json = event.json
    if json.isEmpty { return }
    let line = Array(json.utf8) + [0x0a]
    for client in state.withLock({ $0.clients }) where client.state.withLock({ $0.isSubscribed }) { client.send(line) }
  }

  /// Takes no more clients; those there are lose their connection. The socket is gone afterwards.
  public func close() {
    state.withLock { state in
      state.isClosed = true
      // In this order: who finds the lock free may make a socket of its own.
      if let place = state.place {
        Files.remove(place.socket)
        Files.remove(place.lock)
      }
      state.place = nil
      state.lock = nil
    }
    wait?.wake()
  }

  // MARK: The thread of the sockets

  private func serve(_ listener: SocketListener, _ wait: SocketWait, _ session: Session, _ actions: ServerActions) {
    /// The process has no descriptors left: clients wait to be taken until one goes, or a moment has passed.
    var isExhausted = false
    while true {
      let (clients, isClosed) = state.withLock { ($0.clients, $0.isClosed) }
      var served: [ServedClient] = []
      var interests: [SocketWait.Interest] = []
      for client in clients {
        if !isClosed, let interest = client.interest {
          served.append(client)
          interests.append(interest)
        } else {
          forget(client, session)
        }
      }
      if isClosed { return }
      let (isCalled, ready) = wait.wait(isExhausted ? nil : listener, interests, milliseconds: isExhausted ? 1000 : nil)
      isExhausted = false
      for (i, client) in served.enumerated() where i < ready.count {
        if ready[i].writes { client.flush() }
        if ready[i].reads {
          client.receive { line in take(line, client, session, actions) }
        } else if ready[i].isGone {
          forget(client, session)
        }
      }
      if isCalled { isExhausted = !accept(listener, wait) }
    }
  }

  /// False: there are no descriptors left.
  private func accept(_ listener: SocketListener, _ wait: SocketWait) -> Bool {
    while true {
      switch listener.accept() {
      case .nobody: return true
      case .exhausted: return false
      case .socket(let socket):
        let client = ServedClient(socket, wait)
        let (isTaken, silent) = state.withLock { state -> (Bool, ServedClient?) in
          var silent: ServedClient?
          if state.clients.count >= Self.clientLimit {
            // One that came and never said anything makes room.
            silent = state.clients.first { !$0.hasSpoken }
            guard let silent else { return (false, nil) }
            state.clients.removeAll { $0 === silent }
          }
          state.clients.append(client)
          return (true, silent)
        }
        silent?.drop()
        if isTaken {
          client.send(greeting())
        } else {
          client.send(answer(.null, failure: "the session has \(Self.clientLimit) clients, and takes no more"))
        }
      }
    }
  }

  private func greeting() -> [UInt8] {
    let title = state.withLock { $0.board.title }
    return line { out in
      out.field("event", "hello")
      out.field("protocol", Self.version)
      out.field("program", title)
      out.field("root", root)
      out.field("pid", Process.identifier)
    }
  }

  private func forget(_ client: ServedClient, _ session: Session) {
    let evaluation = client.state.withLock { state in
      if state.isSubscribed { subscribers.wrappingSubtract(1, ordering: .acquiringAndReleasing) }
      state.isSubscribed = false
      return state.evaluation
    }
    client.drop()
    _ = client.withdrawEvaluations()
    if let evaluation { session.interruptEvaluation(of: evaluation, isGone: true) }
    state.withLock { state in state.clients.removeAll { $0 === client } }
  }

  // MARK: Requests

  private func take(_ line: ArraySlice<UInt8>, _ client: ServedClient, _ session: Session, _ actions: ServerActions) {
    switch Request.read(line) {
    case .failure(let problem): client.refuse(problem)
    case .success(let request):
      if request.action.isDoneAtOnce {
        performAtOnce(request, client, session, actions)
      } else if client.add(request) {
        let isStarted = Threads.start { [self] in client.work { perform($0, client, session) } }
        if !isStarted {
          client.state.withLock { $0.requests = [] }
          client.leave(answer(request.id, failure: "the system gives no thread"))
        }
      }
    }
  }

  private func performAtOnce(_ request: Request, _ client: ServedClient, _ session: Session, _ actions: ServerActions) {
    let id = request.id
    switch request.action {
    case .status:
      let functions = session.countFunctions()
      let (board, clients) = state.withLock { ($0.board, $0.clients.count) }
      client.send(answer(id) { out in out.object("status") { board.write(to: &$0, functions: functions, clients: clients) } })
    case .restart:
      client.send(actions.restart().map { answer(id, failure: $0) } ?? answer(id))
    case .quit:
      client.send(answer(id))
      actions.quit()
    case .subscribe(let wanted):
      let change = client.state.withLock { state in
        defer { state.isSubscribed = wanted }
        return (wanted ? 1 : 0) - (state.isSubscribed ? 1 : 0)
      }
      subscribers.wrappingAdd(change, ordering: .acquiringAndReleasing)
      client.send(answer(id))
    case .interrupt:
      let withdrawn = client.withdrawEvaluations()
      for request in withdrawn { client.send(answer(request.id, failure: "interrupted")) }
      let (evaluation, isComing) = client.state.withLock { state in
        if state.evaluation == nil, state.isWorking { state.isInterrupted = true }
        return (state.evaluation, state.isInterrupted)
      }
      let found = evaluation.map { session.interruptEvaluation(of: $0) } ?? isComing
      client.send(found || !withdrawn.isEmpty ? answer(id) : answer(id, failure: "nothing of yours is being evaluated"))
    case .edit, .evaluate, .type, .expand, .documentation, .disassemble, .names: break
    }
  }

  /// On the client's thread.
  private func perform(_ request: Request, _ client: ServedClient, _ session: Session) {
    let id = request.id
    switch request.action {
    case .edit(let files): client.send(edit(files, id, session))
    case .evaluate(let text, let name, let isFile): evaluate(text, name, isFile, id, client, session)
    case .type(let text): client.send(answer(id) { out in if let found = session.type(of: text) { found.write("result", to: &out) } })
    case .expand(let text): client.send(answer(id) { session.expansion(of: text)?.write(to: &$0) })
    case .documentation(let name): client.send(answer(id) { out in if let text = session.documentation(of: name) { out.field("text", text) } })
    case .disassemble(let name): client.send(answer(id) { out in if let text = session.disassembly(of: name) { out.field("text", text) } })
    case .names: client.send(answer(id) { $0.field("names", session.visibleNames()) })
    case .status, .restart, .quit, .interrupt, .subscribe: break
    }
  }

  private func edit(_ files: [Request.FileRequest], _ id: JSONValue, _ session: Session) -> [UInt8] {
    var edits: [ClientEdit] = []
    for file in files {
      guard let path = spelling(of: file.file, session) else {
        return answer(id, failure: "`\(file.file)` is not a file of this program, nor where one of its modules could be")
      }
      edits.append(ClientEdit(path: path, change: file.change))
    }
    switch session.apply(edits) {
    case .failure(let problem): return answer(id, failure: problem.message)
    case .success(let report):
      return answer(id) { out in
        out.key("report")
        out.raw(SessionEvent.cascade(report).json)
      }
    }
  }

  /// A path relative to the project's directory, or absolute, as the session spells it.
  private func spelling(of path: String, _ session: Session) -> String? {
    if let known = state.withLock({ $0.spellings[path] }) { return known }
    let directory = Files.isDirectory(root) ? root : root.lastIndex(of: "/").map { String(root[..<$0]) } ?? ""
    guard let absolute = Session.canonical(path.hasPrefix("/") ? path : directory + "/" + path) else { return nil }
    guard let found = session.spelling(of: absolute) else { return nil }
    state.withLock { state in
      // A client may name any number of files.
      if state.spellings.count >= 4096 { state.spellings = [:] }
      state.spellings[path] = found
    }
    return found
  }

  private func evaluate(
    _ text: [UInt8], _ name: String, _ isFile: Bool, _ id: JSONValue, _ client: ServedClient, _ session: Session
  ) {
    let pieces = OutputPieces(id, client)
    let evaluation = EvaluationClient(
      begun: { client.send(line { out in out.field("event", "evaluating"); out.key("id"); id.write(to: &out) }) },
      output: { pieces.send($0, $1) })
    let isWanted = client.state.withLock { state in
      if state.isDropped || state.isInterrupted { return false }
      state.evaluation = evaluation
      return true
    }
    guard isWanted else { return client.send(answer(id, failure: "interrupted")) }
    var hasFailed = false
    session.evaluate(text, name: name, isFile: isFile, for: evaluation) { result in
      pieces.finish()
      hasFailed = hasFailed || result.isFailure
      client.send(
        line { out in
          out.field("event", "evaluated")
          out.key("id")
          id.write(to: &out)
          result.write("result", to: &out)
        })
    }
    client.state.withLock { $0.evaluation = nil }
    client.send(answer(id) { $0.field("failed", hasFailed) })
  }
}

/// Output of evaluated code, in events whose texts are whole characters.
private final class OutputPieces: Sendable {
  private let id: JSONValue
  private let client: ServedClient
  /// The start of a character, by file.
  private let rest = Mutex<[Int: [UInt8]]>([:])

  init(_ id: JSONValue, _ client: ServedClient) {
    self.id = id
    self.client = client
  }

  func send(_ text: [UInt8], _ file: Int) {
    let whole = rest.withLock { rest -> [UInt8] in
      var all = (rest[file] ?? []) + text
      let cut = Self.startOfCutCharacter(all)
      rest[file] = Array(all[cut...])
      all.removeSubrange(cut...)
      return all
    }
    tell(whole, file)
  }

  func finish() {
    let left = rest.withLock { rest in
      defer { rest = [:] }
      return rest
    }
    for (file, text) in left { tell(text, file) }
  }

  private func tell(_ text: [UInt8], _ file: Int) {
    if text.isEmpty { return }
    client.send(
      line { out in
        out.field("event", "output")
        out.key("id")
        id.write(to: &out)
        out.field("stream", file)
        out.field("text", String(decoding: text, as: UTF8.self))
      })
  }

  private static func startOfCutCharacter(_ text: [UInt8]) -> Int {
    for back in 1...3 where back <= text.count {
      let byte = text[text.count - back]
      if byte & 0xc0 == 0x80 { continue }
      let length = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : byte >= 0xc0 ? 2 : 1
      return length > back ? text.count - back : text.count
    }
    return text.count
  }
}
