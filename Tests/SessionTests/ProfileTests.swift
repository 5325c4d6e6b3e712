// Profiles as they are shown, machine code by its names, and what debuggers are told.

import Frontend
import JIT
import Runtime
import Server
import Session
import Synchronization
import Testing

@Suite(.serialized) struct ProfileTests {
  // MARK: What is shown

  private static let profile: Profile = {
    var profile = Profile()
    profile.frames = [
      .init(function: "game/main", file: "game.lang", line: 30), .init(function: "game/tick", file: "game.lang", line: 12),
      .init(function: "game/tick", file: "game.lang", line: 14), .init(function: "prelude/nth"), .omission, .init(function: "show of Point"),
    ]
    profile.stacks = [
      .init(frames: [1, 0], isMachineCode: true, samples: 1500, time: 1_500_000),
      .init(frames: [3, 2, 0], isMachineCode: true, samples: 300, time: 300_400),
      .init(frames: [2, 4, 1, 0], isMachineCode: false, samples: 20, time: 20_000),
      .init(frames: [5, 0], isMachineCode: false, samples: 1, time: 900),
      .init(frames: [0], isMachineCode: false, samples: 1, time: 100),
    ]
    profile.wall = 1_910_000
    profile.sources = ["game.lang": [12: "  (for [i (range 1000)]\t", 14: "    (nth " + String(repeating: "x", count: 200) + ")", 30: "(defn main [] -> Unit (live-loop start tick))"]]
    var tick = MachineCodeUnit(name: "game/tick", isLoop: false)
    (tick.callees, tick.closures) = (["prelude/nth", "game/main.fn"], ["game/main.fn"])
    (tick.rareWays, tick.recorded, tick.bytes, tick.time) = (1, 4096, 12345, 12_300)
    var main = MachineCodeUnit(name: "game/main", isLoop: true)
    (main.bytes, main.time) = (800, 4000)
    profile.units = [tick, main]
    profile.failures = [("game/start", "it is too long")]
    return profile
  }()

  @Test func text() {
    #expect(
      Self.profile.text() == """
        1.82 s of processor time in 1,822 samples; 1.91 s from start to end
        98.8 % in machine code, 1.2 % interpreted

             self    total  machine  interp.  function
           83.5 %   99.9 %   82.4 %    1.1 %  game/tick
           16.5 %   16.5 %   16.5 %        -  prelude/nth
            0.0 %    0.0 %        -    0.0 %  show of Point
            0.0 %  100.0 %        -    0.0 %  game/main

        hottest lines, with what they call of the prelude
           82.4 %  game.lang:12  (for [i (range 1000)]
           17.6 %  game.lang:14  (nth xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx…
            0.1 %  game.lang:30  (defn main [] -> Unit (live-loop start tick))

        machine code: what was recorded and decided, in the order of compilation
          game/tick: 12,345 bytes in 12.3 ms, by 4,096 recorded instructions; 1 way that never ran left to bytecode
            takes along prelude/nth, game/main.fn
            calls directly, when it is the closure at hand, game/main.fn
          game/main, a loop: 800 bytes in 4.0 ms, without a record
          game/start: not compiled, since it is too long

        """, "\(Self.profile.text())")
    #expect(Profile().text() == "no samples: the program was over, or waited, before the first millisecond of work\n\nmachine code: none\n")
  }

  @Test func folded() {
    #expect(
      Self.profile.folded() == """
        game/main 100
        game/main;game/tick;...;game/tick 20000
        game/main;game/tick;prelude/nth_[jit] 300400
        game/main;game/tick_[jit] 1500000
        game/main;show_of_Point 900

        """, "\(Self.profile.folded())")
  }

  @Test func speedscope() throws {
    let text = Self.profile.speedscope(name: "game.lang")
    let json = try JSONReader.read(Array(text.utf8)).get()
    #expect(json["shared"]?["frames"]?.array?.count == 12)
    let shown = try #require(json["profiles"]?.array?.first)
    #expect(shown["samples"]?.array?.count == 5 && shown["weights"]?.array?.count == 5 && shown["endValue"]?.integer == 1_821_400)
    #expect(text.contains("[0,7]"), "machine code has frames of its own: \(text)")
  }

  @Test func flames() {
    let text = Self.profile.flames(name: "a & b")
    #expect(text.hasPrefix("<svg ") && text.hasSuffix("</svg>\n") && text.contains(">a &amp; b</text>"), "\(text)")
    #expect(text.contains("<title>game/tick: 99.9 %, 1.82 s, 98.9 % of it machine code</title>"), "\(text)")
    // What is below starts where its caller does.
    #expect(text.split(separator: "<g>").count { $0.contains("<rect x=\"0.0\"") } >= 4, "\(text)")
    #expect(Profile().flames(name: "empty").contains("</svg>"))
  }

  @Test func trace() {
    var profile = Self.profile
    profile.moments = [
      .init(stack: 0, end: 1000, time: 1000), .init(stack: 0, end: 2000.25, time: 1000), .init(stack: 1, end: 3000, time: 999),
      // Behind a pause.
      .init(stack: 4, end: 9000, time: 1000),
    ]
    func event(_ name: String, _ start: String, _ time: String) -> String {
      "{\"name\":\"\(name)\",\"ph\":\"X\",\"pid\":1,\"tid\":1,\"ts\":\(start),\"dur\":\(time)}"
    }
    #expect(
      profile.trace(name: "game.lang") == """
        {"displayTimeUnit":"ms","traceEvents":[{"name":"process_name","ph":"M","pid":1,"tid":1,"args":{"name":"game.lang"}},\
        \(event("game/tick [jit]", "0.0", "2000.3")),\(event("prelude/nth [jit]", "2000.3", "999.8")),\(event("game/tick", "2000.3", "999.8")),\
        \(event("game/main", "0.0", "3000.0")),\(event("game/main", "8000.0", "1000.0"))]}

        """, "\(profile.trace(name: "game.lang"))")
  }

  // MARK: Names of machine code

  /// Where the object's parts are.
  private enum Place { static let text = 64, symbols = 80, names = 152, sections = 160 }

  /// An object file with two functions, a local and a global one, and a variable.
  private static let object: [UInt8] = {
    func number(_ value: Int, _ bytes: Int) -> [UInt8] { (0..<bytes).map { UInt8(value >> ($0 * 8) & 255) } }
    func section(_ type: Int, _ start: Int, _ length: Int, link: Int = 0) -> [UInt8] {
      number(0, 4) + number(type, 4) + number(0, 16) + number(start, 8) + number(length, 8) + number(link, 4) + number(0, 20)
    }
    func symbol(_ name: Int, _ info: Int, _ section: Int, _ value: Int, _ size: Int) -> [UInt8] {
      number(name, 4) + [UInt8(info), 0] + number(section, 2) + number(value, 8) + number(size, 8)
    }
    let names = Array("\0f\0a/g\0".utf8) + [0]
    var bytes: [UInt8] = [0x7F, 0x45, 0x4C, 0x46, 2, 1, 1] + number(0, 9)
    bytes += number(1, 2) + number(62, 2) + number(1, 4) + number(0, 16) + number(Place.sections, 8) + number(0, 4)
    bytes += number(64, 2) + number(0, 4) + number(64, 2) + number(4, 2) + number(3, 2)
    bytes += [UInt8](repeating: 0x90, count: 16)
    bytes += symbol(1, 0x02, 1, 0, 6) + symbol(3, 0x12, 1, 8, 5) + symbol(1, 0x11, 1, 0, 1)
    bytes += names
    bytes += section(0, 0, 0) + section(1, Place.text, 16) + section(2, Place.symbols, 72, link: 3) + section(3, Place.names, names.count)
    return bytes
  }()

  @Test func functionsOfAnObjectFile() {
    #expect(
      ELFFunction.all(in: Self.object) == [
        ELFFunction(name: "f", section: 1, offset: 0, bytes: 6), ELFFunction(name: "a/g", section: 1, offset: 8, bytes: 5),
      ])
  }

  /// Whatever stands in the bytes, reading them ends.
  @Test func brokenObjectFiles() {
    for count in Self.object.indices { #expect(ELFFunction.all(in: Array(Self.object[..<count])) == nil) }
    var random = SeededGenerator(seed: 7)
    for _ in 0..<20_000 {
      var bytes = Self.object
      for _ in 0..<Int.random(in: 1...4, using: &random) {
        bytes[Int.random(in: bytes.indices, using: &random)] = [0, 1, 127, 128, 255].randomElement(using: &random)!
      }
      _ = ELFFunction.all(in: bytes)
    }
  }

  private static let source = """
    (defn square [n: Int] -> Int (* n n))
    (defn fib [n: Int] -> Int (if (< n 2) n (+ (fib (- n 1)) (fib (- n 2)))))
    (defn sum [n: Int] -> Int
      (let [mut s 0]
        (for [i (range n)] (set! s (+ s (square i))))
        s))
    (defn main [] -> Unit (println (sum 1000) (fib 12)))
    """

  @Test func machineCodeHasNames() {
    let found = Mutex<[LinkedFunction]>([])
    let run = Execution.run(Array(Self.source.utf8), path: "game.lang") {
      $0.tier = .jit
      $0.jitThreshold = 2
      $0.onLinked = { functions in found.withLock { $0 += functions } }
    }
    #expect(run.exit == 0 && String(decoding: run.stdout, as: UTF8.self) == "332833500 144\n")
    let functions = found.withLock { $0 }
    #expect(functions.contains { $0.name.hasPrefix("game/fib [jit ") }, "\(functions)")
    #expect(functions.contains { $0.name.hasPrefix("game/sum [") }, "\(functions)")
    #expect(functions.allSatisfy { $0.bytes > 0 && $0.address != 0 })
    let sorted = functions.sorted { $0.address < $1.address }
    #expect(zip(sorted, sorted.dropFirst()).allSatisfy { $0.address + UInt($0.bytes) <= $1.address }, "\(sorted)")
  }

  @Test func debuggersAreTold() {
    let before = Tiering.debuggedObjects
    let most = Mutex(0)
    let run = Execution.run(Array(Self.source.utf8), path: "game.lang") {
      $0.tier = .jit
      $0.jitThreshold = 2
      $0.tiering.isDebugged = true
      $0.onLinked = { _ in most.withLock { $0 = max($0, Tiering.debuggedObjects) } }
    }
    #expect(run.exit == 0 && String(decoding: run.stdout, as: UTF8.self) == "332833500 144\n")
    #expect(most.withLock { $0 } > before)
  }
}
