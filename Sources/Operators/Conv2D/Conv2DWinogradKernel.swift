import IR
import Machine
package import Support

/// Convolutions with 3×3 filters, stride 1 and dilation 1, by Winograd's minimal filtering F(4×4, 3×3) (Lavin & Gray, Fast
/// Algorithms for Convolutional Neural Networks): 36 multiplications for 16 outputs instead of 144. Function
/// `conv_2d_winograd`; ``WinogradTransform`` has the numbers, and the identity that makes it exact.
///
/// Four tiles of 4×4 outputs are computed at a time: their 6×6 pixels are transformed once for all filters, the weights of a
/// filter once for all four tiles. The scratch memory has a place of 5 words for each of the 36 elements of a transform
/// and each pair of channels: the transformed weights of both channels in the halves of a word, the pixels of tiles 0 and 1
/// in those of the next one, of tiles 2 and 3, and the same two words for the second channel. The halves are kept apart by
/// their bounds, which hold for all int8 pixels and weights: transformed weights are numbers from −6272 to 6272, transformed
/// pixels from −12,800 to 12,800, of which lower halves are stored with 16,384 added.
package struct Conv2DWinogradKernel: Kernel {
  package let name = "conv_2d_winograd"

  /// Layers that would take more scratch memory are left to other kernels.
  static let maximumScratch = 24 << 10

  /// A layer that the kernel can compute.
  private struct Shape {
    let geometry: ConvolutionGeometry
    let image: [Int]
    let filters: Int
    /// Weights for the C: for each filter what ``WinogradTransform/packed(_:channels:)`` gives.
    let weights: [Int32]

    var pairs: Int { (image[3] + 1) / 2 }
    var tiles: Int { ((geometry.output.height + 3) / 4) * ((geometry.output.width + 3) / 4) }
    /// Rounds over four tiles of all images.
    var blocks: Int { image[0] * ((tiles + 3) / 4) }
    var scratch: Int { (5 * pairs + 4) * WinogradTransform.places * 4 }

    init?(_ layer: Layer) {
      guard let conv = (layer.op as? IntegerConv2D)?.geometry else { return nil }
      let filter = layer.inputs[1].type.shape
      geometry = conv
      image = layer.inputs[0].type.shape.dims
      filters = filter[0]
      guard filter[1] == 3, filter[2] == 3, filter[3] == image[3], conv.stride == Extent(1, 1),
        conv.dilation == Extent(1, 1), let values = try? layer.inputs[1].constantInts("the weights")
      else { return nil }
      var weights: [Int32] = []
      for filter in 0..<filters {
        let own = values[filter * 9 * image[3]..<(filter + 1) * 9 * image[3]]
        guard WinogradTransform.isExact(own) else { return nil }
        weights += WinogradTransform.packed(own, channels: image[3])
      }
      self.weights = weights
      guard scratch <= Conv2DWinogradKernel.maximumScratch else { return nil }
    }
  }

  package func work(_ layer: Layer) -> Work? {
    guard let shape = Shape(layer), let tables = try? NarrowTables(layer, shape.geometry.stage) else { return nil }
    return Work(
      [
        WorkItem("pair", shape.blocks * shape.filters * shape.pairs), WorkItem("filter", shape.blocks * shape.filters),
        WorkItem("tile", shape.image[0] * shape.tiles * shape.filters),
        WorkItem("output", layer.outputs[0].shape.elementCount), WorkItem("pixels", shape.blocks * shape.pairs),
        WorkItem("block", shape.blocks),
      ],
      flash: shape.weights.count + tables.byteCount(), scratch: shape.scratch)
  }

  package func obstacle(_ layer: Layer) -> String { "not 3×3 with stride 1, or too much working memory" }

  package func order(_ layer: Layer) -> AccessOrder? { .tiles(count: 4, size: 4) }

  package func takesRows(_ layer: Layer) -> Bool { true }

  package func write(_ layer: Layer, into code: inout LayerCode) throws(Diagnostic) {
    guard let shape = Shape(layer) else { throw unsuitable(layer) }
    let (geometry, image) = (shape.geometry, shape.image)
    let tables = try NarrowTables(layer, geometry.stage)
    let weights = code.table(
      "weights", .int8, shape.weights, rowLength: 18,
      comment: "Weights \(layer.inputs[1].type.shape) by channel, 9 taps each, in pairs."
    )
    let arguments = tables.write(&code, function: "narrow_sums")
    for part in ["gather", "pixels", "weights", "sums", "results"] { _ = code.function("winograd_\(part)") }
    let name = code.function("conv_2d_winograd")
    let (height, padTop) = (code.inputHeight(image[1]), code.padTop(geometry.padBefore.height))
    let rows = code.outputRows(geometry.output.height)
    code.forEachImage(
      image[0], image[1] * image[2] * image[3], layer.outputs[0].shape.elementCount / image[0]
    ) { code, input, output in
      code.call(
        name,
        [
          "\(input), \(output), (uint32_t *)(void *)\(code.scratch)",
          "/* input */ \(height), \(image[2]), \(image[3])",
          "/* output */ \(rows), \(geometry.output.width), \(shape.filters)",
          "/* padding */ \(padTop), \(geometry.padBefore.width), \(geometry.padValue)", weights,
        ] + arguments)
    }
  }
}
