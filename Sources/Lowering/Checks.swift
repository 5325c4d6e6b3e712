// Tests of objects whose layout may be an earlier one. The flag is in the type's layout, which is at hand
// wherever an object is read, so code without such types costs one test of a flag while it is lowered.
//
// Invariant: while a type is checked, every instruction that reads or writes words of its objects, or elements
// of its vectors, is dominated by a `checkstale` of the register. The length of a vector is the same in all
// layouts, and identity needs no words.

import Bytecode
import Frontend

extension Lowering {
  @inline(__always)
  func checkObject(_ register: Int, _ shape: Layout) {
    if shape.isChecked { assembler.emit(.checkStale, a: register) }
  }

  /// The same for a node's value, before a primitive gets it.
  @inline(__always)
  func checkObject(_ register: Int, ofType type: TypeID) {
    if !checkedTypes.isEmpty { checkObject(register, layout(type)) }
  }

  /// Brings the flags in the layouts up to date. O(types that ever had another layout).
  func refreshChecks() {
    for type in histories.keys where layouts.isKnown(type) {
      let isChecked: Bool
      switch layouts.layouts[Int(type.raw)].form {
      case .record, .boxedEnum, .vector: isChecked = !checkedTypes.isEmpty && mentions(type, checkedTypes)
      default: isChecked = false
      }
      layouts.layouts[Int(type.raw)].isChecked = isChecked
    }
  }
}
