import IR
import Operators
import Support

/// Builds the graph from the tensors and operators of a TensorFlow Lite subgraph.
struct TFLiteImporter {
  var graph: Graph
  /// Name of each operator code.
  let codes: [String]
  var variables = TFLiteVariables()
  /// Constants of fewer bits that became float32 weights, by what they were.
  var widenedConstants: [String: Set<TensorID>] = [:]

  /// Element types by the schema's number.
  private static let elementTypes: [Int8: ElementType] = [
    0: .float32, 2: .int32, 3: .uint8, 4: .int64, 6: .bool, 7: .int16, 9: .int8,
  ]
  private static let otherTypes: [Int8: String] = [
    5: "string", 8: "complex64", 10: "float64", 11: "complex128", 12: "uint64", 13: "resource",
    14: "variant", 15: "uint32", 16: "uint16", 18: "bfloat16",
  ]

  /// The schema's number for 4-bit integers.
  private static let int4: Int8 = 17

  /// Signed 4-bit integers, two to a byte with the first one in the low half, as bytes.
  private static func unpacked(_ bytes: [UInt8], count: Int) -> [UInt8] {
    (0..<count).map { index in
      let nibble = bytes[index / 2] >> UInt8(index % 2 * 4) & 15
      return nibble > 7 ? nibble | 0xF0 : nibble
    }
  }

  mutating func addTensors(_ subgraph: FlatTable, buffers: [[UInt8]]) throws(Diagnostic) {
    for (index, table) in try subgraph.tables(0, "tensors").enumerated() {
      let name = try table.string(3, "name of \(table.name)")
      do throws(Diagnostic) {
        let id = graph.add(try tensor(table, name: name, buffers))
        if try table.bool(5, "is_variable") { variables.add(id) }
      } catch {
        throw error.located(.node(file: graph.file, name: "tensor \(index) `\(name)`"))
      }
    }
  }

  private func tensor(_ table: FlatTable, name: String, _ buffers: [[UInt8]]) throws(Diagnostic) -> TensorInfo {
    let number = try table.int8(1, "type of \(table.name)")
    // Constants of 4 bits become bytes with the same values and scales, those of 16-bit floats become float32.
    let (isPacked, isHalf) = (number == Self.int4, number == Self.float16)
    guard let element = isPacked ? .int8 : isHalf ? .float32 : Self.elementTypes[number] else {
      throw Diagnostic(
        "tflite.type", "has the element type \(Self.otherTypes[number] ?? "\(number)"), which is not supported")
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
      data = isPacked ? Self.unpacked(data, count: shape.elementCount) : Self.widened(data)
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

  private func quantization(_ tensor: FlatTable) throws(Diagnostic) -> Quantization? {
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

  /// The tensors that a vector of indices names, which must all be there.
  func tensorIDs(_ table: FlatTable, _ field: Int, _ label: String) throws(Diagnostic) -> [TensorID] {
    var ids: [TensorID] = []
    for (position, id) in try optionalIDs(table, field, label).enumerated() {
      guard let id else { throw graphFailure(table, "\(label) of \(table.name): number \(position) is absent") }
      ids.append(id)
    }
    return ids
  }

  /// The tensors that a vector of indices names; nil for −1, an absent one, which is dropped at the end.
  func optionalIDs(_ table: FlatTable, _ field: Int, _ label: String) throws(Diagnostic) -> [TensorID?] {
    var indices = try table.int32s(field, "\(label) of \(table.name)") ?? []
    while indices.last == -1 { indices.removeLast() }
    var ids: [TensorID?] = []
    for index in indices {
      guard index != -1 else {
        ids.append(nil)
        continue
      }
      guard graph.tensors.indices.contains(index) else {
        throw graphFailure(
          table, "\(label) of \(table.name) name tensor \(index), but the file has \(graph.tensors.count)")
      }
      ids.append(TensorID(index))
    }
    return ids
  }

  private func graphFailure(_ table: FlatTable, _ message: String) -> Diagnostic {
    table.reader.failure("tensor", at: table.offset, message)
  }

  mutating func addOperators(_ subgraph: FlatTable) throws(Diagnostic) {
    let operators = try subgraph.tables(3, "operators")
    guard operators.count <= Graph.maximumNodes else {
      throw graphFailure(subgraph, "the file has \(operators.count) operators, more than \(Graph.maximumNodes)")
    }
    for (index, table) in operators.enumerated() {
      let code = try table.uint32(0, "opcode_index")
      guard codes.indices.contains(code) else {
        throw graphFailure(table, "operator \(index) has operator code \(code), but the file has \(codes.count)")
      }
      let origin = Origin(index: index, operatorName: codes[code])
      let all = try optionalIDs(table, 1, "inputs")
      let inputs = all.prefix { $0 != nil }.compactMap(\.self)
      let outputs = try tensorIDs(table, 2, "outputs")
      do throws(Diagnostic) {
        guard !outputs.isEmpty else { throw Diagnostic("tflite.outputs", "has no output") }
        if codes[code] == "DEQUANTIZE", try foldsHalf(inputs, outputs) { continue }
        let (op, data) = try TFLiteCall(
          name: codes[code], graph: graph, inputs: inputs, allInputs: all, outputs: outputs,
          options: try table.table(4, "options of \(table.name)")
        ).operation()
        let operands = try variables.operands(op, try floatOperands(data, outputs), outputs, &graph)
        graph.nodes.append(Node(op, inputs: operands.inputs, outputs: operands.outputs, origin: origin))
      } catch {
        let place = outputs.first.map { " `\(graph[$0].name)`" } ?? ""
        throw error.located(.node(file: graph.file, name: "\(origin)\(place)"))
      }
    }
  }
}
