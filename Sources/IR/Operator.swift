package import Support

/// What an operator knows of one of its inputs while types are checked: its type, and its value when it is constant.
package struct Operand: Sendable {
  package let type: TensorType
  package let constant: Tensor?

  package init(_ type: TensorType, constant: Tensor? = nil) {
    self.type = type
    self.constant = constant
  }
}

/// Meaning of a node: which shapes and types it takes, and what it computes.
///
/// Operators are values without identity; the graph holds the tensors. Every operator is defined in one place (a file
/// or a folder of the module Operators) and listed in `OperatorRegistry`.
package protocol Operator: Sendable {
  /// Name in the text form, in `model.bin` and in reports.
  static var mnemonic: String { get }

  var attributes: Attributes { get }

  /// The shapes of the outputs; fails when the inputs' number, shapes or constants do not suit the operator.
  func outputShapes(_ inputs: [Operand]) throws(Diagnostic) -> [Shape]

  /// Fails when element types or quantization of inputs and outputs do not suit the operator. Shapes are checked by
  /// ``outputShapes(_:)``.
  func checkTypes(_ inputs: [Operand], _ outputs: [TensorType]) throws(Diagnostic)

  /// The reference semantics: the exact values of the outputs, whose types are `outputs`.
  ///
  /// Shapes and types have been checked before.
  func evaluate(_ inputs: [Tensor], as outputs: [TensorType]) throws(Diagnostic) -> [Tensor]

  /// Multiply-accumulates of one inference, padding taps counted; 0 for operators without any.
  func multiplyAccumulates(_ inputs: [Operand], _ outputs: [TensorType]) -> Int
}

extension Operator {
  package func multiplyAccumulates(_ inputs: [Operand], _ outputs: [TensorType]) -> Int { 0 }

  package var mnemonic: String { Self.mnemonic }

  /// Fails unless the number of `inputs` is in `range`.
  package func require(_ inputs: [Operand], count range: ClosedRange<Int>) throws(Diagnostic) {
    guard range.contains(inputs.count) else {
      let wanted = range.count == 1 ? "\(range.lowerBound)" : "\(range.lowerBound) to \(range.upperBound)"
      throw Diagnostic("operator.inputs", "\(mnemonic) takes \(wanted) inputs, but has \(inputs.count)")
    }
  }

  /// Fails unless the element type of `type` is one of `allowed`.
  package func require(_ type: TensorType, _ role: String, is allowed: [ElementType]) throws(Diagnostic) {
    guard allowed.contains(type.element) else {
      let names = allowed.map(\.rawValue).joined(separator: " or ")
      throw Diagnostic(
        "operator.type", "\(mnemonic): the \(role) is \(type.element.rawValue), but only \(names) is supported")
    }
  }

  /// Fails unless both types have the same element type.
  package func require(_ a: TensorType, sameElementAs b: TensorType, _ role: String) throws(Diagnostic) {
    guard a.element == b.element else {
      throw Diagnostic(
        "operator.type",
        "\(mnemonic): \(role) must be of one element type, not \(a.element.rawValue) and "
          + b.element.rawValue)
    }
  }

  package func failure(_ id: String, _ message: String) -> Diagnostic {
    Diagnostic("operator.\(id)", "\(mnemonic): \(message)")
  }
}
