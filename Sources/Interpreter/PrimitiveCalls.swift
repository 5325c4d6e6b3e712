// The primitives by number. A switch, not a table: a Swift function value in memory would be retained
// and released around each call.

import Bytecode
import Runtime

/// False: a panic is pending.
@inline(never)
func callPrimitive(_ number: Int, _ m: MachinePointer, _ arguments: Arguments) -> Bool {
  // The number is the case's own; making it by `init(rawValue:)` was 2 % of a program that works on text.
  let primitive = unsafe unsafeBitCast(UInt8(truncatingIfNeeded: number), to: Primitive.self)
  // A macro that reached the outside in a way that its compiler did not see.
  if !primitive.isPure, unsafe m.pointee.isSealed { return unsafe raise(m, .invalidArgument, "a macro has no input, output or clock") }
  return switch primitive {
  // Strings
  case .stringLength: unsafe Primitives.stringLength(m, arguments)
  case .stringConcat: unsafe Primitives.stringConcat(m, arguments)
  case .stringSlice: unsafe Primitives.stringSlice(m, arguments)
  case .stringCompare: unsafe Primitives.stringCompare(m, arguments)
  case .stringFind: unsafe Primitives.stringFind(m, arguments)
  case .stringChars: unsafe Primitives.stringChars(m, arguments)
  case .stringStartsWith: unsafe Primitives.stringStartsWith(m, arguments)
  case .stringEndsWith: unsafe Primitives.stringEndsWith(m, arguments)
  case .stringTrim: unsafe Primitives.stringTrim(m, arguments)
  case .stringUpper: unsafe Primitives.stringUpper(m, arguments)
  case .stringLower: unsafe Primitives.stringLower(m, arguments)
  case .stringReplace: unsafe Primitives.stringReplace(m, arguments)
  case .stringParseInt: unsafe Primitives.stringParseInt(m, arguments)
  case .stringParseFloat: unsafe Primitives.stringParseFloat(m, arguments)
  // Building text: the first argument is a vector of u8
  case .textAddString: unsafe Primitives.textAddString(m, arguments)
  case .textAddShownString: unsafe Primitives.textAddShownString(m, arguments)
  case .textAddInt: unsafe Primitives.textAddInt(m, arguments)
  case .textAddUInt: unsafe Primitives.textAddUInt(m, arguments)
  case .textAddFloat: unsafe Primitives.textAddFloat(m, arguments)
  case .textAddF32: unsafe Primitives.textAddF32(m, arguments)
  case .textAddFixed: unsafe Primitives.textAddFixed(m, arguments)
  case .textAddRadix: unsafe Primitives.textAddRadix(m, arguments)
  case .textPad: unsafe Primitives.textPad(m, arguments)
  case .textAddChar: unsafe Primitives.textAddChar(m, arguments)
  case .textAddShownChar: unsafe Primitives.textAddShownChar(m, arguments)
  case .textAddBool: unsafe Primitives.textAddBool(m, arguments)
  case .textToString: unsafe Primitives.textToString(m, arguments)
  // Vectors; the element's words and kind are in the vector's descriptor
  case .vectorReserve: unsafe Primitives.vectorReserve(m, arguments)
  case .vectorInsert: unsafe Primitives.vectorInsert(m, arguments)
  case .vectorRemove: unsafe Primitives.vectorRemove(m, arguments)
  case .vectorErase: unsafe Primitives.vectorErase(m, arguments)
  case .vectorTruncate: unsafe Primitives.vectorTruncate(m, arguments)
  case .vectorSlice: unsafe Primitives.vectorSlice(m, arguments)
  case .vectorAppend: unsafe Primitives.vectorAppend(m, arguments)
  case .vectorReverse: unsafe Primitives.vectorReverse(m, arguments)
  case .vectorFill: unsafe Primitives.vectorFill(m, arguments)
  // Mathematics
  case .sin: unsafe Primitives.sin(m, arguments)
  case .cos: unsafe Primitives.cos(m, arguments)
  case .tan: unsafe Primitives.tan(m, arguments)
  case .asin: unsafe Primitives.asin(m, arguments)
  case .acos: unsafe Primitives.acos(m, arguments)
  case .atan: unsafe Primitives.atan(m, arguments)
  case .exp: unsafe Primitives.exp(m, arguments)
  case .log: unsafe Primitives.log(m, arguments)
  case .atan2: unsafe Primitives.atan2(m, arguments)
  case .pow: unsafe Primitives.pow(m, arguments)
  case .powInt: unsafe Primitives.powInt(m, arguments)
  case .floatBits: unsafe Primitives.floatBits(m, arguments)
  case .charFromInt: unsafe Primitives.charFromInt(m, arguments)
  // Macros
  case .freshNumber: unsafe Primitives.freshNumber(m, arguments)
  case .readSyntax: unsafe Primitives.readSyntax(m, arguments)
  case .failSyntax: unsafe Primitives.failSyntax(m, arguments)
  // The outside
  case .print: unsafe Primitives.print(m, arguments)
  case .eprint: unsafe Primitives.eprint(m, arguments)
  case .flush: unsafe Primitives.flush(m, arguments)
  case .readLine: unsafe Primitives.readLine(m, arguments)
  case .readFile: unsafe Primitives.readFile(m, arguments)
  case .writeFile: unsafe Primitives.writeFile(m, arguments)
  case .appendFile: unsafe Primitives.appendFile(m, arguments)
  case .argumentCount: unsafe Primitives.argumentCount(m, arguments)
  case .argument: unsafe Primitives.argument(m, arguments)
  case .environment: unsafe Primitives.environment(m, arguments)
  case .exit: unsafe Primitives.exit(m, arguments)
  case .nowMilliseconds: unsafe Primitives.nowMilliseconds(m, arguments)
  case .nowNanoseconds: unsafe Primitives.nowNanoseconds(m, arguments)
  case .sleepMilliseconds: unsafe Primitives.sleepMilliseconds(m, arguments)
  case .readKey: unsafe Primitives.readKey(m, arguments)
  case .terminalSize: unsafe Primitives.terminalSize(m, arguments)
  case .isTerminal: unsafe Primitives.isTerminal(m, arguments)
  case .collect: unsafe Primitives.collect(m, arguments)
  }
}
