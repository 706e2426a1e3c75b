package import IR
package import Support

/// Tensors of one shape as the slices of a new axis.
package struct Pack: RearrangingOperator {
  package static let mnemonic = "pack"
  /// Of the output, counted from the front.
  package let axis: Int

  package init(axis: Int) { self.axis = axis }
  package init(_ attributes: Attributes) throws(Diagnostic) { axis = try attributes.int("axis") }
  package var attributes: Attributes { Attributes([("axis", .int(axis))]) }

  package func outputShapes(_ inputs: [Operand]) throws(Diagnostic) -> [Shape] {
    try require(inputs, count: 1...1024)
    let shape = inputs[0].type.shape
    guard (0...shape.rank).contains(axis) else {
      throw failure("axis", "there is no place for a new axis \(axis) in \(shape)")
    }
    if let other = inputs.first(where: { $0.type.shape != shape }) {
      throw failure("shape", "the inputs have different shapes: \(shape) and \(other.type.shape)")
    }
    var dims = shape.dims
    dims.insert(inputs.count, at: axis)
    return [try Shape(dims)]
  }

  func copies(_ inputs: [Operand], _ outputs: [Shape]) throws(Diagnostic) -> Copies {
    let part = outputs[0].dims[(axis + 1)...].reduce(1, *)
    return partCopies(outputs[0], axis, [Int](repeating: part, count: inputs.count), isCut: false)
  }
}

/// The slices of an axis as tensors without it.
package struct Unpack: RearrangingOperator {
  package static let mnemonic = "unpack"
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
    guard (0..<shape.rank).contains(axis), shape[axis] == count else {
      throw failure("axis", "\(shape) has no \(count) slices along axis \(axis)")
    }
    var dims = shape.dims
    dims.remove(at: axis)
    return [Shape](repeating: try Shape(dims), count: count)
  }

  func copies(_ inputs: [Operand], _ outputs: [Shape]) throws(Diagnostic) -> Copies {
    let shape = inputs[0].type.shape
    let part = shape.dims[(axis + 1)...].reduce(1, *)
    return partCopies(shape, axis, [Int](repeating: part, count: count), isCut: true)
  }
}

/// The input cut along `axis` into parts of the given sizes.
package struct SplitSizes: RearrangingOperator {
  package static let mnemonic = "split_v"
  /// Counted from the front.
  package let axis: Int
  package let sizes: [Int]

  package init(axis: Int, sizes: [Int]) {
    self.axis = axis
    self.sizes = sizes
  }

  package init(_ attributes: Attributes) throws(Diagnostic) {
    axis = try attributes.int("axis")
    sizes = try attributes.ints("sizes")
  }

  package var attributes: Attributes { Attributes([("axis", .int(axis)), ("sizes", .ints(sizes))]) }

  package func outputShapes(_ inputs: [Operand]) throws(Diagnostic) -> [Shape] {
    try require(inputs, count: 1...1)
    let shape = inputs[0].type.shape
    guard (0..<shape.rank).contains(axis), !sizes.isEmpty, sizes.count <= 1024,
      sizes.allSatisfy({ (1...shape[axis]).contains($0) }), sizes.reduce(0, +) == shape[axis]
    else { throw failure("sizes", "axis \(axis) of \(shape) can't be cut into parts of the sizes \(sizes)") }
    var shapes: [Shape] = []
    for size in sizes {
      var dims = shape.dims
      dims[axis] = size
      shapes.append(try Shape(dims))
    }
    return shapes
  }

  func copies(_ inputs: [Operand], _ outputs: [Shape]) throws(Diagnostic) -> Copies {
    let shape = inputs[0].type.shape
    let row = shape.dims[(axis + 1)...].reduce(1, *)
    return partCopies(shape, axis, sizes.map { $0 * row }, isCut: true)
  }
}

/// Copies between a tensor and parts of it along `axis`, each with so many elements for every position on the axes before.
private func partCopies(_ whole: Shape, _ axis: Int, _ parts: [Int], isCut: Bool) -> Copies {
  let outer = whole.dims[..<axis].reduce(1, *)
  let row = parts.reduce(0, +)
  var start = 0
  return parts.enumerated().map { index, part in
    defer { start += part }
    let inner = CopyAxis(part, source: 1, target: 1)
    return isCut
      ? (0, index, StridedCopy([CopyAxis(outer, source: row, target: part), inner], sourceStart: start))
      : (index, 0, StridedCopy([CopyAxis(outer, source: part, target: row), inner], targetStart: start))
  }
}
