package import IR
package import Support

/// Sum of two int8 or int16 tensors of any scales, or of plain int32.
///
/// Source: `CalculateOpDataAdd` in `tensorflow/lite/micro/kernels/add_common.cc`: ratios in double precision.
package struct Add: BinaryOperator {
  package static let mnemonic = "add"
  package let activation: Activation

  package init(activation: Activation) { self.activation = activation }
  func real(_ a: Float, _ b: Float) -> Float { a + b }

  package func folded(_ inputs: [Operand], _ outputs: [TensorType]) throws(Diagnostic) -> FoldedOperator {
    if outputs[0].element == .int32 {
      try requirePlain(inputs.map(\.type))
      // The reference does not look at the activation here.
      return try foldedPlain(inputs, outputs[0], .add, Int32.min...Int32.max)
    }
    let ratios = try inputs.sumRatios(outputs[0])
    if outputs[0].element == .int16 { return try foldedSum(inputs, outputs[0], ratios, subtracts: false) }
    return try IntegerAdd.folded(inputs, outputs[0], ratios, subtracts: false, activation)
  }
}

/// Difference of two int8 or int16 tensors of any scales, or of plain int32.
///
/// Source: `CalculateOpDataSub` in `tensorflow/lite/micro/kernels/sub_common.cc`: ratios in double precision.
package struct Sub: BinaryOperator {
  package static let mnemonic = "sub"
  package let activation: Activation

  package init(activation: Activation) { self.activation = activation }
  func real(_ a: Float, _ b: Float) -> Float { a - b }

  package func folded(_ inputs: [Operand], _ outputs: [TensorType]) throws(Diagnostic) -> FoldedOperator {
    if outputs[0].element == .int32 {
      try requirePlain(inputs.map(\.type) + outputs)
      return try foldedPlain(inputs, outputs[0], .subtract, activation.plainClamp)
    }
    let ratios = try inputs.sumRatios(outputs[0])
    if outputs[0].element == .int16 { return try foldedSum(inputs, outputs[0], ratios, subtracts: true) }
    return try IntegerAdd.folded(inputs, outputs[0], ratios, subtracts: true, activation)
  }
}

extension [Operand] {
  /// What brings both inputs to a common scale, with 20 fraction bits or 15 of int16, and from there to the output's.
  fileprivate func sumRatios(_ output: TensorType) throws(Diagnostic) -> [Double] {
    var scales: [Double] = []
    for operand in self { scales.append(Double(try operand.type.affine("the input").scale)) }
    let twiceMaximum = 2 * Swift.max(scales[0], scales[1])
    let unit = output.element == .int16 ? 0x1p15 : 0x1p20
    return scales.map { $0 / twiceMaximum }
      + [twiceMaximum / (unit * Double(try output.affine("the output").scale))]
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
