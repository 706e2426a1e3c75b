package import IR
package import Support

/// How the elements of two tensors pair up when dimensions of size 1 repeat, as in NumPy.
package struct Broadcast: Sendable {
  package let shape: Shape
  /// Distance between neighbours along each axis of `shape`, 0 where the tensor repeats.
  package let strides: [[Int]]

  package init(_ a: Shape, _ b: Shape) throws(Diagnostic) {
    let rank = max(a.rank, b.rank)
    func padded(_ shape: Shape) -> [Int] { [Int](repeating: 1, count: rank - shape.rank) + shape.dims }
    let (da, db) = (padded(a), padded(b))
    var dims: [Int] = []
    for (x, y) in zip(da, db) {
      guard x == y || x == 1 || y == 1 else {
        throw Diagnostic("operator.broadcast", "the shapes \(a) and \(b) do not broadcast together")
      }
      dims.append(x == 1 ? y : x)
    }
    shape = try Shape(dims)
    strides = try [da, db].map { (own: [Int]) throws(Diagnostic) in
      let full = try Shape(own).strides
      return (0..<rank).map { own[$0] == 1 && dims[$0] != 1 ? 0 : full[$0] }
    }
  }

  /// Loops over the elements of the first input, the second input and the result.
  package var nest: LoopNest {
    let own = shape.strides
    return LoopNest(
      (0..<shape.rank).map { LoopNest.Axis(size: shape[$0], steps: [strides[0][$0], strides[1][$0], own[$0]]) })
  }

  /// Calls `body` with the positions in both inputs for each element of the result, in row-major order.
  package func forEach(_ body: (Int, Int) -> Void) { nest.forEach(tensors: 3) { body($0[0], $0[1]) } }
}

/// An operator on two tensors that broadcast, with a fused activation.
protocol BinaryOperator: QuantizedOperator, ActivatedOperator, AxislessOperator, PointwiseOperator {
  init(activation: Activation)
  /// Of two floats, before the activation.
  func real(_ a: Float, _ b: Float) -> Float
}

extension BinaryOperator {
  package init(_ attributes: Attributes) throws(Diagnostic) { self.init(activation: try attributes.activation()) }

  package var attributes: Attributes { Attributes([("activation", .string(activation.rawValue))]) }

  package func outputShapes(_ inputs: [Operand]) throws(Diagnostic) -> [Shape] {
    try require(inputs, count: 2...2)
    return [try Broadcast(inputs[0].type.shape, inputs[1].type.shape).shape]
  }

  package func checkTypes(_ inputs: [Operand], _ outputs: [TensorType]) throws(Diagnostic) {
    if try isFloat(inputs, outputs) { return }
    try requireOneType(inputs, outputs)
    _ = try folded(inputs, outputs)
  }

  package func evaluate(_ inputs: [Tensor], as outputs: [TensorType]) throws(Diagnostic) -> [Tensor] {
    if outputs[0].element == .float32 { return try evaluateFloat(inputs, as: outputs) }
    let op = try folded(inputs.map { Operand($0.type) }, outputs).op
    return try op.evaluate(inputs, as: outputs)
  }
}

extension BinaryOperator {
  /// Source: `tensorflow/lite/kernels/internal/reference/{add,sub,mul}.h`. There the largest finite numbers take the place of
  /// infinities also without an activation; other formats mask by infinities, which stay.
  private func evaluateFloat(_ inputs: [Tensor], as outputs: [TensorType]) throws(Diagnostic) -> [Tensor] {
    let (a, b) = (try inputs[0].floats("first input"), try inputs[1].floats("second input"))
    var result: [Float] = []
    result.reserveCapacity(outputs[0].shape.elementCount)
    try Broadcast(inputs[0].type.shape, inputs[1].type.shape).forEach { i, j in
      let value = real(a[i], b[j])
      result.append(activation == .none ? value : activation.apply(value))
    }
    return [Tensor(outputs[0], floats: result)]
  }
}

/// A binary operator in integer normal form: one int8 value from two.
protocol IntegerBinaryOperator: StagedOperator, ChannelOperator, SpatialOperator {
  func result(_ a: Int32, _ b: Int32) -> Int32
  /// A range that holds the results for values in two ranges.
  func range(_ a: ClosedRange<Int32>, _ b: ClosedRange<Int32>) -> ClosedRange<Int32>
}

extension IntegerBinaryOperator {
  package func access(_ layer: Layer, input: Int) -> SpatialAccess? { SpatialAccess(elementwise: layer, input: input) }

  package func outputShapes(_ inputs: [Operand]) throws(Diagnostic) -> [Shape] {
    try require(inputs, count: 2...2)
    return [try Broadcast(inputs[0].type.shape, inputs[1].type.shape).shape]
  }

  package func checkTypes(_ inputs: [Operand], _ outputs: [TensorType]) throws(Diagnostic) {
    for type in inputs.map(\.type) + outputs { try require(type, "operand", is: [.int8]) }
  }

  package func evaluate(_ inputs: [Tensor], as outputs: [TensorType]) throws(Diagnostic) -> [Tensor] {
    let (a, b) = (try inputs[0].ints("first input"), try inputs[1].ints("second input"))
    var result: [Int32] = []
    result.reserveCapacity(outputs[0].shape.elementCount)
    try Broadcast(inputs[0].type.shape, inputs[1].type.shape).forEach { i, j in
      result.append(self.result(a[i], b[j]))
    }
    return [Tensor(outputs[0], ints: result)]
  }
}

extension IntegerBinaryOperator {
  /// The channels of an input that repeats one channel are not linked; it is read as a whole.
  package func channelLinks(_ layer: Layer) -> [ChannelLink]? {
    let count = layer.outputs[0].channelCount
    return (0..<2).flatMap { input in
      layer.inputs[input].type.channelCount == count ? linkEach(count, input: input) : []
    }
  }

  /// The results grow or fall with each input, so the extreme ones stand at the corners.
  package func channelRanges(_ layer: Layer, _ inputs: [ChannelRanges]) throws(Diagnostic) -> [ChannelRanges] {
    let count = layer.outputs[0].channelCount
    let own = inputs.map { $0.count == count ? $0 : ChannelRanges(repeating: $0[0], count: count) }
    return [(0..<count).map { range(own[0][$0], own[1][$0]) }]
  }

  package func channelsRead(_ channels: LayerChannels) throws(Diagnostic) -> [[Bool]] {
    channels.inputs.map { [Bool](repeating: $0.count != channels.outputs[0].count, count: $0.count) }
  }
}

extension ClosedRange<Int32> {
  /// The smallest range that holds what `value` gives for the four corners.
  func corners(_ other: ClosedRange<Int32>, _ value: (Int32, Int32) -> Int64) -> ClosedRange<Int64> {
    let values = [lowerBound, upperBound].flatMap { a in
      [value(a, other.lowerBound), value(a, other.upperBound)]
    }
    return (values.min() ?? 0)...(values.max() ?? 0)
  }
}
