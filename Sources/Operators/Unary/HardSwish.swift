package import IR
package import Support

/// x · min(max(x + 3, 0), 6) / 6 of an int8 tensor, in 16-bit fixed point.
///
/// Source: `HardSwishPrepare` in `tensorflow/lite/micro/kernels/hard_swish_common.cc` and `HardSwish` in
/// `tensorflow/lite/kernels/internal/reference/hard_swish.h`.
package struct HardSwish: PlainUnaryOperator {
  package static let mnemonic = "hard_swish"

  package init() {}

  /// A 16-bit multiplier with its exponent.
  private struct Factor {
    let multiplier: Int32
    let exponent: Int

    init(_ scale: Double) throws(Diagnostic) {
      let wide = try Requantization(scale: scale)
      multiplier = wide.multiplier >= Int32.max - 1 << 15 ? 32767 : (wide.multiplier + 1 << 15) >> 16
      exponent = wide.shift
    }
  }

  package func checkTypes(_ inputs: [Operand], _ outputs: [TensorType]) throws(Diagnostic) {
    if try isFloat(inputs, outputs) { return }
    try requireInt8(inputs, outputs)
    _ = try factors(inputs[0].type, outputs[0])
  }

  private func factors(_ input: TensorType, _ output: TensorType) throws(Diagnostic) -> (
    output: Factor, reluish: Factor
  ) {
    let fineScale = (1 / 128 as Float) * (try input.affine("the input").scale)
    let factor = try Factor(Double(fineScale / (try output.affine("the output").scale)))
    guard factor.exponent <= 0 else {
      throw failure("scale", "the output scale is less than 1/128 of the input scale, which the reference refuses")
    }
    return (factor, try Factor(Double(fineScale / (3 / 32768 as Float))))
  }

  /// Source: the float `HardSwish` in `tensorflow/lite/kernels/internal/reference/hard_swish.h`.
  private func real(_ x: Float) -> Float { x * min(6, max(0, x + 3)) / 6 }

  package func evaluate(_ inputs: [Tensor], as outputs: [TensorType]) throws(Diagnostic) -> [Tensor] {
    if outputs[0].element == .float32 { return try mapFloats(inputs, as: outputs, real) }
    let (outputFactor, reluishFactor) = try factors(inputs[0].type, outputs[0])
    let zeroPoint = try inputs[0].type.affine("the input").zeroPoint
    let outputZeroPoint = try outputs[0].affine("the output").zeroPoint
    let values = try inputs[0].ints("input").map { (element: Int32) -> Int32 in
      let fine = (element - zeroPoint) * 128
      let scaled = roundingDoublingHighMultiply16(fine, outputFactor.multiplier)
      var gate = fine
      if reluishFactor.exponent > 0 { gate = saturatingShiftLeft16(gate, reluishFactor.exponent - 1) }
      gate = roundingDoublingHighMultiply16(gate, reluishFactor.multiplier)
      if reluishFactor.exponent > 0 { gate = saturatingShiftLeft16(gate, 1) }
      if reluishFactor.exponent < 0 { gate = roundingShiftRight16(gate, -reluishFactor.exponent) }
      gate = (gate + 1 << 15) >> 1
      // Truncates toward zero, unlike the other multiplications.
      let product = gate * scaled / (1 << 15)
      return (-128...127).clamping(roundingShiftRight16(product, -outputFactor.exponent) + outputZeroPoint)
    }
    return [Tensor(outputs[0], ints: values)]
  }
}

/// 2·a·b in 16-bit fixed point, rounded to nearest with ties upward; saturates for a = b = −2^15.
private func roundingDoublingHighMultiply16(_ a: Int32, _ b: Int32) -> Int32 {
  a == -32768 && b == -32768 ? 32767 : (a * b + 1 << 14) >> 15
}

private func saturatingShiftLeft16(_ value: Int32, _ exponent: Int) -> Int32 {
  Int32(max(-32768, min(32767, Int64(value) << Int64(exponent))))
}

/// ``roundingShiftRight(_:_:)`` for a 16-bit value, with the reference's mask: from an exponent of 16 on the mask keeps
/// only its low 16 bits, which read as −1.
private func roundingShiftRight16(_ value: Int32, _ exponent: Int) -> Int32 {
  let mask = Int32(Int16(truncatingIfNeeded: (Int64(1) << Int64(exponent)) - 1))
  let threshold = mask >> 1 + (value < 0 ? 1 : 0)
  return value >> Int32(exponent) + (value & mask > threshold ? 1 : 0)
}
