// Giving a file a new text, so that it has either the old one or the new one at any moment, also when the
// disk is full or the process is killed.

import CShims

extension Files {
  /// Replaces the text of a file: a new file beside it takes its place. Mode stays, and a link goes on
  /// pointing where it did. On failure the file is what it was.
  public static func replace(_ path: String, with text: [UInt8]) -> FileProblem? {
    let target = resolvedPath(path) ?? path
    var information = stat()
    guard unsafe stat(target, &information) == 0 else { return FileProblem(errno: lang_errno()) }
    // Only whoever may write the file itself may replace it.
    guard unsafe access(target, W_OK) == 0 else { return FileProblem(errno: lang_errno()) }
    let beside = target + ".\(getpid()).new"
    return create(beside, text, mode: information.st_mode & 0o7777, isExclusive: true) ?? move(beside, target)
  }

  /// Writes a file that is not there yet; never over one that is.
  public static func create(_ path: String, _ text: [UInt8]) -> FileProblem? {
    create(path, text, mode: nil, isExclusive: true)
  }

  private static func create(_ path: String, _ text: [UInt8], mode: mode_t?, isExclusive: Bool) -> FileProblem? {
    let file = unsafe lang_open(path, O_WRONLY | O_CREAT | O_CLOEXEC | (isExclusive ? O_EXCL : O_TRUNC), 0o666)
    if file < 0 { return FileProblem(errno: lang_errno()) }
    var problem: FileProblem?
    if let mode, fchmod(file, mode) != 0 { problem = FileProblem(errno: lang_errno()) }
    if problem == nil { problem = writeAll(text, file) }
    if problem == nil, fsync(file) != 0 { problem = FileProblem(errno: lang_errno()) }
    if close(file) != 0, problem == nil { problem = FileProblem(errno: lang_errno()) }
    if problem != nil { unsafe unlink(path) }
    return problem
  }

  private static func move(_ from: String, _ to: String) -> FileProblem? {
    if unsafe rename(from, to) == 0 { return nil }
    let problem = FileProblem(errno: lang_errno())
    unsafe unlink(from)
    return problem
  }

  private static func writeAll(_ text: [UInt8], _ file: Int32) -> FileProblem? {
    unsafe text.withUnsafeBufferPointer { bytes -> FileProblem? in
      guard let start = bytes.baseAddress else { return nil }
      var done = 0
      while done < bytes.count {
        let written = unsafe CShims.write(file, start + done, bytes.count &- done)
        if written > 0 {
          done &+= written
        } else if written == 0 || lang_errno() != EINTR {
          return FileProblem(errno: written == 0 ? ENOSPC : lang_errno())
        }
      }
      return nil
    }
  }

  /// The `.lang` files below a directory, sorted; hidden files and directories are left out, links to
  /// directories not followed.
  public static func sources(below directory: String) -> [String] {
    var found: [String] = []
    for name in names(in: directory) where !name.hasPrefix(".") {
      let path = directory.hasSuffix("/") ? directory + name : directory + "/" + name
      if isDirectory(path) {
        if !isLink(path) { found += sources(below: path) }
      } else if name.hasSuffix(".lang") {
        found.append(path)
      }
    }
    return found
  }

  private static func isLink(_ path: String) -> Bool {
    var information = stat()
    return unsafe lstat(path, &information) == 0 && Int32(information.st_mode) & S_IFMT == S_IFLNK
  }

  /// Makes one directory where nothing is yet.
  public static func createDirectory(_ path: String) -> FileProblem? {
    unsafe mkdir(path, 0o777) == 0 ? nil : FileProblem(errno: lang_errno())
  }

  public static func remove(_ path: String) { unsafe unlink(path) }

  /// Whether there is anything at the path, a link that leads nowhere included.
  public static func isTaken(_ path: String) -> Bool {
    var information = stat()
    return unsafe lstat(path, &information) == 0
  }

  public static func isExecutable(_ path: String) -> Bool { unsafe access(path, X_OK) == 0 && !isDirectory(path) }

  /// The numbers in a file that the system makes up, such as those of `/proc`: they give their text to one
  /// read alone. Empty when there is none.
  public static func systemNumbers(_ path: String) -> [Int] {
    let file = unsafe lang_open(path, O_RDONLY | O_CLOEXEC, 0)
    guard file >= 0 else { return [] }
    defer { close(file) }
    guard case .success(let text) = readAll(from: file, limit: 4096) else { return [] }
    return text.split { $0 <= 0x20 }.compactMap { Int(String(decoding: $0, as: UTF8.self)) }
  }

  /// Everything on a descriptor up to its end, at most `limit` bytes.
  public static func readAll(from file: Int32, limit: Int) -> Result<[UInt8], FileProblem> {
    var text: [UInt8] = []
    while text.count < limit {
      var problem: Int32 = 0
      let piece = unsafe [UInt8](unsafeUninitializedCapacity: 1 << 16) { buffer, count in
        let got = unsafe CShims.read(file, buffer.baseAddress, buffer.count)
        count = max(0, got)
        if got < 0 { problem = lang_errno() }
      }
      if problem == EINTR { continue }
      if problem != 0 { return .failure(FileProblem(errno: problem)) }
      if piece.isEmpty { break }
      text.append(contentsOf: piece)
    }
    return .success(text)
  }
}
