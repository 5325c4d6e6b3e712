// Takes samples of a running program:
//
//   a thread, each millisecond ── safepoint, please ─► the program's thread, at its next call or turn of a loop: stack, tier, time
//
// A sample weighs as much processor time as the program's thread has taken since the one before, so a collection or a long primitive
// counts in full where it ends, and waiting for input or the clock does not count. A program that waits is left alone.
//
// Invariant: samples are taken by the program's thread alone. Without a profiler a safepoint costs what it cost before.

import Frontend
import Interpreter
import JIT
import Lowering
import Runtime
import Synchronization

public final class Profiler: Sendable {
  /// Milliseconds between samples.
  static let period = 1
  /// As many samples are kept one by one: those of a quarter of an hour.
  private static let mostMoments = 1_000_000

  private struct Place: Hashable {
    /// -1 for frames that were left out.
    var slot: Int
    var position: UInt32
  }

  private struct Key: Hashable {
    var places: [Int32]
    var isMachineCode: Bool
  }

  private struct Taken {
    var places: [Place] = []
    var numbers: [Place: Int32] = [:]
    var indices: [Key: Int] = [:]
    var stacks: [(key: Key, samples: Int, time: Double)] = []
    var moments: [Profile.Moment] = []
    /// Of the program's thread when the last sample was taken.
    var last = 0.0
    var start = 0.0
    var wall = 0.0

    mutating func number(_ place: Place) -> Int32 {
      if let known = numbers[place] { return known }
      let number = Int32(places.count)
      places.append(place)
      numbers[place] = number
      return number
    }
  }

  private let taken = Mutex(Taken())
  private let isDue = Atomic(false)
  private let isOver = Atomic(false)
  private let changed = Condition()

  private let keepsOrder: Bool

  /// `keepsOrder`: samples are also kept one by one (`Profile.moments`).
  public init(keepsOrder: Bool = false) { self.keepsOrder = keepsOrder }

  /// From now on samples are taken. On the thread that is about to run the program.
  public func begin(_ session: Session) {
    taken.withLock {
      $0.last = Process.threadMicroseconds()
      $0.start = Process.microseconds()
    }
    Threads.start(stackBytes: 1 << 20) { [self] in
      while !changed.wait(atMost: Self.period, until: { isOver.load(ordering: .acquiring) }) {
        isDue.store(true, ordering: .releasing)
        session.requestSample()
      }
    }
  }

  /// No more are taken. The same thread.
  public func end() {
    isOver.store(true, ordering: .releasing)
    changed.signal()
    taken.withLock { $0.wall = Process.microseconds() - $0.start }
  }

  /// At a safepoint, on the program's thread.
  func sample(_ installation: Installation) {
    let origin = installation.interpreter.takeSafepointOrigin()
    guard isDue.exchange(false, ordering: .acquiring) else { return }
    let trace = installation.interpreter.currentTrace()
    let now = Process.threadMicroseconds()
    taken.withLock { taken in
      var places: [Int32] = []
      places.reserveCapacity(trace.depth)
      func add(_ entry: StackTrace.Entry) {
        guard let code = installation.code(entry.code) else { return }
        places.append(taken.number(Place(slot: code.slot, position: entry.word < code.positions.count ? code.positions[entry.word] : 0)))
      }
      if case .returned(let entry?) = origin { add(entry) }
      for entry in trace.inner { add(entry) }
      if trace.omitted > 0 { places.append(taken.number(Place(slot: -1, position: 0))) }
      for entry in trace.outer { add(entry) }
      let time = now - taken.last
      taken.last = now
      if places.isEmpty { return }
      let key = Key(places: places, isMachineCode: origin != .bytecode)
      let index = taken.indices[key] ?? taken.stacks.count
      if index == taken.stacks.count {
        taken.indices[key] = index
        taken.stacks.append((key, 0, 0))
      }
      taken.stacks[index].samples += 1
      taken.stacks[index].time += time
      if keepsOrder, taken.moments.count < Self.mostMoments {
        taken.moments.append(Profile.Moment(stack: index, end: Process.microseconds() - taken.start, time: time))
      }
    }
  }

  /// What was found. Once it has ended; the session is not edited meanwhile.
  public func profile(of session: Session) -> Profile {
    var profile = Profile()
    profile.units = session.machineCodeUnits
    profile.failures = session.statistics.native.failures.map { ($0.name, $0.reason) }
    let (places, stacks, moments, wall) = taken.withLock { ($0.places, $0.stacks, $0.moments, $0.wall) }
    profile.wall = wall
    profile.moments = moments
    session.compiling.withLock { _ in
      guard let world = session.world else { return }
      profile.frames = places.map { $0.slot < 0 ? .omission : Self.frame($0, world, session) }
      for file in Set(profile.frames.map(\.file)) where !file.isEmpty {
        let wanted = Set(profile.frames.filter { $0.file == file }.map(\.line))
        guard let id = world.program.source.store.file(at: file) else { continue }
        for (i, line) in world.program.source.store.text(of: id).split(separator: 10, omittingEmptySubsequences: false).enumerated()
        where wanted.contains(i + 1) {
          profile.sources[file, default: [:]][i + 1] = String(decoding: line, as: UTF8.self)
        }
      }
    }
    profile.stacks = stacks.map {
      Profile.Stack(frames: $0.key.places.map { Int($0) }, isMachineCode: $0.key.isMachineCode, samples: $0.samples, time: $0.time)
    }
    return profile
  }

  private static func frame(_ place: Place, _ world: World, _ session: Session) -> Profile.Frame {
    let name = session.functionName(ofSlot: place.slot, world)
    let program = world.program
    guard let info = world.installation.code(ofSlot: place.slot)?.info, program.lowering.item(of: info) != .none,
      info.definition == .none || program.env[info.definition].module != .prelude,
      let range = program.source.store.range(of: Frontend.Place(program.lowering.item(of: info), Span(place.position, place.position)))
    else { return Profile.Frame(function: name) }
    return Profile.Frame(function: name, file: range.path, line: range.start.line)
  }
}

extension Session {
  /// A sample of the program, if it runs and does not wait. Any thread.
  func requestSample() {
    guard let machine = world?.installation.machine else { return }
    if machine.whileParked({ true }) == nil { machine.requestSafepoint() }
  }
}
