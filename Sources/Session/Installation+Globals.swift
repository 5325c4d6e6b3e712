// The values of variables and constants that an edit computes again are held meanwhile: where one panics all are what they were.

import Runtime

/// Words of globals as they were.
package struct HeldGlobals {
  var values: [(first: Int, words: [UInt64])] = []
  var roots: [Int] = []
}

extension Installation {
  /// To be released in any case. Program thread, or any while nothing runs.
  package func holdGlobals(_ ranges: [Range<Int>]) -> HeldGlobals {
    var held = HeldGlobals()
    for range in ranges {
      let words = range.map { machine.global($0) }
      for word in words where machine.isObject(word) { held.roots.append(machine.addRoot(word)) }
      held.values.append((range.lowerBound, words))
    }
    return held
  }

  package func putBack(_ held: HeldGlobals) {
    for (first, words) in held.values {
      for (i, word) in words.enumerated() { machine.setGlobal(first + i, word) }
    }
  }

  package func release(_ held: HeldGlobals) { for root in held.roots { machine.removeRoot(root) } }
}
