import Support

/// A table of a FlatBuffers file; every access is checked against the bounds of the file.
///
/// Source of the format: "FlatBuffer Internals" of the FlatBuffers documentation. A table starts with the signed distance
/// back to its vtable; the vtable holds its own size, the table's size, and the offset of each field, 0 when absent.
struct FlatTable {
  /// How much may still be decoded: many fields can refer to one vector, so that a small file would need much memory.
  private final class Budget {
    var bytes: Int
    init(bytes: Int) { self.bytes = bytes }
  }

  let reader: ByteReader
  private let budget: Budget
  let offset: Int
  /// What the table is, for messages.
  let name: String
  private let vtable: Int
  private let vtableSize: Int

  /// The root table of a file.
  init(rootOf reader: ByteReader, name: String) throws(Diagnostic) {
    // Real files share no vectors; a factor of four leaves room for those that are read twice.
    let budget = Budget(bytes: 4 * reader.bytes.count)
    try self.init(reader, at: Int(try reader.uint32(at: 0, "the root offset")), name: name, budget)
  }

  private init(_ reader: ByteReader, at offset: Int, name: String, _ budget: Budget) throws(Diagnostic) {
    self.reader = reader
    self.budget = budget
    self.offset = offset
    self.name = name
    vtable = offset - Int(try reader.int32(at: offset, name))
    vtableSize = Int(try reader.uint16(at: vtable, "the vtable of \(name)"))
    guard vtableSize >= 4, vtableSize % 2 == 0 else {
      throw reader.failure("vtable", at: vtable, "the vtable of \(name) has the impossible size \(vtableSize)")
    }
    try reader.require(vtableSize, at: vtable, "the vtable of \(name)")
  }

  /// The position of a field in the file; nil when the field is absent.
  private func position(_ field: Int) throws(Diagnostic) -> Int? {
    let entry = 4 + 2 * field
    guard entry + 2 <= vtableSize else { return nil }
    let relative = Int(try reader.uint16(at: vtable + entry, "the vtable of \(name)"))
    return relative == 0 ? nil : offset + relative
  }

  func has(_ field: Int) throws(Diagnostic) -> Bool { try position(field) != nil }

  func uint8(_ field: Int, _ label: String, default value: UInt8 = 0) throws(Diagnostic) -> UInt8 {
    guard let position = try position(field) else { return value }
    return try reader.uint8(at: position, label)
  }

  func int8(_ field: Int, _ label: String) throws(Diagnostic) -> Int8 {
    Int8(bitPattern: try uint8(field, label))
  }

  func bool(_ field: Int, _ label: String) throws(Diagnostic) -> Bool { try uint8(field, label) != 0 }

  func int32(_ field: Int, _ label: String, default value: Int32 = 0) throws(Diagnostic) -> Int {
    guard let position = try position(field) else { return Int(value) }
    return Int(try reader.int32(at: position, label))
  }

  func uint32(_ field: Int, _ label: String) throws(Diagnostic) -> Int {
    guard let position = try position(field) else { return 0 }
    return Int(try reader.uint32(at: position, label))
  }

  func uint64(_ field: Int, _ label: String) throws(Diagnostic) -> UInt64 {
    guard let position = try position(field) else { return 0 }
    return try reader.uint64(at: position, label)
  }

  func float(_ field: Int, _ label: String) throws(Diagnostic) -> Float {
    guard let position = try position(field) else { return 0 }
    return Float(bitPattern: try reader.uint32(at: position, label))
  }

  func table(_ field: Int, _ label: String) throws(Diagnostic) -> FlatTable? {
    guard let position = try position(field) else { return nil }
    return try FlatTable(reader, at: position + Int(try reader.uint32(at: position, label)), name: label, budget)
  }

  /// Start of the elements and their number; the whole vector lies inside of the file. nil when absent.
  private func vector(
    _ field: Int, elementSize: Int, _ label: String
  ) throws(Diagnostic) -> (start: Int, count: Int)? {
    guard let position = try position(field) else { return nil }
    let start = position + Int(try reader.uint32(at: position, label))
    let count = Int(try reader.uint32(at: start, "the length of \(label)"))
    try reader.require(count * elementSize, at: start + 4, "\(label) (\(count) elements)")
    budget.bytes -= count * elementSize
    guard budget.bytes >= 0 else {
      throw reader.failure(
        "shared", at: start, "\(label): the fields of the file refer to the same data again and again")
    }
    return (start + 4, count)
  }

  func bytes(_ field: Int, _ label: String) throws(Diagnostic) -> [UInt8]? {
    guard let (start, count) = try vector(field, elementSize: 1, label) else { return nil }
    return Array(try reader.slice(count, at: start, label))
  }

  /// A string; bytes that are not UTF-8 are replaced.
  func string(_ field: Int, _ label: String) throws(Diagnostic) -> String {
    String(decoding: try bytes(field, label) ?? [], as: UTF8.self)
  }

  func int32s(_ field: Int, _ label: String) throws(Diagnostic) -> [Int]? {
    guard let (start, count) = try vector(field, elementSize: 4, label) else { return nil }
    var values: [Int] = []
    values.reserveCapacity(count)
    for i in 0..<count { values.append(Int(try reader.int32(at: start + 4 * i, label))) }
    return values
  }

  func floats(_ field: Int, _ label: String) throws(Diagnostic) -> [Float] {
    guard let (start, count) = try vector(field, elementSize: 4, label) else { return [] }
    var values: [Float] = []
    values.reserveCapacity(count)
    for i in 0..<count { values.append(Float(bitPattern: try reader.uint32(at: start + 4 * i, label))) }
    return values
  }

  func int64s(_ field: Int, _ label: String) throws(Diagnostic) -> [Int64] {
    guard let (start, count) = try vector(field, elementSize: 8, label) else { return [] }
    var values: [Int64] = []
    values.reserveCapacity(count)
    for i in 0..<count { values.append(Int64(bitPattern: try reader.uint64(at: start + 8 * i, label))) }
    return values
  }

  /// The tables of a vector; each is called `label` with its index.
  func tables(_ field: Int, _ label: String) throws(Diagnostic) -> [FlatTable] {
    guard let (start, count) = try vector(field, elementSize: 4, label) else { return [] }
    var tables: [FlatTable] = []
    for i in 0..<count {
      let position = start + 4 * i
      let target = position + Int(try reader.uint32(at: position, label))
      tables.append(try FlatTable(reader, at: target, name: "\(label)[\(i)]", budget))
    }
    return tables
  }
}
