package import Support

/// An executable file as linkers write it: what is loaded where, sections, and the names of addresses.
///
/// Source of the layout: System V ABI, chapter 4 "Object Files". Little endian, 32 or 64 bits.
package struct ELFImage: Sendable {
  /// Bytes that are in memory before the program starts.
  package struct Segment: Sendable {
    /// The physical address: where a programmer writes the bytes, also those of variables with an initial value.
    package let address: Int
    package let bytes: ArraySlice<UInt8>
  }

  package struct Section: Sendable {
    package let name: String
    package let address: Int
    package let size: Int
    /// Takes memory while the program runs.
    package let isAllocated: Bool
    package let isWritable: Bool
    /// Has no bytes in the file, only zeros in memory.
    package let isZero: Bool
  }

  package struct Symbol: Sendable {
    package let name: String
    /// For a function on Arm without the Thumb bit.
    package let address: Int
    package let size: Int
    package let isFunction: Bool

    package init(name: String, address: Int, size: Int, isFunction: Bool) {
      self.name = name
      self.address = address
      self.size = size
      self.isFunction = isFunction
    }
  }

  package private(set) var segments: [Segment] = []
  package private(set) var sections: [Section] = []
  /// By address; of several at one address the order of the file.
  package private(set) var symbols: [Symbol] = []
  /// Number of the instruction set, such as 40 for Arm.
  package let machine: Int
  /// What the instruction set's own rules say of the program, such as the generation of an AVR.
  package let flags: Int
  package let entry: Int

  private let reader: ByteReader
  private let is64: Bool

  package init(_ bytes: [UInt8], file: String) throws(Diagnostic) {
    reader = ByteReader(bytes, file: file, format: "elf")
    guard bytes.starts(with: [0x7F] + Array("ELF".utf8)) else {
      throw reader.failure("magic", at: 0, "is no ELF file")
    }
    is64 = try reader.uint8(at: 4, "the class") == 2
    guard try reader.uint8(at: 5, "the byte order") == 1 else {
      throw reader.failure("order", at: 5, "only little-endian files can be read")
    }
    machine = Int(try reader.uint16(at: 0x12, "the instruction set"))
    entry =
      is64
      ? Int(truncatingIfNeeded: try reader.uint64(at: 0x18, "the entry"))
      : Int(try reader.uint32(at: 0x18, "the entry"))
    flags = Int(try reader.uint32(at: is64 ? 0x30 : 0x24, "the flags"))
    try readSegments()
    try readSections()
  }

  /// A field as wide as an address.
  private func word(_ offset: Int) throws(Diagnostic) -> Int {
    guard is64 else { return Int(try reader.uint32(at: offset, "a field")) }
    guard let value = Int(exactly: try reader.uint64(at: offset, "a field")) else {
      throw reader.failure("field", at: offset, "the field is too large")
    }
    return value
  }

  private mutating func readSegments() throws(Diagnostic) {
    let table = try word(is64 ? 0x20 : 0x1C)
    let entrySize = Int(try reader.uint16(at: is64 ? 0x36 : 0x2A, "the size of a program header"))
    let count = Int(try reader.uint16(at: is64 ? 0x38 : 0x2C, "the number of program headers"))
    try requireHeaders(count, at: table, size: entrySize, smallest: is64 ? 56 : 32)
    for index in 0..<count {
      let header = try sum(table, index * entrySize)
      let isLoaded = try reader.uint32(at: header, "the type of a segment") == 1
      guard isLoaded else { continue }
      let offset = try word(header + (is64 ? 0x08 : 0x04))
      let address = try word(header + (is64 ? 0x18 : 0x0C))
      let size = try word(header + (is64 ? 0x20 : 0x10))
      if size > 0 { segments.append(Segment(address: address, bytes: try reader.slice(size, at: offset, "a segment"))) }
    }
  }

  /// Headers that overlap would let a short file have more content than bytes.
  private func requireHeaders(_ count: Int, at table: Int, size: Int, smallest: Int) throws(Diagnostic) {
    guard count > 0 else { return }
    guard size >= smallest else {
      throw reader.failure("header", at: table, "headers of \(size) bytes are too short")
    }
    try reader.require(count * size, at: table, "the table of headers")
  }

  private mutating func readSections() throws(Diagnostic) {
    struct Header {
      let nameOffset: Int
      let type: UInt32
      let flags: Int
      let address: Int
      let offset: Int
      let size: Int
      let link: Int
    }
    let table = try word(is64 ? 0x28 : 0x20)
    let entrySize = Int(try reader.uint16(at: is64 ? 0x3A : 0x2E, "the size of a section header"))
    let count = Int(try reader.uint16(at: is64 ? 0x3C : 0x30, "the number of sections"))
    let nameTable = Int(try reader.uint16(at: is64 ? 0x3E : 0x32, "the index of the section names"))
    try requireHeaders(count, at: table, size: entrySize, smallest: is64 ? 64 : 40)
    var headers: [Header] = []
    for index in 0..<count {
      let at = try sum(table, index * entrySize)
      headers.append(
        Header(
          nameOffset: Int(try reader.uint32(at: at, "the name of a section")),
          type: try reader.uint32(at: at + 4, "the type of a section"),
          flags: try word(at + 8),
          address: try word(at + (is64 ? 0x10 : 0x0C)),
          offset: try word(at + (is64 ? 0x18 : 0x10)),
          size: try word(at + (is64 ? 0x20 : 0x14)),
          link: Int(try reader.uint32(at: at + (is64 ? 0x28 : 0x18), "the link of a section"))))
    }
    func name(_ offset: Int, in table: Int) throws(Diagnostic) -> String {
      guard headers.indices.contains(table) else { return "" }
      return try string(at: try sum(headers[table].offset, offset))
    }
    let (noBits, symbolTable): (UInt32, UInt32) = (8, 2)
    for header in headers {
      sections.append(
        Section(
          name: try name(header.nameOffset, in: nameTable), address: header.address, size: header.size,
          isAllocated: header.flags & 2 != 0, isWritable: header.flags & 1 != 0, isZero: header.type == noBits))
    }
    let symbolSize = is64 ? 24 : 16
    // A file has one symbol table at most.
    for header in headers.filter({ $0.type == symbolTable }).prefix(1) {
      try reader.require(header.size, at: header.offset, "the symbol table")
      for index in 0..<header.size / symbolSize {
        let at = header.offset + index * symbolSize
        let info = try reader.uint8(at: at + (is64 ? 4 : 12), "the kind of a symbol")
        // Only objects, functions and plain labels; no files, sections and undefined ones.
        guard info & 15 <= 2, try reader.uint16(at: at + (is64 ? 6 : 14), "the section of a symbol") != 0 else {
          continue
        }
        let text = try name(Int(try reader.uint32(at: at, "the name of a symbol")), in: header.link)
        // Arm's mapping symbols only tell code from data.
        guard !text.isEmpty, !text.hasPrefix("$") else { continue }
        let isFunction = info & 15 == 2
        let value = try word(at + (is64 ? 8 : 4))
        let (arm, thumbBit) = (40, 1)
        symbols.append(
          Symbol(
            name: text, address: isFunction && machine == arm ? value & ~thumbBit : value,
            size: try word(at + (is64 ? 16 : 8)), isFunction: isFunction))
      }
    }
    symbols = symbols.enumerated().sorted { ($0.element.address, $0.offset) < ($1.element.address, $1.offset) }
      .map(\.element)
  }

  private func sum(_ a: Int, _ b: Int) throws(Diagnostic) -> Int {
    let (result, overflow) = a.addingReportingOverflow(b)
    guard !overflow else { throw reader.failure("offset", at: 0, "an offset is too large") }
    return result
  }

  private func string(at offset: Int) throws(Diagnostic) -> String {
    try reader.require(1, at: offset, "a name")
    let end = reader.bytes[offset...].firstIndex(of: 0) ?? reader.bytes.endIndex
    return String(decoding: reader.bytes[offset..<end], as: UTF8.self)
  }

  /// The address of the symbol `name`.
  package func address(of name: String) throws(Diagnostic) -> Int {
    guard let symbol = symbols.first(where: { $0.name == name }) else {
      throw Diagnostic("elf.symbol", at: .file(reader.file), "the program has no symbol `\(name)`")
    }
    return symbol.address
  }

  /// The address of the function `name`, also when the compiler made it special by a suffix such as `.constprop.0`,
  /// which some assemblers write with dollar signs.
  package func address(ofFunction name: String) throws(Diagnostic) -> Int {
    let symbol =
      symbols.first { $0.isFunction && $0.name == name }
      ?? symbols.first { $0.isFunction && Self.sourceName($0.name) == name }
    guard let symbol else {
      throw Diagnostic("elf.function", at: .file(reader.file), "the program has no function `\(name)`")
    }
    return symbol.address
  }

  /// The name of a function in its source, without what the compiler puts behind it.
  package static func sourceName(_ name: String) -> String { String(name.prefix { $0 != "." && $0 != "$" }) }

  /// The function that holds `address`; nil outside of all.
  package func function(at address: Int) -> Symbol? {
    symbols.last { $0.isFunction && $0.address <= address && address - $0.address < max($0.size, 1) }
  }
}
