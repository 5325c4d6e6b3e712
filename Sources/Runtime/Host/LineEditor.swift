// Lines typed by somebody: edited where there is a terminal and a library for it, plain otherwise.

import CShims

public enum TypedLine: Sendable, Equatable {
  /// Without its newline.
  case text(String)
  /// Given up by Ctrl-C.
  case cancelled
  case end
}

/// One at a time, one thread.
public final class LineEditor {
  private let isEditing: Bool
  private var plain = LineReader()

  public init() { isEditing = lang_edit_begin() }

  deinit { lang_edit_end() }

  public func line(prompt: String) -> TypedLine {
    guard isEditing else {
      Files.write(prompt, to: 1)
      return plain.line().map { TypedLine.text($0) } ?? .end
    }
    var length: Int32 = 0
    // The prompt has to live as long as the call.
    let line: String? = unsafe prompt.withCString { prompt in
      unsafe lang_edit_line(prompt, &length).map { unsafe String(cString: $0) }
    }
    if lang_edit_cancelled() { return .cancelled }
    guard var line else { return .end }
    if line.last == "\n" { line.removeLast() }
    return .text(line)
  }

  /// What Tab completes.
  public func complete(_ names: [String]) {
    var bytes: [UInt8] = []
    for name in names {
      bytes.append(contentsOf: name.utf8)
      bytes.append(0)
    }
    unsafe bytes.withUnsafeBytes {
      if let start = $0.baseAddress { unsafe lang_edit_names(start.assumingMemoryBound(to: CChar.self), $0.count, Int32(names.count)) }
    }
  }

  public func remember(_ text: String) { unsafe lang_edit_remember(text) }
  public func load(_ path: String) { unsafe lang_edit_load(path) }
  public func save(_ path: String) { unsafe lang_edit_save(path) }
}

/// Lines from standard input as they arrive.
public struct LineReader {
  private var pending: [UInt8] = []
  private var at = 0
  private var hasEnded = false

  public init() {}

  /// Without its newline; nil at the end. Malformed UTF-8 becomes U+FFFD.
  public mutating func line() -> String? {
    var searched = at
    while true {
      if let end = pending[searched...].firstIndex(of: 10) {
        defer { at = end + 1 }
        return String(decoding: pending[at..<end], as: UTF8.self)
      }
      if hasEnded {
        defer { at = pending.count }
        return at < pending.count ? String(decoding: pending[at...], as: UTF8.self) : nil
      }
      pending.removeFirst(at)
      at = 0
      searched = pending.count
      fill()
    }
  }

  private mutating func fill() {
    var problem: Int32 = 0
    let piece = unsafe [UInt8](unsafeUninitializedCapacity: 1 << 16) { buffer, count in
      let got = unsafe read(0, buffer.baseAddress, buffer.count)
      count = max(0, got)
      if got < 0 { problem = lang_errno() }
    }
    if piece.isEmpty, problem != EINTR { hasEnded = true }
    pending.append(contentsOf: piece)
  }
}
