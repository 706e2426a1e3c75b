package import IR
package import Support

/// The input repeated `multiples[i]` times along each axis: TILE, BROADCAST_TO and FILL.
///
/// There may be more multiples than axes; the input then has leading axes of size 1.
package struct Tile: RearrangingOperator {
  package static let mnemonic = "tile"
  package let multiples: [Int]

  package init(multiples: [Int]) { self.multiples = multiples }
  package init(_ attributes: Attributes) throws(Diagnostic) { multiples = try attributes.ints("multiples") }
  package var attributes: Attributes { Attributes([("multiples", .ints(multiples))]) }

  package func outputShapes(_ inputs: [Operand]) throws(Diagnostic) -> [Shape] {
    try require(inputs, count: 1...1)
    let shape = inputs[0].type.shape
    guard multiples.count >= shape.rank, multiples.count <= Shape.maximumRank,
      multiples.allSatisfy({ (1...Shape.maximumElements).contains($0) })
    else { throw failure("multiples", "the multiples \(multiples) do not suit the shape \(shape)") }
    return [try Shape(zip(dims(shape), multiples).map { $0 * $1 })]
  }

  private func dims(_ shape: Shape) -> [Int] {
    [Int](repeating: 1, count: multiples.count - shape.rank) + shape.dims
  }

  func copies(_ inputs: [Operand], _ outputs: [Shape]) throws(Diagnostic) -> Copies {
    let dims = dims(inputs[0].type.shape)
    let (source, target) = (try Shape(dims).strides, outputs[0].strides)
    let axes = dims.indices.flatMap { axis in
      [
        CopyAxis(multiples[axis], source: 0, target: dims[axis] * target[axis]),
        CopyAxis(dims[axis], source: source[axis], target: target[axis]),
      ]
    }
    return [(0, 0, StridedCopy(axes))]
  }
}
