// Which slots the program's data still names: closures hold the number of one, and closures without captures are literals that
// data refers to. What no data and no code names can be handed out again.
//
// Invariant: asked for slots that no code names, the answer stays right until code is made that does.

extension Machine {
  /// Those of `slots` that a live closure names, or a live reference to one of `literals` (a slot's closure without captures).
  /// Collects. Program thread, or any while the machine is parked. O(heap).
  public func namedSlots(among slots: Set<Int>, literals: [(slot: Int, literal: Int)]) -> Set<Int> {
    heap.collect()
    var closures: [UInt64: Int] = [:]
    for (slot, number) in literals where number >= 0 { closures[literal(number)] = slot }
    var named: Set<Int> = []
    func look(_ reference: UInt64) {
      guard let slot = closures[reference] else { return }
      named.insert(slot)
      // Where it leads, which may be elsewhere.
      named.insert(Int(truncatingIfNeeded: word(0, of: reference)))
    }
    heap.forEachObject { reference in
      let row = unsafe descriptor(state, reference)
      if unsafe row.pointee.kind == .closure {
        let slot = Int(truncatingIfNeeded: self.word(0, of: reference))
        if slots.contains(slot) { named.insert(slot) }
      }
      if !closures.isEmpty { unsafe heap.forEachReference(reference, row, look) }
    }
    if !closures.isEmpty {
      unsafe heap.forEachRootWord { cell in unsafe look(cell.pointee) }
      heap.forEachHostRoot { look($0) }
    }
    return named
  }
}
