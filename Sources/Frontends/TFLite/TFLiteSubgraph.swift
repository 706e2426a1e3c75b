import IR
import Operators
import Support

/// A subgraph of a TensorFlow Lite file: its tensors and operators, decoded once, however often it is built into the graph.
struct TFLiteSubgraph {
  struct TensorEntry {
    let info: TensorInfo
    let isVariable: Bool
  }

  struct OperatorEntry {
    /// The file's name of the operator.
    let name: String
    /// Indices of tensors; nil for an absent input, which is dropped at the end.
    let inputs: [Int?]
    let outputs: [Int]
    let options: FlatTable?
  }

  let index: Int
  let tensors: [TensorEntry]
  let operators: [OperatorEntry]
  let inputs: [Int]
  let outputs: [Int]

  /// - Parameters:
  ///   - codes: name of each operator code.
  ///   - buffers: data of each buffer.
  init(_ table: FlatTable, index: Int, file: String, codes: [String], buffers: [[UInt8]]) throws(Diagnostic) {
    self.index = index
    var tensors: [TensorEntry] = []
    for (index, entry) in try table.tables(0, "tensors").enumerated() {
      let name = try entry.string(3, "name of \(entry.name)")
      do throws(Diagnostic) {
        tensors.append(
          TensorEntry(
            info: try Self.tensor(entry, name: name, buffers: buffers),
            isVariable: try entry.bool(5, "is_variable")))
      } catch {
        throw error.located(.node(file: file, name: "tensor \(index) `\(name)`"))
      }
    }
    self.tensors = tensors
    let entries = try table.tables(3, "operators")
    guard entries.count <= Graph.maximumNodes else {
      throw table.reader.failure(
        "tensor", at: table.offset,
        "the file has \(entries.count) operators, more than \(Graph.maximumNodes)")
    }
    var operators: [OperatorEntry] = []
    for (index, entry) in entries.enumerated() {
      let code = try entry.uint32(0, "opcode_index")
      guard codes.indices.contains(code) else {
        throw entry.reader.failure(
          "tensor", at: entry.offset,
          "operator \(index) has operator code \(code), but the file has \(codes.count)")
      }
      operators.append(
        OperatorEntry(
          name: codes[code], inputs: try Self.optionalIndices(entry, 1, "inputs", count: tensors.count),
          outputs: try Self.indices(entry, 2, "outputs", count: tensors.count),
          options: try entry.table(4, "options of \(entry.name)")))
    }
    self.operators = operators
    inputs = try Self.indices(table, 1, "inputs", count: tensors.count)
    outputs = try Self.indices(table, 2, "outputs", count: tensors.count)
  }

  /// Element types by the schema's number.
  private static let elementTypes: [Int8: ElementType] = [
    0: .float32, 2: .int32, 3: .uint8, 4: .int64, 6: .bool, 7: .int16, 9: .int8,
  ]
  private static let otherTypes: [Int8: String] = [
    5: "string", 8: "complex64", 10: "float64", 11: "complex128", 12: "uint64",
    14: "variant", 15: "uint32", 16: "uint16", 18: "bfloat16",
  ]

  /// The schema's number for handles of variables, which become no tensors of the graph.
  private static let resource: Int8 = 13

  /// The schema's number for 4-bit integers.
  private static let int4: Int8 = 17

  /// Signed 4-bit integers, two to a byte with the first one in the low half, as bytes.
  private static func unpacked(_ bytes: [UInt8], count: Int) -> [UInt8] {
    (0..<count).map { index in
      let nibble = bytes[index / 2] >> UInt8(index % 2 * 4) & 15
      return nibble > 7 ? nibble | 0xF0 : nibble
    }
  }

  private static func tensor(_ table: FlatTable, name: String, buffers: [[UInt8]]) throws(Diagnostic) -> TensorInfo {
    let number = try table.int8(1, "type of \(table.name)")
    // Constants of 4 bits become bytes with the same values and scales, those of 16-bit floats become float32.
    let (isPacked, isHalf) = (number == int4, number == float16)
    let isResource = number == resource
    guard let element = isPacked ? .int8 : isHalf ? .float32 : isResource ? .int32 : elementTypes[number] else {
      throw Diagnostic(
        "tflite.type", "has the element type \(otherTypes[number] ?? "\(number)"), which is not supported")
    }
    guard try !table.has(6) else {
      throw Diagnostic("tflite.tensor", "is a sparse tensor, which is not supported")
    }
    let shape = try Shape(try table.int32s(0, "shape of \(table.name)") ?? [])
    let buffer = try table.uint32(2, "buffer of \(table.name)")
    guard buffers.indices.contains(buffer) else {
      throw Diagnostic("tflite.buffer", "refers to buffer \(buffer), but the file has \(buffers.count)")
    }
    let type = TensorType(element, shape, try quantization(table))
    var data = buffers[buffer]
    let size = isPacked ? (shape.elementCount + 1) / 2 : isHalf ? 2 * shape.elementCount : type.byteCount
    guard data.isEmpty || data.count == size else {
      throw Diagnostic("tflite.buffer", "needs \(size) bytes, but its buffer \(buffer) has \(data.count)")
    }
    if isPacked || isHalf {
      guard data.count == size else {
        throw Diagnostic(
          "tflite.type", "is \(isPacked ? "int4" : "float16") and not constant, which is not supported")
      }
      data = isPacked ? unpacked(data, count: shape.elementCount) : widened(data)
    }
    // A tensor without elements has no data either way; it is a constant, such as an empty list of axes.
    let isConstant = !data.isEmpty || shape.elementCount == 0
    return TensorInfo(name: name, type: type, constant: isConstant ? data : nil)
  }

  /// The schema's number of float16: constants of this type become float32.
  private static let float16: Int8 = 1

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

  /// The tensors that a vector names, which must all be there.
  private static func indices(
    _ table: FlatTable, _ field: Int, _ label: String, count: Int
  ) throws(Diagnostic) -> [Int] {
    var indices: [Int] = []
    for (position, index) in try optionalIndices(table, field, label, count: count).enumerated() {
      guard let index else {
        throw table.reader.failure(
          "tensor", at: table.offset, "\(label) of \(table.name): number \(position) is absent")
      }
      indices.append(index)
    }
    return indices
  }

  /// The tensors that a vector names; nil for −1, an absent one, which is dropped at the end.
  private static func optionalIndices(
    _ table: FlatTable, _ field: Int, _ label: String, count: Int
  ) throws(Diagnostic) -> [Int?] {
    var indices = try table.int32s(field, "\(label) of \(table.name)") ?? []
    while indices.last == -1 { indices.removeLast() }
    for index in indices where index != -1 && !(0..<count).contains(index) {
      throw table.reader.failure(
        "tensor", at: table.offset, "\(label) of \(table.name) name tensor \(index), but the file has \(count)")
    }
    return indices.map { $0 == -1 ? nil : $0 }
  }
}
