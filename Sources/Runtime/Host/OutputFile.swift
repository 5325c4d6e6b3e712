// A file that is written piece by piece while the program runs, for tools beside it.

import CShims

public final class OutputFile: Sendable {
  private let file: Int32

  private init(_ file: Int32) { self.file = file }

  /// Makes the file, empty, or empties the one that is there. Where others may put files too, a link is not to be followed.
  public static func open(_ path: String, followsLinks: Bool = true) -> Result<OutputFile, FileProblem> {
    if path.isEmpty || path.utf8.contains(0) { return .failure(.missing) }
    let file = unsafe lang_open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NONBLOCK | (followsLinks ? 0 : O_NOFOLLOW), 0o644)
    if file < 0 { return .failure(FileProblem(errno: lang_errno())) }
    return .success(OutputFile(file))
  }

  /// Any thread; each call's text stays together.
  public func write(_ text: String) { Files.write(text, to: file) }

  deinit { close(file) }
}
