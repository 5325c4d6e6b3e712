// What a change of a type's fields or cases means for layouts, instances, lambdas and globals.

import Bytecode
import Frontend
import Interpreter
import Lowering
import Runtime
import Session
import Testing

@Suite struct RelayoutTests {
  static let text = """
    (defstruct Point [x: Int y: Int])
    (defrecord Player [place: Point mut hp: Int])
    (defrecord Team [players: (Vec Player) points: (Vec Point)])
    (defenum Shape (Dot at: Point) Nowhere (Group all: (Vec Shape)) (Pair a: Int b: Int c: Int d: Int e: Int))
    (defrecord Other [n: Int])
    (defvar origin: Point (Point 1 2))
    (defvar hero: Player (Player (Point 3 4) 5))
    (defvar other: Other (Other 9))
    (defn first-of [v: (Vec t)] -> t (nth v 0))
    (defn place [p: Player] -> Int (.x (.place p)))
    (defn wound [p: Player] -> Unit (set! (.hp p) (- (.hp p) 1)))
    (defn health [] -> Int (.hp hero))
    (defn sum [p: Point] -> Int (+ (.x p) (.y p)))
    (defn total [t: Team] -> Int (let [mut n 0] (for [p (.points t)] (set! n (+ n (.x p)))) n))
    (defn where [s: Shape] -> Int (match s (Dot p) (.x p) Nowhere 0 (Group v) (len v) (Pair a _ _ _ _) a))
    (defn points [] -> Int (let [p: Point (first-of (vec (Point 7 8)))] (.x p)))
    (defn numbers [] -> Int (first-of (vec 1 2)))
    (defn shown [] -> String (show hero))
    (defn unrelated [o: Other] -> Int (.n o))
    (defn adder [n: Int] -> (Fn [Int] Int) (fn [m: Int] (+ n m)))
    (defn mover [p: Point] -> (Fn [Int] Int) (fn [m: Int] (+ (.x p) m)))
    (defn reader [p: Player] -> (Fn [] Int) (fn [] (.hp p)))
    (defn nowhere [] -> Shape Nowhere)
    """
  static let users = ["place", "wound", "health", "sum", "total", "where", "points", "shown", "mover", "reader", "nowhere", "origin", "hero"]

  private func grown(_ fixture: LayoutFixture) throws -> Relayout {
    fixture.lowering.beginChange()
    try fixture.replace("Point [x: Int y: Int]", "Point [x: Int y: Int z: Int = 0]", types: ["Point"])
    return fixture.lowering.relayout([try fixture.def("Point")], users: try fixture.defs(Self.users))
  }

  private func reordered(_ fixture: LayoutFixture) throws -> Relayout {
    fixture.lowering.beginChange()
    try fixture.replace("place: Point mut hp: Int", "mut hp: Int place: Point", types: ["Player"])
    return fixture.lowering.relayout([try fixture.def("Player")], users: try fixture.defs(["place", "wound", "health", "shown", "reader", "hero"]))
  }

  @Test func dependentsHoldTheTypeByValue() throws {
    let fixture = try LayoutFixture(Self.text)
    #expect(fixture.names(fixture.lowering.layoutDependents(of: [try fixture.def("Point")])) == ["Player", "Point", "Shape"])
    #expect(fixture.names(fixture.lowering.layoutDependents(of: [try fixture.def("Player")])) == ["Player"])
  }

  @Test func newFieldsMakeNewDescriptors() throws {
    let fixture = try LayoutFixture(Self.text)
    let change = try grown(fixture)
    #expect(fixture.names(change.definitions) == ["Player", "Point", "Shape"])
    #expect(change.staleDescriptors.contains { fixture.program.env.describe($0.type) == "Player" })
    #expect(change.staleDescriptors.contains { fixture.program.env.describe($0.type) == "(Vec Point)" })
    #expect(!change.staleDescriptors.contains { fixture.program.env.describe($0.type) == "Other" })
    #expect(fixture.names(change.movedGlobals) == ["origin"])
    #expect(fixture.names(change.movedFunctions).contains("sum"))
    #expect(!fixture.names(change.movedFunctions).contains("place"))
    #expect(change.revivedDescriptors.isEmpty)
    let slot = fixture.lowering.slot(for: try fixture.def("unrelated"))
    #expect(!change.affectedSlots.contains(slot))
    fixture.lowering.commitChange()
  }

  @Test func anUndoneEditBringsTheOldDescriptorsBack() throws {
    let fixture = try LayoutFixture(Self.text)
    let player = fixture.program.env.definitions[Int(try fixture.def("Player").raw)].type
    let before = fixture.lowering.recordDescriptor(ofType: player)
    let change = try reordered(fixture)
    #expect(change.staleDescriptors.map(\.descriptor) == [before])
    let between = fixture.lowering.recordDescriptor(ofType: player)
    #expect(between != before)
    fixture.lowering.commitChange()
    fixture.lowering.beginChange()
    try fixture.replace("mut hp: Int place: Point", "place: Point mut hp: Int", types: ["Player"])
    let undone = fixture.lowering.relayout([try fixture.def("Player")], users: [])
    #expect(undone.revivedDescriptors == [before])
    #expect(undone.staleDescriptors.map(\.descriptor) == [between])
    #expect(fixture.lowering.recordDescriptor(ofType: player) == before)
    fixture.lowering.commitChange()
  }

  @Test func aLayoutThatIsWhatItWasAffectsNothing() throws {
    let fixture = try LayoutFixture(Self.text)
    fixture.lowering.beginChange()
    try fixture.replace("mut hp: Int", "mut hp: Int = 3", types: ["Player"])
    let change = fixture.lowering.relayout([try fixture.def("Player")], users: [])
    #expect(change.definitions.isEmpty)
    #expect(change.staleDescriptors.isEmpty)
    fixture.lowering.commitChange()
  }

  @Test func rollbackGivesEverythingBack() throws {
    let fixture = try LayoutFixture(Self.text)
    let names = ["place", "sum", "numbers", "points", "where"]
    let slots = try names.map { fixture.lowering.slot(for: try fixture.def($0)) }
    let (slotCount, words) = (fixture.lowering.slotCount, fixture.lowering.globalWordCount)
    let origin = fixture.lowering.globalWords(try fixture.def("origin"))
    _ = try grown(fixture)
    try fixture.lower(Self.users.dropLast(2) + [])
    #expect(!fixture.lowering.finished.isEmpty)
    #expect(fixture.lowering.slotCount > slotCount)
    try fixture.replace(" z: Int = 0]", "]", types: ["Point"])
    fixture.lowering.rollbackChange()
    #expect(fixture.lowering.finished.isEmpty)
    #expect(fixture.lowering.slotCount == slotCount)
    #expect(fixture.lowering.globalWordCount == words)
    #expect(try names.map { fixture.lowering.slot(for: try fixture.def($0)) } == slots)
    #expect(fixture.lowering.globalWords(try fixture.def("origin")) == origin)
    fixture.lowering.compilePending()
    #expect(fixture.lowering.finished.isEmpty)
    #expect(fixture.lowering.layoutDependents(of: [try fixture.def("Point")]).count == 3)
    // And once more, to the end.
    let change = try grown(fixture)
    try fixture.lower(Self.users)
    fixture.installation.apply(try #require(fixture.installation.install(fixture.lowering)))
    fixture.lowering.commitChange()
    #expect(!change.staleDescriptors.isEmpty)
    #expect(try fixture.run("points") == .returned([7]))
    #expect(try fixture.run("numbers") == .returned([1]))
  }

  @Test func instancesWithAnotherWindowGetAnotherSlot() throws {
    let fixture = try LayoutFixture(Self.text)
    let sum = fixture.lowering.slot(for: try fixture.def("sum"))
    let place = fixture.lowering.slot(for: try fixture.def("place"))
    let change = try grown(fixture)
    try fixture.lower(Self.users)
    #expect(fixture.lowering.slot(for: try fixture.def("sum")) != sum)
    #expect(fixture.lowering.slot(for: try fixture.def("place")) == place)
    #expect(change.deadSlots.contains(sum))
    #expect(!change.deadSlots.contains(place))
    #expect(change.affectedSlots.contains(place))
    let finished = Set(fixture.lowering.finished.map(\.slot))
    for slot in change.affectedSlots where !change.deadSlots.contains(slot) { #expect(finished.contains(slot)) }
  }

  @Test func checksAreEmittedWhileATypeIsChecked() throws {
    let fixture = try LayoutFixture(Self.text)
    let change = try grown(fixture)
    try fixture.lower(Self.users)
    for name in ["place", "wound", "health", "total", "where", "shown"] {
      #expect(!(try fixture.opcodes(of: name)).contains(.checkStale))
    }
    fixture.lowering.finished.removeAll()
    fixture.lowering.checkedTypes = Set(change.definitions)
    try fixture.lower(Self.users)
    for name in ["place", "wound", "health", "total", "where"] {
      #expect(try fixture.opcodes(of: name).contains(.checkStale), "\(name)")
    }
    fixture.lowering.finished.removeAll()
    fixture.lowering.checkedTypes = []
    try fixture.lower(Self.users)
    for function in fixture.lowering.finished { #expect(!fixture.opcodes(ofSlot: function.slot).contains(.checkStale)) }
  }

  @Test func lambdasKeepTheirSlotsWhileTheirCapturesAreTheSame() throws {
    let fixture = try LayoutFixture(Self.text)
    func slots(_ name: String) throws -> [Int] {
      let def = try fixture.def(name)
      return fixture.lowering.finished.filter { $0.info.kind == .lambda && $0.info.definition == def }.map(\.slot)
    }
    try fixture.lower(["adder", "mover", "reader"], keepsLambdas: false)
    let (adder, mover, reader) = (try slots("adder"), try slots("mover"), try slots("reader"))
    fixture.installation.apply(try #require(fixture.installation.install(fixture.lowering)))
    let change = try grown(fixture)
    try fixture.lower(Self.users + ["adder"])
    #expect(try slots("adder") == adder)
    #expect(try slots("reader") == reader)
    #expect(try slots("mover") != mover)
    #expect(change.deadSlots.contains(mover[0]))
    #expect(change.affectedSlots.contains(reader[0]))
    #expect(!change.affectedSlots.contains(adder[0]))
    fixture.lowering.finished.removeAll()
    fixture.lowering.commitChange()
    try fixture.lower(["reader"], keepsLambdas: false)
    #expect(try slots("reader") != reader)
    // The abandoned one dies with the next layout that it relies on.
    fixture.lowering.finished.removeAll()
    fixture.lowering.beginChange()
    try fixture.replace("(defrecord Other [n: Int])", "(defrecord Other [n: Int m: Int])", types: ["Other"])
    #expect(!fixture.lowering.relayout([try fixture.def("Other")], users: []).deadSlots.contains(reader[0]))
    fixture.lowering.rollbackChange()
    fixture.lowering.beginChange()
    try fixture.replace("mut hp: Int", "mut hp: Int armour: Int", types: ["Player"])
    #expect(fixture.lowering.relayout([try fixture.def("Player")], users: []).deadSlots.contains(reader[0]))
  }

  @Test func casesWithoutPayloadStayTheSameObject() throws {
    let fixture = try LayoutFixture(Self.text)
    let before = try fixture.run("nowhere")
    fixture.lowering.beginChange()
    try fixture.replace("e: Int))", "e: Int) (Far n: Int))", types: ["Shape"])
    let change = fixture.lowering.relayout([try fixture.def("Shape")], users: [try fixture.def("nowhere")])
    #expect(change.movedLiterals.count == 1)
    #expect(change.movedLiterals.first?.tag == 1)
    #expect(change.staleLiterals.isEmpty)
    try fixture.lower(["nowhere"])
    fixture.installation.apply(try #require(fixture.installation.install(fixture.lowering)))
    fixture.lowering.commitChange()
    #expect(try fixture.run("nowhere") == before)
  }
}
