// Operations that lowering turns into instructions instead of calls. The prelude declares them with
// `(intrinsic name [..] -> T)`, so their types are written once, in Lang; arithmetic and comparison,
// which take any number of arguments of one type, are known to the checker by `shape`.

public enum Intrinsic: UInt32, CaseIterable, Sendable {
  // Arithmetic on one numeric type; n-ary ones fold to the left
  case add, sub, mul, div, rem, min, max
  case pow  // takes two only
  case neg, abs
  case bitAnd, bitOr, bitXor, bitNot, shl, shr, ushr
  case sqrt, floor, ceil, round
  // Conversions from any numeric type (and Bool, Char where it says so)
  case toInt, toFloat, toI8, toI16, toI32, toU8, toU16, toU32, toU64, toF32
  case charCode  // Char -> Int
  // Comparisons; = and ordering take two or more
  case equal, notEqual, less, lessEqual, greater, greaterEqual
  case compare  // a a -> Int: -1, 0, 1
  case hash  // a -> Int
  case same  // record record -> Bool
  case not
  case isSome, isNone  // (Option a) -> Bool
  // Vectors
  case vecNew  // -> (Vec a), empty
  case vecLength, vecNth, vecSet, vecPush
  case vecChecked  // (Vec a) -> (Vec a): the same, and none of an earlier layout
  case vecPopLast  // (Vec a) -> a; the caller has checked that it is not empty
  // Strings
  case stringEqual
  case showInto  // (Vec U8) Int a -> (): adds the value, in the form a reader would accept, at a depth of nesting
  case displayInto  // (Vec U8) a -> (): adds the value as `str` has it
  // Control
  case panic  // String -> Never
  case callBoundary

  /// None behind it has a trait of its own, see `BuiltinTrait`.
  public static let lastOperator = Intrinsic.neg.rawValue

  /// The one the prelude calls so.
  public static func named(_ name: String) -> Intrinsic? {
    var raw: UInt32 = 0
    while let intrinsic = Intrinsic(rawValue: raw) {
      if intrinsic.name == name { return intrinsic }
      raw += 1
    }
    return nil
  }

  /// The name in the prelude's `intrinsic` forms; written out, as that of `Primitive` is.
  public var name: String {
    switch self {
    case .add: "add"
    case .sub: "sub"
    case .mul: "mul"
    case .div: "div"
    case .rem: "rem"
    case .min: "min"
    case .max: "max"
    case .pow: "pow"
    case .neg: "neg"
    case .abs: "abs"
    case .bitAnd: "bitAnd"
    case .bitOr: "bitOr"
    case .bitXor: "bitXor"
    case .bitNot: "bitNot"
    case .shl: "shl"
    case .shr: "shr"
    case .ushr: "ushr"
    case .sqrt: "sqrt"
    case .floor: "floor"
    case .ceil: "ceil"
    case .round: "round"
    case .toInt: "toInt"
    case .toFloat: "toFloat"
    case .toI8: "toI8"
    case .toI16: "toI16"
    case .toI32: "toI32"
    case .toU8: "toU8"
    case .toU16: "toU16"
    case .toU32: "toU32"
    case .toU64: "toU64"
    case .toF32: "toF32"
    case .charCode: "charCode"
    case .equal: "equal"
    case .notEqual: "notEqual"
    case .less: "less"
    case .lessEqual: "lessEqual"
    case .greater: "greater"
    case .greaterEqual: "greaterEqual"
    case .compare: "compare"
    case .hash: "hash"
    case .same: "same"
    case .not: "not"
    case .isSome: "isSome"
    case .isNone: "isNone"
    case .vecNew: "vecNew"
    case .vecLength: "vecLength"
    case .vecNth: "vecNth"
    case .vecSet: "vecSet"
    case .vecPush: "vecPush"
    case .vecChecked: "vecChecked"
    case .vecPopLast: "vecPopLast"
    case .stringEqual: "stringEqual"
    case .showInto: "showInto"
    case .displayInto: "displayInto"
    case .panic: "panic"
    case .callBoundary: "callBoundary"
    }
  }

  public enum Shape: Sendable {
    case arithmetic  // n n.. -> n
    case unaryArithmetic  // n -> n
    case bitwise  // integers: n n -> n
    case unaryBitwise
    case shift  // n Int -> n
    case floating  // f -> f
    case comparison  // a a.. -> Bool
    case conversion  // numeric -> fixed
    case declared  // as the prelude says
  }

  public var shape: Shape {
    switch self {
    case .add, .sub, .mul, .div, .rem, .min, .max, .pow: .arithmetic
    case .neg, .abs: .unaryArithmetic
    case .bitAnd, .bitOr, .bitXor: .bitwise
    case .bitNot: .unaryBitwise
    case .shl, .shr, .ushr: .shift
    case .sqrt, .floor, .ceil, .round: .floating
    case .equal, .notEqual, .less, .lessEqual, .greater, .greaterEqual: .comparison
    case .toInt, .toFloat, .toI8, .toI16, .toI32, .toU8, .toU16, .toU32, .toU64, .toF32: .conversion
    default: .declared
    }
  }
}
