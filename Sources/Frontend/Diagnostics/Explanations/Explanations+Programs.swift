// E06.., E09..: limits of the compiler, edits of a running program.

extension Explanation {
  static let programText = #"""
E0601: a function or a value is too large to compile
A function uses at most 255 registers' worth of values at a time, and a struct,
tuple or enum counts with all its parts, since they are stored inline. Split the
function, or make the large part a record, which is one reference.
---- wrong
(defstruct A [a: Int b: Int c: Int d: Int])
(defstruct B [a: A b: A c: A d: A])
(defstruct C [a: B b: B c: B d: B])
(defstruct D [a: C b: C c: C d: C])
(defn first-of [d: D] -> Int (.a (.a (.a (.a d)))))
---- right
(defrecord A [a: Int b: Int c: Int d: Int])
(defstruct B [a: A b: A c: A d: A])
(defstruct C [a: B b: B c: B d: B])
(defstruct D [a: C b: C c: C d: C])
(defn first-of [d: D] -> Int (.a (.a (.a (.a d)))))

E0602: a generic function needs itself for ever larger types
Generic functions are compiled for each type they are used with. This one calls
itself with a larger type each time: for `Int` it needs itself for `(Vec Int)`, for
that for `(Vec (Vec Int))`, and so on without end, even if the program would stop
before. Use an enum that contains itself for data that nests to any depth.
---- wrong
(defn deeper [x: a n: Int] -> Int
  (if (= n 0) 0 (deeper (vec x) (- n 1))))
(def depth (deeper 1 3))
---- right
(defenum Nested Leaf (Box inside: Nested))
(defn deeper [x: Nested n: Int] -> Int
  (if (= n 0) 0 (deeper (Box x) (- n 1))))
(def depth (deeper Leaf 3))

E0901: a value cannot be computed anew
An edit changed a constant, or something that constants are computed with, so their
values are computed again while the program runs, and one of these computations
panicked. Nothing of the edit is taken in: the last good version runs on with the
values it has. Mend the computation, or what it relies on, and save again.
---- before
(def people 4)
(def share (/ 100 people))
(defn main [] -> Unit (println share))
---- wrong edit
(def people 0)
(def share (/ 100 people))
(defn main [] -> Unit (println share))
---- right edit
(def people 5)
(def share (/ 100 people))
(defn main [] -> Unit (println share))
"""#
}
