// Where the socket of a project's session is, so that clients find it from the project alone:
//
//     $XDG_RUNTIME_DIR/lang/HASH.sock    the socket, mode 0600, in a directory of mode 0700
//     $XDG_RUNTIME_DIR/lang/HASH.lock    locked as long as the session lives; says which process, and the project
//
// HASH is of the project's absolute path, so that the length of that does not matter. Without a runtime directory, or
// with one whose path is too long for a socket, they are in /tmp/lang-UID.
//
// Invariant: only whoever holds the lock makes or removes the socket. So a socket without a lock is left over from a
// session that died, whatever it died of.

import Runtime

public struct SessionPlace: Sendable, Equatable {
  /// The project's directory, or the file of a program without one: absolute, without links.
  public var root: String
  public var socket: String
  public var lock: String

  public init(root: String, directory: String) {
    self.root = root
    socket = directory + "/" + Self.hash(root) + ".sock"
    lock = directory + "/" + Self.hash(root) + ".lock"
  }

  /// Where the session of the project at `root` would be; nil when there is no directory that is this user's alone.
  public static func of(root: String) -> SessionPlace? { directory().map { SessionPlace(root: root, directory: $0) } }

  private static let nameLength = 22

  /// The first directory that is, or can be made, private.
  private static func directory() -> String? {
    var candidates = ["/tmp/lang-\(Process.user)"]
    if let runtime = Process.environment("XDG_RUNTIME_DIR"), runtime.hasPrefix("/"), Files.isDirectory(runtime) {
      candidates.insert(runtime + "/lang", at: 0)
    }
    return candidates.first { $0.utf8.count + nameLength <= SocketListener.pathLimit && Files.makePrivateDirectory($0) }
  }

  /// FNV-1a, 64 bits. Two projects of one hash are told apart by the greeting of a session.
  private static func hash(_ text: String) -> String {
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325
    for byte in text.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
    let digits = String(hash, radix: 16)
    return String(repeating: "0", count: 16 - digits.count) + digits
  }

  /// The roots of sessions that may be running, from what they left in their locks. O(sessions of this user).
  public static func known() -> [String] {
    guard let directory = directory() else { return [] }
    return Files.names(in: directory).filter { $0.hasSuffix(".lock") }.compactMap { name in
      guard case .success(let text) = Files.read(directory + "/" + name, limit: 1 << 14) else { return nil }
      let lines = text.split(separator: UInt8(ascii: "\n"), maxSplits: 1, omittingEmptySubsequences: false)
      guard lines.count == 2 else { return nil }
      return String(decoding: lines[1], as: UTF8.self)
    }
  }

  /// The process that holds the lock, as it says.
  public var owner: Int? {
    guard case .success(let text) = Files.read(lock, limit: 1 << 14) else { return nil }
    return text.split(separator: UInt8(ascii: "\n")).first.flatMap { Int(String(decoding: $0, as: UTF8.self)) }
  }

  // MARK: Finding

  /// The session for a path, or for the directory one is in: that of the project there or above it, or that of the
  /// file; else that of the only program in the directory itself.
  public static func find(_ path: String?, rootOfPath: (String) -> String?) -> Result<SessionPlace, NotFound> {
    let shown = path ?? "."
    guard let start = rootOfPath(shown) else { return .failure(NotFound(message: "there is nothing at `\(shown)`")) }
    var root = start
    if Files.isDirectory(start) {
      var above = start
      while !Files.exists(above + "/project.lang"), above != "/", !above.isEmpty {
        above = above.lastIndex(of: "/").map { String(above[..<$0]) } ?? ""
      }
      if Files.exists(above + "/project.lang") {
        root = above
      } else {
        let inside = known().filter { $0.hasPrefix(start + "/") && !$0.dropFirst(start.count + 1).contains("/") }
        let live = inside.filter { of(root: $0).map(\.isAlive) ?? false }
        if live.count > 1 {
          let names = live.sorted().map { "`\($0.dropFirst(start.count + 1))`" }.joined(separator: ", ")
          return .failure(NotFound(message: "several sessions run here: name one of \(names)"))
        }
        if let only = live.first { root = only }
      }
    }
    guard let place = of(root: root) else {
      return .failure(NotFound(message: "there is no directory for sockets that is yours alone; set XDG_RUNTIME_DIR"))
    }
    return .success(place)
  }

  /// Whether somebody listens there.
  var isAlive: Bool { if case .success = Socket.connect(socket) { true } else { false } }
}

public struct NotFound: Error, Sendable {
  public var message: String
}
