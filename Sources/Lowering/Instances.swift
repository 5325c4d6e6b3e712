// Which code exists: an instance is a function with its type arguments, a default value, an
// initialiser, or a derived operation of a type. Each has a slot from its first mention on, and is
// compiled from a queue, so that chains of instances cost no host stack.
//
// Invariant: an instance that is not compiled is in the queue.

import Bytecode
import Frontend

/// Nesting of type arguments beyond which instantiation is held to be endless.
let maxTypeDepth = 32
let maxInstancesOfDefinition = 10_000

enum InstanceKind: UInt8 { case function, defaultValue, initialiser, structural }

struct Instance {
  var kind: InstanceKind
  var isCompiled = false
  var isRetired = false
  /// DefID, or for derived operations the TypeID.
  var subject: UInt32
  /// Parameter or field of a default, operation of a derived function, else 0.
  var index: Int32
  var firstArgument: Int32
  var argumentCount: Int32
  var slot: Int32
  /// Functions: where each parameter starts in the window, and behind the last one.
  var firstOffset: Int32 = 0
  var argumentWords: Int32 = 0
  var resultWords: Int32 = 0
  /// The next instance of the same definition; -1 at the end.
  var next: Int32 = -1
}

struct InstanceTable {
  var instances: [Instance] = []
  var arguments: [TypeID] = []
  var offsets: [Int32] = []
  var queue: [Int32] = []
  var queueHead = 0
  /// Of functions without type parameters; by DefID, -1 for none.
  var plain: [Int32] = []
  /// The newest instance of a definition, the head of its list; by DefID.
  var newest: [Int32] = []
  /// Retired instances stay in the table: they may come back.
  var keepsRetired = false
  private var table: [Int32] = Array(repeating: -1, count: 64)

  subscript(i: Int) -> Instance {
    _read { yield instances[i] }
    _modify { yield &instances[i] }
  }

  func find(_ kind: InstanceKind, _ subject: UInt32, _ index: Int, _ args: [TypeID]) -> Int {
    var at = Int(hash(kind, subject, index, args)) & (table.count - 1)
    while table[at] >= 0 {
      let candidate = instances[Int(table[at])]
      if candidate.kind == kind, candidate.subject == subject, Int(candidate.index) == index,
        !candidate.isRetired, Int(candidate.argumentCount) == args.count
      {
        var same = true
        for i in args.indices where arguments[Int(candidate.firstArgument) + i] != args[i] { same = false }
        if same { return Int(table[at]) }
      }
      at = (at + 1) & (table.count - 1)
    }
    return -1
  }

  mutating func add(
    _ kind: InstanceKind, _ subject: UInt32, _ index: Int, _ args: [TypeID], slot: Int
  ) -> Int {
    let new = instances.count
    instances.append(
      Instance(
        kind: kind, subject: subject, index: Int32(index), firstArgument: Int32(arguments.count),
        argumentCount: Int32(args.count), slot: Int32(slot)))
    for i in args.indices { arguments.append(args[i]) }
    if kind != .structural {
      while newest.count <= Int(subject) { newest.append(-1) }
      instances[new].next = newest[Int(subject)]
      newest[Int(subject)] = Int32(new)
    }
    if instances.count * 2 > table.count { rebuild(table.count * 2) } else { enter(new) }
    return new
  }

  /// A retired instance is in use again.
  mutating func bringBack(_ i: Int) {
    instances[i].isRetired = false
    let instance = instances[i]
    let args = Array(arguments[Int(instance.firstArgument)..<Int(instance.firstArgument + instance.argumentCount)])
    if find(instance.kind, instance.subject, Int(instance.index), args) != i { enter(i) }
  }

  /// Sees to it that the list of its definition's instances has it.
  mutating func link(_ i: Int) {
    let subject = Int(instances[i].subject)
    while newest.count <= subject { newest.append(-1) }
    var next = newest[subject]
    while next >= 0 {
      if Int(next) == i { return }
      next = instances[Int(next)].next
    }
    instances[i].next = newest[subject]
    newest[subject] = Int32(i)
  }

  mutating func enqueue(_ i: Int) {
    instances[i].isCompiled = false
    queue.append(Int32(i))
  }

  private mutating func enter(_ i: Int) {
    let instance = instances[i]
    let range = Int(instance.firstArgument)..<Int(instance.firstArgument + instance.argumentCount)
    var at = Int(hash(instance.kind, instance.subject, Int(instance.index), Array(arguments[range]))) & (table.count - 1)
    while table[at] >= 0 { at = (at + 1) & (table.count - 1) }
    table[at] = Int32(i)
  }

  private mutating func rebuild(_ count: Int) {
    table = Array(repeating: -1, count: count)
    for i in instances.indices where keepsRetired || !instances[i].isRetired { enter(i) }
  }

  private func hash(_ kind: InstanceKind, _ subject: UInt32, _ index: Int, _ args: [TypeID]) -> UInt32 {
    var h = (UInt32(kind.rawValue) &* 0x9E37_79B1) ^ (subject &* 0x85EB_CA77) ^ (UInt32(truncatingIfNeeded: index) &* 0xC2B2_AE3D)
    for i in args.indices { h = (h ^ args[i].raw) &* 0x9E37_79B1; h ^= h >> 15 }
    return h ^ (h >> 13)
  }
}

extension Lowering {
  func newSlot() -> Int {
    if let free = freeSlots.popLast() {
      if journal.isOpen { journal.reusedSlots.append(free) }
      return free
    }
    slotCount += 1
    return slotCount - 1
  }

  // MARK: Finding instances

  /// The instance of a function; -1 when its type arguments grow without end.
  @inline(__always)
  func functionInstance(_ def: DefID, _ args: [TypeID]) -> Int {
    let raw = Int(def.raw)
    if args.count == 0 {
      if raw < instances.plain.count, instances.plain[raw] >= 0 { return Int(instances.plain[raw]) }
    } else {
      let known = instances.find(.function, def.raw, 0, args)
      if known >= 0 { return known }
    }
    return makeFunctionInstance(def, args)
  }

  private func makeFunctionInstance(_ def: DefID, _ args: [TypeID]) -> Int {
    guard isBounded(def, args) else { return -1 }
    let back = returning(.function, def.raw, 0, args)
    if back >= 0 { return back }
    touchNewest(Int(def.raw))
    let new = instances.add(.function, def.raw, 0, args, slot: newSlot())
    noteMade(new, args)
    if args.count == 0 { setPlain(Int(def.raw), Int32(new)) } else { noteMentions(new, args) }
    let (offsets, resultWords) = window(def, args)
    instances[new].firstOffset = Int32(instances.offsets.count)
    instances.offsets.append(contentsOf: offsets)
    instances[new].argumentWords = offsets.last!
    instances[new].resultWords = resultWords
    instances.enqueue(new)
    return new
  }

  /// Where each parameter starts in a function's window, and behind the last one; the words of the result.
  func window(_ def: DefID, _ args: [TypeID]) -> (offsets: [Int32], resultWords: Int32) {
    let definition = environment[def]
    var offsets: [Int32] = [0]
    for parameter in environment.parameters[definition.parameters] {
      let type = environment.types.substitute(parameter.type, args)
      offsets.append(offsets.last! + Int32(layout(type).words))
    }
    return (offsets, Int32(layout(environment.types.substitute(definition.type, args)).words))
  }

  /// Other kinds: found by key or made and queued.
  func instance(_ kind: InstanceKind, _ subject: UInt32, _ index: Int, _ args: [TypeID]) -> Int {
    let known = instances.find(kind, subject, index, args)
    if known >= 0 { return known }
    let back = returning(kind, subject, index, args)
    if back >= 0 { return back }
    if kind != .structural { touchNewest(Int(subject)) }
    let new = instances.add(kind, subject, index, args, slot: newSlot())
    noteMade(new, args)
    noteMentions(new, args)
    instances.enqueue(new)
    return new
  }

  func structuralSlot(_ operation: StructuralOperation, _ type: TypeID) -> Int {
    return Int(instances[instance(.structural, type.raw, Int(operation.rawValue), noTypes)].slot)
  }

  private func isBounded(_ def: DefID, _ args: [TypeID]) -> Bool {
    var bounded = true
    for i in args.indices where depth(args[i]) > maxTypeDepth { bounded = false }
    if bounded, args.count > 0, Int(def.raw) < instances.newest.count {
      var count = 0
      var next = instances.newest[Int(def.raw)]
      // Counted only now and then: the list is as long as the limit.
      if instances.instances.count % 64 == 0 {
        while next >= 0, count <= maxInstancesOfDefinition {
          count += 1
          next = instances[Int(next)].next
        }
      }
      bounded = count <= maxInstancesOfDefinition
    }
    if !bounded {
      let definition = environment[def]
      problems.append(
        Diagnostic(
          .endlessInstantiation, "`\(environment.name(def))` needs endlessly many instances of itself",
          at: Place(definition.item, definition.nameSpan),
          help: "a generic function that calls itself must do so with its own type arguments"))
    }
    return bounded
  }

  /// How deeply a type is nested; beyond `maxTypeDepth` also when it is merely huge, as a tuple of
  /// tuples of tuples is. Looks at no more than `fuel` types.
  private func depth(_ type: TypeID) -> Int {
    var fuel = 4_000
    let deepest = depth(type, &fuel)
    return fuel < 0 ? maxTypeDepth + 1 : deepest
  }

  private func depth(_ type: TypeID, _ fuel: inout Int) -> Int {
    fuel -= 1
    var deepest = 0
    for i in 0..<environment.types.count(type) where fuel >= 0 {
      deepest = max(deepest, depth(environment.types.argument(type, i), &fuel))
    }
    return deepest + 1
  }

  // MARK: Compiling

  func lowerAllInstances(of def: DefID, _ tree: TypedTree) {
    if environment[def].kind == .constant || environment[def].kind == .variable {
      if instances.find(.initialiser, def.raw, 0, noTypes) >= 0 { _ = lowerInitialiserFunction(def, tree) }
      return
    }
    if environment[def].typeParameters.isEmpty {
      let index = functionInstance(def, noTypes)
      if index >= 0 { compile(index, tree) }
    }
    var next = Int(def.raw) < instances.newest.count ? Int(instances.newest[Int(def.raw)]) : -1
    while next >= 0 {
      let candidate = instances[next]
      if !candidate.isRetired {
        if candidate.kind == .defaultValue, candidate.isCompiled {
          touch(next)
          instances.enqueue(next)
        }
        if candidate.kind == .function, candidate.argumentCount > 0 { compile(next, tree) }
      }
      next = Int(candidate.next)
    }
  }

  /// The defaults of `def`, which changed, are compiled again, where they have been compiled.
  public func recompileDefaults(of def: DefID) {
    var next = Int(def.raw) < instances.newest.count ? Int(instances.newest[Int(def.raw)]) : -1
    while next >= 0 {
      if instances[next].kind == .defaultValue, instances[next].isCompiled, !instances[next].isRetired { instances.enqueue(next) }
      next = Int(instances[next].next)
    }
  }

  func drainQueue() {
    while instances.queueHead < instances.queue.count {
      let index = Int(instances.queue[instances.queueHead])
      instances.queueHead += 1
      let next = instances[index]
      if next.isCompiled || next.isRetired { continue }
      switch next.kind {
      case .structural: compileStructural(index)
      case .initialiser: break  // lowered when asked for
      case .function:
        if let body = bodyProvider(DefID(raw: next.subject)) {
          compile(index, body)
        } else {
          missing.append(DefID(raw: next.subject))
        }
      case .defaultValue:
        if let body = defaultProvider(DefID(raw: next.subject), Int(next.index)) {
          compile(index, body)
        } else {
          missing.append(DefID(raw: next.subject))
          // It is gone. Should there be one again, that is another instance.
          retire(index, leavesCode: true)
        }
      }
    }
    instances.queue.removeAll(keepingCapacity: true)
    instances.queueHead = 0
  }

  private func compile(_ index: Int, _ tree: TypedTree) {
    let instance = instances[index]
    touch(index)
    instances[index].isCompiled = true
    if isKnown(index, tree) { return }
    setTypeArguments(Int(instance.firstArgument), Int(instance.argumentCount))
    let def = DefID(raw: instance.subject)
    compileTree(
      tree, slot: Int(instance.slot), instance: index,
      info: FunctionInfo(
        kind: instance.kind == .defaultValue ? .defaultValue : .definition, definition: def,
        index: Int(instance.index), type: .none))
  }

  func lowerInitialiserFunction(_ def: DefID, _ tree: TypedTree) -> Int {
    let index = instance(.initialiser, def.raw, 0, noTypes)
    touch(index)
    instances[index].isCompiled = true
    if isKnown(index, tree) { return Int(instances[index].slot) }
    setTypeArguments(0, 0)
    compileTree(
      tree, slot: Int(instances[index].slot), instance: index,
      info: FunctionInfo(kind: .initialiser, definition: def, index: 0, type: .none))
    return Int(instances[index].slot)
  }

  /// Whether there is code for the tree, which is used again. Otherwise it is to be made, and counts as that.
  private func isKnown(_ index: Int, _ tree: TypedTree) -> Bool {
    let key = keepsKeys && !defersKeys ? contentKey(index, tree) : 0
    if key != 0, findCode(index, key) { return true }
    noteReplaced(index)
    setKey(index, key)
    noteLowered(index)
    return false
  }

  func noteLowered(_ index: Int) {
    compiledCount += 1
    if journal.isOpen, instances[index].kind != .structural { journal.lowered.insert(instances[index].subject) }
  }

  private func noteMade(_ index: Int, _ args: [TypeID]) {
    guard keptCode != nil else { return }
    let instance = instances[index]
    kept.setOwner(Int(instance.slot), index)
    while kept.conventions.count < index { kept.conventions.append(0) }
    kept.conventions.append(convention(instance.kind, instance.subject, Int(instance.index), args))
    while kept.signatures.count < index { kept.signatures.append(0) }
    kept.signatures.append(instance.kind == .function ? signature(DefID(raw: instance.subject), args) : 0)
  }

  func lowerDetached(_ def: DefID, _ tree: TypedTree) -> Int {
    setTypeArguments(0, 0)
    let slot = newSlot()
    compileTree(
      tree, slot: slot, instance: -1,
      info: FunctionInfo(kind: .definition, definition: def, index: 0, type: .none))
    return slot
  }

  // MARK: Forgetting

  func retireInstances(of def: DefID, relied: [DefID]?) {
    let raw = Int(def.raw)
    if raw < globalOffsets.count, globalOffsets[raw] >= 0 { setGlobalOffset(raw, -1) }
    if raw < instances.plain.count { setPlain(raw, -1) }
    guard raw < instances.newest.count else { return }
    var next = Int(instances.newest[raw])
    while next >= 0 {
      if !instances[next].isRetired { retire(next, leavesCode: true, relied: relied) }
      next = Int(instances[next].next)
    }
    touchNewest(raw)
    instances.newest[raw] = -1
  }

  /// The next use makes another instance. `leavesCode`: the slot goes on with the code it has, for whoever
  /// still calls it, and `relied` are the definitions of types that this code was made with, if that is known.
  func retire(_ index: Int, leavesCode: Bool, relied: [DefID]? = nil) {
    touch(index)
    noteReplaced(index)
    let instance = instances[index]
    instances[index].isRetired = true
    setKey(index, 0)
    noteRetired(index)
    if instance.kind == .function, instance.argumentCount == 0,
      instances.plain[Int(instance.subject)] == Int32(index)
    {
      setPlain(Int(instance.subject), -1)
    }
    let set = lambdas(of: index)
    if leavesCode {
      let def = instance.kind == .structural ? DefID.none : DefID(raw: instance.subject)
      let arguments = instances.arguments[Int(instance.firstArgument)..<Int(instance.firstArgument + instance.argumentCount)]
      let reliance = relied.map { Reliance.definitions(Set($0 + arguments.flatMap { heads(in: $0) })) } ?? .unknown
      orphans.append(Orphan(slot: Int(instance.slot), definition: def, relied: reliance))
      for lambda in set.records { orphans.append(orphan(lambda, set, index, def)) }
    }
    if !set.records.isEmpty {
      if !leavesCode { journal.abandoned.append((Int32(index), set)) }
      setLambdas(index, LambdaSet())
    }
  }
}
