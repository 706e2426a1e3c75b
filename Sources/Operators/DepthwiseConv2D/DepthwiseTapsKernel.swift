import IR
import Machine
package import Support

/// Depthwise convolution one output at a time, tap by tap. Function `depthwise_taps`.
package struct DepthwiseTapsKernel: Kernel {
  package let name = "depthwise_taps"
  package let keepsWeights = true

  package func work(_ layer: Layer) -> Work? {
    guard let conv = (layer.op as? IntegerDepthwiseConv2D)?.geometry else { return nil }
    let (image, weights) = (layer.inputs[0].type.shape, layer.inputs[1].type.shape)
    let taps = conv.taps(image, weights)
    let outputs = layer.outputs[0].shape.elementCount
    let interior = image[0] * taps.rows.complete * taps.columns.complete * weights[3]
    return Work(
      [
        WorkItem("interior tap", interior * weights[1] * weights[2]), WorkItem("interior row", interior * weights[1]),
        WorkItem("border tap", (outputs - interior) * weights[1] * weights[2]), WorkItem("output", outputs),
        WorkItem("pixel", outputs / weights[3]),
      ],
      flash: WeightedTables.byteCount(layer, conv.stage))
  }

  package func order(_ layer: Layer) -> AccessOrder? { .pixels(count: 1, gathers: false) }

  package func takesRows(_ layer: Layer) -> Bool { true }

  package func write(_ layer: Layer, into code: inout LayerCode) throws(Diagnostic) {
    guard let conv = (layer.op as? IntegerDepthwiseConv2D)?.geometry else { throw unsuitable(layer) }
    let image = layer.inputs[0].type.shape
    let weights = layer.inputs[1].type.shape
    let tables = try WeightedTables(layer, conv.stage, rowLength: weights[3], &code)
    let function = code.function("depthwise_taps")
    let (height, padTop) = (code.inputHeight(image[1]), code.padTop(conv.padBefore.height))
    let rows = code.outputRows(conv.output.height)
    code.forEachImage(image[0], image.elementCount / image[0], layer.outputs[0].shape.elementCount / image[0]) {
      code, input, output in
      code.call(
        function,
        [
          "\(input), \(output)",
          "/* input */ \(height), \(image[2]), \(image[3])",
          "/* output */ \(rows), \(conv.output.width), /* multiplier */ \(weights[3] / image[3])",
          "/* filter */ \(weights[1]), \(weights[2]), /* stride */ \(conv.stride.height), \(conv.stride.width), "
            + "/* dilation */ \(conv.dilation.height), \(conv.dilation.width)",
          "/* padding: top, left, value */ \(padTop), \(conv.padBefore.width), \(conv.padValue)",
        ] + tables.arguments)
    }
  }
}
