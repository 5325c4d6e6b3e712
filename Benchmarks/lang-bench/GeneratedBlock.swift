// One block of a generated project: a struct, a record and ten functions of about ten lines, as a game has
// them. Types stay within their block; only numbers go from one block to another.

struct GeneratedBlock {
  static let size = 12
  static let types = 2

  let index: Int
  /// The earlier blocks that this one calls: for `blend`, for `mix` and for `round`. Empty on level 0.
  let callees: [Int]
  private let generator: ProjectGenerator

  init(_ index: Int, of generator: ProjectGenerator) {
    self.index = index
    self.generator = generator
    guard index % 4 != 0 else {
      callees = []
      return
    }
    // One level deeper: mostly near, sometimes anywhere before.
    var numbers = SplitMix64(seed: generator.seed, stream: index)
    let candidates = (index + 3) / 4
    callees = (0..<3).map { _ in
      let reach = numbers.next(below: 8) == 0 ? candidates : min(candidates, 8)
      return index - 1 - 4 * numbers.next(below: reach)
    }
  }

  /// The block's function of that kind, qualified if `file` is another file than the block's.
  func name(_ kind: String, seenFrom file: Int) -> String {
    let own = generator.file(ofBlock: index)
    return own == file ? "\(kind)-\(index)" : "\(generator.module(ofFile: own))/\(kind)-\(index)"
  }

  /// A call of the n-th callee's function, or `otherwise` on level 0.
  private func call(_ n: Int, _ kind: String, _ arguments: String, otherwise: String) -> String {
    guard n < callees.count else { return otherwise }
    let callee = GeneratedBlock(callees[n], of: generator)
    return "(\(callee.name(kind, seenFrom: generator.file(ofBlock: index))) \(arguments))"
  }
}

// MARK: Texts

extension GeneratedBlock {
  func definition(_ position: Int, variant: Int) -> String {
    let b = index
    var numbers = SplitMix64(seed: generator.seed, stream: -1 - (b * Self.size + position))
    // The constant that tells variants apart, and one that does not.
    let k = 2 + numbers.next(below: 500) + variant
    let c = 2 + numbers.next(below: 60)

    switch position {
    case 0:
      return """
        (defstruct Point\(b) [x: Float y: Float])

        """
    case 1:
      return """
        (defrecord Actor\(b)
          [name: String
           mut pos: Point\(b)
           mut vel: Point\(b)
           mut hp: Int = \(c)
           mut cooldown: Int = 0])

        """
    case 2:
      return """
        (defn distance-\(b) "Never less than the size of an actor." [a: Point\(b) b: Point\(b)] -> Float
          (let [dx (- (.x a) (.x b))
                dy (- (.y a) (.y b))
                d2 (+ (* dx dx) (* dy dy))
                size \(k).5]
            (if (< d2 (* size size))
              size
              (sqrt d2))))

        """
    case 3:
      return """
        (defn drift-\(b) [p: Point\(b) v: Point\(b) dt: Float] -> Point\(b)
          (let [x (+ (.x p) (* (.x v) dt))
                y (+ (.y p) (* (.y v) dt))
                edge \(k).0]
            (cond (< x 0.0) (Point\(b) :x (- 0.0 x) :y y)
                  (> x edge) (with p :x edge :y y)
                  (> y edge) (with p :x x :y edge)
                  :else (Point\(b) x y))))

        """
    case 4:
      let base = call(0, "blend", "low t", otherwise: "(* low (+ t \(c).25))")
      return """
        (defn blend-\(b) [x: Float y: Float] -> Float
          (let [low (min x y)
                high (max x y)
                t (/ (- high low) (+ (abs high) \(k).0))
                base \(base)]
            (cond (> t 0.75) (+ base (* t high))
                  (> t 0.25) (- base (* t low))
                  :else (* base 0.5))))

        """
    case 5:
      let next = call(1, "mix", "acc i", otherwise: "(* acc \(c))")
      return """
        (defn mix-\(b) [a: Int b: Int] -> Int
          (loop [i 0
                 acc (+ (* a \(c)) b)]
            (cond (= i 3) (bit-and acc 0xffff)
                  (= (% acc 3) 0) (recur (+ i 1) (bit-xor acc \(k)))
                  :else (recur (+ i 1) (+ \(next) (>> acc 2))))))

        """
    case 6:
      return """
        (defn weights-\(b) [n: Int seed: Int] -> (Vec Float)
          (let [out: (Vec Float) (vec)
                mut state seed]
            (for [i (range n)]
              (set! state (mix-\(b) state i))
              (if (< (% state 8) 3)
                (push! out (float state))
                (push! out (* (float i) \(k).125))))
            out))

        """
    case 7:
      return """
        (defn total-\(b) [xs: (Vec Float) limit: Float] -> Float
          (let [mut sum 0.0]
            (for [i (range (len xs))]
              (let [x (nth xs i)]
                (cond (> sum limit) (break)
                      (< x \(k).0) (set! sum (+ sum x))
                      :else (set! sum (+ sum (blend-\(b) x sum))))))
            sum))

        """
    case 8:
      return """
        (defn spawn-\(b) [i: Int] -> Actor\(b)
          (let [h (mix-\(b) i \(k))
                pos (Point\(b) (float (% h 640)) (float (% h 480)))
                vel (if (= (% h 2) 0)
                      (Point\(b) 1.5 -0.5)
                      (Point\(b) :x -0.5 :y 2.5))
                name (if (< h 0x8000) "scout" "guard")]
            (Actor\(b) name :pos pos :vel vel :hp (+ \(c) (% h 50)))))

        """
    case 9:
      return """
        (defn steer-\(b) [a: Actor\(b) target: Point\(b) dt: Float] -> Unit
          (let [pos (.pos a)
                pull (/ \(k).0 (distance-\(b) pos target))
                vx (+ (.x (.vel a)) (* (- (.x target) (.x pos)) pull))
                vy (+ (.y (.vel a)) (* (- (.y target) (.y pos)) pull))]
            (set! (.vel a) (Point\(b) vx vy))
            (when (> (.cooldown a) 0)
              (set! (.cooldown a) (- (.cooldown a) 1)))
            (set! (.pos a) (drift-\(b) pos (.vel a) dt))))

        """
    case 10:
      return """
        (defn hit-\(b) [a: Actor\(b) damage: Int] -> Bool
          (if (> (.cooldown a) 0)
            false
            (let [left (- (.hp a) (max 1 (/ damage 2)))]
              (set! (.cooldown a) \(c))
              (set! (.hp a) left)
              (when (< left \(k))
                (set! (.vel a) (Point\(b) 0.0 0.0)))
              (<= left 0))))

        """
    default:
      let deeper = call(2, "round", "2 seed", otherwise: "(mix-\(b) n seed)")
      return """
        (defn round-\(b) "How many of `n` actors fall, and what they weigh." [n: Int seed: Int] -> Int
          (let [actors: (Vec Actor\(b)) (vec)
                centre (Point\(b) 320.0 240.0)
                mut falls 0]
            (for [i (range n)]
              (push! actors (spawn-\(b) (+ seed i))))
            (for [a actors]
              (steer-\(b) a centre 0.016)
              (when (hit-\(b) a \(k))
                (set! falls (+ falls 1))))
            (+ (* falls 100) (int (total-\(b) (weights-\(b) n seed) 1000.0)) \(deeper))))

        """
    }
  }
}

/// Steele, Lea and Flood, "Fast splittable pseudorandom number generators" (2014): a stream for each definition.
private struct SplitMix64 {
  private var state: UInt64

  init(seed: UInt64, stream: Int) {
    state = seed &* 0x9e37_79b9_7f4a_7c15 ^ UInt64(bitPattern: Int64(stream))
    state = next()
  }

  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var z = state
    z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
    z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
    return z ^ (z >> 31)
  }

  mutating func next(below bound: Int) -> Int { Int(next() % UInt64(bound)) }
}
