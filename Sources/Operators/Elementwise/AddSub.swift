package import IR
package import Support

/// Sum of two int8 tensors of any scales.
///
/// Source: `CalculateOpDataAdd` in `tensorflow/lite/micro/kernels/add_common.cc`: ratios in double precision.
package struct Add: BinaryOperator {
  package static let mnemonic = "add"
  package let activation: Activation

  package init(activation: Activation) { self.activation = activation }
  func real(_ a: Float, _ b: Float) -> Float { a + b }

  package func folded(_ inputs: [Operand], _ outputs: [TensorType]) throws(Diagnostic) -> FoldedOperator {
    let scales = try inputs.scales(outputs[0]).map { Double($0) }
    let twiceMaximum = 2 * max(scales[0], scales[1])
    let ratios = [scales[0] / twiceMaximum, scales[1] / twiceMaximum, twiceMaximum / (0x1p20 * scales[2])]
    return try IntegerAdd.folded(inputs, outputs[0], ratios, subtracts: false, activation)
  }
}

/// Difference of two int8 tensors of any scales.
///
/// Source: `CalculateOpDataSub` in `tensorflow/lite/micro/kernels/sub_common.cc`: ratios in single precision.
package struct Sub: BinaryOperator {
  package static let mnemonic = "sub"
  package let activation: Activation

  package init(activation: Activation) { self.activation = activation }
  func real(_ a: Float, _ b: Float) -> Float { a - b }

  package func folded(_ inputs: [Operand], _ outputs: [TensorType]) throws(Diagnostic) -> FoldedOperator {
    let scales = try inputs.scales(outputs[0])
    let twiceMaximum = 2 * max(scales[0], scales[1])
    let ratios = [scales[0] / twiceMaximum, scales[1] / twiceMaximum, twiceMaximum / (0x1p20 * scales[2])]
    return try IntegerAdd.folded(inputs, outputs[0], ratios.map { Double($0) }, subtracts: true, activation)
  }
}

extension [Operand] {
  /// The scales of the inputs and of the output.
  fileprivate func scales(_ output: TensorType) throws(Diagnostic) -> [Float] {
    var scales: [Float] = []
    for operand in self { scales.append(try operand.type.affine("the input").scale) }
    return scales + [try output.affine("the output").scale]
  }
}

/// Sum or difference in integer normal form: both inputs are brought to a common scale with 20 fraction bits.
///
/// Source: `AddFunc` in `tensorflow/lite/kernels/internal/reference/integer_ops/add.h`.
package struct IntegerAdd: IntegerBinaryOperator {
  package static let mnemonic = "integer.add"
  package static let kernels: [any Kernel] = [AddKernel(), AddAffineKernel()]

  package let subtracts: Bool
  package let zeroPoints: [Int32]
  /// Factors of the first input, the second input and the output; no shift is to the left.
  package let scales: [Requantization]
  package var stage: OutputStage

  package var attributes: Attributes {
    Attributes(
      [
        ("subtracts", .bool(subtracts)), ("zero_points", .ints(zeroPoints.map { Int($0) })),
        ("multipliers", .ints(scales.map { Int($0.multiplier) })), ("shifts", .ints(scales.map(\.shift))),
      ] + stage.attributes)
  }

  fileprivate static func folded(
    _ inputs: [Operand], _ output: TensorType, _ ratios: [Double], subtracts: Bool, _ activation: Activation
  ) throws(Diagnostic) -> FoldedOperator {
    var scales: [Requantization] = []
    for ratio in ratios { scales.append(try Requantization(scaleBelowOne: ratio)) }
    let op = IntegerAdd(
      subtracts: subtracts,
      zeroPoints: [try inputs[0].type.affine("input").zeroPoint, try inputs[1].type.affine("input").zeroPoint],
      scales: scales,
      stage: OutputStage(zeroPoint: try output.affine("output").zeroPoint, clamp: try activation.clamp(output)))
    return FoldedOperator(op, [.input(0), .input(1)])
  }

  func result(_ a: Int32, _ b: Int32) -> Int32 { stage.apply(sum(a, b), scales[2]) }

  /// Both inputs in the common scale; each is below 2^29, since no shift is to the left.
  private func sum(_ a: Int32, _ b: Int32) -> Int32 {
    let first = scales[0].apply((a - zeroPoints[0]) << 20)
    let second = scales[1].apply((b - zeroPoints[1]) << 20)
    return subtracts ? first &- second : first &+ second
  }

  func range(_ a: ClosedRange<Int32>, _ b: ClosedRange<Int32>) -> ClosedRange<Int32> {
    stage.values(a.corners(b) { Int64(sum($0, $1)) }, scales[2])
  }
}
