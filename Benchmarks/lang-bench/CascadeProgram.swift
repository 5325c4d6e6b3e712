// The program of `cascade`: for each kind of edit a definition with its users, and other definitions around them that no
// edit concerns.

import Session

/// Something that is edited again and again; each edit is one batch.
struct CascadeCase {
  /// What peers' scripts call it.
  let key: String
  let title: String
  /// The pieces that the n-th edit gives another text.
  let batch: (_ edit: Int) -> [(piece: Int, text: String)]
}

struct CascadeProgram {
  private(set) var pieces: [String] = []
  private(set) var cases: [CascadeCase] = []

  /// `others`: how many definitions there are beside those concerned.
  init(others: Int) {
    addBody()
    for users in [10, 100, 1_000] { addSignature(users) }
    for users in [10, 100, 1_000] { addSignatureOfAll(users) }
    addField(users: 1_000)
    addMacro(key: "macro-same", title: "a macro with 1000 calls, same expansion", calls: 1_000) { "(let [k \($0)] `(* 2 (+ ~x 1)))" }
    addMacro(key: "macro-other", title: "a macro with 1000 calls, another expansion", calls: 1_000) { "`(* 2 (+ ~x \($0)))" }
    addConstant(users: 100)
    addEnumCase(matches: 100)
    // Behind them, so that whatever follows an edit in the file is there to be moved.
    let generator = ProjectGenerator(definitions: others + 1)
    pieces += (0..<others).map { generator.definition($0) + "\n" }
  }

  private mutating func add(_ text: String) -> Int {
    pieces.append(text + "\n\n")
    return pieces.count - 1
  }

  private mutating func addCase(_ key: String, _ title: String, _ batch: @escaping (Int) -> [(piece: Int, text: String)]) {
    cases.append(CascadeCase(key: key, title: title, batch: batch))
  }

  private mutating func addBody() {
    func text(_ edit: Int) -> String {
      """
      (defn steer [x: Float y: Float speed: Float limit: Float] -> Float
        (let [dx (- 320.0 x)
              dy (- 240.0 y)
              d2 (+ (* dx dx) (* dy dy) \(edit).5)
              mut pull (/ speed d2)]
          (when (> pull limit)
            (set! pull limit))
          (+ x (* dx pull) y (* dy pull))))
      """
    }
    let piece = add(text(0))
    addCase("body", "a function's body") { [(piece, text($0 + 1) + "\n\n")] }
  }

  /// A caller of a few lines.
  private static func caller(_ name: String, _ call: String, _ number: Int) -> String {
    """
    (defn \(name) [x: Int] -> Int
      (let [a \(call)
            b (if (> a 100) (- a 100) (* a 2))]
        (+ a b \(number))))
    """
  }

  /// A parameter with a default comes and goes.
  private mutating func addSignature(_ users: Int) {
    let name = "signed-\(users)"
    func text(_ edit: Int) -> String {
      edit % 2 == 1 ? "(defn \(name) [x: Int] -> Int (+ x \(edit)))" : "(defn \(name) [x: Int by: Int = \(edit)] -> Int (+ x by))"
    }
    let piece = add(text(1))
    for i in 0..<users { _ = add(Self.caller("\(name)-\(i)", "(\(name) (+ x \(i)))", i)) }
    addCase("signature-\(users)", "a signature, \(users) callers as they are") { [(piece, text($0) + "\n\n")] }
  }

  /// A required parameter comes and goes, in one batch with all calls.
  private mutating func addSignatureOfAll(_ users: Int) {
    let name = "needed-\(users)"
    func text(_ edit: Int) -> String {
      edit % 2 == 1 ? "(defn \(name) [x: Int] -> Int (+ x \(edit)))" : "(defn \(name) [x: Int by: Int] -> Int (+ x by \(edit)))"
    }
    func user(_ i: Int, _ edit: Int) -> String {
      Self.caller("\(name)-\(i)", edit % 2 == 1 ? "(\(name) (+ x \(i)))" : "(\(name) (+ x \(i)) 3)", i)
    }
    let piece = add(text(1))
    let first = pieces.count
    for i in 0..<users { _ = add(user(i, 1)) }
    addCase("calls-\(users)", "a signature and its \(users) calls") { edit in
      [(piece, text(edit) + "\n\n")] + (0..<users).map { (first + $0, user($0, edit) + "\n\n") }
    }
  }

  private mutating func addField(users: Int) {
    func text(_ edit: Int) -> String {
      "(defrecord Tank [mut fuel: Int heat: Int" + (edit % 2 == 1 ? "])" : " mut load: Int = \(edit)])")
    }
    let piece = add(text(1))
    for i in 0..<users {
      let call = i % 4 == 0 ? "(.heat (Tank x \(i)))" : "(let [t (Tank \(i) x)] (set! (.fuel t) x) (+ (.fuel t) (.heat t)))"
      _ = add(Self.caller("tank-\(i)", call, i))
    }
    addCase("field", "a field with a default, \(users) users") { [(piece, text($0) + "\n\n")] }
  }

  private mutating func addMacro(key: String, title: String, calls: Int, _ body: @escaping (Int) -> String) {
    let text = { (edit: Int) in "(defmacro \(key) [x] \(body(edit + 1)))" }
    let piece = add(text(0))
    for i in 0..<calls { _ = add(Self.caller("\(key)-\(i)", "(\(key) (+ x \(i)))", i)) }
    addCase(key, title) { [(piece, text($0 + 1) + "\n\n")] }
  }

  private mutating func addConstant(users: Int) {
    let piece = add("(def gravity 9)")
    for i in 0..<users { _ = add(Self.caller("falling-\(i)", "(+ gravity \(i))", i)) }
    addCase("constant", "a constant with \(users) users") { [(piece, "(def gravity \($0 + 10))\n\n")] }
  }

  private mutating func addEnumCase(matches: Int) {
    func text(_ edit: Int) -> String { "(defenum Order Halt (Move by: Int) (Turn by: Int)" + (edit % 2 == 1 ? ")" : " (Fire at: Int))") }
    let piece = add(text(1))
    for i in 0..<matches {
      _ = add(Self.caller("obey-\(i)", "(match (if (> x 3) (Move x) Halt) (Move by) by Halt \(i) _ 0)", i))
    }
    addCase("case", "a case of an enum, \(matches) matches with _") { [(piece, text($0) + "\n\n")] }
  }
}
