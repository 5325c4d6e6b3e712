// A program that is given up goes away with all that it made: a session makes one for every edit that changes
// more than bodies.

import Frontend
import Lowering
import Runtime
import Session
import Testing

@Suite struct LifetimeTests {
  private final class Probe: @unchecked Sendable {
    weak var program: Program?
    weak var environment: Environment?
    weak var lowering: Lowering?
  }

  static let main = "(defn main [] -> Unit (println (m 1)))\n"

  @Test(arguments: [
    "(defn m [n: Int] -> Int n)\n" + main, "(defmacro m [x] `(+ ~x 1))\n" + main,
    "(defn help [s: Syntax n: Int = 3] -> Syntax `(+ ~s ~(syntax-of n)))\n(defmacro m [x] (help x))\n" + main,
    "(defmacro make [name] `(defn ~name [n: Int] -> Int n))\n(make m)\n" + main,
    "(defmacro m [x] (panic \"no\"))\n" + main,
  ])
  func programsGoAway(_ text: String) {
    let probe = Probe()
    Threads.runToEnd {
      let descriptors = PredefinedDescriptors(byteVector: Int(DescriptorTable.byteVector), first: DescriptorTable.firstFree)
      let program = Program(predefined: descriptors)
      let problems = program.load([ModuleText(path: "main.lang", text: Array(text.utf8), module: "main")]) { _ in .missing(lookedFor: [], near: nil) }
      _ = program.compileAll(isSound: problems.isEmpty)
      probe.program = program
      probe.environment = program.env
      probe.lowering = program.lowering
    }
    #expect(probe.program == nil && probe.environment == nil && probe.lowering == nil)
  }
}
