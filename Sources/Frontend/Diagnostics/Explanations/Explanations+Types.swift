// E03..: types.

extension Explanation {
  static let typeText = #"""
E0301: a value has another type than is expected here
Where a value goes says which type it has to have: a parameter, the result of a
function, the other branch of an `if`, the first element of a vector. Nothing is
converted by itself, numbers neither; the report says which type was expected,
which was found, and where the expectation comes from.

Numbers convert by the name of the type: `(float n)`, `(int x)`, `(u8 n)`. A number
that is written out takes the type it has to have, so `(* x 2)` is fine for a
`Float` x. `(str x)` makes a string of anything. `match`, `if-let` and `unwrap-or`
take an `Option` apart.
---- wrong
(defn share [total: Float parts: Int] -> Float
  (/ total parts))
---- right
(defn share [total: Float parts: Int] -> Float
  (/ total (float parts)))

E0302: the number of arguments is wrong
A call gives each parameter without a default exactly one argument, by its place or
by its name behind a colon: `(scale v :by 3.0)`.
---- wrong
(defn add [a: Int b: Int] -> Int (+ a b))
(def three (add 3))
---- right
(defn add [a: Int b: Int] -> Int (+ a b))
(def three (add 1 2))

E0303: a value has no such field
`(.name value)` reads a field of a struct or a record. This type has none of that
name, or no fields at all: those of an enum are reached by `match`, the parts of a
tuple by `(tuple a b)` in a `let`.
---- wrong
(defstruct Size [width: Int height: Int])
(defn area [s: Size] -> Int (* (.width s) (.heigth s)))
---- right
(defstruct Size [width: Int height: Int])
(defn area [s: Size] -> Int (* (.width s) (.height s)))

E0304: a type cannot be inferred
Types inside a function follow from how values are made and used. Here that leaves
it open: an empty vector whose elements nobody names, the parameter of an `fn`
whose field is read, `None` by itself. Say the type, in the binding or around the
expression: `(: None (Option Int))`.
---- wrong
(defn none [] -> Int
  (let [names (vec)]
    (len names)))
---- right
(defn none [] -> Int
  (let [names: (Vec String) (vec)]
    (len names)))

E0305: there is no argument of that name
A keyword in a call gives the argument of that name. The function, or the type that
is made, has none of that name, or has it already.
---- wrong
(defn scale [n: Int factor: Int = 2] -> Int (* n factor))
(def six (scale 2 :facter 3))
---- right
(defn scale [n: Int factor: Int = 2] -> Int (* n factor))
(def six (scale 2 :factor 3))

E0306: a number does not fit its type
The number is written out, and the type it has to have here cannot hold it. Take a
larger type; to cut it to the lowest bits on purpose, convert: `(u8 (+ n 0))`.
---- wrong
(def brightness: U8 300)
---- right
(def brightness: U16 300)

E0307: a type has the wrong number of arguments
`(Vec a)` takes one type, `(Map k v)` two, `Int` none. A type of your own takes as
many as its definition names behind its name: `(defstruct (Pair a b) ..)`.
---- wrong
(defn total [xs: (Vec Int Int)] -> Int (len xs))
---- right
(defn total [xs: (Vec Int)] -> Int (len xs))

E0308: arithmetic on what is no number
Operators such as `+` and `<<` work on numbers, some on integers or on floats only.
Strings are joined by `str`, vectors by `concat`.
---- wrong
(def name (+ "Ada" " Lovelace"))
---- right
(def name (str "Ada" " Lovelace"))

E0309: values of this type cannot be compared
Structs, enums, tuples, strings and vectors are equal when their parts are, and
ordered and hashed by them, if all their parts can be. Records have an identity
instead: two with the same fields are still two, and `same?` tells whether they are
one. Functions cannot be compared at all. In a generic function the signature has
to ask for it: `:where (Eq a)`.
---- wrong
(defrecord Player [name: String])
(defn mine? [a: Player b: Player] -> Bool (= a b))
---- right
(defrecord Player [name: String])
(defn mine? [a: Player b: Player] -> Bool (same? a b))

E0310: nothing here can be walked
`for` and functions such as `map` walk vectors, ranges and whatever else offers its
elements one by one. To count, walk a range: `(for [i (range 5)] ..)`.
---- wrong
(defn count-to [n: Int] -> Unit
  (for [i n] (println i)))
---- right
(defn count-to [n: Int] -> Unit
  (for [i (range n)] (println i)))

E0311: a format does not fit its values
`fmt` takes a string that is written out, so that it can be checked: `{}` shows a
value, `{.2}` a `Float` with two digits behind the point, `{{` and `}}` are braces.
There are as many of them as values behind.
---- wrong
(defn progress [n: Int of: Int] -> String
  (fmt "{} of {}" n))
---- right
(defn progress [n: Int of: Int] -> String
  (fmt "{} of {}" n of))

E0312: `try` cannot leave this function
`(try e)` unwraps a `Some` or an `Ok`, and answers a `None` or an `Err` from the
function around it at once. That function must be able to answer it: an `Option`
for an `Option`, a `Result` with the same type of error for a `Result`.
---- wrong
(defn third [xs: (Vec Int)] -> Int
  (try (get xs 2)))
---- right
(defn third [xs: (Vec Int)] -> (Option Int)
  (Some (try (get xs 2))))
"""#
}
