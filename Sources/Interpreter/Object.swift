// A heap object as handlers see it, by the shapes of Runtime's Layout. Nothing is checked: what a
// register holds is known from static types, and bounds are compared by the handlers.

import Runtime

@safe
struct Object {
  let bits: UInt64
  @inline(__always) init(_ bits: UInt64) { self.bits = bits }

  @inline(__always) func word(_ i: Int) -> UnsafeMutablePointer<UInt64> {
    unsafe UnsafeMutablePointer<UInt64>(bitPattern: UInt(bits)).unsafelyUnwrapped + (Offset.payload / 8 &+ i)
  }
  /// Payload word `i`.
  @inline(__always) subscript(_ i: Int) -> UInt64 {
    get { unsafe word(i).pointee }
    nonmutating set { unsafe word(i).pointee = newValue }
  }

  @inline(__always) var descriptor: Int {
    Int(unsafe UnsafeRawPointer(bitPattern: UInt(bits)).unsafelyUnwrapped.load(as: UInt32.self))
  }

  // Closures
  @inline(__always) var closureSlot: Int { Int(truncatingIfNeeded: self[0]) }

  // Vectors
  @inline(__always) var count: Int {
    get { Int(truncatingIfNeeded: self[0]) }
    nonmutating set { self[0] = UInt64(truncatingIfNeeded: newValue) }
  }
  @inline(__always) var storage: Object { Object(self[1]) }

  // A vector's storage
  @inline(__always) var capacity: Int { Int(truncatingIfNeeded: self[0]) }
  @inline(__always) var data: UnsafeMutablePointer<UInt64> { unsafe word(1) }
  @inline(__always) var bytes: UnsafeMutableRawPointer { unsafe UnsafeMutableRawPointer(word(1)) }
}
