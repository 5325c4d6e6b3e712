// What the numbers in code stand for, for people and for comparing programs: a slot is called after what was compiled
// into it, a descriptor after the type whose objects have it at present.
//
// Invariant: only what is current has a name. A number without one belongs to an earlier layout, or to code that
// nothing new can reach.

import Bytecode
import Frontend

/// Numbers of slots, descriptors, literals and global words, with what they are called.
public struct CodeNames: Sendable {
  public var slots: [Int: String] = [:]
  public var descriptors: [Int: String] = [:]
  public var literals: [Int: String] = [:]
  public var globals: [Int: String] = [:]
  /// Descriptors of closures with captures.
  public var closures: Set<Int> = []
}

/// A slot with the code of an instance or of one of its lambdas.
public struct CodeOwner: Sendable {
  public var slot: Int
  public var kind: FunctionInfo.Kind
  /// `.none` for derived operations.
  public var definition: DefID
  /// An instance of something generic, or a derived operation: compiled because something uses it.
  public var isOnDemand: Bool
}

extension Lowering {
  /// The names of all that is current; `name` says what a definition is called. O(program).
  public func codeNames(_ name: (DefID) -> String) -> CodeNames {
    var names = CodeNames()
    for index in instances.instances.indices {
      let instance = instances[index]
      if instance.isRetired { continue }
      let text = self.name(of: index, name)
      names.slots[Int(instance.slot)] = text
      for lambda in lambdas(of: index).records { names.slots[Int(lambda.slot)] = "\(text).fn\(lambda.index)" }
    }
    for (bytes, number) in stringLiterals { names.literals[number] = "\"\(String(decoding: bytes, as: UTF8.self))\"" }
    for (slot, number) in closureLiterals.enumerated() where number >= 0 {
      if let text = names.slots[slot] { names.literals[Int(number)] = text }
    }
    names.descriptors[predefined.byteVector] = "(Vec U8)"
    for raw in layouts.layouts.indices {
      let type = TypeID(raw: UInt32(raw))
      let shape = layouts.layouts[raw]
      forEachDescriptor(type, shape) { number, c in
        if number == predefined.byteVector { return }
        names.descriptors[number] = environment.describe(type) + (shape.form == .boxedEnum ? ".\(caseName(shape, c))" : "")
      }
      guard shape.form == .boxedEnum else { continue }
      for c in 0..<Int(shape.partCount) {
        let literal = Int(layouts.enumCase(shape, c).literal)
        if literal >= 0 { names.literals[literal] = environment.describe(type) + ".\(caseName(shape, c))" }
      }
    }
    for (key, number) in captureDescriptors {
      names.descriptors[number] = "\(key.isCell ? "cell" : "closure") of \(key.words) words \(String(key.references, radix: 2))"
      if !key.isCell { names.closures.insert(number) }
    }
    for def in globals where globalOffsets[Int(def.raw)] >= 0 {
      for (i, word) in globalWords(def).enumerated() { names.globals[word] = i == 0 ? name(def) : "\(name(def)).\(i)" }
    }
    return names
  }

  /// Whatever has code that new calls may reach, in the order in which it came about. O(instances).
  public func codeOwners() -> [CodeOwner] {
    var owners: [CodeOwner] = []
    for index in instances.instances.indices {
      let instance = instances[index]
      if instance.isRetired || !instance.isCompiled { continue }
      let kind: FunctionInfo.Kind =
        switch instance.kind {
        case .function: .definition
        case .defaultValue: .defaultValue
        case .initialiser: .initialiser
        case .structural: .structural
        }
      let def = instance.kind == .structural ? DefID.none : DefID(raw: instance.subject)
      let isOnDemand = instance.argumentCount > 0 || instance.kind == .structural || instance.kind == .defaultValue
      owners.append(CodeOwner(slot: Int(instance.slot), kind: kind, definition: def, isOnDemand: isOnDemand))
      for lambda in lambdas(of: index).records {
        owners.append(CodeOwner(slot: Int(lambda.slot), kind: .lambda, definition: def, isOnDemand: true))
      }
    }
    return owners
  }

  private func caseName(_ shape: Layout, _ c: Int) -> String { environment.interner.name(layouts.enumCase(shape, c).name) }

  private func name(of index: Int, _ name: (DefID) -> String) -> String {
    let instance = instances[index]
    if instance.kind == .structural {
      return "\(StructuralOperation(rawValue: UInt8(instance.index)) ?? .show) of \(environment.describe(TypeID(raw: instance.subject)))"
    }
    let def = DefID(raw: instance.subject)
    let arguments = instances.arguments[Int(instance.firstArgument)..<Int(instance.firstArgument + instance.argumentCount)]
    var text = name(def)
    if !arguments.isEmpty { text += " [" + arguments.map { environment.describe($0) }.joined(separator: " ") + "]" }
    if instance.kind == .initialiser { text += ".init" }
    if instance.kind == .defaultValue {
      let number = Int(instance.index)
      let place = Environment.place(ofDefault: number)
      text += environment[def].kind == .enumeration ? ".default\(place.enumCase).\(place.field)" : ".default\(number)"
    }
    return text
  }
}
