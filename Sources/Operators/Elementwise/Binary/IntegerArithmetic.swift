package import IR
package import Support

/// Arithmetic on plain integers of any width, without scales: results that do not fit wrap around.
///
/// What other formats have as operators on integers, and TensorFlow Lite on int32 only. A division by 0 gives 0, and a remainder by
/// 0 the dividend; a shift by as many bits as the type has, or more, gives 0.
package struct IntegerArithmetic: ElementOperator {
  package static let mnemonic = "integer_arithmetic"

  package enum Operation: String, CaseIterable, Sendable {
    case add, subtract, multiply
    /// Truncated.
    case divide
    /// With the sign of the dividend.
    case remainder
    /// With the sign of the divisor.
    case modulo
    case and, or
    case exclusiveOr = "exclusive_or"
    /// Of uint8 only.
    case shiftLeft = "shift_left"
    case shiftRight = "shift_right"
  }

  package let operation: Operation

  package init(_ operation: Operation) { self.operation = operation }
  package init(_ attributes: Attributes) throws(Diagnostic) { operation = try attributes.choice("operation") }
  package var attributes: Attributes { Attributes([("operation", .string(operation.rawValue))]) }

  func expression(_ inputs: [TensorType], _ output: TensorType) throws(Diagnostic) -> ElementExpression {
    let isShift = operation == .shiftLeft || operation == .shiftRight
    try require(inputs[0], "first input", is: isShift ? [.uint8] : [.int8, .uint8, .int16, .int32])
    for type in [inputs[1], output] { try require(type, sameElementAs: inputs[0], "inputs and output") }
    let ranges = [try inputs[0].allValues(), try inputs[1].allValues()]
    let (a, b) = (ElementExpression.input(0), ElementExpression.input(1))
    let value: ElementExpression
    switch operation {
    case .add: value = a + b
    case .subtract: value = a - b
    case .multiply: value = a * b
    case .divide: value = .call(.quotient, [a, b])
    case .remainder: value = Self.remainder(a, b)
    case .modulo:
      let rest = Self.remainder(a, b)
      let differs = ElementExpression.compared(
        .less, .binary(.exclusiveOr, rest, b), .constant(0))
      value = .chosen(.compared(.equal, rest, .constant(0)), rest, .chosen(differs, rest + b, rest))
    case .and: value = .binary(.and, a, b)
    case .or: value = .binary(.or, a, b)
    case .exclusiveOr: value = .binary(.exclusiveOr, a, b)
    case .shiftLeft, .shiftRight:
      let shifted = ElementExpression.binary(
        operation == .shiftLeft ? .shiftLeft : .shiftRight, a, .binary(.and, b, .constant(7)))
      value = .chosen(.compared(.greater, b, .constant(7)), .constant(0), shifted)
    }
    return value.wrapped(to: output.element, ranges)
  }

  /// a − b·(a / b)
  private static func remainder(_ a: ElementExpression, _ b: ElementExpression) -> ElementExpression {
    a - .call(.quotient, [a, b]) * b
  }

  func checkReals(_ inputs: [TensorType], _ output: TensorType) throws(Diagnostic) {
    throw failure("type", "an operand is float32, but only integers are supported")
  }

  func real(_ x: [Float]) -> Float { x[0] }
}

extension ElementExpression {
  /// The lower bits of the value, as many as an element has, with their sign.
  fileprivate func wrapped(to element: ElementType, _ ranges: [ClosedRange<Int32>]) -> ElementExpression {
    guard let target = element.range, element.size < 4 else { return self }
    let own = wrapped(ranges)
    if own.lowerBound >= Int64(target.lowerBound), own.upperBound <= Int64(target.upperBound) { return self }
    let low = ElementExpression.binary(.and, self, .constant(element.size == 1 ? 255 : 65535))
    guard target.lowerBound < 0 else { return low }
    // The sign bit stands for minus its value.
    let sign = -target.lowerBound
    return .binary(.exclusiveOr, low, .constant(sign)) - sign
  }
}
