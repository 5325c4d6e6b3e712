// The running session of a project as a prompt sees it: what is typed is evaluated there.

import Frontend
import Runtime
import Session
import Synchronization

/// What a prompt evaluates in: a session of its own, or one elsewhere.
public protocol PromptSession: AnyObject, Sendable {
  func evaluate(_ input: [UInt8], name: String, isFile: Bool, _ tell: (Evaluated) -> Void)
  func type(of input: [UInt8]) -> Evaluated?
  func expansion(of input: [UInt8]) -> Expanded?
  func documentation(of name: String) -> String?
  func disassembly(of name: String) -> String?
  func visibleNames() -> [String]
  func startAfresh() -> [Evaluated]
  /// Any thread.
  func requestInterrupt()
}

extension Session: PromptSession {}

public final class RemoteSession: PromptSession {
  private let connection: SessionConnection
  private let hasEnded = Atomic(false)

  public init(_ connection: SessionConnection) { self.connection = connection }

  /// The session is gone: there is nothing to evaluate in any more.
  public var isOver: Bool { hasEnded.load(ordering: .relaxed) }

  private func ask(
    _ action: String, _ field: String? = nil, _ text: [UInt8] = [], name: String? = nil, isFile: Bool = false, note: (JSONValue) -> Void = { _ in }
  ) -> Result<JSONValue, SessionConnection.Failure> {
    connection.ask(
      action,
      { out in
        if let field { out.field(field, String(decoding: text, as: UTF8.self)) }
        if let name { out.field("name", name) }
        if isFile { out.field("isFile", true) }
      }, note: note,
      isSlow: {
        if action == "evaluate" { Files.write("still at it; Ctrl-C interrupts\n", to: 2) }
      })
  }

  /// The failure as a result, which ends the prompt when it is that the session has.
  private func failed(_ failure: SessionConnection.Failure) -> [Evaluated] {
    if failure.message == "the session has ended" {
      hasEnded.store(true, ordering: .relaxed)
      return [.note(failure.message), .exit(1)]
    }
    return [.note(failure.message)]
  }

  public func evaluate(_ input: [UInt8], name: String, isFile: Bool, _ tell: (Evaluated) -> Void) {
    let answer = ask("evaluate", "text", input, name: name, isFile: isFile) { event in
      switch event["event"]?.string {
      case "output": Files.write(event["text"]?.bytes ?? [], to: event["stream"]?.integer == 2 ? 2 : 1)
      case "evaluated": if let result = event["result"].flatMap({ Evaluated($0) }) { tell(result) }
      default: break
      }
    }
    if case .failure(let failure) = answer { failed(failure).forEach(tell) }
  }

  public func type(of input: [UInt8]) -> Evaluated? {
    switch ask("type", "text", input) {
    case .success(let answer): answer["result"].flatMap { Evaluated($0) }
    case .failure(let failure): failed(failure).last
    }
  }

  public func expansion(of input: [UInt8]) -> Expanded? {
    if case .success(let answer) = ask("expand", "text", input) { Expanded(answer) } else { nil }
  }

  public func documentation(of name: String) -> String? { text("documentation", name) }
  public func disassembly(of name: String) -> String? { text("disassemble", name) }

  private func text(_ action: String, _ name: String) -> String? {
    if case .success(let answer) = ask(action, "name", Array(name.utf8)) { answer["text"]?.string } else { nil }
  }

  public func visibleNames() -> [String] {
    if case .success(let answer) = ask("names") { answer["names"]?.array?.compactMap(\.string) ?? [] } else { [] }
  }

  public func startAfresh() -> [Evaluated] {
    switch ask("restart") {
    case .success: []
    case .failure(let failure): failed(failure)
    }
  }

  public func requestInterrupt() { connection.interrupt() }
}
