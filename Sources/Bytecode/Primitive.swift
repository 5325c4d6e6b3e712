// The primitives: what the prelude, itself written in Lang, stands on. The name is what the prelude's
// text uses; arguments and results are registers. A primitive never allocates typed containers, only
// strings: a caller passes the vector to fill.

public enum Primitive: UInt16, CaseIterable, Sendable {
  // Strings
  case stringLength  // s -> bytes
  case stringConcat  // s t -> string
  case stringSlice  // s from to -> string; panics off scalar boundaries and out of range
  case stringCompare  // s t -> -1, 0, 1 by bytes
  case stringFind  // s part from -> byte offset or -1
  case stringChars  // s v -> (); appends the scalars to the vector of u32 elements
  case stringStartsWith, stringEndsWith  // s p -> bool
  case stringTrim, stringUpper, stringLower  // s -> string
  case stringReplace  // s from to -> string
  case stringParseInt  // s -> ok, int
  case stringParseFloat  // s -> ok, float
  // Building text: the first argument is a vector of u8
  case textAddString, textAddShownString  // v s -> (); raw; as the reader would accept it
  case textAddInt, textAddUInt  // v n -> ()
  case textAddFloat, textAddF32  // v f -> (); shortest that reads back the same
  case textAddFixed  // v f digits -> ()
  case textAddRadix  // v n base -> (); n without a sign, capital digits when 256 is added to the base
  case textPad  // v start spec filler -> (); fills what begins at byte `start` up, see FormatPart.pad
  case textAddChar, textAddShownChar  // v c -> ()
  case textAddBool  // v b -> ()
  case textToString  // v -> string
  // Vectors; the element's words and kind are in the vector's descriptor
  case vectorReserve  // v n -> ()
  case vectorInsert  // v i element.. -> (); panics out of range
  case vectorRemove  // v i -> (); panics out of range
  case vectorErase  // v i -> (); the element's words become 0, as if it had never been stored
  case vectorTruncate  // v n -> (); no effect when n >= count
  case vectorSlice  // v from to -> new vector of the same descriptor; panics out of range
  case vectorAppend  // v w -> ()
  case vectorReverse  // v -> (), in place
  case vectorFill  // v n element.. -> (); appends n times
  // Mathematics
  case sin, cos, tan, asin, acos, atan, exp, log  // f -> f
  case atan2, pow  // f f -> f
  case powInt  // n k -> n wrapping; a negative exponent panics
  case floatBits  // f -> its bits
  case charFromInt  // n -> scalar; panics when n is none
  // Macros
  case freshNumber  // -> n, another one each time
  case readSyntax  // syntax -> (); fills in the items of a form that the compiler has lent
  case failSyntax  // form message -> never; as `panic`, about a form
  // The outside: from here on, what macros may not call
  case print, eprint  // s -> ()
  case flush  // -> ()
  case readLine  // -> ok, string
  case readFile  // path -> ok, text or error
  case writeFile, appendFile  // path text -> ok, error
  case argumentCount  // -> n
  case argument  // i -> string
  case environment  // name -> ok, string
  case exit  // code -> never
  case nowMilliseconds, nowNanoseconds  // -> n
  case sleepMilliseconds  // n -> (); ends early for a safepoint request, then sleeps on
  case readKey  // -> ok, scalar; never blocks
  case terminalSize  // -> columns, rows
  case isTerminal  // -> bool
  case collect  // -> (); a full collection

  /// Whether the result depends on the arguments alone, and nothing else changes.
  public var isPure: Bool { rawValue < Primitive.print.rawValue }

  /// The name in the prelude, e.g. `string-slice` for `stringSlice`.
  public static func named(_ name: String) -> Primitive? { byName[name] }

  // Spelling a case asks the runtime's reflection, which takes a while: once for each.
  private static let byName = Dictionary(uniqueKeysWithValues: allCases.map { ($0.name, $0) })

  public var name: String {
    var kebab: [UInt8] = []
    for c in "\(self)".utf8 {
      if c >= UInt8(ascii: "A"), c <= UInt8(ascii: "Z") {
        kebab.append(UInt8(ascii: "-"))
        kebab.append(c + 32)
      } else {
        kebab.append(c)
      }
    }
    return String(decoding: kebab, as: UTF8.self)
  }
}
