// What is known of how code runs, from records of hot runs: which instructions ran, which way jumps went, what closures were called.
//
// Invariant: a profile is a hint. Machine code made by it is right for every run; what it does not expect is left to bytecode, and
// when that happens often the profile learns of it.

import Bytecode
import Runtime

struct CodeProfile: Sendable {
  /// The code it is about, by its address.
  let entry: UInt
  /// By word: how often.
  private(set) var executed: [Int: Int] = [:]
  /// By the word of a jump and the word it went to.
  private(set) var edges: [Int: [Int: Int]] = [:]
  /// By the word of a call of a closure: the slots of what was called.
  private(set) var targets: [Int: [Int: Int]] = [:]
  /// Words that were come to although nobody expected it.
  private(set) var surprises: Set<Int> = []
  /// How many of them had code compiled again.
  private var corrections = 0

  /// Fewer runs of a jump say nothing of the ways that it did not go.
  private static let enough = 24
  private static let mostCorrections = 3
  private static let mostTargets = 4

  init(entry: UInt) { self.entry = entry }

  mutating func noteRun(_ word: Int) { executed[word, default: 0] += 1 }
  mutating func noteEdge(_ word: Int, to target: Int) { edges[word, default: [:]][target, default: 0] += 1 }
  mutating func noteTarget(_ word: Int, slot: Int) { targets[word, default: [:]][slot, default: 0] += 1 }

  /// A way that was held to be rare is not. `isCorrected`: for that code is compiled again.
  mutating func noteSurprise(at word: Int, isCorrected: Bool) {
    if surprises.insert(word).inserted, isCorrected { corrections += 1 }
  }

  /// Instructions that were recorded.
  var total: Int { executed.values.reduce(0, +) }

  /// How often a jump went to a word, of all its runs; nil when it did not run.
  func count(from word: Int, to target: Int) -> (taken: Int, all: Int)? {
    guard let edges = edges[word] else { return nil }
    return (edges[target] ?? 0, edges.values.reduce(0, +))
  }

  /// Whether a jump hardly ever goes to a word.
  func isRare(from word: Int, to target: Int) -> Bool {
    guard let (taken, all) = count(from: word, to: target) else { return false }
    return taken == 0 && all >= Self.enough && corrections < Self.mostCorrections && !surprises.contains(target)
  }

  /// What a call of a closure mostly calls, the most frequent first: few, and together most of all that it called.
  func targets(at word: Int) -> [(slot: Int, count: Int)] {
    guard let found = targets[word] else { return [] }
    let all = found.values.reduce(0, +)
    let frequent = found.filter { $0.value >= 4 && $0.value * 16 >= all }.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.prefix(Self.mostTargets)
    return frequent.reduce(0, { $0 + $1.value }) * 4 >= all * 3 ? frequent.map { ($0.key, $0.value) } : []
  }
}

/// Takes records apart.
struct RecordReader {
  let machine: Machine
  /// The slot of a piece of code by its number.
  let slotOfCode: (Int) -> Int?
  /// The slot by the address of the word that leads to its machine code.
  let slotOfStub: (UInt) -> Int?

  private struct Place {
    var slot: Int?
    var word: Int
    var entry: UInt
    var opcode: Opcode?
  }

  /// Adds to `profiles`, which are by slot. O(record · log code).
  func read(_ record: [UInt], into profiles: inout [Int: CodeProfile]) {
    var slots: [Int: Int?] = [:]
    var last: Place?
    for position in record {
      guard let pc = unsafe UnsafePointer<UInt64>(bitPattern: position), let found = unsafe machine.code.find(pc) else {
        last = nil
        continue
      }
      let entry = unsafe UInt(bitPattern: found.entry)
      let number = unsafe found.number
      if slots[number] == nil { slots[number] = slotOfCode(number) }
      var place = Place(slot: slots[number] ?? nil, word: unsafe found.word, entry: entry)
      unsafe place.opcode = Instruction(word: pc.pointee).unfused.opcode
      if place.opcode == .halt { place.slot = slotOfStub(entry) }
      if let last { note(last, place, &profiles) }
      last = place
    }
  }

  private func note(_ place: Place, _ next: Place, _ profiles: inout [Int: CodeProfile]) {
    guard let slot = place.slot, let opcode = place.opcode, opcode != .halt else { return }
    if profiles[slot]?.entry != place.entry { profiles[slot] = CodeProfile(entry: place.entry) }
    profiles[slot]?.noteRun(place.word)
    if opcode.jumps {
      if next.entry == place.entry { profiles[slot]?.noteEdge(place.word, to: next.word) }
    } else if opcode == .callClosure || opcode == .tailCallClosure, let target = next.slot {
      profiles[slot]?.noteTarget(place.word, slot: target)
    }
  }
}

extension Opcode {
  /// Whether it decides where its own code goes on.
  fileprivate var jumps: Bool {
    switch row.shape {
    case .aJump, .abJump, .aImmJump, .table, .stepJump, .stepImmJump, .stepRegisterJump, .countJump: true
    default: false
    }
  }
}
