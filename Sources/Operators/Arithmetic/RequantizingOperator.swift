import IR
import Support

/// A source operator whose sums become output values in the arithmetic of TensorFlow Lite Micro or of ONNX Runtime.
package protocol RequantizingOperator: SourceOperator {
  var arithmetic: Requantization.Arithmetic { get }

  /// The same operator with the given arithmetic.
  func requantizing(by arithmetic: Requantization.Arithmetic) -> any SourceOperator
}

extension RequantizingOperator {
  /// Fails in single precision, which is only defined for 8-bit outputs.
  func requireFixedPoint() throws(Diagnostic) {
    guard arithmetic == .fixedPoint else {
      throw failure("requantization", "an int16 output in single precision is not supported")
    }
  }
}

extension Requantization.Arithmetic {
  /// As members of an operator's attributes; the arithmetic of TensorFlow Lite Micro is not written.
  var attributes: [(name: String, value: Attributes.Value)] {
    self == .fixedPoint ? [] : [("requantization", .string(rawValue))]
  }
}

extension Attributes {
  /// The member `requantization`.
  func arithmetic() throws(Diagnostic) -> Requantization.Arithmetic {
    guard has("requantization") else { return .fixedPoint }
    let name = try string("requantization")
    guard let arithmetic = Requantization.Arithmetic(rawValue: name) else {
      throw Diagnostic("attribute.requantization", "unknown requantization `\(name)`")
    }
    return arithmetic
  }
}
