package import Support

/// A message of the Protocol Buffers wire format; every access is checked against the bounds of the message.
///
/// Source of the format: "Encoding" of the Protocol Buffers documentation. A message is a sequence of fields, each a key
/// (field number and wire type as a varint) and a payload. Fields that nobody asks for are skipped.
///
/// Only the places of the fields are remembered, and a nested message is decoded when it is asked for: memory is bounded
/// by a multiple of the file's size, and so is time, because messages nest ``maximumDepth`` deep at most.
package struct ProtobufMessage: Sendable {
  package static let maximumDepth = 16

  /// What follows the key of a field.
  private enum WireType: UInt64, Sendable {
    case varint = 0
    case bits64 = 1
    case length = 2
    case bits32 = 5
  }

  private struct Field: Sendable {
    let number: Int32
    let wireType: WireType
    /// Where the payload stands, without the length of a length-delimited one.
    let start: Int
    let count: Int
  }

  let reader: ByteReader
  /// Where the message stands in the file.
  let range: Range<Int>
  /// What the message is, for messages to the user.
  let name: String
  private let depth: Int
  private let fields: [Field]

  /// The message that fills a whole file.
  package init(rootOf reader: ByteReader, name: String) throws(Diagnostic) {
    try self.init(reader, 0..<reader.bytes.count, name: name, depth: 0)
  }

  private init(_ reader: ByteReader, _ range: Range<Int>, name: String, depth: Int) throws(Diagnostic) {
    guard depth < Self.maximumDepth else {
      throw reader.failure("depth", at: range.lowerBound, "\(name) is nested more than \(Self.maximumDepth) deep")
    }
    self.reader = reader
    self.range = range
    self.name = name
    self.depth = depth
    var fields: [Field] = []
    var cursor = ProtobufCursor(reader, range, name)
    while !cursor.isAtEnd { fields.append(try Self.field(&cursor, name)) }
    self.fields = fields
  }

  private static func field(_ cursor: inout ProtobufCursor, _ name: String) throws(Diagnostic) -> Field {
    let start = cursor.position
    let key = try cursor.varint("the key of a field of \(name)")
    guard let number = Int32(exactly: key >> 3), (1..<1 << 29).contains(number) else {
      throw cursor.reader.failure("field", at: start, "\(name) has a field with the impossible number \(key >> 3)")
    }
    guard let wireType = WireType(rawValue: key & 7) else {
      throw cursor.reader.failure(
        "wire-type", at: start, "field \(number) of \(name) has the unknown wire type \(key & 7)")
    }
    let label = "field \(number) of \(name)"
    switch wireType {
    case .varint:
      let start = cursor.position
      _ = try cursor.varint(label)
      return Field(number: number, wireType: wireType, start: start, count: cursor.position - start)
    case .bits64: return Field(number: number, wireType: wireType, start: try cursor.skip(8, label), count: 8)
    case .bits32: return Field(number: number, wireType: wireType, start: try cursor.skip(4, label), count: 4)
    case .length:
      let place = cursor.position
      guard let count = Int(exactly: try cursor.varint("the length of \(label)")) else {
        throw cursor.reader.failure("bounds", at: place, "\(label) is longer than any file")
      }
      return Field(number: number, wireType: wireType, start: try cursor.skip(count, label), count: count)
    }
  }

  package func failure(_ id: String, _ message: String) -> Diagnostic {
    reader.failure(id, at: range.lowerBound, message)
  }

  package func has(_ number: Int32) -> Bool { fields.contains { $0.number == number } }

  private func cursor(_ field: Field, _ label: String) -> ProtobufCursor {
    ProtobufCursor(reader, field.start..<field.start + field.count, label)
  }

  private func wrongType(_ field: Field, _ label: String) -> Diagnostic {
    reader.failure(
      "wire-type", at: field.start, "\(label) of \(name) (field \(field.number)) has the wrong wire type")
  }

  // MARK: Length-delimited fields

  /// The fields with the number `number`, which must all be length-delimited.
  private func delimited(_ number: Int32, _ label: String) throws(Diagnostic) -> [Field] {
    let found = fields.filter { $0.number == number }
    for field in found where field.wireType != .length { throw wrongType(field, label) }
    return found
  }

  /// The bytes of a field; nil when it is absent. Of several the last one counts.
  package func bytes(_ number: Int32, _ label: String) throws(Diagnostic) -> ArraySlice<UInt8>? {
    guard let field = try delimited(number, label).last else { return nil }
    return try reader.slice(field.count, at: field.start, label)
  }

  /// A string, empty when it is absent; bytes that are not UTF-8 are replaced.
  package func string(_ number: Int32, _ label: String) throws(Diagnostic) -> String {
    String(decoding: try bytes(number, label) ?? [], as: UTF8.self)
  }

  package func strings(_ number: Int32, _ label: String) throws(Diagnostic) -> [String] {
    var strings: [String] = []
    for field in try delimited(number, label) {
      strings.append(String(decoding: try reader.slice(field.count, at: field.start, label), as: UTF8.self))
    }
    return strings
  }

  /// A nested message; nil when it is absent.
  package func message(_ number: Int32, _ label: String) throws(Diagnostic) -> ProtobufMessage? {
    let found = try delimited(number, label)
    guard let field = found.first else { return nil }
    guard found.count == 1 else {
      throw reader.failure("twice", at: found[1].start, "\(label) stands \(found.count) times in \(name)")
    }
    return try ProtobufMessage(reader, field.start..<field.start + field.count, name: label, depth: depth + 1)
  }

  /// Nested messages; each is called `label` with its index.
  package func messages(_ number: Int32, _ label: String) throws(Diagnostic) -> [ProtobufMessage] {
    var messages: [ProtobufMessage] = []
    for (index, field) in try delimited(number, label).enumerated() {
      let range = field.start..<field.start + field.count
      messages.append(try ProtobufMessage(reader, range, name: "\(label)[\(index)]", depth: depth + 1))
    }
    return messages
  }

  // MARK: Numbers

  /// A number that is stored as a varint; of several the last one counts.
  package func integer(_ number: Int32, _ label: String, default value: Int64 = 0) throws(Diagnostic) -> Int64 {
    guard let field = fields.last(where: { $0.number == number }) else { return value }
    guard field.wireType == .varint else { throw wrongType(field, label) }
    var cursor = cursor(field, label)
    return Int64(bitPattern: try cursor.varint(label))
  }

  package func float(_ number: Int32, _ label: String) throws(Diagnostic) -> Float {
    guard let field = fields.last(where: { $0.number == number }) else { return 0 }
    guard field.wireType == .bits32 else { throw wrongType(field, label) }
    return Float(bitPattern: try reader.uint32(at: field.start, label))
  }

  /// The values of a repeated field, whether they are packed into one payload or stand one by one.
  private func repeated<Value>(
    _ number: Int32, _ label: String, _ single: WireType, _ read: (inout ProtobufCursor) throws(Diagnostic) -> Value
  ) throws(Diagnostic) -> [Value] {
    var values: [Value] = []
    for field in fields where field.number == number {
      guard field.wireType == .length || field.wireType == single else { throw wrongType(field, label) }
      var cursor = cursor(field, label)
      while !cursor.isAtEnd { values.append(try read(&cursor)) }
    }
    return values
  }

  package func integers(_ number: Int32, _ label: String) throws(Diagnostic) -> [Int64] {
    try repeated(number, label, .varint) { (cursor) throws(Diagnostic) in
      Int64(bitPattern: try cursor.varint(label))
    }
  }

  package func floats(_ number: Int32, _ label: String) throws(Diagnostic) -> [Float] {
    try repeated(number, label, .bits32) { (cursor) throws(Diagnostic) in
      Float(bitPattern: try reader.uint32(at: try cursor.skip(4, label), label))
    }
  }

  package func doubles(_ number: Int32, _ label: String) throws(Diagnostic) -> [Double] {
    try repeated(number, label, .bits64) { (cursor) throws(Diagnostic) in
      Double(bitPattern: try reader.uint64(at: try cursor.skip(8, label), label))
    }
  }
}

/// A position that moves through a part of a file.
struct ProtobufCursor {
  let reader: ByteReader
  let end: Int
  /// What the part is, for messages.
  let name: String
  private(set) var position: Int

  init(_ reader: ByteReader, _ range: Range<Int>, _ name: String) {
    self.reader = reader
    self.name = name
    position = range.lowerBound
    end = range.upperBound
  }

  var isAtEnd: Bool { position >= end }

  /// Moves over `count` bytes and gives their place.
  mutating func skip(_ count: Int, _ label: String) throws(Diagnostic) -> Int {
    guard count >= 0, count <= end - position else {
      throw reader.failure(
        "bounds", at: position,
        "\(label) needs \(count) byte\(count == 1 ? "" : "s") here, but \(name) ends at \(end)")
    }
    defer { position += count }
    return position
  }

  /// A number in groups of 7 bits, low ones first; all but the last byte have the highest bit set.
  mutating func varint(_ label: String) throws(Diagnostic) -> UInt64 {
    let start = position
    var value: UInt64 = 0
    for shift in stride(from: UInt64(0), to: 70, by: 7) {
      let byte = UInt64(try reader.uint8(at: try skip(1, label), label))
      // The tenth byte holds the last of 64 bits.
      guard shift < 63 || byte <= 1 else { break }
      value |= (byte & 0x7F) << shift
      if byte < 0x80 { return value }
    }
    throw reader.failure("varint", at: start, "\(label) is a number of more than 64 bits")
  }
}
