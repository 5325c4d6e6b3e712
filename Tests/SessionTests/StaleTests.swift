// What running programs make of changed layouts: stale objects and closures, condemned frames, counts, and code
// that is given back.

import Frontend
import Interpreter
import Lowering
import Runtime
import Session
import Testing

/// Does something at the boundary of a live loop, and ends it after some turns.
private final class Boundary: MachineHost {
  var turns = 0
  var body: (Int) -> Int = { _ in 0 }
  var pauses: [String] = []
  weak var machine: Machine?
  var onPause: () -> Int = { -1 }
  var onSafepoint: () -> Void = {}

  override func atSafepoint() -> Bool {
    onSafepoint()
    return true
  }

  override func atBoundary() -> Int {
    turns += 1
    return body(turns)
  }
  override func atPause() -> Int {
    if let machine { pauses.append(String(decoding: machine.panicText(), as: UTF8.self)) }
    return onPause()
  }
}

@Suite struct StaleTests {
  static let text = """
    (defstruct Point [x: Int y: Int])
    (defrecord Player [place: Point mut hp: Int])
    (defrecord Other [n: Int])
    (defenum Shape (Dot at: Point) Nowhere (Group all: (Vec Shape)) (Big a: Int b: Int c: Int d: Int e: Int))
    (defvar hero: Player (Player (Point 3 4) 5))
    (defvar others: (Vec Other) (vec (Other 1) (Other 2)))
    (defvar spots: (Vec Point) (vec (Point 1 2) (Point 3 4)))
    (defvar shape: Shape (Group (vec Nowhere (Dot (Point 5 6)))))
    (defvar peek: (Fn [] Int) (reader hero))
    (defvar far: (Fn [Int] Int) (mover (Point 7 8)))
    (defvar count: Int 0)
    (defn reader [p: Player] -> (Fn [] Int) (fn [] (.hp p)))
    (defn mover [p: Point] -> (Fn [Int] Int) (fn [m: Int] (+ (.x p) m)))
    (defn health [] -> Int (.hp hero))
    (defn heal [] -> Unit (set! hero (Player (Point 1 1) 9)))
    (defn wound [] -> Unit (set! (.hp hero) (- (.hp hero) 1)))
    (defn spot [] -> Int (.x (nth spots 1)))
    (defn shown [] -> Int (len (str shape)))
    (defn peeked [] -> Int (peek))
    (defn moved [] -> Int (far 1))
    (defn others-sum [] -> Int (let [mut n 0] (for [o others] (set! n (+ n (.n o)))) n))
    (defn start [] -> Int 0)
    (defn turn [n: Int] -> Bool (do (set! count (+ count 1)) (< count 3)))
    (defn play [] -> Int (do (live-loop start turn) (.hp hero)))
    (defn boom [] -> Int (/ 1 (- count count)))
    (defn guarded [] -> Int (restart-point guard (+ (boom) (.hp hero))))
    (defn outer [] -> Int (let [a (.hp hero)] (+ a (play))))
    """
  static let users = ["reader", "mover", "health", "heal", "wound", "spot", "shown", "play", "guarded", "outer", "hero", "spots", "shape"]

  /// Adds a field to `Player`; what was lowered is installed, and the change is committed.
  private func patch(
    _ fixture: LayoutFixture, _ old: String = "mut hp: Int", _ new: String = "mut hp: Int armour: Int = 1", type: String = "Player"
  ) throws -> LayoutPatch {
    fixture.lowering.beginChange()
    try fixture.replace(old, new, types: [type])
    let change = fixture.lowering.relayout([try fixture.def(type)], users: try fixture.defs(Self.users))
    fixture.lowering.checkedTypes.formUnion(change.definitions)
    try fixture.lower(Self.users)
    let changes = try #require(fixture.installation.install(fixture.lowering))
    let patch = try #require(fixture.installation.layoutPatch(change, changes, fixture.lowering))
    fixture.lowering.commitChange()
    return patch
  }

  private func message(_ fixture: LayoutFixture) -> String { String(decoding: fixture.machine.panicText(), as: UTF8.self) }

  @Test(arguments: [false, true]) func oldObjectsAreNeverRead(_ stress: Bool) throws {
    let fixture = try LayoutFixture(Self.text, stress: stress)
    #expect(try fixture.run("health") == .returned([5]))
    let patch = try patch(fixture)
    #expect(fixture.installation.mayApply(patch))
    let counts = try #require(fixture.installation.apply(patch))
    #expect(counts.values.reduce(0, +) == 1)
    #expect(fixture.machine.staleCount == 1)
    for name in ["health", "wound", "peeked"] {
      #expect(try fixture.run(name, results: name == "wound" ? 0 : 1) == .panicked(.stale), "\(name)")
      #expect(message(fixture) == "stale instance of `Player`: it was made before the type changed")
    }
    #expect(try fixture.run("others-sum") == .returned([3]))
    #expect(try fixture.run("heal", results: 0) == .returned([]))
    #expect(try fixture.run("health") == .returned([9]))
    // The closure holds on to the old hero.
    #expect(!fixture.machine.staleEnds())
    #expect(fixture.machine.census(of: Set(counts.keys)).values.reduce(0, +) == 1)
  }

  @Test func theLastStaleObjectIsAnnounced() throws {
    let text = Self.text.replacing("(defvar peek: (Fn [] Int) (reader hero))", with: "(defvar peek: (Fn [] Int) (fn [] 0))")
    let fixture = try LayoutFixture(text)
    let patch = try patch(fixture)
    _ = try #require(fixture.installation.apply(patch))
    #expect(!fixture.machine.staleEnds())
    #expect(try fixture.run("heal", results: 0) == .returned([]))
    fixture.machine.heap.collect()
    #expect(fixture.machine.staleCount == 0)
    #expect(fixture.machine.staleEnds())
    #expect(!fixture.machine.staleEnds())
  }

  @Test func vectorsOfStructsAreStale() throws {
    let fixture = try LayoutFixture(Self.text)
    #expect(try fixture.run("spot") == .returned([3]))
    let patch = try patch(fixture, "y: Int]", "y: Int z: Int = 0]", type: "Point")
    _ = try #require(fixture.installation.apply(patch))
    #expect(try fixture.run("spot") == .panicked(.stale))
    #expect(message(fixture).contains("`(Vec Point)`"))
    #expect(try fixture.run("shown") == .panicked(.stale))
    #expect(message(fixture).contains("`Shape`"))
    #expect(try fixture.run("others-sum") == .returned([3]))
  }

  @Test func closuresWithOtherCapturesSayWhatTheyAre() throws {
    let fixture = try LayoutFixture(Self.text)
    #expect(try fixture.run("moved") == .returned([8]))
    let patch = try patch(fixture, "y: Int]", "y: Int z: Int = 0]", type: "Point")
    _ = try #require(fixture.installation.apply(patch))
    #expect(try fixture.run("moved") == .panicked(.stale))
    #expect(message(fixture).contains("stale code: a closure of `mover` was made before the layout of"))
  }

  @Test func anUndoneEditMakesOldObjectsGoodAgain() throws {
    let fixture = try LayoutFixture(Self.text)
    _ = try #require(fixture.installation.apply(try patch(fixture)))
    #expect(try fixture.run("health") == .panicked(.stale))
    let back = try patch(fixture, " armour: Int = 1", "")
    let counts = try #require(fixture.installation.apply(back))
    #expect(counts.values.reduce(0, +) == 0)
    #expect(try fixture.run("health") == .returned([5]))
    #expect(try fixture.run("peeked") == .returned([5]))
  }

  @Test func framesBelowTheBoundaryAreCondemned() throws {
    let fixture = try LayoutFixture(Self.text)
    let host = Boundary()
    host.machine = fixture.machine
    fixture.machine.attach(host)
    var made: LayoutPatch?
    host.body = { turn in
      guard turn == 2, let patch = try? self.patch(fixture) else { return 0 }
      made = patch
      #expect(fixture.installation.mayApply(patch))
      #expect(fixture.installation.waitsInAffectedCode(patch))
      #expect(fixture.installation.apply(patch) != nil)
      #expect(fixture.installation.interpreter.currentTrace().depth == 2)
      return 0
    }
    #expect(try fixture.run("outer") == .panicked(.stale))
    #expect(made != nil)
    // The loop went on to its end.
    #expect(host.turns == 3)
    #expect(message(fixture).contains("stale code: this call began before the layout of `Player` changed"))
    #expect(fixture.installation.interpreter.trace.depth == 2)
    #expect(try fixture.run("heal", results: 0) == .returned([]))
    #expect(try fixture.run("health") == .returned([9]))
  }

  @Test func aRestartPointInAffectedCodeIsNotTriedAgain() throws {
    let fixture = try LayoutFixture(Self.text)
    let host = Boundary()
    host.machine = fixture.machine
    fixture.machine.attach(host)
    host.onPause = {
      guard host.pauses.count == 1, let patch = try? self.patch(fixture) else { return -1 }
      #expect(fixture.installation.mayApply(patch))
      #expect(fixture.installation.apply(patch) != nil)
      return 0
    }
    #expect(try fixture.run("guarded") == .panicked(.stale))
    #expect(host.pauses == ["division by zero"])
    #expect(message(fixture).contains("stale code"))
  }

  @Test func aLayoutWaitsWhileAffectedCodeRuns() throws {
    let fixture = try LayoutFixture(Self.text)
    let host = Boundary()
    fixture.machine.attach(host)
    var prepared: LayoutPatch?
    var answers: [Bool] = []
    host.body = { turn in
      if turn == 1 {
        prepared = try? self.patch(fixture)
        fixture.machine.requestSafepoint()
      }
      if turn == 2, let prepared {
        answers.append(fixture.installation.mayApply(prepared))
        #expect(fixture.installation.apply(prepared) != nil)
      }
      return 0
    }
    host.onSafepoint = { if let prepared { answers.append(fixture.installation.mayApply(prepared)) } }
    #expect(try fixture.run("play") == .panicked(.stale))
    #expect(answers.prefix(2) == [false, true])
  }

  @Test func framesOfListedUsersAreCondemned() throws {
    let text = Self.text.replacing("(live-loop start turn) (.hp hero)", with: "(live-loop start turn) 40")
    let fixture = try LayoutFixture(text.replacing("(let [a (.hp hero)] (+ a (play)))", with: "(+ 2 (play))"))
    let host = Boundary()
    fixture.machine.attach(host)
    host.body = { turn in
      guard turn == 2, let patch = try? self.patch(fixture) else { return 0 }
      _ = fixture.installation.apply(patch)
      return 0
    }
    // Lowered again because it is listed as a user, so its frames count as affected.
    #expect(try fixture.run("outer") == .panicked(.stale))
  }

  @Test(arguments: [false, true]) func replacedCodeIsGivenBack(_ stress: Bool) throws {
    let fixture = try LayoutFixture(Self.text, stress: stress)
    try fixture.lower(["others-sum"])
    fixture.installation.apply(try #require(fixture.installation.install(fixture.lowering)))
    fixture.installation.collectCode()
    let before = fixture.machine.code.count
    for _ in 0..<50 {
      try fixture.lower(["others-sum"])
      fixture.installation.apply(try #require(fixture.installation.install(fixture.lowering)))
      #expect(fixture.installation.collectCode() == 1)
      #expect(try fixture.run("others-sum") == .returned([3]))
    }
    #expect(fixture.machine.code.count <= before + 1)
  }

  @Test func codeThatNeverBecameCurrentIsGivenBack() throws {
    let fixture = try LayoutFixture(Self.text)
    var counts: [Int] = []
    for _ in 0..<5 {
      fixture.lowering.beginChange()
      try fixture.lower(["others-sum"])
      fixture.installation.discard(try #require(fixture.installation.install(fixture.lowering)))
      fixture.lowering.rollbackChange()
      counts.append(fixture.machine.code.count)
    }
    #expect(Set(counts).count == 1)
    #expect(try fixture.run("others-sum") == .returned([3]))
  }

  @Test func retainedCodeStays() throws {
    let fixture = try LayoutFixture(Self.text)
    try fixture.lower(["others-sum"])
    let first = try #require(fixture.installation.install(fixture.lowering))
    fixture.installation.apply(first)
    for change in first { fixture.installation.retain(change) }
    try fixture.lower(["others-sum"])
    fixture.installation.apply(try #require(fixture.installation.install(fixture.lowering)))
    fixture.installation.collectCode()
    fixture.installation.apply(first)
    #expect(try fixture.run("others-sum") == .returned([3]))
    try fixture.lower(["others-sum"])
    fixture.installation.apply(try #require(fixture.installation.install(fixture.lowering)))
    for change in first { fixture.installation.release(change) }
    #expect(fixture.installation.collectCode() >= 1)
    #expect(try fixture.run("others-sum") == .returned([3]))
  }
}
