// The program of `soak` and its edits: bodies mostly, and something of everything else. An edit that is broken is followed by
// the one that mends it, an edit that is undone by the text there was.

import Foundation
import Session

enum SoakKind: String, CaseIterable { case body, signature, layout, macro, constant, definition, broken, undone }

struct SoakProgram {
  struct Edit {
    var kind: SoakKind
    var batch: [FileEdit]
    var isBroken = false
  }

  private static let fixed = """
    (defvar army: (Vec Soldier) (vec (Soldier 1 2) (Soldier 3 4) (Soldier 5 6)))
    (defvar turns: Int 0)
    (defn march [s: Soldier] -> Int (set! (.steps s) (+ (.steps s) 1)) (+ (.steps s) (.rank s)))
    (defn soak-start [] -> Int 0)
    (defn soak-step [n: Int] -> Bool (for [s army] (set! turns (+ turns (march s)))) true)
    (defn main [] -> Unit (live-loop soak-start soak-step))

    """

  private let generator = ProjectGenerator(definitions: 1_201)
  private var content: EditedText
  private let functions: [Int]
  private var random: EditRandom
  private var count = 0
  /// The text to come next of the piece that is broken or to be undone.
  private var owed: (kind: SoakKind, piece: Int, text: String)?

  private let soldier, order, signed, macro, constant, extra: Int

  init(seed: UInt64) {
    random = EditRandom(state: seed)
    let generator = generator
    var pieces = (0..<1_200).map { generator.definition($0) + "\n" }
    functions = pieces.indices.filter { generator.isFunction($0) && $0 % 12 != 10 }
    func add(_ text: String) -> Int {
      pieces.append(text + "\n")
      return pieces.count - 1
    }
    soldier = add(Self.soldierText(0))
    order = add(Self.orderText(0))
    signed = add(Self.signedText(0))
    macro = add(Self.macroText(0))
    constant = add(Self.constantText(0))
    extra = add("")
    for i in 0..<10 {
      _ = add("(defn soak-call-\(i) [x: Int] -> Int (+ (soak-signed x) \(i)))")
      _ = add("(defn soak-twice-\(i) [x: Int] -> Int (soak-twice (+ x \(i))))")
      _ = add("(defn soak-fall-\(i) [x: Int] -> Int (+ soak-gravity x \(i)))")
      _ = add("(defn soak-obey-\(i) [x: Int] -> Int (match (if (> x 3) (Go x) Halt) (Go by) by _ \(i)))")
      _ = add("(defn soak-drill-\(i) [x: Int] -> Int (let [f (fn [s: Soldier] (+ (.rank s) \(i)))] (f (Soldier x 2))))")
    }
    content = EditedText(path: "soak.lang", pieces: pieces + [Self.fixed])
  }

  var path: String { content.path }
  var text: String { content.text }

  private static func soldierText(_ n: Int) -> String {
    "(defrecord Soldier [mut steps: Int rank: Int" + (n % 2 == 0 ? "])" : " mut load: Int = \(n)])")
  }
  private static func orderText(_ n: Int) -> String { "(defenum Order Halt (Go by: Int)" + (n % 2 == 0 ? ")" : " (Wait for: Int))") }
  private static func signedText(_ n: Int) -> String {
    n % 2 == 0 ? "(defn soak-signed [x: Int] -> Int (+ x \(n)))" : "(defn soak-signed [x: Int by: Int = \(n)] -> Int (+ x by))"
  }
  /// Every other one expands to what the one before does.
  private static func macroText(_ n: Int) -> String { "(defmacro soak-twice [x] (let [k \(n)] `(* ~x \(n / 2))))" }
  private static func constantText(_ n: Int) -> String { "(def soak-gravity \(n))" }

  private mutating func below(_ bound: Int) -> Int { Int(random.next() % UInt64(bound)) }

  mutating func next() -> Edit {
    count += 1
    if let (kind, piece, text) = owed {
      owed = nil
      return Edit(kind: kind, batch: [content.edit(piece, text)])
    }
    switch below(1_000) {
    case 0..<25: return broken()  // and as many that mend
    case 25..<50: return undone()
    case 50..<100: return edit(.signature, signed, Self.signedText(count))
    case 100..<110: return edit(.layout, soldier, Self.soldierText(count))
    case 110..<120: return edit(.layout, order, Self.orderText(count))
    case 120..<140: return edit(.macro, macro, Self.macroText(count))
    case 140..<160: return edit(.constant, constant, Self.constantText(count))
    case 160..<180:
      return edit(.definition, extra, content.pieces[extra] == "\n" ? "(defn soak-extra [x: Int] -> Int (fold (fn [a b] (+ a b \(count))) x (range 3)))" : "")
    default:
      let piece = functions[below(functions.count)]
      return edit(.body, piece, generator.definition(piece, variant: count))
    }
  }

  private mutating func edit(_ kind: SoakKind, _ piece: Int, _ text: String) -> Edit {
    Edit(kind: kind, batch: [content.edit(piece, text + "\n")])
  }

  private mutating func broken() -> Edit {
    let piece: Int
    let text: String
    switch below(5) {
    case 0: (piece, text) = (soldier, "(defrecord Soldier [mut steps: Int rank: Strin])")
    case 1: (piece, text) = (signed, "(defn soak-signed [x: String] -> Int (len x))")
    case 2: (piece, text) = (macro, "(defmacro soak-twice [x] `(* ~x \"\(count)\"))")
    case 3: (piece, text) = (functions[below(functions.count)], "(defn open [")
    default:
      piece = functions[below(functions.count)]
      text = "(defn wrong-\(count) [x: Int] -> Int \"\(count)\")"
    }
    owed = (.broken, piece, content.pieces[piece])
    var edit = edit(.broken, piece, text)
    edit.isBroken = true
    return edit
  }

  private mutating func undone() -> Edit {
    let piece: Int
    let text: String
    switch below(5) {
    case 0: (piece, text) = (soldier, Self.soldierText(count))
    case 1: (piece, text) = (signed, Self.signedText(count))
    case 2: (piece, text) = (macro, Self.macroText(count))
    default:
      piece = functions[below(functions.count)]
      text = generator.definition(piece, variant: count)
    }
    owed = (.undone, piece, content.pieces[piece])
    return edit(.undone, piece, text)
  }
}
