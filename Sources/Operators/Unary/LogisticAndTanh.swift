package import IR
package import Support

/// The scaling of an int8 input to a Q4 fixed-point number, as LOGISTIC and TANH do it.
///
/// Source: `CalculateArithmeticOpDataLogistic` in `tensorflow/lite/micro/kernels/logistic_common.cc`.
struct Q4Input {
  let zeroPoint: Int32
  let scale: Requantization
  /// Inputs at least this far from the zero point give the lowest or highest output.
  let radius: Int32

  init(_ input: TensorType) throws(Diagnostic) {
    let affine = try input.affine("the input")
    zeroPoint = affine.zeroPoint
    let factor = Double(affine.scale) * 0x1p27
    guard factor >= 0.5, factor < 0x1p62 else {
      throw Diagnostic("operator.scale", "the input scale \(affine.scale) is not from 2^-28 to 2^35")
    }
    // From a scale of 8 on the radius is 0, and the factor is never used.
    scale = try Requantization(scale: min(factor, 0x1p30 - 1))
    guard factor < 0x1p30 else {
      radius = 0
      return
    }
    radius = Int32(clamping: Int(15 * 0x1p27 / Double(sign: .plus, exponent: scale.shift, significand: 1)))
  }

  /// `low` and `high` outside of the radius, `function` of the Q4 number inside.
  func map(_ values: [Int32], low: Int32, high: Int32, _ function: (Int32) -> Int32) -> [Int32] {
    values.map { (element: Int32) -> Int32 in
      let x = element - zeroPoint
      return x <= -radius ? low : x >= radius ? high : function(scale.apply(x))
    }
  }
}

/// Logistic function of an int8 tensor; the output has scale 1/256 and zero point −128. Of int16, see ``SigmoidTable``.
///
/// Source: `tensorflow/lite/kernels/internal/reference/integer_ops/logistic.h`.
package struct Logistic: PlainUnaryOperator {
  package static let mnemonic = "logistic"
  package var quantizationRule: QuantizationRule { .fixed(scale: 1 / 256, zeroPoint: -128, wide: 1 / 32768) }

  package init() {}

  package func checkTypes(_ inputs: [Operand], _ outputs: [TensorType]) throws(Diagnostic) {
    if try isFloat(inputs, outputs) { return }
    if outputs[0].element == .int16 { return _ = try expression(inputs[0].type, outputs[0]) }
    try requireInt8(inputs, outputs)
    guard try outputs[0].affine("the output").zeroPoint == -128 else {
      throw failure("zero-point", "the zero point of the output must be -128, as the reference demands")
    }
    _ = try Q4Input(inputs[0].type)
  }

  /// Source: the float `Logistic` in `tensorflow/lite/kernels/internal/reference/logistic.h`, with its bounds.
  private func real(_ x: Float) -> Float {
    if x > 16.619047 { return 1 }
    return x < -9 ? RealFunctions.exp(x) : 1 / (1 + RealFunctions.exp(-x))
  }

  package func evaluate(_ inputs: [Tensor], as outputs: [TensorType]) throws(Diagnostic) -> [Tensor] {
    if outputs[0].element == .float32 { return try mapFloats(inputs, as: outputs, real) }
    if outputs[0].element == .int16 { return try evaluateWide(inputs, as: outputs) }
    let values = try Q4Input(inputs[0].type).map(try inputs[0].ints("input"), low: -128, high: 127) {
      (-128...127).clamping(roundingShiftRight(FixedPoint.logistic($0), 23) - 128)
    }
    return [Tensor(outputs[0], ints: values)]
  }
}

/// Hyperbolic tangent of an int8 tensor; the output has scale 1/128 and zero point 0. Of int16, see ``SigmoidTable``.
///
/// Source: `tensorflow/lite/kernels/internal/reference/integer_ops/tanh.h`.
package struct Tanh: PlainUnaryOperator {
  package static let mnemonic = "tanh"
  package var quantizationRule: QuantizationRule { .fixed(scale: 1 / 128, zeroPoint: 0, wide: 1 / 32768) }

  package init() {}

  package func checkTypes(_ inputs: [Operand], _ outputs: [TensorType]) throws(Diagnostic) {
    if try isFloat(inputs, outputs) { return }
    if outputs[0].element == .int16 { return _ = try expression(inputs[0].type, outputs[0]) }
    try requireInt8(inputs, outputs)
    _ = try Q4Input(inputs[0].type)
  }

  /// Source: `tensorflow/lite/kernels/internal/reference/tanh.h`.
  private func real(_ x: Float) -> Float { RealFunctions.tanh(x) }

  package func evaluate(_ inputs: [Tensor], as outputs: [TensorType]) throws(Diagnostic) -> [Tensor] {
    if outputs[0].element == .float32 { return try mapFloats(inputs, as: outputs, real) }
    if outputs[0].element == .int16 { return try evaluateWide(inputs, as: outputs) }
    let values = try Q4Input(inputs[0].type).map(try inputs[0].ints("input"), low: -128, high: 127) {
      (-128...127).clamping(roundingShiftRight(FixedPoint.tanh($0), 24))
    }
    return [Tensor(outputs[0], ints: values)]
  }
}
