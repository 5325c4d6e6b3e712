// Edits at bad times that live filetests cannot express: many at once, from several threads, and while code runs that
// does not end.

import CShims
import Frontend
import Runtime
import Session
import Testing

@Suite(.serialized) struct BadEditTests {
  static let text = """
    (defrecord State [mut n: Int])
    (defn a [] -> Int 0)
    (defn b [] -> Int 0)
    (defn start [] -> State (State 0))
    (defn step [s: State] -> Bool
      (println (a) (b))
      true)
    (defn main [] -> Unit (live-loop start step))
    """

  /// As a watcher sends them when an editor saves as fast as it can, every other text half-written.
  @Test func aThousandSavesBrokenAndGood() throws {
    let live = LiveProgram()
    #expect(live.load(Array(Self.text.utf8)).isEmpty)
    for i in 1...500 {
      let good = parts(Self.text, "(defn a [] -> Int 0)").joined(separator: "(defn a [] -> Int \(i))")
      let broken = i % 2 == 0 ? String(good.dropLast(5 + i % 40)) : parts(good, "[mut n: Int]").joined(separator: "[mut n: In]")
      #expect(live.replace(broken).status == .refused)
      #expect(live.replace(good).status == .committed)
    }
    #expect(live.take(1))
    #expect(live.takeOutput() == "500 0\n")
    #expect(live.stop())
    live.checkEvents("a thousand saves")
  }

  /// What initialisers do could not be taken back, so they are not run.
  @Test func newLayoutsAndValuesInAFullHeap() throws {
    let text = """
      (defrecord P [n: Int])
      (defrecord Q [n: Int])
      (defvar big: (Vec Q) (let [v (vec)] (for [i (range 450000)] (push! v (Q i))) v))
      (defn start [] -> P (P 1))
      (defn step [p: P] -> Bool (println (.n p) (len big)) true)
      (defn main [] -> Unit (live-loop start step))
      """
    let live = LiveProgram(tell: { _ in }) { $0.machine.heapLimit = 15 << 20 }
    #expect(live.load(Array(text.utf8)).isEmpty)
    #expect(live.take(1))
    let wider = parts(text, "[n: Int]").joined(separator: "[n: Int m: Int = 2]")
    let report = live.replace("(def more (P 3))\n" + wider)
    #expect(report.status == .refused)
    #expect(report.diagnostics.map(\.code.rawValue) == ["E0901"])
    #expect(report.diagnostics.first?.terminal.contains("not enough memory to keep what the program holds") == true)
    #expect(live.take(1))
    #expect(live.takeOutput() == "1 450000\n1 450000\n")
    // Without new values there is nothing to be taken back.
    #expect(live.replace(wider).status == .committed)
    #expect(live.stop())
  }

  /// While the program does not run into a safepoint of its own accord, and in every turn.
  @Test func clientsThatEditAtOnce() throws {
    let live = LiveProgram()
    let file = (path: "other.lang", text: "(defn c [] -> Int 0)")
    live.disk.update { $0[file.path] = Array(file.text.utf8) }
    let text = "(import other)\n" + parts(Self.text, "(a) (b)").joined(separator: "(a) (b) (other/c)")
    #expect(live.load(Array(text.utf8)).isEmpty)
    live.monitor.update { $0.turns = 1_000_000 }
    live.session.wake()
    let done = Monitor(0)
    for client in 0..<2 {
      Threads.start(stackBytes: 64 << 20) {
        for i in 1...50 {
          let new = client == 0 ? parts(text, "(defn a [] -> Int 0)").joined(separator: "(defn a [] -> Int \(i))") : "(defn c [k: Int = \(i)] -> Int k)"
          _ = live.session.apply([.replaceAll(path: client == 0 ? "main.lang" : "other.lang", text: Array(new.utf8))])
        }
        done.update { $0 += 1 }
      }
    }
    #expect(done.wait { $0 == 2 })
    #expect(live.monitor.wait { String(decoding: $0.output.suffix(200), as: UTF8.self).contains("\n50 0 50\n") })
    #expect(live.monitor.value.reports.allSatisfy { $0.status == .committed })
    #expect(live.stop())
  }

  /// The batch waits for the value; another one that comes meanwhile waits for the batch, and is not lost.
  @Test func anEditBehindAConstantThatNeverEnds() throws {
    let live = LiveProgram()
    #expect(live.load(Array(Self.text.utf8)).isEmpty)
    #expect(live.take(1))
    _ = live.takeOutput()
    let endless = parts(Self.text, "(defn a [] -> Int 0)").joined(
      separator: "(defn forever [] -> Int (println \"begun\") (while true (a)) 1) (def never (forever)) (defn a [] -> Int 1)")
    let good = parts(Self.text, "(defn b [] -> Int 0)").joined(separator: "(defn b [] -> Int 7)")
    let first = Monitor<CascadeReport?>(nil), second = Monitor<CascadeReport?>(nil)
    Threads.start(stackBytes: 64 << 20) {
      let report = live.session.apply([.replaceAll(path: "main.lang", text: Array(endless.utf8))])
      first.update { $0 = report }
    }
    #expect(live.monitor.wait { String(decoding: $0.output, as: UTF8.self).contains("begun") })
    Threads.start(stackBytes: 64 << 20) {
      let report = live.session.apply([.replaceAll(path: "main.lang", text: Array(good.utf8))])
      second.update { $0 = report }
    }
    live.session.requestInterrupt()
    #expect(first.wait { $0 != nil })
    #expect(second.wait { $0 != nil })
    #expect(first.value?.status == .refused)
    #expect(first.value?.diagnostics.map(\.code) == [.cannotApplyLive])
    #expect(second.value?.status == .committed)
    #expect(live.take(1))
    #expect(live.takeOutput() == "begun\n0 7\n")
    #expect(live.stop())
  }

  /// What comes while a batch is at work is taken together.
  @Test func batchesThatWaitAreOneCascade() throws {
    let live = LiveProgram()
    live.disk.update { $0["other.lang"] = Array("(defn c [] -> Int 0)".utf8) }
    let text = "(import other)\n" + parts(Self.text, "(a) (b)").joined(separator: "(a) (b) (other/c)")
    #expect(live.load(Array(text.utf8)).isEmpty)
    #expect(live.take(1))
    _ = live.takeOutput()
    let endless = parts(text, "(defn a [] -> Int 0)").joined(
      separator: "(defn forever [] -> Int (println \"begun\") (while true (a)) 1) (def never (forever)) (defn a [] -> Int 1)")
    let good = parts(text, "(defn b [] -> Int 0)").joined(separator: "(defn b [] -> Int (other/c))")
    let reports = Monitor<[CascadeReport]>([])
    func send(_ path: String, _ text: String) {
      Threads.start(stackBytes: 64 << 20) {
        let report = live.session.apply([.replaceAll(path: path, text: Array(text.utf8))])
        reports.update { $0.append(report) }
      }
    }
    send("main.lang", endless)
    #expect(live.monitor.wait { String(decoding: $0.output, as: UTF8.self).contains("begun") })
    for (i, (path, text)) in [("main.lang", good), ("other.lang", "(defn c [] -> Int 7)"), ("nowhere.lang", "(")].enumerated() {
      send(path, text)
      while live.session.queuedBatches <= i { sched_yield() }
    }
    live.session.requestInterrupt()
    #expect(reports.wait { $0.count == 4 })
    let told = live.monitor.value.reports
    #expect(told.map(\.status) == [.refused, .committed])
    #expect(told.last?.changed == ["main/a", "main/b", "other/c"] || told.last?.changed == ["main/b", "other/c"])
    #expect(reports.value.map(\.status).sorted { "\($0)" < "\($1)" } == [.committed, .committed, .refused, .unchanged])
    #expect(Set(reports.value.filter { $0.status == .committed }.map(\.id)) == [2])
    #expect(live.take(1))
    #expect(live.takeOutput() == "begun\n0 7 7\n")
    #expect(live.stop())
    live.checkEvents("batches that wait")
  }

  /// Restarting and quitting reach a value that never ends as well.
  @Test(arguments: [false, true]) func restartOrQuitWhileAConstantNeverEnds(_ quits: Bool) throws {
    let live = LiveProgram()
    #expect(live.load(Array(Self.text.utf8)).isEmpty)
    #expect(live.take(1))
    let endless = parts(Self.text, "(defn a [] -> Int 0)").joined(
      separator: "(defn forever [] -> Int (println \"begun\") (while true (a)) 1) (def never (forever)) (defn a [] -> Int 1)")
    let first = Monitor<CascadeReport?>(nil)
    Threads.start(stackBytes: 64 << 20) {
      let report = live.session.apply([.replaceAll(path: "main.lang", text: Array(endless.utf8))])
      first.update { $0 = report }
    }
    #expect(live.monitor.wait { String(decoding: $0.output, as: UTF8.self).contains("begun") })
    if quits { live.session.requestQuit() } else { live.session.requestRestart() }
    #expect(first.wait { $0 != nil })
    #expect(first.value?.status == .refused)
    if !quits {
      #expect(live.take(1))
      #expect(live.takeOutput().hasSuffix("0 0\n"))
    }
    #expect(live.stop())
  }
}
