// Vectors of every kind of element against Swift arrays.

import Runtime
import Testing

@Suite struct VectorTests {
  static let kinds: [StorageKind] = [.u8, .i8, .u16, .i16, .u32, .i32, .f32]

  /// A register value that the kind can hold.
  static func value(_ kind: StorageKind, _ random: inout Random) -> UInt64 {
    let raw = random.next64()
    switch kind {
    case .words: return raw
    case .u8: return UInt64(UInt8(truncatingIfNeeded: raw))
    case .i8: return UInt64(bitPattern: Int64(Int8(truncatingIfNeeded: raw)))
    case .u16: return UInt64(UInt16(truncatingIfNeeded: raw))
    case .i16: return UInt64(bitPattern: Int64(Int16(truncatingIfNeeded: raw)))
    case .u32: return UInt64(UInt32(truncatingIfNeeded: raw))
    case .i32: return UInt64(bitPattern: Int64(Int32(truncatingIfNeeded: raw)))
    case .f32: return Double(Float(Int32(truncatingIfNeeded: raw))).bitPattern
    }
  }

  /// Random operations; `width` words an element, mirrored flat.
  static func run(_ machine: Machine, kind: StorageKind, width: Int, seed: UInt64, steps: Int) {
    var random = Random(seed: seed)
    let number = machine.descriptors.addVector(elementWords: width, kind: kind)
    let vector = unsafe Vectors.make(machine.state, number)
    let root = machine.addRoot(vector)
    defer { machine.removeRoot(root) }
    var model: [[UInt64]] = []
    let a = unsafe machine.state.pointee.stackBase
    func element(_ at: Int) -> [UInt64] {
      var new: [UInt64] = []
      for w in 0..<width {
        new.append(value(kind, &random))
        unsafe a[at + w] = new[w]
      }
      return new
    }
    for step in 0..<steps {
      unsafe a[0] = vector
      switch random.below(12) {
      case 0...4:
        let new = element(4)
        #expect(unsafe Vectors.push(machine.state, vector, a + 4))
        model.append(new)
      case 5:
        if model.isEmpty { continue }
        #expect(unsafe Vectors.pop(machine.state, vector, a + 4))
        let popped = (0..<width).map { unsafe a[4 + $0] }
        #expect(popped == model.removeLast())
      case 6:
        let i = random.below(model.count + 1)
        unsafe a[1] = UInt64(i)
        let new = element(2)
        #expect(unsafe Primitives.vectorInsert(machine.state, a))
        model.insert(new, at: i)
      case 7:
        if model.isEmpty { continue }
        let i = random.below(model.count)
        #expect(unsafe machine.call(Primitives.vectorRemove, vector, UInt64(i)) != nil)
        model.remove(at: i)
      case 8:
        #expect(unsafe machine.call(Primitives.vectorReverse, vector) != nil)
        model.reverse()
      case 9:
        let from = random.below(model.count + 1)
        let to = from + random.below(model.count - from + 1)
        let part = unsafe machine.call(Primitives.vectorSlice, vector, UInt64(from), UInt64(to))?[0] ?? 0
        #expect(machine.elements(part) == model[from..<to].flatMap { $0 })
        if model.count < 500 {
          #expect(unsafe machine.call(Primitives.vectorAppend, vector, part) != nil)
          model += model[from..<to]
        }
      case 10:
        if model.count > 500 { continue }
        unsafe a[1] = 7
        let new = element(2)
        #expect(unsafe Primitives.vectorFill(machine.state, a))
        for _ in 0..<7 { model.append(new) }
      default:
        if step % 5 != 0 { continue }
        let n = random.below(model.count + 3)
        #expect(unsafe machine.call(Primitives.vectorTruncate, vector, UInt64(n)) != nil)
        model = Array(model.prefix(n))
      }
      if machine.elements(vector) != model.flatMap({ $0 }) {
        Issue.record("vector of \(kind) differs at step \(step), seed \(seed)")
        return
      }
    }
  }

  @Test(arguments: kinds) func packed(kind: StorageKind) throws {
    Self.run(try makeMachine(), kind: kind, width: 1, seed: 3, steps: 1500)
    Self.run(try makeMachine(stress: true), kind: kind, width: 1, seed: 4, steps: 200)
  }

  @Test(arguments: [1, 2, 3, 5]) func words(width: Int) throws {
    Self.run(try makeMachine(), kind: .words, width: width, seed: 3, steps: 1500)
    Self.run(try makeMachine(stress: true), kind: .words, width: width, seed: 4, steps: 200)
  }

  @Test func elementsWithoutWords() throws {
    let machine = try makeMachine()
    let vector = unsafe Vectors.make(machine.state, machine.descriptors.addVector(elementWords: 0, kind: .words))
    var nothing: UInt64 = 0
    for _ in 0..<100 { #expect(unsafe Vectors.push(machine.state, vector, &nothing)) }
    #expect(unsafe machine.call(Primitives.vectorReverse, vector) != nil)
    #expect(unsafe machine.call(Primitives.vectorFill, vector, 5) != nil)
    #expect(Vectors.count(vector) == 105)
  }

  @Test func elementsWithReferencesAmongNumbers() throws {
    let machine = try makeMachine(stress: true)
    let number = machine.descriptors.addVector(elementWords: 3, kind: .words, references: [1])
    let vector = unsafe Vectors.make(machine.state, number)
    _ = machine.addRoot(vector)
    let a = unsafe machine.state.pointee.stackBase
    for i in 0..<60 {
      unsafe a[0] = UInt64(i)
      unsafe a[1] = machine.string("element \(i)")
      unsafe a[2] = .max
      #expect(unsafe Vectors.push(machine.state, vector, a))
    }
    #expect(unsafe machine.call(Primitives.vectorRemove, vector, 10) != nil)
    let all = machine.elements(vector)
    for i in 0..<59 {
      #expect(Strings.text(all[i * 3 + 1]) == "element \(i < 10 ? i : i + 1)")
      #expect(all[i * 3] == UInt64(i < 10 ? i : i + 1))
    }
    #expect(unsafe machine.call(Primitives.vectorTruncate, vector, 5) != nil)
    for i in 0..<3 { unsafe a[i] = 0 }
    machine.heap.collect()
    #expect(machine.heap.statistics.liveObjects == 2 + 5)
  }

  @Test func positionsOutOfRangePanic() throws {
    let machine = try makeMachine()
    let vector = unsafe Vectors.make(machine.state, DescriptorTable.byteVector)
    for i in [-1, 1, Int.min, Int.max] {
      #expect(unsafe machine.call(Primitives.vectorInsert, vector, bits(i), 0) == nil)
      #expect(unsafe machine.state.pointee.panicReason == .indexOutOfRange)
      #expect(unsafe machine.state.pointee.panicIndex == i)
      #expect(unsafe machine.call(Primitives.vectorRemove, vector, bits(i)) == nil)
      #expect(unsafe machine.call(Primitives.vectorSlice, vector, 0, bits(i)) == nil)
    }
    #expect(unsafe machine.call(Primitives.vectorReserve, vector, bits(Int.max)) == nil)
    #expect(unsafe machine.call(Primitives.vectorFill, vector, bits(Int.max), 0) == nil)
    #expect(unsafe machine.state.pointee.panicReason == .outOfMemory)
    #expect(unsafe machine.call(Primitives.vectorReserve, vector, bits(-5)) != nil)
  }
}
