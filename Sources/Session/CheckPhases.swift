// Where the time of loading and checking a program went, for `lang check --stats` and the benchmarks.

public struct CheckPhases: Sendable {
  /// Of the program's own files, the prelude aside.
  public internal(set) var lines = 0
  // Microseconds: texts into items; items into names; signatures, fields and cases; everything else.
  public internal(set) var read = 0.0
  public internal(set) var declare = 0.0
  public internal(set) var headers = 0.0
  public internal(set) var bodies = 0.0

  public var total: Double { read + declare + headers + bodies }
}
