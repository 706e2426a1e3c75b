package import IR
package import Support

/// Every `block[i]`-th element of the axes behind the first one becomes an image of its own in the batch, after a border.
///
/// Source: `tensorflow/lite/kernels/internal/reference/space_to_batch_nd.h`; TensorFlow Lite Micro's border is 0, whatever
/// the zero point.
package struct SpaceToBatch: RearrangingOperator {
  package static let mnemonic = "space_to_batch_nd"
  private let blocks: BatchBlocks
  /// The value of the border.
  private let value: Int

  package init(block: [Int], before: [Int], after: [Int], value: Int = 0) {
    blocks = BatchBlocks(block: block, before: before, after: after)
    self.value = value
  }

  package init(_ attributes: Attributes) throws(Diagnostic) {
    blocks = try BatchBlocks(attributes)
    value = try attributes.int("value")
  }

  package var attributes: Attributes { Attributes(blocks.members + [("value", .int(value))]) }

  package func outputShapes(_ inputs: [Operand]) throws(Diagnostic) -> [Shape] {
    let shape = try image(inputs, blocks)
    var dims = shape.dims
    for (axis, block) in blocks.block.enumerated() {
      let padded = blocks.before[axis] + dims[axis + 1] + blocks.after[axis]
      guard padded.isMultiple(of: block) else {
        throw failure("block", "axis \(axis + 1) of \(shape) with its border can't be cut into blocks of \(block)")
      }
      dims[axis + 1] = padded / block
      dims[0] = try Shape([dims[0], block]).elementCount
    }
    return [try Shape(dims)]
  }

  func background(_ outputs: [TensorType]) throws(Diagnostic) -> Fill? {
    (blocks.before + blocks.after).allSatisfy { $0 == 0 } ? nil : try .integer(value, outputs[0].element)
  }

  func copies(_ inputs: [Operand], _ outputs: [Shape]) throws(Diagnostic) -> Copies {
    let axes = blocks.axes(whole: inputs[0].type.shape, cut: outputs[0])
    return [(0, 0, StridedCopy(axes.map { CopyAxis(source: $0.whole, target: $0.cut) } + [blocks.rest(outputs[0])]))]
  }
}

/// The inverse of ``SpaceToBatch``, with a border that is cut off.
///
/// Source: `tensorflow/lite/kernels/internal/reference/batch_to_space_nd.h`.
package struct BatchToSpace: RearrangingOperator {
  package static let mnemonic = "batch_to_space_nd"
  private let blocks: BatchBlocks

  package init(block: [Int], before: [Int], after: [Int]) {
    blocks = BatchBlocks(block: block, before: before, after: after)
  }

  package init(_ attributes: Attributes) throws(Diagnostic) { blocks = try BatchBlocks(attributes) }
  package var attributes: Attributes { Attributes(blocks.members) }

  package func outputShapes(_ inputs: [Operand]) throws(Diagnostic) -> [Shape] {
    let shape = try image(inputs, blocks)
    var dims = shape.dims
    for (axis, block) in blocks.block.enumerated() {
      guard dims[0].isMultiple(of: block) else {
        throw failure("block", "the batch of \(shape) can't be cut by the blocks \(blocks.block)")
      }
      dims[0] /= block
      dims[axis + 1] = dims[axis + 1] * block - blocks.before[axis] - blocks.after[axis]
      guard dims[axis + 1] > 0 else { throw failure("crop", "nothing is left of axis \(axis + 1) of \(shape)") }
    }
    return [try Shape(dims)]
  }

  func copies(_ inputs: [Operand], _ outputs: [Shape]) throws(Diagnostic) -> Copies {
    let axes = blocks.axes(whole: outputs[0], cut: inputs[0].type.shape)
    return [(0, 0, StridedCopy(axes.map { CopyAxis(source: $0.cut, target: $0.whole) } + [blocks.rest(outputs[0])]))]
  }
}

/// How the axes behind the batch are cut.
private struct BatchBlocks: Sendable {
  let block: [Int]
  let before: [Int]
  let after: [Int]

  init(block: [Int], before: [Int], after: [Int]) {
    (self.block, self.before, self.after) = (block, before, after)
  }

  init(_ attributes: Attributes) throws(Diagnostic) {
    block = try attributes.ints("block")
    before = try attributes.ints("before")
    after = try attributes.ints("after")
  }

  var members: [(name: String, value: Attributes.Value)] {
    [("block", .ints(block)), ("before", .ints(before)), ("after", .ints(after))]
  }

  /// Where the elements of the batch and of each cut axis stand in the whole images and in the cut ones.
  func axes(whole: Shape, cut: Shape) -> [(whole: [Int], cut: [Int])] {
    let (wholeStrides, cutStrides) = (whole.strides, cut.strides)
    let images = (0..<whole[0]).map { $0 }
    var result = [(images.map { $0 * wholeStrides[0] }, images.map { $0 * cutStrides[0] })]
    for (number, size) in block.enumerated() {
      let axis = number + 1
      let image = block[axis...].reduce(whole[0] * cutStrides[0], *)
      result.append(
        (
          (0..<whole[axis]).map { $0 * wholeStrides[axis] },
          (0..<whole[axis]).map {
            ($0 + before[number]) % size * image + ($0 + before[number]) / size * cutStrides[axis]
          }
        ))
    }
    return result
  }

  /// The axes that are not cut.
  func rest(_ shape: Shape) -> CopyAxis {
    CopyAxis(shape.dims.dropFirst(block.count + 1).reduce(1, *), source: 1, target: 1)
  }
}

extension Operator {
  /// The shape of the only input, when the blocks suit it.
  fileprivate func image(_ inputs: [Operand], _ blocks: BatchBlocks) throws(Diagnostic) -> Shape {
    try require(inputs, count: 1...1)
    let shape = inputs[0].type.shape
    let count = blocks.block.count
    guard count > 0, count < shape.rank, blocks.before.count == count, blocks.after.count == count else {
      throw failure("rank", "the blocks \(blocks.block) and their borders do not suit the shape \(shape)")
    }
    let sizes = 0...Shape.maximumElements
    guard blocks.block.allSatisfy({ $0 > 0 && sizes.contains($0) }),
      (blocks.before + blocks.after).allSatisfy(sizes.contains)
    else {
      throw failure(
        "block", "the blocks \(blocks.block) with the borders \(blocks.before) and \(blocks.after) are not supported")
    }
    return shape
  }
}
