// Typed trees in, bytecode out. One `Lowering` serves a program for its whole life and knows nothing
// of the runtime: it hands out numbers (dispatch slots, words of globals, descriptors, literals) and
// collects what the host has to install for them.
//
//   lower(def, tree) ─► queue of instances ─► compilePending() ─► finished, newDescriptors,
//                             ▲    │                              newLiterals, newGlobals
//                             └────┘ calls found on the way
//
// Invariant: a number, once handed out, keeps its meaning. An instance is compiled at most once for
// each version of its definition, from a queue and never by recursion, so depth costs no host stack.
//
// One thread. After warming up, lowering allocates only what it hands out.

import Bytecode
import Frontend

/// Descriptors that exist before any program does.
public struct PredefinedDescriptors: Sendable {
  /// The descriptor of `(Vec U8)`, in which text is built.
  public var byteVector: Int
  /// The first number that Lowering may hand out.
  public var first: Int
  public init(byteVector: Int, first: Int) {
    self.byteVector = byteVector
    self.first = first
  }
}

/// What the collector must know of one kind of heap object. A vector whose elements hold references
/// has its storage's descriptor at `number - 1`.
public struct DescriptorInfo: Sendable {
  public enum Kind: UInt8, Sendable { case record, enumCase, closure, cell, vector }
  public var number: Int
  public var kind: Kind
  /// Payload words of an object; words of an element for vectors.
  public var words: Int
  /// Bit i of word i / 64: payload (or element) word i is a reference.
  public var references: [UInt64]
  /// Vectors: how elements are stored; `.words` for objects.
  public var elementKind: ElementKind
  /// The record, enum or vector type; `.none` for closures and cells.
  public var type: TypeID
  public var caseIndex: Int
}

/// An immortal object that code refers to by number.
public enum Literal: Sendable {
  case string([UInt8])
  /// A closure without captures: {header, slot}.
  case closure(slot: Int)
  /// An enum case without payload: {header, tag}.
  case caseObject(descriptor: Int, tag: Int)
}

/// The words of one `def` or `defvar` in the global array.
public struct GlobalInfo: Sendable {
  public var definition: DefID
  public var offset: Int
  public var kinds: [WordKind]
}

public enum WordKind: UInt8, Sendable { case int, float, reference }

/// What a function's code was made of; `Lowering.name(of:)` spells it for traces.
public struct FunctionInfo: Sendable {
  public enum Kind: UInt8, Sendable { case definition, lambda, defaultValue, initialiser, structural }
  public var kind: Kind
  /// The definition whose text it stands in; `.none` for derived operations.
  public var definition: DefID
  /// Lambdas: the index in its tree. Defaults: the parameter or field. Derived: the operation.
  public var index: Int
  /// Derived operations: the type.
  public var type: TypeID
}

/// Code to be installed.
public struct FinishedFunction: Sendable {
  public var slot: Int
  public var code: CodeBlock
  public var info: FunctionInfo
}

/// The operations every value type has; derived from its structure unless the prelude or an `impl`
/// gives a function.
public enum StructuralOperation: UInt8, CaseIterable, Sendable {
  case equal  // a a -> Bool
  case compare  // a a -> Int
  case hash  // a -> Int
  case show  // a -> String
}

public final class Lowering {
  // MARK: For the host

  public let environment: Environment
  /// The tree of a function; nil when it has errors. Asked once for each instance that is compiled.
  public var bodyProvider: (DefID) -> TypedTree? = { _ in nil }
  /// Works out the header of a function that no checked code names, as those of an `impl`.
  public var headerProvider: (DefID) -> Void = { _ in }
  /// The tree of a default, whose body is the expression: of a function's parameter, or of a field by its
  /// `Environment.defaultNumber`.
  public var defaultProvider: (DefID, Int) -> TypedTree? = { _, _ in nil }

  /// What has been made since the host last emptied these.
  public var finished: [FinishedFunction] = []
  public var newDescriptors: [DescriptorInfo] = []
  public var newLiterals: [(number: Int, literal: Literal)] = []
  public var newGlobals: [GlobalInfo] = []
  /// E0601 and E0602. The function concerned has not been compiled.
  public var problems: [Diagnostic] = []
  /// Functions that were needed and for which the provider had no tree.
  public var missing: [DefID] = []

  /// Set around the lowering of definitions whose text is what it was, and around `compilePending`: lambdas
  /// keep their slots where captures and window are the same, so that closures run the new code.
  public var keepsLambdas = false

  /// The host's store of code that was made before; see KeptCode.swift.
  public struct CodeHost {
    /// The words of a piece's code as it is installed; nil when some of it has none.
    public var present: (KeptPiece) -> [[UInt64]]?
    /// Pieces of an instance with a key, each with its words.
    public var kept: (_ instance: Int, _ key: UInt64) -> [(KeptPiece, [[UInt64]])]
    /// One of these is used again.
    public var taken: (KeptPiece) -> Void

    public init(
      present: @escaping (KeptPiece) -> [[UInt64]]?, kept: @escaping (_ instance: Int, _ key: UInt64) -> [(KeptPiece, [[UInt64]])],
      taken: @escaping (KeptPiece) -> Void
    ) {
      self.present = present
      self.kept = kept
      self.taken = taken
    }
  }
  public var keptCode: CodeHost?
  /// Code is known by its content, so that it can be found again.
  public var keepsKeys: Bool { keptCode != nil }
  /// Set around the lowering of what must be fast and is not looked for; `noteKeys` comes behind it.
  public var defersKeys = false
  /// Code that was there already: to be made current with what is finished.
  public var reused: [KeptPiece] = []
  /// How many instances have been compiled so far.
  public internal(set) var compiledCount = 0
  var kept = KeptCode()

  /// Types of which objects with an earlier layout may be alive. Code that is lowered meanwhile tests each
  /// object of them, and each vector with such elements, before it reads or writes it.
  public var checkedTypes: Set<DefID> = [] { didSet { refreshChecks() } }

  /// How much of what was handed out the host has installed.
  public var installedSlots = 0
  public var installedGlobalWords = 0

  /// How many slots, global words, literals and descriptors are in use: the sizes of the host's tables.
  public internal(set) var slotCount = 0
  public internal(set) var globalWordCount = 0
  public internal(set) var literalCount = 0
  public internal(set) var descriptorCount: Int

  // MARK: The program

  let predefined: PredefinedDescriptors
  var layouts = LayoutTable()
  var instances = InstanceTable()
  /// First word of a definition's global; -1 while it has none.
  var globalOffsets: [Int32] = []
  /// The definitions that have been given words, some of them more than once.
  var globals: [DefID] = []
  /// Who has to follow when a type changes.
  var graph = LayoutGraph()
  /// Earlier layouts of types whose fields or cases changed.
  var histories: [TypeID: TypeHistory] = [:]
  /// Types whose layouts are being replaced.
  var replaced: Set<TypeID> = []
  /// Lambdas of each instance as it was lowered last; by instance.
  var lambdaSets: [LambdaSet] = []
  /// Slots whose code no definition stands for any more, while closures may still name them.
  var orphans: [Orphan] = []
  /// Of changes that may have left closures of earlier layouts.
  var movedLambdas: [MovedLambda] = []
  /// Functions that make values of an earlier layout new, while plans are made.
  var hooks: [DefID: DefID] = [:]
  /// Slots that nothing names any more, to be handed out again.
  var freeSlots: [Int] = []
  var journal = Journal()
  var stringLiterals: [[UInt8]: Int] = [:]
  var closureLiterals: [Int32] = []
  /// Of cases without fields that are or were objects. What a change that is taken back has made stays: nothing refers to it.
  var caseLiterals: [CaseKey: Int32] = [:]
  var captureDescriptors: [CaptureKey: Int] = [:]
  var captureKinds: [WordKind] = []
  /// Numbers of the texts in `FixedText`; -1 until used.
  var fixedTexts = [Int](repeating: -1, count: FixedText.allCases.count)

  // MARK: The function at hand; see Function.swift

  var assembler = Assembler()
  var tree = TypedTree()
  var function = FunctionState()
  /// Whose text is being lowered, for problems without a better place.
  var definitionAtHand = DefID.none
  /// First register of a local, or of the reference to its cell.
  var registers: [Int32] = []
  var loops: [LoopState] = []
  var pendingLambdas: [PendingLambda] = []
  /// Lambdas that the instance at hand had, and those it gets.
  var priorLambdas = LambdaSet()
  var newLambdas = LambdaSet()
  /// Marks of the types that have been collected; by TypeID.
  var collected: [UInt32] = []
  var collection: UInt32 = 0
  var typeArguments: [TypeID] = []
  var substitutions = SubstitutionCache()
  let noTypes: [TypeID] = []
  var clauseLabels: [ClauseLabels] = []

  public init(environment: Environment, predefined: PredefinedDescriptors) {
    self.environment = environment
    self.predefined = predefined
    descriptorCount = predefined.first
  }

  /// Lowers a function whose tree is at hand: its only instance, or all existing instances of a
  /// generic one, into the slots they have. What it calls is queued.
  public func lower(_ def: DefID, _ tree: TypedTree) {
    lowerAllInstances(of: def, tree)
  }

  /// The code of a `def` or `defvar`'s initialiser: a function without arguments that stores the value
  /// into the global's words. Answers its slot.
  public func lowerInitialiser(_ def: DefID, _ tree: TypedTree) -> Int {
    lowerInitialiserFunction(def, tree)
  }

  /// An expression as a function without arguments, in a fresh slot (REPL input, `deftest` bodies).
  public func lowerExpression(_ def: DefID, _ tree: TypedTree) -> Int {
    lowerDetached(def, tree)
  }

  /// The slot of a function's instance; queues it unless it has been compiled.
  public func slot(for def: DefID, _ arguments: [TypeID] = []) -> Int {
    let index = functionInstance(def, arguments)
    return index < 0 ? -1 : Int(instances[index].slot)
  }

  /// Compiles everything queued, and what that needs in turn.
  public func compilePending() { drainQueue() }

  /// The signature (or a default) of a function changed, the type of a global, or a type's fields:
  /// instances and words made so far stay with old code, and the next use gets new ones. `relied`: the definitions that the old
  /// code was made with, types among them; nil when that is not known.
  public func retire(_ def: DefID, relied: [DefID]? = nil) { retireInstances(of: def, relied: relied) }

  /// The definitions of the types in a type, at any depth.
  public func definitions(in type: TypeID) -> [DefID] { heads(in: type) }

  /// Makes `function` the operation for all types of `type` (a struct, record or enum), e.g. equality
  /// of maps. Its type parameters are the type's own.
  public func setImplementation(_ operation: StructuralOperation, for type: DefID, _ function: DefID) {
    if journal.isOpen {
      let index = Int(type.raw) * StructuralOperation.allCases.count + Int(operation.rawValue)
      let known = environment.structuralImplementations
      journal.implementations.append((operation, type, index < known.count ? known[index] : .none))
    }
    environment.setStructural(Int(operation.rawValue), type.raw, function)
  }

  /// Where a definition's value is kept; allocated on first use.
  public func globalWords(_ def: DefID) -> Range<Int> {
    let offset = globalOffset(def)
    return offset..<offset + layout(environment[def].type).words
  }

  /// How many registers a value of `type` takes, and what is in them.
  public func wordKinds(_ type: TypeID) -> [WordKind] {
    let shape = layout(type)
    return layouts.kinds(shape)
  }

  /// The descriptor of the objects of a record type, e.g. for syntax that a macro gets.
  public func recordDescriptor(ofType type: TypeID) -> Int { recordDescriptor(type) }

  /// The descriptor of `(Vec element)`'s vectors, e.g. for the arguments of `main`.
  public func vectorDescriptor(ofElement element: TypeID) -> Int {
    vectorDescriptor(environment.types.vec(element))
  }
}
