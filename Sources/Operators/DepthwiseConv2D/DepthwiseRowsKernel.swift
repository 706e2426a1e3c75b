import IR
import Machine
package import Support

/// Depthwise convolution with filters of any size, channel by channel, so that the weights and the scale of a channel are
/// read once. Function `depthwise_rows`.
///
/// The rows of a channel that the filter covers are kept as bytes plus 128, which ARMv6-M loads without an index; the bias
/// makes up for it. Pixels a stride apart become neighbours, so one loop that makes four sums of each weight serves every
/// stride.
package struct DepthwiseRowsKernel: Kernel {
  package let name = "depthwise_rows"

  /// Sums that are kept before they become output values, unless a row has more.
  private static let sums = 48

  private struct Shape2D {
    let image: Extent
    let images: Int
    let channels: Int
    let filters: Int
    let filter: Extent
    let stride: Extent
    let dilation: Extent
    let padBefore: Extent
    let output: Extent
    let padValue: Int32
    let stage: OutputStage
    /// Rows of the image that one row of the output needs.
    let rows: Int
    /// Bytes of the pixels of a row that are a stride apart.
    let runPitch: Int
    /// Rows of the output whose sums are kept.
    let batch: Int
    let scratch: Int
    /// Height and width have changed their places.
    let isTurned: Bool

    var taps: Int { filter.height * filter.width }

    init?(_ layer: Layer) {
      guard let conv = (layer.op as? IntegerDepthwiseConv2D)?.geometry else { return nil }
      let (shape, weights) = (layer.inputs[0].type.shape, layer.inputs[1].type.shape)
      // A column of pixels is a row to this kernel, which works along rows.
      let isColumn = shape[2] == 1 && weights[2] == 1 && conv.output.width == 1 && conv.padBefore.width == 0
      isTurned = isColumn
      func turned(_ extent: Extent) -> Extent { isColumn ? Extent(extent.width, extent.height) : extent }
      image = turned(Extent(shape[1], shape[2]))
      (images, channels, filters) = (shape[0], shape[3], weights[3])
      filter = turned(Extent(weights[1], weights[2]))
      stride = isColumn ? Extent(1, conv.stride.height) : conv.stride
      dilation = isColumn ? Extent(1, conv.dilation.height) : conv.dilation
      padBefore = turned(conv.padBefore)
      output = turned(conv.output)
      (padValue, stage) = (conv.padValue, conv.stage)
      // Products of these then stay far below 2^63.
      let sizes = [image, filter, stride, dilation, output].flatMap { [$0.height, $0.width] }
      guard sizes.allSatisfy((1..<1 << 15).contains),
        (0..<1 << 15).contains(padBefore.height), (0..<1 << 15).contains(padBefore.width)
      else { return nil }
      rows = (filter.height - 1) * dilation.height + 1
      // The sums are computed in pairs, so that an odd number of them reads one pixel more.
      runPitch = max(
        (output.width + 1) / 2 * 2 + (filter.width - 1) * dilation.width / stride.width,
        (padBefore.width + image.width + stride.width - 1) / stride.width)
      batch = max(1, min(output.height, DepthwiseRowsKernel.sums / output.width))
      scratch = 8 * filter.height * filter.width + 4 * (batch * output.width + 1) + rows * stride.width * runPitch
      // Places in the rows are 32-bit numbers in C.
      guard scratch < 1 << 24 else { return nil }
    }
  }

  package func work(_ layer: Layer) -> Work? {
    guard let shape = Shape2D(layer), let tables = try? NarrowTables(layer, shape.stage),
      let weights = try? layer.inputs[1].constantInts("the weights")
    else { return nil }
    let planes = shape.images * shape.filters
    let lines = planes * shape.output.height
    let quads = (shape.output.width + 1) / 4
    let pairs = shape.output.width - 4 * quads > 0 ? 1 : 0
    let read = max(
      0,
      min(shape.image.height, (shape.output.height - 1) * shape.stride.height + shape.rows - shape.padBefore.height))
    return Work(
      [
        WorkItem("quad", lines * quads * shape.taps), WorkItem("pair", lines * pairs * shape.taps),
        WorkItem("group", lines * (quads + pairs)), WorkItem("output", lines * shape.output.width),
        WorkItem("pixel", planes * read * shape.image.width),
        WorkItem("run", planes * read * min(shape.stride.width, shape.image.width)),
        WorkItem("step", lines * shape.filter.height), WorkItem("row", lines),
        WorkItem("weight", planes * shape.taps), WorkItem("filter", planes),
      ],
      flash: weights.count + tables.byteCount(bias: tables.biasOfBytes(weights: weights)), scratch: shape.scratch)
  }

  package func obstacle(_ layer: Layer) -> String { "too large for rows in the working memory" }

  package func order(_ layer: Layer) -> AccessOrder? { Shape2D(layer).map { .planes(rows: $0.batch) } }

  package func takesRows(_ layer: Layer) -> Bool { Shape2D(layer)?.isTurned == false }

  package func write(_ layer: Layer, into code: inout LayerCode) throws(Diagnostic) {
    guard let shape = Shape2D(layer) else { throw unsuitable(layer) }
    let tables = try NarrowTables(layer, shape.stage)
    let values = try layer.inputs[1].constantInts("the weights")
    let weights = code.table(
      "weights", .int8, values, rowLength: max(16, shape.filters), comment: "Weights \(layer.inputs[1].type.shape).")
    let arguments = tables.write(
      &code, bias: tables.biasOfBytes(weights: values), function: "narrow_sums")
    let function = code.function("depthwise_rows")
    let (height, padTop) = (code.inputHeight(shape.image.height), code.padTop(shape.padBefore.height))
    let rows = code.outputRows(shape.output.height)
    code.forEachImage(
      shape.images, shape.image.height * shape.image.width * shape.channels,
      shape.output.height * shape.output.width * shape.filters
    ) { code, input, output in
      code.call(
        function,
        [
          "\(input), \(output), \(code.scratch)",
          "/* input */ \(height), \(shape.image.width), \(shape.channels)",
          "/* output */ \(rows), \(shape.output.width), "
            + "/* multiplier */ \(shape.filters / shape.channels)",
          "/* filter */ \(shape.filter.height), \(shape.filter.width), "
            + "/* stride */ \(shape.stride.height), \(shape.stride.width), "
            + "/* dilation */ \(shape.dilation.height), \(shape.dilation.width)",
          "/* padding: top, left, value */ \(padTop), \(shape.padBefore.width), \(shape.padValue)",
          "/* bytes of a run */ \(shape.runPitch), /* batch */ \(shape.batch)",
          "\(weights), \(arguments[0])",
        ] + arguments.dropFirst())
    }
  }
}
