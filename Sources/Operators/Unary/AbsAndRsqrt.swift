import IR
import Support

/// A unary operator that is an expression for integers; bytes become a table.
protocol UnaryElementOperator: ElementOperator, PlainUnaryOperator {}

extension UnaryElementOperator {
  static var inputCount: ClosedRange<Int> { 1...1 }

  package func outputShapes(_ inputs: [Operand]) throws(Diagnostic) -> [Shape] {
    try require(inputs, count: 1...1)
    return [inputs[0].type.shape]
  }
}

/// |x| with a change of scale, of int8 or int16; or of plain int16, where |−32768| wraps to −32768.
///
/// Source: `AbsEvalQuantized` in `tensorflow/lite/micro/kernels/elementwise.cc`.
package struct Abs: UnaryElementOperator {
  package static let mnemonic = "abs"

  package init() {}

  func expression(_ inputs: [TensorType], _ output: TensorType) throws(Diagnostic) -> ElementExpression {
    try require(inputs[0], "input", is: [.int8, .int16])
    try require(output, sameElementAs: inputs[0], "input and output")
    if inputs[0].element == .int16, inputs[0].quantization == nil {
      let magnitude = ElementExpression.binary(.maximum, .input(0), .constant(0) - .input(0))
      return .chosen(.compared(.equal, .input(0), .constant(-32768)), .constant(-32768), magnitude)
    }
    let (x, y) = (try inputs[0].affine("the input"), try output.affine("the output"))
    guard inputs[0].element == .int8 || x.zeroPoint == 0 && y.zeroPoint == 0 else {
      throw failure("zero-point", "int16 operands must have zero points of 0, as the reference demands")
    }
    let value = ElementExpression.input(0) - x.zeroPoint
    let magnitude = ElementExpression.binary(.maximum, value, .constant(0) - value)
    if x.scale == y.scale { return (magnitude + y.zeroPoint).clamped(try output.allValues()) }
    return magnitude.requantized(
      try Requantization(scale: Double(x.scale) / Double(y.scale)), y.zeroPoint, try output.allValues())
  }

  func real(_ x: [Float]) -> Float { x[0].magnitude }
}

/// 1 / sqrt(x) of int8 or int16. 0 gives the highest output; so do negative numbers, which are an error in the reference.
///
/// Source: `RsqrtEvalQuantized` in `tensorflow/lite/micro/kernels/elementwise.cc`.
package struct Rsqrt: UnaryElementOperator {
  package static let mnemonic = "rsqrt"

  package init() {}

  func expression(_ inputs: [TensorType], _ output: TensorType) throws(Diagnostic) -> ElementExpression {
    try require(inputs[0], "input", is: [.int8, .int16])
    try require(output, sameElementAs: inputs[0], "input and output")
    let (x, y) = (try inputs[0].affine("the input"), try output.affine("the output"))
    guard inputs[0].element == .int8 || x.zeroPoint == 0 && y.zeroPoint == 0 else {
      throw failure("zero-point", "int16 operands must have zero points of 0, as the reference demands")
    }
    let scale = try Requantization(scale: 1 / (Double(x.scale).squareRoot() * Double(y.scale)))
    guard scale.shift >= -11 else {
      throw failure("scale", "the ratio of scales is below 2^-12, which the reference does not define")
    }
    let root = ElementExpression.call(.inverseSquareRoot(scale), [.input(0) - x.zeroPoint])
    return (root + y.zeroPoint).clamped(try output.allValues())
  }

  func real(_ x: [Float]) -> Float { 1 / x[0].squareRoot() }
}
