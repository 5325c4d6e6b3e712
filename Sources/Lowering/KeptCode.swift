// Code that is used again instead of being made again: an edit that goes back to what there was, by whatever way, gives the same
// key (ContentKeys.swift), and the host may still have what was made of it.
//
//   tree ─► key ─► present code of that key? ─┬─► the numbers in it mean what they meant? ─► used again
//                  kept code of that key?    ─┘                                      └──► made again
//
// An instance that was retired comes back with its slot when something is called as it was then, so that code that names the slot
// is right again: that of its callers, and that of frames and closures of that time.
//
// Invariant: code is used again only for the instance it was made for, with the lambdas it had, and when every slot, literal and
// global word in it is the one that lowering would put there now.

import Bytecode
import Frontend

/// The code of one instance and its lambdas, at one time.
public struct KeptPiece: Sendable {
  public var instance: Int
  public var key: UInt64
  public var slot: Int
  var lambdas: LambdaSet
  /// It is what the slots have at present.
  public var isPresent = false
  /// Where the code is: its own slot, then those of its lambdas.
  public var slots: [Int] { [slot] + lambdas.records.map { Int($0.slot) } }
}

/// What lowering needs to remember, and to ask, so that code can be used again.
struct KeptCode {
  /// By instance; 0 when not known.
  var keys: [UInt64] = []
  /// By instance: types and layouts of parameters and results.
  var conventions: [UInt64] = []
  /// By instance: types alone.
  var signatures: [UInt64] = []
  /// The instance that a slot was given to; by slot, -1 for lambdas' and free ones.
  var owners: [Int32] = []
  /// Retired instances by what they are instances of.
  var retired: [UInt64: [Int32]] = [:]
  /// Slots of closure literals, and types of literals of cases, by literal.
  var closures: [Int: Int32] = [:]
  var cases: [Int: TypeID] = [:]
  /// The definition that a word of the globals was given to.
  var globalOwners: [UInt32] = []
  /// Words that a definition had, with its type and layout.
  var formerGlobals: [DefID: [(type: TypeID, version: Int32, offset: Int32)]] = [:]
  /// What words were given out for, by the first of them.
  var globalTypes: [Int32: (type: TypeID, version: Int32)] = [:]
  /// Literals of closures that lead to another slot than the one they were made for.
  var functionValues: [Int: Int] = [:]
  /// The instance whose tree is at hand.
  var treeOwner = -1

  /// How many retired instances of one thing may come back.
  static let mostRetired = 4

  mutating func setOwner(_ slot: Int, _ instance: Int) {
    while owners.count <= slot { owners.append(-1) }
    owners[slot] = Int32(instance)
  }
}

extension Lowering {
  // MARK: For the host

  /// What the open change has replaced; the host keeps it. Answers each piece once.
  public func takeReplaced() -> [KeptPiece] {
    defer { journal.replaced.removeAll() }
    return journal.replaced
  }

  /// Whether all that the open change has asked for of `def` was there already.
  public func wasFound(_ def: DefID) -> Bool { journal.found.contains(def.raw) && !journal.lowered.contains(def.raw) }

  /// The instances of a function.
  public func instances(of def: DefID) -> [Int] {
    var found: [Int] = []
    forEachInstance(of: def) { index, _ in found.append(index) }
    return found
  }

  /// Works out the keys of a function that has just been lowered with `defersKeys`. O(tree).
  public func noteKeys(of def: DefID) {
    let owner = kept.treeOwner
    guard keepsKeys, owner >= 0, instances[owner].kind == .function, instances[owner].subject == def.raw else { return }
    let tree = self.tree
    forEachInstance(of: def) { index, instance in
      if instance.kind == .function { setKey(index, contentKey(index, tree)) }
    }
  }

  /// The slots have no code of an instance any more.
  public func forgetKeys(ofSlots slots: [Int]) {
    for slot in slots where slot < kept.owners.count && kept.owners[slot] >= 0 { setKey(Int(kept.owners[slot]), 0) }
  }

  // MARK: Finding code

  /// True when there is code for what the instance has come to be; then it is the instance's.
  func findCode(_ index: Int, _ key: UInt64) -> Bool {
    guard let host = keptCode else { return false }
    if key == self.key(of: index) {
      var present = piece(index)
      present.isPresent = true
      if let words = host.present(present), isUsable(present, words, index) {
        take(present, index)
        return true
      }
    }
    for (piece, words) in host.kept(index, key) where isUsable(piece, words, index) {
      host.taken(piece)
      take(piece, index)
      return true
    }
    return false
  }

  private func take(_ piece: KeptPiece, _ index: Int) {
    noteReplaced(index, but: piece.key)
    setKey(index, piece.key)
    reused.append(piece)
    let subject = instances[index].subject
    if instances[index].kind != .structural { journal.found.insert(subject) }
    if piece.isPresent { return }
    settleLambdas(index, lambdas(of: index), piece.lambdas, instances[index].kind == .structural ? .none : DefID(raw: subject), comesBack: true)
  }

  /// What the instance has at present.
  func piece(_ index: Int) -> KeptPiece {
    KeptPiece(instance: index, key: key(of: index), slot: Int(instances[index].slot), lambdas: lambdas(of: index))
  }

  func key(of index: Int) -> UInt64 { index < kept.keys.count ? kept.keys[index] : 0 }

  func setKey(_ index: Int, _ key: UInt64) {
    while kept.keys.count <= index { kept.keys.append(0) }
    if journal.isOpen, index < journal.instanceCount { journal.keys.append((Int32(index), kept.keys[index])) }
    kept.keys[index] = key
  }

  /// The instance's code is about to be replaced.
  func noteReplaced(_ index: Int, but key: UInt64 = 0) {
    guard journal.isOpen, index < journal.instanceCount, self.key(of: index) != 0, self.key(of: index) != key else { return }
    // Only what there was before the change has code in its slots.
    if journal.noted.insert(Int32(index)).inserted { journal.replaced.append(piece(index)) }
  }

  // MARK: What the numbers mean

  private func isUsable(_ piece: KeptPiece, _ words: [[UInt64]], _ index: Int) -> Bool {
    if keepsLambdas, !keepsSlots(lambdas(of: index), piece.lambdas) { return false }
    let own = piece.slots
    // Slots last: what they bring back is compiled.
    var slots: Set<Int> = []
    for code in words {
      var at = 0
      while at < code.count {
        let it = Instruction(word: code[at]).unfused
        let number = Int(UInt32(truncatingIfNeeded: it.imm32))
        switch it.opcode {
        case .call, .tailCall: slots.insert(number)
        case .loadLiteral:
          if let slot = kept.closures[number] { slots.insert(Int(slot)) }
          if let type = kept.cases[number], !hasCase(type, literal: number) { return false }
        case .loadGlobal, .storeGlobal, .storeGlobalRef: if !isCurrent(globalWord: number) { return false }
        default: break
        }
        at += it.wordCount
      }
    }
    return slots.allSatisfy { own.contains($0) || isCurrent(slot: $0) }
  }

  /// Closures that are alive go on in the slots they name where the text is what it was.
  private func keepsSlots(_ present: LambdaSet, _ other: LambdaSet) -> Bool {
    for lambda in present.records {
      for same in other.records where same.index == lambda.index && present.words(lambda) == other.words(same) && same.slot != lambda.slot { return false }
    }
    return true
  }

  private func isCurrent(slot: Int) -> Bool {
    guard slot < kept.owners.count, kept.owners[slot] >= 0 else { return false }
    let owner = Int(kept.owners[slot])
    let instance = instances[owner]
    if instance.isRetired { return bringBack(owner) }
    return isThere(instance.kind, instance.subject, Int(instance.index))
  }

  private func hasCase(_ type: TypeID, literal: Int) -> Bool {
    let shape = layout(type)
    guard shape.form == .boxedEnum else { return false }
    return (0..<Int(shape.partCount)).contains { Int(layouts.enumCase(shape, $0).literal) == literal }
  }

  /// A definition's value is kept in other words from now on. Its type and layout may be others already.
  func noteFormerGlobal(_ def: DefID, _ offset: Int32) {
    guard let made = kept.globalTypes[offset] else { return }
    var known = kept.formerGlobals[def] ?? []
    known.removeAll { $0.offset == offset }
    kept.formerGlobals[def] = known.suffix(KeptCode.mostRetired - 1) + [(made.type, made.version, offset)]
  }

  /// Words of a change that was taken back may have been given to others.
  func owns(_ def: DefID, globalWord word: Int) -> Bool {
    word < kept.globalOwners.count && word < globalWordCount && kept.globalOwners[word] == def.raw
  }

  private func isCurrent(globalWord word: Int) -> Bool {
    guard word < kept.globalOwners.count else { return false }
    let def = DefID(raw: kept.globalOwners[word])
    guard Int(def.raw) < environment.definitions.count, environment[def].state == .resolved else { return false }
    return globalWords(def).contains(word)
  }

  // MARK: Instances that come back

  /// What callers of an instance rely on beside its number. Worked out when it is made.
  func convention(_ kind: InstanceKind, _ subject: UInt32, _ index: Int, _ args: [TypeID]) -> UInt64 {
    var hash = ContentHash()
    func add(_ type: TypeID) {
      let shape = layout(type)
      hash.add(type.raw, shape.isByValue ? UInt32(shape.version) + 1 : 0)
    }
    let def = DefID(raw: subject)
    switch kind {
    case .function:
      for parameter in environment.parameters[environment[def].parameters] { add(environment.types.substitute(parameter.type, args)) }
      add(environment.types.substitute(environment[def].type, args))
    case .structural: add(TypeID(raw: subject))
    case .defaultValue:
      guard let type = defaultedType(def, index) else { return 0 }
      add(environment.types.substitute(type, args))
      if let name = defaultedField(def, index) { hash.add(name.raw, UInt32(environment[def].fields.count)) }
    case .initialiser: break
    }
    return hash.value
  }

  /// The types of a function's parameters and result.
  func signature(_ def: DefID, _ args: [TypeID]) -> UInt64 {
    var hash = ContentHash()
    for parameter in environment.parameters[environment[def].parameters] { hash.add(UInt64(environment.types.substitute(parameter.type, args).raw)) }
    hash.add(UInt64(environment.types.substitute(environment[def].type, args).raw))
    return hash.value
  }

  private func defaultedField(_ def: DefID, _ index: Int) -> Symbol? {
    switch environment[def].kind {
    case .structure, .record, .enumeration: environment.field(ofDefault: index, of: def).map { environment.fields[$0].name }
    default: nil
    }
  }

  func noteRetired(_ index: Int) {
    let key = retirementKey(index)
    var known = kept.retired[key] ?? []
    known.removeAll { Int($0) == index }
    if known.count >= KeptCode.mostRetired { known.removeFirst() }
    kept.retired[key] = known + [Int32(index)]
  }

  /// The slot is handed out again, so what it was for does not come back.
  func forgetOwner(of slot: Int) {
    guard slot < kept.owners.count, kept.owners[slot] >= 0 else { return }
    let key = retirementKey(Int(kept.owners[slot]))
    let owner = kept.owners[slot]
    kept.owners[slot] = -1
    guard let left = kept.retired[key]?.filter({ $0 != owner }) else { return }
    kept.retired[key] = left.isEmpty ? nil : left
  }

  private func retirementKey(_ index: Int) -> UInt64 {
    let instance = instances[index]
    return retirementKey(instance.kind, instance.subject, Int(instance.index), arguments(of: index))
  }

  private func retirementKey(_ kind: InstanceKind, _ subject: UInt32, _ index: Int, _ args: [TypeID]) -> UInt64 {
    var hash = ContentHash()
    hash.add(subject, UInt32(kind.rawValue))
    hash.add(UInt64(truncatingIfNeeded: index))
    for type in args { hash.add(UInt64(type.raw)) }
    return hash.value
  }

  func arguments(of index: Int) -> [TypeID] {
    Array(instances.arguments[Int(instances[index].firstArgument)..<Int(instances[index].firstArgument + instances[index].argumentCount)])
  }

  /// An instance that was retired and is what is asked for; -1 for none.
  func returning(_ kind: InstanceKind, _ subject: UInt32, _ index: Int, _ args: [TypeID]) -> Int {
    guard keptCode != nil, let known = kept.retired[retirementKey(kind, subject, index, args)] else { return -1 }
    for candidate in known.reversed() where bringBack(Int(candidate)) {
      let found = instances[Int(candidate)]
      if found.kind == kind, found.subject == subject, Int(found.index) == index, arguments(of: Int(candidate)) == args { return Int(candidate) }
    }
    return -1
  }

  /// The instance is in use again, with its slot, and waits to be compiled. False when it cannot be.
  private func bringBack(_ index: Int) -> Bool {
    let instance = instances[index]
    let slot = Int(instance.slot)
    let args = arguments(of: index)
    guard instance.isRetired, slot < kept.owners.count, Int(kept.owners[slot]) == index, index < kept.conventions.count,
      args.allSatisfy(isAlive), isThere(instance.kind, instance.subject, Int(instance.index)),
      kept.conventions[index] == convention(instance.kind, instance.subject, Int(instance.index), args)
    else { return false }
    // Another one has taken its place.
    let isPlain = instance.kind == .function && args.isEmpty
    let raw = Int(instance.subject)
    if isPlain ? raw < instances.plain.count && instances.plain[raw] >= 0 : instances.find(instance.kind, instance.subject, Int(instance.index), args) >= 0 { return false }
    touch(index)
    orphans.removeAll { $0.slot == slot }
    instances.bringBack(index)
    if isPlain { setPlain(raw, Int32(index)) }
    if instance.kind != .structural {
      touchNewest(raw)
      instances.link(index)
    }
    instances.enqueue(index)
    return true
  }

  /// Whether there is still what it would be an instance of.
  private func isThere(_ kind: InstanceKind, _ subject: UInt32, _ index: Int) -> Bool {
    if kind == .structural { return isAlive(TypeID(raw: subject)) }
    let def = DefID(raw: subject)
    guard Int(subject) < environment.definitions.count, environment[def].state == .resolved else { return false }
    return kind != .defaultValue || defaultedType(def, index) != nil
  }
}
