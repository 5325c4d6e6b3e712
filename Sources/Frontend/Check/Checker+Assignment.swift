// `set!` and `with`: places that can be changed, and copies with changes.
//
// Invariant: of a path over fields, the last record on it is what changes; those before are only read.

extension Checker {
  func checkSet(_ form: Form) -> NodeID {
    guard count(form) == 3 else {
      return malformed(form, "`set!` takes a place and a value", help: "as in `(set! total 2.0)` or `(set! (.hp p) 10)`")
    }
    let target = child(form, 1)
    // Walk inwards over `(.f (.g x))`, remembering the path outermost last.
    var path: [Form] = []
    var inner = target
    while tag(inner) == .list, count(inner) == 2, env.interner.firstByte(symbol(child(inner, 0)) == .none ? env.known.at : symbol(child(inner, 0))) == UInt8(ascii: ".") {
      path.append(child(inner, 0))
      inner = child(inner, 1)
    }
    path.reverse()
    let name = identifier(inner)
    if name == .none && path.isEmpty {
      report(
        .notAPlace, "this is not a place that can be set", target,
        help: "set a `mut` local, a `defvar`, or a `mut` field: `(set! (.field x) value)`; elements by `set-nth!`")
      _ = infer(child(form, 2))
      return errorNode(form)
    }
    // The root: a local, a global, or any expression that yields a record.
    var tag = NodeTag.setField
    var root: UInt32 = 0
    var current: TypeID
    var mutableRoot = false
    var rootNode = NodeID.none
    if name != .none, let local = lookup(name) {
      current = env.types.resolve(typed[local].type)
      mutableRoot = typed[local].isMutable
      (tag, root) = (.setLocal, local.raw)
      rootNode = add(.local, current, a: local.raw, inner)
      if path.isEmpty, !mutableRoot {
        report(
          .notMutable, "`\(text(name))` cannot be set: it is not `mut`", inner,
          help: "declare it as `mut \(text(name))` where it is bound")
        _ = infer(child(form, 2))
        return errorNode(form)
      }
    } else if name != .none, case .definition(let def)? = value(name), resolveHeader(def),
      env[def].kind == .variable || env[def].kind == .constant
    {
      current = env[def].type
      mutableRoot = env[def].kind == .variable
      (tag, root) = (.setGlobal, def.raw)
      rootNode = add(.global, current, a: def.raw, inner)
      if path.isEmpty, !mutableRoot {
        reportConstant(def, name, inner)
        _ = infer(child(form, 2))
        return errorNode(form)
      }
    } else {
      rootNode = infer(inner)
      current = resolved(rootNode)
    }
    // Follow the path. A record starts the path anew: what is set lies in that record.
    var fields: [UInt32] = []
    // The last record on the way is what changes: its field must be `mut`, those before are only read.
    var immutable: (step: Form, type: TypeID, index: Int)?
    for (position, step) in path.enumerated() {
      guard let (index, type, mutable) = field(symbol(step), of: current, step) else {
        _ = infer(child(form, 2))
        return errorNode(form)
      }
      if env.types.tag(current) == .record {
        // Everything up to here was only read.
        if position > 0 {
          for f in fields.indices { rootNode = readField(rootNode, Int(fields[f]), path[position - fields.count + f]) }
          fields.removeAll()
        }
        tag = .setField
        root = rootNode.raw
        mutableRoot = mutable
        immutable = mutable ? nil : (step, current, index)
      }
      fields.append(UInt32(index))
      current = env.types.resolve(type)
    }
    if let (step, type, index) = immutable {
      report(
        .notMutable, "field `\(text(symbol(step)).dropFirst())` of `\(env.describe(type))` is not `mut`", step,
        labels: [Diagnostic.Label(fieldPlace(type, index), "declared here")],
        help: "declare it as `mut \(text(symbol(step)).dropFirst())`")
      _ = infer(child(form, 2))
      return errorNode(form)
    }
    if resolved(rootNode) == .error {
      _ = infer(child(form, 2))
      return errorNode(form)
    }
    if tag == .setField, path.isEmpty || root != rootNode.raw || !mutableRoot {
      report(
        .notAPlace, "this is a value, not a place: setting it would have no effect", target,
        help: "the path must end in a `mut` field of a record, a `mut` local or a `defvar`")
      _ = infer(child(form, 2))
      return errorNode(form)
    }
    if (tag == .setLocal || tag == .setGlobal), !mutableRoot {
      if tag == .setGlobal {
        reportConstant(DefID(raw: root), name, inner)
        _ = infer(child(form, 2))
        return errorNode(form)
      }
      report(
        .notMutable, "`\(text(name))` cannot be changed: it is not `mut`", inner,
        help: "declare it as `mut \(text(name))`, or make a changed copy by `(with \(text(name)) ..)`")
      _ = infer(child(form, 2))
      return errorNode(form)
    }
    let value = current == .unit ? infer(child(form, 2)) : check(child(form, 2), expected: current, tail: false)
    let mark = stack.count
    stack += fields
    return add(tag, .unit, a: root, b: flush(mark, count: fields.count), c: value.raw, form)
  }

  private func reportConstant(_ def: DefID, _ name: Symbol, _ form: Form) {
    report(
      .notMutable, "`\(text(name))` is a constant", form,
      labels: [Diagnostic.Label(Place(env[def].item, env[def].nameSpan), "defined by `def` here")],
      help: "state that changes is declared by `(defvar \(text(name)): \(env.describe(env[def].type)) ..)`")
  }

  private func readField(_ node: NodeID, _ index: Int, _ form: Form) -> NodeID {
    let type = resolved(node)
    let fields = env[env.types[type].def].fields
    return add(.field, fieldType(fields.lowerBound + index, of: type), a: node.raw, b: UInt32(index), form)
  }

  private func fieldPlace(_ type: TypeID, _ index: Int) -> Place {
    let definition = env[env.types[type].def]
    return Place(definition.item, env.fields[definition.fields.lowerBound + index].span)
  }

  func checkWith(_ form: Form) -> NodeID {
    guard count(form) >= 2 else { return malformed(form, "`with` takes a value and changes", help: "as in `(with v :x 3.0)`") }
    let target = infer(child(form, 1))
    let type = resolved(target)
    if type == .error { return errorNode(form) }
    let node = type.isVariable ? nil : Optional(env.types[type])
    guard let node, node.tag == .structure || node.tag == .record, !isOpaque(node.def) else {
      report(
        .typeMismatch, "`with` copies a struct or a record, not `\(env.describe(type))`", child(form, 1),
        help: node.map { isOpaque($0.def) } == true ? "`(copy m)` makes a copy that can be changed" : nil)
      return errorNode(form)
    }
    let fields = env[node.def].fields
    let mark = stack.count
    var changes = 0
    var i = 2
    while i < count(form) {
      let label = keyword(child(form, i))
      guard label != .none, i + 1 < count(form) else {
        stack.removeLast(stack.count - mark)
        return malformed(child(form, i), "changes are written `:field value`")
      }
      if let index = fields.first(where: { env.fields[$0].name == label }) {
        let value = check(child(form, i + 1), expected: fieldType(index, of: type), tail: false)
        stack += [UInt32(index - fields.lowerBound), value.raw]
        changes += 1
      } else {
        report(
          .unknownField, "`\(env.describe(type))` has no field `\(text(label))`", child(form, i),
          help: suggestion(label, among: fields.map { env.fields[$0].name }))
        _ = infer(child(form, i + 1))
      }
      i += 2
    }
    return add(.with, type, a: target.raw, b: flush(mark, count: changes), form)
  }
}
