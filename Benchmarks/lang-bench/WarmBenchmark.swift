// `warm`: what a program costs once all of it that is hot has been compiled. Each runs twice, for a few rounds of its work and for many;
// the difference is the cost of the rounds between, and in it starting, compiling and warming up are gone, for every peer alike.
//
// The pairs of all peers are interleaved, and the ratios are of the medians, so that a slow spell of the machine falls on all of them.

import Foundation

struct WarmBenchmark {
  let settings: Settings

  private static let peers: [Peer] = [.c, .lang]
  private static let morePeers: [Peer] = [.luajit, .node, .sbcl]
  private var peers: [Peer] { Self.peers + (settings.allPeers ? Self.morePeers : []) }

  /// Prints the table; throws if a program failed or the outputs differ.
  func run() throws {
    let workshop = try Workshop(settings)
    defer { workshop.close() }
    var table = Table(header: ["program", "C -O2 ms"] + peers.dropFirst().flatMap { ["\($0 == .lang ? "lang \(tier)" : $0.title) ms", "×C"] })
    var ratios: [Peer: [Double]] = [:]
    var problems: [String] = []
    for suite in [ProgramSuite.interp, .awfy] {
      for name in try suite.selection(settings.programs) {
        let times = try measure(name, suite, workshop, &problems)
        var row = [suite.folder == "awfy" ? "\(name) (awfy)" : name]
        for peer in peers {
          let ratio = times[peer].flatMap { time in times[.c].map { time / $0 } }
          if let ratio { ratios[peer, default: []].append(ratio) }
          row.append(times[peer]?.formatted(decimals: 1) ?? "-")
          if peer != .c { row.append(ratio?.formatted(decimals: 2) ?? "-") }
        }
        table.add(row)
      }
    }
    table.add(["geometric mean", ""] + peers.dropFirst().flatMap { ["", Self.geometricMean(ratios[$0])] })
    print("Warm: \(settings.clock) time of a round, from the difference of many and few; median of \(settings.rounds) interleaved pairs")
    print("\(Machine.description)\n\(workshop.versions(of: peers).joined(separator: ", "))\n")
    print(table.text)
    for peer in peers where workshop.executable(peer) == nil { print("- \(peer.title) is missing: \(peer.hint)") }
    guard problems.isEmpty else { throw Failure.measurement(problems.joined(separator: "\n")) }
  }

  private var tier: String { settings.tier == "interp" ? "auto" : settings.tier }

  /// Milliseconds of one round for each peer that has the program.
  private func measure(
    _ name: String, _ suite: ProgramSuite, _ workshop: Workshop, _ problems: inout [String]
  ) throws -> [Peer: Double] {
    printError("\(name) ..")
    let source = "\(workshop.root)/\(suite.folder)/\(name)/\(name)"
    guard let warm = suite.programs.first(where: { $0.name == name })?.warm else { return [:] }
    var commands: [(peer: Peer, command: [String])] = []
    for peer in peers where Workshop.hasSource(source, for: peer) {
      guard let command = try workshop.command(peer, source: source, tier: tier) else { continue }
      commands.append((peer, command + (peer == .lang ? ["--"] : [])))
    }
    var differences: [Peer: [Double]] = [:]
    var failed: Set<Peer> = []
    for _ in 0..<settings.rounds {
      for (peer, command) in commands where !failed.contains(peer) {
        var times: [Double] = []
        for rounds in [warm.few, warm.many] {
          let child = try ChildProcess.run(command + [String(rounds)] + warm.inner.map(String.init))
          if child.status != 0, failed.insert(peer).inserted { problems.append("\(name): \(peer.title) ended with status \(child.status)") }
          times.append(child.time(settings.clock).milliseconds)
        }
        differences[peer, default: []].append((times[1] - times[0]) / Double(warm.many - warm.few))
      }
    }
    return differences.filter { !failed.contains($0.key) }.compactMapValues { $0.sorted()[$0.count / 2] }
  }

  private static func geometricMean(_ ratios: [Double]?) -> String {
    guard let ratios = ratios?.filter({ $0 > 0 }), !ratios.isEmpty else { return "-" }
    return exp(ratios.map { log($0) }.reduce(0, +) / Double(ratios.count)).formatted(decimals: 2)
  }
}
