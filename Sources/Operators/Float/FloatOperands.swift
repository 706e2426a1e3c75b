package import IR
package import Support

// Float networks are read and evaluated so that they can be quantized; no kernel computes floats.

extension Operator {
  /// Whether every operand is float32; fails when the outputs are, but only some of the inputs.
  package func isFloat(_ inputs: [Operand], _ outputs: [TensorType]) throws(Diagnostic) -> Bool {
    guard let output = outputs.first, output.element == .float32 else { return false }
    for (position, input) in inputs.enumerated() where input.type.element != .float32 {
      throw failure(
        "type", "the output is float32, but input \(position) is \(input.type.element.rawValue); all must be float32")
    }
    return true
  }
}

extension Activation {
  /// What the activation makes of a float. Without any, infinities become the largest finite numbers; NaN stays.
  ///
  /// Source: `CalculateActivationRange` in `tensorflow/lite/kernels/kernel_util.h`.
  func apply(_ value: Float) -> Float {
    let range = realRange
    return value < range.lowerBound ? range.lowerBound : value > range.upperBound ? range.upperBound : value
  }

  /// The real values that the activation leaves.
  package var realRange: ClosedRange<Float> {
    let largest = Float.greatestFiniteMagnitude
    return switch self {
    case .none: -largest...largest
    case .relu: 0...largest
    case .relu6: 0...6
    case .reluN1To1: -1...1
    }
  }
}

extension UnaryOperator {
  /// The float output, where `function` maps each element.
  func mapFloats(
    _ inputs: [Tensor], as outputs: [TensorType], _ function: (Float) -> Float
  ) throws(Diagnostic) -> [Tensor] {
    [Tensor(outputs[0], floats: try inputs[0].floats("input").map(function))]
  }
}
