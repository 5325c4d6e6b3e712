// What earlier texts of functions were compiled to, so that an edit that goes back finds the code by the text alone and only swaps
// it in.
//
//   edit A ─► B:  what A was made into is kept        edit B ─► A:  the same text, nothing else has changed: swap
//
// Invariant: what is kept was made in the present generation. A generation ends with every edit that is more than a body, since
// names, signatures or layouts may mean something else behind it; `CodeHistory` takes over what it leaves.

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

  /// The version of `def` with this text, which is taken out.
  mutating func take(_ def: DefID, hash: UInt64, _ installation: Installation) -> Version? {
    guard let index = versions[def]?.firstIndex(where: { $0.hash == hash }) else { return nil }
    let version = versions[def]!.remove(at: index)
    for change in version.changes { installation.release(change) }
    return version
  }

  mutating func keep(_ def: DefID, _ version: Version, _ installation: Installation) {
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

  /// The generation ends: all there is goes to those who know code by its content.
  mutating func end(_ installation: Installation) {
    if versions.isEmpty { return }
    installation.adopt(versions.sorted { $0.key.raw < $1.key.raw }.flatMap(\.value))
    versions.removeAll(keepingCapacity: true)
    order.removeAll(keepingCapacity: true)
  }
}
