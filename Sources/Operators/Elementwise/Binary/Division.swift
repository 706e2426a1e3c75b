package import IR
package import Support

/// Quotient of two tensors: int8 of any scales, or plain int32, truncated.
///
/// Where the reference is undefined: plain numbers divided by 0 give 0, quantized ones the end of the output's range.
///
/// Source: `CalculateOpDataDiv` in `tensorflow/lite/micro/kernels/div.cc`.
package struct Division: ElementOperator {
  package static let mnemonic = "div"
  package let activation: Activation

  package init(activation: Activation) { self.activation = activation }
  package init(_ attributes: Attributes) throws(Diagnostic) { activation = try attributes.activation() }
  package var attributes: Attributes { Attributes([("activation", .string(activation.rawValue))]) }

  func expression(_ inputs: [TensorType], _ output: TensorType) throws(Diagnostic) -> ElementExpression {
    try require(inputs[0], "first input", is: [.int8, .int32])
    for type in [inputs[1], output] { try require(type, sameElementAs: inputs[0], "inputs and output") }
    guard inputs[0].element == .int8 else {
      try requirePlain(inputs)
      return .call(.quotient, [.input(0), .input(1)]).clamped(activation.plainClamp)
    }
    let (a, b) = (try inputs[0].affine("the first input"), try inputs[1].affine("the second input"))
    let (outputScale, outputZeroPoint) = try output.affine("the output")
    let scale = try Requantization(scale: Double(a.scale) / (Double(b.scale) * Double(outputScale)))
    let quotient = ElementExpression.call(
      .scaledQuotient(scale), [.input(0) - a.zeroPoint, .input(1) - b.zeroPoint])
    return (quotient + outputZeroPoint).clamped(try activation.clamp(output))
  }

  func real(_ x: [Float]) -> Float { activation.clamping(x[0] / x[1]) }
}

/// Quotient or remainder of floats, rounded down. No integers, as in the reference.
///
/// Source: `FloorDiv` and `FloorMod` in `tensorflow/lite/kernels/internal/reference/floor_{div,mod}.h`.
package struct FloorDivision: ElementOperator {
  package static let mnemonic = "floor_division"

  package enum Result: String, CaseIterable, Sendable { case quotient, remainder }

  package let result: Result

  package init(_ result: Result) { self.result = result }
  package init(_ attributes: Attributes) throws(Diagnostic) { result = try attributes.choice("result") }
  package var attributes: Attributes { Attributes([("result", .string(result.rawValue))]) }

  func expression(_ inputs: [TensorType], _ output: TensorType) throws(Diagnostic) -> ElementExpression {
    throw failure(
      "type", "the operands are \(inputs[0].element.rawValue), but only float32 is supported, as in the reference")
  }

  func real(_ x: [Float]) -> Float {
    switch result {
    case .quotient: return Float((Double(x[0]) / Double(x[1])).rounded(.down))
    case .remainder:
      let truncated = x[0].truncatingRemainder(dividingBy: x[1])
      return truncated != 0 && (x[1] < 0) != (truncated < 0) ? truncated + x[1] : truncated
    }
  }
}

extension Operator {
  /// Fails when one of the plain integers has a scale, which the reference refuses.
  func requirePlain(_ types: [TensorType]) throws(Diagnostic) {
    guard types.allSatisfy({ $0.quantization == nil }) else {
      throw failure("scale", "an int32 operand has a scale, which the reference refuses")
    }
  }
}

extension Activation {
  /// The clamp of plain integers.
  ///
  /// Source: `CalculateActivationRange` in `tensorflow/lite/kernels/kernel_util.h`.
  var plainClamp: ClosedRange<Int32> {
    switch self {
    case .none: Int32.min...Int32.max
    case .relu: 0...Int32.max
    case .relu6: 0...6
    case .reluN1To1: -1...1
    }
  }

  /// What it makes of a float; without any, infinities become the largest finite numbers.
  func clamping(_ value: Float) -> Float {
    let largest = Float.greatestFiniteMagnitude
    let (low, high): (Float, Float) =
      switch self {
      case .none: (-largest, largest)
      case .relu: (0, largest)
      case .relu6: (0, 6)
      case .reluN1To1: (-1, 1)
      }
    return value < low ? low : value > high ? high : value
  }
}
