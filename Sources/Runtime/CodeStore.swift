// Where bytecode lives: copied once to an address that stays until the code is freed. A spot is
//
//   capacity (words) │ number │ frame size │ words …          entry is the first word
//        [-3]            [-2]      [-1]
//
// Spots are made by bumping, so their numbers rise with their addresses and a pc finds its spot by
// binary search; a freed spot keeps number and capacity and is used again for code that fits.

import CShims

@safe
public final class CodeStore: @unchecked Sendable {
  /// Words in front of the entry.
  static let headerWords = 3
  /// Spots come in multiples of this many words.
  static let grain = 8

  private let lock = Lock()
  private var range: ReservedRange
  private let base: UnsafeMutablePointer<UInt64>
  /// Words used from `base`.
  private var used = 0
  /// Bytes from `base` whose pages are there already.
  private var populated = 0
  /// The offset of each spot's header, rising; indexed by code number.
  private var starts: [UInt32] = []
  private var isFree: [Bool] = []
  /// Free spots by capacity in grains; the last list holds all larger ones.
  private var free: [[UInt32]] = []
  private static let lists = 65
  /// Code for slots that have none: a lone zero word (`halt`), number 0.
  public private(set) var missing: UnsafePointer<UInt64>
  /// Where `pc` points while nothing runs.
  public var idle: UnsafePointer<UInt64> { unsafe missing }

  /// nil when the system has no address space left.
  init?(capacity: Int) {
    guard var r = ReservedRange(capacity: min(capacity, 8 << 30), minimum: 1 << 20, low: 1 << 30), r.commit(1 << 16) else { return nil }
    range = r
    unsafe base = r.base.bindMemory(to: UInt64.self, capacity: r.capacity / 8)
    unsafe missing = UnsafePointer(base)
    for _ in 0..<Self.lists { free.append([]) }
    // The slot table's code for "nothing here yet" can be replaced through `setMissing`.
    guard let entry = unsafe install([0], frameSize: 1) else { return nil }
    unsafe missing = entry
  }

  deinit { range.release() }

  /// Copies code and answers its entry; nil when the store is full. The words are complete in memory
  /// before this returns; publish them with `Machine.setEntry`. Any thread. O(words).
  public func install(_ words: UnsafeBufferPointer<UInt64>, frameSize: Int) -> UnsafePointer<UInt64>? {
    lock.lock()
    defer { lock.unlock() }
    let grains = (words.count &+ Self.headerWords &+ Self.grain &- 1) / Self.grain
    let list = min(grains, Self.lists &- 1)
    var number = -1
    if grains < Self.lists &- 1 {
      if let last = free[list].popLast() { number = Int(last) }
    } else if let at = free[list].firstIndex(where: { unsafe base[Int(starts[Int($0)])] >= UInt64(grains &* Self.grain) }) {
      number = Int(free[list].remove(at: at))
    }
    if number >= 0 {
      isFree[number] = false
    } else {
      guard (used &+ grains &* Self.grain) &* 8 <= range.capacity,
        used &+ grains &* Self.grain < Int(UInt32.max),
        range.commit((used &+ grains &* Self.grain) &* 8)
      else { return nil }
      if (used &+ grains &* Self.grain) &* 8 > populated { populate() }
      number = starts.count
      starts.append(UInt32(truncatingIfNeeded: used))
      isFree.append(false)
      unsafe base[used] = UInt64(grains &* Self.grain)
      unsafe base[used &+ 1] = UInt64(number)
      used &+= grains &* Self.grain
    }
    let entry = unsafe base + (Int(starts[number]) &+ Self.headerWords)
    unsafe entry[-1] = UInt64(UInt(bitPattern: frameSize))
    if let source = words.baseAddress { unsafe entry.update(from: source, count: words.count) }
    return unsafe UnsafePointer(entry)
  }

  /// Gets the next pages in one system call.
  private func populate() {
    let piece = min(1 << 17, range.committed &- populated)
    if piece > 0 { unsafe lang_populate(UnsafeMutableRawPointer(base) + populated, piece) }
    populated &+= max(0, piece)
  }

  public func install(_ words: [UInt64], frameSize: Int) -> UnsafePointer<UInt64>? {
    unsafe words.withUnsafeBufferPointer { unsafe install($0, frameSize: frameSize) }
  }

  /// The code to run by slots that have none, e.g. a trap. Call before slots are made.
  public func setMissing(_ words: [UInt64], frameSize: Int) -> Bool {
    guard let entry = unsafe install(words, frameSize: frameSize) else { return false }
    unsafe missing = entry
    return true
  }

  /// Gives the spot back. No frame may be in this code, no slot may name it.
  public func free(_ entry: UnsafePointer<UInt64>) {
    lock.withLock {
      let number = Int(truncatingIfNeeded: unsafe entry[-2])
      guard number >= 0, number < starts.count, !isFree[number] else { return }
      isFree[number] = true
      let grains = Int(truncatingIfNeeded: unsafe entry[-3]) / Self.grain
      free[min(grains, Self.lists &- 1)].append(UInt32(truncatingIfNeeded: number))
    }
  }

  /// The words of the code at `entry`, with what fills its spot up behind them.
  public func words(of entry: UnsafePointer<UInt64>) -> [UInt64] {
    lock.withLock {
      let count = unsafe max(0, Int(truncatingIfNeeded: entry[-3]) &- Self.headerWords)
      return unsafe Array(UnsafeBufferPointer(start: entry, count: count))
    }
  }

  /// Which code `pc` lies in and at which word; nil outside all code. A return address counts as the
  /// word it points at. Any thread. O(log n).
  public func find(_ pc: UnsafePointer<UInt64>) -> (number: Int, word: Int, entry: UnsafePointer<UInt64>)? {
    lock.lock()
    defer { lock.unlock() }
    let distance = unsafe Int(bitPattern: pc) &- Int(bitPattern: base)
    if distance < 0 || distance >= used &* 8 { return nil }
    let offset = distance / 8
    var low = 0
    var high = starts.count
    while high &- low > 1 {
      let middle = (low &+ high) / 2
      if Int(starts[middle]) <= offset { low = middle } else { high = middle }
    }
    let word = offset &- Int(starts[low]) &- Self.headerWords
    if isFree[low] || word < 0 { return nil }
    return unsafe (low, word, UnsafePointer(base) + (Int(starts[low]) &+ Self.headerWords))
  }

  /// Spots ever made; code numbers are below it.
  public var count: Int { lock.withLock { starts.count } }
}
