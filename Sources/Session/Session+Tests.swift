// The `deftest`s of a program: which there are, and what is told of one that ran. `TestRun` runs them.

import Frontend
import Interpreter
import Lowering
import Runtime
import Synchronization

/// A test of the program.
public struct TestCase: Sendable {
  /// `module/name`.
  public let name: String
  public let file: String
  public let line: Int
  let definition: DefID
  let slot: Int
}

public struct TestResult: Sendable {
  public enum Outcome: Sendable {
    case passed
    /// `excerpt`: the source at the innermost place in the program's own text, marked.
    case panicked(PanicReport, excerpt: String?)
    /// It called `exit`.
    case left(code: Int)
  }
  public var test: TestCase
  public var outcome: Outcome
  /// What the test wrote to standard output and standard error.
  public var output: [UInt8] = []

  public var isInterrupt: Bool {
    if case .panicked(let panic, _) = outcome { panic.isInterrupt } else { false }
  }
}

extension Session {
  /// Compiles the tests of the loaded program whose name holds `filter` and answers them in the order of
  /// files and text; problems when one is too large to compile. Call `load` before.
  public func tests(matching filter: String? = nil) -> Result<[TestCase], TestsRefused> {
    compiling.withLock { _ in
      guard let world else { return .success([]) }
      let program = world.program
      var found: [TestCase] = []
      for def in program.functions where program.env[def].isTest {
        let definition = program.env[def]
        let name = qualified(program.env.name(def), item: definition.item, program)
        if let filter, !name.contains(filter) { continue }
        guard program.checkBody(def) else { continue }
        program.lowering.lower(def, program.checker.typed)
        let place = program.source.store.range(of: Place(definition.item, definition.nameSpan))
        found.append(
          TestCase(
            name: name, file: place?.path ?? "", line: place?.start.line ?? 0, definition: def,
            slot: program.lowering.slot(for: def)))
      }
      _ = program.checker.takeProblems()
      program.lowering.compilePending()
      if !program.lowering.problems.isEmpty { return .failure(TestsRefused(problems: locate(program.lowering.problems, program))) }
      made?.append(program.lowering)
      if let changes = world.installation.install(program.lowering) { world.installation.apply(changes) }
      return .success(found)
    }
  }

  /// Another machine with all that `world` was given; nil when the system has no room for one, or
  /// `keepsCode` is off. With `compiling` held. O(code).
  func copy(of world: World) -> World? {
    guard let made, let installation = Installation(options) else { return nil }
    made.hand(to: world.program.lowering)
    guard let changes = installation.install(world.program.lowering) else { return nil }
    installation.apply(changes)
    installation.machine.arguments = world.installation.machine.arguments
    return World(
      program: world.program, installation: installation, initialisers: world.initialisers, mainSlot: world.mainSlot,
      mainTakesArguments: world.mainTakesArguments, mainReturnsInt: world.mainReturnsInt)
  }

  /// The source where the program panicked: the form at the innermost place of the trace that is in the
  /// program's own text.
  func excerpt(_ world: World, _ colours: Bool) -> String? {
    let program = world.program
    let trace = world.installation.interpreter.trace
    for entry in trace.inner + trace.outer {
      guard let code = world.installation.code(entry.code) else { continue }
      let item = program.lowering.item(of: code.info)
      guard item != .none, program.source.store.path(of: program.source.store.file(of: item)) != Prelude.path,
        entry.word < code.positions.count, let location = program.source.forms(of: item)
      else { continue }
      defer { program.source.recycle(location) }
      let start = code.positions[entry.word]
      // The largest form that begins there, short of the item itself.
      var end = start + 1
      for (i, node) in location.forms.tree.nodes.enumerated()
      where node.start - location.base == start && (i != Int(location.root.raw) || start > 0) {
        end = max(end, node.end - location.base)
      }
      var renderer = TerminalRenderer(colours: colours)
      return renderer.excerpt(Place(item, Span(start, end)), in: program.source.store)
    }
    return nil
  }
}

/// Why tests cannot run.
public struct TestsRefused: Error {
  public var problems: [LocatedDiagnostic]
}

/// What lowering made so far, in order, so that further machines can be given it.
struct MadeCode {
  private var finished: [FinishedFunction] = []
  private var descriptors: [DescriptorInfo] = []
  private var literals: [(number: Int, literal: Literal)] = []

  /// Call before an installation empties `lowering`.
  mutating func append(_ lowering: Lowering) {
    finished += lowering.finished
    descriptors += lowering.newDescriptors
    literals += lowering.newLiterals
  }

  /// As if `lowering`, which an installation has emptied, had made everything just now.
  func hand(to lowering: Lowering) {
    lowering.finished = finished
    lowering.newDescriptors = descriptors
    lowering.newLiterals = literals
  }
}
