// What code is made of, as one number: the tree with every name resolved, the functions that its methods and operators lead to,
// and for all types in it the versions of their layouts and what stands in for their derived operations. Two lowerings of one
// instance with the same key give the same code, as long as the numbers in it mean what they meant: that is looked at when code
// is to be used again (KeptCode.swift).
//
// Invariant: a key is a function of content. Nothing in it depends on the order in which things were edited, so that an edit
// which is undone gives the key that there was.

import Frontend

/// A running hash of 64 bits: one multiplication a word, after FxHash, with a finish that mixes all bits.
struct ContentHash {
  private var state: UInt64 = 0x51_7C_C1_B7_27_22_0A_95

  @inline(__always)
  mutating func add(_ word: UInt64) {
    state = (state << 5 | state >> 59) ^ word
    state = state &* 0x9E37_79B9_7F4A_7C15
  }

  @inline(__always) mutating func add(_ a: UInt32, _ b: UInt32) { add(UInt64(a) << 32 | UInt64(b)) }

  /// Never 0, which stands for "not known".
  var value: UInt64 {
    var h = state
    h ^= h >> 32
    h = h &* 0xD6E8_FEB8_6659_FD93
    h ^= h >> 32
    return h == 0 ? 1 : h
  }
}

extension Lowering {
  /// The key of a function, default or initialiser. O(tree).
  func contentKey(_ index: Int, _ tree: TypedTree) -> UInt64 {
    let instance = instances[index]
    setTypeArguments(Int(instance.firstArgument), Int(instance.argumentCount))
    self.tree = tree
    kept.treeOwner = -1
    var hash = ContentHash()
    hash.add(UInt64(instance.kind.rawValue))
    for argument in typeArguments { hash.add(argument.raw, 0) }
    addTree(&hash)
    var seen: Set<TypeID> = []
    for type in reliedTypes() { addLayouts(in: type, &hash, &seen) }
    // A global's words follow its declared type, whose value may be of none.
    if instance.kind == .initialiser { addLayouts(in: environment[DefID(raw: instance.subject)].type, &hash, &seen) }
    return hash.value
  }

  /// The key of a derived operation: what the type is made of, as far as values lie in values.
  func structuralKey(_ index: Int) -> UInt64 {
    var hash = ContentHash()
    hash.add(instances[index].subject, UInt32(instances[index].index))
    var seen: Set<TypeID> = []
    let type = TypeID(raw: instances[index].subject)
    // What stands in for it is called by others.
    addLayout(of: type, &hash)
    for part in parts(type) { addLayouts(in: part, &hash, &seen) }
    return hash.value
  }

  /// Of the type and of all that lies in its values, by value or behind a reference: code may take that apart in line.
  private func addLayouts(in type: TypeID, _ hash: inout ContentHash, _ seen: inout Set<TypeID>) {
    addLayout(of: type, &hash)
    addImplementations(of: type, &hash)
    guard layout(type).isByValue, seen.insert(type).inserted else { return }
    for part in parts(type) { addLayouts(in: part, &hash, &seen) }
  }

  private func addLayout(of type: TypeID, _ hash: inout ContentHash) {
    let shape = layout(type)
    hash.add(type.raw, UInt32(bitPattern: shape.version))
    hash.add(UInt32(shape.form.rawValue), shape.isChecked ? 1 : 0)
  }

  /// What stands in for the derived operations of the type, with its own type arguments.
  private func addImplementations(of type: TypeID, _ hash: inout ContentHash) {
    guard environment.hasDerivedImplementations, environment.types[type].def != .none else { return }
    for operation in StructuralOperation.allCases {
      let function = implementation(operation, type)
      if function == .none { continue }
      hash.add(function.raw, UInt32(operation.rawValue))
      guard environment[function].parent != .none, let known = BuiltinTrait(rawValue: UInt32(operation.rawValue)),
        let found = environment.implementation(of: environment.trait(known), for: type), let arguments = environment.match(found, [type])
      else { continue }
      for argument in arguments { hash.add(UInt64(argument.raw)) }
    }
  }

  /// The function that the method is for this instance.
  private func addResolution(of method: DefID, _ arguments: [TypeID], _ hash: inout ContentHash) {
    guard let (function, inner) = environment.resolve(method: method, arguments) else { return hash.add(0) }
    hash.add(function.raw, UInt32(inner.count))
    for argument in inner { hash.add(UInt64(argument.raw)) }
  }

  /// What lowering finds for a node by the `impl`s there are.
  @inline(__always)
  private func addResolution(of node: TypedNode, _ hash: inout ContentHash) {
    switch node.tag {
    case .call, .functionValue:
      if environment[DefID(raw: node.a)].kind == .method { addMethod(node, &hash) }
    case .intrinsic:
      if node.a <= Intrinsic.lastOperator, node.type != .int { addOperator(node, &hash) }
    default: break
    }
  }

  private func addMethod(_ node: TypedNode, _ hash: inout ContentHash) {
    let list = Int(node.b)
    let arguments = (0..<extra(list)).map { concrete(TypeID(raw: tree.extra[list + 1 + $0])) }
    addResolution(of: DefID(raw: node.a), arguments, &hash)
  }

  private func addOperator(_ node: TypedNode, _ hash: inout ContentHash) {
    let type = concrete(node.type)
    guard !type.isNumeric, type != .never, let operation = Intrinsic(rawValue: node.a), let known = BuiltinTrait(operator: operation),
      environment.trait(known) != .none, let method = environment.members[environment[environment.trait(known)].members].first
    else { return }
    addResolution(of: method, [type], &hash)
  }

  private func addTree(_ hash: inout ContentHash) {
    for node in tree.nodes {
      hash.add(UInt32(node.tag.rawValue), node.type.raw)
      hash.add(node.a, node.b)
      hash.add(node.c, node.position)
      addResolution(of: node, &hash)
    }
    for word in tree.extra { hash.add(UInt64(word)) }
    for value in tree.ints { hash.add(value) }
    for value in tree.floats { hash.add(value.bitPattern) }
    for text in tree.strings {
      hash.add(UInt64(text.count))
      for byte in text { hash.add(UInt64(byte)) }
    }
    for local in tree.locals {
      hash.add(local.type.raw, UInt32(bitPattern: local.owner))
      hash.add((local.isMutable ? 1 : 0) | (local.isCaptured ? 2 : 0))
    }
    for lambda in tree.lambdas {
      hash.add(UInt32(lambda.parameters.count), UInt32(lambda.captures.count))
      for local in lambda.parameters { hash.add(UInt64(local.raw)) }
      for local in lambda.captures { hash.add(UInt64(local.raw)) }
      hash.add(lambda.result.raw, lambda.body.raw)
      hash.add(UInt64(UInt32(bitPattern: lambda.parent)))
    }
    for pattern in tree.patterns {
      hash.add(UInt32(pattern.tag.rawValue), pattern.type.raw)
      hash.add(pattern.a, pattern.b)
      hash.add(UInt64(pattern.position))
    }
    for local in tree.parameters { hash.add(UInt64(local.raw)) }
    hash.add(tree.result.raw, tree.body.raw)
    hash.add(UInt64(tree.loopCount))
  }
}
