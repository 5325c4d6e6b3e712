// The order in which constants and variables get their values, the code that computes them, and where the program begins.
//
// Invariant: a value comes behind those it needs; where nothing decides, imported modules come first and then the text's order.

import Frontend
import Lowering

extension Program {
  /// Brings the values into the order of a fresh start: edits add theirs at the end. O(values).
  func sortValues() {
    let rank = importOrder()
    let keys = valueDefinitions.map { def in
      (rank[Int(env[def].module.raw)], source.store.file(of: env[def].item).raw, source.store.start(of: env[def].item) ?? 0, formStart[Int(def.raw)])
    }
    valueDefinitions = valueDefinitions.indices.sorted { keys[$0] < keys[$1] }.map { valueDefinitions[$0] }
  }

  /// Constants and variables so that each comes behind those its value needs, textual order otherwise.
  public func initialisationOrder() -> [DefID] { orderAndCycles().order }

  func initialisationProblems() -> [Diagnostic] {
    orderAndCycles().cycles.map { cycle in
      Diagnostic(
        .cyclicInitialiser, "the value of `\(env.name(cycle[0]))` depends on itself: \(env.path((cycle + [cycle[0]]).map { owner(of: $0) }))",
        at: Place(env[cycle[0]].item, env[cycle[0]].nameSpan),
        help: "give one of them a value that does not need the others")
    }
  }

  private func isValue(_ def: DefID) -> Bool { !DefaultUses.isDefault(def) && (env[def].kind == .constant || env[def].kind == .variable) }

  private func orderAndCycles() -> (order: [DefID], cycles: [[DefID]]) {
    var order: [DefID] = []
    var cycles: [[DefID]] = []
    // 0 not seen, 1 on the path, 2 done. Iterative: call chains may be long.
    let count = env.definitions.count
    var state = [UInt8](repeating: 0, count: count + defaultUses.count)
    func index(_ node: DefID) -> Int { DefaultUses.isDefault(node) ? count + Int(node.raw - DefaultUses.first) : Int(node.raw) }
    var path: [(def: DefID, next: Int)] = []
    for root in valueDefinitions where state[index(root)] == 0 {
      path.append((root, 0))
      state[index(root)] = 1
      while let top = path.last {
        let used = uses(of: top.def)
        if top.next == used.count {
          state[index(top.def)] = 2
          path.removeLast()
          if isValue(top.def) { order.append(top.def) }
          continue
        }
        path[path.count - 1].next += 1
        let next = used[top.next]
        switch state[index(next)] {
        case 0:
          state[index(next)] = 1
          path.append((next, 0))
        case 1:
          // Recursion among functions is no cycle of values.
          let start = path.firstIndex { $0.def == next } ?? 0
          let cycle = path[start...].map(\.def)
          if cycle.contains(where: isValue) {
            let first = cycle.firstIndex(where: isValue) ?? 0
            cycles.append(Array(cycle[first...] + cycle[..<first]))
          }
        default: break
        }
      }
    }
    return (order, cycles)
  }

  /// Lowers the initialisers in order; answers their slots.
  public func lowerInitialisers(_ defs: [DefID]) -> [Int] {
    var slots: [Int] = []
    for def in defs where checkBody(def) {
      slots.append(lowering.lowerInitialiser(def, checker.typed))
    }
    lowering.compilePending()
    return slots
  }

  /// The words of a constant that hold no references, which machine code may have built in; none of any other definition.
  func constantWords(_ def: DefID) -> [Int] {
    guard env[def].kind == .constant else { return [] }
    return zip(lowering.globalWords(def), lowering.wordKinds(env[def].type)).compactMap { word, kind in kind == .reference ? nil : word }
  }

  // MARK: main

  /// What is wrong with `main`, if anything.
  public func mainProblem() -> Diagnostic? {
    guard main != .none else {
      let preamble = files(of: mainModule).first.flatMap { source.store.items(of: $0).first } ?? .none
      return Diagnostic(
        .noMain, "the program has no `main`", at: Place(preamble, Span(0, 0)),
        help: "add `(defn main [] -> Unit ..)`, where the program begins")
    }
    let definition = env[main]
    guard definition.state == .resolved else { return nil }
    let parameters = definition.parameters.map { env.parameters[$0].type }
    let takesArguments = parameters.count == 1 && parameters[0] == env.types.vec(.string)
    if !(parameters.isEmpty || takesArguments) || !(definition.type == .unit || definition.type == .int) {
      return Diagnostic(
        .badMain, "`main` must be `[] -> Unit` or `[args: (Vec String)] -> Int`",
        at: Place(definition.item, definition.nameSpan))
    }
    return nil
  }
}
