// Maps and sets. A map is a vector of entries in order of insertion, and beside it an open-addressing
// table of their positions, as CPython's dict is (R. Hettinger, 2012):
//
//   index    │ -1 │  2 │ -1 │  0 │  1 │ -1 │ …      a power of two, probed linearly, at most 2/3 full
//   entries  │ h0 k0 v0 │ h1 k1 v1 │ h2 k2 v2 │      removed ones have the hash -1 and hold nothing
//
// Invariants: an entry never moves within its vector and its place is never used again; only a rebuild
// drops removed entries, and that makes another vector. So a walk goes on safely whatever happens to
// the map: it sees by the vector's identity that it has to look keys up from there on. Removing closes
// gaps in the index at once, so that a probe ends at the first vacant place. Where keys have an earlier layout the
// index says nothing of the keys of the present one, so the entries are tested before it is asked. `%first` is the first
// entry that is not removed, which makes maps fair queues.
//
// A set is a map to Unit, which takes no room.

extension Prelude {
  static let collections: StaticString = #"""
    (defstruct (MapEntry k v) [hash: Int key: k value: v])
    (defrecord (Map k v)
      [mut %entries: (Vec (MapEntry k v)) mut %index: (Vec I32) mut %live: Int mut %first: Int])
    (defstruct (Set a) [%items: (Map a Unit)])

    (defn %new-map [] -> (Map k v) (Map (vec) (vec-of 8 -1i32) 0 0))
    (defn %new-set [] -> (Set a) (Set (%new-map)))
    (primitive %erase vector-erase [v: (Vec a) i: Int] -> Unit)
    (intrinsic %checked vecChecked [v: (Vec a)] -> (Vec a))
    (intrinsic %show-into showInto [out: (Vec U8) depth: Int x: a] -> Unit)
    (intrinsic %display-into displayInto [out: (Vec U8) x: a] -> Unit)

    ; Hashes are kept without their sign. The loop below stands in several functions: a call would cost
    ; as much as a probe.
    (defn get [m: (Map k v) key: k] -> (Option v) :where (Hash k)
      (let [h (>>> (hash key) 1) index (.%index m) entries (%checked (.%entries m)) mask (- (len index) 1)]
        (loop [at (bit-and h mask)]
          (let [i (int (nth index at))]
            (if (< i 0) None
              (let [e (nth entries i)]
                (if (and (= (.hash e) h) (= (.key e) key)) (Some (.value e))
                  (recur (bit-and (+ at 1) mask)))))))))
    (defn get-or [m: (Map k v) key: k default: v] -> v :where (Hash k)
      (let [h (>>> (hash key) 1) index (.%index m) entries (%checked (.%entries m)) mask (- (len index) 1)]
        (loop [at (bit-and h mask)]
          (let [i (int (nth index at))]
            (if (< i 0) default
              (let [e (nth entries i)]
                (if (and (= (.hash e) h) (= (.key e) key)) (.value e)
                  (recur (bit-and (+ at 1) mask)))))))))
    (defn contains? [m: (Map k v) key: k] -> Bool :where (Hash k)
      (let [h (>>> (hash key) 1) index (.%index m) entries (%checked (.%entries m)) mask (- (len index) 1)]
        (loop [at (bit-and h mask)]
          (let [i (int (nth index at))]
            (if (< i 0) false
              (let [e (nth entries i)]
                (if (and (= (.hash e) h) (= (.key e) key)) true
                  (recur (bit-and (+ at 1) mask)))))))))
    (defn put! [m: (Map k v) key: k value: v] -> Unit :where (Hash k)
      (let [h (>>> (hash key) 1) index (.%index m) entries (%checked (.%entries m)) mask (- (len index) 1)]
        (loop [at (bit-and h mask)]
          (let [i (int (nth index at))]
            (if (< i 0) (%append-entry m at h key value)
              (let [e (nth entries i)]
                (if (and (= (.hash e) h) (= (.key e) key))
                  (set-nth! entries i (MapEntry h (.key e) value))
                  (recur (bit-and (+ at 1) mask)))))))))
    ; The place in the index of the entry with this hash and key; -1 when there is none.
    (defn %place [m: (Map k v) h: Int key: k] -> Int :where (Eq k)
      (let [index (.%index m) entries (%checked (.%entries m)) mask (- (len index) 1)]
        (loop [at (bit-and h mask)]
          (let [i (int (nth index at))]
            (if (< i 0) -1
              (let [e (nth entries i)]
                (if (and (= (.hash e) h) (= (.key e) key)) at
                  (recur (bit-and (+ at 1) mask)))))))))
    (defn %append-entry [m: (Map k v) at: Int h: Int key: k value: v] -> Unit
      (let [entries (.%entries m) index (.%index m) n (len entries)]
        (push! entries (MapEntry h key value))
        (set! (.%live m) (+ (.%live m) 1))
        (if (< (* (+ n 1) 3) (* (len index) 2))
          (set-nth! index at (i32 n))
          (%rebuild! m))))
    ; Leaves removed entries behind, and room for as many as there are.
    (defn %rebuild! [m: (Map k v)] -> Unit
      (let [live (.%live m) mut size 8]
        (when (< live (len (.%entries m)))
          (let [kept: (Vec (MapEntry k v)) (vec)]
            (%reserve kept live)
            (for [e (.%entries m)] (when (>= (.hash e) 0) (push! kept e)))
            (set! (.%entries m) kept)
            (set! (.%first m) 0)))
        (while (<= size (* live 2)) (set! size (* size 2)))
        (let [index (vec-of size -1i32) mask (- size 1) entries (.%entries m)]
          (for [i (range live)]
            (let [mut at (bit-and (.hash (nth entries i)) mask)]
              (while (>= (nth index at) 0i32) (set! at (bit-and (+ at 1) mask)))
              (set-nth! index at (i32 i))))
          (set! (.%index m) index))))
    (defn update! [m: (Map k v) key: k default: v f: (Fn [v] v)] -> Unit :where (Hash k)
      (let [h (>>> (hash key) 1) at (%place m h key)]
        (if (< at 0)
          (put! m key (f default))
          (let [entries (.%entries m) i (int (nth (.%index m) at)) e (nth entries i) value (f (.value e))]
            ; f may have changed the map
            (if (and (same? entries (.%entries m)) (= (.hash (nth entries i)) h))
              (set-nth! entries i (MapEntry h (.key e) value))
              (put! m key value))))))
    (defn remove! [m: (Map k v) key: k] -> (Option v) :where (Hash k)
      (let [at (%place m (>>> (hash key) 1) key)]
        (if (< at 0) None
          (let [i (int (nth (.%index m) at)) value (.value (nth (.%entries m) i))]
            (%remove-entry! m at i)
            (Some value)))))
    (defn %remove-entry! [m: (Map k v) at: Int i: Int] -> Unit
      (let [entries (.%entries m) index (.%index m) mask (- (len index) 1) n (len entries)]
        (%erase entries i)
        (set-nth! entries i (with (nth entries i) :hash -1))
        (set! (.%live m) (- (.%live m) 1))
        (when (= i (.%first m))
          (let [mut next (+ i 1)]
            (while (and (< next n) (< (.hash (nth entries next)) 0)) (set! next (+ next 1)))
            (set! (.%first m) next)))
        ; Who was pushed beyond the gap moves into it (Knuth 6.4, algorithm R).
        (loop [gap at place (bit-and (+ at 1) mask)]
          (let [j (int (nth index place))]
            (if (< j 0)
              (set-nth! index gap -1i32)
              (let [home (bit-and (.hash (nth entries j)) mask)]
                (if (< (bit-and (- place home) mask) (bit-and (- place gap) mask))
                  (recur gap (bit-and (+ place 1) mask))
                  (do (set-nth! index gap (i32 j))
                      (recur place (bit-and (+ place 1) mask))))))))))
    ; Keys of another layout have other hashes, and may be equal now: the later value counts, as in `put!`.
    (defn %rehash! [m: (Map k v)] -> Unit :where (Hash k)
      (let [fresh: (Map k v) (%new-map)]
        (for [e (.%entries m)] (when (>= (.hash e) 0) (put! fresh (.key e) (.value e))))
        (set! (.%entries m) (.%entries fresh))
        (set! (.%index m) (.%index fresh))
        (set! (.%live m) (.%live fresh))
        (set! (.%first m) 0)))
    (defn clear! [m: (Map k v)] -> Unit
      (set! (.%entries m) (vec))
      (set! (.%index m) (vec-of 8 -1i32))
      (set! (.%live m) 0)
      (set! (.%first m) 0))
    (defn copy [m: (Map k v)] -> (Map k v)
      (Map (copy (.%entries m)) (copy (.%index m)) (.%live m) (.%first m)))
    (defn len [m: (Map k v)] -> Int (.%live m))
    (defn empty? [m: (Map k v)] -> Bool (= (.%live m) 0))
    (defn keys [m: (Map k v)] -> (Vec k)
      (let [out: (Vec k) (vec)] (%reserve out (.%live m)) (for [(tuple k _) m] (push! out k)) out))
    (defn values [m: (Map k v)] -> (Vec v)
      (let [out: (Vec v) (vec)] (%reserve out (.%live m)) (for [(tuple _ v) m] (push! out v)) out))
    (defn %pairs [m: (Map k v)] -> (Vec (Tuple k v))
      (let [out: (Vec (Tuple k v)) (vec)] (%reserve out (.%live m)) (for [pair m] (push! out pair)) out))
    ; What a walk that began with other entries finds in the map for one of them.
    (defn %again [m: (Map k v) e: (MapEntry k v)] -> (MapEntry k v) :where (Eq k)
      (if (< (.hash e) 0) e
        (let [at (%place m (.hash e) (.key e))]
          (if (< at 0) (with e :hash -1) (nth (.%entries m) (int (nth (.%index m) at)))))))

    ; By contents, whatever the order of insertion. Order is that of the entries sorted by key.
    (defn %map-equal [a: (Map k v) b: (Map k v)] -> Bool :where (Eq k) (Eq v)
      (if (!= (.%live a) (.%live b)) false
        (do (for [e (.%entries a)]
              (when (>= (.hash e) 0)
                (let [at (%place b (.hash e) (.key e))]
                  (when (or (< at 0) (!= (.value e) (.value (nth (.%entries b) (int (nth (.%index b) at))))))
                    (return false)))))
            true)))
    (defn %map-hash [m: (Map k v)] -> Int :where (Hash k) (Hash v)
      (let [mut sum (.%live m)]
        (for [(tuple k v) m] (set! sum (+ sum (hash (tuple k v)))))
        sum))
    (defn %map-compare [a: (Map k v) b: (Map k v)] -> Int :where (Ord k) (Ord v)
      (compare (sort (%pairs a)) (sort (%pairs b))))
    (defn %show-map [out: (Vec U8) depth: Int m: (Map k v)] -> Unit
      (if (>= depth 64) (%add-string out "...")
        (do (%add-string out "(map-of")
            (for [(tuple k v) m]
              (%add-string out " ")
              (%show-into out (+ depth 1) k)
              (%add-string out " ")
              (%show-into out (+ depth 1) v))
            (%add-string out ")"))))

    ; Sets
    (defn add! [s: (Set a) x: a] -> Bool :where (Hash a)
      (let [m (.%items s) h (>>> (hash x) 1) index (.%index m) entries (%checked (.%entries m)) mask (- (len index) 1)]
        (loop [at (bit-and h mask)]
          (let [i (int (nth index at))]
            (if (< i 0) (do (%append-entry m at h x ()) true)
              (let [e (nth entries i)]
                (if (and (= (.hash e) h) (= (.key e) x)) false
                  (recur (bit-and (+ at 1) mask)))))))))
    (defn contains? [s: (Set a) x: a] -> Bool :where (Hash a) (contains? (.%items s) x))
    (defn remove! [s: (Set a) x: a] -> Bool :where (Hash a) (some? (remove! (.%items s) x)))
    (defn clear! [s: (Set a)] -> Unit (clear! (.%items s)))
    (defn copy [s: (Set a)] -> (Set a) (Set (copy (.%items s))))
    (defn len [s: (Set a)] -> Int (.%live (.%items s)))
    (defn empty? [s: (Set a)] -> Bool (= (.%live (.%items s)) 0))
    (defn values [s: (Set a)] -> (Vec a) (keys (.%items s)))
    (defn union [s: (Set a) t: (Set a)] -> (Set a) :where (Hash a)
      (let [u (copy s)] (for [x t] (add! u x)) u))
    (defn intersection [s: (Set a) t: (Set a)] -> (Set a) :where (Hash a)
      (let [u: (Set a) (set-of)] (for [x s] (when (contains? t x) (add! u x))) u))
    (defn difference [s: (Set a) t: (Set a)] -> (Set a) :where (Hash a)
      (let [u: (Set a) (set-of)] (for [x s] (unless (contains? t x) (add! u x))) u))
    (defn subset? [s: (Set a) t: (Set a)] -> Bool :where (Hash a)
      (for [x s] (unless (contains? t x) (return false))) true)
    (defn %show-set [out: (Vec U8) depth: Int s: (Set a)] -> Unit
      (if (>= depth 64) (%add-string out "...")
        (do (%add-string out "(set-of")
            (for [x s]
              (%add-string out " ")
              (%show-into out (+ depth 1) x))
            (%add-string out ")"))))

    (defn %show-range [out: (Vec U8) depth: Int r: Range] -> Unit
      (%add-string out "(range ")
      (%show-into out depth (.from r))
      (%add-string out " ")
      (%show-into out depth (.to r))
      (when (!= (.step r) 1)
        (%add-string out " ")
        (%show-into out depth (.step r)))
      (%add-string out ")"))

    ; Higher order, over the pairs of a map and the elements of a set
    (defn map [f: (Fn [(Tuple k v)] b) m: (Map k v)] -> (Vec b)
      (let [out: (Vec b) (vec)] (for [x m] (push! out (f x))) out))
    (defn map [f: (Fn [a] b) s: (Set a)] -> (Vec b)
      (let [out: (Vec b) (vec)] (for [x s] (push! out (f x))) out))
    (defn filter [f: (Fn [(Tuple k v)] Bool) m: (Map k v)] -> (Vec (Tuple k v))
      (let [out: (Vec (Tuple k v)) (vec)] (for [x m] (when (f x) (push! out x))) out))
    (defn filter [f: (Fn [a] Bool) s: (Set a)] -> (Vec a)
      (let [out: (Vec a) (vec)] (for [x s] (when (f x) (push! out x))) out))
    (defn fold [f: (Fn [b (Tuple k v)] b) init: b m: (Map k v)] -> b
      (let [mut acc init] (for [x m] (set! acc (f acc x))) acc))
    (defn fold [f: (Fn [b a] b) init: b s: (Set a)] -> b
      (let [mut acc init] (for [x s] (set! acc (f acc x))) acc))
    (defn each [f: (Fn [(Tuple k v)] b) m: (Map k v)] -> Unit (for [x m] (f x)))
    (defn each [f: (Fn [a] b) s: (Set a)] -> Unit (for [x s] (f x)))
    (defn any? [f: (Fn [(Tuple k v)] Bool) m: (Map k v)] -> Bool (for [x m] (when (f x) (return true))) false)
    (defn any? [f: (Fn [a] Bool) s: (Set a)] -> Bool (for [x s] (when (f x) (return true))) false)
    (defn all? [f: (Fn [(Tuple k v)] Bool) m: (Map k v)] -> Bool (for [x m] (unless (f x) (return false))) true)
    (defn all? [f: (Fn [a] Bool) s: (Set a)] -> Bool (for [x s] (unless (f x) (return false))) true)
    (defn find-first [f: (Fn [(Tuple k v)] Bool) m: (Map k v)] -> (Option (Tuple k v))
      (for [x m] (when (f x) (return (Some x)))) None)
    (defn find-first [f: (Fn [a] Bool) s: (Set a)] -> (Option a)
      (for [x s] (when (f x) (return (Some x)))) None)
    (defn flat-map [f: (Fn [(Tuple k v)] (Vec b)) m: (Map k v)] -> (Vec b)
      (let [out: (Vec b) (vec)] (for [x m] (%append out (f x))) out))
    (defn flat-map [f: (Fn [a] (Vec b)) s: (Set a)] -> (Vec b)
      (let [out: (Vec b) (vec)] (for [x s] (%append out (f x))) out))
    (defn enumerate [m: (Map k v)] -> (Vec (Tuple Int (Tuple k v))) (enumerate (%pairs m)))
    (defn enumerate [s: (Set a)] -> (Vec (Tuple Int a)) (enumerate (values s)))
    (defn enumerate [r: Range] -> (Vec (Tuple Int Int)) (enumerate (map identity r)))
    """#
}
