import IR
import Machine
package import Support

/// Convolutions and matrix products of four pixels at a time, two of them in the 16-bit halves (lanes) of a word, so that
/// one multiplication by a weight serves two. Function `conv_2d_lanes`.
///
/// Behind each four weights the halves are added to 32-bit sums. Where even four could overflow a half, for some pixels, that
/// is done behind two, which always fit (but for −128 twice).
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

  /// The weights of all filters.
  private func packed(_ layer: Layer, _ shape: Shape2D) -> [LaneBlocks.Words]? {
    guard let weights = try? layer.inputs[1].constantInts("the weights") else { return nil }
    var packed: [LaneBlocks.Words] = []
    for filter in 0..<shape.filters {
      guard let own = LaneBlocks.words(Array(weights[filter * shape.taps..<(filter + 1) * shape.taps])) else {
        return nil
      }
      packed.append(own)
    }
    return packed
  }

  package func work(_ layer: Layer) -> Work? {
    guard let shape = Shape2D(layer), let tables = try? NarrowTables(layer, shape.stage),
      let packed = packed(layer, shape)
    else { return nil }
    let groups = shape.images * ((shape.pixels + 3) / 4)
    func total(_ count: (LaneBlocks.Words) -> Int) -> Int { packed.reduce(0) { $0 + count($1) } }
    let words = total(\.words.count)
    return Work(
      [
        WorkItem("word", groups * words), WorkItem("pair", groups * total(\.pairCount)),
        WorkItem("filter", groups * shape.filters),
        WorkItem("output", shape.images * shape.pixels * shape.filters),
      ] + LanePatch.work(shape.geometry, image: shape.image, filter: shape.filter, images: shape.images),
      flash: words * 4 + total(\.pairs.count) + tables.byteCount,
      scratch: (shape.taps + 3) / 4 * 32 + min(16, shape.filters) * 16)
  }

  package func write(_ layer: Layer, into code: inout LayerCode) throws(Diagnostic) {
    guard let shape = Shape2D(layer), let packed = packed(layer, shape) else { throw unsuitable(layer) }
    let tables = try NarrowTables(layer, shape.stage)
    let words = (shape.taps + 3) / 4
    let weights = code.table(
      "weights", .int32, packed.flatMap(\.words), rowLength: 8,
      comment: "Weights \(layer.inputs[1].type.shape), four to a word, \(words) words for each output channel.")
    let pairs = code.table(
      "pairs", .int8, packed.flatMap(\.pairs), rowLength: 32,
      comment: "Weights that do not go with the first two of their word; 255 behind each output channel.")
    let bias = zip(tables.bias, packed).map { $0 &- Int32(truncatingIfNeeded: $1.emptied * 32768) }
    let arguments = tables.write(&code, bias: bias, function: "narrow_sums")
    _ = code.function("lane_patch")
    _ = code.function("lane_sums")
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
          "\(weights), /* words */ \(words), \(pairs)",
        ] + arguments)
    }
  }
}
