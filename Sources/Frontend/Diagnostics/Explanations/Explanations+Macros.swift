// E07..: macros.

extension Explanation {
  static let macroText = #"""
E0701: a macro is used as a value
A macro works on forms while the program is compiled; when the program runs it is
not there any more. So it can be called, but not passed on, stored or put into a
`let`. Where a function is wanted, wrap the call in one.
---- wrong
(defmacro square [x] `(* ~x ~x))
(defn squares [v: (Vec Int)] -> (Vec Int) (map square v))
---- right
(defmacro square [x] `(* ~x ~x))
(defn squares [v: (Vec Int)] -> (Vec Int) (map (fn [x] (square x)) v))

E0702: a quote stands where it means nothing
Inside a quasiquote, `~` puts in a form, `~@` puts in the elements of a vector of
forms, and `name#` is a new name for each expansion. Outside of one there is
nothing to put into; and `~@` needs a list or vector around it in the template.
---- wrong
(defn sum-of [forms: (Vec Syntax)] -> Syntax
  (syntax-list (vec '+ ~@forms)))
---- right
(defn sum-of [forms: (Vec Syntax)] -> Syntax
  `(+ ~@forms))

E0703: a macro could not be expanded
The macro panicked on its arguments, or refused them by `syntax-error`, whose message
this is. The place is the call, or the form that `syntax-error` was given; where the
macro panicked is marked as well.
---- wrong
(defmacro power-of-two [n]
  (syntax-of (<< 1 (syntax-int n))))
(defn large [bits: Int] -> Int (power-of-two bits))
---- right
(defmacro power-of-two [n]
  (syntax-of (<< 1 (syntax-int n))))
(defn large [] -> Int (power-of-two 10))

E0704: an expansion was stopped
An expansion may take 10 million instructions and 64 MB of memory, and 256 expansions
may be inside one another. What goes beyond is most likely a loop, or a macro that
always expands to a call of itself: such a macro needs a case that ends.
---- wrong
(defmacro all [& conditions]
  (match (syntax-list conditions)
    `(~first ~@rest) `(if ~first (all ~@rest) false)
    _ `(all)))
(defn both [a: Bool b: Bool] -> Bool (all a b))
---- right
(defmacro all [& conditions]
  (match (syntax-list conditions)
    `(~first ~@rest) `(if ~first (all ~@rest) false)
    _ `true))
(defn both [a: Bool b: Bool] -> Bool (all a b))

E0705: a macro is not pure
Macros run while the program is compiled, at moments that no one can foresee, and the
same call must always expand to the same forms. So neither a macro nor anything it calls
may print, read files or the clock, or read or set a `defvar`. The message names the way
from the macro to what is not allowed.
---- wrong
(defvar count: Int 0)
(defn next-number [] -> Int
  (set! count (+ count 1))
  count)
(defmacro number [] (syntax-of (next-number)))
(defn two [] -> Int (+ (number) (number)))
---- right
(defvar count: Int 0)
(defn next-number [] -> Int
  (set! count (+ count 1))
  count)
(defmacro number [] `(next-number))
(defn two [] -> Int (+ (number) (number)))

E0706: a macro would have to be expanded before it is compiled
What a macro runs, its body and the functions it calls, must be compiled before the
macro can be expanded; so none of it may contain a call of that macro. A template may:
it is only checked where the macro is used. To compute with itself, a macro calls a
function that does.
---- wrong
(defmacro depth [x]
  (match x
    `(up ~y) (depth y)
    _ `0))
(defn found [] -> Int (depth (up (up 0))))
---- right
(defmacro depth [x]
  (match x
    `(up ~y) `(+ 1 (depth ~y))
    _ `0))
(defn found [] -> Int (depth (up (up 0))))
"""#
}
