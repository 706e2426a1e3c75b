import Frontends
import IR
import Operators
import Support
import TestSupport
import Testing

/// Encodings of constants in `model.bin`: decoding gives every element back.
@Suite struct EncodingTests {
  static let types: [ElementType] = [.int8, .uint8, .int16, .int32, .int64, .bool, .float32]

  /// Random constants of all kinds that compression leaves: dense, few bits, few values, mostly zeros, all equal.
  @Test(arguments: types) func packedConstantsAreLossless(_ element: ElementType) throws {
    var random = SplitMix64(seed: UInt64(element.size) + 5)
    for index in 0..<60 {
      let count = [1, 2, 7, 64, 1000, 4099][index % 6]
      let bytes = Self.constant(element, count: count, kind: index / 6 % 5, &random)
      let graph = try Self.graph(TensorType(element, try Shape([count])), bytes)
      let packed = try ModelBinaryWriter.write(graph, .coded)
      let copy = try Frontend.read(packed, file: "m")
      #expect(copy.tensors.map(\.constant) == graph.tensors.map(\.constant))
      // What is packed again is the same file.
      #expect(try ModelBinaryWriter.write(copy, .coded) == packed)
      #expect(packed.count <= (try ModelBinaryWriter.write(graph)).count + 120)
    }
  }

  /// Bytes of `count` elements.
  private static func constant(
    _ element: ElementType, count: Int, kind: Int, _ random: inout SplitMix64
  ) -> [UInt8] {
    let values = (0..<5).map { _ in UInt64.random(in: 0...UInt64.max, using: &random) }
    var bytes: [UInt8] = []
    for _ in 0..<count {
      let any = random.next()
      let value: UInt64 =
        switch kind {
        case 0: any
        case 1: any % 16
        case 2: values[Int(any % 5)]
        case 3: any % 10 == 0 ? any >> 8 : 0
        default: values[0]
        }
      let own = element == .bool ? value & 1 : value
      bytes += (0..<element.size).map { UInt8(truncatingIfNeeded: own >> UInt64(8 * $0)) }
    }
    return bytes
  }

  /// A list of constants behind one that comes in.
  private static func graph(_ type: TensorType, _ bytes: [UInt8]) throws -> Graph {
    var graph = Graph(file: "m")
    let constant = graph.add(TensorInfo(name: "constant", type: type, constant: bytes))
    let input = graph.add(TensorInfo(name: "input", type: type))
    let whole = TensorType(type.element, try Shape([2 * type.shape.elementCount]))
    let output = graph.add(TensorInfo(name: "output", type: whole))
    graph.nodes = [
      Node(
        Concatenation(axis: 0), inputs: [input, constant], outputs: [output],
        origin: Origin(index: 0, operatorName: "CONCATENATION"))
    ]
    graph.inputs = [input]
    graph.outputs = [output]
    return graph
  }

  /// Encodings get shorter where there is something to gain.
  @Test func sparseAndSharedConstantsShrink() throws {
    var random = SplitMix64(seed: 1)
    let count = 8192
    let type = TensorType(.int8, try Shape([count]))
    func size(_ values: [Int8]) throws -> Int {
      let graph = try Self.graph(type, values.map { UInt8(bitPattern: $0) })
      return try ModelBinaryWriter.write(graph, .coded).count - ModelBinaryWriter.write(graph).count + count
    }
    // The entropies are 8, 2, and 0.569 + 0.1 * 8 bits a weight.
    #expect(try size((0..<count).map { _ in Int8.random(in: -128...127, using: &random) }) <= count + 16)
    #expect(try size((0..<count).map { _ in [-90, -3, 4, 77].randomElement(using: &random) ?? 0 }) < count / 4 + 300)
    // Rows of four values, of which there are 16: one bit a weight.
    let rows = (0..<16).map { _ in (0..<4).map { _ in Int8.random(in: -128...127, using: &random) } }
    #expect(try size((0..<count / 4).flatMap { _ in rows.randomElement(using: &random) ?? [] }) < count / 8 + 400)
    #expect(
      try size(
        (0..<count).map { _ in
          Int.random(in: 0..<10, using: &random) == 0 ? Int8.random(in: -128...127, using: &random) : 0
        })
        < count / 5)
  }

  @Test(arguments: [
    (#"[{"kind":"packed","block":0,"count":4,"bits":5,"offset":0}]"#, "block of 4 bytes for 4 numbers of 5 bits"),
    (#"[{"kind":"packed","block":0,"count":3,"bits":8,"offset":0}]"#, "block of 4 bytes for 3 numbers of 8 bits"),
    (#"[{"kind":"packed","block":0,"count":2,"bits":16,"offset":0}]"#, "stands for 2 elements, but the tensor has 4"),
    (#"[{"kind":"packed","block":0,"count":1,"bits":33,"offset":0}]"#, "bits"),
    (#"[{"kind":"packed","block":0,"count":99999999,"bits":8,"offset":0}]"#, "count"),
    (#"[{"kind":"huffman","block":0,"count":4}]"#, "shorter than the table"),
    (
      #"[{"kind":"packed","block":0,"count":4,"bits":8,"offset":0},{"kind":"codebook","block":0}]"#,
      "names place 9 of a table of 4"
    ),
    (
      #"[{"kind":"packed","block":1,"count":1,"bits":0,"offset":0},{"kind":"codebook","block":0,"width":3}]"#,
      "has a table of 4 elements, which are no rows of 3"
    ),
    (
      #"[{"kind":"packed","block":1,"count":3,"bits":0,"offset":0},{"kind":"codebook","block":0,"width":2}]"#,
      "names 3 rows of 2 elements, but the tensor has 4 elements"
    ),
    (
      #"[{"kind":"packed","block":1,"count":1,"bits":0,"offset":0},{"kind":"codebook","block":0,"width":2}]"#,
      "stands for 2 elements, but the tensor has 4"
    ),
    (
      #"[{"kind":"packed","block":1,"count":2,"bits":0,"offset":2},{"kind":"codebook","block":0,"width":2}]"#,
      "names place 2 of a table of 2"
    ),
    (
      #"[{"kind":"packed","block":0,"count":4,"bits":8,"offset":0},{"kind":"codebook","block":0,"width":65}]"#, "width"
    ),
    (#"[{"kind":"dense","block":0},{"kind":"sparse","gaps":[{"kind":"dense","block":0}]}]"#, "must be `packed`"),
    (
      #"[{"kind":"dense","block":0},{"kind":"sparse","gaps":[{"kind":"packed","block":0,"count":2,"bits":16,"offset":0}]}]"#,
      "4 values and 2 gaps"
    ),
    (
      #"[{"kind":"dense","block":0},{"kind":"sparse","gaps":[{"kind":"packed","block":0,"count":4,"bits":8,"offset":0}]}]"#,
      "beyond the 4 elements"
    ),
    (#"[{"kind":"codebook","block":0}]"#, "`codebook` is not supported"),
    (#"[{"kind":"dense","block":0},{"kind":"dense","block":0}]"#, "`dense` is not supported"),
    (#"[{"kind":"dense","block":0},{"kind":"codebook","block":0}]"#, "can't follow"),
    ("[]", "chain of 1 to 3 steps"),
  ])
  func damagedEncodingsAreRefused(_ encoding: String, _ reason: String) {
    let block: [UInt8] = [9, 1, 200, 4]
    let json =
      #"{"tensors":[{"name":"c","type":"int8","shape":[4],"encoding":\#(encoding)}],"operators":[],"inputs":[],"outputs":[],"#
      + #""blocks":[{"offset":0,"size":4,"crc32":\#(Checksum.crc32(block))},"#
      + #"{"offset":0,"size":0,"crc32":\#(Checksum.crc32([]))}]}"#
    let file = ModelBinaryMutations.assembled(header: Array(json.utf8), payload: block)
    let error = #expect(throws: Diagnostic.self) { try Frontend.read(file, file: "m.bin") }
    #expect(error.map { "\($0)" }?.contains(reason) == true, "\(error.map { "\($0)" } ?? "")")
  }

  /// Tables of Huffman codes that can't be, and codes that end too early or too late.
  @Test func damagedHuffmanBlocksAreRefused() throws {
    let graph = try Self.graph(TensorType(.int8, try Shape([400])), (0..<400).map { UInt8($0 % 7 * ($0 % 3)) })
    let whole = try ModelBinaryWriter.write(graph, .coded)
    let (header, payload) = ModelBinaryMutations.parts(whole)
    #expect(String(decoding: header, as: UTF8.self).contains("huffman"))
    var random = SplitMix64(seed: 8)
    var refused = 0
    for _ in 0..<2000 {
      var damaged = payload
      for _ in 0..<Int.random(in: 1...3, using: &random) {
        damaged[Int.random(in: 0..<payload.count, using: &random)] = UInt8.random(in: 0...255, using: &random)
      }
      let text = String(decoding: header, as: UTF8.self).replacing(
        "\"crc32\":\(Checksum.crc32(payload))", with: "\"crc32\":\(Checksum.crc32(damaged))")
      let file = ModelBinaryMutations.assembled(header: Array(text.utf8), payload: damaged)
      do {
        let copy = try Frontend.read(file, file: "m")
        #expect(copy.tensors[0].constant?.count == 400)
      } catch {
        #expect(error.category == .badInput && error.id != "modelbin.checksum", "\(error)")
        refused += 1
      }
    }
    #expect(refused > 500 && refused < 2000)
  }
}
