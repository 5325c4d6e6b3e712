// How the functions of a unit call each other, which decides what is checked where.
//
//   root ─► a ─► b          room for the frames of all three is looked at once, where the unit is entered
//          ▲     │
//          └─────┘          a call that leads back looks at the room again, and polls
//
// Invariant: every cycle of calls within a unit has an edge that leads back.

import Bytecode

struct UnitCalls {
  /// A function of the unit that a step calls, and whether that leads back to one that may be running.
  struct Edge {
    var callee: Int
    var leadsBack: Bool
  }

  private var edges: [[Int: [Edge]]]
  /// Registers from a function's first on that it and what it calls without leading back may need.
  private(set) var room: [Int]

  /// The callees of a step that are functions of the unit, the most frequent first.
  func edges(_ function: Int, _ step: Int) -> [Edge] { edges[function][step] ?? [] }

  /// `callees`: the functions of the unit that a step of a function calls.
  init(_ flows: [Flow], callees: (_ function: Int, _ step: Int) -> [Int]) {
    edges = flows.map { _ in [:] }
    room = flows.map(\.frameSize)
    enum Colour { case new, running, done }
    var colour = [Colour](repeating: .new, count: flows.count)
    let calls = flows.indices.map { function in
      flows[function].steps.indices.flatMap { step in callees(function, step).map { (step: step, callee: $0) } }
    }
    // Depth first from the root; the stack holds where each goes on.
    func visit(_ root: Int) {
      var stack: [(function: Int, call: Int)] = [(root, 0)]
      colour[root] = .running
      while let (function, first) = stack.last {
        var index = first
        var next: Int?
        while index < calls[function].count, next == nil {
          let call = calls[function][index]
          edges[function][call.step, default: []].append(Edge(callee: call.callee, leadsBack: colour[call.callee] == .running))
          if colour[call.callee] == .new { next = call.callee }
          index += 1
        }
        stack[stack.count - 1].call = index
        if let next {
          colour[next] = .running
          stack.append((next, 0))
        } else {
          colour[function] = .done
          stack.removeLast()
          finish(function, flows[function])
        }
      }
    }
    for root in flows.indices where colour[root] == .new { visit(root) }
  }

  private mutating func finish(_ function: Int, _ flow: Flow) {
    for (step, edges) in edges[function] {
      let it = flow.steps[step]
      let window = it.opcode == .call || it.opcode == .callClosure ? it.instruction.a : 0
      for edge in edges where !edge.leadsBack { room[function] = max(room[function], window + room[edge.callee]) }
    }
  }
}
