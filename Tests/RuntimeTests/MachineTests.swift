// Code, slots, safepoints and the outside.

import CShims
import Runtime
import Testing

@Suite(.serialized) struct MachineTests {
  @Test func codeIsFoundByPC() throws {
    let machine = try makeMachine()
    var random = Random(seed: 9)
    var live: [(entry: UnsafePointer<UInt64>, words: [UInt64], number: Int)] = unsafe []
    for i in 0..<5000 {
      let words = (0..<1 + random.below(i % 100 == 0 ? 2000 : 90)).map { UInt64($0 + i) }
      let entry = unsafe try #require(machine.code.install(words, frameSize: i))
      #expect(unsafe entry[-1] == UInt64(i))
      unsafe live.append((entry, words, Int(entry[-2])))
      if i % 3 == 0 {
        let at = unsafe random.below(live.count)
        unsafe machine.code.free(live[at].entry)
        #expect(unsafe machine.code.find(live[at].entry) == nil)
        unsafe live.remove(at: at)
      }
    }
    #expect(machine.code.count < 4500)
    for unsafe code in unsafe live {
      for at in unsafe [0, code.words.count / 2, code.words.count - 1] {
        #expect(unsafe code.entry[at] == code.words[at])
        let found = unsafe machine.code.find(code.entry + at)
        #expect(unsafe found?.number == code.number && found?.word == at && found?.entry == code.entry)
      }
    }
    var outside: UInt64 = 0
    #expect(unsafe machine.code.find(&outside) == nil)
  }

  @Test func slotsStayWhereTheyAre() throws {
    let machine = try makeMachine()
    let slots = unsafe machine.state.pointee.slots
    for i in 0..<100_000 where machine.addSlot(function: UInt32(i)) != i { Issue.record("slot \(i)") }
    #expect(unsafe slots == machine.state.pointee.slots)
    #expect(unsafe slots[70_000].function == 70_000)
    let entry = unsafe try #require(machine.code.install([1, 2], frameSize: 3))
    unsafe machine.setEntry(5, entry)
    #expect(unsafe machine.entry(of: 5) == entry)
    #expect(unsafe slots[5].entry == entry && slots[5].frameSize == 3)
    machine.emptySlot(5)
    #expect(unsafe machine.entry(of: 5) == machine.code.missing)
    #expect(machine.addSlot() == 100_000)
  }

  @Test func anotherThreadWorksWhileTheProgramSleeps() throws {
    let machine = try makeMachine()
    #expect(machine.whileParked { 1 } == nil)
    let started = ContinuousClock.now
    let program = Background { unsafe machine.call(Primitives.sleepMilliseconds, 300) != nil }
    var done: Int?
    while done == nil { done = machine.whileParked { 7 } }
    #expect(done == 7)
    machine.requestSafepoint()
    #expect(program.value())
    #expect(ContinuousClock.now - started >= .milliseconds(300))
  }

  @Test func anInterruptEndsASleepAtOnce() throws {
    let machine = try makeMachine()
    let started = ContinuousClock.now
    let program = Background { unsafe machine.call(Primitives.sleepMilliseconds, 60_000) != nil }
    usleep(30_000)
    machine.requestInterrupt()
    #expect(program.value() == false)
    #expect(unsafe machine.state.pointee.panicReason == .interrupted)
    #expect(ContinuousClock.now - started < .seconds(10))
  }

  @Test func waitParkedEndsWithWake() throws {
    let machine = try makeMachine()
    machine.wake()
    #expect(machine.waitParked())
    let program = Background { machine.waitParked() }
    usleep(20_000)
    machine.wake()
    #expect(program.value())
    #expect(machine.waitParked(nanoseconds: 1000))
  }

  @Test func exitAndPanics() throws {
    let machine = try makeMachine()
    #expect(unsafe machine.call(Primitives.exit, 3) == nil)
    #expect(unsafe machine.state.pointee.panicReason == .exit && machine.state.pointee.exitCode == 3)
    _ = unsafe raiseIndex(machine.state, -5, count: 3)
    #expect(String(decoding: machine.panicText(), as: UTF8.self) == "index out of range: -5 is not in 0 to 2")
    _ = unsafe raise(machine.state, .invalidArgument, "odd")
    #expect(String(decoding: machine.panicText(), as: UTF8.self) == "odd")
  }

  @Test func files() throws {
    let machine = try makeMachine()
    let path = machine.string("/tmp/lang-runtime-test-\(getpid())")
    defer { unsafe _ = unlink("/tmp/lang-runtime-test-\(getpid())") }
    #expect(unsafe machine.call(Primitives.writeFile, path, machine.string("one\n"))?[0] == 1)
    #expect(unsafe machine.call(Primitives.appendFile, path, machine.string("two é\n"))?[0] == 1)
    let read = unsafe try #require(machine.call(Primitives.readFile, path))
    #expect(read[0] == 1 && Strings.text(read[1]) == "one\ntwo é\n")
    let missing = unsafe try #require(machine.call(Primitives.readFile, machine.string("/nowhere/at/all")))
    #expect(missing[0] == 0 && Strings.text(missing[1]) == "No such file or directory")
    #expect(unsafe machine.call(Primitives.readFile, machine.string("a\0b"))?[0] == 0)
    #expect(unsafe machine.call(Primitives.readFile, machine.string("/tmp"))?[0] == 0)
    #expect(unsafe machine.call(Primitives.environment, machine.string("PATH"))?[0] == 1)
    #expect(unsafe machine.call(Primitives.environment, machine.string("LANG_NO_SUCH"))?[0] == 0)
  }

  @Test func arguments() throws {
    let machine = try makeMachine()
    machine.arguments = [Array("first".utf8), [0xFF, 65]]
    #expect(unsafe machine.call(Primitives.argumentCount)?[0] == 2)
    #expect(unsafe machine.text(Primitives.argument, 0) == "first")
    #expect(unsafe machine.text(Primitives.argument, 1) == "\u{FFFD}A")
    #expect(unsafe machine.text(Primitives.argument, 2) == nil)
  }
}
