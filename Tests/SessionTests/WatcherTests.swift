// Saves as editors make them, and what the watcher tells of them. Each step waits for the batch it
// causes; only the slow editor of one test takes a fixed time.

import CShims
import Runtime
import Session
import Testing

private func write(_ text: String, to path: String) {
  let file = unsafe lang_open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
  #expect(file >= 0)
  Files.write(text, to: file)
  close(file)
}

private func removeAll(_ path: String) {
  for name in Files.names(in: path) { removeAll(path + "/" + name) }
  _ = unsafe remove(path)
}

private func makeDirectory(_ path: String) { #expect(Files.makeDirectory(path)) }

private final class Watched {
  let directory: String
  let path: String
  private let batches = Monitor<[[String]]>([])
  private let watcher: Watcher

  /// A file in a directory of its own, watched from before this returns. `link` leads to the file, and is
  /// what is watched.
  init(_ text: String, debounce: Int = 10, link: String? = nil) throws {
    directory = "/tmp/watcher-\(Process.nanoseconds())-\(getpid())"
    path = directory + "/a.lang"
    makeDirectory(directory)
    write(text, to: path)
    var watched = path
    if let link {
      makeDirectory(directory + "/links")
      watched = directory + "/links/" + link
      let made = unsafe symlink(path, watched)
      #expect(made == 0)
    }
    let made = Watcher(debounce: debounce, files: { [watched] in [(watched, Array(text.utf8))] }) { [batches] batch in
      let words = batch.map { change in
        switch change {
        case .text(_, let text): "text:" + String(decoding: text, as: UTF8.self)
        case .vanished: "gone"
        case .unreadable(_, let problem): "bad:" + problem.words
        }
      }
      batches.update { $0.append(words) }
    }
    let watcher = try #require(made)
    self.watcher = watcher
    let ready = Monitor(false)
    Threads.start { watcher.run { ready.update { $0 = true } } }
    #expect(ready.wait { $0 })
  }

  deinit {
    watcher.stop()
    removeAll(directory)
  }

  /// The next batch in words: `text:…`, `gone`, `bad:…`.
  func next() -> [String] {
    guard batches.wait(until: { !$0.isEmpty }) else { return ["nothing"] }
    return batches.update { $0.removeFirst() }
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

  func save(_ text: String) { write(text, to: path) }
  /// To another file, which then takes the name.
  func replace(_ text: String) {
    write(text, to: path + ".new")
    let moved = unsafe rename(path + ".new", path)
    #expect(moved == 0)
  }
}

@Suite(.serialized) struct WatcherTests {
  @Test func savesInPlaceAndByRename() throws {
    let file = try Watched("one")
    file.save("two")
    #expect(file.next() == ["text:two"])
    file.replace("three")
    #expect(file.next() == ["text:three"])
    file.replace("four")
    #expect(file.next() == ["text:four"])
  }

  @Test func deletedFilesAreToldOnceAndComeBack() throws {
    let file = try Watched("one")
    removeAll(file.path)
    #expect(file.next() == ["gone"])
    write("", to: file.directory + "/other")
    file.save("two")
    #expect(file.next() == ["text:two"])
  }

  @Test func deletedAndMadeAgainWithinTheWindowIsOneSave() throws {
    let file = try Watched("one", debounce: 200)
    removeAll(file.path)
    file.save("two")
    #expect(file.next() == ["text:two"])
  }

  @Test func halfWrittenFilesAreWaitedFor() throws {
    let file = try Watched("one", debounce: 100)
    let open = unsafe lang_open(file.path, O_WRONLY | O_TRUNC | O_CLOEXEC, 0)
    Files.write("tw", to: open)
    // Longer than quiet takes, shorter than the longest window.
    Process.sleep(milliseconds: 300)
    Files.write("o", to: open)
    close(open)
    #expect(file.next() == ["text:two"])
  }

  @Test func directoriesInTheFilesPlaceAreReported() throws {
    let file = try Watched("one")
    removeAll(file.path)
    #expect(file.next() == ["gone"])
    makeDirectory(file.path)
    #expect(file.next() == ["bad:it is a directory"])
    removeAll(file.path)
    #expect(file.next() == ["gone"])
    file.save("two")
    #expect(file.next() == ["text:two"])
  }

  @Test func theDirectoryMayGoAndComeBack() throws {
    let file = try Watched("one")
    removeAll(file.directory)
    #expect(file.next() == ["gone"])
    makeDirectory(file.directory)
    file.save("two")
    #expect(file.batches(until: "two") != nil)
  }

  @Test func linksAreFollowed() throws {
    let file = try Watched("one", link: "b.lang")
    file.save("two")
    #expect(file.next() == ["text:two"])
    file.replace("three")
    #expect(file.next() == ["text:three"])
  }

  @Test func thousandsOfSavesBecomeFewBatchesAndTheLastWins() throws {
    let file = try Watched("start", debounce: 20)
    for i in 0..<2000 { file.replace("save \(i)") }
    let batches = try #require(file.batches(until: "save 1999"))
    #expect(batches < 500)
  }

  @Test func sameTextIsNoChange() throws {
    let file = try Watched("one")
    file.save("one")
    file.replace("one")
    file.save("two")
    #expect(file.batches(until: "two") == 1)
  }
}
