// What other languages call the things of this one: for hints at names that are not defined.
//
// Invariant: a name stands here only if nothing of that name is in scope everywhere; what the program
// itself defines is found before anybody looks here.

struct Habit {
  enum Kind { case value, type, definition }

  /// Names that mean the same, with a blank between them.
  var names: String
  var help: String
  var kind = Kind.value
  /// A form of its own: what stands in it are no ordinary arguments.
  var isForm = false

  /// The habit behind a name that is not defined, nil when nobody has it. O(table): for errors only.
  static func named(_ name: String, _ kind: Kind) -> Habit? {
    table.first { $0.kind == kind && $0.names.split(separator: " ").contains(name[...]) }
  }

  /// What an operator that might stand between its operands is called here; nil for other names.
  static func operatorName(_ name: String) -> String? {
    switch name {
    case "+", "-", "*", "/", "%", "=", "!=", "<", ">", "<=", ">=", "<<", ">>", ">>>", "and", "or": name
    case "==", "===", "eq": "="
    case "/=", "<>", "~=", "!==": "!="
    case "&&": "and"
    case "||": "or"
    case "mod": "%"
    case "++", ".", "..": "str"
    case "&": "bit-and"
    case "|": "bit-or"
    default: nil
    }
  }

  private static let table: [Habit] = [
    // Values
    Habit(names: "nil null undefined nothing NULL nullptr", help: "what may be absent is an `Option`: `None`, or `(Some x)`"),
    Habit(names: "True TRUE", help: "write `true`"),
    Habit(names: "False FALSE", help: "write `false`"),
    Habit(names: "self this", help: "the value is a parameter like any other; give it a name and a type in the brackets"),
    // Operators
    Habit(names: "== === eq eq? equal equal? eql", help: "`(= a b)` compares values, `(same? a b)` asks whether two records are one object"),
    Habit(names: "not= /= <> ~= !==", help: "write `(!= a b)`"),
    Habit(names: "!", help: "write `(not x)`"),
    Habit(names: "&&", help: "write `(and a b)`"),
    Habit(names: "||", help: "write `(or a b)`"),
    Habit(names: "mod rem modulo remainder fmod", help: "`(% a b)` is the remainder of a division"),
    Habit(names: "div quot quotient //", help: "`(/ a b)` of two integers truncates toward zero"),
    Habit(names: "** ^ expt", help: "write `(pow x y)`; bits are combined by `bit-xor`"),
    Habit(names: "| bitor", help: "write `(bit-or a b)`"),
    Habit(names: "& bitand", help: "write `(bit-and a b)`"),
    Habit(names: "xor bitxor", help: "write `(bit-xor a b)`; for two Bools `(!= a b)`"),
    Habit(names: "shl lshift ash", help: "write `(<< a n)`"),
    Habit(names: "shr rshift", help: "write `(>> a n)`, which keeps the sign, or `(>>> a n)`"),
    Habit(names: "inc 1+ succ add1", help: "write `(+ x 1)`"),
    Habit(names: "dec 1- pred sub1", help: "write `(- x 1)`"),
    Habit(names: "+= ++", help: "write `(set! x (+ x 1))`; strings are joined by `(str a b)`"),
    Habit(names: "-= --", help: "write `(set! x (- x 1))`"),
    Habit(names: "even? zero? odd? pos? neg? is-even", help: "compare it: `(= (% x 2) 0)`, `(= x 0)`, `(> x 0)`"),
    // Forms
    Habit(names: "lambda function fun func λ \\ =>", help: "a function value is written `(fn [x] ..)`", isForm: true),
    Habit(names: "let* letrec letfn local var val const", help: "locals are bound by `(let [x 1 mut y 2] ..)`", isForm: true),
    Habit(names: "progn begin block prog1", help: "expressions are grouped by `(do ..)`"),
    Habit(names: "setq setf set := <- assign reset! swap! update", help: "write `(set! x value)`; the local is bound as `mut x`", isForm: true),
    Habit(names: "else otherwise", help: "the last clause of a `cond` begins with `:else`"),
    Habit(names: "elif elsif elseif else-if", help: "several conditions make a `(cond c1 e1 c2 e2 :else e)`", isForm: true),
    Habit(names: "case switch", help: "write `(match x 1 \"one\" 2 \"two\" _ \"many\")`", isForm: true),
    Habit(names: "dotimes times", help: "write `(for [i (range n)] ..)`", isForm: true),
    Habit(names: "doseq foreach for-each dolist for-in each-with-index", help: "write `(for [x xs] ..)`", isForm: true),
    Habit(names: "until do-while", help: "write `(while (not c) ..)`", isForm: true),
    Habit(names: "throw raise", help: "`(panic \"message\")` ends the program; an expected failure is a `Result`: `(Err e)`"),
    Habit(names: "error abort fatal", help: "write `(panic \"message\")`"),
    Habit(names: "catch except rescue try-catch finally", help: "nothing is caught: a failure that is expected is a `Result`, taken apart by `match` or `try`", isForm: true),
    Habit(names: "quote", help: "write `'form`", isForm: true),
    // Text
    Habit(
      names: "puts console.log print-line printline prn pr echo display write writeln putStrLn System.out.println cout log!",
      help: "write `(println x)`"),
    Habit(names: "printf format sprintf string-format", help: "write `(println (fmt \"x = {}\" x))`"),
    Habit(names: "to-string toString to-str tostring string number->string", help: "`(str x)` makes a string of any value"),
    Habit(names: "string-append strcat concat-strings", help: "`(str a b)` joins values into a string"),
    Habit(names: "substring subs substr subseq", help: "write `(slice s from to)`"),
    Habit(names: "string-length strlen str-len len-string", help: "`(len s)` counts bytes, `(len (chars s))` characters"),
    Habit(names: "upcase upper-case toUpperCase string-upcase to-upper uppercase", help: "write `(upper s)`"),
    Habit(names: "downcase lower-case toLowerCase string-downcase to-lower lowercase", help: "write `(lower s)`"),
    Habit(names: "string->number parseInt str->int atoi parse-integer string-to-int to-int", help: "`(parse-int s)` answers an Option"),
    Habit(names: "input gets readline readLine read", help: "`(read-line)` answers an Option"),
    // Collections
    Habit(names: "length size count", help: "write `(len x)`"),
    Habit(names: "append push add conj push-back append! add-last cons", help: "`(push! v x)` adds an element at the end; `(concat v w)` joins two vectors"),
    Habit(names: "pop", help: "write `(pop! v)`"),
    Habit(names: "car head fst hd front", help: "`(first v)` answers an Option; `(nth v 0)` panics when there is none"),
    Habit(names: "cdr rest tail tl next butfirst drop", help: "write `(slice v 1 (len v))`"),
    Habit(names: "take", help: "write `(slice v 0 n)`"),
    Habit(names: "elt aref list-ref vector-ref get-nth", help: "`(nth v i)` panics beside the vector, `(get v i)` answers an Option"),
    Habit(names: "aset vector-set! set-at!", help: "write `(set-nth! v i x)`"),
    Habit(names: "list array vector make-vector make-array", help: "write `(vec a b ..)`"),
    Habit(names: "hash-map hashmap dict dictionary make-hash-table make-hash make-map", help: "write `(map-of k v ..)`"),
    Habit(names: "hash-set hashset make-set", help: "write `(set-of a b ..)`"),
    Habit(names: "assoc hash-set! put insert assoc!", help: "`(put! m k v)` for a map, `(insert! v i x)` for a vector"),
    Habit(names: "dissoc remove delete del erase", help: "`(remove! m k)` for a map or set, `(remove-at! v i)` for a vector"),
    Habit(names: "gethash hash-ref lookup", help: "`(get m k)` answers an Option; `(get-or m k default)`"),
    Habit(names: "has-key? contains includes? member member? include? has?", help: "write `(contains? xs x)`"),
    Habit(names: "reduce foldl foldr inject accumulate fold-left", help: "write `(fold f init xs)`"),
    Habit(names: "mapcar collect map-vector mapv", help: "write `(map f xs)`"),
    Habit(names: "some any any-match exists?", help: "write `(any? f xs)`"),
    Habit(names: "every every? all", help: "write `(all? f xs)`"),
    Habit(names: "null? nil? empty is-empty", help: "`(empty? xs)` for collections, `(none? o)` for an Option"),
    Habit(names: "find", help: "`(find-first f xs)` for an element, `(index-of xs x)` for its place"),
    Habit(names: "map-indexed", help: "write `(map f (enumerate xs))`"),
    // Modules
    Habit(names: "require use include open using from load ns module in-ns package", help: "write `(import game.physics)` at top level", isForm: true),
    // Definitions
    Habit(names: "define var val const defconst defconstant defparameter", help: "write `(def name value)`, or `(defn name [x: Int] -> Int ..)` for a function", kind: .definition),
    Habit(names: "defun fn function fun func def-fn defmethod defun- procedure proc sub", help: "write `(defn name [x: Int] -> Int ..)`", kind: .definition),
    Habit(names: "defonce defglobal global static", help: "write `(defvar name: Int 0)`", kind: .definition),
    Habit(names: "struct deftuple", help: "write `(defstruct Name [x: Int])`", kind: .definition),
    Habit(names: "class record defclass object", help: "write `(defrecord Name [mut x: Int])`", kind: .definition),
    Habit(names: "enum union data defunion defdata", help: "write `(defenum Name (Case x: Int) Other)`", kind: .definition),
    Habit(names: "type typedef deftype alias typealias", help: "write `(defalias Name Type)`", kind: .definition),
    Habit(names: "interface protocol defprotocol trait definterface defgeneric", help: "write `(deftrait (Name a) (method [x: a] -> Int))`", kind: .definition),
    Habit(names: "extend-type extend-protocol implement instance extend defimpl", help: "write `(impl (Trait Type) (defn method ..))`", kind: .definition),
    Habit(names: "define-syntax macro defsyntax macro-rules", help: "write `(defmacro name [x] `(..))`", kind: .definition),
    Habit(names: "test it describe testcase", help: "write `(deftest name ..)`", kind: .definition),
    Habit(names: "require use include open using from load ns module in-ns package", help: "write `(import game.physics)`", kind: .definition),
    // Types
    Habit(names: "Str str string Text text &str std::string", help: "the type of text is `String`", kind: .type),
    Habit(names: "Boolean bool boolean", help: "the type is `Bool`", kind: .type),
    Habit(names: "Double double f64 F64 float Real real Number number", help: "the type is `Float`", kind: .type),
    Habit(names: "f32 Single", help: "the type is `F32`", kind: .type),
    Habit(names: "int Integer integer i64 I64 Long long isize Int64 Fixnum", help: "the type is `Int`", kind: .type),
    Habit(names: "i8 i16 i32 u8 u16 u32 u64 byte Byte uint usize UInt", help: "sized integers are `I8 I16 I32 U8 U16 U32 U64`", kind: .type),
    Habit(names: "char Character character rune", help: "the type is `Char`", kind: .type),
    Habit(names: "void Void unit Nil nil None Null Nothing", help: "the type of nothing is `Unit`", kind: .type),
    Habit(names: "List list Array array Vector vector Slice Seq vec", help: "the type of vectors is `(Vec a)`", kind: .type),
    Habit(names: "Dict dict HashMap Hash Dictionary Table map", help: "the type is `(Map k v)`", kind: .type),
    Habit(names: "HashSet set", help: "the type is `(Set a)`", kind: .type),
    Habit(names: "Optional Maybe option Nullable", help: "the type is `(Option a)`", kind: .type),
    Habit(names: "Either Expected result", help: "the type is `(Result a e)`", kind: .type),
    Habit(names: "Any any Object Value Dynamic", help: "a type variable stands for any type: a lower-case name, as in `[x: a]`", kind: .type),
    Habit(names: "Function Func Fun Callable ->", help: "a function's type is `(Fn [A B] R)`", kind: .type),
  ]
}
