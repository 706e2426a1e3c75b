package import IR
package import Support

/// Blocks of channels become blocks of pixels: [batch, height, width, channels] → [batch, height·b, width·b, channels/b²].
///
/// Source: `tensorflow/lite/kernels/internal/reference/depth_to_space.h`.
package struct DepthToSpace: RearrangingOperator {
  package static let mnemonic = "depth_to_space"
  package let block: Int

  package init(block: Int) { self.block = block }
  package init(_ attributes: Attributes) throws(Diagnostic) { block = try attributes.int("block") }
  package var attributes: Attributes { Attributes([("block", .int(block))]) }

  package func outputShapes(_ inputs: [Operand]) throws(Diagnostic) -> [Shape] {
    let shape = try blockedImage(inputs, block)
    guard shape[3].isMultiple(of: block * block) else {
      throw failure("block", "the channels of \(shape) can't be cut into blocks of \(block)×\(block)")
    }
    return [try Shape([shape[0], shape[1] * block, shape[2] * block, shape[3] / (block * block)])]
  }

  func copies(_ inputs: [Operand], _ outputs: [Shape]) throws(Diagnostic) -> Copies {
    [(0, 0, spaceCopy(depth: inputs[0].type.shape, space: outputs[0], block, toSpace: true))]
  }
}

/// Blocks of pixels become blocks of channels: [batch, height, width, channels] → [batch, height/b, width/b, channels·b²].
///
/// Source: `tensorflow/lite/kernels/internal/reference/space_to_depth.h`.
package struct SpaceToDepth: RearrangingOperator {
  package static let mnemonic = "space_to_depth"
  package let block: Int

  package init(block: Int) { self.block = block }
  package init(_ attributes: Attributes) throws(Diagnostic) { block = try attributes.int("block") }
  package var attributes: Attributes { Attributes([("block", .int(block))]) }

  package func outputShapes(_ inputs: [Operand]) throws(Diagnostic) -> [Shape] {
    let shape = try blockedImage(inputs, block)
    guard shape[1].isMultiple(of: block), shape[2].isMultiple(of: block) else {
      throw failure("block", "the image \(shape) can't be cut into blocks of \(block)×\(block)")
    }
    return [try Shape([shape[0], shape[1] / block, shape[2] / block, shape[3] * block * block])]
  }

  func copies(_ inputs: [Operand], _ outputs: [Shape]) throws(Diagnostic) -> Copies {
    [(0, 0, spaceCopy(depth: outputs[0], space: inputs[0].type.shape, block, toSpace: false))]
  }
}

extension Operator {
  /// The shape of the only input, which must be an image, when blocks can be of that size.
  fileprivate func blockedImage(_ inputs: [Operand], _ block: Int) throws(Diagnostic) -> Shape {
    try require(inputs, count: 1...1)
    let shape = inputs[0].type.shape
    guard shape.rank == 4 else { throw failure("rank", "the input \(shape) is no [batch, height, width, channels]") }
    guard (1...1 << 12).contains(block) else { throw failure("block", "blocks of \(block)×\(block) are not supported") }
    return shape
  }
}

/// The copy between an image whose channels are blocks of pixels, `depth`, and one with these pixels, `space`.
private func spaceCopy(depth: Shape, space: Shape, _ block: Int, toSpace: Bool) -> StridedCopy {
  let (deep, flat) = (depth.strides, space.strides)
  func axis(_ number: Int, _ pixel: Int) -> CopyAxis {
    let inDepth = (0..<space[number]).map { $0 / block * deep[number] + $0 % block * pixel }
    let inSpace = (0..<space[number]).map { $0 * flat[number] }
    return toSpace ? CopyAxis(source: inDepth, target: inSpace) : CopyAxis(source: inSpace, target: inDepth)
  }
  let batch =
    toSpace
    ? CopyAxis(space[0], source: deep[0], target: flat[0]) : CopyAxis(space[0], source: flat[0], target: deep[0])
  return StridedCopy([batch, axis(1, block * space[3]), axis(2, space[3]), CopyAxis(space[3], source: 1, target: 1)])
}
