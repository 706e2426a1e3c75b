package import IR
package import Support

/// Slices of an axis in the order of a list of indices; the first `batchDims` axes of both tensors belong together.
///
/// [batch…, outer…, axis, inner…] and indices [batch…, list…] → [batch…, outer…, list…, inner…]. Source:
/// `tensorflow/lite/micro/kernels/gather.cc`, which does not say what an index outside of the axis gives at run time: here it is
/// the closest slice. EMBEDDING_LOOKUP is the same along axis 0.
package struct Gather: QuantizedOperator {
  package static let mnemonic = "gather"
  /// Counted from the front.
  package let axis: Int
  package let batchDims: Int

  package init(axis: Int, batchDims: Int = 0) {
    self.axis = axis
    self.batchDims = batchDims
  }

  package init(_ attributes: Attributes) throws(Diagnostic) {
    axis = try attributes.int("axis")
    batchDims = try attributes.int("batch_dims")
  }

  package var attributes: Attributes { Attributes([("axis", .int(axis)), ("batch_dims", .int(batchDims))]) }

  private func move(_ data: Shape, _ list: Shape) throws(Diagnostic) -> IndexedMove {
    guard (0..<data.rank).contains(axis), batchDims >= 0, batchDims <= min(axis, list.rank),
      data.dims.prefix(batchDims) == list.dims.prefix(batchDims)
    else {
      throw failure("axis", "axis \(axis) and \(batchDims) batch dimensions do not suit \(data) and indices \(list)")
    }
    let batch = data.dims[..<batchDims].reduce(1, *)
    let outer = data.dims[batchDims..<axis].reduce(1, *)
    let inner = data.dims[(axis + 1)...].reduce(1, *)
    let count = list.dims[batchDims...].reduce(1, *)
    var dims = data.dims
    dims.replaceSubrange(axis...axis, with: list.dims[batchDims...])
    let shape = try Shape(dims)
    return IndexedMove(
      whole: nil, data: 0, shape: shape,
      rows: LoopNest([
        LoopNest.Axis(size: batch, steps: [count, outer * data[axis] * inner, outer * count * inner]),
        LoopNest.Axis(size: outer, steps: [0, data[axis] * inner, count * inner]),
        LoopNest.Axis(size: count, steps: [1, 0, inner]),
      ]), indices: [IndexedMove.Index(position: 0, stride: inner, last: data[axis] - 1)], outside: .nearest,
      pointsToOutput: false, run: LoopNest([LoopNest.Axis(size: inner, steps: [1, 1])]))
  }

  package func outputShapes(_ inputs: [Operand]) throws(Diagnostic) -> [Shape] {
    try indexedShapes(inputs) { (data, list) throws(Diagnostic) in try move(data, list) }
  }

  package func checkTypes(_ inputs: [Operand], _ outputs: [TensorType]) throws(Diagnostic) {
    try checkIndexed(inputs, outputs)
  }

  package func evaluate(_ inputs: [Tensor], as outputs: [TensorType]) throws(Diagnostic) -> [Tensor] {
    try move(inputs[0].type.shape, inputs[1].type.shape).evaluate(inputs, as: outputs)
  }

  package func folded(_ inputs: [Operand], _ outputs: [TensorType]) throws(Diagnostic) -> FoldedOperator {
    try move(inputs[0].type.shape, inputs[1].type.shape).folded(inputs)
  }
}

/// Slices in the order of a list of positions: indices [list…, n] → [list…, the data's axes behind the first n].
///
/// Source: `tensorflow/lite/micro/kernels/gather_nd.cc`, which fails at run time when the place that the n indices give together
/// is outside of the tensor: here it is the first slice then.
package struct GatherND: QuantizedOperator {
  package static let mnemonic = "gather_nd"

  package init() {}
  package init(_ attributes: Attributes) throws(Diagnostic) {}
  package var attributes: Attributes { Attributes() }

  private func move(_ data: Shape, _ list: Shape) throws(Diagnostic) -> IndexedMove {
    guard let depth = list.dims.last, depth > 0, depth <= data.rank else {
      throw failure("rank", "the last axis of the indices \(list) does not suit \(data)")
    }
    let count = list.elementCount / depth
    let run = data.dims[depth...].reduce(1, *)
    let shape = try Shape(Array(list.dims.dropLast()) + Array(data.dims[depth...]))
    return IndexedMove(
      whole: nil, data: 0, shape: shape, rows: LoopNest([LoopNest.Axis(size: count, steps: [depth, 0, run])]),
      indices: (0..<depth).map {
        IndexedMove.Index(position: $0, stride: data.strides[$0], last: data[$0] - 1)
      }, outside: .first(last: data.elementCount - run), pointsToOutput: false,
      run: LoopNest([LoopNest.Axis(size: run, steps: [1, 1])]))
  }

  package func outputShapes(_ inputs: [Operand]) throws(Diagnostic) -> [Shape] {
    try indexedShapes(inputs) { (data, list) throws(Diagnostic) in try move(data, list) }
  }

  package func checkTypes(_ inputs: [Operand], _ outputs: [TensorType]) throws(Diagnostic) {
    try checkIndexed(inputs, outputs)
  }

  package func evaluate(_ inputs: [Tensor], as outputs: [TensorType]) throws(Diagnostic) -> [Tensor] {
    try move(inputs[0].type.shape, inputs[1].type.shape).evaluate(inputs, as: outputs)
  }

  package func folded(_ inputs: [Operand], _ outputs: [TensorType]) throws(Diagnostic) -> FoldedOperator {
    try move(inputs[0].type.shape, inputs[1].type.shape).folded(inputs)
  }
}

extension QuantizedOperator {
  /// The shape of what `move` gathers; constant indices must be inside of the tensor.
  fileprivate func indexedShapes(
    _ inputs: [Operand], _ move: (Shape, Shape) throws(Diagnostic) -> IndexedMove
  ) throws(Diagnostic) -> [Shape] {
    try require(inputs, count: 2...2)
    let move = try move(inputs[0].type.shape, inputs[1].type.shape)
    if let indices = inputs[1].constant { try move.check(try indices.ints("the indices"), mnemonic) }
    return [move.shape]
  }

  fileprivate func checkIndexed(_ inputs: [Operand], _ outputs: [TensorType]) throws(Diagnostic) {
    try requireOneElement([inputs[0].type, outputs[0]])
    try require(inputs[1].type, "list of indices", is: [.int8, .uint8, .int16, .int32, .int64])
  }
}
