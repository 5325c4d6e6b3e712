// Forms at the prompt: what they evaluate to, and what is left after one that failed.

import Frontend
import Runtime
import Session
import Testing

private final class Prompt {
  let session = Session()

  init(_ program: String = "") {
    let files: [(path: String, text: [UInt8])] = program.isEmpty ? [] : [("game.lang", Array(program.utf8))]
    #expect(session.start(files).isEmpty)
  }

  /// What evaluating gives, one result a line.
  func callAsFunction(_ input: String, isFile: Bool = false) -> String {
    var lines: [String] = []
    session.evaluate(Array(input.utf8), isFile: isFile) { result in
      switch result {
      case .value(let text, let type): lines.append((text ?? "?") + " : " + type)
      case .unit: lines.append("unit")
      case .defined(let names): lines.append("defined " + names.joined(separator: " "))
      case .problems(let problems): lines.append(problems.map { $0.code.rawValue }.joined(separator: " "))
      case .panic(let panic): lines.append("panic " + panic.message)
      case .note: lines.append("note")
      case .exit(let code): lines.append("exit \(code)")
      }
    }
    return lines.joined(separator: "\n")
  }
}

@Suite(.serialized) struct EvaluationTests {
  @Test func values() {
    let eval = Prompt()
    #expect(eval("(+ 1 2)") == "3 : Int")
    #expect(eval("\"a\\n\"") == "\"a\\n\" : String")
    #expect(eval("(vec (Some 1) None)") == "(vec (Some 1) None) : (Vec (Option Int))")
    #expect(eval("()") == "unit")
    #expect(eval("1 2.0\n(do 3)") == "1 : Int\n2.0 : Float\n3 : Int")
    #expect(eval("").isEmpty)
  }

  @Test func functionsHaveATypeToShow() {
    let eval = Prompt()
    #expect(eval("(fn [x: Int] -> Int x)").hasSuffix(" : (Fn [Int] Int)"))
  }

  @Test func definitionsAreEdits() {
    let eval = Prompt()
    #expect(eval("(defn f [x: Int] -> Int (* x 2))") == "defined f")
    #expect(eval("(defn g [] -> Int (f 21))") == "defined g")
    #expect(eval("(g)") == "42 : Int")
    #expect(eval("(defn f [x: Int] -> Int (* x 3))") == "defined f")
    #expect(eval("(g)") == "63 : Int")
  }

  @Test func macroCallsMakeDefinitions() {
    let eval = Prompt()
    let counter = "(defmacro defcounter [name step] `(do (defvar ~name: Int 0) (defn count! [] -> Unit (set! ~name (+ ~name ~step)))))"
    #expect(eval(counter) == "defined defcounter")
    #expect(eval("(defcounter hits 2)").hasPrefix("defined hits"))
    #expect(eval("(count!) (count!)\nhits") == "unit\nunit\n4 : Int")
    // Called again it defines what it defined before; the variable keeps its value.
    #expect(eval("(defcounter hits 3)").hasPrefix("defined hits"))
    #expect(eval("(count!) hits") == "unit\n7 : Int")
    // A macro and calls of it in one input; what is no definition is an expression.
    #expect(eval("(defmacro twice [x] `(* 2 ~x)) (twice 4)") == "defined twice\n8 : Int")
    #expect(eval("(defmacro five [name] `(defn ~name [] -> Int 5)) (five f) (five g) (+ (f) (g))").hasSuffix("10 : Int"))
    #expect(eval("(do (defn one [] -> Int 1) (defn two [] -> Int (+ (one) 1)))").hasPrefix("defined one"))
    #expect(eval("(two)") == "2 : Int")
  }

  @Test func aFileMayDefineInAnyOrder() {
    let eval = Prompt()
    let file = """
      (defcounter hits 5)
      (defn total [] -> Int (+ hits (helper misses)))
      (total)
      (defcounter misses (twice 4))
      (defmacro defcounter [name start] `(defvar ~name: Int ~(add-one start)))
      (defn add-one [s: Syntax] -> Syntax `(+ 1 ~s))
      (defn helper [n: Int] -> Int (* n 10))
      (defmacro twice [x] `(* 2 ~x))
      """
    #expect(eval(file, isFile: true) == "defined hits total misses defcounter add-one helper twice\n96 : Int")
    // Again, and with a macro call among the definitions that makes none.
    #expect(eval(file, isFile: true).hasSuffix("96 : Int"))
    #expect(eval(file + "\n(twice 21)", isFile: true).hasSuffix("42 : Int"))
    #expect(eval("(total)") == "96 : Int")
  }

  @Test func macroCallsThatFailDefineNothing() {
    let eval = Prompt("(defmacro five [name] `(defn ~name [] -> Int 5))\n(defmacro odd [name] `(defn ~name [] -> Int missing))")
    #expect(eval("(five 3)") == "E0204")
    #expect(eval("(five)") == "E0302")
    #expect(eval("(odd f)") == "E0201")
    #expect(eval("(f)") == "E0201")
    #expect(eval("(five f)").hasPrefix("defined f"))
    #expect(eval("(f)") == "5 : Int")
  }

  @Test func expansions() {
    let eval = Prompt(
      """
      (defmacro swap! [a b] `(let [old# ~a] (set! ~a ~b) (set! ~b old#)))
      (defmacro all-of [& conditions]
        (if (empty? conditions) `true `(if ~(nth conditions 0) (all-of ~@(slice conditions 1 (len conditions))) false)))
      (defmacro twice [e] `(let [n ~e] (+ n n)))
      (defmacro deep [x] `(deep ~x))
      """)
    func expand(_ text: String) -> String {
      switch eval.session.expansion(of: Array(text.utf8)) {
      case .forms(nil, let full)?: full
      case .forms(let step?, let full)?: step + "=>\n" + full
      case .nothing?: "nothing"
      case .problems(let problems)?: problems.map { $0.code.rawValue }.joined(separator: " ")
      case nil: "no form"
      }
    }
    #expect(expand("(swap! x y)") == "(let [old x] (set! x y) (set! y old))\n")
    #expect(expand("(swap! old y)") == "(let [old#2 old] (set! old y) (set! y old#2))\n")
    #expect(expand("(all-of a (f))") == "(if a (all-of (f)) false)\n=>\n(if a (if (f) true false) false)\n")
    #expect(expand("(twice (twice n))") == "(let [n#2 (twice n)] (+ n#2 n#2))\n=>\n(let [n#2 (let [n#3 n] (+ n#3 n#3))] (+ n#2 n#2))\n")
    #expect(expand("(g (twice 1.5) \"a\\n\" \\space 5u8 -3 'x :k)") == "(g (let [n 1.5] (+ n n)) \"a\\n\" \\space 5u8 -3 'x :k)\n")
    // A local of the name is no macro, nor is what is quoted.
    #expect(expand("(let [twice f] (twice 1))") == "nothing")
    #expect(expand("(match v (Some twice) (twice 1) _ (twice 2))") == "(match v (Some twice) (twice 1) _ (let [n 2] (+ n n)))\n")
    #expect(expand("'(twice 1)") == "nothing")
    #expect(expand("(+ 1 2)") == "nothing")
    #expect(expand("") == "no form")
    #expect(expand("(swap! x)") == "E0302")
    #expect(expand("(deep 1)") == "E0704")
    #expect(expand("(swap! x") == "E0102")
    // A long expansion is laid out.
    let long = expand("(all-of \((0..<9).map { "(condition-number \($0))" }.joined(separator: " ")))")
    #expect(long.split(separator: "\n").allSatisfy { $0.utf8.count <= 100 } && long.split(separator: "\n").count > 4)
    #expect(expand("(all-of" + String(repeating: " (twice x)", count: 250) + ")").contains("=>"))
  }

  @Test func definitionsInARowMayNeedEachOther() {
    let eval = Prompt()
    let text = """
      (defn even? [n: Int] -> Bool (if (= n 0) true (odd? (- n 1))))
      (defn odd? [n: Int] -> Bool (if (= n 0) false (even? (- n 1))))
      (even? 10)
      """
    #expect(eval(text) == "defined even? odd?\ntrue : Bool")
  }

  @Test func stateIsKept() {
    let eval = Prompt()
    #expect(eval("(defvar n: Int 1) (set! n (+ n 1)) n") == "defined n\nunit\n2 : Int")
    #expect(eval("(defn f [] -> Int n)") == "defined f")
    #expect(eval("(f)") == "2 : Int")
    #expect(eval.session.startAfresh().isEmpty)
    #expect(eval("(f)") == "1 : Int")
  }

  @Test func refusedDefinitionsLeaveNoTrace() {
    let eval = Prompt()
    #expect(eval("(defn f [] -> Int 1)") == "defined f")
    #expect(eval("(defn f [] -> Int \"one\")") == "E0301")
    #expect(eval("(f)") == "1 : Int")
    #expect(eval("(defn g [] -> Int (h))") == "E0201")
    #expect(eval("(g)") == "E0201")
    #expect(eval("(defn h [] -> Int (f))") == "defined h")
    #expect(eval("(h)") == "1 : Int")
  }

  @Test func valuesThatPanicAreNotDefined() {
    let eval = Prompt()
    #expect(eval("(def v: (Vec Int) (vec (/ 1 0)))") == "panic division by zero")
    #expect(eval("v") == "E0201")
    #expect(eval("(def v: (Vec Int) (vec 1)) (len v)") == "defined v\n1 : Int")
  }

  @Test func layoutsMayChange() {
    let eval = Prompt()
    #expect(eval("(defstruct P [x: Int]) (P 1)") == "defined P\n(P 1) : P")
    #expect(eval("(defstruct P [x: Int y: Int])") == "defined P")
    #expect(eval("(P 1 2)") == "(P 1 2) : P")
    #expect(eval("(defenum Shape (Circle r: Float) Empty) (Circle 1.0)") == "defined Shape\n(Circle 1.0) : Shape")
  }

  @Test func panicsEndTheExpressionOnly() {
    let eval = Prompt()
    #expect(eval("(nth (vec 1) 3) (+ 1 1)") == "panic index out of range: 3 is not in 0 to 0\n2 : Int")
    #expect(eval("(exit 3)") == "exit 3")
  }

  @Test func problemsOfTheReaderDoNotHideTheRest() {
    let eval = Prompt()
    #expect(eval(")\n(+ 1 1)").contains("E0103"))
    #expect(eval("(+ 1\n(+ 2 2)").contains("E0102"))
    #expect(eval("(+ 2 2)") == "4 : Int")
  }

  @Test func programsAreLoadedAndRedefined() {
    let eval = Prompt("(def k 2)\n(defn f [x: Int] -> Int (* k x))\n(defn main [] -> Unit (println (f 1)))")
    #expect(eval("(f 4)") == "8 : Int")
    #expect(eval("(def k 3)").hasPrefix("defined k"))
    #expect(eval("(f 4)") == "12 : Int")
    #expect(eval("(defn f [x: Int] -> Int x) (f 4)") == "defined f\n4 : Int")
  }

  @Test func aThousandInputs() {
    let eval = Prompt()
    for i in 0..<1000 {
      #expect(eval("(+ \(i) 1)") == "\(i + 1) : Int")
      if i % 10 == 0 { #expect(eval("(defn f [] -> Int \(i))") == "defined f") }
    }
    #expect(eval("(f)") == "990 : Int")
  }

  @Test func whatIsKnownOfNames() {
    let eval = Prompt("(defn area \"Of a square.\" [w: Float] -> Float (* w w))")
    #expect(eval.session.documentation(of: "area") == "(area [w: Float] -> Float)\n  Of a square.")
    #expect(eval.session.documentation(of: "nothing-such") == nil)
    #expect(eval.session.disassembly(of: "area")?.hasPrefix("area:\n") == true)
    #expect(eval.session.disassembly(of: "nothing-such") == nil)
    #expect(eval.session.visibleNames().contains("area"))
  }
}
