package import IR
package import Support

/// An ``IndexedMove`` out of a constant: the elements stay in the memory of tables, such as the rows of an embedding.
///
/// Mnemonic `integer.read_indexed`. The indices are its only data.
package struct IndexedRead: EmittableOperator {
  package static let mnemonic = "integer.read_indexed"
  package static let kernels: [any Kernel] = [IndexedMoveKernel()]
  package static let dataInputs: Int? = 1

  let move: IndexedMove

  /// nil when `move` does not read elements of a constant, or tables can't hold them.
  init?(_ move: IndexedMove, _ inputs: [Operand]) {
    guard inputs[move.data].constant != nil, !move.pointsToOutput,
      [.int8, .uint8, .bool, .int32].contains(inputs[move.data].type.element)
    else { return nil }
    self.move = move
  }

  package var attributes: Attributes { move.attributes }

  package func outputShapes(_ inputs: [Operand]) throws(Diagnostic) -> [Shape] { [move.shape] }

  package func checkTypes(_ inputs: [Operand], _ outputs: [TensorType]) throws(Diagnostic) {
    try require(inputs, count: 2...2)
    try move.checkTypes(inputs.reversed(), outputs)
  }

  package func evaluate(_ inputs: [Tensor], as outputs: [TensorType]) throws(Diagnostic) -> [Tensor] {
    try move.evaluate(inputs.reversed(), as: outputs)
  }
}
