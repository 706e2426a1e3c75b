package import IR
package import Support

/// Conjunction, disjunction or negation of truth values.
///
/// Source: `tensorflow/lite/micro/kernels/logical_common.cc` and `elementwise.cc`.
package struct Logical: ElementOperator {
  package static let mnemonic = "logical"
  static let inputCount = 1...2

  package enum Operation: String, CaseIterable, Sendable { case and, or, not }

  package let operation: Operation

  package init(_ operation: Operation) { self.operation = operation }
  package init(_ attributes: Attributes) throws(Diagnostic) { operation = try attributes.choice("operation") }
  package var attributes: Attributes { Attributes([("operation", .string(operation.rawValue))]) }

  func expression(_ inputs: [TensorType], _ output: TensorType) throws(Diagnostic) -> ElementExpression {
    for type in inputs + [output] { try require(type, "operand", is: [.bool]) }
    guard inputs.count == (operation == .not ? 1 : 2) else {
      throw failure("inputs", "`\(operation.rawValue)` does not take \(inputs.count) inputs")
    }
    return switch operation {
    case .and: .binary(.minimum, .input(0), .input(1))
    case .or: .binary(.maximum, .input(0), .input(1))
    case .not: .compared(.equal, .input(0), .constant(0))
    }
  }

  func checkReals(_ inputs: [TensorType], _ output: TensorType) throws(Diagnostic) {
    throw failure("type", "an operand is float32, but only bool is supported")
  }

  func real(_ x: [Float]) -> Float { x[0] }
}
