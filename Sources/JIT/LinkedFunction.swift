// Machine code by name, for tools beside the program: a profiler reads addresses from a file, a debugger from memory. Functions in LLVM's
// module are named as the program names them, so whoever reads the object file afterwards finds them so.
//
//   nbody/advance [jit 3]                    all calls of a function; 3 counts the units
//   nbody/advance [loop 4]                   entered in a loop
//   prelude/nth [in nbody/advance 3]         what went along
//
// Invariant: without a tool that asks, names stay LLVM's own and nothing here costs anything.

import CLLVM

/// A function of machine code at its address.
public struct LinkedFunction: Sendable, Equatable {
  public var name: String
  public var address: UInt
  public var bytes: Int

  public init(name: String, address: UInt, bytes: Int) { (self.name, self.address, self.bytes) = (name, address, bytes) }
}

/// Names of a unit's functions.
struct UnitNames {
  private let name: @Sendable (Int) -> String
  private let unit: Int
  private let target: Target

  init(_ target: Target, unit: Int, name: @escaping @Sendable (_ slot: Int) -> String) { (self.target, self.unit, self.name) = (target, unit, name) }

  /// What a slot leads to.
  var entry: String {
    switch target {
    case .function: "\(name(target.slot)) [jit \(unit)]"
    case .loop: "\(name(target.slot)) [loop \(unit)]"
    }
  }

  /// A function of the unit that its code calls.
  func body(_ slot: Int, copy: Int) -> String { "\(name(slot)) [in \(name(target.slot)) \(unit)\(copy > 0 ? ", copy \(copy)" : "")]" }
}

extension IRModule {
  /// Renames a function, if there is one. `isUnwound`: a debugger finds the way from its frame to its caller's.
  func rename(_ function: String, to name: String, isUnwound: Bool) {
    guard let found = unsafe LLVMGetNamedFunction(raw, function) else { return }
    unsafe LLVMSetValueName2(found, name, name.utf8.count)
    // Unwinding from any instruction.
    if isUnwound { attribute("uwtable", of: unsafe IRValue(raw: found), value: 2) }
  }
}

extension LinkedCode {
  /// The functions of an object file but one, by where the linker has put another.
  static func functions(of object: [UInt8], _ known: String, at address: UInt, but other: String) -> [LinkedFunction] {
    guard let all = ELFFunction.all(in: object), let first = all.first(where: { $0.name == known }) else { return [] }
    let start = address &- UInt(first.offset)
    return all.filter { $0.section == first.section && $0.bytes > 0 && $0.name != other }
      .map { LinkedFunction(name: $0.name, address: start &+ UInt($0.offset), bytes: $0.bytes) }
  }
}

extension Tiering {
  /// How many pieces of machine code debuggers know of, in this process. Nothing may be compiled meanwhile.
  public static var debuggedObjects: Int { lang_llvm_debugged() }
}
