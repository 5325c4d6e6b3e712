// Vectors as a whole; single elements are instructions. Element words and kind come from the descriptor.

import CShims

extension Primitives {
  public static func vectorReserve(_ m: MachinePointer, _ a: Arguments) -> Bool {
    unsafe int(a, 1) <= 0 || Vectors.grow(m, a[0], int(a, 1))
  }

  public static func vectorInsert(_ m: MachinePointer, _ a: Arguments) -> Bool {
    let (v, i) = unsafe (a[0], int(a, 1))
    let n = Vectors.count(v)
    if i < 0 || i > n { return unsafe raiseIndex(m, i, count: n &+ 1) }
    if unsafe !room(m, v, 1) { return false }
    let row = unsafe descriptor(m, v)
    let size = unsafe Int(row.pointee.elementBytes)
    let at = Vectors.data(v) &+ UInt64(i &* size)
    unsafe Vectors.willMove(m, row, at, n &- i)
    unsafe memmove(byteAddress(at, size), byteAddress(at, 0), (n &- i) &* size)
    unsafe Vectors.storeElement(row, at, a + 2)
    setWord(v, Offset.vectorCount, UInt64(n &+ 1))
    return true
  }

  public static func vectorRemove(_ m: MachinePointer, _ a: Arguments) -> Bool {
    let (v, i) = unsafe (a[0], int(a, 1))
    let n = Vectors.count(v)
    if i < 0 || i >= n { return unsafe raiseIndex(m, i, count: n) }
    let row = unsafe descriptor(m, v)
    let size = unsafe Int(row.pointee.elementBytes)
    let at = Vectors.data(v) &+ UInt64(i &* size)
    unsafe Vectors.willMove(m, row, at, n &- i)
    unsafe memmove(byteAddress(at, 0), byteAddress(at, size), (n &- i &- 1) &* size)
    unsafe Vectors.drop(m, row, Vectors.data(v) &+ UInt64((n &- 1) &* size), 1)
    setWord(v, Offset.vectorCount, UInt64(n &- 1))
    return true
  }

  public static func vectorErase(_ m: MachinePointer, _ a: Arguments) -> Bool {
    let (v, i) = unsafe (a[0], int(a, 1))
    let n = Vectors.count(v)
    if i < 0 || i >= n { return unsafe raiseIndex(m, i, count: n) }
    let row = unsafe descriptor(m, v)
    let size = unsafe Int(row.pointee.elementBytes)
    let at = Vectors.data(v) &+ UInt64(i &* size)
    unsafe Vectors.drop(m, row, at, 1)
    unsafe memset(byteAddress(at, 0), 0, size)
    return true
  }

  public static func vectorTruncate(_ m: MachinePointer, _ a: Arguments) -> Bool {
    let (v, wanted) = unsafe (a[0], max(0, int(a, 1)))
    let n = Vectors.count(v)
    if wanted >= n { return true }
    let row = unsafe descriptor(m, v)
    unsafe Vectors.drop(m, row, Vectors.data(v) &+ UInt64(wanted &* Int(row.pointee.elementBytes)), n &- wanted)
    setWord(v, Offset.vectorCount, UInt64(wanted))
    return true
  }

  public static func vectorSlice(_ m: MachinePointer, _ a: Arguments) -> Bool {
    let (v, from, to) = unsafe (a[0], int(a, 1), int(a, 2))
    let n = Vectors.count(v)
    if from < 0 || to < from || to > n { return unsafe raiseSlice(m, from, to, count: n, "element") }
    let made = unsafe Vectors.make(m, descriptorNumber(v))
    if made == 0 { return false }
    unsafe m.pointee.scratch = made
    defer { unsafe m.pointee.scratch = 0 }
    if unsafe to > from && !Vectors.grow(m, made, to &- from) { return false }
    let size = unsafe Int(descriptor(m, v).pointee.elementBytes)
    unsafe memcpy(
      byteAddress(Vectors.data(made), 0), byteAddress(Vectors.data(v), from &* size), (to &- from) &* size)
    setWord(made, Offset.vectorCount, UInt64(to &- from))
    unsafe a[0] = made
    return true
  }

  /// Appending a vector to itself doubles it.
  public static func vectorAppend(_ m: MachinePointer, _ a: Arguments) -> Bool {
    let (v, w) = unsafe (a[0], a[1])
    let (n, k) = (Vectors.count(v), Vectors.count(w))
    if k == 0 { return true }
    if unsafe !room(m, v, k) { return false }
    let size = unsafe Int(descriptor(m, v).pointee.elementBytes)
    unsafe memcpy(byteAddress(Vectors.data(v), n &* size), byteAddress(Vectors.data(w), 0), k &* size)
    setWord(v, Offset.vectorCount, UInt64(n &+ k))
    return true
  }

  public static func vectorReverse(_ m: MachinePointer, _ a: Arguments) -> Bool {
    let v = unsafe a[0]
    let n = Vectors.count(v)
    let row = unsafe descriptor(m, v)
    let size = unsafe Int(row.pointee.elementBytes)
    if n < 2 || size == 0 { return true }
    unsafe Vectors.willMove(m, row, Vectors.data(v), n)
    var low = unsafe byteAddress(Vectors.data(v), 0)
    var high = unsafe low + (n &- 1) &* size
    while unsafe low < high {
      if size & 7 == 0 {
        for i in 0..<size / 8 {
          let left = unsafe UnsafeMutableRawPointer(low + i &* 8).assumingMemoryBound(to: UInt64.self)
          let right = unsafe UnsafeMutableRawPointer(high + i &* 8).assumingMemoryBound(to: UInt64.self)
          unsafe (left.pointee, right.pointee) = (right.pointee, left.pointee)
        }
      } else {
        for i in 0..<size { unsafe (low[i], high[i]) = (high[i], low[i]) }
      }
      unsafe low += size
      unsafe high -= size
    }
    return true
  }

  public static func vectorFill(_ m: MachinePointer, _ a: Arguments) -> Bool {
    let (v, times) = unsafe (a[0], int(a, 1))
    if times <= 0 { return true }
    if unsafe !room(m, v, times) { return false }
    let row = unsafe descriptor(m, v)
    let size = unsafe Int(row.pointee.elementBytes)
    let n = Vectors.count(v)
    let first = Vectors.data(v) &+ UInt64(n &* size)
    if size > 0 {
      unsafe Vectors.storeElement(row, first, a + 2)
      // What is filled is copied behind itself, doubling.
      let start = unsafe byteAddress(first, 0)
      var done = 1
      while done < times {
        let more = min(done, times &- done)
        unsafe memcpy(start + done &* size, start, more &* size)
        done &+= more
      }
    }
    setWord(v, Offset.vectorCount, UInt64(n &+ times))
    return true
  }

  /// Room for `more` further elements.
  private static func room(_ m: MachinePointer, _ v: UInt64, _ more: Int) -> Bool {
    let (wanted, overflow) = Vectors.count(v).addingReportingOverflow(more)
    if overflow { return unsafe raise(m, .outOfMemory) }
    return unsafe Vectors.grow(m, v, wanted)
  }
}
