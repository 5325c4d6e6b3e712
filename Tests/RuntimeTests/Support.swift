// What the tests share: a seeded generator, machines, and short ways to call primitives.

import CShims
import Runtime
import Testing

/// PCG-XSH-RR 32; the seed is printed with a failure.
struct Random {
  private var state: UInt64
  init(seed: UInt64) { state = seed &* 2 &+ 1 }

  mutating func next() -> UInt32 {
    let old = state
    state = old &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    let xor = UInt32(truncatingIfNeeded: ((old >> 18) ^ old) >> 27)
    let turn = UInt32(old >> 59)
    return xor >> turn | xor << ((0 &- turn) & 31)
  }

  mutating func next64() -> UInt64 { UInt64(next()) << 32 | UInt64(next()) }
  mutating func below(_ n: Int) -> Int { Int(next()) % n }
}

func makeMachine(stress: Bool = false, heapLimit: Int = 256 << 20, budget: Int = 1 << 20) throws -> Machine {
  var options = MachineOptions.small
  options.heapLimit = heapLimit
  options.usualBudget = budget
  options.stress = stress
  return try #require(Machine(options))
}

extension Machine {
  func string(_ text: String) -> UInt64 { unsafe Strings.make(state, Array(text.utf8)) }

  /// Calls a primitive on the VM stack; nil when it panicked.
  func call(_ function: PrimitiveFunction, _ arguments: UInt64...) -> [UInt64]? {
    let a = unsafe state.pointee.stackBase
    for i in 0..<8 { unsafe a[i] = i < arguments.count ? arguments[i] : 0 }
    guard unsafe function(state, a) else { return nil }
    return (0..<8).map { unsafe a[$0] }
  }

  func text(_ function: PrimitiveFunction, _ arguments: UInt64...) -> String? {
    let a = unsafe state.pointee.stackBase
    for i in 0..<8 { unsafe a[i] = i < arguments.count ? arguments[i] : 0 }
    guard unsafe function(state, a) else { return nil }
    return unsafe Strings.text(a[0])
  }

  /// What a `textAdd…` primitive writes.
  func added(_ function: PrimitiveFunction, _ value: UInt64, _ detail: UInt64 = 0) -> String? {
    let vector = unsafe Vectors.make(state, DescriptorTable.byteVector)
    guard unsafe call(function, vector, value, detail) != nil else { return nil }
    return unsafe text(Primitives.textToString, vector)
  }

  func elements(_ vector: UInt64) -> [UInt64] {
    let row = unsafe descriptor(state, vector)
    let words = unsafe max(1, Int(row.pointee.words))
    var all: [UInt64] = []
    let buffer = UnsafeMutablePointer<UInt64>.allocate(capacity: words)
    defer { unsafe buffer.deallocate() }
    for i in 0..<Vectors.count(vector) {
      unsafe Vectors.loadElement(row, Vectors.data(vector) + UInt64(i * Int(row.pointee.elementBytes)), buffer)
      for w in 0..<words { all.append(unsafe buffer[w]) }
    }
    return all
  }
}

func bits(_ n: Int) -> UInt64 { UInt64(bitPattern: Int64(n)) }

/// A program on a thread of its own; tests must not block the threads that run them.
final class Background: @unchecked Sendable {
  private var thread = pthread_t()
  private let body: () -> Bool
  private var result = false

  init(_ body: @escaping () -> Bool) {
    self.body = body
    unsafe pthread_create(
      &thread, nil,
      { argument in
        guard let argument = unsafe argument else { return nil }
        let job = unsafe Unmanaged<Background>.fromOpaque(argument).takeUnretainedValue()
        job.result = job.body()
        return nil
      }, Unmanaged.passUnretained(self).toOpaque())
  }

  /// Waits for its end.
  func value() -> Bool {
    pthread_join(thread, nil)
    return result
  }
}
