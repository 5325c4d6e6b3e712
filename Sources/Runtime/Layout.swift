// What memory looks like: the shapes that compiled code, interpreter and collector agree on.
//
//   object   ┌ header (8) ┬ payload words … ┐     header: descriptor | unused | mark | flags
//   vector   ┌ header ┬ count ┬ storage ────┼──►  storage ┌ header ┬ byte capacity ┬ data … ┐
//   string   ┌ header ┬ byte count ┬ bytes … (padded to 8) ┐
//   closure  ┌ header ┬ slot number ┬ captured words … ┐
//   frame    … │ return pc │ R[0] R[1] …        R[-1] holds where the caller goes on
//
// All addresses are 8-byte aligned. A reference is the address of the header; 0 is no object.

/// An object's first word.
public struct ObjectHeader {
  /// The number of a descriptor, and so a version of its type's layout: stale checks ask about it.
  public var descriptor: UInt32
  public var unused: UInt16
  public var mark: UInt8
  public var flags: UInt8

  public static let immortal: UInt8 = 1  // never freed, e.g. literals

  // The same fields by their bits in the header word.
  public static let markShift: UInt64 = 48
  public static let markMask: UInt64 = 0xFF << 48
  public static let flagsShift: UInt64 = 56
}

/// Byte offsets from an object's address.
public enum Offset {
  public static let payload = 8
  public static let vectorCount = 8
  public static let vectorStorage = 16
  public static let storageCapacity = 8  // in bytes
  public static let storageData = 16
  public static let stringCount = 8
  public static let stringBytes = 16
  public static let closureSlot = 8
  public static let closureCaptures = 16
}

/// One entry of the dispatch table. A swap is one store to `entry`.
@safe
public struct Slot {
  /// First instruction of what calls run: the bytecode, or a word that leads into native code. `entry[-1]` holds the frame
  /// size in registers and `entry[-2]` the code's number.
  public var entry: UnsafePointer<UInt64>?
  /// What native code calls; never null. Without native code of its own the slot has one that answers `entry`, to be run.
  public var native: UnsafeRawPointer?
  /// First instruction of the current bytecode.
  public var bytecode: UnsafePointer<UInt64>?
  /// Registers of its frame.
  public var frameSize: UInt32
  /// The function, for traces and profiles.
  public var function: UInt32
}

/// How a vector stores its elements; the same numbers as the bytecode's `ElementKind`.
public enum StorageKind: UInt8, Sendable {
  case words  // zero or more 8-byte words
  case u8, i8, u16, i16, u32, i32, f32

  /// Bytes of one element of a packed kind; of one word for `words`.
  @inlinable public var byteCount: Int {
    switch self {
    case .words: 8
    case .u8, .i8: 1
    case .u16, .i16: 2
    case .u32, .i32, .f32: 4
    }
  }
}

/// Why code panicked; the low byte of `trap`'s operand. What stands above it is the number of a literal with the
/// message, plus 1.
public enum PanicReason: UInt8, Sendable {
  case explicit  // the message is in the machine
  case divisionByZero
  case indexOutOfRange  // the machine holds index and count
  case stackOverflow
  case outOfMemory
  case interrupted
  case stale
  case restart  // not a mistake: the developer asked to start afresh
  case exit  // not a mistake: the program asked to end
  case unreachable  // a fault of the compiler
  case invalidArgument  // the message is in the machine
  case outOfInstructions  // of a metered run
}
