import IR
import Machine
package import Support

/// Depthwise convolution with 3×3 filters, channel by channel, so that the weights and the scale of a channel are read once.
/// Function `depthwise_3x3`.
///
/// Three rows of a channel are kept as bytes plus 128, which ARMv6-M loads without an index; the bias makes up for it.
package struct Depthwise3x3Kernel: Kernel {
  package let name = "depthwise_3x3"

  /// Sums that are kept before they become output values, unless a row has more.
  private static let sums = 48

  private struct Shape2D {
    let geometry: ConvolutionGeometry
    let image: Shape
    let filters: Int
    /// Bytes of a row with its padding.
    let pitch: Int
    /// Rows of the output whose sums are kept.
    let batch: Int

    init?(_ layer: Layer) {
      guard let conv = (layer.op as? IntegerDepthwiseConv2D)?.geometry else { return nil }
      let weights = layer.inputs[1].type.shape
      guard weights[1] == 3, weights[2] == 3, conv.dilation == Extent(1, 1) else { return nil }
      geometry = conv
      image = layer.inputs[0].type.shape
      filters = weights[3]
      pitch = max((conv.output.width - 1) * conv.stride.width + 3, conv.padBefore.width + image[2])
      batch = max(1, min(conv.output.height, Depthwise3x3Kernel.sums / conv.output.width))
    }
  }

  package func work(_ layer: Layer) -> Work? {
    guard let shape = Shape2D(layer), let tables = try? NarrowTables(layer, shape.geometry.stage),
      let weights = try? layer.inputs[1].constantInts("the weights")
    else { return nil }
    let (geometry, image) = (shape.geometry, shape.image)
    let planes = image[0] * shape.filters
    let outputs = planes * geometry.output.height * geometry.output.width
    let pairs = geometry.stride.width == 1 ? planes * geometry.output.height * (geometry.output.width / 2) : 0
    let read = min(image[1], (geometry.output.height - 1) * geometry.stride.height + 3 - geometry.padBefore.height)
    return Work(
      [
        WorkItem("pair", pairs), WorkItem("single", outputs - 2 * pairs), WorkItem("output", outputs),
        WorkItem("pixel", planes * max(0, read) * image[2]), WorkItem("row", planes * geometry.output.height),
        WorkItem("batch", planes * ((geometry.output.height + shape.batch - 1) / shape.batch)),
        WorkItem("filter", planes),
      ],
      flash: weights.count + tables.byteCount(bias: tables.biasOfBytes(weights: weights)),
      scratch: shape.batch * geometry.output.width * 4 + 3 * shape.pitch)
  }

  package func obstacle(_ layer: Layer) -> String { "not 3×3, or taps apart" }

  package func order(_ layer: Layer) -> AccessOrder? { Shape2D(layer).map { .planes(rows: $0.batch) } }

  package func takesRows(_ layer: Layer) -> Bool { true }

  package func write(_ layer: Layer, into code: inout LayerCode) throws(Diagnostic) {
    guard let shape = Shape2D(layer) else { throw unsuitable(layer) }
    let (geometry, image) = (shape.geometry, shape.image)
    let tables = try NarrowTables(layer, geometry.stage)
    let values = try layer.inputs[1].constantInts("the weights")
    let weights = code.table(
      "weights", .int8, values, rowLength: max(16, shape.filters), comment: "Weights \(layer.inputs[1].type.shape).")
    let arguments = tables.write(&code, bias: tables.biasOfBytes(weights: values), function: "narrow_sums")
    let function = code.function("depthwise_3x3")
    let (height, padTop) = (code.inputHeight(image[1]), code.padTop(geometry.padBefore.height))
    let rows = code.outputRows(geometry.output.height)
    code.forEachImage(image[0], image.elementCount / image[0], layer.outputs[0].shape.elementCount / image[0]) {
      code, input, output in
      code.call(
        function,
        [
          "\(input), \(output), \(code.scratch)",
          "/* input */ \(height), \(image[2]), \(image[3])",
          "/* output */ \(rows), \(geometry.output.width), "
            + "/* multiplier */ \(shape.filters / image[3]), "
            + "/* stride */ \(geometry.stride.height), \(geometry.stride.width)",
          "/* padding: top, left, value */ \(padTop), \(geometry.padBefore.width), "
            + "\(geometry.padValue), /* bytes of a row */ \(shape.pitch), /* batch */ \(shape.batch)",
          "\(weights), \(arguments[0])",
        ] + arguments.dropFirst())
    }
  }
}
