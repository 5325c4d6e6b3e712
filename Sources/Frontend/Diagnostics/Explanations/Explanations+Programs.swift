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

E0901: an edit cannot be taken in while the program runs
The edit is sound, but code that runs, or data that exists, was made for the old
shape: the parameters or the result of a function, the fields of a type, the type
of a variable. The new program is ready; `r` in the terminal, or `lang restart`,
starts it. With `--on-stale restart` that happens by itself. Bodies of functions,
values of constants and new definitions are taken in at once.
---- before
(defn step [n: Int] -> Int (+ n 1))
(defn main [] -> Unit (println (step 1)))
---- wrong edit
(defn step [n: Int by: Int] -> Int (+ n by))
(defn main [] -> Unit (println (step 1 2)))
---- right edit
(defn step [n: Int] -> Int (+ n 2))
(defn main [] -> Unit (println (step 1)))
"""#
}
