// The part of the prelude that macros are written with: forms as values.
//
//   kind   list vector symbol keyword int float string char bool quote quasiquote unquote
//          unquote-splicing, from 0, as `FormTag`; from bit 8 a number's suffix, bit 16 its sign, bit 24: the
//          compiler has not filled in the items yet
//   bits   a number's value, a character's code; of symbols who wrote it (`SyntaxMark`) and, from bit 32, the
//          number of a fresh name
//   text   of symbols, keywords and strings
//   form   the compiler's number for it, from 1, while it is what the compiler lent to a macro; else 0
//
// Invariants: syntax is immutable; the functions that quotes become are named in `SyntaxFunction`. Symbols are
// equal when their names are, whoever wrote them, fresh names only to themselves.

extension Prelude {
  static let syntax: StaticString = #"""
    (defrecord Syntax [%kind: Int %bits: Int %text: String %items: (Vec Syntax) %form: Int])
    (primitive %add-shown-text text-add-shown-string [out: (Vec U8) s: String] -> Unit)
    (primitive %add-shown-char text-add-shown-char [out: (Vec U8) c: Char] -> Unit)
    (primitive %fresh-number fresh-number [] -> Int)
    (primitive %read-syntax read-syntax [s: Syntax] -> Unit)
    (primitive %fail-syntax fail-syntax [form: Int message: String] -> Never)
    (primitive %float-of-bits float-bits [bits: Int] -> Float)
    (primitive %bits-of-float float-bits [x: Float] -> Int)
    (defn %symbol [name: String mark: Int fresh: Int] -> Syntax
      (Syntax 2 (bit-or mark (<< fresh 32)) name (vec) 0))
    (defn %keyword [name: String] -> Syntax (Syntax 3 0 name (vec) 0))
    (defn %integer [n: Int kind: Int] -> Syntax (Syntax kind n "" (vec) 0))
    (defn %float [x: Float kind: Int] -> Syntax (Syntax kind (%bits-of-float x) "" (vec) 0))
    (defn %string [s: String] -> Syntax (Syntax 6 0 s (vec) 0))
    (defn %char [c: Char] -> Syntax (Syntax 7 (code c) "" (vec) 0))
    (defn %bool [b: Bool] -> Syntax (Syntax 8 (if b 1 0) "" (vec) 0))
    (defn %sequence [kind: Int items: (Vec Syntax)] -> Syntax (Syntax kind 0 "" items 0))
    (defn %splice [runs: (Vec (Vec Syntax))] -> (Vec Syntax)
      (let [out: (Vec Syntax) (vec)] (for [run runs] (%append out run)) out))
    (defn %annotate [s: Syntax] -> Syntax
      (if (= (%kind s) 2) (Syntax 2 (.%bits s) (str (.%text s) ":") (vec) 0)
        (%wrong-syntax s "a name stands before a type")))
    (defn %kind [s: Syntax] -> Int (bit-and (.%kind s) 255))
    (defn %items [s: Syntax] -> (Vec Syntax)
      (when (>= (.%kind s) 0x100_0000) (%read-syntax s))
      (.%items s))
    (defn %wrong-syntax [s: Syntax what: String] -> Never
      (syntax-error s (str what ", found the " (syntax-kind s) " `" (%show-syntax s) "`")))
    (defn syntax-error [s: Syntax message: String] -> Never (%fail-syntax (.%form s) message))
    (defn syntax-kind [s: Syntax] -> String
      (match (%kind s)
        0 "list" 1 "vector" 2 "symbol" 3 "keyword" 4 "int" 5 "float" 6 "string" 7 "char" 8 "bool"
        9 "quote" 10 "quasiquote" 11 "unquote" _ "unquote-splicing"))
    (defn syntax-items [s: Syntax] -> (Vec Syntax)
      (let [kind (%kind s)]
        (if (and (>= kind 2) (<= kind 8)) (%wrong-syntax s "a list or vector is needed here") (copy (%items s)))))
    (defn syntax-name [s: Syntax] -> String
      (let [kind (%kind s)]
        (if (or (= kind 2) (= kind 3)) (.%text s) (%wrong-syntax s "a symbol is needed here"))))
    (defn syntax-int [s: Syntax] -> Int
      (if (= (%kind s) 4) (.%bits s) (%wrong-syntax s "an integer is needed here")))
    (defn syntax-float [s: Syntax] -> Float
      (if (= (%kind s) 5) (%float-of-bits (.%bits s)) (%wrong-syntax s "a float is needed here")))
    (defn syntax-string [s: Syntax] -> String
      (if (= (%kind s) 6) (.%text s) (%wrong-syntax s "a string is needed here")))
    (defn syntax-char [s: Syntax] -> Char
      (if (= (%kind s) 7) (char (.%bits s)) (%wrong-syntax s "a character is needed here")))
    (defn syntax-bool [s: Syntax] -> Bool
      (if (= (%kind s) 8) (= (.%bits s) 1) (%wrong-syntax s "a boolean is needed here")))
    (defn syntax-list [items: (Vec Syntax)] -> Syntax (%sequence 0 (copy items)))
    (defn syntax-vector [items: (Vec Syntax)] -> Syntax (%sequence 1 (copy items)))
    (defn syntax-symbol [name: String] -> Syntax (%symbol name 0 0))
    (defn syntax-keyword [name: String] -> Syntax (%keyword name))
    (defn gensym [name: String] -> Syntax (%symbol (str name "#") 0 (%fresh-number)))
    (defn unhygienic [s: Syntax] -> Syntax
      (match (%kind s)
        2 (%symbol (.%text s) 0 0)
        (or 3 4 5 6 7 8) s
        kind (%sequence kind (map unhygienic (%items s)))))
    (defn %sized [n: Int suffix: Int] -> Syntax
      (%integer n (bit-or 4 (bit-or (<< suffix 8) (if (< n 0) 0x1_0000 0)))))
    (defn syntax-of [n: Int] -> Syntax (%sized n 0))
    (defn syntax-of [x: Float] -> Syntax (%float x 5))
    (defn syntax-of [s: String] -> Syntax (%string s))
    (defn syntax-of [c: Char] -> Syntax (%char c))
    (defn syntax-of [b: Bool] -> Syntax (%bool b))
    (defn syntax-of [s: Syntax] -> Syntax s)
    (defn syntax-of [n: I8] -> Syntax (%sized (int n) 1))
    (defn syntax-of [n: I16] -> Syntax (%sized (int n) 2))
    (defn syntax-of [n: I32] -> Syntax (%sized (int n) 3))
    (defn syntax-of [n: U8] -> Syntax (%sized (int n) 4))
    (defn syntax-of [n: U16] -> Syntax (%sized (int n) 5))
    (defn syntax-of [n: U32] -> Syntax (%sized (int n) 6))
    (defn syntax-of [n: U64] -> Syntax (%integer (int n) 0x704))
    (defn syntax-of [x: F32] -> Syntax (%float (float x) 0x805))
    (defn %symbol? [s: Syntax name: String] -> Bool
      (and (= (%kind s) 2) (= (.%text s) name) (= (>>> (.%bits s) 32) 0)))
    (defn %parts [s: Syntax kind: Int n: Int more?: Bool] -> (Option (Vec Syntax))
      (if (!= (%kind s) kind) None
        (let [items (%items s) found (len items)]
          (if (or (= found n) (and more? (> found n))) (Some items) None))))
    (defn %part [items: (Vec Syntax) i: Int] -> Syntax (nth items (if (< i 0) (+ i (len items)) i)))
    (defn %rest [items: (Vec Syntax) before: Int behind: Int] -> (Vec Syntax)
      (slice items before (- (len items) behind)))
    (defn %same-syntax? [a: Syntax b: Syntax] -> Bool
      (cond
        (and (= (.%form a) (.%form b)) (!= (.%form a) 0)) true
        (!= (bit-and (.%kind a) 0xff_ffff) (bit-and (.%kind b) 0xff_ffff)) false
        (= (%kind a) 2)
        (and (= (.%text a) (.%text b)) (= (>>> (.%bits a) 32) (>>> (.%bits b) 32)))
        (!= (.%bits a) (.%bits b)) false
        (!= (.%text a) (.%text b)) false
        :else
        (let [v (%items a) w (%items b)]
          (if (!= (len v) (len w)) false
            (do
              (for [i (range (len v))]
                (unless (%same-syntax? (nth v i) (nth w i)) (return false)))
              true)))))
    (defn %hash-syntax [s: Syntax] -> Int
      (let [mut h (bit-xor (hash (.%text s)) (bit-and (.%kind s) 0xff_ffff))]
        (unless (= (%kind s) 2) (set! h (hash (tuple h (.%bits s)))))
        (for [item (%items s)] (set! h (hash (tuple h (%hash-syntax item)))))
        h))
    (defn %show-syntax [s: Syntax] -> String
      (let [out: (Vec U8) (vec)] (%spell s out) (%to-string out)))
    (defn %spell [s: Syntax out: (Vec U8)] -> Unit
      (match (%kind s)
        0 (%spell-items s "(" ")" out)
        1 (%spell-items s "[" "]" out)
        2 (%add-string out (.%text s))
        3 (do (%add-string out ":") (%add-string out (.%text s)))
        4 (do (if (and (= (bit-and (.%kind s) 0xf00) 0x700) (< (.%bits s) 0))
                (%add-string out (str (u64 (.%bits s))))
                (%add-string out (str (.%bits s))))
              (%add-string out (%suffix s)))
        5 (let [x (%float-of-bits (.%bits s))]
            (%add-string out (if (= (%suffix s) "") (str x) (str (f32 x))))
            (%add-string out (%suffix s)))
        6 (%add-shown-text out (.%text s))
        7 (%add-shown-char out (char (.%bits s)))
        8 (%add-string out (if (= (.%bits s) 1) "true" "false"))
        9 (%spell-items s "'" "" out)
        10 (%spell-items s "`" "" out)
        11 (%spell-items s "~" "" out)
        _ (%spell-items s "~@" "" out)))
    (defn %spell-items [s: Syntax open: String close: String out: (Vec U8)] -> Unit
      (%add-string out open)
      (let [mut first? true]
        (for [item (%items s)]
          (if first? (set! first? false) (%add-string out " "))
          (%spell item out)))
      (%add-string out close))
    (defn %suffix [s: Syntax] -> String
      (match (bit-and (>> (.%kind s) 8) 255)
        0 "" 1 "i8" 2 "i16" 3 "i32" 4 "u8" 5 "u16" 6 "u32" 7 "u64" _ "f32"))
    """#
}
