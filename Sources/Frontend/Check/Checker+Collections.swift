// Maps and sets: how they are made by `map-of` and `set-of` and walked by `for`. Both are types of the
// prelude; the checker only spares a program the calls, so nothing below knows more of them than the
// order of their fields.

/// The order of fields in the prelude's `Map`, `MapEntry` and `Set`.
private enum CollectionField {
  static let mapEntries: UInt32 = 0
  static let mapFirst: UInt32 = 3
  static let entryHash: UInt32 = 0
  static let entryKey: UInt32 = 1
  static let entryValue: UInt32 = 2
  static let setItems: UInt32 = 0
}

extension Checker {
  func isPreludeType(_ type: TypeID, _ def: DefID) -> Bool {
    if type == .none || type.isVariable || def == .none { return false }
    let tag = env.types[type].tag
    return (tag == .record || tag == .structure) && env.types[type].def == def
  }

  /// Whether the parts of this type are the prelude's business alone.
  func isOpaque(_ def: DefID) -> Bool {
    module != .prelude && def != .none && (def == env.mapDef || def == env.setDef)
  }

  // MARK: Making

  /// `(map-of k v k v ..)` and `(set-of a b ..)`: a new one, then `put!` or `add!` for each, from left to right.
  func checkCollection(_ special: SpecialForm, _ form: Form, _ expected: TypeID) -> NodeID {
    let isMap = special == .mapOf
    let width = isMap ? 2 : 1
    let total = count(form) - 1
    for i in 1..<max(1, count(form)) where keyword(child(form, i)) != .none {
      return malformed(
        child(form, i), "`\(special.spelling)` takes no labels",
        help: "keywords are no values: use strings, characters or the cases of an enum")
    }
    if total % width != 0 {
      report(
        .wrongArgumentCount, "`map-of` takes keys and values in pairs, but \(total) \(total == 1 ? "form is" : "forms are") given",
        form, label: "the last key has no value", help: "as in `(map-of \"a\" 1 \"b\" 2)`")
      for i in 1...total { _ = infer(child(form, i)) }
      return errorNode(form)
    }
    let def = isMap ? env.mapDef : env.setDef
    guard resolveHeader(def), let make = preludeFunction(isMap ? env.known.newMap : env.known.newSet),
      let add = preludeFunction(isMap ? env.known.put : env.known.add)
    else { return errorNode(form) }
    let wanted = expected == .none ? TypeID.none : env.types.resolve(expected)
    let arguments = isPreludeType(wanted, def)
      ? env.types.arguments(wanted) : (0..<width).map { _ in env.types.freshVariable() }
    let type = env.types.make(isMap ? .record : .structure, def, arguments)
    obligations.append(
      Obligation(type: arguments[0], constraints: [.hash, .eq], form: form, what: env[def].name))
    let made = preludeCall(make, arguments, [], type, form)
    if total == 0 { return made }
    let scopeMark = scope.count
    let mark = stack.count
    let local = declare(.none, type, mutable: false)
    stack.append(self.add(.bind, .unit, a: local.raw, b: made.raw, form).raw)
    var i = 1
    while i <= total {
      let item = child(form, i)
      var nodes = [self.add(.local, type, a: local.raw, item)]
      for part in 0..<width {
        let part = (form: child(form, i + part), type: env.types.resolve(arguments[part]))
        // As an argument of type Unit takes a unit value, and not anything.
        nodes.append(part.type == .unit ? infer(part.form) : check(part.form, expected: part.type, tail: false))
      }
      let call = preludeCall(add, arguments, nodes, isMap ? .unit : .bool, item)
      stack.append(self.add(.drop, .unit, a: call.raw, item).raw)
      i += width
    }
    stack.append(self.add(.local, type, a: local.raw, form).raw)
    scope.removeLast(scope.count - scopeMark)
    return self.add(.block, type, b: flush(mark, count: 2 + total / width), form)
  }

  private func preludeFunction(_ name: Symbol) -> DefID? {
    guard case .definition(let def)? = env.ownValue(name, in: .prelude), resolveHeader(def) else { return nil }
    return def
  }

  private func preludeCall(
    _ def: DefID, _ typeArguments: [TypeID], _ nodes: [NodeID], _ result: TypeID, _ form: Form
  ) -> NodeID {
    let arguments = nodes.enumerated().map { Argument(form: form, parameter: $0.offset, node: $0.element) }
    return callNode(def, typeArguments, arguments, result, form)
  }

  // MARK: Walking

  /// `(for [(tuple k v) m] ..)` and `(for [x s] ..)`. The entries that are there at the beginning are
  /// walked by index; entries are only ever added behind them or marked as removed:
  ///
  ///     entries := m.entries; n := count of entries
  ///     for i in m.first ..< n
  ///       entry := entries[i]
  ///       if m.entries is another vector by now: entry := what the map has for it
  ///       if entry is not removed: bind the pattern; body
  func forEntries(_ form: Form, _ target: Form, _ source: NodeID, _ type: TypeID, isSet: Bool) -> NodeID {
    let place = child(child(form, 1), count(child(form, 1)) - 1)
    let element = env.types.argument(type, 0)
    let mapArguments = isSet ? [element, TypeID.unit] : env.types.arguments(type)
    guard resolveHeader(env.mapDef), case .definition(let entryDef)? = env.ownValue(env.known.mapEntry, in: .prelude),
      resolveHeader(entryDef), let again = preludeFunction(env.known.again)
    else { return errorNode(form) }
    let mapType = env.types.make(.record, env.mapDef, mapArguments)
    let entryType = env.types.make(.structure, entryDef, mapArguments)
    let entriesType = env.types.vec(entryType)
    let mark = stack.count

    let holder = declare(.none, mapType, mutable: false)
    let map = isSet ? add(.field, mapType, a: source.raw, b: CollectionField.setItems, place) : source
    stack.append(add(.bind, .unit, a: holder.raw, b: map.raw, place).raw)
    let entries = declare(.none, entriesType, mutable: false)
    stack.append(bind(entries, mapField(CollectionField.mapEntries, holder, entriesType, place), place))
    let end = declare(.none, .int, mutable: false)
    stack.append(bind(end, intrinsicNode(.vecLength, [read(entries, place)], .int, place), place))

    let i = declare(.none, .int, mutable: false)
    let id = openLoop(.other)
    let entry = declare(.none, entryType, mutable: true)
    let fetched = bind(entry, intrinsicNode(.vecNth, [read(entries, place), read(i, place)], entryType, place), place)
    let current = mapField(CollectionField.mapEntries, holder, entriesType, place)
    let isSame = intrinsicNode(.same, [read(entries, place), current], .bool, place)
    let looked = preludeCall(again, mapArguments, [read(holder, place), read(entry, place)], entryType, place)
    let replaced = add(.setLocal, .unit, a: entry.raw, b: flush(stack.count, count: 0), c: looked.raw, place)
    let moved = intrinsicNode(.not, [isSame], .bool, place)
    let renewed = add(.if, .unit, a: moved.raw, b: replaced.raw, c: NodeID.none.raw, place)

    literals.append((IntLiteral(magnitude: 0, negative: false), place))
    let zero = add(.int, .int, a: UInt32(literals.count - 1), place)
    let hash = add(.field, .int, a: read(entry, place).raw, b: CollectionField.entryHash, place)
    let isThere = intrinsicNode(.greaterEqual, [hash, zero], .bool, place)
    let inner = stack.count
    let key = add(.field, element, a: read(entry, place).raw, b: CollectionField.entryKey, place)
    if isSet {
      bindElement(target, key, element)
    } else {
      let valueType = mapArguments[1]
      let value = add(.field, valueType, a: read(entry, place).raw, b: CollectionField.entryValue, place)
      if isList(target), count(target) == 3, symbol(child(target, 0)).raw == SpecialForm.tuple.rawValue,
        identifier(child(target, 1)) == .none || identifier(child(target, 1)) != identifier(child(target, 2))
          || symbol(child(target, 1)) == env.known.underscore
      {
        // Taken apart at once, no tuple is made.
        bindElement(child(target, 1), key, element)
        bindElement(child(target, 2), value, valueType)
      } else {
        let pairMark = stack.count
        stack += [key.raw, value.raw]
        let pairType = env.types.tuple([element, valueType])
        let pair = add(.makeTuple, pairType, b: flush(pairMark, count: 2), place)
        bindElement(target, pair, pairType)
      }
    }
    let body = checkSequence(form, from: 2, expected: .unit, tail: false)
    stack.append(body.raw)
    let bound = add(.block, .unit, b: flush(inner, count: stack.count - inner), form)
    loops.removeLast()
    let visit = add(.if, .unit, a: isThere.raw, b: bound.raw, c: NodeID.none.raw, place)
    let turnMark = stack.count
    stack += [fetched, renewed.raw, visit.raw]
    let turn = add(.block, .unit, b: flush(turnMark, count: 3), form)

    let first = mapField(CollectionField.mapFirst, holder, .int, place)
    let b = UInt32(typed.extra.count)
    typed.extra += [first.raw, read(end, place).raw, NodeID.none.raw]
    let c = UInt32(typed.extra.count)
    typed.extra += [turn.raw, id]
    stack.append(add(.forRange, .unit, a: i.raw, b: b, c: c, form).raw)
    return add(.block, .unit, b: flush(mark, count: 4), form)
  }

  private func read(_ local: LocalID, _ form: Form) -> NodeID { add(.local, typed[local].type, a: local.raw, form) }

  private func bind(_ local: LocalID, _ value: NodeID, _ form: Form) -> UInt32 {
    add(.bind, .unit, a: local.raw, b: value.raw, form).raw
  }

  private func mapField(_ field: UInt32, _ map: LocalID, _ type: TypeID, _ form: Form) -> NodeID {
    add(.field, type, a: read(map, form).raw, b: field, form)
  }

  /// Pushes the binding of a loop's pattern to `value`.
  private func bindElement(_ target: Form, _ value: NodeID, _ type: TypeID) {
    let name = identifier(target)
    if symbol(target) == env.known.underscore { return }
    if name != .none, isBindingName(name) {
      stack.append(bind(declare(name, type, mutable: false), value, target))
      return
    }
    let pattern = loopPattern(target, type)
    stack.append(add(.bindPattern, .unit, a: pattern.raw, b: value.raw, target).raw)
  }
}
