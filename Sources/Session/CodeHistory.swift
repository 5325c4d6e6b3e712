// Code that edits have replaced, by what it was made for and what it was made of, so that an edit that goes back by whatever way
// finds it: a body after other edits, a signature, a type, a constant, a macro. What that means for the numbers in it is looked at
// by lowering (KeptCode.swift there).
//
//   edit A ─► B:  the code of A is kept       … other edits …       edit B ─► A:  checked, found, swapped in
//
// `BodyHistory` is the shorter way for edits among which nothing but bodies changed: there the text alone says enough.
//
// Invariant: what is kept is retained, so it is neither freed nor are the slots it names handed out again. Compiling thread.

import Lowering

struct CodeHistory {
  private struct Version {
    var piece: KeptPiece
    var changes: [SlotChange]
    var number: Int
  }

  /// Versions of one instance, and of all of them together.
  static let versionsKept = 4
  static let totalKept = 4096

  private var versions: [Int: [Version]] = [:]
  /// The oldest first; what is gone already is passed over.
  private var order: [(instance: Int, number: Int)] = []
  private var next = 0
  private(set) var count = 0
  /// Versions that the edit at hand makes current; they stay until the next one begins.
  private var pinned: Set<Int> = []

  func has(_ instance: Int) -> Bool { versions[instance] != nil }

  func pieces(_ instance: Int, key: UInt64) -> [KeptPiece] {
    (versions[instance] ?? []).reversed().compactMap { $0.piece.key == key ? $0.piece : nil }
  }

  func changes(of piece: KeptPiece) -> [SlotChange] {
    versions[piece.instance]?.last { $0.piece.key == piece.key && $0.piece.slots == piece.slots }?.changes ?? []
  }

  /// The edit at hand uses the piece again.
  mutating func pin(_ piece: KeptPiece) {
    if let version = versions[piece.instance]?.last(where: { $0.piece.key == piece.key && $0.piece.slots == piece.slots }) { pinned.insert(version.number) }
  }

  /// Another edit begins.
  mutating func unpin() { if !pinned.isEmpty { pinned.removeAll() } }

  /// The code of all of the piece's slots, in their order.
  mutating func keep(_ piece: KeptPiece, _ changes: [SlotChange], _ installation: Installation) {
    guard changes.count == piece.slots.count else { return }
    for change in changes { installation.retain(change) }
    // Of the same content the latest is what closures and frames are likely to be of.
    if let known = versions[piece.instance]?.firstIndex(where: { $0.piece.key == piece.key && !pinned.contains($0.number) }) { drop(piece.instance, known, installation) }
    next += 1
    versions[piece.instance, default: []].append(Version(piece: piece, changes: changes, number: next))
    order.append((piece.instance, next))
    count += 1
    if versions[piece.instance]!.count > Self.versionsKept, let oldest = versions[piece.instance]!.firstIndex(where: { !pinned.contains($0.number) }) {
      drop(piece.instance, oldest, installation)
    }
    var passed = 0
    var kept: [(instance: Int, number: Int)] = []
    while count > Self.totalKept, passed < order.count {
      let oldest = order[passed]
      passed += 1
      if pinned.contains(oldest.number) { kept.append(oldest) }
      else if let at = versions[oldest.instance]?.firstIndex(where: { $0.number == oldest.number }) { drop(oldest.instance, at, installation) }
    }
    if passed > 0 { order.replaceSubrange(..<passed, with: kept) }
    if order.count > 4 * Self.totalKept {
      order.removeAll { entry in versions[entry.instance]?.contains { $0.number == entry.number } != true }
    }
  }

  private mutating func drop(_ instance: Int, _ at: Int, _ installation: Installation) {
    let gone = versions[instance]!.remove(at: at)
    for change in gone.changes { installation.release(change) }
    if versions[instance]!.isEmpty { versions[instance] = nil }
    count -= 1
  }
}

extension Installation {
  /// From now on `lowering` asks for code that was made before.
  func offerKeptCode(to lowering: Lowering) {
    lowering.keptCode = Lowering.CodeHost(
      present: { [unowned self] piece in
        var words: [[UInt64]] = []
        for slot in piece.slots {
          guard current(slot) != nil else { return nil }
          words.append(self.words(ofSlot: slot))
        }
        return words
      },
      kept: { [unowned self] instance, key in
        history.pieces(instance, key: key).map { piece in
          (piece, history.changes(of: piece).map { change in change.words(code(change.number)?.positions.count ?? 0) })
        }
      },
      taken: { [unowned self] piece in history.pin(piece) })
  }

  /// Keeps what a change is about to replace. Before it is applied.
  func keepReplaced(_ lowering: Lowering) {
    for piece in lowering.takeReplaced() { history.keep(piece, piece.slots.compactMap { current($0) }, self) }
  }

  /// What makes pieces current that were there already.
  func changes(of pieces: [KeptPiece]) -> [SlotChange] {
    pieces.flatMap { piece in piece.isPresent ? piece.slots.compactMap { current($0) } : history.changes(of: piece) }
  }

  /// Takes over what the shorter way has kept.
  func adopt(_ versions: [BodyHistory.Version]) {
    for version in versions {
      for piece in version.code.kept {
        history.keep(piece, piece.slots.compactMap { slot in version.changes.last { $0.slot == slot } }, self)
      }
      for change in version.changes { release(change) }
    }
  }
}
