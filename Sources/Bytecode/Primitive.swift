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
  case textNew  // -> v
  case textToString  // v -> string; the vector is not used any more
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

  /// The one whose name in the prelude that is.
  public static func named(_ name: String) -> Primitive? {
    var raw: UInt16 = 0
    while let primitive = Primitive(rawValue: raw) {
      if primitive.name == name { return primitive }
      raw += 1
    }
    return nil
  }

  /// The name in the prelude. Written out: asking the runtime's reflection for a case costs every start more
  /// than all the rest of the prelude's declarations.
  public var name: String {
    switch self {
    case .stringLength: "string-length"
    case .stringConcat: "string-concat"
    case .stringSlice: "string-slice"
    case .stringCompare: "string-compare"
    case .stringFind: "string-find"
    case .stringChars: "string-chars"
    case .stringStartsWith: "string-starts-with"
    case .stringEndsWith: "string-ends-with"
    case .stringTrim: "string-trim"
    case .stringUpper: "string-upper"
    case .stringLower: "string-lower"
    case .stringReplace: "string-replace"
    case .stringParseInt: "string-parse-int"
    case .stringParseFloat: "string-parse-float"
    case .textAddString: "text-add-string"
    case .textAddShownString: "text-add-shown-string"
    case .textAddInt: "text-add-int"
    case .textAddUInt: "text-add-u-int"
    case .textAddFloat: "text-add-float"
    case .textAddF32: "text-add-f32"
    case .textAddFixed: "text-add-fixed"
    case .textAddRadix: "text-add-radix"
    case .textPad: "text-pad"
    case .textAddChar: "text-add-char"
    case .textAddShownChar: "text-add-shown-char"
    case .textAddBool: "text-add-bool"
    case .textNew: "text-new"
    case .textToString: "text-to-string"
    case .vectorReserve: "vector-reserve"
    case .vectorInsert: "vector-insert"
    case .vectorRemove: "vector-remove"
    case .vectorErase: "vector-erase"
    case .vectorTruncate: "vector-truncate"
    case .vectorSlice: "vector-slice"
    case .vectorAppend: "vector-append"
    case .vectorReverse: "vector-reverse"
    case .vectorFill: "vector-fill"
    case .sin: "sin"
    case .cos: "cos"
    case .tan: "tan"
    case .asin: "asin"
    case .acos: "acos"
    case .atan: "atan"
    case .exp: "exp"
    case .log: "log"
    case .atan2: "atan2"
    case .pow: "pow"
    case .powInt: "pow-int"
    case .floatBits: "float-bits"
    case .charFromInt: "char-from-int"
    case .freshNumber: "fresh-number"
    case .readSyntax: "read-syntax"
    case .failSyntax: "fail-syntax"
    case .print: "print"
    case .eprint: "eprint"
    case .flush: "flush"
    case .readLine: "read-line"
    case .readFile: "read-file"
    case .writeFile: "write-file"
    case .appendFile: "append-file"
    case .argumentCount: "argument-count"
    case .argument: "argument"
    case .environment: "environment"
    case .exit: "exit"
    case .nowMilliseconds: "now-milliseconds"
    case .nowNanoseconds: "now-nanoseconds"
    case .sleepMilliseconds: "sleep-milliseconds"
    case .readKey: "read-key"
    case .terminalSize: "terminal-size"
    case .isTerminal: "is-terminal"
    case .collect: "collect"
    }
  }
}
