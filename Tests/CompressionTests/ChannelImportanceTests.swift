import Compression
import IR
import Operators
import Support
import TestSupport
import Testing

@Suite struct ChannelImportanceTests {
  static func step(_ json: String) throws -> any CompressionStep {
    try Recipe.step(JSONCursor(try JSONParser.parse(Array(json.utf8), file: "recipe"), file: "recipe"))
  }

  /// x → 1×1 convolution with the filters 1 and -3, biases 0 and 5 → 1×1 convolution with the filter (2, 1).
  private static func small() throws -> Graph {
    var networks = ChannelNetworks(seed: 1, isFloat: true)
    let x = try networks.input([1, 2, 2, 1])
    let first = try networks.convolution(
      x, 2, size: 1, .none, name: "first", weights: [1, -3], biases: [0, 5])
    let second = try networks.convolution(
      first, 1, size: 1, .none, name: "second", weights: [2, 1], biases: [0])
    return try networks.finish([second])
  }

  private static func importances(_ importance: any ChannelImportance, _ values: [[Float]]) throws -> [[Double]?] {
    let graph = try small()
    let vectors = values.map { [Tensor(graph[graph.inputs[0]].type, floats: $0)] }
    return try importance.importances(
      of: try ChannelStructure(graph, .count), vectors: vectors, CompressionContext(calibration: vectors))
  }

  private static func expect(_ values: [[Double]?], _ wanted: [[Double]?]) {
    #expect(values.count == wanted.count)
    for (a, b) in zip(values, wanted) {
      #expect(a?.count == b?.count)
      for (x, y) in zip(a ?? [], b ?? []) { #expect(abs(x - y) < 1e-6, "\(values)") }
    }
  }

  @Test func norms() throws {
    Self.expect(try Self.importances(FilterNorms(isEuclidean: false), []), [[1, 3], [3]])
    Self.expect(try Self.importances(FilterNorms(isEuclidean: true), []), [[1, 3], [Double(5).squareRoot()]])
  }

  /// For x = 1 the channels are 1 and 2, and the second layer reads 2 · 1 and 1 · 2; for x = 2 they are 2 and -1.
  @Test func activations() throws {
    Self.expect(try Self.importances(ActivationImportance(), [[1, 1, 1, 1]]), [[0.5, 0.5], [0]])
    // Means of magnitudes 1.5 and 1.5, which count 3 and 1.5.
    Self.expect(
      try Self.importances(ActivationImportance(), [[1, 1, 1, 1], [2, 2, 2, 2]]), [[2 / 3.0, 1 / 3.0], [0]])
  }

  /// (1 2; 2 4) has rank 1, 5 - 3 times it is (2 -1; -1 -7) of rank 2, and the second layer gives 5 - x, (4 3; 3 1).
  /// Of zeros the first channel has rank 0, and constants have rank 1.
  @Test func ranks() throws {
    Self.expect(try Self.importances(RankImportance(), [[1, 2, 2, 4]]), [[1, 2], [2]])
    Self.expect(try Self.importances(RankImportance(), [[1, 2, 2, 4], [0, 0, 0, 0]]), [[0.5, 1.5], [1.5]])
  }

  /// The channels of two convolutions whose outputs are added matter together; the least ones go.
  @Test func residualChannelsMatterTogether() throws {
    var networks = ChannelNetworks(seed: 1, isFloat: true)
    let x = try networks.input([1, 2, 2, 1])
    let a = try networks.convolution(x, 3, size: 1, .none, name: "a", weights: [1, 5, 3], biases: [0, 0, 0])
    let b = try networks.convolution(a, 3, size: 1, .none, name: "b", weights: [4, 0, 0, 0, -1, 0, 0, 0, 2.5])
    let sum = try networks.add(Add(activation: .relu), [a, b])
    let graph = try networks.finish([try networks.dense(sum, 2, name: "end")])
    // Norms 1 + 4, 5 + 1 and 3 + 2.5.
    var network = try CompressedNetwork(graph)
    let notes = try Self.step(#"{"step": "prune-channels", "ratio": 0.34}"#).apply(
      to: &network, CompressionContext(calibration: []))
    #expect(notes == ["a, b: 1 of 3 channels removed"])
    let layers = try network.graph.weightedLayers()
    #expect(layers.map(\.type.shape.dims) == [[2, 1, 1, 1], [2, 1, 1, 2], [2, 8]])
    #expect(layers[0].weights == [5, 3])
    #expect(layers[1].weights == [-1, 0, 0, 2.5])
  }

  /// With all of them asked for, one channel of each tensor stays; outputs of the network keep all.
  @Test func oneChannelStays() throws {
    for seed in 1...8 {
      var networks = ChannelNetworks(seed: UInt64(seed), isFloat: seed % 2 == 0)
      let graph = try networks.make()
      var network = try CompressedNetwork(graph)
      for scope in ["layer", "global"] {
        _ = try Self.step(#"{"step": "prune-channels", "ratio": 1, "scope": "\#(scope)"}"#).apply(
          to: &network, CompressionContext(calibration: []))
        try network.graph.verify()
        #expect(network.graph.outputs.map { network.graph[$0].type } == graph.outputs.map { graph[$0].type })
      }
      let own = try network.graph.weightedLayers()
      #expect(own[0].channels == 1)
    }
  }

  @Test func globalRatioTakesTheLeast() throws {
    var networks = ChannelNetworks(seed: 1, isFloat: true)
    let x = try networks.input([1, 2, 2, 1])
    let a = try networks.convolution(x, 4, size: 1, name: "a", weights: [1, 1, 1, 1], biases: [0, 0, 0, 0])
    let b = try networks.convolution(
      a, 4, size: 1, name: "b", weights: [9, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 9])
    let graph = try networks.finish([try networks.dense(b, 2)])
    var network = try CompressedNetwork(graph)
    let notes = try Self.step(#"{"step": "prune-channels", "ratio": 0.25, "scope": "global"}"#).apply(
      to: &network, CompressionContext(calibration: []))
    #expect(notes == ["a: 0 of 4 channels removed", "b: 2 of 4 channels removed"])
    network = try CompressedNetwork(graph)
    let own = try Self.step(#"{"step": "prune-channels", "layers": {"a": 0.5}}"#).apply(
      to: &network, CompressionContext(calibration: []))
    #expect(own == ["a: 2 of 4 channels removed", "b: 0 of 4 channels removed"])
  }

  @Test(arguments: [
    (#"{"step": "prune-channels"}"#, "needs one of the members"),
    (#"{"step": "prune-channels", "ratio": 2}"#, "must be from 0.0 to 1.0"),
    (#"{"step": "prune-channels", "ratio": 0.5, "criterion": "l3"}"#, "must be one of `l1`"),
    (#"{"step": "prune-channels", "ratio": 0.5, "criterion": "rank"}"#, "takes typical inputs"),
    (#"{"step": "prune-channels", "layers": {"c": 0.5}}"#, "is called `c`"),
  ])
  func refusals(_ json: String, _ message: String) throws {
    var network = try CompressedNetwork(try Self.small())
    let error = #expect(throws: Diagnostic.self) {
      _ = try Self.step(json).apply(to: &network, CompressionContext(calibration: []))
    }
    #expect("\(try #require(error))".contains(message), "\(String(describing: error))")
  }
}
