// The heap against a model in Swift: random graphs are built and cut in both, and after collections
// every object the model can reach must still hold what was written into it.

import CShims
import Runtime
import Testing

@Suite struct HeapTests {
  /// Objects of several sizes with references at several places, and vectors of references.
  struct Model {
    struct Node {
      var reference: UInt64
      var kind: Int
      var children: [Int]  // -1: null
      var tag: UInt64
    }
    var nodes: [Node] = []
  }

  /// `restoring`: every so many steps all that was done in as many again is taken back.
  static func run(_ machine: Machine, seed: UInt64, steps: Int, restoring: Int = 0, sourceLocation: SourceLocation = #_sourceLocation) {
    var random = Random(seed: seed)
    // Words; the last one is a tag, all others references, save for the 200-word kind (every third).
    let sizes = [2, 4, 9, 33, 66, 200, 700]
    let places = sizes.map { size in size < 200 ? Array(0..<size - 1) : Array(stride(from: 0, to: size - 1, by: 3)) }
    let kinds = sizes.indices.map { machine.descriptors.addObject(words: sizes[$0], references: places[$0]) }
    let vectorKind = machine.descriptors.addVector(elementWords: 1, kind: .words, references: [0])
    var model = Model()
    var held: [(root: Int, node: Int)] = []

    func field(_ node: Int, _ child: Int) -> Int { 8 + places[model.nodes[node].kind][child] * 8 }
    func get(_ node: Int, _ child: Int) -> UInt64 {
      let n = model.nodes[node]
      return n.kind == sizes.count
        ? word(Vectors.data(n.reference), child * 8) : word(n.reference, field(node, child))
    }
    func reachable() -> Set<Int> {
      var seen: Set<Int> = []
      var stack = held.map(\.node)
      while let n = stack.popLast() {
        if !seen.insert(n).inserted { continue }
        for c in model.nodes[n].children where c >= 0 { stack.append(c) }
      }
      return seen
    }
    func check() {
      for n in reachable() {
        let node = model.nodes[n]
        if node.kind == sizes.count {
          #expect(Vectors.count(node.reference) == node.children.count, "seed \(seed)", sourceLocation: sourceLocation)
        } else {
          #expect(word(node.reference, sizes[node.kind] * 8) == node.tag, "seed \(seed)", sourceLocation: sourceLocation)
        }
        for (i, c) in node.children.enumerated() {
          let expected = c < 0 ? 0 : model.nodes[c].reference
          if get(n, i) != expected { Issue.record("lost child, seed \(seed)", sourceLocation: sourceLocation); return }
        }
      }
    }

    func act() {
      switch random.below(10) {
      case 0...4:
        let kind = random.below(sizes.count + 1)
        let reference = unsafe kind == sizes.count
          ? Vectors.make(machine.state, vectorKind) : Heap.allocateObject(machine.state, kinds[kind])
        #expect(reference != 0)
        let tag = random.next64()
        var children: [Int] = []
        if kind < sizes.count {
          setWord(reference, sizes[kind] * 8, tag)
          children = Array(repeating: -1, count: places[kind].count)
        }
        model.nodes.append(.init(reference: reference, kind: kind, children: children, tag: tag))
        held.append((machine.addRoot(reference), model.nodes.count - 1))
      case 5...7:
        if held.count < 2 { return }
        let from = held[random.below(held.count)].node
        let to = held[random.below(held.count)].node
        var reference = model.nodes[to].reference
        if model.nodes[from].kind == sizes.count {
          #expect(unsafe Vectors.push(machine.state, model.nodes[from].reference, &reference))
          model.nodes[from].children.append(to)
        } else {
          let child = random.below(model.nodes[from].children.count)
          unsafe Heap.writeReference(machine.state, address(model.nodes[from].reference, field(from, child)), reference)
          model.nodes[from].children[child] = to
        }
      default:
        if held.count < 20 { return }
        let at = random.below(held.count)
        machine.removeRoot(held[at].root)
        held.swapAt(at, held.count - 1)
        held.removeLast()
      }
    }
    for step in 0..<steps {
      act()
      if step % 500 == 499 { check() }
      guard restoring > 0, step % restoring == restoring - 1 else { continue }
      guard let snapshot = machine.snapshot() else {
        Issue.record("no memory for a snapshot, seed \(seed)", sourceLocation: sourceLocation)
        return
      }
      let (before, nodes) = (model, held.map(\.node))
      for _ in 0..<restoring { act() }
      check()
      if random.below(4) == 0 {
        machine.drop(snapshot)
        continue
      }
      for (root, _) in held { machine.removeRoot(root) }
      // What the host has no more may be gone by now.
      if random.below(2) == 0 { machine.heap.collect() }
      machine.restore(snapshot)
      model = before
      held = nodes.map { (machine.addRoot(model.nodes[$0].reference), $0) }
      check()
    }
    machine.heap.collect()
    check()
    for (root, _) in held { machine.removeRoot(root) }
  }

  @Test(arguments: [1, 2, 3, 4] as [UInt64])
  func randomGraphs(seed: UInt64) throws {
    let machine = try makeMachine(budget: 1 << 18)
    Self.run(machine, seed: seed, steps: 20_000)
    #expect(machine.heap.statistics.collections > 3)
    machine.heap.collect()
    #expect(machine.heap.statistics.liveObjects == 0)
  }

  @Test(arguments: [5, 6, 7, 8] as [UInt64])
  func restored(seed: UInt64) throws {
    let machine = try makeMachine(budget: 1 << 18)
    Self.run(machine, seed: seed, steps: 10_000, restoring: 300)
    machine.heap.collect()
    #expect(machine.heap.statistics.liveObjects == 0)
  }

  @Test func restoredUnderStress() throws {
    Self.run(try makeMachine(stress: true), seed: 9, steps: 1_000, restoring: 100)
  }

  @Test func noRoomForASnapshot() throws {
    let machine = try makeMachine(heapLimit: 8 << 20, budget: 1 << 20)
    let kind = machine.descriptors.addObject(words: 1000, references: [])
    for _ in 0..<800 { _ = unsafe machine.addRoot(Heap.allocateObject(machine.state, kind)) }
    if let snapshot = machine.snapshot() {
      machine.drop(snapshot)
      Issue.record("a program that fills its memory has been copied")
    }
  }

  @Test func randomGraphsUnderStress() throws {
    Self.run(try makeMachine(stress: true), seed: 7, steps: 1_500)
  }

  @Test func randomGraphsWithATinyMarkStack() throws {
    let machine = try makeMachine(budget: 1 << 18)
    machine.heap.setMarkStackCapacity(16)
    Self.run(machine, seed: 11, steps: 10_000)
    #expect(machine.heap.statistics.markOverflows > 0)
  }

  @Test func deepList() throws {
    let machine = try makeMachine(heapLimit: 2 << 30, budget: 1 << 30)
    let cell = machine.descriptors.addObject(words: 2, references: [0, 1])
    let root = machine.addRoot(0)
    for _ in 0..<10_000_000 {
      let next = unsafe Heap.allocateObject(machine.state, cell)
      setWord(next, 8, machine.root(root))
      machine.setRoot(root, next)
    }
    machine.heap.collect()
    #expect(machine.heap.statistics.liveObjects == 10_000_000)
    machine.removeRoot(root)
    machine.heap.collect()
    #expect(machine.heap.statistics.liveObjects == 0)
  }

  @Test func interiorPointersOnTheStackKeepObjects() throws {
    let machine = try makeMachine()
    for words in [1, 5, 100, 3000, 100_000] {
      let kind = machine.descriptors.addObject(words: words)
      let object = unsafe Heap.allocateObject(machine.state, kind)
      #expect(object != 0)
      for offset in [0, 8, words * 8 / 2, words * 8 + 7] {
        unsafe machine.state.pointee.stackBase[3] = object + UInt64(offset)
        machine.heap.collect()
        #expect(machine.heap.statistics.liveObjects == 1)
        #expect(machine.heap.object(containing: object + UInt64(offset)) == object)
      }
      unsafe machine.state.pointee.stackBase[3] = 0
      machine.heap.collect()
      #expect(machine.heap.statistics.liveObjects == 0)
    }
  }

  @Test func wildWordsOnTheStackAreHarmless() throws {
    let machine = try makeMachine()
    let kind = machine.descriptors.addObject(words: 3)
    var random = Random(seed: 5)
    for _ in 0..<200 {
      let object = unsafe Heap.allocateObject(machine.state, kind)
      for i in 0..<64 {
        unsafe machine.state.pointee.stackBase[i] = object &+ UInt64(random.next() % (1 << 22)) &- (1 << 21)
      }
      machine.heap.collect()
    }
  }

  @Test func globalsAreRoots() throws {
    let machine = try makeMachine()
    let global = machine.addGlobals(words: 2)
    machine.setGlobal(global + 1, machine.string("kept"))
    machine.heap.collect()
    #expect(Strings.text(machine.global(global + 1)) == "kept")
    #expect(machine.heap.statistics.liveObjects == 1)
  }

  @Test func objectsBeginAsZeros() throws {
    let machine = try makeMachine(budget: 1 << 17)
    let kind = machine.descriptors.addObject(words: 7)
    for _ in 0..<20_000 {
      let object = unsafe Heap.allocateObject(machine.state, kind)
      for i in 1...7 {
        if word(object, i * 8) != 0 { Issue.record("not zero"); return }
        setWord(object, i * 8, .max)
      }
    }
  }

  @Test func outOfMemoryPanicsAndTheMachineGoesOn() throws {
    let machine = try makeMachine(heapLimit: 8 << 20, budget: 1 << 20)
    let cell = machine.descriptors.addObject(words: 3, references: [0])
    for _ in 0..<3 {
      let root = machine.addRoot(0)
      var made = 0
      while made < 10_000_000 {
        let next = unsafe Heap.allocateObject(machine.state, cell)
        if next == 0 { break }
        setWord(next, 8, machine.root(root))
        machine.setRoot(root, next)
        made += 1
      }
      #expect(made > 200_000 && made <= (8 << 20) / 32)
      #expect(unsafe machine.state.pointee.panicReason == .outOfMemory)
      #expect(String(decoding: machine.panicText(), as: UTF8.self) == "out of memory")
      machine.removeRoot(root)
      #expect(unsafe Heap.allocateObject(machine.state, cell) != 0)
    }
    #expect(unsafe Strings.make(machine.state, count: 64 << 20) == 0)
    #expect(unsafe Strings.make(machine.state, count: 1 << 20) != 0)
  }

  @Test func longBitmaps() throws {
    let machine = try makeMachine()
    let references = [0, 63, 64, 65, 127, 128, 199]
    let kind = machine.descriptors.addObject(words: 200, references: references)
    let object = unsafe Heap.allocateObject(machine.state, kind)
    _ = machine.addRoot(object)
    for i in 0..<200 { setWord(object, 8 + i * 8, machine.string("\(i)")) }
    machine.heap.collect()
    #expect(machine.heap.statistics.liveObjects == 1 + references.count)
    for i in references { #expect(Strings.text(word(object, 8 + i * 8)) == "\(i)") }
  }

  @Test func aFreedLargeObjectIsUsedAgain() throws {
    let machine = try makeMachine(heapLimit: 64 << 20, budget: 1 << 20)
    for _ in 0..<200 {
      let string = unsafe Strings.make(machine.state, count: 3 << 20)
      #expect(string != 0)
      for at in stride(from: 0, to: 3 << 20, by: 4093) where unsafe Strings.data(string)[at] != 0 { Issue.record("not zero") }
      unsafe memset(Strings.data(string), 1, 3 << 20)
    }
    #expect(machine.heap.statistics.heapBytes <= 64 << 20)
  }

  @Test func sizeClassesFit() {
    for bytes in Array(1...1100) + Array(stride(from: 1101, to: 40_000, by: 13)) {
      let index = SizeClass.of(bytes: bytes)
      if bytes > SizeClass.largest { #expect(index == SizeClass.count); continue }
      #expect(SizeClass.bytes(of: index) >= bytes)
      if index > 0 { #expect(SizeClass.bytes(of: index - 1) < bytes) }
    }
  }

  @Test func censusCountsStaleInstances() throws {
    let machine = try makeMachine()
    let (old, new) = (machine.descriptors.addObject(words: 1), machine.descriptors.addObject(words: 1))
    for _ in 0..<3 { _ = machine.addRoot(unsafe Heap.allocateObject(machine.state, old)) }
    _ = unsafe Heap.allocateObject(machine.state, old)
    machine.markStale(old, name: Array("Player".utf8))
    _ = machine.addRoot(unsafe Heap.allocateObject(machine.state, new))
    #expect(machine.census(of: [old, new]) == [old: 3, new: 1])
    #expect(machine.census(of: [old]) == [old: 3])
    #expect(machine.staleCount == 3)
  }
}
