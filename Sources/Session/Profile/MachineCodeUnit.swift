// What the compiler of hot code recorded and decided, by names: for `--stats` and for profiles.

import JIT
import Lowering
import Runtime
import Synchronization

/// A compilation. Names are `module/function`.
public struct MachineCodeUnit: Sendable, Equatable {
  public var name: String
  /// Of a loop, entered in the middle, or of all calls.
  public var isLoop: Bool
  /// Functions that went along because they are called.
  public var callees: [String] = []
  /// Those among them that are called through a closure, which mostly is this one.
  public var closures: [String] = []
  /// Ways that were never gone in the recorded run and are left to bytecode.
  public var rareWays = 0
  /// Instructions that were recorded in its functions; 0 when it was compiled without a record.
  public var recorded = 0
  public var bytes = 0
  /// µs of processor time.
  public var time = 0.0

  public init(name: String, isLoop: Bool) { (self.name, self.isLoop) = (name, isLoop) }
}

extension Session {
  /// The newest compilations, the last one last.
  public var machineCodeUnits: [MachineCodeUnit] {
    compiling.withLock { _ in
      guard let world, let tiering = world.installation.tiering else { return [] }
      func name(_ slot: Int) -> String { functionName(ofSlot: slot, world) }
      return tiering.statistics.units.map { summary in
        var unit = MachineCodeUnit(name: name(summary.slot), isLoop: summary.isLoop)
        unit.callees = summary.callees.map(name)
        unit.closures = summary.closures.map(name)
        (unit.rareWays, unit.recorded, unit.bytes, unit.time) = (summary.rareWays, summary.recorded, summary.bytes, summary.time)
        return unit
      }
    }
  }

  /// For whoever has the compiler.
  func functionName(ofSlot slot: Int, _ world: World) -> String {
    world.installation.code(ofSlot: slot).map { Installation.qualifiedName(of: $0.info, world.program.lowering) } ?? "?"
  }
}
