import IR
import Support

/// ADD, SUB and MUL of int16 tensors of any scales, and of plain int32.
extension BinaryOperator {
  func requireOneType(_ inputs: [Operand], _ outputs: [TensorType]) throws(Diagnostic) {
    try require(inputs[0].type, "first input", is: [.int8, .int16, .int32])
    for type in [inputs[1].type, outputs[0]] { try require(type, sameElementAs: inputs[0].type, "inputs and output") }
  }

  /// - Parameter ratios: what the inputs and the output are multiplied by.
  func foldedSum(
    _ inputs: [Operand], _ output: TensorType, _ ratios: [Double], subtracts: Bool
  ) throws(Diagnostic) -> FoldedOperator {
    let (a, b) = (try inputs[0].type.affine("the first input"), try inputs[1].type.affine("the second input"))
    guard a.zeroPoint == 0, b.zeroPoint == 0 else {
      throw failure("zero-point", "int16 inputs must have zero points of 0")
    }
    let outputZeroPoint = try output.affine("the output").zeroPoint
    var scales: [Requantization] = []
    for ratio in ratios { scales.append(try Requantization(scaleBelowOne: ratio)) }
    let first = (ElementExpression.input(0) * 32768).scaled(scales[0])
    let second = (ElementExpression.input(1) * 32768).scaled(scales[1])
    let sum = subtracts ? first - second : first + second
    return try .elementwise(
      inputs, output, sum.requantized(scales[2], outputZeroPoint, try activation.clamp(output)))
  }

  func foldedPlain(
    _ inputs: [Operand], _ output: TensorType, _ operation: ElementExpression.Operation, _ clamp: ClosedRange<Int32>
  ) throws(Diagnostic) -> FoldedOperator {
    try .elementwise(
      inputs, output, ElementExpression.binary(operation, .input(0), .input(1)).clamped(clamp))
  }
}
