// Saves as editors make them, and what the watcher tells of them. Each step waits for the batch it
// causes; only the slow editor of one test takes a fixed time.

import Foundation
import Session
import Testing

private final class Watched: @unchecked Sendable {
  let directory: String
  let path: String
  private let lock = NSLock()
  private let arrived = DispatchSemaphore(value: 0)
  private var batches: [[Watcher.Change]] = []
  private var watcher: Watcher?

  /// A file in a directory of its own, watched from before this returns.
  init(_ text: String, debounce: Int = 10) throws {
    directory = NSTemporaryDirectory() + "watcher-\(UUID().uuidString)"
    path = directory + "/a.lang"
    try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
    try text.write(toFile: path, atomically: false, encoding: .utf8)
    let watcher = try #require(
      Watcher([(path, Array(text.utf8))], debounce: debounce) { [weak self] batch in
        guard let self else { return }
        lock.withLock { batches.append(batch) }
        arrived.signal()
      })
    self.watcher = watcher
    let ready = DispatchSemaphore(value: 0)
    Thread.detachNewThread { watcher.run { ready.signal() } }
    #expect(ready.wait(timeout: .now() + 10) == .success)
  }

  deinit {
    watcher?.stop()
    try? FileManager.default.removeItem(atPath: directory)
  }

  /// The next batch in words: `text:…`, `gone`, `bad:…`.
  func next(_ seconds: Double = 10) -> [String] {
    guard arrived.wait(timeout: .now() + seconds) == .success else { return ["nothing"] }
    return lock.withLock { batches.removeFirst() }.map { change in
      switch change {
      case .text(_, let text): "text:" + String(decoding: text, as: UTF8.self)
      case .vanished: "gone"
      case .unreadable(_, let problem): "bad:" + problem.words
      }
    }
  }

  /// Reads batches until one tells of `text`; answers how many it took, nil when it does not come.
  func batches(until text: String) -> Int? {
    for count in 1...1000 {
      let batch = next()
      if batch == ["nothing"] { return nil }
      if batch.contains("text:" + text) { return count }
    }
    return nil
  }

  func save(_ text: String) throws { try text.write(toFile: path, atomically: false, encoding: .utf8) }
  /// To another file, which then takes the name.
  func replace(_ text: String) throws {
    try text.write(toFile: path + ".new", atomically: false, encoding: .utf8)
    #expect(rename(path + ".new", path) == 0)
  }
}

@Suite(.serialized) struct WatcherTests {
  @Test func savesInPlaceAndByRename() throws {
    let file = try Watched("one")
    try file.save("two")
    #expect(file.next() == ["text:two"])
    try file.replace("three")
    #expect(file.next() == ["text:three"])
    try file.replace("four")
    #expect(file.next() == ["text:four"])
  }

  @Test func deletedFilesAreToldOnceAndComeBack() throws {
    let file = try Watched("one")
    try FileManager.default.removeItem(atPath: file.path)
    #expect(file.next() == ["gone"])
    try "".write(toFile: file.directory + "/other", atomically: false, encoding: .utf8)
    try file.save("two")
    #expect(file.next() == ["text:two"])
  }

  @Test func deletedAndMadeAgainWithinTheWindowIsOneSave() throws {
    let file = try Watched("one", debounce: 200)
    try FileManager.default.removeItem(atPath: file.path)
    try file.save("two")
    #expect(file.next() == ["text:two"])
  }

  @Test func halfWrittenFilesAreWaitedFor() throws {
    let file = try Watched("one", debounce: 100)
    let handle = try #require(FileHandle(forWritingAtPath: file.path))
    try handle.truncate(atOffset: 0)
    try handle.write(contentsOf: Data("tw".utf8))
    // Longer than quiet takes, shorter than the longest window.
    let pause = DispatchSemaphore(value: 0)
    _ = pause.wait(timeout: .now() + 0.3)
    try handle.write(contentsOf: Data("o".utf8))
    try handle.close()
    #expect(file.next() == ["text:two"])
  }

  @Test func directoriesInTheFilesPlaceAreReported() throws {
    let file = try Watched("one")
    try FileManager.default.removeItem(atPath: file.path)
    #expect(file.next() == ["gone"])
    try FileManager.default.createDirectory(atPath: file.path, withIntermediateDirectories: false)
    #expect(file.next() == ["bad:it is a directory"])
    try FileManager.default.removeItem(atPath: file.path)
    #expect(file.next() == ["gone"])
    try file.save("two")
    #expect(file.next() == ["text:two"])
  }

  @Test func theDirectoryMayGoAndComeBack() throws {
    let file = try Watched("one")
    try FileManager.default.removeItem(atPath: file.directory)
    #expect(file.next() == ["gone"])
    try FileManager.default.createDirectory(atPath: file.directory, withIntermediateDirectories: true)
    try file.save("two")
    #expect(file.batches(until: "two") != nil)
  }

  @Test func linksAreFollowed() throws {
    let target = try Watched("one")
    let link = target.directory + "/link.lang"
    try FileManager.default.createDirectory(atPath: target.directory + "/real", withIntermediateDirectories: true)
    let real = target.directory + "/real/b.lang"
    try "one".write(toFile: real, atomically: false, encoding: .utf8)
    try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: real)
    let told = DispatchSemaphore(value: 0)
    let ready = DispatchSemaphore(value: 0)
    let watcher = try #require(Watcher([(link, Array("one".utf8))], debounce: 10) { _ in told.signal() })
    Thread.detachNewThread { watcher.run { ready.signal() } }
    #expect(ready.wait(timeout: .now() + 10) == .success)
    try "two".write(toFile: real, atomically: false, encoding: .utf8)
    #expect(told.wait(timeout: .now() + 10) == .success)
    watcher.stop()
  }

  @Test func thousandsOfSavesBecomeFewBatchesAndTheLastWins() throws {
    let file = try Watched("start", debounce: 20)
    for i in 0..<2000 { try file.replace("save \(i)") }
    let batches = try #require(file.batches(until: "save 1999"))
    #expect(batches < 500)
  }

  @Test func sameTextIsNoChange() throws {
    let file = try Watched("one")
    try file.save("one")
    try file.replace("one")
    try file.save("two")
    #expect(file.batches(until: "two") == 1)
  }
}
