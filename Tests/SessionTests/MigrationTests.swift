// Stale objects that become objects of the new layout.

import Frontend
import Interpreter
import Lowering
import Runtime
import Session
import Testing

@Suite struct MigrationTests {
  static let text = """
    (defstruct Point [x: Int y: Int])
    (defrecord Player [name: String place: Point mut hp: Int])
    (defrecord Team [players: (Vec Player) captain: Player])
    (defenum Tree Leaf (Node left: Tree value: Int right: Tree))
    (defenum Move (Step by: Point) Stay (Jump to: Int))
    (defrecord Plan [moves: (Vec Move) last: Move])
    (defvar origin: Point (Point :x 1 :y 2))
    (defvar hero: Player (Player :name "Ada" :place (Point :x 3 :y 4) :hp 5))
    (defvar team: Team (Team (vec hero (Player :name "Bob" :place (Point :x 7 :y 8) :hp 9)) hero))
    (defvar spots: (Vec Point) (vec (Point :x 1 :y 2) (Point :x 3 :y 4)))
    (defvar tree: Tree (Node :left (Node :left Leaf :value 1 :right Leaf) :value 2 :right (Node :left Leaf :value 3 :right Leaf)))
    (defvar plan: Plan (Plan (vec (Step (Point :x 5 :y 6)) Stay (Jump 7)) (Jump 8)))
    (defvar peek: (Fn [] Int) (reader hero))
    (defvar far: (Fn [Int] Int) (mover (Point :x 7 :y 8) 1000))
    (defvar made: Int 0)
    (defn mover [p: Point k: Int] -> (Fn [Int] Int) (fn [m: Int] (+ (.x p) (* 10 (.y p)) k m)))
    (defn moved [] -> Int (far 1))
    (defn reader [p: Player] -> (Fn [] Int) (fn [] (.hp p)))
    (defn fresh [] -> Int (do (set! made (+ made 1)) made))
    (defn health [] -> Int (.hp hero))
    (defn wound [] -> Unit (set! (.hp hero) (- (.hp hero) 1)))
    (defn peeked [] -> Int (peek))
    (defn is-one [] -> Bool (and (same? hero (.captain team)) (same? hero (nth (.players team) 0))))
    (defn all-players [] -> Int (let [mut n 0] (for [p (.players team)] (set! n (+ n (* 10 (.x (.place p))) (.hp p) (len (.name p))))) n))
    (defn place-sum [] -> Int (let [mut n (+ (.x origin) (.y origin))] (for [p spots] (set! n (+ n (.x p) (* 10 (.y p))))) n))
    (defn tree-sum [t: Tree] -> Int (match t Leaf 0 (Node l v r) (+ (tree-sum l) v (tree-sum r))))
    (defn sum [] -> Int (tree-sum tree))
    (defn cost [m: Move] -> Int (match m (Step p) (.x p) Stay 100 (Jump n) n))
    (defn costs [] -> Int (let [mut n (cost (.last plan))] (for [m (.moves plan)] (set! n (+ n (cost m)))) n))
    (defn new-hero [] -> Unit (set! hero (Player :name "Eve" :place (Point :x 1 :y 1) :hp 1)))
    """
  static let users = [
    "reader", "mover", "health", "wound", "is-one", "all-players", "place-sum", "tree-sum", "sum", "cost", "costs", "new-hero", "origin", "hero", "team",
    "spots", "tree", "plan",
  ]

  private func migrate(
    _ fixture: LayoutFixture, _ old: String, _ new: String, _ type: String, also: [(String, String)] = []
  ) throws -> MigrationResult {
    fixture.lowering.beginChange()
    for (old, new) in also { try fixture.replace(old, new) }
    try fixture.replace(old, new, types: [type])
    let change = fixture.lowering.relayout([try fixture.def(type)], users: try fixture.defs(Self.users))
    fixture.lowering.checkedTypes.formUnion(change.definitions)
    try fixture.lower(Self.users)
    let plans = fixture.lowering.migrationPlans(change)
    try fixture.lower([])
    let changes = try #require(fixture.installation.install(fixture.lowering))
    let patch = try #require(fixture.installation.layoutPatch(change, changes, fixture.lowering))
    fixture.lowering.commitChange()
    #expect(fixture.installation.mayApply(patch))
    let result = try #require(fixture.installation.applyMigrating(patch, plans)).result
    fixture.machine.heap.collect()
    return result
  }

  @Test(arguments: [false, true]) func newFieldsGetTheirDefaults(_ stress: Bool) throws {
    let fixture = try LayoutFixture(Self.text, stress: stress)
    let result = try migrate(
      fixture, "mut hp: Int]", "armour: Int = (fresh) badge: String = (str \"no \" (fresh)) extra: Int = 4 mut hp: Int]", "Player")
    #expect(result.reasons == [])
    #expect(result.migrated.map(\.type) == ["Player"])
    #expect(result.migrated.map(\.count) == [2])
    #expect(fixture.machine.staleCount == 0)
    #expect(try fixture.run("health") == .returned([5]))
    #expect(try fixture.run("wound", results: 0) == .returned([]))
    #expect(try fixture.run("peeked") == .returned([4]))
    #expect(try fixture.run("is-one") == .returned([1]))
    #expect(try fixture.run("all-players") == .returned([10 * 10 + 4 + 9 + 6]))
    // Each object got its own.
    #expect(fixture.machine.global(fixture.lowering.globalWords(try fixture.def("made")).lowerBound) == 4)
  }

  @Test(arguments: [false, true]) func valuesInsideObjectsVectorsAndGlobalsFollow(_ stress: Bool) throws {
    let fixture = try LayoutFixture(Self.text, stress: stress)
    let before = try fixture.run("place-sum")
    let costs = try fixture.run("costs")
    #expect(try fixture.run("moved") == .returned([1088]))
    let result = try migrate(fixture, "[x: Int y: Int]", "[z: Int = 9 y: Int x: Int]", "Point", also: [])
    #expect(result.reasons == [])
    #expect(fixture.machine.staleCount == 0)
    #expect(try fixture.run("place-sum") == before)
    #expect(try fixture.run("costs") == costs)
    #expect(try fixture.run("moved") == .returned([1088]))
    #expect(try fixture.run("all-players") == .returned([10 * 10 + 5 + 9 + 6]))
    #expect(try fixture.run("is-one") == .returned([1]))
  }

  @Test(arguments: [false, true]) func casesKeepTheirNames(_ stress: Bool) throws {
    let fixture = try LayoutFixture(Self.text, stress: stress)
    #expect(try fixture.run("sum") == .returned([6]))
    let result = try migrate(fixture, "(Node left: Tree value: Int right: Tree)", "(Node left: Tree right: Tree value: Int weight: Int = 1)", "Tree",
      also: [("(Node l v r)", "(Node l r v w)")])
    #expect(result.reasons == [])
    #expect(result.migrated.map(\.count) == [3])
    #expect(try fixture.run("sum") == .returned([6]))
    #expect(fixture.machine.staleCount == 0)
  }

  @Test func withoutADefaultNothingIsMigrated() throws {
    let fixture = try LayoutFixture(Self.text)
    let result = try migrate(
      fixture, "mut hp: Int]", "mut hp: Int armour: Int]", "Player",
      also: [(":hp 5", ":hp 5 :armour 1"), (":hp 9", ":hp 9 :armour 1"), (":hp 1)", ":hp 1 :armour 1)")])
    #expect(result.reasons == ["the new field `armour` of `Player` has no default"])
    #expect(result.migrated.isEmpty)
    #expect(fixture.machine.staleCount == 2)
    #expect(try fixture.run("health") == .panicked(.stale))
  }

  @Test func aDefaultThatPanicsLeavesEverything() throws {
    let fixture = try LayoutFixture(Self.text)
    let result = try migrate(fixture, "mut hp: Int]", "mut hp: Int armour: Int = (/ 1 (- 2 (fresh)))]", "Player")
    #expect(result.reasons.count == 1)
    #expect(result.reasons.first?.contains("division by zero") == true)
    #expect(fixture.machine.staleCount == 2)
    #expect(try fixture.run("health") == .panicked(.stale))
  }

  @Test func anotherTypeOfAFieldIsAnObstacle() throws {
    let fixture = try LayoutFixture(Self.text)
    let result = try migrate(fixture, "(Jump to: Int)", "(Jump to: Int high: Bool = true)", "Move", also: [("(Jump n) n", "(Jump n _) n")])
    #expect(result.reasons == [])
    let fixture2 = try LayoutFixture(Self.text)
    let result2 = try migrate(
      fixture2, "name: String", "name: Int", "Player",
      also: [("\"Ada\"", "1"), ("\"Bob\"", "2"), ("\"Eve\"", "3"), ("(len (.name p))", "(.name p)")])
    #expect(result2.reasons == ["field `name` of `Player` has another type"])
  }
}
