import Compiler
import Compression
import IR
import Operators
import Support
import TestSupport
import Testing

@Suite struct ChannelRemovalTests {
  /// Classes that can go together, drawn at random.
  static func drawn(_ structure: ChannelStructure, _ random: inout SplitMix64) -> [ChannelClass] {
    var left: [TensorID: Int] = [:]
    for own in structure.classes { for member in own.members { left[member.tensor, default: 0] += 1 } }
    return structure.classes.filter { own in
      guard !own.isFixed, !own.rows.isEmpty, Int.random(in: 0...1, using: &random) == 0 else { return false }
      var lost: [TensorID: Int] = [:]
      for member in own.members { lost[member.tensor, default: 0] += 1 }
      guard lost.allSatisfy({ $1 < left[$0] ?? 0 }) else { return false }
      for (id, count) in lost { left[id, default: 0] -= count }
      return true
    }
  }

  /// The network with zeros instead of the weights that read some channels.
  static func deaf(_ structure: ChannelStructure, _ removed: [ChannelClass]) throws -> Graph {
    var graph = structure.graph
    var inputs = structure.layers.map { _ in Set<Int>() }
    for own in removed { for input in own.inputs { inputs[input.layer].insert(input.channel) } }
    for (index, layer) in structure.layers.enumerated() where !inputs[index].isEmpty && layer.axis == 0 {
      let data = graph[graph.nodes[layer.nodes[0]].inputs[0]].type.shape
      let depth = layer.type.shape.dims.last ?? 1
      // Filters of groups go as a whole.
      guard layer.type.shape.rank == 2 || data[3] == depth else { continue }
      try graph.replace(
        layer, weights: layer.weights.enumerated().map { inputs[index].contains($0 % depth) ? 0 : $1 })
    }
    return graph
  }

  static func expectSame(_ a: Graph, _ b: Graph, _ vectors: [[Tensor]]) throws {
    let (first, second) = (try Interpreter(a), try Interpreter(b))
    for vector in vectors {
      let same = try first.outputs(vector) == second.outputs(vector)
      #expect(same, "\(a.text)\n\(b.text)")
    }
  }

  /// Bit for bit: taking channels away is the same as not reading them, in any network.
  @Test(arguments: 0..<10)
  func removedIsNotRead(_ block: Int) throws {
    var lost = 0
    for seed in 1...20 {
      var networks = RandomNetworks(seed: UInt64(block * 100 + seed))
      networks.movesOften = seed % 2 == 0
      let graph = try networks.make(layers: 9)
      var random = SplitMix64(seed: UInt64(seed))
      let structure = try ChannelStructure(graph, .count)
      let removed = Self.drawn(structure, &random)
      lost += removed.count
      let narrow = try structure.removing(Set(removed.map(\.number)), vectors: [], reconstructs: false)
      let vectors = VectorGenerator.vectors(for: graph.inputs.map { graph[$0].type }, count: 6)
      try Self.expectSame(try Self.deaf(structure, removed), narrow, vectors)
    }
    #expect(lost > 20, "\(lost)")
  }

  @Test(arguments: 1...24, [false, true])
  func removedIsNotReadWhereAllPassagesAre(_ seed: Int, _ isFloat: Bool) throws {
    var networks = ChannelNetworks(seed: UInt64(seed), isFloat: isFloat)
    let graph = try networks.make()
    var random = SplitMix64(seed: UInt64(seed))
    let structure = try ChannelStructure(graph, .count)
    let removed = Self.drawn(structure, &random)
    #expect(!removed.isEmpty)
    let narrow = try structure.removing(Set(removed.map(\.number)), vectors: [], reconstructs: false)
    #expect(try narrow.multiplyAccumulates() < graph.multiplyAccumulates())
    try Self.expectSame(try Self.deaf(structure, removed), narrow, networks.vectors(graph, count: 5))
  }

  @Test(arguments: [
    "Tests/Fixtures/keras/mobilenet_v2_int8/model.tflite", "Tests/Fixtures/keras/unet_int8/model.tflite",
    "Tests/Fixtures/onnx/qdq_u8u8_channels/model.onnx", "Samples/gesture/model.tflite", "Samples/digits/model.tflite",
  ])
  func removedIsNotReadInConvertedModels(_ path: String) throws {
    let graph = try Pipeline.read(try Platform.read(path), file: path)
    let structure = try ChannelStructure(graph, .count)
    var networks = ChannelNetworks(seed: 1, isFloat: false)
    let vectors = networks.vectors(graph, count: 6)
    for seed in 1...3 {
      var random = SplitMix64(seed: UInt64(seed))
      let removed = Self.drawn(structure, &random)
      #expect(removed.count > 4)
      let narrow = try structure.removing(Set(removed.map(\.number)), vectors: [], reconstructs: false)
      try Self.expectSame(try Self.deaf(structure, removed), narrow, vectors)
    }
  }

  /// Channels whose filters and biases are zero are zero wherever they pass; without them all is the same, bit for bit, also
  /// when the biases take over their mean.
  @Test(arguments: 1...24, [false, true])
  func channelsOfZerosAreNotMissed(_ seed: Int, _ isFloat: Bool) throws {
    var networks = ChannelNetworks(seed: UInt64(seed), isFloat: isFloat)
    var graph = try networks.make()
    let whole = try ChannelStructure(graph, .count)
    var random = SplitMix64(seed: UInt64(seed))
    let removed = Self.drawn(whole, &random)
    for (index, layer) in whole.layers.enumerated() {
      let rows = Set(removed.flatMap(\.rows).filter { $0.layer == index }.map(\.channel))
      let biases = try #require(try graph.biases(layer))
      try graph.replace(layer, weights: layer.weights.enumerated().map { rows.contains($0 / layer.columns) ? 0 : $1 })
      try graph.replace(layer, biases: biases.enumerated().map { rows.contains($0) ? 0 : $1 })
    }
    let structure = try ChannelStructure(graph, .count)
    let vectors = networks.vectors(graph, count: 5)
    for calibration in [[], Array(vectors.prefix(3))] {
      let narrow = try structure.removing(
        Set(removed.map(\.number)), vectors: calibration, reconstructs: false)
      #expect(try narrow.multiplyAccumulates() < graph.multiplyAccumulates())
      try Self.expectSame(graph, narrow, vectors)
    }
  }

  /// conv → conv → dense, where one channel is constant and one a copy of another.
  private static func constantAndCopy() throws -> (Graph, [[Tensor]]) {
    var networks = ChannelNetworks(seed: 5, isFloat: true)
    let x = try networks.input([1, 5, 5, 2])
    let filters: [Float] = [0, 0, 1, 0.5, 1, 0.5, -0.7, 1]
    let first = try networks.convolution(
      x, 4, size: 1, name: "first", weights: filters, biases: [2, 0.1, 0.1, 0.2])
    let second = try networks.convolution(first, 3, padding: .valid)
    let graph = try networks.finish([try networks.dense(second, 4)])
    return (graph, networks.vectors(graph, count: 40))
  }

  private static func classOfRow(_ structure: ChannelStructure, _ row: Int) throws -> Int {
    try #require(structure.classes.first { $0.rows.contains { $0.layer == 0 && $0.channel == row } }).number
  }

  private static func error(_ a: Graph, _ b: Graph, _ vectors: [[Tensor]]) throws -> Double {
    let (first, second) = (try Interpreter(a), try Interpreter(b))
    return try vectors.map { try first.outputs($0)[0].distance(try second.outputs($0)[0]) }.max() ?? 0
  }

  @Test func biasesTakeOverAConstantChannel() throws {
    let (graph, vectors) = try Self.constantAndCopy()
    let structure = try ChannelStructure(graph, .count)
    let removed: Set = [try Self.classOfRow(structure, 0)]
    let blind = try structure.removing(removed, vectors: [], reconstructs: false)
    #expect(try Self.error(graph, blind, vectors) > 0.05)
    let corrected = try structure.removing(removed, vectors: vectors, reconstructs: false)
    #expect(try Self.error(graph, corrected, vectors) < 1e-5)
  }

  @Test func weightsMakeUpForACopy() throws {
    let (graph, vectors) = try Self.constantAndCopy()
    let structure = try ChannelStructure(graph, .count)
    let removed: Set = [try Self.classOfRow(structure, 2)]
    let plain = try structure.removing(removed, vectors: vectors, reconstructs: false)
    let repaired = try structure.removing(removed, vectors: vectors, reconstructs: true)
    let (before, after) = (try Self.error(graph, plain, vectors), try Self.error(graph, repaired, vectors))
    #expect(after < before / 4, "\(before) \(after)")
  }

  /// What is emitted for a network that lost channels computes what the interpreter says.
  @Test(arguments: 1...6)
  func emittedCodeOfNarrowNetworks(_ seed: Int) throws {
    var networks = ChannelNetworks(seed: UInt64(seed), isFloat: false)
    let graph = try networks.make()
    let calibration = networks.vectors(graph, count: 8)
    var network = try CompressedNetwork(graph)
    let step = try ChannelImportanceTests.step(#"{"step": "prune-channels", "ratio": 0.5, "criterion": "activation"}"#)
    _ = try step.apply(to: &network, CompressionContext(calibration: calibration))
    let vectors = VectorGenerator.vectors(for: graph.inputs.map { graph[$0].type }, count: 8)
    let reference = try Interpreter(network.graph)
    let expected = try vectors.map { try reference.outputs($0) }
    let actual = try Pipelines.runEmitted(
      try Pipeline.lower(network.graph), flags: Pipelines.sanitizers, vectors: vectors)
    #expect(Verification.compare(expected, actual) == nil)
  }
}
