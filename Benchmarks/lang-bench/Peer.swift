// Who is measured beside whom, and how each runs a program's text.

enum Peer: Hashable {
  case c, lang, luajitInterpreter, lua, luajit, node, sbcl, python

  var title: String {
    switch self {
    case .c: "C -O2"
    case .lang: "lang"
    case .luajitInterpreter: "luajit -joff"
    case .lua: "lua5.4"
    case .luajit: "luajit"
    case .node: "node"
    case .sbcl: "sbcl"
    case .python: "python3"
    }
  }

  /// Behind `×`, where ratios to it stand.
  var shortTitle: String { self == .c ? "C" : title }

  /// The executables that can do the job, the preferred one first.
  var tools: [String] {
    switch self {
    case .c: ["clang", "cc"]
    case .lang: ["lang"]
    case .luajitInterpreter, .luajit: ["luajit"]
    case .lua: ["lua5.4"]
    case .node: ["node"]
    case .sbcl: ["sbcl"]
    case .python: ["python3"]
    }
  }

  /// What a reader does about a peer shown as `-`.
  var hint: String {
    switch self {
    case .c: "apt-get install clang"
    case .lang: "swift build -c release --product lang"
    case .luajitInterpreter, .luajit: "apt-get install luajit"
    case .lua: "apt-get install lua5.4"
    case .node: "apt-get install nodejs"
    case .sbcl: "apt-get install sbcl"
    case .python: "apt-get install python3"
    }
  }

  var fileExtension: String {
    switch self {
    case .c: "c"
    case .lang: "lang"
    case .luajitInterpreter, .luajit, .lua: "lua"
    case .node: "js"
    case .sbcl: "lisp"
    case .python: "py"
    }
  }

  var versionOption: String {
    switch self {
    case .luajitInterpreter, .luajit, .lua: "-v"
    default: "--version"
    }
  }
}
