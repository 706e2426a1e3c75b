/// A NumPy `.npy` array (format versions 1.0 to 3.0, C order, little endian).
///
/// Source of the format: NEP 1, "A Simple File Format for NumPy Arrays".
package struct NPYArray: Equatable, Sendable {
  /// Element types that occur as inputs, outputs and labels of networks.
  package enum Element: String, Sendable {
    case int8 = "|i1"
    case uint8 = "|u1"
    case bool = "|b1"
    case int16 = "<i2"
    case int32 = "<i4"
    case int64 = "<i8"
    case float32 = "<f4"
    case float64 = "<f8"

    package var size: Int {
      switch self {
      case .int8, .uint8, .bool: 1
      case .int16: 2
      case .int32, .float32: 4
      case .int64, .float64: 8
      }
    }
  }

  package let element: Element
  package let shape: [Int]
  package let bytes: [UInt8]

  package init(element: Element, shape: [Int], bytes: [UInt8]) {
    self.element = element
    self.shape = shape
    self.bytes = bytes
  }

  /// Reads the array in the file with the content `contents`.
  package init(_ contents: [UInt8], file: String) throws(Diagnostic) {
    let reader = ByteReader(contents, file: file, format: "npy")
    guard contents.starts(with: [0x93] + Array("NUMPY".utf8)) else {
      throw reader.failure("magic", at: 0, "is not a NumPy .npy file")
    }
    let version = try reader.uint8(at: 6, "the version")
    guard (1...3).contains(version) else { throw reader.failure("version", at: 6, "unknown .npy version \(version)") }
    let headerStart = version == 1 ? 10 : 12
    let headerSize =
      version == 1 ? Int(try reader.uint16(at: 8, "the header size")) : Int(try reader.uint32(at: 8, "the header size"))
    let header = String(decoding: try reader.slice(headerSize, at: headerStart, "the header"), as: UTF8.self)
    func value(_ key: String) -> Substring? {
      guard let start = header.firstRange(of: "'\(key)':")?.upperBound else { return nil }
      return header[start...].drop { $0 == " " }
    }
    guard let descr = value("descr"), let order = value("fortran_order"), let shapeText = value("shape") else {
      throw reader.failure("header", at: headerStart, "the header lacks descr, fortran_order or shape")
    }
    let typeName = descr.dropFirst().prefix { $0 != "'" }
    guard let element = Element(rawValue: String(typeName)) else {
      throw reader.failure(
        "type", at: headerStart,
        "element type \(typeName) is not supported; int8, uint8, int16, int32, int64, float32 are")
    }
    guard order.hasPrefix("False") else {
      throw reader.failure("order", at: headerStart, "Fortran order is not supported; save np.ascontiguousarray(x)")
    }
    var shape: [Int] = []
    var count = element.size
    for part in shapeText.dropFirst().prefix(while: { $0 != ")" }).split(separator: ",") {
      let digits = part.filter { $0 != " " }
      if digits.isEmpty { continue }
      guard let dimension = Int(digits), dimension >= 0 else {
        throw reader.failure("shape", at: headerStart, "`\(digits)` is not a dimension")
      }
      let (product, overflow) = count.multipliedReportingOverflow(by: dimension)
      guard !overflow else { throw reader.failure("shape", at: headerStart, "the shape is too large") }
      count = product
      shape.append(dimension)
    }
    self.element = element
    self.shape = shape
    self.bytes = Array(try reader.slice(count, at: headerStart + headerSize, "the data of shape \(shape)"))
  }

  /// The content of a version 1.0 file; the data start at a multiple of 64 bytes.
  package var contents: [UInt8] {
    let tuple = shape.map(String.init).joined(separator: ", ") + (shape.count == 1 ? "," : "")
    var header = "{'descr': '\(element.rawValue)', 'fortran_order': False, 'shape': (\(tuple)), }"
    header += String(repeating: " ", count: (64 - (11 + header.utf8.count) % 64) % 64) + "\n"
    let size = header.utf8.count
    return [0x93] + Array("NUMPY".utf8) + [1, 0, UInt8(size & 255), UInt8(size >> 8)] + Array(header.utf8) + bytes
  }
}
