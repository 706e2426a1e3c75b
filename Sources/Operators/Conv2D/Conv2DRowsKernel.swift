import IR
import Machine
package import Support

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
      flash: WeightedTables.byteCount(layer, conv.stage))
  }

  package func obstacle(_ layer: Layer) -> String { "groups, or columns of the filter apart" }

  package func order(_ layer: Layer) -> AccessOrder? { .pixels(count: 1, gathers: false) }

  package func takesRows(_ layer: Layer) -> Bool { true }

  package func write(_ layer: Layer, into code: inout LayerCode) throws(Diagnostic) {
    try writeConvolution(layer, function: "conv_2d_rows", withGroups: false, &code)
  }
}
