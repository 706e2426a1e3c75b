package import IR
package import Support

/// Sum of an int8 or int16 tensor over some axes.
///
/// Source: `QuantizedMeanOrSum` in `tensorflow/lite/kernels/internal/reference/reduce.h`.
package struct Sum: QuantizedOperator {
  package static let mnemonic = "sum"
  /// Counted from the front, without repetition, sorted.
  package let axes: [Int]
  package let keepDimensions: Bool

  package init(axes: [Int], keepDimensions: Bool) {
    self.axes = axes
    self.keepDimensions = keepDimensions
  }

  package init(_ attributes: Attributes) throws(Diagnostic) {
    axes = try attributes.ints("axes")
    keepDimensions = try attributes.bool("keep_dimensions")
  }

  package var attributes: Attributes {
    Attributes([("axes", .ints(axes)), ("keep_dimensions", .bool(keepDimensions))])
  }

  package func outputShapes(_ inputs: [Operand]) throws(Diagnostic) -> [Shape] {
    try require(inputs, count: 1...1)
    return try Mean(axes: axes, keepDimensions: keepDimensions).outputShapes(inputs)
  }

  package func checkTypes(_ inputs: [Operand], _ outputs: [TensorType]) throws(Diagnostic) {
    try require(inputs[0].type, "input", is: [.int8, .int16, .float32])
    try require(outputs[0], sameElementAs: inputs[0].type, "input and output")
    if outputs[0].element != .float32 { _ = try folded(inputs, outputs) }
  }

  package func evaluate(_ inputs: [Tensor], as outputs: [TensorType]) throws(Diagnostic) -> [Tensor] {
    if case .floats(let values) = inputs[0].elements {
      let loops = try AxisReduction(inputs[0].type.shape, axes: axes)
      return [Tensor(outputs[0], floats: loops.map(values, 0, +))]
    }
    return try folded(inputs.map { Operand($0.type) }, outputs).op.evaluate(inputs, as: outputs)
  }

  package func folded(_ inputs: [Operand], _ outputs: [TensorType]) throws(Diagnostic) -> FoldedOperator {
    let (inputScale, inputZeroPoint) = try inputs[0].type.affine("the input")
    let (outputScale, outputZeroPoint) = try outputs[0].affine("the output")
    let count = axes.reduce(1) { $0 * inputs[0].type.shape[$1] }
    let op = IntegerMean(
      axes: axes, keepDimensions: keepDimensions, offset: 0 &- inputZeroPoint &* Int32(truncatingIfNeeded: count),
      scale: try Requantization(scale: Double(inputScale) / Double(outputScale)),
      stage: OutputStage(zeroPoint: outputZeroPoint, clamp: try outputs[0].allValues()))
    return FoldedOperator(op, [.input(0)])
  }
}
