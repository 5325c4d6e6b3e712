// What clients outside the process need of a session: edits whose ranges count on the texts as they are at that
// moment, paths as the session spells them, and how it is doing.

import Frontend
import Runtime
import Synchronization

/// A place in a text as clients name it.
public enum TextRange: Sendable, Equatable {
  /// In bytes, from 0.
  case bytes(Range<Int>)
  /// Lines and columns from 1, columns in Unicode scalars; the end is behind the last one.
  case positions(start: SourcePosition, end: SourcePosition)
}

/// A change to a file as clients ask for it.
public struct ClientEdit: Sendable {
  public enum Change: Sendable {
    case text([UInt8])
    case range(TextRange, text: [UInt8])
    case remove
  }
  /// As the session spells it.
  public var path: String
  public var change: Change
  public init(path: String, change: Change) {
    self.path = path
    self.change = change
  }
}

/// Why edits were not even tried.
public struct EditProblem: Error, Sendable { public var message: String }

extension Session {
  /// Takes in edits of a client as one batch: all of them, or none when a range is outside its text. Several ranges
  /// of one file are taken one after the other, each counting on the text that the one before left. Any thread but the
  /// program's.
  public func apply(_ edits: [ClientEdit]) -> Result<CascadeReport, EditProblem> {
    var problem: EditProblem?
    let report = apply { session -> [FileEdit] in
      var made: [FileEdit] = []
      var texts: [String: [UInt8]] = [:]
      for edit in edits {
        switch edit.change {
        case .remove:
          made.append(.remove(path: edit.path))
          texts[edit.path] = []
        case .text(let text):
          made.append(.replaceAll(path: edit.path, text: text))
          texts[edit.path] = text
        case .range(let range, let text):
          guard var whole = texts[edit.path] ?? session.text(of: edit.path) else {
            problem = EditProblem(message: "the session has no file `\(edit.path)`; give its whole text")
            return []
          }
          guard let bytes = Self.bytes(of: range, in: whole) else {
            problem = EditProblem(message: "a range is outside `\(edit.path)`, which has \(whole.count) bytes")
            return []
          }
          made.append(.replace(path: edit.path, range: bytes, text: text))
          if edits.count > 1 {
            whole.replaceSubrange(bytes, with: text)
            texts[edit.path] = whole
          }
        }
      }
      return session.givingWay(made)
    }
    return problem.map { .failure($0) } ?? .success(report)
  }

  /// With `compiling` held.
  private func text(of path: String) -> [UInt8]? {
    if let source = world?.program.source, let file = source.store.file(at: path) { return source.store.text(of: file) }
    return texts[path]
  }

  /// The edits, and one more that takes out of the prompt's file what the edited files define now: what was tried at a
  /// prompt and then written down is defined once. With `compiling` held. O(length of the texts) if there is anything at
  /// the prompt.
  func givingWay(_ edits: [FileEdit]) -> [FileEdit] {
    guard let program = world?.program, let prompt = program.source.store.file(at: Self.promptFile),
      program.source.store.size(of: prompt) > 0
    else { return edits }
    var written = Set<String>()
    for edit in edits {
      switch edit {
      case .remove: continue
      case .replaceAll(let path, let text): note(path, text)
      case .replace(let path, let range, let text):
        guard var whole = self.text(of: path) else { continue }
        whole.replaceSubrange(range.clamped(to: 0..<whole.count), with: text)
        note(path, whole)
      }
    }
    func note(_ path: String, _ text: [UInt8]) {
      guard path != Self.promptFile, layout.module(of: path) == program.env.moduleName(program.mainModule) else { return }
      let file = program.source.add(path: "input", text: text)
      for item in program.source.store.items(of: file) { written.formUnion(program.definedKeys(item)) }
      _ = program.source.store.remove(file)
    }
    let items = program.source.store.items(of: prompt)
    let kept = items.filter { written.isDisjoint(with: program.definedKeys($0)) }
    if kept.count == items.count { return edits }
    return edits + [.replaceAll(path: Self.promptFile, text: kept.flatMap { program.source.store.text(of: $0) })]
  }

  private static func bytes(of range: TextRange, in text: [UInt8]) -> Range<Int>? {
    switch range {
    case .bytes(let range): return range.upperBound <= text.count ? range : nil
    case .positions(let start, let end):
      guard let from = offset(of: start, in: text), let to = offset(of: end, in: text), from <= to else { return nil }
      return from..<to
    }
  }

  private static func offset(of position: SourcePosition, in text: [UInt8]) -> Int? {
    var at = 0
    for _ in 1..<max(1, position.line) {
      guard let newline = text[at...].firstIndex(of: UInt8(ascii: "\n")) else { return nil }
      at = newline + 1
    }
    // A scalar begins at every byte that continues none.
    for _ in 1..<max(1, position.column) {
      guard at < text.count, text[at] != UInt8(ascii: "\n") else { return nil }
      at += 1
      while at < text.count, text[at] & 0xc0 == 0x80 { at += 1 }
    }
    return at
  }

  // MARK: Paths

  /// How the session spells the file at an absolute path without links: by a path it knows, or by where a module would
  /// be. nil for a file that could not be part of the program.
  public func spelling(of absolute: String) -> String? {
    compiling.withLock { _ in
      for path in wanted.union(entries) where Self.canonical(path) == absolute { return path }
      for root in layout.roots {
        guard let directory = resolvedPath(root.directory.isEmpty ? "." : root.directory), absolute.hasPrefix(directory + "/") else { continue }
        return SourceLayout.join(root.directory, String(decoding: absolute.utf8.dropFirst(directory.utf8.count + 1), as: UTF8.self))
      }
      return nil
    }
  }

  /// A path without links and from the root, also of a file that is not there yet; nil when its directory is not.
  public static func canonical(_ path: String) -> String? {
    if let found = resolvedPath(path) { return found }
    let directory = SourceLayout.directory(of: path)
    return resolvedPath(directory.isEmpty ? "." : directory).map { SourceLayout.join($0, SourceLayout.name(of: path)) }
  }

  /// How many functions the program has; nil while somebody compiles. Never waits.
  public func countFunctions() -> Int? {
    compiling.withLockIfAvailable { _ in world?.program.functions.count ?? 0 }
  }
}

extension ProgramFiles {
  /// With a file for what clients define at a prompt; it belongs to the main module.
  public func takingDefinitions() -> ProgramFiles {
    var program = self
    program.entries.append(SourceFile(path: Session.promptFile, text: []))
    return program
  }

  /// What stands for the program among the sessions of a machine: its project's directory, or its file, as an
  /// absolute path without links. nil when there is nothing at `path`.
  public static func root(of path: String) -> String? {
    if Files.isDirectory(path) { return resolvedPath(path) }
    if SourceLayout.name(of: path) == "project.lang" {
      let directory = SourceLayout.directory(of: path)
      return resolvedPath(directory.isEmpty ? "." : directory)
    }
    if let (directory, _) = enclosingProject(path) { return resolvedPath(directory.isEmpty ? "." : directory) }
    return resolvedPath(path)
  }
}
