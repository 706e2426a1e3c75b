package import IR
package import Support

/// Index of the first smallest value along an axis, as int32.
///
/// Source: `tensorflow/lite/kernels/internal/reference/arg_min_max.h`.
package struct ArgMin: SourceOperator, EmittableOperator {
  package static let mnemonic = "arg_min"
  package static let kernels: [any Kernel] = [ArgMaxKernel()]
  /// The same for the largest value.
  let opposite: ArgMax

  package init(axis: Int) { opposite = ArgMax(axis: axis) }
  package init(_ attributes: Attributes) throws(Diagnostic) { opposite = try ArgMax(attributes) }
  package var attributes: Attributes { opposite.attributes }

  package func outputShapes(_ inputs: [Operand]) throws(Diagnostic) -> [Shape] { try opposite.outputShapes(inputs) }

  package func checkTypes(_ inputs: [Operand], _ outputs: [TensorType]) throws(Diagnostic) {
    try opposite.checkTypes(inputs, outputs)
  }

  package func evaluate(_ inputs: [Tensor], as outputs: [TensorType]) throws(Diagnostic) -> [Tensor] {
    let turned =
      switch inputs[0].elements {
      case .ints(let values): Tensor(inputs[0].type, ints: values.map { ~$0 })
      case .wide(let values): Tensor(inputs[0].type, wide: values.map { ~$0 })
      case .floats(let values): Tensor(inputs[0].type, floats: values.map { -$0 })
      }
    return try opposite.evaluate([turned], as: outputs)
  }
}
