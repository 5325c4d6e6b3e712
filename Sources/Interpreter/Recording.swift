// Recording one run of hot code: a table of handlers that note where they are and do what the instruction does, without fusions. It is on
// for some thousand instructions, once in a while, and costs nothing before and after.
//
//   counting table ── a place is hot ─► recording table ── the record is full ─► counting table
//
// A safepoint in between ends a record early, since it sets the normal table; what there is counts.

import Bytecode
import Runtime

@safe
public struct Recorder {
  /// Instructions of a record at most.
  public static let most = 4096
  /// Where instructions were, in their order.
  let positions: UnsafeMutablePointer<UInt>
  var count = 0
  var limit = 0
  /// Whether a record has been begun and not been handed over.
  var isOn = false

  init() { unsafe positions = .allocate(capacity: Self.most) }
}

extension Interpreter {
  /// From the next call or jump on the program's instructions are recorded, at most `limit` of them; then the `recorded` hook is called.
  /// Program thread, from the hook of a hot place. No effect while a record is being made.
  public func startRecording(limit: Int) {
    guard unsafe runState.pointee.hot != nil else { return }
    if unsafe runState.pointee.hot!.recorder.isOn {
      // A safepoint has ended it.
      if unsafe machine.state.pointee.handlers == HandlerTables.shared.counting { endRecording() } else { return }
    }
    unsafe runState.pointee.hot!.recorder.count = 0
    unsafe runState.pointee.hot!.recorder.limit = min(limit, Recorder.most)
    unsafe runState.pointee.hot!.recorder.isOn = true
    unsafe machine.setRunningHandlers(HandlerTables.shared.recording)
  }

  private func endRecording() { unsafe endRecord(runState) }
}

@inline(never)
private func endRecord(_ run: UnsafeMutablePointer<RunState>) {
  guard let hot = unsafe run.pointee.hot else { return }
  unsafe run.pointee.hot!.recorder.isOn = false
  unsafe hot.recorded(hot.context, hot.recorder.positions, hot.recorder.count)
}

/// Notes the position, then executes the instruction with the recording table as the one to go on with.
@c func opRecorded(_ pc: Code, _ r: Registers, _ t: Table, _ m: RawMachine) {
  let f = Frame(pc, r, t, m)
  let run = unsafe f.run
  guard let recorder = unsafe run.pointee.hot?.recorder, recorder.isOn else { return unsafe stopRecording(pc, r, t, m) }
  let count = recorder.count
  unsafe recorder.positions[count] = UInt(bitPattern: pc)
  unsafe run.pointee.hot!.recorder.count = count &+ 1
  if _slowPath(count &+ 1 >= recorder.limit) { return unsafe stopRecording(pc, r, t, m) }
  unsafe handler(of: pc, in: t + HandlerTables.unfusedOffset)(pc, r, t, m)
}

@inline(never) @c func stopRecording(_ pc: Code, _ r: Registers, _ t: Table, _ m: RawMachine) {
  let f = Frame(pc, r, t, m)
  f.save()
  let tables = HandlerTables.shared
  if unsafe f.machine.pointee.handlers == tables.recording { unsafe f.machine.owner.setRunningHandlers(f.machine.pointee.normalHandlers) }
  if unsafe f.run.pointee.hot?.recorder.isOn == true { unsafe endRecord(f.run) }
  unsafe handler(of: pc, in: tables.normal)(pc, r, tables.counting, m)
}
