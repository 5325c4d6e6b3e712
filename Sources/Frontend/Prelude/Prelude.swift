// The prelude: Lang's own library, written in Lang over intrinsics and primitives. Its text is part of
// the binary; headers and bodies are worked out only when a program uses them.
//
// `(intrinsic name operation [..] -> T)` becomes instructions, `(primitive name operation ..)` a call
// into the runtime; names that begin with `%` are the prelude's own. Several definitions of one name
// are overloads, told apart by the head type of their first argument that is no function.

public enum Prelude {
  public static let path = "prelude.lang"
  /// All parts as one text.
  public static var text: [UInt8] {
    var text: [UInt8] = []
    for part in [source, collections, iterable, syntax] {
      part.withUTF8Buffer { unsafe text += $0 }
      text.append(10)
    }
    return text
  }

  private static let source: StaticString = #"""
    (defenum (Option a) None (Some value: a))
    (defenum (Result a e) (Ok value: a) (Err error: e))
    (defstruct Range [from: Int to: Int step: Int])

    ; Numbers
    (intrinsic + add [a: n b: n] -> n :where (Num n))
    (intrinsic - sub [a: n b: n] -> n :where (Num n))
    (intrinsic * mul [a: n b: n] -> n :where (Num n))
    (intrinsic / div [a: n b: n] -> n :where (Num n))
    (intrinsic % rem [a: n b: n] -> n :where (Num n))
    (intrinsic min min [a: n b: n] -> n :where (Num n))
    (intrinsic max max [a: n b: n] -> n :where (Num n))
    (intrinsic abs abs [a: n] -> n :where (Num n))
    (intrinsic bit-and bitAnd [a: n b: n] -> n :where (Integral n))
    (intrinsic bit-or bitOr [a: n b: n] -> n :where (Integral n))
    (intrinsic bit-xor bitXor [a: n b: n] -> n :where (Integral n))
    (intrinsic bit-not bitNot [a: n] -> n :where (Integral n))
    (intrinsic << shl [a: n by: Int] -> n :where (Integral n))
    (intrinsic >> shr [a: n by: Int] -> n :where (Integral n))
    (intrinsic >>> ushr [a: n by: Int] -> n :where (Integral n))
    (intrinsic sqrt sqrt [x: n] -> n :where (Floating n))
    (intrinsic floor floor [x: n] -> n :where (Floating n))
    (intrinsic ceil ceil [x: n] -> n :where (Floating n))
    (intrinsic round round [x: n] -> n :where (Floating n))
    (intrinsic int toInt [x: n] -> Int :where (Num n))
    (intrinsic float toFloat [x: n] -> Float :where (Num n))
    (intrinsic i8 toI8 [x: n] -> I8 :where (Num n))
    (intrinsic i16 toI16 [x: n] -> I16 :where (Num n))
    (intrinsic i32 toI32 [x: n] -> I32 :where (Num n))
    (intrinsic u8 toU8 [x: n] -> U8 :where (Num n))
    (intrinsic u16 toU16 [x: n] -> U16 :where (Num n))
    (intrinsic u32 toU32 [x: n] -> U32 :where (Num n))
    (intrinsic u64 toU64 [x: n] -> U64 :where (Num n))
    (intrinsic f32 toF32 [x: n] -> F32 :where (Num n))
    (intrinsic code charCode [c: Char] -> Int)
    (primitive char char-from-int [n: Int] -> Char)
    (primitive sin sin [x: Float] -> Float)
    (primitive cos cos [x: Float] -> Float)
    (primitive tan tan [x: Float] -> Float)
    (primitive asin asin [x: Float] -> Float)
    (primitive acos acos [x: Float] -> Float)
    (primitive atan atan [x: Float] -> Float)
    (primitive exp exp [x: Float] -> Float)
    (primitive log log [x: Float] -> Float)
    (primitive atan2 atan2 [y: Float x: Float] -> Float)
    (intrinsic pow pow [x: n y: n] -> n :where (Num n))
    (defn clamp [x: n lo: n hi: n] -> n :where (Num n) (min (max x lo) hi))

    ; Comparing
    (intrinsic = equal [a: a b: a] -> Bool :where (Eq a))
    (intrinsic != notEqual [a: a b: a] -> Bool :where (Eq a))
    (intrinsic < less [a: a b: a] -> Bool :where (Ord a))
    (intrinsic <= lessEqual [a: a b: a] -> Bool :where (Ord a))
    (intrinsic > greater [a: a b: a] -> Bool :where (Ord a))
    (intrinsic >= greaterEqual [a: a b: a] -> Bool :where (Ord a))
    (intrinsic compare compare [a: a b: a] -> Int :where (Ord a))
    (intrinsic hash hash [a: a] -> Int :where (Hash a))
    (intrinsic same? same [a: a b: a] -> Bool)
    (intrinsic not not [a: Bool] -> Bool)
    (deftrait (Eq t) (= [a: t b: t] -> Bool))
    (deftrait (Ord t) (compare [a: t b: t] -> Int))
    (deftrait (Hash t) (hash [x: t] -> Int))
    (deftrait (Show t) (show [x: t] -> String))
    (deftrait (Num t))
    (deftrait (Integral t))
    (deftrait (Floating t))
    (deftrait (Add t) (+ [a: t b: t] -> t))
    (deftrait (Sub t) (- [a: t b: t] -> t))
    (deftrait (Mul t) (* [a: t b: t] -> t))
    (deftrait (Div t) (/ [a: t b: t] -> t))
    (deftrait (Rem t) (% [a: t b: t] -> t))
    (deftrait (Neg t) (- [a: t] -> t))
    (intrinsic panic panic [message: String] -> Never)

    ; Text
    (primitive len string-length [s: String] -> Int)
    (primitive %concat string-concat [s: String t: String] -> String)
    (primitive slice string-slice [s: String from: Int to: Int] -> String)
    (primitive %find string-find [s: String part: String from: Int] -> Int)
    (primitive %chars string-chars [s: String into: (Vec Char)] -> Unit)
    (primitive starts-with? string-starts-with [s: String prefix: String] -> Bool)
    (primitive ends-with? string-ends-with [s: String suffix: String] -> Bool)
    (primitive trim string-trim [s: String] -> String)
    (primitive upper string-upper [s: String] -> String)
    (primitive lower string-lower [s: String] -> String)
    (primitive replace string-replace [s: String from: String to: String] -> String)
    (primitive %parse-int string-parse-int [s: String] -> (Tuple Bool Int))
    (primitive %parse-float string-parse-float [s: String] -> (Tuple Bool Float))
    (defn empty? [s: String] -> Bool (= (len s) 0))
    (defn chars [s: String] -> (Vec Char)
      (let [v: (Vec Char) (vec)] (%chars s v) v))
    (defn index-of [s: String part: String] -> (Option Int)
      (let [at (%find s part 0)] (if (< at 0) None (Some at))))
    (defn contains? [s: String part: String] -> Bool (>= (%find s part 0) 0))
    (defn split [s: String sep: String] -> (Vec String)
      (let [parts: (Vec String) (vec)]
        (if (= (len sep) 0)
          (for [c (chars s)] (push! parts (str c)))
          (loop [from 0]
            (let [at (%find s sep from)]
              (if (< at 0)
                (push! parts (slice s from (len s)))
                (do (push! parts (slice s from at))
                    (recur (+ at (len sep))))))))
        parts))
    (primitive %add-string text-add-string [out: (Vec U8) s: String] -> Unit)
    (primitive %new-text text-new [] -> (Vec U8))
    (primitive %to-string text-to-string [out: (Vec U8)] -> String)
    (defn join [parts: (Vec a) sep: String] -> String
      (let [out (%new-text) mut first? true]
        (for [part parts]
          (if first? (set! first? false) (%add-string out sep))
          (%display-into out part))
        (%to-string out)))
    (defn parse-int [s: String] -> (Option Int)
      (let [(tuple ok n) (%parse-int s)] (if ok (Some n) None)))
    (defn parse-float [s: String] -> (Option Float)
      (let [(tuple ok x) (%parse-float s)] (if ok (Some x) None)))

    ; Vectors
    (intrinsic len vecLength [v: (Vec a)] -> Int)
    (intrinsic nth vecNth [v: (Vec a) i: Int] -> a)
    (intrinsic set-nth! vecSet [v: (Vec a) i: Int x: a] -> Unit)
    (intrinsic push! vecPush [v: (Vec a) x: a] -> Unit)
    (intrinsic %pop vecPopLast [v: (Vec a)] -> a)
    (primitive %reserve vector-reserve [v: (Vec a) n: Int] -> Unit)
    (primitive %fill vector-fill [v: (Vec a) n: Int x: a] -> Unit)
    (primitive %remove vector-remove [v: (Vec a) i: Int] -> Unit)
    (primitive %truncate vector-truncate [v: (Vec a) n: Int] -> Unit)
    (primitive %append vector-append [v: (Vec a) w: (Vec a)] -> Unit)
    (primitive %reverse vector-reverse [v: (Vec a)] -> Unit)
    (primitive insert! vector-insert [v: (Vec a) i: Int x: a] -> Unit)
    (primitive slice vector-slice [v: (Vec a) from: Int to: Int] -> (Vec a))
    (defn vec-of [n: Int x: a] -> (Vec a) (let [v: (Vec a) (vec)] (%fill v n x) v))
    (defn empty? [v: (Vec a)] -> Bool (= (len v) 0))
    (defn get [v: (Vec a) i: Int] -> (Option a)
      (if (and (>= i 0) (< i (len v))) (Some (nth v i)) None))
    (defn pop! [v: (Vec a)] -> (Option a) (if (= (len v) 0) None (Some (%pop v))))
    (defn remove-at! [v: (Vec a) i: Int] -> a (let [x (nth v i)] (%remove v i) x))
    (defn clear! [v: (Vec a)] -> Unit (%truncate v 0))
    (defn copy [v: (Vec a)] -> (Vec a) (slice v 0 (len v)))
    (defn concat [v: (Vec a) w: (Vec a)] -> (Vec a) (let [u (copy v)] (%append u w) u))
    (defn reverse [v: (Vec a)] -> (Vec a) (let [u (copy v)] (%reverse u) u))
    (defn first [v: (Vec a)] -> (Option a) (if (= (len v) 0) None (Some (nth v 0))))
    (defn last [v: (Vec a)] -> (Option a) (if (= (len v) 0) None (Some (nth v (- (len v) 1)))))
    (defn index-of [v: (Vec a) x: a] -> (Option Int) :where (Eq a)
      (let [n (len v)]
        (loop [i 0]
          (cond (= i n) None
                (= (nth v i) x) (Some i)
                :else (recur (+ i 1))))))
    (defn contains? [v: (Vec a) x: a] -> Bool :where (Eq a) (some? (index-of v x)))

    ; Sorting: a stable merge sort, insertion sort below 12 elements; n log n comparisons at worst.
    (defn %insertion-sort [f: (Fn [a a] Int) v: (Vec a) from: Int to: Int] -> Unit
      (let [mut i (+ from 1)]
        (while (< i to)
          (let [x (nth v i) mut j i]
            (while (and (> j from) (> (f (nth v (- j 1)) x) 0))
              (set-nth! v j (nth v (- j 1)))
              (set! j (- j 1)))
            (set-nth! v j x))
          (set! i (+ i 1)))))
    (defn %merge [f: (Fn [a a] Int) v: (Vec a) w: (Vec a) from: Int middle: Int to: Int] -> Unit
      (let [mut i from mut j middle mut k from]
        (while (< k to)
          (if (and (< i middle) (or (= j to) (<= (f (nth v i) (nth v j)) 0)))
            (do (set-nth! w k (nth v i)) (set! i (+ i 1)))
            (do (set-nth! w k (nth v j)) (set! j (+ j 1))))
          (set! k (+ k 1)))
        (set! k from)
        (while (< k to) (set-nth! v k (nth w k)) (set! k (+ k 1)))))
    (defn %merge-sort [f: (Fn [a a] Int) v: (Vec a) w: (Vec a) from: Int to: Int] -> Unit
      (if (< (- to from) 12)
        (%insertion-sort f v from to)
        (let [middle (+ from (/ (- to from) 2))]
          (%merge-sort f v w from middle)
          (%merge-sort f v w middle to)
          (when (> (f (nth v (- middle 1)) (nth v middle)) 0)
            (%merge f v w from middle to)))))
    (defn %sort [f: (Fn [a a] Int) v: (Vec a)] -> Unit
      (let [n (len v)]
        (if (< n 12) (%insertion-sort f v 0 n) (%merge-sort f v (copy v) 0 n))))
    (defn sort-by! [f: (Fn [a] k) v: (Vec a)] -> Unit :where (Ord k)
      (%sort (fn [x y] (compare (f x) (f y))) v))
    (defn sort! [v: (Vec a)] -> Unit :where (Ord a) (%sort (fn [x y] (compare x y)) v))
    (defn sort [v: (Vec a)] -> (Vec a) :where (Ord a) (let [u (copy v)] (sort! u) u))

    ; Ranges
    (defn %range-count [r: Range] -> Int
      (let [step (.step r)]
        (cond (> step 0) (if (< (.from r) (.to r)) (/ (+ (- (.to r) (.from r)) (- step 1)) step) 0)
              (< step 0) (if (> (.from r) (.to r)) (/ (+ (- (.from r) (.to r)) (- (- step) 1)) (- step)) 0)
              :else 0)))
    (defn range [to: Int] -> Range (Range 0 to 1))
    (defn range [from: Int to: Int] -> Range (Range from to 1))
    (defn range [from: Int to: Int step: Int] -> Range (Range from to step))
    (defn len [r: Range] -> Int (%range-count r))
    (defn empty? [r: Range] -> Bool (= (%range-count r) 0))
    (defn contains? [r: Range x: Int] -> Bool
      (let [step (.step r)]
        (cond (> step 0) (and (>= x (.from r)) (< x (.to r)) (= (% (- x (.from r)) step) 0))
              (< step 0) (and (<= x (.from r)) (> x (.to r)) (= (% (- (.from r) x) (- step)) 0))
              :else false)))

    ; Higher order
    (defn map [f: (Fn [a] b) v: (Vec a)] -> (Vec b)
      (let [out: (Vec b) (vec)] (%reserve out (len v)) (for [x v] (push! out (f x))) out))
    (defn map [f: (Fn [Int] b) r: Range] -> (Vec b)
      (let [out: (Vec b) (vec)] (for [x r] (push! out (f x))) out))
    (defn filter [f: (Fn [a] Bool) v: (Vec a)] -> (Vec a)
      (let [out: (Vec a) (vec)] (for [x v] (when (f x) (push! out x))) out))
    (defn filter [f: (Fn [Int] Bool) r: Range] -> (Vec Int)
      (let [out: (Vec Int) (vec)] (for [x r] (when (f x) (push! out x))) out))
    (defn fold [f: (Fn [b a] b) init: b v: (Vec a)] -> b
      (let [mut acc init] (for [x v] (set! acc (f acc x))) acc))
    (defn fold [f: (Fn [b Int] b) init: b r: Range] -> b
      (let [mut acc init] (for [x r] (set! acc (f acc x))) acc))
    (defn each [f: (Fn [a] b) v: (Vec a)] -> Unit (for [x v] (f x)))
    (defn each [f: (Fn [Int] b) r: Range] -> Unit (for [x r] (f x)))
    (defn any? [f: (Fn [a] Bool) v: (Vec a)] -> Bool (for [x v] (when (f x) (return true))) false)
    (defn any? [f: (Fn [Int] Bool) r: Range] -> Bool (for [x r] (when (f x) (return true))) false)
    (defn all? [f: (Fn [a] Bool) v: (Vec a)] -> Bool (for [x v] (unless (f x) (return false))) true)
    (defn all? [f: (Fn [Int] Bool) r: Range] -> Bool (for [x r] (unless (f x) (return false))) true)
    (defn find-first [f: (Fn [a] Bool) v: (Vec a)] -> (Option a)
      (for [x v] (when (f x) (return (Some x)))) None)
    (defn find-first [f: (Fn [Int] Bool) r: Range] -> (Option Int)
      (for [x r] (when (f x) (return (Some x)))) None)
    (defn flat-map [f: (Fn [a] (Vec b)) v: (Vec a)] -> (Vec b)
      (let [out: (Vec b) (vec)] (for [x v] (%append out (f x))) out))
    (defn flat-map [f: (Fn [Int] (Vec b)) r: Range] -> (Vec b)
      (let [out: (Vec b) (vec)] (for [x r] (%append out (f x))) out))
    (defn enumerate [v: (Vec a)] -> (Vec (Tuple Int a))
      (let [out: (Vec (Tuple Int a)) (vec)]
        (for [i (range (len v))] (push! out (tuple i (nth v i)))) out))

    ; Options and results
    (defn unwrap [o: (Option a)] -> a
      (match o (Some x) x None (panic "unwrap of None")))
    (defn unwrap [r: (Result a e)] -> a
      (match r (Ok x) x (Err e) (panic (str "unwrap of Err: " e))))
    (defn unwrap-or [o: (Option a) default: a] -> a (match o (Some x) x None default))
    (defn unwrap-or [r: (Result a e) default: a] -> a (match r (Ok x) x (Err _) default))
    (intrinsic some? isSome [o: (Option a)] -> Bool)
    (intrinsic none? isNone [o: (Option a)] -> Bool)
    (defn ok? [r: (Result a e)] -> Bool (match r (Ok _) true (Err _) false))
    (defn err? [r: (Result a e)] -> Bool (match r (Ok _) false (Err _) true))
    (defn map-option [f: (Fn [a] b) o: (Option a)] -> (Option b)
      (match o (Some x) (Some (f x)) None None))
    (defn map-result [f: (Fn [a] b) r: (Result a e)] -> (Result b e)
      (match r (Ok x) (Ok (f x)) (Err e) (Err e)))
    (defn some? [r: (Result a e)] -> Bool (ok? r))
    (defn none? [r: (Result a e)] -> Bool (err? r))
    (defn map-option [f: (Fn [a] b) r: (Result a e)] -> (Result b e) (map-result f r))
    (defn map-err [f: (Fn [e] d) r: (Result a e)] -> (Result a d)
      (match r (Ok x) (Ok x) (Err e) (Err (f e))))
    (defn ok-or [o: (Option a) error: e] -> (Result a e)
      (match o (Some x) (Ok x) None (Err error)))

    ; Functions
    (defn identity [x: a] -> a x)
    (defn compose [f: (Fn [b] c) g: (Fn [a] b)] -> (Fn [a] c) (fn [x] (f (g x))))
    (defn compose [f: (Fn [c] d) g: (Fn [b] c) h: (Fn [a] b)] -> (Fn [a] d) (fn [x] (f (g (h x)))))
    (defn compose [f: (Fn [d] e) g: (Fn [c] d) h: (Fn [b] c) i: (Fn [a] b)] -> (Fn [a] e)
      (fn [x] (f (g (h (i x))))))
    (defn partial [f: (Fn [a b] r) x: a] -> (Fn [b] r) (fn [y] (f x y)))
    (defn partial [f: (Fn [a] r) x: a] -> (Fn [] r) (fn [] (f x)))
    (defn partial [f: (Fn [a b c] r) x: a] -> (Fn [b c] r) (fn [y z] (f x y z)))
    (defn partial [f: (Fn [a b c d] r) x: a] -> (Fn [b c d] r) (fn [y z w] (f x y z w)))
    (defn partial [f: (Fn [a b] r) x: a y: b] -> (Fn [] r) (fn [] (f x y)))
    (defn partial [f: (Fn [a b c] r) x: a y: b] -> (Fn [c] r) (fn [z] (f x y z)))
    (defn partial [f: (Fn [a b c d] r) x: a y: b] -> (Fn [c d] r) (fn [z w] (f x y z w)))
    (defn partial [f: (Fn [a b c] r) x: a y: b z: c] -> (Fn [] r) (fn [] (f x y z)))
    (defn partial [f: (Fn [a b c d] r) x: a y: b z: c] -> (Fn [d] r) (fn [w] (f x y z w)))

    ; The outside
    (primitive %read-line read-line [] -> (Tuple Bool String))
    (defn read-line [] -> (Option String)
      (let [(tuple ok line) (%read-line)] (if ok (Some line) None)))
    (primitive %read-file read-file [path: String] -> (Tuple Bool String))
    (defn read-file [path: String] -> (Result String String)
      (let [(tuple ok text) (%read-file path)] (if ok (Ok text) (Err text))))
    (primitive %write-file write-file [path: String text: String] -> (Tuple Bool String))
    (defn write-file [path: String text: String] -> (Result Unit String)
      (let [(tuple ok error) (%write-file path text)] (if ok (Ok ()) (Err error))))
    (primitive %append-file append-file [path: String text: String] -> (Tuple Bool String))
    (defn append-file [path: String text: String] -> (Result Unit String)
      (let [(tuple ok error) (%append-file path text)] (if ok (Ok ()) (Err error))))
    (primitive %argument-count argument-count [] -> Int)
    (primitive %argument argument [i: Int] -> String)
    (defn args [] -> (Vec String)
      (let [out: (Vec String) (vec)] (for [i (range (%argument-count))] (push! out (%argument i))) out))
    (primitive %env environment [name: String] -> (Tuple Bool String))
    (defn env [name: String] -> (Option String)
      (let [(tuple ok value) (%env name)] (if ok (Some value) None)))
    (primitive exit exit [code: Int] -> Never)
    (primitive flush flush [] -> Unit)
    (primitive now-ms now-milliseconds [] -> Int)
    (primitive now-ns now-nanoseconds [] -> Int)
    (primitive sleep-ms sleep-milliseconds [n: Int] -> Unit)
    (primitive %read-key read-key [] -> (Tuple Bool Char))
    (defn read-key [] -> (Option Char)
      (let [(tuple ok c) (%read-key)] (if ok (Some c) None)))
    (primitive term-size terminal-size [] -> (Tuple Int Int))
    (primitive term? is-terminal [] -> Bool)
    (primitive gc collect [] -> Unit)

    ; Chance: PCG32 (O'Neill 2014), the same numbers on every machine. The stream is that of the C++
    ; library's pcg32 when none is given.
    (defrecord Rng [mut state: Int increment: Int])
    (defn rng [seed: Int stream: Int = 721347520444481703] -> Rng
      (let [r (Rng 0 (bit-or (<< stream 1) 1))]
        (%rand32 r)
        (set! (.state r) (+ (.state r) seed))
        (%rand32 r)
        r))
    (defn %rand32 [r: Rng] -> Int
      (let [old (.state r)
            shifted (bit-and (>>> (bit-xor (>>> old 18) old) 27) 0xffff_ffff)
            rot (>>> old 59)]
        (set! (.state r) (+ (* old 6364136223846793005) (.increment r)))
        (bit-and (bit-or (>>> shifted rot) (<< shifted (bit-and (- rot) 31))) 0xffff_ffff)))
    ; An integer of lo..<hi without bias.
    (defn rand-int! [r: Rng lo: Int hi: Int] -> Int
      (let [span (- hi lo)]
        (cond (= span 0) (panic "rand-int! of an empty range")
              (and (> span 0) (<= span 0x1_0000_0000))
              (let [threshold (% (- 0x1_0000_0000 span) span)]
                (loop [x (%rand32 r)]
                  (if (< x threshold) (recur (%rand32 r)) (+ lo (% x span)))))
              :else
              (let [x (bit-or (<< (%rand32 r) 32) (%rand32 r))]
                (if (< span 0) (panic "rand-int! of an empty range")
                  (+ lo (% (>>> x 1) span)))))))
    ; A float of 0.0..<1.0 with 53 random bits.
    (defn rand-float! [r: Rng] -> Float
      (let [high (>>> (%rand32 r) 5) low (>>> (%rand32 r) 6)]
        (/ (+ (* (float high) 67108864.0) (float low)) 9007199254740992.0)))
    """#
}
