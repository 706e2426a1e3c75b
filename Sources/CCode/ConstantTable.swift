/// A constant array of the emitted C.
package struct ConstantTable: Equatable, Sendable {
  package let name: String
  /// Element type, such as `int8_t`.
  package let type: String
  package let values: [Int32]
  /// Values on one line of the C; the rows show the shape.
  package let rowLength: Int
  /// What it holds and in which shape.
  package let comment: String
  /// Read by plain pointers, so that it can't lie in a memory of its own.
  package let isReadAsData: Bool

  package init(
    name: String, type: String, values: [Int32], rowLength: Int, comment: String, isReadAsData: Bool = false
  ) {
    self.name = name
    self.type = type
    self.values = values
    self.rowLength = max(1, rowLength)
    self.comment = comment
    self.isReadAsData = isReadAsData
  }

  /// Bytes in flash.
  package var byteCount: Int { values.count * (type == "int32_t" ? 4 : type == "int16_t" ? 2 : 1) }

  /// Whether one can stand for the other.
  package func isSame(as other: ConstantTable) -> Bool {
    type == other.type && isReadAsData == other.isReadAsData && values == other.values
  }

  private static let maximumLine = 116

  /// A declaration of the table for another file.
  package var declaration: String { "extern const \(type) \(name)[\(values.count)];" }

  /// The rows of values, without a line break at the end.
  package var rows: String { String(decoding: rowBytes, as: UTF8.self) }

  /// The definition with its comment, without a line break at the end.
  ///
  /// - Parameters:
  ///   - linkage: `static `, or empty for a table that other files read.
  ///   - qualifier: stands behind the declarator, unless the table is read as data: the macro that puts it into flash.
  package func definition(linkage: String, qualifier: String) -> String {
    let head =
      "/* \(comment) */\n\(linkage)const \(type) \(name)[\(values.count)]\(isReadAsData ? "" : " \(qualifier)") = {\n"
    return String(decoding: Array(head.utf8) + rowBytes + Array("\n};".utf8), as: UTF8.self)
  }

  private var rowBytes: [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(values.count * 5 + 256)
    var column = 0
    for (index, value) in values.enumerated() {
      // INT32_MIN has no decimal literal of type int.
      let digits = value == Int32.min ? Array("-2147483647 - 1".utf8) : Self.digits(value)
      if index % rowLength == 0 || column + digits.count + 2 > Self.maximumLine {
        if index > 0 { bytes.append(0x0A) }
        bytes += [0x20, 0x20, 0x20, 0x20]
        column = 4
      } else {
        bytes.append(0x20)
        column += 1
      }
      bytes += digits
      column += digits.count + 1
      if index + 1 < values.count { bytes.append(0x2C) }
    }
    return bytes
  }

  private static let small: [[UInt8]] = (-128..<256).map { Array("\($0)".utf8) }

  private static func digits(_ value: Int32) -> [UInt8] {
    (-128..<256).contains(value) ? small[Int(value) + 128] : Array("\(value)".utf8)
  }
}
