package import IR
package import Support

/// Leaky rectifier of an int8 or int16 tensor, with a change of scale: y = x for x ≥ 0, alpha·x below.
///
/// Source: `CalculateOpDataLeakyRelu` in `tensorflow/lite/micro/kernels/leaky_relu_common.cc` and `QuantizeLeakyRelu` in
/// `tensorflow/lite/kernels/internal/reference/leaky_relu.h`.
package struct LeakyRelu: UnaryOperator {
  package static let mnemonic = "leaky_relu"
  package let alpha: Float

  package init(alpha: Float) { self.alpha = alpha }
  package init(_ attributes: Attributes) throws(Diagnostic) { alpha = try attributes.float("alpha") }
  package var attributes: Attributes { Attributes([("alpha", .float(alpha))]) }

  package func checkTypes(_ inputs: [Operand], _ outputs: [TensorType]) throws(Diagnostic) {
    if try isFloat(inputs, outputs) { return }
    if outputs[0].element == .int16 { return _ = try expression(inputs[0].type, outputs[0]) }
    try requireInt8(inputs, outputs)
    _ = try scales(inputs[0].type, outputs[0])
  }

  func scales(
    _ input: TensorType, _ output: TensorType
  ) throws(Diagnostic) -> (identity: Requantization, alpha: Requantization) {
    let (inputScale, outputScale) = (try input.affine("the input").scale, try output.affine("the output").scale)
    guard alpha.isFinite else { throw failure("alpha", "alpha must be finite, but is \(alpha)") }
    return (
      try Requantization(scale: Double(inputScale) / Double(outputScale)),
      // The sign of alpha is applied after the multiplication.
      try Requantization(scale: (Double(inputScale) * Double(alpha) / Double(outputScale)).magnitude)
    )
  }

  /// Source: `LeakyRelu` in `tensorflow/lite/kernels/internal/reference/leaky_relu.h`.
  private func real(_ x: Float) -> Float { x > 0 ? x : x * alpha }

  package func evaluate(_ inputs: [Tensor], as outputs: [TensorType]) throws(Diagnostic) -> [Tensor] {
    if outputs[0].element == .float32 { return try mapFloats(inputs, as: outputs, real) }
    if outputs[0].element == .int16 { return try evaluateWide(inputs, as: outputs) }
    let scales = try scales(inputs[0].type, outputs[0])
    let zeroPoint = try inputs[0].type.affine("the input").zeroPoint
    let outputZeroPoint = try outputs[0].affine("the output").zeroPoint
    let values = try inputs[0].ints("input").map { (element: Int32) -> Int32 in
      let x = element - zeroPoint
      let scaled =
        x >= 0 ? scales.identity.apply(x) : alpha < 0 ? 0 &- scales.alpha.apply(x) : scales.alpha.apply(x)
      return (-128...127).clamping(scaled &+ outputZeroPoint)
    }
    return [Tensor(outputs[0], ints: values)]
  }
}
