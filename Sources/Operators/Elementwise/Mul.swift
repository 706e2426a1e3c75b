package import IR
package import Support

/// Product of two int8 or int16 tensors of any scales, or of plain int32.
///
/// Source: `CalculateOpDataMul` in `tensorflow/lite/micro/kernels/mul_common.cc`.
package struct Mul: BinaryOperator {
  package static let mnemonic = "mul"
  package let activation: Activation

  package init(activation: Activation) { self.activation = activation }
  func real(_ a: Float, _ b: Float) -> Float { a * b }

  package func folded(_ inputs: [Operand], _ outputs: [TensorType]) throws(Diagnostic) -> FoldedOperator {
    if outputs[0].element == .int32 {
      return try foldedPlain(inputs, outputs[0], .multiply, activation.plainClamp)
    }
    let (a, b) = (try inputs[0].type.affine("the first input"), try inputs[1].type.affine("the second input"))
    let output = try outputs[0].affine("the output")
    if outputs[0].element == .int16 {
      guard a.zeroPoint == 0, b.zeroPoint == 0, output.zeroPoint == 0 else {
        throw failure("zero-point", "int16 operands must have zero points of 0, as the reference demands")
      }
      let scale = try Requantization(scale: Double(a.scale) * Double(b.scale) / Double(output.scale))
      let product = ElementExpression.input(0) * .input(1)
      return try .elementwise(inputs, outputs[0], product.requantized(scale, 0, try activation.clamp(outputs[0])))
    }
    let op = IntegerMul(
      zeroPoints: [a.zeroPoint, b.zeroPoint],
      scale: try Requantization(scale: Double(a.scale) * Double(b.scale) / Double(output.scale)),
      stage: OutputStage(zeroPoint: output.zeroPoint, clamp: try activation.clamp(outputs[0])))
    return FoldedOperator(op, [.input(0), .input(1)])
  }
}

/// Product in integer normal form.
///
/// Source: `MulElementwise` in `tensorflow/lite/kernels/internal/reference/integer_ops/mul.h`.
package struct IntegerMul: IntegerBinaryOperator {
  package static let mnemonic = "integer.mul"
  package static let kernels: [any Kernel] = [MulKernel(), MulNarrowKernel()]

  package let zeroPoints: [Int32]
  package let scale: Requantization
  package var stage: OutputStage

  package var attributes: Attributes {
    Attributes(
      [
        ("zero_points", .ints(zeroPoints.map { Int($0) })), ("multiplier", .int(Int(scale.multiplier))),
        ("shift", .int(scale.shift)),
      ] + stage.attributes)
  }

  func result(_ a: Int32, _ b: Int32) -> Int32 { stage.apply((a - zeroPoints[0]) * (b - zeroPoints[1]), scale) }

  func range(_ a: ClosedRange<Int32>, _ b: ClosedRange<Int32>) -> ClosedRange<Int32> {
    stage.values(a.corners(b) { Int64($0 - zeroPoints[0]) * Int64($1 - zeroPoints[1]) }, scale)
  }
}
