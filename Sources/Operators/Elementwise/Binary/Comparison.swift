package import IR
package import Support

/// Whether two numbers are in a relation, as a truth value. int8 numbers are compared by their real values: both are brought to
/// a scale of 1/256 and rounded. Integers without scales are compared as they are.
///
/// Source: `tensorflow/lite/micro/kernels/comparisons.cc` and `ComparisonWithScaling` in
/// `tensorflow/lite/kernels/internal/reference/comparisons.h`.
package struct Comparison: ElementOperator {
  package static let mnemonic = "compare"

  package enum Relation: String, CaseIterable, Sendable {
    case equal
    case notEqual = "not_equal"
    case greater
    case greaterOrEqual = "greater_equal"
    case less
    case lessOrEqual = "less_equal"

    fileprivate var symbol: ElementExpression.Relation {
      switch self {
      case .equal: .equal
      case .notEqual: .notEqual
      case .greater: .greater
      case .greaterOrEqual: .greaterOrEqual
      case .less: .less
      case .lessOrEqual: .lessOrEqual
      }
    }
  }

  package let relation: Relation

  package init(_ relation: Relation) { self.relation = relation }
  package init(_ attributes: Attributes) throws(Diagnostic) { relation = try attributes.choice("relation") }
  package var attributes: Attributes { Attributes([("relation", .string(relation.rawValue))]) }

  func expression(_ inputs: [TensorType], _ output: TensorType) throws(Diagnostic) -> ElementExpression {
    let isEquality = relation == .equal || relation == .notEqual
    try require(
      inputs[0], "first input", is: [.int8, .uint8, .int16, .int32] + (isEquality ? [ElementType.bool] : []))
    try require(inputs[1], sameElementAs: inputs[0], "the inputs")
    try require(output, "output", is: [.bool])
    guard inputs[0].element == .int8, inputs.contains(where: { $0.quantization != nil }) else {
      if [.uint8, .int16].contains(inputs[0].element) { try requirePlain(inputs) }
      return .compared(relation.symbol, .input(0), .input(1))
    }
    return .compared(relation.symbol, try scaled(0, inputs[0]), try scaled(1, inputs[1]))
  }

  private func scaled(_ position: Int, _ type: TensorType) throws(Diagnostic) -> ElementExpression {
    let (scale, zeroPoint) = try type.affine("the input")
    let factor = try Requantization(scaleBelowOne: Double(scale))
    guard factor.shift <= 0 else { throw failure("scale", "the input scale \(scale) must be below 1") }
    return ((.input(position) - zeroPoint) * 256).scaled(factor)
  }

  func checkReals(_ inputs: [TensorType], _ output: TensorType) throws(Diagnostic) {
    for type in inputs { try require(type, "operand of a float operator", is: [.float32]) }
    try require(output, "output", is: [.bool])
  }

  func real(_ x: [Float]) -> Float { relation.symbol.holds(x[0], x[1]) ? 1 : 0 }
}

extension Attributes {
  /// A member whose text names one of the cases of an enumeration.
  func choice<Choice: RawRepresentable & CaseIterable>(_ name: String) throws(Diagnostic) -> Choice
  where Choice.RawValue == String {
    let text = try string(name)
    guard let choice = Choice(rawValue: text) else {
      throw Diagnostic(
        "attribute.\(name)", "unknown \(name) `\(text)`",
        notes: ["known are \(Choice.allCases.map(\.rawValue).joined(separator: ", "))"])
    }
    return choice
  }
}
