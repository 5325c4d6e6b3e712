// Patches that change layouts: what is stale is marked, code that relied on it is replaced or becomes a stub,
// and frames that run such code are condemned, all at one moment on the program's thread.
//
//   compiling thread   relayout ─► lower … ─► install ─► layoutPatch
//   program's thread   mayApply ─► begin ─► initialisers ─► finish
//
// Also here: code that nothing runs any more is given back.
//
// Invariant: after `finish` no code that relies on a replaced layout will run. Every affected slot has new code
// or a stub, and every frame in affected code ends in the stale panic.

import Bytecode
import Frontend
import Interpreter
import JIT
import Lowering
import Runtime
import Synchronization

/// What is made current together when layouts change.
package struct LayoutPatch: Sendable {
  package var relayout: Relayout
  /// New code, and stubs for the affected slots that got none.
  package var changes: [SlotChange]
  /// How messages call the types of stale descriptors.
  var names: [[UInt8]]
  /// What condemned frames say.
  var message: Int
  var affected: Set<Int>
  /// Slots of which closures or old frames may be around, and which raise the stale panic from now on.
  package var deadSlots: [Int]
}

/// What puts a half-committed patch back.
package struct LayoutUndo {
  var changes: [SlotChange] = []
  var marked: [UInt32] = []
  var revived: [(number: UInt32, name: [UInt8])] = []
  var literals: [(number: Int, descriptor: UInt32, word: UInt64)] = []
  var staleLiterals: [(number: Int, wasStale: Bool)] = []
}

extension Installation {
  /// Prepares the commit of a relayout whose users have been lowered and installed; `changes` is what `install`
  /// answered. Compiling thread. Nil when a table of the machine is full.
  package func layoutPatch(_ relayout: Relayout, _ changes: [SlotChange], _ lowering: Lowering) -> LayoutPatch? {
    let env = lowering.environment
    let types = relayout.definitions.filter { !env[$0].isEarlier }.map { "`\(env.name($0))`" }
    let cause = types.isEmpty ? "a type" : types.count > 3 ? types[..<2].joined(separator: ", ") + " and others" : types.joined(separator: ", ")
    let message = lowering.messageLiteral("stale code: this call began before the layout of \(cause) changed")
    let given = Set(changes.map(\.slot))
    var all = changes
    var dead: [Int] = []
    var seen: Set<Int> = []
    for slot in relayout.affectedSlots where !given.contains(slot) && seen.insert(slot).inserted {
      // A slot that never had code is named by nothing.
      guard let old = tables.withLock({ slot < $0.latest.count ? $0.code($0.latest[slot]) : nil }) else { continue }
      dead.append(slot)
      let name = lowering.name(of: old.info)
      let words = old.info.kind == .lambda
        ? "stale code: a closure of `\(env.name(old.info.definition))` was made before the layout of \(cause) changed"
        : "stale code: `\(name)` was called as it was before the layout of \(cause) changed"
      let literal = lowering.messageLiteral(words)
      let trap = Instruction(.trap, a: 0, imm32: Int(PanicReason.stale.rawValue) | (literal + 1) << 8).word
      guard let entry = unsafe machine.code.install([trap], frameSize: 1) else { return nil }
      let position = old.positions.first ?? 0
      let change = unsafe SlotChange(slot: slot, entry: entry)
      tables.withLock { $0.note(change.number, InstalledCode(info: old.info, slot: slot, positions: [position], isStub: true)) }
      all.append(change)
    }
    lowering.forgetKeys(ofSlots: dead)
    // The messages.
    guard install(lowering) != nil else { return nil }
    return LayoutPatch(
      relayout: relayout, changes: all, names: relayout.staleDescriptors.map { Array(env.describe($0.type).utf8) },
      message: message, affected: Set(relayout.affectedSlots), deadSlots: dead)
  }

  /// Whether the patch can be committed now: every frame in affected code can be condemned. Program thread, or
  /// any while the machine is parked. O(depth of the stack).
  package func mayApply(_ patch: LayoutPatch) -> Bool {
    interpreter.mayCondemn { number in code(number).map { patch.affected.contains($0.slot) } ?? false }
  }

  /// The first half of a commit, where `mayApply`: what is stale is marked and new code is current, so that initialisers can run.
  /// Answers what `undo` needs.
  package func begin(_ patch: LayoutPatch) -> LayoutUndo {
    let relayout = patch.relayout
    var undo = LayoutUndo()
    for number in relayout.revivedDescriptors {
      let number = UInt32(truncatingIfNeeded: number)
      undo.revived.append((number, machine.staleName(number)))
      machine.unmarkStale(number)
    }
    for (stale, name) in zip(relayout.staleDescriptors, patch.names) {
      machine.markStale(UInt32(truncatingIfNeeded: stale.descriptor), name: name)
      undo.marked.append(UInt32(truncatingIfNeeded: stale.descriptor))
    }
    for literal in relayout.staleLiterals + relayout.movedLiterals.map(\.literal) {
      undo.staleLiterals.append((literal, machine.isStaleLiteral(literal)))
    }
    for literal in relayout.staleLiterals { machine.markStaleLiteral(literal) }
    for moved in relayout.movedLiterals {
      let (descriptor, word) = machine.caseLiteral(moved.literal)
      undo.literals.append((moved.literal, descriptor, word))
      machine.moveLiteral(moved.literal, descriptor: UInt32(truncatingIfNeeded: moved.descriptor), word: UInt64(moved.tag))
    }
    undo.changes = apply(patch.changes)
    return undo
  }

  /// Takes back what `begin` did, when an initialiser has panicked.
  package func undo(_ undo: LayoutUndo) {
    apply(undo.changes)
    for (number, descriptor, word) in undo.literals { machine.moveLiteral(number, descriptor: descriptor, word: word) }
    for (number, wasStale) in undo.staleLiterals {
      if wasStale { machine.markStaleLiteral(number) } else { machine.unmarkStaleLiteral(number) }
    }
    for number in undo.marked { machine.unmarkStale(number) }
    for (number, name) in undo.revived { machine.markStale(number, name: name) }
  }

  /// The second half: frames in affected code are condemned. Answers the live stale objects of each of the relayout's stale
  /// descriptors; nil when there was no memory for the code of condemned frames: then the program has to be started afresh.
  package func finish(_ patch: LayoutPatch) -> [UInt32: Int]? {
    let relayout = patch.relayout
    var made: [CondemnedCode] = []
    let isComplete = interpreter.condemn(
      where: { number in code(number).map { patch.affected.contains($0.slot) } ?? false }, message: patch.message
    ) { made.append($0) }
    tables.withLock { tables in
      for piece in made {
        guard var known = tables.code(piece.original) else { continue }
        known.retained = 0
        if let word = piece.word {
          let position = word < known.positions.count ? known.positions[word] : 0
          known.positions = [position, position]
        }
        tables.note(piece.number, known)
        // Freed when no frame is in it.
        tables.replaced.append(unsafe SlotChange(slot: known.slot, entry: piece.entry))
      }
    }
    for range in relayout.deadGlobalWords { for word in range { machine.setGlobal(word, 0) } }
    guard isComplete else { return nil }
    return machine.census(of: Set(relayout.staleDescriptors.map { UInt32(truncatingIfNeeded: $0.descriptor) }))
  }

  /// Whether the live loop or restart point that waits now runs in condemned code: starting afresh then
  /// means starting with `main`. To be asked before `begin`.
  package func waitsInAffectedCode(_ patch: LayoutPatch) -> Bool {
    interpreter.waits { number in code(number).map { patch.affected.contains($0.slot) } ?? false }
  }

  /// Whether a slot has no code for the layouts there are.
  func isStub(_ slot: Int) -> Bool { code(ofSlot: slot)?.isStub == true }

  // MARK: Giving code back

  /// Keeps code from being freed while a cache may install it again. Any thread.
  package func retain(_ change: SlotChange) {
    tables.withLock {
      $0.codes[change.number]?.retained += 1
      $0.retained[change.number] = change
    }
  }

  /// The cache has dropped it; when no slot has it, it is freed once no frame is in it. Any thread.
  package func release(_ change: SlotChange) {
    tables.withLock { tables in
      guard change.number < tables.codes.count, let known = tables.codes[change.number], known.retained > 0 else { return }
      tables.codes[change.number]?.retained -= 1
      if known.retained == 1 { tables.retained[change.number] = nil }
      let isCurrent = change.slot < tables.latest.count && tables.latest[change.slot] == change.number
      if known.retained == 1, !isCurrent { tables.replaced.append(change) }
    }
  }

  /// Frees code that was installed and will never be made current, as that of a change that was taken back. Any
  /// thread; none of it may have been applied.
  package func discard(_ changes: [SlotChange]) {
    tables.withLock { tables in
      for change in changes {
        // Some of it may have been there before.
        guard let known = tables.code(change.number), known.retained == 0 else { continue }
        if change.slot < tables.latest.count, tables.latest[change.slot] == change.number { continue }
        tables.codes[change.number] = nil
        unsafe machine.code.free(change.entry)
      }
    }
  }

  /// How many pieces of code `collectCode` would look at.
  var replacedCount: Int { tables.withLock { $0.replaced.count } }

  /// Frees code that slots have no more, in which no frame is and that no cache retains; looks at no more than
  /// `limit` pieces. Program thread at a hook, or while nothing runs; not between an `apply` and what takes it
  /// back. Answers how many pieces were freed. O(limit + depth of the stack).
  @discardableResult
  package func collectCode(limit: Int = 256) -> Int {
    guard tables.withLock({ !$0.replaced.isEmpty }) || tiering?.hasRetired == true else { return 0 }
    let used = interpreter.codesInUse()
    tiering?.collect(used: used)
    var freed = 0
    let trace = interpreter.trace
    let shown = Set((trace.inner + trace.outer).map(\.code))
    tables.withLock { tables in
      let candidates = tables.replaced.prefix(limit)
      tables.replaced.removeFirst(candidates.count)
      for candidate in candidates {
        let number = candidate.number
        guard let known = tables.code(number) else { continue }
        if candidate.slot < tables.latest.count, tables.latest[candidate.slot] == number { continue }
        // Who releases it notes it again.
        if known.retained > 0 { continue }
        if used.contains(number) || shown.contains(number) {
          tables.replaced.append(candidate)
          continue
        }
        tables.codes[number] = nil
        unsafe machine.code.free(candidate.entry)
        freed += 1
      }
    }
    return freed
  }
}
