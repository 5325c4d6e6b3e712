// Puts what lowering made onto a machine: descriptors, literals, globals, code. Everything a function
// needs is in place before its code is, and code is in place before a slot names it.
//
// Invariant: numbers of lowering and machine are the same; both count up from the same start.

import Bytecode
import Frontend
import Interpreter
import JIT
import Lowering
import Runtime
import Synchronization

/// A slot and the code it is to get.
@safe
package struct SlotChange: @unchecked Sendable {
  package var slot: Int
  let entry: UnsafePointer<UInt64>

  /// The number of the code.
  package var number: Int { unsafe Int(truncatingIfNeeded: entry[-2]) }

  /// Its first `count` words; there are as many as it has positions.
  func words(_ count: Int) -> [UInt64] { (0..<count).map { unsafe entry[$0] } }
}

/// What is known of installed code, by code number: for traces and the disassembler.
struct InstalledCode {
  var info: FunctionInfo
  var slot: Int
  var positions: [UInt32]
  var frameSize = 0
  var argumentWords = 0
  /// `module/name`, where a tool asks for the names of machine code.
  var name: String?
  /// How many caches hold on to it; see `Installation.retain`.
  var retained = 0
  /// It only says that the slot has no code for the layouts there are.
  var isStub = false
}

package final class Installation {
  package let machine: Machine
  package let interpreter: Interpreter
  /// What is known of code and slots. The compiling thread adds to it while the program's thread may commit.
  struct Tables {
    var codes: [InstalledCode?] = []
    var latest: [Int] = []  // code number by slot
    /// Codes that a slot has no more, to be freed.
    var replaced: [SlotChange] = []
    /// Codes that caches hold on to, by number.
    var retained: [Int: SlotChange] = [:]

    mutating func note(_ number: Int, _ code: InstalledCode) {
      while codes.count <= number { codes.append(nil) }
      codes[number] = code
    }

    func code(_ number: Int) -> InstalledCode? { number >= 0 && number < codes.count ? codes[number] : nil }
  }
  let tables = Mutex(Tables())
  var codes: [InstalledCode?] { tables.withLock { $0.codes } }
  private let verifies: Bool
  /// Code that edits have replaced. Compiling thread.
  var history = CodeHistory()
  let keepsNames: Bool
  /// Compiles what is hot, where that is wanted.
  var tiering: Tiering?

  /// `isMetered`: instructions are counted.
  package init?(_ options: SessionOptions, isMetered: Bool = false) {
    guard let machine = Machine(options.machine), let interpreter = Interpreter(machine, isMetered: isMetered) else { return nil }
    verifies = options.verifies
    keepsNames = options.namesMachineCode
    self.machine = machine
    self.interpreter = interpreter
    if options.endsWithOutput { machine.endWithOutput() }
  }

  deinit { tiering?.stop() }

  package static let predefined = PredefinedDescriptors(
    byteVector: Int(DescriptorTable.byteVector), first: DescriptorTable.firstFree)

  /// Installs all that `lowering` has finished; answers the slot changes that make it current. Nil when
  /// a table of the machine is full.
  package func install(_ lowering: Lowering) -> [SlotChange]? {
    while machine.slotCount < lowering.slotCount { if machine.addSlot() < 0 { return nil } }
    if machine.globalCount < lowering.globalWordCount {
      if machine.addGlobals(words: lowering.globalWordCount - machine.globalCount) < 0 { return nil }
    }
    for info in lowering.newDescriptors { if !add(info) { return nil } }
    lowering.newDescriptors.removeAll(keepingCapacity: true)
    for (number, literal) in lowering.newLiterals { if !add(literal, number) { return nil } }
    lowering.newLiterals.removeAll(keepingCapacity: true)
    var changes: [SlotChange] = []
    changes.reserveCapacity(lowering.finished.count)
    for function in lowering.finished {
      if verifies { verify(function, lowering) }
      guard let entry = unsafe machine.code.install(function.code.fused(), frameSize: function.code.frameSize) else { return nil }
      let number = unsafe Int(truncatingIfNeeded: entry[-2])
      tables.withLock {
        $0.note(number, InstalledCode(
          info: function.info, slot: function.slot, positions: function.code.positions, frameSize: function.code.frameSize,
          argumentWords: function.code.argumentWords, name: keepsNames ? Self.qualifiedName(of: function.info, lowering) : nil))
      }
      unsafe changes.append(SlotChange(slot: function.slot, entry: entry))
    }
    if !lowering.reused.isEmpty {
      changes += self.changes(of: lowering.reused)
      lowering.reused.removeAll(keepingCapacity: true)
    }
    lowering.finished.removeAll(keepingCapacity: true)
    lowering.newGlobals.removeAll(keepingCapacity: true)
    lowering.installedSlots = lowering.slotCount
    lowering.installedGlobalWords = lowering.globalWordCount
    return changes
  }

  /// Makes code current; answers what takes it back.
  @discardableResult
  package func apply(_ changes: [SlotChange]) -> [SlotChange] {
    var before: [SlotChange] = []
    before.reserveCapacity(changes.count)
    tables.withLock { tables in
      for change in changes {
        if let old = unsafe machine.entry(of: change.slot) {
          unsafe before.append(SlotChange(slot: change.slot, entry: old))
          if unsafe old != change.entry { unsafe tables.replaced.append(SlotChange(slot: change.slot, entry: old)) }
        }
        unsafe machine.setEntry(change.slot, change.entry)
        while tables.latest.count <= change.slot { tables.latest.append(-1) }
        tables.latest[change.slot] = change.number
      }
    }
    tiering?.slotsChanged(changes.lazy.map(\.slot))
    return before
  }

  /// What is known of a slot's present code.
  func code(ofSlot slot: Int) -> InstalledCode? {
    tables.withLock { slot >= 0 && slot < $0.latest.count ? $0.code($0.latest[slot]) : nil }
  }

  /// What a slot has at present; nil while it has no code.
  func current(_ slot: Int) -> SlotChange? {
    guard let entry = unsafe machine.entry(of: slot), unsafe entry != machine.code.missing else { return nil }
    return unsafe SlotChange(slot: slot, entry: entry)
  }

  func code(_ number: Int) -> InstalledCode? { tables.withLock { $0.code(number) } }

  /// The words currently behind a slot.
  func words(ofSlot slot: Int) -> [UInt64] {
    let current = tables.withLock { slot >= 0 && slot < $0.latest.count ? $0.code($0.latest[slot]) : nil }
    guard let code = current, let entry = unsafe machine.entry(of: slot) else { return [] }
    return (0..<code.positions.count).map { unsafe entry[$0] }
  }

  private func add(_ info: DescriptorInfo) -> Bool {
    var references: [Int] = []
    for i in 0..<info.words where i / 64 < info.references.count {
      if info.references[i / 64] & (1 << UInt64(i % 64)) != 0 { references.append(i) }
    }
    let number: UInt32
    switch info.kind {
    case .vector:
      number = machine.descriptors.addVector(
        elementWords: info.words, kind: storageKind(info.elementKind), references: references)
    case .closure:
      number = machine.descriptors.addClosure(
        captureWords: info.words - 1, references: references.map { $0 - 1 })
    default:
      number = machine.descriptors.addObject(words: info.words, references: references)
    }
    return Int(number) == info.number
  }

  private func storageKind(_ kind: ElementKind) -> StorageKind {
    switch kind {
    case .words: .words
    case .u8: .u8
    case .i8: .i8
    case .u16: .u16
    case .i16: .i16
    case .u32: .u32
    case .i32: .i32
    case .f32: .f32
    }
  }

  private func add(_ literal: Literal, _ number: Int) -> Bool {
    switch literal {
    case .string(let bytes): machine.setStringLiteral(number, bytes)
    case .closure(let slot):
      machine.setLiteral(number, header: UInt64(DescriptorTable.plainClosure), words: [UInt64(slot)])
    case .caseObject(let descriptor, let tag):
      machine.setLiteral(number, header: UInt64(descriptor), words: [UInt64(tag)])
    }
  }

  private func verify(_ function: FinishedFunction, _ lowering: Lowering) {
    let faults = function.code.verify()
    if !faults.isEmpty {
      fatalError("bytecode of \(lowering.name(of: function.info)): \(faults)")
    }
  }
}
