// Which file holds which module:
//
//     a single file    dir/a.lang            a            dir/x/y.lang          x.y
//     a project        src/game/main.lang    game.main    tests/physics.lang    tests.physics
//
// Invariant: `path(of:)` and `module(of:)` are inverse to each other for every file below a root.

import Frontend
import Runtime

public struct SourceLayout: Sendable {
  struct Root: Sendable {
    /// As it stands at the start of paths; empty for the directory one is in.
    var directory: String
    /// What stands before the names of its modules: `tests.`, or nothing.
    var prefix = ""
  }

  var roots: [Root]

  init(roots: [Root]) { self.roots = roots }

  /// Of a file by itself: what it imports lies beside it.
  public init(around path: String) { roots = [Root(directory: Self.directory(of: path))] }

  /// The module that the file at `path` holds: its place below the root, or its bare name if it lies
  /// elsewhere.
  public func module(of path: String) -> String {
    for root in roots {
      if let rest = Self.rest(of: path, below: root.directory) {
        return root.prefix + Self.withoutEnding(rest).split(separator: "/").joined(separator: ".")
      }
    }
    return Self.withoutEnding(Self.name(of: path))
  }

  /// Where a module's file has to be: a place for each root that can hold it.
  func paths(of module: String) -> [String] {
    roots.compactMap { root in
      guard module.hasPrefix(root.prefix) else { return nil }
      let rest = module.dropFirst(root.prefix.count).split(separator: ".")
      return rest.isEmpty ? nil : Self.join(root.directory, rest.joined(separator: "/") + ".lang")
    }
  }

  // MARK: Paths

  static func directory(of path: String) -> String {
    guard let slash = path.lastIndex(of: "/") else { return "" }
    return slash == path.startIndex ? "/" : String(path[..<slash])
  }

  static func name(of path: String) -> String {
    path.lastIndex(of: "/").map { String(path[path.index(after: $0)...]) } ?? path
  }

  static func withoutEnding(_ path: String) -> String { path.hasSuffix(".lang") ? String(path.dropLast(5)) : path }

  static func join(_ directory: String, _ name: String) -> String {
    if directory.isEmpty || directory == "." { return name }
    return directory.hasSuffix("/") ? directory + name : directory + "/" + name
  }

  private static func rest(of path: String, below directory: String) -> String? {
    if directory.isEmpty { return path.hasPrefix("/") ? nil : path }
    let start = directory.hasSuffix("/") ? directory : directory + "/"
    return path.hasPrefix(start) ? String(path.dropFirst(start.count)) : nil
  }
}

/// How a session gets at files, so that editors and tests can have them elsewhere than on disk.
public struct SourceAccess: Sendable {
  public var read: @Sendable (_ path: String) -> Result<[UInt8], FileProblem>
  /// The paths of the `.lang` files in and below a directory.
  public var list: @Sendable (_ directory: String) -> [String]

  public init(
    read: @escaping @Sendable (String) -> Result<[UInt8], FileProblem>, list: @escaping @Sendable (String) -> [String]
  ) {
    self.read = read
    self.list = list
  }

  public static let disk = SourceAccess(
    read: { Files.read($0, limit: Reader.maxTextSize + 1) }, list: { SourceTree($0, atMost: 500).files })

  /// Files that are given as text.
  public static func texts(_ texts: @escaping @Sendable () -> [String: [UInt8]]) -> SourceAccess {
    SourceAccess(
      read: { path in texts()[path].map { .success($0) } ?? .failure(.missing) },
      list: { directory in texts().keys.filter { directory.isEmpty || $0.hasPrefix(directory + "/") }.sorted() })
  }
}

/// The `.lang` files in and below a directory, in the order of their names. Names that begin with a point
/// are passed over.
struct SourceTree {
  var files: [String] = []
  /// Directories that lead back to one they lie in, by way of a link.
  var loops: [String] = []
  private let limit: Int

  init(_ directory: String, atMost limit: Int = .max) {
    self.limit = limit
    walk(directory, above: [])
  }

  private mutating func walk(_ directory: String, above: [String]) {
    guard let real = resolvedPath(directory.isEmpty ? "." : directory) else { return }
    if above.contains(real) {
      loops.append(directory)
      return
    }
    for name in Files.names(in: directory.isEmpty ? "." : directory) where !name.hasPrefix(".") {
      if files.count >= limit { return }
      let path = SourceLayout.join(directory, name)
      if Files.isDirectory(path) {
        walk(path, above: above + [real])
      } else if name.hasSuffix(".lang") {
        files.append(path)
      }
    }
  }
}
