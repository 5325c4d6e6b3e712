// Building text in a vector of u8; `str`, `show` and `fmt` are made of these.

import CShims

extension Primitives {
  public static func textAddString(_ m: MachinePointer, _ a: Arguments) -> Bool {
    unsafe Vectors.appendBytes(m, a[0], Strings.view(a[1]))
  }

  public static func textAddShownString(_ m: MachinePointer, _ a: Arguments) -> Bool {
    let v = unsafe a[0]
    let text = unsafe Strings.view(a[1])
    if unsafe !add(m, v, 34) { return false }
    var plain = 0  // start of what needs no escape
    for at in 0..<text.count {
      let byte = unsafe text[at]
      if byte >= 32 && byte != 34 && byte != 92 && byte != 127 { continue }
      if unsafe !Vectors.appendBytes(m, v, UnsafeBufferPointer(rebasing: text[plain..<at])) { return false }
      if unsafe !addEscape(m, v, byte) { return false }
      plain = at &+ 1
    }
    if unsafe !Vectors.appendBytes(m, v, UnsafeBufferPointer(rebasing: text[plain..<text.count])) { return false }
    return unsafe add(m, v, 34)
  }

  public static func textAddInt(_ m: MachinePointer, _ a: Arguments) -> Bool {
    let n = unsafe Int64(bitPattern: a[1])
    return unsafe addDecimal(m, a[0], n.magnitude, negative: n < 0)
  }

  public static func textAddUInt(_ m: MachinePointer, _ a: Arguments) -> Bool {
    unsafe addDecimal(m, a[0], a[1], negative: false)
  }

  public static func textAddFloat(_ m: MachinePointer, _ a: Arguments) -> Bool {
    guard let to = unsafe Vectors.room(m, a[0], NumberText.mostBytes) else { return false }
    unsafe Vectors.advance(a[0], NumberText.write(Double(bitPattern: a[1]), to))
    return true
  }

  public static func textAddF32(_ m: MachinePointer, _ a: Arguments) -> Bool {
    guard let to = unsafe Vectors.room(m, a[0], NumberText.mostBytes) else { return false }
    unsafe Vectors.advance(a[0], NumberText.write(Float(Double(bitPattern: a[1])), to))
    return true
  }

  public static func textAddFixed(_ m: MachinePointer, _ a: Arguments) -> Bool {
    let digits = unsafe int(a, 2)
    if digits < 0 || digits > 100 { return unsafe raise(m, .invalidArgument, "digits must be between 0 and 100") }
    // 309 digits, sign, point, fraction, NUL.
    let most = 320 &+ digits
    guard let to = unsafe Vectors.room(m, a[0], most) else { return false }
    unsafe Vectors.advance(a[0], NumberText.writeFixed(Double(bitPattern: a[1]), digits, to, most))
    return true
  }

  /// Base 2, 8 or 16, plus 256 for capital digits.
  public static func textAddRadix(_ m: MachinePointer, _ a: Arguments) -> Bool {
    let spec = unsafe int(a, 2)
    let letter: UInt64 = spec >= 256 ? 65 : 97
    let base = spec & 255
    let bits = UInt64(base.trailingZeroBitCount)
    if base != 2 && base != 8 && base != 16 { return unsafe raise(m, .invalidArgument, "no such base") }
    var rest = unsafe a[1]
    var count = max(1, (64 &- rest.leadingZeroBitCount &+ Int(bits) &- 1) / Int(bits))
    guard let to = unsafe Vectors.room(m, a[0], count) else { return false }
    unsafe Vectors.advance(a[0], count)
    while count > 0 {
      count &-= 1
      let digit = rest & (1 << bits &- 1)
      unsafe to[count] = UInt8(digit < 10 ? 48 &+ digit : letter &+ digit &- 10)
      rest >>= bits
    }
    return true
  }

  /// Width in scalars in the low byte of the specification, above it 1 for left, 2 for right, 3 for the
  /// middle, 4 for zeros behind a sign.
  public static func textPad(_ m: MachinePointer, _ a: Arguments) -> Bool {
    let (v, start, spec) = unsafe (a[0], int(a, 1), int(a, 2))
    let n = Vectors.count(v)
    if start < 0 || start > n { return unsafe raiseIndex(m, start, count: n) }
    var scalars = 0
    for at in start..<n where unsafe byteAddress(Vectors.data(v), at).pointee & 0xC0 != 0x80 { scalars &+= 1 }
    let missing = (spec & 255) &- scalars
    if missing <= 0 { return true }
    guard unsafe Vectors.room(m, v, missing) != nil else { return false }
    Vectors.advance(v, missing)
    let text = unsafe byteAddress(Vectors.data(v), start)
    let length = n &- start
    var before = 0
    switch spec >> 8 {
    case 2, 4: before = missing
    case 3: before = missing / 2
    default: break
    }
    let isSigned = unsafe spec >> 8 == 4 && length > 0 && (text[0] == 45 || text[0] == 43)
    let fixed = isSigned ? 1 : 0
    unsafe memmove(text + (fixed &+ before), text + fixed, length &- fixed)
    unsafe memset(text + fixed, Int32(truncatingIfNeeded: a[3]), before)
    unsafe memset(text + (length &+ before), Int32(truncatingIfNeeded: a[3]), missing &- before)
    return true
  }

  public static func textAddChar(_ m: MachinePointer, _ a: Arguments) -> Bool {
    unsafe addScalar(m, a[0], UInt32(truncatingIfNeeded: a[1]))
  }

  public static func textAddShownChar(_ m: MachinePointer, _ a: Arguments) -> Bool {
    let v = unsafe a[0]
    let scalar = unsafe UInt32(truncatingIfNeeded: a[1])
    if unsafe !add(m, v, 92) { return false }
    switch scalar {
    case 32: return unsafe add(m, v, "space")
    case 10: return unsafe add(m, v, "newline")
    case 9: return unsafe add(m, v, "tab")
    // Control characters, format characters and separators would not be seen.
    case 0..<32, 127..<160, 0xAD, 0x200B...0x200F, 0x2028...0x202E, 0x2060...0x206F, 0xFEFF:
      return unsafe addCode(m, v, scalar)
    default:
      return unsafe CaseMapping.isWhitespace(scalar) ? addCode(m, v, scalar) : addScalar(m, v, scalar)
    }
  }

  public static func textAddBool(_ m: MachinePointer, _ a: Arguments) -> Bool {
    unsafe a[1] != 0 ? add(m, a[0], "true") : add(m, a[0], "false")
  }

  /// A text to build in. Most are short and at their end at once, so that one vector serves one text after the other.
  public static func textNew(_ m: MachinePointer, _ a: Arguments) -> Bool {
    let kept = unsafe m.pointee.textBuffer
    if kept == 0 { return unsafe result(a, 0, Vectors.make(m, DescriptorTable.byteVector)) }
    unsafe m.pointee.textBuffer = 0
    setWord(kept, Offset.vectorCount, 0)
    unsafe a[0] = kept
    return true
  }

  /// Bytes of a text that is kept for the next one at most.
  private static let keptBytes = 1024

  /// Nobody may go on building in the vector afterwards.
  public static func textToString(_ m: MachinePointer, _ a: Arguments) -> Bool {
    let v = unsafe a[0]
    let text = unsafe UnsafeBufferPointer(start: byteAddress(Vectors.data(v), 0), count: Vectors.count(v))
    let made = unsafe Strings.make(m, text)
    if made == 0 { return false }
    if Vectors.capacityBytes(v) <= keptBytes { unsafe m.pointee.textBuffer = v }
    unsafe a[0] = made
    return true
  }

  // MARK: Helpers

  private static func add(_ m: MachinePointer, _ v: UInt64, _ byte: UInt8) -> Bool {
    guard let to = unsafe Vectors.room(m, v, 1) else { return false }
    unsafe to[0] = byte
    Vectors.advance(v, 1)
    return true
  }

  private static func add(_ m: MachinePointer, _ v: UInt64, _ text: StaticString) -> Bool {
    unsafe Vectors.appendBytes(m, v, UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
  }

  private static func addScalar(_ m: MachinePointer, _ v: UInt64, _ scalar: UInt32) -> Bool {
    guard let to = unsafe Vectors.room(m, v, 4) else { return false }
    let valid = Scalars.isScalar(UInt64(scalar)) ? scalar : Scalars.replacement
    unsafe Vectors.advance(v, Scalars.encode(valid, to))
    return true
  }

  private static func addEscape(_ m: MachinePointer, _ v: UInt64, _ byte: UInt8) -> Bool {
    switch byte {
    case 9: unsafe add(m, v, "\\t")
    case 10: unsafe add(m, v, "\\n")
    case 34: unsafe add(m, v, "\\\"")
    case 92: unsafe add(m, v, "\\\\")
    default: unsafe add(m, v, 92) && addCode(m, v, UInt32(byte))
    }
  }

  /// `u{1f}`, behind a backslash.
  private static func addCode(_ m: MachinePointer, _ v: UInt64, _ scalar: UInt32) -> Bool {
    if unsafe !add(m, v, "u{") { return false }
    var shift: UInt32 = 28
    while shift > 0 && scalar >> shift == 0 { shift &-= 4 }
    while true {
      let digit = UInt8(truncatingIfNeeded: scalar >> shift & 15)
      if unsafe !add(m, v, digit < 10 ? 48 &+ digit : 87 &+ digit) { return false }
      if shift == 0 { return unsafe add(m, v, 125) }
      shift &-= 4
    }
  }

  private static func addDecimal(_ m: MachinePointer, _ v: UInt64, _ n: UInt64, negative: Bool) -> Bool {
    guard let to = unsafe Vectors.room(m, v, 20) else { return false }
    unsafe Vectors.advance(v, NumberText.write(n, negative: negative, to))
    return true
  }
}
