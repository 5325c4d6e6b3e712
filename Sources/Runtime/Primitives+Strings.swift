// Text: comparing, cutting, searching and building strings. Positions are byte offsets.

import CShims

extension Primitives {
  public static func stringLength(_ m: MachinePointer, _ a: Arguments) -> Bool {
    unsafe set(a, 0, Strings.count(a[0]))
    return true
  }

  public static func stringConcat(_ m: MachinePointer, _ a: Arguments) -> Bool {
    let (s, t) = unsafe (a[0], a[1])
    let (n, k) = (Strings.count(s), Strings.count(t))
    if n == 0 || k == 0 {
      unsafe a[0] = n == 0 ? t : s
      return true
    }
    let both = unsafe Strings.make(m, count: n &+ k)
    if both == 0 { return false }
    unsafe memcpy(Strings.data(both), Strings.data(s), n)
    unsafe memcpy(Strings.data(both) + n, Strings.data(t), k)
    unsafe a[0] = both
    return true
  }

  public static func stringSlice(_ m: MachinePointer, _ a: Arguments) -> Bool {
    let (s, from, to) = unsafe (a[0], int(a, 1), int(a, 2))
    let n = Strings.count(s)
    if from < 0 || to < from || to > n { return unsafe raiseSlice(m, from, to, count: n, "byte") }
    if !Strings.isBoundary(s, from) || !Strings.isBoundary(s, to) {
      return unsafe raise(m, .invalidArgument, "string offset is not on a character boundary")
    }
    return unsafe result(a, 0, part(m, s, from, to))
  }

  public static func stringCompare(_ m: MachinePointer, _ a: Arguments) -> Bool {
    unsafe set(a, 0, Strings.compare(a[0], a[1]))
    return true
  }

  public static func stringFind(_ m: MachinePointer, _ a: Arguments) -> Bool {
    unsafe set(a, 0, find(a[0], a[1], int(a, 2)))
    return true
  }

  public static func stringChars(_ m: MachinePointer, _ a: Arguments) -> Bool {
    let (s, v) = unsafe (a[0], a[1])
    let text = unsafe Strings.view(s)
    var n = Vectors.count(v)
    // No text has more scalars than bytes.
    if unsafe !Vectors.grow(m, v, n &+ text.count) { return false }
    let to = unsafe UnsafeMutableRawPointer(byteAddress(Vectors.data(v), 0)).assumingMemoryBound(to: UInt32.self)
    var at = 0
    while at < text.count {
      let (scalar, length) = unsafe Scalars.decode(text, at)
      unsafe to[n] = scalar
      n &+= 1
      at &+= max(1, length)
    }
    setWord(v, Offset.vectorCount, UInt64(UInt(bitPattern: n)))
    return true
  }

  public static func stringStartsWith(_ m: MachinePointer, _ a: Arguments) -> Bool {
    let (s, p) = unsafe (a[0], a[1])
    let n = Strings.count(p)
    unsafe a[0] = n <= Strings.count(s) && memcmp(Strings.data(s), Strings.data(p), n) == 0 ? 1 : 0
    return true
  }

  public static func stringEndsWith(_ m: MachinePointer, _ a: Arguments) -> Bool {
    let (s, p) = unsafe (a[0], a[1])
    let (k, n) = (Strings.count(s), Strings.count(p))
    unsafe a[0] = n <= k && memcmp(Strings.data(s) + (k &- n), Strings.data(p), n) == 0 ? 1 : 0
    return true
  }

  public static func stringTrim(_ m: MachinePointer, _ a: Arguments) -> Bool {
    let s = unsafe a[0]
    let text = unsafe Strings.view(s)
    var from = 0
    while from < text.count {
      let (scalar, length) = unsafe Scalars.decode(text, from)
      if !CaseMapping.isWhitespace(scalar) { break }
      from &+= max(1, length)
    }
    var to = text.count
    while to > from {
      var start = to &- 1
      while start > from, !Strings.isBoundary(s, start) { start &-= 1 }
      let (scalar, _) = unsafe Scalars.decode(text, start)
      if !CaseMapping.isWhitespace(scalar) { break }
      to = start
    }
    return unsafe result(a, 0, part(m, s, from, to))
  }

  public static func stringUpper(_ m: MachinePointer, _ a: Arguments) -> Bool {
    unsafe mapCase(m, a, upper: true)
  }

  public static func stringLower(_ m: MachinePointer, _ a: Arguments) -> Bool {
    unsafe mapCase(m, a, upper: false)
  }

  public static func stringReplace(_ m: MachinePointer, _ a: Arguments) -> Bool {
    let (s, old, new) = unsafe (a[0], a[1], a[2])
    let (n, k, l) = (Strings.count(s), Strings.count(old), Strings.count(new))
    // An empty pattern would match everywhere; it replaces nothing.
    if k == 0 { return true }
    var matches = 0
    var at = find(s, old, 0)
    while at >= 0 {
      matches &+= 1
      at = find(s, old, at &+ k)
    }
    if matches == 0 { return true }
    let (growth, overflow) = matches.multipliedReportingOverflow(by: l &- k)
    if overflow || growth > 1 << 40 { return unsafe raise(m, .outOfMemory) }
    let made = unsafe Strings.make(m, count: n &+ growth)
    if made == 0 { return false }
    var to = unsafe Strings.data(made)
    var from = 0
    for _ in 0..<matches {
      let match = find(s, old, from)
      unsafe memcpy(to, Strings.data(s) + from, match &- from)
      unsafe to += match &- from
      unsafe memcpy(to, Strings.data(new), l)
      unsafe to += l
      from = match &+ k
    }
    unsafe memcpy(to, Strings.data(s) + from, n &- from)
    unsafe a[0] = made
    return true
  }

  public static func stringParseInt(_ m: MachinePointer, _ a: Arguments) -> Bool {
    let value = unsafe NumberText.parseInt(Strings.view(a[0]))
    unsafe a[0] = value == nil ? 0 : 1
    unsafe set(a, 1, value ?? 0)
    return true
  }

  public static func stringParseFloat(_ m: MachinePointer, _ a: Arguments) -> Bool {
    let value = unsafe NumberText.parseFloat(Strings.view(a[0]))
    unsafe a[0] = value == nil ? 0 : 1
    unsafe a[1] = (value ?? 0).bitPattern
    return true
  }

  // MARK: Helpers

  /// Bytes `from..<to` as a string; the string itself when that is all of it. 0: a panic is pending.
  static func part(_ m: MachinePointer, _ s: UInt64, _ from: Int, _ to: Int) -> UInt64 {
    if from == 0 && to == Strings.count(s) { return s }
    return unsafe Strings.make(m, UnsafeBufferPointer(start: Strings.data(s) + from, count: to &- from))
  }

  /// The first offset of `part` at or behind `from`, or -1. An empty part is found at once.
  private static func find(_ s: UInt64, _ part: UInt64, _ from: Int) -> Int {
    let (n, k) = (Strings.count(s), Strings.count(part))
    let start = max(0, from)
    if start > n || n &- start < k { return -1 }
    if k == 0 { return start }
    let text = unsafe Strings.data(s)
    let found = unsafe k == 1
      ? memchr(text + start, Int32(Strings.data(part)[0]), n &- start)
      : memmem(text + start, n &- start, Strings.data(part), k)
    guard let found = unsafe found else { return -1 }
    return Int(bitPattern: found) &- Int(bitPattern: text)
  }

  private static func mapCase(_ m: MachinePointer, _ a: Arguments, upper: Bool) -> Bool {
    let text = unsafe Strings.view(a[0])
    // Measured first, then written: a scalar may become up to three.
    var length = 0
    var changed = false
    unsafe eachMapped(text, upper) { scalars, count, original in
      for i in 0..<count { length &+= width(i == 0 ? scalars.0 : i == 1 ? scalars.1 : scalars.2) }
      if count != 1 || scalars.0 != original { changed = true }
    }
    if !changed { return true }
    let made = unsafe Strings.make(m, count: length)
    if made == 0 { return false }
    var to = unsafe Strings.data(made)
    unsafe eachMapped(text, upper) { scalars, count, _ in
      for i in 0..<count { unsafe to += Scalars.encode(i == 0 ? scalars.0 : i == 1 ? scalars.1 : scalars.2, to) }
    }
    unsafe a[0] = made
    return true
  }

  private static func eachMapped(
    _ text: UnsafeBufferPointer<UInt8>, _ upper: Bool, _ body: ((UInt32, UInt32, UInt32), Int, UInt32) -> Void
  ) {
    var at = 0
    while at < text.count {
      let (scalar, length) = unsafe Scalars.decode(text, at)
      let (mapped, count) = upper ? CaseMapping.upper(scalar) : CaseMapping.lower(scalar)
      body(mapped, count, scalar)
      at &+= max(1, length)
    }
  }

  private static func width(_ scalar: UInt32) -> Int {
    scalar < 0x80 ? 1 : scalar < 0x800 ? 2 : scalar < 0x10000 ? 3 : 4
  }
}
