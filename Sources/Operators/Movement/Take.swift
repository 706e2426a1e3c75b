package import IR
package import Support

/// Some elements of each axis, in any order and as often as wanted: what other formats have as gathering along an axis,
/// resizing to the nearest pixel, and borders that repeat what is inside.
package struct Take: RearrangingOperator {
  package static let mnemonic = "take"
  /// For each axis where its elements come from; an empty list stands for all of them in their order.
  package let places: [[Int]]

  package init(places: [[Int]]) { self.places = places }

  package init(_ attributes: Attributes) throws(Diagnostic) {
    let counts = try attributes.ints("counts")
    var indices = try attributes.ints("indices")[...]
    guard counts.allSatisfy({ (0...indices.count).contains($0) }), counts.reduce(0, +) == indices.count else {
      throw Diagnostic("attribute.indices", "`indices` must have as many numbers as `counts` say")
    }
    var places: [[Int]] = []
    for count in counts {
      places.append(Array(indices.prefix(count)))
      indices = indices.dropFirst(count)
    }
    self.places = places
  }

  package var attributes: Attributes {
    Attributes([("counts", .ints(places.map(\.count))), ("indices", .ints(places.flatMap { $0 }))])
  }

  package func outputShapes(_ inputs: [Operand]) throws(Diagnostic) -> [Shape] {
    try require(inputs, count: 1...1)
    let shape = inputs[0].type.shape
    guard places.count == shape.rank else {
      throw failure("rank", "\(places.count) lists of places do not suit the shape \(shape)")
    }
    for (axis, list) in places.enumerated() {
      guard list.allSatisfy({ (0..<shape[axis]).contains($0) }) else {
        throw failure("places", "a place is outside of axis \(axis) of \(shape)")
      }
    }
    return [try Shape(places.enumerated().map { $1.isEmpty ? shape[$0] : $1.count })]
  }

  func copies(_ inputs: [Operand], _ outputs: [Shape]) throws(Diagnostic) -> Copies {
    let shape = inputs[0].type.shape
    let (source, target) = (shape.strides, outputs[0].strides)
    let axes = places.enumerated().map { axis, list in
      list.isEmpty
        ? CopyAxis(shape[axis], source: source[axis], target: target[axis])
        : CopyAxis(source: list.map { $0 * source[axis] }, target: target[axis])
    }
    return [(0, 0, StridedCopy(axes))]
  }
}

extension Take: AxisOperator {
  package func reordered(_ order: [Int]) -> (op: any SourceOperator, output: [Int])? {
    order.count == places.count ? (Take(places: AxisOrder.before(places, order)), order) : nil
  }
}
