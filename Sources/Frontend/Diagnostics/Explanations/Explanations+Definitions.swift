// E02..: definitions and names.

extension Explanation {
  static let definitionText = #"""
E0201: a name is not defined
The name is neither a local of the forms around it, nor a definition of this
module, nor one of the prelude. Names of other modules are written with the
module's alias in front: `physics/step`.

Definitions of a module may stand in any order. Locals are known only inside the
form that binds them, and only behind their binding.
---- wrong
(defn speed [] -> Int 3)
(def limit (* 2 (sped)))
---- right
(defn speed [] -> Int 3)
(def limit (* 2 (speed)))

E0202: a type is not defined
The name in this place is taken as a type, and there is none of that name. Types
begin with a capital letter; a lower-case name in a type is a type variable, which
stands for any type.
---- wrong
(defstruct Vec2 [x: Float y: Flaot])
---- right
(defstruct Vec2 [x: Float y: Float])

E0203: a name is defined twice
A module has one definition of each name; functions are not told apart by their
parameters. The cases of an enum are names of the module too, so two enums cannot
share a case, and a struct cannot have the name of a built-in type.

For a function that takes more or less, give its last parameters defaults.
---- wrong
(defn area [side: Float] -> Float (* side side))
(defn area [w: Float h: Float] -> Float (* w h))
---- right
(defn square-area [side: Float] -> Float (* side side))
(defn area [w: Float h: Float] -> Float (* w h))

E0204: a definition is malformed
Parts of the definition are missing or in another order than they must be. The
forms are:

    (defn name "documentation" [x: Int y: Int = 2] -> Int body ..)
    (def name value)          (def name: Type value)
    (defvar name value)       (defvar name: Type value)
    (defstruct Name [x: Int]) (defrecord Name [x: Int mut y: Int])
    (defenum Name Case (Case x: Int))
    (defalias Name Type)      (deftest name body ..)
---- wrong
(defn area (* 2 3))
---- right
(defn area [] -> Int (* 2 3))

E0205: a form is malformed
A special form, such as `let` or `if`, has parts missing, too many, or in another
order; the help of the report shows how it is written. Also a keyword or a vector
in brackets where a value is needed: keywords only label arguments, and a vector
value is written `(vec 1 2)`.
---- wrong
(defn twice [n: Int] -> Int
  (let [m] (* 2 m)))
---- right
(defn twice [n: Int] -> Int
  (let [m n] (* 2 m)))

E0206: this is no definition
At top level stand definitions only. What a program does stands in functions, and
it begins with `main`; the value of a `def` is computed before that. At a prompt
(`lang repl`) expressions can be typed by themselves.
---- wrong
(println "hello")
---- right
(defn main [] -> Unit
  (println "hello"))

E0207: a signature lacks a type
Functions say what they take and what they answer, so that each can be checked,
and exchanged while the program runs, without looking at any other. A colon stands
directly behind the parameter's name, the result behind `->`. Where nothing is
answered the result is `Unit`.

Types of locals are inferred, and those of an `fn` mostly as well.
---- wrong
(defn double [x] -> Int
  (* x 2))
---- right
(defn double [x: Int] -> Int
  (* x 2))

E0208: what is called is no function
The first thing in a list is called with the rest as arguments, and here it is a
value that cannot be called. Perhaps there is a pair of brackets too many:
`(count)` calls `count`.
---- wrong
(def count 5)
(def next (+ 1 (count)))
---- right
(def count 5)
(def next (+ 1 count))

E0209: a value would contain itself
Structs, tuples and the payloads of enums are stored inline. One that contains
itself would have no end and no size. Reach the inner one through something that
has one: a record, a vector, or an enum whose payload it is (enums may refer to
themselves; they are put on the heap then).
---- wrong
(defstruct Node [value: Int next: Node])
---- right
(defenum Chain End (Node value: Int next: Chain))

E0210: an alias stands for itself
A `defalias` gives a type another name, and here following the names leads back to
where it began, so there is no type at the end.
---- wrong
(defalias Id Key)
(defalias Key Id)
---- right
(defalias Id Key)
(defalias Key Int)

E0211: the value of a definition depends on itself
The values of `def` and `defvar` are computed before `main` begins, each behind
those it needs, through the functions it calls as well. Here they need each other,
so none can come first.
---- wrong
(def width (* 2 height))
(def height (/ width 2))
---- right
(def width 20)
(def height (/ width 2))

E0212: a module cannot be found
The module that is imported, or whose name stands before a `/`, is not there.
`(import game.physics)` reads `src/game/physics.lang` of the project, or, for a
file by itself, `game/physics.lang` beside it. From then on its last part stands
before the slash, as in `physics/step`, or what `:as` says instead.
---- wrong main.lang
(import game.phsyics)
---- wrong game/physics.lang
(defn gravity [] -> Float 9.81)
---- right main.lang
(import game.physics)
(def g (physics/gravity))
---- right game/physics.lang
(defn gravity [] -> Float 9.81)

E0213: a name is private to its module
`defn-` defines a function for its own module only. Make it a `defn` to offer it
to others, or use what the module offers already.
---- wrong main.lang
(import physics)
(def g (physics/gravity))
---- wrong physics.lang
(defn- gravity [] -> Float 9.81)
---- right main.lang
(import physics)
(def g (physics/gravity))
---- right physics.lang
(defn gravity [] -> Float 9.81)

E0214: this build does not know that yet
The form is part of the language, and this version of Lang cannot do it yet.
---- wrong
(extern "C" (defn abs [n: I32] -> I32))
---- right
(defn magnitude [n: Int] -> Int (abs n))

E0215: an import that is none
An import names a module, with points between the directories and the file, then
perhaps the alias it is to have and the names that shall do without one. A module
does not import itself: its own names are there anyway.
---- wrong main.lang
(import game/physics)
---- wrong game/physics.lang
(defn step [] -> Int 1)
---- right main.lang
(import game.physics :as p :only [step])
---- right game/physics.lang
(defn step [] -> Int 1)

E0216: a migration that is none
`(migrate Player [old: (Old Player)] ..)` says how a value of the fields that
`Player` had before a change becomes one of those it has now. It stands in the module
of the type, a struct or a record, and takes one parameter: `Old` and the type as it
is written in front, with its type parameters if it has some.
---- wrong
(defrecord Player [name: String hp: Int])
(migrate Player [old: Player] (Player (.name old) 100))
---- right
(defrecord Player [name: String hp: Int])
(migrate Player [old: (Old Player)] (Player (.name old) 100))

W0201: a migration does not fit its type as it is
The body does not make a value of the type by its present fields. That is no mistake
when it is written ahead of a change: it is checked again when the type changes, and
then `old` has the fields of before. A migration that is left over from a change that
is through can be left out.
---- wrong
(defrecord Player [name: String])
(migrate Player [old: (Old Player)] (Player (.name old) 100))
---- right
(defrecord Player [name: String hp: Int])
(migrate Player [old: (Old Player)] (Player (.name old) 100))
"""#
}
