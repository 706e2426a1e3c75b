import Compiler
import Frontends
import IR
import Operators
import Passes
import Quantization
import Support
import TestSupport
import Testing

/// Float networks become int8 with the scales that their operators demand.
@Suite struct QuantizerTests {
  private let image = [1, 4, 5, 2]

  private func quantize(
    _ builder: GraphBuilder, outputs: [TensorID], _ method: RangeMethod = .minmax
  ) throws -> QuantizedNetwork {
    var graph = builder.graph
    graph.outputs = outputs
    try graph.verify()
    let network = try Pipeline.quantize(graph, vectors: graph.realVectors(20), method)
    // Everything is int8 now, and goes all the way to integer normal form.
    let floats = network.graph.nodes.flatMap { $0.inputs + $0.outputs }.filter {
      network.graph[$0].type.element == .float32
    }
    #expect(floats.isEmpty)
    _ = try Pipeline.lower(network.graph)
    return network
  }

  private func scale(_ graph: Graph, _ id: TensorID) throws -> Quantization {
    try #require(graph[id].type.quantization)
  }

  @Test func layersComeCloseToTheFloatNetwork() throws {
    var b = GraphBuilder()
    let x = try b.realInput(image)
    let t = try b.realPointwise(
      x, [[0.5, -1], [2, 0.25], [-0.125, 0.01]], bias: [0.1, -0.2, 0.3], activation: .relu)
    let y = try b.realPointwise(t, [[1, 2, 3]], bias: nil)
    for method in RangeMethod.allCases {
      let network = try quantize(b, outputs: [y], method)
      #expect(network.fidelity.count == 1 && network.fidelity[0].decibels > 35, "\(network.fidelity)")
      #expect(network.graph.mnemonics == ["conv_2d", "conv_2d"])
    }
  }

  /// The weights are symmetric with one scale for each channel, and reach 127; the bias has the scale input × weights.
  @Test func weightsAndBiasesFollowTheSpecification() throws {
    var b = GraphBuilder()
    let x = try b.realInput(image)
    // Weights that need no rounding: the bias is corrected for that.
    let y = try b.realPointwise(x, [[64 / 127, -1], [2, 32 / 127]], bias: [0.1, -0.2])
    let graph = try quantize(b, outputs: [y]).graph
    let node = graph.nodes[0]
    let weights = try #require(try graph.operand(node.inputs[1]).constant)
    #expect(weights.type.quantization?.scales == [1 / 127 as Float, 2 / 127])
    #expect(weights.type.quantization?.zeroPoints == [0, 0] && weights.type.quantization?.axis == 0)
    #expect(try weights.ints("weights") == [64, -127, 127, 16])
    let input = try scale(graph, node.inputs[0]).scales[0]
    let bias = try #require(try graph.operand(node.inputs[2]).constant)
    #expect(bias.type.element == .int32)
    #expect(
      try bias.ints("bias") == [Int32((0.1 / (input / 127)).rounded()), Int32((-0.2 / (input * 2 / 127)).rounded())])
  }

  @Test func hugeBiasesAndWeightsOfZeroGetScalesThatHoldThem() throws {
    var b = GraphBuilder()
    let x = try b.realInput(image)
    let y = try b.realPointwise(x, [[1e-12, 0], [0, 0], [1, 1]], bias: [1000, 1000, 0])
    let network = try quantize(b, outputs: [y])
    #expect(network.fidelity[0].decibels > 40)
  }

  @Test func operatorsWithFixedScalesGetThem() throws {
    var b = GraphBuilder()
    let x = try b.realInput(image)
    let softmax = try b.realUnary(Softmax(beta: 1), x)
    let logistic = try b.realUnary(Logistic(), x)
    let tanh = try b.realUnary(Tanh(), x)
    let graph = try quantize(b, outputs: [softmax, logistic, tanh]).graph
    let wanted: [(scale: Float, zeroPoint: Int32)] = [(1 / 256, -128), (1 / 256, -128), (1 / 128, 0)]
    for (id, fixed) in zip(graph.outputs, wanted) {
      #expect(try scale(graph, id) == .perTensor(scale: fixed.scale, zeroPoint: fixed.zeroPoint))
    }
  }

  @Test func operatorsThatMoveElementsShareOneScale() throws {
    var b = GraphBuilder()
    let x = try b.realInput(image)
    let small = try b.realPointwise(x, [[0.1, 0.1]], bias: nil)
    let large = try b.realPointwise(x, [[5, 5]], bias: nil)
    let joined = b.node(Concatenation(axis: 3), [small, large], try b.real(image), name: "CONCATENATION")
    let pool = MaxPool2D(filter: Extent(2, 2), stride: Extent(2, 2), padding: .valid, activation: .none)
    let pooled = b.node(pool, [joined], try b.real([1, 2, 2, 2]), name: "MAX_POOL_2D")
    let padded = b.node(
      Pad(before: [0, 1, 1, 0], after: [0, 0, 0, 0], value: 0, real: 0.5), [pooled], try b.real([1, 3, 3, 2]),
      name: "PADV2")
    let network = try quantize(b, outputs: [padded])
    let graph = network.graph
    let common = try scale(graph, padded)
    for id in [small, large, joined, pooled] { #expect(try scale(graph, id) == common) }
    let pad = try #require(graph.nodes.last?.op as? Pad)
    #expect(pad.value == Int((0.5 / common.scales[0]).rounded()) + Int(common.zeroPoints[0]) && pad.real == nil)
    #expect(network.fidelity[0].decibels > 30)
  }

  /// Elements that are picked have another range than all of them.
  @Test func operatorsThatPickElementsShareOneScale() throws {
    var b = GraphBuilder()
    let x = try b.realInput([1, 4])
    let factors = try b.realConstant([4], [10, 1, 0.5, 0.25])
    let scaled = b.node(Mul(activation: .none), [x, factors], try b.real([1, 4]), name: "MUL")
    let picked = b.node(Take(places: [[], [2, 3, 2]]), [scaled], try b.real([1, 3]), name: "Gather")
    let parts = [try b.real([1, 1]), try b.real([1, 2])].map { b.graph.add(TensorInfo(name: "part", type: $0)) }
    b.graph.nodes.append(
      Node(
        SplitSizes(axis: 1, sizes: [1, 2]), inputs: [picked], outputs: parts,
        origin: Origin(index: 2, operatorName: "SPLIT_V")))
    let network = try quantize(b, outputs: parts)
    for id in [picked] + parts { #expect(try scale(network.graph, id) == scale(network.graph, scaled)) }
    // The scale is the one of values twenty times as large.
    for output in network.fidelity { #expect(output.decibels > 15, "\(output)") }
  }

  @Test func joinedTensorsOfFixedScalesAreRequantized() throws {
    var b = GraphBuilder()
    let x = try b.realInput(image)
    let gate = try b.realUnary(Logistic(), x)
    let sum = try b.realPointwise(x, [[3, 3], [1, -4]], bias: nil)
    let joined = b.node(Concatenation(axis: 3), [gate, sum], try b.real([1, 4, 5, 4]), name: "CONCATENATION")
    let network = try quantize(b, outputs: [joined])
    #expect(network.graph.mnemonics.sorted() == ["concatenation", "conv_2d", "logistic", "quantize"])
    #expect(network.fidelity[0].decibels > 30)
  }

  @Test func joinedTensorsOfOneFixedScaleKeepIt() throws {
    var b = GraphBuilder()
    let x = try b.realInput(image)
    let joined = b.node(
      Concatenation(axis: 3), [try b.realUnary(Logistic(), x), try b.realUnary(Softmax(beta: 1), x)],
      try b.real([1, 4, 5, 4]), name: "CONCATENATION")
    let graph = try quantize(b, outputs: [joined]).graph
    #expect(graph.mnemonics.count == 3)
    #expect(try scale(graph, joined) == .perTensor(scale: 1 / 256, zeroPoint: -128))
  }

  @Test func joinedConstantsFitIntoTheScale() throws {
    var b = GraphBuilder()
    let x = try b.realInput([1, 3])
    let joined = b.node(
      Concatenation(axis: 1), [x, try b.realConstant([1, 2], [7, -0.5])], try b.real([1, 5]), name: "CONCATENATION")
    let network = try quantize(b, outputs: [joined])
    #expect(network.fidelity[0].decibels > 40)
  }

  /// Normalization as it is exported: a product and a sum for each channel, then a rectifier.
  @Test func normalizationAndActivationsGoIntoTheLayer() throws {
    var b = GraphBuilder()
    let x = try b.realInput(image)
    let sum = try b.realPointwise(x, [[0.5, -1], [2, 0.25]], bias: nil)
    let product = b.node(
      Mul(activation: .none), [sum, try b.realConstant([2], [2, -3])], try b.real(image), name: "MUL")
    let shifted = b.node(
      Add(activation: .none), [try b.realConstant([1, 1, 1, 2], [0.5, 0.25]), product], try b.real(image), name: "ADD")
    let y = try b.realUnary(Relu6(), shifted)
    let network = try quantize(b, outputs: [y])
    #expect(network.graph.mnemonics == ["conv_2d"])
    #expect((network.graph.nodes[0].op as? Conv2D)?.options.activation == .relu6)
    #expect(network.fidelity[0].decibels > 35)
  }

  /// A scaler before a dense layer: (x − mean) · factor.
  @Test func scalersGoIntoDenseLayers() throws {
    var b = GraphBuilder()
    let x = try b.realInput([1, 2])
    let shifted = b.node(
      Sub(activation: .none), [x, try b.realConstant([2], [0.5, -0.25])], try b.real([1, 2]), name: "Scaler")
    let scaled = b.node(
      Mul(activation: .none), [shifted, try b.realConstant([1, 2], [2, -4])], try b.real([1, 2]), name: "Scaler")
    let y = b.node(
      FullyConnected(activation: .none, shape: [1, 3]),
      [scaled, try b.realConstant([3, 2], [1, 0.5, -1, 2, 0, 1]), try b.realConstant([3], [1, 2, 3])],
      try b.real([1, 3]), name: "Gemm")
    var graph = b.graph
    graph.outputs = [y]
    try FuseFloatLayers().run(on: &graph)
    #expect(graph.mnemonics == ["fully_connected"] && graph.nodes[0].inputs[0] == x)
    let constants = try graph.operands(graph.nodes[0]).dropFirst().map { try $0.constant?.floats("constant") }
    #expect(constants == [[2, -2, -2, -8, 0, -4], [-0.5, 1, 2]])
    #expect(try quantize(b, outputs: [y]).graph.mnemonics == ["fully_connected"])
    // What other nodes read, too, stays.
    #expect(try quantize(b, outputs: [y, scaled]).graph.mnemonics == ["sub", "mul", "fully_connected"])
  }

  /// Factors of very different size: the scaler is computed with 16 bits, as otherwise the small feature would be lost.
  @Test func featuresOfDifferentRangesGet16Bits() throws {
    var b = GraphBuilder()
    let x = try b.realInput([1, 2])
    let spread = b.node(
      Mul(activation: .none), [x, try b.realConstant([2], [200, 1])], try b.real([1, 2]), name: "MUL")
    var graph = b.graph
    graph.outputs = [spread]
    // Inputs as far apart as their factors are.
    let vectors = try graph.realVectors(20).map { try Interpreter(graph).outputs($0) }
    let shifted = b.node(
      Sub(activation: .none), [x, try b.realConstant([2], [50, -0.25])], try b.real([1, 2]), name: "Scaler")
    let scaled = b.node(
      Mul(activation: .none), [shifted, try b.realConstant([1, 2], [0.005, 1])], try b.real([1, 2]), name: "Scaler")
    let y = b.node(
      FullyConnected(activation: .none, shape: [1, 2]), [scaled, try b.realConstant([2, 2], [1, 0.5, -1, 2])],
      try b.real([1, 2]), name: "Gemm")
    graph = b.graph
    graph.nodes.removeFirst()
    graph.outputs = [y]
    let network = try Pipeline.quantize(graph, vectors: vectors, .minmax)
    #expect(network.graph.mnemonics == ["sub", "mul", "quantize", "fully_connected"])
    #expect(network.graph[network.graph.inputs[0]].type.element == .int16)
    #expect(network.graph.notes.count == 1)
    #expect(network.fidelity[0].decibels > 35, "\(network.fidelity)")
    _ = try Pipeline.lower(network.graph)
  }

  @Test(arguments: [(0, false, false), (1, true, false), (2, false, true), (1, true, true)])
  func cumulativeSumsAreDenseLayers(_ axis: Int, _ isExclusive: Bool, _ isReverse: Bool) throws {
    var b = GraphBuilder()
    let x = try b.realInput([2, 5, 3])
    let y = try b.realUnary(CumulativeSum(axis: axis, isExclusive: isExclusive, isReverse: isReverse), x)
    let network = try quantize(b, outputs: [y])
    #expect(network.graph.mnemonics.filter { $0 != "transpose" } == ["fully_connected"])
    #expect(network.fidelity[0].decibels > 35, "\(network.fidelity)")
  }

  @Test func logarithmsOfSumsOfExponentialsTakeTheMaximumOff() throws {
    for keeps in [true, false] {
      var b = GraphBuilder()
      let x = try b.realInput([4, 6])
      let scaled = b.node(Mul(activation: .none), [x, try b.realConstant([], [30])], try b.real([4, 6]), name: "MUL")
      let terms = try b.realUnary(PointwiseFunction(.exponential), scaled)
      let dims = keeps ? [4, 1] : [4]
      let mean = b.node(Mean(axes: [1], keepDimensions: keeps), [terms], try b.real(dims), name: "MEAN")
      let sum = b.node(Mul(activation: .none), [mean, try b.realConstant([], [6])], try b.real(dims), name: "MUL")
      let y = try b.realUnary(PointwiseFunction(.logarithm), sum)
      let network = try quantize(b, outputs: [y])
      #expect(network.fidelity[0].decibels > 30, "\(network.fidelity)")
    }
  }

  @Test func logarithmsOfProbabilitiesAreOneOperator() throws {
    var b = GraphBuilder()
    let x = try b.realInput([1, 6])
    let scaled = b.node(Mul(activation: .none), [x, try b.realConstant([], [9])], try b.real([1, 6]), name: "MUL")
    let y = try b.realUnary(PointwiseFunction(.logarithm), try b.realUnary(Softmax(beta: 1), scaled))
    let network = try quantize(b, outputs: [y])
    #expect(network.graph.mnemonics == ["mul", "log_softmax"])
    #expect(network.fidelity[0].decibels > 25)
  }

  /// What other nodes read too stays.
  @Test func sharedResultsAreNotAbsorbed() throws {
    var b = GraphBuilder()
    let x = try b.realInput(image)
    let sum = try b.realPointwise(x, [[0.5, -1], [2, 0.25]], bias: nil)
    let y = try b.realUnary(Relu(), sum)
    let graph = try quantize(b, outputs: [y, sum]).graph
    #expect(graph.mnemonics == ["conv_2d", "relu"])
  }

  /// Parts that are quantized already keep their scales, and the rest joins them.
  @Test func quantizedPartsStay() throws {
    var b = GraphBuilder()
    let x = try b.realInput(image)
    let first = try b.quantized(x, scale: 0.0125, zeroPoint: 5)
    let inner = try b.dequantized(first)
    let sum = try b.realPointwise(inner, [[0.5, -1], [2, 0.25]], bias: [1, 2])
    let last = try b.quantized(sum, scale: 0.0625, zeroPoint: -7)
    let y = try b.dequantized(last)
    let graph = try quantize(b, outputs: [y]).graph
    #expect(graph.mnemonics == ["conv_2d"])
    #expect(try scale(graph, graph.nodes[0].inputs[0]) == .perTensor(scale: 0.0125, zeroPoint: 5))
    #expect(try scale(graph, graph.outputs[0]) == .perTensor(scale: 0.0625, zeroPoint: -7))
  }

  @Test func indicesStayIntegers() throws {
    var b = GraphBuilder()
    let x = try b.realInput([3, 7])
    let y = b.node(ArgMax(axis: 1), [x], TensorType(.int32, try Shape([3])), name: "ARG_MAX")
    let network = try quantize(b, outputs: [y])
    #expect(network.graph[network.graph.outputs[0]].type.element == .int32)
  }

  /// The elements of a list keep the scale that they have.
  @Test func listsShareTheScaleOfTheirInput() throws {
    var b = GraphBuilder()
    let x = try b.realInput([3, 7])
    let (list, places) = (try Shape([3, 2]), TopK(axis: 1, count: 2))
    let values = b.graph.add(TensorInfo(name: "values", type: TensorType(.float32, list)))
    let indices = b.graph.add(TensorInfo(name: "indices", type: TensorType(.int32, list)))
    b.graph.nodes.append(
      Node(places, inputs: [x], outputs: [values, indices], origin: Origin(index: 0, operatorName: "TOPK_V2")))
    let graph = try quantize(b, outputs: [values, indices]).graph
    #expect(graph.mnemonics == ["top_k"])
    #expect(try scale(graph, graph.outputs[0]) == scale(graph, graph.inputs[0]))
    #expect(graph[graph.outputs[1]].type.element == .int32)
  }

  private func failure(_ builder: GraphBuilder, _ output: TensorID, _ vectors: [[Tensor]]? = nil) throws -> String {
    var graph = builder.graph
    graph.outputs = [output]
    do throws(Diagnostic) {
      _ = try Pipeline.quantize(graph, vectors: vectors ?? graph.realVectors(2), .mse)
      return ""
    } catch {
      return error.id
    }
  }

  @Test func whatCantBeQuantizedIsRefused() throws {
    var b = GraphBuilder()
    let x = try b.realInput([2, 2])
    let dense = FullyConnected(activation: .none, shape: [2, 2])
    let y = b.node(dense, [x, x], try b.real([2, 2]), name: "FULLY_CONNECTED")
    #expect(try failure(b, y) == "quantize.weights")
    let w = try b.realConstant([2, 2], [1, 2, 3, 4])
    let rows = b.node(Reshape(shape: [4]), [x], try b.real([4]), name: "RESHAPE")
    let part = try b.node(
      StridedSlice(
        of: Shape([4]), begin: [0], end: [2], strides: [1], beginMask: 0, endMask: 0, shrinkMask: 0), [rows],
      b.real([2]), name: "STRIDED_SLICE")
    let z = b.node(dense, [x, w, part], try b.real([2, 2]), name: "FULLY_CONNECTED")
    #expect(try failure(b, z) == "quantize.bias")
    let broken = try b.realConstant([2, 2], [1, .infinity, 3, 4])
    let i = b.node(dense, [x, broken], try b.real([2, 2]), name: "FULLY_CONNECTED")
    #expect(try failure(b, i) == "quantize.weights")
    let whole = b.node(Cast(), [x], TensorType(.int32, try Shape([2, 2])), name: "CAST")
    #expect(try failure(b, whole) == "quantize.cast")
    let ok = b.node(dense, [x, w], try b.real([2, 2]), name: "FULLY_CONNECTED")
    #expect(try failure(b, ok) == "")
    #expect(try failure(b, ok, []) == "quantize.vectors")
    let bad = [[Tensor(try b.real([2, 2]), floats: [0, .nan, 0, 0])]]
    #expect(try failure(b, ok, bad) == "quantize.finite")
  }
}

/// Whole networks.
@Suite struct QuantizedNetworkTests {
  /// Cases in which steps of the input are large beside what the function looks at, or a tie decides.
  private static let coarse: Set<String> = [
    "arg_max_axis_0", "arg_max_last", "logistic_scale_9", "softmax_scale_4", "tanh_scale_9",
  ]

  @Test(arguments: Repository.floatFixtures)
  func recordedFloatNetworksBecomeInteger(_ fixture: Repository.ModelFolder) throws {
    let graph = try Pipeline.read(try fixture.bytes("model.tflite"), file: fixture.description)
    let vectors = try Vectors.load(try fixture.vectorPaths("input"), for: graph.inputs.map { graph[$0] }, role: "input")
    for method in RangeMethod.allCases {
      let network = try Pipeline.quantize(graph, vectors: vectors, method)
      let lowered = try Pipeline.lower(network.graph)
      let (a, b) = (try Interpreter(network.graph), try Interpreter(lowered))
      for vector in VectorGenerator.vectors(for: lowered.inputs.map { lowered[$0].type }, count: 5) {
        #expect(try a.outputs(vector).map(\.elements) == b.outputs(vector).map(\.elements))
      }
      if method == .minmax, !Self.coarse.contains("\(fixture)") {
        for output in network.fidelity { #expect(output.decibels > 25, "\(output)") }
      }
    }
  }

  @Test func theSampleStaysAccurate() throws {
    let sample = try #require(Repository.samples.first { "\($0)" == "gesture" })
    let graph = try Pipeline.read(try sample.bytes("model_float.tflite"), file: "model_float.tflite")
    let paths = ["\(sample.path)/calibration.npy"]
    let vectors = try Vectors.load(paths, for: graph.inputs.map { graph[$0] }, role: "input")
    for method in RangeMethod.allCases {
      let network = try Pipeline.quantize(graph, vectors: vectors, method)
      #expect(network.fidelity[0].decibels > 34, "\(method)")
      #expect(try ModelBinaryWriter.write(network.graph).count < 30_000)
      // The same bytes every time, and the same network from the file.
      let bytes = try ModelBinaryWriter.write(network.graph)
      #expect(try ModelBinaryWriter.write(Pipeline.quantize(graph, vectors: vectors, method).graph) == bytes)
      let again = try Pipeline.read(bytes, file: network.graph.file)
      #expect(again.text == network.graph.text)
    }
  }
}
