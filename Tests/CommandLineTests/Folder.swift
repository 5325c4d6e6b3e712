// A folder of its own for each test, and the `lang` command run in it. Needs the executable beside the
// tests, where `swift build --build-tests` puts it.

import Foundation
import Testing

let binary: String = {
  if let path = ProcessInfo.processInfo.environment["LANG_BINARY"] { return path }
  return (CommandLine.arguments[0] as NSString).deletingLastPathComponent + "/lang"
}()

struct Finished: Equatable {
  var code: Int32
  var out: String
  var errors: String
}

final class Folder {
  let path = NSTemporaryDirectory() + "lang-\(UUID().uuidString)"
  init() throws { try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true) }
  deinit { try? FileManager.default.removeItem(atPath: path) }

  @discardableResult
  func write(_ name: String, _ text: String) throws -> String {
    let file = path + "/" + name
    try FileManager.default.createDirectory(
      atPath: (file as NSString).deletingLastPathComponent, withIntermediateDirectories: true)
    try text.write(toFile: file, atomically: true, encoding: .utf8)
    return file
  }

  func lang(_ arguments: String..., input: String = "") throws -> Finished { try lang(arguments, input: input) }

  func lang(_ arguments: [String], input: String = "", environment: [String: String]? = nil) throws -> Finished {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: binary)
    process.arguments = arguments
    process.currentDirectoryURL = URL(fileURLWithPath: path)
    if let environment { process.environment = environment }
    let (stdin, out, errors) = (Pipe(), try file("out"), try file("errors"))
    process.standardInput = stdin
    process.standardOutput = out
    process.standardError = errors
    try process.run()
    try? stdin.fileHandleForWriting.write(contentsOf: Data(input.utf8))
    try? stdin.fileHandleForWriting.close()
    process.waitUntilExit()
    func text(_ name: String) -> String { (try? String(contentsOfFile: path + "/." + name, encoding: .utf8)) ?? "" }
    return Finished(code: process.terminationStatus, out: text("out"), errors: text("errors"))
  }

  private func file(_ name: String) throws -> FileHandle {
    _ = FileManager.default.createFile(atPath: path + "/." + name, contents: nil)
    return try #require(FileHandle(forWritingAtPath: path + "/." + name))
  }
}
