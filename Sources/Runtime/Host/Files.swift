// Files as clients see them, without pointers: reading a source, what a directory holds, writing.

import CShims

/// Why a file could not be read.
public enum FileProblem: Error, Equatable, Sendable {
  case missing, isDirectory, denied, notRegular
  case system(String)

  /// Fits behind "cannot read `path`: ".
  public var words: String {
    switch self {
    case .missing: "no such file"
    case .isDirectory: "it is a directory"
    case .denied: "permission denied"
    case .notRegular: "it is not a regular file"
    case .system(let words): words
    }
  }

  init(errno number: Int32) {
    switch number {
    case ENOENT, ENOTDIR: self = .missing
    case EACCES, EPERM: self = .denied
    case EISDIR: self = .isDirectory
    default: self = .system(unsafe strerror(number).map { unsafe String(cString: $0) } ?? "error \(number)")
    }
  }
}

public enum Files {
  /// The bytes of a regular file, at most `limit` of them. Never waits for anything but the disk: pipes
  /// and devices are refused.
  public static func read(_ path: String, limit: Int = .max) -> Result<[UInt8], FileProblem> {
    if path.utf8.contains(0) { return .failure(.missing) }
    let file = unsafe lang_open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK, 0)
    // Sockets cannot be opened at all.
    if file < 0 { return .failure(lang_errno() == ENXIO ? .notRegular : FileProblem(errno: lang_errno())) }
    defer { close(file) }
    var information = stat()
    guard unsafe fstat(file, &information) == 0 else { return .failure(FileProblem(errno: lang_errno())) }
    switch Int32(information.st_mode) & S_IFMT {
    case S_IFREG: break
    case S_IFDIR: return .failure(.isDirectory)
    default: return .failure(.notRegular)
    }
    // One byte more than the size, so that the end is seen by the same read.
    var room = min(max(information.st_size, 0), limit &- 1) &+ 1
    var text: [UInt8] = []
    while text.count < limit {
      let old = text.count
      room = min(room, limit &- old)
      var problem: Int32 = 0
      let piece = unsafe [UInt8](unsafeUninitializedCapacity: room) { buffer, count in
        let got = unsafe CShims.read(file, buffer.baseAddress, buffer.count)
        count = max(0, got)
        if got < 0 { problem = lang_errno() }
      }
      if problem == EINTR { continue }
      if problem != 0 { return .failure(FileProblem(errno: problem)) }
      if piece.isEmpty { break }
      if old == 0 { text = piece } else { text.append(contentsOf: piece) }
      room = max(room &- piece.count, 4096)
    }
    return .success(text)
  }

  public static func isDirectory(_ path: String) -> Bool {
    var information = stat()
    return unsafe stat(path, &information) == 0 && Int32(information.st_mode) & S_IFMT == S_IFDIR
  }

  public static func exists(_ path: String) -> Bool { unsafe access(path, F_OK) == 0 }

  /// The names in a directory, sorted, without `.` and `..`; empty when it cannot be read.
  public static func names(in directory: String) -> [String] {
    guard let handle = unsafe lang_directory_open(directory) else { return [] }
    defer { unsafe lang_directory_close(handle) }
    var names: [String] = []
    while let name = unsafe lang_directory_next(handle) {
      let name = unsafe String(cString: name)
      if name != ".", name != ".." { names.append(name) }
    }
    return names.sorted()
  }

  /// Makes a directory and those above it; for the user only. False when it is not there afterwards.
  public static func makeDirectory(_ path: String) -> Bool {
    if isDirectory(path) { return true }
    if let slash = path.lastIndex(of: "/"), slash != path.startIndex {
      _ = makeDirectory(String(path[..<slash]))
    }
    return unsafe mkdir(path, 0o700) == 0 || isDirectory(path)
  }

  /// Writes text to a descriptor in one call where the system takes it so. Nobody listening is no error.
  public static func write(_ text: some Sequence<UInt8>, to file: Int32) {
    let bytes = Array(text)
    unsafe bytes.withUnsafeBufferPointer { bytes in
      guard let start = bytes.baseAddress else { return }
      var done = 0
      while done < bytes.count {
        let written = unsafe CShims.write(file, start + done, bytes.count &- done)
        if written > 0 {
          done &+= written
        } else if written < 0, lang_errno() == EAGAIN {
          var ready = pollfd(fd: file, events: Int16(POLLOUT), revents: 0)
          if unsafe poll(&ready, 1, -1) < 0, lang_errno() != EINTR { return }
        } else if written == 0 || lang_errno() != EINTR {
          return
        }
      }
    }
  }

  public static func write(_ text: String, to file: Int32) { write(text.utf8, to: file) }
}
