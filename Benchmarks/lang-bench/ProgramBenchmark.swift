// `interp` and `awfy`: the same programs on every peer, as ratios to one of them. The rounds are interleaved
// (A B C, A B C, ..), so that a slow spell of the machine falls on all of them, and every run must print
// the same.

import Foundation

struct ProgramBenchmark {
  let suite: ProgramSuite
  let settings: Settings

  init(_ suite: ProgramSuite, _ settings: Settings) {
    self.suite = suite
    self.settings = settings
  }

  private var peers: [Peer] { suite.peers + (settings.allPeers ? suite.morePeers : []) }

  /// Prints the table; throws if a program failed or the outputs differ, since such times mean nothing.
  func run() throws {
    let workshop = try Workshop(settings)
    defer { workshop.close() }

    var table = Table(header: ["program"] + peers.flatMap { header(of: $0) })
    var ratios: [Peer: [Double]] = [:]
    var problems: [String] = []
    for program in try suite.selection(settings.programs) {
      let results = try measure(program, workshop, &problems)
      var row = [program]
      for peer in peers {
        let time = results[peer]
        let ratio = time.flatMap { time in results[suite.base].map { time / $0 } }
        if let ratio { ratios[peer, default: []].append(ratio) }
        row += cells(of: peer, time: time, ratio: ratio)
      }
      table.add(row)
    }
    table.add(
      ["geometric mean"] + peers.flatMap { cells(of: $0, time: nil, ratio: geometricMean(ratios[$0])) })

    print(
      "\(suite.title): \(settings.pick) \(settings.clock) time of \(settings.rounds) interleaved rounds, "
        + "ratio to \(suite.base.title)")
    print("\(Machine.description)\n\(workshop.versions(of: peers).joined(separator: ", "))\n")
    print(table.text)
    for peer in peers where workshop.executable(peer) == nil {
      print("- \(peer.title) is missing: \(peer.hint)")
    }
    guard problems.isEmpty else { throw Failure.measurement(problems.joined(separator: "\n")) }
  }

  /// The time of each peer in milliseconds; a peer that is missing or failed is absent.
  private func measure(
    _ program: String, _ workshop: Workshop, _ problems: inout [String]
  ) throws -> [Peer: Double] {
    printError("\(program) ..")
    let source = "\(workshop.root)/\(suite.folder)/\(program)/\(program)"
    let arguments = suite.arguments(of: program, settings)
    var commands: [(peer: Peer, command: [String])] = []
    for peer in peers where Workshop.hasSource(source, for: peer) {
      guard let command = try workshop.command(peer, source: source, tier: settings.tier) else { continue }
      let separator = peer == .lang && !arguments.isEmpty ? ["--"] : []
      commands.append((peer, command + separator + arguments))
    }

    var times: [Peer: [Double]] = [:]
    var failed: Set<Peer> = []
    var outputs: [String: Set<Peer>] = [:]
    for _ in 0..<settings.rounds {
      for (peer, command) in commands where !failed.contains(peer) {
        let child = try ChildProcess.run(command)
        if child.status != 0 {
          failed.insert(peer)
          problems.append("\(program): \(peer.title) ended with status \(child.status)")
          continue
        }
        let output = child.output.trimmingCharacters(in: .whitespacesAndNewlines)
        outputs[output, default: []].insert(peer)
        times[peer, default: []].append(child.time(settings.clock).milliseconds)
      }
    }
    if outputs.count > 1 {
      let answers = outputs.map { "`\($0.key)` from \($0.value.map(\.title).sorted().joined(separator: ", "))" }
      problems.append("\(program): the outputs differ: \(answers.sorted().joined(separator: "; "))")
      return [:]
    }
    return times.filter { !failed.contains($0.key) }.compactMapValues { pick($0) }
  }

  private func pick(_ times: [Double]) -> Double? {
    let sorted = times.sorted()
    switch settings.pick {
    case .min: return sorted.first
    case .median: return sorted.isEmpty ? nil : sorted[sorted.count / 2]
    }
  }

  private func header(of peer: Peer) -> [String] {
    let title = peer == .lang ? "lang \(settings.tier)" : peer.title
    return peer == suite.base ? ["\(title) ms"] : ["\(title) ms", "×\(suite.base.shortTitle)"]
  }

  private func cells(of peer: Peer, time: Double?, ratio: Double?) -> [String] {
    let time = time?.formatted(decimals: 1) ?? (ratio == nil ? "-" : "")
    return peer == suite.base ? [time] : [time, ratio?.formatted(decimals: 2) ?? "-"]
  }

  private func geometricMean(_ ratios: [Double]?) -> Double? {
    guard let ratios, !ratios.isEmpty else { return nil }
    return exp(ratios.map { log($0) }.reduce(0, +) / Double(ratios.count))
  }
}
