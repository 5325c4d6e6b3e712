// Pattern matching. Clauses are tried in order; a failed test jumps to the next clause that can still
// match. Over an enum with many cases the tag selects the first clause by a jump table, and clauses
// reached that way do not test it again.
//
//   table: tag → tested[k]          untested[k]: tag = c?  no → untested[k + 1]
//                                   tested[k]:   parts of the pattern, guard, body
//
// The checker has proved the match exhaustive, so the last clause without a guard tests nothing.
//
// Invariant: patterns do not copy: their locals name the scrutinee's registers, which is why a
// scrutinee that a `set!` could change is copied first.

import Bytecode
import Frontend

/// Cases from which on a jump table is shorter than comparing.
let minTableCases = 4

struct ClauseLabels {
  var untested: Label
  var tested: Label
  /// The case that the clause's pattern names; -1 when it may match several.
  var caseIndex: Int
}

extension Lowering {
  func emitMatch(_ n: TypedNode, _ want: Want) -> Int {
    let saved = function.top
    let words = layout(concrete(n.type)).words
    let inner = joined(want, words)
    if inner.isRegister { protect(inner.raw, words) }
    let scrutinee = NodeID(raw: n.a)
    let shape = layout(of: scrutinee)
    let value = stableScrutinee(scrutinee, shape.words)
    assembler.position = n.position

    let count = extra(Int(n.b))
    let first = clauseLabels.count
    for i in 0..<count {
      clauseLabels.append(
        ClauseLabels(
          untested: assembler.label(), tested: assembler.label(),
          caseIndex: soleCase(PatternID(raw: tree.extra[Int(n.b) + 1 + 3 * i]))))
    }
    let isEnum = shape.form == .flatEnum || shape.form == .boxedEnum
    let tag = isEnum ? discriminant(shape, value) : Discriminant(register: 0, nullCase: -1)
    let nowhere = assembler.label()
    var usesNowhere = false
    let usesTable = isEnum && shape.partCount >= minTableCases && count >= minTableCases
    if usesTable {
      var targets: [Label] = []
      for c in 0..<Int(shape.partCount) {
        let k = nextClause(first, first, c)
        targets.append(k < 0 ? nowhere : clauseLabels[k].tested)
      }
      assembler.jumpTable(a: tag.register, to: targets)
      emitUnreachable()
    }

    let done = assembler.label()
    var testsTags = !usesTable
    for i in 0..<count {
      let at = Int(n.b) + 1 + 3 * i
      let pattern = PatternID(raw: tree.extra[at])
      let guardNode = node(at + 1), body = node(at + 2)
      let labels = clauseLabels[first + i]
      let isLast = i == count - 1
      let clauseTop = function.top
      assembler.position = tree[pattern].position
      assembler.place(labels.untested)
      let isSole = isEnum && labels.caseIndex >= 0
      var fail: Label?
      if isLast {
        if guardNode != .none {
          fail = nowhere
          usesNowhere = true
        }
      } else if usesTable, isSole {
        let next = nextClause(first + i + 1, first, labels.caseIndex)
        fail = next < 0 ? nowhere : clauseLabels[next].tested
        if next < 0 { usesNowhere = true }
      } else {
        fail = clauseLabels[first + i + 1].untested
        testsTags = true
      }
      if isSole, testsTags, !isLast || fail != nil {
        jumpCase(tag, labels.caseIndex, to: isLast ? nowhere : clauseLabels[first + i + 1].untested, when: false)
      }
      assembler.place(labels.tested)
      emitPattern(pattern, value, fail: fail, tagIsKnown: isSole)
      if guardNode != .none, let fail { emitCondition(guardNode, to: fail, when: false) }
      _ = emit(body, inner)
      if inner != .tail, !isLast || usesNowhere, tree[body].type != .never { assembler.jump(.jump, to: done) }
      function.top = clauseTop
    }
    assembler.place(nowhere)
    if usesNowhere || count == 0 { emitUnreachable() }
    assembler.place(done)
    clauseLabels.removeSubrange(first...)
    function.top = saved
    return inner.raw
  }

  /// The scrutinee in registers that nobody assigns to while clauses run.
  private func stableScrutinee(_ id: NodeID, _ words: Int) -> Int {
    let top = function.top
    let value = emit(id, .anywhere)
    if value >= top {
      protect(value, words)
      return value
    }
    if !isAssignable(id) { return value }
    let own = allocate(words)
    move(words, from: value, to: own)
    return own
  }

  /// The first clause from `from` on that may match a value of this case; -1 for none.
  private func nextClause(_ from: Int, _ first: Int, _ caseIndex: Int) -> Int {
    for k in from..<max(from, clauseLabels.count)
    where clauseLabels[k].caseIndex < 0 || clauseLabels[k].caseIndex == caseIndex {
      return k
    }
    return -1
  }

  private func soleCase(_ id: PatternID) -> Int {
    let p = tree[id]
    switch p.tag {
    case .enumCase: return Int(p.a)
    case .at: return soleCase(PatternID(raw: p.b))
    default: return -1
    }
  }

  // MARK: Patterns

  /// Tests the value at `value`… and binds the pattern's locals. Without `fail` everything matches.
  func emitPattern(_ id: PatternID, _ value: Int, fail: Label?, tagIsKnown: Bool = false) {
    let p = tree.patterns[Int(id.raw)]
    switch p.tag {
    case .wildcard, .unit: break
    case .bind: bindPatternLocal(LocalID(raw: p.a), value)
    case .at:
      bindPatternLocal(LocalID(raw: p.a), value)
      emitPattern(PatternID(raw: p.b), value, fail: fail, tagIsKnown: tagIsKnown)
    case .int: if let fail { testInt(Int(truncatingIfNeeded: tree.ints[Int(p.a)]), concrete(p.type), value, fail) }
    case .char, .bool: if let fail { testInt(Int(p.a), concrete(p.type), value, fail) }
    case .float: if let fail { testFloat(tree.floats[Int(p.a)], concrete(p.type), value, fail) }
    case .string:
      guard let fail else { break }
      let literal = allocate(1)
      loadString(tree.strings[Int(p.a)], into: literal)
      assembler.emit(.eqString, a: literal, b: value, c: literal)
      assembler.jump(.jumpFalse, a: literal, to: fail)
    case .tuple:
      let shape = layout(concrete(p.type))
      for i in 0..<extra(Int(p.b)) {
        emitPattern(PatternID(raw: tree.extra[Int(p.b) + 1 + i]), value + layouts.field(shape, i).offset, fail: fail)
      }
    case .structure: emitStructurePattern(p, value, fail)
    case .enumCase:
      let shape = layout(concrete(p.type))
      if let fail, !tagIsKnown {
        jumpCase(discriminant(shape, value), Int(p.a), to: fail, when: false)
      } else if !tagIsKnown {
        checkObject(value, shape)
      }
      for i in 0..<extra(Int(p.b)) {
        let part = PatternID(raw: tree.extra[Int(p.b) + 2 + 2 * i])
        if tree[part].tag == .wildcard { continue }
        emitPattern(part, caseField(shape, Int(p.a), extra(Int(p.b) + 1 + 2 * i), value), fail: fail)
      }
    case .alternatives: emitAlternatives(p, value, fail)
    case .all:
      for i in 0..<extra(Int(p.b)) { emitPattern(PatternID(raw: tree.extra[Int(p.b) + 1 + i]), value, fail: fail) }
    case .view:
      registers[Int(p.a)] = Int32(value)
      let viewed = node(Int(p.b))
      let result = emit(viewed, .anywhere)
      protect(result, words(of: viewed))
      emitPattern(PatternID(raw: tree.extra[Int(p.b) + 1]), result, fail: fail)
    }
  }

  private func emitStructurePattern(_ p: PatternNode, _ value: Int, _ fail: Label?) {
    let shape = layout(concrete(p.type))
    checkObject(value, shape)
    for i in 0..<extra(Int(p.b)) {
      let field = layouts.field(shape, extra(Int(p.b) + 1 + 2 * i))
      let part = PatternID(raw: tree.extra[Int(p.b) + 2 + 2 * i])
      if tree[part].tag == .wildcard { continue }
      if shape.form == .record {
        let words = allocate(field.words)
        getFields(words, object: value, field: field.offset, count: field.words)
        emitPattern(part, words, fail: fail)
      } else {
        emitPattern(part, value + field.offset, fail: fail)
      }
    }
  }

  private func testInt(_ constant: Int, _ type: TypeID, _ value: Int, _ fail: Label) {
    if type.isFloating {
      testFloat(Double(constant), type, value, fail)
      return
    }
    if constant == Int(Int16(truncatingIfNeeded: constant)) {
      jumpImmediate(.notEqual, value, constant, to: fail)
      return
    }
    let register = allocate(1)
    loadInt(constant, into: register)
    assembler.jump(.jumpNeInt, a: value, b: register, to: fail)
  }

  private func testFloat(_ constant: Double, _ type: TypeID, _ value: Int, _ fail: Label) {
    let register = allocate(1)
    assembler.emit(.loadWord, a: register)
    assembler.emitWord((type == .f32 ? Double(Float(constant)) : constant).bitPattern)
    assembler.jump(.jumpNeFloat, a: value, b: register, to: fail)
  }

  /// Every alternative binds the same locals, so these get registers of their own beforehand.
  private func emitAlternatives(_ p: PatternNode, _ value: Int, _ fail: Label?) {
    let count = extra(Int(p.b))
    let wasShared = function.bindsShared
    if !wasShared { allocateLocals(PatternID(raw: tree.extra[Int(p.b) + 1])) }
    let matched = assembler.label()
    let before = function.top
    function.bindsShared = true
    for i in 0..<count {
      let part = PatternID(raw: tree.extra[Int(p.b) + 1 + i])
      if i == count - 1 {
        emitPattern(part, value, fail: fail)
      } else {
        let next = assembler.label()
        emitPattern(part, value, fail: next)
        assembler.jump(.jump, to: matched)
        assembler.place(next)
      }
      function.top = before
    }
    function.bindsShared = wasShared
    assembler.place(matched)
  }

  private func allocateLocals(_ id: PatternID) {
    let p = tree[id]
    switch p.tag {
    case .bind: allocateShared(LocalID(raw: p.a))
    case .at:
      allocateShared(LocalID(raw: p.a))
      allocateLocals(PatternID(raw: p.b))
    case .tuple:
      for i in 0..<extra(Int(p.b)) { allocateLocals(PatternID(raw: tree.extra[Int(p.b) + 1 + i])) }
    case .structure, .enumCase:
      for i in 0..<extra(Int(p.b)) { allocateLocals(PatternID(raw: tree.extra[Int(p.b) + 2 + 2 * i])) }
    case .alternatives: allocateLocals(PatternID(raw: tree.extra[Int(p.b) + 1]))
    case .all: for i in 0..<extra(Int(p.b)) { allocateLocals(PatternID(raw: tree.extra[Int(p.b) + 1 + i])) }
    case .view: allocateLocals(PatternID(raw: tree.extra[Int(p.b) + 1]))
    default: break
    }
  }

  private func allocateShared(_ local: LocalID) {
    registers[Int(local.raw)] = Int32(allocate(isCell(local) ? 1 : layout(concrete(tree[local].type)).words))
  }

  private func bindPatternLocal(_ local: LocalID, _ value: Int) {
    let index = Int(local.raw)
    let words = layout(concrete(tree[local].type)).words
    if isCell(local) {
      let cell = function.bindsShared ? Int(registers[index]) : allocate(1)
      registers[index] = Int32(newCell(local, value: value, into: cell))
    } else if function.bindsShared {
      move(words, from: value, to: Int(registers[index]))
    } else if tree[local].isMutable {
      let own = allocate(words)
      move(words, from: value, to: own)
      registers[index] = Int32(own)
    } else {
      registers[index] = Int32(value)
    }
  }

  /// A destructuring `let`: the checker has seen that the pattern always matches.
  func emitBindPattern(_ n: TypedNode) {
    let value = stableScrutinee(NodeID(raw: n.b), words(of: NodeID(raw: n.b)))
    emitPattern(PatternID(raw: n.a), value, fail: nil)
  }
}
