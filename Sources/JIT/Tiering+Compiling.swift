// The work of the compiling thread: what is asked for is planned and compiled, and what came of it is published, if the bytecode and the
// constants in it are still what they were. Also what becomes of a thread that does not come back.
//
// Invariant: what is published, and what an edit takes back, is decided under the one lock of `State`.

import Interpreter
import Runtime
import Synchronization

extension Tiering {
  private enum Job {
    case compile(Target)
    case list(Listing)
  }

  final class Listing: @unchecked Sendable {
    let slot: Int
    let assembly: Bool
    var text: String?
    init(_ slot: Int, _ assembly: Bool) { (self.slot, self.assembly) = (slot, assembly) }
  }

  /// The work of a compiling thread, until it is not wanted any more.
  func work(_ thread: CompilerThread) {
    while true {
      var job: Job?
      changed.wait {
        let dead = state.withLock { state in
          defer { state.dead = [] }
          return state.dead
        }
        _ = consume dead
        job = next(thread)
        return job != nil || state.withLock { $0.isStopped || $0.thread !== thread }
      }
      guard let job else { return }
      run(job, thread)
      state.withLock { _ in thread.current = nil }
      changed.signal()
    }
  }

  private func next(_ thread: CompilerThread) -> Job? {
    let listing = listings.withLock { $0.popLast() }
    return state.withLock { state in
      guard !state.isStopped, state.thread === thread else { return nil }
      if let listing {
        thread.current = .init(target: nil, start: Process.nanoseconds())
        return .list(listing)
      }
      if !state.records.isEmpty {
        let stubs = state.stubs
        let reader = RecordReader(machine: machine, slotOfCode: slotOfCode) { stubs[$0] }
        for record in state.records { reader.read(record, into: &state.profiles) }
        state.records = []
      }
      guard !state.queue.isEmpty else { return nil }
      let target = Self.worthwhile(state.queue.removeFirst(), &state)
      thread.current = .init(target: target, start: Process.nanoseconds())
      return .compile(target)
    }
  }

  /// A function that is called again and again enters its loops from its start; only if one of them is still hot then, it is entered
  /// in the middle.
  private static func worthwhile(_ target: Target, _ state: inout State) -> Target {
    guard case .loop(let slot, _) = target, let profile = state.profiles[slot], profile.executed[0] ?? 0 > 1,
      state.known[slot]?.contains(.function(slot: slot)) == false
    else { return target }
    state.known[slot]?.remove(target)
    state.known[slot]?.insert(.function(slot: slot))
    return .function(slot: slot)
  }

  private func run(_ job: Job, _ thread: CompilerThread) {
    do throws(CompileFailure) {
      if thread.compiler == nil {
        do throws(CompileFailure) {
          thread.compiler = try Compiler(machine, interpreter, owner, passes: options.passes, isDebugged: options.isDebugged)
        } catch {
          state.withLock { $0.statistics.problem = error.message }
          if case .list(let listing) = job { listing.text = "not compiled: \(error.message)\n" } else { onMissing(error.message) }
          return
        }
      }
      guard let compiler = thread.compiler else { return }
      switch job {
      case .compile(let target):
        let start = Process.nanoseconds()
        let unit = try compiler.compile(target, profile, constants)
        if (Process.nanoseconds() - start) / 1_000_000 >= options.timeLimit {
          unit.giveBack(machine, owner)
          throw CompileFailure(message: lateness)
        }
        if !publish(unit, thread) { unit.giveBack(machine, owner) }
      case .list(let listing):
        listing.text = try compiler.listing(slot: listing.slot, asText: listing.assembly, profile, constants)
      }
    } catch {
      switch job {
      case .compile(let target): state.withLock { if $0.thread === thread { giveUp(target, error.message, &$0) } }
      case .list(let listing): listing.text = "not compiled: \(error.message)\n"
      }
    }
  }

  /// What is known of how a piece of code runs.
  private func profile(_ code: CodeSnapshot) -> CodeProfile? {
    state.withLock { state in state.profiles[code.slot].flatMap { $0.entry == code.entry ? $0 : nil } }
  }

  /// The words among these that are constants, with what they hold.
  private func constants(_ words: Set<Int>) -> [Int: UInt64] {
    state.withLock { state in
      var found: [Int: UInt64] = [:]
      for word in words where state.constants.isKnown(word) { found[word] = machine.global(word) }
      return found
    }
  }

  private var lateness: String { "it took longer than \(options.timeLimit / 1000) s" }

  /// False when nobody waits for it any more.
  private func publish(_ unit: NativeUnit, _ thread: CompilerThread) -> Bool {
    state.withLock { state in
      guard state.thread === thread else { return false }
      state.statistics.note(unit)
      // Edits may have come while it was compiled.
      let isCurrent =
        unit.parts.allSatisfy { part in UInt(bitPattern: unsafe machine.entry(of: part.slot)) == part.entry }
        && unit.constants.allSatisfy { word, value in state.constants.isKnown(word) && machine.global(word) == value }
      guard isCurrent else {
        state.known[unit.target.slot]?.remove(unit.target)
        machine.polls.invalidate(unit.cell)
        state.retired.append(unit)
        return true
      }
      // One for the same, which has met with surprises.
      let others = (state.users[unit.target.slot] ?? []).filter { $0.target == unit.target }
      state.stubs[UInt(bitPattern: unsafe unit.stub)] = unit.target.slot
      switch unit.target {
      case .function(let slot):
        guard let native = unsafe UnsafeRawPointer(bitPattern: unit.address), let bytecode = unsafe UnsafePointer<UInt64>(bitPattern: unit.parts[0].entry) else { return true }
        _ = unsafe machine.setNative(slot, for: bytecode, entry: unit.stub, native)
        state.statistics.functions += 1
      case .loop(_, let word):
        state.loops[unit.parts[0].entry + UInt(word * 8)] = unit
        state.statistics.loops += 1
      }
      for other in others { drop(other, &state) }
      for part in unit.parts { state.users[part.slot, default: []].append(unit) }
      state.constants.add(unit)
      return true
    }
  }

  /// What a slot's code is compiled to, for people: IR or assembly; or why it is not.
  public func listing(slot: Int, assembly: Bool) -> String {
    let listing = Listing(slot, assembly)
    listings.withLock { $0.append(listing) }
    compileQueue()
    wait { $0.isStopped || listing.text != nil || $0.statistics.problem != nil || $0.lost.count > Self.mostLost }
    return listing.text ?? "not compiled: \(statistics.problem ?? "the session ends")\n"
  }

  // MARK: What does not come back

  /// Another thread takes the place of one whose compilation takes too long.
  func giveUpLate() {
    let now = Process.nanoseconds()
    state.withLock { state in
      guard let thread = state.thread, let current = thread.current, (now - current.start) / 1_000_000 > options.timeLimit else { return }
      giveUp(thread, lateness, &state)
    }
  }

  /// LLVM has found a fault of its own; the thread does not come back.
  func noteFault(_ thread: CompilerThread, _ message: String) {
    state.withLock { if $0.thread === thread { giveUp(thread, "LLVM failed: \(message)", &$0) } }
    compileQueue()
  }

  /// What cannot be compiled is not tried again; nor is code for the same in use that was to be made better.
  private func giveUp(_ target: Target, _ reason: String, _ state: inout State) {
    state.statistics.note(target.slot, reason)
    for unit in state.users[target.slot] ?? [] where unit.target == target {
      retire(unit, &state)
      state.known[target.slot, default: []].insert(target)
    }
  }

  private func giveUp(_ thread: CompilerThread, _ reason: String, _ state: inout State) {
    if let target = thread.current?.target { giveUp(target, reason, &state) }
    state.lost.append(thread)
    state.thread = nil
    if state.lost.count > Self.mostLost { state.statistics.problem = "\(state.lost.count) compilations have not come back; the last: \(reason)" }
  }
}
