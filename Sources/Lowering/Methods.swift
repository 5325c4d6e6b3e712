// Methods of traits. A call of one names the method and its type arguments; once those are concrete it
// is a direct call of the function that an `impl` gives, or of an instance of the method's default.
// Operators of types that are no numbers are such calls, too.

import Bytecode
import Frontend

extension Lowering {
  /// The instance that a call of `def` reaches; -1 when there is none, which has been reported.
  @inline(__always)
  func calleeInstance(_ def: DefID, _ arguments: [TypeID]) -> Int {
    environment[def].kind == .method ? methodInstance(def, arguments) : functionInstance(def, arguments)
  }

  private func methodInstance(_ method: DefID, _ arguments: [TypeID]) -> Int {
    guard let (function, inner) = environment.resolve(method: method, arguments) else {
      reportMissing(environment[method].parent, arguments[0])
      return -1
    }
    if environment[function].state == .pending { headerProvider(function) }
    return functionInstance(function, inner)
  }

  /// Only for what checking cannot see: an `impl` of `Show` that asks more of a type variable than a
  /// generic function knows which shows a value.
  private func reportMissing(_ trait: DefID, _ type: TypeID) {
    let definition = environment[definitionAtHand == .none ? trait : definitionAtHand]
    problems.append(
      Diagnostic(
        .unsatisfiedConstraint, "`\(environment.describe(type))` has no `\(environment.name(trait))`",
        at: Place(definition.item, definition.nameSpan),
        help: "write `(impl (\(environment.name(trait)) \(environment.describe(type))) ..)`"))
  }

  /// The slot of the function that stands in for a derived operation of `type`.
  func implementationSlot(_ operation: StructuralOperation, _ type: TypeID) -> Int {
    let function = implementation(operation, type)
    if environment[function].state == .pending { headerProvider(function) }
    guard environment[function].parent != .none, let known = BuiltinTrait(rawValue: UInt32(operation.rawValue)) else {
      return slot(for: function, environment.types.arguments(type))
    }
    let trait = environment.trait(known)
    guard let found = environment.implementation(of: trait, for: type), let arguments = environment.match(found, [type]) else {
      reportMissing(trait, type)
      return -1
    }
    return slot(for: function, arguments)
  }

  /// `(op a b c ..)` of a type that has the operator by a trait: `((a op b) op c) ..`, or `(op a)`.
  func emitOperatorCalls(
    _ operation: Intrinsic, _ n: TypedNode, _ type: TypeID, _ first: Int, _ count: Int, _ want: Want
  ) -> Int {
    guard let known = BuiltinTrait(operator: operation), environment.trait(known) != .none,
      let method = environment.members[environment[environment.trait(known)].members].first
    else { return deliver(0, 0, want) }
    let index = methodInstance(method, [type])
    guard index >= 0 else {
      emitUnreachable()
      return 0
    }
    let slot = Int(instances[index].slot)
    let words = layout(type).words
    let saved = function.top
    // Everything from `top` on is free, so a target further up may be the window itself.
    let window = max(saved + 1, want.raw)
    if window > saved + 1 { setTop(window - 1) }
    _ = emit(node(first), .into(window))
    for i in 1..<max(2, count) {
      if count > 1 {
        setTop(window + words)
        _ = emit(node(first + i), .into(window + words))
      }
      assembler.position = n.position
      if want == .tail, function.restartDepth == 0, i >= count - 1, words == function.resultWords {
        emitTailCall(slot: slot, window: window, words: count > 1 ? 2 * words : words)
        return window
      }
      assembler.emit(.call, a: window, imm32: slot)
      protectForNow(window + 2 * words + 1)
    }
    function.top = saved
    return deliver(window, words, want)
  }
}
