// A live program with a server, and clients connected to it over a real socket.

import Frontend
import Runtime
import Server
import Session
import Synchronization
import Testing

final class ServedProgram: Sendable {
  let live: LiveProgram
  let server: SessionServer
  let place: SessionPlace
  /// How often clients asked for a restart.
  let restarts = Atomic(0)
  private static let count = Atomic(0)

  /// The program is loaded and started; its file is `main.lang`.
  init(_ text: String) throws {
    let directory = Self.directory()
    let root = try #require(resolvedPath("."))
    let server = SessionServer(title: "main", root: root)
    self.server = server
    place = SessionPlace(root: root, directory: directory)
    live = LiveProgram(tell: { server.tell($0) })
    let problems = onCompilerStack { [live] in
      live.session.load(ProgramFiles([(path: "main.lang", text: Array(text.utf8))]).takingDefinitions())
    }
    #expect(problems.isEmpty)
    live.start()
    #expect(open() == nil)
  }

  func open() -> SessionServer.OpenProblem? {
    server.open(
      at: place, live.session,
      ServerActions(
        restart: { [self] in
          restarts.wrappingAdd(1, ordering: .relaxed)
          live.session.requestRestart()
          return nil
        }, quit: {}))
  }

  static func directory() -> String {
    let directory = "/tmp/lang-test-\(Process.identifier)-\(count.wrappingAdd(1, ordering: .relaxed).newValue)"
    #expect(Files.makePrivateDirectory(directory))
    return directory
  }

  func connect() throws -> SessionConnection { try SessionConnection.open(place).get() }

  /// Bytes instead of requests.
  func raw() throws -> Socket { try Socket.connect(place.socket).get() }

  func stop() {
    #expect(live.stop())
    server.close()
  }
}

extension SessionConnection {
  /// The answer, or what went wrong.
  func demand(_ action: String, _ fields: String = "") -> JSONValue {
    let parsed = try? JSONReader.read(Array("{\(fields)}".utf8)).get()
    guard case .object(let list)? = parsed else { return .null }
    switch ask(action, { out in for field in list { out.key(field.name); field.value.write(to: &out) } }) {
    case .success(let answer): return answer
    case .failure(let failure): return .string(Array(failure.message.utf8))
    }
  }

  /// What evaluating gave: results and output, in order, in short.
  func evaluated(_ text: String) -> [String] {
    var found: [String] = []
    let answer = ask("evaluate", { $0.field("text", text) }) { event in
      switch event["event"]?.string {
      case "output": found.append("> " + (event["text"]?.string ?? ""))
      case "evaluated":
        guard let result = event["result"].flatMap({ Evaluated($0) }) else { return }
        switch result {
        case .value(let text, let type): found.append("\(text ?? "<fn>") : \(type)")
        case .unit: found.append("()")
        case .defined(let names): found.append("defined " + names.joined(separator: " "))
        case .problems(let problems): found.append(problems.map(\.code.rawValue).joined(separator: " "))
        case .panic(let panic): found.append("panic: " + panic.message)
        case .note(let text): found.append("note: " + text)
        case .exit(let code): found.append("exit \(code)")
        }
      default: break
      }
    }
    if case .failure(let failure) = answer { found.append("failed: " + failure.message) }
    return found
  }
}
