// The functions of the runtime that machine code calls on its cold ways. Between them and machine code stands a function that saves all
// registers, so that the hot ways around such a call have nothing to save: a function whose calls are all cold touches no stack.
//
// Invariant: what is called so has its words and its answer in registers for whole numbers.

import CLLVM
import Interpreter

struct ColdRuntime {
  /// Addresses.
  let resume, newObject, push, rare: UInt
  private let code: LinkedCode

  /// Compiles and links what stands between, once for a compiler.
  init(_ target: borrowing TargetMachine, _ linker: borrowing Linker) throws(CompileFailure) {
    let runtime = NativeRuntime.shared
    let ir = IRModule("cold", target)
    let pointer = ir.pointer, word = ir.word
    // nil: it answers nothing.
    let functions: [(name: String, address: UInt, result: IRType?, parameters: [IRType])] = [
      ("cold_resume", runtime.resume, pointer, [pointer, pointer, pointer]),
      ("cold_new", runtime.newObject, word, [pointer, pointer, pointer, word]),
      ("cold_push", runtime.push, ir.bit, [pointer, pointer, pointer, word, pointer]),
      ("cold_rare", runtime.rare, nil, [pointer, pointer]),
    ]
    for it in functions {
      let type = ir.function(it.result ?? ir.void, it.parameters)
      let function = ir.addFunction(it.name, type, .saving, isInternal: false)
      ir.begin(ir.block(in: function))
      let answer = ir.call(ir.address(it.address), type, it.parameters.indices.map { ir.parameter(function, $0) }, .c)
      ir.ret(it.result == nil ? nil : answer)
    }
    let addresses: [UInt]
    (code, addresses) = try linker.add(ir.emit(target), names: functions.map(\.name))
    (resume, newObject, push, rare) = (addresses[0], addresses[1], addresses[2], addresses[3])
  }
}
