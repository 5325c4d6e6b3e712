// What the figures were measured on: a ratio travels between machines, a time does not.

import Foundation

enum Machine {
  static var description: String {
    let cpu = value(of: "model name", in: "/proc/cpuinfo", separator: ":") ?? "unknown processor"
    let system = value(of: "PRETTY_NAME", in: "/etc/os-release", separator: "=") ?? "Linux"
    return "\(cpu), \(ProcessInfo.processInfo.activeProcessorCount) cores, \(system)"
  }

  private static func value(of key: String, in file: String, separator: Character) -> String? {
    guard let text = try? String(contentsOfFile: file, encoding: .utf8) else { return nil }
    for line in text.split(separator: "\n") where line.hasPrefix(key) {
      let parts = line.split(separator: separator, maxSplits: 1)
      return parts.count == 2 ? parts[1].trimmingCharacters(in: .init(charactersIn: " \"")) : nil
    }
    return nil
  }
}
