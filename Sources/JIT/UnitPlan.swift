// What goes into a unit: the code that is hot, and what it calls, by what is known of how it runs.
//
// Without a record of a run, callees that are small go along. With one, those that were called, the most frequent first, until the
// unit is large enough; a closure that is mostly the same is called like a function. Small functions that call themselves are there
// several times, so that LLVM may put some calls of a recursion into one.
//
// Invariant: all parts are held until they are released.

import Bytecode

struct UnitPlan {
  let target: Target
  /// The root first.
  private(set) var parts: [CodeSnapshot] = []
  private(set) var flows: [Flow] = []
  private(set) var profiles: [CodeProfile?] = []
  /// How often each part is there.
  private(set) var copies: [Int] = []
  /// The closures' functions among them.
  private(set) var closures: [Int] = []

  // In words of bytecode.
  private static let longest = 10_000
  private static let unitLimit = 1_200
  private static let hotCalleeLimit = 400
  private static let coldCalleeLimit = 60
  private static let copiedLimit = 40
  private static let copyCount = 3

  init(_ target: Target, _ owner: CodeOwner, _ profile: (CodeSnapshot) -> CodeProfile?) throws(CompileFailure) {
    self.target = target
    guard let root = owner.hold(target.slot) else { throw CompileFailure(message: "there is no code") }
    guard root.words.count <= Self.longest, let flow = Self.flow(root, target, owner) else {
      owner.release(root)
      throw CompileFailure(
        message: root.words.count > Self.longest ? "it is too long" : "it is within a restart point, or calls what has never run")
    }
    add(root, flow, profile(root))
    var size = root.words.count
    var refused: Set<Int> = [root.slot]
    // The most frequent call of what is there so far.
    while let call = nextCall(refused) {
      refused.insert(call.slot)
      guard let callee = owner.hold(call.slot) else { continue }
      let limit = call.count > 0 ? Self.hotCalleeLimit : Self.coldCalleeLimit
      guard callee.words.count <= limit, size + callee.words.count <= Self.unitLimit, let flow = Self.flow(callee, nil, owner) else {
        owner.release(callee)
        continue
      }
      size += callee.words.count
      if call.isClosure { closures.append(call.slot) }
      add(callee, flow, profile(callee))
    }
  }

  /// The words of globals that it reads.
  var globals: Set<Int> {
    Set(flows.lazy.flatMap { $0.steps.lazy.filter { $0.opcode == .loadGlobal }.map(\.global) })
  }

  private mutating func add(_ code: CodeSnapshot, _ flow: Flow, _ profile: CodeProfile?) {
    parts.append(code)
    flows.append(flow)
    profiles.append(profile)
    let callsItself = flow.steps.contains { $0.opcode == .call && $0.slot == code.slot }
    copies.append(callsItself && code.words.count <= Self.copiedLimit ? Self.copyCount : 1)
  }

  private struct Call {
    var slot: Int
    var count: Int
    var isClosure: Bool
  }

  private func nextCall(_ refused: Set<Int>) -> Call? {
    var best: Call?
    for (flow, profile) in zip(flows, profiles) {
      for step in flow.steps {
        let isClosure = step.opcode == .callClosure || step.opcode == .tailCallClosure
        for (slot, count) in step.callees(profile) where !refused.contains(slot) {
          // A call that did not run where others did is cold.
          if profile != nil, count == 0 { continue }
          if best == nil || count > best!.count { best = Call(slot: slot, count: count, isClosure: isClosure) }
        }
      }
    }
    return best
  }

  /// nil when it cannot be translated.
  private static func flow(_ code: CodeSnapshot, _ what: Target?, _ owner: CodeOwner) -> Flow? {
    var words = code.words
    var at = 0
    while at < words.count {
      let instruction = Instruction(word: words[at]).unfused
      words[at] = instruction.word
      at += instruction.wordCount
    }
    var entries: [Int] = []
    if case .loop(_, let word)? = what { entries = [word] }
    // A call of a slot without code cannot be translated: its arguments are not known.
    var isComplete = true
    let flow = Flow(words, frameSize: code.frameSize, entries: entries) { slot in
      guard let count = owner.argumentWords(slot) else {
        isComplete = false
        return nil
      }
      return count
    }
    return isComplete ? flow : nil
  }
}
