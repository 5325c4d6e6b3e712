// The primitives by number, as functions of C: a Swift function value in memory would be retained and released around each call.

import Bytecode
import CShims
import Runtime

/// False: a panic is pending.
typealias PrimitiveFunction = @convention(c) (RawMachine, Registers) -> Bool

extension UnsafeMutableRawPointer {
  fileprivate var state: MachinePointer { unsafe assumingMemoryBound(to: MachineState.self) }
}

@safe
public enum PrimitiveTable {
  /// By the number of a primitive.
  nonisolated(unsafe) static let functions: UnsafePointer<PrimitiveFunction> = {
    let table = UnsafeMutablePointer<PrimitiveFunction>.allocate(capacity: Primitive.allCases.count)
    for primitive in Primitive.allCases { unsafe (table + Int(primitive.rawValue)).initialize(to: function(primitive)) }
    return unsafe UnsafePointer(table)
  }()

  /// What machine code calls for a primitive; one that reaches the outside is looked at first.
  public static func address(_ number: Int) -> UInt { unsafe unsafeBitCast(functions[number], to: UInt.self) }
}

/// False: a panic is pending.
@inline(__always)
func callPrimitive(_ number: Int, _ m: MachinePointer, _ arguments: Arguments) -> Bool {
  let run = unsafe m.pointee.interpreter.unsafelyUnwrapped.assumingMemoryBound(to: RunState.self)
  return unsafe run.pointee.primitives[number](m, arguments)
}

private func function(_ primitive: Primitive) -> PrimitiveFunction {
  switch primitive {
  // Strings
  case .stringLength: { unsafe Primitives.stringLength($0.state, $1) }
  case .stringConcat: { unsafe Primitives.stringConcat($0.state, $1) }
  case .stringSlice: { unsafe Primitives.stringSlice($0.state, $1) }
  case .stringCompare: { unsafe Primitives.stringCompare($0.state, $1) }
  case .stringFind: { unsafe Primitives.stringFind($0.state, $1) }
  case .stringChars: { unsafe Primitives.stringChars($0.state, $1) }
  case .stringStartsWith: { unsafe Primitives.stringStartsWith($0.state, $1) }
  case .stringEndsWith: { unsafe Primitives.stringEndsWith($0.state, $1) }
  case .stringTrim: { unsafe Primitives.stringTrim($0.state, $1) }
  case .stringUpper: { unsafe Primitives.stringUpper($0.state, $1) }
  case .stringLower: { unsafe Primitives.stringLower($0.state, $1) }
  case .stringReplace: { unsafe Primitives.stringReplace($0.state, $1) }
  case .stringParseInt: { unsafe Primitives.stringParseInt($0.state, $1) }
  case .stringParseFloat: { unsafe Primitives.stringParseFloat($0.state, $1) }
  // Building text: the first argument is a vector of u8
  case .textAddString: { unsafe Primitives.textAddString($0.state, $1) }
  case .textAddShownString: { unsafe Primitives.textAddShownString($0.state, $1) }
  case .textAddInt: { unsafe Primitives.textAddInt($0.state, $1) }
  case .textAddUInt: { unsafe Primitives.textAddUInt($0.state, $1) }
  case .textAddFloat: { unsafe Primitives.textAddFloat($0.state, $1) }
  case .textAddF32: { unsafe Primitives.textAddF32($0.state, $1) }
  case .textAddFixed: { unsafe Primitives.textAddFixed($0.state, $1) }
  case .textAddRadix: { unsafe Primitives.textAddRadix($0.state, $1) }
  case .textPad: { unsafe Primitives.textPad($0.state, $1) }
  case .textAddChar: { unsafe Primitives.textAddChar($0.state, $1) }
  case .textAddShownChar: { unsafe Primitives.textAddShownChar($0.state, $1) }
  case .textAddBool: { unsafe Primitives.textAddBool($0.state, $1) }
  case .textNew: { unsafe Primitives.textNew($0.state, $1) }
  case .textToString: { unsafe Primitives.textToString($0.state, $1) }
  // Vectors; the element's words and kind are in the vector's descriptor
  case .vectorReserve: { unsafe Primitives.vectorReserve($0.state, $1) }
  case .vectorInsert: { unsafe Primitives.vectorInsert($0.state, $1) }
  case .vectorRemove: { unsafe Primitives.vectorRemove($0.state, $1) }
  case .vectorErase: { unsafe Primitives.vectorErase($0.state, $1) }
  case .vectorTruncate: { unsafe Primitives.vectorTruncate($0.state, $1) }
  case .vectorSlice: { unsafe Primitives.vectorSlice($0.state, $1) }
  case .vectorAppend: { unsafe Primitives.vectorAppend($0.state, $1) }
  case .vectorReverse: { unsafe Primitives.vectorReverse($0.state, $1) }
  case .vectorFill: { unsafe Primitives.vectorFill($0.state, $1) }
  // Mathematics
  case .sin: { unsafe Primitives.sin($0.state, $1) }
  case .cos: { unsafe Primitives.cos($0.state, $1) }
  case .tan: { unsafe Primitives.tan($0.state, $1) }
  case .asin: { unsafe Primitives.asin($0.state, $1) }
  case .acos: { unsafe Primitives.acos($0.state, $1) }
  case .atan: { unsafe Primitives.atan($0.state, $1) }
  case .exp: { unsafe Primitives.exp($0.state, $1) }
  case .log: { unsafe Primitives.log($0.state, $1) }
  case .atan2: { unsafe Primitives.atan2($0.state, $1) }
  case .pow: { unsafe Primitives.pow($0.state, $1) }
  case .powInt: { unsafe Primitives.powInt($0.state, $1) }
  case .floatBits: { unsafe Primitives.floatBits($0.state, $1) }
  case .charFromInt: { unsafe Primitives.charFromInt($0.state, $1) }
  // Macros
  case .freshNumber: { unsafe Primitives.freshNumber($0.state, $1) }
  case .readSyntax: { unsafe Primitives.readSyntax($0.state, $1) }
  case .failSyntax: { unsafe Primitives.failSyntax($0.state, $1) }
  // The outside
  case .print: { unsafe isOpen($0.state) && Primitives.print($0.state, $1) }
  case .eprint: { unsafe isOpen($0.state) && Primitives.eprint($0.state, $1) }
  case .flush: { unsafe isOpen($0.state) && Primitives.flush($0.state, $1) }
  case .readLine: { unsafe isOpen($0.state) && Primitives.readLine($0.state, $1) }
  case .readFile: { unsafe isOpen($0.state) && Primitives.readFile($0.state, $1) }
  case .writeFile: { unsafe isOpen($0.state) && Primitives.writeFile($0.state, $1) }
  case .appendFile: { unsafe isOpen($0.state) && Primitives.appendFile($0.state, $1) }
  case .argumentCount: { unsafe isOpen($0.state) && Primitives.argumentCount($0.state, $1) }
  case .argument: { unsafe isOpen($0.state) && Primitives.argument($0.state, $1) }
  case .environment: { unsafe isOpen($0.state) && Primitives.environment($0.state, $1) }
  case .exit: { unsafe isOpen($0.state) && Primitives.exit($0.state, $1) }
  case .nowMilliseconds: { unsafe isOpen($0.state) && Primitives.nowMilliseconds($0.state, $1) }
  case .nowNanoseconds: { unsafe isOpen($0.state) && Primitives.nowNanoseconds($0.state, $1) }
  case .sleepMilliseconds: { unsafe isOpen($0.state) && Primitives.sleepMilliseconds($0.state, $1) }
  case .readKey: { unsafe isOpen($0.state) && Primitives.readKey($0.state, $1) }
  case .terminalSize: { unsafe isOpen($0.state) && Primitives.terminalSize($0.state, $1) }
  case .isTerminal: { unsafe isOpen($0.state) && Primitives.isTerminal($0.state, $1) }
  case .collect: { unsafe isOpen($0.state) && Primitives.collect($0.state, $1) }
  }
}

/// Whether a program may reach the outside: false, with a panic, for a macro that did in a way that its compiler did not see.
private func isOpen(_ m: MachinePointer) -> Bool {
  if unsafe m.pointee.isSealed { return unsafe raise(m, .invalidArgument, "a macro has no input, output or clock") }
  return true
}

/// The C library's functions of numbers, for machine code to call by themselves.
@safe
public enum MathFunctions {
  private typealias One = @convention(c) (Double) -> Double
  private typealias Two = @convention(c) (Double, Double) -> Double

  /// 0 for a primitive that is none of them.
  public static func address(_ primitive: Primitive) -> UInt {
    switch primitive {
    case .sin: one(sin)
    case .cos: one(cos)
    case .tan: one(tan)
    case .asin: one(asin)
    case .acos: one(acos)
    case .atan: one(atan)
    case .exp: one(exp)
    case .log: one(log)
    case .atan2: two(atan2)
    case .pow: two(pow)
    default: 0
    }
  }

  private static func one(_ function: One) -> UInt { unsafe unsafeBitCast(function, to: UInt.self) }
  private static func two(_ function: Two) -> UInt { unsafe unsafeBitCast(function, to: UInt.self) }
}
