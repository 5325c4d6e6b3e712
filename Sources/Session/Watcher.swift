// Sees that source files were saved, however the editor does it: written in place, or to another file
// that takes the name, or deleted and made again. So it watches directories, not files, and waits until
// things have been quiet for a moment:
//
//   event ─► window opens ─ event ─ event ─ (quiet for `debounce`) ─► files are read ─► one batch
//                          └──────── at most 10 × debounce ────────┘
//
// A file that somebody still has open after writing to it keeps the window open to its end: it may be
// half written.
//
// Which files these are may change with every batch, since an edit may add an import: `files` is asked behind
// each. A file that is not there is waited for where it would be: in the nearest directory above that exists.
//
// Invariant: a batch says what changed since the batch before, so the last one always tells of the files
// as they are.

import Frontend
import Runtime
import Synchronization

public final class Watcher: Sendable {
  public enum Change: Sendable {
    case text(path: String, text: [UInt8])
    /// Told once, until the file is there again.
    case vanished(path: String)
    case unreadable(path: String, FileProblem)
  }

  /// A watched file, by the path its owner knows it by.
  private struct File {
    let path: String
    var known: Known
    /// Where events for it come from: a watched directory and a name, of the path and of what a link
    /// leads to.
    var places: [(watch: Int32, name: String)] = []

    init(_ file: (path: String, text: [UInt8]?)) {
      path = file.path
      known = file.text.map { .text($0) } ?? .problem(.missing)
    }
  }

  private enum Known: Equatable {
    case text([UInt8])
    case problem(FileProblem)
  }

  private let watch: DirectoryWatch
  private let debounce: Int  // ms
  private let isStopped = Atomic(false)
  private let onBatch: @Sendable ([Change]) -> Void
  private let files: @Sendable (_ known: Set<String>) -> [(path: String, text: [UInt8]?)]

  /// How often a directory that is gone is looked for again.
  private static let retry = 200  // ms
  static let mostWindows = 10

  /// `files` answers what is to be watched, with the texts as they are known, nil for a file known to be
  /// missing; texts of `known` paths are not looked at. It is called on the watcher's thread. Nil when the system has no more watches to give.
  public init?(
    debounce: Int = 50, files: @escaping @Sendable (_ known: Set<String>) -> [(path: String, text: [UInt8]?)],
    onBatch: @escaping @Sendable ([Change]) -> Void
  ) {
    guard let watch = DirectoryWatch() else { return nil }
    self.watch = watch
    self.debounce = max(0, debounce)
    self.onBatch = onBatch
    self.files = files
  }

  /// Ends `run`. Any thread.
  public func stop() {
    isStopped.store(true, ordering: .releasing)
    watch.wake()
  }

  /// Watches, and calls `onBatch` on this thread, until `stop`. `isReady` is called once edits are seen.
  public func run(isReady: () -> Void = {}) {
    var files = files([]).map(File.init)
    var watches = Set<Int32>()
    // Files that other places tell of now: what happened in between nothing has told of.
    var moved = Set<Int>()
    func addWatches() -> Bool {
      var isComplete = true
      let old = watches
      watches = []
      for i in files.indices {
        let places = files[i].places
        files[i].places = []
        for place in Self.places(files[i].path) {
          guard let (number, name) = addWatch(place) else {
            isComplete = false
            continue
          }
          watches.insert(number)
          files[i].places.append((number, name))
        }
        if !places.elementsEqual(files[i].places, by: ==) { moved.insert(i) }
      }
      for number in old.subtracting(watches) { watch.remove(number) }
      return isComplete
    }
    var isComplete = addWatches()
    isReady()
    // What was saved between reading and watching; it may be half written, too.
    var touched = Set(files.indices)
    collect([], &touched, files)
    while !isStopped.load(ordering: .acquiring) {
      if touched.isEmpty {
        let events = watch.wait(milliseconds: isComplete ? nil : Self.retry)
        // While a directory is missing nothing tells of its files.
        touched = isComplete ? touchedFiles(events, files) : Set(files.indices)
        if !isComplete || events.contains(where: \.isEnd) { isComplete = addWatches() }
        touched.formUnion(moved)
        if touched.isEmpty { continue }
        collect(events, &touched, files)
      }
      if isStopped.load(ordering: .acquiring) { return }
      // Links may lead elsewhere now; asking is cheap.
      isComplete = addWatches()
      touched.formUnion(moved)
      moved = []
      let changes = touched.sorted().compactMap { read(&files[$0]) }
      touched = []
      if changes.isEmpty { continue }
      onBatch(changes)
      // Files that are new to us are read once: they may have been saved since their texts were known.
      let known = Dictionary(uniqueKeysWithValues: files.map { ($0.path, $0) })
      files = self.files(Set(known.keys)).map { known[$0.path] ?? File($0) }
      touched = Set(files.indices.filter { known[files[$0].path] == nil })
      isComplete = addWatches()
      touched.formUnion(moved)
      moved = []
    }
  }

  /// Watches a directory, or the nearest one above that is there. The name is what to look out for in it.
  private func addWatch(_ place: (directory: String, name: String)) -> (watch: Int32, name: String)? {
    var found: (watch: Int32, name: String)?
    var wanted = place
    while true {
      if let number = watch.add(wanted.directory) {
        // What is below may have come before this was watched: then it is to be seen the second time.
        if wanted.directory == place.directory || found.map({ $0 == (number, wanted.name) }) == true { return (number, wanted.name) }
        found = (number, wanted.name)
        wanted = place
        continue
      }
      let above = Self.split(wanted.directory)
      if above.directory == wanted.directory || above.name == ".." { return nil }
      wanted = above
    }
  }

  /// Waits for the end of the window that `first` has opened.
  private func collect(
    _ first: [DirectoryWatch.Event], _ touched: inout Set<Int>, _ files: [File]
  ) {
    let start = Process.nanoseconds()
    let end = start + max(debounce * Self.mostWindows, 10) * 1_000_000
    var unfinished = Set<Int>()
    var quietFrom = start
    func note(_ events: [DirectoryWatch.Event]) {
      for event in events {
        let concerned = touchedFiles([event], files)
        touched.formUnion(concerned)
        if event.isUnfinished { unfinished.formUnion(concerned) } else { unfinished.subtract(concerned) }
      }
    }
    note(first)
    while !isStopped.load(ordering: .acquiring) {
      let now = Process.nanoseconds()
      let quiet = unfinished.isEmpty ? quietFrom + debounce * 1_000_000 : end
      let left = min(quiet, end) - now
      if left <= 0 { return }
      let events = watch.wait(milliseconds: (left + 999_999) / 1_000_000)
      if events.isEmpty { continue }
      let before = touched
      note(events)
      // What happens to other files in the directory does not keep the window open.
      if touched != before || events.contains(where: { !touchedFiles([$0], files).isEmpty }) {
        quietFrom = Process.nanoseconds()
      }
    }
  }

  private func touchedFiles(_ events: [DirectoryWatch.Event], _ files: [File]) -> Set<Int> {
    var touched = Set<Int>()
    for event in events {
      // Events were lost, or a directory is gone: anything may have changed.
      if event.watch < 0 || event.isEnd { return Set(files.indices) }
      for (i, file) in files.enumerated()
      where file.places.contains(where: { $0.watch == event.watch && $0.name == event.name }) {
        touched.insert(i)
      }
    }
    return touched
  }

  private func read(_ file: inout File) -> Change? {
    switch Files.read(file.path, limit: Reader.maxTextSize + 1) {
    case .success(let text):
      if file.known == .text(text) { return nil }
      file.known = .text(text)
      return .text(path: file.path, text: text)
    case .failure(let problem):
      if file.known == .problem(problem) { return nil }
      file.known = .problem(problem)
      return problem == .missing ? .vanished(path: file.path) : .unreadable(path: file.path, problem)
    }
  }

  private static func places(_ path: String) -> [(directory: String, name: String)] {
    var places = [split(path)]
    if let target = resolvedPath(path) {
      let place = split(target)
      if place.name != places[0].name || resolvedPath(places[0].directory) != place.directory { places.append(place) }
    }
    return places
  }

  private static func split(_ path: String) -> (directory: String, name: String) {
    guard let slash = path.lastIndex(of: "/") else { return (".", path) }
    return (slash == path.startIndex ? "/" : String(path[..<slash]), String(path[path.index(after: slash)...]))
  }
}

extension Session {
  /// Takes in what a watcher saw. A file that cannot be read changes nothing: its last text stays.
  public func take(_ changes: [Watcher.Change]) {
    var edits: [FileEdit] = []
    var report = CascadeReport()
    for change in changes where !takeProject(change) {
      switch change {
      case .text(let path, let text): edits.append(.replaceAll(path: path, text: text))
      case .vanished(let path):
        // Without its main module there is no program; without another one its importers say what they lack.
        if path == entries.first {
          report.notes.append("`\(path)` is gone; its last version runs on")
        } else {
          edits.append(.remove(path: path))
        }
      case .unreadable(let path, let problem):
        report.diagnostics.append(LocatedDiagnostic(problem, file: path, colours: options.colours))
      }
    }
    if !report.notes.isEmpty || !report.diagnostics.isEmpty {
      report.status = .refused
      report.id = compiling.withLock { _ in
        lastID += 1
        return lastID
      }
      onEvent(.cascade(report))
    }
    if !edits.isEmpty { _ = apply { $0.givingWay(edits) } }
  }
}
