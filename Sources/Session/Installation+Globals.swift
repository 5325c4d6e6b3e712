// What an edit's initialisers may change is held meanwhile: where one panics all is what it was.

import Runtime

/// What is put back.
package enum HeldMemory: ~Copyable {
  /// The words of what is initialised: where no layout changes, what initialisers do to other values is as sound as before.
  case globals(HeldGlobals)
  /// All that the program has.
  case all(HeapSnapshot)
}

/// Words of globals as they were.
package struct HeldGlobals {
  var values: [(first: Int, words: [UInt64])] = []
  var roots: [Int] = []
}

extension Installation {
  /// To be put back or released. Program thread, or any while nothing runs.
  package func holdGlobals(_ ranges: [Range<Int>]) -> HeldGlobals {
    var held = HeldGlobals()
    for range in ranges {
      let words = range.map { machine.global($0) }
      for word in words where machine.isObject(word) { held.roots.append(machine.addRoot(word)) }
      held.values.append((range.lowerBound, words))
    }
    return held
  }

  package func putBack(_ held: consuming HeldMemory) {
    switch consume held {
    case .globals(let globals):
      for (first, words) in globals.values {
        for (i, word) in words.enumerated() { machine.setGlobal(first + i, word) }
      }
      for root in globals.roots { machine.removeRoot(root) }
    case .all(let snapshot): machine.restore(snapshot)
    }
  }

  package func release(_ held: consuming HeldMemory) {
    switch consume held {
    case .globals(let globals): for root in globals.roots { machine.removeRoot(root) }
    case .all(let snapshot): machine.drop(snapshot)
    }
  }
}
