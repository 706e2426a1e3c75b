package import IR
package import Support

/// (a − b)²: int8 or int16 of any scales, or plain int32.
///
/// Source: `PrepareQuantized` and `SquaredDifference` in `tensorflow/lite/micro/kernels/squared_difference.cc`.
package struct SquaredDifference: ElementOperator {
  package static let mnemonic = "squared_difference"

  package init() {}
  package init(_ attributes: Attributes) throws(Diagnostic) {}
  package var attributes: Attributes { Attributes() }

  func expression(_ inputs: [TensorType], _ output: TensorType) throws(Diagnostic) -> ElementExpression {
    try require(inputs[0], "first input", is: [.int8, .int16, .int32])
    for type in [inputs[1], output] { try require(type, sameElementAs: inputs[0], "inputs and output") }
    guard inputs[0].element != .int32 else {
      let difference = ElementExpression.input(0) - .input(1)
      return difference * difference
    }
    let (a, b) = (try inputs[0].affine("the first input"), try inputs[1].affine("the second input"))
    let (outputScale, outputZeroPoint) = try output.affine("the output")
    let isWide = inputs[0].element == .int16
    if isWide {
      guard a.zeroPoint == 0, b.zeroPoint == 0, outputZeroPoint == 0 else {
        throw failure("zero-point", "int16 operands must have zero points of 0, as the reference demands")
      }
    }
    let left = isWide ? 0 : 7
    let twiceMaximum = 2 * Double(max(a.scale, b.scale))
    let factors = [
      try Requantization(scaleBelowOne: Double(a.scale) / twiceMaximum),
      try Requantization(scaleBelowOne: Double(b.scale) / twiceMaximum),
    ]
    let scale = try Requantization(scale: twiceMaximum * twiceMaximum / Double(Float(1 << (2 * left)) * outputScale))
    let first = ((.input(0) - a.zeroPoint) * (1 << Int32(left))).scaled(factors[0])
    let second = ((.input(1) - b.zeroPoint) * (1 << Int32(left))).scaled(factors[1])
    let difference = first - second
    return (difference * difference).requantized(scale, outputZeroPoint, try output.allValues())
  }

  func real(_ x: [Float]) -> Float { (x[0] - x[1]) * (x[0] - x[1]) }
}
