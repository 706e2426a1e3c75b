import IR
import Machine
package import Support

/// Convolution of 16-bit pixels, one output at a time. Function `conv_2d_16`.
package struct WideConv2DKernel: Kernel {
  package let name = "conv_2d_16"

  package func work(_ layer: Layer) -> Work? {
    guard let op = layer.op as? WideConv2D, let scales = try? WideScales(op, layer.inputs) else { return nil }
    let (conv, image, weights) = (op.geometry, layer.inputs[0].type.shape, layer.inputs[1].type.shape)
    let taps = conv.taps(image, weights)
    let inside = image[0] * taps.rows.inside * taps.columns.inside * weights[0]
    let isRun = conv.dilation.width == 1 && weights[3] == image[3]
    let outputs = layer.outputs[0].shape.elementCount
    return Work(
      [
        WorkItem("mac", inside * weights[3]),
        WorkItem("run", isRun ? image[0] * taps.rows.inside * conv.output.width * weights[0] : inside),
        WorkItem("output", outputs), WorkItem("pixel", outputs / weights[0]),
      ],
      flash: layer.inputs[1].type.byteCount + scales.byteCount)
  }

  package func write(_ layer: Layer, into code: inout LayerCode) throws(Diagnostic) {
    guard let op = layer.op as? WideConv2D else { throw unsuitable(layer) }
    let (conv, image, weights) = (op.geometry, layer.inputs[0].type.shape, layer.inputs[1].type.shape)
    let tables = [try code.weights(layer), try WideScales(op, layer.inputs).write(&code)]
    _ = code.function("dot_16")
    let function = code.function(name)
    code.forEachImage(image[0], image.elementCount / image[0], layer.outputs[0].shape.elementCount / image[0]) {
      code, input, output in
      code.call(
        function,
        [
          "\(input), \(output)", "/* input */ \(image[1]), \(image[2]), \(image[3])",
          "/* output */ \(conv.output.height), \(conv.output.width), \(weights[0])", conv.windowArguments(weights),
          "/* channels of a filter, filters of a group */ \(weights[3]), \(weights[0] / (image[3] / weights[3]))",
          "/* padding: top, left */ \(conv.padBefore.height), \(conv.padBefore.width)",
        ] + tables)
    }
  }
}

/// Depthwise convolution of 16-bit pixels, one output at a time. Function `depthwise_16`.
package struct WideDepthwiseKernel: Kernel {
  package let name = "depthwise_16"

  package func work(_ layer: Layer) -> Work? {
    guard let op = layer.op as? WideDepthwiseConv2D, let scales = try? WideScales(op, layer.inputs) else { return nil }
    let (image, weights) = (layer.inputs[0].type.shape, layer.inputs[1].type.shape)
    let taps = op.geometry.taps(image, weights)
    let outputs = layer.outputs[0].shape.elementCount
    return Work(
      [
        WorkItem("tap", image[0] * taps.rows.inside * taps.columns.inside * weights[3]),
        WorkItem("row", image[0] * taps.rows.inside * op.geometry.output.width * weights[3]),
        WorkItem("output", outputs), WorkItem("pixel", outputs / weights[3]),
      ],
      flash: layer.inputs[1].type.byteCount + scales.byteCount)
  }

  package func write(_ layer: Layer, into code: inout LayerCode) throws(Diagnostic) {
    guard let op = layer.op as? WideDepthwiseConv2D else { throw unsuitable(layer) }
    let (conv, image, weights) = (op.geometry, layer.inputs[0].type.shape, layer.inputs[1].type.shape)
    let tables = [try code.weights(layer), try WideScales(op, layer.inputs).write(&code)]
    let function = code.function(name)
    code.forEachImage(image[0], image.elementCount / image[0], layer.outputs[0].shape.elementCount / image[0]) {
      code, input, output in
      code.call(
        function,
        [
          "\(input), \(output)", "/* input */ \(image[1]), \(image[2]), \(image[3])",
          "/* output */ \(conv.output.height), \(conv.output.width), /* multiplier */ \(weights[3] / image[3])",
          conv.windowArguments(weights),
          "/* padding: top, left */ \(conv.padBefore.height), \(conv.padBefore.width)",
        ] + tables)
    }
  }
}

/// Rows of 16-bit values times a weight matrix. Function `matrix_product_16`.
package struct WideMatrixProductKernel: Kernel {
  package let name = "matrix_product_16"

  package func work(_ layer: Layer) -> Work? {
    guard let op = layer.op as? WideMatrixProduct, let scales = try? WideScales(op, layer.inputs) else { return nil }
    return Work(
      [WorkItem("mac", layer.multiplyAccumulates), WorkItem("output", layer.outputs[0].shape.elementCount)],
      flash: layer.inputs[1].type.byteCount + scales.byteCount)
  }

  package func write(_ layer: Layer, into code: inout LayerCode) throws(Diagnostic) {
    guard let op = layer.op as? WideMatrixProduct else { throw unsuitable(layer) }
    let weights = layer.inputs[1].type.shape
    let tables = [try code.weights(layer), try WideScales(op, layer.inputs).write(&code)]
    _ = code.function("dot_16")
    code.call(
      code.function(name),
      [
        "\(code.inputs[0]), \(code.outputs[0])",
        "/* rows */ \(layer.outputs[0].shape.elementCount / weights[0]), /* depth */ \(weights[1]), "
          + "/* units */ \(weights[0])",
      ] + tables)
  }
}

extension LayerCode {
  /// Adds the table of a layer's int8 weights.
  fileprivate mutating func weights(_ layer: Layer) throws(Diagnostic) -> String {
    let row = layer.inputs[1].type.shape.dims.last ?? 16
    return table(
      "weights", .int8, try layer.inputs[1].constantInts("the weights"), rowLength: row * max(1, 16 / max(1, row)),
      comment: "Weights \(layer.inputs[1].type.shape).")
  }
}

extension ConvolutionGeometry {
  /// Arguments for filter, stride and dilation.
  fileprivate func windowArguments(_ weights: Shape) -> String {
    "/* filter */ \(weights[1]), \(weights[2]), /* stride */ \(stride.height), \(stride.width), "
      + "/* dilation */ \(dilation.height), \(dilation.width)"
  }
}
