// The functions in an object file: their names, offsets and sizes, from the symbol table of a 64-bit little-endian ELF file. LLVM's
// linker answers addresses of names that are seen outside only; from one of these and the offsets here follow those of all others.
//
//   header ─► section headers ─┬─► symbol table: name, section, offset, size
//                              └─► string table
//
// Invariant: nothing is read outside of the bytes at hand, whatever stands in them; what makes no sense ends the reading.

package struct ELFFunction: Equatable, Sendable {
  package var name: String
  /// The number of the section that it lies in.
  package var section: Int
  /// In bytes, from the section's start.
  package var offset: Int
  package var bytes: Int

  package init(name: String, section: Int, offset: Int, bytes: Int) {
    (self.name, self.section, self.offset, self.bytes) = (name, section, offset, bytes)
  }

  /// All functions that an object defines, local ones too; nil when the bytes are no such object. O(symbols).
  package static func all(in object: [UInt8]) -> [ELFFunction]? {
    let reader = Reader(bytes: object)
    guard object.count >= Header.bytes, Array(object[0..<6]) == [0x7F, 0x45, 0x4C, 0x46, 2, 1] else { return nil }
    guard let table = reader.offset(Header.sections), let size = reader.half(Header.sectionSize), let count = reader.half(Header.sectionCount),
      size >= Section.bytes, table + count * size <= object.count
    else { return nil }
    var functions: [ELFFunction] = []
    for i in 0..<count {
      let at = table + i * size
      guard let type = reader.word(at + Section.type) else { return nil }
      guard type == Section.symbols else { continue }
      guard let start = reader.offset(at + Section.start), let length = reader.offset(at + Section.length),
        let link = reader.word(at + Section.link), link < count, let names = reader.offset(table + link * size + Section.start),
        let namesLength = reader.offset(table + link * size + Section.length), length <= object.count, namesLength <= object.count
      else { return nil }
      for symbol in stride(from: start, to: start + length, by: Symbol.bytes) {
        guard let kind = reader.byte(symbol + Symbol.kind), let section = reader.half(symbol + Symbol.section) else { return nil }
        // A function, defined here.
        guard kind & 15 == Symbol.function, section != 0, section < count else { continue }
        guard let name = reader.word(symbol), let offset = reader.offset(symbol + Symbol.value), let bytes = reader.offset(symbol + Symbol.size),
          name < namesLength, let text = reader.text(names + name, end: names + namesLength)
        else { return nil }
        functions.append(ELFFunction(name: text, section: section, offset: offset, bytes: bytes))
      }
    }
    return functions
  }

  // Offsets of fields, in bytes, as the format has them.

  private enum Header {
    static let bytes = 64, sections = 40, sectionSize = 58, sectionCount = 60
  }
  private enum Section {
    static let bytes = 64, type = 4, start = 24, length = 32, link = 40
    /// The type of symbol tables.
    static let symbols = 2
  }
  private enum Symbol {
    static let bytes = 24, kind = 4, section = 6, value = 8, size = 16
    static let function: UInt8 = 2
  }

  private struct Reader {
    let bytes: [UInt8]

    func byte(_ at: Int) -> UInt8? { at >= 0 && at < bytes.count ? bytes[at] : nil }

    private func number(_ at: Int, _ width: Int) -> UInt64? {
      guard at >= 0, at <= bytes.count - width else { return nil }
      return (0..<width).reduce(0) { $0 | UInt64(bytes[at + $1]) << UInt64($1 * 8) }
    }

    func half(_ at: Int) -> Int? { number(at, 2).map { Int($0) } }
    func word(_ at: Int) -> Int? { number(at, 4).map { Int($0) } }

    /// nil also for what is too large to be added to another without care.
    func offset(_ at: Int) -> Int? { number(at, 8).flatMap { $0 < 1 << 48 ? Int($0) : nil } }

    func text(_ at: Int, end: Int) -> String? {
      guard end <= bytes.count, at < end, let zero = bytes[at..<end].firstIndex(of: 0) else { return nil }
      return String(decoding: bytes[at..<zero], as: UTF8.self)
    }
  }
}
