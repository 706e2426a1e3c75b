/// Bounds-checked little-endian reads from the bytes of a file.
///
/// Every read names the field that is read, so that a truncated or hostile file gives an error that says what is
/// missing at which offset. No read traps.
package struct ByteReader: Sendable {
  package let bytes: [UInt8]
  /// Name of the file, for diagnostics.
  package let file: String
  /// First part of the identifier of its diagnostics, such as `tflite`.
  let format: String
  /// The contents of files beside it that hold parts of it, by the names that it has for them.
  package let beside: [String: [UInt8]]

  package init(_ bytes: [UInt8], file: String, format: String, beside: [String: [UInt8]] = [:]) {
    self.bytes = bytes
    self.file = file
    self.format = format
    self.beside = beside
  }

  package func failure(_ id: String, at offset: Int, _ message: String) -> Diagnostic {
    Diagnostic("\(format).\(id)", at: .byte(file: file, offset: offset), message)
  }

  /// Fails unless the `count` bytes at `offset` are inside of the file.
  package func require(_ count: Int, at offset: Int, _ field: String) throws(Diagnostic) {
    guard offset >= 0, count >= 0, offset <= bytes.count, count <= bytes.count - offset else {
      throw failure(
        "bounds", at: offset,
        "\(field) needs \(count) byte\(count == 1 ? "" : "s") here, but the file ends at \(bytes.count)")
    }
  }

  package func uint8(at offset: Int, _ field: String) throws(Diagnostic) -> UInt8 {
    try require(1, at: offset, field)
    return bytes[offset]
  }

  package func uint16(at offset: Int, _ field: String) throws(Diagnostic) -> UInt16 {
    try require(2, at: offset, field)
    return UInt16(bytes[offset]) | UInt16(bytes[offset + 1]) << 8
  }

  package func uint32(at offset: Int, _ field: String) throws(Diagnostic) -> UInt32 {
    try require(4, at: offset, field)
    return (0..<4).reduce(0) { $0 | UInt32(bytes[offset + $1]) << UInt32(8 * $1) }
  }

  package func uint64(at offset: Int, _ field: String) throws(Diagnostic) -> UInt64 {
    try require(8, at: offset, field)
    return (0..<8).reduce(0) { $0 | UInt64(bytes[offset + $1]) << UInt64(8 * $1) }
  }

  package func int32(at offset: Int, _ field: String) throws(Diagnostic) -> Int32 {
    Int32(bitPattern: try uint32(at: offset, field))
  }

  package func slice(_ count: Int, at offset: Int, _ field: String) throws(Diagnostic) -> ArraySlice<UInt8> {
    try require(count, at: offset, field)
    return bytes[offset..<offset + count]
  }
}
