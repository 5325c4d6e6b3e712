// Every code the compiler can report. `lang explain` and the golden tests are keyed by these.

public enum DiagnosticCode: String, CaseIterable, Sendable {
  // Reader
  case unreadableBytes = "E0101"  // invalid UTF-8
  case unclosedDelimiter = "E0102"
  case unexpectedCloser = "E0103"
  case unterminatedString = "E0104"
  case unterminatedComment = "E0105"
  case badEscape = "E0106"
  case badNumber = "E0107"
  case integerOutOfRange = "E0108"
  case badCharacter = "E0109"
  case nestingTooDeep = "E0110"
  case fileTooLarge = "E0111"
  case strayText = "E0112"  // e.g. a quote with nothing behind it, a brace, a bare `#`
  // Files
  case cannotReadFile = "E0120"
  case noMain = "E0121"
  case badMain = "E0122"
  case badProject = "E0123"  // a `project.lang` that is none, or a directory without
  case badModuleFile = "E0124"  // a file that cannot be a module where it stands
  // Definitions and names
  case unknownName = "E0201"
  case unknownType = "E0202"
  case duplicateDefinition = "E0203"
  case malformedDefinition = "E0204"
  case malformedForm = "E0205"
  case notADefinition = "E0206"  // an expression at top level
  case missingSignature = "E0207"
  case notAFunction = "E0208"
  case recursiveValueType = "E0209"  // a struct that contains itself by value
  case cyclicAlias = "E0210"
  case cyclicInitialiser = "E0211"
  case unknownModule = "E0212"
  case privateName = "E0213"
  case badImport = "E0215"  // malformed, or of oneself
  case unavailable = "E0214"  // a feature of the language this build does not take
  case badMigration = "E0216"  // a `migrate` that is malformed, or of a type that takes none
  // Traits
  case duplicateImplementation = "E0231"
  case incompleteImplementation = "E0232"
  case unknownMethod = "E0233"
  case wrongMethodSignature = "E0234"
  case traitAsType = "E0235"
  case badConstraint = "E0236"
  case badImplementation = "E0237"  // for every type, or for one that has the trait already
  // Types
  case typeMismatch = "E0301"
  case wrongArgumentCount = "E0302"
  case unknownField = "E0303"
  case cannotInfer = "E0304"
  case unknownLabel = "E0305"
  case literalOutOfRange = "E0306"
  case wrongTypeArguments = "E0307"
  case notNumeric = "E0308"
  case notComparable = "E0309"
  case notIterable = "E0310"
  case badFormat = "E0311"
  case tryOutsideResult = "E0312"
  case unsatisfiedConstraint = "E0313"
  case endlessResolution = "E0331"
  // Patterns
  case missingCase = "E0401"
  case badPattern = "E0402"
  case refutablePattern = "E0403"
  // Places and control
  case notMutable = "E0501"
  case notAPlace = "E0502"
  case recurOutsideLoop = "E0503"
  case recurNotInTail = "E0504"
  case breakOutsideLoop = "E0505"
  case returnOutsideFunction = "E0506"
  // Macros
  case macroAsValue = "E0701"
  case badQuote = "E0702"  // `~`, `~@` or `name#` where it means nothing
  case expansionFailed = "E0703"  // the macro panicked, or refused its arguments by `syntax-error`
  case expansionLimit = "E0704"  // instructions, memory, levels
  case impureMacro = "E0705"
  case cyclicMacro = "E0706"  // it would have to be expanded to be compiled
  // Limits
  case functionTooLarge = "E0601"
  case endlessInstantiation = "E0602"
  // Edits of a running program
  case cannotApplyLive = "E0901"
  // Warnings
  case openMigration = "W0201"  // a `migrate` that does not fit its type as it is
  case unreachableClause = "W0401"
  case unusedValue = "W0402"  // a literal or name in the middle of a body

  public var severity: Severity { rawValue.utf8.first == UInt8(ascii: "W") ? .warning : .error }
}
