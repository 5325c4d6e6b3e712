// Functions of `TierAuthor` over values: enums of every size, generic ones and functions, everything that `for` walks, maps and sets by
// keys of every kind, default arguments.

extension TierAuthor {
  static let valueDefinitions = """
    (defenum Mood Calm Cross Wild)
    (defenum (Tree a) Leaf (Node left: (Tree a) value: a right: (Tree a)))
    (defstruct (Both a b) [one: a other: b])
    (defrecord Deck [cards: (Vec Int)])
    (deftrait (Weighs a) (weight [x: a] -> Int))
    (impl (Weighs Spot) (defn weight [s: Spot] -> Int (int (+ (.x s) (.y s)))))
    (impl (Weighs Int) (defn weight [n: Int] -> Int (bit-and n 255)))
    (impl (Weighs Mood) (defn weight [m: Mood] -> Int (match m Calm 1 Cross 20 Wild 300)))
    (impl (Weighs String) (defn weight [s: String] -> Int (len s)))
    (impl (Weighs (Both a b)) :where (Weighs a) (Weighs b) (defn weight [x: (Both a b)] -> Int (+ (weight (.one x)) (* 2 (weight (.other x))))))
    (impl (Iterable Deck Int) (defn iter [d: Deck] -> (Iter Int) (iter (.cards d))))
    (defn mood-of [i: Int from: Int to: Int] -> Mood (cond (< i from) Calm (< i to) Cross :else Wild))
    (defn planted [t: (Tree a) x: a] -> (Tree a) :where (Ord a)
      (match t Leaf (Node Leaf x Leaf) (Node l v r) (cond (< x v) (Node (planted l x) v r) (< v x) (Node l v (planted r x)) :else t)))
    (defn height [t: (Tree a)] -> Int (match t Leaf 0 (Node l _ r) (+ 1 (max (height l) (height r)))))
    (defn gathered [t: (Tree a) f: (Fn [b a] b) acc: b] -> b (match t Leaf acc (Node l v r) (gathered r f (f (gathered l f acc) v))))
    (defn choose [c: Bool a: t b: t] -> t (if c a b))
    (defn swapped [p: (Both a b)] -> (Both b a) (Both (.other p) (.one p)))
    (defn heaviest [xs: c] -> Int :where (Iterable c a) (Weighs a) (let [mut most -1] (for [x xs] (set! most (max most (weight x)))) most))
    (defn rounds [n: Int x: a f: (Fn [a Int] a)] -> a (let [mut y x] (for [i (range n)] (set! y (f y i))) y))

    """

  /// An enum of its own, made, matched and compared in a loop in which its cases come up one after the other.
  mutating func enums(_ name: String, _ g: inout SeededGenerator) -> Topic {
    let type = name.prefix(1).uppercased() + name.dropFirst()
    let int = Self.integers[0]
    let isRecursive = g.below(2) == 0, number = g.pick(Self.numbers)
    let payloads = [
      "", "", "x: \(number.name)", "x: \(number.name) k: Int", "s: Spot", "name: String", "a: Float b: Float c: Float", "t: (Tuple Int \(number.name))", "o: (Option Int)", "m: Mood x: \(number.name)",
    ]
    let count = 2 + g.below(6)
    var fields = (0..<count).map { _ in g.pick(payloads) }
    if isRecursive { fields[count - 1] = "next: \(type) x: \(number.name)" }
    fields[0] = g.pick(["", "x: \(number.name)"])
    var declared: [String] = [], made: [String] = [], matched: [String] = []
    for (i, payload) in fields.enumerated() {
      let name = "\(type)\(i)"
      declared.append(payload.isEmpty ? name : "(\(name) \(payload))")
      let x = value(number, 2, over: [("x", number), ("i", int)], &g)
      let (arguments, pattern, result): (String, String, String) =
        switch payload {
        case "": ("", "", "(set! sum (+ sum \(i)))")
        case "x: \(number.name)": (x, "v", "(set! x v)")
        case "x: \(number.name) k: Int": ("\(x) (* i 3)", "v k", "(do (set! x v) (set! sum (+ sum k)))")
        case "s: Spot": ("(Spot (float i) -0.5)", "s", "(set! spot (Spot (.y s) (.x s)))")
        case "name: String": ("(choose (= (% i 2) 0) \"even\" \"odd\")", "n", "(set! sum (+ sum (len n)))")
        case "a: Float b: Float c: Float": ("(float i) nan (.x spot)", "a b c", "(do (set! spot (Spot c a)) (when (= b b) (println \"equal\")))")
        case "t: (Tuple Int \(number.name))": ("(tuple i \(x))", "(tuple k v)", "(do (set! x v) (set! sum (- sum k)))")
        case "o: (Option Int)": ("(if (= (% i 3) 0) None (Some i))", "o", "(match o (Some k) (set! sum (+ sum k)) None (set! sum (- sum 1)))")
        case "m: Mood x: \(number.name)": ("(mood-of i 50 200) \(x)", "m v", "(when (= m Wild) (set! x v))")
        default: ("(nth all (- (len all) 1)) \(x)", "next v", "(do (set! x v) (set! sum (+ sum (\(name)-depth next 0))))")
        }
      made.append(arguments.isEmpty ? name : "(\(name) \(arguments))")
      if !pattern.isEmpty, g.below(4) == 0 { matched.append("(:when (\(name) \(pattern)) (= (% i 7) \(g.below(7)))) (set! sum (+ sum 100))") }
      matched.append((pattern.isEmpty ? name : "(\(name) \(pattern))") + " " + result)
    }
    let depth =
      isRecursive
      ? "(defn \(type)\(count - 1)-depth [e: \(type) n: Int] -> Int (match e (\(type)\(count - 1) next _) (if (> n 30) n (\(type)\(count - 1)-depth next (+ n 1))) _ n))\n" : ""
    let n = g.pick([40, 300, 900])
    let which = g.pick(["(% i \(count))", "(min \(count - 1) (/ i \(max(1, n / count))))", "(if (< i \(n / 2)) 0 (% i \(count)))"])
    let clauses = made.enumerated().map { $0 == count - 1 ? "_ \($1)" : "\($0) \($1)" }.joined(separator: "\n      ")
    let text = """
      (defenum \(type) \(declared.joined(separator: " ")))
      \(depth)(defrecord \(type)Box [mut it: \(type) mut last: (Option \(type))])
      (defn \(name)-made [i: Int x: \(number.name) spot: Spot all: (Vec \(type))] -> \(type)
        (match \(which)
            \(clauses)))
      (defn \(name) [n: Int a: \(number.name)] -> \(number.name)
        (let [all (vec \(made[0].contains(" ") ? "(\(type)0 a)" : "\(type)0")) box (\(type)Box (nth all 0) None) mut x a mut sum 0 mut spot (Spot 0.5 1.5) mut same 0]
          (for [i (range n)]
            (let [e (\(name)-made i x spot all)]
              (match e
                \(matched.joined(separator: "\n          ")))
              (if (< (len all) 9) (push! all e) (set-nth! all (% i 9) e))
              (when (= e (.it box)) (set! same (+ same 1)))
              (set! (.it box) e)
              (set! (.last box) (if (= (% i 4) 0) None (Some e)))))
          (println sum spot same (len (show (.last box))) (fold (fn [k e] (+ k (if (= e (.it box)) 1 0))) 0 all))
          x))

      """
    return (text.replacing("(\(name)-depth", with: "(\(type)\(count - 1)-depth"), "(println \"\(name)\" (\(name) \(n) \(constant(number, &g))))")
  }

  /// Generic functions and types, in several instances in one loop.
  mutating func generics(_ name: String, _ g: inout SeededGenerator) -> Topic {
    let (a, b) = (g.pick(Self.integers), g.pick(Self.numbers))
    let known = [("x", a), ("y", b), ("i", Self.integers[0])]
    let n = g.pick([20, 150, 500])
    let text = """
      (defn \(name) [n: Int a: \(a.name) b: \(b.name)] -> Int
        (let [mut x a mut y b mut numbers (: Leaf (Tree \(a.name))) mut words (: Leaf (Tree String)) mut pair (Both x y) mut most 0]
          (for [i (range n)]
            (set! x (choose \(condition(2, over: known, &g)) \(value(a, 3, over: known, &g)) x))
            (set! y (choose \(condition(1, over: known, &g)) y \(value(b, 3, over: known, &g))))
            (set! pair (swapped (swapped (choose (> i \(g.below(n))) (Both x y) pair))))
            (when (< i 60) (set! numbers (planted numbers x)) (set! words (planted words (str "w" (% (* i 7) 13)))))
            (set! most (max most (heaviest (vec (Both i (mood-of i \(g.below(n)) \(n))) (Both (- i) Calm)))))
            (when (= (% i 8) 1) (set! most (+ most (heaviest (vec "a" (show y))) (weight (Both (Both "b" i) (Spot 1.0 (float i))))))))
          (println (height numbers) (gathered numbers (fn [k v] (bit-xor (* k 3) (int v))) 0) (gathered words (fn [s w] (str w s)) "") (.one pair))
          (println (rounds 30 x (fn [x i] \(value(a, 2, over: [("x", a), ("i", Self.integers[0])], &g)))) (rounds 40 (Both 1 2.5) (fn [p i] (Both (+ i (.one p)) (- (.other p))))))
          (+ most (rounds \(n) 0 (fn [k i] (+ k (choose (= (% i 3) 0) i 1)))))))

      """
    return (text, "(println \"\(name)\" (\(name) \(n) \(constant(a, &g)) \(constant(b, &g))))")
  }

  /// `for` over everything that it walks, left and begun anew within.
  mutating func walks(_ name: String, _ g: inout SeededGenerator) -> Topic {
    let type = g.pick(Self.numbers)
    let walks = [
      ("e", "(nth rows (% turn 3))"), ("e", "(reverse (nth rows 2))"), ("e", "(map (fn [x] \(value(type, 2, over: [("x", type)], &g))) (nth rows 1))"),
      ("e", "(filter (fn [x] (!= x a)) (nth rows 0))"), ("(tuple k e)", "(enumerate (nth rows 2))"), ("(tuple k e)", "seen"), ("(tuple e k)", "(zip (nth rows 1) (range 100))"),
    ]
    let others = [
      ("k", "(range turn)"), ("k", "(range turn (- turn 9) -2)"), ("k", "(range -3 (* turn 2) 3)"), ("k", "(keys seen)"), ("k", "set"), ("k", "(Deck (vec 3 turn 5))"),
      ("(tuple k _)", "(enumerate (chars \"lived\"))"), ("(tuple k c)", "(zip (range 5) (chars (str turn)))"), ("k", "(map (fn [s] (len s)) (split \"a,bc,,def\" \",\"))"),
      ("k", "(flat-map (fn [k] (vec k (* k k))) (range 4))"), ("(tuple k s)", "(enumerate (vec (Spot 1.0 2.0) (Spot nan 3.0)))"), ("k", "(sort (copy (keys seen)))"),
    ]
    func body(_ depth: Int, _ g: inout SeededGenerator, _ author: inout TierAuthor) -> String {
      let isOther = g.below(2) == 0
      let (pattern, over) = isOther ? g.pick(others) : g.pick(walks)
      let hasKey = isOther || pattern.hasPrefix("(")
      var lines: [String] = []
      if g.below(3) == 0 { lines.append(g.pick(["(when (> steps \(g.pick([20, 500, 3000]))) (break))", "(when (= (% steps 3) 1) (set! steps (+ steps 1)) (continue))"])) }
      lines.append("(set! steps (+ steps 1))")
      if !isOther { lines.append("(set! x \(author.value(type, 2, over: [("x", type), ("e", type)], &g)))") }
      if hasKey { lines.append(g.pick(["(set! sum (+ (* sum 3) k))", "(set! sum (bit-xor sum (<< k 3)))", "(when (> k 2) (set! sum (- sum k)))"])) }
      if depth > 0 { lines.append(body(depth - 1, &g, &author)) }
      if g.below(12) == 0 { lines.append("(when (> steps 4000) (return (tuple sum x)))") }
      return "(for [\(pattern) \(over)] \(lines.joined(separator: " ")))"
    }
    let n = g.pick([5, 40, 120])
    let text = """
      (defn \(name) [n: Int a: \(type.name) b: \(type.name)] -> (Tuple Int \(type.name))
        (let [rows (vec (vec a) (vec a b) (vec b a b a b)) seen (map-of 3 a 1 b) set (set-of 5 8) mut sum 0 mut steps 0 mut x a]
          (for [turn (range n)]
            (when (= (% turn 16) 5) (put! seen (% turn 7) x) (add! set (% turn 5)))
            \(body(1, &g, &self))
            \(body(g.below(2), &g, &self)))
          (println steps (len seen) (len set))
          (tuple sum x)))

      """
    return (text, "(println \"\(name)\" (\(name) \(n) \(constant(type, &g)) \(constant(type, &g))))")
  }

  /// Maps and sets by keys of every kind.
  mutating func maps(_ name: String, _ g: inout SeededGenerator) -> Topic {
    let type = g.pick(Self.numbers)
    let (keyType, key) = g.pick([
      ("Int", "(% (* i 7) 61)"), ("U8", "(u8 (* i 3))"), ("I64", "i"), ("Char", "(char (+ 97 (% i 26)))"), ("String", "(str \"k\" (% i 40))"), ("Bool", "(= (% i 3) 0)"),
      ("(Tuple Int Bool)", "(tuple (% i 9) (> i 30))"), ("Spot", "(Spot (float (% i 11)) -0.0)"), ("Mood", "(mood-of i 20 60)"), ("(Option Int)", "(if (= (% i 5) 0) None (Some (% i 6)))"),
      ("(Both Int Mood)", "(Both (% i 4) (mood-of i 20 60))"), ("F32", "(f32 (% i 13))"),
    ].map { ($0.0 == "I64" ? "Int" : $0.0, $0.1) })
    let n = g.pick([15, 90, 400]), at = g.below(n)
    let text = """
      (defn \(name)-key [i: Int] -> \(keyType) \(key))
      (defn \(name) [n: Int a: \(type.name)] -> \(type.name)
        (let [m (: (map-of) (Map \(keyType) \(type.name))) s (: (set-of) (Set \(keyType))) mut x a mut hits 0]
          (for [i (range n)]
            (let [k (\(name)-key i)]
              (if (contains? m k) (set! hits (+ hits 1)) (add! s k))
              (set! x \(value(type, 2, over: [("x", type), ("i", Self.integers[0])], &g)))
              (if (< i \(at)) (put! m k x) (do (remove! m k) (update! m (\(name)-key (+ i 1)) x (fn [y] \(value(type, 2, over: [("x", type), ("y", type)], &g))))))
              (match (get m k) (Some y) (set! x y) None (set! hits (- hits 1)))
              (when (= (% i 50) 3) (for [(tuple k v) m] (when (= v x) (set! hits (+ hits 2)))))))
          (println hits (len m) (len s) (show (first (keys m))) (show (last (values m))) (= (keys m) (map (fn [k] k) s)))
          x))

      """
    return (text, "(println \"\(name)\" (\(name) \(n) \(constant(type, &g))))")
  }

  /// Arguments left out, given by name, and out of order.
  mutating func defaults(_ name: String, _ g: inout SeededGenerator) -> Topic {
    let (a, b) = (g.pick(Self.numbers), g.pick(Self.numbers))
    let known = [("x", a), ("by", b), ("off", Self.integers[0])]
    let calls = ["(\(name)-of x)", "(\(name)-of x y)", "(\(name)-of x :off i)", "(\(name)-of x :off (* i 2) :by y)", "(\(name)-of :x x :by y)", "(\(name)-of x :at (Spot (float i) 1.0))"]
    let n = g.pick([30, 200, 800])
    let text = """
      (defvar \(name)-count: Int 0)
      (defn \(name)-next [] -> Int (set! \(name)-count (+ \(name)-count 1)) \(name)-count)
      (defn \(name)-of [x: \(a.name) by: \(b.name) = \(constant(b, &g)) off: Int = (\(name)-next) at: Spot = (Spot 0.5 -0.0)] -> \(a.name)
        (if (> (.x at) (float off)) \(value(a, 3, over: known, &g)) \(value(a, 2, over: known, &g))))
      (defn \(name) [n: Int a: \(a.name) b: \(b.name)] -> \(a.name)
        (let [mut x a mut y b]
          (for [i (range n)]
            (set! x \(g.pick(calls)))
            (when (> i \(n / 2)) (set! x \(g.pick(calls))) (set! y \(value(b, 2, over: [("x", a), ("y", b)], &g)))))
          (println \(name)-count y)
          x))

      """
    return (text, "(println \"\(name)\" (\(name) \(n) \(constant(a, &g)) \(constant(b, &g))))")
  }
}
