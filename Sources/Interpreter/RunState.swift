// What the interpreter keeps beside the machine's state: one for each `Interpreter`, at an address
// that does not change, so that handlers reach it through the machine.

import Runtime

@safe
struct RunState {
  /// Where the outermost frame of a run returns to: a `halt`.
  let halt: Code
  /// Restart points below this belong to an outer run.
  var restartBase = 0
  /// How many runs of handlers this run has within each other, with native code in between.
  var nesting = 0
  /// Restart points below this belong to those further out.
  var activationBase = 0
  /// A panic leaves the handlers for those further out.
  var isUnwinding = false
  /// The word at which bytecode goes on unwinding.
  let unwindWord: Code
  /// By their numbers.
  let primitives = unsafe PrimitiveTable.functions
  /// While calls and jumps are counted.
  var hot: HotCounters?
  /// How a safepoint that is asked for will be come to.
  var nativeMark = NativeMark()
  /// Set when the run ended without returning.
  var panicked = false
  /// Where the last panic came from.
  var trace = StackTrace()
  /// By the number of a condemned frame's stub: the code it stands for, in which native code still waits.
  var condemned: [Int: Int] = [:]
  /// Condemned frames that a hook will return to, by their registers: where they go on instead.
  var redirections: [UInt: Code] = unsafe [:]
}

/// The frames that a panic found, innermost first. Of a deep stack both ends are kept.
public struct StackTrace: Sendable, Equatable {
  public struct Entry: Sendable, Equatable {
    /// The code's number (`CodeStore.find`); -1 for an address outside all code.
    public var code: Int
    /// Index of the instruction that panicked or called.
    public var word: Int

    public init(code: Int, word: Int) {
      self.code = code
      self.word = word
    }
  }
  public static let kept = 64  // at each end

  public var inner: [Entry] = []
  /// Frames left out between the two ends.
  public var omitted = 0
  public var outer: [Entry] = []

  public init() {}
  public var depth: Int { inner.count + omitted + outer.count }
}
