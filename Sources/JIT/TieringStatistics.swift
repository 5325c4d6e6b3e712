// What the compiler of hot code has done, in a size that does not grow with how long a session lasts.

/// Processor time of the thread that compiled, µs.
public struct CompileTimes: Sendable {
  /// Bytecode to IR.
  public var translate = 0.0
  /// LLVM's passes.
  public var optimise = 0.0
  /// IR to machine code in an object.
  public var emit = 0.0
  public var link = 0.0

  public init() {}
  public var total: Double { translate + optimise + emit + link }

  public static func += (sum: inout CompileTimes, other: CompileTimes) {
    sum.translate += other.translate
    sum.optimise += other.optimise
    sum.emit += other.emit
    sum.link += other.link
  }
}

/// Times by their size: eight buckets for each doubling, so a percentile is right to 9 %.
public struct TimeHistogram: Sendable {
  private static let perDoubling = 8
  private var counts = [UInt32](repeating: 0, count: 40 * perDoubling)
  public private(set) var count = 0

  public init() {}

  /// `time` in µs.
  public mutating func add(_ time: Double) {
    let t = max(1, time)
    let doubling = Int(t.exponent)
    let part = Int((t / Double(sign: .plus, exponent: t.exponent, significand: 1) - 1) * Double(Self.perDoubling))
    counts[min(counts.count - 1, doubling * Self.perDoubling + part)] &+= 1
    count += 1
  }

  /// The time that a part of all, 0...1, is below; 0 when there are none.
  public func percentile(_ part: Double) -> Double {
    var left = Int((Double(count) * part).rounded(.up))
    for (i, n) in counts.enumerated() where n > 0 {
      left -= Int(n)
      if left <= 0 {
        let start = Double(sign: .plus, exponent: i / Self.perDoubling, significand: 1)
        return start * (1 + (Double(i % Self.perDoubling) + 0.5) / Double(Self.perDoubling))
      }
    }
    return 0
  }
}

/// A compilation, and what was decided for it.
public struct UnitSummary: Sendable {
  public var slot: Int
  /// Of a loop, or of all calls.
  public var isLoop: Bool
  /// Functions that went along because they are called.
  public var callees: [Int] = []
  /// What calls of closures mostly call, which is called directly after a look.
  public var closures: [Int] = []
  /// Ways that were never gone in a recorded run, and are left to bytecode.
  public var rareWays = 0
  /// Instructions that were recorded in the functions of it.
  public var recorded = 0
  public var bytes = 0
  /// µs of processor time.
  public var time = 0.0
}

public struct TieringStatistics: Sendable {
  public var functions = 0
  public var loops = 0
  public var invalidated = 0
  public var freed = 0
  /// How often code was compiled again since it ran otherwise than it was recorded.
  public var corrected = 0
  /// Of machine code that was made, in all.
  public var bytes = 0
  public var times = TimeHistogram()
  public var phases = CompileTimes()
  /// What could not be compiled, and why, the newest last; `name` is for whoever shows it to fill in.
  public var failures: [(slot: Int, name: String, reason: String)] = []
  /// Why nothing is compiled at all.
  public var problem: String?
  /// What the newest compilations have made, and by what.
  public var units: [UnitSummary] = []
  private static let keptFailures = 100
  private static let keptUnits = 200

  public init() {}

  mutating func note(_ unit: NativeUnit) {
    times.add(unit.times.total)
    phases += unit.times
    bytes += unit.bytes
    if units.count == Self.keptUnits { units.removeFirst() }
    units.append(unit.summary)
  }

  mutating func note(_ slot: Int, _ reason: String) {
    if failures.count == Self.keptFailures { failures.removeFirst() }
    failures.append((slot, "slot \(slot)", reason))
  }
}
