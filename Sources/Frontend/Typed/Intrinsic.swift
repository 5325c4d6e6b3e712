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
  // Vectors
  case vecNew  // -> (Vec a), empty
  case vecLength, vecNth, vecSet, vecPush
  case vecPopLast  // (Vec a) -> a; the caller has checked that it is not empty
  // Strings
  case stringEqual
  case showInto  // (Vec U8) Int a -> (): adds the value, in the form a reader would accept, at a depth of nesting
  // Control
  case panic  // String -> Never
  case callBoundary

  /// The one the prelude calls so.
  public static func named(_ name: String) -> Intrinsic? { byName[name] }

  // Spelling a case asks the runtime's reflection, which takes a while: once for each.
  private static let byName = Dictionary(uniqueKeysWithValues: allCases.map { ("\($0)", $0) })

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
