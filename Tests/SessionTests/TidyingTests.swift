// A long session gives back what its edits leave behind: code, and the slots of functions and lambdas.

import Runtime
import Session
import Testing

@Suite(.serialized) struct TidyingTests {
  /// `kept` is a closure that lives in the loop's state; every edit changes the text it was made from.
  private func text(_ n: Int, extra: String = "") -> [UInt8] {
    Array(
      """
      (defrecord State [mut n: Int mut kept: (Fn [Int] Int)])
      (defn helper [x: Int\(extra)] -> Int (+ x \(n)))
      (defn make [n: Int] -> (Fn [Int] Int)
        (fn [x: Int] (+ x n \(n))))
      (defn start [] -> State (State 0 (make 1)))
      (defn step [s: State] -> Bool
        (set! (.n s) (+ (.n s) 1))
        (println ((.kept s) 100) ((make 1) 100) (fold (fn [a: Int x: Int] (+ a x \(n))) 0 (vec 1 2)) (helper 0))
        true)
      (defn main [] -> Unit (live-loop start step))
      """.utf8)
  }

  @Test(arguments: [false, true])
  func slotsAndCodeAreHandedOutAgain(stress: Bool) {
    let live = LiveProgram(tell: { _ in }) { $0.machine.stress = stress }
    #expect(live.load(text(0)).isEmpty)
    #expect(live.take(1))
    var old = text(0)
    var sizes: [Int] = []
    let rounds = stress ? 2 : 6
    for round in 0..<rounds {
      for i in 1...800 {
        let n = round * 800 + i
        // Every tenth edit gives `helper` another signature.
        let new = text(n, extra: n / 10 % 2 == 0 ? "" : " y: Int = 0")
        let report = live.apply([smallestEdit(old, new)])
        #expect(report.status == .committed)
        if report.status != .committed { return }
        old = new
      }
      _ = live.takeOutput()
      #expect(live.take(1))
      let n = (round + 1) * 800
      // The closure that was kept runs the code it was made with.
      #expect(live.takeOutput() == "101 \(101 + n) \(3 + 2 * n) \(n)\n")
      sizes.append(live.session.tables.slots)
    }
    // It does not grow from round to round.
    if !stress { #expect(sizes.last! < sizes[1] + 400, "\(sizes)") }
    #expect(live.stop())
  }
}
