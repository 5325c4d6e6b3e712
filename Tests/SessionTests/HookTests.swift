// Hooks, `(migrate T [old: (Old T)] ..)`, beyond what live filetests can express: random changes of types whose values are
// known, and hooks at bad times.

import Frontend
import Runtime
import Session
import Testing

@Suite(.serialized) struct HookTests {
  /// A struct and a record change, with hooks and without, together and one by one; what a turn prints is what the model says.
  @Test(arguments: 1...24) func valuesAreWhatTheirHistoryMakesThem(_ seed: Int) {
    var g = SeededGenerator(seed: UInt64(seed))
    var model = HookModel(&g)
    let live = LiveProgram(tell: { _ in }) { options in
      options.onStale = .migrate
      options.machine.stress = seed % 4 == 0
    }
    var story = model.text
    func fail(_ what: String) { Issue.record("seed \(seed): \(what)\n\(story)") }
    let found = live.load(Array(model.text.utf8))
    guard found.isEmpty else { return fail("\(found.map(\.terminal))") }
    for _ in 0..<6 {
      guard live.take(1) else { return fail("no turn") }
      let printed = live.takeOutput()
      if printed != model.printed { return fail("printed\n\(printed)but the model says\n\(model.printed)") }
      for text in model.change(&g) where text != story {
        story = text
        let report = live.replace(text)
        if report.status != .committed { return fail("\(report.status) \(report.diagnostics.map(\.terminal))") }
        let isStuck = report.notes.contains { $0.hasPrefix("not migrated") }
        if isStuck == (text == model.text) { return fail("notes: \(report.notes)") }
      }
    }
    #expect(live.stop())
  }

  /// A pending edit whose hook never ends is being taken in when another edit comes: that waits, and neither is lost.
  @Test func anEditWhileAPendingHookNeverEnds() throws {
    let text = """
      (defrecord P [mut n: Int])
      (defvar kept: P (P 1))
      (defn word [] -> String "spinning")
      (defn spin [p: P] -> Unit
        (while true
          (set! (.n p) (+ (.n p) 1))
          (when (= (% (.n p) 1000000) 2) (println (word)))))
      (defn main [] -> Unit (spin (P 0)))
      """
    let live = LiveProgram(tell: { _ in }) { $0.onStale = .migrate }
    #expect(live.load(Array(text.utf8)).isEmpty)
    func hasPrinted(_ word: String) -> Bool { live.monitor.wait { String(decoding: $0.output, as: UTF8.self).contains(word) } }
    #expect(hasPrinted("spinning"))
    let changed = parts(text, "(defrecord P [mut n: Int])").joined(
      separator: "(defrecord P [mut m: Int = 0 mut n: Int]) (migrate P [old: (Old P)] (do (println \"begun\") (while true ()) (P 0 1)))")
    let new = parts(parts(changed, "(P 1)").joined(separator: "(P 0 1)"), "(P 0))").joined(separator: "(P 0 0))")
    #expect(live.replace(new).status == .pending)
    live.session.requestRestart()
    #expect(hasPrinted("begun"))
    let second = Monitor<CascadeReport?>(nil)
    Threads.start(stackBytes: 64 << 20) {
      let report = live.session.apply([.replaceAll(path: "main.lang", text: Array(parts(new, "\"spinning\"").joined(separator: "\"turning\"").utf8))])
      second.update { $0 = report }
    }
    live.session.requestInterrupt()
    #expect(second.wait { $0 != nil })
    #expect(second.value?.status == .committed)
    #expect(hasPrinted("turning"))
    let first = live.monitor.value.reports.filter { (report: CascadeReport) in report.id == 1 }
    #expect(first.map(\.status) == [.pending, .committed])
    #expect(first.last?.notes.contains { $0.hasPrefix("not migrated: the `migrate` of `P` panics: interrupted") } == true)
    #expect(live.stop())
  }
}

/// A program whose values are known, whatever its types become.
private struct HookModel {
  enum Kind: CaseIterable { case int, string, bool }

  enum Value: Equatable {
    case int(Int), string(String), bool(Bool)

    var text: String {
      switch self {
      case .int(let n): "\(n)"
      case .string(let s): "\"\(s)\""
      case .bool(let b): "\(b)"
      }
    }
  }

  struct Field {
    var name: String
    var kind: Kind
    var initial: Value
    /// Written as its default.
    var hasDefault = false
    var former: String?
  }

  /// How a field of the new layout comes from one of the old, in Lang and here.
  struct Way {
    var text: String
    var from: Int
    var make: (Value) -> Value
  }

  struct TypeModel {
    var name: String
    var fields: [Field]
    /// What a record has behind those.
    var tail: String
    var tailNames: [String]
    var hook = ""
    var ways: [Way?] = []

    var declaration: String {
      let written = fields.map { field in
        let type = field.kind == .int ? "Int" : field.kind == .string ? "String" : "Bool"
        return "\(field.name): \(type)" + (field.hasDefault ? " = \(field.initial.text)" : "") + (field.former.map { " :was \($0)" } ?? "")
      }
      return "(\(tail.isEmpty ? "defstruct" : "defrecord") \(name) [\((written + (tail.isEmpty ? [] : [tail])).joined(separator: " "))])"
    }
    var initial: [Value] { fields.map(\.initial) }
  }

  struct Person {
    var own: [Value]
    var one: [Value]
    var all: [[Value]]
    var maybe: [Value]?
    var next: Int?
  }

  var spot: TypeModel
  var person: TypeModel
  var lone: [Value]
  var many: [[Value]]
  var people: [Person]
  var captured: [Value]
  private var names = 0

  init(_ g: inout SeededGenerator) {
    spot = TypeModel(name: "S", fields: [], tail: "", tailNames: [])
    person = TypeModel(
      name: "R", fields: [], tail: "mut one: S mut all: (Vec S) mut maybe: (Option S) mut next: (Option R)", tailNames: ["one", "all", "maybe", "next"])
    (lone, many, people, captured) = ([], [], [], [])
    for _ in 0..<2 { spot.fields.append(newField(&g)) }
    for _ in 0..<2 { person.fields.append(newField(&g)) }
    lone = spot.initial
    captured = spot.initial
    many = [spot.initial, spot.initial]
    for i in 0..<3 {
      people.append(Person(own: person.initial, one: spot.initial, all: [spot.initial], maybe: i == 1 ? spot.initial : nil, next: i == 0 ? nil : i - 1))
    }
  }

  private mutating func newField(_ g: inout SeededGenerator) -> Field {
    names += 1
    let kind = g.pick(Kind.allCases)
    return Field(name: "f\(names)", kind: kind, initial: Self.value(kind, &g))
  }

  private static func value(_ kind: Kind, _ g: inout SeededGenerator) -> Value {
    switch kind {
    case .int: .int(g.below(100))
    case .string: .string(String(repeating: "ab", count: g.below(4)))
    case .bool: .bool(g.below(2) == 0)
    }
  }

  // MARK: Text

  var text: String { text(hooks: true) }

  private func text(hooks: Bool) -> String {
    func make(_ type: TypeModel, _ tail: String = "") -> String { "(\(type.name) \(type.initial.map(\.text).joined(separator: " "))\(tail))" }
    let s = make(spot)
    return """
      \(spot.declaration)
      \(person.declaration)
      \(hooks ? spot.hook + "\n" + person.hook : "")
      (defvar lone: S \(s))
      (defvar many: (Vec S) (vec \(s) \(s)))
      (defvar people: (Vec R) (vec))
      (defvar tells: (Vec (Fn [] String)) (vec))
      (defn show-of [r: R] -> (Fn [] String) (fn [] (show r)))
      (defn show-it [s: S] -> (Fn [] String) (fn [] (show s)))
      (defn person [maybe: (Option S) next: (Option R)] -> R \(make(person, " \(s) (vec \(s)) maybe next")))
      (defn start [] -> (Vec Int)
        (push! people (person None None))
        (push! people (person (Some \(s)) (Some (nth people 0))))
        (push! people (person None (Some (nth people 1))))
        (push! tells (show-of (nth people 2)))
        (push! tells (show-it \(s)))
        (vec 1))
      (defn step [n: (Vec Int)] -> Bool
        (println lone many)
        (println people)
        (for [tell tells] (println (tell)))
        (println (same? (nth people 0) (unwrap (.next (nth people 1)))))
        true)
      (defn main [] -> Unit (live-loop start step))
      """
  }

  var printed: String {
    func vec(_ items: [String]) -> String { items.isEmpty ? "(vec)" : "(vec \(items.joined(separator: " ")))" }
    func shown(_ values: [Value]) -> String { values.isEmpty ? "(S)" : "(S \(values.map(\.text).joined(separator: " ")))" }
    func shown(_ person: Person) -> String {
      let parts =
        person.own.map(\.text) + [
          shown(person.one), vec(person.all.map(shown)), person.maybe.map { "(Some \(shown($0)))" } ?? "None",
          person.next.map { "(Some \(shown(people[$0])))" } ?? "None",
        ]
      return "(R \(parts.joined(separator: " ")))"
    }
    return "\(shown(lone)) \(vec(many.map(shown)))\n\(vec(people.map { shown($0) }))\n\(shown(people[2]))\n\(shown(captured))\ntrue\n"
  }

  // MARK: Changes

  /// Changes one type or both, and the values with them. The texts to be taken in one after the other; all but the last cannot
  /// be migrated.
  mutating func change(_ g: inout SeededGenerator) -> [String] {
    spot.hook = ""
    person.hook = ""
    let which = g.below(3)
    let (old, oldPerson) = (spot, person)
    var isStuck = false
    var (newSpot, newPerson) = (spot, person)
    if which != 1 { isStuck = change(&newSpot, &g) || isStuck }
    if which != 0 { isStuck = change(&newPerson, &g) || isStuck }
    (spot, person) = (newSpot, newPerson)
    let isLate = isStuck && g.below(3) == 0
    func moved(_ values: [Value], _ type: TypeModel, _ before: TypeModel) -> [Value] {
      type.fields.indices.map { i in
        if let way = type.ways[i] { return way.make(values[way.from]) }
        return type.fields[i].initial
      }
    }
    if which != 1 {
      many = many.map { moved($0, spot, old) }
      captured = moved(captured, spot, old)
      lone = isLate && !Self.isSame(spot.fields, old.fields) ? spot.initial : moved(lone, spot, old)
      for i in people.indices {
        people[i].one = moved(people[i].one, spot, old)
        people[i].all = people[i].all.map { moved($0, spot, old) }
        people[i].maybe = people[i].maybe.map { moved($0, spot, old) }
      }
    }
    if which != 0 { for i in people.indices { people[i].own = moved(people[i].own, person, oldPerson) } }
    return isLate ? [text(hooks: false), text] : [text]
  }

  /// Other fields, how they come from those before, and a hook where that needs one, or for no reason. True when it needs one.
  private mutating func change(_ type: inout TypeModel, _ g: inout SeededGenerator) -> Bool {
    let old = type.fields
    var fields: [Field] = []
    var needsHook = false
    for var field in old {
      field.former = nil
      switch g.below(8) {
      case 0: continue
      case 1:
        field.kind = g.pick(Kind.allCases.filter { $0 != field.kind })
        field.initial = Self.value(field.kind, &g)
        field.hasDefault = false
        needsHook = true
      case 2:
        names += 1
        (field.former, field.name) = (field.name, "f\(names)")
      default: break
      }
      fields.append(field)
    }
    for _ in 0..<1 + g.below(2) where fields.count < 5 {
      var field = newField(&g)
      field.hasDefault = g.below(3) > 0
      if !field.hasDefault { needsHook = true }
      fields.insert(field, at: g.below(fields.count + 1))
    }
    func source(_ field: Field) -> Int? { old.firstIndex { $0.name == field.name || $0.name == field.former } }
    type.fields = fields
    // The same layout is none to come from.
    guard needsHook || !Self.isSame(fields, old) && g.below(3) == 0 else {
      type.ways = fields.map { field in source(field).map { Way(text: "", from: $0) { $0 } } }
      return false
    }
    type.ways = fields.map { field in old.isEmpty ? nil : Self.way(source(field) ?? g.below(old.count), old, field.kind, &g) }
    let made = fields.indices.map { i in type.ways[i]?.text ?? fields[i].initial.text }
    let tail = type.tailNames.map { "(.\($0) old)" }
    type.hook = "(migrate \(type.name) [old: (Old \(type.name))] (\(type.name) \((made + tail).joined(separator: " "))))"
    return needsHook
  }

  private static func isSame(_ a: [Field], _ b: [Field]) -> Bool {
    a.count == b.count && zip(a, b).allSatisfy { $0.name == $1.name && $0.kind == $1.kind }
  }

  private static func way(_ from: Int, _ old: [Field], _ kind: Kind, _ g: inout SeededGenerator) -> Way {
    let field = "(.\(old[from].name) old)"
    if old[from].kind == kind, g.below(2) == 0 { return Way(text: field, from: from) { $0 } }
    switch kind {
    case .int:
      let text = old[from].kind == .int ? "(+ \(field) 1)" : old[from].kind == .string ? "(len \(field))" : "(if \(field) 1 0)"
      return Way(text: text, from: from) { value in
        switch value {
        case .int(let n): .int(n + 1)
        case .string(let s): .int(s.utf8.count)
        case .bool(let b): .int(b ? 1 : 0)
        }
      }
    case .string:
      return Way(text: "(str \(field) \"!\")", from: from) { value in
        switch value {
        case .int(let n): .string("\(n)!")
        case .string(let s): .string(s + "!")
        case .bool(let b): .string("\(b)!")
        }
      }
    case .bool:
      let text = old[from].kind == .int ? "(= (% \(field) 2) 0)" : old[from].kind == .string ? "(empty? \(field))" : "(not \(field))"
      return Way(text: text, from: from) { value in
        switch value {
        case .int(let n): .bool(n % 2 == 0)
        case .string(let s): .bool(s.isEmpty)
        case .bool(let b): .bool(!b)
        }
      }
    }
  }
}
