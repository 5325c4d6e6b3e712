// Code that is current again: an edit that goes back to an earlier text finds what was made of it. And slots that nobody names
// any more, which are handed out again.
//
// Invariant: code is revived only for the instances it was made for, with the lambdas it had.

import Frontend

/// What a definition's code was, as far as lowering keeps track of it.
public struct LoweredCode: Sendable {
  struct Piece: Sendable {
    var instance: Int32
    var slot: Int32
    var lambdas: LambdaSet
    var key: UInt64
  }
  var pieces: [Piece]
  /// The slots of its instances and their lambdas.
  public var slots: [Int] {
    var all: [Int] = []
    for piece in pieces {
      all.append(Int(piece.slot))
      for lambda in piece.lambdas.records { all.append(Int(lambda.slot)) }
    }
    return all
  }
  /// Those whose content is known.
  public var kept: [KeptPiece] {
    pieces.compactMap { $0.key == 0 ? nil : KeptPiece(instance: Int($0.instance), key: $0.key, slot: Int($0.slot), lambdas: $0.lambdas) }
  }
}

extension Lowering {
  /// The present code of a function. O(its instances).
  public func loweredCode(of def: DefID) -> LoweredCode {
    var code = LoweredCode(pieces: [])
    forEachInstance(of: def) { index, instance in
      code.pieces.append(LoweredCode.Piece(instance: Int32(index), slot: instance.slot, lambdas: lambdas(of: index), key: key(of: index)))
    }
    return code
  }

  /// `code` of `def` is current again. False, and nothing has happened, when there are instances it does not know.
  public func revive(_ code: LoweredCode, of def: DefID) -> Bool {
    var matches = true
    var count = 0
    forEachInstance(of: def) { index, instance in
      count += 1
      if !code.pieces.contains(where: { Int($0.instance) == index && $0.slot == instance.slot }) || !instance.isCompiled { matches = false }
    }
    guard matches, count == code.pieces.count else { return false }
    for piece in code.pieces {
      let index = Int(piece.instance)
      let present = lambdas(of: index)
      setKey(index, piece.key)
      if present.records.isEmpty, piece.lambdas.records.isEmpty { continue }
      settleLambdas(index, present, piece.lambdas, def, comesBack: true)
    }
    return true
  }

  func forEachInstance(of def: DefID, _ body: (Int, Instance) -> Void) {
    var next = Int(def.raw) < instances.newest.count ? Int(instances.newest[Int(def.raw)]) : -1
    while next >= 0 {
      let instance = instances[next]
      if !instance.isRetired, instance.kind == .function || instance.kind == .defaultValue { body(next, instance) }
      next = Int(instance.next)
    }
  }

  // MARK: Slots that are free again

  /// How many slots have code that nothing makes any more.
  public var orphanCount: Int { orphans.count }

  /// Those slots, each with the number of the literal that names it, or -1.
  public var orphanSlots: [(slot: Int, literal: Int)] {
    orphans.map { ($0.slot, $0.slot < closureLiterals.count ? Int(closureLiterals[$0.slot]) : -1) }
  }

  /// Nothing names these slots: they are handed out again. Those that are no orphans any more are left out of the answer.
  public func recycle(_ slots: Set<Int>) -> [Int] {
    var freed: [Int] = []
    orphans.removeAll { orphan in
      guard slots.contains(orphan.slot) else { return false }
      freed.append(orphan.slot)
      forgetOwner(of: orphan.slot)
      return true
    }
    freeSlots += freed
    return freed
  }
}
