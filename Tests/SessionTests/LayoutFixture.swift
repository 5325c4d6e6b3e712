// A compiler and a machine without a session, to change types by hand.

import Bytecode
import Frontend
import Interpreter
import Lowering
import Runtime
import Session
import Testing

final class LayoutFixture {
  let program = Program(predefined: Installation.predefined)
  let installation: Installation
  private let file: FileID

  var lowering: Lowering { program.lowering }
  var machine: Machine { installation.machine }

  init(_ text: String, stress: Bool = false) throws {
    var options = SessionOptions()
    options.machine = .small
    options.machine.stress = stress
    options.verifies = true
    installation = try #require(Installation(options))
    var problems = program.load([ModuleText(path: "main.lang", text: Array(text.utf8), module: "main")]) { _ in
      .missing(lookedFor: [], near: nil)
    }
    problems += program.compileAll(isSound: !problems.contains { $0.severity == .error })
    try #require(!problems.contains { $0.severity == .error }, "\(problems.map(\.message))")
    file = try #require(program.source.store.allFiles.last)
    let initialisers = program.lowerInitialisers(program.initialisationOrder())
    installation.apply(try #require(installation.install(lowering)))
    for slot in initialisers { #expect(installation.interpreter.run(slot) == .returned([])) }
  }

  func def(_ name: String) throws -> DefID { try #require(program.definition(named: name)) }
  func defs(_ names: [String]) throws -> [DefID] { try names.map(def) }
  func names(_ defs: [DefID]) -> [String] { defs.map { program.env.name($0) }.sorted() }

  /// Replaces a piece of the text and works out the headers of `types` anew.
  func replace(_ old: String, _ new: String, types: [String] = []) throws {
    let text = String(decoding: program.source.store.text(of: file), as: UTF8.self)
    try #require(text.contains(old))
    _ = program.source.replaceAll(file, with: Array(text.replacing(old, with: new, maxReplacements: 1).utf8))
    for type in try defs(types) {
      let item = program.env[type].item
      let location = try #require(program.source.forms(of: item))
      _ = program.checker.declare(
        item: item, at: location, module: program.env[type].module, known: program.definition(of: item), addsNew: false)
      program.source.recycle(location)
      program.checker.rework(type)
      #expect(program.checker.resolve(type), "\(program.checker.problems.map(\.message))")
    }
  }

  /// Lowers functions and variables, and what they need.
  func lower(_ names: [String], keepsLambdas: Bool = true) throws {
    lowering.keepsLambdas = keepsLambdas
    for def in try defs(names) {
      try #require(program.checker.checkBody(of: def), "\(program.checker.problems.map(\.message))")
      lowering.lower(def, program.checker.typed)
    }
    lowering.keepsLambdas = true
    lowering.compilePending()
    lowering.keepsLambdas = false
    #expect(lowering.problems.isEmpty)
    #expect(lowering.missing.isEmpty)
  }

  /// The opcodes of what has been finished for a slot.
  func opcodes(ofSlot slot: Int) -> [Opcode] {
    guard let function = lowering.finished.last(where: { $0.slot == slot }) else { return [] }
    var opcodes: [Opcode] = []
    var at = 0
    while at < function.code.words.count {
      let instruction = Instruction(word: function.code.words[at])
      if let opcode = instruction.opcode { opcodes.append(opcode) }
      at += instruction.wordCount
    }
    return opcodes
  }

  func opcodes(of name: String) throws -> [Opcode] { opcodes(ofSlot: lowering.slot(for: try def(name))) }

  func run(_ name: String, _ arguments: [UInt64] = [], results: Int = 1) throws -> Outcome {
    installation.interpreter.run(lowering.slot(for: try def(name)), arguments, results: results)
  }
}

extension Installation {
  /// Both halves of a commit, without initialisers in between.
  func apply(_ patch: LayoutPatch) -> [UInt32: Int]? {
    _ = begin(patch)
    return finish(patch)
  }

  /// The same, and what is stale migrated then.
  func applyMigrating(_ patch: LayoutPatch, _ plans: MigrationPlans) -> (stale: [UInt32: Int], result: MigrationResult)? {
    let start = beginMigration(plans)
    guard let stale = apply(patch) else {
      abandon(start)
      return nil
    }
    return (stale, finishMigration(plans, start, deadSlots: Set(patch.deadSlots)) { String(decoding: machine.panicText(), as: UTF8.self) })
  }
}
