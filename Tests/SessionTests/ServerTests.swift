// The session's server with clients of every kind: those that ask properly, several at once, and those that hang, flood,
// talk nonsense or die.

import Frontend
import Runtime
import Server
import Session
import Synchronization
import Testing

private let counter = """
  (defrecord Clock [mut ticks: Int])
  (defvar clock: Clock (Clock 0))
  (defn start [] -> Clock clock)
  (defn tick [c: Clock] -> Bool (set! (.ticks c) (+ (.ticks c) 1)) true)
  (defn main [] -> Unit (live-loop start tick))

  """

private func describe(_ report: JSONValue?) -> String {
  let names = report?["recompiled"]?.array?.compactMap(\.string) ?? []
  return ([report?["status"]?.string ?? "nothing"] + names).joined(separator: " ")
}

@Suite struct ServerTests {
  @Test func statusAndEdits() throws {
    let program = try ServedProgram(counter)
    let client = try program.connect()
    let other = try program.connect()
    #expect(other.demand("subscribe")["ok"] == .bool(true))
    let edit = #""edits":[{"file":"main.lang","range":{"start":{"line":4,"column":30},"end":{"line":4,"column":34}},"text":"\u0028do"}]"#
    // The range is the word `(set`; what comes of it is not sound.
    #expect(describe(client.demand("edit", edit)["report"]) == "refused")
    var status = client.demand("status")["status"]
    #expect(status?["problems"]?.array?.count == 1 && status?["edits"]?["refused"] == .integer(1))
    let mended = counter.replacing("1)) true", with: "10)) true")
    let answer = client.ask("edit", { out in
      out.array("edits") { out in
        out.object { out in
          out.field("file", program.place.root + "/main.lang")
          out.field("text", mended)
        }
      }
    })
    #expect(describe(try answer.get()["report"]) == "committed main/tick")
    status = client.demand("status")["status"]
    #expect(status?["problems"]?.array?.isEmpty == true && status?["edits"]?["committed"] == .integer(1))
    #expect(status?["program"]?.string == "main" && status?["functions"] == .integer(3) && status?["clients"] == .integer(2))
    // Each report once, and nothing else.
    #expect(other.next()?["status"]?.string == "refused")
    #expect(other.next()?["status"]?.string == "committed")
    #expect(other.demand("status")["ok"] == .bool(true))
    #expect(program.live.take(1))
    #expect(client.evaluated("(.ticks clock)") == ["10 : Int"])
    #expect(client.demand("edit", #""edits":[{"file":"main.lang","range":{"start":0,"end":1000000},"text":""}]"#).string?.contains("outside") == true)
    #expect(client.demand("edit", #""edits":[{"file":"/etc/passwd","text":""}]"#).string?.contains("not a file of this program") == true)
    program.stop()
  }

  @Test func batchesAreTakenWhole() throws {
    let program = try ServedProgram(counter)
    let client = try program.connect()
    // One edit alone would not be sound; each range counts on what the one before left.
    let batch = #""edits":[{"file":"main.lang","range":{"start":0,"end":0},"text":"(defn one [] -> Int (two))\n"},{"file":"main.lang","range":{"start":0,"end":0},"text":"(defn two [] -> Int 2)\n"}]"#
    #expect(describe(client.demand("edit", batch)["report"]) == "committed main/one main/two")
    #expect(client.evaluated("(one)") == ["2 : Int"])
    program.stop()
  }

  @Test func valuesThatAreNotThereYetAreNotRead() throws {
    let program = try ServedProgram(
      """
      (defrecord P [name: String])
      (defn made [] -> P (panic "boom"))
      (defvar first: Int 1)
      (defvar p: P (made))
      (defn shown [] -> String (.name p))
      (defn main [] -> Unit (println (shown)))
      """)
    defer { program.stop() }
    #expect(program.live.monitor.wait { $0.isPaused })
    let client = try program.connect()
    #expect(client.evaluated("(+ first 1) (shown)") == ["2 : Int", "note: `p` has no value yet: the start of the program has not come so far"])
  }

  @Test func evaluatesInTheProgram() throws {
    let program = try ServedProgram(counter)
    let client = try program.connect()
    #expect(program.live.take(3))
    #expect(client.evaluated("(.ticks clock) (set! (.ticks clock) 40)") == ["3 : Int", "()"])
    #expect(program.live.take(2))
    #expect(client.evaluated(#"(.ticks clock) (println "längst" 1)"#) == ["42 : Int", "> längst 1\n", "()"])
    #expect(client.evaluated("(defn twice [n: Int] -> Int (* 2 n)) (twice 4)") == ["defined twice", "8 : Int"])
    #expect(client.evaluated("(defn twice [n: Int] -> Int (* 3 n)) (twice 4)") == ["defined twice", "12 : Int"])
    // What is refused leaves no trace.
    #expect(client.evaluated("(defn twice [n: Int] -> Int nothing) (twice 4)") == ["E0201", "12 : Int"])
    #expect(client.evaluated("(nth (vec 1) 2) (+ 1 1)") == ["panic: index out of range: 2 is not in 0 to 0", "2 : Int"])
    #expect(client.evaluated("(+ 1 true)") == ["E0301"])
    #expect(client.evaluated("(exit 3)") == ["exit 3"])
    #expect(client.evaluated("(defn tick [c: Clock] -> Bool (set! (.ticks c) 7) true)") == ["defined tick"])
    #expect(program.live.take(1))
    #expect(client.evaluated("(.ticks clock)") == ["7 : Int"])
    #expect(client.demand("type", #""text":"(twice 1)""#)["result"]?["type"]?.string == "Int")
    #expect(client.demand("documentation", #""name":"twice""#)["text"]?.string == "(twice [n: Int] -> Int)")
    #expect(client.demand("names")["names"]?.array?.contains(.string(Array("twice".utf8))) == true)
    #expect(client.demand("disassemble", #""name":"tick""#)["text"]?.string?.contains("main/tick") != nil)
    // A panic there is no panic of the program, also within a loop of its own.
    #expect(client.evaluated("(restart-point here (println (/ 1 0)))").first == "panic: division by zero")
    #expect(program.live.monitor.value.panics.isEmpty)
    #expect(program.live.take(1))
    program.stop()
  }

  @Test func evaluatesWhilePausedAndWhenFinished() throws {
    let program = try ServedProgram(counter)
    let client = try program.connect()
    #expect(describe(client.demand("edit", edit(counter.replacing("(+ (.ticks c) 1)", with: "(/ 1 0)")))["report"]) == "committed main/tick")
    #expect(program.live.take(1))
    #expect(program.live.monitor.wait(until: \.isPaused))
    #expect(client.demand("status")["status"]?["panic"]?["message"]?.string == "division by zero")
    #expect(client.evaluated("(.ticks clock) (nth (vec 1) 2) (.ticks clock)") == ["0 : Int", "panic: index out of range: 2 is not in 0 to 0", "0 : Int"])
    #expect(describe(client.demand("edit", edit(counter))["report"]) == "committed")
    #expect(program.live.take(1))
    #expect(client.evaluated("(.ticks clock)") == ["1 : Int"])
    program.stop()
  }

  private func edit(_ text: String) -> String {
    var out = JSONWriter()
    out.value(text)
    return #""edits":[{"file":"main.lang","text":\#(out.text)}]"#
  }

  @Test func endlessEvaluationsAreInterrupted() throws {
    let program = try ServedProgram(counter)
    let client = try program.connect()
    let results = Monitor<[[String]]>([])
    let begun = Monitor(0)
    Threads.start {
      var found: [String] = []
      _ = client.ask("evaluate", { $0.field("text", "(while true ()) (+ 1 1)") }) { event in
        if event["event"]?.string == "evaluating" { begun.update { $0 += 1 } }
        if let result = event["result"].flatMap({ Evaluated($0) }), case .panic(let panic) = result { found.append(panic.message) }
      }
      let all = found
      results.update { $0.append(all) }
    }
    #expect(begun.wait { $0 == 1 })
    // Another client's waits behind it, and can be given up.
    let second = try program.raw()
    #expect(second.sendAll(Array("{\"id\":7,\"do\":\"evaluate\",\"text\":\"(+ 1 2)\"}\n{\"id\":8,\"do\":\"interrupt\"}\n".utf8)))
    var heard: [UInt8] = []
    while !String(decoding: heard, as: UTF8.self).contains("{\"id\":7,"), case .bytes(let piece) = second.receive() { heard += piece }
    #expect(!String(decoding: heard, as: UTF8.self).contains("\"evaluating\""))
    let third = try program.connect()
    #expect(third.demand("status")["ok"] == .bool(true))
    // It interrupts its own only.
    #expect(third.demand("interrupt").string?.contains("nothing of yours") == true)
    client.interrupt()
    #expect(results.wait { $0.count == 1 })
    #expect(results.value.last == ["interrupted"])
    #expect(program.live.take(1))
    #expect(third.evaluated("(.ticks clock)") == ["1 : Int"])
    program.stop()
  }

  @Test func clientsThatDie() throws {
    let program = try ServedProgram(counter)
    // In the middle of a request, in the middle of an evaluation, and before an answer.
    _ = try program.raw().sendAll(Array(#"{"id":1,"do":"edit","edits":[{"file":"main.lang","text":"(defn"#.utf8))
    for text in ["(while true ())", "(while true (println \"x\"))"] {
      let endless = try program.raw()
      #expect(endless.sendAll(Array("{\"id\":1,\"do\":\"evaluate\",\"text\":\"\(text.replacing("\"", with: "\\\""))\"}\n".utf8)))
      while true {
        guard case .bytes(let piece) = endless.receive() else { break }
        if String(decoding: piece, as: UTF8.self).contains("evaluating") { break }
      }
    }
    _ = try program.raw().sendAll(Array("{\"id\":1,\"do\":\"edit\",\"edits\":[{\"file\":\"main.lang\",\"range\":{\"start\":0,\"end\":0},\"text\":\"(defn late [] -> Int 5)\"}]}\n".utf8))
    let client = try program.connect()
    #expect(program.live.take(2))
    #expect(client.evaluated("(.ticks clock)") == ["2 : Int"])
    #expect(client.demand("status")["status"]?["edits"]?["refused"] == .integer(0))
    program.stop()
  }

  @Test func twoClientsEditAtOnce() throws {
    let program = try ServedProgram(counter)
    let finished = Monitor<[[String]]>([])
    for name in ["a", "b"] {
      let client = try program.connect()
      Threads.start {
        var reports: [String] = []
        for i in 0..<50 {
          let text = "(defn \(name)\(i) [] -> Int \(i))\\n"
          reports.append(describe(client.demand("edit", #""edits":[{"file":"main.lang","range":{"start":0,"end":0},"text":"\#(text)"}]"#)["report"]))
        }
        let all = reports
        finished.update { $0.append(all) }
      }
    }
    #expect(finished.wait { $0.count == 2 })
    #expect(finished.value.joined().allSatisfy { $0.hasPrefix("committed main/") })
    let client = try program.connect()
    #expect(client.demand("status")["status"]?["functions"] == .integer(103))
    #expect(client.evaluated("(+ (a49) (b49))") == ["98 : Int"])
    program.stop()
  }

  @Test func aThousandEditsInOneGo() throws {
    let program = try ServedProgram(counter)
    let watcher = try program.connect()
    #expect(watcher.demand("subscribe")["ok"] == .bool(true))
    let socket = try program.raw()
    let base = "(defn value [] -> Int 0)\n"
    #expect(socket.sendAll(Array("{\"do\":\"edit\",\"edits\":[{\"file\":\"main.lang\",\"range\":{\"start\":0,\"end\":0},\"text\":\"\(base.dropLast())\\n\"}]}\n".utf8)))
    var requests: [UInt8] = []
    for i in 1...1000 {
      requests += "{\"id\":\(i),\"do\":\"edit\",\"edits\":[{\"file\":\"main.lang\",\"range\":{\"start\":22,\"end\":\(22 + "\(i - 1)".utf8.count)},\"text\":\"\(i)\"}]}\n".utf8
    }
    let isSent = Monitor<Bool?>(nil)
    let all = requests
    Threads.start {
      let sent = socket.sendAll(all)
      isSent.update { $0 = sent }
    }
    var (answers, good, rest) = (0, 0, [UInt8]())
    while answers < 1001, case .bytes(let piece) = socket.receive() {
      rest += piece
      while let newline = rest.firstIndex(of: 10) {
        let answer = try JSONReader.read(rest[..<newline]).get()
        rest.removeSubrange(...newline)
        guard answer["ok"] != nil else { continue }
        answers += 1
        if answer["report"]?["status"]?.string == "committed" { good += 1 }
      }
    }
    #expect(answers == 1001 && good == 1001 && isSent.value == true)
    var seen = 0
    while seen < 1001, watcher.next()?["status"]?.string == "committed" { seen += 1 }
    #expect(seen == 1001)
    #expect(watcher.evaluated("(value)") == ["1000 : Int"])
    program.stop()
  }

  @Test func nonsenseIsAnsweredAndEnded() throws {
    let program = try ServedProgram(counter)
    func lines(_ bytes: [UInt8]) throws -> [String] {
      let socket = try program.raw()
      // It may be gone before it has everything.
      _ = socket.sendAll(bytes)
      var all: [UInt8] = []
      while case .bytes(let piece) = socket.receive() { all += piece }
      return String(decoding: all, as: UTF8.self).split(separator: "\n").dropFirst().map(String.init)
    }
    let garbage = try lines(Array(repeating: Array("\u{0}\u{1}ÿ]{\n".utf8), count: 100).flatMap { $0 })
    #expect(garbage.count == 17 && garbage[0].contains("this is no JSON") && garbage[16].contains("goodbye"))
    let long = try lines(Array(repeating: UInt8(ascii: "["), count: 20 << 20))
    #expect(long == [#"{"id":null,"ok":false,"error":"a request is longer than 16 MB"}"#])
    let deep = try lines(Array((String(repeating: "[", count: 100_000) + "\n").utf8) + Array(repeating: Array("x\n".utf8), count: 15).flatMap { $0 })
    #expect(deep[0].contains("nested more than 32 deep"))
    let client = try program.connect()
    #expect(client.demand("nonsense").string?.contains("there is nothing called `nonsense`") == true)
    #expect(client.demand("stats").string?.contains("did you mean `status`?") == true)
    #expect(client.demand("edit").string == "the field `edits` is missing or no array")
    #expect(client.demand("status")["ok"] == .bool(true))
    program.stop()
  }

  @Test func aClientThatDoesNotReadIsDropped() throws {
    let program = try ServedProgram(counter)
    let deaf = try program.raw()
    #expect(deaf.sendAll(Array(#"{"do":"evaluate","text":"(while true (println \"and on and on and on and on and on and on and on\"))"}"#.utf8) + [10]))
    // Its evaluation ends with it: the program goes on.
    let client = try program.connect()
    #expect(client.evaluated("(+ 1 1)") == ["2 : Int"])
    #expect(program.live.take(1))
    program.stop()
  }

  @Test func manyClientsThatSayNothing() throws {
    let program = try ServedProgram(counter)
    let silent = try (0..<40).map { _ in try program.raw() }
    let client = try program.connect()
    #expect(client.demand("status")["status"]?["clients"] == .integer(32))
    #expect(silent.count == 40)
    program.stop()
  }

  @Test func restartsReachTheProgram() throws {
    let program = try ServedProgram(counter)
    // The event may come before the answer, so another client waits for it.
    let (client, asking) = (try program.connect(), try program.connect())
    #expect(client.demand("subscribe")["ok"] == .bool(true))
    #expect(asking.demand("restart")["ok"] == .bool(true))
    #expect(client.next()?["event"]?.string == "restarted")
    #expect(program.restarts.load(ordering: .relaxed) == 1)
    program.stop()
    while client.next() != nil {}
    #expect(SessionConnection.open(program.place).failure == .noSession)
  }

  @Test func socketsOfDeadSessionsAreReplaced() throws {
    let program = try ServedProgram(counter)
    // A second one of the same project.
    let second = SessionServer(title: "main", root: program.place.root)
    let actions = ServerActions(restart: { nil }, quit: {})
    #expect(second.open(at: program.place, program.live.session, actions) == .occupied(process: Process.identifier))
    #expect(SessionConnection.open(program.place).failure == nil)
    program.server.close()
    // What is left when a process is killed: the files, and nobody behind them.
    _ = Files.create(program.place.lock, Array("1\n/nowhere".utf8))
    _ = try SocketListener.open(program.place.socket).get()
    #expect(SessionConnection.open(program.place).failure == .noSession)
    #expect(second.open(at: program.place, program.live.session, actions) == nil)
    #expect(SessionConnection.open(program.place).failure == nil)
    second.close()
    program.stop()
    #expect(Files.names(in: String(program.place.socket.dropLast(22))).isEmpty)
  }
}

extension Result {
  var failure: Failure? { if case .failure(let failure) = self { failure } else { nil } }
}
