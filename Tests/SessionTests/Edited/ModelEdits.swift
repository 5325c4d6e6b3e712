// What is done to a model: everything that people do to a program between two savings. Each edit says which definitions
// it is about; when only their texts are written anew, those who use them are left behind, as happens.

extension ModelAuthor {
  /// Does something; answers what to, and what it was. Nil when that was not possible.
  mutating func edit() -> (what: String, about: Set<Int>)? {
    let before = model
    let made = attemptEdit()
    guard let made, model.isCheap else {
      model = before
      return nil
    }
    return made
  }

  private mutating func attemptEdit() -> (what: String, about: Set<Int>)? {
    switch below(30) {
    case 0, 1, 2, 3:
      guard let id = model.ids.randomElement(using: &generator), rewrite(id) else { return nil }
      return ("body of \(id)", [id])
    case 4: return rename()
    case 5:
      guard let id = model.ids.randomElement(using: &generator), id != model.state else { return nil }
      remove(id)
      // What is about it goes with it.
      for other in model.ids where model[other].subject == id || model[other].kind == .implementation && model[other].used == id { remove(other) }
      return ("\(id) deleted", [id])
    case 6, 7: return add(randomKind()).map { ("\($0) added", [$0]) }
    case 8, 9: return move()
    case 10:
      let (from, to) = (below(4), below(4))
      guard from != to, !model.modules[from].items.isEmpty else { return nil }
      let moved = model.modules[from].items.flatMap { $0 }
      model.modules[to].items += model.modules[from].items
      model.modules[from].items = []
      return ("module \(from) goes to \(to)", Set(moved))
    case 11:
      let key = below(4) * 16 + below(4)
      model.importStyles[key] = below(3)
      return ("imports of \(key / 16)", Set(model.modules[key / 16].items.flatMap { $0 }))
    case 12: return privacy()
    case 13, 14, 15: return fields()
    case 16: return result()
    case 17: return cases()
    case 18: return methods()
    case 19:
      guard let id = model.ids.randomElement(using: &generator) else { return nil }
      model[id].style = below(30)
      return ("comments of \(id)", [id])
    case 20, 24: return kindOfType()
    case 25: return kindOfValue()
    case 26:
      guard let id = model.ids.randomElement(using: &generator) else { return nil }
      let others = model.ids.filter { $0 != id && model[$0].kind == model[id].kind }
      guard id != model.state, let other = others.randomElement(using: &generator), other != model.state else { return nil }
      (model[id].name, model[other].name) = (model[other].name, model[id].name)
      return ("names of \(id) and \(other) exchanged", [id, other])
    case 27:
      guard let id = model.ids(.function, .constant, .genericFunction).randomElement(using: &generator) else { return nil }
      let name = pick(["max", "concat", "abs", "not"])
      // Of two definitions of one name a fresh start takes the first in the text, an edit that which was there.
      guard !model.definitions.values.contains(where: { $0.name == name }) else { return nil }
      model[id].name = name
      return ("\(id) hides a name of the prelude", [id])
    case 28: return recursion()
    case 29: return implementation()
    case 21:
      guard let id = model.ids(.genericFunction).randomElement(using: &generator) else { return nil }
      model[id].bounds = model[id].bounds.isEmpty ? model.ids(.trait).filter { model[$0].rank < model[id].rank }.prefix(1).map { $0 } : []
      return ("bounds of \(id)", [id])
    case 22:
      guard let id = model.ids(.alias).randomElement(using: &generator) else { return nil }
      setRank(model[id].rank)
      model[id].type = type(depth: 1)
      return ("target of \(id)", [id])
    default:
      if chance(2) {
        let field = newField(isMutable: true)
        // A state of what is there.
        model[model.state].fields.append(field)
      } else if model[model.state].fields.count > 1 {
        model[model.state].fields.removeLast()
      }
      return ("fields of the state", [model.state])
    }
  }

  private mutating func rename() -> (what: String, about: Set<Int>)? {
    guard let id = model.ids.randomElement(using: &generator), id != model.state else { return nil }
    let suffix = "x\(model.newID())"
    switch below(3) {
    case 0 where !model[id].fields.isEmpty:
      let i = below(model[id].fields.count)
      model[id].fields[i].name = "p\(model[id].fields[i].id)\(suffix)"
    case 0 where !model[id].cases.isEmpty:
      let i = below(model[id].cases.count)
      model[id].cases[i].name = "Case\(model[id].cases[i].id)\(suffix)"
    case 0 where !model[id].methods.isEmpty:
      let i = below(model[id].methods.count)
      model[id].methods[i].name = "m\(model[id].methods[i].id)\(suffix)"
    default: model[id].name = Self.name(model[id].kind, id) + suffix
    }
    return ("a name in \(id)", [id])
  }

  private mutating func move() -> (what: String, about: Set<Int>)? {
    let from = below(4)
    guard !model.modules[from].items.isEmpty else { return nil }
    let i = below(model.modules[from].items.count)
    switch below(4) {
    case 0:
      let item = model.modules[from].items.remove(at: i)
      place(item, from)
      return ("\(item) moved", Set(item))
    case 1:
      let item = model.modules[from].items.remove(at: i)
      place(item, below(4))
      return ("\(item) moved to another file", Set(item))
    case 2:
      guard model.modules[from].items.count > 1 else { return nil }
      let item = model.modules[from].items.remove(at: i)
      let other = below(model.modules[from].items.count)
      model.modules[from].items[other] += item
      return ("\(item) joined \(other)", Set(item))
    default:
      var item = model.modules[from].items[i]
      guard item.count > 1 else { return nil }
      item.shuffle(using: &generator)
      model.modules[from].items.remove(at: i)
      for id in item { place([id], from) }
      return ("\(item) parted", Set(item))
    }
  }

  /// A type becomes one of another kind, under its name.
  private mutating func kindOfType() -> (what: String, about: Set<Int>)? {
    guard let id = model.ids(.structure, .record, .enumeration, .genericStructure).randomElement(using: &generator), id != model.state else { return nil }
    setRank(model[id].rank)
    let old = model[id].kind
    let new = pick([ModelKind.structure, .record, .enumeration, .genericStructure])
    guard new != old else { return nil }
    for i in model[id].fields.indices {
      model[id].fields[i].isMutable = false
      if model[id].fields[i].type == .variable { model[id].fields[i].type = .int }
    }
    switch new {
    case .enumeration: if model[id].cases.isEmpty { for i in 0...1 + below(2) { model[id].cases.append(newCase(of: id, isFirst: i == 0)) } }
    case .genericStructure:
      // What is about it needs a plain type.
      if model.definitions.values.contains(where: { $0.subject == id }) { return nil }
      if model[id].fields.isEmpty { model[id].fields.append(newField(isMutable: false)) }
      model[id].fields[0].type = .variable
      model[id].fields[0].standard = nil
    default: if model[id].fields.isEmpty { model[id].fields.append(newField(isMutable: false)) }
    }
    if old == .enumeration { model[id].cases = [] }
    model[id].kind = new
    return ("kind of \(id)", [id])
  }

  /// A constant becomes a function, a function a constant or a macro, a macro a function, a variable a constant.
  private mutating func kindOfValue() -> (what: String, about: Set<Int>)? {
    guard let id = model.ids(.function, .constant, .variable, .macro, .made).randomElement(using: &generator) else { return nil }
    switch model[id].kind {
    case .constant: model[id].kind = model[id].type != .function && chance(2) ? .variable : .function
    case .variable: model[id].kind = .constant
    case .macro:
      model[id].kind = .function
      var parameter = newField(isMutable: false)
      parameter.type = .int
      parameter.standard = nil
      model[id].fields = [parameter]
      model[id].type = .int
      model[id].isPure = true
      model[id].body = body(of: model[id])
    case .made:
      let makers = model.ids(.definingMacro).filter { model[$0].rank < model[id].rank && $0 != model[id].used }
      model[id].used = makers.isEmpty || chance(2) ? -1 : pick(makers)
    default:
      if model[id].isPrivate || model[id].isRecursive { return nil }
      if model[id].fields.isEmpty, model[id].isPure, model[id].type != .function {
        model[id].kind = .constant
      } else if model.isNumeric(id) {
        model[id].kind = .macro
        model[id].used = -1
      } else {
        return nil
      }
    }
    return ("kind of \(id)", [id])
  }

  /// A function comes to call itself, or no more.
  private mutating func recursion() -> (what: String, about: Set<Int>)? {
    guard let id = model.ids(.function).randomElement(using: &generator) else { return nil }
    model[id].isRecursive.toggle()
    if model[id].isRecursive, model[id].fields.first.map({ $0.type != .int || $0.standard != nil }) ?? true {
      var first = newField(isMutable: false)
      first.type = .int
      first.standard = nil
      model[id].fields.insert(first, at: 0)
    }
    model[id].body = body(of: model[id])
    return ("recursion of \(id)", [id])
  }

  /// An implementation is of another trait, or for another type.
  private mutating func implementation() -> (what: String, about: Set<Int>)? {
    guard let id = model.ids(.implementation, .ownShow, .ownEquality).randomElement(using: &generator) else { return nil }
    var d = model[id]
    let subjects = model.ids(.structure, .record, .enumeration).filter { $0 != model.state }
    if d.kind == .implementation, chance(2), let trait = model.ids(.trait).randomElement(using: &generator) {
      d.used = trait
    } else if let subject = subjects.randomElement(using: &generator) {
      d.subject = subject
    }
    guard !model.definitions.values.contains(where: { $0.kind == d.kind && $0.subject == d.subject && $0.used == d.used }) else { return nil }
    if d.kind == .implementation {
      d.bodies = [:]
      setRank(min(model[d.used].rank, d.rank))
      for method in model[d.used].methods where method.standard == nil || chance(2) { d.bodies[method.id] = methodBody(method, d.subject) }
    }
    model[id] = d
    return ("what \(id) implements", [id])
  }

  private mutating func privacy() -> (what: String, about: Set<Int>)? {
    guard let id = model.ids(.function).randomElement(using: &generator) else { return nil }
    let isPrivate = !model[id].isPrivate
    if isPrivate, !chance(3) {
      // Only where it does no harm.
      let module = model.module(of: id)
      for other in model.ids where other != id {
        if DefinitionTextCache.names(model, other).contains(where: { $0.key == module && $0.value.contains(model[id].name) }) { return nil }
      }
      if module != 0 { return nil }
    }
    model[id].isPrivate = isPrivate
    return ("privacy of \(id)", [id])
  }

  private mutating func fields() -> (what: String, about: Set<Int>)? {
    guard let id = model.ids(.structure, .record, .function, .genericStructure, .genericFunction).randomElement(using: &generator), id != model.state else { return nil }
    setRank(model[id].rank)
    var fields = model[id].fields
    // What stays in its place.
    let fixed = model[id].isRecursive || model[id].kind == .genericStructure || model[id].kind == .genericFunction ? 1 : 0
    let i = fields.count > fixed ? fixed + below(fields.count - fixed) : -1
    switch below(6) {
    case 0, 1: fields.insert(newField(isMutable: model[id].kind == .record), at: fixed + below(fields.count + 1 - fixed))
    case 2 where i >= 0: fields.remove(at: i)
    case 3 where i >= 0:
      let field = fields.remove(at: i)
      fields.insert(field, at: fixed + below(fields.count + 1 - fixed))
    case 4 where i >= 0:
      fields[i].type = type(depth: 1)
      if fields[i].standard != nil { fields[i].standard = .literal(fields[i].type, below(9)) }
    case 5 where i >= 0:
      if fields[i].type == .variable { return nil }
      fields[i].standard = fields[i].standard == nil || chance(2) ? .literal(fields[i].type, below(9)) : nil
      if model[id].kind == .record { fields[i].isMutable.toggle() }
    default: return nil
    }
    model[id].fields = fields
    return ("fields of \(id)", [id])
  }

  private mutating func result() -> (what: String, about: Set<Int>)? {
    guard let id = model.ids(.function, .constant, .variable).randomElement(using: &generator) else { return nil }
    setRank(model[id].rank)
    model[id].type = type(depth: 1)
    return ("type of \(id)", [id])
  }

  private mutating func cases() -> (what: String, about: Set<Int>)? {
    guard let id = model.ids(.enumeration).randomElement(using: &generator) else { return nil }
    setRank(model[id].rank)
    var cases = model[id].cases
    let i = below(cases.count)
    switch below(5) {
    case 0: cases.insert(newCase(of: id, isFirst: false), at: below(cases.count + 1))
    case 1 where cases.count > 1: cases.remove(at: i)
    case 2: cases.shuffle(using: &generator)
    case 3:
      var field = newField(isMutable: false)
      field.standard = nil
      cases[i].fields.insert(field, at: below(cases[i].fields.count + 1))
    default: if !cases[i].fields.isEmpty { cases[i].fields.remove(at: below(cases[i].fields.count)) }
    }
    // There has to be a value.
    guard cases.contains(where: { !$0.fields.contains { model.refers($0.type, to: id) } }) else { return nil }
    model[id].cases = cases
    return ("cases of \(id)", [id])
  }

  private mutating func methods() -> (what: String, about: Set<Int>)? {
    guard let id = model.ids(.trait).randomElement(using: &generator) else { return nil }
    setRank(model[id].rank)
    switch below(4) {
    case 0: model[id].methods.append(newMethod(id))
    case 1:
      guard model[id].methods.count > 1 else { return nil }
      model[id].methods.remove(at: below(model[id].methods.count))
    case 2:
      let i = below(model[id].methods.count)
      model[id].methods[i].takesNumber.toggle()
    default:
      let i = below(model[id].methods.count)
      model[id].methods[i].result = pick([.int, .string, .bool])
    }
    return ("methods of \(id)", Set([id]).union(model.ids.filter { model[$0].kind == .implementation && model[$0].used == id }))
  }
}

enum DefinitionTextCache {
  static func names(_ model: Model, _ id: Int) -> [Int: Set<String>] { ModelWriter.text(of: id, model).needs }
}

/// A program and its texts as they are saved. Some definitions may be left behind by the model, others be broken.
struct EditedProgram {
  var author: ModelAuthor
  private var texts: [Int: DefinitionText] = [:]
  private var broken: [Int: String] = [:]
  /// A module whose file has a fault of its own, and which.
  private var brokenFile: (module: Int, fault: Int)?
  private var earlier: [Model] = []

  init(seed: UInt64) {
    author = ModelAuthor(seed: seed)
    writeAll()
  }

  private mutating func writeAll() {
    texts = [:]
    for id in author.model.ids { texts[id] = ModelWriter.text(of: id, author.model) }
  }

  /// One batch of edits; answers what they were.
  mutating func edit() -> String {
    var words: [String] = []
    broken = [:]
    brokenFile = nil
    var about = Set<Int>()
    earlier.append(author.model)
    if earlier.count > 1, author.chance(14) {
      author.model = earlier[author.below(earlier.count)]
      words.append("undone")
    }
    let count = author.chance(3) ? 1 + author.below(4) : 1
    for _ in 0..<20 where words.count < count {
      guard let made = author.edit() else { continue }
      words.append(made.what)
      about.formUnion(made.about)
    }
    let isWhole = words.contains("undone") || !author.chance(6)
    if isWhole { writeAll() } else {
      words.append("without users")
      for id in about {
        texts[id] = author.model.definitions[id] == nil ? nil : ModelWriter.text(of: id, author.model)
      }
      for id in texts.keys where author.model.definitions[id] == nil { texts[id] = nil }
      for id in author.model.ids where texts[id] == nil { texts[id] = ModelWriter.text(of: id, author.model) }
    }
    if author.chance(12), let id = author.model.ids.randomElement(using: &author.generator) {
      breakText(id)
      words.append("broken \(id)")
    }
    if author.chance(30) {
      brokenFile = (author.below(4), author.below(3))
      words.append("broken module \(brokenFile!.module)")
    }
    return words.joined(separator: ", ")
  }

  private mutating func breakText(_ id: Int) {
    guard let text = texts[id]?.text else { return }
    let bytes = Array(text.utf8)
    let at = author.below(bytes.count)
    switch author.below(7) {
    case 0: broken[id] = String(decoding: bytes[..<at], as: UTF8.self)
    case 1: broken[id] = text + ")"
    case 2: broken[id] = text.replacing("Int", with: "Imt")
    case 3: broken[id] = text + "\n\n" + text
    case 4: broken[id] = text.replacing(" -> ", with: " ", maxReplacements: 1)
    case 5: broken[id] = text.replacing(" (", with: " (unknown ", maxReplacements: 1)
    default: broken[id] = text.replacing("1", with: "\"one\"", maxReplacements: 1)
    }
  }

  /// Texts by path.
  var files: [String: [UInt8]] {
    let model = author.model
    var files: [String: [UInt8]] = [:]
    let looks = ModelWriter.looks(model)
    for (m, module) in model.modules.enumerated() {
      if m > 0, module.items.isEmpty { continue }
      let fault = brokenFile?.module == m ? brokenFile!.fault : -1
      if fault == 2, m > 0 { continue }
      var needs: [Int: Set<String>] = [:]
      var body = ""
      func add(_ text: DefinitionText) { needs.merge(text.needs) { $0.union($1) } }
      for item in module.items {
        let parts = item.compactMap { id -> String? in
          guard let text = texts[id] else { return nil }
          add(text)
          return broken[id] ?? text.text
        }
        body += parts.count == 1 ? parts[0] + "\n\n" : "(do\n" + parts.joined(separator: "\n") + "\n)\n\n"
      }
      if m == 0 {
        for text in ModelWriter.loop(model, looks: looks.map(\.name)) + looks.map(\.1) {
          add(text)
          body += text.text + "\n\n"
        }
        for (other, found) in model.modules.enumerated() where other > 0 && !found.items.isEmpty && needs[other] == nil { needs[other] = [] }
      }
      var head = ""
      for (target, names) in needs.sorted(by: { $0.key < $1.key }) where target != m {
        let name = model.modules[target].name
        switch model.importStyles[m * 16 + target] ?? 0 {
        case 1: head += "(import \(name) :as x\(target))\n"
        case 2 where !names.isEmpty: head += "(import \(name) :only [\(names.sorted().joined(separator: " "))])\n"
        default: head += "(import \(name))\n"
        }
      }
      switch fault {
      case 0: head += "(import away)\n"
      case 1: head = String(head.drop { $0 != "\n" })
      default: break
      }
      files[module.path] = Array((head + "\n" + body).utf8)
    }
    return files
  }
}
