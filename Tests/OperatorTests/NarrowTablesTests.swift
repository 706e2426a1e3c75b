import Codegen
import Compiler
import IR
import Operators
import Planning
import Support
import TestSupport
import Testing

/// Every form of the rows of scales, in the C of every kernel that reads them.
@Suite struct NarrowTablesTests {
  /// What is written for a layer with these scales of its channels, and a word of the comment that tells the form.
  private static let examples: [(scales: [Float], zeroPoint: Int32, bias: Int32, comment: String)] = [
    ([0.01, 0.004, 0.02, 0.007, 0.011], -128, 900, "bias, offset and exponent, multiplier and limit."),
    ([0.01, 0.004, 0.02, 0.007, 0.011], 3, 900, "bias, offset and exponent, multiplier and limit, turn and setback."),
    // Scales above 1 have no form of 32 bits.
    ([0.01, 3000, 0.004, 900, 0.02], 0, 5, "turn and setback; 2 in 64 bits."),
    ([0.01, 0.004, 2000, 0.007, 0.011], -20, 5, "turn and setback; 1 in 64 bits."),
    // What the second one's sums begin with does not fit beside the offset.
    ([0.01, 0.0001, 0.02, 0.007, 0.011], 0, 100, "weights: offset and exponent, multiplier and limit"),
    // One row for all channels.
    ([0.01, 0.01, 0.01, 0.01, 0.01], -128, 100, "weights: offset and exponent, multiplier and limit."),
    // An output that never changes.
    ([0.01, 0.004, 0.02, 0.007, 0.011], -128, 90_000_000, "bias, offset and exponent, multiplier and limit."),
  ]

  private func model(_ example: Int, size: Int, isDepthwise: Bool) throws -> Graph {
    let (scales, zeroPoint, bias, _) = Self.examples[example]
    var random = SplitMix64(seed: UInt64(7 + example))
    var builder = GraphBuilder()
    let channels = scales.count
    let input = try builder.input([1, 7, 6, channels])
    let taps = size * size * (isDepthwise ? 1 : channels)
    let weightType = TensorType(
      .int8, try Shape(isDepthwise ? [1, size, size, channels] : [channels, size, size, channels]),
      try Quantization(
        scales: scales, zeroPoints: scales.map { _ in 0 }, axis: isDepthwise ? 3 : 0))
    let weights = builder.constant(
      weightType, (0..<taps * channels).map { _ in Int32.random(in: -60...60, using: &random) }, name: "w")
    let biases = builder.constant(
      TensorType(.int32, try Shape([channels])), scales.indices.map { $0 == 0 ? bias : 50 * Int32($0) }, name: "b")
    let output = try builder.type([1, 7, 6, channels], scale: 0.7, zeroPoint: zeroPoint)
    let extent = Extent(1, 1)
    let op: any Operator =
      isDepthwise
      ? DepthwiseConv2D(stride: extent, dilation: extent, padding: .same, activation: .none)
      : Conv2D(stride: extent, dilation: extent, padding: .same, activation: .none)
    builder.graph.outputs = [builder.node(op, [input, weights, biases], output, name: "layer")]
    return builder.graph
  }

  @Test(arguments: examples.indices, [(1, false), (3, false), (3, true), (2, true)])
  func everyKernelReadsEveryForm(_ example: Int, _ layer: (size: Int, isDepthwise: Bool)) throws {
    let lowered = try Pipeline.lower(try model(example, size: layer.size, isDepthwise: layer.isDepthwise))
    let vectors = VectorGenerator.vectors(for: lowered.inputs.map { lowered[$0].type }, count: 6, seed: 5)
    let reference = try Interpreter(lowered)
    let expected = try vectors.map { try reference.outputs($0) }
    let plan = try Pipelines.pipeline("host").plan(lowered)
    let text = try Pipelines.pipeline("host").emit(plan, options: EmitOptions(name: "model"))
      .map(\.text).joined()
    #expect(text.contains(Self.examples[example].comment))
    var suite = try ModelSuite(flags: Pipelines.sanitizers)
    for kernel in try Pipelines.kernelNames(lowered) {
      try suite.add(kernel, lowered, SelectionRequest(forcing: kernel), vectors: vectors, expected: expected)
    }
    try suite.run()
    #expect(suite.failures == [])
  }
}
