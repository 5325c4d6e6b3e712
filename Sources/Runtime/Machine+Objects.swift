// Objects that the host makes and reads, for values that cross between the compiler and a macro. The
// host knows the descriptors; here is how such an object lies in memory.
//
// Invariant: a reference the host holds across an allocation is a root or within one.

extension Machine {
  /// A string; 0 when memory is short. Program thread, as everything here.
  public func makeString(_ text: [UInt8]) -> UInt64 { unsafe Strings.make(state, text) }

  /// An empty vector; 0 when memory is short.
  public func makeVector(descriptor: UInt32) -> UInt64 { unsafe Vectors.make(state, descriptor) }

  /// Adds a reference to a vector of such, which a root keeps alive. False when memory is short.
  public func append(_ reference: UInt64, to vector: UInt64) -> Bool {
    var reference = reference
    unsafe state.pointee.scratch = reference
    defer { unsafe state.pointee.scratch = 0 }
    return unsafe Vectors.push(state, vector, &reference)
  }

  /// An object of these payload words; 0 when memory is short. `kept`, which may be among them, stays
  /// alive meanwhile; other references must be reachable.
  public func makeObject(descriptor: UInt32, _ words: InlineArray<5, UInt64>, keeping kept: UInt64) -> UInt64 {
    unsafe state.pointee.scratch = kept
    defer { unsafe state.pointee.scratch = 0 }
    let object = unsafe Heap.allocateObject(state, descriptor)
    if object != 0 { for i in words.indices { storeWord(object, Offset.payload &+ i &* 8, words[i]) } }
    return object
  }

  public func word(_ index: Int, of object: UInt64) -> UInt64 { loadWord(object, Offset.payload &+ index &* 8) }

  /// Payload word `index` of an object becomes another number.
  public func setWord(_ index: Int, of object: UInt64, _ value: UInt64) { storeWord(object, Offset.payload &+ index &* 8, value) }

  /// Payload word `index` of an object becomes another reference.
  public func setReference(_ index: Int, of object: UInt64, _ value: UInt64) {
    unsafe Heap.willOverwrite(state, object &+ UInt64(Offset.payload &+ index &* 8), words: 1)
    storeWord(object, Offset.payload &+ index &* 8, value)
  }

  /// The elements of a vector of references.
  public func elements(_ vector: UInt64) -> [UInt64] {
    let data = Vectors.data(vector)
    return (0..<Vectors.count(vector)).map { loadWord(data, $0 &* 8) }
  }

}

// Under other names, since the machine's own of these names hide them.
private func loadWord(_ object: UInt64, _ offset: Int) -> UInt64 { word(object, offset) }
private func storeWord(_ object: UInt64, _ offset: Int, _ value: UInt64) { setWord(object, offset, value) }

// MARK: - Primitives

extension Primitives {
  public static func freshNumber(_ m: MachinePointer, _ a: Arguments) -> Bool {
    let machine = unsafe m.owner
    machine.freshNumbers &+= 1
    unsafe set(a, 0, machine.freshNumbers)
    return true
  }

  public static func readSyntax(_ m: MachinePointer, _ a: Arguments) -> Bool {
    guard let hook = unsafe m.pointee.hooks.readSyntax else { return true }
    return unsafe hook(m.pointee.hooks.context, a[0])
  }

  public static func failSyntax(_ m: MachinePointer, _ a: Arguments) -> Bool {
    unsafe m.owner.failedForm = int(a, 0)
    return unsafe raise(m, message: a[1])
  }
}
