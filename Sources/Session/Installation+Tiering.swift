// What the compiler of hot code asks of the tables of installed code.
//
// Invariant: bytecode that machine code may leave to is retained, and so is found at its address until the machine code is gone.

import Frontend
import Interpreter
import JIT
import Lowering
import Runtime
import Synchronization

extension Installation {
  /// The tables have a lock of their own. Weak, because code may still be compiled in the background when they go: it comes to
  /// nothing then, and what it holds goes with the tables.
  private final class Reference: @unchecked Sendable {
    weak let installation: Installation?
    init(_ installation: Installation) { self.installation = installation }
  }

  /// From now on hot code is compiled. Before the first run.
  func startTiering(_ options: TieringOptions, onLinked: (@Sendable ([LinkedFunction]) -> Void)?, onMissing: @escaping @Sendable (String) -> Void) {
    let this = Reference(self)
    var owner = CodeOwner(
      hold: { this.installation?.hold($0) }, release: { this.installation?.release($0) },
      argumentWords: { slot in this.installation?.code(ofSlot: slot)?.argumentWords },
      noteSites: { this.installation?.noteSites($0, $1, $2) }, forgetSites: { this.installation?.forgetSites($0) })
    owner.linked = onLinked
    if keepsNames { owner.name = { this.installation?.code(ofSlot: $0)?.name ?? "slot \($0)" } }
    tiering = Tiering(
      machine, interpreter, options, owner: owner,
      slotOfCode: { number in this.installation?.code(number)?.slot }, onMissing: onMissing)
  }

  /// `module/name`, of a lambda and its like with what it belongs to.
  static func qualifiedName(of info: FunctionInfo, _ lowering: Lowering) -> String {
    let name = lowering.name(of: info)
    return info.definition == .none ? name : lowering.environment.moduleName(lowering.environment[info.definition].module) + "/" + name
  }

  private func hold(_ slot: Int) -> CodeSnapshot? {
    guard let change = current(slot), let known = code(change.number), known.slot == slot else { return nil }
    retain(change)
    return CodeSnapshot(
      slot: slot, entry: unsafe UInt(bitPattern: change.entry), words: change.words(known.positions.count), frameSize: known.frameSize,
      argumentWords: known.argumentWords)
  }

  private func release(_ code: CodeSnapshot) {
    guard let entry = unsafe UnsafePointer<UInt64>(bitPattern: code.entry) else { return }
    release(unsafe SlotChange(slot: code.slot, entry: entry))
  }

  private func noteSites(_ piece: UInt, _ code: CodeSnapshot, _ words: [Int]) {
    guard let entry = unsafe UnsafePointer<UInt64>(bitPattern: piece), let original = unsafe UnsafePointer<UInt64>(bitPattern: code.entry) else { return }
    tables.withLock { tables in
      guard var known = tables.code(unsafe Int(truncatingIfNeeded: original[-2])) else { return }
      known.positions = words.flatMap { word in
        let position = word < known.positions.count ? known.positions[word] : 0
        return [position, position]
      }
      known.retained = 0
      tables.note(unsafe Int(truncatingIfNeeded: entry[-2]), known)
    }
  }

  private func forgetSites(_ piece: UInt) {
    guard let entry = unsafe UnsafePointer<UInt64>(bitPattern: piece) else { return }
    tables.withLock { tables in
      let number = unsafe Int(truncatingIfNeeded: entry[-2])
      if number < tables.codes.count { tables.codes[number] = nil }
    }
  }
}
