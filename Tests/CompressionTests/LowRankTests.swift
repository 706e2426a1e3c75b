import Compiler
import Compression
import IR
import Operators
import Support
import Testing

/// Networks whose layers the step `low-rank` takes apart.
@Suite struct LowRankTests {
  struct Shape: Sendable, CustomTestStringConvertible {
    let method: String
    let kernel: Extent
    let stride: Extent
    let dilation: Extent
    let padding: Padding

    var testDescription: String {
      "\(method) \(kernel.list) stride \(stride.list) dilation \(dilation.list) \(padding)"
    }
  }

  /// Every method with every way in which a filter moves.
  static let shapes: [Shape] = ["svd", "spatial", "tucker", "cp"].flatMap { method in
    [
      Shape(
        method: method, kernel: Extent(3, 3), stride: Extent(1, 1), dilation: Extent(1, 1), padding: .same),
      Shape(method: method, kernel: Extent(3, 2), stride: Extent(2, 1), dilation: Extent(1, 1), padding: .same),
      Shape(method: method, kernel: Extent(2, 3), stride: Extent(1, 2), dilation: Extent(2, 1), padding: .valid),
      Shape(
        method: method, kernel: Extent(3, 3), stride: Extent(2, 3), dilation: Extent(1, 2),
        padding: .explicit(before: Extent(1, 2), after: Extent(0, 3))),
    ]
  }

  /// Over all layers together the part of the weights is kept, and what pays most in one layer is not what does in another.
  @Test func ratiosOfTheNetworkAreKept() throws {
    let graph = try CompressionGraphs.sample("gesture/model_float.tflite")
    let vectors = try CompressionGraphs.vectors(graph, 6)
    let before = try graph.weightedLayers().reduce(0) { $0 + $1.weights.count }
    var last = before
    for ratio in [0.8, 0.5] {
      let (changed, notes) = try Self.run(
        graph, vectors, #"{"step": "low-rank", "method": "svd", "ratio": \#(ratio), "scope": "network"}"#)
      let after = try changed.weightedLayers().reduce(0) { $0 + $1.weights.count }
      #expect(after < last && notes.contains { $0.contains("of the weights of") })
      last = after
    }
  }

  /// Weights that have the rank are reproduced: all that moves a filter is where it belongs.
  @Test(arguments: shapes, [false, true]) func weightsOfTheRankStayTheSame(_ shape: Shape, _ isMeasured: Bool) throws {
    var layers = FloatLayers(seed: 5)
    let (filters, depth) = (14, 12)
    let taps = shape.kernel.height * shape.kernel.width
    let weights = layers.mixed(filters, taps, depth, left: 2, right: 2)
    let x = try layers.input([1, 9, 11, depth])
    let op = Conv2D(stride: shape.stride, dilation: shape.dilation, padding: shape.padding, activation: .relu)
    let dims = [filters, shape.kernel.height, shape.kernel.width, depth]
    let y = try layers.layer(op, x, dims, weights, bias: filters, name: "layer")
    // Spatial factors need as many as the filters of a column are apart, polyadic ones as many as the core has slices.
    let rank = ["svd": 2, "tucker": 2, "spatial": 2 * min(shape.kernel.height, shape.kernel.width), "cp": 4]
    let vectors = try (0..<4).map { _ in [try layers.tensor([1, 9, 11, depth])] }
    let (changed, _) = try Self.run(
      layers.graph, isMeasured ? vectors : [],
      #"{"step": "low-rank", "method": "\#(shape.method)", "rank": \#(rank[shape.method] ?? 1), "macs": 1000}"#)
    #expect(changed.nodes.count == (["svd", "spatial"].contains(shape.method) ? 2 : 3))
    #expect(changed.outputs == [y])
    let wanted = try Interpreter(layers.graph).outputs(inSequence: vectors)
    for (a, b) in zip(wanted, try Interpreter(changed).outputs(inSequence: vectors)) {
      #expect(try distance(a[0], b[0]) < (shape.method == "cp" ? 1e-4 : 1e-9))
    }
    // Only the last layer has bias and activation.
    for node in changed.nodes.dropLast() {
      #expect(node.inputs.count == 2)
      #expect((node.op as? any Convolution)?.activation == Activation.none)
    }
    #expect((changed.nodes.last?.op as? Conv2D)?.activation == .relu)
    #expect(changed.nodes.allSatisfy { $0.origin == layers.graph.nodes[0].origin })
    #expect(changed[changed.nodes[0].outputs[0]].name == "layer:reduced")
  }

  /// Dense layers read rows of images, too.
  @Test func denseLayersKeepTheirShape() throws {
    var layers = FloatLayers(seed: 6)
    let x = try layers.input([2, 3, 8])
    let op = FullyConnected(activation: .relu, shape: [2, 3, 9])
    _ = try layers.layer(op, x, [9, 8], layers.mixed(9, 1, 8, left: 3, right: 3), bias: 9, name: "dense")
    let (changed, notes) = try Self.run(layers.graph, [], #"{"step": "low-rank", "energy": 0.99999}"#)
    #expect(notes.count == 1 && notes[0].contains("rank 3"), "\(notes)")
    #expect(changed.nodes.map { changed[$0.outputs[0]].type.shape.dims } == [[2, 3, 3], [2, 3, 9]])
    let vectors = [[try layers.tensor([2, 3, 8])]]
    let wanted = try Interpreter(layers.graph).outputs(inSequence: vectors)
    #expect(try distance(wanted[0][0], try Interpreter(changed).outputs(inSequence: vectors)[0][0]) < 1e-10)
  }

  /// Signals of rank 3 in little noise: energy and the Bayesian rank find it, a ratio gives what it pays for.
  @Test func ranksAreWhatTheyAreCalled() throws {
    var layers = FloatLayers(seed: 7)
    let x = try layers.input([1, 40])
    var weights = layers.mixed(30, 1, 40, left: 3, right: 3)
    for (index, noise) in layers.values(weights.count).enumerated() { weights[index] += noise / 20 }
    _ = try layers.layer(FullyConnected(activation: .none, shape: [1, 30]), x, [30, 40], weights, bias: 30, name: "d")
    func rank(_ option: String) throws -> Int? {
      let (graph, _) = try Self.run(layers.graph, [], #"{"step": "low-rank", \#(option)}"#)
      return graph.nodes.count == 2 ? graph[graph.nodes[0].outputs[0]].type.shape.dims.last : nil
    }
    #expect(try rank(#""energy": 0.98"#) == 3)
    #expect(try rank(#""rank": "bayes""#) == 3)
    #expect(try rank(#""rank": "bayes", "method": "svd""#) == 3)
    #expect(try rank(#""ratio": 0.5"#) == 600 / 70)
    #expect(try rank(#""rank": 5"#) == 5)
    #expect(try rank(#""rank": 25"#) == nil)
    #expect(try rank(#""rank": 5, "layers": ["d"]"#) == 5)
    #expect(throws: Diagnostic.self) { try rank(#""rank": 5, "layers": ["other"]"#) }
  }

  /// Nodes that share weights share their factors.
  @Test func sharedWeightsStayShared() throws {
    var layers = FloatLayers(seed: 10)
    let x = try layers.input([1, 10])
    let op = FullyConnected(activation: .relu, shape: [1, 10])
    let weights = layers.mixed(10, 1, 10, left: 2, right: 2)
    let middle = try layers.layer(op, x, [10, 10], weights, bias: 10, name: "first")
    _ = try layers.layer(op, middle, [10, 10], weights, bias: 10, name: "second")
    layers.graph.nodes[1].inputs[1] = layers.graph.nodes[0].inputs[1]
    let (changed, notes) = try Self.run(layers.graph, [], #"{"step": "low-rank", "rank": 2}"#)
    #expect(notes.count == 1)
    #expect(changed.nodes.count == 4)
    #expect(changed.nodes[0].inputs[1] == changed.nodes[2].inputs[1])
    #expect(changed.nodes[1].inputs[1] == changed.nodes[3].inputs[1])
    #expect(changed.nodes[1].inputs[2] != changed.nodes[3].inputs[2])
    let vectors = [[try layers.tensor([1, 10])]]
    let wanted = try Interpreter(layers.graph).outputs(inSequence: vectors)
    #expect(try distance(wanted[0][0], try Interpreter(changed).outputs(inSequence: vectors)[0][0]) < 1e-9)
  }

  @Test func otherLayersStay() throws {
    var layers = FloatLayers(seed: 8)
    let x = try layers.input([1, 6, 6, 8])
    let options = ConvolutionOptions(
      stride: Extent(1, 1), dilation: Extent(1, 1), padding: .same, activation: .none)
    let depthwise = try layers.layer(
      DepthwiseConv2D(options), x, [1, 3, 3, 8], layers.values(72), bias: 8, name: "depthwise")
    _ = try layers.layer(Conv2D(options), depthwise, [8, 3, 3, 4], layers.values(288), bias: 8, name: "grouped")
    let (changed, notes) = try Self.run(layers.graph, [], #"{"step": "low-rank", "rank": 1, "macs": 1000}"#)
    #expect(changed.nodes.count == 2)
    #expect(notes.isEmpty)
  }

  /// A chain that begins before the stride may have fewer weights and yet take longer.
  @Test func workMayNotGrow() throws {
    var layers = FloatLayers(seed: 9)
    let x = try layers.input([1, 12, 12, 24])
    let op = Conv2D(stride: Extent(3, 3), dilation: Extent(1, 1), padding: .same, activation: .none)
    _ = try layers.layer(op, x, [8, 3, 3, 24], layers.values(8 * 9 * 24), bias: 8, name: "strided")
    let step = #"{"step": "low-rank", "method": "tucker", "rank": 8"#
    let (same, notes) = try Self.run(layers.graph, [], step + "}")
    #expect(same.nodes.count == 1)
    #expect(notes.count == 1 && notes[0].contains("multiply-accumulates"), "\(notes)")
    let (changed, _) = try Self.run(layers.graph, [], step + #", "macs": 2}"#)
    #expect(changed.nodes.count == 2)
    #expect(try changed.multiplyAccumulates() <= 2 * layers.graph.multiplyAccumulates())
  }

  @Test func quantizedNetworksAreRefused() throws {
    let graph = try CompressionGraphs.sample("digits/model.tflite")
    do {
      _ = try Self.run(graph, [], #"{"step": "low-rank", "ratio": 0.5}"#)
      Issue.record("was accepted")
    } catch let error as Diagnostic {
      #expect(error.message.contains("low-rank takes a float network"))
      #expect(error.id == "compress.low-rank")
    }
  }

  @Test(arguments: [
    #"{"step": "low-rank", "rank": 0}"#, #"{"step": "low-rank", "rank": "best"}"#,
    #"{"step": "low-rank"}"#, #"{"step": "low-rank", "energy": 0.5, "ratio": 0.5}"#,
    #"{"step": "low-rank", "rank": 1, "method": "qr"}"#,
    #"{"step": "low-rank", "ratio": 2}"#, #"{"step": "low-rank", "ranks": 2}"#,
  ]) func wrongOptionsAreRefused(_ text: String) {
    #expect(throws: Diagnostic.self) { try Recipe.step(text) }
  }

  /// The sample with its own calibration vectors: fewer weights and multiply-accumulates in every form, and an int8 network
  /// afterwards that still knows the digits and comes back from its file.
  @Test(arguments: ["auto", "svd", "spatial", "cp"]) func digitsAreStillKnown(_ method: String) throws {
    let graph = try CompressionGraphs.sample("digits/model_float.tflite")
    let all = try Vectors.load(
      ["Samples/digits/calibration.npy"], for: graph.inputs.map { graph[$0] }, role: "input")
    let calibration = Array(all.prefix(60))
    var compressor = try Compressor(
      graph, CompressionContext(calibration: calibration), evaluation: nil)
    let recipe =
      #"{"steps": [{"step": "low-rank", "method": "\#(method)", "energy": 0.9}, {"step": "quantize", "ranges": "minmax"}]}"#
    try compressor.run(try Recipe(Array(recipe.utf8), file: "recipe"))
    let figures = compressor.statistics
    #expect(figures.count == 3)
    #expect(figures[1].weights < figures[0].weights * 7 / 10)
    #expect(figures[1].multiplyAccumulates < figures[0].multiplyAccumulates)
    #expect(!compressor.network.isFloat)
    let file = try Pipeline.read(try compressor.modelBinary(), file: "model.bin")
    let (old, new) = (try Interpreter(graph), try Interpreter(file))
    let inputs = try file.inputs(calibration)
    let agreeing = zip(try old.outputs(inSequence: calibration), try new.outputs(inSequence: inputs)).count {
      $0[0].indexOfLargest == $1[0].indexOfLargest
    }
    #expect(agreeing >= 55, "\(agreeing) of 60")
  }

  private static func run(
    _ graph: Graph, _ vectors: [[Tensor]], _ step: String
  ) throws -> (graph: Graph, notes: [String]) {
    var network = try CompressedNetwork(graph)
    let notes = try Recipe.step(step).apply(to: &network, CompressionContext(calibration: vectors))
    try network.graph.verify()
    return (network.graph, notes)
  }
}
