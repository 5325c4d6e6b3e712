// Programs whose loops and calls become hot at once, over what instructions differ in: numbers of every width at their edges, floats
// that are none, elements of every kind, flattened values, closures, tail calls, deep recursion, panics. They need no input, end by
// themselves, and print what they compute. `+Phases` has what runs otherwise after a while, `+Values` what differs by its types.

struct TierAuthor {
  struct Number {
    var name: String
    var isFloat = false
    /// The function that converts to it.
    var conversion: String { name.lowercased() }
  }

  static let integers = ["Int", "I8", "I16", "I32", "U8", "U16", "U32", "U64"].map { Number(name: $0) }
  static let floats = ["Float", "F32"].map { Number(name: $0, isFloat: true) }
  static let numbers = integers + floats

  /// Names in scope, by type.
  var names: [String: [String]] = [:]

  /// A program; what its `main` prints ends with a panic in one of three.
  static func program(_ g: inout SeededGenerator) -> [UInt8] {
    var author = TierAuthor()
    var text = definitions + valueDefinitions + author.calls(&g)
    var calls: [String] = []
    for i in 0..<1 + g.below(3) {
      let topic = g.below(2) == 0 ? author.simple(i, isFirst: !text.contains("shuffle"), &g) : author.topic(i, &g)
      text += topic.text
      calls.append(topic.call)
    }
    if g.below(3) == 0 {
      let topic = author.panics(&g)
      text += topic.text
      calls.append(topic.call)
    }
    calls.shuffle(using: &g)
    // Many turns for what is compiled in the background.
    let turns = g.below(12) == 0 ? 40 : 1 + g.below(3)
    text += "(defn main [] -> Unit\n  (for [turn (range \(turns))]\n    (println turn)\n    \(calls.joined(separator: "\n    "))))\n"
    return Array(text.utf8)
  }

  private mutating func topic(_ i: Int, _ g: inout SeededGenerator) -> Topic {
    switch g.below(10) {
    case 0, 1: phases("phase\(i)", &g)
    case 2: targets("target\(i)", &g)
    case 3: tails("tail\(i)", &g)
    case 4: restarts("guard\(i)", &g)
    case 5: enums("kind\(i)", &g)
    case 6: generics("several\(i)", &g)
    case 7: walks("over\(i)", &g)
    case 8: maps("table\(i)", &g)
    default: defaults("given\(i)", &g)
    }
  }

  private mutating func simple(_ i: Int, isFirst: Bool, _ g: inout SeededGenerator) -> Topic {
    let number = g.pick(Self.numbers)
    let (a, b, c) = (g.pick(Self.numbers), g.pick(Self.numbers), g.pick(Self.numbers))
    switch g.below(5) {
    case 0, 1:
      let text = loop("walk\(i)", number, &g)
      return (text, "(println \"walk\(i)\" (walk\(i) \(constant(number, &g)) \(constant(number, &g)) \(3 + g.below(60))))")
    case 2: return (vectors("fill\(i)", number, &g), "(println \"fill\(i)\" (fill\(i) (vec) \(1 + g.below(40)) \(constant(number, &g))))")
    case 3 where isFirst: return (structs(a, b, c, &g), "(println (shuffle \(3 + g.below(30)) \(constant(a, &g)) \(constant(b, &g)) \(constant(c, &g))))")
    default:
      let call = g.pick([
        "(println \"self\" (sum-down \(g.pick([3, 70, 900])) \(g.below(9))))", "(println \"mutual\" (ping \(g.pick([5, 80, 1200])) 0 \(g.below(99))))",
        "(println \"closures\" (bounce \(g.pick([4, 90])) (fn [k] (+ k \(g.below(9)))) \(g.below(99))))",
        "(println \"deep\" (deep \(g.pick([2, 50, 700])) (tuple 1 2.5)))", "(println \"counted\" (counted \(2 + g.below(50))))",
        "(println \"shapes\" (shapes \(1 + g.below(50))))", "(println \"words\" (words \(1 + g.below(30))))",
        "(println (again \(1 + g.below(30)) (fn [p] (Spot (.y p) (.x p))) (Spot 1.0 -0.0)) (again \(g.below(40)) (fn [s] (if (< (len s) 40) (str s \"x\") s)) \"\"))",
      ])
      return ("", call)
    }
  }

  private static let definitions = """
    (defstruct Spot [x: Float y: Float])
    (defrecord Cell [mut n: Int mut spot: Spot mut next: (Option Cell)])
    (defenum Shape Empty (Circle r: Float) (Rect w: Int h: Int) (Group all: (Vec Shape)) (Named name: String at: Spot))
    (defvar total: Int 0)
    (defvar last-spot: Spot (Spot 0.0 nan))
    (defvar kept: (Vec String) (vec))
    (defn again [n: Int f: (Fn [a] a) x: a] -> a (if (<= n 0) x (again (- n 1) f (f x))))

    """

  // MARK: Numbers

  func constant(_ type: Number, _ g: inout SeededGenerator) -> String {
    if type.isFloat {
      let value = g.pick(["0.0", "-0.0", "1.5", "-2.5", "0.5", "nan", "inf", "-inf", "1e300", "-9.3e18", "1.9e19", "4503599627370497.5", "1e-310", "-0.5"])
      return type.name == "Float" ? value : "(f32 \(value))"
    }
    let value = g.pick([
      "0", "1", "-1", "2", "7", "63", "64", "65", "127", "128", "255", "32767", "65536", "2147483647", "-2147483648", "4294967295", "9223372036854775807",
      "-9223372036854775808",
    ])
    return type.name == "Int" ? value : "(\(type.conversion) \(value))"
  }

  func value(_ type: Number, _ depth: Int, _ g: inout SeededGenerator) -> String {
    let known = names[type.name] ?? []
    if depth <= 0 || g.below(6) == 0 {
      if !known.isEmpty, g.below(3) > 0 { return g.pick(known) }
      return constant(type, &g)
    }
    func next(_ type: Number, _ g: inout SeededGenerator) -> String { value(type, depth - 1, &g) }
    switch g.below(9) {
    case 0:
      let other = g.pick(Self.numbers)
      return other.name == type.name ? next(type, &g) : "(\(type.conversion) \(next(other, &g)))"
    case 1: return "(if \(condition(depth - 1, &g)) \(next(type, &g)) \(next(type, &g)))"
    case 2: return "(\(g.pick(["min", "max"])) \(next(type, &g)) \(next(type, &g)))"
    case 3 where type.isFloat: return "(\(g.pick(["sqrt", "floor", "ceil", "round", "abs"])) \(next(type, &g)))"
    case 4 where type.isFloat: return "(\(g.pick(["/", "%"])) \(next(type, &g)) \(next(type, &g)))"
    case 3: return "(\(g.pick(["abs", "bit-not", "-"])) \(next(type, &g)))"
    case 4: return "(\(g.pick(["<<", ">>", ">>>"])) \(next(type, &g)) \(next(Self.integers[0], &g)))"
    case 5 where !type.isFloat: return "(\(g.pick(["bit-and", "bit-or", "bit-xor"])) \(next(type, &g)) \(next(type, &g)))"
    // An odd divisor, -1 among them.
    case 6 where !type.isFloat: return "(\(g.pick(["/", "%"])) \(next(type, &g)) (bit-or \(next(type, &g)) (\(type.conversion == "int" ? "identity" : type.conversion) 1)))"
    default: return "(\(g.pick(["+", "-", "*"])) \(next(type, &g)) \(next(type, &g)))"
    }
  }

  func condition(_ depth: Int, _ g: inout SeededGenerator) -> String {
    switch g.below(8) {
    case 0 where depth > 0: return "(\(g.pick(["and", "or"])) \(condition(depth - 1, &g)) \(condition(depth - 1, &g)))"
    case 1 where depth > 0: return "(not \(condition(depth - 1, &g)))"
    default:
      let type = g.pick(Self.numbers)
      return "(\(g.pick(["=", "!=", "<", "<=", ">", ">="])) \(value(type, depth - 1, &g)) \(value(type, depth - 1, &g)))"
    }
  }

  // MARK: Functions

  /// Two variables that go through expressions, over and over.
  private mutating func loop(_ name: String, _ type: Number, _ g: inout SeededGenerator) -> String {
    names = [type.name: ["x", "y", "a"]]
    names["Int", default: []] += ["i", "n"]
    let other = g.pick(Self.numbers)
    if other.name != type.name { names[other.name, default: []].append("z") }
    let third = other.name != type.name ? " mut z \(constant(other, &g))" : ""
    let update = other.name != type.name ? "\n      (set! z \(value(other, 3, &g)))" : ""
    let shape = g.below(3)
    let head = shape == 0 ? "(for [i (range n)]" : shape == 1 ? "(for [i (range n 0 -1)]" : "(while (< i n) (set! i (+ i 1))"
    return """
      (defn \(name)-step [x: \(type.name) y: \(type.name) a: \(type.name) i: Int n: Int] -> (Tuple \(type.name) \(type.name))\(other.name == type.name ? "" : "\n  (let [z \(constant(other, &g))]")
        (tuple \(value(type, 4, &g)) \(value(type, 3, &g)))\(other.name == type.name ? "" : ")"))
      (defn \(name) [a: \(type.name) b: \(type.name) n: Int] -> (Tuple \(type.name) \(type.name))
        (let [mut x a mut y b\(shape == 2 ? " mut i 0" : "")\(third)]
          \(head)
            (set! x \(value(type, 4, &g)))
            (when \(condition(2, &g)) (set! y \(value(type, 3, &g))))\(update)
            (let [(tuple p q) (\(name)-step x y a i n)]
              (when \(condition(1, &g)) (set! x p) (set! y q)))
            (when (= (% i 16) 3) (println i x y)))
          (tuple x y)))

      """
  }

  /// A vector of numbers, filled, read, changed and emptied.
  private mutating func vectors(_ name: String, _ type: Number, _ g: inout SeededGenerator) -> String {
    names = [type.name: ["x", "e"]]
    names["Int", default: []].append("i")
    let index = g.pick(["(% i (len v))", "(- (len v) 1 (% i (len v)))", "(bit-and i 0)"])
    return """
      (defn \(name) [v: (Vec \(type.name)) n: Int x: \(type.name)] -> (Vec \(type.name))
        (do
          (for [i (range n)] (push! v (let [e x] \(value(type, 3, &g)))))
          (for [i (range (* 2 n))] (let [e (nth v \(index))] (set-nth! v \(index) \(value(type, 3, &g)))))
          (let [mut m 0] (for [e v] (when (= e x) (set! m (+ m 1)))) (println m))
          (for [i (range (/ n 2))] (match (pop! v) (Some e) (when (< e x) (set! total (+ total 1))) None (println "none")))
          (for [i (range 3)] (when (> (len v) i) (insert! v i (let [e x] \(value(type, 2, &g))))))
          (println (pop! (: (vec) (Vec \(type.name)))) (len v) (if (empty? v) x (nth v 0)))
          v))

      """
  }

  /// A flattened struct of three numbers, in locals, vectors, records, options and tuples.
  private mutating func structs(_ a: Number, _ b: Number, _ c: Number, _ g: inout SeededGenerator) -> String {
    names = [:]
    for (field, type) in [("(.a t)", a), ("(.b t)", b), ("(.c t)", c)] { names[type.name, default: []].append(field) }
    names["Int", default: []].append("i")
    return """
      (defstruct Trio [a: \(a.name) b: \(b.name) c: \(c.name)])
      (defrecord Holder [mut trio: Trio mut maybe: (Option Trio) all: (Vec Trio)])
      (defn turn-trio [t: Trio i: Int] -> Trio
        (if \(condition(2, &g)) (with t :a \(value(a, 2, &g)) :c \(value(c, 2, &g))) (Trio \(value(a, 2, &g)) \(value(b, 3, &g)) \(value(c, 2, &g)))))
      (defn pair-of [t: Trio i: Int] -> (Tuple Trio Int) (tuple (turn-trio t i) (* i 2)))
      (defn shuffle [n: Int a: \(a.name) b: \(b.name) c: \(c.name)] -> String
        (let [h (Holder (Trio a b c) None (vec)) mut m 0]
          (for [i (range n)]
            (let [(tuple t k) (pair-of (.trio h) i)]
              (push! (.all h) t)
              (set! (.trio h) t)
              (set! (.b (.trio h)) \(value(b, 2, &g)))
              (set! m (+ m k))
              (when (= (% i 3) 1)
                (set-nth! (.all h) (/ i 2) (.trio h))
                (set! (.maybe h) (if-let [(Some t) (.maybe h)] (Some (turn-trio t i)) (Some t))))
              (when (= (% i 7) 6) (println (pop! (.all h))))))
          (str h " " m (map (fn [t] (.b t)) (.all h)))))

      """
  }

  /// Calls of every kind.
  private func calls(_ g: inout SeededGenerator) -> String {
    let (k, l) = (1 + g.below(5), g.below(7))
    return """
      (defn sum-down [n: Int acc: Int] -> Int (if (<= n 0) acc (sum-down (- n 1) (+ (* acc \(k)) n))))
      (defn ping [n: Int a: Int b: Int] -> Int (if (<= n 0) (- a b) (pong (- n \(k)) b (+ a \(l)) (tuple a 1.5))))
      (defn pong [n: Int a: Int b: Int t: (Tuple Int Float)] -> Int
        (match t (tuple x y) (if (<= n 0) (+ a (int (* y (float x)))) (ping (- n 1) (bit-xor b x) a))))
      (defn bounce [n: Int f: (Fn [Int] Int) x: Int] -> Int
        (if (<= n 0) (f x) (bounce (- n 1) (if (= (% n \(k + 1)) 0) (let [mut c n] (fn [k] (set! c (+ c k)) (f c))) f) (+ x 1))))
      (defn deep [n: Int t: (Tuple Int Float)] -> (Tuple Int Float)
        (if (= n 0) t
          (let [(tuple a b) (deep (- n 1) t) s (Spot b (float a))]
            (set! last-spot s)
            (tuple (+ a (int (.x s)) \(l)) (/ (.y s) 2.0)))))
      (defn adder [n: Int] -> (Fn [] Int) (let [mut c n] (fn [] (set! c (+ c \(k))) (set! total (+ total 1)) c)))
      (defn counted [n: Int] -> Int
        (let [one (adder 0) two (adder n) mut sum 0]
          (for [i (range n)] (set! sum (+ sum (one) (if (= (% i 3) 0) (two) 0))))
          (+ sum (fold (fn [a x] (+ a (* x (one)))) 0 (range \(l))))))
      (defn shape [i: Int] -> Shape
        (match (% i 6) 0 Empty 1 (Circle (float i)) 2 (Rect i (- i)) 3 (Group (vec (shape (- i 1)) (shape (- i 2)))) 4 (Named (str "s" i) (Spot (float i) -0.0))
          _ (Circle (/ 0.0 (float (- i i))))))
      (defn size [s: Shape] -> Float
        (match s Empty 0.0 (:when (Circle r) (> r 20.0)) -1.0 (Circle r) (* r r) (Rect w h) (float (* w h)) (Group all) (fold (fn [a s] (+ a (size s))) 0.0 all)
          (Named name at) (+ (.x at) (float (len name)))))
      (defn shapes [n: Int] -> Float
        (let [mut sum 0.0 cell (Cell 0 (Spot 0.0 1.0) None) mut at cell]
          (for [i (range n)]
            (let [s (size (shape i))]
              (when (= s s) (set! sum (+ sum s)))
              (set! (.next at) (Some (Cell i (Spot s (.x (.spot at))) None)))
              (set! at (unwrap (.next at)))
              (set! (.x (.spot cell)) (+ (.x (.spot cell)) s))
              (set! (.n cell) (- (.n cell) \(l)))))
          (println cell last-spot total)
          sum))
      (defn words [n: Int] -> Int
        (let [m (map-of "a" 1) seen (set-of 0u8) mut s ""]
          (for [i (range n)]
            (set! s (str s (char (+ 97 (% i 26)))))
            (update! m (slice s (/ i 2) (+ i 1)) 0 (fn [x] (+ x i)))
            (add! seen (u8 (* i \(k))))
            (push! kept s)
            (when (= (% i 9) 8) (remove! m "a") (println (get m (slice s 0 1)) (hash s) (compare s "abc") (= s "abc") (index-of s "i")))
            (when (> (len kept) 50) (clear! kept)))
          (+ (len m) (len seen) (fold (fn [a x] (+ a x)) 0 (values m)))))

      """
  }
}
