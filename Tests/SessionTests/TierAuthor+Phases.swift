// Functions of `TierAuthor` that run long enough to be recorded and compiled, and then run otherwise: ways that were never gone become the
// usual ones, a call of a closure calls another, a tail call leads elsewhere. What was expected of them has to be corrected.

extension TierAuthor {
  /// A function, and statements for `main`.
  typealias Topic = (text: String, call: String)

  /// Turns of a loop that is recorded, compiled, and surprised.
  private static func turns(_ g: inout SeededGenerator) -> Int { g.pick([60, 300, 700, 1500]) }

  /// An expression of the type of `x`, over what `known` names; `Int` is `i`.
  mutating func value(_ type: Number, _ depth: Int, over known: [(String, Number)], _ g: inout SeededGenerator) -> String {
    scope(known)
    return value(type, depth, &g)
  }

  mutating func condition(_ depth: Int, over known: [(String, Number)], _ g: inout SeededGenerator) -> String {
    scope(known)
    return condition(depth, &g)
  }

  private mutating func scope(_ known: [(String, Number)]) {
    names = [:]
    for (name, type) in known { names[type.name, default: []].append(name) }
  }

  /// A loop with ways that are taken only from some turn on, or only for some turns.
  mutating func phases(_ name: String, _ g: inout SeededGenerator) -> Topic {
    let (a, b) = (g.pick(Self.numbers), g.pick(Self.numbers))
    let int = Self.integers[0]
    let n = Self.turns(&g)
    let from = g.below(n), to = g.below(2) == 0 ? n : from + g.below(n)
    let known = [("x", a), ("y", b), ("i", int)]
    func inRare(_ value: String) -> String { value }
    let one = value(a, 3, over: known, &g), other = value(a, 3, over: known, &g), third = value(b, 3, over: known, &g)
    let test: String
    switch g.below(4) {
    case 0: test = "(and (>= i from) (< i to))"
    case 1: test = "(match (mood-of i from to) Calm false (or Cross Wild) true)"
    case 2: test = "(not (or (< i from) (>= i to)))"
    default: test = "(> (len (nth rows (if (< i from) 0 (if (< i to) 1 0)))) 1)"
    }
    let early = g.below(6) == 0 ? "(when (= i \(n - 1 - g.below(5))) (return (tuple x y)))" : ""
    let skip = g.below(4) == 0 ? "(when (and (> i from) (= (% i 3) 0)) (continue))" : g.below(8) == 0 ? "(when (and (> i to) (> hits 40)) (break))" : ""
    let rare = g.pick([
      "(set! x \(other))", "(let [(tuple p q) (\(name)-rare x y i)] (set! x p) (set! y q))",
      "(do (push! seen i) (set! y \(third)))", "(do (set! x \(other)) (when (= (% i 100) 7) (println \"rare\" i x y)))",
      "(set! y (let [f (fn [x: \(a.name)] -> \(b.name) \(value(b, 2, over: known, &g)))] (f x)))",
    ])
    let usual = g.pick(["(set! x \(one))", "(set! x (\(name)-usual x y i))", "(do (set! x \(one)) (set! y (\(name)-leaf y)))"])
    let head = g.pick(["(for [i (range n)]", "(for [i (range 0 n)]"])
    let text = """
      (defn \(name)-leaf [y: \(b.name)] -> \(b.name) \(value(b, 1, over: [("y", b)], &g)))
      (defn \(name)-usual [x: \(a.name) y: \(b.name) i: Int] -> \(a.name) (if \(condition(1, over: known, &g)) x \(value(a, 2, over: known, &g))))
      (defn \(name)-rare [x: \(a.name) y: \(b.name) i: Int] -> (Tuple \(a.name) \(b.name)) (tuple \(value(a, 2, over: known, &g)) (\(name)-leaf \(value(b, 2, over: known, &g)))))
      (defn \(name) [n: Int from: Int to: Int a: \(a.name) b: \(b.name)] -> (Tuple \(a.name) \(b.name))
        (let [mut x a mut y b mut hits 0 seen (: (vec) (Vec Int)) rows (vec (vec 1) (vec 1 2))]
          \(head)
            (set! hits (+ hits 1))
            \(early)\(skip)
            (if \(test) \(rare) \(usual)))
          (println hits (len seen) total (len rows))
          (tuple x y)))

      """
    return (text, "(println \"\(name)\" (\(name) \(n) \(from) \(to) \(constant(a, &g)) \(constant(b, &g))))")
  }

  /// A call of a closure whose target changes: directly, below a function that goes along, in a prelude's function.
  mutating func targets(_ name: String, _ g: inout SeededGenerator) -> Topic {
    let type = g.pick(Self.numbers), int = Self.integers[0]
    let n = Self.turns(&g), at = 1 + g.below(n)
    let known = [("x", type), ("k", type), ("i", int)]
    func body(_ depth: Int, _ g: inout SeededGenerator, _ author: inout TierAuthor) -> String { author.value(type, depth, over: known.dropLast(), &g) }
    let (first, second, third) = (body(2, &g, &self), body(3, &g, &self), body(2, &g, &self))
    let walk = g.pick([
      "(set! x (f x))", "(set! x (\(name)-apply f x))", "(set! x (\(name)-twice f x i))", "(set! x (fold (fn [a e] (f (if (> i e) a x))) x (vec 1 \(n / 2))))",
      "(set! x (nth (map f (vec x k)) (bit-and i 1)))", "(do (when (= (% i 3) 0) (set! x (f x))) (set! x (g x i)))",
    ])
    let change = g.pick([
      "(when (= i at) (set! f second))", "(when (> i at) (set! f (nth all (% i (len all)))))", "(set! f (if (< i at) first second))",
      "(when (>= i at) (let [j i] (set! f (fn [x] (if (= (% j 2) 0) (first x) (second x))))))", "(set! f (nth all (if (< i at) 0 (% i 4))))",
    ])
    let text = """
      (defn \(name)-apply [f: (Fn [\(type.name)] \(type.name)) x: \(type.name)] -> \(type.name) (f x))
      (defn \(name)-twice [f: (Fn [\(type.name)] \(type.name)) x: \(type.name) i: Int] -> \(type.name) (if (= (% i 5) 4) (f (f x)) (\(name)-apply f x)))
      (defn \(name)-plain [x: \(type.name)] -> \(type.name) \(value(type, 2, over: [("x", type)], &g)))
      (defn \(name) [n: Int at: Int a: \(type.name) k: \(type.name)] -> \(type.name)
        (let [mut x a mut calls 0 spot (Spot 1.5 nan)
              first (fn [x: \(type.name)] -> \(type.name) \(first))
              second (fn [x: \(type.name)] -> \(type.name) (set! calls (+ calls 1)) \(second))
              third (fn [x: \(type.name)] -> \(type.name) (if (= (.x spot) 1.5) \(third) x))
              all (vec first second third \(name)-plain)
              mut f first
              g (fn [x: \(type.name) i: Int] -> \(type.name) (if (> i at) (second x) \(value(type, 2, over: known, &g))))]
          (for [i (range n)]
            \(change)
            \(walk))
          (println calls (f x) (g x n))
          x))

      """
    return (text, "(println \"\(name)\" (\(name) \(n) \(at) \(constant(type, &g)) \(constant(type, &g))))")
  }

  /// Functions that call each other in tail position, with windows of different sizes, and lead elsewhere after a while.
  mutating func tails(_ name: String, _ g: inout SeededGenerator) -> Topic {
    let types = (0..<2 + g.below(3)).map { _ in g.pick(Self.numbers) }
    let n = Self.turns(&g), at = g.below(n)
    var text = ""
    func parameters(_ i: Int) -> String { i % 3 == 1 ? " t: (Tuple Int Float)" : i % 3 == 2 ? " s: Spot b: Bool" : "" }
    func extra(_ i: Int, _ g: inout SeededGenerator) -> String {
      i % 3 == 1 ? " (tuple n \(g.pick(["1.5", "(float n)", "nan"])))" : i % 3 == 2 ? " (Spot (float n) \(g.pick(["0.5", "-0.0"]))) (> n at)" : ""
    }
    for (i, type) in types.enumerated() {
      func call(_ g: inout SeededGenerator, _ author: inout TierAuthor) -> String {
        let to = g.below(types.count), target = types[to]
        let x = target.name == type.name ? author.value(type, 2, over: [("x", type), ("n", Self.integers[0])], &g) : "(\(target.conversion) \(author.value(type, 2, over: [("x", type)], &g)))"
        return "(\(name)-\(to) (- n \(1 + g.below(2))) at \(x) acc\(extra(to, &g)))"
      }
      let often = call(&g, &self), later = call(&g, &self)
      let note = i % 3 == 1 ? "(match t (tuple p q) (bit-xor acc (+ p (int q))))" : i % 3 == 2 ? "(if b (int (.x s)) acc)" : "(+ (* acc 3) 1)"
      let step: String
      switch g.below(4) {
      case 0: step = "(if (> n at) \(often) \(later))"
      case 1: step = "(cond (= n at) \(later) (< n at) \(often) :else \(call(&g, &self)))"
      case 2: step = "(let [x (if (< n at) x x)] (match (% n 4) 0 \(later) _ \(often)))"
      default: step = "(do (set! total (+ total 1)) \(often))"
      }
      text += "(defn \(name)-\(i) [n: Int at: Int x: \(type.name) acc: Int\(parameters(i))] -> Int\n  (if (<= n 0) (bit-xor acc (int x)) (let [acc \(note)] \(step))))\n"
    }
    return (text, "(println \"\(name)\" (let [n \(n) at \(at)] (\(name)-0 n at \(constant(types[0], &g)) 7)) (let [n 20 at \(at)] (\(name)-0 n at \(constant(types[0], &g)) 7)))")
  }

  /// Restart points, one in the other, around hot calls. A panic goes through them, used up one by one.
  mutating func restarts(_ name: String, _ g: inout SeededGenerator) -> Topic {
    let type = g.pick(Self.numbers)
    let n = g.pick([30, 200, 600])
    let known = [("x", type), ("i", Self.integers[0])]
    let inner = "(restart-point inner (set! x (\(name)-work x i))\(g.below(2) == 0 ? " (when (= i \(g.below(n))) (return x))" : "") x)"
    let outer = g.pick([
      "(set! x (restart-point outer \(inner)))", "(restart-point outer (when \(condition(1, over: known, &g)) \(inner)) (set! x (\(name)-work x i)))",
      "(set! x (\(name)-guarded x i))", "(restart-point outer (for [j (range 3)] (when (= j 2) (continue)) (set! x (\(name)-guarded x (+ i j)))))",
    ])
    let text = """
      (defn \(name)-work [x: \(type.name) i: Int] -> \(type.name) \(value(type, 3, over: known, &g)))
      (defn \(name)-guarded [x: \(type.name) i: Int] -> \(type.name)
        (restart-point guarded (if (> i \(n - 3)) (restart-point last (\(name)-work (\(name)-work x i) i)) (\(name)-work x i))))
      (defn \(name) [n: Int a: \(type.name)] -> \(type.name) (let [mut x a] (for [i (range n)] \(outer)) x))

      """
    return (text, "(println \"\(name)\" (\(name) \(n) \(constant(type, &g))))")
  }

  /// A panic of some kind, below hot calls, many of them in one piece of machine code.
  mutating func panics(_ g: inout SeededGenerator) -> Topic {
    let at = g.pick([1, 3, 17, 40, 150, 400, 900])
    let body = g.pick([
      "(/ 100 (- at i))", "(% 100 (- at i))", "(int (/ 7u8 (u8 (- at i))))", "(nth (vec-of at 1) i)", "(do (set-nth! (vec-of at 1.5f32) i 0.0f32) 1)", "(nth (vec 1 2) (- 0 (- i at) 1))",
      "(if (= i at) (panic (str \"at \" i)) i)", "(do (assert (!= i at)) i)", "(do (assert= i (if (= i at) 0 i)) i)", "(unwrap (if (= i at) None (Some i)))", "(len (slice \"abc\" 0 (if (= i at) 4 2)))",
      "(remove-at! (vec 1 2) (if (= i at) 2 0))", "(if (= i at) (forever i) i)", "(code (char (if (= i at) -1 i)))", "(int (.x (nth (vec-of at (Spot 1.0 2.0)) i)))",
      "(do (set-nth! (vec-of at (Spot 1.0 2.0)) i (Spot 2.0 1.0)) i)", "(do (set-nth! (vec-of at \"a\") i \"b\") i)", "(len (nth (vec-of at \"a\") i))",
      "(fold (fn [a x] (+ a (/ x (- at i)))) 0 (vec 1 2))", "(unwrap (: (if (= i at) (Err \"bad\") (Ok i)) (Result Int String)))",
      "(if (= i at) (to i 1.5) i)", "(if (= i at) (wide i (Spot 0.5 nan) (tuple i 2.5)) (int (.x (Spot 1.0 2.0))))",
      "(len (map (fn [x] (/ x (- at i))) (range 1 4)))", "(do (each (fn [x] (when (= x at) (panic \"each\"))) (range i (+ i 1))) 2)",
      "(len (filter (fn [x] (> (nth (vec 1 2 3) x) 0)) (vec 0 (if (= i at) 3 2))))", "(let [v (vec 3 1 2)] (sort-by! (fn [x] (/ x (if (= i at) 0 1))) v) (nth v 0))",
      "(match (mood-of i at (+ at 1)) Cross (panic \"cross\") (or Calm Wild) 1)", "(get-or (let [m (map-of 1 2)] (update! m i 0 (fn [x] (/ i (- at x i)))) m) i 3)",
    ])
    // What stands between the loop and the panic.
    var text = """
      (defn forever [n: Int] -> Int (+ 1 (forever (+ n 1))))
      (defn to [n: Int x: Float] -> Int (+ 1 (fro (Spot x (float n)) n)))
      (defn fro [s: Spot n: Int] -> Int (* 2 (to (+ n 1) (.y s))))
      (defn wide [n: Int s: Spot t: (Tuple Int Float)] -> Int (match t (tuple a b) (+ a (wide (+ n 1) (Spot (.y s) b) (tuple n (.x s))))))
      (defn fail-0 [i: Int at: Int] -> Int (+ 0 \(body)))

      """
    let depth = 1 + g.below(5)
    for level in 1...depth {
      let below = "(fail-\(level - 1) i at)"
      let call = g.pick([
        below, below, "(let [x \(below)] (+ x \(g.below(9))))", "(if (< i 0) 0 (+ 1 \(below)))", "((fn [j] (- (fail-\(level - 1) j at) 1)) i)",
        "(fold (fn [a x] (+ a (fail-\(level - 1) x at))) 0 (vec i i))", "(int (.y (let [(tuple a b) (tuple \(below) 2.5)] (Spot b (float a)))))",
        "(restart-point p\(level) (+ 1 \(below)))", "(if (> i \(at / 2)) \(below) (+ 2 \(below)))", "(match (Some \(below)) (Some x) (* x 3) None 0)",
        "(loop [k 0 acc 0] (if (= k 2) acc (recur (+ k 1) (+ acc \(below)))))", "(sink-\(level) \(g.pick([1, 3, 9])) i at)",
      ])
      if call.hasPrefix("(sink") { text += "(defn sink-\(level) [n: Int i: Int at: Int] -> Int (if (= n 0) \(below) (+ n (sink-\(level) (- n 1) i at))))\n" }
      text += "(defn fail-\(level) [i: Int at: Int] -> Int \(call))\n"
    }
    text += "(defn fail-at [n: Int at: Int] -> Int (let [mut sum 0] (for [i (range n)] (set! sum (+ sum (fail-\(depth) i at))) (when (= (% i 40) 0) (println sum))) sum))\n"
    return (text, "(println (fail-at \(at + 5) \(at)))")
  }
}
