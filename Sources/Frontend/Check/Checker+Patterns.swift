// Patterns and `match`.

extension Checker {
  func addPattern(_ tag: PatternTag, _ type: TypeID, a: UInt32 = 0, b: UInt32 = 0, _ form: Form) -> PatternID {
    typed.patterns.append(
      PatternNode(tag: tag, type: type, a: a, b: b, position: forms.tree.nodes[Int(form.raw)].start &- base))
    return PatternID(raw: UInt32(typed.patterns.count - 1))
  }

  func bindingPattern(_ name: Symbol, _ type: TypeID, _ form: Form) -> PatternID {
    if env.interner.base(name) == env.known.underscore { return addPattern(.wildcard, type, form) }
    let local = declare(name, type, mutable: false)
    return addPattern(.bind, type, a: local.raw, form)
  }

  /// One pattern out of a run of forms: `x @ p` takes three of them.
  func checkPatternSequence(
    _ list: Form, _ position: inout Int, limit: Int, _ type: TypeID, mutable: Bool = false
  ) -> PatternID {
    let form = child(list, position)
    if patternLength(list, position, limit: limit) == 3 {
      let sub = child(list, position + 2)
      position += 3
      let name = identifier(form)
      guard name != .none, isBindingName(name) else {
        report(.badPattern, "`@` names what a pattern matches: a lower-case name stands before it", form)
        return addPattern(.wildcard, type, form)
      }
      let local = declare(name, type, mutable: mutable)
      let known = scope.count
      let pattern = checkPattern(sub, type, mutable: mutable)
      refuseRepeats(known - 1..<known, sub)
      return addPattern(.at, type, a: local.raw, b: pattern.raw, form)
    }
    position += 1
    return checkPattern(form, type, mutable: mutable)
  }

  /// How many forms the pattern at `position` takes.
  func patternLength(_ list: Form, _ position: Int, limit: Int) -> Int {
    position + 2 < limit && symbol(child(list, position + 1)) == env.known.at ? 3 : 1
  }

  func checkPattern(_ form: Form, _ type: TypeID, mutable: Bool) -> PatternID {
    let type = env.types.resolve(type)
    let node = forms.tree[form]
    switch node.tag {
    case .symbol:
      let name = Symbol(raw: node.a)
      if env.interner.base(name) == env.known.underscore { return addPattern(.wildcard, type, form) }
      if isBindingName(name) {
        if env.interner.firstByte(name) == UInt8(ascii: "."), text(name).utf8.count > 1 {
          report(.badPattern, "`\(text(name))` is not a pattern", form)
          return addPattern(.wildcard, type, form)
        }
        let local = declare(name, type, mutable: mutable)
        return addPattern(.bind, type, a: local.raw, form)
      }
      return constructorPattern(form, name, type, mutable: mutable, arguments: 0)
    case .int:
      var literalType = env.types.freshVariable(.integerLiteral)
      if node.suffix != .none { literalType = suffixType(node.suffix) }
      literals.append((forms.tree.ints[Int(node.a)], form))
      fit(literalType, type, form)
      return addPattern(.int, type, a: UInt32(literals.count - 1), form)
    case .float:
      fit(node.suffix == .f32 ? .f32 : env.types.freshVariable(.floatLiteral), type, form)
      typed.floats.append(forms.tree.floats[Int(node.a)])
      return addPattern(.float, type, a: UInt32(typed.floats.count - 1), form)
    case .string:
      fit(.string, type, form)
      typed.strings.append(Array(forms.tree.stringBytes[forms.tree.strings[Int(node.a)]]))
      return addPattern(.string, type, a: UInt32(typed.strings.count - 1), form)
    case .char:
      fit(.char, type, form)
      return addPattern(.char, type, a: node.a, form)
    case .bool:
      fit(.bool, type, form)
      return addPattern(.bool, type, a: node.a, form)
    case .list:
      if node.count == 0 {
        fit(.unit, type, form)
        return addPattern(.unit, type, form)
      }
      let head = symbol(child(form, 0))
      if head.raw == SpecialForm.tuple.rawValue { return tuplePattern(form, type, mutable: mutable) }
      if head == env.known.or { return alternatives(form, type, mutable: mutable) }
      if head != .none, !isBindingName(head) {
        return constructorPattern(form, identifier(child(form, 0)), type, mutable: mutable, arguments: Int(node.count) - 1)
      }
      if case .definition(let def)? = value(identifier(child(form, 0))), env[def].kind == .macro {
        return macroPattern(form, def, type, mutable: mutable)
      }
      report(
        .badPattern, "this is not a pattern", form,
        help: "patterns are literals, names, `_`, `(tuple ..)`, `(Constructor ..)`, `(or ..)` and `name @ pattern`")
    case .quote, .quasiquote: return syntaxPattern(form, type)
    default:
      report(.badPattern, "this is not a pattern", form)
    }
    return addPattern(.wildcard, .error, form)
  }

  private func suffixType(_ suffix: NumberSuffix) -> TypeID {
    switch suffix {
    case .i8: .i8
    case .i16: .i16
    case .i32: .i32
    case .u8: .u8
    case .u16: .u16
    case .u32: .u32
    case .u64: .u64
    case .f32: .f32
    case .none: .int
    }
  }

  private func fit(_ found: TypeID, _ wanted: TypeID, _ form: Form) {
    if !env.types.unify(found, wanted) {
      report(
        .typeMismatch, "this pattern matches `\(env.describe(found))`, but the value is `\(env.describe(wanted))`", form)
    }
  }

  private func tuplePattern(_ form: Form, _ type: TypeID, mutable: Bool) -> PatternID {
    var elements: [TypeID] = []
    let subforms = patternCount(form)
    if type.isVariable || type == .error {
      elements = (0..<subforms).map { _ in env.types.freshVariable() }
      let made = env.types.tuple(elements)
      if !env.types.unify(type, made) {
        report(.typeMismatch, "this pattern matches a tuple of \(subforms), but the value is `\(env.describe(type))`", form)
      }
    } else if env.types.tag(type) == .tuple, env.types.count(type) == subforms {
      elements = env.types.arguments(type)
    } else {
      report(
        .typeMismatch, "this pattern matches a tuple of \(subforms), but the value is `\(env.describe(type))`", form)
      elements = Array(repeating: .error, count: subforms)
    }
    let mark = stack.count
    var position = 1
    let names = scope.count
    for element in elements where position < count(form) {
      let (item, known) = (child(form, position), scope.count)
      defer { refuseRepeats(names..<known, item) }
      let sub = checkPatternSequence(form, &position, limit: count(form), element, mutable: mutable)
      stack.append(sub.raw)
    }
    return addPattern(.tuple, type, b: flush(mark, count: elements.count), form)
  }

  /// One pattern binds a name once: reports what was bound behind `known` and is in it.
  private func refuseRepeats(_ known: Range<Int>, _ form: Form) {
    for i in known.upperBound..<max(known.upperBound, scope.count) where scope[known].contains(where: { $0.name == scope[i].name }) {
      report(
        .duplicateDefinition, "`\(text(scope[i].name))` is bound twice in one pattern", form, label: "again here",
        help: "give one of them another name, or write `_`")
    }
  }

  /// How many patterns the arguments of a constructor pattern are; `x @ p` counts once.
  private func patternCount(_ form: Form) -> Int {
    var patterns = 0
    var i = 1
    while i < count(form) {
      i += patternLength(form, i, limit: count(form))
      patterns += 1
    }
    return patterns
  }

  private func alternatives(_ form: Form, _ type: TypeID, mutable: Bool) -> PatternID {
    let mark = stack.count
    let scopeStart = scope.count
    var bound: [(name: Symbol, local: LocalID)] = []
    var made = 0
    var position = 1
    while position < count(form) {
      let item = child(form, position)
      let before = scope.count
      let pattern = checkPatternSequence(form, &position, limit: count(form), type, mutable: mutable)
      let names = Array(scope[before...])
      scope.removeLast(scope.count - before)
      if made == 0 {
        bound = names
      } else {
        // The same names with the same types: later alternatives bind the first one's locals.
        let same = names.count == bound.count && names.allSatisfy { entry in bound.contains { $0.name == entry.name } }
        if !same {
          report(.badPattern, "all alternatives of `or` must bind the same names", item)
        } else {
          for entry in names {
            guard let first = bound.first(where: { $0.name == entry.name }) else { continue }
            if !env.types.unify(typed[entry.local].type, typed[first.local].type) {
              report(.typeMismatch, "`\(text(entry.name))` has different types in the alternatives", item)
            }
            for i in typed.patterns.indices
            where typed.patterns[i].a == entry.local.raw && (typed.patterns[i].tag == .bind || typed.patterns[i].tag == .at) {
              typed.patterns[i].a = first.local.raw
            }
          }
        }
      }
      stack.append(pattern.raw)
      made += 1
    }
    scope.removeLast(scope.count - scopeStart)
    scope += bound
    return addPattern(.alternatives, type, b: flush(mark, count: made), form)
  }

  private func constructorPattern(
    _ form: Form, _ name: Symbol, _ type: TypeID, mutable: Bool, arguments: Int
  ) -> PatternID {
    let fail = { () -> PatternID in
      // Names inside still bind, so that the body reports only its own errors.
      var i = 1
      while i <= arguments {
        if self.keyword(self.child(form, i)) == .none {
          _ = self.checkPatternSequence(form, &i, limit: self.count(form), .error)
        } else {
          i += 1
        }
      }
      return self.addPattern(.wildcard, .error, form)
    }
    let entity = value(name)
    var fields = 0..<0
    var made: TypeID
    var tag = PatternTag.structure
    var caseIndex = 0
    switch entity {
    case .enumCase(let def, let index)?:
      guard resolveHeader(def) else { return fail() }
      (fields, tag, caseIndex) = (env.cases[env[def].cases.lowerBound + index].fields, .enumCase, index)
      made = instantiate(def)
    case .definition(let def)? where (env[def].kind == .structure || env[def].kind == .record) && !isOpaque(def):
      guard resolveHeader(def) else { return fail() }
      fields = env[def].fields
      made = instantiate(def)
    default:
      if entity == nil, reportQualified(name, arguments > 0 ? child(form, 0) : form) { return fail() }
      var candidates: [Symbol] = []
      if !type.isVariable, env.types.tag(type) == .enumeration {
        candidates = env[env.types[type].def].cases.map { env.cases[$0].name }
      }
      report(
        .unknownName, "`\(text(name))` is not a constructor", arguments > 0 ? child(form, 0) : form,
        help: suggestion(name, among: candidates)
          ?? (candidates.isEmpty ? nil : "the cases are " + candidates.map { "`\(text($0))`" }.joined(separator: ", ")))
      return fail()
    }
    if !env.types.unify(made, type) {
      report(
        .typeMismatch, "`\(text(name))` matches `\(env.describe(made))`, but the value is `\(env.describe(type))`",
        arguments > 0 ? child(form, 0) : form)
      return fail()
    }
    made = env.types.resolve(made)
    let mark = stack.count
    var matched = 0
    var position = 1
    var positional = 0
    let names = scope.count
    while position <= arguments {
      let item = child(form, position)
      let known = scope.count
      defer { refuseRepeats(names..<known, item) }
      let label = keyword(item)
      if label != .none {
        position += 1
        guard position <= arguments else {
          report(.badPattern, "label `:\(text(label))` has no pattern behind it", item)
          break
        }
        if let index = fields.first(where: { env.fields[$0].name == label }) {
          let sub = checkPatternSequence(form, &position, limit: count(form), fieldType(index, of: made), mutable: mutable)
          stack += [UInt32(index - fields.lowerBound), sub.raw]
          matched += 1
        } else {
          report(
            .unknownField, "`\(text(name))` has no field `\(text(label))`", item,
            help: suggestion(label, among: fields.map { env.fields[$0].name }))
          _ = checkPatternSequence(form, &position, limit: count(form), .error)
        }
        continue
      }
      guard positional < fields.count else {
        report(
          .badPattern, "`\(text(name))` has \(fields.count) field\(fields.count == 1 ? "" : "s"), but more patterns are given", item)
        // What the others bind is known, so that the clause is not reported as well.
        while position < count(form) { _ = checkPatternSequence(form, &position, limit: count(form), .error) }
        break
      }
      let sub = checkPatternSequence(form, &position, limit: count(form), fieldType(fields.lowerBound + positional, of: made), mutable: mutable)
      stack += [UInt32(positional), sub.raw]
      positional += 1
      matched += 1
    }
    let labelled = matched > positional
    if !labelled, matched < fields.count, problemsAreFresh(form) {
      report(
        .badPattern, "`\(text(name))` has \(fields.count) field\(fields.count == 1 ? "" : "s"), but the pattern names \(matched)", form,
        help: "match the others with `_`, or name only some by their labels, as in `(\(text(name)) :\(text(env.fields[fields.lowerBound].name)) x)`")
    }
    return addPattern(tag, made, a: UInt32(caseIndex), b: flush(mark, count: matched), form)
  }

  private func problemsAreFresh(_ form: Form) -> Bool {
    let span = span(form)
    return !problems.contains { $0.place.item == item && $0.place.span.start >= span.start && $0.place.span.end <= span.end }
  }

  func requireIrrefutable(_ pattern: PatternID, _ type: TypeID, _ form: Form) {
    // What is wrong with the pattern itself has been told.
    guard problemsAreFresh(form), !hasError(type) else { return }
    var matrix = PatternMatrix(env: env, typed: typed)
    matrix.integerValues = literals.map(\.value)
    if let missing = matrix.missing([[pattern]], type) {
      report(
        .refutablePattern, "this pattern does not match every value: `\(missing)` is not covered", form,
        help: "use `match` or `if-let`")
    }
  }

  // MARK: match

  func checkMatch(_ form: Form, _ expected: TypeID, _ tail: Bool) -> NodeID {
    guard count(form) >= 2 else { return malformed(form, "`match` takes a value and clauses") }
    let scrutinee = infer(child(form, 1))
    env.types.defaultLiterals(type(scrutinee))
    let scrutineeType = resolved(scrutinee)
    var clauses: [(pattern: PatternID, guarded: Bool, form: Form)] = []
    let mark = stack.count
    var common = expected
    var commonForm = form
    var allNever = true
    let problemsBefore = problems.count
    var position = 2
    let total = count(form)
    while position < total {
      let item = child(form, position)
      let scopeMark = scope.count
      var pattern: PatternID
      var condition = NodeID.none
      if isList(item), count(item) >= 1, keyword(child(item, 0)) == env.known.whenKeyword {
        position += 1
        var inner = 1
        if count(item) < 3 {
          report(.badPattern, "a guarded pattern is `(:when pattern condition)`", item)
          pattern = addPattern(.wildcard, .error, item)
        } else {
          pattern = checkPatternSequence(item, &inner, limit: count(item) - 1, scrutineeType)
          condition = check(child(item, count(item) - 1), expected: .bool, tail: false)
        }
      } else {
        pattern = checkPatternSequence(form, &position, limit: total, scrutineeType)
      }
      guard position < total else {
        report(.malformedForm, "this clause has no value behind its pattern", item)
        scope.removeLast(scope.count - scopeMark)
        break
      }
      let bodyForm = child(form, position)
      position += 1
      if symbol(bodyForm) == env.known.arrow {
        report(.malformedForm, "no arrow stands between a pattern and its value", bodyForm, help: "as in `(match x 1 \"one\" _ \"many\")`")
        scope.removeLast(scope.count - scopeMark)
        stack.removeLast(stack.count - mark)
        return errorNode(form)
      }
      let body: NodeID
      if expected != .none {
        body = check(bodyForm, expected: expected, tail: tail)
      } else {
        let hint = common == .none ? TypeID.none : env.types.resolve(common)
        body = hint == .none || hint.isVariable || hint == .never || hint == .error
          ? checkForTail(bodyForm, tail) : checkBranch(bodyForm, hint, tail)
        let found = resolved(body)
        if common == .none || env.types.resolve(common) == .never {
          common = found
          commonForm = bodyForm
        } else if found != .never, !env.types.unify(found, common) {
          report(
            .typeMismatch,
            "the clauses have different types: `\(env.describe(common))` and `\(env.describe(found))`", bodyForm,
            label: "this is `\(env.describe(found))`",
            labels: [Diagnostic.Label(place(commonForm), "this is `\(env.describe(common))`")])
        }
      }
      if resolved(body) != .never { allNever = false }
      scope.removeLast(scope.count - scopeMark)
      stack += [pattern.raw, condition.raw, body.raw]
      clauses.append((pattern, condition != .none, item))
    }
    if problems.count == problemsBefore || !problems[problemsBefore...].contains(where: { $0.severity == .error }) {
      checkCoverage(form, clauses, scrutineeType)
    }
    let type: TypeID = allNever && !clauses.isEmpty ? .never : common == .none ? .unit : common
    return add(.match, type, a: scrutinee.raw, b: flush(mark, count: clauses.count), form)
  }

  private func checkCoverage(_ form: Form, _ clauses: [(pattern: PatternID, guarded: Bool, form: Form)], _ type: TypeID) {
    if type == .never || hasError(type) { return }
    if coversEachCaseOnce(clauses.map { ($0.pattern, $0.guarded) }, type) { return }
    var matrix = PatternMatrix(env: env, typed: typed)
    matrix.integerValues = literals.map(\.value)
    var rows: [[PatternID]] = []
    for clause in clauses {
      if !matrix.isUseful([clause.pattern], rows, [type]) {
        report(
          .unreachableClause, "this clause is never reached", clause.form,
          label: "earlier clauses match everything it does")
      }
      if !clause.guarded { rows.append([clause.pattern]) }
    }
    if let missing = matrix.missing(rows, type) {
      report(
        .missingCase, "`match` does not cover `\(missing)`", form,
        label: "not every value of `\(env.describe(type))` is matched",
        help: "add a clause for it, or `_` for all that is left")
    }
  }

  /// Whether an error stands in the type or among its parts.
  private func hasError(_ type: TypeID) -> Bool {
    let type = env.types.resolve(type)
    if type == .error { return true }
    if type.isVariable { return false }
    return (0..<env.types.count(type)).contains { hasError(env.types.argument(type, $0)) }
  }

  /// The common shape, decided without the matrix: an enum, one unguarded clause a case with nothing
  /// but names below, or a last catch-all over distinct cases.
  private func coversEachCaseOnce(_ clauses: [(PatternID, Bool)], _ type: TypeID) -> Bool {
    guard !type.isVariable, env.types.tag(type) == .enumeration else { return false }
    let caseCount = env[env.types[type].def].cases.count
    guard caseCount <= 64 else { return false }
    var seen: UInt64 = 0
    for (i, clause) in clauses.enumerated() {
      if clause.1 { return false }
      let pattern = typed[clause.0]
      switch pattern.tag {
      case .wildcard, .bind:
        return i == clauses.count - 1 && seen.nonzeroBitCount < caseCount
      case .enumCase:
        if seen & 1 << UInt64(pattern.a) != 0 { return false }
        seen |= 1 << UInt64(pattern.a)
        let at = Int(pattern.b)
        for j in 0..<Int(typed.extra[at]) {
          let sub = typed.patterns[Int(typed.extra[at + 2 + 2 * j])].tag
          if sub != .wildcard && sub != .bind { return false }
        }
      default: return false
      }
    }
    return seen.nonzeroBitCount == caseCount
  }
}
