package import IR
package import Support

/// An image in another size, each pixel the one of the input that is nearest to it.
///
/// Source: `tensorflow/lite/kernels/internal/reference/resize_nearest_neighbor.h`; the position is computed in single
/// precision here, once, and never at run time.
package struct ResizeNearest: RearrangingOperator {
  package static let mnemonic = "resize_nearest_neighbor"
  /// Height and width.
  package let size: [Int]
  /// The corners of both images coincide.
  package let alignCorners: Bool
  /// A pixel is where its middle is, not its corner.
  package let halfPixelCenters: Bool

  package init(size: [Int], alignCorners: Bool, halfPixelCenters: Bool) {
    self.size = size
    self.alignCorners = alignCorners
    self.halfPixelCenters = halfPixelCenters
  }

  package init(_ attributes: Attributes) throws(Diagnostic) {
    size = try attributes.ints("size")
    alignCorners = try attributes.bool("align_corners")
    halfPixelCenters = try attributes.bool("half_pixel_centers")
  }

  package var attributes: Attributes {
    Attributes([
      ("size", .ints(size)), ("align_corners", .bool(alignCorners)), ("half_pixel_centers", .bool(halfPixelCenters)),
    ])
  }

  package func outputShapes(_ inputs: [Operand]) throws(Diagnostic) -> [Shape] {
    try require(inputs, count: 1...1)
    let shape = inputs[0].type.shape
    guard shape.rank == 4 else { throw failure("rank", "the input \(shape) is no [batch, height, width, channels]") }
    guard size.count == 2, size.allSatisfy({ (1...Shape.maximumElements).contains($0) }) else {
      throw failure("size", "\(size) is no height and width")
    }
    return [try Shape([shape[0], size[0], size[1], shape[3]])]
  }

  func copies(_ inputs: [Operand], _ outputs: [Shape]) throws(Diagnostic) -> Copies {
    let shape = inputs[0].type.shape
    let (source, target) = (shape.strides, outputs[0].strides)
    let axes = [1, 2].map { axis in
      CopyAxis(
        source: (0..<size[axis - 1]).map { nearest($0, shape[axis], size[axis - 1]) * source[axis] },
        target: target[axis])
    }
    return [
      (
        0, 0,
        StridedCopy(
          [CopyAxis(shape[0], source: source[0], target: target[0])] + axes
            + [CopyAxis(shape[3], source: 1, target: 1)])
      )
    ]
  }

  private func nearest(_ index: Int, _ inputSize: Int, _ outputSize: Int) -> Int {
    let scale =
      alignCorners && outputSize > 1
      ? Float(inputSize - 1) / Float(outputSize - 1) : Float(inputSize) / Float(outputSize)
    let place = (Float(index) + (halfPixelCenters ? 0.5 : 0)) * scale
    let rounded = place.rounded(alignCorners ? .toNearestOrAwayFromZero : .down)
    return max(0, min(Int(rounded), inputSize - 1))
  }
}
