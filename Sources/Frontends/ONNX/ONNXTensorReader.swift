import IR
import Support

/// Decodes `TensorProto` messages.
///
/// Source of the field numbers: `onnx/onnx.proto`, also of the other messages in this folder.
enum ONNXTensorReader {
  static func read(_ message: ProtobufMessage) throws(Diagnostic) -> ONNXConstant {
    let number = try message.integer(2, "data_type")
    guard let element = ONNXElement(rawValue: number) else {
      throw message.failure("type", "\(message.name) has the unknown element type \(number)")
    }
    if element == .string { return try strings(message) }
    guard let bits = element.bits else {
      throw message.failure("type", "\(message.name) holds \(element.refusal)")
    }
    guard !message.has(3) else { throw message.failure("segment", "\(message.name) is a segment of a tensor") }
    let shape = try shape(message)
    let count = shape.elementCount
    if let external = try ONNXExternalData(message) {
      let data = try external.bytes((count * bits + 7) / 8)
      return ONNXConstant(element, shape, try raw(Array(data), element, bits, count, message))
    }
    if let data = try message.bytes(9, "raw_data") {
      return ONNXConstant(element, shape, try raw(Array(data), element, bits, count, message))
    }
    return ONNXConstant(element, shape, try typed(element, count, message))
  }

  /// Strings stand for their places in the tensor: only labels of classes are ones.
  private static func strings(_ message: ProtobufMessage) throws(Diagnostic) -> ONNXConstant {
    let shape = try shape(message)
    let count = try message.strings(6, "string_data").count
    guard count == shape.elementCount else {
      throw message.failure("data", "\(message.name) has \(count) strings, but needs \(shape.elementCount)")
    }
    return ONNXConstant(.string, shape, .ints((0..<count).map { Int64($0) }))
  }

  private static func shape(_ message: ProtobufMessage) throws(Diagnostic) -> Shape {
    var dims: [Int] = []
    for dim in try message.integers(1, "dims") {
      guard let dim = Int(exactly: dim) else { throw message.failure("shape", "a dimension has more than 63 bits") }
      dims.append(dim)
    }
    do throws(Diagnostic) {
      return try Shape(dims)
    } catch {
      throw error.located(.byte(file: message.reader.file, offset: message.range.lowerBound))
    }
  }

  /// `raw_data`: little-endian elements; those of four bits two to a byte, low half first.
  private static func raw(
    _ data: [UInt8], _ element: ONNXElement, _ bits: Int, _ count: Int, _ message: ProtobufMessage
  ) throws(Diagnostic) -> ONNXConstant.Values {
    guard data.count == (count * bits + 7) / 8 else {
      throw message.failure(
        "data", "\(message.name) has \(data.count) bytes of data, but needs \((count * bits + 7) / 8)")
    }
    let size = bits / 8
    let words = (0..<count).map { (index: Int) -> UInt64 in
      if bits == 4 { return UInt64(data[index / 2] >> (index % 2 == 0 ? 0 : 4) & 15) }
      return (0..<size).reduce(0) { $0 | UInt64(data[size * index + $1]) << UInt64(8 * $1) }
    }
    if element.isFloat { return .floats(words.map { float($0, element) }) }
    return .ints(try integers(words, element, message))
  }

  /// The fields for single element types.
  private static func typed(
    _ element: ONNXElement, _ count: Int, _ message: ProtobufMessage
  ) throws(Diagnostic) -> ONNXConstant.Values {
    func check(_ found: Int, _ needed: Int) throws(Diagnostic) {
      guard found == needed else {
        throw message.failure("data", "\(message.name) has \(found) elements of data, but needs \(needed)")
      }
    }
    switch element {
    case .float32:
      let values = try message.floats(4, "float_data")
      try check(values.count, count)
      return .floats(values)
    case .float64:
      let values = try message.doubles(10, "double_data")
      try check(values.count, count)
      return .floats(values.map { Float($0) })
    case .int64:
      let values = try message.integers(7, "int64_data")
      try check(values.count, count)
      return .ints(values)
    case .uint32, .uint64:
      let values = try message.integers(11, "uint64_data")
      try check(values.count, count)
      return .ints(try integers(values.map { UInt64(bitPattern: $0) }, element, message))
    case .int4, .uint4:
      let values = try message.integers(5, "int32_data")
      try check(values.count, (count + 1) / 2)
      let words = (0..<count).map { UInt64(truncatingIfNeeded: values[$0 / 2] >> ($0 % 2 == 0 ? 0 : 4)) & 15 }
      return .ints(try integers(words, element, message))
    default:
      let values = try message.integers(5, "int32_data")
      try check(values.count, count)
      let words = values.map { UInt64(bitPattern: $0) }
      return element.isFloat ? .floats(words.map { float($0, element) }) : .ints(try integers(words, element, message))
    }
  }

  /// The number with the bit pattern `word`.
  private static func float(_ word: UInt64, _ element: ONNXElement) -> Float {
    switch element {
    case .float16: halfPrecision(UInt16(truncatingIfNeeded: word))
    case .bfloat16: Float(bitPattern: UInt32(truncatingIfNeeded: word) << 16)
    case .float64: Float(Double(bitPattern: word))
    default: Float(bitPattern: UInt32(truncatingIfNeeded: word))
    }
  }

  /// IEEE 754 half precision: 1 sign bit, 5 bits of exponent, 10 of significand.
  private static func halfPrecision(_ bits: UInt16) -> Float {
    let exponent = Int(bits >> 10 & 31)
    let significand = Float(bits & 1023)
    let magnitude: Float =
      switch exponent {
      case 0: significand * 0x1p-24
      case 31: significand == 0 ? .infinity : .nan
      default: (1024 + significand) * Float(sign: .plus, exponent: exponent - 25, significand: 1)
      }
    return bits >> 15 == 1 ? -magnitude : magnitude
  }

  /// Sign-extends and checks the range, which fields with wide varints can leave.
  private static func integers(
    _ words: [UInt64], _ element: ONNXElement, _ message: ProtobufMessage
  ) throws(Diagnostic) -> [Int64] {
    guard let range = element.range else { throw message.failure("type", "\(element) is not supported") }
    if element == .uint64, words.contains(where: { $0 > UInt64(Int64.max) }) {
      throw message.failure("data", "\(message.name) holds a number of 2^63 or more")
    }
    return words.map { word in
      switch element {
      case .int4: Int64(Int8(truncatingIfNeeded: word << 4) >> 4)
      case .int8: Int64(Int8(truncatingIfNeeded: word))
      case .int16: Int64(Int16(truncatingIfNeeded: word))
      case .int32: Int64(Int32(truncatingIfNeeded: word))
      case .bool: word == 0 ? 0 : 1
      case .int64, .uint64: Int64(bitPattern: word)
      default: Int64(truncatingIfNeeded: word) & range.upperBound
      }
    }
  }
}
