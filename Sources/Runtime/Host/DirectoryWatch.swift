// Changes in directories, from the system (inotify).

import CShims

public final class DirectoryWatch: @unchecked Sendable {
  public struct Event: Sendable {
    /// The watch's number; -1 when events were lost and anything may have changed.
    public var watch: Int32
    public var name: String
    /// Somebody has the file open and is not done: it was written to or cut short.
    public var isUnfinished: Bool
    /// The directory itself is gone; the watch with it.
    public var isEnd: Bool
  }

  private let file: Int32
  private let wakeUp: Int32

  /// nil when the system has no more watches to give.
  public init?() {
    file = lang_watch_open()
    wakeUp = eventfd(0, Int32(EFD_NONBLOCK) | Int32(EFD_CLOEXEC))
    if file < 0 || wakeUp < 0 { return nil }
  }

  deinit {
    close(file)
    close(wakeUp)
  }

  /// Watches what happens to the files of a directory. The same number for the same directory; nil when
  /// it is not there.
  public func add(_ directory: String) -> Int32? {
    let watch = unsafe lang_watch_add(file, directory)
    return watch < 0 ? nil : watch
  }

  public func remove(_ watch: Int32) { lang_watch_remove(file, watch) }

  /// What has happened since; waits for it at most so many milliseconds, for ever when nil. Empty at the
  /// end of that time and after `wake`. One thread.
  public func wait(milliseconds: Int?) -> [Event] {
    var files = (
      pollfd(fd: file, events: Int16(POLLIN), revents: 0), pollfd(fd: wakeUp, events: Int16(POLLIN), revents: 0)
    )
    let timeout = Int32(clamping: milliseconds.map { max(0, $0) } ?? -1)
    _ = unsafe withUnsafeMutablePointer(to: &files) {
      unsafe poll(UnsafeMutableRawPointer($0).assumingMemoryBound(to: pollfd.self), 2, timeout)
    }
    if files.1.revents != 0 {
      var count: UInt64 = 0
      _ = unsafe CShims.read(wakeUp, &count, 8)
    }
    return files.0.revents == 0 ? [] : readEvents()
  }

  /// Ends a `wait`, or the next one. Any thread.
  public func wake() {
    var one: UInt64 = 1
    _ = unsafe CShims.write(wakeUp, &one, 8)
  }

  private func readEvents() -> [Event] {
    unsafe withUnsafeTemporaryAllocation(byteCount: 1 << 16, alignment: 8) { buffer in
      var events: [Event] = []
      let count = unsafe CShims.read(file, buffer.baseAddress, buffer.count)
      var at = 0
      while at < count {
        var event = unsafe lang_watch_event()
        at = unsafe lang_watch_event(buffer.baseAddress, at, &event)
        unsafe events.append(
          Event(
            watch: event.lost ? -1 : event.watch, name: String(cString: event.name), isUnfinished: event.unfinished,
            isEnd: event.end))
      }
      return events
    }
  }
}

/// Where a path leads when every link is followed; nil when there is nothing.
public func resolvedPath(_ path: String) -> String? {
  guard let found = unsafe realpath(path, nil) else { return nil }
  defer { unsafe free(found) }
  return unsafe String(cString: found)
}
