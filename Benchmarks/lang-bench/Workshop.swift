// Finds the tools and the sources, and compiles what is compiled before it is timed: C and Lisp.

import Foundation

struct Workshop {
  /// The Benchmarks directory.
  let root: String
  /// For binaries; removed by ``close()``.
  let scratch: String
  private let lang: String?

  init(_ settings: Settings) throws {
    root = try settings.benchmarks ?? Workshop.findRoot()
    lang = settings.lang
    scratch = NSTemporaryDirectory() + "lang-bench-\(ProcessInfo.processInfo.processIdentifier)"
    try FileManager.default.createDirectory(atPath: scratch, withIntermediateDirectories: true)
  }

  func close() { try? FileManager.default.removeItem(atPath: scratch) }

  /// The executable that plays `peer`, or nil if this machine has none.
  func executable(_ peer: Peer) -> String? {
    if peer == .lang {
      let path = lang ?? Workshop.besideThisExecutable("lang")
      return FileManager.default.isExecutableFile(atPath: path) ? path : nil
    }
    return peer.tools.lazy.compactMap(Workshop.onPath).first
  }

  /// Whether the program has been written for `peer`.
  static func hasSource(_ source: String, for peer: Peer) -> Bool {
    FileManager.default.fileExists(atPath: "\(source).\(peer.fileExtension)")
  }

  /// What to run for `source` (a path without its extension), compiled first where the peer compiles.
  /// Nil without the peer.
  func command(_ peer: Peer, source: String, tier: String? = nil) throws -> [String]? {
    guard let tool = executable(peer) else { return nil }
    let file = "\(source).\(peer.fileExtension)"
    let binary = "\(scratch)/\((source as NSString).lastPathComponent)"
    switch peer {
    case .c:
      // Contraction to fused multiply-add would change the last bits, and with them the checksum.
      try build([tool, "-O2", "-ffp-contract=off", "-o", binary, file, "-lm"])
      return [binary]
    case .sbcl:
      let form = "(compile-file \"\(file)\" :output-file \"\(binary).fasl\")"
      try build([tool, "--noinform", "--non-interactive", "--no-sysinit", "--no-userinit", "--eval", form])
      return [tool, "--script", "\(binary).fasl"]
    case .lang: return [tool, "run"] + (tier.map { ["--tier", $0] } ?? []) + [file]
    case .luajitInterpreter: return [tool, "-joff", file]
    case .luajit, .lua, .node, .python: return [tool, file]
    }
  }

  /// What each tool calls itself, and its version.
  func versions(of peers: [Peer]) -> [String] {
    var seen: Set<String> = []
    return peers.compactMap { peer in
      guard let tool = executable(peer), seen.insert(tool).inserted,
        let child = try? ChildProcess.run([tool, peer.versionOption]), child.status == 0,
        let line = child.output.split(separator: "\n").first
      else { return nil }
      let end = [" (", " --", "  "].compactMap { line.range(of: $0)?.lowerBound }.min() ?? line.endIndex
      let version = line[..<end]
      let bare = version.first?.isNumber == true || version.first == "v"
      return bare ? "\((tool as NSString).lastPathComponent) \(version)" : String(version)
    }
  }

  static func onPath(_ tool: String) -> String? {
    let path = ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin"
    return path.split(separator: ":").map { "\($0)/\(tool)" }
      .first { FileManager.default.isExecutableFile(atPath: $0) }
  }

  private func build(_ command: [String]) throws {
    let child = try ChildProcess.run(command)
    guard child.status == 0 else {
      throw Failure.measurement("\(command.joined(separator: " ")) answered \(child.status)\n\(child.output)")
    }
  }

  private static func besideThisExecutable(_ name: String) -> String {
    let own = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? ""
    return ((own as NSString).deletingLastPathComponent as NSString).appendingPathComponent(name)
  }

  private static func findRoot() throws -> String {
    var directory = FileManager.default.currentDirectoryPath
    while true {
      let candidate = (directory as NSString).appendingPathComponent("Benchmarks")
      if FileManager.default.fileExists(atPath: candidate + "/programs") { return candidate }
      if directory == "/" || directory.isEmpty {
        throw Failure.usage("no Benchmarks directory above here; name it with --benchmarks DIR")
      }
      directory = (directory as NSString).deletingLastPathComponent
    }
  }
}
