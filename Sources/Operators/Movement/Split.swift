package import IR
package import Support

/// The input cut into `count` equal parts along `axis`.
package struct Split: MovementOperator, SourceOperator {
  package static let mnemonic = "split"
  /// Counted from the front.
  package let axis: Int
  package let count: Int

  package init(axis: Int, count: Int) {
    self.axis = axis
    self.count = count
  }

  package init(_ attributes: Attributes) throws(Diagnostic) {
    axis = try attributes.int("axis")
    count = try attributes.int("count")
  }

  package var attributes: Attributes { Attributes([("axis", .int(axis)), ("count", .int(count))]) }

  package func outputShapes(_ inputs: [Operand]) throws(Diagnostic) -> [Shape] {
    try require(inputs, count: 1...1)
    let shape = inputs[0].type.shape
    guard axis >= 0, axis < shape.rank, count > 0, count <= shape[axis], shape[axis] % count == 0 else {
      throw failure("axis", "axis \(axis) of \(shape) can't be cut into \(count) equal parts")
    }
    var dims = shape.dims
    dims[axis] /= count
    return [Shape](repeating: try Shape(dims), count: count)
  }

  func copies(_ inputs: [Shape], _ outputs: [Shape]) -> Copies {
    let strides = inputs[0].strides
    return outputs.enumerated().map { index, part in
      (
        0, index,
        StridedCopy(
          part.dims, sourceStart: index * part[axis] * strides[axis], sourceStrides: strides,
          targetStrides: part.strides)
      )
    }
  }
}

extension Split {
  /// Parts along the last axis must stay equal, so all of its channels stay.
  package func channelLinks(_ layer: Layer) -> [ChannelLink]? {
    guard axis != layer.inputs[0].type.shape.rank - 1 else { return nil }
    return layer.outputs.indices.flatMap { linkEach(layer.inputs[0].type.channelCount, output: $0) }
  }
}
