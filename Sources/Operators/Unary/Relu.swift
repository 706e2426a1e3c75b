package import IR
package import Support

/// Rectifier of an int8 or int16 tensor, with a change of scale: y = max(x, 0).
///
/// Source: `ReluQuantized` in `tensorflow/lite/micro/kernels/activations.h`.
package struct Relu: PlainUnaryOperator {
  package static let mnemonic = "relu"

  package init() {}

  package func checkTypes(_ inputs: [Operand], _ outputs: [TensorType]) throws(Diagnostic) {
    if try isFloat(inputs, outputs) { return }
    if outputs[0].element == .int16 { return _ = try expression(inputs[0].type, outputs[0]) }
    try requireInt8(inputs, outputs)
    _ = try scale(inputs[0].type, outputs[0])
  }

  func scale(_ input: TensorType, _ output: TensorType) throws(Diagnostic) -> Requantization {
    try Requantization(
      scale: Double(try input.affine("the input").scale) / Double(try output.affine("the output").scale))
  }

  /// Source: `ReluFloat` in `tensorflow/lite/micro/kernels/activations.h`.
  private func real(_ x: Float) -> Float { x < 0 ? 0 : x }

  package func evaluate(_ inputs: [Tensor], as outputs: [TensorType]) throws(Diagnostic) -> [Tensor] {
    if outputs[0].element == .float32 { return try mapFloats(inputs, as: outputs, real) }
    if outputs[0].element == .int16 { return try evaluateWide(inputs, as: outputs) }
    let scale = try scale(inputs[0].type, outputs[0])
    let zeroPoint = try inputs[0].type.affine("the input").zeroPoint
    let outputZeroPoint = try outputs[0].affine("the output").zeroPoint
    let stage = OutputStage(zeroPoint: outputZeroPoint, clamp: max(-128, outputZeroPoint)...127)
    return [Tensor(outputs[0], ints: try inputs[0].ints("input").map { stage.apply($0 - zeroPoint, scale) })]
  }
}

/// Rectifier with an upper bound: y = min(max(x, 0), 6), in the input's own scale; the output's scale is not looked at.
///
/// Source: `Relu6Prepare` and `Relu6Quantized` in `tensorflow/lite/micro/kernels`.
package struct Relu6: PlainUnaryOperator {
  package static let mnemonic = "relu6"
  package var quantizationRule: QuantizationRule { .shared }

  package init() {}

  package func checkTypes(_ inputs: [Operand], _ outputs: [TensorType]) throws(Diagnostic) {
    if try isFloat(inputs, outputs) { return }
    if outputs[0].element == .int16 { return _ = try expression(inputs[0].type, outputs[0]) }
    try requireInt8(inputs, outputs)
    _ = try bounds(inputs[0].type)
  }

  private func bounds(_ input: TensorType) throws(Diagnostic) -> (zero: Int32, six: Int32) {
    let (scale, zeroPoint) = try input.affine("the input")
    // A scale so small that 6 has no 32-bit quantized value can't reach the upper bound either.
    let steps = Int32(exactly: (6 / scale).rounded()) ?? 1 << 24
    return (zeroPoint, (-128...127).clamping(min(steps, 1 << 24) + zeroPoint))
  }

  /// Source: `Relu6Float` in `tensorflow/lite/micro/kernels/activations.h`.
  private func real(_ x: Float) -> Float { x > 6 ? 6 : x < 0 ? 0 : x }

  package func evaluate(_ inputs: [Tensor], as outputs: [TensorType]) throws(Diagnostic) -> [Tensor] {
    if outputs[0].element == .float32 { return try mapFloats(inputs, as: outputs, real) }
    if outputs[0].element == .int16 { return try evaluateWide(inputs, as: outputs) }
    let (zero, six) = try bounds(inputs[0].type)
    return [Tensor(outputs[0], ints: try inputs[0].ints("input").map { $0 > six ? six : $0 < zero ? zero : $0 })]
  }
}
