import Compression
import IR
import Operators
import Support
import TestSupport
import Testing

@Suite struct EqualizeTests {
  private static func applied(_ json: String, _ graph: Graph) throws -> CompressedNetwork {
    var network = try CompressedNetwork(graph)
    _ = try ChannelImportanceTests.step(json).apply(to: &network, CompressionContext(calibration: []))
    try network.graph.verify()
    return network
  }

  private static func expectClose(_ a: Graph, _ b: Graph, _ vectors: [[Tensor]]) throws {
    let (first, second) = (try Interpreter(a), try Interpreter(b))
    for vector in vectors {
      for (x, y) in zip(try first.outputs(vector), try second.outputs(vector)) {
        let distance = try x.distance(y)
        #expect(distance < 1e-4, "\(distance)\n\(a.text)\n\(b.text)")
      }
    }
  }

  /// Rows with the ranges 8 and 2, read by columns with the ranges 2 and 8: all become 4. The bias follows its row.
  @Test func rangesMeetInTheMiddle() throws {
    var networks = ChannelNetworks(seed: 1, isFloat: true)
    let x = try networks.input([1, 3, 3, 2])
    let first = try networks.convolution(x, 2, size: 1, weights: [8, 1, -2, 1], biases: [6, 3])
    let second = try networks.convolution(first, 2, size: 1, .none, weights: [1, 8, -2, 3])
    let graph = try Self.applied(#"{"step": "equalize"}"#, try networks.finish([second])).graph
    let layers = try graph.weightedLayers()
    #expect(layers[0].weights == [4, 0.5, -4, 2])
    #expect(layers[1].weights == [2, 4, -4, 1.5])
    #expect(try graph.biases(layers[0]) == [3, 6])
  }

  @Test(arguments: 1...40)
  func outputsStay(_ seed: Int) throws {
    var networks = ChannelNetworks(seed: UInt64(seed), isFloat: true)
    networks.isHomogeneous = seed % 2 == 0
    let graph = try networks.make()
    let vectors = networks.vectors(graph, count: 5)
    let network = try Self.applied(#"{"step": "equalize"}"#, graph)
    let changed = try zip(graph.weightedLayers(), network.graph.weightedLayers()).count { $0.weights != $1.weights }
    #expect(changed > 2)
    try Self.expectClose(graph, network.graph, vectors)
  }

  /// Constants that are added to scaled channels are scaled too; the factor of a product is not.
  @Test func constantsFollow() throws {
    var networks = ChannelNetworks(seed: 3, isFloat: true)
    let x = try networks.input([1, 3, 3, 2])
    var y = try networks.convolution(x, 3)
    y = try networks.add(Add(activation: .none), [y, try networks.bias(3)])
    y = try networks.add(Mul(activation: .none), [y, try networks.bias(3)])
    y = try networks.add(LeakyRelu(alpha: 0.3), [y])
    y = try networks.add(Sub(activation: .relu), [y, try networks.bias(3)])
    let graph = try networks.finish([try networks.convolution(y, 2)])
    let vectors = networks.vectors(graph, count: 5)
    // As it is, since preparing it puts constants into the layers.
    var scales = try ChannelStructure(graph, .scale).classes.filter { !$0.isFixed && !$0.rows.isEmpty }
    #expect(scales.count == 3)
    scales.removeAll { own in own.members.count { graph[$0.tensor].constant != nil } == 2 }
    #expect(scales.isEmpty)
    try Self.expectClose(graph, try Self.applied(#"{"step": "equalize"}"#, graph).graph, vectors)
  }

  /// Channels that pass another function than f(s·x) = s·f(x) stay as they are.
  @Test func otherFunctionsStopFactors() throws {
    for (activation, op) in [(Activation.relu6, Relu()), (.none, HardSwish()), (.none, Logistic())]
      as [(Activation, any SourceOperator)]
    {
      var networks = ChannelNetworks(seed: 1, isFloat: true)
      let x = try networks.input([1, 3, 3, 2])
      let y = try networks.add(op, [try networks.convolution(x, 3, activation)])
      let graph = try networks.finish([try networks.convolution(y, 2)])
      #expect(try ChannelStructure(graph, .scale).classes.allSatisfy { $0.isFixed || $0.rows.isEmpty })
    }
  }

  @Test(arguments: ["equalize", "split-outliers"])
  func integersAreRefused(_ step: String) throws {
    var networks = ChannelNetworks(seed: 1, isFloat: false)
    let graph = try networks.make()
    let error = #expect(throws: Diagnostic.self) { _ = try Self.applied(#"{"step": "\#(step)"}"#, graph) }
    #expect(error?.id == "compress.float")
  }

  // MARK: outlier channel splitting

  @Test(arguments: 1...40)
  func splittingKeepsOutputs(_ seed: Int) throws {
    var networks = ChannelNetworks(seed: UInt64(seed), isFloat: true)
    let graph = try networks.make()
    let vectors = networks.vectors(graph, count: 5)
    let network = try Self.applied(#"{"step": "split-outliers", "ratio": 0.4}"#, graph)
    #expect(try network.graph.multiplyAccumulates() > graph.multiplyAccumulates())
    try Self.expectClose(graph, network.graph, vectors)
  }

  /// The channel with the largest weight is doubled, in the layer that makes it too.
  @Test func theLargestWeightIsHalved() throws {
    var networks = ChannelNetworks(seed: 1, isFloat: true)
    let x = try networks.input([1, 3, 3, 1])
    let first = try networks.convolution(x, 3, size: 1, weights: [1, 2, 3], biases: [4, 5, 6])
    let second = try networks.convolution(first, 2, size: 1, .none, weights: [1, -8, 2, 3, 4, 1])
    let graph = try Self.applied(
      #"{"step": "split-outliers", "ratio": 0.1}"#, try networks.finish([second])
    ).graph
    let layers = try graph.weightedLayers()
    #expect(layers[0].weights == [1, 2, 2, 3])
    #expect(try graph.biases(layers[0]) == [4, 5, 5, 6])
    #expect(layers[1].weights == [1, -4, -4, 2, 3, 2, 2, 1])
  }
}
