// Numbers for what lives outside code: descriptors of heap objects, immortal literals, global words.
// Each is handed out once and queued for the host to install before the code that names it runs.

import Bytecode
import Frontend

/// Closures and cells are alike when they have the same words: one descriptor serves all of those.
/// Up to 64 words the references are bits of one number, so that looking one up allocates nothing.
struct CaptureKey: Hashable {
  var isCell: Bool
  var words: Int
  var references: UInt64
}

/// A case of an enum by its name, which it keeps in every layout.
struct CaseKey: Hashable {
  var type: TypeID
  var name: Symbol
}

extension Lowering {
  private func newDescriptor(
    _ kind: DescriptorInfo.Kind, words: Int, references: [UInt64], elementKind: ElementKind = .words,
    type: TypeID = .none, caseIndex: Int = 0
  ) -> Int {
    // A vector of references takes two numbers: the descriptor of its storage comes first.
    if kind == .vector, references.contains(where: { $0 != 0 }) { descriptorCount += 1 }
    let number = descriptorCount
    descriptorCount += 1
    newDescriptors.append(
      DescriptorInfo(
        number: number, kind: kind, words: words, references: references, elementKind: elementKind,
        type: type, caseIndex: caseIndex))
    return number
  }

  /// The reference bits of `count` words behind `shift` words that are none.
  private func referenceBits(_ firstKind: Int, _ count: Int, shift: Int = 0) -> [UInt64] {
    var bits = [UInt64](repeating: 0, count: max(1, (count + shift + 63) / 64))
    for i in 0..<count where layouts.kinds[firstKind + i] == .reference {
      bits[(i + shift) / 64] |= 1 << UInt64((i + shift) % 64)
    }
    return bits
  }

  func recordDescriptor(_ type: TypeID) -> Int {
    let known = layout(type)
    if known.descriptor >= 0 { return Int(known.descriptor) }
    let words = Int(known.payloadWords)
    let number = newDescriptor(
      .record, words: words, references: referenceBits(Int(known.firstPayloadKind), words), type: type)
    layouts.layouts[Int(type.raw)].descriptor = Int32(number)
    return number
  }

  func caseDescriptor(_ type: TypeID, _ index: Int) -> Int {
    let shape = layout(type)
    let known = layouts.enumCase(shape, index)
    if known.descriptor >= 0 { return Int(known.descriptor) }
    let words = Int(known.payloadWords)
    let number = newDescriptor(
      .enumCase, words: words + 1, references: referenceBits(Int(known.firstKind), words, shift: 1),
      type: type, caseIndex: index)
    layouts.cases[Int(layout(type).firstPart) + index].descriptor = Int32(number)
    return number
  }

  /// The descriptor of vectors of this `Vec` type. Elements without words are kept as a byte.
  func vectorDescriptor(_ type: TypeID) -> Int {
    let known = layout(type)
    if known.descriptor >= 0 { return Int(known.descriptor) }
    let elementType = environment.types.argument(type, 0)
    let number: Int
    if elementType == .u8 {
      number = predefined.byteVector
    } else {
      let element = layout(elementType)
      number = newDescriptor(
        .vector, words: max(1, element.words), references: referenceBits(Int(element.firstKind), element.words),
        elementKind: element.words == 0 ? .u8 : element.elementKind, type: type)
    }
    layouts.layouts[Int(type.raw)].descriptor = Int32(number)
    return number
  }

  /// The descriptor of a closure or cell whose payload has the words that `captureKinds` lists, in the order
  /// of the object: a closure's first is its slot number.
  func captureDescriptor(isCell: Bool) -> Int {
    let count = captureKinds.count
    var bits: UInt64 = 0
    for i in 0..<min(count, 64) where captureKinds[i] == .reference { bits |= 1 << UInt64(i) }
    let kind: DescriptorInfo.Kind = isCell ? .cell : .closure
    guard count <= 64 else {
      let first = layouts.kinds.count
      layouts.kinds.append(contentsOf: captureKinds)
      return newDescriptor(kind, words: count, references: referenceBits(first, count))
    }
    let key = CaptureKey(isCell: isCell, words: count, references: bits)
    if let number = captureDescriptors[key] { return number }
    let number = newDescriptor(kind, words: count, references: [bits])
    captureDescriptors[key] = number
    return number
  }

  // MARK: Literals

  private func newLiteral(_ literal: Literal) -> Int {
    let number = literalCount
    literalCount += 1
    newLiterals.append((number, literal))
    return number
  }

  func stringLiteral(_ bytes: [UInt8]) -> Int {
    if let number = stringLiterals[bytes] { return number }
    let number = newLiteral(.string(bytes))
    stringLiterals[bytes] = number
    return number
  }

  func closureLiteral(slot: Int) -> Int {
    while closureLiterals.count <= slot { closureLiterals.append(-1) }
    if closureLiterals[slot] < 0 {
      closureLiterals[slot] = Int32(newLiteral(.closure(slot: slot)))
      if keepsKeys { kept.closures[Int(closureLiterals[slot])] = Int32(slot) }
    }
    return Int(closureLiterals[slot])
  }

  /// The object of a case without fields. A relayout has found the one that there was (`moveLiterals`).
  func caseLiteral(_ type: TypeID, _ index: Int) -> Int {
    let shape = layout(type)
    let known = layouts.enumCase(shape, index)
    if known.literal >= 0 { return Int(known.literal) }
    let number = newLiteral(.caseObject(descriptor: caseDescriptor(type, index), tag: index))
    layouts.cases[Int(layout(type).firstPart) + index].literal = Int32(number)
    caseLiterals[CaseKey(type: type, name: known.name)] = Int32(number)
    if keepsKeys { kept.cases[number] = type }
    return number
  }

  // MARK: Globals

  func globalOffset(_ def: DefID) -> Int {
    let index = Int(def.raw)
    if index < globalOffsets.count, globalOffsets[index] >= 0 { return Int(globalOffsets[index]) }
    while globalOffsets.count <= index { globalOffsets.append(-1) }
    let type = environment[def].type
    let shape = layout(type)
    if let former = kept.formerGlobals[def]?.first(where: { $0.type == type && $0.version == shape.version && owns(def, globalWord: Int($0.offset)) }) {
      setGlobalOffset(index, former.offset)
      globals.append(def)
      return Int(former.offset)
    }
    let offset = globalWordCount
    setGlobalOffset(index, Int32(offset))
    globals.append(def)
    if keepsKeys {
      kept.globalOwners.removeLast(max(0, kept.globalOwners.count - offset))
      while kept.globalOwners.count < offset + shape.words { kept.globalOwners.append(def.raw) }
      kept.globalTypes[Int32(offset)] = (type, shape.version)
    }
    globalWordCount += shape.words
    newGlobals.append(GlobalInfo(definition: def, offset: offset, kinds: layouts.kinds(shape)))
    return offset
  }
}
