// What clients ask about a program without changing it: its code, its names, what running it took.

import Bytecode
import Frontend
import Interpreter
import JIT
import Lowering
import Runtime
import Synchronization

/// Figures of a run.
public struct SessionStatistics: Sendable {
  public var functions = 0
  public var collections = 0
  /// In ns.
  public var longestPause = 0
  public var totalPause = 0
  /// In bytes.
  public var allocatedBytes = 0
  public var heapBytes = 0
  public var liveBytes = 0
  /// What was compiled to machine code.
  public var native = TieringStatistics()
}

/// How full the tables of a session are: what only grows with edits that leave the program as large as it was is a leak.
public struct SessionTables: Sendable {
  public var definitions = 0
  public var items = 0
  /// Interned names.
  public var names = 0
  public var slots = 0
  /// Pieces of code that are installed, and what they have to stand in.
  public var codes = 0
  public var codeNumbers = 0
  /// Pieces that wait to be freed.
  public var replacedCodes = 0
  public var globalWords = 0
  public var descriptors = 0
  /// How many functions have been compiled to bytecode so far, and how many pieces of replaced code are kept in case an edit
  /// goes back to them.
  public var compiled = 0
  public var keptCodes = 0
}

extension Session {
  public var tables: SessionTables {
    compiling.withLock { _ in
      var answer = SessionTables()
      guard let world else { return answer }
      answer.definitions = world.program.env.definitions.count
      answer.items = world.program.source.store.itemNumbers
      answer.names = world.program.env.interner.count
      let machine = world.installation.machine
      answer.slots = machine.slotCount
      answer.codes = world.installation.codes.count { $0 != nil }
      answer.codeNumbers = machine.code.count
      answer.replacedCodes = world.installation.replacedCount
      answer.globalWords = machine.globalCount
      answer.descriptors = machine.descriptors.count
      answer.compiled = world.program.lowering.compiledCount
      answer.keptCodes = world.installation.history.count
      return answer
    }
  }

  public var statistics: SessionStatistics { compiling.withLock { _ in world.map(statistics(of:)) ?? SessionStatistics() } }

  private func statistics(of world: World) -> SessionStatistics {
    var answer = SessionStatistics()
    answer.functions = world.installation.codes.count { $0 != nil }
    let heap = world.installation.machine.heap.statistics
    answer.collections = heap.collections
    answer.longestPause = heap.longestPause
    answer.totalPause = heap.totalPause
    answer.allocatedBytes = heap.allocatedBytes
    answer.heapBytes = heap.heapBytes
    answer.liveBytes = heap.liveBytes
    if let tiering = world.installation.tiering {
      answer.native = tiering.statistics
      for (i, failure) in answer.native.failures.enumerated() {
        if let code = world.installation.code(ofSlot: failure.slot) { answer.native.failures[i].name = world.program.lowering.name(of: code.info) }
      }
    }
    return answer
  }

  /// The bytecode of every instance of the function `name` (`tick` or `game/tick`), with its lambdas; nil
  /// when there is no such function.
  public func disassembly(of name: String) -> String? {
    compiling.withLock { _ in world.flatMap { disassembly(of: name, in: $0) } }
  }

  /// The same as LLVM's IR or as assembly. The session's tier is `auto` or `jit`.
  public func nativeListing(of name: String, assembly: Bool) -> String? {
    compiling.withLock { _ in
      world.flatMap { world in
        listing(of: name, in: world) { slot in world.installation.tiering?.listing(slot: slot, assembly: assembly) ?? "" }
      }
    }
  }

  private func disassembly(of name: String, in world: World) -> String? {
    let installation = world.installation
    let lowering = world.program.lowering
    let names = DisassemblerNames(slot: { slot in
      installation.codes.last { $0?.slot == slot }?.map { lowering.name(of: $0.info) }
    })
    return listing(of: name, in: world) { disassemble(installation.words(ofSlot: $0), names: names) }
  }

  /// The code of every slot of a function, as `show` has it.
  private func listing(of name: String, in world: World, _ show: (Int) -> String) -> String? {
    guard let def = function(named: name, world.program) else { return nil }
    var seen = Set<Int>()
    var parts: [String] = []
    for case let code? in world.installation.codes where code.info.definition == def && seen.insert(code.slot).inserted {
      parts.append("\(world.program.lowering.name(of: code.info)):\n" + show(code.slot))
    }
    return parts.isEmpty ? "\(name): not compiled, because nothing uses it\n" : parts.joined(separator: "\n")
  }

  /// A function by its name in the main module, as that writes it; by `module/name`; or by its plain name,
  /// if only one module has it.
  private func function(named name: String, _ program: Program) -> DefID? {
    let env = program.env
    func isFunction(_ def: DefID) -> Bool { env[def].kind == .function && env[def].module != .prelude }
    if case .definition(let def)? = env.value(env.interner.intern(name), in: program.mainModule), isFunction(def) { return def }
    let found = program.functions.filter { env.qualifiedName($0) == name }
    if let def = found.first { return def }
    let plain = program.functions.filter { env.name($0) == name }
    return plain.count == 1 ? plain[0] : nil
  }

  /// The functions that the program defines by their plain names, those of other modules by `module/name` too.
  public func functionNames() -> [String] {
    compiling.withLock { _ in
      guard let program = world?.program else { return [] }
      return program.functions.map { program.env.name($0) }
        + program.functions.filter { program.env[$0].module != program.mainModule }.map { program.env.qualifiedName($0) }
    }
  }

  /// Functions and values that a program may name, for completion and "did you mean".
  public func visibleNames() -> [String] {
    compiling.withLock { _ in
      guard let program = world?.program else { return SpecialForm.allCases.map(\.spelling) }
      let names = program.env.visibleValues(in: program.mainModule) + program.env.visibleTypes(in: program.mainModule)
      return (names.map { program.env.interner.name($0) } + SpecialForm.allCases.map(\.spelling)).filter { !$0.hasPrefix("%") }
    }
  }
}
