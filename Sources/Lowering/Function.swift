// The function being lowered: its registers, its restart points, and the walk from a tree to
// finished code blocks, one for the body and one for each lambda in it.
//
//   R[0…]  arguments │ closure, captures │ locals … │ temporaries and callee windows …
//                                                    ^ top
//
// Invariant: registers below `top` are in use, those at or above it are free. `emit` leaves `top` as
// it found it, except that a binding keeps its local's registers until its block ends.

import Bytecode
import Frontend

/// Register numbers have 16 bits; some room is left for the windows above.
let maxFrameSize = 60_000

struct FunctionState {
  var top = 0
  var maxTop = 0
  var resultType = TypeID.unit
  var resultWords = 0
  /// Restart points entered and not left at the place being emitted.
  var restartDepth = 0
  /// The lambda whose body this is; -1 for the definition itself.
  var lambda = -1
  /// Pattern locals have registers already: alternatives bind them together.
  var bindsShared = false
  /// Derived `show` functions: the register that counts nested records; -1 elsewhere.
  var depthRegister = -1
}

struct LoopState {
  var breakLabel: Label
  var continueLabel: Label
  var restartDepth: Int
  /// `loop`: its parameters, as an index into `extra`.
  var parameters: Int
}

struct PendingLambda {
  var index: Int
  var slot: Int
}

/// Types with rigid parameters replaced, for the instance at hand; by TypeID, valid in its epoch.
struct SubstitutionCache {
  var epoch: UInt32 = 0
  var entries: [(epoch: UInt32, type: TypeID)] = []
}

extension Lowering {
  // MARK: Types

  func setTypeArguments(_ first: Int, _ count: Int) {
    typeArguments.removeAll(keepingCapacity: true)
    for i in first..<first + count { typeArguments.append(instances.arguments[i]) }
    substitutions.epoch &+= 1
  }

  /// A type of the tree as this instance has it.
  @inline(__always)
  func concrete(_ type: TypeID) -> TypeID {
    typeArguments.isEmpty ? type : substituted(type)
  }

  private func substituted(_ type: TypeID) -> TypeID {
    let index = Int(type.raw)
    if index < substitutions.entries.count, substitutions.entries[index].epoch == substitutions.epoch {
      return substitutions.entries[index].type
    }
    let new = environment.types.substitute(type, typeArguments)
    while substitutions.entries.count <= index { substitutions.entries.append((0, .none)) }
    substitutions.entries[index] = (substitutions.epoch, new)
    return new
  }

  @inline(__always) func type(_ node: NodeID) -> TypeID { concrete(tree.nodes[Int(node.raw)].type) }
  @inline(__always) func layout(of node: NodeID) -> Layout { layout(type(node)) }
  @inline(__always) func words(of node: NodeID) -> Int { layout(of: node).words }
  @inline(__always) func extra(_ i: Int) -> Int { Int(tree.extra[i]) }
  @inline(__always) func node(_ i: Int) -> NodeID { NodeID(raw: tree.extra[i]) }

  // MARK: Registers

  @inline(__always)
  func setTop(_ top: Int) {
    function.top = top
    if top > function.maxTop { function.maxTop = top }
  }

  /// Keeps `count` registers from `first` on from being used for temporaries.
  @inline(__always)
  func protect(_ first: Int, _ count: Int) {
    if first + count > function.top { setTop(first + count) }
  }

  @inline(__always)
  func allocate(_ count: Int) -> Int {
    let first = function.top
    setTop(first + count)
    return first
  }

  func move(_ count: Int, from: Int, to: Int) {
    if from == to || count == 0 { return }
    if count > 1, to > from, to < from + count {
      assembler.emit(.moveBlock, a: to, b: from, c: count)
      return
    }
    switch count {
    case 1: assembler.emit(.move, a: to, b: from)
    case 2: assembler.emit(.move2, a: to, b: from)
    case 3: assembler.emit(.move3, a: to, b: from)
    default: assembler.emit(.moveBlock, a: to, b: from, c: count)
    }
  }

  func loadInt(_ value: Int, into register: Int) {
    if value == Int(Int32(truncatingIfNeeded: value)) {
      assembler.emit(.loadInt, a: register, imm32: value)
    } else {
      assembler.emit(.loadWord, a: register)
      assembler.emitWord(UInt64(bitPattern: Int64(value)))
    }
  }

  func loadString(_ bytes: [UInt8], into register: Int) {
    assembler.emit(.loadLiteral, a: register, imm32: stringLiteral(bytes))
  }

  func clear(_ count: Int, at first: Int) {
    switch count {
    case 0: break
    case 1: assembler.emit(.loadInt, a: first, imm32: 0)
    default: assembler.emit(.clear, a: first, imm32: count)
    }
  }

  // MARK: From trees to code

  /// Lowers the definition's body and then the lambdas found in it. Lambdas wait their turn because
  /// there is one assembler; their captures need nothing of the outer frame but its types.
  /// `instance` is -1 for what is lowered once.
  func compileTree(_ tree: TypedTree, slot: Int, instance: Int, info: FunctionInfo) {
    self.tree = tree
    kept.treeOwner = instance
    priorLambdas = keepsLambdas ? lambdas(of: instance) : LambdaSet()
    definitionAtHand = info.definition
    while registers.count < tree.locals.count { registers.append(-1) }
    if loops.count < tree.loopCount {
      let unused = assembler.label()
      while loops.count < tree.loopCount {
        loops.append(LoopState(breakLabel: unused, continueLabel: unused, restartDepth: 0, parameters: 0))
      }
    }
    pendingLambdas.removeAll(keepingCapacity: true)
    compileBody(lambda: -1, slot: slot, info: info)
    var next = 0
    while next < pendingLambdas.count {
      let pending = pendingLambdas[next]
      next += 1
      var lambdaInfo = info
      lambdaInfo.kind = .lambda
      lambdaInfo.index = pending.index
      compileBody(lambda: pending.index, slot: pending.slot, info: lambdaInfo)
    }
    settleLambdas(instance, slot: slot, info.definition)
  }

  private func compileBody(lambda: Int, slot: Int, info: FunctionInfo) {
    let firstLambda = pendingLambdas.count
    assembler.longJumps = false
    var argumentWords = emitBody(lambda, info)
    if !assembler.resolveJumps() {
      // Some short jump did not reach: once more with long ones. The lambdas may get other slots.
      pendingLambdas.removeSubrange(firstLambda...)
      newLambdas.records.removeSubrange(firstLambda...)
      assembler.longJumps = true
      argumentWords = emitBody(lambda, info)
      _ = assembler.resolveJumps()
    }
    finish(slot: slot, info: info, argumentWords: argumentWords)
  }

  /// Hands the assembled code out. One register more than in use: callers may put a closure there.
  func finish(slot: Int, info: FunctionInfo, argumentWords: Int) {
    let frameSize = max(function.maxTop, max(argumentWords, function.resultWords)) + 1
    if frameSize > maxFrameSize {
      problems.append(
        Diagnostic(
          .functionTooLarge, "this function needs \(frameSize) registers, more than \(maxFrameSize)",
          at: Place(item(of: info), info.definition == .none ? Span(0, 0) : environment[info.definition].nameSpan),
          help: "split it into smaller functions"))
      return
    }
    finished.append(
      FinishedFunction(
        slot: slot,
        code: assembler.block(
          frameSize: frameSize, argumentWords: argumentWords, resultWords: function.resultWords),
        info: info))
  }

  /// Answers the words of the arguments.
  private func emitBody(_ lambda: Int, _ info: FunctionInfo) -> Int {
    assembler.removeAll()
    function = FunctionState()
    function.lambda = lambda
    if info.kind == .initialiser {
      emitInitialiser(info.definition)
      return 0
    }
    function.resultType = concrete(lambda < 0 ? tree.result : tree.lambdas[lambda].result)
    function.resultWords = layout(function.resultType).words
    let count = lambda < 0 ? tree.parameters.count : tree.lambdas[lambda].parameters.count
    for i in 0..<count {
      let local = Int((lambda < 0 ? tree.parameters[i] : tree.lambdas[lambda].parameters[i]).raw)
      registers[local] = Int32(allocate(layout(concrete(tree.locals[local].type)).words))
    }
    let argumentWords = function.top
    let body = lambda < 0 ? tree.body : tree.lambdas[lambda].body
    assembler.position = tree[body].position
    if lambda >= 0 { loadCaptures(lambda, closure: allocate(1)) }
    for i in 0..<count {
      let local = lambda < 0 ? tree.parameters[i] : tree.lambdas[lambda].parameters[i]
      if isCell(local) {
        let value = Int(registers[Int(local.raw)])
        registers[Int(local.raw)] = Int32(newCell(local, value: value, into: allocate(1)))
      }
    }
    _ = emit(body, .tail)
    return argumentWords
  }

  private func emitInitialiser(_ def: DefID) {
    let value = emit(tree.body, .anywhere)
    let shape = layout(environment[def].type)
    let offset = globalOffset(def)
    for word in 0..<shape.words { storeGlobal(offset + word, value + word, layouts.kind(shape, word)) }
    assembler.emit(.returnNone)
  }

  // MARK: Names

  /// The item that positions in the code refer to: the one its definition stands in, also when it stood in another as the code was
  /// made. `.none` for derived operations, and for what is not in the text any more.
  public func item(of info: FunctionInfo) -> ItemID { info.definition == .none ? .none : environment[info.definition].item }

  /// How traces and profiles spell a function. Not for hot paths.
  public func name(of info: FunctionInfo) -> String {
    switch info.kind {
    case .definition: environment.name(info.definition)
    case .lambda: environment.name(info.definition) + ".fn"
    case .defaultValue: environment.name(info.definition) + ".default"
    case .initialiser: environment.name(info.definition) + ".init"
    case .structural:
      "\(StructuralOperation(rawValue: UInt8(info.index)) ?? .show) of \(environment.describe(info.type))"
    }
  }
}
