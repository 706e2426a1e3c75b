package import IR
package import Support

/// Copies of boxes over a background: what source operators become that only move or repeat elements.
///
/// Mnemonic `integer.move`; the attributes are only for reading.
package struct Move: MovementOperator {
  package static let mnemonic = "integer.move"
  private let copies: Copies
  private let shapes: [Shape]
  private let fill: Fill?

  init(_ copies: Copies, _ shapes: [Shape], fill: Fill?) {
    self.copies = copies
    self.shapes = shapes
    self.fill = fill
  }

  package var attributes: Attributes {
    var members: [(String, Attributes.Value)] = [
      ("copies", .int(copies.count)), ("elements", .int(copies.reduce(0) { $0 + $1.copy.nest.count })),
    ]
    if case .int(let value) = fill { members.append(("fill", .int(Int(value)))) }
    return Attributes(members)
  }

  package func outputShapes(_ inputs: [Operand]) throws(Diagnostic) -> [Shape] { shapes }

  func copies(_ inputs: [Shape], _ outputs: [Shape]) -> Copies { copies }
  func background(_ outputs: [TensorType]) throws(Diagnostic) -> Fill? { fill }

  /// Where channels go is not followed.
  package func channelLinks(_ layer: Layer) -> [ChannelLink]? { nil }
}

/// A source operator that becomes a ``Move``.
protocol RearrangingOperator: QuantizedOperator {
  /// How many inputs, from the first on, hold the elements; the others say where they go and must be constant. nil for all.
  static var elementInputs: Int? { get }
  func copies(_ inputs: [Operand], _ outputs: [Shape]) throws(Diagnostic) -> Copies
  /// The value of elements to which nothing is copied; nil when there are none.
  func background(_ outputs: [TensorType]) throws(Diagnostic) -> Fill?
}

extension RearrangingOperator {
  static var elementInputs: Int? { nil }
  func background(_ outputs: [TensorType]) throws(Diagnostic) -> Fill? { nil }
  package var quantizationRule: QuantizationRule { .shared }

  package func checkTypes(_ inputs: [Operand], _ outputs: [TensorType]) throws(Diagnostic) {
    try requireOneElement(outputs + inputs.prefix(Self.elementInputs ?? inputs.count).map(\.type))
    _ = try background(outputs)
  }

  package func evaluate(_ inputs: [Tensor], as outputs: [TensorType]) throws(Diagnostic) -> [Tensor] {
    let operands = inputs.map { Operand($0.type, constant: $0) }
    return try copied(copies(operands, outputs.map(\.shape)), inputs, outputs, over: background(outputs))
  }

  package func folded(_ inputs: [Operand], _ outputs: [TensorType]) throws(Diagnostic) -> FoldedOperator {
    let shapes = outputs.map(\.shape)
    return FoldedOperator(
      Move(try copies(inputs, shapes), shapes, fill: try background(outputs)),
      inputs.indices.prefix(Self.elementInputs ?? inputs.count).map { .input($0) })
  }
}
