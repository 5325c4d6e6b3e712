// Text to forms. The reader takes any bytes, never fails as a whole, and takes time linear in them.
//
// It reads leniently first: a `(` in column 0 within a balanced form is fine. Only when the end of the
// text is met inside a form does column 0 count: that form is read again up to the next `(` in column 0,
// reported and dropped, and from there on every `(` in column 0 begins a form. A string without an end
// is found out in the same way: the text is read once more, and now strings end there too. So a text is
// read three times at the very worst.
//
// Invariants: no recursion (an explicit stack, bounded by `maxDepth`; what nests deeper is skimmed over
// with a counter), and no allocation once the arrays have grown to the size of what is read.

/// Reads source text into its `tree`. Keep one and use it again: it allocates nothing once warm.
public struct Reader: ~Copyable {
  /// What the last read returned.
  public var tree = FormTree()
  /// What was wrong in it, in order of discovery. Places name no item yet (`ItemID.none`); their spans
  /// are relative to the same start as those of the tree.
  public internal(set) var problems: [Diagnostic] = []

  /// Larger texts are refused with E0111: a span has to fit in 32 bits with much to spare.
  public static let maxTextSize = 64 << 20
  /// Forms nested deeper are an error, because later passes recurse. As many frames has the stack.
  public static let maxDepth = 1000
  /// Longer names and numbers are an error.
  public static let maxNameLength = 1000
  /// Problems beyond this number in one text are not recorded.
  public static let maxProblems = 1000

  let classes = ByteClass.makeTable()
  /// What is open: the first `depth` frames. Inline, since an array asks for each push and pop whether
  /// anyone else holds it; the same reason keeps `pending` from shrinking.
  var stack = InlineArray<1000, Frame>(repeating: Frame())
  var depth = 0
  /// Finished forms whose parent is still open: the first `pendingCount`.
  var pending: [Form] = []
  var pendingCount = 0
  /// Whether the top of the stack is a quote or a `#_`, which the next form completes.
  var topIsPrefix = false
  /// Spans are relative to this offset of the text.
  var base = 0
  /// The end of the last token that could have gone on, had more text followed.
  var looseEnd = -1
  /// The form at hand has a misplaced closer or is too deep; that it is unclosed then follows from it.
  var isMisshapen = false
  var hasDeepForm = false
  var columnZeroEndsForms = false
  var columnZeroEndsStrings = false
  var reported = 0

  public init() {
    tree.nodes.reserveCapacity(1024)
    tree.children.reserveCapacity(1024)
    tree.ints.reserveCapacity(64)
    tree.floats.reserveCapacity(64)
    tree.strings.reserveCapacity(64)
    tree.stringBytes.reserveCapacity(1024)
    tree.roots.reserveCapacity(16)
    pending.reserveCapacity(1024)
  }

  /// Reads a whole text, such as a file or what was typed at a prompt: `tree.roots` are its forms
  /// without those that had to be dropped, and spans are relative to the start of the text.
  /// A byte order mark and a `#!` line at the start are skipped. O(length).
  public mutating func read(_ text: borrowing [UInt8], interner: inout Interner) {
    readAll(text.span, interner: &interner)
  }

  private mutating func readAll(_ text: Swift.Span<UInt8>, interner: inout Interner) {
    beginText(endingStrings: false)
    guard accepts(text) else { return }
    var at = Self.contentStart(text)
    var wantsForm = false
    while at < text.count {
      let piece = readPiece(text, from: at, base: 0, wantsForm: wantsForm, interner: &interner)
      if let piece {
        if piece.root != .none { tree.roots.append(piece.root) }
        at = piece.end
        wantsForm = true
      } else {
        beginText(endingStrings: true)
        at = Self.contentStart(text)
        wantsForm = false
      }
    }
  }
}

// MARK: - Reading in pieces, for the source store

/// A top-level form with the trivia behind it. Offsets are those of the text it was read from.
struct Piece {
  var start: Int
  /// Where the next form begins, or the end of the text.
  var end: Int
  /// The form; none for the trivia before the first one and for a form that had to be dropped.
  var root: Form
  /// How it reads depends on what is open at the end of the text.
  var isEntangled = false
}

extension Reader {
  /// Why the reader's loop came to a halt.
  enum Stop {
    /// Another form begins here.
    case form(at: Int)
    /// The end of the text, between two forms.
    case end
    /// The form was reported and given up; the next begins here.
    case broken(at: Int)
    /// The end of the text inside a list or vector. Not reported.
    case unclosed
    /// The end of the text inside a string. Not reported.
    case openString
    /// The end of the text inside a block comment, which was reported.
    case openComment
  }

  struct Frame {
    var kind = FrameKind.paren
    var start: UInt32 = 0
    var pendingBase: UInt32 = 0
    var nodeBase: UInt32 = 0
  }

  enum FrameKind: UInt8 {
    case paren, bracket, quote, quasiquote, unquote, unquoteSplicing, discard

    var isPrefix: Bool { rawValue > FrameKind.bracket.rawValue }
  }

  /// Forgets everything of the text before.
  mutating func beginText(endingStrings: Bool) {
    tree.removeAll()
    problems.removeAll(keepingCapacity: true)
    base = 0
    reported = 0
    columnZeroEndsForms = false
    columnZeroEndsStrings = endingStrings
  }

  /// Reports a text that is too large.
  mutating func accepts(_ text: Swift.Span<UInt8>) -> Bool {
    if text.count <= Self.maxTextSize { return true }
    report(
      .fileTooLarge, "this file is larger than 64 MB", 0, 0,
      help: "split it into several modules, or read the data at run time with `read-file`")
    return false
  }

  /// Where reading begins in a file: behind a byte order mark and a `#!` line.
  static func contentStart(_ text: Swift.Span<UInt8>) -> Int {
    var at = byteOrderMark(text)
    if at + 1 < text.count, text[at] == Byte.hash, text[at + 1] == Byte.bang {
      while at < text.count, text[at] != Byte.newline { at += 1 }
    }
    return at
  }

  private static func byteOrderMark(_ text: Swift.Span<UInt8>) -> Int {
    text.count >= 3 && text[0] == 0xef && text[1] == 0xbb && text[2] == 0xbf ? 3 : 0
  }

  /// Reads one piece, recovering from whatever is open at the end of the text. Spans become relative to
  /// `base`. Nil if the text has to be read again from its start with `beginText(endingStrings: true)`.
  mutating func readPiece(
    _ text: Swift.Span<UInt8>, from: Int, base: Int, wantsForm: Bool, interner: inout Interner
  ) -> Piece? {
    self.base = base
    let nodes = tree.nodes.count
    let children = tree.children.count
    let problemCount = problems.count
    let reportedBefore = reported
    while true {
      let stop = run(text, from: from, wantsForm: wantsForm, interner: &interner)
      var piece = Piece(start: from, end: text.count, root: finished)
      piece.isEntangled = columnZeroEndsForms
      switch stop {
      case .form(let at):
        piece.end = at
        return piece
      case .end: return piece
      case .openString: return nil
      case .openComment:
        piece.root = .none
        piece.isEntangled = true
        return piece
      case .broken(let at):
        piece.end = at
        piece.root = .none
        tree.nodes.removeLast(tree.nodes.count - nodes)
        tree.children.removeLast(tree.children.count - children)
        return piece
      case .unclosed:
        tree.nodes.removeLast(tree.nodes.count - nodes)
        tree.children.removeLast(tree.children.count - children)
        problems.removeLast(problems.count - problemCount)
        reported = reportedBefore
        columnZeroEndsForms = true
      }
    }
  }

  /// Reads one piece; nil if something is open at the end of the text.
  mutating func readLenientPiece(
    _ text: Swift.Span<UInt8>, from: Int, base: Int, wantsForm: Bool, interner: inout Interner
  ) -> Piece? {
    self.base = base
    switch run(text, from: from, wantsForm: wantsForm, interner: &interner) {
    case .form(let at): return Piece(start: from, end: at, root: finished)
    case .end: return Piece(start: from, end: text.count, root: finished)
    default: return nil
    }
  }

  /// Hands over the problems found so far.
  mutating func takeProblems() -> [Diagnostic] {
    if problems.isEmpty { return [] }
    var taken: [Diagnostic] = []
    swap(&taken, &problems)
    return taken
  }

  /// Reads the text of one item by itself. True if it is exactly one form (or, if `wantsForm` is false,
  /// none) with trivia behind, and would be so whatever else followed (`isFollowed`).
  mutating func readItem(
    _ text: Swift.Span<UInt8>, wantsForm: Bool, isFileStart: Bool, isFollowed: Bool,
    interner: inout Interner
  ) -> Bool {
    beginText(endingStrings: false)
    let from = isFileStart ? Self.contentStart(text) : 0
    // A `#!` line that lost its newline would take the next item in.
    if isFileStart, isFollowed, from == text.count, from > Self.byteOrderMark(text) { return false }
    guard case .end = run(text, from: from, wantsForm: wantsForm, interner: &interner) else {
      return false
    }
    if isFollowed, looseEnd == text.count { return false }
    guard wantsForm else { return true }
    guard finished != .none, tree[finished].start == 0 else { return false }
    tree.roots.append(finished)
    return true
  }
}
