// Unix domain sockets between processes of one user, and the file lock by which one of them is the only one
// of its kind. A descriptor is closed when its owner goes.
//
// Invariant: nothing here waits but `SocketWait.wait` and `Socket.receive` of a socket that was connected,
// not accepted; and nothing raises SIGPIPE.

import CShims

/// One end of a connection. Sending and receiving may go on on two threads at once.
public final class Socket: Sendable {
  fileprivate let file: Int32

  fileprivate init(_ file: Int32) { self.file = file }
  deinit { close(file) }

  /// Connects to whoever listens at `path`.
  public static func connect(_ path: String) -> Result<Socket, FileProblem> {
    let file = unsafe lang_socket_connect(path)
    return file < 0 ? .failure(FileProblem(errno: lang_errno())) : .success(Socket(file))
  }

  public enum Received {
    case bytes([UInt8])
    /// Nothing is there at present.
    case nothing
    case end
  }

  /// What has arrived, at most so many bytes.
  public func receive(atMost limit: Int = 1 << 16) -> Received {
    while true {
      var problem: Int32 = 0
      let piece = unsafe [UInt8](unsafeUninitializedCapacity: limit) { buffer, count in
        let got = unsafe CShims.read(file, buffer.baseAddress, buffer.count)
        count = max(0, got)
        if got < 0 { problem = lang_errno() }
      }
      if problem == EINTR { continue }
      if problem == EAGAIN { return .nothing }
      return piece.isEmpty ? .end : .bytes(piece)
    }
  }

  /// Sends as much as the system takes at once: how many bytes that is; nil when nobody is there any more.
  public func send(_ bytes: ArraySlice<UInt8>) -> Int? {
    unsafe bytes.withUnsafeBufferPointer { bytes in
      guard let start = bytes.baseAddress else { return 0 }
      while true {
        let sent = unsafe lang_socket_send(file, start, bytes.count)
        if sent >= 0 { return sent }
        if lang_errno() == EAGAIN { return 0 }
        if lang_errno() != EINTR { return nil }
      }
    }
  }

  /// Sends all of it, however long that takes. False when nobody is there any more.
  public func sendAll(_ bytes: [UInt8]) -> Bool {
    var rest = bytes[...]
    while !rest.isEmpty {
      guard let sent = send(rest) else { return false }
      rest = rest.dropFirst(sent)
      if sent == 0 {
        var ready = pollfd(fd: file, events: Int16(POLLOUT), revents: 0)
        if unsafe poll(&ready, 1, -1) < 0, lang_errno() != EINTR { return false }
      }
    }
    return true
  }

  /// The other end hears and is heard no more, though this one is closed only when nobody holds it.
  public func end() { lang_socket_end(file) }

  /// Whether something arrives, or the other end goes, within that time.
  public func waitForMore(milliseconds: Int) -> Bool {
    var ready = pollfd(fd: file, events: Int16(POLLIN), revents: 0)
    let end = Clock.nanoseconds() + milliseconds * 1_000_000
    while true {
      let left = max(0, end - Clock.nanoseconds()) / 1_000_000
      let found = unsafe poll(&ready, 1, Int32(clamping: left))
      if found >= 0 || lang_errno() != EINTR { return found > 0 }
    }
  }
}

/// Where others connect to. The path is removed by its owner, not by this.
public final class SocketListener: Sendable {
  fileprivate let file: Int32

  private init(_ file: Int32) { self.file = file }
  deinit { close(file) }

  /// The longest path of a socket, in bytes.
  public static var pathLimit: Int { lang_socket_path_limit() }

  /// Listens at a path where nothing is. The socket's file is for the user alone.
  public static func open(_ path: String) -> Result<SocketListener, FileProblem> {
    let file = unsafe lang_socket_listen(path)
    return file < 0 ? .failure(FileProblem(errno: lang_errno())) : .success(SocketListener(file))
  }

  public enum Accepted {
    case socket(Socket)
    /// Nobody of this user waits.
    case nobody
    /// The process has no descriptors left.
    case exhausted
  }

  public func accept() -> Accepted {
    let file = lang_socket_accept(self.file)
    if file >= 0 { return .socket(Socket(file)) }
    return lang_errno() == EAGAIN ? .nobody : .exhausted
  }
}

/// Waits for what happens at many sockets. One thread waits; any may wake it.
public final class SocketWait: Sendable {
  private let event: Int32

  public init?() {
    event = eventfd(0, Int32(EFD_NONBLOCK) | Int32(EFD_CLOEXEC))
    if event < 0 { return nil }
  }

  deinit { close(event) }

  public struct Interest {
    public var socket: Socket
    public var reads: Bool
    public var writes: Bool
    public init(_ socket: Socket, reads: Bool, writes: Bool) {
      self.socket = socket
      self.reads = reads
      self.writes = writes
    }
  }

  /// What can be done without waiting. The other end of a socket that is gone can be read to its end.
  public struct Ready {
    public var reads = false
    public var writes = false
    public var isGone = false
  }

  /// Waits until something can be done, `wake` is called, or so many milliseconds have passed. The first
  /// result is for the listener, the others are in the order of `interests`.
  public func wait(_ listener: SocketListener?, _ interests: [Interest], milliseconds: Int? = nil) -> (isCalled: Bool, ready: [Ready]) {
    var files = [pollfd(fd: event, events: Int16(POLLIN), revents: 0)]
    files.append(pollfd(fd: listener?.file ?? -1, events: Int16(POLLIN), revents: 0))
    for interest in interests {
      let events = (interest.reads ? POLLIN : 0) | (interest.writes ? POLLOUT : 0)
      files.append(pollfd(fd: interest.socket.file, events: Int16(events), revents: 0))
    }
    let count = nfds_t(files.count)
    let found = unsafe files.withUnsafeMutableBufferPointer {
      unsafe poll($0.baseAddress, count, milliseconds.map { Int32(clamping: $0) } ?? -1)
    }
    guard found > 0 else { return (false, interests.map { _ in Ready() }) }
    if files[0].revents != 0 {
      var count: UInt64 = 0
      _ = unsafe CShims.read(event, &count, 8)
    }
    let ready = files[2...].map { file in
      let has = Int32(file.revents)
      return Ready(reads: has & POLLIN != 0, writes: has & POLLOUT != 0, isGone: has & (POLLHUP | POLLERR | POLLNVAL) != 0)
    }
    return (files[1].revents != 0, ready)
  }

  /// Ends a `wait`, or the next one. Any thread.
  public func wake() {
    var one: UInt64 = 1
    _ = unsafe CShims.write(event, &one, 8)
  }
}

/// A lock on a file, held as long as this lives and given back when the process ends, however it does.
public final class FileLock: Sendable {
  private let file: Int32

  /// nil when another process has the lock, or the file cannot be made.
  public init?(_ path: String) {
    file = unsafe lang_lock_file(path)
    if file < 0 { return nil }
  }

  deinit { close(file) }

  /// Gives the locked file this text.
  public func write(_ text: String) {
    _ = ftruncate(file, 0)
    Files.write(text, to: file)
  }
}

extension Files {
  /// Whether it is a directory that nobody but this user can look into; a link to one is not.
  public static func isPrivateDirectory(_ path: String) -> Bool { unsafe lang_private_directory(path) }
  /// Makes a directory for this user alone, if nothing is there.
  public static func makePrivateDirectory(_ path: String) -> Bool {
    _ = unsafe mkdir(path, 0o700)
    return isPrivateDirectory(path)
  }
}
