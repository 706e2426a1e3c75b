package import IR
package import Support

/// Arithmetic mean of an int8 tensor over some axes.
///
/// Source: `QuantizedMeanOrSum` in `tensorflow/lite/kernels/internal/reference/reduce.h`: the division by the number of
/// elements is folded into the multiplier.
package struct Mean: QuantizedOperator, RequantizingOperator {
  package static let mnemonic = "mean"
  /// Counted from the front, without repetition, sorted.
  package let axes: [Int]
  package let keepDimensions: Bool
  /// In single precision the sum is requantized by input scale / (output scale × count), as by `MlasQLinearGlobalAveragePool`
  /// in `onnxruntime/core/mlas/lib/qlgavgpool.cpp`.
  package let arithmetic: Requantization.Arithmetic

  package init(axes: [Int], keepDimensions: Bool, arithmetic: Requantization.Arithmetic = .fixedPoint) {
    self.axes = axes
    self.keepDimensions = keepDimensions
    self.arithmetic = arithmetic
  }

  package init(_ attributes: Attributes) throws(Diagnostic) {
    axes = try attributes.ints("axes")
    keepDimensions = try attributes.bool("keep_dimensions")
    arithmetic = try attributes.arithmetic()
  }

  package var attributes: Attributes {
    Attributes([("axes", .ints(axes)), ("keep_dimensions", .bool(keepDimensions))] + arithmetic.attributes)
  }

  package func requantizing(by arithmetic: Requantization.Arithmetic) -> any SourceOperator {
    Mean(axes: axes, keepDimensions: keepDimensions, arithmetic: arithmetic)
  }

  package func outputShapes(_ inputs: [Operand]) throws(Diagnostic) -> [Shape] {
    try require(inputs, count: 1...1)
    let shape = inputs[0].type.shape
    let result = try AxisReduction.shape(shape, axes: axes, keepDimensions: keepDimensions)
    guard axes.reduce(1, { $0 * shape[$1] }) <= 1 << 22 else {
      throw failure("axes", "a mean over more than 2^22 values is not supported")
    }
    return [result]
  }

  package func checkTypes(_ inputs: [Operand], _ outputs: [TensorType]) throws(Diagnostic) {
    if try isFloat(inputs, outputs) { return }
    try require(inputs[0].type, "input", is: [.int8, .int16])
    if outputs[0].element == .int16 { try requireFixedPoint() }
    try require(outputs[0], sameElementAs: inputs[0].type, "input and output")
    _ = try folded(inputs, outputs)
  }

  package func evaluate(_ inputs: [Tensor], as outputs: [TensorType]) throws(Diagnostic) -> [Tensor] {
    if outputs[0].element == .float32 { return try evaluateFloat(inputs, as: outputs) }
    return try folded(inputs.map { Operand($0.type) }, outputs).op.evaluate(inputs, as: outputs)
  }

  /// Sums in row-major order, divided by the number of elements.
  private func evaluateFloat(_ inputs: [Tensor], as outputs: [TensorType]) throws(Diagnostic) -> [Tensor] {
    let shape = inputs[0].type.shape
    var sums = [Float](repeating: 0, count: outputs[0].shape.elementCount)
    for (target, value) in zip(try targets(shape), try inputs[0].floats("input")) { sums[target] += value }
    let count = Float(axes.reduce(1) { $0 * shape[$1] })
    return [Tensor(outputs[0], floats: sums.map { $0 / count })]
  }

  /// For each element of an input of the given shape, in row-major order, the element of the output to which it belongs.
  func targets(_ shape: Shape) throws(Diagnostic) -> [Int] {
    let kept = try Shape(shape.dims.enumerated().map { axes.contains($0) ? 1 : $1 })
    let strides = shape.strides
    let keptStrides = (0..<shape.rank).map { axes.contains($0) ? 0 : kept.strides[$0] }
    return (0..<shape.elementCount).map { position in
      var rest = position
      var target = 0
      for axis in 0..<shape.rank {
        target += rest / strides[axis] * keptStrides[axis]
        rest %= strides[axis]
      }
      return target
    }
  }

  package func folded(_ inputs: [Operand], _ outputs: [TensorType]) throws(Diagnostic) -> FoldedOperator {
    let (inputScale, inputZeroPoint) = try inputs[0].type.affine("the input")
    let (outputScale, outputZeroPoint) = try outputs[0].affine("the output")
    let count = axes.reduce(1) { $0 * inputs[0].type.shape[$1] }
    let scale =
      arithmetic == .singlePrecision
      ? try Requantization(single: inputScale / (outputScale * Float(max(1, count))))
      : try fixedPointScale(Double(inputScale) / Double(outputScale), count: max(1, count))
    let op = IntegerMean(
      axes: axes, keepDimensions: keepDimensions, offset: 0 &- inputZeroPoint &* Int32(truncatingIfNeeded: count),
      scale: scale, stage: OutputStage(zeroPoint: outputZeroPoint, clamp: try outputs[0].allValues()))
    return FoldedOperator(op, [.input(0)])
  }
}

extension Mean {
  private func fixedPointScale(_ ratio: Double, count: Int) throws(Diagnostic) -> Requantization {
    let ratio = try Requantization(scale: ratio)
    let shift = min(63 - UInt64(count).leadingZeroBitCount, 32, 31 + ratio.shift)
    return Requantization(
      multiplier: Int32(truncatingIfNeeded: Int64(ratio.multiplier) << Int64(shift) / Int64(count)),
      shift: ratio.shift - shift)
  }
}

/// Mean in integer normal form: the sum over some axes plus `offset`, requantized.
package struct IntegerMean: StagedOperator {
  package static let mnemonic = "integer.mean"
  package static let kernels: [any Kernel] = [MeanKernel()]

  package let axes: [Int]
  package let keepDimensions: Bool
  package let offset: Int32
  package let scale: Requantization
  package var stage: OutputStage

  package var attributes: Attributes {
    Attributes(
      [
        ("axes", .ints(axes)), ("keep_dimensions", .bool(keepDimensions)), ("offset", .int(Int(offset))),
        ("multiplier", .int(Int(scale.multiplier))), ("shift", .int(Int(scale.markedShift))),
      ] + stage.attributes)
  }

  package func outputShapes(_ inputs: [Operand]) throws(Diagnostic) -> [Shape] {
    try Mean(axes: axes, keepDimensions: keepDimensions).outputShapes(inputs)
  }

  package func checkTypes(_ inputs: [Operand], _ outputs: [TensorType]) throws(Diagnostic) {
    try require(inputs[0].type, "input", is: [.int8, .int16])
    try require(outputs[0], sameElementAs: inputs[0].type, "input and output")
  }

  package func evaluate(_ inputs: [Tensor], as outputs: [TensorType]) throws(Diagnostic) -> [Tensor] {
    let shape = inputs[0].type.shape
    let x = try inputs[0].ints("input")
    let sums = try AxisReduction(shape, axes: axes).map(x, offset, &+)
    return [Tensor(outputs[0], ints: sums.map { stage.apply($0, scale) })]
  }
}

extension IntegerMean: ChannelOperator {
  package func channelLinks(_ layer: Layer) -> [ChannelLink]? {
    let shape = layer.inputs[0].type.shape
    return axes.contains(shape.rank - 1) ? nil : linkEach(layer.inputs[0].type.channelCount)
  }

  package func channelRanges(_ layer: Layer, _ inputs: [ChannelRanges]) throws(Diagnostic) -> [ChannelRanges] {
    let shape = layer.inputs[0].type.shape
    let count = Int64(axes.reduce(1) { $0 * shape[$1] })
    return [
      inputs[0].map { range in
        let low = Int64(offset) + count * Int64(range.lowerBound)
        return stage.values(low...Int64(offset) + count * Int64(range.upperBound), scale)
      }
    ]
  }
}
