// Edits, restarts, interrupts and evaluations while machine code runs: what is compiled into other code is never run when it is not
// current any more, and what is not run any more is given back.

import Frontend
import JIT
import Runtime
import Session
import Testing

@Suite(.serialized) struct TierEditTests {
  private func live(_ tier: Tier, _ adjust: (inout SessionOptions) -> Void = { _ in }) -> LiveProgram {
    LiveProgram(tell: { _ in }) {
      $0.tier = tier
      $0.jitThreshold = 2
      adjust(&$0)
    }
  }

  private func hasPrinted(_ live: LiveProgram, _ word: String) -> Bool {
    live.monitor.wait { String(decoding: $0.output, as: UTF8.self).contains(word) }
  }

  /// Takes in one text after the other, each once the program has printed what shows the one before.
  private func takesIn(_ live: LiveProgram, _ count: Int, _ text: (Int) -> String, shown: (Int) -> String) -> Bool {
    for n in 0..<count {
      if n > 0 { #expect(live.replace(text(n)).status == .committed) }
      guard hasPrinted(live, shown(n)) else {
        Issue.record("edit \(n) is not seen: \(live.takeOutput())")
        return false
      }
    }
    return true
  }

  /// A loop takes `rate` in, `scaled` is called in between, and a closure calls it too.
  private static func hot(_ n: Int) -> String {
    """
    (defn rate [x: Int] -> Int (+ (bit-and x 0) \(n)))
    (defn scaled [x: Int] -> Int (* 2 (rate x)))
    (defn start [] -> Int 0)
    (defn step [n: Int] -> Bool
      (let [mut sum 0 mut twice 0]
        (for [i (range 40)]
          (set! sum (+ sum (rate i)))
          (set! twice (+ twice (scaled i))))
        (println sum twice (fold (fn [a x] (+ a (rate x))) 0 (range 10)))
        true))
    (defn main [] -> Unit (live-loop start step))
    """
  }

  @Test(arguments: [Tier.jit, .auto])
  func everyEditIsSeenAtTheNextTurn(_ tier: Tier) {
    let live = live(tier)
    #expect(live.load(Array(Self.hot(0).utf8)).isEmpty)
    #expect(live.take(1))
    var sizes: [Int] = []
    for n in 1...150 {
      _ = live.takeOutput()
      let report = live.replace(Self.hot(n))
      guard report.status == .committed, live.take(1) else {
        Issue.record("edit \(n): \(report.status)")
        return
      }
      let (printed, expected) = (live.takeOutput(), "\(40 * n) \(80 * n) \(10 * n)\n")
      guard printed == expected else {
        Issue.record("edit \(n): printed \(printed)instead of \(expected)")
        return
      }
      if n % 50 == 0 { sizes.append(live.session.tables.codes) }
    }
    // What is compiled in the background may have come to nothing before each edit: now that there are no more of them it does not.
    #expect(live.takeTurns { $0.native.functions > 0 || $0.native.problem != nil })
    let found = live.session.statistics.native
    #expect(found.problem == nil && found.functions > 0)
    if tier == .jit {
      #expect(found.invalidated >= 140)
      #expect(found.freed > found.invalidated - 100, "\(found.freed) freed of \(found.invalidated)")
    }
    // Code that is being compiled, or waits for the next hook, is little.
    #expect(sizes.last! < sizes[0] + 40, "\(sizes)")
    #expect(live.stop())
  }

  /// The first turn behind an edit already runs the new code, whose panic nobody hears of before the edit.
  @Test(arguments: [Tier.interp, .jit, .auto])
  func anEditIsToldBeforeThePanicOfItsCode(_ tier: Tier) {
    func text(_ n: Int) -> String {
      """
      (defn start [] -> Int 0)
      (defn work [n: Int] -> Int (do (println "work" \(n)) (if (= \(n % 2) 1) (panic "in \(n)") n)))
      (defn step [n: Int] -> Bool (do (work n) true))
      (defn main [] -> Unit (live-loop start step))
      """
    }
    // Whoever is told of the edit lets the program go on, and waits until it has run the new code.
    let seen = Monitor<(live: LiveProgram?, edit: Int)>((nil, 0))
    let live = LiveProgram(tell: { event in
      guard case .cascade(let report) = event, report.status == .committed else { return }
      let (live, edit) = seen.value
      guard let live, edit % 2 == 1 else { return }
      live.monitor.update { $0.turns += 1 }
      live.session.wake()
      #expect(live.monitor.wait { String(decoding: $0.output, as: UTF8.self).contains("work \(edit)\n") })
    }) {
      $0.tier = tier
      $0.jitThreshold = 2
    }
    #expect(live.load(Array(text(0).utf8)).isEmpty)
    #expect(live.take(1))
    for n in 1...40 {
      _ = live.takeOutput()
      seen.update { $0 = (live, n) }
      // Every second edit goes the long way.
      #expect(live.replace(text(n) + (n % 4 > 1 ? "\n(def unused \(n))\n" : "")).status == .committed)
      if n % 2 == 1 { #expect(live.monitor.wait { $0.panics.count == (n + 1) / 2 }) } else { #expect(live.take(1)) }
    }
    let order = live.monitor.value.events.compactMap { $0.hasPrefix("{\"event\":\"cascade\"") ? "edit" : $0.hasPrefix("{\"event\":\"panic\"") ? "panic" : nil }
    #expect(order == (1...40).flatMap { $0 % 2 == 1 ? ["edit", "panic"] : ["edit"] })
    seen.update { $0.live = nil }
    #expect(live.stop())
  }

  @Test(arguments: [Tier.jit, .auto])
  func anEndlessLoopCallsWhatThereIs(_ tier: Tier) {
    func text(_ n: Int) -> String {
      """
      (defn word [n: Int] -> Int (bit-or \(n) (bit-and n 0)))
      (defn main [] -> Unit
        (let [mut n 0 mut last -1]
          (while true
            (set! n (+ n 1))
            (let [w (word n)] (when (!= w last) (set! last w) (println "word" w "."))))))
      """
    }
    let live = live(tier)
    #expect(live.load(Array(text(0).utf8)).isEmpty)
    guard takesIn(live, 60, text, shown: { "word \($0) ." }) else { return }
    let printed = live.takeOutput()
    #expect(lines(printed) == (0..<60).map { "word \($0) ." })
    #expect(live.stop())
  }

  /// Constants are numbers in machine code. An edit is taken in while a loop spins that the code in `main` calls, which knows the constant too.
  @Test(arguments: [Tier.jit, .auto])
  func anEndlessLoopReadsTheConstantsThereAre(_ tier: Tier) {
    func text(_ n: Int) -> String {
      """
      (def limit \(n))
      (def half (/ (float limit) 2.0))
      (defn wait [old: Int] -> Unit (while (= old limit)))
      (defn half-of [n: Int] -> Float (if (= n 0) half (half-of (- n 1))))
      (defn main [] -> Unit
        (let [mut before -1]
          (while true
            (wait before)
            (let [now limit]
              (println before now half (half-of 3))
              (set! before now)))))
      """
    }
    let live = live(tier)
    #expect(live.load(Array(text(0).utf8)).isEmpty)
    guard takesIn(live, 60, text, shown: { "\($0 - 1) \($0) " }) else { return }
    func half(_ n: Int) -> String { "\(n / 2).\(n % 2 * 5)" }
    #expect(lines(live.takeOutput()) == (0..<60).map { "\($0 - 1) \($0) \(half($0)) \(half($0))" })
    #expect(live.stop())
  }

  /// The same where the loop that spins is that of a closure which machine code calls in place of a function it waits for, and has hardly
  /// ever called: so by its slot, and what comes back has returned by itself.
  @Test(arguments: [Tier.jit, .auto])
  func aTailCallToTheOutsideLetsEditsIn(_ tier: Tier) {
    func text(_ n: Int) -> String {
      """
      (def limit \(n))
      (defn through [wait: (Fn [Int] Int) old: Int] -> Int (wait old))
      (defn turn [wait: (Fn [Int] Int) old: Int] -> Int (let [one (through wait old)] (+ (* limit 10) one)))
      (defn main [] -> Unit
        (let [spin (fn [old: Int] (do (while (= old limit)) 1)) mut before -1]
          (while true
            (let [mut sum 0]
              (for [i (range 3000)] (set! sum (+ sum (turn (fn [old: Int] (+ old i)) 1))))
              (println before (turn spin before) (< sum 0))
              (set! before limit)))))
      """
    }
    let live = live(tier)
    #expect(live.load(Array(text(0).utf8)).isEmpty)
    guard takesIn(live, 60, text, shown: { "\($0 - 1) \($0 * 10 + 1) false" }) else { return }
    #expect(lines(live.takeOutput()) == (0..<60).map { "\($0 - 1) \($0 * 10 + 1) false" })
    #expect(live.stop())
  }

  /// An initialiser that panics leaves the values of before, which may be built in again; a constant that becomes a variable may not.
  @Test(arguments: [Tier.jit, .auto])
  func constantsThatAreTakenBackOrGoAreReadAsTheyAre(_ tier: Tier) {
    func text(_ values: String, _ rest: String = "") -> String {
      """
      \(values)
      (defn start [] -> Int 0)
      (defn sum [n: Int] -> Int (let [mut sum 0] (for [_ (range n)] (set! sum (+ sum rate))) sum))
      (defn step [n: Int] -> Bool (do \(rest) (println (sum 100) (sum 10)) true))
      (defn main [] -> Unit (live-loop start step))
      """
    }
    let live = live(tier)
    #expect(live.load(Array(text("(def rate 1)").utf8)).isEmpty)
    func turns(_ n: Int) -> [String] {
      _ = live.takeOutput()
      #expect(live.take(n))
      return lines(live.takeOutput())
    }
    let one = [String](repeating: "100 10", count: 20), two = [String](repeating: "200 20", count: 20)
    #expect(turns(20) == one)
    #expect(live.replace(text("(def none 0)\n(def rate (/ 1 none))")).status == .refused)
    #expect(turns(20) == one)
    #expect(live.replace(text("(def rate 2)")).status == .committed)
    #expect(turns(20) == two)
    #expect(live.replace(text("(defvar rate 2)")).status == .committed)
    #expect(turns(20) == two)
    #expect(live.replace(text("(defvar rate 2)", "(set! rate (+ rate 1))")).status == .committed)
    #expect(turns(20) == (3...22).map { "\($0 * 100) \($0 * 10)" })
    #expect(live.replace(text("(def rate 1)")).status == .committed)
    #expect(turns(20) == one)
    #expect(live.restart(isAnywhere: true))
    #expect(turns(20) == one)
    #expect(live.stop())
  }

  /// A frame of machine code below the boundary relies on a layout that changes.
  @Test func framesOfMachineCodeAreCondemned() {
    func text(_ fields: String, _ goesOn: Bool) -> String {
      """
      (defrecord Player [mut hp: Int\(fields)])
      (defvar hero: Player (Player 5))
      (defn start [] -> Int 0)
      (defn step [n: Int] -> Bool (do (println "turn") \(goesOn)))
      (defn play [n: Int] -> Int (do (live-loop start step) n))
      (defn outer [p: Player] -> Int (let [a (.hp p)] (+ a (play a) (.hp p))))
      (defn main [] -> Unit (do (outer2 3) (println "end")))
      (defn outer2 [n: Int] -> Int (let [a (* n 2)] (+ a (outer hero))))
      """
    }
    func story(_ tier: Tier) -> [String] {
      let live = live(tier) { $0.jitThreshold = 1 }
      #expect(live.load(Array(text("", true).utf8)).isEmpty)
      #expect(live.take(2))
      var story = [live.replace(text(" mut armour: Int = 1", true)).status.rawValue]
      #expect(live.take(1))
      story.append(live.replace(text(" mut armour: Int = 1", false)).status.rawValue)
      _ = live.take(1)
      #expect(live.monitor.wait { !$0.panics.isEmpty })
      story += live.monitor.value.panics.map { $0.terminal(colours: false) }
      story.append(live.takeOutput())
      #expect(live.restart(isAnywhere: true))
      #expect(live.take(1))
      story.append(live.takeOutput())
      if tier != .interp { #expect(live.session.statistics.native.functions > 0) }
      #expect(live.stop())
      return story
    }
    let expected = story(.interp)
    #expect(expected.joined().contains("stale code: this call began before the layout of `Player` changed"))
    #expect(story(.jit) == expected)
  }

  private static let spin = """
    (defrecord Count [mut n: Int])
    (defvar count: Count (Count 0))
    (defn more [c: Count] -> Unit (set! (.n c) (+ (.n c) 1)))
    (defn sum-to [n: Int] -> Int (let [mut sum 0] (for [i (range n)] (set! sum (+ sum i))) sum))
    (defn below [depth: Int] -> Int
      (if (> depth 0) (+ 1 (below (- depth 1)))
        (do
          (while true
            (more count)
            (when (= (.n count) 5000) (println "spinning")))
          0)))
    (defn main [] -> Unit (do (set! (.n count) 0) (println "begin") (println (below 20))))
    """

  @Test(arguments: [Tier.jit, .auto])
  func loopsAreLeft(_ tier: Tier) {
    let live = live(tier)
    #expect(live.load(Array(Self.spin.utf8)).isEmpty)
    for _ in 0..<10 {
      #expect(hasPrinted(live, "spinning"))
      _ = live.takeOutput()
      #expect(live.restart(isAnywhere: true))
    }
    #expect(hasPrinted(live, "spinning"))
    live.session.requestInterrupt()
    #expect(live.monitor.wait { !$0.panics.isEmpty })
    #expect(live.monitor.value.panics.first?.message == "interrupted")
    _ = live.takeOutput()
    #expect(live.restart(isAnywhere: true))
    #expect(hasPrinted(live, "spinning"))
    if tier == .jit { #expect(live.session.statistics.native.functions > 0) }
    #expect(live.stop())
  }

  /// At a safepoint in the middle of machine code other machine code runs, panics, and defines.
  @Test func evaluationsWithinMachineCode() {
    let live = live(.jit)
    let problems = onCompilerStack { live.session.load(ProgramFiles([(path: "main.lang", text: Array(Self.spin.utf8))]).takingDefinitions()) }
    #expect(problems.isEmpty)
    live.start()
    #expect(hasPrinted(live, "spinning"))
    func evaluated(_ input: String) -> String {
      let answers = Monitor<[String]>([])
      let session = live.session
      let isDone = Monitor(false)
      Threads.start {
        session.evaluate(Array(input.utf8), for: EvaluationClient { _, _ in }) { result in
          switch result {
          case .value(let text, let type): answers.update { $0.append((text ?? "?") + " : " + type) }
          case .defined(let names): answers.update { $0.append("defined " + names.joined(separator: " ")) }
          case .panic(let panic): answers.update { $0.append("panic " + panic.message) }
          case .unit: answers.update { $0.append("unit") }
          case .note(let text): answers.update { $0.append(text) }
          default: answers.update { $0.append("another") }
          }
        }
        isDone.update { $0 = true }
      }
      #expect(isDone.wait { $0 })
      return answers.value.joined(separator: "\n")
    }
    for n in 1...20 {
      #expect(evaluated("(sum-to \(n * 100))") == "\(n * 100 * (n * 100 - 1) / 2) : Int")
      #expect(evaluated("(fold (fn [a x] (+ a (sum-to x))) 0 (range \(n)))") == "\((0..<n).reduce(0) { $0 + $1 * ($1 - 1) / 2 }) : Int")
      if n % 5 == 0 { #expect(evaluated("(/ (sum-to 50) (- (sum-to 3) 3))") == "panic division by zero") }
      if n % 5 == 1 { #expect(evaluated("(defn thrice-\(n) [x: Int] -> Int (* 3 (sum-to x))) (thrice-\(n) 4)") == "defined thrice-\(n)\n18 : Int") }
    }
    // The loop goes on behind all that, and is left.
    _ = live.takeOutput()
    #expect(evaluated("(set! (.n count) 0)") == "unit")
    #expect(hasPrinted(live, "spinning"))
    #expect(live.stop())
  }
}
