// Upper and lower case, and white space, by Unicode's default properties.

enum CaseMapping {
  typealias Scalars3 = (UInt32, UInt32, UInt32)

  /// The upper case, one to three scalars (ß is SS). O(log ranges).
  static func upper(_ scalar: UInt32) -> (Scalars3, Int) {
    if scalar < 0x80 { return ((scalar &- (scalar &- 97 < 26 ? 32 : 0), 0, 0), 1) }
    let special = CaseTables.upperSpecial
    let at = lastRow(special, scalar)
    if at >= 0, UInt32(truncatingIfNeeded: special[at]) == scalar {
      let mapped = (
        UInt32(truncatingIfNeeded: special[at &+ 1]), UInt32(truncatingIfNeeded: special[at &+ 2]),
        UInt32(truncatingIfNeeded: special[at &+ 3])
      )
      return (mapped, mapped.2 == 0 ? 2 : 3)
    }
    return ((map(CaseTables.upper, scalar), 0, 0), 1)
  }

  /// The lower case, one or two scalars (İ keeps its dot).
  static func lower(_ scalar: UInt32) -> (Scalars3, Int) {
    if scalar < 0x80 { return ((scalar &+ (scalar &- 65 < 26 ? 32 : 0), 0, 0), 1) }
    if scalar == 0x130 { return ((0x69, 0x307, 0), 2) }
    return ((map(CaseTables.lower, scalar), 0, 0), 1)
  }

  /// The property White_Space.
  static func isWhitespace(_ scalar: UInt32) -> Bool {
    switch scalar {
    case 9...13, 32, 0x85, 0xA0, 0x1680, 0x2000...0x200A, 0x2028, 0x2029, 0x202F, 0x205F, 0x3000: true
    default: false
    }
  }

  private static func map(_ table: [Int32], _ scalar: UInt32) -> UInt32 {
    let at = lastRow(table, scalar)
    if at < 0 { return scalar }
    let value = Int32(truncatingIfNeeded: scalar)
    let step = max(1, table[at &+ 2])
    if value > table[at &+ 1] || (value &- table[at]) % step != 0 { return scalar }
    return UInt32(truncatingIfNeeded: value &+ table[at &+ 3])
  }

  /// Start of the last row whose first scalar is not above `scalar`; -1 when there is none.
  private static func lastRow(_ table: [Int32], _ scalar: UInt32) -> Int {
    var low = -1
    var high = table.count / 4
    let value = Int32(truncatingIfNeeded: min(scalar, 0x110000))
    while high &- low > 1 {
      let middle = (low &+ high) / 2
      if table[middle &* 4] <= value { low = middle } else { high = middle }
    }
    return low < 0 ? -1 : low &* 4
  }
}
