// Loops that count, and what is known of vectors' indices in them: the bytecode side of loops that exist twice.
//
//   header: … v[i - 1] …            i  is written once a turn, by adding a constant or a register that the loop does not change
//           i += s                  v  is not changed, nor is the limit
//           if i < limit: header
//
// Where `s` is positive, the first and the last `i` decide whether all accesses are in range. Once that has been looked at, a turn needs no
// bounds checks, and as it takes a bounded time, one poll for many turns will do.
//
// Invariant: what is looked at before the loop are words that the first turn would use for the same: a register is taken for a vector
// only if the loop does so in front of its first branch.

import Bytecode

struct CountedLoop {
  enum Operand: Equatable {
    case constant(Int)
    case register(Int)
  }

  enum Limit: Equatable {
    case constant(Int)
    case register(Int)
    /// Of the vector in a register.
    case count(Int)
  }

  /// How far from the counter a vector's indices lie.
  struct Range {
    var lowest, highest: Int
  }

  /// Its first word.
  let header: Int
  /// All its steps.
  let steps: Set<Int>
  let counter: Int
  let step: Operand
  let limit: Limit
  /// The step that adds.
  let increment: Int
  /// Jumps back. They are taken while the counter is below the limit.
  let latches: Set<Int>
  /// Jumps that are always taken when `step` is positive.
  let taken: Set<Int>
  /// By the register of a vector.
  let ranges: [Int: Range]
  /// Accesses that are in range when these are.
  let proven: Set<Int>

  /// In steps. It bounds what is translated twice, and how long a turn takes.
  private static let longest = 64
  private static let furthest = 1 << 16

  /// nil when it is another kind of loop, or when nothing can be said of its accesses.
  init?(_ flow: Flow, _ header: Int, _ predecessors: [[Int]]) {
    let first = flow.stepAt[header]
    guard let all = Self.steps(flow, header, predecessors),
      all.allSatisfy({ !flow.isLoopHeader[flow.steps[$0].at] || $0 == first }),
      all.allSatisfy({ Self.isAllowed(flow.steps[$0]) })
    else { return nil }
    func isChanged(_ register: Int) -> Bool { all.contains { flow.writes(flow.steps[$0], register) } }
    // What the sign of the step decides is decided.
    let added = Set(all.compactMap { Self.addedRegister(flow.steps[$0]) })
    let signs = all.filter { step in
      let it = flow.steps[step]
      return it.opcode == .jumpGtIntImm && it.instruction.signedB == 0 && added.contains(it.instruction.a) && !isChanged(it.instruction.a)
    }
    let step = signs.first.map { flow.steps[$0].instruction.a }
    let taken = signs.filter { flow.steps[$0].instruction.a == step }
    func next(_ index: Int) -> [Int] {
      let it = flow.steps[index]
      let targets = it.targets.map { flow.stepAt[$0] }
      return (flow.fallsThrough(it) && !taken.contains(index) ? targets + [index + 1] : targets).filter { all.contains($0) }
    }
    let body = Self.closure([first]) { next($0) }
    let latches = body.filter { flow.steps[$0].targets.contains(header) }
    guard let latch = latches.first, let (counter, limit) = Self.condition(flow.steps[latch]),
      latches.allSatisfy({ Self.condition(flow.steps[$0]).map { $0 == (counter, limit) } == true })
    else { return nil }
    switch limit {
    case .register(let register), .count(let register): if isChanged(register) { return nil }
    case .constant: break
    }
    let writes = body.filter { flow.writes(flow.steps[$0], counter) }
    guard writes.count == 1, let increment = writes.first, let by = Self.added(flow.steps[increment], to: counter) else { return nil }
    switch by {
    case .constant(let by): guard by > 0, by <= Self.furthest, step == nil else { return nil }
    case .register(let register): guard !isChanged(register), step == nil || step == register, register != counter else { return nil }
    }
    // Each turn adds, and nothing is accessed behind that.
    let unadded = Self.closure([first]) { $0 == increment ? [] : next($0) }
    guard unadded.intersection(latches).subtracting([increment]).isEmpty else { return nil }
    let behind = Self.closure(next(increment).filter { $0 != first }) { next($0).filter { $0 != first } }

    (self.header, self.steps, self.counter, self.step, self.limit) = (header, all, counter, by, limit)
    (self.increment, self.latches, self.taken) = (increment, latches, taken.intersection(body))
    // Registers that hold vectors for certain: what the first turn accesses in front of any branch.
    var vectors: Set<Int> = []
    var at = first
    var seen: Set<Int> = []
    while body.contains(at), seen.insert(at).inserted {
      let it = flow.steps[at]
      if let vector = Self.access(it)?.vector, !isChanged(vector) { vectors.insert(vector) }
      if it.opcode == .vectorCount, !isChanged(it.instruction.b) { vectors.insert(it.instruction.b) }
      if it.opcode == .jump || taken.contains(at) {
        at = flow.stepAt[it.targets[0]]
      } else {
        if !it.targets.isEmpty { break }
        at += 1
      }
    }
    if case .count(let vector) = limit {
      // What is appended would move the limit.
      guard vectors.contains(vector), !body.contains(where: { flow.steps[$0].opcode == .vectorPush }) else { return nil }
    }
    var ranges: [Int: Range] = [:]
    var proven: Set<Int> = []
    // Registers that are so much more than the counter.
    var offsets: [Int: Int] = [:]
    for index in body.sorted() {
      let it = flow.steps[index]
      if flow.isLeader[it.at] || !body.contains(index - 1) { offsets = behind.contains(index) ? [:] : [counter: 0] }
      if let access = Self.access(it), vectors.contains(access.vector), let offset = offsets[access.index], !behind.contains(index) {
        proven.insert(index)
        let range = ranges[access.vector] ?? Range(lowest: offset, highest: offset)
        ranges[access.vector] = Range(lowest: min(range.lowest, offset), highest: max(range.highest, offset))
      }
      var sum: Int?
      switch it.opcode {
      case .addIntImm: sum = offsets[it.instruction.b].map { $0 + it.instruction.signedC }
      case .move: sum = offsets[it.instruction.b]
      default: break
      }
      flow.forEachWrite(it) { offsets[$0] = nil }
      if let sum, abs(sum) <= Self.furthest, index != increment { offsets[it.instruction.a] = sum }
    }
    guard !proven.isEmpty else { return nil }
    (self.ranges, self.proven) = (ranges, proven)
  }

  /// The steps between a loop's first and its last jump back that lead from there to there; nil when these are many. Ways into their midst
  /// are possible: to the condition, where that stands at the end.
  private static func steps(_ flow: Flow, _ header: Int, _ predecessors: [[Int]]) -> Set<Int>? {
    let first = flow.stepAt[header]
    guard let last = predecessors[first].max(), last >= first, last - first < longest else { return nil }
    let leading = closure(predecessors[first].filter { $0 >= first }) { $0 == first ? [] : predecessors[$0].filter { $0 >= first && $0 <= last } }
    return closure([first]) { index in
      let it = flow.steps[index]
      let targets = it.targets.map { flow.stepAt[$0] }
      return (flow.fallsThrough(it) ? targets + [index + 1] : targets).filter { leading.contains($0) }
    }
  }

  private static func closure(_ first: some Sequence<Int>, _ next: (Int) -> [Int]) -> Set<Int> {
    var found: Set<Int> = []
    var queue = Array(first)
    while let index = queue.popLast() { if found.insert(index).inserted { queue += next(index) } }
    return found
  }

  /// Whether a step takes a bounded time, runs no other code, and leaves no vector with fewer elements.
  private static func isAllowed(_ step: Flow.Step) -> Bool {
    switch step.opcode {
    case .call, .callClosure, .tailCall, .tailCallClosure, .primitive, .vectorPop, .eqString, .hashString, .enterRestart, .leaveRestart, .boundary, .pause, .halt,
      .jumpTable:
      false
    default: true
    }
  }

  /// What a jump compares, when it is taken while a register is below a limit.
  private static func condition(_ step: Flow.Step) -> (Int, Limit)? {
    let it = step.instruction
    return switch step.opcode {
    case .loopLt, .loopAddLt, .jumpLtInt: (it.a, .register(it.b))
    case .loopLtImm, .jumpLtIntImm: (it.a, .constant(it.signedB))
    case .loopCount: (it.a, .count(it.b))
    default: nil
    }
  }

  private static func added(_ step: Flow.Step, to counter: Int) -> Operand? {
    let it = step.instruction
    guard it.a == counter else { return nil }
    switch step.opcode {
    case .loopLt, .loopLtImm: return .constant(it.signedD)
    case .loopCount: return .constant(1)
    case .addIntImm: return it.b == counter ? .constant(it.signedC) : nil
    default: return addedRegister(step).map { .register($0) }
    }
  }

  /// What is added to a register of its own, which may be a counter.
  private static func addedRegister(_ step: Flow.Step) -> Int? {
    let it = step.instruction
    switch step.opcode {
    case .loopAddLt: return it.d
    case .addInt: return it.a == it.b ? it.c : it.a == it.c ? it.b : nil
    default: return nil
    }
  }

  /// The registers of an access to an element.
  private static func access(_ step: Flow.Step) -> (vector: Int, index: Int)? {
    let it = step.instruction
    return switch step.opcode {
    case .vectorGet, .vectorGetBlock, .vectorGetWord, .vectorGetU8, .vectorGetPacked: (it.b, it.c)
    case .vectorSet, .vectorSetRef, .vectorSetBlock, .vectorSetU8, .vectorSetPacked, .vectorSetU8Imm: (it.a, it.b)
    default: nil
    }
  }
}

extension Flow {
  func writes(_ step: Step, _ register: Int) -> Bool {
    var found = false
    forEachWrite(step) { if $0 == register { found = true } }
    return found
  }

  /// The loops that count, as far as something is to be gained from that.
  func countedLoops(_ profile: CodeProfile?) -> [CountedLoop] {
    let headers = isLoopHeader.indices.filter { isLoopHeader[$0] }
    if headers.isEmpty { return [] }
    var predecessors = [[Int]](repeating: [], count: steps.count)
    for (i, step) in steps.enumerated() {
      for target in step.targets { predecessors[stepAt[target]].append(i) }
      if fallsThrough(step), i + 1 < steps.count { predecessors[i + 1].append(i) }
    }
    return headers.compactMap { header in
      if let profile, let turns = profile.executed[header] {
        let entered = turns - predecessors[stepAt[header]].reduce(0) { $1 < stepAt[header] ? $0 : $0 + (profile.count(from: steps[$1].at, to: header)?.taken ?? 0) }
        if turns < 6 * entered { return nil }
      }
      return CountedLoop(self, header, predecessors)
    }
  }
}
