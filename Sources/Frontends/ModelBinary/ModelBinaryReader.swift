package import IR
import Operators
package import Support

/// Reads the container `model.bin`; `FORMAT.md` describes it.
package enum ModelBinaryReader {
  /// Whether `bytes` look like a `model.bin`.
  package static func recognizes(_ bytes: [UInt8]) -> Bool { bytes.starts(with: ModelBinaryFormat.magic) }

  /// The network in `bytes`, checked by the verifier.
  ///
  /// - Parameter file: name of the file without its folder, for messages.
  package static func read(_ bytes: [UInt8], file: String) throws(Diagnostic) -> Graph {
    let reader = ByteReader(bytes, file: file, format: "modelbin")
    guard recognizes(bytes) else { throw reader.failure("magic", at: 0, "does not start with `NNCG`") }
    let version = try reader.uint32(at: 4, "the version")
    guard version == ModelBinaryFormat.version else {
      throw reader.failure("version", at: 4, "has format version \(version); this program reads version 1")
    }
    let size = Int(try reader.uint32(at: 8, "the size of the graph header"))
    guard size <= ModelBinaryFormat.maximumHeaderSize else {
      throw reader.failure("header", at: 8, "the graph header has \(size) bytes, more than 64 MiB")
    }
    let start = ModelBinaryFormat.prefixSize
    let text = try reader.slice(size, at: start, "the graph header")
    guard Checksum.crc32(text) == (try reader.uint32(at: 12, "the checksum")) else {
      throw reader.failure("checksum", at: start, "the graph header does not match its checksum")
    }
    let header = JSONCursor(try JSONParser.parse(text, file: file), file: file)
    try header.allowOnly(["tensors", "operators", "inputs", "outputs", "states", "compressed", "blocks"])
    let payload = Payload(
      reader: reader, start: ModelBinaryFormat.aligned(start + size), blocks: try header.member("blocks").items())
    var graph = Graph(file: file)
    let tensors = try header.member("tensors").items()
    guard tensors.count <= ModelBinaryFormat.maximumTensors else {
      throw header.failure("there are \(tensors.count) tensors, more than \(ModelBinaryFormat.maximumTensors)")
    }
    try payload.checkSizes()
    var blocks: [Int: [UInt8]] = [:]
    // Elements of constants so far.
    var elements = 0
    for cursor in tensors { graph.add(try tensor(cursor, payload, &blocks, &elements)) }
    let operators = try header.member("operators")
    guard try operators.items().count <= Graph.maximumNodes else {
      throw operators.failure("there are more than \(Graph.maximumNodes) operators")
    }
    // All operators that are not known, at once.
    var obstacles = Obstacles()
    for cursor in try operators.items() {
      do throws(Diagnostic) {
        graph.nodes.append(try node(cursor, graph))
      } catch {
        try obstacles.add(error)
      }
    }
    try obstacles.check(file)
    graph.inputs = try ids(try header.member("inputs"), graph)
    graph.outputs = try ids(try header.member("outputs"), graph)
    graph.isCompressed = try header.optional("compressed")?.bool() ?? false
    for cursor in try header.optional("states")?.items() ?? [] {
      graph.states.append(try state(cursor, graph, payload, &blocks))
    }
    try graph.verify()
    return graph
  }

  /// The payload blocks behind the header.
  private struct Payload {
    let reader: ByteReader
    let start: Int
    let blocks: [JSONCursor]

    /// Fails when the blocks together are larger than the file, so that they must overlap.
    func checkSizes() throws(Diagnostic) {
      var total = 0
      for block in blocks {
        let size = try block.member("size")
        total += try size.int(0...reader.bytes.count)
        guard total <= reader.bytes.count else {
          throw size.failure("the blocks overlap: together they exceed the file")
        }
      }
    }

    func bytes(_ index: Int) throws(Diagnostic) -> [UInt8] {
      let block = blocks[index]
      try block.allowOnly(["offset", "size", "crc32"])
      let limit = 0...reader.bytes.count
      let offset = start + (try block.member("offset").int(limit))
      let bytes = try reader.slice(try block.member("size").int(limit), at: offset, "block \(index)")
      guard Int(Checksum.crc32(bytes)) == (try block.member("crc32").int()) else {
        throw reader.failure("checksum", at: offset, "block \(index) does not match its checksum")
      }
      return Array(bytes)
    }
  }

  private static func state(
    _ cursor: JSONCursor, _ graph: Graph, _ payload: Payload, _ blocks: inout [Int: [UInt8]]
  ) throws(Diagnostic) -> State {
    try cursor.allowOnly(["current", "next", "initial"])
    let tensors = 0...max(0, graph.tensors.count - 1)
    let index = try cursor.member("initial").int(0...max(0, payload.blocks.count - 1))
    guard !payload.blocks.isEmpty, !graph.tensors.isEmpty else {
      throw cursor.failure("there are no blocks or tensors")
    }
    if blocks[index] == nil { blocks[index] = try payload.bytes(index) }
    return State(
      current: TensorID(try cursor.member("current").int(tensors)),
      next: TensorID(try cursor.member("next").int(tensors)), initial: blocks[index, default: []])
  }

  private static func tensor(
    _ cursor: JSONCursor, _ payload: Payload, _ blocks: inout [Int: [UInt8]], _ elements: inout Int
  ) throws(Diagnostic) -> TensorInfo {
    try cursor.allowOnly(["name", "type", "shape", "quantization", "encoding"])
    let typeName = try cursor.member("type")
    guard let element = ElementType(rawValue: try typeName.string()) else {
      throw typeName.failure("must be one of \(ElementType.allCases.map(\.rawValue).joined(separator: ", "))")
    }
    let location = Diagnostic.Location.json(file: cursor.file, path: cursor.path)
    do throws(Diagnostic) {
      let shape = try Shape(try cursor.member("shape").ints())
      let type = TensorType(element, shape, try quantization(try cursor.optional("quantization"), rank: shape.rank))
      var constant: [UInt8]?
      if let chain = try cursor.optional("encoding") {
        let encoding = try Encoding.read(chain) { (step) throws(Diagnostic) in
          let index = try step.member("block").int(0...max(0, payload.blocks.count - 1))
          guard !payload.blocks.isEmpty else { throw chain.failure("there are no blocks") }
          if blocks[index] == nil { blocks[index] = try payload.bytes(index) }
          return blocks[index, default: []]
        }
        // Encodings can stand for far more elements than the file has bytes.
        elements += shape.elementCount
        guard elements <= Graph.maximumConstantElements else {
          throw chain.failure("the constants up to here have more than \(Graph.maximumConstantElements) elements")
        }
        constant = try encoding.bytes(type, chain.failure)
      }
      return TensorInfo(name: try cursor.member("name").string(), type: type, constant: constant)
    } catch {
      throw error.located(location)
    }
  }

  private static func quantization(_ cursor: JSONCursor?, rank: Int) throws(Diagnostic) -> Quantization? {
    guard let cursor else { return nil }
    try cursor.allowOnly(["scales", "zero_points", "axis"])
    var scales: [Float] = []
    for item in try cursor.member("scales").items() { scales.append(try item.float()) }
    let range = Int(Int32.min)...Int(Int32.max)
    let zeroPoints = try cursor.member("zero_points").ints(range).map { Int32(truncatingIfNeeded: $0) }
    let axis = try cursor.member("axis")
    let isPerTensor = axis.value == .null
    guard isPerTensor || rank > 0 else { throw axis.failure("must be null for a scalar") }
    return try Quantization(
      scales: scales, zeroPoints: zeroPoints, axis: isPerTensor ? nil : try axis.int(0...max(0, rank - 1)))
  }

  private static func ids(_ cursor: JSONCursor, _ graph: Graph) throws(Diagnostic) -> [TensorID] {
    var ids: [TensorID] = []
    for item in try cursor.items() {
      guard !graph.tensors.isEmpty else { throw item.failure("there are no tensors") }
      ids.append(TensorID(try item.int(0...graph.tensors.count - 1)))
    }
    return ids
  }

  private static func node(_ cursor: JSONCursor, _ graph: Graph) throws(Diagnostic) -> Node {
    try cursor.allowOnly(["operator", "attributes", "inputs", "outputs", "origin"])
    let originCursor = try cursor.member("origin")
    try originCursor.allowOnly(["index", "name", "subgraph"])
    let origin = Origin(
      index: try originCursor.member("index").int(0...Int(Int32.max)),
      operatorName: try originCursor.member("name").string(),
      subgraph: try originCursor.optional("subgraph")?.int(0...Int(Int32.max)) ?? 0)
    let outputs = try ids(try cursor.member("outputs"), graph)
    guard !outputs.isEmpty else { throw try cursor.member("outputs").failure("an operator must have an output") }
    let mnemonic = try cursor.member("operator")
    do throws(Diagnostic) {
      let op = try OperatorRegistry.make(try mnemonic.string(), try attributes(try cursor.member("attributes")))
      return Node(op, inputs: try ids(try cursor.member("inputs"), graph), outputs: outputs, origin: origin)
    } catch {
      throw error.located(.json(file: cursor.file, path: cursor.path))
    }
  }

  private static func attributes(_ cursor: JSONCursor) throws(Diagnostic) -> Attributes {
    var members: [(name: String, value: Attributes.Value)] = []
    for (name, _) in try cursor.object() {
      let member = try cursor.member(name)
      switch member.value {
      case .bool(let flag): members.append((name, .bool(flag)))
      case .string(let text): members.append((name, .string(text)))
      case .number: members.append((name, .int(try member.int(attributeRange))))
      case .array: members.append((name, .ints(try member.ints(attributeRange))))
      case .object:
        try member.allowOnly(["float"])
        members.append((name, .float(try member.member("float").float())))
      case .null: throw member.failure("must not be null")
      }
    }
    return Attributes(members)
  }

  /// Wide enough for every attribute, and small enough that sums of a few can't overflow.
  private static let attributeRange = -(1 << 40)...(1 << 40)
}

extension JSONCursor {
  /// A number, or the string `inf`, `-inf` or `nan`, as a 32-bit float.
  fileprivate func float() throws(Diagnostic) -> Float {
    switch value {
    case .number(let digits):
      guard let number = Float(digits) else { throw failure("must be a number") }
      return number
    case .string(let text):
      guard let number = Float(text), !number.isFinite else { throw failure("must be a number") }
      return number
    default: throw failure("must be a number")
    }
  }
}
