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
    file = inotify_init1(Int32(IN_NONBLOCK | IN_CLOEXEC))
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
    let kinds = IN_MODIFY | IN_ATTRIB | IN_CLOSE_WRITE | IN_MOVED_FROM | IN_MOVED_TO | IN_CREATE | IN_DELETE
    let ends = IN_DELETE_SELF | IN_MOVE_SELF | IN_ONLYDIR
    let watch = unsafe inotify_add_watch(file, directory, UInt32(kinds | ends))
    return watch < 0 ? nil : watch
  }

  public func remove(_ watch: Int32) { inotify_rm_watch(file, watch) }

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
      let head = MemoryLayout<inotify_event>.size
      while at &+ head <= count {
        let event = unsafe buffer.loadUnaligned(fromByteOffset: at, as: inotify_event.self)
        let nameBytes = unsafe buffer[(at &+ head)..<(at &+ head &+ Int(event.len))].prefix { $0 != 0 }
        let mask = Int32(bitPattern: event.mask)
        func has(_ bits: Int32) -> Bool { mask & bits != 0 }
        events.append(
          Event(
            watch: has(IN_Q_OVERFLOW) ? -1 : event.wd, name: unsafe String(decoding: nameBytes, as: UTF8.self),
            isUnfinished: has(IN_MODIFY) && !has(IN_CLOSE_WRITE),
            isEnd: has(IN_DELETE_SELF | IN_MOVE_SELF | IN_IGNORED | IN_UNMOUNT)))
        at &+= head &+ Int(event.len)
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
