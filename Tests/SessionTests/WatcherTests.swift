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
    let made = Watcher(debounce: debounce, files: { [watched] _ in [(watched, Array(text.utf8))] }) { [batches] batch in
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

/// What is watched follows from what was seen: a file that names another has that watched as well.
private final class Followed {
  let directory = "/tmp/followed-\(Process.nanoseconds())-\(getpid())"
  private let known = Monitor<[String: [UInt8]?]>([:])
  private let batches = Monitor<[[String]]>([])
  private let watcher: Watcher

  /// A text that is the name of a file in the directory leads there.
  init(_ text: String) throws {
    makeDirectory(directory)
    write(text, to: directory + "/a.lang")
    let (directory, known, batches) = (directory, known, batches)
    known.update { $0[directory + "/a.lang"] = .some(Array(text.utf8)) }
    let made = Watcher(debounce: 10, files: { _ in known.value.map { ($0.key, $0.value) } }) { batch in
      for change in batch {
        known.update { known in
          switch change {
          case .text(let path, let text):
            known.updateValue(text, forKey: path)
            let next = directory + "/" + String(decoding: text, as: UTF8.self)
            if next.hasSuffix(".lang"), known[next] == nil { known.updateValue(nil, forKey: next) }
          case .vanished(let path): known.updateValue(nil, forKey: path)
          case .unreadable: break
          }
        }
      }
      func name(_ path: String) -> String { String(path.dropFirst(directory.count + 1)) }
      let words = batch.map { change -> String in
        switch change {
        case .text(let path, let text): name(path) + ":" + String(decoding: text, as: UTF8.self)
        case .vanished(let path): name(path) + " gone"
        case .unreadable(let path, let problem): name(path) + " " + problem.words
        }
      }
      batches.update { $0.append(words) }
    }
    watcher = try #require(made)
    let ready = Monitor(false)
    let watcher = watcher
    Threads.start { watcher.run { ready.update { $0 = true } } }
    #expect(ready.wait { $0 })
  }

  deinit {
    watcher.stop()
    removeAll(directory)
  }

  /// At once: a file that is there is whole.
  func save(_ text: String, _ name: String) {
    write(text, to: directory + "/new")
    let moved = unsafe rename(directory + "/new", directory + "/" + name)
    #expect(moved == 0)
  }

  func next() -> [String] {
    guard batches.wait(until: { !$0.isEmpty }) else { return ["nothing"] }
    return batches.update { $0.removeFirst() }
  }
}

@Suite(.serialized) struct WatcherTests {
  @Test func filesThatSavedOnesLeadToAreWatchedToo() throws {
    let files = try Followed("one")
    let directory = files.directory
    // A file nobody asked for is none of the watcher's business.
    files.save("early", "b.lang")
    files.save("b.lang", "a.lang")
    #expect(files.next() == ["a.lang:b.lang"])
    // What was saved before anybody asked is told at once.
    #expect(files.next() == ["b.lang:early"])
    files.save("deep/down/c.lang", "b.lang")
    #expect(files.next() == ["b.lang:deep/down/c.lang"])
    // It is looked out for, directories included.
    makeDirectory(directory + "/deep")
    makeDirectory(directory + "/deep/down")
    files.save("three", "deep/down/c.lang")
    #expect(files.next() == ["deep/down/c.lang:three"])
    removeAll(directory + "/deep")
    #expect(files.next() == ["deep/down/c.lang gone"])
    makeDirectory(directory + "/deep/down")
    files.save("four", "deep/down/c.lang")
    #expect(files.next() == ["deep/down/c.lang:four"])
  }

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
