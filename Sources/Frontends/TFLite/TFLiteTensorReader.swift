import IR
import Support

/// Decodes the tensors of a TensorFlow Lite file: types, quantization and the bytes of constants.
struct TFLiteTensorReader {
  /// The data of each buffer of the file.
  let buffers: [[UInt8]]

  /// A tensor; a type that is not supported is a problem of the operators that read and write it.
  func read(_ table: FlatTable) throws(Diagnostic) -> TFLiteSubgraph.TensorEntry {
    let name = try table.string(3, "name of \(table.name)")
    let isVariable = try table.bool(5, "is_variable")
    let isDynamic = try table.int32s(7, "shape_signature")?.contains(-1) ?? false
    do throws(Diagnostic) {
      return TFLiteSubgraph.TensorEntry(
        info: try info(table, name: name), isVariable: isVariable, isDynamic: isDynamic, problem: nil)
    } catch {
      if case .byte = error.location { throw error }
      return TFLiteSubgraph.TensorEntry(
        info: TensorInfo(name: name, type: TensorType(.float32, try Shape([]))), isVariable: isVariable,
        isDynamic: isDynamic, problem: error)
    }
  }

  /// Element types by the schema's number.
  private static let elementTypes: [Int8: ElementType] = [
    0: .float32, 2: .int32, 3: .uint8, 4: .int64, 6: .bool, 7: .int16, 9: .int8,
  ]
  private static let otherTypes: [Int8: String] = [
    1: "float16", 5: "string", 8: "complex64", 10: "float64", 11: "complex128", 12: "uint64", 13: "resource",
    14: "variant", 15: "uint32", 16: "uint16", 17: "int4", 18: "bfloat16",
  ]

  /// The schema's number for handles of variables, which become no tensors of the graph.
  private static let resource: Int8 = 13
  /// The schema's number for 4-bit integers.
  private static let int4: Int8 = 17
  /// The schema's number of float16: constants of this type become float32.
  private static let float16: Int8 = 1

  private func info(_ table: FlatTable, name: String) throws(Diagnostic) -> TensorInfo {
    let number = try table.int8(1, "type of \(table.name)")
    let text = Self.otherTypes[number] ?? "\(number)"
    // Constants of 4 bits become bytes with the same values and scales, those of 16-bit floats become float32.
    let (isPacked, isHalf) = (number == Self.int4, number == Self.float16)
    let isResource = number == Self.resource
    guard let element = isPacked ? .int8 : isHalf ? .float32 : isResource ? .int32 : Self.elementTypes[number] else {
      throw Diagnostic(
        "tflite.type", "has the element type \(text), which is not supported", notes: TFLiteRemedies.type(text))
    }
    guard try !table.has(6) else {
      throw Diagnostic(
        "tflite.sparse", "is a sparse tensor, which is not supported",
        notes: ["convert without `Optimize.EXPERIMENTAL_SPARSITY`; zeros among dense weights are made use of"])
    }
    let shape = try Shape(try table.int32s(0, "shape of \(table.name)") ?? [])
    let buffer = try table.uint32(2, "buffer of \(table.name)")
    guard buffers.indices.contains(buffer) else {
      throw table.reader.failure(
        "buffer", at: table.offset,
        "the tensor `\(name)` refers to buffer \(buffer), but the file has \(buffers.count)")
    }
    let type = TensorType(element, shape, try Self.quantization(table))
    var data = buffers[buffer]
    let size = isPacked ? (shape.elementCount + 1) / 2 : isHalf ? 2 * shape.elementCount : type.byteCount
    if isPacked || isHalf, data.isEmpty, size > 0 {
      throw Diagnostic(
        "tflite.type", "is \(text) and not constant, which is not supported", notes: TFLiteRemedies.type(text))
    }
    guard data.isEmpty || data.count == size else {
      throw table.reader.failure(
        "buffer", at: table.offset,
        "the tensor `\(name)` needs \(size) bytes, but its buffer \(buffer) has \(data.count)")
    }
    if isPacked { data = Self.unpacked(data, count: shape.elementCount) }
    if isHalf { data = Self.widened(data) }
    // A tensor without elements has no data either way; it is a constant, such as an empty list of axes.
    let isConstant = !data.isEmpty || shape.elementCount == 0
    return TensorInfo(name: name, type: type, constant: isConstant ? data : nil)
  }

  /// Signed 4-bit integers, two to a byte with the first one in the low half, as bytes.
  private static func unpacked(_ bytes: [UInt8], count: Int) -> [UInt8] {
    (0..<count).map { index in
      let nibble = bytes[index / 2] >> UInt8(index % 2 * 4) & 15
      return nibble > 7 ? nibble | 0xF0 : nibble
    }
  }

  private static func widened(_ halves: [UInt8]) -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(2 * halves.count)
    for start in stride(from: 0, to: halves.count - halves.count % 2, by: 2) {
      let bits = Half.widened(UInt16(halves[start]) | UInt16(halves[start + 1]) << 8).bitPattern
      for shift in stride(from: 0 as UInt32, to: 32, by: 8) { bytes.append(UInt8(truncatingIfNeeded: bits >> shift)) }
    }
    return bytes
  }

  private static func quantization(_ tensor: FlatTable) throws(Diagnostic) -> Quantization? {
    guard let table = try tensor.table(4, "quantization of \(tensor.name)") else { return nil }
    let scales = try table.floats(2, "scale")
    guard !scales.isEmpty else { return nil }
    var zeroPoints: [Int32] = []
    for value in try table.int64s(3, "zero_point") {
      guard let zeroPoint = Int32(exactly: value) else {
        throw Diagnostic("tflite.quantization", "the zero point \(value) does not fit into 32 bits")
      }
      zeroPoints.append(zeroPoint)
    }
    if zeroPoints.isEmpty { zeroPoints = [Int32](repeating: 0, count: scales.count) }
    let axis = try table.int32(6, "quantized_dimension")
    let rank = (try tensor.int32s(0, "shape") ?? []).count
    guard scales.count == 1 || (0..<rank).contains(axis) else {
      throw Diagnostic("tflite.quantization", "has scales along axis \(axis), but only \(rank) dimensions")
    }
    return try Quantization(scales: scales, zeroPoints: zeroPoints, axis: axis)
  }
}
