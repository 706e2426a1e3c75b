package import IR
package import Support

/// Axes in another order: output axis i is input axis `permutation[i]`.
package struct Transpose: MovementOperator, SourceOperator {
  package static let mnemonic = "transpose"
  package let permutation: [Int]

  package init(permutation: [Int]) { self.permutation = permutation }
  package init(_ attributes: Attributes) throws(Diagnostic) { permutation = try attributes.ints("permutation") }
  package var attributes: Attributes { Attributes([("permutation", .ints(permutation))]) }

  package func outputShapes(_ inputs: [Operand]) throws(Diagnostic) -> [Shape] {
    try require(inputs, count: 1...1)
    let shape = inputs[0].type.shape
    guard permutation.sorted() == Array(0..<shape.rank) else {
      throw failure("permutation", "\(permutation) is no permutation of the axes of \(shape)")
    }
    return [try Shape(permutation.map { shape[$0] })]
  }

  func copies(_ inputs: [Shape], _ outputs: [Shape]) -> Copies {
    let strides = inputs[0].strides
    return [
      (
        0, 0,
        StridedCopy(outputs[0].dims, sourceStrides: permutation.map { strides[$0] }, targetStrides: outputs[0].strides)
      )
    ]
  }
}

extension Transpose {
  package func channelLinks(_ layer: Layer) -> [ChannelLink]? {
    guard let last = permutation.last, last == permutation.count - 1 else { return nil }
    return linkEach(layer.outputs[0].channelCount)
  }
}
