package import IR
package import Support

/// Sum of two or more int8 tensors of one shape and quantization.
///
/// Source: `CalculateOpData` in `tensorflow/lite/micro/kernels/add_n.cc` and `AddN` in
/// `tensorflow/lite/kernels/internal/reference/add_n.h`. The factor of the inputs is always 1/2, so they are added as they are,
/// and the sum starts with the negative zero point.
package struct AddN: ElementOperator {
  package static let mnemonic = "add_n"
  static let inputCount = 2...256

  package init() {}
  package init(_ attributes: Attributes) throws(Diagnostic) {}
  package var attributes: Attributes { Attributes() }

  package func outputShapes(_ inputs: [Operand]) throws(Diagnostic) -> [Shape] {
    try require(inputs, count: Self.inputCount)
    for input in inputs where input.type.shape != inputs[0].type.shape {
      throw failure("shape", "the inputs have the different shapes \(inputs[0].type.shape) and \(input.type.shape)")
    }
    return [inputs[0].type.shape]
  }

  func expression(_ inputs: [TensorType], _ output: TensorType) throws(Diagnostic) -> ElementExpression {
    for type in inputs + [output] { try require(type, "operand", is: [.int8]) }
    let (scale, zeroPoint) = try inputs[0].affine("the input")
    for input in inputs {
      guard try input.affine("the input") == (scale, zeroPoint) else {
        throw failure("scale", "the inputs have different scales or zero points, which the reference refuses")
      }
    }
    let (outputScale, outputZeroPoint) = try output.affine("the output")
    var sum = ElementExpression.input(0)
    for position in 1..<inputs.count { sum = sum + .input(position) }
    sum = sum - zeroPoint * Int32(inputs.count + 1)
    let factor = try Requantization(scaleBelowOne: 2 * Double(scale) / (0x1p20 * Double(outputScale)))
    return (sum * (1 << 19)).requantized(factor, outputZeroPoint, -128...127)
  }

  func real(_ x: [Float]) -> Float { x.reduce(0, +) }
}
