// E04.., E05..: patterns, places, control.

extension Explanation {
  static let controlText = #"""
E0401: a `match` does not cover every case
Every value that can come must find its clause; the report names one that finds
none. Add a clause for it, or one for all the rest: `_`. Clauses with a guard
(`:when`) cover nothing for certain, since the guard may say no.

This is what makes adding a case to an enum safe: every `match` that has to deal
with it is found.
---- wrong
(defenum Shape (Circle r: Float) (Square side: Float) Empty)
(defn area [s: Shape] -> Float
  (match s
    (Circle r)  (* 3.14 r r)
    (Square a)  (* a a)))
---- right
(defenum Shape (Circle r: Float) (Square side: Float) Empty)
(defn area [s: Shape] -> Float
  (match s
    (Circle r)  (* 3.14 r r)
    (Square a)  (* a a)
    Empty       0.0))

E0402: a pattern does not fit what is matched
The pattern names a case or type that the value cannot be, has more or fewer parts
than it, binds a name twice, or is no pattern at all. In patterns capitalised names
are cases and types, lower-case names bind, `_` takes anything.
---- wrong
(defenum Shape (Circle r: Float) Empty)
(defn area [s: Shape] -> Float
  (match s
    (Circle x y) (* x y)
    Empty        0.0))
---- right
(defenum Shape (Circle r: Float) Empty)
(defn area [s: Shape] -> Float
  (match s
    (Circle r) (* 3.14 r r)
    Empty      0.0))

E0403: a pattern may not match
`let`, `for` and parameters take values apart for certain, so their patterns must
match always: names, `_`, tuples, structs. Where a value may be something else, use
`match` or `if-let`, which say what happens then.
---- wrong
(defn first-of [xs: (Vec Int)] -> Int
  (let [(Some x) (first xs)] x))
---- right
(defn first-of [xs: (Vec Int)] -> Int
  (if-let [(Some x) (first xs)] x 0))

E0501: this cannot be changed
`set!` changes a `defvar`, a local that is bound with `mut`, or a field that its
record declares `mut`. Parameters, other locals, constants and the fields of
structs do not change; `(with v :x 1.0)` makes a changed copy of a struct.
---- wrong
(defn total [xs: (Vec Int)] -> Int
  (let [sum 0]
    (for [x xs] (set! sum (+ sum x)))
    sum))
---- right
(defn total [xs: (Vec Int)] -> Int
  (let [mut sum 0]
    (for [x xs] (set! sum (+ sum x)))
    sum))

E0502: this is no place that could be changed
`set!` takes the name of a variable or a path of fields that leads to one:
`(set! (.x (.pos p)) 1.0)`. The elements of a vector are changed by
`(set-nth! v i x)`.
---- wrong
(defn clear-first [xs: (Vec Int)] -> Unit
  (set! (nth xs 0) 0))
---- right
(defn clear-first [xs: (Vec Int)] -> Unit
  (set-nth! xs 0 0))

E0503: `recur` stands outside of a `loop`
`recur` goes back to the `loop` around it with new values for its names. A function
calls itself by its own name: in the last position that costs no stack either.
---- wrong
(defn count-down [n: Int] -> Int
  (if (= n 0) 0 (recur (- n 1))))
---- right
(defn count-down [n: Int] -> Int
  (if (= n 0) 0 (count-down (- n 1))))

E0504: `recur` is not the last thing its loop does
`recur` is a jump: nothing may be left to do with its value. Carry what is computed
along as one more name of the loop.
---- wrong
(defn sum-to [n: Int] -> Int
  (loop [i n]
    (if (= i 0) 0 (+ i (recur (- i 1))))))
---- right
(defn sum-to [n: Int] -> Int
  (loop [i n sum 0]
    (if (= i 0) sum (recur (- i 1) (+ sum i)))))

E0505: `break` or `continue` stands outside of a loop
They leave, or go on with, the innermost `while` or `for` around them, in the same
function: not across an `fn`. Leave a function by `(return value)`.
---- wrong
(defn check [n: Int] -> Unit
  (if (> n 9) (break))
  (println n))
---- right
(defn check [n: Int] -> Unit
  (if (> n 9) (return ()) ())
  (println n))

E0506: `return` stands outside of a function
`(return value)` leaves the function around it. The value of a `def` or `defvar` is
computed outside of any; write it with `if` or `match`, or in a function.
---- wrong
(def limit (if (> 2 1) (return 5) 6))
---- right
(def limit (if (> 2 1) 5 6))

W0401: a clause is never reached
The clauses above take every value that this one could match, so it never runs.
Clauses are tried from the top: put the special ones before the general ones.
---- wrong
(defn name [n: Int] -> String
  (match n
    0 "none"
    _ "many"
    1 "one"))
---- right
(defn name [n: Int] -> String
  (match n
    0 "none"
    1 "one"
    _ "many"))

W0402: a value is computed for nothing
Of the forms in a body only the last one's value counts; those before are there for
what they do. This one does nothing: it is a value that is written out, or a name.
Perhaps it is a documentation string, which stands before the parameters, or there
are brackets missing around a call.
---- wrong
(defn area [w: Float h: Float] -> Float
  "The area of a rectangle."
  (* w h))
---- right
(defn area "The area of a rectangle." [w: Float h: Float] -> Float
  (* w h))
"""#
}
