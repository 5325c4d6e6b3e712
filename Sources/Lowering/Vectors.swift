// Vectors and the other things built in the heap out of registers: which instruction reads or writes
// an element follows from how the vector stores it.
//
// Elements without words (Unit) are stored as a byte that nobody looks at.

import Bytecode
import Frontend

extension Lowering {
  /// R[target].. := R[vector][R[index]] for elements of this layout.
  func vectorGet(_ target: Int, _ vector: Int, _ index: Int, _ element: Layout) {
    if element.words == 0 {
      assembler.emit(.vectorGetU8, a: target, b: vector, c: index)  // for the bounds check
    } else if element.words > 1 {
      assembler.emit(.vectorGetBlock, d: element.words, a: target, b: vector, c: index)
    } else {
      switch element.elementKind {
      case .words: assembler.emit(.vectorGet, a: target, b: vector, c: index)
      case .u8: assembler.emit(.vectorGetU8, a: target, b: vector, c: index)
      default:
        assembler.emit(.vectorGetPacked, d: Int(element.elementKind.rawValue), a: target, b: vector, c: index)
      }
    }
  }

  func emitVectorGet(_ n: TypedNode, _ vector: NodeID, _ index: NodeID, _ want: Want) -> Int {
    let element = layout(concrete(n.type))
    let saved = function.top
    let v = emitOperand(vector, before: index)
    protect(v, 1)
    let i = emit(index, .anywhere)
    function.top = saved
    assembler.position = n.position
    checkObject(v, ofType: type(vector))
    let target = element.words == 0 ? claim(.anywhere, 1) : claim(want, element.words)
    vectorGet(target, v, i, element)
    return deliver(target, element.words, want)
  }

  func emitVectorSet(_ n: TypedNode, _ vector: NodeID, _ index: NodeID, _ value: NodeID) {
    let element = layout(environment.types.argument(type(vector), 0))
    let saved = function.top
    let v = emitOperand(vector, before: isSimpleNode(index) ? value : index)
    protect(v, 1)
    let i = emitOperand(index, before: value)
    protect(i, 1)
    checkObject(v, ofType: type(vector))
    if element.words == 1, element.elementKind == .u8, let constant = immediate(value), (0...255).contains(constant) {
      function.top = saved
      assembler.position = n.position
      assembler.emit(.vectorSetU8Imm, a: v, b: i, c: constant)
      return
    }
    var source = emit(value, .anywhere)
    if element.words == 0 {
      source = claim(.anywhere, 1)
      loadInt(0, into: source)
    }
    function.top = saved
    assembler.position = n.position
    if element.words > 1 {
      assembler.emit(.vectorSetBlock, d: element.words, a: v, b: i, c: source)
      return
    }
    if element.words == 0 || element.elementKind == .u8 {
      assembler.emit(.vectorSetU8, a: v, b: i, c: source)
    } else if element.elementKind != .words {
      assembler.emit(.vectorSetPacked, d: Int(element.elementKind.rawValue), a: v, b: i, c: source)
    } else {
      let isReference = layouts.kind(element, 0) == .reference
      assembler.emit(isReference ? .vectorSetRef : .vectorSet, a: v, b: i, c: source)
    }
  }

  private func isSimpleNode(_ id: NodeID) -> Bool {
    var fuel = 8
    return isSimple(id, &fuel)
  }

  func emitVectorPush(_ n: TypedNode, _ vector: NodeID, _ value: NodeID) {
    let saved = function.top
    let v = emitOperand(vector, before: value)
    protect(v, 1)
    checkObject(v, ofType: type(vector))
    push(value, to: v)
    function.top = saved
  }

  private func push(_ value: NodeID, to vector: Int) {
    var source = emit(value, .anywhere)
    assembler.position = tree.nodes[Int(value.raw)].position
    if words(of: value) == 0 {
      source = claim(.anywhere, 1)
      loadInt(0, into: source)
    }
    let kind = words(of: value) == 0 ? .u8 : layout(type(value)).elementKind
    assembler.emit(.vectorPush, d: max(1, words(of: value)), a: vector, b: source, c: Int(kind.rawValue))
  }

  func emitMakeVec(_ n: TypedNode, _ want: Want) -> Int {
    let saved = function.top
    let target = reserve(want, 1)
    assembler.emit(.newVector, a: target, imm32: vectorDescriptor(concrete(n.type)))
    for i in 0..<extra(Int(n.b)) { push(node(Int(n.b) + 1 + i), to: target) }
    function.top = saved
    return deliver(target, 1, want)
  }
}
