package import IR
package import Support

/// x for x ≥ 0, alpha·x below; alpha is a tensor that repeats. int8, or int16 with an int8 alpha.
///
/// Source: `CalculatePreluParams` in `tensorflow/lite/micro/kernels/prelu_common.cc` and `BroadcastPrelu4DSlow` in
/// `tensorflow/lite/kernels/internal/reference/prelu.h`.
package struct Prelu: ElementOperator {
  package static let mnemonic = "prelu"

  package init() {}
  package init(_ attributes: Attributes) throws(Diagnostic) {}
  package var attributes: Attributes { Attributes() }

  func expression(_ inputs: [TensorType], _ output: TensorType) throws(Diagnostic) -> ElementExpression {
    try require(inputs[0], "input", is: [.int8, .int16])
    try require(inputs[1], "alpha", is: [.int8])
    try require(output, sameElementAs: inputs[0], "input and output")
    let (x, alpha) = (try inputs[0].affine("the input"), try inputs[1].affine("alpha"))
    let (outputScale, outputZeroPoint) = try output.affine("the output")
    let identity = try Requantization(scale: Double(x.scale) / Double(outputScale))
    let sloped = try Requantization(scale: Double(x.scale) * Double(alpha.scale) / Double(outputScale))
    let value = ElementExpression.input(0) - x.zeroPoint
    let result = ElementExpression.chosen(
      .compared(.greaterOrEqual, value, .constant(0)), value.scaled(identity),
      (value * (.input(1) - alpha.zeroPoint)).scaled(sloped))
    return (result + outputZeroPoint).clamped(try output.allValues())
  }

  func real(_ x: [Float]) -> Float { x[0] >= 0 ? x[0] : x[0] * x[1] }
}
