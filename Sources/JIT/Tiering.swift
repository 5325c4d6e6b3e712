// Which code is compiled, when its machine code is used, and when no more.
//
//   hot place ─► request ─► (background) compiled ─► the slot leads to it ─► bytecode swapped ─► left at the next poll ─► freed
//
// Invariant: a slot leads to machine code only as long as all bytecode that went into it is current. Machine code is freed when it is
// invalid and no frame is in it.

import Bytecode
import Interpreter
import Runtime
import Synchronization

@safe
public final class Tiering: @unchecked Sendable {
  private struct State {
    var queue: [Target] = []
    /// By slot: asked for, compiled or given up, for the bytecode there is.
    var known: [Int: Set<Target>] = [:]
    /// By slot: what was made of its bytecode.
    var users: [Int: [NativeUnit]] = [:]
    /// By address of the instruction.
    var loops: [UInt: NativeUnit] = [:]
    /// Invalid, and perhaps still in use.
    var retired: [NativeUnit] = []
    /// Given back at the last collection. Whoever asks for a safepoint just then may still write into their cells.
    var dying: [NativeUnit] = []
    var statistics = TieringStatistics()
    var isStopped = false
    var isBusy = false
  }

  private let machine: Machine
  private let interpreter: Interpreter
  private let owner: CodeOwner
  private let slotOfCode: @Sendable (_ number: Int) -> Int?
  private let isSynchronous: Bool
  private let onMissing: @Sendable (String) -> Void
  private let state = Mutex(State())
  private let changed = Condition()
  /// Used by one thread at a time: the background's, or the program's when that waits for the code.
  private var compiler: Compiler?
  private let compiling = Mutex(())

  /// Why no machine code can be made on this machine; nil when it can. About 10 ms the first time.
  public static func missing() -> String? { LLVM.load() }

  /// `isSynchronous`: whoever finds a hot place waits for its code. `onMissing` is told once, when nothing can be compiled; any thread.
  public init(
    _ machine: Machine, _ interpreter: Interpreter, threshold: Int, isSynchronous: Bool, owner: CodeOwner,
    slotOfCode: @escaping @Sendable (Int) -> Int?, onMissing: @escaping @Sendable (String) -> Void
  ) {
    self.onMissing = onMissing
    (self.machine, self.interpreter, self.owner, self.slotOfCode, self.isSynchronous) = (machine, interpreter, owner, slotOfCode, isSynchronous)
    unsafe interpreter.startCounting(
      threshold: threshold,
      hook: { context, pc, registers in
        unsafe Unmanaged<Tiering>.fromOpaque(context.unsafelyUnwrapped).takeUnretainedValue().noteHot(pc, registers)
      }, context: unsafe Unmanaged.passUnretained(self).toOpaque())
    if !isSynchronous { Threads.start { [weak self] in Tiering.work(self) } }
  }

  /// No more code is compiled, and none is run. Before the machine goes.
  public func stop() {
    state.withLock { $0.isStopped = true }
    changed.signal()
    changed.wait { state.withLock { !$0.isBusy } }
    compiling.withLock { _ in
      // Code first, then what it was linked by.
      state.withLock { state in
        state.users = [:]
        state.loops = [:]
        state.retired = []
        state.dying = []
      }
      compiler = nil
    }
  }

  public var statistics: TieringStatistics { state.withLock { $0.statistics } }

  // MARK: Hot places

  /// A place is hot. Program thread. Answers native code that takes over in front of `pc`.
  private func noteHot(_ pc: UnsafePointer<UInt64>, _ registers: UnsafeMutablePointer<UInt64>) -> UnsafeRawPointer? {
    let place = UInt(bitPattern: pc)
    if let unit = state.withLock({ $0.loops[place] }) { return unsafe UnsafeRawPointer(bitPattern: unit.address) }
    guard let found = unsafe machine.code.find(pc) else { return nil }
    guard let slot = unsafe slotOfCode(found.number), unsafe machine.entry(of: slot) == found.entry else { return nil }
    // The call or jump may stand behind others that are fused with it.
    var at = unsafe pc
    for _ in 0..<16 {
      let instruction = unsafe Instruction(word: at.pointee).unfused
      guard let opcode = instruction.opcode else { return nil }
      switch opcode {
      case .call, .tailCall:
        request(.function(slot: Int(UInt32(truncatingIfNeeded: instruction.imm32))))
        return nil
      case .callClosure, .tailCallClosure:
        // What is fused in front of the call may still have to make the closure.
        guard unsafe at == pc else { return nil }
        guard let closure = unsafe UnsafePointer<UInt64>(bitPattern: UInt(registers[instruction.b])) else { return nil }
        unsafe request(.function(slot: Int(truncatingIfNeeded: closure[Offset.closureSlot / 8])))
        return nil
      default: break
      }
      var offset: Int?
      switch opcode.row.shape {
      case .jump, .aJump: offset = instruction.imm32
      case .abJump, .aImmJump, .stepJump, .stepImmJump, .stepRegisterJump, .countJump: offset = instruction.signedC
      case .table: return nil
      default: break
      }
      if let offset {
        if offset > 0 { return nil }
        unsafe request(.loop(slot: slot, word: found.word))
        guard let unit = state.withLock({ $0.loops[place] }) else { return nil }
        return unsafe UnsafeRawPointer(bitPattern: unit.address)
      }
      unsafe at += instruction.wordCount
    }
    return nil
  }

  private func request(_ target: Target) {
    let isNew = state.withLock { state -> Bool in
      guard state.statistics.problem == nil, !state.isStopped, state.known[target.slot, default: []].insert(target).inserted else { return false }
      if !isSynchronous { state.queue.append(target) }
      return true
    }
    guard isNew else { return }
    if isSynchronous { compile(target) } else { changed.signal() }
  }

  // MARK: Compiling

  private static func work(_ tiering: Tiering?) {
    while let tiering {
      var target: Target?
      tiering.changed.wait {
        tiering.state.withLock { state in
          if state.isStopped { return true }
          target = state.queue.isEmpty ? nil : state.queue.removeFirst()
          state.isBusy = target != nil
          return target != nil
        }
      }
      guard let target else { return }
      tiering.compile(target)
      tiering.state.withLock { $0.isBusy = false }
      tiering.changed.signal()
    }
  }

  private func compile(_ target: Target) {
    compiling.withLock { _ in
      if compiler == nil {
        do throws(CompileFailure) {
          compiler = try Compiler(machine, interpreter, owner)
        } catch {
          state.withLock { $0.statistics.problem = error.message }
          return onMissing(error.message)
        }
      }
      guard let compiler else { return }
      do throws(CompileFailure) {
        let unit = try compiler.compile(target)
        publish(unit)
      } catch {
        state.withLock { $0.statistics.note(target.slot, error.message) }
      }
    }
  }

  private func publish(_ unit: NativeUnit) {
    state.withLock { state in
      state.statistics.times.add(unit.times.total)
      state.statistics.phases += unit.times
      // Edits may have come while it was compiled.
      let isCurrent = unit.parts.allSatisfy { part in UInt(bitPattern: unsafe machine.entry(of: part.slot)) == part.entry }
      guard isCurrent else {
        state.known[unit.target.slot]?.remove(unit.target)
        machine.polls.invalidate(unit.cell)
        state.retired.append(unit)
        return
      }
      switch unit.target {
      case .function(let slot):
        guard let native = unsafe UnsafeRawPointer(bitPattern: unit.address), let bytecode = unsafe UnsafePointer<UInt64>(bitPattern: unit.parts[0].entry) else { return }
        _ = unsafe machine.setNative(slot, for: bytecode, entry: unit.stub, native)
        state.statistics.functions += 1
      case .loop(_, let word):
        state.loops[unit.parts[0].entry + UInt(word * 8)] = unit
        state.statistics.loops += 1
      }
      state.statistics.bytes += unit.bytes
      for part in unit.parts { state.users[part.slot, default: []].append(unit) }
    }
  }

  /// What a slot's code is compiled to, for people: IR or assembly; or why it is not.
  public func listing(slot: Int, assembly: Bool) -> String {
    compiling.withLock { _ in
      do throws(CompileFailure) {
        if compiler == nil { compiler = try Compiler(machine, interpreter, owner) }
        return try compiler?.listing(slot: slot, asText: assembly) ?? ""
      } catch {
        return "not compiled: \(error.message)\n"
      }
    }
  }

  // MARK: When bytecode changes

  /// The bytecode of slots is another now. Any thread.
  public func slotsChanged(_ slots: some Sequence<Int>) {
    state.withLock { state in
      for slot in slots {
        state.known[slot] = nil
        guard let users = state.users.removeValue(forKey: slot) else { continue }
        for unit in users where machine.polls.isValid(unit.cell) {
          machine.polls.invalidate(unit.cell)
          state.statistics.invalidated += 1
          state.known[unit.target.slot]?.remove(unit.target)
          switch unit.target {
          case .function(let root): if let bytecode = unsafe machine.entry(of: root) { unsafe machine.setEntry(root, bytecode) }
          case .loop(_, let word): state.loops[unit.parts[0].entry + UInt(word * 8)] = nil
          }
          for part in unit.parts where part.slot != slot { state.users[part.slot]?.removeAll { $0 === unit } }
          state.retired.append(unit)
        }
      }
    }
  }

  /// Whether there is machine code to be freed.
  public var hasRetired: Bool { state.withLock { !$0.retired.isEmpty } }

  /// Frees what is invalid and has no frame. `used` are the numbers of code that frames are in. Program thread at a hook, or any
  /// while nothing runs.
  public func collect(used: Set<Int>) {
    let free = state.withLock { state -> [NativeUnit] in
      let free = state.retired.filter { $0.numbers.allSatisfy { !used.contains($0) } }
      state.retired.removeAll { unit in free.contains { $0 === unit } }
      state.statistics.freed += free.count
      state.dying = free
      return free
    }
    if free.isEmpty { return }
    compiling.withLock { _ in for unit in free { compiler?.remove(unit) } }
  }
}
