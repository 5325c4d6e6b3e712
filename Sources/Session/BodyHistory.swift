// What earlier texts of functions were compiled to, so that an edit that goes back finds the code and only swaps it in.
//
//   edit A ─► B:  what A was made into is kept        edit B ─► A:  the same text, nothing else has changed: swap
//
// Invariant: what is kept was made in the present generation. A generation ends with every edit that is more than a body, since
// names, signatures or layouts may mean something else behind it.

import Frontend
import Lowering

struct BodyHistory {
  struct Version {
    /// Of the function's text.
    var hash: UInt64
    var row: ProgramChange.Row
    var code: LoweredCode
    var changes: [SlotChange]
    var warnings: [Diagnostic]
  }

  /// Versions of one function, and of all of them together.
  static let versionsKept = 4
  static let totalKept = 512

  private var versions: [DefID: [Version]] = [:]
  private var order: [DefID] = []
  private var generation = 0

  /// The version of `def` with this text, which is taken out.
  mutating func take(_ def: DefID, hash: UInt64, generation: Int, _ installation: Installation) -> Version? {
    begin(generation, installation)
    guard let index = versions[def]?.firstIndex(where: { $0.hash == hash }) else { return nil }
    let version = versions[def]!.remove(at: index)
    for change in version.changes { installation.release(change) }
    return version
  }

  mutating func keep(_ def: DefID, _ version: Version, generation: Int, _ installation: Installation) {
    begin(generation, installation)
    for change in version.changes { installation.retain(change) }
    versions[def, default: []].append(version)
    order.append(def)
    if versions[def]!.count > Self.versionsKept { drop(def, installation) }
    while order.count > Self.totalKept { drop(order.removeFirst(), installation) }
  }

  private mutating func drop(_ def: DefID, _ installation: Installation) {
    guard versions[def]?.isEmpty == false else { return }
    for change in versions[def]!.removeFirst().changes { installation.release(change) }
  }

  private mutating func begin(_ current: Int, _ installation: Installation) {
    if generation == current { return }
    generation = current
    for version in versions.values.joined() { for change in version.changes { installation.release(change) } }
    versions.removeAll(keepingCapacity: true)
    order.removeAll(keepingCapacity: true)
  }
}
