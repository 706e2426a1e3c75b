package import IR
package import Support

/// The larger or the smaller one of two numbers; scales are not looked at.
///
/// Source: `tensorflow/lite/micro/kernels/maximum_minimum.cc`.
package struct Extremum: ElementOperator {
  package static let mnemonic = "extremum"

  package enum Kind: String, CaseIterable, Sendable { case maximum, minimum }

  package let kind: Kind

  package init(_ kind: Kind) { self.kind = kind }
  package init(_ attributes: Attributes) throws(Diagnostic) { kind = try attributes.choice("kind") }
  package var attributes: Attributes { Attributes([("kind", .string(kind.rawValue))]) }
  package var quantizationRule: QuantizationRule { .shared }

  func expression(_ inputs: [TensorType], _ output: TensorType) throws(Diagnostic) -> ElementExpression {
    try require(inputs[0], "first input", is: [.int8, .uint8, .int16, .int32])
    for type in [inputs[1], output] { try require(type, sameElementAs: inputs[0], "inputs and output") }
    return .binary(kind == .maximum ? .maximum : .minimum, .input(0), .input(1))
  }

  func real(_ x: [Float]) -> Float {
    switch kind {
    case .maximum: x[0] > x[1] ? x[0] : x[1]
    case .minimum: x[0] < x[1] ? x[0] : x[1]
    }
  }
}
