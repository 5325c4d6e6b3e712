// How the functions of a unit call each other, which decides what is checked where.
//
//   root ─► a ─► b          room for the frames of all three is looked at once, where the unit is entered
//          ▲     │
//          └─────┘          a call that leads back looks at the room again, and polls
//
// Invariant: every cycle of calls within a unit has an edge that leads back.

import Bytecode

struct UnitCalls {
  /// The callee's function for each step that calls one of the unit, and whether that leads back to a function that may be running.
  struct Edge {
    var callee: Int
    var leadsBack: Bool
  }

  private var edges: [[Int: Edge]]
  /// Registers from a function's first on that it and what it calls without leading back may need.
  private(set) var room: [Int]
  /// Whether all that a call of it runs is machine code of this unit or does nothing that an edit could come in between.
  private(set) var staysInUnit: [Bool]

  /// The callee of a step, if it is a function of the unit.
  func edge(_ function: Int, _ step: Int) -> Edge? { edges[function][step] }

  /// `callee`: the function that a step of a function calls; nil when it is none of the unit. `leaves`: whether it asks the outside itself.
  init(_ flows: [Flow], callee: (_ function: Int, _ step: Int) -> Int?, leaves: (_ function: Int) -> Bool) {
    edges = flows.map { _ in [:] }
    room = flows.map(\.frameSize)
    staysInUnit = flows.indices.map { !leaves($0) }
    enum Colour { case new, running, done }
    var colour = [Colour](repeating: .new, count: flows.count)
    // Depth first from the root; the stack holds where each goes on.
    func visit(_ root: Int) {
      var stack: [(function: Int, step: Int)] = [(root, 0)]
      colour[root] = .running
      while let (function, first) = stack.last {
        var step = first
        var next: Int?
        while step < flows[function].steps.count, next == nil {
          if let found = callee(function, step) {
            edges[function][step] = Edge(callee: found, leadsBack: colour[found] == .running)
            if colour[found] == .new { next = found }
          }
          step += 1
        }
        stack[stack.count - 1].step = step
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
    // What leads back was not known yet where it was met.
    var changed = true
    while changed {
      changed = false
      for function in flows.indices where staysInUnit[function] {
        if edges[function].values.contains(where: { !staysInUnit[$0.callee] }) {
          staysInUnit[function] = false
          changed = true
        }
      }
    }
  }

  private mutating func finish(_ function: Int, _ flow: Flow) {
    for (step, edge) in edges[function] where !edge.leadsBack {
      let it = flow.steps[step]
      let window = it.opcode == .tailCall ? 0 : it.instruction.a
      room[function] = max(room[function], window + room[edge.callee])
    }
  }
}
