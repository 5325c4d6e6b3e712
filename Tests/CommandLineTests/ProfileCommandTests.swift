// `lang profile`, and the names of machine code for tools beside the program, from outside.

import Foundation
import Testing

@Suite(.serialized, .enabled(if: FileManager.default.isExecutableFile(atPath: binary)))
struct ProfileCommandTests {
  private static let program = """
    (defn hot [n: Int] -> Int
      (if (< n 2)
        n
        (+ (hot (- n 1)) (hot (- n 2)))))
    (defn main [args: (Vec String)] -> Unit (println (len args) (hot 35)))
    """

  @Test func theHotFunctionComesFirst() throws {
    let folder = try Folder()
    try folder.write("a.lang", Self.program)
    for tier in ["interp", "jit"] {
      let run = try folder.lang("profile", "a.lang", "--tier", tier, "--", "x")
      #expect(run.code == 0 && run.out == "1 9227465\n")
      let lines = run.errors.split(separator: "\n", omittingEmptySubsequences: false)
      let header = try #require(lines.firstIndex { $0.hasSuffix("  function") }, "\(run.errors)")
      #expect(lines[header + 1].hasSuffix("  a/hot"), "\(run.errors)")
      let hottest = try #require(lines.firstIndex { $0.hasPrefix("hottest lines") })
      #expect(lines[hottest + 1].contains("  a.lang:"), "\(run.errors)")
      #expect(lines[1].hasPrefix("0.0 % in machine code, 100.0 % interpreted") == (tier == "interp"), "\(run.errors)")
      #expect(run.errors.contains("\nmachine code: none\n") == (tier == "interp"))
      #expect(run.errors.contains("\n  a/hot: ") == (tier == "jit"), "\(run.errors)")
    }
  }

  @Test func otherFormsGoToAFile() throws {
    let folder = try Folder()
    try folder.write("a.lang", Self.program)
    let folded = try folder.lang("profile", "a.lang", "--tier", "interp", "--format", "folded", "-o", "a.folded")
    #expect(folded == Finished(code: 0, out: "0 9227465\n", errors: ""))
    let text = try String(contentsOfFile: folder.path + "/a.folded", encoding: .utf8)
    #expect(text.contains("a/main;a/hot;a/hot;") && text.hasSuffix("\n"), "\(text)")
    let picture = try folder.lang("profile", "a.lang", "--format", "svg", "-o", "a.svg")
    #expect(picture.errors == "")
    let svg = try String(contentsOfFile: folder.path + "/a.svg", encoding: .utf8)
    #expect(svg.hasPrefix("<svg ") && svg.contains("<title>a/hot: "), "\(svg)")
    let trace = try folder.lang("profile", "a.lang", "--format", "trace").errors
    let events = try JSONSerialization.jsonObject(with: Data(trace.utf8)) as? [String: Any]
    #expect((events?["traceEvents"] as? [Any])?.count ?? 0 > 1, "\(trace)")
    let json = try folder.lang("profile", "a.lang", "--format", "speedscope")
    #expect(json.errors.hasPrefix("{\"$schema\":\"https://www.speedscope.app/") && json.errors.hasSuffix("}\n"), "\(json.errors)")
    _ = try JSONSerialization.jsonObject(with: Data(json.errors.utf8))
  }

  @Test func wrongUsage() throws {
    let folder = try Folder()
    try folder.write("a.lang", Self.program)
    let pie = try folder.lang("profile", "a.lang", "--format", "pie")
    #expect(pie.code == 2 && pie.out == "" && pie.errors.contains("'folded', 'svg'"), "\(pie)")
    let run = try folder.lang("profile", "a.lang", "-o", "no/such/file")
    #expect(run == Finished(code: 2, out: "", errors: "error: cannot write `no/such/file`: no such file\n"))
    #expect(try folder.lang("profile", "missing.lang").code == 1)
  }

  /// The exit and the panic are the program's.
  @Test func panicsAndExitsAreTheProgramsOwn() throws {
    let folder = try Folder()
    try folder.write("a.lang", "(defn main [] -> Unit (exit 7))")
    #expect(try folder.lang("profile", "a.lang").code == 7)
    try folder.write("b.lang", "(defn main [] -> Unit (println (/ 1 (len (args)))))")
    let run = try folder.lang("profile", "b.lang")
    #expect(run.code == 101 && run.errors.hasPrefix("panic: division by zero\n"), "\(run)")
  }

  @Test func figuresTellWhatWasDecided() throws {
    let folder = try Folder()
    try folder.write("a.lang", Self.program)
    let run = try folder.lang("run", "--stats", "--tier", "jit", "a.lang")
    #expect(run.errors.contains("\n  recorded before they were compiled ") && run.errors.contains("\n  took longest: a/"), "\(run.errors)")
  }

  @Test func namesForPerf() throws {
    let folder = try Folder()
    try folder.write("a.lang", Self.program)
    let process = Process()
    process.executableURL = URL(fileURLWithPath: binary)
    process.arguments = ["run", "--perf-map", "--tier", "jit", "a.lang"]
    process.currentDirectoryURL = URL(fileURLWithPath: folder.path)
    process.standardOutput = FileHandle.nullDevice
    process.standardError = FileHandle.nullDevice
    try process.run()
    process.waitUntilExit()
    let map = "/tmp/perf-\(process.processIdentifier).map"
    defer { try? FileManager.default.removeItem(atPath: map) }
    let lines = try String(contentsOfFile: map, encoding: .utf8).split(separator: "\n")
    #expect(process.terminationStatus == 0 && lines.contains { $0.contains(" a/hot [jit ") }, "\(lines)")
    for line in lines {
      let words = line.split(separator: " ", maxSplits: 2)
      #expect(words.count == 3 && Int(words[0], radix: 16) != nil && Int(words[1], radix: 16) ?? 0 > 0, "\(line)")
    }
  }
}
