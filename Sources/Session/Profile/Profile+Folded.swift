// A profile as folded stacks, the form that flame graph tools read: a stack a line, outermost function first, with µs.
//
//     game/main;game/tick;prelude/nth_[jit] 1520

extension Profile {
  /// Lines in the order of their text. The innermost function ends in `_[jit]` where it was machine code.
  public func folded() -> String {
    var times: [String: Double] = [:]
    for stack in stacks {
      var names = stack.frames.reversed().map { Self.word(frames[$0].function) }
      // A function that calls itself keeps each of its frames.
      if stack.isMachineCode, let last = names.popLast() { names.append(last + "_[jit]") }
      times[names.joined(separator: ";"), default: 0] += stack.time
    }
    return times.sorted { $0.key < $1.key }.filter { $0.value >= 0.5 }.map { "\($0.key) \(Int($0.value.rounded()))\n" }.joined()
  }

  /// Without what separates stacks and numbers.
  private static func word(_ name: String) -> String { String(name.map { $0 == ";" ? ":" : $0 == " " ? "_" : $0 }) }
}
