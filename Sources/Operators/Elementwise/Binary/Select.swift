package import IR
package import Support

/// The element of the second input where the first one is true, else that of the third one; scales are not looked at.
///
/// Source: `tensorflow/lite/micro/kernels/select.cc`.
package struct Select: ElementOperator {
  package static let mnemonic = "select"
  static let inputCount = 3...3

  package init() {}
  package init(_ attributes: Attributes) throws(Diagnostic) {}
  package var attributes: Attributes { Attributes() }
  package var quantizationRule: QuantizationRule { .shared }

  func expression(_ inputs: [TensorType], _ output: TensorType) throws(Diagnostic) -> ElementExpression {
    try require(inputs[0], "condition", is: [.bool])
    try require(inputs[1], "second input", is: [.int8, .uint8, .int16, .int32, .bool])
    for type in [inputs[2], output] { try require(type, sameElementAs: inputs[1], "the alternatives and the output") }
    return .chosen(.input(0), .input(1), .input(2))
  }

  func checkReals(_ inputs: [TensorType], _ output: TensorType) throws(Diagnostic) {
    try require(inputs[0], "condition", is: [.bool])
    for type in [inputs[1], inputs[2], output] { try require(type, "operand of a float operator", is: [.float32]) }
  }

  func real(_ x: [Float]) -> Float { x[0] != 0 ? x[1] : x[2] }
}
