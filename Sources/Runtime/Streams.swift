// The program's standard streams. Output is gathered and leaves when the buffer is full, before the
// program waits, at a newline if a terminal shows it, and at the end. Writing never fails a live program; one
// that runs by itself ends as other tools do when nobody reads what it writes.

import CShims

@safe
public final class Output: @unchecked Sendable {
  private static let capacity = 1 << 16
  private let lock = Lock()
  private let buffer: UnsafeMutablePointer<UInt8>
  private var count = 0
  private let isTerminal = isatty(1) != 0
  /// Called with the `errno` when standard output takes nothing any more.
  var onFailure: (@convention(c) (Int32) -> Void)?
  /// The host's sink instead of the descriptors.
  var sink: (@convention(c) (UnsafeMutableRawPointer?, Int32, UnsafePointer<UInt8>, Int) -> Void)?
  var context: UnsafeMutableRawPointer?

  init?() {
    guard let memory = unsafe malloc(Self.capacity) else { return nil }
    unsafe buffer = memory.bindMemory(to: UInt8.self, capacity: Self.capacity)
  }

  deinit { unsafe free(buffer) }

  /// Appends to standard output. Any thread.
  public func write(_ text: UnsafeBufferPointer<UInt8>) {
    lock.lock()
    defer { lock.unlock() }
    guard let start = text.baseAddress else { return }
    if text.count > Self.capacity &- count { flush() }
    if text.count > Self.capacity {
      unsafe send(1, start, text.count)
      return
    }
    unsafe memcpy(buffer + count, start, text.count)
    count &+= text.count
    if unsafe isTerminal || sink != nil, unsafe memchr(start, 10, text.count) != nil { flush() }
  }

  /// Writes to standard error at once, behind what standard output holds.
  public func writeError(_ text: UnsafeBufferPointer<UInt8>) {
    lock.lock()
    defer { lock.unlock() }
    flush()
    if let start = text.baseAddress { unsafe send(2, start, text.count) }
  }

  /// Empties the buffer.
  public func flushAll() { lock.withLock { flush() } }

  private func flush() {
    if count > 0 { unsafe send(1, buffer, count) }
    count = 0
  }

  private func send(_ file: Int32, _ start: UnsafePointer<UInt8>, _ length: Int) {
    if let sink = unsafe sink {
      unsafe sink(context, file, start, length)
      return
    }
    var done = 0
    while done < length {
      let written = unsafe CShims.write(file, start + done, length &- done)
      if written > 0 {
        done &+= written
      } else if written < 0, lang_errno() == EINTR {
        continue
      } else if written < 0, lang_errno() == EAGAIN {
        var ready = pollfd(fd: file, events: Int16(POLLOUT), revents: 0)
        if unsafe poll(&ready, 1, -1) < 0, lang_errno() != EINTR { return }
      } else {
        // Nobody reads, or nothing fits: the text is lost, a live program goes on.
        if file == 1 { onFailure?(lang_errno()) }
        return
      }
    }
  }
}

extension Machine {
  /// Sends output to the host instead of the descriptors; null goes back. `context` is passed along.
  public func setOutput(
    _ sink: (@convention(c) (UnsafeMutableRawPointer?, Int32, UnsafePointer<UInt8>, Int) -> Void)?,
    context: UnsafeMutableRawPointer?
  ) {
    output.flushAll()
    unsafe output.sink = sink
    unsafe output.context = context
  }
}

/// Standard input, read in pieces that lines and keys share.
@safe
public final class Input {
  private static let capacity = 1 << 14
  private let buffer: UnsafeMutablePointer<UInt8>
  private var start = 0
  private var end = 0
  private var ended = false

  init?() {
    guard let memory = unsafe malloc(Self.capacity) else { return nil }
    unsafe buffer = memory.bindMemory(to: UInt8.self, capacity: Self.capacity)
  }

  deinit { unsafe free(buffer) }

  enum Line { case text, end, panicked }

  /// A line without its newline into `line`; parked while nothing is there.
  func readLine(_ machine: Machine, _ line: inout [UInt8]) -> Line {
    while true {
      if start < end {
        let newline = unsafe memchr(buffer + start, 10, end &- start)
        let stop = unsafe newline.map { unsafe Int(bitPattern: $0) &- Int(bitPattern: buffer) } ?? end
        unsafe line.append(contentsOf: UnsafeBufferPointer(start: buffer + start, count: stop &- start))
        start = stop
        if unsafe newline != nil {
          start &+= 1
          if line.last == 13 { line.removeLast() }
          return .text
        }
      }
      if ended {
        // A terminal may go on after its end of file.
        ended = false
        return line.isEmpty ? .end : .text
      }
      if machine.wait(for: 0, until: nil) == .panicked { return .panicked }
      fill()
    }
  }

  /// The next scalar typed, if there is one; does not wait.
  func readKey() -> UInt32? {
    if start == end {
      var ready = pollfd(fd: 0, events: Int16(POLLIN), revents: 0)
      if unsafe poll(&ready, 1, 0) <= 0 { return nil }
      fill()
      if start == end {
        ended = false
        return nil
      }
    }
    let (scalar, length) = unsafe Scalars.decode(UnsafeBufferPointer(start: buffer + start, count: end &- start), 0)
    start &+= max(1, length)
    return scalar
  }

  private func fill() {
    start = 0
    end = 0
    while true {
      let got = unsafe read(0, buffer, Self.capacity)
      if got > 0 { end = got }
      if got == 0 { ended = true }
      if got < 0 {
        if lang_errno() == EINTR { continue }
        if lang_errno() != EAGAIN { ended = true }
      }
      return
    }
  }
}
