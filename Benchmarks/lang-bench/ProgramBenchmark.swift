// `interp`: the same programs on every peer, as ratios to C. The rounds are interleaved (A B C, A B C, ..), so
// that a slow spell of the machine falls on all of them, and every run must print the same checksum.

import Foundation

struct ProgramBenchmark {
  static let programs = [
    "entities", "fannkuch", "fib", "loop", "mandelbrot", "nbody", "sieve", "spectralnorm",
  ]

  let settings: Settings
  let peers: [Peer]

  init(_ settings: Settings) {
    self.settings = settings
    peers = [.c, .lang, .luajitInterpreter, .lua] + (settings.allPeers ? [.luajit, .node, .sbcl] : [])
  }

  /// Prints the table; throws if a program failed or the checksums differ, since such times mean nothing.
  func run() throws {
    let workshop = try Workshop(settings)
    defer { workshop.close() }

    var table = Table(header: ["program"] + peers.flatMap { header(of: $0) })
    var ratios: [Peer: [Double]] = [:]
    var problems: [String] = []
    for program in settings.programs {
      let results = try measure(program, workshop, &problems)
      var row = [program]
      for peer in peers {
        let time = results[peer]
        let ratio = time.flatMap { time in results[.c].map { time / $0 } }
        if let ratio { ratios[peer, default: []].append(ratio) }
        row += cells(of: peer, time: time, ratio: ratio)
      }
      table.add(row)
    }
    table.add(
      ["geometric mean"] + peers.flatMap { cells(of: $0, time: nil, ratio: geometricMean(ratios[$0])) })

    print("Programs: \(settings.pick) \(settings.clock) time of \(settings.rounds) interleaved rounds, ratio to C -O2")
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
    let source = "\(workshop.root)/programs/\(program)/\(program)"
    var commands: [(peer: Peer, command: [String])] = []
    for peer in peers {
      guard let command = try workshop.command(peer, source: source, tier: settings.tier) else { continue }
      commands.append((peer, command))
    }

    var times: [Peer: [Double]] = [:]
    var failed: Set<Peer> = []
    var checksums: [String: Set<Peer>] = [:]
    for _ in 0..<settings.rounds {
      for (peer, command) in commands where !failed.contains(peer) {
        let child = try ChildProcess.run(command)
        if child.status != 0 {
          failed.insert(peer)
          problems.append("\(program): \(peer.title) ended with status \(child.status)")
          continue
        }
        let checksum = child.output.trimmingCharacters(in: .whitespacesAndNewlines)
        checksums[checksum, default: []].insert(peer)
        times[peer, default: []].append(child.time(settings.clock).milliseconds)
      }
    }
    if checksums.count > 1 {
      let answers = checksums.map { "`\($0.key)` from \($0.value.map(\.title).sorted().joined(separator: ", "))" }
      problems.append("\(program): the checksums differ: \(answers.sorted().joined(separator: "; "))")
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
    switch peer {
    case .c: ["C -O2 ms"]
    case .lang: ["lang \(settings.tier) ms", "×C"]
    default: ["\(peer.title) ms", "×C"]
    }
  }

  private func cells(of peer: Peer, time: Double?, ratio: Double?) -> [String] {
    let time = time?.formatted(decimals: 1) ?? (ratio == nil ? "-" : "")
    return peer == .c ? [time] : [time, ratio?.formatted(decimals: 2) ?? "-"]
  }

  private func geometricMean(_ ratios: [Double]?) -> Double? {
    guard let ratios, !ratios.isEmpty else { return nil }
    return exp(ratios.map { log($0) }.reduce(0, +) / Double(ratios.count))
  }
}
