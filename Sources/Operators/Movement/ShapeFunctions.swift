package import IR
package import Support

/// An operator whose result is known before the network runs: it depends on shapes, or on constants, alone.
package protocol ShapeFunction: QuantizedOperator {
  /// The values of the outputs; nil when an input that must be constant is not.
  func constants(_ inputs: [Operand], _ outputs: [TensorType]) throws(Diagnostic) -> [Tensor]?
}

extension ShapeFunction {
  package func evaluate(_ inputs: [Tensor], as outputs: [TensorType]) throws(Diagnostic) -> [Tensor] {
    try constants(inputs.map { Operand($0.type, constant: $0) }, outputs) ?? []
  }

  package func folded(_ inputs: [Operand], _ outputs: [TensorType]) throws(Diagnostic) -> FoldedOperator {
    guard let value = try constants(inputs, outputs)?.first else {
      throw failure("constant", "its inputs must be known when the model is compiled")
    }
    return FoldedOperator(Reshape(shape: value.type.shape.dims), [.constant(value, "value")])
  }
}

/// A shape function without attributes.
protocol PlainShapeFunction: ShapeFunction {
  init()
}

extension PlainShapeFunction {
  package init(_ attributes: Attributes) throws(Diagnostic) { self.init() }
  package var attributes: Attributes { Attributes() }
}

/// The dimensions of the input as a list of integers.
package struct ShapeOf: PlainShapeFunction {
  package static let mnemonic = "shape"
  package init() {}

  package func outputShapes(_ inputs: [Operand]) throws(Diagnostic) -> [Shape] {
    try require(inputs, count: 1...1)
    return [try Shape([inputs[0].type.shape.rank])]
  }

  package func checkTypes(_ inputs: [Operand], _ outputs: [TensorType]) throws(Diagnostic) {
    try require(outputs[0], "output", is: [.int32, .int64])
  }

  package func constants(_ inputs: [Operand], _ outputs: [TensorType]) throws(Diagnostic) -> [Tensor]? {
    [Tensor(outputs[0], ints: inputs[0].type.shape.dims.map { Int32(truncatingIfNeeded: $0) })]
  }
}

/// The number of the input's dimensions.
package struct RankOf: PlainShapeFunction {
  package static let mnemonic = "rank"
  package init() {}

  package func outputShapes(_ inputs: [Operand]) throws(Diagnostic) -> [Shape] {
    try require(inputs, count: 1...1)
    return [try Shape([])]
  }

  package func checkTypes(_ inputs: [Operand], _ outputs: [TensorType]) throws(Diagnostic) {
    try require(outputs[0], "output", is: [.int32])
  }

  package func constants(_ inputs: [Operand], _ outputs: [TensorType]) throws(Diagnostic) -> [Tensor]? {
    [Tensor(outputs[0], ints: [Int32(truncatingIfNeeded: inputs[0].type.shape.rank)])]
  }
}

/// A tensor of zeros in the shape of the input: zeros as integers, whatever the zero point.
package struct ZerosLike: PlainShapeFunction {
  package static let mnemonic = "zeros_like"
  package init() {}

  package func outputShapes(_ inputs: [Operand]) throws(Diagnostic) -> [Shape] {
    try require(inputs, count: 1...1)
    return [inputs[0].type.shape]
  }

  package func checkTypes(_ inputs: [Operand], _ outputs: [TensorType]) throws(Diagnostic) {
    try requireOneElement([outputs[0], inputs[0].type])
  }

  package func constants(_ inputs: [Operand], _ outputs: [TensorType]) throws(Diagnostic) -> [Tensor]? {
    let count = outputs[0].shape.elementCount
    return outputs[0].element == .float32
      ? [Tensor(outputs[0], floats: [Float](repeating: 0, count: count))]
      : [Tensor(outputs[0], ints: [Int32](repeating: 0, count: count))]
  }
}

/// The shape to which tensors of the two given shapes broadcast.
///
/// Source: `tensorflow/lite/kernels/internal/reference/broadcast_args.h`.
package struct BroadcastArgs: PlainShapeFunction {
  package static let mnemonic = "broadcast_args"
  package init() {}

  package func outputShapes(_ inputs: [Operand]) throws(Diagnostic) -> [Shape] {
    try require(inputs, count: 2...2)
    guard inputs.allSatisfy({ $0.type.shape.rank == 1 }) else {
      throw failure("rank", "the inputs \(inputs[0].type.shape) and \(inputs[1].type.shape) are no lists")
    }
    return [try Shape([max(inputs[0].type.shape[0], inputs[1].type.shape[0])])]
  }

  package func checkTypes(_ inputs: [Operand], _ outputs: [TensorType]) throws(Diagnostic) {
    try require(outputs[0], "output", is: [.int32, .int64])
    try requireOneElement(outputs + inputs.map(\.type))
  }

  package func constants(_ inputs: [Operand], _ outputs: [TensorType]) throws(Diagnostic) -> [Tensor]? {
    guard let first = inputs[0].constant, let second = inputs[1].constant else { return nil }
    let lists = [try first.ints("the shape"), try second.ints("the shape")]
    let count = outputs[0].shape.elementCount
    var dims: [Int32] = []
    for position in (1...max(1, count)).reversed().prefix(count) {
      // Counted from the back; a shape that is too short counts as 1 there.
      let pair = lists.map { position > $0.count ? 1 : $0[$0.count - position] }
      guard pair[0] == pair[1] || pair.contains(1) else {
        throw failure("shape", "the shapes \(lists[0]) and \(lists[1]) do not broadcast to one")
      }
      dims.append(pair[0] == 1 ? pair[1] : pair[0])
    }
    return [Tensor(outputs[0], ints: dims)]
  }
}
