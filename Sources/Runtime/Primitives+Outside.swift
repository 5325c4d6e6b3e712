// The outside: streams, files, the environment, time and the terminal.

import CShims

extension Primitives {
  public static func print(_ m: MachinePointer, _ a: Arguments) -> Bool {
    unsafe m.owner.output.write(Strings.view(a[0]))
    return true
  }

  public static func eprint(_ m: MachinePointer, _ a: Arguments) -> Bool {
    unsafe m.owner.output.writeError(Strings.view(a[0]))
    return true
  }

  public static func flush(_ m: MachinePointer, _ a: Arguments) -> Bool {
    unsafe m.owner.output.flushAll()
    return true
  }

  /// Malformed UTF-8 becomes U+FFFD.
  public static func readLine(_ m: MachinePointer, _ a: Arguments) -> Bool {
    let machine = unsafe m.owner
    machine.output.flushAll()
    lang_program_reads()
    lang_terminal_restore()
    var line: [UInt8] = []
    switch machine.input.readLine(machine, &line) {
    case .panicked: return false
    case .end:
      unsafe a[0] = 0
      return unsafe result(a, 1, Strings.make(m, ""))
    case .text:
      unsafe a[0] = 1
      return unsafe result(a, 1, Strings.make(m, repaired(line)))
    }
  }

  public static func argumentCount(_ m: MachinePointer, _ a: Arguments) -> Bool {
    unsafe set(a, 0, m.owner.arguments.count)
    return true
  }

  public static func argument(_ m: MachinePointer, _ a: Arguments) -> Bool {
    let machine = unsafe m.owner
    let i = unsafe int(a, 0)
    if i < 0 || i >= machine.arguments.count { return unsafe raiseIndex(m, i, count: machine.arguments.count) }
    return unsafe result(a, 0, Strings.make(m, repaired(machine.arguments[i])))
  }

  public static func environment(_ m: MachinePointer, _ a: Arguments) -> Bool {
    let value = unsafe withPath(a[0]) { unsafe getenv($0) }
    guard let value = unsafe value ?? nil else {
      unsafe a[0] = 0
      return unsafe result(a, 1, Strings.make(m, ""))
    }
    let text = unsafe UnsafeBufferPointer(
      start: UnsafeRawPointer(value).assumingMemoryBound(to: UInt8.self), count: Int(strlen(value)))
    unsafe a[0] = 1
    return unsafe result(a, 1, Strings.make(m, repaired(Array(text))))
  }

  public static func exit(_ m: MachinePointer, _ a: Arguments) -> Bool {
    unsafe m.pointee.exitCode = int(a, 0)
    return unsafe raise(m, .exit)
  }

  public static func nowMilliseconds(_ m: MachinePointer, _ a: Arguments) -> Bool {
    unsafe set(a, 0, Clock.read(CLOCK_REALTIME) / 1_000_000)
    return true
  }

  /// Monotonic.
  public static func nowNanoseconds(_ m: MachinePointer, _ a: Arguments) -> Bool {
    unsafe set(a, 0, Clock.nanoseconds())
    return true
  }

  public static func sleepMilliseconds(_ m: MachinePointer, _ a: Arguments) -> Bool {
    let machine = unsafe m.owner
    machine.output.flushAll()
    let (length, overflow) = unsafe int(a, 0).multipliedReportingOverflow(by: 1_000_000)
    let end = Clock.nanoseconds().addingReportingOverflow(unsafe overflow ? (int(a, 0) < 0 ? 0 : Int.max) : max(0, length))
    return machine.wait(for: -1, until: end.overflow ? nil : end.partialValue) != .panicked
  }

  public static func readKey(_ m: MachinePointer, _ a: Arguments) -> Bool {
    let machine = unsafe m.owner
    machine.output.flushAll()
    lang_program_reads()
    _ = lang_terminal_raw()
    let key = machine.input.readKey()
    unsafe a[0] = key == nil ? 0 : 1
    unsafe a[1] = UInt64(key ?? 0)
    return true
  }

  public static func terminalSize(_ m: MachinePointer, _ a: Arguments) -> Bool {
    var columns: Int32 = 80
    var rows: Int32 = 24
    _ = unsafe lang_window_size(1, &columns, &rows)
    unsafe set(a, 0, Int(columns))
    unsafe set(a, 1, Int(rows))
    return true
  }

  public static func isTerminal(_ m: MachinePointer, _ a: Arguments) -> Bool {
    unsafe a[0] = isatty(1) != 0 ? 1 : 0
    return true
  }

  // MARK: Files

  public static func readFile(_ m: MachinePointer, _ a: Arguments) -> Bool {
    let opened = unsafe withPath(a[0]) { unsafe lang_open($0, O_RDONLY | O_CLOEXEC, 0) }
    guard let file = opened else { return unsafe failure(m, a, EINVAL) }
    if file < 0 { return unsafe failure(m, a, lang_errno()) }
    defer { close(file) }
    var text: [UInt8] = []
    let problem = readAll(file, &text)
    if problem != 0 { return unsafe failure(m, a, problem) }
    let valid = unsafe text.withUnsafeBufferPointer { unsafe Strings.isValid($0) }
    unsafe a[0] = valid ? 1 : 0
    return unsafe result(a, 1, valid ? Strings.make(m, text) : Strings.make(m, "the file is not UTF-8 text"))
  }

  public static func writeFile(_ m: MachinePointer, _ a: Arguments) -> Bool {
    unsafe store(m, a, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC)
  }

  public static func appendFile(_ m: MachinePointer, _ a: Arguments) -> Bool {
    unsafe store(m, a, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC)
  }

  private static func store(_ m: MachinePointer, _ a: Arguments, _ flags: Int32) -> Bool {
    let opened = unsafe withPath(a[0]) { unsafe lang_open($0, flags, 0o666) }
    guard let file = opened else { return unsafe failure(m, a, EINVAL) }
    if file < 0 { return unsafe failure(m, a, lang_errno()) }
    let text = unsafe Strings.view(a[1])
    var problem: Int32 = 0
    var done = 0
    while done < text.count, let start = text.baseAddress {
      let written = unsafe write(file, start + done, text.count &- done)
      if written < 0, lang_errno() == EINTR { continue }
      if written < 0 {
        problem = lang_errno()
        break
      }
      done &+= written
    }
    if close(file) != 0, problem == 0 { problem = lang_errno() }
    if problem != 0 { return unsafe failure(m, a, problem) }
    unsafe a[0] = 1
    return unsafe result(a, 1, Strings.make(m, ""))
  }

  /// 0, or the number of the error.
  private static func readAll(_ file: Int32, _ text: inout [UInt8]) -> Int32 {
    return unsafe withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 1 << 16) { piece in
      while true {
        let got = unsafe read(file, piece.baseAddress, piece.count)
        if got < 0, lang_errno() == EINTR { continue }
        if got < 0 { return lang_errno() }
        if got == 0 { return 0 }
        unsafe text.append(contentsOf: UnsafeBufferPointer(rebasing: piece[0..<got]))
      }
    }
  }

  /// (0, the system's words for the error).
  private static func failure(_ m: MachinePointer, _ a: Arguments, _ number: Int32) -> Bool {
    unsafe a[0] = 0
    guard let words = unsafe strerror(number) else { return unsafe result(a, 1, Strings.make(m, "unknown error")) }
    let text = unsafe UnsafeBufferPointer(
      start: UnsafeRawPointer(words).assumingMemoryBound(to: UInt8.self), count: Int(strlen(words)))
    return unsafe result(a, 1, Strings.make(m, text))
  }

  /// The string as a C string; nil when it holds a NUL.
  private static func withPath<R>(_ string: UInt64, _ body: (UnsafePointer<CChar>) -> R) -> R? {
    let n = Strings.count(string)
    if unsafe memchr(Strings.data(string), 0, n) != nil { return nil }
    return unsafe withUnsafeTemporaryAllocation(of: CChar.self, capacity: n &+ 1) { path in
      guard let start = path.baseAddress else { return nil }
      unsafe memcpy(start, Strings.data(string), n)
      unsafe start[n] = 0
      return unsafe body(start)
    }
  }

  /// The bytes with malformed sequences replaced, so that every string is UTF-8.
  private static func repaired(_ text: [UInt8]) -> [UInt8] {
    unsafe text.withUnsafeBufferPointer { view in
      if unsafe Strings.isValid(view) { return text }
      var fixed: [UInt8] = []
      var at = 0
      while at < view.count {
        let (_, length) = unsafe Scalars.decode(view, at)
        if length == 0 {
          fixed.append(0xEF)
          fixed.append(0xBF)
          fixed.append(0xBD)
        } else {
          unsafe fixed.append(contentsOf: view[at..<at &+ length])
        }
        at &+= max(1, length)
      }
      return fixed
    }
  }
}
