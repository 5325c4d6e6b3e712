// The code of a program in a form in which two programs can be compared: numbers of slots, descriptors, literals and
// globals are replaced by what they stand for. Two worlds that were made of the same text in different ways have the
// same listing, apart from code that only one of them once had a use for.

import Bytecode
import Frontend
import Lowering
import Runtime
import Synchronization

/// The code of one slot.
package struct CodeListing: Sendable {
  package var name: String
  /// One instruction a line, with its source position.
  package var text: String
  /// Names of slots that the code names.
  package var uses: Set<String>
  /// Compiled because it is in the text, whether or not anything uses it.
  package var isRoot: Bool
}

extension Session {
  /// All that new calls may reach, but for the initialisers of variables, which run once. O(program).
  package func listing() -> [CodeListing] {
    compiling.withLock { _ in
      guard let world else { return [] }
      let program = world.program
      let env = program.env
      func name(_ def: DefID) -> String {
        env[def].module == .prelude ? "\(env.name(def))@\(def.raw)" : program.qualifiedKey(of: def)
      }
      let names = program.lowering.codeNames(name)
      var found: [CodeListing] = []
      for owner in program.lowering.codeOwners() {
        if owner.kind == .initialiser, env[owner.definition].kind == .variable { continue }
        if owner.definition != .none, env[owner.definition].module != .prelude, !program.isCurrent(owner.definition) { continue }
        var uses: Set<String> = []
        let code = world.installation.code(ofSlot: owner.slot)
        let text = list(
          world.installation.words(ofSlot: owner.slot), positions: code?.positions ?? [], names, &uses)
        let isRoot = !owner.isOnDemand && owner.definition != .none && env[owner.definition].module != .prelude
        found.append(CodeListing(name: names.slots[owner.slot] ?? "slot \(owner.slot)", text: text, uses: uses, isRoot: isRoot))
      }
      return found
    }
  }

  /// Whether no code tests for objects of earlier layouts. These tests go when nothing stale is found any more.
  package var hasNoChecks: Bool {
    compiling.withLock { _ in world.map { $0.checked.isEmpty } ?? true }
  }

  private func list(_ words: [UInt64], positions: [UInt32], _ names: CodeNames, _ uses: inout Set<String>) -> String {
    let used = Mutex<Set<String>>([])
    let shown = DisassemblerNames(
      slot: { number in
        let name = names.slots[number] ?? "old slot \(number)"
        used.withLock { _ = $0.insert(name) }
        return name
      },
      global: { names.globals[$0] ?? "old global \($0)" },
      literal: { number in
        guard let name = names.literals[number] else { return "old literal \(number)" }
        used.withLock { _ = $0.insert(name) }
        return name
      },
      descriptor: { names.descriptors[$0] ?? "old descriptor \($0)" })
    var text = ""
    var at = 0
    // A closure's slot is a number that is stored into its first word.
    var closure = -1
    while at < words.count {
      let instruction = Instruction(word: words[at]).unfused
      let end = min(at + instruction.wordCount, words.count)
      var line = disassemble(instruction, at: at, literals: words[(at + 1)..<end], names: shown)
      if closure >= 0, instruction.opcode == .loadInt {
        let name = names.slots[instruction.imm32] ?? "old slot \(instruction.imm32)"
        line = "slot of \(name)"
        uses.insert(name)
      }
      closure = instruction.opcode == .newObject && names.closures.contains(instruction.imm32) ? instruction.a : -1
      if instruction.opcode == .trap {
        line = "trap \(instruction.imm32 & 0xff) \(names.literals[(instruction.imm32 >> 8) - 1] ?? "")"
      }
      let position = at < positions.count ? positions[at] : 0
      text += "\(at) @\(position) \(line)\n"
      at = end
    }
    uses.formUnion(used.withLock { $0 })
    return text
  }
}

extension Session {
  /// Looks for stale objects, and compiles without tests for them when there are none. The program must be parked.
  package func collectStale() {
    guard let world else { return }
    world.installation.machine.heap.collect()
    dropChecks()
  }
}
