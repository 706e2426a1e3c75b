package import IR
package import Support

/// The first input with the second one written over it, from the position in the third one on.
///
/// Source: `tensorflow/lite/micro/kernels/dynamic_update_slice.cc`: positions from which the update would reach out of the tensor are
/// moved into it.
package struct DynamicUpdateSlice: QuantizedOperator {
  package static let mnemonic = "dynamic_update_slice"

  package init() {}
  package init(_ attributes: Attributes) throws(Diagnostic) {}
  package var attributes: Attributes { Attributes() }

  private func move(_ data: Shape, _ update: Shape) -> IndexedMove {
    let (source, target) = (update.strides, data.strides)
    return IndexedMove(
      whole: StridedCopy([CopyAxis(data.elementCount, source: 1, target: 1)]), data: 1, shape: data,
      rows: LoopNest([]),
      indices: (0..<data.rank).map {
        IndexedMove.Index(position: $0, stride: target[$0], last: data[$0] - update[$0])
      }, outside: .nearest, pointsToOutput: true,
      run: LoopNest((0..<data.rank).map { LoopNest.Axis(size: update[$0], steps: [source[$0], target[$0]]) }))
  }

  package func outputShapes(_ inputs: [Operand]) throws(Diagnostic) -> [Shape] {
    try require(inputs, count: 3...3)
    let (data, update, position) = (inputs[0].type.shape, inputs[1].type.shape, inputs[2].type.shape)
    guard update.rank == data.rank, zip(update.dims, data.dims).allSatisfy({ $0 <= $1 }) else {
      throw failure("shape", "the update \(update) is larger than the tensor \(data)")
    }
    guard position.dims == [data.rank] else {
      throw failure("rank", "the position \(position) does not suit the tensor \(data)")
    }
    return [data]
  }

  package func checkTypes(_ inputs: [Operand], _ outputs: [TensorType]) throws(Diagnostic) {
    try requireOneElement([outputs[0], inputs[0].type, inputs[1].type])
    try require(inputs[2].type, "position", is: [.int8, .uint8, .int16, .int32, .int64])
  }

  package func evaluate(_ inputs: [Tensor], as outputs: [TensorType]) throws(Diagnostic) -> [Tensor] {
    try move(inputs[0].type.shape, inputs[1].type.shape).evaluate(inputs, as: outputs)
  }

  package func folded(_ inputs: [Operand], _ outputs: [TensorType]) throws(Diagnostic) -> FoldedOperator {
    try move(inputs[0].type.shape, inputs[1].type.shape).folded(inputs)
  }
}
