package import IR
package import Support

/// Slices of an axis in the order of a list of indices; the first `batchDims` axes of both tensors belong together.
///
/// [batch…, outer…, axis, inner…] and indices [batch…, list…] → [batch…, outer…, list…, inner…]. Source:
/// `tensorflow/lite/micro/kernels/gather.cc`, which does not say what an index outside of the axis gives at run time: here it is
/// the closest slice. EMBEDDING_LOOKUP is the same along axis 0. In other formats negative indices count from the end.
package struct Gather: GatheringOperator {
  package static let mnemonic = "gather"
  /// Counted from the front.
  package let axis: Int
  package let batchDims: Int
  package let countsFromEnd: Bool

  package init(axis: Int, batchDims: Int = 0, countsFromEnd: Bool = false) {
    self.axis = axis
    self.batchDims = batchDims
    self.countsFromEnd = countsFromEnd
  }

  package init(_ attributes: Attributes) throws(Diagnostic) {
    axis = try attributes.int("axis")
    batchDims = try attributes.int("batch_dims")
    countsFromEnd = try attributes.countsFromEnd()
  }

  package var attributes: Attributes {
    Attributes([("axis", .int(axis)), ("batch_dims", .int(batchDims))] + Attributes.countingFromEnd(countsFromEnd))
  }

  func move(_ data: Shape, _ list: Shape) throws(Diagnostic) -> IndexedMove {
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
      pointsToOutput: false, run: LoopNest([LoopNest.Axis(size: inner, steps: [1, 1])]),
      countsFromEnd: countsFromEnd)
  }
}

/// Slices in the order of a list of positions: indices [batch…, list…, n] → [batch…, list…, the data's axes behind the first n
/// of those behind the batch].
///
/// Source: `tensorflow/lite/micro/kernels/gather_nd.cc`, which fails at run time when the place that the n indices give together
/// is outside of the tensor: here it is the first slice then. With a batch, or negative indices that count from the end, as other
/// formats have them, each index is moved into its axis instead.
package struct GatherND: GatheringOperator {
  package static let mnemonic = "gather_nd"
  package let batchDims: Int
  package let countsFromEnd: Bool

  package init(batchDims: Int = 0, countsFromEnd: Bool = false) {
    self.batchDims = batchDims
    self.countsFromEnd = countsFromEnd
  }

  package init(_ attributes: Attributes) throws(Diagnostic) {
    batchDims = attributes.has("batch_dims") ? try attributes.int("batch_dims") : 0
    countsFromEnd = try attributes.countsFromEnd()
  }

  package var attributes: Attributes {
    Attributes((batchDims == 0 ? [] : [("batch_dims", .int(batchDims))]) + Attributes.countingFromEnd(countsFromEnd))
  }

  func move(_ data: Shape, _ list: Shape) throws(Diagnostic) -> IndexedMove {
    guard let depth = list.dims.last, depth > 0, batchDims >= 0, batchDims < list.rank, depth <= data.rank - batchDims,
      data.dims.prefix(batchDims) == list.dims.prefix(batchDims)
    else {
      throw failure("rank", "the last axis of the indices \(list) does not suit \(data)")
    }
    let batch = data.dims[..<batchDims].reduce(1, *)
    let count = list.dims[batchDims...].dropLast().reduce(1, *)
    let inner = data.dims[batchDims...].reduce(1, *)
    let run = data.dims[(batchDims + depth)...].reduce(1, *)
    let shape = try Shape(Array(list.dims.dropLast()) + Array(data.dims[(batchDims + depth)...]))
    return IndexedMove(
      whole: nil, data: 0, shape: shape,
      rows: LoopNest([
        LoopNest.Axis(size: batch, steps: [count * depth, inner, count * run]),
        LoopNest.Axis(size: count, steps: [depth, 0, run]),
      ]),
      indices: (0..<depth).map {
        IndexedMove.Index(
          position: $0, stride: data.strides[batchDims + $0], last: data[batchDims + $0] - 1)
      }, outside: batchDims == 0 && !countsFromEnd ? .first(last: data.elementCount - run) : .nearest,
      pointsToOutput: false, run: LoopNest([LoopNest.Axis(size: run, steps: [1, 1])]), countsFromEnd: countsFromEnd)
  }
}

/// Single elements: along one axis the index says where, along the others an element stays at its place.
///
/// Data and indices of one rank → the shape of the indices, which is not larger than the data along the other axes. Source: the
/// operator GatherElements of ONNX, where negative indices count from the end.
package struct GatherElements: GatheringOperator {
  package static let mnemonic = "gather_elements"
  /// Counted from the front.
  package let axis: Int

  package init(axis: Int) { self.axis = axis }
  package init(_ attributes: Attributes) throws(Diagnostic) { axis = try attributes.int("axis") }
  package var attributes: Attributes { Attributes([("axis", .int(axis))]) }
  package var quantizationRule: QuantizationRule { .shared }

  func move(_ data: Shape, _ list: Shape) throws(Diagnostic) -> IndexedMove {
    guard list.rank == data.rank, (0..<data.rank).contains(axis),
      (0..<data.rank).allSatisfy({ $0 == axis || list[$0] <= data[$0] })
    else { throw failure("shape", "indices \(list) along axis \(axis) do not suit \(data)") }
    let (own, source) = (list.strides, data.strides)
    return IndexedMove(
      whole: nil, data: 0, shape: list,
      rows: LoopNest(
        (0..<list.rank).map {
          LoopNest.Axis(size: list[$0], steps: [own[$0], $0 == axis ? 0 : source[$0], own[$0]])
        }), indices: [IndexedMove.Index(position: 0, stride: source[axis], last: data[axis] - 1)], outside: .nearest,
      pointsToOutput: false, run: LoopNest([]), countsFromEnd: true)
  }
}

extension Attributes {
  fileprivate func countsFromEnd() throws(Diagnostic) -> Bool {
    has("counts_from_end") ? try bool("counts_from_end") : false
  }

  /// Named only where negative indices count from the end.
  fileprivate static func countingFromEnd(_ isSo: Bool) -> [(String, Value)] {
    isSo ? [("counts_from_end", .bool(true))] : []
  }
}

/// Data, and a list of indices that says what of them is picked.
protocol GatheringOperator: QuantizedOperator {
  /// The movement for data and indices of these shapes.
  func move(_ data: Shape, _ list: Shape) throws(Diagnostic) -> IndexedMove
}

extension GatheringOperator {
  /// Constant indices must be inside of the tensor.
  package func outputShapes(_ inputs: [Operand]) throws(Diagnostic) -> [Shape] {
    try require(inputs, count: 2...2)
    let move = try move(inputs[0].type.shape, inputs[1].type.shape)
    if let indices = inputs[1].constant { try move.check(try indices.ints("the indices"), mnemonic) }
    return [move.shape]
  }

  package func checkTypes(_ inputs: [Operand], _ outputs: [TensorType]) throws(Diagnostic) {
    try requireOneElement([inputs[0].type, outputs[0]])
    try require(inputs[1].type, "list of indices", is: [.int8, .uint8, .int16, .int32, .int64])
  }

  package func evaluate(_ inputs: [Tensor], as outputs: [TensorType]) throws(Diagnostic) -> [Tensor] {
    try move(inputs[0].type.shape, inputs[1].type.shape).evaluate(inputs, as: outputs)
  }

  package func folded(_ inputs: [Operand], _ outputs: [TensorType]) throws(Diagnostic) -> FoldedOperator {
    try move(inputs[0].type.shape, inputs[1].type.shape).folded(inputs)
  }
}
