import Compiler
import IR
import Operators
import Quantization
import TestSupport
import Testing

/// Rounding the weights does not change the mean of outputs, and the best ranges are taken.
@Suite struct LeastLossTests {
  enum Layer: CaseIterable {
    case pointwise, padded, depthwise, transposed, dense
  }

  /// A layer whose weights are one of 1 and others of 0.44 steps beside it, which round to 0.
  private func network(_ layer: Layer) throws -> Graph {
    var b = GraphBuilder()
    let one = Extent(1, 1)
    let x = try b.realInput(layer == .dense ? [1, 24] : [1, 5, 6, 16])
    let depthwise = DepthwiseConv2D(stride: one, dilation: one, padding: .same, activation: .none)
    let conv = Conv2D(stride: one, dilation: one, padding: .same, activation: .relu)
    let transposed = TransposeConv(
      stride: Extent(2, 2), padding: .same, activation: .none, output: Extent(10, 12))
    let (op, weights, output): (any Operator, [Int], [Int]) =
      switch layer {
      case .dense: (FullyConnected(activation: .none, shape: [1, 3]), [3, 24], [1, 3])
      case .depthwise: (depthwise, [1, 5, 5, 16], [1, 5, 6, 16])
      case .pointwise: (conv, [2, 1, 1, 16], [1, 5, 6, 2])
      case .padded: (conv, [2, 3, 3, 16], [1, 5, 6, 2])
      case .transposed: (transposed, [2, 3, 3, 16], [1, 10, 12, 2])
      }
    let channels = output[output.count - 1]
    let count = weights.reduce(1, *)
    // Depthwise weights have the channel as their last axis.
    let isLarge = (0..<count).map { layer == .depthwise ? $0 < channels : $0 % (count / channels) == 0 }
    let inputs = [
      x, try b.realConstant(weights, isLarge.map { $0 ? 1 : 0.44 / 127 }),
      try b.realConstant([channels], (0..<channels).map { Float($0) + 0.5 }),
    ]
    b.graph.outputs = [b.node(op, inputs, try b.real(output), name: op.mnemonic)]
    try b.graph.verify()
    return b.graph
  }

  @Test(arguments: Layer.allCases)
  func meansStay(_ layer: Layer) throws {
    let graph = try network(layer)
    // The mean of the inputs is not 0, or errors of weights would cancel out.
    let vectors = try graph.realVectors(30).map { vector in
      try vector.map { Tensor($0.type, floats: try $0.floats("x").map { $0 + 1.5 }) }
    }
    let quantized = try Pipeline.quantize(graph, vectors: vectors, .minmax).graph
    let (float, integer) = (try Interpreter(graph), try Interpreter(quantized))
    let output = try #require(quantized[quantized.outputs[0]].type.quantization)
    let channels = try #require(graph[graph.outputs[0]].type.shape.dims.last)
    var differences = [Double](repeating: 0, count: channels)
    var count = 0.0
    for vector in vectors {
      let input = try Quantize().evaluate(vector, as: [quantized[quantized.inputs[0]].type])
      let wanted = try float.outputs(vector)[0].floats("wanted")
      let found = try Dequantize.real(try integer.outputs(input)[0]).floats("found")
      for (place, (a, b)) in zip(wanted, found).enumerated() { differences[place % channels] += Double(b - a) }
      count += Double(wanted.count / channels)
    }
    for difference in differences {
      #expect((difference / count).magnitude < 0.5 * Double(output.scales[0]), "\(differences), \(count)")
    }
  }

  /// Of all methods the one is taken that loses least: one value far away matters for a rectifier, but not for a sigmoid.
  @Test(arguments: [(false, RangeMethod.mse), (true, .percentile)])
  func theBestMethodIsTaken(_ isSigmoid: Bool, _ expected: RangeMethod) throws {
    var b = GraphBuilder()
    let x = try b.realInput([1, 8])
    b.graph.outputs = [isSigmoid ? try b.realUnary(Logistic(), x) : try b.realUnary(Relu(), x)]
    // Percentiles leave out one of 10,000 values.
    let far = Tensor(try b.real([1, 8]), floats: [4000] + [Float](repeating: 0.1, count: 7))
    let vectors = b.graph.realVectors(1500) + [[far]]
    let best = try Pipeline.quantize(b.graph, vectors: vectors, nil)
    #expect(best.method == expected)
    for method in RangeMethod.allCases {
      let other = try Pipeline.quantize(b.graph, vectors: vectors, method)
      #expect(other.method == method && best.fidelity[0].decibels >= other.fidelity[0].decibels)
      if method == best.method { #expect(best.graph.text == other.graph.text) }
    }
  }
}
