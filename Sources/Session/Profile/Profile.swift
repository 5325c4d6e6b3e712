// Where a program's time went: stacks that were found, and how long the program's thread had been at work since the one before.
//
// Invariant: a profile is a value of its own, without the session it comes from; everything shown follows from it.

public struct Profile: Sendable {
  /// A function at a line.
  public struct Frame: Hashable, Sendable {
    /// `module/function`; `...` stands for frames in the middle of a deep stack.
    public var function: String
    /// Empty for the prelude and derived operations.
    public var file: String
    public var line: Int

    public init(function: String, file: String = "", line: Int = 0) { (self.function, self.file, self.line) = (function, file, line) }

    public static let omission = Frame(function: "...")
  }

  public struct Stack: Sendable {
    /// Indices of frames, innermost first.
    public var frames: [Int]
    /// What the innermost frame ran as.
    public var isMachineCode: Bool
    public var samples: Int
    /// µs of processor time.
    public var time: Double

    public init(frames: [Int], isMachineCode: Bool, samples: Int = 1, time: Double) {
      (self.frames, self.isMachineCode, self.samples, self.time) = (frames, isMachineCode, samples, time)
    }
  }

  public var frames: [Frame] = []
  public var stacks: [Stack] = []
  /// The samples one by one, where they were kept.
  public var moments: [Moment] = []
  /// From the program's start to its end, µs.
  public var wall = 0.0
  /// What became machine code.
  public var units: [MachineCodeUnit] = []
  /// What did not, and why.
  public var failures: [(name: String, reason: String)] = []
  /// Source text of lines, by file and line.
  public var sources: [String: [Int: String]] = [:]

  public init() {}

  public var samples: Int { stacks.reduce(0) { $0 + $1.samples } }
  /// µs of processor time in all.
  public var time: Double { stacks.reduce(0) { $0 + $1.time } }
  public var machineTime: Double { stacks.reduce(0) { $0 + ($1.isMachineCode ? $1.time : 0) } }

  public struct FunctionTime: Sendable, Equatable {
    public var function: String
    /// µs in the function itself: interpreted, and as machine code.
    public var interpreted = 0.0
    public var machine = 0.0
    /// The same with all that it called.
    public var total = 0.0
    public var own: Double { interpreted + machine }
  }

  /// By their own time, longest first.
  public func functions() -> [FunctionTime] {
    var found: [String: FunctionTime] = [:]
    for stack in stacks {
      for name in Set(stack.frames.map { frames[$0].function }) where name != Frame.omission.function {
        found[name, default: FunctionTime(function: name)].total += stack.time
      }
      guard let first = stack.frames.first else { continue }
      let path: WritableKeyPath<FunctionTime, Double> = stack.isMachineCode ? \.machine : \.interpreted
      found[frames[first].function]?[keyPath: path] += stack.time
    }
    return found.values.sorted { ($1.own, $1.total, $0.function) < ($0.own, $0.total, $1.function) }
  }

  public struct LineTime: Sendable, Equatable {
    public var frame: Frame
    /// µs in the line and in what it called of the prelude.
    public var time = 0.0
  }

  /// The program's own lines that ran, or that what ran of the prelude was called from; longest first.
  public func lines() -> [LineTime] {
    var found: [Frame: Double] = [:]
    for stack in stacks {
      guard let own = stack.frames.first(where: { !frames[$0].file.isEmpty }) else { continue }
      var frame = frames[own]
      // A line is a line, whichever of its functions it is in.
      frame.function = ""
      found[frame, default: 0] += stack.time
    }
    return found.map { LineTime(frame: $0.key, time: $0.value) }
      .sorted { ($1.time, $0.frame.file, $0.frame.line) < ($0.time, $1.frame.file, $1.frame.line) }
  }
}
