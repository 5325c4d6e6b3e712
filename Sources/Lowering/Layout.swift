// How values are laid out in registers, fields and elements. A type is a run of words, each of one
// kind for ever: scalars and references are one word, structs and tuples the words of their parts one
// after the other, Unit and Never none.
//
//   enum, flattened   │ tag │ ints… │ floats… │ refs… │   cases share the words of each kind;
//                                                         words a case does not use are 0
//   enum, nullable    │ ref │                             one case is a reference, the other 0
//   enum, boxed       │ ref │ ─► object {tag, payload of the case…}
//
// Invariant: a layout depends on the type alone, never on the order in which types are met.
// Invariant: only a nullable word of a value in use is a reference that may be 0.

import Bytecode
import Frontend

/// Enums with more payload words than this live in the heap.
let maxFlatPayload = 4
/// Option and Result are flattened up to this many.
let maxFlatPayloadOfPrelude = 8
/// Block instructions count words in 8 bits.
let maxValueWords = 255

enum LayoutForm: UInt8 {
  case unknown
  case nothing  // Unit, Never
  case scalar  // one word, compared by itself
  case string, function, vector, opaque
  case aggregate  // struct or tuple
  case record
  case flatEnum, boxedEnum
}

struct Layout {
  var form = LayoutForm.unknown
  /// Equality is equality of the words, each by its kind.
  var isWordwise = false
  var elementKind = ElementKind.words
  var words = 0
  var firstKind: Int32 = 0
  /// Aggregates and records: into `fields`; enums: `firstPart` into `cases`.
  var firstPart: Int32 = 0
  var partCount: Int32 = 0
  /// Records: payload words, and their kinds.
  var payloadWords: Int32 = 0
  var firstPayloadKind: Int32 = 0
  /// Records, vectors: the descriptor; -1 until one is needed.
  var descriptor: Int32 = -1
  /// Which of the type's layouts this is, see `Relayout.swift`; 0 for the first.
  var version: Int32 = 0
  /// Objects of the type are tested before they are read, see `Lowering.checkedTypes`.
  var isChecked = false
  /// Flattened enums of two cases, one of which is a reference and nothing else: the other case, which is 0; else -1.
  var nullCase: Int8 = -1
  /// The only word is a reference that may be 0: such an enum, or a struct or tuple around one.
  var isNullable = false

  /// Values lie in registers, fields and elements as they are.
  var isByValue: Bool { form == .aggregate || form == .flatEnum }
  /// An enum whose only word is the tag.
  var isTag: Bool { form == .flatEnum && words == 1 && nullCase < 0 }
}

struct FieldLayout {
  /// `.none` in tuples.
  var name: Symbol
  var type: TypeID
  /// In the words of the aggregate, of the record's payload, or of the case's fields in a row.
  var offset: Int
  var words: Int
}

struct CaseLayout {
  var name: Symbol
  var firstField: Int32
  var fieldCount: Int32
  var payloadWords: Int32
  /// Kinds of the payload words, in `kinds`.
  var firstKind: Int32
  /// Flattened: for each payload word its place in the enum's words, in `places`.
  var firstPlace: Int32
  var descriptor: Int32 = -1
  var literal: Int32 = -1
}

struct LayoutTable {
  var layouts: [Layout] = []  // by TypeID
  var kinds: [WordKind] = []
  var fields: [FieldLayout] = []
  var cases: [CaseLayout] = []
  var places: [UInt8] = []
  var recursion: [UInt8] = []  // by DefID: 0 unknown, 1 no, 2 yes

  func isKnown(_ type: TypeID) -> Bool {
    Int(type.raw) < layouts.count && layouts[Int(type.raw)].form != .unknown
  }

  func kinds(_ layout: Layout) -> [WordKind] {
    Array(kinds[Int(layout.firstKind)..<Int(layout.firstKind) + layout.words])
  }

  @inline(__always) func kind(_ layout: Layout, _ word: Int) -> WordKind { kinds[Int(layout.firstKind) + word] }
  @inline(__always) func field(_ layout: Layout, _ i: Int) -> FieldLayout { fields[Int(layout.firstPart) + i] }
  @inline(__always) func enumCase(_ layout: Layout, _ i: Int) -> CaseLayout { cases[Int(layout.firstPart) + i] }
  @inline(__always) func field(_ c: CaseLayout, _ i: Int) -> FieldLayout { fields[Int(c.firstField) + i] }

  /// Whether words from..<from + count of a case lie side by side in a flattened enum.
  func isContiguous(_ c: CaseLayout, _ from: Int, _ count: Int) -> Bool {
    let first = Int(c.firstPlace) + from
    if count < 2 { return true }
    for i in 1..<count where places[first + i] != places[first] + UInt8(i) { return false }
    return true
  }
}

extension Lowering {
  /// The layout of a type of the program (no rigid parameters in it).
  @inline(__always)
  func layout(_ type: TypeID) -> Layout {
    let index = Int(type.raw)
    if index < layouts.layouts.count {
      let known = layouts.layouts[index]
      if known.form != .unknown { return known }
    }
    return makeLayout(type)
  }

  private func makeLayout(_ type: TypeID) -> Layout {
    precondition(type.isPermanent, "a scratch type reached lowering")
    while layouts.layouts.count <= Int(type.raw) { layouts.layouts.append(Layout()) }
    touchLayout(type)
    let def = environment.types[type].def
    if def != .none { graph.heads.add(type.raw, to: def.raw) }
    var new = computeLayout(type)
    if !histories.isEmpty, !replaced.contains(type), var history = histories[type] {
      // The type could not be written for a while; its objects of then stay stale.
      new.version = history.next
      history.next += 1
      setHistory(type, history)
    }
    layouts.layouts[Int(type.raw)] = new
    return new
  }

  private func oneWord(_ form: LayoutForm, _ kind: WordKind, _ element: ElementKind = .words) -> Layout {
    var layout = Layout()
    layout.form = form
    layout.words = 1
    layout.isWordwise = form == .scalar
    layout.elementKind = element
    layout.firstKind = Int32(layouts.kinds.count)
    layouts.kinds.append(kind)
    return layout
  }

  private func computeLayout(_ type: TypeID) -> Layout {
    switch environment.types.tag(type) {
    case .error, .never, .unit:
      var layout = Layout()
      layout.form = .nothing
      layout.isWordwise = true
      return layout
    case .bool: return oneWord(.scalar, .int, .u8)
    case .char: return oneWord(.scalar, .int, .u32)
    case .int, .u64: return oneWord(.scalar, .int)
    case .i8: return oneWord(.scalar, .int, .i8)
    case .i16: return oneWord(.scalar, .int, .i16)
    case .i32: return oneWord(.scalar, .int, .i32)
    case .u8: return oneWord(.scalar, .int, .u8)
    case .u16: return oneWord(.scalar, .int, .u16)
    case .u32: return oneWord(.scalar, .int, .u32)
    case .float: return oneWord(.scalar, .float)
    case .f32: return oneWord(.scalar, .float, .f32)
    case .string: return oneWord(.string, .reference)
    case .function: return oneWord(.function, .reference)
    case .vec:
      graph.parts.add(type.raw, to: environment.types.argument(type, 0).raw)
      return oneWord(.vector, .reference)
    case .ptr, .cstring: return oneWord(.opaque, .int)
    case .tuple: return computeAggregate(type, environment.types.arguments(type), nil)
    case .structure:
      let fields = environment[environment.types[type].def].fields
      return computeAggregate(type, fieldTypes(fields, type), fields)
    case .record: return computeRecord(type)
    case .enumeration: return computeEnum(type)
    case .parameter, .variable: preconditionFailure("a type parameter reached layout")
    }
  }

  private func fieldTypes(_ range: Range<Int>, _ type: TypeID) -> [TypeID] {
    range.map { environment.fieldType($0, of: type) }
  }

  /// Puts the fields of `whole` in a row; answers where they stand in `fields` and the row's words.
  private func appendFields(
    _ types: [TypeID], _ declared: Range<Int>?, of whole: TypeID
  ) -> (first: Int, words: Int) {
    let each = types.map { layout($0) }  // may append to the tables, so before our own run
    let first = layouts.fields.count
    var offset = 0
    for (i, part) in each.enumerated() {
      let name = declared.map { environment.fields[$0.lowerBound + i].name } ?? .none
      layouts.fields.append(FieldLayout(name: name, type: types[i], offset: offset, words: part.words))
      graph.parts.add(whole.raw, to: types[i].raw)
      offset += part.words
    }
    return (first, offset)
  }

  private func appendKinds(_ types: [TypeID]) -> Int {
    let first = layouts.kinds.count
    for type in types {
      let part = layout(type)  // known by now
      for word in 0..<part.words { layouts.kinds.append(layouts.kind(part, word)) }
    }
    return first
  }

  private func computeAggregate(_ type: TypeID, _ types: [TypeID], _ declared: Range<Int>?) -> Layout {
    let row = appendFields(types, declared, of: type)
    var result = Layout()
    if !isAcceptable(row.words, type) {
      result.form = .nothing
      return result
    }
    result.form = .aggregate
    result.words = row.words
    result.firstPart = Int32(row.first)
    result.partCount = Int32(types.count)
    result.firstKind = Int32(appendKinds(types))
    // A struct with an implementation of its own equality is not compared by words, nor what holds it.
    result.isWordwise = types.allSatisfy { layout($0).isWordwise } && implementation(.equal, type) == .none
    result.isNullable = row.words == 1 && types.contains { layout($0).isNullable }
    return result
  }

  private func computeRecord(_ type: TypeID) -> Layout {
    // Known before its fields: a record's word is a reference whatever is in it.
    var result = oneWord(.record, .reference)
    layouts.layouts[Int(type.raw)] = result
    let fields = environment[environment.types[type].def].fields
    let types = fieldTypes(fields, type)
    let row = appendFields(types, fields, of: type)
    result.firstPart = Int32(row.first)
    result.partCount = Int32(types.count)
    if isAcceptable(row.words, type) {
      result.payloadWords = Int32(row.words)
      result.firstPayloadKind = Int32(appendKinds(types))
    }
    return result
  }

  private func computeEnum(_ type: TypeID) -> Layout {
    let def = environment.types[type].def
    let definition = environment[def]
    let boxed = isRecursive(def)
    if boxed {
      // As for records: the fields may lead back here.
      let provisional = oneWord(.boxedEnum, .reference)
      layouts.layouts[Int(type.raw)] = provisional
    }
    var new: [CaseLayout] = []
    var ints = 0, floats = 0, references = 0
    var wordwise = implementation(.equal, type) == .none
    for index in definition.cases {
      let types = fieldTypes(environment.cases[index].fields, type)
      var row = appendFields(types, environment.cases[index].fields, of: type)
      if !isAcceptable(row.words, type) { row.words = 0 }
      let firstKind = row.words == 0 ? layouts.kinds.count : appendKinds(types)
      if !types.allSatisfy({ layout($0).isWordwise }) { wordwise = false }
      var counts = (0, 0, 0)
      for kind in layouts.kinds[firstKind..<firstKind + row.words] {
        switch kind {
        case .int: counts.0 += 1
        case .float: counts.1 += 1
        case .reference: counts.2 += 1
        }
      }
      ints = max(ints, counts.0)
      floats = max(floats, counts.1)
      references = max(references, counts.2)
      new.append(
        CaseLayout(
          name: environment.cases[index].name, firstField: Int32(row.first), fieldCount: Int32(types.count), payloadWords: Int32(row.words),
          firstKind: Int32(firstKind), firstPlace: 0))
    }
    let limit =
      def == environment.optionDef || def == environment.resultDef
      ? maxFlatPayloadOfPrelude : maxFlatPayload
    let payload = ints + floats + references
    var result: Layout
    if boxed || payload > limit {
      result = oneWord(.boxedEnum, .reference)
    } else if let null = nullCase(new) {
      result = oneWord(.flatEnum, .reference)
      result.nullCase = Int8(null)
      result.isNullable = true
      for i in new.indices { placeWords(&new[i], first: (0, 0, 0)) }
    } else {
      result = Layout()
      result.form = .flatEnum
      result.isWordwise = wordwise
      result.words = 1 + payload
      for i in new.indices { placeWords(&new[i], first: (1, 1 + ints, 1 + ints + floats)) }
      result.firstKind = Int32(layouts.kinds.count)
      layouts.kinds.append(contentsOf: repeatElement(.int, count: 1 + ints))
      layouts.kinds.append(contentsOf: repeatElement(.float, count: floats))
      layouts.kinds.append(contentsOf: repeatElement(.reference, count: references))
      if payload == 0 { result.elementKind = new.count <= 256 ? .u8 : .u16 }
    }
    result.firstPart = Int32(layouts.cases.count)
    result.partCount = Int32(new.count)
    layouts.cases.append(contentsOf: new)
    return result
  }

  /// Which of two cases has no words where the other is one reference that is never 0.
  private func nullCase(_ cases: [CaseLayout]) -> Int? {
    guard cases.count == 2, let null = cases.firstIndex(where: { $0.payloadWords == 0 }) else { return nil }
    let other = cases[1 - null]
    guard other.payloadWords == 1, layouts.kinds[Int(other.firstKind)] == .reference else { return nil }
    return (0..<Int(other.fieldCount)).contains { layout(layouts.field(other, $0).type).isNullable } ? nil : null
  }

  /// `first`: the first words for integers, floats and references.
  private func placeWords(_ c: inout CaseLayout, first: (Int, Int, Int)) {
    c.firstPlace = Int32(layouts.places.count)
    var next = first
    for word in 0..<Int(c.payloadWords) {
      switch layouts.kinds[Int(c.firstKind) + word] {
      case .int:
        layouts.places.append(UInt8(next.0))
        next.0 += 1
      case .float:
        layouts.places.append(UInt8(next.1))
        next.1 += 1
      case .reference:
        layouts.places.append(UInt8(next.2))
        next.2 += 1
      }
    }
  }

  /// Too large a value is reported once and then treated as having no words, which also keeps types
  /// that double at every instance from filling the tables before `isBounded` stops them.
  private func isAcceptable(_ words: Int, _ type: TypeID) -> Bool {
    if words <= maxValueWords { return true }
    var def = environment.types[type].def
    if def == .none { def = definitionAtHand }
    let what = environment.types.tag(type) == .tuple ? "tuple" : "value of this type"
    problems.append(
      Diagnostic(
        .functionTooLarge, "a \(what) takes \(words) words, more than \(maxValueWords)",
        at: def == .none ? Place(.none, Span(0, 0)) : Place(environment[def].item, environment[def].nameSpan),
        help: "keep part of it in a record or a vector"))
    return false
  }

  // MARK: Recursion by value

  /// Whether a value of the enum can contain another one without a vector, record or function between.
  /// Decided on the declarations, so that it also holds for polymorphic recursion.
  private func isRecursive(_ def: DefID) -> Bool {
    while layouts.recursion.count <= Int(def.raw) { layouts.recursion.append(0) }
    if layouts.recursion[Int(def.raw)] == 0 {
      var seen: Set<DefID> = []
      let definition = environment[def]
      let found = definition.cases.contains { c in
        environment.cases[c].fields.contains { reaches(environment.fields[$0].type, def, &seen) }
      }
      layouts.recursion[Int(def.raw)] = found ? 2 : 1
    }
    return layouts.recursion[Int(def.raw)] == 2
  }

  private func reaches(_ type: TypeID, _ target: DefID, _ seen: inout Set<DefID>) -> Bool {
    let node = environment.types[type]
    switch node.tag {
    case .tuple, .structure, .enumeration: break
    default: return false
    }
    if node.tag == .enumeration, node.def == target { return true }
    for argument in environment.types.arguments(type) where reaches(argument, target, &seen) { return true }
    guard node.tag != .tuple, seen.insert(node.def).inserted else { return false }
    let definition = environment[node.def]
    for field in definition.fields where reaches(environment.fields[field].type, target, &seen) { return true }
    for c in definition.cases {
      for field in environment.cases[c].fields where reaches(environment.fields[field].type, target, &seen) {
        return true
      }
    }
    return false
  }

  func implementation(_ operation: StructuralOperation, _ type: TypeID) -> DefID {
    let def = environment.types[type].def
    guard def != .none else { return .none }
    let index = Int(def.raw) * StructuralOperation.allCases.count + Int(operation.rawValue)
    return index < environment.structuralImplementations.count ? environment.structuralImplementations[index] : .none
  }
}
