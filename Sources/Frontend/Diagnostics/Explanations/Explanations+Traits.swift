// E023.: traits.

extension Explanation {
  static let traitText = #"""
E0231: a type has a trait twice
At most one `impl` of a trait may stand for a type, whatever its type arguments are:
which code a call reaches is decided by the name of the type alone.
---- wrong
(deftrait (Named a) (name [x: a] -> String))
(defstruct (Box a) [value: a])
(impl (Named (Box Int)) (defn name [b: (Box Int)] -> String "a number"))
(impl (Named (Box Bool)) (defn name [b: (Box Bool)] -> String "a truth"))
---- right
(deftrait (Named a) (name [x: a] -> String))
(defstruct (Box a) [value: a])
(impl (Named Int) (defn name [n: Int] -> String "a number"))
(impl (Named (Box a)) :where (Named a)
  (defn name [b: (Box a)] -> String (str "a box of " (name (.value b)))))

E0232: an `impl` lacks a method
An `impl` gives every method of its trait, but for those to which the trait itself
gives a body.
---- wrong
(deftrait (Shape a) (area [s: a] -> Float) (sides [s: a] -> Int))
(defstruct Square [side: Float])
(impl (Shape Square) (defn area [s: Square] -> Float (* (.side s) (.side s))))
---- right
(deftrait (Shape a) (area [s: a] -> Float) (sides [s: a] -> Int 4))
(defstruct Square [side: Float])
(impl (Shape Square) (defn area [s: Square] -> Float (* (.side s) (.side s))))

E0233: the trait has no such method
An `impl` holds the methods of its trait and nothing else. Other functions stand
beside it, at top level.
---- wrong
(deftrait (Named a) (name [x: a] -> String))
(impl (Named Int)
  (defn name [n: Int] -> String (digits n))
  (defn digits [n: Int] -> String (str n)))
---- right
(deftrait (Named a) (name [x: a] -> String))
(defn digits [n: Int] -> String (str n))
(impl (Named Int)
  (defn name [n: Int] -> String (digits n)))

E0234: a method's signature is not the one its trait gives it
Put the type of the `impl` in the place of the trait's type variable, and the
signatures must be the same, the names of the parameters aside.
---- wrong
(deftrait (Tagged a) (tags [x: a] -> (Vec String)))
(defstruct Cat [lives: Int])
(impl (Tagged Cat) (defn tags [c: Cat] -> (Vec Int) (vec (.lives c))))
---- right
(deftrait (Tagged a) (tags [x: a] -> (Vec String)))
(defstruct Cat [lives: Int])
(impl (Tagged Cat) (defn tags [c: Cat] -> (Vec String) (vec (str (.lives c)))))

E0235: a trait stands where a type is needed
A trait says what types can do, and is none itself. To take every type that has it,
take a type variable and ask for the trait by `:where`.
---- wrong
(deftrait (Named a) (name [x: a] -> String))
(defn greet [x: Named] -> String (str "hello " (name x)))
---- right
(deftrait (Named a) (name [x: a] -> String))
(defn greet [x: a] -> String :where (Named a) (str "hello " (name x)))

E0236: a constraint means nothing here
Behind `:where` stand traits and the type variables of the signature that must have
them: `(Named a)`. A constraint on a variable that the signature does not have, on a
type that is no variable, or by something that is no trait, asks for nothing.
---- wrong
(deftrait (Named a) (name [x: a] -> String))
(defn greet [item: a] -> String :where (Named b) "hello")
---- right
(deftrait (Named a) (name [x: a] -> String))
(defn greet [item: a] -> String :where (Named a) (str "hello " (name item)))

E0237: this type cannot have such an `impl`
An `impl` stands for one type by name. It cannot stand for all types at once, nor give
a built-in type what that has already, nor leave open what the trait's other types
are: the first one determines them.
---- wrong
(deftrait (Named a) (name [x: a] -> String))
(impl (Named a) (defn name [x: a] -> String (str x)))
---- right
(deftrait (Named a) (name [x: a] -> String))
(impl (Named Int) (defn name [x: Int] -> String (str x)))

E0313: a type does not have a trait that is asked of it
A generic function asks by `:where` for what its type variables must be able to do,
and a method needs an `impl` for the type it is called with. Write that `impl`, or in
a generic function put the trait into the signature, so that its callers see to it.
---- wrong
(deftrait (Named a) (name [x: a] -> String))
(defrecord Player [nick: String])
(defn greet [x: a] -> String :where (Named a) (str "hello " (name x)))
(defn welcome [p: Player] -> String (greet p))
---- right
(deftrait (Named a) (name [x: a] -> String))
(defrecord Player [nick: String])
(impl (Named Player) (defn name [p: Player] -> String (.nick p)))
(defn greet [x: a] -> String :where (Named a) (str "hello " (name x)))
(defn welcome [p: Player] -> String (greet p))

E0331: looking for an implementation does not come to an end
An `impl` with constraints needs other implementations, and those may need more. Here
each of them needs another one in turn, which is given up after 64 steps.
---- wrong
(deftrait (Conv a b) (conv [x: a] -> b))
(defstruct (Box a) [value: a])
(impl (Conv Int (Box Int)) (defn conv [x: Int] -> (Box Int) (Box x)))
(impl (Conv (Box a) b) :where (Conv a c) (Conv c b)
  (defn conv [x: (Box a)] -> b (conv (conv (.value x)))))
(defn again [] -> Int (conv (Box 1)))
---- right
(deftrait (Conv a b) (conv [x: a] -> b))
(defstruct (Box a) [value: a])
(impl (Conv Int String) (defn conv [x: Int] -> String (str x)))
(impl (Conv (Box a) b) :where (Conv a b)
  (defn conv [x: (Box a)] -> b (conv (.value x))))
(defn again [] -> String (conv (Box 1)))
"""#
}
