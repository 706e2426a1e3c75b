import IR
import Machine
package import Support

/// Convolutions and matrix products of four pixels at a time, two of them in the 16-bit halves (lanes) of a word, so that
/// one multiplication by a weight serves two. Function `conv_2d_lanes`.
///
/// The weights of a filter are cut into blocks so short that no half of a word can overflow, whatever the pixels are; behind
/// each block the halves are added to 32-bit sums. Two int8 weights always fit, so blocks are made of pairs.
package struct Conv2DLanesKernel: Kernel {
  package let name = "conv_2d_lanes"

  /// A layer as a convolution.
  private struct Shape2D {
    let stage: OutputStage
    let geometry: ConvolutionGeometry
    /// Height, width and channels of an image.
    let image: [Int]
    let images: Int
    /// Height and width of the filter.
    let filter: Extent
    let filters: Int

    var pixels: Int { geometry.output.height * geometry.output.width }
    var taps: Int { filter.height * filter.width * image[2] }

    init?(_ layer: Layer) {
      let weights = layer.inputs[1].type.shape
      let input = layer.inputs[0].type.shape
      if let dense = layer.op as? IntegerMatrixProduct {
        let units = layer.outputs[0].shape.dims.last ?? 1
        let rows = layer.outputs[0].shape.elementCount / units
        stage = dense.stage
        geometry = ConvolutionGeometry(
          stride: Extent(1, 1), dilation: Extent(1, 1), padBefore: Extent(0, 0), padValue: 0, output: Extent(rows, 1),
          stage: dense.stage)
        image = [rows, 1, weights.elementCount / units]
        images = 1
        filter = Extent(1, 1)
        filters = units
      } else {
        guard let conv = (layer.op as? IntegerConv2D)?.geometry, weights[3] == input[3] else { return nil }
        stage = conv.stage
        geometry = conv
        image = [input[1], input[2], input[3]]
        images = input[0]
        filter = Extent(weights[1], weights[2])
        filters = weights[0]
      }
      // With a single pixel there is nothing to share.
      guard pixels > 1 else { return nil }
    }
  }

  /// The weights with an even number for each filter, and the blocks of all filters.
  private func packed(_ layer: Layer, _ shape: Shape2D) -> (weights: [Int32], blocks: [[Int32]])? {
    guard let weights = try? layer.inputs[1].constantInts("the weights") else { return nil }
    var padded: [Int32] = []
    var blocks: [[Int32]] = []
    for filter in 0..<shape.filters {
      var own = Array(weights[filter * shape.taps..<(filter + 1) * shape.taps])
      if own.count % 2 == 1 { own.append(0) }
      guard let cuts = LaneBlocks.pairs([own[...]]) else { return nil }
      blocks.append(cuts)
      padded += own
    }
    return (padded, blocks)
  }

  package func work(_ layer: Layer) -> Work? {
    guard let shape = Shape2D(layer), let tables = try? NarrowTables(layer, shape.stage),
      let packed = packed(layer, shape)
    else { return nil }
    let groups = shape.images * ((shape.pixels + 3) / 4)
    let blockCount = packed.blocks.reduce(0) { $0 + $1.count }
    return Work(
      [
        WorkItem("pair", groups * packed.weights.count / 2), WorkItem("block", groups * blockCount),
        WorkItem("filter", groups * shape.filters), WorkItem("fill", groups * shape.taps * 2),
        WorkItem("position", groups * shape.filter.height * shape.filter.width * 2), WorkItem("group", groups),
      ],
      flash: packed.weights.count + blockCount + shape.filters + tables.byteCount,
      scratch: (shape.taps + 1) / 2 * 2 * 8)
  }

  package func write(_ layer: Layer, into code: inout LayerCode) throws(Diagnostic) {
    guard let shape = Shape2D(layer), let packed = packed(layer, shape) else { throw unsuitable(layer) }
    let tables = try NarrowTables(layer, shape.stage)
    let weights = code.table(
      "weights", .int8, packed.weights, rowLength: max(16, packed.weights.count / shape.filters),
      comment: "Weights \(layer.inputs[1].type.shape), an even number for each output channel.")
    let blocks = code.table(
      "blocks", .int8, packed.blocks.flatMap { $0 + [0] }, rowLength: 32,
      comment: "Pairs of weights that two 16-bit sums hold; 0 behind each output channel.")
    let bias = zip(tables.bias, packed.blocks).map { $0 &- Int32(truncatingIfNeeded: $1.count * 32768) }
    let arguments = tables.write(&code, bias: bias)
    let name = code.function("conv_2d_lanes")
    let (geometry, image) = (shape.geometry, shape.image)
    code.forEachImage(
      shape.images, image[0] * image[1] * image[2], shape.pixels * shape.filters
    ) { code, input, output in
      code.call(
        name,
        [
          "\(input), \(output), (uint32_t *)(void *)\(code.scratch)",
          "/* input */ \(image[0]), \(image[1]), \(image[2])",
          "/* output: width, pixels, channels */ \(geometry.output.width), \(shape.pixels), \(shape.filters)",
          "/* filter */ \(shape.filter.height), \(shape.filter.width), "
            + "/* stride */ \(geometry.stride.height), \(geometry.stride.width), "
            + "/* dilation */ \(geometry.dilation.height), \(geometry.dilation.width)",
          "/* padding */ \(geometry.padBefore.height), \(geometry.padBefore.width), \(geometry.padValue)",
          "\(weights), \(blocks)",
        ] + arguments)
    }
  }
}
