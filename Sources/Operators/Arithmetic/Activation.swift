package import IR
package import Support

/// The activation that a TFLite operator applies to its own output.
package enum Activation: String, Sendable {
  case none
  case relu
  case relu6
  case reluN1To1 = "relu_n1_to_1"

  /// The output values that the activation leaves, for an output of the quantized `type`.
  ///
  /// Source: `CalculateActivationRangeQuantized` in `tensorflow/lite/kernels/kernel_util.cc`.
  package func clamp(_ type: TensorType) throws(Diagnostic) -> ClosedRange<Int32> {
    let (scale, zeroPoint) = try type.affine("the output")
    guard let range = type.element.range else {
      throw Diagnostic("activation.type", "an activation of \(type.element.rawValue) is not supported")
    }
    func quantized(_ value: Float) throws(Diagnostic) -> Int32 {
      guard let steps = Int32(exactly: (value / scale).rounded()) else {
        throw Diagnostic("activation.scale", "the activation \(rawValue) does not fit the output scale \(scale)")
      }
      let (sum, overflow) = zeroPoint.addingReportingOverflow(steps)
      return overflow ? (steps > 0 ? Int32.max : Int32.min) : sum
    }
    func clamp(_ low: Int32, _ high: Int32) -> ClosedRange<Int32> {
      let lower = max(range.lowerBound, low)
      // A lower bound above the upper one: the reference takes the maximum first, so the upper bound wins.
      let upper = min(range.upperBound, high)
      return min(lower, upper)...upper
    }
    switch self {
    case .none: return range
    case .relu: return clamp(try quantized(0), Int32.max)
    case .relu6: return clamp(try quantized(0), try quantized(6))
    case .reluN1To1: return clamp(try quantized(-1), try quantized(1))
    }
  }
}

extension Attributes {
  /// The member `activation`.
  package func activation() throws(Diagnostic) -> Activation {
    let name = try string("activation")
    guard let activation = Activation(rawValue: name) else {
      throw Diagnostic("attribute.activation", "unknown activation `\(name)`")
    }
    return activation
  }
}
