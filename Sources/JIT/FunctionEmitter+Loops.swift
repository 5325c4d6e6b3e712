// Loops that count exist twice:
//
//   … ─► guard ─┬─► strip ─► turn ─► … ─┐     all accesses are in range: no bounds checks, one poll for a strip of turns
//               │     ▲       ▲         │
//               │     └───────┴─────────┘
//               └─► header ─► … ─┐            otherwise: as it says
//                     ▲          │
//                     └──────────┘
//
// Invariant: both ways do the same in the same order, and leave to bytecode with the same registers.

import Bytecode
import CLLVM

extension FunctionEmitter {
  /// Which of the ways through a loop a block belongs to.
  enum Version: Hashable {
    case plain
    /// Of the loop with an index: from where it is entered in its midst until it turns.
    case entering(Int)
    case counted(Int)
  }

  /// Instructions between two polls, at most: some ten microseconds.
  private static let stripLength = 1 << 16
  private static let mostStep = 1 << 32

  struct Strip {
    var start, turn: IRBlock
    /// The counter's values that end it, and the loop.
    var end, limit: IRValue
  }

  struct GuardedBlocks {
    var counted, plain: IRBlock
  }

  /// Whether an access is known to be in range.
  func isProven(_ step: Int) -> Bool {
    if case .counted(let index) = version { return loops[index].proven.contains(step) }
    return false
  }

  /// The loop that a way is within.
  func loop(_ version: Version) -> CountedLoop? {
    switch version {
    case .plain: nil
    case .entering(let index), .counted(let index): loops[index]
    }
  }

  /// The version that control comes to at a word from a step; nil: at the loop's guard.
  func version(of word: Int, from step: Int) -> Version? {
    if let loop = loop(version), loop.steps.contains(flow.stepAt[word]) { return word == loop.header ? nil : version }
    guard let index = loops.firstIndex(where: { $0.steps.contains(flow.stepAt[word]) }), !loops[index].steps.contains(step) else { return .plain }
    return word == loops[index].header ? nil : .entering(index)
  }

  /// Whether all accesses of a loop will be in range, and its strips.
  func emitGuard(_ index: Int, _ blocks: GuardedBlocks) {
    let loop = loops[index]
    let counter = get(loop.counter), limit = value(loop.limit)
    var conditions = [ir.compare(LLVMIntSLT, counter, limit)]
    if case .register(let step) = loop.step {
      conditions.append(ir.compare(LLVMIntULT, ir.sub(get(step), ir.constant(1)), ir.constant(Self.mostStep)))
    }
    if let lowest = loop.ranges.values.map(\.lowest).min() { conditions.append(ir.compare(LLVMIntSGE, counter, ir.constant(-lowest))) }
    for (vector, range) in loop.ranges.sorted(by: { $0.key < $1.key }) {
      conditions.append(ir.compare(LLVMIntSLE, limit, ir.sub(count(of: getPointer(vector)), ir.constant(range.highest))))
    }
    let strip = ir.block(in: function)
    ir.branchLikely(conditions.dropFirst().reduce(conditions[0]) { ir.and($0, $1) }, strip, blocks.plain)
    ir.begin(strip)
    poll(flow.stepAt[loop.header])
    // It ends with whichever comes first.
    let turns = Self.stripLength / loop.steps.count
    let end = ir.addWithoutWrap(get(loop.counter), ir.mul(value(loop.step), ir.constant(turns)))
    strips[index] = Strip(start: strip, turn: blocks.counted, end: ir.select(ir.compare(LLVMIntSLT, end, limit), end, limit), limit: limit)
    ir.jump(blocks.counted)
  }

  private func value(_ limit: CountedLoop.Limit) -> IRValue {
    switch limit {
    case .constant(let value): ir.constant(value)
    case .register(let register): get(register)
    case .count(let vector): count(of: getPointer(vector))
    }
  }

  private func value(_ step: CountedLoop.Operand) -> IRValue {
    switch step {
    case .constant(let value): ir.constant(value)
    case .register(let register): get(register)
    }
  }

  /// A step of a counted turn that is not as it would be elsewhere; false for all others.
  func emitCounted(_ index: Int, _ step: Flow.Step, _ reach: Reach) -> Bool {
    guard case .counted(let number) = version else { return false }
    let loop = loops[number]
    if loop.taken.contains(index) {
      ir.jump(reach(step.targets[0]))
      return true
    }
    if index == loop.increment { set(loop.counter, ir.addWithoutWrap(get(loop.counter), value(loop.step))) }
    guard loop.latches.contains(index) else { return index == loop.increment }
    let strip = strips[number]!
    let counter = get(loop.counter)
    let ended = ir.block(in: function)
    ir.branchLikely(ir.compare(LLVMIntSLT, counter, strip.end), strip.turn, ended)
    ir.begin(ended)
    // Said so that a loop of which LLVM makes a `memset` has no use any more.
    if loop.step == .constant(1) { set(loop.counter, strip.end) }
    ir.branch(ir.compare(LLVMIntSLT, get(loop.counter), strip.limit), strip.start, reach(step.at + step.count))
    return true
  }
}
