import IR
import Machine
package import Support

/// The constants of a weighted layer as they are written into C.
struct WeightedTables {
  private let weights: String
  private let rest: [String]

  /// - Parameter rowLength: weights on one line of the C.
  init(_ layer: Layer, _ stage: OutputStage, rowLength: Int, _ code: inout LayerCode) throws(Diagnostic) {
    let tables = try NarrowTables(layer, stage)
    weights = code.table(
      "weights", .int8, try layer.inputs[1].constantInts("the weights"),
      // Short rows share a line.
      rowLength: rowLength * max(1, 16 / max(1, rowLength)), comment: "Weights \(layer.inputs[1].type.shape).")
    rest = tables.write(&code)
  }

  /// The arguments of the kernels' functions for tables and output stage.
  var arguments: [String] { [weights + ", " + rest[0]] + rest.dropFirst() }

  /// Bytes of the tables of `layer`, about: what its scales take is only known when they are written.
  static func byteCount(_ layer: Layer) -> Int {
    layer.inputs[1].type.byteCount + layer.inputs[2].type.byteCount + layer.inputs[3].type.byteCount * 3
  }
}

extension OutputStage {
  /// Arguments for the parameters `zero_point, low, high`.
  var cArguments: String { "/* zero point */ \(zeroPoint), /* clamp */ \(clamp.lowerBound), \(clamp.upperBound)" }
}

/// Rows of the input times a weight matrix: dense layers, 1×1 convolutions, and convolutions whose filter covers all of
/// the image. Function `matrix_product`.
package struct MatrixProductKernel: Kernel {
  package let name = "matrix_product"

  /// Number of rows and the output stage; nil when the layer is no matrix product.
  static func product(_ layer: Layer) -> (rows: Int, depth: Int, units: Int, stage: OutputStage)? {
    let units = layer.outputs[0].shape.dims.last ?? 1
    let rows = layer.outputs[0].shape.elementCount / units
    let depth = layer.inputs[1].type.shape.elementCount / units
    if let dense = layer.op as? IntegerMatrixProduct { return (rows, depth, units, dense.stage) }
    guard let conv = (layer.op as? IntegerConv2D)?.geometry else { return nil }
    let image = layer.inputs[0].type.shape
    let weights = layer.inputs[1].type.shape
    guard weights[3] == image[3], conv.padBefore == Extent(0, 0) else { return nil }
    let isPointwise =
      weights[1] == 1 && weights[2] == 1 && conv.stride == Extent(1, 1) && conv.output == Extent(image[1], image[2])
    let coversImage =
      conv.output == Extent(1, 1) && conv.dilation == Extent(1, 1) && weights[1] == image[1] && weights[2] == image[2]
    return isPointwise || coversImage ? (rows, depth, units, conv.stage) : nil
  }

  package func work(_ layer: Layer) -> Work? {
    guard let product = Self.product(layer) else { return nil }
    let outputs = product.rows * product.units
    return Work(
      [WorkItem("mac", outputs * product.depth), WorkItem("output", outputs), WorkItem("row", product.rows)],
      flash: WeightedTables.byteCount(layer))
  }

  package func write(_ layer: Layer, into code: inout LayerCode) throws(Diagnostic) {
    guard let product = Self.product(layer) else { throw unsuitable(layer) }
    let tables = try WeightedTables(
      layer, product.stage, rowLength: layer.inputs[1].type.shape.dims.last ?? 16, &code)
    code.call(
      code.function("matrix_product"),
      [
        "\(code.inputs[0]), \(code.outputs[0])",
        "/* rows */ \(product.rows), /* depth */ \(product.depth), /* units */ \(product.units)",
      ] + tables.arguments)
  }
}

/// Convolution one output at a time, where each filter row is one run over the input: no horizontal dilation, no groups.
/// Function `conv_2d_rows`.
package struct Conv2DRowsKernel: Kernel {
  package let name = "conv_2d_rows"

  package func work(_ layer: Layer) -> Work? {
    guard let conv = (layer.op as? IntegerConv2D)?.geometry else { return nil }
    let (image, weights) = (layer.inputs[0].type.shape, layer.inputs[1].type.shape)
    guard weights[3] == image[3], conv.dilation.width == 1 || weights[2] == 1 else { return nil }
    let taps = conv.taps(image, weights)
    let inside = image[0] * taps.rows.inside * taps.columns.inside * image[3] * weights[0]
    let outputs = layer.outputs[0].shape.elementCount
    return Work(
      [
        WorkItem("mac", inside), WorkItem("outside", layer.multiplyAccumulates - inside),
        WorkItem("row", outputs * weights[1]), WorkItem("output", outputs), WorkItem("pixel", outputs / weights[0]),
      ],
      flash: WeightedTables.byteCount(layer))
  }

  package func write(_ layer: Layer, into code: inout LayerCode) throws(Diagnostic) {
    try writeConvolution(layer, function: "conv_2d_rows", withGroups: false, &code)
  }
}

/// Convolution tap by tap: any dilation, any number of groups. Function `conv_2d_taps`.
package struct Conv2DTapsKernel: Kernel {
  package let name = "conv_2d_taps"

  package func work(_ layer: Layer) -> Work? {
    guard let conv = (layer.op as? IntegerConv2D)?.geometry else { return nil }
    let (image, weights) = (layer.inputs[0].type.shape, layer.inputs[1].type.shape)
    let taps = conv.taps(image, weights)
    let inside = image[0] * taps.rows.inside * taps.columns.inside * weights[3] * weights[0]
    let outputs = layer.outputs[0].shape.elementCount
    return Work(
      [
        WorkItem("mac", inside), WorkItem("outside", layer.multiplyAccumulates - inside),
        WorkItem("tap", outputs * weights[1] * weights[2]), WorkItem("output", outputs),
      ],
      flash: WeightedTables.byteCount(layer))
  }

  package func write(_ layer: Layer, into code: inout LayerCode) throws(Diagnostic) {
    try writeConvolution(layer, function: "conv_2d_taps", withGroups: true, &code)
  }
}

extension Kernel {
  fileprivate func writeConvolution(
    _ layer: Layer, function: String, withGroups: Bool, _ code: inout LayerCode
  ) throws(Diagnostic) {
    guard let conv = (layer.op as? IntegerConv2D)?.geometry else { throw unsuitable(layer) }
    let image = layer.inputs[0].type.shape
    let weights = layer.inputs[1].type.shape
    let tables = try WeightedTables(
      layer, conv.stage, rowLength: weights[3] < 8 ? weights[2] * weights[3] : weights[3], &code)
    let convolution = code.function(function)
    let dilation = withGroups ? "\(conv.dilation.height), \(conv.dilation.width)" : "\(conv.dilation.height)"
    let channels =
      withGroups
      ? ["/* channels of a filter, filters of a group */ \(weights[3]), \(weights[0] / (image[3] / weights[3]))"] : []
    code.forEachImage(image[0], image.elementCount / image[0], layer.outputs[0].shape.elementCount / image[0]) {
      code, input, output in
      code.call(
        convolution,
        [
          "\(input), \(output)",
          "/* input */ \(image[1]), \(image[2]), \(image[3])",
          "/* output */ \(conv.output.height), \(conv.output.width), \(weights[0])",
          "/* filter */ \(weights[1]), \(weights[2]), /* stride */ \(conv.stride.height), \(conv.stride.width), "
            + "/* dilation */ \(dilation)",
        ] + channels + [
          "/* padding: top, left, value */ \(conv.padBefore.height), \(conv.padBefore.width), \(conv.padValue)"
        ] + tables.arguments)
    }
  }
}

extension LayerCode {
  /// Writes statements for each image of a batch; `body` gets the C expressions of its input and output.
  mutating func forEachImage(
    _ batch: Int, _ inputSize: Int, _ outputSize: Int, _ body: (inout LayerCode, String, String) -> Void
  ) {
    guard batch > 1 else { return body(&self, inputs[0], outputs[0]) }
    line("for (int32_t image = 0; image < \(batch); image++) {")
    body(&self, "\(inputs[0]) + image * \(inputSize)", "\(outputs[0]) + image * \(outputSize)")
    line("}")
  }
}
