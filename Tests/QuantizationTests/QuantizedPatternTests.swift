import Compiler
import Frontends
import IR
import Operators
import Quantization
import Support
import TestSupport
import Testing

/// Float operators between DEQUANTIZE and QUANTIZE become the quantized operators.
@Suite struct QuantizedPatternTests {
  /// The graph with every int8 operator in floats, between DEQUANTIZE and QUANTIZE, weights and biases included.
  private static func expanded(_ graph: Graph, floatBias: Bool) throws -> Graph {
    var result = graph
    result.nodes = []
    for node in graph.nodes {
      guard let op = node.op as? any SourceOperator, !(op is Quantize), !(op is Dequantize),
        graph[node.outputs[0]].type.element == .int8
      else {
        result.nodes.append(node)
        continue
      }
      func real(_ id: TensorID) -> TensorID {
        result.add(TensorInfo(name: "\(graph[id].name):real", type: TensorType(.float32, graph[id].type.shape)))
      }
      var inputs: [TensorID] = []
      for (position, id) in node.inputs.enumerated() {
        var source = id
        // Indices and the like.
        if graph[id].type.element != .int8 && op.quantizationRule != .weighted(channelAxis: 0)
          && op.quantizationRule != .weighted(channelAxis: 3)
        {
          inputs.append(id)
          continue
        }
        if graph[id].type.element == .int32, let bias = try graph.operand(id).constant {
          // A bias needs a scale to be dequantized: the one of input × weights.
          let input = try graph[node.inputs[0]].type.affine("input").scale
          let scales = (graph[node.inputs[1]].type.quantization?.scales ?? []).map { Float(Double(input) * Double($0)) }
          let zeros = [Int32](repeating: 0, count: scales.count)
          let type = TensorType(.int32, bias.type.shape, try Quantization(scales: scales, zeroPoints: zeros, axis: 0))
          source = result.add(constant: bias.retyped(type), name: "bias")
          if floatBias && position == 2 {
            inputs.append(result.add(constant: try Dequantize.real(bias.retyped(type)), name: "bias"))
            continue
          }
        }
        inputs.append(real(id))
        result.nodes.append(Node(Dequantize(), inputs: [source], outputs: [inputs[position]], origin: node.origin))
      }
      // Indices stay integers.
      let outputs = node.outputs.map { graph[$0].type.element == .int8 ? real($0) : $0 }
      var float: any Operator = op
      if let pad = op as? Pad {
        let (scale, zeroPoint) = try graph[node.outputs[0]].type.affine("output")
        float = Pad(
          before: pad.before, after: pad.after, value: 0, real: Float(pad.value - Int(zeroPoint)) * scale)
      }
      result.nodes.append(Node(float, inputs: inputs, outputs: outputs, origin: node.origin))
      for (output, target) in zip(outputs, node.outputs) where output != target {
        result.nodes.append(Node(Quantize(), inputs: [output], outputs: [target], origin: node.origin))
      }
    }
    return result
  }

  /// Operators on single values become tables instead, and so do changes of scale.
  private func isFolded(_ graph: Graph) -> Bool {
    graph.states.isEmpty
      && graph.nodes.allSatisfy { !($0.op is any UnaryOperator) && graph[$0.outputs[0]].type.element == .int8 }
  }

  @Test(arguments: Repository.operatorFixtures)
  func expandedNetworksAreFoldedBack(_ fixture: Repository.ModelFolder) throws {
    let graph = try Frontend.read(try fixture.bytes("model.tflite"), file: fixture.description)
    guard isFolded(graph) else { return }
    let vectors = try Vectors.load(try fixture.vectorPaths("input"), for: graph.inputs.map { graph[$0] }, role: "input")
    var folded = try Self.expanded(graph, floatBias: false)
    try folded.verify()
    try QuantizedPatterns.fold(&folded)
    try folded.verify()
    #expect(folded.mnemonics == graph.mnemonics)
    let (wanted, actual) = (try Interpreter(graph), try Interpreter(folded))
    for vector in vectors {
      #expect(try wanted.outputs(vector).map(\.elements) == actual.outputs(vector).map(\.elements))
    }
  }

  /// A bias in floats is rounded to the scale input × weights, which gives back the integers as long as a float holds them.
  @Test(arguments: ["conv_2d_same", "depthwise_conv_2d_stride_2", "fully_connected_per_channel"])
  func floatBiasesAreBroughtToScale(_ name: String) throws {
    let fixture = try #require(Repository.operatorFixtures.first { "\($0)" == name })
    let graph = try Frontend.read(try fixture.bytes("model.tflite"), file: name)
    var folded = try Self.expanded(graph, floatBias: true)
    try QuantizedPatterns.fold(&folded)
    #expect(folded.mnemonics == graph.mnemonics)
    let vectors = try Vectors.load(try fixture.vectorPaths("input"), for: graph.inputs.map { graph[$0] }, role: "input")
    let (wanted, actual) = (try Interpreter(graph), try Interpreter(folded))
    for vector in vectors {
      #expect(try wanted.outputs(vector).map(\.elements) == actual.outputs(vector).map(\.elements))
    }
  }

  private func folded(_ builder: GraphBuilder, _ outputs: [TensorID]) throws -> Graph {
    var graph = builder.graph
    graph.outputs = outputs
    try graph.verify()
    try QuantizedPatterns.fold(&graph)
    try graph.verify()
    _ = try Pipeline.lower(graph)
    return graph
  }

  /// input → QUANTIZE → DEQUANTIZE → operator → rectifier → QUANTIZE → DEQUANTIZE, as quantizers write it.
  @Test func activationsBetweenBecomeClamps() throws {
    var b = GraphBuilder()
    let x = try b.dequantized(try b.quantized(try b.realInput([1, 4, 5, 2]), scale: 0.02, zeroPoint: 3))
    let kind = TensorType(.int8, try Shape([2, 1, 1, 2]), try .perTensor(scale: 0.5, zeroPoint: 0))
    let weights = b.node(
      Dequantize(), [b.constant(kind, [1, -2, 3, 4], name: "w")], try b.real([2, 1, 1, 2]), name: "DEQUANTIZE")
    let op = Conv2D(stride: Extent(1, 1), dilation: Extent(1, 1), padding: .valid, activation: .none)
    let sum = b.node(
      op, [x, weights, try b.realConstant([2], [0.5, -0.25])], try b.real([1, 4, 5, 2]), name: "CONV_2D")
    let clamped = try b.realUnary(Relu(), sum)
    let y = try b.dequantized(try b.quantized(clamped, scale: 0.03, zeroPoint: -100))
    let graph = try folded(b, [y])
    #expect(graph.mnemonics == ["quantize", "conv_2d", "dequantize"])
    #expect((graph.nodes[1].op as? Conv2D)?.options.activation == .relu)
    #expect(try graph.operand(graph.nodes[1].inputs[2]).constantInts("bias") == [50, -25])
  }

  /// Weights with scales along an axis that does not count the outputs.
  @Test func scalesThatDoNotSuitStay() throws {
    var b = GraphBuilder()
    let x = try b.dequantized(try b.quantized(try b.realInput([1, 2]), scale: 0.02, zeroPoint: 3))
    let kind = TensorType(
      .int8, try Shape([3, 2]), try Quantization(scales: [0.5, 1], zeroPoints: [0, 0], axis: 1))
    let weights = b.node(
      Dequantize(), [b.constant(kind, [1, -2, 3, 4, 5, 6], name: "w")], try b.real([3, 2]), name: "DEQUANTIZE")
    let sum = b.node(
      FullyConnected(activation: .none, shape: [1, 3]), [x, weights, try b.realConstant([3], [1, 2, 3])],
      try b.real([1, 3]), name: "FULLY_CONNECTED")
    let y = try b.quantized(sum, scale: 0.03, zeroPoint: 0)
    b.graph.outputs = [y]
    try QuantizedPatterns.fold(&b.graph)
    #expect(b.graph.mnemonics.contains("dequantize") && Quantizer.isNeeded(b.graph))
    // With vectors the weights get other scales.
    let network = try Pipeline.quantize(b.graph, vectors: b.graph.realVectors(5), .minmax)
    #expect(network.graph.mnemonics == ["fully_connected"] && network.fidelity[0].decibels > 30)
  }

  /// Unsigned bytes inside become signed ones.
  @Test func unsignedBytesInsideBecomeSigned() throws {
    var b = GraphBuilder()
    let x = try b.realInput([1, 4, 5, 2])
    let unsigned = TensorType(.uint8, try Shape([1, 4, 5, 2]), try .perTensor(scale: 0.02, zeroPoint: 131))
    let q = b.node(Quantize(), [x], unsigned, name: "QUANTIZE")
    let r = try b.dequantized(q)
    let sum = b.node(Add(activation: .none), [r, r], try b.real([1, 4, 5, 2]), name: "ADD")
    let s = b.node(
      Quantize(), [sum], TensorType(.uint8, unsigned.shape, try .perTensor(scale: 0.04, zeroPoint: 120)),
      name: "QUANTIZE")
    let y = try b.dequantized(s)
    let graph = try folded(b, [y])
    #expect(graph.mnemonics == ["quantize", "add", "dequantize"])
    #expect(graph[q].type.element == .int8 && graph[q].type.quantization?.zeroPoints == [3])
    #expect(graph[s].type.quantization?.zeroPoints == [-8])
  }

  /// Movement between different scales happens in the input's; the change of scale becomes a table.
  @Test func movementBetweenScalesIsExact() throws {
    var b = GraphBuilder()
    let x = try b.input([1, 3, 4, 2])
    let moved = b.node(
      Transpose(permutation: [0, 2, 1, 3]), [try b.dequantized(x)], try b.real([1, 4, 3, 2]), name: "TRANSPOSE")
    let y = try b.quantized(moved, scale: 0.3, zeroPoint: 9)
    let joined = b.node(
      Concatenation(axis: 1), [try b.dequantized(y), try b.dequantized(y)], try b.real([1, 8, 3, 2]),
      name: "CONCATENATION")
    let z = try b.quantized(joined, scale: 0.6, zeroPoint: -9)
    var original = b.graph
    original.outputs = [z]
    let graph = try folded(b, [z])
    #expect(graph.mnemonics.filter { $0 != "quantize" && $0 != "dequantize" } == ["transpose", "concatenation"])
    for node in graph.nodes where node.op is Transpose || node.op is Concatenation {
      #expect(graph[node.outputs[0]].type.element == .int8)
    }
    let (wanted, actual) = (try Interpreter(original), try Interpreter(graph))
    for vector in VectorGenerator.vectors(for: [graph[x].type]) {
      #expect(try wanted.outputs(vector) == actual.outputs(vector))
    }
  }

  /// Operators that pick elements between DEQUANTIZE and a layer, which nothing quantizes, are computed on integers.
  @Test(arguments: [true, false])
  func movementBeforeLayersIsFolded(_ roundsToEven: Bool) throws {
    var b = GraphBuilder()
    let x = try b.input([1, 4, 3, 2])
    let pool = MaxPool2D(filter: Extent(2, 1), stride: Extent(2, 1), padding: .valid, activation: .none)
    let pooled = b.node(pool, [try b.dequantized(x)], try b.real([1, 2, 3, 2]), name: "MAX_POOL_2D")
    let moved = b.node(
      Transpose(permutation: [0, 3, 1, 2]), [pooled], try b.real([1, 2, 2, 3]), name: "TRANSPOSE")
    let flat = b.node(Reshape(shape: [1, 12]), [moved], try b.real([1, 12]), name: "RESHAPE")
    let kind = TensorType(.int8, try Shape([2, 12]), try .perTensor(scale: 0.03, zeroPoint: 0))
    let weights = b.node(
      Dequantize(), [b.constant(kind, (0..<24).map { $0 * 9 - 100 }, name: "w")], try b.real([2, 12]),
      name: "DEQUANTIZE")
    // Two layers read the same elements.
    let targets = try [Float(0.9), 0.7].map { (scale: Float) -> TensorID in
      let sum = b.node(
        FullyConnected(activation: .none, shape: [1, 2]), [flat, weights], try b.real([1, 2]), name: "FULLY_CONNECTED")
      return b.node(
        Quantize(roundsToEven: roundsToEven), [sum], try b.type([1, 2], scale: scale, zeroPoint: 5), name: "QUANTIZE")
    }
    let graph = try folded(b, targets)
    #expect(
      graph.mnemonics == ["max_pool_2d", "transpose", "reshape", "fully_connected", "fully_connected"])
    #expect(
      graph.nodes.compactMap { ($0.op as? FullyConnected)?.arithmetic }
        == [Requantization.Arithmetic](repeating: roundsToEven ? .singlePrecision : .fixedPoint, count: 2))
    var original = b.graph
    original.outputs = targets
    for vector in VectorGenerator.vectors(for: [graph[x].type]) {
      let (wanted, actual) = (try Interpreter(original).outputs(vector), try Interpreter(graph).outputs(vector))
      // The sums of floats are nowhere near a tie.
      #expect(wanted.map(\.elements) == actual.map(\.elements))
    }
  }

  /// Weights with a zero point fold as ONNX Runtime computes them; TensorFlow Lite Micro does not.
  @Test(arguments: [true, false])
  func weightsWithZeroPointsFold(_ roundsToEven: Bool) throws {
    var b = GraphBuilder()
    let x = try b.dequantized(try b.input([1, 3, 3, 2]))
    let kind = TensorType(
      .int8, try Shape([2, 1, 1, 2]), try Quantization(scales: [0.5, 0.25], zeroPoints: [-128, 100], axis: 0))
    let weights = b.node(
      Dequantize(), [b.constant(kind, [127, -20, -128, 99], name: "w")], try b.real([2, 1, 1, 2]), name: "DEQUANTIZE")
    let op = Conv2D(stride: Extent(1, 1), dilation: Extent(1, 1), padding: .valid, activation: .none)
    let sum = b.node(op, [x, weights], try b.real([1, 3, 3, 2]), name: "CONV_2D")
    let y = b.node(
      Quantize(roundsToEven: roundsToEven), [sum], try b.type([1, 3, 3, 2], scale: 90, zeroPoint: 3), name: "QUANTIZE")
    b.graph.outputs = [y]
    let original = b.graph
    try QuantizedPatterns.fold(&b.graph)
    guard roundsToEven else {
      #expect(b.graph.mnemonics.contains("dequantize"))
      return
    }
    #expect(b.graph.mnemonics == ["conv_2d"])
    let lowered = try Pipeline.lower(b.graph)
    #expect(lowered[lowered.nodes[0].inputs[1]].type.element == .int16)
    for vector in VectorGenerator.vectors(for: [b.graph[b.graph.inputs[0]].type]) {
      let results = try [original, b.graph, lowered].map { try Interpreter($0).outputs(vector)[0].elements }
      #expect(results[0] == results[1] && results[0] == results[2])
    }
  }

  @Test func fixedScalesAreKeptAndConverted() throws {
    var b = GraphBuilder()
    let x = try b.input([1, 10])
    let soft = try b.realUnary(Softmax(beta: 1), try b.dequantized(x))
    let y = try b.quantized(soft, scale: 0.0041, zeroPoint: -128)
    let graph = try folded(b, [y])
    #expect(graph.mnemonics == ["softmax", "dequantize", "quantize"])
  }

  /// What does not fit the pattern stays in floats, and is refused with the way out.
  @Test func halfPatternsStay() throws {
    var b = GraphBuilder()
    let x = try b.realInput([1, 10])
    let q = try b.dequantized(try b.quantized(x, scale: 0.1, zeroPoint: 0))
    let sum = b.node(Add(activation: .none), [q, x], try b.real([1, 10]), name: "ADD")
    let y = try b.quantized(sum, scale: 0.1, zeroPoint: 0)
    var graph = b.graph
    graph.outputs = [y]
    try QuantizedPatterns.fold(&graph)
    #expect(graph.mnemonics == ["quantize", "dequantize", "add", "quantize"])
    #expect(Quantizer.isNeeded(graph))
    #expect(throws: Diagnostic.self) { try Pipeline.lower(graph) }
    let network = try Pipeline.quantize(graph, vectors: graph.realVectors(4), .minmax)
    _ = try Pipeline.lower(network.graph)
  }
}
