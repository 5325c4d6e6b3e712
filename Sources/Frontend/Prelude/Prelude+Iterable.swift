// The prelude: what can be walked, and the higher-order functions over all of that.
//
// `for` over vectors, ranges, maps and sets is code of its own, and the functions over those stand
// before the general ones here, which are their last overloads.

extension Prelude {
  static let iterable: StaticString = #"""
    ; `next` answers one element after the other, then None for good.
    (defrecord (Iter a) [next: (Fn [] (Option a))])
    (deftrait (Iterable c a)
      (iter [xs: c] -> (Iter a))
      (%as-vec [xs: c] -> (Option (Vec a)) None))
    (impl (Iterable (Iter a) a) (defn iter [xs: (Iter a)] -> (Iter a) xs))
    (impl (Iterable (Vec a) a)
      (defn %as-vec [xs: (Vec a)] -> (Option (Vec a)) (Some xs))
      (defn iter [xs: (Vec a)] -> (Iter a)
        (let [mut i 0]
          (Iter (fn [] (if (< i (len xs)) (let [x (nth xs i)] (set! i (+ i 1)) (Some x)) None))))))
    (impl (Iterable Range Int)
      (defn iter [xs: Range] -> (Iter Int)
        (let [mut i 0 n (%range-count xs)]
          (Iter (fn [] (if (< i n) (let [x (+ (.from xs) (* i (.step xs)))] (set! i (+ i 1)) (Some x)) None))))))
    (impl (Iterable String Char) (defn iter [xs: String] -> (Iter Char) (iter (chars xs))))
    (impl (Iterable (Set a) a) (defn iter [xs: (Set a)] -> (Iter a) (iter (values xs))))
    (impl (Iterable (Map k v) (Tuple k v))
      (defn iter [xs: (Map k v)] -> (Iter (Tuple k v)) (iter (%pairs xs))))

    (defn map [f: (Fn [a] b) v: c] -> (Vec b) :where (Iterable c a)
      (let [out: (Vec b) (vec)] (for [x v] (push! out (f x))) out))
    (defn filter [f: (Fn [a] Bool) v: c] -> (Vec a) :where (Iterable c a)
      (let [out: (Vec a) (vec)] (for [x v] (when (f x) (push! out x))) out))
    (defn fold [f: (Fn [b a] b) init: b v: c] -> b :where (Iterable c a)
      (let [mut acc init] (for [x v] (set! acc (f acc x))) acc))
    (defn each [f: (Fn [a] b) v: c] -> Unit :where (Iterable c a) (for [x v] (f x)))
    (defn any? [f: (Fn [a] Bool) v: c] -> Bool :where (Iterable c a) (for [x v] (when (f x) (return true))) false)
    (defn all? [f: (Fn [a] Bool) v: c] -> Bool :where (Iterable c a) (for [x v] (unless (f x) (return false))) true)
    (defn find-first [f: (Fn [a] Bool) v: c] -> (Option a) :where (Iterable c a)
      (for [x v] (when (f x) (return (Some x)))) None)
    (defn flat-map [f: (Fn [a] (Vec b)) v: c] -> (Vec b) :where (Iterable c a)
      (let [out: (Vec b) (vec)] (for [x v] (%append out (f x))) out))
    (defn %zip [v: (Vec a) w: (Vec b)] -> (Vec (Tuple a b))
      (let [out: (Vec (Tuple a b)) (vec) n (min (len v) (len w))]
        (for [i (range n)] (push! out (tuple (nth v i) (nth w i)))) out))
    (defn zip [v: c w: d] -> (Vec (Tuple a b)) :where (Iterable c a) (Iterable d b)
      (match (tuple (%as-vec v) (%as-vec w))
        (tuple (Some x) (Some y)) (%zip x y)
        _ (let [out: (Vec (Tuple a b)) (vec) next (.next (iter w))]
            (for [x v]
              (match (next)
                (Some y) (push! out (tuple x y))
                None (return out)))
            out)))
    (defn enumerate [v: c] -> (Vec (Tuple Int a)) :where (Iterable c a)
      (let [out: (Vec (Tuple Int a)) (vec) mut i 0]
        (for [x v] (push! out (tuple i x)) (set! i (+ i 1))) out))
    """#
}
