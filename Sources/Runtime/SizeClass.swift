// The sizes of cells: multiples of 8 from 16 up to 64 bytes, since most objects are two or three words
// behind their header, multiples of 16 up to 128, then four to each doubling up to 32 KB, so that
// rounding wastes at most a fifth. Larger objects have blocks of their own.

public enum SizeClass {
  /// How many there are; this number itself stands for large objects.
  public static let count = 43
  public static let largest = 32768

  /// The class of an object of `bytes` bytes, header included. O(1).
  @inlinable @inline(__always)
  public static func of(bytes: Int) -> Int {
    if bytes <= 64 { return max(0, (bytes &+ 7) >> 3 &- 2) }
    if bytes <= 128 { return (bytes &+ 15) >> 4 &+ 2 }
    if bytes > largest { return count }
    // 128 < bytes: the top bit of (bytes - 1) and the two below it number the class.
    let n = bytes &- 1
    let top = 63 &- n.leadingZeroBitCount
    return 11 &+ (top &- 7) &* 4 &+ (n >> (top &- 2) & 3)
  }

  /// Bytes of a cell of the class.
  @inlinable @inline(__always)
  public static func bytes(of index: Int) -> Int {
    if index < 7 { return (index &+ 2) &* 8 }
    if index < 11 { return (index &- 2) &* 16 }
    let step = index &- 11
    return (128 << (step >> 2)) &+ (32 << (step >> 2)) &* (step & 3 &+ 1)
  }

  /// What an object of `bytes` really takes: its cell, or whole blocks.
  @inlinable @inline(__always)
  public static func roundedBytes(_ bytes: Int) -> Int {
    let index = of(bytes: bytes)
    if index < count { return self.bytes(of: index) }
    return (bytes &+ Heap.blockBytes &- 1) & ~(Heap.blockBytes &- 1)
  }
}
